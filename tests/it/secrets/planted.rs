//! Known values for everything that is secret, and whether any of them, or a piece of one, stands in an output: as it is or
//! as programs write it for others (percent signs, base64, JSON, HTML).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use url::form_urlencoded::byte_serialize;

/// A piece of this many bytes is a leak.
const PIECE: usize = 12;

/// The values, by what they are.
#[derive(Clone, Default)]
pub struct Planted(BTreeMap<String, String>);

impl Planted {
    /// A value for what is called so, always the same: 32 letters and digits that nothing else holds.
    pub fn plain(&mut self, what: &str) -> String {
        let sum = Sha256::digest(what);
        let value: String = sum
            .iter()
            .map(|byte| char::from(b"abcdefghijkmnpqrstuvwxyzABCDEFGH23456789"[usize::from(byte % 40)]))
            .collect();
        self.0.insert(what.to_owned(), value.clone());
        value
    }

    /// One with every sign that some notation has to write otherwise.
    pub fn odd(&mut self, what: &str) -> String {
        let plain = self.plain(what);
        let (head, tail) = plain.split_at(16);
        let value = format!("{head}&/+=\"'<%{tail}");
        self.0.insert(what.to_owned(), value.clone());
        value
    }

    /// The value of what is called so.
    pub fn value(&self, what: &str) -> String {
        self.0[what].clone()
    }

    /// What was given out.
    pub fn names(&self) -> BTreeSet<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// Another value that must not be seen.
    pub fn add(&mut self, what: &str, value: &str) {
        self.0.insert(what.to_owned(), value.to_owned());
    }

    /// Makes ready to search.
    pub fn search(&self) -> Search {
        let mut pieces = HashMap::new();
        for (what, value) in &self.0 {
            for (how, text) in written(value) {
                for piece in text.as_bytes().windows(PIECE) {
                    pieces.entry(piece.to_vec()).or_insert_with(|| format!("{what}, {how}"));
                }
            }
        }
        Search { pieces }
    }
}

/// A value as programs write it.
fn written(value: &str) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("as it is", value.to_owned()),
        ("with percent signs", utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()),
        ("as a form", byte_serialize(value.as_bytes()).collect()),
        ("as JSON", serde_json::to_string(value).expect("a text").trim_matches('"').to_owned()),
        ("as HTML", value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")),
    ];
    // In base64 a text looks in one of three ways, by what stands before it; its ends depend on its neighbours.
    for before in ["", "x", "xx"] {
        let inner = |text: String| text.get(4..text.len().saturating_sub(8)).unwrap_or_default().to_owned();
        let whole = format!("{before}{value}");
        all.push(("in base64", inner(STANDARD.encode(&whole))));
        all.push(("in base64 for addresses", inner(URL_SAFE.encode(&whole))));
    }
    all
}

/// Searches outputs.
pub struct Search {
    pieces: HashMap<Vec<u8>, String>,
}

impl Search {
    /// Which of the values stand in an output, each with a little of what stands before it.
    pub fn found(&self, output: &[u8]) -> BTreeMap<&str, String> {
        let mut found = BTreeMap::new();
        for (at, piece) in output.windows(PIECE).enumerate() {
            if let Some(what) = self.pieces.get(piece) {
                let around = &output[at.saturating_sub(160)..output.len().min(at + 60)];
                found.entry(what.as_str()).or_insert_with(|| String::from_utf8_lossy(around).into_owned());
            }
        }
        found
    }

    /// How many pieces it looks for.
    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }
}

#[test]
fn a_value_is_found_in_whatever_notation_and_also_a_piece_of_it() {
    let mut planted = Planted::default();
    let value = planted.odd("x");
    let search = planted.search();
    let percent = utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string();
    let json = serde_json::to_string(&value).unwrap();
    for text in [
        value.as_str(),
        &value[3..15],
        &percent,
        &json,
        &STANDARD.encode(format!("user:{value}")),
        &STANDARD.encode(format!("u:{value}!")),
    ] {
        assert!(!search.found(format!("before {text} after").as_bytes()).is_empty(), "{text}");
    }
    assert!(search.found(b"nothing of it is here, not even twelve letters in a row").is_empty());
}
