//! Days, instants and lengths of time as people of a language read them. Hours are those of a day of 24, in the zone that is
//! handed in.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::Words;
use crate::core::period::{Period, Seconds};

impl Words {
    /// `Thu 19 Nov`.
    pub fn date(&self, date: civil::Date) -> String {
        self.day("date", date)
    }

    /// `Thu 19 Nov`, with the year where that is not this one.
    pub fn date_seen_from(&self, date: civil::Date, year: i16) -> String {
        if date.year() == year { self.date(date) } else { self.day("date-with-year", date) }
    }

    /// `by Thu 19 Nov`.
    pub fn until(&self, date: civil::Date) -> String {
        self.day("until", date)
    }

    /// The same where room is short.
    pub fn until_short(&self, date: civil::Date) -> String {
        self.day("until-short", date)
    }

    fn day(&self, id: &'static str, date: civil::Date) -> String {
        let pick = |names: &[String], index: i8| {
            let name = usize::try_from(index).ok().and_then(|index| names.get(index));
            name.cloned().unwrap_or_default()
        };
        self.say(
            id,
            [
                ("weekday", pick(&self.weekdays, date.weekday().to_monday_zero_offset()).into()),
                ("day", date.day().into()),
                ("month", pick(&self.months, date.month() - 1).into()),
                ("month-number", date.month().into()),
                // As a text: a year is no number that anybody counts.
                ("year", date.year().to_string().into()),
            ],
        )
    }

    /// An instant with its zone: `Fri 20 Nov, 01:00 CET`; with the year where that is not the one of `now`.
    pub fn moment(&self, at: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
        let local = at.to_zoned(zone.clone());
        let date = self.date_seen_from(local.date(), now.to_zoned(zone.clone()).year());
        let name = zone.to_offset_info(at).abbreviation().to_owned();
        self.say("moment", [("date", date.into()), ("time", time(local.time()).into()), ("zone", name.into())])
    }

    /// An instant of these days, its zone taken as read: `Mon 16 Nov, 09:00`.
    pub fn clock(&self, at: Timestamp, zone: &TimeZone) -> String {
        let local = at.to_zoned(zone.clone());
        self.say("clock", [("date", self.date(local.date()).into()), ("time", time(local.time()).into())])
    }

    /// A length of time by its two largest units: `1 d 3 h`, `3 h 20 min`, `12 min`; less than a minute is `1 min`.
    pub fn duration(&self, seconds: i64) -> String {
        let minutes = (seconds.max(0) / 60).max(1);
        let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
        let parts = match (days, hours) {
            (0, 0) => [("duration-minutes", rest), ("duration-hours", 0)],
            (0, _) => [("duration-hours", hours), ("duration-minutes", rest)],
            _ => [("duration-days", days), ("duration-hours", hours)],
        };
        let shown = parts.into_iter().filter(|(_, n)| *n > 0).map(|(id, n)| self.say(id, [("n", n.into())]));
        shown.collect::<Vec<_>>().join(" ")
    }

    /// `in 13 d 15 h`.
    pub fn in_time(&self, left: &str) -> String {
        self.say("in-time", [("left", left.into())])
    }

    /// `12 min ago`.
    pub fn ago(&self, age: &str) -> String {
        self.say("ago", [("age", age.into())])
    }

    /// A period of the settings as a length: `3 working days`, `1 day and 12 hours`.
    pub fn period(&self, period: Period) -> String {
        self.period_in("span", period)
    }

    /// The same before "before expiry" and "after creation", where some languages have a form of their own.
    pub fn distance(&self, period: Period) -> String {
        self.period_in("distance", period)
    }

    fn period_in(&self, form: &'static str, period: Period) -> String {
        let parts = match period {
            Period::Elapsed(Seconds(seconds)) => match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60) {
                (0, 0, 0) => [("period-seconds", seconds), ("period-minutes", 0)],
                (0, hours, minutes) => [("period-hours", hours), ("period-minutes", minutes)],
                (days, hours, _) => [("period-days", days), ("period-hours", hours)],
            },
            Period::Working { days: 0, seconds: Seconds(seconds) } => {
                [("period-working-hours", seconds / 3_600), ("period-hours", 0)]
            }
            Period::Working { days, seconds: Seconds(seconds) } => {
                [("period-working-days", days.into()), ("period-hours", seconds / 3_600)]
            }
        };
        let mut said = parts
            .into_iter()
            .filter(|(_, n)| *n > 0)
            .map(|(id, n)| self.say(id, [("n", n.into()), ("form", form.into())]));
        match (said.next().unwrap_or_default(), said.next()) {
            (one, None) => one,
            (first, Some(second)) => self.say("period-both", [("first", first.into()), ("second", second.into())]),
        }
    }
}

fn time(time: civil::Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}
