//! A deadline that moves, is missing, or passes.

use serde_json::json;

use crate::story::{Channel, Story, referral};

fn steps(steps: &str) -> String {
    format!("[[rules]]\nname = \"all\"\nsteps = [{steps}]")
}

const NEW_7D_3D: &str = r#"{ on = "new" }, { on = "updated" }, { before_expiry = "7d" }, { before_expiry = "3d" }"#;

#[test]
fn a_deadline_that_moves_by_three_hours_sends_nothing_again_and_shifts_what_is_to_come() {
    let mut story = Story::begins("2026-11-06T10:00:00Z", &steps(NEW_7D_3D));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")))
        .passes("2026-11-10T10:00:00Z")
        .changes("r1", json!({"expirationDateTime": "2026-11-16T15:00:00Z"}))
        .polls()
        .passes("2026-11-14T10:00:00Z")
        .expects(&[
            ("Fri 6 10:00", "new", "sellers", "r1"),
            ("Mon 9 12:00", "reminder", "sellers", "r1"),
            ("Fri 13 15:00", "reminder", "sellers", "r1"),
        ]);
}

#[test]
fn moves_of_twenty_hours_on_monday_and_on_wednesday_rearm_on_wednesday() {
    let mut story = Story::begins("2026-11-06T10:00:00Z", &steps("{ on = \"new\" }, { before_expiry = \"13d\" }"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-23T12:00:00Z")))
        .and_then()
        .passes("2026-11-09T08:00:00Z")
        .changes("r1", json!({"expirationDateTime": "2026-11-24T08:00:00Z"}))
        .polls()
        .passes("2026-11-11T08:00:00Z")
        .expects(&[("Tue 10 09:00", "reminder", "sellers", "r1")])
        .changes("r1", json!({"expirationDateTime": "2026-11-25T04:00:00Z"}))
        .polls()
        .passes("2026-11-20T08:00:00Z")
        .expects(&[("Wed 11 09:00", "reminder", "sellers", "r1")]);
}

#[test]
fn a_step_not_yet_sent_catches_up_at_once_when_the_deadline_is_shortened() {
    let mut story = Story::begins("2026-11-05T12:00:00Z", &steps("{ on = \"new\" }, { before_expiry = \"7d\" }"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-14T12:00:00Z")))
        .changes("r1", json!({"expirationDateTime": "2026-11-10T12:00:00Z"}))
        .polls()
        .passes("2026-11-10T11:00:00Z")
        .expects(&[("Thu 5 12:00", "new", "sellers", "r1"), ("Thu 5 12:00", "reminder", "sellers", "r1")]);
}

#[test]
fn a_step_that_was_sent_is_not_sent_again_when_the_deadline_is_shortened() {
    let mut story = Story::begins("2026-11-03T12:00:00Z", &steps("{ on = \"new\" }, { before_expiry = \"7d\" }"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-12T12:00:00Z")))
        .passes("2026-11-06T10:00:00Z")
        .changes("r1", json!({"expirationDateTime": "2026-11-10T22:00:00Z"}))
        .polls()
        .passes("2026-11-10T21:00:00Z")
        .expects(&[("Tue 3 12:00", "new", "sellers", "r1"), ("Thu 5 12:00", "reminder", "sellers", "r1")]);
}

#[test]
fn one_listing_without_expiration_and_the_next_with_it_is_nothing() {
    let mut story = Story::begins("2026-11-03T12:00:00Z", &steps(NEW_7D_3D));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-20T12:00:00Z")))
        .and_then()
        .changes("r1", json!({"expirationDateTime": null}))
        .polls()
        .passes("2026-11-03T13:00:00Z")
        .changes("r1", json!({"expirationDateTime": "2026-11-20T12:00:00Z"}))
        .polls()
        .passes("2026-11-05T12:00:00Z")
        .expects_nothing();
}

#[test]
fn a_real_deadline_in_place_of_an_estimate_rearms_and_is_no_update() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", &steps(NEW_7D_3D));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", None))
        .and_then()
        .changes("r1", json!({"expirationDateTime": "2026-11-11T12:00:00Z"}))
        .polls()
        .passes("2026-11-09T08:00:00Z")
        .expects(&[("Wed 4 12:00", "reminder", "sellers", "r1"), ("Fri 6 09:00", "reminder", "sellers", "r1")]);
}

#[test]
fn a_value_that_goes_and_comes_back_within_five_minutes_is_nothing() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", &steps(NEW_7D_3D));
    let mut body = referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-20T12:00:00Z"));
    body["details"] = json!({"dealValue": 10});
    story
        .sees(body)
        .and_then()
        .changes("r1", json!({"details": {"dealValue": 20}}))
        .polls()
        .passes("2026-11-02T09:05:00Z")
        .changes("r1", json!({"details": {"dealValue": 10}}))
        .polls()
        .passes("2026-11-03T09:00:00Z")
        .expects_nothing();
}

#[test]
fn notes_edited_five_times_in_an_hour_are_one_update_after_ten_minutes_and_one_an_hour_later() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", &steps(NEW_7D_3D));
    story.sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-20T12:00:00Z"))).and_then();
    for minute in ["00", "05", "20", "30", "40"] {
        story
            .passes(&format!("2026-11-02T11:{minute}:00Z"))
            .changes("r1", json!({"details": {"notes": minute}}))
            .polls();
    }
    story
        .passes("2026-11-03T09:00:00Z")
        .expects(&[("Mon 2 11:10", "updated", "sellers", "r1"), ("Mon 2 12:10", "updated", "sellers", "r1")]);
}

#[test]
fn a_deadline_that_moves_so_that_an_escalation_is_due_is_told_with_the_escalation() {
    let rules =
        r#"{ on = "new" }, { on = "updated" }, { before_expiry = "3d", escalate = true, notify = ["sellers"] }"#;
    let mut story = Story::begins("2026-11-10T10:00:00Z", &steps(rules));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-23T12:00:00Z")))
        .and_then()
        .changes("r1", json!({"expirationDateTime": "2026-11-12T12:00:00Z"}))
        .polls()
        .passes("2026-11-12T11:00:00Z")
        .expects(&[("Tue 10 10:00", "escalation", "sellers", "r1")]);
}

#[test]
fn an_estimate_that_passes_is_overdue_at_each_opening_and_never_expired_until_it_is_read() {
    let mut story = Story::begins("2026-11-13T10:00:00Z", "");
    story
        .polls_every(60)
        .sees(referral("r1", "2026-11-02T09:00:00Z", None))
        .and_then()
        .passes("2026-11-17T10:10:00Z")
        .expects(&[
            ("Mon 16 09:00", "overdue", "managers", "r1"),
            ("Mon 16 09:00", "overdue", "sellers", "r1"),
            ("Tue 17 09:00", "overdue", "managers", "r1"),
            ("Tue 17 09:00", "overdue", "sellers", "r1"),
        ])
        .expires("r1")
        .polls()
        .passes("2026-11-20T10:10:00Z")
        .expects(&[("Tue 17 10:10", "expired", "managers", "r1"), ("Tue 17 10:10", "expired", "sellers", "r1")]);
}

#[test]
fn overdue_without_a_good_poll_since_the_deadline_is_said_once() {
    let mut story = Story::begins("2026-11-13T10:00:00Z", "");
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", None))
        .and_then()
        .passes("2026-11-19T10:00:00Z")
        .expects(&[("Mon 16 09:00", "overdue", "managers", "r1"), ("Mon 16 09:00", "overdue", "sellers", "r1")])
        .polls()
        .passes("2026-11-20T10:00:00Z")
        .expects(&[
            ("Thu 19 10:00", "overdue", "managers", "r1"),
            ("Thu 19 10:00", "overdue", "sellers", "r1"),
            ("Fri 20 09:00", "overdue", "managers", "r1"),
            ("Fri 20 09:00", "overdue", "sellers", "r1"),
        ]);
}

#[test]
fn a_machine_hears_of_overdue_when_it_is_known_then_daily_at_the_opening() {
    let mut story = Story::begins("2026-11-12T10:00:00Z", &steps("{ on = \"new\", notify = [\"crm\"] }"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-14T12:00:00Z")))
        .and_then()
        .passes("2026-11-14T12:05:00Z")
        .expects_nothing()
        .polls_every(60)
        .polls()
        .passes("2026-11-17T12:00:00Z")
        .expects(&[
            ("Sat 14 12:05", "overdue", "crm", "r1"),
            ("Mon 16 09:00", "overdue", "crm", "r1"),
            ("Tue 17 09:00", "overdue", "crm", "r1"),
        ]);
}

#[test]
fn expiry_at_midnight_read_as_expired_at_five_past_is_expired_at_the_next_opening_and_not_overdue() {
    let mut story = Story::begins("2026-11-10T10:00:00Z", &steps("{ on = \"new\", notify = [\"sellers\", \"crm\"] }"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-12T00:00:00Z")))
        .and_then()
        .passes("2026-11-12T00:05:00Z")
        .expires("r1")
        .polls()
        .passes("2026-11-16T00:00:00Z")
        .expects(&[
            ("Thu 12 00:05", "expired", "crm", "r1"),
            ("Thu 12 09:00", "expired", "managers", "r1"),
            ("Thu 12 09:00", "expired", "sellers", "r1"),
        ]);
}

#[test]
fn a_machine_that_heard_of_overdue_in_the_night_does_not_hear_it_again_at_that_days_opening() {
    let mut story = Story::begins("2026-11-10T10:00:00Z", &steps("{ on = \"new\", notify = [\"crm\"] }"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-12T00:00:00Z")))
        .and_then()
        .passes("2026-11-12T00:00:00Z")
        .polls()
        .polls_every(60)
        .passes("2026-11-13T12:00:00Z")
        .expects(&[("Thu 12 00:00", "overdue", "crm", "r1"), ("Fri 13 09:00", "overdue", "crm", "r1")]);
}

#[test]
fn people_hear_of_overdue_at_the_opening_although_the_last_step_of_the_rule_is_new() {
    let mut story = Story::begins("2026-11-10T10:00:00Z", &steps("{ on = \"new\" }"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-12T00:00:00Z")))
        .and_then()
        .passes("2026-11-12T00:00:00Z")
        .polls()
        .passes("2026-11-12T12:00:00Z")
        .expects(&[("Thu 12 09:00", "overdue", "sellers", "r1")]);
}

#[test]
fn a_change_read_while_the_message_was_on_its_way_is_told_afterwards() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", &steps(NEW_7D_3D));
    story
        .channel("sellers", Channel::Pending)
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-20T12:00:00Z")))
        .changes("r1", json!({"details": {"dealValue": 20}}))
        .polls()
        .channel("sellers", Channel::Accepts)
        .pending_get(Channel::Accepts)
        .passes("2026-11-03T09:00:00Z")
        .expects(&[("Mon 2 09:00", "new", "sellers", "r1"), ("Mon 2 09:10", "updated", "sellers", "r1")]);
}
