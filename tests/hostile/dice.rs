//! Chance that is nothing but a seed: the same seed makes the same case on every machine. Must never ask the machine.

use std::ops::Range;

/// Where a case's chance comes from.
pub struct Dice(fastrand::Rng);

impl Dice {
    pub fn of(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// Whether a thing that happens once in so many times happens now.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.0.usize(0..times.max(1)) == 0
    }

    /// A number below `end`; 0 where there is none.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { self.0.usize(0..end) }
    }

    pub fn number(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// One of these; the list is never empty.
    pub fn of_these<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// A part of something so long, short ones more often than long ones.
    pub fn part(&mut self, length: usize) -> Range<usize> {
        let start = self.below(length + 1);
        let most = match self.below(4) {
            0 => length,
            1 => 64,
            _ => 8,
        };
        start..(start + self.below(most + 1)).min(length)
    }
}
