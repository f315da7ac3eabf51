//! Whom the state folder and its files belong to, and whether anybody has it, in words. Only looks: must never change
//! anything there.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rustix::process::geteuid;

/// More files of the folder are not looked through.
const FILES_MAX: usize = 10_000;

/// A user as a person knows them: `user leadtime (uid 998)`.
pub fn user(uid: u32) -> String {
    name_of(uid).map_or_else(|| format!("uid {uid}"), |name| format!("user {name} (uid {uid})"))
}

/// The user of this process.
pub fn us() -> String {
    user(geteuid().as_raw())
}

/// How to run a command as whom this belongs to; `None` where that cannot be seen.
pub fn as_owner_of(path: &Path) -> Option<String> {
    owner(path).map(as_user)
}

/// How to run a command as that user.
pub(super) fn as_user(uid: u32) -> String {
    name_of(uid).map_or_else(|| format!("sudo -u '#{uid}' leadtime …"), |name| format!("sudo -u {name} leadtime …"))
}

/// The other user whose folder this is, where this process is root's: what root writes there that user cannot open.
///
/// A volume may well belong to root and be written by others, as in Kubernetes by a group: then the lock tells who does.
/// Who is not root leaves nothing in a folder of somebody else: the lock cannot be opened.
pub(super) fn barred(folder: &Path, lock: &Path) -> Option<u32> {
    barred_to(geteuid().as_raw(), [owner(folder), owner(lock)])
}

fn barred_to(us: u32, owners: [Option<u32>; 2]) -> Option<u32> {
    owners.into_iter().flatten().find(|owner| us == 0 && *owner != 0)
}

/// The first file in the folder, else the folder, that belongs to another user than this process: in words.
pub(super) fn stranger(folder: &Path) -> Option<String> {
    let us = geteuid().as_raw();
    let belongs = |path: &Path| {
        let owner = owner(path).filter(|owner| *owner != us)?;
        Some(format!("{} belongs to {}, and this is {}", path.display(), user(owner), user(us)))
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(FILES_MAX);
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files.iter().find_map(|file| belongs(file)).or_else(|| belongs(folder))
}

/// The rights of a folder of our own that every user of the machine may look into. On a volume of somebody else the rights
/// are theirs to set.
pub fn open_to_all(folder: &Path) -> Option<u32> {
    let found = fs::metadata(folder).ok().filter(|found| found.uid() == geteuid().as_raw())?;
    Some(found.permissions().mode() & 0o777).filter(|mode| mode & 0o007 != 0)
}

fn owner(path: &Path) -> Option<u32> {
    fs::symlink_metadata(path).ok().map(|found| found.uid())
}

/// As the machine's list of users has it; users of a directory service stay numbers.
fn name_of(uid: u32) -> Option<String> {
    let list = fs::read_to_string("/etc/passwd").ok()?;
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, number) = (fields.next()?, fields.nth(1)?);
        (number.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_root_is_kept_out_of_the_folder_of_another_user() {
        assert_eq!(barred_to(0, [Some(998), None]), Some(998));
        assert_eq!(barred_to(0, [Some(0), Some(10_001)]), Some(10_001), "a volume of root's that another user writes");
        assert_eq!(barred_to(0, [Some(0), Some(0)]), None);
        assert_eq!(barred_to(0, [None, None]), None, "nobody's yet");
        assert_eq!(barred_to(10_001, [Some(0), Some(10_001)]), None, "a volume that a group may write");
        assert_eq!(barred_to(998, [Some(998), Some(998)]), None);
    }

    #[test]
    fn a_user_without_a_name_is_a_number() {
        assert_eq!((user(0), as_user(0)), ("user root (uid 0)".to_owned(), "sudo -u root leadtime …".to_owned()));
        assert_eq!(user(4_000_000_000), "uid 4000000000");
        assert_eq!(as_user(4_000_000_000), "sudo -u '#4000000000' leadtime …");
    }
}
