//! Invents referrals: fictitious customers with all the fields, nulls and oddities of Partner Center's own answers.
//! The same seed gives the same referrals. Must never hold a name of a real customer.

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::core::referral::Category;

/// How many days Partner Center gives for an answer.
const DAYS_TO_ANSWER: i32 = 14;

/// The namespace of invented ids.
const INVENTED: Uuid = Uuid::from_u128(0x6c65_6164_7469_6d65_6465_6d6f_0000_0001);

/// The partner organisation whose referrals these are.
pub const OUR_ORGANIZATION: &str = "7a3d2f60-51c4-4b57-9d0e-3f1c5f0f8a11";

/// What is worth telling about a referral; the rest of its body follows from it.
#[derive(Clone, PartialEq, Debug)]
pub struct Sketch {
    /// The customer's name.
    pub customer: String,
    /// The customer's city.
    pub city: String,
    /// The customer's country, two letters.
    pub country: String,
    /// Which of Microsoft's three kinds it is.
    pub category: Category,
    /// Who invites: the name of another partner, or nobody for Microsoft itself.
    pub partner: Option<String>,
    /// The deal's value and its currency, where they are known.
    pub deal: Option<(f64, String)>,
    /// What the sender writes.
    pub notes: String,
    /// First and last name of the customer's contact.
    pub contact: (String, String),
    /// Whether the contact may be contacted.
    pub consents: bool,
    /// Whether the customer asked for it.
    pub contact_requested: bool,
    /// When it came.
    pub created: Timestamp,
}

impl Sketch {
    /// The id that this referral has: a lower-case GUID, the same for the same customer and time.
    pub fn id(&self) -> String {
        named_guid("referral", &self.customer, self.created)
    }

    /// When it expires: midnight UTC of the fourteenth day.
    pub fn expires(&self) -> Timestamp {
        expiry_of(self.created)
    }

    /// The whole body, as the simulated Partner Center tells it in a listing.
    pub fn body(&self) -> Value {
        let created = with_seven_digits(self.created, &self.id());
        let (qualification, kind) = match self.category {
            Category::MarketplaceLead => ("Direct", "Independent"),
            Category::QualifiedLead => ("SalesQualified", "Independent"),
            Category::CoSellOpportunity => ("SalesQualified", "Shared"),
        };
        let (value, currency) = self.deal.as_ref().map_or((Value::Null, Value::Null), |(amount, currency)| {
            let whole = amount.fract() == 0.0 && amount.abs() < 1e15;
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 10^15")]
            let value = if whole { json!(*amount as i64) } else { json!(amount) };
            (value, json!(currency))
        });
        json!({
            "id": self.id(),
            "engagementId": named_guid("engagement", &self.customer, self.created),
            "organizationId": OUR_ORGANIZATION,
            "organizationName": "Contoso Partner Kft.",
            "name": if self.category == Category::CoSellOpportunity { json!(format!("{} with Contoso", self.customer)) } else { Value::Null },
            "externalReferenceId": "",
            "createdDateTime": created,
            "updatedDateTime": created,
            "expirationDateTime": self.expires().to_string(),
            "acceptedDateTime": null,
            "closedDateTime": null,
            "status": "New",
            "substatus": "Pending",
            "statusReason": null,
            "qualification": qualification,
            "type": kind,
            "direction": "Incoming",
            "customerProfile": self.customer_profile(),
            "consent": {
                "consentToContact": self.consents,
                // The doubled "To" is the real name of the field.
                "consentToToShareInfoWithOthers": true,
                "consentToShareReferralWithMicrosoftSellers": null
            },
            "details": {
                "notes": self.notes, "dealValue": value, "currency": currency, "closingDateTime": closing(self.created),
                "customerRequestedContact": self.contact_requested, "customerAction": null,
                "requirements": {"products": [{"id": "Azure"}, {"id": "Microsoft365"}], "services": [{"id": "DeploymentOrMigration"}],
                    "industries": [{"id": "Communications & Media"}], "solutions": [], "offers": []}
            },
            "inviteContext": self.invite_context(),
            "target": [{"type": "BusinessProfileLocation", "id": "msft"}],
            "team": [],
            "tags": null,
            "favorite": false,
            "isSpam": false,
            "trackingInfo": null,
            "trustIndicators": {"score": 0.5}
        })
    }

    fn customer_profile(&self) -> Value {
        let (first, last) = &self.contact;
        let (phone, postal_code) = match self.country.as_str() {
            "HU" => ("+36 1 555 0100", "1051"),
            "CZ" => ("+420 225 550 100", "110 00"),
            "SK" => ("+421 2 5550 0100", "040 01"),
            // Kept for fiction by the British regulator.
            _ => ("+44 113 496 0100", "LS1 1AA"),
        };
        json!({
            "name": self.customer,
            "size": "51to250employees",
            "address": {"addressLine1": "1 Main Square", "addressLine2": "", "city": self.city, "state": null,
                "postalCode": postal_code, "country": self.country, "region": null},
            "team": [{"firstName": first, "lastName": last, "phoneNumber": phone,
                "email": format!("{}@{}.example", plain(first), plain(&self.customer)), "contactPreference": null}],
            "ids": {}
        })
    }

    fn invite_context(&self) -> Value {
        let invited_by = match (&self.partner, self.category) {
            (Some(name), _) => {
                json!({"organizationId": Uuid::new_v5(&INVENTED, name.as_bytes()).to_string(), "organizationName": name})
            }
            (None, Category::MarketplaceLead) => return Value::Null,
            (None, _) => json!({"organizationId": "msft", "organizationName": "Microsoft"}),
        };
        json!({"notes": null, "assistanceRequestCode": "GeneralOrOther", "invitedBy": invited_by})
    }
}

/// Invents one referral after another, all different.
#[derive(Debug)]
pub struct Inventor {
    dice: Rng,
    invented: usize,
}

impl Inventor {
    /// Starts with a seed.
    pub fn new(seed: u64) -> Self {
        Self { dice: Rng::with_seed(seed), invented: 0 }
    }

    /// The next referral, created at the given time.
    pub fn invent(&mut self, created: Timestamp) -> Sketch {
        self.invented += 1;
        let (country, city, form, currency, scale) = self.pick(&PLACES);
        let (first, last) = self.pick(&CONTACTS);
        let (notes, products) = self.pick(&WISHES);
        let category = match self.dice.u8(0..10) {
            0..=1 => Category::MarketplaceLead,
            2..=3 => Category::QualifiedLead,
            _ => Category::CoSellOpportunity,
        };
        let invited_by_partner = category == Category::CoSellOpportunity && self.dice.u8(0..3) == 0;
        let value = f64::from(self.dice.u32(5..400)) * 500.0 * scale;
        Sketch {
            // The number keeps ten thousand of them apart.
            customer: format!("{} {} {form}", self.pick(&NAMES), self.invented),
            city: city.to_owned(),
            country: country.to_owned(),
            category,
            partner: invited_by_partner.then(|| self.pick(&PARTNERS).to_owned()),
            deal: (self.dice.u8(0..8) != 0).then(|| (value, currency.to_owned())),
            notes: format!("{notes} {products}"),
            contact: (first.to_owned(), last.to_owned()),
            consents: self.dice.bool(),
            contact_requested: self.dice.u8(0..4) == 0,
            created,
        }
    }

    /// So many bodies, created one after another over the days before `until`.
    pub fn bodies(&mut self, count: usize, until: Timestamp) -> Vec<Value> {
        let spread = SignedDuration::from_hours(24 * 12);
        let first = until.saturating_sub(spread).unwrap_or(until);
        let step = spread / i32::try_from(count.max(1)).unwrap_or(i32::MAX);
        (0..count)
            .map(|n| {
                let after = step.checked_mul(i32::try_from(n).unwrap_or(i32::MAX)).unwrap_or(spread);
                self.invent(first.saturating_add(after).unwrap_or(until)).body()
            })
            .collect()
    }

    fn pick<T: Copy>(&mut self, from: &[T; 8]) -> T {
        from[self.dice.usize(0..8)]
    }
}

/// When a referral created at that time expires: midnight UTC of the fourteenth day.
pub fn expiry_of(created: Timestamp) -> Timestamp {
    let day: Date = created.to_zoned(TimeZone::UTC).date().saturating_add(DAYS_TO_ANSWER.days());
    day.to_zoned(TimeZone::UTC).map_or(created, |midnight| midnight.timestamp())
}

/// Sets the value at a path of the API's names (`details/dealValue`), making objects on the way.
pub fn set_at(body: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('/') {
        None => {
            body.insert(path.to_owned(), value);
        }
        Some((first, rest)) => {
            let inner = body.entry(first.to_owned()).or_insert_with(|| json!({}));
            if !inner.is_object() {
                *inner = json!({});
            }
            if let Some(inner) = inner.as_object_mut() {
                set_at(inner, rest, value);
            }
        }
    }
}

fn named_guid(what: &str, customer: &str, created: Timestamp) -> String {
    Uuid::new_v5(&INVENTED, format!("{what} {customer} {created}").as_bytes()).to_string()
}

/// Partner Center's own form: seven digits of a second, which no common parser is tested with.
fn with_seven_digits(time: Timestamp, id: &str) -> String {
    let digits = id.bytes().fold(7_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 10_000_000);
    time.strftime(&format!("%Y-%m-%dT%H:%M:%S.{digits:07}Z")).to_string()
}

fn closing(created: Timestamp) -> String {
    let day = created.to_zoned(TimeZone::UTC).date().saturating_add(60.days());
    format!("{day}T00:00:00.0000000Z")
}

/// Lower-case ASCII letters and digits only, for made-up addresses.
fn plain(name: &str) -> String {
    let folded = name.chars().map(|c| match c {
        'á' | 'Á' => 'a',
        'é' | 'É' | 'ě' => 'e',
        'í' => 'i',
        'ó' | 'ö' | 'ő' | 'Ö' => 'o',
        'ú' | 'ü' | 'ű' | 'ů' | 'Ü' => 'u',
        'č' => 'c',
        'ř' => 'r',
        'š' => 's',
        'ž' | 'Ž' => 'z',
        other => other,
    });
    folded.filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

const NAMES: [&str; 8] = [
    "Fabrikam",
    "Litware",
    "Proseware",
    "Tailspin Toys",
    "Woodgrove",
    "Wide World Importers",
    "Alpine Ski House",
    "Coho Winery",
];

/// Country, city, legal form, currency, and what a euro is worth in it, roughly.
const PLACES: [(&str, &str, &str, &str, f64); 8] = [
    ("HU", "Budapest", "Kft.", "EUR", 1.0),
    ("HU", "Győr", "Zrt.", "HUF", 400.0),
    ("HU", "Pécs", "Kft.", "HUF", 400.0),
    ("CZ", "Praha", "a.s.", "CZK", 25.0),
    ("CZ", "Brno", "s.r.o.", "EUR", 1.0),
    ("SK", "Košice", "s.r.o.", "EUR", 1.0),
    ("GB", "Leeds", "Ltd", "GBP", 1.0),
    ("GB", "Leeds", "plc", "GBP", 0.9),
];

const CONTACTS: [(&str, &str); 8] = [
    ("Eszter", "Nagy"),
    ("Gábor", "Tóth"),
    ("Jana", "Dvořáková"),
    ("Tomáš", "Svoboda"),
    ("Lucie", "Černá"),
    ("Oliver", "Hughes"),
    ("Katalin", "Horváth"),
    ("Martin", "Kováč"),
];

const WISHES: [(&str, &str); 8] = [
    ("Wants to move its file servers to the cloud before the lease ends.", "Azure, about 40 virtual machines."),
    ("New head of IT, replaces an old telephone exchange.", "Teams Phone for 220 people."),
    ("Szeretnének átállni felhőre, a szerverek öt évesek.", "Microsoft 365 Business Premium, 85 fő."),
    ("Hledají partnera na zavedení ERP.", "Dynamics 365 Business Central, 30 uživatelů."),
    ("Asked for an offer after the trade fair; budget is approved.", "Power BI and a data warehouse."),
    ("Had an incident in summer and wants help with security.", "Defender, Sentinel, and a response plan."),
    ("Three subsidiaries, one tenant to be made of them.", "Tenant migration, 600 mailboxes."),
    ("Pilot of Copilot with the sales team.", "Copilot for 50 seats, training included."),
];

const PARTNERS: [&str; 8] = [
    "Trey Research",
    "Adatum Corporation",
    "Northwind Consulting",
    "Bellows Systems",
    "VanArsdel Software",
    "Relecloud",
    "Lamna Digital",
    "Fourth Coffee Labs",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::referral::{Referral, Sender, Standing};

    fn some(count: usize, seed: u64) -> Vec<Value> {
        Inventor::new(seed).bodies(count, "2026-11-02T08:00:00Z".parse().unwrap())
    }

    #[test]
    fn the_same_seed_gives_the_same_referrals() {
        assert_eq!(some(20, 7), some(20, 7));
        assert_ne!(some(20, 7), some(20, 8));
    }

    #[test]
    fn ten_thousand_of_them_have_as_many_ids() {
        let ids: std::collections::BTreeSet<String> =
            some(10_000, 1).iter().map(|body| body["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), 10_000);
    }

    #[test]
    fn every_one_reads_as_an_open_referral_that_expires_at_midnight() {
        for body in some(200, 3) {
            let digits = body["createdDateTime"].as_str().unwrap().split(['.', 'Z']).nth(1).unwrap().len();
            let referral = Referral::read(body).unwrap();
            assert_eq!(referral.standing(), Standing::Open);
            assert!(referral.customer().is_some());
            assert_eq!(digits, 7);
            assert_eq!(referral.expires_at(), Some(expiry_of(referral.created_at().unwrap())));
            assert_eq!(referral.expires_at().unwrap().as_second() % 86_400, 0);
        }
    }

    #[test]
    fn all_three_kinds_and_both_senders_come_up() {
        let referrals: Vec<Referral> = some(200, 3).into_iter().map(|body| Referral::read(body).unwrap()).collect();
        for category in [Category::MarketplaceLead, Category::QualifiedLead, Category::CoSellOpportunity] {
            assert!(referrals.iter().any(|referral| referral.category() == category), "{category:?}");
        }
        assert!(referrals.iter().any(|referral| referral.sender() == Some(Sender::Microsoft)));
        assert!(referrals.iter().any(|referral| matches!(referral.sender(), Some(Sender::Partner(Some(_))))));
    }

    #[test]
    fn a_path_is_set_where_nothing_was() {
        let mut body = Map::new();
        set_at(&mut body, "details/dealValue", json!(5));
        set_at(&mut body, "details/currency", json!("EUR"));
        assert_eq!(Value::Object(body), json!({"details": {"dealValue": 5, "currency": "EUR"}}));
    }
}
