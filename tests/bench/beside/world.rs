//! What all sides share in one measurement: the source, the sinks, and the count of what has arrived there.

use std::{
    future::Future,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use super::{
    sinks::{Channel, Sinks},
    source::Source,
};

pub struct World {
    pub source: Source,
    pub sinks: Sinks,
    tally: Arc<Mutex<Tally>>,
    pub client: reqwest::Client,
    runtime: tokio::runtime::Runtime,
}

/// How often each message has arrived.
#[derive(Clone, Default)]
struct Tally {
    times: Vec<u32>,
    /// When the last of them came.
    last: Option<Instant>,
    /// How many different ones have come.
    distinct: usize,
}

/// What became of so many messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fate {
    pub lost: usize,
    /// How many came more than once, each counted as often as it was too much.
    pub repeated: usize,
}

impl World {
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let tally = Arc::new(Mutex::new(Tally::default()));
        let heard = tally.clone();
        let ear = move |_: Channel, number: Option<usize>, _: &str| {
            if let Some(number) = number {
                heard.lock().unwrap().take(number);
            }
        };
        let (source, sinks) = runtime.block_on(async { (Source::start().await, Sinks::start(Arc::new(ear)).await) });
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(120)).build().unwrap();
        Self { source, sinks, tally, client, runtime }
    }

    /// Waits for what talks to a side.
    pub fn wait<T>(&self, talk: impl Future<Output = T>) -> T {
        self.runtime.block_on(talk)
    }

    /// How many different messages have arrived.
    pub fn arrived(&self) -> usize {
        self.tally.lock().unwrap().distinct
    }

    /// When the last one arrived.
    pub fn last(&self) -> Option<Instant> {
        self.tally.lock().unwrap().last
    }

    /// What became of messages 0 to `count`.
    pub fn fate(&self, count: usize) -> Fate {
        let tally = self.tally.lock().unwrap();
        let repeated = tally.times.iter().map(|times| times.saturating_sub(1) as usize).sum();
        Fate { lost: count.saturating_sub(tally.distinct), repeated }
    }

    /// Waits until so many have arrived, or nothing has arrived for `quiet`; whether they have.
    pub fn until_arrived(&self, count: usize, quiet: Duration) -> bool {
        let began = Instant::now();
        while self.arrived() < count {
            let since = self.last().map_or(began, |last| last.max(began));
            if since.elapsed() > quiet {
                return false;
            }
            thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Waits until nothing has arrived for `quiet`.
    pub fn until_quiet(&self, quiet: Duration) {
        let began = Instant::now();
        while self.last().map_or(began, |last| last.max(began)).elapsed() < quiet {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Tally {
    fn take(&mut self, number: usize) {
        if self.times.len() <= number {
            self.times.resize(number + 1, 0);
        }
        self.distinct += usize::from(self.times[number] == 0);
        self.times[number] += 1;
        self.last = Some(Instant::now());
    }
}
