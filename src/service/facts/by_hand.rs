//! What a person does to a message: tries it at once, has it sent again after it was given up, or takes it out for good.
//! The check before each attempt holds for these too: what is no longer asked for is not sent, whoever wants it.

use jiff::Timestamp;

use super::{
    Lane, State,
    journal::Line as Entered,
    settle::settles_a_change,
    troubles::{of_address, of_dead},
};
use crate::{
    core::{
        case::{Case, Entry, Fate, Life},
        ids::{DestinationName, MessageId, RuleName},
        key::Key,
        ladder::{Call, WhyNot, decide},
        notice::Recovery,
        outbox::{About, Class, Health, Row, RowNumber},
    },
    store::{StoreFault, layout, read_json},
};

/// So many given up messages are read at once.
const PAGE: usize = 500;
/// Why a message that a person took out was given up.
const BY_HAND: &str = "dropped by hand";

/// A message that a person may mean.
#[derive(Clone, PartialEq, Debug)]
pub struct Waiting {
    /// Where it stands.
    pub place: Place,
    /// Its queue.
    pub lane: Lane,
    /// The message; one of them for each recipient of a mail.
    pub row: Row,
}

/// Where a message stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In the outbox.
    Outbox,
    /// Among those that were given up.
    Dead,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug)]
pub enum Came {
    /// It goes out as soon as it is its turn.
    Goes,
    /// It waits for an opening.
    Waits {
        /// When that is.
        until: Timestamp,
    },
    /// It is not asked for any more, so it will not go out.
    WillNot {
        /// What is said of it instead.
        call: Call,
        /// What has become of the referral.
        life: Life,
    },
    /// An attempt is under way, which nothing stops.
    UnderWay {
        /// Since when.
        since: Timestamp,
    },
    /// The settings no longer have its destination, or the address.
    NoDestination,
    /// Its referral is kept no longer, so nothing can be said about it.
    NoReferral,
    /// It was taken out for good.
    Dropped,
}

impl State {
    /// The messages whose id begins with `typed`, waiting and given up ones.
    ///
    /// # Errors
    /// The store's.
    pub fn messages(&self, typed: &str) -> Result<Vec<Waiting>, StoreFault> {
        let typed = typed.trim().to_lowercase();
        let mut found = Vec::new();
        if !is_id(&typed) {
            return Ok(found);
        }
        let meant = |row: &Row| row.id.to_string().starts_with(&typed);
        let waiting = self.waiting().filter(|(_, row)| meant(row));
        found.extend(waiting.map(|(lane, row)| of_row(Place::Outbox, lane.clone(), row.clone())));
        let mut from: Option<Vec<u8>> = None;
        loop {
            let page = self.store.scan(layout::DEAD, from.as_deref(), PAGE)?;
            for (key, value) in page.iter().filter(|(key, _)| !self.draft.commit.deletes(key)) {
                let row: Row = read_json(key, value)?;
                if meant(&row) {
                    found.push(of_row(Place::Dead, lane_of(&row), row));
                }
            }
            match page.last() {
                Some((key, _)) if page.len() == PAGE => from = Some(layout::after(key)),
                _ => return Ok(found),
            }
        }
    }

    /// Messages of a destination that were given up, `limit` at most, and where to go on reading. What another wish has
    /// taken from them in the commit that is being gathered is none of them any more.
    ///
    /// # Errors
    /// The store's.
    pub fn dead_at(
        &self,
        destination: &DestinationName,
        from: Option<&[u8]>,
        limit: usize,
    ) -> Result<(Vec<Waiting>, Option<Vec<u8>>), StoreFault> {
        let page = self.store.scan(&layout::dead_of(destination), from, limit)?;
        let next = page.last().filter(|_| page.len() == limit).map(|(key, _)| layout::after(key));
        let read = |(key, value): &(Vec<u8>, Vec<u8>)| {
            read_json::<Row>(key, value).map(|row| of_row(Place::Dead, lane_of(&row), row))
        };
        let left = page.iter().filter(|(key, _)| !self.draft.commit.deletes(key));
        Ok((left.map(read).collect::<Result<_, _>>()?, next))
    }

    /// What waits at a destination for a later attempt is tried at once; how many messages that are. What hours hold back
    /// is none of them.
    ///
    /// # Errors
    /// The store's.
    pub fn try_all(&mut self, destination: &DestinationName, now: Timestamp) -> Result<usize, StoreFault> {
        let mut tried = 0;
        for lane in self.lanes_at(destination) {
            let Some(queue) = self.queues.get_mut(&lane).filter(|queue| queue.health != Health::Well) else { continue };
            let is_tried = |row: &&Row| row.attempting.is_none() && (row.last_error.is_some() || row.not_before <= now);
            tried += queue.rows().filter(is_tried).count();
            let put_off = |row: &&Row| row.last_error.is_some() && row.not_before > now;
            let put_off: Vec<RowNumber> = queue.rows().filter(put_off).map(|row| row.number).collect();
            queue.try_at(now);
            self.keep_hurried(&lane, &put_off)?;
        }
        self.news |= tried > 0;
        Ok(tried)
    }

    /// Writes down that these are to be tried earlier: a process that starts after this one tries them then too.
    fn keep_hurried(&mut self, lane: &Lane, rows: &[RowNumber]) -> Result<(), StoreFault> {
        for number in rows {
            self.flush_if_full()?;
            if let Some(row) = self.row(lane, *number) {
                self.put_row(lane, row)?;
            }
        }
        // That one fails in passing is forgotten with the process, that it is broken is not.
        if let Some(health @ Health::Broken { .. }) = self.queues.get(lane).map(|queue| &queue.health) {
            self.draft.commit.put_json(layout::destination(&lane.0), health)?;
        }
        Ok(())
    }

    /// Has a message tried at once; one that was given up goes back into its queue as if it were new.
    ///
    /// # Errors
    /// The store's.
    pub fn retry(&mut self, meant: &Waiting, now: Timestamp) -> Result<Came, StoreFault> {
        if let Some(since) = meant.row.attempting {
            return Ok(Came::UnderWay { since });
        }
        let came = match meant.place {
            Place::Outbox => self.try_at_once(&meant.lane, &meant.row, now)?,
            Place::Dead => self.revive(&meant.lane, &meant.row, now)?,
        };
        tracing::info!(destination = %meant.lane.0, id = %meant.row.id, "a message is tried again by hand");
        self.news = true;
        Ok(came)
    }

    /// Takes a message out of the outbox, or out of those that were given up, for good.
    ///
    /// # Errors
    /// The store's.
    pub fn drop_by_hand(&mut self, meant: &Waiting, now: Timestamp) -> Result<Came, StoreFault> {
        let (lane, row) = (&meant.lane, &meant.row);
        if let Some(since) = row.attempting {
            return Ok(Came::UnderWay { since });
        }
        match meant.place {
            Place::Outbox => self.drop_row(lane, row),
            Place::Dead => self.unbury(lane, row, now)?,
        }
        tracing::info!(destination = %lane.0, id = %row.id, "a message was dropped by hand");
        let Some((mut case, key)) = self.case_of(row)? else { return Ok(Came::Dropped) };
        let elsewhere = self.lanes_at(&lane.0).iter().any(|lane| self.rows_of(lane, &case, &key).next().is_some());
        if let Some(entry) = case.ledger.iter_mut().find(|entry| entry.key == key && entry.fate == Fate::Queued)
            && !elsewhere
        {
            (entry.fate, entry.at) = (Fate::Dead, now);
            entry.maybe |= row.maybe;
        }
        if meant.place == Place::Outbox && (row.maybe || settles_a_change(&key)) {
            case.tell(&key, None, now);
        }
        self.journal(Some(case.number), now, &Entered::Dead { key, why: BY_HAND.to_owned() })?;
        self.decide_on(case, None, now).map(|()| Came::Dropped)
    }

    fn try_at_once(&mut self, lane: &Lane, row: &Row, now: Timestamp) -> Result<Came, StoreFault> {
        let came = match self.case_of(row)? {
            Some((case, key)) => {
                self.journal(Some(case.number), now, &Entered::Retried { key: key.clone(), id: row.id })?;
                self.foresee(&case, &key, now)
            }
            None => Came::Goes,
        };
        // What waits for an opening goes on waiting: a retry is no reason to wake anybody.
        if !matches!(came, Came::Waits { .. })
            && let Some(queue) = self.queues.get_mut(lane)
        {
            queue.try_one(row.number, now);
            self.keep_hurried(lane, &[row.number])?;
        }
        Ok(came)
    }

    /// A message that was given up goes back into its queue.
    fn revive(&mut self, lane: &Lane, row: &Row, now: Timestamp) -> Result<Came, StoreFault> {
        let case = self.case_of(row)?;
        let asked = case.as_ref().is_some_and(|(case, _)| self.asks_each(&lane.0) && self.is_asked(lane, case, now));
        if !asked && !self.fixed_lanes(&lane.0).contains(lane) {
            return Ok(Came::NoDestination);
        }
        self.unbury(lane, row, now)?;
        if row.case().is_none() {
            let number = self.number_of_row();
            self.put_row(lane, Self::of_use_again(row.clone().afresh(number, now), now))?;
            return Ok(Came::Goes);
        }
        let Some((mut case, key)) = case else { return Ok(Came::NoReferral) };
        // The end of a mute, say, has put a whole mail back into the outbox: a second copy would be a second mail.
        let waits = self.rows_of(lane, &case, &key).next().cloned();
        if let Some(waits) = waits {
            return match waits.attempting {
                Some(since) => Ok(Came::UnderWay { since }),
                None => self.try_at_once(lane, &waits, now),
            };
        }
        let fate = case.entry(&key).map(|entry| entry.fate.clone());
        match case.ledger.iter_mut().find(|entry| entry.key == key) {
            Some(entry) if entry.fate == Fate::Dead => (entry.fate, entry.at) = (Fate::Queued, now),
            Some(_) => {}
            None => case.record(queued(row, &key, now)),
        }
        // What was cancelled meanwhile comes back to all of its recipients with the end of what cancelled it.
        if fate != Some(Fate::Cancelled) {
            let fresh = row.clone().afresh(self.number_of_row(), now);
            self.put_row(lane, Row { deadline: case.deadline.at, ..fresh })?;
        }
        self.journal(Some(case.number), now, &Entered::Retried { key: key.clone(), id: row.id })?;
        let came = self.foresee(&case, &key, now);
        self.decide_on(case, None, now)?;
        Ok(came)
    }

    /// What the check before its next attempt will say of a message, as things stand.
    fn foresee(&self, case: &Case, key: &Key, now: Timestamp) -> Came {
        let mut case = case.clone();
        // Another recipient of the same mail may have it already; for this one it is still to come.
        if let Some(entry) = case.ledger.iter_mut().find(|entry| entry.key == *key) {
            entry.fate = Fate::Queued;
        }
        let lines = decide(&case, &self.orders.rules, now).lines;
        match lines.into_iter().find(|line| line.key == *key).map(|line| line.call) {
            Some(Call::Due { .. }) => Came::Goes,
            Some(Call::Wait { until, .. }) => Came::Waits { until },
            call => Came::WillNot { call: call.unwrap_or(Call::Cancelled(WhyNot::NotAskedFor)), life: case.life },
        }
    }

    /// The case and the key of a message about a referral; none for a notice, nor where the case is kept no longer.
    fn case_of(&self, row: &Row) -> Result<Option<(Case, Key)>, StoreFault> {
        let About::Referral { case, key, .. } = &row.about else { return Ok(None) };
        match self.case(*case) {
            Ok(case) => Ok(Some((case, key.clone()))),
            Err(StoreFault::Damaged { .. }) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Whether something is left in a queue's part of what was given up. Stops at the first: there may be thousands.
    fn has_dead(&self, lane: &Lane) -> Result<bool, StoreFault> {
        let mut from: Option<Vec<u8>> = None;
        loop {
            let page = self.store.scan(&layout::dead_of(&lane.0), from.as_deref(), PAGE)?;
            for (key, value) in page.iter().filter(|(key, _)| !self.draft.commit.deletes(key)) {
                if lane_of(&read_json(key, value)?) == *lane {
                    return Ok(true);
                }
            }
            match page.last() {
                Some((key, _)) if page.len() == PAGE => from = Some(layout::after(key)),
                _ => return Ok(false),
            }
        }
    }

    /// Takes a message from those that were given up. With the last one of its kind that trouble is over.
    fn unbury(&mut self, lane: &Lane, row: &Row, now: Timestamp) -> Result<(), StoreFault> {
        self.draft.commit.delete(layout::dead(&lane.0, row.number.0));
        let of_this = layout::dead_of(&lane.0);
        if self.draft.commit.writes().any(|(key, value)| value.is_some() && key.starts_with(&of_this)) {
            // One was given up in this very commit.
            return Ok(());
        }
        if self.has_dead(lane)? {
            return Ok(());
        }
        match &lane.1 {
            Some(address) => {
                let none = Recovery::NoneGivenUp { at: address.to_string(), mail: true };
                self.clear(&of_address(address), none, now)
            }
            None => {
                let none = Recovery::NoneGivenUp { at: lane.0.to_string(), mail: false };
                self.clear(&of_dead(&lane.0), none, now)
            }
        }
    }
}

/// Whether a text can be the beginning of a message's id.
pub fn is_id(typed: &str) -> bool {
    !typed.is_empty() && typed.chars().all(|sign| sign.is_ascii_hexdigit() || sign == '-')
}

fn of_row(place: Place, lane: Lane, row: Row) -> Waiting {
    Waiting { place, lane, row }
}

fn lane_of(row: &Row) -> Lane {
    (row.destination.clone(), row.recipient.clone())
}

fn queued(row: &Row, key: &Key, now: Timestamp) -> Entry {
    let (escalation, rule) = (row.class == Class::Escalation, RuleName::new("default"));
    Entry { key: key.clone(), fate: Fate::Queued, at: now, escalation, rule, maybe: row.maybe }
}

impl Waiting {
    /// The message's id, the same for every recipient.
    pub fn id(&self) -> MessageId {
        self.row.id
    }
}
