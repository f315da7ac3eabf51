//! The proof of a sign-in: its token is redeemed and one page of the referrals is read with what comes back. What is kept
//! is the token that this brought, the newest there is.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use secrecy::SecretString;

use super::{Login, trouble};
use crate::{
    core::ids::AccountName,
    partner_center::{Client, Glimpse, PollFault, SavedToken, ShelfFault, TokenShelf},
};

/// What a sign-in turned out to be good for.
pub struct Proof {
    /// The newest refresh token.
    pub token: SecretString,
    /// What it lists, or why it lists nothing.
    pub seen: Result<Glimpse, PollFault>,
}

impl Login {
    /// Reads one page with a new refresh token; `patience` as in [`Client::walk`].
    pub async fn prove(&self, token: SecretString, patience: Duration) -> Proof {
        let first = SavedToken { refresh_token: token, imported: None, obtained_at: self.clock.now() };
        let pocket = Arc::new(Pocket(Mutex::new(first)));
        let client = Client::new(self.settings.clone(), None, pocket.clone(), self.clock.clone(), self.http.clone());
        let seen = client.glimpse(patience).await;
        Proof { token: pocket.held().refresh_token, seen }
    }
}

impl Proof {
    /// Why it proves nothing and what to do, where trying again does not help: the token is of no use.
    pub fn failed(&self) -> Option<String> {
        let fault = self.seen.as_ref().err().filter(|fault| !fault.trouble.is_temporary())?;
        Some(format!("{}. {}", fault.trouble, trouble::after_proof(fault)))
    }
}

/// A shelf of one token, in memory.
struct Pocket(Mutex<SavedToken>);

impl Pocket {
    fn held(&self) -> SavedToken {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait::async_trait]
impl TokenShelf for Pocket {
    async fn load(&self, _: &AccountName) -> Result<Option<SavedToken>, ShelfFault> {
        Ok(Some(self.held()))
    }

    async fn save(&self, _: &AccountName, token: SavedToken) -> Result<(), ShelfFault> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
        Ok(())
    }
}
