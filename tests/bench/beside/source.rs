//! Where leadtime and the script read their referrals: a listing that is empty until some are put into it, and that can
//! fall silent, as when the other side of it is down.

use std::{
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp};
use tokio::net::TcpListener;

use super::referral::{self, Referral};

pub struct Source {
    pub address: std::net::SocketAddr,
    shelf: Arc<Shelf>,
}

#[derive(Default)]
struct Shelf {
    pages: Mutex<Vec<axum::body::Bytes>>,
    silent: AtomicBool,
    /// When the first page of what was put there last was asked for, and when the last one was.
    asked: Mutex<(Option<Instant>, Option<Instant>)>,
    /// Whether anything was ever asked for.
    known: AtomicBool,
}

impl Source {
    /// Listens, with nothing to list, in the runtime that it is called in.
    pub async fn start() -> Self {
        let shelf = Arc::new(Shelf::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/token", post(token))
            .route("/v1.0/engagements/referrals", get(listing))
            .with_state(shelf.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let source = Self { address, shelf };
        source.list(0);
        source
    }

    /// Lists so many new referrals from now on.
    pub fn list(&self, count: usize) {
        let items: Vec<String> = (0..count).map(|number| fresh(number).json()).collect();
        let pages = items.len().div_ceil(100).max(1);
        let pages = (0..pages).map(|page| referral::page(&items, page).into()).collect();
        *self.shelf.pages.lock().unwrap() = pages;
        *self.shelf.asked.lock().unwrap() = (None, None);
    }

    /// Answers nothing but 503 from now on, or answers again.
    pub fn falls_silent(&self, silent: bool) {
        self.shelf.silent.store(silent, Ordering::SeqCst);
    }

    /// When somebody began to read what was put there last.
    pub fn read_since(&self) -> Option<Instant> {
        self.shelf.asked.lock().unwrap().0
    }

    /// Whether somebody has read to the end what was put there last.
    pub fn is_read(&self) -> bool {
        self.shelf.asked.lock().unwrap().1.is_some()
    }

    /// Whether somebody has asked for anything since this was last asked.
    pub fn is_known(&self) -> bool {
        self.shelf.known.swap(false, Ordering::SeqCst)
    }
}

/// A referral of the last hour, so that no step but the first is due; the same one whenever it is asked for.
pub fn fresh(number: usize) -> Referral {
    static FIRST: OnceLock<Timestamp> = OnceLock::new();
    let first = *FIRST.get_or_init(|| Timestamp::now() - SignedDuration::from_mins(50));
    let created = first + SignedDuration::from_secs((number % 2_900) as i64);
    let expires = created + SignedDuration::from_hours(14 * 24);
    Referral { number, created, updated: created, expires, status: ("New", "Pending"), value: 80_000 }
}

async fn token(State(shelf): State<Arc<Shelf>>) -> Response {
    shelf.known.store(true, Ordering::SeqCst);
    if shelf.silent.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    r#"{"access_token":"a","expires_in":3599,"token_type":"Bearer"}"#.into_response()
}

async fn listing(State(shelf): State<Arc<Shelf>>, RawQuery(query): RawQuery) -> Response {
    if shelf.silent.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let page = referral::asked(query.as_deref());
    let pages = shelf.pages.lock().unwrap();
    let mut asked = shelf.asked.lock().unwrap();
    if page == 0 {
        asked.0.get_or_insert_with(Instant::now);
    }
    if page + 1 == pages.len() {
        asked.1.get_or_insert_with(Instant::now);
    }
    ([(header::CONTENT_TYPE, "application/json")], pages[page].clone()).into_response()
}
