//! From what the user wrote to what the program uses: each value read, each name looked up, all faults collected.
//! Must never stop at the first fault: what cannot be read is left out, and the report remembers why.

mod accounts;
mod addresses;
mod destinations;
mod digests;
mod hours;
mod house;
mod people;
mod recipients;
mod rules;
mod unheard;
mod warnings;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::tz::TimeZone;
use lettre::message::Mailbox;
use secrecy::SecretString;

use crate::core::{
    hours::Hours,
    people::People,
    period::{Period, Seconds},
    rules::{self as decided, HoursChoice, Rules},
};

use super::{
    files::read_text,
    raw::{Elsewhere, Root, Secret},
    report::{KeyPath, Report},
    settled::{Addressee, DestinationKind, Places, Settings},
    shape::nearest,
};
use recipients::Asked;

/// In place of a secret that is not needed: the address of a webhook as well as any other text.
const STAND_IN: &str = "https://stand-in.invalid/";

/// What every part of the work needs.
struct Builder<'a> {
    report: &'a mut Report,
    env: &'a BTreeMap<String, String>,
    /// Whether a secret that cannot be had is a fault.
    secrets: Secrets,
    /// Where relative paths of files that are only read start: the folder of the settings.
    folder: &'a Path,
    /// The names of all destinations, those too that have faults.
    destinations: Vec<String>,
    /// The names of all people, those too that have faults.
    people: Vec<String>,
    /// Where mail to each of them goes, for those who have an address.
    mailboxes: BTreeMap<String, Mailbox>,
    /// Whether there is a mail server, whatever its faults.
    has_smtp: bool,
    /// What of the people is asked for.
    asked: Asked,
    hours: BTreeMap<String, Arc<Hours>>,
    /// Every named hours, those too that have faults.
    hours_names: Vec<String>,
}

/// What becomes of a secret that stands elsewhere and cannot be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Secrets {
    /// It is a fault.
    Needed,
    /// Something stands in for it: nothing will be sent by these settings.
    StoodInFor,
}

/// Builds the settings; `None` where faults keep them from being whole.
pub fn build(
    root: &Root,
    env: &BTreeMap<String, String>,
    folder: &Path,
    secrets: Secrets,
    report: &mut Report,
) -> Option<Settings> {
    let mut builder = Builder {
        report,
        env,
        secrets,
        folder,
        destinations: root.destinations.keys().cloned().collect(),
        people: root.people.keys().cloned().collect(),
        mailboxes: BTreeMap::new(),
        has_smtp: root.smtp.is_some(),
        asked: Asked::default(),
        hours: BTreeMap::new(),
        hours_names: root.hours.keys().cloned().collect(),
    };
    let time_zone = builder.time_zone(&KeyPath::of(&["time_zone"]), &root.time_zone);
    let default_hours = builder.all_hours(root, &time_zone);
    builder.addresses_of_people(root);
    let notify = builder.recipients(&KeyPath::of(&["notify"]), &root.notify);
    let escalate_to = builder.recipients(&KeyPath::of(&["escalate_to"]), &root.escalate_to);
    let money = builder.money(root);
    let (accounts, account_rules) = builder.accounts(root, &notify, &escalate_to);
    let (mut destinations, mut destination_rules) = builder.destinations(root);
    let rules = builder.rules(root, &money, &account_rules, (&notify, &escalate_to));
    let mut everybody = builder.people(root, default_hours.as_ref().map_or(&time_zone, |hours| hours.time_zone()));
    let owners = builder.owners(root, &money);
    let digests = builder.digests(root, &destination_rules);
    let state = builder.state(&root.state);
    let web = builder.web(&root.web);
    let ops = builder.ops(&root.ops, &escalate_to, &destination_rules);
    let smtp = root.smtp.as_ref().and_then(|smtp| builder.smtp(smtp));
    let tls = builder.tls(&root.tls);
    let templates = builder.folder_path(&KeyPath::of(&["templates", "path"]), &root.templates.path);
    builder.roles_of_nobody();
    // Last, as only now it is known which of them are asked for.
    for (name, destination, asks) in builder.own_destinations(root, &mut everybody) {
        let hours = destination.hours.clone();
        destination_rules.insert(name.clone(), decided::Destination { hours, keeps_hours: true, fallback: None, asks });
        destinations.insert(name, destination);
    }
    let fixed = destinations.values().flat_map(|destination| match &destination.kind {
        DestinationKind::Email { to, cc } => to.iter().chain(cc).collect(),
        _ => Vec::new(),
    });
    let fixed = fixed.filter_map(|addressee| match addressee {
        Addressee::Fixed(mailbox) => Some(mailbox),
        _ => None,
    });
    let ours = fixed.chain(builder.mailboxes.values()).chain(smtp.as_ref().map(|smtp| &smtp.from));
    let people = People { domains: people::domains(ours), by_name: everybody.decided, owners };
    let settings = Settings {
        rules: Rules {
            rules,
            destinations: destination_rules,
            accounts: account_rules,
            default_hours: default_hours?,
            money: money.clone(),
            people,
            ops: ops.as_ref().map(|ops| ops.notify.clone()).unwrap_or_default(),
        },
        accounts,
        destinations,
        people: everybody.shown,
        digests,
        notify,
        escalate_to,
        time_zone,
        state: state?,
        web: web?,
        ops: ops?,
        smtp,
        tls,
        templates,
        money,
        places: Places::default(),
    };
    // What is left out for a fault would be missed in odd places.
    if !builder.report.has_faults() {
        builder.warnings(root, &settings);
    }
    Some(settings)
}

impl Builder<'_> {
    /// A zone by its IANA name; UTC where there is a fault.
    fn time_zone(&mut self, path: &KeyPath, name: &str) -> TimeZone {
        match TimeZone::get(name) {
            Ok(zone) => zone,
            Err(_) => {
                let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
                let hint = match nearest(name, names.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => "write an IANA name such as \"Europe/Budapest\"".to_owned(),
                };
                self.report.fault(path, format!("{name:?} is no time zone; {hint}"));
                TimeZone::UTC
            }
        }
    }

    /// A period of either kind.
    fn period(&mut self, path: &KeyPath, text: &str) -> Option<Period> {
        match Period::parse(text) {
            Ok(period) => Some(period),
            Err(fault) => {
                self.report.fault(path, fault.to_string());
                None
            }
        }
    }

    /// A period of time that simply passes.
    fn seconds(&mut self, path: &KeyPath, text: &str) -> Option<Seconds> {
        Period::parse_plain(text).map_err(|what| self.report.fault(path, what)).ok()
    }

    /// A text that must be there.
    fn required<'v>(&mut self, path: &KeyPath, value: Option<&'v String>) -> Option<&'v str> {
        match value {
            Some(text) if is_placeholder(text) => {
                self.report.fault(path, "is only a placeholder; write your own");
                None
            }
            Some(text) if !text.trim().is_empty() => Some(text),
            Some(_) => {
                self.report.fault(path, "is empty; write it");
                None
            }
            None => {
                self.report.fault(path, "is missing; write it");
                None
            }
        }
    }

    /// The hours that somebody names.
    fn hours_choice(&mut self, path: &KeyPath, name: Option<&String>) -> Option<HoursChoice> {
        let name = name?;
        if name == "always" {
            return Some(HoursChoice::Always);
        }
        if let Some(hours) = self.hours.get(name) {
            return Some(HoursChoice::Named(Arc::clone(hours)));
        }
        if !self.hours_names.contains(name) && !self.report.is_left_out(&KeyPath::of(&["hours", name])) {
            let names = self.hours_names.iter().map(String::as_str).chain(["always", "default"]);
            let what = match nearest(name, names) {
                Some(near) => format!("unknown hours {name:?}; did you mean {near:?}?"),
                None => format!("unknown hours {name:?}; add [hours.{name}]"),
            };
            self.report.fault(path, what);
        }
        None
    }

    /// Reads a secret; nothing of it is ever said.
    fn secret(&mut self, path: &KeyPath, secret: &Secret) -> Option<SecretString> {
        let found = match secret {
            Secret::Text(text) => match mistaken_secret(text) {
                Some(what) => Err(what.to_owned()),
                None => Ok(text.clone()),
            },
            Secret::Elsewhere(Elsewhere { file: Some(file), env: None }) => self.secret_file(file),
            Secret::Elsewhere(Elsewhere { file: None, env: Some(name) }) => self.secret_variable(name),
            Secret::Elsewhere(_) if self.report.has_fault_within(path) => return None,
            Secret::Elsewhere(Elsewhere { file: Some(_), .. }) => {
                Err("has both file and env; keep one of the two".to_owned())
            }
            Secret::Elsewhere(_) => {
                Err("has neither file nor env; write { file = \"…\" } or { env = \"…\" }".to_owned())
            }
        };
        if found.is_err() && self.secrets == Secrets::StoodInFor && stands_elsewhere(secret) {
            self.report.leave_out(path);
            return Some(SecretString::from(STAND_IN));
        }
        // Where the secret should have been found is what is wrong.
        let path = match secret {
            Secret::Elsewhere(Elsewhere { file: Some(_), env: None }) => path.key("file"),
            Secret::Elsewhere(Elsewhere { file: None, env: Some(_) }) => path.key("env"),
            _ => path.clone(),
        };
        found.map(SecretString::from).map_err(|what| self.report.fault(&path, what)).ok()
    }

    fn secret_file(&self, file: &str) -> Result<String, String> {
        let file = self.folder.join(file);
        let found = read_text(&file).map(|text| text.trim_end_matches(['\n', '\r']).to_owned());
        let found = found.and_then(|text| match text.trim().is_empty() {
            true => Err("the file is empty; put the secret into it".to_owned()),
            false => Ok(text),
        });
        found.map_err(|what| format!("{}: {what}", file.display()))
    }

    fn secret_variable(&self, name: &str) -> Result<String, String> {
        match self.env.get(name) {
            Some(text) if !text.trim().is_empty() => Ok(text.clone()),
            Some(_) => Err(format!("the environment variable {name} is empty; put the secret into it")),
            None => {
                // The names of variables are no secret, and one that is nearly right is in the same environment.
                let near = nearest(name, self.env.keys().map(String::as_str));
                let near = near.map(|near| format!("; set it, or did you mean {near}?"));
                let todo = near.unwrap_or_else(|| "; set it where leadtime is started".to_owned());
                Err(format!("the environment variable {name} is not set{todo}"))
            }
        }
    }

    /// The same of what need not be there.
    fn optional_secret(&mut self, path: &KeyPath, secret: Option<&Secret>) -> Option<SecretString> {
        secret.and_then(|secret| self.secret(path, secret))
    }

    /// The same of what must be there.
    fn required_secret(&mut self, path: &KeyPath, secret: Option<&Secret>) -> Option<SecretString> {
        if secret.is_none() {
            self.report.fault(path, "is missing; write it, best as { file = \"…\" } or { env = \"…\" }");
        }
        self.optional_secret(path, secret)
    }

    /// A folder that is there; `None` for the empty text.
    fn folder_path(&mut self, path: &KeyPath, text: &str) -> Option<PathBuf> {
        let folder = (!text.is_empty()).then(|| self.folder.join(text))?;
        if !folder.is_dir() {
            let what = if folder.exists() {
                "this is no folder; name one"
            } else {
                "there is no such folder; create it or name another"
            };
            self.report.fault(path, format!("{}: {what}", folder.display()));
        }
        Some(folder)
    }

    /// A name that the user gives: one line, not empty, without spaces around it.
    fn check_name(&mut self, path: &KeyPath, name: &str) {
        if name.trim() != name || name.is_empty() || name.chars().any(char::is_control) {
            self.report.key_fault(path, "is no usable name; write one line without spaces around it");
        } else if name.starts_with('@') {
            self.report.key_fault(path, "a name must not start with @; choose another");
        }
    }
}

/// Whether it is written where the secret stands, in one place.
fn stands_elsewhere(secret: &Secret) -> bool {
    matches!(secret, Secret::Elsewhere(Elsewhere { file, env }) if file.is_some() != env.is_some())
}

/// Whether a text still is what an example puts in the place of the real one.
fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    matches!(text, "…" | "..." | "xxx" | "XXX") || (text.starts_with('<') && text.ends_with('>'))
}

/// What a text shows not to be the secret itself; it is not repeated.
fn mistaken_secret(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let name = text
        .strip_prefix('$')
        .map(|name| name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name));
    let is_variable = name.is_some_and(|name| {
        name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    });
    if text.is_empty() {
        Some("the secret is empty; write it, best as { file = \"…\" } or { env = \"…\" }")
    } else if is_variable {
        Some("names a variable as a shell does, which TOML does not fill in; write { env = \"…\" }")
    } else if text.starts_with("/run/secrets/") || text.starts_with("file:") {
        Some("names a file, and is not the secret; write { file = \"…\" }")
    } else if is_placeholder(text) {
        Some("is only a placeholder; write the real one, best as { file = \"…\" } or { env = \"…\" }")
    } else {
        None
    }
}
