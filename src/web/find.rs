//! From what a person types to a referral: the beginning of its id, or of the id of a message about it. Bounded in what is
//! read; must never guess between two.

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use super::{
    claimed::{Claimed, SeesTo},
    hand::{NotDone, Refusal, name},
};
use crate::{
    core::{
        case::Case,
        ids::{AccountName, CaseNumber, MessageId, ReferralId},
        journal::Line,
        outbox::Row,
        referral::Category,
    },
    service::facts::{CANDIDATES_MAX, begin_with, read_case, read_lines},
    settings::Settings,
    store::{Store, StoreFault, layout, read_json},
};

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
    /// Who has it, where somebody has said so and their time is not over.
    #[serde(default)]
    pub claim: Option<Claimed>,
    /// Who sees to its escalations, and where.
    #[serde(default)]
    pub seen_to: Vec<SeesTo>,
}

impl About {
    /// What is shown of this one at `now`.
    pub fn of(case: &Case, settings: &Settings, now: Timestamp) -> Self {
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
            claim: Claimed::of(case, &settings.rules, now),
            seen_to: SeesTo::of(case, &settings.rules, now),
        }
    }
}

/// The one referral that an id, or a message's, leads to, or the beginning of one; open or closed.
///
/// # Errors
/// None or several are meant, which the refusal names; the store's.
pub fn find(store: &dyn Store, settings: &Settings, typed: &str) -> Result<CaseNumber, NotDone> {
    let mut accounts: Vec<AccountName> = settings.accounts.keys().cloned().collect();
    for (key, _) in store.scan(layout::ACCOUNTS, None, ACCOUNTS_MAX)? {
        accounts.extend(layout::account_name(&key).filter(|name| !settings.accounts.contains_key(name)));
    }
    let found = begin_with(store, &accounts, typed)?;
    let mut numbers: Vec<CaseNumber> = found.into_iter().map(|found| found.number).collect();
    let lower = typed.trim().to_lowercase();
    if numbers.is_empty() && may_be_a_message(&lower) {
        numbers = by_message(store, &lower)?;
    }
    match numbers.as_slice() {
        [one] => Ok(*one),
        [] => Err(none_begins_with(typed).into()),
        several => {
            let candidates = several.iter().take(CANDIDATES_MAX).filter_map(|number| name_of(store, *number)).collect();
            Err(several_begin_with(several.len(), typed, candidates).into())
        }
    }
}

/// What is said of an id that leads nowhere.
pub fn none_begins_with(typed: &str) -> Refusal {
    Refusal::of(format!(
        "no referral that leadtime has seen, and no message about one, has an id that begins with {}; `leadtime status` lists \
         the open ones",
        brief(typed)
    ))
}

/// What is said of an id that leads to more than one.
pub fn several_begin_with(count: usize, typed: &str, candidates: Vec<String>) -> Refusal {
    let more = if count > CANDIDATES_MAX { format!("more than {CANDIDATES_MAX}") } else { count.to_string() };
    let typed = brief(typed);
    Refusal { candidates, ..Refusal::of(format!("{more} referrals have ids that begin with {typed}; type more of it")) }
}

/// What a person typed, as far as it is worth repeating.
fn brief(typed: &str) -> String {
    typed.trim().chars().take(80).collect()
}

/// A referral as it is named where several may be meant.
fn name_of(store: &dyn Store, number: CaseNumber) -> Option<String> {
    // One that cannot be read is no candidate: nothing could be told of it.
    let case = read_case(store, number).ok()?;
    Some(format!("{} in {}", name(&case), case.account))
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
            let met = |line: &Line| match line {
                Line::Queued { id, .. } => begins(*id),
                Line::Accepted { id, digest, .. } => begins(*id) || digest.is_some_and(begins),
                _ => false,
            };
            if read_lines(key, value)?.iter().any(met) {
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
