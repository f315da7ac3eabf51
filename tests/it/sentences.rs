//! Every reason that the core knows has its sentence: each variant of each type is here, by name, and what is said of it
//! stands in a snapshot that somebody has read.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::date, tz::TimeZone};
use leadtime::{
    core::{
        case::{Case, Fate, Happened, Life, Mute, Reread},
        claim::Claimant,
        ids::{CaseNumber, MessageId},
        journal,
        key::{Key, Purpose},
        ladder::{Call, Event, Line, Silence, WaitsFor, WhyNot},
        notice::{News, Notice},
        outbox::{DigestAbove, Health, Queue, Row, RowNumber, Terms},
        people::{Absence, Because, Nobody, People, Person},
        period::{Period, Seconds},
        referral::{Closing, Referral},
        reply::Reply,
        rules::Role,
        story::{Coming, Happening, Pending, Trial, Trying, Unsent, UnsentWhy, Waiting, What, waiting},
    },
    messages::sentences::{self, Teller},
};
use serde_json::json;

use crate::story::at;

/// Values of a type, and all of its variants: one that is new does not compile, one that is left out fails.
macro_rules! every {
    ($values:expr; $($variant:pat),+ $(,)?) => {{
        let values = $values;
        let met: BTreeSet<&str> = values.iter().map(|value| match value { $($variant => stringify!($variant)),+ }).collect();
        for variant in [$(stringify!($variant)),+] {
            assert!(met.contains(variant), "{variant} is not told");
        }
        values
    }};
}

pub(crate) use every;

fn teller() -> Teller {
    Teller::new(TimeZone::get("Europe/Budapest").unwrap(), at("2026-11-06T09:00:00Z"))
}

fn case() -> Case {
    let body = json!({
        "id": "r1", "createdDateTime": "2026-11-02T09:00:00Z", "expirationDateTime": "2026-11-20T00:00:00Z",
        "customerProfile": {"name": "Fabrikam Kft."},
    });
    let referral = Referral::read(body).unwrap();
    Case::first_sight(CaseNumber(1), "contoso".into(), referral, Period::days(14), at("2026-11-03T12:00:00Z"))
}

fn key(purpose: Purpose) -> Key {
    Key::new("sellers".into(), purpose)
}

fn line(event: Event, purpose: Purpose, call: Call) -> Line {
    Line {
        key: key(purpose),
        event,
        escalation: event == Event::Escalation,
        rule: "default".into(),
        place: None,
        call,
        because: Because::Named,
        rested: false,
    }
}

fn after() -> Purpose {
    Purpose::After { since: Period::working_hours(4), repeat: None }
}

fn before(days: u32) -> Purpose {
    Purpose::BeforeExpiry { left: Period::working_days(days), armed: at("2026-11-20T00:00:00Z"), repeat: None }
}

fn sunday() -> Timestamp {
    at("2026-11-15T00:00:00Z")
}

fn purposes() -> Vec<Purpose> {
    let (armed, repeat) = (at("2026-11-20T00:00:00Z"), Some(Period::seconds(36 * 3_600)));
    let mut all = every!(
        vec![
            Purpose::New, after(), before(3), Purpose::Updated(1), Purpose::Overdue(date(2026, 11, 20)),
            Purpose::Answered(1), Purpose::Expired(1), Purpose::Gone(1), Purpose::Reopened(1),
        ];
        Purpose::New, Purpose::After { .. }, Purpose::BeforeExpiry { .. }, Purpose::Updated(_), Purpose::Overdue(_),
        Purpose::Answered(_), Purpose::Expired(_), Purpose::Gone(_), Purpose::Reopened(_),
    );
    all.push(before(1));
    all.push(Purpose::After { since: Period::days(1), repeat });
    all.push(Purpose::BeforeExpiry { left: Period::working_days(3), armed, repeat });
    all
}

fn events() -> Vec<Event> {
    every!(
        vec![
            Event::New, Event::Updated, Event::Reminder, Event::Escalation, Event::Overdue, Event::Answered,
            Event::Expired, Event::Gone, Event::Reopened,
        ];
        Event::New, Event::Updated, Event::Reminder, Event::Escalation, Event::Overdue, Event::Answered, Event::Expired,
        Event::Gone, Event::Reopened,
    )
}

fn anna(said: bool) -> Claimant {
    Claimant { name: "Anna Kovács".to_owned(), person: Some("anna".into()), said }
}

fn reasons() -> Vec<WhyNot> {
    every!(
        vec![
            WhyNot::Closed, WhyNot::OpenAgain, WhyNot::Muted, WhyNot::Shelved, WhyNot::NotAskedFor,
            WhyNot::NoSuchDestination, WhyNot::PastDeadline, WhyNot::NoDifference, WhyNot::SeenTo, WhyNot::OthersAsked,
        ];
        WhyNot::Closed, WhyNot::OpenAgain, WhyNot::Muted, WhyNot::Shelved, WhyNot::NotAskedFor, WhyNot::NoSuchDestination,
        WhyNot::PastDeadline, WhyNot::NoDifference, WhyNot::SeenTo, WhyNot::OthersAsked,
    )
}

fn fates() -> Vec<Fate> {
    every!(
        vec![
            Fate::Queued, Fate::Attempting, Fate::Accepted, Fate::Superseded, Fate::Dead, Fate::FellBack("inbox".into()),
            Fate::Cancelled,
        ];
        Fate::Queued, Fate::Attempting, Fate::Accepted, Fate::Superseded, Fate::Dead, Fate::FellBack(_), Fate::Cancelled,
    )
}

fn closings() -> Vec<Closing> {
    every!(
        vec![Closing::Accepted, Closing::Declined, Closing::Won, Closing::Lost, Closing::Expired, Closing::Ended];
        Closing::Accepted, Closing::Declined, Closing::Won, Closing::Lost, Closing::Expired, Closing::Ended,
    )
}

/// The sentences, one a line, in the order of the values.
fn told(all: impl IntoIterator<Item = String>) -> String {
    let all: Vec<String> = all.into_iter().collect();
    for sentence in &all {
        assert!(!sentence.contains("  ") && !sentence.contains("..") && !sentence.contains('\n'), "{sentence}");
    }
    all.join("\n")
}

#[test]
fn each_line_of_the_journal() {
    use journal::{DigestFate, Line};
    let (id, why) = (MessageId::of_key("m"), "the connection was refused".to_owned());
    let queued =
        |moved_from| Line::Queued { key: key(after()), id, event: Event::Reminder, rule: "default".into(), moved_from };
    let accepted =
        |attempts, digest| Line::Accepted { key: key(before(3)), id, attempts, digest, detail: None, maybe: false };
    let digest = |fate| Line::Digest {
        digest: "monday forecast".into(),
        destination: "managers".into(),
        due: at("2026-11-02T08:30:00Z"),
        fate,
    };
    let fates = every!(
        vec![
            DigestFate::Queued { id },
            DigestFate::Accepted { attempts: 2, maybe: true },
            DigestFate::Refused { attempts: 1, why: why.clone() },
            DigestFate::Late,
            DigestFate::NotAskedFor,
            DigestFate::FellBack { to: "inbox".into() },
            DigestFate::Dead { why: why.clone() },
            DigestFate::Skipped,
        ];
        DigestFate::Queued { .. }, DigestFate::Accepted { .. }, DigestFate::Refused { .. }, DigestFate::Late,
        DigestFate::NotAskedFor, DigestFate::FellBack { .. }, DigestFate::Dead { .. }, DigestFate::Skipped,
    );
    let mut lines = every!(
        vec![
            Line::Seen,
            Line::Read(Happened::Changed),
            Line::DeadlineMoved { from: at("2026-11-20T00:00:00Z"), to: at("2026-11-24T00:00:00Z") },
            queued(None),
            accepted(1, None),
            Line::Refused { key: key(after()), attempts: 2, why: why.clone() },
            Line::Superseded { key: key(Purpose::New), by: before(3) },
            Line::Folded { key: key(Purpose::Updated(1)), into: before(3) },
            Line::Cancelled { key: key(after()), why: WhyNot::Closed },
            Line::RecipientLeft { key: key(before(3)), recipient: "anna@contoso.com".to_owned() },
            Line::FellBack { key: key(before(1)), to: "inbox".into() },
            Line::Dead { key: key(before(1)), why: why.clone() },
            Line::Retried { key: key(before(1)), id },
            Line::Muted { reason: "the customer asked us to wait".to_owned(), until: Some(at("2026-12-01T08:00:00Z")), by: Some("anna".to_owned()) },
            Line::Unmuted { by_hand: true },
            Line::Claimed { by: anna(false), until: at("2026-12-01T08:00:00Z"), from: "sellers".into() },
            Line::GivenBack { by: anna(false) },
            Line::SeenTo { by: anna(true), at: "managers".into() },
            digest(DigestFate::Skipped),
            Line::Trouble { name: "destination/sellers".to_owned(), title: "sellers takes no messages".to_owned() },
            Line::Recovered { name: "destination/sellers".to_owned() },
        ];
        Line::Seen, Line::Read(_), Line::DeadlineMoved { .. }, Line::Queued { .. }, Line::Accepted { .. },
        Line::Refused { .. }, Line::Superseded { .. }, Line::Folded { .. }, Line::Cancelled { .. }, Line::FellBack { .. },
        Line::RecipientLeft { .. }, Line::Dead { .. }, Line::Retried { .. }, Line::Muted { .. }, Line::Unmuted { .. }, Line::Trouble { .. },
        Line::Recovered { .. }, Line::Claimed { .. }, Line::GivenBack { .. }, Line::SeenTo { .. },
        Line::Digest { .. },
    );
    lines.extend(fates.into_iter().filter(|fate| *fate != DigestFate::Skipped).map(digest));
    lines.push(Line::Unmuted { by_hand: false });
    lines.extend([queued(Some(sunday())), queued(Some(at("2026-11-01T12:00:00Z"))), accepted(4, Some(id))]);
    lines.push(Line::Accepted {
        key: key(after()),
        id,
        attempts: 2,
        digest: None,
        detail: Some("queued as 4711".to_owned()),
        maybe: true,
    });
    insta::assert_snapshot!(told(lines.iter().map(|line| teller().entered(&case(), at("2026-11-03T12:00:00Z"), line))));
}

#[test]
fn each_kind_of_event_in_the_past() {
    let (id, at) = (MessageId::of_key("m"), at("2026-11-03T12:00:00Z"));
    let sent = |event, purpose, digest| What::Sent {
        key: key(purpose),
        id,
        event,
        rule: "default".into(),
        moved_from: None,
        digest,
    };
    let mut all = every!(
        vec![
            What::Entered(journal::Line::Seen),
            sent(Event::Reminder, after(), None),
            What::Failed { key: key(after()), times: 12, until: at, why: "429; it said when to come back.".to_owned() },
        ];
        What::Entered(_), What::Sent { .. }, What::Failed { .. },
    );
    all.extend(events().into_iter().map(|event| sent(event, Purpose::New, None)));
    all.extend(purposes().into_iter().map(|purpose| sent(Event::Reminder, purpose, Some(id))));
    insta::assert_snapshot!(told(all.into_iter().map(|what| teller().happening(&case(), &Happening { at, what }))));
}

#[test]
fn each_thing_that_a_reading_may_do() {
    let mut all = every!(
        vec![
            Happened::Nothing, Happened::Changed, Happened::LeftTheList, Happened::Relisted, Happened::Unseen,
            Happened::Gone, Happened::Reopened, Happened::Closed(Closing::Accepted),
        ];
        Happened::Nothing, Happened::Changed, Happened::LeftTheList, Happened::Relisted, Happened::Unseen,
        Happened::Closed(_), Happened::Gone, Happened::Reopened,
    );
    all.extend(closings().into_iter().skip(1).map(Happened::Closed));
    insta::assert_snapshot!(told(all.into_iter().map(|happened| sentences::happened_so(happened).to_owned())));
}

#[test]
fn each_decision_on_a_message() {
    let until = at("2026-11-16T08:00:00Z");
    let waits = every!(
        vec![
            WaitsFor::ItsTime, WaitsFor::Moved { from: sunday() }, WaitsFor::Opening, WaitsFor::Gathering, WaitsFor::Spacing,
            WaitsFor::Claim,
        ];
        WaitsFor::ItsTime, WaitsFor::Moved { .. }, WaitsFor::Opening, WaitsFor::Gathering, WaitsFor::Spacing,
        WaitsFor::Claim,
    );
    let mut calls = every!(
        vec![
            Call::Due { against_hours: false },
            Call::Due { against_hours: true },
            Call::Superseded { by: before(1) },
            Call::Folded { into: before(1) },
            Call::SentBefore,
            Call::Wait { until, reason: WaitsFor::ItsTime },
            Call::Done(Fate::Accepted),
            Call::Cancelled(WhyNot::Closed),
        ];
        Call::Due { .. }, Call::Wait { .. }, Call::Superseded { .. }, Call::Folded { .. }, Call::Done(_), Call::SentBefore,
        Call::Cancelled(_),
    );
    calls.truncate(5);
    calls.extend(waits.into_iter().map(|reason| Call::Wait { until, reason }));
    calls.extend(fates().into_iter().map(Call::Done));
    calls.extend(reasons().into_iter().map(Call::Cancelled));
    let pending = |call| Pending { line: line(Event::Reminder, before(3), call), waits: Vec::new(), repeats: 0 };
    insta::assert_snapshot!(told(calls.into_iter().map(|call| teller().pending(&pending(call)))));
}

#[test]
fn each_reason_why_a_message_is_still_in_the_outbox() {
    let (since, next, why) =
        (at("2026-11-05T09:00:00Z"), at("2026-11-06T09:10:00Z"), "410: the webhook is gone".to_owned());
    let all = every!(
        vec![
            Waiting::UnderWay { since }, Waiting::CutOff { since }, Waiting::Broken { since, next, why: why.clone() },
            Waiting::Failing { since, next: at("2026-11-06T09:00:30Z"), why: why.clone() },
            Waiting::Opening { until: at("2026-11-09T08:00:00Z") }, Waiting::Pause { until: next, why }, Waiting::Behind,
            Waiting::Rate { until: next }, Waiting::Turn, Waiting::Claim { until: next },
        ];
        Waiting::UnderWay { .. }, Waiting::CutOff { .. }, Waiting::Broken { .. }, Waiting::Failing { .. }, Waiting::Opening { .. },
        Waiting::Pause { .. }, Waiting::Behind, Waiting::Rate { .. }, Waiting::Turn,
        Waiting::Claim { .. },
    );
    let due = line(Event::Escalation, before(3), Call::Due { against_hours: false });
    insta::assert_snapshot!(told(
        all.into_iter()
            .map(|waiting| { teller().pending(&Pending { line: due.clone(), waits: vec![waiting], repeats: 0 }) })
    ));
}

#[test]
fn each_reason_why_a_message_was_not_sent() {
    let mut all = every!(
        vec![
            UnsentWhy::Superseded { by: Some(before(3)) }, UnsentWhy::Superseded { by: Some(Purpose::New) },
            UnsentWhy::Superseded { by: None }, UnsentWhy::Folded { into: before(3) }, UnsentWhy::SentBefore,
            UnsentWhy::Dead { why: Some("too long not accepted".to_owned()) }, UnsentWhy::Dead { why: None },
            UnsentWhy::FellBack { to: "inbox".into() }, UnsentWhy::EndedBefore, UnsentWhy::Cancelled(WhyNot::Closed),
        ];
        UnsentWhy::Superseded { .. }, UnsentWhy::Folded { .. }, UnsentWhy::SentBefore, UnsentWhy::Dead { .. },
        UnsentWhy::FellBack { .. }, UnsentWhy::Cancelled(_), UnsentWhy::EndedBefore,
    );
    all.extend(reasons().into_iter().skip(1).map(UnsentWhy::Cancelled));
    let accepted = Case { life: Life::Closed { closing: Closing::Accepted, at: sunday() }, ..case() };
    let due = Some(at("2026-11-13T08:00:00Z"));
    let unsent = |why, repeats| Unsent { key: key(after()), repeats, due, why };
    let mut sentences: Vec<String> = all.into_iter().map(|why| teller().unsent(&accepted, &unsent(why, 0))).collect();
    let gone = Case { life: Life::Gone { at: sunday() }, ..case() };
    sentences.push(teller().unsent(&gone, &unsent(UnsentWhy::EndedBefore, 1)));
    sentences.push(teller().unsent(&gone, &unsent(UnsentWhy::SentBefore, 7)));
    insta::assert_snapshot!(told(sentences));
}

#[test]
fn each_reason_why_nobody_hears_of_a_referral() {
    let all = every!(
        vec![Silence::NoRule, Silence::OnPurpose, Silence::AccountRemoved, Silence::FilteredOut, Silence::Muted];
        Silence::NoRule, Silence::OnPurpose, Silence::AccountRemoved, Silence::FilteredOut, Silence::Muted,
    );
    let mut told_of: Vec<String> = all.into_iter().map(|silence| teller().silence(silence, None)).collect();
    let mute = |until| Mute { at: sunday(), until, reason: "the customer is ours already".to_owned(), by: None };
    told_of.push(teller().silence(Silence::Muted, Some(&mute(None))));
    told_of.push(teller().silence(Silence::Muted, Some(&mute(Some(at("2026-11-18T08:00:00Z"))))));
    insta::assert_snapshot!(told(told_of));
}

#[test]
fn each_way_in_which_a_rule_may_end() {
    let not_true = |no_rate_for| Trying::NotTrue { when: "value ge 50000".to_owned(), no_rate_for };
    let all = every!(
        vec![
            Trying::Took { speaks: true, continues: false }, Trying::Took { speaks: true, continues: true },
            Trying::Took { speaks: false, continues: false }, not_true(None), not_true(Some("HUF".to_owned())),
            Trying::NotReached { taken_by: "large".into() },
        ];
        Trying::Took { .. }, Trying::NotTrue { .. }, Trying::NotReached { .. },
    );
    insta::assert_snapshot!(told(all.into_iter().map(|came| teller().trial(&Trial { rule: "default".into(), came }))));
}

#[test]
fn each_life_and_its_deadline() {
    let reread = Reread { at: at("2026-11-06T10:00:00Z"), wait: 600, seen_open_at: at("2026-11-05T10:00:00Z") };
    let mut lives = every!(
        vec![
            Life::Listed, Life::Unlisted(reread), Life::Unseen { since: sunday(), not_found_since: None, reread },
            Life::Gone { at: sunday() }, Life::Closed { closing: Closing::Accepted, at: sunday() },
        ];
        Life::Listed, Life::Unlisted(_), Life::Unseen { .. }, Life::Closed { .. }, Life::Gone { .. },
    );
    lives.extend(closings().into_iter().skip(1).map(|closing| Life::Closed { closing, at: sunday() }));
    let mut all: Vec<String> = lives.iter().map(|life| teller().life(life)).collect();
    let mut case = case();
    let day = date(2026, 11, 19);
    all.push(teller().deadline(&case, day));
    case.deadline.estimated = true;
    all.push(teller().deadline(&case, day));
    case.deadline.at = at("2026-11-05T00:00:00Z");
    all.push(teller().deadline(&case, day));
    case.life = Life::Gone { at: sunday() };
    all.push(teller().deadline(&case, day));
    all.push(teller().nothing_is_decided());
    all.push(teller().nothing_runs());
    insta::assert_snapshot!(told(all));
}

#[test]
fn each_answer_of_a_channel() {
    let why = "it said no".to_owned();
    let all = every!(
        vec![
            Reply::Accepted { detail: None }, Reply::Accepted { detail: Some("queued as 4711".to_owned()) },
            Reply::TryLater { after: None, why: why.clone() },
            Reply::TryLater { after: Some(Seconds(90)), why: why.clone() },
            Reply::NoAnswer { why: why.clone() }, Reply::MessageRefused { why: why.clone() },
            Reply::DestinationRefused { why },
        ];
        Reply::Accepted { .. }, Reply::TryLater { .. }, Reply::NoAnswer { .. }, Reply::MessageRefused { .. },
        Reply::DestinationRefused { .. },
    );
    insta::assert_snapshot!(told(all.iter().map(sentences::reply)));
}

#[test]
fn each_message_to_come() {
    let due = |against_hours| Call::Due { against_hours };
    let coming = |event, purpose, place, call| Coming {
        at: at("2026-11-13T08:00:00Z"),
        line: Line { place, ..line(event, purpose, call) },
        waits: false,
    };
    let mut all: Vec<Coming> =
        purposes().into_iter().map(|purpose| coming(Event::Reminder, purpose, None, due(false))).collect();
    let place = |base| Some((at("2026-11-13T08:00:00Z"), at(base)));
    all.push(coming(Event::Escalation, before(1), place("2026-11-14T23:00:00Z"), due(false)));
    all.push(coming(Event::New, Purpose::New, place("2026-11-12T20:00:00Z"), due(false)));
    all.push(coming(Event::Escalation, before(1), None, due(true)));
    all.push(coming(Event::Overdue, Purpose::Overdue(date(2026, 11, 20)), None, due(false)));
    let mut inbox = coming(Event::Reminder, after(), None, due(false));
    let mut rested = coming(Event::Reminder, after(), place("2026-11-12T20:00:00Z"), due(false));
    rested.line.rested = true;
    all.push(rested);
    inbox.line.key = Key { destination: "inbox".into(), stands_in_for: Some("sellers".into()), ..inbox.line.key };
    all.push(inbox);
    insta::assert_snapshot!(told(all.iter().map(|coming| teller().coming(coming))));
}

#[test]
fn each_reason_why_a_message_goes_where_it_goes() {
    // London's last day ends when Budapest's next one is an hour old already.
    let absence = |last: Option<jiff::civil::Date>| {
        let until = last.map(|_| at("2026-11-14T00:00:00Z"));
        Absence { from: at("2026-11-01T00:00:00Z"), until, last, cover: None }
    };
    let person = |name: &str, away: Vec<Absence>| Person {
        name: name.to_owned(),
        email: None,
        manager: None,
        reached_at: vec!["sellers".into()],
        away,
    };
    let mut people = People::default();
    people.by_name.insert("anna".into(), person("Anna Kovács", vec![absence(Some("2026-11-13".parse().unwrap()))]));
    let told_of = |people: &People| {
        let covers = || Some("anna".into());
        let all = every!(
            vec![
                Because::Named, Because::Owner { covers: None }, Because::Owner { covers: covers() },
                Because::Manager { covers: None }, Because::Manager { covers: covers() },
                Because::InPlaceOf(Nobody::NoOwner), Because::InPlaceOf(Nobody::NoManager),
                Because::InPlaceOf(Nobody::Away(Role::Owners)), Because::InPlaceOf(Nobody::Away(Role::Managers)),
                Because::InPlaceOf(Nobody::NoWay(Role::Owners)),
            ];
            Because::Named, Because::Owner { .. }, Because::Manager { .. }, Because::InPlaceOf(Nobody::NoOwner),
            Because::InPlaceOf(Nobody::NoManager), Because::InPlaceOf(Nobody::Away(_)),
            Because::InPlaceOf(Nobody::NoWay(_)),
        );
        let line = |because| Line { because, ..line(Event::Reminder, before(3), Call::Due { against_hours: false }) };
        let whom = |because| teller().whom(&line(because), people, at("2026-11-06T09:00:00Z"));
        told(all.into_iter().map(|because| whom(because).unwrap_or_else(|| "-".to_owned())))
    };
    let alone = told_of(&people);
    people.by_name.insert("bela".into(), person("Béla Nagy", Vec::new()));
    people.by_name.get_mut("anna").unwrap().away = vec![absence(None)];
    insta::assert_snapshot!(format!("{alone}\n-- two people read there, and she has left\n{}", told_of(&people)));
}

#[test]
fn a_message_in_the_outbox_says_what_it_waits_for() {
    let now = at("2026-11-06T09:00:00Z");
    let notice = || Notice { news: News::Keepalive, since: None };
    let row = |number| {
        Row::queued(
            RowNumber(number),
            MessageId::of_key(&number.to_string()),
            ("ops".into(), None),
            leadtime::core::outbox::About::Notice(notice()),
            leadtime::core::outbox::Class::Rest,
            now,
            now,
        )
    };
    let terms = Terms { digest_above: DigestAbove { escalations: None, reminders: None, rest: None }, ..Terms::none() };
    let mut queue = Queue::new(terms, Health::Well);
    queue.put(row(1));
    assert_eq!(waiting(&queue, &row(1), now), Waiting::Turn);
    queue.paced_until = at("2026-11-06T09:00:01Z");
    assert_eq!(waiting(&queue, &row(1), now), Waiting::Rate { until: queue.paced_until });
    let later = at("2026-11-09T08:00:00Z");
    let held = Row { not_before: later, ..row(1) };
    assert_eq!(waiting(&queue, &held, now), Waiting::Opening { until: later });
    let failed = Row { last_error: Some("500".to_owned()), ..held.clone() };
    assert_eq!(waiting(&queue, &failed, now), Waiting::Pause { until: later, why: "500".to_owned() });
    queue.health = Health::Broken { since: now, until: later, why: "410".to_owned() };
    assert_eq!(waiting(&queue, &held, now), Waiting::Broken { since: now, next: later, why: "410".to_owned() });
    let under_way = Row { attempting: Some(now), ..held };
    assert_eq!(waiting(&queue, &under_way, now), Waiting::UnderWay { since: now });
}
