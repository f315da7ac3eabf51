//! The ladder of one destination: its rungs in order, which of them is due, and what it supersedes.

use jiff::{SignedDuration, Timestamp};

use super::{Call, Desk, Event, Line, WaitsFor, WhyNot};
use crate::core::{
    case::Fate,
    hours::Hours,
    ids::DestinationName,
    key::Purpose,
    people::Because,
    period::{Period, Seconds},
    rules::{HoursChoice, Rule, Rules, Step, Trigger},
};

/// So many repeats of one step are looked at, at most: 14 days at the shortest allowed `every`, with room to spare.
const REPEATS_MAX: u32 = 2_000;

/// A step that reaches this destination.
#[derive(Clone, Copy)]
struct Asked<'a> {
    rule: &'a Rule,
    step: &'a Step,
    because: &'a Because,
    /// Its position in the file, for ties.
    written: (usize, usize),
}

/// One rung: a step, or one repeat of it, at one destination.
pub(super) struct Rung<'a> {
    rule: &'a Rule,
    because: &'a Because,
    pub(super) purpose: Purpose,
    pub(super) escalate: bool,
    /// Where it stands before hours and claims move it.
    base: Timestamp,
    /// Where it stands.
    pub(super) place: Timestamp,
    /// Of a repeat: where its step stands.
    pub(super) repeats: Option<Timestamp>,
    /// The hours that must be open for it to go out; none: any time.
    pub(super) gate: Option<&'a Hours>,
    /// Whether its time before the move was already past when a moved deadline re-armed it.
    behind: bool,
    /// Whether a claim has moved it to its end.
    pub(super) rests: bool,
    /// Its step's position in the file, for ties.
    written: (usize, usize),
    /// What has become of it so far.
    pub(super) past: Past,
}

impl Rung<'_> {
    /// On a tie the place before the move decides, then `escalate`, then the file.
    pub(super) fn order(&self) -> (Timestamp, Timestamp, bool, (usize, usize)) {
        (self.place, self.base, self.escalate, self.written)
    }

    /// Whether its destination has heard it, or what stands further up.
    pub(super) fn is_heard(&self, reached: Option<(Timestamp, Timestamp)>) -> bool {
        matches!(self.past, Past::Heard(_)) || reached.is_some_and(|reached| (self.place, self.base) <= reached)
    }
}

/// What has become of a rung so far.
pub(super) enum Past {
    /// Nothing final.
    Open,
    /// An attempt is under way, which nothing stops.
    Attempting,
    /// Its reader has heard it, here or at its fallback, or under an earlier deadline.
    Heard(Call),
    /// It was handed on to the fallback, which has not accepted it yet.
    HandedOn(Call),
    /// It is over otherwise.
    Over(Call),
}

/// The hours that one step keeps at one destination.
#[derive(Clone, Copy)]
pub(super) struct Keeps<'a> {
    /// Must be open for sending; none: any time.
    pub gate: Option<&'a Hours>,
    /// In which working days and hours are counted.
    pub count: &'a Hours,
}

impl<'a> Desk<'a> {
    /// Adds a line for every rung of this destination's ladder.
    pub(super) fn ladder(&self, lines: &mut Vec<Line>) {
        let mut rungs = self.settled();
        let over = self.now >= self.case.deadline.at;
        let top = rungs.iter().rposition(|rung| match rung.past {
            Past::Heard(_) | Past::HandedOn(_) | Past::Over(Call::Done(Fate::Dead)) => true,
            Past::Over(_) => false,
            Past::Open | Past::Attempting => self.ready(rung),
        });
        if let Some(top) = top {
            let carries = carried(&rungs[..top], self.reached());
            rungs[top].escalate |= carries;
        }
        let top_purpose = top.map(|top| rungs[top].purpose);
        for (index, rung) in rungs.iter().enumerate() {
            let call = match (&rung.past, top, top_purpose) {
                (Past::Attempting, ..) => Call::Due { against_hours: false },
                (Past::HandedOn(_), Some(top), Some(by)) if index < top => Call::Superseded { by },
                (Past::Heard(call) | Past::Over(call) | Past::HandedOn(call), ..) => call.clone(),
                (Past::Open, ..) if over => Call::Cancelled(WhyNot::PastDeadline),
                (Past::Open, Some(top), Some(by)) if index < top => Call::Superseded { by },
                (Past::Open, Some(top), _) if index == top => {
                    Call::Due { against_hours: rung.gate.is_some_and(|gate| !gate.is_open(self.now)) }
                }
                (Past::Open, ..) => self.waits(rung),
            };
            lines.push(self.rung_line(rung, call));
        }
    }

    /// The rungs in their order, after hours and a claim have moved them, each with what has become of it.
    fn settled(&self) -> Vec<Rung<'a>> {
        let mut rungs = merged(self.rungs());
        for rung in &mut rungs {
            rung.past = self.past(rung);
        }
        self.claimed(&mut rungs);
        for rung in &mut rungs {
            if matches!(rung.past, Past::Open) {
                if self.is_passed(rung) {
                    rung.past = Past::Over(Call::Done(Fate::Superseded));
                } else if self.is_seen_to(rung) {
                    rung.past = Past::Over(Call::Cancelled(WhyNot::SeenTo));
                }
            }
        }
        rungs
    }

    fn rung_line(&self, rung: &Rung<'_>, call: Call) -> Line {
        let event = if rung.escalate {
            Event::Escalation
        } else if rung.purpose == Purpose::New || !self.case.was_told(self.destination) {
            // The first ladder message that a destination gets is rendered as `new`, whichever step it comes from.
            Event::New
        } else {
            Event::Reminder
        };
        let place = Some((rung.place, rung.base));
        let line = self.line(rung.purpose, event, &rung.rule.name, call, rung.because.clone());
        Line { place, rested: rung.rests, ..line }
    }

    fn waits(&self, rung: &Rung<'_>) -> Call {
        if self.now < rung.place {
            let reason = match rung.rests {
                true => WaitsFor::Claim,
                false if rung.base != rung.place => WaitsFor::Moved { from: rung.base },
                false => WaitsFor::ItsTime,
            };
            return Call::Wait { until: rung.place, reason };
        }
        let until = rung.gate.map_or(self.now, |gate| gate.open_at_or_after(self.now));
        Call::Wait { until, reason: WaitsFor::Opening }
    }

    /// Whether its time has come and it may go out now. A countdown goes out against hours where the next opening would
    /// leave less than two open hours.
    fn ready(&self, rung: &Rung<'_>) -> bool {
        rung.place <= self.now
            && rung.gate.is_none_or(|gate| {
                gate.is_open(self.now)
                    || (rung.purpose != Purpose::New && gate.leaves_too_little(self.now, self.case.deadline.at))
            })
    }

    fn past(&self, rung: &Rung<'_>) -> Past {
        match self.entry(rung.purpose).map(|entry| &entry.fate) {
            Some(Fate::Accepted) => Past::Heard(Call::Done(Fate::Accepted)),
            Some(Fate::Superseded) => Past::Over(Call::Done(Fate::Superseded)),
            Some(Fate::Dead) => Past::Over(Call::Done(Fate::Dead)),
            Some(Fate::FellBack(fallback)) => {
                let call = Call::Done(Fate::FellBack(fallback.clone()));
                let heard = self.case.ledger.iter().any(|entry| {
                    entry.key.stands_in_for.as_ref() == Some(self.destination)
                        && entry.key.purpose == rung.purpose
                        && entry.fate == Fate::Accepted
                });
                if heard { Past::Heard(call) } else { Past::HandedOn(call) }
            }
            Some(Fate::Attempting) => Past::Attempting,
            Some(Fate::Queued | Fate::Cancelled) | None => self.unsent(rung),
        }
    }

    fn unsent(&self, rung: &Rung<'_>) -> Past {
        if let Some(said) = self.said_for_another(rung) {
            return said;
        }
        if rung.behind && self.was_sent_before(rung.purpose) {
            return Past::Heard(Call::SentBefore);
        }
        Past::Open
    }

    /// Whether it stands before the furthest point that was heard, or put into the outbox: then it is not told any more,
    /// whatever the settings say now. One that waits in the outbox has spoken itself, wherever it stood when it did.
    pub(super) fn is_passed(&self, rung: &Rung<'_>) -> bool {
        let spoken = self.case.spoken.get(self.destination).filter(|_| !self.is_queued(rung));
        self.reached().max(spoken.copied()).is_some_and(|reached| (rung.place, rung.base) < reached)
    }

    pub(super) fn is_queued(&self, rung: &Rung<'_>) -> bool {
        self.entry(rung.purpose).is_some_and(|entry| entry.fate == Fate::Queued)
    }

    /// The furthest point on the ladder that was heard here.
    pub(super) fn reached(&self) -> Option<(Timestamp, Timestamp)> {
        self.case.told.get(self.destination)?.reached
    }

    /// The same message may have come here as a fallback, for a destination that failed: it is not said twice.
    fn said_for_another(&self, rung: &Rung<'_>) -> Option<Past> {
        let copy = self.case.ledger.iter().find(|entry| {
            entry.key.stands_in_for.is_some()
                && entry.key.destination == *self.destination
                && entry.key.purpose == rung.purpose
                && (entry.escalation || !rung.escalate)
        })?;
        match copy.fate {
            Fate::Accepted => Some(Past::Heard(Call::Done(Fate::Accepted))),
            Fate::Queued | Fate::Attempting => Some(Past::HandedOn(Call::Done(copy.fate.clone()))),
            Fate::Superseded | Fate::Dead | Fate::FellBack(_) | Fate::Cancelled => None,
        }
    }

    /// Whether the same step was accepted under an earlier deadline.
    fn was_sent_before(&self, purpose: Purpose) -> bool {
        let Purpose::BeforeExpiry { left, repeat, .. } = purpose else { return false };
        self.case.ledger.iter().any(|entry| {
            entry.key.destination == *self.destination
                && entry.fate == Fate::Accepted
                && matches!(entry.key.purpose, Purpose::BeforeExpiry { left: l, repeat: r, .. } if l == left && r == repeat)
        })
    }

    pub(super) fn rungs(&self) -> Vec<Rung<'a>> {
        let mut rungs = Vec::with_capacity(8);
        for (number, taken) in self.taken.iter().enumerate() {
            let first = rungs.len();
            let mut repeating = Vec::new();
            for (position, step, because) in taken.reaching(self.destination) {
                let asked = Asked { rule: taken.rule, step, because, written: (number, position) };
                if let Some(rung) = self.rung(asked, None) {
                    if let Some(every) = step.every {
                        repeating.push((rungs.len(), asked, every));
                    }
                    rungs.push(rung);
                }
            }
            let steps = rungs.len();
            for (index, asked, every) in repeating {
                let start = rungs[index].order();
                let next = rungs[first..steps].iter().map(Rung::order).filter(|order| *order > start).min();
                let repeats = self.repeats(asked, every, next.map(|order| order.0));
                rungs.extend(repeats.into_iter().map(|rung| Rung { repeats: Some(start.0), ..rung }));
            }
        }
        rungs
    }

    /// The repeats of a step, up to the next step of its rule for this destination, or the deadline.
    fn repeats(&self, asked: Asked<'a>, every: Period, next: Option<Timestamp>) -> Vec<Rung<'a>> {
        let floor = self.floor(asked.step.trigger);
        let offsets = (1..=REPEATS_MAX).map_while(|count| every.times(count));
        offsets
            .map_while(|offset| self.rung(asked, Some(offset)))
            .filter(|rung| rung.base > floor && next.is_none_or(|next| rung.place < next))
            .collect()
    }

    /// The hours that a `new` keeps which comes late, as others are asked by now: those of a step that is no news.
    fn late_news(&self, asked: Asked<'a>) -> Option<&'a Hours> {
        let late = asked.step.trigger == Trigger::New && self.others && *asked.because != Because::Named;
        let unnamed = asked.step.hours.is_none();
        let gate =
            (late && unnamed).then(|| keeps(self.rules, self.destination, Some(asked.rule), None).gate).flatten();
        // With no time left for an opening a night is better than never.
        gate.filter(|gate| !gate.leaves_too_little(self.now, self.case.deadline.at))
    }

    /// No rung stands before its referral was created, nor one that a moved deadline re-armed before the move was read.
    fn floor(&self, trigger: Trigger) -> Timestamp {
        match (trigger, self.case.deadline.rearmed_at) {
            (Trigger::BeforeExpiry(_), Some(rearmed)) => rearmed.max(self.case.created),
            _ => self.case.created,
        }
    }

    /// The rung of a step, or of one repeat of it; none for a step that is not on the ladder, or would come after the end.
    fn rung(&self, asked: Asked<'a>, repeat: Option<Period>) -> Option<Rung<'a>> {
        let Asked { rule, step, because, written } = asked;
        let deadline = self.case.deadline.at;
        let keeps = keeps(self.rules, self.destination, Some(rule), Some(step));
        // Who stands in from midnight on, or is back then, need not hear in the night what is new to them alone.
        let gate = keeps.gate.or_else(|| self.late_news(asked));
        let shifted = |start: Timestamp| match repeat {
            Some(Period::Elapsed(Seconds(seconds))) => {
                start.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
            }
            Some(working) => keeps.count.after(start, working),
            None => start,
        };
        let (purpose, raw, moved) = match step.trigger {
            Trigger::New => {
                let raw = self.case.created;
                // Late news waits where it stands: what it moved up the ladder for would be lost, or told before it.
                (Purpose::New, raw, keeps.gate.map_or(raw, |gate| gate.open_at_or_after(raw)))
            }
            Trigger::After(since) => {
                let raw = shifted(keeps.count.after(self.case.created, since));
                (Purpose::After { since, repeat }, raw, opening(gate, raw, deadline))
            }
            Trigger::BeforeExpiry(left) => {
                let raw = shifted(keeps.count.before(deadline, left));
                let armed = self.case.deadline.armed;
                let moved = gate.map_or(raw, |gate| gate.brought_forward(raw));
                (Purpose::BeforeExpiry { left, armed, repeat }, raw, moved)
            }
            Trigger::Updated | Trigger::Answered | Trigger::Expired => return None,
        };
        if raw >= deadline && purpose != Purpose::New {
            return None;
        }
        let floor = self.floor(step.trigger);
        let before_expiry = matches!(step.trigger, Trigger::BeforeExpiry(_));
        let behind = before_expiry && self.case.deadline.rearmed_at.is_some_and(|rearmed| moved <= rearmed);
        let (base, place) = (raw.max(floor), moved.max(floor));
        Some(Rung {
            rule,
            because,
            purpose,
            escalate: step.escalate,
            base,
            place,
            repeats: None,
            gate,
            behind,
            rests: false,
            written,
            past: Past::Open,
        })
    }
}

/// The opening at or after an instant; the instant itself where that would leave too little time before the deadline.
pub(super) fn opening(gate: Option<&Hours>, at: Timestamp, deadline: Timestamp) -> Timestamp {
    let waits = |gate: &&Hours| !gate.is_open(at) && !gate.leaves_too_little(at, deadline);
    gate.filter(waits).map_or(at, |gate| gate.open_at_or_after(at))
}

/// Where two steps meet in one key the first in the file speaks, as an escalation if either is one.
fn merged(mut rungs: Vec<Rung<'_>>) -> Vec<Rung<'_>> {
    rungs.sort_by_key(|rung| (rung.purpose, rung.written));
    rungs.dedup_by(|second, first| {
        let same = second.purpose == first.purpose;
        first.escalate |= same && second.escalate;
        same
    });
    rungs.sort_by_key(Rung::order);
    rungs
}

/// Whether an escalation that nobody there has heard stands before the rung that speaks.
fn carried(rungs: &[Rung<'_>], reached: Option<(Timestamp, Timestamp)>) -> bool {
    let mut unheard = rungs.iter().rev().take_while(|rung| !rung.is_heard(reached));
    unheard.any(|rung| rung.escalate)
}

/// Which hours a message keeps at a destination: the step's before the destination's, those before the rule's, those
/// before `default`. News and machines keep only hours that are named for them; `always` opens for sending, and leaves
/// the counting to the next in line.
pub(super) fn keeps<'a>(
    rules: &'a Rules,
    destination: &DestinationName,
    rule: Option<&'a Rule>,
    step: Option<&'a Step>,
) -> Keeps<'a> {
    let is_news = step.is_some_and(|step| step.trigger.is_news());
    keeps_as(is_news, rules, destination, rule, step)
}

/// The same for a message that is news, or is none whatever the step that asks for it.
pub(super) fn keeps_as<'a>(
    is_news: bool,
    rules: &'a Rules,
    destination: &DestinationName,
    rule: Option<&'a Rule>,
    step: Option<&'a Step>,
) -> Keeps<'a> {
    let target = rules.destinations.get(destination);
    let own = step.and_then(|step| step.hours.as_ref());
    let theirs = target.and_then(|target| target.hours.as_ref());
    let usual = rule.and_then(|rule| rule.hours.as_ref());
    let named = |choice: Option<&'a HoursChoice>| match choice {
        Some(HoursChoice::Named(hours)) => Some(hours.as_ref()),
        _ => None,
    };
    let count = named(own).or(named(theirs)).or(named(usual)).unwrap_or(&rules.default_hours);
    let keeps_unnamed = target.is_none_or(|target| target.keeps_hours);
    let gate = match (own, theirs) {
        (Some(choice), _) => named(Some(choice)),
        (None, _) if is_news => None,
        (None, Some(choice)) => named(Some(choice)),
        (None, None) if !keeps_unnamed => None,
        (None, None) => match usual {
            Some(choice) => named(Some(choice)),
            None => Some(rules.default_hours.as_ref()),
        },
    };
    Keeps { gate, count }
}
