//! Weeks of service in a moment: the real service against a simulated Partner Center, simulated readers and a simulated
//! clock, with faults drawn from a seed; and what must hold whatever happens.
//!
//! `cargo test --test simulation` plays some seeds, `-- --seeds 1000` more of them, `-- --seed 17` one and tells its course.
//! A seed that breaks a promise is made small and printed with the command that plays it again.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod center;
mod chronicle;
mod course;
#[path = "../disk/mod.rs"]
mod crashes;
mod death;
mod disk;
mod doubt;
mod plan;
mod promise;
mod readers;
mod run;
mod settings;
mod small;
mod soak;
mod time;

use std::process::ExitCode;

use clap::Parser;
use plan::Plan;

/// Weeks of service in a moment, with faults drawn from a seed.
#[derive(Parser, Debug)]
#[command(name = "simulation", after_help = "Example: cargo simulate --seeds 1000")]
pub struct Args {
    /// How many seeds are played.
    #[arg(long, default_value_t = 40)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Plays this one and tells its course.
    #[arg(long)]
    seed: Option<u64>,
    /// Of that seed's plan only the events of these numbers.
    #[arg(long, value_delimiter = ',', requires = "seed")]
    only: Option<Vec<usize>>,
    /// Of each seed: plays it twice and holds the two against each other.
    #[arg(long)]
    twice: bool,
    /// Spoils quiet courses of the seeds instead, to see whether the judge notices.
    #[arg(long)]
    doubt: bool,
    /// Plays a day at a hundred times the usual load instead.
    #[arg(long)]
    soak: bool,
    /// With the state in files, of which a power cut leaves what was synced and a draw of the rest.
    #[arg(long)]
    on_disk: bool,
    /// As many courses at once; without, as many as there are processors.
    #[arg(long)]
    threads: Option<usize>,
    #[command(flatten)]
    cargo: Cargo,
}

/// What `cargo test` hands to every test program.
#[derive(clap::Args, Debug)]
struct Cargo {
    #[arg(hide = true)]
    filters: Vec<String>,
    #[arg(long, hide = true)]
    list: bool,
    #[arg(long, hide = true)]
    ignored: bool,
    #[arg(long, hide = true)]
    exact: bool,
    #[arg(long, hide = true)]
    nocapture: bool,
    #[arg(long, hide = true)]
    include_ignored: bool,
    #[arg(long, hide = true)]
    skip: Vec<String>,
    #[arg(long, short, hide = true)]
    quiet: bool,
}

impl Args {
    fn plan(&self, seed: u64) -> Plan {
        Plan { on_disk: self.on_disk, ..Plan::draw(seed) }
    }
}

impl Cargo {
    /// Whether other tests are meant.
    fn means_others(&self) -> bool {
        let named = |filter: &String| "simulation".contains(filter.as_str());
        self.list
            || self.ignored
            || (!self.filters.is_empty() && !self.filters.iter().any(named))
            || self.skip.iter().any(named)
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if args.cargo.means_others() {
        return ExitCode::SUCCESS;
    }
    if args.doubt {
        return doubt::all(args.from..args.from.saturating_add(args.seeds));
    }
    if args.soak {
        return soak::a_day();
    }
    match args.seed {
        Some(seed) => run::tell(&args.plan(seed), args.only.as_deref()),
        None => run::all(&args),
    }
}
