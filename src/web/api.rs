//! `/api/v1/…`: JSON, instants in RFC 3339. An error is `{"error": "what is wrong; what to do"}`.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Desk,
    explain::{self, Explained},
    find::find,
    hand::{NotDone, Refusal},
    outbox::{self, Outbox},
    plan::{self, Plan, Wanted},
    status::{self, Running, Status},
};
use crate::{
    core::ids::{AccountName, CaseNumber},
    service::{pulse::Polled, run::Service},
    store::StoreFault,
};

/// No poll is waited for longer; it goes on by itself.
pub(super) const POLL_MAX: Duration = Duration::from_secs(600);

/// Why there is no answer.
#[derive(Debug)]
pub enum Unanswered {
    /// The store is not open yet.
    Standby,
    /// No such account.
    NoAccount(AccountName),
    /// The store's.
    Store(StoreFault),
    /// A poll that has not ended in time.
    Slow,
    /// What was asked for by hand cannot be done.
    Refused(Refusal),
    /// Nobody here reads the settings again.
    NoReload,
    /// A body of another form than this.
    NotUnderstood(&'static str),
    /// What was brought is not saved; why and what to do.
    NotKept(String),
}

impl From<Refusal> for Unanswered {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NotDone> for Unanswered {
    fn from(not: NotDone) -> Self {
        match not {
            NotDone::Refused(refusal) => Self::Refused(refusal),
            NotDone::Store(fault) => Self::Store(fault),
        }
    }
}

impl From<StoreFault> for Unanswered {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

impl IntoResponse for Unanswered {
    fn into_response(self) -> Response {
        let (code, what) = match self {
            Self::Standby => (
                StatusCode::SERVICE_UNAVAILABLE,
                "this leadtime stands by: another one has the state and does the work; ask where that one runs"
                    .to_owned(),
            ),
            Self::NoAccount(name) => {
                (StatusCode::NOT_FOUND, format!("there is no account {name}; `leadtime status` lists them"))
            }
            Self::Store(fault) => (StatusCode::SERVICE_UNAVAILABLE, fault.to_string()),
            Self::Slow => (
                StatusCode::GATEWAY_TIMEOUT,
                "the poll takes longer than 10 min and goes on; look at `leadtime status` later".to_owned(),
            ),
            Self::Refused(refusal) => {
                let ambiguous = !refusal.candidates.is_empty();
                let code = match (refusal.usage, ambiguous) {
                    (true, _) => StatusCode::BAD_REQUEST,
                    (false, true) => StatusCode::CONFLICT,
                    (false, false) => StatusCode::NOT_FOUND,
                };
                return (code, Json(refusal)).into_response();
            }
            Self::NoReload => (
                StatusCode::SERVICE_UNAVAILABLE,
                "this leadtime is starting or stopping, so it reads no settings now; try again".to_owned(),
            ),
            Self::NotUnderstood(form) => (StatusCode::UNPROCESSABLE_ENTITY, format!("send JSON: {form}")),
            Self::NotKept(why) => (StatusCode::SERVICE_UNAVAILABLE, why),
        };
        (code, Json(json!({"error": what}))).into_response()
    }
}

/// `?account=NAME`.
#[derive(Deserialize)]
pub struct Only {
    account: Option<AccountName>,
}

pub(super) fn service_of(desk: &Desk, only: Option<&AccountName>) -> Result<Arc<Service>, Unanswered> {
    let service = desk.service().cloned().ok_or(Unanswered::Standby)?;
    match only {
        Some(name) if !service.prepared().settings.accounts.contains_key(name) => {
            Err(Unanswered::NoAccount(name.clone()))
        }
        _ => Ok(service),
    }
}

/// `GET /api/v1/status`.
pub async fn status(State(desk): State<Desk>, Query(only): Query<Only>) -> Result<Json<Status>, Unanswered> {
    let service = service_of(&desk, only.account.as_ref())?;
    let settings = service.prepared().settings.clone();
    let asked = settings.clone();
    let sketched = service.facts.bring(move |state, now| {
        let sketch = status::sketch(state, &asked, only.account.as_ref(), now)?;
        Ok((sketch, state.store().clone()))
    });
    let (sketch, store) = sketched.await?;
    let running = Running::of(desk.vitals(), service.pasts(), service.facts.broken().as_ref(), service.is_dry_run());
    let finished =
        tokio::task::spawn_blocking(move || status::finish(sketch, store.as_ref(), &settings, Some(&running)));
    Ok(Json(finished.await.unwrap_or(Err(StoreFault::Closed))?))
}

/// `GET /api/v1/outbox`: `?destination=`, `?account=`, `?state=waiting` or `dead`.
pub async fn outbox(State(desk): State<Desk>, Query(asked): Query<outbox::Asked>) -> Result<Json<Outbox>, Unanswered> {
    let service = service_of(&desk, asked.account.as_ref())?;
    let settings = service.prepared().settings.clone();
    let wanted = asked.clone();
    let rows = service.facts.bring(move |state, now| {
        let rows = outbox::rows(state, &wanted, now)?;
        Ok((rows, state.store().clone()))
    });
    let (rows, store) = rows.await?;
    let finished = tokio::task::spawn_blocking(move || outbox::finish(rows, &asked, store.as_ref(), &settings, true));
    Ok(Json(finished.await.map_err(|_| StoreFault::Closed)?))
}

/// `?account=NAME&id=ID&all=true`.
#[derive(Deserialize)]
pub struct Planned {
    account: Option<AccountName>,
    id: Option<String>,
    #[serde(default)]
    all: bool,
}

/// `GET /api/v1/plan`.
pub async fn plan(State(desk): State<Desk>, Query(asked): Query<Planned>) -> Result<Json<Plan>, Unanswered> {
    let service = service_of(&desk, asked.account.as_ref())?;
    let settings = service.prepared().settings.clone();
    if let Some(id) = asked.id {
        let number = number_of(&service, id).await?;
        let sketched = service.facts.bring(move |state, now| {
            let sketch = plan::sketch_of(state, number, now)?;
            Ok((sketch, state.store().clone()))
        });
        let (sketch, store) = sketched.await?;
        let finished = tokio::task::spawn_blocking(move || plan::finish_of(sketch, store.as_ref(), &settings, true));
        return Ok(Json(finished.await.map_err(|_| StoreFault::Closed)?));
    }
    let wanted = Wanted { account: asked.account, all: asked.all };
    let looked = wanted.clone();
    let sketched = service.facts.bring(move |state, now| {
        Ok((plan::sketch(state, &looked, now), state.store().clone(), state.orders().clone()))
    });
    let (sketch, store, orders) = sketched.await?;
    let finished =
        tokio::task::spawn_blocking(move || plan::finish(sketch, store.as_ref(), &settings, &orders, &wanted, true));
    Ok(Json(finished.await.unwrap_or(Err(StoreFault::Closed))?))
}

/// `GET /api/v1/explain/{id}`.
pub async fn explain(State(desk): State<Desk>, Path(id): Path<String>) -> Result<Json<Explained>, Unanswered> {
    let service = service_of(&desk, None)?;
    let settings = service.prepared().settings.clone();
    let number = number_of(&service, id).await?;
    let sketched = service.facts.bring(move |state, now| {
        let sketch = explain::sketch(state, number, now)?;
        Ok((sketch, state.store().clone()))
    });
    let (sketch, store) = sketched.await?;
    let finished = tokio::task::spawn_blocking(move || explain::finish(sketch, store.as_ref(), &settings, true));
    Ok(Json(finished.await.unwrap_or(Err(StoreFault::Closed))?))
}

/// The one referral that an id, or the beginning of one, leads to.
async fn number_of(service: &Service, id: String) -> Result<CaseNumber, Unanswered> {
    let store = service.facts.bring(|state, _| Ok(state.store().clone())).await?;
    let settings = service.prepared().settings.clone();
    let found = tokio::task::spawn_blocking(move || find(store.as_ref(), &settings, &id));
    Ok(found.await.unwrap_or(Err(StoreFault::Closed.into()))?)
}

/// How polls that were asked for went.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Polls {
    /// Whether every one was whole.
    pub whole: bool,
    /// Each account's.
    pub accounts: BTreeMap<AccountName, Outcome>,
}

/// How one poll went.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// `whole`, or the class of the fault.
    pub outcome: String,
    /// Referrals in the listing.
    pub listed: Option<usize>,
    /// New ones among them.
    pub new: Option<u32>,
    /// What went wrong and what to do.
    pub why: Option<String>,
}

impl From<Polled> for Outcome {
    fn from(polled: Polled) -> Self {
        match polled {
            Polled::Whole { listed, new } => {
                Self { outcome: "whole".to_owned(), listed: Some(listed), new: Some(new), why: None }
            }
            Polled::Failed { class, why, .. } => {
                Self { outcome: class.to_owned(), listed: None, new: None, why: Some(why) }
            }
        }
    }
}

/// `POST /api/v1/poll`: polls now, without waiting for a back-off, and answers when that is done.
pub async fn poll(State(desk): State<Desk>, Query(only): Query<Only>) -> Result<Json<Polls>, Unanswered> {
    let service = service_of(&desk, only.account.as_ref())?;
    let pulses = service.pulses().into_iter();
    let asked = pulses.filter(|(name, _)| only.account.as_ref().is_none_or(|account| account == name));
    let polls = join_all(asked.map(async |(name, pulse)| Some((name, Outcome::from(pulse.poll_now().await?)))));
    let polls = tokio::time::timeout(POLL_MAX, polls).await.map_err(|_| Unanswered::Slow)?;
    let accounts: BTreeMap<_, _> = polls.into_iter().flatten().collect();
    Ok(Json(Polls { whole: accounts.values().all(|outcome| outcome.outcome == "whole"), accounts }))
}
