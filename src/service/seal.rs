//! Secrets sealed at rest, where `[state] key` is set: refresh tokens, and the key of claim links. XChaCha20-Poly1305 under a
//! key made of it, with a nonce of its own for each. Must never show a key or a token, nor open a token for another account
//! than its own.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    Key, KeyInit as _, XChaCha20Poly1305, XNonce,
    aead::{Aead as _, Generate as _, Payload},
};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::{core::ids::AccountName, settings::StateSettings};

/// What the key is used for: no other use of the same secret gives the same key. Another text makes all tokens unreadable.
const LABEL: &[u8] = b"leadtime: refresh tokens at rest, 1\n";
/// The bytes of a nonce, which stand before the sealed text.
const NONCE_BYTES: usize = 24;
/// Stands where a token has its account: no account's name has a NUL in it.
const LINKS: &[u8] = b"\0claim links";

/// Seals and opens tokens; without a key it leaves them as they are. Cheap to clone.
#[derive(Clone)]
pub struct Seal(Option<XChaCha20Poly1305>);

/// Why a sealed token cannot be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unopened {
    /// It is sealed, and there is no key.
    #[error("[state] key is not set")]
    NoKey,
    /// The key is not the one that it was sealed with. A token that was changed in the store looks the same.
    #[error("[state] key is not the one that it was sealed with")]
    OtherKey,
}

/// The system gives no randomness.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

impl Seal {
    /// What `[state] key` asks for.
    pub fn of(settings: &StateSettings) -> Self {
        Self::with(settings.key.as_ref())
    }

    /// A seal by this key; spaces and line ends around it do not count.
    pub fn with(key: Option<&SecretString>) -> Self {
        // The settings ask for as much chance in it as a key has, so one round of a hash is enough.
        let made = |key: &SecretString| Sha256::new().chain_update(LABEL).chain_update(key.expose_secret().trim());
        Self(key.map(|key| XChaCha20Poly1305::new(&Key::from(<[u8; 32]>::from(made(key).finalize())))))
    }

    /// A seal that leaves tokens as they are.
    pub fn none() -> Self {
        Self(None)
    }

    /// Whether there is a key.
    pub fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// The sealed token as text; `None` where there is no key.
    ///
    /// # Errors
    /// A system without randomness.
    pub fn close(&self, account: &AccountName, token: &SecretString) -> Result<Option<String>, NoRandomness> {
        self.close_for(account.as_str().as_bytes(), token.expose_secret().as_bytes())
    }

    /// The token that `close` has sealed for this account.
    ///
    /// # Errors
    /// No key, or another one.
    pub fn open(&self, account: &AccountName, closed: &str) -> Result<SecretString, Unopened> {
        let open = self.open_for(account.as_str().as_bytes(), closed)?;
        String::from_utf8(open).map(SecretString::from).map_err(|_| Unopened::OtherKey)
    }

    /// The key of claim links, sealed, as text; `None` where there is no key to seal it with.
    ///
    /// # Errors
    /// A system without randomness.
    pub fn close_links(&self, key: &[u8]) -> Result<Option<String>, NoRandomness> {
        self.close_for(LINKS, key)
    }

    /// What `close_links` has sealed.
    ///
    /// # Errors
    /// No key, or another one.
    pub fn open_links(&self, closed: &str) -> Result<Vec<u8>, Unopened> {
        self.open_for(LINKS, closed)
    }

    fn close_for(&self, whose: &[u8], secret: &[u8]) -> Result<Option<String>, NoRandomness> {
        let Some(cipher) = &self.0 else { return Ok(None) };
        let nonce = XNonce::try_generate().map_err(|_| NoRandomness)?;
        // Only a text of 256 GiB is too long.
        let closed = cipher.encrypt(&nonce, Payload { msg: secret, aad: whose }).map_err(|_| NoRandomness)?;
        Ok(Some(BASE64.encode([nonce.as_slice(), &closed].concat())))
    }

    fn open_for(&self, whose: &[u8], closed: &str) -> Result<Vec<u8>, Unopened> {
        let cipher = self.0.as_ref().ok_or(Unopened::NoKey)?;
        let closed = BASE64.decode(closed).map_err(|_| Unopened::OtherKey)?;
        let (nonce, closed) = closed.split_first_chunk::<NONCE_BYTES>().ok_or(Unopened::OtherKey)?;
        let closed = Payload { msg: closed, aad: whose };
        cipher.decrypt(&XNonce::from(*nonce), closed).map_err(|_| Unopened::OtherKey)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(key: &str) -> Seal {
        Seal::with(Some(&key.into()))
    }

    fn opened(seal: &Seal, account: &str, closed: &str) -> Result<String, Unopened> {
        seal.open(&account.into(), closed).map(|token| token.expose_secret().to_owned())
    }

    #[test]
    fn a_token_opens_by_the_key_and_for_the_account_that_it_was_sealed_with_and_by_no_other() {
        let closed = seal("one").close(&"contoso".into(), &"0.token".into()).unwrap().unwrap();
        assert_eq!(opened(&seal("one\n"), "contoso", &closed), Ok("0.token".to_owned()));
        assert_eq!(opened(&seal("another"), "contoso", &closed), Err(Unopened::OtherKey));
        assert_eq!(opened(&seal("one"), "fabrikam", &closed), Err(Unopened::OtherKey));
        assert_eq!(opened(&Seal::none(), "contoso", &closed), Err(Unopened::NoKey));
    }

    #[test]
    fn a_token_is_never_sealed_to_the_same_text_twice() {
        let close = || seal("one").close(&"contoso".into(), &"0.token".into()).unwrap();
        assert_ne!(close(), close());
    }

    #[test]
    fn what_was_cut_or_changed_does_not_open() {
        let closed = seal("one").close(&"contoso".into(), &"0.token".into()).unwrap().unwrap();
        for cut in 0..closed.len() {
            assert_eq!(opened(&seal("one"), "contoso", &closed[..cut]), Err(Unopened::OtherKey));
        }
        let mut bytes = BASE64.decode(&closed).unwrap();
        for place in 0..bytes.len() {
            bytes[place] ^= 1;
            assert_eq!(opened(&seal("one"), "contoso", &BASE64.encode(&bytes)), Err(Unopened::OtherKey));
            bytes[place] ^= 1;
        }
    }

    #[test]
    fn the_key_is_made_as_it_was_in_earlier_versions() {
        // Sealed once by this code: another label or derivation makes the tokens of every user unreadable.
        let closed = "2RjeUYelXHXKK4RO6dZ2wFoKQQHq35piLtAEoGRnI8uI2/WLvHEH8MttgGO7tnY=";
        assert_eq!(opened(&seal("0123456789abcdef0123456789abcdef"), "contoso", closed), Ok("0.token".to_owned()));
    }
}
