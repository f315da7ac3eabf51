//! The store of tests and of the demo: a map behind a lock, gone with the process.
//! It keeps the same contract as the one on disk, and faults can be asked of it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Commit, Pair, Store, StoreFault, key_range};

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    rows: BTreeMap<Vec<u8>, Vec<u8>>,
    commits: u64,
    /// The numbers of commits that will fail, and with what.
    planned: BTreeMap<u64, StoreFault>,
    /// Every commit fails with this until the store is healed.
    ailing: Option<StoreFault>,
    /// After this many commits the process counts as dead.
    crash_at: Option<u64>,
    closed: bool,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// The `nth` commit from now (1 is the next) fails with `fault` and leaves nothing.
    pub fn fail_commit(&self, nth: u64, fault: StoreFault) {
        let mut state = self.state();
        let number = state.commits + nth;
        state.planned.insert(number, fault);
    }

    /// Every commit fails with `fault`, as on a full disk, until [`MemoryStore::heal`].
    pub fn fail_commits(&self, fault: StoreFault) {
        self.state().ailing = Some(fault);
    }

    /// Commits are taken again.
    pub fn heal(&self) {
        let mut state = self.state();
        state.ailing = None;
        state.planned.clear();
    }

    /// After `commits` more the process counts as killed: every call answers [`StoreFault::Closed`].
    /// What a new process finds is [`MemoryStore::reopened`].
    pub fn crash_after(&self, commits: u64) {
        let mut state = self.state();
        state.crash_at = Some(state.commits + commits);
    }

    /// The store as a new process finds it: all that was committed, no faults.
    pub fn reopened(&self) -> Self {
        let rows = self.state().rows.clone();
        Self { state: Mutex::new(State { rows, ..State::default() }) }
    }

    /// How many commits were asked for, failed ones included.
    pub fn commits(&self) -> u64 {
        self.state().commits
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_state(&self) -> Result<MutexGuard<'_, State>, StoreFault> {
        let state = self.state();
        let dead = state.crash_at.is_some_and(|at| state.commits >= at);
        if state.closed || dead { Err(StoreFault::Closed) } else { Ok(state) }
    }
}

impl Store for MemoryStore {
    fn commit(&self, commit: &Commit) -> Result<(), StoreFault> {
        let mut state = self.open_state()?;
        commit.check()?;
        if commit.is_empty() {
            return Ok(());
        }
        state.commits += 1;
        let number = state.commits;
        if let Some(fault) = state.planned.remove(&number).or_else(|| state.ailing.clone()) {
            return Err(fault);
        }
        for (key, value) in commit.writes() {
            match value {
                Some(value) => state.rows.insert(key.to_vec(), value.to_vec()),
                None => state.rows.remove(key),
            };
        }
        Ok(())
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        Ok(self.open_state()?.rows.get(key).cloned())
    }

    fn scan(&self, prefix: &[u8], from: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault> {
        let state = self.open_state()?;
        let Some(range) = key_range(prefix, from, None) else { return Ok(Vec::new()) };
        Ok(state.rows.range(range).take(limit).map(owned).collect())
    }

    fn scan_back(&self, prefix: &[u8], before: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault> {
        let state = self.open_state()?;
        let Some(range) = key_range(prefix, None, before) else { return Ok(Vec::new()) };
        Ok(state.rows.range(range).rev().take(limit).map(owned).collect())
    }

    fn size_on_disk(&self) -> Option<u64> {
        None
    }

    fn close(&self) -> Result<(), StoreFault> {
        self.state().closed = true;
        Ok(())
    }
}

fn owned((key, value): (&Vec<u8>, &Vec<u8>)) -> Pair {
    (key.clone(), value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(key: &str) -> Commit {
        let mut commit = Commit::new();
        commit.put(key, "x");
        commit
    }

    fn full() -> StoreFault {
        StoreFault::NoRoom { folder: "data".into() }
    }

    #[test]
    fn a_planned_fault_hits_its_commit_only_and_leaves_nothing() {
        let store = MemoryStore::new();
        store.fail_commit(2, full());

        assert_eq!(store.commit(&one("a")), Ok(()));
        assert_eq!(store.commit(&one("b")), Err(full()));
        assert_eq!(store.commit(&one("c")), Ok(()));

        assert_eq!(store.get(b"b"), Ok(None));
    }

    #[test]
    fn a_full_disk_refuses_until_it_is_healed() {
        let store = MemoryStore::new();
        store.fail_commits(full());
        assert_eq!(store.commit(&one("a")), Err(full()));
        store.heal();
        assert_eq!(store.commit(&one("a")), Ok(()));
    }

    #[test]
    fn after_a_crash_the_next_process_finds_what_was_committed() {
        let store = MemoryStore::new();
        store.crash_after(1);
        assert_eq!(store.commit(&one("a")), Ok(()));
        assert_eq!(store.commit(&one("b")), Err(StoreFault::Closed));

        let next = store.reopened();

        assert_eq!(next.scan(b"", None, 9), Ok(vec![(b"a".to_vec(), b"x".to_vec())]));
    }
}
