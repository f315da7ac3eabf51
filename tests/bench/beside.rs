//! Side by side: leadtime, Alertmanager and a plain Python script against the same sinks in one run. What each takes to
//! begin, at rest and per 1,000 messages; what each loses and repeats when it is killed; what remains after a restart.
//! `cargo bench --bench beside`, and `--help` after `--` for what can be set.
//!
//! Everything is on loopback and not encrypted. Processor and memory are each side's own, read from /proc (Linux only);
//! the source and the sinks are in this process and do not count. Sides take turns, and medians of all rounds are shown.
//! A side whose program is missing is left out. Asserts nothing of any side but that its messages arrive.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

#[path = "beside/crash.rs"]
mod crash;
#[allow(dead_code, reason = "another program uses the rest")]
#[path = "beside/process.rs"]
mod process;
#[allow(dead_code, reason = "another program uses the rest")]
#[path = "beside/referral.rs"]
mod referral;
#[path = "beside/sides.rs"]
mod sides;
#[path = "beside/sinks.rs"]
mod sinks;
#[path = "beside/source.rs"]
mod source;
#[path = "beside/speed.rs"]
mod speed;
#[path = "beside/world.rs"]
mod world;

use std::{io::IsTerminal as _, process::ExitCode, time::Duration};

use crash::{Killed, WAITING, killed, restarted};
use sides::Side;
use sinks::Channel;
use speed::{Cost, Rest, at_rest, messages};

const HELP: &str = "\
Measures leadtime, Alertmanager and a plain Python script side by side.

Usage: cargo bench --bench beside -- [--messages 10000] [--rounds 3] [--kills 3]

  --messages N   messages of each measurement of speed [default: 1000]
  --rounds N     how often each is measured [default: 3]
  --kills N      how often each side is killed, in the middle of 10,000 messages [default: 3]
";

/// Messages of a run that is killed.
const KILLED_IN: usize = 10_000;
/// The slower sinks: what a network takes there and back.
const FAR: Duration = Duration::from_millis(20);
const FAR_MESSAGES: usize = 1_000;

struct Plan {
    messages: usize,
    rounds: usize,
    kills: usize,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match plan(&arguments) {
        Ok(Some(plan)) => {
            drop(rustls::crypto::ring::default_provider().install_default());
            compare(&plan);
            ExitCode::SUCCESS
        }
        Ok(None) => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprint!("{what}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

fn plan(arguments: &[String]) -> Result<Option<Plan>, String> {
    let mut plan = Plan { messages: 1_000, rounds: 3, kills: 3 };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let (place, least) = match name.as_str() {
            "--messages" => (&mut plan.messages, 1),
            "--rounds" => (&mut plan.rounds, 1),
            "--kills" => (&mut plan.kills, 0),
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("{other} is no option of this program")),
        };
        let value = rest.next().and_then(|value| value.parse().ok()).filter(|value| *value >= least);
        *place = value.ok_or_else(|| format!("{name} wants a whole number of {least} or more"))?;
    }
    Ok(Some(plan))
}

fn compare(plan: &Plan) {
    let table = Table { sides: Side::present() };
    table.row("", |side| side.name().to_owned());
    table.row("", Side::version);
    rest(plan, &table);
    for channel in Channel::ALL {
        cost(plan, channel, &table);
    }
    far(&table);
    crashes(plan, &table);
    remains(&table);
}

fn rest(plan: &Plan, table: &Table) {
    let measured = table.turns(plan.rounds, "at rest", at_rest);
    table.medians("ready", &measured, |rest: &Rest| rest.ready.as_secs_f64() * 1e3, "ms");
    table.medians("at rest, 100 open: memory", &measured, |rest| mib(rest.resident), "MiB");
    table.medians("  of it private", &measured, |rest| mib(rest.private), "MiB");
}

fn cost(plan: &Plan, channel: Channel, table: &Table) {
    let (count, name) = (plan.messages, channel.name());
    let measured = table.turns(plan.rounds, name, |side| messages(side, channel, count, Duration::ZERO));
    let thousands = count as f64 / 1e3;
    table.medians(
        &format!("1,000 messages by {name}"),
        &measured,
        |cost: &Cost| cost.wall.as_secs_f64() / thousands,
        "s",
    );
    table.medians("  CPU", &measured, |cost| cost.cpu / thousands, "CPU-s");
    table.medians(&format!("  most memory, {count} messages"), &measured, |cost| mib(cost.peak_kib), "MiB");
}

fn far(table: &Table) {
    for channel in Channel::ALL {
        let what = format!("1,000 by {}, answers take {} ms", channel.name(), FAR.as_millis());
        let measured = table.turns(1, &what, |side| messages(side, channel, FAR_MESSAGES, FAR));
        table.medians(&what, &measured, |cost| cost.wall.as_secs_f64(), "s");
    }
}

fn crashes(plan: &Plan, table: &Table) {
    for (told_again, what) in [(false, "source silent from then on"), (true, "told again by the source")] {
        let mut turn = 0;
        let measured = table.turns(plan.kills, "killed", |side| {
            // Each round somewhere else between a fifth and four fifths, all sides at the same place.
            let round = turn / table.sides.len();
            turn += 1;
            killed(side, KILLED_IN, 0.2 + 0.6 * (round as f64 + 0.5) / plan.kills as f64, told_again)
        });
        if plan.kills > 0 {
            println!("kill -9 in the middle of 10,000 by Slack, {what}");
            table.ranges("  lost", &measured, |killed: &Killed| killed.fate.lost);
            table.ranges("  repeated", &measured, |killed| killed.fate.repeated);
            table.medians("  the last arrives after", &measured, |killed| killed.again.as_secs_f64(), "s");
        }
    }
}

fn remains(table: &Table) {
    let measured = table.turns(1, "restarted", restarted);
    println!("proper restart while {WAITING} messages wait, source silent from then on");
    table.ranges("  referrals that it knows", &measured, |remains| remains.known);
    table.ranges("  messages that arrive after all", &measured, |remains| remains.arrived);
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// A column for each side.
struct Table {
    sides: Vec<Side>,
}

impl Table {
    /// Measures all sides so many times, one after the other; by side, what each turn gave.
    fn turns<T>(&self, rounds: usize, what: &str, mut measure: impl FnMut(Side) -> T) -> Vec<Vec<T>> {
        let mut measured: Vec<Vec<T>> = self.sides.iter().map(|_| Vec::new()).collect();
        for round in 1..=rounds {
            for (side, values) in self.sides.iter().zip(&mut measured) {
                if std::io::stderr().is_terminal() {
                    eprint!("\r\x1b[K{what}, round {round} of {rounds}: {}", side.name());
                }
                values.push(measure(*side));
            }
        }
        if std::io::stderr().is_terminal() {
            eprint!("\r\x1b[K");
        }
        measured
    }

    fn row(&self, what: &str, of: impl Fn(Side) -> String) {
        self.line(what, self.sides.iter().map(|side| of(*side)));
    }

    fn medians<T>(&self, what: &str, measured: &[Vec<T>], of: impl Fn(&T) -> f64, unit: &str) {
        self.line(
            what,
            measured.iter().map(|values| {
                let mut values: Vec<f64> = values.iter().map(&of).collect();
                values.sort_by(f64::total_cmp);
                let median = values[values.len() / 2];
                let digits = if median < 10.0 { 3 } else { 1 };
                format!("{median:.digits$} {unit}")
            }),
        );
    }

    fn ranges<T>(&self, what: &str, measured: &[Vec<T>], of: impl Fn(&T) -> usize) {
        self.line(
            what,
            measured.iter().map(|values| {
                let (least, most) = (values.iter().map(&of).min(), values.iter().map(&of).max());
                match (least, most) {
                    (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
                    (Some(same), _) => same.to_string(),
                    _ => String::new(),
                }
            }),
        );
    }

    fn line(&self, what: &str, cells: impl Iterator<Item = String>) {
        let cells: String = cells.map(|cell| format!(" {cell:>18}")).collect();
        println!("{what:<44}{cells}");
    }
}
