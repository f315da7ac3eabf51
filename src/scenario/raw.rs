//! A scenario file as it is written: the names of the keys and their shapes. Must never judge a value: that is `read`'s.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

/// The whole file.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(super) struct File {
    pub settings: Option<Value>,
    pub scenario: Vec<Scenario>,
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(super) struct Scenario {
    pub name: Option<String>,
    pub start: Option<String>,
    pub until: Option<String>,
    pub account: Option<String>,
    pub settings: Option<Value>,
    pub at: Vec<At>,
    pub expect: Vec<Expect>,
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(super) struct At {
    pub time: Option<String>,
    pub open: Vec<Value>,
    pub closed: Vec<Value>,
    pub unlisted: Vec<Value>,
    pub gone: Vec<String>,
    pub mute: Option<Value>,
    pub unmute: Option<Value>,
    pub poll: Option<Poll>,
    pub down: bool,
    pub channels: BTreeMap<String, Answer>,
    pub settings: Option<Value>,
}

#[derive(Deserialize, JsonSchema, Default)]
#[serde(default)]
pub(super) struct Expect {
    pub time: Option<String>,
    pub within: Option<String>,
    pub event: Option<Event>,
    pub to: Option<String>,
    pub referral: Option<Value>,
    pub title: Option<String>,
    pub rule: Option<String>,
    pub step: Option<String>,
    pub recipients: Option<Vec<String>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Poll {
    Works,
    Fails,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    Accepts,
    Fails,
    Refuses,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Event {
    New,
    Updated,
    Reminder,
    Escalation,
    Overdue,
    Answered,
    Expired,
    Gone,
    Reopened,
    Digest,
    Trouble,
    Recovered,
    Keepalive,
}

impl Event {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Reminder => "reminder",
            Self::Escalation => "escalation",
            Self::Overdue => "overdue",
            Self::Answered => "answered",
            Self::Expired => "expired",
            Self::Gone => "gone",
            Self::Reopened => "reopened",
            Self::Digest => "digest",
            Self::Trouble => "trouble",
            Self::Recovered => "recovered",
            Self::Keepalive => "keepalive",
        }
    }

    /// Whether it is about leadtime itself, so about no referral.
    pub(super) fn is_notice(self) -> bool {
        matches!(self, Self::Trouble | Self::Recovered | Self::Keepalive)
    }
}

/// The JSON Schema of a scenario file.
pub(super) fn schema() -> Value {
    schemars::schema_for!(File).to_value()
}
