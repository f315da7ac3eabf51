//! Why the store could not do what was asked, in words that say what to do. Never a secret, never a panic.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

/// A fault of the store. Cheap to copy, so that everybody who waited for one commit can be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// Another process has the folder open.
    #[error("{} is in use by another leadtime: stop that one, or wait until it has stopped", .folder.display())]
    Locked {
        /// The state folder.
        folder: PathBuf,
    },
    /// What is stored cannot be read or is not what was left there.
    #[error(
        "the store is damaged: {what}; no file was deleted: keep a copy of the state folder, then restore it from a \
         backup (all its files together), or move it away to begin anew"
    )]
    Damaged {
        /// What was found, and where.
        what: String,
    },
    /// A later leadtime has written the state.
    #[error(
        "the state is of version {found}, this leadtime knows {known}: run the newer leadtime, or restore the state \
         folder from before the upgrade"
    )]
    NewerVersion {
        /// The version in the store.
        found: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// The disk is full, or so nearly that a commit might tear.
    #[error(
        "no room on the disk of {}: free some space there (16 MiB of it are kept in reserve); a leadtime that runs then goes \
         on by itself, one that has ended is to be started again",
        .folder.display()
    )]
    NoRoom {
        /// The state folder.
        folder: PathBuf,
    },
    /// The folder cannot be made or written.
    #[error("cannot write in {}: {why}; let the user that runs leadtime own it, on a disk that can be written", .folder.display())]
    NotWritable {
        /// The state folder.
        folder: PathBuf,
        /// What the system said.
        why: String,
    },
    /// One value or one commit is above the limits: who writes splits it.
    #[error("too large for the store: {what}; this is a fault in leadtime: please report it")]
    TooLarge {
        /// What was too large, and where.
        what: String,
    },
    /// A value that JSON cannot hold.
    #[error("{key} cannot be written as JSON: {why}; this is a fault in leadtime: please report it")]
    Unwritable {
        /// The key it was meant for.
        key: String,
        /// What the serializer said.
        why: String,
    },
    /// The disk or the system failed in another way.
    #[error("the store in {} failed: {why}; look at the disk and the system's log, then start leadtime again", .folder.display())]
    Io {
        /// The state folder.
        folder: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The store was closed.
    #[error("the store is closed: leadtime is stopping")]
    Closed,
}

impl StoreFault {
    /// Whether room on the disk would cure it.
    pub fn is_no_room(&self) -> bool {
        matches!(self, Self::NoRoom { .. })
    }

    /// What an error of the system means for the store in `folder`.
    pub(super) fn of_io(folder: &Path, error: &io::Error) -> Self {
        let folder = folder.to_owned();
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::NoRoom { folder },
            ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::NotADirectory
            | ErrorKind::AlreadyExists => Self::NotWritable { folder, why: error.to_string() },
            _ => Self::Io { folder, why: error.to_string() },
        }
    }
}

/// A key as a person can read it: text as it stands, the rest escaped.
pub(super) fn readable(key: &[u8]) -> String {
    key.escape_ascii().to_string()
}
