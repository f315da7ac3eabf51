//! Delivering to one destination: ask the writer what goes next, render it at the last moment, send it, bring back what
//! became of it. One destination that is slow or dead holds up no other.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;

use super::{
    clock::Clock,
    compose::{channel_kind, compose},
    facts::{Facts, Job, Jobs, Sent},
    gate::Gate,
    prepare::Prepared,
    vitals::Vitals,
    watch::WAIT_MAX,
};
use crate::{
    channels::Reply,
    core::ids::DestinationName,
    messages::{Form, rendered::Rendered},
    store::StoreFault,
};

/// So many messages are under way at a destination without a rate, at most.
const AT_ONCE: usize = 32;
/// And at one with a rate.
const AT_ONCE_PACED: usize = 4;
/// No attempt takes longer: every channel has shorter limits of its own.
const ATTEMPT_MAX: Duration = Duration::from_secs(90);
/// A writer that has no room is asked again after so long.
const NO_ROOM: Duration = Duration::from_secs(5);

/// One destination's delivery.
pub struct Deliver {
    /// Its name.
    pub destination: DestinationName,
    /// Settings, templates and channels; another value after a reload.
    pub prepared: watch::Receiver<Arc<Prepared>>,
    /// The writer.
    pub facts: Facts,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Says when messages may go.
    pub gate: Arc<Gate>,
    /// Where it says that it lives.
    pub vitals: Arc<Vitals>,
    /// Whether to send nothing: what is due is recorded and shown, and left.
    pub dry_run: bool,
}

impl Deliver {
    /// Delivers until told to stop, then finishes what is under way.
    ///
    /// # Errors
    /// The store's, where results cannot be kept and the writer has gone.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), StoreFault> {
        let mut under_way: JoinSet<Result<(), StoreFault>> = JoinSet::new();
        let mut queued = self.facts.queued();
        let mut gate = self.gate.changes();
        let name = format!("deliver/{}", self.destination);
        loop {
            queued.borrow_and_update();
            gate.borrow_and_update();
            let wake = match self.begin(&mut under_way).await {
                Ok(wake) => wake,
                Err(StoreFault::Closed) => break,
                Err(fault) => {
                    tracing::error!(destination = %self.destination, "nothing is sent that cannot be recorded: {fault}");
                    Some(NO_ROOM)
                }
            };
            let wait = wake.unwrap_or(WAIT_MAX).min(WAIT_MAX);
            self.vitals.beat(&name, wait.max(ATTEMPT_MAX));
            tokio::select! {
                Some(done) = under_way.join_next() => ended(done)?,
                _ = queued.changed() => {}
                _ = gate.changed() => {}
                _ = self.prepared.changed() => {}
                () = self.clock.sleep(wait) => {}
                () = stop.cancelled() => break,
            }
        }
        while let Some(done) = under_way.join_next().await {
            ended(done)?;
        }
        Ok(())
    }

    /// Begins what may go now; says how long to rest.
    async fn begin(&mut self, under_way: &mut JoinSet<Result<(), StoreFault>>) -> Result<Option<Duration>, StoreFault> {
        let prepared = self.prepared.borrow_and_update().clone();
        let Some(lanes) = prepared.orders.lanes.get(&self.destination) else { return Ok(None) };
        let digests = lanes.terms.digest_above;
        let digests = [digests.escalations, digests.reminders, digests.rest].iter().any(Option::is_some);
        let now = self.clock.now();
        let may = if digests { self.gate.lets_digests_pass(now) } else { self.gate.is_open() };
        if !may || self.dry_run {
            return Ok(Some(Duration::from_secs(10)));
        }
        let most = if lanes.terms.apart.is_zero() { AT_ONCE } else { AT_ONCE_PACED };
        let free = most.saturating_sub(under_way.len());
        if free == 0 {
            return Ok(None);
        }
        let destination = self.destination.clone();
        let Jobs { jobs, wake } = self.facts.bring(move |state, now| state.jobs(&destination, free, now)).await?;
        for job in jobs {
            let (prepared, facts, clock) = (prepared.clone(), self.facts.clone(), self.clock.clone());
            under_way.spawn(async move { attempt(job, &prepared, &facts, clock.as_ref()).await });
        }
        let now = self.clock.now();
        Ok(wake.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default()))
    }
}

/// Renders and sends one message, and brings back what became of it.
async fn attempt(job: Job, prepared: &Prepared, facts: &Facts, clock: &dyn Clock) -> Result<(), StoreFault> {
    let reply = match render(&job, prepared, facts, clock).await {
        Some(rendered) => send(&job, &rendered, prepared, clock).await,
        None => Reply::TryLater { after: None, why: "the settings have just changed".to_owned() },
    };
    count(&job, &reply);
    let sent = Sent { lane: job.lane, rows: job.rows, id: job.id, digest: job.digest, reply };
    loop {
        let (sent, now) = (sent.clone(), clock.now());
        match facts.bring(move |state, _| state.sent(&sent, now)).await {
            Ok(()) => return Ok(()),
            Err(StoreFault::Closed) => return Err(StoreFault::Closed),
            // What became of it is kept in hand until there is room for it.
            Err(fault) => tracing::error!("what became of a message cannot be kept yet: {fault}"),
        }
        clock.sleep(NO_ROOM).await;
    }
}

async fn render(job: &Job, prepared: &Prepared, facts: &Facts, clock: &dyn Clock) -> Option<Rendered> {
    let content = compose(job, prepared, clock.now())?;
    let kind = channel_kind(prepared, &job.lane.0)?;
    let form = if job.plain { Form::Plain } else { Form::Full };
    let (rendered, fault) = prepared.templates.render(&content, kind, form);
    if let Some(fault) = fault {
        let told = super::troubles::template(&fault);
        let raised = facts.bring(move |state, now| state.raise(&told.0, told.1(now), now)).await;
        if let Err(fault) = raised {
            tracing::error!("a template's fault cannot be kept: {fault}");
        }
    }
    Some(rendered)
}

async fn send(job: &Job, rendered: &Rendered, prepared: &Prepared, clock: &dyn Clock) -> Reply {
    let Some(channel) = prepared.channels.get(&job.lane.0) else {
        return Reply::TryLater { after: None, why: "the settings have just changed".to_owned() };
    };
    let attempt = channel.send(rendered, job.lane.1.as_deref(), clock.now());
    match tokio::time::timeout(ATTEMPT_MAX, attempt).await {
        Ok(reply) => reply,
        Err(_) => Reply::NoAnswer { why: "no answer within 90 s".to_owned() },
    }
}

fn count(job: &Job, reply: &Reply) {
    let outcome = match reply {
        Reply::Accepted { .. } => "accepted",
        Reply::TryLater { .. } => "try_later",
        Reply::NoAnswer { .. } => "no_answer",
        Reply::MessageRefused { .. } => "message_refused",
        Reply::DestinationRefused { .. } => "destination_refused",
    };
    let event = match (&job.notice, job.digest, job.items.first()) {
        (Some(notice), ..) => notice.kind.as_str(),
        (None, true, _) => "digest",
        (None, false, item) => item.map_or("new", |item| item.line.event.as_str()),
    };
    let labels =
        [("destination", job.lane.0.to_string()), ("event", event.to_owned()), ("outcome", outcome.to_owned())];
    metrics::counter!("leadtime_messages_total", &labels).increment(1);
    match reply.why() {
        Some(why) => {
            tracing::warn!(destination = %job.lane.0, id = %job.id, outcome, "a message was not accepted: {why}");
        }
        None => tracing::info!(destination = %job.lane.0, id = %job.id, event, referrals = job.items.len(), "sent"),
    }
}

fn ended(done: Result<Result<(), StoreFault>, tokio::task::JoinError>) -> Result<(), StoreFault> {
    match done {
        Ok(ended) => ended,
        // A panic in one loop ends the process rather than leave a service that looks alive.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Ok(()),
    }
}
