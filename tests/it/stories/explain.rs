//! `explain` tells a referral's story as it was played: each message that was sent, each that was not, and why.

use jiff::tz::TimeZone;
use leadtime::{
    core::{ids::CaseNumber, story::Waiting},
    messages::sentences::Teller,
    settings::{self, Settings},
    store::Store,
    web::{
        explain::{self, Explained},
        find::find,
        hand::NotDone,
        plan::{self, Wanted},
    },
};
use serde_json::{Value, json};

use crate::story::{Answer, Channel, Story, referral, usual};

fn settings_of(more: &str) -> Settings {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leadtime.toml");
    std::fs::write(&file, usual(more)).unwrap();
    settings::load(&file, std::iter::empty()).unwrap().0
}

fn explained(story: &Story, more: &str) -> Explained {
    let sketch = explain::sketch(&story.walk.state, CaseNumber(1), story.walk.now).unwrap();
    explain::finish(sketch, story.walk.store.as_ref(), &settings_of(more), true).unwrap()
}

/// The whole story, as the page has it but for the layout.
fn told(explained: &Explained) -> String {
    let teller = Teller::new(TimeZone::UTC, explained.now);
    let mut lines: Vec<String> = explained.standing.clone();
    let mut section = |name: &str, sentences: Vec<String>| {
        lines.extend((!sentences.is_empty()).then(|| format!("-- {name}")));
        lines.extend(sentences);
    };
    section("rules", explained.rules.iter().map(|rule| rule.sentence.clone()).collect());
    section("past", explained.past.iter().map(|one| format!("{} {}", teller.when(one.at), one.sentence)).collect());
    section("now", explained.pending.iter().map(|one| one.sentence.clone()).collect());
    section(
        "to come",
        explained.coming.iter().map(|one| format!("{} {}", teller.when(one.at), one.sentence)).collect(),
    );
    section("not sent", explained.unsent.iter().map(|one| one.sentence.clone()).collect());
    lines.join("\n")
}

fn fabrikam(more: Value) -> Value {
    let mut body = referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T00:00:00Z"));
    body["customerProfile"] = json!({
        "name": "Fabrikam Kft.", "address": {"country": "HU"}, "team": [{"email": "kati@fabrikam.example"}],
    });
    body["details"] =
        json!({"dealValue": 80_000, "currency": "EUR", "notes": "geheim", "customerRequestedContact": true});
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    body
}

#[test]
fn a_long_history_is_told_from_first_sight_to_the_answer() {
    let more = "[destinations.managers]\ntype = \"slack\"\nwebhook_url = \"https://hooks.slack.com/services/2\"\n\
        rate = \"none\"\nfallback = \"inbox\"\n\
        [[rules]]\nname = \"large\"\nwhen = \"value ge 500000\"\n\
        [[rules]]\nname = \"default\"\nsteps = [{ on = \"new\" }, { on = \"updated\" }, { after = \"4bh\" }, \
        { before_expiry = \"5bd\" }, { before_expiry = \"3bd\", escalate = true }, { before_expiry = \"1bd\", escalate = true }]\n\
        [[rules]]\nname = \"never\"\n[money]\ncurrency = \"EUR\"\n";
    let mut story = Story::begins("2026-11-02T09:00:00Z", more);
    story.sees(fabrikam(json!({})));
    story.channel("sellers", Channel::Later(None)).passes("2026-11-02T13:30:00Z");
    story.channel("sellers", Channel::Accepts).passes("2026-11-03T10:00:00Z");
    story.changes("r1", json!({"details": {"dealValue": 90_000}})).polls().passes("2026-11-04T10:00:00Z");
    story.changes("r1", json!({"expirationDateTime": "2026-11-19T00:00:00Z"})).polls().passes("2026-11-05T10:00:00Z");
    story.vanishes("r1", Answer::Forbidden).polls().passes("2026-11-13T10:00:00Z");
    story.channel("managers", Channel::RefusesAll).passes("2026-11-16T10:00:00Z");
    insta::assert_snapshot!("explained_open", told(&explained(&story, more)));

    story.opens(fabrikam(json!({"expirationDateTime": "2026-11-19T00:00:00Z"}))).accepts("r1").polls();
    story.passes("2026-11-17T10:00:00Z");
    insta::assert_snapshot!("explained_answered", told(&explained(&story, more)));
}

#[test]
fn what_waits_for_an_opening_and_what_a_broken_destination_holds_up_is_told() {
    let more = "[[rules]]\nname = \"default\"\nsteps = [{ on = \"new\", notify = [\"crm\"] }, { on = \"new\", hours = \"default\" }]\n";
    let mut story = Story::begins("2026-11-06T20:00:00Z", more);
    story.channel("crm", Channel::RefusesAll);
    story.sees(referral("r1", "2026-11-06T20:00:00Z", Some("2026-11-20T00:00:00Z")));
    let explained = explained(&story, more);
    assert!(matches!(explained.pending[0].waits[..], [Waiting::Broken { .. }]), "{:?}", explained.pending);
    insta::assert_snapshot!("explained_held_back", told(&explained));
}

#[test]
fn an_attempt_that_was_cut_off_is_no_attempt_under_way() {
    let more = "[[rules]]\nname = \"default\"\nsteps = [{ on = \"new\" }]\n";
    let mut story = Story::begins("2026-11-02T09:00:00Z", more);
    story.channel("sellers", Channel::Pending).sees(fabrikam(json!({})));
    let settings = settings_of(more);
    let told = |running| {
        let sketch = explain::sketch(&story.walk.state, CaseNumber(1), story.walk.now).unwrap();
        let explained = explain::finish(sketch, story.walk.store.as_ref(), &settings, running).unwrap();
        let sketch = plan::sketch(&story.walk.state, &Wanted::default(), story.walk.now);
        let (store, orders) = (story.walk.store.as_ref(), story.walk.state.orders());
        let plan = plan::finish(sketch, store, &settings, orders, &Wanted::default(), running).unwrap();
        [explained.pending[0].sentence.clone(), plan.waiting[0].sentence.clone()]
    };
    assert!(told(true).iter().all(|sentence| sentence.contains("It is being sent")), "{:?}", told(true));
    assert!(told(false).iter().all(|sentence| sentence.contains("it may have arrived")), "{:?}", told(false));
}

#[test]
fn an_estimate_an_unknown_rate_and_a_silent_rule_are_told() {
    let more = "[money]\ncurrency = \"EUR\"\n[[rules]]\nname = \"large\"\nwhen = \"value ge 50000\"\n\
        [[rules]]\nname = \"quiet\"\nsteps = []\n";
    let mut story = Story::begins("2026-11-02T09:00:00Z", more);
    let deal = json!({"details": {"dealValue": 60_000, "currency": "HUF"}, "expirationDateTime": null});
    story.sees(fabrikam(deal));
    insta::assert_snapshot!("explained_silent", told(&explained(&story, more)));
}

#[test]
fn repeats_that_a_later_step_came_before_are_one_line() {
    let more =
        "[[rules]]\nname = \"often\"\nsteps = [{ after = \"1h\", every = \"1h\" }, { before_expiry = \"2bd\" }]\n";
    let mut story = Story::begins("2026-11-13T10:00:00Z", more);
    story.sees(fabrikam(json!({})));
    let explained = explained(&story, more);
    let repeats: Vec<u32> =
        explained.unsent.iter().map(|unsent| unsent.unsent.repeats).filter(|more| *more > 0).collect();
    assert_eq!(repeats.len(), 1, "{}", told(&explained));
    assert!(explained.unsent.len() < 5);
}

#[test]
fn no_contact_and_no_note_is_in_what_is_told() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story.sees(fabrikam(json!({}))).passes("2026-11-12T10:00:00Z");
    let whole = serde_json::to_string(&explained(&story, "")).unwrap();
    assert!(whole.contains("Fabrikam Kft.") && whole.contains("HU"));
    assert!(!whole.contains("kati") && !whole.contains("geheim"), "{whole}");
    let sketch = plan::sketch(&story.walk.state, &Wanted::default(), story.walk.now);
    let settings = settings_of("");
    let plan = plan::finish(
        sketch,
        story.walk.store.as_ref(),
        &settings,
        story.walk.state.orders(),
        &Wanted::default(),
        false,
    );
    let whole = serde_json::to_string(&plan.unwrap()).unwrap();
    assert!(whole.contains("Fabrikam Kft.") && !whole.contains("kati") && !whole.contains("geheim"), "{whole}");
}

#[test]
fn every_message_that_left_is_in_the_story_and_no_other() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story.sees(fabrikam(json!({}))).passes("2026-11-13T12:00:00Z").accepts("r1").polls();
    let explained = explained(&story, "");
    let sent = explained.past.iter().filter(|past| past.sentence.contains(" went to ")).count();
    assert_eq!(sent, story.taken.len());
    assert!(explained.coming.is_empty() && explained.unsent.is_empty(), "{}", told(&explained));
}

#[test]
fn steps_that_an_answer_came_before_are_told_as_such() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story.sees(fabrikam(json!({}))).passes("2026-11-05T12:00:00Z").accepts("r1").polls();
    let not_sent: Vec<String> = explained(&story, "").unsent.into_iter().map(|unsent| unsent.sentence).collect();
    assert_eq!(not_sent.len(), 4, "{not_sent:?}");
    assert!(
        not_sent.iter().all(|sentence| sentence.ends_with("before that the referral was accepted.")),
        "{not_sent:?}"
    );
}

#[test]
fn a_referral_is_found_by_the_begin_of_its_id_or_of_a_messages_and_never_guessed() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    for id in ["0b9f1c2d-aa", "0b9f1c2d-bb", "0b9f", "77aa"] {
        story.opens(referral(id, "2026-11-02T09:00:00Z", None));
    }
    story.polls();
    let settings = settings_of("");
    let found = |text: &str| match find(story.walk.store.as_ref() as &dyn Store, &settings, text) {
        Ok(number) => Ok(number.0),
        Err(NotDone::Refused(refusal)) => Err(refusal.candidates.len()),
        Err(NotDone::Store(fault)) => panic!("{fault}"),
    };
    assert_eq!(found("77"), Ok(4));
    assert_eq!(found(" 77AA "), Ok(4));
    assert_eq!(found("0b9f"), Ok(3));
    assert_eq!(found("0b9f1c2d-b"), Ok(2));
    assert_eq!(found("0b9f1"), Err(2));
    assert_eq!(found("zz"), Err(0));
    assert_eq!(found(""), Err(0));
    let message =
        story.case(4).message_id(&story.taken.iter().find(|taken| taken.case == CaseNumber(4)).unwrap().line.key);
    assert_eq!(found(&message.to_string()), Ok(4));
    assert_eq!(found(&message.to_string()[..10]), Ok(4));
}

#[test]
fn the_next_messages_of_many_referrals_are_the_earliest_of_all() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story.walk.world.page_size = 100;
    for number in 0..120 {
        let minute = number % 60;
        story.opens(referral(&format!("r{number}"), &format!("2026-11-02T08:{minute:02}:00Z"), None));
    }
    story.polls().passes("2026-11-02T10:00:00Z");
    let (settings, orders) = (settings_of(""), story.walk.state.orders().clone());
    let of = |wanted: &Wanted| {
        let sketch = plan::sketch(&story.walk.state, wanted, story.walk.now);
        plan::finish(sketch, story.walk.store.as_ref(), &settings, &orders, wanted, false).unwrap()
    };
    let (next, all) = (of(&Wanted::default()), of(&Wanted { all: true, ..Wanted::default() }));
    assert_eq!((next.messages.len(), next.more), (plan::MESSAGES_MAX, true));
    assert_eq!((all.messages.len(), all.more), (120 * 7, false));
    let instants = |plan: &plan::Plan| plan.messages.iter().map(|message| message.at).collect::<Vec<_>>();
    assert_eq!(instants(&next), instants(&all)[..plan::MESSAGES_MAX]);
    let other = of(&Wanted { account: Some("fabrikam".into()), ..Wanted::default() });
    assert!(other.messages.is_empty());
}

#[test]
fn new_settings_are_planned_before_the_service_has_decided_by_them() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "[[rules]]\nname = \"quiet\"\nsteps = [{ on = \"new\" }]");
    story.sees(referral("r1", "2026-11-02T09:00:00Z", None));
    let more = "[[rules]]\nname = \"other\"\nsteps = [{ after = \"1h\", hours = \"always\" }]";
    let orders = std::sync::Arc::new(crate::story::orders(&usual(more)));
    let store = std::sync::Arc::new(story.walk.store.reopened());
    let state = leadtime::service::facts::State::load(store.clone(), orders.clone(), false, story.walk.now).unwrap();
    let sketch = plan::sketch(&state, &Wanted::default(), story.walk.now);
    let plan = plan::finish(sketch, store.as_ref(), &settings_of(more), &orders, &Wanted::default(), false).unwrap();
    assert_eq!(plan.messages[0].step, "after 1h");
}
