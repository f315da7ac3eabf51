//! Where refresh tokens are kept: in the store, through the writer. A rotated token is on the disk before the access
//! token that came with it is used.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::{
    core::ids::AccountName,
    partner_center::{Fingerprint, SavedToken, ShelfFault, TokenShelf},
    store::{Store, StoreFault, get_json, layout},
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

#[async_trait::async_trait]
impl TokenShelf for Shelf {
    async fn load(&self, account: &AccountName) -> Result<Option<SavedToken>, ShelfFault> {
        let key = layout::token(account);
        let kept = self.0.bring(move |state, _| get_json::<Kept>(state.store().as_ref(), &key)).await;
        let kept = kept.map_err(|fault| ShelfFault(fault.to_string()))?;
        Ok(kept.map(|kept| SavedToken {
            refresh_token: SecretString::from(kept.refresh_token),
            imported: kept.imported,
            obtained_at: kept.obtained_at,
        }))
    }

    async fn save(&self, account: &AccountName, token: SavedToken) -> Result<(), ShelfFault> {
        let key = layout::token(account);
        let kept = Kept {
            refresh_token: token.refresh_token.expose_secret().to_owned(),
            imported: token.imported,
            obtained_at: token.obtained_at,
        };
        let saved = self.0.bring(move |state, _| state.keep(key, &kept)).await;
        saved.map_err(|fault| ShelfFault(fault.to_string()))
    }
}
