//! The JSON Schema asked as a question: which key may stand where, and what it may hold. It finds unknown keys and wrong
//! kinds of value before anything is read, and takes them out, so that one broken key hides no other; a key or a word that
//! is almost right is put right, so that what stands there is judged too.
//! Must never repeat a value in what it says, but for those that a list allows.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    advice::{elsewhere, of_other_tools},
    raw,
    report::{KeyPath, Report, Segment},
};

/// Keys that a later version will know.
const NOT_YET: &[&str] = &["state.url"];

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

    /// The same with what may stand at each.
    pub fn children<'a>(&'a self, table: &'a Value) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let properties = self.table_branch(table).get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(|(key, node)| (key.as_str(), node))
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
                for (index, item) in list.iter_mut().enumerate() {
                    let path = path.index(index);
                    if !self.check_node(items, item, &path, report) {
                        // Its place stays taken, so that the others keep theirs.
                        *item = match self.wanted(items) {
                            Wanted::Table => Value::Object(Map::new()),
                            _ => Value::String(String::new()),
                        };
                    }
                }
                true
            }
            (Wanted::Literal, literal) => self.check_literal(node, literal, path, report),
            (_, other) => {
                report.left_out(path, self.wrong_kind(node, other, path));
                false
            }
        }
    }

    fn check_table(&self, node: &Value, table: &mut Map<String, Value>, path: &KeyPath, report: &mut Report) {
        if self.is_nameless(node, table, path, report) {
            return table.clear();
        }
        let keys: Vec<String> = table.keys().cloned().collect();
        for key in keys {
            let Some(mut value) = table.remove(&key) else { continue };
            let Some((meant, below)) = self.key_or_nearest(node, &key, &value, path, report) else { continue };
            if meant != key && table.contains_key(&meant) {
                // Two cannot be one: it is judged where it stands, and goes.
                self.check_node(below, &mut value, &path.key(&key), report);
                continue;
            }
            report.stands_for(&path.key(&key), &path.key(&meant));
            if self.check_node(below, &mut value, &path.key(&meant), report) {
                table.insert(meant, value);
            }
        }
    }

    /// The key and what may stand there; for a key that nobody knows, the one that was meant, if that is sure enough.
    fn key_or_nearest<'a>(
        &'a self,
        node: &'a Value,
        key: &str,
        value: &Value,
        path: &KeyPath,
        report: &mut Report,
    ) -> Option<(String, &'a Value)> {
        let here = path.key(key);
        if let Some(below) = self.child(node, key) {
            return Some((key.to_owned(), below));
        }
        report.key_fault(&here, self.unknown(node, key, &here));
        if let Some(meant) = of_other_tools(&here).and_then(|todo| todo.strip_prefix("write ")) {
            // That this one is missing is the same fault.
            report.leave_out(&path.key(meant));
        }
        let near = self.near_key(node, key).filter(|_| !is_not_yet(&here))?;
        let below = self.child(node, near).filter(|below| self.fits(below, value))?;
        Some((near.to_owned(), below))
    }

    /// Whether a value has the kind that is wanted, whatever it holds.
    fn fits(&self, node: &Value, value: &Value) -> bool {
        match self.wanted(node) {
            Wanted::Text => value.is_string(),
            Wanted::Secret => value.is_string() || value.is_object(),
            Wanted::Literal => value.is_number() || value.is_boolean(),
            Wanted::List => value.is_array(),
            Wanted::Table => value.is_object(),
            Wanted::ListOrTable => value.is_array() || value.is_object(),
        }
    }

    /// Keys of one account straight in `[accounts]`, and the like: one fault for all of them.
    fn is_nameless(&self, node: &Value, table: &Map<String, Value>, path: &KeyPath, report: &mut Report) -> bool {
        let Some(one) = self.any_name(node).filter(|one| self.wanted(one) == Wanted::Table) else { return false };
        let keys: BTreeSet<&str> = self.keys(one).collect();
        let nameless = table.iter().filter(|(key, value)| keys.contains(key.as_str()) && !value.is_object());
        let Some((key, _)) = nameless.min_by_key(|(key, _)| report.order(&path.key(key))) else { return false };
        let what = format!("{key} stands in {path} itself, where only names stand; write [{path}.NAME] above it");
        report.key_fault(&path.key(key), what);
        report.leave_out(path);
        true
    }

    fn check_literal(&self, node: &Value, value: &Value, path: &KeyPath, report: &mut Report) -> bool {
        let node = self.resolve(node);
        let wanted = node.get("type").and_then(Value::as_str).unwrap_or_default();
        let largest = node.get("maximum").and_then(Value::as_u64).unwrap_or(u64::from(u32::MAX));
        let is_number_in_quotes = value.as_str().is_some_and(|text| text.trim().parse::<f64>().is_ok());
        let (wrong, todo) = match wanted {
            "boolean" if !value.is_boolean() => ("true or false".to_owned(), "write true or false, without quotes"),
            "number" | "integer" if is_number_in_quotes => ("a number".to_owned(), "write it without quotes"),
            "number" if !value.is_number() => ("a number".to_owned(), "write one, such as 0.0025"),
            "integer" if value.as_u64().is_none_or(|number| number > largest) => {
                let most =
                    if largest < u64::from(u32::MAX) { format!("from 0 to {largest}") } else { "of 0 or more".into() };
                (format!("a whole number {most}"), "write one")
            }
            _ => return true,
        };
        let found = if value.is_number() { "this one" } else { kind(value) };
        report.left_out(path, format!("must be {wrong}, not {found}; {todo}"));
        false
    }

    /// What to say of a value of another kind than the key wants.
    fn wrong_kind(&self, node: &Value, value: &Value, path: &KeyPath) -> String {
        let wanted = self.wanted(node);
        let last = match path.segments().last() {
            Some(Segment::Key(key)) => key.as_str(),
            _ => "",
        };
        let elsewhere = value.as_object().is_some_and(|table| table.keys().all(|key| key == "file" || key == "env"));
        let todo = match (wanted, value) {
            (Wanted::Text | Wanted::Secret, Value::Number(_) | Value::Bool(_)) => "put it in quotes".to_owned(),
            (Wanted::Text, Value::Object(_)) if elsewhere => {
                format!("only a secret may stand elsewhere: write the text here, or set {}", path.variable())
            }
            (Wanted::Text | Wanted::Secret, _) => "write one text in quotes".to_owned(),
            (Wanted::List | Wanted::ListOrTable, Value::String(_)) => "put it in brackets: [\"…\"]".to_owned(),
            (Wanted::List, Value::Object(_)) if path.segments().len() == 1 => {
                format!("write [[{last}]], with two brackets")
            }
            (Wanted::List, Value::Object(_)) if self.holds_tables(node) => {
                format!("write {last} = [{{ … }}], or [[…]] with two brackets")
            }
            (Wanted::List, Value::Object(_)) => format!("write {last} = [\"…\"]"),
            (Wanted::Table, Value::Array(_)) if self.any_name(node).is_some() => {
                format!("give each a name and write [{path}.NAME], with one bracket")
            }
            (Wanted::Table, Value::Array(_)) => format!("write [{path}], with one bracket"),
            (Wanted::Table, _) if last.is_empty() => "write { key = \"value\" }".to_owned(),
            (Wanted::Table, _) => format!("write [{path}] with its keys below"),
            _ => "see `leadtime schema`".to_owned(),
        };
        format!("must be {}, not {}; {todo}", words(wanted), kind(value))
    }

    fn holds_tables(&self, node: &Value) -> bool {
        self.list_branch(node).get("items").is_some_and(|item| self.wanted(item) == Wanted::Table)
    }

    /// Whether a text is one of those that may stand here; one that is almost so becomes it.
    fn check_choice(&self, node: &Value, text: &mut String, path: &KeyPath, report: &mut Report) -> bool {
        let Some(choices) = self.resolve(node).get("enum").and_then(Value::as_array) else { return true };
        let choices: Vec<&str> = choices.iter().filter_map(Value::as_str).collect();
        if choices.contains(&text.as_str()) {
            return true;
        }
        let lower = text.to_lowercase();
        // "Monday" means "mon".
        let longer = || choices.iter().copied().find(|choice| lower.starts_with(choice));
        let near = nearest(text, choices.iter().copied()).or_else(longer);
        let locale = matches!(path.segments().last(), Some(Segment::Key(key)) if key == "locale");
        let what = if let Some(near) =
            choices.iter().find(|choice| locale && lower.split(['-', '_']).next() == Some(**choice))
        {
            format!("{text:?} is not known here; write {near:?}")
        } else if locale {
            format!("{text:?} is not in this version; take {}", choices.join(", "))
        } else if let Some(near) = near {
            format!("{text:?} is not known here; did you mean {near:?}?")
        } else {
            format!("{text:?} is not known here; take one of {}", choices.join(", "))
        };
        report.left_out(path, what);
        let Some(near) = near.filter(|_| !locale) else { return false };
        near.clone_into(text);
        true
    }

    /// What to say of a key that is not known.
    pub fn unknown(&self, table: &Value, key: &str, path: &KeyPath) -> String {
        if is_not_yet(path) {
            return "is not in this version; take it out".to_owned();
        }
        if let Some(near) = self.near_key(table, key) {
            return format!("unknown key; did you mean {near:?}?");
        }
        let in_rule = matches!(path.segments(), [Segment::Key(list), ..] if list == "rules" || list == "digests");
        if let Some(todo) = of_other_tools(path).filter(|_| in_rule) {
            return format!("unknown key; {todo}");
        }
        if key == "name" && path.segments().len() == 3 {
            return "unknown key; the name is the one in the header, so take this out".to_owned();
        }
        let is_small = path.segments().len() > 2 && self.keys(table).count() <= 2;
        if let Some(place) = elsewhere(self, key, path).filter(|_| !is_small) {
            return format!("unknown key here; it belongs {place}");
        }
        if let Some(todo) = of_other_tools(path) {
            return format!("unknown key; {todo}");
        }
        let known: Vec<&str> = self.keys(table).collect();
        format!("unknown key; known here: {}", known.join(", "))
    }

    /// The key of this table that was probably meant. One that another table has must be nearer to be taken for a slip.
    fn near_key<'a>(&'a self, table: &'a Value, key: &str) -> Option<&'a str> {
        let near = nearest(key, self.keys(table))?;
        let slip = strsim::damerau_levenshtein(&key.to_lowercase(), near) <= 1;
        (slip || elsewhere(self, key, &KeyPath::default()).is_none()).then_some(near)
    }

    /// Every key of ours, wherever it stands.
    pub fn every_key(&self) -> BTreeSet<&str> {
        let mut keys = BTreeSet::new();
        let tables = self.0.get("$defs").and_then(Value::as_object).into_iter().flat_map(Map::values);
        for table in tables.chain([&self.0]) {
            keys.extend(self.keys(table));
        }
        keys
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

    /// The part of a schema that is a list, where there are several.
    pub fn list_branch<'a>(&'a self, node: &'a Value) -> &'a Value {
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
