//! `replay` walks rules along what is remembered: under the rules that were in force it must find what was sent.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use leadtime::{
    core::{
        case::Life,
        ids::CaseNumber,
        key::Key,
        ladder::Event,
        story::{Course, replay},
    },
    web::history::remembrance,
};
use proptest::{prelude::*, sample::Index};
use serde_json::json;

use crate::{
    stories::properties::{SETTINGS, start},
    story::{Story, referral},
};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// What happens to a referral, after so many hours.
#[derive(Clone, Copy, Debug)]
enum Act {
    Nothing,
    Comes,
    Accepted,
    Expires,
    PendingAgain,
    /// Its deadline moves by so many days.
    Moves(i64),
    Muted,
    Unmuted,
    Restart,
}

fn acts() -> impl Strategy<Value = Vec<(i64, Act, Index)>> {
    let act = prop_oneof![
        3 => Just(Act::Nothing),
        4 => Just(Act::Comes),
        2 => Just(Act::Accepted),
        2 => Just(Act::Expires),
        1 => Just(Act::PendingAgain),
        2 => prop_oneof![-5..-1_i64, 2..6_i64].prop_map(Act::Moves),
        1 => Just(Act::Muted),
        1 => Just(Act::Unmuted),
        1 => Just(Act::Restart),
    ];
    proptest::collection::vec((1..70_i64, act, any::<Index>()), 1..25)
}

/// The one that is meant, where it is as open or closed as is wanted.
fn chosen(story: &Story, count: u64, index: Index, open: bool) -> Option<(CaseNumber, String)> {
    let of_kind = |number: &u64| story.case(*number).is_open() == open;
    let numbers: Vec<u64> = (1..=count).filter(of_kind).collect();
    let number = *numbers.get(index.index(numbers.len().max(1)))?;
    Some((CaseNumber(number), story.case(number).id().to_string()))
}

/// Lets time pass up to an instant; what falls due at it waits for what is read at it.
fn comes_to(story: &mut Story, at: Timestamp) {
    story.passes_until((at - SignedDuration::from_nanos(1)).max(story.walk.now));
    story.walk.now = at;
}

/// Plays one act, with a whole poll at the instant of the change.
fn play(story: &mut Story, count: &mut u64, (hours, act, index): (i64, Act, Index)) {
    let now = story.walk.now + HOUR * i32::try_from(hours).unwrap();
    comes_to(story, now);
    match act {
        Act::Nothing => {}
        Act::Restart => drop(story.restarts()),
        Act::Comes => {
            *count += 1;
            let expires = now.to_string().parse::<Timestamp>().unwrap() + HOUR * 24 * 10;
            story.opens(referral(&format!("r{count}"), &now.to_string(), Some(&expires.to_string())));
        }
        Act::Accepted => {
            let Some((_, id)) = chosen(story, *count, index, true) else { return };
            story.accepts(&id);
        }
        Act::Expires => {
            let Some((number, id)) = chosen(story, *count, index, true) else { return };
            let deadline = story.case(number.0).deadline.at;
            if deadline <= now {
                return;
            }
            comes_to(story, deadline);
            story.expires(&id);
        }
        Act::PendingAgain => {
            let Some((_, id)) = chosen(story, *count, index, false) else { return };
            story.is_pending_again(&id);
        }
        Act::Moves(days) => {
            let Some((number, id)) = chosen(story, *count, index, true) else { return };
            let to = story.case(number.0).deadline.at + HOUR * 24 * i32::try_from(days).unwrap();
            if to > now {
                story.changes(&id, json!({"expirationDateTime": to.to_string()}));
            }
        }
        Act::Muted => {
            let Some((number, _)) = chosen(story, *count, index, true) else { return };
            story.walk.state.mute(number, "quiet", None, None, now).unwrap();
        }
        Act::Unmuted => {
            let Some((number, _)) = chosen(story, *count, index, true) else { return };
            story.walk.state.unmute(number, now).unwrap();
        }
    }
    story.polls();
}

type Sent = BTreeSet<(Timestamp, CaseNumber, Key, Event, bool)>;

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn under_the_rules_in_force_it_finds_what_was_sent_and_when(settings in 0..SETTINGS.len(), acts in acts()) {
        let mut story = Story::under(start(), SETTINGS[settings].clone());
        story.polls_every(60);
        let mut count = 0;
        for act in acts {
            play(&mut story, &mut count, act);
        }
        // An act that finds nobody to happen to leaves what falls due at its very instant unsent.
        story.polls();
        let now = story.walk.now;
        let sent: Sent = story.taken.iter().map(|taken| {
            let line = &taken.line;
            (taken.at, taken.case, line.key.clone(), line.event, line.escalation)
        }).collect();
        let orders = story.walk.state.orders().clone();
        let mut replayed = Sent::new();
        let remembered = remembrance(story.walk.store.as_ref(), Timestamp::MIN, None, 0).unwrap();
        prop_assert_eq!(remembered.referrals.len() as u64, count);
        for one in remembered.referrals {
            let case = leadtime::core::case::Case { referral: one.referral, ..one.case };
            let course = Course::remembered(&case, &one.lines, &orders.rules).unwrap();
            prop_assert_eq!(course.end.is_some(), matches!(case.life, Life::Closed { .. }));
            for coming in replay(&course, &orders.rules, now).sent {
                let line = coming.line;
                replayed.insert((coming.at, case.number, line.key, line.event, line.escalation));
            }
        }
        let missed: Vec<_> = sent.difference(&replayed).collect();
        let made_up: Vec<_> = replayed.difference(&sent).collect();
        prop_assert!(missed.is_empty() && made_up.is_empty(), "missed {missed:#?}\nmade up {made_up:#?}");
    }
}
