//! The right people: owners, covers, managers up the line, absences that begin and end, and steps that reach nobody.

use leadtime::core::{
    case::Fate,
    ladder::{Call, WhyNot, decide},
    people::{Because, Nobody},
};
use serde_json::{Value, json};

use crate::story::{Channel, Story};

/// Anna, Béla her manager, Cili his, Dora beside Anna; all reached by mail, by the built-in ladder. `away` by name.
fn house(away: &[(&str, &str)]) -> String {
    let person = |(name, manager): (&str, &str)| {
        let away = away.iter().find(|(who, _)| *who == name).map_or("", |(_, away)| away);
        let manager = if manager.is_empty() { String::new() } else { format!("manager = \"{manager}\"\n") };
        format!("[people.{name}]\nemail = \"{name}@contoso.com\"\n{manager}away = [{away}]\n")
    };
    let people = [("anna", "bela"), ("bela", "cili"), ("cili", ""), ("dora", "bela")].map(person).concat();
    format!("{people}\n[[rules]]\nname = \"all\"\nnotify = [\"@owners\"]\nescalate_to = [\"@managers\"]\n")
}

/// A referral of Monday 2 November that expires on Monday the 16th, with these in its team.
fn referral(team: &[&str]) -> Value {
    let mut body = crate::story::referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z"));
    body["team"] = team.iter().map(|name| json!({"email": format!("{name}@contoso.com")})).collect();
    body
}

/// How mail to a person is told.
fn mail(name: &str) -> String {
    format!("@{name} {name}@contoso.com")
}

fn begins(away: &[(&str, &str)], team: &[&str]) -> Story {
    let mut story = Story::begins("2026-11-02T09:00:00Z", &house(away));
    story.sees(referral(team));
    story
}

/// Exactly these messages about r1: when, what, to which person.
#[track_caller]
fn told(story: &mut Story, expected: &[(&str, &str, &str)]) {
    let to: Vec<String> =
        expected.iter().map(|(.., who)| if *who == "ops" { "ops".to_owned() } else { mail(who) }).collect();
    let expected: Vec<_> =
        expected.iter().zip(&to).map(|((when, what, _), to)| (*when, *what, to.as_str(), "r1")).collect();
    story.expects(&expected);
}

/// Why the last messages reached whom they did: destination and reason.
fn reasons(story: &Story) -> Vec<(String, Because)> {
    let mut reasons: Vec<(String, Because)> = Vec::new();
    for taken in &story.taken {
        let one = (taken.line.key.destination.to_string(), taken.line.because.clone());
        if !reasons.contains(&one) {
            reasons.push(one);
        }
    }
    reasons
}

/// The decision on each message to a destination that waits or has left the outbox unsent.
fn cancelled(story: &Story, destination: &str) -> Vec<WhyNot> {
    let lines = decide(&story.case(1), &story.walk.state.orders().rules, story.walk.now).lines;
    let here = lines.into_iter().filter(|line| line.key.destination.as_str() == destination);
    here.filter_map(|line| if let Call::Cancelled(why) = line.call { Some(why) } else { None }).collect()
}

const ANNA_OFF: (&str, &str) = ("anna", r#"{ from = "2026-11-09", to = "2026-11-11", cover = "dora" }"#);

#[test]
fn owners_hear_the_ladder_and_managers_up_the_line_its_escalations() {
    let mut story = begins(&[], &["anna"]);
    story.passes("2026-11-13T12:00:00Z").accepts("r1").polls();
    told(
        &mut story,
        &[
            ("Mon 2 09:00", "new", "anna"),
            ("Mon 2 13:00", "reminder", "anna"),
            ("Mon 9 09:00", "reminder", "anna"),
            ("Wed 11 09:00", "escalation", "bela"),
            ("Fri 13 09:00", "escalation", "anna"),
            ("Fri 13 09:00", "escalation", "bela"),
            ("Fri 13 12:00", "answered", "anna"),
            ("Fri 13 12:00", "answered", "bela"),
        ],
    );
}

#[test]
fn an_owner_who_leaves_without_a_cover_is_replaced_by_the_next_up_who_hears_no_news_in_the_night() {
    let mut story = begins(&[("anna", r#"{ from = "2026-11-04" }"#)], &["anna"]);
    story.passes("2026-11-03T00:00:00Z").and_then().passes("2026-11-11T12:00:00Z");
    told(
        &mut story,
        &[("Wed 4 09:00", "new", "bela"), ("Mon 9 09:00", "reminder", "bela"), ("Wed 11 09:00", "escalation", "cili")],
    );
}

#[test]
fn who_stands_in_from_a_weekend_on_hears_it_in_the_night_where_no_opening_is_left() {
    let leaves = house(&[("anna", r#"{ from = "2026-11-07", cover = "dora" }"#)]) + "steps = [{ on = \"new\" }]\n";
    let mut story = Story::begins("2026-11-02T09:00:00Z", &leaves);
    let mut body = referral(&["anna"]);
    body["expirationDateTime"] = "2026-11-08T12:00:00Z".into();
    story.sees(body).and_then().passes("2026-11-07T12:00:00Z");
    told(&mut story, &[("Sat 7 00:00", "new", "dora")]);
}

#[test]
fn an_absence_of_somebody_else_costs_an_owner_no_step_of_the_weekend() {
    let leaves = house(&[("bela", r#"{ from = "2026-11-07", cover = "dora" }"#)])
        + "steps = [{ on = \"new\" }, { after = \"12h\", hours = \"always\" }]\n";
    let mut story = Story::begins("2026-11-06T18:00:00Z", &leaves);
    let mut body = referral(&["anna"]);
    body["createdDateTime"] = "2026-11-06T18:00:00Z".into();
    story.sees(body).passes("2026-11-09T12:00:00Z");
    told(&mut story, &[("Fri 6 18:00", "new", "anna"), ("Sat 7 06:00", "reminder", "anna")]);
}

#[test]
fn who_stands_in_hears_a_later_step_and_then_no_news_of_the_same_referral() {
    let leaves = house(&[("anna", r#"{ from = "2026-11-07", cover = "dora" }"#)])
        + "steps = [{ on = \"new\" }, { after = \"12h\", hours = \"always\" }]\n";
    let mut story = Story::begins("2026-11-06T18:00:00Z", &leaves);
    let mut body = referral(&["anna"]);
    body["createdDateTime"] = "2026-11-06T18:00:00Z".into();
    story.sees(body).and_then().passes("2026-11-09T12:00:00Z");
    told(&mut story, &[("Sat 7 06:00", "new", "dora")]);
}

#[test]
fn what_waits_for_an_owner_when_the_absence_begins_is_cancelled_and_the_cover_hears_it() {
    let mut story = begins(&[("anna", r#"{ from = "2026-11-03", to = "2026-11-06", cover = "dora" }"#)], &["anna"]);
    story.channel(&mail("anna"), Channel::Later(None)).passes("2026-11-02T23:00:00Z");
    assert_eq!(story.case(1).ledger.last().unwrap().fate, Fate::Queued);
    story.and_then().channel(&mail("anna"), Channel::Accepts).passes("2026-11-03T00:00:00Z");
    assert_eq!(story.case(1).ledger.last().unwrap().fate, Fate::Cancelled);
    story.passes("2026-11-03T12:00:00Z");
    told(&mut story, &[("Tue 3 09:00", "new", "dora")]);
}

#[test]
fn the_reason_for_what_was_cancelled_is_that_others_are_asked() {
    let mut story = begins(&[ANNA_OFF], &["anna"]);
    story.channel(&mail("anna"), Channel::Later(None)).passes("2026-11-08T23:00:00Z").and_then();
    story.walk.now = "2026-11-09T09:00:00Z".parse().unwrap();
    assert!(cancelled(&story, "@anna").contains(&WhyNot::OthersAsked), "{:?}", cancelled(&story, "@anna"));
}

#[test]
fn another_owner_in_the_team_hears_it_and_the_first_hears_only_of_its_end() {
    let mut story = begins(&[], &["anna"]);
    story.passes("2026-11-03T12:00:00Z").and_then();
    story.changes("r1", json!({"team": [{"email": "dora@contoso.com"}]})).polls();
    story.passes("2026-11-10T12:00:00Z").accepts("r1").polls();
    told(
        &mut story,
        &[
            ("Tue 3 12:00", "new", "dora"),
            ("Mon 9 09:00", "reminder", "dora"),
            ("Tue 10 12:00", "answered", "anna"),
            ("Tue 10 12:00", "answered", "dora"),
        ],
    );
}

#[test]
fn who_was_away_when_it_came_hears_it_once_back() {
    let mut story = begins(&[("anna", r#"{ from = "2026-10-26", to = "2026-11-07", cover = "dora" }"#)], &["anna"]);
    story.passes("2026-11-06T12:00:00Z").and_then().passes("2026-11-09T12:00:00Z");
    // Back since Sunday; on Monday morning there is already a later step than `new`.
    told(&mut story, &[("Mon 9 09:00", "new", "anna")]);
}

#[test]
fn a_step_that_reaches_nobody_goes_to_ops_and_says_why() {
    let mut story = begins(&[], &[]);
    story.passes("2026-11-11T12:00:00Z").accepts("r1").polls();
    told(
        &mut story,
        &[
            ("Mon 2 09:00", "new", "ops"),
            ("Mon 2 13:00", "reminder", "ops"),
            ("Mon 9 09:00", "reminder", "ops"),
            ("Wed 11 09:00", "escalation", "ops"),
            ("Wed 11 12:00", "answered", "ops"),
        ],
    );
    assert_eq!(reasons(&story)[0], ("ops".to_owned(), Because::InPlaceOf(Nobody::NoOwner)));
}

#[test]
fn an_escalation_of_an_owner_without_a_manager_goes_to_ops() {
    let mut story = begins(&[], &["cili"]);
    story.passes("2026-11-10T12:00:00Z").and_then().passes("2026-11-13T12:00:00Z");
    told(
        &mut story,
        &[
            ("Wed 11 09:00", "escalation", "ops"),
            ("Fri 13 09:00", "escalation", "cili"),
            ("Fri 13 09:00", "escalation", "ops"),
        ],
    );
    let last = story.taken.iter().rfind(|taken| taken.place == "ops").unwrap();
    assert_eq!(last.line.because, Because::InPlaceOf(Nobody::NoManager));
}

#[test]
fn an_expiry_is_told_to_those_who_were_asked_when_it_came_and_to_nobody_who_is_back_later() {
    let mut story = begins(&[("bela", r#"{ from = "2026-11-13", to = "2026-11-20", cover = "cili" }"#)], &["anna"]);
    story.passes("2026-11-16T00:30:00Z").and_then().expires("r1").polls().passes("2026-12-01T00:00:00Z");
    story.reloads(&house(&[])).polls().passes("2026-12-11T00:00:00Z");
    told(
        &mut story,
        &[
            ("Mon 16 09:00", "expired", "anna"),
            ("Mon 16 09:00", "expired", "bela"),
            ("Mon 16 09:00", "expired", "cili"),
        ],
    );
}
