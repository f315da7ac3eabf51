//! How a message gets there: Slack, Teams, e-mail, webhook, standard output, one file each behind one trait.
//! Must never decide what is sent or when; it sends once and says what became of it.

use std::path::PathBuf;

use jiff::Timestamp;

pub use crate::core::reply::Reply;
use crate::messages::rendered::Rendered;

pub mod email;
mod http;
mod knock;
mod one_line;
pub mod slack;
pub mod stdout;
pub mod teams;
mod trouble;
pub mod webhook;

pub use http::{HttpLimits, TlsSettings, connect_http, connect_http_with, http_builder};
pub use knock::Knock;
pub use one_line::one_line;

/// Sends one message once.
#[async_trait::async_trait]
pub trait Channel: Send + Sync {
    /// One attempt, within the channel's own time limit. `recipient` is the one address of a mail, none elsewhere;
    /// `now` goes into headers that state the time of the attempt.
    async fn send(&self, message: &Rendered, recipient: Option<&str>, now: Timestamp) -> Reply;

    /// Goes as far towards the destination as can be gone without posting anything: connects to a web host, logs in to
    /// a mail server. `Accepted` means that this much works, and says what was tried.
    async fn verify(&self, _knock: &Knock, _now: Timestamp) -> Reply {
        Reply::Accepted { detail: Some("there is nothing to try".to_owned()) }
    }
}

impl Reply {
    fn accepted() -> Self {
        Self::Accepted { detail: None }
    }

    fn later(why: impl Into<String>) -> Self {
        Self::TryLater { after: None, why: why.into() }
    }

    /// The message was handed over, so it may have arrived.
    fn no_answer(why: impl Into<String>) -> Self {
        Self::NoAnswer { why: why.into() }
    }

    fn message_refused(why: impl Into<String>) -> Self {
        Self::MessageRefused { why: why.into() }
    }

    fn destination_refused(why: impl Into<String>) -> Self {
        Self::DestinationRefused { why: why.into() }
    }

    /// A message rendered for another kind of channel: a fault of this program that must not stop the queue.
    fn wrong_kind(wanted: &str) -> Self {
        Self::message_refused(format!("the message was not rendered as {wanted}; please report this fault of leadtime"))
    }
}

/// Why a channel cannot be set up. Names what to mend and never holds a URL or a secret.
#[derive(Debug, thiserror::Error)]
pub enum BuildFault {
    /// No absolute http(s) URL.
    #[error("the URL cannot be read; copy it whole, from https:// on")]
    Url,
    /// Plain HTTP to another machine.
    #[error("the URL begins with http://, which is taken only for this machine; use https://")]
    PlainHttp,
    /// A header that cannot be sent, or that this program sets itself.
    #[error("the header \"{0}\" cannot be sent; use a plain header name and value, none that leadtime sets itself")]
    Header(String),
    /// A signing secret that cannot be read.
    #[error("the signing secret cannot be read; give whsec_ and base64, or any text (several with a space between)")]
    Secret,
    /// A mail address that cannot be read.
    #[error("\"{0}\" is no mail address that can be used; write name@example.com or Name <name@example.com>")]
    Address(String),
    /// A mail destination with nobody in it.
    #[error("there is nobody to send mail to; put an address into `to`")]
    NoRecipients,
    /// A password that would cross a network in the clear.
    #[error("a mail password or token is not sent without TLS; set security to \"starttls\" or \"tls\"")]
    PlainLogin,
    /// A file of root certificates that cannot be used.
    #[error("the roots in {path} cannot be used ({why}); give PEM certificates in [tls] ca_file")]
    Roots {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The HTTP client could not be made: the system has no root certificates.
    #[error("no HTTPS client can be made: {0}; install the system's root certificates (ca-certificates)")]
    Client(String),
}
