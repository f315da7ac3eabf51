//! What `leadtime login` says: what has to be there before, what to open, what it came to. Must never hold a token or a code.

use url::Url;

use super::hand_over::Handed;
use crate::{
    commands::margin::wrapped,
    core::ids::AccountName,
    partner_center::{
        Glimpse, PollFault,
        login::{Device, LoginTrouble},
    },
    settings::AccountSettings,
};

/// The app that stands for Partner Center in every tenant.
const MICROSOFT_PARTNER: &str = "4990cffe-04e8-4e8b-808a-1175604b879f";

/// By which way somebody signs in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// A browser that is redirected.
    Browser,
    /// A code on another device.
    Device,
}

/// Speaks to the person who signs in, on standard error.
pub struct Teller<'a> {
    /// For which account.
    pub account: &'a AccountName,
    /// With which app.
    pub settings: &'a AccountSettings,
}

impl Teller<'_> {
    /// What has to be there before.
    pub fn prerequisites(&self, how: How) {
        eprint!("{}", prerequisites(self.account, self.settings, how));
    }

    /// The address, for the browser on this machine.
    pub fn open_here(&self, address: &Url, was_opened: bool) {
        eprint!("{}", open_here(self.account, address, was_opened));
    }

    /// The address, for a browser anywhere.
    pub fn open_anywhere(&self, address: &Url) {
        eprint!(
            "Open this address in a browser, on any machine, and sign in:\n\n{address}\n\n\
             It ends at a page that cannot be reached: that is right. Copy the whole\n\
             address of that page (code= stands in it) and paste it here:\n"
        );
    }

    /// The code for another device.
    pub fn type_in(&self, device: &Device) {
        let minutes = device.life.as_secs() / 60;
        eprint!(
            "On any device open\n\n  {}\n\nand type in this code, good for {minutes} min:\n\n  {}\n\nWaiting for it.\n",
            device.place, device.code
        );
    }

    /// Another address is awaited.
    pub fn paste_again(&self, trouble: &LoginTrouble) {
        let text = format!(
            "{}. Sign in at the address above, then copy all of the address bar, which begins with http://localhost and \
             holds code=, and paste it here:",
            capital(&trouble.to_string())
        );
        eprintln!("{}", folded(&text));
    }
}

fn open_here(account: &AccountName, address: &Url, was_opened: bool) -> String {
    let how = if was_opened {
        "A browser should open. If none does, open this address on this machine:".to_owned()
    } else {
        format!(
            "No browser here: stop with Ctrl-C and run\n\n  \
             leadtime login {account} --device-code\n  \
             leadtime login {account} --paste          # where that is blocked\n\n\
             or open this address on this machine all the same:"
        )
    };
    let elsewhere = if was_opened {
        format!(" From another machine's browser it cannot:\nstop with Ctrl-C and run leadtime login {account} --paste")
    } else {
        String::new()
    };
    format!("{how}\n\n{address}\n\nWaiting 10 min for it to come back.{elsewhere}\n")
}

fn prerequisites(account: &AccountName, settings: &AccountSettings, how: How) -> String {
    let platform = if settings.client_secret.is_some() { "Web" } else { "Mobile and desktop applications" };
    let redirect = match how {
        How::Browser => format!("redirect URI http://localhost under “{platform}”"),
        How::Device => "Authentication: “Allow public client flows” set to Yes".to_owned(),
    };
    format!(
        "Signing in for {account}: tenant {}, app {}.\n\n\
         The app registration in Entra needs, once:\n\
         \x20 - {redirect}\n\
         \x20 - API permissions: delegated, of Microsoft Partner (APIs my organization uses:\n\
         \x20   {MICROSOFT_PARTNER}), with admin consent\n\
         The account that signs in needs:\n\
         \x20 - in Partner Center the role Referrals admin for the whole company\n\
         \x20 - a second factor (MFA), used in this sign-in\n\n",
        settings.tenant_id, settings.client_id
    )
}

/// The result, for standard output.
pub fn done(account: &AccountName, listed: Option<usize>, more: bool, handed: &Handed) -> String {
    let pending = match listed {
        Some(1) if !more => ": 1 referral is pending".to_owned(),
        Some(listed) if more => format!(": more than {listed} referrals are pending"),
        Some(listed) => format!(": {listed} referrals are pending"),
        None => String::new(),
    };
    let then = match handed.adopted() {
        None => "The sign-in is in the state folder; `leadtime run` uses it.".to_owned(),
        Some(adopted) => match &adopted.poll.why {
            None => format!(
                "The leadtime that runs has the sign-in and has polled with it: {} listed, {} new.",
                adopted.poll.listed.unwrap_or_default(),
                adopted.poll.new.unwrap_or_default()
            ),
            Some(why) => format!("The leadtime that runs has the sign-in, but its poll failed: {why}"),
        },
    };
    format!("{account} is signed in{pending}.\n{}\n", folded(&then))
}

/// Nothing came of it.
pub fn failed(account: &AccountName, what: &str, remedy: &str) -> String {
    format!("{account} is not signed in: {what}. {remedy}.")
}

/// The sign-in is of no use.
pub fn unproven(account: &AccountName, why: &str) -> String {
    format!("The sign-in for {account} is not kept, it reads no referrals: {why}.")
}

/// What to have an eye on. `open` is how many open referrals the service knew before.
pub fn warnings(seen: &Result<Glimpse, PollFault>, open: Option<usize>) -> Vec<String> {
    match seen {
        Err(fault) => vec![format!("it is kept, but could not be proven just now: {}", fault.trouble)],
        Ok(glimpse) if glimpse.listed > 0 || glimpse.more => Vec::new(),
        Ok(_) => {
            let known = match open {
                Some(open) if open > 0 => format!("leadtime knows {open} open, and the list is empty"),
                _ => "the list is empty, as it is where nothing is pending".to_owned(),
            };
            vec![format!(
                "{known}. An account with the role Referrals user gets an empty list without an error: make sure that \
                 the account that signed in has the role Referrals admin for the whole company."
            )]
        }
    }
}

/// Broken between words into lines for a terminal.
pub fn folded(text: &str) -> String {
    wrapped("", "", text).trim_end().to_owned()
}

fn capital(text: &str) -> String {
    let mut signs = text.chars();
    signs.next().map(|first| first.to_uppercase().chain(signs).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_browser_is_told_the_other_ways_at_once() {
        let address = Url::parse("https://login.example/authorize").unwrap();
        let told = open_here(&AccountName::new("contoso"), &address, false);
        assert!(told.starts_with("No browser here"), "{told}");
        let (before, _) = told.split_once(address.as_str()).unwrap();
        for way in ["leadtime login contoso --device-code", "leadtime login contoso --paste"] {
            assert!(before.contains(way), "{told}");
        }
        assert!(told.ends_with("Waiting 10 min for it to come back.\n"), "{told}");
    }
}
