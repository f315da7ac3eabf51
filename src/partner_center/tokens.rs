//! The refresh token as it is kept between runs, and who keeps it.

use std::fmt::Write as _;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::core::ids::AccountName;

/// Keeps each account's refresh token.
#[async_trait::async_trait]
pub trait TokenShelf: Send + Sync {
    /// The newest token saved, if any.
    async fn load(&self, account: &AccountName) -> Result<Option<SavedToken>, ShelfFault>;
    /// Saves a token in place of the one before. It is on the disk when this returns.
    async fn save(&self, account: &AccountName, token: SavedToken) -> Result<(), ShelfFault>;
}

/// Why the shelf failed; the text never holds a token.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ShelfFault(pub String);

/// A refresh token and where it comes from.
#[derive(Clone, Debug)]
pub struct SavedToken {
    /// The token.
    pub refresh_token: SecretString,
    /// Which token stood in the settings when this chain of tokens began. As long as the same one stands there this one
    /// is newer than it; another one there is newer than this. `None` where the chain began with a sign-in and nothing
    /// stood in the settings.
    pub imported: Option<Fingerprint>,
    /// When it was issued. It lives for 90 days from then, unless another is issued before.
    pub obtained_at: Timestamp,
}

impl SavedToken {
    /// The token of a sign-in that somebody has just made. `in_settings` is what stands there as `refresh_token`: it is
    /// older than this one and is not tried before it, as long as it stays the same.
    pub fn of_sign_in(refresh_token: SecretString, in_settings: Option<&SecretString>, now: Timestamp) -> Self {
        let in_settings = in_settings.filter(|token| !token.expose_secret().trim().is_empty());
        Self { refresh_token, imported: in_settings.map(Fingerprint::of), obtained_at: now }
    }
}

/// By what a token is recognised without keeping it: the SHA-256 of it, in hexadecimal.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The fingerprint of a token.
    pub fn of(token: &SecretString) -> Self {
        let digest = Sha256::digest(token.expose_secret().trim().as_bytes());
        Self(digest.iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }
}
