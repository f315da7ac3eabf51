//! Finding a referral by what a person types: its id, or the first characters of it. Must never guess: where several begin
//! so, all of them are returned.

use super::State;
use crate::{
    core::ids::{AccountName, CaseNumber, ReferralId},
    store::{StoreFault, get_json, layout, read_json},
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
    /// The referrals of all accounts, or of one, whose id is `typed` or begins with it; a whole id finds itself alone. Ids
    /// are GUIDs in small letters: one that was typed in capitals is found too. [`CANDIDATES_MAX`] + 1 at most, so that
    /// the reader sees that there are more.
    ///
    /// # Errors
    /// The store's.
    pub fn find(&self, typed: &str, account: Option<&AccountName>) -> Result<Vec<Found>, StoreFault> {
        let typed = typed.trim();
        let found = self.find_as_typed(typed, account)?;
        let small = typed.to_lowercase();
        if found.is_empty() && small != typed { self.find_as_typed(&small, account) } else { Ok(found) }
    }

    fn find_as_typed(&self, typed: &str, account: Option<&AccountName>) -> Result<Vec<Found>, StoreFault> {
        let mut found = Vec::new();
        if typed.is_empty() {
            return Ok(found);
        }
        let accounts = self.accounts.keys().filter(|name| account.is_none_or(|account| account == *name));
        for name in accounts.clone() {
            let id = ReferralId::new(typed);
            if let Some(number) = get_json(self.store.as_ref(), &layout::seen(name, &id))? {
                found.push(Found { number, account: name.clone(), id });
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
        for name in accounts {
            let prefix = layout::seen(name, &ReferralId::new(typed));
            for (key, value) in self.store.scan(&prefix, None, CANDIDATES_MAX + 1 - found.len())? {
                let Some(id) = layout::seen_referral(name, &key) else { continue };
                found.push(Found { number: read_json(&key, &value)?, account: name.clone(), id });
            }
        }
        Ok(found)
    }
}
