//! `POST /api/v1/outbox/…`, `mute` and `unmute`: what an operator does by hand, through the service's writer. Must never do
//! more in one turn of the writer than it can do at once.

use axum::{Json, extract::State as Shared};

use super::{
    Desk,
    api::Unanswered,
    hand::{self, Act, Handled, Heard, NotDone, Refusal, Scene, Which, Wish},
};
use crate::store::StoreFault;

/// `POST /api/v1/outbox/retry`.
pub async fn retry_messages(desk: Shared<Desk>, which: Json<Which>) -> Result<Json<Handled>, Unanswered> {
    by_which(&desk, Act::Retry, which.0).await
}

/// `POST /api/v1/outbox/drop`.
pub async fn drop_messages(desk: Shared<Desk>, which: Json<Which>) -> Result<Json<Handled>, Unanswered> {
    by_which(&desk, Act::Drop, which.0).await
}

async fn by_which(desk: &Desk, act: Act, which: Which) -> Result<Json<Handled>, Unanswered> {
    let service = desk.service().cloned().ok_or(Unanswered::Standby)?;
    let zone = service.prepared().settings.time_zone.clone();
    match (which.id, which.destination) {
        (Some(id), None) => {
            let done = service
                .facts
                .bring(move |state, now| undone(hand::one(state, Scene { zone: &zone, running: true }, act, &id, now)))
                .await?;
            Ok(Json(done?))
        }
        (None, Some(destination)) => {
            let (mut handled, mut from) = (Handled { done: true, running: true, ..Handled::default() }, None);
            loop {
                let (zone, destination, at) = (zone.clone(), destination.clone(), from);
                let done = service.facts.bring(move |state, now| {
                    undone(hand::some(state, Scene { zone: &zone, running: true }, act, &destination, at, now))
                });
                let (more, next) = done.await??;
                handled.append(more);
                match next {
                    Some(next) => from = Some(next),
                    None => return Ok(Json(handled)),
                }
            }
        }
        _ => Err(Refusal::usage("name a message by \"id\", or all of a \"destination\"").into()),
    }
}

/// `POST /api/v1/mute`.
pub async fn mute_one(Shared(desk): Shared<Desk>, Json(wish): Json<Wish>) -> Result<Json<Heard>, Unanswered> {
    let service = desk.service().cloned().ok_or(Unanswered::Standby)?;
    let settings = service.prepared().settings.clone();
    let done = service.facts.bring(move |state, now| undone(hand::mute(state, &settings, &wish, now))).await?;
    Ok(Json(done?))
}

/// `POST /api/v1/unmute`.
pub async fn unmute_one(Shared(desk): Shared<Desk>, Json(wish): Json<Wish>) -> Result<Json<Heard>, Unanswered> {
    let service = desk.service().cloned().ok_or(Unanswered::Standby)?;
    let done = service.facts.bring(move |state, now| undone(hand::unmute(state, &wish, now))).await?;
    Ok(Json(done?))
}

/// A refusal is an answer; only a fault of the store makes the writer read its memory anew.
fn undone<T>(done: Result<T, NotDone>) -> Result<Result<T, Refusal>, StoreFault> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(NotDone::Refused(refusal)) => Ok(Err(refusal)),
        Err(NotDone::Store(fault)) => Err(fault),
    }
}
