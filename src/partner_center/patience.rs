//! How long to go on after a temporary failure, and how long to wait before the next attempt.

use std::time::Duration;

use super::fault::Trouble;
use crate::core::period::Seconds;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// A budget for one listing or read: failed attempts and the waits after them are paid from it, successes are free.
pub(super) struct Patience {
    left: Duration,
    failures: u32,
}

impl Patience {
    pub fn new(budget: Duration) -> Self {
        Self { left: budget, failures: 0 }
    }

    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Whether no attempt but one has failed since the last success.
    pub fn is_young(&self) -> bool {
        self.failures <= 1
    }

    /// How long to wait before the next attempt: exponential, between half and the whole of the step by chance, and no
    /// less than the other side asked for. `None` where a retry would not help, or not within the budget: a wait that
    /// was asked for is obeyed or not begun.
    pub fn wait_after(&mut self, trouble: &Trouble, took: Duration) -> Option<Duration> {
        self.left = self.left.saturating_sub(took);
        if !trouble.is_temporary() {
            return None;
        }
        let step = FIRST_WAIT.saturating_mul(1 << self.failures.min(10)).min(LONGEST_WAIT);
        self.failures += 1;
        let asked = trouble.retry_after().map_or(0, |Seconds(asked)| asked.unsigned_abs());
        let wait = step.mul_f64(0.5 + fastrand::f64() / 2.0).max(Duration::from_secs(asked));
        self.left = self.left.checked_sub(wait)?;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn throttled(seconds: Option<i64>) -> Trouble {
        Trouble::Throttled { retry_after: seconds.map(Seconds) }
    }

    #[test]
    fn waits_grow_and_end_with_the_budget() {
        let mut patience = Patience::new(Duration::from_secs(30));
        let waits: Vec<Duration> =
            std::iter::from_fn(|| patience.wait_after(&Trouble::TimedOut, Duration::ZERO)).collect();
        for (n, wait) in waits.iter().enumerate() {
            let step = Duration::from_secs(1 << n);
            assert!(*wait >= step / 2 && *wait <= step, "{n}: {wait:?}");
        }
        assert!((4..=5).contains(&waits.len()), "{waits:?}");
        assert!(waits.iter().sum::<Duration>() <= Duration::from_secs(30));
    }

    #[test]
    fn what_was_asked_for_is_obeyed_or_not_begun() {
        let mut patience = Patience::new(Duration::from_secs(60));
        assert_eq!(patience.wait_after(&throttled(Some(40)), Duration::ZERO), Some(Duration::from_secs(40)));
        assert_eq!(patience.wait_after(&throttled(Some(40)), Duration::ZERO), None);
    }

    #[test]
    fn the_time_that_a_failure_took_counts() {
        let mut patience = Patience::new(Duration::from_secs(60));
        assert_eq!(patience.wait_after(&Trouble::TimedOut, Duration::from_secs(60)), None);
    }

    #[test]
    fn what_a_retry_does_not_mend_is_not_retried() {
        assert_eq!(Patience::new(Duration::MAX).wait_after(&Trouble::Unauthorized, Duration::ZERO), None);
    }

    #[test]
    fn a_success_makes_the_next_wait_short_again() {
        let mut patience = Patience::new(Duration::from_secs(1000));
        for _ in 0..6 {
            patience.wait_after(&throttled(None), Duration::ZERO);
        }
        assert!(!patience.is_young());
        patience.succeeded();
        assert!(patience.is_young());
        assert!(patience.wait_after(&throttled(None), Duration::ZERO).unwrap() <= FIRST_WAIT);
    }
}
