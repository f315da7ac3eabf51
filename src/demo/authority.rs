//! What of the simulated Microsoft a person meets when signing in: `/authorize`, which leads the browser back with a code,
//! and `/devicecode`. Who is asked says yes at once, unless the world has it otherwise. As strict as the real one where a
//! careless client would not notice: a code is good once, for one redirect URI, and only with the verifier of its challenge.
//! Must never write what a client sends.

use std::{collections::BTreeMap, sync::Mutex};

use axum::{
    Form, Json,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::{Host, Url};

use super::{
    lock,
    partner_center::{Registration, Server, sign_in_error},
    world::SignInTrouble,
};

/// A code that a browser carries lives so long.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// One that is typed in lives so long.
const DEVICE_LIFE: SignedDuration = SignedDuration::from_mins(15);
/// Whoever asks for a device's token sooner than after this is told to slow down.
const DEVICE_INTERVAL: SignedDuration = SignedDuration::from_secs(1);
/// Clocks and networks may make it a little sooner.
const DEVICE_SLACK: SignedDuration = SignedDuration::from_millis(100);
/// The oldest codes go when there are more.
const CODES_MAX: usize = 100;

/// The codes that are out.
#[derive(Default)]
pub(super) struct Authority(Mutex<Codes>);

#[derive(Default)]
struct Codes {
    number: u64,
    codes: BTreeMap<u64, Code>,
    devices: BTreeMap<u64, Device>,
}

struct Code {
    challenge: String,
    redirect_uri: String,
    offline: bool,
    ends: Timestamp,
}

struct Device {
    offline: bool,
    ends: Timestamp,
    /// When its token was last asked for, and not given.
    asked: Option<Timestamp>,
}

/// The query of `/authorize`.
#[derive(Deserialize)]
pub(super) struct AuthorizeQuery {
    client_id: Option<String>,
    response_type: Option<String>,
    redirect_uri: Option<String>,
    scope: Option<String>,
    state: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// The form of `/devicecode`.
#[derive(Deserialize)]
pub(super) struct DeviceForm {
    client_id: Option<String>,
    scope: Option<String>,
}

/// A refusal as the token endpoint words it: the OAuth error, Microsoft's number, words.
pub(super) type Refusal = (&'static str, u32, &'static str);

/// What a redeemed code is good for: whether a refresh token belongs to it.
pub(super) struct Granted {
    pub offline: bool,
}

/// `GET /{tenant}/oauth2/v2.0/authorize`.
pub(super) async fn authorize(
    State(server): State<Server>,
    Path(tenant): Path<String>,
    Query(query): Query<AuthorizeQuery>,
) -> Response {
    let (trouble, now) = (server.world.sign_in_trouble(), server.world.now());
    server.authority.authorize(&server.registration, &tenant, &query, trouble, now)
}

/// `POST /{tenant}/oauth2/v2.0/devicecode`.
pub(super) async fn devicecode(
    State(server): State<Server>,
    headers: HeaderMap,
    Form(form): Form<DeviceForm>,
) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let given = server.authority.device(&server.registration, host, &form, server.world.now());
    given.unwrap_or_else(|(error, number, words)| sign_in_error(StatusCode::BAD_REQUEST, error, number, words))
}

impl Authority {
    /// Leads the browser back, or shows it an error where that would be unsafe.
    pub fn authorize(
        &self,
        app: &Registration,
        tenant: &str,
        query: &AuthorizeQuery,
        trouble: Option<SignInTrouble>,
        now: Timestamp,
    ) -> Response {
        if tenant != app.tenant_id {
            return error_page("AADSTS90002: Tenant not found.");
        }
        if query.client_id.as_deref() != Some(&app.client_id) {
            return error_page("AADSTS700016: The application was not found in the directory.");
        }
        let redirect_uri = query.redirect_uri.as_deref().unwrap_or_default();
        let Some(mut back) = Url::parse(redirect_uri).ok().filter(is_registered) else {
            return error_page("AADSTS50011: The redirect URI does not match those configured for the application.");
        };
        match self.agreed(query, redirect_uri, trouble, now) {
            Ok(code) => drop(back.query_pairs_mut().append_pair("code", &code)),
            Err((error, number, words)) => {
                let words = format!("AADSTS{number}: {words}");
                back.query_pairs_mut().append_pair("error", error).append_pair("error_description", &words);
            }
        }
        if let Some(state) = &query.state {
            back.query_pairs_mut().append_pair("state", state);
        }
        back.query_pairs_mut().append_pair("session_state", "00000000-0000-0000-0000-000000000000");
        (StatusCode::FOUND, [(header::LOCATION, back.to_string())]).into_response()
    }

    fn agreed(
        &self,
        query: &AuthorizeQuery,
        redirect_uri: &str,
        trouble: Option<SignInTrouble>,
        now: Timestamp,
    ) -> Result<String, Refusal> {
        if query.response_type.as_deref() != Some("code") {
            return Err((
                "unsupported_response_type",
                700_051,
                "The response type is not enabled for the application.",
            ));
        }
        let scope = query.scope.as_deref().filter(|scope| !scope.is_empty());
        let scope = scope.ok_or(("invalid_request", 900_144, "The request must contain 'scope'."))?;
        // Longer than that of SHA-256 it is none.
        let challenge = query.code_challenge.as_deref().filter(|challenge| challenge.len() == 43);
        let challenge = challenge.filter(|_| query.code_challenge_method.as_deref() == Some("S256"));
        let challenge =
            challenge.ok_or(("invalid_request", 501_481, "A code_challenge of method S256 is required."))?;
        match trouble {
            Some(SignInTrouble::Declined) => {
                return Err(("access_denied", 65_004, "User declined to consent to access the app."));
            }
            Some(SignInTrouble::NoConsent) => {
                return Err((
                    "consent_required",
                    65_001,
                    "The administrator has not consented to use the application.",
                ));
            }
            _ => {}
        }
        let mut state = lock(&self.0);
        let number = state.next();
        let ends = now.saturating_add(CODE_LIFE).unwrap_or(now);
        let offline = is_offline(scope);
        let (challenge, redirect_uri) = (challenge.to_owned(), redirect_uri.to_owned());
        state.codes.insert(number, Code { challenge, redirect_uri, offline, ends });
        trim(&mut state.codes);
        Ok(code(number))
    }

    /// Takes a code back, once.
    pub fn redeem(
        &self,
        given: Option<&str>,
        verifier: Option<&str>,
        redirect_uri: Option<&str>,
        trouble: Option<SignInTrouble>,
        now: Timestamp,
    ) -> Result<Granted, Refusal> {
        let number = given.and_then(|given| given.strip_prefix("0.demo-code.")?.strip_suffix("/+")?.parse().ok());
        let known = number.and_then(|number: u64| lock(&self.0).codes.remove(&number));
        let known = known.ok_or(("invalid_grant", 54_005, "The code was already redeemed, or never issued."))?;
        if now >= known.ends || trouble == Some(SignInTrouble::CodesExpire) {
            return Err(("invalid_grant", 70_008, "The provided authorization code has expired."));
        }
        if redirect_uri != Some(&known.redirect_uri) {
            return Err(("invalid_grant", 50_011, "The redirect URI is not the one that the code was asked for with."));
        }
        let verifier = verifier.filter(|verifier| (43..=128).contains(&verifier.len())).unwrap_or_default();
        if BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())) != known.challenge {
            return Err(("invalid_grant", 50_148, "The code_verifier does not match the code_challenge."));
        }
        Ok(Granted { offline: known.offline })
    }

    /// Gives a code to type in. `host` is where the page for it is.
    pub fn device(
        &self,
        app: &Registration,
        host: &str,
        form: &DeviceForm,
        now: Timestamp,
    ) -> Result<Response, Refusal> {
        if form.client_id.as_deref() != Some(&app.client_id) {
            return Err(("unauthorized_client", 700_016, "The application was not found in the directory."));
        }
        let scope = form.scope.as_deref().ok_or(("invalid_request", 900_144, "The request must contain 'scope'."))?;
        let mut state = lock(&self.0);
        let number = state.next();
        let ends = now.saturating_add(DEVICE_LIFE).unwrap_or(now);
        state.devices.insert(number, Device { offline: is_offline(scope), ends, asked: None });
        trim(&mut state.devices);
        let (place, user_code) = (format!("http://{host}/devicelogin"), format!("DEMO{number:05}"));
        let body = json!({
            "user_code": user_code, "device_code": device_code(number), "verification_uri": place,
            "expires_in": DEVICE_LIFE.as_secs(), "interval": DEVICE_INTERVAL.as_secs(),
            "message": format!("To sign in, open {place} and enter the code {user_code}."),
        });
        Ok(Json(body).into_response())
    }

    /// Gives the token of a device, at the second time of asking.
    pub fn poll(
        &self,
        given: Option<&str>,
        trouble: Option<SignInTrouble>,
        now: Timestamp,
    ) -> Result<Granted, Refusal> {
        let number = given.and_then(|given| given.strip_prefix("0.demo-device.")?.parse().ok());
        let mut state = lock(&self.0);
        let known = number.and_then(|number: u64| state.devices.get_mut(&number).map(|device| (number, device)));
        let (number, device) = known.ok_or(("bad_verification_code", 70_000, "The device code was not recognized."))?;
        if now >= device.ends || trouble == Some(SignInTrouble::CodesExpire) {
            return Err(("expired_token", 70_020, "The device code has expired."));
        }
        if trouble == Some(SignInTrouble::Declined) {
            return Err(("authorization_declined", 65_004, "The end user denied the request."));
        }
        match device.asked.replace(now) {
            None => Err(("authorization_pending", 70_016, "Authorization is pending. Continue polling.")),
            Some(asked) if now.duration_since(asked) + DEVICE_SLACK < DEVICE_INTERVAL => {
                Err(("slow_down", 70_016, "Polling too often."))
            }
            Some(_) => {
                let offline = device.offline;
                state.devices.remove(&number);
                Ok(Granted { offline })
            }
        }
    }
}

impl Codes {
    fn next(&mut self) -> u64 {
        self.number += 1;
        self.number
    }
}

/// Whoever does not write it in percent form loses its end.
fn code(number: u64) -> String {
    format!("0.demo-code.{number}/+")
}

fn device_code(number: u64) -> String {
    format!("0.demo-device.{number}")
}

fn is_offline(scope: &str) -> bool {
    scope.split_whitespace().any(|word| word == "offline_access")
}

/// `http://localhost` is registered, and any port counts as the same.
fn is_registered(url: &Url) -> bool {
    url.scheme() == "http"
        && url.host() == Some(Host::Domain("localhost"))
        && url.path() == "/"
        && url.query().is_none()
}

fn trim<T>(codes: &mut BTreeMap<u64, T>) {
    while codes.len() > CODES_MAX {
        codes.pop_first();
    }
}

fn error_page(words: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html><title>Sign in to your account</title><h1>Sorry, we can't sign you in</h1><p>{words}</p>"
    );
    (StatusCode::BAD_REQUEST, Html(page)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_793_602_800, 0);
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const REDIRECT: &str = "http://localhost:4711";

    /// What a good client asks; `turn` makes it a bad one.
    fn ask(authority: &Authority, turn: impl FnOnce(&mut AuthorizeQuery)) -> Result<String, Refusal> {
        let mut query = AuthorizeQuery {
            client_id: Some("leadtime-demo".into()),
            response_type: Some("code".into()),
            redirect_uri: Some(REDIRECT.into()),
            scope: Some("https://x/.default offline_access".into()),
            state: Some("s".into()),
            // The pair of RFC 7636, appendix B.
            code_challenge: Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into()),
            code_challenge_method: Some("S256".into()),
        };
        turn(&mut query);
        authority.agreed(&query, REDIRECT, None, NOW)
    }

    fn redeem(authority: &Authority, code: &str, verifier: &str, redirect: &str, now: Timestamp) -> Option<u32> {
        authority.redeem(Some(code), Some(verifier), Some(redirect), None, now).err().map(|(_, number, _)| number)
    }

    #[test]
    fn a_code_is_good_once_for_its_own_verifier_and_redirect_and_not_for_long() {
        let authority = Authority::default();
        let code = || ask(&authority, |_| {}).unwrap();
        let good = code();
        assert_eq!(redeem(&authority, &good, VERIFIER, REDIRECT, NOW), None);
        assert_eq!(redeem(&authority, &good, VERIFIER, REDIRECT, NOW), Some(54_005));
        assert_eq!(redeem(&authority, &code(), &VERIFIER.replace('d', "e"), REDIRECT, NOW), Some(50_148));
        assert_eq!(redeem(&authority, &code(), VERIFIER, "http://localhost", NOW), Some(50_011));
        assert_eq!(redeem(&authority, &code(), VERIFIER, REDIRECT, NOW + CODE_LIFE), Some(70_008));
    }

    #[test]
    fn a_code_without_a_proper_challenge_is_not_given() {
        let authority = Authority::default();
        let refused = |turn: fn(&mut AuthorizeQuery)| ask(&authority, turn).err().map(|(error, ..)| error);
        assert_eq!(refused(|query| query.code_challenge = None), Some("invalid_request"));
        assert_eq!(refused(|query| query.code_challenge_method = Some("plain".into())), Some("invalid_request"));
        assert_eq!(refused(|query| query.scope = None), Some("invalid_request"));
        assert_eq!(refused(|query| query.response_type = Some("token".into())), Some("unsupported_response_type"));
    }

    #[test]
    fn no_browser_is_led_anywhere_but_to_this_machine() {
        let registered = |url: &str| Url::parse(url).is_ok_and(|url| is_registered(&url));
        assert!(registered("http://localhost") && registered("http://localhost:4711/"));
        for elsewhere in
            ["https://evil.example", "http://localhost.evil/", "http://localhost/else", "https://localhost"]
        {
            assert!(!registered(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn a_device_waits_once_and_is_slowed_down_when_it_hurries() {
        let authority = Authority::default();
        let form = DeviceForm { client_id: Some("leadtime-demo".into()), scope: Some("x offline_access".into()) };
        authority.device(&Registration::default(), "localhost", &form, NOW).unwrap();
        let error = |now| authority.poll(Some("0.demo-device.1"), None, now).err().map(|(error, ..)| error);
        assert_eq!(error(NOW), Some("authorization_pending"));
        assert_eq!(error(NOW), Some("slow_down"));
        assert_eq!(error(NOW + DEVICE_INTERVAL), None);
        assert_eq!(error(NOW + DEVICE_INTERVAL), Some("bad_verification_code"));
    }
}
