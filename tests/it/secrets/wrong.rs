//! Settings with a mistake near a secret, or in it: what is said of them says where, and never what stood there.

use std::{fs, process::Command};

use tempfile::TempDir;

use super::{Outputs, planted::Planted};
use crate::commands_stage::command;

/// Settings without fault but for what is put in.
const USUAL: &str = r#"
time_zone = "UTC"
notify = ["sellers"]
escalate_to = ["sellers"]
[ops]
notify = ["crm"]
OPS
[web]
listen = ""
WEB
[state]
STATE
[accounts.contoso]
tenant_id = "t"
client_id = "c"
ACCOUNT
[smtp]
host = "localhost"
from = "l@contoso.example"
SMTP
[destinations]
SELLERS
CRM
"#;

/// What stands in a place where a test puts nothing.
const PLACES: [(&str, &str); 7] = [
    ("OPS", ""),
    ("WEB", ""),
    ("STATE", ""),
    ("ACCOUNT", ""),
    ("SMTP", ""),
    ("SELLERS", "sellers = { type = \"stdout\" }"),
    ("CRM", "crm = { type = \"webhook\", url = \"https://crm.contoso.example/\" }"),
];

/// The keys that take a secret, each in its place, and what must stand beside it.
const KEYS: [(&str, &str); 10] = [
    ("OPS", "heartbeat_url = VALUE"),
    ("WEB", "password = VALUE"),
    ("STATE", "key = VALUE"),
    ("ACCOUNT", "client_secret = VALUE"),
    ("ACCOUNT", "refresh_token = VALUE"),
    ("SMTP", "password = VALUE\nusername = \"robot\""),
    ("SMTP", "oauth2 = { tenant_id = \"t\", client_id = \"c\", client_secret = VALUE }"),
    ("SELLERS", "sellers = { type = \"slack\", webhook_url = VALUE }"),
    ("CRM", "crm = { type = \"webhook\", url = VALUE }"),
    ("CRM", "crm = { type = \"webhook\", url = \"https://crm.contoso.example/\", secret = VALUE }"),
];

/// Every way to get a secret wrong; `SECRET` is the secret.
const VALUES: [&str; 22] = [
    "[\"SECRET\"]",
    "{ text = \"SECRET\" }",
    "{ value = \"SECRET\", file = \"nothing\" }",
    "{ env = [\"SECRET\"] }",
    "{ file = { path = \"SECRET\" } }",
    "{ env = \"HOME\", secret = \"SECRET\" }",
    "\"SECRET",
    "SECRET",
    "'SECRET\"",
    "“SECRET”",
    "\"SECRET\" \"SECRET\"",
    "\"\\q SECRET\"",
    "\"SEC\\u0000RET SECRET\"",
    "\"\"\"\nSECRET\n\"\"\"",
    "\"https://crm.contoso.example/\\nSECRET\"",
    "\"http://crm.contoso.example/SECRET\"",
    "\"ftp://crm.contoso.example/SECRET\"",
    "\"https://user:SECRET@\"",
    "\"https://contoso.webhook.office.com/SECRET\"",
    "\"https://hooks.slack.com/workflows/SECRET\"",
    "\"whsec_SECRET!\"",
    "\"https://crm.contoso.example:99999/SECRET\"",
];

/// Mistakes that are not in the value of a key that takes a secret.
const LINES: [(&str, &str); 21] = [
    ("ACCOUNT", "client_secrt = \"SECRET\""),
    ("ACCOUNT", "clientSecret = \"SECRET\""),
    ("ACCOUNT", "client_secret = \"SECRET\"\nclient_secret = \"SECRET\""),
    ("ACCOUNT", "client_secret: SECRET"),
    ("ACCOUNT", "client_secret = \"SECRET\"\nnothing = 1"),
    ("ACCOUNT", "client_secret \"SECRET\""),
    ("ACCOUNT", "base_url = \"http://user:SECRET@api.contoso.example/v1.0\""),
    ("ACCOUNT", "base_url = \"https://user:SECRET@api.contoso.example/v1.0?key=SECRET\""),
    ("ACCOUNT", "token_url = \"https://user:SECRET@login.contoso.example/{nothing}/token\""),
    ("ACCOUNT", "referral_url = \"https://user:SECRET@x.example/{odd}\""),
    ("WEB", "external_url = \"https://user:SECRET@leadtime.example/\""),
    ("WEB", "passwd = \"SECRET\""),
    ("SMTP", "pasword = \"SECRET\""),
    ("SMTP", "password = \"SECRET\"\noauth2 = { client_secret = \"SECRET\" }"),
    ("SMTP", "oauth2 = { client_secret = \"SECRET\", secret = \"SECRET\" }"),
    ("SELLERS", "sellers = { type = \"slack\", url = \"https://hooks.slack.com/services/SECRET\" }"),
    ("SELLERS", "sellers = { type = \"slak\", webhook_url = \"https://hooks.slack.com/services/SECRET\" }"),
    ("CRM", "crm = { type = \"webhook\", url = \"https://x.example/\", headers = { Authorization = [\"SECRET\"] } }"),
    ("CRM", "crm = { type = \"webhook\", url = \"https://x.example/\", headers = { X = \"a\\nSECRET\" } }"),
    ("CRM", "crm = { type = \"webhook\", url = \"https://x.example/\", headers = { Host = \"SECRET\" } }"),
    ("CRM", "crm = { type = \"webhook\", url = \"https://x.example/\", headers = \"Authorization: SECRET\" }"),
];

/// Variables with a mistake.
const VARIABLES: [(&str, &str); 8] = [
    ("LEADTIME_ACCOUNTS__CONTOSO__CLIENT_SECRT", "SECRET"),
    ("LEADTIME_CLIENT_SECRET", "SECRET"),
    ("LEADTIME_SMTP__PASSWORD", "[\"SECRET\"]"),
    ("LEADTIME_SMTP__PASSWORD", "{ text = \"SECRET\" }"),
    ("LEADTIME_STATE__KEY", "{\"SECRET\""),
    ("LEADTIME_DESTINATIONS__CRM__URL", "SECRET"),
    ("LEADTIME_OPS__HEARTBEAT_URL", "http://x.example/SECRET"),
    ("LEADTIME_SMTP", "password=SECRET"),
];

/// The settings with something in one place.
fn settings(place: &str, text: &str) -> String {
    PLACES.iter().fold(USUAL.to_owned(), |settings, (name, usual)| {
        settings.replace(&format!("\n{name}\n"), &format!("\n{}\n", if *name == place { text } else { usual }))
    })
}

/// Every mistake: the settings and a variable.
fn mistakes() -> Vec<(String, Option<(&'static str, &'static str)>)> {
    let mut all = Vec::new();
    for (place, line) in KEYS {
        all.extend(VALUES.map(|value| (settings(place, &line.replace("VALUE", value)), None)));
    }
    all.extend(LINES.map(|(place, line)| (settings(place, line), None)));
    all.extend(VARIABLES.map(|variable| (settings("", ""), Some(variable))));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_with_a_mistake_near_a_secret_are_told_without_it() {
    let mut planted = Planted::default();
    let secret = planted.plain("the secret");
    let mistakes = mistakes();
    let mut outputs = Outputs::default();
    // One process each and both cores at work: this is what the test's time goes to.
    for some in mistakes.chunks(4) {
        let children: Vec<_> = some
            .iter()
            .enumerate()
            .map(|(n, (settings, variable))| {
                let folder = TempDir::new().unwrap();
                fs::write(folder.path().join("leadtime.toml"), settings.replace("SECRET", &secret)).unwrap();
                let line = [
                    &["check", "--log-level", "trace"][..],
                    &["check", "--json"],
                    &["preview", "new", "--destination", "crm", "--log-level", "trace"],
                    &["status"],
                ][n % 4];
                let mut command: Command = command(folder.path(), line);
                command.env("HOME", "/nowhere");
                command.envs(variable.map(|(name, value)| (name, value.replace("SECRET", &secret))));
                let child = tokio::task::spawn_blocking(move || (command.output().unwrap(), folder));
                (format!("{} of\n{settings}\n{variable:?}", line.join(" ")), child)
            })
            .collect();
        for (from, child) in children {
            let (output, _) = child.await.unwrap();
            outputs.add(&from, output.stdout);
            outputs.add(&from, output.stderr);
        }
    }
    outputs.are_clean(&planted);
}
