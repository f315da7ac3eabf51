//! Where the time comes from: a value handed in, so that a test passes days in milliseconds. Must never read the real
//! clock itself.

use std::time::Duration;

use jiff::Timestamp;

/// A clock, and the sleeping that goes with it.
#[async_trait::async_trait]
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;
    /// Returns when `time` has passed by this clock.
    async fn sleep(&self, time: Duration);
}
