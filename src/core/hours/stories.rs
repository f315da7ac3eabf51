//! What working hours promise to their users, one story per sentence. Must never compute an expectation: all are
//! written by hand.

use jiff::{civil::date, tz::TimeZoneDatabase};

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZoneDatabase::bundled().get(name).unwrap()
}

/// The built-in hours.
fn office(zone_name: &str) -> Hours {
    hours(HoursSpec::built_in(zone(zone_name)))
}

/// Every day, `from` to `to`; 24 is the end of the day.
fn daily(zone_name: &str, from: (i8, i8), to: (i8, i8)) -> Hours {
    hours(daily_spec(zone_name, from, to))
}

fn daily_spec(zone_name: &str, from: (i8, i8), to: (i8, i8)) -> HoursSpec {
    HoursSpec {
        days: Weekdays([true; 7]),
        from: Time::constant(from.0, from.1, 0, 0),
        to: if to.0 == 24 { ClockEnd::EndOfDay } else { ClockEnd::At(Time::constant(to.0, to.1, 0, 0)) },
        ..HoursSpec::built_in(zone(zone_name))
    }
}

/// Compiled over the shortest years that the stories need.
fn hours(spec: HoursSpec) -> Hours {
    Hours::compile_years(spec, (2011, 2027)).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn bd(days: u32) -> Period {
    Period::working_days(days)
}

fn bh(hours: i64) -> Period {
    Period::working_hours(hours)
}

#[test]
fn the_opening_instant_is_open_and_the_closing_instant_is_not() {
    let hours = office("UTC");
    for (instant, open) in [
        ("2026-11-18T08:59:59.999Z", false),
        ("2026-11-18T09:00:00Z", true),
        ("2026-11-18T16:59:59.999Z", true),
        ("2026-11-18T17:00:00Z", false),
        ("2026-11-21T12:00:00Z", false),
    ] {
        assert_eq!(hours.is_open(at(instant)), open, "{instant}");
    }
}

#[test]
fn what_falls_due_while_closed_waits_for_the_next_opening() {
    let hours = office("UTC");
    for (due, moved) in [
        ("2026-11-18T12:00:00.5Z", "2026-11-18T12:00:00.5Z"),
        ("2026-11-18T03:00:00Z", "2026-11-18T09:00:00Z"),
        ("2026-11-18T17:00:00Z", "2026-11-19T09:00:00Z"),
        ("2026-11-21T18:00:00Z", "2026-11-23T09:00:00Z"),
    ] {
        assert_eq!(hours.open_at_or_after(at(due)), at(moved), "{due}");
    }
}

#[test]
fn a_countdown_is_brought_forward_to_the_last_opening() {
    let hours = office("UTC");
    for (due, moved) in [
        ("2026-11-18T18:00:00Z", "2026-11-18T09:00:00Z"),
        ("2026-11-17T01:00:00Z", "2026-11-16T09:00:00Z"),
        ("2026-11-16T08:59:59Z", "2026-11-13T09:00:00Z"),
        ("2026-11-18T12:00:00.5Z", "2026-11-18T12:00:00.5Z"),
    ] {
        assert_eq!(hours.brought_forward(at(due)), at(moved), "{due}");
    }
}

#[test]
fn at_each_opening_is_strictly_after_the_one_before() {
    let hours = office("UTC");
    for (after, next) in [
        ("2026-11-20T08:59:59.9Z", "2026-11-20T09:00:00Z"),
        ("2026-11-20T09:00:00Z", "2026-11-23T09:00:00Z"),
        ("2026-11-20T12:00:00Z", "2026-11-23T09:00:00Z"),
        ("2026-11-21T12:00:00Z", "2026-11-23T09:00:00Z"),
    ] {
        assert_eq!(hours.next_opening_after(at(after)), at(next), "{after}");
    }
}

#[test]
fn a_deadline_at_midnight_utc_is_answered_by_the_day_before() {
    let (hours, deadline) = (office("UTC"), at("2026-11-20T00:00:00Z"));
    assert_eq!(hours.answer_by(deadline), date(2026, 11, 19));
    assert_eq!(hours.before(deadline, bd(1)), at("2026-11-19T09:00:00Z"));
}

#[test]
fn a_deadline_in_the_afternoon_is_answered_by_that_day_but_one_working_day_before_it_is_the_day_before() {
    let (hours, deadline) = (office("UTC"), at("2026-11-19T14:00:00Z"));
    assert_eq!(hours.answer_by(deadline), date(2026, 11, 19));
    assert_eq!(hours.before(deadline, bd(1)), at("2026-11-18T09:00:00Z"));
}

#[test]
fn a_day_counts_for_an_answer_when_it_opens_two_hours_before_the_deadline() {
    let hours = office("UTC");
    assert_eq!(hours.answer_by(at("2026-11-19T11:00:00Z")), date(2026, 11, 19));
    assert_eq!(hours.answer_by(at("2026-11-19T10:59:59Z")), date(2026, 11, 18));
}

#[test]
fn a_day_that_closes_at_the_deadline_is_a_whole_working_day_before_it() {
    let hours = office("UTC");
    assert_eq!(hours.before(at("2026-11-19T17:00:00Z"), bd(1)), at("2026-11-19T09:00:00Z"));
    assert_eq!(hours.before(at("2026-11-19T16:59:59.9Z"), bd(1)), at("2026-11-18T09:00:00Z"));
}

#[test]
fn a_working_day_after_creation_is_the_same_time_of_the_next_working_day() {
    let hours = office("UTC");
    assert_eq!(hours.after(at("2026-11-20T14:30:15.5Z"), bd(1)), at("2026-11-23T14:30:15.5Z"));
    assert_eq!(hours.after(at("2026-11-16T10:00:00Z"), bd(5)), at("2026-11-23T10:00:00Z"));
}

#[test]
fn what_was_created_while_closed_is_counted_from_the_next_opening() {
    let hours = office("UTC");
    assert_eq!(hours.after(at("2026-11-20T18:00:00Z"), bd(1)), at("2026-11-24T09:00:00Z"));
    assert_eq!(hours.after(at("2026-11-18T03:00:00Z"), bd(1)), at("2026-11-19T09:00:00Z"));
    assert_eq!(hours.after(at("2026-11-21T12:00:00Z"), bh(4)), at("2026-11-23T13:00:00Z"));
}

#[test]
fn working_hours_count_only_what_is_open() {
    let hours = office("UTC");
    assert_eq!(hours.after(at("2026-11-20T15:00:00Z"), bh(4)), at("2026-11-23T11:00:00Z"));
    assert_eq!(hours.before(at("2026-11-23T11:00:00Z"), bh(4)), at("2026-11-20T15:00:00Z"));
    assert_eq!(hours.open_seconds_between(at("2026-11-20T15:00:00Z"), at("2026-11-23T11:00:00Z")), 4 * 3600);
    assert_eq!(hours.open_seconds_between(at("2026-11-23T11:00:00Z"), at("2026-11-20T15:00:00Z")), 0);
}

#[test]
fn hours_that_are_used_up_at_a_closing_end_there_and_hours_that_begin_there_begin_at_the_opening() {
    let hours = office("UTC");
    assert_eq!(hours.after(at("2026-11-20T13:00:00Z"), bh(4)), at("2026-11-20T17:00:00Z"));
    assert_eq!(hours.before(at("2026-11-23T13:00:00Z"), bh(4)), at("2026-11-23T09:00:00Z"));
    assert_eq!(hours.before(at("2026-11-21T00:00:00Z"), bh(8)), at("2026-11-20T09:00:00Z"));
    assert_eq!(hours.before(at("2026-11-23T09:00:00Z"), bh(8)), at("2026-11-20T09:00:00Z"));
}

#[test]
fn days_are_counted_before_hours() {
    let (hours, period) = (office("UTC"), Period::parse("1bd4bh").unwrap());
    assert_eq!(hours.after(at("2026-11-19T15:00:00Z"), period), at("2026-11-23T11:00:00Z"));
    assert_eq!(hours.before(at("2026-11-20T00:00:00Z"), period), at("2026-11-18T13:00:00Z"));
}

#[test]
fn plain_time_passes_whether_open_or_closed() {
    let hours = office("Europe/Budapest");
    assert_eq!(hours.after(at("2026-10-24T12:00:00.25Z"), Period::days(1)), at("2026-10-25T12:00:00.25Z"));
    assert_eq!(hours.before(at("2026-10-25T12:00:00.25Z"), Period::days(1)), at("2026-10-24T12:00:00.25Z"));
}

#[test]
fn a_plain_day_after_friday_evening_is_moved_to_monday_morning() {
    let hours = office("UTC");
    let due = hours.after(at("2026-11-13T18:00:00Z"), Period::days(1));
    assert_eq!(hours.open_at_or_after(due), at("2026-11-16T09:00:00Z"));
}

#[test]
fn a_midnight_deadline_in_budapest_is_never_announced_at_one_in_the_morning() {
    let (hours, deadline) = (office("Europe/Budapest"), at("2026-11-20T00:00:00Z"));
    let due = hours.before(deadline, Period::days(3));
    assert_eq!(due, at("2026-11-17T01:00:00+01:00"));
    assert_eq!(hours.brought_forward(due), at("2026-11-16T09:00:00+01:00"));
    assert_eq!(hours.answer_by(deadline), date(2026, 11, 19));
}

#[test]
fn repeats_over_a_weekend_meet_on_friday_morning() {
    let (hours, deadline) = (office("UTC"), at("2026-11-23T00:00:00Z"));
    let first = hours.before(deadline, Period::days(3));
    let moved = (0..6).map(|repeat| hours.brought_forward(plus(first, repeat * 12 * 3600)));
    let friday = at("2026-11-20T09:00:00Z");
    let expected = [at("2026-11-19T09:00:00Z"), at("2026-11-20T12:00:00Z"), friday, friday, friday, friday];
    assert_eq!(moved.collect::<Vec<_>>(), expected);
}

#[test]
fn an_opening_is_too_late_when_it_leaves_less_than_two_open_hours() {
    let hours = office("UTC");
    let evening = at("2026-11-18T20:00:00Z");
    assert!(hours.leaves_too_little(evening, at("2026-11-19T10:30:00Z")));
    assert!(!hours.leaves_too_little(evening, at("2026-11-19T11:00:00Z")));
    let saturday = at("2026-11-21T10:00:00Z");
    assert!(hours.leaves_too_little(saturday, at("2026-11-23T00:00:00Z")));
    assert!(!hours.leaves_too_little(saturday, at("2026-11-27T00:00:00Z")));
    assert!(hours.leaves_too_little(at("2026-11-20T16:00:00Z"), at("2026-11-23T09:59:59Z")), "now, one hour and a bit");
    assert!(!hours.leaves_too_little(at("2026-11-20T16:00:00Z"), at("2026-11-23T10:00:00Z")));
}

#[test]
fn one_working_day_before_monday_six_is_thursday_when_friday_is_a_bank_holiday() {
    let mut spec = HoursSpec::built_in(zone("Europe/Budapest"));
    spec.holidays.insert(date(2026, 11, 20));
    let hours = hours(spec);
    let deadline = at("2026-11-23T06:00:00+01:00");
    assert_eq!(hours.before(deadline, bd(1)), at("2026-11-19T09:00:00+01:00"));
    assert_eq!(hours.answer_by(deadline), date(2026, 11, 19));
    assert_eq!(hours.after(at("2026-11-19T10:00:00+01:00"), bd(1)), at("2026-11-23T10:00:00+01:00"));
    assert!(!hours.is_open(at("2026-11-20T12:00:00+01:00")));
}

#[test]
fn working_days_left_agrees_with_the_step_that_announces_them() {
    let hours = office("UTC");
    for deadline in ["2026-11-20T00:00:00Z", "2026-11-19T14:00:00Z", "2026-11-23T06:00:00Z"].map(at) {
        for days in 1..=12 {
            let announced = hours.before(deadline, bd(days));
            assert_eq!(hours.working_days_left(announced, deadline), days, "{days} before {deadline}");
        }
    }
}

#[test]
fn today_is_a_working_day_left_until_it_closes() {
    let (hours, deadline) = (office("UTC"), at("2026-11-20T00:00:00Z"));
    let left = |now| hours.working_days_left(at(now), deadline);
    assert_eq!(left("2026-11-18T03:00:00Z"), 2);
    assert_eq!(left("2026-11-18T16:59:59Z"), 2);
    assert_eq!(left("2026-11-18T17:00:00Z"), 1);
    assert_eq!(left("2026-11-19T17:00:00Z"), 0);
    assert_eq!(left("2026-11-25T12:00:00Z"), 0);
}

#[test]
fn summer_time_changes_the_instant_and_not_the_time_of_day() {
    let hours = office("Europe/Budapest");
    assert_eq!(hours.after(at("2026-03-27T10:00:00+01:00"), bd(1)), at("2026-03-30T10:00:00+02:00"));
    assert_eq!(hours.after(at("2026-10-23T10:00:00+02:00"), bd(1)), at("2026-10-26T10:00:00+01:00"));
    assert_eq!(hours.before(at("2026-03-31T00:00:00Z"), bd(2)), at("2026-03-27T09:00:00+01:00"));
}

#[test]
fn lord_howe_opens_by_the_wall_clock_when_its_clock_is_put_forward_by_half_an_hour() {
    let hours = daily("Australia/Lord_Howe", (9, 0), (17, 0));
    assert_eq!(hours.before(at("2026-10-04T17:00:00+11:00"), bd(1)), at("2026-10-04T09:00:00+11:00"));
    assert_eq!(hours.before(at("2026-10-04T16:59:00+11:00"), bd(1)), at("2026-10-03T09:00:00+10:30"));
    assert_eq!(hours.after(at("2026-10-03T10:00:00+10:30"), bd(1)), at("2026-10-04T10:00:00+11:00"));
    let monday = at("2026-10-05T06:00:00+11:00");
    assert_eq!(office("Australia/Lord_Howe").before(monday, bd(1)), at("2026-10-02T09:00:00+10:30"));
}

#[test]
fn lord_howe_opens_by_the_wall_clock_when_its_clock_is_put_back_by_half_an_hour() {
    let hours = daily("Australia/Lord_Howe", (9, 0), (17, 0));
    assert_eq!(hours.before(at("2026-04-05T17:00:00+10:30"), bd(1)), at("2026-04-05T09:00:00+10:30"));
    assert_eq!(hours.before(at("2026-04-05T16:59:00+10:30"), bd(1)), at("2026-04-04T09:00:00+11:00"));
    assert_eq!(hours.after(at("2026-04-04T10:00:00+11:00"), bd(1)), at("2026-04-05T10:00:00+10:30"));
    let monday = at("2026-04-06T06:00:00+10:30");
    assert_eq!(office("Australia/Lord_Howe").before(monday, bd(1)), at("2026-04-03T09:00:00+11:00"));
}

#[test]
fn a_day_without_midnight_opens_when_it_begins_and_is_an_hour_short() {
    for (name, midnight) in [
        ("America/Sao_Paulo", "2018-11-04T01:00:00-02:00"),
        ("Africa/Cairo", "2024-04-26T01:00:00+03:00"),
        ("Asia/Beirut", "2026-03-29T01:00:00+03:00"),
    ] {
        let (hours, midnight) = (daily(name, (0, 0), (24, 0)), at(midnight));
        assert_eq!(hours.next_opening_after(plus(midnight, -1)), midnight, "{name}");
        assert_eq!(hours.next_opening_after(midnight), plus(midnight, 23 * 3600), "{name}");
        let late = daily(name, (0, 30), (24, 0));
        assert_eq!(late.next_opening_after(plus(midnight, -60)), plus(midnight, 1800), "{name}: half past, moved on");
    }
}

#[test]
fn a_day_whose_last_hour_comes_twice_is_open_for_both() {
    let hours = daily("America/Sao_Paulo", (22, 0), (24, 0));
    let (opens, closes) = (at("2018-02-17T22:00:00-02:00"), at("2018-02-18T00:00:00-03:00"));
    assert_eq!(hours.open_seconds_between(opens, closes), 3 * 3600);
    assert!(!hours.is_open(closes));
    let until_half_past = daily("America/Sao_Paulo", (22, 0), (23, 30));
    assert_eq!(until_half_past.open_seconds_between(opens, closes), 3 * 1800, "the first half past eleven closes");
}

#[test]
fn hours_that_the_clock_skips_make_no_working_day() {
    let hours = daily("Europe/Budapest", (2, 0), (3, 0));
    assert_eq!(hours.next_opening_after(at("2026-03-28T02:00:00+01:00")), at("2026-03-30T02:00:00+02:00"));
    assert_eq!(hours.after(at("2026-03-28T02:30:00+01:00"), bd(1)), at("2026-03-30T02:30:00+02:00"));
}

#[test]
fn a_time_of_day_that_the_clock_moves_past_the_closing_is_the_closing() {
    let hours = daily("Europe/Budapest", (1, 0), (3, 0));
    assert_eq!(hours.after(at("2026-03-28T02:30:00+01:00"), bd(1)), at("2026-03-29T03:00:00+02:00"));
}

#[test]
fn a_closing_that_the_clock_skips_is_not_put_into_the_next_day() {
    // In Nuuk the clock jumps from Saturday 23:00 to Sunday 00:00.
    let sunday = at("2026-03-29T00:00:00-01:00");
    let hours = daily("America/Nuuk", (9, 0), (23, 30));
    assert!(hours.is_open(plus(sunday, -1)));
    assert!(!hours.is_open(sunday));
}

#[test]
fn an_opening_that_the_clock_moved_is_counted_as_the_opening() {
    let hours = daily("Europe/Budapest", (2, 30), (10, 0));
    let moved = at("2026-03-29T03:30:00+02:00");
    assert_eq!(hours.next_opening_after(plus(moved, -60)), moved);
    assert_eq!(hours.after(moved, bd(1)), at("2026-03-30T02:30:00+02:00"));
}

#[test]
fn a_clock_that_jumps_over_midnight_makes_no_two_days_overlap() {
    // No zone of our years does; Toronto did in 1919. From Sunday 8 March 23:30 to Monday 00:30.
    let time_zone = TimeZone::posix("AAA0BBB,M3.2.0/23:30,M11.1.0").unwrap();
    let hours = hours(HoursSpec { time_zone, ..daily_spec("UTC", (0, 45), (24, 0)) });
    let monday = at("2026-03-09T00:00:00Z");
    assert_eq!(hours.next_opening_after(plus(monday, -3600)), monday);
    assert_eq!(hours.open_seconds_between(plus(monday, -3600), plus(monday, 3600)), 2 * 3600);
}

#[test]
fn apia_has_no_thirtieth_of_december_2011() {
    let (thursday, saturday) = (at("2011-12-29T12:00:00-10:00"), at("2011-12-31T12:00:00+14:00"));
    let hours = daily("Pacific/Apia", (9, 0), (17, 0));
    assert_eq!(hours.after(thursday, bd(1)), saturday);
    assert_eq!(hours.open_seconds_between(thursday, saturday), 8 * 3600);
    assert_eq!(hours.answer_by(at("2011-12-31T10:00:00+14:00")), date(2011, 12, 29));
    assert_eq!(office("Pacific/Apia").after(thursday, bd(1)), at("2012-01-02T12:00:00+14:00"), "a Friday that was not");
}

#[test]
fn outside_the_known_years_nothing_is_moved() {
    let hours = office("Europe/Budapest");
    for text in ["-009999-01-02T01:59:59Z", "1969-07-20T20:17:40.5Z", "2031-11-22T03:00:00Z", "9999-12-30T22:00:00Z"] {
        let far = at(text);
        assert!(hours.is_open(far), "{text}");
        assert_eq!(hours.open_at_or_after(far), far, "{text}");
        assert_eq!(hours.brought_forward(far), far, "{text}");
        assert_eq!(hours.after(far, bd(2)), plus(far, 2 * DAY), "{text}");
        assert_eq!(hours.before(far, bd(2)), plus(far, -2 * DAY), "{text}");
        assert_eq!(hours.answer_by(far), hours.time_zone().to_datetime(plus(far, -7200)).date(), "{text}");
        assert!(hours.next_opening_after(far) > far, "{text}");
    }
}

#[test]
fn counts_that_cross_the_end_of_the_known_years_go_on_in_plain_days() {
    // The known years of these hours are 2011 to 2027: the last working day is Fri 31 Dec, the first Mon 3 Jan.
    let hours = office("UTC");
    let (start, end) = (at("2011-01-01T00:00:00Z"), at("2028-01-01T00:00:00Z"));
    assert_eq!(hours.after(at("2027-12-30T10:00:00Z"), bd(1)), at("2027-12-31T10:00:00Z"));
    assert_eq!(hours.after(at("2027-12-30T10:00:00Z"), bd(4)), plus(end, 2 * DAY));
    assert_eq!(hours.after(at("2027-12-31T16:00:00Z"), bh(4)), plus(end, 3 * 3600));
    assert_eq!(hours.before(at("2011-01-05T00:00:00Z"), bd(2)), at("2011-01-03T09:00:00Z"));
    assert_eq!(hours.before(at("2011-01-05T00:00:00Z"), bd(4)), plus(start, -2 * DAY));
    assert_eq!(hours.brought_forward(at("2011-01-02T00:00:00Z")), start);
    assert_eq!(hours.open_at_or_after(at("2027-12-31T20:00:00Z")), end);
    for deadline in ["2011-01-05T00:00:00Z", "2028-01-04T06:00:00Z", "2031-01-01T00:00:00Z"].map(at) {
        for days in 1..=8 {
            assert_eq!(hours.working_days_left(hours.before(deadline, bd(days)), deadline), days, "{days}, {deadline}");
        }
    }
}

#[test]
fn the_longest_periods_reach_the_ends_of_time_and_no_further() {
    let hours = office("UTC");
    for period in ["36600d", "36600bd", "878400bh"].map(|text| Period::parse(text).unwrap()) {
        assert!(hours.after(Timestamp::MAX, period) == Timestamp::MAX, "{period}");
        assert!(hours.before(Timestamp::MIN, period) == Timestamp::MIN, "{period}");
        assert!(hours.before(hours.after(at("2026-11-18T12:00:00Z"), period), period) < at("2031-01-01T00:00:00Z"));
    }
    assert!(hours.working_days_left(Timestamp::MIN, Timestamp::MAX) > 7_000_000);
    assert!(hours.open_seconds_between(Timestamp::MIN, Timestamp::MAX) > 0);
}

#[test]
fn hours_that_are_never_open_say_what_to_write() {
    let spec = HoursSpec { days: Weekdays::default(), ..HoursSpec::built_in(TimeZone::UTC) };
    assert_eq!(Hours::compile(spec), Err(HoursFault::NoDays));
    let nine = Time::constant(9, 0, 0, 0);
    let spec = HoursSpec { to: ClockEnd::At(nine), ..HoursSpec::built_in(TimeZone::UTC) };
    let said = Hours::compile(spec).unwrap_err().to_string();
    assert!(said.starts_with("from 09:00 to 09:00 is never open; set `to` later"), "{said}");
}

#[test]
fn hours_with_nothing_but_holidays_move_to_the_end_of_the_known_years_and_do_not_hang() {
    let holidays = date(2026, 1, 1).series(jiff::ToSpan::day(1)).take(365).collect();
    let spec = HoursSpec { holidays, ..HoursSpec::built_in(TimeZone::UTC) };
    let hours = Hours::compile_years(spec, (2026, 2026)).unwrap();
    assert_eq!(hours.open_at_or_after(at("2026-05-05T12:00:00Z")), at("2027-01-01T00:00:00Z"));
    assert_eq!(hours.before(at("2026-05-05T12:00:00Z"), bd(1)), at("2025-12-31T00:00:00Z"));
}

#[test]
fn hours_are_equal_when_the_same_was_specified() {
    let spec = HoursSpec::built_in(zone("Europe/Prague"));
    let hours = Hours::compile(spec.clone()).unwrap();
    assert_eq!(hours, hours.clone());
    assert_eq!(Hours::compile(spec.clone()), Ok(hours.clone()));
    let with_a_holiday = HoursSpec { holidays: [date(2026, 12, 24)].into(), ..spec };
    assert_ne!(Hours::compile(with_a_holiday).unwrap(), hours);
    assert_ne!(Hours::compile(HoursSpec::built_in(zone("Europe/Budapest"))).unwrap(), hours);
}
