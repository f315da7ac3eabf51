//! Hours: what is moved, what goes at once, and what is early rather than late.

use crate::story::{Channel, Story, referral};

fn steps(steps: &str) -> String {
    format!("[[rules]]\nname = \"all\"\nsteps = [{steps}]")
}

#[test]
fn created_friday_evening_the_sellers_wait_for_monday_and_the_webhook_for_nothing() {
    let rules =
        steps(r#"{ on = "new", notify = ["sellers", "crm"] }, { after = "1d", notify = ["sellers", "crm", "inbox"] }"#);
    let mut story = Story::begins("2026-11-06T18:00:00Z", &rules);
    story
        .sees(referral("r1", "2026-11-06T18:00:00Z", Some("2026-11-20T00:00:00Z")))
        .passes("2026-11-10T12:00:00Z")
        .expects(&[
            ("Fri 6 18:00", "new", "crm", "r1"),
            ("Fri 6 18:00", "new", "sellers", "r1"),
            ("Sat 7 18:00", "reminder", "crm", "r1"),
            ("Mon 9 09:00", "new", "inbox anna@contoso.com", "r1"),
            ("Mon 9 09:00", "reminder", "sellers", "r1"),
        ]);
}

#[test]
fn a_deadline_at_midnight_utc_with_budapest_hours_is_told_at_an_opening_never_at_one_in_the_night() {
    let rules = format!("[hours.default]\ntime_zone = \"Europe/Budapest\"\n{}", steps("{ before_expiry = \"3d\" }"));
    let mut story = Story::begins("2026-11-09T10:00:00Z", &rules);
    story
        .told_in("Europe/Budapest")
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z")))
        .passes("2026-11-15T22:00:00Z")
        .expects(&[("Thu 12 09:00", "new", "sellers", "r1")]);
    let (rules, case) = (&story.walk.state.orders().rules, story.case(1));
    assert_eq!(rules.default_hours.answer_by(case.deadline.at).to_string(), "2026-11-13");
}

#[test]
fn a_step_missed_over_a_restart_goes_at_once_when_no_opening_is_left_and_else_at_the_opening() {
    for (deadline, expected) in [("2026-11-16T00:00:00Z", "Sat 14 10:00"), ("2026-11-20T00:00:00Z", "Mon 16 09:00")] {
        let left = if expected.starts_with("Sat") { "2d" } else { "6d" };
        let rules = steps(&format!("{{ on = \"new\" }}, {{ before_expiry = \"{left}\", escalate = true }}"));
        let mut story = Story::begins("2026-11-12T10:00:00Z", &rules);
        story
            .sees(referral("r1", "2026-11-02T09:00:00Z", Some(deadline)))
            .passes("2026-11-13T08:00:00Z")
            .and_then()
            .sleeps("2026-11-14T10:00:00Z")
            .restarts()
            .polls()
            .passes("2026-11-16T12:00:00Z");
        let told = story.take_told();
        let escalations: Vec<_> = told.iter().filter(|(_, message)| message[1] == "escalation").collect();
        let at: Vec<String> = escalations.iter().map(|(at, _)| at.strftime("%a %-d %H:%M").to_string()).collect();
        assert_eq!(at, [expected], "{told:?}");
    }
}

#[test]
fn found_due_the_evening_before_a_deadline_soon_after_the_opening_it_goes_at_once() {
    let mut story = Story::begins("2026-11-10T20:00:00Z", &steps("{ before_expiry = \"1d\", escalate = true }"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-11T10:30:00Z")))
        .passes("2026-11-11T10:00:00Z")
        .expects(&[("Tue 10 20:00", "escalation", "managers", "r1")]);
}

#[test]
fn found_due_the_evening_before_with_two_open_hours_left_it_waits_for_the_opening() {
    let mut story = Story::begins("2026-11-10T20:00:00Z", &steps("{ before_expiry = \"1d\", escalate = true }"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-11T11:00:00Z")))
        .passes("2026-11-11T10:00:00Z")
        .expects(&[("Wed 11 09:00", "escalation", "managers", "r1")]);
}

#[test]
fn expiry_on_monday_morning_one_working_day_before_a_bank_holiday_is_told_on_thursday() {
    let rules = format!(
        "[hours.default]\nholidays = [\"2026-11-13\"]\n{}",
        steps("{ before_expiry = \"1bd\", escalate = true }")
    );
    let mut story = Story::begins("2026-11-09T10:00:00Z", &rules);
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T06:00:00Z")))
        .passes("2026-11-16T05:00:00Z")
        .expects(&[("Thu 12 09:00", "escalation", "managers", "r1")]);
}

#[test]
fn a_working_day_before_expiry_over_the_change_of_summer_time_is_at_the_opening_by_the_wall_clock() {
    let rules = format!(
        "[hours.default]\ntime_zone = \"Australia/Lord_Howe\"\ndays = [\"sat\", \"sun\", \"mon\"]\n{}",
        steps("{ before_expiry = \"1bd\" }")
    );
    // The clock goes forward half an hour in the night to 4 October 2026, and back in the night to 4 April 2027.
    for (created, deadline, expected) in [
        ("2026-09-21T00:00:00Z", "2026-10-04T13:00:00Z", "Sun 4 09:00"),
        ("2027-03-22T00:00:00Z", "2027-04-04T13:30:00Z", "Sun 4 09:00"),
    ] {
        let mut story = Story::begins(created, &rules);
        story
            .told_in("Australia/Lord_Howe")
            .sees(referral("r1", created, Some(deadline)))
            .passes(deadline.replace("T13", "T12").as_str())
            .expects(&[(expected, "new", "sellers", "r1")]);
    }
}

#[test]
fn a_webhook_and_slack_get_the_same_step_the_webhook_at_once_slack_at_the_opening() {
    let mut story =
        Story::begins("2026-11-06T12:00:00Z", &steps("{ after = \"1d\", notify = [\"crm\", \"sellers\"] }"));
    story
        .sees(referral("r1", "2026-11-06T10:00:00Z", Some("2026-11-20T00:00:00Z")))
        .passes("2026-11-09T12:00:00Z")
        .expects(&[("Sat 7 10:00", "new", "crm", "r1"), ("Mon 9 09:00", "new", "sellers", "r1")]);
}

#[test]
fn a_retry_waits_for_the_next_opening() {
    let mut story = Story::begins("2026-11-02T10:00:00Z", &steps("{ after = \"6h\" }"));
    story
        .channel("sellers", Channel::Later(None))
        .sees(referral("r1", "2026-11-02T10:00:00Z", Some("2026-11-20T00:00:00Z")))
        .passes("2026-11-02T17:00:00Z")
        .channel("sellers", Channel::Accepts)
        .passes("2026-11-03T12:00:00Z")
        .expects(&[
            ("Mon 2 16:31", "trouble", "ops", "sellers takes no messages"),
            ("Tue 3 09:00", "new", "sellers", "r1"),
            ("Tue 3 09:00", "recovered", "ops", "sellers takes messages again"),
        ]);
}

#[test]
fn what_was_held_back_for_an_opening_goes_at_once_when_the_deadline_moves_close() {
    let mut story = Story::begins("2026-11-03T10:00:00Z", &steps("{ before_expiry = \"3d\" }"));
    story
        .channel("sellers", Channel::Later(None))
        .sees(referral("r1", "2026-11-02T10:00:00Z", Some("2026-11-06T10:00:00Z")))
        .passes("2026-11-03T20:00:00Z")
        .and_then()
        .channel("sellers", Channel::Accepts)
        .changes("r1", serde_json::json!({"expirationDateTime": "2026-11-04T10:30:00Z"}))
        .polls()
        .passes("2026-11-04T08:00:00Z")
        .expects(&[
            ("Tue 3 20:00", "new", "sellers", "r1"),
            ("Tue 3 20:00", "recovered", "ops", "sellers takes messages again"),
        ]);
}
