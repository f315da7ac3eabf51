//! The settings as the program uses them: checked, with every default in place and every secret read.
//! Must never show a secret: all of them are `SecretString`, the addresses of destinations included.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use jiff::{civil, tz::TimeZone};
use lettre::message::Mailbox;
use secrecy::SecretString;
use url::Url;

use super::findings::{Finding, Place};
use crate::core::{
    ids::{AccountName, DestinationName, DigestName, PersonName},
    period::{Period, Seconds},
    rules::{HoursChoice, Money, Recipient, Role, Rules},
    schedule::Schedule,
};

/// The name of the socket in the state folder.
pub(super) const SOCKET: &str = "leadtime.sock";

/// All of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What decisions depend on.
    pub rules: Rules,
    /// How each account is reached.
    pub accounts: BTreeMap<AccountName, AccountSettings>,
    /// How each destination is reached, the people's own (`@anna`, `@team`) among them.
    pub destinations: BTreeMap<DestinationName, DestinationSettings>,
    /// What messages need of each person, beyond what decisions do (`rules.people`).
    pub people: BTreeMap<PersonName, PersonSettings>,
    /// `[[digests]]`, in the order of the file.
    pub digests: Vec<DigestSettings>,
    /// Who hears news and reminders where neither rule nor account says.
    pub notify: Vec<Recipient>,
    /// Who hears escalations where neither rule nor account says.
    pub escalate_to: Vec<Recipient>,
    /// `time_zone`: of the default hours.
    pub time_zone: TimeZone,
    /// `[state]`.
    pub state: StateSettings,
    /// `[web]`.
    pub web: WebSettings,
    /// `[ops]`.
    pub ops: OpsSettings,
    /// `[smtp]`.
    pub smtp: Option<SmtpSettings>,
    /// `[tls]`.
    pub tls: TlsSettings,
    /// `[templates] path`.
    pub templates: Option<PathBuf>,
    /// `[money]`.
    pub money: Money,
    /// Where they stand.
    pub places: Places,
}

/// Where keys stand, for what shows only later to be wrong with them.
#[derive(Clone, Default)]
pub struct Places(BTreeMap<String, (Place, String)>);

impl fmt::Debug for Places {
    /// Where something stands is no setting.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Places")
    }
}

impl Places {
    /// Remembers where a key stands, and its name there.
    pub(super) fn note(&mut self, key: String, place: (Place, String)) {
        self.0.insert(key, place);
    }

    /// A finding at a key, or where nothing is known of its place, with the key alone.
    pub fn finding(&self, key: &str, what: String) -> Finding {
        let unknown = || (Place::File("settings".to_owned()), key.to_owned());
        let (place, key) = self.0.get(key).cloned().unwrap_or_else(unknown);
        Finding { place, key, what }
    }
}

/// An account in Partner Center.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// The Entra tenant: letters, digits, `-` and `.` only.
    pub tenant_id: String,
    /// The app registration.
    pub client_id: String,
    /// Its secret; none for a public client.
    pub client_secret: Option<SecretString>,
    /// The day on which that secret ends.
    pub client_secret_expires: Option<civil::Date>,
    /// A refresh token from the settings.
    pub refresh_token: Option<SecretString>,
    /// Where the API answers; its path ends without a slash, unless there is none.
    pub base_url: Url,
    /// Where tokens are given, the tenant already in it.
    pub token_url: Url,
    /// What a token is asked for.
    pub scope: String,
    /// `$filter`, as it is sent.
    pub filter: String,
    /// How often it is polled.
    pub poll_every: Seconds,
    /// How long a referral lives where Partner Center does not say.
    pub expires_after: Period,
    /// Where people open a referral; may hold `{id}` and `{engagementId}`.
    pub referral_url: String,
    /// `$top`, where it is sent.
    pub top: Option<u32>,
}

/// A destination.
#[derive(Clone, Debug)]
pub struct DestinationSettings {
    /// What it is, and how it is reached.
    pub kind: DestinationKind,
    /// The pace; `None`: none.
    pub rate: Option<Rate>,
    /// When messages become a digest.
    pub digest_above: DigestAbove,
    /// Who takes over.
    pub fallback: Option<DestinationName>,
    /// What is shown beyond the channel's custom.
    pub include: Include,
    /// The hours that it names itself.
    pub hours: Option<HoursChoice>,
    /// The language of its messages: `en`, `hu`, `cs`.
    pub locale: String,
    /// After so long a silence one line that all is well.
    pub keepalive: Option<Period>,
}

/// What a destination is.
#[derive(Clone, Debug)]
pub enum DestinationKind {
    /// An incoming webhook of Slack, or of what understands the same.
    Slack {
        /// Its address, which is the credential.
        webhook_url: SecretString,
    },
    /// A Teams workflow.
    Teams {
        /// Its address, which is the credential.
        webhook_url: SecretString,
    },
    /// Mail through `[smtp]`.
    Email {
        /// At least one.
        to: Vec<Addressee>,
        /// More.
        cc: Vec<Addressee>,
    },
    /// A webhook of the user's own.
    Webhook {
        /// Its address.
        url: SecretString,
        /// Signs each call.
        secret: Option<SecretString>,
        /// Header names, each a valid one, and their values.
        headers: BTreeMap<String, SecretString>,
    },
    /// Lines on standard output.
    Stdout,
}

/// One entry of a `to` or `cc`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Addressee {
    /// An address that is the same for every message: as it is written, or a person's (`@anna`).
    Fixed(Mailbox),
    /// The addresses of people whom each referral names for itself.
    Role(Role),
    /// Those owners of each referral whom no person of the settings is; `@team` is to them alone.
    Strangers,
}

impl Addressee {
    /// Those of a list that are the same for every message.
    pub fn fixed(all: &[Self]) -> Vec<Mailbox> {
        let one = |addressee: &Self| match addressee {
            Self::Fixed(mailbox) => Some(mailbox.clone()),
            Self::Role(_) | Self::Strangers => None,
        };
        all.iter().filter_map(one).collect()
    }
}

/// What messages need of a person. Their name, and how they are reached, is in `Rules.people`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PersonSettings {
    /// Where mail to them goes, with the name that they have there.
    pub mailbox: Option<Mailbox>,
    /// The member id in Slack: `U` or `W`, and capitals and digits.
    pub slack: Option<String>,
    /// The user principal name, or the Entra object id, in Teams.
    pub teams: Option<String>,
    /// The language that they read; `None`: the destination's.
    pub locale: Option<String>,
}

/// A summary by schedule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DigestSettings {
    /// Its name; unique.
    pub name: DigestName,
    /// When it is due. It holds no zone: each destination hears it by its own clock, which is
    /// `counting_hours(&settings.rules, destination, None).time_zone()`.
    pub schedule: Schedule,
    /// Who gets it. Every one has addresses of its own: a digest is about no one referral, so there are no owners to ask.
    pub notify: Vec<DestinationName>,
}

impl DestinationKind {
    /// As the settings write it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Slack { .. } => "slack",
            Self::Teams { .. } => "teams",
            Self::Email { .. } => "email",
            Self::Webhook { .. } => "webhook",
            Self::Stdout => "stdout",
        }
    }

    /// Whether it is read by programs, not by people: it keeps no hours but its own and never digests by default.
    pub fn is_machine(&self) -> bool {
        matches!(self, Self::Webhook { .. } | Self::Stdout)
    }
}

/// So many messages in so long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// At least one.
    pub messages: u32,
    /// One second, minute or hour.
    pub per: Seconds,
}

/// More than so many ready become one digest; `None`: never.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DigestAbove {
    /// Of reminders.
    pub reminders: Option<u32>,
    /// Of escalations.
    pub escalations: Option<u32>,
    /// Of the rest.
    pub rest: Option<u32>,
}

/// What is shown beyond the channel's custom.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Include {
    /// The customer's people, where they consent.
    pub contacts: bool,
    /// The sender's notes.
    pub notes: bool,
}

/// `[state]`.
#[derive(Clone, Debug)]
pub struct StateSettings {
    /// The folder of the store, relative to the working directory.
    pub path: PathBuf,
    /// Where commands reach the service; `None`: in that folder.
    pub socket: Option<PathBuf>,
    /// How long to stand by for another's lock.
    pub wait_for_lock: Seconds,
    /// How long the journal and closed referrals are kept.
    pub keep: Seconds,
    /// How long contacts and notes of a closed referral are kept.
    pub forget_personal_after: Seconds,
    /// Seals the refresh tokens at rest; `None`: they lie open in the folder.
    pub key: Option<SecretString>,
}

/// `[web]`.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// `None`: off.
    pub listen: Option<SocketAddr>,
    /// As people reach it; its path ends without a slash, unless there is none.
    pub external_url: Option<Url>,
    /// Opens the API to other machines.
    pub password: Option<SecretString>,
    /// The header that names the reader.
    pub trusted_header: Option<String>,
    /// Who may say so.
    pub trusted_proxies: Vec<IpAddr>,
}

/// `[ops]`.
#[derive(Clone, Debug)]
pub struct OpsSettings {
    /// Who hears of leadtime's own troubles: as written, else `escalate_to`.
    pub notify: Vec<DestinationName>,
    /// Whether `notify` was written.
    pub named: bool,
    /// No good poll for so long is trouble.
    pub stale_after: Seconds,
    /// Asked after each whole cycle. Such addresses hold a key, hence a secret.
    pub heartbeat_url: Option<SecretString>,
}

/// `[smtp]`.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// Who signs in, and with what.
    pub login: Option<SmtpLogin>,
    /// The sender.
    pub from: Mailbox,
}

/// Who signs in to the mail server, and with what.
#[derive(Clone, Debug)]
pub enum SmtpLogin {
    /// A password.
    Password {
        /// Whose.
        username: String,
        /// It.
        password: SecretString,
    },
    /// A token that an app gets for itself.
    OAuth2 {
        /// The mailbox that is opened with it.
        username: String,
        /// Where tokens are given, the tenant already in it.
        token_url: Url,
        /// The app registration.
        client_id: String,
        /// Its secret.
        client_secret: SecretString,
        /// What a token is asked for.
        scope: String,
    },
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmtpSecurity {
    /// By STARTTLS, which must succeed.
    StartTls,
    /// From the first byte.
    Tls,
    /// Not at all.
    None,
}

/// `[tls]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsSettings {
    /// A PEM file with more roots.
    pub ca_file: Option<PathBuf>,
}

impl fmt::Display for Settings {
    /// `1 account, 3 destinations (slack, teams), 4 people, 2 rules, 1 digest`; what nobody has written is not counted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        let written = self.destinations.iter().filter(|(name, _)| !name.as_str().starts_with('@'));
        let mut kinds: Vec<&str> = written.map(|(_, destination)| destination.kind.as_str()).collect();
        let destinations = counted(kinds.len(), "destination");
        kinds.sort_unstable();
        kinds.dedup();
        let kinds = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        write!(f, "{}, {destinations}{kinds}", counted(self.accounts.len(), "account"))?;
        match self.people.len() {
            0 => {}
            1 => f.write_str(", 1 person")?,
            people => write!(f, ", {people} people")?,
        }
        write!(f, ", {}", counted(self.rules.rules.len(), "rule"))?;
        match self.digests.len() {
            0 => Ok(()),
            digests => write!(f, ", {}", counted(digests, "digest")),
        }
    }
}
