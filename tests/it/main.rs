//! The integration tests: one binary, one file per story.

mod channels;
mod channels_email;
mod optional;
mod real_mail;
mod smtp_peer;
