//! Collects what is wrong and what is odd, with the place of each: file, line and caret, or the environment variable.
//! Must never show a secret: of a file's text only what the schema knows to be no secret is ever shown.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::Range,
    sync::Arc,
};

use super::findings::{Faults, Finding, Place, Snippet, position};

/// The way to a key: `rules[0].steps[1].after`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct KeyPath(Vec<Segment>);

/// One step of the way.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Segment {
    /// Into a table.
    Key(String),
    /// Into a list.
    Index(usize),
}

impl KeyPath {
    /// The way that starts with these keys.
    pub fn of(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| Segment::Key((*key).to_owned())).collect())
    }

    /// One key further.
    pub fn key(&self, key: &str) -> Self {
        let mut longer = self.clone();
        longer.0.push(Segment::Key(key.to_owned()));
        longer
    }

    /// One element further.
    pub fn index(&self, index: usize) -> Self {
        let mut longer = self.clone();
        longer.0.push(Segment::Index(index));
        longer
    }

    /// The steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The way from here on, without its first steps.
    pub fn after(&self, steps: usize) -> Self {
        Self(self.0.iter().skip(steps).cloned().collect())
    }

    fn parent(&self) -> Option<Self> {
        let (_, before) = self.0.split_last()?;
        Some(Self(before.to_vec()))
    }

    /// Where an account's value may stand instead: `accounts.contoso.filter` in `account_defaults.filter`.
    fn in_account_defaults(&self) -> Option<Self> {
        match self.0.as_slice() {
            [Segment::Key(accounts), Segment::Key(_), rest @ ..] if accounts == "accounts" && !rest.is_empty() => {
                let mut path = vec![Segment::Key("account_defaults".to_owned())];
                path.extend_from_slice(rest);
                Some(Self(path))
            }
            _ => None,
        }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) => {
                    if position > 0 {
                        f.write_str(".")?;
                    }
                    let bare =
                        !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
                    if bare { f.write_str(key)? } else { write!(f, "{key:?}")? }
                }
            }
        }
        Ok(())
    }
}

/// What at a key is meant.
#[derive(Clone, PartialEq, Eq)]
enum Spot {
    Key,
    Value,
    /// These bytes of a text.
    Within(Range<usize>),
}

#[derive(Clone, PartialEq, Eq)]
struct Draft {
    path: KeyPath,
    spot: Spot,
    /// Found in the files alone, before variables were laid over them.
    in_files: bool,
    what: String,
}

struct Source {
    name: String,
    text: String,
}

/// Where a key stands in a file.
pub struct Standing {
    /// Which file, by the number that `add_file` gave.
    pub file: usize,
    /// The key, or the header of a table.
    pub key: Range<usize>,
    /// The value; for a table the same as the key.
    pub value: Range<usize>,
    /// Whether the value is a text, a number and the like, not a table or a list.
    pub scalar: bool,
}

/// What has been found so far, and where everything stands.
#[derive(Default)]
pub struct Report {
    sources: Vec<Source>,
    standings: BTreeMap<KeyPath, Standing>,
    /// Every value in a file, those too that another file has replaced: for masking.
    scalars: Vec<(usize, Range<usize>, KeyPath)>,
    variables: BTreeMap<KeyPath, String>,
    in_files: bool,
    excused: BTreeSet<KeyPath>,
    faults: Vec<Draft>,
    warnings: Vec<Draft>,
    loose_faults: Vec<Finding>,
    loose_warnings: Vec<Finding>,
}

impl Report {
    /// Takes a file that is read; its number is for `stands`.
    pub fn add_file(&mut self, name: String, text: String) -> usize {
        self.sources.push(Source { name, text });
        self.sources.len() - 1
    }

    /// Remembers where a key stands; a later file replaces an earlier one.
    pub fn stands(&mut self, path: KeyPath, standing: Standing) {
        if standing.scalar {
            self.scalars.push((standing.file, standing.value.clone(), path.clone()));
        }
        self.standings.insert(path, standing);
    }

    /// Remembers which variable has set a key.
    pub fn set_by(&mut self, path: KeyPath, variable: &str) {
        self.variables.insert(path, variable.to_owned());
    }

    /// Whether what is found from here on is in the files alone, whatever variables say.
    pub fn looks_at_files(&mut self, in_files: bool) {
        self.in_files = in_files;
    }

    /// From here on nothing that is found at this key is a fault: something else stands in for its value.
    pub fn excuse(&mut self, path: &KeyPath) {
        self.excused.insert(path.clone());
    }

    /// The line on which a key stands in its file, from 1.
    pub fn line(&self, path: &KeyPath) -> Option<usize> {
        let standing = self.standings.get(path)?;
        let source = self.sources.get(standing.file)?;
        Some(position(&source.text, standing.key.start).0)
    }

    /// Whether the user has written this key anywhere.
    pub fn is_written(&self, path: &KeyPath) -> bool {
        self.standings.contains_key(path) || self.variables.keys().any(|set| set.0.starts_with(&path.0))
    }

    /// A fault of a value. What is said ends with what to do, after a semicolon.
    pub fn fault(&mut self, path: &KeyPath, what: impl Into<String>) {
        self.add_fault(path, Spot::Value, what.into());
    }

    /// A fault of a key itself.
    pub fn key_fault(&mut self, path: &KeyPath, what: impl Into<String>) {
        self.add_fault(path, Spot::Key, what.into());
    }

    /// A fault at these bytes of the text at `path`.
    pub fn fault_within(&mut self, path: &KeyPath, range: Range<usize>, what: impl Into<String>) {
        self.add_fault(path, Spot::Within(range), what.into());
    }

    /// One fault per key: what follows from a fault is not told again.
    fn add_fault(&mut self, path: &KeyPath, spot: Spot, what: String) {
        if !self.has_fault(path) && !self.excused.contains(path) {
            self.faults.push(self.draft(path, spot, what));
        }
    }

    fn draft(&self, path: &KeyPath, spot: Spot, what: String) -> Draft {
        Draft { path: path.clone(), spot, in_files: self.in_files, what }
    }

    /// Whether there is any fault so far.
    pub fn has_faults(&self) -> bool {
        !self.faults.is_empty() || !self.loose_faults.is_empty()
    }

    /// Whether this very key has a fault.
    pub fn has_fault(&self, path: &KeyPath) -> bool {
        self.faults.iter().any(|fault| fault.path == *path)
    }

    /// Something odd about a value.
    pub fn warn(&mut self, path: &KeyPath, what: impl Into<String>) {
        self.warnings.push(self.draft(path, Spot::Value, what.into()));
    }

    /// Something odd at these bytes of the text at `path`.
    pub fn warn_within(&mut self, path: &KeyPath, range: Range<usize>, what: impl Into<String>) {
        self.warnings.push(self.draft(path, Spot::Within(range), what.into()));
    }

    /// A fault of a whole file, or at a place in one that cannot be read.
    pub fn loose_fault(&mut self, place: Place, what: impl Into<String>) {
        self.loose_faults.push(Finding { place, key: String::new(), what: what.into() });
    }

    /// A variable that is odd.
    pub fn warn_variable(&mut self, name: &str, what: impl Into<String>) {
        let place = Place::Variable(name.to_owned());
        self.loose_warnings.push(Finding { place, key: String::new(), what: what.into() });
    }

    /// Whether a file could not be read at all, so that whatever seems to be missing may well be there.
    pub fn has_unreadable_file(&self) -> bool {
        !self.loose_faults.is_empty()
    }

    /// What was made, with the warnings; or, where there is any fault, all that was found. `may_show` says of a key whether
    /// its value is no secret.
    pub fn finish<T>(
        mut self,
        made: Option<T>,
        may_show: impl Fn(&KeyPath) -> bool,
    ) -> Result<(T, Vec<Finding>), Faults> {
        if made.is_none() && self.faults.is_empty() && self.loose_faults.is_empty() {
            self.fault(
                &KeyPath::default(),
                "the settings cannot be used, and the reason is not known; please report this",
            );
        }
        let shown: Vec<Arc<str>> = (0..self.sources.len()).map(|file| self.mask(file, &may_show)).collect();
        let place_all = |drafts: &[Draft], loose: &[Finding]| {
            let mut drafts = drafts.to_vec();
            drafts.sort_by(|a, b| (&a.path, &a.what).cmp(&(&b.path, &b.what)));
            drafts.dedup();
            let mut findings: Vec<Finding> = loose.to_vec();
            findings.extend(drafts.iter().map(|draft| self.place(draft, &shown)));
            findings.sort_by_key(|finding| finding.place.order());
            findings
        };
        let faults = place_all(&self.faults, &self.loose_faults);
        let warnings = place_all(&self.warnings, &self.loose_warnings);
        match made {
            Some(made) if faults.is_empty() => Ok((made, warnings)),
            _ => Err(Faults { faults, warnings }),
        }
    }

    fn place(&self, draft: &Draft, shown: &[Arc<str>]) -> Finding {
        let mut what = draft.what.clone();
        let place = self.find(draft, shown, &mut what);
        Finding { place, key: draft.path.to_string(), what }
    }

    /// The variable that has set the key or a table around it; else the key's own place in a file, else that in
    /// `account_defaults`; else the nearest table around it that stands anywhere.
    fn find(&self, draft: &Draft, shown: &[Arc<str>], what: &mut String) -> Place {
        let path = &draft.path;
        let set_by = |path: &KeyPath| self.variables.iter().find(|(set, _)| path.0.starts_with(&set.0));
        let places = [Some(path.clone()), path.in_account_defaults()];
        for path in places.iter().flatten() {
            if let (Some((_, name)), false) = (set_by(path), draft.in_files) {
                if let Spot::Within(range) = &draft.spot {
                    *what = format!("at character {}: {what}", range.start + 1);
                }
                return Place::Variable(name.clone());
            }
            if let Some(standing) = self.standings.get(path) {
                return self.in_file(standing, &draft.spot, shown, what);
            }
        }
        let mut around = path.parent();
        while let Some(table) = around.filter(|table| *table != KeyPath::default()) {
            if let Some(standing) = self.standings.get(&table) {
                return self.in_file(standing, &Spot::Key, shown, what);
            }
            if let Some((_, name)) = self.variables.iter().find(|(set, _)| set.0.starts_with(&table.0)) {
                return Place::Variable(name.clone());
            }
            around = table.parent();
        }
        Place::File(self.sources.first().map(|source| source.name.clone()).unwrap_or_default())
    }

    fn in_file(&self, standing: &Standing, spot: &Spot, shown: &[Arc<str>], what: &mut String) -> Place {
        let (Some(source), Some(shown)) = (self.sources.get(standing.file), shown.get(standing.file)) else {
            return Place::File(String::new());
        };
        let span = match spot {
            Spot::Key => standing.key.clone(),
            Spot::Value => standing.value.clone(),
            Spot::Within(range) => within(&source.text, &standing.value, range).unwrap_or_else(|| {
                *what = format!("at character {}: {what}", range.start + 1);
                standing.value.clone()
            }),
        };
        Place::At(Snippet::new(&source.name, shown, span, standing.file))
    }

    /// The text of a file without comments and without any value that may be a secret, byte for byte as long.
    fn mask(&self, file: usize, may_show: impl Fn(&KeyPath) -> bool) -> Arc<str> {
        let Some(source) = self.sources.get(file) else { return Arc::from("") };
        let mut bytes = source.text.as_bytes().to_vec();
        let mut in_value = vec![false; bytes.len()];
        for (_, span, path) in self.scalars.iter().filter(|(of, ..)| *of == file) {
            in_value.get_mut(span.clone()).into_iter().flatten().for_each(|byte| *byte = true);
            if !may_show(path) {
                let hidden = bytes.get_mut(span.clone()).into_iter().flatten();
                hidden.filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'*');
            }
        }
        let mut comment = false;
        for (byte, in_value) in bytes.iter_mut().zip(in_value) {
            comment = *byte != b'\n' && (comment || (*byte == b'#' && !in_value));
            if comment {
                *byte = b' ';
            }
        }
        Arc::from(String::from_utf8(bytes).unwrap_or_default())
    }
}

/// The bytes of the file that hold these bytes of a text; `None` where escapes stand between.
fn within(text: &str, value: &Range<usize>, range: &Range<usize>) -> Option<Range<usize>> {
    let written = text.get(value.clone())?;
    let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| written.starts_with(quotes))?;
    let mut start = quotes.len();
    if quotes.len() == 3 {
        let newline = ["\r\n", "\n"]
            .into_iter()
            .find(|newline| written.get(start..).is_some_and(|text| text.starts_with(newline)));
        start += newline.map_or(0, str::len);
    }
    let inner = written.get(start..written.len().checked_sub(quotes.len())?)?;
    if (quotes.starts_with('"') && inner.contains('\\')) || range.end > inner.len() {
        return None;
    }
    let start = value.start + start;
    Some(start + range.start..start + range.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_within_a_text_is_found_unless_escapes_move_it() {
        let text = "when = \"a eq 'b'\"\nlong = '''\nabc'''\nodd = \"\\u0061bc\"";
        let value = 7..17;
        assert_eq!(within(text, &value, &(2..4)).and_then(|span| text.get(span)), Some("eq"));
        let long = text.find("'''").unwrap();
        assert_eq!(within(text, &(long..long + 10), &(1..2)).and_then(|span| text.get(span)), Some("b"));
        let odd = text.find("\"\\u").unwrap();
        assert_eq!(within(text, &(odd..text.len()), &(1..2)), None);
    }

    #[test]
    fn a_key_that_is_not_bare_is_shown_in_quotes() {
        let path = KeyPath::of(&["destinations", "a b"]).key("to").index(1);
        assert_eq!(path.to_string(), "destinations.\"a b\".to[1]");
    }
}
