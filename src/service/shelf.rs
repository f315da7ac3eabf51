//! Where refresh tokens are kept: in the store, through the writer. A rotated token is on the disk before the access
//! token that came with it is used.

use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::{
    core::ids::AccountName,
    partner_center::{Fingerprint, SavedToken, ShelfFault, TokenShelf},
    store::{Commit, Store, StoreFault, get_json, layout},
};

/// The shelf over the writer.
#[derive(Clone)]
pub struct Shelf(pub Facts);

#[derive(Serialize, Deserialize)]
struct Kept {
    refresh_token: String,
    imported: Option<Fingerprint>,
    obtained_at: Timestamp,
}

/// When an account's refresh token was obtained, where one is kept.
///
/// # Errors
/// The store's; damage.
pub fn obtained_at(store: &dyn Store, account: &AccountName) -> Result<Option<Timestamp>, StoreFault> {
    Ok(get_json::<Kept>(store, &layout::token(account))?.map(|kept| kept.obtained_at))
}

/// The shelf over a store that no service has open.
#[derive(Clone)]
pub struct BareShelf(pub Arc<dyn Store>);

#[async_trait::async_trait]
impl TokenShelf for BareShelf {
    async fn load(&self, account: &AccountName) -> Result<Option<SavedToken>, ShelfFault> {
        let kept = get_json::<Kept>(self.0.as_ref(), &layout::token(account));
        Ok(kept.map_err(|fault| ShelfFault(fault.to_string()))?.map(Kept::open))
    }

    async fn save(&self, account: &AccountName, token: SavedToken) -> Result<(), ShelfFault> {
        let (store, mut commit) = (self.0.clone(), Commit::new());
        let put = commit.put_json(layout::token(account), &Kept::of(token)).map(|_| ());
        // The disk may take its time.
        let saved = tokio::task::spawn_blocking(move || put.and_then(|()| store.commit(&commit))).await;
        saved.unwrap_or(Err(StoreFault::Closed)).map_err(|fault| ShelfFault(fault.to_string()))
    }
}

impl Kept {
    fn of(token: SavedToken) -> Self {
        Self {
            refresh_token: token.refresh_token.expose_secret().to_owned(),
            imported: token.imported,
            obtained_at: token.obtained_at,
        }
    }

    fn open(self) -> SavedToken {
        SavedToken {
            refresh_token: SecretString::from(self.refresh_token),
            imported: self.imported,
            obtained_at: self.obtained_at,
        }
    }
}

#[async_trait::async_trait]
impl TokenShelf for Shelf {
    async fn load(&self, account: &AccountName) -> Result<Option<SavedToken>, ShelfFault> {
        let key = layout::token(account);
        let kept = self.0.bring(move |state, _| get_json::<Kept>(state.store().as_ref(), &key)).await;
        Ok(kept.map_err(|fault| ShelfFault(fault.to_string()))?.map(Kept::open))
    }

    async fn save(&self, account: &AccountName, token: SavedToken) -> Result<(), ShelfFault> {
        let key = layout::token(account);
        let kept = Kept::of(token);
        let saved = self.0.bring(move |state, _| state.keep(key, &kept)).await;
        saved.map_err(|fault| ShelfFault(fault.to_string()))
    }
}
