//! E-mail through a real server that takes tokens and no passwords: npm's `smtp-server`, over STARTTLS with a root of our
//! own. What is run is the binary, as its user has it.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail_parser::MessageParser;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, method, path},
};

use crate::{
    commands_stage::{Stage, eventually, told},
    optional::{left_out, tool},
};

const MAILBOX: &str = "desk@contoso.example";
const GOOD: &str = "eyJ0eXAiOiJKV1Qi.good-token";

/// A running server; it ends with this.
struct PostOffice {
    process: Child,
    port: u16,
    heard: Arc<Mutex<Vec<Value>>>,
}

impl PostOffice {
    /// A server that knows one good token, with a certificate of the root `ca.pem` in the folder. None, with a word, where
    /// this machine lacks what it is made of.
    async fn open(folder: &Path) -> Option<Self> {
        let (node, openssl) = (tool("node")?, tool("openssl")?);
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/post_office");
        if !home.join("node_modules/smtp-server").exists() {
            left_out("smtp-server is not installed: npm install --prefix tests/it/post_office");
            return None;
        }
        certificates(&openssl, folder);
        let mut process = Command::new(node)
            .arg(home.join("server.js"))
            .args([folder.join("key.pem"), folder.join("cert.pem")])
            .args([MAILBOX, GOOD])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ears = Arc::clone(&heard);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                ears.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        let mut office = Self { process, port: 0, heard };
        let port = eventually("the mail server is up", async || office.told("port").pop()).await;
        office.port = u16::try_from(port.as_u64().unwrap()).unwrap();
        Some(office)
    }

    /// What it has told of this kind.
    fn told(&self, kind: &str) -> Vec<Value> {
        self.heard.lock().unwrap().iter().filter_map(|told| told.get(kind).cloned()).collect()
    }
}

impl Drop for PostOffice {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A root, and a certificate of it for `localhost`.
fn certificates(openssl: &Path, folder: &Path) {
    let made = |args: &[&str]| {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
        let made = Command::new(openssl).current_dir(folder).args(["req", "-x509"]).args(key).args(args).output();
        let made = made.unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    made(&["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=leadtime test root"]);
    let leaf = ["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"];
    let issued = ["-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=mail"];
    made(&[&issued[..], &leaf[..]].concat());
}

/// A token endpoint that grants this token to the app with the right secret.
async fn granting(token: &str) -> MockServer {
    let endpoint = MockServer::start().await;
    let body = json!({"token_type": "Bearer", "expires_in": 3599, "access_token": token});
    Mock::given(method("POST"))
        .and(path("/contoso.example/oauth2/v2.0/token"))
        .and(body_string_contains("grant_type=client_credentials"))
        .and(body_string_contains("client_secret=app-secret"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&endpoint)
        .await;
    endpoint
}

/// The stage's settings, with a mail destination `inbox` that hears of everything.
fn write(stage: &Stage, office: &PostOffice, endpoint: &MockServer) {
    let settings = stage.settings().replace("notify = [\"sellers\"]", "notify = [\"inbox\"]").replace(
        "[destinations]",
        &format!(
            r#"[tls]
ca_file = "ca.pem"

[smtp]
host = "localhost"
port = {}
username = "{MAILBOX}"
from = "Leadtime <{MAILBOX}>"

[smtp.oauth2]
tenant_id = "contoso.example"
client_id = "mailer"
client_secret = "app-secret"
token_url = "{}/{{tenant_id}}/oauth2/v2.0/token"

[destinations]
inbox = {{ type = "email", to = ["Anna Kovács <anna@fabrikam.example>", "bela@fabrikam.example"], hours = "always" }}"#,
            office.port,
            endpoint.uri()
        ),
    );
    stage.write(&settings);
}

#[tokio::test]
async fn a_new_referral_is_mailed_through_a_server_that_takes_only_tokens() {
    let stage = Stage::set().await;
    let Some(office) = PostOffice::open(stage.folder.path()).await else { return };
    let endpoint = granting(GOOD).await;
    write(&stage, &office, &endpoint);
    let id = stage.refer();
    let (code, out, err) = told(&stage.done(&["run", "--once"]).await);
    assert_eq!(code, 0, "{out}{err}");
    let mails = office.told("mail");
    let mut to: Vec<String> = mails.iter().map(|mail| mail["to"].to_string()).collect();
    to.sort();
    assert_eq!(to, [r#"["anna@fabrikam.example"]"#, r#"["bela@fabrikam.example"]"#]);
    let text = mails[0]["text"].as_str().unwrap();
    let mail = MessageParser::new().parse(text.as_bytes()).unwrap();
    assert!(mail.subject().unwrap().starts_with("New "), "{:?}", mail.subject());
    assert!(mail.body_text(0).unwrap().contains(&id[..8]));
    assert!(
        office.told("login").iter().all(|login| *login == format!("{MAILBOX} {GOOD}")),
        "{:?}",
        office.told("login")
    );
    assert_eq!(office.told("secure"), [true, true]);
    assert_eq!(endpoint.received_requests().await.unwrap().len(), 1, "one token serves both recipients");
    assert!(!format!("{out}{err}").contains(GOOD) && !format!("{out}{err}").contains("app-secret"), "{out}{err}");
}

#[tokio::test]
async fn send_test_and_check_online_go_in_by_a_token_and_check_mails_nobody() {
    let stage = Stage::set().await;
    let Some(office) = PostOffice::open(stage.folder.path()).await else { return };
    let endpoint = granting(GOOD).await;
    write(&stage, &office, &endpoint);
    let (code, out, err) = told(&stage.done(&["check", "--online", "--json"]).await);
    let checked: Value = serde_json::from_str(&out).unwrap();
    let smtp = checked["online"].as_array().unwrap().iter().find(|tried| tried["what"] == "smtp").unwrap();
    assert_eq!(
        (code, &smtp["ok"], &smtp["detail"]),
        (0, &true.into(), &"logged in; no mail was sent".into()),
        "{out}{err}"
    );
    assert_eq!((office.told("login").len(), office.told("mail").len()), (1, 0));
    let (code, out, err) = told(&stage.done(&["send-test", "inbox"]).await);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(office.told("mail").len(), 2);
}

#[tokio::test]
async fn a_token_that_the_server_does_not_take_is_told_with_what_to_do_in_exchange() {
    let stage = Stage::set().await;
    let Some(office) = PostOffice::open(stage.folder.path()).await else { return };
    let endpoint = granting("eyJ0eXAiOiJKV1Qi.bad-token").await;
    write(&stage, &office, &endpoint);
    for args in [&["send-test", "inbox"][..], &["check", "--online"]] {
        let (code, out, err) = told(&stage.done(args).await);
        assert_eq!(code, 1, "{out}{err}");
        let said = out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("answered 535 to the login") && said.contains("New-ServicePrincipal"), "{args:?}: {out}");
        assert!(!format!("{out}{err}").contains("bad-token"), "{out}{err}");
    }
    assert!(office.told("mail").is_empty());
}

#[tokio::test]
async fn the_most_talkative_log_holds_neither_the_secret_nor_a_token() {
    let stage = Stage::set().await;
    let Some(office) = PostOffice::open(stage.folder.path()).await else { return };
    let endpoint = granting(GOOD).await;
    write(&stage, &office, &endpoint);
    let (code, out, err) = told(&stage.done(&["send-test", "inbox", "--log-level", "trace"]).await);
    assert_eq!((code, office.told("mail").len()), (0, 2), "{out}");
    assert!(err.lines().count() > 20, "the log is not talkative: {err}");
    let login = STANDARD.encode(format!("user={MAILBOX}\x01auth=Bearer {GOOD}\x01\x01"));
    for secret in [GOOD, "app-secret", &login] {
        assert!(!format!("{out}{err}").contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_server_whose_root_is_not_known_sees_no_token() {
    let stage = Stage::set().await;
    let Some(office) = PostOffice::open(stage.folder.path()).await else { return };
    let endpoint = granting(GOOD).await;
    write(&stage, &office, &endpoint);
    let settings = std::fs::read_to_string(stage.folder.path().join("leadtime.toml")).unwrap();
    stage.write(&settings.replace("ca_file = \"ca.pem\"", ""));
    let (code, out, _) = told(&stage.done(&["check", "--online"]).await);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("unknown issuer") && out.contains("ca_file"), "{out}");
    assert!(office.told("login").is_empty());
}
