//! The writer on a thread of its own: it takes what waits, commits it as one, and then says yes to all of it.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot, watch};

use super::{Orders, State};
use crate::{
    partner_center::Clock,
    store::{Store, StoreFault},
};

/// So many facts go into one commit.
const GATHERED_MAX: usize = 256;
/// So many facts may wait before those who bring them wait too.
const WAITING_MAX: usize = 1_024;

/// One fact: what it does to the state, and whom it tells afterwards.
type Fact = Box<dyn FnOnce(&mut State, Timestamp) -> Result<Answer, StoreFault> + Send>;
/// Tells the bringer of a fact: that it is on the disk, or why not.
type Answer = Box<dyn FnOnce(Result<(), StoreFault>) + Send>;

/// Brings facts to the writer. Cheap to clone.
#[derive(Clone)]
pub struct Facts {
    sender: mpsc::Sender<Fact>,
    queued: watch::Receiver<u64>,
    broken: watch::Receiver<Option<StoreFault>>,
}

/// The writer's thread; it ends when the last [`Facts`] is gone.
pub struct Writer {
    thread: std::thread::JoinHandle<Result<(), StoreFault>>,
}

impl Facts {
    /// Starts the writer over what the store holds.
    ///
    /// # Errors
    /// The store's, while memory is read from it.
    pub fn start(
        store: Arc<dyn Store>,
        orders: Arc<Orders>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Writer), StoreFault> {
        let mut state = State::load(store, orders, true, clock.now())?;
        state.flush()?;
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let (tell_queued, queued) = watch::channel(0);
        let (tell_broken, broken) = watch::channel(None);
        let thread = std::thread::Builder::new().name("facts".to_owned());
        let thread = thread.spawn(move || write(state, receiver, &tell_queued, &tell_broken, &clock));
        let thread = thread.map_err(|fault| StoreFault::Io {
            folder: std::path::PathBuf::new(),
            why: format!("no thread for the writer: {fault}"),
        })?;
        Ok((Self { sender, queued, broken }, Writer { thread }))
    }

    /// Brings a fact; what it returns is on the disk when this returns `Ok`.
    ///
    /// # Errors
    /// The store's; then nothing of the fact is there.
    pub async fn bring<T: Send + 'static>(
        &self,
        fact: impl FnOnce(&mut State, Timestamp) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let (told, tell) = oneshot::channel();
        let fact: Fact = Box::new(move |state, now| {
            // Where sending fails nobody waits any more: the bringer has been stopped.
            match fact(state, now) {
                Ok(outcome) => Ok(Box::new(move |written: Result<(), StoreFault>| {
                    drop(told.send(written.map(|()| outcome)));
                }) as Answer),
                Err(fault) => {
                    drop(told.send(Err(fault.clone())));
                    Err(fault)
                }
            }
        });
        self.sender.send(fact).await.map_err(|_| StoreFault::Closed)?;
        tell.await.map_err(|_| StoreFault::Closed)?
    }
}

impl Facts {
    /// Changes after each commit that put something into the outbox, or moved what is to be decided next.
    pub fn queued(&self) -> watch::Receiver<u64> {
        self.queued.clone()
    }

    /// Changes when a commit fails that should not, and when one succeeds again.
    pub fn breaks(&self) -> watch::Receiver<Option<StoreFault>> {
        self.broken.clone()
    }

    /// Why nothing can be recorded, since a commit failed and until one succeeds again.
    pub fn broken(&self) -> Option<StoreFault> {
        self.broken.borrow().clone()
    }
}

impl Writer {
    /// Whether the thread has ended, which it should not while somebody can still bring facts.
    pub fn has_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Waits for the writer's end; what was brought before is on the disk then.
    ///
    /// # Errors
    /// What could not be written on leaving.
    pub fn join(self) -> Result<(), StoreFault> {
        match self.thread.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn write(
    mut state: State,
    mut receiver: mpsc::Receiver<Fact>,
    queued: &watch::Sender<u64>,
    broken: &watch::Sender<Option<StoreFault>>,
    clock: &Arc<dyn Clock>,
) -> Result<(), StoreFault> {
    while let Some(first) = receiver.blocking_recv() {
        let mut answers = Vec::new();
        let mut outcome = take(&mut state, first, clock, &mut answers);
        while outcome.is_ok() && answers.len() < GATHERED_MAX && !state.is_full() {
            let Ok(fact) = receiver.try_recv() else { break };
            outcome = take(&mut state, fact, clock, &mut answers);
        }
        let writes = !state.draft.commit.is_empty();
        let outcome = outcome.and_then(|()| state.flush());
        note(&outcome, writes, broken);
        if let Err(fault) = &outcome {
            tracing::error!("what was learnt cannot be written: {fault}");
            state = anew(&state, clock)?;
        }
        for answer in answers {
            answer(outcome.clone());
        }
        if state.has_queued() {
            queued.send_modify(|turn| *turn += 1);
        }
    }
    state.flush_records()?;
    state.store().close()
}

/// A disk that takes nothing shows in the service's readiness; one commit that succeeds is the proof that it does again.
fn note(outcome: &Result<(), StoreFault>, wrote: bool, broken: &watch::Sender<Option<StoreFault>>) {
    match outcome {
        Err(
            fault @ (StoreFault::NoRoom { .. }
            | StoreFault::NotWritable { .. }
            | StoreFault::Gone { .. }
            | StoreFault::Io { .. }),
        ) => {
            broken.send_if_modified(|known| known.replace(fault.clone()).is_none());
        }
        Ok(()) if wrote => {
            broken.send_if_modified(|fault| fault.take().is_some());
        }
        _ => {}
    }
}

/// Takes one fact. One that fails may have changed memory in part, so memory is read anew by the caller.
fn take(state: &mut State, fact: Fact, clock: &Arc<dyn Clock>, answers: &mut Vec<Answer>) -> Result<(), StoreFault> {
    answers.push(fact(state, clock.now())?);
    Ok(())
}

/// Memory as the store has it. What cannot even be read ends the process: it must not go on blind.
fn anew(state: &State, clock: &Arc<dyn Clock>) -> Result<State, StoreFault> {
    let mut anew = State::load(state.store().clone(), state.orders().clone(), false, clock.now())?;
    anew.inherit(state);
    Ok(anew)
}
