//! The hidden command that the demo starts as a process of its own: the service of `leadtime run` by a fast clock, until
//! its standard input ends. So it goes when the demo goes, however that was.

use std::{
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::{
    commands::{DONE, FAILED},
    service::{
        clock::FastClock,
        prepare::{Prepared, prepare},
        run::{Mode, Service},
        vitals::Vitals,
    },
    store::{SledStore, Store, StoreFault},
};

/// The lock of a process that was just killed may outlive it for a moment.
const LOCK_WAIT: Duration = Duration::from_secs(20);

/// What the demo tells its service.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The settings.
    #[arg(long)]
    settings: PathBuf,
    /// When the simulated clock starts, by the machine's.
    #[arg(long)]
    start: Timestamp,
    /// What it shows then.
    #[arg(long)]
    epoch: Timestamp,
    /// How many times as fast it runs.
    #[arg(long)]
    factor: f64,
}

/// Runs it; the exit code.
pub async fn run(args: &Args) -> u8 {
    match serve(args).await {
        Ok(()) => DONE,
        Err(fault) => {
            tracing::error!("{fault:#}");
            FAILED
        }
    }
}

async fn serve(args: &Args) -> anyhow::Result<()> {
    let (prepared, _) = prepare(&args.settings, std::iter::empty())?;
    let store = tokio::task::spawn_blocking({
        let path = prepared.settings.state.path.clone();
        move || open(&path)
    });
    let store: Arc<dyn Store> = Arc::new(store.await.context("the thread that opens the store has died")??);
    let service = start(store, prepared, args).await?;
    let outcome = tokio::select! {
        failed = service.fails() => failed,
        () = input_ends() => Ok(()),
    };
    let stopped = service.stop().await;
    outcome?;
    Ok(stopped?)
}

async fn start(store: Arc<dyn Store>, prepared: Prepared, args: &Args) -> anyhow::Result<Arc<Service>> {
    let clock = Arc::new(FastClock::aligned(args.start, args.epoch, args.factor));
    let mode = Mode { made_up_time: true, ..Mode::default() };
    Ok(Service::start(store, prepared, clock, mode, Arc::new(Vitals::default())).await?)
}

fn open(path: &Path) -> Result<SledStore, StoreFault> {
    SledStore::open_waiting(path, LOCK_WAIT, Duration::from_millis(5), |_| ControlFlow::Continue(()))
}

/// Returns when standard input has ended. The thread that waits for it ends with the process.
async fn input_ends() {
    let (tell, told) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        drop(io::copy(&mut io::stdin(), &mut io::sink()));
        drop(tell);
    });
    drop(told.await);
}
