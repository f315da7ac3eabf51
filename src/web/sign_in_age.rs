//! How long each account's sign-in is good, and whose there is none of, as `status` tells it. Must never open a token.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::status::{Account, Trouble};
use crate::{
    core::ids::AccountName,
    service::{
        facts::{self, State},
        shelf,
    },
    settings::Settings,
    store::StoreFault,
};

/// The refresh token that is kept of an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SignedIn {
    /// When it was obtained: each poll that needs a new access token renews it.
    pub renewed_at: Timestamp,
    /// When Microsoft ends it, unless it is renewed before.
    pub ends_at: Timestamp,
    /// Whether that was while no service ran.
    #[serde(skip)]
    pub bare: bool,
}

impl SignedIn {
    /// What is kept of this account; `None` also of a damaged one, which the poll that needs it tells of.
    ///
    /// # Errors
    /// The store's.
    pub fn of(state: &State, account: &AccountName) -> Result<Option<Self>, StoreFault> {
        let obtained = match shelf::obtained(state.store().as_ref(), account) {
            Err(StoreFault::Damaged { .. }) => None,
            read => read?,
        };
        let ends_at = |renewed_at: Timestamp| renewed_at.saturating_add(shelf::LIFE).unwrap_or(Timestamp::MAX);
        Ok(obtained.map(|(renewed_at, bare)| Self { renewed_at, ends_at: ends_at(renewed_at), bare }))
    }
}

/// Where no service runs: who was told to sign in and did need not do so again, but have it put to use.
pub fn done_already(troubles: &mut [Trouble], accounts: &[Account]) {
    for trouble in troubles.iter_mut().filter(|trouble| trouble.todo.contains("leadtime login")) {
        let of = |account: &&Account| trouble.name == format!("poll/{}", account.name);
        let sign_in = accounts.iter().find(of).and_then(|account| account.sign_in);
        if sign_in.is_some_and(|sign_in| sign_in.bare && sign_in.renewed_at > trouble.since) {
            trouble.todo = "Start `leadtime run`; somebody has signed in since.".to_owned();
        }
    }
}

/// The accounts that nobody has ever signed in for, as long as no poll has told so.
pub fn nobody(
    accounts: &[Account],
    told: &BTreeMap<String, facts::Trouble>,
    settings: &Settings,
    now: Timestamp,
) -> Vec<Trouble> {
    let waits = |account: &&Account| {
        let known = settings.accounts.get(&account.name);
        account.sign_in.is_none()
            && known.is_some_and(|known| known.refresh_token.is_none())
            && !told.contains_key(&format!("poll/{}", account.name))
    };
    let trouble = |name: &AccountName| Trouble {
        name: format!("sign-in/{name}"),
        since: now,
        title: format!("Nobody has signed in for {name}"),
        text: vec!["Nothing is read there until somebody has.".to_owned()],
        todo: format!("Run `leadtime login {name}`."),
    };
    accounts.iter().filter(waits).map(|account| trouble(&account.name)).collect()
}
