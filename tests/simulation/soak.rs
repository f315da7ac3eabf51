//! A day at a hundred times the usual load, hour by hour: what lies in memory and on the disk, what waits, and how late
//! messages are. The store is the one on disk; nothing goes wrong, for growth is what is looked for.

use std::{
    fs,
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use leadtime::{
    service::{
        prepare::Prepared,
        run::{Mode, Service},
        vitals::Vitals,
    },
    store::{SledStore, Store},
};

use crate::{
    center::{Line, Wire},
    chronicle::Chronicle,
    course::{ANNA, body, name, world_at},
    death::Death,
    readers::{Reader, Readers},
    settings::PREPARED,
    time::{Machine, START, Time},
};

/// A partner of some size: so many are open at a time, and so many come a day.
const USUAL_OPEN: u32 = 100;
const USUAL_A_DAY: u32 = 20;
const TIMES: u32 = 100;
const HOURS: u32 = 24;
/// What counts as flat: the last six hours against the six after the first two.
const MAY_GROW: f64 = 1.2;

/// What was measured at the end of an hour.
struct Hour {
    taken: usize,
    waiting: usize,
    memory: u64,
    descriptors: usize,
    folder: u64,
    took: Duration,
    /// From a referral's coming to its message, the longest of the hour.
    latest: SignedDuration,
}

/// Plays the day and prints it; fails where something grows that should not.
pub fn a_day() -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    println!(
        "{USUAL_OPEN} open and {USUAL_A_DAY} new a day, {TIMES} times over; each old one is answered as a new one comes\n"
    );
    println!("hour  messages  waiting  resident MiB  descriptors  state MiB  real s  latest message");
    let hours = runtime.block_on(hours(folder.path()));
    judged(&hours)
}

async fn hours(folder: &Path) -> Vec<Hour> {
    let time = Time::new();
    time.flows();
    let world = world_at(&time);
    let readers = Readers::new(time.clone());
    for referral in 0..USUAL_OPEN * TIMES {
        world.add([arrives(referral, time.truth() - SignedDuration::from_hours(1))]).unwrap();
    }
    let (store, death) = (Arc::new(SledStore::open(folder).unwrap()), Arc::new(Death::default()));
    let chronicle = Chronicle::new(time.clone());
    let mut prepared: Prepared = PREPARED[0].clone();
    prepared.partner_center = prepared.partner_center.carried_by(Arc::new(Wire {
        router: leadtime::demo::partner_center::router(world.clone(), Default::default()),
        death: death.clone(),
        chronicle: chronicle.clone(),
        line: Arc::new(Mutex::new(Line::Good)),
        chance: Arc::new(Mutex::new(fastrand::Rng::with_seed(1))),
    }));
    for (name, channel) in &mut prepared.channels {
        let (death, readers) = (death.clone(), readers.clone());
        *channel = Arc::new(Reader { name: name.clone(), life: 1, death, readers });
    }
    let mode = Mode { one_thread: true, ..Mode::default() };
    let clock = Arc::new(Machine(time.clone()));
    let (disk, vitals): (Arc<dyn Store>, _) = (store.clone(), Arc::new(Vitals::default()));
    let service = Service::start(disk, prepared, clock, mode, vitals).await.unwrap();
    let every = Duration::from_secs(24 * 3_600) / (USUAL_A_DAY * TIMES);
    let (mut next, mut hours) = (0, Vec::new());
    for hour in 1..=HOURS {
        let began = Instant::now();
        while time.truth() < START + SignedDuration::from_hours(hour.into()) {
            tokio::time::sleep(every).await;
            world.add([arrives(USUAL_OPEN * TIMES + next, time.truth())]).unwrap();
            world.accept(&name(next), &ANNA).unwrap();
            next += 1;
            chronicle.forgets();
        }
        let waiting = service.facts.bring(|state, _| Ok(state.waiting().count())).await.unwrap();
        let handed = readers.take_handed();
        let came = |id: &str| id[4..].parse::<u32>().ok().filter(|number| *number >= USUAL_OPEN * TIMES);
        let late = handed.iter().flat_map(|handed| handed.about.iter().map(move |about| (handed.at, about)));
        let late = late.filter(|(_, about)| about.event.as_deref() == Some("new")).filter_map(|(at, about)| {
            let number = came(&about.referral)? - USUAL_OPEN * TIMES + 1;
            Some(at.duration_since(START + SignedDuration::try_from(every * number).unwrap()))
        });
        let measured = Hour {
            taken: handed.len(),
            waiting,
            memory: resident_kib(),
            descriptors: fs::read_dir("/proc/self/fd").map_or(0, Iterator::count),
            folder: size(folder),
            took: began.elapsed(),
            latest: late.max().unwrap_or_default(),
        };
        measured.print(hour);
        hours.push(measured);
    }
    service.stop().await.unwrap();
    hours
}

fn arrives(referral: u32, created: Timestamp) -> serde_json::Value {
    body(referral, created, Some(created + SignedDuration::from_hours(14 * 24)), referral % 100)
}

impl Hour {
    fn print(&self, hour: u32) {
        println!(
            "{hour:>4}  {:>8}  {:>7}  {:>12.1}  {:>11}  {:>9.1}  {:>6.1}  {:>11} s",
            self.taken,
            self.waiting,
            self.memory as f64 / 1024.0,
            self.descriptors,
            self.folder as f64 / 1_048_576.0,
            self.took.as_secs_f64(),
            self.latest.as_secs(),
        );
    }
}

fn judged(hours: &[Hour]) -> ExitCode {
    let of = |hours: &[Hour], what: fn(&Hour) -> f64| hours.iter().map(what).sum::<f64>() / hours.len() as f64;
    let grown = |what: fn(&Hour) -> f64| of(&hours[18..], what) / of(&hours[2..8], what).max(1.0);
    let grows = [
        ("resident memory", grown(|hour| hour.memory as f64)),
        ("descriptors", grown(|hour| hour.descriptors as f64)),
        ("latest message", grown(|hour| hour.latest.as_secs_f64())),
        ("waiting", grown(|hour| hour.waiting as f64)),
    ];
    println!();
    for (what, by) in grows {
        println!("{what}: {by:.2} times the hours 3 to 8 in the hours 19 to 24");
    }
    let per_hour =
        (hours[23].folder.saturating_sub(hours[11].folder)) as f64 / 12.0 / f64::from(USUAL_A_DAY * TIMES / 24);
    println!("state folder: {:.1} KiB a referral that came and was answered; `keep` bounds it", per_hour / 1024.0);
    if grows.iter().all(|(_, by)| *by <= MAY_GROW) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn resident_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or_default()
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| if entry.path().is_dir() { size(&entry.path()) } else { entry.metadata().map_or(0, |m| m.len()) })
        .sum()
}
