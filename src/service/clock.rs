//! Where the time comes from: the machine's clock, or one that runs ahead for the demo. The only place that asks the
//! machine for it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

pub use crate::partner_center::Clock;

/// A clock that moves by so much more or less than it should has jumped.
const JUMP: SignedDuration = SignedDuration::from_hours(1);

/// By how much the clock has jumped between two looks at it and at the monotonic one, where it has: the machine was
/// suspended, or its clock was set.
pub fn jump(before: (Instant, Timestamp), after: (Instant, Timestamp)) -> Option<SignedDuration> {
    let passed = after.0.saturating_duration_since(before.0);
    let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
    let by = after.1.duration_since(before.1).saturating_sub(passed);
    (by.abs() > JUMP).then_some(by)
}

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

    /// A clock that shows `epoch` at the instant `real` of the machine's clock, and stands until then. Processes that
    /// are given the same three agree on the time.
    pub fn aligned(real: Timestamp, epoch: Timestamp, factor: f64) -> Self {
        let (now, ahead) = (Instant::now(), real.duration_since(RealClock.now()));
        let began = match Duration::try_from(ahead) {
            Ok(ahead) => now.checked_add(ahead),
            Err(_) => now.checked_sub(ahead.unsigned_abs()),
        };
        Self { began: began.unwrap_or(now), epoch, factor: factor.max(1.0) }
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

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: Timestamp = Timestamp::constant(1_793_602_800, 0);

    #[test]
    fn time_that_passes_is_no_jump_and_a_clock_that_is_set_is_one_in_either_direction() {
        let began = Instant::now();
        let later = began + Duration::from_secs(86_400);
        let day = SignedDuration::from_hours(24);
        assert_eq!(jump((began, EPOCH), (later, EPOCH + day)), None);
        assert_eq!(jump((began, EPOCH), (began, EPOCH + day)), Some(day));
        assert_eq!(jump((began, EPOCH), (later, EPOCH)), Some(-day));
    }

    #[test]
    fn a_clock_whose_start_is_still_ahead_stands() {
        let start = RealClock.now() + SignedDuration::from_hours(1);
        assert_eq!(FastClock::aligned(start, EPOCH, 14_400.0).now(), EPOCH);
    }

    #[test]
    fn two_clocks_aligned_at_different_moments_agree() {
        let start = RealClock.now() - SignedDuration::from_secs(2);
        let (first, second) = (FastClock::aligned(start, EPOCH, 3_600.0), FastClock::aligned(start, EPOCH, 3_600.0));
        let apart = second.now().duration_since(first.now());
        assert!(first.now() >= EPOCH + SignedDuration::from_hours(2));
        assert!(apart.abs() < SignedDuration::from_hours(1), "{apart}");
    }
}
