//! What a message is for, and the id that follows from it. A key never names a rule: renaming or reordering rules sends
//! nothing again, and two rules that ask one destination for the same thing send one message.

use std::fmt;

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use super::{
    ids::{AccountName, DestinationName, MessageId, ReferralId},
    period::Period,
    rules::Trigger,
};

/// What a message about a referral is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// That it is there.
    New,
    /// So long after it was created.
    After {
        /// Time since creation.
        since: Period,
        /// A repeat's offset from its step, before hours moved it.
        repeat: Option<Period>,
    },
    /// So long before it expires.
    BeforeExpiry {
        /// Time left.
        left: Period,
        /// The deadline that armed the step.
        armed: Timestamp,
        /// A repeat's offset from its step, before hours moved it.
        repeat: Option<Period>,
    },
    /// The n-th change that this destination is told of.
    Updated(u32),
    /// It is past its deadline and still open, as of this day.
    Overdue(civil::Date),
    /// It was answered: its n-th closing.
    Answered(u32),
    /// It expired: its n-th closing.
    Expired(u32),
    /// It cannot be found any more: its n-th closing.
    Gone(u32),
    /// It is open again after its n-th closing.
    Reopened(u32),
}

/// Which message: a purpose at a destination.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Key {
    /// Where it goes.
    pub destination: DestinationName,
    /// What it is for.
    pub purpose: Purpose,
    /// The destination that it stands in for, where it came here as a fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stands_in_for: Option<DestinationName>,
}

impl Purpose {
    /// Whether it is a step of the ladder, as against what stands beside it.
    pub fn is_on_ladder(self) -> bool {
        matches!(self, Self::New | Self::After { .. } | Self::BeforeExpiry { .. })
    }

    /// Whether it is one of a row that may go on for long: a repeat, a change, another day of being overdue.
    pub fn is_one_of_many(self) -> bool {
        match self {
            Self::After { repeat, .. } | Self::BeforeExpiry { repeat, .. } => repeat.is_some(),
            Self::Updated(_) | Self::Overdue(_) => true,
            Self::New | Self::Answered(_) | Self::Expired(_) | Self::Gone(_) | Self::Reopened(_) => false,
        }
    }

    /// The trigger of the step that asks for it; none for what no step asks for.
    pub fn trigger(self) -> Option<Trigger> {
        match self {
            Self::New => Some(Trigger::New),
            Self::After { since, .. } => Some(Trigger::After(since)),
            Self::BeforeExpiry { left, .. } => Some(Trigger::BeforeExpiry(left)),
            Self::Updated(_) => Some(Trigger::Updated),
            Self::Answered(_) => Some(Trigger::Answered),
            Self::Expired(_) => Some(Trigger::Expired),
            Self::Overdue(_) | Self::Gone(_) | Self::Reopened(_) => None,
        }
    }

    /// The step that it belongs to: the same without a repeat's offset.
    pub fn without_repeat(self) -> Self {
        match self {
            Self::After { since, .. } => Self::After { since, repeat: None },
            Self::BeforeExpiry { left, armed, .. } => Self::BeforeExpiry { left, armed, repeat: None },
            other => other,
        }
    }

    /// The step as the settings write it, a repeat with its offset: `before_expiry 3d + 12h`.
    pub fn label(self) -> String {
        let with = |label: String, repeat: Option<Period>| match repeat {
            Some(offset) => format!("{label} + {offset}"),
            None => label,
        };
        match self {
            Self::New => "new".to_owned(),
            Self::After { since, repeat } => with(Trigger::After(since).label(), repeat),
            Self::BeforeExpiry { left, repeat, .. } => with(Trigger::BeforeExpiry(left).label(), repeat),
            Self::Updated(_) => "updated".to_owned(),
            Self::Overdue(_) => "overdue".to_owned(),
            Self::Answered(_) => "answered".to_owned(),
            Self::Expired(_) => "expired".to_owned(),
            Self::Gone(_) => "gone".to_owned(),
            Self::Reopened(_) => "reopened".to_owned(),
        }
    }
}

impl fmt::Display for Purpose {
    /// The purpose as it stands in a key: the label, and what tells two of the same label apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label())?;
        match self {
            Self::BeforeExpiry { armed, .. } => write!(f, " of {armed}"),
            Self::Overdue(day) => write!(f, " on {day}"),
            Self::Updated(n) | Self::Answered(n) | Self::Expired(n) | Self::Gone(n) | Self::Reopened(n) => {
                write!(f, " {n}")
            }
            Self::New | Self::After { .. } => Ok(()),
        }
    }
}

impl Key {
    /// The key of a message that a rule asks for.
    pub fn new(destination: DestinationName, purpose: Purpose) -> Self {
        Self { destination, purpose, stands_in_for: None }
    }

    /// The message's id (UUID v5 over the whole key).
    pub fn message_id(&self, account: &AccountName, referral: &ReferralId) -> MessageId {
        let stands_in_for = self.stands_in_for.as_ref().map_or("", DestinationName::as_str);
        MessageId::of_key(&format!("{account}\n{referral}\n{}\n{}\n{stands_in_for}", self.destination, self.purpose))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(purpose: Purpose) -> MessageId {
        Key::new("sellers".into(), purpose).message_id(&"contoso".into(), &"r1".into())
    }

    #[test]
    fn periods_of_one_value_meet_in_one_key() {
        let after = |text: &str| Purpose::After { since: Period::parse(text).unwrap(), repeat: None };
        assert_eq!(id(after("1d")), id(after("24h")));
        assert_ne!(id(after("1d")), id(after("1bd")));
    }

    #[test]
    fn a_moved_deadline_and_a_repeat_make_other_messages() {
        let armed: Timestamp = "2026-11-16T00:00:00Z".parse().unwrap();
        let before = |armed, repeat| Purpose::BeforeExpiry { left: Period::days(3), armed, repeat };
        let later = "2026-11-20T00:00:00Z".parse().unwrap();
        assert_ne!(id(before(armed, None)), id(before(later, None)));
        assert_ne!(id(before(armed, None)), id(before(armed, Some(Period::days(1)))));
    }

    #[test]
    fn a_message_keeps_its_id_for_ever() {
        assert_eq!(id(Purpose::New).to_string(), id(Purpose::New).to_string());
        insta::assert_snapshot!(id(Purpose::New).to_string(), @"d63d46c4-870a-5374-9fcf-83e4e26d85d5");
    }
}
