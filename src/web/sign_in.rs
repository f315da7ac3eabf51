//! `/api/v1/accounts/{name}/sign-in`: `leadtime login` hands a new sign-in to the service that runs. The token comes in and
//! never goes out again, neither into an answer nor into a log.

use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{
    Desk,
    api::{Outcome, POLL_MAX, Unanswered, service_of},
};
use crate::{core::ids::AccountName, service::run::NotAdopted};

/// With what an account is read: a token belongs to the app that it was given to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct App {
    /// `client_id`.
    pub client_id: String,
    /// `token_url`, the tenant in it.
    pub token_url: Url,
}

/// A new sign-in, as it comes.
#[derive(Deserialize)]
pub struct Brought {
    refresh_token: SecretString,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Adopted {
    /// The poll that followed.
    pub poll: Outcome,
    /// How many of the account's referrals were known to be open before it.
    pub open: usize,
}

/// `GET`: with what the service reads this account.
pub async fn app(State(desk): State<Desk>, Path(account): Path<AccountName>) -> Result<Json<App>, Unanswered> {
    let prepared = service_of(&desk, Some(&account))?.prepared();
    let settings = prepared.settings.accounts.get(&account).ok_or(Unanswered::NoAccount(account))?;
    Ok(Json(App { client_id: settings.client_id.clone(), token_url: settings.token_url.clone() }))
}

/// `POST`: saves the token, forgets the sign-in before it, polls at once without waiting for a back-off, and answers when
/// that is done.
pub async fn adopt(
    State(desk): State<Desk>,
    Path(account): Path<AccountName>,
    brought: Result<Json<Brought>, JsonRejection>,
) -> Result<Json<Adopted>, Unanswered> {
    let service = service_of(&desk, Some(&account))?;
    // The rejection's own text may quote the body.
    let form = || Unanswered::NotUnderstood("{\"refresh_token\": \"…\"}");
    let Json(brought) = brought.map_err(|_| form())?;
    // It would take the place of a good one.
    if brought.refresh_token.expose_secret().trim().is_empty() {
        return Err(form());
    }
    let adopting = service.adopt(&account, brought.refresh_token);
    let adopted = tokio::time::timeout(POLL_MAX, adopting).await.map_err(|_| Unanswered::Slow)?;
    match adopted {
        Ok((polled, open)) => Ok(Json(Adopted { poll: polled.into(), open })),
        Err(NotAdopted::NoAccount) => Err(Unanswered::NoAccount(account)),
        Err(NotAdopted::Stopping) => Err(Unanswered::Standby),
        Err(NotAdopted::Fault(fault)) => Err(Unanswered::NotKept(fault.to_string())),
    }
}
