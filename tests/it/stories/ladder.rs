//! The ladder: what falls due when, what supersedes what, and who hears it as what.

use serde_json::json;

use crate::story::{Channel, Story, referral};

#[test]
fn the_built_in_ladder_answered_after_the_managers_heard() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", None))
        .passes("2026-11-11T10:00:00Z")
        .accepts("r1")
        .polls()
        .passes("2026-12-11T10:00:00Z")
        .expects(&[
            ("Mon 2 09:00", "new", "sellers", "r1"),
            ("Mon 2 13:00", "reminder", "sellers", "r1"),
            ("Mon 9 09:00", "reminder", "sellers", "r1"),
            ("Wed 11 09:00", "escalation", "managers", "r1"),
            ("Wed 11 10:00", "answered", "managers", "r1"),
            ("Wed 11 10:00", "answered", "sellers", "r1"),
        ]);
}

#[test]
fn the_built_in_ladder_to_its_end_tells_sellers_and_managers_of_the_last_day_and_of_the_expiry() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story
        .polls_every(60)
        .sees(referral("r1", "2026-11-02T09:00:00Z", None))
        .passes("2026-11-13T08:00:00Z")
        .and_then()
        .passes("2026-11-16T00:30:00Z")
        .expires("r1")
        .passes("2026-12-01T00:00:00Z")
        .expects(&[
            ("Fri 13 09:00", "escalation", "managers", "r1"),
            ("Fri 13 09:00", "escalation", "sellers", "r1"),
            ("Mon 16 09:00", "expired", "managers", "r1"),
            ("Mon 16 09:00", "expired", "sellers", "r1"),
        ]);
}

#[test]
fn first_start_with_one_day_left_is_one_message_each_an_escalation() {
    let mut story = Story::begins(
        "2026-11-10T10:00:00Z",
        r#"[[rules]]
        name = "all"
        steps = [{ on = "new" }, { before_expiry = "3d", escalate = true, notify = ["sellers", "managers"] }]"#,
    );
    story
        .sees(referral("r1", "2026-10-28T10:00:00Z", Some("2026-11-11T10:00:00Z")))
        .passes("2026-11-11T09:00:00Z")
        .expects(&[("Tue 10 10:00", "escalation", "managers", "r1"), ("Tue 10 10:00", "escalation", "sellers", "r1")]);
}

#[test]
fn a_repeat_period_that_changes_repeats_nothing_and_goes_on_within_a_day() {
    let rules = |every: &str| {
        format!(
            r#"[[rules]]
            name = "all"
            steps = [{{ on = "new" }}, {{ after = "1d", every = "{every}", hours = "always" }}]"#
        )
    };
    let mut story = Story::begins("2026-11-02T09:00:00Z", &rules("12h"));
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z")))
        .passes("2026-11-05T22:00:00Z")
        .expects(&[
            ("Mon 2 09:00", "new", "sellers", "r1"),
            ("Tue 3 09:00", "reminder", "sellers", "r1"),
            ("Tue 3 21:00", "reminder", "sellers", "r1"),
            ("Wed 4 09:00", "reminder", "sellers", "r1"),
            ("Wed 4 21:00", "reminder", "sellers", "r1"),
            ("Thu 5 09:00", "reminder", "sellers", "r1"),
            ("Thu 5 21:00", "reminder", "sellers", "r1"),
        ])
        .reloads(&rules("1d"))
        .passes("2026-11-07T12:00:00Z")
        .expects(&[("Fri 6 09:00", "reminder", "sellers", "r1"), ("Sat 7 09:00", "reminder", "sellers", "r1")]);
}

#[test]
fn two_rules_with_continue_both_to_sellers_at_first_start_are_one_message() {
    let mut story = Story::begins(
        "2026-11-05T12:00:00Z",
        r#"[[rules]]
        name = "a"
        continue = true
        steps = [{ on = "new" }, { after = "1d" }]
        [[rules]]
        name = "b"
        steps = [{ on = "new" }, { after = "2d" }]"#,
    );
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z")))
        .passes("2026-11-06T12:00:00Z")
        .expects(&[("Thu 5 12:00", "new", "sellers", "r1")]);
}

#[test]
fn two_rules_with_the_same_key_one_with_escalate_are_one_escalation_by_the_first_rule_in_the_file() {
    let mut story = Story::begins(
        "2026-11-09T10:00:00Z",
        r#"[[rules]]
        name = "first"
        continue = true
        notify = ["managers"]
        steps = [{ before_expiry = "3d" }]
        [[rules]]
        name = "second"
        steps = [{ before_expiry = "72h", escalate = true }]"#,
    );
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-13T12:00:00Z")))
        .passes("2026-11-12T12:00:00Z")
        .expects(&[("Tue 10 12:00", "escalation", "managers", "r1")]);
    assert_eq!(story.case(1).ledger[0].rule.as_str(), "first");
}

#[test]
fn repeats_that_hours_move_onto_one_instant_are_one_message_and_none_is_later_than_friday() {
    let mut story = Story::begins(
        "2026-11-09T10:00:00Z",
        r#"[[rules]]
        name = "all"
        steps = [{ before_expiry = "3d", every = "12h" }]"#,
    );
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z")))
        .passes("2026-11-15T23:59:00Z")
        .expects(&[
            ("Thu 12 09:00", "new", "sellers", "r1"),
            ("Fri 13 09:00", "reminder", "sellers", "r1"),
            ("Fri 13 12:00", "reminder", "sellers", "r1"),
        ]);
}

#[test]
fn repeats_end_when_a_later_step_for_the_same_destination_is_due() {
    let mut story = Story::begins(
        "2026-11-09T10:00:00Z",
        r#"[[rules]]
        name = "all"
        steps = [
          { before_expiry = "3d", every = "12h", escalate = true, hours = "always" },
          { before_expiry = "1d", escalate = true, hours = "always" },
        ]"#,
    );
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-14T12:00:00Z")))
        .passes("2026-11-14T11:00:00Z")
        .expects(&[
            ("Wed 11 12:00", "escalation", "managers", "r1"),
            ("Thu 12 00:00", "escalation", "managers", "r1"),
            ("Thu 12 12:00", "escalation", "managers", "r1"),
            ("Fri 13 00:00", "escalation", "managers", "r1"),
            ("Fri 13 12:00", "escalation", "managers", "r1"),
        ]);
}

#[test]
fn a_plain_step_that_supersedes_an_unsent_escalation_goes_out_as_an_escalation() {
    // The process is away from before the first to after the second.
    let mut story = Story::begins(
        "2026-11-12T13:00:00Z",
        r#"[[rules]]
        name = "all"
        steps = [
          { before_expiry = "3d", escalate = true, hours = "always" },
          { before_expiry = "2d", notify = ["managers"], hours = "always" },
        ]"#,
    );
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-14T12:00:00Z")))
        .passes("2026-11-13T12:00:00Z")
        .expects(&[("Thu 12 13:00", "escalation", "managers", "r1")]);
}

#[test]
fn an_escalation_that_waited_for_its_channel_is_superseded_by_a_plain_step_that_escalates() {
    let mut story = Story::begins(
        "2026-11-11T10:00:00Z",
        r#"[[rules]]
        name = "all"
        steps = [
          { before_expiry = "3d", escalate = true, hours = "always" },
          { before_expiry = "2d", notify = ["managers"], hours = "always" },
        ]"#,
    );
    story
        .channel("managers", Channel::Later(None))
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-14T12:00:00Z")))
        .passes("2026-11-12T12:00:00Z")
        .channel("managers", Channel::Accepts)
        .passes("2026-11-13T12:00:00Z");
    let told = story.take_told();
    let to_managers: Vec<_> = told.iter().filter(|(_, message)| message[2] == "managers").collect();
    assert_eq!(to_managers.len(), 1, "{told:?}");
    assert_eq!(to_managers[0].1[1], "escalation");
}

#[test]
fn a_step_hears_new_first_whichever_step_it_is_and_once_only() {
    let mut story = Story::begins(
        "2026-11-02T09:00:00Z",
        r#"[[rules]]
        name = "all"
        steps = [{ on = "new" }, { after = "1d", notify = ["sellers", "inbox"] }, { after = "2d", notify = ["inbox"] }]"#,
    );
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z")))
        .passes("2026-11-05T12:00:00Z")
        .expects(&[
            ("Mon 2 09:00", "new", "sellers", "r1"),
            ("Tue 3 09:00", "new", "inbox anna@contoso.com", "r1"),
            ("Tue 3 09:00", "reminder", "sellers", "r1"),
            ("Wed 4 09:00", "reminder", "inbox anna@contoso.com", "r1"),
        ]);
}

#[test]
fn renaming_and_reordering_rules_sends_nothing_again() {
    let mut story = Story::begins(
        "2026-11-02T09:00:00Z",
        r#"[[rules]]
        name = "a"
        continue = true
        steps = [{ on = "new" }]
        [[rules]]
        name = "b"
        steps = [{ after = "1d" }]"#,
    );
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z")))
        .passes("2026-11-03T12:00:00Z")
        .and_then()
        .reloads(
            r#"[[rules]]
            name = "d"
            continue = true
            steps = [{ after = "24h" }]
            [[rules]]
            name = "c"
            steps = [{ on = "new" }]"#,
        )
        .restarts()
        .polls()
        .passes("2026-11-10T12:00:00Z")
        .expects_nothing();
}

#[test]
fn a_case_says_why_nobody_hears_of_it() {
    let mut story = Story::begins(
        "2026-11-02T09:00:00Z",
        r#"[[rules]]
        name = "spam"
        when = "isSpam eq true"
        steps = []
        [[rules]]
        name = "large"
        when = "details/dealValue ge 1000""#,
    );
    let mut spam = referral("r1", "2026-11-02T09:00:00Z", None);
    spam["isSpam"] = json!(true);
    story
        .opens(spam)
        .opens(referral("r2", "2026-11-02T09:00:00Z", None))
        .polls()
        .passes("2026-11-10T09:00:00Z")
        .expects(&[(
            "Mon 2 09:00",
            "trouble",
            "ops",
            "A referral of contoso is taken by no rule, so nobody hears of it",
        )])
        .expires("r1")
        .polls()
        .expects_nothing();
}

#[test]
fn a_repeat_every_quarter_of_an_hour_to_three_destinations_fits_the_store_and_repeats_nothing() {
    let rules = r#"[[rules]]
        name = "all"
        steps = [
          { on = "new" },
          { after = "15m", every = "15m", hours = "always", notify = ["sellers", "crm", "managers"] },
        ]"#;
    // Three days are past at first sight, and are one message.
    let mut story = Story::begins("2026-11-05T09:00:00Z", rules);
    story.sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-06T12:00:00Z")));
    assert_eq!(story.take_told().len(), 3);
    story.passes("2026-11-06T09:00:00Z");
    assert_eq!(story.take_told().len(), 3 * 24 * 4);
    story.restarts().polls().expects_nothing();
    assert!(story.case(1).ledger.len() <= 200);
}
