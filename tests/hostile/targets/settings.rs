//! Settings: a file, and variables beside it, one a line; and the calendar that hours may name.

use std::{fs, path::PathBuf};

use leadtime::{
    core::hours::holidays_from_ics,
    service::prepare::orders,
    settings::{self, Finding, Look, Place},
};
use tempfile::TempDir;

use super::{
    Held, Target, hold, of_sections, sections,
    stage::{SECRET, now},
};

pub const TARGET: Target = Target {
    name: "settings",
    about: "a settings file, variables and a calendar",
    corpus,
    words: WORDS,
    feed,
    cases: 250,
    memory: (48 << 20, 600),
};

const WORDS: &[&str] = &[
    "[accounts.contoso]",
    "[destinations]",
    "[destinations.x]",
    "[[rules]]",
    "[[digests]]",
    "[[owners]]",
    "[people.anna]",
    "[hours.prague]",
    "[money]",
    "[smtp]",
    "[smtp.oauth2]",
    "[web]",
    "[ops]",
    "[state]",
    "[tls]",
    "[templates]",
    "[account_defaults]",
    "time_zone = ",
    "notify = ",
    "escalate_to = ",
    "type = ",
    "slack",
    "teams",
    "email",
    "webhook",
    "stdout",
    "webhook_url = ",
    "{ env = \"SLACK_WEBHOOK_URL\" }",
    "{ env = \"EMPTY\" }",
    "{ file = \"calendar.ics\" }",
    "{ file = \"nowhere\" }",
    "https://x.example/",
    "fallback = ",
    "rate = \"1/s\"",
    "rate = \"99999999999/s\"",
    "\"14d\"",
    "\"5bd\"",
    "\"99999999999999d\"",
    "\"-1d\"",
    "\"1w1d1h1m1s\"",
    "steps = [",
    "{ on = \"new\" }",
    "{ after = \"1bd\" }",
    "{ before_expiry = \"5bd\", escalate = true }",
    "every = \"1s\"",
    "when = ",
    "\"category eq 'CoSellOpportunity' and value ge 50000\"",
    "Europe/Budapest",
    "Etc/GMT+99",
    "holidays = ",
    "\"calendar.ics\"",
    "[\"2026-12-24\", \"2026-13-40\"]",
    "from = \"08:00\"",
    "to = \"16:30\"",
    "\"24:00\"",
    "\"mon-fri 08:30\"",
    "\"sun-mon 99:99\"",
    "away = [{ from = \"2026-12-21\", to = \"2027-01-04\", cover = \"bela\" }]",
    "manager = \"anna\"",
    "@owners",
    "@managers",
    "@anna",
    "\"\"\"",
    "'''",
    "#",
    "[",
    "]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "1979-05-27T07:32:00Z",
    "0xFFFFFFFFFFFFFFFF",
    "+inf",
    "LEADTIME_WEB__LISTEN=",
    "LEADTIME_ACCOUNTS__CONTOSO__POLL_EVERY=",
    "LEADTIME_RULES=",
    "LEADTIME_PORT=tcp://1:2",
    "__",
    "BEGIN:VCALENDAR",
    "BEGIN:VEVENT",
    "DTSTART;VALUE=DATE:20261224",
    "DTEND:20261227",
    "DURATION:P1W",
    "DURATION:P99999999999D",
    "RRULE:FREQ=YEARLY",
    "RRULE:FREQ=YEARLY;COUNT=999999999999",
    "UNTIL=20991231",
    "END:VEVENT",
    "END:VCALENDAR",
];

pub const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART:20261023\r\nDURATION:P1D\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

/// Rules, people, hours and digests of every kind.
pub const RICH: &str = r#"
time_zone = "Europe/Budapest"
notify = ["@owners"]
escalate_to = ["@managers", "sales"]
[accounts.contoso]
tenant_id = "00000000-0000-0000-0000-000000000000"
client_id = "00000000-0000-0000-0000-000000000000"
poll_every = "5m"
[money]
currency = "EUR"
rates = { HUF = 0.0025, CZK = 0.04 }
[smtp]
host = "smtp.contoso.com"
username = "leadtime@contoso.com"
password = { env = "SMTP_PASSWORD" }
from = "Leadtime <leadtime@contoso.com>"
[destinations]
sales = { type = "slack", webhook_url = { env = "SLACK_WEBHOOK_URL" }, digest_above = 3, keepalive = "30d" }
desk = { type = "email", to = ["Co-sell desk <cosell@contoso.com>"], hours = "prague", fallback = "sales", rate = "20/m" }
crm = { type = "webhook", url = { env = "SLACK_WEBHOOK_URL" }, headers = { X-Key = { env = "SMTP_PASSWORD" } } }
[hours.prague]
time_zone = "Europe/Prague"
from = "08:00"
to = "16:30"
days = ["mon", "tue"]
holidays = { file = "calendar.ics" }
[people.anna]
name = "Anna"
email = "anna@contoso.com"
slack = "U012AB3CD"
manager = "bela"
locale = "hu"
away = [{ from = "2026-12-21", to = "2027-01-04", cover = "bela" }]
[people.bela]
name = "Béla"
email = "bela@contoso.com"
[[owners]]
when = "customerProfile/address/country eq 'HU'"
people = ["anna"]
[[digests]]
name = "monday"
at = "mon-fri 08:30"
notify = ["sales"]
[[rules]]
name = "large"
when = "category eq 'CoSellOpportunity' and value ge 50000"
continue = true
steps = [
  { on = "new" },
  { after = "1bd", mention = ["@owners"] },
  { before_expiry = "5bd", escalate = true, every = "1bd" },
  { before_expiry = "2bd", escalate = true, notify = ["sales", "desk"], hours = "always" },
]
[[rules]]
name = "spam"
when = "isSpam eq true"
steps = []
"#;

fn corpus() -> Vec<Vec<u8>> {
    let variables =
        "LEADTIME_WEB__LISTEN=127.0.0.1:0\nLEADTIME_TIME_ZONE=Europe/Prague\nLEADTIME_PORT=tcp://10.0.0.1:80";
    vec![
        of_sections(&[include_str!("../../../config/leadtime.toml"), "", CALENDAR]),
        of_sections(&[include_str!("../../../config/reference.toml"), variables, CALENDAR]),
        of_sections(&[include_str!("../../../config/examples/people.toml"), variables, CALENDAR]),
        of_sections(&[RICH, "LEADTIME_NOTIFY=[\"sales\"]", CALENDAR]),
        of_sections(&[
            "x = 1\n[accounts]\ncontoso = 7\n[[rules]]\nwhen = \"a eq\"\n",
            "LEADTIME_X=1",
            "BEGIN:VCALENDAR",
        ]),
    ]
}

/// A folder for the file and the calendar, in memory where the machine has such a place.
pub fn folder() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder")
}

thread_local! {
    static FOLDER: TempDir = folder();
}

/// Variables that hold secrets, as operators set them.
pub fn secrets() -> impl Iterator<Item = (String, String)> {
    let hook = format!("https://hooks.slack.com/services/{SECRET}/x");
    let teams = format!("https://x.environment.api.powerplatform.com/{SECRET}?sig={SECRET}");
    let password = format!("{SECRET}-password");
    [("SLACK_WEBHOOK_URL", hook), ("TEAMS_WEBHOOK_URL", teams), ("SMTP_PASSWORD", password), ("EMPTY", " ".to_owned())]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
}

fn feed(input: &[u8]) -> Held {
    let sections = sections(input);
    let section = |at: usize| sections.get(at).copied().unwrap_or_default();
    let variables = String::from_utf8_lossy(section(1)).into_owned();
    let variables = variables.lines().filter_map(|line| line.split_once('='));
    let env: Vec<_> = secrets().chain(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect();
    if let Ok(days) = holidays_from_ics(&String::from_utf8_lossy(section(2))) {
        hold!(days.len() <= 100_000, "a calendar has so many days at most", "{}", days.len());
    }
    FOLDER.with(|folder| {
        let file = folder.path().join("leadtime.toml");
        fs::write(&file, section(0)).expect("written");
        fs::write(folder.path().join("calendar.ics"), section(2)).expect("written");
        match settings::load(&file, env.clone().into_iter()) {
            Ok((settings, warnings)) => {
                warnings.iter().try_for_each(is_placed)?;
                settings::stale(&settings, now()).iter().try_for_each(is_placed)?;
                let shown = format!("{settings} {settings:?} {:?}", orders(&settings));
                hold!(!shown.contains(SECRET), "settings never show a secret", "{shown}");
            }
            Err(faults) => {
                hold!(!faults.faults.is_empty(), "what is refused has a fault", "{faults:?}");
                faults.faults.iter().chain(&faults.warnings).try_for_each(is_placed)?;
                hold!(!faults.plain().trim().is_empty(), "faults are told", "{faults:?}");
            }
        }
        settings::glance(&file, env.into_iter());
        Ok(())
    })
}

/// A finding has a place, can be drawn, and shows no secret.
pub fn is_placed(finding: &Finding) -> Held {
    let told = finding.to_string();
    let place = match &finding.place {
        Place::At(_) | Place::File(_) | Place::Variable(_) => finding.place.to_string(),
        Place::Bare(file, line, column) if *line > 0 && *column > 0 => file.clone(),
        Place::Bare(..) => String::new(),
    };
    hold!(!place.is_empty() && !finding.what.is_empty(), "every finding has a place", "{told}");
    hold!(!told.contains(SECRET), "a finding shows no secret", "{told}");
    for width in [1, 20, 80] {
        let drawn = finding.graphical(false, Look { width, colour: width > 20 });
        hold!(!drawn.contains(SECRET), "a drawn finding shows no secret", "{drawn}");
    }
    let json = serde_json::to_string(finding).unwrap_or_default();
    hold!(!json.is_empty() && !json.contains(SECRET), "a finding is JSON without a secret", "{told}");
    Ok(())
}
