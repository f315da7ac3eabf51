//! One store through several processes: each is recorded, crashes of it are drawn, and from some of them the next begins.

use std::{error::Error, fmt, fs, ops::RangeInclusive, path::Path};

use fastrand::Rng;
use leadtime::store::{SledStore, Store, layout};

use crate::{
    disk::{Disk, Image, Step, Tear, scratch},
    keep,
    recording::record,
    verdict::{self, Verdict},
    workload::{FIRST, Rows, Workload},
};

/// The first argument of the process that is recorded.
pub const CHILD: &str = "--child";
/// Beneath the root, so that the name of the state folder itself can be lost.
const FOLDER: &str = "data";
/// A store is taken through so many processes at most.
const LIVES: u32 = 4;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What was drawn and what became of it.
#[derive(Debug, Default)]
pub struct Figures {
    pub crashes: u64,
    stores: u64,
    processes: u64,
    /// In the midst of a commit, and it was there; and it was not.
    with: u64,
    without: u64,
    /// While the store was being opened.
    opening: u64,
    /// On a disk that keeps no order of names.
    refused: u64,
    went_on: u64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} crashes of {} processes on {} stores: {} in a commit that was there afterwards, {} in one that was not, \
             {} refused as damaged on a disk without order of names; {} while opening; {} went on to commit; 0 lost \
             anything",
            self.crashes,
            self.processes,
            self.stores,
            self.with,
            self.without,
            self.refused,
            self.opening,
            self.went_on
        )
    }
}

/// What is known of a store at some moment.
#[derive(Clone)]
struct Known {
    workload: Workload,
    /// It has at least so many commits, and these are their rows.
    safe: u64,
    rows: Rows,
}

impl Known {
    fn reach(&mut self, safe: u64) {
        for number in (self.safe + 1).max(FIRST)..=safe {
            self.workload.apply(number, &mut self.rows);
        }
        self.safe = self.safe.max(safe);
    }

    /// The commits that a store may have after a crash: one may have been under way.
    fn possible(&self) -> RangeInclusive<u64> {
        self.safe..=self.safe + 1
    }
}

/// A process that is to be recorded: the disk it finds, what its files look like to it, and what must be in the store.
struct Start {
    disk: Disk,
    image: Image,
    known: Known,
}

/// Runs the store of a seed; `Err` tells what was lost.
pub fn round(seed: u64, crashes: usize, figures: &mut Figures) -> Outcome<()> {
    let mut rng = Rng::with_seed(seed);
    let workload = Workload { seed };
    figures.stores += 1;
    let mut start = first(workload, &mut rng)?;
    for _ in 0..rng.u32(1..=LIVES) {
        figures.processes += 1;
        let steps = live(&start, &mut rng)?;
        start = draw(start, &steps, crashes, &mut rng, figures)?;
    }
    Ok(())
}

/// A store that nobody has made yet, or one with some history that was left in order.
fn first(workload: Workload, rng: &mut Rng) -> Outcome<Start> {
    let root = scratch()?;
    let mut known = Known { workload, safe: 0, rows: Rows::default() };
    if rng.u8(..4) > 0 {
        let folder = root.path().join(FOLDER);
        let last = rng.u64(FIRST..400);
        let mut number = FIRST;
        while number <= last {
            let store = SledStore::open(&folder)?;
            // Now and then it is opened anew: sled writes its snapshots then.
            let until = last.min(number + rng.u64(20..400));
            while number <= until {
                store.commit(&workload.commit(number))?;
                number += 1;
            }
        }
        known.reach(last);
    }
    let image = Image::read(root.path())?;
    Ok(Start { disk: Disk::of(&image), image, known })
}

/// Records a process that opens the store and commits.
fn live(start: &Start, rng: &mut Rng) -> Outcome<Vec<Step>> {
    let root = scratch()?;
    start.image.write(root.path())?;
    let commits = if rng.u8(..4) == 0 { rng.u64(..4) } else { rng.u64(1..60) };
    let ends = if rng.bool() { "closed" } else { "dropped dead" };
    let folder = root.path().join(FOLDER).to_string_lossy().into_owned();
    let arguments =
        [CHILD.to_owned(), folder, start.known.workload.seed.to_string(), commits.to_string(), ends.to_owned()];
    record(root.path(), &start.disk, &arguments)
}

/// The process that is recorded.
pub fn commit_as_child(arguments: &[String]) {
    let [folder, seed, commits, ends] = arguments else { panic!("four arguments: {arguments:?}") };
    let workload = Workload { seed: seed.parse().unwrap() };
    let commits: u64 = commits.parse().unwrap();
    let store = SledStore::open(Path::new(folder)).unwrap();
    let count: [u8; 8] = store.get(layout::COMMITS).unwrap().unwrap().try_into().unwrap();
    let count = u64::from_be_bytes(count);
    println!("safe {count}");
    for number in count + 1..=count + commits {
        store.commit(&workload.commit(number)).unwrap();
        println!("safe {number}");
    }
    if ends == "closed" {
        store.close().unwrap();
    } else {
        std::process::exit(0);
    }
}

/// Draws crashes among `steps`; answers from where the next process begins.
fn draw(start: Start, steps: &[Step], crashes: usize, rng: &mut Rng, figures: &mut Figures) -> Outcome<Start> {
    let Start { mut disk, mut known, .. } = start;
    let opened = steps.iter().position(|step| matches!(step, Step::Acknowledged(_))).unwrap_or(steps.len());
    let mut points: Vec<usize> =
        (0..crashes).map(|_| if rng.u8(..3) == 0 { rng.usize(..=opened) } else { rng.usize(..=steps.len()) }).collect();
    points.sort_unstable();
    let goes_on = rng.usize(..crashes.max(1));
    let mut next = None;
    let mut at = 0;
    for (place, point) in points.into_iter().enumerate() {
        for step in &steps[at..point] {
            disk.take(step);
            if let Step::Acknowledged(number) = step {
                known.reach(*number);
            }
        }
        at = point;
        figures.crashes += 1;
        figures.opening += u64::from(point <= opened);
        let tear = Tear::drawn(rng);
        let image = disk.after_power_cut(rng, tear);
        check(&image, &known, tear, rng, figures).map_err(|why| {
            let last: String =
                steps[point.saturating_sub(12)..point].iter().map(|step| format!("\n  {step}")).collect();
            format!("{why}\nthe power failed after call {point} of {}, the last of them:{last}\n{tear:?}", steps.len())
        })?;
        if place == goes_on {
            next = Some(after(&disk, image, tear, &known, rng));
        }
    }
    next.ok_or_else(|| "no crash was drawn".into())
}

/// What the next process finds: after a power cut what it has left, after a kill all of it, though not all on the disk.
fn after(disk: &Disk, torn: Image, tear: Tear, known: &Known, rng: &mut Rng) -> Start {
    let known = known.clone();
    if tear.names_in_order && rng.bool() {
        Start { disk: Disk::of(&torn), image: torn, known }
    } else {
        Start { disk: disk.clone(), image: disk.as_seen(), known }
    }
}

fn check(image: &Image, known: &Known, tear: Tear, rng: &mut Rng, figures: &mut Figures) -> Result<(), String> {
    let root = scratch().map_err(|error| error.to_string())?;
    let folder = root.path().join(FOLDER);
    image.write(root.path()).map_err(|error| error.to_string())?;
    let (verdict, store) = verdict::of(&folder, known.workload, &known.possible(), &known.rows);
    let wrong = |what: String| {
        drop(fs::remove_dir_all(&folder));
        drop(image.write(root.path()));
        format!("{what} ({})", keep(root.path()))
    };
    let found = match verdict {
        // A folder that was not there yet is made anew, with its first commit.
        Verdict::Whole(found) => found,
        // sled does not wait until its snapshot has its name before it clears what only the old one needs.
        Verdict::Refused(_) if !tear.names_in_order => {
            figures.refused += 1;
            return Ok(());
        }
        Verdict::Refused(what) => return Err(wrong(format!("it is refused: {what}"))),
        Verdict::Wrong(what) => return Err(wrong(what)),
    };
    if found > known.safe {
        figures.with += 1
    } else {
        figures.without += 1
    }
    let Some(store) = store.filter(|_| rng.u8(..4) == 0) else { return Ok(()) };
    figures.went_on += 1;
    let mut after = known.clone();
    after.reach(found);
    for number in found + 1..found + 1 + rng.u64(1..6) {
        store.commit(&known.workload.commit(number)).map_err(|fault| wrong(format!("it does not go on: {fault}")))?;
        after.reach(number);
    }
    drop(store);
    match verdict::of(&folder, after.workload, &(after.safe..=after.safe), &after.rows).0 {
        Verdict::Whole(_) => Ok(()),
        other => Err(wrong(format!("after it went on: {other:?}"))),
    }
}
