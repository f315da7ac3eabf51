//! `leadtime explain`: the story of one referral, in sentences.

use std::time::Duration;

use anstyle::{AnsiColor, Style};
use jiff::tz::TimeZone;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    Common, DONE, answer,
    margin::hanging,
    paper,
    plan::headline,
    reach::{GivenUp, Reached, give_up, reach},
    repeats::{self, Repeats, Shown, bare},
};
use crate::{
    channels::one_line,
    core::{journal::Line, ladder::Event, story::What},
    messages::sentences::Teller,
    service::{
        clock::{Clock as _, RealClock},
        facts::State,
        prepare::Prepared,
    },
    store::{Store, StoreFault},
    web::{
        explain::{self, Coming, Explained},
        find::find,
    },
};

/// So long the service has to answer.
const WITHIN: Duration = Duration::from_secs(30);
/// A sentence is cut to so many characters.
const SENTENCE_MAX: usize = 1_000;

/// Tells why messages about a referral were sent, moved, superseded, taken back or not sent, and what is to come.
///
/// An id may be given by its first characters, as messages and `leadtime status` show them; the id of a message leads to
/// its referral. Referrals that have ended are told of as long as `[state] keep` keeps them.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime explain 0b9f1c2d\n  \
    leadtime explain 0b9f1c2d --json | jq -r '.past[] | [.at, .sentence] | @tsv'\n\n\
    With --json (instants in RFC 3339; each sentence beside its typed reason):\n  \
    {\"now\", \"running\", \"time_zone\",\n   \
    \"referral\": {\"id\", \"account\", \"customer\", \"country\", \"value\", \"currency\", \"category\",\n     \
    \"created\", \"deadline\", \"estimated\", \"answer_by\",\n     \
    \"claim\": {\"by\", \"said\", \"at\", \"since\", \"until\"}, \"seen_to\": [{\"by\", \"said\", \"at\", \"since\"}]},\n   \
    \"life\", \"silence\", \"standing\": [TEXT], \"rules\": [{\"rule\", \"came\", \"sentence\"}],\n   \
    \"past\": [{\"at\", \"what\", \"sentence\"}], \"earlier\",\n   \
    \"pending\": [{\"key\", \"id\", \"event\", \"rule\", \"why\", \"call\", \"waits\",\n     \"repeats\", \"sentence\"}],\n   \
    \"coming\": [{\"at\", \"destination\", \"event\", \"step\", \"rule\", \"why\", \"moved_from\",\n     \"sentence\"}], \"more\",\n   \
    \"unsent\": [{\"key\", \"repeats\", \"due\", \"why\", \"sentence\"}]}")]
pub struct Args {
    /// The referral's id or a message's, or the first characters of it.
    #[arg(value_name = "ID")]
    id: String,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    match look(common, &args.id).await {
        Ok(explained) if args.json => paper::print_json(&explained),
        Ok(explained) => paper::print(&page(&explained)),
        Err(GivenUp(code)) => return code,
    }
    DONE
}

async fn look(common: &Common, id: &str) -> Result<Explained, GivenUp> {
    match reach(common).await? {
        Reached::Service(way) => {
            let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
            answer::ask(&way, &format!("/api/v1/explain/{id}"), WITHIN).await
        }
        Reached::Store(store, prepared) => {
            let id = id.to_owned();
            let read = tokio::task::spawn_blocking(move || read(store, &prepared, &id));
            read.await.unwrap_or_else(|_| Err(give_up(&StoreFault::Closed.to_string())))
        }
    }
}

/// From the store itself; nothing is written.
fn read(store: std::sync::Arc<dyn Store>, prepared: &Prepared, id: &str) -> Result<Explained, GivenUp> {
    let told = |fault: StoreFault| give_up(&fault.to_string());
    let (now, settings) = (RealClock.now(), &prepared.settings);
    let number = find(store.as_ref(), settings, id).map_err(answer::not_done)?;
    let state = State::load(store.clone(), prepared.orders.clone(), false, now).map_err(told)?;
    let sketch = explain::sketch(&state, number, now).map_err(told)?;
    let explained = explain::finish(sketch, store.as_ref(), settings, false).map_err(told)?;
    store.close().map_err(told)?;
    Ok(explained)
}

/// The whole page, with styles.
fn page(explained: &Explained) -> String {
    let zone = TimeZone::get(&explained.time_zone).unwrap_or(TimeZone::UTC);
    let teller = Teller::new(zone, explained.now);
    let mut page = headline(&explained.referral);
    for sentence in &explained.standing {
        page += &hanging("", &one_line(sentence, SENTENCE_MAX));
    }
    let rules = explained.rules.iter().map(|rule| bullet(&rule.sentence)).collect();
    page += &section("Which rules", rules);
    let past = explained.past.iter().map(|past| {
        let (when, style) = (teller.when(past.at), of_what(&past.what));
        dated(&when, &past.sentence, style)
    });
    let earlier = explained.earlier.then(|| "  … what happened before is in the journal only\n".to_owned());
    page += &section(
        &format!("What happened (times in {})", explained.time_zone),
        earlier.into_iter().chain(past).collect(),
    );
    let pending = explained.pending.iter().map(|pending| bullet(&pending.sentence)).collect();
    page += &section("Now", pending);
    let coming = coming(explained, &teller);
    let more = explained.more.then(|| "  … and more after that\n".to_owned());
    page += &section("If nobody answers", coming.into_iter().chain(more).collect());
    let unsent = explained.unsent.iter().map(|unsent| bullet(&unsent.sentence)).collect();
    page + &section("Not sent, and why", unsent)
}

/// What is to come, of long rows of repeats only the first.
fn coming(explained: &Explained, teller: &Teller) -> Vec<String> {
    let mut repeats = Repeats::of(explained.coming.iter().map(repeatable));
    let line = |coming: &Coming, shown: Shown| {
        let when = teller.when(coming.at);
        match shown {
            Shown::Hidden => None,
            Shown::Whole => Some(dated(&when, &coming.sentence, of_event(coming.event))),
            Shown::Counted(count, last) => {
                let (step, to) = (bare(&coming.step), &coming.destination);
                let text = format!("… and {count} more repeats of {step} to {to}, until {}", teller.when(last));
                Some(dated(&when, &text, Style::new()))
            }
        }
    };
    let coming = explained.coming.iter();
    coming.filter_map(|coming| line(coming, repeats.next(repeatable(coming)))).collect()
}

fn repeatable(coming: &Coming) -> repeats::Message<'_> {
    repeats::Message { referral: "", destination: coming.destination.as_str(), step: &coming.step, at: coming.at }
}

fn section(head: &str, lines: Vec<String>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let bold = Style::new().bold();
    format!("\n{bold}{head}{bold:#}\n{}", lines.concat())
}

fn bullet(sentence: &str) -> String {
    hanging("  - ", &one_line(sentence, SENTENCE_MAX))
}

fn dated(when: &str, sentence: &str, style: Style) -> String {
    let head = format!("  {when:<16}  ");
    let text = hanging(&head, &one_line(sentence, SENTENCE_MAX));
    // The date stands out, not the sentence.
    match text.split_once(when) {
        Some((before, after)) => format!("{before}{style}{when}{style:#}{after}"),
        None => text,
    }
}

fn of_what(what: &What) -> Style {
    match what {
        What::Sent { event, .. } => of_event(*event),
        What::Failed { .. } => red(),
        What::Entered(Line::Refused { .. } | Line::Dead { .. }) => red(),
        What::Entered(_) => Style::new().dimmed(),
    }
}

fn of_event(event: Event) -> Style {
    match event {
        Event::Escalation | Event::Overdue | Event::Expired => red(),
        _ => Style::new().bold(),
    }
}

fn red() -> Style {
    Style::new().bold().fg_color(Some(AnsiColor::Red.into()))
}
