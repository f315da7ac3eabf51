//! Long values, kept in parts. The tree keeps up to seventeen neighbours in one page, and a page above 128 KiB in a file of
//! its own; where that file's name is lost in a power cut and the log is not, the tree skips the page without a word, and
//! what it held with it. So no row of the tree is long enough for such a page.
//!
//! A long value's row holds a stub, its parts stand above all other keys. It opens nothing and knows no commit.

use super::StoreFault;

/// The longest row that is kept as it is.
pub const PART_BYTES: usize = 6 * 1024;

/// Above every key of [`super::layout`], which are text.
const PARTS: &[u8] = b"\xffparts/";
/// How a stub begins: no value does, for those are text, or numbers of eight bytes. The value's length follows.
const STUB: &[u8] = b"\xff\xfeleadtime parts\xfe\xff";

/// Whether it is a row of this file's own, and no key that anybody asked for.
pub fn is_part(key: &[u8]) -> bool {
    key.starts_with(PARTS)
}

/// Whether any value is kept in parts: most stores hold none that long, and then nothing has to be looked up.
pub fn are_there(db: &::sled::Db) -> ::sled::Result<bool> {
    Ok(db.scan_prefix(PARTS).next().transpose()?.is_some())
}

/// Where the parts of the value at `key` stand: their prefix. Ends with the key's length, so that no other key's begin so.
fn prefix(key: &[u8]) -> Vec<u8> {
    [PARTS, &(key.len() as u64).to_be_bytes(), key].concat()
}

/// The keys of the parts of a value of `length`.
pub fn keys(key: &[u8], length: usize) -> impl Iterator<Item = Vec<u8>> {
    let prefix = prefix(key);
    (0..length.div_ceil(PART_BYTES) as u64).map(move |part| [prefix.as_slice(), &part.to_be_bytes()].concat())
}

/// What stands at the key of a value of `length` that is kept in parts.
pub fn stub(length: usize) -> Vec<u8> {
    [STUB, &(length as u64).to_be_bytes()].concat()
}

/// The length of the value whose stub this is; `None` for a value that is whole.
pub fn length(value: &[u8]) -> Option<usize> {
    let length = value.strip_prefix(STUB)?;
    usize::try_from(u64::from_be_bytes(length.try_into().ok()?)).ok().filter(|length| *length <= super::MAX_VALUE_BYTES)
}

/// The value whose stub was read; `part` answers what stands at the key of a part.
pub fn joined(
    key: &[u8],
    length: usize,
    part: impl Fn(&[u8]) -> ::sled::Result<Option<::sled::IVec>>,
) -> ::sled::Result<Result<Vec<u8>, StoreFault>> {
    let mut value = Vec::with_capacity(length);
    for part_key in keys(key, length) {
        value.extend_from_slice(&part(&part_key)?.unwrap_or_default());
    }
    let whole = value.len() == length;
    let damaged = || StoreFault::Damaged { what: format!("parts of the value at {} are missing", key.escape_ascii()) };
    Ok(if whole { Ok(value) } else { Err(damaged()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_the_longest_rows_stays_in_the_log() {
        const { assert!(17 * (PART_BYTES + 1024) < 128 * 1024 - 52) };
    }

    #[test]
    fn only_a_stub_is_taken_for_one_and_it_tells_the_length() {
        assert_eq!(length(&stub(50_000)), Some(50_000));
        assert_eq!(length(b"{}"), None);
        assert_eq!(length(STUB), None);
        assert_eq!(keys(b"a", 2 * PART_BYTES).count(), 2);
        assert_eq!(keys(b"a", 2 * PART_BYTES + 1).count(), 3);
    }

    #[test]
    fn a_value_with_a_part_missing_is_damage() {
        let fault = joined(b"a", 7000, |_| Ok(Some(vec![0; 6000].into()))).unwrap();
        assert_eq!(
            fault.map(|value| value.len()),
            Err(StoreFault::Damaged { what: "parts of the value at a are missing".into() })
        );
    }
}
