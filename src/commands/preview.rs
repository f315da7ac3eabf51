//! `leadtime preview`: exactly what would be sent, from a sample or from a referral in a file. Sends nothing.

use std::{
    io::{IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

use jiff::tz::TimeZone;
use serde_json::Value;

use super::{BAD_USAGE, Common, DONE, FAILED, findings, paper};
use crate::{
    core::{ids::DestinationName, ladder::counting_hours, referral::Referral},
    messages::{
        Form,
        content::{self, Content, Event, Message},
        rendered::{Body, Rendered},
        sample,
        words::{self, Locale},
    },
    service::{
        prepare::{self, Prepared, prepare},
        whom,
    },
    settings::{self, Addressee, DestinationKind, DestinationSettings},
};

/// A file of a referral is not larger.
const FILE_MAX: u64 = 32 * 1024 * 1024;

/// Prints exactly what would be sent to a destination: one JSON document for slack, teams and webhook, the MIME message for
/// email, the line for stdout. Sends nothing.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime preview new --destination sellers\n  \
    leadtime preview escalation --destination managers --referral referral.json\n  \
    leadtime preview reminder --destination inbox > reminder.eml\n  \
    leadtime preview digest --scheduled --destination managers\n\n\
    EVENT is new, updated, reminder, escalation, overdue, answered, expired, gone, reopened, digest, trouble, recovered,\n\
    keepalive or test. A referral FILE holds one as Partner Center returns it, or a list of them (the first is taken);\n\
    - reads standard input.")]
pub struct Args {
    /// What happened.
    #[arg(value_name = "EVENT", value_parser = event)]
    event: Event,
    /// The destination, by its name in the settings.
    #[arg(long, value_name = "NAME")]
    destination: DestinationName,
    /// The digest at a set time ([[digests]]), in place of one of several messages that were due together.
    #[arg(long)]
    scheduled: bool,
    /// A referral to show in place of the sample's.
    #[arg(long, value_name = "FILE")]
    referral: Option<PathBuf>,
}

fn event(name: &str) -> Result<Event, String> {
    let known = || Event::ALL.map(Event::as_str).join(", ");
    Event::parse(name).ok_or_else(|| format!("no such event; take one of {}", known()))
}

/// Runs it; the exit code.
pub fn run(common: &Common, args: &Args) -> u8 {
    let prepared = match prepare(&common.config, settings::environment()) {
        Ok((prepared, _)) => prepared,
        Err(faults) => {
            findings::show(&faults.faults, &[]);
            return BAD_USAGE;
        }
    };
    match preview(&prepared, args) {
        Ok((text, fault)) => {
            paper::print(&text);
            fault.map_or(DONE, |fault| {
                eprintln!("{fault}\nthe built-in template took its place above");
                FAILED
            })
        }
        Err(why) => {
            eprintln!("{why}");
            BAD_USAGE
        }
    }
}

fn preview(prepared: &Prepared, args: &Args) -> Result<(String, Option<String>), String> {
    let name = &args.destination;
    let destination = prepared.settings.destinations.get(name).ok_or_else(|| {
        let known: Vec<&str> = prepared.settings.destinations.keys().map(DestinationName::as_str).collect();
        format!("there is no destination {name}; take one of {}", known.join(", "))
    })?;
    let content = content(prepared, name, destination, args)?;
    let (rendered, fault) = prepared.templates.render(&content, prepare::kind(destination), Form::Full);
    Ok((shown(&rendered, prepared, destination, &content)?, fault.map(|fault| fault.to_string())))
}

/// The sample, as the service would fill it in for this destination.
fn content(
    prepared: &Prepared,
    name: &DestinationName,
    destination: &DestinationSettings,
    args: &Args,
) -> Result<Content, String> {
    let zone = counting_hours(&prepared.orders.rules, name, None).time_zone().clone();
    let locale = Locale::parse(&destination.locale).unwrap_or(Locale::EN);
    let place = whom::place(&prepared.orders.rules, name);
    let is_log = matches!(destination.kind, DestinationKind::Stdout);
    let base = prepared.settings.web.external_url.as_ref().filter(|_| !is_log);
    let fitted = |message: Message| Message {
        reason: sample::reason_at(message.event, locale, &place),
        include_contacts: destination.include.contacts,
        include_notes: destination.include.notes,
        zone: zone.clone(),
        // Where real messages have a link, a sample has one that opens nothing: only the service has the key.
        claim_link: message.claim_link.as_ref().zip(base).map(|(_, base)| sample::claim_link(base.as_str())),
        // These follow from what somebody has said, and from a step: a sample has none of them.
        claimed: None,
        mentions: Vec::new(),
        ..message
    };
    if args.scheduled {
        return match (args.event, &args.referral) {
            (Event::Digest, None) => Ok(Content::Forecast(Box::new(forecast(prepared, name, zone, locale)))),
            (Event::Digest, Some(_)) => {
                Err("a digest at a set time is about all referrals; leave out --referral".into())
            }
            _ => Err("only a digest can be at a set time; write `preview digest --scheduled`".into()),
        };
    }
    let own = args.referral.as_deref().map(read).transpose()?;
    Ok(match (sample::full_in(args.event, locale), own) {
        (Content::Referral(_), Some(own)) => {
            Content::Referral(Box::new(fitted(sample::about(own, args.event, locale))))
        }
        (Content::Referral(message), None) => Content::Referral(Box::new(fitted(*message))),
        (Content::Digest(mut digest), own) => {
            digest.zone = zone.clone();
            let items = own.map_or(digest.items, |own| vec![sample::about(own, Event::Reminder, locale)]);
            digest.items = items.into_iter().map(fitted).collect();
            Content::Digest(digest)
        }
        (Content::Notice(_), Some(_)) => {
            return Err(format!("{} is about leadtime itself; leave out --referral", args.event.as_str()));
        }
        (Content::Notice(mut notice), None) => {
            notice.zone = zone.clone();
            if matches!(args.event, Event::Trouble | Event::Recovered) {
                notice.reason = words::of(locale).ops_reason(prepared.settings.ops.named);
            }
            Content::Notice(notice)
        }
        (forecast @ Content::Forecast(_), _) => forecast,
    })
}

/// The sample of a digest at a set time: the first that this destination gets, by its name.
fn forecast(prepared: &Prepared, name: &DestinationName, zone: TimeZone, locale: Locale) -> content::Forecast {
    let digests = &prepared.settings.digests;
    let digest = digests.iter().find(|digest| digest.notify.contains(name)).or(digests.first());
    let digest = digest.map_or_else(|| "monday forecast".to_owned(), |digest| digest.name.to_string());
    let reason = words::of(locale).scheduled_reason(&digest, &whom::place(&prepared.orders.rules, name), None);
    let claims = prepared.settings.web.external_url.is_some();
    let whole = if claims { sample::forecast() } else { sample::forecast_without_claims() };
    content::Forecast { digest, reason, zone, locale, ..whole }
}

/// One referral: an object, or the first of a listing or a list.
pub fn read(path: &Path) -> Result<Referral, String> {
    let told = |why: String| format!("{}: {why}", path.display());
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(FILE_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(FILE_MAX).read_to_string(&mut text))
    };
    read.map_err(|fault| told(format!("{fault}; name a file with a referral as JSON")))?;
    let document: Value = serde_json::from_str(&text).map_err(|fault| told(no_json(&fault)))?;
    let listed = document.get("value").and_then(Value::as_array).or(document.as_array());
    let one = match listed {
        Some(list) => {
            list.first().cloned().ok_or_else(|| told("the list is empty; put one referral into it".into()))?
        }
        None => document,
    };
    Referral::read(one).map_err(|fault| told(format!("{fault}; a referral is an object with an id")))
}

/// The parser's own words say nothing to whoever has named the wrong file; where it stopped does.
fn no_json(fault: &serde_json::Error) -> String {
    let (line, column) = (fault.line(), fault.column());
    let end = if fault.is_eof() { " (it ends too early)" } else { "" };
    format!(
        "this is no JSON at line {line}, column {column}{end}; it must hold one referral as Partner Center returns it: \
         {{\"id\": …}}, or a list of them, whose first is taken"
    )
}

fn shown(
    rendered: &Rendered,
    prepared: &Prepared,
    destination: &DestinationSettings,
    content: &Content,
) -> Result<String, String> {
    let now = match content {
        Content::Referral(message) => message.now,
        Content::Digest(digest) => digest.now,
        Content::Forecast(forecast) => forecast.now,
        Content::Notice(notice) => notice.now,
    };
    match (&rendered.body, &destination.kind) {
        (Body::Json(text), _) => Ok(in_lines(text)),
        (Body::Line(text), _) => Ok(format!("{text}\n")),
        (Body::Mail(_), DestinationKind::Email { to, cc }) => {
            let post = prepared.post.as_ref().ok_or("there is no [smtp] in the settings; add it")?;
            let mail = post.mail(&Addressee::fixed(to), &Addressee::fixed(cc)).map_err(|fault| fault.to_string())?;
            let mut rendered = rendered.clone();
            if let Body::Mail(mail) = &mut rendered.body
                && Addressee::fixed(to).is_empty()
                && Addressee::fixed(cc).is_empty()
            {
                mail.to.push(somebody(prepared));
            }
            mail.mime(&rendered, now).ok_or_else(|| "the mail cannot be put together; please report this".to_owned())
        }
        _ => Err("the message does not fit its destination; please report this".to_owned()),
    }
}

/// A recipient for a mail whose recipients follow from its referral: the first person of the settings.
fn somebody(prepared: &Prepared) -> (Option<String>, String) {
    let mut people = prepared.orders.rules.people.by_name.values();
    let first = people.find_map(|person| Some((Some(person.name.clone()), person.email.clone()?)));
    first.unwrap_or_else(|| (None, "owner@example.com".to_owned()))
}

/// For people in lines, for programs byte for byte as it is sent.
fn in_lines(json: &str) -> String {
    let pretty = || serde_json::to_string_pretty(&serde_json::from_str::<Value>(json).ok()?).ok();
    let shown = if std::io::stdout().is_terminal() { pretty() } else { None };
    shown.unwrap_or_else(|| json.to_owned()) + "\n"
}
