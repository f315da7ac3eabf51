//! Microsoft Teams by a Power Automate workflow ("When a Teams webhook request is received").
//! Must never touch the URL's query nor add an `Authorization` header: the query's signature is the credential, and a
//! second one is refused. A 202 means that the workflow took the request, not that the card was posted.

use std::fmt;

use jiff::Timestamp;
use reqwest::Client;
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    BuildFault, Channel, Knock, Reply,
    http::{Answer, QUOTE_CAP, Target, document},
    one_line,
};
use crate::{
    core::remedy::Remedy,
    messages::rendered::{Body, Rendered},
};

/// One Teams destination.
#[derive(Clone, Debug)]
pub struct TeamsSettings {
    /// The workflow's URL, with its whole query.
    pub webhook_url: SecretString,
}

/// A Teams workflow.
#[derive(Clone)]
pub struct Teams {
    client: Client,
    target: Target,
}

impl Teams {
    /// Reads the settings; contacts nobody.
    pub fn build(settings: &TeamsSettings, client: Client) -> Result<Self, BuildFault> {
        Ok(Self { client, target: Target::parse(&settings.webhook_url)? })
    }
}

impl fmt::Debug for Teams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Teams").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Channel for Teams {
    async fn send(&self, message: &Rendered, _recipient: Option<&str>, now: Timestamp) -> Reply {
        let Body::Json(json) = &message.body else { return Reply::wrong_kind("JSON") };
        // The charset is named because workflows have been seen to spoil letters beyond ASCII without it.
        let headers = document("application/json; charset=utf-8", message.message_id);
        match self.target.post(&self.client, headers, json.clone(), now).await {
            Ok(answer) => judge(&answer, &self.target, !message.mentions.is_empty()),
            Err(reply) => reply,
        }
    }

    async fn verify(&self, knock: &Knock, _now: Timestamp) -> Reply {
        knock.at(self.target.url()).await
    }
}

/// `{"error":{"code","message"}}`, as the workflow service reports.
#[derive(Default, Deserialize)]
struct Report {
    #[serde(default)]
    error: Fault,
}

#[derive(Default, Deserialize)]
struct Fault {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

/// What is wrong with the workflow or its address, whatever the message holds.
const WORKFLOW: &[&str] = &[
    "DirectApiAuthorizationRequired",
    "MissingApiVersionParameter",
    "WorkflowTriggerIsNotEnabled",
    "WorkflowNotFound",
    "AuthorizationFailed",
];

/// `mentions`: whether the card mentions somebody. Then a 400 that does not name the workflow may be about the mention, and
/// the same card without it shows whether it is.
fn judge(answer: &Answer, target: &Target, mentions: bool) -> Reply {
    if let Some(reply) = answer.common("Teams") {
        return reply;
    }
    let status = answer.status.as_u16();
    // A workflow answers 202 with nothing, or what its own Response action says, never a page; a proxy's sign-in does.
    if answer.is_page() {
        return Reply::destination_refused(format!(
            "a web page answered ({status}), not the Teams workflow. To do: {}",
            Remedy::UrlAndProxy
        ));
    }
    if answer.status.is_success() {
        return Reply::accepted();
    }
    let fault = serde_json::from_str::<Report>(&answer.body).unwrap_or_default().error;
    let code = target.scrub(&fault.code);
    let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
    let mut said = format!("Teams answered {status}");
    for part in [code.as_str(), &one_line(&target.scrub(&fault.message), QUOTE_CAP)] {
        if !part.is_empty() {
            said = format!("{said}: {part}");
        }
    }
    match (status, code.as_str()) {
        (413, _) => Reply::message_refused(said),
        (400 | 422, "TriggerInputSchemaMismatch" | "InvalidRequestContent" | "RequestEntityTooLarge") => {
            Reply::message_refused(said)
        }
        (400 | 422, code) if mentions && !WORKFLOW.contains(&code) => Reply::message_refused(said),
        _ => Reply::destination_refused(format!("{said}. To do: {}", remedy(status, &code))),
    }
}

fn remedy(status: u16, code: &str) -> Remedy {
    match (status, code) {
        (_, "DirectApiAuthorizationRequired") => Remedy::Anyone,
        (_, "MissingApiVersionParameter") => Remedy::WholeUrl,
        (_, "WorkflowTriggerIsNotEnabled") => Remedy::WorkflowOn,
        (_, "WorkflowNotFound") | (404 | 410, _) => Remedy::WorkflowGone,
        (401 | 403, _) => Remedy::Signature,
        _ => Remedy::LookAtWorkflow,
    }
}
