//! The integration tests: one binary, one file per story.

// Clippy's leave for tests covers only functions marked as tests, and here all code is a test's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod broken;
mod channels;
mod channels_email;
mod check_online;
mod claims;
mod commands;
mod commands_hands;
mod commands_login;
mod commands_report;
mod commands_run;
mod commands_sign_in;
mod commands_stage;
mod commands_story;
mod demo;
mod demo_parts;
mod examples;
mod house;
mod hurt_state;
mod kill_verdict;
mod mail_token;
mod messages;
mod messages_hostile;
mod messages_oracles;
mod messages_speed;
mod messages_templates;
mod notices;
mod optional;
mod partner_center;
mod readme;
mod real_mail;
mod real_token;
mod scenarios;
mod sentences;
mod settings;
mod settings_people;
mod smtp_peer;
mod store;
mod stories;
mod story;
mod troubles_seen;
mod web;
mod words;
