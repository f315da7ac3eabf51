//! What is remembered: one narrow trait over ordered bytes, in memory and on disk.
//!
//! A caller gathers everything that belongs together in a [`Commit`]; after [`Store::commit`] has returned it is on the
//! disk, all of it. What the bytes mean is laid over this room by others; only the names of the keys live here
//! ([`layout`]), because two rooms that disagree about a key lose data.
//!
//! Calls block. Nothing here may know a clock, the network, or what a referral is; nothing here may ever answer a
//! damaged store with a fresh empty one.

mod commit;
#[cfg(test)]
mod contract;
mod fault;
mod folder;
mod json;
pub mod layout;
mod memory;
pub mod owner;
mod parts;
mod sled;
mod tree;
mod version;

use std::ops::Bound;

pub use self::{
    commit::{Commit, MAX_COMMIT_BYTES, MAX_COMMIT_WRITES, MAX_VALUE_BYTES},
    fault::StoreFault,
    folder::is_held,
    json::{get_json, read_json},
    memory::MemoryStore,
    sled::SledStore,
    version::VERSION,
};

/// A key and its value, as they stand in the store.
pub type Pair = (Vec<u8>, Vec<u8>);

/// Ordered bytes that outlive the process. One writer at a time; any number of readers.
///
/// A scan or a read sees a commit whole or not at all. What it sees may be a few milliseconds short of being on the disk:
/// only the return of `commit` says that.
pub trait Store: Send + Sync + 'static {
    /// Writes all of the commit or none of it; when this returns `Ok` it survives a crash and a power cut.
    ///
    /// # Errors
    /// After a fault nothing of the commit is there. One exception: if the disk failed and the store could not be read
    /// back at once, the commit may turn out to be there when it can be read again; whoever repeats a commit uses the
    /// same keys.
    fn commit(&self, commit: &Commit) -> Result<(), StoreFault>;

    /// The value at `key`.
    ///
    /// # Errors
    /// [`StoreFault::Damaged`], [`StoreFault::Io`], [`StoreFault::Closed`].
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreFault>;

    /// Pairs whose key begins with `prefix`, in the order of keys, from `from` (inclusive), `limit` at most.
    /// The next page begins at [`layout::after`] the last key.
    ///
    /// # Errors
    /// As [`Store::get`].
    fn scan(&self, prefix: &[u8], from: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault>;

    /// Pairs whose key begins with `prefix`, last key first, all below `before` (exclusive), `limit` at most.
    /// The next page has the last key as its `before`.
    ///
    /// # Errors
    /// As [`Store::get`].
    fn scan_back(&self, prefix: &[u8], before: Option<&[u8]>, limit: usize) -> Result<Vec<Pair>, StoreFault>;

    /// Bytes taken on the disk; `None` where that has no meaning or cannot be told.
    fn size_on_disk(&self) -> Option<u64>;

    /// Leaves the store clean and lets go of it. Every later call answers [`StoreFault::Closed`]; a second close is `Ok`.
    ///
    /// # Errors
    /// What could not be written on leaving. Commits that returned `Ok` are safe all the same.
    fn close(&self) -> Result<(), StoreFault>;
}

/// From where to where keys go.
type KeyRange = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// The keys that begin with `prefix`, cut at `from` (inclusive) and `before` (exclusive); `None` where there can be none.
fn key_range(prefix: &[u8], from: Option<&[u8]>, before: Option<&[u8]>) -> Option<KeyRange> {
    let low = from.map_or(prefix, |from| from.max(prefix)).to_vec();
    let end = layout::prefix_end(prefix);
    let before = before.map(<[u8]>::to_vec);
    let high = match (end, before) {
        (Some(end), Some(before)) => Some(end.min(before)),
        (end, before) => end.or(before),
    };
    match high {
        Some(high) if high <= low => None,
        Some(high) => Some((Bound::Included(low), Bound::Excluded(high))),
        None => Some((Bound::Included(low), Bound::Unbounded)),
    }
}
