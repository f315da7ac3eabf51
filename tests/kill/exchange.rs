//! One message on its way, as its destination saw it. Facts alone; what to make of them is said in `verdict`.

use std::{collections::BTreeSet, time::Instant};

/// What stands in front of a referral's number in its customer's name. No other text of a message holds it.
pub const CUSTOMER: &str = "Probe";

/// How many digits follow it.
pub const DIGITS: usize = 6;

/// What the program writes where a message may be a second one, beside `possible_repeat` in a webhook's body.
const MARK: &str = "This may be a repeat";

/// One message, as far as it came.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub destination: &'static str,
    /// Which process sent it, from 1.
    pub life: u32,
    pub began: Instant,
    /// None as long as it is not here whole.
    pub message: Option<Message>,
    /// When the system had all of our answer.
    pub answered: Option<Instant>,
}

/// A message that has arrived whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// As its channel carries it.
    pub id: String,
    /// Whether it says that it may be a repeat.
    pub marked: bool,
    /// The numbers of the referrals that it tells of.
    pub about: BTreeSet<u32>,
    /// The beginning of what it says, for people.
    pub says: String,
}

impl Message {
    /// `text`: all that its reader sees, its encoding undone.
    pub fn read(id: &str, text: &str) -> Self {
        let marked = text.contains(MARK) || text.contains("\"possible_repeat\":true");
        let about = text.split(CUSTOMER).skip(1).filter_map(|rest| rest.get(..DIGITS)?.parse().ok()).collect();
        Self { id: id.to_owned(), marked, about, says: text.chars().take(300).collect() }
    }
}
