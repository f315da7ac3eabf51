//! `leadtime check --online`: what an admin learns from it before the service is let loose, and that it costs nothing: no
//! message, no token, no state.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Form, State},
    response::{IntoResponse, Response},
    routing::post,
};
use jiff::SignedDuration;
use leadtime::{
    demo::{
        partner_center::FIRST_REFRESH_TOKEN,
        world::{Outage, SignInTrouble},
    },
    service::clock::{Clock as _, RealClock},
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    sync::Semaphore,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    channels_email::certificate_for,
    commands_stage::{Stage, client, eventually, told},
};

/// Which refresh tokens were shown, in order.
type Seen = Arc<Mutex<Vec<String>>>;

/// A token endpoint that passes everything on to the stage's and remembers which refresh tokens it was shown.
async fn remembering(stage: &Stage) -> Seen {
    type Front = (String, Seen);
    async fn pass_on(State((to, seen)): State<Front>, Form(form): Form<Vec<(String, String)>>) -> Response {
        let shown = form.iter().find(|(name, _)| name == "refresh_token").unwrap().1.clone();
        seen.lock().unwrap().push(shown);
        let answer = client().post(to).form(&form).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap()).into_response()
    }
    let seen = Seen::default();
    let to = format!("http://{}/contoso.example/oauth2/v2.0/token", stage.address);
    let router = Router::new().route("/token", post(pass_on)).with_state((to, seen.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let theirs = format!("http://{}/{{tenant_id}}/oauth2/v2.0/token", stage.address);
    stage.rewrite(&theirs, &format!("http://{address}/token"));
    seen
}

/// What was tried, from `--json`, and the exit code.
async fn tried(stage: &Stage) -> (i32, Vec<Value>) {
    let (code, out, err) = told(&stage.done(&["check", "--online", "--json"]).await);
    let checked: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(checked["ok"], code == 0, "{out}");
    (code, checked["online"].as_array().unwrap().clone())
}

fn of<'a>(tried: &'a [Value], what: &str) -> &'a Value {
    tried.iter().find(|tried| tried["what"] == what).unwrap_or_else(|| panic!("no {what} in {tried:?}"))
}

#[tokio::test]
async fn where_all_works_each_part_has_its_line_and_nothing_is_posted() {
    let stage = Stage::set().await;
    stage.refer();
    let (code, out, _) = told(&stage.done(&["check", "--online"]).await);
    assert_eq!(code, 0, "{out}");
    assert!(!out.contains('\x1b') && out.lines().all(|line| line.chars().count() <= 80), "{out}");
    let worked = out.lines().filter_map(|line| line.strip_prefix("ok      ")?.split("  ").next());
    let mut worked: Vec<&str> = worked.collect();
    worked.sort_unstable();
    assert_eq!(worked, ["account contoso", "clock", "destination managers", "destination sellers"]);
    assert!(out.contains("1 referral listed") && out.ends_with("online: all 4 work\n"), "{out}");
    assert!(stage.sinks.inbox().messages().is_empty());
    let calls = stage.world.calls();
    assert_eq!((calls.sign_ins, calls.methods.get("GET api"), calls.methods.get("POST api")), (1, Some(&1), None));
}

#[tokio::test]
async fn before_the_first_run_it_keeps_nothing_and_says_that_the_token_stays_good() {
    let stage = Stage::set().await;
    stage.refer();
    let (code, tried) = tried(&stage).await;
    let account = of(&tried, "account contoso");
    assert_eq!((code, &account["todo"]), (0, &Value::Null));
    assert!(account["detail"].as_str().unwrap().contains("the token in the settings stays good"), "{account}");
    let data = stage.folder.path().join("data");
    assert!(!data.exists(), "a question must not make a store");
    // A volume that was just made.
    std::fs::create_dir(&data).unwrap();
    assert_eq!(told(&stage.done(&["check", "--online"]).await).0, 0);
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0);
}

#[tokio::test]
async fn a_token_rotated_by_the_check_is_the_one_that_the_next_run_uses() {
    let stage = Stage::set().await;
    stage.refer();
    let seen = remembering(&stage).await;
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
    assert_eq!(tried(&stage).await.0, 0);
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
    let tokens = ["0.demo-refresh.0", "0.demo-refresh.1", "0.demo-refresh.2"];
    assert_eq!(*seen.lock().unwrap(), tokens);
}

#[tokio::test]
async fn beside_a_running_service_the_service_signs_in_and_keeps_the_token() {
    let stage = Stage::set().await;
    stage.refer();
    let seen = remembering(&stage).await;
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    stage.message("the first poll is over", |message| message.sink == "sellers").await;
    let (code, tried) = tried(&stage).await;
    let account = of(&tried, "account contoso");
    assert_eq!(code, 0, "{tried:?}");
    assert_eq!(account["detail"], "signed in by the leadtime that runs; 1 referral listed");
    assert_eq!(leadtime.stop().await, 0);
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
    let tokens = ["0.demo-refresh.0", "0.demo-refresh.1", "0.demo-refresh.2"];
    assert_eq!(*seen.lock().unwrap(), tokens);
}

/// A token endpoint by which it shows which token stems from which: what is given for `t` is `t+`. It holds back its answer
/// to the old chain while it is held.
async fn chaining(stage: &Stage) -> (Seen, Arc<Semaphore>) {
    type Front = (String, Seen, Arc<Semaphore>);
    async fn pass_on(State((to, seen, gate)): State<Front>, Form(form): Form<Vec<(String, String)>>) -> Response {
        let shown = form.iter().find(|(name, _)| name == "refresh_token").unwrap().1.clone();
        seen.lock().unwrap().push(shown.clone());
        if shown.starts_with(FIRST_REFRESH_TOKEN) {
            drop(gate.acquire().await);
        }
        let good = |(name, value): &(String, String)| match name.as_str() {
            "refresh_token" => (name.clone(), FIRST_REFRESH_TOKEN.to_owned()),
            _ => (name.clone(), value.clone()),
        };
        let form: Vec<(String, String)> = form.iter().map(good).collect();
        let mut granted: Value = client().post(to).form(&form).send().await.unwrap().json().await.unwrap();
        granted["refresh_token"] = format!("{shown}+").into();
        Json(granted).into_response()
    }
    let (seen, gate) = (Seen::default(), Arc::new(Semaphore::new(1)));
    let to = format!("http://{}/contoso.example/oauth2/v2.0/token", stage.address);
    let router = Router::new().route("/token", post(pass_on)).with_state((to, seen.clone(), gate.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let theirs = format!("http://{}/{{tenant_id}}/oauth2/v2.0/token", stage.address);
    stage.rewrite(&theirs, &format!("http://{address}/token"));
    (seen, gate)
}

#[tokio::test]
async fn a_new_sign_in_is_not_lost_to_a_check_that_is_signing_in_just_then() {
    let stage = Stage::set().await;
    stage.refer();
    let (seen, gate) = chaining(&stage).await;
    let mut leadtime = stage.start(&[]);
    let at = format!("{}/api/v1/accounts/contoso", leadtime.runs().await);
    stage.message("the first poll is over", |message| message.sink == "sellers").await;
    let held = gate.clone().acquire_owned().await.unwrap();
    let asked = |count: usize| {
        let seen = seen.clone();
        async move {
            eventually("the token endpoint is asked", async || (seen.lock().unwrap().len() == count).then_some(()))
                .await
        }
    };
    let check = tokio::spawn(client().post(format!("{at}/glimpse")).send());
    asked(2).await;
    let body = serde_json::json!({"refresh_token": "new"});
    let socket = reqwest::Client::builder().unix_socket(stage.socket()).build().unwrap();
    let adopting = socket.post("http://localhost/api/v1/accounts/contoso/sign-in").json(&body).send();
    let mut adopting = tokio::spawn(adopting);
    // It is done at once where it does not wait for the check.
    let adopted = tokio::time::timeout(Duration::from_millis(300), &mut adopting).await;
    drop(held);
    assert_eq!(check.await.unwrap().unwrap().status(), 200);
    let adopted = match adopted {
        Ok(adopted) => adopted,
        Err(_) => adopting.await,
    };
    assert_eq!(adopted.unwrap().unwrap().status(), 200);
    assert_eq!(client().post(format!("{at}/glimpse")).send().await.unwrap().status(), 200);
    let last = seen.lock().unwrap().last().cloned();
    assert_eq!(last.as_deref(), Some("new+"), "{seen:?}");
    assert_eq!(leadtime.stop().await, 0);
}

#[tokio::test]
async fn a_check_whose_sign_in_fails_leaves_the_service_its_access() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    let at = leadtime.runs().await;
    stage.refer();
    let poll = || client().post(format!("{at}/api/v1/poll")).send();
    assert_eq!(poll().await.unwrap().json::<Value>().await.unwrap()["whole"], true);
    stage.world.set_sign_in_trouble(Some(SignInTrouble::InvalidGrant));
    let (code, tried) = tried(&stage).await;
    assert_eq!((code, &of(&tried, "account contoso")["ok"]), (1, &false.into()));
    assert_eq!(poll().await.unwrap().json::<Value>().await.unwrap()["whole"], true);
    assert_eq!(leadtime.stop().await, 0);
}

#[tokio::test]
async fn an_account_that_the_running_service_does_not_have_yet_asks_for_a_reload() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let settings = stage.settings().replace("[accounts.contoso]", "[accounts.fabrikam]");
    stage.write(&settings);
    let (code, tried) = tried(&stage).await;
    let account = of(&tried, "account fabrikam");
    assert_eq!((code, &account["ok"]), (1, &false.into()));
    assert!(account["todo"].as_str().unwrap().contains("leadtime reload"), "{account}");
    assert_eq!(leadtime.stop().await, 0);
}

#[tokio::test]
async fn a_broken_sign_in_and_a_dead_webhook_fail_by_themselves_and_say_what_to_do() {
    let stage = Stage::set().await;
    stage.world.set_sign_in_trouble(Some(SignInTrouble::InvalidGrant));
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    stage.rewrite(&format!("http://{}/slack/sellers", stage.address), &format!("http://{nobody}/services/geheim"));
    let (code, out, err) = told(&stage.done(&["check", "--online"]).await);
    assert_eq!(code, 1);
    let shown: String = out.lines().map(|line| line.replace(&nobody.to_string(), "NOBODY") + "\n").collect();
    assert!(out.contains("ok      destination managers"), "{out}");
    assert!(out.contains("FAILED  destination sellers") && out.contains("the connection was refused"), "{out}");
    assert!(out.contains("FAILED  account contoso") && out.contains("AADSTS700082"), "{out}");
    assert_eq!(out.matches("To do: ").count(), 2, "{out}");
    assert!(out.ends_with("online: 2 of 3 FAILED\n"), "{out}");
    assert!(!format!("{shown}{err}").contains("geheim"), "{out}{err}");
}

#[tokio::test]
async fn an_empty_listing_works_and_warns_of_too_narrow_a_role() {
    let stage = Stage::set().await;
    let (code, tried) = tried(&stage).await;
    let account = of(&tried, "account contoso");
    assert_eq!((code, &account["ok"]), (0, &true.into()));
    assert!(account["todo"].as_str().unwrap().contains("Referrals admin for the whole company"), "{account}");
    let (_, out, _) = told(&stage.done(&["check", "--online"]).await);
    assert!(out.contains("ok?     account contoso"), "{out}");
}

#[tokio::test]
async fn a_missing_role_and_a_missing_second_factor_are_told_apart() {
    let stage = Stage::set().await;
    for (outage, part) in [(Outage::Forbidden, "Referrals admin"), (Outage::MfaRequired, "second factor")] {
        stage.world.set_outage(Some(outage));
        let (code, tried) = tried(&stage).await;
        let account = of(&tried, "account contoso");
        assert_eq!((code, &account["ok"]), (1, &false.into()));
        assert!(account["todo"].as_str().unwrap().contains(part), "{account}");
    }
}

#[tokio::test]
async fn a_clock_that_is_off_fails_and_says_by_how_much_and_what_to_do() {
    let stage = Stage::set_by(Arc::new(|| RealClock.now() + SignedDuration::from_mins(10))).await;
    stage.refer();
    let (code, tried) = tried(&stage).await;
    let clock = of(&tried, "clock");
    assert_eq!((code, &clock["ok"], &clock["todo"]), (1, &false.into(), &"set the machine's clock (NTP)".into()));
    let detail = clock["detail"].as_str().unwrap();
    assert!(
        detail.starts_with("is 10 min behind Partner Center's") || detail.starts_with("is 9 min behind"),
        "{detail}"
    );
}

#[tokio::test]
async fn settings_with_faults_are_told_and_nobody_is_contacted() {
    let stage = Stage::set().await;
    stage.rewrite("notify = [\"sellers\"]", "notify = [\"nobody\"]");
    let (code, out, _) = told(&stage.done(&["check", "--online", "--json"]).await);
    let checked: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &checked["ok"], &checked["online"]), (2, &false.into(), &Value::Null));
    assert_eq!(stage.world.calls().sign_ins, 0);
}

#[tokio::test]
async fn without_online_nobody_is_contacted() {
    let stage = Stage::set().await;
    let (code, out, _) = told(&stage.done(&["check", "--json"]).await);
    let checked: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &checked["online"]), (0, &Value::Null));
    assert_eq!(stage.world.calls().sign_ins, 0);
}

#[tokio::test]
async fn a_web_host_is_reached_through_the_proxy_by_a_handshake_and_not_a_word() {
    let stage = Stage::set().await;
    let Some(config) = certificate_for(stage.folder.path(), "hooks.slack.com") else { return };
    let settings = format!("{}\n[tls]\nca_file = \"cert.pem\"\n", stage.settings());
    let slack = format!("http://{}/slack/sellers", stage.address);
    stage.write(&settings.replace(&slack, "https://hooks.slack.com/services/T0/B0/geheim"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        let mut asked = String::new();
        while !asked.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut asked).await.unwrap(), 0, "{asked}");
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        let mut tls = TlsAcceptor::from(Arc::new(config)).accept(stream).await.unwrap();
        let mut said = Vec::new();
        // It hangs up without TLS' own farewell, which some call an error.
        drop(tls.read_to_end(&mut said).await);
        (asked, said)
    });
    let mut command = stage.command(&["check", "--online", "--json"]);
    command.env("HTTPS_PROXY", proxy).env("NO_PROXY", "127.0.0.1");
    let (code, out, err) = told(&tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap());
    assert_eq!(code, 0, "{out}{err}");
    let (asked, said) = heard.await.unwrap();
    assert!(asked.starts_with("CONNECT hooks.slack.com:443 ") && !asked.contains("geheim"), "{asked}");
    assert_eq!(said, b"");
}
