//! What an outage hides is told with its end, in few words however much it was; a pause that was asked for is kept; and
//! what was forgotten stays forgotten.

use std::sync::Arc;

use futures_util::FutureExt;
use jiff::SignedDuration;
use leadtime::{
    core::{ids::CaseNumber, outbox::About},
    messages::words::{self, Locale},
    service::{clock::RealClock, facts::Facts},
    store::{MemoryStore, Store, StoreFault, layout},
};
use serde_json::json;

use crate::story::{Channel, Story, at, orders, referral, usual};

const LADDER: &str = r#"[[rules]]
name = "all"
hours = "always"
steps = [{ on = "new" }, { before_expiry = "3d", escalate = true }]"#;

/// Managers whom somebody stands in for, at any hour.
const MANAGERS: &str = r#"
[destinations.managers]
type = "slack"
webhook_url = "https://hooks.slack.com/services/2"
fallback = "inbox"
rate = "none"
hours = "always""#;

/// What waits for `[ops]`: titles and paragraphs, the newest last.
fn waiting_for_ops(story: &Story) -> Vec<(String, Vec<String>)> {
    let notices = story.walk.state.waiting().filter(|(lane, _)| lane.0.as_str() == "ops");
    let of = |about: &About| match about {
        About::Notice(notice) => {
            let told = words::of(Locale::EN).news(&notice.news);
            Some((told.title, told.text))
        }
        About::Referral { .. } | About::Scheduled(_) => None,
    };
    notices.filter_map(|(_, row)| of(&row.about)).collect()
}

/// A whole poll as the watch brings it.
fn watches(story: &mut Story) {
    story.walk.poll().unwrap();
    let walk = &mut story.walk;
    walk.state.watched(&walk.account.clone(), SignedDuration::from_mins(30), walk.now).unwrap();
    walk.state.flush().unwrap();
}

fn r1() -> serde_json::Value {
    referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z"))
}

#[test]
fn what_an_outage_hid_is_told_in_few_words_however_much_it_was() {
    let mut story = Story::begins("2026-11-02T10:00:00Z", LADDER);
    story.channel("ops", Channel::Pending);
    for number in 0..60 {
        story.opens(referral(&format!("r{number:02}"), "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")));
    }
    watches(&mut story);
    story.settles().sleeps("2026-11-04T10:00:00Z");
    for number in 0..40 {
        story.leaves(&format!("r{number:02}"), json!({"status": "Closed", "substatus": "Expired"}));
    }
    for number in 0..200 {
        story.opens(referral(&format!("n{number:03}"), "2026-11-03T04:00:00Z", None));
    }
    watches(&mut story);
    let told = waiting_for_ops(&story);
    let [(title, text)] = &told[..] else { panic!("{told:?}") };
    assert_eq!(title, "leadtime did not watch contoso for 2 d");
    assert_eq!(
        *text,
        [
            "20 open referrals were not watched meanwhile. The nearest: r40 (answer by Mon 16 Nov), r41 (answer by Mon \
             16 Nov), r42 (answer by Mon 16 Nov).",
            "200 new ones were found; the oldest arrived 1 d 6 h ago, unseen till now.",
            "40 expired meanwhile: r00, r01, r02, r03, r04, r05, r06, r07, r08, r09, 30 more.",
            // To the sellers: what expired is no ladder's message.
            "200 messages go out late.",
        ]
    );
}

#[test]
fn where_too_much_is_late_to_be_counted_no_number_is_told_as_if_it_were_all() {
    let mut story = Story::begins("2026-11-02T10:00:00Z", LADDER);
    story.channel("ops", Channel::Pending);
    for number in 0..250 {
        story.opens(referral(&format!("r{number:03}"), "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")));
    }
    watches(&mut story);
    story.settles().sleeps("2026-11-14T10:00:00Z");
    watches(&mut story);
    let told = waiting_for_ops(&story);
    let [(_, text)] = &told[..] else { panic!("{told:?}") };
    assert!(text.contains(&"At least 200 messages go out late.".to_owned()), "{text:?}");
}

#[test]
fn a_poll_that_brings_nothing_new_leaves_the_store_as_it_was() {
    let mut story = Story::begins("2026-11-02T10:00:00Z", LADDER);
    story.opens(r1()).opens(referral("r2", "2026-11-02T09:30:00Z", None));
    watches(&mut story);
    story.settles();
    let all = |story: &Story| story.walk.store.scan(b"", None, 10_000).unwrap();
    let before = all(&story);
    for _ in 0..3 {
        story.passes_minutes(5);
        watches(&mut story);
    }
    story.settles();
    assert!(before.len() > 10 && all(&story) == before);
}

#[test]
fn a_crash_loses_nothing_of_what_was_found_before_the_outage_was_over() {
    let mut story = Story::begins("2026-11-02T10:00:00Z", LADDER);
    story.channel("ops", Channel::Pending);
    story.opens(r1());
    watches(&mut story);
    story.settles().sleeps("2026-11-03T10:00:00Z");
    story.opens(referral("r2", "2026-11-02T12:00:00Z", None)).poll_fails_after(2).restarts();
    story.sleeps("2026-11-03T11:00:00Z");
    watches(&mut story);
    let told = waiting_for_ops(&story);
    let text = told.first().map(|(_, text)| text.join(" ")).unwrap_or_default();
    assert!(text.contains("1 new one was found; it arrived 23 h ago"), "{told:?}");
    story.passes_minutes(5);
    watches(&mut story);
    assert_eq!(waiting_for_ops(&story).len(), told.len(), "it is told once");
}

#[test]
fn a_pause_of_hours_that_was_asked_for_is_kept_and_ops_hears_of_it_at_once() {
    let mut story = Story::begins("2026-11-02T10:00:00Z", LADDER);
    story.channel("sellers", Channel::Later(Some(3 * 3_600)));
    story.sees(r1()).expects(&[("Mon 2 10:00", "trouble", "ops", "sellers takes no messages")]);
    story.passes("2026-11-02T12:59:00Z");
    assert_eq!(story.attempts.iter().filter(|attempt| attempt[2] == "sellers").count(), 1);
    story.channel("sellers", Channel::Accepts).passes("2026-11-02T13:01:00Z").expects(&[
        ("Mon 2 13:00", "new", "sellers", "r1"),
        ("Mon 2 13:00", "recovered", "ops", "sellers takes messages again"),
    ]);
}

#[test]
fn an_escalation_goes_to_the_fallback_after_an_hour_however_long_a_pause_was_asked_for() {
    let mut story = Story::begins("2026-11-13T11:00:00Z", &format!("{MANAGERS}\n{LADDER}"));
    story.channel("managers", Channel::Later(Some(86_400)));
    story.sees(r1()).passes("2026-11-13T14:00:00Z");
    let inbox = story.taken.iter().find(|taken| taken.place.starts_with("inbox")).map(|taken| taken.at);
    let due = at("2026-11-13T12:00:00Z");
    let within =
        inbox.is_some_and(|at| at >= due + SignedDuration::from_hours(1) && at <= due + SignedDuration::from_mins(76));
    assert!(within, "{inbox:?}");
}

#[test]
fn the_end_of_a_destinations_trouble_says_what_it_has_cost() {
    let mut story = Story::begins("2026-11-13T12:00:00Z", &format!("{MANAGERS}\n{LADDER}"));
    story.channel("managers", Channel::RefusesAll).channel("ops", Channel::Pending);
    story.sees(r1()).sees(referral("r2", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")));
    story.restarts().settles().channel("managers", Channel::Accepts).passes_minutes(16);
    story.sees(referral("r3", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")));
    let told = waiting_for_ops(&story);
    let end = told.iter().find(|(title, _)| title == "managers takes messages again");
    let text = end.map(|(_, text)| text.join(" ")).unwrap_or_default();
    assert!(text.contains("2 went to inbox meanwhile."), "{told:?}");
}

#[test]
fn contacts_and_notes_of_a_closed_referral_stay_forgotten_though_a_filter_lists_it_for_ever() {
    let mut story = Story::begins("2026-11-02T10:00:00Z", LADDER);
    let with_notes = json!({"details": {"notes": "call Ada"}, "customerProfile": {"name": "Fabrikam", "team": [{"email": "ada@fabrikam.example"}]}});
    story.opens(r1()).changes("r1", with_notes).polls();
    story.changes("r1", json!({"status": "Active", "substatus": "Accepted"})).polls();
    story.passes("2026-12-10T10:00:00Z").polls();
    let month = SignedDuration::from_hours(30 * 24);
    let state = &mut story.walk.state;
    state.prune(jiff::Timestamp::MIN, story.walk.now - month, 500).unwrap();
    state.flush().unwrap();
    let body = |story: &Story| {
        let body = story.walk.store.get(&layout::body(CaseNumber(1))).unwrap().unwrap();
        String::from_utf8(body).unwrap()
    };
    let forgotten = body(&story);
    assert!(!forgotten.contains("Ada") && !forgotten.contains("ada@"), "{forgotten}");
    story.passes_minutes(5).polls();
    assert_eq!(body(&story), forgotten);
    story.changes("r1", json!({"status": "New", "substatus": "Pending"})).polls();
    assert!(body(&story).contains("Ada"), "who is open again is whole again");
}

#[test]
fn no_restart_makes_a_silence_shorter() {
    let mut story = Story::begins("2026-11-02T10:00:00Z", LADDER);
    let silence = SignedDuration::from_hours(30 * 24);
    let is_silent = |story: &mut Story| {
        let walk = &mut story.walk;
        let silent = walk.state.is_silent_for(&"sellers".into(), silence, walk.now).unwrap();
        walk.state.flush().unwrap();
        silent
    };
    assert!(!is_silent(&mut story));
    story.sleeps("2026-11-20T10:00:00Z").restarts();
    assert!(!is_silent(&mut story));
    story.sleeps("2026-12-03T10:00:00Z").restarts();
    assert!(is_silent(&mut story), "nothing was ever taken there");
    story.sees(referral("r9", "2026-12-03T09:00:00Z", None)).restarts();
    assert!(!is_silent(&mut story));
    story.sleeps("2027-01-03T10:00:00Z").restarts();
    assert!(is_silent(&mut story), "a month after the last message");
}

#[tokio::test]
async fn what_a_full_disk_did_not_take_wakes_nobody() {
    let store = Arc::new(MemoryStore::new());
    let (facts, _writer) = Facts::start_here(store.clone(), Arc::new(orders(&usual(""))), Arc::new(RealClock)).unwrap();
    store.fail_commits(StoreFault::NoRoom { folder: "data".into() });
    let mut queued = facts.queued();
    facts.bring(|state, now| state.try_the_disk().map(|()| now)).await.unwrap_err();
    tokio::task::yield_now().await;
    queued.look();
    facts.bring(|state, now| state.try_the_disk().map(|()| now)).await.unwrap_err();
    tokio::task::yield_now().await;
    assert!(queued.changed().now_or_never().is_none(), "whoever is woken tries again, and wakes the others");
}
