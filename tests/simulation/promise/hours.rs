//! Working hours as a person reads them off a calendar: Monday to Friday, nine to five, day by day. Written down for the
//! judge alone, so that it errs in other ways than the core.

use jiff::{SignedDuration, Timestamp, civil::Weekday, tz::TimeZone};

use crate::time::START;

/// Every working day of the courses, from its opening to its closing.
pub struct Hours(Vec<(Timestamp, Timestamp)>);

impl Hours {
    /// Those of a time zone.
    pub fn of(zone: &str) -> Self {
        let zone = TimeZone::get(zone).unwrap();
        let first = START.to_zoned(zone.clone()).date();
        let days = (-60..150).map(|day| first + jiff::Span::new().days(day));
        let works = |day: &jiff::civil::Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let at = |day: jiff::civil::Date, hour| day.at(hour, 0, 0, 0).to_zoned(zone.clone()).unwrap().timestamp();
        Self(days.filter(works).map(|day| (at(day, 9), at(day, 17))).collect())
    }

    /// The stretches of open time.
    pub fn days(&self) -> &[(Timestamp, Timestamp)] {
        &self.0
    }

    /// The number of the working day that is open at that instant, or else opens next.
    fn day_at(&self, at: Timestamp) -> usize {
        self.0.partition_point(|(_, closes)| *closes <= at)
    }

    pub fn is_open(&self, at: Timestamp) -> bool {
        self.0[self.day_at(at)].0 <= at
    }

    /// That instant, or the next opening.
    pub fn opens_by(&self, at: Timestamp) -> Timestamp {
        self.0[self.day_at(at)].0.max(at)
    }

    /// That instant, or the last opening before it.
    pub fn brought_forward(&self, at: Timestamp) -> Timestamp {
        if self.is_open(at) { at } else { self.0[self.day_at(at) - 1].0 }
    }

    /// The same time of day so many working days later.
    pub fn days_after(&self, at: Timestamp, days: usize) -> Timestamp {
        let from = self.opens_by(at);
        let day = self.day_at(from);
        self.0[day + days].0 + from.duration_since(self.0[day].0)
    }

    /// So many open hours later.
    pub fn hours_after(&self, at: Timestamp, hours: i64) -> Timestamp {
        let mut left = SignedDuration::from_hours(hours);
        let mut from = self.opens_by(at);
        loop {
            let day = self.day_at(from);
            let closes = self.0[day].1;
            let here = closes.duration_since(from);
            if left <= here {
                return from + left;
            }
            left -= here;
            from = self.0[day + 1].0;
        }
    }

    /// The opening of the last working day but so many that closes at or before the deadline (1 is the last).
    pub fn days_before(&self, deadline: Timestamp, days: usize) -> Timestamp {
        let closed = self.0.partition_point(|(_, closes)| *closes <= deadline);
        self.0[closed - days].0
    }
}
