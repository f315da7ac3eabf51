//! leadtime minding itself: a clock that jumps, records that wait to be written, a sign of life for an outside watcher,
//! and one for destinations that would be switched off for silence.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::{
    alarm::cannot_record,
    clock::Clock,
    expiries,
    facts::Facts,
    gate::{ANSWERS_MAX, Gate},
    heartbeat::Heart,
    latest::Reading,
    prepare::Prepared,
    pulse::Polled,
    run::Pulses,
    spell::coarse,
    vitals::{Stage, Vitals},
};
use crate::{
    core::{
        notice::{News, Notice, Recovery},
        period::{Period, Seconds},
    },
    store::StoreFault,
};

/// How often it looks, usually.
pub const TURN: Duration = Duration::from_secs(30);
/// Records that alone are no reason for a commit are written so often, at least.
const RECORDS: SignedDuration = SignedDuration::from_hours(1);
/// So much of what `keep` has passed is taken away in one turn.
const PRUNED_AT_ONCE: usize = 500;

/// That nothing can be recorded.
struct Alarm {
    since: Timestamp,
    /// Whether somebody was told.
    taken: bool,
}

/// The loop.
pub struct Minding {
    /// The writer.
    pub facts: Facts,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Closed while a jump is being looked into.
    pub gate: Arc<Gate>,
    /// What the settings say.
    pub prepared: Reading<Arc<Prepared>>,
    /// Where it says that it lives.
    pub vitals: Arc<Vitals>,
    /// Whether nothing is to be sent.
    pub dry_run: bool,
    /// How often it looks.
    pub every: Duration,
}

impl Minding {
    /// Minds until told to stop.
    ///
    /// # Errors
    /// The store's, where the writer has gone.
    pub async fn run(self, pulses: Pulses, stop: CancellationToken) -> Result<(), StoreFault> {
        let mut written = self.clock.now();
        let mut heart = Heart::default();
        let mut alarmed = None;
        let (mut polls, mut breaks, mut reloads) = (self.gate.changes(), self.facts.breaks(), self.prepared.clone());
        loop {
            polls.look();
            breaks.look();
            reloads.look();
            let now = self.clock.now();
            let mut done = Ok(());
            if let Some(by) = self.gate.take_jump(now) {
                done = self.look_again_first(&pulses, by).await;
            }
            done = done.and(self.keep_alive(now).await).and(self.prune(now).await).and(self.mind_expiries(now).await);
            // While the disk takes nothing it is tried at every turn.
            if self.facts.broken().is_some() {
                done = done.and(self.facts.bring(|state, _| state.try_the_disk()).await);
            } else if now.duration_since(written).abs() >= self.records_every() {
                written = now;
                done = done.and(self.facts.bring(|state, _| state.flush_records()).await);
            }
            self.note(done)?;
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                done = self.alarm(&mut alarmed) => done?,
            }
            let was_open = self.gate.is_open(now);
            self.vitals.beat("minding", self.every);
            let turn = self.clock.sleep(self.every);
            tokio::pin!(turn);
            loop {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return Ok(()),
                    beaten = self.heartbeat(&pulses, &mut heart) => beaten?,
                }
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return Ok(()),
                    () = &mut turn => break,
                    // A cycle of polls may have ended: that is what the heartbeat waits for. What waits for the first one
                    // does not wait for the next turn, nor does a jump of the clock.
                    () = polls.changed() => {
                        let opens = self.gate.is_open(self.clock.now()) && !was_open;
                        if opens || self.gate.has_jumped() {
                            break;
                        }
                    }
                    // Neither a full disk nor new settings wait for the next turn.
                    () = breaks.changed() => break,
                    () = reloads.changed() => break,
                }
            }
        }
    }

    /// Asks for `heartbeat_url` after each whole cycle of polls. What cannot be kept of how that went is no reason to end.
    async fn heartbeat(&self, pulses: &Pulses, heart: &mut Heart) -> Result<(), StoreFault> {
        if self.dry_run {
            // The outside watcher must not take who sends nothing for who does.
            return Ok(());
        }
        let prepared = self.prepared.get();
        match heart.beat(self.whole_cycle(pulses), &prepared, &self.facts).await {
            Err(StoreFault::Closed) => Err(StoreFault::Closed),
            _ => Ok(()),
        }
    }

    /// How often the times of whole polls are written down: seldom, and often enough that after a crash no time counts as
    /// unwatched that was not.
    fn records_every(&self) -> SignedDuration {
        let Seconds(stale_after) = self.prepared.get().settings.ops.stale_after;
        RECORDS.min(SignedDuration::from_secs(stale_after / 2))
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

    /// Tells `[ops]` that nothing can be recorded, until somebody took it, and when that is over.
    async fn alarm(&self, alarmed: &mut Option<Alarm>) -> Result<(), StoreFault> {
        let Stage::CannotRecord(why) = self.vitals.stage() else {
            return match alarmed.take() {
                Some(Alarm { since, taken: true }) => self.all_clear(since).await,
                _ => Ok(()),
            };
        };
        let now = self.clock.now();
        let alarm = alarmed.get_or_insert(Alarm { since: now, taken: false });
        if !alarm.taken && !self.dry_run {
            let prepared = self.prepared.get();
            alarm.taken = cannot_record(&prepared, &why, alarm.since, now).await;
        }
        Ok(())
    }

    async fn all_clear(&self, since: Timestamp) -> Result<(), StoreFault> {
        let notice = Notice { news: News::Recovered(Recovery::RecordedAgain), since: Some(since) };
        let told = self.facts.bring(move |state, now| {
            let ops = state.orders().ops.clone();
            ops.iter().try_for_each(|destination| state.notify(destination, notice.clone(), now))
        });
        match told.await {
            Err(StoreFault::Closed) => Err(StoreFault::Closed),
            // It is full again: the next alarm says so.
            _ => Ok(()),
        }
    }

    /// After a jump every account is polled before anything is decided, as on a start.
    async fn look_again_first(&self, pulses: &Pulses, by: SignedDuration) -> Result<(), StoreFault> {
        let (span, way) = (coarse(by), if by.is_negative() { "back" } else { "ahead" });
        tracing::warn!("the clock has jumped {span} {way}; every account is polled before anything is decided");
        let known = pulses.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let closing = self.gate.closes_for(known.keys().cloned());
        known.values().for_each(|pulse| pulse.wake());
        let gate = self.gate.clone();
        tokio::spawn(async move {
            tokio::time::sleep(ANSWERS_MAX).await;
            let silent = gate.opens(closing);
            if !silent.is_empty() {
                tracing::warn!(
                    accounts = ?silent,
                    "nobody has answered since the clock jumped; what is due is decided by the clock as it is"
                );
            }
        });
        self.facts.bring(move |state, now| state.clock_jumped(by, now)).await
    }

    /// A destination that has heard nothing for its `keepalive` hears that all is well.
    async fn keep_alive(&self, now: Timestamp) -> Result<(), StoreFault> {
        let prepared = self.prepared.get();
        for (name, destination) in &prepared.settings.destinations {
            let Some(Period::Elapsed(Seconds(seconds))) = destination.keepalive else { continue };
            let (name, silence) = (name.clone(), SignedDuration::from_secs(seconds));
            self.facts
                .bring(move |state, _| {
                    if !state.is_silent_for(&name, silence, now)? {
                        return Ok(());
                    }
                    state.notify(&name, Notice { news: News::Keepalive, since: None }, now)
                })
                .await?;
        }
        Ok(())
    }

    async fn prune(&self, now: Timestamp) -> Result<(), StoreFault> {
        let settings = self.prepared.get().settings.clone();
        let ago =
            |Seconds(long): Seconds| now.saturating_sub(SignedDuration::from_secs(long)).unwrap_or(Timestamp::MIN);
        let (before, personal) = (ago(settings.state.keep), ago(settings.state.forget_personal_after));
        self.facts.bring(move |state, _| state.prune(before, personal, PRUNED_AT_ONCE)).await
    }

    /// Not before every account was polled, or nobody answers: a sign-in that the first poll renews is nobody's trouble.
    async fn mind_expiries(&self, now: Timestamp) -> Result<(), StoreFault> {
        if !self.gate.is_open(now) {
            return Ok(());
        }
        let settings = self.prepared.get().settings.clone();
        self.facts.bring(move |state, now| expiries::mind(state, &settings, now)).await
    }

    /// When the last cycle of whole polls ended, where nothing has gone wrong since.
    fn whole_cycle(&self, pulses: &Pulses) -> Option<Timestamp> {
        let known = pulses.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let pasts: Vec<_> = known.values().map(|pulse| pulse.past()).collect();
        let whole = pasts.iter().all(|past| matches!(past.last, Some((_, Polled::Whole { .. }))));
        // Who cannot record sends nothing: that is no life to be proud of.
        let well = self.vitals.stuck().is_empty() && self.facts.broken().is_none();
        pasts.iter().filter_map(|past| past.last_good).min().filter(|_| whole && well)
    }
}
