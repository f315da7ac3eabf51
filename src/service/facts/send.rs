//! What goes out: the next messages of a destination, each decided on again just before its attempt, the attempt recorded
//! before the network is touched, and its result after.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{
    Lane, State,
    journal::Line as Entered,
    troubles::{of_address, of_destination},
};
use crate::{
    core::{
        case::{Case, Fate, Particulars},
        ids::{CaseNumber, DestinationName, MessageId},
        key::{Key, Purpose},
        ladder::{Call, Line, WaitsFor, decide},
        outbox::{self, About, Act, Health, Leaves, Notice, Queue, Row, RowNumber, Settled},
        reply::Reply,
    },
    store::{StoreFault, layout},
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
    /// Whether it is a digest.
    pub digest: bool,
    /// Whether it goes as plain text.
    pub plain: bool,
    /// Whether an earlier attempt may have arrived.
    pub possible_repeat: bool,
    /// When the attempt began.
    pub at: Timestamp,
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
}

/// What became of a job.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its queue.
    pub lane: Lane,
    /// Its rows.
    pub rows: Vec<RowNumber>,
    /// Its id.
    pub id: MessageId,
    /// Whether it was a digest.
    pub digest: bool,
    /// What the channel said.
    pub reply: Reply,
}

impl State {
    /// The next messages of a destination, `max` at most, each recorded as an attempt.
    ///
    /// # Errors
    /// The store's.
    pub fn jobs(&mut self, destination: &DestinationName, max: usize, now: Timestamp) -> Result<Jobs, StoreFault> {
        let mut found = Jobs::default();
        for lane in self.lanes_at(destination) {
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
                self.give_up(lane, number, "too long not accepted", now)?;
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
            items,
            notice,
            digest: false,
            plain: row.plain,
            possible_repeat: row.maybe,
            at: now,
        };
        self.telling.extend(job.items.iter().map(|item| (number, item.case.facts())));
        self.begin(lane, row, None, now)?;
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
            items,
            notice: None,
            digest: true,
            plain: rows.iter().any(|row| row.plain),
            possible_repeat: rows.iter().any(|row| row.maybe),
            at: now,
        };
        for row in rows {
            self.flush_if_full()?;
            self.begin(lane, row, Some(id), now)?;
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
        if let Some(kept) = kept {
            return match line {
                Some(line) if line.call.is_due() => {
                    Ok(Some(Item { case: kept, line: Line { event: *event, ..line }, over: false }))
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
        Ok(item.map(|line| Item { case, line, over: false }))
    }

    /// The case of a row. One that is damaged costs only its own messages: they leave the queue, and `[ops]` hears.
    fn readable(
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
        });
        Ok(Some(Item { case, line, over }))
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

    fn begin(&mut self, lane: &Lane, row: Row, digest: Option<MessageId>, now: Timestamp) -> Result<(), StoreFault> {
        let row = Row { attempting: Some(now), attempts: row.attempts + 1, digest, ..row };
        self.put_row(lane, row)
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

    /// What became of an attempt.
    ///
    /// # Errors
    /// The store's.
    pub fn sent(&mut self, sent: &Sent, now: Timestamp) -> Result<(), StoreFault> {
        let rows: Vec<Row> = sent.rows.iter().filter_map(|number| self.row(&sent.lane, *number)).collect();
        let Some(first) = rows.first() else { return Ok(()) };
        let Some(queue) = self.queues.get(&sent.lane) else { return Ok(()) };
        let fallback = queue.terms.fallback.is_some();
        let (settled, health) = outbox::settle(first, &queue.health, fallback, &sent.reply, now);
        self.set_health(&sent.lane, health, now)?;
        if settled == Settled::Accepted {
            self.last_accepted.insert(sent.lane.0.clone(), now);
            // A trouble outlives the process, passing failures do not: what was told before a restart ends here.
            let to = &sent.lane.0;
            self.clear(&of_destination(to), &format!("{to} takes messages again"), &[], now)?;
        }
        for row in rows {
            self.flush_if_full()?;
            self.row_sent(&sent.lane, row, sent, &settled, now)?;
        }
        Ok(())
    }

    fn row_sent(
        &mut self,
        lane: &Lane,
        row: Row,
        sent: &Sent,
        settled: &Settled,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let facts = self.telling.remove(&row.number);
        let why = sent.reply.why();
        if let (Some(why), Some(key)) = (why, row.key()) {
            let line = Entered::Refused { key: key.clone(), attempts: row.attempts, why: why.to_owned() };
            self.journal(row.case(), now, &line)?;
        }
        match settled {
            Settled::Accepted => self.accepted(lane, &row, sent, facts, now),
            Settled::Again { not_before, plain } => {
                let unknown = matches!(sent.reply, Reply::NoAnswer { .. });
                let row = Row {
                    attempting: None,
                    not_before: *not_before,
                    plain: *plain,
                    maybe: row.maybe || unknown,
                    // An attempt known to have failed frees the members of a digest.
                    digest: row.digest.filter(|_| unknown),
                    last_error: why.map(str::to_owned),
                    ..row
                };
                self.put_row(lane, row)
            }
            Settled::FallsBack => {
                self.put_row(
                    lane,
                    Row { attempting: None, digest: None, last_error: why.map(str::to_owned), ..row.clone() },
                )?;
                self.fall_back(lane, row.number, Leaves::Yes, now)
            }
            Settled::Dead => {
                self.put_row(
                    lane,
                    Row { attempting: None, digest: None, last_error: why.map(str::to_owned), ..row.clone() },
                )?;
                self.give_up(lane, row.number, why.unwrap_or("refused"), now)
            }
        }
    }

    fn accepted(
        &mut self,
        lane: &Lane,
        row: &Row,
        sent: &Sent,
        facts: Option<Particulars>,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        if let Some(address) = &lane.1 {
            self.clear(&of_address(address), &format!("{address} gets mail again"), &[], now)?;
        }
        let About::Referral { case, key, place, .. } = &row.about else {
            self.drop_row(lane, row);
            return Ok(());
        };
        // Read first: a case is at hand only as long as the row is there.
        let case = self.readable(lane, row, *case, now)?;
        self.drop_row(lane, row);
        let Some(mut case) = case else { return Ok(()) };
        if let Some(entry) = case.ledger.iter_mut().find(|entry| entry.key == *key) {
            entry.fate = Fate::Accepted;
            entry.at = now;
            entry.maybe |= row.maybe;
        }
        case.tell(key, *place, now);
        if let Some(facts) = facts {
            case.told_as(&key.destination, facts, now);
        }
        let detail = match &sent.reply {
            Reply::Accepted { detail } => detail.clone(),
            _ => None,
        };
        let digest = sent.digest.then_some(sent.id);
        let line = Entered::Accepted { key: key.clone(), id: row.id, attempts: row.attempts, digest, detail };
        self.journal(Some(case.number), now, &line)?;
        self.decide_on(case, None, now)
    }

    /// Hands a message to the fallback, in place of this destination or as well.
    fn fall_back(&mut self, lane: &Lane, number: RowNumber, leaves: Leaves, now: Timestamp) -> Result<(), StoreFault> {
        let Some(row) = self.row(lane, number) else { return Ok(()) };
        let Some(to) = self.orders.lanes.get(&lane.0).and_then(|lanes| lanes.terms.fallback.clone()) else {
            return Ok(());
        };
        let marked = Row { fell_back: true, ..row.clone() };
        match leaves {
            Leaves::Yes => self.drop_row(lane, &row),
            Leaves::No => self.put_row(lane, marked)?,
        }
        let About::Referral { case, key, .. } = &row.about else {
            return match &row.about {
                About::Notice(notice) if leaves == Leaves::Yes => self.notify(&to, notice.clone(), now),
                _ => Ok(()),
            };
        };
        let mut case = self.case(*case)?;
        let still_there = self.lanes_at(&lane.0).iter().any(|lane| self.rows_of(lane, &case, key).next().is_some());
        if still_there && leaves == Leaves::Yes {
            // Other recipients of the same mail may still take it; it falls back when the last has refused.
            return Ok(());
        }
        if leaves == Leaves::Yes
            && let Some(entry) = case.ledger.iter_mut().find(|entry| entry.key == *key)
        {
            if entry.fate == Fate::Accepted {
                return Ok(());
            }
            entry.fate = Fate::FellBack(to.clone());
            entry.at = now;
            entry.maybe |= row.maybe;
        }
        if row.maybe || settles_a_change(key) {
            case.tell(key, None, now);
        }
        self.journal(Some(case.number), now, &Entered::FellBack { key: key.clone(), to: to.clone() })?;
        self.hand_on(&mut case, &row, key, &to, now)?;
        self.decide_on(case, None, now)
    }

    /// Queues the copy of a message at a fallback, unless that has, or has had, one for the same purpose; an escalation
    /// goes there beside one that was none.
    fn hand_on(
        &mut self,
        case: &mut Case,
        row: &Row,
        key: &Key,
        to: &DestinationName,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let escalation = row.class == outbox::Class::Escalation;
        let has_had = case.ledger.iter().any(|entry| {
            entry.key.destination == *to && entry.key.purpose == key.purpose && (entry.escalation || !escalation)
        });
        if has_had {
            return Ok(());
        }
        let origin = key.stands_in_for.clone().unwrap_or_else(|| key.destination.clone());
        let copy = Key { destination: to.clone(), purpose: key.purpose, stands_in_for: Some(origin) };
        let About::Referral { event, place, .. } = &row.about else { return Ok(()) };
        let rule = case.entry(key).map_or_else(|| "default".into(), |entry| entry.rule.clone());
        let line = Line {
            key: copy,
            event: *event,
            escalation,
            rule,
            place: *place,
            call: Call::Due { against_hours: false },
        };
        self.enqueue(case, &line, now)
    }

    /// Gives a message up: it is dead until somebody retries or drops it, and `[ops]` hears.
    pub(super) fn give_up(
        &mut self,
        lane: &Lane,
        number: RowNumber,
        why: &str,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let Some(row) = self.row(lane, number) else { return Ok(()) };
        self.bury(lane, &row, why, now)?;
        let About::Referral { case, key, .. } = &row.about else { return Ok(()) };
        let mut case = self.case(*case)?;
        let still_there = self.lanes_at(&lane.0).iter().any(|lane| self.rows_of(lane, &case, key).next().is_some());
        if !still_there
            && let Some(entry) = case.ledger.iter_mut().find(|entry| entry.key == *key && entry.fate != Fate::Accepted)
        {
            entry.fate = Fate::Dead;
            entry.at = now;
            entry.maybe |= row.maybe;
        }
        if row.maybe || settles_a_change(key) {
            case.tell(key, None, now);
        }
        self.journal(Some(case.number), now, &Entered::Dead { key: key.clone(), why: why.to_owned() })?;
        self.decide_on(case, None, now)
    }

    /// Moves a message from the outbox to the dead, and tells `[ops]`.
    pub(super) fn bury(&mut self, lane: &Lane, row: &Row, why: &str, now: Timestamp) -> Result<(), StoreFault> {
        self.given_up += 1;
        self.drop_row(lane, row);
        self.draft.commit.put_json(layout::dead(&lane.0, row.number.0), row)?;
        self.raise_dead(lane, why, now)
    }

    /// What an attempt says of a queue's health. That everything is refused, and the end of that, is said of all queues
    /// of the destination; a passing failure of its own queue: one full mailbox holds up nobody else's mail.
    fn set_health(&mut self, lane: &Lane, health: Health, now: Timestamp) -> Result<(), StoreFault> {
        let was = self.queues.get(lane).map(|queue| queue.health.clone()).unwrap_or_default();
        if was == health {
            return Ok(());
        }
        let broken = matches!(was, Health::Broken { .. }) || matches!(health, Health::Broken { .. });
        for (_, queue) in self.queues.iter_mut().filter(|(other, _)| *other == lane || (broken && other.0 == lane.0)) {
            queue.health = health.clone();
        }
        if broken {
            self.draft.commit.put_json(layout::destination(&lane.0), &health)?;
        }
        let fails = |queue: &Queue| matches!(queue.health, Health::Failing { .. });
        let another_is_well = self.queues.iter().any(|(other, queue)| other.0 == lane.0 && !fails(queue));
        if matches!(health, Health::Failing { .. }) && another_is_well {
            return Ok(());
        }
        self.destination_health(&lane.0, &was, &health, now)
    }

    fn flush_if_full(&mut self) -> Result<(), StoreFault> {
        if self.is_full() { self.flush() } else { Ok(()) }
    }

    /// Whether a message is due and neither sent nor held back by hours: under way, ready, or failing.
    pub fn has_left_to_send(&self, now: Timestamp) -> bool {
        let left = |row: &Row| row.attempting.is_some() || row.not_before <= now || row.last_error.is_some();
        self.queues.values().flat_map(Queue::rows).any(left)
    }

    /// A row as it is now.
    pub(super) fn row(&self, lane: &Lane, number: RowNumber) -> Option<Row> {
        self.queues.get(lane)?.row(number).cloned()
    }

    pub(super) fn put_row(&mut self, lane: &Lane, row: Row) -> Result<(), StoreFault> {
        self.draft.commit.put_json(layout::outbox(&lane.0, row.number.0), &row)?;
        if row.attempting.is_none() {
            self.forget_at_hand(&row);
        }
        self.queue(lane).put(row);
        Ok(())
    }

    pub(super) fn drop_row(&mut self, lane: &Lane, row: &Row) {
        self.draft.commit.delete(layout::outbox(&lane.0, row.number.0));
        self.forget_at_hand(row);
        if let Some(queue) = self.queues.get_mut(lane) {
            queue.take(row.number);
        }
    }

    fn forget_at_hand(&mut self, row: &Row) {
        row.case().map(|case| self.at_hand.remove(&case));
    }

    /// The queues of a destination: those that the settings ask for, and those that still hold something.
    pub(super) fn lanes_at(&self, destination: &DestinationName) -> Vec<Lane> {
        let mut lanes: Vec<Lane> = self.lanes_for_new(destination);
        let held = self.queues.range((destination.clone(), None)..).take_while(|(lane, _)| lane.0 == *destination);
        lanes.extend(held.map(|(lane, _)| lane.clone()));
        lanes.sort();
        lanes.dedup();
        lanes
    }

    /// The queues that a new message goes into.
    pub(super) fn lanes_for_new(&self, destination: &DestinationName) -> Vec<Lane> {
        let Some(lanes) = self.orders.lanes.get(destination) else { return Vec::new() };
        if lanes.recipients.is_empty() {
            return vec![(destination.clone(), None)];
        }
        lanes.recipients.iter().map(|address| (destination.clone(), Some(Arc::clone(address)))).collect()
    }
}

/// A change that could not be told here is not told again: the next one is.
fn settles_a_change(key: &Key) -> bool {
    matches!(key.purpose, Purpose::Updated(_)) && key.stands_in_for.is_none()
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
fn digest_id(rows: &[Row]) -> MessageId {
    let mut members: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    members.sort();
    let recipient = rows.first().and_then(|row| row.recipient.as_deref()).unwrap_or_default();
    MessageId::of_key(&format!("digest\n{recipient}\n{}", members.join("\n")))
}
