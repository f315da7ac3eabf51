//! Partner Center as far as leadtime asks it: a token endpoint that rotates the refresh token at every use, and a listing
//! in pages to which referrals come in the course of the run. Its access tokens live for seconds.

use std::time::{Duration, Instant};

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use crate::{
    course::Course,
    exchange::{CUSTOMER, DIGITS},
};

/// How long an access token is said to live; half of it is used, so that nearly every poll signs in.
const TOKEN_LIFE: Duration = Duration::from_secs(3);
/// It is honoured for a little longer, as by Microsoft's servers.
const LEEWAY: Duration = Duration::from_secs(3);
const PAGE: u32 = 50;

/// The refresh token of the settings.
pub const FIRST_TOKEN: &str = "r-0";

/// What Partner Center knows, and what it was asked.
pub struct Partner {
    dice: Rng,
    messages: u32,
    /// How many referrals may be published in the present life, and how many at once.
    due: u32,
    most_at_once: u32,
    published: u32,
    created: Timestamp,
    tokens: Vec<Token>,
    /// Listings that were walked to their end.
    pub polls: u32,
    /// Refresh tokens that were handed out.
    pub rotations: u32,
    /// By which life of the process a refresh token was shown that is refused.
    pub refused: Vec<u32>,
}

/// A refresh token and the access token that came with it.
struct Token {
    /// For which one it was given.
    parent: Option<usize>,
    /// Whether one that was given for this one was used: then whoever has it has lost the newer one.
    is_superseded: bool,
    issued: Instant,
}

impl Partner {
    pub fn new(course: &Course, now: Timestamp) -> Self {
        let &Course { messages, kills, seed, .. } = course;
        let most_at_once = 3 * messages / (kills + 1) + 1;
        Self {
            dice: Rng::with_seed(seed ^ 0x9a27),
            messages,
            due: 0,
            most_at_once,
            published: 0,
            created: now - SignedDuration::from_mins(30),
            tokens: vec![Token { parent: None, is_superseded: false, issued: Instant::now() }],
            polls: 0,
            rotations: 0,
            refused: Vec::new(),
        }
    }

    /// So much of all may be there from now on.
    pub fn comes_to(&mut self, part: u32, of: u32) {
        let due = u64::from(self.messages) * u64::from(part) / u64::from(of);
        self.due = u32::try_from(due).unwrap_or(self.messages);
    }

    /// Redeems a refresh token: status and body.
    ///
    /// Microsoft lets an old token live beside its successor for months. This one is stricter: once the successor was used
    /// the old one is refused, as by servers that take that for a theft. A process that ever goes back further than to the
    /// token whose answer it may not have received stands here with nothing.
    pub fn redeem(&mut self, form: &str, life: u32) -> (u16, String) {
        let given = form.split('&').find_map(|pair| pair.strip_prefix("refresh_token=r-")?.parse::<usize>().ok());
        let Some(number) = given.filter(|number| self.tokens.get(*number).is_some_and(|token| !token.is_superseded))
        else {
            self.refused.push(life);
            let body =
                r#"{"error":"invalid_grant","error_codes":[700082],"error_description":"AADSTS700082: too old"}"#;
            return (400, body.to_owned());
        };
        if let Some(parent) = self.tokens[number].parent {
            self.tokens[parent].is_superseded = true;
        }
        self.rotations += 1;
        let next = self.tokens.len();
        self.tokens.push(Token { parent: Some(number), is_superseded: false, issued: Instant::now() });
        let life = TOKEN_LIFE.as_secs();
        let body = format!(
            r#"{{"token_type":"Bearer","expires_in":{life},"access_token":"a-{next}","refresh_token":"r-{next}"}}"#
        );
        (200, body)
    }

    /// A page of the listing: status and body.
    pub fn page(&mut self, query: &str, bearer: Option<&str>) -> (u16, String) {
        let number = bearer.and_then(|bearer| bearer.strip_prefix("Bearer a-")?.parse::<usize>().ok());
        let issued = number.and_then(|number| self.tokens.get(number)).map(|token| token.issued);
        if issued.is_none_or(|issued| issued.elapsed() > TOKEN_LIFE + LEEWAY) {
            return (401, r#"{"statusCode":401,"message":"Unauthorized. Access token has expired."}"#.to_owned());
        }
        let page: u32 = query.strip_prefix("$skiptoken=").and_then(|page| page.parse().ok()).unwrap_or(0);
        if page == 0 {
            let more = self.dice.u32(0..=self.most_at_once);
            self.published = (self.published + more).min(self.due);
        }
        let first = (page * PAGE).min(self.published);
        let last = (first + PAGE).min(self.published);
        let items: Vec<String> = (first..last).map(|number| item(number, self.created)).collect();
        let link = format!(r#","@odata.nextLink":"http://x/v1.0/referrals?$skiptoken={}""#, page + 1);
        let is_last = last == self.published;
        self.polls += u32::from(is_last);
        let link = if is_last { "" } else { link.as_str() };
        (200, format!(r#"{{"@odata.context":"x","value":[{}]{link}}}"#, items.join(",")))
    }
}

/// A referral whose number stands in its customer's name and in the first eight characters of its id.
fn item(number: u32, first: Timestamp) -> String {
    let created = first + SignedDuration::from_millis(i64::from(number));
    let expires = created + SignedDuration::from_hours(14 * 24);
    let customer = format!("{CUSTOMER}{number:0DIGITS$} Kft.");
    format!(
        r#"{{"id":"{number:08x}-6f2e-4a3c-9f0e-0d7a7c1e1f01","engagementId":"65edc0b5-3485-41b7-a17e-{number:012x}","organizationId":"7d23e5ca-19dc-4eaa-aac8-5e6b559f0d1d","organizationName":"Contoso","createdDateTime":"{created}","updatedDateTime":"{created}","expirationDateTime":"{expires}","status":"New","substatus":"Pending","qualification":"SalesQualified","type":"Shared","direction":"Incoming","customerProfile":{{"name":"{customer}","address":{{"city":"Budapest","country":"HU"}},"team":[]}},"consent":{{"consentToContact":true}},"details":{{"notes":"Mail and files to Microsoft 365.","dealValue":{value},"currency":"EUR"}},"inviteContext":{{"invitedBy":{{"organizationId":"msft","organizationName":"Microsoft"}}}}}}"#,
        value = number * 100,
    )
}
