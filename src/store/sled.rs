//! The store on disk: one tree of sled 0.34, with what sled leaves open closed around it.
//!
//! - Its flush is no fsync: every commit is followed by one, on the log and on files beside it.
//! - It answers some damage by panicking: every call is caught and becomes a [`StoreFault::Damaged`].
//! - It opens some damaged trees as if they were empty or older: a count of commits inside is held against a mark outside.
//! - Once a write has failed it fails for ever, and what it shows may not be on the disk: it is dropped and opened anew,
//!   which also tells whether the failed commit is there. Where the disk itself lost a write, nothing more is written.
//! - It takes a snapshot that was cut short for damage: that is set aside before it looks.
//!
//! Nothing here deletes a file of the tree.

use std::{
    ops::ControlFlow,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockWriteGuard},
    thread,
    time::Duration,
};

use super::{
    Commit, Pair, Store, StoreFault,
    folder::{Folder, Mark},
    key_range, layout,
    tree::{self, OpenTree},
    version,
};

/// The store in a folder. One process has it open at a time.
#[derive(Debug)]
pub struct SledStore {
    folder: Folder,
    tree: RwLock<Tree>,
    /// How many commits the tree has taken; held from the beginning of a commit to its end, so there is one at a time.
    commits: Mutex<u64>,
}

#[derive(Debug)]
enum Tree {
    Open(OpenTree),
    /// A write failed and it could not be opened anew yet.
    Lost,
    /// What was written may never reach the disk. Nothing is read or written until the next start.
    Failed(StoreFault),
    Closed,
}

impl SledStore {
    /// Opens the store in `folder`, which is made where there is none.
    ///
    /// # Errors
    /// [`StoreFault::Locked`] while another process has it; [`StoreFault::Damaged`], [`StoreFault::NewerVersion`],
    /// [`StoreFault::NotWritable`], [`StoreFault::NoRoom`], [`StoreFault::Io`].
    pub fn open(folder: &Path) -> Result<Self, StoreFault> {
        Self::open_in(Folder::take(folder)?)
    }

    /// As [`SledStore::open`], but while the folder is locked it tries again every `poll` for as long as `wait`.
    /// Before each pause `on_wait` hears how long it has waited, and may end it.
    ///
    /// # Errors
    /// [`StoreFault::Locked`] once `wait` is over or `on_wait` has broken off; else as [`SledStore::open`], at once.
    pub fn open_waiting(
        folder: &Path,
        wait: Duration,
        poll: Duration,
        mut on_wait: impl FnMut(Duration) -> ControlFlow<()>,
    ) -> Result<Self, StoreFault> {
        let poll = poll.max(Duration::from_millis(1));
        let mut waited = Duration::ZERO;
        loop {
            match Self::open(folder) {
                Err(locked @ StoreFault::Locked { .. }) => {
                    if waited >= wait || on_wait(waited).is_break() {
                        return Err(locked);
                    }
                }
                other => return other,
            }
            let pause = poll.min(wait - waited);
            thread::sleep(pause);
            waited += pause;
        }
    }

    fn open_in(folder: Folder) -> Result<Self, StoreFault> {
        let mark = folder.mark()?;
        let tree = OpenTree::open(&folder)?;
        let taken = tree.commits(&folder)?;
        if let Some(Mark { commits }) = mark
            && taken < commits
        {
            return Err(StoreFault::Damaged {
                what: format!("{} holds {taken} commits where {commits} were made", folder.path().display()),
            });
        }
        match mark {
            None => folder.begin_mark(Mark { commits: taken })?,
            Some(mark) if mark.commits < taken => folder.raise_mark(Mark { commits: taken }),
            Some(_) => {}
        }
        let store = Self { folder, tree: RwLock::new(Tree::Open(tree)), commits: Mutex::new(taken) };
        version::settle(&store)?;
        store.folder.make_private();
        Ok(store)
    }

    fn commits(&self) -> MutexGuard<'_, u64> {
        self.commits.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tree_mut(&self) -> RwLockWriteGuard<'_, Tree> {
        self.tree.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `read` on the tree; opens the tree first where it was lost.
    fn read<T>(&self, read: impl Fn(&::sled::Db) -> ::sled::Result<T>) -> Result<T, StoreFault> {
        let mut tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        if matches!(*tree, Tree::Lost) {
            drop(tree);
            self.find_again(&mut self.commits())?;
            tree = self.tree.read().unwrap_or_else(PoisonError::into_inner);
        }
        match &*tree {
            Tree::Open(open) => tree::caught(&self.folder, || read(&open.db)),
            other => Err(self.unusable(other)),
        }
    }

    fn unusable(&self, tree: &Tree) -> StoreFault {
        match tree {
            Tree::Failed(fault) => fault.clone(),
            Tree::Closed => StoreFault::Closed,
            Tree::Open(_) | Tree::Lost => {
                let (folder, why) = (self.folder.path().to_owned(), "a write has just failed".to_owned());
                StoreFault::Io { folder, why }
            }
        }
    }

    /// Opens a lost tree; does nothing to one that is open.
    fn find_again(&self, commits: &mut u64) -> Result<(), StoreFault> {
        let mut tree = self.tree_mut();
        match &*tree {
            Tree::Open(_) => return Ok(()),
            Tree::Lost => {}
            other => return Err(self.unusable(other)),
        }
        let found = OpenTree::open(&self.folder)?;
        let taken = found.commits(&self.folder)?;
        if taken < *commits {
            return Err(StoreFault::Damaged {
                what: format!("after a failed write {taken} commits are left of {commits}"),
            });
        }
        *commits = taken;
        *tree = Tree::Open(found);
        Ok(())
    }

    /// Applies the commit, with its number, and brings it to the disk.
    fn write(&self, commit: &Commit, number: u64) -> Result<(), StoreFault> {
        let mut batch = ::sled::Batch::default();
        for (key, value) in commit.writes() {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        batch.insert(layout::COMMITS, &number.to_be_bytes());
        let tree = self.tree_mut();
        let Tree::Open(open) = &*tree else { return Err(self.unusable(&tree)) };
        tree::caught(&self.folder, || open.db.apply_batch(batch))?;
        // Readers see the commit whole from here on; while it goes to the disk they need not wait.
        let tree = RwLockWriteGuard::downgrade(tree);
        match &*tree {
            Tree::Open(open) => open.bring_to_disk(&self.folder),
            other => Err(self.unusable(other)),
        }
    }

    /// After a failed write: lets the tree go, opens it anew if that can be, and looks whether the commit is there.
    fn settle_failure(&self, fault: StoreFault, number: u64, commits: &mut u64) -> Result<(), StoreFault> {
        {
            let mut tree = self.tree_mut();
            let Tree::Open(open) = &*tree else { return Err(fault) };
            let can_go_on = open.can_reach_disk();
            let left = std::mem::replace(&mut *tree, if can_go_on { Tree::Lost } else { Tree::Failed(fault.clone()) });
            // sled panics where its last words do not reach the disk; the fault that is told is the first one.
            tree::let_go(&self.folder, left).ok();
            if !can_go_on {
                return Err(fault);
            }
        }
        match self.find_again(commits) {
            Ok(()) if *commits == number => Ok(()),
            Ok(()) => Err(fault),
            Err(worse) => {
                tracing::warn!(reason = %worse, "the store could not be opened again after a failed write");
                Err(fault)
            }
        }
    }
}

impl Store for SledStore {
    fn commit(&self, commit: &Commit) -> Result<(), StoreFault> {
        commit.check()?;
        if commit.is_empty() {
            return Ok(());
        }
        let mut commits = self.commits();
        self.folder.room_for(commit.bytes())?;
        self.find_again(&mut commits)?;
        let number = *commits + 1;
        match self.write(commit, number) {
            Ok(()) => *commits = number,
            Err(fault) => self.settle_failure(fault, number, &mut commits)?,
        }
        self.folder.raise_mark(Mark { commits: number });
        Ok(())
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        self.read(|db| {
            let value = db.get(key)?;
            if value.as_ref().is_some_and(|value| value.len() >= tree::LARGE) {
                tree::let_pages_go(db, [key])?;
            }
            Ok(value.map(|value| value.to_vec()))
        })
    }

    fn scan(&self, prefix: &[u8], from: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault> {
        let Some(range) = key_range(prefix, from, None) else { return Ok(Vec::new()) };
        self.read(|db| read_through(db, db.range(range.clone()).take(limit)))
    }

    fn scan_back(&self, prefix: &[u8], before: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault> {
        let Some(range) = key_range(prefix, None, before) else { return Ok(Vec::new()) };
        self.read(|db| read_through(db, db.range(range.clone()).rev().take(limit)))
    }

    fn size_on_disk(&self) -> Option<u64> {
        self.read(::sled::Db::size_on_disk).ok()
    }

    fn close(&self) -> Result<(), StoreFault> {
        let _no_commit = self.commits();
        let was = std::mem::replace(&mut *self.tree_mut(), Tree::Closed);
        let Tree::Open(open) = was else { return Ok(()) };
        tree::let_go(&self.folder, open)?;
        self.folder.make_private();
        self.folder.release();
        Ok(())
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        if let Err(fault) = self.close() {
            tracing::warn!(reason = %fault, "the store was not left clean");
        }
    }
}

/// Reads so many rows, and keeps none of their pages from leaving the cache.
fn read_through(
    db: &::sled::Db,
    pairs: impl Iterator<Item = ::sled::Result<(::sled::IVec, ::sled::IVec)>>,
) -> ::sled::Result<Vec<Pair>> {
    let owned =
        |pair: ::sled::Result<(::sled::IVec, ::sled::IVec)>| pair.map(|(key, value)| (key.to_vec(), value.to_vec()));
    let pairs: Vec<Pair> = pairs.map(owned).collect::<::sled::Result<_>>()?;
    let one_of_each_page = pairs.iter().skip(tree::PAGE_ROWS - 1).step_by(tree::PAGE_ROWS);
    tree::let_pages_go(db, one_of_each_page.map(|(key, _)| key.as_slice()))?;
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn one(key: &str) -> Commit {
        let mut commit = Commit::new();
        commit.put(key, "x");
        commit
    }

    #[test]
    fn a_commit_that_could_fill_the_disk_is_refused_and_reading_goes_on() {
        let parent = tempfile::tempdir().unwrap();
        let store = SledStore::open(parent.path()).unwrap();
        store.commit(&one("a")).unwrap();
        drop(store);

        let folder = Folder::take(parent.path()).unwrap().with_reserve(u64::MAX);
        let store = SledStore::open_in(folder).unwrap();

        assert!(store.commit(&one("b")).unwrap_err().is_no_room());
        assert_eq!(store.get(b"a"), Ok(Some(b"x".to_vec())));
        assert_eq!(store.get(b"b"), Ok(None));
    }

    #[test]
    fn a_commit_whose_end_failed_is_found_on_the_disk_and_so_it_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let store = SledStore::open(folder.path()).unwrap();
        // What follows the write to the log cannot be done; opening anew makes this folder again.
        fs::remove_dir(folder.path().join("blobs")).unwrap();

        assert_eq!(store.commit(&one("a")), Ok(()));

        assert!(folder.path().join("blobs").exists(), "it was opened anew");
        assert_eq!(store.get(b"a"), Ok(Some(b"x".to_vec())));
        assert_eq!(store.commit(&one("b")), Ok(()));
    }

    #[test]
    fn a_store_that_was_lost_says_so_until_it_can_be_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = SledStore::open(folder.path()).unwrap();
        store.commit(&one("a")).unwrap();
        let unreadable = folder.path().join("snap.FFFFFFFFFFFFFFFF");
        fs::write(&unreadable, "").unwrap();
        fs::remove_dir(folder.path().join("blobs")).unwrap();

        assert!(matches!(store.commit(&one("b")), Err(StoreFault::Io { .. })));
        assert!(matches!(store.get(b"a"), Err(StoreFault::Damaged { .. })));
        fs::remove_file(&unreadable).unwrap();

        assert_eq!(store.get(b"a"), Ok(Some(b"x".to_vec())));
        assert_eq!(store.commit(&one("c")), Ok(()));
    }

    #[test]
    fn a_disk_that_lost_a_write_is_not_written_on_until_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let store = SledStore::open(folder.path()).unwrap();
        store.commit(&one("a")).unwrap();
        match &mut *store.tree_mut() {
            Tree::Open(open) => open.break_disk().unwrap(),
            other => panic!("{other:?}"),
        }

        let fault = store.commit(&one("b")).unwrap_err();

        assert!(matches!(fault, StoreFault::Io { .. }), "{fault}");
        assert_eq!(store.commit(&one("c")), Err(fault.clone()));
        assert_eq!(store.get(b"a"), Err(fault));
        drop(store);
        assert_eq!(SledStore::open(folder.path()).unwrap().get(b"a"), Ok(Some(b"x".to_vec())));
    }

    const ROWS: u64 = 200;

    /// Without the reserve: what sled does on a full disk, and that it comes back.
    #[test]
    #[ignore = "needs a small disk: mount -t tmpfs -o size=24m tmpfs DIR; LEADTIME_TEST_SMALL_DISK=DIR"]
    fn a_write_that_met_a_full_disk_loses_nothing_before_it_and_is_taken_once_there_is_room() {
        let disk = std::path::PathBuf::from(std::env::var("LEADTIME_TEST_SMALL_DISK").unwrap());
        let path = disk.join("unreserved");
        let filler = disk.join("filler");
        fs::write(&filler, vec![0; 4 << 20]).unwrap();
        let store = SledStore::open_in(Folder::take(&path).unwrap().with_reserve(0)).unwrap();
        // Each commit is longer than a segment of the log, so that the disk fills in the middle of one.
        let body = |n: u64| {
            let mut commit = Commit::new();
            for row in 0..ROWS {
                commit.put(layout::case(crate::core::ids::CaseNumber(n * ROWS + row)), vec![7; 5000]);
            }
            commit
        };
        let mut taken = 0;
        let fault = loop {
            match store.commit(&body(taken)) {
                Ok(()) => taken += 1,
                Err(fault) => break fault,
            }
        };
        assert!(fault.is_no_room(), "{fault}");
        assert!(store.commit(&body(taken)).unwrap_err().is_no_room());
        fs::remove_file(&filler).unwrap();

        let cases = |store: &SledStore| store.scan(layout::CASES, None, usize::MAX).unwrap().len() as u64;
        assert_eq!(cases(&store), taken * ROWS);
        store.commit(&body(taken)).unwrap();
        drop(store);
        assert_eq!(cases(&SledStore::open(&path).unwrap()), (taken + 1) * ROWS);
        fs::remove_dir_all(&path).unwrap();
    }
}
