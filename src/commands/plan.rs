//! `leadtime plan`: what waits in the outbox, and every message still to come by wall clock.

use std::{path::PathBuf, time::Duration};

use anstyle::{AnsiColor, Style};
use jiff::{Timestamp, civil, tz::TimeZone};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    BAD_USAGE, Common, DONE, answer, findings,
    margin::hanging,
    paper, preview,
    reach::{GivenUp, Reached, give_up, reach},
    repeats::{self, Repeats, Shown, bare},
};
use crate::{
    channels::one_line,
    core::{
        case::Case,
        ids::{AccountName, CaseNumber, ReferralId},
        ladder::Event,
        period::Period,
    },
    messages::{compact, sentences::Teller},
    service::{
        clock::{Clock as _, RealClock},
        facts::{NextDigest, State},
        prepare::{Prepared, prepare},
    },
    settings,
    store::{Store, StoreFault},
    web::{
        find::{About, find},
        plan::{self, Message, Plan, Waits, Wanted},
    },
};

/// So long the service has to answer.
const WITHIN: Duration = Duration::from_secs(30);
/// A customer's name is cut to so many characters.
const NAME_MAX: usize = 34;
/// So many customers are named of those whose messages wait for the same thing.
const NAMES_SHOWN: usize = 4;
/// Where the second line of a message begins.
const INDENT: &str = "         ";

/// Shows what waits in the outbox, and every message still to come, if nobody answers and every channel accepts.
///
/// The next 200 messages by time, at most; --all shows all of them (20,000). Sends nothing and changes nothing.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime plan\n  leadtime plan 0b9f1c2d\n  \
    leadtime plan --referral referral.json --account contoso\n  \
    leadtime plan --json | jq -r '.messages[] | [.at, .destination, .step] | @tsv'\n\n\
    With --json (instants in RFC 3339):\n  \
    {\"now\", \"running\", \"time_zone\", \"referral\": REFERRAL or null, \"notes\": [TEXT],\n   \
    \"waiting\": [{\"destination\", \"event\", \"referral\", \"customer\", \"queued_at\", \"why\", \"sentence\"}],\n   \
    \"waiting_total\",\n   \
    \"messages\": [{\"at\", \"referral\", \"account\", \"customer\", \"answer_by\", \"destination\", \"event\",\n     \
    \"step\", \"rule\", \"moved_from\", \"against_hours\", \"if_still_open\", \"why\", \"note\"}],\n     \"more\",\n   \
    \"together\": [{\"at\", \"destination\", \"count\", \"digest_above\"}],\n   \
    \"digests\": [{\"at\", \"digest\", \"destination\"}]}, the next of each digest at a set time\n  \
    REFERRAL: {\"id\", \"account\", \"customer\", \"country\", \"value\", \"currency\", \"category\",\n   \
    \"created\", \"deadline\", \"estimated\", \"answer_by\",\n   \
    \"claim\": {\"by\", \"said\", \"at\", \"since\", \"until\"}, \"seen_to\": [{\"by\", \"said\", \"at\", \"since\"}]},\n   \
    where one was asked about")]
pub struct Args {
    /// One referral: its id or a message's, or the first characters of it.
    #[arg(value_name = "ID", conflicts_with_all = ["referral", "all"])]
    id: Option<String>,
    /// This account alone; with --referral, whose referral it is.
    #[arg(long, value_name = "NAME")]
    account: Option<AccountName>,
    /// A referral that is not in the store, as Partner Center returns it; - reads standard input.
    #[arg(long, value_name = "FILE")]
    referral: Option<PathBuf>,
    /// All messages, not only the next 200.
    #[arg(long, conflicts_with = "referral")]
    all: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    let plan = match &args.referral {
        Some(_) => of_file(common, args),
        None => look(common, args).await,
    };
    match plan {
        Ok(plan) if args.json => paper::print_json(&plan),
        Ok(plan) => paper::print(&page(&plan)),
        Err(GivenUp(code)) => return code,
    }
    DONE
}

/// The plan of a referral in a file: the settings are enough for it.
fn of_file(common: &Common, args: &Args) -> Result<Plan, GivenUp> {
    let (prepared, _) = prepare(&common.config, settings::environment()).map_err(|faults| {
        findings::show(&faults.faults, &[]);
        GivenUp(BAD_USAGE)
    })?;
    let usage = |why: String| {
        eprintln!("{why}");
        GivenUp(BAD_USAGE)
    };
    let referral = preview::read(args.referral.as_deref().unwrap_or(std::path::Path::new("-"))).map_err(usage)?;
    let accounts = &prepared.settings.rules.accounts;
    let known = || accounts.keys().map(AccountName::as_str).collect::<Vec<_>>().join(", ");
    let name = match (&args.account, accounts.keys().next()) {
        (Some(name), _) if accounts.contains_key(name) => name.clone(),
        (Some(name), _) => return Err(usage(format!("there is no account {name}; take one of {}", known()))),
        (None, Some(only)) if accounts.len() == 1 => only.clone(),
        (None, _) => return Err(usage(format!("say whose referral it is: --account, one of {}", known()))),
    };
    let expires_after = accounts.get(&name).map_or(Period::days(14), |account| account.expires_after);
    let now = RealClock.now();
    let case = Case::first_sight(CaseNumber(0), name, referral, expires_after, now);
    Ok(plan::of_stranger(&case, &prepared.settings, now))
}

async fn look(common: &Common, args: &Args) -> Result<Plan, GivenUp> {
    match reach(common).await? {
        Reached::Service(way) => {
            let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let account = args.account.as_ref().map(|name| format!("account={}", encoded(name.as_str())));
            let id = args.id.as_ref().map(|id| format!("id={}", encoded(id)));
            let all = args.all.then(|| "all=true".to_owned());
            let query: Vec<String> = [account, id, all].into_iter().flatten().collect();
            answer::ask(&way, &format!("/api/v1/plan?{}", query.join("&")), WITHIN).await
        }
        Reached::Store(store, prepared) => {
            let accounts = &prepared.settings.accounts;
            if let Some(name) = args.account.as_ref().filter(|name| !accounts.contains_key(*name)) {
                eprintln!("there is no account {name} in the settings");
                return Err(GivenUp(BAD_USAGE));
            }
            let (id, wanted) = (args.id.clone(), Wanted { account: args.account.clone(), all: args.all });
            let read = tokio::task::spawn_blocking(move || read(store, &prepared, id.as_deref(), &wanted));
            read.await.unwrap_or_else(|_| Err(give_up(&StoreFault::Closed.to_string())))
        }
    }
}

/// From the store itself; nothing is written.
fn read(
    store: std::sync::Arc<dyn Store>,
    prepared: &Prepared,
    id: Option<&str>,
    wanted: &Wanted,
) -> Result<Plan, GivenUp> {
    let told = |fault: StoreFault| give_up(&fault.to_string());
    let (now, settings) = (RealClock.now(), &prepared.settings);
    let state = State::load(store.clone(), prepared.orders.clone(), false, now).map_err(told)?;
    let plan = match id {
        Some(id) => {
            let number = find(store.as_ref(), settings, id).map_err(answer::not_done)?;
            let sketch = plan::sketch_of(&state, number, now).map_err(told)?;
            plan::finish_of(sketch, store.as_ref(), settings, false)
        }
        None => {
            let sketch = plan::sketch(&state, wanted, now);
            plan::finish(sketch, store.as_ref(), settings, &prepared.orders, wanted, false).map_err(told)?
        }
    };
    store.close().map_err(told)?;
    Ok(plan)
}

/// The whole page, with styles.
fn page(plan: &Plan) -> String {
    let zone = TimeZone::get(&plan.time_zone).unwrap_or(TimeZone::UTC);
    let teller = Teller::new(zone.clone(), plan.now);
    let mut page = plan.referral.as_ref().map_or_else(String::new, headline);
    for note in &plan.notes {
        page += &hanging("", &one_line(note, 1_000));
    }
    page += &waiting(plan);
    page += &messages(plan, &teller, &zone);
    page += &digests(plan, &teller);
    page.trim_start().to_owned()
}

/// The first line about one referral.
pub fn headline(about: &About) -> String {
    let bold = Style::new().bold();
    let parts = [
        about.customer.as_deref().map(|name| one_line(name, 60)),
        about.country.as_deref().map(|country| one_line(country, 14)),
        about.value.map(|value| compact(value, about.currency.as_deref())),
    ];
    let name: Vec<String> = parts.into_iter().flatten().collect();
    let name = if name.is_empty() { "Unnamed customer".to_owned() } else { name.join(", ") };
    format!("{bold}{name}{bold:#}\n{}, account {}\n", one_line(about.id.as_str(), 60), about.account)
}

/// What waits, those of one destination that wait for the same thing together.
fn waiting(plan: &Plan) -> String {
    if plan.waiting_total == 0 {
        return String::new();
    }
    let mut groups: Vec<(&Waits, Vec<String>)> = Vec::new();
    for waits in &plan.waiting {
        let named = match (&waits.customer, &waits.referral) {
            (Some(customer), _) => format!("{} ({})", one_line(customer, NAME_MAX), waits.event),
            (None, Some(referral)) => format!("{} ({})", short(referral), waits.event),
            (None, None) => waits.event.clone(),
        };
        let same = |(known, _): &&mut (&Waits, Vec<String>)| {
            known.destination == waits.destination && known.sentence == waits.sentence
        };
        match groups.iter_mut().find(same) {
            Some((_, names)) => names.push(named),
            None => groups.push((waits, vec![named])),
        }
    }
    let (bold, yellow) = (Style::new().bold(), Style::new().fg_color(Some(AnsiColor::Yellow.into())));
    let mut text = format!("\n{bold}In the outbox now: {}{bold:#}\n", plan.waiting_total);
    for (waits, names) in &groups {
        let more = match names.len().saturating_sub(NAMES_SHOWN) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let shown: Vec<&str> = names.iter().take(NAMES_SHOWN).map(String::as_str).collect();
        let to = format!("{} to {}", names.len(), waits.destination);
        let lines = hanging("  ", &format!("{to}: {}{more}", shown.join(", ")));
        text += &lines.replacen(&to, &format!("{yellow}{to}{yellow:#}"), 1);
        text += &hanging("    ", &one_line(&waits.sentence, 500));
    }
    match plan.waiting_total.saturating_sub(plan.waiting.len()) {
        0 => text,
        more => text + &format!("  … and {more} more; `leadtime outbox list` shows them\n"),
    }
}

/// Messages to come, day by day.
fn messages(plan: &Plan, teller: &Teller, zone: &TimeZone) -> String {
    let bold = Style::new().bold();
    if plan.messages.is_empty() {
        return "\nNo message is to come.\n".to_owned();
    }
    let count = match (plan.messages.len(), plan.more) {
        (1, false) => "1 message to come".to_owned(),
        (count, false) => format!("{count} messages to come"),
        (count, true) => format!("The next {count} messages"),
    };
    let mut text = format!("\n{bold}{count}{bold:#}\n");
    text += &hanging("", &format!("If nobody answers and every channel accepts. Times in {}.", plan.time_zone));
    let mut day: Option<civil::Date> = None;
    let mut repeats = Repeats::of(plan.messages.iter().map(repeatable));
    for (index, message) in plan.messages.iter().enumerate() {
        let shown = repeats.next(repeatable(message));
        if matches!(shown, Shown::Hidden) {
            continue;
        }
        let local = message.at.to_zoned(zone.clone());
        if day != Some(local.date()) {
            day = Some(local.date());
            text += &format!("\n{bold}{}{bold:#}\n", teller.day(local.date()));
        }
        text += &match shown {
            Shown::Counted(count, last) => {
                let whose = if plan.referral.is_none() {
                    format!(" about {}", short(&message.referral))
                } else {
                    String::new()
                };
                let (step, to) = (bare(&message.step), &message.destination);
                hanging(
                    INDENT,
                    &format!("… and {count} more repeats of {step} to {to}{whose}, until {}", teller.when(last)),
                )
            }
            _ => entry(message, &local.strftime("%H:%M").to_string(), plan.referral.is_none(), teller),
        };
        let last_of_instant = plan.messages.get(index + 1).is_none_or(|next| next.at != message.at);
        if last_of_instant {
            text += &together(plan, message.at);
        }
    }
    if plan.more {
        text += "\nThere are more. --all shows them, --account or an ID fewer.\n";
    }
    text
}

/// The next of each digest at a set time.
fn digests(plan: &Plan, teller: &Teller) -> String {
    if plan.digests.is_empty() {
        return String::new();
    }
    let bold = Style::new().bold();
    let line = |next: &NextDigest| {
        let name = one_line(next.digest.as_str(), NAME_MAX);
        hanging("  ", &format!("{}  “{name}” to {}", teller.when(next.at), next.destination))
    };
    format!("\n{bold}Digests at set times, the next of each{bold:#}\n")
        + &plan.digests.iter().map(line).collect::<String>()
}

fn entry(message: &Message, clock: &str, with_referral: bool, teller: &Teller) -> String {
    let event = message.event.as_str();
    let what = format!("  {clock}  {event:<10}  {:<12}  ", message.destination.as_str());
    let mut facts = format!("{} (rule “{}”)", message.step, message.rule);
    for more in [&message.why, &message.note].into_iter().flatten() {
        facts += &format!("; {more}");
    }
    let lines = if with_referral {
        let customer = message.customer.as_deref().map_or_else(|| "-".to_owned(), |name| one_line(name, NAME_MAX));
        let facts = format!("{}; answer by {}; {facts}", short(&message.referral), teller.day(message.answer_by));
        format!("{what}{customer}\n") + &dimmed(&hanging(INDENT, &facts), Style::new().dimmed())
    } else {
        hanging(&what, &facts)
    };
    // What it will be stands out.
    let style = style(message.event);
    lines.replacen(event, &format!("{style}{event}{style:#}"), 1)
}

fn dimmed(lines: &str, dim: Style) -> String {
    lines.lines().map(|line| format!("{dim}{line}{dim:#}\n")).collect()
}

fn repeatable(message: &Message) -> repeats::Message<'_> {
    repeats::Message {
        referral: message.referral.as_str(),
        destination: message.destination.as_str(),
        step: &message.step,
        at: message.at,
    }
}

fn together(plan: &Plan, at: Timestamp) -> String {
    let here = plan.together.iter().filter(|together| together.at == at);
    let line = |together: &plan::Together| {
        let (count, to, above) = (together.count, &together.destination, together.digest_above);
        let text = format!("{count} of this instant may go to {to} as one digest (its digest_above is {above}).");
        hanging(INDENT, &text)
    };
    here.map(line).collect()
}

fn style(event: Event) -> Style {
    match event {
        Event::Escalation | Event::Overdue | Event::Expired => {
            Style::new().bold().fg_color(Some(AnsiColor::Red.into()))
        }
        Event::Reminder => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
        Event::New | Event::Updated | Event::Answered | Event::Gone | Event::Reopened => Style::new().bold(),
    }
}

/// The first characters of an id.
fn short(id: &ReferralId) -> String {
    one_line(id.as_str(), 200).chars().take(8).collect()
}
