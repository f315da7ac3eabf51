//! What the service answered, as a value; or why not, said on standard error with the exit code that follows.

use hyper::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use std::time::Duration;

use super::{
    BAD_USAGE,
    reach::{Answer, GivenUp, Way, give_up},
};
use crate::{
    channels::one_line,
    web::hand::{NotDone, Refusal},
};

/// Asks for a document.
///
/// # Errors
/// Why there is none was said.
pub async fn ask<T: DeserializeOwned>(way: &Way, path: &str, within: Duration) -> Result<T, GivenUp> {
    let answer = way.ask(Method::GET, path, within).await;
    read(&answer.map_err(|fault| give_up(&fault.to_string()))?)
}

/// Posts a document and reads the one that comes back.
///
/// # Errors
/// As [`ask`].
pub async fn tell<T: DeserializeOwned>(
    way: &Way,
    path: &str,
    body: &impl Serialize,
    within: Duration,
) -> Result<T, GivenUp> {
    let answer = way.tell(path, body, within).await;
    read(&answer.map_err(|fault| give_up(&fault.to_string()))?)
}

/// The document of an answer.
///
/// # Errors
/// As [`ask`].
pub fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, GivenUp> {
    if answer.status == StatusCode::OK {
        let other = |_| give_up("the leadtime that runs is of another version; run the same one for this command");
        return serde_json::from_slice(&answer.body).map_err(other);
    }
    if let Ok(refusal) = serde_json::from_slice::<Refusal>(&answer.body) {
        return Err(refused(&refusal));
    }
    Err(give_up(&said(answer)))
}

/// What an answer says in place of a document.
pub fn said(answer: &Answer) -> String {
    let error = serde_json::from_slice::<Value>(&answer.body).ok();
    let error = error.as_ref().and_then(|error| error.get("error")).and_then(Value::as_str);
    match error {
        Some(error) => one_line(error, 500),
        // A path that an older version does not have is answered so.
        None if answer.status == StatusCode::NOT_FOUND => {
            "the leadtime that runs is of another version; start it anew with this one".to_owned()
        }
        None => one_line(&String::from_utf8_lossy(&answer.body), 500),
    }
}

/// Says why something was not done by hand.
pub fn not_done(not: NotDone) -> GivenUp {
    match not {
        NotDone::Refused(refusal) => refused(&refusal),
        NotDone::Store(fault) => give_up(&fault.to_string()),
    }
}

fn refused(refusal: &Refusal) -> GivenUp {
    let GivenUp(failed) = give_up(&one_line(&refusal.error, 500));
    for candidate in &refusal.candidates {
        eprintln!("  {}", one_line(candidate, 200));
    }
    GivenUp(if refusal.usage { BAD_USAGE } else { failed })
}
