//! The simulated time. It passes only while a process lives, by tokio's paused clock; between two lives it is set on by
//! hand. The machine's clock may be wrong by any amount, the monotonic one never is.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use leadtime::service::clock::Clock;
use tokio::time::Instant;

/// Monday, 2 November 2026, 09:00 UTC.
pub const START: Timestamp = Timestamp::constant(1_793_610_000, 0);

/// The time of one course.
pub struct Time(Mutex<Inside>);

struct Inside {
    /// What it was when the present life began, or what it is between two.
    base: Timestamp,
    /// When that was, in the life's own runtime.
    since: Option<Instant>,
    wrong_by: SignedDuration,
}

impl Time {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Inside { base: START, since: None, wrong_by: SignedDuration::ZERO })))
    }

    /// What it is.
    pub fn truth(&self) -> Timestamp {
        self.0.lock().unwrap().truth()
    }

    /// A life begins: from now on time passes with its runtime's.
    pub fn flows(&self) {
        self.0.lock().unwrap().since = Some(Instant::now());
    }

    /// A life ends: time stands. To be called in its runtime, the only place where its time is known.
    pub fn stands(&self) {
        let mut inside = self.0.lock().unwrap();
        inside.base = inside.truth();
        inside.since = None;
    }

    /// Between two lives: so much passes.
    pub fn passes(&self, time: SignedDuration) {
        self.0.lock().unwrap().base += time;
    }

    /// From now on the machine's clock is wrong by so much.
    pub fn is_wrong_by(&self, wrong_by: SignedDuration) {
        self.0.lock().unwrap().wrong_by = wrong_by;
    }

    fn shown(&self) -> Timestamp {
        let inside = self.0.lock().unwrap();
        inside.truth() + inside.wrong_by
    }
}

impl Inside {
    fn truth(&self) -> Timestamp {
        self.base + self.since.map_or(SignedDuration::ZERO, |since| since.elapsed().try_into().unwrap())
    }
}

/// The machine's clock.
pub struct Machine(pub Arc<Time>);

#[async_trait::async_trait]
impl Clock for Machine {
    fn now(&self) -> Timestamp {
        self.0.shown()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}
