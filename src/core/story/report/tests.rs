//! Stories of what a report counts, and what it leaves out.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::core::{
    case::Mute,
    filter::Filter,
    hours::{Hours, HoursSpec},
    ids::CaseNumber,
    page::Read,
    people::{Absence, OwnerRule, People, Person},
    period::Period,
    rules::{Account, Rule},
};

/// Wed 18 Nov 2026, 12:00.
const NOW: Timestamp = Timestamp::constant(1_795_003_200, 0);

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

fn rule(name: &str, when: Option<&str>) -> Rule {
    Rule {
        name: name.into(),
        when: when.map(|when| Filter::parse(when).unwrap()),
        continues: false,
        answered: true,
        hours: None,
        notify: None,
        escalate_to: None,
        steps: Vec::new(),
    }
}

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        email: Some(format!("{}@contoso.example", name.to_lowercase())),
        manager: None,
        reached_at: Vec::new(),
        away: Vec::new(),
    }
}

fn rules() -> Rules {
    let account = Account {
        filter: Some(Filter::parse("direction eq 'Incoming' and substatus eq 'Pending'").unwrap()),
        notify: Vec::new(),
        escalate_to: Vec::new(),
        expires_after: Period::days(14),
    };
    Rules {
        rules: vec![rule("large", Some("value ge 50000")), rule("rest", None)],
        destinations: BTreeMap::new(),
        accounts: BTreeMap::from([("contoso".into(), account)]),
        default_hours: Arc::new(Hours::compile(HoursSpec::built_in(TimeZone::UTC)).unwrap()),
        money: Money { currency: Some("EUR".to_owned()), rates: BTreeMap::from([("HUF".to_owned(), 0.0025)]) },
        people: People {
            by_name: ["Anna", "Bela"].map(|name| (name.to_lowercase().as_str().into(), person(name))).into(),
            owners: vec![OwnerRule {
                when: Some(Filter::parse("customerProfile/address/country eq 'HU'").unwrap()),
                people: vec!["anna".into()],
            }],
            domains: ["contoso.example".to_owned()].into(),
        },
        ops: Vec::new(),
    }
}

/// Created so long ago, seen at once.
fn open(ago: SignedDuration) -> Case {
    seen(ago, ago, json!({}))
}

fn body(created: Timestamp, more: Value) -> Referral {
    let mut body = json!({"id": "r1", "status": "New", "substatus": "Pending", "direction": "Incoming",
        "createdDateTime": created.to_string(), "customerProfile": {"address": {"country": "HU"}}});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Referral::read(body).unwrap()
}

/// Created and first seen so long ago.
fn seen(ago: SignedDuration, seen_ago: SignedDuration, more: Value) -> Case {
    let referral = body(NOW - ago, more);
    Case::first_sight(CaseNumber(1), "contoso".into(), referral, Period::days(14), NOW - seen_ago)
}

/// The same case, its end read so long ago.
fn ended(mut case: Case, read_ago: SignedDuration, more: Value) -> Case {
    case.read(Read::Found(body(case.created, more)), None, NOW - read_ago);
    assert!(!case.is_open());
    case
}

fn answered_after(took: SignedDuration) -> Case {
    let case = open(days(10));
    let at = case.created + took;
    let more = json!({"status": "Active", "substatus": "Accepted", "acceptedDateTime": at.to_string()});
    ended(case, days(10) - took - SignedDuration::from_mins(5), more)
}

fn expired() -> Case {
    let case = open(days(16));
    let at = case.deadline.at;
    ended(
        case,
        NOW.duration_since(at) - days(1),
        json!({"status": "Closed", "substatus": "Expired",
        "closedDateTime": at.to_string(), "details": {"dealValue": 40000, "currency": "EUR"}}),
    )
}

fn month() -> Span {
    Span { from: NOW - days(30), until: NOW, now: NOW, zone: TimeZone::UTC }
}

fn tallied(span: Span, rules: &Rules, cases: impl IntoIterator<Item = Case>) -> Report {
    let mut tally = Tally::new(span, rules.money.clone());
    cases.into_iter().for_each(|case| tally.take(&case, rules));
    tally.report()
}

fn of(cases: impl IntoIterator<Item = Case>) -> Report {
    tallied(month(), &rules(), cases)
}

fn rate(case: Case) -> (u32, u32) {
    let Rate { within, of } = of([case]).total.within_24h;
    (within, of)
}

#[test]
fn within_24_hours_is_up_to_the_last_second_of_them() {
    let hours = SignedDuration::from_hours;
    assert_eq!(rate(answered_after(hours(24) - SignedDuration::from_mins(1))), (1, 1));
    assert_eq!(rate(answered_after(hours(24))), (1, 1));
    assert_eq!(rate(answered_after(hours(24) + SignedDuration::from_secs(1))), (0, 1));
}

#[test]
fn one_whose_24_hours_are_not_over_does_not_count_yet_answered_or_not() {
    let young = SignedDuration::from_hours(23);
    let quick = ended(open(young), SignedDuration::from_hours(22), json!({"status": "Active"}));
    let report = of([open(young), quick]);
    assert_eq!((report.total.within_24h, report.total.young), (Rate::default(), 2));
    assert_eq!((report.total.answered, report.total.median_seconds), (1, Some(3600)));
    assert_eq!(rate(open(SignedDuration::from_hours(24))), (0, 1));
}

#[test]
fn what_was_first_seen_after_its_24_hours_is_in_neither_rate_nor_median() {
    let late = || seen(days(6), days(4), json!({}));
    let answered = ended(late(), days(3), json!({"status": "Active"}));
    let report = of([late(), answered]);
    assert_eq!((report.total.came, report.total.late, report.total.within_24h.of), (2, 2, 0));
    assert_eq!((report.total.answered, report.total.median_seconds, report.total.open), (1, None, 1));
}

#[test]
fn one_that_is_open_again_is_not_answered() {
    let mut case = answered_after(SignedDuration::from_hours(2));
    case.read(Read::Found(body(case.created, json!({}))), None, NOW - days(5));
    let report = of([case]);
    assert_eq!((report.total.within_24h, report.total.answered), (Rate { within: 0, of: 1 }, 0));
    assert_eq!(report.total.open, 1);
}

#[test]
fn one_read_as_won_that_was_never_seen_accepted_was_answered_when_it_was_accepted() {
    let case = open(days(9));
    let accepted = case.created + SignedDuration::from_hours(3);
    let more = json!({"status": "Closed", "substatus": "Won", "acceptedDateTime": accepted.to_string(),
        "closedDateTime": (NOW - days(1)).to_string()});
    let report = of([ended(case, days(1), more)]);
    assert_eq!(report.total.within_24h, Rate { within: 1, of: 1 });
    assert_eq!(report.total.median_seconds, Some(3 * 3600));
}

#[test]
fn an_answer_without_a_date_is_as_old_as_our_reading_and_never_younger() {
    let hours = SignedDuration::from_hours;
    let undated = ended(open(days(3)), days(3) - hours(5), json!({"status": "Active"}));
    let edited_later = ended(
        open(days(3)),
        days(3) - hours(7),
        json!({"status": "Active", "updatedDateTime": (NOW + days(1)).to_string()}),
    );
    assert_eq!(of([undated]).total.median_seconds, Some(5 * 3600));
    assert_eq!(of([edited_later]).total.median_seconds, Some(7 * 3600));
}

#[test]
fn an_expiry_that_came_before_the_period_counts_in_it_with_its_value() {
    let last_week = Span { from: NOW - days(7), ..month() };
    let report = tallied(last_week, &rules(), [expired()]);
    assert_eq!((report.total.came, report.total.expired), (0, 1));
    assert!((report.total.expired_value.amount - 40_000.0).abs() < 0.1);
    assert_eq!(of([expired()]).total.within_24h, Rate { within: 0, of: 1 }, "an expiry is no answer");
}

#[test]
fn one_that_expired_before_it_was_seen_counts_by_its_date_and_is_left_out_without_one() {
    let at = (NOW - days(2)).to_string();
    let dated = json!({"status": "Closed", "substatus": "Expired", "closedDateTime": at});
    let undated = json!({"status": "Closed", "substatus": "Expired", "updatedDateTime": at});
    let report = of([seen(days(16), days(1), dated), seen(days(16), days(1), undated)]);
    assert_eq!((report.total.expired, report.total.came, report.total.late), (1, 1, 1));
    assert_eq!(report.left_out, LeftOut { undated: 1, ..LeftOut::default() });
}

#[test]
fn the_end_of_a_period_is_not_in_it_and_its_beginning_is() {
    let case = answered_after(SignedDuration::from_hours(1));
    let at = |from, until| {
        let report = tallied(Span { from, until, ..month() }, &rules(), [case.clone()]);
        (report.total.came, report.total.answered)
    };
    let (created, end) = (case.created, case.created + SignedDuration::from_hours(1));
    assert_eq!(at(created, end), (1, 0));
    assert_eq!(at(end, NOW), (0, 1));
    assert_eq!(at(created - days(1), created), (0, 0));
}

#[test]
fn what_is_shelved_or_gone_is_counted_by_itself_and_nowhere_else() {
    let mut elsewhere = open(days(3));
    elsewhere.account = "fabrikam".into();
    let mut gone = open(days(3));
    gone.life = Life::Gone { at: NOW - days(1) };
    let report = of([elsewhere, gone]);
    assert!(report.total.is_empty() && report.by_country.is_empty(), "{report:?}");
    assert_eq!(report.left_out, LeftOut { shelved: 1, gone: 1, ..LeftOut::default() });
}

#[test]
fn a_muted_or_unseen_referral_counts_like_any_other() {
    let mut muted = open(days(3));
    muted.muted = Some(Mute { at: NOW - days(1), until: None, reason: "spam".to_owned(), by: None });
    let mut unseen = open(days(20));
    unseen.read(Read::Forbidden, None, NOW - days(19));
    let total = of([muted, unseen]).total;
    assert_eq!((total.open, total.muted, total.overdue, total.within_24h.of), (2, 1, 1, 2));
}

#[test]
fn values_are_summed_in_one_currency_and_what_has_no_rate_is_counted() {
    let worth = |value: u64, currency: &str| {
        seen(days(2), days(2), json!({"details": {"dealValue": value, "currency": currency}}))
    };
    let deals = || [worth(20_000, "EUR"), worth(4_000_000, "huf"), worth(9, "SEK"), open(days(1))];
    let report = of(deals());
    assert_eq!(report.currency.as_deref(), Some("EUR"));
    assert_eq!(report.total.at_risk, Sum { amount: 30_000.0, no_rate: 1, no_value: 1 });
    let without = Rules { money: Money::default(), ..rules() };
    let report = tallied(month(), &without, deals().into_iter().chain([worth(5, "SEK")]));
    assert_eq!((report.currency.as_deref(), report.total.at_risk.amount), (Some("SEK"), 14.0), "that of most");
}

#[test]
fn it_stands_under_its_country_its_rule_and_each_of_its_owners() {
    let team = json!([{"email": "Bela@contoso.example"}, {"email": "anna@contoso.example"}, {"email": "x@y.example"}]);
    let large = json!({"team": team, "details": {"dealValue": 80000, "currency": "EUR"}});
    let report = of([seen(days(2), days(2), large), open(days(2)), open(days(3))]);
    let names = |rows: &[Row]| -> Vec<(String, u32)> {
        let name = |row: &Row| row.name.clone().unwrap_or_else(|| "-".to_owned());
        rows.iter().map(|row| (name(row), row.figures.came)).collect()
    };
    assert_eq!(names(&report.by_country), [("HU".to_owned(), 3)]);
    assert_eq!(names(&report.by_owner), [("Anna".to_owned(), 3), ("Bela".to_owned(), 1)]);
    assert_eq!(names(&report.by_rule), [("rest".to_owned(), 2), ("large".to_owned(), 1)]);
}

#[test]
fn nobody_and_nowhere_are_rows_of_their_own_and_stand_last() {
    let nowhere = || seen(days(2), days(2), json!({"customerProfile": {}}));
    let report = of([nowhere(), nowhere(), open(days(2))]);
    let last = |rows: &[Row]| rows.last().map(|row| (row.name.clone(), row.figures.came));
    assert_eq!(last(&report.by_country), Some((None, 2)));
    assert_eq!(last(&report.by_owner), Some((None, 2)));
}

#[test]
fn weeks_begin_on_monday_and_hold_what_came_and_what_ended_in_them() {
    let at_end_of_week = open(days(10));
    let ended = ended(at_end_of_week, days(1), json!({"status": "Active"}));
    let report = of([ended]);
    let weeks = report.by_week.iter().map(|week| (week.monday, week.figures.came, week.figures.answered));
    let date = |text: &str| text.parse::<Date>().unwrap();
    assert_eq!(weeks.collect::<Vec<_>>(), [(date("2026-11-02"), 1, 0), (date("2026-11-16"), 0, 1)]);
}

#[test]
fn an_absence_of_long_ago_gives_the_answer_to_who_stood_in_then() {
    let mut rules = rules();
    let away = Absence { from: NOW - days(12), until: Some(NOW - days(4)), last: None, cover: Some("bela".into()) };
    rules.people.by_name.get_mut("anna").unwrap().away = vec![away];
    let case = answered_after(SignedDuration::from_hours(2));
    let cast = Cast::of(&case, &rules, case.created);
    let report = tallied(month(), &rules, [case]);
    let asked: Vec<_> = cast.owners.iter().map(|part| part.who.clone()).collect();
    let id = report.by_owner.first().and_then(|row| row.id.clone()).unwrap();
    assert_eq!(asked, [Who::Person(id.as_str().into())]);
}

#[test]
fn nothing_is_nothing_and_not_naught_per_cent() {
    let report = of([]);
    assert!(report.total.is_empty());
    assert_eq!(
        (report.total.within_24h.percent(), report.total.median_seconds, report.currency),
        (None, None, Some("EUR".to_owned()))
    );
}

#[test]
fn per_cent_are_rounded_and_neither_all_nor_none_unless_it_is_so() {
    let percent = |within, of| Rate { within, of }.percent();
    assert_eq!(percent(25, 30), Some(83));
    assert_eq!((percent(999, 1000), percent(1, 1000)), (Some(99), Some(1)));
    assert_eq!((percent(7, 7), percent(0, 7), percent(0, 0)), (Some(100), Some(0), None));
    assert_eq!(percent(u32::MAX, u32::MAX), Some(100));
}

#[test]
fn the_median_is_the_middle_or_between_the_middle_two() {
    assert_eq!(median(vec![]), None);
    assert_eq!(median(vec![9]), Some(9));
    assert_eq!(median(vec![u32::MAX, 1, 5]), Some(5));
    assert_eq!(median(vec![8, 2, 4, 100]), Some(6));
    assert_eq!(median(vec![u32::MAX, u32::MAX]), Some(i64::from(u32::MAX)));
}

proptest! {
    #[test]
    fn figures_agree_with_each_other_whatever_came_and_in_whatever_order(
        stories in proptest::collection::vec((0i64..60 * 24, 0i64..48, 0u8..6, 0i64..40 * 24), 0..40)
    ) {
        let hours = SignedDuration::from_hours;
        let cases: Vec<Case> = stories.into_iter().map(|(ago, after, end, took)| {
            let case = seen(hours(ago), hours((ago - after).max(0)), json!({}));
            let substatus = ["Accepted", "Declined", "Won", "Expired", "Odd"].get(usize::from(end));
            match substatus {
                Some(substatus) => {
                    let read = hours((ago - after - took).max(0));
                    ended(case, read, json!({"status": "Closed", "substatus": substatus}))
                }
                None => case,
            }
        }).collect();
        let report = of(cases.clone());
        let total = &report.total;
        prop_assert_eq!(total.came, total.within_24h.of + total.young + total.late);
        prop_assert!(total.within_24h.within <= total.within_24h.of);
        for rows in [&report.by_country, &report.by_owner, &report.by_rule] {
            let sum = |of: fn(&Figures) -> u32| rows.iter().map(|row| of(&row.figures)).sum::<u32>();
            prop_assert_eq!(sum(|figures| figures.came), total.came);
            prop_assert_eq!(sum(|figures| figures.expired), total.expired);
        }
        let weeks = |of: fn(&Figures) -> u32| report.by_week.iter().map(|week| of(&week.figures)).sum::<u32>();
        prop_assert_eq!(weeks(|figures| figures.came), total.came);
        prop_assert_eq!(weeks(|figures| figures.answered), total.answered);
        prop_assert_eq!(weeks(|figures| figures.expired), total.expired);
        prop_assert_eq!(of(cases.into_iter().rev()), report);
    }
}
