//! A port of this machine that the browser is redirected to at the end of a sign-in, open for as long as that takes. Must
//! never show what the browser brings: the code is in it.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// The browser has so long to take its last page.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// The port.
pub struct Loopback {
    port: u16,
    redirected: mpsc::Receiver<Redirected>,
    stop: CancellationToken,
    serving: JoinSet<io::Result<()>>,
}

/// A browser that has come back, and waits for a page.
pub struct Redirected {
    query: String,
    page: oneshot::Sender<String>,
}

impl Loopback {
    /// Takes any free port, for browsers that take `localhost` for either kind of address.
    pub async fn open() -> io::Result<Self> {
        let four = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = four.local_addr()?.port();
        let six = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await.ok();
        let (sender, redirected) = mpsc::channel(1);
        let router = Router::new().route("/", get(comes_back)).with_state(sender);
        let (stop, mut serving) = (CancellationToken::new(), JoinSet::new());
        for listener in [Some(four), six].into_iter().flatten() {
            let served = axum::serve(listener, router.clone()).with_graceful_shutdown(stop.clone().cancelled_owned());
            serving.spawn(served.into_future());
        }
        Ok(Self { port, redirected, stop, serving })
    }

    /// The registered redirect URI with this port.
    pub fn redirect(&self, registered: &str) -> String {
        format!("{registered}:{}", self.port)
    }

    /// The first browser that comes back with an answer.
    pub async fn redirected(&mut self) -> Option<Redirected> {
        self.redirected.recv().await
    }

    /// Lets the browser take its page, and closes the port.
    pub async fn close(mut self) {
        self.redirected.close();
        self.stop.cancel();
        // A browser that keeps its connection has its page all the same.
        drop(tokio::time::timeout(CLOSE_MAX, async { while self.serving.join_next().await.is_some() {} }).await);
    }
}

impl Redirected {
    /// What it has brought.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Gives it the page that it waits for.
    pub fn show(self, agreed: bool) {
        let (head, text) = if agreed {
            ("You can close this", "leadtime goes on in the terminal.")
        } else {
            ("Not signed in", "The terminal says why, and what to do. You can close this.")
        };
        let page = format!(
            "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>leadtime: {head}</title>\
             <h1>{head}</h1><p>{text}</p></html>\n"
        );
        // A browser that has gone does not need it.
        drop(self.page.send(page));
    }
}

/// `GET /`: the browser is redirected here. Whatever else asks (an icon, a preview) finds nothing.
async fn comes_back(State(sender): State<mpsc::Sender<Redirected>>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let is_answer = query.split('&').any(|pair| pair.starts_with("code=") || pair.starts_with("error="));
    let (page, shown) = oneshot::channel();
    if !is_answer || sender.try_send(Redirected { query, page }).is_err() {
        return (StatusCode::NOT_FOUND, "nothing is here\n").into_response();
    }
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONNECTION, "close"),
    ];
    match shown.await {
        Ok(page) => (fixed, Html(page)).into_response(),
        Err(_) => (StatusCode::GONE, "this sign-in has ended\n").into_response(),
    }
}
