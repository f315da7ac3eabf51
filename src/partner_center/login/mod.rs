//! Signing in as a person does, to get an account's first refresh token: by a code that the browser is redirected with
//! (PKCE and a state protect it), or by a code that is typed in on another device. The `oauth2` crate makes the requests
//! and reads the answers; they travel by our own client, so that its roots, proxy, limits and refusal of redirects hold.
//! Must never show a token, a code or a verifier, and never keep one anywhere.

mod proof;
mod redirected;
mod trouble;

use std::{fmt::Display, sync::Arc, time::Duration};

use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl, EndpointNotSet, EndpointSet,
    ErrorResponseType, HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, StandardDeviceAuthorizationResponse, StandardErrorResponse, TokenResponse as _, TokenUrl,
    basic::{BasicClient, BasicTokenResponse},
    http::StatusCode,
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use self::{proof::Proof, trouble::LoginTrouble};
use super::{
    AccountSettings,
    answer::{self, Http, NOTE_LIMIT},
    clock::Clock,
    fault::SignInTrouble,
};

/// A server that asks to be asked more often is asked so seldom all the same.
const POLL_LEAST: Duration = Duration::from_secs(1);
/// No wait is longer, whatever a server asks for: the limit of the whole is looked at between two waits.
const POLL_MOST: Duration = Duration::from_secs(60);

type Entra = BasicClient<EndpointSet, EndpointSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// One account's sign-in by a person.
pub struct Login {
    settings: AccountSettings,
    http: Http,
    clock: Arc<dyn Clock>,
    entra: Entra,
}

/// A sign-in that a browser has been asked for. Its secrets do not leave it.
pub struct Asked {
    /// What to open in the browser.
    pub address: Url,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
    redirect: RedirectUrl,
}

/// The proof that the one who was asked has agreed; good once and for a few minutes.
pub struct Agreed(AuthorizationCode);

/// A sign-in that is finished on another device.
pub struct Device {
    /// What to type in there.
    pub code: String,
    /// Where.
    pub place: String,
    /// How long the code is good for.
    pub life: Duration,
    answer: StandardDeviceAuthorizationResponse,
}

impl Login {
    /// A sign-in for an account; speaks to nobody yet.
    ///
    /// # Errors
    /// [`LoginTrouble::NoAddresses`] where there is no telling where `/authorize` and `/devicecode` are.
    pub fn new(settings: AccountSettings, http: Http, clock: Arc<dyn Clock>) -> Result<Self, LoginTrouble> {
        let at = |name| beside(&settings.token_url, name).ok_or(LoginTrouble::NoAddresses);
        let entra = BasicClient::new(ClientId::new(settings.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(at("authorize")?))
            .set_device_authorization_url(DeviceAuthorizationUrl::from_url(at("devicecode")?))
            .set_token_uri(TokenUrl::from_url(settings.token_url.clone()))
            // Entra takes it either way, a simple proxy or a test only like this.
            .set_auth_type(oauth2::AuthType::RequestBody);
        let secret = settings.client_secret.as_ref().map(|secret| ClientSecret::new(secret.expose_secret().to_owned()));
        let entra = match secret {
            Some(secret) => entra.set_client_secret(secret),
            None => entra,
        };
        Ok(Self { settings, http, clock, entra })
    }

    /// What to open in a browser, which is then led to `redirect`: as it is registered in Entra, but for the port.
    ///
    /// # Errors
    /// An address that is none.
    pub fn ask(&self, redirect: &str) -> Result<Asked, LoginTrouble> {
        // As it stands: parsed and written again it would get a slash that the registered one does not have.
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|_| LoginTrouble::NoAddresses)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = self.entra.authorize_url(CsrfToken::new_random).add_scope(self.scope());
        let request = request.set_pkce_challenge(challenge).set_redirect_uri(std::borrow::Cow::Borrowed(&redirect));
        // The browser may be signed in as an administrator; the account that leadtime is to have is another one.
        let (address, state) = request.add_extra_param("prompt", "select_account").url();
        Ok(Asked { address, state, verifier, redirect })
    }

    /// Redeems what the browser brought for a refresh token.
    ///
    /// # Errors
    /// Microsoft's refusal; no answer; one without a refresh token.
    pub async fn redeem(&self, asked: Asked, agreed: Agreed) -> Result<SecretString, LoginTrouble> {
        let request = self.entra.exchange_code(agreed.0).set_pkce_verifier(asked.verifier);
        let redirect = std::borrow::Cow::Owned(asked.redirect);
        let http = |request| self.send(request);
        let answer = request.set_redirect_uri(redirect).request_async(&http).await;
        refresh_token(&answer.map_err(trouble_of)?)
    }

    /// Asks for a code that is typed in on another device.
    ///
    /// # Errors
    /// Microsoft's refusal; no answer.
    pub async fn device(&self) -> Result<Device, LoginTrouble> {
        let http = |request| self.send(request);
        let request = self.entra.exchange_device_code().add_scope(self.scope());
        let answer: StandardDeviceAuthorizationResponse = request.request_async(&http).await.map_err(trouble_of)?;
        let place = answer.verification_uri().as_str().to_owned();
        let is_safe = Url::parse(&place).is_ok_and(|url| url.scheme() == "https" || is_this_machine(&url));
        if !is_safe {
            let why = "the page for the code is not on https".to_owned();
            return Err(SignInTrouble::Malformed { why }.into());
        }
        Ok(Device {
            code: answer::plain(answer.user_code().secret()),
            place: answer::plain(&place),
            life: answer.expires_in(),
            answer,
        })
    }

    /// Waits until the code was typed in and agreed to, `limit` and its own life at most.
    ///
    /// # Errors
    /// Microsoft's refusal; a code that nobody has used in time; an answer without a refresh token.
    pub async fn granted(&self, device: Device, limit: Duration) -> Result<SecretString, LoginTrouble> {
        let http = |request| self.send(request);
        let request = self.entra.exchange_device_access_token(&device.answer);
        let pause = |wait: Duration| self.clock.sleep(wait.clamp(POLL_LEAST, POLL_MOST));
        let answer = request.request_async(&http, pause, Some(device.life.min(limit))).await;
        refresh_token(&answer.map_err(trouble_of)?)
    }

    fn scope(&self) -> Scope {
        Scope::new(self.settings.scope.clone())
    }

    /// One exchange with Microsoft, of bounded size and time. What a retry may mend is an error, so that the wait for a
    /// device survives it.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, SignInTrouble> {
        let (parts, body) = request.into_parts();
        let request = self.http.client.post(parts.uri.to_string()).headers(parts.headers).body(body);
        let answer = answer::receive(&self.http, request, NOTE_LIMIT, self.clock.now()).await?;
        tracing::debug!(account = %self.settings.name, status = answer.status, "the sign-in was answered");
        if matches!(answer.status, 408 | 429 | 500..=599) {
            let why = format!("status {}", answer.status);
            return Err(SignInTrouble::Unavailable { why, retry_after: answer.retry_after });
        }
        let mut response = HttpResponse::new(answer.body);
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
        Ok(response)
    }
}

impl Asked {
    /// Reads the address that the browser was redirected to, or its query.
    ///
    /// # Errors
    /// It is none, or not this sign-in's; it says that the sign-in was refused.
    pub fn answered(&self, redirected: &str) -> Result<Agreed, LoginTrouble> {
        redirected::read(redirected, self.state.secret()).map(|code| Agreed(AuthorizationCode::new(code)))
    }
}

/// The address of that name beside `…/oauth2/v2.0/token`. The first version of the endpoint knows no scopes, and its device
/// codes are another dialect: there is nothing of use beside it.
fn beside(token_url: &Url, name: &str) -> Option<Url> {
    let folder = token_url.path().strip_suffix("/token").filter(|folder| !folder.ends_with("/oauth2"))?;
    let mut url = token_url.clone();
    url.set_path(&format!("{folder}/{name}"));
    Some(url)
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

fn refresh_token(answer: &BasicTokenResponse) -> Result<SecretString, LoginTrouble> {
    let token = answer.refresh_token().map(|token| SecretString::from(token.secret().trim()));
    token.filter(|token| !token.expose_secret().is_empty()).ok_or(LoginTrouble::NoRefreshToken)
}

/// What the crate says in our words. An answer that it could not parse is never quoted: a token may stand in it.
fn trouble_of<E>(fault: RequestTokenError<SignInTrouble, StandardErrorResponse<E>>) -> LoginTrouble
where
    E: ErrorResponseType + Display + 'static,
{
    match fault {
        RequestTokenError::ServerResponse(said) => {
            LoginTrouble::said(&said.error().to_string(), said.error_description().map(String::as_str))
        }
        RequestTokenError::Request(trouble) => trouble.into(),
        RequestTokenError::Parse(..) => SignInTrouble::Malformed { why: "it is no OAuth body".to_owned() }.into(),
        RequestTokenError::Other(_) => SignInTrouble::Malformed { why: "it is empty".to_owned() }.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_addresses_stand_beside_the_token_endpoint() {
        let at = |url: &str, name| beside(&url.parse().unwrap(), name).map(|url| url.to_string());
        let token = "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token";
        for name in ["authorize", "devicecode"] {
            let expected = format!("https://login.microsoftonline.com/contoso.com/oauth2/v2.0/{name}");
            assert_eq!(at(token, name), Some(expected));
        }
        assert_eq!(
            at("http://localhost:1/t/v2/token?p=1", "authorize").unwrap(),
            "http://localhost:1/t/v2/authorize?p=1"
        );
        for nothing in ["https://login.microsoftonline.com/t/oauth2/token", "https://proxy/sign-in", "https://proxy/"] {
            assert_eq!(at(nothing, "authorize"), None, "{nothing}");
        }
    }
}
