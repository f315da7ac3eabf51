//! Another TOML file of ours, read with the same care as the settings: by its own schema, every fault with its place; and
//! settings to try things by, parts of which may stand in such a file.
//! Must never send anything by such settings: a secret that cannot be had is stood in for.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};
use toml_edit::{Document, Item, TableLike};

use super::{
    Faults, Settings,
    build::Secrets,
    files, folder_of, load_tree,
    mask::veiled_within,
    raw,
    report::{KeyPath, Report, Segment},
    shape::Shape,
};

/// The key under which settings stand in such a file, wherever it stands.
const SETTINGS: &str = "settings";

/// A file that was read, and what was found in it so far.
pub struct Sheet {
    path: PathBuf,
    shape: Shape,
    tree: Value,
    report: Report,
}

impl Sheet {
    /// Reads a file and checks it against `schema`; what does not fit is told by [`Sheet::finish`] and left out.
    pub fn read(path: &Path, mut schema: Value) -> Self {
        raw::without_null(&mut schema);
        let mut report = Report::default();
        let mut tree = files::read_any(path, &mut report);
        let shape = Shape::of(schema);
        shape.check(&mut tree, &mut report);
        Self { path: path.to_owned(), shape, tree, report }
    }

    /// What it holds.
    pub fn tree(&self) -> &Value {
        &self.tree
    }

    /// A fault of a value. What is said ends with what to do, after a semicolon.
    pub fn fault(&mut self, path: &KeyPath, what: impl Into<String>) {
        self.report.fault(path, what);
    }

    /// The line on which a key stands, from 1.
    pub fn line(&self, path: &KeyPath) -> Option<usize> {
        self.report.line(path)
    }

    /// Whether there is any fault so far.
    pub fn has_faults(&self) -> bool {
        self.report.has_faults()
    }

    /// Whether the file could not be read, or not all of it.
    pub fn is_broken(&self) -> bool {
        self.report.has_unreadable_file()
    }

    /// What was made of it, or every fault.
    ///
    /// # Errors
    /// Every fault, each with its place.
    pub fn finish<T>(mut self, made: Option<T>) -> Result<T, Faults> {
        let settings = Shape::of_settings();
        let may_show = |path: &KeyPath| {
            let within = path.segments().iter().position(|segment| *segment == Segment::Key(SETTINGS.to_owned()));
            within.is_none_or(|at| settings.may_show(&path.after(at + 1)))
        };
        let keys: BTreeSet<&str> = self.shape.every_key().union(&settings.every_key()).copied().collect();
        self.report.mask(|text| veiled_within(text, SETTINGS, &keys), may_show);
        self.report.finish(made).map(|(made, _)| made)
    }

    /// Lays the settings that stand at `part` over `tree`: tables are merged, all else is replaced.
    fn lay_over(&self, part: &KeyPath, tree: &mut Map<String, Value>, report: &mut Report) {
        let Ok(text) = files::read_text(&self.path) else { return };
        let Ok(document) = Document::parse(text.as_str()) else { return };
        let Some(table) = table_at(document.as_item(), part) else { return };
        forget_lists(table, tree);
        let number = report.add_file(self.path.display().to_string(), text.clone());
        files::merge(table, tree, &KeyPath::default(), number, report);
    }
}

/// Settings to try something by: those of `base` and the variables as always, or none where it is `None`;
/// over them the parts of a sheet, the later over the earlier. Nothing is ever sent by them, so that a secret which stands
/// elsewhere and cannot be had is no fault; all else is.
///
/// # Errors
/// Every fault, each with its place.
pub fn load_trial(
    base: Option<&Path>,
    sheet: &Sheet,
    parts: &[KeyPath],
    env: &BTreeMap<String, String>,
) -> Result<Settings, Faults> {
    let mut report = Report::default();
    let mut tree = match base.map(|path| files::read(path, &mut report)) {
        Some(Value::Object(tree)) => tree,
        _ => Map::new(),
    };
    for part in parts {
        sheet.lay_over(part, &mut tree, &mut report);
    }
    // What a file says all by itself must not depend on the machine that it is tried on.
    let nothing = BTreeMap::new();
    let env = if base.is_some() { env } else { &nothing };
    let folder = folder_of(base.unwrap_or(&sheet.path));
    load_tree(Value::Object(tree), env, folder, Secrets::StoodInFor, report).map(|(settings, _)| settings)
}

fn table_at<'a>(root: &'a Item, path: &KeyPath) -> Option<&'a dyn TableLike> {
    let mut item = root;
    for segment in path.segments() {
        item = match segment {
            Segment::Key(key) => item.get(key)?,
            Segment::Index(index) => item.get(index)?,
        };
    }
    item.as_table_like()
}

/// Lists that the table has too leave the tree: a list of rules that is laid over another takes its place.
fn forget_lists(table: &dyn TableLike, tree: &mut Map<String, Value>) {
    for (name, item) in table.iter() {
        match tree.get_mut(name) {
            Some(Value::Array(_)) => drop(tree.remove(name)),
            Some(Value::Object(below)) => {
                if let Some(table) = item.as_table_like() {
                    forget_lists(table, below);
                }
            }
            _ => {}
        }
    }
}
