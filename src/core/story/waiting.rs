//! Why a message that is in the outbox is still there. Pure; says what `outbox::next` acts on, and decides nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::core::{
    ladder::{Call, WaitsFor},
    outbox::{Health, Queue, Row},
};

/// What a message in the outbox waits for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// An attempt is under way.
    UnderWay {
        /// Since when.
        since: Timestamp,
    },
    /// No process makes the attempt any more that was under way.
    CutOff {
        /// Since when it was.
        since: Timestamp,
    },
    /// Its destination refuses everything.
    Broken {
        /// Since when.
        since: Timestamp,
        /// The next probe.
        next: Timestamp,
        /// What it says.
        why: String,
    },
    /// Its destination fails in passing: only its most urgent message is tried, now and then.
    Failing {
        /// Since when.
        since: Timestamp,
        /// The next attempt.
        next: Timestamp,
        /// What went wrong.
        why: String,
    },
    /// Hours are closed.
    Opening {
        /// When they open.
        until: Timestamp,
    },
    /// Somebody has claimed its referral, and it reminds.
    Claim {
        /// When the claim ends, or hours open after that.
        until: Timestamp,
    },
    /// Its last attempt failed.
    Pause {
        /// The next attempt.
        until: Timestamp,
        /// What went wrong.
        why: String,
    },
    /// An earlier message about the same referral goes first.
    Behind,
    /// The destination's `rate` lets no more through for now.
    Rate {
        /// When the next one may go.
        until: Timestamp,
    },
    /// Nothing: it goes out as soon as its turn comes.
    Turn,
}

impl Waiting {
    /// The same where no service runs: an attempt that was under way has ended with its process.
    pub fn with_nobody_running(self) -> Self {
        match self {
            Self::UnderWay { since } => Self::CutOff { since },
            other => other,
        }
    }

    /// The same where this is what has been decided on the message: a claim holds it back as closed hours would.
    pub fn by(self, call: &Call) -> Self {
        match (self, call) {
            (Self::Opening { until }, Call::Wait { reason: WaitsFor::Claim, .. }) => Self::Claim { until },
            (other, _) => other,
        }
    }
}

/// Why this row of a queue has not gone out yet.
pub fn waiting(queue: &Queue, row: &Row, now: Timestamp) -> Waiting {
    if let Some(since) = row.attempting {
        return Waiting::UnderWay { since };
    }
    match &queue.health {
        Health::Broken { since, until, why } => {
            return Waiting::Broken { since: *since, next: *until, why: why.clone() };
        }
        Health::Failing { since, until, why, .. } => {
            return Waiting::Failing { since: *since, next: *until, why: why.clone() };
        }
        Health::Well => {}
    }
    if row.not_before > now {
        let until = row.not_before;
        return match &row.last_error {
            Some(why) => Waiting::Pause { until, why: why.clone() },
            None => Waiting::Opening { until },
        };
    }
    let first = row.case().and_then(|case| queue.of_case(case).next());
    if first.is_some_and(|first| first.number != row.number) {
        return Waiting::Behind;
    }
    if queue.paced_until > now {
        return Waiting::Rate { until: queue.paced_until };
    }
    Waiting::Turn
}
