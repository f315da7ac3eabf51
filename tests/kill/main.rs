//! The promise under `kill -9`: `cargo test --release --test kill -- --times 100 --messages 1000 --channel each`.
//!
//! The real binary polls, signs in and delivers, and is killed at random instants and started again at once. Everything it
//! talks to lives in this process and knows exactly what had arrived and what was answered when the process died. With no
//! arguments, as `cargo test` calls it, a short run over all channels together.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

mod child;
mod course;
mod disk;
mod exchange;
mod ledger;
mod mail;
mod partner;
mod settings;
mod snare;
mod verdict;
mod wire;
mod world;

use std::{fmt::Write as _, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, ValueEnum};
use course::{Course, Outcome};
use verdict::{Facts, judge};

/// The next process is heard of within this, on a machine however busy.
const SILENCE: Duration = Duration::from_secs(10);

const ALL: [&str; 4] = ["webhook", "slack", "teams", "email"];

/// Kills leadtime again and again while it works, and counts what was lost and what came twice.
#[derive(Parser, Debug)]
#[command(
    name = "kill",
    after_help = "Example:\n  cargo test --release --test kill -- --times 100 --messages 1000 --channel each"
)]
struct Args {
    /// How often it is killed in each run.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    times: u32,
    /// How many referrals come in each run.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    messages: u32,
    /// Which channels tell of them: one, all in one run, or one run for each and one for all.
    #[arg(long, value_enum, default_value_t = Channel::Together)]
    channel: Channel,
    /// Messages that are ready together become one, to the webhook: its body names them all, the other channels show the first
    /// of many. `each` has one such run at its end.
    #[arg(long)]
    digests: bool,
    /// A second process stands by and takes over, and commands are run beside.
    #[arg(long)]
    standby: bool,
    /// A folder on a disk of 64 MiB or so for the state; the disk fills and is freed while leadtime works.
    #[arg(long, value_name = "FOLDER", env = "LEADTIME_TEST_SMALL_DISK")]
    disk: Option<PathBuf>,
    /// What the draws follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What a call of all tests passes to each: with a name that is not ours there is nothing to do.
    #[arg(hide = true)]
    filters: Vec<String>,
    #[command(flatten)]
    harness: Harness,
}

/// The test harness' own options, which `cargo test -- …` passes to every target.
#[derive(clap::Args, Debug)]
struct Harness {
    #[arg(long, hide = true)]
    list: bool,
    #[arg(long, hide = true)]
    ignored: bool,
    #[arg(long, hide = true)]
    include_ignored: bool,
    #[arg(long, hide = true)]
    nocapture: bool,
    #[arg(long, hide = true)]
    no_capture: bool,
    #[arg(long, hide = true)]
    show_output: bool,
    #[arg(long, hide = true)]
    exact: bool,
    #[arg(long, short, hide = true)]
    quiet: bool,
    #[arg(long, hide = true)]
    skip: Vec<String>,
    #[arg(long, hide = true)]
    test_threads: Option<u32>,
    #[arg(long, hide = true)]
    format: Option<String>,
    #[arg(long, hide = true)]
    color: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Channel {
    Webhook,
    Slack,
    Teams,
    Email,
    Together,
    Each,
}

impl Args {
    fn is_ours(&self) -> bool {
        let harness = &self.harness;
        let named = self.filters.is_empty() || self.filters.iter().any(|filter| "kill".contains(filter.as_str()));
        named && !harness.list && !harness.ignored && !harness.skip.iter().any(|skip| "kill".contains(skip.as_str()))
    }

    fn courses(&self) -> Vec<Course> {
        let course = |destinations: &[&'static str]| Course {
            destinations: destinations.to_vec(),
            messages: self.messages,
            kills: self.times,
            seed: self.seed,
            digests: false,
            standby: self.standby,
            disk: self.disk.clone(),
        };
        let digests = Course { digests: true, ..course(&["webhook"]) };
        if self.digests {
            return vec![digests];
        }
        match self.channel {
            Channel::Webhook => vec![course(&["webhook"])],
            Channel::Slack => vec![course(&["slack"])],
            Channel::Teams => vec![course(&["teams"])],
            Channel::Email => vec![course(&["email"])],
            Channel::Together => vec![course(&ALL)],
            Channel::Each => {
                let each = ALL.into_iter().map(|channel| course(&[channel]));
                let standby = Course { standby: true, ..course(&ALL) };
                each.chain([course(&ALL), standby, digests]).collect()
            }
        }
    }

    /// What repeats it.
    fn command(&self) -> String {
        let Self { times, messages, seed, .. } = self;
        let channel = self.channel.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned());
        let release = if cfg!(debug_assertions) { "" } else { "--release " };
        let mut command = format!(
            "cargo test {release}--test kill -- --times {times} --messages {messages} --channel {channel} --seed {seed}"
        );
        for (is_so, flag) in [(self.digests, " --digests"), (self.standby, " --standby")] {
            command.push_str(if is_so { flag } else { "" });
        }
        if let Some(disk) = &self.disk {
            write!(command, " --disk {}", disk.display()).unwrap();
        }
        command
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if !args.is_ours() {
        return ExitCode::SUCCESS;
    }
    println!(
        "{:<28} {:>8} {:>5} {:>5} {:>8} {:>9} {:>8} {:>9} {:>9} {:>5} {:>9} {:>7}",
        "killed while it works",
        "messages",
        "kills",
        "lost",
        "repeated",
        "in flight",
        "answered",
        "before",
        "back in",
        "polls",
        "rotations",
        "seconds"
    );
    let wrong = args.courses().iter().fold(0, |wrong, course| wrong + shown(course, &course.run()));
    if wrong == 0 {
        return ExitCode::SUCCESS;
    }
    println!("\nrepeat it with: {}", args.command());
    ExitCode::FAILURE
}

/// Prints a run's lines of the table and what was wrong; how much that was. `answered`: repeats of messages that were
/// answered before the kill, the earliest so long `before`; `back in`: the longest time from a kill to the first word of the
/// next process.
fn shown(course: &Course, outcome: &Outcome) -> usize {
    let mut wrong = outcome.wrong.clone();
    let facts = Facts {
        referrals: course.messages,
        exchanges: &outcome.exchanges,
        kills: &outcome.kills,
        had_no_room: course.disk.is_some(),
    };
    for destination in &course.destinations {
        let tally = judge(destination, &facts);
        let name = course.name();
        let name = if course.destinations.len() > 1 { format!("{name}: {destination}") } else { name };
        println!(
            "{name:<28} {:>8} {:>5} {:>5} {:>8} {:>9} {:>8} {:>6} ms {:>6} ms {:>5} {:>9} {:>7.1}",
            course.messages,
            outcome.kills.len(),
            tally.lost,
            tally.repeated,
            tally.in_flight,
            tally.answered,
            tally.longest.as_millis(),
            outcome.longest_silence().as_millis(),
            outcome.polls,
            outcome.rotations,
            outcome.took.as_secs_f64()
        );
        wrong.extend(tally.wrong.into_iter().map(|what| format!("{destination}: {what}")));
    }
    // A full disk is told.
    if course.disk.is_none() {
        let ops = outcome.exchanges.iter().filter(|exchange| exchange.destination == "ops");
        wrong.extend(ops.filter_map(|told| Some(format!("[ops] was told: {}", told.message.as_ref()?.says))));
    }
    if outcome.longest_silence() > SILENCE {
        wrong.push(format!("nothing was heard for {:?} after a kill", outcome.longest_silence()));
    }
    wrong.iter().for_each(|what| println!("WRONG: {what}"));
    wrong.len()
}
