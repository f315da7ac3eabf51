//! What is fed, one file each: where bytes come in, what real ones look like, and what must hold of every one.

mod answers;
mod filter;
mod listing;
mod messages;
mod own_templates;
mod referral;
mod scenario;
mod settings;
mod sign_in;
mod smtp;
mod stage;
mod state;
mod web;

use std::path::Path;

/// A place where bytes come in from outside.
pub struct Target {
    pub name: &'static str,
    pub about: &'static str,
    /// Real inputs.
    pub corpus: fn() -> Vec<Vec<u8>>,
    /// Words of its language.
    pub words: &'static [&'static str],
    /// Takes an input in.
    pub feed: fn(&[u8]) -> Held,
    /// How many cases a short run has.
    pub cases: u64,
    /// How many bytes a case may take: so many, and so many for each byte of its input.
    pub memory: (usize, usize),
}

/// Whether what is promised of a target held.
pub type Held = Result<(), Broken>;

/// The promise that was broken, and how.
#[derive(Debug)]
pub struct Broken(pub &'static str, pub String);

/// Holds a promise, or says how it was broken.
macro_rules! hold {
    ($holds:expr, $promise:literal, $($told:tt)+) => {
        if !$holds {
            return Err($crate::targets::Broken($promise, format!($($told)+)));
        }
    };
}
use hold;

pub const TARGETS: &[Target] = &[
    filter::TARGET,
    listing::TARGET,
    sign_in::TARGET,
    answers::TARGET,
    smtp::TARGET,
    settings::TARGET,
    scenario::TARGET,
    messages::TARGET,
    own_templates::TARGET,
    referral::TARGET,
    state::TARGET,
    web::TARGET,
];

pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// What has done harm once, by name: `tests/hostile/found/TARGET/`.
pub fn found(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/found").join(target);
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .map(|entry| {
            (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).unwrap_or_default())
        })
        .collect();
    found.sort();
    found
}

/// The sections of an input, one at least.
fn sections(input: &[u8]) -> Vec<&[u8]> {
    input.split(|byte| *byte == crate::mutate::BETWEEN).collect()
}

/// An input of these sections.
fn of_sections(sections: &[&str]) -> Vec<u8> {
    sections.join("\u{1e}").into_bytes()
}
