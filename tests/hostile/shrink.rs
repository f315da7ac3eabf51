//! Makes a harmful input small: takes away what is not needed for the harm, larger pieces first. Must never take longer
//! than it is given.

use std::time::{Duration, Instant};

/// What is left of `input` after everything was taken from it without which `harms` still holds.
pub fn shrink(input: &[u8], limit: Duration, mut harms: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let began = Instant::now();
    let mut small = input.to_vec();
    let mut piece = small.len().div_ceil(2);
    while piece > 0 {
        let (mut at, mut taken) = (0, false);
        while at < small.len() {
            if began.elapsed() > limit {
                return small;
            }
            let without = [&small[..at], &small[(at + piece).min(small.len())..]].concat();
            if harms(&without) {
                small = without;
                taken = true;
            } else {
                at += piece;
            }
        }
        if piece == 1 && !taken {
            break;
        }
        piece = if piece == 1 { 1 } else { piece / 2 };
    }
    small
}
