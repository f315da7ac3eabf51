//! Values as JSON. A value that cannot be read is damage that names its key, never a panic and never a default.

use serde::de::DeserializeOwned;

use super::{
    Store,
    fault::{StoreFault, readable},
};

/// The value at `key`, read from JSON.
///
/// # Errors
/// [`StoreFault::Damaged`] where it does not read as a `T`; else as [`Store::get`].
pub fn get_json<T: DeserializeOwned>(store: &dyn Store, key: &[u8]) -> Result<Option<T>, StoreFault> {
    store.get(key)?.map(|value| read_json(key, &value)).transpose()
}

/// Reads a value that a scan has brought.
///
/// # Errors
/// [`StoreFault::Damaged`] where it does not read as a `T`.
pub fn read_json<T: DeserializeOwned>(key: &[u8], value: &[u8]) -> Result<T, StoreFault> {
    serde_json::from_slice(value)
        .map_err(|error| StoreFault::Damaged { what: format!("the value at {} does not read: {error}", readable(key)) })
}
