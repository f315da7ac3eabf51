//! What an operator does by hand, as the API and the commands do it alike: find what is meant, do it, and say what came of
//! it in words. Must never choose between two things that a person may have meant.

use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    find::{none_begins_with, several_begin_with},
    status::moment,
};
use crate::{
    core::{
        case::{Case, Fate, Life},
        ids::{AccountName, DestinationName, MessageId, ReferralId},
        ladder::{Call, WhyNot},
        outbox::About,
    },
    messages::{clean, sentences::closed_so},
    service::facts::{CANDIDATES_MAX, Came, Found, Muting, Place, State, Unmuting, Waiting, is_id, until_of},
    settings::Settings,
    store::StoreFault,
};

/// So many messages are dealt with in one turn of the writer.
const AT_ONCE: usize = 100;
/// So many of them are told one by one.
pub const TOLD_MAX: usize = 500;

/// Why nothing was done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// What is wrong and what to do.
    pub error: String,
    /// What may be meant, where that is several things.
    #[serde(default)]
    pub candidates: Vec<String>,
    /// Whether the question itself is wrong, as against what it is about.
    #[serde(default)]
    pub usage: bool,
}

/// Why something was not done by hand.
#[derive(Debug)]
pub enum NotDone {
    /// It was refused.
    Refused(Refusal),
    /// The store's.
    Store(StoreFault),
}

impl From<StoreFault> for NotDone {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

impl From<Refusal> for NotDone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Refusal {
    pub(super) fn of(error: impl Into<String>) -> Self {
        Self { error: error.into(), candidates: Vec::new(), usage: false }
    }

    pub(super) fn usage(error: impl Into<String>) -> Self {
        Self { usage: true, ..Self::of(error) }
    }
}

/// Which messages: one by its id, or all that a destination has not taken.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    /// A message's id, or its first characters.
    #[serde(default)]
    pub id: Option<String>,
    /// All of this destination.
    #[serde(default)]
    pub destination: Option<DestinationName>,
}

/// What is to be done with them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// They are tried at once; given up ones too.
    Retry,
    /// They are taken out for good; with a destination only those that were given up.
    Drop,
}

/// Where it is done.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// In which people read times.
    pub zone: &'a TimeZone,
    /// Whether a service delivers.
    pub running: bool,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Handled {
    /// Whether everything was done that was asked for.
    pub done: bool,
    /// Whether a service delivers; else what is to go out does when one runs.
    pub running: bool,
    /// Each message; [`TOLD_MAX`] at most.
    pub messages: Vec<Message>,
    /// How many were dealt with one by one.
    pub total: usize,
    /// How many that waited for a later attempt are tried at once.
    pub tried: usize,
}

/// What came of one message.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// Where it goes.
    pub destination: DestinationName,
    /// The one address of a mail.
    pub recipient: Option<String>,
    /// What it is: `reminder`, `trouble`.
    pub event: String,
    /// The referral it is about.
    pub referral: Option<ReferralId>,
    /// That referral's customer.
    pub customer: Option<String>,
    /// `goes`, `waits`, `will_not`, `under_way`, `no_destination`, `no_referral` or `dropped`.
    pub outcome: String,
    /// That in words.
    pub text: String,
}

/// Where reading goes on among the given up.
type Cursor = Option<Vec<u8>>;

/// Finds the one message that `typed` means, and does it.
///
/// # Errors
/// None or several are meant; the store's.
pub fn one(state: &mut State, scene: Scene<'_>, act: Act, typed: &str, now: Timestamp) -> Result<Handled, NotDone> {
    if !is_id(typed.trim()) {
        return Err(Refusal::usage(format!(
            "{typed} is no message id; `leadtime outbox list` shows them, the first 8 characters are enough"
        ))
        .into());
    }
    let meant = state.messages(typed)?;
    let mut ids: Vec<MessageId> = meant.iter().map(Waiting::id).collect();
    ids.sort();
    ids.dedup();
    match ids.len() {
        0 => {
            let error = format!("no message in the outbox has an id that begins with {typed}; `leadtime outbox list`");
            return Err(Refusal::of(error).into());
        }
        1 => {}
        _ => {
            let mut candidates: Vec<String> = meant.iter().map(|waiting| candidate(state, waiting)).collect();
            candidates.dedup();
            candidates.truncate(CANDIDATES_MAX);
            let error = format!("{} messages have ids that begin with {typed}; type more of it", ids.len());
            return Err(Refusal { candidates, ..Refusal::of(error) }.into());
        }
    }
    // A mail of which one recipient is being tried just now stays whole.
    let under_way = meant.iter().find(|waiting| waiting.row.attempting.is_some()).filter(|_| act == Act::Drop);
    let meant = under_way.map_or_else(|| meant.clone(), |waiting| vec![waiting.clone()]);
    let mut handled = Handled { done: true, running: scene.running, total: meant.len(), ..Handled::default() };
    for waiting in &meant {
        handled.add(handle(state, scene, act, waiting, now)?);
    }
    // Whoever asks for one message wants to know that it will not come; among many, some are answered since.
    handled.done &= handled.messages.iter().all(|message| message.outcome != "will_not");
    Ok(handled)
}

/// Does it with some messages of a destination; called again with what it returns until that is none.
///
/// # Errors
/// The settings have no such destination, and nothing of it is left; the store's.
pub fn some(
    state: &mut State,
    scene: Scene<'_>,
    act: Act,
    destination: &DestinationName,
    from: Cursor,
    now: Timestamp,
) -> Result<(Handled, Cursor), NotDone> {
    let (dead, next) = state.dead_at(destination, from.as_deref(), AT_ONCE)?;
    if dead.is_empty() && from.is_none() && !state.orders().lanes.contains_key(destination) {
        let known: Vec<&str> = state.orders().lanes.keys().map(DestinationName::as_str).collect();
        let error = format!("there is no destination {destination}; take one of {}", known.join(", "));
        return Err(Refusal::usage(error).into());
    }
    let mut handled = Handled { done: true, running: scene.running, total: dead.len(), ..Handled::default() };
    if from.is_none() && act == Act::Retry {
        handled.tried = state.try_all(destination, now)?;
    }
    for waiting in &dead {
        handled.add(handle(state, scene, act, waiting, now)?);
    }
    Ok((handled, next))
}

impl Handled {
    fn add(&mut self, message: Message) {
        self.done &= matches!(message.outcome.as_str(), "goes" | "waits" | "dropped" | "will_not");
        if self.messages.len() < TOLD_MAX {
            self.messages.push(message);
        }
    }

    /// Adds what came of the next ones.
    pub fn append(&mut self, more: Self) {
        self.done &= more.done;
        self.total += more.total;
        self.tried += more.tried;
        let room = TOLD_MAX.saturating_sub(self.messages.len());
        self.messages.extend(more.messages.into_iter().take(room));
    }
}

fn handle(
    state: &mut State,
    scene: Scene<'_>,
    act: Act,
    waiting: &Waiting,
    now: Timestamp,
) -> Result<Message, StoreFault> {
    let case = waiting.row.case().and_then(|number| state.case(number).ok());
    let came = match act {
        Act::Retry => state.retry(waiting, now)?,
        Act::Drop => state.drop_by_hand(waiting, now)?,
    };
    let (outcome, text) = words(&came, waiting, scene);
    Ok(Message {
        id: waiting.row.id,
        destination: waiting.row.destination.clone(),
        recipient: waiting.row.recipient.as_ref().map(ToString::to_string),
        event: event(waiting).to_owned(),
        referral: case.as_ref().map(|case| case.id().clone()),
        customer: case.as_ref().and_then(|case| case.referral.customer().map(str::to_owned)),
        outcome: outcome.to_owned(),
        text,
    })
}

fn words(came: &Came, waiting: &Waiting, Scene { zone, running }: Scene<'_>) -> (&'static str, String) {
    match came {
        Came::Goes if running => ("goes", "is tried now".to_owned()),
        Came::Goes => ("goes", "is tried as soon as leadtime runs".to_owned()),
        Came::Waits { until } => ("waits", format!("goes out when hours open: {}", moment(*until, zone))),
        Came::WillNot { call, life } => ("will_not", format!("will not go out: {}", why_not(call, life, zone))),
        Came::UnderWay { since } => {
            ("under_way", format!("is under way since {}; see what comes of it", moment(*since, zone)))
        }
        Came::NoDestination => {
            let to = waiting.row.recipient.as_deref().unwrap_or(waiting.row.destination.as_str());
            ("no_destination", format!("stays: {to} is no longer in the settings; put it back, or drop the message"))
        }
        Came::NoReferral => ("no_referral", "will not go out: its referral is kept no longer".to_owned()),
        Came::Dropped => ("dropped", "dropped; it will not be sent".to_owned()),
    }
}

/// Why a message is not sent, as the end of a sentence.
fn why_not(call: &Call, life: &Life, zone: &TimeZone) -> String {
    match call {
        Call::Cancelled(WhyNot::Closed) => match ended(life, zone) {
            Some(ended) => format!("the referral {ended}"),
            None => "it is not asked for any more".to_owned(),
        },
        Call::Cancelled(WhyNot::OpenAgain) => "the referral is open again".to_owned(),
        Call::Cancelled(WhyNot::Muted) => "the referral is muted; `leadtime unmute` ends that".to_owned(),
        Call::Cancelled(WhyNot::Shelved) => "the referral is shelved; `leadtime status` says why".to_owned(),
        Call::Cancelled(WhyNot::NotAskedFor) => "no rule asks for it any more".to_owned(),
        Call::Cancelled(WhyNot::NoSuchDestination) => "the settings no longer have its destination".to_owned(),
        Call::Cancelled(WhyNot::PastDeadline) => "the referral is past its deadline".to_owned(),
        Call::Cancelled(WhyNot::NoDifference) => "the next change of the referral is told in its place".to_owned(),
        Call::Cancelled(WhyNot::SeenTo) => "a manager sees to it; nothing is repeated until the next step".to_owned(),
        Call::Cancelled(WhyNot::OthersAsked) => "others are asked about the referral now".to_owned(),
        Call::Superseded { .. } | Call::Folded { .. } | Call::Done(Fate::Superseded) => {
            "a later message has taken its place".to_owned()
        }
        Call::Done(Fate::Accepted) | Call::SentBefore => "it was sent already".to_owned(),
        Call::Done(Fate::FellBack(to)) => format!("it went to {to} in its place"),
        Call::Done(_) | Call::Due { .. } | Call::Wait { .. } => "it is not asked for now".to_owned(),
    }
}

/// How a referral ended, and when, as the end of a sentence; `None` where it is open.
fn ended(life: &Life, zone: &TimeZone) -> Option<String> {
    match life {
        Life::Closed { closing, at } => Some(format!("{} on {}", closed_so(*closing), moment(*at, zone))),
        Life::Gone { at } => Some(format!("is gone since {}", moment(*at, zone))),
        Life::Listed | Life::Unlisted(_) | Life::Unseen { .. } => None,
    }
}

fn event(waiting: &Waiting) -> &'static str {
    match &waiting.row.about {
        About::Referral { event, .. } => event.as_str(),
        About::Notice(notice) => notice.kind().as_str(),
        About::Scheduled(_) => "digest",
    }
}

fn candidate(state: &State, waiting: &Waiting) -> String {
    let about = match waiting.row.case().and_then(|number| state.case(number).ok()) {
        Some(case) => format!(" about {}", name(&case)),
        None => String::new(),
    };
    let dead = if waiting.place == Place::Dead { ", given up" } else { "" };
    format!("{}: {} to {}{about}{dead}", waiting.row.id, event(waiting), waiting.row.destination)
}

pub(super) fn name(case: &Case) -> String {
    // A stranger's texts, and who asks may show them on a terminal.
    let id = clean(case.id().as_str());
    match case.referral.customer().map(clean).filter(|customer| !customer.is_empty()) {
        Some(customer) => format!("{customer} ({id})"),
        None => id,
    }
}

/// The one referral that `typed` means.
///
/// # Errors
/// None or several are meant; the store's.
pub fn referral(state: &State, typed: &str, account: Option<&AccountName>) -> Result<Found, NotDone> {
    let mut found = state.find(typed, account)?;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (Some(last), false) => {
            found.push(last);
            let told = found.iter().take(CANDIDATES_MAX).map(|found| match state.case(found.number) {
                Ok(case) => format!("{} in {}", name(&case), found.account),
                Err(_) => format!("{} in {}", clean(found.id.as_str()), found.account),
            });
            Err(several_begin_with(found.len(), typed, told.collect()).into())
        }
        (None, _) => Err(none_begins_with(typed).into()),
    }
}

/// A referral that is to be muted, or no longer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wish {
    /// Its id, or the first characters of it.
    pub id: String,
    /// The account that lists it, where several list such a one.
    #[serde(default)]
    pub account: Option<AccountName>,
    /// Why; for a mute.
    #[serde(default)]
    pub reason: Option<String>,
    /// Until when: a period, a date, a local time or an instant; for a mute.
    #[serde(default)]
    pub until: Option<String>,
    /// Who wishes it, as they say; for a mute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// What came of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Heard {
    /// Whether it was done.
    pub done: bool,
    /// The referral's whole id.
    pub id: ReferralId,
    /// The account that lists it.
    pub account: AccountName,
    /// Its customer.
    pub customer: Option<String>,
    /// Until when it is muted, where it is and that ends by itself.
    pub until: Option<Timestamp>,
    /// What was done, or why not, in words.
    pub text: String,
}

/// Mutes a referral.
///
/// # Errors
/// What is wrong with the wish; the store's.
pub fn mute(state: &mut State, settings: &Settings, wish: &Wish, now: Timestamp) -> Result<Heard, NotDone> {
    let zone = &settings.time_zone;
    let reason = wish.reason.as_deref().unwrap_or_default().trim();
    if reason.is_empty() {
        return Err(Refusal::usage("say why: --reason \"the customer asked us to wait\"").into());
    }
    let until = wish.until.as_deref().map(|text| until_of(text, zone, now)).transpose().map_err(Refusal::usage)?;
    let found = referral(state, &wish.id, wish.account.as_ref())?;
    Ok(match state.mute(found.number, reason, until, wish.by.as_deref(), now)? {
        Muting::Over(case) => {
            let how = ended(&case.life, zone).unwrap_or_else(|| "is over".to_owned());
            heard(&case, false, None, format!("it {how}, so nothing is left to mute"))
        }
        Muting::Muted { case, cancelled } => {
            let end = match until {
                Some(until) => format!("until {}", moment(until, zone)),
                None => format!("until `leadtime unmute {}`", short(case.id())),
            };
            let waited = match cancelled {
                0 => String::new(),
                1 => "; 1 message that waited is cancelled".to_owned(),
                more => format!("; {more} messages that waited are cancelled"),
            };
            heard(&case, true, until, format!("muted {end}: only its expiry is told{waited}"))
        }
    })
}

/// Ends the mute of a referral.
///
/// # Errors
/// As [`mute`].
pub fn unmute(state: &mut State, wish: &Wish, now: Timestamp) -> Result<Heard, NotDone> {
    let found = referral(state, &wish.id, wish.account.as_ref())?;
    Ok(match state.unmute(found.number, now)? {
        Unmuting::WasNot(case) => heard(&case, false, None, "it is not muted".to_owned()),
        Unmuting::Unmuted { case, now } if now.is_empty() => {
            heard(&case, true, None, "no longer muted; nothing is due now".to_owned())
        }
        Unmuting::Unmuted { case, now } => {
            let out: Vec<String> = now.iter().map(|(to, event)| format!("{event} to {to}")).collect();
            heard(&case, true, None, format!("no longer muted; due now: {}", out.join(", ")))
        }
    })
}

fn heard(case: &Case, done: bool, until: Option<Timestamp>, text: String) -> Heard {
    let customer = case.referral.customer().map(str::to_owned);
    Heard { done, id: case.id().clone(), account: case.account.clone(), customer, until, text }
}

/// As much of an id as a person types.
pub fn short(id: &ReferralId) -> String {
    clean(id.as_str()).chars().take(8).collect()
}
