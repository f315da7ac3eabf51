//! What any program may make of plain text by itself: links of what looks like an address, and nothing visible of
//! characters that hide or turn text. Stricter than each such program, so that none is left out.

/// Breaks a bare address without being seen; ours, and never a stranger's.
const JOINER: char = '\u{2060}';

/// Every place of a text on which a program could act.
pub fn acts(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    for (at, c) in chars.iter().enumerate() {
        if is_hidden(*c) {
            found.push(format!("hidden {:04x}", u32::from(*c)));
        }
        if is_address(&chars, at) {
            found.push(format!("address {:?}", word(&chars, at)));
        }
    }
    found
}

/// The word that holds a place.
fn word(chars: &[char], at: usize) -> String {
    let ends = |c: &char| c.is_whitespace() || "<>“”\"'(),;„".contains(*c);
    let from = chars[..at].iter().rposition(ends).map_or(0, |end| end + 1);
    let to = chars[at..].iter().position(ends).map_or(chars.len(), |end| at + end);
    chars[from..to.max(from)].iter().collect()
}

/// Whether the sign at that place may make an address of what stands around it.
fn is_address(chars: &[char], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map_or(' ', |at| chars[at]);
    let after = |on: usize| chars.get(at + on).copied().unwrap_or(' ');
    match chars[at] {
        // A name, a dot and two more letters: no domain ends in one. Between two digits it is a number.
        '.' | '。' | '．' | '｡' => {
            let digits = before(1).is_ascii_digit() && after(1).is_ascii_digit();
            is_of_a_name(before(1)) && is_of_a_name(after(1)) && is_of_a_name(after(2)) && !digits
        }
        // A scheme.
        ':' => {
            let digits = before(1).is_ascii_digit() && after(1).is_ascii_digit();
            before(1).is_alphanumeric() && begins_with_a_letter(chars, at) && is_after_a_scheme(after(1)) && !digits
        }
        '@' | '＠' => after(1).is_alphanumeric() || matches!(after(1), '[' | '"'),
        '\\' => before(1) == '\\' && after(1).is_alphanumeric(),
        '/' => before(1) == '/' && after(1).is_alphanumeric(),
        _ => false,
    }
}

/// Whether the word that ends before `at` is a scheme's name.
fn begins_with_a_letter(chars: &[char], at: usize) -> bool {
    let word = chars[..at].iter().rev().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    word.last().is_some_and(char::is_ascii_alphabetic)
}

fn is_after_a_scheme(c: char) -> bool {
    !c.is_whitespace() && c != JOINER && !":),;…>“”*_~".contains(c)
}

/// Whether a domain's name may hold it: letters, digits, marks on letters, pictures, what joins them.
fn is_of_a_name(c: char) -> bool {
    !c.is_whitespace() && !c.is_ascii_punctuation() && !is_punctuation(c) && !c.is_control() && c != JOINER
}

fn is_punctuation(c: char) -> bool {
    matches!(c, '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{206f}' | '\u{3001}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

/// Whether it shows nothing, or turns or hides what stands around it. The joiner of letters and the choice of a picture's
/// colours are of scripts and pictures.
pub fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2061}'..='\u{206f}' | '\u{2800}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

#[test]
fn the_strictest_reader_finds_addresses_and_no_others() {
    for text in
        ["evil.com", "http://x", "a javascript:x", "e@b", "cafe\u{301}.com", "i\u{2764}.ws", "\\\\h", "//h", "x:y"]
    {
        assert!(!acts(text).is_empty(), "{text}");
    }
    for text in ["Kft., HU", "10:30", "1.5", "e.g. so", "a: b", "evil.\u{2060}com", "A.G. x", "x (Do: y)", "“x”."] {
        assert!(acts(text).is_empty(), "{text}: {:?}", acts(text));
    }
}
