//! The integration tests: one binary, one file per story.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod settings;
