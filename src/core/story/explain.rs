//! `explain`: everything about one referral that a person may ask for, each with its typed reason: which rules took it,
//! what happened, what waits and for what, what is to come, and why each other message was not sent. Pure.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    past::{Happening, key_of, past},
    plan::{Bounds, Plan, plan},
    waiting::Waiting,
};
use crate::core::{
    case::{Case, Entry, Fate, Life},
    filter::Subject,
    ids::{DestinationName, RuleName},
    journal::Line as Entered,
    key::{Key, Purpose},
    ladder::{Call, Line, Silence, Verdict, WaitsFor, WhyNot, beyond_the_body, decide, value_of},
    rules::Rules,
};

/// All that can be told of one referral.
#[derive(Clone, PartialEq, Debug)]
pub struct Explanation {
    /// Every rule, in the order of the file, and what came of it.
    pub rules: Vec<Trial>,
    /// Why nobody hears of it, where nobody does.
    pub silence: Option<Silence>,
    /// What happened, in the order of time.
    pub past: Vec<Happening>,
    /// What is due or held back now.
    pub pending: Vec<Pending>,
    /// What is to come if nobody answers.
    pub plan: Plan,
    /// What was not sent, and will not be.
    pub unsent: Vec<Unsent>,
}

/// What came of a rule.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Trial {
    /// Its name.
    pub rule: RuleName,
    /// What came of it.
    pub came: Trying,
}

/// What came of a rule.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trying {
    /// It took the referral.
    Took {
        /// Whether it has steps; without any it keeps silent on purpose.
        speaks: bool,
        /// Whether it let the next ones try.
        continues: bool,
    },
    /// Its `when` is not true of the referral.
    NotTrue {
        /// The `when`.
        when: String,
        /// The currency of the deal value, where `when` compares `value` and no rate for it is known.
        no_rate_for: Option<String>,
    },
    /// It was not asked: one before it took the referral.
    NotReached {
        /// The one that took it.
        taken_by: RuleName,
    },
}

/// A message that is due or held back now.
#[derive(Clone, PartialEq, Debug)]
pub struct Pending {
    /// Which, and the decision on it.
    pub line: Line,
    /// Why its rows in the outbox have not gone out; empty where it is not there.
    pub waits: Vec<Waiting>,
    /// How many repeats of the same step wait for the same, none of them in the outbox.
    pub repeats: u32,
}

/// A message that was not sent, and will not be.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Unsent {
    /// Which.
    pub key: Key,
    /// How many repeats of the same step shared its fate.
    pub repeats: u32,
    /// When it would have gone out, where that is known.
    pub due: Option<Timestamp>,
    /// Why it was not sent.
    pub why: UnsentWhy,
}

/// Why a message was not sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnsentWhy {
    /// A later step spoke in its place.
    Superseded {
        /// Which, where the journal still knows.
        by: Option<Purpose>,
    },
    /// It was told as part of a ladder message.
    Folded {
        /// Which.
        into: Purpose,
    },
    /// It had been sent under an earlier deadline.
    SentBefore,
    /// It was given up.
    Dead {
        /// Why, where the journal still knows.
        why: Option<String>,
    },
    /// It went to the fallback.
    FellBack {
        /// Where.
        to: DestinationName,
    },
    /// It was no longer asked for.
    Cancelled(WhyNot),
    /// The referral had ended before its time came.
    EndedBefore,
}

/// All that can be told of a case, given its lines of the journal in the order of time and, by message, why rows of the
/// outbox have not gone out.
pub fn explain(
    case: &Case,
    rules: &Rules,
    lines: &[(Timestamp, Entered)],
    waits: &[(Key, Waiting)],
    now: Timestamp,
    bounds: Bounds,
) -> Explanation {
    let verdict = decide(case, rules, now);
    Explanation {
        rules: trials(case, rules),
        silence: verdict.silence,
        past: past(lines),
        pending: pending(case, &verdict, waits),
        plan: plan(case, rules, now, bounds),
        unsent: unsent(case, rules, &verdict, lines),
    }
}

fn trials(case: &Case, rules: &Rules) -> Vec<Trial> {
    let extra = beyond_the_body(case, rules);
    let currency = case.referral.deal_value().and(case.referral.currency());
    let no_rate = currency.filter(|_| value_of(case, rules).is_none());
    let mut taken_by: Option<&RuleName> = None;
    let mut trials = Vec::with_capacity(rules.rules.len());
    for rule in &rules.rules {
        let came = match (taken_by, &rule.when) {
            (Some(by), _) => Trying::NotReached { taken_by: by.clone() },
            (None, Some(when)) if !when.matches(Subject { body: case.referral.body(), extra: &extra }) => {
                let no_rate_for = no_rate.filter(|_| when.mentions("value")).map(str::to_owned);
                Trying::NotTrue { when: when.source().to_owned(), no_rate_for }
            }
            (None, _) => {
                taken_by = (!rule.continues).then_some(&rule.name);
                Trying::Took { speaks: !rule.steps.is_empty(), continues: rule.continues }
            }
        };
        trials.push(Trial { rule: rule.name.clone(), came });
    }
    trials
}

/// What is due, in the outbox, or held back by something else than its time.
fn pending(case: &Case, verdict: &Verdict, waits: &[(Key, Waiting)]) -> Vec<Pending> {
    let mut pending = Vec::new();
    for line in &verdict.lines {
        let queued = case.entry(&line.key).is_some_and(|entry| matches!(entry.fate, Fate::Queued | Fate::Attempting));
        let held = match line.call {
            Call::Due { .. } => true,
            // The next day of being overdue is no message that something holds back.
            Call::Wait { reason: WaitsFor::Opening, .. } => queued || !matches!(line.key.purpose, Purpose::Overdue(_)),
            Call::Wait { reason: WaitsFor::Gathering | WaitsFor::Spacing | WaitsFor::Claim, .. } => true,
            Call::Wait { reason: WaitsFor::ItsTime | WaitsFor::Moved { .. }, .. } => queued,
            Call::Superseded { .. } | Call::Folded { .. } | Call::Done(_) | Call::SentBefore | Call::Cancelled(_) => {
                false
            }
        };
        if held {
            let mut here: Vec<Waiting> = Vec::new();
            for (_, waiting) in waits.iter().filter(|(key, _)| *key == line.key) {
                let waiting = waiting.clone().by(&line.call);
                if !here.contains(&waiting) {
                    here.push(waiting);
                }
            }
            gather(&mut pending, Pending { line: line.clone(), waits: here, repeats: 0 });
        }
    }
    pending
}

/// Repeats of one step that a claim puts off to its end are told as one: there one of them speaks for all.
fn gather(pending: &mut Vec<Pending>, one: Pending) {
    let same = |known: &&mut Pending| {
        let (a, b) = (&known.line, &one.line);
        (&a.key.destination, &a.key.stands_in_for, &a.call) == (&b.key.destination, &b.key.stands_in_for, &b.call)
            && step_of(a.key.purpose) == step_of(b.key.purpose)
            && known.waits.is_empty()
    };
    let rests = matches!(one.line.call, Call::Wait { reason: WaitsFor::Claim, .. }) && one.waits.is_empty();
    match pending.iter_mut().find(same).filter(|_| rests) {
        Some(known) => known.repeats += 1,
        None => pending.push(one),
    }
}

/// What will not be sent: what the ledger says is over, what the verdict leaves out, what the end came before.
fn unsent(case: &Case, rules: &Rules, verdict: &Verdict, lines: &[(Timestamp, Entered)]) -> Vec<Unsent> {
    let mut found: Vec<Unsent> = Vec::new();
    let place_of = |key: &Key| verdict.lines.iter().find(|line| line.key == *key)?.place.map(|(place, _)| place);
    for entry in &case.ledger {
        let revived = verdict
            .lines
            .iter()
            .any(|line| line.key == entry.key && matches!(line.call, Call::Due { .. } | Call::Wait { .. }));
        if let Some(why) = why_over(entry, lines).filter(|_| !revived) {
            add(&mut found, Unsent { key: entry.key.clone(), repeats: 0, due: place_of(&entry.key), why });
        }
    }
    for line in verdict.lines.iter().filter(|line| case.entry(&line.key).is_none()) {
        if let Some(why) = why_left_out(&line.call) {
            let due = line.place.map(|(place, _)| place);
            add(&mut found, Unsent { key: line.key.clone(), repeats: 0, due, why });
        }
    }
    for line in never_came(case, rules) {
        let due = line.place.map(|(place, _)| place);
        add(&mut found, Unsent { key: line.key, repeats: 0, due, why: UnsentWhy::EndedBefore });
    }
    found.sort_by(|a, b| (&a.key.destination, a.due).cmp(&(&b.key.destination, b.due)));
    found
}

/// Repeats of one step that were not sent for one reason are told as one.
fn add(found: &mut Vec<Unsent>, unsent: Unsent) {
    let same = |known: &&mut Unsent| {
        known.key.destination == unsent.key.destination
            && known.key.stands_in_for == unsent.key.stands_in_for
            && known.why == unsent.why
            && step_of(known.key.purpose) == step_of(unsent.key.purpose)
    };
    let one_of_many = unsent.key.purpose.is_one_of_many();
    match found.iter_mut().find(same).filter(|_| one_of_many) {
        Some(known) => known.repeats += 1,
        None => found.push(unsent),
    }
}

/// The purpose without what tells its repeats apart.
fn step_of(purpose: Purpose) -> Purpose {
    match purpose {
        Purpose::After { since, .. } => Purpose::After { since, repeat: None },
        Purpose::BeforeExpiry { left, armed, .. } => Purpose::BeforeExpiry { left, armed, repeat: None },
        Purpose::Updated(_) => Purpose::Updated(0),
        Purpose::Overdue(_) => Purpose::Overdue(jiff::civil::Date::ZERO),
        other @ (Purpose::New
        | Purpose::Answered(_)
        | Purpose::Expired(_)
        | Purpose::Gone(_)
        | Purpose::Reopened(_)) => other,
    }
}

fn why_over(entry: &Entry, lines: &[(Timestamp, Entered)]) -> Option<UnsentWhy> {
    let said = || lines.iter().rev().map(|(_, line)| line).filter(|line| key_of(line) == Some(&entry.key));
    Some(match &entry.fate {
        Fate::Queued | Fate::Attempting | Fate::Accepted => return None,
        Fate::Superseded => UnsentWhy::Superseded {
            by: said().find_map(|line| if let Entered::Superseded { by, .. } = line { Some(*by) } else { None }),
        },
        Fate::Dead => UnsentWhy::Dead {
            why: said().find_map(|line| if let Entered::Dead { why, .. } = line { Some(why.clone()) } else { None }),
        },
        Fate::FellBack(to) => UnsentWhy::FellBack { to: to.clone() },
        Fate::Cancelled => said()
            .find_map(|line| match line {
                Entered::Cancelled { why, .. } => Some(UnsentWhy::Cancelled(*why)),
                Entered::Folded { into, .. } => Some(UnsentWhy::Folded { into: *into }),
                _ => None,
            })
            .unwrap_or(UnsentWhy::Cancelled(WhyNot::NotAskedFor)),
    })
}

fn why_left_out(call: &Call) -> Option<UnsentWhy> {
    Some(match call {
        Call::Superseded { by } => UnsentWhy::Superseded { by: Some(*by) },
        Call::Folded { into } => UnsentWhy::Folded { into: *into },
        Call::SentBefore => UnsentWhy::SentBefore,
        Call::Cancelled(why) => UnsentWhy::Cancelled(*why),
        Call::Done(Fate::Superseded) => UnsentWhy::Superseded { by: None },
        Call::Done(Fate::Dead) => UnsentWhy::Dead { why: None },
        Call::Done(Fate::FellBack(to)) => UnsentWhy::FellBack { to: to.clone() },
        Call::Done(Fate::Queued | Fate::Attempting | Fate::Accepted | Fate::Cancelled)
        | Call::Due { .. }
        | Call::Wait { .. } => return None,
    })
}

/// Steps whose time had not come when the referral ended.
fn never_came(case: &Case, rules: &Rules) -> Vec<Line> {
    let (Life::Closed { at, .. } | Life::Gone { at }) = case.life else { return Vec::new() };
    let open = Case { life: Life::Listed, ..case.clone() };
    let lines = decide(&open, rules, at).lines.into_iter();
    let mut first: BTreeMap<Key, Line> = BTreeMap::new();
    for line in lines.filter(|line| matches!(line.call, Call::Wait { .. }) && line.key.purpose.is_on_ladder()) {
        if case.entry(&line.key).is_none() {
            first.entry(line.key.clone()).or_insert(line);
        }
    }
    let mut lines: Vec<Line> = first.into_values().collect();
    lines.sort_by_key(|line| line.place);
    lines
}
