//! The state folder: who owns it, what was left in it, how much room it has. It never reads or writes a row, and never
//! deletes anything but its own half-written files.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use serde::Deserialize;

use super::{StoreFault, owner};

const LOCK: &str = "leadtime.lock";
const MARK: &str = "leadtime.state";
const MARK_UNFINISHED: &str = "leadtime.state.new";
/// What the tree says of its own format.
const CONF: &str = "conf";
/// Where that is made.
const APART: &str = "conf.new";
/// A snapshot of the tree that a stop has cut short. Left in place, the tree takes it for damage; the data is whole.
const UNFINISHED: &str = ".generating";
/// Where the last of those is kept, under a name that the tree does not look at.
const ASIDE: &str = "aside.generating";

/// What a commit must leave free on the disk. The tree takes room in pieces of 512 KiB, rewrites pages as it cleans, and
/// writes a snapshot when it is opened; once it has met a full disk it has to be opened anew.
const RESERVE_BYTES: u64 = 16 * 1024 * 1024;

/// The state folder, held by this process as long as this lives.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    reserve_bytes: u64,
    /// Holds the lock; the system lets go of it when the process ends, however it ends.
    lock: File,
}

/// What stands beside the tree and says that there was one: a tree with less than this was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) struct Mark {
    /// How many commits the tree had taken, at the least.
    pub commits: u64,
}

impl Mark {
    /// A line of one length whatever the count, so that a longer one never outlasts a shorter.
    fn line(self) -> String {
        format!("{{\"commits\":{:<20}}}\n", self.commits)
    }
}

impl Folder {
    /// Makes the folder where there is none and takes its lock.
    pub fn take(path: &Path) -> Result<Self, StoreFault> {
        let fault = |error: io::Error| StoreFault::of_io(path, &error);
        // Before anything is written.
        if let Some(uid) = owner::barred(path, &path.join(LOCK)) {
            let (owner, so) = (owner::user(uid), owner::as_user(uid));
            return Err(StoreFault::NotRoots { folder: path.to_owned(), owner, so });
        }
        let missing = path.ancestors().take_while(|folder| !folder.exists()).count();
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(fault)?;
        sync_names_of(path, missing).map_err(fault)?;
        let lock = private_file().truncate(false).open(path.join(LOCK)).map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreFault::Locked { folder: path.to_owned() }),
            Err(TryLockError::Error(error)) => return Err(fault(error)),
        }
        Ok(Self { path: path.to_owned(), reserve_bytes: RESERVE_BYTES, lock })
    }

    /// Lets another process take the folder; nothing of ours may be written here from now on.
    pub fn release(&self) {
        self.lock.unlock().ok();
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn fault(&self, error: &io::Error) -> StoreFault {
        StoreFault::of_io(&self.path, error)
    }

    /// `NoRoom` where a commit of `bytes` could fill the disk. A disk that does not tell has room.
    pub fn room_for(&self, bytes: usize) -> Result<(), StoreFault> {
        let Ok(disk) = rustix::fs::statvfs(&self.path) else { return Ok(()) };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let needed = self.reserve_bytes.saturating_add(4 * bytes as u64);
        if free < needed { Err(StoreFault::NoRoom { folder: self.path.clone() }) } else { Ok(()) }
    }

    /// Has `make` write what the tree says of itself, once and for all, where that is not there yet. The tree writes it in
    /// place and does not sync it, so it is made in a folder of its own and comes here whole and on the disk.
    pub fn settle_conf(&self, make: impl FnOnce(&Path) -> Result<(), StoreFault>) -> Result<(), StoreFault> {
        if self.path.join(CONF).exists() {
            return Ok(());
        }
        let apart = self.path.join(APART);
        let remove = || match fs::remove_dir_all(&apart) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.fault(&error)),
            _ => Ok(()),
        };
        remove()?;
        make(&apart)?;
        let settle = || -> io::Result<()> {
            File::open(apart.join(CONF))?.sync_all()?;
            fs::rename(apart.join(CONF), self.path.join(CONF))?;
            self.sync()
        };
        settle().map_err(|error| self.fault(&error))?;
        remove()
    }

    /// Moves an unfinished snapshot out of the way; one that only lacks its name gets it, because what the tree did next
    /// may be on the disk before the name. Finished ones are never touched: without them a good tree opens empty.
    pub fn settle_snapshots(&self) -> Result<(), StoreFault> {
        let fault = |error: io::Error| self.fault(&error);
        for entry in fs::read_dir(&self.path).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Some(finished) = name.strip_suffix(UNFINISHED).filter(|name| name.starts_with("snap.")) else {
                continue;
            };
            if is_whole_snapshot(&fs::read(entry.path()).map_err(fault)?) {
                // A killed process may have left it to the system alone.
                File::open(entry.path()).and_then(|file| file.sync_all()).map_err(fault)?;
                fs::rename(entry.path(), self.path.join(finished)).map_err(fault)?;
                self.sync().map_err(fault)?;
            } else {
                tracing::info!(file = %name, "set an unfinished snapshot aside; the last stop was abrupt");
                fs::rename(entry.path(), self.path.join(ASIDE)).map_err(fault)?;
            }
        }
        Ok(())
    }

    /// The mark; `None` where no store was ever here.
    pub fn mark(&self) -> Result<Option<Mark>, StoreFault> {
        match fs::read(self.path.join(MARK)) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|error| StoreFault::Damaged { what: format!("{MARK} does not read: {error}") }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.fault(&error)),
        }
    }

    /// Writes the first mark, whole or not at all, and brings it to the disk.
    pub fn begin_mark(&self, mark: Mark) -> Result<(), StoreFault> {
        let write = || -> io::Result<()> {
            let unfinished = self.path.join(MARK_UNFINISHED);
            let file = private_file().truncate(true).open(&unfinished)?;
            file.write_all_at(mark.line().as_bytes(), 0)?;
            file.sync_all()?;
            fs::rename(&unfinished, self.path.join(MARK))?;
            self.sync()
        };
        write().map_err(|error| self.fault(&error))
    }

    /// Raises the mark in place. It need not be on the disk at once: an older mark is true too, only weaker. So what it
    /// counts must be there already.
    pub fn raise_mark(&self, mark: Mark) {
        let file = OpenOptions::new().write(true).open(self.path.join(MARK));
        if let Err(error) = file.and_then(|file| file.write_all_at(mark.line().as_bytes(), 0)) {
            tracing::warn!(reason = %error, "the mark of the store was not raised");
        }
    }

    /// Brings to the disk what a killed process has left to the system alone: the tree reads it, and what it makes of it
    /// must not be on the disk before.
    pub fn sync_what_was_left(&self) -> io::Result<()> {
        let sync = |path: &Path| match File::open(path) {
            Ok(file) => file.sync_all(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        let blobs = self.path.join("blobs");
        if blobs.is_dir() {
            for page in fs::read_dir(&blobs)? {
                sync(&page?.path())?;
            }
            sync(&blobs)?;
        }
        sync(&self.path.join("db"))?;
        self.sync()
    }

    /// Brings the names in the folder to the disk.
    pub fn sync(&self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()
    }

    /// The store's files for their owner only. The tree makes them as the process's mask says; where rights cannot be set,
    /// on a volume of somebody else, that volume's rights have to do. What else is in the folder is not ours to change.
    pub fn make_private(&self) {
        let Ok(entries) = fs::read_dir(&self.path) else { return };
        for entry in entries.flatten() {
            let mode = match entry.file_name().to_str() {
                Some("db" | CONF | LOCK | MARK | ASIDE) => 0o600,
                Some("blobs") => 0o700,
                Some(name) if name.starts_with("snap.") => 0o600,
                _ => continue,
            };
            fs::set_permissions(entry.path(), Permissions::from_mode(mode)).ok();
        }
    }

    /// The same folder with another reserve.
    #[cfg(test)]
    pub fn with_reserve(mut self, bytes: u64) -> Self {
        self.reserve_bytes = bytes;
        self
    }
}

/// Whether a process has the state folder. Looks only: makes neither the folder nor its lock.
pub fn is_held(folder: &Path) -> bool {
    File::open(folder.join(LOCK)).is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
}

/// Whether the checksum at the end of a snapshot is right. Before it stands the length.
fn is_whole_snapshot(bytes: &[u8]) -> bool {
    let Some((before, checksum)) = bytes.split_last_chunk::<4>() else { return false };
    let Some((content, _length)) = before.split_last_chunk::<8>() else { return false };
    !content.is_empty() && crc32fast::hash(content) == u32::from_le_bytes(*checksum)
}

/// Brings the name of `folder` to the disk, and those of the folders above it as far as they were `made` with it.
fn sync_names_of(folder: &Path, made: usize) -> io::Result<()> {
    for folder in folder.ancestors().take(made.max(1)) {
        let parent = match folder.parent() {
            None => break,
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
        };
        match File::open(parent) {
            Ok(parent) => parent.sync_all()?,
            // Who may not look into it did not make the folder either.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    options
}
