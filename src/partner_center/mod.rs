//! Partner Center over HTTP: sign-in and its rotation, the listing and its pages, one referral by id.
//!
//! Read-only: the API gets GET requests and nothing else, and its token goes to `base_url` and nowhere else. This room
//! says what it read and how a poll failed; it must never conclude anything from a failure, nor from an absence.

mod answer;
mod clock;
mod fault;
mod listing;
pub mod login;
mod one;
mod patience;
mod sign_in;
mod tokens;

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION};
use secrecy::SecretString;
use url::Url;
use uuid::Uuid;

use self::{
    answer::Answer,
    patience::Patience,
    sign_in::{AccessToken, SignIn},
};
pub use self::{
    answer::{Carrier, Http, NoAnswer, PAGE_LIMIT},
    clock::Clock,
    fault::{PollFault, SignInTrouble, Trouble},
    listing::{PAGES_LIMIT, Walk},
    tokens::{Fingerprint, SavedToken, ShelfFault, TokenShelf},
};
use crate::core::{
    ids::{AccountName, ReferralId},
    page::Read,
};

/// What is needed to read one account. The names are those of the settings.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// `[accounts.NAME]`.
    pub name: AccountName,
    /// The app registration.
    pub client_id: String,
    /// Its secret; a public client has none.
    pub client_secret: Option<SecretString>,
    /// Where the API is: `https://api.partner.microsoft.com/v1.0`.
    pub base_url: Url,
    /// The token endpoint, `{tenant_id}` filled in. A path that ends in `/oauth2/token` is the first version of it,
    /// which is told the audience of `scope` as `resource`.
    pub token_url: Url,
    /// What is asked for.
    pub scope: String,
    /// The `$filter` of the listing; empty for none.
    pub filter: String,
    /// The `$top` of the listing.
    pub top: Option<u32>,
}

/// What the first page of a listing shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Glimpse {
    /// Referrals on it.
    pub listed: usize,
    /// Whether there are more pages.
    pub more: bool,
    /// The server's clock.
    pub server_date: Option<Timestamp>,
}

/// What a read by id said, and by which clock.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// What it said.
    pub read: Read,
    /// The server's clock, where the answer was a referral.
    pub server_date: Option<Timestamp>,
}

/// Reads one account.
pub struct Client {
    settings: Arc<AccountSettings>,
    sign_in: SignIn,
    clock: Arc<dyn Clock>,
    http: Http,
}

impl Client {
    /// A client that has not spoken to anybody yet. `imported` is the `refresh_token` of the settings.
    pub fn new(
        settings: AccountSettings,
        imported: Option<SecretString>,
        shelf: Arc<dyn TokenShelf>,
        clock: Arc<dyn Clock>,
        http: Http,
    ) -> Self {
        let settings = Arc::new(settings);
        let sign_in = SignIn::new(settings.clone(), imported, shelf, clock.clone(), http.clone());
        Self { settings, sign_in, clock, http }
    }

    /// Begins a listing. `patience` is how long, in all, failed requests and the waits after them may take before a
    /// temporary failure ends it.
    pub fn walk(&self, patience: Duration) -> Walk<'_> {
        Walk::new(self, Patience::new(patience))
    }

    /// Begins a listing by another `$filter` than the account's, and without its `$top`: nothing must be concluded from it
    /// about what the account watches.
    pub fn walk_by(&self, filter: &str, patience: Duration) -> Walk<'_> {
        Walk::by(self, Patience::new(patience), filter)
    }

    /// Reads one referral by its id; `patience` as in [`Client::walk`].
    pub async fn one(&self, id: &ReferralId, patience: Duration) -> Result<Reading, PollFault> {
        one::read(self, id, &mut Patience::new(patience)).await.map_err(|trouble| self.fault(trouble))
    }

    /// Signs in where there is no good access token, and reads nothing.
    pub async fn sign_in(&self) -> Result<(), PollFault> {
        self.sign_in.token(None).await.map(drop).map_err(|trouble| self.fault(trouble.into()))
    }

    /// Signs in anew and reads the first page of the listing, as a proof that the account can: how many it holds, and
    /// whether there are more. `patience` as in [`Client::walk`].
    pub async fn glimpse(&self, patience: Duration) -> Result<Glimpse, PollFault> {
        let mut patience = Patience::new(patience);
        self.sign_in_anew(&mut patience).await.map_err(|trouble| self.fault(trouble))?;
        let mut walk = Walk::new(self, patience);
        let page = walk.next_page().await?;
        let (listed, server_date) = page.map_or((0, None), |page| (page.items.len(), page.server_date));
        Ok(Glimpse { listed, more: !walk.is_whole(), server_date })
    }

    /// Takes the refresh token of a sign-in that somebody has just made: saves it, and forgets the access token of the one
    /// before. The next read signs in with it.
    pub async fn adopt(&self, refresh_token: SecretString) -> Result<(), PollFault> {
        self.sign_in.adopt(refresh_token).await.map_err(|trouble| self.fault(trouble.into()))
    }

    fn fault(&self, trouble: Trouble) -> PollFault {
        PollFault { account: self.settings.name.clone(), trouble }
    }

    /// The listing's own address, without a query.
    fn referrals_url(&self) -> Url {
        let mut url = self.settings.base_url.clone();
        url.set_query(None);
        url.set_fragment(None);
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["engagements", "referrals"]);
        }
        url
    }

    /// A GET that is repeated while its failure is temporary and patience lasts.
    async fn get(&self, url: &Url, patience: &mut Patience) -> Result<Answer, Trouble> {
        loop {
            let begun = self.clock.now();
            let trouble = match self.attempt(url).await {
                Ok(answer) => {
                    patience.succeeded();
                    return Ok(answer);
                }
                Err(trouble) => trouble,
            };
            self.wait_after(trouble, begun, patience).await?;
        }
    }

    /// A new access token though there may be a good one: that one would prove nothing about the sign-in.
    async fn sign_in_anew(&self, patience: &mut Patience) -> Result<(), Trouble> {
        loop {
            let begun = self.clock.now();
            match self.sign_in.anew().await {
                Ok(()) => {
                    patience.succeeded();
                    return Ok(());
                }
                Err(trouble) => self.wait_after(trouble.into(), begun, patience).await?,
            }
        }
    }

    /// Waits until it may be tried again; gives the trouble back where that does not help or patience is over.
    async fn wait_after(&self, trouble: Trouble, begun: Timestamp, patience: &mut Patience) -> Result<(), Trouble> {
        let took = self.clock.now().duration_since(begun).try_into().unwrap_or(Duration::ZERO);
        let Some(wait) = patience.wait_after(&trouble, took) else { return Err(trouble) };
        let text = again(&trouble, wait);
        // One line an outage's poll, and one at its end: an hour without Microsoft must not bury the log.
        match patience.is_young() {
            true => tracing::warn!(account = %self.settings.name, "{text}"),
            false => tracing::debug!(account = %self.settings.name, "{text}"),
        }
        self.clock.sleep(wait).await;
        Ok(())
    }

    /// One GET, and a second one with a fresh token where the first was refused for its token.
    async fn attempt(&self, url: &Url) -> Result<Answer, Trouble> {
        let mut token = self.sign_in.token(None).await?;
        let mut answer = self.send(url, &token).await?;
        if answer.status == 401 && !answer.asks_for_mfa() {
            token = self.sign_in.token(Some(&token)).await?;
            answer = self.send(url, &token).await?;
        }
        if answer.status == 401 {
            // Kept, it would hide the token that the operator's next sign-in brings.
            self.sign_in.forget().await;
        }
        answer.judged()
    }

    async fn send(&self, url: &Url, token: &AccessToken) -> Result<Answer, Trouble> {
        // Two names for one thing: the documentation asks for the first, Microsoft's own connector sends the second.
        let call = Uuid::new_v4().to_string();
        let request = self
            .http
            .client
            .get(url.clone())
            .header(AUTHORIZATION, token.header.clone())
            .header(ACCEPT, "application/json")
            .header("client-request-id", &call)
            .header("MS-CorrelationId", &call);
        let answer = answer::receive(&self.http, request, PAGE_LIMIT, self.clock.now()).await?;
        if answer.status != 200 {
            let (status, request_id) = (answer.status, answer.request_id.as_deref());
            // What passes is told by whoever tries again.
            if matches!(status, 408 | 423 | 425 | 429 | 500..=599) {
                tracing::debug!(account = %self.settings.name, status, client_request_id = call, request_id,
                    "Partner Center did not serve a request");
            } else {
                tracing::warn!(account = %self.settings.name, status, client_request_id = call, request_id,
                    "Partner Center refused a request");
            }
        }
        Ok(answer)
    }
}

/// A failure that is tried again, in one line.
fn again(trouble: &Trouble, wait: Duration) -> String {
    let what = match trouble {
        Trouble::SignIn(_) => "the sign-in failed",
        _ => "a request failed",
    };
    format!("{what} (again in {} s): {trouble}", wait.as_secs_f64().ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_is_tried_again_is_one_line_with_a_wait_in_whole_seconds() {
        let unavailable = || SignInTrouble::Unavailable { why: "status 503".to_owned(), retry_after: None };
        let told = again(&unavailable().into(), Duration::from_secs_f64(6.092_578));
        assert_eq!(told, format!("the sign-in failed (again in 7 s): {}", unavailable()));
        assert_eq!(
            again(&Trouble::TimedOut, Duration::from_millis(600)),
            "a request failed (again in 1 s): Partner Center did not answer in time"
        );
    }
}
