//! The integration tests: one binary, one file per story.

// Clippy's leave for tests covers only functions marked as tests, and here all code is a test's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod demo;
mod messages;
mod messages_hostile;
mod messages_oracles;
mod messages_speed;
mod optional;
