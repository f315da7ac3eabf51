//! What a destination's trouble cost: told with its end, so that nobody has to guess what waited, what went elsewhere and
//! what was given up. Counts only; decides nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{State, troubles::of_destination};
use crate::{
    core::{ids::DestinationName, outbox::Row},
    service::spell::coarse,
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
        let text = self.what_it_cost(to, trouble.toll, now);
        self.clear(&name, &format!("{to} takes messages again"), &text, now)
    }

    fn what_it_cost(&self, to: &DestinationName, toll: Toll, now: Timestamp) -> Vec<String> {
        // What waits for an opening waits for no channel.
        let tried = |row: &Row| row.not_before <= now || row.attempting.is_some() || row.last_error.is_some();
        let waited = |row: &&Row| !row.is_test() && tried(row);
        let lanes = self.queues.iter().filter(|(lane, _)| lane.0 == *to);
        let rows: Vec<&Row> = lanes.flat_map(|(_, queue)| queue.rows()).filter(waited).collect();
        let longest = rows.iter().map(|row| now.duration_since(row.queued_at)).max().map(coarse);
        let mut text = Vec::new();
        match (rows.len(), longest) {
            (_, None) => {}
            (1, Some(waited)) => text.push(format!("1 message waited for {waited}.")),
            (many, Some(longest)) => text.push(format!("{many} messages waited, the longest for {longest}.")),
        }
        let fallback = self.orders.lanes.get(to).and_then(|lanes| lanes.terms.fallback.as_ref());
        match (toll.fell_back, fallback) {
            (0, _) => {}
            (some, Some(fallback)) => text.push(format!("{some} went to {fallback} meanwhile.")),
            (some, None) => text.push(format!("{some} went to its fallback meanwhile.")),
        }
        if toll.given_up > 0 {
            text.push(format!("{} given up; `leadtime outbox list` shows what.", was(toll.given_up)));
        }
        text
    }
}

fn was(number: u32) -> String {
    if number == 1 { "1 was".to_owned() } else { format!("{number} were") }
}
