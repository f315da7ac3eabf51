//! The integration tests: one binary, one file per story.

// A test that meets what it does not expect stops there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod store;
