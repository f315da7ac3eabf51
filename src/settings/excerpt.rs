//! The line of a file that a finding is about, with the one before and the one after: cut out of the masked text, and cut to
//! the width of a terminal. Must never be given a text that was not masked.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr};

/// As much of a line as an excerpt keeps on each side of its span, in bytes: wider than any terminal.
const KEPT: usize = 400;
/// What miette draws beside a line: its number's surroundings, and the way from the caret to the label.
const GUTTER: usize = 5;
const LABEL: usize = 5;

/// A line of a masked file and its neighbours.
#[derive(Clone)]
pub struct Excerpt {
    /// The number of the line that is meant, from 1.
    line: usize,
    above: Option<String>,
    text: String,
    below: Option<String>,
    /// What is meant, in `text`; at least one character, or just behind its end.
    span: Range<usize>,
}

/// An excerpt as wide as a terminal, for miette.
#[derive(Debug)]
pub struct Window {
    name: String,
    position: (usize, usize),
    first_line: usize,
    text: String,
    span: Range<usize>,
    room: usize,
}

impl Excerpt {
    /// Cuts `span` and what is around it out of `masked`, whose line number `line` (from 1) begins at `start`.
    pub fn cut(masked: &str, span: &Range<usize>, line: usize, start: usize) -> Self {
        let rest = masked.get(start..).unwrap_or_default();
        let mut lines = rest.split('\n').map(|line| line.trim_end_matches('\r'));
        let text = lines.next().unwrap_or_default();
        // A note behind a setting is masked by spaces.
        let end = text.trim_end().len().max(span.end.saturating_sub(start).min(text.len()));
        let text = text.get(..end).unwrap_or(text);
        let below = lines.next().map(|line| kept(line.trim_end(), 0).1);
        let before = masked.get(..start.saturating_sub(1)).filter(|_| start > 0);
        let above = before.map(|before| kept(before.rsplit('\n').next().unwrap_or_default().trim_end(), 0).1);
        let from = span.start.saturating_sub(start).min(text.len());
        let to = span.end.saturating_sub(start).clamp(from, text.len());
        let (left, kept) = kept(text, from);
        let (from, to) = ((from - left).min(kept.len()), (to - left).min(kept.len()));
        Self { line, above, text: kept, below, span: from..to }
    }

    /// The same for a terminal of this width.
    pub fn window(&self, file: &str, position: (usize, usize), width: usize) -> Window {
        let digits = (self.line + usize::from(self.below.is_some())).to_string().len();
        let wide = width.saturating_sub(GUTTER + digits).max(20);
        let fit = |line: &Option<String>| line.as_ref().map(|line| shown(line, &(0..0), wide, 0).0);
        let (above, below) = (fit(&self.above), fit(&self.below));
        let column = self.text.get(..self.span.start).map_or(0, UnicodeWidthStr::width);
        let meant = self.text.get(self.span.clone()).map_or(0, UnicodeWidthStr::width);
        // Where the span would end beyond the edge, the line begins a little before it.
        let skip = if column + meant <= wide || column < wide / 2 { 0 } else { column - wide / 4 };
        let (text, span) = shown(&self.text, &self.span, wide, skip);
        let left = text.get(..span.start).map_or(0, UnicodeWidthStr::width);
        let middle = left + text.get(span.clone()).map_or(0, UnicodeWidthStr::width) / 2;
        let offset = above.as_ref().map_or(0, |above| above.len() + 1);
        let whole: Vec<String> = [above.clone(), Some(text), below].into_iter().flatten().collect();
        Window {
            name: file.to_owned(),
            position,
            first_line: self.line - usize::from(above.is_some()),
            text: whole.join("\n"),
            span: span.start + offset..span.end + offset,
            room: wide.saturating_sub(middle + LABEL),
        }
    }
}

/// What is kept of a line around a byte of it, and how many bytes before that are left out.
fn kept(line: &str, around: usize) -> (usize, String) {
    let from = line.floor_char_boundary(around.saturating_sub(KEPT));
    let to = line.floor_char_boundary((around + KEPT).min(line.len()));
    (from, line.get(from..to).unwrap_or_default().to_owned())
}

/// The columns of a line from `skip` on, `wide` of them, with `…` where something is left out; and where the span is then.
/// What a terminal could take for an order becomes a space.
fn shown(line: &str, span: &Range<usize>, wide: usize, skip: usize) -> (String, Range<usize>) {
    let (mut text, mut column) = (String::new(), 0);
    let (mut from, mut to) = (None, None);
    let wide = wide - usize::from(skip > 0);
    let cut = line.width() > skip + wide;
    for (at, c) in line.char_indices() {
        // The mark at the beginning of a file from Windows.
        if c == '\u{feff}' {
            continue;
        }
        let c = if is_order(c) { ' ' } else { c };
        let last = cut && column + c.width().unwrap_or(0) >= skip + wide;
        if column >= skip {
            if skip > 0 && text.is_empty() {
                text.push('…');
            }
            if at >= span.start {
                from.get_or_insert(text.len());
            }
            if at >= span.end {
                to.get_or_insert(text.len());
            }
            text.push(if last { '…' } else { c });
        }
        if last {
            break;
        }
        column += c.width().unwrap_or(0);
    }
    let from = from.unwrap_or(text.len());
    let to = to.unwrap_or(text.len()).max(from);
    (text, from..to)
}

/// Whether a terminal would act on a character instead of showing it.
fn is_order(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Window {
    /// What is meant.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// How wide a label at the caret may be.
    pub fn room(&self) -> usize {
        self.room
    }
}

impl SourceCode for Window {
    /// The whole window; and the span alone, with its place in the file, where no line around it is asked for.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (range, line, column, lines) = if before == 0 {
            let (line, column) = self.position;
            (span.offset()..span.offset() + span.len(), line, column, 1)
        } else {
            (0..self.text.len(), self.first_line, 1, self.text.lines().count())
        };
        let data = self.text.as_bytes().get(range.clone()).ok_or(MietteError::OutOfBounds)?;
        // miette counts both from 0.
        let (line, column) = (line.saturating_sub(1), column.saturating_sub(1));
        Ok(Box::new(MietteSpanContents::new_named(self.name.clone(), data, range.into(), line, column, lines)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_around_what_is_meant() {
        let line = format!("{}wrong{}", "a".repeat(60), "b".repeat(60));
        let (text, span) = shown(&line, &(60..65), 30, 50);
        assert_eq!(text, format!("…{}wrong{}…", "a".repeat(10), "b".repeat(13)));
        assert_eq!(text.get(span), Some("wrong"));
    }

    #[test]
    fn wide_characters_and_orders_to_the_terminal_keep_the_caret_in_its_place() {
        let line = "富士\u{1b}\twrong";
        let (text, span) = shown(line, &(8..13), 40, 0);
        assert_eq!((text.as_str(), text.get(span)), ("富士  wrong", Some("wrong")));
    }

    #[test]
    fn lines_end_as_the_file_ends_them() {
        let masked = "one\r\ntwo = 2\r\nthree";
        let excerpt = Excerpt::cut(masked, &(5..8), 2, 5);
        assert_eq!(excerpt.above.as_deref(), Some("one"));
        assert_eq!((excerpt.text.as_str(), excerpt.span.clone()), ("two = 2", 0..3));
        assert_eq!(excerpt.below.as_deref(), Some("three"));
    }
}
