//! The one way by which text of others gets into a header, a log line or a reply: as one clean line.
//! Must never let a line break, an escape sequence or a change of writing direction through.

/// `text` on one line: control characters count as blanks, marks that turn the writing direction or show nothing are left
/// out, blanks are joined, and at most `cap` characters are kept (the last one `…` where something was cut).
pub fn one_line(text: &str, cap: usize) -> String {
    let mut line = String::with_capacity(text.len().min(cap.saturating_mul(4)));
    let mut length = 0;
    let mut blank = false;
    for character in text.chars().filter(|&character| !is_unseen(character)) {
        if character.is_whitespace() || character.is_control() {
            blank = length > 0;
            continue;
        }
        let needed = 1 + usize::from(blank);
        if length + needed > cap {
            cut(&mut line, length, cap);
            return line;
        }
        if blank {
            line.push(' ');
        }
        line.push(character);
        length += needed;
        blank = false;
    }
    line
}

fn cut(line: &mut String, length: usize, cap: usize) {
    if cap == 0 {
        return;
    }
    if length == cap {
        line.pop();
    }
    line.push('…');
}

/// Marks that show text in another order than it stands in, which can disguise an address or a file's ending, and what shows
/// nothing at all. Joiners stay: of letters, and the one that keeps an address from being one.
fn is_unseen(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2061}'..='\u{206f}' | '\u{2800}'
        | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn line_breaks_and_escapes_become_blanks() {
        let line = one_line(" Anna\r\nBcc: eve@example.com\u{2028}\u{85}\x1b[31m\tred\0 ", 200);
        assert_eq!(line, "Anna Bcc: eve@example.com [31m red");
    }

    #[test]
    fn marks_that_turn_the_direction_vanish() {
        assert_eq!(one_line("a\u{202E}b\u{2066}c\u{200F}d", 200), "abcd");
    }

    #[test]
    fn what_is_too_long_is_cut_at_a_character() {
        assert_eq!(one_line("Új üzlet Kft.", 5), "Új ü…");
        assert_eq!(one_line("abcde", 5), "abcde");
        assert_eq!(one_line("abc de", 4), "abc…");
        assert_eq!(one_line("abc", 0), "");
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_line_within_the_cap(text in "\\PC*|.*|[\\x00-\\x20a]*", cap in 0_usize..40) {
            let line = one_line(&text, cap);
            prop_assert!(line.chars().count() <= cap);
            prop_assert!(!line.chars().any(char::is_control));
            prop_assert_eq!(one_line(&line, cap), line.clone());
        }
    }
}
