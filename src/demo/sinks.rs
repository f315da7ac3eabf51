//! Local stand-ins for Slack, Teams and any webhook, over real HTTP: they answer as the real ones do, keep what they
//! took in the inbox, and can be told to fail. Must never pass anything on.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    inbox::{Arrival, Inbox, Medium},
    lock,
};
use crate::core::ids::MessageId;

/// The largest body that a sink takes, in bytes.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// No answer is held back longer.
const HELD_MAX: Duration = Duration::from_secs(10);

/// Slack refuses more blocks than this.
const MOST_BLOCKS: usize = 50;

/// A handle on the sinks and their switches; clones are the same ones.
#[derive(Clone)]
pub struct Sinks {
    inbox: Inbox,
    faults: Arc<Mutex<Faults>>,
    held: watch::Sender<bool>,
}

/// By medium and name; without a name, all of the medium.
type Faults = BTreeMap<(Medium, Option<String>), Fault>;

/// What is wrong with a sink.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What it answers.
    pub kind: FaultKind,
    /// When it mends itself, by the simulated clock; else somebody has to.
    pub until: Option<Timestamp>,
}

/// How a sink refuses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FaultKind {
    /// 503; SMTP 451.
    Unavailable,
    /// The webhook was removed: Slack's 404 `no_service`, 404 elsewhere; SMTP 550.
    Gone,
    /// 429 with `Retry-After` in seconds; SMTP 450.
    Throttled {
        /// Seconds.
        retry_after: u32,
    },
    /// It takes none of these messages and would take others: Slack's and Teams' 400; SMTP 554.
    Refuses,
    /// It does not know whom a message mentions: Slack's and Teams' 400. It takes all others.
    RefusesMentions,
}

impl Sinks {
    /// Sinks that all work.
    pub fn new(inbox: Inbox) -> Self {
        Self { inbox, faults: Arc::default(), held: watch::Sender::new(false) }
    }

    /// Where they put what they take.
    pub fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    /// Breaks one sink, or with no name all of that medium.
    pub fn fail(&self, medium: Medium, sink: Option<&str>, fault: Fault) {
        lock(&self.faults).insert((medium, sink.map(str::to_owned)), fault);
    }

    /// Mends what [`fail`](Self::fail) broke under the same name.
    pub fn mend(&self, medium: Medium, sink: Option<&str>) {
        lock(&self.faults).remove(&(medium, sink.map(str::to_owned)));
    }

    /// From now on takes what comes over HTTP, and keeps its sender waiting for the answer; or lets every answer go.
    pub fn hold_answers(&self, held: bool) {
        self.held.send_replace(held);
    }

    async fn answer(&self, response: Response) -> Response {
        // One that was held for too long is let go.
        drop(tokio::time::timeout(HELD_MAX, self.held.subscribe().wait_for(|held| !held)).await);
        response
    }

    /// What is wrong with a sink now: its own fault goes before that of its medium.
    pub(super) fn fault(&self, medium: Medium, sink: &str) -> Option<FaultKind> {
        let now = self.inbox.now();
        let mut faults = lock(&self.faults);
        faults.retain(|_, fault| fault.until.is_none_or(|until| now < until));
        faults.get(&(medium, Some(sink.to_owned()))).or_else(|| faults.get(&(medium, None))).map(|fault| fault.kind)
    }

    /// `POST /slack/{name}`, `/teams/{name}`, `/hooks/{name}`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/slack/{name}", post(slack))
            .route("/teams/{name}", post(teams))
            .route("/hooks/{name}", post(hook))
            .layer(DefaultBodyLimit::max(LARGEST_BODY))
            .with_state(self.clone())
    }

    /// Refuses as the switches have it, else has the message looked at, and keeps it or counts it as refused.
    fn receive(
        &self,
        medium: Medium,
        sink: String,
        body: String,
        id: Option<String>,
        look: impl FnOnce(&Value) -> Result<String, Box<Response>>,
        accepted: impl IntoResponse,
    ) -> Response {
        let fault = self.fault(medium, &sink);
        let looked = match fault.filter(|kind| *kind != FaultKind::RefusesMentions || mentions(&body)) {
            Some(kind) => Err(Box::new(refusal(medium, kind))),
            None => {
                let value = serde_json::from_str(&body).unwrap_or(Value::Null);
                look(&value).map(|first_line| (first_line, id.or_else(|| id_inside(&value, 0))))
            }
        };
        match looked {
            Ok((first_line, message_id)) => {
                self.inbox.take(Arrival { medium, sink, message_id, first_line, body });
                accepted.into_response()
            }
            Err(refusal) => {
                self.inbox.refuse(medium);
                *refusal
            }
        }
    }
}

async fn slack(State(sinks): State<Sinks>, Path(name): Path<String>, headers: HeaderMap, body: String) -> Response {
    let look = |message: &Value| {
        let blocks = message.get("blocks").and_then(Value::as_array);
        let text = message.get("text").and_then(Value::as_str).unwrap_or_default();
        let bad = |words: &'static str| Err(Box::new((StatusCode::BAD_REQUEST, words).into_response()));
        match blocks {
            _ if !message.is_object() => bad("invalid_payload"),
            Some(blocks) if blocks.len() > MOST_BLOCKS => bad("invalid_blocks"),
            None if text.is_empty() => bad("no_text"),
            _ => Ok(text.to_owned()),
        }
    };
    let response = sinks.receive(Medium::Slack, name, body, message_id(&headers), look, "ok");
    sinks.answer(response).await
}

async fn teams(State(sinks): State<Sinks>, Path(name): Path<String>, headers: HeaderMap, body: String) -> Response {
    let look = |message: &Value| {
        let attachments = message.get("attachments").and_then(Value::as_array);
        match attachments {
            Some(attachments) if !attachments.is_empty() => {
                Ok(message.get("summary").and_then(Value::as_str).unwrap_or_default().to_owned())
            }
            _ => Err(Box::new(json_error(
                StatusCode::BAD_REQUEST,
                "TriggerInputSchemaMismatch",
                "attachments must be an array",
            ))),
        }
    };
    let response = sinks.receive(Medium::Teams, name, body, message_id(&headers), look, StatusCode::ACCEPTED);
    sinks.answer(response).await
}

async fn hook(State(sinks): State<Sinks>, Path(name): Path<String>, headers: HeaderMap, body: String) -> Response {
    let look = |message: &Value| Ok(message.get("type").and_then(Value::as_str).unwrap_or_default().to_owned());
    let response = sinks.receive(Medium::Webhook, name, body, message_id(&headers), look, StatusCode::NO_CONTENT);
    sinks.answer(response).await
}

/// Whether a message mentions somebody, in Slack's way or in Teams'.
fn mentions(body: &str) -> bool {
    body.contains("\"user_id\"") || body.contains("\"mentioned\"")
}

fn refusal(medium: Medium, kind: FaultKind) -> Response {
    match (kind, medium) {
        (FaultKind::Unavailable, _) => (StatusCode::SERVICE_UNAVAILABLE, "service unavailable").into_response(),
        (FaultKind::Gone, Medium::Slack) => (StatusCode::NOT_FOUND, "no_service").into_response(),
        (FaultKind::Gone, _) => json_error(StatusCode::NOT_FOUND, "WorkflowNotFound", "The workflow was not found."),
        (FaultKind::Refuses | FaultKind::RefusesMentions, Medium::Slack) => {
            (StatusCode::BAD_REQUEST, "invalid_blocks").into_response()
        }
        (FaultKind::RefusesMentions, _) => {
            json_error(StatusCode::BAD_REQUEST, "BadRequest", "One of the mentioned users could not be found.")
        }
        (FaultKind::Refuses, _) => {
            json_error(StatusCode::BAD_REQUEST, "TriggerInputSchemaMismatch", "The card is not one.")
        }
        (FaultKind::Throttled { retry_after }, _) => {
            let wait = [(header::RETRY_AFTER, HeaderValue::from(retry_after))];
            (StatusCode::TOO_MANY_REQUESTS, wait, "rate_limited").into_response()
        }
    }
}

fn json_error(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"error": {"code": code, "message": message}}))).into_response()
}

/// Standard Webhooks' header, or leadtime's own where the channel has none.
fn message_id(headers: &HeaderMap) -> Option<String> {
    headers.get("webhook-id").or_else(|| headers.get("x-leadtime-message"))?.to_str().ok().map(str::to_owned)
}

/// The first id of a message that stands anywhere in a document under one of the names that hold one. An `id` counts only
/// beside a `type`, as elements of a card have it: a person who is mentioned has an id too.
fn id_inside(value: &Value, depth: u8) -> Option<String> {
    if depth > 8 {
        return None;
    }
    match value {
        Value::Object(fields) => ["message_id", "messageId", "block_id", "id"]
            .iter()
            .filter(|name| **name != "id" || fields.contains_key("type"))
            .find_map(|name| fields.get(*name)?.as_str().filter(|text| MessageId::parse(text).is_some()))
            .map(str::to_owned)
            .or_else(|| fields.values().find_map(|inner| id_inside(inner, depth + 1))),
        Value::Array(items) => items.iter().find_map(|inner| id_inside(inner, depth + 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_person_who_is_mentioned_is_none_of_the_message() {
        let id = MessageId::of_key("anna").to_string();
        let entity = json!({"type": "mention", "mentioned": {"id": id, "name": "Anna"}});
        assert_eq!(id_inside(&entity, 0), None);
    }

    #[test]
    fn an_id_is_found_deep_inside_a_card() {
        let id = MessageId::of_key("x").to_string();
        let card = json!({"attachments": [{"content": {"id": "not one", "body": [{"type": "TextBlock", "id": id}]}}]});
        assert_eq!(id_inside(&card, 0), Some(id));
        assert_eq!(id_inside(&json!({"id": "card", "text": "x"}), 0), None);
    }
}
