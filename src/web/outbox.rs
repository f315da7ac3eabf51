//! What `/api/v1/outbox` tells: messages that wait, are under way, failing or given up. Holds no text of a message.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    core::{
        ids::{AccountName, CaseNumber, DestinationName, MessageId, ReferralId},
        outbox::{About, Health, Row},
    },
    messages::words::{self, Locale},
    service::facts::{State, read_case},
    settings::Settings,
    store::{Store, StoreFault, layout, read_json},
};

/// So many of each are listed.
pub const LISTED_MAX: usize = 500;
/// Given up messages are looked at up to so many.
const DEAD_MAX: usize = 10_000;

/// All of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outbox {
    /// Messages that wait, are under way or failing, in the order in which they were queued.
    pub waiting: Vec<Entry>,
    /// How many there are.
    pub waiting_total: usize,
    /// Messages that were given up, the latest last.
    pub dead: Vec<Entry>,
    /// How many there are.
    #[serde(default)]
    pub dead_total: usize,
    /// As of when.
    #[serde(default)]
    pub now: Timestamp,
    /// Whether a service answered; else this was read from the store.
    #[serde(default)]
    pub running: bool,
    /// `time_zone` of the settings, in which people read times.
    #[serde(default)]
    pub time_zone: String,
}

/// Which messages are asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Asked {
    /// Of this destination.
    pub destination: Option<DestinationName>,
    /// About referrals of this account.
    pub account: Option<AccountName>,
    /// `waiting` or `dead`.
    pub state: Option<Side>,
}

/// On which side of the outbox.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// They wait, are under way or failing.
    Waiting,
    /// They were given up.
    Dead,
}

/// One message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Its number at its destination.
    pub number: u64,
    /// The message's id.
    pub id: MessageId,
    /// Where it goes.
    pub destination: DestinationName,
    /// The one address of a mail.
    pub recipient: Option<String>,
    /// What it is: `reminder`, `trouble`.
    pub event: String,
    /// `waiting`, `under_way`, `failing` or `dead`.
    pub state: String,
    /// What a message about leadtime itself says, in a few words.
    pub title: Option<String>,
    /// The referral it is about, where it is about one.
    pub referral: Option<ReferralId>,
    /// That referral's account.
    pub account: Option<AccountName>,
    /// That referral's customer.
    pub customer: Option<String>,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// Not to be tried before.
    pub not_before: Timestamp,
    /// Attempts begun.
    pub attempts: u32,
    /// Since when an attempt is under way.
    pub attempting: Option<Timestamp>,
    /// The next attempt, as far as a clock decides it.
    pub next_attempt: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// Why its destination takes nothing now, where that is so: it waits its turn until that is over.
    pub held_by: Option<String>,
    /// When it was given up.
    pub given_up_at: Option<Timestamp>,
    /// Why.
    pub given_up: Option<String>,
}

/// A queue that takes nothing now: when it is tried next, and what went wrong.
type Trying = (Timestamp, String);

/// What the writer has at hand.
pub struct Rows {
    waiting: Vec<(Row, Option<Trying>)>,
    dead: Vec<Row>,
    now: Timestamp,
}

/// The rows that are asked for, from the writer; those of other accounts are still among them.
///
/// # Errors
/// The store's.
pub fn rows(state: &State, asked: &Asked, now: Timestamp) -> Result<Rows, StoreFault> {
    let wanted = |name: &DestinationName| asked.destination.as_ref().is_none_or(|wanted| wanted == name);
    let mut waiting = Vec::new();
    if asked.state != Some(Side::Dead) {
        for (_, queue) in state.queues().filter(|(lane, _)| wanted(&lane.0)) {
            let trying = match &queue.health {
                Health::Well => None,
                Health::Failing { until, why, .. } | Health::Broken { until, why, .. } => Some((*until, why.clone())),
            };
            waiting.extend(queue.rows().map(|row| (row.clone(), trying.clone())));
        }
        waiting.sort_by_key(|(row, _)| row.number);
    }
    let mut dead: Vec<Row> = Vec::new();
    if asked.state != Some(Side::Waiting) {
        let under = asked.destination.as_ref().map_or_else(|| layout::DEAD.to_vec(), layout::dead_of);
        for (key, value) in state.store().scan(&under, None, DEAD_MAX)? {
            dead.push(read_json(&key, &value)?);
        }
        dead.sort_by_key(|row| (row.given_up.as_ref().map(|given_up| given_up.at), row.number));
    }
    Ok(Rows { waiting, dead, now })
}

/// The rows with what their referrals are called, read beside the writer.
pub fn finish(rows: Rows, asked: &Asked, store: &dyn Store, settings: &Settings, running: bool) -> Outbox {
    let mut known = BTreeMap::new();
    let mut outbox = Outbox {
        now: rows.now,
        running,
        time_zone: settings.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        ..Outbox::default()
    };
    for (row, trying) in rows.waiting {
        if let Some(named) = wanted(&row, asked, store, &mut known, outbox.waiting.len()) {
            outbox.waiting_total += 1;
            if outbox.waiting.len() < LISTED_MAX {
                let state = match (row.attempting, &row.last_error) {
                    (Some(_), _) if running => "under_way",
                    (_, Some(_)) => "failing",
                    _ => "waiting",
                };
                let until = trying.as_ref().map_or(row.not_before, |(until, _)| row.not_before.max(*until));
                let next = Some(until).filter(|next| state != "under_way" && *next > rows.now);
                let held_by = trying.map(|(_, why)| why).filter(|_| state == "waiting");
                outbox.waiting.push(Entry { held_by, ..entry(row, named, state, next) });
            }
        }
    }
    // The latest ones are those that somebody asks about.
    for row in rows.dead.into_iter().rev() {
        if let Some(named) = wanted(&row, asked, store, &mut known, outbox.dead.len()) {
            outbox.dead_total += 1;
            if outbox.dead.len() < LISTED_MAX {
                outbox.dead.push(entry(row, named, "dead", None));
            }
        }
    }
    outbox.dead.reverse();
    outbox
}

type Named = Option<(ReferralId, AccountName, Option<String>)>;

/// The name of a row's referral, where the row is asked for. One that is only counted needs none, unless its account does.
fn wanted(
    row: &Row,
    asked: &Asked,
    store: &dyn Store,
    known: &mut BTreeMap<CaseNumber, Named>,
    listed: usize,
) -> Option<Named> {
    if listed >= LISTED_MAX && asked.account.is_none() {
        return Some(None);
    }
    // A case that cannot be read leaves its message without a name; the message is shown all the same.
    let name = |number| {
        let case = read_case(store, number).ok()?;
        Some((case.id().clone(), case.account.clone(), case.referral.customer().map(str::to_owned)))
    };
    let named = row.case().and_then(|case| known.entry(case).or_insert_with(|| name(case)).clone());
    let of_account = |account: &AccountName| named.as_ref().is_some_and(|(_, of, _)| of == account);
    asked.account.as_ref().is_none_or(of_account).then_some(named)
}

fn entry(row: Row, named: Named, state: &str, next_attempt: Option<Timestamp>) -> Entry {
    let (referral, account, customer) = match named {
        Some((referral, account, customer)) => (Some(referral), Some(account), customer),
        None => (None, None, None),
    };
    let (event, title) = match &row.about {
        About::Referral { event, .. } => (event.as_str(), None),
        About::Notice(notice) => (notice.kind().as_str(), Some(words::of(Locale::EN).news(&notice.news).title)),
        About::Scheduled(scheduled) => ("digest", Some(scheduled.digest.to_string())),
    };
    let (given_up_at, given_up) = row.given_up.map(|given_up| (given_up.at, given_up.why)).unzip();
    Entry {
        number: row.number.0,
        id: row.id,
        destination: row.destination,
        recipient: row.recipient.map(|address| address.to_string()),
        event: event.to_owned(),
        state: state.to_owned(),
        title,
        referral,
        account,
        customer,
        queued_at: row.queued_at,
        not_before: row.not_before,
        attempts: row.attempts,
        attempting: row.attempting,
        next_attempt,
        last_error: row.last_error,
        held_by: None,
        given_up_at,
        given_up,
    }
}
