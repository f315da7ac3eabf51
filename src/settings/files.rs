//! Reads the settings file, or the files of a folder, into one tree, and remembers where each key stands.
//! Must never look at what a value means.

use std::{
    fs,
    io::Read as _,
    ops::Range,
    path::{Path, PathBuf},
};

use serde_json::{Map, Number, Value};
use toml_edit::{Item, TableLike};

use super::{
    findings::Place,
    report::{KeyPath, Report, Standing},
    syntax,
};

const LARGEST: u64 = 4 << 20;

/// Files of this ending hold scenarios, and lie beside the settings that they test.
pub const SCENARIOS: &str = ".test.toml";

/// How another settings file is named.
const BY_OPTION: &str = " by --config or LEADTIME_CONFIG";

/// Reads the settings: a file, or the `*.toml` of a folder by name. Tables are merged, lists of tables appended, all else is
/// replaced by the later file, with a warning.
pub fn read(path: &Path, report: &mut Report) -> Value {
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            report.loose_fault(place(path), format!("{}{BY_OPTION}", unreadable(&error)));
            Value::Object(Map::new())
        }
        _ => read_any(path, report),
    }
}

/// As [`read`], of files that are named in another way.
pub fn read_any(path: &Path, report: &mut Report) -> Value {
    let mut tree = Map::new();
    match files_of(path) {
        Ok(files) if files.is_empty() => report.loose_fault(place(path), "the folder holds no *.toml; put one there"),
        Ok(files) => files.iter().for_each(|file| read_file(file, &mut tree, report)),
        Err(error) => report.loose_fault(place(path), unreadable(&error)),
    }
    Value::Object(tree)
}

/// The files that [`read`] reads, in their order: the file itself, or those of the folder that are settings. Hidden files
/// (an editor's, Kubernetes' own) and scenario files are none.
///
/// # Errors
/// Where there is no such file or folder, or it may not be read.
pub fn files_of(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    if !fs::metadata(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_settings = name.ends_with(".toml") && !name.ends_with(SCENARIOS) && !name.starts_with('.');
        // A link that leads nowhere is kept, so that it is a fault and not silence.
        if is_settings && !entry.path().is_dir() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// A value of TOML as a variable holds it; `None` where it is none.
pub fn read_value(text: &str) -> Option<Value> {
    text.parse::<toml_edit::Value>().ok().map(|value| plain(&Item::Value(value)))
}

/// Reads a text, of 4 MiB at most; else why not, without its name.
pub fn read_text(file: &Path) -> Result<String, String> {
    String::from_utf8(read_bytes(file)?).map_err(|error| no_text(error.as_bytes()))
}

fn read_bytes(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let opened = fs::File::open(file).map_err(|error| unreadable(&error))?;
    opened.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err("the file is larger than 4 MiB; name another".to_owned());
    }
    Ok(bytes)
}

fn no_text(bytes: &[u8]) -> String {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "the file is written in UTF-16; save it as UTF-8".to_owned(),
        _ => "the file is no text in UTF-8; save it as UTF-8".to_owned(),
    }
}

fn unreadable(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file; create it or name another".to_owned(),
        std::io::ErrorKind::PermissionDenied => {
            "the file may not be read; let the user that leadtime runs as read it".to_owned()
        }
        std::io::ErrorKind::IsADirectory => "this is a folder; name a file in it".to_owned(),
        _ => format!("the file cannot be read ({error}); mend that or name another"),
    }
}

fn place(path: &Path) -> Place {
    Place::File(path.display().to_string())
}

fn read_file(file: &Path, tree: &mut Map<String, Value>, report: &mut Report) {
    let bytes = match read_bytes(file) {
        Ok(bytes) => bytes,
        Err(what) => return report.loose_fault(place(file), what),
    };
    match String::from_utf8(bytes) {
        Ok(text) => {
            let number = report.add_file(file.display().to_string(), text.clone());
            let (document, faults) = syntax::parse(&text);
            for fault in faults {
                report.broken_text(number, fault.at, fault.what);
            }
            if let Some(document) = document {
                merge(document.as_table(), tree, &KeyPath::default(), number, report);
            }
        }
        Err(error) => {
            // Shown without its line, which may hold a secret.
            let good = error.utf8_error().valid_up_to();
            let good = error.as_bytes().get(..good).map(String::from_utf8_lossy).unwrap_or_default();
            let line = good.matches('\n').count() + 1;
            let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let place = Place::Bare(file.display().to_string(), line, column);
            report.loose_fault(place, no_text(error.as_bytes()));
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
    if let Some(known) = known.as_ref().filter(|known| is_replaced(known, item)) {
        let changes = *known != plain(item);
        if let Some(earlier) = report.where_stands(path).filter(|_| changes) {
            let what = format!("replaces what {earlier} says; take one of the two out");
            report.warn_key(path, what);
        }
    }
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

/// Whether a later file puts its own value in the place of an earlier one's.
fn is_replaced(known: &Value, item: &Item) -> bool {
    match known {
        Value::Object(_) => !item.is_table_like(),
        Value::Array(list) => elements(item).is_none_or(|elements| !appends(list, &elements)),
        _ => true,
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
