//! What can go wrong between us and Partner Center, as far as somebody decides on it, and what to do about each. The
//! English of it is here, for logs and commands; what a message says of it in its reader's language is worded elsewhere.
//! No text here ever holds a token, a secret, or anything out of a referral.

use serde::{Deserialize, Serialize};

use super::{ids::AccountName, period::Seconds};

/// What went wrong. None of these says anything about any referral.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// No access token could be had.
    #[error(transparent)]
    SignIn(#[from] SignInTrouble),
    /// 401, and again with a fresh access token.
    #[error("Partner Center refuses the access token (401), a fresh one as well")]
    Unauthorized,
    /// 401 with code 900421: the sign-in that all our tokens stem from was made without a second factor. No refresh
    /// mends that.
    #[error("Partner Center asks for a sign-in with multi-factor authentication (401, 900421)")]
    MfaNeeded,
    /// 403: the role is missing, or Conditional Access is in the way.
    #[error("Partner Center denies access (403){}", quoted(said))]
    Forbidden {
        /// The answer's error code, where it has one.
        said: Option<String>,
    },
    /// 400: the request is at fault, and all that varies in it is the filter.
    #[error("Partner Center cannot read the request (400){}", quoted(said))]
    BadRequest {
        /// What the answer says about it.
        said: Option<String>,
    },
    /// 404 or 410.
    #[error("Partner Center knows nothing at this address ({status})")]
    NotFound {
        /// The HTTP status.
        status: u16,
    },
    /// Another status that a retry does not mend.
    #[error("Partner Center refuses the request ({status}){}", quoted(said))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The answer's error code, where it has one.
        said: Option<String>,
    },
    /// 429.
    #[error("Partner Center asks for fewer requests (429)")]
    Throttled {
        /// How long it wants to be left alone.
        retry_after: Option<Seconds>,
    },
    /// 5xx, 408, 423 or 425.
    #[error("Partner Center is unavailable ({status})")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// How long it wants to be left alone.
        retry_after: Option<Seconds>,
    },
    /// No whole answer within the time limit.
    #[error("Partner Center did not answer in time")]
    TimedOut,
    /// No connection, or one that broke before the answer was whole.
    #[error("the connection to Partner Center failed: {why}")]
    ConnectionLost {
        /// What the network said.
        why: String,
    },
    /// 3xx. Never followed: the token would go along.
    #[error("the answer is a redirect ({status}), which is not followed")]
    Redirected {
        /// The HTTP status.
        status: u16,
    },
    /// A success that is no listing: a proxy's login page, a cut-off body, no `value`. It must not pass for an empty list.
    #[error("the answer is no listing: {why}")]
    NotAListing {
        /// What is wrong with it.
        why: String,
    },
    /// A success of a read by id that is not that referral.
    #[error("the answer is not the referral that was asked for: {why}")]
    NotThatReferral {
        /// What is wrong with it.
        why: String,
    },
    /// More than a page can be.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit, unpacked.
        limit: usize,
    },
    /// A next link that cannot be followed.
    #[error("the link to the next page cannot be used: {why}")]
    BadLink {
        /// What is wrong with it.
        why: String,
    },
    /// A next link that leads back.
    #[error("the link to the next page leads back to a page already read")]
    Loop,
    /// Next links without end.
    #[error("the listing does not end after {limit} pages")]
    TooManyPages {
        /// The limit.
        limit: usize,
    },
    /// `top` is set and reached, and there is no next link: OData makes `$top` a total, so there may be more.
    #[error("the listing stops at {top}, the number that `top` asks for, so there may be more")]
    FullPageWithoutLink {
        /// The setting.
        top: u32,
    },
}

/// Why there is no access token. Decided by the OAuth `error` of the answer; Microsoft's AADSTS numbers may change and
/// only sharpen what the operator is told.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInTrouble {
    /// Nobody has ever signed in.
    #[error("there is no refresh token")]
    NoToken,
    /// `invalid_grant`: unused for too long, or a sign-in frequency policy.
    #[error("the refresh token has expired{}", numbered(aadsts))]
    Expired {
        /// Microsoft's number.
        aadsts: Option<u32>,
    },
    /// `invalid_grant` for any other reason.
    #[error("the refresh token is no longer valid{}", numbered(aadsts))]
    Revoked {
        /// Microsoft's number.
        aadsts: Option<u32>,
    },
    /// `interaction_required`, or `invalid_grant` for want of a second factor.
    #[error("Microsoft asks for a sign-in with multi-factor authentication{}", numbered(aadsts))]
    MfaNeeded {
        /// Microsoft's number.
        aadsts: Option<u32>,
    },
    /// `consent_required` and its like.
    #[error("the app registration lacks consent{}", numbered(aadsts))]
    ConsentMissing {
        /// Microsoft's number.
        aadsts: Option<u32>,
    },
    /// Conditional Access says no to this machine or account.
    #[error("a Conditional Access policy blocks the sign-in{}", numbered(aadsts))]
    BlockedByPolicy {
        /// Microsoft's number.
        aadsts: Option<u32>,
    },
    /// `invalid_client` for a secret that has run out.
    #[error("the client secret has expired{}", numbered(aadsts))]
    SecretExpired {
        /// Microsoft's number.
        aadsts: Option<u32>,
    },
    /// `invalid_client` or `unauthorized_client`.
    #[error("Microsoft refuses the client id or its secret{}", numbered(aadsts))]
    ClientRefused {
        /// Microsoft's number.
        aadsts: Option<u32>,
    },
    /// Any other OAuth error: `invalid_request`, `invalid_scope`, …
    #[error("Microsoft refuses the sign-in: {error}{}", numbered(aadsts))]
    Refused {
        /// The OAuth error.
        error: String,
        /// Microsoft's number.
        aadsts: Option<u32>,
    },
    /// The token endpoint cannot be reached, is throttling, or is down.
    #[error("the token endpoint is unavailable: {why}")]
    Unavailable {
        /// What the network or the status said.
        why: String,
        /// How long it wants to be left alone.
        retry_after: Option<Seconds>,
    },
    /// An answer that is no OAuth answer, a redirect included.
    #[error("the token endpoint's answer makes no sense: {why}")]
    Malformed {
        /// What is wrong with it.
        why: String,
    },
    /// A rotated token could not be saved, so the access token that came with it is not used either: a token that only
    /// this process knows is lost at its end.
    #[error("the rotated refresh token could not be saved: {why}")]
    NotSaved {
        /// What the store said.
        why: String,
    },
    /// The saved token could not be read.
    #[error("the refresh token could not be read: {why}")]
    NotLoaded {
        /// What the store said.
        why: String,
    },
    /// The saved token is sealed and the key is not the right one. It stays where it is.
    #[error("the refresh token is sealed and cannot be opened: {why}")]
    Sealed {
        /// Why not.
        why: String,
    },
}

impl Trouble {
    /// Whether trying again soon may help, with nobody doing anything.
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::SignIn(trouble) => matches!(trouble, SignInTrouble::Unavailable { .. }),
            Self::Throttled { .. } | Self::Unavailable { .. } | Self::TimedOut | Self::ConnectionLost { .. } => true,
            _ => false,
        }
    }

    /// How long the other side asked to be left alone.
    pub fn retry_after(&self) -> Option<Seconds> {
        match self {
            Self::SignIn(SignInTrouble::Unavailable { retry_after, .. })
            | Self::Throttled { retry_after }
            | Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// A short fixed name, for a metric's label.
    pub fn class(&self) -> &'static str {
        match self {
            Self::SignIn(trouble) => trouble.class(),
            Self::Unauthorized => "unauthorized",
            Self::MfaNeeded => "mfa_needed",
            Self::Forbidden { .. } => "forbidden",
            Self::BadRequest { .. } => "bad_request",
            Self::NotFound { .. } => "not_found",
            Self::Refused { .. } => "refused",
            Self::Throttled { .. } => "throttled",
            Self::Unavailable { .. } => "unavailable",
            Self::TimedOut => "timed_out",
            Self::ConnectionLost { .. } => "connection_lost",
            Self::Redirected { .. } => "redirected",
            Self::NotAListing { .. } => "not_a_listing",
            Self::NotThatReferral { .. } => "not_that_referral",
            Self::TooLarge { .. } => "too_large",
            Self::BadLink { .. } => "bad_link",
            Self::Loop => "loop",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::FullPageWithoutLink { .. } => "full_page_without_link",
        }
    }

    /// What the operator should do: one sentence, with the command that mends it where one does.
    pub fn remedy(&self, account: &AccountName) -> String {
        match self {
            Self::SignIn(trouble) => trouble.remedy(account),
            Self::Unauthorized => format!(
                "Check `scope` and `base_url` of [accounts.{account}] and run `leadtime reload`; where they are right, run \
                 `leadtime login {account}`"
            ),
            Self::MfaNeeded => format!(
                "Run `leadtime login {account}` and sign in with a second factor; refreshing the old sign-in cannot mend this"
            ),
            Self::Forbidden { .. } => {
                "Give the account the role Referrals admin for the whole company in Partner Center, \
                and ask your administrator about Conditional Access"
                    .to_owned()
            }
            Self::BadRequest { .. } => format!("Check `filter` of [accounts.{account}], then run `leadtime reload`"),
            Self::NotFound { .. } | Self::Redirected { .. } | Self::Refused { .. } => {
                format!("Check any proxy on the way and `base_url` of [accounts.{account}], then run `leadtime reload`")
            }
            Self::Throttled { .. } => {
                format!("It is tried again by itself; if it stays, raise `poll_every` of [accounts.{account}]")
            }
            Self::Unavailable { .. } | Self::TimedOut => {
                "It is tried again by itself; if it stays, look at Microsoft's service status".to_owned()
            }
            Self::ConnectionLost { .. } => {
                "It is tried again by itself; if it stays, check the network, HTTPS_PROXY and [tls] ca_file".to_owned()
            }
            Self::NotAListing { .. } | Self::NotThatReferral { .. } => format!(
                "Check whether a proxy answers in Partner Center's place, and `base_url` of [accounts.{account}], then run \
                 `leadtime reload`"
            ),
            Self::TooLarge { .. } | Self::TooManyPages { .. } => {
                format!("Narrow `filter` of [accounts.{account}], then run `leadtime reload`")
            }
            Self::BadLink { .. } | Self::Loop => {
                "The next poll starts anew; if it stays, report it with the log of this poll".to_owned()
            }
            Self::FullPageWithoutLink { .. } => {
                format!("Take `top` out of [accounts.{account}], or raise it, then run `leadtime reload`")
            }
        }
    }
}

impl SignInTrouble {
    fn class(&self) -> &'static str {
        match self {
            Self::NoToken => "sign_in_no_token",
            Self::Expired { .. } => "sign_in_expired",
            Self::Revoked { .. } => "sign_in_revoked",
            Self::MfaNeeded { .. } => "sign_in_mfa_needed",
            Self::ConsentMissing { .. } => "sign_in_consent_missing",
            Self::BlockedByPolicy { .. } => "sign_in_blocked_by_policy",
            Self::SecretExpired { .. } => "sign_in_secret_expired",
            Self::ClientRefused { .. } => "sign_in_client_refused",
            Self::Refused { .. } => "sign_in_refused",
            Self::Unavailable { .. } => "sign_in_unavailable",
            Self::Malformed { .. } => "sign_in_malformed",
            Self::NotSaved { .. } => "sign_in_not_saved",
            Self::NotLoaded { .. } => "sign_in_not_loaded",
            Self::Sealed { .. } => "sign_in_sealed",
        }
    }

    /// Whether another refresh token might fare better.
    pub fn is_of_the_token(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::Revoked { .. } | Self::MfaNeeded { .. })
    }

    fn remedy(&self, account: &AccountName) -> String {
        match self {
            Self::NoToken | Self::Expired { .. } | Self::Revoked { .. } => format!("Run `leadtime login {account}`"),
            Self::MfaNeeded { .. } => format!("Run `leadtime login {account}` and sign in with a second factor"),
            Self::ConsentMissing { .. } => format!(
                "Have an administrator consent to the app registration in Entra, then run `leadtime login {account}`"
            ),
            Self::BlockedByPolicy { .. } => format!(
                "Ask your Entra administrator to let this machine's address through, then run `leadtime login {account}`"
            ),
            Self::SecretExpired { .. } => format!(
                "Make a new client secret in Entra, put it into `client_secret` of [accounts.{account}], then run \
                 `leadtime reload` (where it comes from a variable, start leadtime anew)"
            ),
            Self::ClientRefused { .. } => format!(
                "Check `client_id`, `client_secret` and `tenant_id` of [accounts.{account}], then run `leadtime reload` (what \
                 comes from a variable needs a new start)"
            ),
            Self::Refused { .. } | Self::Malformed { .. } => format!(
                "Check any proxy on the way and `tenant_id`, `token_url` and `scope` of [accounts.{account}], then run \
                 `leadtime reload`"
            ),
            Self::Unavailable { .. } => {
                "It is tried again by itself; if it stays, check the network and HTTPS_PROXY".to_owned()
            }
            // Using a token does not end it, so the next poll begins with the one that was saved last.
            Self::NotSaved { .. } => {
                "Make room in the state folder, and see that leadtime may write there; the token before it stays good"
                    .to_owned()
            }
            Self::NotLoaded { .. } => {
                "See that leadtime may read the state folder, and that its disk is well".to_owned()
            }
            Self::Sealed { .. } => format!(
                "Put the key that it was sealed with back into [state] key and run `leadtime reload` (start anew where it \
                 comes from a variable), or without that key run `leadtime login {account}`"
            ),
        }
    }
}

fn quoted(said: &Option<String>) -> String {
    said.as_ref().map(|said| format!(": “{said}”")).unwrap_or_default()
}

fn numbered(aadsts: &Option<u32>) -> String {
    aadsts.map(|number| format!(" (AADSTS{number})")).unwrap_or_default()
}
