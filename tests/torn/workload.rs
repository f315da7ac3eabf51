//! What is committed, by a seed, and what must be there after the n-th commit. It opens no store.
//!
//! The commits are of the kinds that the service makes: queues that grow at one end and shrink at the other, cases that
//! are written over and over, now and then a value or a whole commit that is long for the tree.

use std::{collections::BTreeMap, rc::Rc};

use fastrand::Rng;
use leadtime::store::{Commit, layout};

/// Rows by their keys.
pub type Rows = BTreeMap<Vec<u8>, Rc<[u8]>>;

/// A new store's own first commit says its version.
pub const FIRST: u64 = 2;

/// The commits of one store.
#[derive(Clone, Copy, Debug)]
pub struct Workload {
    pub seed: u64,
}

impl Workload {
    /// The commit with that number, as the store counts.
    pub fn commit(self, number: u64) -> Commit {
        let mut rng = Rng::with_seed(self.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number);
        let mut commit = Commit::new();
        commit.put("meta/last", number.to_be_bytes());
        match rng.u8(..100) {
            0..45 => {
                commit.put(key(b"queue/", number), value(&mut rng, 150..1500));
                commit.delete(key(b"queue/", number.saturating_sub(rng.u64(3..25))));
            }
            45..90 => {
                for _ in 0..rng.u8(1..24) {
                    commit.put(key(b"case/", rng.u64(..90)), value(&mut rng, 100..1300));
                }
                commit.delete(key(b"case/", rng.u64(..90)));
            }
            90..97 => {
                for _ in 0..rng.u8(1..5) {
                    commit.put(key(b"body/", rng.u64(..12)), value(&mut rng, 10_000..60_000));
                }
            }
            97..99 => {
                for case in 0..90 {
                    commit.put(key(b"case/", case), value(&mut rng, 3000..9000));
                }
            }
            _ => {
                for case in 0..90 {
                    commit.delete(key(b"case/", case));
                }
            }
        }
        commit
    }

    /// Takes `rows` from what the commit before has left to what this one leaves.
    pub fn apply(self, number: u64, rows: &mut Rows) {
        for (key, value) in self.commit(number).writes() {
            match value {
                Some(value) => rows.insert(key.to_vec(), value.into()),
                None => rows.remove(key),
            };
        }
    }
}

/// Whether the row is the store's own and not of a commit.
pub fn is_the_stores_own(key: &[u8]) -> bool {
    [layout::COMMITS, layout::VERSION].contains(&key)
}

fn key(prefix: &[u8], number: u64) -> Vec<u8> {
    [prefix, &number.to_be_bytes()].concat()
}

fn value(rng: &mut Rng, length: std::ops::Range<usize>) -> Vec<u8> {
    let mut value = vec![0; rng.usize(length)];
    rng.fill(&mut value);
    value
}
