//! The settings as the user writes them: the names of the keys, their shapes and their defaults, and the JSON Schema made
//! of these. Must never judge a value beyond its shape: that is `build`'s.
//!
//! None of these is `Debug`: they hold secrets in the clear for as long as a load takes.

mod people;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use people::{Away, Digest, Owners, Person};

/// What a destination may be.
pub const KINDS: &[&str] = &["slack", "teams", "email", "webhook", "stdout"];
/// How a connection to the mail server is protected.
pub const SECURITIES: &[&str] = &["starttls", "tls", "none"];
/// What a step may wait for, beside time.
pub const EVENTS: &[&str] = &["new", "updated", "answered", "expired"];
/// What a channel can be asked to show beyond its custom.
pub const EXTRAS: &[&str] = &["contacts", "notes"];
/// The days of a week.
pub const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// The languages of messages.
pub const LOCALES: &[&str] = crate::core::locale::CODES;

/// leadtime's settings.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Root {
    /// IANA name of the time zone of `hours.default`; `check` warns when it is not set.
    pub time_zone: String,
    /// The language of messages.
    #[schemars(extend("enum" = LOCALES))]
    pub locale: String,
    /// Who hears of new referrals and reminders: destinations, "@anna" (a person's mail), "@owners", "@managers".
    pub notify: Vec<String>,
    /// Who hears of escalations, likewise.
    pub escalate_to: Vec<String>,
    /// What is remembered, and for how long.
    pub state: State,
    /// Health, metrics and the API.
    pub web: Web,
    /// Who hears about leadtime's own troubles.
    pub ops: Ops,
    /// The mail server; needed by destinations of type email.
    pub smtp: Option<Smtp>,
    /// Trust in other machines.
    pub tls: Tls,
    /// Makes deal values comparable.
    pub money: Option<Money>,
    /// Values for every account that does not set its own.
    pub account_defaults: BTreeMap<String, Value>,
    /// Accounts in Partner Center, by the names you give them.
    pub accounts: BTreeMap<String, Account>,
    /// Where messages go, by the names you give them.
    pub destinations: BTreeMap<String, Destination>,
    /// Those who answer referrals, and their managers, by the names you give them.
    pub people: BTreeMap<String, Person>,
    /// Whose a referral is that names none of them in its own team; the first that matches.
    pub owners: Vec<Owners>,
    /// Summaries by schedule.
    pub digests: Vec<Digest>,
    /// Working hours, by name; `default` is used where no other is named.
    pub hours: BTreeMap<String, Hours>,
    /// Your own messages.
    pub templates: Templates,
    /// Who is told about what, when; tried from the top. None: one rule that takes all, with the built-in ladder.
    pub rules: Option<Vec<Rule>>,
}

/// A secret: the text itself, or where it stands.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Secret {
    /// The text itself.
    Text(String),
    /// Where it stands.
    Elsewhere(Elsewhere),
}

/// Where a secret stands: one of the two.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Elsewhere {
    /// A file; a newline at its end does not count.
    pub file: Option<String>,
    /// An environment variable.
    pub env: Option<String>,
}

/// What is remembered, and for how long.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct State {
    /// Folder of the embedded store, relative to the working directory.
    pub path: String,
    /// Where commands reach the service; empty: in the state folder.
    pub socket: String,
    /// How long to stand by for another instance's lock.
    pub wait_for_lock: String,
    /// How long the journal and closed referrals are kept.
    pub keep: String,
    /// How long contacts and notes of a closed referral are kept.
    pub forget_personal_after: String,
    /// Seals the refresh tokens at rest: 32 characters or more, made by `openssl rand -base64 32`.
    pub key: Option<Secret>,
}

/// Health, metrics and the API.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Address and port; empty turns it off.
    pub listen: String,
    /// The address at which people reach it; without it messages hold no links to leadtime.
    pub external_url: String,
    /// Needed to read anything but health and metrics from another machine.
    pub password: Option<Secret>,
    /// A header that names the reader, such as X-MS-CLIENT-PRINCIPAL-NAME.
    pub trusted_header: String,
    /// The addresses from which that header is believed, and X-Forwarded-For, by which requests for claims are counted.
    pub trusted_proxies: Vec<String>,
}

/// Who hears about leadtime's own troubles.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ops {
    /// Destinations; by default those of the top level's `escalate_to`.
    pub notify: Vec<String>,
    /// No good poll for so long (or for three `poll_every`) is trouble.
    pub stale_after: String,
    /// Asked after each whole cycle, for an outside dead man's switch.
    pub heartbeat_url: Option<Secret>,
}

/// The mail server.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Smtp {
    /// Its name.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    #[schemars(extend("enum" = SECURITIES))]
    pub security: String,
    /// Who signs in.
    pub username: Option<String>,
    /// With what.
    pub password: Option<Secret>,
    /// In place of a password: a token, fetched anew before it ends (XOAUTH2, Exchange Online).
    pub oauth2: Option<SmtpOauth2>,
    /// The sender: "Leadtime <leadtime@contoso.com>".
    pub from: Option<String>,
}

/// How the mail server's token is got: for an app of its own, without a user (client credentials).
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpOauth2 {
    /// The Entra tenant: its id or one of its domains.
    pub tenant_id: Option<String>,
    /// The app registration's id.
    pub client_id: Option<String>,
    /// The app registration's secret.
    pub client_secret: Option<Secret>,
    /// Where tokens are given; `{tenant_id}` is put in.
    pub token_url: String,
    /// What the token is asked for.
    pub scope: String,
}

/// Trust in other machines.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// A PEM file with more roots than the system's.
    pub ca_file: String,
}

/// Makes deal values comparable.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Money {
    /// The currency of `value` in rules.
    pub currency: Option<String>,
    /// How much one unit of another currency is worth in it: { HUF = 0.0025 }.
    pub rates: BTreeMap<String, f64>,
}

/// An account in Partner Center.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// The Entra tenant: its id or one of its domains.
    pub tenant_id: Option<String>,
    /// The app registration's id.
    pub client_id: Option<String>,
    /// The app registration's secret; a public client needs none.
    pub client_secret: Option<Secret>,
    /// The day on which that secret ends; ops hears 30, 7 and 1 days before.
    pub client_secret_expires: Option<String>,
    /// A refresh token from elsewhere, in place of `leadtime login`; each rotated one is kept in the store.
    pub refresh_token: Option<Secret>,
    /// Where the API answers.
    pub base_url: String,
    /// Where tokens are given; `{tenant_id}` is put in.
    pub token_url: String,
    /// What the token is asked for.
    pub scope: String,
    /// Which referrals are watched, in OData's language.
    pub filter: String,
    /// How often the account is polled.
    pub poll_every: String,
    /// How long a referral lives where Partner Center does not say.
    pub expires_after: String,
    /// Where people open a referral; may hold `{id}` and `{engagementId}`.
    pub referral_url: String,
    /// Destinations that hear of this account's new referrals and reminders; by default those of the top level.
    pub notify: Option<Vec<String>>,
    /// Destinations that hear of this account's escalations; by default those of the top level.
    pub escalate_to: Option<Vec<String>>,
    /// Sends `$top`, which OData makes a total; by default it is not sent.
    pub top: Option<u32>,
}

/// Where messages go.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["type"]))]
pub struct Destination {
    /// The kind of channel.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = KINDS))]
    pub kind: Option<String>,
    /// slack, teams: the incoming webhook's address.
    pub webhook_url: Option<Secret>,
    /// email: the recipients: addresses, "@anna", "@owners", "@managers".
    pub to: Option<Vec<String>>,
    /// email: more recipients, shown as copies.
    pub cc: Option<Vec<String>>,
    /// webhook: the address that is called.
    pub url: Option<Secret>,
    /// webhook: signs each call as Standard Webhooks says.
    pub secret: Option<Secret>,
    /// webhook: headers of your own.
    pub headers: Option<BTreeMap<String, Secret>>,
    /// A destination that takes over when this one fails.
    pub fallback: Option<String>,
    /// The hours that are kept here, or "always".
    pub hours: Option<String>,
    /// The language of messages here.
    #[schemars(extend("enum" = LOCALES))]
    pub locale: Option<String>,
    /// More ready than this become one digest; by default reminders 1, escalations 3, the rest 5, for webhook and stdout never.
    pub digest_above: Option<u32>,
    /// The pace: "1/s", "20/m", "none"; by default slack and teams 1/s, email 20/m, the rest none.
    pub rate: Option<String>,
    /// More of the referral than the channel shows by default.
    #[schemars(extend("items" = serde_json::json!({ "type": "string", "enum": EXTRAS })))]
    pub include: Vec<String>,
    /// After so long a silence one line that all is well; empty: never.
    pub keepalive: String,
}

/// Working hours.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Hours {
    /// IANA name; by default the top level's.
    pub time_zone: Option<String>,
    /// The days that are worked.
    #[schemars(extend("items" = serde_json::json!({ "type": "string", "enum": DAYS })))]
    pub days: Vec<String>,
    /// The opening.
    pub from: String,
    /// The closing.
    pub to: String,
    /// Days that are not worked: dates, or `{ file = "cz.ics" }`.
    pub holidays: Holidays,
}

/// Days that are not worked.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Holidays {
    /// Dates: "2026-12-24".
    Dates(Vec<String>),
    /// A calendar.
    Calendar(Calendar),
}

/// A calendar of whole-day events.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// An iCalendar file.
    pub file: Option<String>,
}

/// Your own messages.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Templates {
    /// Folder whose files replace the built-in ones of the same name.
    pub path: String,
}

/// Who is told about what, when.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name"]))]
pub struct Rule {
    /// Its name; no two are the same.
    pub name: Option<String>,
    /// Which referrals it takes, in OData's language; none takes all.
    pub when: Option<String>,
    /// Whether the rules after it may take the referral too.
    #[serde(rename = "continue")]
    pub continues: bool,
    /// Whether those who were told hear of an answer.
    pub answered: bool,
    /// The hours that are kept, or "always".
    pub hours: Option<String>,
    /// Destinations that hear of new referrals and reminders; by default the account's.
    pub notify: Option<Vec<String>>,
    /// Destinations that hear of escalations; by default the account's.
    pub escalate_to: Option<Vec<String>>,
    /// When; none: the built-in ladder; an empty list: nobody is told, on purpose.
    pub steps: Option<Vec<Step>>,
}

/// One step of a rule: exactly one of `on`, `after`, `before_expiry`.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("oneOf" = [{ "required": ["on"] }, { "required": ["after"] }, { "required": ["before_expiry"] }]))]
pub struct Step {
    /// Due when this happens.
    #[schemars(extend("enum" = EVENTS))]
    pub on: Option<String>,
    /// Due so long after the referral was created.
    pub after: Option<String>,
    /// Due so long before it expires.
    pub before_expiry: Option<String>,
    /// Repeats an `after` or `before_expiry` step.
    pub every: Option<String>,
    /// Whether it is an escalation.
    pub escalate: bool,
    /// Destinations; by default the rule's `notify`, or `escalate_to` for an escalation.
    pub notify: Option<Vec<String>>,
    /// Who is mentioned: "@owners", "@managers", "@anna".
    pub mention: Vec<String>,
    /// The hours that are kept, or "always".
    pub hours: Option<String>,
}

impl Default for Root {
    fn default() -> Self {
        Self {
            time_zone: "UTC".into(),
            locale: "en".into(),
            notify: Vec::new(),
            escalate_to: Vec::new(),
            state: State::default(),
            web: Web::default(),
            ops: Ops::default(),
            smtp: None,
            tls: Tls::default(),
            money: None,
            account_defaults: BTreeMap::new(),
            accounts: BTreeMap::new(),
            destinations: BTreeMap::new(),
            people: BTreeMap::new(),
            owners: Vec::new(),
            digests: Vec::new(),
            hours: BTreeMap::new(),
            templates: Templates::default(),
            rules: None,
        }
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            path: "data".into(),
            socket: String::new(),
            wait_for_lock: "10m".into(),
            keep: "400d".into(),
            forget_personal_after: "30d".into(),
            key: None,
        }
    }
}

impl Default for Web {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            external_url: String::new(),
            password: None,
            trusted_header: String::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for Ops {
    fn default() -> Self {
        Self { notify: Vec::new(), stale_after: "30m".into(), heartbeat_url: None }
    }
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            host: None,
            port: 587,
            security: "starttls".into(),
            username: None,
            password: None,
            oauth2: None,
            from: None,
        }
    }
}

impl Default for SmtpOauth2 {
    fn default() -> Self {
        Self {
            tenant_id: None,
            client_id: None,
            client_secret: None,
            token_url: "https://login.microsoftonline.com/{tenant_id}/oauth2/v2.0/token".into(),
            scope: "https://outlook.office365.com/.default".into(),
        }
    }
}

impl Default for Account {
    fn default() -> Self {
        Self {
            tenant_id: None,
            client_id: None,
            client_secret: None,
            client_secret_expires: None,
            refresh_token: None,
            base_url: "https://api.partner.microsoft.com/v1.0".into(),
            token_url: "https://login.microsoftonline.com/{tenant_id}/oauth2/v2.0/token".into(),
            scope: "https://api.partner.microsoft.com/.default offline_access".into(),
            filter: "direction eq 'Incoming' and substatus eq 'Pending'".into(),
            poll_every: "5m".into(),
            expires_after: "14d".into(),
            referral_url: "https://partner.microsoft.com/dashboard/referrals/v2/leads".into(),
            notify: None,
            escalate_to: None,
            top: None,
        }
    }
}

impl Default for Hours {
    fn default() -> Self {
        Self {
            time_zone: None,
            days: DAYS.iter().take(5).map(|day| (*day).to_owned()).collect(),
            from: "09:00".into(),
            to: "17:00".into(),
            holidays: Holidays::Dates(Vec::new()),
        }
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            name: None,
            when: None,
            continues: false,
            answered: true,
            hours: None,
            notify: None,
            escalate_to: None,
            steps: None,
        }
    }
}

/// The JSON Schema of the settings file. TOML has no null, so none is offered where schemars sees an `Option`.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Root).to_value();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        // The defaults are kept as they were written, to be laid under each account; their shape is an account's.
        properties.insert(
            "account_defaults".to_owned(),
            serde_json::json!({
                "description": "Values for every account that does not set its own.",
                "$ref": "#/$defs/Account",
            }),
        );
    }
    without_null(&mut schema);
    schema
}

/// A key that is left out is not written as null: TOML has none.
pub(super) fn without_null(node: &mut Value) {
    match node {
        Value::Array(list) => list.iter_mut().for_each(without_null),
        Value::Object(map) => {
            // The default of a table is in its keys.
            map.retain(|key, value| !(key == "default" && (value.is_null() || value.is_object())));
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(branches)) = map.get_mut("anyOf") {
                branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
                if let [Value::Object(only)] = branches.as_slice() {
                    let only = only.clone();
                    map.remove("anyOf");
                    map.extend(only);
                }
            }
            map.values_mut().for_each(without_null);
        }
        _ => {}
    }
}
