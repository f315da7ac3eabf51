//! Broken settings, each file of `broken/` one mistake that people make: everything that is said about it, in lines and as
//! a terminal shows it. A name that begins with `odd_` is of settings that are allowed, with warnings. A line
//! `#env NAME=value` sets a variable.

use std::{
    fs,
    path::{Path, PathBuf},
};

use leadtime::{
    service::prepare::prepare,
    settings::{self, Faults, Look},
};

/// A part of every secret in the broken files.
const SECRET: &str = "geheim";
/// A terminal as it is by default.
const TERMINAL: Look = Look { width: 80, colour: false };

/// Those that are shown as a terminal shows them too.
const DRAWN: &[&str] = &[
    "choices",
    "digests",
    "folder",
    "from_windows",
    "keys_misspelt",
    "long_lines",
    "odd_folder_clash",
    "odd_people",
    "people_unknown",
    "quotes_forgotten",
    "roots_damaged",
    "secret_variables",
    "steps_that_are_twins",
    "tabs_and_wide_characters",
    "templates_broken",
    "variables",
    "webhooks_in_the_clear",
    "when_is_broken",
    "yaml",
];

struct Said {
    name: String,
    /// Whether the settings can be used all the same.
    allowed: bool,
    found: Faults,
}

fn text_of(path: &Path) -> String {
    let files = if path.is_dir() { settings::files(path) } else { vec![path.to_owned()] };
    files.iter().map(|file| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()).collect()
}

fn said_of(path: &Path) -> Said {
    let text = text_of(path);
    let set = text.lines().filter_map(|line| line.strip_prefix("#env ")?.split_once('='));
    let given =
        [("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/geheim"), ("CLIENT_SECRET", "geheim"), ("EMPTY", " ")];
    let env = given.into_iter().chain(set).map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (allowed, found) = match prepare(path, env) {
        Ok((_, warnings)) => (true, Faults { faults: Vec::new(), warnings }),
        Err(found) => (false, found),
    };
    Said { name: path.file_stem().unwrap().to_string_lossy().into_owned(), allowed, found }
}

fn broken() -> Vec<Said> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let entries = fs::read_dir("tests/it/broken").unwrap().map(|entry| entry.unwrap().path());
    let not_settings = ["beside", "said"];
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| !not_settings.iter().any(|name| path.ends_with(name))).collect();
    paths.sort();
    paths.iter().map(|path| said_of(path)).collect()
}

fn assert_said(name: &str, text: String) {
    insta::with_settings!({ snapshot_path => "broken/said", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, text);
    });
}

#[test]
fn every_broken_file_says_what_is_wrong_and_what_to_do() {
    let broken = broken();
    assert!(broken.len() >= 60, "{}", broken.len());
    for Said { name, allowed, found } in &broken {
        assert_eq!(*allowed, name.starts_with("odd_"), "{name}: {found}");
        assert_said(name, found.plain());
    }
    let names: Vec<&str> = broken.iter().map(|said| said.name.as_str()).collect();
    for said in fs::read_dir("tests/it/broken/said").unwrap() {
        let said = said.unwrap().file_name().into_string().unwrap();
        let name = said.split('.').next().unwrap();
        assert!(names.contains(&name), "{said} is of no file");
    }
}

#[test]
fn a_terminal_shows_the_line_and_at_the_caret_what_to_do() {
    for Said { name, found, .. } in broken() {
        let drawn = found.graphical(TERMINAL);
        let wide: Vec<&str> =
            drawn.lines().filter(|line| unicode_width::UnicodeWidthStr::width(*line) > TERMINAL.width).collect();
        assert!(wide.is_empty(), "{name}: {wide:#?}");
        if DRAWN.contains(&name.as_str()) {
            assert_said(&format!("{name}.drawn"), drawn);
        }
    }
}

#[test]
fn a_narrow_terminal_still_shows_what_is_meant() {
    let found = said_of(Path::new("tests/it/broken/long_lines.toml")).found;
    assert_said("long_lines.narrow", found.graphical(Look { width: 40, colour: false }));
}

#[test]
fn every_fault_has_a_place_and_ends_with_what_to_do() {
    for Said { name, found, .. } in broken() {
        for finding in found.faults.iter().chain(&found.warnings) {
            let (wrong, todo) = finding.what.split_once("; ").unwrap_or_else(|| panic!("{name}: {finding}"));
            assert!(!wrong.is_empty() && !todo.is_empty(), "{name}: {finding}");
            let place = finding.place.to_string();
            assert!(
                place.starts_with("tests/it/broken/") || place.starts_with("environment variable "),
                "{name}: {place}"
            );
        }
    }
}

#[test]
fn no_fault_is_told_twice() {
    for Said { name, found, .. } in broken() {
        let mut keys: Vec<String> = found.faults.iter().map(|fault| format!("{} {}", fault.place, fault.key)).collect();
        keys.sort();
        let told = keys.len();
        keys.dedup();
        assert_eq!(keys.len(), told, "{name}: {found}");
    }
}

#[test]
fn no_secret_shows_in_a_fault_with_or_without_its_line() {
    for Said { name, found, .. } in broken() {
        let said = format!(
            "{found} {found:?} {} {}",
            found.graphical(TERMINAL),
            serde_json::to_string(&found.faults).unwrap()
        );
        assert!(!said.contains(SECRET), "{name}: {said}");
    }
}
