//! A made-up referral as the API writes it, of about 1.1 kB.

use jiff::Timestamp;

use super::sinks::CUSTOMER;

pub struct Referral {
    pub number: usize,
    pub created: Timestamp,
    pub expires: Timestamp,
    pub updated: Timestamp,
    /// As `("New", "Pending")`.
    pub status: (&'static str, &'static str),
    pub value: usize,
}

/// The id of the referral of that number.
pub fn id(number: usize) -> String {
    format!("{number:08x}-6f2e-4a3c-9f0e-0d7a7c1e1f01")
}

/// The number in an id that `id` has made.
pub fn number(id: &str) -> Option<usize> {
    usize::from_str_radix(id.get(..8)?, 16).ok()
}

impl Referral {
    pub fn json(&self) -> String {
        let Self { number, created, expires, updated, status: (status, substatus), value } = self;
        let notes = "We plan to move our mail and files to Microsoft 365 and look for a partner who can help with it. ";
        format!(
            r#"{{"id":"{id}","engagementId":"65edc0b5-3485-41b7-a17e-{number:012x}","organizationId":"7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d","organizationName":"Contoso","createdDateTime":"{created}","updatedDateTime":"{updated}","expirationDateTime":"{expires}","status":"{status}","substatus":"{substatus}","qualification":"SalesQualified","type":"Shared","direction":"Incoming","customerProfile":{{"name":"{CUSTOMER}{number:08}","address":{{"addressLine1":"Fő utca 1.","city":"Budapest","postalCode":"1011","country":"HU"}},"team":[{{"firstName":"Ada","lastName":"Kiss","email":"ada@customer.example","phoneNumber":"+36 1 234 5678"}}]}},"consent":{{"consentToContact":true}},"details":{{"notes":"{notes}","dealValue":{value},"currency":"EUR","closingDateTime":"2027-03-01T00:00:00Z","requirements":{{"products":[{{"id":"Microsoft365"}}]}}}},"inviteContext":{{"invitedBy":{{"organizationId":"msft","organizationName":"Microsoft"}}}}}}"#,
            id = id(*number),
            notes = notes.repeat(3),
        )
    }
}

/// Pages of a listing: `page` of those that hold `items`, a hundred each.
pub fn page(items: &[impl AsRef<str>], page: usize) -> String {
    const SIZE: usize = 100;
    let pages = items.len().div_ceil(SIZE).max(1);
    let these: Vec<&str> = items.iter().skip(page * SIZE).take(SIZE).map(AsRef::as_ref).collect();
    let next = match page + 1 {
        next if next < pages => format!(r#","@odata.nextLink":"http://x/v1.0/referrals?$skiptoken={next}""#),
        _ => String::new(),
    };
    format!(r#"{{"@odata.context":"http://x/$metadata#Referrals","value":[{}]{next}}}"#, these.join(","))
}

/// Which page a query asks for: the first, unless it is one of our links.
pub fn asked(query: Option<&str>) -> usize {
    query.and_then(|query| query.strip_prefix("$skiptoken=")).and_then(|page| page.parse().ok()).unwrap_or(0)
}
