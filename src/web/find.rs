//! From what a person types to a referral: the beginning of its id, or of the id of a message about it. Bounded in what is
//! read; must never guess between two.

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use crate::{
    core::{
        case::Case,
        ids::{AccountName, CaseNumber, MessageId, ReferralId},
        journal::Line,
        outbox::Row,
        referral::Category,
    },
    service::facts::read_case,
    settings::Settings,
    store::{Store, StoreFault, layout, read_json},
};

/// So many candidates are named.
pub const CANDIDATES_MAX: usize = 10;
/// From so many characters on a text is looked up among the ids of messages.
const MESSAGE_ID_MIN: usize = 8;
/// So many lines of the journal are looked through for a message's id, the latest first.
const LINES_MAX: usize = 100_000;
/// So many lines are read at once.
const PAGE: usize = 1_000;
/// So many messages of the outbox, and of those given up, are looked through.
const ROWS_MAX: usize = 10_000;
/// So many accounts are looked through beside those of the settings.
const ACCOUNTS_MAX: usize = 1_000;

/// What a text has led to.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    /// This referral.
    One(CaseNumber),
    /// Several begin so; `CANDIDATES_MAX` of them at most.
    Several(Vec<Candidate>),
    /// None.
    Nothing,
}

/// A referral that may be meant.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Candidate {
    /// Its id.
    pub id: ReferralId,
    /// The account that lists it.
    pub account: AccountName,
    /// The customer.
    pub customer: Option<String>,
}

/// What is shown of a referral: no contact and no note.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct About {
    /// Its id in Partner Center.
    pub id: ReferralId,
    /// The account that lists it.
    pub account: AccountName,
    /// The customer.
    pub customer: Option<String>,
    /// The customer's country.
    pub country: Option<String>,
    /// The deal's value as it stands there.
    pub value: Option<f64>,
    /// Its currency.
    pub currency: Option<String>,
    /// `MarketplaceLead`, `QualifiedLead` or `CoSellOpportunity`.
    pub category: Category,
    /// When it was created.
    pub created: Timestamp,
    /// When it expires.
    pub deadline: Timestamp,
    /// Whether that is our estimate.
    pub estimated: bool,
    /// The last day on which people can answer.
    pub answer_by: civil::Date,
}

impl About {
    /// What is shown of this one.
    pub fn of(case: &Case, settings: &Settings) -> Self {
        let referral = &case.referral;
        Self {
            id: case.id().clone(),
            account: case.account.clone(),
            customer: referral.customer().map(str::to_owned),
            country: referral.country().map(str::to_owned),
            value: referral.deal_value(),
            currency: referral.currency().map(str::to_owned),
            category: referral.category(),
            created: case.created,
            deadline: case.deadline.at,
            estimated: case.deadline.estimated,
            answer_by: settings.rules.default_hours.answer_by(case.deadline.at),
        }
    }
}

/// Looks for a referral by its id or a message's, or by the beginning of one, open or closed.
///
/// # Errors
/// The store's.
pub fn find(store: &dyn Store, settings: &Settings, text: &str) -> Result<Found, StoreFault> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Found::Nothing);
    }
    let mut numbers = by_referral(store, settings, text)?;
    // An id that is copied from elsewhere may have come in capitals.
    let lower = text.to_lowercase();
    if numbers.is_empty() && lower != text {
        numbers = by_referral(store, settings, &lower)?;
    }
    if numbers.is_empty() && may_be_a_message(&lower) {
        numbers = by_message(store, &lower)?;
    }
    match numbers.as_slice() {
        [] => Ok(Found::Nothing),
        [one] => Ok(Found::One(*one)),
        several => Ok(Found::Several(several.iter().filter_map(|number| candidate(store, *number)).collect())),
    }
}

fn candidate(store: &dyn Store, number: CaseNumber) -> Option<Candidate> {
    // One that cannot be read is no candidate: nothing could be told of it.
    let case = read_case(store, number).ok()?;
    let customer = case.referral.customer().map(str::to_owned);
    Some(Candidate { id: case.id().clone(), account: case.account, customer })
}

/// Those whose id begins so; the one whose id is the whole text goes before them all.
fn by_referral(store: &dyn Store, settings: &Settings, text: &str) -> Result<Vec<CaseNumber>, StoreFault> {
    let mut accounts: Vec<AccountName> = settings.accounts.keys().cloned().collect();
    for (key, _) in store.scan(layout::ACCOUNTS, None, ACCOUNTS_MAX)? {
        accounts.extend(layout::account_name(&key).filter(|name| !settings.accounts.contains_key(name)));
    }
    let (mut whole, mut numbers) = (Vec::new(), Vec::new());
    for account in &accounts {
        let prefix = layout::seen(account, &ReferralId::from(text));
        for (key, value) in store.scan(&prefix, None, CANDIDATES_MAX)? {
            let number: CaseNumber = read_json(&key, &value)?;
            if key == prefix {
                whole.push(number);
            }
            numbers.push(number);
        }
    }
    numbers.truncate(CANDIDATES_MAX);
    Ok(if whole.is_empty() { numbers } else { whole })
}

fn may_be_a_message(text: &str) -> bool {
    text.len() >= MESSAGE_ID_MIN && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// The referrals of the messages whose id begins so, those of a digest's members among them.
fn by_message(store: &dyn Store, text: &str) -> Result<Vec<CaseNumber>, StoreFault> {
    let begins = |id: MessageId| id.to_string().starts_with(text);
    let mut numbers: Vec<CaseNumber> = Vec::new();
    for prefix in [layout::OUTBOX, layout::DEAD] {
        for (key, value) in store.scan(prefix, None, ROWS_MAX)? {
            let row: Row = read_json(&key, &value)?;
            if begins(row.id) || row.digest.is_some_and(begins) {
                numbers.extend(row.case());
            }
        }
    }
    let mut before: Option<Vec<u8>> = None;
    for _ in 0..LINES_MAX / PAGE {
        let lines = store.scan_back(layout::JOURNAL, before.as_deref(), PAGE)?;
        let Some((last, _)) = lines.last() else { break };
        before = Some(last.clone());
        for (key, value) in &lines {
            let met = match read_json(key, value)? {
                Line::Queued { id, .. } => begins(id),
                Line::Accepted { id, digest, .. } => begins(id) || digest.is_some_and(begins),
                _ => false,
            };
            if met {
                numbers.extend(layout::LinePlace::from_journal_key(key).and_then(|place| place.case));
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.len() >= CANDIDATES_MAX {
            break;
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers.truncate(CANDIDATES_MAX);
    Ok(numbers)
}
