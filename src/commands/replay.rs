//! `leadtime replay`: what the present rules would have sent about referrals that are known, or that Partner Center lists.
//! Must never send, and never write.

mod listed;
mod page;

use std::{
    collections::BTreeMap,
    io::{IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::{
    BAD_USAGE, Common, DONE, answer, findings, paper,
    reach::{GivenUp, Holder, Way, give_up, reach_by},
};
use crate::{
    core::{
        case::Case,
        ids::AccountName,
        story::{
            rehearsal::{Rehearsal, Summary},
            report::Span,
        },
    },
    service::{
        clock::{Clock as _, RealClock},
        prepare,
    },
    settings::{self, Settings},
    store::{Store, StoreFault},
    web::{
        history::{Remembrance, remembrance},
        since::Since,
    },
};

/// So long the service has to answer for one page.
const WITHIN: Duration = Duration::from_secs(30);

/// Shows what the present rules would have sent: how many messages, to whom, on which day the most, and which of the referrals
/// that expired would have been escalated in time.
///
/// Walks the settings' rules over every referral that leadtime knows and that was open in the period, from its creation to
/// its end as Partner Center told it: deadlines that moved, closings, mutes and claims are as they were, each channel accepts
/// at once. Earlier values of a deal are not kept, so `updated` is there for moved deadlines alone. Sends nothing, changes
/// nothing, and needs no secret, but with --listed those of the accounts.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime replay\n  leadtime replay --since 30d --expiries\n  \
    leadtime replay --config new.toml --against config/leadtime.toml\n  \
    leadtime replay --listed --json | jq '.replay.expiries.caught'\n\n\
    With --json (instants in RFC 3339, sums in `currency`):\n  \
    {\"from\", \"until\", \"time_zone\", \"account\", \"listed\": [{\"account\", \"filter\", \"referrals\", \"passed_over\"}]\n   \
    or null, \"unreadable\", \"replay\": SUMMARY, \"against\": SUMMARY or null}\n  \
    SUMMARY: {\"referrals\", \"messages\", \"posts\" (what falls due together is one),\n   \
    \"destinations\": [{\"destination\", \"messages\", \"posts\", \"most_a_day\", \"events\": {EVENT: messages}}],\n   \
    \"weeks\": [{\"monday\", \"came\", \"messages\", \"posts\"}], \"busiest\": {\"day\", \"messages\", \"posts\"} or null,\n   \
    \"hours\": {\"moved\", \"news\", \"late\", \"own\"}, \"currency\", \"cut\", \"rough\", \"undated\",\n   \
    \"expiries\": {\"of\", \"caught\", \"value\": SUM, \"caught_value\": SUM,\n     \
    \"before_seconds\": [least, middle, most] or null, \"each\": [{\"id\", \"account\", \"customer\", \"country\",\n     \
    \"value\", \"currency\", \"created\", \"expired\", \"escalated\": {\"at\", \"before_seconds\", \"destination\"} or\n     \
    null, \"timeline\": [{\"at\", \"destination\", \"event\", \"step\", \"rule\", \"moved_from\"}]}]},\n   \
    \"silent\": [{\"why\", \"referrals\", \"some\": [{\"id\", \"account\", \"customer\", …}]}],\n   \
    \"steps\": [{\"rule\", \"step\", \"referrals\", \"nobody\", \"in_place_of\", \"messages\"}]}\n  \
    SUM: {\"amount\", \"no_rate\" and \"no_value\" (so many more referrals)}")]
pub struct Args {
    /// From when on: how long ago (30d, 4w, 12h), or a day (2026-10-01).
    #[arg(long, value_name = "TIME", default_value = "90d")]
    since: Since,
    /// All that Partner Center still lists, open or closed, in place of what leadtime knows: signs in and lists each account
    /// by its `filter` without what that says of `status` and `substatus`.
    #[arg(long)]
    listed: bool,
    /// Show each expiry with all that would have been sent about it.
    #[arg(long)]
    expiries: bool,
    /// Other settings whose rules are replayed beside, to compare: those in force, where --config is a draft.
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,
    /// This account alone.
    #[arg(long, value_name = "NAME")]
    account: Option<AccountName>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What is printed.
#[derive(Serialize)]
struct Document {
    from: Timestamp,
    until: Timestamp,
    time_zone: String,
    account: Option<AccountName>,
    /// What was listed, and how; none where leadtime's own memory was read.
    listed: Option<Vec<listed::Listed>>,
    /// Referrals that could not be read.
    unreadable: u32,
    replay: Summary,
    against: Option<Summary>,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    match replay(common, args).await {
        Ok(document) if args.json => paper::print_json(&document),
        Ok(document) => {
            let against = args.against.as_deref().map(|against| (common.config.as_path(), against));
            paper::print(&page::page(&document, against, args.expiries));
        }
        Err(GivenUp(code)) => return code,
    }
    DONE
}

async fn replay(common: &Common, args: &Args) -> Result<Document, GivenUp> {
    let settings = read(&common.config)?;
    let other = args.against.as_deref().map(read).transpose()?;
    if let Some(name) = args.account.as_ref().filter(|name| !settings.accounts.contains_key(*name)) {
        eprintln!("there is no account {name} in the settings");
        return Err(GivenUp(BAD_USAGE));
    }
    let (now, zone) = (RealClock.now(), settings.time_zone.clone());
    let span = Span { from: args.since.instant(now, &zone), until: now, now, zone };
    if span.from >= now {
        eprintln!("--since lies ahead; write an earlier time");
        return Err(GivenUp(BAD_USAGE));
    }
    let mut hall = Hall::of(&settings, other.as_ref(), &span, args.expiries);
    let listed = if args.listed {
        Some(listed::read(common, args.account.as_ref(), &mut hall).await?)
    } else {
        match reach_by(&settings).await? {
            Holder::Service(way) => of_service(&way, args.account.as_ref(), &mut hall).await?,
            Holder::Store(store) => hall = of_store(store, args.account.clone(), hall).await?,
        }
        None
    };
    hall.progress.ends();
    let mut summaries = hall.rehearsals.into_iter().map(Rehearsal::summary);
    let replay = summaries.next().ok_or(GivenUp(BAD_USAGE))?;
    Ok(Document {
        from: span.from,
        until: span.until,
        time_zone: settings.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        account: args.account.clone(),
        listed,
        unreadable: hall.unreadable,
        replay,
        against: summaries.next(),
    })
}

fn read(path: &Path) -> Result<Settings, GivenUp> {
    settings::load_unsent(path, settings::environment()).map_err(|faults| {
        findings::show(&faults.faults, &[]);
        GivenUp(BAD_USAGE)
    })
}

/// Every set of rules that is tried, and how far it has come.
struct Hall {
    /// By --config, and by --against.
    rehearsals: Vec<Rehearsal>,
    since: Timestamp,
    progress: Progress,
    unreadable: u32,
}

impl Hall {
    fn of(settings: &Settings, other: Option<&Settings>, span: &Span, with_timelines: bool) -> Self {
        let rehearsal = |settings: &Settings| {
            let lanes = prepare::orders(settings).lanes.into_iter();
            let digest_above: BTreeMap<_, _> = lanes.map(|(name, lanes)| (name, lanes.terms.digest_above)).collect();
            Rehearsal::new(settings.rules.clone(), digest_above, span.clone(), with_timelines)
        };
        let rehearsals = [Some(settings), other].into_iter().flatten().map(rehearsal).collect();
        Self { rehearsals, since: span.from, progress: Progress::begins(), unreadable: 0 }
    }

    fn take(&mut self, page: Remembrance) {
        self.unreadable += page.unreadable;
        for one in page.referrals {
            let case = Case { referral: one.referral, ..one.case };
            self.rehearsals.iter_mut().for_each(|rehearsal| rehearsal.remembered(&case, &one.lines));
            self.progress.one_more();
        }
    }
}

/// Page by page from a service that runs.
async fn of_service(way: &Way, account: Option<&AccountName>, hall: &mut Hall) -> Result<(), GivenUp> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let account = account.map_or(String::new(), |name| format!("&account={}", encoded(name.as_str())));
    let since = encoded(&hall.since.to_string());
    let mut from = Some(0);
    while let Some(first) = from {
        let path = format!("/api/v1/history?since={since}&from={first}{account}");
        let page: Remembrance = answer::ask(way, &path, WITHIN).await?;
        // What leads nowhere further would go on for ever.
        from = page.next.filter(|next| *next > first);
        hall.take(page);
    }
    Ok(())
}

/// Page by page from the store; nothing is written.
async fn of_store(store: Arc<dyn Store>, account: Option<AccountName>, mut hall: Hall) -> Result<Hall, GivenUp> {
    let read = tokio::task::spawn_blocking(move || {
        let mut from = Some(0);
        while let Some(first) = from {
            let page = remembrance(store.as_ref(), hall.since, account.as_ref(), first)?;
            from = page.next;
            hall.take(page);
        }
        store.close()?;
        Ok(hall)
    });
    read.await.unwrap_or(Err(StoreFault::Closed)).map_err(|fault| give_up(&fault.to_string()))
}

/// Says on standard error how far it has come, where that is a terminal.
struct Progress {
    walked: u32,
    shown: bool,
}

impl Progress {
    /// So many referrals are walked between two signs of life.
    const EVERY: u32 = 100;

    fn begins() -> Self {
        Self { walked: 0, shown: std::io::stderr().is_terminal() }
    }

    fn one_more(&mut self) {
        self.walked += 1;
        if self.shown && self.walked.is_multiple_of(Self::EVERY) {
            eprint!("\r{} referrals …", self.walked);
            // A sign of life that does not come is no fault.
            drop(std::io::stderr().flush());
        }
    }

    fn ends(&self) {
        if self.shown && self.walked >= Self::EVERY {
            eprint!("\r\x1b[K");
        }
    }
}
