//! From a refresh token to an access token, over OAuth's refresh token grant.
//!
//! Microsoft hands out a new refresh token with each access token, good for 90 days. It is saved before the access token
//! is used, so the newest is never known to this process alone. A save that fails costs nothing but time: Microsoft does
//! not revoke a refresh token because it was used. Must never send a token anywhere but to `token_url`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Mutex;

use super::{
    AccountSettings,
    answer::{self, Answer, Http, NOTE_LIMIT},
    clock::Clock,
    fault::SignInTrouble,
    tokens::{Fingerprint, SavedToken, ShelfFault, TokenShelf},
};

/// How long before its end an access token is replaced.
const RENEWED_BEFORE_END: Duration = Duration::from_secs(5 * 60);
/// The life of an access token whose answer does not say.
const SUPPOSED_LIFE: Duration = Duration::from_secs(10 * 60);
/// No access token is trusted for longer.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// One account's sign-in.
pub(super) struct SignIn {
    settings: Arc<AccountSettings>,
    /// What stands in the settings as `refresh_token`.
    imported: Option<SecretString>,
    shelf: Arc<dyn TokenShelf>,
    clock: Arc<dyn Clock>,
    http: Http,
    /// Held during a renewal, so that there is one at a time.
    state: Mutex<State>,
    /// How many renewals have ended.
    rounds: AtomicU64,
}

#[derive(Default)]
struct State {
    access: Option<AccessToken>,
    /// How the last renewal failed, for those who waited for it.
    trouble: Option<SignInTrouble>,
}

/// An access token, as the header that carries it.
#[derive(Clone)]
pub(super) struct AccessToken {
    /// `Bearer …`.
    pub header: HeaderValue,
    renew_at: Timestamp,
    ends_at: Timestamp,
    round: u64,
}

/// A refresh token to try.
struct Candidate {
    token: SecretString,
    imported: Option<Fingerprint>,
    is_saved: bool,
}

/// What the token endpoint grants.
struct Granted {
    access_token: SecretString,
    refresh_token: Option<SecretString>,
    life: Duration,
}

impl SignIn {
    pub fn new(
        settings: Arc<AccountSettings>,
        imported: Option<SecretString>,
        shelf: Arc<dyn TokenShelf>,
        clock: Arc<dyn Clock>,
        http: Http,
    ) -> Self {
        let imported = imported.filter(|token| !token.expose_secret().trim().is_empty());
        Self { settings, imported, shelf, clock, http, state: Mutex::default(), rounds: AtomicU64::new(0) }
    }

    /// An access token that is good for a while, and is not the one that the API has just refused.
    pub async fn token(&self, refused: Option<&AccessToken>) -> Result<AccessToken, SignInTrouble> {
        let rounds = self.rounds.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        if let Some(refused) = refused {
            state.access.take_if(|access| access.round == refused.round);
        }
        if let Some(access) = state.access.as_ref().filter(|access| now < access.renew_at) {
            return Ok(access.clone());
        }
        // Whoever waited here while another tried has its outcome.
        if self.rounds.load(Ordering::Acquire) != rounds {
            if let Some(access) = state.access.as_ref().filter(|access| now < access.ends_at) {
                return Ok(access.clone());
            }
            if let Some(trouble) = &state.trouble {
                return Err(trouble.clone());
            }
        }
        let outcome = self.renew(rounds).await;
        self.rounds.fetch_add(1, Ordering::AcqRel);
        match outcome {
            Ok(access) => {
                *state = State { access: Some(access.clone()), trouble: None };
                Ok(access)
            }
            Err(trouble @ SignInTrouble::Unavailable { .. }) => match &state.access {
                // Renewing early leaves time for an outage of the token endpoint.
                Some(access) if now < access.ends_at => Ok(access.clone()),
                _ => Err(state.trouble.insert(trouble).clone()),
            },
            Err(trouble) => Err(state.trouble.insert(trouble).clone()),
        }
    }

    /// Signs in although there may be a good access token, which stays where this fails.
    pub async fn anew(&self) -> Result<(), SignInTrouble> {
        let mut state = self.state.lock().await;
        let outcome = self.renew(self.rounds.load(Ordering::Acquire)).await;
        self.rounds.fetch_add(1, Ordering::AcqRel);
        match outcome {
            Ok(access) => {
                *state = State { access: Some(access), trouble: None };
                Ok(())
            }
            Err(trouble) => Err(state.trouble.insert(trouble).clone()),
        }
    }

    /// Forgets the access token, so that the next call starts from the shelf.
    pub async fn forget(&self) {
        self.state.lock().await.access = None;
    }

    /// Takes a token that somebody's sign-in has brought: it is saved, and what is in memory goes. It waits for a renewal
    /// under way, which would else save the token of the old sign-in over the new one.
    pub async fn adopt(&self, token: SecretString) -> Result<(), SignInTrouble> {
        let mut state = self.state.lock().await;
        let token = SavedToken::of_sign_in(token, self.imported.as_ref(), self.clock.now());
        let saving = self.shelf.save(&self.settings.name, token);
        saving.await.map_err(|fault| SignInTrouble::NotSaved { why: fault.to_string() })?;
        *state = State::default();
        Ok(())
    }

    /// Redeems the newest refresh token that works.
    async fn renew(&self, round: u64) -> Result<AccessToken, SignInTrouble> {
        let mut first = None;
        let mut candidates = self.candidates().await?.into_iter().peekable();
        while let Some(candidate) = candidates.next() {
            let now = self.clock.now();
            match self.redeem(&candidate.token, now).await {
                Ok(granted) => return self.keep(granted, candidate, now, round).await,
                Err(trouble) => {
                    if !trouble.is_of_the_token() {
                        return Err(trouble);
                    }
                    // The last one's failure is told by whoever asked for the token.
                    if candidates.peek().is_some() {
                        tracing::warn!(
                            account = %self.settings.name,
                            "the refresh_token of the settings does not sign in, so the saved one is tried: {trouble}"
                        );
                    }
                    first.get_or_insert(trouble);
                }
            }
        }
        Err(first.unwrap_or(SignInTrouble::NoToken))
    }

    /// The settings' token if it differs from the one that the saved chain began with, then the saved one. A saved one
    /// that cannot be opened stands in the way of none that is newer.
    async fn candidates(&self) -> Result<Vec<Candidate>, SignInTrouble> {
        let (saved, began_with, unopened) = match self.shelf.load(&self.settings.name).await {
            Ok(saved) => {
                let began_with = saved.as_ref().and_then(|saved| saved.imported.clone());
                (saved, began_with, None)
            }
            Err(ShelfFault::Sealed { why, imported }) => (None, imported, Some(SignInTrouble::Sealed { why })),
            Err(ShelfFault::Store(why)) => return Err(SignInTrouble::NotLoaded { why }),
        };
        let newer = self.imported.as_ref().and_then(|token| {
            let imported = Some(Fingerprint::of(token));
            let token = SecretString::from(token.expose_secret().trim());
            (imported != began_with).then_some(Candidate { token, imported, is_saved: false })
        });
        let saved =
            saved.map(|saved| Candidate { token: saved.refresh_token, imported: saved.imported, is_saved: true });
        match (newer, unopened) {
            (None, Some(unopened)) => Err(unopened),
            (newer, _) => Ok(newer.into_iter().chain(saved).collect()),
        }
    }

    async fn redeem(&self, token: &SecretString, now: Timestamp) -> Result<Granted, SignInTrouble> {
        let settings = &self.settings;
        let mut form = vec![
            ("grant_type", "refresh_token"),
            ("client_id", settings.client_id.as_str()),
            ("refresh_token", token.expose_secret()),
        ];
        if let Some(secret) = &settings.client_secret {
            form.push(("client_secret", secret.expose_secret()));
        }
        // The first version of the endpoint knows no scopes; it names the audience.
        if settings.token_url.path().ends_with("/oauth2/token") {
            form.push(("resource", resource(&settings.scope)));
        } else {
            form.push(("scope", settings.scope.as_str()));
        }
        let request = self.http.client.post(settings.token_url.clone()).form(&form);
        let answer = answer::receive(&self.http, request, NOTE_LIMIT, now).await?;
        tracing::debug!(account = %settings.name, status = answer.status, "token endpoint answered");
        read_grant(&answer)
    }

    /// Saves the rotated token, and only then gives out the access token that came with it.
    async fn keep(
        &self,
        granted: Granted,
        used: Candidate,
        now: Timestamp,
        round: u64,
    ) -> Result<AccessToken, SignInTrouble> {
        let rotated = granted.refresh_token.filter(|token| token.expose_secret() != used.token.expose_secret());
        if rotated.is_some() || !used.is_saved {
            let refresh_token = rotated.unwrap_or(used.token);
            let token = SavedToken { refresh_token, imported: used.imported, obtained_at: now };
            let saving = self.shelf.save(&self.settings.name, token);
            saving.await.map_err(|fault| SignInTrouble::NotSaved { why: fault.to_string() })?;
        }
        let header = bearer(&granted.access_token)?;
        // A life too short for renewing early is used by half.
        let used_for = granted.life.saturating_sub(RENEWED_BEFORE_END).max(granted.life / 2);
        Ok(AccessToken { header, renew_at: later(now, used_for), ends_at: later(now, granted.life), round })
    }
}

/// The header that carries an access token, marked so that no log shows it.
fn bearer(access_token: &SecretString) -> Result<HeaderValue, SignInTrouble> {
    let mut header = HeaderValue::try_from(format!("Bearer {}", access_token.expose_secret()))
        .map_err(|_| SignInTrouble::Malformed { why: "its access token fits no header".to_owned() })?;
    header.set_sensitive(true);
    Ok(header)
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    SignedDuration::try_from(by).ok().and_then(|by| now.checked_add(by).ok()).unwrap_or(now)
}

/// The audience that a scope names: its first word without `/.default`.
fn resource(scope: &str) -> &str {
    let first = scope.split_whitespace().next().unwrap_or_default();
    first.strip_suffix("/.default").unwrap_or(first)
}

fn read_grant(answer: &Answer) -> Result<Granted, SignInTrouble> {
    let status = answer.status;
    let body = answer.json().unwrap_or_default();
    let text = |name| body.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let unavailable = |why| SignInTrouble::Unavailable { why, retry_after: answer.retry_after };
    match (status, text("access_token"), text("error")) {
        (200, Some(access_token), _) => Ok(Granted {
            access_token: access_token.into(),
            refresh_token: text("refresh_token").map(SecretString::from),
            life: body.get("expires_in").and_then(read_seconds).unwrap_or(SUPPOSED_LIFE).min(LONGEST_LIFE),
        }),
        (408 | 429 | 500..=599, ..) => Err(unavailable(format!("status {status}"))),
        (_, _, Some(error @ ("temporarily_unavailable" | "server_error"))) => Err(unavailable(error.to_owned())),
        (_, _, Some(error)) => Err(refusal(error, text("suberror"), aadsts(&body))),
        _ => Err(SignInTrouble::Malformed { why: format!("status {status} and no OAuth body") }),
    }
}

/// `expires_in` is a number in the second version of the endpoint, text in the first.
fn read_seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok().filter(|life| !life.is_zero())
}

/// Microsoft's number: the first of `error_codes`, else out of the description, which itself is never shown.
fn aadsts(body: &Value) -> Option<u32> {
    let listed = body.get("error_codes").and_then(|codes| codes.get(0)).and_then(Value::as_u64);
    let described = || aadsts_in(body.get("error_description")?.as_str()?);
    listed.and_then(|code| u32::try_from(code).ok()).or_else(described)
}

/// Microsoft's number in a description.
pub(super) fn aadsts_in(description: &str) -> Option<u32> {
    let rest = description.split_once("AADSTS")?.1;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// What a refusal means. The OAuth error decides; within `invalid_grant`, where all is mended by signing in again in one
/// way or another, the number tells which.
pub(super) fn refusal(error: &str, suberror: Option<&str>, aadsts: Option<u32>) -> SignInTrouble {
    match (error, aadsts) {
        (_, Some(53000..=53011)) => SignInTrouble::BlockedByPolicy { aadsts },
        ("consent_required", _) | ("invalid_grant" | "interaction_required", Some(65001)) => {
            SignInTrouble::ConsentMissing { aadsts }
        }
        ("invalid_grant" | "interaction_required", _) if suberror == Some("consent_required") => {
            SignInTrouble::ConsentMissing { aadsts }
        }
        ("interaction_required" | "login_required", _)
        | ("invalid_grant", Some(50072 | 50074 | 50076 | 50078 | 50079 | 50158)) => SignInTrouble::MfaNeeded { aadsts },
        ("invalid_grant", Some(700_082 | 700_084 | 70008 | 70043)) => SignInTrouble::Expired { aadsts },
        ("invalid_grant", _) => SignInTrouble::Revoked { aadsts },
        ("invalid_client" | "unauthorized_client", Some(7_000_222)) => SignInTrouble::SecretExpired { aadsts },
        ("invalid_client" | "unauthorized_client", _) => SignInTrouble::ClientRefused { aadsts },
        _ => SignInTrouble::Refused { error: answer::plain(error), aadsts },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_access_token_does_not_show() {
        let header = bearer(&"access-1".into()).unwrap();
        assert_eq!((header.to_str().unwrap(), format!("{header:?}").as_str()), ("Bearer access-1", "Sensitive"));
    }

    #[test]
    fn the_audience_of_a_scope() {
        assert_eq!(
            resource("https://api.partner.microsoft.com/.default offline_access"),
            "https://api.partner.microsoft.com"
        );
        assert_eq!(resource("https://example.com"), "https://example.com");
        assert_eq!(resource(""), "");
    }

    #[test]
    fn a_life_is_a_number_or_text_and_never_nothing() {
        assert_eq!(read_seconds(&json!(3599)), Some(Duration::from_secs(3599)));
        assert_eq!(read_seconds(&json!("3600")), Some(Duration::from_secs(3600)));
        for odd in [json!(0), json!(-5), json!("soon"), json!(null), json!("NaN"), json!("inf")] {
            assert_eq!(read_seconds(&odd), None, "{odd}");
        }
    }

    #[test]
    fn the_number_is_a_hint_taken_from_either_place() {
        assert_eq!(aadsts(&json!({"error_codes": [700_082]})), Some(700_082));
        assert_eq!(aadsts(&json!({"error_description": "AADSTS50173: The grant…"})), Some(50173));
        assert_eq!(aadsts(&json!({"error_codes": [], "error_description": "no"})), None);
    }

    #[test]
    fn a_refusal_means_the_same_without_its_number() {
        let class = |error, number| refusal(error, None, number).to_string();
        assert_eq!(class("invalid_grant", None), "the refresh token is no longer valid");
        assert_eq!(
            class("interaction_required", None),
            "Microsoft asks for a sign-in with multi-factor authentication"
        );
        assert_eq!(class("invalid_client", None), "Microsoft refuses the client id or its secret");
        assert_eq!(class("invalid_scope", None), "Microsoft refuses the sign-in: invalid_scope");
    }
}
