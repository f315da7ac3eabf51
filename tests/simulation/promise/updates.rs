//! "Who was told hears of what changed": when all has been well for long enough, the last message that a destination has
//! shows the referral as it is.

use jiff::SignedDuration;

use super::{
    due::{LONG_ENOUGH, heard_of},
    past::Past,
};
use crate::readers::{Handed, Mood};

/// Changes gather for ten minutes, and a destination hears of them once an hour at most.
const GATHERS: SignedDuration = SignedDuration::from_mins(75);
/// The houses whose settings ask for updates, and who is to have them.
const ASKED: [(usize, &str); 4] = [(0, "sellers"), (0, "crm"), (1, "sellers"), (1, "crm")];

pub fn missing(past: &Past, handed: &[Handed]) -> Vec<String> {
    let mut missing = Vec::new();
    for (house, place) in ASKED {
        for stretch in past.steady_and_takes(house, place) {
            for referral in past.referrals() {
                for known in past.known(&referral) {
                    let from = stretch.from.max(known.during.from);
                    let by = from + GATHERS + LONG_ENOUGH;
                    if by > stretch.to.min(known.during.to).min(known.terms.deadline) {
                        continue;
                    }
                    let told = heard_of(handed, place, &referral).filter(|(handed, _)| handed.at <= by);
                    let told = told.filter(|(handed, _)| handed.taken || handed.mood == Mood::RefusesMessages);
                    let Some((last, about)) = told.last() else { continue };
                    let Some(value) = about.value.filter(|_| last.taken) else { continue };
                    if value != known.terms.value {
                        missing.push(format!(
                            "a change was not told: {place} last heard of {referral} at {} with the value {value}, which \
                             was {} from {from} to {by}",
                            last.at, known.terms.value
                        ));
                    }
                }
            }
        }
    }
    missing
}
