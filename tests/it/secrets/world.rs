//! A world that tells everybody what it heard: Microsoft, channels, a mail server and a proxy that answer in every way in
//! which one can fail, and put the whole request, secrets included, into each answer.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::commands_stage::now;

/// How an account's API, or where it says so its token endpoint, behaves.
pub const ACCOUNTS: [&str; 21] = [
    "fine",
    "unauthorized",
    "forbidden",
    "mfa",
    "bad",
    "teapot",
    "missing",
    "broken",
    "redirect",
    "page",
    "no-value",
    "bad-link",
    "loop",
    "token-grant",
    "token-client",
    "token-odd",
    "token-secret",
    "token-redirect",
    "token-page",
    "token-json",
    "token-broken",
];

/// How a channel behaves.
pub const CHANNELS: [&str; 8] = ["fine", "400", "401", "404", "503", "302", "page", "word"];

/// What was heard.
#[derive(Default)]
struct Heard {
    bodies: Vec<String>,
    /// How often each place was asked.
    asked: BTreeMap<String, usize>,
}

#[derive(Clone)]
struct Server {
    heard: Arc<Mutex<Heard>>,
    access: String,
    rotated: String,
}

/// It, as long as this lives.
pub struct World {
    pub address: SocketAddr,
    pub smtp: SocketAddr,
    pub proxy: SocketAddr,
    heard: Arc<Mutex<Heard>>,
    _stop: DropGuard,
}

impl World {
    /// With the tokens that it gives out.
    pub async fn begins(access: String, rotated: String) -> Self {
        let stop = CancellationToken::new();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let server = Server { heard: heard.clone(), access, rotated };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(server);
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
        let (smtp, proxy) = (mail_server(heard.clone()).await, proxy(heard.clone()).await);
        Self { address, smtp, proxy, heard, _stop: stop.drop_guard() }
    }

    /// Every message that came, as it came.
    pub fn bodies(&self) -> String {
        self.heard.lock().unwrap().bodies.join("\n")
    }

    /// The places that were asked.
    pub fn asked(&self) -> Vec<String> {
        self.heard.lock().unwrap().asked.keys().cloned().collect()
    }
}

async fn answer(State(server): State<Server>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8_lossy(&body).into_owned();
    let mut echo = format!("{method} {uri}");
    for (name, value) in &headers {
        echo += &format!(" {name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    // Forms are told undone as well: that is how the other side has them.
    let of_form: BTreeMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let undone: Vec<&str> = of_form.values().map(String::as_str).collect();
    let place: Vec<String> = uri.path().split('/').skip(1).take(2).map(str::to_owned).collect();
    {
        let mut heard = server.heard.lock().unwrap();
        *heard.asked.entry(place.join("/")).or_default() += 1;
        if matches!(place[0].as_str(), "slack" | "teams" | "hook") {
            heard.bodies.push(body.clone());
        }
    }
    let secrets = format!("{echo} {body} {}", undone.join(" "));
    let mode = place.get(1).map_or("", String::as_str);
    match place[0].as_str() {
        "token" => token(&server, mode, &secrets, &of_form),
        "pc" => partner_center(mode, &headers, &secrets),
        "teams" | "hook" | "slack" | "beat" => channel(&place[0], mode, &uri, &headers, &secrets),
        _ => (StatusCode::NOT_FOUND, secrets).into_response(),
    }
}

fn elsewhere(secrets: &str) -> Response {
    let to = format!(
        "https://elsewhere.example/?{}",
        url::form_urlencoded::byte_serialize(secrets.as_bytes()).collect::<String>()
    );
    (StatusCode::FOUND, [(header::LOCATION, to)], secrets.to_owned()).into_response()
}

fn page(secrets: &str) -> Response {
    ([(header::CONTENT_TYPE, "text/html")], format!("<!DOCTYPE html><title>{secrets}</title>{secrets}")).into_response()
}

fn said(status: u16, body: Value) -> Response {
    (StatusCode::from_u16(status).unwrap(), axum::Json(body)).into_response()
}

fn token(server: &Server, mode: &str, secrets: &str, form: &BTreeMap<String, String>) -> Response {
    let sent = |name: &str| form.get(name).map_or("", String::as_str);
    let oauth = |status, error: &str| {
        said(
            status,
            json!({"error": error, "error_description": format!("AADSTS700082: {secrets}"), "suberror": secrets, "trace": secrets}),
        )
    };
    match mode {
        "token-grant" => oauth(400, "invalid_grant"),
        "token-client" => oauth(401, "invalid_client"),
        "token-odd" => oauth(400, sent("refresh_token")),
        "token-secret" | "mail-odd" => oauth(400, sent("client_secret")),
        "token-redirect" => elsewhere(secrets),
        "token-page" => page(secrets),
        "token-json" => said(200, json!({"echo": secrets, "token_type": secrets})),
        "token-broken" => oauth(500, "server_error"),
        _ => said(
            200,
            json!({"token_type": "Bearer", "expires_in": 3599, "access_token": server.access, "refresh_token": server.rotated}),
        ),
    }
}

fn partner_center(mode: &str, headers: &HeaderMap, secrets: &str) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fault = |status, code: &str| {
        let body = json!({"error": {"code": code, "message": format!("{bearer} {secrets}")}});
        ([("request-id", bearer.to_owned())], said(status, body)).into_response()
    };
    match mode {
        "fine" => said(200, json!({"value": [referral("fine-1"), referral("fine-2")]})),
        "unauthorized" => fault(401, bearer),
        "forbidden" => fault(403, bearer),
        "mfa" => fault(401, "900421"),
        "bad" => fault(400, bearer),
        "teapot" => fault(418, bearer),
        "missing" => fault(404, bearer),
        "broken" => fault(500, bearer),
        "redirect" => elsewhere(secrets),
        "page" => page(secrets),
        "no-value" => said(200, json!({"echo": secrets, bearer: bearer})),
        "bad-link" => said(200, json!({"value": [], "@odata.nextLink": format!("no link {bearer}")})),
        "loop" => said(200, json!({"value": [], "@odata.nextLink": format!("https://x.example/?{bearer}")})),
        _ => fault(404, bearer),
    }
}

/// A referral of an hour ago that expires in ten days.
fn referral(id: &str) -> Value {
    let at = |hours| (now() + SignedDuration::from_hours(hours)).to_string();
    json!({
        "id": id, "status": "New", "substatus": "Pending", "type": "Shared", "direction": "Incoming",
        "createdDateTime": at(-1), "expirationDateTime": at(240),
        "customerProfile": {"name": "Fabrikam Kft.", "address": {"country": "HU"}},
    })
}

fn channel(kind: &str, mode: &str, uri: &Uri, headers: &HeaderMap, secrets: &str) -> Response {
    // The secret alone, as one word that a machine could have said.
    let path = uri.path().rsplit('/').next().unwrap_or_default();
    let query = uri.query().and_then(|query| query.rsplit('=').next()).unwrap_or_default();
    let word = headers.get("x-key").and_then(|value| value.to_str().ok()).unwrap_or(path).to_owned();
    let refused = |status: u16| match kind {
        "teams" => said(status, json!({"error": {"code": query, "message": format!("{query} {path} {secrets}")}})),
        "hook" if status.is_multiple_of(2) => said(status, json!({"error": word, "code": word, "message": secrets})),
        "hook" => (StatusCode::from_u16(status).unwrap(), word.clone()).into_response(),
        _ => (StatusCode::from_u16(status).unwrap(), format!("{path} {secrets}")).into_response(),
    };
    match mode {
        "fine" => (StatusCode::OK, "ok").into_response(),
        "302" => elsewhere(secrets),
        "page" => page(secrets),
        "word" => (StatusCode::BAD_REQUEST, word).into_response(),
        status => refused(status.parse().unwrap_or(500)),
    }
}

/// A mail server that knows neither password nor token, and says what it was given.
async fn mail_server(heard: Arc<Mutex<Heard>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            *heard.lock().unwrap().asked.entry("smtp".to_owned()).or_default() += 1;
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                let _ = write.write_all(b"220 mail.example\r\n").await;
                while let Ok(Some(line)) = lines.next_line().await {
                    let last = line.split_whitespace().last().unwrap_or_default();
                    let undone = BASE64_STANDARD.decode(last).unwrap_or_default();
                    let undone: String = String::from_utf8_lossy(&undone).replace(|c: char| c.is_control(), " ");
                    let answer = match line.split_whitespace().next().unwrap_or_default() {
                        "EHLO" => "250-mail.example\r\n250 AUTH PLAIN LOGIN XOAUTH2\r\n".to_owned(),
                        "QUIT" => "221 bye\r\n".to_owned(),
                        _ => format!("535 5.7.8 not {line} nor {undone}\r\n"),
                    };
                    let _ = write.write_all(answer.as_bytes()).await;
                }
            });
        }
    });
    address
}

/// A proxy that lets nobody through, and says what it was given.
async fn proxy(heard: Arc<Mutex<Heard>>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let heard = heard.clone();
            tokio::spawn(async move {
                let (read, mut write) = stream.into_split();
                let mut lines = BufReader::new(read).lines();
                let mut all = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line.is_empty() {
                        break;
                    }
                    all += &(line + " ");
                }
                let name = if all.contains("roxy-") { "proxy, with a password" } else { "proxy" };
                *heard.lock().unwrap().asked.entry(name.to_owned()).or_default() += 1;
                let answer = format!(
                    "HTTP/1.1 407 {all}\r\nProxy-Authenticate: Basic realm=\"{}\"\r\nX-Echo: {all}\r\nContent-Length: {}\r\n\r\n{all}",
                    all.len(),
                    all.len()
                );
                let _ = write.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}
