//! A value of which only the latest counts, and the wait for another. Like tokio's `watch`, but those who wait are woken
//! in the order in which they began to: the same events lead to the same course each time, which is what the simulation
//! lives by. Must never hold its lock over an await.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Where the value is set. Cheap to clone.
#[derive(Debug)]
pub struct Latest<T>(Arc<Shared<T>>);

/// Where it is read and awaited.
#[derive(Debug)]
pub struct Reading<T> {
    shared: Arc<Shared<T>>,
    /// The turn whose value was looked at last.
    seen: u64,
}

#[derive(Debug)]
struct Shared<T> {
    value: Mutex<Turned<T>>,
    changed: Notify,
}

#[derive(Debug)]
struct Turned<T> {
    value: T,
    /// How many times it was set.
    turn: u64,
}

impl<T: Clone> Latest<T> {
    /// A value that nobody has set since.
    pub fn new(value: T) -> Self {
        Self(Arc::new(Shared { value: Mutex::new(Turned { value, turn: 0 }), changed: Notify::new() }))
    }

    /// Sets it, and wakes all who wait for another.
    pub fn set(&self, value: T) {
        self.change_if(|known| {
            *known = value;
            true
        });
    }

    /// Changes it in place and wakes all who wait, where `change` says that it did.
    pub fn change_if(&self, change: impl FnOnce(&mut T) -> bool) {
        let mut inside = self.0.inside();
        if !change(&mut inside.value) {
            return;
        }
        inside.turn += 1;
        drop(inside);
        self.0.changed.notify_waiters();
    }

    /// The value.
    pub fn get(&self) -> T {
        self.0.inside().value.clone()
    }

    /// A reading that has seen the present value.
    pub fn reading(&self) -> Reading<T> {
        let seen = self.0.inside().turn;
        Reading { shared: self.0.clone(), seen }
    }
}

impl Latest<u64> {
    /// Counts one on: for who has nothing to say but that something has changed.
    pub fn turns(&self) {
        self.change_if(|turn| {
            *turn += 1;
            true
        });
    }
}

impl<T: Clone> Reading<T> {
    /// The value; the next [`Reading::changed`] waits for another.
    pub fn look(&mut self) -> T {
        let inside = self.shared.inside();
        self.seen = inside.turn;
        inside.value.clone()
    }

    /// The value, without counting as having looked.
    pub fn get(&self) -> T {
        self.shared.inside().value.clone()
    }

    /// Returns when the value is another than at the last look; that is a look. Nothing is missed where the wait is given up
    /// and begun again.
    pub async fn changed(&mut self) {
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            // Before the turn is compared, so that none falls between.
            changed.as_mut().enable();
            let turn = self.shared.inside().turn;
            if turn != self.seen {
                self.seen = turn;
                return;
            }
            changed.await;
        }
    }
}

impl<T> Shared<T> {
    fn inside(&self) -> MutexGuard<'_, Turned<T>> {
        // What is inside is whole after every line; a panic elsewhere leaves it usable.
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Clone for Reading<T> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), seen: self.seen }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, future::poll_immediate};

    use super::*;

    #[test]
    fn a_change_before_the_wait_ends_it_at_once_and_the_next_wait_waits() {
        let latest = Latest::new(1);
        let mut reading = latest.reading();
        assert!(reading.changed().now_or_never().is_none());
        latest.set(2);
        assert!(reading.changed().now_or_never().is_some());
        assert_eq!(reading.get(), 2);
        assert!(reading.changed().now_or_never().is_none());
    }

    #[test]
    fn what_changes_nothing_wakes_nobody() {
        let latest = Latest::new(1);
        let mut reading = latest.reading();
        latest.change_if(|_| false);
        assert!(reading.changed().now_or_never().is_none());
    }

    #[tokio::test]
    async fn those_who_wait_are_woken_in_the_order_in_which_they_came() {
        let (latest, order) = (Latest::new(0_u64), Arc::new(Mutex::new(Vec::new())));
        let mut waiting = tokio::task::JoinSet::new();
        for number in 0..20 {
            let (mut reading, order) = (latest.reading(), order.clone());
            waiting.spawn(async move {
                reading.changed().await;
                order.lock().unwrap().push(number);
            });
        }
        tokio::task::yield_now().await;
        assert!(poll_immediate(waiting.join_next()).await.is_none());
        latest.turns();
        while waiting.join_next().await.is_some() {}
        assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
    }
}
