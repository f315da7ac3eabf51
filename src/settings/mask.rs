//! What of a settings file may be shown: everything but comments and the values that may be secrets. Both kinds of mask are
//! byte for byte as long as the text. Must never guess in favour of showing.

use std::{collections::BTreeSet, ops::Range};

/// The text of a file that was read: each of `values` says whether it may be shown.
pub fn masked(text: &str, values: impl Iterator<Item = (Range<usize>, bool)>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut in_value = vec![false; bytes.len()];
    for (span, may_show) in values {
        in_value.get_mut(span.clone()).into_iter().flatten().for_each(|byte| *byte = true);
        if !may_show {
            let hidden = bytes.get_mut(span).into_iter().flatten();
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
    String::from_utf8(bytes).unwrap_or_default()
}

/// The text of a file that is no TOML: without its structure nobody knows what of it is secret, so only `keys` that stand
/// before a `=` or a `:`, the names in a table's header and the marks between them are shown.
pub fn veiled(text: &str, keys: &BTreeSet<&str>) -> String {
    text.split_inclusive('\n').map(|line| veiled_line(line, keys)).collect()
}

fn veiled_line(line: &str, keys: &BTreeSet<&str>) -> String {
    let trimmed = line.trim();
    if trimmed.starts_with('#') {
        return line.chars().map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) }).collect();
    }
    if is_header(trimmed, keys) {
        return line.to_owned();
    }
    let mut veiled = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(if word > 0 { word } else { c.len_utf8() });
        let after = tail.trim_start_matches([' ', '\t']);
        let is_key = keys.contains(head) && after.starts_with(['=', ':']) && !after.starts_with("://");
        if is_key || "[]{}=\"',: \t\r\n".contains(head) {
            veiled += head;
        } else {
            veiled += &"*".repeat(head.len());
        }
        rest = tail;
    }
    veiled
}

/// Whether a line is the header of a table whose first name is ours, even if a bracket is missing.
fn is_header(trimmed: &str, keys: &BTreeSet<&str>) -> bool {
    let Some(inner) = trimmed.strip_prefix('[') else { return false };
    let inner = inner.trim_start_matches('[').trim_end_matches(']');
    let plain = inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
    plain && inner.split('.').next().is_some_and(|first| keys.contains(first.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn veil(text: &str) -> String {
        veiled(text, &BTreeSet::from(["destinations", "type", "webhook_url", "password"]))
    }

    #[test]
    fn a_veil_shows_keys_and_marks_and_no_value() {
        assert_eq!(veil("[destinations.sellers\n"), "[destinations.sellers\n");
        assert_eq!(veil("type = \"slack, webhook_url = 'geheim'"), "type = \"*****, webhook_url = '******'");
        assert_eq!(veil("password: geheim # é"), "password: ****** * **");
        assert_eq!(veil("geheim"), "******");
        assert_eq!(veil("[geheim]"), "[******]");
        assert_eq!(veil("  # geheim\r\n"), " ".repeat(11) + "\n");
    }

    #[test]
    fn a_veil_is_as_long_as_the_text() {
        for text in ["type = “slack”\r\n", "\u{feff}= 富", "", "\n\n"] {
            assert_eq!(veil(text).len(), text.len(), "{text:?}");
        }
    }
}
