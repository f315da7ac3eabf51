//! Mentions: of the owner in Slack, of the manager in Teams; and one that is refused.

use leadtime::demo::{
    inbox::{Medium, Received},
    sinks::{Fault, FaultKind},
};
use serde_json::Value;

use super::{Operator, usual};
use crate::commands_stage::Stage;

/// The stage's settings with people whom every new referral mentions, in Slack and in Teams.
fn with_people(stage: &Stage) -> String {
    let people = r#"
[people]
anna = { name = "Anna Kovács", slack = "U012AB3CD", teams = "anna@contoso.example", notify = ["sellers"], manager = "bela" }
bela = { name = "Béla Nagy", teams = "bela@contoso.example", notify = ["managers"] }

[[owners]]
people = ["anna"]

[[rules]]
name = "all"
steps = [{ on = "new", notify = ["sellers", "managers"], mention = ["@owners", "@managers"] }]
"#;
    usual(stage) + people
}

async fn begins() -> Operator {
    let stage = Stage::set().await;
    let settings = with_people(&stage);
    Operator::on(stage, move |_| settings, &[]).await
}

fn document(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

#[tokio::test]
async fn slack_mentions_whom_it_knows_and_names_the_other_and_teams_mentions_both() {
    let operator = begins().await;
    operator.stage.refer();
    operator.polls().await;
    let slack = operator.stage.message("it arrives", |message| message.sink == "sellers").await;
    assert!(slack.body.contains(r#"{"type":"user","user_id":"U012AB3CD"}"#), "{}", slack.body);
    assert!(slack.body.contains("For Béla Nagy."), "{}", slack.body);
    let teams = operator.stage.message("it arrives", |message| message.sink == "managers").await;
    let card = &document(&teams.body)["attachments"][0]["content"];
    let entities = card["msteams"]["entities"].as_array().unwrap();
    assert_eq!(entities.len(), 2, "{card}");
    let texts: Vec<&str> = card["body"].as_array().unwrap().iter().filter_map(|block| block["text"].as_str()).collect();
    for entity in entities {
        // Teams makes a mention only where both hold the same characters.
        let tag = entity["text"].as_str().unwrap();
        assert!(texts.iter().any(|text| text.contains(tag)), "{tag} is not in {texts:?}");
    }
    assert_eq!(entities[0]["mentioned"]["id"], "anna@contoso.example");
}

#[tokio::test]
async fn a_card_whose_mention_is_refused_goes_out_whole_without_it_and_ops_hears_whose_it_was() {
    let mut operator = begins().await;
    operator.stage.sinks.fail(Medium::Slack, None, Fault { kind: FaultKind::RefusesMentions, until: None });
    let id = operator.stage.refer();
    operator.polls().await;
    let full = operator.stage.message("it arrives", |message| message.sink == "sellers").await;
    assert!(document(&full.body)["blocks"].is_array() && !full.body.contains("user_id"), "{}", full.body);
    assert!(full.body.contains("For Anna Kovács and Béla Nagy."), "{}", full.body);
    assert!(full.body.contains(&id[..8]), "{}", full.body);
    let heard = operator.hears("sellers refuses the mention of U012AB3CD").await;
    assert!(heard.body.contains("[people]") && heard.body.contains("invalid_blocks"), "{}", heard.body);
    operator.sees(&["refuses the mention of U012AB3CD", "`leadtime reload`"]).await;
    // The next one names her at once: nothing is refused again.
    let refused = operator.stage.sinks.inbox().counts()[&Medium::Slack].refused;
    operator.turns_the_page();
    let next = operator.stage.refer();
    operator.polls().await;
    operator
        .stage
        .message("the next arrives", |message| message.sink == "sellers" && message.body.contains(&next[..8]))
        .await;
    assert_eq!(operator.stage.sinks.inbox().counts()[&Medium::Slack].refused, refused);
    // The id is put right, and she is mentioned again.
    operator.stage.sinks.mend(Medium::Slack, None);
    let settings = with_people(&operator.stage).replace("U012AB3CD", "U099ZZ9ZZ");
    operator.reloads(&settings).await;
    operator.hears("No longer so: sellers refuses the mention of U012AB3CD").await;
    operator.stage.refer();
    operator.polls().await;
    operator.stage.message("she is mentioned", |message| message.body.contains("U099ZZ9ZZ")).await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn teams_refuses_a_mention_with_a_400_of_its_own_and_gets_the_card_without() {
    let operator = begins().await;
    operator.stage.sinks.fail(Medium::Teams, Some("managers"), Fault { kind: FaultKind::RefusesMentions, until: None });
    let id = operator.stage.refer();
    operator.polls().await;
    let about = |message: &Received| message.sink == "managers" && message.body.contains(&id[..8]);
    let card = operator.stage.message("it arrives", about).await;
    let card = &document(&card.body)["attachments"][0]["content"];
    assert_eq!(card["msteams"]["entities"].as_array().map(Vec::len), Some(0), "{card}");
    assert!(card.to_string().contains("For Anna Kovács and Béla Nagy."), "{card}");
    operator.hears("managers refuses the mention of anna@contoso.example, bela@contoso.example").await;
}
