//! What a template sees: the facts of a message under the names of the documentation, with dates, sums and lengths of time
//! as people read them, and the finished lines of which the built-in templates consist.
//!
//! Every name is always there, empty where nothing is known, so that a strict template fails on a misspelt name only.
//! Every text from outside is tamed here; nothing here knows a channel's markup.

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use serde_json::Value;

use super::{
    content::{Became, ChannelKind, Content, Digest, DigestKind, Event, Mention, Message, Notice},
    envelope::Shown,
    escape::{plain_address, safe_link, tame, tame_value},
    figures::{clock, day, duration, exact, moment},
    headline::{self, age, country_of, is_confirmed, is_waiting, seconds_between, value_of},
    limits::{cut, cut_at_word},
    words::{self, Labels, Words},
};
use crate::core::referral::Sender;

/// So much of the notes is shown.
const LONGEST_NOTES: usize = 160;
/// So much of any other single text from a referral.
const LONGEST_TEXT: usize = 120;
/// So many items of a digest; fewer where they are too long for the channel.
const MOST_ITEMS: usize = 100;
/// So many earlier messages, the latest, are shown.
const MOST_TOLD: usize = 6;
/// Where a link that is no link leads instead.
const PARTNER_CENTER: &str = "https://partner.microsoft.com/dashboard/home";

/// What templates see.
#[derive(Clone, Serialize, Default)]
pub struct View {
    /// The event's name.
    pub event: &'static str,
    /// How urgent, in words.
    pub severity: &'static str,
    /// `accent`, `warning`, `attention`, `good`, `emphasis`: the style of a Teams container.
    pub tone: &'static str,
    /// The same for text on such a container.
    pub tone_text: &'static str,
    /// The colour of the mail's bar.
    pub color: &'static str,
    /// That colour as text on white.
    pub color_light: &'static str,
    /// That colour as text on black.
    pub color_dark: &'static str,
    /// `en`.
    pub lang: &'static str,
    /// The first 60 characters.
    pub headline: String,
    /// The Subject of the thread.
    pub subject: String,
    /// The act asked, or what has happened.
    pub opening: Option<String>,
    /// Names of rows and buttons.
    pub words: Option<&'static Labels>,
    /// The referral, by the API's own names; null unless the destination has templates of its own.
    pub referral: Value,
    pub id: String,
    pub id_head: String,
    pub account: String,
    pub category: &'static str,
    pub customer: Option<String>,
    pub country: Option<String>,
    pub value: Option<String>,
    pub rule: String,
    pub step: String,
    pub reason: String,
    pub first: bool,
    pub told: Vec<ToldLine>,
    pub next: Vec<NextLine>,
    /// What follows, as one sentence; empty once it is over.
    pub follows: Option<String>,
    /// RFC 3339.
    pub deadline: String,
    /// `Thu 19 Nov`.
    pub answer_by: String,
    /// `Fri 20 Nov, 01:00 CET`.
    pub expires_at: String,
    /// `5 d 3 h`; empty past the deadline.
    pub left: String,
    pub age: Option<String>,
    pub estimated: bool,
    pub link: String,
    pub link_menu: &'static str,
    pub look_for: String,
    pub claim_link: Option<String>,
    pub claim_label: &'static str,
    pub owners: Vec<String>,
    pub mentions: Vec<MentionLine>,
    pub as_of: Option<String>,
    pub unseen_since: Option<String>,
    pub possible_repeat: bool,
    pub message_id: String,
    /// Whether it still waits for an answer.
    pub open: bool,
    pub facts: Vec<Fact>,
    pub notes: Option<String>,
    pub contacts: Vec<Contact>,
    pub changes: Vec<Change>,
    pub claimed: Option<String>,
    /// What the reader should know about the message itself.
    pub warnings: Vec<String>,
    pub items: Vec<View>,
    /// `…and 7 more`.
    pub more: Option<String>,
    /// What an item of a digest says beside its customer.
    pub line: String,
    pub sections: Vec<SectionLines>,
    /// The paragraphs of a notice.
    pub text: Vec<String>,
    pub since: Option<String>,
    pub todo: Option<String>,
}

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
    pub field: &'static str,
    pub old: String,
    pub new: String,
}

/// A paragraph of a report.
#[derive(Clone, Serialize)]
pub struct SectionLines {
    pub title: String,
    pub lines: Vec<String>,
}

impl View {
    /// What the templates of a channel see of a message. `whole` puts the referral's body in, which only a user's template can want.
    pub fn of(content: &Content, channel: ChannelKind, whole: bool) -> Self {
        Self::of_some(content, channel, whole, MOST_ITEMS)
    }

    /// The same with at most so many items of a digest.
    pub fn of_some(content: &Content, channel: ChannelKind, whole: bool, most: usize) -> Self {
        let view = match content {
            Content::Referral(message) => of_message(message, channel, whole),
            Content::Digest(digest) => of_digest(digest, channel, whole, most),
            Content::Notice(notice) => of_notice(notice),
        };
        // Only a mail has a subject, and making it costs as much as a headline.
        let subject = if channel == ChannelKind::Email { headline::subject(content) } else { String::new() };
        Self { headline: headline::headline(content), subject, ..view }.looking(look_of(content))
    }

    fn looking(self, look: Look) -> Self {
        Self {
            tone: look.tone,
            tone_text: look.tone_text,
            color: look.color,
            color_light: look.light,
            color_dark: look.dark,
            ..self
        }
    }
}

/// A digest looks like what it gathers.
fn look_of(content: &Content) -> Look {
    look(match content {
        Content::Digest(digest) => gathered(&digest.kind),
        other => other.event(),
    })
}

/// The event whose look and name a digest has.
fn gathered(kind: &DigestKind) -> Event {
    match kind {
        DigestKind::Escalations => Event::Escalation,
        DigestKind::Reminders => Event::Reminder,
        DigestKind::News | DigestKind::Report(_) => Event::Digest,
    }
}

/// How an event looks: the style of its container in Teams, and its colours in a mail.
struct Look {
    tone: &'static str,
    tone_text: &'static str,
    color: &'static str,
    light: &'static str,
    dark: &'static str,
}

/// Contrast of the text colours is at least 4.5 on their grounds. Urgency is said in words too, never by colour alone.
fn look(event: Event) -> Look {
    let (tone, tone_text, color, light, dark) = match event {
        Event::New | Event::Reopened | Event::Updated | Event::Test | Event::Digest => {
            ("accent", "Accent", "#2563eb", "#1d4ed8", "#8ab4f8")
        }
        Event::Reminder => ("warning", "Warning", "#d97706", "#92400e", "#fbbf24"),
        Event::Escalation | Event::Overdue | Event::Expired | Event::Trouble => {
            ("attention", "Attention", "#dc2626", "#b91c1c", "#fca5a5")
        }
        Event::Answered | Event::Recovered | Event::Keepalive => ("good", "Good", "#16a34a", "#166534", "#86efac"),
        Event::Gone => ("emphasis", "Default", "#6b7280", "#4b5563", "#d1d5db"),
    };
    Look { tone, tone_text, color, light, dark }
}

fn of_message(message: &Message, channel: ChannelKind, whole: bool) -> View {
    let words = words::of(message.locale);
    let labels = words.labels();
    let referral = &message.referral;
    let open = message.event.is_open() && message.closing.is_none();
    let owners: Vec<String> = message.owners.iter().map(|name| short(name)).collect();
    let at = |at| moment(words, at, &message.zone, message.now);
    let left = seconds_between(message.now, message.deadline);
    let customer = referral.customer().map(short).filter(|name| !name.is_empty());
    let id = tame(referral.id().as_str());
    let id_head: String = id.chars().take(8).collect();
    let has_notes = open && (is_for_people(channel) || message.include_notes);
    let escalated = matches!(message.event, Event::Escalation | Event::Overdue);
    View {
        event: message.event.as_str(),
        message_id: message.message_id.to_string(),
        severity: words.severity(message.event),
        lang: message.locale.as_str(),
        opening: words.opening(message.event, &owners, is_confirmed(message)),
        words: Some(labels),
        referral: if whole { body(message, channel) } else { Value::Null },
        account: tame(message.account.as_str()),
        category: message.category.as_str(),
        country: country_of(referral),
        value: value_of(message),
        rule: tame(message.rule.as_str()),
        step: tame(&message.step),
        reason: tame(&message.reason),
        first: message.first,
        told: told(message, words),
        next: next(message, words),
        follows: open.then(|| follows(message, words)).flatten(),
        deadline: message.deadline.to_string(),
        answer_by: words.date(message.answer_by),
        expires_at: at(message.deadline),
        left: if left > 0 { duration(left) } else { String::new() },
        age: age(message).map(duration),
        estimated: message.estimated,
        link: safe_link(&message.link).unwrap_or_else(|| PARTNER_CENTER.to_owned()),
        link_menu: words.menu(message.category),
        look_for: words.look_for(customer.as_deref().unwrap_or(&id_head)),
        claim_link: message.claim_link.as_deref().filter(|_| open).and_then(safe_link),
        claim_label: if escalated { labels.claim_escalation } else { labels.claim },
        mentions: mentions(&message.mentions, channel),
        as_of: message.as_of.map(at),
        unseen_since: message.unseen_since.map(at),
        possible_repeat: message.possible_repeat,
        open,
        facts: facts(message, words, open, left),
        notes: referral.notes().filter(|_| has_notes).map(|notes| cut_at_word(&tame(notes), LONGEST_NOTES)),
        contacts: if open && shows_contacts(message, channel) { contacts(message) } else { Vec::new() },
        changes: changes(message, words, channel),
        claimed: message
            .claimed
            .as_ref()
            .filter(|_| open)
            .map(|claim| words.claimed(&short(&claim.by), &at(claim.until), claim.until > message.now)),
        warnings: warnings(message, words),
        line: line(message, words),
        customer,
        id,
        id_head,
        owners,
        ..View::default()
    }
}

/// Whether people read that channel as it is.
fn is_for_people(channel: ChannelKind) -> bool {
    matches!(channel, ChannelKind::Slack | ChannelKind::Teams | ChannelKind::Email)
}

/// Whether the customer's contacts show: never without consent.
pub fn shows_contacts(message: &Message, channel: ChannelKind) -> bool {
    (channel == ChannelKind::Email || message.include_contacts) && message.referral.consents_to_contact()
}

/// A length of time that no line break falls into.
fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// A text from outside, tamed and cut.
fn short(text: &str) -> String {
    cut(&tame(text), LONGEST_TEXT).into_owned()
}

fn body(message: &Message, channel: ChannelKind) -> Value {
    let notes = is_for_people(channel) || message.include_notes;
    let shown = Shown { referral: &message.referral, contacts: shows_contacts(message, channel), notes };
    let value = serde_json::to_value(shown).unwrap_or_default();
    if channel == ChannelKind::Webhook { value } else { tame_value(value) }
}

fn told(message: &Message, words: &dyn Words) -> Vec<ToldLine> {
    let skipped = message.told.len().saturating_sub(MOST_TOLD);
    let line = |told: &super::content::Told| {
        let (at, destination, what) =
            (clock(words, told.at, &message.zone), tame(&told.destination), words.step(&tame(&told.what)));
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

fn next(message: &Message, words: &dyn Words) -> Vec<NextLine> {
    let line = |next: &super::content::Next| NextLine {
        at: clock(words, next.at, &message.zone),
        destinations: next.destinations.iter().map(|name| tame(name)).collect(),
        escalation: next.escalation,
    };
    message.next.iter().map(line).collect()
}

fn follows(message: &Message, words: &dyn Words) -> Option<String> {
    let steps: Vec<(String, String)> =
        next(message, words).into_iter().take(2).map(|next| (next.at, words.all_of(&next.destinations))).collect();
    (message.event != Event::Overdue || !steps.is_empty()).then(|| words.next(&steps))
}

fn facts(message: &Message, words: &dyn Words, open: bool, left: i64) -> Vec<Fact> {
    let labels = words.labels();
    let mut facts = Vec::with_capacity(7);
    let mut add = |label, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            facts.push(Fact { label, text });
        }
    };
    add(labels.value, value_in_full(message));
    add(labels.place, place(message));
    add(labels.from, sender(message, words));
    if open && left > 0 {
        let estimated = if message.estimated { format!(" ({})", labels.estimated) } else { String::new() };
        add(labels.answer_by, Some(words.date(message.answer_by) + &estimated));
    }
    let expires = moment(words, message.deadline, &message.zone, message.now);
    match (open, left > 0) {
        (true, true) => add(labels.expires, Some(format!("{expires}, {}", unbroken(&words.in_time(&duration(left)))))),
        (true, false) => add(labels.expired, Some(format!("{expires}, {}", unbroken(&words.ago(&duration(-left)))))),
        (false, _) if message.event == Event::Expired => add(labels.expired, Some(expires)),
        _ => {}
    }
    if open && message.referral.contact_requested() {
        add(labels.contact, Some(labels.contact_requested.to_owned()));
    }
    facts
}

/// `€80 000`, or `32 000 000 HUF (€80k)` where the deal is in another currency than the settings' money.
fn value_in_full(message: &Message) -> Option<String> {
    let Some(amount) = message.referral.deal_value() else {
        return value_of(message);
    };
    let own = exact(amount, message.referral.currency());
    let worth = message.value.as_ref();
    let foreign =
        worth.filter(|worth| !message.referral.currency().is_some_and(|own| own.eq_ignore_ascii_case(&worth.currency)));
    Some(match (foreign, value_of(message)) {
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

fn sender(message: &Message, words: &dyn Words) -> Option<String> {
    message.referral.sender().map(|sender| match sender {
        Sender::Microsoft => "Microsoft".to_owned(),
        Sender::Partner(Some(name)) => short(&name),
        Sender::Partner(None) => words.partner().to_owned(),
    })
}

fn contacts(message: &Message) -> Vec<Contact> {
    let text = |text: Option<String>| text.map(|text| short(&text)).filter(|text| !text.is_empty());
    let contact = |member: crate::core::referral::Member| {
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

fn changes(message: &Message, words: &dyn Words, channel: ChannelKind) -> Vec<Change> {
    use super::content::Field;
    let none = words.labels().nothing;
    let text = |field: Field, text: Option<&str>| {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        let time = || crate::core::referral::read_time(text);
        Some(match field {
            Field::Value => match text.parse::<f64>() {
                Ok(amount) if amount.is_finite() && amount >= 0.0 => exact(amount, message.referral.currency()),
                _ => short(text),
            },
            Field::Deadline => time().map_or_else(|| short(text), |at| moment(words, at, &message.zone, message.now)),
            Field::Closing => time().map_or_else(|| short(text), |at| words.date(day(at, &TimeZone::UTC))),
            Field::Notes => cut_at_word(&tame(text), LONGEST_NOTES),
            Field::Customer | Field::Currency => short(text),
        })
    };
    let change = |changed: &super::content::Changed| Change {
        field: words.field(changed.field),
        old: text(changed.field, changed.old.as_deref()).unwrap_or_else(|| none.to_owned()),
        new: text(changed.field, changed.new.as_deref()).unwrap_or_else(|| none.to_owned()),
    };
    let shown = |changed: &&super::content::Changed| {
        changed.field != Field::Notes || is_for_people(channel) || message.include_notes
    };
    message.changes.iter().filter(shown).map(change).collect()
}

fn warnings(message: &Message, words: &dyn Words) -> Vec<String> {
    let at = |at: Timestamp| moment(words, at, &message.zone, message.now);
    let mut warnings = Vec::new();
    warnings.extend(message.unseen_since.map(|since| words.unseen(&at(since))));
    warnings.extend(message.as_of.map(|when| words.as_of(&at(when))));
    warnings.extend(message.at_once.as_deref().map(tame));
    if message.possible_repeat {
        warnings.push(words.labels().repeat.to_owned());
    }
    warnings
}

/// `HU · €80k · answer by Thu 19 Nov · Anna Kovács`.
fn line(message: &Message, words: &dyn Words) -> String {
    let state = match (&message.closing, is_waiting(message)) {
        (Some(ending), _) => words.closed_item(ending.closing, &duration(ending.after.0)),
        (None, true) => words.open_item(&words.date(message.answer_by)),
        (None, false) => words.severity(message.event).to_lowercase(),
    };
    let owner = message.owners.first().filter(|_| is_waiting(message)).map(|owner| short(owner));
    let parts = [country_of(&message.referral), value_of(message), Some(state), owner];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Those who can be mentioned in that channel.
fn mentions(mentions: &[Mention], channel: ChannelKind) -> Vec<MentionLine> {
    let fine =
        |id: &str, more: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c));
    let line = |mention: &Mention| MentionLine {
        // The two places of a Teams mention must hold the same characters, so none may be left that needs escaping.
        name: tame(&mention.name).chars().filter(|c| c.is_alphanumeric() || " .'-’".contains(*c)).collect(),
        slack: mention.slack.clone().filter(|id| fine(id, "")),
        teams: mention.teams.clone().filter(|id| fine(id, "@._+-'#")),
    };
    let reached = |mention: &MentionLine| match channel {
        ChannelKind::Slack => mention.slack.is_some(),
        ChannelKind::Teams => mention.teams.is_some() && !mention.name.trim().is_empty(),
        _ => true,
    };
    mentions.iter().map(line).filter(reached).take(10).collect()
}

fn of_digest(digest: &Digest, channel: ChannelKind, whole: bool, most: usize) -> View {
    let words = words::of(digest.locale);
    let at = |at| moment(words, at, &digest.zone, digest.now);
    let hidden = digest.items.len().saturating_sub(most);
    let item = |message: &Message| {
        let headline = headline::of_message(message);
        View { headline, ..of_message(message, channel, whole) }.looking(look(message.event))
    };
    let section = |section: &super::content::Section| SectionLines {
        title: short(&section.title),
        lines: section.lines.iter().take(most).map(|line| cut(&tame(line), 200).into_owned()).collect(),
    };
    let mut warnings = Vec::new();
    warnings.extend(digest.as_of.map(|when| words.as_of(&at(when))));
    if digest.possible_repeat {
        warnings.push(words.labels().repeat.to_owned());
    }
    View {
        event: Event::Digest.as_str(),
        message_id: digest.message_id.to_string(),
        severity: words.severity(gathered(&digest.kind)),
        lang: digest.locale.as_str(),
        words: Some(words.labels()),
        opening: words.digest_opening(&digest.kind),
        reason: tame(&digest.reason),
        items: digest.items.iter().take(most).map(item).collect(),
        more: (hidden > 0).then(|| words.more(hidden)),
        sections: digest.sections.iter().take(20).map(section).collect(),
        mentions: mentions(&digest.mentions, channel),
        as_of: digest.as_of.map(at),
        possible_repeat: digest.possible_repeat,
        warnings,
        ..View::default()
    }
}

fn of_notice(notice: &Notice) -> View {
    let words = words::of(notice.locale);
    let text = |text: &String| cut(&tame(text), 1_000).into_owned();
    View {
        event: notice.event.as_str(),
        message_id: notice.message_id.to_string(),
        severity: words.severity(notice.event),
        lang: notice.locale.as_str(),
        words: Some(words.labels()),
        reason: tame(&notice.reason),
        text: notice.text.iter().take(20).map(text).collect(),
        since: notice.since.map(|since| moment(words, since, &notice.zone, notice.now)),
        todo: notice.todo.as_ref().map(text),
        possible_repeat: notice.possible_repeat,
        warnings: if notice.possible_repeat { vec![words.labels().repeat.to_owned()] } else { Vec::new() },
        ..View::default()
    }
}
