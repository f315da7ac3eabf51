//! What the user writes, layered and checked for itself, turned into what the program uses.
//!
//! The way of a setting: `files` and `variables` read trees of plain values and remember where each key stands; `shape`
//! (the JSON Schema) takes out unknown keys and wrong kinds of value; figment layers defaults, files and variables; `raw` is
//! the result as it was written; `build` turns it into `Settings`. Each of them adds to one `report`, so that all faults
//! are told at once; `mask` and `excerpt` cut out what is shown of a file. Nothing here sends anything, and nothing here ever shows a secret.

mod advice;
mod build;
mod excerpt;
mod files;
mod findings;
mod glance;
mod mask;
mod raw;
mod report;
mod settled;
mod shape;
mod sheet;
mod stale;
mod syntax;
mod variables;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use figment::{Figment, providers::Serialized};
use serde_json::Value;

pub use files::SCENARIOS;
pub use findings::{Faults, Finding, Look, Place, Snippet, Warning};
pub use glance::{Glance, glance};
pub use raw::schema;
pub use report::KeyPath;
pub use settled::{
    AccountSettings, Addressee, DestinationKind, DestinationSettings, DigestAbove, DigestSettings, Include,
    OpsSettings, PersonSettings, Places, Rate, Settings, SmtpLogin, SmtpSecurity, SmtpSettings, StateSettings,
    TlsSettings, WebSettings,
};

pub use shape::nearest;
pub use sheet::{Sheet, load_trial};
pub use stale::stale;

use build::Secrets;
use raw::Root;
use report::Report;
use shape::Shape;

/// Reads the settings: built-in defaults, then the file (or the `*.toml` of a folder, but for scenarios), then the variables `LEADTIME_…` of
/// `env`. Relative paths of files that are only read (secrets, calendars, templates, `ca_file`) start at the settings'
/// folder, those of `[state]` at the working directory.
///
/// # Errors
/// Every fault that there is, each with its place.
pub fn load(path: &Path, env: impl Iterator<Item = (String, String)>) -> Result<(Settings, Vec<Warning>), Faults> {
    let env: BTreeMap<String, String> = env.collect();
    let mut report = Report::default();
    report.looks_at_files(true);
    let files = files::read(path, &mut report);
    report.looks_at_files(false);
    load_tree(files, &env, folder_of(path), Secrets::Needed, report)
}

/// As [`load`], for what sends nothing by them: a secret which stands elsewhere and cannot be had is no fault.
///
/// # Errors
/// Every fault that there is, each with its place.
pub fn load_unsent(path: &Path, env: impl Iterator<Item = (String, String)>) -> Result<Settings, Faults> {
    let env: BTreeMap<String, String> = env.collect();
    let mut report = Report::default();
    report.looks_at_files(true);
    let files = files::read(path, &mut report);
    report.looks_at_files(false);
    load_tree(files, &env, folder_of(path), Secrets::StoodInFor, report).map(|(settings, _)| settings)
}

/// The folder at which relative paths of files that are only read start.
fn folder_of(path: &Path) -> &Path {
    if path.is_dir() { path } else { path.parent().unwrap_or(path) }
}

/// From what the files hold to settings.
fn load_tree(
    mut files: Value,
    env: &BTreeMap<String, String>,
    folder: &Path,
    secrets: Secrets,
    mut report: Report,
) -> Result<(Settings, Vec<Warning>), Faults> {
    let shape = Shape::of_settings();
    let mut variables = variables::read(env, &files, &shape, &mut report);
    report.looks_at_files(true);
    shape.check(&mut files, &mut report);
    report.looks_at_files(false);
    shape.check(&mut variables, &mut report);
    let settings = if report.has_unreadable_file() {
        None
    } else {
        layered(files, variables, &mut report).and_then(|root| build::build(&root, env, folder, secrets, &mut report))
    };
    let keys = shape.every_key();
    report.mask(|text| mask::veiled(text, &keys), |path| shape.may_show(path));
    let settings = settings.map(|settings| Settings { places: places(&settings, &report), ..settings });
    report.finish(settings)
}

/// The settings files at a path, in the order in which they are read: of a folder its `*.toml`, but for hidden files and
/// scenario files.
pub fn files(path: &Path) -> Vec<PathBuf> {
    files::files_of(path).unwrap_or_default()
}

/// Where that stands of which it shows only later whether it can be used: destinations, roots, absences.
fn places(settings: &Settings, report: &Report) -> Places {
    let mut places = Places::default();
    let mut note = |path: KeyPath| places.note(path.to_string(), report.place_of(&path));
    note(KeyPath::of(&["tls", "ca_file"]));
    note(KeyPath::of(&["smtp", "security"]));
    for name in settings.destinations.keys() {
        let path = KeyPath::of(&["destinations", name.as_str()]);
        ["type", "webhook_url", "url", "secret", "headers", "to", "cc"].iter().for_each(|key| note(path.key(key)));
        note(path);
    }
    for (name, person) in &settings.rules.people.by_name {
        (0..person.away.len()).for_each(|index| note(stale::absence_of(name.as_str(), index)));
    }
    for name in settings.people.keys() {
        // What is wrong with mail to a person is wrong with their address.
        let mail = KeyPath::of(&["destinations", &format!("@{name}"), "to"]);
        places.note(mail.to_string(), report.place_of(&KeyPath::of(&["people", name.as_str(), "email"])));
    }
    places
}

/// The variables of this process, those left out whose name or value is no Unicode.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Lays variables over files over defaults, and `[account_defaults]` under each account.
fn layered(files: Value, variables: Value, report: &mut Report) -> Option<Root> {
    let layers = Figment::from(Serialized::defaults(Root::default()))
        .merge(Serialized::defaults(files))
        .merge(Serialized::defaults(variables));
    let root = layers.extract::<Value>().map_err(|error| error.to_string()).and_then(|mut tree| {
        under_each_account(&mut tree);
        serde_json::from_value(tree).map_err(|error| error.to_string())
    });
    match root {
        Ok(root) => Some(root),
        // The shape has let nothing through that could get here; what serde says may repeat a value, so it is not told.
        Err(_) => {
            report.fault(
                &KeyPath::default(),
                "the settings cannot be read together; check them against `leadtime schema`",
            );
            None
        }
    }
}

fn under_each_account(tree: &mut Value) {
    let Some(defaults) = tree.get("account_defaults").and_then(Value::as_object).cloned() else { return };
    let accounts = tree.get_mut("accounts").and_then(Value::as_object_mut);
    for account in accounts.into_iter().flat_map(|accounts| accounts.values_mut()).filter_map(Value::as_object_mut) {
        for (key, value) in &defaults {
            account.entry(key).or_insert_with(|| value.clone());
        }
    }
}
