//! What is done by hand while no service runs: on the store itself, with what a start would do first and nothing that would
//! deliver.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    answer::not_done,
    reach::{GivenUp, give_up},
};
use crate::{
    partner_center::Clock as _,
    service::{clock::RealClock, facts::State, prepare::Prepared},
    store::{Store, StoreFault},
    web::hand::NotDone,
};

/// Does it and leaves the store clean.
///
/// # Errors
/// What is in the way was said.
pub async fn act<T: Send + 'static>(
    store: Arc<dyn Store>,
    prepared: Box<Prepared>,
    act: impl FnOnce(&mut State, &Prepared, Timestamp) -> Result<T, NotDone> + Send + 'static,
) -> Result<T, GivenUp> {
    let done = tokio::task::spawn_blocking(move || {
        let now = RealClock.now();
        let mut state = State::load(store.clone(), prepared.orders.clone(), true, now)?;
        let done = act(&mut state, &prepared, now)?;
        state.flush()?;
        store.close()?;
        Ok(done)
    });
    done.await.unwrap_or(Err(NotDone::Store(StoreFault::Closed))).map_err(not_done)
}

/// Looks, and writes nothing.
///
/// # Errors
/// What is in the way was said.
pub async fn look<T: Send + 'static>(
    store: Arc<dyn Store>,
    prepared: Box<Prepared>,
    look: impl FnOnce(&State, &Prepared, Timestamp) -> Result<T, StoreFault> + Send + 'static,
) -> Result<T, GivenUp> {
    let seen = tokio::task::spawn_blocking(move || {
        let now = RealClock.now();
        let state = State::load(store.clone(), prepared.orders.clone(), false, now)?;
        let seen = look(&state, &prepared, now)?;
        store.close()?;
        Ok(seen)
    });
    seen.await.unwrap_or(Err(StoreFault::Closed)).map_err(|fault: StoreFault| give_up(&fault.to_string()))
}
