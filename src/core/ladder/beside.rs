//! What stands beside the ladder: changes, being overdue, endings, and being open again.

use jiff::{SignedDuration, Timestamp, civil};

use super::{
    Call, Desk, Event, Line, Taken, WaitsFor,
    rungs::{keeps, keeps_as},
};
use crate::core::{
    case::{Fate, Life},
    hours::Hours,
    ids::RuleName,
    key::Purpose,
    referral::Closing,
    rules::{Rule, Step, Trigger},
};

/// Changes gather for so long before they are told.
const GATHERS: SignedDuration = SignedDuration::from_mins(10);
/// At most one `updated` in so long.
const UPDATES_APART: SignedDuration = SignedDuration::from_hours(1);

impl<'a> Desk<'a> {
    /// The step of this kind that reaches the destination, with its rule.
    fn step(&self, trigger: Trigger) -> Option<(&'a Rule, &'a Step)> {
        self.taken.iter().find_map(|taken| {
            let mut steps = taken.reaching(self.destination);
            let (_, step, _) = steps.find(|(_, step, _)| step.trigger == trigger)?;
            Some((taken.rule, step))
        })
    }

    /// `updated`: the referral differs from what this destination was told. `speaks`: the ladder message that is due
    /// there now, which tells the change as well.
    pub(super) fn updated(&self, speaks: Option<Purpose>, lines: &mut Vec<Line>) {
        let Some((rule, step)) = self.step(Trigger::Updated) else { return };
        let Some(told) = self.case.told.get(self.destination) else { return };
        let Some(since) = told.differs_since else { return };
        let purpose = Purpose::Updated(self.updates_over(told.updates) + 1);
        let gathered = since.saturating_add(GATHERS).unwrap_or(since);
        let spaced = told.updated_at.and_then(|last| last.saturating_add(UPDATES_APART).ok());
        let due = spaced.map_or(gathered, |spaced| spaced.max(gathered));
        let gate = keeps(self.rules, self.destination, Some(rule), Some(step)).gate;
        let call = if let Some(fate) = self.final_fate(purpose) {
            Call::Done(fate)
        } else if let Some(into) = speaks {
            Call::Folded { into }
        } else if self.now < due {
            let reason = if due > gathered { WaitsFor::Spacing } else { WaitsFor::Gathering };
            Call::Wait { until: due, reason }
        } else {
            self.at_an_opening(gate)
        };
        lines.push(self.line(purpose, Event::Updated, &rule.name, call, self.because()));
    }

    /// How many changes are over here: told, or given up.
    fn updates_over(&self, told: u32) -> u32 {
        let over = self.case.ledger.iter().filter_map(|entry| match (&entry.key.purpose, &entry.fate) {
            (Purpose::Updated(number), Fate::Dead | Fate::FellBack(_))
                if entry.key.destination == *self.destination =>
            {
                Some(*number)
            }
            _ => None,
        });
        over.max().unwrap_or_default().max(told)
    }

    /// `overdue`: past its deadline and still open, told to those of the last step at each opening.
    pub(super) fn overdue(&self, lines: &mut Vec<Line>) {
        let deadline = self.case.deadline.at;
        if self.now < deadline {
            return;
        }
        let Some((rule, step)) = self.last_step() else { return };
        // It is no news, also where the last step of the rule is `new`.
        let hours = keeps_as(false, self.rules, self.destination, Some(rule), Some(step));
        let confirmed = self.case.as_of.is_some_and(|as_of| as_of >= deadline);
        let (day, next) = self.overdue_day(hours.gate, hours.count, confirmed);
        if let Some(day) = day {
            let told_since = |day: &civil::Date| {
                self.case.ledger.iter().any(|entry| {
                    entry.key.destination == *self.destination
                        && matches!(entry.key.purpose, Purpose::Overdue(told) if told != *day && self.is_since_deadline(told, hours.count))
                        && entry.fate != Fate::Cancelled
                })
            };
            let purpose = Purpose::Overdue(day);
            let call = match self.final_fate(purpose) {
                Some(fate) => Some(Call::Done(fate)),
                // Not confirmed since the deadline: it is said once.
                None if !confirmed && told_since(&day) => None,
                None => Some(Call::Due { against_hours: false }),
            };
            lines.extend(call.map(|call| self.line(purpose, Event::Overdue, &rule.name, call, self.because())));
        }
        let next_day = next.to_zoned(hours.count.time_zone().clone()).date();
        let call = Call::Wait { until: next, reason: WaitsFor::Opening };
        lines.push(self.line(Purpose::Overdue(next_day), Event::Overdue, &rule.name, call, self.because()));
    }

    fn is_since_deadline(&self, day: civil::Date, count: &Hours) -> bool {
        day >= self.case.deadline.at.to_zoned(count.time_zone().clone()).date()
    }

    /// The day whose `overdue` is due now, where one is, and the next opening at which one will be.
    fn overdue_day(&self, gate: Option<&Hours>, count: &Hours, confirmed: bool) -> (Option<civil::Date>, Timestamp) {
        let deadline = self.case.deadline.at;
        let local_day = |at: Timestamp| at.to_zoned(count.time_zone().clone()).date();
        let hours = gate.unwrap_or(count);
        let first = hours.next_opening_after(deadline);
        let day = match gate {
            // A machine hears as soon as it is known to be open still, then at each opening.
            None if self.now < first => confirmed.then(|| local_day(deadline)),
            None => Some(local_day(count.opening_at_or_before(self.now))),
            Some(gate) if self.now >= first && gate.is_open(self.now) => Some(local_day(self.now)),
            Some(_) => None,
        };
        let next = hours.next_opening_after(self.now);
        // One a day: what a machine heard in the night it does not hear again at that day's opening.
        let next = if day == Some(local_day(next)) { hours.next_opening_after(next) } else { next };
        (day, next)
    }

    /// The step that stands last on the ladder of a rule and reaches this destination.
    fn last_step(&self) -> Option<(&'a Rule, &'a Step)> {
        self.taken.iter().find_map(|taken| {
            let last = self.last_of(taken)?;
            let (_, step, _) = taken.reaching(self.destination).find(|(position, ..)| *position == last)?;
            Some((taken.rule, step))
        })
    }

    /// Its position in the rule, whomever it reaches.
    fn last_of(&self, taken: &Taken<'a>) -> Option<usize> {
        let case = self.case;
        let stands = |step: &Step| {
            let count = keeps(self.rules, self.destination, Some(taken.rule), Some(step)).count;
            match step.trigger {
                Trigger::New => Some(case.created),
                Trigger::After(since) => Some(count.after(case.created, since)).filter(|at| *at < case.deadline.at),
                Trigger::BeforeExpiry(left) => Some(count.before(case.deadline.at, left)),
                _ => None,
            }
        };
        taken
            .rule
            .steps
            .iter()
            .enumerate()
            .filter_map(|(position, step)| Some((stands(step)?, position)))
            .max_by_key(|(at, _)| *at)
            .map(|(_, position)| position)
    }

    /// `reopened`, for those who were told of the closing.
    pub(super) fn reopened(&self, lines: &mut Vec<Line>) {
        let number = self.case.closings;
        let endings = [Purpose::Answered(number), Purpose::Expired(number), Purpose::Gone(number)];
        let heard = self.case.ledger.iter().find(|entry| {
            entry.key.destination == *self.destination
                && endings.contains(&entry.key.purpose)
                && (entry.fate == Fate::Accepted || entry.maybe)
        });
        if let Some(entry) = heard {
            let purpose = Purpose::Reopened(number);
            let call = self.final_fate(purpose).map_or(Call::Due { against_hours: false }, Call::Done);
            lines.push(self.line(purpose, Event::Reopened, &entry.rule.clone(), call, self.because()));
        }
    }

    /// `answered`, `expired` or `gone`: everybody who was told hears of the end, and `escalate_to` always of an expiry.
    pub(super) fn ending(&self, lines: &mut Vec<Line>) {
        let number = self.case.closings;
        let (purpose, event, trigger) = match self.case.life {
            Life::Closed { closing: Closing::Expired, .. } => {
                (Purpose::Expired(number), Event::Expired, Some(Trigger::Expired))
            }
            Life::Closed { .. } => (Purpose::Answered(number), Event::Answered, Some(Trigger::Answered)),
            Life::Gone { .. } => (Purpose::Gone(number), Event::Gone, None),
            Life::Listed | Life::Unlisted(_) | Life::Unseen { .. } => return,
        };
        let asked = trigger.and_then(|trigger| self.step(trigger));
        let told = self.case.was_told(self.destination);
        let above = event == Event::Expired && self.taken.iter().any(|taken| taken.above(self.destination).is_some());
        let wanted = event != Event::Answered || self.taken.iter().any(|taken| taken.rule.answered);
        // An answer may have taken it from its rule (`substatus eq 'Pending'`): who was told hears of it all the same.
        let rule = asked.map(|(rule, _)| rule).or(self.taken.first().map(|taken| taken.rule));
        let wanted = wanted || rule.is_none();
        if number == 0 || (asked.is_none() && !above && !(told && wanted)) {
            return;
        }
        let gate = self.ending_gate(event, rule, asked.map(|(_, step)| step));
        let rule = rule.map(|rule| rule.name.clone()).or_else(|| self.last_rule());
        let Some(rule) = rule else { return };
        let call = match self.final_fate(purpose) {
            Some(fate) => Call::Done(fate),
            None => self.at_an_opening(gate),
        };
        lines.push(self.line(purpose, event, &rule, call, self.because()));
    }

    /// The rule of the last message that went here.
    fn last_rule(&self) -> Option<RuleName> {
        let here = self.case.ledger.iter().rev().find(|entry| entry.key.destination == *self.destination);
        here.map(|entry| entry.rule.clone())
    }

    fn ending_gate(&self, event: Event, rule: Option<&'a Rule>, step: Option<&'a Step>) -> Option<&'a Hours> {
        if event == Event::Answered && step.is_none() {
            return None;
        }
        keeps(self.rules, self.destination, rule, step).gate
    }

    fn at_an_opening(&self, gate: Option<&Hours>) -> Call {
        match gate {
            Some(gate) if !gate.is_open(self.now) => {
                Call::Wait { until: gate.open_at_or_after(self.now), reason: WaitsFor::Opening }
            }
            _ => Call::Due { against_hours: false },
        }
    }

    fn final_fate(&self, purpose: Purpose) -> Option<Fate> {
        let fate = &self.entry(purpose)?.fate;
        matches!(fate, Fate::Accepted | Fate::Superseded | Fate::Dead | Fate::FellBack(_)).then(|| fate.clone())
    }
}
