//! How a message gets there: Slack, Teams, e-mail, webhook, standard output, one file each behind one trait.
//! Must never decide what is sent or when; it sends once and says what became of it.

use jiff::Timestamp;

use crate::{core::period::Seconds, messages::rendered::Rendered};

/// Sends one message once.
#[async_trait::async_trait]
pub trait Channel: Send + Sync {
    /// One attempt, within the channel's own time limit. `recipient` is the one address of a mail, none elsewhere;
    /// `now` goes into headers that state the time of the attempt.
    async fn send(&self, message: &Rendered, recipient: Option<&str>, now: Timestamp) -> Reply;
}

/// What became of an attempt. `why` is for operators: it never holds a secret, an address of a webhook or referral data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reply {
    /// The channel has taken it.
    Accepted {
        /// What it said, where it said something worth keeping (a queue id).
        detail: Option<String>,
    },
    /// A passing failure.
    TryLater {
        /// How long the channel asked to be left alone.
        after: Option<Seconds>,
        /// What went wrong.
        why: String,
    },
    /// This message, or this recipient, is refused for good; others may pass.
    MessageRefused {
        /// What went wrong.
        why: String,
    },
    /// The destination refuses everything until somebody mends it.
    DestinationRefused {
        /// What went wrong, and what to do.
        why: String,
    },
}
