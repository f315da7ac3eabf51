//! STAND-IN until `core::filter` and `core::hours` can do it: the few questions that settings ask of them, in one place.
//! To connect: replace each body by the call that its comment names, and delete the stand-in types.

use std::{collections::BTreeSet, ops::Range};

use jiff::{
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use crate::core::{filter::Filter, hours::Hours};

/// Why a text is no filter: where in it, and what would be right. (`core::filter::FilterFault`.)
pub struct FilterFault {
    /// Bytes of the text.
    pub at: Range<usize>,
    /// What is wrong; what to do.
    pub message: String,
}

/// `Filter::parse`.
pub fn parse_filter(_text: &str) -> Result<Filter, FilterFault> {
    Ok(Filter {})
}

/// `filter.paths()`, collected: each path with its place.
pub fn paths(_filter: &Filter) -> Vec<(String, Range<usize>)> {
    Vec::new()
}

/// `filter.mentions`.
pub fn mentions(_filter: &Filter, _path: &str) -> bool {
    false
}

/// `filter::is_known`.
pub fn is_known(_path: &str) -> bool {
    true
}

/// `filter::nearest_path`.
pub fn nearest_path(_path: &str) -> Option<&'static str> {
    None
}

/// `Hours::compile` of a `HoursSpec`; `to` is `None` for the end of the day (`ClockEnd::EndOfDay`).
pub fn compile_hours(
    _zone: TimeZone,
    _days: Vec<Weekday>,
    _from: Time,
    _to: Option<Time>,
    _holidays: BTreeSet<Date>,
) -> Result<Hours, String> {
    Ok(Hours {})
}

/// `Hours::compile(HoursSpec::built_in(UTC))`, which cannot fail; stands in for hours that have a fault.
pub fn any_hours() -> Option<Hours> {
    Some(Hours {})
}

/// `hours::holidays_from_ics`.
pub fn holidays_from_ics(_text: &str) -> Result<BTreeSet<Date>, String> {
    Ok(BTreeSet::new())
}
