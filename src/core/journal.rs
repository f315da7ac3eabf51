//! What the journal holds: one line for everything that happened to a referral or a message. Append-only; it is what
//! `explain`, `report`, `replay` and a referral's history read. No line holds a secret or a customer's data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    case::Happened,
    claim::Claimant,
    ids::{DestinationName, DigestName, MessageId, RuleName},
    key::{Key, Purpose},
    ladder::{Event, WhyNot},
};

/// One line; its instant and its case stand in its key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The referral was seen for the first time.
    Seen,
    /// A reading changed something.
    Read(Happened),
    /// Its deadline moved so far that the steps before it were armed anew.
    DeadlineMoved {
        /// The deadline that was armed before.
        from: Timestamp,
        /// The one that is armed now.
        to: Timestamp,
    },
    /// A message was found due and put into the outbox.
    Queued {
        /// Which.
        key: Key,
        /// Its id.
        id: MessageId,
        /// How it is rendered.
        event: Event,
        /// The rule that asked for it.
        rule: RuleName,
        /// The instant to which it belonged before hours moved it, where they did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        moved_from: Option<Timestamp>,
    },
    /// A channel took a message.
    Accepted {
        /// Which.
        key: Key,
        /// Its id.
        id: MessageId,
        /// The attempts it took.
        attempts: u32,
        /// The digest it went in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<MessageId>,
        /// What the channel said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
        /// What became of an attempt before it is not known, so it may have come twice.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        maybe: bool,
    },
    /// An attempt failed, or was refused.
    Refused {
        /// Which.
        key: Key,
        /// The attempt.
        attempts: u32,
        /// Why.
        why: String,
    },
    /// A later step spoke in its place.
    Superseded {
        /// Which.
        key: Key,
        /// The later step.
        by: Purpose,
    },
    /// It was told as part of a ladder message.
    Folded {
        /// Which.
        key: Key,
        /// The ladder message.
        into: Purpose,
    },
    /// It was no longer asked for.
    Cancelled {
        /// Which.
        key: Key,
        /// Why.
        why: WhyNot,
    },
    /// One reader of a mail was asked no more when its turn came; the others get it.
    RecipientLeft {
        /// Which.
        key: Key,
        /// The address.
        recipient: String,
    },
    /// It went to the fallback.
    FellBack {
        /// Which.
        key: Key,
        /// Where.
        to: DestinationName,
    },
    /// It was given up.
    Dead {
        /// Which.
        key: Key,
        /// Why.
        why: String,
    },
    /// A person had it tried at once, or again after it was given up.
    Retried {
        /// Which.
        key: Key,
        /// Its id.
        id: MessageId,
    },
    /// A person wants to hear no more of the referral.
    Muted {
        /// Why.
        reason: String,
        /// Until when, where it ends by itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Who, as they said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
    },
    /// The mute is over.
    Unmuted {
        /// Whether a person has ended it; else its time has.
        by_hand: bool,
    },
    /// A person has said that they will answer it.
    Claimed {
        /// Who.
        by: Claimant,
        /// Until when, as it was wished.
        until: Timestamp,
        /// The destination whose link was used.
        from: DestinationName,
    },
    /// That person has given it back.
    GivenBack {
        /// Who.
        by: Claimant,
    },
    /// A manager has said that they will see to it.
    SeenTo {
        /// Who.
        by: Claimant,
        /// The destination that gets no repeat until its next step.
        at: DestinationName,
    },
    /// What became of a digest at a set time.
    Digest {
        /// Which.
        digest: DigestName,
        /// Where to.
        destination: DestinationName,
        /// The instant for which it was set.
        due: Timestamp,
        /// What became of it.
        fate: DigestFate,
    },
    /// leadtime had a trouble of its own.
    Trouble {
        /// Which kind and where: `destination/sellers`.
        name: String,
        /// What it is.
        title: String,
    },
    /// That trouble is over.
    Recovered {
        /// Which.
        name: String,
    },
}

/// What became of a digest at a set time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestFate {
    /// It was put into the outbox.
    Queued {
        /// Its id.
        id: MessageId,
    },
    /// The channel took it.
    Accepted {
        /// The attempts it took.
        attempts: u32,
        /// What became of an attempt before it is not known, so it may have come twice.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        maybe: bool,
    },
    /// An attempt failed, or was refused.
    Refused {
        /// The attempt.
        attempts: u32,
        /// Why.
        why: String,
    },
    /// leadtime was not running then, nor for a day after it.
    Skipped,
    /// It came too late to be of use.
    Late,
    /// The settings no longer ask for it.
    NotAskedFor,
    /// It went to the fallback.
    FellBack {
        /// Where.
        to: DestinationName,
    },
    /// It was given up.
    Dead {
        /// Why.
        why: String,
    },
}
