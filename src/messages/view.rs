//! What a template sees: the facts of a message under the names of the documentation, with dates, sums and lengths of time
//! as people read them, and the finished lines from `lines`.
//!
//! Every name is always there, empty where nothing is known, so that a strict template fails on a misspelt name only.
//! Every text from outside is tamed here; nothing here knows a channel's markup.

use serde::Serialize;
use serde_json::Value;

use super::{
    content::{Audience, Because, ChannelKind, Content, Digest, DigestKind, Event, Forecast, Mention, Message, Notice},
    envelope::Shown,
    escape::{safe_link, tame, tame_value},
    forecast::{self, Page},
    headline::{self, age, country_of, is_confirmed, notice_text, seconds_between, value_of},
    limits::{cut, cut_at_word},
    lines::{
        Change, Contact, Fact, LONGEST_NOTES, MentionLine, NextLine, ToldLine, changes, contacts, facts, follows, line,
        mentions, named, next, short, told, warnings,
    },
    people,
    words::{self, Labels, Words},
};

/// Where a link that is no link leads instead.
const PARTNER_CENTER: &str = "https://partner.microsoft.com/dashboard/home";

/// What templates see.
#[derive(Clone, Serialize, Default)]
pub struct View {
    /// The event's name.
    pub event: &'static str,
    /// How urgent, in words.
    pub severity: String,
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
    pub link_menu: String,
    pub look_for: String,
    pub claim_link: Option<String>,
    pub claim_label: &'static str,
    pub owners: Vec<String>,
    pub mentions: Vec<MentionLine>,
    /// `For Anna Kovács.`: those of them who can only be named in this channel.
    pub attention: Option<String>,
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
    /// The page of a digest at a set time.
    pub forecast: Option<Page>,
    /// The paragraphs of a notice.
    pub text: Vec<String>,
    pub since: Option<String>,
    pub todo: Option<String>,
}

impl View {
    /// What the templates of a channel see of a message. `whole` puts the referral's body in, which only a user's template can
    /// want; `most`: so many items of a digest at most.
    pub fn of_some(content: &Content, channel: ChannelKind, whole: bool, most: usize) -> Self {
        let view = match content {
            Content::Referral(message) => of_message(message, channel, whole),
            Content::Digest(digest) => of_digest(digest, channel, whole, most),
            Content::Forecast(forecast) => of_forecast(forecast, most),
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

/// A digest looks like what it gathers, one at a set time like what is to be done about it.
fn look_of(content: &Content) -> Look {
    look(match content {
        Content::Digest(digest) => gathered(&digest.kind),
        Content::Forecast(forecast) if forecast.told.is_quiet() => Event::Answered,
        Content::Forecast(forecast) if forecast.told.held_by_nobody > 0 => Event::Reminder,
        other => other.event(),
    })
}

/// The event whose look and name a digest has.
fn gathered(kind: &DigestKind) -> Event {
    match kind {
        DigestKind::Escalations => Event::Escalation,
        DigestKind::Reminders => Event::Reminder,
        DigestKind::News => Event::Digest,
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
    let owners = people::names(&message.owners);
    let at = |at| words.moment(at, &message.zone, message.now);
    let left = seconds_between(message.now, message.deadline);
    let customer = referral.customer().map(short).filter(|name| !name.is_empty());
    let id = tame(referral.id().as_str());
    let id_head: String = id.chars().take(8).collect();
    let has_notes = open && (is_for_people(channel) || message.include_notes);
    let next = next(message, words);
    let for_managers = asked(message) == Audience::Escalations;
    View {
        event: message.event.as_str(),
        message_id: message.message_id.to_string(),
        severity: words.severity(message.event),
        lang: message.locale.as_str(),
        opening: words.opening(message.event, asked(message), &owners, is_confirmed(message)),
        words: Some(labels),
        referral: if whole { body(message, channel) } else { Value::Null },
        account: tame(message.account.as_str()),
        category: message.category.as_str(),
        country: country_of(referral),
        value: value_of(message, words),
        rule: tame(message.rule.as_str()),
        step: tame(&message.step),
        reason: join(tame(&message.reason), people::because(message, words)),
        first: message.first,
        told: told(message, words),
        follows: open.then(|| follows(message, &next, words)).flatten(),
        next,
        deadline: message.deadline.to_string(),
        answer_by: words.date(message.answer_by),
        expires_at: at(message.deadline),
        left: if left > 0 { words.duration(left) } else { String::new() },
        age: age(message).map(|age| words.duration(age)),
        estimated: message.estimated,
        link: safe_link(&message.link).unwrap_or_else(|| PARTNER_CENTER.to_owned()),
        link_menu: words.menu(message.category),
        look_for: words.look_for(customer.as_deref().unwrap_or(&id_head)),
        claim_link: message.claim_link.as_deref().filter(|_| open).and_then(safe_link),
        claim_label: if for_managers { &labels.claim_escalation } else { &labels.claim },
        mentions: mentions(&message.mentions, channel),
        attention: attention(&message.mentions, channel, words),
        as_of: message.as_of.map(at),
        unseen_since: message.unseen_since.map(at),
        possible_repeat: message.possible_repeat,
        open,
        facts: facts(message, words, open, left),
        notes: referral.notes().filter(|_| has_notes).map(|notes| cut_at_word(&tame(notes), LONGEST_NOTES)),
        contacts: if open && shows_contacts(message, channel) { contacts(message) } else { Vec::new() },
        changes: changes(message, words, channel),
        claimed: message.claimed.as_ref().filter(|_| open).map(|claim| people::claimed(claim, message, words)),
        warnings: warnings(message, words),
        line: line(message, words),
        customer,
        id,
        id_head,
        owners,
        ..View::default()
    }
}

/// Of whom the act is asked: an owner is asked to answer, also where a manager would be asked to see to it.
fn asked(message: &Message) -> Audience {
    match message.because {
        Because::Owner(_) => Audience::Sellers,
        _ => message.audience,
    }
}

fn attention(mentions: &[Mention], channel: ChannelKind, words: &Words) -> Option<String> {
    let names = named(mentions, channel);
    (!names.is_empty()).then(|| words.attention(&names))
}

fn join(sentence: String, more: Option<String>) -> String {
    more.into_iter().fold(sentence, |sentence, more| if sentence.is_empty() { more } else { sentence + " " + &more })
}

/// Whether people read that channel as it is.
pub fn is_for_people(channel: ChannelKind) -> bool {
    matches!(channel, ChannelKind::Slack | ChannelKind::Teams | ChannelKind::Email)
}

/// Whether the customer's contacts show: never without consent.
pub fn shows_contacts(message: &Message, channel: ChannelKind) -> bool {
    (channel == ChannelKind::Email || message.include_contacts) && message.referral.consents_to_contact()
}

fn body(message: &Message, channel: ChannelKind) -> Value {
    let notes = is_for_people(channel) || message.include_notes;
    let shown = Shown { referral: &message.referral, contacts: shows_contacts(message, channel), notes };
    let value = serde_json::to_value(shown).unwrap_or_default();
    if channel == ChannelKind::Webhook { value } else { tame_value(value) }
}

fn of_digest(digest: &Digest, channel: ChannelKind, whole: bool, most: usize) -> View {
    let words = words::of(digest.locale);
    let at = |at| words.moment(at, &digest.zone, digest.now);
    let hidden = digest.items.len().saturating_sub(most);
    let item = |message: &Message| {
        let headline = headline::of_message(message);
        View { headline, ..of_message(message, channel, whole) }.looking(look(message.event))
    };
    let mut warnings = Vec::new();
    warnings.extend(digest.as_of.map(|when| words.as_of(&at(when))));
    if digest.possible_repeat {
        warnings.push(words.labels().repeat.clone());
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
        mentions: mentions(&digest.mentions, channel),
        attention: attention(&digest.mentions, channel, words),
        as_of: digest.as_of.map(at),
        possible_repeat: digest.possible_repeat,
        warnings,
        ..View::default()
    }
}

fn of_forecast(forecast: &Forecast, most: usize) -> View {
    let words = words::of(forecast.locale);
    let at = |at| words.moment(at, &forecast.zone, forecast.now);
    let mut warnings = Vec::new();
    warnings.extend(forecast.as_of.map(|when| words.as_of(&at(when))));
    if forecast.possible_repeat {
        warnings.push(words.labels().repeat.clone());
    }
    let page = forecast::page(forecast, most);
    View {
        event: Event::Digest.as_str(),
        message_id: forecast.message_id.to_string(),
        severity: page.name.clone(),
        lang: forecast.locale.as_str(),
        words: Some(words.labels()),
        opening: forecast::opening(forecast),
        reason: tame(&forecast.reason),
        as_of: forecast.as_of.map(at),
        possible_repeat: forecast.possible_repeat,
        forecast: Some(page),
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
        text: notice_text(notice).iter().take(20).map(text).collect(),
        since: notice.since.map(|since| words.moment(since, &notice.zone, notice.now)),
        todo: notice.todo.as_ref().map(text),
        possible_repeat: notice.possible_repeat,
        warnings: if notice.possible_repeat { vec![words.labels().repeat.clone()] } else { Vec::new() },
        ..View::default()
    }
}
