//! Reads the environment variables `LEADTIME_…` into a tree: `__` goes one level down, names count without regard to case,
//! and what should be text is text even if it is all digits.
//! Must never repeat a value.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    files::read_value,
    report::{KeyPath, Report},
    shape::{Shape, Wanted, is_not_yet, nearest},
};

const PREFIX: &str = "LEADTIME_";

/// Variables of the command line and of leadtime's own tests.
const RESERVED: &[&str] = &["LEADTIME_CONFIG", "LEADTIME_TESTS", "LEADTIME_LOG_FORMAT", "LEADTIME_LOG_LEVEL"];

/// All settings that variables make. `files` gives the names that the user has given, so that `CONTOSO` finds `Contoso`.
pub fn read(env: &BTreeMap<String, String>, files: &Value, shape: &Shape, report: &mut Report) -> Value {
    let mut tree = Map::new();
    for (name, text) in env {
        let Some(levels) = name.strip_prefix(PREFIX) else { continue };
        if RESERVED.contains(&name.as_str()) {
            continue;
        }
        match find(levels, files, shape) {
            Ok((keys, node)) => {
                let path = KeyPath::of(&keys.iter().map(String::as_str).collect::<Vec<_>>());
                report.set_by(path.clone(), name);
                match convert(text, shape.wanted(node), node, shape) {
                    Some(value) => insert(&mut tree, &keys, value),
                    None => report.left_out(&path, wrong(shape.wanted(node))),
                }
            }
            Err(Unknown::NotYet(path)) => {
                report.set_by(path.clone(), name);
                report.fault(&path, "is not in this version; take it out");
            }
            Err(Unknown::Key(near)) => {
                let todo = match near.or_else(|| with_levels(levels, files, shape)) {
                    Some(near) => format!("did you mean {PREFIX}{near}?"),
                    None => "unset it, unless it is somebody else's".to_owned(),
                };
                report.warn_variable(name, format!("is no setting and does nothing; {todo}"));
            }
        }
    }
    Value::Object(tree)
}

enum Unknown {
    NotYet(KeyPath),
    Key(Option<String>),
}

fn find<'a>(levels: &str, files: &Value, shape: &'a Shape) -> Result<(Vec<String>, &'a Value), Unknown> {
    let mut node = shape.root();
    let mut known = Some(files);
    let mut keys: Vec<String> = Vec::new();
    for level in levels.split("__") {
        let lower = level.to_lowercase();
        let own = shape.keys(node).find(|key| *key == lower).map(str::to_owned);
        let key = match own {
            Some(key) => key,
            None if shape.any_name(node).is_some() && !lower.is_empty() => {
                let names = known.and_then(Value::as_object).into_iter().flat_map(Map::keys);
                names.into_iter().find(|name| is_same(name, level)).cloned().unwrap_or(lower)
            }
            None => return Err(unknown(&keys, &lower, node, shape)),
        };
        node = shape.child(node, &key).ok_or_else(|| unknown(&keys, &key, node, shape))?;
        known = known.and_then(|known| known.get(&key));
        keys.push(key);
    }
    Ok((keys, node))
}

/// The variable that was meant by one with `_` where `__` goes a level down.
fn with_levels(levels: &str, files: &Value, shape: &Shape) -> Option<String> {
    let words: Vec<&str> = levels.split('_').collect();
    if words.iter().any(|word| word.is_empty()) || words.len() > 8 {
        return None;
    }
    let spread = |places: u32| {
        let joined = words.iter().enumerate().map(|(index, word)| match index {
            0 => (*word).to_owned(),
            _ if places & (1 << (index - 1)) != 0 => format!("__{word}"),
            _ => format!("_{word}"),
        });
        joined.collect::<String>()
    };
    let mut ways: Vec<u32> = (1..1 << words.len().saturating_sub(1)).collect();
    ways.sort_by_key(|places| places.count_ones());
    let meant = |levels: &String| find(levels, files, shape).is_ok_and(|(_, node)| shape.wanted(node) != Wanted::Table);
    ways.into_iter().map(spread).find(meant)
}

/// Whether a level of a variable means this name; many shells know no `-` in the name of a variable.
fn is_same(name: &str, level: &str) -> bool {
    name.eq_ignore_ascii_case(level) || name.replace('-', "_").eq_ignore_ascii_case(level)
}

fn unknown(before: &[String], key: &str, node: &Value, shape: &Shape) -> Unknown {
    let path = KeyPath::of(&before.iter().map(String::as_str).collect::<Vec<_>>()).key(key);
    if is_not_yet(&path) {
        return Unknown::NotYet(path);
    }
    let near = nearest(key, shape.keys(node)).map(|near| {
        let levels = before.iter().map(String::as_str).chain([near]);
        levels.collect::<Vec<_>>().join("__").to_uppercase()
    });
    Unknown::Key(near)
}

/// The value in the kind that is wanted; `None` where it is none of that kind.
fn convert(text: &str, wanted: Wanted, node: &Value, shape: &Shape) -> Option<Value> {
    let trimmed = text.trim();
    let list = || {
        let items = trimmed.split(',').map(str::trim).filter(|item| !item.is_empty());
        Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
    };
    match wanted {
        Wanted::Text => Some(Value::String(text.to_owned())),
        Wanted::Secret => match trimmed.starts_with('{').then(|| read_value(trimmed)).flatten() {
            Some(Value::Object(table)) if table.keys().all(|key| shape.child(node, key).is_some()) => {
                Some(Value::Object(table))
            }
            _ => Some(Value::String(text.to_owned())),
        },
        Wanted::List | Wanted::ListOrTable if trimmed.starts_with('[') => read_value(trimmed).filter(Value::is_array),
        Wanted::ListOrTable if trimmed.starts_with('{') => read_value(trimmed).filter(Value::is_object),
        Wanted::List | Wanted::ListOrTable => Some(list()),
        Wanted::Table => read_value(trimmed).filter(Value::is_object),
        Wanted::Literal => read_value(trimmed),
    }
}

fn wrong(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Literal => "is no number and neither true nor false; write one, without quotes",
        Wanted::List | Wanted::ListOrTable => "is no list; write a,b or [\"a\", \"b\"]",
        _ => "must be a table; write { key = \"value\" }, or set its keys one by one, with __ between the levels",
    }
}

fn insert(tree: &mut Map<String, Value>, keys: &[String], value: Value) {
    let Some((first, rest)) = keys.split_first() else { return };
    if rest.is_empty() {
        tree.insert(first.clone(), value);
        return;
    }
    let below = tree.entry(first.clone()).or_insert_with(|| Value::Object(Map::new()));
    if !below.is_object() {
        *below = Value::Object(Map::new());
    }
    if let Value::Object(below) = below {
        insert(below, rest, value);
    }
}
