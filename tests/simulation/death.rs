//! When the process dies. Whatever it does to the world outside (a commit, a request, a message handed over) is counted
//! here, and a death can be set for the moment before or after each. A dead process does nothing more.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

/// What a process does to the world outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Deed {
    Commit,
    Request,
    Send,
}

/// On which side of the deed it dies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// It is not done.
    Before,
    /// It is under way: what is left of it is drawn. Of commits only.
    Within,
    /// It is done, and the process does not learn of it.
    After,
}

/// One process's death.
#[derive(Default)]
pub struct Death {
    dead: AtomicBool,
    came: Notify,
    planned: Mutex<BTreeMap<Deed, (u32, Side)>>,
}

impl Death {
    /// It comes with the `nth` such deed from now (1 is the next).
    pub fn comes_with(&self, deed: Deed, nth: u32, side: Side) {
        self.planned.lock().unwrap().insert(deed, (nth.max(1), side));
    }

    /// It comes now.
    pub fn comes(&self) {
        self.dead.store(true, Ordering::Relaxed);
        self.came.notify_one();
    }

    pub fn has_come(&self) -> bool {
        self.dead.load(Ordering::Relaxed)
    }

    /// Returns when it comes.
    pub async fn awaited(&self) {
        if !self.has_come() {
            self.came.notified().await;
        }
    }

    /// A deed is about to be done: whether the process dies with it, and on which side.
    pub fn at(&self, deed: Deed) -> Option<Side> {
        let mut planned = self.planned.lock().unwrap();
        let (left, side) = planned.get_mut(&deed)?;
        *left -= 1;
        if *left > 0 {
            return None;
        }
        let side = *side;
        planned.remove(&deed);
        Some(side)
    }
}

/// Does a deed of the world outside by way of the present process's death: `None` where the dead one learns nothing of it.
pub async fn mortal<T>(death: &Arc<Death>, deed: Deed, done: impl Future<Output = T>) -> T {
    if death.has_come() {
        return std::future::pending().await;
    }
    let side = death.at(deed);
    if matches!(side, Some(Side::Before | Side::Within)) {
        death.comes();
        return std::future::pending().await;
    }
    let done = done.await;
    if side == Some(Side::After) {
        death.comes();
    }
    if death.has_come() {
        return std::future::pending().await;
    }
    done
}
