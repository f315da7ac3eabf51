//! What a poll hands to the core: one page of a listing, and what a read by id said.
//!
//! An item of a page is kept as the text it came in and is parsed only when somebody needs more than its id: of ten
//! thousand open referrals nearly all are the same as five minutes ago, which the fingerprint tells. Must never judge
//! what a referral means, nor that one is absent.

use std::{borrow::Cow, fmt};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use sha2::{Digest, Sha256};

use super::{
    ids::ReferralId,
    referral::{Referral, Unreadable},
};

/// No id is longer, in bytes: it stands in keys of the store.
const ID_MAX: usize = 512;

/// One page of a listing. A page says nothing about what is not on it.
#[derive(Debug)]
pub struct Page {
    /// What could be read, in the order of the page, without items that an earlier page of the same listing held.
    pub items: Vec<Item>,
    /// How many items could not be read at all (no object, or no id).
    pub unreadable: u32,
    /// The server's clock when it answered (its `Date`).
    pub server_date: Option<Timestamp>,
    /// The size of the page, unpacked.
    pub bytes: usize,
}

/// One referral of a page, unparsed but for its id.
#[derive(Clone)]
pub struct Item {
    /// The referral's id.
    pub id: ReferralId,
    /// The same for the same text, in every version of the program: the first 8 bytes of its SHA-256, big-endian.
    pub fingerprint: u64,
    /// The referral's JSON, byte for byte.
    pub raw: Box<RawValue>,
}

/// Why an item that has an id is still no referral.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadItem {
    /// JSON that cannot be held: nested too deeply, a number out of range, half a surrogate pair.
    #[error("the item's JSON cannot be read: {0}")]
    Json(String),
    /// JSON, but no referral.
    #[error(transparent)]
    Referral(#[from] Unreadable),
}

/// What a read by id said. Only `Found` tells anything about the referral; see the interface's "only an answer that we
/// have read ends a countdown".
#[derive(Clone, PartialEq, Debug)]
pub enum Read {
    /// The referral as it is now.
    Found(Referral),
    /// 404 or 410: unknown, or not visible to this account.
    NotFound,
    /// 403: this account may not see it.
    Forbidden,
}

impl Item {
    /// Takes one element of a listing's `value`. What is no object, or has no id that is text of a sane length, is refused.
    pub fn read(raw: &RawValue) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct WithId<'a> {
            #[serde(borrow)]
            id: Cow<'a, str>,
        }
        // Asked first because serde would also read `["x"]` as the struct above.
        if !raw.get().starts_with('{') {
            return Err(Unreadable::NotAnObject);
        }
        let WithId { id } = serde_json::from_str(raw.get()).map_err(|_| Unreadable::NoId)?;
        if id.trim().is_empty() || id.len() > ID_MAX {
            return Err(Unreadable::NoId);
        }
        Ok(Self { id: ReferralId::new(id), fingerprint: fingerprint(raw.get()), raw: raw.to_owned() })
    }

    /// Parses the whole of it.
    pub fn referral(&self) -> Result<Referral, BadItem> {
        let body: Value = serde_json::from_str(self.raw.get()).map_err(|fault| BadItem::Json(fault.to_string()))?;
        Ok(Referral::read(body)?)
    }
}

/// Customers' data has no place in a log, so only the id and the fingerprint show.
impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item").field("id", &self.id).field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

fn fingerprint(text: &str) -> u64 {
    Sha256::digest(text.as_bytes()).iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(json: &str) -> Result<Item, Unreadable> {
        Item::read(&RawValue::from_string(json.to_owned()).expect("JSON"))
    }

    #[test]
    fn an_item_is_known_by_its_id_and_parsed_when_asked() {
        let item = item(r#"{"id":"r1","status":"New","details":{"dealValue":1500.5}}"#).unwrap();
        assert_eq!(item.id.as_str(), "r1");
        assert_eq!(item.referral().unwrap().deal_value(), Some(1500.5));
    }

    #[test]
    fn what_is_no_object_or_has_no_id_is_refused() {
        for json in ["null", "7", "\"r1\"", "[\"r1\"]"] {
            assert_eq!(item(json).err(), Some(Unreadable::NotAnObject), "{json}");
        }
        for json in ["{}", r#"{"id":null}"#, r#"{"id":7}"#, r#"{"id":" "}"#] {
            assert_eq!(item(json).err(), Some(Unreadable::NoId), "{json}");
        }
    }

    #[test]
    fn the_fingerprint_follows_the_text_and_never_changes() {
        let first = item(r#"{"id":"r1","status":"New"}"#).unwrap().fingerprint;
        assert_eq!(first, item(r#"{"id":"r1","status":"New"}"#).unwrap().fingerprint);
        assert_ne!(first, item(r#"{"id":"r1","status":"Active"}"#).unwrap().fingerprint);
        assert_eq!(fingerprint("abc"), 0xba78_16bf_8f01_cfea);
    }

    #[test]
    fn json_that_cannot_be_held_costs_the_item_and_nothing_else() {
        let deep = format!(r#"{{"id":"r1","details":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
        assert!(matches!(item(&deep).unwrap().referral(), Err(BadItem::Json(_))));
    }

    #[test]
    fn its_debug_form_holds_no_customer() {
        let shown = format!("{:?}", item(r#"{"id":"r1","customerProfile":{"name":"Fabrikam"}}"#).unwrap());
        assert!(shown.contains("r1") && !shown.contains("Fabrikam"), "{shown}");
    }
}
