//! What an operator does by hand, with the real binary: beside a service that runs, and on the bare store.

use leadtime::{
    demo::{
        inbox::Medium,
        invent::Inventor,
        sinks::{Fault, FaultKind},
        world::Outage,
    },
    service::clock::{Clock as _, RealClock},
};
use rustix::process::Signal;
use serde_json::Value;

use crate::commands_stage::{Running, Stage, client, eventually, told};

fn slack(stage: &Stage, kind: FaultKind) {
    stage.sinks.fail(Medium::Slack, None, Fault { kind, until: None });
}

fn json(page: &str) -> Value {
    serde_json::from_str(page).unwrap_or_else(|fault| panic!("{fault}: {page}"))
}

async fn outbox(stage: &Stage) -> Value {
    let (code, page, err) = told(&stage.done(&["outbox", "list", "--json"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    json(&page)
}

async fn status(stage: &Stage) -> (i32, String) {
    let (code, page, err) = told(&stage.done(&["status"]).await);
    assert_eq!(err, "");
    (code, page)
}

/// Has every account polled now, by the socket.
async fn poll(stage: &Stage) {
    rustls::crypto::ring::default_provider().install_default().ok();
    let socket = reqwest::Client::builder().unix_socket(stage.socket()).build().unwrap();
    socket.post("http://localhost/api/v1/poll").send().await.unwrap();
}

/// A page without its line breaks.
fn flat(page: &str) -> String {
    page.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// No line is wider than a terminal, but the verdict.
fn fits(page: &str) {
    for line in page.lines().skip(1) {
        assert!(line.chars().count() <= 80, "wider than 80 columns: {line}\n{page}");
    }
}

/// A service whose message about a referral was given up; the referral's id.
async fn given_up(stage: &Stage) -> (Running, String) {
    slack(stage, FaultKind::Refuses);
    let id = stage.refer();
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    eventually("the message is given up", async || (outbox(stage).await["dead_total"] == 1).then_some(())).await;
    (leadtime, id)
}

fn short(entry: &Value) -> String {
    entry["id"].as_str().unwrap()[..8].to_owned()
}

#[tokio::test]
async fn a_message_that_was_given_up_is_seen_sent_after_all_and_the_trouble_is_over() {
    let stage = Stage::set().await;
    let (_leadtime, id) = given_up(&stage).await;
    let (code, page) = status(&stage).await;
    assert_eq!(code, 1);
    assert!(page.starts_with("TROUBLE since "), "{page}");
    assert!(
        page.lines()
            .next()
            .unwrap()
            .contains("(Slack answered 400 invalid_blocks). Do: Find out why sellers does not take it"),
        "{page}"
    );
    let row = page.lines().find(|line| line.starts_with("sellers")).unwrap();
    assert!(row.contains("refuses messages") && !row.contains("well"), "{page}");
    let (_, list, _) = told(&stage.done(&["outbox", "list"]).await);
    fits(&list);
    assert!(list.contains("No message waits\n") && list.contains("1 message was given up\n"), "{list}");
    assert!(list.contains(&id[..8]) && list.contains("invalid_blocks"), "{list}");
    stage.sinks.mend(Medium::Slack, None);
    let dead = short(&outbox(&stage).await["dead"][0]);
    let (code, done, err) = told(&stage.done(&["outbox", "retry", &dead]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(done.starts_with(&format!("{dead}  new to sellers about {}", &id[..8])), "{done}");
    assert!(flat(&done).ends_with("is tried now"), "{done}");
    stage.message("it arrives after all", |message| message.sink == "sellers").await;
    eventually("all is well again", async || (status(&stage).await.0 == 0).then_some(())).await;
}

#[tokio::test]
async fn all_of_a_destination_are_sent_after_all_and_what_was_answered_is_not() {
    let stage = Stage::set().await;
    let (leadtime, first) = given_up(&stage).await;
    let second = stage.refer();
    poll(&stage).await;
    eventually("both are given up", async || (outbox(&stage).await["dead_total"] == 2).then_some(())).await;
    stage.world.decline(&first, "no time").unwrap();
    poll(&stage).await;
    stage.sinks.mend(Medium::Slack, None);
    let (code, done, _) = told(&stage.done(&["outbox", "retry", "--all", "--destination", "sellers"]).await);
    assert_eq!(code, 0, "{done}");
    assert!(
        flat(&done).contains("is tried now") && flat(&done).contains("will not go out: the referral was declined on "),
        "{done}"
    );
    stage.message("the open one arrives", |message| message.body.contains(&second[..8])).await;
    let arrived = stage.sinks.inbox().messages();
    assert!(!arrived.iter().any(|message| message.sink == "sellers" && message.body.contains(&first[..8])));
    let (code, done, _) = told(&stage.done(&["outbox", "retry", "--all", "--destination", "sellers"]).await);
    assert_eq!((code, done.as_str()), (0, "nothing was given up there, and nothing waits for a later attempt\n"));
    let (code, _, err) = told(&stage.done(&["outbox", "retry", "--all", "--destination", "nowhere"]).await);
    assert_eq!(code, 2);
    assert!(err.contains("take one of managers, sellers"), "{err}");
    assert_eq!(leadtime.stop().await, 0);
}

#[tokio::test]
async fn a_message_that_fails_is_listed_with_its_reason_tried_at_once_and_dropped() {
    let stage = Stage::set().await;
    slack(&stage, FaultKind::Throttled { retry_after: 600 });
    stage.refer();
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let failing = eventually("it fails", async || {
        let waiting = outbox(&stage).await["waiting"][0].clone();
        (waiting["state"] == "failing").then_some(waiting)
    })
    .await;
    assert!(failing["next_attempt"].is_string() && failing["last_error"].is_string(), "{failing}");
    let (_, list, _) = told(&stage.done(&["outbox", "list", "--destination", "sellers", "--state", "waiting"]).await);
    fits(&list);
    assert!(list.starts_with("1 message waits\n") && list.contains("1 attempt, next "), "{list}");
    assert_eq!(told(&stage.done(&["outbox", "retry", &short(&failing)]).await).0, 0);
    eventually("it was tried again", async || {
        let waiting = outbox(&stage).await["waiting"][0].clone();
        (waiting["attempts"] == 2 && waiting["state"] == "failing").then_some(())
    })
    .await;
    let (code, done, _) = told(&stage.done(&["outbox", "drop", &short(&failing)]).await);
    assert!(code == 0 && flat(&done).contains("dropped; it will not be sent"), "{done}");
    assert_eq!(outbox(&stage).await["waiting_total"], 0);
    stage.sinks.mend(Medium::Slack, None);
    let (code, _, err) = told(&stage.done(&["outbox", "retry", &short(&failing)]).await);
    assert!(code == 1 && err.contains("no message in the outbox has an id that begins with"), "{err}");
    assert_eq!(told(&stage.done(&["outbox", "retry", "no-id!"]).await).0, 2);
    assert_eq!(told(&stage.done(&["outbox", "retry"]).await).0, 2);
}

#[tokio::test]
async fn a_message_under_way_cannot_be_taken_back() {
    let stage = Stage::set().await;
    stage.sinks.hold_answers(true);
    stage.refer();
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let under_way = eventually("it is under way", async || {
        let waiting = outbox(&stage).await["waiting"][0].clone();
        (waiting["state"] == "under_way").then_some(waiting)
    })
    .await;
    let (code, done, _) = told(&stage.done(&["outbox", "drop", &short(&under_way)]).await);
    assert!(code == 1 && flat(&done).contains("is under way since "), "{done}");
    stage.sinks.hold_answers(false);
}

#[tokio::test]
async fn without_a_service_the_same_is_done_on_the_store_and_nothing_is_sent_before_one_runs() {
    let stage = Stage::set().await;
    let (leadtime, id) = given_up(&stage).await;
    assert_eq!(leadtime.stop().await, 0);
    stage.sinks.mend(Medium::Slack, None);
    let (_, list, _) = told(&stage.done(&["outbox", "list"]).await);
    assert!(list.contains("1 message was given up") && list.contains("leadtime is not running"), "{list}");
    let (code, done, err) = told(&stage.done(&["outbox", "retry", "--all", "--destination", "sellers"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(flat(&done).contains("is tried as soon as leadtime runs"), "{done}");
    let (code, done, err) = told(&stage.done(&["mute", &id[..8], "--reason", "they asked us to wait"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(flat(&done).contains("1 message that waited is cancelled"), "{done}");
    let sellers = || stage.sinks.inbox().messages().iter().filter(|message| message.sink == "sellers").count();
    assert_eq!(sellers(), 0);
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let (code, done, _) = told(&stage.done(&["unmute", &id[..8]]).await);
    assert!(code == 0 && flat(&done).contains("no longer muted; due now: new to sellers"), "{done}");
    stage.message("it arrives", |message| message.sink == "sellers").await;
}

#[tokio::test]
async fn a_muted_referral_is_shown_with_its_reason_and_one_that_is_over_is_not_muted() {
    let stage = Stage::set().await;
    let id = stage.refer();
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    stage.message("it is told", |message| message.sink == "sellers").await;
    let reason = ["--reason", "the customer asked us to wait"];
    let (code, done, err) =
        told(&stage.done(&[&["mute", &id[..8], "--until", "2099-12-01", "--by", "anna"], &reason[..]].concat()).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(flat(&done).contains("muted until Tue 1 Dec 00:00: only its expiry is told"), "{done}");
    let (code, page) = status(&stage).await;
    assert_eq!(code, 0);
    fits(&page);
    assert!(page.contains("1 referral is muted; nothing but an expiry is told\n"), "{page}");
    assert!(
        page.contains("No referral waits for an answer.") && page.contains("the customer asked us to wait"),
        "{page}"
    );
    assert!(flat(&page).contains("the customer asked us to wait (by anna, since"), "{page}");
    let (_, page, _) = told(&stage.done(&["explain", &id[..8]]).await);
    assert!(flat(&page).contains("anna muted it until"), "{page}");
    for (until, code) in [("2020-01-01", 2), ("soon", 2)] {
        let args = [&["mute", &id[..8], "--until", until], &reason[..]].concat();
        assert_eq!(told(&stage.done(&args).await).0, code, "{until}");
    }
    let (code, _, err) = told(&stage.done(&["mute", "zzzz", "--reason", "x"]).await);
    assert!(code == 1 && err.contains("no referral that leadtime has seen"), "{err}");
    assert_eq!(told(&stage.done(&["unmute", &id]).await).0, 0);
    stage.world.decline(&id, "no time").unwrap();
    poll(&stage).await;
    let (code, _, err) = told(&stage.done(&[&["mute", &id[..8]], &reason[..]].concat()).await);
    assert!(code == 1 && err.contains("it was declined on "), "{err}");
}

#[tokio::test]
async fn an_id_that_begins_several_is_answered_with_all_of_them() {
    let stage = Stage::set().await;
    let mut inventor = Inventor::new(7);
    for last in ["a", "b"] {
        let mut body = inventor.invent(RealClock.now() - jiff::SignedDuration::from_mins(1)).body();
        body["id"] = format!("3f8a91c2-0000-4000-8000-00000000000{last}").into();
        stage.world.add([body]).unwrap();
    }
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    stage.message("one is told", |message| message.sink == "sellers").await;
    let (code, out, err) = told(&stage.done(&["mute", "3f8a91c2", "--reason", "x"]).await);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.starts_with("2 referrals have ids that begin with 3f8a91c2; type more of it"), "{err}");
    assert_eq!(err.lines().filter(|line| line.ends_with(" in contoso")).count(), 2, "{err}");
}

#[tokio::test]
async fn a_reload_says_what_is_in_force_what_needs_a_start_and_every_fault() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let (code, out, err) = told(&stage.done(&["reload"]).await);
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("in force: 1 account, 2 destinations (slack, teams)"), "{out}");
    stage.rewrite("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:1\"");
    let (code, out, _) = told(&stage.done(&["reload"]).await);
    assert!(
        code == 0 && out.contains("[web] listen has changed; that takes effect when leadtime is started anew"),
        "{out}"
    );
    stage.rewrite("notify = [\"sellers\"]", "notify = [\"nobody\"]");
    let (code, out, err) = told(&stage.done(&["reload"]).await);
    assert_eq!((code, out.as_str()), (2, ""));
    let (_, _, checked) = told(&stage.done(&["check"]).await);
    let fault = checked.lines().find(|line| line.contains("nobody")).unwrap();
    assert!(err.contains(fault) && err.ends_with("the old ones stay in force\n"), "{err}");
    assert!(status(&stage).await.1.contains("then run `leadtime reload`."));
    stage.write(&stage.settings());
    let (code, out, _) = told(&stage.done(&["reload", "--json"]).await);
    assert_eq!((code, &json(&out)["ok"]), (0, &true.into()));
    assert_eq!(status(&stage).await.0, 0, "doing what it says mends it");
    assert_eq!(leadtime.stop().await, 0);
    let (code, _, err) = told(&stage.done(&["reload"]).await);
    assert!(code == 1 && err.contains("leadtime is not running, so there is nothing to reload"), "{err}");
}

#[tokio::test]
async fn until_the_next_start_each_reload_names_the_new_port_and_health_asks_where_it_is_answered() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    stage.rewrite("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:1\"");
    for _ in 0..2 {
        let (code, out, _) = told(&stage.done(&["reload", "--json"]).await);
        assert_eq!((code, &json(&out)["needs_start"]), (0, &serde_json::json!(["[web] listen"])));
    }
    let (code, out, err) = told(&stage.done(&["health", "--json"]).await);
    assert_eq!((code, &json(&out)["state"]), (0, &"running".into()), "{err}");
    assert!(json(&out).as_object().unwrap().get("why").is_some_and(Value::is_null), "{out}");
    stage.write(&stage.settings());
    let (_, out, _) = told(&stage.done(&["reload", "--json"]).await);
    assert_eq!(json(&out)["needs_start"], serde_json::json!([]), "as it was at the start");
    assert_eq!(leadtime.stop().await, 0);
    let (code, _, err) = told(&stage.done(&["health"]).await);
    assert!(code == 1 && err.contains("is it running?"), "{err}");
}

#[tokio::test]
async fn the_worst_of_several_troubles_is_the_verdict_and_the_rest_are_counted() {
    let stage = Stage::set().await;
    let (_leadtime, _) = given_up(&stage).await;
    stage.world.set_outage(Some(Outage::Forbidden));
    poll(&stage).await;
    let page = eventually("both show", async || {
        let (code, page) = status(&stage).await;
        (code == 1 && page.contains("(and 1 more, below)")).then_some(page)
    })
    .await;
    fits(&page);
    let verdict = page.lines().next().unwrap();
    assert!(verdict.contains("contoso cannot be read") && verdict.contains("Do: "), "{page}");
    assert!(page.contains("A message to sellers was given up ("), "{page}");
}

#[tokio::test]
async fn an_account_that_was_never_read_whole_is_no_well() {
    let stage = Stage::set().await;
    stage.world.set_outage(Some(Outage::Throttled { retry_after: 600 }));
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let page = eventually("the first poll has failed", async || {
        let (code, page) = status(&stage).await;
        (code == 1).then_some(page)
    })
    .await;
    assert!(page.contains("contoso has never been read whole"), "{page}");
    fits(&page);
}

#[tokio::test]
async fn a_service_that_is_gone_is_not_well_however_lately_it_polled() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    eventually("it is well", async || status(&stage).await.1.starts_with("All well. Nothing").then_some(())).await;
    assert_eq!(leadtime.stop().await, 0);
    let (code, page) = status(&stage).await;
    assert_eq!(code, 1);
    assert!(page.contains("leadtime is not running. Do: Start `leadtime run`"), "{page}");
    fits(&page);
}

#[tokio::test]
async fn a_dry_run_logs_what_would_be_sent_and_sends_nothing() {
    let stage = Stage::set().await;
    let id = stage.refer();
    let mut leadtime = stage.start(&["--dry-run"]);
    let line = leadtime.says("would be sent").await;
    assert_eq!((&line["destination"], &line["event"]), (&"sellers".into(), &"new".into()));
    assert_eq!((&line["referral"], &line["level"]), (&id.as_str().into(), &"INFO".into()));
    assert!(line["id"].is_string());
    let (code, page) = status(&stage).await;
    assert_eq!(code, 0);
    assert!(page.starts_with("All well, and nothing is sent (--dry-run). 1 message would be."), "{page}");
    leadtime.signal(Signal::TERM);
    assert!(leadtime.ends().await.success());
    assert!(stage.sinks.inbox().messages().is_empty());
}

#[tokio::test]
async fn a_dry_run_logs_many_messages_as_the_one_digest_that_would_be_sent() {
    let stage = Stage::set().await;
    (0..6).for_each(|_| drop(stage.refer()));
    let mut leadtime = stage.start(&["--dry-run"]);
    let line = leadtime.says("would be sent").await;
    assert_eq!((&line["event"], &line["referrals"]), (&"digest".into(), &6.into()));
    assert!(line["referral"].is_null(), "{line}");
    leadtime.signal(Signal::TERM);
    assert!(leadtime.ends().await.success());
    let mut leadtime = stage.start(&[]);
    let sent = leadtime.says("sent").await;
    assert_eq!((&sent["event"], &sent["referrals"], &sent["id"]), (&"digest".into(), &6.into(), &line["id"]));
}

#[tokio::test]
async fn a_foreign_page_can_do_nothing_by_hand() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    let at = leadtime.runs().await;
    for path in ["outbox/retry", "outbox/drop", "mute", "unmute", "reload"] {
        let post = || client().post(format!("{at}/api/v1/{path}"));
        let foreign =
            post().header("origin", "https://evil.example").json(&serde_json::json!({})).send().await.unwrap();
        assert_eq!(foreign.status(), 403, "{path}");
        assert_eq!(client().get(format!("{at}/api/v1/{path}")).send().await.unwrap().status(), 405, "{path}");
    }
}

#[tokio::test]
async fn what_waits_behind_a_failing_message_says_so_and_the_verdict_too() {
    let stage = Stage::set().await;
    slack(&stage, FaultKind::Throttled { retry_after: 600 });
    stage.refer();
    stage.refer();
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    eventually("one fails", async || {
        let waiting = outbox(&stage).await["waiting"].clone();
        (waiting.as_array()?.iter().any(|entry| entry["state"] == "failing")).then_some(())
    })
    .await;
    let (_, list, _) = told(&stage.done(&["outbox", "list"]).await);
    fits(&list);
    assert!(
        flat(&list).contains("waits for sellers, tried next in ") && list.contains("1 attempt, next in "),
        "{list}"
    );
    let (code, page) = status(&stage).await;
    assert!(code == 0 && page.starts_with("All well so far: what waits is tried again by itself"), "{page}");
}
