//! The walk: a writer over a store in memory, led along a virtual clock. It stops at every instant at which something is
//! due by itself (a decision, a queue, a reading by id), delivers at once, and hands every message to a judge that plays
//! the channels. It knows nothing of what a test expects.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use leadtime::{
    core::{
        ids::{AccountName, DestinationName},
        page::{Item, Page, Read},
        referral::Referral,
        reply::Reply,
        track::{self, Listing},
    },
    service::facts::{Job, Missed, Orders, Sent, State, Trouble},
    store::MemoryStore,
};
use serde_json::{Value, value::RawValue};

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
#[derive(Clone)]
pub enum Answer {
    Found(Value),
    NotFound,
    Forbidden,
    /// The read fails: no answer at all.
    Nothing,
}

/// What becomes of a message: a reply, or none yet (the attempt stays under way).
pub type Judge<'a> = &'a mut dyn FnMut(&Job, Timestamp) -> Option<Reply>;

/// The writer and its clock.
pub struct Walk {
    pub store: Arc<MemoryStore>,
    pub state: State,
    pub now: Timestamp,
    pub account: AccountName,
    pub world: World,
    /// How many referrals were read by id.
    pub reads: u32,
}

impl Walk {
    /// An empty store at `now`.
    pub fn new(orders: Orders, account: &str, now: Timestamp) -> Self {
        let store = Arc::new(MemoryStore::new());
        let state = State::load(store.clone(), Arc::new(orders), true, now).unwrap();
        let world = World { page_size: 2, ..World::default() };
        Self { store, state, now, account: account.into(), world, reads: 0 }
    }

    /// A new process over what the store holds; attempts under way are lost.
    pub fn restart(&mut self) {
        let orders = (**self.state.orders()).clone();
        self.restart_under(orders);
    }

    /// A new process with other orders.
    pub fn restart_under(&mut self, orders: Orders) {
        self.store = Arc::new(self.store.reopened());
        self.state = State::load(self.store.clone(), Arc::new(orders), true, self.now).unwrap();
        self.state.flush().unwrap();
    }

    /// A whole poll: every page, the end of the listing, and the readings by id that follow.
    pub fn poll(&mut self) {
        let mut listing = Listing::new(self.now);
        self.pages(&mut listing, usize::MAX);
        let missed = self.state.listing_ended(&self.account, &listing, self.now).unwrap();
        self.read_missed(&missed);
        self.state.flush().unwrap();
    }

    /// A poll that breaks off after so many pages.
    pub fn poll_cut_short(&mut self, pages: usize) {
        self.pages(&mut Listing::new(self.now), pages);
        self.state.flush().unwrap();
    }

    fn pages(&mut self, listing: &mut Listing, pages: usize) {
        for items in self.world.listed.chunks(self.world.page_size).take(pages) {
            let items = items.iter().map(|item| Item::read(&raw(item)).unwrap()).collect();
            let page = Page { items, unreadable: 0, server_date: None, bytes: 0 };
            self.state.page(&self.account, &page, listing, self.now).unwrap();
        }
    }

    fn read_missed(&mut self, missed: &Missed) {
        let mut unread = 0;
        for missing in &missed.to_read {
            self.reads += 1;
            let read = match self.answer(missing.id.as_str()) {
                Answer::Found(body) => Read::Found(Referral::read(body).unwrap()),
                Answer::NotFound => Read::NotFound,
                Answer::Forbidden => Read::Forbidden,
                Answer::Nothing => continue,
            };
            unread += usize::from(missing.newly && !matches!(read, Read::Found(_)));
            self.state.read(&self.account, missing.case, read, self.now).unwrap();
        }
        if track::may_have_lost_role(unread, missed.open) {
            let title = format!("{} may have lost its role", self.account);
            let trouble = Trouble::new(self.now, title, &[], "Look at its roles.");
            self.state.raise(&format!("role/{}", self.account), trouble, self.now).unwrap();
        }
    }

    fn answer(&self, id: &str) -> Answer {
        let listed = || self.world.listed.iter().find(|item| item["id"] == id).cloned();
        self.world.by_id.get(id).cloned().unwrap_or_else(|| listed().map_or(Answer::NotFound, Answer::Found))
    }

    /// Does what is due now: decides, delivers, and again until nothing is left. Says when a queue wakes.
    pub fn settle(&mut self, judge: Judge<'_>) -> Option<Timestamp> {
        for _ in 0..STOPS_MAX {
            while self.state.look(100, self.now).unwrap() {}
            self.state.flush().unwrap();
            let (mut wake, mut quiet) = (None, true);
            for destination in self.destinations() {
                let found = self.state.jobs(&destination, 50, self.now).unwrap();
                self.state.flush().unwrap();
                wake = wake.into_iter().chain(found.wake).min();
                quiet &= found.jobs.is_empty();
                for job in found.jobs {
                    if let Some(reply) = judge(&job, self.now) {
                        self.sent(&job, reply);
                    }
                }
            }
            if quiet && self.state.next_look().is_none_or(|at| at > self.now) && wake.is_none_or(|at| at > self.now) {
                return wake;
            }
        }
        panic!("at {} there is no end of work", self.now)
    }

    /// What became of an attempt.
    pub fn sent(&mut self, job: &Job, reply: Reply) {
        let sent = Sent { lane: job.lane.clone(), rows: job.rows.clone(), id: job.id, digest: job.digest, reply };
        self.state.sent(&sent, self.now).unwrap();
        self.state.flush().unwrap();
    }

    /// Lets time pass, stopping wherever something is due. With `every` it polls on the way.
    pub fn pass(&mut self, until: Timestamp, every: Option<jiff::SignedDuration>, judge: Judge<'_>) {
        let mut next_poll = every.map(|every| self.now + every);
        for _ in 0..STOPS_MAX {
            let wake = self.settle(judge);
            let stops = [wake, self.state.next_look(), next_poll];
            let Some(at) = stops.into_iter().flatten().min().filter(|at| *at <= until) else {
                self.now = until;
                self.settle(judge);
                return;
            };
            self.now = at;
            if next_poll == Some(at) {
                self.poll();
                next_poll = every.map(|every| at + every);
            }
        }
        panic!("too many stops before {until}")
    }

    fn destinations(&self) -> Vec<DestinationName> {
        let held = self.state.queues().map(|(lane, _)| lane.0.clone());
        let mut all: Vec<_> = self.state.orders().lanes.keys().cloned().chain(held).collect();
        all.sort();
        all.dedup();
        all
    }
}

fn raw(item: &Value) -> Box<RawValue> {
    RawValue::from_string(item.to_string()).unwrap()
}
