//! English.

use jiff::civil;

use super::{DigestParts, Labels, Lead, Parts, Words};
use crate::{
    core::{
        people::Nobody,
        referral::{Category, Closing},
        rules::Role,
    },
    messages::content::{Audience, Became, DigestKind, Event, Field},
};

/// English, with the day before the month.
pub struct English;

static LABELS: Labels = Labels {
    value: "Value",
    place: "Place",
    from: "From",
    answer_by: "Answer by",
    expires: "Expires",
    expired: "Deadline",
    contact: "Contact",
    contact_requested: "The customer asked to be contacted.",
    contact_person: "Customer",
    owner: "Owner",
    claimed: "Claimed",
    estimated: "estimated: Partner Center gave no date",
    open_in: "Open in Partner Center",
    claim: "I’ll answer this one",
    claim_escalation: "I’ll see to it",
    tried: "What was tried",
    changed: "What has changed",
    nothing: "nothing",
    notes: "Notes",
    todo: "What to do",
    since: "Since",
    id: "Id",
    if_unanswered: "If nobody answers",
    repeat: "This may be a repeat: what became of the last attempt is not known.",
};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

impl Words for English {
    fn labels(&self) -> &'static Labels {
        &LABELS
    }

    fn date(&self, date: civil::Date) -> String {
        let pick = |names: &[&'static str], index: i8| {
            usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or("?")
        };
        let day = pick(&DAYS, date.weekday().to_monday_zero_offset());
        format!("{day} {} {}", date.day(), pick(&MONTHS, date.month() - 1))
    }

    fn severity(&self, event: Event) -> &'static str {
        match event {
            Event::New => "New referral",
            Event::Updated => "Changed",
            Event::Reminder => "Reminder",
            Event::Escalation => "Escalation",
            Event::Overdue => "Overdue",
            Event::Answered => "Answered",
            Event::Expired => "Expired",
            Event::Gone => "Gone",
            Event::Reopened => "Open again",
            Event::Digest => "Summary",
            Event::Trouble => "Trouble",
            Event::Recovered => "Recovered",
            Event::Keepalive => "All well",
            Event::Test => "Test",
        }
    }

    fn unnamed(&self) -> &'static str {
        "unnamed customer"
    }

    fn headline(&self, lead: &Lead, parts: &Parts<'_>) -> String {
        let first = || listed(&[Some(parts.name), parts.country, parts.value]);
        let second = || listed(&[Some(parts.name), parts.value, parts.country]);
        let bracketed = || {
            let country = parts.country.map(|country| format!(" ({country})")).unwrap_or_default();
            listed(&[Some(parts.name), parts.value]) + &country
        };
        let date = parts.date;
        match lead {
            Lead::New(category) => format!("New {}: {} Answer by {date}", kind(*category), ended(first())),
            Lead::Updated => format!("Changed: {} Answer by {date}", ended(first())),
            Lead::Reopened => format!("Open again: {} Answer by {date}", ended(first())),
            Lead::DaysLeft(1) => format!("1 working day left: {} Not answered", ended(second())),
            Lead::DaysLeft(days) => format!("{days} working days left: {} Not answered", ended(second())),
            Lead::Today => format!("Answer today: {} Not answered", ended(second())),
            Lead::Remaining(left) => format!("Expires in {left}: {} Not answered", ended(second())),
            Lead::Unanswered => format!("Unanswered, answer by {date}: {}", bracketed()),
            Lead::Overdue => format!("Overdue since {date}: {}", bracketed()),
            Lead::OverdueUnconfirmed => format!("May have expired on {date}: {}", bracketed()),
            Lead::Closed(closing, after) => {
                let by = parts.by.map(|by| format!(" by {by}")).unwrap_or_default();
                format!("{} after {after}: {}{by}", closed(*closing), bracketed())
            }
            Lead::Expired => format!("Expired unanswered: {}", bracketed()),
            Lead::Gone => format!("No longer in Partner Center: {}", bracketed()),
        }
    }

    fn digest_headline(&self, parts: &DigestParts<'_>) -> String {
        let DigestParts { kind, open, all, all_new, date, value } = parts;
        if let DigestKind::Report(name) = kind {
            let sum = value.map(|value| format!(", {value} at stake")).unwrap_or_default();
            return match open {
                0 => format!("Nothing is waiting: {name}"),
                1 => format!("1 referral is open{sum}: {name}"),
                open => format!("{open} referrals are open{sum}: {name}"),
            };
        }
        if *open == 0 {
            let value = value.map(|value| format!(", {value}")).unwrap_or_default();
            return format!("{} no longer wait{value}", referrals(*all));
        }
        let one = *open == 1;
        let what = match (kind, all_new) {
            (DigestKind::Escalations, _) if one => "1 referral is unanswered".to_owned(),
            (DigestKind::Escalations, _) => format!("{open} referrals are unanswered"),
            (_, true) if one => "1 new referral waits for you".to_owned(),
            (_, true) => format!("{open} new referrals wait for you"),
            _ if one => "1 referral waits for you".to_owned(),
            _ => format!("{open} referrals wait for you"),
        };
        let until = date.map(|date| if one { format!("until {date}") } else { format!("the first until {date}") });
        listed(&[Some(what.as_str()), until.as_deref(), *value])
    }

    fn notice_headline(&self, event: Event, title: &str) -> String {
        format!("{}: {title}", self.severity(event))
    }

    fn opening(&self, event: Event, audience: Audience, owners: &[String], confirmed: bool) -> Option<String> {
        let (act, why) = match event {
            Event::Escalation => ("accept or decline today", "; otherwise it expires and cannot be reopened."),
            Event::Overdue if confirmed => {
                ("accept or decline now", ": it is past its deadline, still open, and may be closed at any moment.")
            }
            Event::Overdue => ("look in Partner Center now", ": it may have expired, and that could not be confirmed."),
            other => return happened(other).map(str::to_owned),
        };
        let asked = match (audience, owners) {
            (Audience::Sellers, _) => capitalised(act),
            (Audience::Escalations, []) => format!("Find somebody to {act}"),
            (Audience::Escalations, owners) => format!("Ask {} to {act}", self.any_of(owners)),
        };
        Some(asked + why)
    }

    fn digest_opening(&self, kind: &DigestKind) -> Option<String> {
        (*kind == DigestKind::Escalations).then(|| {
            "Ask their owners to accept or decline today; otherwise they expire and cannot be reopened.".to_owned()
        })
    }

    fn menu(&self, category: Category) -> &'static str {
        match category {
            Category::CoSellOpportunity => "Referrals › Co-sell › Inbound",
            Category::QualifiedLead | Category::MarketplaceLead => "Referrals › Leads",
        }
    }

    fn look_for(&self, what: &str) -> String {
        format!("look for “{what}”")
    }

    fn in_time(&self, left: &str) -> String {
        format!("in {left}")
    }

    fn ago(&self, age: &str) -> String {
        format!("{age} ago")
    }

    fn partner(&self) -> &'static str {
        "another partner"
    }

    fn told(&self, when: &str, what: &str, destination: &str, became: Became) -> String {
        let became = match became {
            Became::Accepted => "sent",
            Became::Refused => "refused",
            Became::Failing => "not sent yet, still trying",
            Became::Waiting => "waiting",
            Became::Unknown => "may have been sent",
        };
        format!("{when}: {what} to {destination}, {became}")
    }

    fn step(&self, what: &str) -> String {
        let name = what.split(' ').next().unwrap_or_default();
        match name {
            "new" => "first message".to_owned(),
            "after" | "before_expiry" => "reminder".to_owned(),
            other => other.replace('_', " "),
        }
    }

    fn claimed(&self, by: &str, since: &str, until: &str, holds: bool) -> String {
        match holds {
            true => format!("{by} has had it since {since}; reminders rest until {until}."),
            false => format!("{by} said on {since} “I’ll answer this one”; the time for that ended on {until}."),
        }
    }

    fn stands_in(&self, who: &str, whom: &str, until: Option<&str>) -> String {
        match until {
            Some(until) => format!("{who}, for {whom}, away until {until}"),
            None => format!("{who}, for {whom}, who is not there any more"),
        }
    }

    fn is_owner(&self, cover: Option<(&str, Option<&str>)>) -> String {
        match cover {
            None => "You are its owner.".to_owned(),
            Some((whom, Some(until))) => format!("You stand in for its owner, {whom}, who is away until {until}."),
            Some((whom, None)) => format!("You stand in for its owner, {whom}, who is not there any more."),
        }
    }

    fn is_manager(&self, cover: Option<(&str, Option<&str>)>) -> String {
        match cover {
            None => "You are the manager of its owner.".to_owned(),
            Some((whom, Some(until))) => format!("You stand in for {whom}, who manages its owner and is away until {until}."),
            Some((whom, None)) => format!("You stand in for {whom}, who managed its owner and is not there any more."),
        }
    }

    fn in_place_of(&self, nobody: &Nobody) -> String {
        match nobody {
            Nobody::NoOwner => {
                "It was for its owner, and it has none: put somebody of ours on its team in Partner Center, or add a last \
                 [[owners]] without `when`."
            }
            Nobody::NoManager => "It was for its owner’s manager, and there is none: set `manager` in [people].",
            Nobody::Away(Role::Owners) => {
                "It was for its owners, who are all away with nobody to stand in: give them a `cover` or a `manager` in [people]."
            }
            Nobody::Away(Role::Managers) => {
                "It was for its managers, who are all away with nobody to stand in: give them a `cover` in [people]."
            }
            Nobody::NoWay(_) => {
                "It was for people whom no destination reaches: set `notify`, or `email` and [smtp], for them in [people]."
            }
        }
        .to_owned()
    }

    fn attention(&self, names: &[String]) -> String {
        format!("For {}.", self.all_of(names))
    }

    fn refuses_mail(&self, name: &str, since: &str) -> String {
        format!("Mail to {name} has been refused since {since}, so it may not be known there.")
    }

    fn next(&self, steps: &[(String, String)]) -> String {
        match steps {
            [] => "nothing more is sent before it expires.".to_owned(),
            [(when, who)] => format!("{who} hear on {when}."),
            [(when, who), (then, whom), ..] => format!("{who} hear on {when}, then {whom} on {then}."),
        }
    }

    fn all_of(&self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
        }
    }

    fn any_of(&self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [one, two] => format!("{one} or {two}"),
            [one, two, three] => format!("{one}, {two} or {three}"),
            [one, two, rest @ ..] => format!("{one}, {two} or {} others", rest.len()),
        }
    }

    fn field(&self, field: Field) -> &'static str {
        match field {
            Field::Customer => "Customer",
            Field::Value => "Value",
            Field::Currency => "Currency",
            Field::Closing => "Closing date",
            Field::Notes => "Notes",
            Field::Deadline => "Expires",
        }
    }

    fn as_of(&self, when: &str) -> String {
        format!("As of {when}: Partner Center could not be read since.")
    }

    fn unseen(&self, when: &str) -> String {
        format!("Not seen in Partner Center since {when}; it may have been answered there.")
    }

    fn closed_item(&self, closing: Closing, after: &str) -> String {
        format!("{} after {after}", closed(closing).to_lowercase())
    }

    fn open_item(&self, date: &str) -> String {
        format!("answer by {date}")
    }

    fn more(&self, count: usize) -> String {
        format!("…and {count} more")
    }
}

/// What has happened, where nothing is asked.
fn happened(event: Event) -> Option<&'static str> {
    Some(match event {
        Event::Expired => "Nobody answered in time. It cannot be reopened.",
        Event::Answered => "Nothing more to do here.",
        Event::Gone => "Partner Center does not have it any more, so its countdown has ended.",
        Event::Reopened => "It was closed and is open again: the countdown goes on.",
        _ => return None,
    })
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// With a full stop, unless it ends with one: many a legal form does, as Kft. and a.s.
fn ended(text: String) -> String {
    if text.ends_with(['.', '…']) { text } else { text + "." }
}

fn kind(category: Category) -> &'static str {
    match category {
        Category::CoSellOpportunity => "co-sell",
        Category::QualifiedLead => "lead",
        Category::MarketplaceLead => "marketplace lead",
    }
}

fn closed(closing: Closing) -> &'static str {
    match closing {
        Closing::Accepted => "Accepted",
        Closing::Declined => "Declined",
        Closing::Won => "Won",
        Closing::Lost => "Lost",
        Closing::Expired => "Expired",
        Closing::Ended => "Closed",
    }
}

fn referrals(count: usize) -> String {
    if count == 1 { "1 referral".to_owned() } else { format!("{count} referrals") }
}

fn listed(parts: &[Option<&str>]) -> String {
    parts.iter().copied().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
}
