//! The integration tests: one binary, one file per story.

mod demo_parts;
mod examples;
