//! The names of the keys, all of them, once. Numbers are big-endian, so that the order of keys is the order of arrival
//! or of time. Nothing here reads or writes a store.
//!
//! | key | value |
//! |---|---|
//! | `meta/version`, `meta/commits`, `meta/next-case`, `meta/next-message`, `meta/next-line` | a number |
//! | `meta/orders` | the fingerprint of the settings that every live case was last decided under |
//! | `meta/templates` | the fingerprint of the user's templates that were in force last |
//! | `meta/claim-key` | what claim links are signed with, sealed where `[state] key` is set |
//! | `trouble/<name>` | a trouble of leadtime's own that is not over |
//! | `body/<n>` | the referral of a case, as the text it came in |
//! | `account/<name>` | what is known of an account: last good poll, watermarks |
//! | `token/<account>` | the rotated refresh token, sealed where `[state] key` is set |
//! | `destination/<name>` | what is known of a destination: pace, refusals |
//! | `accepted/<destination>` | when it last took a message |
//! | `digest/<digest>/<destination>` | up to when the occurrences of a scheduled digest are dealt with there |
//! | `silent/<destination>` | since when its silence counts, where it has taken none yet |
//! | `meta/once` | whether leadtime was last run by `run --once` |
//! | `seen/<account>/<referral id>` | its case number |
//! | `case/<n>` | the case, whole: read only to match, render or show |
//! | `summary/<n>` | the few fields that loops scan |
//! | `outbox/<destination>/<n>` | a message that waits, in the order it was queued |
//! | `attempts/<destination>` | which of those messages are under way, and since when |
//! | `dead/<destination>/<n>` | a message given up, until it is retried or dropped |
//! | `journal/<time><line><n>` | a line of the journal, or a list of those of one commit; `n` is the case, 0 for none |
//! | `history/<n>/<time><line>` | empty: the index of the journal by case |
//!
//! A name that stands between slashes has its own slashes escaped; the last part of a key is taken as it is.

use jiff::Timestamp;

use crate::core::ids::{AccountName, CaseNumber, DestinationName, DigestName, ReferralId};

/// The version of the state.
pub const VERSION: &[u8] = b"meta/version";
/// How many commits the store has taken; kept by the store itself.
pub const COMMITS: &[u8] = b"meta/commits";
/// The number that the next new case gets; the first is 1.
pub const NEXT_CASE: &[u8] = b"meta/next-case";
/// The number that the next outbox row gets.
pub const NEXT_MESSAGE: &[u8] = b"meta/next-message";
/// The fingerprint of the settings under which every live case was last decided on.
pub const ORDERS: &[u8] = b"meta/orders";
/// The fingerprint of the user's templates that were in force last.
pub const TEMPLATES: &[u8] = b"meta/templates";
/// Whether leadtime was last run once, as a timer does; else as a service.
pub const ONCE: &[u8] = b"meta/once";
/// What claim links are signed with.
pub const CLAIM_KEY: &[u8] = b"meta/claim-key";
/// The number that the next journal line gets.
pub const NEXT_LINE: &[u8] = b"meta/next-line";

/// All cases, in the order of arrival.
pub const CASES: &[u8] = b"case/";
/// All summaries, in the order of arrival.
pub const SUMMARIES: &[u8] = b"summary/";
/// All waiting messages, by destination.
pub const OUTBOX: &[u8] = b"outbox/";
/// Which messages are under way, by destination.
pub const ATTEMPTS: &[u8] = b"attempts/";
/// All messages given up, by destination.
pub const DEAD: &[u8] = b"dead/";
/// All lines of the journal, in the order of time.
pub const JOURNAL: &[u8] = b"journal/";
/// All accounts.
pub const ACCOUNTS: &[u8] = b"account/";
/// All troubles that are not over.
pub const TROUBLES: &[u8] = b"trouble/";
const BODIES: &[u8] = b"body/";
/// All destinations.
pub const DESTINATIONS: &[u8] = b"destination/";
/// When each destination last took a message.
pub const ACCEPTED: &[u8] = b"accepted/";
/// Since when each destination's silence counts, where it has taken nothing yet.
pub const SILENT: &[u8] = b"silent/";
/// Up to when the occurrences of each scheduled digest are dealt with.
pub const DIGESTS: &[u8] = b"digest/";
/// All accounts' refresh tokens.
pub const TOKENS: &[u8] = b"token/";
const SEEN: &[u8] = b"seen/";
const HISTORY: &[u8] = b"history/";

/// What is known of an account.
pub fn account(name: &AccountName) -> Vec<u8> {
    join(&[ACCOUNTS, name.as_str().as_bytes()])
}

/// An account's rotated refresh token.
pub fn token(account: &AccountName) -> Vec<u8> {
    join(&[TOKENS, account.as_str().as_bytes()])
}

/// The account in the key of its token; `None` for another key.
pub fn token_account(key: &[u8]) -> Option<AccountName> {
    Some(AccountName::new(std::str::from_utf8(key.strip_prefix(TOKENS)?).ok()?))
}

/// What is known of a destination.
pub fn destination(name: &DestinationName) -> Vec<u8> {
    join(&[DESTINATIONS, name.as_str().as_bytes()])
}

/// When a destination last took a message.
pub fn accepted(name: &DestinationName) -> Vec<u8> {
    join(&[ACCEPTED, name.as_str().as_bytes()])
}

/// The name in a key of [`ACCEPTED`]; `None` for another key.
pub fn accepted_name(key: &[u8]) -> Option<DestinationName> {
    Some(DestinationName::new(std::str::from_utf8(key.strip_prefix(ACCEPTED)?).ok()?))
}

/// Since when a destination's silence counts, where it has taken nothing yet.
pub fn silent(name: &DestinationName) -> Vec<u8> {
    join(&[SILENT, name.as_str().as_bytes()])
}

/// Up to when the occurrences of a scheduled digest are dealt with at a destination.
pub fn digest(name: &DigestName, destination: &DestinationName) -> Vec<u8> {
    join(&[DIGESTS, escaped(name.as_str()).as_bytes(), b"/", destination.as_str().as_bytes()])
}

/// The digest and the destination in a key under [`DIGESTS`]; `None` for another key.
pub fn digest_names(key: &[u8]) -> Option<(DigestName, DestinationName)> {
    let (digest, destination) = std::str::from_utf8(key.strip_prefix(DIGESTS)?).ok()?.split_once('/')?;
    Some((DigestName::new(unescaped(digest)), DestinationName::new(destination)))
}

/// Every referral of an account that was ever seen.
pub fn seen_of(account: &AccountName) -> Vec<u8> {
    join(&[SEEN, escaped(account.as_str()).as_bytes(), b"/"])
}

/// Where a referral's case number stands.
pub fn seen(account: &AccountName, referral: &ReferralId) -> Vec<u8> {
    join(&[&seen_of(account), referral.as_str().as_bytes()])
}

/// The referral's id in a key under [`seen_of`] that account; `None` for another key.
pub fn seen_referral(account: &AccountName, key: &[u8]) -> Option<ReferralId> {
    let id = key.strip_prefix(seen_of(account).as_slice())?;
    std::str::from_utf8(id).ok().map(ReferralId::from)
}

/// A case, whole.
pub fn case(n: CaseNumber) -> Vec<u8> {
    join(&[CASES, &n.0.to_be_bytes()])
}

/// A case's summary.
pub fn summary(n: CaseNumber) -> Vec<u8> {
    join(&[SUMMARIES, &n.0.to_be_bytes()])
}

/// The referral of a case.
pub fn body(n: CaseNumber) -> Vec<u8> {
    join(&[BODIES, &n.0.to_be_bytes()])
}

/// A trouble of leadtime's own.
pub fn trouble(name: &str) -> Vec<u8> {
    join(&[TROUBLES, name.as_bytes()])
}

/// The name in a key of a trouble; `None` for another key.
pub fn trouble_name(key: &[u8]) -> Option<String> {
    Some(std::str::from_utf8(key.strip_prefix(TROUBLES)?).ok()?.to_owned())
}

/// The name in a key of an account; `None` for another key.
pub fn account_name(key: &[u8]) -> Option<AccountName> {
    Some(AccountName::new(std::str::from_utf8(key.strip_prefix(ACCOUNTS)?).ok()?))
}

/// The name in a key of a destination; `None` for another key.
pub fn destination_name(key: &[u8]) -> Option<DestinationName> {
    Some(DestinationName::new(std::str::from_utf8(key.strip_prefix(DESTINATIONS)?).ok()?))
}

/// The case number at the end of a key of a case or of a summary; `None` for another key.
pub fn case_number(key: &[u8]) -> Option<CaseNumber> {
    let number = key.strip_prefix(CASES).or_else(|| key.strip_prefix(SUMMARIES))?;
    Some(CaseNumber(u64::from_be_bytes(number.try_into().ok()?)))
}

/// The queue of a destination.
pub fn outbox_of(destination: &DestinationName) -> Vec<u8> {
    join(&[OUTBOX, escaped(destination.as_str()).as_bytes(), b"/"])
}

/// A waiting message: the `n`-th that was ever queued.
pub fn outbox(destination: &DestinationName, n: u64) -> Vec<u8> {
    join(&[&outbox_of(destination), &n.to_be_bytes()])
}

/// Which messages of a destination are under way.
pub fn attempts(destination: &DestinationName) -> Vec<u8> {
    join(&[ATTEMPTS, destination.as_str().as_bytes()])
}

/// The name in a key of [`ATTEMPTS`]; `None` for another key.
pub fn attempts_name(key: &[u8]) -> Option<DestinationName> {
    Some(DestinationName::new(std::str::from_utf8(key.strip_prefix(ATTEMPTS)?).ok()?))
}

/// The messages of a destination that were given up.
pub fn dead_of(destination: &DestinationName) -> Vec<u8> {
    join(&[DEAD, escaped(destination.as_str()).as_bytes(), b"/"])
}

/// A message given up, under the number it was queued with.
pub fn dead(destination: &DestinationName, n: u64) -> Vec<u8> {
    join(&[&dead_of(destination), &n.to_be_bytes()])
}

/// The destination and the number in a key of the outbox or of the dead; `None` for another key.
pub fn message_place(key: &[u8]) -> Option<(DestinationName, u64)> {
    let rest = key.strip_prefix(OUTBOX).or_else(|| key.strip_prefix(DEAD))?;
    let (head, number) = rest.split_last_chunk::<8>()?;
    let name = std::str::from_utf8(head.strip_suffix(b"/")?).ok()?;
    Some((DestinationName::new(unescaped(name)), u64::from_be_bytes(*number)))
}

/// Where a journal line stands. Its key in the journal and its key in the index each tell all of it, so that old lines
/// are pruned by their keys alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinePlace {
    /// When it happened, to the nanosecond; what lies beyond the years 1678 to 2261 is cut to them.
    pub at: Timestamp,
    /// The number of the line; it orders what happened at the same instant.
    pub line: u64,
    /// The case it is about.
    pub case: Option<CaseNumber>,
}

impl LinePlace {
    /// The key of the line.
    pub fn journal_key(&self) -> Vec<u8> {
        let case = self.case.map_or(0, |n| n.0);
        join(&[JOURNAL, &time(self.at), &self.line.to_be_bytes(), &case.to_be_bytes()])
    }

    /// The key of its index row, where it is about a case.
    pub fn history_key(&self) -> Option<Vec<u8>> {
        self.case.map(|n| join(&[&history_of(n), &time(self.at), &self.line.to_be_bytes()]))
    }

    /// Reads a key of the journal; `None` for another key.
    pub fn from_journal_key(key: &[u8]) -> Option<Self> {
        let [at, line, case] = numbers(key.strip_prefix(JOURNAL)?)?;
        Some(Self { at: instant(at)?, line, case: (case != 0).then_some(CaseNumber(case)) })
    }

    /// Reads a key of the index; `None` for another key.
    pub fn from_history_key(key: &[u8]) -> Option<Self> {
        let (case, rest) = key.strip_prefix(HISTORY)?.split_first_chunk::<8>()?;
        let [at, line] = numbers(rest.strip_prefix(b"/")?)?;
        Some(Self { at: instant(at)?, line, case: Some(CaseNumber(u64::from_be_bytes(*case))) })
    }
}

/// Where the lines at `at` and later begin in [`JOURNAL`]; lines before `at` are all below it.
pub fn journal_from(at: Timestamp) -> Vec<u8> {
    join(&[JOURNAL, &time(at)])
}

/// The index of a case's lines, in the order of time.
pub fn history_of(n: CaseNumber) -> Vec<u8> {
    join(&[HISTORY, &n.0.to_be_bytes(), b"/"])
}

/// The first key after `key`: where the next page of a scan begins.
pub fn after(key: &[u8]) -> Vec<u8> {
    join(&[key, &[0]])
}

/// The first key above all that begin with `prefix`; `None` where there is none.
pub(super) fn prefix_end(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix.get(..=last)?.to_vec();
    if let Some(byte) = end.last_mut() {
        *byte += 1;
    }
    Some(end)
}

fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Eight bytes whose order is the order of time, before 1970 too: the sign bit is turned round.
fn time(at: Timestamp) -> [u8; 8] {
    let bounded = at.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    let nanoseconds = i64::try_from(bounded).unwrap_or_default();
    (nanoseconds.cast_unsigned() ^ SIGN).to_be_bytes()
}

fn instant(time: u64) -> Option<Timestamp> {
    Timestamp::from_nanosecond(i128::from((time ^ SIGN).cast_signed())).ok()
}

const SIGN: u64 = 1 << 63;

fn numbers<const N: usize>(bytes: &[u8]) -> Option<[u64; N]> {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let chunks: &[[u8; 8]; N] = chunks.try_into().ok()?;
    rest.is_empty().then(|| chunks.map(u64::from_be_bytes))
}

fn escaped(name: &str) -> String {
    name.replace('%', "%25").replace('/', "%2F")
}

fn unescaped(name: &str) -> String {
    name.replace("%2F", "/").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slash_in_a_name_does_not_reach_into_another_queue() {
        let outer = outbox_of(&"sales".into());
        let inner = outbox(&"sales/emea".into(), 7);
        assert!(!inner.starts_with(&outer));
        assert_eq!(message_place(&inner), Some(("sales/emea".into(), 7)));
    }

    #[test]
    fn accounts_do_not_share_what_they_have_seen() {
        assert_ne!(seen(&"a".into(), &"b/c".into()), seen(&"a/b".into(), &"c".into()));
        assert_eq!(seen_referral(&"a".into(), &seen(&"a".into(), &"b/c".into())), Some("b/c".into()));
    }

    #[test]
    fn a_prefix_of_full_bytes_has_no_end() {
        assert_eq!(prefix_end(b""), None);
        assert_eq!(prefix_end(b"\xff\xff"), None);
        assert_eq!(prefix_end(b"a\xff"), Some(b"b".to_vec()));
    }

    #[test]
    fn a_digest_of_any_name_is_read_back() {
        let names = ("mon/day%2F".into(), "sales/emea".into());
        assert_eq!(digest_names(&digest(&names.0, &names.1)), Some(names));
        assert_eq!(digest_names(b"dead/x/y"), None);
    }

    proptest! {
        #[test]
        fn the_order_of_keys_is_the_order_of_numbers(a: u64, b: u64) {
            prop_assert_eq!(case(CaseNumber(a)).cmp(&case(CaseNumber(b))), a.cmp(&b));
            prop_assert_eq!(case_number(&summary(CaseNumber(a))), Some(CaseNumber(a)));
        }

        #[test]
        fn the_order_of_lines_is_the_order_of_time(a: (i64, u64), b: (i64, u64)) {
            let place = |(at, line): (i64, u64)| LinePlace {
                at: Timestamp::from_nanosecond(at.into()).unwrap(), line, case: None,
            };
            prop_assert_eq!(place(a).journal_key().cmp(&place(b).journal_key()), a.cmp(&b));
        }

        #[test]
        fn a_line_is_found_from_its_key_in_the_journal_and_from_its_index(at: i64, line: u64, n in 1u64..) {
            let place = LinePlace {
                at: Timestamp::from_nanosecond(at.into()).unwrap(), line, case: Some(CaseNumber(n)),
            };
            prop_assert_eq!(LinePlace::from_journal_key(&place.journal_key()), Some(place));
            prop_assert_eq!(LinePlace::from_history_key(&place.history_key().unwrap()), Some(place));
        }

        #[test]
        fn a_destination_of_any_name_is_read_back(name in "[a-z/%25F]{0,8}", n: u64) {
            let name = DestinationName::new(name);
            prop_assert_eq!(message_place(&dead(&name, n)), Some((name, n)));
        }
    }
}
