//! What `/api/v1/outbox` tells: messages that wait, are under way, failing or given up. Holds no text of a message.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    core::{
        ids::{AccountName, CaseNumber, DestinationName, MessageId, ReferralId},
        outbox::{About, Row},
    },
    service::facts::{State, read_case},
    store::{Store, StoreFault, layout, read_json},
};

/// So many of each are listed.
pub const LISTED_MAX: usize = 500;

/// All of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outbox {
    /// Messages that wait, are under way or failing, in the order in which they were queued.
    pub waiting: Vec<Entry>,
    /// How many there are.
    pub waiting_total: usize,
    /// Messages that were given up.
    pub dead: Vec<Entry>,
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
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// The rows, from the writer.
///
/// # Errors
/// The store's.
pub fn rows(state: &State) -> Result<(Vec<Row>, usize, Vec<Row>), StoreFault> {
    let mut waiting: Vec<&Row> = state.waiting().map(|(_, row)| row).collect();
    waiting.sort_by_key(|row| row.number);
    let total = waiting.len();
    let mut dead = Vec::new();
    for (key, value) in state.store().scan(layout::DEAD, None, LISTED_MAX)? {
        dead.push(read_json(&key, &value)?);
    }
    Ok((waiting.into_iter().take(LISTED_MAX).cloned().collect(), total, dead))
}

/// The rows with what their referrals are called, read beside the writer.
pub fn finish((waiting, waiting_total, dead): (Vec<Row>, usize, Vec<Row>), store: &dyn Store) -> Outbox {
    let mut known = BTreeMap::new();
    let mut entries = |rows: Vec<Row>| rows.into_iter().map(|row| entry(row, store, &mut known)).collect();
    Outbox { waiting: entries(waiting), waiting_total, dead: entries(dead) }
}

type Named = Option<(ReferralId, AccountName, Option<String>)>;

fn entry(row: Row, store: &dyn Store, known: &mut BTreeMap<CaseNumber, Named>) -> Entry {
    // A case that cannot be read leaves its message without a name; the message is shown all the same.
    let name = |number| {
        let case = read_case(store, number).ok()?;
        Some((case.id().clone(), case.account.clone(), case.referral.customer().map(str::to_owned)))
    };
    let named = row.case().and_then(|case| known.entry(case).or_insert_with(|| name(case)).clone());
    let (referral, account, customer) = match named {
        Some((referral, account, customer)) => (Some(referral), Some(account), customer),
        None => (None, None, None),
    };
    let event = match &row.about {
        About::Referral { event, .. } => event.as_str(),
        About::Notice(notice) => notice.kind.as_str(),
    };
    Entry {
        number: row.number.0,
        id: row.id,
        destination: row.destination,
        recipient: row.recipient.map(|address| address.to_string()),
        event: event.to_owned(),
        referral,
        account,
        customer,
        queued_at: row.queued_at,
        not_before: row.not_before,
        attempts: row.attempts,
        attempting: row.attempting,
        last_error: row.last_error,
    }
}
