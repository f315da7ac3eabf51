//! The disk of a course: a store that a process loses with its death, in memory or in files of which a power cut leaves
//! what was synced and a draw of the rest; and that may be full, or fail.

use std::sync::{Arc, Mutex};

use leadtime::store::{Commit, Pair, Store, StoreFault};

use crate::{
    chronicle::{Chronicle, What},
    crashes::{CrashStore, Moment, Plan},
    death::{Death, Deed, Side},
};

/// What outlives a process.
pub struct Drive {
    store: CrashStore,
    ailing: Mutex<Ailing>,
}

/// What is wrong with it.
#[derive(Clone, Debug, Default)]
struct Ailing {
    full: bool,
    /// In so many commits, each from now, one fails.
    fails_in: Vec<u64>,
}

impl Drive {
    pub fn new(seed: u64, on_disk: bool) -> Arc<Self> {
        let store = match on_disk {
            true => CrashStore::on_disk(seed, Plan::default()).unwrap(),
            false => CrashStore::in_memory(seed, Plan::default()),
        };
        Arc::new(Self { store, ailing: Mutex::default() })
    }

    /// What the next process finds of it.
    pub fn next_life(&self) -> Arc<Self> {
        let store =
            self.store.next_life(Plan::default()).unwrap_or_else(|fault| panic!("it opens after a crash: {fault}"));
        Arc::new(Self { store, ailing: Mutex::new(self.ailing.lock().unwrap().clone()) })
    }

    pub fn is_full(&self, full: bool) {
        self.ailing.lock().unwrap().full = full;
    }

    /// The `nth` commit from now fails, once.
    pub fn fails(&self, nth: u64) {
        self.ailing.lock().unwrap().fails_in.push(nth.max(1));
    }

    pub fn heals(&self) {
        *self.ailing.lock().unwrap() = Ailing::default();
    }

    /// What a commit meets.
    fn fault(&self) -> Option<StoreFault> {
        let mut ailing = self.ailing.lock().unwrap();
        ailing.fails_in.iter_mut().for_each(|left| *left -= 1);
        let fails = ailing.fails_in.contains(&0);
        ailing.fails_in.retain(|left| *left > 0);
        let why = || "as the course has it".to_owned();
        match (ailing.full, fails) {
            (true, _) => Some(StoreFault::NoRoom { folder: "data".into() }),
            (false, true) => Some(StoreFault::Io { folder: "data".into(), why: why() }),
            (false, false) => None,
        }
    }
}

/// The store, as one process has it.
pub struct Disk {
    pub drive: Arc<Drive>,
    pub death: Arc<Death>,
    pub chronicle: Arc<Chronicle>,
}

impl Disk {
    fn alive(&self) -> Result<&CrashStore, StoreFault> {
        if self.death.has_come() { Err(StoreFault::Closed) } else { Ok(&self.drive.store) }
    }

    fn dies_with(&self, commit: &Commit, side: Side) -> StoreFault {
        let moment = match side {
            Side::Before => Moment::Before,
            Side::Within => Moment::Torn,
            Side::After => Moment::After,
        };
        self.drive.store.dies_in_next(moment);
        let fault = self.drive.store.commit(commit).err();
        self.death.comes();
        fault.unwrap_or(StoreFault::Closed)
    }
}

impl Store for Disk {
    fn commit(&self, commit: &Commit) -> Result<(), StoreFault> {
        let store = self.alive()?;
        if commit.is_empty() {
            return store.commit(commit);
        }
        let (side, fault) = (self.death.at(Deed::Commit), self.drive.fault());
        let done = match (fault, side) {
            (Some(fault), None) => Err(fault),
            (Some(fault), Some(_)) => {
                self.death.comes();
                Err(fault)
            }
            (None, Some(side)) => Err(self.dies_with(commit, side)),
            (None, None) => store.commit(commit),
        };
        // What a death has left of a commit under way nobody can say; after it, it is there.
        let is_there = done.is_ok() || (side == Some(Side::After) && self.drive.store.is_dead());
        self.chronicle.note(if is_there { What::Committed } else { What::NotCommitted });
        done
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        self.alive()?.get(key)
    }

    fn scan(&self, prefix: &[u8], from: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault> {
        self.alive()?.scan(prefix, from, limit)
    }

    fn scan_back(&self, prefix: &[u8], before: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault> {
        self.alive()?.scan_back(prefix, before, limit)
    }

    fn size_on_disk(&self) -> Option<u64> {
        None
    }

    fn close(&self) -> Result<(), StoreFault> {
        Ok(())
    }
}
