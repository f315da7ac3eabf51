//! The settings of the courses: a few houses that differ in rules, hours, digests, fallbacks and paces.

use std::sync::LazyLock;

use leadtime::service::prepare::{Prepared, prepare};

/// What they all share. Account `contoso`; webhooks show in their text what they are about, so most destinations are such.
const SHARED: &str = r#"
time_zone = "UTC"
notify = ["sellers", "crm"]
escalate_to = ["managers"]

[ops]
notify = ["ops"]

[web]
listen = ""

[smtp]
host = "localhost"
from = "leadtime@contoso.com"
security = "none"

[accounts.contoso]
tenant_id = "contoso.example"
client_id = "leadtime-demo"
refresh_token = "0.demo-refresh.0"
base_url = "http://127.0.0.1:1/v1.0"
token_url = "http://127.0.0.1:1/{tenant_id}/oauth2/v2.0/token"
"#;

/// Who is told.
const READERS: &str = r#"
[destinations]
sellers = { type = "webhook", url = "https://sellers.contoso.com/" }
crm = { type = "webhook", url = "https://crm.contoso.com/" }
managers = { type = "webhook", url = "https://managers.contoso.com/" }
ops = { type = "webhook", url = "https://ops.contoso.com/" }
"#;

/// The houses.
pub const HOUSES: [&str; 4] = [
    r#"
[[rules]]
name = "plain"
hours = "always"
steps = [
  { on = "new" },
  { on = "updated" },
  { after = "1d" },
  { before_expiry = "3d", escalate = true },
  { before_expiry = "1d", escalate = true },
]
"#,
    r#"
[hours.default]
time_zone = "Europe/Budapest"

[[rules]]
name = "in hours"
steps = [
  { on = "new" },
  { on = "updated" },
  { after = "4bh" },
  { after = "2bd" },
  { before_expiry = "5bd", escalate = true },
  { before_expiry = "2bd", every = "1bd", escalate = true, notify = ["managers", "sellers"] },
]
"#,
    r#"
[[rules]]
name = "large"
when = "details/dealValue ge 50"
continue = true
steps = [{ on = "new", notify = ["crm"] }, { before_expiry = "6d", escalate = true, hours = "always", notify = ["managers"] }]

[[rules]]
name = "rest"
notify = ["inbox", "sellers"]
steps = [{ on = "new" }, { after = "6h" }, { after = "2bd" }, { before_expiry = "24h", escalate = true, hours = "always" }]
"#,
    r#"
[[rules]]
name = "paced"
notify = ["chat", "inbox"]
hours = "always"
steps = [
  { on = "new" },
  { after = "2d", every = "1d" },
  { before_expiry = "4d", every = "12h", escalate = true, notify = ["managers"] },
  { before_expiry = "1d", escalate = true, notify = ["managers", "chat"] },
]
"#,
];

const MORE_READERS: [&str; 4] = [
    "",
    r#"
[destinations.inbox]
type = "email"
to = ["anna@contoso.com", "bela@contoso.com"]
"#,
    r#"
[destinations.inbox]
type = "email"
to = ["anna@contoso.com", "bela@contoso.com"]
rate = "none"
"#,
    r#"
[destinations.inbox]
type = "email"
to = ["anna@contoso.com"]
[destinations.chat]
type = "slack"
webhook_url = "https://hooks.slack.com/services/1"
fallback = "inbox"
"#,
];

/// Each house, made ready.
pub static PREPARED: LazyLock<Vec<Prepared>> = LazyLock::new(|| (0..HOUSES.len()).map(made_ready).collect());

fn made_ready(number: usize) -> Prepared {
    rustls::crypto::ring::default_provider().install_default().ok();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leadtime.toml");
    let poll_every = ["15m", "30m", "1h", "20m"][number];
    let shared = format!("{SHARED}poll_every = \"{poll_every}\"\n");
    std::fs::write(&file, format!("{shared}{READERS}{}{}", MORE_READERS[number], HOUSES[number])).unwrap();
    match prepare(&file, std::iter::empty()) {
        Ok((prepared, _)) => prepared,
        Err(faults) => panic!("{faults}"),
    }
}
