//! What of a folder's writes is known to be on the disk, what may still be lost, and what a power cut leaves of it.
//!
//! The rules are those of a disk that keeps its word and no more than that:
//! - What was synced is there. A file is synced by its own sync, its name by a sync of the folder it is in.
//! - Of what was not synced each sector stands as it was synced last or as any later write left it, whatever its
//!   neighbours do; the length of the file as after any of those writes.
//! - Names change as journalling file systems do it: in order, the last changes lost, and the sync of a file brings its own
//!   name with it and all that changed before. Or, as a harder case that POSIX allows, each change for itself, and only the
//!   sync of the folder counts.
//!
//! A folder is a name in its own folder like any file, and where that is lost all in it is. The model knows nothing of what
//! is in the files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use fastrand::Rng;

use super::Image;

/// One thing that a process did to a folder. Paths are within that folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A new and empty file.
    Make(String),
    /// A new and empty folder.
    MakeFolder(String),
    /// Bytes at an offset; the file grows where they reach beyond its end.
    Write { file: String, at: u64, bytes: Vec<u8> },
    /// Another length.
    Cut { file: String, len: u64 },
    /// Another name, in place of what had that name.
    Rename { from: String, to: String },
    /// A name taken away.
    Remove(String),
    /// A file, or a folder's names (the outermost is ``), brought to the disk: as far as the first `covers` steps go.
    Sync { path: String, covers: usize },
    /// Everything is on the disk.
    SyncAll,
    /// The process has said that its commit of this number is safe.
    Acknowledged(u64),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Make(file) => write!(f, "make {file}"),
            Self::MakeFolder(folder) => write!(f, "make folder {folder}"),
            Self::Write { file, at, bytes } => write!(f, "write {file} at {at}, {} bytes", bytes.len()),
            Self::Cut { file, len } => write!(f, "cut {file} to {len} bytes"),
            Self::Rename { from, to } => write!(f, "rename {from} to {to}"),
            Self::Remove(file) => write!(f, "remove {file}"),
            Self::Sync { path, covers } => write!(f, "sync {path}, up to call {covers}"),
            Self::SyncAll => write!(f, "sync all"),
            Self::Acknowledged(number) => write!(f, "acknowledge commit {number}"),
        }
    }
}

/// How much is lost.
#[derive(Clone, Copy, Debug)]
pub struct Tear {
    /// Bytes that reach the disk together.
    pub sector: usize,
    /// The chance of what was written last to be there.
    pub kept: f64,
    /// Whether names change in order.
    pub names_in_order: bool,
}

impl Tear {
    /// Any of them; the extremes are as likely as the middle.
    pub fn drawn(rng: &mut Rng) -> Self {
        let kept = [0.0, 0.03, 0.3, 0.7, 0.97, 1.0];
        Self {
            sector: if rng.bool() { 512 } else { 4096 },
            kept: kept[rng.usize(..kept.len())],
            names_in_order: rng.u8(..) >= 50,
        }
    }

    fn keeps(&self, rng: &mut Rng) -> bool {
        rng.f64() < self.kept
    }
}

/// A folder on a disk.
#[derive(Clone, Default)]
pub struct Disk {
    /// Every file there ever was; names refer to them by their place here.
    files: Vec<File>,
    /// By the path of the folder. The outermost is always there.
    folders: BTreeMap<String, Folder>,
    steps: usize,
}

#[derive(Clone, Default)]
struct File {
    safe: Vec<u8>,
    /// With the number of the step that did it.
    pending: Vec<(usize, Change)>,
}

#[derive(Clone)]
enum Change {
    Write { at: usize, bytes: Vec<u8> },
    Cut(usize),
}

#[derive(Clone, Default)]
struct Folder {
    safe: BTreeMap<String, usize>,
    now: BTreeMap<String, usize>,
    pending: Vec<(usize, Naming)>,
    /// Of those, how many a journal has brought to the disk.
    journalled: usize,
}

#[derive(Clone)]
enum Naming {
    Link(String, usize),
    Unlink(String),
    Rename { from: String, to: String, file: usize },
}

impl Disk {
    /// A disk that has all of `image` for sure.
    pub fn of(image: &Image) -> Self {
        let mut disk = Self::default();
        for (path, bytes) in &image.files {
            disk.make_folders(split(path).0);
            disk.take(&Step::Make(path.clone()));
            disk.take(&Step::Write { file: path.clone(), at: 0, bytes: bytes.clone() });
        }
        disk.take(&Step::SyncAll);
        disk.steps = 0;
        disk
    }

    fn make_folders(&mut self, path: &str) {
        if !path.is_empty() && !self.folders.contains_key(path) {
            self.make_folders(split(path).0);
            self.take(&Step::MakeFolder(path.to_owned()));
        }
    }

    /// How many steps it has seen.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Whether something has this name as a process sees it.
    pub fn has(&self, path: &str) -> bool {
        let (folder, name) = split(path);
        path.is_empty() || self.folders.get(folder).is_some_and(|folder| folder.now.contains_key(name))
    }

    /// Takes in what a process did. What concerns a file that has no name any more changes nothing.
    pub fn take(&mut self, step: &Step) {
        let number = self.steps;
        self.steps += 1;
        match step {
            Step::Make(path) => {
                self.files.push(File::default());
                let file = self.files.len() - 1;
                self.name(number, path, |name| Naming::Link(name, file));
            }
            Step::MakeFolder(path) => {
                self.folders.entry(path.clone()).or_default();
                self.name(number, path, |name| Naming::Link(name, FOLDER));
            }
            Step::Write { file, at, bytes } => {
                self.change(number, file, Change::Write { at: *at as usize, bytes: bytes.clone() });
            }
            Step::Cut { file, len } => self.change(number, file, Change::Cut(*len as usize)),
            Step::Rename { from, to } => {
                if let Some(file) = self.find(from) {
                    let from = split(from).1.to_owned();
                    self.name(number, to, |to| Naming::Rename { from, to, file });
                }
            }
            Step::Remove(path) => self.name(number, path, Naming::Unlink),
            Step::Sync { path, covers } => {
                if let Some(folder) = self.folders.get_mut(path) {
                    folder.settle(*covers);
                } else if let Some(file) = self.find(path) {
                    self.files[file].settle(*covers);
                    if let Some(folder) = self.folders.get_mut(split(path).0) {
                        folder.journal(file, *covers);
                    }
                }
            }
            Step::SyncAll => {
                self.folders.values_mut().for_each(|folder| folder.settle(usize::MAX));
                self.files.iter_mut().for_each(|file| file.settle(usize::MAX));
            }
            Step::Acknowledged(_) => {}
        }
    }

    /// The steps, none of them synced, by which a folder that was `earlier` has become `later`.
    pub fn steps_between(earlier: &Image, later: &Image) -> Vec<Step> {
        let mut steps = Vec::new();
        for (name, bytes) in &later.files {
            let old = earlier.files.get(name);
            if old.is_none() {
                steps.push(Step::Make(name.clone()));
            }
            let old = old.map_or(&[][..], Vec::as_slice);
            if old.len() > bytes.len() {
                steps.push(Step::Cut { file: name.clone(), len: bytes.len() as u64 });
            }
            let runs = Image::changed_runs(old, bytes).into_iter();
            steps.extend(runs.map(|(at, run)| Step::Write { file: name.clone(), at, bytes: run.to_vec() }));
        }
        let removed = earlier.files.keys().filter(|name| !later.files.contains_key(*name));
        steps.extend(removed.cloned().map(Step::Remove));
        steps
    }

    /// What a new process finds where only this process died: all of it.
    pub fn as_seen(&self) -> Image {
        self.image(|folder| folder.now.clone(), File::as_seen)
    }

    /// What is left after a power cut.
    pub fn after_power_cut(&self, rng: &mut Rng, tear: Tear) -> Image {
        // Two draws side by side, so that what is drawn for names does not depend on how many sectors there are.
        let mut names = rng.fork();
        self.image(|folder| folder.torn(&mut names, tear), |file| file.torn(rng, tear))
    }

    fn image(
        &self,
        mut names: impl FnMut(&Folder) -> BTreeMap<String, usize>,
        mut bytes: impl FnMut(&File) -> Vec<u8>,
    ) -> Image {
        let mut image = Image::default();
        let mut there = BTreeSet::from([String::new()]);
        // A folder stands before what is in it.
        for (path, folder) in &self.folders {
            for (name, file) in names(folder) {
                let path = if path.is_empty() { name } else { format!("{path}/{name}") };
                match there.contains(split(&path).0) {
                    true if file == FOLDER => drop(there.insert(path)),
                    true => drop(image.files.insert(path, bytes(&self.files[file]))),
                    false => {}
                }
            }
        }
        image
    }

    fn find(&self, path: &str) -> Option<usize> {
        let (folder, name) = split(path);
        self.folders.get(folder)?.now.get(name).copied().filter(|file| *file != FOLDER)
    }

    fn change(&mut self, number: usize, path: &str, change: Change) {
        if let Some(file) = self.find(path) {
            self.files[file].pending.push((number, change));
        }
    }

    fn name(&mut self, number: usize, path: &str, naming: impl FnOnce(String) -> Naming) {
        let (folder, name) = split(path);
        let folder = self.folders.entry(folder.to_owned()).or_default();
        let naming = naming(name.to_owned());
        naming.apply(&mut folder.now);
        folder.pending.push((number, naming));
    }
}

impl File {
    fn settle(&mut self, covers: usize) {
        let (done, open) = std::mem::take(&mut self.pending).into_iter().partition(|(number, _)| *number < covers);
        self.pending = open;
        let done: Vec<(usize, Change)> = done;
        done.iter().for_each(|(_, change)| change.apply(&mut self.safe));
    }

    fn as_seen(&self) -> Vec<u8> {
        let mut bytes = self.safe.clone();
        self.pending.iter().for_each(|(_, change)| change.apply(&mut bytes));
        bytes
    }

    fn torn(&self, rng: &mut Rng, tear: Tear) -> Vec<u8> {
        if self.pending.is_empty() {
            return self.safe.clone();
        }
        let mut length = self.safe.len();
        let mut lengths = vec![length];
        let mut touched: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, (_, change)) in self.pending.iter().enumerate() {
            let (from, to) = change.reach(length);
            for sector in from / tear.sector..to.div_ceil(tear.sector) {
                touched.entry(sector).or_default().push(place);
            }
            length = change.length_after(length);
            lengths.push(length);
        }
        let end = if tear.keeps(rng) { length } else { lengths[rng.usize(..lengths.len())] };
        let mut bytes = self.safe.clone();
        bytes.resize(lengths.into_iter().max().unwrap_or_default(), 0);
        for (sector, places) in touched {
            let versions = if tear.keeps(rng) { places.len() } else { rng.usize(..places.len()) };
            let (from, to) = (sector * tear.sector, ((sector + 1) * tear.sector).min(bytes.len()));
            for place in &places[..versions] {
                self.pending[*place].1.apply_within(&mut bytes, from, to);
            }
        }
        bytes.resize(end, 0);
        bytes
    }
}

impl Change {
    /// From where to where bytes of a file of `length` become others.
    fn reach(&self, length: usize) -> (usize, usize) {
        match self {
            Self::Write { at, bytes } => (*at, at + bytes.len()),
            Self::Cut(len) => (*len, length.max(*len)),
        }
    }

    fn length_after(&self, length: usize) -> usize {
        match self {
            Self::Write { at, bytes } => length.max(at + bytes.len()),
            Self::Cut(len) => *len,
        }
    }

    fn apply(&self, file: &mut Vec<u8>) {
        file.resize(self.length_after(file.len()).max(file.len()), 0);
        let (from, to) = self.reach(file.len());
        self.apply_within(file, from, to);
        file.truncate(self.length_after(file.len()));
    }

    /// Of `file`, which is long enough, changes only the bytes in `from..to`.
    fn apply_within(&self, file: &mut [u8], from: usize, to: usize) {
        match self {
            Self::Write { at, bytes } => {
                let (from, to) = (from.max(*at), to.min(at + bytes.len()));
                if from < to {
                    file[from..to].copy_from_slice(&bytes[from - at..to - at]);
                }
            }
            Self::Cut(len) => {
                if let Some(cut) = file.get_mut(from.max(*len)..to) {
                    cut.fill(0);
                }
            }
        }
    }
}

impl Folder {
    /// A file was synced: what a journal takes to the disk with it.
    fn journal(&mut self, file: usize, covers: usize) {
        let own = |(number, naming): &(usize, Naming)| *number < covers && naming.names(file);
        let reached = self.pending.iter().rposition(own).map_or(0, |last| last + 1);
        self.journalled = self.journalled.max(reached);
    }

    fn settle(&mut self, covers: usize) {
        let (done, open) = std::mem::take(&mut self.pending).into_iter().partition(|(number, _)| *number < covers);
        self.pending = open;
        let done: Vec<(usize, Naming)> = done;
        self.journalled = self.journalled.saturating_sub(done.len());
        done.iter().for_each(|(_, naming)| naming.apply(&mut self.safe));
    }

    fn torn(&self, rng: &mut Rng, tear: Tear) -> BTreeMap<String, usize> {
        let kept: BTreeSet<usize> = if tear.names_in_order {
            let reached =
                if tear.keeps(rng) { self.pending.len() } else { rng.usize(self.journalled..=self.pending.len()) };
            (0..reached).collect()
        } else {
            (0..self.pending.len()).filter(|_| rng.bool()).collect()
        };
        let mut names = self.safe.clone();
        kept.into_iter().for_each(|place| self.pending[place].1.apply(&mut names));
        names
    }
}

impl Naming {
    fn names(&self, wanted: usize) -> bool {
        match self {
            Self::Link(_, file) | Self::Rename { file, .. } => *file == wanted,
            Self::Unlink(_) => false,
        }
    }

    fn apply(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Link(name, file) => drop(names.insert(name.clone(), *file)),
            Self::Unlink(name) => drop(names.remove(name)),
            Self::Rename { from, to, file } => {
                names.remove(from);
                names.insert(to.clone(), *file);
            }
        }
    }
}

/// What a name refers to that is a folder's.
const FOLDER: usize = usize::MAX;

/// The folder of a path, `` for the outermost, and the name in it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
