//! A small disk that fills and is freed while leadtime works on it. Writes one file of its own and no other.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use fastrand::Rng;

/// What is left free when it is full: nothing, or less than leadtime keeps in reserve.
const LEFT: [u64; 3] = [0, 4 << 20, 15 << 20];
/// Larger disks are none to fill.
const LARGEST: u64 = 256 << 20;

pub struct Disk {
    filler: PathBuf,
    is_full: bool,
}

impl Disk {
    pub fn new(folder: &Path) -> Self {
        let disk = rustix::fs::statvfs(folder).unwrap();
        assert!(disk.f_blocks * disk.f_frsize <= LARGEST, "{} is on a large disk", folder.display());
        Self { filler: folder.join("filler"), is_full: false }
    }

    /// In half of the lives it fills, or is freed, after so long at most.
    pub fn turns(dice: &mut Rng, longest: Duration) -> Option<Duration> {
        dice.bool().then(|| longest.mul_f64(dice.f64()))
    }

    /// Fills it, or frees it.
    pub fn turn(&mut self, dice: &mut Rng) {
        if self.is_full {
            self.free();
            return;
        }
        let disk = rustix::fs::statvfs(self.filler.parent().unwrap()).unwrap();
        let left = LEFT[dice.usize(0..LEFT.len())];
        let size = (disk.f_bavail * disk.f_frsize).saturating_sub(left);
        // Somebody else may be faster to take the last of it.
        fs::write(&self.filler, vec![0; usize::try_from(size).unwrap()]).ok();
        self.is_full = true;
    }

    pub fn free(&mut self) {
        fs::remove_file(&self.filler).ok();
        self.is_full = false;
    }
}
