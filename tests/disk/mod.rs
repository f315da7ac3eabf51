//! What a crash leaves of a disk, and a store that dies of it: for every program here that lets leadtime crash.
//!
//! - [`Image`]: the files of a folder as bytes, read from a disk and written to another.
//! - [`Disk`]: which writes, names and lengths are known to be on the disk and which may still be lost, and a draw of what
//!   is left of them after a power cut.
//! - [`CrashStore`]: a [`leadtime::store::Store`] that fails and dies by a plan, in memory or on such a disk.
//!
//! A program takes it in by `#[path = "../disk/mod.rs"] mod disk;`. Everything drawn comes from a seed that is handed in;
//! nothing here looks at a clock, and nothing judges what a store makes of an image: that is for who draws it.
#![allow(dead_code, unused_imports, reason = "each program uses a part of it")]

mod crash_store;
mod image;
mod model;

pub use self::{
    crash_store::{CrashStore, Death, Moment, Plan, Span, Trouble},
    image::{Image, scratch},
    model::{Disk, Step, Tear},
};
