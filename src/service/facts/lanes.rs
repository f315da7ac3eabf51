//! Rows in and out of the queues, in memory and in the draft, and which queues a destination has.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Lane, State};
use crate::{
    core::{
        ids::DestinationName,
        outbox::{Queue, Row, RowNumber},
    },
    store::{StoreFault, layout},
};

impl State {
    pub(super) fn flush_if_full(&mut self) -> Result<(), StoreFault> {
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
        self.end_beside(lane, row.number);
        if row.attempting.is_none() {
            self.forget_at_hand(&row);
        }
        self.queue(lane).put(row);
        Ok(())
    }

    pub(super) fn drop_row(&mut self, lane: &Lane, row: &Row) {
        self.draft.commit.delete(layout::outbox(&lane.0, row.number.0));
        self.end_beside(lane, row.number);
        self.forget_at_hand(row);
        if let Some(queue) = self.queues.get_mut(lane) {
            queue.take(row.number);
        }
        self.forget_if_idle(lane);
    }

    /// The queue of an address that a referral gave is forgotten with its last message: there are as many of them as people.
    /// The last of a destination stays, as it knows the destination's pace and whether it refuses everything.
    fn forget_if_idle(&mut self, lane: &Lane) {
        let idle = self.queues.get(lane).is_some_and(Queue::is_empty);
        if idle && !self.fixed_lanes(&lane.0).contains(lane) && self.held_lanes(&lane.0).nth(1).is_some() {
            self.queues.remove(lane);
        }
    }

    fn forget_at_hand(&mut self, row: &Row) {
        row.case().map(|case| self.at_hand.remove(&case));
    }

    /// The queues of a destination: those that the settings ask for, and those that still hold something.
    pub(super) fn lanes_at(&self, destination: &DestinationName) -> Vec<Lane> {
        let mut lanes: Vec<Lane> = self.fixed_lanes(destination);
        lanes.extend(self.held_lanes(destination).cloned());
        lanes.sort();
        lanes.dedup();
        lanes
    }

    /// The queues of a destination that are in memory.
    pub(super) fn held_lanes(&self, destination: &DestinationName) -> impl Iterator<Item = &Lane> {
        let from = self.queues.range((destination.clone(), None)..).map(|(lane, _)| lane);
        from.take_while(move |lane| lane.0 == *destination)
    }

    /// The queues that every message of a destination goes into; none where a mail leaves all of its recipients to each
    /// referral.
    pub(super) fn fixed_lanes(&self, destination: &DestinationName) -> Vec<Lane> {
        let Some(lanes) = self.orders.lanes.get(destination) else { return Vec::new() };
        if lanes.recipients.is_empty() {
            let alone = (!self.asks_each(destination)).then(|| (destination.clone(), None));
            return alone.into_iter().collect();
        }
        lanes.recipients.iter().map(|address| (destination.clone(), Some(Arc::clone(address)))).collect()
    }
}
