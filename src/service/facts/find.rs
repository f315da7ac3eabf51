//! Finding a referral by what a person types: its id, or the first characters of it. Must never guess: where several begin
//! so, all of them are returned.

use super::State;
use crate::{
    core::ids::{AccountName, CaseNumber, ReferralId},
    store::{Store, StoreFault, get_json, layout, read_json},
};

/// So many that begin alike are returned, at most.
pub const CANDIDATES_MAX: usize = 10;

/// A referral that was ever seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Its case.
    pub number: CaseNumber,
    /// The account that lists it, or did.
    pub account: AccountName,
    /// Its whole id.
    pub id: ReferralId,
}

impl State {
    /// The referrals of all accounts, or of one, that are meant by `typed`; as [`begin_with`].
    ///
    /// # Errors
    /// The store's.
    pub fn find(&self, typed: &str, account: Option<&AccountName>) -> Result<Vec<Found>, StoreFault> {
        let accounts = self.accounts.keys().filter(|name| account.is_none_or(|account| account == *name));
        begin_with(self.store.as_ref(), &accounts.cloned().collect::<Vec<_>>(), typed)
    }
}

/// The referrals of these accounts whose id is `typed` or begins with it; a whole id finds itself alone. Ids are GUIDs in
/// small letters: one that was typed in capitals is found too. [`CANDIDATES_MAX`] + 1 at most, so that the reader sees that
/// there are more.
///
/// # Errors
/// The store's.
pub fn begin_with(store: &dyn Store, accounts: &[AccountName], typed: &str) -> Result<Vec<Found>, StoreFault> {
    let typed = typed.trim();
    let found = as_typed(store, accounts, typed)?;
    let small = typed.to_lowercase();
    if found.is_empty() && small != typed { as_typed(store, accounts, &small) } else { Ok(found) }
}

fn as_typed(store: &dyn Store, accounts: &[AccountName], typed: &str) -> Result<Vec<Found>, StoreFault> {
    let mut found = Vec::new();
    if typed.is_empty() {
        return Ok(found);
    }
    let id = ReferralId::new(typed);
    for account in accounts {
        if let Some(number) = get_json(store, &layout::seen(account, &id))? {
            found.push(Found { number, account: account.clone(), id: id.clone() });
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    for account in accounts {
        for (key, value) in store.scan(&layout::seen(account, &id), None, CANDIDATES_MAX + 1 - found.len())? {
            let Some(id) = layout::seen_referral(account, &key) else { continue };
            found.push(Found { number: read_json(&key, &value)?, account: account.clone(), id });
        }
    }
    Ok(found)
}
