//! From a text to TOML. A line that is none is told and left out, and the reading goes on behind it, as long as what follows
//! can be trusted to stand for itself. Must never repeat a text: without its structure nobody knows what of it is secret.

use std::{collections::BTreeSet, ops::Range};

use toml_edit::{Document, TomlError};

/// As many faults of one file are told; a file with more is something else.
const MOST: usize = 20;

/// Where a text is no TOML.
pub struct SyntaxFault {
    /// Which bytes.
    pub at: Range<usize>,
    /// What is wrong; what to do.
    pub what: String,
}

/// The text without the lines that are no TOML, unless that would be guessing; and what is wrong with those. The places in
/// the document are those in the text.
pub fn parse(text: &str) -> (Option<Document<String>>, Vec<SyntaxFault>) {
    let mut left = text.to_owned();
    let mut faults: Vec<SyntaxFault> = Vec::new();
    let mut told = BTreeSet::new();
    while faults.len() < MOST {
        let error = match Document::parse(left.clone()) {
            Ok(document) => return (Some(document), sorted(faults)),
            Err(error) => error,
        };
        let at = span(text, &error);
        let line = line_around(text, at.start);
        let is_twice = error.message() == "duplicate key";
        let is_again = told.contains(&line.start);
        let stands_alone = is_setting(text, &line) || is_header(text, &line);
        if let Some(open) = left_open(&left, &line).filter(|_| stands_alone) {
            // Whatever the parser says from here on comes of the bracket.
            faults.push(SyntaxFault { at: open.end..open.end, what: open.what.to_owned() });
            blank(&mut left, open.start..line.start);
            continue;
        }
        if is_again || (!faults.is_empty() && !stands_alone && !is_twice) {
            // It may well come of what was left out.
            return (None, sorted(faults));
        }
        told.insert(line.start);
        let (at, what, is_other_language) = said(text, &line, at, &error);
        faults.push(SyntaxFault { at, what });
        if is_other_language || !stands_alone {
            return (None, sorted(faults));
        }
        let gone = if is_header(text, &line) { section(text, &line) } else { line };
        blank(&mut left, gone);
    }
    (None, sorted(faults))
}

/// Puts spaces in the place of a part of the text, so that the places of all else stay.
fn blank(left: &mut String, gone: Range<usize>) {
    let blank = left.get(gone.clone()).unwrap_or_default();
    let blank: String =
        blank.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { byte } else { b' ' } as char).collect();
    left.replace_range(gone, &blank);
}

/// A list or a table in braces that has no end.
struct Open {
    /// Where its key begins.
    start: usize,
    /// Behind the last thing in it.
    end: usize,
    /// What to do.
    what: &'static str,
}

/// What is still open where a line begins, if that began at the last line above that is `key = …`. `None` where quotes
/// make that doubtful.
fn left_open(text: &str, line: &Range<usize>) -> Option<Open> {
    let mut start = line.start;
    for above in text.get(..line.start)?.split_inclusive('\n').rev() {
        start -= above.len();
        if above.trim_start().starts_with('[') && is_header(text, &(start..start + above.len())) {
            return None;
        }
        if is_assignment(above.trim()) {
            break;
        }
    }
    let (mut open, mut end) = (Vec::new(), start);
    let mut signs = text.get(start..line.start)?.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '#' => drop(signs.find(|(_, sign)| *sign == '\n')),
            '"' | '\'' => {
                let mut escaped = false;
                let closing = signs.find(|(_, inner)| {
                    let closes = *inner == '\n' || (*inner == sign && !escaped);
                    escaped = sign == '"' && *inner == '\\' && !escaped;
                    closes
                });
                end = start + closing.filter(|(_, inner)| *inner == sign)?.0 + 1;
            }
            _ => {
                match sign {
                    '[' | '{' => open.push(sign),
                    ']' | '}' => drop(open.pop()?),
                    _ => {}
                }
                if !sign.is_whitespace() {
                    end = start + at + sign.len_utf8();
                }
            }
        }
    }
    let what = match open.first()? {
        '[' => "the list is not closed; write ] at its end",
        _ => "the table in braces is not closed; write } at its end",
    };
    Some(Open { start, end, what })
}

/// The parser tells brackets before quotes, and both before what is written twice.
fn sorted(mut faults: Vec<SyntaxFault>) -> Vec<SyntaxFault> {
    faults.sort_by_key(|fault| fault.at.start);
    faults
}

/// What the parser means, at least one character where there is any.
fn span(text: &str, error: &TomlError) -> Range<usize> {
    let at = error.span().unwrap_or_default();
    let start = text.floor_char_boundary(at.start.min(text.len()));
    start..text.ceil_char_boundary(at.end.clamp(start, text.len()))
}

/// The line that holds a byte, without its end.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    start..after.find('\n').map_or(text.len(), |newline| at + newline)
}

fn trimmed<'a>(text: &'a str, line: &Range<usize>) -> &'a str {
    text.get(line.clone()).unwrap_or_default().trim_start_matches('\u{feff}').trim()
}

/// Whether a line is `key = …` beyond doubt.
fn is_assignment(line: &str) -> bool {
    let key = line.split_once('=').map_or("", |(key, _)| key.trim());
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Whether a line begins with a key, as `key = …` does, and so stands for itself.
fn is_setting(text: &str, line: &Range<usize>) -> bool {
    let written = trimmed(text, line);
    let key = written.split('=').next().unwrap_or_default();
    let is_key = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\'' | ' ' | '\t' | '\u{a0}');
    written.starts_with(char::is_alphabetic) || (written.contains('=') && !key.is_empty() && key.chars().all(is_key))
}

/// Whether a line is the header of a table, even if a bracket is missing, and no part of a list.
fn is_header(text: &str, line: &Range<usize>) -> bool {
    let name = trimmed(text, line).trim_start_matches('[');
    trimmed(text, line).starts_with('[') && name.starts_with(char::is_alphabetic) && !name.contains([',', '{', '='])
}

/// A table from its header to the next header.
fn section(text: &str, header: &Range<usize>) -> Range<usize> {
    let mut end = header.end;
    for line in text.get(header.end..).unwrap_or_default().split_inclusive('\n') {
        if line.trim_start().starts_with('[') {
            break;
        }
        end += line.len();
    }
    header.start..end.min(text.len())
}

/// Where the fault is, what to say of it, and whether the text is of another language altogether.
fn said(text: &str, line: &Range<usize>, at: Range<usize>, error: &TomlError) -> (Range<usize>, String, bool) {
    let written = trimmed(text, line);
    let find = |what: &[char]| {
        let found = text.get(line.clone()).and_then(|line| line.char_indices().find(|(_, c)| what.contains(c)));
        found.map(|(place, c)| line.start + place..line.start + place + c.len_utf8())
    };
    if let Some((place, what)) = other_language(text, written) {
        let place = find(&[place]).unwrap_or(at);
        return (place, what.to_owned(), true);
    }
    if let Some(quote) = find(&['“', '”', '„', '‟', '‘', '’', '«', '»']) {
        return (quote, "a typographic quote, which TOML does not know; write \" or '".to_owned(), false);
    }
    if let Some(space) = find(&['\u{a0}', '\u{2007}', '\u{202f}', '\u{200b}', '\u{3000}']) {
        let what = "a space of a word processor or web page, which TOML does not know; type a plain one";
        return (space, what.to_owned(), false);
    }
    if error.message() == "duplicate key" {
        let first = first_of(text, line, at.start);
        let first = first.map(|line| format!(" (the first is in line {line})")).unwrap_or_default();
        let which = if is_header(text, line) { "table" } else { "key" };
        return (at, format!("this {which} is written twice{first}; keep one of the two"), false);
    }
    let before_colon = written.split(':').next().unwrap_or_default().trim();
    if error.message().starts_with("key with no value")
        && written.contains(':')
        && is_assignment(&format!("{before_colon}="))
    {
        return (
            find(&[':']).unwrap_or(at),
            "a colon where TOML has an equals sign; write key = value".to_owned(),
            false,
        );
    }
    let is_open = written.matches('"').count() % 2 == 1 && error.message().starts_with("unclosed");
    if is_open {
        return (at, "a text in this line is not closed; write the \" that is missing".to_owned(), false);
    }
    (at, in_our_words(written, error.message()), false)
}

/// What a line shows to be no TOML at all; a character of it to point at.
fn other_language(text: &str, written: &str) -> Option<(char, &'static str)> {
    if ["<<<<<<<", "=======", ">>>>>>>"].iter().any(|mark| written.starts_with(mark)) {
        return written
            .chars()
            .next()
            .map(|first| (first, "the mark of a merge conflict; settle it and take the marks out"));
    }
    if text.trim_start().starts_with('{') {
        return Some(('{', "this is JSON; write TOML: key = \"value\", and [table] above the keys of a table"));
    }
    let key = written.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(written.len());
    let has_colon = key > 0 && written.get(key..).is_some_and(|rest| rest.trim_start().starts_with(':'));
    if has_colon && !text.lines().any(is_assignment) {
        return Some((':', "this is YAML; write TOML: key = \"value\", and [table] above the keys of a table"));
    }
    if written.starts_with("- ") {
        return Some((
            '-',
            "this is a list as YAML writes it; write TOML: key = [\"a\", \"b\"], or [[rules]] above each rule",
        ));
    }
    None
}

/// The line, from 1, in which the same header, or the same key of the same table, stood first.
fn first_of(text: &str, line: &Range<usize>, at: usize) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let here = text.get(..at)?.matches('\n').count();
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let header = |line: &&str| line.trim_start().starts_with('[');
    let before = lines.get(..here)?;
    if is_header(text, line) {
        let name = |line: &str| line.split('#').next().unwrap_or_default().replace(' ', "");
        let wanted = name(lines.get(here)?.trim());
        return before.iter().position(|line| name(line.trim()) == wanted).map(|index| index + 1);
    }
    let wanted = key(lines.get(here)?);
    let start = before.iter().rposition(header).map_or(0, |index| index + 1);
    let found = before.get(start..)?.iter().position(|line| line.contains('=') && key(line) == wanted);
    found.map(|index| start + index + 1)
}

/// What the parser's message begins with, and what is meant by it; what to do.
const OUR_WORDS: &[(&str, &str)] = &[
    ("invalid basic string", "the text is not closed; end it with \""),
    ("invalid literal string", "the text is not closed; end it with '"),
    ("invalid multi-line basic string", "the text is not closed; end it with \"\"\""),
    ("invalid multi-line literal string", "the text is not closed; end it with '''"),
    ("missing escaped value", "a backslash begins an escape; put the text in single quotes, or write \\\\ for each \\"),
    ("too few unicode", "a backslash begins an escape; put the text in single quotes, or write \\\\ for each \\"),
    ("key with no value", "a key without a value; write key = value"),
    ("unclosed table", "the name of a table is not closed; write ] behind it"),
    ("unclosed array of tables", "the name of a table is not closed; write ]] behind it"),
    ("unclosed array", "the list is not closed; write ] at its end"),
    ("unclosed inline table", "the table in braces is not closed; write } at its end"),
    ("missing comma", "no comma before this; write one"),
    ("unexpected key or value", "more than one value in a line; begin a new line for it (a note begins with #)"),
    ("unquoted keys cannot be empty", "no name stands here; write one"),
    ("invalid unquoted key", "a name without quotes holds only A-Z, a-z, 0-9, - and _; put it in quotes"),
    ("invalid boolean", "neither true nor false; write it in small letters"),
];

/// The parser's message, with what to do.
fn in_our_words(written: &str, message: &str) -> String {
    let value = written.split_once('=').map_or("", |(_, value)| value.trim());
    let is_bare = message.contains("string values must be quoted");
    let is_number = value.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '+' | '-'));
    let known =
        OUR_WORDS.iter().filter(|(theirs, _)| message.starts_with(theirs)).max_by_key(|(theirs, _)| theirs.len());
    match known {
        Some((_, ours)) => (*ours).to_owned(),
        None if value.is_empty() => "no value stands here; write one behind the =".to_owned(),
        None if is_bare && matches!(value.to_lowercase().as_str(), "yes" | "no" | "on" | "off") => {
            "a text without quotes; write true or false where that is meant".to_owned()
        }
        None if is_bare => "a text without quotes; write it as \"…\"".to_owned(),
        None if is_number => "neither a number nor a date; put it in quotes if it is a text".to_owned(),
        None => match message.split_once(", expected ") {
            Some((wrong, expected)) => format!("{wrong}; write {expected}"),
            None => format!("{message}; write it as TOML does"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<(usize, String)> {
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        parse(text).1.into_iter().map(|fault| (line(fault.at.start), fault.what)).collect()
    }

    #[test]
    fn a_bracket_that_is_missing_is_told_once_wherever_it_shows() {
        let rest = "escalate_to = ['b']\n[accounts.contoso]\ntenant_id = 't'\n[[rules]]\nname = 'x'\nsteps = [{ at = '1d' }]\n";
        for list in [
            "notify = ['a'",
            "notify = ['a',",
            "notify = [",
            "notify = [\n  'a', # one\n  \"b]\"",
            "notify = [['a']",
            "notify = [{ a = 'b' },",
        ] {
            let text = format!("{list}\n{rest}");
            let lines = list.matches('\n').count() + 1;
            assert_eq!(told(&text), [(lines, "the list is not closed; write ] at its end".to_owned())], "{text}");
        }
        let text = format!("[smtp]\noauth2 = {{ a = 'b',\n{}", rest.replace("escalate_to = ['b']\n", ""));
        assert_eq!(told(&text), [(2, "the table in braces is not closed; write } at its end".to_owned())]);
    }

    #[test]
    fn what_is_wrong_behind_a_bracket_that_is_missing_is_told_too() {
        let text = "notify = ['a'\n[state]\npath = data\n[[rules]]\nsteps = [{ at = '1d' }\nname = 'x'\n";
        let told: Vec<usize> = told(text).into_iter().map(|(line, _)| line).collect();
        assert_eq!(told, [1, 3, 5]);
    }

    #[test]
    fn a_comma_that_is_missing_within_a_list_is_told_as_that() {
        assert_eq!(told("notify = [\n  'a'\n  'b'\n]\n"), [(3, "no comma before this; write one".to_owned())]);
    }
}
