//! Whether the service lives: each loop says when it turns and by when it will again. Must never ask a loop: one that
//! hangs would not answer.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// A loop may be so much later than it said before it counts as stuck.
const SLACK: Duration = Duration::from_secs(120);

/// The loops' signs of life.
#[derive(Debug)]
pub struct Vitals {
    loops: Mutex<BTreeMap<String, Beat>>,
    /// Whether the store is open, or awaited.
    stage: Mutex<Stage>,
}

#[derive(Clone, Copy, Debug)]
struct Beat {
    at: Instant,
    within: Duration,
}

/// How far the service has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Another instance holds the store; this one takes over when it lets go.
    Standby,
    /// It watches and delivers.
    Running,
    /// What is learnt cannot be recorded, so nothing is sent.
    CannotRecord(String),
    /// It stops.
    Stopping,
}

impl Default for Vitals {
    fn default() -> Self {
        Self { loops: Mutex::default(), stage: Mutex::new(Stage::Standby) }
    }
}

impl Vitals {
    /// A loop turns, and will again within this time.
    pub fn beat(&self, name: &str, within: Duration) {
        let beat = Beat { at: Instant::now(), within };
        let mut loops = lock(&self.loops);
        match loops.get_mut(name) {
            Some(known) => *known = beat,
            None => drop(loops.insert(name.to_owned(), beat)),
        }
    }

    /// A loop has ended as it should.
    pub fn ended(&self, name: &str) {
        lock(&self.loops).remove(name);
    }

    /// The loops that have not turned in time; none while all is well.
    pub fn stuck(&self) -> Vec<String> {
        let late = |beat: &Beat| beat.at.elapsed() > beat.within + SLACK;
        lock(&self.loops).iter().filter(|(_, beat)| late(beat)).map(|(name, _)| name.clone()).collect()
    }

    /// The service has come so far.
    pub fn reaches(&self, stage: Stage) {
        *lock(&self.stage) = stage;
    }

    /// How far it has come.
    pub fn stage(&self) -> Stage {
        lock(&self.stage).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is inside is whole after every line; a panic elsewhere leaves it usable.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_that_turns_is_not_stuck_and_one_that_has_ended_is_forgotten() {
        let vitals = Vitals::default();
        vitals.beat("looks", Duration::ZERO);
        vitals.beat("looks", Duration::from_secs(1));
        assert!(vitals.stuck().is_empty());
        vitals.ended("looks");
        assert!(lock(&vitals.loops).is_empty());
    }
}
