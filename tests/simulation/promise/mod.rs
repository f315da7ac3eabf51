//! What must hold of every course, said without the core: of what readers got, of what the process could read of Partner
//! Center, of when it was well; and of nothing that leadtime decided. Each file is one promise; what it says of a course
//! that breaks it begins with the promise's name.

mod bounds;
mod center;
mod closings;
mod due;
mod hours;
mod houses;
mod order;
mod past;
mod repeats;
mod reported;
pub mod rest;
mod updates;

use jiff::SignedDuration;

use crate::{
    course::{Course, QUIET},
    readers::Handed,
    time::START,
};
use past::Past;

/// Every promise that the course broke, a line each; none where all were kept.
pub fn broken(course: &Course) -> Vec<String> {
    broken_by(course, &course.readers.handed())
}

/// As [`broken`], where readers had noted this.
pub fn broken_by(course: &Course, handed: &[Handed]) -> Vec<String> {
    let over = START + SignedDuration::from_mins(course.plan.heals + QUIET);
    let past = Past::of(course.chronicle.notes(), over);
    let found = [
        course.broken(),
        repeats::needless(handed),
        repeats::told_twice(&past, handed),
        repeats::ended_twice(handed),
        due::lost(&past, handed),
        order::broken(&past, handed),
        updates::missing(&past, handed),
        reported::silent(&past, handed),
        closings::after_an_answer(&past, handed),
        closings::without_an_answer(&past, handed),
        closings::untold(&past, handed),
        bounds::broken(&past, handed),
        center::broken(&past),
        rest::broken(&course.rest, handed, START + SignedDuration::from_mins(course.plan.heals)),
    ];
    found.concat()
}
