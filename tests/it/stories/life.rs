//! A referral's life: answered, reopened, unseen, gone, and what of it is told.

use jiff::{SignedDuration, Timestamp};
use leadtime::store::{Store as _, layout};
use serde_json::json;

use crate::story::{Answer, Channel, Story, referral};

const NEW_AND_TWO_DAYS: &str = r#"[[rules]]
name = "all"
steps = [{ on = "new" }, { after = "2d" }]"#;

fn r1() -> serde_json::Value {
    referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z"))
}

#[test]
fn pending_that_becomes_received_stays_open_and_is_read_at_growing_intervals() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    story.sees(r1()).leaves_list_still_open("r1").polls_every(5).passes("2026-11-03T09:04:00Z");
    // At 5 minutes, then 5, 10, 20 … minutes after each other, 6 hours at most.
    assert_eq!(story.walk.reads, 10);
    story
        .passes("2026-11-05T09:00:00Z")
        .expects(&[("Mon 2 09:00", "new", "sellers", "r1"), ("Wed 4 09:00", "reminder", "sellers", "r1")]);
}

#[test]
fn an_empty_whole_listing_and_404_for_each_of_twelve_ids_closes_nothing_and_ops_hears_of_the_role() {
    let mut story = Story::begins("2026-11-09T10:00:00Z", "");
    for number in 1..=12 {
        story.opens(referral(&format!("r{number}"), "2026-11-02T09:00:00Z", None));
    }
    story.polls().and_then();
    for number in 1..=12 {
        story.vanishes(&format!("r{number}"), Answer::NotFound);
    }
    let all = (1..=12).map(|number| format!("r{number}")).collect::<Vec<_>>().join(", ");
    story.polls_every(60).polls().passes("2026-11-13T10:00:00Z").expects(&[
        ("Mon 9 10:00", "trouble", "ops", "contoso may have lost its role in Partner Center"),
        ("Wed 11 09:00", "digest", "managers", &all),
        ("Fri 13 09:00", "digest", "managers", &all),
        ("Fri 13 09:00", "digest", "sellers", &all),
    ]);
}

#[test]
fn an_account_with_two_open_referrals_that_loses_its_role_sees_them_unseen_not_gone() {
    let mut story = Story::begins("2026-11-09T10:00:00Z", "");
    story
        .opens(r1())
        .opens(referral("r2", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")))
        .polls()
        .and_then()
        .vanishes("r1", Answer::NotFound)
        .vanishes("r2", Answer::NotFound)
        .polls_every(30)
        .passes("2026-11-11T10:00:00Z")
        .expects(&[("Wed 11 09:00", "escalation", "managers", "r1"), ("Wed 11 09:00", "escalation", "managers", "r2")]);
    assert!(story.case(1).unseen_since().is_some() && story.case(2).unseen_since().is_some());
}

#[test]
fn not_found_twice_an_hour_apart_while_the_account_sees_another_is_gone_and_told() {
    let mut story = Story::begins("2026-11-03T10:00:00Z", "");
    story
        .opens(r1())
        .opens(referral("r2", "2026-11-03T09:00:00Z", Some("2026-11-17T12:00:00Z")))
        .polls()
        .and_then()
        .vanishes("r1", Answer::NotFound)
        .polls_every(5)
        .polls()
        .passes("2026-11-03T10:55:00Z")
        .expects_nothing()
        .passes("2026-11-03T12:59:00Z")
        // Read at 10:00, 10:05, 10:15, 10:35 and 11:15: the first an hour after the first.
        .expects(&[("Tue 3 11:15", "gone", "sellers", "r1")]);
    assert!(!story.case(1).is_open());
}

#[test]
fn forbidden_is_no_answer_and_never_gone() {
    let mut story = Story::begins("2026-11-03T10:00:00Z", NEW_AND_TWO_DAYS);
    story
        .opens(r1())
        .opens(referral("r2", "2026-11-05T09:00:00Z", Some("2026-11-17T12:00:00Z")))
        .polls()
        .and_then()
        .vanishes("r1", Answer::Forbidden)
        .polls_every(30)
        .passes("2026-11-05T08:00:00Z")
        .expects(&[("Wed 4 09:00", "reminder", "sellers", "r1")]);
    assert!(story.case(1).is_open());
}

#[test]
fn a_read_that_fails_changes_nothing_and_is_made_again() {
    let mut story = Story::begins("2026-11-03T10:00:00Z", NEW_AND_TWO_DAYS);
    story.sees(r1()).and_then().vanishes("r1", Answer::Nothing).polls().expects_nothing();
    assert!(story.case(1).is_open() && story.case(1).unseen_since().is_none());
    story
        .passes("2026-11-03T10:05:00Z")
        .vanishes("r1", Answer::Found(json!({"id": "r1", "status": "Closed", "substatus": "Declined"})))
        .polls()
        .expects(&[("Tue 3 10:05", "answered", "sellers", "r1")]);
}

#[test]
fn a_poll_that_was_cut_short_closes_nothing() {
    let mut story = Story::begins("2026-11-03T10:00:00Z", NEW_AND_TWO_DAYS);
    for number in 1..=4 {
        story.opens(referral(&format!("r{number}"), "2026-11-03T09:00:00Z", None));
    }
    story.polls().and_then().accepts("r4").poll_fails_after(1).passes("2026-11-04T08:00:00Z").expects_nothing();
    assert!(story.case(4).is_open());
    story.polls().expects(&[("Wed 4 08:00", "answered", "sellers", "r4")]);
}

#[test]
fn accepted_was_told_and_next_day_it_is_pending_again() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    story
        .sees(r1())
        .passes("2026-11-02T12:00:00Z")
        .accepts("r1")
        .polls()
        .passes("2026-11-03T12:00:00Z")
        .is_pending_again("r1")
        .polls()
        .passes("2026-11-04T12:00:00Z")
        .accepts("r1")
        .polls()
        .passes("2026-11-10T12:00:00Z")
        .expects(&[
            ("Mon 2 09:00", "new", "sellers", "r1"),
            ("Mon 2 12:00", "answered", "sellers", "r1"),
            ("Tue 3 12:00", "reopened", "sellers", "r1"),
            ("Wed 4 09:00", "reminder", "sellers", "r1"),
            ("Wed 4 12:00", "answered", "sellers", "r1"),
        ]);
}

#[test]
fn new_deferred_to_monday_answered_on_sunday_and_pending_again_on_monday_is_sent() {
    let rules = "[[rules]]\nname = \"all\"\nsteps = [{ on = \"new\", hours = \"default\" }]";
    let mut story = Story::begins("2026-11-07T10:00:00Z", rules);
    story
        .sees(referral("r1", "2026-11-07T09:00:00Z", Some("2026-11-20T12:00:00Z")))
        .passes("2026-11-08T10:00:00Z")
        .accepts("r1")
        .polls()
        .passes("2026-11-09T10:00:00Z")
        .expects_nothing()
        .is_pending_again("r1")
        .polls()
        .passes("2026-11-12T10:00:00Z")
        .expects(&[("Mon 9 10:00", "new", "sellers", "r1")]);
}

#[test]
fn new_in_flight_while_a_poll_reads_accepted_is_followed_by_answered() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    story.channel("sellers", Channel::Pending).sees(r1()).accepts("r1").polls().expects_nothing();
    assert_eq!(story.under_way(), 1);
    story
        .channel("sellers", Channel::Accepts)
        .pending_get(Channel::Accepts)
        .expects(&[("Mon 2 09:00", "new", "sellers", "r1"), ("Mon 2 09:00", "answered", "sellers", "r1")]);
}

#[test]
fn new_in_flight_that_fails_after_a_poll_has_read_accepted_is_followed_by_nothing() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    story
        .channel("sellers", Channel::Pending)
        .sees(r1())
        .accepts("r1")
        .polls()
        .channel("sellers", Channel::Accepts)
        .pending_get(Channel::Later(None))
        .passes("2026-11-05T09:00:00Z")
        .expects_nothing();
    assert_eq!(story.walk.state.queues().map(|(_, queue)| queue.len()).sum::<usize>(), 0);
}

#[test]
fn new_that_may_have_arrived_is_followed_by_answered() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    story
        .next_answers("sellers", &[Channel::Silent])
        .sees(r1())
        .accepts("r1")
        .polls()
        .passes("2026-11-02T09:10:00Z")
        .expects(&[("Mon 2 09:00", "new unanswered", "sellers", "r1"), ("Mon 2 09:00", "answered", "sellers", "r1")]);
}

#[test]
fn accepted_on_monday_and_won_three_weeks_later_is_answered_once() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    let won = {
        let mut won = r1();
        won["status"] = json!("Closed");
        won["substatus"] = json!("Won");
        won
    };
    story
        .sees(r1())
        .accepts("r1")
        .polls()
        .passes("2026-11-23T09:00:00Z")
        .expects(&[("Mon 2 09:00", "new", "sellers", "r1"), ("Mon 2 09:00", "answered", "sellers", "r1")])
        .sees(won)
        .passes("2026-11-24T09:00:00Z")
        .expects_nothing();
}

#[test]
fn what_was_over_before_leadtime_saw_it_is_told_to_nobody() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    let mut expired = r1();
    expired["status"] = json!("Closed");
    expired["substatus"] = json!("Expired");
    story.sees(expired).passes("2026-11-04T09:00:00Z").expects_nothing();
}

#[test]
fn an_answer_that_takes_a_referral_from_its_rule_is_told_to_those_who_were_told() {
    let rules = "[[rules]]\nname = \"open\"\nwhen = \"substatus eq 'Pending'\"\nsteps = [{ on = \"new\" }]";
    let mut story = Story::begins("2026-11-02T09:00:00Z", rules);
    story
        .sees(r1())
        .accepts("r1")
        .polls()
        .passes("2026-11-04T09:00:00Z")
        .expects(&[("Mon 2 09:00", "new", "sellers", "r1"), ("Mon 2 09:00", "answered", "sellers", "r1")]);
}

#[test]
fn a_rule_that_wants_no_answers_told_still_tells_of_an_expiry() {
    let rules = "[[rules]]\nname = \"all\"\nanswered = false\nsteps = [{ on = \"new\" }]";
    let mut story = Story::begins("2026-11-02T09:00:00Z", rules);
    story
        .opens(r1())
        .opens(referral("r2", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")))
        .polls()
        .and_then()
        .accepts("r1")
        .expires("r2")
        .polls()
        .expects(&[("Mon 2 09:00", "expired", "managers", "r2"), ("Mon 2 09:00", "expired", "sellers", "r2")]);
}

#[test]
fn down_from_friday_to_monday_it_polls_first_and_nobody_is_reminded_of_an_answered_one() {
    let mut story = Story::begins(
        "2026-11-06T10:00:00Z",
        "[[rules]]\nname = \"all\"\nsteps = [{ on = \"new\" }, { after = \"1bd\" }]",
    );
    for number in 1..=40 {
        story.opens(referral(&format!("r{number}"), "2026-11-06T09:30:00Z", None));
    }
    story.polls().and_then();
    story.sleeps("2026-11-09T10:00:00Z").restarts();
    for number in 1..=30 {
        story.accepts(&format!("r{number}"));
    }
    let listed = |from: u32, to: u32| (from..=to).map(|number| format!("r{number}")).collect::<Vec<_>>().join(", ");
    story.polls().passes("2026-11-10T10:00:00Z").expects(&[
        ("Mon 9 10:00", "digest", "sellers", &listed(1, 30)),
        ("Mon 9 10:00", "digest", "sellers", &listed(31, 40)),
    ]);
}

#[test]
fn a_stranger_with_endless_names_costs_only_itself() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    let mut long = r1();
    long["customerProfile"] = json!({"name": "x".repeat(45_000)});
    long["details"] = json!({"closingDateTime": "y".repeat(45_000), "notes": "z".repeat(200_000)});
    story
        .opens(long)
        .opens(referral("r2", "2026-11-02T09:00:00Z", None))
        .polls()
        .restarts()
        .polls()
        .expects(&[("Mon 2 09:00", "new", "sellers", "r1"), ("Mon 2 09:00", "new", "sellers", "r2")]);
}

#[test]
fn a_lost_role_is_not_over_because_a_poll_had_nothing_to_read() {
    let mut story = Story::begins("2026-11-09T10:00:00Z", "");
    for number in 1..=3 {
        story.opens(referral(&format!("r{number}"), "2026-11-02T09:00:00Z", None));
    }
    story.polls();
    let listed = story.walk.world.listed.clone();
    for number in 1..=3 {
        story.vanishes(&format!("r{number}"), Answer::Forbidden);
    }
    let sees_again = |story: &Story| story.walk.state.sees_again(&"contoso".into(), "role/contoso");
    story.passes_minutes(5).polls().passes_minutes(1).polls();
    assert!(!sees_again(&story));
    story.walk.world.by_id.clear();
    story.walk.world.listed = listed;
    story.passes_minutes(5).polls();
    assert!(sees_again(&story));
}

/// With `keep = "3d"`, what ended before is taken away; whether that was not all.
fn prunes(story: &mut Story, limit: usize) -> bool {
    let keep = SignedDuration::from_hours(3 * 24);
    let walk = &mut story.walk;
    let is_more = walk.state.prune(walk.now - keep, Timestamp::MIN, limit).unwrap();
    walk.state.flush().unwrap();
    is_more
}

fn cases(story: &Story) -> usize {
    story.walk.store.scan(layout::CASES, None, usize::MAX).unwrap().len()
}

#[test]
fn what_has_been_kept_long_enough_leaves_at_once_however_much_it_is() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    for number in 0..200 {
        story.opens(referral(&format!("r{number}"), "2026-11-02T09:00:00Z", None));
    }
    story.polls();
    for number in 1..200 {
        story.accepts(&format!("r{number}"));
    }
    story.polls().passes("2026-11-10T10:00:00Z");
    assert!(prunes(&mut story, 10), "ten lines are not all");
    assert!(!prunes(&mut story, 100_000));
    assert_eq!(cases(&story), 1, "the one that is open");
}

#[test]
fn a_referral_stays_known_while_a_message_about_it_waits() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    story.sees(r1()).channel("sellers", Channel::Later(None)).accepts("r1").polls();
    story.sleeps("2026-11-06T10:00:00Z");
    prunes(&mut story, 100_000);
    assert_eq!(cases(&story), 1);
    story.channel("sellers", Channel::Accepts).settles();
    story.expects(&[("Mon 2 09:00", "new", "sellers", "r1"), ("Fri 6 10:00", "answered", "sellers", "r1")]);
}
