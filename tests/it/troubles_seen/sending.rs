//! Destinations: refusing, failing, one address of many, a message that nobody takes, a template; and the two signs of
//! life, to a channel and to an outside watcher.

use leadtime::demo::{
    inbox::{Medium, Received},
    sinks::{Fault, FaultKind},
    smtp_sink,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use super::{Operator, usual};
use crate::commands_stage::{Stage, eventually, told};

fn breaks(operator: &Operator, kind: FaultKind) {
    operator.stage.sinks.fail(Medium::Slack, Some("sellers"), Fault { kind, until: None });
}

fn is_mended(operator: &Operator) {
    operator.stage.sinks.mend(Medium::Slack, Some("sellers"));
}

fn to_sellers(message: &Received) -> bool {
    message.sink == "sellers"
}

#[tokio::test]
async fn a_destination_that_refuses_everything_is_told_and_a_reload_sends_what_waited() {
    let mut operator = Operator::begins().await;
    breaks(&operator, FaultKind::Gone);
    operator.stage.refer();
    operator.polls().await;
    let heard = operator.hears("sellers refuses every message").await;
    assert!(heard.body.contains("no_service"), "{}", heard.body);
    assert!(heard.body.contains("Its messages wait meanwhile, as it has no fallback"), "{}", heard.body);
    operator.sees(&["sellers refuses every message", "tried again at once"]).await;
    is_mended(&operator);
    let settings = usual(&operator.stage);
    operator.reloads(&settings).await;
    operator.stage.message("it arrives", to_sellers).await;
    let end = operator.hears("sellers takes messages again").await;
    assert!(end.body.contains("1 message waited for "), "{}", end.body);
    operator.sees_all_well().await;
}

#[tokio::test]
async fn what_a_broken_destination_missed_went_to_its_fallback_and_a_test_shows_that_it_is_mended() {
    let with_fallback = |settings: String| settings.replace("sellers = { ", "sellers = { fallback = \"managers\", ");
    let mut operator = Operator::with(with_fallback).await;
    breaks(&operator, FaultKind::Gone);
    let id = operator.stage.refer();
    operator.polls().await;
    operator.hears("Its messages go to managers meanwhile").await;
    operator.hears(&id[..8]).await;
    // Still broken: the test that a reload sends is refused, and goes nowhere else.
    let settings = with_fallback(usual(&operator.stage));
    operator.reloads(&settings).await;
    operator.leadtime.says("a message was not accepted").await;
    operator.sees(&["sellers refuses every message"]).await;
    is_mended(&operator);
    operator.reloads(&settings).await;
    let tested = operator.stage.message("it is tried", to_sellers).await;
    assert!(tested.first_line.contains("this destination works again"), "{}", tested.first_line);
    let end = operator.hears("sellers takes messages again").await;
    assert!(end.body.contains("1 went to managers meanwhile"), "{}", end.body);
    operator.sees_all_well().await;
    assert!(operator.heard().iter().all(|message| !message.body.contains("this destination works again")));
}

#[tokio::test]
async fn a_destination_that_asks_for_hours_is_left_alone_and_told_and_a_reload_tries_it() {
    let mut operator = Operator::begins().await;
    breaks(&operator, FaultKind::Throttled { retry_after: 7_200 });
    operator.stage.refer();
    operator.polls().await;
    let heard = operator.hears("sellers takes no messages").await;
    assert!(heard.body.contains("It asks to be left alone for 2 h"), "{}", heard.body);
    operator.sees(&["sellers takes no messages", "`leadtime send-test sellers`"]).await;
    is_mended(&operator);
    let (code, page, _) = told(&operator.stage.done(&["send-test", "sellers"]).await);
    assert_eq!(code, 0, "{page}");
    let settings = usual(&operator.stage);
    operator.reloads(&settings).await;
    let end = operator.hears("sellers takes messages again").await;
    assert!(end.body.contains("1 message waited for "), "{}", end.body);
    operator.sees_all_well().await;
}

#[tokio::test]
async fn an_address_that_gets_no_mail_is_told_and_its_next_mail_ends_that() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let stage = crate::commands_stage::Stage::set().await;
    let stop = CancellationToken::new();
    tokio::spawn(smtp_sink::serve(stage.sinks.clone(), listener, stop.clone()));
    let _stop = stop.drop_guard();
    let gone = Fault { kind: FaultKind::Gone, until: None };
    stage.sinks.fail(Medium::Email, Some("gone@contoso.example"), gone);
    let mail = format!(
        "\n[smtp]\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nfrom = \"leadtime@contoso.example\"\n\
         [destinations.desk]\ntype = \"email\"\nto = [\"anna@contoso.example\", \"gone@contoso.example\"]\n\
         hours = \"always\"\nrate = \"none\"\n"
    );
    let change = |settings: String| settings.replace("notify = [\"sellers\"]", "notify = [\"desk\"]") + &mail;
    let operator = Operator::on(stage, change, &[]).await;
    let first = operator.stage.refer();
    operator.polls().await;
    let heard = operator.hears("gone@contoso.example (desk) gets no mail").await;
    assert!(heard.body.contains("550"), "{}", heard.body);
    operator.sees(&["gone@contoso.example (desk) gets no mail"]).await;
    operator.stage.message("the other has it", |message| message.sink == "anna@contoso.example").await;
    operator.stage.sinks.mend(Medium::Email, Some("gone@contoso.example"));
    operator.stage.refer();
    operator.polls().await;
    operator.hears("gone@contoso.example gets mail again").await;
    operator.sees_all_well().await;
    let (code, page, _) = told(&operator.stage.done(&["outbox", "retry", "--all", "--destination", "desk"]).await);
    assert_eq!(code, 0, "{page}");
    let first = |message: &Received| message.sink == "gone@contoso.example" && message.body.contains(&first[..8]);
    operator.stage.message("what it missed comes too", first).await;
}

#[tokio::test]
async fn a_message_that_was_given_up_is_told_with_its_reason_and_the_retry_that_it_names_sends_it() {
    let operator = Operator::begins().await;
    breaks(&operator, FaultKind::Refuses);
    let id = operator.stage.refer();
    operator.polls().await;
    let heard = operator.hears("A message to sellers was given up").await;
    assert!(heard.body.contains("invalid_blocks"), "{}", heard.body);
    let retry = "`leadtime outbox retry --all --destination sellers`";
    operator.sees(&["A message to sellers was given up", "Find out why sellers does not take it", retry]).await;
    is_mended(&operator);
    let (code, page, err) = told(&operator.stage.done(&["outbox", "retry", "--all", "--destination", "sellers"]).await);
    assert_eq!((code, err.as_str()), (0, ""), "{page}");
    operator.stage.message("it arrives", |message| to_sellers(message) && message.body.contains(&id[..8])).await;
    operator.hears("No message to sellers is left that was given up").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_message_whose_answer_was_lost_comes_again_marked_and_explain_says_why() {
    let operator = Operator::begins().await;
    operator.stage.sinks.hold_answers(true);
    let id = operator.stage.refer();
    operator.polls().await;
    operator.stage.message("it is taken, and nobody knows", to_sellers).await;
    let Operator { stage, leadtime, .. } = operator;
    // Killed, not stopped.
    drop(leadtime);
    stage.sinks.hold_answers(false);
    let operator = Operator::starts(stage, &[], &[]).await;
    let mark = "This may be a repeat: what became of the last attempt is not known.";
    let again = operator.stage.message("it comes again", |message| message.body.contains(mark)).await;
    assert!(to_sellers(&again) && again.body.contains(&id[..8]), "{}", again.body);
    let why = "It may have come twice, and was marked so: what became of an attempt before is not known.";
    eventually("explain says so", async || {
        let (_, page, _) = told(&operator.stage.done(&["explain", &id]).await);
        page.split_whitespace().collect::<Vec<_>>().join(" ").contains(why).then_some(())
    })
    .await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_template_that_fails_is_told_once_costs_no_message_and_is_over_when_it_is_mended() {
    let stage = crate::commands_stage::Stage::set().await;
    let templates = stage.folder.path().join("templates/slack");
    std::fs::create_dir_all(&templates).unwrap();
    let file = templates.join("new.json.hbs");
    // What it renders is no JSON once somebody has marked the referral as a favourite.
    std::fs::write(&file, r#"{"text": "{{headline}}" {{#if referral.favorite}} oh {{/if}} }"#).unwrap();
    let change = |settings: String| format!("{settings}\n[templates]\npath = \"templates\"\n");
    let mut operator = Operator::on(stage, change, &[]).await;
    let favourite = operator.stage.refer();
    operator.stage.world.change(&favourite, "favorite", true.into()).unwrap();
    operator.polls().await;
    let heard = operator.hears("The template slack/new.json.hbs fails").await;
    assert!(heard.body.contains("go out by the built-in template meanwhile"), "{}", heard.body);
    operator
        .stage
        .message("it goes out", |message| to_sellers(message) && message.body.contains(&favourite[..8]))
        .await;
    operator.sees(&["The template slack/new.json.hbs fails", "`leadtime check`"]).await;

    let settings = change(usual(&operator.stage));
    operator.turns_the_page();
    operator.reloads(&settings).await;
    operator.sees(&["The template slack/new.json.hbs fails"]).await;
    assert_eq!(operator.heard().len(), 0, "it still fails, and nobody says otherwise");

    std::fs::write(&file, r#"{"text": "{{headline}}"}"#).unwrap();
    assert_eq!(told(&operator.stage.done(&["check"]).await).0, 0);
    operator.reloads(&settings).await;
    operator.hears("No longer so: The template slack/new.json.hbs fails").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_destination_that_would_be_switched_off_for_silence_hears_that_all_is_well() {
    let keepalive = |settings: String| settings.replace("sellers = { ", "sellers = { keepalive = \"1s\", ");
    let mut operator = Operator::with(keepalive).await;
    let settings = keepalive(usual(&operator.stage));
    // It looks at every turn, and at each reload.
    let alive = loop {
        operator.reloads(&settings).await;
        let messages = operator.stage.sinks.inbox().messages();
        if let Some(alive) = messages.into_iter().find(|message| to_sellers(message)) {
            break alive;
        }
    };
    assert!(alive.first_line.contains("All well: leadtime is running"), "{}", alive.first_line);
    assert!(alive.body.contains("keeps its workflow from being switched off"), "{}", alive.body);
    assert!(alive.body.contains("`keepalive` asks for it"), "{}", alive.body);
    assert_eq!(operator.heard().len(), 0, "who did not ask for it does not get it");
}

#[tokio::test]
async fn a_heartbeat_that_is_not_taken_is_told_and_its_return_too() {
    let watcher = MockServer::start().await;
    let ping = |status| Mock::given(method("GET")).and(path("/ping")).respond_with(ResponseTemplate::new(status));
    let refuses = ping(404).mount_as_scoped(&watcher).await;
    let url = format!("[ops]\nheartbeat_url = \"{}/ping\"", watcher.uri());
    let operator = Operator::with(|settings| settings.replace("[ops]", &url)).await;
    for _ in 0..3 {
        let before = watcher.received_requests().await.unwrap().len();
        operator.polls().await;
        eventually("the watcher is asked", async || {
            (watcher.received_requests().await.unwrap().len() > before).then_some(())
        })
        .await;
    }
    let heard = operator.hears("The heartbeat is not taken").await;
    assert!(heard.body.contains("It answers 404."), "{}", heard.body);
    assert!(!heard.body.contains("/ping"), "the address is a secret: {}", heard.body);
    operator.sees(&["The heartbeat is not taken", "`heartbeat_url` of [ops]"]).await;
    drop(refuses);
    ping(200).mount(&watcher).await;
    operator.polls().await;
    operator.hears("The heartbeat is taken again").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn an_outside_watcher_never_takes_who_sends_nothing_for_who_does() {
    let watcher = MockServer::start().await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(200)).mount(&watcher).await;
    let stage = Stage::set().await;
    let url = format!("[ops]\nheartbeat_url = \"{}/ping\"", watcher.uri());
    stage.write(&usual(&stage).replace("[ops]", &url));
    let operator = Operator::starts(stage, &["--dry-run"], &[]).await;
    for _ in 0..3 {
        let polled = operator.polls().await;
        assert_eq!(polled["whole"], true, "{polled}");
    }
    let (code, page, _) = told(&operator.stage.done(&["status"]).await);
    assert!(code == 0 && page.starts_with("All well, and nothing is sent (--dry-run)."), "{page}");
    operator.stops().await;
    assert_eq!(watcher.received_requests().await.unwrap().len(), 0);
}
