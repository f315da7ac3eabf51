//! The few questions that settings ask of the core's language and hours, in the words of the settings.

use std::{collections::BTreeSet, ops::Range};

use jiff::{
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

pub use crate::core::filter::{FilterFault, is_known, nearest_path};
use crate::core::{
    filter::Filter,
    hours::{ClockEnd, Hours, HoursSpec},
};

/// Reads a `when` or a `filter`.
///
/// # Errors
/// What is wrong, and where in it.
pub fn parse_filter(text: &str) -> Result<Filter, FilterFault> {
    Filter::parse(text)
}

/// Each path of a filter with its place.
pub fn paths(filter: &Filter) -> Vec<(String, Range<usize>)> {
    filter.paths().map(|(path, at)| (path.to_owned(), at)).collect()
}

/// Whether a filter asks for a path, or for anything below it.
pub fn mentions(filter: &Filter, path: &str) -> bool {
    filter.mentions(path)
}

/// Hours as the settings write them; `to` is `None` for the end of the day.
///
/// # Errors
/// What is wrong with them, in a sentence.
pub fn compile_hours(
    zone: TimeZone,
    days: Vec<Weekday>,
    from: Time,
    to: Option<Time>,
    holidays: BTreeSet<Date>,
) -> Result<Hours, String> {
    let to = to.map_or(ClockEnd::EndOfDay, ClockEnd::At);
    let spec = HoursSpec { time_zone: zone, days: days.into_iter().collect(), from, to, holidays };
    Hours::compile(spec).map_err(|fault| fault.to_string())
}

/// The built-in hours; they stand in for hours that have a fault.
pub fn any_hours() -> Option<Hours> {
    Hours::compile(HoursSpec::built_in(TimeZone::UTC)).ok()
}

/// The whole days that a calendar file names.
///
/// # Errors
/// Why it is no calendar, in a sentence.
pub fn holidays_from_ics(text: &str) -> Result<BTreeSet<Date>, String> {
    crate::core::hours::holidays_from_ics(text).map_err(|fault| fault.to_string())
}
