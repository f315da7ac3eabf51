//! Partner Center over real sockets: a simulated token endpoint and API, and all that can go wrong with them.
//! Nothing here sleeps: the client's clock is set by hand and only notes what it was asked to wait for.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot set its scene has failed")]

mod listing;
mod one;
mod sign_in;
mod troubles;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use leadtime::{
    core::ids::AccountName,
    partner_center::{AccountSettings, Client, Clock, Fingerprint, Http, SavedToken, ShelfFault, TokenShelf},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

/// A budget for retries that no test uses up by accident.
const PATIENCE: Duration = Duration::from_secs(30);
const LISTING: &str = "/v1.0/engagements/referrals";

/// A clock that stands still but for sleeping, and notes each sleep.
struct HandClock {
    now: Mutex<Timestamp>,
    sleeps: Mutex<Vec<Duration>>,
}

impl HandClock {
    fn forward(&self, by: Duration) {
        *self.now.lock().unwrap() += SignedDuration::try_from(by).unwrap();
    }

    fn sleeps(&self) -> Vec<Duration> {
        self.sleeps.lock().unwrap().clone()
    }
}

#[async_trait::async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn sleep(&self, time: Duration) {
        self.sleeps.lock().unwrap().push(time);
        self.forward(time);
    }
}

/// A shelf in memory that writes down when it was asked to save.
#[derive(Default)]
struct Shelf {
    token: Mutex<Option<SavedToken>>,
    full: bool,
    /// The token is sealed, and there is no key.
    sealed: bool,
    diary: Diary,
}

/// What happened, in order, over all parties.
type Diary = Arc<Mutex<Vec<String>>>;

#[async_trait::async_trait]
impl TokenShelf for Shelf {
    async fn load(&self, _: &AccountName) -> Result<Option<SavedToken>, ShelfFault> {
        let token = self.token.lock().unwrap().clone();
        match (self.sealed, token) {
            (true, Some(SavedToken { imported, .. })) => {
                Err(ShelfFault::Sealed { why: "[state] key is not set".to_owned(), imported })
            }
            (_, token) => Ok(token),
        }
    }

    async fn save(&self, _: &AccountName, token: SavedToken) -> Result<(), ShelfFault> {
        if self.full {
            return Err(ShelfFault::Store("no room on the disk".to_owned()));
        }
        self.diary.lock().unwrap().push(format!("saved {}", token.refresh_token.expose_secret()));
        *self.token.lock().unwrap() = Some(token);
        Ok(())
    }
}

/// A token endpoint, an API, and what a client of theirs needs.
struct Rig {
    api: MockServer,
    login: MockServer,
    clock: Arc<HandClock>,
    shelf: Arc<Shelf>,
    settings: AccountSettings,
    imported: Option<SecretString>,
}

impl Rig {
    /// Somebody has signed in; nothing is mounted on either server.
    async fn bare() -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let (api, login) = (MockServer::start().await, MockServer::start().await);
        let now: Timestamp = "2026-11-20T09:00:00Z".parse().unwrap();
        let settings = AccountSettings {
            name: AccountName::new("contoso"),
            client_id: "the-client".to_owned(),
            client_secret: Some("the-client-secret".into()),
            base_url: format!("{}/v1.0", api.uri()).parse().unwrap(),
            token_url: format!("{}/tenant/oauth2/v2.0/token", login.uri()).parse().unwrap(),
            scope: "https://api.partner.microsoft.com/.default offline_access".to_owned(),
            filter: "direction eq 'Incoming' and substatus eq 'Pending'".to_owned(),
            top: None,
        };
        let clock = Arc::new(HandClock { now: Mutex::new(now), sleeps: Mutex::default() });
        let shelf = Arc::new(Shelf::default());
        *shelf.token.lock().unwrap() =
            Some(SavedToken { refresh_token: "saved-refresh".into(), imported: None, obtained_at: now });
        Self { api, login, clock, shelf, settings, imported: None }
    }

    /// As above, and the token endpoint grants `access-1`.
    async fn signed_in() -> Self {
        let rig = Self::bare().await;
        rig.grants(json!({"access_token": "access-1", "expires_in": 3599})).await;
        rig
    }

    async fn grants(&self, body: Value) {
        Mock::given(method("POST")).respond_with(ok(&body)).mount(&self.login).await;
    }

    /// The API's answer to the listing's first page, and to all others that nothing else is mounted for.
    async fn lists(&self, answer: ResponseTemplate) {
        Mock::given(path(LISTING)).respond_with(answer).mount(&self.api).await;
    }

    /// As above, for the first `times` requests only.
    async fn lists_first(&self, times: u64, answer: ResponseTemplate) {
        Mock::given(path(LISTING)).respond_with(answer).up_to_n_times(times).mount(&self.api).await;
    }

    fn client(&self) -> Client {
        let http = Http::new(reqwest::Client::builder().no_proxy(), Duration::from_secs(20)).unwrap();
        self.client_over(http)
    }

    fn client_over(&self, http: Http) -> Client {
        let clock: Arc<dyn Clock> = self.clock.clone();
        Client::new(self.settings.clone(), self.imported.clone(), self.shelf.clone(), clock, http)
    }

    /// Every request to the API is a GET, every one to the token endpoint a POST.
    async fn assert_read_only(&self) {
        assert!(seen(&self.api).await.iter().all(|request| request.method == "GET"));
        assert!(seen(&self.login).await.iter().all(|request| request.method == "POST"));
    }

    /// The refresh tokens that the token endpoint was shown.
    async fn redeemed(&self) -> Vec<String> {
        seen(&self.login).await.iter().map(|request| field(request, "refresh_token").unwrap()).collect()
    }
}

fn imported(token: &str) -> Option<Fingerprint> {
    Some(Fingerprint::of(&token.into()))
}

async fn seen(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

/// A field of a posted form.
fn field(request: &Request, name: &str) -> Option<String> {
    url::form_urlencoded::parse(&request.body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.get(name).unwrap().to_str().unwrap()
}

fn ok(body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

/// A page with these ids, and a link to the next page.
fn page(ids: &[&str], next: Option<&str>) -> Value {
    let items: Vec<Value> = ids.iter().map(|id| json!({"id": id, "status": "New", "substatus": "Pending"})).collect();
    match next {
        Some(link) => json!({"@odata.count": 1, "value": items, "@odata.nextLink": link}),
        None => json!({"@odata.count": 100, "value": items}),
    }
}

/// Walks a listing to its end: the ids read, and the class of the fault that ended it, if one did.
async fn walk(client: &Client) -> (Vec<String>, Option<&'static str>) {
    let mut walk = client.walk(PATIENCE);
    let mut ids = Vec::new();
    loop {
        match walk.next_page().await {
            Ok(Some(page)) => ids.extend(page.items.iter().map(|item| item.id.to_string())),
            Ok(None) => return (ids, None),
            Err(fault) => return (ids, Some(fault.trouble.class())),
        }
    }
}
