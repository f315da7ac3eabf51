//! `decide`: which messages are due about one referral, why, and why the others are not. Pure; this is the product.
//!
//! For each destination the steps of all rules that took the referral form one ladder (`rungs`); the latest rung that is
//! due speaks, and those before it are superseded. News of changes and endings stands beside the ladder (`beside`).

mod beside;
mod rungs;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    case::{Case, Entry, Fate, Life},
    filter::Subject,
    hours::Hours,
    ids::{DestinationName, RuleName},
    key::{Key, Purpose},
    people::{Because, Cast, Door},
    rules::{Account, Audience, Rule, Rules, Step},
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
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
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

/// A rule that took the referral, with whom it reaches.
struct Taken<'a> {
    rule: &'a Rule,
    /// Whom each of its steps reaches, in the order of the steps.
    steps: Vec<Vec<Door>>,
    escalate_to: Vec<Door>,
}

impl<'a> Taken<'a> {
    fn new(rule: &'a Rule, account: &Account, cast: &Cast, rules: &Rules) -> Self {
        let notify = rule.notify.as_deref().unwrap_or(&account.notify);
        let escalate_to = rule.escalate_to.as_deref().unwrap_or(&account.escalate_to);
        let doors = |step: &Step| match &step.audience {
            Audience::These(these) => cast.doors(these, rules),
            Audience::Everyone => cast.doors(&[escalate_to, notify].concat(), rules),
            Audience::Usual if step.escalate => cast.doors(escalate_to, rules),
            Audience::Usual => cast.doors(notify, rules),
        };
        Self { rule, steps: rule.steps.iter().map(doors).collect(), escalate_to: cast.doors(escalate_to, rules) }
    }

    /// Whether it is one of those who hear its escalations.
    fn escalates_to(&self, destination: &DestinationName) -> bool {
        self.escalate_to.iter().any(|door| door.destination == *destination)
    }

    /// The steps of the rule that reach this destination, each with its position and why.
    fn reaching<'t>(
        &'t self,
        destination: &'t DestinationName,
    ) -> impl Iterator<Item = (usize, &'a Step, &'t Because)> {
        let steps = self.rule.steps.iter().zip(&self.steps).enumerate();
        steps.filter_map(move |(position, (step, doors))| {
            let door = doors.iter().find(|door| door.destination == *destination)?;
            Some((position, step, &door.because))
        })
    }
}

/// Says which messages are due about this referral at `now`, the reason for each and for each that is not, and when to
/// look again.
pub fn decide(case: &Case, rules: &Rules, now: Timestamp) -> Verdict {
    let cast = Cast::of(case, rules, now);
    let (taken, silence) = takers(case, rules, &cast, now);
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
            let at = Desk { case, rules, taken: &speaking, destination, now };
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
    cancel_the_rest(case, rules, silence, &mut verdict.lines);
    verdict.look_again = look_again(case, &verdict.lines, now);
    verdict
}

/// One destination's share of a decision.
struct Desk<'a> {
    case: &'a Case,
    rules: &'a Rules,
    taken: &'a [&'a Taken<'a>],
    destination: &'a DestinationName,
    now: Timestamp,
}

impl Desk<'_> {
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

    fn line(&self, purpose: Purpose, event: Event, rule: &RuleName, call: Call) -> Line {
        let key = Key::new(self.destination.clone(), purpose);
        Line {
            key,
            event,
            escalation: event == Event::Escalation,
            rule: rule.clone(),
            place: None,
            call,
            because: self.because(),
        }
    }

    /// Why this destination hears of the referral: by the first step that reaches it.
    fn because(&self) -> Because {
        let reached = self.taken.iter().find_map(|taken| taken.reaching(self.destination).next());
        reached.map(|(_, _, because)| because.clone()).unwrap_or_default()
    }
}

/// The rules that take the referral, and why it is silent where it is.
fn takers<'a>(case: &Case, rules: &'a Rules, cast: &Cast, now: Timestamp) -> (Vec<Taken<'a>>, Option<Silence>) {
    let Some(account) = rules.accounts.get(&case.account) else {
        return (Vec::new(), Some(Silence::AccountRemoved));
    };
    // What the server itself has listed it takes; only what is open and not listed is judged here.
    if !matches!(case.life, Life::Listed)
        && case.is_open()
        && let Some(filter) = &account.filter
    {
        let as_pending = [("substatus", Value::from("Pending"))];
        if !filter.matches(Subject { body: case.referral.body(), extra: &as_pending }) {
            return (Vec::new(), Some(Silence::FilteredOut));
        }
    }
    let mut taken = Vec::new();
    let mut extra = None;
    for rule in &rules.rules {
        let takes = rule.when.as_ref().is_none_or(|when| {
            let extra = extra.get_or_insert_with(|| beyond_the_body(case, rules));
            when.matches(Subject { body: case.referral.body(), extra })
        });
        if takes {
            taken.push(Taken::new(rule, account, cast, rules));
            if !rule.continues {
                break;
            }
        }
    }
    let silence = if taken.is_empty() {
        Some(Silence::NoRule)
    } else if taken.iter().all(|taken| taken.rule.steps.is_empty()) {
        Some(Silence::OnPurpose)
    } else if case.muted_at(now).is_some() {
        Some(Silence::Muted)
    } else {
        None
    };
    (taken, silence)
}

/// The rules that take a referral, those without steps among them, and why nobody hears of it, where nobody does.
pub fn taken_by(case: &Case, rules: &Rules, cast: &Cast, now: Timestamp) -> (Vec<RuleName>, Option<Silence>) {
    let (taken, silence) = takers(case, rules, cast, now);
    (taken.iter().map(|taken| taken.rule.name.clone()).collect(), silence)
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
fn destinations<'a>(case: &'a Case, taken: &[&'a Taken<'_>]) -> BTreeSet<&'a DestinationName> {
    let asked = taken.iter().flat_map(|taken| taken.steps.iter().flatten().chain(&taken.escalate_to));
    asked.map(|door| &door.destination).chain(case.told.keys()).collect()
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
fn cancel_the_rest(case: &Case, rules: &Rules, silence: Option<Silence>, lines: &mut Vec<Line>) {
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
        });
    }
}

fn look_again(case: &Case, lines: &[Line], now: Timestamp) -> Option<Timestamp> {
    let waits = lines.iter().filter_map(|line| match line.call {
        Call::Wait { until, .. } => Some(until),
        _ => None,
    });
    let unmuted = case.muted.as_ref().and_then(|mute| mute.until);
    let deadline = case.is_open().then_some(case.deadline.at);
    waits.chain(unmuted).chain(deadline).filter(|at| *at > now).min()
}
