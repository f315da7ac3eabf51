//! Asking the running service for one document, and what is said where an id leads to several referrals or to none.

use std::time::Duration;

use hyper::{Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    FAILED,
    reach::{GivenUp, Way, give_up},
};
use crate::{
    channels::one_line,
    core::ids::CaseNumber,
    settings::Settings,
    store::{Store, StoreFault},
    web::{
        api::{nothing_begins_with, several_begin_with},
        find::{Candidate, Found, find},
    },
};

/// So long the service has to answer.
const WITHIN: Duration = Duration::from_secs(30);

/// A document of the service.
///
/// # Errors
/// What was in the way was said; the exit code.
pub async fn for_document<T: DeserializeOwned>(way: &Way, path: &str) -> Result<T, GivenUp> {
    let answer = way.ask(Method::GET, path, WITHIN).await.map_err(|fault| give_up(&fault.to_string()))?;
    if answer.status != StatusCode::OK {
        let body = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default();
        let error = body.get("error").and_then(Value::as_str);
        let text = error.map_or_else(|| String::from_utf8_lossy(&answer.body).into_owned(), str::to_owned);
        let candidates: Option<Vec<Candidate>> =
            body.get("candidates").cloned().and_then(|list| serde_json::from_value(list).ok());
        return Err(not_one(&one_line(&text, 500), &candidates.unwrap_or_default()));
    }
    let other = |_| give_up("the leadtime that runs is of another version; run the same one for this command");
    serde_json::from_slice(&answer.body).map_err(other)
}

/// The one referral that an id leads to, in a store that no service holds.
///
/// # Errors
/// There is none, or more than one, which was said; the exit code.
pub fn for_referral(store: &dyn Store, settings: &Settings, id: &str) -> Result<CaseNumber, GivenUp> {
    match find(store, settings, id).map_err(|fault: StoreFault| give_up(&fault.to_string()))? {
        Found::One(number) => Ok(number),
        Found::Several(candidates) => Err(not_one(&several_begin_with(id), &candidates)),
        Found::Nothing => Err(give_up(&nothing_begins_with(id))),
    }
}

/// Says why, and which referrals may be meant.
fn not_one(why: &str, candidates: &[Candidate]) -> GivenUp {
    eprintln!("{why}");
    for candidate in candidates {
        let customer = candidate.customer.as_deref().map_or_else(|| "-".to_owned(), |name| one_line(name, 40));
        eprintln!("  {}  {customer} ({})", one_line(candidate.id.as_str(), 80), candidate.account);
    }
    GivenUp(FAILED)
}
