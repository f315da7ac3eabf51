//! What holds of all people, absences and claims: escalations come as if nobody had claimed anything, no step reaches
//! nobody, the plan is what is then sent, and between two looks nothing falls due.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::date};
use leadtime::core::{
    case::Case,
    claim::{self, Claim, Claimant},
    key::Key,
    ladder::{Call, Line, decide},
    period::Seconds,
    rules::{Rules, Trigger},
    story::{Plan, plan},
};
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};

use super::{
    plan::{ALL, coming, planned, played, rules},
    properties::start,
};
use crate::story::{Story, orders, usual};

const NAMES: [&str; 4] = ["anna", "bela", "cili", "dora"];
const NOTIFY: [&str; 5] =
    ["\"@owners\"", "\"@owners\", \"sellers\"", "\"@managers\", \"@owners\"", "\"crm\"", "\"@cili\""];
const ESCALATE_TO: [&str; 3] = ["\"@managers\"", "\"managers\"", "\"@owners\", \"@managers\""];
const STEPS: [&str; 3] = [
    r#"{ on = "new" }, { after = "6h" }, { before_expiry = "5bd" }, { before_expiry = "3bd", escalate = true },
       { before_expiry = "1bd", escalate = true, notify = ["@managers", "@owners", "sellers"] }"#,
    r#"{ on = "new" }, { after = "1d", every = "12h" }, { before_expiry = "4d", every = "1d", escalate = true },
       { before_expiry = "1d", escalate = true, notify = ["@owners"], hours = "always" }"#,
    r#"{ after = "2d", hours = "always" }, { before_expiry = "3d", escalate = true, hours = "always", notify = ["@owners"] },
       { before_expiry = "2d", notify = ["@owners"] }, { before_expiry = "36h", every = "6h" }"#,
];

/// Who is above and who is away: from which day, for how many (for good where none), and who stands in.
type Somebody = (Option<Index>, Option<(i64, Option<i64>, Option<Index>)>);

fn somebody() -> impl Strategy<Value = Somebody> {
    let index = any::<Index>;
    let away = (-5..16_i64, prop::option::weighted(0.8, 0..10_i64), prop::option::weighted(0.7, index()));
    (prop::option::weighted(0.8, index()), prop::option::of(away))
}

fn house() -> impl Strategy<Value = String> {
    let people = prop::collection::vec(somebody(), NAMES.len());
    (people, any::<Index>(), any::<Index>(), any::<Index>(), any::<bool>()).prop_map(
        |(people, notify, escalate_to, steps, owned)| {
            let mut toml: String = people.iter().enumerate().map(|(number, one)| written(number, one)).collect();
            if owned {
                toml += "[[owners]]\npeople = [\"dora\", \"bela\"]\n";
            }
            let (notify, escalate_to) = (notify.get(&NOTIFY), escalate_to.get(&ESCALATE_TO));
            let rule = "[[rules]]\nname = \"all\"\n";
            toml +=
                &format!("{rule}notify = [{notify}]\nescalate_to = [{escalate_to}]\nsteps = [{}]\n", steps.get(&STEPS));
            toml
        },
    )
}

fn written(number: usize, (above, away): &Somebody) -> String {
    let name = NAMES[number];
    let mut toml = format!("[people.{name}]\nemail = \"{name}@contoso.com\"\n");
    // Only those further down the list are above, as settings take no circle.
    let further = &NAMES[number + 1..];
    if let (Some(above), false) = (above, further.is_empty()) {
        toml += &format!("manager = \"{}\"\n", above.get(further));
    }
    if let Some((from, days, cover)) = away {
        let from = date(2026, 11, 2) + jiff::Span::new().days(*from);
        let to = days.map_or(String::new(), |days| format!(", to = \"{}\"", from + jiff::Span::new().days(days)));
        let cover = cover.as_ref().map(|cover| *cover.get(&NAMES)).filter(|cover| *cover != name);
        let cover = cover.map_or(String::new(), |cover| format!(", cover = \"{cover}\""));
        toml += &format!("away = [{{ from = \"{from}\"{to}{cover} }}]\n");
    }
    toml
}

fn referral(team: &BTreeSet<usize>, age: i64, left: i64) -> Value {
    let (created, expires) = (start() - SignedDuration::from_hours(age), start() + SignedDuration::from_hours(left));
    let member = |number: &usize| json!({"email": format!("{}@contoso.com", NAMES[*number])});
    json!({
        "id": "r1", "createdDateTime": created.to_string(), "expirationDateTime": expires.to_string(),
        "team": team.iter().map(member).collect::<Vec<_>>(),
    })
}

/// A referral that was watched for so long.
fn watched(house: &str, team: &BTreeSet<usize>, (age, left, minutes): (i64, i64, i64)) -> Story {
    let mut story = Story::under(start(), orders(&usual(house)));
    story.sees(referral(team, age, left));
    if minutes > 0 {
        story.passes_minutes(minutes).polls();
    }
    story
}

fn team() -> impl Strategy<Value = BTreeSet<usize>> {
    prop::collection::btree_set(0..NAMES.len(), 0..3)
}

fn times() -> impl Strategy<Value = (i64, i64, i64)> {
    (0..200_i64, 30..400_i64, 0..9_000_i64)
}

fn claimed(case: &Case, rules: &Rules, days: u8, now: Timestamp) -> Case {
    let by = Claimant { name: "Anna".to_owned(), person: Some("anna".into()), said: false };
    let until = claim::until(days, &rules.default_hours, now);
    Case { claim: Some(Claim { by, at: now, until, from: "sellers".into() }), ..case.clone() }
}

/// How many escalations each destination has by an instant.
fn escalations(plan: &Plan, at: &str, until: Timestamp) -> usize {
    let here = |line: &Line| line.escalation && line.key.destination.as_str() == at;
    plan.coming.iter().filter(|coming| here(&coming.line) && coming.at <= until).count()
}

fn due(case: &Case, rules: &Rules, now: Timestamp) -> BTreeSet<Key> {
    let due = decide(case, rules, now).lines.into_iter().filter(|line| line.call.is_due());
    due.map(|line| line.key).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_escalation_is_later_than_without_a_claim(house in house(), team in team(), times in times(), days in 1..4_u8) {
        let story = watched(&house, &team, times);
        let (case, rules, now) = (story.case(1), rules(&story), story.walk.now);
        let free = plan(&case, rules, now, ALL);
        let held = plan(&claimed(&case, rules, days, now), rules, now, ALL);
        for coming in free.coming.iter().filter(|coming| coming.line.escalation) {
            let at = coming.line.key.destination.as_str();
            let (free, held) = (escalations(&free, at, coming.at), escalations(&held, at, coming.at));
            prop_assert!(held >= free, "{at} has {held} of {free} escalations by {}", coming.at);
        }
    }

    #[test]
    fn the_service_sends_to_people_what_the_plan_says(
        house in house(), team in team(), times in times(), days in prop::option::of(1..4_u8), seen in any::<bool>(),
    ) {
        let mut story = watched(&house, &team, times);
        if story.walk.now < story.case(1).deadline.at {
            if let Some(days) = days {
                story.claims(1, "sellers", days);
            }
            if seen {
                story.sees_to(1, "managers").sees_to(1, "@bela");
            }
        }
        let (case, plan) = (story.case(1), planned(&story, 1));
        prop_assert_eq!(played(&mut story, &case), coming(&plan));
    }

    #[test]
    fn every_escalation_is_heard_in_its_time_whoever_comes_and_goes(house in house(), team in team(), times in times()) {
        let story = watched(&house, &team, times);
        let (case, rules, now) = (story.case(1), rules(&story), story.walk.now);
        let coming = plan(&case, rules, now, ALL).coming;
        let waits = |line: &Line| line.escalation && matches!(line.call, Call::Wait { .. });
        for line in decide(&case, rules, now).lines.iter().filter(|line| waits(line)) {
            let Some((place, base)) = line.place else { continue };
            // Where nobody is there when hours have brought it forward, machines hear in place of people, later; and who
            // comes back while all is closed hears of what is past at the next opening.
            let last = rules.default_hours.open_at_or_after(base.max(place).max(now));
            let heard = coming.iter().any(|one| one.line.escalation && (place..=last).contains(&one.at));
            prop_assert!(heard, "{} of {place} is heard by nobody until {last}", line.key.purpose.label());
        }
    }

    #[test]
    fn every_step_of_an_open_referral_reaches_somebody(house in house(), team in team(), times in times()) {
        let story = watched(&house, &team, times);
        let (case, rules) = (story.case(1), rules(&story));
        let life = case.deadline.at.duration_since(case.created);
        let lines = decide(&case, rules, story.walk.now).lines;
        for step in &rules.rules[0].steps {
            let comes = match step.trigger {
                Trigger::After(leadtime::core::period::Period::Elapsed(Seconds(since))) => since < life.as_secs(),
                _ => true,
            };
            let reaches = lines.iter().any(|line| line.key.purpose.trigger() == Some(step.trigger));
            prop_assert!(reaches || !comes, "{} reaches nobody", step.trigger.label());
        }
    }

    #[test]
    fn deciding_is_a_function_and_nothing_falls_due_before_the_next_look(
        house in house(), team in team(), times in times(), days in prop::option::of(1..4_u8), part in 0..1_000_i64,
    ) {
        let story = watched(&house, &team, times);
        let (rules, now) = (rules(&story), story.walk.now);
        let case = match days {
            Some(days) => claimed(&story.case(1), rules, days, now),
            None => story.case(1),
        };
        let verdict = decide(&case, rules, now);
        prop_assert_eq!(&verdict, &decide(&case, rules, now));
        let Some(next) = verdict.look_again else { return Ok(()) };
        let between = now + SignedDuration::from_secs(next.duration_since(now).as_secs() * part / 1_000);
        let (before, later) = (due(&case, rules, now), due(&case, rules, between));
        prop_assert!(later.is_subset(&before), "at {between}: {:?}", later.difference(&before));
    }
}
