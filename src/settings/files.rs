//! Reads the settings file, or the files of a folder, into one tree, and remembers where each key stands.
//! Must never look at what a value means.

use std::{
    fs,
    io::Read as _,
    ops::Range,
    path::{Path, PathBuf},
};

use serde_json::{Map, Number, Value};
use toml_edit::{Document, Item, TableLike};

use super::{
    findings::{Place, position},
    report::{KeyPath, Report, Standing},
};

const LARGEST: u64 = 4 << 20;

/// Files of this ending hold scenarios, and lie beside the settings that they test.
pub const SCENARIOS: &str = ".test.toml";

/// Reads a file, or the `*.toml` of a folder by name, but for scenarios: tables are merged, lists of tables appended, all else is replaced by
/// the later file.
pub fn read(path: &Path, report: &mut Report) -> Value {
    let mut tree = Map::new();
    match files_of(path) {
        Ok(files) if files.is_empty() => report.loose_fault(place(path), "the folder holds no *.toml; put one there"),
        Ok(files) => files.iter().for_each(|file| read_file(file, &mut tree, report)),
        Err(error) => report.loose_fault(place(path), unreadable(&error)),
    }
    Value::Object(tree)
}

/// A value of TOML as a variable holds it; `None` where it is none.
pub fn read_value(text: &str) -> Option<Value> {
    text.parse::<toml_edit::Value>().ok().map(|value| plain(&Item::Value(value)))
}

/// Reads a text, of 4 MiB at most; else why not, without its name.
pub fn read_text(file: &Path) -> Result<String, String> {
    let mut text = String::new();
    let opened = fs::File::open(file).map_err(|error| unreadable(&error))?;
    opened.take(LARGEST + 1).read_to_string(&mut text).map_err(|error| unreadable(&error))?;
    if text.len() as u64 > LARGEST {
        return Err("the file is larger than 4 MiB; name another".to_owned());
    }
    Ok(text)
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file; create it or name another".to_owned(),
        std::io::ErrorKind::PermissionDenied => "the file may not be read; change its permissions".to_owned(),
        _ => format!("the file cannot be read: {error}"),
    }
}

fn place(path: &Path) -> Place {
    Place::File(path.display().to_string())
}

fn files_of(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        let scenarios = file.to_string_lossy().ends_with(SCENARIOS);
        if file.extension().is_some_and(|extension| extension == "toml") && !scenarios && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

fn read_file(file: &Path, tree: &mut Map<String, Value>, report: &mut Report) {
    let text = match read_text(file) {
        Ok(text) => text,
        Err(what) => return report.loose_fault(place(file), what),
    };
    match Document::parse(text.as_str()) {
        Ok(document) => {
            let number = report.add_file(file.display().to_string(), text.clone());
            merge(document.as_table(), tree, &KeyPath::default(), number, report);
        }
        // The text is not shown: without its structure nobody knows what of it is secret.
        Err(error) => {
            let (line, column) = position(&text, error.span().map_or(0, |span| span.start));
            let why = error.message().lines().collect::<Vec<_>>().join(", ");
            report.loose_fault(Place::Bare(file.display().to_string(), line, column), format!("no TOML: {why}"));
        }
    }
}

pub(super) fn merge(
    table: &dyn TableLike,
    tree: &mut Map<String, Value>,
    path: &KeyPath,
    file: usize,
    report: &mut Report,
) {
    for (name, item) in table.iter() {
        let path = path.key(name);
        let key = table.key(name).and_then(toml_edit::Key::span).or_else(|| item.span()).unwrap_or_default();
        let known = tree.remove(name);
        let value = merge_item(item, known, &path, key, file, report);
        tree.insert(name.to_owned(), value);
    }
}

fn merge_item(
    item: &Item,
    known: Option<Value>,
    path: &KeyPath,
    key: Range<usize>,
    file: usize,
    report: &mut Report,
) -> Value {
    if let Some(table) = item.as_table_like() {
        let header = item.as_table().and_then(toml_edit::Table::span);
        let at = header.unwrap_or(key);
        report.stands(path.clone(), Standing { file, key: at.clone(), value: at, scalar: false });
        let mut tree = match known {
            Some(Value::Object(tree)) => tree,
            _ => Map::new(),
        };
        merge(table, &mut tree, path, file, report);
        return Value::Object(tree);
    }
    let Some(elements) = elements(item) else {
        let value = item.span().unwrap_or_else(|| key.clone());
        report.stands(path.clone(), Standing { file, key, value, scalar: true });
        return plain(item);
    };
    let mut list = match known {
        Some(Value::Array(list)) if appends(&list, &elements) => list,
        _ => Vec::new(),
    };
    let value = item.span().unwrap_or_else(|| key.clone());
    report.stands(path.clone(), Standing { file, key, value, scalar: false });
    for element in elements {
        let path = path.index(list.len());
        let at = element.span().unwrap_or_default();
        list.push(merge_item(&element, None, &path, at, file, report));
    }
    Value::Array(list)
}

fn elements(item: &Item) -> Option<Vec<Item>> {
    match item {
        Item::ArrayOfTables(tables) => Some(tables.iter().cloned().map(Item::Table).collect()),
        Item::Value(toml_edit::Value::Array(array)) => Some(array.iter().cloned().map(Item::Value).collect()),
        _ => None,
    }
}

/// Lists of tables are appended, other lists replaced.
fn appends(known: &[Value], more: &[Item]) -> bool {
    known.iter().all(Value::is_object) && more.iter().all(Item::is_table_like)
}

/// A value without its place. Dates and times are text.
fn plain(item: &Item) -> Value {
    if let Some(table) = item.as_table_like() {
        return Value::Object(table.iter().map(|(name, item)| (name.to_owned(), plain(item))).collect());
    }
    if let Some(elements) = elements(item) {
        return Value::Array(elements.iter().map(plain).collect());
    }
    match item.as_value() {
        Some(toml_edit::Value::String(text)) => Value::String(text.value().clone()),
        Some(toml_edit::Value::Integer(number)) => Value::Number(Number::from(*number.value())),
        Some(toml_edit::Value::Float(number)) => Number::from_f64(*number.value()).map_or(Value::Null, Value::Number),
        Some(toml_edit::Value::Boolean(truth)) => Value::Bool(*truth.value()),
        Some(toml_edit::Value::Datetime(time)) => Value::String(time.value().to_string()),
        _ => Value::Null,
    }
}
