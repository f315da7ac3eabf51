//! Attempts under way. Each is on the disk before it is made: in one small row for all of a destination, as writing every
//! message's own row anew took longer than sending it. A digest's attempt stands in the rows of its members, which have to
//! stay together. Must never forget an attempt before its result goes into the same commit.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Draft, Lane, State};
use crate::{
    core::{
        ids::DestinationName,
        outbox::{Row, RowNumber},
    },
    store::{StoreFault, layout, read_json},
};

/// A destination has so few under way that one page holds them all.
const PAGE: usize = 1_000;

/// The messages of one destination that are under way, each since when.
pub(super) type Attempts = BTreeMap<RowNumber, Timestamp>;
/// The same as it is stored.
type Stored = BTreeMap<Timestamp, Vec<RowNumber>>;

impl State {
    /// An attempt of a message begins; it is on the disk with the next commit.
    pub(super) fn begin_beside(&mut self, lane: &Lane, row: Row, now: Timestamp) {
        self.attempts.entry(lane.0.clone()).or_default().insert(row.number, now);
        self.draft.attempts_moved.insert(lane.0.clone());
        self.queue(lane).put(begun(row, now));
    }

    /// A message is no longer under way, or its own row says so now.
    pub(super) fn end_beside(&mut self, lane: &Lane, number: RowNumber) {
        if self.attempts.get_mut(&lane.0).is_some_and(|attempts| attempts.remove(&number).is_some()) {
            self.draft.attempts_moved.insert(lane.0.clone());
        }
    }

    /// Adds to a commit what has changed.
    pub(super) fn add_attempts(&self, draft: &mut Draft) -> Result<(), StoreFault> {
        for destination in &draft.attempts_moved {
            let mut stored = Stored::new();
            for (number, at) in self.attempts.get(destination).into_iter().flatten() {
                stored.entry(*at).or_default().push(*number);
            }
            let key = layout::attempts(destination);
            if stored.is_empty() {
                draft.commit.delete(key);
            } else {
                draft.commit.put_json(key, &stored)?;
            }
        }
        Ok(())
    }

    /// Brings the attempts that stand beside their rows to the queues.
    pub(super) fn load_attempts(&mut self) -> Result<(), StoreFault> {
        for (key, value) in self.store.scan(layout::ATTEMPTS, None, PAGE)? {
            let odd = || StoreFault::Damaged { what: "a list of attempts names no destination".to_owned() };
            let destination = layout::attempts_name(&key).ok_or_else(odd)?;
            let stored: Stored = read_json(&key, &value)?;
            let numbers =
                stored.into_iter().flat_map(|(at, numbers)| numbers.into_iter().map(move |number| (number, at)));
            self.attempts.insert(destination.clone(), numbers.collect());
            self.show_attempts(&destination);
        }
        Ok(())
    }

    fn show_attempts(&mut self, destination: &DestinationName) {
        let attempts = self.attempts.get(destination).into_iter().flatten();
        for (_, queue) in self.queues.iter_mut().filter(|(lane, _)| lane.0 == *destination) {
            for (number, at) in attempts.clone() {
                if let Some(row) = queue.row(*number).filter(|row| row.attempting.is_none()).cloned() {
                    queue.put(begun(row, *at));
                }
            }
        }
    }
}

fn begun(row: Row, at: Timestamp) -> Row {
    Row { attempting: Some(at), attempts: row.attempts.saturating_add(1), ..row }
}
