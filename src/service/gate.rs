//! When messages may go: not before every account was polled once, and not in the middle of a poll, so that a backlog
//! becomes one digest. Each wait has its limit.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::core::ids::AccountName;

/// Messages wait for the first poll of every account so long, at most.
pub const FIRST_POLLS_MAX: Duration = Duration::from_secs(60);
/// Messages of a poll wait for its end so long, at most.
pub const POLL_MAX: SignedDuration = SignedDuration::from_secs(10);

/// Knows which accounts are being polled, and which were not yet since the start or a jump of the clock.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<Inside>,
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inside {
    awaited: BTreeSet<AccountName>,
    polling: BTreeMap<AccountName, Timestamp>,
}

impl Gate {
    /// A gate that waits for these accounts' first polls.
    pub fn new(accounts: impl IntoIterator<Item = AccountName>) -> Self {
        let state = Inside { awaited: accounts.into_iter().collect(), polling: BTreeMap::new() };
        Self { state: Mutex::new(state), changed: watch::Sender::new(0) }
    }

    /// A poll begins.
    pub fn begins(&self, account: &AccountName, now: Timestamp) {
        self.inside().polling.insert(account.clone(), now);
    }

    /// A poll has ended, whole or not.
    pub fn ends(&self, account: &AccountName) {
        let mut inside = self.inside();
        inside.polling.remove(account);
        inside.awaited.remove(account);
        drop(inside);
        self.changed.send_modify(|turn| *turn += 1);
    }

    /// Everything is as on a start: the clock has jumped, or other accounts are watched.
    pub fn closes_for(&self, accounts: impl IntoIterator<Item = AccountName>) {
        self.inside().awaited = accounts.into_iter().collect();
    }

    /// The wait for first polls is over, whoever has not answered.
    pub fn opens(&self) {
        self.inside().awaited.clear();
        self.changed.send_modify(|turn| *turn += 1);
    }

    /// Whether every account was polled, so that something may be decided by time alone.
    pub fn is_open(&self) -> bool {
        self.inside().awaited.is_empty()
    }

    /// Whether messages may go that can become a digest.
    pub fn lets_digests_pass(&self, now: Timestamp) -> bool {
        let inside = self.inside();
        inside.awaited.is_empty() && inside.polling.values().all(|since| now.duration_since(*since) >= POLL_MAX)
    }

    /// Tells of each change.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // What is inside is whole after every line; a panic elsewhere leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
