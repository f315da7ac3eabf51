//! What one commit writes, and how much one may write. It never touches a disk.

use std::collections::BTreeMap;

use serde::Serialize;

use super::fault::{StoreFault, readable};

/// The largest value, in bytes. The tree keeps up to sixteen neighbours in one page, and pages above 128 KiB leave its
/// log for files of their own, which are slower and less safe: what is larger is split by who writes it.
pub const MAX_VALUE_BYTES: usize = 64 * 1024;

/// The most keys and values of one commit together, in bytes.
pub const MAX_COMMIT_BYTES: usize = 4 * 1024 * 1024;

/// The most writes in one commit. Old pages are kept until a commit is through, so memory grows with its writes.
pub const MAX_COMMIT_WRITES: usize = 4096;

/// Writes that belong together. The last word about a key holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    bytes: usize,
}

impl Commit {
    /// A commit that writes nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets `key` to `value`.
    pub fn put(&mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> &mut Self {
        self.write(key.into(), Some(value.into()))
    }

    /// Sets `key` to `value` written as JSON.
    ///
    /// # Errors
    /// [`StoreFault::Unwritable`] for a value that JSON cannot hold.
    pub fn put_json<T: Serialize + ?Sized>(
        &mut self,
        key: impl Into<Vec<u8>>,
        value: &T,
    ) -> Result<&mut Self, StoreFault> {
        let key = key.into();
        // Most values fit, so that they are not moved while they grow.
        let mut json = Vec::with_capacity(768);
        match serde_json::to_writer(&mut json, value) {
            Ok(()) => Ok(self.write(key, Some(json))),
            Err(error) => Err(StoreFault::Unwritable { key: readable(&key), why: error.to_string() }),
        }
    }

    /// Takes `key` away; that it is not there is no fault.
    pub fn delete(&mut self, key: impl Into<Vec<u8>>) -> &mut Self {
        self.write(key.into(), None)
    }

    /// Adds the writes of another commit; its word about a key is the later one.
    pub fn append(&mut self, other: Commit) -> &mut Self {
        for (key, value) in other.writes {
            self.write(key, value);
        }
        self
    }

    /// Whether it takes `key` away.
    pub fn deletes(&self, key: &[u8]) -> bool {
        self.writes.get(key).is_some_and(Option::is_none)
    }

    /// Whether it writes nothing.
    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    /// How many keys it writes or deletes.
    pub fn len(&self) -> usize {
        self.writes.len()
    }

    /// Keys and values together, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The writes in the order of keys: a value, or `None` to delete.
    pub fn writes(&self) -> impl Iterator<Item = (&[u8], Option<&[u8]>)> {
        self.writes.iter().map(|(key, value)| (key.as_slice(), value.as_deref()))
    }

    /// Refuses what is above the limits of this room; every store asks this first.
    pub(super) fn check(&self) -> Result<(), StoreFault> {
        for (key, value) in &self.writes {
            let bytes = value.as_ref().map_or(0, Vec::len);
            if bytes > MAX_VALUE_BYTES {
                return Err(StoreFault::TooLarge { what: format!("{bytes} bytes at {}", readable(key)) });
            }
        }
        if self.bytes > MAX_COMMIT_BYTES || self.len() > MAX_COMMIT_WRITES {
            return Err(StoreFault::TooLarge {
                what: format!("{} writes of {} bytes in one commit", self.len(), self.bytes),
            });
        }
        Ok(())
    }

    fn write(&mut self, key: Vec<u8>, value: Option<Vec<u8>>) -> &mut Self {
        let key_bytes = key.len();
        self.bytes += key_bytes + value.as_ref().map_or(0, Vec::len);
        if let Some(old) = self.writes.insert(key, value) {
            self.bytes -= key_bytes + old.map_or(0, |value| value.len());
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_about_a_key_holds_and_the_bytes_follow_it() {
        let mut commit = Commit::new();
        commit.put("a", "12345").put("b", "1").delete("a").put("b", "123");

        let writes: Vec<_> = commit.writes().collect();
        assert_eq!(writes, [(&b"a"[..], None), (&b"b"[..], Some(&b"123"[..]))]);
        assert_eq!((commit.len(), commit.bytes()), (2, 5));
    }

    #[test]
    fn an_appended_commit_has_the_later_word() {
        let mut first = Commit::new();
        first.put("a", "old").put("b", "kept");
        let mut second = Commit::new();
        second.put("a", "new");

        first.append(second);

        let writes: Vec<_> = first.writes().collect();
        assert_eq!(writes, [(&b"a"[..], Some(&b"new"[..])), (&b"b"[..], Some(&b"kept"[..]))]);
    }

    #[test]
    fn what_json_cannot_hold_is_a_fault_that_names_the_key() {
        let no_text_keys = std::collections::BTreeMap::from([((1, 2), 3)]);

        let fault = Commit::new().put_json("odd", &no_text_keys).err();

        assert!(matches!(fault, Some(StoreFault::Unwritable { key, .. }) if key == "odd"));
    }
}
