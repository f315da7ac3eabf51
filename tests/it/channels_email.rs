//! E-mail against a mail server that does what mail servers do on a bad day.

use std::{path::Path, process::Command, time::Duration};

use jiff::Timestamp;
use leadtime::{
    channels::{
        Channel, HttpLimits, Knock, Reply, TlsSettings,
        email::{Email, EmailSettings, Login, Security, SmtpLimits},
    },
    core::{ids::MessageId, period::Seconds},
    messages::rendered::{Body, Mail, Rendered},
};
use secrecy::SecretString;
use tokio::time::timeout;
use tokio_rustls::rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::{
    optional::tool,
    smtp_peer::{
        Act::{self, Flood, HangUp, Mute, Say},
        Peer,
    },
};

const ANNA: &str = "anna@example.com";

fn now() -> Timestamp {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

fn message() -> Rendered {
    let mail = Mail {
        subject: "New co-sell: Fabrikam Kft.".to_owned(),
        text: "Answer by Thu 19 Nov".to_owned(),
        html: None,
        thread: None,
        urgent: false,
        to: Vec::new(),
    };
    Rendered { message_id: MessageId::of_key("key"), body: Body::Mail(mail), mentions: Vec::new() }
}

/// Limits so short that a test of waiting is quick, and still long for a peer on this machine.
fn limits() -> SmtpLimits {
    let short = Duration::from_millis(150);
    SmtpLimits {
        connect: short,
        answer: short,
        content: short,
        whole: Duration::from_secs(2),
        farewell: Duration::from_millis(20),
    }
}

fn settings(peer: &Peer) -> EmailSettings {
    EmailSettings {
        host: "localhost".to_owned(),
        port: peer.address.port(),
        security: Security::None,
        login: Some(Login::Password("robot".to_owned(), SecretString::from("verysecret"))),
        from: "Leadtime <leadtime@contoso.example>".to_owned(),
        to: vec![ANNA.to_owned(), "Béla <bela@example.com>".to_owned()],
        cc: vec!["desk@example.com".to_owned()],
        limits: limits(),
    }
}

fn email(settings: &EmailSettings) -> Email {
    Email::build(settings, &TlsSettings::default()).unwrap()
}

/// Mail has no use for it.
fn knock() -> Knock {
    rustls::crypto::ring::default_provider().install_default().ok();
    Knock::build(&TlsSettings::default(), &HttpLimits { proxy: false, ..HttpLimits::default() }).unwrap()
}

async fn send(peer: &Peer) -> Reply {
    let email = email(&settings(peer));
    let attempt = timeout(Duration::from_secs(10), email.send(&message(), Some(ANNA), now())).await;
    let reply = attempt.expect("an attempt must end by its own limits");
    assert!(!format!("{reply:?}").contains("verysecret"), "{reply:?}");
    reply
}

/// The reply to one mail, given to a peer with `acts`.
async fn replied(acts: &[(&'static str, Act)]) -> Reply {
    send(&Peer::with(acts).await).await
}

fn unknown(reply: &Reply, part: &str) -> bool {
    matches!(reply, Reply::NoAnswer { why } if why.contains(part))
}

fn later(reply: &Reply, part: &str) -> bool {
    matches!(reply, Reply::TryLater { after: None, why } if why.contains(part))
}

fn refused_message(reply: &Reply, part: &str) -> bool {
    matches!(reply, Reply::MessageRefused { why } if why.contains(part))
}

fn refused_destination(reply: &Reply, part: &str) -> bool {
    matches!(reply, Reply::DestinationRefused { why } if why.contains(part))
}

#[tokio::test]
async fn a_good_server_takes_one_envelope_with_all_visible_recipients() {
    let peer = Peer::with(&[]).await;
    let reply = send(&peer).await;
    assert_eq!(reply, Reply::Accepted { detail: Some("2.0.0 queued as 4711".to_owned()) });
    let heard = peer.heard();
    assert_eq!(heard[0], "EHLO contoso.example");
    assert!(heard[1].starts_with("AUTH PLAIN "), "{}", heard[1]);
    assert_eq!(heard[2..5], ["MAIL FROM:<leadtime@contoso.example>", "RCPT TO:<anna@example.com>", "DATA"]);
    assert!(heard[5].contains("To: anna@example.com, =?utf-8?b?QsOpbGE=?= <bela@example.com>\r\n"), "{}", heard[5]);
    assert!(heard[5].contains("Cc: desk@example.com\r\n"), "{}", heard[5]);
    assert_eq!(heard[6..], ["QUIT"]);
}

#[tokio::test]
async fn what_preview_shows_is_what_is_sent() {
    let peer = Peer::with(&[]).await;
    let shown = email(&settings(&peer)).mime(&message(), now()).unwrap();
    send(&peer).await;
    let sent = peer.heard()[5].clone();
    assert_eq!(sent.trim_end_matches(".\r\n").trim_end(), shown.trim_end());
}

#[tokio::test]
async fn one_bad_recipient_costs_only_itself() {
    let peer = Peer::with(&[("RCPT TO:<anna@", Say("550 5.1.1 no such user"))]).await;
    let email = email(&settings(&peer));
    let anna = email.send(&message(), Some(ANNA), now()).await;
    assert!(refused_message(&anna, "550 to the recipient: 5.1.1 no such user"), "{anna:?}");
    let bela = email.send(&message(), Some("bela@example.com"), now()).await;
    assert!(matches!(bela, Reply::Accepted { .. }), "{bela:?}");
}

#[tokio::test]
async fn a_silent_server_is_left_in_time_wherever_it_falls_silent() {
    for (at, step) in [
        ("", "the greeting"),
        ("EHLO", "the greeting"),
        ("AUTH", "the login"),
        ("MAIL", "the sender"),
        ("RCPT", "the recipient"),
    ] {
        let reply = replied(&[(at, Mute)]).await;
        assert!(later(&reply, step), "{at}: {reply:?}");
    }
}

#[tokio::test]
async fn silence_or_a_hang_up_after_the_content_leaves_open_whether_it_was_taken() {
    for act in [Mute, HangUp] {
        let reply = replied(&[(".", act.clone())]).await;
        assert!(unknown(&reply, "may have been accepted"), "{act:?}: {reply:?}");
    }
}

#[tokio::test]
async fn the_limit_over_all_holds_where_each_answer_comes_in_time() {
    let peer = Peer::with(&[("RCPT", Mute)]).await;
    let limits = SmtpLimits { answer: Duration::from_secs(60), whole: Duration::from_millis(100), ..limits() };
    let reply = email(&EmailSettings { limits, ..settings(&peer) }).send(&message(), Some(ANNA), now()).await;
    assert!(unknown(&reply, "took too long"), "{reply:?}");
}

#[tokio::test]
async fn a_farewell_that_hangs_does_not_undo_a_success() {
    for act in [Mute, HangUp, Say("421 4.4.2 bye")] {
        let reply = replied(&[("QUIT", act.clone())]).await;
        assert!(matches!(reply, Reply::Accepted { .. }), "{act:?}: {reply:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_heard_though_the_farewell_hangs() {
    let reply = replied(&[("RCPT", Say("550 5.1.1 no such user")), ("QUIT", Mute)]).await;
    assert!(refused_message(&reply, "5.1.1"), "{reply:?}");
}

#[tokio::test]
async fn passing_refusals_are_tried_later_at_every_step() {
    for (at, text) in [
        ("", "421 4.3.2 too busy"),
        ("EHLO", "421 4.3.2 too busy"),
        ("AUTH", "454 4.7.0 come back"),
        ("MAIL", "451 4.3.0 come back"),
        ("RCPT", "450 4.2.0 greylisted"),
        ("DATA", "421 4.4.2 going down"),
        (".", "452 4.3.1 no space"),
    ] {
        let reply = replied(&[(at, Say(text))]).await;
        assert!(later(&reply, &text[..3]), "{at} {text}: {reply:?}");
    }
}

#[tokio::test]
async fn a_full_mailbox_is_tried_again_slowly() {
    let reply = replied(&[("RCPT", Say("552 5.2.2 mailbox full"))]).await;
    assert!(matches!(reply, Reply::TryLater { after: Some(Seconds(900)), .. }), "{reply:?}");
}

#[tokio::test]
async fn a_refused_content_is_a_refused_message_and_is_not_quoted() {
    let reply = replied(&[(".", Say("554 5.7.1 your subject Fabrikam looks like spam"))]).await;
    assert!(refused_message(&reply, "554 to the content: 5.7.1"), "{reply:?}");
    assert!(!format!("{reply:?}").contains("Fabrikam"), "{reply:?}");
}

#[tokio::test]
async fn a_refused_login_or_sender_is_a_refused_destination() {
    for (at, text, part) in [
        ("AUTH", "535 5.7.3 no, verysecret is wrong", "username and password"),
        ("MAIL", "530 5.7.0 authentication required", "username and password"),
        ("MAIL", "550 5.7.30 Basic authentication is not supported for Client Submission", "switched off"),
        ("MAIL", "553 5.7.1 sender not owned", "[smtp] from"),
        (".", "554 5.2.252 SendAsDenied", "send as"),
        ("", "554 no service", "check host"),
        ("EHLO", "250 mail.test", "takes no password here"),
    ] {
        let reply = replied(&[(at, Say(text))]).await;
        assert!(refused_destination(&reply, part), "{at} {text}: {reply:?}");
    }
}

#[tokio::test]
async fn the_login_falls_back_to_what_the_server_knows() {
    let peer = Peer::with(&[
        ("EHLO", Say("250-mail.test\n250 AUTH LOGIN XOAUTH2")),
        ("AUTH LOGIN", Say("334 VXNlcm5hbWU6")),
        ("cm9ib3Q=", Say("334 UGFzc3dvcmQ6")),
        ("dmVyeXNlY3JldA==", Say("235 welcome")),
    ])
    .await;
    let reply = send(&peer).await;
    assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
}

#[tokio::test]
async fn an_answer_that_belongs_to_something_else_is_no_success() {
    for (at, text) in [("DATA", "250 2.0.0 queued"), (".", "354 go ahead"), (".", "251 well"), ("RCPT", "what?")] {
        let reply = replied(&[(at, Say(text))]).await;
        assert!(matches!(reply, Reply::TryLater { .. }), "{at} {text}: {reply:?}");
    }
}

#[tokio::test]
async fn a_flood_is_no_answer() {
    for at in ["", "RCPT", "."] {
        let reply = replied(&[(at, Flood(4_000_000))]).await;
        assert!(matches!(reply, Reply::TryLater { .. } | Reply::NoAnswer { .. }), "{at}: {reply:?}");
    }
}

#[tokio::test]
async fn a_server_without_starttls_hears_neither_password_nor_mail() {
    let peer = Peer::with(&[]).await;
    let settings = EmailSettings { security: Security::Starttls, ..settings(&peer) };
    let reply = email(&settings).send(&message(), Some(ANNA), now()).await;
    assert!(refused_destination(&reply, "no STARTTLS"), "{reply:?}");
    assert_eq!(peer.heard(), ["EHLO contoso.example"]);
}

#[tokio::test]
async fn verifying_logs_in_and_sends_nothing() {
    let peer = Peer::with(&[]).await;
    let reply = email(&settings(&peer)).verify(&knock(), now()).await;
    assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    let heard = peer.heard();
    assert!(heard.iter().any(|line| line.starts_with("AUTH")) && !heard.iter().any(|line| line.starts_with("MAIL")));
}

#[tokio::test]
async fn a_message_of_another_kind_or_without_a_recipient_is_refused_alone() {
    let peer = Peer::with(&[]).await;
    let email = email(&settings(&peer));
    let json = Rendered { body: Body::Json("{}".to_owned()), ..message() };
    for reply in [
        email.send(&json, Some(ANNA), now()).await,
        email.send(&message(), None, now()).await,
        email.send(&message(), Some("a@b.example>\r\nRCPT TO:<eve@example.com"), now()).await,
    ] {
        assert!(matches!(reply, Reply::MessageRefused { .. }), "{reply:?}");
    }
    assert!(peer.heard().is_empty());
}

fn certificate(folder: &Path) -> Option<ServerConfig> {
    certificate_for(folder, "localhost")
}

/// A server's certificate for this name, signed by itself; none where openssl is missing.
pub fn certificate_for(folder: &Path, host: &str) -> Option<ServerConfig> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let openssl = tool("openssl")?;
    let made = Command::new(openssl)
        .current_dir(folder)
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=leadtime test server"])
        .args(["-addext", &format!("subjectAltName=DNS:{host}"), "-addext", "basicConstraints=critical,CA:FALSE"])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let certificate = CertificateDer::from_pem_file(folder.join("cert.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).unwrap();
    Some(ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
}

#[tokio::test]
async fn a_root_of_one_s_own_is_trusted_and_the_password_goes_through_tls() {
    let folder = tempfile::tempdir().unwrap();
    let Some(config) = certificate(folder.path()) else { return };
    let peer = Peer::with_starttls(config, &[]).await;
    let settings = EmailSettings { security: Security::Starttls, ..settings(&peer) };
    let tls = TlsSettings { ca_file: Some(folder.path().join("cert.pem")) };
    let reply = Email::build(&settings, &tls).unwrap().send(&message(), Some(ANNA), now()).await;
    assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    assert_eq!(peer.heard()[..3], ["EHLO contoso.example", "STARTTLS", "EHLO contoso.example"]);
}

#[tokio::test]
async fn tls_from_the_first_byte_is_spoken_where_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let Some(config) = certificate(folder.path()) else { return };
    let peer = Peer::with_tls(config).await;
    let settings = EmailSettings { security: Security::Tls, ..settings(&peer) };
    let tls = TlsSettings { ca_file: Some(folder.path().join("cert.pem")) };
    let reply = Email::build(&settings, &tls).unwrap().send(&message(), Some(ANNA), now()).await;
    assert!(matches!(reply, Reply::Accepted { .. }), "{reply:?}");
    let untrusting = email(&settings).verify(&knock(), now()).await;
    assert!(later(&untrusting, "ca_file"), "{untrusting:?}");
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_not_spoken_to_in_the_clear() {
    let peer = Peer::with(&[]).await;
    let settings = EmailSettings { security: Security::Tls, ..settings(&peer) };
    let reply = email(&settings).send(&message(), Some(ANNA), now()).await;
    assert!(later(&reply, "does not speak TLS"), "{reply:?}");
    assert!(!peer.heard().iter().any(|line| line.contains("EHLO")), "{:?}", peer.heard());
}

#[tokio::test]
async fn a_certificate_of_an_unknown_issuer_is_named_as_the_cause() {
    let folder = tempfile::tempdir().unwrap();
    let Some(config) = certificate(folder.path()) else { return };
    let peer = Peer::with_starttls(config, &[]).await;
    let settings = EmailSettings { security: Security::Starttls, ..settings(&peer) };
    let reply = email(&settings).send(&message(), Some(ANNA), now()).await;
    assert!(later(&reply, "ca_file"), "{reply:?}");
    assert!(!peer.heard().iter().any(|line| line.starts_with("AUTH")), "the password was sent");
}

#[tokio::test]
async fn words_put_behind_the_answer_to_starttls_are_not_taken_for_the_server_s() {
    let folder = tempfile::tempdir().unwrap();
    let Some(config) = certificate(folder.path()) else { return };
    let peer = Peer::with_starttls(config, &[("STARTTLS", Say("220 go ahead\n250-evil\n250 AUTH LOGIN"))]).await;
    let settings = EmailSettings { security: Security::Starttls, ..settings(&peer) };
    let tls = TlsSettings { ca_file: Some(folder.path().join("cert.pem")) };
    let reply = Email::build(&settings, &tls).unwrap().send(&message(), Some(ANNA), now()).await;
    assert!(matches!(reply, Reply::TryLater { .. }), "{reply:?}");
    assert_eq!(peer.heard(), ["EHLO contoso.example", "STARTTLS"]);
}
