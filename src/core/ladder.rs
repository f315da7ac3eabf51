//! `decide`: which messages are due about one referral, why, and why the others are not. Pure; this is the product.
//!
//! For each destination the steps of all rules that took the referral form one ladder (`rungs`); the latest rung that is
//! due speaks, and those before it are superseded. News of changes and endings stands beside the ladder (`beside`).

mod beside;
mod claimed;
mod rungs;
mod taken;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::taken::{Casting, Taken, takers};
use super::{
    case::{Case, Entry, Fate},
    claim::SeenTo,
    hours::Hours,
    ids::{DestinationName, RuleName},
    key::{Key, Purpose},
    people::Because,
    rules::Rules,
};

/// What `decide` says about one referral.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Verdict {
    /// One line for each message that its rules could ask for now or later, and each that waits in the outbox.
    pub lines: Vec<Line>,
    /// The rules that took it, in the order of the file.
    pub taken_by: Vec<RuleName>,
    /// Why nobody hears of it, where nobody does.
    pub silence: Option<Silence>,
    /// When to decide again; nothing changes before that by time alone.
    pub look_again: Option<Timestamp>,
    /// When the people who are asked may be others, as an absence begins or ends.
    pub others_at: Option<Timestamp>,
}

/// One message, and what is to become of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// Which message.
    pub key: Key,
    /// How it is rendered.
    pub event: Event,
    /// Whether it is an escalation, its own or one that it supersedes.
    pub escalation: bool,
    /// The rule that asks for it.
    pub rule: RuleName,
    /// Where it stands on the ladder: its place, and its place before hours moved it. None beside the ladder.
    pub place: Option<(Timestamp, Timestamp)>,
    /// What is to become of it.
    pub call: Call,
    /// Why this destination hears it.
    pub because: Because,
    /// Whether a claim has moved it to its end.
    pub rested: bool,
}

impl Line {
    /// When it would be due without hours, where they move it.
    pub fn moved_from(&self) -> Option<Timestamp> {
        self.place.filter(|(place, base)| place != base && !self.rested).map(|(_, base)| base)
    }
}

/// What is to become of a message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// It is to go out now.
    Due {
        /// Whether it goes out although hours are closed, because waiting would leave too little time.
        against_hours: bool,
    },
    /// Not yet.
    Wait {
        /// When it will be due, as things stand.
        until: Timestamp,
        /// What it waits for.
        reason: WaitsFor,
    },
    /// A later step speaks in its place.
    Superseded {
        /// Which.
        by: Purpose,
    },
    /// It is told as part of a ladder message that is due.
    Folded {
        /// Which.
        into: Purpose,
    },
    /// It has had its fate.
    Done(Fate),
    /// It was sent under an earlier deadline, and its new time was already past when the deadline moved.
    SentBefore,
    /// It is no longer asked for.
    Cancelled(WhyNot),
}

/// What a message waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// Its time.
    ItsTime,
    /// Its time, which hours have moved from this instant.
    Moved {
        /// When it would have been due without hours.
        from: Timestamp,
    },
    /// An opening: it was found due while hours are closed.
    Opening,
    /// More changes, so that several make one message.
    Gathering,
    /// The end of the hour after the last message of its kind.
    Spacing,
    /// The end of a claim.
    Claim,
}

/// Why a message is not sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyNot {
    /// The referral was answered, or has expired.
    Closed,
    /// It is open again.
    OpenAgain,
    /// It is muted.
    Muted,
    /// It is shelved.
    Shelved,
    /// No rule asks for it any more.
    NotAskedFor,
    /// The settings no longer have the destination.
    NoSuchDestination,
    /// Its deadline is past.
    PastDeadline,
    /// The referral no longer differs from what was told.
    NoDifference,
    /// A manager sees to it, so nothing is repeated there until the next step.
    SeenTo,
    /// Those whom it was for are not asked any more: they are away, or others own the referral now.
    OthersAsked,
}

/// Why nobody hears of a referral.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// No rule takes it.
    NoRule,
    /// Only rules without steps take it.
    OnPurpose,
    /// Its account has left the settings.
    AccountRemoved,
    /// The account's filter no longer takes it.
    FilteredOut,
    /// A person muted it.
    Muted,
}

/// How a message is rendered; the names of the templates.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Event {
    New,
    Updated,
    Reminder,
    Escalation,
    Overdue,
    Answered,
    Expired,
    Gone,
    Reopened,
}

impl Event {
    /// The template's name.
    pub fn as_str(self) -> &'static str {
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
        }
    }
}

impl Call {
    /// Whether the message is to go out now.
    pub fn is_due(&self) -> bool {
        matches!(self, Self::Due { .. })
    }
}

/// Says which messages are due about this referral at `now`, the reason for each and for each that is not, and when to
/// look again.
pub fn decide(case: &Case, rules: &Rules, now: Timestamp) -> Verdict {
    let casting = Casting::new(case, rules, now);
    let (taken, silence) = takers(&casting, now);
    let mut verdict = Verdict {
        taken_by: taken.iter().map(|taken| taken.rule.name.clone()).collect(),
        silence,
        ..Verdict::default()
    };
    let silenced = match silence {
        None | Some(Silence::Muted) => false,
        Some(Silence::NoRule) => case.is_open(),
        Some(Silence::OnPurpose | Silence::AccountRemoved | Silence::FilteredOut) => true,
    };
    if !silenced {
        let speaking: Vec<&Taken<'_>> = taken.iter().filter(|taken| !taken.rule.steps.is_empty()).collect();
        for destination in destinations(case, &speaking) {
            let at = Desk { case, rules, taken: &speaking, others: casting.has_changed(), destination, now };
            if rules.destinations.contains_key(destination) {
                at.decide(&mut verdict.lines);
            }
        }
    }
    follow_fallbacks(case, &mut verdict.lines, rules);
    if silence == Some(Silence::Muted) {
        // After the copies at fallbacks: what a mute silences it silences there too.
        mute(&mut verdict.lines);
    }
    cancel_the_rest(case, rules, &taken, silence, &mut verdict.lines);
    verdict.others_at = casting.changes_at();
    verdict.look_again = look_again(case, &verdict, now);
    verdict
}

/// One destination's share of a decision.
struct Desk<'a> {
    case: &'a Case,
    rules: &'a Rules,
    taken: &'a [&'a Taken<'a>],
    /// Whether others may be asked than when the referral was first seen.
    others: bool,
    destination: &'a DestinationName,
    now: Timestamp,
}

impl<'a> Desk<'a> {
    fn decide(&self, lines: &mut Vec<Line>) {
        if self.case.is_open() {
            let first = lines.len();
            self.ladder(lines);
            let speaks = lines[first..].iter().find(|line| line.call.is_due()).map(|line| line.key.purpose);
            self.updated(speaks, lines);
            self.overdue(lines);
            self.reopened(lines);
        } else {
            self.ending(lines);
        }
    }

    fn entry(&self, purpose: Purpose) -> Option<&Entry> {
        self.case.ledger.iter().find(|entry| {
            entry.key.destination == *self.destination
                && entry.key.purpose == purpose
                && entry.key.stands_in_for.is_none()
        })
    }

    fn line(&self, purpose: Purpose, event: Event, rule: &RuleName, call: Call, because: Because) -> Line {
        let key = Key::new(self.destination.clone(), purpose);
        Line {
            key,
            event,
            escalation: event == Event::Escalation,
            rule: rule.clone(),
            place: None,
            call,
            because,
            rested: false,
        }
    }

    /// Why this destination hears of the referral: by the first step that reaches it, else as one who hears escalations.
    fn because(&self) -> Because {
        let step = |taken: &&'a Taken<'a>| taken.reaching(self.destination).map(|(_, _, because)| because).next();
        let above = |taken: &&'a Taken<'a>| taken.above(self.destination);
        let because = self.taken.iter().find_map(step).or_else(|| self.taken.iter().find_map(above));
        because.cloned().unwrap_or_default()
    }
}

/// The rules that take a referral, those without steps among them, and why nobody hears of it, where nobody does.
pub fn taken_by(case: &Case, rules: &Rules, now: Timestamp) -> (Vec<RuleName>, Option<Silence>) {
    let (taken, silence) = takers(&Casting::new(case, rules, now), now);
    (taken.iter().map(|taken| taken.rule.name.clone()).collect(), silence)
}

/// Who sees to an open referral at a destination: nothing is repeated there until the next step of its ladder has come.
pub fn sees_to<'a>(case: &'a Case, destination: &DestinationName, rules: &Rules, now: Timestamp) -> Option<&'a SeenTo> {
    let seen = case.seen_to.get(destination).filter(|_| case.is_open())?;
    let casting = Casting::new(case, rules, now);
    let (taken, _) = takers(&casting, now);
    let taken: Vec<&Taken<'_>> = taken.iter().collect();
    let desk = Desk { case, rules, taken: &taken, others: casting.has_changed(), destination, now };
    (!desk.has_come_since(seen.at)).then_some(seen)
}

/// The names that rules know beside the API's own.
pub(super) fn beyond_the_body(case: &Case, rules: &Rules) -> [(&'static str, Value); 3] {
    [
        ("account", Value::from(case.account.as_str())),
        ("category", Value::from(case.referral.category().as_str())),
        ("value", value_of(case, rules).map_or(Value::Null, Value::from)),
    ]
}

/// The deal value in `[money] currency`; `None` where there is none, or no rate for its currency.
pub fn value_of(case: &Case, rules: &Rules) -> Option<f64> {
    rules.money.convert(case.referral.deal_value()?, case.referral.currency()?)
}

/// The hours in which working days and `answer_by` are counted for a destination: its own, else those of the rule that
/// speaks, else `default`.
pub fn counting_hours<'a>(rules: &'a Rules, destination: &DestinationName, rule: Option<&RuleName>) -> &'a Hours {
    let rule = rule.and_then(|name| rules.rules.iter().find(|rule| rule.name == *name));
    rungs::keeps(rules, destination, rule, None).count
}

/// Everybody that a rule reaches, or that was told, in one order.
fn destinations<'a>(case: &'a Case, taken: &[&Taken<'a>]) -> BTreeSet<&'a DestinationName> {
    let asked = taken.iter().flat_map(|taken| taken.doors().map(|door| door.destination));
    asked.chain(case.told.keys()).collect()
}

/// A muted referral is told to nobody, but for its expiry.
fn mute(lines: &mut [Line]) {
    for line in lines {
        let silenced = !matches!(line.key.purpose, Purpose::Expired(_))
            && matches!(
                line.call,
                Call::Due { .. } | Call::Wait { .. } | Call::Superseded { .. } | Call::Folded { .. }
            );
        if silenced {
            line.call = Call::Cancelled(WhyNot::Muted);
        }
    }
}

/// A message that went to a fallback is asked for there as long as it would be asked for where it came from.
fn follow_fallbacks(case: &Case, lines: &mut Vec<Line>, rules: &Rules) {
    for entry in &case.ledger {
        let Some(origin) = &entry.key.stands_in_for else { continue };
        let waits = matches!(entry.fate, Fate::Queued | Fate::Attempting | Fate::Cancelled);
        if !waits || !rules.destinations.contains_key(&entry.key.destination) {
            continue;
        }
        let original = lines.iter().find(|line| {
            line.key.destination == *origin && line.key.purpose == entry.key.purpose && line.key.stands_in_for.is_none()
        });
        let Some(original) = original else { continue };
        let call = match &original.call {
            // What is final there says nothing against it here: it was handed on.
            Call::Done(Fate::FellBack(_) | Fate::Dead | Fate::Queued | Fate::Attempting) => {
                Call::Due { against_hours: false }
            }
            Call::Done(Fate::Accepted) => Call::Cancelled(WhyNot::NotAskedFor),
            other => other.clone(),
        };
        lines.push(Line { key: entry.key.clone(), call, ..original.clone() });
    }
}

/// What waits in the outbox and is asked for by nobody is cancelled, with the reason.
fn cancel_the_rest(case: &Case, rules: &Rules, taken: &[Taken<'_>], silence: Option<Silence>, lines: &mut Vec<Line>) {
    for entry in &case.ledger {
        if !matches!(entry.fate, Fate::Queued | Fate::Attempting) || lines.iter().any(|line| line.key == entry.key) {
            continue;
        }
        let why = match silence {
            Some(Silence::AccountRemoved | Silence::FilteredOut) => WhyNot::Shelved,
            Some(Silence::Muted) => WhyNot::Muted,
            _ if !rules.destinations.contains_key(&entry.key.destination) => WhyNot::NoSuchDestination,
            _ if !case.is_open() => WhyNot::Closed,
            _ if matches!(entry.key.purpose, Purpose::Answered(_) | Purpose::Expired(_) | Purpose::Gone(_)) => {
                WhyNot::OpenAgain
            }
            _ if taken.iter().any(|taken| taken.asks_others_for(&entry.key)) => WhyNot::OthersAsked,
            _ if matches!(entry.key.purpose, Purpose::Updated(_)) => WhyNot::NoDifference,
            _ => WhyNot::NotAskedFor,
        };
        let event = if entry.escalation { Event::Escalation } else { Event::Reminder };
        lines.push(Line {
            key: entry.key.clone(),
            event,
            escalation: entry.escalation,
            rule: entry.rule.clone(),
            place: None,
            call: Call::Cancelled(why),
            because: Because::default(),
            rested: false,
        });
    }
}

fn look_again(case: &Case, verdict: &Verdict, now: Timestamp) -> Option<Timestamp> {
    let waits = verdict.lines.iter().filter_map(|line| match line.call {
        Call::Wait { until, .. } => Some(until),
        _ => None,
    });
    let unmuted = case.muted.as_ref().and_then(|mute| mute.until);
    let deadline = case.is_open().then_some(case.deadline.at);
    waits.chain(unmuted).chain(deadline).chain(verdict.others_at).filter(|at| *at > now).min()
}
