//! Health, metrics and the API, over the port and over the socket, of a service that runs.

use std::{collections::BTreeSet, os::unix::fs::PermissionsExt as _};

use leadtime::demo::{
    inbox::Medium,
    sinks::{Fault, FaultKind},
    world::Outage,
};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

use crate::commands_stage::{Running, Stage, client, eventually, now, told};

/// A service that runs, and where it listens.
async fn service(stage: &Stage) -> (Running, String) {
    let mut leadtime = stage.start(&[]);
    let address = leadtime.runs().await;
    (leadtime, address)
}

async fn status_of(request: RequestBuilder) -> StatusCode {
    request.send().await.unwrap().status()
}

async fn json(request: RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn who_runs_is_healthy_and_ready_and_an_accounts_trouble_stands_in_the_body_alone() {
    let stage = Stage::set().await;
    stage.world.set_outage(Some(Outage::Forbidden));
    let (_leadtime, at) = service(&stage).await;
    let (ready, readiness) = eventually("the account's trouble shows", async || {
        let answer = client().get(format!("{at}/readyz")).send().await.unwrap();
        let (code, body) = (answer.status(), answer.json::<Value>().await.unwrap());
        (!body["troubles"].as_array().unwrap().is_empty()).then_some((code, body))
    })
    .await;
    assert_eq!((ready, &readiness["state"]), (StatusCode::OK, &"running".into()));
    assert_eq!(readiness["troubles"][0], "contoso cannot be read");
    assert_eq!(status_of(client().get(format!("{at}/healthz"))).await, 200);
}

#[tokio::test]
async fn a_poll_that_is_asked_for_is_answered_when_it_is_done() {
    let stage = Stage::set().await;
    let (_leadtime, at) = service(&stage).await;
    json(client().post(format!("{at}/api/v1/poll"))).await;
    stage.refer();
    let polls = json(client().post(format!("{at}/api/v1/poll?account=contoso"))).await;
    let contoso = &polls["accounts"]["contoso"];
    assert_eq!((&polls["whole"], &contoso["listed"], &contoso["new"]), (&true.into(), &1.into(), &1.into()), "{polls}");
    stage.world.set_outage(Some(Outage::Forbidden));
    let polls = json(client().post(format!("{at}/api/v1/poll"))).await;
    assert_eq!(polls["whole"], false);
    assert!(polls["accounts"]["contoso"]["why"].is_string());
    assert_eq!(status_of(client().post(format!("{at}/api/v1/poll?account=nobody"))).await, 404);
    assert_eq!(status_of(client().get(format!("{at}/api/v1/poll"))).await, 405);
}

#[tokio::test]
async fn a_glimpse_signs_in_and_reads_a_page_and_is_no_poll() {
    let stage = Stage::set().await;
    let (_leadtime, at) = service(&stage).await;
    json(client().post(format!("{at}/api/v1/poll"))).await;
    stage.refer();
    let ask = |name: &str| client().post(format!("{at}/api/v1/accounts/{name}/glimpse"));
    let seen = json(ask("contoso")).await;
    assert_eq!((&seen["listed"], &seen["more"], &seen["why"]), (&1.into(), &false.into(), &Value::Null), "{seen}");
    let status = json(client().get(format!("{at}/api/v1/status"))).await;
    assert_eq!(status["accounts"][0]["open"], 0, "what a glimpse has seen is not counted down");
    stage.world.set_outage(Some(Outage::Forbidden));
    let seen = json(ask("contoso")).await;
    assert!(seen["listed"].is_null() && seen["why"].is_string() && seen["todo"].is_string(), "{seen}");
    assert_eq!(status_of(ask("nobody")).await, 404);
    assert_eq!(status_of(ask("contoso").header("origin", "null")).await, 403);
    assert!(!seen.to_string().contains("demo-refresh"), "{seen}");
}

#[tokio::test]
async fn every_refusal_of_the_api_is_json_and_has_words() {
    let stage = Stage::set().await;
    let (_leadtime, at) = service(&stage).await;
    let at = |path: &str| format!("{at}/api/v1/{path}");
    let json = |text: &'static str| client().post(at("mute")).header("content-type", "application/json").body(text);
    for (asked, status, words) in [
        (client().post(at("mute")), 415, "application/json"),
        (json("{}"), 422, "missing field `id`"),
        (json("{"), 400, "JSON"),
        (client().get(at("plan?all=maybe")), 400, "`true` or `false`"),
        (client().put(at("mute")), 405, "Method Not Allowed"),
        (client().get(at("status")).header("host", "evil.example"), 403, "ask by 127.0.0.1"),
        (client().get(at("explain/0000")), 404, "no referral"),
    ] {
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status(), status, "{words}");
        let told: Value = answer.json().await.unwrap();
        assert!(told["error"].as_str().unwrap().contains(words), "{told}");
    }
}

#[tokio::test]
async fn every_promised_metric_is_there_with_its_labels() {
    let stage = Stage::set().await;
    stage.refer();
    let (_leadtime, at) = service(&stage).await;
    stage.message("the referral is told", |message| message.sink == "sellers").await;
    let text = eventually("the message is counted", async || {
        let text = client().get(format!("{at}/metrics")).send().await.unwrap().text().await.unwrap();
        text.contains("leadtime_last_accepted_timestamp_seconds{").then_some(text)
    })
    .await;
    let samples: BTreeSet<String> = text.lines().filter(|line| !line.starts_with('#')).map(shape).collect();
    for promised in [
        "leadtime_polls_total{account,outcome}",
        "leadtime_poll_duration_seconds{account}",
        "leadtime_last_good_poll_timestamp_seconds{account}",
        "leadtime_referrals_pending{account}",
        "leadtime_referrals_seen_total{account}",
        "leadtime_nearest_deadline_timestamp_seconds{account}",
        "leadtime_messages_total{destination,event,outcome}",
        "leadtime_outbox_messages{destination,state}",
        "leadtime_outbox_oldest_seconds{destination}",
        "leadtime_last_accepted_timestamp_seconds{destination}",
        "leadtime_next_due_timestamp_seconds",
        "leadtime_refresh_token_age_seconds{account}",
    ] {
        assert!(samples.contains(promised), "{promised} is missing:\n{text}");
    }
    for line in [
        "leadtime_referrals_pending{account=\"contoso\"} 1",
        "leadtime_referrals_seen_total{account=\"contoso\"} 1",
        "leadtime_messages_total{destination=\"sellers\",event=\"new\",outcome=\"accepted\"} 1",
        "leadtime_messages_total{destination=\"managers\",event=\"escalation\",outcome=\"accepted\"} 0",
        "leadtime_outbox_messages{destination=\"sellers\",state=\"dead\"} 0",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
    let name = |line: &str| line.split_whitespace().nth(2).unwrap().to_owned();
    let types: Vec<String> = text.lines().filter(|line| line.starts_with("# TYPE")).map(name).collect();
    assert_eq!(types.len(), types.iter().collect::<BTreeSet<_>>().len(), "a family stands there twice:\n{text}");
}

/// `name{label,label}` of a sample.
fn shape(line: &str) -> String {
    let (name, _) = line.rsplit_once(' ').unwrap_or((line, ""));
    let Some((name, labels)) = name.split_once('{') else { return name.to_owned() };
    let labels: Vec<&str> =
        labels.trim_end_matches('}').split(',').map(|label| label.split('=').next().unwrap()).collect();
    format!("{name}{{{}}}", labels.join(","))
}

#[tokio::test]
async fn a_page_in_a_browser_gets_nothing_out_of_the_api() {
    let stage = Stage::set().await;
    let (_leadtime, at) = service(&stage).await;
    let ask = || client().get(format!("{at}/api/v1/status"));
    assert_eq!(status_of(ask()).await, 200);
    assert_eq!(status_of(ask().header("host", "evil.example")).await, 403);
    assert_eq!(status_of(ask().header("origin", "https://evil.example")).await, 403);
    assert_eq!(status_of(client().post(format!("{at}/api/v1/poll")).header("origin", "null")).await, 403);
    let health = client().get(format!("{at}/healthz")).header("host", "10.1.2.3:8080").send().await.unwrap();
    assert_eq!(health.status(), 200, "a probe comes by any name");
    assert_eq!(health.headers()["x-content-type-options"], "nosniff");
    assert_eq!(health.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn open_to_other_machines_the_api_wants_its_password() {
    let stage = Stage::set().await;
    stage.rewrite("listen = \"127.0.0.1:0\"", "listen = \"0.0.0.0:0\"");
    let (leadtime, at) = service(&stage).await;
    let at = at.replace("0.0.0.0", "127.0.0.1");
    let ask = |at: &str| client().get(format!("{at}/api/v1/status"));
    assert_eq!(status_of(ask(&at)).await, 403);
    assert_eq!(status_of(client().get(format!("{at}/metrics"))).await, 200);
    assert_eq!(leadtime.stop().await, 0);
    stage.rewrite("listen = \"127.0.0.1:0\"", "listen = \"0.0.0.0:0\"\npassword = \"sesame\"");
    let (_leadtime, at) = service(&stage).await;
    let at = at.replace("0.0.0.0", "127.0.0.1");
    let refused = ask(&at).send().await.unwrap();
    assert_eq!(refused.status(), 401);
    assert!(refused.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic "));
    assert!(refused.json::<Value>().await.unwrap()["error"].as_str().unwrap().contains("[web] password"));
    assert_eq!(status_of(ask(&at).bearer_auth("sesam")).await, 401);
    assert_eq!(status_of(ask(&at).bearer_auth("sesame").header("host", "leadtime.contoso.com")).await, 200);
    assert_eq!(status_of(ask(&at).basic_auth("anybody", Some("sesame"))).await, 200);
    assert_eq!(status_of(client().get(format!("{at}/readyz"))).await, 200);
}

#[tokio::test]
async fn the_socket_is_its_owners_alone_and_asks_for_no_password() {
    let stage = Stage::set().await;
    stage.rewrite("listen = \"127.0.0.1:0\"", "listen = \"\"");
    let mut leadtime = stage.start(&[]);
    leadtime.says("leadtime runs").await;
    let mode = stage.socket().metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let socket = reqwest::Client::builder().unix_socket(stage.socket()).build().unwrap();
    assert_eq!(status_of(socket.get("http://localhost/api/v1/outbox")).await, 200);
    let (code, out, err) = told(&stage.done(&["health", "--strict"]).await);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "running\n", ""));
}

#[tokio::test]
async fn health_needs_no_secret_and_asks_the_port() {
    let stage = Stage::set().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("listen = \"0.0.0.0:{port}\"");
    stage.rewrite("listen = \"127.0.0.1:0\"", &listen);
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let unreadable = format!("{listen}\npassword = {{ file = \"/nowhere/secret\" }}");
    stage.rewrite("listen = \"127.0.0.1:0\"", &unreadable);
    assert_eq!(told(&stage.done(&["check"]).await).0, 2);
    let (code, out, err) = told(&stage.done(&["health", "--ready"]).await);
    assert_eq!((code, out.as_str(), err.as_str()), (0, "running\n", ""));
}

#[tokio::test]
async fn strict_health_fails_on_a_trouble_and_says_which() {
    let stage = Stage::set().await;
    stage.rewrite("listen = \"127.0.0.1:0\"", "listen = \"\"");
    stage.world.set_outage(Some(Outage::Forbidden));
    let mut leadtime = stage.start(&[]);
    leadtime.says("contoso cannot be read").await;
    assert_eq!(told(&stage.done(&["health", "--ready"]).await).0, 0);
    let (code, out, err) = told(&stage.done(&["health", "--strict"]).await);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("contoso cannot be read"), "{err}");
}

#[tokio::test]
async fn the_outbox_shows_what_waits_and_why() {
    let stage = Stage::set().await;
    stage.sinks.fail(Medium::Slack, None, Fault { kind: FaultKind::Unavailable, until: None });
    let id = stage.refer();
    let (_leadtime, at) = service(&stage).await;
    let entry = eventually("the message has failed once", async || {
        let outbox = json(client().get(format!("{at}/api/v1/outbox"))).await;
        let entry = outbox["waiting"][0].clone();
        entry["last_error"].is_string().then_some(entry)
    })
    .await;
    assert_eq!((&entry["destination"], &entry["referral"]), (&"sellers".into(), &id.as_str().into()));
    assert_eq!((&entry["event"], &entry["account"]), (&"new".into(), &"contoso".into()));
    assert!(entry["queued_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap() <= now());
    assert!(!entry.to_string().contains("http"), "an address shows: {entry}");
    let status = json(client().get(format!("{at}/api/v1/status"))).await;
    let sellers = &status["destinations"][1];
    assert_eq!(
        (&sellers["name"], &sellers["health"], &sellers["waiting"]),
        (&"sellers".into(), &"failing".into(), &1.into())
    );
}
