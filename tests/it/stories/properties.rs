//! What holds of every course of events: referrals of any age, any spacing of polls, outages, restarts, clocks set back.

use std::{collections::BTreeSet, sync::LazyLock};

use jiff::{SignedDuration, Timestamp};
use leadtime::{
    core::{ids::CaseNumber, key::Purpose, ladder::decide, rules::Rules},
    service::facts::{Orders, Place, Waiting},
};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use crate::story::{Channel, Story, Taken, at, orders, usual};

/// Settings of many kinds; what decisions make of them must hold the same promises.
pub static SETTINGS: LazyLock<Vec<Orders>> = LazyLock::new(|| {
    let rules = [
        "",
        r#"[[rules]]
        name = "repeats"
        steps = [
          { on = "new", notify = ["sellers", "crm"] },
          { on = "updated" },
          { after = "1d", every = "12h" },
          { before_expiry = "3d", every = "1d", escalate = true, notify = ["managers", "crm"] },
          { before_expiry = "1bd", escalate = true, notify = ["managers", "sellers"] },
        ]"#,
        r#"[hours.default]
        time_zone = "Australia/Lord_Howe"
        days = ["mon", "wed", "sun"]
        from = "08:30"
        to = "24:00"
        [[rules]]
        name = "large"
        when = "details/dealValue ge 50"
        continue = true
        steps = [{ on = "new", hours = "default" }, { before_expiry = "2bd", escalate = true }]
        [[rules]]
        name = "rest"
        notify = ["inbox", "sellers"]
        steps = [{ after = "6h" }, { after = "2bd" }, { before_expiry = "24h", escalate = true, hours = "always" }]"#,
        r#"[hours.default]
        time_zone = "America/New_York"
        holidays = ["2026-11-26"]
        [destinations.managers]
        type = "slack"
        webhook_url = "https://hooks.slack.com/services/2"
        rate = "none"
        fallback = "inbox"
        [[rules]]
        name = "fallback"
        steps = [{ on = "new" }, { after = "4bh" }, { before_expiry = "3bd", escalate = true, notify = ["managers", "inbox"] }, { before_expiry = "1d", notify = ["managers"] }]"#,
    ];
    rules.iter().map(|rules| orders(&usual(rules))).collect()
});

/// Monday, 2 November 2026, 09:00 UTC.
pub fn start() -> Timestamp {
    at("2026-11-02T09:00:00Z")
}

#[derive(Clone, Debug)]
enum Act {
    Pass {
        minutes: i64,
    },
    /// Nobody is there for so long; then it polls first, as a start does.
    Sleep {
        minutes: i64,
        restart: bool,
    },
    Poll,
    CutShort,
    Accept(Index),
    Receive(Index),
    PendingAgain(Index),
    Value(Index, u32),
    Move(Index, i64),
    Channel(Index, Channel),
}

/// What a person does after an act.
#[derive(Clone, Debug)]
enum Hand {
    Nothing,
    RetryDead(Index),
    TryNow(Index),
    Drop(Index),
    Mute(Index, Option<i64>),
    Unmute(Index),
}

const PLACES: [&str; 4] = ["sellers", "managers", "crm", "inbox anna@contoso.com"];

pub fn referrals() -> impl Strategy<Value = Vec<Value>> {
    let one = (0..240_i64, prop::option::weighted(0.7, 24..600_i64), 0..100_u32);
    prop::collection::vec(one, 1..5).prop_map(|all| {
        let number = all.into_iter().enumerate();
        let body = number.map(|(number, (age, life, value))| {
            let created = start() - SignedDuration::from_hours(age);
            let expires = life.map(|hours| (created + SignedDuration::from_hours(hours)).to_string());
            json!({
                "id": format!("r{number}"), "createdDateTime": created.to_string(), "expirationDateTime": expires,
                "details": {"dealValue": value},
            })
        });
        body.collect()
    })
}

fn channel() -> impl Strategy<Value = Channel> {
    prop_oneof![
        3 => Just(Channel::Accepts),
        2 => Just(Channel::Later(None)),
        1 => Just(Channel::RefusesMessage),
        1 => Just(Channel::RefusesAll),
    ]
}

fn acts(moves: bool) -> impl Strategy<Value = Vec<Act>> {
    let index = any::<Index>;
    let one = prop_oneof![
        6 => (1..3_000_i64).prop_map(|minutes| Act::Pass { minutes }),
        2 => (1..4_000_i64, any::<bool>()).prop_map(|(minutes, restart)| Act::Sleep { minutes, restart }),
        3 => Just(Act::Poll),
        1 => Just(Act::CutShort),
        1 => index().prop_map(Act::Accept),
        1 => index().prop_map(Act::Receive),
        1 => index().prop_map(Act::PendingAgain),
        2 => (index(), 0..100_u32).prop_map(|(index, value)| Act::Value(index, value)),
        2 => (index(), if moves { -60..60_i64 } else { 0..1 }).prop_map(|(index, hours)| Act::Move(index, hours)),
        3 => (index(), channel()).prop_map(|(index, channel)| Act::Channel(index, channel)),
    ];
    prop::collection::vec(one, 1..14)
}

fn hands() -> impl Strategy<Value = Vec<Hand>> {
    let index = any::<Index>;
    let one = prop_oneof![
        2 => Just(Hand::Nothing),
        3 => index().prop_map(Hand::RetryDead),
        1 => index().prop_map(Hand::TryNow),
        1 => index().prop_map(Hand::Drop),
        2 => (index(), prop::option::of(1..6_000_i64)).prop_map(|(index, minutes)| Hand::Mute(index, minutes)),
        2 => index().prop_map(Hand::Unmute),
    ];
    prop::collection::vec(one, 14)
}

/// A person does it; what is due then is done.
fn by_hand(story: &mut Story, hand: &Hand, referrals: usize) {
    let now = story.walk.now;
    let case = |index: &Index| CaseNumber(1 + index.index(referrals) as u64);
    let destination = |index: &Index| PLACES[index.index(PLACES.len())].split(' ').next().unwrap().into();
    let state = &mut story.walk.state;
    match hand {
        Hand::Nothing => {}
        Hand::RetryDead(index) => {
            for dead in state.dead_at(&destination(index), None, 100).unwrap().0 {
                state.retry(&dead, now).unwrap();
            }
        }
        Hand::TryNow(index) => {
            state.try_all(&destination(index), now).unwrap();
        }
        Hand::Drop(index) => {
            let waiting = state.waiting().map(|(lane, row)| (lane.clone(), row.clone())).next();
            if let Some((lane, row)) = waiting {
                state.drop_by_hand(&Waiting { place: Place::Outbox, lane, row }, now).unwrap();
            }
            for dead in state.dead_at(&destination(index), None, 1).unwrap().0 {
                state.drop_by_hand(&dead, now).unwrap();
            }
        }
        Hand::Mute(index, minutes) => {
            let until = minutes.map(|minutes| now + SignedDuration::from_mins(minutes));
            state.mute(case(index), "a property", until, None, now).unwrap();
        }
        Hand::Unmute(index) => {
            state.unmute(case(index), now).unwrap();
        }
    }
    state.flush().unwrap();
    story.settles();
}

fn play(story: &mut Story, act: &Act) {
    // By id, so that the order of the listing has no part in it.
    let mut listed = story.walk.world.listed.clone();
    listed.sort_by_key(|item| item["id"].to_string());
    let pick = |index: &Index| (!listed.is_empty()).then(|| index.get(&listed)["id"].as_str().unwrap().to_owned());
    match act {
        Act::Pass { minutes } => {
            story.passes_minutes(*minutes);
        }
        Act::Sleep { minutes, restart } => {
            story.walk.now += SignedDuration::from_mins(*minutes);
            if *restart {
                story.restarts();
            }
            story.polls();
        }
        Act::Poll => {
            story.polls();
        }
        Act::CutShort => {
            story.poll_fails_after(1);
        }
        Act::Accept(index) => {
            if let Some(id) = pick(index) {
                story.accepts(&id).polls();
            }
        }
        Act::Receive(index) => {
            if let Some(id) = pick(index) {
                story.leaves_list_still_open(&id);
            }
        }
        Act::PendingAgain(index) => {
            let away: Vec<String> = story.walk.world.by_id.keys().cloned().collect();
            if !away.is_empty() {
                story.is_pending_again(&away[index.index(away.len())]);
            }
        }
        Act::Value(index, value) => {
            if let Some(id) = pick(index) {
                story.changes(&id, json!({"details": {"dealValue": value}})).polls();
            }
        }
        Act::Move(index, hours) => {
            let Some(id) = pick(index) else { return };
            let body = listed.iter().find(|body| body["id"] == id.as_str()).unwrap();
            if let Some(expires) = body["expirationDateTime"].as_str() {
                let moved = at(expires) + SignedDuration::from_hours(*hours);
                story.changes(&id, json!({"expirationDateTime": moved.to_string()})).polls();
            }
        }
        Act::Channel(index, channel) => {
            story.channel(PLACES[index.index(PLACES.len())], *channel);
        }
    }
}

fn begin(settings: usize, referrals: &[Value]) -> Story {
    let mut story = Story::under(start(), SETTINGS[settings].clone());
    for referral in referrals {
        story.opens(referral.clone());
    }
    story.polls();
    story
}

fn all_accept(story: &mut Story) {
    for place in PLACES {
        story.channel(place, Channel::Accepts);
    }
}

/// What does not depend on the order by its nature: a poll that is cut short reads what stood first, and of two messages
/// of one urgency a failing channel is tried with the one that came first.
fn in_any_order(mut acts: Vec<Act>) -> Vec<Act> {
    acts.retain(|act| !matches!(act, Act::CutShort | Act::Channel(..)));
    acts
}

/// No channel takes the same message twice.
fn no_message_twice(taken: &[Taken]) -> Result<(), TestCaseError> {
    let mut seen = BTreeSet::new();
    for taken in taken {
        let first = seen.insert((&taken.place, taken.case, &taken.line.key));
        prop_assert!(first, "{} got {} twice", taken.place, taken.line.key.purpose);
    }
    Ok(())
}

fn rules(story: &Story) -> &Rules {
    &story.walk.state.orders().rules
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_sent_twice_whatever_happens(settings in 0..4_usize, referrals in referrals(), acts in acts(true)) {
        let mut story = begin(settings, &referrals);
        for act in &acts {
            play(&mut story, act);
        }
        no_message_twice(&story.taken)?;
    }

    #[test]
    fn nothing_that_a_person_does_sends_anything_twice_or_past_a_mute(
        settings in 0..4_usize, referrals in referrals(), acts in acts(true), hands in hands(),
    ) {
        let mut story = begin(settings, &referrals);
        for (act, hand) in acts.iter().zip(&hands) {
            by_hand(&mut story, hand, referrals.len());
            let held: Vec<_> = (1..=referrals.len() as u64).filter(|number| {
                story.case(*number).muted.is_some_and(|mute| mute.until.is_none())
            }).collect();
            let before = story.taken.len();
            play(&mut story, act);
            for taken in &story.taken[before..] {
                let expired = matches!(taken.line.key.purpose, Purpose::Expired(_));
                prop_assert!(expired || !held.contains(&taken.case.0), "{} heard of a muted one: {:?}", taken.place, taken.line);
            }
        }
        no_message_twice(&story.taken)?;
    }

    #[test]
    fn deciding_again_adds_nothing(settings in 0..4_usize, referrals in referrals(), acts in acts(true)) {
        let mut story = begin(settings, &referrals);
        for act in &acts {
            play(&mut story, act);
        }
        all_accept(&mut story);
        story.polls().passes_minutes(60).polls().and_then();
        let mut again = story.walk.state.orders().as_ref().clone();
        again.fingerprint += 1;
        story.walk.state.reload(again.into(), story.walk.now).unwrap();
        story.settles().polls().restarts().polls();
        // What a reload finds in trouble with nothing waiting it tries by a test, whose end is told: no decision is in that.
        story.attempts.retain(|attempt| !["Test", "recovered"].contains(&attempt[1].as_str()));
        prop_assert_eq!(story.attempts.clone(), Vec::<[String; 4]>::new());
    }

    #[test]
    fn the_order_of_items_and_the_size_of_pages_do_not_matter(
        settings in 0..4_usize,
        referrals in referrals(),
        acts in acts(true).prop_map(in_any_order),
        page_size in 1..5_usize,
    ) {
        let mut one = begin(settings, &referrals);
        let mut other = Story::under(start(), SETTINGS[settings].clone());
        other.walk.world.page_size = page_size;
        for referral in referrals.iter().rev() {
            other.opens(referral.clone());
        }
        other.polls();
        for act in &acts {
            play(&mut one, act);
            play(&mut other, act);
        }
        prop_assert_eq!(messages(&one), messages(&other));
    }

    #[test]
    fn any_spacing_and_any_outage_give_each_destination_the_latest_step_and_never_two_at_once(
        settings in 0..4_usize, referrals in referrals(), acts in acts(false),
    ) {
        let mut story = begin(settings, &referrals);
        for act in &acts {
            play(&mut story, act);
        }
        all_accept(&mut story);
        story.polls().passes_minutes(16);
        let mut last = std::collections::BTreeMap::new();
        for taken in &story.taken {
            let (Some(place), None) = (taken.line.place, &taken.line.key.stands_in_for) else { continue };
            let before = last.insert((&taken.place, taken.case), (place, taken.at));
            if let Some((before, at)) = before {
                prop_assert!(before < place, "{} heard {} late", taken.place, taken.line.key.purpose);
                prop_assert!(at < taken.at, "{} heard two at once", taken.place);
            }
        }
        for number in 1..=referrals.len() as u64 {
            let verdict = decide(&story.case(number), rules(&story), story.walk.now);
            // What stands beside the ladder may be in line behind a step that waits for an opening.
            let due: Vec<_> = verdict.lines.iter().filter(|line| line.call.is_due() && line.place.is_some()).collect();
            prop_assert!(due.is_empty(), "{:?}", due);
        }
    }

    #[test]
    fn a_clock_that_goes_back_repeats_nothing(
        settings in 0..4_usize, referrals in referrals(), acts in acts(true), back in prop::collection::vec(0..5_000_i64, 14),
    ) {
        let mut story = begin(settings, &referrals);
        for (act, back) in acts.iter().zip(back) {
            play(&mut story, act);
            story.walk.now -= SignedDuration::from_mins(back);
            story.settles();
        }
        no_message_twice(&story.taken)?;
    }

    #[test]
    fn escalations_go_out_before_the_deadline_while_polls_and_the_channel_work(
        settings in 0..4_usize, age in 0..240_i64, left in 1..600_i64, seen_at in 0..(7 * 24 * 60_i64), value in 0..100_u32,
    ) {
        let seen = start() + SignedDuration::from_mins(seen_at);
        let (created, deadline) = (seen - SignedDuration::from_hours(age), seen + SignedDuration::from_hours(left));
        let mut story = Story::under(seen, SETTINGS[settings].clone());
        story.sees(json!({
            "id": "r1", "createdDateTime": created.to_string(), "expirationDateTime": deadline.to_string(),
            "details": {"dealValue": value},
        }));
        story.passes_until(deadline - SignedDuration::from_secs(1));
        let escalated = story.taken.iter().any(|taken| taken.line.escalation && taken.place == "managers");
        prop_assert!(escalated, "{:?}", story.taken);
    }
}

/// Who got what and when, in an order of its own.
fn messages(story: &Story) -> BTreeSet<(Timestamp, String, String, String)> {
    let id = |taken: &Taken| story.walk.state.case(taken.case).unwrap().id().to_string();
    let of = |taken: &Taken| {
        let line = &taken.line;
        let what = format!("{} {:?} {}", line.key.purpose, line.event, line.rule);
        (taken.at, taken.place.clone(), id(taken), what)
    };
    story.taken.iter().map(of).collect()
}
