//! Every refusal of the API as `{"error": "what is wrong; what to do"}`, also those that are made before a route is reached:
//! at the door, and where a query or a body cannot be read. Must never change what was answered otherwise.

use axum::{
    Json,
    body::to_bytes,
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use serde_json::json;

/// No refusal is longer.
const REFUSAL_MAX: usize = 4 * 1024;

/// Puts a refusal in plain words into JSON; its status and headers stay.
pub async fn refusals(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_json = |kind: &HeaderValue| kind.to_str().is_ok_and(|kind| kind.starts_with("application/json"));
    let is_refusal = status.is_client_error() || status.is_server_error();
    if !is_refusal || response.headers().get(header::CONTENT_TYPE).is_some_and(is_json) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let text = to_bytes(body, REFUSAL_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let what = if text.trim().is_empty() { status.canonical_reason().unwrap_or("refused") } else { text.trim() };
    let mut told = (status, Json(json!({"error": what}))).into_response();
    let own = |name: &header::HeaderName| *name == header::CONTENT_TYPE || *name == header::CONTENT_LENGTH;
    told.headers_mut().extend(parts.headers.into_iter().filter(|(name, _)| !name.as_ref().is_some_and(own)));
    told
}
