//! What targets that speak over a network need: a runtime, a clock that stands still, and a server that answers with whatever
//! bytes a case holds. Must never wait for longer than it takes this machine to answer itself.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::Future,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use leadtime::{
    channels::{HttpLimits, TlsSettings, http_builder},
    service::clock::Clock,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    time::timeout,
};

use super::Held;

/// A part of every secret that stands in a case's settings, and of no case.
pub const SECRET: &str = "geheim";
/// All waits of a client for a server that says nothing more.
pub const SHORT: Duration = Duration::from_secs(2);

/// When it is.
pub fn now() -> Timestamp {
    Timestamp::constant(1_793_782_800, 0)
}

/// A clock that stands still: who sleeps has slept.
pub struct Still;

#[async_trait::async_trait]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        now()
    }

    async fn sleep(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

thread_local! {
    static RUNTIME: RefCell<Option<Runtime>> = const { RefCell::new(None) };
}

/// Runs to its end on this thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.with_borrow_mut(|runtime| {
        let runtime = runtime.get_or_insert_with(|| {
            rustls::crypto::ring::default_provider().install_default().ok();
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
        });
        runtime.block_on(future)
    })
}

/// An HTTP client as leadtime's own, that keeps no connection from one case to the next.
pub fn client() -> reqwest::ClientBuilder {
    let limits = HttpLimits { connect: SHORT, whole: SHORT, proxy: false };
    http_builder(&TlsSettings::default(), &limits).expect("a builder").pool_max_idle_per_host(0)
}

/// A server that answers each request with the next of the answers it was given, byte for byte, and hangs up.
#[derive(Clone)]
pub struct Peer {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    /// Those that were given out.
    given: Vec<Vec<u8>>,
    /// What is answered when there is nothing more.
    last: Vec<u8>,
}

impl Peer {
    /// One that answers with `last` when it has nothing else.
    pub async fn start(last: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(Mutex::new(State { last: last.into(), ..State::default() }));
        let peer = Self { port, state };
        let served = peer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(served.clone().serve(stream));
            }
        });
        peer
    }

    /// From now on it answers with these.
    pub fn script(&self, answers: &[&[u8]]) {
        let mut state = self.state.lock().expect("not poisoned");
        state.waiting = answers.iter().map(|answer| pack(answer)).collect();
        state.given.clear();
    }

    /// The answer that it gave last, if it gave one of the script.
    pub fn given(&self) -> Option<Vec<u8>> {
        self.state.lock().expect("not poisoned").given.last().cloned()
    }

    async fn serve(self, mut stream: TcpStream) {
        if timeout(SHORT, read_request(&mut stream)).await.is_err() {
            return;
        }
        let answer = {
            let mut state = self.state.lock().expect("not poisoned");
            match state.waiting.pop_front() {
                Some(answer) => {
                    state.given.push(answer.clone());
                    answer
                }
                None => state.last.clone(),
            }
        };
        drop(timeout(SHORT, stream.write_all(&answer)).await);
    }
}

/// Reads all of a request: who hangs up on unread bytes takes the answer back.
async fn read_request(stream: &mut TcpStream) {
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let head = request.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
            let length = text.split("content-length:").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
            if request.len() >= head + 4 + length.unwrap_or(0) {
                return;
            }
        }
        match stream.read(&mut piece).await {
            Ok(count @ 1..) => request.extend_from_slice(&piece[..count]),
            _ => return,
        }
    }
}

/// An answer that says it is packed, packed: so a case can hold the text, and what it unpacks to can be large.
fn pack(answer: &[u8]) -> Vec<u8> {
    let (head, body) = halves(answer);
    let lower = head.to_ascii_lowercase();
    let says_packed = lower.windows(22).any(|part| part == b"content-encoding: gzip");
    if !says_packed || body.starts_with(b"\x1f\x8b") {
        return answer.to_vec();
    }
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packer, body).expect("in memory");
    [head, &packer.finish().expect("in memory")].concat()
}

/// The head of a response with the empty line, and the rest.
pub fn halves(answer: &[u8]) -> (&[u8], &[u8]) {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |at| at + 4);
    answer.split_at(end)
}

/// That a text for people holds no secret, no address, and is short.
pub fn is_discreet(text: &str) -> Held {
    for hidden in [SECRET, "127.0.0.1", "localhost"] {
        super::hold!(!text.contains(hidden), "what is told holds no secret and no address", "{hidden} in {text}");
    }
    super::hold!(text.len() < 4_000, "what is told is short", "{} bytes", text.len());
    Ok(())
}
