//! Partner Center without a network: the simulated one's own router, asked in memory, over a line that may be bad.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body};
use leadtime::partner_center::{Carrier, NoAnswer};
use tower_service::Service;

use crate::death::{Death, Deed, mortal};

/// How the line to Partner Center is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Line {
    Good,
    /// Each request is late by up to so many seconds.
    Slow(u32),
    /// Of a hundred requests so many are lost: one half on the way there, the other on the way back.
    Lossy(u32),
    /// Nothing comes through.
    Dead,
}

/// The line of one process.
pub struct Wire {
    pub router: Router,
    pub death: Arc<Death>,
    pub line: Arc<Mutex<Line>>,
    pub chance: Arc<Mutex<fastrand::Rng>>,
}

#[async_trait::async_trait]
impl Carrier for Wire {
    async fn carry(&self, request: reqwest::Request) -> Result<reqwest::Response, NoAnswer> {
        mortal(&self.death, Deed::Request, self.exchange(request)).await
    }
}

impl Wire {
    async fn exchange(&self, request: reqwest::Request) -> Result<reqwest::Response, NoAnswer> {
        let line = *self.line.lock().unwrap();
        let drawn = self.chance.lock().unwrap().u32(..100);
        match line {
            Line::Slow(seconds) => tokio::time::sleep(Duration::from_secs((drawn % seconds.max(1)).into())).await,
            Line::Lossy(of_hundred) if drawn < of_hundred / 2 => return Err(lost()),
            Line::Dead => {
                tokio::time::sleep(Duration::from_secs(10)).await;
                return Err(NoAnswer::TimedOut);
            }
            Line::Good | Line::Lossy(_) => {}
        }
        let answer = self.answer(request).await;
        match line {
            Line::Lossy(of_hundred) if drawn < of_hundred => Err(lost()),
            _ => Ok(answer),
        }
    }

    async fn answer(&self, request: reqwest::Request) -> reqwest::Response {
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec();
        let mut asked = axum::http::Request::builder().method(request.method().clone()).uri(request.url().as_str());
        *asked.headers_mut().unwrap() = request.headers().clone();
        let asked = asked.body(Body::from(body)).unwrap();
        let answered = self.router.clone().call(asked).await.unwrap_or_else(|never| match never {});
        reqwest::Response::from(answered.map(|body| reqwest::Body::wrap_stream(body.into_data_stream())))
    }
}

fn lost() -> NoAnswer {
    NoAnswer::ConnectionLost("the simulated connection is lost".to_owned())
}
