//! Cuts an expression into tokens, each with its place. Knows the forms of literals and what people write by habit from
//! other languages, and says what to write instead. Must never judge the order of tokens: that is `parse`.

use std::ops::Range;

use super::{expression::Literal, fault::FilterFault};
use crate::core::referral::read_time;

/// A token and its place in the source, in bytes.
pub(super) type Placed<'s> = (Token<'s>, Range<usize>);

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Token<'s> {
    Open,
    Close,
    Comma,
    Colon,
    Slash,
    /// A name, an operator, or `true`, `false`, `null`.
    Word(&'s str),
    Literal(Literal),
}

/// All tokens of the source.
pub(super) fn tokens(source: &str) -> Result<Vec<Placed<'_>>, FilterFault> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next()? {
        tokens.push(token);
    }
    Ok(tokens)
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn next(&mut self) -> Result<Option<Placed<'s>>, FilterFault> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Ok(None);
        };
        let signed = matches!(first, '-' | '+') && rest[1..].starts_with(|c: char| c.is_ascii_digit());
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            ',' => (Token::Comma, 1),
            ':' => (Token::Colon, 1),
            '/' => (Token::Slash, 1),
            '\'' => self.text()?,
            _ if guid(rest).is_some() => (Token::Literal(Literal::Guid(rest[..GUID].to_owned())), GUID),
            c if c.is_ascii_digit() || signed => self.number_or_time()?,
            c if begins_word(c) => self.word()?,
            c => return Err(self.stranger(c)),
        };
        let place = self.at..self.at + length;
        self.at = place.end;
        Ok(Some((token, place)))
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn fault(&self, length: usize, message: impl Into<String>) -> FilterFault {
        FilterFault::new(self.at..self.at + length, message)
    }

    /// Text in single quotes, two of which stand for one inside.
    fn text(&self) -> Result<(Token<'s>, usize), FilterFault> {
        let rest = self.rest();
        let mut text = String::new();
        let mut from = 1;
        loop {
            let Some(quote) = rest[from..].find('\'') else {
                return Err(self
                    .fault(1, "this quote is not closed; end the text with ' (a quote inside a text is written '')"));
            };
            text.push_str(&rest[from..from + quote]);
            from += quote + 1;
            if rest[from..].starts_with(continues_word) {
                return Err(self.fault(
                    from,
                    "a word follows this text at once; a quote inside a text is written twice: 'O''Hara'",
                ));
            }
            if !rest[from..].starts_with('\'') {
                return Ok((Token::Literal(Literal::Text(text)), from));
            }
            text.push('\'');
            from += 1;
        }
    }

    fn word(&self) -> Result<(Token<'s>, usize), FilterFault> {
        let rest = self.rest();
        let word = &rest[..rest.find(|c| !continues_word(c)).unwrap_or(rest.len())];
        let after = &rest[word.len()..];
        if after.starts_with('\'') && ["datetime", "datetimeoffset", "guid", "time"].contains(&word) {
            return Err(self.fault(
                word.len(),
                format!("`{word}'…'` is of an older OData; write the value alone, without `{word}` and quotes"),
            ));
        }
        if after.starts_with('.') {
            return Err(self.fault(word.len() + 1, format!("the parts of a path are joined by `/`; write `{word}/…`")));
        }
        Ok((Token::Word(word), word.len()))
    }

    fn number_or_time(&self) -> Result<(Token<'s>, usize), FilterFault> {
        let rest = self.rest();
        let part_of_it = |c: char| continues_word(c) || matches!(c, '.' | ':' | '+' | '-');
        let run = &rest[..rest.find(|c| !part_of_it(c)).unwrap_or(rest.len())];
        let literal = if is_dated(run) {
            let time = read_time(run).ok_or_else(|| {
                self.fault(
                    run.len(),
                    format!("`{run}` is no date-time; write one like 2026-11-20T00:00:00Z or 2026-11-20"),
                )
            })?;
            Literal::Time(time)
        } else {
            let number = is_number(run).then(|| run.parse().ok()).flatten().filter(|number: &f64| number.is_finite());
            Literal::Number(number.ok_or_else(|| {
                self.fault(
                    run.len(),
                    format!("`{run}` is no number; write one like 50000, 0.5 or 1e6, and text in single quotes"),
                )
            })?)
        };
        Ok((Token::Literal(literal), run.len()))
    }

    /// A character that begins no token, with what was probably meant.
    fn stranger(&self, first: char) -> FilterFault {
        const MEANT: [(&str, &str); 16] = [
            ("==", "write `eq`"),
            ("=>", "write `ge`"),
            ("=<", "write `le`"),
            ("=", "write `eq`"),
            ("!=", "write `ne`"),
            ("<>", "write `ne`"),
            (">=", "write `ge`"),
            (">", "write `gt`"),
            ("<=", "write `le`"),
            ("<", "write `lt`"),
            ("&&", "write `and`"),
            ("&", "write `and`"),
            ("||", "write `or`"),
            ("|", "write `or`"),
            ("!", "write `not`"),
            ("\"", "strings stand in single quotes: 'New'"),
        ];
        if let Some((sign, advice)) = MEANT.iter().find(|(sign, _)| self.rest().starts_with(sign)) {
            return self.fault(sign.len(), format!("`{sign}` is not in this language; {advice}"));
        }
        let advice = match first {
            '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '`' | '\u{b4}' => {
                "is no quote of this language; write the straight single quote '"
            }
            '+' | '-' | '*' => "has no meaning here: there is no arithmetic",
            '$' | '@' => "has no meaning here: only fields have names, and `any()` asks whether a list has members",
            '[' | ']' | '{' | '}' => "has no meaning here; lists and groups stand in ( )",
            _ => "has no meaning here; text stands in single quotes",
        };
        self.fault(first.len_utf8(), format!("`{}` {advice}", first.escape_debug()))
    }
}

/// Each of these also continues a word, so that no word is empty.
fn begins_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

const GUID: usize = 36;

/// A GUID that stands alone at the beginning of the text: 8-4-4-4-12 hexadecimal digits.
fn guid(text: &str) -> Option<&str> {
    let guid = text.get(..GUID)?;
    let fits = |(i, byte): (usize, u8)| match i {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    (guid.bytes().enumerate().all(fits) && !text[GUID..].starts_with(continues_word)).then_some(guid)
}

/// Whether it begins like `2026-11-`.
fn is_dated(run: &str) -> bool {
    let mut bytes = run.bytes();
    let digits = |bytes: &mut dyn Iterator<Item = u8>, n| bytes.take(n).filter(u8::is_ascii_digit).count() == n;
    digits(&mut bytes, 4) && bytes.next() == Some(b'-') && digits(&mut bytes, 2) && bytes.next() == Some(b'-')
}

/// An optional sign, digits, an optional fraction and an optional exponent, all in decimal.
fn is_number(run: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = |text: &str| digits(text.strip_prefix(['+', '-']).unwrap_or(text));
    let (mantissa, exponent) = run.split_once(['e', 'E']).map_or((run, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    unsigned(whole) && fraction.is_none_or(digits) && exponent.is_none_or(unsigned)
}
