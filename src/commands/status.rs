//! `leadtime status`: the verdict first, then what it rests on.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    BAD_USAGE, Common, DONE, FAILED, answer, bare,
    margin::wrapped,
    paper::{self, Side, Table},
    reach::{GivenUp, Reached, reach},
};
use crate::{
    channels::one_line,
    core::{ids::AccountName, ladder::Silence, people::TEAM},
    messages::compact,
    service::spell::coarse,
    web::status::{self, Account, Destination, Next, Pending, Status, Trouble, moment},
};

/// So long the service has to answer.
const WITHIN: Duration = Duration::from_secs(30);
/// So many referrals are printed.
const PRINTED_MAX: usize = 50;
/// A customer's name is cut to so many characters.
const NAME_MAX: usize = 32;

/// Says whether all is well, and what waits for an answer.
///
/// The first line is the verdict: where there is trouble, the worst of it and what to do. Then come accounts, destinations,
/// the last and the next message, every trouble, the open referrals by the day on which they must be answered, and those that
/// are muted or shelved. Exit code 0 where all is well, 1 where there is trouble or leadtime is not running.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime status\n  leadtime status --account contoso\n  \
    leadtime status --json | jq -r '.pending[] | [.answer_by, .customer] | @tsv'\n\n\
    With --json (instants in RFC 3339):\n  \
    {\"well\", \"verdict\", \"now\", \"running\", \"time_zone\",\n   \
    \"accounts\": [{\"name\", \"last_good_poll\", \"failing\", \"open\", \"nearest_deadline\",\n     \
    \"sign_in\": {\"renewed_at\", \"ends_at\"}}],\n   \
    \"destinations\": [{\"name\", \"kind\", \"health\", \"why\", \"last_accepted\", \"waiting\", \"dead\"}],\n   \
    \"last_sent\": {\"at\", \"destination\"}, \"next_due\": NEXT,\n   \
    \"next_digest\": {\"at\", \"digest\", \"destination\"},\n   \
    \"troubles\": [{\"name\", \"since\", \"title\", \"text\", \"todo\"}],\n   \
    \"pending\": [REFERRAL…], \"pending_total\"}; 500 referrals at most\n  \
    REFERRAL: {\"id\", \"account\", \"customer\", \"country\", \"value\", \"currency\", \"category\", \"deadline\",\n    \
    \"estimated\", \"answer_by\", \"working_days_left\", \"unseen_since\", \"silent\", \"next\": NEXT,\n    \
    \"muted\": {\"since\", \"until\", \"reason\", \"by\"},\n    \
    \"claim\": {\"by\", \"said\", \"at\", \"since\", \"until\"}}\n  \
    NEXT: {\"at\", \"destination\", \"event\", \"customer\", \"referral\"}; null where there is none\n  \
    Nothing on standard output where it could not be asked; standard error says why")]
pub struct Args {
    /// This account alone.
    #[arg(long, value_name = "NAME")]
    account: Option<AccountName>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    let status = match look(common, args.account.as_ref()).await {
        Ok(status) => status,
        Err(GivenUp(code)) => return code,
    };
    if args.json {
        paper::print_json(&status);
    } else {
        paper::print(&page(&status));
    }
    if status.well { DONE } else { FAILED }
}

async fn look(common: &Common, account: Option<&AccountName>) -> Result<Status, GivenUp> {
    match reach(common).await? {
        Reached::Service(way) => {
            let query = account.map_or_else(String::new, |name| {
                format!("?account={}", utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC))
            });
            answer::ask(&way, &format!("/api/v1/status{query}"), WITHIN).await
        }
        Reached::Store(store, prepared) => {
            if let Some(name) = account.filter(|name| !prepared.settings.accounts.contains_key(*name)) {
                eprintln!("there is no account {name} in the settings");
                return Err(GivenUp(BAD_USAGE));
            }
            let (account, read) = (account.cloned(), store.clone());
            bare::look(store, prepared, move |state, prepared, now| {
                let sketch = status::sketch(state, &prepared.settings, account.as_ref(), now)?;
                status::finish(sketch, read.as_ref(), &prepared.settings, None)
            })
            .await
        }
    }
}

/// The whole page, with styles.
fn page(status: &Status) -> String {
    let zone = TimeZone::get(&status.time_zone).unwrap_or(TimeZone::UTC);
    let colour = if status.well { AnsiColor::Green } else { AnsiColor::Red };
    let style = Style::new().bold().fg_color(Some(colour.into()));
    let mut page = format!("{style}{}{style:#}\n", clean(&status.verdict));
    page += &accounts(status, &zone);
    page += &destinations(status, &zone);
    page += &lines(status, &zone);
    for trouble in &status.troubles {
        page += &self::trouble(trouble, &zone);
    }
    page + &pending(status, &zone)
}

fn accounts(status: &Status, zone: &TimeZone) -> String {
    let mut table = Table::new(&[
        ("ACCOUNT", Side::Left),
        ("LAST GOOD POLL", Side::Left),
        ("SIGN-IN", Side::Left),
        ("OPEN", Side::Right),
        ("FIRST EXPIRES", Side::Left),
    ]);
    for account in &status.accounts {
        let style = if account.failing.is_some() { yellow() } else { Style::new() };
        let last = account.last_good_poll.map_or_else(|| "never".to_owned(), |at| ago(at, status.now));
        let first = account.nearest_deadline.map_or_else(|| "-".to_owned(), |at| moment(at, zone));
        let sign_in = sign_in(account, status.now);
        table.row(style, vec![account.name.to_string(), last, sign_in, account.open.to_string(), first]);
    }
    let mut text = format!("\n{}", table.show());
    for account in &status.accounts {
        if let Some(why) = &account.failing {
            text += &noted(status, &format!("poll/{}", account.name), account.name.as_str(), why);
        }
    }
    text
}

/// How long the sign-in is good, should nothing renew it.
fn sign_in(account: &Account, now: Timestamp) -> String {
    match account.sign_in.map(|sign_in| sign_in.ends_at.duration_since(now)) {
        None => "none".to_owned(),
        Some(left) if left <= SignedDuration::ZERO => "ended".to_owned(),
        Some(left) if left.as_hours() < 24 => format!("{} left", coarse(left)),
        Some(left) => format!("{} d left", left.as_hours() / 24),
    }
}

/// What is wrong with something in the table above, where no trouble says it below.
fn noted(status: &Status, trouble: &str, name: &str, why: &str) -> String {
    if status.troubles.iter().any(|known| known.name == trouble) {
        return String::new();
    }
    let style = yellow();
    let why = why.strip_prefix(&format!("account {name}: ")).unwrap_or(why);
    format!("{style}{}{style:#}", wrapped("  ", "    ", &format!("{name}: {}", clean(why))))
}

/// Mail to a person, or to a referral's own team, of which there is nothing to tell: in a company of fifty nearly all.
fn is_idle(destination: &Destination) -> bool {
    let quiet = destination.last_accepted.is_none() && destination.waiting + destination.dead == 0;
    destination.name.as_str().starts_with('@') && quiet && destination.health == "well"
}

fn destinations(status: &Status, zone: &TimeZone) -> String {
    let mut table = Table::new(&[
        ("DESTINATION", Side::Left),
        ("TYPE", Side::Left),
        ("HEALTH", Side::Left),
        ("LAST ACCEPTED", Side::Left),
        ("WAITING", Side::Right),
        ("DEAD", Side::Right),
    ]);
    let (shown, idle): (Vec<&Destination>, Vec<&Destination>) =
        status.destinations.iter().partition(|destination| !is_idle(destination));
    for destination in shown {
        let style = match destination.health.as_str() {
            "well" if destination.dead == 0 => Style::new(),
            "broken" => red(),
            _ => yellow(),
        };
        let last = destination.last_accepted.map_or_else(|| "-".to_owned(), |at| moment(at, zone));
        table.row(
            style,
            vec![
                destination.name.to_string(),
                destination.kind.clone(),
                match destination.health.as_str() {
                    "refusing" => "refuses messages".to_owned(),
                    health => health.to_owned(),
                },
                last,
                destination.waiting.to_string(),
                destination.dead.to_string(),
            ],
        );
    }
    let mut text = format!("\n{}", table.show());
    match idle.iter().filter(|destination| destination.name.as_str() != TEAM).count() {
        0 => {}
        1 => text += "1 person has been sent nothing yet.\n",
        many => text += &format!("{many} people have been sent nothing yet.\n"),
    }
    for destination in &status.destinations {
        if let Some(why) = &destination.why {
            let kind = if destination.health == "refusing" { "dead" } else { "destination" };
            text += &noted(status, &format!("{kind}/{}", destination.name), destination.name.as_str(), why);
        }
    }
    text
}

fn lines(status: &Status, zone: &TimeZone) -> String {
    let last = match &status.last_sent {
        Some(sent) => format!("{} to {}", moment(sent.at, zone), sent.destination),
        None => "nothing yet".to_owned(),
    };
    let next = status.next_due.as_ref().map_or_else(|| "nothing".to_owned(), |next| told(next, zone));
    let digest = status.next_digest.as_ref().map_or_else(String::new, |next| {
        let name = one_line(next.digest.as_str(), 60);
        format!("\n           {}: digest “{name}” to {}", moment(next.at, zone), next.destination)
    });
    let (waiting, dead) = status
        .destinations
        .iter()
        .fold((0, 0), |(waiting, dead), destination| (waiting + destination.waiting, dead + destination.dead));
    let hint = if waiting + dead == 0 { "" } else { ": `leadtime outbox list`" };
    let bold = Style::new().bold();
    let service =
        if status.running || !status.well { "" } else { "\nService    not running: this was read from the store" };
    format!(
        "\n{bold}Last sent{bold:#}  {last}\n{bold}Next due{bold:#}   {next}{digest}\n{bold}Outbox{bold:#}     {waiting} waiting, \
         {dead} dead{hint}{service}\n"
    )
}

fn told(next: &Next, zone: &TimeZone) -> String {
    let what = format!("{} to {}", moment(next.at, zone), next.destination);
    let about = next.customer.as_ref().map_or_else(|| next.referral.to_string(), |customer| cut(customer));
    format!("{what}: {} about {about}", next.event.as_str())
}

fn trouble(trouble: &Trouble, zone: &TimeZone) -> String {
    let (red, bold) = (red().bold(), Style::new().bold());
    let since = format!("(since {})", moment(trouble.since, zone));
    let mut text = format!("\n{red}{}{red:#}", wrapped("", "", &format!("{} {since}", clean(&trouble.title))));
    for line in &trouble.text {
        text += &wrapped("  ", "  ", &clean(line));
    }
    text + &wrapped("  Do: ", "  ", &clean(&trouble.todo)).replacen("Do:", &format!("{bold}Do:{bold:#}"), 1)
}

fn pending(status: &Status, zone: &TimeZone) -> String {
    let shelved = |referral: &&Pending| matches!(referral.silent, Some(Silence::AccountRemoved | Silence::FilteredOut));
    let muted: Vec<&Pending> =
        status.pending.iter().filter(|referral| referral.muted.is_some() && !shelved(referral)).collect();
    let away: Vec<&Pending> = status.pending.iter().filter(shelved).collect();
    let speaking: Vec<&Pending> =
        status.pending.iter().filter(|referral| referral.muted.is_none() && !shelved(referral)).collect();
    let total = status.pending_total.saturating_sub(muted.len() + away.len());
    let mut page = waiting(status, &speaking, total, zone);
    let claimed: Vec<&Pending> = speaking.iter().copied().filter(|referral| referral.claim.is_some()).collect();
    page += &apart("claimed; reminders rest", &claimed, zone, |referral| of_claim(referral, zone));
    page += &apart("muted; nothing but an expiry is told", &muted, zone, |referral| of_mute(referral, zone));
    page + &apart("shelved; nothing is sent", &away, zone, |referral| match referral.silent {
        Some(Silence::AccountRemoved) => format!("the account {} has left the settings", referral.account),
        _ => format!("the filter of {} no longer takes it", referral.account),
    })
}

fn waiting(status: &Status, referrals: &[&Pending], total: usize, zone: &TimeZone) -> String {
    let bold = Style::new().bold();
    let head = match total {
        0 => return "\nNo referral waits for an answer.\n".to_owned(),
        1 => "1 referral waits for an answer".to_owned(),
        total => format!("{total} referrals wait for an answer"),
    };
    let mut table = Table::new(&[
        ("ANSWER BY", Side::Left),
        ("LEFT", Side::Right),
        ("CUSTOMER", Side::Left),
        ("VALUE", Side::Right),
        ("NEXT MESSAGE", Side::Left),
        ("ID", Side::Left),
    ]);
    let today = status.now.to_zoned(zone.clone()).date();
    for referral in referrals.iter().take(PRINTED_MAX) {
        table.row(urgency(referral), row(referral, today, zone));
    }
    let more = total.saturating_sub(referrals.len().min(PRINTED_MAX));
    let json = if referrals.len() > PRINTED_MAX { "; --json has up to 500" } else { "" };
    let more = if more == 0 { String::new() } else { format!("… and {more} more{json}\n") };
    format!("\n{bold}{head}{bold:#} (bd: working days)\n{}{more}", table.show())
}

/// Referrals that stand apart from those that wait, each with why.
fn apart(what: &str, referrals: &[&Pending], zone: &TimeZone, why: impl Fn(&Pending) -> String) -> String {
    if referrals.is_empty() {
        return String::new();
    }
    let bold = Style::new().bold();
    let is = if referrals.len() == 1 { "1 referral is" } else { &format!("{} referrals are", referrals.len()) };
    let mut text = format!("\n{bold}{is} {what}{bold:#}\n");
    for referral in referrals.iter().take(PRINTED_MAX) {
        let customer = cut(referral.customer.as_deref().unwrap_or("-"));
        let line = format!(
            "{customer}, expires {}: {}",
            referral.deadline.to_zoned(zone.clone()).strftime("%-d %b"),
            why(referral)
        );
        text += &wrapped(&format!("{}  ", id(referral)), "          ", &line);
    }
    let more = referrals.len().saturating_sub(PRINTED_MAX);
    if more > 0 {
        text += &format!("… and {more} more\n");
    }
    text
}

fn of_claim(referral: &Pending, zone: &TimeZone) -> String {
    let Some(claim) = &referral.claim else { return String::new() };
    let said = if claim.said { format!(", as was said at {}", claim.at) } else { String::new() };
    format!("{} has it until {} (since {}{said})", cut(&claim.by), moment(claim.until, zone), moment(claim.since, zone))
}

fn of_mute(referral: &Pending, zone: &TimeZone) -> String {
    let Some(mute) = &referral.muted else { return String::new() };
    let until = mute.until.map_or_else(|| "until `unmute`".to_owned(), |at| format!("until {}", moment(at, zone)));
    let by = mute.by.as_ref().map_or_else(String::new, |name| format!("by {}, ", cut(name)));
    format!("{} ({by}since {}, {until})", clean(&mute.reason), moment(mute.since, zone))
}

fn row(referral: &Pending, today: civil::Date, zone: &TimeZone) -> Vec<String> {
    let left = match referral.answer_by {
        day if day == today => "today".to_owned(),
        day if day < today => "past".to_owned(),
        _ => format!("{} bd", referral.working_days_left),
    };
    let estimated = if referral.estimated { "~" } else { "" };
    let value = referral.value.map_or_else(|| "-".to_owned(), |value| compact(value, referral.currency.as_deref()));
    let next = match (referral.silent, &referral.next) {
        (Some(silence), _) => silent(silence).to_owned(),
        (None, Some(next)) => {
            let at = next.at.to_zoned(zone.clone()).strftime("%-d %b %H:%M").to_string();
            format!("{at} {}", one_line(next.destination.as_str(), 10))
        }
        (None, None) => "-".to_owned(),
    };
    let customer = match (&referral.customer, &referral.country) {
        (Some(customer), Some(country)) => format!("{}, {}", one_line(customer, 20), one_line(country, 2)),
        (Some(customer), None) => one_line(customer, 24),
        (None, _) => "-".to_owned(),
    };
    vec![
        format!("{estimated}{}", referral.answer_by.strftime("%a %-d %b")),
        left,
        customer,
        one_line(&value, 9),
        next,
        id(referral),
    ]
}

fn id(referral: &Pending) -> String {
    clean(referral.id.as_str()).chars().take(8).collect()
}

fn silent(silence: Silence) -> &'static str {
    match silence {
        Silence::NoRule => "none: no rule takes it",
        Silence::OnPurpose => "none, by its rule",
        Silence::AccountRemoved => "none: account removed",
        Silence::FilteredOut => "none: filtered out",
        Silence::Muted => "none: muted",
    }
}

fn urgency(referral: &Pending) -> Style {
    match referral.working_days_left {
        _ if referral.silent.is_some() => Style::new().dimmed(),
        0..=1 => red(),
        2..=3 => yellow(),
        _ => Style::new(),
    }
}

fn ago(at: Timestamp, now: Timestamp) -> String {
    match now.duration_since(at) {
        span if span < SignedDuration::from_secs(1) => "just now".to_owned(),
        span => format!("{} ago", coarse(span)),
    }
}

/// Text of others reaches a terminal as one clean line.
fn clean(text: &str) -> String {
    one_line(text, 1_000)
}

fn cut(text: &str) -> String {
    one_line(text, NAME_MAX)
}

fn red() -> Style {
    Style::new().fg_color(Some(AnsiColor::Red.into()))
}

fn yellow() -> Style {
    Style::new().fg_color(Some(AnsiColor::Yellow.into()))
}
