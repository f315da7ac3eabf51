//! The door: requests as they come in over a connection, byte for byte, to a service that has referrals and messages.
//! `@claim@`, `@see@` and `@slip@` stand for what only the service can sign.

use std::{cell::OnceCell, fs, sync::Arc, time::Duration};

use leadtime::{
    core::ids::CaseNumber,
    service::{
        claim_link::{ClaimKey, Kind, Link},
        clock::Clock,
        prepare,
        run::{Mode, Service},
        vitals::Vitals,
    },
    settings as read,
    store::{Commit, MemoryStore, Store},
    web::{Desk, Door, listen, router},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    Held, Target, hold,
    settings::{self, CALENDAR, RICH},
    stage::{SECRET, block_on, now},
    state,
};

pub const TARGET: Target = Target {
    name: "web",
    about: "requests to the API and to claim links",
    corpus,
    words: WORDS,
    feed,
    cases: 250,
    memory: (32 << 20, 60),
};

const WORDS: &[&str] = &[
    "GET ",
    "POST ",
    "HEAD ",
    "PUT ",
    "OPTIONS ",
    "CONNECT ",
    " HTTP/1.1\r\n",
    " HTTP/1.0\r\n",
    " HTTP/2\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "host: 127.0.0.1\r\n",
    "host: evil.example\r\n",
    "origin: null\r\n",
    "content-length: 0\r\n",
    "content-length: 18446744073709551615\r\n",
    "transfer-encoding: chunked\r\n",
    "0\r\n\r\n",
    "ffffffffffffffffff\r\n",
    "expect: 100-continue\r\n",
    "upgrade: websocket\r\n",
    "content-type: application/json\r\n",
    "content-type: application/x-www-form-urlencoded\r\n",
    "authorization: Basic OmdlaA==\r\n",
    "x-forwarded-for: 10.0.0.1\r\n",
    "x-forwarded-for: ,,,[::1]:99999\r\n",
    "sec-fetch-site: cross-site\r\n",
    "x-user: <x-evil>\r\n",
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/status",
    "/api/v1/outbox",
    "/api/v1/plan",
    "/api/v1/explain/",
    "/api/v1/report",
    "/api/v1/history",
    "/api/v1/mute",
    "/api/v1/unmute",
    "/api/v1/outbox/retry",
    "/api/v1/outbox/drop",
    "/api/v1/reload",
    "/api/v1/accounts/contoso/sign-in",
    "/claim/",
    "@claim@",
    "@see@",
    "@slip@",
    "?since=30d",
    "?since=99999999999d",
    "?account=",
    "&all=true",
    "&until=",
    "from=18446744073709551615",
    "state=dead",
    "destination=sales",
    "%00",
    "%ff",
    "%2e%2e%2f",
    "r0",
    "act=",
    "who=",
    "name=",
    "\"id\"",
    "\"reason\"",
    "\"until\"",
    "9999-12-31",
    "\r\n\r\n",
];

const HEAD: &str = "HTTP/1.1\r\nhost: 127.0.0.1\r\nx-forwarded-for: @ip@\r\nconnection: close\r\n";

fn corpus() -> Vec<Vec<u8>> {
    let get = |path: &str| format!("GET {path} {HEAD}\r\n");
    let post = |path: &str, kind: &str, body: &str| {
        format!("POST {path} {HEAD}content-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    };
    let form = "application/x-www-form-urlencoded";
    // The length is that of the text before a slip is put in; it is mended where it is.
    [
        get("/healthz"),
        get("/metrics"),
        get("/api/v1/status?account=contoso"),
        get("/api/v1/outbox?state=dead&destination=sales"),
        get("/api/v1/plan?all=true"),
        get("/api/v1/explain/r0"),
        get("/api/v1/report?since=30d&until=1d"),
        get("/api/v1/history?since=2026-01-01T00:00:00Z&from=0"),
        get("/claim/@claim@"),
        get("/claim/@see@"),
        post("/claim/@claim@", form, "slip=@slip@&act=1&who=&name=%3Cx-evil%3E"),
        post("/claim/@see@", form, "slip=@slip@&act=see&who=anna&name="),
        post("/api/v1/mute", "application/json", r#"{"id":"r1","reason":"a test","until":"2026-12-01"}"#),
        post("/api/v1/unmute", "application/json", r#"{"id":"r1"}"#),
        post("/api/v1/outbox/retry", "application/json", r#"{"destination":"sales","all":true}"#),
        post("/api/v1/accounts/contoso/sign-in", "application/json", r#"{"refresh_token":"x"}"#),
    ]
    .into_iter()
    .map(String::into_bytes)
    .collect()
}

struct Rig {
    port: u16,
    key: ClaimKey,
    /// Lives as long as the service.
    _service: Arc<Service>,
    _folder: TempDir,
}

thread_local! {
    static RIG: OnceCell<Rig> = const { OnceCell::new() };
}

/// A clock that stands still, and sleeps all the same: the service's loops must not spin.
struct Standing;

#[async_trait::async_trait]
impl Clock for Standing {
    fn now(&self) -> jiff::Timestamp {
        now()
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// A service over the rows of a week; nothing that it sends arrives, and nobody can be polled.
async fn rig() -> Rig {
    let folder = settings::folder();
    let file = folder.path().join("leadtime.toml");
    let here = "base_url = \"http://127.0.0.1:9/v1.0\"\ntoken_url = \"http://127.0.0.1:9/token\"\nrefresh_token = \"geheim-refresh\"\npoll_every";
    let text = RICH.replace("poll_every", here);
    let web = "[web]\nlisten = \"127.0.0.1:0\"\nexternal_url = \"https://leadtime.contoso.com\"\ntrusted_header = \"X-User\"\ntrusted_proxies = [\"127.0.0.1\"]\n";
    fs::write(&file, format!("{text}\n{web}")).expect("written");
    fs::write(folder.path().join("calendar.ics"), CALENDAR).expect("written");
    let settings = read::load(&file, settings::secrets()).expect("settings that are good").0;
    let prepared = prepare::with(settings).expect("channels that are good");
    let store = Arc::new(MemoryStore::new());
    for (key, value) in state::rows() {
        let mut commit = Commit::new();
        commit.put(key, value);
        store.commit(&commit).expect("a row");
    }
    let (settings, vitals) = (prepared.settings.clone(), Arc::new(Vitals::default()));
    let desk = Desk::new(settings, vitals.clone());
    let mode = Mode { dry_run: true, made_up_time: true, ..Mode::default() };
    let service = Service::start(store, prepared, Arc::new(Standing), mode, vitals).await.expect("a service");
    desk.serves(service.clone());
    let listener = listen::bind("127.0.0.1:0".parse().expect("an address")).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(listen::serve(listener, router(desk, Door::Listen(address)), CancellationToken::new()));
    let key = service.prepared().claim_key.clone().expect("a key");
    Rig { port: address.port(), key, _service: service, _folder: folder }
}

fn feed(input: &[u8]) -> Held {
    RIG.with(|once| {
        let rig = once.get_or_init(|| block_on(rig()));
        let request = signed(input, &rig.key);
        let answer = block_on(exchange(rig.port, &request));
        judge(&String::from_utf8_lossy(&answer))
    })
}

/// The request with what the service would have signed.
fn signed(input: &[u8], key: &ClaimKey) -> Vec<u8> {
    let link = |kind| Link { kind, case: CaseNumber(1), destination: "sales".into(), recipient: None };
    let (claim, see) = (key.token(&link(Kind::Claim)), key.token(&link(Kind::SeeTo)));
    let slip = key.slip(&claim, now());
    // So that no two cases are one address, of which so many may come.
    let sum = input.iter().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    let [a, b, c, ..] = sum.to_le_bytes();
    let address = format!("10.{a}.{b}.{c}");
    let names = [("@claim@", claim), ("@see@", see), ("@slip@", slip), ("@ip@", address)];
    names.iter().fold(input.to_vec(), |request, (name, text)| replaced(&request, name.as_bytes(), text.as_bytes()))
}

fn replaced(text: &[u8], name: &[u8], by: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(name.len()).position(|part| part == name) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(by);
        rest = &rest[at + name.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Who says nothing for so long is taken to wait for more of the request.
const PAUSE: Duration = Duration::from_millis(100);

async fn exchange(port: u16, request: &[u8]) -> Vec<u8> {
    let mut answer = Vec::new();
    let Ok(stream) = TcpStream::connect(("127.0.0.1", port)).await else { return answer };
    let (mut from, mut to) = stream.into_split();
    // Both at once: a server that answers early need not read the rest.
    let speaking = async {
        drop(to.write_all(request).await);
        tokio::time::sleep(PAUSE).await;
        drop(to.shutdown().await);
    };
    let hearing = from.read_to_end(&mut answer);
    tokio::select! {
        _ = timeout(Duration::from_secs(5), hearing) => {}
        () = async { speaking.await; tokio::time::sleep(PAUSE).await } => {}
    }
    answer
}

fn judge(answer: &str) -> Held {
    // More than one request may have stood in the bytes.
    for status in answer.match_indices("HTTP/1.").map(|(at, _)| answer[at..].get(9..12).unwrap_or_default()) {
        hold!(status != "500", "nothing that is asked breaks the service", "{answer}");
    }
    hold!(!answer.contains(SECRET), "an answer holds no secret", "{answer}");
    if answer.to_ascii_lowercase().contains("content-type: text/html") {
        hold!(!answer.contains("<x-evil"), "what is typed makes no markup", "{answer}");
    }
    hold!(answer.len() < 8 << 20, "an answer is bounded", "{} bytes", answer.len());
    Ok(())
}
