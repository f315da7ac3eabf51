//! leadtime watches a Microsoft partner's incoming referrals, counts down to the day each expires, tells the sellers and
//! escalates to the managers, and stops when the referral is answered.
//!
//! One way through, in one direction: `partner_center` reads, `core` decides, `store` remembers, `messages` words,
//! `channels` deliver; `service` joins them, `web` and `commands` show them, `demo` plays them.

pub mod core;

pub mod channels;
pub mod commands;
pub mod demo;
pub mod messages;
pub mod partner_center;
pub mod scenario;
pub mod service;
pub mod settings;
pub mod store;
pub mod web;
