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
        let values = [("day", date.day().into()), ("month-number", date.month().into())];
        let names = [
            ("weekday", name(&self.weekdays, date.weekday().to_monday_zero_offset()).into()),
            ("month", name(&self.months, date.month() - 1).into()),
        ];
        // As a text: a year is no number that anybody counts.
        let year = (id == "date-with-year").then(|| ("year", date.year().to_string().into()));
        self.say(id, values.into_iter().chain(names).chain(year))
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

fn name(names: &[String], index: i8) -> &str {
    usize::try_from(index).ok().and_then(|index| names.get(index)).map_or("", String::as_str)
}

fn time(time: civil::Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::words::{Locale, of};

    /// What English, Hungarian and Czech say, with plain spaces.
    fn three(say: impl Fn(&Words) -> String) -> [String; 3] {
        ["en", "hu", "cs"].map(|code| say(of(Locale::parse(code).unwrap())).replace('\u{a0}', " "))
    }

    #[test]
    fn a_day_has_its_weekday_and_a_last_day_its_preposition() {
        let day = civil::date(2026, 11, 19);
        assert_eq!(three(|words| words.date(day)), ["Thu 19 Nov", "nov. 19., cs.", "čt 19. 11."]);
        assert_eq!(three(|words| words.until(day)), ["by Thu 19 Nov", "nov. 19-ig (cs.)", "do 19. 11. (čt)"]);
        assert_eq!(three(|words| words.until_short(day)), ["by Thu 19 Nov", "nov. 19-ig", "do 19. 11."]);
    }

    #[test]
    fn an_instant_names_its_zone_and_a_foreign_year() {
        let zone = TimeZone::get("Europe/Budapest").unwrap();
        let now = "2026-11-06T09:00:00Z".parse().unwrap();
        let at = |text: &str| three(|words| words.moment(text.parse().unwrap(), &zone, now));
        assert_eq!(
            at("2026-11-20T00:00:00Z"),
            ["Fri 20 Nov, 01:00 CET", "nov. 20., p. 01:00 (CET)", "pá 20. 11. 01:00 CET"]
        );
        assert_eq!(
            at("2027-01-04T08:00:00Z"),
            ["Mon 4 Jan 2027, 09:00 CET", "2027. jan. 4., h. 09:00 (CET)", "po 4. 1. 2027 09:00 CET"]
        );
    }

    #[test]
    fn lengths_of_time_show_two_units() {
        for (seconds, shown) in [
            (-5, ["1 min", "1 perc", "1 min"]),
            (59, ["1 min", "1 perc", "1 min"]),
            (720, ["12 min", "12 perc", "12 min"]),
            (12_000, ["3 h 20 min", "3 óra 20 perc", "3 h 20 min"]),
            (97_200, ["1 d 3 h", "1 nap 3 óra", "1 d 3 h"]),
            (86_400, ["1 d", "1 nap", "1 d"]),
        ] {
            assert_eq!(three(|words| words.duration(seconds)), shown);
        }
    }

    #[test]
    fn periods_are_counted_as_each_language_counts() {
        let said = |period| three(|words| words.period(period));
        for (days, czech) in [
            (1, "1 pracovní den"),
            (2, "2 pracovní dny"),
            (4, "4 pracovní dny"),
            (5, "5 pracovních dní"),
            (12, "12 pracovních dní"),
            (21, "21 pracovních dní"),
            (22, "22 pracovních dní"),
        ] {
            let english = if days == 1 { "1 working day".to_owned() } else { format!("{days} working days") };
            assert_eq!(said(Period::working_days(days)), [english, format!("{days} munkanap"), czech.to_owned()]);
        }
        assert_eq!(said(Period::seconds(36 * 3_600)), ["1 day and 12 hours", "1 nap és 12 óra", "1 den a 12 hodin"]);
        assert_eq!(
            three(|words| words.distance(Period::working_hours(4))),
            ["4 working hours", "4 munkaórával", "4 pracovní hodiny"]
        );
    }
}
