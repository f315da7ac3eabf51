//! The accounts' part of `check --online`: a sign-in and one page of the listing. Where a service runs, it does this
//! itself and keeps the rotated token; else it is done here, and the token kept in the store.
//! Must never make a store where leadtime has not run yet, and never show a token.

use std::{io::ErrorKind, path::Path, sync::Arc, time::Duration};

use hyper::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::online::Outcome;
use crate::{
    commands::{
        Common, answer,
        reach::{Reached, Way, reach},
    },
    core::ids::AccountName,
    partner_center::{Client, SavedToken, ShelfFault, TokenShelf},
    service::{
        account::{self, Glimpsed},
        clock::RealClock,
        prepare::Prepared,
        seal::Seal,
        shelf::BareShelf,
        spell::coarse,
    },
    settings,
    store::Store,
};

/// Passing failures of a listing are tried again for so long.
const PATIENCE: Duration = Duration::from_secs(15);
/// A running service has so long to answer.
const WITHIN: Duration = Duration::from_secs(50);
/// `[ops]` hears of clocks that differ by as much.
const SKEW_TOLD: SignedDuration = SignedDuration::from_mins(2);
/// Where the clocks differ by as much nothing new is decided.
const SKEW_STOPS: SignedDuration = SignedDuration::from_hours(1);

/// The server's clock, and ours at that moment.
pub type Clocks = (Timestamp, Timestamp);

/// Where the accounts' refresh tokens are.
pub enum Tokens {
    /// With a service that runs.
    Service(Way),
    /// In the store, which nobody else has.
    Store(Arc<dyn Store>),
    /// Nowhere but in the settings: leadtime has not run here yet.
    Settings,
    /// Out of reach; what is in the way was said on standard error.
    Unreached,
}

impl Tokens {
    /// Finds the service, or opens the store where there is one.
    pub async fn find(common: &Common, prepared: &Prepared) -> Self {
        let socket = settings::glance(&common.config, settings::environment()).socket;
        if is_unused(&prepared.settings.state.path) && !socket.exists() {
            return Self::Settings;
        }
        match reach(common).await {
            Ok(Reached::Service(way)) => Self::Service(way),
            Ok(Reached::Store(store, _)) => Self::Store(store),
            Err(_) => Self::Unreached,
        }
    }

    /// Leaves a store clean that was opened here.
    pub async fn leave(self) {
        let Self::Store(store) = self else { return };
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        if let Ok(Err(fault)) = closed {
            eprintln!("{fault}");
        }
    }

    /// Signs in an account and reads one page.
    pub async fn glimpse(&self, prepared: &Prepared, name: &AccountName) -> (Outcome, Option<Clocks>) {
        let glimpsed = match self {
            Self::Service(way) => ask(way, name).await,
            Self::Store(store) => {
                let seal = Seal::of(&prepared.settings.state);
                look(prepared, name, Arc::new(BareShelf::new(store.clone(), seal))).await
            }
            Self::Settings => look(prepared, name, Arc::new(NoShelf)).await,
            Self::Unreached => {
                let todo = "mend what stands on standard error, then check again";
                Err(Outcome::failed("not tried: its token is in the state, which cannot be opened", todo))
            }
        };
        match glimpsed {
            Ok(glimpsed) => (self.judge(&glimpsed), glimpsed.clocks),
            Err(outcome) => (outcome, None),
        }
    }

    fn judge(&self, glimpsed: &Glimpsed) -> Outcome {
        let asked = matches!(self, Self::Service(_));
        let Some(listed) = glimpsed.listed else {
            let todo = glimpsed.todo.as_deref().unwrap_or("look at the log");
            let reload = match asked {
                true => ". (The leadtime that runs was asked; after a change of the settings: leadtime reload)",
                false => "",
            };
            return Outcome::failed(glimpsed.why.as_deref().unwrap_or("it failed"), &format!("{todo}{reload}"));
        };
        let by = if asked { "signed in by the leadtime that runs" } else { "signed in" };
        let page = match (listed, glimpsed.more) {
            (0, false) => "the listing is empty".to_owned(),
            (1, false) => "1 referral listed".to_owned(),
            (_, false) => format!("{listed} referrals listed"),
            (_, true) => format!("{listed} referrals on the first page, and there are more"),
        };
        let kept = match self {
            Self::Settings => "; the token in the settings stays good, no other was kept as there is no state yet",
            _ => "",
        };
        let todo = (listed == 0 && !glimpsed.more).then(|| {
            "if anything is pending in Partner Center, the role is too narrow: give the account Referrals admin for \
             the whole company (a Referrals user gets an empty list without an error)"
                .to_owned()
        });
        Outcome { ok: true, detail: format!("{by}; {page}{kept}"), todo }
    }
}

/// Whether a folder is missing or as empty as a volume that was just made. A store that this command makes, perhaps as
/// another user, might be one that the service cannot write.
fn is_unused(folder: &Path) -> bool {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.flatten().all(|entry| entry.file_name() == "lost+found"),
        Err(fault) => fault.kind() == ErrorKind::NotFound,
    }
}

/// Has the running service do it.
async fn ask(way: &Way, name: &AccountName) -> Result<Glimpsed, Outcome> {
    let path = format!("/api/v1/accounts/{}/glimpse", utf8_percent_encode(name.as_str(), NON_ALPHANUMERIC));
    let answer = way.ask(Method::POST, &path, WITHIN).await;
    let answer = answer.map_err(|fault| Outcome::of(&fault.to_string()))?;
    let other = "run the same version of leadtime for this command as for the service";
    match answer.status {
        StatusCode::OK => serde_json::from_slice(&answer.body)
            .map_err(|_| Outcome::failed("the leadtime that runs is of another version", other)),
        StatusCode::NOT_FOUND if answer.body.starts_with(b"{") => Err(Outcome::failed(
            "the leadtime that runs does not have this account",
            "run leadtime reload, then check again",
        )),
        _ => Err(Outcome::of(&answer::said(&answer))),
    }
}

async fn look(prepared: &Prepared, name: &AccountName, shelf: Arc<dyn TokenShelf>) -> Result<Glimpsed, Outcome> {
    let http = account::http(&prepared.settings).map_err(|fault| Outcome::of(&fault.to_string()))?;
    let settings = &prepared.settings.accounts[name];
    let clock = Arc::new(RealClock);
    let token = settings.refresh_token.clone();
    let client = Client::new(account::reading(name, settings), token, shelf, clock.clone(), http);
    Ok(account::glimpse(&client, name, PATIENCE, clock.as_ref()).await)
}

/// Where there is no state nothing is kept: Microsoft does not revoke a refresh token because it was used.
pub struct NoShelf;

#[async_trait::async_trait]
impl TokenShelf for NoShelf {
    async fn load(&self, _: &AccountName) -> Result<Option<SavedToken>, ShelfFault> {
        Ok(None)
    }

    async fn save(&self, _: &AccountName, _: SavedToken) -> Result<(), ShelfFault> {
        Ok(())
    }
}

/// What the accounts' answers say about our clock, by the one that differs most; `None` where none could be read.
pub fn compare(clocks: &[Clocks]) -> Option<Outcome> {
    let off = |(theirs, ours): &Clocks| ours.duration_since(*theirs);
    let worst = clocks.iter().max_by_key(|both| off(both).abs())?;
    let by = off(worst);
    if by.abs() < SKEW_TOLD {
        let seconds = by.abs().as_secs();
        let detail = match seconds {
            0..=1 => "agrees with Partner Center's".to_owned(),
            _ => format!("agrees with Partner Center's within {seconds} s"),
        };
        return Some(Outcome { ok: true, detail, todo: None });
    }
    let side = if by.is_negative() { "behind" } else { "ahead of" };
    let stops = match by.abs() >= SKEW_STOPS {
        true => "; nothing new is decided while it is more than an hour off",
        false => "; countdowns may be off by as much",
    };
    let detail = format!("is {} {side} Partner Center's{stops}", coarse(by.abs()));
    Some(Outcome::failed(&detail, "set the machine's clock (NTP)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(seconds: &[i64]) -> Option<(bool, String)> {
        let theirs: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let clocks: Vec<Clocks> =
            seconds.iter().map(|off| (theirs, theirs + SignedDuration::from_secs(*off))).collect();
        compare(&clocks).map(|outcome| (outcome.ok, outcome.detail))
    }

    #[test]
    fn the_clock_is_judged_by_the_answer_that_differs_most() {
        assert_eq!(compared(&[]), None);
        assert_eq!(compared(&[1]), Some((true, "agrees with Partner Center's".to_owned())));
        assert_eq!(compared(&[0, -40]), Some((true, "agrees with Partner Center's within 40 s".to_owned())));
        let (ok, told) = compared(&[3, -300]).unwrap();
        assert!(!ok && told.contains("behind") && told.contains("countdowns"), "{told}");
        let (ok, told) = compared(&[7_200, 0]).unwrap();
        assert!(!ok && told.contains("ahead of") && told.contains("nothing new is decided"), "{told}");
    }
}
