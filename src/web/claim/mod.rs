//! `/claim/…`: the page on which a person says that they will answer a referral, or see to an escalation. The link is the
//! key: whoever holds it needs no password, so its path is never logged. Looking changes nothing; only a button that was
//! pressed on a page that this store has made does. Must never tell a stranger whether a link was ever good.

mod caution;
mod page;
mod scene;
mod who;

use std::{sync::Arc, time::Instant};

use axum::{
    Extension, Form, Router,
    extract::{
        DefaultBodyLimit, Path, Request, State,
        rejection::{FormRejection, PathRejection},
    },
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::get,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use self::{
    page::Page,
    scene::{Pressed, Scene},
    who::{Reader, Said, named_by_proxy},
};
use super::{Desk, peer::Peer};
use crate::{
    core::{case::Case, claim::Claim},
    messages::words::{self, Locale, Words, Wrong},
    service::{
        claim_link::{ClaimKey, Kind, Link},
        facts::{Claiming, Facts, State as Known},
        prepare::Prepared,
    },
    store::StoreFault,
};

/// What is sent is a few words.
const BODY_MAX: usize = 4 * 1024;
/// What stands on a page is good for so long: the days on its buttons were counted when it was made.
const SLIP_LIFE: SignedDuration = SignedDuration::from_hours(12);

/// What answers.
pub fn router(desk: Desk) -> Router<Desk> {
    Router::new()
        .route("/claim/{token}", get(show).post(press))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(desk, throttle))
        .layer(middleware::from_fn(super::in_time))
}

/// So many requests, and no more, of one address.
async fn throttle(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let settings = desk.settings();
    let peer = request.extensions().get::<Peer>().copied().unwrap_or(Peer(None));
    let client = peer.client(request.headers(), &settings.web.trusted_proxies);
    let admitted = client.map_or(Ok(()), |client| desk.throttle().admit(client, Instant::now()));
    match admitted {
        Ok(()) => next.run(request).await,
        Err(wait) => {
            let wait = [(header::RETRY_AFTER, (wait.as_secs() + 1).to_string())];
            (wait, *not_now(&desk, StatusCode::TOO_MANY_REQUESTS)).into_response()
        }
    }
}

/// A link that is good, with all that it takes to answer.
struct Opened {
    token: String,
    link: Link,
    key: ClaimKey,
    prepared: Arc<Prepared>,
    facts: Facts,
    named: Option<String>,
}

impl Opened {
    /// Opens a link, or says what there is to say instead.
    fn open(
        desk: &Desk,
        token: Result<Path<String>, PathRejection>,
        peer: Peer,
        headers: &HeaderMap,
    ) -> Result<Self, Box<Response>> {
        let Path(token) = token.map_err(|_| nothing(desk))?;
        let service = desk.service().ok_or_else(|| not_now(desk, StatusCode::SERVICE_UNAVAILABLE))?;
        let prepared = service.prepared();
        let key = prepared.claim_key.clone().ok_or_else(|| nothing(desk))?;
        let link = key.read(&token).ok_or_else(|| nothing(desk))?;
        let named = named_by_proxy(headers, peer.0, &prepared.settings.web);
        Ok(Self { token, link, key, facts: service.facts.clone(), prepared, named })
    }

    /// Looks at the referral, and changes nothing.
    async fn look(&self) -> Result<Option<(Case, Timestamp)>, StoreFault> {
        let number = self.link.case;
        self.facts.bring(move |state, now| Ok(state.known(number)?.map(|case| (case, now)))).await
    }

    fn reader(&self, case: &Case, now: Timestamp) -> Reader {
        Reader::of(&self.link, self.named.clone(), case, &self.prepared.settings, now)
    }

    fn scene<'a>(&'a self, case: &'a Case, reader: &'a Reader, now: Timestamp) -> Scene<'a> {
        Scene::new(&self.link, &self.prepared, case, reader, now)
    }

    /// The page as it is now.
    fn page(&self, case: &Case, now: Timestamp, said: &Said, wrong: Option<Wrong>) -> Page {
        let reader = self.reader(case, now);
        self.scene(case, &reader, now).page(&self.key.slip(&self.token, now), said, wrong)
    }
}

async fn show(
    State(desk): State<Desk>,
    Extension(peer): Extension<Peer>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Response {
    let opened = match Opened::open(&desk, token, peer, &headers) {
        Ok(opened) => opened,
        Err(instead) => return *instead,
    };
    match opened.look().await {
        Ok(Some((case, now))) => opened.page(&case, now, &Said::default(), None).answer(StatusCode::OK),
        Ok(None) => *nothing(&desk),
        Err(_) => *not_now(&desk, StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// What a form sends.
#[derive(Debug, Default, Deserialize)]
struct Sent {
    #[serde(default)]
    slip: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    name: String,
}

async fn press(
    State(desk): State<Desk>,
    Extension(peer): Extension<Peer>,
    token: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    sent: Result<Form<Sent>, FormRejection>,
) -> Response {
    let opened = match Opened::open(&desk, token, peer, &headers) {
        Ok(opened) => opened,
        Err(instead) => return *instead,
    };
    let (case, now) = match opened.look().await {
        Ok(Some(seen)) => seen,
        Ok(None) => return *nothing(&desk),
        Err(_) => return *not_now(&desk, StatusCode::SERVICE_UNAVAILABLE),
    };
    let sent = match sent {
        Ok(Form(sent)) => sent,
        Err(refused) => {
            let words = words(&desk);
            let (head, text) = words.claim_unreadable();
            return Page::plain(words, head, Some(text)).answer(refused.into_response().status());
        }
    };
    let external = opened.prepared.settings.web.external_url.as_ref();
    let own = caution::is_own(&headers, external.map(|url| url.origin().ascii_serialization()).as_deref());
    let said = Said { who: sent.who, name: sent.name };
    let asked_at = opened.key.read_slip(&opened.token, &sent.slip);
    let asked_at = asked_at.filter(|at| *at <= now && now.duration_since(*at) <= SLIP_LIFE);
    let again = |wrong: Wrong, status: StatusCode| opened.page(&case, now, &said, Some(wrong)).answer(status);
    let Some(asked_at) = asked_at.filter(|_| own) else {
        return if own {
            again(Wrong::Stale, StatusCode::CONFLICT)
        } else {
            again(Wrong::Foreign, StatusCode::FORBIDDEN)
        };
    };
    let reader = opened.reader(&case, now);
    let pressed = opened.scene(&case, &reader, asked_at).pressed(&sent.act);
    let Some(pressed) = pressed else { return again(Wrong::Unclear, StatusCode::BAD_REQUEST) };
    let claimant = reader.claimant(&said);
    if claimant.is_none() && pressed != Pressed::Back {
        return again(Wrong::Nameless, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (link, alone) = (opened.link.clone(), reader.alone().cloned());
    let done = opened.facts.bring(move |state: &mut Known, now| {
        let (number, at) = (link.case, &link.destination);
        match (pressed, claimant) {
            (Pressed::Until(until), Some(by)) => {
                state.claim(number, Claim { by, at: now, until, from: at.clone() }, now)
            }
            (Pressed::SeeTo, Some(by)) => state.see_to(number, at, by, asked_at, now),
            (Pressed::Back, _) if link.kind == Kind::Claim => state.give_back(number, at, alone.as_ref(), now),
            (Pressed::Back, _) => state.leave_it(number, at, alone.as_ref(), now),
            (_, None) => Ok(Claiming::Unknown),
        }
    });
    match done.await {
        Ok(Claiming::Unknown) => *nothing(&desk),
        // The page says how it is now, whatever it was that came of it. The address is relative, so that whatever a proxy
        // has put before it stays; and reading it again sends nothing again.
        Ok(_) => (StatusCode::SEE_OTHER, [(header::LOCATION, opened.token)]).into_response(),
        Err(_) => *not_now(&desk, StatusCode::SERVICE_UNAVAILABLE),
    }
}

/// Where it is not known by whom a link is held: the language of all destinations, else English.
fn words(desk: &Desk) -> &'static Words {
    let settings = desk.settings();
    let mut locales = settings.destinations.values().map(|destination| destination.locale.as_str());
    let first = locales.next().filter(|first| locales.all(|other| other == *first));
    words::of(first.and_then(Locale::parse).unwrap_or_default())
}

/// What is said of every link that opens nothing: whether it is forged, cut, of another store, or of what is kept no longer.
fn nothing(desk: &Desk) -> Box<Response> {
    let words = words(desk);
    Box::new(Page::plain(words, words.claim_nothing(), None).answer(StatusCode::NOT_FOUND))
}

/// What is said while there is no answer.
fn not_now(desk: &Desk, status: StatusCode) -> Box<Response> {
    let words = words(desk);
    let (head, text) = words.claim_later();
    Box::new(Page::plain(words, head, Some(text)).answer(status))
}
