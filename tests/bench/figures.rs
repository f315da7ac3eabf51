//! The figures that leadtime is held to, printed by one command: `cargo bench --bench figures`.
//!
//! The real binary runs as a child against a listing server and a webhook sink in this process, all on loopback. CPU and
//! memory are the child's own, read from /proc (Linux only). Nothing here fails for being slow.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

#[path = "figures/child.rs"]
mod child;
#[path = "figures/world.rs"]
mod world;

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use child::Child;
use jiff::{SignedDuration, Timestamp};
use leadtime::{
    service::{facts::State, prepare},
    settings,
    store::SledStore,
};
use world::World;

fn main() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let only: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|only| name.contains(only.as_str()));
    println!("{:<58} {:>12} {:>12} {:>12}   target", "", "wall", "CPU", "memory");
    if wanted("once") {
        once();
    }
    if wanted("idle") {
        idle(100, "12 MiB; ready in 20 ms");
        idle(100_000, "64 MiB");
    }
    if wanted("wake") {
        wake();
    }
}

fn row(what: &str, wall: Duration, cpu: Option<f64>, memory: Option<u64>, target: &str) {
    let cpu = cpu.map_or(String::new(), |cpu| format!("{cpu:.2} s"));
    let memory = memory.map_or(String::new(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0));
    println!("{what:<58} {:>9.1} ms {cpu:>12} {memory:>12}   {target}", wall.as_secs_f64() * 1e3);
}

/// 10,000 new referrals polled, decided, committed and delivered to a webhook; then the same poll again.
fn once() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(10_000);
    let config = world.settings(folder.path(), "");
    let first = Child::run(&config, &["run", "--once"]).until_its_end();
    assert!(first.success, "run --once failed: {}", first.log);
    let repeated = world.hooks().saturating_sub(10_000);
    assert_eq!(repeated, 0, "every message arrived once: {}", first.log);
    let per_thousand = format!("1000 ms; {:.3} of 0.120 CPU-s per 1,000; 64 MiB", first.cpu / 10.0);
    row(
        "10,000 new referrals to a webhook, run --once",
        first.wall,
        Some(first.cpu),
        Some(first.peak_kib),
        &per_thousand,
    );
    let before = size(folder.path());
    let again = Child::run(&config, &["run", "--once"]).until_its_end();
    assert!(again.success, "the second run failed: {}", again.log);
    assert_eq!(world.hooks(), 10_000, "nothing is sent again");
    row("the same poll again", again.wall, Some(again.cpu), Some(again.peak_kib), "0.15 CPU-s");
    println!(
        "{:<58} {:>9} B",
        "  grown in the state folder by the second run",
        size(folder.path()).saturating_sub(before)
    );
}

/// The service at rest, with so many open referrals that were all told before.
fn idle(open: usize, target: &str) {
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(open);
    let config = world.settings(folder.path(), "silent");
    let first = Child::run(&config, &["run", "--once"]).until_its_end();
    assert!(first.success, "run --once failed: {}", first.log);
    row(
        &format!("{open} new referrals that nobody is told of, run --once"),
        first.wall,
        Some(first.cpu),
        Some(first.peak_kib),
        "",
    );
    let began = Instant::now();
    let service = Child::run(&config, &["run"]);
    service.wait_for_line("leadtime runs");
    let ready = began.elapsed();
    world.wait_for_listings(2);
    let quiet = service.settled();
    row(&format!("ready with {open} open; at rest after a poll"), ready, None, Some(quiet), target);
    service.stop();
}

/// In this process: ten cases fall due among 100,000.
fn wake() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(100_000);
    let config = world.settings(folder.path(), "later");
    let first = Child::run(&config, &["run", "--once"]).until_its_end();
    assert!(first.success, "run --once failed: {}", first.log);
    let (settings, _) = settings::load(&config, std::iter::empty()).unwrap();
    let orders = Arc::new(prepare::orders(&settings));
    let store = Arc::new(SledStore::open(&folder.path().join("state")).unwrap());
    let now = Timestamp::now();
    let mut state = State::load(store, orders, true, now).unwrap();
    state.flush().unwrap();
    let mut due = state.next_look().unwrap();
    while state.due_at(due) < 10 {
        due += SignedDuration::from_mins(1);
    }
    let began = Instant::now();
    state.look(10, due).unwrap();
    state.flush().unwrap();
    row("a wake-up for 10 due out of 100,000, on the disk", began.elapsed(), None, None, "1 ms");
}

fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| {
            let entry = entry.unwrap();
            let meta = entry.metadata().unwrap();
            if meta.is_dir() { size(&entry.path()) } else { meta.len() }
        })
        .sum()
}
