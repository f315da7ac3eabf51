//! Claims: "I'll answer this one" lets reminders rest and never an escalation; "I'll see to it" ends a manager's repeats.

use leadtime::core::ladder::sees_to;
use serde_json::json;

use crate::story::{Channel, Story, referral};

/// Two working days, then reminders twice a day to sellers; managers three days before the end.
const RULES: &str = r#"[[rules]]
name = "all"
steps = [
  { on = "new" },
  { after = "1bd", every = "1bd" },
  { before_expiry = "3bd", escalate = true },
]"#;

/// Seen on Monday 2 November at 09:00; expires on Monday the 16th at 00:00.
fn begins(rules: &str) -> Story {
    let mut story = Story::begins("2026-11-02T09:00:00Z", rules);
    story.sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z")));
    story
}

/// What a destination heard since it was last asked for, and when.
fn heard(story: &mut Story, destination: &str) -> Vec<String> {
    let told = story.take_told().into_iter().filter(|(_, message)| message[2] == destination);
    told.map(|(at, message)| format!("{} {}", at.strftime("%a %-d %H:%M"), message[1])).collect()
}

#[test]
fn a_claim_that_is_followed_up_ends_with_the_answer_and_is_not_there_when_it_is_open_again() {
    let mut story = begins(RULES);
    story.passes("2026-11-03T08:00:00Z").and_then().claims(1, "sellers", 3).sees_to(1, "managers");
    story.passes("2026-11-03T10:00:00Z").accepts("r1").polls();
    assert!(story.case(1).claim.is_none() && story.case(1).seen_to.is_empty());
    story.passes("2026-11-04T08:00:00Z").is_pending_again("r1").polls().passes("2026-11-04T10:00:00Z");
    story.expects(&[
        ("Tue 3 10:00", "answered", "sellers", "r1"),
        ("Wed 4 08:00", "reopened", "sellers", "r1"),
        ("Wed 4 09:00", "reminder", "sellers", "r1"),
    ]);
}

#[test]
fn with_thirty_hours_left_a_claim_for_three_days_ends_a_working_day_before_the_deadline() {
    let mut story = Story::begins(
        "2026-11-02T09:00:00Z",
        r#"[[rules]]
        name = "all"
        steps = [
          { on = "new" },
          { before_expiry = "29h", hours = "always" },
          { before_expiry = "14h" },
          { before_expiry = "1bd", escalate = true },
        ]"#,
    );
    // Monday 9 November, 18:00; until Wednesday 00:00 there is one working day, which opens on Tuesday at 09:00.
    story.sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-11T00:00:00Z")));
    story.passes("2026-11-09T18:00:00Z").and_then().claims(1, "sellers", 3).passes("2026-11-10T23:00:00Z").expects(&[
        ("Tue 10 09:00", "escalation", "managers", "r1"),
        ("Tue 10 09:00", "reminder", "sellers", "r1"),
        ("Tue 10 10:00", "reminder", "sellers", "r1"),
    ]);
}

#[test]
fn a_deadline_that_moves_nearer_ends_the_claim_sooner() {
    let mut story = begins(RULES);
    story
        .passes("2026-11-03T08:00:00Z")
        .and_then()
        .claims(1, "sellers", 3)
        .passes("2026-11-03T12:00:00Z")
        .expects_nothing();
    // The last working day before Thursday 00:00 opens on Wednesday at 09:00: two days ahead of what was wished.
    story.changes("r1", json!({"expirationDateTime": "2026-11-05T00:00:00Z"})).polls().passes("2026-11-04T10:00:00Z");
    story.expects(&[("Tue 3 12:00", "escalation", "managers", "r1"), ("Wed 4 09:00", "reminder", "sellers", "r1")]);
}

#[test]
fn a_claimed_step_that_speaks_for_an_unsent_escalation_goes_out_as_an_escalation() {
    let steps = r#"[[rules]]
        name = "all"
        steps = [
          { on = "new", notify = ["managers"] },
          { before_expiry = "3d", escalate = true, hours = "always" },
          { before_expiry = "2d", notify = ["managers"], hours = "always" },
        ]"#;
    let mut story = Story::begins("2026-11-02T09:00:00Z", steps);
    story.sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-14T12:00:00Z"))).passes("2026-11-11T08:00:00Z");
    story.and_then().channel("managers", Channel::Later(None)).passes("2026-11-12T08:00:00Z").claims(1, "managers", 3);
    story.passes("2026-11-12T13:00:00Z").channel("managers", Channel::Accepts).passes("2026-11-13T12:00:00Z");
    assert_eq!(heard(&mut story, "managers"), ["Thu 12 13:05 escalation"]);
}

#[test]
fn a_reminder_that_was_due_and_waits_in_the_outbox_rests_too_and_the_latest_speaks() {
    let mut story = begins(RULES);
    story.channel("sellers", Channel::Later(None)).passes("2026-11-04T08:00:00Z").claims(1, "sellers", 1);
    story.and_then().channel("sellers", Channel::Accepts).passes("2026-11-05T12:00:00Z");
    assert_eq!(heard(&mut story, "sellers"), ["Thu 5 09:00 reminder"]);
    assert_eq!(story.taken.last().unwrap().line.key.purpose.label(), "after 1bd + 2bd");
}

#[test]
fn the_first_news_of_a_claimed_referral_is_not_held_back() {
    let mut story = begins(
        r#"[[rules]]
        name = "all"
        steps = [{ on = "new" }, { after = "1bd", notify = ["inbox", "sellers"] }]"#,
    );
    story.and_then().claims(1, "sellers", 2);
    // Another destination is told of it from now on, at once: the claim holds back what is to remind.
    story.reloads(
        r#"[[rules]]
        name = "all"
        steps = [{ on = "new", notify = ["sellers", "crm"] }, { after = "1bd", notify = ["inbox", "sellers"] }]"#,
    );
    story.passes("2026-11-05T12:00:00Z").expects(&[
        ("Mon 2 09:00", "new", "crm", "r1"),
        ("Wed 4 09:00", "new", "inbox anna@contoso.com", "r1"),
        ("Wed 4 09:00", "reminder", "sellers", "r1"),
    ]);
}

#[test]
fn a_claim_that_is_given_back_is_as_if_there_had_been_none() {
    let mut story = begins(RULES);
    story.passes("2026-11-03T08:00:00Z").and_then().claims(1, "sellers", 3);
    story.passes("2026-11-04T12:00:00Z").expects_nothing();
    story.gives_back(1, "sellers").passes("2026-11-05T12:00:00Z");
    story.expects(&[("Wed 4 12:00", "reminder", "sellers", "r1"), ("Thu 5 09:00", "reminder", "sellers", "r1")]);
}

#[test]
fn an_escalation_where_the_claim_was_made_speaks_in_it_and_the_reminder_at_its_end_all_the_same() {
    let mut story = begins(
        r#"[[rules]]
        name = "all"
        steps = [
          { on = "new" },
          { before_expiry = "5bd" },
          { before_expiry = "4bd", escalate = true, notify = ["sellers"] },
        ]"#,
    );
    story
        .passes("2026-11-09T08:00:00Z")
        .and_then()
        .claims(1, "sellers", 2)
        .passes("2026-11-13T12:00:00Z")
        .expects(&[("Tue 10 09:00", "escalation", "sellers", "r1"), ("Wed 11 09:00", "reminder", "sellers", "r1")]);
}

#[test]
fn a_manager_who_sees_to_it_hears_no_repeat_until_the_next_step() {
    let mut story = begins(
        r#"[[rules]]
        name = "all"
        steps = [
          { on = "new" },
          { before_expiry = "5d", every = "12h", escalate = true, hours = "always" },
          { before_expiry = "2d", every = "12h", escalate = true, hours = "always" },
        ]"#,
    );
    story.passes("2026-11-11T13:00:00Z");
    assert_eq!(heard(&mut story, "managers"), ["Wed 11 00:00 escalation", "Wed 11 12:00 escalation"]);
    story.sees_to(1, "managers").passes("2026-11-14T13:00:00Z");
    assert_eq!(heard(&mut story, "managers"), ["Sat 14 00:00 escalation", "Sat 14 12:00 escalation"]);
}

#[test]
fn a_manager_who_sees_to_it_while_its_message_is_on_the_way_does_so_until_the_next_step() {
    let mut story = begins(
        r#"[[rules]]
        name = "all"
        steps = [
          { before_expiry = "5d", every = "12h", escalate = true, hours = "always" },
          { before_expiry = "2d", escalate = true, hours = "always" },
        ]"#,
    );
    let is_seen_to = |story: &Story| {
        let rules = &story.walk.state.orders().rules;
        sees_to(&story.case(1), &"managers".into(), rules, story.walk.now).is_some()
    };
    story.channel("managers", Channel::Later(None)).passes("2026-11-11T10:00:00Z").sees_to(1, "managers");
    story.channel("managers", Channel::Accepts).passes("2026-11-13T23:00:00Z");
    assert_eq!(heard(&mut story, "managers").len(), 1);
    assert!(is_seen_to(&story));
    story.passes("2026-11-14T00:00:00Z");
    assert!(!is_seen_to(&story));
}

#[test]
fn a_repeat_that_waits_when_a_manager_sees_to_it_is_cancelled_and_the_step_itself_is_not() {
    let steps = |every: &str| {
        format!(
            r#"[[rules]]
            name = "all"
            steps = [{{ before_expiry = "5d", {every}escalate = true, hours = "always" }}]"#
        )
    };
    let mut story = begins(&steps("every = \"12h\", "));
    story.passes("2026-11-11T10:00:00Z").channel("managers", Channel::Later(None)).passes("2026-11-11T13:00:00Z");
    assert_eq!(heard(&mut story, "managers"), ["Wed 11 00:00 escalation"]);
    story.sees_to(1, "managers").channel("managers", Channel::Accepts).passes("2026-11-14T16:00:00Z");
    assert_eq!(heard(&mut story, "managers"), [""; 0]);
    let mut story = begins(&steps(""));
    story.channel("managers", Channel::Later(None)).passes("2026-11-11T10:00:00Z").sees_to(1, "managers");
    story.channel("managers", Channel::Accepts).passes("2026-11-11T12:00:00Z");
    assert_eq!(story.taken.iter().filter(|taken| taken.place == "managers").count(), 1);
}
