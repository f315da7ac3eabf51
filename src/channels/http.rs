//! What Slack, Teams and webhook share: one HTTP client, one POST, and the answers that mean the same everywhere.
//! Must never follow a redirect (it would carry the message elsewhere) nor show a URL: it is the credential.

use std::{fmt, path::PathBuf, time::Duration};

use jiff::Timestamp;
use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;
use url::{Host, Url};

use super::{BuildFault, Reply, one_line, trouble::trouble};
use crate::core::{hide::without, ids::MessageId, period::Seconds, remedy::Remedy};

/// Holds the message's id, as `X-Leadtime-Message` does in a mail: what lies between (a proxy, a log) can tell a repeat.
const MESSAGE: HeaderName = HeaderName::from_static("x-leadtime-message");

/// The headers of a document for a channel that knows no id of its own.
pub(super) fn document(kind: &'static str, id: MessageId) -> HeaderMap {
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(kind))]);
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(MESSAGE, id);
    }
    headers
}

/// More trust than the system gives.
#[derive(Clone, Debug, Default)]
pub struct TlsSettings {
    /// A PEM file of further root certificates.
    pub ca_file: Option<PathBuf>,
}

/// How long an HTTP exchange may take, and by which way it goes.
#[derive(Clone, Debug)]
pub struct HttpLimits {
    /// Until the connection stands, TLS included.
    pub connect: Duration,
    /// From the start to the end of the answer.
    pub whole: Duration,
    /// Whether `HTTPS_PROXY` and its like are honoured.
    pub proxy: bool,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), whole: Duration::from_secs(30), proxy: true }
    }
}

/// The answers that are read at all: the longest useful one is a few hundred bytes.
const REPLY_CAP: usize = 64 * 1024;
/// How long an answer's body may take once its status is known.
const REPLY_LIMIT: Duration = Duration::from_secs(5);
/// Slack and its like may ask for at most this long a pause.
const LONGEST_PAUSE: i64 = 24 * 60 * 60;
/// What an error text keeps of an answer.
pub(super) const QUOTE_CAP: usize = 200;

/// The HTTP client for all destinations: one pool of kept-alive connections.
pub fn connect_http(tls: &TlsSettings) -> Result<Client, BuildFault> {
    connect_http_with(tls, &HttpLimits::default())
}

/// As `connect_http`, with other limits.
pub fn connect_http_with(tls: &TlsSettings, limits: &HttpLimits) -> Result<Client, BuildFault> {
    http_builder(tls, limits)?.build().map_err(|error| BuildFault::Client(error.without_url().to_string()))
}

/// What every client of leadtime begins with: its name, its roots, its limits, and no redirects.
///
/// # Errors
/// A file of roots that cannot be read or holds none.
pub fn http_builder(tls: &TlsSettings, limits: &HttpLimits) -> Result<reqwest::ClientBuilder, BuildFault> {
    let mut builder = Client::builder()
        .user_agent(concat!("leadtime/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(limits.connect)
        .timeout(limits.whole);
    if !limits.proxy {
        builder = builder.no_proxy();
    }
    if let Some(path) = &tls.ca_file {
        let roots = |why: String| BuildFault::Roots { path: path.clone(), why };
        let pem = std::fs::read(path).map_err(|error| roots(error.kind().to_string()))?;
        let certificates =
            reqwest::Certificate::from_pem_bundle(&pem).map_err(|_| roots("it is not PEM".to_owned()))?;
        if certificates.is_empty() {
            return Err(roots("it holds no certificate".to_owned()));
        }
        builder = builder.tls_certs_merge(certificates);
    }
    Ok(builder)
}

/// Where a channel posts to. The URL is kept as it was given, query included, and is never shown.
#[derive(Clone)]
pub(super) struct Target(Url);

impl Target {
    /// Takes an `https` URL, or an `http` one of this machine.
    pub(super) fn parse(url: &SecretString) -> Result<Self, BuildFault> {
        let url = Url::parse(url.expose_secret().trim()).map_err(|_| BuildFault::Url)?;
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(BuildFault::Url),
        };
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if loopback => Ok(Self(url)),
            "http" => Err(BuildFault::PlainHttp),
            _ => Err(BuildFault::Url),
        }
    }

    pub(super) fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// `text` without anything that points back at this URL or at another.
    pub(super) fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let pairs = self.0.query_pairs().map(|(_, value)| value.into_owned());
        let raw = self.0.query().into_iter().flat_map(|query| query.split('&'));
        let raw = raw.filter_map(|pair| pair.split_once('=')).map(|(_, value)| value.to_owned());
        let segments = self.0.path().split('/').map(str::to_owned);
        let user = [Some(self.0.username()), self.0.password()].into_iter().flatten().map(str::to_owned);
        for part in pairs.chain(raw).chain(segments).chain(user) {
            text = without(&text, &part);
        }
        let words = text.split_whitespace().map(|word| if word.contains("://") { "(address)" } else { word });
        words.collect::<Vec<_>>().join(" ")
    }

    /// For a knock at its host, which shows none of it.
    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// Posts once and reads the answer. `Err` is the reply where no answer came.
    pub(super) async fn post(
        &self,
        client: &Client,
        headers: HeaderMap,
        body: String,
        now: Timestamp,
    ) -> Result<Answer, Reply> {
        let sent = client.post(self.0.clone()).headers(headers).body(body).send().await;
        Ok(Answer::read(sent.map_err(broken)?, now).await)
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Target([hidden])")
    }
}

fn broken(error: reqwest::Error) -> Reply {
    let error = error.without_url();
    if !error.is_connect() && !error.is_builder() {
        let why = if error.is_timeout() { "no answer came in time" } else { trouble(&error) };
        return Reply::no_answer(format!("{why}; the message may have arrived"));
    }
    if error.is_timeout() {
        return Reply::later("no answer came in time; check the host and the way to it (firewall, proxy)");
    }
    Reply::later(trouble(&error))
}

/// An answer, as far as it was read.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// How long the other side asked to be left alone.
    pub(super) after: Option<Seconds>,
    /// At most `REPLY_CAP` bytes.
    pub(super) body: String,
    /// Whether the body ended before the cap and without a fault.
    pub(super) whole: bool,
}

impl Answer {
    /// The status decides about the message, so a body that breaks off changes nothing in it. It is read to its end
    /// where that is near: the connection can be used again then.
    pub(super) async fn read(mut response: Response, now: Timestamp) -> Self {
        let status = response.status();
        let after = retry_after(response.headers(), now);
        let mut bytes = Vec::new();
        let reading = async {
            loop {
                match response.chunk().await {
                    Ok(Some(chunk)) if bytes.len() + chunk.len() <= REPLY_CAP => bytes.extend_from_slice(&chunk),
                    Ok(None) => break true,
                    Ok(Some(_)) | Err(_) => break false,
                }
            }
        };
        let whole = timeout(REPLY_LIMIT, reading).await.unwrap_or(false);
        Self { status, after, body: String::from_utf8_lossy(&bytes).into_owned(), whole }
    }

    /// The answers that mean the same for every channel: come again later, and "go elsewhere", which is not followed.
    pub(super) fn common(&self, who: &str) -> Option<Reply> {
        let code = self.status.as_u16();
        match code {
            408 | 425 | 429 | 500..=599 => {
                let why = match self.status {
                    StatusCode::TOO_MANY_REQUESTS => format!("{who} answered 429: too many messages"),
                    _ => format!("{who} answered {code}"),
                };
                Some(Reply::TryLater { after: self.after, why })
            }
            300..=399 => Some(Reply::destination_refused(format!(
                "{who} answered {code}, a redirect, which is not followed. To do: {}",
                Remedy::FollowRedirect
            ))),
            _ => None,
        }
    }

    /// Whether a web page came where none belongs: a sign-in page of a proxy, or the wrong address.
    pub(super) fn is_page(&self) -> bool {
        let start: String = self.body.trim_start().chars().take(14).collect::<String>().to_ascii_lowercase();
        start.starts_with("<!doctype html") || start.starts_with("<html")
    }

    /// The body as one short line, fit for an error text.
    pub(super) fn line(&self) -> String {
        one_line(&self.body, QUOTE_CAP)
    }
}

/// `Retry-After`: seconds or an HTTP date (RFC 9110 §10.2.3), 15 min at most.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Seconds> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => i64::try_from(seconds).unwrap_or(i64::MAX),
        Err(_) => {
            let at = Timestamp::try_from(httpdate::parse_http_date(text).ok()?).ok()?;
            at.as_second().saturating_sub(now.as_second())
        }
    };
    Some(Seconds(seconds.clamp(0, LONGEST_PAUSE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(value: &str) -> Option<i64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, value.parse().unwrap());
        let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        retry_after(&headers, now).map(|seconds| seconds.0)
    }

    #[test]
    fn a_pause_is_read_in_seconds_or_as_a_date_and_is_a_day_at_most() {
        assert_eq!(asked("30"), Some(30));
        assert_eq!(asked("Fri, 20 Nov 2026 08:02:00 GMT"), Some(120));
        assert_eq!(asked("Fri, 20 Nov 2026 07:00:00 GMT"), Some(0));
        assert_eq!(asked("7200"), Some(7_200));
        assert_eq!(asked("604800"), Some(86_400));
        assert_eq!(asked("99999999999999999999"), None);
        assert_eq!(asked("soon"), None);
    }

    #[test]
    fn a_target_is_https_or_on_this_machine() {
        let parse = |url: &str| Target::parse(&SecretString::from(url));
        assert!(parse("https://hooks.example/x").is_ok());
        assert!(parse("http://127.0.0.1:9/x").is_ok() && parse("http://[::1]:9/x").is_ok());
        assert!(matches!(parse("http://hooks.example/x"), Err(BuildFault::PlainHttp)));
        assert!(matches!(parse("ftp://hooks.example/x"), Err(BuildFault::Url)));
        assert!(matches!(parse("hooks.example/x"), Err(BuildFault::Url)));
    }

    #[test]
    fn a_scrubbed_text_points_nowhere() {
        let target =
            Target::parse(&SecretString::from("https://h.example/workflows/abcdef0123/run?sig=s%2Fecret-sig&v=1"));
        let text =
            target.unwrap().scrub("flow abcdef0123 with s/ecret-sig (s%2Fecret-sig) failed, see https://aka.ms/x now");
        assert_eq!(text, "flow (hidden) with (hidden) ((hidden)) failed, see (address) now");
    }
}
