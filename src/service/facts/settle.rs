//! What became of an attempt: accepted and told, tried again, handed to the fallback, or given up; and what that says of
//! its destination's health. Decides nothing about a reply: that is `outbox::settle`.

use jiff::Timestamp;

use super::{
    Lane, State,
    journal::{DigestFate, Line as Entered},
    troubles::of_address,
};
use crate::{
    core::{
        case::{Case, Fate, Particulars},
        ids::{DestinationName, MessageId},
        key::{Key, Purpose},
        ladder::{Call, Line},
        notice::{GaveUp, Recovery},
        outbox::{self, About, GivenUp, Health, Leaves, Queue, Row, RowNumber, Settled},
        people::Because,
        reply::Reply,
    },
    store::{StoreFault, layout},
};

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
    /// The ids of those whom the attempt mentioned, or would have mentioned had it not been refused so before.
    pub mentions: Vec<String>,
    /// What the channel said.
    pub reply: Reply,
}

impl State {
    /// What became of an attempt.
    ///
    /// # Errors
    /// The store's.
    pub fn sent(&mut self, sent: &Sent, now: Timestamp) -> Result<(), StoreFault> {
        let rows: Vec<Row> = sent.rows.iter().filter_map(|number| self.row(&sent.lane, *number)).collect();
        let Some(first) = rows.first() else { return Ok(()) };
        let Some(queue) = self.queues.get(&sent.lane) else { return Ok(()) };
        let fallback = queue.terms.fallback.is_some();
        let (settled, health) =
            outbox::settle(first, &queue.health, fallback, !sent.mentions.is_empty(), &sent.reply, now);
        let form = first.form();
        self.set_health(&sent.lane, health, now)?;
        if settled == Settled::Accepted {
            self.last_accepted.insert(sent.lane.0.clone(), now);
            self.draft.commit.put_json(layout::accepted(&sent.lane.0), &now)?;
            // A trouble outlives the process, passing failures do not: what was told before a restart ends here.
            self.destination_is_back(&sent.lane.0, now)?;
            self.judge_mentions(&sent.lane.0, form, &sent.mentions, first.last_error.as_deref(), now)?;
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
        if let Some(why) = why {
            self.tell_of_row(&row, DigestFate::Refused { attempts: row.attempts, why: why.to_string() }, now)?;
        }
        match settled {
            Settled::Accepted => self.accepted(lane, &row, sent, facts, now),
            Settled::Again { not_before, form } => {
                let unknown = matches!(sent.reply, Reply::NoAnswer { .. });
                let row = Row {
                    attempting: None,
                    not_before: *not_before,
                    maybe: row.maybe || unknown,
                    // An attempt known to have failed frees the members of a digest, unless one before it may have arrived.
                    digest: row.digest.filter(|_| unknown || row.maybe),
                    last_error: why.map(str::to_owned),
                    ..row.in_form(*form)
                };
                self.put_row(lane, row)
            }
            Settled::FallsBack => {
                self.raise_refused(lane, why.unwrap_or("refused"), now)?;
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
                self.give_up(lane, row.number, &GaveUp::Refused(why.unwrap_or("refused").to_owned()), now)
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
            self.clear(&of_address(address), Recovery::MailAgain { address: address.to_string() }, now)?;
        }
        let About::Referral { case, key, place, .. } = &row.about else {
            self.drop_row(lane, row);
            return self.digest_taken(row, now);
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
        let (attempts, maybe) = (row.attempts, row.maybe);
        let line = Entered::Accepted { key: key.clone(), id: row.id, attempts, digest, detail, maybe };
        self.journal(Some(case.number), now, &line)?;
        self.decide_on(case, None, now)
    }

    /// Hands a message to the fallback, in place of this destination or as well.
    pub(super) fn fall_back(
        &mut self,
        lane: &Lane,
        number: RowNumber,
        leaves: Leaves,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let Some(row) = self.row(lane, number) else { return Ok(()) };
        let Some(to) = self.orders.lanes.get(&lane.0).and_then(|lanes| lanes.terms.fallback.clone()) else {
            return Ok(());
        };
        if self.reaches_nobody_at(&to, &row, now)? {
            return match leaves {
                Leaves::Yes => {
                    let why = row.last_error.unwrap_or_else(|| "refused".to_owned());
                    self.give_up(lane, number, &GaveUp::Refused(why), now)
                }
                Leaves::No => self.put_row(lane, Row { fell_back: true, ..row }),
            };
        }
        let marked = Row { fell_back: true, ..row.clone() };
        if !row.is_test() {
            self.note_fell_back(&lane.0)?;
        }
        match leaves {
            Leaves::Yes => self.drop_row(lane, &row),
            Leaves::No => self.put_row(lane, marked)?,
        }
        let About::Referral { case, key, .. } = &row.about else {
            return match &row.about {
                // Whether this destination works is no news to another one.
                About::Notice(notice) if leaves == Leaves::Yes && !row.is_test() => {
                    self.notify(&to, notice.clone(), now)
                }
                About::Scheduled(_) => self.digest_falls_back(&row, &to, leaves == Leaves::Yes, now),
                _ => Ok(()),
            };
        };
        let Some(mut case) = self.readable(lane, &row, *case, now)? else { return Ok(()) };
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

    /// Whether a fallback leaves all of its recipients to each referral, and this message's names none.
    fn reaches_nobody_at(&self, to: &DestinationName, row: &Row, now: Timestamp) -> Result<bool, StoreFault> {
        let lanes = match &row.about {
            About::Referral { case, .. } => match self.case(*case) {
                Ok(case) => self.lanes_for(to, &case, now),
                // It leaves the queue where its case is read next.
                Err(StoreFault::Damaged { .. }) => return Ok(false),
                Err(fault) => return Err(fault),
            },
            About::Notice(_) | About::Scheduled(_) => self.fixed_lanes(to),
        };
        Ok(self.asks_each(to) && lanes.is_empty())
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
            because: Because::default(),
            rested: false,
        };
        self.enqueue(case, &line, now)
    }

    /// Gives a message up: it is dead until somebody retries or drops it, and `[ops]` hears.
    pub(super) fn give_up(
        &mut self,
        lane: &Lane,
        number: RowNumber,
        why: &GaveUp,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let Some(row) = self.row(lane, number) else { return Ok(()) };
        self.bury(lane, &row, why, now)?;
        self.tell_of_row(&row, DigestFate::Dead { why: why.to_string() }, now)?;
        let About::Referral { case, key, .. } = &row.about else { return Ok(()) };
        let Some(mut case) = self.readable(lane, &row, *case, now)? else { return Ok(()) };
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
        self.journal(Some(case.number), now, &Entered::Dead { key: key.clone(), why: why.to_string() })?;
        self.decide_on(case, None, now)
    }

    /// Moves a message from the outbox to the dead, and tells `[ops]`.
    pub(super) fn bury(&mut self, lane: &Lane, row: &Row, why: &GaveUp, now: Timestamp) -> Result<(), StoreFault> {
        self.given_up += 1;
        self.note_given_up(&lane.0)?;
        self.drop_row(lane, row);
        let dead = Row { given_up: Some(GivenUp { at: now, why: why.to_string() }), ..row.clone() };
        self.draft.commit.put_json(layout::dead(&lane.0, row.number.0), &dead)?;
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
        // Where queues come and go with the people of referrals, that one is idle says nothing.
        let idle = |queue: &Queue| self.asks_each(&lane.0) && queue.is_empty();
        let is_well = |queue: &Queue| !fails(queue) && !idle(queue);
        let since = match &health {
            Health::Failing { since, .. } => *since,
            _ => now,
        };
        let took = self.asks_each(&lane.0) && self.last_accepted(&lane.0).is_some_and(|at| at >= since);
        let another_is_well = took || self.queues.iter().any(|(other, queue)| other.0 == lane.0 && is_well(queue));
        if matches!(health, Health::Failing { .. }) && another_is_well {
            return Ok(());
        }
        self.destination_health(&lane.0, &was, &health, now)
    }
}

/// A change that could not be told here is not told again: the next one is.
pub(super) fn settles_a_change(key: &Key) -> bool {
    matches!(key.purpose, Purpose::Updated(_)) && key.stands_in_for.is_none()
}
