//! `leadtime run`: the service, until it is told to stop.

use std::{
    net::SocketAddr,
    ops::ControlFlow,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{BAD_USAGE, Common, DONE, FAILED, findings};
use crate::{
    core::{
        notice::{self, Recovery},
        period::Seconds,
    },
    service::{
        clock::RealClock,
        facts::Trouble,
        prepare::{Prepared, prepare},
        run::{Mode, Service, ServiceFault},
        vitals::Vitals,
    },
    settings::{self, Look, Settings, Warning},
    store::{self, SledStore, Store, StoreFault, owner},
    web::{
        Desk, Door,
        listen::{self, NotOpen, SocketFile},
        measures,
        reload::{Reloaded, Shown},
        router,
    },
};

/// Runs the service: polls, decides, delivers, until SIGTERM or SIGINT.
///
/// At a signal it finishes what is in flight, 10 s at most, and exits 0. SIGHUP reads the settings again, as `leadtime
/// reload` does; bad ones are reported, and the old stay in force.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  leadtime run\n  leadtime run --once          # from a timer: exit 0 if every poll was whole and all was delivered\n  leadtime run --dry-run       # decide and record, send nothing"
)]
pub struct Args {
    /// One whole poll of every account, deliver what is due (60 s at most), stop.
    #[arg(long)]
    once: bool,
    /// Decide and record, send nothing; what would be sent is logged.
    #[arg(long)]
    dry_run: bool,
    /// Go on deciding although our clock and Partner Center's differ by more than an hour.
    #[arg(long)]
    trust_clock: bool,
}

/// Who has let go of the state has let go of its port within this time.
const PORT_WAIT: Duration = Duration::from_secs(10);
/// It is tried again so often.
const PORT_POLL: Duration = Duration::from_millis(100);

/// Why it ends with an error.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Service(#[from] ServiceFault),
    #[error(transparent)]
    Store(#[from] StoreFault),
    #[error(transparent)]
    Listen(#[from] NotOpen),
    #[error("signals cannot be heard: {0}; raise the limits of this machine or container")]
    Signals(std::io::Error),
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    let prepared = match prepare(&common.config, settings::environment()) {
        Ok((prepared, warnings)) => {
            warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
            prepared
        }
        Err(faults) => {
            findings::show(&faults.faults, &faults.warnings);
            return BAD_USAGE;
        }
    };
    match serve(common, args, prepared).await {
        Ok(code) => code,
        Err(fault) => {
            tracing::error!("{fault}");
            FAILED
        }
    }
}

async fn serve(common: &Common, args: &Args, prepared: Prepared) -> Result<u8, Ended> {
    let began = Instant::now();
    let mut signals = Signals::new().map_err(Ended::Signals)?;
    let vitals = Arc::new(Vitals::default());
    let clock = Arc::new(RealClock);
    let settings = prepared.settings.clone();
    let mut questions = Questions::new(Desk::new(settings.clone(), vitals.clone()));
    // Before the store: who stands by for another's lock answers probes.
    let later = !args.once && questions.listen_or_stand_by().await?;
    let store = tokio::select! {
        store = open(&prepared) => store?,
        () = signals.stop() => return Ok(DONE),
    };
    if later {
        tokio::select! {
            open = questions.listen_in_time() => open?,
            () = signals.stop() => return Ok(DONE),
        }
    }
    let mode = Mode { once: args.once, dry_run: args.dry_run, trust_clock: args.trust_clock, ..Mode::default() };
    measures::begin(&settings);
    let service = Service::start(store, prepared, clock, mode, vitals).await?;
    questions.desk.serves(service.clone());
    if !args.once {
        questions.open_socket();
    }
    tracing::info!(
        ready_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        listen = questions.listening.map(tracing::field::display),
        dry_run = args.dry_run,
        "leadtime runs: {settings}"
    );
    let outcome = if args.once {
        tokio::select! {
            done = service.once() => done.map(|whole| if whole { DONE } else { FAILED }),
            failed = service.fails() => failed.map(|()| FAILED),
            () = signals.stop() => Ok(FAILED),
        }
    } else {
        until_stopped(common, &service, &mut signals, &questions.desk).await
    };
    // Side by side: together they have 10 s.
    let (stopped, ()) = tokio::join!(service.stop(), questions.end());
    let code = outcome?;
    stopped?;
    Ok(code)
}

/// Where questions are answered while the service runs.
struct Questions {
    desk: Desk,
    listening: Option<SocketAddr>,
    socket: Option<SocketFile>,
    serving: JoinSet<()>,
    stop: CancellationToken,
}

impl Questions {
    fn new(desk: Desk) -> Self {
        Self { desk, listening: None, socket: None, serving: JoinSet::new(), stop: CancellationToken::new() }
    }

    /// Opens `[web] listen`, where it is not off.
    async fn listen(&mut self) -> Result<(), NotOpen> {
        let settings = self.desk.settings();
        let Some(address) = settings.web.listen else { return Ok(()) };
        let listener = listen::bind(address).await?;
        let address = listener.local_addr().unwrap_or(address);
        if !address.ip().is_loopback() && settings.web.password.is_none() {
            tracing::warn!(
                "[web] listen is open to other machines and there is no password: only health and metrics answer"
            );
        }
        self.listening = Some(address);
        self.serving.spawn(listen::serve(
            listener,
            router(self.desk.clone(), Door::Listen(address)),
            self.stop.clone(),
        ));
        Ok(())
    }

    /// Opens `[web] listen`; but where another instance has the state, and the port with it, both are waited for. Whether the
    /// port is still to be opened.
    async fn listen_or_stand_by(&mut self) -> Result<bool, NotOpen> {
        match self.listen().await {
            Err(fault) if fault.taken && store::is_held(&self.desk.settings().state.path) => {
                tracing::warn!(
                    "another leadtime has the state, and [web] listen is taken: until this one takes over, it answers no \
                     probe of its own; with another LEADTIME_WEB__LISTEN it does"
                );
                Ok(true)
            }
            opened => opened.map(|()| false),
        }
    }

    /// Opens `[web] listen` after somebody who stops, and is given a moment to finish its answers.
    async fn listen_in_time(&mut self) -> Result<(), NotOpen> {
        let began = Instant::now();
        loop {
            match self.listen().await {
                Err(fault) if fault.taken && began.elapsed() < PORT_WAIT => tokio::time::sleep(PORT_POLL).await,
                opened => return opened,
            }
        }
    }

    /// Opens the socket in the state folder, by which commands reach the service. Only who has the store may.
    fn open_socket(&mut self) {
        let path = self.desk.settings().state.socket_path();
        match listen::bind_socket(&path) {
            Ok((listener, file)) => {
                self.socket = Some(file);
                let router = router(self.desk.clone(), Door::Socket);
                self.serving.spawn(listen::serve(listener, router, self.stop.clone()));
            }
            Err(error) => tracing::warn!(
                "the socket {} cannot be made: {error}; commands reach this leadtime by [web] listen with the password \
                 only, or set [state] socket to a path on a local disk",
                path.display()
            ),
        }
    }

    async fn end(mut self) {
        self.stop.cancel();
        while self.serving.join_next().await.is_some() {}
    }
}

async fn until_stopped(
    common: &Common,
    service: &Service,
    signals: &mut Signals,
    desk: &Desk,
) -> Result<u8, ServiceFault> {
    let mut wishes = desk.reloads().taken();
    loop {
        let wish = async {
            match &mut wishes {
                Some(wishes) => wishes.recv().await,
                None => std::future::pending().await,
            }
        };
        let wish = tokio::select! {
            failed = service.fails() => {
                failed?;
                continue;
            }
            Some(wish) = wish => Some(wish),
            told = signals.next() => match told {
                Told::Stop => {
                    tracing::info!("leadtime stops");
                    return Ok(DONE);
                }
                Told::Reload => None,
            },
        };
        // A stop does not wait for a reload to end.
        let reloaded = tokio::select! {
            reloaded = reload(common, service, desk.settings_of_start(), wish.as_ref().map_or(Look::PLAIN, |wish| wish.look)) => reloaded?,
            () = signals.stop() => {
                tracing::info!("leadtime stops");
                return Ok(DONE);
            }
        };
        // Whoever asked may have gone.
        if let Some(wish) = wish {
            drop(wish.tell.send(reloaded));
        }
    }
}

/// Reads the settings again, and says what came of it. Bad ones are told, and the old stay in force. What has changed since
/// the start and takes effect with the next is told each time.
///
/// # Errors
/// The service's, where it cannot go on.
pub async fn reload(
    common: &Common,
    service: &Service,
    started: &Settings,
    look: Look,
) -> Result<Reloaded, ServiceFault> {
    match prepare(&common.config, settings::environment()) {
        Ok((prepared, warnings)) => put_in_force(service, started, prepared, &warnings, look).await,
        Err(fault) => {
            let text = fault.to_string();
            tracing::error!("the settings have faults, so the old stay in force: {text}");
            let first: Vec<String> = text.lines().take(5).map(str::to_owned).collect();
            let raised = service.facts.bring(move |state, now| {
                let what = notice::Trouble::SettingsFaulty { lines: first };
                state.raise("settings", Trouble::new(now, what), now)
            });
            Ok(Reloaded {
                ok: false,
                summary: "the settings have faults, so the old ones stay in force".to_owned(),
                faults: fault.faults.iter().map(|fault| Shown::of(fault, false, look)).collect(),
                warnings: fault.warnings.iter().map(|warning| Shown::of(warning, true, look)).collect(),
                needs_start: Vec::new(),
                why: bearable(raised.await.map_err(ServiceFault::from))?,
            })
        }
    }
}

async fn put_in_force(
    service: &Service,
    started: &Settings,
    prepared: Prepared,
    warnings: &[Warning],
    look: Look,
) -> Result<Reloaded, ServiceFault> {
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    let needs_start = what_needs_a_start(started, &prepared.settings);
    for key in &needs_start {
        tracing::warn!("{key} has changed; that takes effect when leadtime is started anew");
    }
    measures::begin(&prepared.settings);
    let summary = prepared.settings.to_string();
    let why = bearable(service.reload(prepared).await)?;
    let cleared = service.facts.bring(|state, now| state.clear("settings", Recovery::SettingsInForce, now));
    let why = why.or(bearable(cleared.await.map_err(ServiceFault::from))?);
    tracing::info!("the settings were read again");
    let warnings = warnings.iter().map(|warning| Shown::of(warning, true, look)).collect();
    Ok(Reloaded { ok: why.is_none(), summary, faults: Vec::new(), warnings, needs_start, why })
}

/// A disk that takes nothing is no reason to end: who runs goes on, and readiness tells of it. Says what went wrong.
fn bearable(done: Result<(), ServiceFault>) -> Result<Option<String>, ServiceFault> {
    match done {
        Err(fault @ ServiceFault::Store(StoreFault::Closed)) => Err(fault),
        Err(fault) => {
            let why = format!("the reload was not whole: {fault}; when that is mended, reload again");
            tracing::error!("{why}");
            Ok(Some(why))
        }
        Ok(()) => Ok(None),
    }
}

/// What a reload cannot change is said, not passed over.
fn what_needs_a_start(started: &Settings, new: &Settings) -> Vec<String> {
    let moved = [
        ("[web] listen", started.web.listen != new.web.listen),
        ("[state] path", started.state.path != new.state.path),
        ("[state] socket", started.state.socket_path() != new.state.socket_path()),
    ];
    moved.iter().filter(|(_, moved)| *moved).map(|(key, _)| (*key).to_owned()).collect()
}

/// Opens the store, standing by while another instance holds it.
async fn open(prepared: &Prepared) -> Result<Arc<dyn Store>, StoreFault> {
    let path: PathBuf = prepared.settings.state.path.clone();
    let shown = path.clone();
    let Seconds(wait) = prepared.settings.state.wait_for_lock;
    let opened = tokio::task::spawn_blocking(move || {
        let mut told = false;
        SledStore::open_waiting(&path, Duration::from_secs(wait.unsigned_abs()), Duration::from_millis(100), |waited| {
            if !told && waited >= Duration::from_secs(1) {
                told = true;
                tracing::info!("another leadtime holds the state; this one stands by and takes over");
            }
            ControlFlow::Continue(())
        })
    });
    let store = opened.await.unwrap_or(Err(StoreFault::Closed))?;
    if let Some(mode) = owner::open_to_all(&shown) {
        let shown = shown.display();
        tracing::warn!(
            "the state folder {shown} is open to every user of this machine (mode {mode:04o}): chmod 700 {shown}"
        );
    }
    Ok(Arc::new(store))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Stop,
    Reload,
}

struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            hangup: signal(SignalKind::hangup())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> Told {
        tokio::select! {
            _ = self.terminate.recv() => Told::Stop,
            _ = self.interrupt.recv() => Told::Stop,
            _ = self.hangup.recv() => Told::Reload,
        }
    }

    /// Returns at SIGTERM or SIGINT.
    async fn stop(&mut self) {
        while self.next().await != Told::Stop {}
    }
}
