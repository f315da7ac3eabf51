//! Goes to a web host as a message would (proxy, TCP, TLS), and hangs up before a word is said.
//! Must never send a request: what hears one might take it for a message.

use std::{
    error::Error,
    pin::Pin,
    task::{Context, Poll},
};

use reqwest::Client;
use tower_layer::Layer;
use tower_service::Service;
use url::Url;

use super::{BuildFault, HttpLimits, Reply, TlsSettings, http_builder, trouble::trouble};

/// Knocks at web hosts.
#[derive(Clone, Debug)]
pub struct Knock(Client);

impl Knock {
    /// With the roots, the limits and the proxy that messages go by.
    ///
    /// # Errors
    /// As for the client that messages go by.
    pub fn build(tls: &TlsSettings, limits: &HttpLimits) -> Result<Self, BuildFault> {
        let client = http_builder(tls, limits)?.connector_layer(HangUp).build();
        client.map(Self).map_err(|error| BuildFault::Client(error.without_url().to_string()))
    }

    /// `Accepted` where a connection to the address' host stood, TLS included.
    pub async fn at(&self, url: &Url) -> Reply {
        match self.0.head(url.clone()).send().await {
            // Only a connection that did not pass through the layer could answer; there is none.
            Ok(_) => Reply::later("the connection did more than connect; please report this"),
            Err(error) if stood(&error) => Reply::Accepted { detail: Some("connected; nothing was posted".to_owned()) },
            Err(error) if error.is_timeout() => {
                Reply::later("no connection stood in time; check the host and the way to it (firewall, proxy)")
            }
            Err(error) => Reply::later(trouble(&error.without_url())),
        }
    }
}

/// Whether the connection stood before it was hung up.
fn stood(error: &reqwest::Error) -> bool {
    let mut next = error.source();
    for _ in 0..16 {
        let Some(error) = next else { return false };
        if error.is::<Stood>() {
            return true;
        }
        next = error.source();
    }
    false
}

/// What a connector answers in place of its connection.
#[derive(Debug, thiserror::Error)]
#[error("the connection stood, and was hung up")]
struct Stood;

#[derive(Clone, Copy)]
struct HangUp;

impl<S> Layer<S> for HangUp {
    type Service = HangingUp<S>;

    fn layer(&self, connector: S) -> HangingUp<S> {
        HangingUp(connector)
    }
}

#[derive(Clone)]
struct HangingUp<S>(S);

type BoxError = Box<dyn Error + Send + Sync>;

impl<S, R> Service<R> for HangingUp<S>
where
    S: Service<R, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, host: R) -> Self::Future {
        let connecting = self.0.call(host);
        Box::pin(async {
            drop(connecting.await?);
            Err(Stood.into())
        })
    }
}
