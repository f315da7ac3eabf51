//! Faults and warnings as people read them: one line each, or with the line of the file and a caret.
//! Must never hold a file's text but what was masked before.

use std::{fmt, ops::Range, sync::Arc};

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use serde::{Serialize, Serializer, ser::SerializeStruct as _};

/// Something wrong or odd, and where.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// The key; empty where none is meant.
    pub key: String,
    /// What is wrong; what to do.
    pub what: String,
}

/// A finding that stops nothing.
pub type Warning = Finding;

/// Where.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a file, with its text.
    At(Snippet),
    /// In a file that cannot be shown: file, line, column.
    Bare(String, usize, usize),
    /// A whole file or folder.
    File(String),
    /// An environment variable.
    Variable(String),
}

/// A span of a file.
#[derive(Clone)]
pub struct Snippet {
    file: String,
    order: usize,
    text: Arc<str>,
    span: Range<usize>,
}

/// Everything that keeps settings from being used.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", self.plain())]
pub struct Faults {
    /// At least one, in the order of the files.
    pub faults: Vec<Finding>,
    /// What else was odd.
    pub warnings: Vec<Warning>,
}

impl Snippet {
    /// `text` must be masked; `order` sorts files as they were read.
    pub fn new(file: &str, text: &Arc<str>, span: Range<usize>, order: usize) -> Self {
        Self { file: file.to_owned(), order, text: Arc::clone(text), span }
    }

    /// Line and column of the start, both from 1, the column in characters.
    pub fn position(&self) -> (usize, usize) {
        position(&self.text, self.span.start)
    }
}

/// Line and column of a byte, both from 1, the column in characters.
pub fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

impl Place {
    /// Files in the order of reading, then variables.
    pub(super) fn order(&self) -> (usize, usize) {
        match self {
            Self::File(_) | Self::Bare(..) => (0, 0),
            Self::At(snippet) => (1 + snippet.order, snippet.span.start),
            Self::Variable(_) => (usize::MAX, 0),
        }
    }
}

impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.position();
        write!(f, "{}:{line}:{column}", self.file)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(snippet) => {
                let (line, column) = snippet.position();
                write!(f, "{}:{line}:{column}", snippet.file)
            }
            Self::Bare(file, line, column) => write!(f, "{file}:{line}:{column}"),
            Self::File(file) => f.write_str(file),
            Self::Variable(name) => write!(f, "environment variable {name}"),
        }
    }
}

impl fmt::Display for Finding {
    /// `file:line:column: key: what is wrong; what to do`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.what)
    }
}

impl Serialize for Finding {
    /// `{"file", "line", "column", "variable", "key", "what"}`; what does not apply is null.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (file, at, variable) = match &self.place {
            Place::At(snippet) => (Some(&snippet.file), Some(snippet.position()), None),
            Place::Bare(file, line, column) => (Some(file), Some((*line, *column)), None),
            Place::File(file) => (Some(file), None, None),
            Place::Variable(name) => (None, None, Some(name)),
        };
        let mut map = serializer.serialize_struct("Finding", 6)?;
        map.serialize_field("file", &file)?;
        map.serialize_field("line", &at.map(|at| at.0))?;
        map.serialize_field("column", &at.map(|at| at.1))?;
        map.serialize_field("variable", &variable)?;
        map.serialize_field("key", &Some(&self.key).filter(|key| !key.is_empty()))?;
        map.serialize_field("what", &self.what)?;
        map.end()
    }
}

impl Finding {
    /// With the line of the file and a caret, for a terminal.
    pub fn graphical(&self, warning: bool) -> String {
        let shown = Graphical { finding: self, warning, source: self.source() };
        let mut text = String::new();
        let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode()).with_context_lines(1);
        match handler.render_report(&mut text, &shown) {
            Ok(()) => text,
            Err(_) => format!("{self}\n"),
        }
    }

    fn source(&self) -> Option<NamedSource<String>> {
        match &self.place {
            Place::At(snippet) => Some(NamedSource::new(&snippet.file, snippet.text.to_string())),
            _ => None,
        }
    }
}

impl Faults {
    /// One line for each, faults before warnings.
    pub fn plain(&self) -> String {
        let faults = self.faults.iter().map(ToString::to_string);
        faults.chain(self.warnings.iter().map(|warning| format!("warning: {warning}"))).collect::<Vec<_>>().join("\n")
    }

    /// All of them with lines and carets, for a terminal.
    pub fn graphical(&self) -> String {
        let faults = self.faults.iter().map(|fault| fault.graphical(false));
        faults.chain(self.warnings.iter().map(|warning| warning.graphical(true))).collect::<Vec<_>>().join("\n")
    }
}

/// A finding in miette's words.
#[derive(Debug)]
struct Graphical<'a> {
    finding: &'a Finding,
    warning: bool,
    source: Option<NamedSource<String>>,
}

impl Graphical<'_> {
    fn halves(&self) -> (&str, Option<&str>) {
        match self.finding.what.split_once("; ") {
            Some((wrong, todo)) => (wrong, Some(todo)),
            None => (&self.finding.what, None),
        }
    }
}

impl fmt::Display for Graphical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.source.is_none() {
            write!(f, "{}: ", self.finding.place)?;
        }
        if !self.finding.key.is_empty() {
            write!(f, "{}: ", self.finding.key)?;
        }
        f.write_str(self.halves().0)
    }
}

impl std::error::Error for Graphical<'_> {}

impl miette::Diagnostic for Graphical<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(if self.warning { miette::Severity::Warning } else { miette::Severity::Error })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.halves().1.map(|todo| Box::new(todo) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let Place::At(snippet) = &self.finding.place else { return None };
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(Some("here".to_owned()), snippet.span.clone()))))
    }
}
