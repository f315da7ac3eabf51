//! A listing: the answers of Partner Center to the pages of a poll, byte for byte. What was read is held beside another
//! reading of the same bytes: nothing is claimed that was not there, and nothing is passed over in silence.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use leadtime::{
    core::{ids::AccountName, page::Page},
    partner_center::{AccountSettings, Client, Http, PollFault, SavedToken, ShelfFault, TokenShelf},
};
use serde_json::Value;

use super::{
    Held, Target, hold, of_sections, sections,
    stage::{Peer, SECRET, Still, block_on, client, halves, is_discreet, now},
};

pub const TARGET: Target = Target {
    name: "listing",
    about: "the pages of a listing of referrals, as HTTP answers",
    corpus,
    words: WORDS,
    feed,
    cases: 1_000,
    memory: (64 << 20, 16),
};

pub const WORDS: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 401 Unauthorized\r\n",
    "HTTP/1.1 429 Too Many Requests\r\n",
    "HTTP/1.1 503 Service Unavailable\r\n",
    "HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.0 ",
    "HTTP/2 ",
    "content-encoding: gzip\r\n",
    "content-encoding: br\r\n",
    "transfer-encoding: chunked\r\n",
    "ffffffffffffffff\r\n",
    "0\r\n\r\n",
    "5\r\n",
    "content-length: 10\r\n",
    "content-length: 99999999999\r\n",
    "content-length: -1\r\n",
    "retry-after: 99999999999999999999\r\n",
    "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
    "date: Fri, 20 Nov 2026 09:00:00 GMT\r\n",
    "date: Mon, 01 Jan 0001 00:00:00 GMT\r\n",
    "set-cookie: a=b\r\n",
    "\r\n\r\n",
    "\"value\"",
    "\"@odata.nextLink\"",
    "\"id\"",
    "?$skiptoken=a",
    "?$skiptoken=b",
    "https://evil.example/?$skiptoken=c",
    "900421",
    "\"code\"",
    "r1",
    "R1",
    "\u{feff}",
    "null",
    "{}",
    "[]",
    "New",
    "Closed",
    "Expired",
    "AADSTS700082",
    "invalid_grant",
];

/// The API's own names, and values of theirs.
pub const FIELDS: &[&str] = &[
    "id",
    "status",
    "substatus",
    "type",
    "qualification",
    "New",
    "Active",
    "Closed",
    "Expired",
    "Accepted",
    "Declined",
    "Won",
    "Lost",
    "Pending",
    "Shared",
    "Independent",
    "createdDateTime",
    "expirationDateTime",
    "updatedDateTime",
    "acceptedDateTime",
    "closedDateTime",
    "isSpam",
    "direction",
    "engagementId",
    "customerProfile",
    "name",
    "address",
    "country",
    "team",
    "email",
    "firstName",
    "lastName",
    "details",
    "dealValue",
    "currency",
    "notes",
    "closingDateTime",
    "inviteContext",
    "invitedBy",
    "organizationId",
    "organizationName",
    "msft",
    "consent",
    "consentToContact",
    "EUR",
    "HUF",
    "HU",
    "anna@contoso.com",
    "b@contoso.com",
    "2026-11-03T09:00:00Z",
    "2026-11-05T00:00:00Z",
    "2026-11-17T09:00:00Z",
    "9999-12-30T22:00:00Z",
    "-009999-01-02T01:59:59Z",
    "r1",
    "good",
];

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: Fri, 20 Nov 2026 09:00:00 GMT\r\n\r\n";
const PACKED: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

fn corpus() -> Vec<Vec<u8>> {
    let seed = include_str!("../../it/data/seed-hu.json");
    let seed: Value = serde_json::from_str(seed).unwrap_or_default();
    let more = r#"{"value":[{"id":"r1","status":"New"},{"id":"r2"}],"@odata.count":9,"@odata.nextLink":"http://x/y?$skiptoken=a"}"#;
    let last = r#"{"value":[{"id":"r2"},{"id":"r3"},7,null,{"id":7}],"@odata.nextLink":null}"#;
    let page = format!("{OK}{more}");
    vec![
        of_sections(&[&format!("{OK}{seed}")]),
        of_sections(&[&page, &format!("{OK}{last}")]),
        of_sections(&[&format!("{PACKED}{more}"), &format!("{PACKED}\u{feff}{last}")]),
        of_sections(&[&format!("{CHUNKED}{:x}\r\n{last}\r\n0\r\n\r\n", last.len())]),
        of_sections(&[&page, "HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\n\r\n", &format!("{OK}{last}")]),
        of_sections(&[
            "HTTP/1.1 401 Unauthorized\r\n\r\n{\"error\":{\"code\":\"900421\",\"message\":\"MFA\"}}",
            "HTTP/1.1 400 Bad Request\r\n\r\n{\"error\":{\"code\":\"invalidRequest\",\"message\":\"no such field\"}}",
        ]),
        of_sections(&[&format!(
            "{OK}{}",
            r#"{"id":"r1","status":"Closed","substatus":"Expired","details":{"dealValue":1}}"#
        )]),
        of_sections(&[&page.replace("skiptoken=a", "$orderby=createdDateTime%20desc")]),
    ]
}

/// A shelf on which a refresh token lies, and that keeps none.
pub struct Shelf;

#[async_trait::async_trait]
impl TokenShelf for Shelf {
    async fn load(&self, _: &AccountName) -> Result<Option<SavedToken>, ShelfFault> {
        let refresh_token = format!("{SECRET}-refresh").into();
        Ok(Some(SavedToken { refresh_token, imported: None, obtained_at: now() }))
    }

    async fn save(&self, _: &AccountName, _: SavedToken) -> Result<(), ShelfFault> {
        Ok(())
    }
}

/// An account whose API and whose token endpoint are at these ports.
pub fn account(api: u16, login: u16) -> AccountSettings {
    AccountSettings {
        name: AccountName::new("contoso"),
        client_id: "the-client".to_owned(),
        client_secret: Some(format!("{SECRET}-client").into()),
        base_url: format!("http://127.0.0.1:{api}/v1.0").parse().expect("a URL"),
        token_url: format!("http://127.0.0.1:{login}/tenant/oauth2/v2.0/token").parse().expect("a URL"),
        scope: "https://api.partner.microsoft.com/.default offline_access".to_owned(),
        filter: "direction eq 'Incoming' and substatus eq 'Pending'".to_owned(),
        top: None,
    }
}

pub fn http() -> Http {
    Http::new(client(), super::stage::SHORT).expect("a client")
}

struct Rig {
    api: Peer,
    client: Client,
}

async fn rig() -> Rig {
    let api = Peer::start("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let grant = format!("HTTP/1.1 200 OK\r\n\r\n{{\"access_token\":\"{SECRET}-access\",\"expires_in\":86400}}");
    let login = Peer::start(&grant).await;
    let client = Client::new(account(api.port, login.port), None, Arc::new(Shelf), Arc::new(Still), http());
    Rig { api, client }
}

thread_local! {
    static RIG: Rig = block_on(rig());
}

const PATIENCE: Duration = Duration::from_secs(30);

fn feed(input: &[u8]) -> Held {
    RIG.with(|rig| {
        block_on(async {
            rig.api.script(&sections(input));
            walk(rig).await?;
            rig.api.script(&sections(input));
            one(rig).await
        })
    })
}

/// A whole listing. Another reading of each page says what was on it.
async fn walk(rig: &Rig) -> Held {
    let mut walk = rig.client.walk(PATIENCE);
    let mut seen = BTreeSet::new();
    let mut ended = None;
    loop {
        match walk.next_page().await {
            Ok(Some(page)) => {
                let told = rig.api.given().and_then(|answer| plain_body(&answer));
                if let Some(told) = &told {
                    compare(&page, told, &mut seen)?;
                }
                seen.extend(page.items.iter().map(|item| item.id.to_string()));
                ended = told.map(|told| told.get("@odata.nextLink").and_then(Value::as_str).map(str::to_owned));
            }
            Ok(None) => {
                let open = ended.flatten().filter(|link| !link.trim().is_empty());
                hold!(open.is_none(), "a listing that goes on is not whole", "{open:?} follows");
                hold!(walk.is_whole(), "a listing that has ended is whole", "it says it is not");
                return Ok(());
            }
            Err(fault) => {
                hold!(!walk.is_whole(), "a listing that failed is not whole", "{fault}");
                hold!(walk.next_page().await.is_err(), "after a fault there is only the fault", "{fault}");
                return discreet(&fault);
            }
        }
    }
}

/// One referral by its id.
async fn one(rig: &Rig) -> Held {
    use leadtime::core::page::Read;
    match rig.client.one(&"r1".into(), PATIENCE).await {
        Ok(reading) => {
            let status =
                rig.api.given().map(|answer| String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned());
            match reading.read {
                Read::Found(referral) => {
                    let id = referral.id().as_str();
                    hold!(id.eq_ignore_ascii_case("r1"), "only the referral that was asked for is read", "{id}");
                }
                // Where an answer before it (100, say) was passed over, its status is not the first in its bytes.
                Read::NotFound | Read::Forbidden => {
                    hold!(status.is_some(), "not found and forbidden are said by the server", "nothing was said");
                }
            }
            Ok(())
        }
        Err(fault) => discreet(&fault),
    }
}

fn discreet(fault: &PollFault) -> Held {
    is_discreet(&format!("{fault} {fault:?}"))
}

/// A body is read a second time up to this size: a tree takes many times as much memory as its text.
const READ_AGAIN: usize = 1 << 20;

/// A body that stands in an answer as it is.
fn plain_body(answer: &[u8]) -> Option<Value> {
    let (head, body) = halves(answer);
    if body.len() > READ_AGAIN {
        return None;
    }
    let head = head.to_ascii_lowercase();
    let framed = ["content-", "transfer-", "http/1.1 1"].iter().any(|framing| {
        // Our own type says nothing of the framing.
        head.windows(framing.len()).filter(|part| *part == framing.as_bytes()).count()
            > usize::from(*framing == "content-")
    });
    let text = String::from_utf8_lossy(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body));
    (!framed).then(|| serde_json::from_str(&text).ok()).flatten()
}

fn compare(page: &Page, told: &Value, seen: &mut BTreeSet<String>) -> Held {
    let Some(items) = told.get("value").and_then(Value::as_array) else { return Ok(()) };
    let id = |item: &Value| item.get("id").and_then(Value::as_str).map(str::to_owned);
    let ids: BTreeSet<_> = items.iter().filter_map(id).collect();
    for item in &page.items {
        hold!(ids.contains(item.id.as_str()), "an item that is read was on the page", "{:?}", item.id);
        if let Ok(referral) = item.referral() {
            hold!(referral.id() == &item.id, "an item's body is that of its id", "{:?}", item.id);
        }
    }
    let mut repeated = 0;
    for item in items.iter().filter_map(id) {
        repeated += usize::from(!seen.insert(item));
    }
    let (read, unreadable) = (page.items.len(), page.unreadable as usize);
    hold!(
        read + unreadable <= items.len(),
        "no more is read than there was",
        "{read} + {unreadable} of {}",
        items.len()
    );
    hold!(
        read + unreadable + repeated >= items.len(),
        "what is not read is counted",
        "{read} read, {unreadable} not, {repeated} again, of {}",
        items.len()
    );
    Ok(())
}
