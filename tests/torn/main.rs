//! Whatever a disk does at a crash, the store loses no commit that it has acknowledged.
//!
//! A process of this program commits into a store while strace writes down what reaches the disk and what is synced. Then
//! the power fails, thousands of times: at any of these calls, with any part of what was not synced lost, sector by
//! sector. The store is opened on what is left. It must have every acknowledged commit, and the one under way whole or not
//! at all; and it must go on from there. From some of these states the next process is recorded in the same way, so that
//! crashes while it recovers, and crashes after crashes, are drawn as well.
//!
//! `cargo test --test torn -- --help` tells how to repeat and to enlarge it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../disk/mod.rs"]
mod disk;
mod life;
mod recording;
mod verdict;
mod workload;

use std::{
    env,
    io::{IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

use self::life::{Figures, round};

const HELP: &str = "\
Draws crashes of the store and checks that each loses nothing that was acknowledged.

cargo test --test torn -- [--seeds N] [--first X] [--crashes N]
cargo test --test torn -- --seed X

  --seeds N     how many stores to run, each from the next seed (default: 8)
  --first X     the first of these seeds (default: 1)
  --crashes N   how many crashes to draw of each recorded process (default: 30)
  --seed X      only that one
The threads of sled have a say in the order of its writes, so a seed repeats the commits and the draw and not every byte.
What is left by a crash that lost something is kept, and its folder named.";

#[derive(Clone, Copy)]
struct Wish {
    first: u64,
    seeds: u64,
    crashes: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [child, rest @ ..] = arguments.as_slice()
        && child == life::CHILD
    {
        life::commit_as_child(rest);
        return ExitCode::SUCCESS;
    }
    let Some(wish) = wish(&arguments) else { return ExitCode::SUCCESS };
    if !recording::is_possible() {
        println!("torn: not run, because strace cannot watch a process here");
        return ExitCode::SUCCESS;
    }
    run(wish)
}

/// What was asked for; `None` where it is not this program that is meant.
fn wish(arguments: &[String]) -> Option<Wish> {
    let mut wish = Wish { first: 1, seeds: 8, crashes: 30 };
    let mut arguments = arguments.iter().map(String::as_str);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|number| number.parse().ok()).expect("a number follows");
        match argument {
            "--help" | "-h" => {
                println!("{HELP}");
                return None;
            }
            "--seeds" => wish.seeds = number(),
            "--first" => wish.first = number(),
            "--crashes" => wish.crashes = number() as usize,
            "--seed" => (wish.first, wish.seeds) = (number(), 1),
            "--list" | "--ignored" => return None,
            // A filter for other tests, or not.
            name if !name.starts_with('-') && !"torn".contains(name) => return None,
            _ => {}
        }
    }
    Some(wish)
}

fn run(wish: Wish) -> ExitCode {
    let mut figures = Figures::default();
    for seed in wish.first..wish.first + wish.seeds {
        if std::io::stderr().is_terminal() {
            eprint!("\rseed {seed}: {} crashes so far ", figures.crashes);
            std::io::stderr().flush().ok();
        }
        if let Err(why) = round(seed, wish.crashes, &mut figures) {
            println!("seed {seed}: {why}");
            println!("repeat it: cargo test --test torn -- --seed {seed} --crashes {}", wish.crashes);
            return ExitCode::FAILURE;
        }
    }
    println!("torn: {figures}");
    ExitCode::SUCCESS
}

/// Where what failed is kept for a look.
fn keep(folder: &Path) -> String {
    let kept = env::temp_dir().join(format!("leadtime-torn-{}", std::process::id()));
    match disk::Image::read(folder).and_then(|image| image.write(&kept)) {
        Ok(()) => format!("kept in {}", kept.display()),
        Err(error) => format!("not kept: {error}"),
    }
}
