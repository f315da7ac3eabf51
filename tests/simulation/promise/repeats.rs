//! "A crash can repeat a message, with the same id and marked as a possible repeat", and nothing else can.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::past::Past;
use crate::readers::{Handed, Place};

/// A message comes twice to a reader only where the process could not know that it came once; then with the mark.
pub fn needless(handed: &[Handed]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut had: BTreeMap<(&Place, _), &Handed> = BTreeMap::new();
    for this in handed {
        let key = (&this.to, this.id);
        if let Some(before) = had.get(&key) {
            let known = before.answered && before.life == this.life;
            if known {
                broken.push(format!(
                    "a message was repeated needlessly: {} got {} again at {}, though it was known to have it",
                    this.to.0, this.id, this.at
                ));
            } else if this.marked == Some(false) {
                broken.push(format!("a repeat had no mark: {} got {} again at {}", this.to.0, this.id, this.at));
            }
        }
        if this.taken {
            had.insert(key, this);
        }
    }
    broken
}

/// The same step told twice to a destination, as two messages.
pub fn told_twice(past: &Past, handed: &[Handed]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut had: BTreeMap<(&Place, &str, &str), (&Handed, Timestamp)> = BTreeMap::new();
    for this in handed.iter().filter(|handed| handed.taken) {
        for about in &this.about {
            let of_the_ladder = matches!(about.event.as_deref(), Some("new" | "reminder" | "escalation"));
            let (Some(step), true) = (about.step.as_deref(), of_the_ladder) else { continue };
            // A message that went out with the first reading itself is armed by what it shows.
            let Some(armed) = past.armed_at(&about.referral, this.began).or(about.deadline) else { continue };
            let before = had.insert((&this.to, &about.referral, step), (this, armed));
            let Some((before, armed_before)) = before.filter(|(before, _)| before.id != this.id) else { continue };
            let re_armed = armed.duration_since(armed_before).abs() >= SignedDuration::from_hours(24);
            let once = !(step.starts_with("before_expiry") && re_armed);
            // A digest has an id of its own, so that what it repeats of an attempt without an answer is no second message.
            if once && before.answered {
                broken.push(format!(
                    "a step was told twice: {} heard {step:?} of {} at {} and again at {}",
                    this.to.0, about.referral, before.at, this.at
                ));
            }
        }
    }
    broken
}

/// The same end told twice to a destination, with nothing in between.
pub fn ended_twice(handed: &[Handed]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut last: BTreeMap<(&Place, &str), (&Handed, &str)> = BTreeMap::new();
    for this in handed.iter().filter(|handed| handed.taken) {
        for about in &this.about {
            let Some(event) = about.event.as_deref() else { continue };
            let before = last.insert((&this.to, &about.referral), (this, event));
            let ends = matches!(event, "answered" | "expired" | "gone");
            let again =
                before.filter(|(before, what)| ends && *what == event && before.id != this.id && before.answered);
            if let Some((before, _)) = again {
                broken.push(format!(
                    "an end was told twice: {} heard {event:?} of {} at {} and again at {}",
                    this.to.0, about.referral, before.at, this.at
                ));
            }
        }
    }
    broken
}
