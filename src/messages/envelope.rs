//! The JSON of a generic webhook, written straight from the content: it is the hottest path and needs no template. A
//! user's template for the webhook sees the same document as `envelope`.
//!
//! It is for machines: the referral stands in it as Partner Center wrote it, less contacts and notes that were not asked
//! for. Fields beyond the documented ones appear only where they say something: `closing`, `changes`, `as_of`,
//! `unseen_since`, `claim_link`.

use jiff::Timestamp;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value};

use super::{
    content::{Changed, ChannelKind, Content, Field, Message, Notice},
    forecast,
    headline::{headline, notice_text, seconds_between},
    view::shows_contacts,
};
use crate::core::referral::{Closing, Referral};

/// A referral without what its reader is not to see.
pub struct Shown<'a> {
    /// The whole.
    pub referral: &'a Referral,
    /// Whether the customer's contacts show.
    pub contacts: bool,
    /// Whether the notes show.
    pub notes: bool,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.referral.body() {
            let hidden = match name.as_str() {
                "customerProfile" if !self.contacts => Some("team"),
                "details" | "inviteContext" if !self.notes => Some("notes"),
                _ => None,
            };
            match (hidden, value) {
                (Some(hidden), Value::Object(fields)) => map.serialize_entry(name, &Without { fields, hidden })?,
                _ => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

struct Without<'a> {
    fields: &'a Map<String, Value>,
    hidden: &'static str,
}

impl Serialize for Without<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.fields.iter().filter(|(name, _)| *name != self.hidden))
    }
}

#[derive(Serialize)]
struct Envelope<'a, D> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: D,
}

#[derive(Serialize)]
struct Item<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
    message_id: String,
    account: &'a str,
    rule: &'a str,
    step: &'a str,
    reason: &'a str,
    first: bool,
    possible_repeat: bool,
    deadline: Timestamp,
    left_seconds: i64,
    estimated: bool,
    category: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<Ended<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Change<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim_link: Option<&'a str>,
    referral: Shown<'a>,
}

#[derive(Serialize)]
struct Ended<'a> {
    outcome: Closing,
    after_seconds: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a str>,
}

#[derive(Serialize)]
struct Change<'a> {
    field: &'static str,
    old: Option<&'a str>,
    new: Option<&'a str>,
}

#[derive(Serialize)]
struct Digested<'a> {
    message_id: String,
    reason: &'a str,
    possible_repeat: bool,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Noticed<'a> {
    message_id: String,
    possible_repeat: bool,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    todo: Option<&'a str>,
}

/// The document of a message.
pub fn json(content: &Content) -> String {
    let event = content.event().as_str();
    let written = match content {
        Content::Referral(message) => serde_json::to_string(&Envelope {
            r#type: &format!("referral.{event}"),
            timestamp: message.now,
            data: item(message, false),
        }),
        Content::Digest(digest) => serde_json::to_string(&Envelope {
            r#type: "referral.digest",
            timestamp: digest.now,
            data: Digested {
                message_id: digest.message_id.to_string(),
                reason: &digest.reason,
                possible_repeat: digest.possible_repeat,
                items: digest.items.iter().map(|message| item(message, true)).collect(),
            },
        }),
        Content::Forecast(forecast) => serde_json::to_string(&Envelope {
            r#type: "leadtime.digest",
            timestamp: forecast.now,
            data: forecast::Data::of(forecast),
        }),
        Content::Notice(notice) => serde_json::to_string(&Envelope {
            r#type: &format!("leadtime.{event}"),
            timestamp: notice.now,
            data: noticed(notice, content),
        }),
    };
    // Nothing in these types can fail to serialize: no map has keys that are no text, and no number is infinite.
    written.unwrap_or_default()
}

fn item(message: &Message, in_digest: bool) -> Item<'_> {
    let closing = message.closing.as_ref();
    Item {
        id: in_digest.then(|| message.referral.id().as_str()),
        event: in_digest.then(|| message.event.as_str()),
        message_id: message.message_id.to_string(),
        account: message.account.as_str(),
        rule: message.rule.as_str(),
        step: &message.step,
        reason: &message.reason,
        first: message.first,
        possible_repeat: message.possible_repeat,
        deadline: message.deadline,
        left_seconds: seconds_between(message.now, message.deadline),
        estimated: message.estimated,
        category: message.category.as_str(),
        closing: closing.map(|end| Ended { outcome: end.closing, after_seconds: end.after.0, by: end.by.as_deref() }),
        changes: message.changes.iter().filter(|changed| is_shown(changed, message)).map(change).collect(),
        as_of: message.as_of,
        unseen_since: message.unseen_since,
        claim_link: message.claim_link.as_deref(),
        referral: Shown {
            referral: &message.referral,
            contacts: shows_contacts(message, ChannelKind::Webhook),
            notes: message.include_notes,
        },
    }
}

fn is_shown(changed: &Changed, message: &Message) -> bool {
    changed.field != Field::Notes || message.include_notes
}

fn change(changed: &Changed) -> Change<'_> {
    let field = match changed.field {
        Field::Customer => "customer",
        Field::Value => "value",
        Field::Currency => "currency",
        Field::Closing => "closing",
        Field::Notes => "notes",
        Field::Deadline => "deadline",
    };
    Change { field, old: changed.old.as_deref(), new: changed.new.as_deref() }
}

fn noticed<'a>(notice: &'a Notice, content: &Content) -> Noticed<'a> {
    let lines: Vec<String> = std::iter::once(headline(content)).chain(notice_text(notice)).collect();
    Noticed {
        message_id: notice.message_id.to_string(),
        possible_repeat: notice.possible_repeat,
        text: lines.join("\n"),
        since: notice.since,
        todo: notice.todo.as_deref(),
    }
}
