//! Why the store could not do what was asked, in words that say what to do. Never a secret, never a panic.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::owner;

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
    /// Root would leave files in it that its user cannot open.
    #[error("{} belongs to {owner}, and you are root: run this as that user, as by {so}", .folder.display())]
    NotRoots {
        /// The state folder.
        folder: PathBuf,
        /// Whose it is.
        owner: String,
        /// How to run a command as that user.
        so: String,
    },
    /// Another kind of thing stands where the folder belongs.
    #[error("the state cannot be in {}: that is a file; name a folder in [state] path (LEADTIME_STATE__PATH)", .path.display())]
    NotAFolder {
        /// What was named as the state folder.
        path: PathBuf,
    },
    /// The folder was taken away.
    #[error(
        "the state folder {} is gone: put it back or restore a backup of it, then start leadtime again",
        .folder.display()
    )]
    Gone {
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
            ErrorKind::NotADirectory | ErrorKind::AlreadyExists if folder.is_file() => {
                Self::NotAFolder { path: folder }
            }
            ErrorKind::NotFound if !folder.exists() => Self::Gone { folder },
            ErrorKind::PermissionDenied => {
                let whose = owner::stranger(&folder).map_or_else(String::new, |whose| format!(": {whose}"));
                Self::NotWritable { folder, why: format!("{error}{whose}") }
            }
            ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
                Self::NotWritable { folder, why: error.to_string() }
            }
            _ => Self::Io { folder, why: error.to_string() },
        }
    }
}

/// A key as a person can read it: text as it stands, the rest escaped.
pub(super) fn readable(key: &[u8]) -> String {
    key.escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::chown};

    use rustix::process::geteuid;

    use super::*;

    #[test]
    fn a_file_of_another_user_is_named_with_its_owner() {
        if !geteuid().is_root() {
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        for file in ["db", "snap.00"] {
            fs::write(folder.path().join(file), "").unwrap();
        }
        chown(folder.path().join("snap.00"), Some(4_000_000_000), None).unwrap();
        let fault = StoreFault::of_io(folder.path(), &ErrorKind::PermissionDenied.into()).to_string();
        let whose =
            "/snap.00 belongs to uid 4000000000, and this is user root (uid 0); let the user that runs leadtime own it";
        assert!(fault.contains(whose), "{fault}");
    }

    #[test]
    fn a_folder_that_is_gone_is_no_fault_of_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let not_found = io::Error::from(ErrorKind::NotFound);
        let fault = StoreFault::of_io(folder.path(), &not_found);
        assert!(matches!(fault, StoreFault::Io { .. }), "a file of it: {fault}");
        let fault = StoreFault::of_io(&folder.path().join("data"), &not_found).to_string();
        assert!(fault.contains("is gone: put it back or restore a backup"), "{fault}");
    }
}
