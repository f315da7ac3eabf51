//! Where the time comes from: the machine's clock, or one that runs ahead for the demo. The only place that asks the
//! machine for it.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

pub use crate::partner_center::Clock;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealClock;

#[async_trait::async_trait]
impl Clock for RealClock {
    #[expect(clippy::disallowed_methods, reason = "this is the place that takes the time")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// A clock that began at an instant of its own and runs faster by a factor.
#[derive(Clone, Copy, Debug)]
pub struct FastClock {
    began: Instant,
    epoch: Timestamp,
    factor: f64,
}

impl FastClock {
    /// A clock that shows `epoch` now and runs `factor` times as fast as the machine's.
    pub fn new(epoch: Timestamp, factor: f64) -> Self {
        Self { began: Instant::now(), epoch, factor: factor.max(1.0) }
    }
}

#[async_trait::async_trait]
impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        let passed = self.began.elapsed().mul_f64(self.factor);
        let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
        self.epoch.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time.div_f64(self.factor)).await;
    }
}
