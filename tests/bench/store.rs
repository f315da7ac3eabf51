//! What the store on disk costs: time, processor and peak memory of the work that the service gives it.
//! `cargo bench --bench store`, or with a folder on the disk to be measured: `cargo bench --bench store -- FOLDER`.
//! Each part runs in a process of its own, so that one's memory does not hide another's. It asserts nothing.

use std::{env, error::Error, fs, path::Path, process::Command, time::Instant};

use leadtime::{
    core::ids::{CaseNumber, DestinationName},
    store::{Commit, SledStore, Store, layout},
};

type Outcome = Result<(), Box<dyn Error>>;

const CASES: u64 = 10_000;
const MANY_CASES: u64 = 100_000;
const PAGE: u64 = 100;
const ATTEMPTS: u64 = 10_000;
const FAR_APART: u64 = 30_000;

fn main() -> Outcome {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.as_slice() {
        [part, folder] => run(part, Path::new(folder)),
        [folder] => all(Path::new(folder)),
        _ => all(tempfile::tempdir()?.path()),
    }
}

fn all(parent: &Path) -> Outcome {
    let (small, large) = (parent.join("small"), parent.join("large"));
    for (part, folder) in [
        ("cases", &small),
        ("attempts", &small),
        ("groups", &small),
        ("one commit", &small),
        ("many cases", &large),
        ("open", &large),
        ("summaries", &large),
        ("bodies", &large),
        ("far apart", &large),
    ] {
        Command::new(env::current_exe()?).arg(part).arg(folder).status()?;
    }
    Ok(())
}

fn run(part: &str, folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    let start = Instant::now();
    let store = SledStore::open(folder)?;
    match part {
        "cases" => cases(&store, CASES)?,
        "many cases" => cases(&store, MANY_CASES)?,
        "attempts" => attempts(&store, 1)?,
        "groups" => attempts(&store, 64)?,
        "one commit" => largest(&store)?,
        "summaries" => read_all(&store, layout::SUMMARIES)?,
        "bodies" => read_all(&store, layout::CASES)?,
        "far apart" => read_far_apart(&store)?,
        _ => {}
    }
    let seconds = start.elapsed().as_secs_f64();
    let (processor, resident, peak) = used()?;
    let disk = store.size_on_disk().unwrap_or(0) >> 20;
    println!(
        "{part:12} {seconds:7.3} s  processor {processor:5.2} s  resident {resident:4} MiB  peak {peak:4} MiB  disk {disk:4} MiB"
    );
    Ok(())
}

/// New referrals, a page to a commit: the case, its summary, its place among the seen, a message, a line and its index.
fn cases(store: &SledStore, count: u64) -> Outcome {
    let destination = DestinationName::from("sales");
    for page in 0..count / PAGE {
        let mut commit = Commit::new();
        for n in page * PAGE..(page + 1) * PAGE {
            let case = CaseNumber(n + 1);
            let id = format!("{:016x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            commit.put(layout::case(case), text(n, 1200)).put(layout::summary(case), text(n, 120));
            commit.put(layout::seen(&"main".into(), &id.as_str().into()), n.to_string());
            commit.put(layout::outbox(&destination, n), text(n, 300));
            line(&mut commit, n, case)?;
        }
        store.commit(&commit)?;
    }
    Ok(())
}

/// An attempt and its result each, so many attempts to a commit.
fn attempts(store: &SledStore, group: u64) -> Outcome {
    let destination = DestinationName::from("sales");
    for first in (0..ATTEMPTS).step_by(usize::try_from(group)?) {
        let mut commit = Commit::new();
        for n in first..(first + group).min(ATTEMPTS) {
            commit.put(layout::outbox(&destination, n), text(n, 320));
            line(&mut commit, CASES + n, CaseNumber(n + 1))?;
        }
        store.commit(&commit)?;
    }
    Ok(())
}

/// The largest commit that is taken, by its number of writes.
fn largest(store: &SledStore) -> Outcome {
    let mut commit = Commit::new();
    for n in 0..leadtime::store::MAX_COMMIT_WRITES as u64 {
        commit.put(layout::case(CaseNumber(n + 1)), text(n, 900));
    }
    store.commit(&commit)?;
    Ok(())
}

fn line(commit: &mut Commit, n: u64, case: CaseNumber) -> Outcome {
    let at = jiff::Timestamp::from_millisecond(1_790_000_000_000 + i64::try_from(n)?)?;
    let place = layout::LinePlace { at, line: n, case: Some(case) };
    commit.put(place.journal_key(), text(n, 200));
    if let Some(index) = place.history_key() {
        commit.put(index, "");
    }
    Ok(())
}

fn read_all(store: &SledStore, prefix: &[u8]) -> Outcome {
    let mut from = prefix.to_vec();
    loop {
        let page = store.scan(prefix, Some(&from), 500)?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        from = layout::after(last);
    }
}

/// Cases here and there, each in a page of its own: what people who ask and steps that fall due read over weeks.
fn read_far_apart(store: &SledStore) -> Outcome {
    for n in 0..FAR_APART {
        store.get(&layout::case(CaseNumber(n.wrapping_mul(0x9E37_79B9_7F4A_7C15) % MANY_CASES + 1)))?;
    }
    Ok(())
}

/// Letters that no compression shortens, the same for the same `seed`.
fn text(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        b'0' + u8::try_from(state % 64).unwrap_or_default()
    };
    (0..length).map(|_| letter()).collect()
}

/// Seconds of processor time, resident and peak memory in MiB, of this process so far.
fn used() -> Result<(f64, u64, u64), Box<dyn Error>> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let times = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    let ticks: f64 = times.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    let status = fs::read_to_string("/proc/self/status")?;
    let mebibytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|line| line.trim_end_matches("kB").trim().parse::<u64>().ok()).unwrap_or(0) / 1024
    };
    Ok((ticks / 100.0, mebibytes("VmRSS:"), mebibytes("VmHWM:")))
}
