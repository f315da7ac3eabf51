//! What is kept, and for how long: the journal and closed referrals leave when `[state] keep` has passed, a little at a
//! time; and when each destination last took something.

use jiff::{SignedDuration, Timestamp};

use super::State;
use crate::{
    core::{case::Case, case::Life, ids::DestinationName},
    store::{StoreFault, layout, read_json},
};

impl State {
    /// Takes away what is older than `before`: journal lines, and closed cases with all that is theirs. `limit` rows are
    /// looked at, at most; the next call goes on from there.
    ///
    /// # Errors
    /// The store's.
    pub fn prune(&mut self, before: Timestamp, limit: usize) -> Result<(), StoreFault> {
        for (key, _) in self.store.scan(layout::JOURNAL, None, limit)? {
            let Some(place) = layout::LinePlace::from_journal_key(&key) else { continue };
            if place.at >= before {
                break;
            }
            if let Some(history) = place.history_key() {
                self.draft.commit.delete(history);
            }
            self.draft.commit.delete(key);
        }
        let cases = self.store.scan(layout::CASES, self.pruned_to.as_deref(), limit.min(50))?;
        self.pruned_to = cases.last().map(|(key, _)| layout::after(key));
        for (key, value) in cases {
            let Some(number) = layout::case_number(&key) else { continue };
            // What is being written just now has not ended so long ago.
            if self.draft.cases.contains_key(&number) {
                continue;
            }
            let case: Case = read_json(&key, &value)?;
            let ended = match case.life {
                Life::Closed { at, .. } | Life::Gone { at } => at,
                _ => continue,
            };
            if ended < before {
                let id = super::cases::read_case(self.store.as_ref(), number)?.id().clone();
                self.draft.commit.delete(layout::seen(&case.account, &id)).delete(layout::body(number));
                self.draft.commit.delete(layout::summary(number)).delete(key);
                self.looks.set(number, None);
            }
        }
        Ok(())
    }

    /// Whether a destination has taken nothing for so long, and nothing waits for it. Before the first acceptance since a
    /// start the start counts.
    pub fn is_silent_for(&mut self, destination: &DestinationName, silence: SignedDuration, now: Timestamp) -> bool {
        let began = *self.silent_since.entry(destination.clone()).or_insert(now);
        let last = self.last_accepted(destination).unwrap_or(began);
        let waits =
            self.lanes_at(destination).iter().any(|lane| self.queues.get(lane).is_some_and(|queue| !queue.is_empty()));
        !waits && now.duration_since(last) >= silence
    }

    /// When a destination last took a message since the start.
    pub fn last_accepted(&self, destination: &DestinationName) -> Option<Timestamp> {
        self.last_accepted.get(destination).copied()
    }
}
