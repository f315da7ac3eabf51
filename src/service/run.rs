//! The service as a whole: its loops started, reloaded and stopped together. A panic in one loop ends it with an error
//! rather than leave a service that looks alive.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use jiff::SignedDuration;
use secrecy::SecretString;
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{
    account::{self, Glimpsed},
    aside::aside,
    claim_link::ClaimKey,
    clock::Clock,
    deliver::Deliver,
    expiries,
    facts::{Facts, Orders, State, Writer},
    gate::{FIRST_POLLS_MAX, Gate},
    latest::Latest,
    minding::{self, Minding},
    prepare::Prepared,
    pulse::{Past, Polled, Pulse},
    seal::Seal,
    shelf::{self, Shelf},
    vitals::{Stage, Vitals},
    watch::{WAIT_MAX, Watch},
};
use crate::{
    core::{
        ids::{AccountName, DestinationName},
        period::Seconds,
    },
    partner_center::{Client, PollFault},
    settings::AccountSettings,
    store::{Store, StoreFault},
};

/// So many cases are decided on in one turn, so that a page or an attempt never waits long for the writer.
const LOOKS_AT_ONCE: usize = 200;
/// A poll's failures and the waits after them take no longer, in all.
const PATIENCE: Duration = Duration::from_secs(120);
/// Who polls often need not wait so long within one poll, but this long.
const PATIENCE_LEAST: Duration = Duration::from_secs(3);
/// With `--once`.
const PATIENCE_ONCE: Duration = Duration::from_secs(30);
/// With `--once` what is due has so long to be delivered.
const ONCE_MAX: Duration = Duration::from_secs(60);
/// At a stop what is under way has so long to end.
pub const STOP_MAX: Duration = Duration::from_secs(9);

/// How the service is to run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mode {
    /// Poll once, deliver what is due, stop.
    pub once: bool,
    /// Decide and record, send nothing.
    pub dry_run: bool,
    /// Believe a clock that is an hour off.
    pub trust_clock: bool,
    /// The clock is not the machine's: a slow moment of the machine is no jump of it, nor a difference to the server's.
    pub made_up_time: bool,
    /// Everything happens on the caller's thread, in an order that the same events repeat.
    pub one_thread: bool,
    /// How often leadtime minds itself, where that is not every 30 s: weeks that pass in a second need not look so often.
    pub minds_every: Option<Duration>,
}

/// The service, running.
pub struct Service {
    /// The writer.
    pub facts: Facts,
    /// Signs of life.
    pub vitals: Arc<Vitals>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    writer: Mutex<Option<Writer>>,
    prepared: Latest<Arc<Prepared>>,
    gate: Arc<Gate>,
    mode: Mode,
    pulses: Pulses,
    /// What reads each account; others after a reload.
    clients: Mutex<BTreeMap<AccountName, Arc<Client>>>,
    loops: tokio::sync::Mutex<Loops>,
    stop: CancellationToken,
}

#[derive(Default)]
struct Loops {
    /// Ended and begun anew by a reload.
    watches: JoinSet<Result<(), StoreFault>>,
    watches_stop: CancellationToken,
    /// Live as long as the service.
    lasting: JoinSet<Result<(), StoreFault>>,
    delivering: BTreeSet<DestinationName>,
}

/// Each account's watch, as others see it; another set after a reload.
pub type Pulses = Arc<Mutex<BTreeMap<AccountName, Arc<Pulse>>>>;

/// Why the service ended by itself, or could not begin.
#[derive(Debug, thiserror::Error)]
pub enum ServiceFault {
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// Why a new sign-in is not in use.
#[derive(Debug, thiserror::Error)]
pub enum NotAdopted {
    /// The settings in force do not have it.
    #[error("there is no such account")]
    NoAccount,
    /// It is saved, and the service stops.
    #[error("leadtime is stopping")]
    Stopping,
    /// It is not saved.
    #[error(transparent)]
    Fault(#[from] PollFault),
}

impl Service {
    /// Starts every loop over an open store.
    ///
    /// # Errors
    /// The store's, while memory is read from it.
    pub async fn start(
        store: Arc<dyn Store>,
        prepared: Prepared,
        clock: Arc<dyn Clock>,
        mode: Mode,
        vitals: Arc<Vitals>,
    ) -> Result<Arc<Self>, ServiceFault> {
        let (orders, writers_clock) = (prepared.orders.clone(), clock.clone());
        let (facts, writer) = match mode.one_thread {
            true => Facts::start_here(store, orders, writers_clock)?,
            false => aside(move || Facts::start(store, orders, writers_clock)).await?,
        };
        let once = mode.once;
        facts.bring(move |state, _| state.runs_once(once)).await?;
        let prepared = with_claim_key(prepared, &facts).await;
        let gate = Arc::new(Gate::new(prepared.settings.accounts.keys().cloned()));
        if !mode.made_up_time {
            gate.minds_jumps(clock.now());
        }
        let service = Arc::new(Self {
            facts,
            vitals,
            clock,
            writer: Mutex::new(Some(writer)),
            prepared: Latest::new(Arc::new(prepared)),
            gate,
            mode,
            pulses: Pulses::default(),
            clients: Mutex::default(),
            loops: tokio::sync::Mutex::default(),
            stop: CancellationToken::new(),
        });
        service.begin().await?;
        service.vitals.reaches(Stage::Running);
        Ok(service)
    }

    async fn begin(&self) -> Result<(), ServiceFault> {
        self.seal_tokens().await;
        let mut loops = self.loops.lock().await;
        self.watch_all(&mut loops);
        self.deliver_all(&mut loops);
        let look = Looks { facts: self.facts.clone(), clock: self.clock.clone(), gate: self.gate.clone() };
        loops.lasting.spawn(look.run(self.vitals.clone(), self.stop.clone()));
        let minding = Minding {
            facts: self.facts.clone(),
            clock: self.clock.clone(),
            gate: self.gate.clone(),
            prepared: self.prepared.reading(),
            vitals: self.vitals.clone(),
            dry_run: self.mode.dry_run,
            every: self.mode.minds_every.unwrap_or(minding::TURN),
        };
        loops.lasting.spawn(minding.run(self.pulses.clone(), self.stop.clone()));
        Ok(())
    }

    /// Seals what lies open since there was no key. While no watch is there to keep another token; a disk that takes
    /// nothing is no reason not to start: a token that is renewed is sealed then.
    async fn seal_tokens(&self) {
        let seal = Seal::of(&self.prepared.get().settings.state);
        match self.facts.bring(move |state, _| shelf::seal_all(state, &seal)).await {
            Ok(0) => {}
            Ok(sealed) => tracing::info!(
                sealed,
                "refresh tokens were sealed by [state] key; older copies may stay in the state folder until it is written over"
            ),
            Err(fault) => tracing::warn!("refresh tokens that lie open could not be sealed: {fault}"),
        }
    }

    fn watch_all(&self, loops: &mut Loops) {
        let prepared = self.prepared.get();
        let count = u32::try_from(prepared.settings.accounts.len().max(1)).unwrap_or(u32::MAX);
        let (mut pulses, mut clients) = (BTreeMap::new(), BTreeMap::new());
        // Before the first watch begins: a poll that ends at once must not be awaited afterwards.
        let closing = self.gate.closes_for(prepared.settings.accounts.keys().cloned());
        loops.watches_stop = self.stop.child_token();
        for (place, (name, account)) in (0_u32..).zip(&prepared.settings.accounts) {
            let known = self.pulse(name);
            let pulse = known.unwrap_or_default();
            pulses.insert(name.clone(), pulse.clone());
            let watch = self.watch(&prepared, name, pulse);
            clients.insert(name.clone(), watch.client.clone());
            // Accounts are spread over the interval, each polled at once the first time.
            let spread = seconds(account.poll_every) / count * place;
            loops.watches.spawn(watch.run(spread, loops.watches_stop.clone()));
        }
        *self.pulses.lock().unwrap_or_else(PoisonError::into_inner) = pulses;
        *self.clients.lock().unwrap_or_else(PoisonError::into_inner) = clients;
        self.open_in_time(loops, closing);
    }

    fn watch(&self, prepared: &Prepared, name: &AccountName, pulse: Arc<Pulse>) -> Watch {
        let settings = &prepared.settings.accounts[name];
        let client = self.client(prepared, name, settings);
        let poll_every = seconds(settings.poll_every);
        let stale = seconds(prepared.settings.ops.stale_after).max(poll_every.saturating_mul(3));
        Watch {
            account: name.clone(),
            client: Arc::new(client),
            poll_every,
            patience: if self.mode.once { PATIENCE_ONCE } else { PATIENCE.min(poll_every.max(PATIENCE_LEAST)) },
            stale_after: SignedDuration::try_from(stale).unwrap_or(SignedDuration::MAX),
            trust_clock: self.mode.trust_clock,
            compares_clocks: !self.mode.made_up_time,
            facts: self.facts.clone(),
            clock: self.clock.clone(),
            gate: self.gate.clone(),
            pulse,
            once: self.mode.once,
            vitals: self.vitals.clone(),
            skewed: AtomicBool::new(true),
        }
    }

    /// A client that keeps what it is given on the service's own shelf.
    fn client(&self, prepared: &Prepared, name: &AccountName, settings: &AccountSettings) -> Client {
        let shelf = Arc::new(Shelf::new(self.facts.clone(), Seal::of(&prepared.settings.state)));
        let reading = account::reading(name, settings);
        Client::new(reading, settings.refresh_token.clone(), shelf, self.clock.clone(), prepared.partner_center.clone())
    }

    /// Signs in an account anew and reads one page, past its watch; `None` where the settings in force do not have it.
    /// By the watch's own client: another one's renewal could save the token of an old sign-in over that of a new one.
    pub async fn glimpse(&self, name: &AccountName, patience: Duration) -> Option<Glimpsed> {
        let client = self.reader(name)?;
        Some(account::glimpse(&client, name, patience, self.clock.as_ref()).await)
    }

    fn deliver_all(&self, loops: &mut Loops) {
        let prepared = self.prepared.get();
        for destination in prepared.settings.destinations.keys() {
            if loops.delivering.insert(destination.clone()) {
                let deliver = Deliver {
                    destination: destination.clone(),
                    prepared: self.prepared.reading(),
                    facts: self.facts.clone(),
                    clock: self.clock.clone(),
                    gate: self.gate.clone(),
                    vitals: self.vitals.clone(),
                    dry_run: self.mode.dry_run,
                };
                loops.lasting.spawn(deliver.run(self.stop.clone()));
            }
        }
    }

    /// Messages wait for the first polls, but not for ever.
    fn open_in_time(&self, loops: &mut Loops, closing: u64) {
        let (gate, stop) = (self.gate.clone(), self.stop.clone());
        loops.lasting.spawn(async move {
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = tokio::time::sleep(FIRST_POLLS_MAX) => drop(gate.opens(closing)),
            }
            Ok(())
        });
    }

    /// Puts other settings in force: every account is polled at once, and nothing goes out before that.
    ///
    /// # Errors
    /// The store's; a client that cannot be made. The old settings stay in force then.
    pub async fn reload(&self, prepared: Prepared) -> Result<(), ServiceFault> {
        let closing = self.gate.closes_for(prepared.settings.accounts.keys().cloned());
        if let Err(fault) = self.put_in_force(&prepared.orders).await {
            self.open_in_time(&mut *self.loops.lock().await, closing);
            return Err(fault.into());
        }
        self.prepared.set(Arc::new(with_claim_key(prepared, &self.facts).await));
        let mut loops = self.loops.lock().await;
        loops.watches_stop.cancel();
        while let Some(ended) = loops.watches.join_next().await {
            ended.map_err(panicked)??;
        }
        self.seal_tokens().await;
        self.watch_all(&mut loops);
        self.deliver_all(&mut loops);
        Ok(())
    }

    /// Gives the writer other orders. It has them although a full disk takes nothing: what they change is written later.
    async fn put_in_force(&self, orders: &Arc<Orders>) -> Result<(), StoreFault> {
        let (given, wanted) = (orders.clone(), orders.clone());
        let brought = self.facts.bring(move |state: &mut State, now| state.reload(given, now)).await;
        let Err(fault) = brought else { return Ok(()) };
        let has = self.facts.bring(move |state, _| Ok(Arc::ptr_eq(state.orders(), &wanted))).await;
        if has.unwrap_or(false) { Ok(()) } else { Err(fault) }
    }

    /// Returns when a loop ends that should not, with its error; a panic in it goes on here.
    ///
    /// # Errors
    /// The store's, where the writer has gone.
    pub async fn fails(&self) -> Result<(), ServiceFault> {
        let mut turn = tokio::time::interval(Duration::from_secs(1));
        loop {
            turn.tick().await;
            self.writer_lives()?;
            let mut loops = self.loops.lock().await;
            while let Some(ended) = loops.lasting.try_join_next() {
                ended.map_err(panicked)??;
            }
            while let Some(ended) = loops.watches.try_join_next() {
                ended.map_err(panicked)??;
            }
        }
    }

    fn writer_lives(&self) -> Result<(), ServiceFault> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match writer.take_if(|writer| writer.has_ended()) {
            Some(ended) => Ok(ended.join()?),
            None => Ok(()),
        }
    }

    /// With `--once`: waits for the polls and for what is due, then says whether every poll was whole and all was
    /// delivered.
    ///
    /// # Errors
    /// The store's.
    pub async fn once(&self) -> Result<bool, ServiceFault> {
        loop {
            let ended = self.loops.lock().await.watches.join_next().await;
            match ended {
                Some(ended) => ended.map_err(panicked)??,
                None => break,
            }
        }
        let settings = self.prepared().settings.clone();
        self.facts.bring(move |state, now| expiries::mind(state, &settings, now)).await?;
        let polled = self.pasts().values().all(|past| matches!(past.last, Some((_, Polled::Whole { .. }))));
        let began = Instant::now();
        let mut queued = self.facts.queued();
        loop {
            let (looks, sends, given_up) = self
                .facts
                .bring(|state, now| {
                    let looks = state.next_look().is_some_and(|at| at <= now);
                    Ok((looks, state.has_left_to_send(now), state.given_up()))
                })
                .await?;
            if !looks && (!sends || self.mode.dry_run) {
                return Ok(polled && given_up == 0);
            }
            if began.elapsed() >= ONCE_MAX {
                return Ok(false);
            }
            tokio::select! {
                biased;
                () = queued.changed() => {}
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
        }
    }

    /// Stops every loop, finishes what is under way and leaves the store clean; 10 s at most.
    ///
    /// # Errors
    /// What could not be written on leaving.
    pub async fn stop(&self) -> Result<(), ServiceFault> {
        self.vitals.reaches(Stage::Stopping);
        self.stop.cancel();
        let mut loops = self.loops.lock().await;
        let ended = async {
            while let Some(ended) = loops.lasting.join_next().await {
                ended.map_err(panicked)??;
            }
            while let Some(ended) = loops.watches.join_next().await {
                ended.map_err(panicked)??;
            }
            Ok::<(), ServiceFault>(())
        };
        match tokio::time::timeout(STOP_MAX, ended).await {
            Ok(ended) => ended?,
            Err(_) => tracing::warn!("what was under way has not ended in 9 s; it is sent again as a possible repeat"),
        }
        loops.lasting.abort_all();
        loops.watches.abort_all();
        self.facts.bring(|state, _| state.flush_records().map(|()| state.store().clone())).await?.close()?;
        Ok(())
    }

    /// Whether it sends nothing.
    pub fn is_dry_run(&self) -> bool {
        self.mode.dry_run
    }

    /// Takes a new sign-in of an account: its token is saved, the one before is forgotten, and the account is polled at once.
    /// How that poll went, and how many referrals were known to be open before it.
    ///
    /// # Errors
    /// No such account; a token that cannot be saved; a service that stops.
    pub async fn adopt(&self, name: &AccountName, token: SecretString) -> Result<(Polled, usize), NotAdopted> {
        let (Some(client), Some(pulse)) = (self.reader(name), self.pulse(name)) else {
            return Err(NotAdopted::NoAccount);
        };
        let account = name.clone();
        let open = self.facts.bring(move |state, _| Ok(state.open_count(&account))).await;
        client.adopt(token).await?;
        tracing::info!(account = %name, "somebody has signed in; polling at once");
        pulse.begins_anew();
        let polled = pulse.poll_now().await.ok_or(NotAdopted::Stopping)?;
        Ok((polled, open.unwrap_or_default()))
    }

    /// What the settings say now.
    pub fn prepared(&self) -> Arc<Prepared> {
        self.prepared.get()
    }

    /// How each account's watch went so far.
    pub fn pasts(&self) -> BTreeMap<AccountName, Past> {
        self.pulses().into_iter().map(|(name, pulse)| (name, pulse.past())).collect()
    }

    /// Each account's watch.
    pub fn pulses(&self) -> BTreeMap<AccountName, Arc<Pulse>> {
        self.pulses.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn reader(&self, name: &AccountName) -> Option<Arc<Client>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn pulse(&self, name: &AccountName) -> Option<Arc<Pulse>> {
        self.pulses.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

/// Gives messages what their claim links are signed with. A disk that takes nothing leaves them without links until there
/// is room: a link is good only if its key is kept.
async fn with_claim_key(prepared: Prepared, facts: &Facts) -> Prepared {
    let seal = Seal::of(&prepared.settings.state);
    let claim_key = match facts.bring(move |state, _| ClaimKey::of_store(state, &seal)).await {
        Ok(key) => key,
        Err(fault) => {
            tracing::warn!("messages hold no claim links until the next start or reload: {fault}");
            None
        }
    };
    Prepared { claim_key, ..prepared }
}

/// Decides again on what time has made due.
struct Looks {
    facts: Facts,
    clock: Arc<dyn Clock>,
    gate: Arc<Gate>,
}

impl Looks {
    async fn run(self, vitals: Arc<Vitals>, stop: CancellationToken) -> Result<(), StoreFault> {
        let (mut queued, mut breaks) = (self.facts.queued(), self.facts.breaks());
        let mut gate = self.gate.changes();
        loop {
            queued.look();
            gate.look();
            breaks.look();
            let wait = self.turn().await?;
            vitals.beat("looks", wait);
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                () = self.clock.sleep(wait) => {}
                () = queued.changed() => {}
                () = gate.changed() => {}
                () = breaks.changed() => {}
            }
        }
    }

    async fn turn(&self) -> Result<Duration, StoreFault> {
        while self.gate.is_open(self.clock.now()) {
            let looked = self.facts.bring(|state, now| Ok((state.look(LOOKS_AT_ONCE, now)?, state.next_look()))).await;
            match looked {
                Ok((true, _)) => {}
                Ok((false, next)) => {
                    let now = self.clock.now();
                    let until = next.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
                    return Ok(until.unwrap_or(WAIT_MAX).min(WAIT_MAX));
                }
                Err(StoreFault::Closed) => return Err(StoreFault::Closed),
                Err(fault) => {
                    tracing::error!("what is due cannot be recorded: {fault}");
                    // Where nobody can record anything one asks the disk for all: `minding`.
                    let again = if self.facts.broken().is_some() { WAIT_MAX } else { Duration::from_secs(5) };
                    return Ok(again);
                }
            }
        }
        Ok(WAIT_MAX)
    }
}

fn seconds(Seconds(seconds): Seconds) -> Duration {
    Duration::from_secs(seconds.unsigned_abs())
}

fn panicked(error: tokio::task::JoinError) -> ServiceFault {
    if error.is_panic() {
        std::panic::resume_unwind(error.into_panic());
    }
    ServiceFault::Store(StoreFault::Closed)
}
