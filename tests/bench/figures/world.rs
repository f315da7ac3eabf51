//! A listing of so many referrals, its pages made beforehand, and a webhook that counts: as cheap as a server can be, so
//! that the two cores belong to the child.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::IntoResponse,
    routing::{get, post},
};
use jiff::{SignedDuration, Timestamp};

const PAGE: usize = 100;

pub struct World {
    address: std::net::SocketAddr,
    shared: Arc<Shared>,
    _runtime: tokio::runtime::Runtime,
}

struct Shared {
    pages: Vec<Bytes>,
    hooks: AtomicUsize,
    listings: AtomicUsize,
}

impl World {
    pub fn start(referrals: usize) -> Self {
        let shared =
            Arc::new(Shared { pages: pages(referrals), hooks: AtomicUsize::new(0), listings: AtomicUsize::new(0) });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/token", post(async || r#"{"access_token":"a","expires_in":3599,"token_type":"Bearer"}"#))
            .route("/v1.0/engagements/referrals", get(listing))
            .route("/hook", post(hook))
            .with_state(shared.clone());
        runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, shared, _runtime: runtime }
    }

    pub fn hooks(&self) -> usize {
        self.shared.hooks.load(Ordering::SeqCst)
    }

    /// Returns once so many listings were walked to their end.
    pub fn wait_for_listings(&self, count: usize) {
        let began = Instant::now();
        while self.shared.listings.load(Ordering::SeqCst) < count {
            assert!(began.elapsed() < Duration::from_secs(120), "no listing");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// `silent`: a rule takes them all and tells nobody; `later`: nobody is told before the second day.
    pub fn settings(&self, folder: &Path, how: &str) -> PathBuf {
        let address = self.address;
        let rule = match how {
            "silent" => "[[rules]]\nname = \"silent\"\nsteps = []\n",
            "later" => "[[rules]]\nname = \"later\"\nsteps = [{ after = \"2d\" }]\n",
            _ => "",
        };
        let text = format!(
            r#"time_zone = "UTC"
notify = ["crm"]
escalate_to = ["crm"]
[state]
path = "{state}"
[web]
listen = ""
[accounts.bench]
tenant_id = "bench"
client_id = "bench"
refresh_token = "r"
base_url = "http://{address}/v1.0"
token_url = "http://{address}/token"
poll_every = "1h"
[destinations]
crm = {{ type = "webhook", url = "http://{address}/hook" }}
{rule}"#,
            state = folder.join("state").display(),
        );
        let path = folder.join("leadtime.toml");
        std::fs::write(&path, text).unwrap();
        path
    }
}

async fn listing(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> impl IntoResponse {
    let query = query.unwrap_or_default();
    let page: usize = query.strip_prefix("$skiptoken=").and_then(|page| page.parse().ok()).unwrap_or(0);
    if page + 1 == shared.pages.len() {
        shared.listings.fetch_add(1, Ordering::SeqCst);
    }
    ([(header::CONTENT_TYPE, "application/json")], shared.pages[page].clone())
}

async fn hook(State(shared): State<Arc<Shared>>, _body: Bytes) -> StatusCode {
    shared.hooks.fetch_add(1, Ordering::SeqCst);
    StatusCode::NO_CONTENT
}

/// Pages of 100 made-up referrals of about 1.1 kB, created within the last hour, so that none has a step due but `new`.
fn pages(referrals: usize) -> Vec<Bytes> {
    let created = Timestamp::now() - SignedDuration::from_mins(50);
    let numbers: Vec<usize> = (0..referrals).collect();
    let pages: Vec<&[usize]> = numbers.chunks(PAGE).collect();
    let count = pages.len();
    let page = |(place, page): (usize, &[usize])| {
        let items: Vec<String> = page.iter().map(|number| item(*number, created)).collect();
        let mut text = format!(r#"{{"@odata.context":"http://x/$metadata#Referrals","value":[{}]"#, items.join(","));
        if place + 1 < count {
            write!(text, r#","@odata.nextLink":"http://x/v1.0/referrals?$skiptoken={}""#, place + 1).unwrap();
        }
        text.push('}');
        Bytes::from(text)
    };
    pages.into_iter().enumerate().map(page).collect()
}

fn item(number: usize, first: Timestamp) -> String {
    let created = first + SignedDuration::from_secs((number % 2_900) as i64);
    let expires = created + SignedDuration::from_hours(14 * 24);
    let notes =
        "We plan to move our mail and files to Microsoft 365 and look for a partner who can help with it. ".repeat(3);
    format!(
        r#"{{"id":"{number:08x}-6f2e-4a3c-9f0e-0d7a7c1e1f01","engagementId":"65edc0b5-3485-41b7-a17e-{number:012x}","organizationId":"7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d","organizationName":"Contoso","createdDateTime":"{created}","updatedDateTime":"{created}","expirationDateTime":"{expires}","status":"New","substatus":"Pending","qualification":"SalesQualified","type":"Shared","direction":"Incoming","customerProfile":{{"name":"Customer {number} Kft.","address":{{"addressLine1":"Fő utca 1.","city":"Budapest","postalCode":"1011","country":"HU"}},"team":[{{"firstName":"Ada","lastName":"Nagy","email":"ada@customer.example","phoneNumber":"+36 1 234 5678"}}]}},"consent":{{"consentToContact":true}},"details":{{"notes":"{notes}","dealValue":{value},"currency":"EUR","closingDateTime":"2027-03-01T00:00:00Z","requirements":{{"products":[{{"id":"Microsoft365"}}]}}}},"inviteContext":{{"invitedBy":{{"organizationId":"msft","organizationName":"Microsoft"}}}}}}"#,
        value = 1_000 + number,
    )
}
