//! What messages are sent to: a webhook, a webhook that answers as Slack's do, and a mail server, all on loopback. As cheap
//! as a server can be, so that the processor belongs to who is measured. They can be slow, or refuse for a while.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The customers' first name; eight digits follow it, by which each message is known wherever it arrives. Short, as a
/// headline cuts long names.
pub const CUSTOMER: &str = "Nagy ";
const DIGITS: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Channel {
    Webhook,
    Slack,
    Mail,
}

impl Channel {
    pub const ALL: [Self; 3] = [Self::Webhook, Self::Slack, Self::Mail];

    pub fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "Slack",
            Self::Mail => "mail",
        }
    }
}

/// Hears of each message that was accepted: where, whose number it holds, and all of it.
pub type Ear = Arc<dyn Fn(Channel, Option<usize>, &str) + Send + Sync>;

pub struct Sinks {
    pub http: SocketAddr,
    pub smtp: SocketAddr,
    ways: Arc<Ways>,
}

struct Ways {
    ear: Ear,
    /// Before each answer, in milliseconds: what a network would take there and back.
    pause: AtomicU64,
    down: AtomicBool,
}

impl Sinks {
    /// Listens on free ports of this machine, in the runtime that it is called in.
    pub async fn start(ear: Ear) -> Self {
        let ways = Arc::new(Ways { ear, pause: AtomicU64::new(0), down: AtomicBool::new(false) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let http = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/hook", post(async |State(ways): State<Arc<Ways>>, body| take(&ways, Channel::Webhook, body).await))
            .route("/slack", post(async |State(ways): State<Arc<Ways>>, body| take(&ways, Channel::Slack, body).await))
            .with_state(ways.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let smtp = listener.local_addr().unwrap();
        let taken = ways.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // A client that breaks off costs only its own connection.
                let ways = taken.clone();
                tokio::spawn(async move { drop(converse(stream, &ways).await) });
            }
        });
        Self { http, smtp, ways }
    }

    /// Each answer comes so much later from now on.
    pub fn answer_after(&self, pause: Duration) {
        self.ways.pause.store(u64::try_from(pause.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Whether everything is put off with a temporary refusal from now on.
    pub fn refuse(&self, down: bool) {
        self.ways.down.store(down, Ordering::SeqCst);
    }
}

impl Ways {
    async fn pause(&self) {
        match self.pause.load(Ordering::SeqCst) {
            0 => {}
            pause => tokio::time::sleep(Duration::from_millis(pause)).await,
        }
    }

    fn is_down(&self) -> bool {
        self.down.load(Ordering::SeqCst)
    }
}

async fn take(ways: &Ways, channel: Channel, body: Bytes) -> Response {
    ways.pause().await;
    if ways.is_down() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let text = String::from_utf8_lossy(&body);
    (ways.ear)(channel, customer(&text), &text);
    "ok".into_response()
}

/// One client of the mail server, until it leaves.
async fn converse(stream: TcpStream, ways: &Ways) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.write_all(b"220 sink.test ESMTP\r\n").await?;
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.trim_end().to_ascii_uppercase();
        let answer: &[u8] = match verb.split(' ').next().unwrap_or_default() {
            "EHLO" => b"250-sink.test\r\n250-8BITMIME\r\n250 PIPELINING\r\n",
            "MAIL" if ways.is_down() => b"451 4.3.0 try again later\r\n",
            "HELO" | "MAIL" | "RCPT" | "RSET" | "NOOP" => b"250 2.0.0 ok\r\n",
            "DATA" => b"354 go on\r\n",
            "QUIT" => return stream.write_all(b"221 2.0.0 bye\r\n").await,
            _ => b"502 5.5.1 not known here\r\n",
        };
        ways.pause().await;
        stream.write_all(answer).await?;
        if verb == "DATA" {
            let mail = content(&mut stream).await?;
            ways.pause().await;
            (ways.ear)(Channel::Mail, customer(&mail), &mail);
            stream.write_all(b"250 2.0.0 taken\r\n").await?;
        }
    }
}

/// A mail's text, with the line ends that quoted-printable has put into it taken out again.
async fn content(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut content = String::new();
    loop {
        let start = content.len();
        if stream.read_line(&mut content).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match &content[start..] {
            ".\r\n" => return Ok(content),
            broken if broken.ends_with("=\r\n") => content.truncate(content.len() - 3),
            _ => {}
        }
    }
}

/// The number of the first customer that a message names.
fn customer(text: &str) -> Option<usize> {
    text.split(CUSTOMER).skip(1).find_map(|rest| rest.get(..DIGITS)?.parse().ok())
}
