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

/// The text of a file of ours that is no TOML, in which only what stands under the key `part` can be secret: all else is
/// shown, up to the first line that has the word, or begins another table, and from the next `[[…]]` on that has not.
pub fn veiled_within(text: &str, part: &str, keys: &BTreeSet<&str>) -> String {
    let mut veil = false;
    let line = |line: &str| {
        let trimmed = line.trim_start();
        veil = (veil && !trimmed.starts_with("[[")) || line.contains(part) || is_single_header(trimmed);
        if veil { veiled_line(line, keys) } else { line.to_owned() }
    };
    text.split_inclusive('\n').map(line).collect()
}

fn is_single_header(trimmed: &str) -> bool {
    trimmed.strip_prefix('[').is_some_and(|name| !name.starts_with('['))
}

/// The text of a file that is no TOML: without its structure nobody knows what of it is secret, so only `keys` that stand
/// before a `=` or a `:`, what begins a line as `a_key = …` beyond doubt, the names in a table's header and the marks between
/// them are shown.
pub fn veiled(text: &str, keys: &BTreeSet<&str>) -> String {
    text.split_inclusive('\n').map(|line| veiled_line(line, keys)).collect()
}

fn veiled_line(line: &str, keys: &BTreeSet<&str>) -> String {
    let trimmed = line.trim();
    if trimmed.starts_with('#') {
        return line.chars().map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) }).collect();
    }
    if is_header(trimmed) {
        return line.to_owned();
    }
    let (key, mut rest) = line.split_at(key_at_start(line));
    let mut veiled = String::with_capacity(line.len());
    veiled += key;
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

/// Whether a line is the header of a table, even if a bracket is missing: a value in a list has quotes.
fn is_header(trimmed: &str) -> bool {
    let Some(inner) = trimmed.strip_prefix('[') else { return false };
    let inner = inner.trim_start_matches('[').trim_end_matches(']');
    let plain = inner.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
    plain && inner.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// How long the key is that begins a line as `a_key = …`. What has a digit or a capital, or ends in `=`, may be a part of a
/// secret over several lines.
fn key_at_start(line: &str) -> usize {
    let trimmed = line.trim_start();
    let key = trimmed.find(|c: char| !(c.is_ascii_lowercase() || c == '_' || c == '-')).unwrap_or(trimmed.len());
    let value = trimmed.get(key..).unwrap_or_default().trim_start_matches([' ', '\t']).strip_prefix('=').map(str::trim);
    let is_key = key > 0 && value.is_some_and(|value| !value.is_empty() && !value.starts_with('='));
    if is_key { line.len() - trimmed.len() + key } else { 0 }
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
        assert_eq!(veil("[geheim-42!]"), "[**********]");
        assert_eq!(veil("  ['geheim'],"), "  ['******'],");
        assert_eq!(veil("  # geheim\r\n"), " ".repeat(11) + "\n");
    }

    #[test]
    fn a_veil_shows_names_that_we_do_not_know_where_only_a_name_can_stand() {
        assert_eq!(veil("[[scenario]]\n"), "[[scenario]]\n");
        assert_eq!(veil("[acounts.contoso]\n"), "[acounts.contoso]\n");
        assert_eq!(veil("  notfy = [\"sellers\"\n"), "  notfy = [\"*******\"\n");
        for part_of_a_secret in ["geheim=", "geheim==\n", "geHeim = x", "g3heim = x"] {
            assert!(!veil(part_of_a_secret).contains("eim"), "{part_of_a_secret}");
        }
    }

    #[test]
    fn of_a_scenario_file_only_the_settings_in_it_are_veiled() {
        let file = "[[scenario]]\nstart = '2026-11-02T09:00:00Z' # Monday\nsettings = {\nsmtp.password = 'geheim' }\n\
                    [[scenario]]\nname = 'x\n[setings.smtp]\npassword = 'geheim'\n[[scenario]]\nname = 'y'\n";
        let keys = BTreeSet::from(["settings", "smtp", "password"]);
        let veiled = veiled_within(file, "settings", &keys);
        let shown: Vec<&str> =
            veiled.lines().filter(|line| !line.contains("geheim") && !line.contains("***")).collect();
        let all_but_secrets = file.lines().filter(|line| !line.contains("geheim"));
        assert_eq!(shown, all_but_secrets.collect::<Vec<_>>());
        assert!(!veiled.contains("geheim"), "{veiled}");
    }

    #[test]
    fn a_veil_is_as_long_as_the_text() {
        for text in ["type = “slack”\r\n", "\u{feff}= 富", "", "\n\n"] {
            assert_eq!(veil(text).len(), text.len(), "{text:?}");
        }
    }
}
