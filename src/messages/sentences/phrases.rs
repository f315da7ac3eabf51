//! The phrases that sentences are made of: what a message is called, why it is due, what became of it.

use crate::core::{
    case::{Fate, Happened},
    claim::Claimant,
    ids::{DestinationName, RuleName},
    journal::DigestFate,
    key::{Key, Purpose},
    ladder::{Event, WhyNot},
    period::{Period, Seconds},
    referral::Closing,
    reply::Reply,
};

/// What a channel said to an attempt.
pub fn reply(reply: &Reply) -> String {
    match reply {
        Reply::Accepted { detail: None } => "The channel took it.".to_owned(),
        Reply::Accepted { detail: Some(detail) } => format!("The channel took it and said: {}", ended(detail)),
        Reply::TryLater { after: None, why } => format!("The channel failed in passing: {}", ended(why)),
        Reply::TryLater { after: Some(Seconds(seconds)), why } => {
            format!("The channel asked to be left alone for {}: {}", long(*seconds), ended(why))
        }
        Reply::NoAnswer { why } => format!("The channel gave no answer, so it may have arrived: {}", ended(why)),
        Reply::MessageRefused { why } => format!("The channel refuses this message for good: {}", ended(why)),
        Reply::DestinationRefused { why } => {
            format!("The channel refuses everything until somebody mends it: {}", ended(why))
        }
    }
}

/// What became of a digest at a set time.
pub fn of_digest(destination: &DestinationName, fate: &DigestFate) -> String {
    match fate {
        DigestFate::Queued { id: _ } => format!("was due at {destination}."),
        DigestFate::Accepted { attempts, maybe } => {
            let attempts = if *attempts > 1 { format!(" at attempt {attempts}") } else { String::new() };
            let repeat = if *maybe { " It may have come twice, and was marked so." } else { "" };
            format!("was taken by {destination}{attempts}.{repeat}")
        }
        DigestFate::Refused { attempts, why } => {
            format!("failed at {destination} at attempt {attempts}: {}", ended(why))
        }
        DigestFate::Skipped => {
            format!("was not sent to {destination}: leadtime was not running then, nor for a day after it.")
        }
        DigestFate::Late => format!("was taken back before {destination} took it: it had become too old to be of use."),
        DigestFate::NotAskedFor => format!("was taken back: the settings no longer ask for it at {destination}."),
        DigestFate::FellBack { to } => format!("went to {to}, the fallback of {destination}."),
        DigestFate::Dead { why } => format!("was given up at {destination}: {}", ended(why)),
    }
}

/// A period in words: `3 working days`, `4 working hours`, `1 day and 12 hours`.
pub fn spelt(period: Period) -> String {
    match period {
        Period::Elapsed(Seconds(seconds)) => long(seconds),
        Period::Working { days, seconds: Seconds(0) } => counted(i64::from(days), "working day"),
        Period::Working { days: 0, seconds: Seconds(seconds) } => counted(seconds / 3_600, "working hour"),
        Period::Working { days, seconds: Seconds(seconds) } => {
            format!("{} and {}", counted(i64::from(days), "working day"), counted(seconds / 3_600, "hour"))
        }
    }
}

/// A length of time by its two largest units.
pub(super) fn long(seconds: i64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let units = match (days, hours, minutes) {
        (0, 0, 0) => [(seconds, "second"), (0, "")],
        (0, _, _) => [(hours, "hour"), (minutes, "minute")],
        _ => [(days, "day"), (hours, "hour")],
    };
    let shown: Vec<String> = units.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| counted(*n, unit)).collect();
    shown.join(" and ")
}

/// So many of something: `1 referral`, `3 expiries`.
pub fn counted(count: i64, one: &str) -> String {
    match (count, one.strip_suffix("ry")) {
        (1, _) => format!("1 {one}"),
        (_, Some(stem)) => format!("{count} {stem}ries"),
        (_, None) => format!("{count} {one}s"),
    }
}

/// What a message is, as the begin of a sentence.
pub(super) fn noun(event: Event) -> &'static str {
    match event {
        Event::New => "The first message",
        Event::Updated => "A note of what has changed",
        Event::Reminder => "A reminder",
        Event::Escalation => "An escalation",
        Event::Overdue => "An “overdue” message",
        Event::Answered => "The “answered” message",
        Event::Expired => "The “expired” message",
        Event::Gone => "The “gone” message",
        Event::Reopened => "The “open again” message",
    }
}

/// Which message, where how it is rendered does not matter.
pub(super) fn step(purpose: Purpose) -> String {
    match purpose {
        Purpose::New => "the message about the new referral".to_owned(),
        Purpose::After { .. } | Purpose::BeforeExpiry { .. } => format!("the message {}", timing(purpose)),
        Purpose::Updated(_) => "the note of what has changed".to_owned(),
        Purpose::Overdue(_) => "the “overdue” message".to_owned(),
        Purpose::Answered(_) => "the “answered” message".to_owned(),
        Purpose::Expired(_) => "the “expired” message".to_owned(),
        Purpose::Gone(_) => "the “gone” message".to_owned(),
        Purpose::Reopened(_) => "the “open again” message".to_owned(),
    }
}

/// Which message, with where it goes.
pub(super) fn message(key: &Key) -> String {
    let to = place(key);
    match key.purpose {
        Purpose::After { .. } | Purpose::BeforeExpiry { .. } => {
            format!("the message to {to} ({})", timing(key.purpose))
        }
        Purpose::New => format!("the message to {to} (as it is new)"),
        other => format!("{} to {to}", step(other)),
    }
}

/// When a message is due, in words.
pub fn timing(purpose: Purpose) -> String {
    let repeated =
        |repeat: Option<Period>| repeat.map_or(String::new(), |offset| format!(", repeated {} later", spelt(offset)));
    match purpose {
        Purpose::New => "as it is new".to_owned(),
        Purpose::After { since, repeat } => format!("{} after it was created{}", spelt(since), repeated(repeat)),
        Purpose::BeforeExpiry { left, repeat, .. } => format!("{} before it expires{}", spelt(left), repeated(repeat)),
        Purpose::Updated(_) => "as it has changed".to_owned(),
        Purpose::Overdue(_) => "as it is past its deadline".to_owned(),
        Purpose::Answered(_) => "as it is answered".to_owned(),
        Purpose::Expired(_) => "as it has expired".to_owned(),
        Purpose::Gone(_) => "as it is gone".to_owned(),
        Purpose::Reopened(_) => "as it is open again".to_owned(),
    }
}

/// A step that spoke in the place of others.
pub(super) fn later(purpose: Purpose) -> String {
    match purpose {
        Purpose::After { .. } | Purpose::BeforeExpiry { .. } => format!("the later one ({})", timing(purpose)),
        other => step(other),
    }
}

/// Why a message was due.
pub(super) fn because(key: &Key, rule: &RuleName) -> String {
    let here = &key.destination;
    let left = |left: Period| match spelt(left) {
        one if one.starts_with("1 ") && !one.contains(" and ") => format!("{one} was left"),
        some => format!("{some} were left"),
    };
    match key.purpose {
        Purpose::New => format!("it was new (rule “{rule}”)"),
        Purpose::After { since, repeat: None } => {
            format!("{} had passed since it was created (rule “{rule}”)", spelt(since))
        }
        Purpose::BeforeExpiry { left: days, repeat: None, .. } => {
            format!("{} before it expires (rule “{rule}”)", left(days))
        }
        Purpose::After { repeat: Some(offset), .. } | Purpose::BeforeExpiry { repeat: Some(offset), .. } => format!(
            "nobody had answered {} after the step “{}” (rule “{rule}”)",
            spelt(offset),
            key.purpose.label().split(" + ").next().unwrap_or_default()
        ),
        Purpose::Updated(_) => format!("it had changed since {here} was told of it"),
        Purpose::Overdue(_) => "it was past its deadline and still open".to_owned(),
        Purpose::Answered(_) => format!("{here} had been told of it and it was answered"),
        Purpose::Expired(_) => "it had expired without an answer".to_owned(),
        Purpose::Gone(_) => "Partner Center did not have it any more".to_owned(),
        Purpose::Reopened(_) => format!("it was open again after {here} had heard of its end"),
    }
}

/// Where a message goes.
pub(super) fn place(key: &Key) -> String {
    match &key.stands_in_for {
        Some(origin) => format!("{} (in place of {origin})", key.destination),
        None => key.destination.to_string(),
    }
}

/// Who claimed, and whether that was only said.
pub fn claimant(by: &Claimant) -> String {
    if by.said { format!("{} (as was said there)", by.name) } else { by.name.clone() }
}

/// Why a message is not sent; follows a colon.
pub fn why_not(why: WhyNot, here: &DestinationName) -> String {
    match why {
        WhyNot::Closed => "the referral has been answered, or has expired".to_owned(),
        WhyNot::OpenAgain => "the referral is open again".to_owned(),
        WhyNot::Muted => "the referral is muted".to_owned(),
        WhyNot::Shelved => "the referral is shelved".to_owned(),
        WhyNot::NotAskedFor => "no rule asks for it any more".to_owned(),
        WhyNot::NoSuchDestination => format!("the settings no longer have a destination {here}"),
        WhyNot::PastDeadline => "the deadline has passed".to_owned(),
        WhyNot::NoDifference => format!("the referral is again as {here} was told"),
        WhyNot::SeenTo => format!("a manager sees to it, so nothing is repeated to {here} until the next step"),
        WhyNot::OthersAsked => format!("those behind {here} are not asked about it any more"),
    }
}

/// What became of a message; follows its name.
pub fn fated(fate: &Fate) -> String {
    match fate {
        Fate::Queued => "waits in the outbox".to_owned(),
        Fate::Attempting => "is being sent".to_owned(),
        Fate::Accepted => "was sent".to_owned(),
        Fate::Superseded => "was not sent: a later message spoke in its place".to_owned(),
        Fate::Dead => "was given up".to_owned(),
        Fate::FellBack(to) => format!("went to {to}, the fallback"),
        Fate::Cancelled => "was taken back".to_owned(),
    }
}

/// What a reading did.
pub fn happened_so(happened: Happened) -> &'static str {
    match happened {
        Happened::Nothing => "It was read again, and nothing had changed.",
        Happened::Changed => "What Partner Center says of it changed.",
        Happened::LeftTheList => "It left the account's listing and was still open; it is read by its id since.",
        Happened::Relisted => "It was in the account's listing again.",
        Happened::Unseen => {
            "Partner Center no longer showed it and did not say why, so the countdown went on without it."
        }
        Happened::Closed(closing) => match closing {
            Closing::Accepted => "It was accepted in Partner Center.",
            Closing::Declined => "It was declined in Partner Center.",
            Closing::Won => "It was closed as won in Partner Center.",
            Closing::Lost => "It was closed as lost in Partner Center.",
            Closing::Expired => "Partner Center said that it had expired without an answer.",
            Closing::Ended => "It was closed in Partner Center.",
        },
        Happened::Gone => {
            "Partner Center said “not found” twice while it showed others, so it is gone and its countdown ended."
        }
        Happened::Reopened => "It was open in Partner Center again.",
    }
}

/// How a referral was closed; follows its name.
pub fn closed_so(closing: Closing) -> &'static str {
    match closing {
        Closing::Accepted => "was accepted",
        Closing::Declined => "was declined",
        Closing::Won => "was closed as won",
        Closing::Lost => "was closed as lost",
        Closing::Expired => "expired without an answer",
        Closing::Ended => "was closed",
    }
}

pub(super) fn ended(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
