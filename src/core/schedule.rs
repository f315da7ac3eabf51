//! When a digest is due: days of the week and a time of day. It has no zone of its own: one digest may go to Budapest and to
//! London, and each reads it at its own 08:30. Must never read a clock: instants and zones are handed in.

use std::str::FromStr;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Time, Weekday},
    tz::TimeZone,
};

use super::hours::Weekdays;

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Some days of every week, at a time of day. Each of these days has exactly one occurrence: where clocks leap over the
/// time it is as much later as they leap, and where they show it twice it is the first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Schedule {
    /// Never empty.
    days: Weekdays,
    time: Time,
}

/// Why a text is no schedule.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScheduleFault {
    /// Neither days and a time, nor anything like it.
    #[error("is no schedule; write days and a time, such as \"mon 08:30\", \"mon-fri 08:30\" or \"daily 08:30\"")]
    Shape,
    /// Something that should be a day.
    #[error("has {0:?} for a day; write mon, tue, wed, thu, fri, sat, sun or daily")]
    Day(String),
    /// Something that should be a time of day.
    #[error("has {0:?} for a time of day; write it like 08:30")]
    Time(String),
}

impl FromStr for Schedule {
    type Err = ScheduleFault;

    /// Reads `mon 08:30`, `mon-fri 08:30`, `mon,wed 08:30`, `daily 08:30`.
    fn from_str(text: &str) -> Result<Self, ScheduleFault> {
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let time = words.pop().ok_or(ScheduleFault::Shape)?;
        // A space beside a comma or a hyphen is no fault.
        let joined = |pair: &[&str]| matches!(pair, [a, b] if a.ends_with([',', '-']) || b.starts_with([',', '-']));
        let days = words.concat().to_lowercase();
        if days.is_empty() || days.contains('*') || !words.windows(2).all(joined) {
            return Err(ScheduleFault::Shape);
        }
        let time = Time::strptime("%H:%M", time).map_err(|_| ScheduleFault::Time(time.to_owned()))?;
        let days = match days.as_str() {
            "daily" => DAYS.iter().map(|(_, day)| *day).collect(),
            listed => listed.split(',').map(span_of).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect(),
        };
        Ok(Self { days, time })
    }
}

/// The days of `mon`, of `mon-fri`, or of `sat-mon`, which goes on into the next week.
fn span_of(text: &str) -> Result<Vec<Weekday>, ScheduleFault> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let place = |text: &str| DAYS.iter().position(|(name, _)| *name == text).ok_or(ScheduleFault::Day(text.to_owned()));
    let (first, last) = (place(first)?, place(last)?);
    let days = (last + DAYS.len() - first) % DAYS.len() + 1;
    Ok(DAYS.iter().cycle().skip(first).take(days).map(|(_, day)| *day).collect())
}

impl Schedule {
    /// The latest occurrence that is not after `now`; `None` only at the end of the calendar.
    pub fn at_or_before(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.around(now, zone, -8..=1).filter(|at| *at <= now).max()
    }

    /// The first occurrence after `now`; `None` only at the end of the calendar.
    pub fn after(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.around(now, zone, -1..=8).filter(|at| *at > now).min()
    }

    /// The occurrences of the days so far from today. The day before and after today are asked too, as clocks that are put
    /// back at midnight show yesterday's date again.
    fn around(
        &self,
        now: Timestamp,
        zone: &TimeZone,
        days: std::ops::RangeInclusive<i64>,
    ) -> impl Iterator<Item = Timestamp> {
        let today = now.to_zoned(zone.clone()).date();
        let dates = days.filter_map(move |days| today.checked_add(days.days()).ok());
        let dates = dates.filter(|date| self.days.contains(date.weekday()));
        dates.filter_map(|date| zone.to_ambiguous_timestamp(date.to_datetime(self.time)).compatible().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> Schedule {
        text.parse().unwrap_or_else(|fault| panic!("{text:?} {fault}"))
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    /// What comes after each, one after another.
    fn next(text: &str, from: &str, name: &str, many: usize) -> Vec<String> {
        let (schedule, zone) = (schedule(text), zone(name));
        let later = std::iter::successors(Some(at(from)), |now| schedule.after(*now, &zone));
        later.skip(1).take(many).map(|at| at.to_string()).collect()
    }

    #[test]
    fn days_are_written_one_by_one_as_a_span_or_as_every_day() {
        let monday = "2026-11-16T00:00:00Z";
        let dates = |text: &str, many: usize| -> Vec<String> {
            next(text, monday, "UTC", many).into_iter().map(|at| at[8..10].to_owned()).collect()
        };
        assert_eq!(dates("mon 08:30", 3), ["16", "23", "30"]);
        assert_eq!(dates("mon-fri 08:30", 6), ["16", "17", "18", "19", "20", "23"]);
        assert_eq!(dates("mon,wed 08:30", 3), ["16", "18", "23"]);
        assert_eq!(dates("  Mon, WED  08:30 ", 3), ["16", "18", "23"]);
        assert_eq!(dates("sat-mon 08:30", 4), ["16", "21", "22", "23"]);
        assert_eq!(dates("mon,thu-fri 08:30", 4), ["16", "19", "20", "23"]);
        assert_eq!(dates("daily 08:30", 8), ["16", "17", "18", "19", "20", "21", "22", "23"]);
    }

    #[test]
    fn what_is_no_schedule_says_which_part_is_not() {
        let fault = |text: &str| text.parse::<Schedule>().unwrap_err();
        let day = |text: &str| ScheduleFault::Day(text.to_owned());
        let time = |text: &str| ScheduleFault::Time(text.to_owned());
        assert_eq!(fault(""), ScheduleFault::Shape);
        assert_eq!(fault("08:30"), ScheduleFault::Shape);
        assert_eq!(fault("every monday 08:30"), ScheduleFault::Shape);
        assert_eq!(fault("monday 08:30"), day("monday"));
        assert_eq!(fault("mon- 08:30"), day(""));
        assert_eq!(fault("mon,,tue 08:30"), day(""));
        assert_eq!(fault("mon-daily 08:30"), day("daily"));
        assert_eq!(fault("mon 25:00"), time("25:00"));
        assert_eq!(fault("mon 08:30:15"), time("08:30:15"));
        assert_eq!(fault("0 8 * * 1"), ScheduleFault::Shape, "nor is what cron reads");
    }

    #[test]
    fn an_occurrence_is_not_after_itself_and_not_before_itself() {
        let (monday, utc) = (schedule("mon 08:30"), TimeZone::UTC);
        let due = at("2026-11-16T08:30:00Z");
        assert_eq!(monday.at_or_before(due, &utc), Some(due));
        assert_eq!(monday.at_or_before(at("2026-11-16T08:29:59Z"), &utc), Some(at("2026-11-09T08:30:00Z")));
        assert_eq!(monday.at_or_before(at("2026-11-22T23:59:59Z"), &utc), Some(due));
        assert_eq!(monday.after(due, &utc), Some(at("2026-11-23T08:30:00Z")));
        assert_eq!(monday.after(at("2026-11-16T08:29:59Z"), &utc), Some(due));
    }

    #[test]
    fn a_time_of_day_stays_the_same_when_summer_begins_and_ends() {
        assert_eq!(
            next("daily 08:30", "2026-03-28T00:00:00Z", "Europe/Budapest", 3),
            ["2026-03-28T07:30:00Z", "2026-03-29T06:30:00Z", "2026-03-30T06:30:00Z"]
        );
        assert_eq!(
            next("daily 08:30", "2026-10-24T00:00:00Z", "Europe/Budapest", 3),
            ["2026-10-24T06:30:00Z", "2026-10-25T07:30:00Z", "2026-10-26T07:30:00Z"]
        );
    }

    #[test]
    fn a_time_that_the_clocks_leap_over_comes_as_much_later_and_once() {
        // 02:30 is no time in Budapest on 29 March 2026: after 01:59 comes 03:00.
        assert_eq!(
            next("daily 02:30", "2026-03-28T00:00:00Z", "Europe/Budapest", 3),
            ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"]
        );
    }

    #[test]
    fn a_time_that_the_clocks_show_twice_comes_the_first_time_only() {
        // 02:30 is twice in Budapest on 25 October 2026, at 00:30 and at 01:30 UTC.
        assert_eq!(
            next("daily 02:30", "2026-10-24T12:00:00Z", "Europe/Budapest", 2),
            ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
        );
        let second = at("2026-10-25T01:30:00Z");
        let daily = schedule("daily 02:30");
        assert_eq!(daily.at_or_before(second, &zone("Europe/Budapest")), Some(at("2026-10-25T00:30:00Z")));
    }

    #[test]
    fn clocks_put_back_over_midnight_bring_no_day_twice() {
        // In Newfoundland, one minute past midnight on 7 November 2010 it was 23:01 on the 6th again.
        let (daily, zone) = (schedule("daily 00:00"), zone("America/St_Johns"));
        let midnight = at("2010-11-07T02:30:00Z");
        assert_eq!(daily.after(at("2010-11-06T12:00:00Z"), &zone), Some(midnight));
        assert_eq!(daily.at_or_before(at("2010-11-07T02:45:00Z"), &zone), Some(midnight));
        assert_eq!(daily.after(midnight, &zone), Some(at("2010-11-08T03:30:00Z")));
    }

    #[test]
    fn from_any_instant_the_occurrence_before_and_the_one_after_are_neighbours() {
        for name in ["Europe/Budapest", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"] {
            let zone = zone(name);
            for text in ["sun 02:15", "mon-fri 08:30", "daily 00:00"] {
                let schedule = schedule(text);
                let mut now = at("2011-10-01T00:00:00Z");
                while now < at("2012-04-30T00:00:00Z") {
                    let before = schedule.at_or_before(now, &zone).unwrap();
                    let after = schedule.after(now, &zone).unwrap();
                    assert!(before <= now && now < after, "{name} {text} {now}");
                    assert_eq!(schedule.after(before, &zone), Some(after), "{name} {text} {now}");
                    now += jiff::SignedDuration::from_mins(7 * 60 + 13);
                }
            }
        }
    }

    #[test]
    fn at_the_ends_of_the_calendar_there_is_no_occurrence_and_no_panic() {
        let daily = schedule("daily 12:00");
        assert_eq!(daily.after(Timestamp::MAX, &TimeZone::UTC), None);
        assert_eq!(daily.at_or_before(Timestamp::MIN, &TimeZone::UTC), None);
    }
}
