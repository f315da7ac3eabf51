//! What there is to say, before anybody has worded it: plain owned facts that the service fills in from the store and
//! the ladder just before an attempt. Holds no wording beyond finished sentences that the core has decided on, and no
//! knowledge of channels.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::{lines::mention_ids, words::Locale};
use crate::core::{
    ids::{AccountName, MessageId, RuleName},
    people::Nobody,
    period::Seconds,
    referral::{Category, Closing, Referral},
    story,
};

/// Everything that can be sent.
#[derive(Clone, Debug)]
pub enum Content {
    /// About one referral.
    Referral(Box<Message>),
    /// About several.
    Digest(Box<Digest>),
    /// About all of them, at a set time.
    Forecast(Box<Forecast>),
    /// About leadtime itself.
    Notice(Box<Notice>),
}

/// Every kind of message; a template is named after one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Event {
    /// The first that a destination hears of a referral.
    New,
    /// What the referral says has changed.
    Updated,
    /// Nobody has answered yet.
    Reminder,
    /// Nobody has answered yet, and now the managers hear it.
    Escalation,
    /// Past its deadline and still open.
    Overdue,
    /// Accepted, declined, won or lost.
    Answered,
    /// Partner Center says Expired.
    Expired,
    /// Partner Center does not have it any more.
    Gone,
    /// Seen open again after it was closed.
    Reopened,
    /// Several in one.
    Digest,
    /// Something is wrong with leadtime or one of its ways.
    Trouble,
    /// It is right again.
    Recovered,
    /// All is well, after a long silence.
    Keepalive,
    /// A test that somebody asked for.
    Test,
}

impl Event {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 14] = [
        Self::New,
        Self::Updated,
        Self::Reminder,
        Self::Escalation,
        Self::Overdue,
        Self::Answered,
        Self::Expired,
        Self::Gone,
        Self::Reopened,
        Self::Digest,
        Self::Trouble,
        Self::Recovered,
        Self::Keepalive,
        Self::Test,
    ];

    /// The name of its templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Updated => "updated",
            Self::Reminder => "reminder",
            Self::Escalation => "escalation",
            Self::Overdue => "overdue",
            Self::Answered => "answered",
            Self::Expired => "expired",
            Self::Gone => "gone",
            Self::Reopened => "reopened",
            Self::Digest => "digest",
            Self::Trouble => "trouble",
            Self::Recovered => "recovered",
            Self::Keepalive => "keepalive",
            Self::Test => "test",
        }
    }

    /// The event of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }

    /// Whether the referral still waits for an answer when this is sent.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::Updated | Self::Reminder | Self::Escalation | Self::Overdue | Self::Reopened)
    }
}

/// The kinds of channel, as far as wording depends on them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ChannelKind {
    /// A Slack incoming webhook.
    Slack,
    /// A Teams workflow.
    Teams,
    /// E-mail.
    Email,
    /// A generic webhook.
    Webhook,
    /// Standard output.
    Stdout,
}

impl ChannelKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Slack, Self::Teams, Self::Email, Self::Webhook, Self::Stdout];

    /// The `type` of such a destination, and the folder of its templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Email => "email",
            Self::Webhook => "webhook",
            Self::Stdout => "stdout",
        }
    }
}

/// For whom a thread of mails is: each audience of a referral has its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Audience {
    /// Those who are to answer.
    Sellers,
    /// Those to whom it is escalated.
    Escalations,
}

/// About one referral, for one destination.
#[derive(Clone, Debug)]
pub struct Message {
    /// Derived from the message's key.
    pub message_id: MessageId,
    /// One of those about a referral: never `Digest`, `Trouble`, `Recovered`, `Keepalive`, `Test`.
    pub event: Event,
    /// Whose thread it belongs to.
    pub audience: Audience,
    /// The referral as last read.
    pub referral: Referral,
    /// Whose it is.
    pub account: AccountName,
    /// Its official category.
    pub category: Category,
    /// The deal's value in the money of the settings, where it can be told.
    pub value: Option<Worth>,
    /// The rule that speaks.
    pub rule: RuleName,
    /// The step that speaks, as it is written in the settings.
    pub step: String,
    /// Why its reader gets it: a finished sentence.
    pub reason: String,
    /// Whether it is the first that this destination hears of the referral.
    pub first: bool,
    /// What was sent before, oldest first.
    pub told: Vec<Told>,
    /// What follows if nobody answers, soonest first.
    pub next: Vec<Next>,
    /// When it expires.
    pub deadline: Timestamp,
    /// Whether the deadline is our estimate.
    pub estimated: bool,
    /// The last day on which people can answer.
    pub answer_by: civil::Date,
    /// Working days left, today and `answer_by` included.
    pub working_days_left: u32,
    /// The zone of the destination's hours, in which times are shown.
    pub zone: TimeZone,
    /// When it is rendered.
    pub now: Timestamp,
    /// How it ended, where it did.
    pub closing: Option<Ending>,
    /// What has changed since this destination was last told.
    pub changes: Vec<Changed>,
    /// Who has said that they will answer it.
    pub claimed: Option<Claimed>,
    /// The page in Partner Center.
    pub link: String,
    /// The signed link to claim it, where there is one.
    pub claim_link: Option<String>,
    /// Who should answer.
    pub owners: Vec<Owner>,
    /// Why this reader is asked, beside the step that speaks.
    pub because: Because,
    /// Owners whose address refuses mail: they may not know of it.
    pub refusing: Vec<Refusing>,
    /// Who is to be mentioned.
    pub mentions: Vec<Mention>,
    /// When Partner Center was last read whole, where that is too long ago.
    pub as_of: Option<Timestamp>,
    /// Since when the referral could not be read.
    pub unseen_since: Option<Timestamp>,
    /// Why it goes out although the destination is closed, where it does: a finished sentence.
    pub at_once: Option<String>,
    /// Whether an earlier attempt may have got through.
    pub possible_repeat: bool,
    /// Whether the destination asks for the customer's contacts.
    pub include_contacts: bool,
    /// Whether the destination asks for the notes.
    pub include_notes: bool,
    /// In which language.
    pub locale: Locale,
    /// The Subject under which this thread began, where one is remembered; else it is made from the present facts.
    pub subject: Option<String>,
}

/// A sum of money.
#[derive(Clone, PartialEq, Debug)]
pub struct Worth {
    /// How much.
    pub amount: f64,
    /// Its ISO 4217 code.
    pub currency: String,
}

/// What was sent before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// When it was first attempted.
    pub at: Timestamp,
    /// Where to.
    pub destination: String,
    /// What it was: an event, or a step as written in the settings.
    pub what: String,
    /// What became of it.
    pub became: Became,
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Became {
    /// The channel has taken it.
    Accepted,
    /// The channel has refused it for good.
    Refused,
    /// It is still being tried.
    Failing,
    /// It has not been tried yet.
    Waiting,
    /// It may have got through.
    Unknown,
}

/// What follows if nobody answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Next {
    /// When, after hours have moved it.
    pub at: Timestamp,
    /// Where to.
    pub destinations: Vec<String>,
    /// Whether it is an escalation.
    pub escalation: bool,
}

/// How a referral ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ending {
    /// The outcome.
    pub closing: Closing,
    /// How long after its creation.
    pub after: Seconds,
    /// Who answered, as far as that is known.
    pub by: Option<String>,
}

/// A field that has changed. The texts are as read; `None` where there is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changed {
    /// Which.
    pub field: Field,
    /// What was told before.
    pub old: Option<String>,
    /// What it is now.
    pub new: Option<String>,
}

/// The fields whose change is news.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// The customer's name.
    Customer,
    /// The deal's value.
    Value,
    /// The currency of the deal's value.
    Currency,
    /// When the deal should close.
    Closing,
    /// The sender's notes.
    Notes,
    /// When it expires.
    Deadline,
}

/// Somebody who should answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owner {
    /// The name, else the address.
    pub name: String,
    /// For whom they stand in.
    pub cover: Option<Cover>,
}

/// Somebody who is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cover {
    /// The name.
    pub name: String,
    /// Their last day away; `None`: for good.
    pub last: Option<civil::Date>,
}

/// Why somebody gets a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Because {
    /// The settings name the destination.
    Named,
    /// They own it, or stand in for an owner.
    Owner(Option<Cover>),
    /// They are the manager of an owner, or stand in for one.
    Manager(Option<Cover>),
    /// It was for somebody else, whom it would not have reached.
    InPlaceOf(Nobody),
}

/// Somebody whose address refuses mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusing {
    /// The name, else the address.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

/// Somebody has said that they will answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claimed {
    /// Who, as said.
    pub by: String,
    /// Since when.
    pub since: Timestamp,
    /// Until when reminders rest.
    pub until: Timestamp,
}

/// Somebody to be mentioned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mention {
    /// The name.
    pub name: String,
    /// The Slack member id.
    pub slack: Option<String>,
    /// The user principal name or Entra id for Teams.
    pub teams: Option<String>,
}

/// Several referrals in one message.
#[derive(Clone, Debug)]
pub struct Digest {
    /// Its own id.
    pub message_id: MessageId,
    /// What it gathers.
    pub kind: DigestKind,
    /// The referrals, the most urgent first. One that was answered since carries its `closing`.
    pub items: Vec<Message>,
    /// Why its reader gets it: a finished sentence.
    pub reason: String,
    /// Who is to be mentioned.
    pub mentions: Vec<Mention>,
    /// In which zone times are shown.
    pub zone: TimeZone,
    /// When it is rendered.
    pub now: Timestamp,
    /// When Partner Center was last read whole, where that is too long ago.
    pub as_of: Option<Timestamp>,
    /// Whether an earlier attempt may have got through.
    pub possible_repeat: bool,
    /// In which language.
    pub locale: Locale,
}

/// What a digest gathers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DigestKind {
    /// Escalations.
    Escalations,
    /// Reminders.
    Reminders,
    /// News of all kinds.
    News,
}

/// The page that a digest at a set time is.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// Its own id.
    pub message_id: MessageId,
    /// The digest's name in the settings.
    pub digest: String,
    /// What there is to tell.
    pub told: story::Forecast,
    /// Why its reader gets it: a finished sentence.
    pub reason: String,
    /// In which zone times are shown.
    pub zone: TimeZone,
    /// When it is rendered.
    pub now: Timestamp,
    /// When Partner Center was last read whole, where that is too long ago.
    pub as_of: Option<Timestamp>,
    /// Whether an earlier attempt may have got through.
    pub possible_repeat: bool,
    /// In which language.
    pub locale: Locale,
}

/// About leadtime itself.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its id.
    pub message_id: MessageId,
    /// `Trouble`, `Recovered`, `Keepalive` or `Test`.
    pub event: Event,
    /// What it is, in a few words, without a full stop: `contoso cannot be read`.
    pub title: String,
    /// What happened: a sentence or two each.
    pub text: Vec<String>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// What the reader should do, where there is something.
    pub todo: Option<String>,
    /// Why its reader gets it: a finished sentence.
    pub reason: String,
    /// Whether an earlier attempt may have got through.
    pub possible_repeat: bool,
    /// In which zone times are shown.
    pub zone: TimeZone,
    /// When it is rendered.
    pub now: Timestamp,
    /// In which language.
    pub locale: Locale,
}

impl Content {
    /// Which template it wants.
    pub fn event(&self) -> Event {
        match self {
            Self::Referral(message) => message.event,
            Self::Digest(_) | Self::Forecast(_) => Event::Digest,
            Self::Notice(notice) => notice.event,
        }
    }

    /// The ids by which it mentions people in that channel.
    pub fn mention_ids(&self, channel: ChannelKind) -> Vec<String> {
        match self {
            Self::Referral(message) => mention_ids(&message.mentions, channel),
            Self::Digest(digest) => mention_ids(&digest.mentions, channel),
            Self::Forecast(_) | Self::Notice(_) => Vec::new(),
        }
    }

    /// Its id.
    pub fn message_id(&self) -> MessageId {
        match self {
            Self::Referral(message) => message.message_id,
            Self::Digest(digest) => digest.message_id,
            Self::Forecast(forecast) => forecast.message_id,
            Self::Notice(notice) => notice.message_id,
        }
    }
}
