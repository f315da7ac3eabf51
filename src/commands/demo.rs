//! `leadtime demo`: the real service on a machine with nothing set up. It plays against a simulated Partner Center and
//! local sinks, in a process of its own, so that it can be killed in the middle. Must never reach beyond this machine.

mod child;
mod play;
mod reckoning;
mod scene;
mod serve;
pub mod service;
mod terminal;

use std::{net::SocketAddr, time::Duration};

use super::FAILED;
use crate::core::period::{Period, Seconds};

/// Shows leadtime at work: fourteen days in a minute and a half, with no settings and no network.
///
/// The real service runs against a simulated Partner Center and local sinks for Slack, Teams, mail and webhooks, by a
/// fast clock. On the way Partner Center fails, Slack fails, and leadtime is killed. A page shows what everybody received; at the
/// end every message is accounted for. Exit code 1 if one was lost.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  leadtime demo\n  leadtime demo --day 2s --exit   # in half a minute, and leave\n  leadtime demo --serve           # a Partner Center and sinks to try `leadtime run` against"
)]
pub struct Args {
    /// The length of a day.
    #[arg(long, default_value = "6s", value_parser = day, value_name = "TIME")]
    day: Duration,
    /// When to stop counting.
    #[arg(long, default_value_t = crate::demo::plot::DAYS, value_parser = clap::value_parser!(u32).range(1..=14))]
    days: u32,
    /// Leave at the end, instead of keeping the page up until Ctrl-C.
    #[arg(long, conflicts_with = "serve")]
    exit: bool,
    /// Run only the simulated Partner Center and the sinks, in real time, and print the variables that point `leadtime run` at them.
    #[arg(long)]
    serve: bool,
    /// Where the page listens; another port is taken where this one is not free.
    #[arg(long, default_value = "127.0.0.1:8025", value_name = "ADDRESS")]
    listen: SocketAddr,
}

fn day(text: &str) -> Result<Duration, String> {
    match Period::parse(text).map_err(|fault| fault.to_string())? {
        Period::Elapsed(Seconds(seconds @ 1..=86_400)) => Ok(Duration::from_secs(seconds.unsigned_abs())),
        _ => Err("a day of the demo takes from 1s to 24h, such as 6s".to_owned()),
    }
}

/// Runs it; the exit code.
pub async fn run(args: &Args) -> u8 {
    let ended = if args.serve { serve::run(args.listen).await } else { play::run(args).await };
    match ended {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("{fault:#}");
            FAILED
        }
    }
}
