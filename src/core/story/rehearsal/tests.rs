//! Stories of what a replay finds in the course of referrals.

use std::sync::Arc;

use jiff::{SignedDuration, tz::TimeZone};
use serde_json::json;

use super::*;
use crate::core::{
    case::Happened,
    claim::Claimant,
    filter::Filter,
    hours::HoursSpec,
    ids::CaseNumber,
    page::Read,
    people::People,
    period::Period,
    rules::{Account, Asks, Destination, Money, Recipient, Role, Rule, built_in_ladder},
};

/// Mon 16 Nov 2026, 00:00.
const NOW: Timestamp = Timestamp::constant(1_794_787_200, 0);

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The built-in ladder: sellers hear, managers are escalated to.
fn rules() -> Rules {
    let rule = Rule {
        name: "default".into(),
        when: None,
        continues: false,
        answered: true,
        hours: None,
        notify: None,
        escalate_to: None,
        steps: built_in_ladder(),
    };
    let destination = || Destination { hours: None, keeps_hours: true, fallback: None, asks: Asks::default() };
    let account = Account {
        filter: Some(Filter::parse("direction eq 'Incoming' and substatus eq 'Pending'").unwrap()),
        notify: vec!["sellers".into()],
        escalate_to: vec!["managers".into()],
        expires_after: Period::days(14),
    };
    Rules {
        rules: vec![rule],
        destinations: ["sellers", "managers"].map(|name| (name.into(), destination())).into(),
        accounts: BTreeMap::from([("contoso".into(), account)]),
        default_hours: Arc::new(Hours::compile(HoursSpec::built_in(TimeZone::UTC)).unwrap()),
        money: Money { currency: Some("EUR".to_owned()), rates: BTreeMap::new() },
        people: People::default(),
        ops: Vec::new(),
    }
}

fn body(id: &str, created: &str, more: Value) -> Referral {
    let mut body = json!({"id": id, "status": "New", "substatus": "Pending", "direction": "Incoming",
        "createdDateTime": created, "details": {"dealValue": 1000, "currency": "EUR"}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Referral::read(body).unwrap()
}

fn span() -> Span {
    Span { from: NOW - days(60), until: NOW, now: NOW, zone: TimeZone::UTC }
}

fn rehearse(rules: Rules, bodies: &[Referral]) -> Summary {
    let mut rehearsal = Rehearsal::new(rules, BTreeMap::new(), span(), true);
    bodies.iter().for_each(|body| assert!(rehearsal.listed(&"contoso".into(), body)));
    rehearsal.summary()
}

/// One that expired on Fri 30 Oct 00:00.
fn expired(more: Value) -> Referral {
    let mut all = json!({"status": "Closed", "substatus": "Expired", "closedDateTime": "2026-10-30T00:00:00Z",
        "expirationDateTime": "2026-10-30T00:00:00Z"});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body("r1", "2026-10-15T09:00:00Z", all)
}

#[test]
fn an_expiry_that_would_have_been_escalated_is_caught_with_its_value_and_the_time_that_was_left() {
    let expiries = rehearse(rules(), &[expired(json!({}))]).expiries;
    assert_eq!((expiries.of, expiries.caught), (1, 1));
    assert!((expiries.caught_value.amount - 1_000.0).abs() < 0.1);
    let escalated = expiries.each[0].escalated.clone().unwrap();
    // Three working days before Friday's midnight: Tuesday's opening.
    assert_eq!((escalated.at, escalated.destination.as_str()), (at("2026-10-27T09:00:00Z"), "managers"));
    assert_eq!(expiries.before_seconds, Some([63 * 3_600; 3]));
}

#[test]
fn one_that_expired_before_any_escalation_was_due_is_not_caught() {
    let early = expired(json!({"closedDateTime": "2026-10-26T12:00:00Z"}));
    let expiries = rehearse(rules(), &[early]).expiries;
    assert_eq!((expiries.of, expiries.caught, expiries.before_seconds), (1, 0, None));
    let events: Vec<Event> = expiries.each[0].timeline.iter().map(|told| told.event).collect();
    assert_eq!(events, [Event::New, Event::Reminder, Event::Reminder, Event::Expired, Event::Expired]);
}

#[test]
fn an_escalation_in_the_period_is_none_for_an_expiry_before_it() {
    let mut rehearsal =
        Rehearsal::new(rules(), BTreeMap::new(), Span { from: at("2026-11-01T00:00:00Z"), ..span() }, false);
    rehearsal.listed(&"contoso".into(), &expired(json!({})));
    let summary = rehearsal.summary();
    assert_eq!((summary.referrals, summary.expiries.of, summary.messages), (0, 0, 0));
}

#[test]
fn messages_before_the_period_are_not_counted_though_the_referral_is() {
    let from = at("2026-10-28T00:00:00Z");
    let mut rehearsal = Rehearsal::new(rules(), BTreeMap::new(), Span { from, ..span() }, false);
    rehearsal.listed(&"contoso".into(), &expired(json!({})));
    let summary = rehearsal.summary();
    // The last escalation on Thursday, to both, and the end on Friday, to both; that of Tuesday was before.
    assert_eq!((summary.referrals, summary.messages, summary.expiries.caught), (1, 4, 1));
    assert!(summary.weeks.iter().all(|week| week.came == 0));
}

#[test]
fn what_falls_due_together_is_one_post_where_the_destination_takes_digests() {
    let bodies = ["a", "b", "c"].map(|id| body(id, "2026-11-02T12:00:00Z", json!({})));
    let digests = DigestAbove { escalations: Some(3), reminders: Some(1), rest: Some(5) };
    let mut rehearsal = Rehearsal::new(rules(), [("sellers".into(), digests)].into(), span(), false);
    bodies.iter().for_each(|body| assert!(rehearsal.listed(&"contoso".into(), body)));
    let summary = rehearsal.summary();
    let sellers = summary.destinations.iter().find(|heard| heard.destination.as_str() == "sellers").unwrap();
    // Three times new, each by itself; twice three reminders, each time one digest; the last escalation three times.
    let events = [(Event::New, 3), (Event::Reminder, 6), (Event::Escalation, 3)];
    assert_eq!(sellers.events, BTreeMap::from(events));
    assert_eq!((sellers.messages, sellers.posts, sellers.most_a_day), (12, 8, 4));
}

#[test]
fn an_accepted_one_has_no_deadline_any_more_and_is_walked_by_the_estimate() {
    let accepted = body(
        "r1",
        "2026-10-15T09:00:00Z",
        json!({"status": "Active", "substatus": "Accepted",
        "expirationDateTime": null, "acceptedDateTime": "2026-10-23T08:00:00Z"}),
    );
    let summary = rehearse(rules(), &[accepted]);
    // new, after 4bh, 5 working days before Thu 29 Oct, and its answer.
    assert_eq!((summary.messages, summary.expiries.of, summary.rough), (4, 0, 0));
}

#[test]
fn an_expiry_says_when_the_deadline_was_where_no_field_does() {
    let bare = expired(json!({"expirationDateTime": null, "closedDateTime": "2026-10-22T00:00:00Z"}));
    let expiries = rehearse(rules(), &[bare]).expiries;
    assert_eq!(expiries.caught, 1);
    assert_eq!(expiries.each[0].escalated.as_ref().unwrap().at, at("2026-10-19T09:00:00Z"));
}

#[test]
fn one_whose_end_nobody_dates_is_left_out_and_one_dated_by_its_last_change_is_counted() {
    let undated = body("r1", "2026-10-15T09:00:00Z", json!({"status": "Active"}));
    let rough =
        body("r2", "2026-10-15T09:00:00Z", json!({"status": "Active", "updatedDateTime": "2026-10-16T09:00:00Z"}));
    let summary = rehearse(rules(), &[undated, rough]);
    assert_eq!((summary.undated, summary.rough, summary.referrals), (1, 1, 1));
}

#[test]
fn what_the_accounts_filter_would_never_have_taken_is_passed_over() {
    let mut rehearsal = Rehearsal::new(rules(), BTreeMap::new(), span(), false);
    let outgoing = body("r1", "2026-11-02T12:00:00Z", json!({"direction": "Outgoing"}));
    let won = body(
        "r2",
        "2026-11-02T12:00:00Z",
        json!({"status": "Closed", "substatus": "Won",
        "acceptedDateTime": "2026-11-02T13:00:00Z"}),
    );
    assert!(!rehearsal.listed(&"contoso".into(), &outgoing));
    assert!(rehearsal.listed(&"contoso".into(), &won));
    assert_eq!(rehearsal.summary().referrals, 1);
}

#[test]
fn silence_has_its_reason_and_names() {
    let mut silent = rules();
    silent.rules[0].steps.clear();
    silent.rules[0].when = Some(Filter::parse("id eq 'a'").unwrap());
    let bodies = ["a", "b", "c"].map(|id| body(id, "2026-11-02T12:00:00Z", json!({})));
    let summary = rehearse(silent, &bodies);
    let told: Vec<(Silence, u32, usize)> =
        summary.silent.iter().map(|silent| (silent.why, silent.referrals, silent.some.len())).collect();
    assert_eq!(told, [(Silence::NoRule, 2, 2), (Silence::OnPurpose, 1, 1)]);
    assert_eq!(summary.messages, 0);
}

#[test]
fn a_step_that_reaches_nobody_is_told_and_one_that_goes_to_ops_in_place_of_somebody() {
    let mut alone = rules();
    alone.rules[0].escalate_to = Some(Vec::new());
    let one = [body("r1", "2026-11-02T12:00:00Z", json!({}))];
    let steps = rehearse(alone.clone(), &one).steps;
    let nobody: Vec<(&str, u32)> = steps.iter().map(|step| (step.step.as_str(), step.nobody)).collect();
    assert_eq!(
        nobody,
        [("new", 0), ("after 4bh", 0), ("before_expiry 5bd", 0), ("before_expiry 3bd", 1), ("before_expiry 1bd", 0)]
    );
    alone.rules[0].escalate_to = Some(vec![Recipient::Role(Role::Managers)]);
    alone.ops = vec!["managers".into()];
    let steps = rehearse(alone, &one).steps;
    assert_eq!(steps[3].in_place_of, [(Nobody::NoOwner, 1)]);
}

#[test]
fn hours_that_move_a_message_and_news_that_do_not_wait_for_them_are_counted() {
    // Sat 24 Oct, 20:00: the news goes at once, what is due on Sunday's night is brought forward or moved.
    let weekend = body("r1", "2026-10-24T20:00:00Z", json!({"expirationDateTime": "2026-11-09T00:00:00Z"}));
    let hours = rehearse(rules(), &[weekend]).hours;
    assert_eq!((hours.news, hours.late, hours.own), (1, 0, 0));
    let mut alarm = rules();
    alarm.rules[0].steps = vec![Step::plain(Trigger::New), Step::plain(Trigger::After(Period::days(1)))];
    let sunday = body("r1", "2026-10-24T20:00:00Z", json!({}));
    assert_eq!(rehearse(alarm, &[sunday]).hours.moved, 1);
}

/// A case that leadtime has seen since it was created on Mon 2 Nov, 12:00, and its lines.
fn remembered() -> (Case, Vec<(Timestamp, Entered)>) {
    let created = at("2026-11-02T12:00:00Z");
    let body = body("r1", "2026-11-02T12:00:00Z", json!({"expirationDateTime": "2026-11-11T00:00:00Z"}));
    let case = Case::first_sight(CaseNumber(1), "contoso".into(), body, Period::days(14), created);
    (case, vec![(created, Entered::Seen)])
}

fn events(case: &Case, lines: &[(Timestamp, Entered)]) -> Vec<(String, Event)> {
    let course = Course::remembered(case, lines, &rules()).unwrap();
    let sent = replay(&course, &rules(), NOW).sent.into_iter();
    sent.map(|coming| (coming.at.strftime("%-d %H:%M").to_string(), coming.line.event)).collect()
}

#[test]
fn a_deadline_that_moved_moves_the_steps_before_it_from_that_day_on() {
    let (mut case, mut lines) = remembered();
    let moved = at("2026-11-05T10:00:00Z");
    let later = body("r1", "2026-11-02T12:00:00Z", json!({"expirationDateTime": "2026-11-18T00:00:00Z"}));
    case.read(Read::Found(later), None, moved);
    lines.push((moved, Entered::DeadlineMoved { from: at("2026-11-11T00:00:00Z"), to: case.deadline.armed }));
    let told = events(&case, &lines);
    // Five working days before the 11th is Wed 4 Nov; before the 18th it is Wed 11 Nov, and the first is not sent again.
    let reminders: Vec<&str> =
        told.iter().filter(|(_, event)| *event == Event::Reminder).map(|(at, _)| at.as_str()).collect();
    assert_eq!(reminders, ["2 16:00", "4 09:00", "11 09:00"]);
}

#[test]
fn a_mute_of_that_time_silences_and_a_claim_of_that_time_holds_reminders_back() {
    let (case, mut lines) = remembered();
    let quiet = Entered::Muted { reason: "spam".to_owned(), until: None, by: None };
    let muted: Vec<_> = lines.iter().cloned().chain([(at("2026-11-03T09:00:00Z"), quiet)]).collect();
    assert_eq!(events(&case, &muted).len(), 2, "what came on the first day");
    let by = Claimant { name: "Anna".to_owned(), person: None, said: false };
    let claim = Entered::Claimed { by, until: at("2026-11-05T12:00:00Z"), from: "sellers".into() };
    lines.push((at("2026-11-02T13:00:00Z"), claim));
    let told = events(&case, &lines);
    assert_eq!(told[1], ("5 12:00".to_owned(), Event::Reminder), "{told:?}");
}

#[test]
fn one_that_was_open_again_goes_on_where_it_stopped() {
    let (case, mut lines) = remembered();
    let closed = |closing| Entered::Read(Happened::Closed(closing));
    lines.push((at("2026-11-03T10:00:00Z"), closed(Closing::Accepted)));
    lines.push((at("2026-11-05T10:00:00Z"), Entered::Read(Happened::Reopened)));
    let told = events(&case, &lines);
    let when =
        |wanted| told.iter().filter(|(_, event)| *event == wanted).map(|(at, _)| at.as_str()).collect::<Vec<_>>();
    assert_eq!((when(Event::Answered), when(Event::Reopened)), (vec!["3 10:00"], vec!["5 10:00"]));
    assert!(told.iter().any(|(_, event)| *event == Event::Escalation), "{told:?}");
}
