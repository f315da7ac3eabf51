//! A simulated Partner Center over real HTTP: the token endpoint, the listing in pages, one referral by id, with the
//! traps of the real one: links that lead to another host and path, counts that are wrong, two shapes of errors.
//! It is strict where a careless client would pass a kind server. Must never write what a client sends.

use std::{
    io,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Form, Path, RawQuery, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{
    authority::{self, Authority, Granted, Refusal},
    world::{Order, Outage, Query, SignInTrouble, Spoilt, World},
};

/// How long an access token lives, in simulated seconds.
pub const TOKEN_LIFE: i64 = 3_599;

/// The first refresh token, as `leadtime login` would have stored it.
pub const FIRST_REFRESH_TOKEN: &str = "0.demo-refresh.0";

/// No answer is held back longer.
const SLOWEST: Duration = Duration::from_secs(120);

/// Path of the interface below the address, for `base_url`.
pub const BASE_PATH: &str = "/v1.0";

/// Where Microsoft's links to the next page lead: plain http, and a path that the interface does not have.
const NEXT_LINK: &str = "http://api.partner.microsoft.com/v1.0/referrals?$skiptoken=";

/// What every skip token begins with; it makes sure that each holds a byte in percent form.
const TOKEN_HEAD: &str = "W3sidG9rZW4iOiJSVDoxI0lTVjoyI0lFTzo2NTU1MSNRQ0Y6OCJ9%2fQ%2bRlBDOkFRRUFB%2f";

/// Who may sign in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registration {
    /// The tenant in the path of the token endpoint.
    pub tenant_id: String,
    /// The application.
    pub client_id: String,
    /// Its secret; none for a public client.
    pub client_secret: Option<String>,
}

impl Default for Registration {
    fn default() -> Self {
        Self { tenant_id: "contoso.example".to_owned(), client_id: "leadtime-demo".to_owned(), client_secret: None }
    }
}

/// What the handlers answer from.
#[derive(Clone)]
pub(super) struct Server {
    pub world: World,
    pub registration: Arc<Registration>,
    pub authority: Arc<Authority>,
}

/// Answers on the listener until told to stop; answers under way are finished first.
pub async fn serve(
    world: World,
    registration: Registration,
    listener: TcpListener,
    stop: CancellationToken,
) -> io::Result<()> {
    axum::serve(listener, router(world, registration)).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// The whole interface.
pub fn router(world: World, registration: Registration) -> Router {
    let server = Server { world, registration: Arc::new(registration), authority: Arc::default() };
    Router::new()
        .route("/{tenant}/oauth2/v2.0/token", post(token_v2))
        .route("/{tenant}/oauth2/v2.0/authorize", get(authority::authorize))
        .route("/{tenant}/oauth2/v2.0/devicecode", post(authority::devicecode))
        .route("/devicelogin", get(async || "The simulated account says yes by itself.\n"))
        .route("/{tenant}/oauth2/token", post(token_v1))
        .route("/v1.0/engagements/referrals", get(list))
        .route("/v1.0/engagements/referrals/{id}", get(read))
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(middleware::from_fn_with_state(server.clone(), observe))
        .with_state(server)
}

/// Counts each request, and dates each answer by the simulated clock.
async fn observe(State(server): State<Server>, request: Request, next: Next) -> Response {
    let part = if request.uri().path().contains("/oauth2/") { "token" } else { "api" };
    let call = format!("{} {part}", request.method());
    let mut response = next.run(request).await;
    let failed = !response.status().is_success();
    server.world.count(|calls| {
        // Methods come from outside; their number is kept small.
        if calls.methods.len() < 32 || calls.methods.contains_key(&call) {
            *calls.methods.entry(call).or_default() += 1;
        }
        calls.failed += u64::from(failed);
    });
    if let Some(date) = http_date(server.world.date()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

/// An HTTP date; `None` for a year that the form cannot hold.
fn http_date(now: Timestamp) -> Option<HeaderValue> {
    let seconds = now.as_second();
    let shown = (0..253_402_300_800).contains(&seconds).then(|| httpdate::fmt_http_date(SystemTime::from(now)))?;
    HeaderValue::from_str(&shown).ok()
}

#[derive(Deserialize)]
struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    refresh_token: Option<String>,
    code: Option<String>,
    code_verifier: Option<String>,
    redirect_uri: Option<String>,
    device_code: Option<String>,
    scope: Option<String>,
    resource: Option<String>,
}

async fn token_v2(
    State(server): State<Server>,
    Path(tenant): Path<String>,
    Form(request): Form<TokenRequest>,
) -> Response {
    // What a code was given for is known.
    if request.scope.is_none() && request.grant_type.as_deref() == Some("refresh_token") {
        return sign_in_error(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            900_144,
            "The request body must contain 'scope'.",
        );
    }
    match server.sign_in(&tenant, &request) {
        Err(refusal) => *refusal,
        Ok(tokens) => Json(json!({
            "token_type": "Bearer", "scope": request.scope, "expires_in": TOKEN_LIFE, "ext_expires_in": TOKEN_LIFE,
            "access_token": tokens.access, "refresh_token": tokens.refresh,
        }))
        .into_response(),
    }
}

/// The older endpoint, whose numbers are strings.
async fn token_v1(
    State(server): State<Server>,
    Path(tenant): Path<String>,
    Form(request): Form<TokenRequest>,
) -> Response {
    if request.resource.is_none() {
        return sign_in_error(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            900_144,
            "The request body must contain 'resource'.",
        );
    }
    match server.sign_in(&tenant, &request) {
        Err(refusal) => *refusal,
        Ok(tokens) => Json(json!({
            "token_type": "Bearer", "resource": request.resource, "scope": "user_impersonation",
            "expires_in": TOKEN_LIFE.to_string(), "expires_on": tokens.expires.to_string(),
            "not_before": (tokens.expires - TOKEN_LIFE).to_string(),
            "access_token": tokens.access, "refresh_token": tokens.refresh,
        }))
        .into_response(),
    }
}

struct Tokens {
    access: String,
    refresh: Option<String>,
    /// Unix seconds.
    expires: i64,
}

impl Server {
    /// A new pair of tokens, which each endpoint words in its own way, or the refusal.
    fn sign_in(&self, tenant: &str, request: &TokenRequest) -> Result<Tokens, Box<Response>> {
        use StatusCode as Code;
        self.world.count(|calls| calls.sign_ins += 1);
        let wanted = &*self.registration;
        let refusal = if self.world.sign_in_trouble() == Some(SignInTrouble::Down) {
            sign_in_error(
                Code::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                90_033,
                "A transient error has occurred. Please try again.",
            )
        } else if let Some(SignInTrouble::Refuses { error, aadsts }) = self.world.sign_in_trouble() {
            sign_in_error(Code::BAD_REQUEST, error, aadsts, "The sign-in is refused.")
        } else if self.world.sign_in_trouble() == Some(SignInTrouble::LoginPage) {
            login_page()
        } else if tenant != wanted.tenant_id {
            sign_in_error(Code::BAD_REQUEST, "invalid_request", 90_002, "Tenant not found.")
        } else if request.client_id.as_deref() != Some(&wanted.client_id) {
            sign_in_error(
                Code::BAD_REQUEST,
                "unauthorized_client",
                700_016,
                "The application was not found in the directory.",
            )
        } else if request.client_secret != wanted.client_secret
            || self.world.sign_in_trouble() == Some(SignInTrouble::InvalidClient)
        {
            sign_in_error(Code::UNAUTHORIZED, "invalid_client", 7_000_215, "Invalid client secret provided.")
        } else {
            match self.grant(request) {
                Ok(granted) => {
                    let is_new = request.grant_type.as_deref() != Some("refresh_token");
                    return Ok(self.tokens(self.world.issue(is_new), granted.offline));
                }
                Err((error, number, words)) => sign_in_error(Code::BAD_REQUEST, error, number, words),
            }
        };
        Err(Box::new(refusal))
    }

    /// Whether what is given in exchange is good.
    fn grant(&self, request: &TokenRequest) -> Result<Granted, Refusal> {
        let (trouble, now) = (self.world.sign_in_trouble(), self.world.now());
        match request.grant_type.as_deref() {
            Some("refresh_token") => {
                if trouble == Some(SignInTrouble::NoConsent) {
                    return Err((
                        "consent_required",
                        65_001,
                        "The administrator has not consented to the application.",
                    ));
                }
                let number = self.refresh_token(request.refresh_token.as_deref());
                let number = number.filter(|_| trouble != Some(SignInTrouble::InvalidGrant));
                let expired = ("invalid_grant", 700_082, "The refresh token has expired due to inactivity.");
                match self.world.spoilt(number.ok_or(expired)?) {
                    Some(Spoilt::Refused { error, aadsts }) => Err((error, aadsts, "The sign-in is refused.")),
                    _ => Ok(Granted { offline: true }),
                }
            }
            Some("authorization_code") => {
                let (verifier, redirect_uri) = (request.code_verifier.as_deref(), request.redirect_uri.as_deref());
                self.authority.redeem(request.code.as_deref(), verifier, redirect_uri, trouble, now)
            }
            Some("urn:ietf:params:oauth:grant-type:device_code") => {
                self.authority.poll(request.device_code.as_deref(), trouble, now)
            }
            _ => Err(("unsupported_grant_type", 70_003, "The app requested an unsupported grant type.")),
        }
    }

    /// Tokens hold their number and expiry, so that none has to be remembered. Old refresh tokens stay good, as
    /// Microsoft's do.
    fn tokens(&self, number: u64, offline: bool) -> Tokens {
        let expires = self.world.now().as_second().saturating_add(TOKEN_LIFE);
        let refresh = offline.then(|| format!("0.demo-refresh.{number}"));
        Tokens { access: format!("demo.{number}.{expires}"), refresh, expires }
    }

    /// The number of a refresh token that was given out, or of the first.
    fn refresh_token(&self, token: Option<&str>) -> Option<u64> {
        let number = token.and_then(|token| token.strip_prefix("0.demo-refresh.")?.parse::<u64>().ok());
        number.filter(|number| *number <= self.world.issued())
    }

    /// The refusal of a request that carries no good token.
    fn refuse_bearer(&self, headers: &HeaderMap) -> Option<Response> {
        let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let Some(token) = token else {
            return Some(api_error(StatusCode::UNAUTHORIZED, "unauthenticated", "The access token is missing."));
        };
        let mut parts = token.split('.');
        let is_ours = parts.next() == Some("demo");
        let number: Option<u64> = parts.next().filter(|_| is_ours).and_then(|number| number.parse().ok());
        let known = number.is_some_and(|n| n > self.world.access_revoked() && n <= self.world.issued());
        match number.and_then(|number| self.world.spoilt(number)) {
            Some(Spoilt::OneFactor) => return Some(mfa_required()),
            Some(Spoilt::NoAccess) => {
                return Some(api_error(StatusCode::UNAUTHORIZED, "unauthenticated", "The access token is invalid."));
            }
            _ => {}
        }
        let expires = parts.next().and_then(|expires| expires.parse::<i64>().ok());
        match expires {
            Some(expires) if known && self.world.now().as_second() < expires => None,
            Some(_) if known => {
                Some(gateway_error(StatusCode::UNAUTHORIZED, "Unauthorized. Access token has expired."))
            }
            _ => Some(api_error(StatusCode::UNAUTHORIZED, "unauthenticated", "The access token is invalid.")),
        }
    }

    /// Answers as the outage of the hour has it, else as it should be.
    async fn answer(&self, headers: &HeaderMap, whole: impl FnOnce(&World) -> Response) -> Response {
        let outage = self.world.outage();
        match outage {
            Some(Outage::Down { retry_after }) => {
                return with_retry_after(
                    api_error(StatusCode::SERVICE_UNAVAILABLE, "serviceNotAvailable", "The service is not available."),
                    retry_after,
                );
            }
            Some(Outage::Throttled { retry_after }) => {
                let words = format!("Rate limit is exceeded. Try again in {retry_after} seconds.");
                let status = StatusCode::TOO_MANY_REQUESTS;
                let gateway = self.world.calls().failed.is_multiple_of(2);
                let body = if gateway {
                    gateway_error(status, &words)
                } else {
                    api_error(status, "activityLimitReached", &words)
                };
                return with_retry_after(body, Some(retry_after));
            }
            Some(Outage::LoginPage) => {
                return login_page();
            }
            Some(Outage::Slow(delay)) => tokio::time::sleep(delay.min(SLOWEST)).await,
            _ => {}
        }
        if let Some(refusal) = self.refuse_bearer(headers) {
            return refusal;
        }
        match outage {
            Some(Outage::MfaRequired) => mfa_required(),
            Some(Outage::Forbidden) => api_error(StatusCode::FORBIDDEN, "accessDenied", "The caller has no access."),
            _ => whole(&self.world),
        }
    }
}

/// What a proxy puts in the way.
fn login_page() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Password</form></body></html>";
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response()
}

/// A page without a referral and with a link.
fn empty_page(link: &str) -> Response {
    Json(json!({"@odata.count": 0, "value": [], "@odata.nextLink": link})).into_response()
}

async fn read(State(server): State<Server>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    server.world.count(|calls| calls.reads += 1);
    server
        .answer(&headers, |world| match world.read(&id) {
            _ if world.is_garbled(&id) => login_page(),
            Some(body) => json_body(Bytes::from(body.to_string()), world.outage()),
            None => api_error(StatusCode::NOT_FOUND, "itemNotFound", "The referral was not found."),
        })
        .await
}

async fn list(State(server): State<Server>, RawQuery(raw): RawQuery, headers: HeaderMap) -> Response {
    let asked = read_query(raw.as_deref().unwrap_or_default());
    let further = matches!(asked, Ok((_, number)) if number > 0);
    server.world.count(|calls| if further { calls.pages += 1 } else { calls.listings += 1 });
    server
        .answer(&headers, |world| {
            let outage = world.outage();
            if outage == Some(Outage::EmptyList) {
                return json_body(Bytes::from_static(b"{\"@odata.count\":0,\"value\":[]}"), None);
            }
            match (outage, &asked) {
                (Some(Outage::LinkLoop), Ok((query, _))) => return empty_page(&next_link(query, 1)),
                (Some(Outage::EndlessPages), Ok((query, number))) => return empty_page(&next_link(query, number + 1)),
                _ => {}
            }
            let page = asked.and_then(|(query, number)| world.page(&query, number, next_link));
            match page {
                Ok(Some(page)) => json_body(page, outage),
                // The list grew shorter while it was walked.
                Ok(None) => json_body(Bytes::from_static(b"{\"@odata.count\":0,\"value\":[]}"), None),
                Err(why) => api_error(StatusCode::BAD_REQUEST, "invalidRequest", &why),
            }
        })
        .await
}

/// What is asked for, and the number of the page.
fn read_query(raw: &str) -> Result<(Query, usize), String> {
    let mut query = Query::default();
    for part in raw.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = percent_decode_str(name).decode_utf8_lossy();
        if name == "$skiptoken" {
            return read_skip_token(value).ok_or_else(|| "The skip token is malformed.".to_owned());
        }
        let spaced = value.replace('+', " ");
        let value = percent_decode_str(&spaced).decode_utf8_lossy().into_owned();
        match &*name {
            "$filter" => query.filter = Some(value),
            "$orderby" => query.order = Order::read(&value)?,
            "$top" => match value.parse() {
                Ok(top) if top > 0 => query.top = Some(top),
                _ => return Err(format!("$top is a whole number above zero, not '{value}'.")),
            },
            _ => return Err(format!("The query option '{name}' is not supported.")),
        }
    }
    Ok((query, 0))
}

impl Order {
    fn read(text: &str) -> Result<Self, String> {
        match text.trim() {
            "createdDateTime desc" => Ok(Self::NewestFirst),
            "createdDateTime" | "createdDateTime asc" => Ok(Self::OldestFirst),
            "updatedDateTime desc" => Ok(Self::LastChangedFirst),
            other => Err(format!("$orderby '{other}' is not supported.")),
        }
    }

    fn write(self) -> &'static str {
        match self {
            Self::NewestFirst => "createdDateTime desc",
            Self::OldestFirst => "createdDateTime asc",
            Self::LastChangedFirst => "updatedDateTime desc",
        }
    }
}

/// The link to a page in Microsoft's form: its token holds bytes that are already in percent form, in lower case.
pub fn next_link(query: &Query, number: usize) -> String {
    let inside = json!([number, query.order.write(), query.top, query.filter]).to_string();
    let token = BASE64.encode(inside).replace('/', "%2f").replace('+', "%2b").replace('=', "%3d");
    format!("{NEXT_LINK}{TOKEN_HEAD}{token}")
}

/// Reads a token only as it was given, byte for byte: whoever decoded and encoded it again has changed it.
fn read_skip_token(raw: &str) -> Option<(Query, usize)> {
    let token = raw.strip_prefix(TOKEN_HEAD)?;
    if token.contains(['/', '+', '=']) {
        return None;
    }
    let inside = BASE64.decode(token.replace("%2f", "/").replace("%2b", "+").replace("%3d", "=")).ok()?;
    let (number, order, top, filter): (usize, String, Option<usize>, Option<String>) =
        serde_json::from_slice(&inside).ok()?;
    Some((Query { filter, order: Order::read(&order).ok()?, top }, number))
}

/// A body of JSON, whole or as the outage leaves it.
fn json_body(body: Bytes, outage: Option<Outage>) -> Response {
    let half = body.slice(..body.len() / 2);
    let body = match outage {
        Some(Outage::Truncated) => Body::from(half),
        Some(Outage::ConnectionLost) => {
            let lost = io::Error::new(io::ErrorKind::ConnectionReset, "the simulated connection is lost");
            // The pause has the first half written before the connection goes.
            let rest = stream::once(async {
                tokio::task::yield_now().await;
                Err(lost)
            });
            Body::from_stream(stream::once(async { Ok(half) }).chain(rest))
        }
        _ => Body::from(body),
    };
    ([(header::CONTENT_TYPE, "application/json; odata.metadata=minimal")], body).into_response()
}

/// The refusal of a token that was got without multi-factor authentication.
fn mfa_required() -> Response {
    api_error(StatusCode::UNAUTHORIZED, "900421", "MFA required.")
}

/// The shape of errors that the service itself makes.
fn api_error(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"error": {"code": code, "message": message, "innerError": {"date": null}}}))).into_response()
}

/// The shape of errors that the gateway before it makes.
fn gateway_error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"statusCode": status.as_u16(), "message": message}))).into_response()
}

pub(super) fn sign_in_error(status: StatusCode, error: &str, number: u32, words: &str) -> Response {
    let body: Value = json!({
        "error": error, "error_description": format!("AADSTS{number}: {words}"), "error_codes": [number],
        "trace_id": "00000000-0000-0000-0000-000000000000", "correlation_id": "00000000-0000-0000-0000-000000000000",
    });
    (status, Json(body)).into_response()
}

fn with_retry_after(mut response: Response, seconds: Option<u32>) -> Response {
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_back_to_what_was_asked() {
        let query = Query { filter: Some("substatus eq 'Pending'".to_owned()), top: Some(250), ..Query::default() };
        let link = next_link(&query, 2);
        let raw = link.split_once('?').unwrap().1;
        assert_eq!(read_query(raw), Ok((query, 2)));
    }

    #[test]
    fn a_link_has_microsofts_form() {
        let link = next_link(&Query { filter: Some("direction eq 'Incoming'".to_owned()), ..Query::default() }, 1);
        assert!(link.starts_with("http://api.partner.microsoft.com/v1.0/referrals?$skiptoken="), "{link}");
        assert!(link.contains("%2f") && link.len() > 200, "{link}");
    }

    #[test]
    fn a_token_that_was_decoded_and_encoded_again_is_refused() {
        let link = next_link(&Query::default(), 1);
        let raw = link.split_once('?').unwrap().1;
        assert!(read_query(&raw.replace("%2f", "%2F")).is_err());
        assert!(read_query(&raw.replace("%2f", "/")).is_err());
        assert!(read_query(&raw.replace("%2f", "%252f")).is_err());
    }

    #[test]
    fn what_the_interface_does_not_know_is_an_error() {
        assert!(read_query("$pagesize=10").is_err());
        assert!(read_query("$top=0").is_err());
        assert!(read_query("$orderby=name").is_err());
        assert_eq!(read_query("$filter=a+eq%20b").unwrap().0.filter.as_deref(), Some("a eq b"));
    }
}
