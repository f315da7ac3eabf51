//! The judge judged: what readers got in a quiet course is spoilt in one place after the other, and each time a promise must
//! be found broken. A judge that says yes to everything would prove nothing.

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use leadtime::core::ids::MessageId;

use crate::{
    course::Course,
    plan::{Event, Plan},
    promise,
    readers::{About, Handed},
    time::START,
};

/// In which way a course is spoilt.
#[derive(Clone, Copy, Debug)]
enum Spoilt {
    /// A message never came.
    Lost,
    /// It came once more, under another id.
    Twice,
    /// It came once more, under its own id and without the mark of a repeat.
    Again,
}

const WAYS: [Spoilt; 3] = [Spoilt::Lost, Spoilt::Twice, Spoilt::Again];

/// Spoils the quiet courses of so many seeds, and says what was overlooked.
pub fn all(seeds: std::ops::Range<u64>) -> ExitCode {
    let (mut spoilt, mut overlooked) = (0, Vec::new());
    for seed in seeds {
        let mut course = Course::new(quiet(seed));
        course.play();
        let handed = course.readers.handed();
        // What comes last has its time until the quiet days are over, and is not judged before.
        let until = START + SignedDuration::from_mins(course.plan.heals);
        for place in (0..handed.len()).filter(|place| is_judged(&handed[*place]) && handed[*place].at < until) {
            for way in WAYS {
                spoilt += 1;
                if promise::broken_by(&course, &with(&handed, place, way)).is_empty() {
                    overlooked.push(format!("seed {seed}, {way:?}: {}", handed[place]));
                }
            }
        }
    }
    println!("{spoilt} times a message was taken out or put in, {} times nobody noticed", overlooked.len());
    overlooked.iter().for_each(|what| println!("  {what}"));
    if overlooked.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A seed's plan without anything that goes wrong.
fn quiet(seed: u64) -> Plan {
    let plan = Plan::draw(seed);
    let goes_well = |event: &Event| matches!(event, Event::Arrives { .. } | Event::Accepts(_) | Event::Declines(_));
    let kept: Vec<usize> =
        plan.events.iter().filter(|planned| goes_well(&planned.event)).map(|planned| planned.number).collect();
    plan.only(&kept)
}

/// What shows in its text which step of which referral it is. Two kinds are not judged: repeats by working days, and what
/// comes in the last day of a referral, which has too few open hours to be missed in.
fn is_judged(handed: &Handed) -> bool {
    let is_repeat = |step: &Option<String>| step.as_ref().is_some_and(|step| step.contains("bd +"));
    let has_time = |deadline: Timestamp| {
        deadline < handed.at || deadline.duration_since(handed.at) > SignedDuration::from_hours(24)
    };
    let is_judged =
        |about: &About| about.event.is_some() && !is_repeat(&about.step) && about.deadline.is_none_or(has_time);
    handed.taken && handed.about.len() == 1 && handed.about.iter().all(is_judged)
}

fn with(handed: &[Handed], place: usize, way: Spoilt) -> Vec<Handed> {
    let mut handed = handed.to_vec();
    match way {
        Spoilt::Lost => drop(handed.remove(place)),
        Spoilt::Twice => {
            let id = MessageId::of_key("nobody has sent this");
            handed.insert(place + 1, Handed { id, ..handed[place].clone() });
        }
        Spoilt::Again => handed.insert(place + 1, handed[place].clone()),
    }
    handed
}
