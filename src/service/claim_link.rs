//! Claim links: what stands in one, signed with a key that only this store has. Whoever holds a link may use it, so none is
//! ever in a log, an error or a `Debug`; and a link opens the one referral, destination, recipient and purpose that it was
//! made for, and nothing else.
//!
//! A token is base64url over: version, kind, the case's number, the length of the destination's name, that name, the
//! recipient's address (empty in a channel), and the first half of an HMAC-SHA256 over all of that.

use std::{fmt, sync::Arc};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD as BASE64URL},
};
use chacha20poly1305::{Key, aead::Generate as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::{
    facts::State,
    seal::{NoRandomness, Seal},
};
use crate::{
    core::ids::{CaseNumber, DestinationName},
    store::{StoreFault, layout},
};

/// The first byte of every token.
const VERSION: u8 = 1;
/// So many bytes of the HMAC stand in a token: 128 bits, as many as RFC 2104 asks for at the least.
const TAG_BYTES: usize = 16;
/// No token that is longer was made here.
const TOKEN_MAX: usize = 1_024;
/// So many keys that could not be opened are kept.
const BEFORE_MAX: usize = 4;
/// What the key signs: a signature of one kind is none of the other.
const LINK: &[u8] = b"leadtime: claim link, 1\n";
const SLIP: &[u8] = b"leadtime: claim page, 1\n";

/// What claim links are signed with. Cheap to clone.
#[derive(Clone)]
pub struct ClaimKey(Arc<[u8; 32]>);

impl fmt::Debug for ClaimKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClaimKey")
    }
}

/// What a link is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// "I'll answer this one": reminders rest.
    Claim,
    /// "I'll see to it": an escalation is not repeated at its destination.
    SeeTo,
}

/// What stands in a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// What it is for.
    pub kind: Kind,
    /// The referral.
    pub case: CaseNumber,
    /// Where the message went that holds it.
    pub destination: DestinationName,
    /// In mail, the address that it went to.
    pub recipient: Option<Arc<str>>,
}

/// The key as it is stored: in one of the two ways.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<String>,
    /// Earlier ones that could not be opened, the latest last: with their `[state] key` their links come back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before: Vec<String>,
}

impl ClaimKey {
    /// The store's key, made where there is none yet. One that lies open is sealed as soon as there is a `[state] key`. In
    /// place of one that cannot be opened another is made; the first is kept, and holds again as soon as it opens: a start
    /// with a mistaken `[state] key` costs no link but those of its own messages.
    ///
    /// # Errors
    /// The store's. `None`: the system gives no random numbers, so there are no links.
    pub fn of_store(state: &mut State, seal: &Seal) -> Result<Option<Self>, StoreFault> {
        let kept = state.kept::<Kept>(layout::CLAIM_KEY)?.unwrap_or_default();
        let sealed = || kept.before.iter().chain(&kept.sealed);
        if let Some((text, key)) = sealed().find_map(|text| Some((text, Self::opened(text, seal)?))) {
            if kept.sealed.as_ref() != Some(text) {
                let again = Kept { sealed: Some(text.clone()), ..Kept::default() };
                state.keep(layout::CLAIM_KEY.to_vec(), &again)?;
            }
            return Ok(Some(key));
        }
        let lies_open = kept.key.as_deref().and_then(|key| Self::of_bytes(BASE64.decode(key).ok()?));
        match lies_open {
            Some(key) if !seal.is_there() => return Ok(Some(key)),
            None if kept.sealed.is_some() => tracing::warn!(
                "the key of claim links cannot be opened by [state] key, so another one is made: links in messages that \
                 were sent before open nothing until [state] key is what it was"
            ),
            _ => {}
        }
        let made = lies_open.map_or_else(Self::make, Ok).and_then(|key| {
            let sealed = seal.close_links(key.0.as_slice())?;
            let open = sealed.is_none().then(|| BASE64.encode(key.0.as_slice()));
            Ok((key, open, sealed))
        });
        let Ok((key, open, new)) = made else {
            tracing::error!("messages hold no claim links: {NoRandomness}");
            return Ok(None);
        };
        let mut before: Vec<String> = sealed().cloned().collect();
        before.drain(..before.len().saturating_sub(BEFORE_MAX));
        state.keep(layout::CLAIM_KEY.to_vec(), &Kept { key: open, sealed: new, before })?;
        Ok(Some(key))
    }

    fn opened(sealed: &str, seal: &Seal) -> Option<Self> {
        Self::of_bytes(seal.open_links(sealed).ok()?)
    }

    fn of_bytes(bytes: Vec<u8>) -> Option<Self> {
        Some(Self(Arc::new(bytes.try_into().ok()?)))
    }

    fn make() -> Result<Self, NoRandomness> {
        let key = Key::try_generate().map_err(|_| NoRandomness)?;
        Ok(Self(Arc::new(key.into())))
    }

    /// The token of a link.
    pub fn token(&self, link: &Link) -> String {
        let name = link.destination.as_str().as_bytes();
        let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
        let name = name.get(..usize::from(length)).unwrap_or(name);
        let kind = match link.kind {
            Kind::Claim => 0,
            Kind::SeeTo => 1,
        };
        let mut token = vec![VERSION, kind];
        token.extend(link.case.0.to_be_bytes());
        token.extend(length.to_be_bytes());
        token.extend(name);
        token.extend(link.recipient.as_deref().unwrap_or_default().as_bytes());
        let tag = self.mac(&[LINK, &token]).finalize().into_bytes();
        token.extend(tag.iter().take(TAG_BYTES));
        BASE64URL.encode(token)
    }

    /// What stands in a token; `None` for one that this key has not signed.
    pub fn read(&self, token: &str) -> Option<Link> {
        let bytes = Some(token).filter(|token| token.len() <= TOKEN_MAX)?;
        let bytes = BASE64URL.decode(bytes).ok()?;
        let (signed, tag) = bytes.split_last_chunk::<TAG_BYTES>()?;
        self.mac(&[LINK, signed]).verify_truncated_left(tag).ok()?;
        let (head, rest) = signed.split_first_chunk::<2>()?;
        let kind = match head {
            [VERSION, 0] => Kind::Claim,
            [VERSION, 1] => Kind::SeeTo,
            _ => return None,
        };
        let (case, rest) = rest.split_first_chunk::<8>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (name, recipient) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        let recipient = std::str::from_utf8(recipient).ok().filter(|address| !address.is_empty());
        Some(Link {
            kind,
            case: CaseNumber(u64::from_be_bytes(*case)),
            destination: DestinationName::new(std::str::from_utf8(name).ok()?),
            recipient: recipient.map(Arc::from),
        })
    }

    /// What a page of this token holds, so that only a form that was read can be sent: the second at which it was made,
    /// signed.
    pub fn slip(&self, token: &str, at: Timestamp) -> String {
        let second = at.as_second().to_be_bytes();
        let tag = self.mac(&[SLIP, &second, token.as_bytes()]).finalize().into_bytes();
        BASE64URL.encode([second.as_slice(), tag.get(..TAG_BYTES).unwrap_or_default()].concat())
    }

    /// When the page of this token was made; `None` for a slip of another page, or of nobody's.
    pub fn read_slip(&self, token: &str, slip: &str) -> Option<Timestamp> {
        let bytes = BASE64URL.decode(Some(slip).filter(|slip| slip.len() <= TOKEN_MAX)?).ok()?;
        let (second, tag) = bytes.split_first_chunk::<8>()?;
        let tag: &[u8; TAG_BYTES] = tag.try_into().ok()?;
        self.mac(&[SLIP, second, token.as_bytes()]).verify_truncated_left(tag).ok()?;
        Timestamp::from_second(i64::from_be_bytes(*second)).ok()
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        // HMAC itself pads a key with zeros to the hash's block; padded here it cannot be of a wrong length.
        let mut block = [0; 64];
        block[..self.0.len()].copy_from_slice(self.0.as_slice());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        parts.iter().for_each(|part| mac.update(part));
        mac
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use proptest::prelude::*;

    use super::*;
    use crate::store::{MemoryStore, Store};

    const NOW: Timestamp = Timestamp::constant(1_793_602_800, 0);

    fn key(byte: u8) -> ClaimKey {
        ClaimKey(Arc::new([byte; 32]))
    }

    fn link(kind: Kind, case: u64, destination: &str, recipient: Option<&str>) -> Link {
        let recipient = recipient.map(Arc::from);
        Link { kind, case: CaseNumber(case), destination: destination.into(), recipient }
    }

    fn any_link() -> impl Strategy<Value = Link> {
        let kind = prop_oneof![Just(Kind::Claim), Just(Kind::SeeTo)];
        (kind, any::<u64>(), "\\PC{1,40}", proptest::option::of("\\PC{1,60}"))
            .prop_map(|(kind, case, destination, recipient)| link(kind, case, &destination, recipient.as_deref()))
    }

    fn state(store: Arc<dyn Store>) -> State {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("leadtime.toml");
        std::fs::write(&file, "[accounts.contoso]\ntenant_id = \"t\"\nclient_id = \"c\"\n").unwrap();
        let (settings, _) = crate::settings::load(Path::new(&file), std::iter::empty()).unwrap();
        State::load(store, Arc::new(crate::service::prepare::orders(&settings)), true, NOW).unwrap()
    }

    fn of_store(store: &Arc<dyn Store>, seal: &Seal) -> ClaimKey {
        let mut state = state(store.clone());
        let key = ClaimKey::of_store(&mut state, seal).unwrap().unwrap();
        state.flush().unwrap();
        key
    }

    fn seal(key: &str) -> Seal {
        Seal::with(Some(&key.into()))
    }

    proptest! {
        #[test]
        fn a_link_is_read_back_by_the_key_that_signed_it_and_by_no_other(link in any_link()) {
            let token = key(1).token(&link);
            prop_assert_eq!(key(1).read(&token), Some(link));
            prop_assert_eq!(key(2).read(&token), None);
        }

        #[test]
        fn a_token_of_which_one_character_or_bit_was_changed_opens_nothing(link in any_link(), other in "[A-Za-z0-9_-]") {
            let token = key(1).token(&link);
            for place in 0..token.len() {
                let changed = format!("{}{other}{}", &token[..place], &token[place + 1..]);
                prop_assert!(changed == token || key(1).read(&changed).is_none(), "{}", changed);
            }
            let bytes = BASE64URL.decode(&token).unwrap();
            for bit in 0..bytes.len() * 8 {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                prop_assert_eq!(key(1).read(&BASE64URL.encode(changed)), None);
            }
        }

        #[test]
        fn what_was_cut_or_lengthened_opens_nothing(link in any_link(), more in "[A-Za-z0-9_-]{1,8}") {
            let token = key(1).token(&link);
            for end in 0..token.len() {
                prop_assert_eq!(key(1).read(&token[..end]), None);
            }
            prop_assert_eq!(key(1).read(&format!("{token}{more}")), None);
            prop_assert_eq!(key(1).read(&format!("{token}=")), None);
        }

        #[test]
        fn any_text_at_all_is_refused(text in "\\PC*") {
            prop_assert_eq!(key(1).read(&text), None);
            prop_assert_eq!(key(1).read_slip("token", &text), None);
        }
    }

    #[test]
    fn no_two_links_have_one_token() {
        let mut tokens = BTreeSet::new();
        let mut count = 0;
        for kind in [Kind::Claim, Kind::SeeTo] {
            for case in [1, 256] {
                // Where one text ends and the next begins is signed too.
                for (destination, recipient) in
                    [("a", Some("bc")), ("ab", Some("c")), ("abc", None), ("a", Some("b")), ("ab", None)]
                {
                    tokens.insert(key(1).token(&link(kind, case, destination, recipient)));
                    count += 1;
                }
            }
        }
        assert_eq!(tokens.len(), count);
    }

    #[test]
    fn a_token_of_usual_names_is_short_enough_for_every_mail_program() {
        let usual = link(Kind::Claim, 12_345, "sellers", Some("anna.kovacs@contoso.com"));
        assert_eq!(key(1).token(&usual).len(), 78);
        let long = link(Kind::SeeTo, u64::MAX, &"d".repeat(32), Some(&"a".repeat(80)));
        assert!(key(1).token(&long).len() < 200);
    }

    #[test]
    fn a_token_is_made_as_it_was_in_earlier_versions() {
        // Made once by this code: where it changes, every link that was ever sent is dead.
        let anna = link(Kind::Claim, 7, "inbox", Some("anna@contoso.com"));
        assert_eq!(key(7).token(&anna), "AQAAAAAAAAAABwAFaW5ib3hhbm5hQGNvbnRvc28uY29tmnDRdx2MPDh3sjgZJ4GkWg");
    }

    #[test]
    fn a_slip_is_good_for_its_own_page_and_is_no_token() {
        let token = key(1).token(&link(Kind::Claim, 1, "sellers", None));
        let slip = key(1).slip(&token, NOW);
        assert_eq!(key(1).read_slip(&token, &slip), Some(NOW));
        assert_eq!(key(1).read_slip(&key(1).token(&link(Kind::Claim, 2, "sellers", None)), &slip), None);
        assert_eq!(key(2).read_slip(&token, &slip), None);
        assert_eq!(key(1).read(&slip), None);
        assert_eq!(key(1).read_slip(&token, &token), None);
    }

    #[test]
    fn the_key_stays_the_same_from_start_to_start_and_shows_nowhere() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let first = of_store(&store, &Seal::none());
        let again = of_store(&store, &Seal::none());
        assert_eq!(first.0, again.0);
        assert_ne!(of_store(&(Arc::new(MemoryStore::new()) as Arc<dyn Store>), &Seal::none()).0, first.0);
        assert_eq!(format!("{first:?}"), "ClaimKey");
    }

    #[test]
    fn a_key_that_lies_open_is_sealed_once_there_is_a_key_for_that_and_stays_the_same() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let open = of_store(&store, &Seal::none());
        let text = BASE64.encode(open.0.as_slice());
        let kept = |store: &Arc<dyn Store>| String::from_utf8(store.get(layout::CLAIM_KEY).unwrap().unwrap()).unwrap();
        assert!(kept(&store).contains(&text));
        assert_eq!(of_store(&store, &seal("one")).0, open.0);
        assert!(!kept(&store).contains(&text), "{}", kept(&store));
        assert_eq!(of_store(&store, &seal("one")).0, open.0);
    }

    #[test]
    fn a_key_that_cannot_be_opened_is_replaced() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let sealed = of_store(&store, &seal("one"));
        let other = of_store(&store, &seal("another"));
        assert_ne!(sealed.0, other.0);
        assert_eq!(of_store(&store, &seal("another")).0, other.0);
    }

    #[test]
    fn a_key_that_could_not_be_opened_holds_again_once_it_can() {
        for mistaken in [vec![Seal::none()], vec![seal("mistyped")], vec![seal("mistyped"), Seal::none(), seal("b")]] {
            let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
            let first = of_store(&store, &seal("one"));
            for seal in &mistaken {
                assert_ne!(of_store(&store, seal).0, first.0);
            }
            assert_eq!(of_store(&store, &seal("one")).0, first.0, "after {} starts", mistaken.len());
            assert_eq!(of_store(&store, &seal("one")).0, first.0);
        }
    }

    #[test]
    fn of_keys_that_open_no_more_only_some_are_kept() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        for number in 0..20 {
            of_store(&store, &seal(&number.to_string()));
        }
        assert!(store.get(layout::CLAIM_KEY).unwrap().unwrap().len() < 1_000);
    }
}
