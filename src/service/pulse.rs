//! How a watch goes, as others see it, and how they ask it to poll now. Polls nothing itself, and judges nothing.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::{Notify, oneshot};

use crate::core::{notice::Unread, period::Seconds};

/// The class of a poll that ends because the clocks differ.
pub(super) const CLOCK: &str = "clock";

/// What others see of a watch, and how they ask it to poll now.
#[derive(Default)]
pub struct Pulse {
    state: Mutex<Past>,
    asked: Mutex<Vec<oneshot::Sender<Polled>>>,
    ask: Notify,
}

/// How a watch went so far.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// When the last whole poll ended.
    pub last_good: Option<Timestamp>,
    /// When the watch began.
    pub began: Option<Timestamp>,
    /// When the last poll ended, and how.
    pub last: Option<(Timestamp, Polled)>,
    /// Failures in a row.
    pub failures: u32,
}

/// How a poll ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Polled {
    /// It was whole.
    Whole {
        /// How many referrals the listing held.
        listed: usize,
        /// How many of them were new.
        new: u32,
    },
    /// It was cut short.
    Failed {
        /// The class of the fault, for metrics.
        class: &'static str,
        /// What went wrong and what to do.
        why: String,
        /// What it is: whether time alone may mend it, and what a message says of it.
        cause: Unread,
        /// How long the other side asked to be left alone.
        retry_after: Option<Seconds>,
    },
}

impl Polled {
    /// Whether somebody on the other side has answered.
    pub(super) fn got_an_answer(&self) -> bool {
        !matches!(self, Self::Failed { cause, class, .. } if cause.is_passing() && *class != CLOCK)
    }
}

impl Pulse {
    /// How it went so far.
    pub fn past(&self) -> Past {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The watch begins.
    pub(super) fn begins(&self, now: Timestamp) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).began = Some(now);
    }

    /// Returns when somebody asks for a poll.
    pub(super) async fn asked_to_poll(&self) {
        self.ask.notified().await;
    }

    /// Polls now, without waiting for a back-off; answers when that poll is done.
    pub async fn poll_now(&self) -> Option<Polled> {
        let (tell, told) = oneshot::channel();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(tell);
        self.ask.notify_one();
        told.await.ok()
    }

    /// What failed so far says nothing about the next poll: somebody has signed in anew.
    pub fn begins_anew(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).failures = 0;
    }

    /// Asks for a poll and does not wait for it.
    pub fn wake(&self) {
        self.ask.notify_one();
    }

    /// A poll has ended; who waited for it hears how.
    pub(super) fn ended(&self, polled: &Polled, waiting: Vec<oneshot::Sender<Polled>>, now: Timestamp) {
        let mut past = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match polled {
            Polled::Whole { .. } => (past.last_good, past.failures) = (Some(now), 0),
            Polled::Failed { .. } => past.failures = past.failures.saturating_add(1),
        }
        past.last = Some((now, polled.clone()));
        drop(past);
        for tell in waiting {
            drop(tell.send(polled.clone()));
        }
    }

    /// Those who wait for the next poll.
    pub(super) fn take_asked(&self) -> Vec<oneshot::Sender<Polled>> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
