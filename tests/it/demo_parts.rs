//! The simulated Partner Center and the sinks, as a client meets them: over real sockets, by a clock set by hand.
#![expect(clippy::unwrap_used, reason = "a step that fails fails its story")]

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use leadtime::demo::{
    Now,
    inbox::{Inbox, Medium},
    inbox_page,
    invent::Inventor,
    partner_center::{self, FIRST_REFRESH_TOKEN, Registration, TOKEN_LIFE},
    plot,
    sinks::{Fault, FaultKind, Sinks},
    smtp_sink,
    world::{Outage, Predicate, ReadFilter, SignInTrouble, World},
};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::MultiPart};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

const PENDING: &str = "direction eq 'Incoming' and substatus eq 'Pending'";

/// A clock that stands until it is set.
#[derive(Clone)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn at(time: &str) -> Self {
        Self(Arc::new(AtomicI64::new(time.parse::<Timestamp>().unwrap().as_second())))
    }

    fn set(&self, time: Timestamp) {
        self.0.store(time.as_second(), Ordering::SeqCst);
    }

    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn now(&self) -> Now {
        let seconds = self.0.clone();
        Arc::new(move || Timestamp::from_second(seconds.load(Ordering::SeqCst)).unwrap())
    }
}

/// `name eq 'value'`, joined by `and`: as much of the language as these stories need.
fn read_filter() -> ReadFilter {
    Arc::new(|text: &str| {
        let terms: Option<Vec<(String, Value)>> = text
            .split(" and ")
            .map(|term| term.split_once(" eq ").map(|(name, value)| (name.to_owned(), json!(value.trim_matches('\'')))))
            .collect();
        let terms = terms.ok_or("the filter cannot be read")?;
        let all = move |body: &Map<String, Value>| terms.iter().all(|(name, value)| body.get(name) == Some(value));
        Ok(Box::new(all) as Predicate)
    })
}

struct Partner {
    world: World,
    clock: Clock,
    address: SocketAddr,
    client: reqwest::Client,
    _stop: DropGuard,
}

fn client() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    let second = Duration::from_secs(10);
    reqwest::Client::builder().no_proxy().timeout(second).redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

async fn partner() -> Partner {
    let clock = Clock::at("2026-11-02T08:00:00Z");
    let world = World::new(clock.now(), read_filter());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(partner_center::serve(world.clone(), Registration::default(), listener, stop.clone()));
    Partner { world, clock, address, client: client(), _stop: stop.drop_guard() }
}

impl Partner {
    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Adds so many referrals; their ids.
    fn add(&self, count: usize) -> Vec<String> {
        let bodies = Inventor::new(1).bodies(count, (self.clock.now())());
        let ids = bodies.iter().map(|body| body["id"].as_str().unwrap().to_owned()).collect();
        self.world.add(bodies).unwrap();
        ids
    }

    async fn token_request(&self, refresh_token: &str) -> reqwest::Response {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "leadtime-demo"),
            ("refresh_token", refresh_token),
            ("scope", "https://api.partner.microsoft.com/.default offline_access"),
        ];
        self.client.post(self.url("/contoso.example/oauth2/v2.0/token")).form(&form).send().await.unwrap()
    }

    async fn sign_in(&self) -> String {
        let answer: Value = self.token_request(FIRST_REFRESH_TOKEN).await.json().await.unwrap();
        answer["access_token"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path_and_query: &str, token: &str) -> reqwest::Response {
        self.client.get(self.url(path_and_query)).bearer_auth(token).send().await.unwrap()
    }

    async fn list(&self, token: &str) -> reqwest::Response {
        let filter = PENDING.replace(' ', "%20");
        self.get(&format!("/v1.0/engagements/referrals?$filter={filter}&$orderby=createdDateTime%20desc"), token).await
    }

    /// The ids of all pages, and how many pages there were.
    async fn walk(&self, token: &str) -> (Vec<String>, usize) {
        let mut page: Value = self.list(token).await.json().await.unwrap();
        let (mut ids, mut pages) = (Vec::new(), 1);
        loop {
            ids.extend(page["value"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
            let Some(link) = page["@odata.nextLink"].as_str() else { return (ids, pages) };
            let query = link.split_once('?').unwrap().1;
            page = self.get(&format!("/v1.0/engagements/referrals?{query}"), token).await.json().await.unwrap();
            pages += 1;
        }
    }

    async fn read(&self, id: &str, token: &str) -> reqwest::Response {
        self.get(&format!("/v1.0/engagements/referrals/{id}"), token).await
    }
}

#[tokio::test]
async fn a_client_that_follows_the_queries_of_the_links_finds_every_referral_once() {
    let partner = partner().await;
    let added: BTreeSet<String> = partner.add(10_000).into_iter().collect();
    let token = partner.sign_in().await;
    let (ids, pages) = partner.walk(&token).await;
    assert_eq!((ids.len(), pages), (10_000, 100));
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), added);
    let calls = partner.world.calls();
    assert_eq!((calls.listings, calls.pages, calls.sign_ins, calls.failed), (1, 99, 1, 0));
}

#[tokio::test]
async fn the_newest_come_first_and_top_is_a_total() {
    let partner = partner().await;
    let ids = partner.add(300);
    let token = partner.sign_in().await;
    let (walked, _) = partner.walk(&token).await;
    assert_eq!(walked, ids.iter().rev().cloned().collect::<Vec<_>>());
    let page: Value = partner.get("/v1.0/engagements/referrals?$top=100", &token).await.json().await.unwrap();
    assert_eq!(page["value"].as_array().unwrap().len(), 100);
    assert_eq!(page.get("@odata.nextLink"), None);
}

#[tokio::test]
async fn an_accepted_referral_leaves_the_list_and_says_who_took_it() {
    let partner = partner().await;
    let ids = partner.add(3);
    let token = partner.sign_in().await;
    partner.world.accept(&ids[1], &plot::ANNA).unwrap();
    assert_eq!(partner.walk(&token).await.0, [ids[2].clone(), ids[0].clone()]);
    let body: Value = partner.read(&ids[1], &token).await.json().await.unwrap();
    assert_eq!(
        (&body["status"], &body["substatus"], &body["expirationDateTime"]),
        (&json!("Active"), &json!("Accepted"), &Value::Null)
    );
    assert_eq!(body["team"][0]["firstName"], "Anna");
    assert!(body["eTag"].as_str().unwrap().starts_with('"'));
}

#[tokio::test]
async fn what_nobody_answers_expires_at_midnight_of_the_fourteenth_day() {
    let partner = partner().await;
    let sketch = Inventor::new(9).invent("2026-11-02T07:30:00Z".parse().unwrap());
    partner.world.add([sketch.body()]).unwrap();
    partner.clock.set("2026-11-15T23:59:59Z".parse().unwrap());
    let token = partner.sign_in().await;
    assert_eq!(partner.walk(&token).await.0, [sketch.id()]);
    partner.clock.pass(1);
    assert!(partner.walk(&token).await.0.is_empty());
    let body: Value = partner.read(&sketch.id(), &token).await.json().await.unwrap();
    assert_eq!(
        (&body["status"], &body["substatus"], &body["closedDateTime"]),
        (&json!("Closed"), &json!("Expired"), &json!("2026-11-16T00:00:00Z"))
    );
}

#[tokio::test]
async fn a_token_dies_by_the_simulated_clock_and_old_refresh_tokens_stay_good() {
    let partner = partner().await;
    let token = partner.sign_in().await;
    assert_eq!(partner.list(&token).await.status(), 200);
    partner.clock.pass(TOKEN_LIFE);
    let refused = partner.list(&token).await;
    assert_eq!(refused.status(), 401);
    assert_eq!(refused.json::<Value>().await.unwrap()["statusCode"], 401);
    let made_up = partner.list("demo.9.99999999999").await;
    assert_eq!(made_up.status(), 401);
    assert_eq!(made_up.json::<Value>().await.unwrap()["error"]["code"], "unauthenticated");
    let second: Value = partner.token_request(FIRST_REFRESH_TOKEN).await.json().await.unwrap();
    assert_ne!(second["refresh_token"], FIRST_REFRESH_TOKEN);
    assert_eq!(partner.token_request(second["refresh_token"].as_str().unwrap()).await.status(), 200);
    assert_eq!(partner.token_request("0.demo-refresh.99").await.status(), 400);
}

#[tokio::test]
async fn the_older_token_endpoint_answers_in_strings() {
    let partner = partner().await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "leadtime-demo"),
        ("refresh_token", FIRST_REFRESH_TOKEN),
        ("resource", "https://api.partner.microsoft.com"),
    ];
    let url = partner.url("/contoso.example/oauth2/token");
    let answer: Value = partner.client.post(url).form(&form).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["expires_in"], "3599");
    assert_eq!(partner.list(answer["access_token"].as_str().unwrap()).await.status(), 200);
}

#[tokio::test]
async fn a_broken_sign_in_names_its_reason() {
    let partner = partner().await;
    let mut seen = Vec::new();
    for trouble in [SignInTrouble::InvalidGrant, SignInTrouble::InvalidClient, SignInTrouble::Down] {
        partner.world.set_sign_in_trouble(Some(trouble));
        let answer = partner.token_request(FIRST_REFRESH_TOKEN).await;
        let status = answer.status().as_u16();
        seen.push((status, answer.json::<Value>().await.unwrap()["error"].as_str().unwrap().to_owned()));
    }
    let seen: Vec<(u16, &str)> = seen.iter().map(|(status, error)| (*status, &**error)).collect();
    assert_eq!(seen, [(400, "invalid_grant"), (401, "invalid_client"), (503, "temporarily_unavailable")]);
    partner.world.set_sign_in_trouble(None);
    assert_eq!(partner.token_request(FIRST_REFRESH_TOKEN).await.status(), 200);
}

#[tokio::test]
async fn each_outage_looks_as_the_real_ones_do() {
    let partner = partner().await;
    partner.add(5);
    let token = partner.sign_in().await;
    for (outage, status, wait, text) in [
        (Outage::Down { retry_after: Some(57) }, 503, Some("57"), "serviceNotAvailable"),
        (Outage::Throttled { retry_after: 9 }, 429, Some("9"), "\"error\""),
        (Outage::Throttled { retry_after: 9 }, 429, Some("9"), "\"statusCode\":429"),
        (Outage::LoginPage, 200, None, "<!DOCTYPE html>"),
        (Outage::EmptyList, 200, None, "\"value\":[]"),
        (Outage::MfaRequired, 401, None, "900421"),
        (Outage::Forbidden, 403, None, "accessDenied"),
        (Outage::Slow(Duration::from_millis(1)), 200, None, "\"substatus\":\"Pending\""),
    ] {
        partner.world.set_outage(Some(outage));
        let answer = partner.list(&token).await;
        assert_eq!(answer.status(), status, "{outage:?}");
        assert_eq!(answer.headers().get("retry-after").map(|value| value.to_str().unwrap()), wait, "{outage:?}");
        let body = answer.text().await.unwrap();
        assert!(body.contains(text), "{outage:?}: {body}");
    }
}

#[tokio::test]
async fn a_body_can_end_in_the_middle_or_with_its_connection() {
    let partner = partner().await;
    partner.add(5);
    let token = partner.sign_in().await;
    partner.world.set_outage(Some(Outage::Truncated));
    let half = partner.list(&token).await.text().await.unwrap();
    assert!(half.len() > 100 && serde_json::from_str::<Value>(&half).is_err());
    partner.world.set_outage(Some(Outage::ConnectionLost));
    assert!(partner.list(&token).await.text().await.is_err());
}

#[tokio::test]
async fn without_its_role_an_account_sees_an_empty_list_and_no_referral() {
    let partner = partner().await;
    let ids = partner.add(3);
    let token = partner.sign_in().await;
    partner.world.hide(&ids[0], true).unwrap();
    assert_eq!(partner.walk(&token).await.0.len(), 2);
    partner.world.lose_role(true);
    assert_eq!(partner.walk(&token).await.0.len(), 0);
    let missing = partner.read(&ids[1], &token).await;
    assert_eq!(missing.status(), 404);
    assert_eq!(missing.json::<Value>().await.unwrap()["error"]["code"], "itemNotFound");
    partner.world.lose_role(false);
    assert_eq!(partner.read(&ids[1], &token).await.status(), 200);
    assert_eq!(partner.read(&ids[0], &token).await.status(), 404);
}

#[tokio::test]
async fn who_tries_to_write_is_refused_and_remembered() {
    let partner = partner().await;
    let ids = partner.add(1);
    let token = partner.sign_in().await;
    let url = partner.url(&format!("/v1.0/engagements/referrals/{}", ids[0]));
    let answer = partner.client.patch(url).bearer_auth(&token).body("[]").send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert_eq!(partner.world.calls().methods.keys().collect::<Vec<_>>(), ["PATCH api", "POST token"]);
}

#[tokio::test]
async fn answers_are_dated_by_the_simulated_clock() {
    let partner = partner().await;
    let answer = partner.list(&partner.sign_in().await).await;
    assert_eq!(answer.headers()["date"], "Mon, 02 Nov 2026 08:00:00 GMT");
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_refused() {
    let partner = partner().await;
    let token = partner.sign_in().await;
    let answer = partner.get("/v1.0/engagements/referrals?$filter=nonsense", &token).await;
    assert_eq!(answer.status(), 400);
}

struct Sockets {
    sinks: Sinks,
    clock: Clock,
    web: SocketAddr,
    smtp: SocketAddr,
    client: reqwest::Client,
    _stop: DropGuard,
}

async fn sockets() -> Sockets {
    let clock = Clock::at("2026-11-02T07:00:00Z");
    let sinks = Sinks::new(Inbox::new(clock.now(), plot::stage()));
    let (web, smtp) =
        (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let (web_address, smtp_address) = (web.local_addr().unwrap(), smtp.local_addr().unwrap());
    let stop = CancellationToken::new();
    let router = sinks.router().merge(inbox_page::router(sinks.inbox().clone()));
    let stopped = stop.clone().cancelled_owned();
    tokio::spawn(async move { axum::serve(web, router).with_graceful_shutdown(stopped).await });
    tokio::spawn(smtp_sink::serve(sinks.clone(), smtp, stop.clone()));
    Sockets { sinks, clock, web: web_address, smtp: smtp_address, client: client(), _stop: stop.drop_guard() }
}

impl Sockets {
    async fn post(&self, path: &str, body: &Value) -> (u16, String) {
        let url = format!("http://{}{path}", self.web);
        let answer = self.client.post(url).header("webhook-id", "m-1").body(body.to_string()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("http://{}{path}", self.web)).send().await.unwrap()
    }

    async fn send_mail(&self, mail: Message) -> u16 {
        let server =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(self.smtp.port()).build();
        match server.send(mail).await {
            Ok(answer) => answer.code().into(),
            Err(error) => error.status().unwrap().into(),
        }
    }
}

fn a_mail() -> Message {
    Message::builder()
        .from("Leadtime <leadtime@contoso.example>".parse().unwrap())
        .to("Kovács Anna <anna@contoso.example>".parse().unwrap())
        .subject("Győr: válaszoljon csütörtökig")
        .message_id(Some("<root.1@contoso.example>".to_owned()))
        .multipart(MultiPart::alternative_plain_html(
            "Győr\r\n.\r\nvége".to_owned(),
            "<html><head></head><p>Győr</p></html>".to_owned(),
        ))
        .unwrap()
}

#[tokio::test]
async fn each_sink_answers_as_the_real_one_and_keeps_the_message() {
    let sockets = sockets().await;
    let slack = sockets.post("/slack/sellers", &json!({"text": "New co-sell", "blocks": []})).await;
    let teams =
        sockets.post("/teams/managers", &json!({"summary": "Unanswered", "attachments": [{"content": {}}]})).await;
    let hook = sockets.post("/hooks/crm", &json!({"type": "referral.new"})).await;
    assert_eq!((slack, teams, hook), ((200, "ok".to_owned()), (202, String::new()), (204, String::new())));
    let kept: Vec<_> = sockets.sinks.inbox().messages();
    let kept: Vec<_> = kept.iter().map(|m| (m.medium, &*m.sink, &*m.first_line, m.message_id.as_deref())).collect();
    assert_eq!(
        kept,
        [
            (Medium::Webhook, "crm", "referral.new", Some("m-1")),
            (Medium::Teams, "managers", "Unanswered", Some("m-1")),
            (Medium::Slack, "sellers", "New co-sell", Some("m-1")),
        ]
    );
}

#[tokio::test]
async fn what_the_real_ones_refuse_is_refused_and_not_kept() {
    let sockets = sockets().await;
    assert_eq!(sockets.post("/slack/x", &json!("text")).await, (400, "invalid_payload".to_owned()));
    assert_eq!(sockets.post("/slack/x", &json!({})).await, (400, "no_text".to_owned()));
    let blocks = vec![json!({"type": "divider"}); 51];
    assert_eq!(
        sockets.post("/slack/x", &json!({"text": "a", "blocks": blocks})).await,
        (400, "invalid_blocks".to_owned())
    );
    assert_eq!(sockets.post("/teams/x", &json!({"type": "AdaptiveCard"})).await.0, 400);
    assert!(sockets.sinks.inbox().messages().is_empty());
    assert_eq!(sockets.sinks.inbox().counts()[&Medium::Slack].refused, 3);
}

#[tokio::test]
async fn a_sink_that_fails_for_a_while_mends_itself_by_the_simulated_clock() {
    let sockets = sockets().await;
    let message = json!({"text": "hello"});
    let until = Some("2026-11-02T08:00:00Z".parse().unwrap());
    sockets.sinks.fail(Medium::Slack, None, Fault { kind: FaultKind::Unavailable, until });
    sockets.sinks.fail(Medium::Slack, Some("old"), Fault { kind: FaultKind::Gone, until: None });
    assert_eq!(sockets.post("/slack/sellers", &message).await.0, 503);
    assert_eq!(sockets.post("/slack/old", &message).await, (404, "no_service".to_owned()));
    sockets.clock.pass(3_600);
    assert_eq!(sockets.post("/slack/sellers", &message).await.0, 200);
    assert_eq!(sockets.post("/slack/old", &message).await.0, 404);
    sockets.sinks.mend(Medium::Slack, Some("old"));
    assert_eq!(sockets.post("/slack/old", &message).await.0, 200);
}

#[tokio::test]
async fn a_mail_arrives_whole_and_is_shown_in_a_sandbox() {
    let sockets = sockets().await;
    assert_eq!(sockets.send_mail(a_mail()).await, 250);
    let kept = sockets.sinks.inbox().messages();
    assert_eq!(kept[0].first_line, "Győr: válaszoljon csütörtökig");
    assert_eq!(kept[0].message_id.as_deref(), Some("root.1@contoso.example"));
    assert_eq!(kept[0].sink, "anna@contoso.example");
    let shown = sockets.get("/mail/1").await;
    assert!(shown.headers()["content-security-policy"].to_str().unwrap().contains("sandbox"));
    assert!(shown.text().await.unwrap().contains("<p>Győr</p>"));
}

#[tokio::test]
async fn a_mailbox_that_is_gone_refuses_its_mail() {
    let sockets = sockets().await;
    sockets.sinks.fail(Medium::Email, Some("anna@contoso.example"), Fault { kind: FaultKind::Gone, until: None });
    assert_eq!(sockets.send_mail(a_mail()).await, 550);
    assert!(sockets.sinks.inbox().messages().is_empty());
}

#[tokio::test]
async fn the_page_allows_nothing_but_its_own_style_and_frames() {
    let sockets = sockets().await;
    sockets.post("/slack/sellers", &json!({"text": "<script>alert(1)</script>"})).await;
    let page = sockets.get("/").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.text().await.unwrap().contains("<script"));
    let listed: Value = sockets.get("/messages.json").await.json().await.unwrap();
    assert_eq!((&listed[0]["medium"], &listed[0]["sink"]), (&json!("slack"), &json!("sellers")));
}

#[tokio::test]
async fn the_story_plays_to_its_end() {
    let clock = Clock::at("2026-11-02T07:00:00Z");
    let world = World::new(clock.now(), read_filter());
    let sinks = Sinks::new(Inbox::new(clock.now(), plot::stage()));
    let story = plot::story();
    story.begin(&world).unwrap();
    for event in &story.events {
        clock.set(event.at);
        event.happen(&world, &sinks).unwrap();
        if let plot::Act::Expire { id } = &event.act {
            assert_eq!(world.body(id).unwrap()["substatus"], "Expired");
        }
    }
    assert_eq!(sinks.inbox().lines().len(), story.events.len());
}
