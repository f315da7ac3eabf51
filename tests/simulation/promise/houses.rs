//! The steps of each house, written down once more: who is promised what, and when. It says what the settings say, in the
//! words of their reader; nothing of it is read from them.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};

use super::hours::Hours;

/// What one rule promises to some destinations.
pub struct Step {
    /// As messages name it.
    pub label: &'static str,
    pub when: When,
    pub every: Option<SignedDuration>,
    pub to: &'static [&'static str],
    pub escalates: bool,
    /// Whether it concerns only referrals whose value is at least so much.
    pub worth: i64,
    /// Who of them waits for working hours.
    pub in_hours: &'static [&'static str],
}

/// When.
pub enum When {
    New,
    After(Length),
    BeforeExpiry(Length),
}

/// How long.
#[derive(Clone, Copy)]
pub enum Length {
    Hours(i64),
    WorkDays(usize),
    WorkHours(i64),
}

/// A house.
pub struct House {
    pub steps: Vec<Step>,
    pub hours: Hours,
    /// Every destination, in the order of the settings.
    pub places: &'static [&'static str],
}

/// One instant at which a destination is to hear something.
#[derive(Clone, Debug)]
pub struct Turn {
    pub label: &'static str,
    /// How long after its step, for a repeat.
    pub later: SignedDuration,
    pub at: Timestamp,
    /// Whether it hangs on the deadline.
    pub counts_down: bool,
    pub escalates: bool,
    pub in_hours: bool,
}

/// What the promise of a referral depends on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    pub created: Timestamp,
    pub deadline: Timestamp,
    pub value: i64,
}

use Length::{Hours as H, WorkDays, WorkHours};
use When::{After, BeforeExpiry, New};

const fn step(label: &'static str, when: When, to: &'static [&'static str]) -> Step {
    Step { label, when, every: None, to, escalates: false, worth: i64::MIN, in_hours: &[] }
}

const fn escalation(label: &'static str, when: When, to: &'static [&'static str]) -> Step {
    Step { escalates: true, ..step(label, when, to) }
}

/// The houses, in the order of the settings.
pub static HOUSES: LazyLock<Vec<House>> = LazyLock::new(|| vec![plain(), in_hours(), large_and_rest(), paced()]);

fn plain() -> House {
    House {
        steps: vec![
            step("new", New, &["sellers", "crm"]),
            step("after 1d", After(H(24)), &["sellers", "crm"]),
            escalation("before_expiry 3d", BeforeExpiry(H(72)), &["managers"]),
            escalation("before_expiry 1d", BeforeExpiry(H(24)), &["managers"]),
        ],
        hours: Hours::of("UTC"),
        places: &["sellers", "crm", "managers", "ops"],
    }
}

fn in_hours() -> House {
    House {
        steps: vec![
            step("new", New, &["sellers", "crm"]),
            step("after 4bh", After(WorkHours(4)), &["sellers", "crm"]),
            step("after 2bd", After(WorkDays(2)), &["sellers", "crm"]),
            escalation("before_expiry 5bd", BeforeExpiry(WorkDays(5)), &["managers"]),
            escalation("before_expiry 2bd", BeforeExpiry(WorkDays(2)), &["managers", "sellers"]),
        ],
        hours: Hours::of("Europe/Budapest"),
        places: &["sellers", "crm", "managers", "ops", "inbox"],
    }
}

fn large_and_rest() -> House {
    House {
        steps: vec![
            Step { worth: 50, ..step("new", New, &["crm"]) },
            Step { worth: 50, ..escalation("before_expiry 6d", BeforeExpiry(H(144)), &["managers"]) },
            step("new", New, &["inbox", "sellers"]),
            Step { in_hours: &["inbox"], ..step("after 6h", After(H(6)), &["inbox", "sellers"]) },
            Step { in_hours: &["inbox"], ..step("after 2bd", After(WorkDays(2)), &["inbox", "sellers"]) },
            escalation("before_expiry 1d", BeforeExpiry(H(24)), &["managers"]),
        ],
        hours: Hours::of("UTC"),
        places: &["sellers", "crm", "managers", "ops", "inbox"],
    }
}

fn paced() -> House {
    let every = |hours| Some(SignedDuration::from_hours(hours));
    House {
        steps: vec![
            step("new", New, &["chat", "inbox"]),
            Step { every: every(24), ..step("after 2d", After(H(48)), &["chat", "inbox"]) },
            Step { every: every(12), ..escalation("before_expiry 4d", BeforeExpiry(H(96)), &["managers"]) },
            escalation("before_expiry 1d", BeforeExpiry(H(24)), &["managers", "chat"]),
        ],
        hours: Hours::of("UTC"),
        places: &["sellers", "crm", "managers", "ops", "inbox", "chat"],
    }
}

impl House {
    /// When a destination is to hear of a referral with those terms, in the order of time.
    pub fn turns(&self, place: &str, terms: &Terms) -> Vec<Turn> {
        let steps = self.steps.iter().filter(|step| step.to.contains(&place) && terms.value >= step.worth);
        let mut turns: Vec<(Turn, Option<SignedDuration>)> =
            steps.map(|step| (self.turn(step, place, terms), step.every)).collect();
        // The sort is stable: on a tie the later step of the file is the later turn.
        turns.sort_by_key(|(turn, _)| turn.at);
        let ends = |n: usize| turns.get(n + 1).map_or(terms.deadline, |(next, _)| next.at.min(terms.deadline));
        let with_repeats = turns.iter().enumerate().flat_map(|(n, (turn, every))| {
            let more =
                every.map_or(0, |every| (ends(n).duration_since(turn.at).as_secs() - 1).max(0) / every.as_secs());
            (0..=more).map(move |repeat| {
                let later = every.map_or(SignedDuration::ZERO, |every| every * i32::try_from(repeat).unwrap());
                Turn { later, at: (turn.at + later).max(terms.created), ..turn.clone() }
            })
        });
        with_repeats.collect()
    }

    fn turn(&self, step: &Step, place: &str, terms: &Terms) -> Turn {
        let in_hours = step.in_hours.contains(&place);
        let hours = &self.hours;
        let at = match step.when {
            New => terms.created,
            After(length) => {
                let at = match length {
                    H(hours) => terms.created + SignedDuration::from_hours(hours),
                    WorkDays(days) => hours.days_after(terms.created, days),
                    WorkHours(open) => hours.hours_after(terms.created, open),
                };
                if in_hours { hours.opens_by(at) } else { at }
            }
            BeforeExpiry(length) => {
                let at = match length {
                    H(hours) => terms.deadline - SignedDuration::from_hours(hours),
                    WorkDays(days) => hours.days_before(terms.deadline, days),
                    WorkHours(_) => unreachable!("no house has such a step"),
                };
                if in_hours { hours.brought_forward(at) } else { at }
            }
        };
        let counts_down = matches!(step.when, BeforeExpiry(_));
        Turn { label: step.label, later: SignedDuration::ZERO, at, counts_down, escalates: step.escalates, in_hours }
    }
}

impl Turn {
    /// As messages name it: `before_expiry 4d + 1d12h`.
    pub fn name(&self) -> String {
        let hours = self.later.as_hours();
        let part = |count: i64, unit: &str| if count > 0 { format!("{count}{unit}") } else { String::new() };
        match hours {
            0 => self.label.to_owned(),
            _ => format!("{} + {}{}", self.label, part(hours / 24, "d"), part(hours % 24, "h")),
        }
    }
}
