//! From what a person types to the time that is meant: `30d` before now, or a day in the zone of the settings. Must never
//! read a clock.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::core::period::{Period, Seconds};

/// An instant of the past as people write it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Since {
    /// So many seconds before now.
    Ago(i64),
    /// The beginning of that day.
    Day(Date),
}

/// A text that says no time.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("\"{0}\" is no time; write how long ago (30d, 4w, 12h) or a day (2026-10-01)")]
pub struct NoTime(String);

impl Since {
    /// The instant that it means at `now`.
    pub fn instant(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Ago(seconds) => now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN),
            Self::Day(day) => day.to_zoned(zone.clone()).map_or(Timestamp::MIN, |start| start.timestamp()),
        }
    }
}

impl FromStr for Since {
    type Err = NoTime;

    fn from_str(text: &str) -> Result<Self, NoTime> {
        let no_time = || NoTime(text.chars().take(40).collect());
        if let Ok(day) = text.trim().parse::<Date>() {
            return Ok(Self::Day(day));
        }
        match Period::parse(text.trim()) {
            Ok(Period::Elapsed(Seconds(seconds))) => Ok(Self::Ago(seconds)),
            _ => Err(no_time()),
        }
    }
}

impl fmt::Display for Since {
    /// As it is read again.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ago(seconds) => write!(f, "{}", Period::seconds(*seconds)),
            Self::Day(day) => day.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_counts_back_from_now_and_a_day_begins_where_people_live() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let zone = TimeZone::get("Europe/Budapest").unwrap();
        let at = |text: &str| text.parse::<Since>().unwrap().instant(now, &zone).to_string();
        assert_eq!(at("30d"), "2026-10-21T12:00:00Z");
        assert_eq!(at(" 1w "), "2026-11-13T12:00:00Z");
        assert_eq!(at("2026-11-02"), "2026-11-01T23:00:00Z");
    }

    #[test]
    fn what_is_neither_is_refused_with_what_to_write() {
        for text in ["", "30", "3bd", "yesterday", "-3d", "2026-13-01"] {
            let fault = text.parse::<Since>().unwrap_err().to_string();
            assert!(fault.contains("30d") && fault.contains(text), "{fault}");
        }
    }

    #[test]
    fn it_is_read_back_from_what_it_shows() {
        for since in [Since::Ago(86_400 * 30), Since::Ago(5_400), Since::Day(jiff::civil::date(2026, 10, 1))] {
            assert_eq!(since.to_string().parse(), Ok(since));
        }
    }
}
