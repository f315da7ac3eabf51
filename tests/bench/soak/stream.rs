//! Referrals without end: so many a second arrive, each is answered after a while, or its deadline moves, or it expires.
//! What becomes of one follows from its number and the time alone, so that nothing here grows with the run.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Path, RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

use super::referral::{self, Referral};

/// Of so many one is never answered, and expires.
const ONE_EXPIRES_OF: u64 = 20;
/// Of so many one has its deadline moved.
const ONE_MOVES_OF: u64 = 25;

const WEEKS: Duration = Duration::from_hours(14 * 24);

pub struct Stream {
    pub address: std::net::SocketAddr,
    flow: Arc<Flow>,
}

struct Flow {
    /// How many a second.
    rate: f64,
    /// None is answered later than so long after it arrived.
    life: Duration,
    began: Instant,
    /// The same instant by the wall clock.
    start: Timestamp,
    /// After so long no more arrive.
    ends: Duration,
    /// What the listing under way holds.
    listing: Mutex<Vec<String>>,
}

impl Stream {
    /// Begins to flow, in the runtime that it is called in.
    pub async fn start(rate: f64, life: Duration, ends: Duration) -> Self {
        let flow =
            Flow { rate, life, began: Instant::now(), start: Timestamp::now(), ends, listing: Mutex::new(Vec::new()) };
        let flow = Arc::new(flow);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/token", post(async || r#"{"access_token":"a","expires_in":3599,"token_type":"Bearer"}"#))
            .route("/v1.0/engagements/referrals", get(listing))
            .route("/v1.0/engagements/referrals/{id}", get(one))
            .with_state(flow.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, flow }
    }

    /// How many have arrived.
    pub fn arrived(&self) -> usize {
        self.flow.arrived()
    }

    /// How long ago the one of that number arrived.
    pub fn age(&self, number: usize) -> Duration {
        self.flow.age(number)
    }
}

impl Flow {
    #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "a count of what came so far")]
    fn arrived(&self) -> usize {
        (self.began.elapsed().min(self.ends).as_secs_f64() * self.rate) as usize
    }

    fn arrives(&self, number: usize) -> Duration {
        Duration::from_secs_f64((number + 1) as f64 / self.rate)
    }

    fn age(&self, number: usize) -> Duration {
        self.began.elapsed().saturating_sub(self.arrives(number))
    }

    /// The referral as it is now.
    fn now(&self, number: usize) -> Referral {
        let chance = chance(number);
        let (age, life) = (self.age(number), self.life);
        let created = self.start + SignedDuration::try_from(self.arrives(number)).unwrap();
        let after = |time: Duration| created + SignedDuration::try_from(time).unwrap();
        let expires = expires(number);
        let moved = (chance >> 8).is_multiple_of(ONE_MOVES_OF) && age >= life / 10;
        // One that is answered has weeks until it would expire, so that it can be claimed until then.
        let ends = if expires { life * 3 / 2 } else { WEEKS };
        let ends = if moved { ends + ends / 3 } else { ends };
        // Not before it can have been seen: one that is answered before the next poll is never told of.
        let answered = life * u32::try_from(40 + (chance >> 16) % 60).unwrap() / 100;
        let status = match () {
            () if expires && age >= ends => ("Closed", "Expired"),
            () if !expires && age >= answered => ("Active", "Accepted"),
            () => ("New", "Pending"),
        };
        let updated = match status.1 {
            "Expired" => after(ends),
            "Accepted" => after(answered),
            _ if moved => after(life / 10),
            _ => created,
        };
        Referral { number, created, updated, expires: after(ends), status, value: 80_000 }
    }

    /// All that are open now, the newest first.
    fn open(&self) -> Vec<String> {
        let newest = (0..self.arrived()).rev();
        let living = newest.take_while(|number| self.age(*number) <= self.life * 2);
        living.map(|number| self.now(number)).filter(|one| one.status.0 == "New").map(|one| one.json()).collect()
    }
}

/// Whether the referral of that number is never answered.
pub fn expires(number: usize) -> bool {
    chance(number).is_multiple_of(ONE_EXPIRES_OF)
}

/// A number as if drawn by lot, always the same for the same referral.
fn chance(number: usize) -> u64 {
    (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20
}

/// The first page fixes what the pages after it hold.
async fn listing(State(flow): State<Arc<Flow>>, RawQuery(query): RawQuery) -> Response {
    let page = referral::asked(query.as_deref());
    let mut listing = flow.listing.lock().unwrap();
    if page == 0 {
        *listing = flow.open();
    }
    json(referral::page(&listing, page))
}

async fn one(State(flow): State<Arc<Flow>>, Path(id): Path<String>) -> Response {
    match referral::number(&id).filter(|number| *number < flow.arrived()) {
        Some(number) => json(flow.now(number).json()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}
