//! Mail to a server that takes tokens in place of passwords: the token endpoint and the server as they are on a bad day.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use leadtime::{
    channels::{
        Channel, HttpLimits, Knock, Reply, TlsSettings, connect_http_with,
        email::{Email, EmailSettings, Login, Security, SmtpLimits, TokenSettings, Tokens},
    },
    core::{ids::MessageId, period::Seconds},
    messages::rendered::{Body, Mail, Rendered},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, path},
};

use crate::smtp_peer::{
    Act::{self, Mute, Say},
    Peer,
};

const ANNA: &str = "anna@example.com";
/// What a server offers that takes tokens.
const TAKES_TOKENS: (&str, Act) = ("EHLO", Say("250-mail.test\n250 AUTH XOAUTH2"));
/// `user=desk@contoso.example^Aauth=Bearer token-1^A^A`, and with `token-2`.
const TOKEN_1: &str = "AUTH XOAUTH2 dXNlcj1kZXNrQGNvbnRvc28uZXhhbXBsZQFhdXRoPUJlYXJlciB0b2tlbi0xAQE=";
const TOKEN_2: &str = "AUTH XOAUTH2 dXNlcj1kZXNrQGNvbnRvc28uZXhhbXBsZQFhdXRoPUJlYXJlciB0b2tlbi0yAQE=";

fn now() -> Timestamp {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn message() -> Rendered {
    let (subject, text) = ("New co-sell".to_owned(), "Answer by Thu 19 Nov".to_owned());
    let mail = Mail { subject, text, html: None, thread: None, urgent: false, to: Vec::new() };
    Rendered { message_id: MessageId::of_key("key"), body: Body::Mail(mail), mentions: Vec::new() }
}

/// A token endpoint that grants `token-1`, `token-2`, … for an hour each.
async fn granting() -> MockServer {
    let server = MockServer::start().await;
    let granted = std::sync::atomic::AtomicU32::new(0);
    let grant = move |_: &Request| {
        let number = granted.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        let body = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": format!("token-{number}")});
        ResponseTemplate::new(200).set_body_json(body)
    };
    Mock::given(method("POST")).and(path("/contoso/token")).respond_with(grant).mount(&server).await;
    server
}

async fn answering(status: u16, body: Value) -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(status).set_body_json(body).insert_header("Retry-After", "70");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// Tokens from the endpoint at this address.
fn tokens(endpoint: &str) -> Arc<Tokens> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let limits = HttpLimits { connect: Duration::from_secs(2), whole: Duration::from_secs(2), proxy: false };
    let http = connect_http_with(&TlsSettings::default(), &limits).unwrap();
    let settings = TokenSettings {
        token_url: format!("{endpoint}/contoso/token").parse().unwrap(),
        client_id: "leadtime mail".to_owned(),
        client_secret: SecretString::from("very&secret"),
        scope: "https://outlook.office365.com/.default".to_owned(),
    };
    Arc::new(Tokens::new(settings, http))
}

/// Mail of `desk@contoso.example` by way of this server.
fn email_with(peer: &Peer, tokens: Arc<Tokens>) -> Email {
    let short = Duration::from_millis(300);
    let limits =
        SmtpLimits { connect: short, answer: short, content: short, whole: Duration::from_secs(5), farewell: short };
    let settings = EmailSettings {
        host: "localhost".to_owned(),
        port: peer.address.port(),
        security: Security::None,
        login: Some(Login::Token("desk@contoso.example".to_owned(), tokens)),
        from: "Leadtime <desk@contoso.example>".to_owned(),
        to: vec![ANNA.to_owned()],
        cc: Vec::new(),
        limits,
    };
    Email::build(&settings, &TlsSettings::default()).unwrap()
}

/// The same, with tokens from that endpoint.
fn email(peer: &Peer, endpoint: &MockServer) -> Email {
    email_with(peer, tokens(&endpoint.uri()))
}

/// Sends one mail; what comes back never holds a secret or a token.
async fn send(email: &Email, at: Timestamp) -> Reply {
    let reply = tokio::time::timeout(Duration::from_secs(10), email.send(&message(), Some(ANNA), at)).await;
    let reply = reply.expect("an attempt must end by its own limits");
    let shown = format!("{reply:?} {email:?}");
    assert!(!shown.contains("very&secret") && !shown.contains("token-"), "{shown}");
    reply
}

fn logins(peer: &Peer) -> Vec<String> {
    peer.heard().into_iter().filter(|line| line.starts_with("AUTH")).collect()
}

async fn asked(endpoint: &MockServer) -> usize {
    endpoint.received_requests().await.unwrap().len()
}

#[tokio::test]
async fn a_mail_goes_out_with_a_token_that_the_app_got_for_itself() {
    let (endpoint, peer) = (granting().await, Peer::with(&[TAKES_TOKENS]).await);
    let reply = send(&email(&peer, &endpoint), now()).await;
    assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    assert_eq!(logins(&peer), [TOKEN_1]);
    let request = endpoint.received_requests().await.unwrap().remove(0);
    let mut form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    form.sort();
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        form,
        [
            ("client_id", "leadtime mail"),
            ("client_secret", "very&secret"),
            ("grant_type", "client_credentials"),
            ("scope", "https://outlook.office365.com/.default"),
        ]
    );
    assert!(!request.headers.contains_key("authorization"));
}

#[tokio::test]
async fn a_token_serves_until_five_minutes_before_its_end() {
    let (endpoint, peer) = (granting().await, Peer::with(&[TAKES_TOKENS]).await);
    let email = email(&peer, &endpoint);
    for minutes in [0, 10, 54, 56] {
        send(&email, now() + SignedDuration::from_mins(minutes)).await;
    }
    assert_eq!(logins(&peer), [TOKEN_1, TOKEN_1, TOKEN_1, TOKEN_2]);
}

#[tokio::test]
async fn many_recipients_at_once_ask_for_one_token() {
    let (endpoint, peer) = (granting().await, Peer::with(&[TAKES_TOKENS]).await);
    let email = email(&peer, &endpoint);
    let replies = futures_util::future::join_all((0..20).map(|_| send(&email, now()))).await;
    assert!(replies.iter().all(|reply| matches!(reply, Reply::Accepted { .. })), "{replies:?}");
    assert_eq!((asked(&endpoint).await, logins(&peer).len()), (1, 20));
}

#[tokio::test]
async fn a_dead_token_endpoint_costs_many_recipients_one_wait_and_is_tried_again_later() {
    let (endpoint, peer) = (MockServer::start().await, Peer::with(&[TAKES_TOKENS]).await);
    let slow = ResponseTemplate::new(503).set_delay(Duration::from_millis(200));
    Mock::given(any()).respond_with(slow).mount(&endpoint).await;
    let email = email(&peer, &endpoint);
    let replies = futures_util::future::join_all((0..20).map(|_| send(&email, now()))).await;
    assert!(replies.iter().all(|reply| matches!(reply, Reply::TryLater { .. })), "{replies:?}");
    assert_eq!((asked(&endpoint).await, peer.heard().len()), (1, 0));
    send(&email, now()).await;
    assert_eq!(asked(&endpoint).await, 2);
}

#[tokio::test]
async fn a_kept_token_that_is_refused_is_replaced_once() {
    let refused = (TOKEN_1, Say("535 5.7.3 Authentication unsuccessful"));
    let endpoint = granting().await;
    let tokens = tokens(&endpoint.uri());
    let (good, strict) = (Peer::with(&[TAKES_TOKENS]).await, Peer::with(&[TAKES_TOKENS, refused]).await);
    send(&email_with(&good, tokens.clone()), now()).await;
    let reply = send(&email_with(&strict, tokens), now()).await;
    assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    assert_eq!(
        (logins(&good), logins(&strict)),
        (vec![TOKEN_1.to_owned()], vec![TOKEN_1.to_owned(), TOKEN_2.to_owned()])
    );
}

#[tokio::test]
async fn a_fresh_token_that_is_refused_is_not_tried_again_and_says_what_to_do_in_exchange() {
    let refused = ("AUTH", Say("535 5.7.3 Authentication unsuccessful [token-1 of a.prod.outlook.com]"));
    let (endpoint, peer) = (granting().await, Peer::with(&[TAKES_TOKENS, refused]).await);
    let email = email(&peer, &endpoint);
    let reply = send(&email, now()).await;
    let Reply::DestinationRefused { why } = &reply else { panic!("{reply:?}") };
    for part in ["535", "5.7.3", "New-ServicePrincipal", "SMTP.SendAsApp", "admin consent", "SmtpClientAuthentication"]
    {
        assert!(why.contains(part), "no {part} in {why}");
    }
    assert_eq!(logins(&peer), [TOKEN_1]);
    // The next one may hold the right that an admin has granted since.
    send(&email, now()).await;
    assert_eq!(logins(&peer), [TOKEN_1, TOKEN_2]);
}

#[tokio::test]
async fn smtp_auth_that_is_switched_off_for_the_mailbox_is_named() {
    let refused = ("AUTH", Say("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"));
    let (endpoint, peer) = (granting().await, Peer::with(&[TAKES_TOKENS, refused]).await);
    let reply = send(&email(&peer, &endpoint), now()).await;
    assert!(
        matches!(&reply, Reply::DestinationRefused { why } if why.contains("Set-CASMailbox") && !why.contains("SendAsApp")),
        "{reply:?}"
    );
}

#[tokio::test]
async fn a_refusal_by_way_of_a_challenge_is_answered_with_an_empty_line_and_heard_out() {
    // {"status":"401","schemes":"bearer","scope":"https://mail.google.com/"}
    let challenge =
        "334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==";
    let peer = Peer::with(&[TAKES_TOKENS, ("AUTH", Say(challenge)), ("\r\n", Say("535 5.7.8 not accepted"))]).await;
    let endpoint = granting().await;
    let reply = send(&email(&peer, &endpoint), now()).await;
    assert!(
        matches!(&reply, Reply::DestinationRefused { why } if why.contains("535") && why.contains("5.7.8")),
        "{reply:?}"
    );
    let heard = peer.heard();
    assert_eq!(heard[2..], ["", "QUIT"], "{heard:?}");
}

#[tokio::test]
async fn a_server_that_falls_silent_at_the_token_or_after_its_challenge_is_left_in_time() {
    for acts in [vec![TAKES_TOKENS, ("AUTH", Mute)], vec![TAKES_TOKENS, ("AUTH", Say("334 e30=")), ("\r\n", Mute)]] {
        let (endpoint, peer) = (granting().await, Peer::with(&acts).await);
        let reply = send(&email(&peer, &endpoint), now()).await;
        assert!(matches!(&reply, Reply::TryLater { why, .. } if why.contains("the login in time")), "{reply:?}");
    }
}

#[tokio::test]
async fn a_passing_refusal_of_the_login_is_tried_later_with_the_same_token() {
    let peer = Peer::with(&[TAKES_TOKENS, ("AUTH", Say("454 4.7.0 Temporary authentication failure"))]).await;
    let endpoint = granting().await;
    let email = email(&peer, &endpoint);
    for _ in 0..2 {
        let reply = send(&email, now()).await;
        assert!(matches!(&reply, Reply::TryLater { why, .. } if why.contains("454")), "{reply:?}");
    }
    assert_eq!(logins(&peer), [TOKEN_1, TOKEN_1]);
}

#[tokio::test]
async fn a_server_that_takes_no_tokens_hears_none() {
    let (endpoint, peer) = (granting().await, Peer::with(&[]).await);
    let reply = send(&email(&peer, &endpoint), now()).await;
    assert!(matches!(&reply, Reply::DestinationRefused { why } if why.contains("XOAUTH2")), "{reply:?}");
    assert!(logins(&peer).is_empty());
}

#[tokio::test]
async fn verifying_logs_in_with_a_token_and_sends_nothing() {
    let (endpoint, peer) = (granting().await, Peer::with(&[TAKES_TOKENS]).await);
    let email = email(&peer, &endpoint);
    let knock = Knock::build(&TlsSettings::default(), &HttpLimits::default()).unwrap();
    let reply = email.verify(&knock, now()).await;
    assert_eq!(reply, Reply::Accepted { detail: Some("logged in; no mail was sent".to_owned()) });
    assert_eq!(peer.heard(), ["EHLO contoso.example", TOKEN_1, "QUIT"]);
}

#[tokio::test]
async fn an_outage_of_the_token_endpoint_passes() {
    for status in [408, 429, 500, 503] {
        let (endpoint, peer) = (answering(status, json!({"error": "x"})).await, Peer::with(&[TAKES_TOKENS]).await);
        let reply = send(&email(&peer, &endpoint), now()).await;
        let meant =
            matches!(&reply, Reply::TryLater { after: Some(Seconds(70)), why } if why.contains(&status.to_string()));
        assert!(meant, "{status}: {reply:?}");
        assert!(peer.heard().is_empty());
    }
}

#[tokio::test]
async fn a_token_endpoint_that_is_not_there_is_a_passing_failure_that_names_its_cause() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let peer = Peer::with(&[TAKES_TOKENS]).await;
    let reply = send(&email_with(&peer, tokens(&address)), now()).await;
    assert!(matches!(&reply, Reply::TryLater { why, .. } if why.contains("the connection was refused")), "{reply:?}");
}

#[tokio::test]
async fn what_the_token_endpoint_refuses_says_what_to_mend() {
    let description = |number: u32| format!("AADSTS{number}: very&secret is no good.\r\nTrace ID: 1");
    for (error, number, part) in [
        ("invalid_client", 7_000_215, "secret's value, not its id"),
        ("invalid_client", 7_000_222, "make a new client secret"),
        ("unauthorized_client", 700_016, "check tenant_id, client_id"),
        ("invalid_request", 90002, "check tenant_id, client_id"),
        ("invalid_scope", 70011, "https://outlook.office365.com/.default"),
        ("invalid_grant", 65001, "SMTP.SendAsApp"),
        ("consent_required", 90094, "admin consent"),
        ("weather", 1, "check token_url"),
    ] {
        let body = json!({"error": error, "error_description": description(number), "error_codes": [number]});
        let (endpoint, peer) = (answering(400, body).await, Peer::with(&[TAKES_TOKENS]).await);
        let reply = send(&email(&peer, &endpoint), now()).await;
        let Reply::DestinationRefused { why } = &reply else { panic!("{error}: {reply:?}") };
        assert!(why.contains(part) && why.contains(&format!("AADSTS{number}")), "{error} {number}: {why}");
    }
}

#[tokio::test]
async fn what_is_no_answer_of_a_token_endpoint_is_not_quoted() {
    for answer in [
        ResponseTemplate::new(200).set_body_string("<html>token-1 very&secret</html>"),
        ResponseTemplate::new(200).set_body_json(json!({"token_type": "Bearer", "access_token": ""})),
        ResponseTemplate::new(200)
            .set_body_json(json!({"token_type": "Bearer", "access_token": "token-1\r\nMAIL FROM:<x>"})),
        ResponseTemplate::new(400).set_body_string("very&secret"),
        ResponseTemplate::new(302).insert_header("Location", "http://evil.example/very&secret"),
    ] {
        let (endpoint, peer) = (MockServer::start().await, Peer::with(&[TAKES_TOKENS]).await);
        Mock::given(any()).respond_with(answer).mount(&endpoint).await;
        let reply = send(&email(&peer, &endpoint), now()).await;
        assert!(matches!(&reply, Reply::DestinationRefused { why } if why.contains("check token_url")), "{reply:?}");
        assert!(peer.heard().is_empty());
    }
}

#[tokio::test]
async fn an_early_renewal_that_fails_leaves_the_token_its_last_five_minutes() {
    let peer = Peer::with(&[TAKES_TOKENS]).await;
    let endpoint = MockServer::start().await;
    let body = json!({"token_type": "Bearer", "expires_in": 3600, "access_token": "token-1"});
    let grant = ResponseTemplate::new(200).set_body_json(body);
    Mock::given(any()).respond_with(grant).up_to_n_times(1).mount(&endpoint).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(503)).mount(&endpoint).await;
    let email = email(&peer, &endpoint);
    for minutes in [0, 57] {
        let reply = send(&email, now() + SignedDuration::from_mins(minutes)).await;
        assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    }
    let reply = send(&email, now() + SignedDuration::from_mins(61)).await;
    assert!(matches!(reply, Reply::TryLater { .. }), "{reply:?}");
}

#[tokio::test]
async fn a_dead_token_endpoint_costs_many_recipients_one_wait_while_the_token_is_still_good() {
    let (endpoint, peer) = (MockServer::start().await, Peer::with(&[TAKES_TOKENS]).await);
    let body = json!({"token_type": "Bearer", "expires_in": 3600, "access_token": "token-1"});
    let grant = ResponseTemplate::new(200).set_body_json(body);
    Mock::given(any()).respond_with(grant).up_to_n_times(1).mount(&endpoint).await;
    let slow = ResponseTemplate::new(503).set_delay(Duration::from_millis(200));
    Mock::given(any()).respond_with(slow).mount(&endpoint).await;
    let email = email(&peer, &endpoint);
    send(&email, now()).await;
    let late = now() + SignedDuration::from_mins(57);
    let replies = futures_util::future::join_all((0..20).map(|_| send(&email, late))).await;
    assert!(replies.iter().all(|reply| matches!(reply, Reply::Accepted { .. })), "{replies:?}");
    assert_eq!(asked(&endpoint).await, 2);
}
