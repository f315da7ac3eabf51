//! Who may ask for more than health and metrics. By the socket: whoever may open the file. By HTTP without a password:
//! this machine alone, and no page of another origin (a browser would carry it here). With one: whoever knows it.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::Desk;

/// By which way a request comes in.
#[derive(Clone, Copy, Debug)]
pub enum Door {
    /// The socket in the state folder.
    Socket,
    /// `[web] listen`.
    Listen(SocketAddr),
}

/// Why somebody stays outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Refusal {
    Closed,
    Host,
    Origin,
    Password,
    /// A sign-in is brought by whoever may open the socket, or knows the password: not by every user of this machine.
    SignIn,
}

/// Lets a request pass, or says what is missing.
pub async fn admit(State((desk, door)): State<(Desk, Door)>, request: Request, next: Next) -> Response {
    let settings = desk.settings();
    let external = settings.web.external_url.as_ref().map(|url| url.origin().ascii_serialization());
    let brings_sign_in = request.method() == Method::POST && request.uri().path().ends_with("/sign-in");
    match check(door, settings.web.password.as_ref(), external.as_deref(), request.headers()) {
        Ok(()) if brings_sign_in && matches!(door, Door::Listen(_)) && settings.web.password.is_none() => {
            Refusal::SignIn.into_response()
        }
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

fn check(
    door: Door,
    password: Option<&SecretString>,
    external: Option<&str>,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    let Door::Listen(address) = door else { return Ok(()) };
    let host = text(headers, header::HOST).unwrap_or_default();
    if let Some(origin) = text(headers, header::ORIGIN) {
        let own = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")) == Some(host);
        if !own && Some(origin) != external {
            return Err(Refusal::Origin);
        }
    }
    match password {
        Some(password) if knows(headers, password) => Ok(()),
        Some(_) => Err(Refusal::Password),
        None if !address.ip().is_loopback() => Err(Refusal::Closed),
        None if !names_loopback(host) => Err(Refusal::Host),
        None => Ok(()),
    }
}

/// Whether a `Host` names this machine: a page of another name that resolves to 127.0.0.1 must not read the API.
fn names_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// `Authorization: Bearer PASSWORD`, or Basic with any user. Both sides are hashed first, so that neither the password nor
/// its length can be told from the time it takes.
fn knows(headers: &HeaderMap, password: &SecretString) -> bool {
    let Some((scheme, credentials)) = text(headers, header::AUTHORIZATION).and_then(|text| text.split_once(' ')) else {
        return false;
    };
    let given = if scheme.eq_ignore_ascii_case("bearer") {
        Some(credentials.trim().as_bytes().to_vec())
    } else if scheme.eq_ignore_ascii_case("basic") {
        let decoded = BASE64_STANDARD.decode(credentials.trim()).unwrap_or_default();
        decoded.iter().position(|byte| *byte == b':').and_then(|colon| decoded.get(colon + 1..).map(<[u8]>::to_vec))
    } else {
        None
    };
    let wanted = Sha256::digest(password.expose_secret().as_bytes());
    given.is_some_and(|given| Sha256::digest(given).as_slice().ct_eq(wanted.as_slice()).into())
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let forbidden = StatusCode::FORBIDDEN;
        match self {
            Self::Closed => (forbidden, "set [web] password to open the API to other machines\n").into_response(),
            Self::Host => {
                (forbidden, "ask by 127.0.0.1 or localhost, or set [web] password to use other names\n").into_response()
            }
            Self::Origin => (forbidden, "a page of another origin may not ask\n").into_response(),
            Self::SignIn => {
                let way = "bring a sign-in by the socket in the state folder, as `leadtime login` does, or set [web] password\n";
                (forbidden, way).into_response()
            }
            Self::Password => {
                let challenge = [(header::WWW_AUTHENTICATE, "Basic realm=\"leadtime\", charset=\"UTF-8\"")];
                (StatusCode::UNAUTHORIZED, challenge, "the password is missing or wrong: [web] password\n")
                    .into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Door = Door::Listen(SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080));
    const EVERYWHERE: Door = Door::Listen(SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 8080));

    fn ask(door: Door, password: Option<&str>, headers: &[(&'static str, &str)]) -> Result<(), Refusal> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        check(door, password.map(SecretString::from).as_ref(), Some("https://leadtime.contoso.com"), &map)
    }

    #[test]
    fn without_a_password_only_this_machine_may_ask() {
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST:80", "[::1]:8080", "127.8.8.8"] {
            assert_eq!(ask(HERE, None, &[("host", host)]), Ok(()), "{host}");
        }
        for host in ["leadtime.contoso.com", "127.0.0.1.evil.example", "10.0.0.1:8080", "", "localhost.evil:80"] {
            assert_eq!(ask(HERE, None, &[("host", host)]), Err(Refusal::Host), "{host}");
        }
        assert_eq!(ask(EVERYWHERE, None, &[("host", "127.0.0.1")]), Err(Refusal::Closed));
    }

    #[test]
    fn a_page_of_another_origin_is_refused_with_and_without_a_password() {
        let host = ("host", "127.0.0.1:8080");
        assert_eq!(ask(HERE, None, &[host, ("origin", "http://127.0.0.1:8080")]), Ok(()));
        for origin in ["https://evil.example", "null", "http://127.0.0.1:8081", "127.0.0.1:8080"] {
            assert_eq!(ask(HERE, None, &[host, ("origin", origin)]), Err(Refusal::Origin), "{origin}");
        }
        let known = ("authorization", "Bearer open");
        assert_eq!(ask(EVERYWHERE, Some("open"), &[known, ("origin", "https://evil.example")]), Err(Refusal::Origin));
        assert_eq!(ask(EVERYWHERE, Some("open"), &[known, ("origin", "https://leadtime.contoso.com")]), Ok(()));
    }

    #[test]
    fn the_password_comes_as_bearer_or_with_any_user() {
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        for good in ["Bearer o:pen".to_owned(), "bearer o:pen".to_owned(), basic("anna:o:pen"), basic(":o:pen")] {
            assert_eq!(ask(EVERYWHERE, Some("o:pen"), &[("authorization", &good)]), Ok(()), "{good}");
        }
        for bad in ["Bearer o:pe".to_owned(), "o:pen".to_owned(), "Basic o:pen".to_owned(), basic("o:pen"), basic("")] {
            let refused = ask(EVERYWHERE, Some("o:pen"), &[("authorization", &bad)]);
            assert_eq!(refused, Err(Refusal::Password), "{bad}");
        }
        assert_eq!(ask(HERE, Some("o:pen"), &[("host", "localhost")]), Err(Refusal::Password));
    }

    #[test]
    fn the_socket_asks_for_nothing() {
        assert_eq!(ask(Door::Socket, Some("open"), &[("origin", "https://evil.example")]), Ok(()));
    }
}
