//! What is wrong with an expression: where, and what to write instead. Must never hold more of the source than is needed
//! to say so; the whole of it is with the caller.

use std::ops::Range;

/// Why a text is no filter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct FilterFault {
    /// The place in the source, in bytes, on character boundaries. Empty where something is missing.
    pub at: Range<usize>,
    /// What was found, and what would be right.
    pub message: String,
}

/// How many characters of a long line are shown on each side of the fault.
const AROUND: usize = 60;

impl FilterFault {
    pub(super) fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// The line of the source that holds the fault, carets below it, and the message. A long line is cut around it.
    pub fn show(&self, source: &str) -> String {
        let start = source.floor_char_boundary(self.at.start);
        let line_start = source.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let before = source.get(line_start..start).unwrap_or_default();
        let rest = source.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        let marked = rest.get(..rest.floor_char_boundary(self.at.end.saturating_sub(start))).unwrap_or_default();

        let skipped = before.chars().count().saturating_sub(AROUND);
        let lead = if skipped > 0 { "…" } else { "" };
        let shown_before: String = before.chars().skip(skipped).map(plain).collect();
        let shown_rest: String = rest.chars().take(AROUND).map(plain).collect();
        let trail = if rest.chars().nth(AROUND).is_some() { "…" } else { "" };

        let indent = " ".repeat(lead.chars().count() + shown_before.chars().count());
        let carets = "^".repeat(marked.chars().count().clamp(1, AROUND));
        format!("{lead}{shown_before}{shown_rest}{trail}\n{indent}{carets} {}", self.message)
    }
}

/// One column wide, so that the carets stand where they should.
fn plain(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}
