//! A webhook of the user's own, signed as in the Standard Webhooks specification.
//! Must never quote an answer's body, but for a single word for machines: a receiver may echo the message.

use std::{collections::BTreeMap, fmt};

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::{
    Client,
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING},
};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::{
    BuildFault, Channel, Knock, Reply,
    http::{Answer, Target},
};
use crate::{
    core::{hide::is_code_word, remedy::Remedy},
    messages::rendered::{Body, Rendered},
};

/// One webhook destination.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Where to post to.
    pub url: SecretString,
    /// What to sign with: `whsec_` and base64, or any text; several with a space between, while one is being replaced.
    pub secret: Option<SecretString>,
    /// Further headers; their values are treated as secrets.
    pub headers: BTreeMap<String, SecretString>,
}

/// A webhook.
#[derive(Clone)]
pub struct Webhook {
    client: Client,
    target: Target,
    headers: HeaderMap,
    keys: Vec<Hmac<Sha256>>,
}

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");
/// The headers that are not the user's to set: they frame or sign the message.
const OURS: [HeaderName; 7] = [ID, TIMESTAMP, SIGNATURE, HOST, CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION];

impl Webhook {
    /// Reads the settings; contacts nobody.
    pub fn build(settings: &WebhookSettings, client: Client) -> Result<Self, BuildFault> {
        let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        for (name, value) in &settings.headers {
            let fault = || BuildFault::Header(name.clone());
            let header = HeaderName::try_from(name).map_err(|_| fault())?;
            let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| fault())?;
            if OURS.contains(&header) {
                return Err(fault());
            }
            value.set_sensitive(true);
            headers.insert(header, value);
        }
        let keys = match &settings.secret {
            Some(secret) => keys(secret)?,
            None => Vec::new(),
        };
        Ok(Self { client, target: Target::parse(&settings.url)?, headers, keys })
    }

    fn headers(&self, id: &str, timestamp: i64, body: &str) -> HeaderMap {
        let mut headers = self.headers.clone();
        let signature = (!self.keys.is_empty()).then(|| sign(&self.keys, id, timestamp, body));
        for (name, value) in
            [(ID, Some(id.to_owned())), (TIMESTAMP, Some(timestamp.to_string())), (SIGNATURE, signature)]
        {
            // A UUID, a number and base64 are always good header values.
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("signed", &!self.keys.is_empty()).finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Channel for Webhook {
    async fn send(&self, message: &Rendered, _recipient: Option<&str>, now: Timestamp) -> Reply {
        let Body::Json(json) = &message.body else { return Reply::wrong_kind("JSON") };
        let headers = self.headers(&message.message_id.to_string(), now.as_second(), json);
        match self.target.post(&self.client, headers, json.clone(), now).await {
            Ok(answer) => judge(&answer),
            Err(reply) => reply,
        }
    }

    async fn verify(&self, knock: &Knock, _now: Timestamp) -> Reply {
        knock.at(self.target.url()).await
    }
}

/// Base64 as people copy it: with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn keys(secret: &SecretString) -> Result<Vec<Hmac<Sha256>>, BuildFault> {
    let words = secret.expose_secret().split_whitespace();
    let keys: Result<Vec<_>, BuildFault> = words
        .map(|word| {
            let key = match word.strip_prefix("whsec_") {
                Some(encoded) => BASE64.decode(encoded).map_err(|_| BuildFault::Secret)?,
                None => word.as_bytes().to_vec(),
            };
            if key.is_empty() {
                return Err(BuildFault::Secret);
            }
            Hmac::new_from_slice(&key).map_err(|_| BuildFault::Secret)
        })
        .collect();
    keys.and_then(|keys| if keys.is_empty() { Err(BuildFault::Secret) } else { Ok(keys) })
}

/// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, once for each key, with blanks between.
fn sign(keys: &[Hmac<Sha256>], id: &str, timestamp: i64, body: &str) -> String {
    let head = format!("{id}.{timestamp}.");
    let signatures = keys.iter().map(|key| {
        let mut mac = key.clone();
        mac.update(head.as_bytes());
        mac.update(body.as_bytes());
        format!("v1,{}", general_purpose::STANDARD.encode(mac.finalize().into_bytes()))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

fn judge(answer: &Answer) -> Reply {
    if let Some(reply) = answer.common("the webhook") {
        return reply;
    }
    match answer.status.as_u16() {
        200..=299 => Reply::accepted(),
        code @ (401 | 403) => Reply::destination_refused(format!(
            "the webhook answered {code}: it does not let us in. To do: {}",
            Remedy::HeadersAndSecret
        )),
        code @ (404 | 405 | 410) => Reply::destination_refused(format!(
            "the webhook answered {code}: nothing takes messages there (any more). To do: {}",
            Remedy::CheckUrl
        )),
        407 => {
            Reply::destination_refused(format!("a proxy answered 407: it wants a login. To do: {}", Remedy::ProxyLogin))
        }
        code => {
            let word = code_word(&answer.body).map_or_else(String::new, |word| format!(" {word}"));
            Reply::message_refused(format!("the webhook answered {code}{word}"))
        }
    }
}

/// The word for machines by which an answer says what is wrong: `invalid_schema` as `error` or `code` of a JSON object.
fn code_word(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    ["code", "error"]
        .iter()
        .find_map(|key| body.get(key)?.as_str().filter(|word| is_code_word(word)).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the Standard Webhooks libraries publish and test themselves with.
    #[test]
    fn the_signature_of_the_specification_s_example_is_met() {
        let keys = keys(&SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let signature = sign(&keys, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    /// Computed with `printf 'a.1.{}' | openssl dgst -sha256 -hmac KEY -binary | base64`.
    #[test]
    fn each_of_several_secrets_signs_and_plain_text_is_a_key() {
        let keys = keys(&SecretString::from("old-key  new-key")).unwrap();
        assert_eq!(
            sign(&keys, "a", 1, "{}"),
            "v1,VQ2dYx6GXARu2Mb6wKxexNMpqJWRIK8GwlJAyaDFFv4= v1,7BMd3N4lStJSmAskuzKT1y6l5Ma/h8wjVOLIoFDatPE="
        );
    }

    #[test]
    fn of_an_answer_only_a_word_for_machines_is_told() {
        assert_eq!(code_word(r#"{"error": "invalid_schema"}"#).as_deref(), Some("invalid_schema"));
        assert_eq!(code_word(r#"{"code": "MISSING_FIELD", "error": "no"}"#).as_deref(), Some("MISSING_FIELD"));
        for echo in [
            r#"{"error": "Fabrikam Kft."}"#,
            r#"{"error": "Fabrikam"}"#,
            r#"{"code": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}"#,
            r#"{"error": {"code": "invalid_schema"}}"#,
            r#""invalid_schema""#,
            "invalid_schema",
            "",
        ] {
            assert_eq!(code_word(echo), None, "{echo}");
        }
    }

    #[test]
    fn an_empty_or_broken_secret_is_a_fault() {
        for secret in ["", "  ", "whsec_", "whsec_***"] {
            assert!(matches!(keys(&SecretString::from(secret)), Err(BuildFault::Secret)), "{secret:?}");
        }
    }
}
