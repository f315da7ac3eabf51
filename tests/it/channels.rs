//! Slack, Teams, webhook and standard output against a server that answers as they have been seen to answer.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use leadtime::{
    channels::{
        Channel, HttpLimits, Knock, Reply, TlsSettings, connect_http_with,
        slack::{Slack, SlackSettings},
        stdout::Stdout,
        teams::{Teams, TeamsSettings},
        webhook::{Webhook, WebhookSettings},
    },
    core::{ids::MessageId, period::Seconds},
    messages::rendered::{Body, Rendered},
};
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

/// What a test asks of a reply; the text is a part of its `why`.
#[derive(Clone, Copy, Debug)]
enum Expected {
    Accepted,
    Later(Option<i64>),
    Message,
    Destination(&'static str),
}
use Expected::{Accepted, Destination, Later, Message};

fn meets(reply: &Reply, expected: Expected) -> bool {
    match (reply, expected) {
        (Reply::Accepted { .. }, Accepted) | (Reply::MessageRefused { .. }, Message) => true,
        (Reply::TryLater { after, .. }, Later(seconds)) => *after == seconds.map(Seconds),
        (Reply::DestinationRefused { why }, Destination(part)) => why.contains(part),
        _ => false,
    }
}

fn now() -> Timestamp {
    "2026-11-20T08:00:00Z".parse().unwrap()
}

const JSON: &str = r#"{"text":"Új co-sell: Fabrikam"}"#;

fn message() -> Rendered {
    Rendered { message_id: MessageId::of_key("key"), body: Body::Json(JSON.to_owned()), mentions: Vec::new() }
}

fn client() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    let limits = HttpLimits { connect: Duration::from_millis(200), whole: Duration::from_millis(200), proxy: false };
    connect_http_with(&TlsSettings::default(), &limits).unwrap()
}

const SECRET_PATH: &str = "/services/T1/B2/verysecret?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=aB-_%3D";

fn url(server: &MockServer) -> SecretString {
    SecretString::from(format!("{}{SECRET_PATH}", server.uri()))
}

fn slack(server: &MockServer) -> Slack {
    Slack::build(&SlackSettings { webhook_url: url(server) }, client()).unwrap()
}

fn teams(server: &MockServer) -> Teams {
    Teams::build(&TeamsSettings { webhook_url: url(server) }, client()).unwrap()
}

fn webhook(server: &MockServer, secret: Option<&str>) -> Webhook {
    let headers = BTreeMap::from([("X-Api-Key".to_owned(), SecretString::from("key-of-the-crm"))]);
    let settings = WebhookSettings { url: url(server), secret: secret.map(SecretString::from), headers };
    Webhook::build(&settings, client()).unwrap()
}

async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// Sends to a server that gives `status` and `body`, and checks the reply and that it shows no secret.
async fn check<C: Channel>(channel: impl Fn(&MockServer) -> C, status: u16, body: &str, expected: Expected) {
    let server = answering(ResponseTemplate::new(status).set_body_string(body)).await;
    let reply = channel(&server).send(&message(), None, now()).await;
    assert!(meets(&reply, expected), "{status} {body:?}: {reply:?}, expected {expected:?}");
    let shown = format!("{reply:?}");
    for hidden in ["verysecret", "127.0.0.1", "aB-_", "Fabrikam", "key-of-the-crm"] {
        assert!(!shown.contains(hidden), "{status} {body:?}: {shown} shows {hidden}");
    }
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1, "one attempt is one request");
}

const PAGE: &str = "\n<!DOCTYPE html><html><body>Sign in, Fabrikam</body></html>";

#[tokio::test]
async fn slack_s_answers_are_told_apart() {
    for (status, body, expected) in [
        (200, "ok", Accepted),
        (200, "ok\n", Accepted),
        (200, r#"{"success":true}"#, Accepted),
        (200, PAGE, Destination("web page")),
        (400, "invalid_payload", Message),
        (400, "invalid_blocks", Message),
        (400, "Fabrikam is not valid", Message),
        (413, "", Message),
        (400, "user_not_found", Destination("new webhook")),
        (403, "invalid_token", Destination("new webhook")),
        (403, "action_prohibited", Destination("workspace admin")),
        (404, "no_service", Destination("no_service. To do: make a new webhook")),
        (404, "channel_not_found", Destination("another channel")),
        (410, "channel_is_archived", Destination("unarchive")),
        (404, "Fabrikam", Destination("webhook_url")),
        (403, PAGE, Destination("web page")),
        (302, "", Destination("redirect")),
        (408, "", Later(None)),
        (429, "ratelimited", Later(None)),
        (500, "rollup_error", Later(None)),
        (503, PAGE, Later(None)),
    ] {
        check(slack, status, body, expected).await;
    }
}

#[tokio::test]
async fn teams_answers_are_told_apart() {
    let fault = |code: &str| {
        format!(
            r#"{{"error":{{"code":"{code}","message":"The flow 'verysecret' at https://127.0.0.1/x\u0000 said no."}}}}"#
        )
    };
    for (status, body, expected) in [
        (202, String::new(), Accepted),
        (200, "done".to_owned(), Accepted),
        (200, PAGE.to_owned(), Destination("web page")),
        (400, fault("TriggerInputSchemaMismatch"), Message),
        (413, String::new(), Message),
        (422, fault("InvalidRequestContent"), Message),
        (400, fault("MissingApiVersionParameter"), Destination("lost its query")),
        (400, fault("WorkflowTriggerIsNotEnabled"), Destination("turn the workflow on")),
        (401, fault("DirectApiAuthorizationRequired"), Destination("Anyone")),
        (401, String::new(), Destination("signature")),
        (403, "Fabrikam".to_owned(), Destination("signature")),
        (404, fault("WorkflowNotFound"), Destination("make a new one")),
        (410, String::new(), Destination("make a new one")),
        (400, fault("Else"), Destination("Teams answered 400: Else: The flow '(hidden)' at (address) said no.")),
        (307, String::new(), Destination("redirect")),
        (429, fault("TooManyRequests"), Later(None)),
        (502, String::new(), Later(None)),
    ] {
        check(teams, status, &body, expected).await;
    }
}

#[tokio::test]
async fn a_webhook_s_answers_are_told_apart() {
    for (status, expected) in [
        (200, Accepted),
        (204, Accepted),
        (301, Destination("redirect")),
        (304, Destination("redirect")),
        (400, Message),
        (409, Message),
        (413, Message),
        (422, Message),
        (401, Destination("headers and secret")),
        (403, Destination("headers and secret")),
        (404, Destination("url")),
        (405, Destination("url")),
        (410, Destination("url")),
        (407, Destination("proxy")),
        (408, Later(None)),
        (425, Later(None)),
        (429, Later(None)),
        (500, Later(None)),
        (501, Later(None)),
    ] {
        check(|server| webhook(server, Some("s")), status, "Fabrikam echoed", expected).await;
    }
}

#[tokio::test]
async fn a_pause_that_was_asked_for_is_handed_on() {
    for (value, seconds) in [("7", 7), ("Fri, 20 Nov 2026 08:01:00 GMT", 60), ("7200", 7_200)] {
        for status in [429, 503] {
            let server = answering(ResponseTemplate::new(status).insert_header("Retry-After", value)).await;
            let reply = slack(&server).send(&message(), None, now()).await;
            assert!(meets(&reply, Later(Some(seconds))), "{value}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = answering(ResponseTemplate::new(200)).await;
    let server = answering(ResponseTemplate::new(307).insert_header("Location", elsewhere.uri())).await;
    webhook(&server, None).send(&message(), None, now()).await;
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

async fn request(channel: &impl Channel, server: &MockServer) -> Request {
    channel.send(&message(), None, now()).await;
    server.received_requests().await.unwrap().remove(0)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn teams_gets_the_query_as_it_was_given_and_no_authorization() {
    let server = answering(ResponseTemplate::new(202)).await;
    let request = request(&teams(&server), &server).await;
    let asked = format!("{}?{}", request.url.path(), request.url.query().unwrap());
    assert_eq!(asked, SECRET_PATH);
    assert_eq!(header(&request, "content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(header(&request, "authorization"), None);
    assert_eq!(request.body, JSON.as_bytes());
}

#[tokio::test]
async fn slack_gets_json() {
    let server = answering(ResponseTemplate::new(200).set_body_string("ok")).await;
    let request = request(&slack(&server), &server).await;
    assert_eq!(request.method.as_str(), "POST");
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(header(&request, "user-agent"), Some(concat!("leadtime/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(request.body, JSON.as_bytes());
}

#[tokio::test]
async fn a_webhook_carries_its_headers_and_a_signature_over_what_was_received() {
    let server = answering(ResponseTemplate::new(204)).await;
    let request = request(&webhook(&server, Some("shared secret-2")), &server).await;
    assert_eq!(header(&request, "x-api-key"), Some("key-of-the-crm"));
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    let id = header(&request, "webhook-id").unwrap();
    let timestamp = header(&request, "webhook-timestamp").unwrap();
    assert_eq!(id, MessageId::of_key("key").to_string());
    assert_eq!(timestamp, "1795161600");
    let signatures = header(&request, "webhook-signature").unwrap().split(' ');
    for (signature, key) in signatures.zip(["shared", "secret-2"]) {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(&[id.as_bytes(), b".", timestamp.as_bytes(), b".", &request.body].concat());
        let tag = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, mac.finalize().into_bytes());
        assert_eq!(signature, format!("v1,{tag}"));
    }
}

#[tokio::test]
async fn a_webhook_without_a_secret_is_not_signed() {
    let server = answering(ResponseTemplate::new(204)).await;
    let request = request(&webhook(&server, None), &server).await;
    assert_eq!(header(&request, "webhook-signature"), None);
    assert!(header(&request, "webhook-id").is_some());
}

#[test]
fn a_webhook_s_headers_cannot_replace_ours() {
    for name in ["Webhook-Signature", "host", "Content-Length", "bad name"] {
        let settings = WebhookSettings {
            url: SecretString::from("https://crm.example/x"),
            secret: None,
            headers: BTreeMap::from([(name.to_owned(), SecretString::from("v"))]),
        };
        let fault = Webhook::build(&settings, client()).unwrap_err();
        assert!(fault.to_string().contains(name), "{fault}");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_open_whether_the_message_arrived() {
    let server = answering(ResponseTemplate::new(200).set_delay(Duration::from_secs(60))).await;
    let reply = webhook(&server, None).send(&message(), None, now()).await;
    assert!(matches!(&reply, Reply::NoAnswer { why } if why.contains("may have arrived")), "{reply:?}");
}

#[tokio::test]
async fn a_host_that_is_not_there_is_a_passing_failure() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = SecretString::from(format!("http://{}/verysecret", listener.local_addr().unwrap()));
    drop(listener);
    let slack = Slack::build(&SlackSettings { webhook_url: url }, client()).unwrap();
    for reply in [slack.send(&message(), None, now()).await, slack.verify(&knock(), now()).await] {
        assert!(matches!(&reply, Reply::TryLater { why, .. } if why.contains("refused")), "{reply:?}");
        assert!(!format!("{reply:?}").contains("verysecret"));
    }
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end_and_the_status_still_counts() {
    let server = answering(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 2_000_000])).await;
    let reply = webhook(&server, None).send(&message(), None, now()).await;
    assert!(meets(&reply, Accepted), "{reply:?}");
}

/// A server that answers each request with `answer` and counts the connections it was asked over.
async fn counting(answer: &'static str) -> (SecretString, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                let mut heard = Vec::new();
                while matches!(stream.read_buf(&mut heard).await, Ok(1..)) {
                    // The body is the last thing sent, so a request is whole when its end is there.
                    if heard.ends_with(JSON.as_bytes()) {
                        heard.clear();
                        stream.write_all(answer.as_bytes()).await.ok();
                    }
                }
            });
        }
    });
    (SecretString::from(url), count)
}

#[tokio::test]
async fn messages_share_a_connection() {
    for answer in ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 204 No Content\r\n\r\n"] {
        let (webhook_url, connections) = counting(answer).await;
        let slack = Slack::build(&SlackSettings { webhook_url }, client()).unwrap();
        for _ in 0..20 {
            assert!(meets(&slack.send(&message(), None, now()).await, Accepted));
        }
        assert_eq!(connections.load(Ordering::Relaxed), 1, "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_does_not_undo_an_acceptance() {
    let (url, _) = counting("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwell").await;
    let settings = WebhookSettings { url, secret: None, headers: BTreeMap::new() };
    let webhook = Webhook::build(&settings, client()).unwrap();
    assert!(meets(&webhook.send(&message(), None, now()).await, Accepted));
}

/// Knocks without a proxy of this machine's.
fn knock() -> Knock {
    rustls::crypto::ring::default_provider().install_default().ok();
    Knock::build(&TlsSettings::default(), &HttpLimits { proxy: false, ..HttpLimits::default() }).unwrap()
}

#[tokio::test]
async fn verifying_connects_and_says_not_a_word() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = SecretString::from(format!("http://{}/verysecret", listener.local_addr().unwrap()));
    let slack = Slack::build(&SlackSettings { webhook_url: url.clone() }, client()).unwrap();
    let teams = Teams::build(&TeamsSettings { webhook_url: url.clone() }, client()).unwrap();
    let settings = WebhookSettings { url, secret: None, headers: BTreeMap::new() };
    let webhook = Webhook::build(&settings, client()).unwrap();
    for channel in [&slack as &dyn Channel, &teams, &webhook] {
        let reply = channel.verify(&knock(), now()).await;
        assert_eq!(reply, Reply::Accepted { detail: Some("connected; nothing was posted".to_owned()) });
        let mut heard = String::new();
        listener.accept().await.unwrap().0.read_to_string(&mut heard).await.unwrap();
        assert_eq!(heard, "");
    }
}

#[tokio::test]
async fn a_message_of_another_kind_is_refused_alone() {
    let server = answering(ResponseTemplate::new(200)).await;
    let line = Rendered { body: Body::Line("text".to_owned()), ..message() };
    for channel in [&slack(&server) as &dyn Channel, &teams(&server), &webhook(&server, None)] {
        assert!(meets(&channel.send(&line, None, now()).await, Message));
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

/// A stream that keeps what each single write brought, or fails.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<Vec<u8>>>>, Option<io::ErrorKind>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(kind) = self.1 {
            return Err(kind.into());
        }
        self.0.lock().unwrap().push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn line(text: &str) -> Rendered {
    Rendered { body: Body::Line(text.to_owned()), ..message() }
}

#[tokio::test]
async fn standard_output_gets_one_line_in_one_write() {
    let sink = Sink::default();
    let stdout = Stdout::to(Box::new(sink.clone()), Duration::from_secs(5));
    let reply = stdout.send(&line("Fabrikam\n\x1b[2Jforged: line"), None, now()).await;
    assert!(meets(&reply, Accepted), "{reply:?}");
    assert_eq!(*sink.0.lock().unwrap(), [b"Fabrikam [2Jforged: line\n".to_vec()]);
}

#[tokio::test]
async fn standard_output_without_a_reader_is_a_broken_destination() {
    for (kind, expected) in
        [(io::ErrorKind::BrokenPipe, Destination("nobody reads")), (io::ErrorKind::StorageFull, Later(None))]
    {
        let stdout = Stdout::to(Box::new(Sink(Arc::default(), Some(kind))), Duration::from_secs(5));
        let reply = stdout.send(&line("text"), None, now()).await;
        assert!(meets(&reply, expected), "{kind}: {reply:?}");
    }
}

/// A stream that blocks until it is let go.
struct Stuck(std::sync::mpsc::Receiver<()>);

impl Write for Stuck {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.recv().ok();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reader_that_has_stopped_reading_holds_up_nothing() {
    let (release, gate) = std::sync::mpsc::channel();
    let stdout = Stdout::to(Box::new(Stuck(gate)), Duration::from_millis(20));
    for _ in 0..2 {
        let reply = stdout.send(&line("text"), None, now()).await;
        assert!(meets(&reply, Later(None)), "{reply:?}");
    }
    drop(release);
}
