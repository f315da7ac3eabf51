//! The service as a process: it starts, watches, tells, reloads, hands over and stops.

use std::time::{Duration, Instant};

use jiff::SignedDuration;
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

use crate::commands_stage::{Stage, client, eventually, told};

#[tokio::test]
async fn a_new_referral_arrives_in_slack_and_status_knows_it() {
    let stage = Stage::set().await;
    let id = stage.refer();
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let message = stage.message("the referral is told", |message| message.sink == "sellers").await;
    assert!(message.body.contains(&id[..8]), "{}", message.body);
    let well = eventually("the message counts as sent", async || {
        let status: Value = serde_json::from_str(&told(&stage.done(&["status", "--json"]).await).1).unwrap();
        status["last_sent"].is_object().then_some(status)
    })
    .await;
    assert_eq!((&well["well"], &well["running"], &well["pending_total"]), (&true.into(), &true.into(), &1.into()));
    assert_eq!(well["pending"][0]["id"], id.as_str());
    assert_eq!(well["accounts"][0]["open"], 1);
    assert!(well["next_due"]["at"].is_string() && well["pending"][0]["next"].is_object());
    let (code, page, err) = told(&stage.done(&["status", "--account", "contoso"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(page.starts_with("All well. Nothing was due since "), "{page}");
    assert!(page.contains("1 referral waits for an answer (bd: working days)\n") && page.contains(&id[..8]), "{page}");
    assert!(!page.contains('\x1b'), "styles outside a terminal: {page:?}");
    assert_eq!(told(&stage.done(&["health", "--strict"]).await).0, 0, "a free port is asked by the socket");
    assert_eq!(leadtime.stop().await, 0);
}

#[tokio::test]
async fn at_sigterm_it_ends_with_0_and_leaves_no_socket() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    assert!(stage.socket().exists());
    let began = Instant::now();
    assert_eq!(leadtime.stop().await, 0);
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(!stage.socket().exists());
}

#[tokio::test]
async fn a_service_called_leadtime_in_kubernetes_is_no_setting() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start_with(&[], &[("LEADTIME_PORT", "tcp://10.0.0.1:8080")]);
    leadtime.says("LEADTIME_PORT").await;
    leadtime.runs().await;
}

#[tokio::test]
async fn at_sighup_bad_settings_are_told_and_the_old_stay_in_force() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    stage.rewrite("notify = [\"sellers\"]", "notify = [\"nobody\"]");
    leadtime.signal(Signal::HUP);
    leadtime.says("the old stay in force").await;
    let (code, page, _) = told(&stage.done(&["status"]).await);
    assert_eq!(code, 1);
    assert!(page.starts_with("TROUBLE since ") && page.contains("Do: Run `leadtime check`"), "{page}");
    stage.refer();
    stage.write(&stage.settings());
    leadtime.signal(Signal::HUP);
    leadtime.says("the settings were read again").await;
    stage.message("a referral is told by the settings in force", |message| message.sink == "sellers").await;
    eventually("the trouble is over", async || (told(&stage.done(&["status"]).await).0 == 0).then_some(())).await;
}

#[tokio::test]
async fn a_second_one_stands_by_and_takes_over_when_the_first_is_killed() {
    let stage = Stage::set().await;
    let mut first = stage.start(&[]);
    first.runs().await;
    let mut second = stage.start(&[]);
    second.says("stands by").await;
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    second.runs().await;
    stage.refer();
    let (code, _, err) = told(&stage.done(&["status"]).await);
    assert_eq!((code, err.as_str()), (0, ""), "the socket of the dead one is replaced");
    assert_eq!(second.stop().await, 0);
}

#[tokio::test]
async fn who_stands_by_answers_probes_and_stops_at_once() {
    let stage = Stage::set().await;
    let mut first = stage.start(&[]);
    first.runs().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut second = stage.start_with(&[], &[("LEADTIME_WEB__LISTEN", &address)]);
    second.says("stands by").await;
    for path in ["healthz", "readyz"] {
        let answer = client().get(format!("http://{address}/{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(answer.json::<Value>().await.unwrap()["state"], "standby");
    }
    let answer = client().get(format!("http://{address}/api/v1/status")).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(second.stop().await, 0);
}

#[tokio::test]
async fn a_second_one_on_the_same_port_stands_by_without_it_and_takes_it_over() {
    let stage = Stage::set().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    stage.rewrite("127.0.0.1:0", &port.to_string());
    let mut first = stage.start(&[]);
    first.runs().await;
    let mut second = stage.start(&[]);
    second.says("[web] listen is taken: until this one takes over, it answers no probe").await;
    second.says("stands by").await;
    assert_eq!(first.stop().await, 0);
    second.runs().await;
    let answer = client().get(format!("http://{port}/readyz")).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["state"], "running");
    assert_eq!(second.stop().await, 0);
}

#[tokio::test]
async fn a_port_that_is_taken_ends_it_with_what_to_do() {
    let stage = Stage::set().await;
    stage.rewrite("127.0.0.1:0", &stage.address.to_string());
    let mut leadtime = stage.start(&[]);
    let line = leadtime.says("[web] listen").await;
    assert!(line["message"].as_str().unwrap().contains("stop it, or set another address"), "{line}");
    assert_eq!(leadtime.ends().await.code(), Some(1));
}

#[tokio::test]
async fn once_ends_with_0_when_all_was_told_and_with_1_when_a_poll_failed() {
    let stage = Stage::set().await;
    stage.refer();
    let (code, _, err) = told(&stage.done(&["run", "--once"]).await);
    assert_eq!(code, 0, "{err}");
    assert_eq!(stage.sinks.inbox().messages().len(), 1, "{err}");
    let (code, page, _) = told(&stage.done(&["status"]).await);
    assert_eq!(code, 0, "{page}");
    assert!(page.contains("not running: this was read from the store"), "{page}");
    stage.world.set_outage(Some(Outage::Forbidden));
    let (code, _, err) = told(&stage.done(&["run", "--once"]).await);
    assert_eq!(code, 1, "{err}");
}

#[tokio::test]
async fn send_test_sends_one_message_and_says_what_became_of_it() {
    let stage = Stage::set().await;
    stage.sinks.fail(Medium::Teams, None, Fault { kind: FaultKind::Gone, until: None });
    let (code, page, _) = told(&stage.done(&["send-test", "sellers"]).await);
    assert_eq!(code, 0, "{page}");
    assert!(page.contains("sellers") && page.contains("accepted"), "{page}");
    let sent = stage.sinks.inbox().messages();
    assert!(sent.len() == 1 && sent[0].first_line.starts_with("Test: this destination works"), "{sent:?}");
    let (code, out, _) = told(&stage.done(&["send-test", "--all", "--json"]).await);
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &all[0]["outcome"], &all[1]["outcome"]), (1, &"destination_refused".into(), &"accepted".into()));
    assert!(!out.contains("http"), "an address shows: {out}");
    stage.sinks.mend(Medium::Teams, None);
    let (code, page, _) = told(&stage.done(&["send-test", "managers"]).await);
    assert!(code == 0 && page.contains("run history says why"), "what was accepted may not be shown: {page}");
}

#[tokio::test]
async fn people_are_left_out_of_a_test_to_all_and_of_status_until_something_was_sent_to_them() {
    let stage = Stage::set().await;
    let people = "\n[smtp]\nhost = \"127.0.0.1\"\nport = 1\nsecurity = \"none\"\nfrom = \"a@contoso.com\"\n\
                  [people.anna]\nemail = \"anna@contoso.com\"\n[people.bela]\nemail = \"bela@contoso.com\"\n";
    stage.write(&(stage.settings().replace("[\"sellers\"]", "[\"sellers\", \"@owners\"]") + people));
    let (code, page, err) = told(&stage.done(&["send-test", "--all"]).await);
    assert_eq!(code, 0, "{page}{err}");
    assert!(page.contains("managers") && page.contains("sellers") && !page.contains("contoso.com"), "{page}");
    assert!(page.ends_with("\nMail to 2 people was not tried; one of them: leadtime send-test @anna\n"), "{page}");
    stage.done(&["run", "--once"]).await;
    let (_, status, _) = told(&stage.done(&["status"]).await);
    assert!(status.contains("2 people have been sent nothing yet.\n") && !status.contains('@'), "{status}");
    let (code, _, err) = told(&stage.done(&["send-test", "anna"]).await);
    assert_eq!((code, err.as_str()), (2, "there is no destination anna; @anna is mail to that person\n"));
    let (code, page, _) = told(&stage.done(&["send-test", "@anna"]).await);
    assert!(code == 1 && page.contains("@anna (anna@contoso.com)"), "nobody listens there: {page}");
}

#[tokio::test]
async fn a_lost_role_closes_nothing_and_the_managers_hear_of_it() {
    let stage = Stage::set().await;
    let created = RealClock.now() - SignedDuration::from_mins(5);
    stage.world.add((0..3).map(|seed| Inventor::new(seed).invent(created).body())).unwrap();
    let (code, _, err) = told(&stage.done(&["run", "--once"]).await);
    assert_eq!(code, 0, "{err}");
    stage.world.lose_role(true);
    let (code, _, err) = told(&stage.done(&["run", "--once"]).await);
    assert_eq!(code, 0, "{err}");
    let warned = stage.message("the managers hear of the role", |message| message.sink == "managers").await;
    assert!(warned.body.contains("may have lost its role"), "{}", warned.body);
    let status: Value = serde_json::from_str(&told(&stage.done(&["status", "--json"]).await).1).unwrap();
    assert_eq!(status["pending_total"], 3, "an empty list and 404 are no answer");
}
