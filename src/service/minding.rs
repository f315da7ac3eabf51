//! leadtime minding itself: a clock that jumps, records that wait to be written, a sign of life for an outside watcher,
//! and one for destinations that would be switched off for silence.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    clock::Clock,
    facts::{Facts, Trouble},
    gate::{FIRST_POLLS_MAX, Gate},
    prepare::Prepared,
    run::Pulses,
    vitals::{Stage, Vitals},
    watch::Polled,
};
use crate::{
    core::{
        outbox::{Notice, NoticeKind},
        period::{Period, Seconds},
    },
    store::StoreFault,
};

/// How often it looks.
const TURN: Duration = Duration::from_secs(30);
/// A clock that moves by so much more than it should has jumped: the machine was suspended, or its clock was set.
const JUMP: SignedDuration = SignedDuration::from_hours(1);
/// Records that alone are no reason for a commit are written so often.
const RECORDS: SignedDuration = SignedDuration::from_hours(1);
/// The outside watcher answers within this time or is left alone until the next cycle.
const HEARTBEAT_MAX: Duration = Duration::from_secs(10);
/// `[ops]` hears so many days before a client secret ends.
const SECRET_TOLD_BEFORE: [i32; 3] = [30, 7, 1];
/// So much of what `keep` has passed is taken away in one turn.
const PRUNED_AT_ONCE: usize = 500;

/// The loop.
pub struct Minding {
    /// The writer.
    pub facts: Facts,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Closed while a jump is being looked into.
    pub gate: Arc<Gate>,
    /// What the settings say.
    pub prepared: watch::Receiver<Arc<Prepared>>,
    /// Where it says that it lives.
    pub vitals: Arc<Vitals>,
    /// Whether a jump of the clock means anything.
    pub minds_jumps: bool,
}

impl Minding {
    /// Minds until told to stop.
    ///
    /// # Errors
    /// The store's, where the writer has gone.
    pub async fn run(self, pulses: Pulses, stop: CancellationToken) -> Result<(), StoreFault> {
        let mut written = self.clock.now();
        let mut heartbeat = None;
        loop {
            self.vitals.beat("minding", TURN);
            let before = self.clock.now();
            tokio::select! {
                () = self.clock.sleep(TURN) => {}
                () = stop.cancelled() => return Ok(()),
            }
            let now = self.clock.now();
            if self.minds_jumps && has_jumped(before, now) {
                self.look_again_first(&pulses).await;
            }
            let mut done = self.keep_alive(now).await.and(self.prune(now).await).and(self.mind_secrets(now).await);
            // While the disk takes nothing it is tried at every turn.
            if now.duration_since(written).abs() >= RECORDS || self.facts.broken().is_some() {
                written = now;
                done = done.and(self.facts.bring(|state, _| state.flush_records()).await);
            }
            self.note(done)?;
            self.heartbeat(&pulses, &mut heartbeat).await;
        }
    }

    /// What was done is on the disk or is not: the state of the disk shows in the service's readiness.
    fn note(&self, done: Result<(), StoreFault>) -> Result<(), StoreFault> {
        let done = match (done, self.facts.broken()) {
            (Ok(()), Some(fault)) => Err(fault),
            (done, _) => done,
        };
        match (done, self.vitals.stage()) {
            (Err(StoreFault::Closed), _) => return Err(StoreFault::Closed),
            (Err(fault), _) => self.vitals.reaches(Stage::CannotRecord(fault.to_string())),
            (Ok(()), Stage::CannotRecord(_)) => self.vitals.reaches(Stage::Running),
            (Ok(()), _) => {}
        }
        Ok(())
    }

    /// After a jump every account is polled before anything is decided, as on a start.
    async fn look_again_first(&self, pulses: &Pulses) {
        tracing::warn!("the clock has jumped by more than an hour; every account is polled before anything is decided");
        let known = pulses.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        self.gate.closes_for(known.keys().cloned());
        known.values().for_each(|pulse| pulse.wake());
        let gate = self.gate.clone();
        tokio::spawn(async move {
            tokio::time::sleep(FIRST_POLLS_MAX).await;
            gate.opens();
        });
    }

    /// A destination that has heard nothing for its `keepalive` hears that all is well.
    async fn keep_alive(&self, now: Timestamp) -> Result<(), StoreFault> {
        let prepared = self.prepared.borrow().clone();
        for (name, destination) in &prepared.settings.destinations {
            let Some(Period::Elapsed(Seconds(seconds))) = destination.keepalive else { continue };
            let (name, silence) = (name.clone(), SignedDuration::from_secs(seconds));
            self.facts
                .bring(move |state, _| {
                    if !state.is_silent_for(&name, silence, now) {
                        return Ok(());
                    }
                    let text = vec![
                        "No referral needed this destination; this line keeps its workflow from being switched off."
                            .to_owned(),
                    ];
                    let title = "All is well".to_owned();
                    let notice = Notice { kind: NoticeKind::Keepalive, title, text, todo: None, since: None };
                    state.notify(&name, notice, now)
                })
                .await?;
        }
        Ok(())
    }

    async fn prune(&self, now: Timestamp) -> Result<(), StoreFault> {
        let settings = self.prepared.borrow().settings.clone();
        let ago =
            |Seconds(long): Seconds| now.saturating_sub(SignedDuration::from_secs(long)).unwrap_or(Timestamp::MIN);
        let (before, personal) = (ago(settings.state.keep), ago(settings.state.forget_personal_after));
        self.facts.bring(move |state, _| state.prune(before, personal, PRUNED_AT_ONCE)).await
    }

    /// `[ops]` hears 30, 7 and 1 days before a client secret ends.
    async fn mind_secrets(&self, now: Timestamp) -> Result<(), StoreFault> {
        let settings = self.prepared.borrow().settings.clone();
        let today = now.to_zoned(settings.time_zone.clone()).date();
        for (account, ends) in
            settings.accounts.iter().filter_map(|(name, account)| Some((name, account.client_secret_expires?)))
        {
            let left = today.until(ends).map_or(i32::MAX, |left| left.get_days());
            for stage in SECRET_TOLD_BEFORE {
                let name = format!("secret/{account}/{stage}");
                let title = format!("The client secret of {account} ends on {ends}");
                let text = ["From then on nothing new is seen; known referrals go on being counted down.".to_owned()];
                let todo = format!(
                    "Make a new one in Entra, put it into [accounts.{account}] with its `client_secret_expires`, and send leadtime SIGHUP."
                );
                self.facts
                    .bring(move |state, now| {
                        if left <= stage {
                            state.raise(&name, Trouble::new(now, title, &text, todo), now)
                        } else {
                            state.clear(&name, &format!("{title}, which is later than it was"), &[], now)
                        }
                    })
                    .await?;
            }
        }
        Ok(())
    }

    /// Asks for `heartbeat_url` after each whole cycle of polls.
    async fn heartbeat(&self, pulses: &Pulses, told: &mut Option<Timestamp>) {
        let prepared = self.prepared.borrow().clone();
        let Some(url) = &prepared.settings.ops.heartbeat_url else { return };
        let known = pulses.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let pasts: Vec<_> = known.values().map(|pulse| pulse.past()).collect();
        let whole = !pasts.is_empty() && pasts.iter().all(|past| matches!(past.last, Some((_, Polled::Whole { .. }))));
        let cycle = pasts.iter().filter_map(|past| past.last_good).min();
        if !whole || cycle <= *told || !self.vitals.stuck().is_empty() {
            return;
        }
        *told = cycle;
        let tls = crate::channels::TlsSettings { ca_file: prepared.settings.tls.ca_file.clone() };
        let Ok(client) = crate::channels::connect_http(&tls) else { return };
        let asked = client.get(url.expose_secret()).timeout(HEARTBEAT_MAX).send().await;
        if let Err(error) = asked.and_then(reqwest::Response::error_for_status) {
            tracing::warn!("the heartbeat was not taken: {}", error.without_url());
        }
    }
}

/// Whether between two looks, a turn apart, more or less time has passed than could.
fn has_jumped(before: Timestamp, after: Timestamp) -> bool {
    let turn = SignedDuration::try_from(TURN).unwrap_or_default();
    (after.duration_since(before).saturating_sub(turn)).abs() > JUMP
}
