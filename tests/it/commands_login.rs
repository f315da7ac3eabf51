//! `leadtime login` in each of its ways, with a person played by an HTTP client that follows no redirect by itself.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::PermissionsExt as _,
    process::{Child, ChildStdin, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use leadtime::{
    demo::{
        partner_center::FIRST_REFRESH_TOKEN,
        world::{Outage, SignInTrouble},
    },
    partner_center::{
        AccountSettings, Clock, Http,
        login::{Login, LoginTrouble},
    },
    store::{SledStore, Store as _},
};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::commands_stage::{LIMIT, Running, Stage, eventually, told};

/// A `leadtime login` under way.
struct SigningIn {
    child: Child,
    input: Option<ChildStdin>,
    said: Arc<Mutex<String>>,
}

impl SigningIn {
    fn begin(stage: &Stage, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut command = stage.command(&[&["login"], args].concat());
        command.envs(env.iter().copied()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stderr, said) = (child.stderr.take().unwrap(), Arc::new(Mutex::new(String::new())));
        let heard = said.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                *heard.lock().unwrap() += &format!("{line}\n");
            }
        });
        Self { input: child.stdin.take(), child, said }
    }

    /// The address that it prints.
    async fn address(&self) -> String {
        eventually("it prints the address", async || {
            let said = self.said.lock().unwrap();
            said.lines().find(|line| line.starts_with("http") && line.contains("/authorize?")).map(str::to_owned)
        })
        .await
    }

    fn paste(&mut self, text: &str) {
        writeln!(self.input.as_mut().unwrap(), "{text}").unwrap();
    }

    /// Waits for its end; exit code, standard output and standard error. No secret of a sign-in stands in either.
    async fn ends(mut self) -> (i32, String, String) {
        drop(self.input.take());
        let status = eventually("it ends", async || self.child.try_wait().unwrap()).await;
        let mut out = String::new();
        std::io::Read::read_to_string(&mut self.child.stdout.take().unwrap(), &mut out).unwrap();
        let err = eventually("it has said all", async || {
            (Arc::strong_count(&self.said) == 1).then(|| self.said.lock().unwrap().clone())
        })
        .await;
        for secret in ["demo-refresh", "demo-code", "demo-device", "Bearer", "demo.1.", "demo.2."] {
            assert!(!out.contains(secret) && !err.contains(secret), "{secret}: {out}{err}");
        }
        (status.code().unwrap(), out, err)
    }
}

/// A browser that shows where it is led and does not go there.
fn browser() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    let builder = reqwest::Client::builder().no_proxy().timeout(LIMIT);
    builder.redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The person signs in; the address that the browser ends at.
async fn signs_in(address: &str) -> String {
    let answer = browser().get(address).send().await.unwrap();
    assert_eq!(answer.status(), 302, "{:?}", answer.text().await);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// A stage whose settings hold no refresh token.
async fn stage() -> Stage {
    let stage = Stage::set().await;
    stage.rewrite(&format!("refresh_token = \"{FIRST_REFRESH_TOKEN}\"\n"), "");
    stage
}

/// The whole way with `--paste`.
pub async fn pasted(stage: &Stage, args: &[&str]) -> (i32, String, String) {
    let mut login = SigningIn::begin(stage, &[&["--paste"], args].concat(), &[]);
    let address = login.address().await;
    login.paste(&signs_in(&address).await);
    login.ends().await
}

#[tokio::test]
async fn a_browser_is_opened_comes_back_and_the_service_reads_with_what_it_brought() {
    let stage = stage().await;
    stage.refer();
    let (bin, opened) = (stage.folder.path().join("bin"), stage.folder.path().join("opened"));
    std::fs::create_dir(&bin).unwrap();
    let script = format!("#!/bin/sh\nprintf %s \"$1\" > {0}.new && /bin/mv {0}.new {0}\n", opened.display());
    std::fs::write(bin.join("xdg-open"), script).unwrap();
    std::fs::set_permissions(bin.join("xdg-open"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let login =
        SigningIn::begin(&stage, &["--log-level", "trace"], &[("PATH", bin.to_str().unwrap()), ("DISPLAY", ":0")]);
    let address = eventually("a browser is opened", async || std::fs::read_to_string(&opened).ok()).await;
    assert_eq!(address, login.address().await, "what opens is what is printed");
    let back = signs_in(&address).await;
    assert!(back.starts_with("http://localhost:"), "{back}");
    let icon = browser().get(back.replace("/?", "/favicon.ico?")).send().await.unwrap();
    assert_eq!(icon.status(), 404);
    let page = browser().get(&back).send().await.unwrap();
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert!(page.text().await.unwrap().contains("You can close this"));
    let (code, out, err) = login.ends().await;
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("contoso is signed in: 1 referral is pending.\n"), "{out}");
    let (code, _, err) = told(&stage.done(&["run", "--once"]).await);
    assert_eq!(code, 0, "{err}");
}

#[tokio::test]
async fn the_pasted_address_may_be_wrong_at_first() {
    let stage = stage().await;
    let mut login = SigningIn::begin(&stage, &["contoso", "--paste", "--json"], &[]);
    let address = login.address().await;
    assert!(address.contains("code_challenge_method=S256") && address.contains("redirect_uri=http%3A%2F%2Flocalhost&"));
    login.paste(&address);
    login.paste(&format!("\n  \"{}\"  ", signs_in(&address).await));
    let (code, out, err) = login.ends().await;
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("the address to open"), "{err}");
    let out: Value = serde_json::from_str(&out).unwrap();
    let warnings = out["warnings"].as_array().unwrap();
    assert!(warnings.len() == 1 && warnings[0].as_str().unwrap().contains("Referrals user"), "{out}");
    let wanted = json!({"account": "contoso", "listed": 0, "more": false, "handed_to": "store", "poll": null,
        "warnings": warnings});
    assert_eq!(out, wanted);
}

#[tokio::test]
async fn a_code_is_typed_in_on_another_device() {
    let stage = stage().await;
    stage.refer();
    let (code, out, err) = SigningIn::begin(&stage, &["--device-code"], &[]).ends().await;
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("/devicelogin\n") && err.contains("DEMO00001"), "{err}");
    assert!(out.contains("1 referral is pending"), "{out}");
}

#[tokio::test]
async fn a_service_whose_sign_in_is_dead_gets_the_new_one_and_polls_at_once() {
    let stage = Stage::set().await;
    stage.world.revoke_sign_ins();
    stage.refer();
    let mut leadtime = stage.start(&["--log-level", "trace"]);
    leadtime.runs().await;
    eventually("the managers hear of it", async || (told(&stage.done(&["status"]).await).0 == 1).then_some(())).await;
    let (code, out, err) = pasted(&stage, &["--json", "--log-level", "trace"]).await;
    assert_eq!(code, 0, "{err}");
    let out: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&out["handed_to"], &out["poll"], &out["listed"]), (&"service".into(), &"whole".into(), &1.into()));
    stage.message("the referral is told", |message| message.sink == "sellers").await;
    assert_eq!(told(&stage.done(&["status"]).await).0, 0);
    let log = log_of(leadtime).await;
    assert!(log.contains("somebody has signed in"));
    // Of the token in the settings nobody speaks either.
    assert!(!log.contains("demo-refresh") && !log.contains("0.demo"), "{log}");
    let failed = stage.world.calls().failed;
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
    assert_eq!(stage.world.calls().failed, failed, "the dead token in the settings is not tried first");
}

#[tokio::test]
async fn who_has_signed_in_while_nothing_ran_is_told_to_start_it_and_not_to_sign_in_again() {
    let stage = Stage::set().await;
    stage.world.revoke_sign_ins();
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 1);
    let page = told(&stage.done(&["status"]).await).1;
    assert!(page.contains("Run `leadtime login contoso`."), "{page}");
    let (code, _, err) = pasted(&stage, &[]).await;
    assert_eq!(code, 0, "{err}");
    let page = told(&stage.done(&["status"]).await).1;
    assert!(page.contains("Do: Start `leadtime run`; somebody has signed in since."), "{page}");
    assert!(!page.contains("leadtime login"), "{page}");
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
    let (code, page, _) = told(&stage.done(&["status"]).await);
    assert_eq!(code, 0, "doing what it says mends it: {page}");
}

/// Stops a service; all that it logged.
async fn log_of(mut leadtime: Running) -> String {
    leadtime.signal(rustix::process::Signal::TERM);
    leadtime.ends().await;
    leadtime.log()
}

#[tokio::test]
async fn what_the_service_cannot_read_with_it_is_told() {
    let stage = stage().await;
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let mut login = SigningIn::begin(&stage, &["--paste"], &[]);
    login.paste(&signs_in(&login.address().await).await);
    let (code, out, _) = login.ends().await;
    assert_eq!((code, out.contains("has polled with it: 0 listed, 0 new.")), (0, true), "{out}");
    stage.refer();
    assert_eq!(pasted(&stage, &[]).await.0, 0);
    stage.world.lose_role(true);
    let (code, _, err) = pasted(&stage, &[]).await;
    assert_eq!(code, 0);
    assert!(err.contains("leadtime knows 1 open, and the list is empty"), "{err}");
    stage.rewrite("client_id = \"leadtime-demo\"", "client_id = \"another-app\"");
    let (code, _, err) = SigningIn::begin(&stage, &[], &[]).ends().await;
    assert!(code == 1 && err.contains("leadtime") && err.contains("reload"), "before anybody signs in: {err}");
    assert!(!err.contains("/authorize"), "{err}");
}

#[tokio::test]
async fn every_refusal_says_what_to_do_and_keeps_nothing() {
    let stage = stage().await;
    let tries: [(Option<SignInTrouble>, Option<Outage>, &[&str]); 8] = [
        (Some(SignInTrouble::Declined), None, &["was cancelled", "and accept"]),
        (Some(SignInTrouble::NoConsent), None, &["lacks consent (AADSTS65001)", "Grant admin consent"]),
        (Some(SignInTrouble::CodesExpire), None, &["the code has expired", "Run `leadtime login contoso` again"]),
        (Some(SignInTrouble::InvalidClient), None, &["AADSTS7000215", "Check `client_id`"]),
        (Some(SignInTrouble::Down), None, &["is unavailable", "Check the network"]),
        (Some(SignInTrouble::InvalidGrant), None, &["is not kept", "AADSTS700082"]),
        (None, Some(Outage::MfaRequired), &["900421", "without a second factor"]),
        (None, Some(Outage::Forbidden), &["denies access (403)", "Referrals admin for the whole company"]),
    ];
    for (trouble, outage, words) in tries {
        stage.world.set_sign_in_trouble(trouble);
        stage.world.set_outage(outage);
        let (code, out, err) = pasted(&stage, &[]).await;
        assert_eq!((code, out.as_str()), (1, ""), "{trouble:?} {outage:?}");
        let err = err.replace('\n', " ");
        assert!(words.iter().all(|words| err.contains(words)), "{words:?}: {err}");
    }
    stage.world.set_outage(None);
    for (trouble, words) in
        [(SignInTrouble::CodesExpire, "the code has expired"), (SignInTrouble::Declined, "was cancelled")]
    {
        stage.world.set_sign_in_trouble(Some(trouble));
        let (code, _, err) = SigningIn::begin(&stage, &["--device-code"], &[]).ends().await;
        assert!(code == 1 && err.contains(words), "{trouble:?}: {err}");
    }
    stage.world.set_sign_in_trouble(None);
    stage.start(&[]).says("there is no refresh token").await;
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_proven_just_now_is_kept() {
    let stage = stage().await;
    stage.world.set_outage(Some(Outage::Down { retry_after: Some(600) }));
    let (code, out, err) = pasted(&stage, &["--json"]).await;
    assert!(code == 0 && err.contains("could not be proven just now"), "{err}");
    assert_eq!(serde_json::from_str::<Value>(&out).unwrap()["listed"], Value::Null);
    stage.world.set_outage(None);
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
}

#[tokio::test]
async fn an_answer_with_another_state_ends_it() {
    let stage = stage().await;
    let login = SigningIn::begin(&stage, &[], &[]);
    let back = signs_in(&login.address().await).await;
    let (before, _) = back.split_once("state=").unwrap();
    let page = browser().get(format!("{before}state=forged")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Not signed in"), "{page}");
    let (code, _, err) = login.ends().await;
    assert!(code == 1 && err.contains("belongs to another sign-in"), "{err}");
    assert!(err.contains("No browser here"), "without a screen none is opened: {err}");
}

#[tokio::test]
async fn without_offline_access_there_is_nothing_to_keep() {
    let stage = stage().await;
    let settings = std::fs::read_to_string(stage.folder.path().join("leadtime.toml")).unwrap();
    stage.write(&settings.replace("client_id", "scope = \"https://api.partner.microsoft.com/.default\"\nclient_id"));
    let (code, _, err) = pasted(&stage, &[]).await;
    let err = err.replace('\n', " ");
    assert!(code == 1 && err.contains("Add offline_access to `scope`"), "{err}");
}

#[tokio::test]
async fn which_account_is_asked_where_there_are_several() {
    let stage = stage().await;
    let settings = std::fs::read_to_string(stage.folder.path().join("leadtime.toml")).unwrap();
    stage.write(&format!("{settings}\n[accounts.fabrikam]\ntenant_id = \"t\"\nclient_id = \"c\"\n"));
    let (code, _, err) = told(&stage.done(&["login"]).await);
    assert_eq!((code, err.as_str()), (2, "which account? Take one of contoso, fabrikam\n"));
    let (code, _, err) = told(&stage.done(&["login", "contso"]).await);
    assert_eq!((code, err.as_str()), (2, "there is no account contso; take one of contoso, fabrikam\n"));
}

#[tokio::test]
async fn the_way_for_new_sign_ins_is_guarded_and_repeats_nothing() {
    let stage = stage().await;
    let mut leadtime = stage.start(&[]);
    let at = format!("{}/api/v1/accounts/contoso/sign-in", leadtime.runs().await);
    let post = || browser().post(&at).header("content-type", "application/json");
    // Every user of this machine may ask there, but not bring another sign-in in place of a good one.
    let unknown = post().body("{\"refresh_token\":\"geheim\"}").send().await.unwrap();
    assert_eq!(unknown.status(), 403);
    assert!(unknown.text().await.unwrap().contains("set [web] password"));
    let socket = reqwest::Client::builder().unix_socket(stage.socket()).build().unwrap();
    let by_socket = "http://localhost/api/v1/accounts/contoso/sign-in";
    let post = || socket.post(by_socket).header("content-type", "application/json");
    for body in ["{\"refresh_token\": {\"geheim\": 1}}", "\"geheim\"", "geheim", "{\"refresh_token\": \" \"}"] {
        let answer = post().body(body).send().await.unwrap();
        assert_eq!(answer.status(), 422, "{body}");
        assert!(!answer.text().await.unwrap().contains("geheim"), "{body}");
    }
    let nobody = browser().get(at.replace("contoso", "nobody")).send().await.unwrap();
    assert_eq!(nobody.status(), 404);
    let bad = post().body("{\"refresh_token\":\"geheim\"}").send().await.unwrap().json::<Value>().await.unwrap();
    assert_eq!(bad["poll"]["outcome"], "sign_in_expired", "{bad}");
    assert!(!log_of(leadtime).await.contains("geheim"));
}

/// A clock whose waits are over at once and remembered.
struct Remembers(Mutex<Vec<Duration>>);

#[async_trait::async_trait]
impl Clock for Remembers {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    async fn sleep(&self, time: Duration) {
        self.0.lock().unwrap().push(time);
    }
}

#[tokio::test]
async fn a_device_that_is_told_to_slow_down_does_and_lives_through_an_outage() {
    let server = MockServer::start().await;
    let given = json!({"device_code": "d", "user_code": "ABC", "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900, "interval": 0});
    let answer = |status, body: Value| ResponseTemplate::new(status).set_body_json(body);
    Mock::given(path("/t/devicecode")).respond_with(answer(200, given)).mount(&server).await;
    let refusal = |error: &str| answer(400, json!({"error": error, "error_description": "AADSTS70016: wait"}));
    let tokens = json!({"token_type": "Bearer", "access_token": "a", "refresh_token": "r", "expires_in": 3599});
    let answers =
        [refusal("authorization_pending"), refusal("slow_down"), answer(503, Value::Null), answer(200, tokens)];
    for answer in answers {
        Mock::given(method("POST")).and(path("/t/token")).respond_with(answer).up_to_n_times(1).mount(&server).await;
    }
    let clock = Arc::new(Remembers(Mutex::default()));
    let login = login(&format!("{}/t/token", server.uri()), clock.clone()).unwrap();
    let device = login.device().await.unwrap();
    assert_eq!((device.code.as_str(), device.place.as_str()), ("ABC", "https://microsoft.com/devicelogin"));
    let token = login.granted(device, Duration::from_secs(900)).await.unwrap();
    assert_eq!(token.expose_secret(), "r");
    let waits: Vec<u64> = clock.0.lock().unwrap().iter().map(Duration::as_secs).collect();
    assert_eq!(waits, [1, 5, 10], "never in less than a second");
}

#[tokio::test]
async fn a_device_is_not_made_to_wait_for_an_hour() {
    let server = MockServer::start().await;
    let given = json!({"device_code": "d", "user_code": "ABC", "verification_uri": "https://microsoft.com/devicelogin",
        "expires_in": 900, "interval": 3600});
    let answer = |status, body: Value| ResponseTemplate::new(status).set_body_json(body);
    Mock::given(path("/t/devicecode")).respond_with(answer(200, given)).mount(&server).await;
    let tokens = json!({"token_type": "Bearer", "access_token": "a", "refresh_token": "r", "expires_in": 3599});
    for answer in [answer(400, json!({"error": "authorization_pending"})), answer(200, tokens)] {
        Mock::given(path("/t/token")).respond_with(answer).up_to_n_times(1).mount(&server).await;
    }
    let clock = Arc::new(Remembers(Mutex::default()));
    let login = login(&format!("{}/t/token", server.uri()), clock.clone()).unwrap();
    let device = login.device().await.unwrap();
    assert_eq!(login.granted(device, Duration::from_secs(900)).await.unwrap().expose_secret(), "r");
    assert_eq!(*clock.0.lock().unwrap(), [Duration::from_secs(60)]);
}

#[tokio::test]
async fn a_sign_in_waits_while_another_command_has_the_state_and_is_kept_when_that_has_ended() {
    let stage = stage().await;
    let mut login = SigningIn::begin(&stage, &["--paste"], &[]);
    let back = signs_in(&login.address().await).await;
    let data = stage.folder.path().join("data");
    let store = eventually("nobody has the store", async || SledStore::open(&data).ok()).await;
    login.paste(&back);
    let said = login.said.clone();
    eventually("it waits", async || said.lock().unwrap().contains("waits to be handed over").then_some(())).await;
    drop(said);
    store.close().unwrap();
    drop(store);
    let (code, _, err) = login.ends().await;
    assert_eq!(code, 0, "{err}");
    assert!(err.replace('\n', " ").contains("another leadtime has the state, and nobody answers at"), "{err}");
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
}

#[tokio::test]
async fn a_page_in_microsofts_place_is_no_answer() {
    let server = MockServer::start().await;
    let html = ResponseTemplate::new(200).set_body_string("<html>geheim</html>");
    Mock::given(method("POST")).respond_with(html).mount(&server).await;
    let login = login(&format!("{}/t/token", server.uri()), Arc::new(Remembers(Mutex::default()))).unwrap();
    let trouble = login.device().await.err().unwrap();
    assert_eq!(trouble.to_string(), "the token endpoint's answer makes no sense: it is no OAuth body");
    let old = self::login("https://login.microsoftonline.com/t/oauth2/token", Arc::new(Remembers(Mutex::default())));
    assert_eq!(old.err(), Some(LoginTrouble::NoAddresses));
}

#[tokio::test]
async fn a_confidential_client_redeems_the_code_with_its_secret_and_the_verifier() {
    let server = MockServer::start().await;
    let tokens = json!({"token_type": "Bearer", "access_token": "a", "refresh_token": " r ", "expires_in": 3599});
    Mock::given(path("/t/token")).respond_with(ResponseTemplate::new(200).set_body_json(tokens)).mount(&server).await;
    let login = login(&format!("{}/t/token", server.uri()), Arc::new(Remembers(Mutex::default()))).unwrap();
    let asked = login.ask("http://localhost:4711").unwrap();
    let asks: HashMap<String, String> = asked.address.query_pairs().into_owned().collect();
    assert_eq!((asks["redirect_uri"].as_str(), asks["prompt"].as_str()), ("http://localhost:4711", "select_account"));
    assert!(!asked.address.as_str().contains("secret"));
    let agreed = asked.answered(&format!("?code=c1&state={}", asks["state"])).unwrap();
    assert_eq!(login.redeem(asked, agreed).await.unwrap().expose_secret(), "r");
    let request = &server.received_requests().await.unwrap()[0];
    let form: HashMap<String, String> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let sent = ["grant_type", "code", "client_id", "client_secret", "redirect_uri"].map(|name| form[name].as_str());
    assert_eq!(sent, ["authorization_code", "c1", "c", "the-secret", "http://localhost:4711"]);
    assert!(form["code_verifier"].len() >= 43 && !request.headers.contains_key("authorization"));
}

fn login(token_url: &str, clock: Arc<dyn Clock>) -> Result<Login, LoginTrouble> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let settings = AccountSettings {
        name: "contoso".into(),
        client_id: "c".into(),
        client_secret: Some("the-secret".into()),
        base_url: "http://localhost/v1.0".parse().unwrap(),
        token_url: token_url.parse().unwrap(),
        scope: "x offline_access".into(),
        filter: String::new(),
        top: None,
    };
    Login::new(settings, Http::new(reqwest::Client::builder().no_proxy(), Duration::from_secs(5)).unwrap(), clock)
}
