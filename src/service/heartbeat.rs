//! The sign of life for an outside watcher: asked for after each whole cycle of polls while all goes well. Must never be
//! given by a leadtime that is stuck, blind or unable to record.

use std::time::Duration;

use jiff::Timestamp;
use secrecy::ExposeSecret;

use super::{
    facts::{Facts, Trouble},
    prepare::Prepared,
};
use crate::{
    core::notice::{self, Heartless, Recovery},
    messages::words::{self, Locale},
    store::StoreFault,
};

/// The outside watcher answers within this time or is left alone until the next cycle.
const ANSWER_MAX: Duration = Duration::from_secs(10);
/// So many in a row that were not taken are a trouble: then the watcher is about to cry wolf, or was never told of us.
const FAILURES_TOLD: u32 = 3;
/// The name of that trouble.
const NAME: &str = "heartbeat";

/// The heart: which cycle it has told of, and how that went.
#[derive(Debug, Default)]
pub struct Heart {
    told: Option<Timestamp>,
    failures: u32,
    /// Whether it is known that no trouble of an earlier process is left.
    settled: bool,
}

impl Heart {
    /// Asks for `heartbeat_url` where `cycle`, the last whole cycle of polls, was not told yet.
    ///
    /// # Errors
    /// The store's.
    pub async fn beat(
        &mut self,
        cycle: Option<Timestamp>,
        prepared: &Prepared,
        facts: &Facts,
    ) -> Result<(), StoreFault> {
        let Some(url) = &prepared.settings.ops.heartbeat_url else { return self.ends(facts).await };
        let Some(cycle) = cycle.filter(|cycle| self.told != Some(*cycle)) else { return Ok(()) };
        self.told = Some(cycle);
        let asked = prepared.http.get(url.expose_secret()).timeout(ANSWER_MAX).send().await;
        let why = match asked {
            Ok(answer) if answer.status().is_success() => return self.ends(facts).await,
            Ok(answer) => Heartless::Answers(answer.status().as_u16()),
            Err(error) if error.is_timeout() => Heartless::Silent,
            Err(_) => Heartless::Unreachable,
        };
        tracing::warn!("the heartbeat was not taken: {}", words::of(Locale::EN).heartless(why));
        self.failures = self.failures.saturating_add(1);
        if self.failures < FAILURES_TOLD {
            return Ok(());
        }
        self.settled = false;
        let what = notice::Trouble::NoHeartbeat(why);
        facts.bring(move |state, now| state.raise(NAME, Trouble::new(now, what), now)).await
    }

    async fn ends(&mut self, facts: &Facts) -> Result<(), StoreFault> {
        self.failures = 0;
        if !self.settled {
            facts.bring(|state, now| state.clear(NAME, Recovery::Heartbeat, now)).await?;
            self.settled = true;
        }
        Ok(())
    }
}
