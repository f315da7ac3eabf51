//! `leadtime status`: the verdict first, then what it rests on.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use hyper::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::{
    BAD_USAGE, Common, DONE, FAILED,
    paper::{self, Side, Table},
    reach::{GivenUp, Reached, Way, give_up, reach},
};
use crate::{
    channels::one_line,
    core::{ids::AccountName, ladder::Silence},
    messages::compact,
    partner_center::Clock as _,
    service::{clock::RealClock, facts::State, prepare::Prepared, spell::coarse},
    store::{Store, StoreFault},
    web::status::{self, Account, Next, Pending, Status, Trouble, moment},
};

/// So long the service has to answer.
const WITHIN: Duration = Duration::from_secs(30);
/// A customer's name is cut to so many characters.
const NAME_MAX: usize = 32;

/// Says whether all is well, and what waits for an answer.
///
/// The first line is the verdict. Then come accounts, destinations, the last and the next message, troubles, and the open
/// referrals by the day on which they must be answered. Exit code 0 where all is well, 1 where there is trouble.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime status\n  leadtime status --account contoso\n  \
    leadtime status --json | jq -r '.pending[] | [.answer_by, .customer] | @tsv'\n\n\
    With --json (instants in RFC 3339):\n  \
    {\"well\", \"verdict\", \"now\", \"running\", \"time_zone\",\n   \
    \"accounts\": [{\"name\", \"last_good_poll\", \"failing\", \"open\", \"nearest_deadline\",\n     \
    \"sign_in\": {\"renewed_at\", \"ends_at\"}}],\n   \
    \"destinations\": [{\"name\", \"kind\", \"health\", \"why\", \"last_accepted\", \"waiting\", \"dead\"}],\n   \
    \"last_sent\": {\"at\", \"destination\"}, \"next_due\": NEXT,\n   \
    \"troubles\": [{\"name\", \"since\", \"title\", \"text\", \"todo\"}],\n   \
    \"pending\": [{\"id\", \"account\", \"customer\", \"country\", \"value\", \"currency\", \"category\", \"deadline\",\n     \
    \"estimated\", \"answer_by\", \"working_days_left\", \"unseen_since\", \"silent\", \"next\": NEXT}], \"pending_total\"}\n  \
    NEXT: {\"at\", \"destination\", \"event\", \"customer\", \"referral\"}; null where there is none")]
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
        Reached::Service(way) => ask(&way, account).await,
        Reached::Store(store, prepared) => {
            if let Some(name) = account.filter(|name| !prepared.settings.accounts.contains_key(*name)) {
                eprintln!("there is no account {name} in the settings");
                return Err(GivenUp(BAD_USAGE));
            }
            let account = account.cloned();
            let read = tokio::task::spawn_blocking(move || read(store, &prepared, account.as_ref()));
            read.await.unwrap_or(Err(StoreFault::Closed)).map_err(|fault| give_up(&fault.to_string()))
        }
    }
}

async fn ask(way: &Way, account: Option<&AccountName>) -> Result<Status, GivenUp> {
    let query = account
        .map_or_else(String::new, |name| format!("?account={}", utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC)));
    let path = format!("/api/v1/status{query}");
    let answer = way.ask(Method::GET, &path, WITHIN).await.map_err(|fault| give_up(&fault.to_string()))?;
    if answer.status != StatusCode::OK {
        let error = serde_json::from_slice::<Value>(&answer.body).ok();
        let error = error.as_ref().and_then(|error| error.get("error")).and_then(Value::as_str);
        let text = error.map_or_else(|| String::from_utf8_lossy(&answer.body).into_owned(), str::to_owned);
        return Err(give_up(&one_line(&text, 500)));
    }
    let other = |_| give_up("the leadtime that runs is of another version; run the same one for this command");
    serde_json::from_slice(&answer.body).map_err(other)
}

/// From the store itself; nothing is written.
fn read(
    store: std::sync::Arc<dyn Store>,
    prepared: &Prepared,
    account: Option<&AccountName>,
) -> Result<Status, StoreFault> {
    let now = RealClock.now();
    let state = State::load(store.clone(), prepared.orders.clone(), false, now)?;
    let sketch = status::sketch(&state, &prepared.settings, account, now)?;
    let status = status::finish(sketch, store.as_ref(), &prepared.settings, None)?;
    store.close()?;
    Ok(status)
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
            let style = yellow();
            text += &format!("{style}  {}: {}{style:#}\n", account.name, clean(why));
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

fn destinations(status: &Status, zone: &TimeZone) -> String {
    let mut table = Table::new(&[
        ("DESTINATION", Side::Left),
        ("TYPE", Side::Left),
        ("HEALTH", Side::Left),
        ("LAST ACCEPTED", Side::Left),
        ("WAITING", Side::Right),
        ("DEAD", Side::Right),
    ]);
    for destination in &status.destinations {
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
                destination.health.clone(),
                last,
                destination.waiting.to_string(),
                destination.dead.to_string(),
            ],
        );
    }
    let mut text = format!("\n{}", table.show());
    for destination in &status.destinations {
        if let Some(why) = &destination.why {
            let style = yellow();
            text += &format!("{style}  {}: {}{style:#}\n", destination.name, clean(why));
        }
    }
    text
}

fn lines(status: &Status, zone: &TimeZone) -> String {
    let last = match &status.last_sent {
        Some(sent) => format!("{} to {}", moment(sent.at, zone), sent.destination),
        None => "nothing yet".to_owned(),
    };
    let next = status.next_due.as_ref().map_or_else(|| "nothing".to_owned(), |next| told(next, zone, true));
    let (waiting, dead) = status
        .destinations
        .iter()
        .fold((0, 0), |(waiting, dead), destination| (waiting + destination.waiting, dead + destination.dead));
    let bold = Style::new().bold();
    let service = if status.running { "" } else { "\nService    not running: this was read from the store" };
    format!(
        "\n{bold}Last sent{bold:#}  {last}\n{bold}Next due{bold:#}   {next}\n{bold}Outbox{bold:#}     {waiting} waiting, \
         {dead} dead{service}\n"
    )
}

fn told(next: &Next, zone: &TimeZone, whole: bool) -> String {
    let what = format!("{} to {}", moment(next.at, zone), next.destination);
    if !whole {
        return what;
    }
    let about = next.customer.as_ref().map_or_else(|| next.referral.to_string(), |customer| cut(customer));
    format!("{what}: {} about {about}", next.event.as_str())
}

fn trouble(trouble: &Trouble, zone: &TimeZone) -> String {
    let (red, bold) = (red().bold(), Style::new().bold());
    let mut text = format!("\n{red}{}{red:#} (since {})\n", clean(&trouble.title), moment(trouble.since, zone));
    for line in &trouble.text {
        text += &format!("  {}\n", clean(line));
    }
    text + &format!("  {bold}Do:{bold:#} {}\n", clean(&trouble.todo))
}

fn pending(status: &Status, zone: &TimeZone) -> String {
    let bold = Style::new().bold();
    let head = match status.pending_total {
        0 => return "\nNo referral waits for an answer.\n".to_owned(),
        1 => "1 referral waits for an answer".to_owned(),
        total => format!("{total} referrals wait for an answer"),
    };
    let mut table = Table::new(&[
        ("ANSWER BY", Side::Left),
        ("DAYS LEFT", Side::Right),
        ("CUSTOMER", Side::Left),
        ("VALUE", Side::Right),
        ("COUNTRY", Side::Left),
        ("ACCOUNT", Side::Left),
        ("NEXT MESSAGE", Side::Left),
        ("ID", Side::Left),
    ]);
    let today = status.now.to_zoned(zone.clone()).date();
    for referral in &status.pending {
        table.row(urgency(referral), row(referral, today, zone));
    }
    let more = status.pending_total.saturating_sub(status.pending.len());
    let more = if more == 0 { String::new() } else { format!("… and {more} more; --json has the same first ones\n") };
    format!("\n{bold}{head}{bold:#}\n{}{more}", table.show())
}

fn row(referral: &Pending, today: civil::Date, zone: &TimeZone) -> Vec<String> {
    let left = match referral.answer_by {
        day if day == today => "today".to_owned(),
        day if day < today => "past".to_owned(),
        _ => referral.working_days_left.to_string(),
    };
    let estimated = if referral.estimated { "~" } else { "" };
    let text = |text: Option<&String>, longest| text.map_or_else(|| "-".to_owned(), |text| one_line(text, longest));
    let value = referral.value.map_or_else(|| "-".to_owned(), |value| compact(value, referral.currency.as_deref()));
    let next = match (referral.silent, &referral.next) {
        (Some(silence), _) => silent(silence).to_owned(),
        (None, Some(next)) => told(next, zone, false),
        (None, None) => "-".to_owned(),
    };
    vec![
        format!("{estimated}{}", referral.answer_by.strftime("%a %-d %b")),
        left,
        text(referral.customer.as_ref(), NAME_MAX),
        value,
        text(referral.country.as_ref(), 14),
        referral.account.to_string(),
        next,
        clean(referral.id.as_str()).chars().take(8).collect(),
    ]
}

fn silent(silence: Silence) -> &'static str {
    match silence {
        Silence::NoRule => "none: no rule takes it",
        Silence::OnPurpose => "none: a rule keeps silent",
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
