//! `leadtime reload`: the service reads its settings again, as at SIGHUP, and says what came of it.

use std::{io::Write as _, time::Duration};

use super::{
    BAD_USAGE, Common, DONE, FAILED, answer, findings, paper,
    reach::{GivenUp, Reached, give_up, reach},
};
use crate::{
    settings::Look,
    web::reload::{Asked, Reloaded, Shown},
};

/// So long the service has to answer: polls under way have a few seconds to end.
const WITHIN: Duration = Duration::from_secs(75);

/// Has the service read its settings again, as SIGHUP does, and says what is in force.
///
/// Bad settings are shown like `leadtime check` shows them, and the old stay in force: exit code 2. Without a service there
/// is nothing to reload: exit code 1.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime reload\n  leadtime check && leadtime reload\n\n\
    With --json:\n  {\"ok\", \"summary\", \"faults\": [FINDING…], \"warnings\": [FINDING…],\n   \
    \"needs_start\": [\"[web] listen\"…], \"why\"}; what does not apply is null\n  \
    FINDING: as in `leadtime check`, and \"plain\", \"graphical\": as a text")]
pub struct Args {
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    let reloaded = match asked(common).await {
        Ok(reloaded) => reloaded,
        Err(GivenUp(code)) => return code,
    };
    if args.json {
        paper::print_json(&reloaded);
    } else {
        show(&reloaded);
    }
    match (reloaded.ok, reloaded.faults.is_empty()) {
        (true, _) => DONE,
        (false, false) => BAD_USAGE,
        (false, true) => FAILED,
    }
}

async fn asked(common: &Common) -> Result<Reloaded, GivenUp> {
    match reach(common).await? {
        Reached::Service(way) => {
            answer::tell(&way, "/api/v1/reload", &Asked { look: findings::look().unwrap_or(Look::PLAIN) }, WITHIN).await
        }
        Reached::Store(store, _) => {
            // Leaving it clean is all that is wanted of it.
            drop(store.close());
            Err(give_up(
                "leadtime is not running, so there is nothing to reload; `leadtime run` reads the settings as it starts",
            ))
        }
    }
}

fn show(reloaded: &Reloaded) {
    let terminal = findings::look().is_some();
    let of = |shown: &Shown, before: &str| match terminal {
        true => format!("{}\n", shown.graphical),
        false => format!("{before}{}\n", shown.plain),
    };
    let faults = reloaded.faults.iter().map(|fault| of(fault, ""));
    let found: String = faults.chain(reloaded.warnings.iter().map(|warning| of(warning, "warning: "))).collect();
    // Whoever has closed standard error does not want to know.
    drop(std::io::stderr().write_all(found.as_bytes()));
    let mut text = match reloaded.ok {
        true => format!("in force: {}\n", reloaded.summary),
        false => String::new(),
    };
    for key in &reloaded.needs_start {
        text += &format!("{key} has changed; that takes effect when leadtime is started anew\n");
    }
    paper::print(&text);
    if let (false, why) = (reloaded.ok, &reloaded.why) {
        eprintln!("{}", why.as_ref().unwrap_or(&reloaded.summary));
    }
}
