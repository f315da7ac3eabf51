//! A simulated Partner Center and local sinks with an inbox: what the demo plays on, and what tests talk to.
//! Real sockets, made-up data, a clock that is handed in. Must never reach beyond this machine or read a setting.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

mod authority;
mod drawing;
pub mod html;
pub mod inbox;
pub mod inbox_page;
pub mod invent;
pub mod mail;
pub mod partner_center;
pub mod plot;
pub mod sinks;
pub mod slack_drawing;
pub mod smtp_sink;
pub mod teams_drawing;
pub mod world;

/// The simulated time, asked for at each request and each arrival.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Takes a lock. A holder that panicked leaves nothing half done here, so its poison is ignored.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
