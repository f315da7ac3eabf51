//! Working hours against a second, deliberately slow answer: it walks every minute of ten weeks and knows of a zone
//! only what its clock shows at an instant. Must share no arithmetic with what it judges.

use jiff::{ToSpan, civil::date, tz::TimeZoneDatabase};
use proptest::prelude::*;

use super::*;

const MINUTE: i64 = 60;
/// Half the time that the oracle sees.
const REACH: i64 = 35 * DAY;

/// What a clock on the wall shows, in seconds since a midnight of its own, minute by minute.
struct Oracle {
    start: i64,
    shows: Vec<i64>,
    /// The working day (days since 1970-01-01) that the minute is open on.
    open: Vec<Option<i64>>,
}

impl Oracle {
    fn new(spec: &HoursSpec, centre: i64) -> Self {
        let start = (centre - REACH).div_euclid(MINUTE) * MINUTE;
        let minutes = (0..2 * REACH / MINUTE).map(|minute| start + minute * MINUTE);
        let shows: Vec<i64> =
            minutes.map(|at| at + i64::from(spec.time_zone.to_offset(instant(at)).seconds())).collect();
        let days = shows[0] / DAY + 3..shows[shows.len() - 1] / DAY - 3;
        let mut oracle = Self { start, open: vec![None; shows.len()], shows };
        for day in days {
            let civil = date(1970, 1, 1) + day.days();
            if !spec.days.0[(day + 3) as usize % 7] || spec.holidays.contains(&civil) {
                continue;
            }
            let from = oracle.when(day * DAY + second_of_day(spec.from));
            let midnight = oracle.when((day + 1) * DAY);
            let to = match spec.to {
                ClockEnd::At(to) => oracle.when(day * DAY + second_of_day(to)).min(midnight),
                ClockEnd::EndOfDay => midnight,
            };
            (oracle.minute(from)..oracle.minute(to)).for_each(|minute| oracle.open[minute] = Some(day));
        }
        oracle
    }

    fn minute(&self, at: i64) -> usize {
        ((at - self.start) / MINUTE) as usize
    }

    fn instant(&self, minute: usize) -> i64 {
        self.start + minute as i64 * MINUTE
    }

    /// When the clock first shows this; where it jumps over it, as long after the minute before as it would have been.
    fn when(&self, shown: i64) -> i64 {
        let near = (shown - 2 * DAY - self.start).max(0) / MINUTE;
        let minute = (near as usize..self.shows.len()).find(|minute| self.shows[*minute] >= shown).unwrap();
        if self.shows[minute] == shown {
            return self.instant(minute);
        }
        self.instant(minute - 1) + shown - self.shows[minute - 1]
    }

    fn day_at(&self, at: i64) -> Option<i64> {
        self.open[self.minute(at)]
    }

    fn opens(&self, minute: usize) -> bool {
        self.open[minute].is_some() && self.open[minute] != self.open[minute - 1]
    }

    fn next_opening(&self, at: i64) -> Option<i64> {
        let mut minutes = 1..self.open.len();
        minutes.find(|minute| self.opens(*minute) && self.instant(*minute) > at).map(|minute| self.instant(minute))
    }

    fn last_opening(&self, at: i64) -> Option<i64> {
        let mut minutes = (1..=self.minute(at)).rev();
        minutes.find(|minute| self.opens(*minute)).map(|minute| self.instant(minute))
    }

    fn open_at_or_after(&self, at: i64) -> Option<i64> {
        if self.day_at(at).is_some() { Some(at) } else { self.next_opening(at) }
    }

    fn brought_forward(&self, at: i64) -> Option<i64> {
        if self.day_at(at).is_some() { Some(at) } else { self.last_opening(at) }
    }

    /// The instants, second by second in steps of at most a minute, from `from` to `to`, and whether each step is open.
    fn steps(&self, from: i64, to: i64) -> Vec<(i64, i64, bool)> {
        let mut steps = Vec::new();
        let mut at = from;
        while at < to {
            let next = self.instant(self.minute(at) + 1).min(to);
            steps.push((at, next, self.day_at(at).is_some()));
            at = next;
        }
        steps
    }

    fn open_seconds(&self, from: i64, to: i64) -> i64 {
        self.steps(from, to).iter().filter(|step| step.2).map(|step| step.1 - step.0).sum()
    }

    fn hours_after(&self, start: i64, mut seconds: i64) -> Option<i64> {
        for (from, to, _) in self.steps(start, self.instant(self.open.len())).into_iter().filter(|step| step.2) {
            if seconds <= to - from {
                return Some(from + seconds);
            }
            seconds -= to - from;
        }
        None
    }

    fn hours_before(&self, end: i64, mut seconds: i64) -> Option<i64> {
        for (from, to, _) in self.steps(self.start, end).into_iter().rev().filter(|step| step.2) {
            if seconds <= to - from {
                return Some(to - seconds);
            }
            seconds -= to - from;
        }
        None
    }

    /// Every working day: when it opens, when it closes, which it is.
    fn days(&self) -> Vec<(i64, i64, i64)> {
        let mut days: Vec<(i64, i64, i64)> = Vec::new();
        for (minute, day) in self.open.iter().enumerate() {
            let (Some(day), from) = (*day, self.instant(minute)) else { continue };
            match days.last_mut() {
                Some(last) if last.2 == day => last.1 = from + MINUTE,
                _ => days.push((from, from + MINUTE, day)),
            }
        }
        days
    }

    fn days_after(&self, start: i64, count: usize) -> Option<i64> {
        let start = self.open_at_or_after(start)?;
        let days = self.days();
        let today = days.iter().position(|day| day.0 <= start && start < day.1)?;
        let (opens, closes, day) = *days.get(today + count)?;
        if start == days[today].0 {
            return Some(opens);
        }
        let shown = self.shows[self.minute(start)] + start % MINUTE;
        Some(self.when(day * DAY + shown % DAY).clamp(opens, closes))
    }

    fn days_before(&self, deadline: i64, count: usize) -> Option<i64> {
        self.days().iter().rev().filter(|day| day.1 <= deadline).nth(count - 1).map(|day| day.0)
    }

    fn answer_by(&self, deadline: i64) -> Option<Date> {
        let last = self.days().into_iter().rev().find(|day| day.0 + 2 * 3600 <= deadline);
        last.map(|day| date(1970, 1, 1) + day.2.days())
    }

    fn days_left(&self, now: i64, deadline: i64) -> usize {
        self.days().iter().filter(|day| day.1 > now && day.1 <= deadline).count()
    }
}

fn second_of_day(time: Time) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60
}

fn all_zones() -> Vec<String> {
    TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
}

fn zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

/// Any hours in any zone, and an instant of 2020 to 2035 that is in half of the cases next to a change of its clock.
fn any_hours() -> impl Strategy<Value = (HoursSpec, i64)> {
    let clock = prop_oneof![
        Just((9 * 60, 17 * 60)),
        Just((0, 24 * 60)),
        (0..24 * 60_i64 - 1).prop_flat_map(|from| (Just(from), from + 1..=24 * 60_i64)),
        (0..4 * 60_i64).prop_flat_map(|from| (Just(from), from + 1..=from + 90)),
    ];
    let seconds = 1_577_836_800..2_051_222_400_i64;
    let holidays = proptest::collection::vec(-15..15_i64, 0..6);
    (proptest::sample::select(all_zones()), any::<bool>(), 1..128_u8, clock, seconds, holidays).prop_map(
        |(zone_name, near_change, days, (from, to), centre, holidays)| {
            let time_zone = zone(&zone_name);
            let change = time_zone.following(instant(centre)).next().map(|change| change.timestamp().as_second());
            let centre = change.filter(|change| near_change && *change < 2_051_222_400).unwrap_or(centre);
            let today = time_zone.to_datetime(instant(centre)).date();
            let time = |minute: i64| Time::constant((minute / 60) as i8, (minute % 60) as i8, 0, 0);
            let spec = HoursSpec {
                days: Weekdays(std::array::from_fn(|day| days & (1 << day) != 0)),
                from: time(from),
                to: if to == 24 * 60 { ClockEnd::EndOfDay } else { ClockEnd::At(time(to)) },
                holidays: holidays.into_iter().map(|days| today + days.days()).collect(),
                time_zone,
            };
            (spec, centre)
        },
    )
}

/// `None` is past what the oracle sees.
fn same(what: &str, said: Timestamp, expected: Option<i64>) -> Result<(), TestCaseError> {
    let expected = expected.map_or(said, instant);
    prop_assert_eq!(said, expected, "{}", what);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_table_says_what_a_walk_through_all_minutes_says(
        (spec, centre) in any_hours(),
        offsets in proptest::collection::vec(-8 * DAY..8 * DAY, 4),
        (days, seconds) in (1..4_u32, 1..40 * 3600_i64),
    ) {
        let year = spec.time_zone.to_datetime(instant(centre)).year();
        let hours = Hours::compile_years(spec.clone(), (year - 1, year + 1)).unwrap();
        let oracle = Oracle::new(&spec, centre);
        let (opens, closes) = (oracle.next_opening(centre), oracle.days().iter().map(|d| d.1).find(|c| *c > centre));
        let edges = [opens, closes].into_iter().flatten().filter(|edge| edge - centre < 8 * DAY);
        let edges = edges.flat_map(|edge| [edge - 1, edge, edge + 1]);
        let open_time = Period::Working { days: 0, seconds: Seconds(seconds) };
        for second in offsets.iter().map(|offset| centre + offset).chain(edges) {
            let (at, other) = (instant(second), centre + offsets[0]);
            prop_assert_eq!(hours.is_open(at), oracle.day_at(second).is_some(), "is_open {}", at);
            same("open_at_or_after", hours.open_at_or_after(at), oracle.open_at_or_after(second))?;
            same("next_opening_after", hours.next_opening_after(at), oracle.next_opening(second))?;
            same("brought_forward", hours.brought_forward(at), oracle.brought_forward(second))?;
            same("after bd", hours.after(at, Period::working_days(days)), oracle.days_after(second, days as usize))?;
            same("before bd", hours.before(at, Period::working_days(days)), oracle.days_before(second, days as usize))?;
            same("after bh", hours.after(at, open_time), oracle.hours_after(second, seconds))?;
            same("before bh", hours.before(at, open_time), oracle.hours_before(second, seconds))?;
            // So much open time as ends exactly at a closing, or begins exactly at an opening.
            for edge in [opens, closes].into_iter().flatten() {
                let (from, to) = (second.min(edge), second.max(edge));
                let exact @ 1.. = oracle.open_seconds(from, to) else { continue };
                let period = Period::Working { days: 0, seconds: Seconds(exact) };
                same("after bh, to an edge", hours.after(instant(from), period), oracle.hours_after(from, exact))?;
                same("before bh, to an edge", hours.before(instant(to), period), oracle.hours_before(to, exact))?;
            }
            let between = hours.open_seconds_between(at, instant(other));
            prop_assert_eq!(between, oracle.open_seconds(second, other), "open_seconds_between {}", at);
            let answer_by = hours.answer_by(at);
            prop_assert_eq!(answer_by, oracle.answer_by(second).unwrap_or(answer_by), "answer_by {}", at);
            let left = hours.working_days_left(at, instant(other)) as usize;
            prop_assert_eq!(left, if second < other { oracle.days_left(second, other) } else { 0 }, "left {}", at);
            let too_little = oracle.open_at_or_after(second).map(|next| oracle.open_seconds(next, other) < 2 * 3600);
            let said = hours.leaves_too_little(at, instant(other));
            prop_assert_eq!(said, too_little.unwrap_or(said), "leaves_too_little {}", at);
        }
    }

    #[test]
    fn a_calendar_of_any_characters_is_read_or_refused(text in "(BEGIN:|END:|VEVENT\r\n|VCALENDAR\n|DTSTART:|2026|[ -~é\n]){0,20}") {
        let _ = holidays_from_ics(&text);
    }
}

#[test]
fn in_every_zone_each_working_day_opens_and_closes_by_its_clock() {
    for name in all_zones() {
        let spec = HoursSpec::built_in(zone(&name));
        let hours = Hours::compile_years(spec.clone(), (2024, 2027)).unwrap();
        let first = instant(hours.table().start());
        let (mut at, mut opened) = (first, 0);
        loop {
            at = hours.next_opening_after(at);
            let opens = spec.time_zone.to_datetime(at);
            if opens.year() == 2028 {
                break;
            }
            assert_eq!(opens.time(), spec.from, "{name} {opens}");
            let closes = spec.time_zone.to_datetime(hours.after(at, Period::working_hours(8)));
            assert_eq!(closes, opens.date().at(17, 0, 0, 0), "{name}");
            opened += 1;
        }
        assert_eq!(opened, 1045, "{name}: Mondays to Fridays of four years");
    }
}

#[test]
fn in_every_zone_the_windows_of_odd_hours_are_sorted_and_never_overlap() {
    let odd = [((0, 0), ClockEnd::EndOfDay), ((0, 30), ClockEnd::At(Time::constant(2, 30, 0, 0)))];
    for (name, ((hour, minute), to)) in all_zones().into_iter().flat_map(|name| odd.map(|odd| (name.clone(), odd))) {
        let from = Time::constant(hour, minute, 0, 0);
        let spec = HoursSpec { days: Weekdays([true; 7]), from, to, ..HoursSpec::built_in(zone(&name)) };
        let hours = Hours::compile_years(spec, (2025, 2026)).unwrap();
        let windows: Vec<_> = (1..).map_while(|index| hours.table().known(index)).collect();
        assert!(windows.len() > 720, "{name}: a day is lost");
        assert!(windows.iter().all(|window| window.open < window.close), "{name}");
        assert!(windows.windows(2).all(|pair| pair[0].close <= pair[1].open && pair[0].date < pair[1].date), "{name}");
    }
}
