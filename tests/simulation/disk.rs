//! The disk of a course: a store in memory that a process loses with its death, and that may be full.

use std::sync::Arc;

use leadtime::store::{Commit, MemoryStore, Pair, Store, StoreFault};

use crate::death::{Death, Deed, Side};

/// The store, as one process has it.
pub struct Disk {
    pub store: Arc<MemoryStore>,
    pub death: Arc<Death>,
}

impl Disk {
    fn alive(&self) -> Result<&MemoryStore, StoreFault> {
        if self.death.has_come() { Err(StoreFault::Closed) } else { Ok(&self.store) }
    }
}

impl Store for Disk {
    fn commit(&self, commit: &Commit) -> Result<(), StoreFault> {
        let store = self.alive()?;
        let side = if commit.is_empty() { None } else { self.death.at(Deed::Commit) };
        if side == Some(Side::Before) {
            self.death.comes();
            return Err(StoreFault::Closed);
        }
        let done = store.commit(commit);
        if side == Some(Side::After) {
            self.death.comes();
            return Err(StoreFault::Closed);
        }
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
