//! Delivering to one destination: ask the writer what goes next, render it at the last moment, send it, bring back what
//! became of it. One destination that is slow or dead holds up no other.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    clock::Clock,
    compose::{channel_kind, compose, compose_forecast},
    facts::{Facts, Job, Jobs, Sent},
    forecast,
    gate::Gate,
    latest::Reading,
    prepare::Prepared,
    vitals::Vitals,
    watch::WAIT_MAX,
    whom::addressees,
};
use crate::{
    channels::Reply,
    core::{ids::DestinationName, outbox::RowNumber},
    messages::{
        Form,
        rendered::{Body, Rendered},
    },
    store::StoreFault,
};

/// So many messages are under way at a destination without a rate, at most.
const AT_ONCE: usize = 64;
/// And at one with a rate.
const AT_ONCE_PACED: usize = 4;
/// A result waits so long, at most, for others to be kept in the same commit.
const TOGETHER: Duration = Duration::from_millis(5);
/// No attempt takes longer: every channel has shorter limits of its own.
const ATTEMPT_MAX: Duration = Duration::from_secs(90);
/// While messages wait for polls, or none may go, the queue is looked at so often.
const CLOSED: Duration = Duration::from_secs(10);
/// A writer that has no room is asked again after so long.
const NO_ROOM: Duration = Duration::from_secs(5);

/// One destination's delivery.
pub struct Deliver {
    /// Its name.
    pub destination: DestinationName,
    /// Settings, templates and channels; another value after a reload.
    pub prepared: Reading<Arc<Prepared>>,
    /// The writer.
    pub facts: Facts,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Says when messages may go.
    pub gate: Arc<Gate>,
    /// Where it says that it lives.
    pub vitals: Arc<Vitals>,
    /// Whether to send nothing: what is due is recorded and logged, and left.
    pub dry_run: bool,
}

impl Deliver {
    /// Delivers until told to stop, then finishes what is under way.
    ///
    /// # Errors
    /// The store's, where results cannot be kept and the writer has gone.
    pub async fn run(mut self, stop: CancellationToken) -> Result<(), StoreFault> {
        let mut under_way = UnderWay::default();
        let (mut queued, mut breaks) = (self.facts.queued(), self.facts.breaks());
        let mut gate = self.gate.changes();
        let name = format!("deliver/{}", self.destination);
        let mut shown = BTreeSet::new();
        loop {
            queued.look();
            gate.look();
            breaks.look();
            let turned = match self.dry_run {
                true => self.show(&mut shown).await,
                false => self.turn(&mut under_way).await,
            };
            let wait = match turned {
                Ok(wake) => wake.unwrap_or(WAIT_MAX).min(WAIT_MAX),
                Err(StoreFault::Closed) => break,
                Err(fault) => {
                    tracing::error!(destination = %self.destination, "nothing is sent that cannot be recorded: {fault}");
                    // Where nobody can record anything one asks the disk for all, and its answer is heard below.
                    if self.facts.broken().is_some() { WAIT_MAX } else { NO_ROOM }
                }
            };
            self.vitals.beat(&name, wait.max(ATTEMPT_MAX));
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(done) = under_way.attempts.join_next() => {
                    under_way.ends(done);
                    under_way.half_end().await;
                }
                () = queued.changed() => {}
                () = gate.changed() => {}
                () = breaks.changed() => {}
                () = self.prepared.changed() => {}
                () = self.clock.sleep(wait) => {}
            }
        }
        if self.dry_run {
            return self.show(&mut shown).await.map(drop);
        }
        while let Some(done) = under_way.attempts.join_next().await {
            under_way.ends(done);
            while let Some(done) = under_way.attempts.try_join_next() {
                under_way.ends(done);
            }
            // At once: one that hangs may be cut off, and those that have ended must not be forgotten with it.
            if let Err(fault) = self.keep(&mut under_way, 0).await {
                tracing::error!(destination = %self.destination, "a result cannot be recorded: {fault}");
            }
        }
        self.keep(&mut under_way, 0).await.map(drop)
    }

    /// Brings back what has ended and begins what may go now, both in one commit; says how long to rest.
    async fn turn(&mut self, under_way: &mut UnderWay) -> Result<Option<Duration>, StoreFault> {
        while let Some(done) = under_way.attempts.try_join_next() {
            under_way.ends(done);
        }
        let prepared = self.prepared.look();
        let (most, rest) = self.room(&prepared);
        let free = most.saturating_sub(under_way.attempts.len());
        if free == 0 && under_way.ended.is_empty() {
            return Ok(rest);
        }
        let Jobs { jobs, wake } = self.keep(under_way, free).await?;
        for job in jobs {
            under_way.rows.extend(&job.rows);
            let (prepared, facts, clock) = (prepared.clone(), self.facts.clone(), self.clock.clone());
            under_way.attempts.spawn(async move { attempt(job, &prepared, &facts, clock.as_ref()).await });
        }
        let now = self.clock.now();
        let wake = wake.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
        Ok(rest.into_iter().chain(wake).min())
    }

    /// With `--dry-run`: logs each message that would go out now, once, gathered as they would be.
    async fn show(&self, shown: &mut BTreeSet<RowNumber>) -> Result<Option<Duration>, StoreFault> {
        if !self.gate.lets_digests_pass(self.clock.now()) {
            return Ok(Some(CLOSED));
        }
        let (destination, known) = (self.destination.clone(), shown.clone());
        let (ready, wake) = self.facts.bring(move |state, now| state.would_send(&destination, &known, now)).await?;
        for would in &ready {
            shown.extend(&would.rows);
            tracing::info!(
                destination = %self.destination,
                id = %would.id,
                event = would.event,
                referrals = would.referrals,
                referral = would.referral.as_ref().map(tracing::field::display),
                recipient = would.recipient.as_deref(),
                "would be sent"
            );
        }
        let now = self.clock.now();
        Ok(wake.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default()))
    }

    /// So many messages may be under way now; and how long to rest where that is none for the time being.
    fn room(&self, prepared: &Prepared) -> (usize, Option<Duration>) {
        let Some(lanes) = prepared.orders.lanes.get(&self.destination) else { return (0, None) };
        let digests = lanes.terms.digest_above;
        let digests = [digests.escalations, digests.reminders, digests.rest].iter().any(Option::is_some);
        let may =
            if digests { self.gate.lets_digests_pass(self.clock.now()) } else { self.gate.is_open(self.clock.now()) };
        match (may, lanes.terms.apart.is_zero()) {
            (false, _) => (0, Some(CLOSED)),
            (true, true) => (AT_ONCE, None),
            (true, false) => (AT_ONCE_PACED, None),
        }
    }

    /// Has the writer keep results and hand out the next messages. What cannot be kept stays in hand.
    async fn keep(&self, under_way: &mut UnderWay, free: usize) -> Result<Jobs, StoreFault> {
        let results = Arc::new(std::mem::take(&mut under_way.ended));
        let (kept, destination) = (results.clone(), self.destination.clone());
        let known = under_way.in_doubt.then(|| under_way.rows.clone());
        let brought = self.facts.bring(move |state, now| {
            kept.iter().try_for_each(|sent| state.sent(sent, now))?;
            if let Some(known) = known {
                state.free_unbegun(&destination, &known)?;
            }
            if free == 0 { Ok(Jobs::default()) } else { state.jobs(&destination, free, now) }
        });
        let brought = brought.await;
        under_way.in_doubt = brought.is_err();
        if brought.is_err() {
            under_way.ended.extend(Arc::unwrap_or_clone(results));
        }
        brought
    }
}

/// The attempts of one destination.
#[derive(Default)]
struct UnderWay {
    attempts: JoinSet<Sent>,
    /// The rows of those that have not ended.
    rows: BTreeSet<RowNumber>,
    /// Whether the writer failed last: it may have recorded attempts that were never made.
    in_doubt: bool,
    /// What became of those that have ended, until it is kept.
    ended: Vec<Sent>,
}

impl UnderWay {
    /// Returns when as many have ended as are still under way, so that a commit keeps many results while the rest goes
    /// on; after [`TOGETHER`] in any case.
    async fn half_end(&mut self) {
        let half = async {
            while self.ended.len() < self.attempts.len()
                && let Some(done) = self.attempts.join_next().await
            {
                self.ends(done);
            }
        };
        tokio::time::timeout(TOGETHER, half).await.ok();
    }

    fn ends(&mut self, done: Result<Sent, tokio::task::JoinError>) {
        match done {
            Ok(sent) => {
                self.rows.retain(|row| !sent.rows.contains(row));
                self.ended.push(sent);
            }
            // A panic in one loop ends the process rather than leave a service that looks alive.
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => {}
        }
    }
}

/// Renders and sends one message; what became of it.
async fn attempt(job: Job, prepared: &Prepared, facts: &Facts, clock: &dyn Clock) -> Sent {
    let (reply, mentions) = match render(&job, prepared, facts, clock).await {
        Ok(Some((rendered, mentions))) => (send(&job, &rendered, prepared, clock).await, mentions),
        Ok(None) => (later("the settings have just changed".to_owned()), Vec::new()),
        Err(fault) => (later(format!("what it is to tell cannot be read: {fault}")), Vec::new()),
    };
    count(&job, &reply);
    Sent { lane: job.lane, rows: job.rows, id: job.id, digest: job.digest, mentions, reply }
}

fn later(why: String) -> Reply {
    Reply::TryLater { after: None, why }
}

/// The finished message, and the ids of those whom it mentions, or would where it goes without mentions.
async fn render(
    job: &Job,
    prepared: &Prepared,
    facts: &Facts,
    clock: &dyn Clock,
) -> Result<Option<(Rendered, Vec<String>)>, StoreFault> {
    let content = match &job.scheduled {
        Some(scheduled) => {
            let told = forecast::gather(facts, prepared, &job.lane.0, scheduled.due).await?;
            compose_forecast(job, told, prepared, clock.now())
        }
        None => compose(job, prepared, clock.now()),
    };
    let (Some(content), Some(kind)) = (content, channel_kind(prepared, &job.lane.0)) else { return Ok(None) };
    let (mut rendered, fault) = prepared.templates.render(&content, kind, job.form);
    let mentions = match job.form {
        Form::Full => rendered.mentions.clone(),
        Form::WithoutMentions => content.mention_ids(kind),
        Form::Plain => Vec::new(),
    };
    if let Body::Mail(mail) = &mut rendered.body {
        mail.to = addressees(job, prepared);
    }
    if let Some(fault) = fault {
        let told = super::troubles::template(&fault);
        let raised = facts.bring(move |state, now| state.raise(&told.0, told.1(now), now)).await;
        if let Err(fault) = raised {
            tracing::error!("a template's fault cannot be kept: {fault}");
        }
    }
    Ok(Some((rendered, mentions)))
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
        (Some(notice), ..) => notice.kind().as_str(),
        (None, true, _) => "digest",
        (None, false, None) if job.scheduled.is_some() => "digest",
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
