//! Everything that leadtime talks to, in this process on loopback: Partner Center, the token endpoint, and the servers
//! that take its messages. Each connection knows of which life
//! of the process it is.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use fastrand::Rng;
use jiff::Timestamp;
use tokio::{net::TcpListener, runtime::Runtime};

use crate::{
    course::Course,
    exchange::Message,
    ledger::Ledger,
    mail,
    partner::Partner,
    snare::{Moment, Snare},
    wire::{Head, Wire},
};

/// Answers come after so long, at most.
const LATENCY_MS: u64 = 30;

/// The servers, until this is dropped.
pub struct World {
    pub shared: Arc<Shared>,
    runtime: Runtime,
}

/// Where one process finds everything. Each has doors of its own, so that whatever comes in is known to be from it, however
/// late it is read.
#[derive(Clone, Copy, Debug)]
pub struct Doors {
    pub http: SocketAddr,
    pub smtp: SocketAddr,
}

/// What every connection knows.
pub struct Shared {
    pub ledger: Mutex<Ledger>,
    pub partner: Mutex<Partner>,
    pub snare: Snare,
    /// When each process was first heard of.
    heard: Mutex<BTreeMap<u32, Instant>>,
    dice: Mutex<Rng>,
    destinations: Vec<&'static str>,
}

impl World {
    pub fn start(course: &Course, now: Timestamp) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let shared = Arc::new(Shared {
            ledger: Mutex::default(),
            partner: Mutex::new(Partner::new(course, now)),
            snare: Snare::default(),
            heard: Mutex::default(),
            dice: Mutex::new(Rng::with_seed(course.seed ^ 0x51ee)),
            destinations: course.destinations.clone(),
        });
        Self { shared, runtime }
    }

    /// Opens doors for the process of this life.
    pub fn opens(&self, life: u32) -> Doors {
        let listen = || self.runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let (web, post) = (listen(), listen());
        let doors = Doors { http: web.local_addr().unwrap(), smtp: post.local_addr().unwrap() };
        self.runtime.spawn(serve(self.shared.clone(), web, life, converse));
        self.runtime.spawn(serve(self.shared.clone(), post, life, mail::converse));
        doors
    }
}

impl Shared {
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap()
    }

    pub fn partner(&self) -> MutexGuard<'_, Partner> {
        self.partner.lock().unwrap()
    }

    /// When each process was first heard of.
    pub fn heard(&self) -> BTreeMap<u32, Instant> {
        self.heard.lock().unwrap().clone()
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
    life: u32,
    converse: impl Fn(Arc<Shared>, Wire, u32) -> Talk,
) where
    Talk: Future<Output = io::Result<()>> + Send + 'static,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // Small answers leave at once.
        stream.set_nodelay(true).ok();
        shared.heard.lock().unwrap().entry(life).or_insert_with(Instant::now);
        // What is dead breaks off wherever it was; that ends its own connection and nothing else.
        tokio::spawn(converse(shared.clone(), Wire::new(stream), life));
    }
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
    let (status, body) = shared.partner().redeem(&form, life);
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
