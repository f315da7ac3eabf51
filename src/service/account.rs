//! From an account's settings to a client that reads it, and a first look with it: what the watch, `login` and
//! `check --online` share. Must never speak to anybody but through that client.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    channels::{self, BuildFault, HttpLimits, TlsSettings},
    core::ids::AccountName,
    partner_center::{self, Client, Clock, Http},
    settings::{AccountSettings, Settings},
};

/// One exchange with Partner Center takes no longer.
const EXCHANGE_MAX: Duration = Duration::from_secs(60);

/// What is needed to read an account, out of its settings.
pub fn reading(name: &AccountName, account: &AccountSettings) -> partner_center::AccountSettings {
    partner_center::AccountSettings {
        name: name.clone(),
        client_id: account.client_id.clone(),
        client_secret: account.client_secret.clone(),
        base_url: account.base_url.clone(),
        token_url: account.token_url.clone(),
        scope: account.scope.clone(),
        filter: account.filter.clone(),
        top: account.top,
    }
}

/// The HTTP client for Partner Center; all accounts share one.
///
/// # Errors
/// Roots that cannot be read.
pub fn http(settings: &Settings) -> Result<Http, BuildFault> {
    let tls = TlsSettings { ca_file: settings.tls.ca_file.clone() };
    let limits = HttpLimits { whole: EXCHANGE_MAX, ..Default::default() };
    let builder = channels::http_builder(&tls, &limits)?;
    Http::new(builder, EXCHANGE_MAX).map_err(|fault| BuildFault::Client(fault.without_url().to_string()))
}

/// What a sign-in and one page of the listing came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Glimpsed {
    /// How many referrals the page holds; `None` where it could not be read.
    pub listed: Option<usize>,
    /// Whether there are more pages.
    pub more: bool,
    /// What went wrong.
    pub why: Option<String>,
    /// What to do about it.
    pub todo: Option<String>,
    /// The server's clock, and ours when it was read.
    pub clocks: Option<(Timestamp, Timestamp)>,
}

/// Signs in and reads one page. `patience` is how long passing failures may take.
pub async fn glimpse(client: &Client, name: &AccountName, patience: Duration, clock: &dyn Clock) -> Glimpsed {
    match client.glimpse(patience).await {
        Ok(glimpse) => Glimpsed {
            listed: Some(glimpse.listed),
            more: glimpse.more,
            why: None,
            todo: None,
            clocks: glimpse.server_date.map(|theirs| (theirs, clock.now())),
        },
        Err(fault) => Glimpsed {
            listed: None,
            more: false,
            why: Some(fault.trouble.to_string()),
            todo: Some(fault.trouble.remedy(name)),
            clocks: None,
        },
    }
}
