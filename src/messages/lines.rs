//! The finished lines of which the built-in messages consist: rows, what was tried, what has changed, who can be reached.
//! Every text from outside is tamed here; nothing here knows a channel's markup.

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;

use super::{
    content::{Became, Changed, ChannelKind, Event, Field, Mention, Message, Next, Told},
    escape::{plain_address, tame},
    figures::day,
    headline::{country_of, is_waiting, value_of},
    limits::{cut, cut_at_word},
    people,
    view::is_for_people,
    words::Words,
};
use crate::core::referral::{Member, Sender, read_time};

/// So much of the notes is shown.
pub const LONGEST_NOTES: usize = 160;
/// So much of any other single text from a referral.
const LONGEST_TEXT: usize = 120;
/// So many earlier messages, the latest, are shown.
const MOST_TOLD: usize = 6;
/// So many people are mentioned.
const MOST_MENTIONS: usize = 10;

/// A row.
#[derive(Clone, Serialize)]
pub struct Fact {
    pub label: &'static str,
    pub text: String,
}

/// One earlier message.
#[derive(Clone, Serialize)]
pub struct ToldLine {
    pub at: String,
    pub destination: String,
    pub what: String,
    pub became: &'static str,
    /// All of it in one line.
    pub text: String,
}

/// One that is to come.
#[derive(Clone, Serialize)]
pub struct NextLine {
    pub at: String,
    pub destinations: Vec<String>,
    pub escalation: bool,
}

/// Somebody to be mentioned; an id that is none of the channel's is left out.
#[derive(Clone, Serialize)]
pub struct MentionLine {
    pub name: String,
    pub slack: Option<String>,
    pub teams: Option<String>,
}

/// One of the customer's people.
#[derive(Clone, Serialize)]
pub struct Contact {
    pub name: String,
    pub email: Option<String>,
    /// The address again, where it may stand in a `mailto:` link.
    pub mailto: Option<String>,
    pub phone: Option<String>,
}

/// One field that changed.
#[derive(Clone, Serialize)]
pub struct Change {
    pub field: String,
    pub old: String,
    pub new: String,
}

/// A length of time that no line break falls into.
fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// A text from outside, tamed and cut.
pub fn short(text: &str) -> String {
    cut(&tame(text), LONGEST_TEXT).into_owned()
}

/// What was sent before, the latest of it.
pub fn told(message: &Message, words: &'static Words) -> Vec<ToldLine> {
    let skipped = message.told.len().saturating_sub(MOST_TOLD);
    let line = |told: &Told| {
        let (at, destination, what) =
            (words.clock(told.at, &message.zone), tame(&told.destination), words.step(&tame(&told.what)));
        let text = words.told(&at, &what, &destination, told.became);
        ToldLine { at, destination, what, became: became(told.became), text }
    };
    message.told.iter().skip(skipped).map(line).collect()
}

/// The word for a template to compare with, in any language.
fn became(became: Became) -> &'static str {
    match became {
        Became::Accepted => "accepted",
        Became::Refused => "refused",
        Became::Failing => "failing",
        Became::Waiting => "waiting",
        Became::Unknown => "unknown",
    }
}

/// What is to come.
pub fn next(message: &Message, words: &'static Words) -> Vec<NextLine> {
    let line = |next: &Next| NextLine {
        at: words.clock(next.at, &message.zone),
        destinations: next.destinations.iter().map(|name| tame(name)).collect(),
        escalation: next.escalation,
    };
    message.next.iter().map(line).collect()
}

/// The same as a sentence; none where there is nothing to say.
pub fn follows(message: &Message, next: &[NextLine], words: &Words) -> Option<String> {
    let steps: Vec<(String, String)> =
        next.iter().take(2).map(|next| (next.at.clone(), words.all_of(&next.destinations))).collect();
    (message.event != Event::Overdue || !steps.is_empty()).then(|| words.next(&steps))
}

/// The rows, in the order in which people ask for them.
pub fn facts(message: &Message, words: &'static Words, open: bool, left: i64) -> Vec<Fact> {
    let labels = words.labels();
    let mut facts = Vec::with_capacity(7);
    let mut add = |label, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            facts.push(Fact { label, text });
        }
    };
    add(&labels.value, value_in_full(message, words));
    add(&labels.place, place(message));
    add(&labels.from, sender(message, words));
    if open && left > 0 {
        let estimated = if message.estimated { format!(" ({})", labels.estimated) } else { String::new() };
        add(&labels.answer_by, Some(words.date(message.answer_by) + &estimated));
    }
    let expires = words.moment(message.deadline, &message.zone, message.now);
    match (open, left > 0) {
        (true, true) => {
            add(&labels.expires, Some(format!("{expires}, {}", unbroken(&words.in_time(&words.duration(left))))))
        }
        (true, false) => {
            add(&labels.expired, Some(format!("{expires}, {}", unbroken(&words.ago(&words.duration(-left))))))
        }
        (false, _) if message.event == Event::Expired => add(&labels.expired, Some(expires)),
        _ => {}
    }
    if open && message.referral.contact_requested() {
        add(&labels.contact, Some(labels.contact_requested.clone()));
    }
    if open && !message.owners.is_empty() {
        // Whoever stands in brings commas along.
        add(&labels.owner, Some(people::all_owners(message, words)));
    }
    facts
}

/// `€80 000`, or `32 000 000 HUF (€80k)` where the deal is in another currency than the settings' money.
fn value_in_full(message: &Message, words: &Words) -> Option<String> {
    let Some(amount) = message.referral.deal_value() else {
        return value_of(message, words);
    };
    let own = words.exact(amount, message.referral.currency());
    let worth = message.value.as_ref();
    let foreign =
        worth.filter(|worth| !message.referral.currency().is_some_and(|own| own.eq_ignore_ascii_case(&worth.currency)));
    Some(match (foreign, value_of(message, words)) {
        (Some(_), Some(value)) => format!("{own} ({value})"),
        _ => own,
    })
}

fn place(message: &Message) -> Option<String> {
    let city = message.referral.text("customerProfile/address/city").map(|city| cut(&tame(city), 60).into_owned());
    let parts: Vec<String> =
        [city, country_of(&message.referral)].into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn sender(message: &Message, words: &'static Words) -> Option<String> {
    message.referral.sender().map(|sender| match sender {
        Sender::Microsoft => "Microsoft".to_owned(),
        Sender::Partner(Some(name)) => short(&name),
        Sender::Partner(None) => words.partner(),
    })
}

/// The customer's people, as far as anything is known of them.
pub fn contacts(message: &Message) -> Vec<Contact> {
    let text = |text: Option<String>| text.map(|text| short(&text)).filter(|text| !text.is_empty());
    let contact = |member: Member| {
        let mailto = member.email.as_deref().and_then(plain_address).map(str::to_owned);
        Contact {
            name: short(&member.name),
            email: mailto.clone().or_else(|| text(member.email)),
            mailto,
            phone: text(member.phone),
        }
    };
    let known = |contact: &Contact| !contact.name.is_empty() || contact.email.is_some() || contact.phone.is_some();
    message.referral.customer_team().into_iter().map(contact).filter(known).take(5).collect()
}

/// What has changed, less the notes where they do not show.
pub fn changes(message: &Message, words: &'static Words, channel: ChannelKind) -> Vec<Change> {
    let none = &words.labels().nothing;
    let text = |field: Field, text: Option<&str>| {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        let time = || read_time(text);
        Some(match field {
            Field::Value => match text.parse::<f64>() {
                Ok(amount) if amount.is_finite() && amount >= 0.0 => words.exact(amount, message.referral.currency()),
                _ => short(text),
            },
            Field::Deadline => time().map_or_else(|| short(text), |at| words.moment(at, &message.zone, message.now)),
            Field::Closing => time().map_or_else(|| short(text), |at| words.date(day(at, &TimeZone::UTC))),
            Field::Notes => cut_at_word(&tame(text), LONGEST_NOTES),
            Field::Customer | Field::Currency => short(text),
        })
    };
    let change = |changed: &Changed| Change {
        field: words.field(changed.field),
        old: text(changed.field, changed.old.as_deref()).unwrap_or_else(|| none.clone()),
        new: text(changed.field, changed.new.as_deref()).unwrap_or_else(|| none.clone()),
    };
    let shown = |changed: &&Changed| changed.field != Field::Notes || is_for_people(channel) || message.include_notes;
    message.changes.iter().filter(shown).map(change).collect()
}

/// What the reader should know about the message itself.
pub fn warnings(message: &Message, words: &'static Words) -> Vec<String> {
    let at = |at: Timestamp| words.moment(at, &message.zone, message.now);
    let mut warnings = Vec::new();
    warnings.extend(message.unseen_since.map(|since| words.unseen(&at(since))));
    warnings.extend(message.as_of.map(|when| words.as_of(&at(when))));
    warnings.extend(people::refusing(message, words));
    warnings.extend(message.at_once.as_deref().map(tame));
    if message.possible_repeat {
        warnings.push(words.labels().repeat.clone());
    }
    warnings
}

/// `HU · €80k · answer by Thu 19 Nov · Anna Kovács`; each owner is named, as the reader may be any of them, and so is for
/// whom one stands in, as that is why the reader is asked.
pub fn line(message: &Message, words: &'static Words) -> String {
    let state = match (&message.closing, is_waiting(message)) {
        (Some(ending), _) => words.closed_item(ending.closing, &words.duration(ending.after.0)),
        (None, true) => words.open_item(&words.date(message.answer_by)),
        (None, false) => words.severity(message.event).to_lowercase(),
    };
    let owners = is_waiting(message).then(|| people::all_owners(message, words)).filter(|owners| !owners.is_empty());
    let owners = owners.map(|owners| cut_at_word(&owners, LONGEST_TEXT));
    let parts = [country_of(&message.referral), value_of(message, words), Some(state), owners];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Those who can be mentioned in that channel: real mentions in Slack and Teams, names elsewhere.
pub fn mentions(mentions: &[Mention], channel: ChannelKind) -> Vec<MentionLine> {
    mentions.iter().map(mention_line).filter(|line| is_reached(line, channel)).take(MOST_MENTIONS).collect()
}

/// The names of those who are to be mentioned and can only be named in that channel.
pub fn named(mentions: &[Mention], channel: ChannelKind) -> Vec<String> {
    let lines = mentions.iter().take(MOST_MENTIONS).filter(|mention| {
        !matches!(channel, ChannelKind::Slack | ChannelKind::Teams) || !is_reached(&mention_line(mention), channel)
    });
    lines.map(|mention| short(&mention.name)).filter(|name| !name.is_empty()).collect()
}

/// The ids by which they are mentioned in that channel.
pub fn mention_ids(mentions: &[Mention], channel: ChannelKind) -> Vec<String> {
    let id = |line: MentionLine| match channel {
        ChannelKind::Slack => line.slack,
        ChannelKind::Teams => line.teams,
        _ => None,
    };
    self::mentions(mentions, channel).into_iter().filter_map(id).collect()
}

fn mention_line(mention: &Mention) -> MentionLine {
    let fine =
        |id: &str, more: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    MentionLine {
        // The two places of a Teams mention must hold the same characters, so none may be left that needs escaping.
        name: tame(&mention.name).chars().filter(|c| c.is_alphanumeric() || " .'-’".contains(*c)).collect(),
        slack: mention.slack.clone().filter(|id| fine(id, "")),
        teams: mention.teams.clone().filter(|id| fine(id, "@._+-'#")),
    }
}

fn is_reached(mention: &MentionLine, channel: ChannelKind) -> bool {
    match channel {
        ChannelKind::Slack => mention.slack.is_some(),
        ChannelKind::Teams => mention.teams.is_some() && !mention.name.trim().is_empty(),
        _ => true,
    }
}
