//! Giving a new sign-in to whoever keeps it: the service that runs, or the store where none does. Must never show the token.

use std::{sync::Arc, time::Duration};

use hyper::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::super::{
    FAILED,
    reach::{Answer, GivenUp, Holder, Way, give_up, holder},
};
use crate::{
    channels::one_line,
    core::ids::AccountName,
    partner_center::{Clock as _, SavedToken, TokenShelf as _},
    service::{clock::RealClock, shelf::BareShelf},
    settings::Settings,
    store::Store,
    web::sign_in::{Adopted, App},
};

/// A small answer takes no longer.
const ASK_MAX: Duration = Duration::from_secs(10);
/// The service polls before it answers, with all the patience that it has.
const POLL_MAX: Duration = Duration::from_secs(300);

/// Who keeps it.
pub enum Keeper {
    /// A service that runs with the same app.
    Service(Way),
    /// The store, which is open.
    Store(Arc<dyn Store>),
}

/// Where it is now.
#[derive(Serialize)]
pub struct Handed {
    handed_to: &'static str,
    poll: Option<String>,
    #[serde(skip)]
    adopted: Option<Adopted>,
}

impl Keeper {
    /// Finds it, and makes sure that it takes the account's sign-in.
    ///
    /// # Errors
    /// What is in the way was said.
    pub async fn find(settings: &Settings, account: &AccountName) -> Result<Self, GivenUp> {
        match holder(settings).await? {
            Holder::Store(store) => Ok(Self::Store(store)),
            Holder::Service(way) => {
                let answer = way.ask(Method::GET, &path(account), ASK_MAX).await;
                let running: App = read(answer.map_err(|fault| give_up(&fault.to_string()))?, account)?;
                let here = settings.accounts.get(account);
                let same = here
                    .is_some_and(|here| (&here.client_id, &here.token_url) == (&running.client_id, &running.token_url));
                if same { Ok(Self::Service(way)) } else { Err(other_settings(account)) }
            }
        }
    }

    /// Lets go of the store: a service may start while somebody signs in.
    pub fn lets_go(self) {
        if let Self::Store(store) = self {
            // Nothing was written to it.
            drop(store.close());
        }
    }

    /// Gives it the token; the service polls with it.
    ///
    /// # Errors
    /// What is in the way was said.
    pub async fn keep(
        self,
        settings: &Settings,
        account: &AccountName,
        token: SecretString,
    ) -> Result<Handed, GivenUp> {
        match self {
            Self::Service(way) => {
                let body = json!({ "refresh_token": token.expose_secret() });
                let answer = way.tell(&path(account), &body, POLL_MAX).await;
                let adopted: Adopted = read(answer.map_err(|fault| give_up(&fault.to_string()))?, account)?;
                Ok(Handed { handed_to: "service", poll: Some(adopted.poll.outcome.clone()), adopted: Some(adopted) })
            }
            Self::Store(store) => {
                let in_settings = settings.accounts.get(account).and_then(|account| account.refresh_token.as_ref());
                let token = SavedToken::of_sign_in(token, in_settings, RealClock.now());
                let saved = BareShelf(store.clone()).save(account, token).await;
                saved.map_err(|fault| give_up(&fault.to_string()))?;
                store.close().map_err(|fault| give_up(&fault.to_string()))?;
                Ok(Handed { handed_to: "store", poll: None, adopted: None })
            }
        }
    }
}

impl Handed {
    /// Whether the service, where one runs, has read the account with it.
    pub fn is_well(&self) -> bool {
        self.poll.as_deref().is_none_or(|outcome| outcome == "whole")
    }

    /// What the service that runs did with it.
    pub fn adopted(&self) -> Option<&Adopted> {
        self.adopted.as_ref()
    }
}

fn path(account: &AccountName) -> String {
    let name = percent_encoding::utf8_percent_encode(account.as_str(), percent_encoding::NON_ALPHANUMERIC);
    format!("/api/v1/accounts/{name}/sign-in")
}

/// The document of an answer; else what is wrong, on standard error.
fn read<T: DeserializeOwned>(answer: Answer, account: &AccountName) -> Result<T, GivenUp> {
    if answer.status == StatusCode::NOT_FOUND {
        return Err(other_settings(account));
    }
    if answer.status == StatusCode::OK
        && let Ok(document) = serde_json::from_slice(&answer.body)
    {
        return Ok(document);
    }
    let said = serde_json::from_slice::<Value>(&answer.body).ok();
    let said = said.and_then(|body| body.get("error")?.as_str().map(str::to_owned));
    let said = said.unwrap_or_else(|| String::from_utf8_lossy(&answer.body).into_owned());
    eprintln!(
        "the leadtime that runs does not take the sign-in ({}): {}",
        answer.status.as_u16(),
        one_line(&said, 300)
    );
    Err(GivenUp(FAILED))
}

fn other_settings(account: &AccountName) -> GivenUp {
    give_up(&format!(
        "the leadtime that runs has no such [accounts.{account}], or with another client_id or token_url: run `leadtime \
         reload` (or start it anew), then `leadtime login {account}` again"
    ))
}
