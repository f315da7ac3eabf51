//! The service: it watches, has `core` decide, delivers, and minds itself. Everything that it learns goes through
//! `facts`, the single writer.

pub mod account;
pub mod alarm;
mod aside;
pub mod claim_link;
pub mod clock;
pub mod compose;
pub mod deliver;
pub mod expiries;
pub mod facts;
pub mod forecast;
pub mod gate;
mod heartbeat;
pub mod latest;
pub mod minding;
pub mod orders;
pub mod post;
pub mod prepare;
pub mod pulse;
pub mod run;
pub mod seal;
pub mod shelf;
pub mod spell;
pub mod troubles;
pub mod vitals;
pub mod walk;
pub mod watch;
pub mod whom;
