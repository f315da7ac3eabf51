//! Makes a case: takes what is real (a corpus), and spoils it in ways that fit its form. An input is made of sections (a
//! response after the other, an expression and its referral), and each is spoilt as what it is: JSON as a tree, TOML by
//! lines, all else as words and bytes. Must never ask for anything but the dice.

use serde_json::{Map, Value};

use crate::{dice::Dice, targets::Target};

/// Stands between the sections of an input.
pub const BETWEEN: u8 = 0x1e;
/// So long are the longest texts, where a case has one.
const LONG: usize = if cfg!(debug_assertions) { 300_000 } else { 10_000_000 };
/// How deep a nesting may be; what is small enough to be read at all may still be too deep.
const DEEP: &[&usize] = &[&100, &1_000, &10_000, &100_000];
/// A case in so many is a large one.
const LARGE_ONE_IN: usize = 250;

/// Bytes that readers trip over.
const NASTY: &[&[u8]] = &[
    b"\0",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\xFF",
    b"\xC3",
    b"\xED\xA0\x80",
    b"\xF4\x90\x80\x80",
    b"\xC0\xAF",
    b"\r\n",
    b"\n",
    b"\r",
    b"\t",
    b"\x0b",
    b"\x1b[31m",
    b"\x7f",
    "\u{85}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{2066}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{fffd}".as_bytes(),
    "\u{10ffff}".as_bytes(),
    "İ".as_bytes(),
    "ß".as_bytes(),
    "ﷺ".as_bytes(),
    "e\u{301}\u{302}\u{303}".as_bytes(),
    "👨\u{200d}👩\u{200d}👧".as_bytes(),
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\\u0000",
    b"%00",
    b"%",
    b"%s%n",
    b"{{",
    b"}}",
    b"${x}",
    b"<!--",
    b"]]>",
    b"'",
    b"''",
    b"\"",
    b"\\",
    b"/../",
    b"//",
    b"=",
    b"\\\\",
];

/// Numbers that readers trip over.
const NUMBERS: &[&str] = &[
    "0",
    "-0",
    "-1",
    "1e308",
    "1e309",
    "-1e400",
    "5e-324",
    "1e-400",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "170141183460469231731687303715884105728",
    "4294967296",
    "65536",
    "NaN",
    "inf",
    "0x10",
    "1_000",
    "00",
    "1.",
    ".5",
    "1e",
    "999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999",
];

/// Texts that readers trip over, beside those that their target knows.
const TEXTS: &[&str] = &[
    "",
    " ",
    "\0",
    "\u{feff}",
    "\u{202e}x\u{2066}",
    "null",
    "true",
    "9999-12-31T23:59:59Z",
    "-009999-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "2026-11-20T24:00:00Z",
    "2026-11-20T09:00:00+25:00",
    "2026-11-20T09:00:00.9999999999999999999Z",
    "0001-01-01T00:00:00",
    "https://evil.example/?a=b#c",
    "<b>&amp;</b>",
    "a\r\nBcc: eve@evil.example",
    "İİİİ",
    "\u{1f468}\u{200d}\u{1f469}",
];

/// The case that these dice make.
pub fn case(dice: &mut Dice, target: &Target, corpus: &[Vec<u8>]) -> Vec<u8> {
    let pool = Pool { words: target.words, corpus };
    let mut input = if dice.once_in(30) { pool.babble(dice) } else { pool.one(dice).to_vec() };
    let most = 1 << dice.below(5);
    for _ in 0..=dice.below(most) {
        let mut sections: Vec<Vec<u8>> = input.split(|byte| *byte == BETWEEN).map(<[u8]>::to_vec).collect();
        if dice.once_in(12) {
            pool.reorder(dice, &mut sections);
        } else {
            let at = dice.below(sections.len());
            let section = std::mem::take(&mut sections[at]);
            sections[at] = pool.spoil(dice, section);
        }
        input = sections.join(&BETWEEN);
    }
    if dice.once_in(LARGE_ONE_IN) { enlarge(dice, input) } else { input }
}

/// What pieces are taken from.
struct Pool<'a> {
    words: &'a [&'a str],
    corpus: &'a [Vec<u8>],
}

impl<'a> Pool<'a> {
    fn one(&self, dice: &mut Dice) -> &'a [u8] {
        self.corpus.get(dice.below(self.corpus.len())).map_or(&[], Vec::as_slice)
    }

    fn word(&self, dice: &mut Dice) -> Vec<u8> {
        match dice.below(if self.words.is_empty() { 3 } else { 8 }) {
            0 => dice.of_these(NASTY).to_vec(),
            1 => dice.of_these(NUMBERS).as_bytes().to_vec(),
            2 => dice.of_these(TEXTS).as_bytes().to_vec(),
            _ => dice.of_these(self.words).as_bytes().to_vec(),
        }
    }

    /// Words without any sense.
    fn babble(&self, dice: &mut Dice) -> Vec<u8> {
        let count = dice.below(60);
        let space: &[u8] = if dice.once_in(2) { b" " } else { b"" };
        (0..count).flat_map(|_| [self.word(dice), space.to_vec()].concat()).collect()
    }

    fn reorder(&self, dice: &mut Dice, sections: &mut Vec<Vec<u8>>) {
        let (a, b) = (dice.below(sections.len()), dice.below(sections.len()));
        match dice.below(4) {
            0 => sections.swap(a, b),
            1 => sections.insert(a, sections[b].clone()),
            2 if sections.len() > 1 => drop(sections.remove(a)),
            _ => {
                let others: Vec<_> = self.one(dice).split(|byte| *byte == BETWEEN).map(<[u8]>::to_vec).collect();
                sections.insert(a, others[dice.below(others.len())].clone());
            }
        }
    }

    fn spoil(&self, dice: &mut Dice, section: Vec<u8>) -> Vec<u8> {
        // JSON at the end of a section: behind the head of a response, or all of it.
        let json = section.iter().position(|byte| matches!(byte, b'{' | b'['));
        if let Some(at) = json.filter(|_| !dice.once_in(4))
            && let Ok(tree) = serde_json::from_slice::<Value>(&section[at..])
        {
            return [&section[..at], &self.spoil_tree(dice, tree)].concat();
        }
        if dice.once_in(3) { self.spoil_lines(dice, &section) } else { self.spoil_bytes(dice, section) }
    }

    fn spoil_bytes(&self, dice: &mut Dice, mut section: Vec<u8>) -> Vec<u8> {
        let part = dice.part(section.len());
        let at = part.start;
        match dice.below(9) {
            0 => {
                if let Some(byte) = section.get_mut(at) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            1 => section.splice(at..at, self.word(dice)).for_each(drop),
            2 => section.splice(part, self.word(dice)).for_each(drop),
            3 => section.drain(part).for_each(drop),
            4 => {
                let twice = section[part].repeat(1 + dice.below(20));
                section.splice(at..at, twice).for_each(drop);
            }
            5 => {
                let other = self.one(dice);
                let piece = other[dice.part(other.len())].to_vec();
                section.splice(at..at, piece).for_each(drop);
            }
            6 => section.truncate(at),
            7 => {
                if let Some(number) = digits_near(&section, at) {
                    section.splice(number, dice.of_these(NUMBERS).bytes()).for_each(drop);
                }
            }
            _ => section.splice(at..at, dice.of_these(NASTY).to_vec()).for_each(drop),
        }
        section
    }

    fn spoil_lines(&self, dice: &mut Dice, section: &[u8]) -> Vec<u8> {
        let mut lines: Vec<Vec<u8>> = section.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let (a, b) = (dice.below(lines.len()), dice.below(lines.len()));
        match dice.below(7) {
            0 => drop(lines.remove(a)),
            1 => lines.swap(a, b),
            2 => lines.insert(a, lines[b].clone()),
            3 => {
                let others: Vec<_> = self.one(dice).split(|byte| *byte == b'\n').collect();
                lines.insert(a, others[dice.below(others.len())].to_vec());
            }
            // What stands behind `=` or `:`.
            4 | 5 => {
                if let Some(sign) = lines[a].iter().position(|byte| matches!(byte, b'=' | b':')) {
                    lines[a].truncate(sign + 1);
                    lines[a].push(b' ');
                    let quote: &[u8] = if dice.once_in(2) { b"\"" } else { b"" };
                    let word = self.word(dice);
                    lines[a].extend([quote, &word, quote].concat());
                }
            }
            _ => lines.insert(a, self.babble(dice)),
        }
        lines.join(&b'\n')
    }

    fn spoil_tree(&self, dice: &mut Dice, mut tree: Value) -> Vec<u8> {
        let count = nodes(&tree);
        let donor = node(&mut tree, &mut dice.below(count)).map(|node| node.clone());
        let mut at = dice.below(count);
        if let Some(node) = node(&mut tree, &mut at) {
            match dice.below(8) {
                0 => *node = donor.unwrap_or_default(),
                1 | 2 => *node = Value::String(self.text(dice)),
                3 => *node = dice.of_these(NUMBERS).parse().map_or(Value::Null, Value::Number),
                4 => *node = (0..dice.below(100)).fold(node.take(), |inner, _| Value::Array(vec![inner])),
                5 => *node = self.simple(dice),
                6 => self.change_members(dice, node, donor),
                _ => {
                    let count = dice.below(300);
                    *node = Value::Array(vec![node.take(); count]);
                }
            }
        }
        let text = tree.to_string();
        if dice.once_in(8) { with_a_key_twice(dice, &text) } else { text.into_bytes() }
    }

    fn change_members(&self, dice: &mut Dice, node: &mut Value, donor: Option<Value>) {
        match node {
            Value::Object(fields) if !fields.is_empty() => {
                let key = fields.keys().nth(dice.below(fields.len())).cloned().unwrap_or_default();
                let value = fields.remove(&key).unwrap_or_default();
                match dice.below(3) {
                    0 => {}
                    1 => drop(fields.insert(self.text(dice), value)),
                    _ => drop(fields.insert(key, donor.unwrap_or_default())),
                }
            }
            Value::Array(items) => items.extend(donor),
            other => *other = Value::Object(Map::from_iter([(self.text(dice), other.take())])),
        }
    }

    fn text(&self, dice: &mut Dice) -> String {
        let words = 1 + dice.below(3);
        let words: Vec<u8> = (0..words).flat_map(|_| self.word(dice)).collect();
        String::from_utf8_lossy(&words).into_owned()
    }

    fn simple(&self, dice: &mut Dice) -> Value {
        match dice.below(6) {
            0 => Value::Null,
            1 => Value::Bool(true),
            2 => Value::Bool(false),
            3 => Value::Object(Map::new()),
            4 => Value::Array(Vec::new()),
            _ => Value::from(dice.number()),
        }
    }
}

/// One way of being large: very long, very deep, or very many.
fn enlarge(dice: &mut Dice, mut input: Vec<u8>) -> Vec<u8> {
    let part = dice.part(input.len());
    let piece = match dice.below(3) {
        0 => {
            let (open, close) = dice.of_these(&[
                &("[", "]"),
                &("{\"a\":", "}"),
                &("(", ")"),
                &("not ", ""),
                &("{{#each items}}", "{{/each}}"),
                &("a.", ""),
                &("[[", ""),
                &("{a=", "}"),
                &("tolower(", ")"),
            ]);
            let middle = String::from_utf8_lossy(&input[part.clone()]).into_owned();
            let deep = *dice.of_these(DEEP);
            format!("{}{middle}{}", open.repeat(deep), close.repeat(deep)).into_bytes()
        }
        1 => {
            dice.of_these(&["x", "é", "\u{1f600}", "\"", "\\", "<", "0", "{", "\u{202e}"]).repeat(LONG / 4).into_bytes()
        }
        _ => {
            let piece = &input[part.clone()];
            piece.repeat((LONG / 4).checked_div(piece.len()).unwrap_or_default())
        }
    };
    input.splice(part, piece).for_each(drop);
    input
}

/// A run of digits at this place or behind it.
fn digits_near(section: &[u8], at: usize) -> Option<std::ops::Range<usize>> {
    let start = at + section.get(at..)?.iter().position(u8::is_ascii_digit)?;
    let length = section[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    Some(start..start + length)
}

/// The same key a second time in some object of the text.
fn with_a_key_twice(dice: &mut Dice, text: &str) -> Vec<u8> {
    let opened: Vec<_> = text.match_indices('{').map(|(at, _)| at + 1).collect();
    let mut text = text.to_owned();
    if let Some(at) = opened.get(dice.below(opened.len()))
        && let Some(end) = text[*at..].find(':')
        && text[*at..].starts_with('"')
    {
        let again = format!("{}:null,", &text[*at..*at + end]);
        text.insert_str(*at, &again);
    }
    text.into_bytes()
}

/// How many values a tree holds, itself among them.
fn nodes(tree: &Value) -> usize {
    1 + match tree {
        Value::Array(items) => items.iter().map(nodes).sum(),
        Value::Object(fields) => fields.values().map(nodes).sum::<usize>(),
        _ => 0,
    }
}

/// The value that so many come before.
fn node<'v>(tree: &'v mut Value, before: &mut usize) -> Option<&'v mut Value> {
    if *before == 0 {
        return Some(tree);
    }
    *before -= 1;
    match tree {
        Value::Array(items) => items.iter_mut().find_map(|item| node(item, before)),
        Value::Object(fields) => fields.values_mut().find_map(|item| node(item, before)),
        _ => None,
    }
}
