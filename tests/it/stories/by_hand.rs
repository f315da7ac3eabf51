//! What a person does: has messages sent after all, takes them out, mutes a referral and ends that.

use jiff::Timestamp;
use leadtime::{
    core::ids::CaseNumber,
    service::facts::{Came, Muting, Place, Unmuting, Waiting, journal::Line, read_lines},
    store::{Store as _, layout},
};
use serde_json::json;

use crate::story::{Channel, Story, at, referral, usual};

const NEW: &str = "[[rules]]\nname = \"all\"\nsteps = [{ on = \"new\" }]";
const LADDER: &str = r#"[[rules]]
name = "all"
steps = [
  { on = "new" },
  { after = "4h" },
  { before_expiry = "5d" },
  { before_expiry = "3d", escalate = true, notify = ["sellers"] },
  { before_expiry = "1d", escalate = true },
]
"#;

fn r1() -> serde_json::Value {
    referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z"))
}

/// A message about r1 to the sellers that was given up on Monday morning.
fn given_up(more: &str) -> Story {
    let mut story = Story::begins("2026-11-02T09:00:00Z", more);
    story.channel("sellers", Channel::RefusesMessage).sees(r1()).expects(&[(
        "Mon 2 09:00",
        "trouble",
        "ops",
        "A message to sellers was given up (as the story has it)",
    )]);
    story
}

fn dead(story: &Story) -> Vec<Waiting> {
    story.walk.state.dead_at(&"sellers".into(), None, 100).unwrap().0
}

fn waiting(story: &Story, destination: &str) -> Waiting {
    let (lane, row) = story.walk.state.waiting().find(|(lane, _)| lane.0.as_str() == destination).unwrap();
    Waiting { place: Place::Outbox, lane: lane.clone(), row: row.clone() }
}

fn retry(story: &mut Story, meant: &Waiting) -> Came {
    let came = story.walk.state.retry(meant, story.walk.now).unwrap();
    story.walk.state.flush().unwrap();
    came
}

fn mute(story: &mut Story, until: Option<&str>) -> Muting {
    let now = story.walk.now;
    let muted = story
        .walk
        .state
        .mute(CaseNumber(1), "the customer asked us to wait", until.map(at), Some("anna"), now)
        .unwrap();
    story.walk.state.flush().unwrap();
    muted
}

fn unmute(story: &mut Story) -> Unmuting {
    let unmuted = story.walk.state.unmute(CaseNumber(1), story.walk.now).unwrap();
    story.walk.state.flush().unwrap();
    unmuted
}

/// What the journal says of r1, in order.
fn journal(story: &Story) -> Vec<Line> {
    let lines = story.walk.store.scan(layout::JOURNAL, None, 1_000).unwrap();
    let of_r1 = |key: &[u8]| layout::LinePlace::from_journal_key(key).unwrap().case == Some(CaseNumber(1));
    lines.iter().filter(|(key, _)| of_r1(key)).flat_map(|(key, value)| read_lines(key, value).unwrap()).collect()
}

#[test]
fn what_was_given_up_is_sent_when_a_person_says_so_and_the_trouble_is_over() {
    let mut story = given_up(NEW);
    let [message] = &dead(&story)[..] else { panic!("{:?}", dead(&story)) };
    assert_eq!(message.row.given_up.as_ref().unwrap().at, at("2026-11-02T09:00:00Z"));
    story.channel("sellers", Channel::Accepts).passes("2026-11-04T10:00:00Z").expects_nothing();
    assert_eq!(retry(&mut story, message), Came::Goes);
    story.settles().expects(&[
        ("Wed 4 10:00", "new", "sellers", "r1"),
        ("Wed 4 10:00", "recovered", "ops", "No message to sellers is left that was given up"),
    ]);
    assert!(dead(&story).is_empty());
    assert!(story.walk.state.troubles().is_empty());
    assert!(journal(&story).iter().any(|line| matches!(line, Line::Retried { id, .. } if *id == message.row.id)));
    story.restarts().polls().expects_nothing();
}

#[test]
fn a_message_that_waited_a_week_is_not_given_up_again_at_once() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Later(None)).sees(r1()).passes("2026-11-10T09:00:00Z").and_then();
    let [message] = &dead(&story)[..] else { panic!("{:?}", dead(&story)) };
    assert_eq!(retry(&mut story, message), Came::Goes);
    story.passes("2026-11-10T10:00:00Z");
    assert_eq!((dead(&story).len(), waiting(&story, "sellers").row.queued_at), (0, at("2026-11-10T09:00:00Z")));
    story.and_then().channel("sellers", Channel::Accepts).passes("2026-11-10T11:00:00Z");
    assert!(story.take_told().iter().any(|(_, message)| message[1] == "new" && message[3] == "r1"));
}

#[test]
fn a_retry_about_an_answered_referral_says_so_sends_nothing_and_ends_the_trouble() {
    let mut story = given_up(NEW);
    let message = dead(&story).remove(0);
    story.channel("sellers", Channel::Accepts).accepts("r1").polls().and_then();
    let came = retry(&mut story, &message);
    assert!(matches!(came, Came::WillNot { .. }), "{came:?}");
    story.passes("2026-11-03T10:00:00Z").expects(&[(
        "Mon 2 09:00",
        "recovered",
        "ops",
        "No message to sellers is left that was given up",
    )]);
    assert!(dead(&story).is_empty());
    assert!(matches!(journal(&story).last(), Some(Line::Cancelled { .. })), "{:?}", journal(&story));
}

#[test]
fn what_a_later_step_has_overtaken_is_not_sent_after_all() {
    let mut story = given_up(LADDER);
    let message = dead(&story).remove(0);
    story.channel("sellers", Channel::Accepts).passes("2026-11-02T14:00:00Z").expects(&[(
        "Mon 2 13:00",
        "new",
        "sellers",
        "r1",
    )]);
    let came = retry(&mut story, &message);
    assert!(matches!(came, Came::WillNot { .. }), "{came:?}");
    story.passes("2026-11-03T09:00:00Z");
    assert!(story.take_told().iter().all(|(_, message)| message[1] == "recovered"));
}

#[test]
fn one_of_two_recipients_gets_the_mail_after_all_and_the_other_not_twice() {
    let toml = usual("[[rules]]\nname = \"all\"\nnotify = [\"inbox\"]\nsteps = [{ on = \"new\" }]")
        .replace("\"anna@contoso.com\"", "\"anna@contoso.com\", \"bela@contoso.com\"");
    let mut story = Story::with("2026-11-02T09:00:00Z", &toml);
    story.channel("inbox bela@contoso.com", Channel::RefusesMessage).sees(r1()).and_then();
    let (dead, _) = story.walk.state.dead_at(&"inbox".into(), None, 100).unwrap();
    story.channel("inbox bela@contoso.com", Channel::Accepts);
    assert_eq!(retry(&mut story, &dead[0]), Came::Goes);
    story.settles().expects(&[
        ("Mon 2 09:00", "new", "inbox bela@contoso.com", "r1"),
        ("Mon 2 09:00", "recovered", "ops", "No mail to bela@contoso.com is left that was given up"),
    ]);
}

/// A mail to Anna, whose server is away, and to Bela, who refused it: given up for him, and how often he gets it after all
/// when a mute, its end and a retry come in this order.
fn mails_to_bela(retry_first: bool) -> usize {
    let toml = usual("[[rules]]\nname = \"all\"\nnotify = [\"inbox\"]\nsteps = [{ on = \"new\" }]")
        .replace("\"anna@contoso.com\"", "\"anna@contoso.com\", \"bela@contoso.com\"");
    let mut story = Story::with("2026-11-02T09:00:00Z", &toml);
    story.channel("inbox bela@contoso.com", Channel::RefusesMessage);
    story.channel("inbox anna@contoso.com", Channel::Later(None)).sees(r1());
    let (dead, _) = story.walk.state.dead_at(&"inbox".into(), None, 100).unwrap();
    story.channel("inbox bela@contoso.com", Channel::Accepts).channel("inbox anna@contoso.com", Channel::Accepts);
    mute(&mut story, None);
    if retry_first {
        let came = retry(&mut story, &dead[0]);
        assert!(matches!(came, Came::WillNot { .. }), "{came:?}");
        unmute(&mut story);
    } else {
        unmute(&mut story);
        assert_eq!(retry(&mut story, &dead[0]), Came::Goes);
    }
    story.and_then().passes_minutes(30);
    let told: Vec<[String; 4]> = story.take_told().into_iter().map(|(_, message)| message).collect();
    let to = |who: &str| told.iter().filter(|message| message[2] == who && message[3] == "r1").count();
    assert_eq!(to("inbox anna@contoso.com"), 1, "{told:?}");
    to("inbox bela@contoso.com")
}

#[test]
fn a_mail_that_the_end_of_a_mute_brought_back_is_not_sent_twice_by_a_retry() {
    assert_eq!(mails_to_bela(false), 1);
}

#[test]
fn a_mail_that_a_mute_holds_back_comes_once_though_it_was_to_be_tried_again_meanwhile() {
    assert_eq!(mails_to_bela(true), 1);
}

#[test]
fn two_wishes_in_one_commit_send_what_was_given_up_once() {
    let mut story = given_up(NEW);
    story.channel("sellers", Channel::Accepts);
    let id = dead(&story)[0].id().to_string();
    for _ in 0..2 {
        for message in story.walk.state.messages(&id).unwrap() {
            assert_eq!(story.walk.state.retry(&message, story.walk.now).unwrap(), Came::Goes);
        }
        for message in dead(&story) {
            story.walk.state.retry(&message, story.walk.now).unwrap();
        }
    }
    story.walk.state.flush().unwrap();
    let told = story.and_then().settles().take_told();
    assert_eq!(told.iter().filter(|(_, message)| message[3] == "r1").count(), 1, "{told:?}");
}

#[test]
fn a_message_to_a_destination_that_is_gone_stays_and_can_be_dropped() {
    let mut story = given_up(NEW);
    let message = dead(&story).remove(0);
    let others = usual(NEW).replace("notify = [\"sellers\"]", "notify = [\"crm\"]");
    let others: String = others.lines().filter(|line| !line.starts_with("sellers =")).collect::<Vec<_>>().join("\n");
    story.reloads_all(&others).and_then();
    assert_eq!(retry(&mut story, &message), Came::NoDestination);
    assert_eq!(dead(&story).len(), 1);
    assert_eq!(story.walk.state.drop_by_hand(&message, story.walk.now).unwrap(), Came::Dropped);
    story.walk.state.flush().unwrap();
    assert!(dead(&story).is_empty());
}

#[test]
fn a_message_that_fails_is_tried_at_once_whatever_its_back_off() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Later(Some(900))).sees(r1()).expects_nothing();
    story.channel("sellers", Channel::Accepts).passes_minutes(1).expects_nothing();
    let message = waiting(&story, "sellers");
    assert_eq!(retry(&mut story, &message), Came::Goes);
    story.settles().expects(&[("Mon 2 09:01", "new", "sellers", "r1")]);
}

#[test]
fn a_broken_destination_is_probed_at_once_when_all_is_tried_again() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::RefusesAll).sees(r1()).and_then();
    story.channel("sellers", Channel::Accepts).passes_minutes(1).expects_nothing();
    assert_eq!(story.walk.state.try_all(&"sellers".into(), story.walk.now).unwrap(), 1);
    story.settles().expects(&[
        ("Mon 2 09:01", "new", "sellers", "r1"),
        ("Mon 2 09:01", "recovered", "ops", "sellers takes messages again"),
    ]);
}

#[test]
fn what_is_to_be_tried_at_once_is_tried_by_a_process_that_starts_after_the_wish_too() {
    for channel in [Channel::Later(None), Channel::RefusesAll] {
        for all in [false, true] {
            let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
            story.channel("sellers", channel).sees(r1()).passes("2026-11-02T10:00:01Z").and_then();
            story.channel("sellers", Channel::Accepts);
            if all {
                assert!(story.walk.state.try_all(&"sellers".into(), story.walk.now).unwrap() > 0);
                story.walk.state.flush().unwrap();
            } else {
                let message = waiting(&story, "sellers");
                retry(&mut story, &message);
            }
            let told = story.restarts().settles().take_told();
            assert!(told.iter().any(|(_, message)| message[3] == "r1"), "{channel:?}, all: {all}: {told:?}");
        }
    }
}

#[test]
fn a_reminder_that_waits_for_hours_is_not_sent_in_the_night_by_hand_either() {
    let rules = "[[rules]]\nname = \"all\"\nsteps = [{ after = \"1h\" }]";
    let mut story = Story::begins("2026-11-02T15:59:00Z", rules);
    story
        .channel("sellers", Channel::Later(None))
        .sees(referral("r1", "2026-11-02T15:30:00Z", Some("2026-11-16T12:00:00Z")))
        .passes("2026-11-02T20:00:00Z")
        .and_then();
    story.channel("sellers", Channel::Accepts);
    let message = waiting(&story, "sellers");
    assert_eq!(retry(&mut story, &message), Came::Waits { until: at("2026-11-03T09:00:00Z") });
    story.passes("2026-11-03T09:00:00Z").expects(&[("Tue 3 09:00", "new", "sellers", "r1")]);
}

#[test]
fn an_attempt_under_way_can_be_neither_hurried_nor_taken_back() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Pending).sees(r1());
    let message = waiting(&story, "sellers");
    let since = at("2026-11-02T09:00:00Z");
    assert_eq!(retry(&mut story, &message), Came::UnderWay { since });
    assert_eq!(story.walk.state.drop_by_hand(&message, story.walk.now).unwrap(), Came::UnderWay { since });
    story.pending_get(Channel::Accepts).expects(&[("Mon 2 09:00", "new", "sellers", "r1")]);
}

#[test]
fn what_was_dropped_never_comes_and_the_next_step_does() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", LADDER);
    story.channel("sellers", Channel::Later(None)).sees(r1());
    let message = waiting(&story, "sellers");
    assert_eq!(story.walk.state.drop_by_hand(&message, story.walk.now).unwrap(), Came::Dropped);
    story.walk.state.flush().unwrap();
    assert!(matches!(journal(&story).last(), Some(Line::Dead { why, .. }) if why == "dropped by hand"));
    story.channel("sellers", Channel::Accepts).restarts().polls().passes("2026-11-02T13:30:00Z").expects(&[(
        "Mon 2 13:00",
        "new",
        "sellers",
        "r1",
    )]);
}

#[test]
fn a_notice_to_ops_that_was_given_up_can_be_sent_after_all() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("ops", Channel::RefusesMessage).channel("sellers", Channel::RefusesAll).sees(r1()).and_then();
    let (dead, _) = story.walk.state.dead_at(&"ops".into(), None, 100).unwrap();
    assert_eq!(dead.len(), 2, "the trouble, and that it was given up: {dead:?}");
    story.channel("ops", Channel::Accepts);
    for message in &dead {
        assert_eq!(retry(&mut story, message), Came::Goes);
    }
    let told: Vec<String> = story.settles().take_told().into_iter().map(|(_, message)| message[3].clone()).collect();
    assert!(told.contains(&"sellers refuses every message (as the story has it)".to_owned()), "{told:?}");
}

#[test]
fn a_muted_referral_is_told_to_nobody_and_when_unmuted_only_what_is_due_then() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", LADDER);
    story.sees(r1()).expects(&[("Mon 2 09:00", "new", "sellers", "r1")]);
    assert!(matches!(mute(&mut story, None), Muting::Muted { cancelled: 0, .. }));
    story.passes("2026-11-13T13:00:00Z").expects_nothing().restarts().polls().expects_nothing();
    let Unmuting::Unmuted { now, .. } = unmute(&mut story) else { panic!("it was muted") };
    assert_eq!(now, [("managers".to_owned(), "escalation"), ("sellers".to_owned(), "escalation")]);
    story
        .settles()
        .expects(&[("Fri 13 13:00", "escalation", "managers", "r1"), ("Fri 13 13:00", "escalation", "sellers", "r1")]);
    assert_eq!(unmute(&mut story), Unmuting::WasNot(Box::new(story.case(1))));
}

#[test]
fn a_mute_cancels_what_waits_and_at_its_end_that_comes() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.channel("sellers", Channel::Later(None)).sees(r1());
    assert!(matches!(mute(&mut story, Some("2026-11-04T00:00:00Z")), Muting::Muted { cancelled: 1, .. }));
    story.channel("sellers", Channel::Accepts).passes("2026-11-03T12:00:00Z").expects_nothing();
    story.passes("2026-11-04T12:00:00Z").expects(&[("Wed 4 00:00", "new", "sellers", "r1")]);
    let lines = journal(&story);
    assert!(lines.iter().any(|line| matches!(line, Line::Muted { reason, .. } if reason.contains("asked us to wait"))));
    assert!(lines.iter().any(|line| matches!(line, Line::Unmuted { by_hand: false })), "{lines:?}");
    assert_eq!(story.case(1).muted, None);
}

#[test]
fn of_a_muted_referral_its_expiry_is_told_and_its_answer_is_not() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.sees(r1()).and_then();
    mute(&mut story, None);
    story.accepts("r1").polls().expects_nothing();
    let over = mute(&mut story, None);
    assert!(matches!(over, Muting::Over(_)), "{over:?}");
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.sees(r1()).and_then();
    mute(&mut story, None);
    story.passes("2026-11-16T13:00:00Z").expects_nothing().expires("r1").polls();
    let told = story.take_told();
    assert!(told.len() == 2 && told.iter().all(|(_, message)| message[1] == "expired"), "{told:?}");
}

#[test]
fn a_copy_that_waits_at_a_fallback_is_muted_with_its_referral() {
    let managers = r#"[destinations.managers]
type = "slack"
webhook_url = "https://hooks.slack.com/services/2"
rate = "none"
fallback = "inbox"
"#;
    let rules = "[[rules]]\nname = \"all\"\nnotify = [\"managers\"]\nsteps = [{ on = \"new\" }]\n";
    let mut story = Story::begins("2026-11-02T09:00:00Z", &format!("{rules}{managers}"));
    story.channel("managers", Channel::RefusesAll).channel("inbox anna@contoso.com", Channel::Later(None)).sees(r1());
    assert_eq!(waiting(&story, "inbox").row.attempts, 1);
    story.and_then();
    assert!(matches!(mute(&mut story, None), Muting::Muted { cancelled: 1, .. }));
    story.channel("inbox anna@contoso.com", Channel::Accepts).passes("2026-11-03T09:00:00Z");
    assert!(story.take_told().iter().all(|(_, message)| message[3] != "r1"));
    unmute(&mut story);
    story.settles();
    let told: Vec<[String; 4]> = story.take_told().into_iter().map(|(_, message)| message).collect();
    assert!(told.iter().any(|message| message[2] == "inbox anna@contoso.com" && message[3] == "r1"), "{told:?}");
}

#[test]
fn a_muted_one_is_not_in_the_digest_of_a_backlog() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    for id in 1..=7 {
        story.opens(referral(&format!("r{id}"), "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")));
    }
    story.channel("sellers", Channel::Later(None)).polls();
    mute(&mut story, None);
    story.channel("sellers", Channel::Accepts).passes_minutes(30);
    let told = story.take_told();
    let digest = told.iter().find(|(_, message)| message[1].starts_with("digest")).unwrap();
    assert_eq!(digest.1[3], "r2, r3, r4, r5, r6, r7");
}

#[test]
fn a_referral_is_found_by_the_beginning_of_its_id_and_never_guessed() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    for id in ["3f8a91c2-aa", "3f8a91c2-bb", "77"] {
        story.opens(json!({"id": id, "createdDateTime": "2026-11-02T09:00:00Z"}));
    }
    story.polls();
    let found = |typed: &str, account: Option<&str>| -> Vec<String> {
        let found = story.walk.state.find(typed, account.map(Into::into).as_ref()).unwrap();
        found.into_iter().map(|found| found.id.to_string()).collect()
    };
    assert_eq!(found("3f8a91c2", None), ["3f8a91c2-aa", "3f8a91c2-bb"]);
    assert_eq!(found("3F8A91C2-B", None), ["3f8a91c2-bb"]);
    assert_eq!(found("77", Some("contoso")), ["77"]);
    assert!(found("77", Some("fabrikam")).is_empty() && found("", None).is_empty() && found("8", None).is_empty());
}

#[test]
fn when_a_destination_last_took_something_is_known_after_a_restart() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW);
    story.sees(r1()).restarts();
    let last: Option<Timestamp> = story.walk.state.last_accepted(&"sellers".into());
    assert_eq!(last, Some(at("2026-11-02T09:00:00Z")));
}
