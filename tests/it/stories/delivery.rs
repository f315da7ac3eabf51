//! Delivery: digests, retries, refusals, fallbacks, crashes, and mail with several recipients.

use leadtime::{
    core::ids::CaseNumber,
    service::facts::{journal::Line, read_lines},
    store::{Commit, Store as _, layout, read_json},
};
use serde_json::{Value, json};

use crate::story::{Channel, Story, referral, usual};

const NEW: &str = "[[rules]]\nname = \"all\"\nsteps = [{ on = \"new\" }]";

const FALLBACK: &str = r#"[destinations.managers]
type = "slack"
webhook_url = "https://hooks.slack.com/services/2"
rate = "none"
fallback = "inbox"
"#;

fn r1() -> serde_json::Value {
    referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z"))
}

fn opens(story: &mut Story, count: u32) -> String {
    let ids: Vec<String> = (1..=count).map(|number| format!("r{number}")).collect();
    for id in &ids {
        story.opens(referral(id, "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")));
    }
    ids.join(", ")
}

#[test]
fn five_new_ones_are_five_messages_and_six_are_a_digest() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    opens(&mut story, 5);
    assert_eq!(story.polls().take_told().len(), 5);
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    let all = opens(&mut story, 6);
    story.polls().expects(&[("Mon 2 09:00", "digest", "sellers", &all)]);
}

#[test]
fn a_digest_of_a_thousand_goes_through_the_store_in_several_commits() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    opens(&mut story, 1_001);
    let told = story.polls().take_told();
    let sizes: Vec<usize> = told.iter().map(|(_, message)| message[3].split(", ").count()).collect();
    assert_eq!(sizes, [1_000, 1]);
    story.restarts().polls().expects_nothing();
}

#[test]
fn escalations_reminders_and_the_rest_are_counted_each_by_itself() {
    let mut story = Story::begins("2026-11-12T10:00:00Z", "");
    for (id, expires) in [("r1", "2026-11-14T12:00:00Z"), ("r2", "2026-11-14T12:00:00Z")] {
        story.opens(referral(id, "2026-11-02T09:00:00Z", Some(expires)));
    }
    story.opens(referral("r3", "2026-11-12T10:00:00Z", None)).polls().expects(&[
        ("Thu 12 10:00", "escalation", "managers", "r1"),
        ("Thu 12 10:00", "escalation", "managers", "r2"),
        ("Thu 12 10:00", "new", "sellers", "r1"),
        ("Thu 12 10:00", "new", "sellers", "r2"),
        ("Thu 12 10:00", "new", "sellers", "r3"),
    ]);
}

#[test]
fn a_digest_of_six_times_out_after_sending_and_is_repeated_with_the_same_id_and_members() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    let all = opens(&mut story, 6);
    story
        .next_answers("sellers", &[Channel::Silent])
        .polls()
        .accepts("r3")
        .polls()
        .passes("2026-11-02T09:10:00Z")
        .expects(&[
            ("Mon 2 09:00", "digest unanswered", "sellers", &all),
            ("Mon 2 09:00", "answered", "sellers", "r3"),
            ("Mon 2 09:00", "digest repeat", "sellers", &all.replace("r3", "r3 (over)")),
        ]);
    let ids: Vec<_> = story.ids.iter().collect();
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn a_digest_whose_attempt_is_known_to_have_failed_is_formed_anew() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    opens(&mut story, 7);
    story
        .next_answers("sellers", &[Channel::Later(Some(120))])
        .polls()
        .accepts("r3")
        .accepts("r5")
        .polls()
        .passes("2026-11-02T09:10:00Z")
        .expects(&[
            ("Mon 2 09:02", "new", "sellers", "r1"),
            ("Mon 2 09:02", "new", "sellers", "r2"),
            ("Mon 2 09:02", "new", "sellers", "r4"),
            ("Mon 2 09:02", "new", "sellers", "r6"),
            ("Mon 2 09:02", "new", "sellers", "r7"),
        ]);
}

#[test]
fn a_message_that_may_have_arrived_goes_again_by_itself_and_joins_no_digest() {
    for cut_off in [Channel::Pending, Channel::Silent] {
        let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
        story.next_answers("sellers", &[cut_off]).sees(r1()).and_then();
        let first = story.walk.state.waiting().map(|(_, row)| row.id).next();
        story.restarts();
        let others = ["r2", "r3", "r4", "r5", "r6", "r7"];
        for id in others {
            story.opens(referral(id, "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")));
        }
        story.polls().passes("2026-11-02T09:10:00Z").expects(&[
            ("Mon 2 09:00", "digest", "sellers", &others.join(", ")),
            ("Mon 2 09:00", "new repeat", "sellers", "r1"),
        ]);
        assert!(story.ids.contains(&first.unwrap()), "{cut_off:?}: a repeat has the same id");
    }
}

#[test]
fn a_digest_that_may_have_arrived_keeps_its_id_though_a_later_attempt_is_known_to_have_failed() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    let all = opens(&mut story, 6);
    story
        .next_answers("sellers", &[Channel::Silent, Channel::Later(None)])
        .polls()
        .passes("2026-11-02T09:10:00Z")
        .expects(&[
            ("Mon 2 09:00", "digest unanswered", "sellers", &all),
            ("Mon 2 09:00", "digest repeat", "sellers", &all),
        ]);
    assert_eq!(story.ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 1, "{:?}", story.ids);
}

#[test]
fn a_digest_under_way_at_a_crash_is_sent_again_with_the_same_id_as_a_possible_repeat() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    let all = opens(&mut story, 6);
    story
        .channel("sellers", Channel::Pending)
        .polls()
        .restarts()
        .channel("sellers", Channel::Accepts)
        .accepts("r3")
        .polls()
        .passes("2026-11-02T09:10:00Z")
        .expects(&[
            ("Mon 2 09:00", "digest repeat", "sellers", &all.replace("r3", "r3 (over)")),
            ("Mon 2 09:00", "answered", "sellers", "r3"),
        ]);
    assert_eq!(story.ids[0], story.ids[1]);
}

#[test]
fn a_message_under_way_at_a_crash_is_sent_again_and_one_that_was_accepted_is_not() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story
        .channel("sellers", Channel::Pending)
        .sees(r1())
        .restarts()
        .channel("sellers", Channel::Accepts)
        .polls()
        .expects(&[("Mon 2 09:00", "new repeat", "sellers", "r1")])
        .restarts()
        .polls()
        .passes("2026-11-04T09:00:00Z")
        .expects_nothing();
}

#[test]
fn what_may_have_arrived_before_it_was_cancelled_comes_again_as_a_possible_repeat() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story
        .channel("sellers", Channel::Silent)
        .sees(r1())
        .expects(&[("Mon 2 09:00", "new unanswered", "sellers", "r1")])
        .reloads("[[rules]]\nname = \"quiet\"\nsteps = []")
        .settles()
        .channel("sellers", Channel::Accepts)
        .reloads(NEW)
        .passes("2026-11-02T09:30:00Z")
        .expects(&[("Mon 2 09:00", "new repeat", "sellers", "r1")]);
    assert_eq!(story.ids[0], story.ids[1]);
}

/// The same state as version 2 had it: an attempt in its message's own row, and each line of the journal in a row of its own.
fn as_version_2(story: &Story) {
    let (store, mut commit) = (&story.walk.store, Commit::new());
    for (key, _) in store.scan(layout::ATTEMPTS, None, 10).unwrap() {
        commit.delete(key);
    }
    for (key, value) in store.scan(layout::OUTBOX, None, 10).unwrap() {
        let mut row: Value = read_json(&key, &value).unwrap();
        (row["attempting"], row["attempts"]) = (json!(story.walk.now), json!(1));
        commit.put_json(key, &row).unwrap();
    }
    for (key, value) in store.scan(layout::JOURNAL, None, 10).unwrap() {
        let row = layout::LinePlace::from_journal_key(&key).unwrap();
        commit.delete(key.clone()).delete(row.history_key().unwrap());
        for (line, n) in read_lines(&key, &value).unwrap().iter().zip(0..) {
            let place = layout::LinePlace { line: row.line * 10 + n, ..row };
            commit.put_json(place.journal_key(), line).unwrap();
            commit.put(place.history_key().unwrap(), Vec::new());
        }
    }
    store.commit(&commit).unwrap();
}

#[test]
fn an_attempt_that_version_2_recorded_is_a_possible_repeat_too_and_what_it_told_is_told_once() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Pending).sees(r1());
    as_version_2(&story);
    assert!(story.walk.store.scan(layout::ATTEMPTS, None, 10).unwrap().is_empty());
    story
        .restarts()
        .channel("sellers", Channel::Accepts)
        .polls()
        .expects(&[("Mon 2 09:00", "new repeat", "sellers", "r1")])
        .restarts()
        .polls()
        .passes("2026-11-04T09:00:00Z")
        .expects_nothing();
}

#[test]
fn an_attempt_is_on_the_disk_before_it_is_made_and_leaves_it_with_its_result() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Pending).sees(r1());
    let stored = story.walk.store.scan(layout::ATTEMPTS, None, 10).unwrap();
    let [(key, attempts)] = &stored[..] else { panic!("{stored:?}") };
    assert_eq!(layout::attempts_name(key), Some("sellers".into()));
    assert_eq!(String::from_utf8_lossy(attempts), r#"{"2026-11-02T09:00:00Z":[1]}"#);
    story.pending_get(Channel::Accepts).settles();
    assert!(story.walk.store.scan(layout::ATTEMPTS, None, 10).unwrap().is_empty());
}

#[test]
fn what_one_commit_says_of_a_referral_stands_in_one_row_of_the_journal_in_order() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Pending).sees(r1());
    let rows = story.walk.store.scan(layout::JOURNAL, None, 10).unwrap();
    let [(key, row)] = &rows[..] else { panic!("{rows:?}") };
    let lines = read_lines(key, row).unwrap();
    assert!(matches!(&lines[..], [Line::Seen, Line::Queued { .. }]), "{lines:?}");
}

#[test]
fn slack_is_down_for_three_days_and_on_its_return_gets_the_latest_alone() {
    let rules = "[[rules]]\nname = \"all\"\nsteps = [{ on = \"new\" }, { after = \"1d\", every = \"12h\" }]";
    let mut story = Story::begins("2026-11-02T09:00:00Z", rules);
    let all = opens(&mut story, 6);
    story
        .channel("sellers", Channel::Later(None))
        .polls()
        .passes("2026-11-05T03:00:00Z")
        .and_then()
        .channel("sellers", Channel::Accepts)
        .passes("2026-11-05T12:00:00Z");
    let told: Vec<_> = story.take_told().into_iter().filter(|(_, message)| message[2] == "sellers").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0.to_string(), "2026-11-05T09:00:00Z");
    assert_eq!((told[0].1[1].as_str(), told[0].1[3].as_str()), ("digest", all.as_str()));
}

#[test]
fn managers_refuses_for_good_the_fallback_hears_it_and_then_hears_of_the_answer() {
    let mut story = Story::begins("2026-11-11T08:00:00Z", FALLBACK);
    story
        .sees(r1())
        .and_then()
        .channel("managers", Channel::RefusesAll)
        .passes("2026-11-11T10:00:00Z")
        .expects(&[
            ("Wed 11 09:00", "escalation", "inbox anna@contoso.com", "r1"),
            ("Wed 11 09:00", "trouble", "ops", "managers refuses every message (as the story has it)"),
            ("Wed 11 09:00", "reminder", "sellers", "r1"),
        ])
        .accepts("r1")
        .polls()
        .passes("2026-11-20T10:00:00Z")
        .expects(&[
            ("Wed 11 10:00", "answered", "inbox anna@contoso.com", "r1"),
            ("Wed 11 10:00", "answered", "sellers", "r1"),
        ]);
}

#[test]
fn a_step_that_notifies_a_destination_and_its_fallback_reaches_the_fallback_once() {
    let rules = format!(
        "{FALLBACK}[[rules]]\nname = \"all\"\nsteps = [{{ before_expiry = \"3d\", escalate = true, notify = [\"managers\", \"inbox\"] }}]"
    );
    let mut story = Story::begins("2026-11-12T10:00:00Z", &rules);
    story.channel("managers", Channel::RefusesAll).sees(r1()).passes("2026-11-14T10:00:00Z").expects(&[
        ("Fri 13 12:00", "trouble", "ops", "managers refuses every message (as the story has it)"),
        ("Fri 13 12:00", "escalation", "inbox anna@contoso.com", "r1"),
    ]);
}

#[test]
fn a_fallback_that_has_spoken_for_another_does_not_say_the_same_again_in_its_own_hours() {
    let rules = format!(
        "{FALLBACK}[[rules]]\nname = \"all\"\nsteps = [{{ after = \"2d\", hours = \"always\", escalate = true }}]\n\
         continue = true\n[[rules]]\nname = \"too\"\nnotify = [\"inbox\"]\nsteps = [{{ after = \"2d\", escalate = true, notify = [\"inbox\"] }}]"
    );
    let mut story = Story::begins("2026-11-05T20:00:00Z", &rules);
    story
        .channel("managers", Channel::RefusesAll)
        .sees(referral("r1", "2026-11-05T20:00:00Z", Some("2026-11-20T12:00:00Z")))
        .passes("2026-11-09T12:00:00Z")
        .expects(&[
            ("Sat 7 20:00", "escalation", "inbox anna@contoso.com", "r1"),
            ("Sat 7 20:00", "trouble", "ops", "managers refuses every message (as the story has it)"),
        ]);
}

#[test]
fn an_escalation_not_accepted_within_an_hour_goes_to_the_fallback_too() {
    let mut story = Story::begins("2026-11-11T08:00:00Z", FALLBACK);
    story.sees(r1()).and_then().channel("managers", Channel::Later(None)).passes("2026-11-11T11:00:00Z");
    let told = story.take_told();
    let inbox: Vec<_> = told.iter().filter(|(_, message)| message[2].starts_with("inbox")).collect();
    assert_eq!(inbox.len(), 1, "{told:?}");
    let after_minutes = inbox[0].0.duration_since("2026-11-11T09:00:00Z".parse().unwrap()).as_mins();
    assert!((60..76).contains(&after_minutes), "{after_minutes}");
    // Managers' own channel gets it as well when it is back, for it was not refused.
    story.channel("managers", Channel::Accepts).passes("2026-11-11T12:00:00Z");
    assert_eq!(story.take_told().iter().filter(|(_, message)| message[1] == "escalation").count(), 1);
}

#[test]
fn a_refused_message_is_tried_once_as_plain_text_then_is_dead_and_ops_hears() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::RefusesMessage).sees(r1()).passes("2026-11-04T09:00:00Z").expects(&[(
        "Mon 2 09:00",
        "trouble",
        "ops",
        "A message to sellers was given up (as the story has it)",
    )]);
    let tried: Vec<&str> = story.attempts.iter().filter(|a| a[2] == "sellers").map(|a| a[1].as_str()).collect();
    assert_eq!(tried, ["new", "new plain"]);
}

#[test]
fn a_refused_message_with_a_fallback_goes_there_after_plain_text() {
    let mut story = Story::begins("2026-11-11T08:00:00Z", FALLBACK);
    story.sees(r1()).and_then().channel("managers", Channel::RefusesMessage).passes("2026-11-11T10:00:00Z").expects(&[
        ("Wed 11 09:00", "escalation", "inbox anna@contoso.com", "r1"),
        ("Wed 11 09:00", "reminder", "sellers", "r1"),
    ]);
}

#[test]
fn a_broken_destination_is_told_once_probed_every_quarter_of_an_hour_and_at_once_after_a_reload() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::RefusesAll).sees(r1()).passes("2026-11-02T10:00:00Z").expects(&[(
        "Mon 2 09:00",
        "trouble",
        "ops",
        "sellers refuses every message (as the story has it)",
    )]);
    assert_eq!(story.attempts.iter().filter(|attempt| attempt[2] == "sellers").count(), 5);
    story.passes("2026-11-02T10:01:00Z").channel("sellers", Channel::Accepts).reloads(NEW).expects(&[
        ("Mon 2 10:01", "new", "sellers", "r1"),
        ("Mon 2 10:01", "recovered", "ops", "sellers takes messages again"),
    ]);
}

#[test]
fn while_a_destination_fails_only_its_most_urgent_message_is_tried() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    opens(&mut story, 3);
    story.channel("sellers", Channel::Later(None)).polls().and_then().passes("2026-11-02T12:00:00Z");
    let about: std::collections::BTreeSet<&str> =
        story.attempts.iter().filter(|attempt| attempt[2] == "sellers").map(|attempt| attempt[3].as_str()).collect();
    assert_eq!(about.len(), 1, "{about:?}");
}

#[test]
fn retry_after_is_obeyed() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.next_answers("sellers", &[Channel::Later(Some(300))]).sees(r1()).passes("2026-11-02T12:00:00Z").expects(&[(
        "Mon 2 09:05",
        "new",
        "sellers",
        "r1",
    )]);
}

#[test]
fn what_is_no_escalation_is_given_up_after_seven_days_and_ops_hears() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story
        .channel("sellers", Channel::Later(None))
        .sees(referral("r1", "2026-11-02T09:00:00Z", Some("2026-12-16T12:00:00Z")))
        .passes("2026-11-09T08:00:00Z")
        .and_then()
        .passes("2026-11-10T09:00:00Z");
    let told = story.take_told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].1[3], "A message to sellers was given up (too long not accepted)");
}

#[test]
fn an_escalation_is_tried_until_its_deadline_then_dead_and_ops_hears() {
    let mut story = Story::begins("2026-11-12T10:00:00Z", "");
    story
        .channel("managers", Channel::Later(None))
        .sees(r1())
        .passes("2026-11-16T11:59:00Z")
        .and_then()
        .passes("2026-11-16T12:30:00Z")
        .expects(&[(
            "Mon 16 12:00",
            "trouble",
            "ops",
            "A message to managers was given up (not accepted before the deadline)",
        )]);
}

#[test]
fn a_message_in_whose_attempts_the_process_died_goes_as_plain_text_then_waits_ever_longer_and_is_not_lost() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Pending).sees(r1());
    for _ in 0..5 {
        story.restarts().polls();
    }
    let tried = |story: &Story| -> Vec<String> {
        story.attempts.iter().filter(|a| a[2] == "sellers").map(|a| a[1].clone()).collect()
    };
    assert_eq!(tried(&story), ["new", "new repeat", "new repeat", "new plain repeat"]);
    story.passes("2026-11-02T09:00:10Z").restarts().passes("2026-11-02T09:00:29Z");
    assert_eq!(tried(&story).len(), 5, "the next one after 20 s");
    story.channel("sellers", Channel::Accepts).passes("2026-11-02T09:00:30Z");
    story.expects(&[("Mon 2 09:00", "new plain repeat", "sellers", "r1")]);
}

#[test]
fn a_message_in_whose_attempts_the_process_died_for_a_week_is_dead_and_ops_hears() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Pending).sees(r1());
    for day in 2..=9 {
        story.passes(&format!("2026-11-{day:02}T10:00:00Z")).restarts();
    }
    story.passes("2026-11-09T10:01:00Z").expects(&[(
        "Mon 9 10:00",
        "trouble",
        "ops",
        "A message to sellers was given up (the process died in it four times)",
    )]);
}

#[test]
fn mail_to_three_people_of_whom_the_second_is_put_off_for_six_hours_reaches_the_others_once() {
    let toml = usual("[[rules]]\nname = \"all\"\nnotify = [\"inbox\"]\nsteps = [{ on = \"new\" }]")
        .replace("\"anna@contoso.com\"", "\"anna@contoso.com\", \"bela@contoso.com\", \"cili@contoso.com\"");
    let mut story = Story::with("2026-11-02T09:00:00Z", &toml);
    story
        .channel("inbox bela@contoso.com", Channel::Later(None))
        .sees(r1())
        .passes("2026-11-02T12:00:00Z")
        .sees(referral("r2", "2026-11-02T12:00:00Z", Some("2026-11-16T12:00:00Z")))
        .passes("2026-11-02T14:59:00Z")
        .expects(&[
            ("Mon 2 09:00", "new", "inbox anna@contoso.com", "r1"),
            ("Mon 2 09:00", "new", "inbox cili@contoso.com", "r1"),
            ("Mon 2 12:00", "new", "inbox anna@contoso.com", "r2"),
            ("Mon 2 12:00", "new", "inbox cili@contoso.com", "r2"),
        ])
        .channel("inbox bela@contoso.com", Channel::Accepts)
        .passes("2026-11-02T15:59:00Z");
    let told: Vec<String> = story.take_told().into_iter().map(|(_, message)| message[3].clone()).collect();
    assert_eq!(told, ["r1", "r2"]);
}

#[test]
fn mail_refused_by_one_of_two_counts_as_sent_and_ops_hears_of_the_address_once() {
    let toml = usual("[[rules]]\nname = \"all\"\nnotify = [\"inbox\"]\nsteps = [{ on = \"new\" }]")
        .replace("\"anna@contoso.com\"", "\"anna@contoso.com\", \"bela@contoso.com\"");
    let mut story = Story::with("2026-11-02T09:00:00Z", &toml);
    story
        .channel("inbox bela@contoso.com", Channel::RefusesMessage)
        .sees(r1())
        .sees(referral("r2", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")))
        .accepts("r1")
        .polls()
        .expects(&[
            ("Mon 2 09:00", "new", "inbox anna@contoso.com", "r1"),
            ("Mon 2 09:00", "new", "inbox anna@contoso.com", "r2"),
            ("Mon 2 09:00", "answered", "inbox anna@contoso.com", "r1"),
            ("Mon 2 09:00", "trouble", "ops", "bela@contoso.com (inbox) gets no mail"),
        ]);
}

#[test]
fn mail_refused_by_all_goes_to_the_fallback() {
    let toml = usual("[[rules]]\nname = \"all\"\nnotify = [\"inbox\"]\nsteps = [{ on = \"new\" }]").replace(
        "to = [\"anna@contoso.com\"]",
        "to = [\"anna@contoso.com\", \"bela@contoso.com\"], fallback = \"sellers\"",
    );
    let mut story = Story::with("2026-11-02T09:00:00Z", &toml);
    story
        .channel("inbox anna@contoso.com", Channel::RefusesMessage)
        .channel("inbox bela@contoso.com", Channel::RefusesMessage)
        .sees(r1())
        .passes("2026-11-03T09:00:00Z");
    let told = story.take_told();
    let news: Vec<&str> = told.iter().filter(|(_, m)| m[1] == "new").map(|(_, m)| m[2].as_str()).collect();
    assert_eq!(news, ["sellers"], "{told:?}");
}

#[test]
fn an_update_that_was_refused_is_not_said_again_and_the_next_one_is() {
    let rules = "[[rules]]\nname = \"all\"\nsteps = [{ on = \"new\" }, { on = \"updated\" }]";
    let mut story = Story::begins("2026-11-02T09:00:00Z", rules);
    story
        .sees(r1())
        .and_then()
        .channel("sellers", Channel::RefusesMessage)
        .changes("r1", json!({"details": {"notes": "a"}}))
        .polls()
        .passes("2026-11-03T09:00:00Z")
        .expects(&[("Mon 2 09:10", "trouble", "ops", "A message to sellers was given up (as the story has it)")])
        .channel("sellers", Channel::Accepts)
        .changes("r1", json!({"details": {"notes": "b"}}))
        .polls()
        .passes("2026-11-04T09:00:00Z")
        .expects(&[("Tue 3 09:10", "updated", "sellers", "r1")]);
}

#[test]
fn a_destination_that_failed_and_now_refuses_everything_is_told_again() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story
        .channel("sellers", Channel::Later(None))
        .sees(r1())
        .passes("2026-11-02T11:00:00Z")
        .and_then()
        .channel("sellers", Channel::RefusesAll)
        .passes("2026-11-02T12:00:00Z");
    let told: Vec<String> = story.take_told().into_iter().map(|(_, message)| message[3].clone()).collect();
    assert_eq!(told, ["sellers refuses every message (as the story has it)"]);
}

#[test]
fn a_trouble_of_a_destination_that_was_told_before_a_restart_ends_when_it_takes_messages() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Later(None)).sees(r1()).passes("2026-11-02T11:00:00Z").and_then();
    story.restarts().channel("sellers", Channel::Accepts).passes("2026-11-02T12:00:00Z");
    let told: Vec<String> = story.take_told().into_iter().map(|(_, message)| message[1].clone()).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(story.walk.state.troubles().is_empty());
}

#[test]
fn messages_that_go_on_dying_are_told_of_once_a_day() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::RefusesMessage);
    for (id, now) in [("r1", "2026-11-02T09:00:00Z"), ("r2", "2026-11-02T12:00:00Z"), ("r3", "2026-11-03T12:00:00Z")] {
        story.passes(now).sees(referral(id, "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")));
    }
    story.expects(&[
        ("Mon 2 09:00", "trouble", "ops", "A message to sellers was given up (as the story has it)"),
        ("Tue 3 12:00", "trouble", "ops", "A message to sellers was given up (as the story has it)"),
    ]);
    assert_eq!(story.walk.state.given_up(), 3);
}

#[test]
fn an_attempt_that_was_recorded_and_never_made_is_made_later() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Pending).sees(r1()).expects_nothing();
    let none = std::collections::BTreeSet::new();
    story.walk.state.free_unbegun(&"sellers".into(), &none).unwrap();
    story.channel("sellers", Channel::Accepts).settles().expects(&[("Mon 2 09:00", "new", "sellers", "r1")]);
}

#[test]
fn a_referral_that_cannot_be_read_from_the_store_holds_up_nobody_elses_message() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.next_answers("sellers", &[Channel::Later(Some(60))]).sees(r1());
    let mut commit = leadtime::store::Commit::new();
    commit.delete(leadtime::store::layout::body(leadtime::core::ids::CaseNumber(1)));
    leadtime::store::Store::commit(story.walk.store.as_ref(), &commit).unwrap();
    story.restarts().sees(referral("r2", "2026-11-02T09:00:00Z", None)).passes("2026-11-02T09:02:00Z").expects(&[
        ("Mon 2 09:00", "new", "sellers", "r2"),
        ("Mon 2 09:02", "trouble", "ops", "A referral cannot be read from the store"),
    ]);
}

#[test]
fn a_damaged_referral_costs_its_own_messages_alone_also_where_they_go_to_a_fallback() {
    let told_there = "[[rules]]\nname = \"all\"\nnotify = [\"managers\"]\nsteps = [{ on = \"new\" }]\n";
    let mut story = Story::begins("2026-11-02T09:00:00Z", told_there);
    story.channel("managers", Channel::RefusesAll);
    story.opens(referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z")));
    story.sees(referral("r2", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z")));
    let mut commit = Commit::new();
    commit.put(layout::case(CaseNumber(1)), b"{".to_vec());
    story.walk.store.commit(&commit).unwrap();
    story.and_then().restarts_with(&format!("{told_there}{FALLBACK}"));
    story.passes_minutes(10);
    let told = story.take_told();
    let here: Vec<_> =
        told.iter().map(|(_, message)| &message[1..]).filter(|told| told[1].starts_with("inbox")).collect();
    assert_eq!(here, [["new", "inbox anna@contoso.com", "r2"]], "{told:?}");
}
