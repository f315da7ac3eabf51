//! Where refresh tokens are kept: in the store, sealed where `[state] key` is set. A rotated token is on the disk before
//! the access token that came with it is used. Must never write a token in the clear while there is a key.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    aside::aside,
    facts::{Facts, State},
    seal::{Seal, Unopened},
};
use crate::{
    core::ids::AccountName,
    partner_center::{Fingerprint, SavedToken, ShelfFault, TokenShelf},
    store::{Commit, Store, StoreFault, get_json, layout},
};

/// Microsoft ends a refresh token so long after it was issued, unless another was issued in its place.
pub const LIFE: SignedDuration = SignedDuration::from_hours(90 * 24);
/// More accounts than this are not looked through.
const ACCOUNTS_MAX: usize = 10_000;

/// A token as it is stored: in one of the two ways.
#[derive(Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
    imported: Option<Fingerprint>,
    obtained_at: Timestamp,
    /// Saved while no service ran, which has not renewed it since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    bare: bool,
}

/// When an account's refresh token was obtained, where one is kept, and whether that was while no service ran. This lies
/// open beside a sealed one.
///
/// # Errors
/// The store's; damage.
pub fn obtained(store: &dyn Store, account: &AccountName) -> Result<Option<(Timestamp, bool)>, StoreFault> {
    Ok(get_json::<Kept>(store, &layout::token(account))?.map(|kept| (kept.obtained_at, kept.bare)))
}

/// The shelf over the writer of a service.
#[derive(Clone)]
pub struct Shelf {
    facts: Facts,
    seal: Seal,
}

impl Shelf {
    /// A shelf that seals by `seal`.
    pub fn new(facts: Facts, seal: Seal) -> Self {
        Self { facts, seal }
    }
}

#[async_trait::async_trait]
impl TokenShelf for Shelf {
    async fn load(&self, account: &AccountName) -> Result<Option<SavedToken>, ShelfFault> {
        let key = layout::token(account);
        let kept = self.facts.bring(move |state, _| Ok(state.kept::<Kept>(&key))).await;
        kept.and_then(|kept| kept).map_err(of_store)?.map(|kept| kept.open(account, &self.seal)).transpose()
    }

    async fn save(&self, account: &AccountName, token: SavedToken) -> Result<(), ShelfFault> {
        let key = layout::token(account);
        let kept = Kept::close(account, &token, &self.seal)?;
        self.facts.bring(move |state, _| state.keep(key, &kept)).await.map_err(of_store)
    }
}

/// The shelf over a store that no service has open.
#[derive(Clone)]
pub struct BareShelf {
    store: Arc<dyn Store>,
    seal: Seal,
}

impl BareShelf {
    /// A shelf that seals by `seal`.
    pub fn new(store: Arc<dyn Store>, seal: Seal) -> Self {
        Self { store, seal }
    }
}

#[async_trait::async_trait]
impl TokenShelf for BareShelf {
    async fn load(&self, account: &AccountName) -> Result<Option<SavedToken>, ShelfFault> {
        let kept = get_json::<Kept>(self.store.as_ref(), &layout::token(account)).map_err(of_store)?;
        kept.map(|kept| kept.open(account, &self.seal)).transpose()
    }

    async fn save(&self, account: &AccountName, token: SavedToken) -> Result<(), ShelfFault> {
        let (store, mut commit) = (self.store.clone(), Commit::new());
        let kept = Kept { bare: true, ..Kept::close(account, &token, &self.seal)? };
        commit.put_json(layout::token(account), &kept).map_err(of_store)?;
        // The disk may take its time.
        aside(move || store.commit(&commit)).await.map_err(of_store)
    }
}

impl Kept {
    fn close(account: &AccountName, token: &SavedToken, seal: &Seal) -> Result<Self, ShelfFault> {
        let sealed = seal.close(account, &token.refresh_token);
        let sealed = sealed.map_err(|fault| ShelfFault::Store(fault.to_string()))?;
        let refresh_token = sealed.is_none().then(|| token.refresh_token.expose_secret().to_owned());
        Ok(Self {
            refresh_token,
            sealed,
            imported: token.imported.clone(),
            obtained_at: token.obtained_at,
            bare: false,
        })
    }

    fn open(self, account: &AccountName, seal: &Seal) -> Result<SavedToken, ShelfFault> {
        let token = match (self.sealed, self.refresh_token) {
            (Some(sealed), _) => seal.open(account, &sealed),
            (None, Some(token)) => Ok(SecretString::from(token)),
            (None, None) => Err(Unopened::OtherKey),
        };
        match token {
            Ok(refresh_token) => {
                Ok(SavedToken { refresh_token, imported: self.imported, obtained_at: self.obtained_at })
            }
            Err(why) => Err(ShelfFault::Sealed { why: why.to_string(), imported: self.imported }),
        }
    }
}

fn of_store(fault: StoreFault) -> ShelfFault {
    ShelfFault::Store(fault.to_string())
}

/// Seals, where there is a key, every token that still lies open; how many did. The open text may stay in the store's
/// files until it writes over it.
///
/// # Errors
/// The store's. A token that cannot be read, or not be sealed just now, is left as it is.
pub fn seal_all(state: &mut State, seal: &Seal) -> Result<usize, StoreFault> {
    let mut sealed = 0;
    for account in accounts(state)? {
        let key = layout::token(&account);
        let Ok(Some(kept)) = state.kept::<Kept>(&key) else { continue };
        let (None, Some(token)) = (&kept.sealed, &kept.refresh_token) else { continue };
        if let Ok(Some(closed)) = seal.close(&account, &SecretString::from(token.as_str())) {
            state.keep(key, &Kept { refresh_token: None, sealed: Some(closed), ..kept })?;
            sealed += 1;
        }
    }
    Ok(sealed)
}

/// Every account that a token is kept of, and when it was obtained.
///
/// # Errors
/// The store's. A damaged one is passed over: it is told of where it is used.
pub fn ages(state: &State) -> Result<Vec<(AccountName, Timestamp)>, StoreFault> {
    let age = |account: AccountName| match state.kept::<Kept>(&layout::token(&account)) {
        Ok(kept) => kept.map(|kept| Ok((account, kept.obtained_at))),
        Err(StoreFault::Damaged { .. }) => None,
        Err(fault) => Some(Err(fault)),
    };
    accounts(state)?.into_iter().filter_map(age).collect()
}

fn accounts(state: &State) -> Result<Vec<AccountName>, StoreFault> {
    let rows = state.store().scan(layout::TOKENS, None, ACCOUNTS_MAX)?;
    Ok(rows.iter().filter_map(|(key, _)| layout::token_account(key)).collect())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::store::{MemoryStore, SledStore};

    const NOW: Timestamp = Timestamp::constant(1_793_602_800, 0);
    const TOKEN: &str = "0.AXoA-a-refresh-token-that-nobody-should-find";

    fn seal(key: &str) -> Seal {
        Seal::with(Some(&key.into()))
    }

    fn token(text: &str) -> SavedToken {
        SavedToken { refresh_token: text.into(), imported: Some(Fingerprint::of(&"first".into())), obtained_at: NOW }
    }

    fn state(store: Arc<dyn Store>) -> State {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("leadtime.toml");
        std::fs::write(&file, "[accounts.contoso]\ntenant_id = \"t\"\nclient_id = \"c\"\n").unwrap();
        let (settings, _) = crate::settings::load(&file, std::iter::empty()).unwrap();
        State::load(store, Arc::new(crate::service::prepare::orders(&settings)), true, NOW).unwrap()
    }

    async fn loaded(store: &Arc<dyn Store>, seal: Seal) -> Result<Option<String>, ShelfFault> {
        let saved = BareShelf::new(store.clone(), seal).load(&"contoso".into()).await?;
        Ok(saved.map(|saved| saved.refresh_token.expose_secret().to_owned()))
    }

    fn both() -> (tempfile::TempDir, [Arc<dyn Store>; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let sled = Arc::new(SledStore::open(&folder.path().join("data")).unwrap());
        (folder, [Arc::new(MemoryStore::new()), sled])
    }

    /// Whether a text stands in any file below a folder.
    fn stands_in(folder: &Path, text: &str) -> bool {
        std::fs::read_dir(folder).unwrap().map(Result::unwrap).any(|entry| match entry.file_type().unwrap().is_dir() {
            true => stands_in(&entry.path(), text),
            false => {
                let bytes = std::fs::read(entry.path()).unwrap();
                bytes.windows(text.len()).any(|window| window == text.as_bytes())
            }
        })
    }

    #[tokio::test]
    async fn a_token_comes_back_as_it_was_saved_with_a_key_and_without_one() {
        let (_folder, stores) = both();
        for store in stores {
            for seal in [Seal::none(), seal("one")] {
                let shelf = BareShelf::new(store.clone(), seal);
                shelf.save(&"contoso".into(), token(TOKEN)).await.unwrap();
                let saved = shelf.load(&"contoso".into()).await.unwrap().unwrap();
                assert_eq!(saved.refresh_token.expose_secret(), TOKEN);
                assert_eq!((saved.imported, saved.obtained_at), (token(TOKEN).imported, NOW));
                assert_eq!(obtained(store.as_ref(), &"contoso".into()).unwrap(), Some((NOW, true)));
            }
        }
    }

    #[tokio::test]
    async fn with_no_key_or_another_one_a_sealed_token_is_a_fault_that_says_so_and_it_stays() {
        let (_folder, stores) = both();
        for store in stores {
            BareShelf::new(store.clone(), seal("one")).save(&"contoso".into(), token(TOKEN)).await.unwrap();
            let none = loaded(&store, Seal::none()).await.unwrap_err();
            assert_eq!(none.to_string(), "[state] key is not set");
            let other = loaded(&store, seal("another")).await.unwrap_err();
            assert_eq!(other.to_string(), "[state] key is not the one that it was sealed with");
            assert!(matches!(other, ShelfFault::Sealed { imported, .. } if imported == token(TOKEN).imported));
            assert_eq!(loaded(&store, seal("one")).await, Ok(Some(TOKEN.to_owned())));
        }
    }

    #[tokio::test]
    async fn a_token_that_lies_open_is_sealed_once_there_is_a_key_and_one_sealed_by_another_is_left() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        BareShelf::new(store.clone(), Seal::none()).save(&"contoso".into(), token(TOKEN)).await.unwrap();
        BareShelf::new(store.clone(), seal("another")).save(&"fabrikam".into(), token(TOKEN)).await.unwrap();
        let mut state = state(store.clone());
        assert_eq!(seal_all(&mut state, &Seal::none()).unwrap(), 0);
        assert_eq!(seal_all(&mut state, &seal("one")).unwrap(), 1);
        state.flush().unwrap();
        assert_eq!(loaded(&store, seal("one")).await, Ok(Some(TOKEN.to_owned())));
        assert!(loaded(&store, Seal::none()).await.is_err());
        assert_eq!(seal_all(&mut state, &seal("one")).unwrap(), 0);
    }

    #[tokio::test]
    async fn sealing_takes_the_newest_token_be_it_not_on_the_disk_yet() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        BareShelf::new(store.clone(), Seal::none()).save(&"contoso".into(), token("older")).await.unwrap();
        let mut state = state(store.clone());
        let newer = Kept::close(&"contoso".into(), &token("newer"), &Seal::none()).unwrap();
        state.keep(layout::token(&"contoso".into()), &newer).unwrap();
        assert_eq!(seal_all(&mut state, &seal("one")).unwrap(), 1);
        state.flush().unwrap();
        assert_eq!(loaded(&store, seal("one")).await, Ok(Some("newer".to_owned())));
    }

    #[tokio::test]
    async fn with_a_key_from_the_start_no_file_of_the_store_ever_holds_the_token() {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(SledStore::open(folder.path()).unwrap());
        let shelf = BareShelf::new(store.clone(), seal("one"));
        for turn in 0..20 {
            shelf.save(&"contoso".into(), token(&format!("{TOKEN}-{turn}"))).await.unwrap();
        }
        assert!(!stands_in(folder.path(), TOKEN));
        store.close().unwrap();
        assert!(!stands_in(folder.path(), TOKEN));
    }

    /// What the documentation says of a key that is set later: the open text of before may outlast the sealing.
    #[tokio::test]
    async fn a_token_sealed_later_leaves_its_open_text_in_the_files_until_they_are_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(SledStore::open(folder.path()).unwrap());
        BareShelf::new(store.clone(), Seal::none()).save(&"contoso".into(), token(TOKEN)).await.unwrap();
        assert!(stands_in(folder.path(), TOKEN));
        let mut state = state(store.clone());
        seal_all(&mut state, &seal("one")).unwrap();
        state.flush().unwrap();
        assert!(stands_in(folder.path(), TOKEN), "then reference.toml says too much");
    }
}
