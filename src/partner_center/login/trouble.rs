//! What can go wrong while a person signs in, and what to do about each. Must never hold a token, a code or an address.

use std::time::Duration;

use super::super::{
    fault::{PollFault, SignInTrouble, Trouble},
    sign_in,
};
use crate::core::ids::AccountName;

/// Why a sign-in has brought no refresh token.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoginTrouble {
    /// What may befall every sign-in.
    #[error(transparent)]
    SignIn(#[from] SignInTrouble),
    /// Whoever was asked said no.
    #[error("the sign-in was cancelled, or its permissions were declined")]
    Denied,
    /// The answer is another sign-in's: an old tab's, or somebody else's.
    #[error("the answer belongs to another sign-in: its `state` differs")]
    StateDiffers,
    /// What came back, or was pasted, is no answer.
    #[error("this is not the address that the browser ended at: {0}")]
    NotTheAnswer(&'static str),
    /// The code was not redeemed in time, or twice; a device code was not used in time.
    #[error("the code has expired, or was used before")]
    CodeExpired,
    /// Nobody has signed in.
    #[error("nobody has signed in within {} min", .0.as_secs() / 60)]
    TimedOut(Duration),
    /// AADSTS7000218: the app is a confidential client, and came without its secret.
    #[error("Microsoft asks for a client secret (AADSTS7000218)")]
    SecretWanted,
    /// AADSTS700025 or 90023: the app, or its redirect URI, is a public client's, and came with a secret.
    #[error("Microsoft takes no client secret here (AADSTS700025)")]
    SecretUnwanted,
    /// There is an access token, but nothing to renew it with.
    #[error("Microsoft has given no refresh token")]
    NoRefreshToken,
    /// `token_url` is not of the form that has `/authorize` and `/devicecode` beside it.
    #[error("`token_url` does not end in /oauth2/v2.0/token, so there is no telling where to sign in")]
    NoAddresses,
}

impl LoginTrouble {
    /// What Microsoft's error means. Its OAuth name decides; within it the AADSTS number tells which. The description is
    /// looked into for that number and never shown.
    pub(super) fn said(error: &str, description: Option<&str>) -> Self {
        let aadsts = description.and_then(sign_in::aadsts_in);
        match (error, aadsts) {
            (_, Some(7_000_218)) => Self::SecretWanted,
            (_, Some(700_025 | 90_023)) => Self::SecretUnwanted,
            // Asked for in the browser and not given, or not to be given by this person.
            (_, Some(65001 | 90_008 | 90_094 | 500_011 | 650_052 | 650_057)) => {
                SignInTrouble::ConsentMissing { aadsts }.into()
            }
            ("access_denied" | "authorization_declined", Some(53000..=53011)) => {
                SignInTrouble::BlockedByPolicy { aadsts }.into()
            }
            ("access_denied" | "authorization_declined", _) => Self::Denied,
            ("expired_token" | "code_expired" | "bad_verification_code", _) => Self::CodeExpired,
            ("temporarily_unavailable" | "server_error", _) => {
                SignInTrouble::Unavailable { why: error.to_owned(), retry_after: None }.into()
            }
            _ => match sign_in::refusal(error, None, aadsts) {
                // What was redeemed is no refresh token, but the code.
                SignInTrouble::Expired { .. } | SignInTrouble::Revoked { .. } => Self::CodeExpired,
                trouble => trouble.into(),
            },
        }
    }

    /// Whether another address, pasted into the same sign-in, may fare better.
    pub fn is_of_the_paste(&self) -> bool {
        matches!(self, Self::NotTheAnswer(_) | Self::StateDiffers)
    }

    /// What to do.
    pub fn remedy(&self, account: &AccountName) -> String {
        match self {
            Self::SignIn(trouble) => of_sign_in(trouble, account),
            Self::Denied => format!(
                "Run `leadtime login {account}` again, sign in with the account that leadtime is to use, and accept"
            ),
            Self::StateDiffers => format!(
                "Close the tabs of earlier sign-ins and run `leadtime login {account}` again; open only the address that it prints"
            ),
            Self::NotTheAnswer(_) => {
                "Sign in, then copy all of the address bar, which begins with http://localhost and holds code="
                    .to_owned()
            }
            Self::CodeExpired => {
                format!("Run `leadtime login {account}` again, and go through with it within a few minutes")
            }
            Self::TimedOut(_) => format!(
                "Run `leadtime login {account}` again. If Microsoft's page showed an error: AADSTS50011 is the redirect URI \
                 (register http://localhost), AADSTS700016 is `client_id` or `tenant_id`, AADSTS65001 or 90094 is the \
                 administrator's consent"
            ),
            Self::SecretWanted => format!(
                "For a public client set “Allow public client flows” to Yes in Entra (App registration, Authentication); \
                 else put the app's secret into `client_secret` of [accounts.{account}]"
            ),
            Self::SecretUnwanted => format!(
                "Take `client_secret` out of [accounts.{account}]; or, for a confidential client, register http://localhost \
                 under “Web”, not under “Mobile and desktop applications”, and do not use --device-code"
            ),
            Self::NoRefreshToken => {
                format!("Add offline_access to `scope` of [accounts.{account}], or take `scope` out")
            }
            Self::NoAddresses => format!("Take `token_url` out of [accounts.{account}], or let it end so"),
        }
    }
}

/// Here the person who can mend it is signing in already, so the words are other than those of a poll.
fn of_sign_in(trouble: &SignInTrouble, account: &AccountName) -> String {
    let again = format!("then run `leadtime login {account}` again");
    match trouble {
        SignInTrouble::MfaNeeded { .. } => {
            format!("Set up a second factor for that account (https://aka.ms/mfasetup), {again}")
        }
        SignInTrouble::ConsentMissing { .. } => format!(
            "Have an administrator add the permission of Microsoft Partner to the app in Entra and press “Grant admin \
             consent”, {again}"
        ),
        SignInTrouble::BlockedByPolicy { .. } => format!(
            "Ask your Entra administrator which policy it is; device codes are often blocked, so try without \
             --device-code; {again}"
        ),
        SignInTrouble::Unavailable { .. } => {
            format!("Check the network, HTTPS_PROXY and [tls] ca_file, {again}")
        }
        // What was changed has to be in force where the sign-in is handed over.
        SignInTrouble::SecretExpired { .. } => format!(
            "Make a new client secret in Entra, put it into `client_secret` of [accounts.{account}], run `leadtime reload` \
             where leadtime runs, {again}"
        ),
        SignInTrouble::ClientRefused { .. } => format!(
            "Check `client_id`, `client_secret` and `tenant_id` of [accounts.{account}], run `leadtime reload` where \
             leadtime runs, {again}"
        ),
        SignInTrouble::Refused { .. } | SignInTrouble::Malformed { .. } => format!(
            "Check any proxy on the way and `tenant_id`, `token_url` and `scope` of [accounts.{account}], {again}"
        ),
        _ => Trouble::from(trouble.clone()).remedy(account),
    }
}

/// What to do when the sign-in was good and the listing that is to prove it failed.
pub(super) fn after_proof(fault: &PollFault) -> String {
    let account = &fault.account;
    match &fault.trouble {
        Trouble::SignIn(trouble) => of_sign_in(trouble, account),
        Trouble::MfaNeeded => format!(
            "That sign-in was made without a second factor. Set one up for the account (https://aka.ms/mfasetup) or have \
             your Entra administrator require it, sign out in the browser, then run `leadtime login {account}` again"
        ),
        Trouble::Forbidden { .. } => format!(
            "Give the account that signed in the role Referrals admin for the whole company in Partner Center (Account \
             settings, User management), then run `leadtime login {account}` again"
        ),
        Trouble::Unauthorized => format!(
            "Check `scope` and `base_url` of [accounts.{account}], and that the account belongs to the tenant of the \
             partner account, then run `leadtime login {account}` again"
        ),
        Trouble::BadRequest { .. } => {
            format!("Check `filter` of [accounts.{account}], then run `leadtime login {account}` again")
        }
        Trouble::NotFound { .. }
        | Trouble::Redirected { .. }
        | Trouble::Refused { .. }
        | Trouble::NotAListing { .. } => {
            format!(
                "Check any proxy on the way and `base_url` of [accounts.{account}], then run `leadtime login {account}` again"
            )
        }
        trouble => trouble.remedy(account),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_microsoft_says_has_its_meaning() {
        let said = |error, description| LoginTrouble::said(error, Some(description));
        assert_eq!(said("access_denied", "AADSTS65004: User declined to consent"), LoginTrouble::Denied);
        assert_eq!(said("authorization_declined", ""), LoginTrouble::Denied);
        assert_eq!(said("expired_token", "AADSTS70020: expired"), LoginTrouble::CodeExpired);
        assert_eq!(said("invalid_grant", "AADSTS54005: already redeemed"), LoginTrouble::CodeExpired);
        assert_eq!(said("invalid_grant", "AADSTS70008: expired"), LoginTrouble::CodeExpired);
        assert_eq!(said("invalid_client", "AADSTS7000218: client_assertion"), LoginTrouble::SecretWanted);
        assert_eq!(said("invalid_request", "AADSTS90023: Public clients"), LoginTrouble::SecretUnwanted);
        let of = |error, description| match said(error, description) {
            LoginTrouble::SignIn(trouble) => trouble,
            trouble => panic!("{trouble:?}"),
        };
        let consent = SignInTrouble::ConsentMissing { aadsts: Some(500_011) };
        assert_eq!(of("invalid_resource", "AADSTS500011: not found"), consent);
        assert_eq!(of("invalid_grant", "AADSTS50076: MFA"), SignInTrouble::MfaNeeded { aadsts: Some(50076) });
        assert_eq!(of("access_denied", "AADSTS53003: x"), SignInTrouble::BlockedByPolicy { aadsts: Some(53003) });
        assert_eq!(of("unauthorized_client", "AADSTS700016"), SignInTrouble::ClientRefused { aadsts: Some(700_016) });
        assert!(matches!(of("temporarily_unavailable", ""), SignInTrouble::Unavailable { .. }));
    }

    #[test]
    fn every_trouble_says_what_to_do_and_none_sends_for_a_token_by_hand() {
        let account = AccountName::from("contoso");
        let troubles = [
            LoginTrouble::Denied,
            LoginTrouble::StateDiffers,
            LoginTrouble::NotTheAnswer("nothing"),
            LoginTrouble::CodeExpired,
            LoginTrouble::TimedOut(Duration::from_secs(600)),
            LoginTrouble::SecretWanted,
            LoginTrouble::SecretUnwanted,
            LoginTrouble::NoRefreshToken,
            LoginTrouble::NoAddresses,
            SignInTrouble::MfaNeeded { aadsts: None }.into(),
            SignInTrouble::ConsentMissing { aadsts: None }.into(),
            SignInTrouble::BlockedByPolicy { aadsts: None }.into(),
            SignInTrouble::ClientRefused { aadsts: None }.into(),
            SignInTrouble::SecretExpired { aadsts: None }.into(),
            SignInTrouble::Refused { error: "invalid_scope".to_owned(), aadsts: None }.into(),
            SignInTrouble::Malformed { why: "it is empty".to_owned() }.into(),
        ];
        for trouble in troubles {
            let remedy = trouble.remedy(&account);
            let goes_on =
                remedy.contains("`leadtime login contoso` again") || !matches!(trouble, LoginTrouble::SignIn(_));
            assert!(goes_on, "no command that ends with a sign-in: {trouble}: {remedy}");
            assert!(remedy.len() > 20 && !remedy.contains("new refresh token"), "{trouble}: {remedy}");
        }
    }
}
