//! The writer on a thread of its own: it takes what waits, commits it as one, and then says yes to all of it. Where all
//! is to happen on one thread it is a task there.

use std::sync::Arc;

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use super::{Orders, State};
use crate::{
    partner_center::Clock,
    service::latest::{Latest, Reading},
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
    queued: Latest<u64>,
    broken: Latest<Option<StoreFault>>,
}

/// The writer at work; it ends when the last [`Facts`] is gone.
pub enum Writer {
    /// On a thread of its own.
    Thread(std::thread::JoinHandle<Result<(), StoreFault>>),
    /// As a task of the runtime in which it was started.
    Task(JoinHandle<Result<(), StoreFault>>),
}

/// The writer itself: its memory, and whom it tells what.
struct Desk {
    state: State,
    clock: Arc<dyn Clock>,
    queued: Latest<u64>,
    broken: Latest<Option<StoreFault>>,
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
        let (facts, desk, receiver) = Self::set_up(store, orders, clock)?;
        let thread = std::thread::Builder::new().name("facts".to_owned());
        let thread = thread.spawn(move || desk.works(receiver)).map_err(|fault| StoreFault::Io {
            folder: std::path::PathBuf::new(),
            why: format!("no thread for the writer: {fault}"),
        })?;
        Ok((facts, Writer::Thread(thread)))
    }

    /// Starts the writer as a task of this runtime, for a course of events on one thread.
    ///
    /// # Errors
    /// As [`Facts::start`].
    pub fn start_here(
        store: Arc<dyn Store>,
        orders: Arc<Orders>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Writer), StoreFault> {
        let (facts, desk, receiver) = Self::set_up(store, orders, clock)?;
        Ok((facts, Writer::Task(tokio::spawn(desk.works_here(receiver)))))
    }

    fn set_up(
        store: Arc<dyn Store>,
        orders: Arc<Orders>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Desk, mpsc::Receiver<Fact>), StoreFault> {
        let mut state = State::load(store, orders, true, clock.now())?;
        state.flush()?;
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let (queued, broken) = (Latest::new(0), Latest::new(None));
        let desk = Desk { state, clock, queued: queued.clone(), broken: broken.clone() };
        Ok((Self { sender, queued, broken }, desk, receiver))
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
    pub fn queued(&self) -> Reading<u64> {
        self.queued.reading()
    }

    /// Changes when a commit fails that should not, and when one succeeds again.
    pub fn breaks(&self) -> Reading<Option<StoreFault>> {
        self.broken.reading()
    }

    /// Why nothing can be recorded, since a commit failed and until one succeeds again.
    pub fn broken(&self) -> Option<StoreFault> {
        self.broken.get()
    }
}

impl Writer {
    /// Whether it has ended, which it should not while somebody can still bring facts.
    pub fn has_ended(&self) -> bool {
        match self {
            Self::Thread(thread) => thread.is_finished(),
            Self::Task(task) => task.is_finished(),
        }
    }

    /// What one that has ended leaves. A thread is waited for: what was brought before is on the disk then.
    ///
    /// # Errors
    /// What could not be written on leaving.
    pub fn join(self) -> Result<(), StoreFault> {
        match self {
            Self::Thread(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Self::Task(task) => match task.now_or_never() {
                Some(Ok(ended)) => ended,
                Some(Err(ended)) if ended.is_panic() => std::panic::resume_unwind(ended.into_panic()),
                _ => Ok(()),
            },
        }
    }
}

impl Desk {
    fn works(mut self, mut facts: mpsc::Receiver<Fact>) -> Result<(), StoreFault> {
        while let Some(first) = facts.blocking_recv() {
            self.takes(first, &mut facts)?;
        }
        self.leaves()
    }

    async fn works_here(mut self, mut facts: mpsc::Receiver<Fact>) -> Result<(), StoreFault> {
        while let Some(first) = facts.recv().await {
            self.takes(first, &mut facts)?;
        }
        self.leaves()
    }

    /// Takes a fact and what waits behind it, commits them together and says yes or no to each.
    fn takes(&mut self, first: Fact, waiting: &mut mpsc::Receiver<Fact>) -> Result<(), StoreFault> {
        let mut answers = Vec::new();
        let mut outcome = self.learns(first, &mut answers);
        while outcome.is_ok() && answers.len() < GATHERED_MAX && !self.state.is_full() {
            let Ok(fact) = waiting.try_recv() else { break };
            outcome = self.learns(fact, &mut answers);
        }
        let writes = !self.state.draft.is_empty();
        let outcome = outcome.and_then(|()| self.state.flush());
        self.note(&outcome, writes);
        if let Err(fault) = &outcome {
            tracing::error!("what was learnt cannot be written: {fault}");
            self.state = self.anew()?;
        }
        for answer in answers {
            answer(outcome.clone());
        }
        if self.state.has_queued() {
            self.queued.turns();
        }
        Ok(())
    }

    /// One that fails may have changed memory in part, so memory is read anew by the caller.
    fn learns(&mut self, fact: Fact, answers: &mut Vec<Answer>) -> Result<(), StoreFault> {
        answers.push(fact(&mut self.state, self.clock.now())?);
        Ok(())
    }

    /// A disk that takes nothing shows in the service's readiness; one commit that succeeds is the proof that it does again.
    fn note(&self, outcome: &Result<(), StoreFault>, wrote: bool) {
        match outcome {
            Err(
                fault @ (StoreFault::NoRoom { .. }
                | StoreFault::NotWritable { .. }
                | StoreFault::Gone { .. }
                | StoreFault::Io { .. }),
            ) => self.broken.change_if(|known| known.replace(fault.clone()).is_none()),
            Ok(()) if wrote => self.broken.change_if(|fault| fault.take().is_some()),
            _ => {}
        }
    }

    /// Memory as the store has it. What cannot even be read ends the process: it must not go on blind.
    fn anew(&self) -> Result<State, StoreFault> {
        let (store, orders) = (self.state.store().clone(), self.state.orders().clone());
        let mut anew = State::load(store, orders, false, self.clock.now())?;
        anew.inherit(&self.state);
        Ok(anew)
    }

    fn leaves(mut self) -> Result<(), StoreFault> {
        self.state.flush_records()?;
        self.state.store().close()
    }
}
