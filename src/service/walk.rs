//! The walk: a writer over a store in memory, led along a virtual clock. It stops at every instant at which something is
//! due by itself (a decision, a queue), delivers at once, and hands every message to a judge that plays the channels.
//! Must never touch a network, a disk or a real clock, and knows nothing of what anybody expects.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, value::RawValue};

use super::{
    facts::{Job, Missed, Orders, Sent, State},
    troubles,
};
use crate::{
    core::{
        ids::{AccountName, DestinationName},
        page::{Item, Page, Read},
        referral::Referral,
        reply::Reply,
        track::{self, Listing},
    },
    store::{MemoryStore, StoreFault},
};

/// So many stops are made between two instants, at most: more is a circle.
const STOPS_MAX: u32 = 20_000;

/// What Partner Center holds of one account.
#[derive(Default)]
pub struct World {
    /// What the listing holds, in its order.
    pub listed: Vec<Value>,
    /// What a reading by id answers; what is neither here nor listed is not found.
    pub by_id: BTreeMap<String, Answer>,
    /// How many items stand on a page.
    pub page_size: usize,
}

/// What a reading by id answers.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The referral.
    Found(Value),
    /// 404.
    NotFound,
    /// 403.
    Forbidden,
    /// The read fails: no answer at all.
    Nothing,
}

/// What becomes of a message: a reply, or none yet (the attempt stays under way).
pub type Judge<'a> = &'a mut dyn FnMut(&Job, Timestamp) -> Option<Reply>;

/// Why a walk cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum WalkFault {
    /// What Partner Center is made to hold is no referral.
    #[error("{0} is no referral; write an object with an id")]
    NoReferral(String),
    /// There is no end of what is to be done.
    #[error("at {0} there is no end of what is to be done; please report this with the settings and what happened")]
    NoEnd(Timestamp),
    /// The store in memory.
    #[error("{0}")]
    Store(#[from] StoreFault),
}

/// The writer and its clock.
pub struct Walk {
    /// What the writer remembers.
    pub store: Arc<MemoryStore>,
    /// The writer.
    pub state: State,
    /// The virtual instant.
    pub now: Timestamp,
    /// The one account that is polled.
    pub account: AccountName,
    /// What Partner Center holds.
    pub world: World,
    /// How many referrals were read by id.
    pub reads: u32,
}

impl Walk {
    /// An empty store at `now`.
    ///
    /// # Errors
    /// The store's, as everywhere here.
    pub fn new(orders: Orders, account: &str, now: Timestamp) -> Result<Self, WalkFault> {
        let store = Arc::new(MemoryStore::new());
        let state = State::load(store.clone(), Arc::new(orders), true, now)?;
        let world = World { page_size: 2, ..World::default() };
        Ok(Self { store, state, now, account: account.into(), world, reads: 0 })
    }

    /// A new process over what the store holds; attempts under way are lost.
    ///
    /// # Errors
    /// The store's.
    pub fn restart(&mut self) -> Result<(), WalkFault> {
        let orders = (**self.state.orders()).clone();
        self.restart_under(orders)
    }

    /// A new process with other orders.
    ///
    /// # Errors
    /// The store's.
    pub fn restart_under(&mut self, orders: Orders) -> Result<(), WalkFault> {
        self.store = Arc::new(self.store.reopened());
        self.state = State::load(self.store.clone(), Arc::new(orders), true, self.now)?;
        Ok(self.state.flush()?)
    }

    /// A whole poll: every page, the end of the listing, and the readings by id that follow.
    ///
    /// # Errors
    /// The store's, or of a world that holds what is no referral.
    pub fn poll(&mut self) -> Result<(), WalkFault> {
        let mut listing = Listing::new(self.now);
        self.pages(&mut listing, usize::MAX)?;
        let missed = self.state.listing_ended(&self.account, &listing, self.now)?;
        self.read_missed(&missed)?;
        Ok(self.state.flush()?)
    }

    /// A poll that breaks off after so many pages.
    ///
    /// # Errors
    /// As [`Walk::poll`].
    pub fn poll_cut_short(&mut self, pages: usize) -> Result<(), WalkFault> {
        self.pages(&mut Listing::new(self.now), pages)?;
        Ok(self.state.flush()?)
    }

    fn pages(&mut self, listing: &mut Listing, pages: usize) -> Result<(), WalkFault> {
        for items in self.world.listed.chunks(self.world.page_size.max(1)).take(pages) {
            let items = items.iter().map(item).collect::<Result<_, _>>()?;
            let page = Page { items, unreadable: 0, server_date: None, bytes: 0 };
            self.state.page(&self.account, &page, listing, self.now)?;
        }
        Ok(())
    }

    fn read_missed(&mut self, missed: &Missed) -> Result<(), WalkFault> {
        let mut unread = 0;
        for missing in &missed.to_read {
            self.reads += 1;
            let read = match self.answer(missing.id.as_str()) {
                Answer::Found(body) => {
                    let text = body.to_string();
                    Read::Found(Referral::read(body).map_err(|_| WalkFault::NoReferral(text))?)
                }
                Answer::NotFound => Read::NotFound,
                Answer::Forbidden => Read::Forbidden,
                Answer::Nothing => continue,
            };
            unread += usize::from(missing.newly && !matches!(read, Read::Found(_)));
            self.state.read(&self.account, missing.case, read, self.now)?;
        }
        if track::may_have_lost_role(unread, missed.open) {
            let trouble = troubles::role(&self.account, unread, missed.open, self.now);
            self.state.raise(&troubles::of_role(&self.account), trouble, self.now)?;
        }
        Ok(())
    }

    fn answer(&self, id: &str) -> Answer {
        let listed = || self.world.listed.iter().find(|item| item["id"] == id).cloned();
        self.world.by_id.get(id).cloned().unwrap_or_else(|| listed().map_or(Answer::NotFound, Answer::Found))
    }

    /// Does what is due now: decides, delivers, and again until nothing is left. Says when a queue wakes.
    ///
    /// # Errors
    /// The store's, or that there is no end of it.
    pub fn settle(&mut self, judge: Judge<'_>) -> Result<Option<Timestamp>, WalkFault> {
        for _ in 0..STOPS_MAX {
            while self.state.look(100, self.now)? {}
            self.state.flush()?;
            let (mut wake, mut quiet) = (None, true);
            for destination in self.destinations() {
                let found = self.state.jobs(&destination, 50, self.now)?;
                self.state.flush()?;
                wake = wake.into_iter().chain(found.wake).min();
                quiet &= found.jobs.is_empty();
                for job in found.jobs {
                    if let Some(reply) = judge(&job, self.now) {
                        self.sent(&job, reply)?;
                    }
                }
            }
            if quiet && self.state.next_look().is_none_or(|at| at > self.now) && wake.is_none_or(|at| at > self.now) {
                return Ok(wake);
            }
        }
        Err(WalkFault::NoEnd(self.now))
    }

    /// What became of an attempt.
    ///
    /// # Errors
    /// The store's.
    pub fn sent(&mut self, job: &Job, reply: Reply) -> Result<(), WalkFault> {
        let sent = Sent {
            lane: job.lane.clone(),
            rows: job.rows.clone(),
            id: job.id,
            digest: job.digest,
            mentions: Vec::new(),
            reply,
        };
        self.state.sent(&sent, self.now)?;
        Ok(self.state.flush()?)
    }

    /// Lets time pass, stopping wherever something is due. With `every` it polls on the way.
    ///
    /// # Errors
    /// As [`Walk::settle`] and [`Walk::poll`].
    pub fn pass(&mut self, until: Timestamp, every: Option<SignedDuration>, judge: Judge<'_>) -> Result<(), WalkFault> {
        let mut next_poll = every.map(|every| self.now + every);
        for _ in 0..STOPS_MAX {
            let wake = self.settle(judge)?;
            let stops = [wake, self.state.next_look(), next_poll];
            let Some(at) = stops.into_iter().flatten().min().filter(|at| *at <= until) else {
                self.now = until;
                return self.settle(judge).map(|_| ());
            };
            self.now = at;
            if next_poll == Some(at) {
                self.poll()?;
                next_poll = every.map(|every| at + every);
            }
        }
        Err(WalkFault::NoEnd(self.now))
    }

    fn destinations(&self) -> Vec<DestinationName> {
        let held = self.state.queues().map(|(lane, _)| lane.0.clone());
        let mut all: Vec<_> = self.state.orders().lanes.keys().cloned().chain(held).collect();
        all.sort();
        all.dedup();
        all
    }
}

fn item(body: &Value) -> Result<Item, WalkFault> {
    let text = body.to_string();
    let raw = RawValue::from_string(text.clone());
    raw.ok().and_then(|raw| Item::read(&raw).ok()).ok_or(WalkFault::NoReferral(text))
}
