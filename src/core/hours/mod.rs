//! Working hours: which instants are open, what closed instants are moved to, and how working days and open hours are
//! counted. Hours are compiled once into a table of open windows; every question is then a search in it.
//! Must never read a clock or a file: zones, holidays and instants are handed in.

use std::{collections::BTreeSet, fmt, sync::Arc};

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time, Weekday},
    tz::TimeZone,
};

use super::period::{Period, Seconds};

mod holidays;
mod table;

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod stories;

pub use holidays::{HolidaysFault, holidays_from_ics};
use table::Table;

/// The years whose windows are known. A referral lives for weeks, so this is wide; compiling it takes half a
/// millisecond. Before and after them hours are always open: nothing is moved, a day is a working day of 24 hours.
pub(crate) const YEARS: (i16, i16) = (2015, 2045);

/// An answer takes somebody's time: an opening that leaves less open time than this before a deadline is too late.
const TIME_TO_ANSWER: i64 = 2 * 3_600;

const DAY: i64 = 86_400;

/// Hours as the user writes them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HoursSpec {
    /// Where the clock hangs that `from`, `to` and the dates are read from.
    pub time_zone: TimeZone,
    /// The days of the week that are worked.
    pub days: Weekdays,
    /// When a working day opens.
    pub from: Time,
    /// When it closes, later than `from`. What is open overnight is not one working day and cannot be written.
    pub to: ClockEnd,
    /// Dates that are closed whatever their day of the week.
    pub holidays: BTreeSet<Date>,
}

impl HoursSpec {
    /// What hours are where the user writes nothing: Monday to Friday, 09:00 to 17:00, no holidays.
    pub fn built_in(time_zone: TimeZone) -> Self {
        Self {
            time_zone,
            days: Weekdays::MON_TO_FRI,
            from: Time::constant(9, 0, 0, 0),
            to: ClockEnd::At(Time::constant(17, 0, 0, 0)),
            holidays: BTreeSet::new(),
        }
    }
}

/// A set of days of the week.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Weekdays([bool; 7]);

impl Weekdays {
    /// Monday to Friday.
    pub const MON_TO_FRI: Self = Self([true, true, true, true, true, false, false]);

    /// Whether the day is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0.get(Self::place(day)).copied().unwrap_or(false)
    }

    fn place(day: Weekday) -> usize {
        usize::from(day.to_monday_zero_offset().unsigned_abs())
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        let mut set = Self::default();
        for day in days {
            if let Some(place) = set.0.get_mut(Self::place(day)) {
                *place = true;
            }
        }
        set
    }
}

/// When a working day closes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ClockEnd {
    /// At this time of the same day.
    At(Time),
    /// At `24:00`, the start of the next day.
    EndOfDay,
}

/// Why hours cannot be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HoursFault {
    /// No day of the week is worked.
    #[error("no day is open; name at least one in `days`, e.g. days = [\"mon\", \"tue\"]")]
    NoDays,
    /// They close before they open.
    #[error(
        "from {} to {} is never open; set `to` later than `from` (24:00 for the end of the day); \
         a day cannot run past midnight", from.strftime("%H:%M"), to.strftime("%H:%M")
    )]
    Never {
        /// The opening as written.
        from: Time,
        /// The closing as written.
        to: Time,
    },
}

/// Compiled hours. Cloning is cheap; two are equal when the same was specified.
///
/// Working time is counted in whole seconds: the fraction of an instant that is counted from or to is dropped.
#[derive(Clone)]
pub struct Hours(Arc<Compiled>);

struct Compiled {
    spec: HoursSpec,
    table: Table,
}

impl Hours {
    /// Compiles what the user wrote.
    ///
    /// # Errors
    /// Where no instant could ever be open.
    pub fn compile(spec: HoursSpec) -> Result<Self, HoursFault> {
        Self::compile_years(spec, YEARS)
    }

    fn compile_years(spec: HoursSpec, years: (i16, i16)) -> Result<Self, HoursFault> {
        if spec.days == Weekdays::default() {
            return Err(HoursFault::NoDays);
        }
        if let ClockEnd::At(to) = spec.to
            && to <= spec.from
        {
            return Err(HoursFault::Never { from: spec.from, to });
        }
        let table = Table::compile(&spec, years);
        Ok(Self(Arc::new(Compiled { spec, table })))
    }

    /// The zone of these hours, in which dates and times of day are meant.
    pub fn time_zone(&self) -> &TimeZone {
        &self.0.spec.time_zone
    }

    fn table(&self) -> &Table {
        &self.0.table
    }

    /// Whether `at` is within working hours: the opening instant is, the closing instant is not.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.table().at_or_after(at.as_second()).1.open <= at.as_second()
    }

    /// `at` itself when open, else the next opening.
    pub fn open_at_or_after(&self, at: Timestamp) -> Timestamp {
        let (_, window) = self.table().at_or_after(at.as_second());
        if window.open <= at.as_second() { at } else { instant(window.open) }
    }

    /// The first opening strictly after `at`; past the known years, a day after it.
    pub fn next_opening_after(&self, at: Timestamp) -> Timestamp {
        let (index, window) = self.table().at_or_after(at.as_second());
        if window.open > at.as_second() {
            return instant(window.open);
        }
        match self.table().get(index + 1) {
            Some(next) => instant(next.open),
            None => plus(at, DAY),
        }
    }

    /// The last opening at or before `at`, whether open or closed now.
    pub fn opening_at_or_before(&self, at: Timestamp) -> Timestamp {
        match self.table().opened_by(at.as_second()) {
            Some(window) => instant(window.open),
            None => self.brought_forward(at),
        }
    }

    /// `at` itself when open, else the last opening before it: what must not be late comes early.
    pub fn brought_forward(&self, at: Timestamp) -> Timestamp {
        let (index, window) = self.table().at_or_after(at.as_second());
        if window.open <= at.as_second() {
            return at;
        }
        match self.table().known(index.saturating_sub(1)) {
            Some(before) => instant(before.open),
            None => instant(self.table().start()),
        }
    }

    /// How many seconds between the two instants are open; 0 where `to` is not after `from`.
    pub fn open_seconds_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        if to <= from {
            return 0;
        }
        self.table().open_seconds_until(to.as_second()) - self.table().open_seconds_until(from.as_second())
    }

    /// `start` + `period`; the result is not moved and may be closed.
    ///
    /// N working days later is the same time of day on the N-th working day after (within its hours), counted from the
    /// next opening where `start` is closed. N open hours that end exactly at a closing end there, not at the next
    /// opening. Days are counted first, then hours.
    pub fn after(&self, start: Timestamp, period: Period) -> Timestamp {
        match period {
            Period::Elapsed(Seconds(seconds)) => plus(start, seconds),
            Period::Working { days, seconds: Seconds(seconds) } => {
                let start = if days > 0 { self.working_days_after(start, i64::from(days)) } else { start };
                if seconds > 0 { instant(self.table().open_time_after(start.as_second(), seconds)) } else { start }
            }
        }
    }

    /// `deadline` - `period`; plain time is not moved and may be closed.
    ///
    /// N working days before is the opening of the N-th last working day that closes at or before the deadline. N open
    /// hours before is the instant from which N open hours remain; where that is a closing, the opening after it. Days
    /// are counted first, then hours.
    pub fn before(&self, deadline: Timestamp, period: Period) -> Timestamp {
        match period {
            Period::Elapsed(Seconds(seconds)) => plus(deadline, -seconds),
            Period::Working { days, seconds: Seconds(seconds) } => {
                let end = if days > 0 { self.working_days_before(deadline, i64::from(days)) } else { deadline };
                if seconds > 0 { instant(self.table().open_time_before(end.as_second(), seconds)) } else { end }
            }
        }
    }

    /// The day that people are told to answer by: the last working day that opens at least two hours before the
    /// deadline, as a date in the hours' zone.
    pub fn answer_by(&self, deadline: Timestamp) -> Date {
        let latest = plus(deadline, -TIME_TO_ANSWER);
        match self.table().opened_by(latest.as_second()) {
            Some(window) => window.date,
            None => self.time_zone().to_datetime(latest).date(),
        }
    }

    /// Whether waiting would cost the deadline: the next opening at or after `from` leaves less than two open hours
    /// before it.
    pub fn leaves_too_little(&self, from: Timestamp, deadline: Timestamp) -> bool {
        self.open_seconds_between(self.open_at_or_after(from), deadline) < TIME_TO_ANSWER
    }

    /// How many working days are left, today included until it closes: those that close after `now` and at or before
    /// the deadline. At `before(deadline, Nbd)` it is N; a deadline within a working day does not count that day.
    pub fn working_days_left(&self, now: Timestamp, deadline: Timestamp) -> u32 {
        let (table, now, deadline) = (self.table(), now.as_second(), deadline.as_second());
        let known = table.days_closed_by(deadline) - table.days_closed_by(now);
        let unknown = whole_days(deadline.min(table.start()) - now) + whole_days(deadline - now.max(table.end()));
        u32::try_from((known + unknown).max(0)).unwrap_or(u32::MAX)
    }

    fn working_days_after(&self, start: Timestamp, days: i64) -> Timestamp {
        let (index, from) = self.table().at_or_after(start.as_second());
        if index == 0 {
            return plus(start, days * DAY);
        }
        let target = i64::try_from(index).unwrap_or(i64::MAX).saturating_add(days);
        let Some(window) = usize::try_from(target).ok().and_then(|target| self.table().known(target)) else {
            return plus(start.max(instant(self.table().end())), (target - self.table().last()) * DAY);
        };
        if start.as_second() <= from.open {
            return instant(window.open);
        }
        let time = self.time_zone().to_datetime(start).time();
        let same_time = self.time_zone().to_timestamp(window.date.to_datetime(time));
        same_time.unwrap_or(Timestamp::MIN).clamp(instant(window.open), instant(window.close))
    }

    fn working_days_before(&self, deadline: Timestamp, days: i64) -> Timestamp {
        let table = self.table();
        let unknown = whole_days(deadline.as_second() - table.end());
        if deadline.as_second() < table.start() {
            return plus(deadline, -days * DAY);
        }
        if days <= unknown {
            return plus(deadline, -days * DAY).max(instant(table.end()));
        }
        let target = table.days_closed_by(deadline.as_second()) + 1 - (days - unknown);
        match usize::try_from(target).ok().and_then(|target| table.known(target)) {
            Some(window) => instant(window.open),
            None => instant(table.start() + (target - 1) * DAY),
        }
    }
}

impl PartialEq for Hours {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.spec == other.0.spec
    }
}

impl fmt::Debug for Hours {
    /// What was specified: the table would be thousands of lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Hours").field(&self.0.spec).finish()
    }
}

/// The instant of a unix second; the nearest that there is where time itself ends.
fn instant(second: i64) -> Timestamp {
    let end = if second < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_second(second).unwrap_or(end)
}

/// Plain addition, up to the ends of time.
fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    let end = if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    at.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(end)
}

/// Days of 24 hours that so many seconds begin; none where they are negative.
fn whole_days(seconds: i64) -> i64 {
    (seconds.max(0) + DAY - 1) / DAY
}
