//! `leadtime send-test`: one real message to a destination, marked as a test. It goes straight through the channel: not
//! through the outbox, so a service that runs neither delays nor repeats it.

use anstyle::{AnsiColor, Style};
use futures_util::future::join_all;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    BAD_USAGE, Common, DONE, FAILED, findings,
    paper::{self, Side, Table},
};
use crate::{
    channels::{Reply, one_line},
    core::{
        ids::{DestinationName, MessageId},
        notice::{News, Notice, Trial},
        people::TEAM,
    },
    messages::{Form, content::ChannelKind},
    partner_center::Clock as _,
    service::{
        clock::RealClock,
        compose::{channel_kind, compose},
        facts::Job,
        prepare::{Prepared, prepare},
    },
    settings,
};

/// Sends one real message, marked as a test, to a destination or to all of them.
///
/// Exit code 0 where every one was accepted, 1 where not.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  leadtime send-test sellers\n  leadtime send-test --all --json\n  leadtime send-test @anna\n\n\
    With --json:\n  [{\"destination\": \"sellers\", \"recipient\": null, \"accepted\": true, \"outcome\": \"accepted\", \"detail\": null}]\n  \
    outcome: accepted, try_later, no_answer, message_refused, destination_refused; detail says why. A mail has a line for each address.\n  \
    nobody: its addresses follow from each referral (@owners, @managers), so there is nobody to send a test to.\n\n\
    --all leaves people out, who would wonder: leadtime send-test @anna is mail to one of them."
)]
pub struct Args {
    /// The destination, by its name in the settings; "@anna" is mail to a person.
    #[arg(value_name = "DESTINATION", required_unless_present = "all", conflicts_with = "all")]
    destination: Option<DestinationName>,
    /// Every destination that the settings write; people are left out.
    #[arg(long)]
    all: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// The outcome where there is nobody to send to.
const NOBODY: &str = "nobody";

#[derive(Serialize)]
struct Sent {
    destination: DestinationName,
    recipient: Option<String>,
    accepted: bool,
    outcome: &'static str,
    detail: Option<String>,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    let prepared = match prepare(&common.config, settings::environment()) {
        Ok((prepared, _)) => prepared,
        Err(faults) => {
            findings::show(&faults.faults, &[]);
            return BAD_USAGE;
        }
    };
    let known = prepared.orders.lanes.keys();
    let asked_for = |name: &&DestinationName| match &args.destination {
        Some(wanted) => wanted == *name,
        None => !is_own(name),
    };
    let chosen: Vec<DestinationName> = known.clone().filter(asked_for).cloned().collect();
    if let Some(wanted) = args.destination.as_ref().filter(|_| chosen.is_empty()) {
        eprintln!("{}", unknown(wanted, known));
        return BAD_USAGE;
    }
    let now = RealClock.now();
    let sent: Vec<Sent> =
        join_all(chosen.iter().map(|name| send(&prepared, name, now))).await.into_iter().flatten().collect();
    if args.json {
        paper::print_json(&sent);
    } else {
        paper::print(&page(&sent));
        if args.all {
            paper::print(&left_out(prepared.orders.lanes.keys()));
        }
    }
    // Of all there are, those whose recipients follow from a referral are no failure; of one that was asked for it is.
    let well = |sent: &Sent| sent.accepted || (args.all && sent.outcome == NOBODY);
    if sent.iter().all(well) { DONE } else { FAILED }
}

/// Whether nobody has written it: mail to a person, or to a referral's own team. A test to everybody who may ever own a
/// referral would reach people who know nothing of it, and those who have left.
fn is_own(name: &DestinationName) -> bool {
    name.as_str().starts_with('@')
}

fn unknown<'a>(wanted: &DestinationName, known: impl Iterator<Item = &'a DestinationName>) -> String {
    let known: Vec<&str> = known.map(DestinationName::as_str).filter(|name| *name != TEAM).collect();
    let person = format!("@{wanted}");
    match known.iter().find(|name| **name == person) {
        Some(person) => format!("there is no destination {wanted}; {person} is mail to that person"),
        None => format!("there is no destination {wanted}; take one of {}", known.join(", ")),
    }
}

/// Who got no test of all, and how one of them is tried.
fn left_out<'a>(known: impl Iterator<Item = &'a DestinationName>) -> String {
    let people: Vec<&DestinationName> = known.filter(|name| is_own(name) && name.as_str() != TEAM).collect();
    match people.as_slice() {
        [] => String::new(),
        [one] => format!("\nMail to a person was not tried: leadtime send-test {one}\n"),
        [one, ..] => {
            format!("\nMail to {} people was not tried; one of them: leadtime send-test {one}\n", people.len())
        }
    }
}

/// Sends to each recipient of a destination.
async fn send(prepared: &Prepared, destination: &DestinationName, now: Timestamp) -> Vec<Sent> {
    let recipients = prepared.orders.lanes.get(destination).map(|lanes| lanes.recipients.clone()).unwrap_or_default();
    let asks = prepared.orders.rules.destinations.get(destination).map(|destination| &destination.asks);
    if recipients.is_empty() && asks.is_some_and(|asks| !asks.is_nobody()) {
        return vec![nobody(prepared, destination)];
    }
    let recipients = if recipients.is_empty() { vec![None] } else { recipients.into_iter().map(Some).collect() };
    let job = Job {
        lane: (destination.clone(), None),
        rows: Vec::new(),
        id: MessageId::of_key(&format!("test\n{destination}\n{now}")),
        items: Vec::new(),
        notice: Some(Notice { news: News::Test(Trial::SendTest(destination.clone())), since: None }),
        scheduled: None,
        digest: false,
        form: Form::Full,
        withheld: Vec::new(),
        among: Vec::new(),
        possible_repeat: false,
        at: now,
    };
    let mut sent = Vec::new();
    for recipient in recipients {
        let reply = attempt(&job, prepared, recipient.as_deref(), now).await;
        let (outcome, detail) = match reply {
            Reply::Accepted { detail } => ("accepted", detail.or_else(|| beyond(prepared, destination))),
            Reply::NoAnswer { why } => ("no_answer", Some(why)),
            Reply::TryLater { why, .. } => ("try_later", Some(why)),
            Reply::MessageRefused { why } => ("message_refused", Some(why)),
            Reply::DestinationRefused { why } => ("destination_refused", Some(why)),
        };
        let (destination, recipient) = (destination.clone(), recipient.map(|address| address.to_string()));
        sent.push(Sent { destination, recipient, accepted: outcome == "accepted", outcome, detail });
    }
    sent
}

/// There is nobody to send a test to: recipients follow from a referral, and a test is about none.
fn nobody(prepared: &Prepared, destination: &DestinationName) -> Sent {
    let own = prepared.orders.lanes.keys().find(|name| is_own(name) && name.as_str() != TEAM);
    let instead = own.map_or_else(String::new, |own| format!("; mail to a person: leadtime send-test {own}"));
    let whose = if destination.as_str() == TEAM { "stand in the team of" } else { "follow from" };
    let detail = format!("its addresses {whose} each referral, and a test is about none{instead}");
    Sent { destination: destination.clone(), recipient: None, accepted: false, outcome: NOBODY, detail: Some(detail) }
}

/// What lies beyond the answer of who took it, and is seen only there.
fn beyond(prepared: &Prepared, destination: &DestinationName) -> Option<String> {
    let by_workflow = channel_kind(prepared, destination)? == ChannelKind::Teams;
    let look = "its workflow took it; if Teams does not show it, the workflow's run history says why";
    by_workflow.then(|| look.to_owned())
}

async fn attempt(job: &Job, prepared: &Prepared, recipient: Option<&str>, now: Timestamp) -> Reply {
    let parts = (compose(job, prepared, now), channel_kind(prepared, &job.lane.0), prepared.channels.get(&job.lane.0));
    let (Some(content), Some(kind), Some(channel)) = parts else {
        return Reply::MessageRefused { why: "the settings do not have it; please report this".to_owned() };
    };
    let (rendered, fault) = prepared.templates.render(&content, kind, Form::Full);
    if let Some(fault) = fault {
        eprintln!("{fault}\nthe built-in template takes its place");
    }
    channel.send(&rendered, recipient, now).await
}

fn page(sent: &[Sent]) -> String {
    let mut table = Table::new(&[("DESTINATION", Side::Left), ("OUTCOME", Side::Left), ("WHY", Side::Left)]);
    for sent in sent {
        let colour = if sent.accepted { AnsiColor::Green } else { AnsiColor::Red };
        let name = match &sent.recipient {
            Some(address) => format!("{} ({})", sent.destination, one_line(address, 60)),
            None => sent.destination.to_string(),
        };
        let outcome = match sent.outcome {
            "accepted" => "accepted",
            "try_later" => "not now",
            "no_answer" => "no answer",
            "message_refused" => "message refused",
            NOBODY => "not sent",
            _ => "refused",
        };
        let why = one_line(sent.detail.as_deref().unwrap_or_default(), 600);
        table.row(Style::new().fg_color(Some(colour.into())), vec![name, outcome.to_owned(), why]);
    }
    table.show()
}
