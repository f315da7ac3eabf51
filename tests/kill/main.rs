//! The promise under `kill -9`: `cargo test --release --test kill -- --times 100 --messages 1000 --channel each`.
//!
//! The real binary polls, signs in and delivers, and is killed at random instants and started again at once. Everything it
//! talks to lives in this process and knows exactly what had arrived and what was answered when the process died. With no
//! arguments, as `cargo test` calls it, a short run over all channels together.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

mod child;
mod course;
mod ledger;
mod mail;
mod partner;
mod snare;
mod verdict;
mod wire;
mod world;

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use course::{Course, Outcome};
use verdict::judge;

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
    /// Messages that are ready together become one; by default one run is so, after the others.
    #[arg(long)]
    digests: bool,
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
        let course = |destinations: &[&'static str], digests| Course {
            destinations: destinations.to_vec(),
            messages: self.messages,
            kills: self.times,
            seed: self.seed,
            digests,
        };
        let one = |channel: &'static str| vec![course(&[channel], self.digests)];
        match self.channel {
            Channel::Webhook => one("webhook"),
            Channel::Slack => one("slack"),
            Channel::Teams => one("teams"),
            Channel::Email => one("email"),
            Channel::Together => vec![course(&ALL, self.digests)],
            Channel::Each => {
                let each = ALL.into_iter().flat_map(one);
                each.chain([course(&ALL, self.digests), course(&ALL, true)]).collect()
            }
        }
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    if !args.is_ours() {
        return ExitCode::SUCCESS;
    }
    println!(
        "{:<28} {:>8} {:>6} {:>6} {:>9} {:>10} {:>17} {:>8} {:>7} {:>10} {:>8}",
        "killed while it works",
        "messages",
        "kills",
        "lost",
        "repeated",
        "in flight",
        "of them answered",
        "longest",
        "polls",
        "rotations",
        "seconds"
    );
    let wrong = args.courses().iter().fold(0, |wrong, course| wrong + shown(course, &course.run()));
    if wrong == 0 {
        return ExitCode::SUCCESS;
    }
    let Args { times, messages, seed, .. } = args;
    let channel = args.channel.to_possible_value().map_or(String::new(), |value| value.get_name().to_owned());
    let digests = if args.digests { " --digests" } else { "" };
    println!(
        "\nrepeat it with: cargo test --test kill -- --times {times} --messages {messages} --channel {channel} --seed {seed}{digests}"
    );
    ExitCode::FAILURE
}

/// Prints a run's lines of the table and what was wrong; how much that was.
fn shown(course: &Course, outcome: &Outcome) -> usize {
    let mut wrong = outcome.wrong.clone();
    for destination in &course.destinations {
        let tally = judge(destination, course.messages, &outcome.exchanges, &outcome.kills);
        let name = course.name();
        let name = if course.destinations.len() > 1 { format!("{name}: {destination}") } else { name };
        println!(
            "{name:<28} {:>8} {:>6} {:>6} {:>9} {:>10} {:>17} {:>5} ms {:>7} {:>10} {:>8.1}",
            course.messages,
            outcome.kills.len(),
            tally.lost,
            tally.repeated,
            tally.in_flight,
            tally.answered,
            tally.longest.as_millis(),
            outcome.polls,
            outcome.rotations,
            outcome.took.as_secs_f64()
        );
        wrong.extend(tally.wrong.into_iter().map(|what| format!("{destination}: {what}")));
    }
    let ops = outcome.exchanges.iter().filter(|exchange| exchange.destination == "ops");
    for message in ops.filter_map(|exchange| exchange.message.as_ref()) {
        wrong.push(format!("[ops] was told: {}", message.says));
    }
    wrong.iter().for_each(|what| println!("WRONG: {what}"));
    wrong.len()
}
