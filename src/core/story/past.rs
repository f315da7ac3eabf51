//! What happened to a referral, from its lines of the journal: what was queued and taken at once is one event, attempts
//! that failed alike are one. Pure; nothing is left out, and nothing is worded.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::core::{
    ids::{MessageId, RuleName},
    journal::Line,
    key::Key,
    ladder::Event,
};

/// A message that was taken so soon after it was found due is told as one event.
const AT_ONCE: SignedDuration = SignedDuration::from_mins(5);

/// Something that happened to a referral.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A line of the journal, as it stands.
    Entered(Line),
    /// A message was found due, and its channel took it at the first attempt.
    Sent {
        /// Which.
        key: Key,
        /// Its id.
        id: MessageId,
        /// How it was rendered.
        event: Event,
        /// The rule that asked for it.
        rule: RuleName,
        /// The instant to which it belonged before hours moved it, where they did.
        moved_from: Option<Timestamp>,
        /// The digest it went in.
        digest: Option<MessageId>,
    },
    /// Several attempts at a message failed in the same way, one after the other.
    Failed {
        /// Which.
        key: Key,
        /// How many of them.
        times: u32,
        /// The last of them.
        until: Timestamp,
        /// Why.
        why: String,
    },
}

/// What happened, in the order of time, from the lines of one referral in that order.
pub fn past(lines: &[(Timestamp, Line)]) -> Vec<Happening> {
    let mut told: Vec<Happening> = Vec::with_capacity(lines.len());
    // Where each message was spoken of last.
    let mut last: BTreeMap<&Key, usize> = BTreeMap::new();
    for (at, line) in lines {
        let Some(key) = key_of(line) else {
            told.push(Happening { at: *at, what: What::Entered(line.clone()) });
            continue;
        };
        let before = last.get(key).and_then(|index| told.get_mut(*index));
        if !before.is_some_and(|before| joins(before, *at, line)) {
            last.insert(key, told.len());
            told.push(Happening { at: *at, what: What::Entered(line.clone()) });
        }
    }
    told
}

/// Makes one event of two, where they belong together.
fn joins(before: &mut Happening, at: Timestamp, line: &Line) -> bool {
    let joined = match (&before.what, line) {
        (
            What::Entered(Line::Queued { key, id, event, rule, moved_from }),
            Line::Accepted { attempts: 0..=1, digest, maybe: false, .. },
        ) if at.duration_since(before.at) <= AT_ONCE => What::Sent {
            key: key.clone(),
            id: *id,
            event: *event,
            rule: rule.clone(),
            moved_from: *moved_from,
            digest: *digest,
        },
        (What::Entered(Line::Refused { key, why, .. }), Line::Refused { why: same, .. }) if why == same => {
            What::Failed { key: key.clone(), times: 2, until: at, why: why.clone() }
        }
        (What::Failed { key, times, why, .. }, Line::Refused { why: same, .. }) if why == same => {
            What::Failed { key: key.clone(), times: times.saturating_add(1), until: at, why: why.clone() }
        }
        _ => return false,
    };
    before.what = joined;
    true
}

/// The message that a line is about.
pub(super) fn key_of(line: &Line) -> Option<&Key> {
    match line {
        Line::Queued { key, .. }
        | Line::Accepted { key, .. }
        | Line::Refused { key, .. }
        | Line::Superseded { key, .. }
        | Line::Folded { key, .. }
        | Line::Cancelled { key, .. }
        | Line::RecipientLeft { key, .. }
        | Line::FellBack { key, .. }
        | Line::Dead { key, .. }
        | Line::Retried { key, .. } => Some(key),
        Line::Seen
        | Line::Read(_)
        | Line::DeadlineMoved { .. }
        | Line::Muted { .. }
        | Line::Unmuted { .. }
        | Line::Claimed { .. }
        | Line::GivenBack { .. }
        | Line::SeenTo { .. }
        | Line::Digest { .. }
        | Line::Trouble { .. }
        | Line::Recovered { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::key::Purpose;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn key() -> Key {
        Key::new("sellers".into(), Purpose::New)
    }

    fn queued() -> Line {
        let id = MessageId::of_key("new");
        Line::Queued { key: key(), id, event: Event::New, rule: "default".into(), moved_from: None }
    }

    fn accepted(attempts: u32) -> Line {
        Line::Accepted { key: key(), id: MessageId::of_key("new"), attempts, digest: None, detail: None, maybe: false }
    }

    fn refused(attempts: u32, why: &str) -> Line {
        Line::Refused { key: key(), attempts, why: why.to_owned() }
    }

    #[test]
    fn a_message_that_is_taken_at_once_is_one_event_and_a_second_mailbox_is_another() {
        let told = past(&[(at(0), queued()), (at(1), accepted(1)), (at(2), accepted(1))]);
        assert!(matches!(told[0].what, What::Sent { event: Event::New, .. }));
        assert_eq!(told[1].what, What::Entered(accepted(1)));
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn attempts_that_fail_alike_are_one_event_with_its_first_and_last_instant() {
        let mut lines = vec![(at(0), queued())];
        lines.extend((1..=700).map(|minute| (at(minute), refused(1, "connection refused"))));
        lines.push((at(701), refused(701, "500")));
        lines.push((at(702), accepted(702)));
        let told = past(&lines);
        assert_eq!(told.len(), 4);
        let all = What::Failed { key: key(), times: 700, until: at(700), why: "connection refused".to_owned() };
        assert_eq!((told[1].at, &told[1].what), (at(1), &all));
        assert_eq!(told[3].what, What::Entered(accepted(702)));
    }
}
