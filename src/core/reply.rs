//! What a channel says to an attempt, in the ways that a decision tells apart.

use super::period::Seconds;

/// What became of an attempt. `why` is for operators: it never holds a secret, a webhook's address or referral data.
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
    /// The message was handed over and no answer came: it may have arrived. It is tried again, as a possible repeat.
    NoAnswer {
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

impl Reply {
    /// What went wrong, where something did.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Accepted { .. } => None,
            Self::TryLater { why, .. }
            | Self::NoAnswer { why }
            | Self::MessageRefused { why }
            | Self::DestinationRefused { why } => Some(why),
        }
    }
}
