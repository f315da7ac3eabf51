//! The open windows of some years as a sorted table, and the searches in it. Instants here are unix seconds.
//! Must never know what a window is wanted for: moving and counting rules are its parent's.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time, date},
    tz::{AmbiguousOffset, TimeZone},
};

use super::{ClockEnd, DAY, HoursSpec};

/// One working day: open from `open` until just before `close`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) open: i64,
    pub(super) close: i64,
    /// Open seconds of all windows before this one.
    before: i64,
    /// The date that it is the working day of.
    pub(super) date: Date,
}

/// Sorted windows that never overlap. The first and the last are not working days but all the time before and after the
/// known years, which counts as open; so each search ends at a window.
pub(super) struct Table {
    windows: Vec<Window>,
    /// For each 24 hours since the start of the known years, the first window that closes after their beginning: where
    /// a search begins, at most a few windows from where it ends.
    guesses: Vec<u32>,
}

impl Table {
    /// Works out the windows from the first to the last of the years.
    ///
    /// A time of day that a change of the clock skips is as much later as the clock jumps; of one that comes twice the
    /// first counts. A day that is left with no time by this has no window.
    pub(super) fn compile(spec: &HoursSpec, (first, last): (i16, i16)) -> Self {
        let zone = &spec.time_zone;
        let (mut today, end) = (date(first, 1, 1), date(last.saturating_add(1), 1, 1));
        let start = resolve(zone, today.to_datetime(Time::midnight()));
        let head = Window { open: Timestamp::MIN.as_second(), close: start, before: 0, date: Date::MIN };
        let (mut windows, mut previous) = (vec![head], head);
        while today < end {
            let Ok(tomorrow) = today.tomorrow() else { break };
            if spec.days.contains(today.weekday()) && !spec.holidays.contains(&today) {
                // No zone of these years makes a day open before the one before it has closed; a table that is not
                // sorted would answer anything, so this is made sure of.
                let open = resolve(zone, today.to_datetime(spec.from)).max(previous.close);
                let close = closing(zone, today, tomorrow, spec.to);
                if open < close {
                    previous =
                        Window { open, close, before: previous.before + previous.close - previous.open, date: today };
                    windows.push(previous);
                }
            }
            today = tomorrow;
        }
        let open = resolve(zone, end.to_datetime(Time::midnight())).max(previous.close);
        let before = previous.before + previous.close - previous.open;
        windows.push(Window { open, close: i64::MAX, before, date: Date::MAX });
        let guesses = guesses(&windows, start, open);
        Self { windows, guesses }
    }

    /// The window that `at` is in or, where it is closed, the next, with its index: the first that closes after `at`.
    pub(super) fn at_or_after(&self, at: i64) -> (usize, &Window) {
        let day = usize::try_from(at.saturating_sub(self.start()).div_euclid(DAY)).unwrap_or(0);
        let guess = self.guesses.get(day).map_or(self.windows.len() - 1, |guess| *guess as usize);
        let mut index = if at < self.start() { 0 } else { guess };
        // The last window never closes, so this ends.
        while self.windows[index].close <= at {
            index += 1;
        }
        (index, &self.windows[index])
    }

    /// The window of this index, the time before and after the known years included.
    pub(super) fn get(&self, index: usize) -> Option<&Window> {
        self.windows.get(index)
    }

    /// The working day of this index; they are counted from 1.
    pub(super) fn known(&self, index: usize) -> Option<&Window> {
        self.windows.get(1..self.windows.len() - 1)?.get(index.checked_sub(1)?)
    }

    /// The index after the last working day's.
    pub(super) fn last(&self) -> i64 {
        self.windows.len() as i64 - 1
    }

    /// The last working day that has opened by `at`; none outside the known years.
    pub(super) fn opened_by(&self, at: i64) -> Option<&Window> {
        let (index, window) = self.at_or_after(at);
        self.known(if window.open <= at { index } else { index.saturating_sub(1) })
    }

    /// How many of the working days have closed by `at`.
    pub(super) fn days_closed_by(&self, at: i64) -> i64 {
        (self.at_or_after(at).0 as i64 - 1).max(0)
    }

    /// Open seconds from the beginning of time until `at`.
    pub(super) fn open_seconds_until(&self, at: i64) -> i64 {
        let (_, window) = self.at_or_after(at);
        window.before + (at - window.open).max(0)
    }

    /// The instant at which so many open seconds, at least one, have passed since `start`.
    pub(super) fn open_time_after(&self, start: i64, seconds: i64) -> i64 {
        let sum = self.open_seconds_until(start).saturating_add(seconds);
        self.at_open_second(sum, self.windows.partition_point(|window| window.before < sum))
    }

    /// The last instant from which so many open seconds are left before `end`.
    pub(super) fn open_time_before(&self, end: i64, seconds: i64) -> i64 {
        let sum = self.open_seconds_until(end).saturating_sub(seconds);
        self.at_open_second(sum, self.windows.partition_point(|window| window.before <= sum))
    }

    /// The instant with so many open seconds before it, in the window before the index `after`.
    fn at_open_second(&self, sum: i64, after: usize) -> i64 {
        let window = &self.windows[after.saturating_sub(1)];
        window.open.saturating_add(sum - window.before)
    }

    /// When the known years start.
    pub(super) fn start(&self) -> i64 {
        self.windows[0].close
    }

    /// When the known years end.
    pub(super) fn end(&self) -> i64 {
        self.windows[self.windows.len() - 1].open
    }
}

fn guesses(windows: &[Window], start: i64, end: i64) -> Vec<u32> {
    let mut index = 0;
    let days = (end - start) / DAY + 1;
    (0..days)
        .map(|day| {
            while windows[index].close <= start + day * DAY {
                index += 1;
            }
            index as u32
        })
        .collect()
}

/// When the working day closes. A closing that the clock skips is not put past the end of its day.
fn closing(zone: &TimeZone, today: Date, tomorrow: Date, to: ClockEnd) -> i64 {
    let midnight = || resolve(zone, tomorrow.to_datetime(Time::midnight()));
    match to {
        ClockEnd::EndOfDay => midnight(),
        ClockEnd::At(time) => {
            let close = zone.to_ambiguous_timestamp(today.to_datetime(time));
            let skipped = matches!(close.offset(), AmbiguousOffset::Gap { .. });
            let close = close.compatible().unwrap_or(Timestamp::MIN).as_second();
            if skipped { close.min(midnight()) } else { close }
        }
    }
}

/// The instant of a local time; those that there are not lie at the ends of time, far outside the known years.
fn resolve(zone: &TimeZone, local: DateTime) -> i64 {
    zone.to_timestamp(local).unwrap_or(Timestamp::MIN).as_second()
}
