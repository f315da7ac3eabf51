//! Faults and warnings as people read them: one line each, or with the line of the file and a caret.
//! Must never hold a file's text but what was masked before.

use std::fmt;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct as _};
use unicode_width::UnicodeWidthStr as _;

use super::excerpt::{Excerpt, Window};

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
    pub(super) file: String,
    /// Sorts files as they were read, and spans within one.
    pub(super) order: (usize, usize),
    /// Line and column of the start, both from 1, the column in characters.
    pub(super) position: (usize, usize),
    pub(super) excerpt: Excerpt,
}

/// How a finding is drawn in a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Look {
    /// Columns.
    pub width: usize,
    /// Whether there is colour.
    pub colour: bool,
}

impl Look {
    /// Of a terminal that nobody asked.
    pub const PLAIN: Self = Self { width: 80, colour: false };
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

impl Place {
    /// Files in the order of reading, then variables.
    pub(super) fn order(&self) -> (usize, usize) {
        match self {
            Self::File(_) | Self::Bare(..) => (0, 0),
            Self::At(snippet) => (1 + snippet.order.0, snippet.order.1),
            Self::Variable(_) => (usize::MAX, 0),
        }
    }
}

impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.position;
        write!(f, "{}:{line}:{column}", self.file)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(snippet) => {
                let (line, column) = snippet.position;
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
            Place::At(snippet) => (Some(&snippet.file), Some(snippet.position), None),
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
    /// With the line of the file and what to do beside the caret, for a terminal.
    pub fn graphical(&self, warning: bool, look: Look) -> String {
        let theme = if look.colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_context_lines(1).with_width(look.width);
        let mut text = String::new();
        match handler.render_report(&mut text, &Graphical::new(self, warning, look.width)) {
            // The line below an excerpt may be empty, and its end is a space.
            Ok(()) => text.lines().map(|line| format!("{}\n", line.trim_end())).collect(),
            Err(_) => format!("{self}\n"),
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
    pub fn graphical(&self, look: Look) -> String {
        let faults = self.faults.iter().map(|fault| fault.graphical(false, look));
        faults.chain(self.warnings.iter().map(|warning| warning.graphical(true, look))).collect::<Vec<_>>().join("\n")
    }
}

/// A finding in miette's words: the title says what is wrong, and what to do stands at the caret where there is room for
/// it, else below.
#[derive(Debug)]
struct Graphical<'a> {
    finding: &'a Finding,
    warning: bool,
    wrong: &'a str,
    todo: Option<&'a str>,
    window: Option<Window>,
    at_caret: bool,
}

impl<'a> Graphical<'a> {
    fn new(finding: &'a Finding, warning: bool, width: usize) -> Self {
        let (wrong, todo) = match finding.what.split_once("; ") {
            Some((wrong, todo)) => (wrong, Some(todo)),
            None => (finding.what.as_str(), None),
        };
        let window = match &finding.place {
            Place::At(snippet) => Some(snippet.excerpt.window(&snippet.file, snippet.position, width)),
            _ => None,
        };
        let room = window.as_ref().map_or(0, Window::room);
        Self { finding, warning, wrong, todo, window, at_caret: todo.is_some_and(|todo| todo.width() <= room) }
    }
}

impl fmt::Display for Graphical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.window.is_none() {
            write!(f, "{}: ", self.finding.place)?;
        }
        if !self.finding.key.is_empty() {
            write!(f, "{}: ", self.finding.key)?;
        }
        f.write_str(self.wrong)
    }
}

impl std::error::Error for Graphical<'_> {}

impl miette::Diagnostic for Graphical<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(if self.warning { miette::Severity::Warning } else { miette::Severity::Error })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let below = self.todo.filter(|_| !self.at_caret);
        below.map(|todo| Box::new(todo) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.window.as_ref().map(|window| window as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = self.todo.filter(|_| self.at_caret).map(str::to_owned);
        let span = self.window.as_ref()?.span();
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(label, span))))
    }
}
