//! The files of a folder as bytes. It knows nothing of what they mean.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// The unit in which two images are compared: the smallest that a disk writes whole.
const SECTOR: usize = 512;

/// Every file under a folder, by its path there, and its bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Image {
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Image {
    /// Reads all files of `folder`. One that vanishes meanwhile is not there.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut image = Self::default();
        image.take_in(folder, Path::new(""))?;
        Ok(image)
    }

    fn take_in(&mut self, root: &Path, at: &Path) -> io::Result<()> {
        for entry in fs::read_dir(root.join(at))? {
            let entry = entry?;
            let name = at.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                self.take_in(root, &name)?;
                continue;
            }
            match fs::read(entry.path()) {
                Ok(bytes) => drop(self.files.insert(name.to_string_lossy().into_owned(), bytes)),
                Err(gone) if gone.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes all files into `folder`, which is made where it is not there.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        for (name, bytes) in &self.files {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(path, bytes)?;
        }
        Ok(())
    }

    /// The runs of sectors in which `later` differs from `earlier`, as far as `later` reaches: where each begins and its bytes.
    pub fn changed_runs<'a>(earlier: &[u8], later: &'a [u8]) -> Vec<(u64, &'a [u8])> {
        let same = |begin: usize, end: usize| earlier.get(begin..end) == later.get(begin..end);
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for begin in (0..later.len()).step_by(SECTOR) {
            let end = (begin + SECTOR).min(later.len());
            match runs.last_mut() {
                _ if same(begin, end) => {}
                Some(run) if run.1 == begin => run.1 = end,
                _ => runs.push((begin, end)),
            }
        }
        runs.into_iter().map(|(begin, end)| (begin as u64, &later[begin..end])).collect()
    }
}

/// A folder that is gone with the value, in memory where the system has such a place: syncing costs nothing there.
pub fn scratch() -> io::Result<TempDir> {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }
}
