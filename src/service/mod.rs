//! The service: it watches, has `core` decide, delivers, and minds itself. Everything that it learns goes through
//! `facts`, the single writer.

pub mod clock;
pub mod compose;
pub mod deliver;
pub mod facts;
pub mod prepare;
