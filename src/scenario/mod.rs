//! Scenario tests of the rules: given these referrals at these times, exactly these messages, and no other.
//!
//! `read` turns a file into scenarios, `play` leads the service's writer through one along a virtual clock, `compare` lays
//! what was heard beside what was expected, and `reasons` says why something came or did not. Nothing here sends anything,
//! and no time passes.

mod clock;
mod compare;
mod play;
mod raw;
mod read;
mod reasons;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

pub use self::{
    clock::Clock,
    compare::{Mark, Report, Row},
    read::read,
};
use crate::{
    core::ids::{AccountName, DestinationName, RuleName},
    service::{facts::Orders, walk::WalkFault},
};

/// One scenario, ready to be played.
#[derive(Debug)]
pub struct Scenario {
    /// The sentence that it shows to be so.
    pub name: String,
    /// Its start, and the zone in which its times are read and shown.
    pub clock: Clock,
    /// The line on which it stands in its file.
    pub line: Option<usize>,
    until: Option<Timestamp>,
    account: AccountName,
    orders: Orders,
    entries: Vec<Entry>,
    expected: Vec<Expected>,
}

/// What is so from an instant on, until the next entry.
#[derive(Debug)]
struct Entry {
    at: Timestamp,
    changes: Vec<Change>,
    /// The referrals that a person mutes then, once it has polled.
    muted: BTreeSet<String>,
    /// Those whose mute a person ends.
    unmuted: BTreeSet<String>,
    /// Whether Partner Center gives no answer.
    unreachable: bool,
    /// Whether leadtime is not running.
    down: bool,
    /// How channels answer, by destination or by the address of a mail.
    channels: BTreeMap<String, Answer>,
    /// What is in force from here on, where that changes.
    orders: Option<Orders>,
}

/// What becomes of a referral in Partner Center. Each body holds the fields that are written, the id among them.
#[derive(Debug)]
enum Change {
    Listed(Map<String, Value>),
    /// It leaves the list, and this is what a reading by id shows.
    Left(Map<String, Value>),
    NotFound(String),
}

/// How a channel answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answer {
    Accepts,
    /// In passing: it is tried again.
    Fails,
    /// For good.
    Refuses,
}

/// A message that must come.
#[derive(Clone, Debug)]
struct Expected {
    at: Timestamp,
    /// The line on which it stands in its file.
    line: Option<usize>,
    within: SignedDuration,
    event: String,
    to: DestinationName,
    referrals: BTreeSet<String>,
    title: Option<String>,
    rule: Option<RuleName>,
    step: Option<String>,
    recipients: Option<BTreeSet<String>>,
}

impl Scenario {
    /// Plays it and compares.
    ///
    /// # Errors
    /// What keeps it from being played to its end.
    pub fn run(&self) -> Result<Report, WalkFault> {
        let played = play::play(self)?;
        Ok(compare::compare(self, &played))
    }
}
