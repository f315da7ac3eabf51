//! "Only an answer that we have read ends a countdown", "nobody hears of a referral that is known to be answered", and
//! "who was told of a referral is told of its end".

use jiff::SignedDuration;

use super::{
    due::heard_of,
    houses::HOUSES,
    past::{Past, Seen},
};
use crate::readers::{Handed, Mood};

/// An answer is known so long after it was read, and then nothing of before is begun any more.
const KNOWN_WITHIN: SignedDuration = SignedDuration::from_secs(10);
/// Who waits for working hours has by Monday what ended on a Friday's evening.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// What was sent although the answer was known.
pub fn after_an_answer(past: &Past, handed: &[Handed]) -> Vec<String> {
    let mut broken = Vec::new();
    for this in handed {
        let before = |other: &&Handed| other.id == this.id && other.to.0 == this.to.0 && other.at < this.began;
        for about in &this.about {
            let tells =
                matches!(about.event.as_deref(), Some("new" | "reminder" | "escalation" | "updated" | "overdue"));
            // A digest whose fate is unknown is repeated whole, and says what was answered since.
            let repeats = this.kind.as_deref() == Some("referral.digest") && handed.iter().any(|other| before(&other));
            if !tells || repeats {
                continue;
            }
            if let Some(closed) = past.closed_before(&about.referral, this.began, KNOWN_WITHIN) {
                broken.push(format!(
                    "a message came after an answer was known: {} got {:?} of {} at {}, which was read as {:?} at {}",
                    this.to.0, about.event, about.referral, this.began, closed.seen, closed.at
                ));
            }
        }
    }
    broken
}

/// Ends that were told though none was read.
pub fn without_an_answer(past: &Past, handed: &[Handed]) -> Vec<String> {
    let mut broken = Vec::new();
    for this in handed {
        for about in &this.about {
            let sights = past.sights.get(&about.referral).map(Vec::as_slice).unwrap_or_default();
            let mut before = sights.iter().filter(|sight| sight.at <= this.began);
            let true_enough = match about.event.as_deref() {
                Some("answered") => before.any(|sight| matches!(&sight.seen, Seen::Closed(how) if how != "Expired")),
                Some("expired") => before.any(|sight| matches!(&sight.seen, Seen::Closed(how) if how == "Expired")),
                Some("gone") => {
                    let missing: Vec<_> = before.filter(|sight| sight.seen == Seen::NotFound).collect();
                    let first_and_last = missing.first().zip(missing.last());
                    first_and_last.is_some_and(|(first, last)| last.at >= first.at + SignedDuration::from_hours(1))
                }
                _ => true,
            };
            if !true_enough {
                broken.push(format!(
                    "an end was told that nobody had read: {} heard {:?} of {} at {}",
                    this.to.0, about.event, about.referral, this.began
                ));
            }
        }
    }
    broken
}

/// Ends that were not told to somebody who had heard of the referral.
pub fn untold(past: &Past, handed: &[Handed]) -> Vec<String> {
    let mut untold = Vec::new();
    let house = &HOUSES[past.house_at(past.over)];
    for referral in past.referrals() {
        let Some(closed) = past.closed_before(&referral, past.over, TOLD_WITHIN) else { continue };
        let first_read = past.first_read_as_closed(&referral, closed.at);
        // A destination that the settings had left out when the end was read has nothing to be told by.
        let then = &HOUSES[past.house_at(closed.at)];
        for place in house.places.iter().filter(|place| **place != "ops" && then.places.contains(place)) {
            let here = |handed: &&Handed| handed.to.0.as_str() == *place;
            // Its fallback hears of the end in its place where it refuses everything.
            let heard: Vec<_> = heard_of(handed, place, &referral).collect();
            let told = heard.iter().any(|(handed, _)| here(handed) && handed.taken && handed.at <= closed.at);
            let ended = heard.iter().any(|(handed, about)| {
                let ends = match about.event.as_deref() {
                    Some(event) => matches!(event, "answered" | "expired" | "gone"),
                    None => handed.at >= first_read,
                };
                ends && (handed.taken || handed.mood == Mood::RefusesMessages)
            });
            if told && !ended {
                untold.push(format!(
                    "an end was not told: {place} had heard of {referral}, and nothing of its end ({:?}, read at {})",
                    closed.seen, closed.at
                ));
            }
        }
    }
    untold
}
