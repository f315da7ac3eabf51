//! sled itself, held at arm's length: opened, its panics caught, its writes brought to the disk. It knows nothing of
//! commits but their count, and never deletes a file.

use std::{
    cell::Cell,
    collections::BTreeSet,
    ffi::OsString,
    fs::{self, File},
    io,
    panic::{self, AssertUnwindSafe},
    path::PathBuf,
    pin::pin,
    sync::{
        Arc, Mutex, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::Duration,
};

use super::{StoreFault, folder::Folder, layout};

/// What sled keeps of the pages it has read. A larger cache made nothing faster here, and its memory does not come back.
const CACHE_BYTES: u64 = 2 * 1024 * 1024;
/// sled counts what its cache holds in 256 parts, each only once its pages were asked for 64 times more: what is read once
/// stays, up to 16,000 pages of any size. Asking so many times again has a page counted soon after it was read.
const ASKED_AGAIN: usize = 7;
/// So many rows stand in a page at the least, where rows were added one after the other.
pub(super) const PAGE_ROWS: usize = 8;
/// A row of so many bytes stands in a page that is worth being let go.
pub(super) const LARGE: usize = 512;
/// How often sled looks for segments to clean. No commit waits for it.
const CLEAN_EVERY_MS: u64 = 1000;
/// Threads of a tree that was dropped, or of a process just killed, may hold its lock a moment longer.
const RELEASE_TRIES: u32 = 300;
const RELEASE_PAUSE: Duration = Duration::from_millis(10);
/// How often a flush is asked for, and how long for each time. When a write fails just then, sled can forget to wake who
/// waits for it; asking again does.
const FLUSH_TRIES: u32 = 6;
const FLUSH_PATIENCE: Duration = Duration::from_secs(5);

/// An open tree.
#[derive(Debug)]
pub(super) struct OpenTree {
    pub db: ::sled::Db,
    /// The log, to bring it to the disk.
    log: File,
    /// Pages too large for the log have files of their own in this folder; which of them are on the disk.
    large_pages: PathBuf,
    synced: Mutex<BTreeSet<OsString>>,
    write_back_failed: AtomicBool,
}

impl OpenTree {
    /// Opens the tree of a folder that is ours; what was recovered is on the disk when this returns.
    pub fn open(folder: &Folder) -> Result<Self, StoreFault> {
        folder.set_unfinished_aside()?;
        let db = open_released(folder)?;
        let opened = || -> io::Result<Self> {
            let log = File::open(folder.path().join("db"))?;
            let tree = Self {
                db,
                log,
                large_pages: folder.path().join("blobs"),
                synced: Mutex::default(),
                write_back_failed: AtomicBool::new(false),
            };
            tree.sync()?;
            folder.sync()?;
            Ok(tree)
        };
        opened().map_err(|error| folder.fault(&error))
    }

    /// How many commits the tree has taken.
    pub fn commits(&self, folder: &Folder) -> Result<u64, StoreFault> {
        let Some(count) = caught(folder, || self.db.get(layout::COMMITS))? else { return Ok(0) };
        match <[u8; 8]>::try_from(count.as_ref()) {
            Ok(count) => Ok(u64::from_be_bytes(count)),
            Err(_) => Err(StoreFault::Damaged { what: "the count of commits does not read".into() }),
        }
    }

    /// Returns once all that was written is on the disk.
    pub fn bring_to_disk(&self, folder: &Folder) -> Result<(), StoreFault> {
        let flushed = (0..FLUSH_TRIES).find_map(|_| wait(self.db.flush_async(), FLUSH_PATIENCE));
        let Some(flushed) = flushed else {
            return Err(folder.fault(&io::Error::new(io::ErrorKind::TimedOut, "a write was not done within 30 s")));
        };
        caught(folder, || flushed)?;
        self.sync().map_err(|error| folder.fault(&error))
    }

    /// Whether what was handed to the system can still reach the disk. A system whose write-back has failed says so once
    /// on each open file and then takes the pages for clean: a log with such a hole must not be written on.
    pub fn can_reach_disk(&self) -> bool {
        !self.write_back_failed.load(Ordering::Relaxed) && self.log.sync_data().is_ok()
    }

    fn noted(&self, synced: io::Result<()>) -> io::Result<()> {
        if synced.is_err() {
            self.write_back_failed.store(true, Ordering::Relaxed);
        }
        synced
    }

    /// The next write to the disk fails, as on a broken one.
    #[cfg(test)]
    pub fn break_disk(&mut self) -> io::Result<()> {
        // A device that cannot be synced.
        self.log = File::open("/dev/null")?;
        Ok(())
    }

    /// sled's own flush hands the log to the system; this brings it, and the large pages, to the disk.
    fn sync(&self) -> io::Result<()> {
        let mut synced = self.synced.lock().unwrap_or_else(PoisonError::into_inner);
        let mut present = BTreeSet::new();
        let mut fresh = false;
        for entry in fs::read_dir(&self.large_pages)? {
            let name = entry?.file_name();
            if !synced.contains(&name) {
                match File::open(self.large_pages.join(&name)) {
                    Ok(page) => self.noted(page.sync_all())?,
                    Err(gone) if gone.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                }
                fresh = true;
            }
            present.insert(name);
        }
        if fresh {
            self.noted(File::open(&self.large_pages)?.sync_all())?;
        }
        *synced = present;
        self.noted(self.log.sync_data())
    }
}

/// Has the pages of these keys, which were just read, leave the cache when their turn comes.
pub(super) fn let_pages_go<'a>(db: &::sled::Db, keys: impl IntoIterator<Item = &'a [u8]>) -> ::sled::Result<()> {
    for key in keys {
        for _ in 0..ASKED_AGAIN {
            db.contains_key(key)?;
        }
    }
    Ok(())
}

fn open_released(folder: &Folder) -> Result<::sled::Db, StoreFault> {
    // Segment size and compression are written into the folder at its birth: to change one is a migration.
    let config = ::sled::Config::new()
        .path(folder.path())
        .cache_capacity(CACHE_BYTES)
        .mode(::sled::Mode::LowSpace)
        .flush_every_ms(Some(CLEAN_EVERY_MS));
    for _ in 0..RELEASE_TRIES {
        match caught(folder, || config.open()) {
            Err(StoreFault::Locked { .. }) => thread::sleep(RELEASE_PAUSE),
            other => return other,
        }
    }
    Err(StoreFault::Locked { folder: folder.path().to_owned() })
}

/// Calls sled; its errors and its panics become faults.
pub(super) fn caught<T>(folder: &Folder, call: impl FnOnce() -> ::sled::Result<T>) -> Result<T, StoreFault> {
    let damaged =
        |what: &str| StoreFault::Damaged { what: format!("{} cannot be read ({what})", folder.path().display()) };
    let result = quietly(call).map_err(|panic| damaged(&panic))?;
    result.map_err(|error| match error {
        // sled says so in words only.
        ::sled::Error::Io(io) if io.to_string().starts_with("could not acquire lock") => {
            StoreFault::Locked { folder: folder.path().to_owned() }
        }
        // A file of the tree that ends too soon or is not there.
        ::sled::Error::Io(io) if matches!(io.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound) => {
            damaged(&io.to_string())
        }
        ::sled::Error::Io(io) => folder.fault(&io),
        ::sled::Error::Corruption { .. } => damaged("a checksum is wrong"),
        other => damaged(&other.to_string()),
    })
}

/// Drops what holds a tree; sled writes its last words then, and may panic over them.
pub(super) fn let_go<T>(folder: &Folder, tree: T) -> Result<(), StoreFault> {
    caught(folder, || {
        drop(tree);
        Ok(())
    })
}

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}
static HOOK: Once = Once::new();

/// Runs `call` and catches its panic, as text. The panic is not printed: it is told as a fault.
fn quietly<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                loud(info);
            }
        }));
    });
    let was = QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(call));
    QUIET.set(was);
    result.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        text.unwrap_or("a panic without words").lines().next().unwrap_or_default().to_owned()
    })
}

/// What `future` brings, if it does within about `patience`. For a thread that may block.
fn wait<F: Future>(future: F, patience: Duration) -> Option<F::Output> {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    const SLICES: u32 = 50;
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    for _ in 0..SLICES {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return Some(output);
        }
        thread::park_timeout(patience / SLICES);
    }
    None
}
