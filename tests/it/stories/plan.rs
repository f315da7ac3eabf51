//! `plan` says what the service then does: the same case is walked by the one and played by the other.

use jiff::{SignedDuration, Timestamp};
use leadtime::core::{
    case::Case,
    ids::CaseNumber,
    key::Purpose,
    ladder::{Event, Line, Silence},
    period::Period,
    referral::Referral,
    rules::Rules,
    story::{Bounds, Coming, Plan, plan},
};
use proptest::prelude::*;
use serde_json::json;

use super::properties::{SETTINGS, referrals, start};
use crate::story::{Channel, Story, at, referral};

pub(super) const ALL: Bounds = Bounds { until: Timestamp::MAX, messages: 2_000 };

pub(super) fn rules(story: &Story) -> &Rules {
    &story.walk.state.orders().rules
}

pub(super) fn planned(story: &Story, number: u64) -> Plan {
    plan(&story.case(number), rules(story), story.walk.now, ALL)
}

/// A message as both sides tell it: when, what for, where, how, by which rule, from where on the ladder.
fn told(at: Timestamp, line: &Line) -> (Timestamp, String, String) {
    let key = &line.key;
    let origin = key.stands_in_for.as_ref().map_or(String::new(), |origin| format!(" for {origin}"));
    let what = format!("{} {:?} {} {:?}", key.purpose, line.event, line.rule, line.place);
    (at, format!("{}{origin}", key.destination), what)
}

pub(super) fn coming(plan: &Plan) -> Vec<(Timestamp, String, String)> {
    let mut all: Vec<_> = plan.coming.iter().map(|coming: &Coming| told(coming.at, &coming.line)).collect();
    all.sort();
    all
}

/// What the service sends about a referral until it is past its deadline and every destination has heard so once.
pub(super) fn played(story: &mut Story, case: &Case) -> Vec<(Timestamp, String, String)> {
    story.and_then();
    story.taken.clear();
    if story.walk.now < case.deadline.at {
        story.passes_until(case.deadline.at);
    }
    // The account is seen to hold it open still.
    story.polls();
    let end = story.walk.now + SignedDuration::from_hours(24 * 14);
    story.passes_until(end);
    let mut overdue = std::collections::BTreeSet::new();
    let mut all: Vec<_> = story.taken.iter().filter(|taken| taken.case == case.number).collect();
    all.sort_by_key(|taken| taken.at);
    all.retain(|taken| {
        let key = &taken.line.key;
        !matches!(key.purpose, Purpose::Overdue(_)) || overdue.insert(key.destination.clone())
    });
    let mut all: Vec<_> = all.into_iter().map(|taken| told(taken.at, &taken.line)).collect();
    all.sort();
    all
}

#[test]
fn the_plan_of_the_built_in_ladder_is_the_ladder() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story.sees(referral("r1", "2026-11-02T09:00:00Z", None));
    let plan = planned(&story, 1);
    let told: Vec<String> = plan
        .coming
        .iter()
        .map(|coming| {
            let at = coming.at.strftime("%a %-d %H:%M");
            format!(
                "{at} {} {} {}",
                coming.line.event.as_str(),
                coming.line.key.destination,
                coming.line.key.purpose.label()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "Mon 2 13:00 reminder sellers after 4bh",
            "Mon 9 09:00 reminder sellers before_expiry 5bd",
            "Wed 11 09:00 escalation managers before_expiry 3bd",
            "Fri 13 09:00 escalation managers before_expiry 1bd",
            "Fri 13 09:00 escalation sellers before_expiry 1bd",
            "Mon 16 09:00 overdue managers overdue",
            "Mon 16 09:00 overdue sellers overdue",
        ]
    );
    assert!(!plan.cut);
}

#[test]
fn a_plan_is_cut_by_its_bounds_and_says_so() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story.sees(referral("r1", "2026-11-02T09:00:00Z", None));
    let whole = planned(&story, 1);
    let (case, rules) = (story.case(1), rules(&story));
    let two = plan(&case, rules, story.walk.now, Bounds { messages: 2, ..ALL });
    assert_eq!((two.coming.as_slice(), two.cut), (&whole.coming[..2], true));
    let friday = plan(&case, rules, story.walk.now, Bounds { until: at("2026-11-12T00:00:00Z"), ..ALL });
    assert_eq!((friday.coming.as_slice(), friday.cut), (&whole.coming[..3], true));
}

#[test]
fn what_waits_in_the_outbox_is_marked_and_an_end_leaves_nothing_to_come() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story.channel("sellers", Channel::Later(None)).sees(referral("r1", "2026-11-02T09:00:00Z", None));
    let plan = planned(&story, 1);
    assert_eq!((plan.coming[0].waits, plan.coming[0].line.event), (true, Event::New));
    assert!(plan.coming[1..].iter().all(|coming| !coming.waits));
    story.channel("sellers", Channel::Accepts).accepts("r1").passes("2026-11-02T10:00:00Z").polls();
    assert_eq!(planned(&story, 1).coming, []);
}

#[test]
fn what_no_rule_takes_has_no_plan_and_the_reason() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "[[rules]]\nname = \"none\"\nsteps = []");
    story.sees(referral("r1", "2026-11-02T09:00:00Z", None));
    let plan = planned(&story, 1);
    assert_eq!((plan.coming.len(), plan.silence), (0, Some(Silence::OnPurpose)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_service_sends_what_the_plan_says_and_nothing_else(
        settings in 0..4_usize,
        referrals in referrals(),
        minutes in 0..12_000_i64,
        down in prop::option::of(0..4_usize),
    ) {
        // What a failing channel has given up, or handed to its fallback, no plan foresees.
        let down = down.filter(|place| (settings, *place) != (3, 1));
        let one = &referrals[0];
        let mut story = Story::under(start(), SETTINGS[settings].clone());
        let places = ["sellers", "managers", "crm", "inbox anna@contoso.com"];
        if let Some(place) = down {
            story.channel(places[place], Channel::Later(None));
        }
        story.sees(one.clone());
        let minutes = if down.is_some() { minutes % 4_000 } else { minutes };
        if minutes > 0 {
            story.passes_minutes(minutes).polls();
        }
        let (case, plan) = (story.case(1), planned(&story, 1));
        prop_assert!(!plan.cut);
        if let Some(place) = down {
            // It is mended at this very instant, and a reload has it tried at once.
            story.channel(places[place], Channel::Accepts);
            let orders = story.walk.state.orders().clone();
            story.walk.state.reload(orders, story.walk.now).unwrap();
        }
        prop_assert_eq!(played(&mut story, &case), coming(&plan));
    }

    #[test]
    fn what_is_found_late_or_long_ago_is_planned_as_it_is_sent(
        settings in 0..4_usize, age in 0..500_i64, left in -100..400_i64, seen_at in 0..(7 * 24 * 60_i64), value in 0..100_u32,
    ) {
        let seen = start() + SignedDuration::from_mins(seen_at);
        let (created, deadline) = (seen - SignedDuration::from_hours(age), seen + SignedDuration::from_hours(left));
        let body = json!({
            "id": "r1", "createdDateTime": created.to_string(), "expirationDateTime": deadline.to_string(),
            "type": "Shared", "direction": "Incoming", "status": "New", "substatus": "Pending",
            "details": {"dealValue": value},
        });
        let orders = SETTINGS[settings].clone();
        let read = Referral::read(body.clone()).unwrap();
        let case = Case::first_sight(
            CaseNumber(1), "contoso".into(), read, Period::days(14), seen,
        );
        // Not in any store: as `plan --referral FILE` has it.
        let said = coming(&plan(&case, &orders.rules, seen, ALL));
        let mut story = Story::under(seen, orders);
        story.opens(body);
        story.walk.poll().unwrap();
        prop_assert_eq!(played(&mut story, &case), said);
    }
}
