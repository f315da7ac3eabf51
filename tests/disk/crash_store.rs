//! A store that fails and dies by a plan, for programs that let the whole of leadtime crash. It keeps the contract of
//! [`Store`], and takes every liberty that the contract leaves.
//!
//! ```ignore
//! let plan = Plan { death: Some(Death { commit: 7, moment: Moment::Torn }), ..Plan::default() };
//! let store = Arc::new(CrashStore::in_memory(seed, plan));      // or CrashStore::on_disk(seed, plan)?
//! // … leadtime runs on it; its seventh commit and every call after it answer StoreFault::Closed …
//! assert!(store.is_dead());
//! let next = store.next_life(Plan::drawn(&mut rng, 100))?;      // what a new process finds
//! ```
//!
//! - Commits are counted from 1 in each life, empty ones left out, failed ones counted. A plan speaks of these numbers.
//! - Of the commit that death meets, the seed says whether it is there afterwards, all of it; on disk the torn sectors do.
//!   Whoever was told `Closed` does not know.
//! - [`CrashStore::kill`] is a death between commits, as at any await: nothing is lost and nothing is half done.
//! - [`CrashStore::before_commit`] hears the number of each commit before it is done, in the thread that commits: the
//!   place to let a simulated clock pass (a slow disk) or to note what is about to be written.
//!
//! In memory all of it repeats from the seed. On disk sled's own threads also have a say in which bytes are written when.

use std::{
    fmt, io,
    ops::RangeInclusive,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use fastrand::Rng;
use leadtime::store::{Commit, MemoryStore, Pair, SledStore, Store, StoreFault};
use tempfile::TempDir;

use super::{Disk, Image, Tear, image::scratch};

/// The file in which the store on disk counts what is safe.
const MARK: &str = "leadtime.state";

/// What happens to a store in one life.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    pub death: Option<Death>,
    /// Where two of them are about the same commit the first holds.
    pub troubles: Vec<Span>,
}

/// The commit that the process does not survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    pub commit: u64,
    pub moment: Moment,
}

/// When in its commit the process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Nothing of it was written.
    Before,
    /// The power fails while it is written: it is there whole, or not at all.
    Torn,
    /// It is on the disk, and nobody was told.
    After,
}

/// Commits that fail although the process lives on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub commits: RangeInclusive<u64>,
    pub trouble: Trouble,
}

/// How a commit fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The disk is full; nothing of the commit is there.
    NoRoom,
    /// The disk failed; nothing of the commit is there.
    Io,
    /// The disk failed, and yet the commit is there: the one exception of the contract.
    IoButTaken,
    /// The folder cannot be written; nothing of the commit is there.
    NotWritable,
}

impl Plan {
    /// A life of up to about `commits` commits: it dies in one of them, or lives through all; now and then a trouble.
    pub fn drawn(rng: &mut Rng, commits: u64) -> Self {
        let commits = commits.max(1);
        let moments = [Moment::Before, Moment::Torn, Moment::Torn, Moment::After];
        let death = (rng.u8(..4) > 0)
            .then(|| Death { commit: rng.u64(1..=commits), moment: moments[rng.usize(..moments.len())] });
        let kinds = [Trouble::NoRoom, Trouble::Io, Trouble::IoButTaken, Trouble::NotWritable];
        let troubles = (0..rng.usize(..3)).map(|_| {
            let (first, trouble) = (rng.u64(1..=commits), kinds[rng.usize(..kinds.len())]);
            let length = if trouble == Trouble::NoRoom { rng.u64(1..=20) } else { rng.u64(1..=3) };
            Span { commits: first..=first + length - 1, trouble }
        });
        Self { troubles: troubles.collect(), death }
    }

    fn trouble(&self, commit: u64) -> Option<Trouble> {
        self.troubles.iter().find(|span| span.commits.contains(&commit)).map(|span| span.trouble)
    }
}

type Listener = Box<dyn Fn(u64) + Send + Sync>;

/// A store with a plan.
pub struct CrashStore {
    beneath: Beneath,
    plan: Plan,
    state: Mutex<State>,
    /// Held from the beginning of a commit to its end: one at a time.
    turn: Mutex<()>,
    before_commit: Option<Listener>,
}

enum Beneath {
    Memory(MemoryStore),
    Disk { store: SledStore, folder: TempDir },
}

struct State {
    rng: Rng,
    commits: u64,
    acknowledged: u64,
    dead: bool,
    /// A death that is not in the plan.
    death: Option<Death>,
    /// What the death has left on the disk, where it was on one.
    left: Option<Image>,
}

impl CrashStore {
    /// An empty store in memory.
    pub fn in_memory(seed: u64, plan: Plan) -> Self {
        Self::over(Beneath::Memory(MemoryStore::new()), Rng::with_seed(seed), plan)
    }

    /// An empty store on a disk; its folder is gone with it.
    pub fn on_disk(seed: u64, plan: Plan) -> Result<Self, StoreFault> {
        Self::on_image(&Image::default(), Rng::with_seed(seed), plan)
    }

    fn on_image(image: &Image, rng: Rng, plan: Plan) -> Result<Self, StoreFault> {
        let folder = scratch().map_err(|error| io_fault(&error))?;
        image.write(folder.path()).map_err(|error| io_fault(&error))?;
        let store = SledStore::open(folder.path())?;
        Ok(Self::over(Beneath::Disk { store, folder }, rng, plan))
    }

    fn over(beneath: Beneath, rng: Rng, plan: Plan) -> Self {
        let state = State { rng, commits: 0, acknowledged: 0, dead: false, death: None, left: None };
        Self { beneath, plan, state: Mutex::new(state), turn: Mutex::new(()), before_commit: None }
    }

    /// `listener` hears the number of each commit before it is done. It must not kill the store or commit to it.
    pub fn before_commit(mut self, listener: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.before_commit = Some(Box::new(listener));
        self
    }

    /// The process dies now. The commit that is under way is ended first.
    pub fn kill(&self) {
        let _no_commit = self.turn();
        if let Err(fault) = self.die(|| self.image()) {
            panic!("the folder of the killed store cannot be read: {fault}");
        }
    }

    /// The next commit is the one that it does not survive.
    pub fn dies_in_next(&self, moment: Moment) {
        let mut state = self.state();
        state.death = Some(Death { commit: state.commits + 1, moment });
    }

    /// Whether it has died.
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// How many commits of this life were answered with `Ok`.
    pub fn acknowledged(&self) -> u64 {
        self.state().acknowledged
    }

    /// How many commits of this life were asked for.
    pub fn commits(&self) -> u64 {
        self.state().commits
    }

    /// What a new process finds, under another plan; this one dies if it has not yet.
    ///
    /// # Errors
    /// What opening the store answered: on a disk that keeps its word there must be none.
    pub fn next_life(&self, plan: Plan) -> Result<Self, StoreFault> {
        self.kill();
        let mut state = self.state();
        let rng = state.rng.fork();
        match (&self.beneath, &state.left) {
            (Beneath::Memory(memory), _) => Ok(Self::over(Beneath::Memory(memory.reopened()), rng, plan)),
            (Beneath::Disk { .. }, left) => Self::on_image(left.as_ref().unwrap_or(&Image::default()), rng, plan),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self) -> &dyn Store {
        match &self.beneath {
            Beneath::Memory(memory) => memory,
            Beneath::Disk { store, .. } => store,
        }
    }

    fn living(&self) -> Result<&dyn Store, StoreFault> {
        if self.is_dead() { Err(StoreFault::Closed) } else { Ok(self.store()) }
    }

    /// The folder as it stands; empty in memory.
    fn image(&self) -> Result<Image, StoreFault> {
        match &self.beneath {
            Beneath::Memory(_) => Ok(Image::default()),
            Beneath::Disk { folder, .. } => Image::read(folder.path()).map_err(|error| io_fault(&error)),
        }
    }

    /// Dies, unless it has before; what is left is what `left` says.
    fn die(&self, left: impl FnOnce() -> Result<Image, StoreFault>) -> Result<(), StoreFault> {
        if !self.is_dead() {
            let left = left()?;
            let mut state = self.state();
            state.left = matches!(self.beneath, Beneath::Disk { .. }).then_some(left);
            state.dead = true;
        }
        Ok(())
    }

    fn die_at(&self, moment: Moment, commit: &Commit) -> Result<(), StoreFault> {
        match (moment, &self.beneath) {
            (Moment::Before, _) => {}
            (Moment::After, _) => self.store().commit(commit)?,
            (Moment::Torn, Beneath::Memory(memory)) => {
                if self.state().rng.bool() {
                    memory.commit(commit)?;
                }
            }
            (Moment::Torn, Beneath::Disk { .. }) => return self.tear(commit),
        }
        self.die(|| self.image())
    }

    /// The commit is written, and the power fails before it is known to be on the disk.
    fn tear(&self, commit: &Commit) -> Result<(), StoreFault> {
        let before = self.image()?;
        self.store().commit(commit)?;
        let mut written = self.image()?;
        // The store writes its mark once the commit is on the disk, so not before this death.
        written.files.extend(before.files.get(MARK).map(|mark| (MARK.to_owned(), mark.clone())));
        let mut disk = Disk::of(&before);
        Disk::steps_between(&before, &written).iter().for_each(|step| disk.take(step));
        let torn = {
            let rng = &mut self.state().rng;
            let tear = Tear { names_in_order: true, ..Tear::drawn(rng) };
            disk.after_power_cut(rng, tear)
        };
        self.die(|| Ok(torn))
    }

    fn fail(&self, trouble: Trouble, commit: &Commit) -> StoreFault {
        let folder = PathBuf::from("data");
        match trouble {
            Trouble::NoRoom => StoreFault::NoRoom { folder },
            Trouble::Io => StoreFault::Io { folder, why: "Input/output error (os error 5)".into() },
            Trouble::NotWritable => {
                StoreFault::NotWritable { folder, why: "Read-only file system (os error 30)".into() }
            }
            Trouble::IoButTaken => match self.store().commit(commit) {
                Ok(()) => StoreFault::Io { folder, why: "a write was not done within 30 s".into() },
                Err(fault) => fault,
            },
        }
    }
}

impl Store for CrashStore {
    fn commit(&self, commit: &Commit) -> Result<(), StoreFault> {
        let _turn = self.turn();
        let store = self.living()?;
        if commit.is_empty() {
            return Ok(());
        }
        let number = {
            let mut state = self.state();
            state.commits += 1;
            state.commits
        };
        if let Some(listener) = &self.before_commit {
            listener(number);
        }
        let deaths = [self.state().death, self.plan.death];
        if let Some(death) = deaths.into_iter().flatten().find(|death| death.commit == number) {
            return self.die_at(death.moment, commit).and(Err(StoreFault::Closed));
        }
        if let Some(trouble) = self.plan.trouble(number) {
            return Err(self.fail(trouble, commit));
        }
        store.commit(commit)?;
        self.state().acknowledged += 1;
        Ok(())
    }

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault> {
        self.living()?.get(key)
    }

    fn scan(&self, prefix: &[u8], from: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault> {
        self.living()?.scan(prefix, from, limit)
    }

    fn scan_back(&self, prefix: &[u8], before: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault> {
        self.living()?.scan_back(prefix, before, limit)
    }

    fn size_on_disk(&self) -> Option<u64> {
        self.living().ok()?.size_on_disk()
    }

    fn close(&self) -> Result<(), StoreFault> {
        match self.living() {
            Ok(store) => store.close(),
            Err(_dead) => Ok(()),
        }
    }
}

impl fmt::Debug for CrashStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrashStore").field("plan", &self.plan).finish_non_exhaustive()
    }
}

fn io_fault(error: &io::Error) -> StoreFault {
    StoreFault::Io { folder: PathBuf::from("data"), why: error.to_string() }
}
