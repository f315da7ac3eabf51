//! Why an account could not be read, and what to do about it. The English of these is that of the faults themselves, which
//! logs and commands show; a test holds the two together.

use super::{
    Words,
    notices::{Value, value},
};
use crate::core::{
    fault::{SignInTrouble, Trouble},
    ids::AccountName,
    notice::Refusal,
    remedy::Remedy,
};

impl Words {
    /// What went wrong: the rest of a sentence, without a full stop.
    pub fn fault(&self, fault: &Trouble) -> String {
        match fault {
            Trouble::SignIn(fault) => self.sign_in_fault(fault),
            Trouble::Unauthorized => self.text("fault-unauthorized"),
            Trouble::MfaNeeded => self.text("fault-mfa"),
            Trouble::Forbidden { said } => self.quoting(self.text("fault-forbidden"), said.as_deref()),
            Trouble::BadRequest { said } => self.quoting(self.text("fault-bad-request"), said.as_deref()),
            Trouble::NotFound { status } => self.say("fault-not-found", [number("status", status)]),
            Trouble::Refused { status, said } => {
                self.quoting(self.say("fault-refused", [number("status", status)]), said.as_deref())
            }
            Trouble::Throttled { .. } => self.text("fault-throttled"),
            Trouble::Unavailable { status, .. } => self.say("fault-unavailable", [number("status", status)]),
            Trouble::TimedOut => self.text("fault-timed-out"),
            Trouble::ConnectionLost { why } => self.say("fault-connection-lost", [value("why", why)]),
            Trouble::Redirected { status } => self.say("fault-redirected", [number("status", status)]),
            Trouble::NotAListing { why } => self.say("fault-no-listing", [value("why", why)]),
            Trouble::NotThatReferral { why } => self.say("fault-not-that-referral", [value("why", why)]),
            Trouble::TooLarge { limit } => self.say("fault-too-large", [number("limit", limit)]),
            Trouble::BadLink { why } => self.say("fault-bad-link", [value("why", why)]),
            Trouble::Loop => self.text("fault-loop"),
            Trouble::TooManyPages { limit } => self.say("fault-too-many-pages", [number("limit", limit)]),
            Trouble::FullPageWithoutLink { top } => self.say("fault-full-page", [number("top", top)]),
        }
    }

    fn sign_in_fault(&self, fault: &SignInTrouble) -> String {
        let numbered = |text: String, aadsts: &Option<u32>| {
            aadsts.map_or_else(|| text.clone(), |number| format!("{text} (AADSTS{number})"))
        };
        match fault {
            SignInTrouble::NoToken => self.text("fault-no-token"),
            SignInTrouble::Expired { aadsts } => numbered(self.text("fault-token-expired"), aadsts),
            SignInTrouble::Revoked { aadsts } => numbered(self.text("fault-token-revoked"), aadsts),
            SignInTrouble::MfaNeeded { aadsts } => numbered(self.text("fault-sign-in-mfa"), aadsts),
            SignInTrouble::ConsentMissing { aadsts } => numbered(self.text("fault-consent"), aadsts),
            SignInTrouble::BlockedByPolicy { aadsts } => numbered(self.text("fault-policy"), aadsts),
            SignInTrouble::SecretExpired { aadsts } => numbered(self.text("fault-secret-expired"), aadsts),
            SignInTrouble::ClientRefused { aadsts } => numbered(self.text("fault-client-refused"), aadsts),
            SignInTrouble::Refused { error, aadsts } => {
                numbered(self.say("fault-sign-in-refused", [value("error", error)]), aadsts)
            }
            SignInTrouble::Unavailable { why, .. } => self.say("fault-token-unavailable", [value("why", why)]),
            SignInTrouble::Malformed { why } => self.say("fault-token-malformed", [value("why", why)]),
            SignInTrouble::NotSaved { why } => self.say("fault-token-not-saved", [value("why", why)]),
            SignInTrouble::NotLoaded { why } => self.say("fault-token-not-loaded", [value("why", why)]),
            SignInTrouble::Sealed { why } => self.say("fault-token-sealed", [value("why", why)]),
        }
    }

    fn quoting(&self, fault: String, said: Option<&str>) -> String {
        match said {
            Some(said) => self.say("fault-quoted", [value("fault", fault), value("said", said)]),
            None => fault,
        }
    }

    /// What to do about it: a sentence without its full stop.
    pub fn remedy(&self, fault: &Trouble, account: &AccountName) -> String {
        let id = match fault {
            Trouble::SignIn(fault) => sign_in_remedy(fault),
            Trouble::Unauthorized => "remedy-scope",
            Trouble::MfaNeeded => "remedy-login-mfa-anew",
            Trouble::Forbidden { .. } => "remedy-role",
            Trouble::BadRequest { .. } => "remedy-filter",
            Trouble::NotFound { .. } | Trouble::Redirected { .. } | Trouble::Refused { .. } => "remedy-proxy",
            Trouble::Throttled { .. } => "remedy-poll-less",
            Trouble::Unavailable { .. } | Trouble::TimedOut => "remedy-service-status",
            Trouble::ConnectionLost { .. } => "remedy-network",
            Trouble::NotAListing { .. } | Trouble::NotThatReferral { .. } => "remedy-proxy-answers",
            Trouble::TooLarge { .. } | Trouble::TooManyPages { .. } => "remedy-narrow-filter",
            Trouble::BadLink { .. } | Trouble::Loop => "remedy-report",
            Trouble::FullPageWithoutLink { .. } => "remedy-top",
        };
        self.say(id, [value("account", account.as_str())])
    }

    /// What mends a destination that refuses everything, by what its channel says, else by where its settings stand: a
    /// sentence without its full stop.
    pub(super) fn mend(&self, said: &Refusal, place: &str) -> String {
        let place = value("place", place);
        let Some(remedy) = &said.remedy else { return self.say("mend-nothing-said", [place]) };
        let Some(remedy) = Remedy::read(remedy) else {
            return self.say("mend-quoted", [place, value("remedy", remedy.as_str())]);
        };
        let remedy = self.channel_remedy(remedy);
        let form = match remedy.as_str() {
            remedy if remedy.contains('[') => "named",
            remedy if remedy.ends_with("url") => "url",
            _ => "other",
        };
        let mut letters = remedy.chars();
        let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
        self.say("mend", [value("remedy", capital), place, value("form", form)])
    }

    /// What a channel knows to do: the rest of a sentence.
    pub fn channel_remedy(&self, remedy: Remedy) -> String {
        self.text(channel_remedy(remedy))
    }
}

fn channel_remedy(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::NewWebhook => "mend-new-webhook",
        Remedy::ValidWebhook => "mend-valid-webhook",
        Remedy::EnableWorkspace => "mend-enable-workspace",
        Remedy::UserGone => "mend-user-gone",
        Remedy::ChannelGone => "mend-channel-gone",
        Remedy::Unarchive => "mend-unarchive",
        Remedy::Allow => "mend-allow",
        Remedy::Anyone => "mend-anyone",
        Remedy::WholeUrl => "mend-whole-url",
        Remedy::WorkflowOn => "mend-workflow-on",
        Remedy::WorkflowGone => "mend-workflow-gone",
        Remedy::Signature => "mend-signature",
        Remedy::LookAtWorkflow => "mend-look-at-workflow",
        Remedy::UrlAndProxy => "mend-url-and-proxy",
        Remedy::FollowRedirect => "mend-redirect",
        Remedy::HeadersAndSecret => "mend-headers",
        Remedy::CheckUrl => "mend-check-url",
        Remedy::ProxyLogin => "mend-proxy-login",
        Remedy::NoTokenTaken => "mend-no-token",
        Remedy::SmtpAuthOff => "mend-smtp-auth",
        Remedy::MailboxRights => "mend-mailbox-rights",
        Remedy::PasswordOff => "mend-password-off",
        Remedy::CheckLogin => "mend-check-login",
        Remedy::SendAs => "mend-send-as",
        Remedy::CheckServer => "mend-check-server",
        Remedy::CheckFrom => "mend-check-from",
        Remedy::TokenEndpoint => "mend-token-endpoint",
        Remedy::TokenClient => "mend-token-client",
        Remedy::TokenSecret => "mend-token-secret",
        Remedy::TokenConsent => "mend-token-consent",
        Remedy::TokenScope => "mend-token-scope",
    }
}

fn sign_in_remedy(fault: &SignInTrouble) -> &'static str {
    match fault {
        SignInTrouble::NoToken | SignInTrouble::Expired { .. } | SignInTrouble::Revoked { .. } => "remedy-login",
        SignInTrouble::MfaNeeded { .. } => "remedy-login-mfa",
        SignInTrouble::ConsentMissing { .. } => "remedy-consent",
        SignInTrouble::BlockedByPolicy { .. } => "remedy-policy",
        SignInTrouble::SecretExpired { .. } => "remedy-secret",
        SignInTrouble::ClientRefused { .. } => "remedy-client",
        SignInTrouble::Refused { .. } | SignInTrouble::Malformed { .. } => "remedy-token-url",
        SignInTrouble::Unavailable { .. } => "remedy-token-network",
        SignInTrouble::NotSaved { .. } => "remedy-make-room",
        SignInTrouble::NotLoaded { .. } => "remedy-state-folder",
        SignInTrouble::Sealed { .. } => "remedy-key",
    }
}

/// A number that nobody counts: no language groups its digits.
fn number(name: &'static str, number: impl ToString) -> Value<'static> {
    value(name, number.to_string())
}
