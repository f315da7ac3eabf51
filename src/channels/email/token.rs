//! Access tokens for a mail server that takes no passwords: got by an app for itself (client credentials, RFC 6749 §4.4),
//! kept until shortly before their end, and got by one recipient's mail at a time, whose outcome the others share.
//! Must never send the secret anywhere but to `token_url`, nor let it, a token or an answer's own words into an error.

use std::{
    fmt,
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, HttpRequest, HttpResponse, RequestTokenError, Scope,
    TokenResponse as _, TokenUrl,
    basic::{BasicClient, BasicErrorResponse, BasicTokenResponse},
};
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Mutex, time::timeout};
use url::Url;

use crate::{
    channels::{Reply, http::Answer, trouble::trouble},
    core::{hide::is_code_word, remedy::Remedy},
};

/// How long before its end a token is replaced.
const RENEWED_BEFORE_END: SignedDuration = SignedDuration::from_mins(5);
/// The life of a token whose answer does not say.
const SUPPOSED_LIFE: Duration = Duration::from_secs(10 * 60);
/// No token is trusted for longer.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// No request for a token takes longer: an attempt to send has its own limit, and the mail server needs its share.
const REQUEST_LIMIT: Duration = Duration::from_secs(20);

/// How tokens are got; the names are those of the settings.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// The token endpoint, the tenant already in it.
    pub token_url: Url,
    /// The app registration.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// What is asked for: `https://outlook.office365.com/.default`.
    pub scope: String,
}

/// Gets tokens and keeps the newest. All mail destinations of one server share it.
pub struct Tokens {
    settings: TokenSettings,
    client: Client,
    /// Held during a request, so that there is one at a time.
    state: Mutex<State>,
    /// How many requests have ended.
    rounds: AtomicU64,
}

#[derive(Default)]
struct State {
    kept: Option<Ticket>,
    /// How the last request failed, for those who waited for it.
    failed: Option<Reply>,
}

/// A token, and where it comes from.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    pub(super) token: SecretString,
    /// Whether it was kept from an earlier request, so that a fresh one may fare better.
    pub(super) is_kept: bool,
    round: u64,
    renew_at: Timestamp,
    ends_at: Timestamp,
}

impl Tokens {
    /// Contacts nobody yet. `client` follows no redirect.
    pub fn new(settings: TokenSettings, client: Client) -> Self {
        Self { settings, client, state: Mutex::default(), rounds: AtomicU64::new(0) }
    }

    /// A token that is good for a while and is not the one that the mail server has just refused.
    pub(super) async fn ticket(&self, refused: Option<&Ticket>, now: Timestamp) -> Result<Ticket, Reply> {
        let rounds = self.rounds.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(refused) = refused {
            state.kept.take_if(|kept| kept.round == refused.round);
        }
        if let Some(kept) = state.kept.as_ref().filter(|kept| now < kept.renew_at) {
            return Ok(kept.again());
        }
        // Whoever waited here while another asked has its outcome: a dead endpoint costs one wait, not one for each.
        let round = self.rounds.load(Ordering::Acquire);
        if round != rounds {
            if let Some(kept) = state.kept.as_ref().filter(|kept| now < kept.ends_at) {
                return Ok(kept.again());
            }
            if let Some(failed) = &state.failed {
                return Err(failed.clone());
            }
        }
        let outcome = timeout(REQUEST_LIMIT, self.request(now, round)).await;
        let outcome = outcome.unwrap_or_else(|_| Err(later("it did not answer in time", None)));
        self.rounds.fetch_add(1, Ordering::AcqRel);
        match (&outcome, &state.kept) {
            // Renewing early leaves time for an outage of the token endpoint.
            (Err(Reply::TryLater { .. }), Some(kept)) if now < kept.ends_at => return Ok(kept.again()),
            (Err(reply), _) => *state = State { kept: None, failed: Some(reply.clone()) },
            (Ok(ticket), _) => *state = State { kept: Some(ticket.clone()), failed: None },
        }
        outcome
    }

    /// Forgets a token that the mail server has refused, though it was fresh: the next one may hold the right that it lacks.
    pub(super) async fn forget(&self, refused: &Ticket) {
        self.state.lock().await.kept.take_if(|kept| kept.round == refused.round);
    }

    async fn request(&self, now: Timestamp, round: u64) -> Result<Ticket, Reply> {
        let settings = &self.settings;
        let client = BasicClient::new(ClientId::new(settings.client_id.clone()))
            .set_client_secret(ClientSecret::new(settings.client_secret.expose_secret().to_owned()))
            .set_token_uri(TokenUrl::from_url(settings.token_url.clone()))
            .set_auth_type(AuthType::RequestBody);
        let way = Way { tokens: self, now };
        let scopes = settings.scope.split_whitespace().map(|scope| Scope::new(scope.to_owned()));
        let granted = client.exchange_client_credentials().add_scopes(scopes).request_async(&way).await;
        let granted: BasicTokenResponse = granted.map_err(|fault| judge(&fault))?;
        let token = granted.access_token().secret();
        if token.is_empty() || token.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refused("its answer holds no usable token", Remedy::TokenEndpoint));
        }
        let life = granted.expires_in().unwrap_or(SUPPOSED_LIFE).min(LONGEST_LIFE);
        let life = SignedDuration::try_from(life).unwrap_or_default();
        // A life too short for renewing early is used by half.
        let used_for = (life - RENEWED_BEFORE_END).max(life / 2);
        let at = |after: SignedDuration| now.checked_add(after).unwrap_or(now);
        let (renew_at, ends_at) = (at(used_for), at(life));
        Ok(Ticket { token: SecretString::from(token.as_str()), is_kept: false, round, renew_at, ends_at })
    }

    /// One HTTP exchange for the OAuth library: what the network or the status says by itself never reaches it.
    async fn exchange(&self, request: HttpRequest, now: Timestamp) -> Result<HttpResponse, Hindrance> {
        let (parts, body) = request.into_parts();
        let url = self.settings.token_url.clone();
        let sent = self.client.request(parts.method, url).headers(parts.headers).body(body).send().await;
        let answer = Answer::read(sent.map_err(broken)?, now).await;
        let code = answer.status.as_u16();
        match code {
            408 | 425 | 429 | 500..=599 => {
                Err(Hindrance(Reply::TryLater { after: answer.after, why: unavailable(&format!("status {code}")) }))
            }
            300..=399 => Err(Hindrance(refused(
                &format!("it answered {code}, a redirect, which is not followed"),
                Remedy::TokenEndpoint,
            ))),
            _ if !answer.whole => Err(Hindrance(later("its answer broke off", None))),
            _ => {
                let mut response = HttpResponse::new(answer.body.into_bytes());
                *response.status_mut() = answer.status;
                Ok(response)
            }
        }
    }
}

impl Ticket {
    fn again(&self) -> Self {
        Self { is_kept: true, ..self.clone() }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

/// How the OAuth library reaches the endpoint.
struct Way<'t> {
    tokens: &'t Tokens,
    now: Timestamp,
}

impl<'c> AsyncHttpClient<'c> for Way<'_> {
    type Error = Hindrance;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, Hindrance>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.tokens.exchange(request, self.now))
    }
}

/// What keeps an exchange from having an OAuth answer: the reply that it comes to.
#[derive(Debug, thiserror::Error)]
#[error("no OAuth answer")]
struct Hindrance(Reply);

fn broken(error: reqwest::Error) -> Hindrance {
    let error = error.without_url();
    Hindrance(later(if error.is_timeout() { "it did not answer in time" } else { trouble(&error) }, None))
}

fn unavailable(why: &str) -> String {
    format!("no token for the mail server can be had now: {why}")
}

fn later(why: &str, after: Option<crate::core::period::Seconds>) -> Reply {
    Reply::TryLater { after, why: unavailable(why) }
}

fn refused(why: &str, todo: Remedy) -> Reply {
    Reply::destination_refused(format!("no token for the mail server: {why}. To do: {todo}"))
}

/// What a request that brought no token means.
fn judge(fault: &RequestTokenError<Hindrance, BasicErrorResponse>) -> Reply {
    match fault {
        RequestTokenError::Request(Hindrance(reply)) => reply.clone(),
        RequestTokenError::ServerResponse(answer) => {
            judge_refusal(answer.error().as_ref(), answer.error_description().map_or("", String::as_str))
        }
        // Both quote the answer, which may be anything.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            refused("the token endpoint's answer makes no sense", Remedy::TokenEndpoint)
        }
    }
}

/// The OAuth error decides; Microsoft's number, the only thing taken from the description, tells what to mend.
fn judge_refusal(error: &str, description: &str) -> Reply {
    let number = aadsts(description);
    let numbered = number.map(|number| format!(" (AADSTS{number})")).unwrap_or_default();
    let (what, todo) = match (error, number) {
        ("temporarily_unavailable" | "server_error", _) => return later(error, None),
        ("invalid_client" | "unauthorized_client", Some(7_000_222)) => {
            ("the client secret has expired".to_owned(), Remedy::TokenSecret)
        }
        ("consent_required", _) | (_, Some(65001)) => {
            ("the app registration lacks consent".to_owned(), Remedy::TokenConsent)
        }
        ("invalid_client" | "unauthorized_client", _) | (_, Some(90002 | 700_016 | 900_023)) => {
            ("Microsoft refuses the tenant, the client id or its secret".to_owned(), Remedy::TokenClient)
        }
        ("invalid_scope", _) => ("the scope is refused".to_owned(), Remedy::TokenScope),
        // What is no word of OAuth's may be anything that was sent.
        (error, _) if is_code_word(error) => (format!("the token endpoint answered {error}"), Remedy::TokenEndpoint),
        _ => ("the token endpoint refuses, in words of its own".to_owned(), Remedy::TokenEndpoint),
    };
    refused(&format!("{what}{numbered}"), todo)
}

fn aadsts(description: &str) -> Option<u32> {
    let rest = description.split_once("AADSTS")?.1;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}
