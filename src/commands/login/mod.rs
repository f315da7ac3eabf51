//! `leadtime login`: a person signs in for an account, the sign-in proves itself by a page of the referrals, and its token
//! goes to the service that runs, or into the store. Must never print or log a token or a code.

mod browser;
mod hand_over;
mod loopback;
mod words;

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use serde::Serialize;

use self::{
    hand_over::{Handed, Keeper},
    loopback::{Loopback, Redirected},
    words::{How, Teller},
};
use super::{BAD_USAGE, Common, DONE, FAILED, findings, paper, reach::GivenUp};
use crate::{
    core::ids::AccountName,
    partner_center::{
        Clock,
        login::{Login, LoginTrouble, Proof},
    },
    service::{account, clock::RealClock},
    settings::{self, Settings},
};

/// A person has so long to sign in.
const SIGN_IN_MAX: Duration = Duration::from_secs(600);
/// A device code lives so long at Microsoft's.
const DEVICE_MAX: Duration = Duration::from_secs(900);
/// The proof's failures and the waits after them may take so long.
const PATIENCE: Duration = Duration::from_secs(20);
/// What is registered in Entra. With a port of its own it counts as the same.
const REDIRECT: &str = "http://localhost";

/// Signs in for an account, and keeps the sign-in for the service.
///
/// A browser opens where there is one; it must be on this machine. Elsewhere use --paste, or --device-code. It says what
/// has to be registered in Entra and which role the account needs, proves the sign-in by reading a page of the referrals,
/// and hands it to the leadtime that runs, which polls at once; where none runs it goes into the state folder.
///
/// Exit code 0 where the sign-in is good and kept, and the service's poll with it was whole; 1 where not.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  leadtime login contoso\n  leadtime login contoso --paste          # the browser is on another machine\n  \
    docker exec -it leadtime leadtime login contoso --paste\n\n\
    With --json: {\"account\": \"contoso\", \"listed\": 5, \"more\": false, \"handed_to\": \"service\", \"poll\": \"whole\", \"warnings\": []}\n  \
    listed: referrals on the first page, null where it could not be read just now; more: whether there are further pages;\n  \
    handed_to: service or store; poll: whole, or the class of what failed; null without a service. All else is on standard error."
)]
pub struct Args {
    /// The account, by its name in the settings; may be left out where there is one.
    #[arg(value_name = "ACCOUNT")]
    account: Option<AccountName>,
    /// Print the address to open; take back the one that the browser ends at, from standard input.
    #[arg(long, conflicts_with = "device_code")]
    paste: bool,
    /// Print a code to type in on another device. Many tenants have this way blocked.
    #[arg(long)]
    device_code: bool,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What it came to.
#[derive(Serialize)]
struct Outcome {
    account: AccountName,
    listed: Option<usize>,
    more: bool,
    #[serde(flatten)]
    handed: Handed,
    warnings: Vec<String>,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    let settings = match settings::load(&common.config, settings::environment()) {
        Ok((settings, _)) => settings,
        Err(faults) => {
            findings::show(&faults.faults, &[]);
            return BAD_USAGE;
        }
    };
    let account = match chosen(args.account.as_ref(), &settings) {
        Ok(account) => account,
        Err(why) => {
            eprintln!("{why}");
            return BAD_USAGE;
        }
    };
    match sign_in(args, &settings, account).await {
        Ok(outcome) => {
            for warning in &outcome.warnings {
                eprintln!("{}", words::folded(&format!("Warning: {warning}")));
            }
            if args.json {
                paper::print_json(&outcome);
            } else {
                paper::print(&words::done(&outcome.account, outcome.listed, outcome.more, &outcome.handed));
            }
            if outcome.handed.is_well() { DONE } else { FAILED }
        }
        Err(GivenUp(code)) => code,
    }
}

/// The account that was named, or the only one.
fn chosen<'a>(named: Option<&AccountName>, settings: &'a Settings) -> Result<&'a AccountName, String> {
    let names: Vec<&AccountName> = settings.accounts.keys().collect();
    let list = || names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    match (named, names.as_slice()) {
        (Some(named), names) => {
            let found = names.iter().find(|name| **name == named).copied();
            found.ok_or_else(|| format!("there is no account {named}; take one of {}", list()))
        }
        (None, [only]) => Ok(only),
        (None, _) => Err(format!("which account? Take one of {}", list())),
    }
}

async fn sign_in(args: &Args, settings: &Settings, account: &AccountName) -> Result<Outcome, GivenUp> {
    let of = settings.accounts.get(account).ok_or(GivenUp(BAD_USAGE))?;
    let clock: Arc<dyn Clock> = Arc::new(RealClock);
    let give_up = |why: String| {
        eprintln!("{}", words::folded(&why));
        GivenUp(FAILED)
    };
    let http = account::http(settings).map_err(|fault| give_up(fault.to_string()))?;
    let failed =
        |trouble: LoginTrouble| give_up(words::failed(account, &trouble.to_string(), &trouble.remedy(account)));
    let login = Login::new(account::reading(account, of), http, clock.clone()).map_err(failed)?;
    // Before anybody reaches for a second factor: is there somebody to keep what it brings?
    Keeper::find(settings, account).await?.lets_go();
    let teller = Teller { account, settings: of };
    teller.prerequisites(if args.device_code { How::Device } else { How::Browser });
    let token = if args.device_code {
        by_device(&login, &teller).await
    } else if args.paste {
        by_paste(&login, &teller, clock.as_ref()).await
    } else {
        by_browser(&login, &teller, clock.as_ref()).await
    };
    let proof = login.prove(token.map_err(failed)?, PATIENCE).await;
    if let Some(why) = proof.failed() {
        return Err(give_up(words::unproven(account, &why)));
    }
    keep(settings, account, proof).await
}

async fn keep(settings: &Settings, account: &AccountName, proof: Proof) -> Result<Outcome, GivenUp> {
    let Proof { token, seen } = proof;
    // A service may have come or gone meanwhile.
    let keeper = Keeper::find_in_time(settings, account).await?;
    let handed = keeper.keep(settings, account, token).await?;
    let (listed, more) = seen.as_ref().map_or((None, false), |glimpse| (Some(glimpse.listed), glimpse.more));
    let warnings = words::warnings(&seen, handed.adopted().map(|adopted| adopted.open));
    Ok(Outcome { account: account.clone(), listed, more, handed, warnings })
}

/// The browser on this machine is redirected to a port of ours.
async fn by_browser(login: &Login, teller: &Teller<'_>, clock: &dyn Clock) -> Result<SecretString, LoginTrouble> {
    let Ok(mut loopback) = Loopback::open().await else {
        eprintln!("No port of this machine can be opened, so the address has to be pasted.");
        return by_paste(login, teller, clock).await;
    };
    let asked = login.ask(&loopback.redirect(REDIRECT))?;
    teller.open_here(&asked.address, browser::open(&asked.address));
    let redirected = comes_back(&mut loopback, clock).await?;
    let agreed = asked.answered(redirected.query());
    redirected.show(agreed.is_ok());
    loopback.close().await;
    login.redeem(asked, agreed?).await
}

/// Waits for the browser, but not for ever.
async fn comes_back(loopback: &mut Loopback, clock: &dyn Clock) -> Result<Redirected, LoginTrouble> {
    let redirected = tokio::select! {
        redirected = loopback.redirected() => redirected,
        () = clock.sleep(SIGN_IN_MAX) => None,
    };
    redirected.ok_or(LoginTrouble::TimedOut(SIGN_IN_MAX))
}

/// The browser is anywhere; the address it ends at comes by standard input.
async fn by_paste(login: &Login, teller: &Teller<'_>, clock: &dyn Clock) -> Result<SecretString, LoginTrouble> {
    let asked = login.ask(REDIRECT)?;
    teller.open_anywhere(&asked.address);
    let mut pasted = browser::Pasted::new();
    let agreed = loop {
        let line = tokio::select! {
            line = pasted.next() => line,
            () = clock.sleep(SIGN_IN_MAX) => return Err(LoginTrouble::TimedOut(SIGN_IN_MAX)),
        };
        match asked.answered(&line.text) {
            Err(trouble) if trouble.is_of_the_paste() && !line.is_last => teller.paste_again(&trouble),
            agreed => break agreed?,
        }
    };
    login.redeem(asked, agreed).await
}

/// A code is typed in on another device.
async fn by_device(login: &Login, teller: &Teller<'_>) -> Result<SecretString, LoginTrouble> {
    let device = login.device().await?;
    teller.type_in(&device);
    login.granted(device, DEVICE_MAX).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    /// By this clock every wait is over at once.
    struct Hasty;

    #[async_trait::async_trait]
    impl Clock for Hasty {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        async fn sleep(&self, _: Duration) {}
    }

    #[tokio::test]
    async fn a_browser_that_never_comes_back_is_given_up() {
        let mut loopback = Loopback::open().await.unwrap();
        let given_up = comes_back(&mut loopback, &Hasty).await.err();
        assert_eq!(given_up, Some(LoginTrouble::TimedOut(SIGN_IN_MAX)));
    }
}
