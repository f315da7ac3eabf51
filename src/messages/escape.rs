//! What strangers write stays data: text from a referral cannot make a mention, a link, markup, a header or a JSON field.
//!
//! Three layers. [`tame`] goes over every text from outside before a template sees it: control and direction characters
//! go, white space becomes one blank, bare addresses are broken so that no program makes a link of them. The registry's
//! escape function then covers the medium (HTML entities, JSON strings). In Slack's and Teams' JSON the right escaping
//! depends on where a value lands, so there it is only marked when it is put in; [`settle`] removes the marks from the
//! parsed document and escapes each value for its place: nothing in literal elements, markup where markup is read.
//! Nothing here shortens a text: that is `limits`.

use std::borrow::Cow;

use serde_json::Value;

/// Marks the beginning and the end of a value that a template has put in. Private use characters, which `tame` removes.
const OPEN: char = '\u{e000}';
const CLOSE: char = '\u{e001}';

/// Breaks a bare address without being seen.
const JOINER: char = '\u{2060}';

/// Whose markup a document is read with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Markup {
    /// Slack's mrkdwn.
    Slack,
    /// The markdown of Adaptive Cards.
    Cards,
}

/// A text from outside, fit to be shown to people: one line, no control, direction or invisible characters, no address
/// that a program would turn into a link, nothing that makes a quotation of it.
pub fn tame(text: &str) -> String {
    let mut clean = clean(text);
    // Where a line begins with it, mail programs and Slack show a quotation and fold it away.
    if clean.starts_with('>') {
        clean.replace_range(..1, "›");
    }
    match defuse(&clean) {
        Cow::Borrowed(_) => clean,
        Cow::Owned(broken) => broken,
    }
}

/// The same without breaking addresses: for what must stay usable, such as a contact's own address.
pub fn clean(text: &str) -> String {
    one_line(text, |_| false)
}

/// A line of a finished document: as `clean`, and addresses that were broken stay broken.
pub fn finished_line(text: &str) -> String {
    one_line(text, |c| c == JOINER)
}

fn one_line(text: &str, keeps: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut shows = false;
    for c in text.chars() {
        if c.is_whitespace() {
            if !out.is_empty() && !out.ends_with(' ') {
                out.push(' ');
            }
        } else if keeps(c) || !is_unwanted(c) {
            shows |= !is_joiner(c);
            out.push(c);
        }
    }
    // Joiners with nothing to join would be a name that nobody sees.
    out.truncate(if shows { out.trim_end().len() } else { 0 });
    out
}

/// What belongs to the signs around it and shows nothing by itself: joiners, and the choice of a picture's look.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | JOINER)
}

/// Characters that show nothing or that turn the text around them: controls, direction marks, invisible separators,
/// letters that are blank, tags, private use, and what is no character at all. Joiners stay: scripts and emoji need them.
fn is_unwanted(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

/// Whether a domain may hold it: letters and digits of any script with their marks and joiners, and pictures.
fn is_of_a_name(c: char) -> bool {
    !c.is_ascii_punctuation()
        && !c.is_whitespace()
        && !matches!(c, '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{206f}' | '\u{3001}'..='\u{303f}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

/// Breaks what mail programs and chats take for an address: `http://…`, `www.x.y`, `x.com`, `a@b`, `mailto:a`, `\\host`.
fn defuse(text: &str) -> Cow<'_, str> {
    if !text.contains(['.', ':', '@', '\\', '。', '．', '｡']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 12);
    let mut before = ' ';
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let mut ahead = rest.clone();
        let (next, second) = (ahead.next().unwrap_or(' '), ahead.next().unwrap_or(' '));
        out.push(c);
        let splits = match c {
            // No domain ends in a single letter, so initials stay as they are; nor do numbers make one.
            '.' | '。' | '．' | '｡' => {
                is_of_a_name(before)
                    && is_of_a_name(next)
                    && is_of_a_name(second)
                    && !(before.is_ascii_digit() && next.is_ascii_digit())
            }
            ':' => before.is_alphanumeric() && next != ' ' && !(before.is_ascii_digit() && next.is_ascii_digit()),
            '@' => next.is_alphanumeric() || matches!(next, '[' | '"'),
            '\\' | '/' => next == c,
            _ => false,
        };
        if splits {
            out.push(JOINER);
        }
        before = c;
    }
    Cow::Owned(out)
}

/// Tames every text inside a JSON value, names of fields included.
pub fn tame_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(tame(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(tame_value).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (clean(&name), tame_value(value))).collect())
        }
        other => other,
    }
}

/// A link that a message may hold: http or https, no user, nothing in it that could end a link in any markup.
pub fn safe_link(link: &str) -> Option<String> {
    let url = url::Url::parse(link.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let text = url.as_str();
    let text = if text.contains(['|', '<', '>', '"', '\'', '(', ')', '`', '[', ']'])
        && url.host_str().is_some_and(|h| !h.starts_with('['))
    {
        text.chars()
            .map(|c| if "|<>\"'()`[]".contains(c) { format!("%{:02X}", u32::from(c)) } else { c.to_string() })
            .collect()
    } else {
        text.to_owned()
    };
    (text.len() <= 2_000).then_some(text)
}

/// An address that may stand in a `mailto:` link as it is.
pub fn plain_address(text: &str) -> Option<&str> {
    let text = text.trim();
    let (local, domain) = text.split_once('@')?;
    let fine = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    (text.len() <= 254 && fine(local, "._+-") && fine(domain, ".-") && domain.contains('.')).then_some(text)
}

/// The inside of a JSON string.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_json(&mut out, text);
    out
}

/// The inside of a JSON string, marked where [`settle`] may have something to escape in it. A number or a truth value
/// never does, so those may stand outside of quotes.
pub fn marked_json(text: &str) -> String {
    let markup = ['&', '<', '>', '*', '_', '~', '`', '[', ']', '(', ')', '\\', '#', '|', '{', ':', OPEN, CLOSE];
    let begins = text.starts_with(['-', '+', '=']) && text.parse::<f64>().is_err();
    if !text.contains(markup) && !begins && !begins_a_numbered_list(text) {
        return json(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    out.push(OPEN);
    for part in text.split([OPEN, CLOSE]) {
        push_json(&mut out, part);
    }
    out.push(CLOSE);
    out
}

fn push_json(out: &mut String, text: &str) {
    if !text.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        return out.push_str(text);
    }
    match serde_json::to_string(text) {
        Ok(quoted) => out.push_str(quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default()),
        Err(_) => debug_assert!(false, "a text is always JSON"),
    }
}

/// Takes the marks out of a parsed document and escapes each marked value for the place where it stands.
pub fn settle(document: &mut Value, markup: Markup) {
    settle_in(document, markup, 0);
}

fn settle_in(value: &mut Value, markup: Markup, depth: u8) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| settle_in(item, markup, depth.saturating_add(1))),
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str).map(str::to_owned);
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(text) if text.contains(OPEN) => {
                        *text = match place(markup, kind.as_deref(), name, depth) {
                            Place::Exact => unmark(text, str::to_owned),
                            Place::Shown => unmark(text, |part| left_alone(markup, part)),
                            Place::Markup => unmark(text, |part| escaped(markup, part)),
                        };
                    }
                    other => settle_in(other, markup, depth.saturating_add(1)),
                }
            }
        }
        Value::String(text) if text.contains(OPEN) => *text = unmark(text, |part| escaped(markup, part)),
        _ => {}
    }
}

/// What becomes of a string.
enum Place {
    /// It must be what it is: an address, an id.
    Exact,
    /// It is shown as it stands, but for what programs on the way write anew.
    Shown,
    /// Markup is read in it.
    Markup,
}

/// What is not known to be shown as it stands is taken for markup.
fn place(markup: Markup, kind: Option<&str>, name: &str, depth: u8) -> Place {
    match (markup, name) {
        (Markup::Slack, "url" | "image_url" | "user_id" | "block_id" | "action_id") => Place::Exact,
        (Markup::Slack, "text") if depth > 0 && matches!(kind, Some("plain_text" | "text" | "link")) => Place::Shown,
        (Markup::Cards, "url" | "id" | "name") => Place::Exact,
        (Markup::Cards, "text") if kind == Some("mention") => Place::Exact,
        (Markup::Cards, "summary" | "fallbackText") => Place::Shown,
        (Markup::Cards, "text") if kind == Some("TextRun") => Place::Shown,
        (Markup::Cards, "title") if kind.is_some_and(|kind| kind.starts_with("Action.")) => Place::Shown,
        _ => Place::Markup,
    }
}

fn unmark(text: &str, mut escape: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once(OPEN) {
        out.push_str(before);
        let (inside, after) = tail.split_once(CLOSE).unwrap_or((tail, ""));
        out.push_str(&escape(inside));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Neither markup has an escape that every client honours for its emphasis signs, so they become look-alikes; Slack's
/// three entities are reliable.
fn escaped(markup: Markup, text: &str) -> String {
    let text = left_alone(markup, text);
    let mut out = String::with_capacity(text.len() + 16);
    // What begins a list or a line under a heading does so only as the first thing in its line.
    if markup == Markup::Cards && (text.starts_with(['-', '+', '=']) || begins_a_numbered_list(&text)) {
        out.push(JOINER);
    }
    for (at, c) in text.char_indices() {
        match (markup, c) {
            (Markup::Slack, '&') => out.push_str("&amp;"),
            (Markup::Slack, '<') => out.push_str("&lt;"),
            (Markup::Slack, '>') => out.push_str("&gt;"),
            (Markup::Cards, '<') => out.push('‹'),
            (Markup::Cards, '>') => out.push('›'),
            (Markup::Cards, '[') => out.push('⟦'),
            (Markup::Cards, ']') => out.push('⟧'),
            (Markup::Cards, '\\') => out.push('∖'),
            (Markup::Cards, '#') => out.push('＃'),
            (Markup::Cards, '|') => out.push('∣'),
            (Markup::Cards, '&') if begins_an_entity(text.get(at..).unwrap_or_default()) => out.extend(['&', JOINER]),
            (_, '*') => out.push('∗'),
            (_, '_') => out.push('ˍ'),
            (_, '~') => out.push('∼'),
            (_, '`') => out.push('ˋ'),
            (_, c) => out.push(c),
        }
    }
    out
}

/// A text without what is written anew even where no markup is read: in Slack the names of emoji, in cards the macros for
/// dates and the expressions of templates and workflows.
fn left_alone(markup: Markup, text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        let next = rest.peek().copied().unwrap_or(' ');
        let breaks = match markup {
            Markup::Slack => {
                let names = next.is_ascii_alphanumeric() || matches!(next, '_' | '+' | '-' | '\'');
                c == ':' && names && !(before.is_ascii_digit() && next.is_ascii_digit())
            }
            Markup::Cards => matches!(c, '{' | '$' | '@') && next == '{',
        };
        if breaks {
            out.push(JOINER);
        }
        before = c;
    }
    out
}

/// `1. ` and `1) `.
fn begins_a_numbered_list(text: &str) -> bool {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < text.len() && rest.starts_with(['.', ')']) && text.parse::<f64>().is_err()
}

/// `&copy;` and `&#42;`.
fn begins_an_entity(text: &str) -> bool {
    let name = text.get(1..).and_then(|rest| rest.split_once(';')).map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#')
}

/// A line in Slack's markup, for a text that is put together outside of a template.
pub fn slack_line(line: &str) -> String {
    escaped(Markup::Slack, line)
}

/// A text that a card shows as it stands, likewise.
pub fn card_text(text: &str) -> String {
    left_alone(Markup::Cards, text)
}

/// A value of a mail header: one line without control characters, at most 200 characters, and no word of it in an encoding
/// that the reader's program would undo (RFC 2047).
pub fn header(text: &str) -> String {
    super::limits::cut(&finished_line(text).replace("=?", "=？"), 200).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_shows_nothing_is_taken_out() {
        assert_eq!(clean(" a\r\nB\u{0}\u{202e}c\u{200b}\u{7}\u{1b}[31m\td "), "a Bc[31m d");
        assert_eq!(clean("\u{e000}x\u{e001}\u{e0041}"), "x");
        assert_eq!(clean("👩‍💻 नमस्ते"), "👩‍💻 नमस्ते");
    }

    #[test]
    fn addresses_are_broken_and_names_are_not() {
        for name in ["Fabrikam Kft., HU", "v2.0", "A.G.", "10:30", "Smith & Sons", "1.5", "Nagy/Kis", "St. John"] {
            assert_eq!(tame(name), name);
        }
        for (text, broken) in [
            ("evil.com", "evil.\u{2060}com"),
            ("http://evil", "http:\u{2060}/\u{2060}/evil"),
            ("a@b.co", "a@\u{2060}b.\u{2060}co"),
            ("mailto:a", "mailto:\u{2060}a"),
            ("\\\\host\\share", "\\\u{2060}\\host\\share"),
            ("evil。com", "evil。\u{2060}com"),
        ] {
            assert_eq!(tame(text), broken);
        }
    }

    #[test]
    fn a_value_is_escaped_for_the_place_where_it_lands() {
        let hostile = marked_json("<!here> *x* [a](http://b)");
        let mut slack: Value = serde_json::from_str(&format!(
            r#"{{"text":"{hostile}","blocks":[{{"type":"section","text":{{"type":"mrkdwn","text":"*{hostile}*"}}}},
            {{"type":"header","text":{{"type":"plain_text","text":"{hostile}"}}}}]}}"#
        ))
        .unwrap();
        settle(&mut slack, Markup::Slack);
        assert_eq!(slack["text"], json!("&lt;!here&gt; ∗x∗ [a](http://b)"));
        assert_eq!(slack["blocks"][0]["text"]["text"], json!("*&lt;!here&gt; ∗x∗ [a](http://b)*"));
        assert_eq!(slack["blocks"][1]["text"]["text"], json!("<!here> *x* [a](http://b)"));
        let mut card: Value = serde_json::from_str(&format!(
            r#"[{{"type":"TextBlock","text":"{hostile}"}},{{"type":"TextRun","text":"{hostile}"}}]"#
        ))
        .unwrap();
        settle(&mut card, Markup::Cards);
        assert_eq!(card[0]["text"], json!("‹!here› ∗x∗ ⟦a⟧(http://b)"));
        assert_eq!(card[1]["text"], json!("<!here> *x* [a](http://b)"));
    }

    #[test]
    fn a_header_holds_no_word_that_its_reader_would_decode() {
        assert_eq!(header("New: =?utf-8?q?evil=2Ecom?=\r\nBcc: x"), "New: =？utf-8?q?evil=2Ecom?= Bcc: x");
        assert_eq!(header("=?==??"), "=？==？?", "a headline is not made longer by it");
    }

    #[test]
    fn emoji_by_name_and_what_cards_write_anew_stay_as_they_are() {
        let settled = |text: &str, markup| {
            let mut document: Value = serde_json::from_str(&format!("[\"{}\"]", marked_json(text))).unwrap();
            settle(&mut document, markup);
            document[0].as_str().unwrap().to_owned()
        };
        assert_eq!(settled(":skull: 10:30", Markup::Slack), ":\u{2060}skull: 10:30");
        assert_eq!(settled("{{DATE(x)}} ${y}", Markup::Cards), "{\u{2060}{DATE(x)}} $\u{2060}{y}");
        assert_eq!(settled("1. one &copy;", Markup::Cards), "\u{2060}1. one &\u{2060}copy;");
        assert_eq!(settled("- one", Markup::Cards), "\u{2060}- one");
        assert_eq!(settled("-1.5", Markup::Cards), "-1.5");
    }

    #[test]
    fn a_text_of_what_shows_nothing_is_no_text() {
        for text in ["\u{3164}\u{115f}\u{2800}", "\u{200d}\u{fe0f}", " \u{34f} "] {
            assert_eq!(clean(text), "", "{text:?}");
        }
        assert_eq!(tame("> as you said"), "› as you said");
    }

    #[test]
    fn a_number_may_stand_outside_of_quotes() {
        assert_eq!(marked_json("-1.5"), "-1.5");
        assert_eq!(marked_json("true"), "true");
        assert_eq!(json("a\"b\\c\nd"), r#"a\"b\\c\nd"#);
    }

    #[test]
    fn only_web_links_are_links() {
        for bad in ["javascript:alert(1)", "data:text/html,x", "nonsense", "https://a:b@c.d/", "ftp://x"] {
            assert_eq!(safe_link(bad), None, "{bad}");
        }
        assert_eq!(safe_link("https://a.b/c?d=(e)|f&g=<").as_deref(), Some("https://a.b/c?d=%28e%29%7Cf&g=%3C"));
    }

    #[test]
    fn only_a_plain_address_may_be_mailed_to() {
        assert_eq!(plain_address("eva.kiss+x@fabrikam.example"), Some("eva.kiss+x@fabrikam.example"));
        for bad in ["a", "a@b", "a@b.c?bcc=x@y.z", "a b@c.d", "\"a\"@b.c", "a@b.c\r\nBcc: x@y.z"] {
            assert_eq!(plain_address(bad), None, "{bad}");
        }
    }
}
