//! The first line of a message, in forms that `headline` chooses from and fits into its room.

use super::Words;
use crate::{
    core::referral::{Category, Closing},
    messages::content::{DigestKind, Event},
};

/// What a headline says, its parts already formatted; those that are not known, or that had no room, are `None`.
#[derive(Clone, Debug, Default)]
pub struct Parts<'a> {
    /// The customer's name, perhaps cut.
    pub name: &'a str,
    /// `HU`.
    pub country: Option<&'a str>,
    /// `€80k`.
    pub value: Option<&'a str>,
    /// `Thu 19 Nov`: the day of the deadline, in `Overdue` and `OverdueUnconfirmed`.
    pub date: &'a str,
    /// `by Thu 19 Nov`: the last day to answer, in all others.
    pub until: &'a str,
    /// `Anna K.`
    pub by: Option<&'a str>,
}

/// The forms of a headline about one referral.
#[derive(Clone, Debug)]
pub enum Lead {
    /// The first that is heard of it.
    New(Category),
    /// It has changed.
    Updated,
    /// So many working days are left, today included.
    DaysLeft(u32),
    /// Today is the last day.
    Today,
    /// The last working day is over, and this is what remains: `3 h`.
    Remaining(String),
    /// Escalated.
    Unanswered,
    /// Past its deadline and still open.
    Overdue,
    /// Past its deadline, and nobody could look.
    OverdueUnconfirmed,
    /// It was answered, so long after it came: `1 d 3 h`.
    Closed(Closing, String),
    /// Partner Center says Expired.
    Expired,
    /// Not there any more.
    Gone,
    /// Open again.
    Reopened,
}

/// What a digest's headline says.
#[derive(Clone, Debug)]
pub struct DigestParts<'a> {
    /// What it gathers.
    pub kind: &'a DigestKind,
    /// How many referrals still wait.
    pub open: usize,
    /// How many are in it.
    pub all: usize,
    /// Whether everything in it is the first that is heard of it.
    pub all_new: bool,
    /// The nearest last day: `Thu 19 Nov` and `by Thu 19 Nov`.
    pub last: Option<(&'a str, &'a str)>,
    /// The sum of the values that are known.
    pub value: Option<&'a str>,
}

impl Words {
    /// What stands for a customer's name where there is none.
    pub fn unnamed(&self) -> String {
        self.text("unnamed")
    }

    /// The headline about one referral.
    pub fn headline(&self, lead: &Lead, parts: &Parts<'_>) -> String {
        let first = || ended(listed(&[Some(parts.name), parts.country, parts.value])).into();
        let second = || ended(listed(&[Some(parts.name), parts.value, parts.country])).into();
        let bracketed = || {
            let country = parts.country.map(|country| format!(" ({country})")).unwrap_or_default();
            (listed(&[Some(parts.name), parts.value]) + &country).into()
        };
        let (until, date) = (("until", parts.until.into()), ("date", parts.date.into()));
        match lead {
            Lead::New(category) => {
                self.say("headline-new", [("category", category.as_str().into()), ("sentence", first()), until])
            }
            Lead::Updated => self.say("headline-updated", [("sentence", first()), until]),
            Lead::Reopened => self.say("headline-reopened", [("sentence", first()), until]),
            Lead::DaysLeft(days) => self.say("headline-days-left", [("days", (*days).into()), ("sentence", second())]),
            Lead::Today => self.say("headline-today", [("sentence", second())]),
            Lead::Remaining(left) => self.say("headline-remaining", [("left", left.into()), ("sentence", second())]),
            Lead::Unanswered => self.say("headline-unanswered", [("about", bracketed()), until]),
            Lead::Overdue => self.say("headline-overdue", [("about", bracketed()), date]),
            Lead::OverdueUnconfirmed => self.say("headline-overdue-unconfirmed", [("about", bracketed()), date]),
            Lead::Closed(closing, after) => {
                let closing = ("closing", outcome(*closing).into());
                let (after, about) = (("after", after.into()), ("about", bracketed()));
                match parts.by {
                    Some(by) => self.say("headline-closed-by", [closing, after, about, ("by", by.into())]),
                    None => self.say("headline-closed", [closing, after, about]),
                }
            }
            Lead::Expired => self.say("headline-expired", [("about", bracketed())]),
            Lead::Gone => self.say("headline-gone", [("about", bracketed())]),
        }
    }

    /// The headline of a digest.
    pub fn digest_headline(&self, parts: &DigestParts<'_>) -> String {
        let DigestParts { kind, open, all, all_new, last, value } = parts;
        let count = |count: usize| ("count", count.into());
        if *open == 0 {
            return listed(&[Some(&self.say("digest-over", [count(*all)])), *value]);
        }
        let id = match (kind, all_new) {
            (DigestKind::Escalations, _) => "digest-unanswered",
            (_, true) => "digest-new",
            (_, false) => "digest-waiting",
        };
        let until = last.map(|(date, until)| {
            self.say("digest-until", [count(*open), ("date", date.into()), ("until", until.into())])
        });
        listed(&[Some(&self.say(id, [count(*open)])), until.as_deref(), *value])
    }

    /// The headline of a notice.
    pub fn notice_headline(&self, event: Event, title: &str) -> String {
        self.say("headline-notice", [("event", event.as_str().into()), ("title", title.into())])
    }
}

/// The name of an outcome in the language files.
pub(super) fn outcome(closing: Closing) -> &'static str {
    match closing {
        Closing::Accepted => "accepted",
        Closing::Declined => "declined",
        Closing::Won => "won",
        Closing::Lost => "lost",
        Closing::Expired => "expired",
        Closing::Ended => "ended",
    }
}

/// With a full stop, unless it ends with one: many a legal form does, as Kft. and a.s.
fn ended(text: String) -> String {
    if text.ends_with(['.', '…']) { text } else { text + "." }
}

fn listed(parts: &[Option<&str>]) -> String {
    parts.iter().copied().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
