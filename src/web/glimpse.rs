//! `POST /api/v1/accounts/{name}/glimpse`: an account's sign-in and first page as a proof, made by the service so that a
//! rotated token stays with it. Must never be counted as a poll: nothing is concluded from it.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{Desk, api::Unanswered};
use crate::{core::ids::AccountName, service::account::Glimpsed};

/// It takes no longer, and passing failures in it no longer than the second.
const GLIMPSE_MAX: Duration = Duration::from_secs(40);
const PATIENCE: Duration = Duration::from_secs(15);

/// Answers what was seen, or why it could not be; a failed sign-in is an answer too.
pub async fn glimpse(State(desk): State<Desk>, Path(name): Path<AccountName>) -> Result<Json<Glimpsed>, Response> {
    let service = desk.service().cloned().ok_or_else(|| Unanswered::Standby.into_response())?;
    let error = |code: StatusCode, what: String| (code, Json(json!({"error": what}))).into_response();
    match tokio::time::timeout(GLIMPSE_MAX, service.glimpse(&name, PATIENCE)).await {
        Ok(Some(glimpsed)) => Ok(Json(glimpsed)),
        Ok(None) => Err(Unanswered::NoAccount(name).into_response()),
        Err(_) => {
            let what = "Partner Center has not answered within 40 s; check the network and HTTPS_PROXY";
            Err(error(StatusCode::GATEWAY_TIMEOUT, what.to_owned()))
        }
    }
}
