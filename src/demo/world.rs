//! What the simulated Partner Center knows: its referrals, what goes wrong with it, and who asked it what.
//! Referrals expire by themselves as the simulated time passes. Must never be changed by what comes over HTTP: the
//! interface that leadtime uses is for reading only, and `Calls` proves it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::body::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{
    Now,
    invent::{expiry_of, set_at},
    lock,
};
use crate::core::referral::{Referral, Standing, Unreadable};

/// How many referrals a page holds: Microsoft's own limit.
pub const PAGE: usize = 100;

/// How many different listings are kept rendered.
const LISTINGS_KEPT: usize = 4;

/// Reads a `$filter`; the error is a sentence for whoever wrote it.
pub type ReadFilter = Arc<dyn Fn(&str) -> Result<Predicate, String> + Send + Sync>;

/// Whether a referral's body is in a listing.
pub type Predicate = Box<dyn Fn(&Map<String, Value>) -> bool + Send + Sync>;

/// A handle on the simulated Partner Center; clones are the same one.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    now: Now,
    read_filter: ReadFilter,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    referrals: BTreeMap<String, Entry>,
    /// Counts every change; a rendered listing is good for one revision.
    revision: u64,
    next_expiry: Option<Timestamp>,
    listings: Vec<Listing>,
    /// How many referrals a page holds, where not [`PAGE`].
    page_size: Option<usize>,
    role_lost: bool,
    /// Reads by these ids get the page of a proxy.
    garbled: BTreeSet<String>,
    outage: Option<Outage>,
    refused: Option<SignInTrouble>,
    skew: SignedDuration,
    sign_ins: u64,
    /// Access tokens up to this number are no longer good.
    access_revoked: u64,
    /// What is wrong with every sign-in before the one of this number; before any, where there is none yet.
    spoilt: Option<(Spoilt, Option<u64>)>,
    calls: Calls,
}

struct Entry {
    body: Map<String, Value>,
    rendered: Bytes,
    created: Timestamp,
    updated: Timestamp,
    expires: Timestamp,
    open: bool,
    hidden: bool,
    edits: u64,
}

struct Listing {
    query: Query,
    revision: u64,
    pages: Vec<Bytes>,
}

/// What a listing is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Query {
    /// `$filter`, as it was sent.
    pub filter: Option<String>,
    /// `$orderby`.
    pub order: Order,
    /// `$top`: how many referrals in all, whatever the pages.
    pub top: Option<usize>,
}

/// `$orderby`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// `createdDateTime desc`, and where nothing is asked for.
    #[default]
    NewestFirst,
    /// `createdDateTime asc`.
    OldestFirst,
    /// `updatedDateTime desc`.
    LastChangedFirst,
}

/// What is wrong with the API.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outage {
    /// 503, with `Retry-After` in seconds where given.
    Down {
        /// Seconds.
        retry_after: Option<u32>,
    },
    /// 429 with `Retry-After` in seconds; the two shapes of the body take turns.
    Throttled {
        /// Seconds.
        retry_after: u32,
    },
    /// Each answer is so late, by the real clock; two minutes at most.
    Slow(Duration),
    /// 200 with the HTML of a sign-in page, as a proxy puts it in the way.
    LoginPage,
    /// 200 with JSON that ends in the middle.
    Truncated,
    /// The connection is lost in the middle of the body.
    ConnectionLost,
    /// A listing is whole and empty, whatever there is.
    EmptyList,
    /// 401 with 900421: the token was got without multi-factor authentication.
    MfaRequired,
    /// 403: the role is missing.
    Forbidden,
    /// The link to the next page leads to the same page, for ever.
    LinkLoop,
    /// Each page is empty and links to one more.
    EndlessPages,
}

/// What is wrong with the sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignInTrouble {
    /// `invalid_grant`: every refresh token is dead, as after 90 days.
    InvalidGrant,
    /// `invalid_client`: the client secret is no longer good.
    InvalidClient,
    /// 503.
    Down,
    /// 400 with this OAuth error and this number of Microsoft's.
    Refuses {
        /// `consent_required`, `interaction_required`, …
        error: &'static str,
        /// What stands in `AADSTS65001`.
        aadsts: u32,
    },
    /// 200 with the HTML of a proxy.
    LoginPage,
    /// Whoever is asked to sign in says no.
    Declined,
    /// No administrator has agreed to what the app asks for.
    NoConsent,
    /// Every code of a sign-in runs out before it is redeemed.
    CodesExpire,
}

/// In which way a sign-in is no longer good, while one that is made anew would be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spoilt {
    /// Its refresh tokens are refused: 400 with this OAuth error and this number of Microsoft's.
    Refused {
        /// `invalid_grant`, `interaction_required`, …
        error: &'static str,
        /// What stands in `AADSTS700082`.
        aadsts: u32,
    },
    /// It can be refreshed, and the API answers 401 with 900421: it was made without a second factor.
    OneFactor,
    /// It can be refreshed, and the API answers 401.
    NoAccess,
}

/// Who asked what, since the start.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Calls {
    /// Requests to the token endpoint.
    pub sign_ins: u64,
    /// First pages of listings.
    pub listings: u64,
    /// Further pages.
    pub pages: u64,
    /// Reads by id.
    pub reads: u64,
    /// Requests that got no 2xx.
    pub failed: u64,
    /// Requests by method and part of the interface (`GET api`, `POST token`), to prove that nothing is written.
    pub methods: BTreeMap<String, u64>,
}

/// A referral that the simulated Partner Center does not have.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the simulated Partner Center has no referral {0}; add it first")]
pub struct NoSuchReferral(pub String);

impl World {
    /// An empty one.
    pub fn new(now: Now, read_filter: ReadFilter) -> Self {
        Self(Arc::new(Inner { now, read_filter, state: Mutex::default() }))
    }

    /// From now on a page holds so many referrals.
    pub fn set_page_size(&self, size: usize) {
        let mut state = lock(&self.0.state);
        state.page_size = Some(size.max(1));
        state.changed();
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        (self.0.now)()
    }

    /// Adds referrals, or puts others in the place of those with the same ids.
    pub fn add(&self, bodies: impl IntoIterator<Item = Value>) -> Result<(), Unreadable> {
        let now = self.now();
        let entries = bodies.into_iter().map(|body| Entry::new(body, now)).collect::<Result<Vec<_>, _>>()?;
        let mut state = lock(&self.0.state);
        state.referrals.extend(entries);
        state.changed();
        Ok(())
    }

    /// Sets the value at a path of the API's names (`details/dealValue`).
    pub fn change(&self, id: &str, path: &str, value: Value) -> Result<(), NoSuchReferral> {
        self.edit(id, |body, _| set_at(body, path, value))
    }

    /// Somebody of ours accepts; first and last name go into the referral's team, the rest of which stays.
    pub fn accept(&self, id: &str, by: &Colleague) -> Result<(), NoSuchReferral> {
        self.edit(id, |body, now| {
            body.extend([
                ("status".to_owned(), json!("Active")),
                ("substatus".to_owned(), json!("Accepted")),
                ("acceptedDateTime".to_owned(), json!(now)),
                // Partner Center's own samples show no expiry once a referral is accepted.
                ("expirationDateTime".to_owned(), Value::Null),
            ]);
            let member = json!({"firstName": by.first, "lastName": by.last, "email": by.email, "phoneNumber": null});
            match body.get_mut("team") {
                Some(Value::Array(team)) => team.push(member),
                _ => set_at(body, "team", json!([member])),
            }
        })
    }

    /// Somebody of ours declines.
    pub fn decline(&self, id: &str, reason: &str) -> Result<(), NoSuchReferral> {
        self.edit(id, |body, now| close(body, "Declined", reason, now))
    }

    /// Takes a referral away altogether, as if it had never been: 404 by id.
    pub fn remove(&self, id: &str) -> Result<(), NoSuchReferral> {
        let mut state = lock(&self.0.state);
        state.referrals.remove(id).ok_or_else(|| NoSuchReferral(id.to_owned()))?;
        state.changed();
        Ok(())
    }

    /// Hides one referral from our account (404 by id, not listed), or shows it again.
    pub fn hide(&self, id: &str, hidden: bool) -> Result<(), NoSuchReferral> {
        let mut state = lock(&self.0.state);
        state.referrals.get_mut(id).ok_or_else(|| NoSuchReferral(id.to_owned()))?.hidden = hidden;
        state.changed();
        Ok(())
    }

    /// From now on a read by this id gets the page of a proxy, or a true answer again.
    pub fn garble(&self, id: &str, garbled: bool) {
        let mut state = lock(&self.0.state);
        if garbled {
            state.garbled.insert(id.to_owned());
        } else {
            state.garbled.remove(id);
        }
    }

    /// Our account loses its role, or gets it back: without it every listing is empty and every read is 404.
    pub fn lose_role(&self, lost: bool) {
        let mut state = lock(&self.0.state);
        state.role_lost = lost;
        state.changed();
    }

    /// Breaks the API, or mends it.
    pub fn set_outage(&self, outage: Option<Outage>) {
        lock(&self.0.state).outage = outage;
    }

    /// Breaks the sign-in, or mends it.
    pub fn set_sign_in_trouble(&self, trouble: Option<SignInTrouble>) {
        lock(&self.0.state).refused = trouble;
    }

    /// Every access token that was given out is no longer good: the next request has to sign in.
    pub fn revoke_access_tokens(&self) {
        let mut state = lock(&self.0.state);
        state.access_revoked = state.sign_ins;
    }

    /// From now on every answer is dated so much later than the simulated time.
    pub fn set_date_ahead(&self, by: SignedDuration) {
        lock(&self.0.state).skew = by;
    }

    /// No refresh token that is out is good any more; one of a new sign-in is.
    pub fn revoke_sign_ins(&self) {
        self.spoil_sign_ins(Spoilt::Refused { error: "invalid_grant", aadsts: 700_082 });
    }

    /// Whatever stems from a sign-in of before is refused from now on; what stems from a new one is not.
    pub fn spoil_sign_ins(&self, how: Spoilt) {
        lock(&self.0.state).spoilt = Some((how, None));
    }

    /// What was asked so far.
    pub fn calls(&self) -> Calls {
        lock(&self.0.state).calls.clone()
    }

    /// A referral as a read by id tells it, in its present state, whether or not our account may see it.
    pub fn body(&self, id: &str) -> Option<Value> {
        let mut state = lock(&self.0.state);
        state.expire(self.now());
        state.referrals.get(id).map(|entry| Value::Object(entry.body.clone()))
    }

    fn edit(&self, id: &str, how: impl FnOnce(&mut Map<String, Value>, Timestamp)) -> Result<(), NoSuchReferral> {
        let now = self.now();
        let mut state = lock(&self.0.state);
        state.expire(now);
        state.referrals.get_mut(id).ok_or_else(|| NoSuchReferral(id.to_owned()))?.edit(now, |body| how(body, now));
        state.changed();
        Ok(())
    }
}

/// What the HTTP side asks.
impl World {
    /// The time by which answers are dated.
    pub(super) fn date(&self) -> Timestamp {
        let skew = lock(&self.0.state).skew;
        self.now().saturating_add(skew).unwrap_or(Timestamp::MAX)
    }

    pub(super) fn is_garbled(&self, id: &str) -> bool {
        lock(&self.0.state).garbled.contains(id)
    }

    pub(super) fn outage(&self) -> Option<Outage> {
        lock(&self.0.state).outage
    }

    pub(super) fn sign_in_trouble(&self) -> Option<SignInTrouble> {
        lock(&self.0.state).refused
    }

    pub(super) fn count(&self, how: impl FnOnce(&mut Calls)) {
        how(&mut lock(&self.0.state).calls);
    }

    /// Gives the number of the next pair of tokens; `new` where somebody has signed in for it.
    pub(super) fn issue(&self, new: bool) -> u64 {
        let mut state = lock(&self.0.state);
        state.sign_ins += 1;
        let number = state.sign_ins;
        if let Some((_, since @ None)) = &mut state.spoilt
            && new
        {
            *since = Some(number);
        }
        number
    }

    /// What is wrong with the sign-in that the pair of tokens of that number stems from.
    pub(super) fn spoilt(&self, number: u64) -> Option<Spoilt> {
        let (how, since) = lock(&self.0.state).spoilt?;
        since.is_none_or(|since| number < since).then_some(how)
    }

    /// Up to which number access tokens were revoked.
    pub(super) fn access_revoked(&self) -> u64 {
        lock(&self.0.state).access_revoked
    }

    /// How many pairs of tokens were given out.
    pub(super) fn issued(&self) -> u64 {
        lock(&self.0.state).sign_ins
    }

    /// One referral as a read by id tells it, with its `eTag`; `None` where our account sees none.
    pub(super) fn read(&self, id: &str) -> Option<Value> {
        let mut state = lock(&self.0.state);
        state.expire(self.now());
        let entry = state.referrals.get(id).filter(|entry| !entry.hidden && !state.role_lost)?;
        let mut body = entry.body.clone();
        body.insert("eTag".to_owned(), json!(format!("\"{}-{}\"", id.get(..8).unwrap_or(id), entry.edits)));
        Some(Value::Object(body))
    }

    /// The page of that number (from 0) as it goes over the wire; `None` past the last.
    /// `next_link` makes the address of a page. The error is what the filter's reader says.
    pub(super) fn page(
        &self,
        query: &Query,
        number: usize,
        next_link: impl Fn(&Query, usize) -> String,
    ) -> Result<Option<Bytes>, String> {
        let mut state = lock(&self.0.state);
        state.expire(self.now());
        let revision = state.revision;
        let kept = state.listings.iter().find(|listing| listing.revision == revision && listing.query == *query);
        if let Some(listing) = kept {
            return Ok(listing.pages.get(number).cloned());
        }
        let taken = match &query.filter {
            Some(filter) => (self.0.read_filter)(filter)?,
            None => Box::new(|_: &Map<String, Value>| true),
        };
        let pages = state.render(query, &taken, next_link);
        let page = pages.get(number).cloned();
        state.listings.retain(|listing| listing.revision == revision && listing.query != *query);
        if state.listings.len() >= LISTINGS_KEPT {
            state.listings.remove(0);
        }
        state.listings.push(Listing { query: query.clone(), revision, pages });
        Ok(page)
    }
}

impl State {
    fn changed(&mut self) {
        self.revision += 1;
        self.next_expiry = self.referrals.values().filter(|entry| entry.open).map(|entry| entry.expires).min();
    }

    /// Closes what has reached its expiry.
    fn expire(&mut self, now: Timestamp) {
        if self.next_expiry.is_none_or(|next| now < next) {
            return;
        }
        for entry in self.referrals.values_mut().filter(|entry| entry.open && entry.expires <= now) {
            let at = entry.expires;
            entry.edit(at, |body| close(body, "Expired", "", at));
        }
        self.changed();
    }

    fn render(&self, query: &Query, taken: &Predicate, next_link: impl Fn(&Query, usize) -> String) -> Vec<Bytes> {
        let visible = self.referrals.values().filter(|entry| !entry.hidden && !self.role_lost && taken(&entry.body));
        let mut listed: Vec<&Entry> = visible.collect();
        // The sort is stable over the ids, so that the order is the same on every machine.
        match query.order {
            Order::NewestFirst => listed.sort_by_key(|entry| std::cmp::Reverse(entry.created)),
            Order::OldestFirst => listed.sort_by_key(|entry| entry.created),
            Order::LastChangedFirst => listed.sort_by_key(|entry| std::cmp::Reverse(entry.updated)),
        }
        listed.truncate(query.top.unwrap_or(usize::MAX));
        let size = self.page_size.unwrap_or(PAGE);
        let last = listed.len().saturating_sub(1) / size;
        (0..=last)
            .map(|number| {
                let items: Vec<&[u8]> =
                    listed.iter().skip(number * size).take(size).map(|entry| &entry.rendered[..]).collect();
                render_page(&items, (number < last).then(|| next_link(query, number + 1)))
            })
            .collect()
    }
}

/// `@odata.count` is as little to be trusted as Microsoft's: its samples say 1 beside a link to more.
fn render_page(items: &[&[u8]], next_link: Option<String>) -> Bytes {
    let count = if next_link.is_some() { 1 } else { items.len() };
    let mut page = format!(
        "{{\"@odata.context\":\"http://api.partner.microsoft.com/v1.0/$metadata#Referrals\",\"@odata.count\":{count},\"value\":["
    )
    .into_bytes();
    page.extend(items.join(&b","[..]));
    page.push(b']');
    if let Some(link) = next_link {
        page.extend(format!(",\"@odata.nextLink\":{}", Value::String(link)).into_bytes());
    }
    page.push(b'}');
    Bytes::from(page)
}

impl Entry {
    fn new(body: Value, now: Timestamp) -> Result<(String, Self), Unreadable> {
        let referral = Referral::read(body)?;
        let created = referral.created_at().unwrap_or(now);
        let entry = Self {
            body: referral.body().clone(),
            rendered: Bytes::from(Value::Object(referral.body().clone()).to_string()),
            created,
            updated: created,
            expires: referral.expires_at().unwrap_or_else(|| expiry_of(created)),
            open: referral.standing() == Standing::Open,
            hidden: false,
            edits: 0,
        };
        Ok((referral.id().as_str().to_owned(), entry))
    }

    fn edit(&mut self, at: Timestamp, how: impl FnOnce(&mut Map<String, Value>)) {
        how(&mut self.body);
        self.body.insert("updatedDateTime".to_owned(), json!(at));
        self.updated = at;
        self.edits += 1;
        if let Ok(referral) = Referral::read(Value::Object(self.body.clone())) {
            self.open = referral.standing() == Standing::Open;
            self.expires = referral.expires_at().unwrap_or(self.expires);
        }
        self.rendered = Bytes::from(Value::Object(self.body.clone()).to_string());
    }
}

fn close(body: &mut Map<String, Value>, substatus: &str, reason: &str, at: Timestamp) {
    body.extend([
        ("status".to_owned(), json!("Closed")),
        ("substatus".to_owned(), json!(substatus)),
        ("statusReason".to_owned(), json!(Some(reason).filter(|reason| !reason.is_empty()))),
        ("closedDateTime".to_owned(), json!(at)),
    ]);
}

/// One of our own people, as a referral's `team` names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Colleague {
    /// First name.
    pub first: &'static str,
    /// Last name.
    pub last: &'static str,
    /// E-mail address.
    pub email: &'static str,
}

impl Colleague {
    /// First and last name.
    pub fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }
}
