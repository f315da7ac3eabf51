//! Everything that leadtime talks to, in this process on loopback: Partner Center, the token endpoint, and the servers
//! that take its messages. Each connection knows which life of the process it belongs to.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU16, AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use jiff::Timestamp;
use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

use crate::{
    course::Course,
    ledger::{Ledger, Message},
    mail,
    partner::Partner,
    snare::{Moment, Snare},
    wire::{Head, Wire},
};

/// Answers come after so long, at most.
const LATENCY_MS: u64 = 30;
/// A listener of this process takes a connection within this, on a machine however busy.
const LIMIT: Duration = Duration::from_secs(20);

/// The servers, until this is dropped.
pub struct World {
    pub http: SocketAddr,
    pub smtp: SocketAddr,
    pub shared: Arc<Shared>,
    gates: [Arc<Gate>; 2],
    _runtime: Runtime,
}

/// What every connection knows.
pub struct Shared {
    pub ledger: Mutex<Ledger>,
    pub partner: Mutex<Partner>,
    pub snare: Snare,
    life: AtomicU32,
    dice: Mutex<Rng>,
    destinations: Vec<&'static str>,
}

/// Where a listener says whom it has let in last.
#[derive(Default)]
struct Gate(AtomicU16);

impl World {
    pub fn start(course: &Course, now: Timestamp) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let shared = Arc::new(Shared {
            ledger: Mutex::default(),
            partner: Mutex::new(Partner::new(course.messages, course.kills, course.seed, now)),
            snare: Snare::default(),
            life: AtomicU32::new(0),
            dice: Mutex::new(Rng::with_seed(course.seed ^ 0x51ee)),
            destinations: course.destinations.clone(),
        });
        let gates: [Arc<Gate>; 2] = Default::default();
        let listen = || runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (web, post) = (listen(), listen());
        let (http, smtp) = (web.local_addr().unwrap(), post.local_addr().unwrap());
        runtime.spawn(serve(shared.clone(), web, gates[0].clone(), converse));
        runtime.spawn(serve(shared.clone(), post, gates[1].clone(), mail::converse));
        Self { http, smtp, shared, gates, _runtime: runtime }
    }

    /// Connections from now on belong to this life. The process of the one before is dead; what it had connected may still
    /// wait at our listeners, and is let in first: they take connections in the order in which they came, and ours is last.
    pub fn begins_life(&self, life: u32) {
        for (gate, address) in self.gates.iter().zip([self.http, self.smtp]) {
            let probe = std::net::TcpStream::connect(address).unwrap();
            let port = probe.local_addr().unwrap().port();
            let began = Instant::now();
            while gate.0.load(Ordering::SeqCst) != port {
                assert!(began.elapsed() < LIMIT, "our own listener takes nobody");
                thread::sleep(Duration::from_micros(200));
            }
        }
        self.shared.life.store(life, Ordering::SeqCst);
    }
}

impl Shared {
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    pub fn partner(&self) -> MutexGuard<'_, Partner> {
        self.partner.lock().unwrap()
    }

    /// Takes the time of an answer.
    pub async fn dawdle(&self) {
        let time = self.dice.lock().unwrap().u64(0..=LATENCY_MS);
        tokio::time::sleep(Duration::from_millis(time)).await;
    }

    fn destination(&self, name: &str) -> &'static str {
        self.destinations.iter().find(|known| **known == name).copied().unwrap_or("ops")
    }
}

async fn serve<Talk>(
    shared: Arc<Shared>,
    listener: TcpListener,
    gate: Arc<Gate>,
    converse: impl Fn(Arc<Shared>, Wire, u32) -> Talk,
) where
    Talk: Future<Output = io::Result<()>> + Send + 'static,
{
    loop {
        let Ok((stream, peer)) = listener.accept().await else { continue };
        let life = shared.life.load(Ordering::SeqCst);
        // What is dead breaks off wherever it was; that ends its own connection and nothing else.
        tokio::spawn(converse(shared.clone(), wire(stream), life));
        gate.0.store(peer.port(), Ordering::SeqCst);
    }
}

fn wire(stream: TcpStream) -> Wire {
    // Small answers leave at once.
    stream.set_nodelay(true).ok();
    Wire::new(stream)
}

async fn converse(shared: Arc<Shared>, mut wire: Wire, life: u32) -> io::Result<()> {
    while let Some(head) = wire.head().await? {
        match head.path.split('/').collect::<Vec<_>>()[..] {
            ["", "token"] => token(&shared, &mut wire, &head, life).await?,
            ["", "v1.0", "engagements", "referrals"] => {
                shared.dawdle().await;
                let (status, body) = shared.partner().page(&head.query, head.header("authorization"));
                wire.answer(status, &body).await?;
                shared.snare.passes(Moment::PageAnswered, life);
            }
            ["", "to", name] => message(&shared, &mut wire, &head, name, life).await?,
            _ => wire.answer(404, "nothing is here").await?,
        }
    }
    Ok(())
}

async fn token(shared: &Shared, wire: &mut Wire, head: &Head, life: u32) -> io::Result<()> {
    let form = wire.body(head).await?;
    shared.snare.passes(Moment::TokenAsked, life);
    shared.dawdle().await;
    // A request that a dead process has left behind may be read late; nobody waits for its answer.
    let lives = life == shared.life.load(Ordering::SeqCst);
    let (status, body) = shared.partner().redeem(&form, lives);
    wire.answer(status, &body).await?;
    shared.snare.passes(Moment::TokenAnswered, life);
    Ok(())
}

async fn message(shared: &Shared, wire: &mut Wire, head: &Head, name: &str, life: u32) -> io::Result<()> {
    let place = shared.ledger().begins(shared.destination(name), life);
    shared.snare.passes(Moment::MessageBegun, life);
    let body = wire.body(head).await?;
    let id = head.header("webhook-id").or_else(|| head.header("x-leadtime-message")).unwrap_or_default();
    shared.ledger().is_whole(place, Message::read(id, &body));
    shared.snare.passes(Moment::MessageReceived, life);
    shared.dawdle().await;
    // Slack wants this word; the others look at the status.
    wire.answer(200, "ok").await?;
    shared.ledger().is_answered(place);
    shared.snare.passes(Moment::MessageAnswered, life);
    Ok(())
}
