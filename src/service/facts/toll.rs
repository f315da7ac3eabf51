//! What a destination's trouble cost: told with its end, so that nobody has to guess what waited, what went elsewhere and
//! what was given up. Counts only; decides nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{State, troubles::of_destination};
use crate::{
    core::{
        ids::DestinationName,
        notice::{Cost, Recovery},
        outbox::Row,
        period::Seconds,
    },
    store::{StoreFault, layout},
};

/// What became of messages that could not wait for the end of the trouble.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Toll {
    /// Messages that went to the fallback.
    #[serde(default)]
    pub fell_back: u32,
    /// Messages that were given up.
    #[serde(default)]
    pub given_up: u32,
}

impl Toll {
    /// Whether nothing was lost to the trouble.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl State {
    /// A message of the destination went to its fallback.
    pub(super) fn note_fell_back(&mut self, destination: &DestinationName) -> Result<(), StoreFault> {
        self.note_toll(destination, |toll| toll.fell_back = toll.fell_back.saturating_add(1))
    }

    /// A message of the destination was given up.
    pub(super) fn note_given_up(&mut self, destination: &DestinationName) -> Result<(), StoreFault> {
        self.note_toll(destination, |toll| toll.given_up = toll.given_up.saturating_add(1))
    }

    fn note_toll(&mut self, destination: &DestinationName, count: impl FnOnce(&mut Toll)) -> Result<(), StoreFault> {
        let name = of_destination(destination);
        let Some(trouble) = self.troubles.get_mut(&name) else { return Ok(()) };
        count(&mut trouble.toll);
        self.draft.commit.put_json(layout::trouble(&name), trouble)?;
        Ok(())
    }

    /// A destination takes messages again: that is told, with what waited and what did not wait.
    pub(super) fn destination_is_back(&mut self, to: &DestinationName, now: Timestamp) -> Result<(), StoreFault> {
        let name = of_destination(to);
        let Some(trouble) = self.troubles.get(&name) else { return Ok(()) };
        let cost = self.what_it_cost(to, trouble.toll, now);
        self.clear(&name, Recovery::TakesAgain { destination: to.clone(), cost }, now)
    }

    fn what_it_cost(&self, to: &DestinationName, toll: Toll, now: Timestamp) -> Cost {
        // What waits for an opening waits for no channel.
        let tried = |row: &Row| row.not_before <= now || row.attempting.is_some() || row.last_error.is_some();
        let waited = |row: &&Row| !row.is_test() && tried(row);
        let lanes = self.queues.iter().filter(|(lane, _)| lane.0 == *to);
        let rows: Vec<&Row> = lanes.flat_map(|(_, queue)| queue.rows()).filter(waited).collect();
        let longest = rows.iter().map(|row| now.duration_since(row.queued_at)).max().unwrap_or_default();
        Cost {
            waited: rows.len(),
            longest: Seconds(longest.as_secs()),
            fell_back: toll.fell_back,
            fallback: self.orders.lanes.get(to).and_then(|lanes| lanes.terms.fallback.clone()),
            given_up: toll.given_up,
        }
    }
}
