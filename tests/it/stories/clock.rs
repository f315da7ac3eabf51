//! A clock that is wrong: nothing is decided by it, and nothing is lost.

use crate::story::{Channel, Story, referral};

const LADDER: &str = r#"[[rules]]
name = "all"
steps = [{ on = "new" }, { before_expiry = "3d", escalate = true }]"#;

/// Created on Monday; the escalation is due on Friday 13, 12:00.
fn r1() -> serde_json::Value {
    referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z"))
}

#[test]
fn a_clock_a_day_ahead_decides_nothing_and_nothing_is_lost_when_it_is_right_again() {
    let mut story = Story::begins("2026-11-12T10:00:00Z", LADDER);
    story.sees(r1()).expects(&[("Thu 12 10:00", "new", "sellers", "r1")]);
    story
        .sleeps("2026-11-13T13:00:00Z")
        .doubts_the_clock()
        .passes("2026-11-13T16:00:00Z")
        .expects_nothing()
        .sets_the_clock_right("2026-11-12T14:00:00Z")
        .polls()
        .passes("2026-11-13T17:00:00Z")
        .expects(&[("Fri 13 12:00", "escalation", "managers", "r1")]);
}

#[test]
fn an_escalation_that_waits_is_not_given_up_by_a_clock_beyond_its_deadline() {
    let mut story = Story::begins("2026-11-12T10:00:00Z", LADDER);
    story.sees(r1()).passes("2026-11-13T11:59:00Z").and_then();
    story
        .channel("managers", Channel::Later(None))
        .passes("2026-11-13T12:10:00Z")
        .expects_nothing()
        .sleeps("2026-11-17T12:00:00Z")
        .doubts_the_clock()
        .channel("managers", Channel::Accepts)
        .passes("2026-11-17T13:00:00Z")
        .expects_nothing()
        .sets_the_clock_right("2026-11-13T13:00:00Z")
        .passes("2026-11-13T13:30:00Z")
        .expects(&[("Fri 13 13:00", "escalation", "managers", "r1")]);
}

#[test]
fn what_a_wrong_clock_left_undecided_is_decided_after_a_restart() {
    let mut story = Story::begins("2026-11-12T10:00:00Z", LADDER);
    story.doubts_the_clock().sees(r1()).expects_nothing();
    story.restarts().settles().expects(&[("Thu 12 10:00", "new", "sellers", "r1")]);
}

#[test]
fn a_clock_set_back_does_not_stretch_the_pause_of_a_destination_that_failed() {
    let mut story = Story::begins("2026-11-13T10:00:00Z", LADDER);
    story.next_answers("sellers", &[Channel::Later(Some(600))]).sees(r1()).expects_nothing();
    story.sleeps("2026-11-12T10:01:00Z").jumps_back().settles().expects(&[("Thu 12 10:01", "new", "sellers", "r1")]);
}

#[test]
fn an_account_that_leaves_the_settings_takes_its_doubt_of_the_clock_with_it() {
    let mut story = Story::begins("2026-11-12T10:00:00Z", LADDER);
    story.doubts_the_clock().sees(r1()).expects_nothing();
    let other = crate::story::usual(LADDER).replace("[accounts.contoso]", "[accounts.fabrikam]");
    story.reloads_all(&other);
    let state = &story.walk.state;
    assert_eq!(state.next_look().filter(|at| *at <= story.walk.now), None, "everything was decided on");
    assert!(state.troubles().contains_key("shelved/contoso"));
}
