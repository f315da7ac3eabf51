//! Health, metrics, the API and the page of claim links, over HTTP and over the socket in the state folder. Reads what the
//! service knows and hands it wishes; must never decide, and never show a secret, a destination's address or a customer's
//! contacts.

pub mod api;
mod by_hand;
mod claim;
mod door;
pub mod explain;
pub mod find;
mod glimpse;
pub mod hand;
mod health;
pub mod history;
pub mod listen;
pub mod measures;
pub mod outbox;
mod peer;
pub mod plan;
pub mod reload;
pub mod report;
pub mod sign_in;
pub mod sign_in_age;
pub mod since;
pub mod status;
pub mod verdict;
mod words;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use metrics_exporter_prometheus::PrometheusHandle;

pub use self::{door::Door, health::Readiness};
use self::{peer::Throttle, reload::Reloads};
use crate::{
    service::{run::Service, vitals::Vitals},
    settings::Settings,
};

/// The largest body that is read: what is brought is a token or a few words.
const BODY_MAX: usize = 64 * 1024;
/// No answer takes longer, but to what may touch thousands of messages, or waits for others.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// What is asked about: the service as far as it has come. Cheap to clone.
#[derive(Clone)]
pub struct Desk(Arc<Inside>);

struct Inside {
    settings: Arc<Settings>,
    vitals: Arc<Vitals>,
    metrics: PrometheusHandle,
    service: OnceLock<Arc<Service>>,
    reloads: Reloads,
    throttle: Throttle,
}

impl Desk {
    /// A desk for a service that is not there yet: it waits for the store.
    pub fn new(settings: Arc<Settings>, vitals: Arc<Vitals>) -> Self {
        Self(Arc::new(Inside {
            settings,
            vitals,
            metrics: measures::install(),
            service: OnceLock::new(),
            reloads: Reloads::default(),
            throttle: Throttle::default(),
        }))
    }

    /// From now on the service is there.
    pub fn serves(&self, service: Arc<Service>) {
        // A second call would be of the same process, which has one service: the first stays.
        drop(self.0.service.set(service));
    }

    /// The service, once it has the store.
    pub fn service(&self) -> Option<&Arc<Service>> {
        self.0.service.get()
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<Settings> {
        self.service().map_or_else(|| self.0.settings.clone(), |service| service.prepared().settings.clone())
    }

    /// The settings of the start: what was bound and opened by them stays so, whatever is in force.
    pub fn settings_of_start(&self) -> &Settings {
        &self.0.settings
    }

    /// Wishes for a reload, for whoever reads the settings.
    pub fn reloads(&self) -> &Reloads {
        &self.0.reloads
    }

    fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    fn vitals(&self) -> &Vitals {
        &self.0.vitals
    }

    fn metrics(&self) -> &PrometheusHandle {
        &self.0.metrics
    }
}

/// Everything that answers, for those who come in by `door`.
pub fn router(desk: Desk, door: Door) -> Router {
    let watched = (desk.clone(), door);
    let api = Router::new()
        .route("/api/v1/status", get(api::status))
        .route("/api/v1/outbox", get(api::outbox))
        .route("/api/v1/mute", post(by_hand::mute_one))
        .route("/api/v1/unmute", post(by_hand::unmute_one))
        .route("/api/v1/history", get(history::of_all))
        .route("/api/v1/plan", get(api::plan))
        .route("/api/v1/explain/{id}", get(api::explain))
        .layer(middleware::from_fn(in_time));
    let slow = Router::new()
        .route("/api/v1/accounts/{name}/glimpse", post(glimpse::glimpse))
        .route("/api/v1/accounts/{name}/sign-in", get(sign_in::app).post(sign_in::adopt))
        .route("/api/v1/outbox/drop", post(by_hand::drop_messages))
        .route("/api/v1/outbox/retry", post(by_hand::retry_messages))
        .route("/api/v1/poll", post(api::poll))
        .route("/api/v1/reload", post(reload::reload))
        .route("/api/v1/report", get(report::report));
    let guarded = api
        .merge(slow)
        .layer(middleware::from_fn_with_state(watched, door::admit))
        .layer(middleware::from_fn(words::refusals));
    let open = Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(measures::metrics))
        .layer(middleware::from_fn(in_time));
    open.merge(guarded)
        .merge(claim::router(desk.clone()))
        .fallback(async || (StatusCode::NOT_FOUND, "nothing is here\n"))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn(guard))
        .with_state(desk)
}

/// What every answer says to a browser: take it for what it is, keep no copy, put it into no frame.
async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ];
    for (name, value) in fixed {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(ANSWER_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::GATEWAY_TIMEOUT, "no answer within 30 s; look at leadtime's log\n").into_response(),
    }
}
