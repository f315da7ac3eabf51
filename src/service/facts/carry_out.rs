//! From a verdict to the outbox: what is due is queued, what is superseded or no longer asked for leaves it, and the
//! journal says so.

use jiff::Timestamp;

use super::{Lane, State, journal::Line as Entered, recipients::addresses};
use crate::{
    core::{
        case::{Case, Entry, Fate},
        key::Key,
        ladder::{Call, Event, Line, Silence, Verdict, WhyNot, decide},
        notice::GaveUp,
        outbox::{About, Class, PAUSE_MAX, Row},
    },
    store::StoreFault,
};

impl State {
    /// Decides on a case at `now`, carries the verdict out and keeps the case. `fingerprint` is that of the text it was
    /// just read from.
    pub(super) fn decide_on(
        &mut self,
        mut case: Case,
        fingerprint: Option<u64>,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        if self.doubts_the_clock() {
            return self.decide_later(case, fingerprint);
        }
        // What was just read may say that it is still open.
        let listing = self.account(&case.account).and_then(|record| record.last_whole);
        case.as_of = case.as_of.max(case.known_open_as_of(listing));
        self.end_of_mute(&mut case, now)?;
        let orders = self.orders.clone();
        let mut verdict = decide(&case, &orders.rules, now);
        let told = case.told.len();
        self.carry_out(&mut case, &verdict, now)?;
        if case.told.len() > told {
            // A message that may have arrived has left the outbox: who may have it is owed the rest of the story.
            verdict = decide(&case, &orders.rules, now);
            self.carry_out(&mut case, &verdict, now)?;
        }
        self.note_silence(&case, &verdict, now)?;
        let shelved = matches!(verdict.silence, Some(Silence::AccountRemoved | Silence::FilteredOut));
        self.shelving = Some((case.number, shelved));
        self.save(case, verdict.look_again, fingerprint)
    }

    /// Brings the outbox and the ledger in line with a verdict; says whether the case has changed.
    pub(super) fn carry_out(&mut self, case: &mut Case, verdict: &Verdict, now: Timestamp) -> Result<bool, StoreFault> {
        let mut changed = false;
        for line in &verdict.lines {
            let fate = case.entry(&line.key).map(|entry| entry.fate.clone());
            let waits = fate == Some(Fate::Queued);
            if waits && self.is_fixed(case, &line.key) {
                // It may have arrived in a digest, whose members stay together until that is known.
                continue;
            }
            match &line.call {
                Call::Due { .. } if fate == Some(Fate::Attempting) => {}
                Call::Due { .. } if waits && self.is_queued(case, &line.key) => {
                    self.keep_in_line(case, line, now)?;
                    changed |= self.ask_anew(case, line, now)?;
                }
                Call::Due { .. } => {
                    self.enqueue(case, line, now)?;
                    changed = true;
                }
                Call::Wait { until, .. } if waits => self.hold_back(case, &line.key, *until)?,
                // Repeats that never waited in the outbox leave no trace: there may be hundreds.
                Call::Superseded { by }
                    if fate != Some(Fate::Superseded) && (fate.is_some() || !line.key.purpose.is_one_of_many()) =>
                {
                    self.leave(case, line, Fate::Superseded, now)?;
                    self.journal(Some(case.number), now, &Entered::Superseded { key: line.key.clone(), by: *by })?;
                    changed = true;
                }
                Call::Folded { into } if waits => {
                    self.leave(case, line, Fate::Cancelled, now)?;
                    self.journal(Some(case.number), now, &Entered::Folded { key: line.key.clone(), into: *into })?;
                    changed = true;
                }
                Call::Cancelled(WhyNot::PastDeadline) if waits && self.was_tried_in_vain(case, line) => {
                    self.give_up_at_deadline(case, line, now)?;
                    changed = true;
                }
                Call::Cancelled(why) if waits => {
                    self.leave(case, line, Fate::Cancelled, now)?;
                    self.journal(Some(case.number), now, &Entered::Cancelled { key: line.key.clone(), why: *why })?;
                    changed = true;
                }
                Call::Done(fate) if waits => {
                    self.leave(case, line, fate.clone(), now)?;
                    changed = true;
                }
                _ => {}
            }
        }
        Ok(changed)
    }

    /// Whether a message stands in a queue: not so where the only recipient it waited for has left the settings.
    fn is_queued(&self, case: &Case, key: &Key) -> bool {
        self.lanes_at(&key.destination).iter().any(|lane| self.rows_of(lane, case, key).next().is_some())
    }

    /// Whether a message is part of a digest whose attempt has an unknown outcome.
    fn is_fixed(&self, case: &Case, key: &Key) -> bool {
        let lanes = self.lanes_at(&key.destination);
        lanes.iter().any(|lane| self.rows_of(lane, case, key).any(|row| row.digest.is_some()))
    }

    /// Whether it is an escalation that the destination would not take until its deadline.
    fn was_tried_in_vain(&self, case: &Case, line: &Line) -> bool {
        let escalation = case.entry(&line.key).is_some_and(|entry| entry.escalation);
        let lanes = self.lanes_at(&line.key.destination);
        escalation && lanes.iter().any(|lane| self.rows_of(lane, case, &line.key).any(|row| row.attempts > 0))
    }

    /// An escalation is tried until its deadline; then it is dead, and `[ops]` hears.
    fn give_up_at_deadline(&mut self, case: &mut Case, line: &Line, now: Timestamp) -> Result<(), StoreFault> {
        let why = GaveUp::Deadline;
        for lane in self.lanes_at(&line.key.destination) {
            let rows: Vec<Row> = self.rows_of(&lane, case, &line.key).cloned().collect();
            for row in rows {
                self.bury(&lane, &row, &why, now)?;
            }
        }
        self.leave(case, line, Fate::Dead, now)?;
        self.journal(Some(case.number), now, &Entered::Dead { key: line.key.clone(), why: why.to_string() })
    }

    /// Puts a message into the outbox, once for each recipient.
    pub(super) fn enqueue(&mut self, case: &mut Case, line: &Line, now: Timestamp) -> Result<(), StoreFault> {
        let lanes = self.lanes_for(&line.key.destination, case, now);
        if lanes.is_empty() {
            return self.reaches_nobody(case, line, now);
        }
        let id = case.message_id(&line.key);
        self.news = true;
        self.note_queued(case, line, now);
        let among = if self.asks_each(&line.key.destination) { addresses(&lanes) } else { Vec::new() };
        // What was cancelled after an attempt without an answer comes again, and its reader may have it.
        let maybe = case.entry(&line.key).is_some_and(|entry| entry.maybe);
        for lane in lanes {
            let number = self.number_of_row();
            let about =
                About::Referral { case: case.number, key: line.key.clone(), event: line.event, place: line.place };
            let row = Row::queued(number, id, lane.clone(), about, class(line), case.deadline.at, now);
            self.put_row(&lane, Row { among: among.clone(), maybe, ..row })?;
        }
        case.record(entry(line, Fate::Queued, now));
        if let (Some(place), None) = (line.place, &line.key.stands_in_for) {
            let spoken = case.spoken.entry(line.key.destination.clone()).or_insert(place);
            *spoken = place.max(*spoken);
        }
        let moved_from = line.moved_from();
        let queued =
            Entered::Queued { key: line.key.clone(), id, event: line.event, rule: line.rule.clone(), moved_from };
        self.journal(Some(case.number), now, &queued)
    }

    /// A message that waits may have become an escalation, its deadline may have moved, and what was held back for an
    /// opening may be due before it.
    fn keep_in_line(&mut self, case: &Case, line: &Line, now: Timestamp) -> Result<(), StoreFault> {
        let (class, deadline) = (class(line), case.deadline.at);
        for lane in self.lanes_at(&line.key.destination) {
            let rows: Vec<Row> = self.rows_of(&lane, case, &line.key).cloned().collect();
            for row in rows {
                // No retry waits for so long.
                let held_back = row.not_before.duration_since(now) > PAUSE_MAX;
                if held_back || row.class != class || row.deadline != deadline {
                    let not_before = if held_back { now } else { row.not_before };
                    self.put_row(&lane, Row { class, deadline, not_before, ..row })?;
                }
            }
        }
        Ok(())
    }

    /// A message that waits for an opening is not tried before it.
    fn hold_back(&mut self, case: &Case, key: &Key, until: Timestamp) -> Result<(), StoreFault> {
        for lane in self.lanes_at(&key.destination) {
            let rows: Vec<Row> = self.rows_of(&lane, case, key).cloned().collect();
            for row in rows.into_iter().filter(|row| row.not_before < until && row.attempting.is_none()) {
                self.put_row(&lane, Row { not_before: until, ..row })?;
            }
        }
        Ok(())
    }

    /// Takes a message out of the outbox, with its fate.
    fn leave(&mut self, case: &mut Case, line: &Line, fate: Fate, now: Timestamp) -> Result<(), StoreFault> {
        let mut maybe = false;
        for lane in self.lanes_at(&line.key.destination) {
            let rows: Vec<Row> = self.rows_of(&lane, case, &line.key).cloned().collect();
            for row in rows {
                maybe |= row.maybe;
                self.drop_row(&lane, &row);
            }
        }
        if maybe {
            // Its reader may have it, so its reader hears of the end.
            case.tell(&line.key, line.place, now);
        }
        case.record(Entry { maybe, ..entry(line, fate, now) });
        Ok(())
    }

    /// The rows of one message in one queue.
    pub(super) fn rows_of<'a>(
        &'a self,
        lane: &Lane,
        case: &Case,
        key: &'a Key,
    ) -> impl Iterator<Item = &'a Row> + use<'a> {
        let number = case.number;
        let queue = self.queues.get(lane);
        queue.into_iter().flat_map(move |queue| queue.of_case(number)).filter(move |row| row.key() == Some(key))
    }
}

/// How urgent a message is.
pub fn class(line: &Line) -> Class {
    match line.event {
        _ if line.escalation => Class::Escalation,
        Event::Reminder | Event::Overdue => Class::Reminder,
        _ => Class::Rest,
    }
}

pub(super) fn entry(line: &Line, fate: Fate, now: Timestamp) -> Entry {
    Entry { key: line.key.clone(), fate, at: now, escalation: line.escalation, rule: line.rule.clone(), maybe: false }
}
