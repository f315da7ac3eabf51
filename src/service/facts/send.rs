//! What goes out: the next messages of a destination, each decided on again just before its attempt, and the attempt
//! recorded before the network is touched.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{Lane, State};
use crate::{
    core::{
        case::{Case, Fate},
        ids::{CaseNumber, DestinationName, MessageId},
        ladder::{Call, Line, WaitsFor, decide},
        notice::{GaveUp, Notice},
        outbox::{self, About, Act, Form, Queue, Row, RowNumber, Scheduled},
        people::Because,
    },
    messages::words::{self, Locale},
    store::StoreFault,
};

/// So many turns one call takes to find work, at most: each either finds it or takes a row out of the queue.
const TURNS_MAX: usize = 2_000;

/// What a destination is to send now.
#[derive(Debug, Default)]
pub struct Jobs {
    /// Each one message.
    pub jobs: Vec<Job>,
    /// When to ask again, where nothing else happens before.
    pub wake: Option<Timestamp>,
}

/// One message to send, its attempt already recorded.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its queue.
    pub lane: Lane,
    /// Its rows: one, or the members of a digest.
    pub rows: Vec<RowNumber>,
    /// Its id.
    pub id: MessageId,
    /// What it says about referrals, most urgent first.
    pub items: Vec<Item>,
    /// What it says about leadtime itself; then it has no items.
    pub notice: Option<Notice>,
    /// The digest at a set time that it is; then it has no items either.
    pub scheduled: Option<Scheduled>,
    /// Whether it is a digest of messages that were due together.
    pub digest: bool,
    /// How rich it is.
    pub form: Form,
    /// Mentions that the destination has refused: these people are only named.
    pub withheld: Vec<String>,
    /// All addresses of a mail whose recipients follow from its referral; else none.
    pub among: Vec<Arc<str>>,
    /// Whether an earlier attempt may have arrived.
    pub possible_repeat: bool,
    /// When the attempt began.
    pub at: Timestamp,
}

impl Job {
    /// What it says about leadtime itself, in English, as a listing names it.
    pub fn title(&self) -> Option<String> {
        self.notice.as_ref().map(|notice| words::of(Locale::EN).news(&notice.news).title)
    }
}

/// A referral in a message.
#[derive(Clone, Debug)]
pub struct Item {
    /// The case as it was when the attempt was recorded.
    pub case: Case,
    /// What the message is for.
    pub line: Line,
    /// Whether it is over by now: a member of a digest whose first attempt has an unknown outcome.
    pub over: bool,
    /// Its owners whose address refuses mail, each since when.
    pub refusing: Vec<(String, Timestamp)>,
}

impl State {
    /// The next messages of a destination, `max` at most, each recorded as an attempt.
    ///
    /// # Errors
    /// The store's.
    pub fn jobs(&mut self, destination: &DestinationName, max: usize, now: Timestamp) -> Result<Jobs, StoreFault> {
        let mut found = Jobs::default();
        // Of a mail's many queues the most urgent message goes first: they share one pace.
        let mut lanes = self.lanes_at(destination);
        lanes.sort_by_cached_key(|lane| {
            let urgency = self.queues.get(lane).and_then(|queue| queue.urgency(now));
            (urgency.is_none(), urgency)
        });
        for lane in lanes {
            let mut turns = 0;
            while found.jobs.len() < max && turns < TURNS_MAX {
                turns += 1;
                match self.turn(&lane, now)? {
                    Turn::Job(job) => found.jobs.push(*job),
                    Turn::Again => {}
                    Turn::Rest(until) => {
                        found.wake = found.wake.into_iter().chain(until).min();
                        break;
                    }
                }
            }
            if turns == TURNS_MAX {
                found.wake = Some(now);
            }
        }
        Ok(found)
    }

    fn turn(&mut self, lane: &Lane, now: Timestamp) -> Result<Turn, StoreFault> {
        let Some(queue) = self.queues.get(lane) else { return Ok(Turn::Rest(None)) };
        let next = outbox::next(queue, now);
        // A clock that is doubted makes nothing too old.
        if !self.doubts_the_clock() {
            for number in next.dead {
                self.give_up(lane, number, &GaveUp::TooLong, now)?;
            }
            for (number, leaves) in next.fall_back {
                self.fall_back(lane, number, leaves, now)?;
            }
        }
        match next.act {
            Act::Rest(until) => Ok(Turn::Rest(until)),
            Act::Send(number) => self.one(lane, number, now),
            Act::Digest { members, fixed } => self.digest(lane, &members, fixed, now),
        }
    }

    fn one(&mut self, lane: &Lane, number: RowNumber, now: Timestamp) -> Result<Turn, StoreFault> {
        let Some(row) = self.row(lane, number) else { return Ok(Turn::Again) };
        let (items, notice) = match &row.about {
            About::Notice(notice) => (Vec::new(), Some(notice.clone())),
            About::Scheduled(_) if self.recheck_digest(lane, &row, now)? => (Vec::new(), None),
            About::Scheduled(_) => return Ok(Turn::Again),
            About::Referral { .. } => match self.recheck(lane, &row, now)? {
                Some(item) => (vec![item], None),
                None => return Ok(Turn::Again),
            },
        };
        // What the check found may have changed the row itself.
        let Some(row) = self.row(lane, number) else { return Ok(Turn::Again) };
        let job = Job {
            lane: lane.clone(),
            rows: vec![number],
            id: row.id,
            items: self.with_refusals(items, now),
            notice,
            scheduled: row.scheduled().cloned(),
            digest: false,
            form: row.form(),
            withheld: self.refused_mentions(&lane.0),
            among: row.among.clone(),
            possible_repeat: row.maybe,
            at: now,
        };
        self.telling.extend(job.items.iter().map(|item| (number, item.case.facts())));
        self.begin_beside(lane, row, now);
        job.items.iter().for_each(|item| self.keep_at_hand(&item.case));
        self.pace(lane, now);
        Ok(Turn::Job(Box::new(job)))
    }

    fn digest(
        &mut self,
        lane: &Lane,
        members: &[RowNumber],
        fixed: Option<MessageId>,
        now: Timestamp,
    ) -> Result<Turn, StoreFault> {
        let mut items = Vec::with_capacity(members.len());
        let mut rows = Vec::with_capacity(members.len());
        for number in members {
            let Some(row) = self.row(lane, *number) else { continue };
            self.flush_if_full()?;
            let item = match fixed {
                // While its outcome is unknown a digest keeps its members, those answered since among them.
                Some(_) => self.member(lane, &row, now)?,
                None => self.recheck(lane, &row, now)?,
            };
            let Some(item) = item else { continue };
            let Some(row) = self.row(lane, *number) else { continue };
            items.push(item);
            rows.push(row);
        }
        if fixed.is_some()
            && let Some(until) = opening_for_all(&items)
        {
            for row in rows {
                self.put_row(lane, Row { not_before: until, ..row })?;
            }
            return Ok(Turn::Again);
        }
        if rows.is_empty() || (fixed.is_none() && rows.len() < members.len()) {
            // Some were no longer asked for: what is left is counted anew.
            return Ok(Turn::Again);
        }
        self.telling.extend(rows.iter().zip(&items).map(|(row, item)| (row.number, item.case.facts())));
        let id = fixed.unwrap_or_else(|| digest_id(&rows));
        let job = Job {
            lane: lane.clone(),
            rows: rows.iter().map(|row| row.number).collect(),
            id,
            items: self.with_refusals(items, now),
            notice: None,
            scheduled: None,
            digest: true,
            form: rows.iter().map(Row::form).max().unwrap_or_default(),
            withheld: self.refused_mentions(&lane.0),
            // Its members have readers of their own.
            among: lane.1.iter().filter(|_| self.asks_each(&lane.0)).cloned().collect(),
            possible_repeat: rows.iter().any(|row| row.maybe),
            at: now,
        };
        for row in rows {
            self.flush_if_full()?;
            let row = Row { attempting: Some(now), attempts: row.attempts + 1, digest: Some(id), ..row };
            self.put_row(lane, row)?;
        }
        self.pace(lane, now);
        Ok(Turn::Job(Box::new(job)))
    }

    /// Asks `decide` again for a row. What is no longer asked for has left the queue when this returns `None`.
    fn recheck(&mut self, lane: &Lane, row: &Row, now: Timestamp) -> Result<Option<Item>, StoreFault> {
        let About::Referral { case, key, event, .. } = &row.about else { return Ok(None) };
        let Some(mut case) = self.readable(lane, row, *case, now)? else { return Ok(None) };
        if self.doubts_the_clock() {
            return self.recheck_in_doubt(lane, row, case, key, now);
        }
        // Another recipient of the same mail may have it already; for this one it is still to come.
        let sent_to_others = case.entry(key).is_some_and(|entry| entry.fate != Fate::Queued);
        let kept = sent_to_others.then(|| case.clone());
        if sent_to_others && let Some(entry) = case.ledger.iter_mut().find(|entry| entry.key == *key) {
            entry.fate = Fate::Queued;
        }
        let orders = self.orders.clone();
        let verdict = decide(&case, &orders.rules, now);
        let line = verdict.lines.iter().find(|line| line.key == *key).cloned();
        if let Some(mut kept) = kept {
            if !self.is_asked(lane, &kept, now) {
                self.asked_no_more(&mut kept, lane, row, now)?;
                self.save(kept, verdict.look_again, None)?;
                return Ok(None);
            }
            return match line {
                Some(line) if line.call.is_due() => {
                    let line = Line { event: *event, ..line };
                    Ok(Some(Item { case: kept, line, over: false, refusing: Vec::new() }))
                }
                Some(Line { call: Call::Wait { until, .. }, .. }) => {
                    self.put_row(lane, Row { not_before: until, ..row.clone() })?;
                    Ok(None)
                }
                _ => {
                    self.drop_row(lane, row);
                    Ok(None)
                }
            };
        }
        let item = line.filter(|line| line.call.is_due());
        if self.carry_out(&mut case, &verdict, now)? {
            self.save(case.clone(), verdict.look_again, None)?;
        }
        if item.is_none() && self.row(lane, row.number).is_some_and(|row| row.not_before <= now) {
            // Nothing said what becomes of it: it leaves rather than turn in circles.
            self.drop_row(lane, row);
        }
        Ok(item.map(|line| Item { case, line, over: false, refusing: Vec::new() }))
    }

    /// The case of a row. One that is damaged costs only its own messages: they leave the queue, and `[ops]` hears.
    pub(super) fn readable(
        &mut self,
        lane: &Lane,
        row: &Row,
        number: CaseNumber,
        now: Timestamp,
    ) -> Result<Option<Case>, StoreFault> {
        match self.case(number) {
            Ok(case) => Ok(Some(case)),
            Err(fault @ StoreFault::Damaged { .. }) => {
                self.drop_row(lane, row);
                self.damaged(number, &fault, now).map(|()| None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// A member of a digest whose members are fixed.
    fn member(&mut self, lane: &Lane, row: &Row, now: Timestamp) -> Result<Option<Item>, StoreFault> {
        let About::Referral { case, key, event, place } = &row.about else { return Ok(None) };
        let Some(case) = self.readable(lane, row, *case, now)? else { return Ok(None) };
        let verdict = decide(&case, &self.orders.rules, now);
        let line = verdict.lines.into_iter().find(|line| line.key == *key);
        let over = line.as_ref().is_none_or(|line| matches!(line.call, Call::Cancelled(_)));
        let line = line.unwrap_or_else(|| Line {
            key: key.clone(),
            event: *event,
            escalation: row.class == outbox::Class::Escalation,
            rule: verdict.taken_by.first().cloned().unwrap_or_else(|| "default".into()),
            place: *place,
            call: Call::Due { against_hours: false },
            because: Because::default(),
            rested: false,
        });
        Ok(Some(Item { case, line, over, refusing: Vec::new() }))
    }

    /// Attempts at a destination that were recorded and never made, as the commit that was to allow them has failed in
    /// part: all but those that are under way. They may be made now.
    ///
    /// # Errors
    /// The store's.
    pub fn free_unbegun(
        &mut self,
        destination: &DestinationName,
        under_way: &BTreeSet<RowNumber>,
    ) -> Result<(), StoreFault> {
        for lane in self.lanes_at(destination) {
            let rows = self.queues.get(&lane).into_iter().flat_map(Queue::rows);
            let unbegun = rows.filter(|row| row.attempting.is_some() && !under_way.contains(&row.number));
            for row in unbegun.cloned().collect::<Vec<_>>() {
                let digest = row.digest.filter(|_| row.maybe);
                self.put_row(&lane, Row { attempting: None, digest, ..row })?;
            }
        }
        Ok(())
    }

    fn with_refusals(&self, items: Vec<Item>, now: Timestamp) -> Vec<Item> {
        let with = |item: Item| Item { refusing: self.refusing(&item.case, now), ..item };
        items.into_iter().map(with).collect()
    }

    fn pace(&mut self, lane: &Lane, now: Timestamp) {
        // The rate is the destination's: a mail server counts messages, not recipients.
        let mut paced = None;
        for (other, queue) in self.queues.iter_mut().filter(|(other, _)| other.0 == lane.0) {
            if paced.is_none() && other == lane {
                queue.paced(now);
                paced = Some(queue.paced_until);
            }
        }
        let until = paced.unwrap_or(now);
        for (_, queue) in self.queues.iter_mut().filter(|(other, _)| other.0 == lane.0) {
            queue.paced_until = until;
        }
    }
}

enum Turn {
    Job(Box<Job>),
    Again,
    Rest(Option<Timestamp>),
}

/// The opening that a digest must wait for: none where one of its members may go now.
fn opening_for_all(items: &[Item]) -> Option<Timestamp> {
    let waits = |item: &Item| match item.line.call {
        Call::Wait { until, reason: WaitsFor::Opening } => Some(until),
        _ => None,
    };
    let due = items.iter().any(|item| item.line.call.is_due() && !item.over);
    items.iter().filter_map(waits).min().filter(|_| !due)
}

/// A digest's id follows from its members.
pub(super) fn digest_id(rows: &[Row]) -> MessageId {
    let mut members: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    members.sort();
    let recipient = rows.first().and_then(|row| row.recipient.as_deref()).unwrap_or_default();
    MessageId::of_key(&format!("digest\n{recipient}\n{}", members.join("\n")))
}
