//! `leadtime outbox`: what waits and what was given up, and what a person does about it.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    BAD_USAGE, Common, DONE, FAILED, answer, bare,
    margin::wrapped,
    paper::{self, Side, Table},
    reach::{GivenUp, Reached, reach},
};
use crate::{
    channels::one_line,
    core::ids::{AccountName, DestinationName},
    service::spell::coarse,
    web::{
        hand::{self, Act, Handled, Message, Scene, Which, short},
        outbox::{self, Asked, Entry, Outbox},
        status::moment,
    },
};

/// So long the service has to answer.
const WITHIN: Duration = Duration::from_secs(30);
/// With thousands of messages it takes longer.
const WITHIN_ALL: Duration = Duration::from_secs(600);
/// So many messages of each kind are printed.
const PRINTED_MAX: usize = 50;
/// Details stand so far to the right.
const INDENT: &str = "          ";

/// Shows the messages that wait and those that were given up; tries them again or takes them out.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  leadtime outbox list\n  leadtime outbox list --state dead --json | jq -r '.dead[].id'\n  \
    leadtime outbox retry --all --destination sellers\n  leadtime outbox drop 5c1f2a90"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    List(List),
    Retry(Retry),
    Drop(Drop),
}

/// Lists messages that wait, are under way or failing, and those that were given up, each with why.
///
/// A message that was given up is kept until it is retried or dropped.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  leadtime outbox list\n  leadtime outbox list --destination sellers --state dead\n\n\
    With --json (instants in RFC 3339):\n  \
    {\"now\", \"running\", \"time_zone\", \"waiting\": [MESSAGE…], \"waiting_total\",\n   \
    \"dead\": [MESSAGE…], \"dead_total\"}; 500 of each at most\n  \
    MESSAGE: {\"id\", \"number\", \"destination\", \"recipient\", \"event\", \"state\", \"title\", \"referral\",\n    \
    \"account\", \"customer\", \"queued_at\", \"not_before\", \"attempts\", \"attempting\", \"next_attempt\",\n    \
    \"last_error\", \"held_by\", \"given_up_at\", \"given_up\"}; what does not apply is null\n  \
    state: waiting, under_way, failing, dead"
)]
struct List {
    /// This destination alone.
    #[arg(long, value_name = "NAME")]
    destination: Option<DestinationName>,
    /// Messages about referrals of this account alone.
    #[arg(long, value_name = "NAME")]
    account: Option<AccountName>,
    /// Only those that wait, or only those that were given up.
    #[arg(long, value_name = "STATE")]
    state: Option<State>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum State {
    /// They wait, are under way or failing.
    Waiting,
    /// They were given up.
    Dead,
}

const SHAPE: &str = "With --json:\n  \
    {\"done\", \"running\", \"messages\": [MESSAGE…], \"total\", \"tried\"}; 500 messages at most\n  \
    MESSAGE: {\"id\", \"destination\", \"recipient\", \"event\", \"referral\", \"customer\", \"outcome\", \"text\"}\n  \
    outcome: goes, waits, will_not, under_way, no_destination, no_referral, dropped";

/// Tries a message at once; one that was given up goes out as if it were new.
///
/// What is no longer asked for, as about an answered referral, is not sent all the same, and that is said. A message that
/// waits for hours goes on waiting. With --all: what was given up at a destination, and what waits there for a later attempt.
#[derive(clap::Args, Debug)]
#[command(after_help = format!(
    "Examples:\n  leadtime outbox retry 5c1f2a90\n  leadtime outbox retry --all --destination sellers\n\n{SHAPE}"
))]
struct Retry {
    #[command(flatten)]
    meant: Meant,
}

/// Takes a message out for good; it will not be sent.
///
/// One under way cannot be taken back. With --all: what was given up at a destination; what waits there goes on waiting.
#[derive(clap::Args, Debug)]
#[command(after_help = format!(
    "Examples:\n  leadtime outbox drop 5c1f2a90\n  leadtime outbox drop --all --destination old-webhook\n\n{SHAPE}"
))]
struct Drop {
    #[command(flatten)]
    meant: Meant,
}

#[derive(clap::Args, Debug)]
struct Meant {
    /// The message's id, as `leadtime outbox list` shows it; the first 8 characters are enough.
    #[arg(value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    id: Option<String>,
    /// All messages of a destination.
    #[arg(long, requires = "destination")]
    all: bool,
    /// The destination, with --all.
    #[arg(long, value_name = "NAME", requires = "all")]
    destination: Option<DestinationName>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    let done = match &args.what {
        What::List(list) => self::list(common, list).await,
        What::Retry(retry) => by_hand(common, Act::Retry, &retry.meant).await,
        What::Drop(drop) => by_hand(common, Act::Drop, &drop.meant).await,
    };
    done.unwrap_or_else(|GivenUp(code)| code)
}

async fn list(common: &Common, args: &List) -> Result<u8, GivenUp> {
    let asked = Asked {
        destination: args.destination.clone(),
        account: args.account.clone(),
        state: args.state.map(|state| match state {
            State::Waiting => outbox::Side::Waiting,
            State::Dead => outbox::Side::Dead,
        }),
    };
    let outbox: Outbox = match reach(common).await? {
        Reached::Service(way) => answer::ask(&way, &path(&asked), WITHIN).await?,
        Reached::Store(store, prepared) => {
            if let Some(name) = asked.account.as_ref().filter(|name| !prepared.settings.accounts.contains_key(*name)) {
                eprintln!("there is no account {name} in the settings");
                return Err(GivenUp(BAD_USAGE));
            }
            let (asked, read) = (asked.clone(), store.clone());
            bare::look(store, prepared, move |state, prepared, now| {
                let rows = outbox::rows(state, &asked, now)?;
                Ok(outbox::finish(rows, &asked, read.as_ref(), &prepared.settings, false))
            })
            .await?
        }
    };
    if args.json {
        paper::print_json(&outbox);
    } else {
        paper::print(&page(&outbox, &asked));
    }
    Ok(DONE)
}

fn path(asked: &Asked) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut query = Vec::new();
    query.extend(asked.destination.as_ref().map(|name| format!("destination={}", encoded(name.as_str()))));
    query.extend(asked.account.as_ref().map(|name| format!("account={}", encoded(name.as_str()))));
    query.extend(asked.state.map(|side| match side {
        outbox::Side::Waiting => "state=waiting".to_owned(),
        outbox::Side::Dead => "state=dead".to_owned(),
    }));
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/api/v1/outbox{mark}{}", query.join("&"))
}

fn page(outbox: &Outbox, asked: &Asked) -> String {
    let zone = TimeZone::get(&outbox.time_zone).unwrap_or(TimeZone::UTC);
    let bold = Style::new().bold();
    let mut parts = Vec::new();
    if asked.state != Some(outbox::Side::Dead) {
        let head = counted(outbox.waiting_total, "message waits", "messages wait");
        parts.push(format!("{bold}{head}{bold:#}\n{}", table(&outbox.waiting, outbox.waiting_total, outbox, &zone)));
    }
    if asked.state != Some(outbox::Side::Waiting) {
        let head = counted(outbox.dead_total, "message was given up", "messages were given up");
        let mut part = format!("{bold}{head}{bold:#}\n{}", table(&outbox.dead, outbox.dead_total, outbox, &zone));
        if outbox.dead_total > 0 {
            part += "`leadtime outbox retry ID` sends one after all, `drop ID` takes it out\n";
        }
        parts.push(part);
    }
    if !outbox.running {
        parts.push("leadtime is not running: this was read from the store\n".to_owned());
    }
    parts.join("\n")
}

fn counted(count: usize, one: &str, more: &str) -> String {
    match count {
        0 => format!("No {one}"),
        1 => format!("1 {one}"),
        _ => format!("{count} {more}"),
    }
}

fn table(entries: &[Entry], total: usize, outbox: &Outbox, zone: &TimeZone) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        ("ID", Side::Left),
        ("MESSAGE", Side::Left),
        ("TO", Side::Left),
        ("ABOUT", Side::Left),
        ("AGE", Side::Right),
    ]);
    for entry in entries.iter().take(PRINTED_MAX) {
        let colour = match entry.state.as_str() {
            "dead" => Some(AnsiColor::Red.into()),
            "failing" => Some(AnsiColor::Yellow.into()),
            _ => None,
        };
        let about = match (&entry.referral, &entry.title) {
            (Some(id), _) => {
                format!("{} {}", short(id), one_line(entry.customer.as_deref().unwrap_or_default(), 20))
            }
            (None, Some(title)) => one_line(title, 29),
            (None, None) => "-".to_owned(),
        };
        let to = match &entry.recipient {
            Some(address) => one_line(address, 18),
            None => one_line(entry.destination.as_str(), 18),
        };
        let age = coarse(outbox.now.duration_since(entry.queued_at));
        let id = entry.id.to_string().chars().take(8).collect();
        table.row(Style::new().fg_color(colour), vec![id, entry.event.clone(), to, about.trim().to_owned(), age]);
    }
    // The table's lines, each with what is to be said of its message below.
    let shown = table.show();
    let mut lines = shown.lines();
    let mut text = lines.next().map_or_else(String::new, |head| format!("{head}\n"));
    for (line, entry) in lines.zip(entries) {
        text += &format!("{line}\n{}", wrapped(INDENT, INDENT, &detail(entry, outbox.now, zone)));
    }
    let more = total.saturating_sub(entries.len().min(PRINTED_MAX));
    if more > 0 {
        let json = if entries.len() > PRINTED_MAX { "; --json has up to 500" } else { "" };
        text += &format!("… and {more} more{json}\n");
    }
    text
}

fn detail(entry: &Entry, now: Timestamp, zone: &TimeZone) -> String {
    let tries = |count: u32| if count == 1 { "1 attempt".to_owned() } else { format!("{count} attempts") };
    let why = |text: &Option<String>| one_line(text.as_deref().unwrap_or("no reason is known"), 300);
    let next = entry.next_attempt.map(|at| when(at, now, zone));
    match (entry.state.as_str(), &entry.held_by) {
        ("dead", _) => {
            let at = entry.given_up_at.map_or(String::new(), |at| format!(" {}", moment(at, zone)));
            let because = match (&entry.given_up, &entry.last_error) {
                (Some(given_up), last @ Some(error)) if given_up != error => {
                    format!("{}; last: {}", one_line(given_up, 300), why(last))
                }
                (None, last) => why(last),
                (given_up, _) => why(given_up),
            };
            format!("given up{at} after {}: {because}", tries(entry.attempts))
        }
        ("under_way", _) => format!("under way, {}", tries(entry.attempts)),
        ("failing", _) => {
            let next = next.unwrap_or_else(|| "as soon as it is its turn".to_owned());
            format!("{}, next {next}: {}", tries(entry.attempts), why(&entry.last_error))
        }
        (_, Some(held_by)) => {
            let next = next.map_or(String::new(), |next| format!(", tried next {next}"));
            format!("waits for {}{next}: {}", entry.destination, one_line(held_by, 300))
        }
        _ => next.map_or_else(|| "is next in line".to_owned(), |next| format!("waits for hours to open, {next}")),
    }
}

/// A moment to come, the nearer ones by the time until then.
fn when(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    match at.duration_since(now) {
        left if left < SignedDuration::from_secs(1) => "at once".to_owned(),
        left if left < SignedDuration::from_hours(1) => format!("in {}", coarse(left)),
        _ => moment(at, zone),
    }
}

async fn by_hand(common: &Common, act: Act, meant: &Meant) -> Result<u8, GivenUp> {
    let which = Which { id: meant.id.clone(), destination: meant.destination.clone() };
    let handled: Handled = match reach(common).await? {
        Reached::Service(way) => {
            let path = match act {
                Act::Retry => "/api/v1/outbox/retry",
                Act::Drop => "/api/v1/outbox/drop",
            };
            let within = if meant.all { WITHIN_ALL } else { WITHIN };
            answer::tell(&way, path, &which, within).await?
        }
        Reached::Store(store, prepared) => {
            bare::act(store, prepared, move |state, prepared, now| {
                let scene = Scene { zone: &prepared.settings.time_zone, running: false };
                let Some(destination) = which.destination else {
                    return hand::one(state, scene, act, &which.id.unwrap_or_default(), now);
                };
                let (mut handled, mut from) = (Handled { done: true, ..Handled::default() }, None);
                loop {
                    let (more, next) = hand::some(state, scene, act, &destination, from, now)?;
                    state.flush()?;
                    handled.append(more);
                    match next {
                        Some(next) => from = Some(next),
                        None => return Ok(handled),
                    }
                }
            })
            .await?
        }
    };
    if meant.json {
        paper::print_json(&handled);
    } else {
        paper::print(&told(&handled, act));
    }
    Ok(if handled.done { DONE } else { FAILED })
}

fn told(handled: &Handled, act: Act) -> String {
    let mut text: String = handled.messages.iter().take(PRINTED_MAX).map(line).collect();
    let more = handled.total.saturating_sub(handled.messages.len().min(PRINTED_MAX));
    if more > 0 {
        text += &format!("… and {more} more\n");
    }
    let when = if handled.running { "now" } else { "as soon as leadtime runs" };
    match (handled.tried, handled.total, act) {
        (0, 0, Act::Retry) => text + "nothing was given up there, and nothing waits for a later attempt\n",
        (0, 0, Act::Drop) => text + "nothing was given up there\n",
        (0, ..) => text,
        (1, ..) => text + &format!("1 message that waited for a later attempt is tried {when}\n"),
        (tried, ..) => text + &format!("{tried} messages that waited for a later attempt are tried {when}\n"),
    }
}

fn line(message: &Message) -> String {
    let about = match (&message.referral, &message.customer) {
        (Some(id), Some(customer)) => format!(" about {} {}", short(id), one_line(customer, 32)),
        (Some(id), None) => format!(" about {}", short(id)),
        _ => String::new(),
    };
    let to = message.recipient.as_deref().unwrap_or(message.destination.as_str());
    let id: String = message.id.to_string().chars().take(8).collect();
    wrapped(&format!("{id}  "), INDENT, &format!("{} to {}{about}: {}", message.event, one_line(to, 60), message.text))
}
