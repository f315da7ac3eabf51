//! `plan`: `decide` walked along virtual time. Nobody answers, nothing changes, and every channel takes what it is given;
//! what falls due at each instant is remembered as the writer would remember it, and the next instant is the one at which
//! the verdict says to look again. Pure; bounded in messages and in stops.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::core::{
    case::{Case, Entry, Fate, Life},
    ids::DestinationName,
    key::{Key, Purpose},
    ladder::{Call, Line, Silence, Verdict, WhyNot, decide},
    rules::Rules,
};

/// So many instants are looked at for one referral, at most: more than any ladder has steps.
pub(super) const STOPS_MAX: usize = 3_000;
/// So many messages fall due about one referral at one instant, at most.
const AT_ONCE_MAX: usize = 500;

/// How far a plan is walked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// What comes later is of no interest.
    pub until: Timestamp,
    /// No more messages than this.
    pub messages: usize,
}

/// What is still to come about one referral.
#[derive(Clone, PartialEq, Debug)]
pub struct Plan {
    /// Every message, in the order of time. Of the days of being overdue only the first at each destination: from then on
    /// there is one at each opening.
    pub coming: Vec<Coming>,
    /// Why nobody hears of it, where nobody does.
    pub silence: Option<Silence>,
    /// Whether there is more than the bounds allow.
    pub cut: bool,
}

/// One message to come.
#[derive(Clone, PartialEq, Debug)]
pub struct Coming {
    /// When, after hours have moved it.
    pub at: Timestamp,
    /// Which message, how it is rendered, and the rule that asks for it.
    pub line: Line,
    /// Whether it waits in the outbox already.
    pub waits: bool,
}

impl Coming {
    /// When it would have come without hours, where they move it.
    pub fn moved_from(&self) -> Option<Timestamp> {
        self.line.moved_from()
    }

    /// Whether it goes out although hours are closed, because waiting would leave too little time.
    pub fn against_hours(&self) -> bool {
        self.line.call == Call::Due { against_hours: true }
    }

    /// Whether it comes only if Partner Center still shows the referral as open then.
    pub fn if_still_open(&self) -> bool {
        matches!(self.line.key.purpose, Purpose::Overdue(_))
    }
}

/// Every message still to come about a referral, from `now` on.
pub fn plan(case: &Case, rules: &Rules, now: Timestamp, bounds: Bounds) -> Plan {
    let mut walk = Walk::new(case.clone(), rules, bounds, false);
    let silence = decide(case, rules, now).silence;
    let mut at = now;
    for _ in 0..STOPS_MAX {
        let verdict = walk.settle(at);
        let Some(next) = walk.next_stop(&verdict, at) else { break };
        if walk.cut || next > bounds.until {
            walk.cut |= !walk.cut && is_more_to_come(&verdict);
            break;
        }
        at = next;
    }
    Plan { coming: walk.coming, silence, cut: walk.cut }
}

fn waiting_in(case: &Case) -> BTreeSet<Key> {
    let waits = |entry: &&Entry| matches!(entry.fate, Fate::Queued | Fate::Attempting);
    case.ledger.iter().filter(waits).map(|entry| entry.key.clone()).collect()
}

fn is_more_to_come(verdict: &Verdict) -> bool {
    verdict.lines.iter().any(|line| matches!(line.call, Call::Wait { .. }))
}

/// One referral on its way along virtual time.
pub(super) struct Walk<'a> {
    /// As it is remembered at this instant.
    pub case: Case,
    rules: &'a Rules,
    /// What waited in the outbox when the walk began.
    waits: BTreeSet<Key>,
    /// What was sent on the way.
    pub coming: Vec<Coming>,
    /// Where an `overdue` has come already.
    overdue: BTreeSet<DestinationName>,
    /// Whether each further day of being overdue counts too.
    every_overdue: bool,
    /// Whether there was more than the bounds allow.
    pub cut: bool,
    bounds: Bounds,
}

impl<'a> Walk<'a> {
    /// At the beginning of the way.
    pub fn new(case: Case, rules: &'a Rules, bounds: Bounds, every_overdue: bool) -> Self {
        let (waits, coming, overdue) = (waiting_in(&case), Vec::new(), BTreeSet::new());
        Self { case, rules, waits, coming, overdue, every_overdue, cut: false, bounds }
    }

    fn is_seen(&self) -> bool {
        matches!(self.case.life, Life::Listed | Life::Unlisted(_))
    }

    /// Does what is due at this instant, as the writer and the channels would.
    pub fn settle(&mut self, now: Timestamp) -> Verdict {
        if self.is_seen() {
            // Polls go on, and show it open.
            self.case.as_of = self.case.as_of.max(Some(now));
        }
        let mut verdict = decide(&self.case, self.rules, now);
        for _ in 0..AT_ONCE_MAX {
            carry_out(&mut self.case, &verdict, now);
            let Some(line) = first_to_go(&self.case, &verdict) else { break };
            self.accepted(line, now);
            verdict = decide(&self.case, self.rules, now);
        }
        verdict
    }

    fn accepted(&mut self, line: Line, now: Timestamp) {
        if let Some(entry) = self.case.ledger.iter_mut().find(|entry| entry.key == line.key) {
            entry.fate = Fate::Accepted;
            entry.at = now;
        }
        self.case.tell(&line.key, line.place, now);
        let again =
            matches!(line.key.purpose, Purpose::Overdue(_)) && !self.overdue.insert(line.key.destination.clone());
        if again && !self.every_overdue {
            return;
        }
        if self.coming.len() >= self.bounds.messages {
            self.cut = true;
            return;
        }
        let waits = self.waits.remove(&line.key);
        self.coming.push(Coming { at: now, line, waits });
    }

    /// The next instant that may bring something; none where only further days of being overdue are to come, to nobody who
    /// has not heard of one.
    pub fn next_stop(&self, verdict: &Verdict, now: Timestamp) -> Option<Timestamp> {
        let told = |line: &Line| {
            !self.every_overdue
                && matches!(line.key.purpose, Purpose::Overdue(_))
                && self.overdue.contains(&line.key.destination)
        };
        let past = now >= self.case.deadline.at || !self.case.is_open();
        let waits = verdict.lines.iter().any(|line| matches!(line.call, Call::Wait { .. }) && !told(line));
        let unmuted = self.case.muted.as_ref().and_then(|mute| mute.until).is_some_and(|until| until > now);
        let next = if past && !waits && !unmuted { verdict.others_at } else { verdict.look_again };
        next.filter(|next| *next > now)
    }
}

/// The message that goes out next: in the order in which they came into the outbox.
fn first_to_go(case: &Case, verdict: &Verdict) -> Option<Line> {
    let queued = case.ledger.iter().filter(|entry| matches!(entry.fate, Fate::Queued | Fate::Attempting));
    let due = |entry: &Entry| verdict.lines.iter().find(|line| line.key == entry.key && line.call.is_due());
    queued.filter_map(due).next().cloned()
}

/// What a verdict does to what is remembered, as the writer does it.
fn carry_out(case: &mut Case, verdict: &Verdict, now: Timestamp) {
    for line in &verdict.lines {
        let fate = case.entry(&line.key).map(|entry| entry.fate.clone());
        let waits = fate == Some(Fate::Queued);
        let fate = match &line.call {
            Call::Due { .. } if waits || fate == Some(Fate::Attempting) => continue,
            Call::Due { .. } => {
                if let (Some(place), None) = (line.place, &line.key.stands_in_for) {
                    let spoken = case.spoken.entry(line.key.destination.clone()).or_insert(place);
                    *spoken = place.max(*spoken);
                }
                Fate::Queued
            }
            Call::Superseded { .. }
                if fate != Some(Fate::Superseded) && (fate.is_some() || !line.key.purpose.is_one_of_many()) =>
            {
                Fate::Superseded
            }
            Call::Cancelled(WhyNot::PastDeadline) if waits && line.escalation => Fate::Dead,
            Call::Folded { .. } | Call::Cancelled(_) if waits => Fate::Cancelled,
            Call::Done(done) if waits => done.clone(),
            _ => continue,
        };
        let (key, rule, escalation) = (line.key.clone(), line.rule.clone(), line.escalation);
        case.record(Entry { key, fate, at: now, escalation, rule, maybe: false });
    }
}
