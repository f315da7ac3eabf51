//! The heart: what a referral is, what is due about it and when, and what goes out next. Every function here takes
//! values and returns values; no I/O, no clock, no async, no randomness (a test holds it).

pub mod case;
pub mod claim;
pub mod deadline;
pub mod fault;
pub mod filter;
pub mod hide;
pub mod hours;
pub mod ids;
pub mod journal;
pub mod key;
pub mod ladder;
pub mod locale;
pub mod notice;
pub mod outbox;
pub mod page;
pub mod people;
pub mod period;
pub mod referral;
pub mod remedy;
pub mod reply;
pub mod rules;
pub mod schedule;
pub mod story;
pub mod track;
