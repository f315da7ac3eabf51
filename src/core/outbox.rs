//! What goes out next at one destination: one message, a digest, a probe, or nothing until an instant; and what becomes
//! of a message after the channel's reply. Pure: the queue is a value, the reply comes from outside.
//!
//! A mail destination has one queue for each recipient; every other destination has one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    ids::{CaseNumber, DestinationName, DigestName, MessageId},
    key::Key,
    ladder::Event,
    notice::{Notice, NoticeKind},
    period::Seconds,
    reply::Reply,
};

/// A digest holds so many messages, at most; what is beyond goes into the next one.
pub const DIGEST_MAX: usize = 1_000;
/// The longest pause of our own between two attempts, and between two probes of a broken destination.
pub const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(15);
/// A pause that a destination asks for is obeyed up to this.
const ASKED_MAX: SignedDuration = SignedDuration::from_hours(24);
/// An escalation that was not accepted for so long goes to the fallback too.
const ESCALATION_FALLS_BACK: SignedDuration = SignedDuration::from_hours(1);
/// So does any other message after so long.
const FALLS_BACK: SignedDuration = SignedDuration::from_hours(24);
/// What is no escalation is given up after so long.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(7 * 24);
/// In so many attempts of a message the process may die before it goes as plain text, and waits longer after each death.
const CRASHES_MAX: u32 = 3;
/// How long it waits at first.
const DEATH_PAUSE_SECS: i64 = 10;

/// A row's number in its destination's outbox, in the order of arrival.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RowNumber(pub u64);

/// How urgent a message is: what digests count apart, and escalations first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Class {
    Escalation,
    Reminder,
    Rest,
}

/// How rich a message is: each holds less than the one before of what a channel could refuse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Form {
    /// As the templates have it.
    #[default]
    Full,
    /// The same with people named in its text and nobody mentioned: a mention of somebody whom the channel does not know
    /// may be what it refuses.
    WithoutMentions,
    /// Plain text without anything that a channel could refuse.
    Plain,
}

/// One message in the outbox.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Its number.
    pub number: RowNumber,
    /// The message's id, the same in every attempt.
    pub id: MessageId,
    /// Where it goes.
    pub destination: DestinationName,
    /// The one address of a mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Arc<str>>,
    /// All addresses of a mail whose recipients follow from its referral; else none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub among: Vec<Arc<str>>,
    /// What it is about.
    pub about: About,
    /// How urgent it is.
    pub class: Class,
    /// The referral's deadline when it was queued; for a notice the instant it was queued.
    pub deadline: Timestamp,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// Not to be tried before.
    pub not_before: Timestamp,
    /// Attempts that were begun.
    #[serde(default)]
    pub attempts: u32,
    /// Attempts in which the process died.
    #[serde(default)]
    pub crashes: u32,
    /// When the present attempt began; set before the network is touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempting: Option<Timestamp>,
    /// Whether an earlier attempt ended without our knowing how.
    #[serde(default)]
    pub maybe: bool,
    /// Whether it goes as plain text, as its full form was refused.
    #[serde(default)]
    pub plain: bool,
    /// Whether it mentions nobody, as it was refused with mentions.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unmentioned: bool,
    /// Whether the fallback has it too.
    #[serde(default)]
    pub fell_back: bool,
    /// The digest whose attempt has an unknown outcome: its members stay together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<MessageId>,
    /// What went wrong last, for `leadtime outbox` and `status`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When and why it was given up, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<GivenUp>,
}

/// That a message was given up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct GivenUp {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

/// What a message is about.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A referral.
    Referral {
        /// Its case.
        case: CaseNumber,
        /// What for.
        key: Key,
        /// How it was to be rendered when it was queued.
        event: Event,
        /// Where the message stands on the ladder, where it does.
        place: Option<(Timestamp, Timestamp)>,
    },
    /// leadtime itself.
    Notice(Notice),
    /// Everything, at a set time.
    Scheduled(Scheduled),
}

/// A digest at a set time. What it says is found out when it is sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Scheduled {
    /// Which.
    pub digest: DigestName,
    /// The instant for which it was set.
    pub due: Timestamp,
    /// From when on it is of no use to anybody.
    pub until: Timestamp,
    /// The destination that was to get it, where it came here as a fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_place_of: Option<DestinationName>,
}

/// What a destination's settings say about its queue.
#[derive(Clone, PartialEq, Debug)]
pub struct Terms {
    /// More ready messages of a class than this become one; none: never.
    pub digest_above: DigestAbove,
    /// The time between two messages; zero: no limit.
    pub apart: SignedDuration,
    /// Where messages go that cannot be delivered here.
    pub fallback: Option<DestinationName>,
}

impl Terms {
    /// No digests, no pace, no fallback.
    pub fn none() -> Self {
        let never = DigestAbove { escalations: None, reminders: None, rest: None };
        Self { digest_above: never, apart: SignedDuration::ZERO, fallback: None }
    }
}

/// When messages become a digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct DigestAbove {
    pub escalations: Option<u32>,
    pub reminders: Option<u32>,
    pub rest: Option<u32>,
}

/// How a destination is doing.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As far as we know, well.
    #[default]
    Well,
    /// The last attempt failed in passing: only the most urgent message is tried, and not before `until`.
    Failing {
        /// Since when.
        since: Timestamp,
        /// Failures in a row.
        failures: u32,
        /// The next attempt.
        until: Timestamp,
        /// What went wrong.
        why: String,
    },
    /// It refuses everything until somebody mends it; probed now and then.
    Broken {
        /// Since when.
        since: Timestamp,
        /// The next probe.
        until: Timestamp,
        /// What went wrong.
        why: String,
    },
}

/// The messages that wait at one destination (for mail: for one recipient), in the order in which they go.
#[derive(Clone, Debug)]
pub struct Queue {
    rows: BTreeMap<RowNumber, Row>,
    order: BTreeSet<(bool, Timestamp, RowNumber)>,
    by_case: BTreeSet<(CaseNumber, RowNumber)>,
    /// How the destination is doing.
    pub health: Health,
    /// What the settings say.
    pub terms: Terms,
    /// When the next message may go, by the destination's rate.
    pub paced_until: Timestamp,
}

/// What goes out next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// This message.
    Send(RowNumber),
    /// These as one message.
    Digest {
        /// Its members, most urgent first.
        members: Vec<RowNumber>,
        /// Its id, where an earlier attempt has fixed it.
        fixed: Option<MessageId>,
    },
    /// Nothing before this instant; none: nothing until something is queued.
    Rest(Option<Timestamp>),
}

/// What `next` says about a queue.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Next {
    /// What goes out.
    pub act: Act,
    /// What goes to the fallback, and whether it leaves this queue with that.
    pub fall_back: Vec<(RowNumber, Leaves)>,
    /// What is given up.
    pub dead: Vec<RowNumber>,
}

/// Whether a message that goes to the fallback is still tried where it was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Leaves {
    /// It goes to the fallback in place of this destination.
    Yes,
    /// It goes there too: this destination may still come back.
    No,
}

/// What becomes of a message after a reply.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Settled {
    /// It was accepted.
    Accepted,
    /// It is tried again.
    Again {
        /// Not before.
        not_before: Timestamp,
        /// In which form.
        form: Form,
    },
    /// It goes to the fallback in place of this destination.
    FallsBack,
    /// It is given up.
    Dead,
}

impl Row {
    /// A message that has just been queued. `to`: its destination, and for mail the one address.
    pub fn queued(
        number: RowNumber,
        id: MessageId,
        to: (DestinationName, Option<Arc<str>>),
        about: About,
        class: Class,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Self {
        let (destination, recipient) = to;
        Self {
            number,
            id,
            destination,
            recipient,
            among: Vec::new(),
            about,
            class,
            deadline,
            queued_at: now,
            not_before: now,
            attempts: 0,
            crashes: 0,
            attempting: None,
            maybe: false,
            plain: false,
            unmentioned: false,
            fell_back: false,
            digest: None,
            last_error: None,
            given_up: None,
        }
    }

    /// A message that is to be tried as if it were new, under another number: a person wants it sent after all. That its
    /// reader may have it already stays known.
    pub fn afresh(self, number: RowNumber, now: Timestamp) -> Self {
        Self {
            number,
            queued_at: now,
            not_before: now,
            attempts: 0,
            crashes: 0,
            attempting: None,
            plain: false,
            unmentioned: false,
            digest: None,
            last_error: None,
            given_up: None,
            ..self
        }
    }

    /// How rich it is to be.
    pub fn form(&self) -> Form {
        match (self.plain, self.unmentioned) {
            (true, _) => Form::Plain,
            (false, true) => Form::WithoutMentions,
            (false, false) => Form::Full,
        }
    }

    /// The same message in another form.
    pub fn in_form(self, form: Form) -> Self {
        let unmentioned = self.unmentioned || form == Form::WithoutMentions;
        Self { plain: form == Form::Plain, unmentioned, ..self }
    }

    /// The key of a message about a referral.
    pub fn key(&self) -> Option<&Key> {
        match &self.about {
            About::Referral { key, .. } => Some(key),
            About::Notice(_) | About::Scheduled(_) => None,
        }
    }

    /// Whether it only tries the destination: it waits for nobody and matters nowhere else.
    pub fn is_test(&self) -> bool {
        matches!(&self.about, About::Notice(notice) if notice.kind() == NoticeKind::Test)
    }

    /// The digest at a set time that it is, where it is one.
    pub fn scheduled(&self) -> Option<&Scheduled> {
        match &self.about {
            About::Scheduled(scheduled) => Some(scheduled),
            About::Referral { .. } | About::Notice(_) => None,
        }
    }

    /// The case of a message about a referral.
    pub fn case(&self) -> Option<CaseNumber> {
        match &self.about {
            About::Referral { case, .. } => Some(*case),
            About::Notice(_) | About::Scheduled(_) => None,
        }
    }
}

impl Queue {
    /// An empty queue.
    pub fn new(terms: Terms, health: Health) -> Self {
        Self {
            rows: BTreeMap::new(),
            order: BTreeSet::new(),
            by_case: BTreeSet::new(),
            health,
            terms,
            paced_until: Timestamp::MIN,
        }
    }

    /// Adds a row, or replaces the one of its number.
    pub fn put(&mut self, row: Row) {
        self.take(row.number);
        self.order.insert(rank(&row));
        if let Some(case) = row.case() {
            self.by_case.insert((case, row.number));
        }
        self.rows.insert(row.number, row);
    }

    /// Takes a row out.
    pub fn take(&mut self, number: RowNumber) -> Option<Row> {
        let row = self.rows.remove(&number)?;
        self.order.remove(&rank(&row));
        if let Some(case) = row.case() {
            self.by_case.remove(&(case, number));
        }
        Some(row)
    }

    /// A row by its number.
    pub fn row(&self, number: RowNumber) -> Option<&Row> {
        self.rows.get(&number)
    }

    /// All rows, in the order of arrival.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values()
    }

    /// The rows about one referral, in the order of arrival.
    pub fn of_case(&self, case: CaseNumber) -> impl Iterator<Item = &Row> {
        let numbers = self.by_case.range((case, RowNumber(0))..=(case, RowNumber(u64::MAX)));
        numbers.filter_map(|(_, number)| self.rows.get(number))
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Notes that a message goes out now, for the rate.
    pub fn paced(&mut self, now: Timestamp) {
        // A burst of one second: a queue that has rested may run ahead of its pace by that much.
        let earliest =
            now.saturating_sub(SignedDuration::from_secs(1).saturating_sub(self.terms.apart).max(SignedDuration::ZERO));
        let base = self.paced_until.min(now).max(earliest.unwrap_or(now));
        self.paced_until = base.saturating_add(self.terms.apart).unwrap_or(base);
    }

    /// What is wrong may have been mended: what waits for a later attempt is tried at `now`.
    pub fn try_at(&mut self, now: Timestamp) {
        let (Health::Failing { until, .. } | Health::Broken { until, .. }) = &mut self.health else { return };
        *until = now;
        for row in self.rows.values_mut().filter(|row| row.last_error.is_some()) {
            row.not_before = row.not_before.min(now);
        }
    }

    /// A person wants this message tried at `now`: neither its own wait nor that of the queue holds it up.
    pub fn try_one(&mut self, number: RowNumber, now: Timestamp) {
        if let Health::Failing { until, .. } | Health::Broken { until, .. } = &mut self.health {
            *until = now;
        }
        if let Some(row) = self.rows.get_mut(&number) {
            row.not_before = row.not_before.min(now);
        }
    }

    /// Whether the row is the first of its referral here, and none of it is under way.
    fn leads(&self, row: &Row) -> bool {
        let Some(case) = row.case() else { return true };
        let mut rows = self.by_case.range((case, RowNumber(0))..=(case, RowNumber(u64::MAX)));
        rows.next().is_some_and(|(_, first)| *first == row.number)
    }

    /// How urgent the first message is that may be tried now, the least the most urgent; none where none may.
    pub fn urgency(&self, now: Timestamp) -> Option<impl Ord + use<>> {
        self.ready(now).next().map(rank)
    }

    fn in_order(&self) -> impl Iterator<Item = &Row> {
        self.order.iter().filter_map(|(_, _, number)| self.rows.get(number))
    }

    /// What may be tried now, most urgent first.
    fn ready(&self, now: Timestamp) -> impl Iterator<Item = &Row> {
        self.in_order().filter(move |row| row.attempting.is_none() && row.not_before <= now && self.leads(row))
    }
}

fn rank(row: &Row) -> (bool, Timestamp, RowNumber) {
    (row.class != Class::Escalation, row.deadline, row.number)
}

/// What goes out next at one destination, what goes to its fallback, and what is given up.
pub fn next(queue: &Queue, now: Timestamp) -> Next {
    let (dead, fall_back) = overaged(queue, now);
    let leaving: BTreeSet<RowNumber> = dead
        .iter()
        .copied()
        .chain(fall_back.iter().filter(|(_, leaves)| *leaves == Leaves::Yes).map(|(row, _)| *row))
        .collect();
    let act = act(queue, &leaving, now);
    Next { act, fall_back, dead }
}

fn act(queue: &Queue, leaving: &BTreeSet<RowNumber>, now: Timestamp) -> Act {
    if let Health::Failing { until, .. } | Health::Broken { until, .. } = &queue.health {
        // While it fails only its most urgent message is tried, one at a time.
        let under_way = queue.rows.values().any(|row| row.attempting.is_some());
        if under_way {
            return Act::Rest(None);
        }
        if waits(now, *until, ASKED_MAX) {
            // Looked at meanwhile all the same: what waits too long goes to the fallback, or is given up.
            let look = now.saturating_add(PAUSE_MAX).unwrap_or(now).min(*until);
            return Act::Rest((!queue.is_empty()).then_some(look));
        }
    }
    let mut ready = queue.ready(now).filter(|row| !leaving.contains(&row.number));
    let Some(first) = ready.next() else {
        return Act::Rest(earliest(queue, now));
    };
    if waits(now, queue.paced_until, queue.terms.apart) {
        return Act::Rest(Some(queue.paced_until));
    }
    if let Some(id) = first.digest {
        let members = queue.in_order().filter(|row| row.digest == Some(id)).map(|row| row.number).collect();
        return Act::Digest { members, fixed: Some(id) };
    }
    let above = match first.class {
        Class::Escalation => queue.terms.digest_above.escalations,
        Class::Reminder => queue.terms.digest_above.reminders,
        Class::Rest => queue.terms.digest_above.rest,
    };
    // What may have arrived by itself goes again by itself: in a digest it would be told twice, under two ids.
    let may_join = |row: &Row| !row.maybe && matches!(row.about, About::Referral { .. });
    if let Some(above) = above.filter(|_| may_join(first)) {
        let alike = |row: &&Row| row.class == first.class && row.digest.is_none() && !row.plain && may_join(row);
        let members: Vec<RowNumber> =
            std::iter::once(first).chain(ready).filter(alike).take(DIGEST_MAX).map(|row| row.number).collect();
        if members.len() > above as usize && members.len() > 1 {
            return Act::Digest { members, fixed: None };
        }
    }
    Act::Send(first.number)
}

/// Whether it is too early. What no pause reaches was reckoned by a clock that was set back since: that stretches none.
fn waits(now: Timestamp, until: Timestamp, longest: SignedDuration) -> bool {
    now < until && until.duration_since(now) <= longest
}

/// When something that waits may be tried.
fn earliest(queue: &Queue, now: Timestamp) -> Option<Timestamp> {
    let waiting = queue.rows.values().filter(|row| row.attempting.is_none() && queue.leads(row));
    waiting.map(|row| row.not_before).filter(|at| *at > now).min()
}

/// What has waited too long: for the fallback, or for good.
fn overaged(queue: &Queue, now: Timestamp) -> (Vec<RowNumber>, Vec<(RowNumber, Leaves)>) {
    let (mut dead, mut fall_back) = (Vec::new(), Vec::new());
    // A queue that is well has nothing old; looking through it at each turn would cost more than sending.
    if queue.health == Health::Well {
        return (dead, fall_back);
    }
    let broken = matches!(&queue.health, Health::Broken { until, .. } if now < *until);
    for row in queue.rows.values().filter(|row| row.attempting.is_none()) {
        let age = now.duration_since(row.queued_at);
        let escalation = row.class == Class::Escalation;
        let limit = if escalation { ESCALATION_FALLS_BACK } else { FALLS_BACK };
        if if escalation { now >= row.deadline } else { age >= GIVEN_UP } {
            dead.push(row.number);
        } else if queue.terms.fallback.is_some() && !row.fell_back {
            if broken && row.digest.is_none() {
                fall_back.push((row.number, Leaves::Yes));
            } else if age >= limit {
                fall_back.push((row.number, Leaves::No));
            }
        }
    }
    (dead, fall_back)
}

/// What becomes of a message, and of its destination's health, after the channel's reply. `mentions`: whether the attempt
/// mentioned somebody.
pub fn settle(
    row: &Row,
    health: &Health,
    fallback: bool,
    mentions: bool,
    reply: &Reply,
    now: Timestamp,
) -> (Settled, Health) {
    match reply {
        Reply::Accepted { .. } => (Settled::Accepted, Health::Well),
        Reply::TryLater { after, why } => again(row, health, *after, why, now),
        Reply::NoAnswer { why } => again(row, health, None, why, now),
        Reply::MessageRefused { .. } => {
            let settled = match (row.form(), fallback) {
                (Form::Full, _) if mentions => Settled::Again { not_before: now, form: Form::WithoutMentions },
                (Form::Full | Form::WithoutMentions, _) => Settled::Again { not_before: now, form: Form::Plain },
                (Form::Plain, true) => Settled::FallsBack,
                (Form::Plain, false) => Settled::Dead,
            };
            // That it refuses one message says that it answers.
            (settled, Health::Well)
        }
        Reply::DestinationRefused { why } => {
            let since = match health {
                Health::Broken { since, .. } => *since,
                _ => now,
            };
            let until = now.saturating_add(PAUSE_MAX).unwrap_or(now);
            let health = Health::Broken { since, until, why: why.clone() };
            let settled =
                if fallback { Settled::FallsBack } else { Settled::Again { not_before: until, form: row.form() } };
            (settled, health)
        }
    }
}

fn again(row: &Row, health: &Health, after: Option<Seconds>, why: &str, now: Timestamp) -> (Settled, Health) {
    let (since, failures) = match health {
        Health::Failing { since, failures, .. } => (*since, failures.saturating_add(1)),
        _ => (now, 1),
    };
    let pause = pause(row, failures);
    let asked = after.map_or(SignedDuration::ZERO, |Seconds(seconds)| SignedDuration::from_secs(seconds.max(0)));
    // The destination keeps the pause that it asked for; its messages may be wanted elsewhere before.
    let until = now.saturating_add(pause.max(asked).min(ASKED_MAX)).unwrap_or(now);
    let not_before = now.saturating_add(pause.max(asked).min(PAUSE_MAX)).unwrap_or(now);
    let health = Health::Failing { since, failures, until, why: why.to_owned() };
    (Settled::Again { not_before, form: row.form() }, health)
}

/// Exponential back-off from 1 s to 15 min. Half of it is jitter, taken from the message's id so that it needs no dice.
fn pause(row: &Row, failures: u32) -> SignedDuration {
    let full = 1_000_i64.checked_shl(failures.saturating_sub(1).min(20)).unwrap_or(i64::MAX).min(900_000);
    let share = i64::from(row.id.uuid().as_bytes()[15]);
    SignedDuration::from_millis(full / 2 + full / 2 * share / 255)
}

/// What a start makes of a row: an attempt without a result is tried again as a possible repeat, as plain text after
/// three deaths; `None` where it is to be given up.
///
/// Who kills the process, or a machine without memory, hits whatever is under way, again and again: deaths prove nothing
/// against a message. So none is given up for their number. One that has had more than three waits before each attempt,
/// twice as long each time, so that the rest goes out should it be to blame; it is given up when it is as old as any other.
pub fn after_a_crash(mut row: Row, now: Timestamp) -> Option<Row> {
    if row.attempting.take().is_some() {
        row.maybe = true;
        row.crashes += 1;
        row.plain |= row.crashes >= CRASHES_MAX;
        if row.crashes > CRASHES_MAX {
            let pause = DEATH_PAUSE_SECS.checked_shl((row.crashes - CRASHES_MAX - 1).min(20)).unwrap_or(i64::MAX);
            row.not_before = now.saturating_add(SignedDuration::from_secs(pause).min(PAUSE_MAX)).unwrap_or(now);
            row.last_error = Some(format!("the process died in {} attempts", row.crashes));
        }
    }
    (row.crashes <= CRASHES_MAX || now.duration_since(row.queued_at) < GIVEN_UP).then_some(row)
}
