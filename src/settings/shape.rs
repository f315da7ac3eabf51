//! The JSON Schema asked as a question: which key may stand where, and what it may hold. It finds unknown keys and wrong
//! kinds of value before anything is read, and takes them out, so that one broken key hides no other.
//! Must never repeat a value in what it says, but for those that a list allows.

use serde_json::{Map, Value};

use super::{
    raw,
    report::{KeyPath, Report, Segment},
};

/// Keys that a later version will know.
const NOT_YET: &[&str] = &["people", "owners", "digests", "state.key", "state.url"];

/// The schema.
pub struct Shape(Value);

/// What may stand at a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    /// Text.
    Text,
    /// Text, or where it stands.
    Secret,
    /// True or false, or a number.
    Literal,
    /// A list.
    List,
    /// A table.
    Table,
    /// A list or a table.
    ListOrTable,
}

impl Shape {
    /// The shape of the settings file.
    pub fn of_settings() -> Self {
        Self(raw::schema())
    }

    /// The shape of another file of ours.
    pub fn of(schema: Value) -> Self {
        Self(schema)
    }

    /// Where a walk starts.
    pub fn root(&self) -> &Value {
        &self.0
    }

    /// The part of the schema for a key of a table; `None` where the table has no such key.
    pub fn child<'a>(&'a self, table: &'a Value, key: &str) -> Option<&'a Value> {
        let table = self.table_branch(table);
        let named = table.get("properties").and_then(|properties| properties.get(key));
        named.or_else(|| self.any_name(table))
    }

    /// The part of the schema for keys that the user names; `None` where the table has only keys of ours.
    pub fn any_name<'a>(&'a self, table: &'a Value) -> Option<&'a Value> {
        self.table_branch(table).get("additionalProperties").filter(|node| node.is_object())
    }

    /// The keys of ours that a table may hold.
    pub fn keys<'a>(&'a self, table: &'a Value) -> impl Iterator<Item = &'a str> {
        let properties = self.table_branch(table).get("properties").and_then(Value::as_object);
        properties.into_iter().flat_map(Map::keys).map(String::as_str)
    }

    /// What may stand here.
    pub fn wanted(&self, node: &Value) -> Wanted {
        if is_secret(node) {
            return Wanted::Secret;
        }
        let node = self.resolve(node);
        if node.get("anyOf").is_some() {
            return Wanted::ListOrTable;
        }
        match node.get("type").and_then(Value::as_str) {
            Some("string") => Wanted::Text,
            Some("array") => Wanted::List,
            Some("object") => Wanted::Table,
            _ => Wanted::Literal,
        }
    }

    /// Whether the value at this key is known to be no secret.
    pub fn may_show(&self, path: &KeyPath) -> bool {
        let mut node = &self.0;
        for segment in path.segments() {
            if is_secret(node) {
                // Where a secret stands is not the secret.
                return matches!(segment, Segment::Key(key) if key == "file" || key == "env");
            }
            let next = match segment {
                Segment::Key(key) => self.child(node, key),
                Segment::Index(_) => self.list_branch(node).get("items"),
            };
            match next {
                Some(next) => node = next,
                None => return false,
            }
        }
        !matches!(self.wanted(node), Wanted::Secret | Wanted::Table | Wanted::List | Wanted::ListOrTable)
    }

    /// Finds unknown keys and wrong kinds of value and takes them out of `tree`.
    pub fn check(&self, tree: &mut Value, report: &mut Report) {
        self.check_node(&self.0, tree, &KeyPath::default(), report);
    }

    /// Whether the value may stay.
    fn check_node(&self, node: &Value, value: &mut Value, path: &KeyPath, report: &mut Report) -> bool {
        let wanted = self.wanted(node);
        match (wanted, &mut *value) {
            (Wanted::Text, Value::String(text)) => self.check_choice(node, text, path, report),
            (Wanted::Secret, Value::String(_)) => true,
            (Wanted::Secret | Wanted::Table | Wanted::ListOrTable, Value::Object(table)) => {
                self.check_table(node, table, path, report);
                true
            }
            (Wanted::List | Wanted::ListOrTable, Value::Array(list)) => {
                let Some(items) = self.list_branch(node).get("items") else { return true };
                let mut good = true;
                for (index, item) in list.iter_mut().enumerate() {
                    good &= self.check_node(items, item, &path.index(index), report);
                }
                good
            }
            (Wanted::Literal, literal) => self.check_literal(node, literal, path, report),
            (_, other) => {
                report.fault(path, format!("must be {}, not {}", words(wanted), kind(other)));
                false
            }
        }
    }

    fn check_table(&self, node: &Value, table: &mut Map<String, Value>, path: &KeyPath, report: &mut Report) {
        table.retain(|key, value| {
            let path = path.key(key);
            match self.child(node, key) {
                Some(node) => self.check_node(node, value, &path, report),
                None => {
                    report.key_fault(&path, self.unknown(node, key, &path));
                    false
                }
            }
        });
    }

    fn check_literal(&self, node: &Value, value: &Value, path: &KeyPath, report: &mut Report) -> bool {
        let node = self.resolve(node);
        let wanted = node.get("type").and_then(Value::as_str).unwrap_or_default();
        let largest = node.get("maximum").and_then(Value::as_u64).unwrap_or(u64::from(u32::MAX));
        let wrong = match wanted {
            "boolean" if !value.is_boolean() => "true or false".to_owned(),
            "number" if !value.is_number() => "a number".to_owned(),
            "integer" if value.as_u64().is_none_or(|number| number > largest) => {
                let most =
                    if largest < u64::from(u32::MAX) { format!("from 0 to {largest}") } else { "of 0 or more".into() };
                format!("a whole number {most}")
            }
            _ => return true,
        };
        let found = if value.is_number() { "this one" } else { kind(value) };
        report.fault(path, format!("must be {wrong}, not {found}"));
        false
    }

    fn check_choice(&self, node: &Value, text: &str, path: &KeyPath, report: &mut Report) -> bool {
        let Some(choices) = self.resolve(node).get("enum").and_then(Value::as_array) else { return true };
        let choices: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
        if choices.contains(&text) {
            return true;
        }
        let locale = matches!(path.segments().last(), Some(Segment::Key(key)) if key == "locale");
        let what = if locale {
            format!("{text:?} is not in this version; take {}", choices.join(", "))
        } else if let Some(near) = nearest(text, choices.iter().copied()) {
            format!("{text:?} is not known here; did you mean {near:?}?")
        } else {
            format!("{text:?} is not known here; take one of {}", choices.join(", "))
        };
        report.fault(path, what);
        false
    }

    /// What to say of a key that is not known.
    pub fn unknown(&self, table: &Value, key: &str, path: &KeyPath) -> String {
        if is_not_yet(path) {
            return "is not in this version; take it out".to_owned();
        }
        if let Some(near) = nearest(key, self.keys(table)) {
            return format!("unknown key; did you mean {near:?}?");
        }
        if self.keys(&self.0).any(|top| top == key) && path.segments().len() > 1 {
            return "unknown key here; it belongs at the top of the file, before the first [table]".to_owned();
        }
        let known: Vec<&str> = self.keys(table).collect();
        format!("unknown key; known here: {}", known.join(", "))
    }

    fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        match node.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#')) {
            Some(pointer) => self.0.pointer(pointer).unwrap_or(node),
            None => node,
        }
    }

    fn branch<'a>(&'a self, node: &'a Value, kind: &str) -> &'a Value {
        let node = self.resolve(node);
        let branches = node.get("anyOf").and_then(Value::as_array);
        let mut branches = branches.into_iter().flatten().map(|branch| self.resolve(branch));
        branches.find(|branch| branch.get("type").is_some_and(|found| found == kind)).unwrap_or(node)
    }

    fn table_branch<'a>(&'a self, node: &'a Value) -> &'a Value {
        self.branch(node, "object")
    }

    fn list_branch<'a>(&'a self, node: &'a Value) -> &'a Value {
        self.branch(node, "array")
    }
}

/// Whether a later version will know this key.
pub fn is_not_yet(path: &KeyPath) -> bool {
    NOT_YET.contains(&path.to_string().as_str())
}

fn is_secret(node: &Value) -> bool {
    node.get("$ref").is_some_and(|name| name == "#/$defs/Secret")
}

fn words(wanted: Wanted) -> &'static str {
    match wanted {
        Wanted::Text => "text",
        Wanted::Secret => "text, { file = \"…\" } or { env = \"…\" }",
        Wanted::Literal => "a number, true or false",
        Wanted::List => "a list",
        Wanted::Table => "a table",
        Wanted::ListOrTable => "a list or a table",
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// The name that was probably meant, where one is near enough.
pub fn nearest<'a>(text: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_lowercase();
    let near = names.map(|name| (strsim::damerau_levenshtein(&text, &name.to_lowercase()), name)).min()?;
    let allowed = (text.chars().count().max(near.1.chars().count()) / 3).max(1);
    (near.0 <= allowed).then_some(near.1)
}
