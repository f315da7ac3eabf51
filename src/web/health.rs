//! `/healthz` and `/readyz`. The first says whether to start the process anew, the second whether it does its work; an
//! account's trouble is no reason for either, so it stands in the body alone.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};

use super::Desk;
use crate::service::vitals::Stage;

/// What both answer with.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Readiness {
    /// `running`, `standby` (another instance has the store), `stuck`, `cannot_record` or `stopping`.
    pub state: String,
    /// The loops that have not turned in time.
    pub stuck: Vec<String>,
    /// Why nothing can be recorded.
    #[serde(default)]
    pub why: Option<String>,
    /// The titles of leadtime's own troubles, an account's or a destination's among them.
    pub troubles: Vec<String>,
}

/// 200 while the process and its loops live.
pub async fn healthz(State(desk): State<Desk>) -> (StatusCode, Json<Readiness>) {
    let readiness = look(&desk, Vec::new());
    let code = if readiness.stuck.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(readiness))
}

/// 200 when the store is open or awaited and each loop has turned in time.
pub async fn readyz(State(desk): State<Desk>) -> (StatusCode, Json<Readiness>) {
    let readiness = look(&desk, troubles(&desk).await);
    let ready = matches!(readiness.state.as_str(), "running" | "standby");
    (if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(readiness))
}

fn look(desk: &Desk, troubles: Vec<String>) -> Readiness {
    let stuck = desk.vitals().stuck();
    let broken = desk.service().and_then(|service| service.facts.broken()).map(|fault| fault.to_string());
    let (state, why) = match (desk.vitals().stage(), broken) {
        (Stage::Stopping, _) => ("stopping", None),
        (Stage::CannotRecord(why), _) | (_, Some(why)) => ("cannot_record", Some(why)),
        _ if !stuck.is_empty() => ("stuck", None),
        (Stage::Standby, _) => ("standby", None),
        (Stage::Running, _) => ("running", None),
    };
    Readiness { state: state.to_owned(), stuck, why, troubles }
}

async fn troubles(desk: &Desk) -> Vec<String> {
    let Some(service) = desk.service() else { return Vec::new() };
    let told = service
        .facts
        .bring(|state, _| Ok(state.troubles().values().map(|trouble| trouble.told().title).collect::<Vec<_>>()));
    // A writer that does not answer is seen by the loops that wait for it; this must answer all the same.
    match tokio::time::timeout(std::time::Duration::from_secs(2), told).await {
        Ok(Ok(troubles)) => troubles,
        _ => vec!["leadtime's writer does not answer".to_owned()],
    }
}
