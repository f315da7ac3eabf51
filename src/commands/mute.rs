//! `leadtime mute` and `leadtime unmute`: no more messages about one referral, until somebody or a date ends that.

use std::time::Duration;

use super::{
    Common, DONE, FAILED, answer, bare, paper,
    reach::{GivenUp, Reached, reach},
};
use crate::{
    channels::one_line,
    core::ids::AccountName,
    web::hand::{self, Heard, Wish},
};

/// So long the service has to answer.
const WITHIN: Duration = Duration::from_secs(30);

const SHAPE: &str = "With --json (instants in RFC 3339):\n  \
    {\"done\", \"id\", \"account\", \"customer\", \"until\", \"text\"}; what does not apply is null";

/// No more messages about a referral but its expiry; what waits in the outbox is cancelled.
///
/// Its countdown goes on, and `leadtime status` shows it with the reason. What is due when the mute ends comes then, as one
/// message for each destination.
#[derive(clap::Args, Debug)]
#[command(after_help = format!("Examples:\n  leadtime mute 3f8a91c2 --reason \"the customer asked us to wait\"\n  \
    leadtime mute 3f8a91c2 --reason \"on holiday\" --until 2026-12-01\n  \
    leadtime mute 3f8a91c2 --reason \"waits for the budget\" --until 1w --by anna\n\n{SHAPE}"))]
pub struct MuteArgs {
    /// The referral's id; the first 8 characters are enough.
    #[arg(value_name = "ID")]
    id: String,
    /// Why, for those who wonder later.
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// When it ends by itself: 2d or 1w from now; 2026-12-01 is the start of that day in time_zone, 2026-12-01T09:00 a time
    /// of it. Until `unmute` where this is left out.
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,
    /// Who mutes it, for `status` and `explain`; the user who runs this where it is left out. Nobody checks it.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// The account that lists it, where several list such an id.
    #[arg(long, value_name = "NAME")]
    account: Option<AccountName>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Messages about a muted referral come again, what is due now as one message for each destination.
#[derive(clap::Args, Debug)]
#[command(after_help = format!("Example:\n  leadtime unmute 3f8a91c2\n\n{SHAPE}"))]
pub struct UnmuteArgs {
    /// The referral's id; the first 8 characters are enough.
    #[arg(value_name = "ID")]
    id: String,
    /// The account that lists it, where several list such an id.
    #[arg(long, value_name = "NAME")]
    account: Option<AccountName>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs `mute`; the exit code.
pub async fn mute(common: &Common, args: &MuteArgs) -> u8 {
    let wish = Wish {
        id: args.id.clone(),
        account: args.account.clone(),
        reason: Some(args.reason.clone()),
        until: args.until.clone(),
        by: args.by.clone().or_else(user),
    };
    show(done(common, wish, "/api/v1/mute").await, args.json)
}

/// Who runs this, as the shell says.
fn user() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|name| !name.is_empty()))
}

/// Runs `unmute`; the exit code.
pub async fn unmute(common: &Common, args: &UnmuteArgs) -> u8 {
    let wish = Wish { id: args.id.clone(), account: args.account.clone(), ..Wish::default() };
    show(done(common, wish, "/api/v1/unmute").await, args.json)
}

async fn done(common: &Common, wish: Wish, path: &'static str) -> Result<Heard, GivenUp> {
    match reach(common).await? {
        Reached::Service(way) => answer::tell(&way, path, &wish, WITHIN).await,
        Reached::Store(store, prepared) => {
            bare::act(store, prepared, move |state, prepared, now| match path {
                "/api/v1/mute" => hand::mute(state, &prepared.settings, &wish, now),
                _ => hand::unmute(state, &wish, now),
            })
            .await
        }
    }
}

fn show(heard: Result<Heard, GivenUp>, json: bool) -> u8 {
    let heard = match heard {
        Ok(heard) => heard,
        Err(GivenUp(code)) => return code,
    };
    if json {
        paper::print_json(&heard);
    } else {
        let about = heard.customer.as_ref().map_or(String::new(), |name| format!(" {}", one_line(name, 40)));
        let line = format!("{}{about}: {}\n", hand::short(&heard.id), heard.text);
        match heard.done {
            true => paper::print(&line),
            false => eprint!("{line}"),
        }
    }
    if heard.done { DONE } else { FAILED }
}
