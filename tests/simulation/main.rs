//! Weeks of service in a moment: the real service against a simulated Partner Center, simulated readers and a simulated
//! clock, with faults drawn from a seed; and what must hold whatever happens.
//!
//! `cargo test --test simulation` plays the first 1,000 seeds; `-- --seeds 100000` more of them, `-- --seed 17` one.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod center;
mod course;
mod death;
mod disk;
mod plan;
mod promise;
mod readers;
mod settings;
mod time;

use std::time::Instant;

use course::Course;
use plan::Plan;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |name: &str| {
        let place = args.iter().position(|arg| arg == name)?;
        args.get(place + 1)?.parse::<u64>().ok()
    };
    if let Some(seed) = number("--seed") {
        let plan = Plan::draw(seed);
        println!("{plan:#?}");
        let mut course = Course::new(plan);
        course.play();
        for handed in course.readers.handed() {
            println!("{handed:?}");
        }
        println!("{:#?}", promise::broken(&course));
        return;
    }
    let seeds = number("--seeds").unwrap_or(1_000);
    let began = Instant::now();
    for seed in 0..seeds {
        let mut course = Course::new(Plan::draw(seed));
        course.play();
        let mut again = Course::new(Plan::draw(seed));
        eprintln!("{seed} {:?}", began.elapsed());
        again.play();
        let same = format!("{:?}", course.readers.handed()) == format!("{:?}", again.readers.handed());
        if !same {
            println!("seed {seed}: not the same course");
        }
        for what in promise::broken(&course) {
            println!("seed {seed}: {what}");
        }
    }
    println!("{seeds} seeds in {:?}", began.elapsed());
}
