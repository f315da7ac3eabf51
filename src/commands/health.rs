//! `leadtime health`: for a container's health check. Fast, and without a look at any secret.

use std::time::Duration;

use hyper::{Method, StatusCode};

use super::{
    Common, DONE, FAILED, paper,
    reach::{Unreached, Way},
};
use crate::{settings, web::Readiness};

/// So long the service has to answer.
const WITHIN: Duration = Duration::from_secs(5);

/// Asks the service whether it lives: exit code 0 while the process and its loops do.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime health                # a container's health check\n  \
    leadtime health --strict       # fails on an account's or a destination's trouble, too\n\n\
    It asks [web] listen, or the socket in the state folder where that is off.\n\
    With --json: {\"state\": \"running\", \"stuck\": [], \"why\": null, \"troubles\": [\"contoso cannot be read\"]}")]
pub struct Args {
    /// As /readyz: fails also when nothing can be recorded.
    #[arg(long)]
    ready: bool,
    /// As --ready, and fails also on any trouble of leadtime's own.
    #[arg(long)]
    strict: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    let path = if args.ready || args.strict { "/readyz" } else { "/healthz" };
    match ask(common, path).await {
        Ok((well, readiness)) => {
            let well = well && (!args.strict || readiness.troubles.is_empty());
            if args.json {
                paper::print_json(&readiness);
            } else if well {
                paper::print(&format!("{}\n", readiness.state));
            } else {
                eprintln!("{}", told(&readiness));
            }
            if well { DONE } else { FAILED }
        }
        Err(why) => {
            eprintln!("{why}");
            FAILED
        }
    }
}

async fn ask(common: &Common, path: &str) -> Result<(bool, Readiness), Unhealthy> {
    let glance = settings::glance(&common.config, settings::environment());
    let socket = Way::Socket(glance.socket);
    // A port of 0 is known to the service alone.
    let Some(listen) = glance.listen.filter(|listen| listen.port() != 0) else { return asked(&socket, path).await };
    match asked(&Way::to(listen, None), path).await {
        Err(slow @ Unhealthy::Unreached(Unreached::Slow(..))) => Err(slow),
        // What is bound is what the settings said at the start, and they may say otherwise now.
        Err(why) => asked(&socket, path).await.map_err(|_| why),
        answered => answered,
    }
}

/// Why nobody says how it is.
#[derive(Debug, thiserror::Error)]
enum Unhealthy {
    #[error(transparent)]
    Unreached(#[from] Unreached),
    #[error("what answers there is no leadtime of this version; look at [web] listen")]
    Foreign,
}

async fn asked(way: &Way, path: &str) -> Result<(bool, Readiness), Unhealthy> {
    let answer = way.ask(Method::GET, path, WITHIN).await?;
    let readiness = serde_json::from_slice(&answer.body).map_err(|_| Unhealthy::Foreign)?;
    Ok((answer.status == StatusCode::OK, readiness))
}

fn told(readiness: &Readiness) -> String {
    let mut parts = vec![readiness.state.clone()];
    parts.extend(readiness.why.clone());
    if !readiness.stuck.is_empty() {
        parts.push(format!("these loops have not turned in time: {}", readiness.stuck.join(", ")));
    }
    parts.extend(readiness.troubles.clone());
    format!("{}; `leadtime status` says more", parts.join(": "))
}
