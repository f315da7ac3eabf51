//! Where the destinations write down what they see, while they see it. It only writes down; what to make of it is said in
//! `verdict`.

use std::{collections::BTreeSet, time::Instant};

use crate::exchange::{Exchange, Message};

/// All exchanges in the order of their beginnings.
#[derive(Default)]
pub struct Ledger(Vec<Exchange>);

impl Ledger {
    /// One begins; its place, for what follows.
    pub fn begins(&mut self, destination: &'static str, life: u32) -> usize {
        self.0.push(Exchange { destination, life, began: Instant::now(), message: None, answered: None });
        self.0.len() - 1
    }

    pub fn is_whole(&mut self, place: usize, message: Message) {
        self.0[place].message = Some(message);
    }

    pub fn is_answered(&mut self, place: usize) {
        self.0[place].answered = Some(Instant::now());
    }

    pub fn exchanges(&self) -> &[Exchange] {
        &self.0
    }

    /// Whether so many referrals are told at each of these destinations, and every exchange of this life is over.
    pub fn has_all(&self, messages: u32, destinations: &[&str], life: u32) -> bool {
        let is_told = |destination: &&str| {
            let there = self.0.iter().filter(|exchange| exchange.destination == *destination);
            let about: BTreeSet<u32> = there
                .filter_map(|exchange| exchange.message.as_ref())
                .flat_map(|message| &message.about)
                .copied()
                .collect();
            about.len() == messages as usize
        };
        self.0.iter().all(|exchange| exchange.life != life || exchange.answered.is_some())
            && destinations.iter().all(is_told)
    }
}
