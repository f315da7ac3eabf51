//! One HTTP exchange: a request out, an answer of bounded size and in bounded time back, and what its status means.
//! Must never follow a redirect, and never let an address, a token or a body into an error.

use std::{error::Error, sync::Arc, time::Duration};

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use serde_json::Value;

use super::fault::{SignInTrouble, Trouble};
use crate::core::period::Seconds;

/// The largest page that is read, unpacked.
pub const PAGE_LIMIT: usize = 32 << 20;
/// How much of any other answer is of interest.
pub(super) const NOTE_LIMIT: usize = 256 << 10;
/// A longer `Retry-After` is taken for this.
const LONGEST_RETRY_AFTER: Seconds = Seconds(24 * 60 * 60);

/// An HTTP client that keeps this room's rules. All accounts share one.
#[derive(Clone)]
pub struct Http {
    /// What requests are begun with.
    pub(super) client: reqwest::Client,
    carrier: Arc<dyn Carrier>,
}

/// Carries one request to its server, and the beginning of the answer back.
#[async_trait::async_trait]
pub trait Carrier: Send + Sync {
    /// The answer, its body still to be read.
    ///
    /// # Errors
    /// There is none.
    async fn carry(&self, request: reqwest::Request) -> Result<reqwest::Response, NoAnswer>;
}

#[async_trait::async_trait]
impl Carrier for reqwest::Client {
    async fn carry(&self, request: reqwest::Request) -> Result<reqwest::Response, NoAnswer> {
        self.execute(request).await.map_err(no_answer)
    }
}

impl Http {
    /// Takes what the caller has set (roots, proxy) and adds what must hold: no redirects, gzip, and `limit` for each
    /// exchange from connecting to the last byte.
    pub fn new(builder: reqwest::ClientBuilder, limit: Duration) -> Result<Self, reqwest::Error> {
        builder
            .redirect(reqwest::redirect::Policy::none())
            .gzip(true)
            .connect_timeout(limit.min(Duration::from_secs(10)))
            .timeout(limit)
            .user_agent(concat!("leadtime/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(|client| Self { carrier: Arc::new(client.clone()), client })
    }

    /// The same, by another carrier: a Partner Center without a network.
    pub fn carried_by(&self, carrier: Arc<dyn Carrier>) -> Self {
        Self { client: self.client.clone(), carrier }
    }
}

/// A whole answer, whatever its status.
pub(super) struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    pub server_date: Option<Timestamp>,
    pub retry_after: Option<Seconds>,
    /// The server's own name for the request, for a support case.
    pub request_id: Option<String>,
}

/// Why there is none.
#[derive(Debug)]
pub enum NoAnswer {
    /// None came in time.
    TimedOut,
    /// What broke, without any address.
    ConnectionLost(String),
    /// It is larger than this many bytes.
    TooLarge(usize),
    /// The request cannot be made.
    Unsendable,
}

/// Sends a request and reads the answer: all of a success, which must not be larger than `limit`, and the beginning of
/// anything else. `now` is what a `Retry-After` date is measured from where the answer has no `Date` of its own.
pub(super) async fn receive(
    http: &Http,
    request: reqwest::RequestBuilder,
    limit: usize,
    now: Timestamp,
) -> Result<Answer, NoAnswer> {
    let mut response = http.carrier.carry(request.build().map_err(no_answer)?).await?;
    let status = response.status().as_u16();
    let server_date = text(response.headers(), &DATE).and_then(http_date);
    let retry_after =
        text(response.headers(), &RETRY_AFTER).and_then(|after| read_retry_after(after, server_date.unwrap_or(now)));
    let request_id = text(response.headers(), &HeaderName::from_static("request-id")).map(plain);
    let mut answer = Answer { status, body: Vec::new(), server_date, retry_after, request_id };
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or_default();
    answer.body.reserve(announced.min(if status == 200 { limit } else { NOTE_LIMIT }));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => answer.body.extend_from_slice(&chunk),
            Ok(None) => return Ok(answer),
            // The status has said enough.
            Err(_) if status != 200 => return Ok(answer),
            Err(fault) => return Err(no_answer(fault)),
        }
        if status != 200 && answer.body.len() > NOTE_LIMIT {
            answer.body.truncate(NOTE_LIMIT);
            return Ok(answer);
        }
        if answer.body.len() > limit {
            return Err(NoAnswer::TooLarge(limit));
        }
    }
}

impl Answer {
    /// Itself if it is a 200, else what is the matter.
    pub fn judged(self) -> Result<Self, Trouble> {
        let (status, retry_after) = (self.status, self.retry_after);
        Err(match status {
            200 => return Ok(self),
            201..=299 => Trouble::NotAListing { why: format!("status {status}") },
            300..=399 => Trouble::Redirected { status },
            400 => Trouble::BadRequest { said: self.said("message").or_else(|| self.said("code")) },
            401 if self.asks_for_mfa() => Trouble::MfaNeeded,
            401 => Trouble::Unauthorized,
            403 => Trouble::Forbidden { said: self.said("code") },
            404 | 410 => Trouble::NotFound { status },
            429 => Trouble::Throttled { retry_after },
            408 | 423 | 425 | 500 | 502..=599 => Trouble::Unavailable { status, retry_after },
            _ => Trouble::Refused { status, said: self.said("code") },
        })
    }

    /// Whether it is the 401 that no refresh mends: code 900421, as a number or text, in either of the two shapes in
    /// which this API words an error, however deeply nested.
    pub fn asks_for_mfa(&self) -> bool {
        fn holds(value: &Value) -> bool {
            match value {
                Value::Object(fields) => fields.iter().any(|(name, value)| {
                    let is_code =
                        ["code", "errorCode", "statusCode"].iter().any(|code| name.eq_ignore_ascii_case(code));
                    let matches = value.as_u64() == Some(900_421) || value.as_str().map(str::trim) == Some("900421");
                    (is_code && matches) || holds(value)
                }),
                Value::Array(values) => values.iter().any(holds),
                _ => false,
            }
        }
        self.status == 401 && self.json().is_some_and(|body| holds(&body))
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(without_mark(&self.body)).ok()
    }

    /// What an error's body says under a name: `{"error":{"code":…,"message":…}}` or `{"statusCode":…,"message":…}`.
    fn said(&self, name: &str) -> Option<String> {
        let body = self.json()?;
        let error = body.get("error").filter(|error| error.is_object()).unwrap_or(&body);
        error.get(name)?.as_str().map(plain).filter(|said| !said.is_empty())
    }
}

impl From<NoAnswer> for Trouble {
    fn from(reason: NoAnswer) -> Self {
        match reason {
            NoAnswer::TimedOut => Self::TimedOut,
            NoAnswer::ConnectionLost(why) => Self::ConnectionLost { why },
            NoAnswer::TooLarge(limit) => Self::TooLarge { limit },
            NoAnswer::Unsendable => Self::BadLink { why: "it makes no address".to_owned() },
        }
    }
}

impl From<NoAnswer> for SignInTrouble {
    fn from(reason: NoAnswer) -> Self {
        let unavailable = |why| Self::Unavailable { why, retry_after: None };
        match reason {
            NoAnswer::TimedOut => unavailable("it did not answer in time".to_owned()),
            NoAnswer::ConnectionLost(why) => unavailable(why),
            NoAnswer::TooLarge(limit) => Self::Malformed { why: format!("it is larger than {limit} bytes") },
            NoAnswer::Unsendable => Self::Malformed { why: "`token_url` makes no address".to_owned() },
        }
    }
}

/// A body without the byte order mark that some proxies put before it.
pub(super) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

/// Somebody else's text on one line of ours, at most 200 characters.
pub(super) fn plain(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect()
}

fn no_answer(fault: reqwest::Error) -> NoAnswer {
    if fault.is_timeout() {
        return NoAnswer::TimedOut;
    }
    if fault.is_builder() {
        return NoAnswer::Unsendable;
    }
    let fault = fault.without_url();
    // The outermost text says only that sending failed; the innermost says why.
    let mut innermost: &dyn Error = &fault;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    NoAnswer::ConnectionLost(plain(&innermost.to_string()))
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn http_date(text: &str) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()
}

/// Both forms of RFC 9110: seconds, or a date.
fn read_retry_after(text: &str, now: Timestamp) -> Option<Seconds> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(LONGEST_RETRY_AFTER, Seconds)
    } else {
        Seconds(http_date(text)?.duration_since(now).as_secs()).max(Seconds(0))
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, body: body.into(), server_date: None, retry_after: None, request_id: None }
    }

    #[test]
    fn retry_after_is_read_in_both_forms_and_has_a_limit() {
        let now = "2026-11-20T09:00:00Z".parse().unwrap();
        let read = |text| read_retry_after(text, now);
        assert_eq!(read("57"), Some(Seconds(57)));
        assert_eq!(read("Fri, 20 Nov 2026 09:02:00 GMT"), Some(Seconds(120)));
        assert_eq!(read("Fri, 20 Nov 2026 08:00:00 GMT"), Some(Seconds(0)));
        assert_eq!(read("99999999999999999999999"), Some(LONGEST_RETRY_AFTER));
        assert_eq!(read("soon"), None);
        assert_eq!(read("-1"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn a_missing_second_factor_is_found_in_every_shape_of_error() {
        for body in [
            r#"{"error":{"code":"900421","message":"MFA required"}}"#,
            r#"{"error":{"code":"unauthenticated","innerError":{"code":900421}}}"#,
            r#"{"statusCode":401,"code":900421,"message":"x"}"#,
            "\u{feff}{\"statusCode\":900421}",
            r#"{"errors":[{"errorCode":" 900421 "}]}"#,
        ] {
            assert!(answer(401, body).asks_for_mfa(), "{body}");
        }
        for body in ["", "900421", r#"{"error":{"message":"900421"}}"#, r#"{"error":{"code":"900420"}}"#] {
            assert!(!answer(401, body).asks_for_mfa(), "{body}");
        }
        assert!(!answer(403, r#"{"error":{"code":"900421"}}"#).asks_for_mfa());
    }

    #[test]
    fn every_status_has_its_meaning() {
        let class =
            |status| answer(status, "<html>").judged().err().map(|trouble| (trouble.class(), trouble.is_temporary()));
        assert_eq!(class(200), None);
        assert_eq!(class(204), Some(("not_a_listing", false)));
        assert_eq!(class(302), Some(("redirected", false)));
        assert_eq!(class(400), Some(("bad_request", false)));
        assert_eq!(class(401), Some(("unauthorized", false)));
        assert_eq!(class(403), Some(("forbidden", false)));
        assert_eq!(class(404), Some(("not_found", false)));
        assert_eq!(class(410), Some(("not_found", false)));
        assert_eq!(class(429), Some(("throttled", true)));
        for status in [408, 423, 425, 500, 502, 503, 504, 507, 509] {
            assert_eq!(class(status), Some(("unavailable", true)), "{status}");
        }
        for status in [405, 406, 409, 422, 501] {
            assert_eq!(class(status), Some(("refused", false)), "{status}");
        }
    }

    #[test]
    fn what_an_error_says_is_one_short_line() {
        let long = format!(r#"{{"error":{{"code":"invalidRequest","message":"no\nsuch field{}"}}}}"#, "x".repeat(500));
        let Err(Trouble::BadRequest { said: Some(said) }) = answer(400, &long).judged() else { panic!("BadRequest") };
        assert!(said.starts_with("no such field") && said.chars().count() == 200, "{said}");
        let Err(Trouble::Forbidden { said }) = answer(403, r#"{"error":{"code":"accessDenied"}}"#).judged() else {
            panic!("Forbidden")
        };
        assert_eq!(said.as_deref(), Some("accessDenied"));
    }
}
