//! A referral as Partner Center tells it, and what can be read from it.
//!
//! The whole body is kept as it came, unknown fields and values included; the accessors read from it and never fail:
//! a missing or unreadable field is `None`. Nothing here decides anything.

use std::sync::Arc;

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::ReferralId;

/// One referral, with the body it was read from.
/// `Default` is a placeholder without an id, for what is filled in at once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Referral {
    id: ReferralId,
    body: Arc<Map<String, Value>>,
}

/// Why an item of a listing cannot be used at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreadable {
    /// The item is a string, a number, null: anything but an object.
    #[error("the item is not a JSON object")]
    NotAnObject,
    /// The item has no `id`, or one that is no text or empty.
    #[error("the item has no id")]
    NoId,
}

/// What a referral's `status` and `substatus` say about its countdown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Standing {
    /// Nobody has answered: status New, or nothing that we know as an answer.
    Open,
    /// It is over.
    Closed(Closing),
}

/// How a referral ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Closing {
    /// Status Active: somebody has accepted it.
    Accepted,
    /// Closed as Declined.
    Declined,
    /// Closed as Won, and never seen as Accepted.
    Won,
    /// Closed as Lost, and never seen as Accepted.
    Lost,
    /// Nobody answered in time.
    Expired,
    /// Closed with a substatus that is not known; it is over all the same, as Closed is final.
    Ended,
}

/// Microsoft's three kinds of referral, by the official table over type, qualification and who invited.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Category {
    /// A customer's own request from the marketplace.
    MarketplaceLead,
    /// A lead that Microsoft has qualified.
    QualifiedLead,
    /// An invitation to sell together, and whatever the table does not name.
    CoSellOpportunity,
}

/// Who sent it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sender {
    /// Microsoft (`msft`).
    Microsoft,
    /// Another partner, by its name where one is given.
    Partner(Option<String>),
}

/// A person in `team` or `customerProfile.team`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// First and last name, as far as they are given.
    pub name: String,
    /// The e-mail address, where one is given.
    pub email: Option<String>,
    /// The telephone number, where one is given.
    pub phone: Option<String>,
}

impl Referral {
    /// Takes a referral from one item of a listing, or from the answer to a read by id.
    pub fn read(item: Value) -> Result<Self, Unreadable> {
        let Value::Object(body) = item else {
            return Err(Unreadable::NotAnObject);
        };
        let id = body.get("id").and_then(Value::as_str).filter(|id| !id.trim().is_empty()).ok_or(Unreadable::NoId)?;
        Ok(Self { id: ReferralId::new(id), body: Arc::new(body) })
    }

    /// Its id.
    pub fn id(&self) -> &ReferralId {
        &self.id
    }

    /// The whole body, as it came.
    pub fn body(&self) -> &Map<String, Value> {
        &self.body
    }

    /// The text at a path of the API's names (`customerProfile/address/country`); `None` for anything but non-blank text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The value at a path of the API's names, null counting as absent.
    pub fn at(&self, path: &str) -> Option<&Value> {
        let mut names = path.split('/');
        let first = self.body.get(names.next()?)?;
        names.try_fold(first, |value, name| value.as_object()?.get(name)).filter(|value| !value.is_null())
    }

    fn time(&self, path: &str) -> Option<Timestamp> {
        self.text(path).and_then(read_time)
    }

    /// `createdDateTime`.
    pub fn created_at(&self) -> Option<Timestamp> {
        self.time("createdDateTime")
    }

    /// `expirationDateTime`.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.time("expirationDateTime")
    }

    /// When it was accepted or closed, as far as Partner Center says: `acceptedDateTime`, `closedDateTime`, else `updatedDateTime`.
    pub fn closed_at(&self) -> Option<Timestamp> {
        self.time("acceptedDateTime").or_else(|| self.time("closedDateTime")).or_else(|| self.time("updatedDateTime"))
    }

    /// The customer's name (`customerProfile/name`).
    pub fn customer(&self) -> Option<&str> {
        self.text("customerProfile/name")
    }

    /// The customer's country (`customerProfile/address/country`), as it stands: two or three letters.
    pub fn country(&self) -> Option<&str> {
        self.text("customerProfile/address/country")
    }

    /// The deal's value, a number or a text that is one; never negative or infinite.
    pub fn deal_value(&self) -> Option<f64> {
        let value = match self.at("details/dealValue")? {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        (value.is_finite() && value >= 0.0).then_some(value)
    }

    /// The currency of the deal's value (`details/currency`).
    pub fn currency(&self) -> Option<&str> {
        self.text("details/currency")
    }

    /// When the deal should close (`details/closingDateTime`), as it stands.
    pub fn closing(&self) -> Option<&str> {
        self.text("details/closingDateTime")
    }

    /// The sender's notes (`details/notes`).
    pub fn notes(&self) -> Option<&str> {
        self.text("details/notes")
    }

    /// Whether the customer asked to be contacted (`details/customerRequestedContact`).
    pub fn contact_requested(&self) -> bool {
        self.at("details/customerRequestedContact") == Some(&Value::Bool(true))
    }

    /// Whether the customer allows to be contacted (`consent/consentToContact`); silence is a no.
    pub fn consents_to_contact(&self) -> bool {
        self.at("consent/consentToContact") == Some(&Value::Bool(true))
    }

    /// The customer's own people (`customerProfile/team`).
    pub fn customer_team(&self) -> Vec<Member> {
        members(self.at("customerProfile/team"))
    }

    /// The partner's people on the referral (`team`).
    pub fn team(&self) -> Vec<Member> {
        members(self.at("team"))
    }

    /// Who sent it; `None` where `inviteContext` does not say.
    pub fn sender(&self) -> Option<Sender> {
        let organization = self.text("inviteContext/invitedBy/organizationId");
        let name = self.text("inviteContext/invitedBy/organizationName").map(str::to_owned);
        match organization {
            Some(id) if id.eq_ignore_ascii_case("msft") => Some(Sender::Microsoft),
            Some(_) => Some(Sender::Partner(name)),
            None => name.map(|name| Sender::Partner(Some(name))),
        }
    }

    /// What `status` and `substatus` say. Open is whatever is New, and whatever says nothing that we know as an answer:
    /// only an answer that we have read ends a countdown.
    pub fn standing(&self) -> Standing {
        let status = self.text("status").unwrap_or_default().to_ascii_lowercase();
        let substatus = self.text("substatus").unwrap_or_default().to_ascii_lowercase();
        let by_substatus = match substatus.as_str() {
            "accepted" => Some(Closing::Accepted),
            "declined" => Some(Closing::Declined),
            "won" => Some(Closing::Won),
            "lost" => Some(Closing::Lost),
            "expired" => Some(Closing::Expired),
            _ => None,
        };
        match status.as_str() {
            "new" => Standing::Open,
            "active" => Standing::Closed(Closing::Accepted),
            "closed" => Standing::Closed(by_substatus.unwrap_or(Closing::Ended)),
            _ => by_substatus.map_or(Standing::Open, Standing::Closed),
        }
    }

    /// The official category. Source: "identify the referral category" in Microsoft's referrals API introduction; rows that
    /// it does not name are co-sell opportunities.
    pub fn category(&self) -> Category {
        let is = |path: &str, wanted: &str| self.text(path).is_some_and(|text| text.eq_ignore_ascii_case(wanted));
        let independent = is("type", "Independent");
        let invited_by = self.text("inviteContext/invitedBy/organizationId");
        let by_microsoft = invited_by.is_some_and(|id| id.eq_ignore_ascii_case("msft"));
        if independent && is("qualification", "Direct") && (by_microsoft || invited_by.is_none()) {
            Category::MarketplaceLead
        } else if independent
            && by_microsoft
            && (is("qualification", "SalesQualified") || is("qualification", "MarketingQualified"))
        {
            Category::QualifiedLead
        } else {
            Category::CoSellOpportunity
        }
    }
}

impl Category {
    /// The name by which rules know it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MarketplaceLead => "MarketplaceLead",
            Self::QualifiedLead => "QualifiedLead",
            Self::CoSellOpportunity => "CoSellOpportunity",
        }
    }
}

impl Closing {
    /// Whether somebody answered, as against its having expired.
    pub fn is_answer(self) -> bool {
        self != Self::Expired
    }
}

impl TryFrom<Value> for Referral {
    type Error = Unreadable;

    fn try_from(item: Value) -> Result<Self, Unreadable> {
        Self::read(item)
    }
}

impl From<Referral> for Value {
    fn from(referral: Referral) -> Self {
        Self::Object(Arc::unwrap_or_clone(referral.body))
    }
}

impl Default for Referral {
    fn default() -> Self {
        Self { id: ReferralId::new(""), body: Arc::default() }
    }
}

/// Reads an instant as Partner Center writes it: with or without fraction, with `Z` or an offset; without a zone it is UTC.
pub fn read_time(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| {
        let local: civil::DateTime = text.parse().ok()?;
        local.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })
}

fn members(list: Option<&Value>) -> Vec<Member> {
    let Some(Value::Array(list)) = list else {
        return Vec::new();
    };
    let text = |member: &Value, name: &str| {
        member.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    list.iter()
        .filter(|member| member.is_object())
        .map(|member| Member {
            name: [text(member, "firstName"), text(member, "lastName")]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" "),
            email: text(member, "email"),
            phone: text(member, "phoneNumber"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn referral(body: Value) -> Referral {
        Referral::read(body).expect("readable")
    }

    #[test]
    fn an_item_without_an_id_costs_only_itself() {
        assert_eq!(Referral::read(json!("x")), Err(Unreadable::NotAnObject));
        assert_eq!(Referral::read(json!({"id": " "})), Err(Unreadable::NoId));
        assert_eq!(Referral::read(json!({"id": 7})), Err(Unreadable::NoId));
    }

    #[test]
    fn everything_but_the_id_may_be_null() {
        let bare =
            referral(json!({"id": "r1", "customerProfile": null, "details": {"dealValue": null}, "team": [null, {}]}));
        assert_eq!(bare.standing(), Standing::Open);
        assert_eq!(bare.customer(), None);
        assert_eq!(bare.deal_value(), None);
        assert_eq!(bare.team().len(), 1);
        assert_eq!(bare.category(), Category::CoSellOpportunity);
    }

    #[test]
    fn dates_are_read_in_all_forms_that_were_seen() {
        for text in [
            "2020-10-30T21:03:00.0000000Z",
            "2020-10-30T21:03:00Z",
            "2020-10-30T22:03:00.000000+01:00",
            "2020-10-30T21:03:00",
        ] {
            assert_eq!(read_time(text), Some("2020-10-30T21:03:00Z".parse().unwrap()), "{text}");
        }
        assert_eq!(read_time("30.10.2020"), None);
    }

    #[test]
    fn only_a_known_answer_closes() {
        let standing = |status: Value, substatus: Value| {
            referral(json!({"id": "r1", "status": status, "substatus": substatus})).standing()
        };
        assert_eq!(standing(json!("New"), json!("Received")), Standing::Open);
        assert_eq!(standing(json!("new"), json!("Expired")), Standing::Open);
        assert_eq!(standing(json!("Paused"), json!("Odd")), Standing::Open);
        assert_eq!(standing(Value::Null, Value::Null), Standing::Open);
        assert_eq!(standing(json!("Active"), Value::Null), Standing::Closed(Closing::Accepted));
        assert_eq!(standing(json!("Closed"), json!("Expired")), Standing::Closed(Closing::Expired));
        assert_eq!(standing(json!("Closed"), json!("Skipped")), Standing::Closed(Closing::Ended));
        assert_eq!(standing(Value::Null, json!("Won")), Standing::Closed(Closing::Won));
    }

    #[test]
    fn the_official_table_of_categories() {
        let category = |kind: &str, qualification: &str, by: Value| {
            referral(json!({"id": "r", "type": kind, "qualification": qualification,
                "inviteContext": {"invitedBy": {"organizationId": by}}}))
            .category()
        };
        assert_eq!(category("Independent", "Direct", json!("msft")), Category::MarketplaceLead);
        assert_eq!(category("Independent", "Direct", Value::Null), Category::MarketplaceLead);
        assert_eq!(category("Independent", "MarketingQualified", json!("msft")), Category::QualifiedLead);
        assert_eq!(category("Independent", "SalesQualified", json!("a-guid")), Category::CoSellOpportunity);
        assert_eq!(category("Shared", "None", json!("a-guid")), Category::CoSellOpportunity);
        assert_eq!(category("Shared", "SalesQualified", json!("msft")), Category::CoSellOpportunity);
    }
}
