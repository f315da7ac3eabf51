//! Slack incoming webhooks, and servers that speak like them (Mattermost, Rocket.Chat).
//! Must never take a 200 for a success at Slack itself: only the body `ok` is one.

use std::fmt;

use jiff::Timestamp;
use reqwest::{Client, StatusCode};
use secrecy::SecretString;

use super::{
    BuildFault, Channel, Knock, Reply,
    http::{Answer, Target, document},
};
use crate::messages::rendered::{Body, Rendered};

/// One Slack destination.
#[derive(Clone, Debug)]
pub struct SlackSettings {
    /// The incoming webhook.
    pub webhook_url: SecretString,
}

/// A Slack incoming webhook.
#[derive(Clone)]
pub struct Slack {
    client: Client,
    target: Target,
    /// Slack itself says `ok`; others are taken at their status.
    says_ok: bool,
}

impl Slack {
    /// Reads the settings; contacts nobody.
    pub fn build(settings: &SlackSettings, client: Client) -> Result<Self, BuildFault> {
        let target = Target::parse(&settings.webhook_url)?;
        let says_ok = matches!(target.host(), "hooks.slack.com" | "hooks.slack-gov.com");
        Ok(Self { client, target, says_ok })
    }
}

impl fmt::Debug for Slack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slack").field("says_ok", &self.says_ok).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Channel for Slack {
    async fn send(&self, message: &Rendered, _recipient: Option<&str>, now: Timestamp) -> Reply {
        let Body::Json(json) = &message.body else { return Reply::wrong_kind("JSON") };
        let headers = document("application/json", message.message_id);
        match self.target.post(&self.client, headers, json.clone(), now).await {
            Ok(answer) => judge(&answer, self.says_ok, !message.mentions.is_empty()),
            Err(reply) => reply,
        }
    }

    async fn verify(&self, knock: &Knock, _now: Timestamp) -> Reply {
        knock.at(self.target.url()).await
    }
}

const NEW_WEBHOOK: &str = "make a new webhook and put it into webhook_url";
const ALLOW: &str = "ask a workspace admin to allow it, or choose another channel";

/// Slack's words for "this destination, until somebody mends it", each with what to do.
const DESTINATION: &[(&str, &str)] = &[
    ("no_service", NEW_WEBHOOK),
    ("no_service_id", NEW_WEBHOOK),
    ("no_active_hooks", NEW_WEBHOOK),
    ("no_team", NEW_WEBHOOK),
    ("invalid_token", NEW_WEBHOOK),
    ("team_disabled", "have the workspace enabled again"),
    ("user_not_found", "the webhook's user or channel is gone; make a new webhook and put it into webhook_url"),
    ("channel_not_found", "the webhook's channel is gone; make a webhook for another channel"),
    ("channel_is_archived", "unarchive the channel, or make a webhook for another one"),
    ("action_prohibited", ALLOW),
    ("posting_to_general_channel_denied", ALLOW),
];

/// Slack's words for "this message".
const MESSAGE: &[&str] = &[
    "invalid_payload",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_attachments",
    "no_text",
    "missing_text_or_fallback_or_attachments",
    "too_many_attachments",
    "msg_too_long",
    "msg_blocks_too_long",
];

/// Slack's words that may be about somebody whom the message mentions; without a mention they are about the webhook.
const MENTION: &[&str] = &["user_not_found", "user_disabled", "invalid_user"];

/// `mentions`: whether the message mentions somebody.
fn judge(answer: &Answer, says_ok: bool, mentions: bool) -> Reply {
    if let Some(reply) = answer.common("Slack") {
        return reply;
    }
    let code = answer.status.as_u16();
    if answer.is_page() {
        return Reply::destination_refused(format!(
            "a web page answered ({code}), not Slack. To do: check webhook_url and any proxy on the way"
        ));
    }
    let word = answer.line();
    if answer.status.is_success() {
        if !says_ok || word == "ok" {
            return Reply::accepted();
        }
        if !answer.whole {
            return Reply::later("Slack's answer broke off");
        }
    }
    if mentions && let Some(word) = MENTION.iter().find(|known| **known == word) {
        return Reply::message_refused(format!("Slack answered {code} {word}"));
    }
    if let Some((word, remedy)) = DESTINATION.iter().find(|(known, _)| *known == word) {
        return Reply::destination_refused(format!("Slack answered {code} {word}. To do: {remedy}"));
    }
    if let Some(word) = MESSAGE.iter().find(|known| **known == word) {
        return Reply::message_refused(format!("Slack answered {code} {word}"));
    }
    match answer.status {
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            Reply::message_refused(format!("Slack answered {code}"))
        }
        status if status.is_success() => Reply::destination_refused(format!(
            "the answer was {code} without Slack's \"ok\". To do: check webhook_url and any proxy on the way"
        )),
        _ => Reply::destination_refused(format!("Slack answered {code}. To do: set a valid webhook_url")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Slack's answer of 200 with `body` comes to.
    fn answered(body: &str, whole: bool) -> Reply {
        judge(&Answer { status: StatusCode::OK, after: None, body: body.to_owned(), whole }, true, false)
    }

    #[test]
    fn an_unknown_user_is_the_message_s_fault_where_it_mentions_one() {
        let status = StatusCode::BAD_REQUEST;
        let unknown = Answer { status, after: None, body: "user_not_found".to_owned(), whole: true };
        assert!(matches!(judge(&unknown, true, true), Reply::MessageRefused { .. }));
        assert!(matches!(judge(&unknown, true, false), Reply::DestinationRefused { .. }));
    }

    #[test]
    fn slack_itself_must_say_ok() {
        assert_eq!(answered("ok\n", true), Reply::accepted());
        assert!(matches!(answered("", false), Reply::TryLater { .. }));
        assert!(matches!(answered("no_service", true), Reply::DestinationRefused { .. }));
        assert!(matches!(answered("invalid_blocks", true), Reply::MessageRefused { .. }));
        for body in ["", "welcome", r#"{"ok":true}"#, "<html>ok</html>"] {
            assert!(matches!(answered(body, true), Reply::DestinationRefused { .. }), "{body:?}");
        }
    }

    #[test]
    fn a_debug_print_holds_no_address() {
        let url = SecretString::from("https://hooks.slack.com/services/T1/B2/secret");
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = super::super::connect_http(&super::super::TlsSettings::default()).unwrap();
        let settings = SlackSettings { webhook_url: url };
        let slack = Slack::build(&settings, client).unwrap();
        let shown = format!("{settings:?} {slack:?} {:?}", slack.target);
        assert!(!shown.contains("secret") && !shown.contains("hooks.slack.com"), "{shown}");
    }
}
