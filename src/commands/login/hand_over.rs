//! Giving a new sign-in to whoever keeps it: the service that runs, or the store where none does. Must never show the token.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hyper::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{
    super::{
        answer,
        reach::{Answer, GivenUp, Holder, NoHolder, Way, give_up, holder},
    },
    words::folded,
};
use crate::{
    core::ids::AccountName,
    partner_center::{Clock as _, SavedToken, TokenShelf as _},
    service::{clock::RealClock, seal::Seal, shelf::BareShelf},
    settings::Settings,
    store::Store,
    web::sign_in::{Adopted, App},
};

/// A small answer takes no longer.
const ASK_MAX: Duration = Duration::from_secs(10);
/// The service polls before it answers, and gives that up after 10 min.
const POLL_MAX: Duration = Duration::from_secs(610);
/// Nobody signs in twice because the state was taken, or a service was starting, for a moment: `check --online` takes a
/// minute.
const WAIT_MAX: Duration = Duration::from_secs(120);
/// It is looked again so often.
const WAIT: Duration = Duration::from_secs(1);

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

/// Why there is nobody to keep it.
enum NoKeeper {
    /// That may pass in a moment.
    Passing(String),
    /// It was said.
    Final(GivenUp),
}

impl NoKeeper {
    fn told(self) -> GivenUp {
        match self {
            Self::Passing(why) => give_up(&folded(&why)),
            Self::Final(given_up) => given_up,
        }
    }
}

impl Keeper {
    /// Finds it, and makes sure that it takes the account's sign-in.
    ///
    /// # Errors
    /// What is in the way was said.
    pub async fn find(settings: &Settings, account: &AccountName) -> Result<Self, GivenUp> {
        Self::look(settings, account).await.map_err(NoKeeper::told)
    }

    /// As [`Keeper::find`], for somebody who has signed in already: what may pass is waited for.
    ///
    /// # Errors
    /// As [`Keeper::find`].
    pub async fn find_in_time(settings: &Settings, account: &AccountName) -> Result<Self, GivenUp> {
        let (began, mut told) = (Instant::now(), false);
        loop {
            match Self::look(settings, account).await {
                Ok(keeper) => return Ok(keeper),
                Err(NoKeeper::Passing(why)) if began.elapsed() < WAIT_MAX => {
                    if !std::mem::replace(&mut told, true) {
                        eprintln!("{}", folded(&format!("The sign-in is good and waits to be handed over: {why}")));
                    }
                    RealClock.sleep(WAIT).await;
                }
                Err(none) => {
                    eprintln!("The sign-in is good, but nobody keeps it.");
                    return Err(none.told());
                }
            }
        }
    }

    async fn look(settings: &Settings, account: &AccountName) -> Result<Self, NoKeeper> {
        let way = match holder(settings).await {
            Ok(Holder::Store(store)) => return Ok(Self::Store(store)),
            Ok(Holder::Service(way)) => way,
            Err(taken @ NoHolder::Taken(_)) => return Err(NoKeeper::Passing(taken.to_string())),
            Err(fault) => return Err(NoKeeper::Final(give_up(&fault.to_string()))),
        };
        let answer = way.ask(Method::GET, &path(account), ASK_MAX).await;
        let answer = answer.map_err(|fault| NoKeeper::Passing(fault.to_string()))?;
        if answer.status == StatusCode::SERVICE_UNAVAILABLE {
            return Err(NoKeeper::Passing(answer::said(&answer)));
        }
        let running: App = read(&answer, account).map_err(NoKeeper::Final)?;
        let here = settings.accounts.get(account);
        let same =
            here.is_some_and(|here| (&here.client_id, &here.token_url) == (&running.client_id, &running.token_url));
        if same { Ok(Self::Service(way)) } else { Err(NoKeeper::Final(other_settings(account))) }
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
                let answer = answer.map_err(|fault| give_up(&fault.to_string()))?;
                if answer.status == StatusCode::GATEWAY_TIMEOUT {
                    return Err(give_up(&folded(&format!("The sign-in is handed over. {}", answer::said(&answer)))));
                }
                let adopted: Adopted = read(&answer, account)?;
                Ok(Handed { handed_to: "service", poll: Some(adopted.poll.outcome.clone()), adopted: Some(adopted) })
            }
            Self::Store(store) => {
                let in_settings = settings.accounts.get(account).and_then(|account| account.refresh_token.as_ref());
                let token = SavedToken::of_sign_in(token, in_settings, RealClock.now());
                let saved = BareShelf::new(store.clone(), Seal::of(&settings.state)).save(account, token).await;
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
fn read<T: DeserializeOwned>(answer: &Answer, account: &AccountName) -> Result<T, GivenUp> {
    // A path that an older version does not have is answered without JSON.
    let knows_no_account = answer.status == StatusCode::NOT_FOUND && answer.body.starts_with(b"{");
    if knows_no_account { Err(other_settings(account)) } else { answer::read(answer) }
}

fn other_settings(account: &AccountName) -> GivenUp {
    give_up(&format!(
        "the leadtime that runs has no such [accounts.{account}], or with another client_id or token_url: run `leadtime \
         reload` (or start it anew), then `leadtime login {account}` again"
    ))
}
