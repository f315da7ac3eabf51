//! What others hear of a claim: the next messages, `status`, `explain` and `plan`.

use jiff::SignedDuration;
use leadtime::demo::mail::Mail;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Claims, path_in, slip};
use crate::commands_stage::{Stage, client, told};

async fn json(claims: &Claims, path: &str) -> Value {
    claims.ask(Method::GET, path).await.json().await.unwrap()
}

#[tokio::test]
async fn status_explain_and_plan_say_who_has_it_as_long_as_that_holds() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    claims.presses(&claims.link("sellers").await, &[("act", "1"), ("who", "anna")]).await;
    claims.presses(&claims.link("managers").await, &[("act", "see"), ("name", "Béla")]).await;
    let claim = json!({
        "by": "Anna Kovács", "said": true, "at": "sellers",
        "since": "2026-11-04T09:00:00Z", "until": "2026-11-05T09:00:00Z",
    });
    let seen_to = json!([{"by": "Béla", "said": true, "at": "managers", "since": "2026-11-04T09:00:00Z"}]);
    let status = json(&claims, "/api/v1/status").await;
    assert_eq!(status["pending"][0]["claim"], claim, "{status}");
    let explained = claims.explained(&id).await;
    let plan = json(&claims, &format!("/api/v1/plan?id={id}")).await;
    for told in [&explained, &plan] {
        assert_eq!((&told["referral"]["claim"], &told["referral"]["seen_to"]), (&claim, &seen_to), "{told}");
    }
    for sentence in [
        "Anna Kovács (as was said there) said at sellers on Wed 4 Nov 10:00 that they will answer it; reminders rest until Thu \
         5 Nov 10:00, escalations do not.",
        "Béla (as was said there) said at managers on Wed 4 Nov 10:00 that they will see to it; nothing is repeated there until \
         the next step.",
    ] {
        assert!(explained["standing"].as_array().unwrap().contains(&sentence.into()), "{explained}");
        assert!(plan["notes"].as_array().unwrap().contains(&sentence.into()), "{plan}");
    }
    claims.passes(SignedDuration::from_hours(48));
    let status = json(&claims, "/api/v1/status").await;
    assert_eq!(status["pending"][0]["claim"], Value::Null, "its time is over");
}

#[tokio::test]
async fn the_next_message_says_who_has_it() {
    let claims = Claims::begin().await;
    claims.refer().await;
    claims.presses(&claims.link("anna@").await, &[("act", "1")]).await;
    // The managers' escalation is repeated each day, whoever has it.
    claims.passes(SignedDuration::from_hours(24));
    claims.poll().await;
    let told =
        |message: &leadtime::demo::inbox::Received| message.sink == "managers" && message.body.contains("Anna Kovács");
    let message = claims.stage.message("the escalation names her", told).await;
    assert!(message.body.contains("/claim/"), "{}", message.body);
}

#[tokio::test]
async fn without_an_address_of_its_own_leadtime_makes_no_links() {
    let claims = Claims::begin_with("", |settings| settings.replace("external_url", "# external_url")).await;
    claims.refer().await;
    let message = claims.stage.message("the first message", |message| message.sink == "sellers").await;
    assert!(!message.body.contains("/claim/"), "{}", message.body);
}

#[tokio::test]
async fn the_commands_show_who_has_it() {
    let stage = Stage::set().await;
    let listen = "listen = \"127.0.0.1:0\"";
    stage.rewrite(listen, &format!("{listen}\nexternal_url = \"https://leadtime.contoso.com\""));
    let id = stage.refer();
    let mut leadtime = stage.start(&[]);
    let at = leadtime.runs().await;
    let message = stage.message("the first message", |message| path_in(message).is_some()).await;
    let url = format!("{at}{}", path_in(&message).unwrap());
    let page = client().get(&url).send().await.unwrap().text().await.unwrap();
    let form = [("slip", slip(&page)), ("act", "1".to_owned()), ("name", "Anna\u{1b}[31m K.".to_owned())];
    client().post(&url).form(&form).send().await.unwrap();
    let (_, status, _) = told(&stage.done(&["status"]).await);
    assert!(status.contains("1 referral is claimed; reminders rest\n"), "{status}");
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let status = flat(&status);
    assert!(status.contains(": Anna[31m K. has it until") && status.contains("as was said at sellers)"), "{status}");
    let (_, explained, _) = told(&stage.done(&["explain", &id[..8]]).await);
    assert!(flat(&explained).contains("Anna[31m K. (as was said there) said at sellers"), "{explained}");
    let (_, plan, _) = told(&stage.done(&["plan", &id[..8]]).await);
    assert!(flat(&plan).contains("that they will answer it; reminders rest"), "{plan}");
}

#[tokio::test]
async fn mail_to_a_manager_names_nobody_to_attention_who_does_not_get_it() {
    let mentioned = |settings: String| {
        let settings = settings.replace("escalate_to = [\"managers\"]", "escalate_to = [\"@managers\", \"managers\"]");
        settings.replace("every = \"1d\" }", "every = \"1d\", mention = [\"@owners\"] }")
    };
    let claims = Claims::begin_with("", mentioned).await;
    claims.refer().await;
    let channel = claims.stage.message("the escalation", |message| message.sink == "managers").await;
    assert!(channel.body.contains("For Anna Kovács."), "without an id she is named in a channel: {}", channel.body);
    let mail = claims.stage.message("the escalation", |message| message.sink == "bela@contoso.com").await;
    let text = Mail::read(&mail.body).text.unwrap();
    assert!(text.contains("Ask Anna Kovács to accept or decline") && !text.contains("For Anna Kovács"), "{text}");
}

/// Reminders every hour, day and night, and managers who hear two hours after it came.
async fn with_many_repeats() -> (Claims, String) {
    let often = |settings: String| {
        let daily = "{ before_expiry = \"15d\", escalate = true, every = \"1d\" }";
        let settings = settings.replace(daily, "{ after = \"2h\", escalate = true, hours = \"always\" }");
        settings.replace("{ after = \"1bd\" }", "{ after = \"1h\", every = \"1h\", hours = \"always\" }")
    };
    let claims = Claims::begin_with("", often).await;
    let id = claims.refer().await;
    claims.presses(&claims.link("anna@").await, &[("act", "3")]).await;
    (claims, id)
}

#[tokio::test]
async fn what_a_claim_puts_off_to_its_end_is_one_sentence_however_often_it_was_to_be_repeated() {
    let (claims, id) = with_many_repeats().await;
    let explained = claims.explained(&id).await;
    let sentences = explained["pending"].as_array().unwrap().iter().map(|line| line["sentence"].as_str().unwrap());
    let sellers: Vec<&str> = sentences.filter(|sentence| sentence.contains("for sellers waits")).collect();
    let told = "A reminder for sellers waits until Mon 9 Nov 10:00, because somebody has claimed it, and reminders rest \
                until then; so do 119 repeats of it, and the latest speaks for all.";
    assert_eq!(sellers, [told], "{explained}");
}

#[tokio::test]
async fn a_message_names_once_who_hears_when_a_claim_has_ended() {
    let (claims, _) = with_many_repeats().await;
    claims.passes(SignedDuration::from_hours(2));
    claims.poll().await;
    let message = claims
        .stage
        .message("the escalation", |message| message.sink == "managers" && message.body.contains("If nobody answers"));
    let message = message.await;
    let (_, follows) = message.body.split_once("If nobody answers").unwrap();
    let follows: String = follows.chars().take(300).collect();
    assert!(!follows.contains("sellers, sellers") && !follows.contains("sellers and sellers"), "{follows}");
    assert!(follows.contains("sellers"), "{follows}");
}
