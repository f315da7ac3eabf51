//! Keeps secrets out of what others say: an answer may quote the request, whole or in part. Must never let a piece of one
//! through that could be used.

/// A piece this long is no accident: so many characters of a secret in a row never stand in an error's own words.
const PIECE: usize = 12;

/// Stands where the secret stood.
pub const HIDDEN: &str = "(hidden)";

/// `text` without `secret` and without any piece of it.
///
/// Every word of the text that shares twelve characters in a row with the secret goes as far as they agree. A secret that is
/// shorter goes where it stands whole; one of fewer than eight characters could be any word, and stays.
pub fn without(text: &str, secret: &str) -> String {
    if secret.len() < 8 {
        return text.to_owned();
    }
    let shortest = PIECE.min(secret.len());
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = agreed(rest, secret, shortest);
        if length > 0 {
            out.push_str(HIDDEN);
        } else {
            out.push(c);
        }
        rest = rest.get(length.max(c.len_utf8())..).unwrap_or_default();
    }
    out
}

/// How much of the beginning of `text` stands in `secret`; 0 where that is less than `shortest`.
fn agreed(text: &str, secret: &str, shortest: usize) -> usize {
    if !text.get(..shortest).is_some_and(|piece| secret.contains(piece)) {
        return 0;
    }
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).filter(|end| *end >= shortest);
    ends.take_while(|end| text.get(..*end).is_some_and(|piece| secret.contains(piece))).last().unwrap_or(0)
}

/// Whether it is a word for machines, such as `invalid_scope`: letters joined by underscores alone are no text of a message,
/// nor a secret.
pub fn is_code_word(word: &str) -> bool {
    let mut parts = word.split('_');
    let is_part = |part: &str| (1..=16).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    word.len() <= 40 && word.contains('_') && parts.all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_goes_whole_and_in_pieces_and_nothing_else_does() {
        let secret = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9";
        assert_eq!(without(&format!("token {secret}; bad"), secret), "token (hidden); bad");
        assert_eq!(without("token eyJ0eXAiOiJKV1… is bad", secret), "token (hidden)… is bad");
        assert_eq!(without("…KV1QiLCJhbGciOiJSUz…", secret), "…(hidden)…");
        assert_eq!(without("nothing of it, eyJ0eXAi", secret), "nothing of it, eyJ0eXAi");
        assert_eq!(without("é says hunter22é", "hunter22"), "é says (hidden)é");
        assert_eq!(without("a short one", "short"), "a short one");
        assert_eq!(without("", secret), "");
    }

    #[test]
    fn a_word_for_machines_is_no_secret() {
        for word in ["invalid_scope", "MISSING_FIELD", "a_b"] {
            assert!(is_code_word(word), "{word}");
        }
        for word in ["", "word", "two words_x", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "x_", &"a_".repeat(30)] {
            assert!(!is_code_word(word), "{word}");
        }
    }
}
