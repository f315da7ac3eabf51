//! The page of a claim link over real HTTP: who only looks changes nothing, and who presses is believed as far as the link
//! goes. The service runs inside the test, so that its store can be counted and its clock set.

mod look;
mod page;
mod pressed;
mod secret;
mod told;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use leadtime::{
    core::ids::CaseNumber,
    demo::{
        inbox::{Medium, Received},
        invent::Inventor,
        mail::Mail,
        smtp_sink,
    },
    service::{
        claim_link::{Kind, Link},
        clock::Clock,
        prepare::prepare,
        run::{Mode, Service},
        vitals::Vitals,
    },
    store::{SledStore, Store, layout},
    web::{Desk, Door, listen, router},
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::commands_stage::{LIMIT, Stage, eventually};

/// Where messages say that leadtime is.
const EXTERNAL: &str = "https://leadtime.contoso.com";
/// A Wednesday, 10:00 in Budapest.
const START: &str = "2026-11-04T09:00:00Z";

/// A clock that is set by hand.
#[derive(Clone)]
pub struct Hand(Arc<Mutex<Timestamp>>);

#[async_trait::async_trait]
impl Clock for Hand {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, time: Duration) {
        // Nobody says when the clock is set, so it is looked at often.
        tokio::time::sleep(time.min(Duration::from_millis(20))).await;
    }
}

/// A service that runs, and one who clicks.
pub struct Claims {
    pub stage: Stage,
    pub service: Arc<Service>,
    pub client: reqwest::Client,
    /// `http://127.0.0.1:…`
    pub at: String,
    store: Arc<dyn Store>,
    clock: Hand,
    _stop: DropGuard,
}

/// Settings with everything that a claim can meet: a channel, a mail, managers of whom escalations ask at once, people.
fn settings(stage: &Stage, smtp: u16, more: &str) -> String {
    let settings = stage.settings().replace(
        "[web]\nlisten = \"127.0.0.1:0\"",
        &format!("[web]\nlisten = \"127.0.0.1:0\"\nexternal_url = \"{EXTERNAL}\"\n"),
    );
    let settings = settings.replace("notify = [\"sellers\"]", "notify = [\"sellers\", \"inbox\"]");
    // A pace would wait for a clock that is set by hand.
    let settings = settings.replace("hours = \"always\" }", "hours = \"always\", rate = \"none\" }");
    format!(
        r#"{settings}
inbox = {{ type = "email", to = ["Anna Kovács <anna@contoso.com>", "desk@contoso.com"], hours = "always", rate = "none" }}

[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
from = "Leadtime <leadtime@contoso.com>"

[people.anna]
name = "Anna Kovács"
email = "anna@contoso.com"
manager = "bela"

[people.bela]
name = "Béla Nagy"
email = "bela@contoso.com"

[[owners]]
people = ["anna"]

[[rules]]
name = "all"
steps = [
  {{ on = "new" }},
  {{ after = "1bd" }},
  {{ before_expiry = "15d", escalate = true, every = "1d" }},
  {{ before_expiry = "3bd", escalate = true }},
]
{more}"#
    )
}

impl Claims {
    /// A service that has told of nothing yet.
    pub async fn begin() -> Self {
        Self::begin_with("", |settings| settings).await
    }

    /// The same with settings that are otherwise.
    pub async fn begin_with(more: &str, otherwise: impl FnOnce(String) -> String) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let clock = Hand(Arc::new(Mutex::new(START.parse().unwrap())));
        let hand = clock.clone();
        let stage = Stage::set_by(Arc::new(move || hand.now())).await;
        let stop = CancellationToken::new();
        let smtp = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = smtp.local_addr().unwrap().port();
        tokio::spawn(smtp_sink::serve(stage.sinks.clone(), smtp, stop.clone()));
        stage.write(&otherwise(settings(&stage, port, more)));
        let store: Arc<dyn Store> = Arc::new(SledStore::open(&stage.folder.path().join("data")).unwrap());
        let (prepared, _) = prepare(&stage.folder.path().join("leadtime.toml"), std::iter::empty()).unwrap();
        let (settings, vitals) = (prepared.settings.clone(), Arc::new(Vitals::default()));
        let mode = Mode { made_up_time: true, ..Mode::default() };
        let desk = Desk::new(settings, vitals.clone());
        let service = Service::start(store.clone(), prepared, Arc::new(clock.clone()), mode, vitals).await.unwrap();
        desk.serves(service.clone());
        let listener = listen::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(listen::serve(listener, router(desk, Door::Listen(address)), stop.clone()));
        let redirects = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().no_proxy().redirect(redirects).timeout(LIMIT).build().unwrap();
        let at = format!("http://{address}");
        Self { stage, service, client, at, store, clock, _stop: stop.drop_guard() }
    }

    /// A referral comes and is polled; its id.
    pub async fn refer(&self) -> String {
        self.refer_as("Fabrikam Kft.").await
    }

    /// One of this customer.
    pub async fn refer_as(&self, customer: &str) -> String {
        let sketch = Inventor::new(7).invent(self.clock.now() - SignedDuration::from_mins(1));
        let mut body = sketch.body();
        body["customerProfile"]["name"] = json!(customer);
        body["customerProfile"]["address"]["country"] = json!("HU");
        body["details"]["dealValue"] = json!(80_000);
        body["details"]["currency"] = json!("EUR");
        body["type"] = json!("Shared");
        self.stage.world.add([body]).unwrap();
        self.poll().await;
        sketch.id()
    }

    pub async fn poll(&self) {
        let polled = self.client.post(format!("{}/api/v1/poll", self.at)).send().await.unwrap();
        assert_eq!(polled.json::<Value>().await.unwrap()["whole"], true);
    }

    /// The clock goes on.
    pub fn passes(&self, time: SignedDuration) {
        *self.clock.0.lock().unwrap() += time;
    }

    /// The path of the claim link in the latest message to a destination; for mail, to this address.
    pub async fn link(&self, to: &str) -> String {
        let message = self.stage.message(to, |message| message.sink.contains(to) && path_in(message).is_some()).await;
        path_in(&message).unwrap()
    }

    /// A link that this service would make.
    pub fn forge(&self, kind: Kind, case: u64, destination: &str, recipient: Option<&str>) -> String {
        let key = self.service.prepared().claim_key.clone().unwrap();
        let recipient = recipient.map(Arc::from);
        let token = key.token(&Link { kind, case: CaseNumber(case), destination: destination.into(), recipient });
        format!("/claim/{token}")
    }

    pub async fn ask(&self, method: Method, path: &str) -> Response {
        self.client.request(method, format!("{}{path}", self.at)).send().await.unwrap()
    }

    /// The page under a link.
    pub async fn page(&self, path: &str) -> String {
        let answer = self.ask(Method::GET, path).await;
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap()
    }

    /// Reads the page and presses a button on it; where that leads.
    pub async fn press(&self, path: &str, said: &[(&str, &str)]) -> Response {
        let slip = slip(&self.page(path).await);
        self.send(path, &[&[("slip", slip.as_str())], said].concat()).await
    }

    /// Presses a button, which is taken; the page as it is then.
    pub async fn presses(&self, path: &str, said: &[(&str, &str)]) -> String {
        let answer = self.press(path, said).await;
        let (status, to) = (answer.status(), answer.headers().get("location").cloned());
        assert_eq!(status, StatusCode::SEE_OTHER, "{}", answer.text().await.unwrap());
        assert_eq!(format!("/claim/{}", to.unwrap().to_str().unwrap()), path);
        self.page(path).await
    }

    pub async fn send(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.client.post(format!("{}{path}", self.at)).form(form).send().await.unwrap()
    }

    /// How often anything was written.
    pub fn commits(&self) -> u64 {
        u64::from_be_bytes(self.store.get(layout::COMMITS).unwrap().unwrap().try_into().unwrap())
    }

    /// Waits until nothing more is written by itself; how often anything was.
    pub async fn settled(&self) -> u64 {
        let mut last = (self.commits(), 0);
        eventually("nothing more is written", async || {
            let now = self.commits();
            last = if now == last.0 { (now, last.1 + 1) } else { (now, 0) };
            (last.1 >= 10).then_some(now)
        })
        .await
    }

    /// What `explain` tells.
    pub async fn explained(&self, id: &str) -> Value {
        self.ask(Method::GET, &format!("/api/v1/explain/{id}")).await.json().await.unwrap()
    }

    /// The sentences that people have caused.
    pub async fn said(&self, id: &str) -> Vec<String> {
        let explained = self.explained(id).await;
        let past = explained["past"].as_array().unwrap().iter();
        let by_people = |line: &&Value| {
            let entered = &line["what"]["entered"];
            ["claimed", "given_back", "seen_to"].iter().any(|what| !entered[what].is_null())
        };
        past.filter(by_people).map(|line| line["sentence"].as_str().unwrap().to_owned()).collect()
    }
}

/// The hidden field of a page.
pub fn slip(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"slip\" value=\"").unwrap_or_else(|| panic!("no form:\n{page}"));
    rest.split_once('"').unwrap().0.to_owned()
}

/// The path of the claim link in a message.
fn path_in(message: &Received) -> Option<String> {
    let text = match message.medium {
        Medium::Email => Mail::read(&message.body).text?,
        _ => message.body.clone(),
    };
    let (_, rest) = text.split_once(EXTERNAL)?;
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "/-_".contains(c))).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}
