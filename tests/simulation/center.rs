//! Partner Center without a network: the simulated one's own router, asked in memory, over a line that may be bad. What
//! comes through to the process is noted.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body};
use futures_util::{StreamExt, stream};
use leadtime::partner_center::{Carrier, NoAnswer};
use serde_json::Value;
use tower_service::Service;

use crate::{
    chronicle::{Chronicle, Reading, What},
    death::{Death, Deed, mortal},
};

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
    pub chronicle: Arc<Chronicle>,
}

#[async_trait::async_trait]
impl Carrier for Wire {
    async fn carry(&self, request: reqwest::Request) -> Result<reqwest::Response, NoAnswer> {
        let part = if request.url().path().contains("/oauth2/") { "token" } else { "api" };
        self.chronicle.note(What::Asked(format!("{} {part}", request.method())));
        if let Some(number) = refresh_token_sent(&request) {
            self.chronicle.note(What::Renews(number));
        }
        let (answer, said) = mortal(&self.death, Deed::Request, self.exchange(request)).await?;
        self.chronicle.note(said);
        Ok(answer)
    }
}

impl Wire {
    async fn exchange(&self, request: reqwest::Request) -> Result<(reqwest::Response, What), NoAnswer> {
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

    /// The answer, and what it says.
    async fn answer(&self, request: reqwest::Request) -> (reqwest::Response, What) {
        let path = request.url().path().to_owned();
        let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec();
        let mut asked = axum::http::Request::builder().method(request.method().clone()).uri(request.url().as_str());
        *asked.headers_mut().unwrap() = request.headers().clone();
        let asked = asked.body(Body::from(body)).unwrap();
        let answered = self.router.clone().call(asked).await.unwrap_or_else(|never| match never {});
        let (head, body) = answered.into_parts();
        let chunks: Vec<Result<axum::body::Bytes, axum::Error>> = body.into_data_stream().collect().await;
        let whole: Option<Vec<u8>> =
            chunks.iter().map(|chunk| chunk.as_deref().ok()).collect::<Option<Vec<_>>>().map(|parts| parts.concat());
        let said = says(&path, head.status.as_u16(), &whole.unwrap_or_default());
        let body = reqwest::Body::wrap_stream(stream::iter(chunks));
        (reqwest::Response::from(axum::http::Response::from_parts(head, body)), said)
    }
}

fn says(path: &str, status: u16, body: &[u8]) -> What {
    if path.contains("/oauth2/") {
        let token = serde_json::from_slice::<Value>(body).ok();
        return match token.as_ref().and_then(|token| number_of(token["refresh_token"].as_str()?)) {
            Some(number) => What::Renewed(number),
            None => What::Read(Reading::Nothing),
        };
    }
    What::Read(Reading::of(path, status, body))
}

/// The number in the refresh token that a request carries.
fn refresh_token_sent(request: &reqwest::Request) -> Option<u64> {
    let body = std::str::from_utf8(request.body()?.as_bytes()?).ok()?;
    body.split('&').find_map(|part| number_of(part.strip_prefix("refresh_token=")?))
}

/// The simulated Partner Center numbers its refresh tokens.
fn number_of(token: &str) -> Option<u64> {
    token.strip_prefix("0.demo-refresh.")?.parse().ok()
}

fn lost() -> NoAnswer {
    NoAnswer::ConnectionLost("the simulated connection is lost".to_owned())
}
