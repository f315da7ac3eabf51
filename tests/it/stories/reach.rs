//! How messages reach people: mail to the owners of each referral, who changes, who is away, and who has left.

use leadtime::{
    messages::{
        Form, Templates,
        content::{ChannelKind, Content},
        rendered::Body,
    },
    service::{compose::compose, facts::Job, prepare, whom},
    settings,
    store::{Store as _, layout},
};
use serde_json::{Value, json};

use crate::story::{Channel, Story, at};

/// Two owners in two zones, their manager, and a mail destination that leaves its recipients to each referral.
const HOUSE: &str = r#"
time_zone = "UTC"
notify = ["deal desk"]
escalate_to = ["managers"]

[ops]
notify = ["ops"]

[accounts.contoso]
tenant_id = "t"
client_id = "c"

[smtp]
host = "localhost"
from = "leadtime@contoso.com"

[destinations]
"deal desk" = { type = "email", to = ["@owners"], rate = "none" }
managers = { type = "slack", webhook_url = "https://hooks.slack.com/services/2", rate = "none" }
ops = { type = "stdout" }

[people]
anna = { name = "Anna Kovács", email = "anna@contoso.com", manager = "dora" }
bela = { name = "Béla Nagy", email = "bela@contoso.com", manager = "dora" }
dora = { name = "Dóra Kiss", email = "dora@contoso.com" }

[[rules]]
name = "all"
steps = [{ on = "new" }, { before_expiry = "5d" }]
"#;

fn owned_by(id: &str, people: &[&str]) -> Value {
    let team: Vec<Value> = people.iter().map(|name| json!({"email": format!("{name}@contoso.com")})).collect();
    json!({"id": id, "createdDateTime": "2026-11-02T09:00:00Z", "expirationDateTime": "2026-11-16T12:00:00Z", "team": team})
}

fn team(people: &[&str]) -> Value {
    json!({"team": owned_by("r", people)["team"]})
}

#[test]
fn each_owner_of_a_referral_gets_a_mail_of_their_own() {
    let mut story = Story::with("2026-11-02T09:00:00Z", HOUSE);
    story.opens(owned_by("r1", &["anna", "bela"])).sees(owned_by("r2", &["bela"])).expects(&[
        ("Mon 2 09:00", "new", "deal desk anna@contoso.com", "r1"),
        ("Mon 2 09:00", "new", "deal desk bela@contoso.com", "r1"),
        ("Mon 2 09:00", "new", "deal desk bela@contoso.com", "r2"),
    ]);
}

#[test]
fn an_address_of_somebody_else_s_in_the_team_gets_nothing() {
    let mut story = Story::with("2026-11-02T09:00:00Z", HOUSE);
    let mut referral = owned_by("r1", &["anna"]);
    referral["team"].as_array_mut().unwrap().push(json!({"email": "eve@elsewhere.example"}));
    story.sees(referral).expects(&[("Mon 2 09:00", "new", "deal desk anna@contoso.com", "r1")]);
}

#[test]
fn who_joins_the_team_while_a_mail_waits_gets_it_and_who_leaves_it_does_not() {
    let mut story = Story::with("2026-11-02T09:00:00Z", HOUSE);
    story.channel("deal desk anna@contoso.com", Channel::Later(Some(600)));
    story.channel("deal desk bela@contoso.com", Channel::Later(Some(600)));
    story.sees(owned_by("r1", &["anna", "bela"])).expects_nothing();
    story
        .channel("deal desk anna@contoso.com", Channel::Accepts)
        .channel("deal desk bela@contoso.com", Channel::Accepts);
    story.changes("r1", team(&["bela", "cili"])).polls().passes_minutes(20).expects(&[
        ("Mon 2 09:00", "new", "deal desk cili@contoso.com", "r1"),
        ("Mon 2 09:10", "new", "deal desk bela@contoso.com", "r1"),
    ]);
}

#[test]
fn who_left_the_team_after_another_had_the_mail_gets_none_and_the_journal_says_why() {
    let mut story = Story::with("2026-11-02T09:00:00Z", HOUSE);
    story.channel("deal desk anna@contoso.com", Channel::Later(Some(600)));
    story.sees(owned_by("r1", &["anna", "bela"]));
    story.expects(&[("Mon 2 09:00", "new", "deal desk bela@contoso.com", "r1")]);
    story.channel("deal desk anna@contoso.com", Channel::Accepts);
    story.changes("r1", team(&["bela"])).polls().passes_minutes(20).expects_nothing();
    let journal = story.walk.store.scan(layout::JOURNAL, None, 100).unwrap();
    let left = journal.iter().map(|(_, line)| String::from_utf8_lossy(line).into_owned());
    let left: Vec<String> = left.filter(|line| line.contains("recipient_left")).collect();
    assert!(left.len() == 1 && left[0].contains("anna@contoso.com"), "{left:?}");
}

#[test]
fn a_mail_that_waits_for_an_owner_outlives_a_restart_and_a_reload() {
    let mut story = Story::with("2026-11-02T09:00:00Z", HOUSE);
    story.channel("deal desk anna@contoso.com", Channel::Later(Some(600)));
    story.sees(owned_by("r1", &["anna"])).restarts().reloads_all(&HOUSE.replace("5d", "4d"));
    story.channel("deal desk anna@contoso.com", Channel::Accepts);
    story.passes_minutes(20).expects(&[("Mon 2 09:10", "new", "deal desk anna@contoso.com", "r1")]);
}

#[test]
fn of_many_readers_who_share_one_pace_the_one_with_an_escalation_is_first() {
    let slow = HOUSE
        .replacen("rate = \"none\"", "rate = \"1/m\"", 1)
        .replace("{ before_expiry = \"5d\" }", "{ before_expiry = \"5d\", escalate = true, notify = [\"deal desk\"] }");
    let mut story = Story::with("2026-11-02T09:00:00Z", &slow);
    let mut urgent = owned_by("r3", &["bela"]);
    urgent["expirationDateTime"] = "2026-11-05T12:00:00Z".into();
    story.opens(owned_by("r1", &["anna"])).opens(owned_by("r2", &["anna"])).sees(urgent).passes_minutes(5).expects(&[
        ("Mon 2 09:00", "escalation", "deal desk bela@contoso.com", "r3"),
        ("Mon 2 09:01", "new", "deal desk anna@contoso.com", "r1"),
        ("Mon 2 09:02", "new", "deal desk anna@contoso.com", "r2"),
    ]);
}

#[test]
fn a_mail_that_one_owner_refuses_goes_to_the_fallback_when_the_other_leaves_before_having_it() {
    let falls_back = HOUSE.replacen("rate = \"none\"", "rate = \"none\", fallback = \"managers\"", 1);
    let mut story = Story::with("2026-11-02T09:00:00Z", &falls_back);
    story.channel("deal desk anna@contoso.com", Channel::RefusesMessage);
    story.channel("deal desk bela@contoso.com", Channel::Later(Some(600)));
    story.sees(owned_by("r1", &["anna", "bela"])).and_then();
    story.changes("r1", team(&["anna"])).polls().expects(&[("Mon 2 09:00", "new", "managers", "r1")]);
}

#[test]
fn what_waits_for_a_channel_that_becomes_a_mail_to_owners_goes_to_them_alone() {
    let channel = HOUSE.replace(
        r#""deal desk" = { type = "email", to = ["@owners"], "#,
        r#""deal desk" = { type = "slack", webhook_url = "https://hooks.slack.com/services/1", "#,
    );
    let mut story = Story::with("2026-11-02T09:00:00Z", &channel);
    story.channel("deal desk", Channel::Later(Some(600))).sees(owned_by("r1", &["anna"]));
    story.channel("deal desk", Channel::Accepts).reloads_all(HOUSE).passes_minutes(20);
    story.expects(&[("Mon 2 09:00", "new", "deal desk anna@contoso.com", "r1")]);
}

#[test]
fn queues_of_people_are_forgotten_when_they_are_empty() {
    let mut story = Story::with("2026-11-02T09:00:00Z", HOUSE);
    for number in 0..50 {
        story.opens(owned_by(&format!("r{number}"), &[format!("seller{number}").as_str()]));
    }
    story.polls().take_told();
    let held = story.walk.state.queues().filter(|(lane, _)| lane.0.as_str() == "deal desk").count();
    assert_eq!(held, 1);
}

#[test]
fn an_owner_whose_address_refuses_mail_costs_the_others_nothing_and_ops_hears_once() {
    let mut story = Story::with("2026-11-02T09:00:00Z", HOUSE);
    story.channel("deal desk anna@contoso.com", Channel::RefusesMessage);
    story.opens(owned_by("r1", &["anna", "bela"])).sees(owned_by("r2", &["anna"])).expects(&[
        ("Mon 2 09:00", "new", "deal desk bela@contoso.com", "r1"),
        ("Mon 2 09:00", "trouble", "ops", "anna@contoso.com (deal desk) gets no mail"),
    ]);
}

#[test]
fn an_owner_who_left_the_company_and_the_settings_but_not_the_team_is_told_of_when_her_address_refuses() {
    let without_anna = HOUSE.replace("anna = {", "cili = {").replace("Anna Kovács", "Cili").replace("anna@", "cili@");
    let mut story = Story::with("2026-11-02T09:00:00Z", &without_anna);
    story.channel("deal desk anna@contoso.com", Channel::RefusesMessage);
    story.sees(owned_by("r1", &["anna"])).expects(&[(
        "Mon 2 09:00",
        "trouble",
        "ops",
        "anna@contoso.com (deal desk) gets no mail",
    )]);
    let refusing = story.walk.state.troubles().get("address/anna@contoso.com").unwrap();
    let told = refusing.told();
    assert!(told.todo.as_ref().unwrap().contains("out of the team in Partner Center"), "{told:?}");
}

#[test]
fn an_owner_who_is_away_for_good_is_replaced_up_the_line() {
    let left =
        HOUSE.replace("manager = \"dora\" }\nbela", "manager = \"dora\", away = [{ from = \"2026-10-01\" }] }\nbela");
    let mut story = Story::with("2026-11-02T09:00:00Z", &left);
    story.sees(owned_by("r1", &["anna"])).expects(&[("Mon 2 09:00", "new", "deal desk dora@contoso.com", "r1")]);
}

#[test]
fn a_referral_without_owners_goes_to_ops_which_says_so() {
    let mut story = Story::with("2026-11-02T09:00:00Z", HOUSE);
    story.sees(owned_by("r1", &[])).expects(&[("Mon 2 09:00", "new", "ops", "r1")]);
}

#[test]
fn a_mail_that_waits_for_its_only_owner_goes_to_the_next_one_when_she_goes_on_leave() {
    let leave = HOUSE.replace(
        "manager = \"dora\" }\nbela",
        "manager = \"dora\", away = [{ from = \"2026-11-03\", to = \"2026-11-08\", cover = \"bela\" }] }\nbela",
    );
    let mut story = Story::with("2026-11-02T23:50:00Z", &leave);
    story.channel("deal desk anna@contoso.com", Channel::Later(Some(900)));
    story.sees(owned_by("r1", &["anna"])).expects_nothing();
    story.passes("2026-11-03T09:30:00Z").expects(&[("Tue 3 00:00", "new", "deal desk bela@contoso.com", "r1")]);
}

/// The mails that go to these destinations now, and what each says.
pub fn said(toml: &str, now: &str, referral: Value, destinations: &[&str]) -> Vec<(Job, Content, String)> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leadtime.toml");
    std::fs::write(&file, toml).unwrap();
    let prepared = prepare::with(settings::load(&file, std::iter::empty()).unwrap().0).unwrap();
    let mut story = Story::with(now, toml);
    story.opens(referral).walk.poll().unwrap();
    while story.walk.state.look(100, at(now)).unwrap() {}
    let mut jobs_at = |name: &&str| story.walk.state.jobs(&(*name).into(), 10, at(now)).unwrap().jobs;
    let jobs: Vec<Job> = destinations.iter().flat_map(&mut jobs_at).collect();
    let say = |job: Job| {
        let content = compose(&job, &prepared, at(now)).unwrap();
        let (rendered, fault) = Templates::default().render(&content, ChannelKind::Email, Form::Full);
        assert_eq!(fault.map(|fault| fault.to_string()), None);
        let Body::Mail(mail) = rendered.body else { panic!("no mail") };
        let to = whom::addressees(&job, &prepared);
        (job, content, format!("{to:?}\n{}\n{}", mail.subject, mail.text))
    };
    jobs.into_iter().map(say).collect()
}

#[test]
fn mail_to_a_person_says_that_persons_name_and_not_how_the_settings_write_it() {
    let house = HOUSE.replace("notify = [\"deal desk\"]", "notify = [\"@owners\"]");
    let reason = |member: &str, destination: &str| {
        let said = said(&house, "2026-11-02T10:00:00Z", owned_by("r1", &[member]), &[destination]);
        let (_, content, _) = said.into_iter().next().unwrap();
        let Content::Referral(message) = content else { panic!("about one referral") };
        message.reason
    };
    let known = "You get this because rule “all” tells Anna Kovács of new referrals.";
    assert_eq!(reason("anna", "@anna"), known);
    assert_eq!(reason("zoe", "@team"), known.replace("Anna Kovács", "zoe@contoso.com"));
}

#[test]
fn who_stands_in_reads_for_whom_and_until_when_and_whom_the_mail_is_addressed_to() {
    let leave = HOUSE.replace(
        "manager = \"dora\" }\nbela",
        "manager = \"dora\", away = [{ from = \"2026-11-02\", to = \"2026-11-08\", cover = \"bela\" }] }\nbela",
    );
    let said = said(&leave, "2026-11-02T10:00:00Z", owned_by("r1", &["anna", "dora"]), &["deal desk"]);
    assert_eq!(said.len(), 2);
    let (job, _, text) = said.iter().find(|(job, ..)| job.lane.1.as_deref() == Some("bela@contoso.com")).unwrap();
    assert_eq!(job.among.len(), 2);
    assert!(text.contains("Béla Nagy, for Anna Kovács, away until Sun 8 Nov; Dóra Kiss"), "{text}");
    assert!(text.contains("You stand in for its owner, Anna Kovács, who is away until Sun 8 Nov."), "{text}");
    assert!(
        text.starts_with(r#"[(Some("Béla Nagy"), "bela@contoso.com"), (Some("Dóra Kiss"), "dora@contoso.com")]"#),
        "{text}"
    );
}

#[test]
fn what_reaches_nobody_says_why_it_comes_here_and_what_to_do() {
    let house = HOUSE.replace("ops = { type = \"stdout\" }", "ops = { type = \"email\", to = [\"ops@contoso.com\"] }");
    let said = said(&house, "2026-11-02T10:00:00Z", owned_by("r1", &[]), &["ops"]);
    let (_, _, text) = said.first().unwrap();
    assert!(text.contains("It was for its owner, and it has none"), "{text}");
    assert!(text.contains("[[owners]]"), "{text}");
}
