//! "Every queue, every loop, every pause has a bound": nothing that goes wrong makes it spin.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::past::Past;
use crate::{
    chronicle::What,
    readers::{Handed, Mood},
};

/// Commits in any hour. A quiet one has a handful; each referral, message and attempt brings some more.
const COMMITS: usize = 1_500;
/// Requests to Partner Center in any hour, a process that is started again and again included.
const REQUESTS: usize = 800;
/// How often one message is tried in any hour: the pauses double from a second, up to 15 min.
const TRIES: usize = 24;

pub fn broken(past: &Past, handed: &[Handed]) -> Vec<String> {
    let mut broken = Vec::new();
    let of = |wanted: fn(&What) -> bool| -> Vec<Timestamp> {
        past.notes.iter().filter(|note| wanted(&note.what)).map(|note| note.at).collect()
    };
    let bounds = [
        ("commits", COMMITS, of(|what| matches!(what, What::Committed | What::NotCommitted))),
        ("requests to Partner Center", REQUESTS, of(|what| matches!(what, What::Asked(_)))),
    ];
    for (of_what, most, times) in bounds {
        let (count, from) = most_in_an_hour(&times);
        if count > most {
            broken.push(format!("something spins: {count} {of_what} in the hour from {from}"));
        }
    }
    let mut tries: BTreeMap<_, Vec<Timestamp>> = BTreeMap::new();
    for this in handed {
        tries.entry((&this.to, this.id, this.life)).or_default().push(this.at);
    }
    for ((to, id, _), times) in tries {
        let (count, from) = most_in_an_hour(&times);
        if count > TRIES {
            broken.push(format!(
                "a message is tried without a pause: {id} {count} times to {} in the hour from {from}",
                to.0
            ));
        }
    }
    broken.extend(impatient(handed));
    broken
}

/// The most of those instants in any hour, and when that began.
fn most_in_an_hour(times: &[Timestamp]) -> (usize, Timestamp) {
    let mut most = (0, Timestamp::MIN);
    for (n, from) in times.iter().enumerate() {
        let until = *from + SignedDuration::from_hours(1);
        let count = times[n..].iter().take_while(|at| **at < until).count();
        most = most.max((count, *from));
    }
    most
}

/// Who asks for a pause gets it. What was under way beside the attempt that was asked is not called back.
fn impatient(handed: &[Handed]) -> Vec<String> {
    let mut broken = Vec::new();
    for (n, this) in handed.iter().enumerate().filter(|(_, handed)| handed.answered) {
        let Mood::Later(Some(seconds)) = this.mood else { continue };
        let until = this.at + SignedDuration::from_secs(seconds);
        let later = |next: &&Handed| next.to == this.to && next.life == this.life && next.began > this.at;
        let next = handed[n + 1..].iter().find(later);
        if let Some(next) = next.filter(|next| next.began < until) {
            broken.push(format!(
                "a pause was not kept: {} asked at {} for {seconds} s and was given the next at {}",
                this.to.0, this.at, next.began
            ));
        }
    }
    broken
}
