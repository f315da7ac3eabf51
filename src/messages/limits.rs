//! How long things may be. Texts are cut at a character, never inside a link or an entity; a document that is too big
//! loses its longest texts first and keeps its links. Never makes a document invalid that was valid.

use std::borrow::Cow;

use serde_json::Value;

/// What Slack takes in one message, kept well below the total at which it was seen to refuse.
const SLACK_TOTAL: usize = 9_500;
const SLACK_TEXT: usize = 3_900;
const SLACK_BLOCKS: usize = 50;
/// What a Teams workflow takes is 28 KiB as counted inside the flow, about 1.2 times what is sent, and it refuses only
/// after it has said 202.
pub const TEAMS_BYTES: usize = 20_000;

/// At most so many characters, the last one `…` where something was left out. Never splits a letter from its accents.
pub fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest || text.chars().count() <= longest {
        return Cow::Borrowed(text);
    }
    let Some(room) = longest.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let mut kept: Vec<char> = text.chars().take(room + 1).collect();
    while let Some(next) = kept.pop() {
        if !(joins(next) || kept.last().is_some_and(|last| *last == '\u{200d}')) {
            break;
        }
    }
    let mut out: String = kept.into_iter().collect();
    out.truncate(out.trim_end_matches([' ', ',', '\u{2060}']).len());
    out.push('…');
    Cow::Owned(out)
}

/// The same, at the end of a word where one is near.
pub fn cut_at_word(text: &str, longest: usize) -> String {
    let cut = cut(text, longest);
    let Some(kept) = cut.strip_suffix('…').filter(|_| cut != text) else {
        return cut.into_owned();
    };
    let at_word = text.strip_prefix(kept).is_some_and(|rest| rest.starts_with([' ', ',']));
    match kept.rsplit_once(' ').filter(|(_, half)| !at_word && half.chars().count() < 24) {
        Some((words, _)) => format!("{}…", words.trim_end_matches([',', '.'])),
        None => format!("{kept}…"),
    }
}

/// Whether a character belongs to the one before it: combining marks, joiners, variation selectors, skin tones.
fn joins(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}'
        | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}' | '\u{200d}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Cuts text in Slack's markup: not inside `&amp;` and not inside `<url|text>`, which is left out whole.
fn cut_markup(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(longest.saturating_sub(1)).collect();
    let open = kept.rfind('<').filter(|at| !kept[*at..].contains('>'));
    let entity = kept.rfind('&').filter(|at| !kept[*at..].contains(';') && kept.len() - at < 6);
    if let Some(at) = [open, entity].into_iter().flatten().min() {
        kept.truncate(at);
    }
    kept.push('…');
    kept
}

/// Brings a Slack message within Block Kit's limits, counted on what is sent. False where the message as a whole was too
/// long, so that texts had to be halved or blocks left out.
pub fn slack(document: &mut Value) -> bool {
    if let Some(Value::String(text)) = document.get_mut("text") {
        *text = cut_markup(text, SLACK_TEXT);
    }
    let Some(Value::Array(blocks)) = document.get_mut("blocks") else {
        return true;
    };
    let mut fits = blocks.len() <= SLACK_BLOCKS;
    blocks.truncate(SLACK_BLOCKS);
    blocks.iter_mut().for_each(slack_block);
    // Each round halves the longest text or takes a block away, so this ends.
    for _ in 0..400 {
        let total: usize = texts(blocks, &["text", "url"]).iter().map(|text| text.chars().count()).sum();
        if total <= SLACK_TOTAL {
            break;
        }
        fits = false;
        if !halve_longest(blocks, &["text"]) && !drop_last_but_one(blocks) {
            break;
        }
    }
    fits
}

/// Takes an element away but keeps the last, which says why the reader gets this and which referral it is.
fn drop_last_but_one(elements: &mut Vec<Value>) -> bool {
    let Some(at) = elements.len().checked_sub(2).filter(|at| *at > 0) else {
        return false;
    };
    elements.remove(at);
    true
}

fn slack_block(block: &mut Value) {
    let kind = block.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    if kind == "header" {
        shorten(block.get_mut("text"), 150);
        return;
    }
    shorten(block.get_mut("text"), 3_000);
    if let Some(Value::Array(fields)) = block.get_mut("fields") {
        fields.truncate(10);
        fields.iter_mut().for_each(|field| shorten(Some(field), 2_000));
    }
    if let Some(Value::Array(elements)) = block.get_mut("elements") {
        match kind.as_str() {
            "context" => elements.truncate(10),
            "actions" => elements.truncate(25),
            _ => {}
        }
        for element in elements {
            if kind == "actions" {
                shorten(element.get_mut("text"), 75);
            } else if kind == "context" {
                shorten(Some(element), 3_000);
            }
        }
    }
}

fn shorten(text_object: Option<&mut Value>, longest: usize) {
    let Some(object) = text_object else {
        return;
    };
    let markup = object.get("type").and_then(Value::as_str) == Some("mrkdwn");
    if let Some(Value::String(text)) = object.get_mut("text") {
        *text = if markup { cut_markup(text, longest) } else { cut(text, longest).into_owned() };
    }
}

/// What became of a document that may have been too big.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fit {
    /// It fits as it was.
    Whole,
    /// It fits now.
    Shortened,
    /// It cannot be made to fit.
    Not,
}

/// Brings a Teams message below [`TEAMS_BYTES`].
pub fn teams(document: &mut Value) -> Fit {
    const NAMES: [&str; 4] = ["text", "value", "fallbackText", "summary"];
    let mut fit = Fit::Whole;
    for _ in 0..400 {
        if serde_json::to_string(document).is_ok_and(|text| text.len() <= TEAMS_BYTES) {
            return fit;
        }
        fit = Fit::Shortened;
        if halve_longest(std::slice::from_mut(document), &NAMES) {
            continue;
        }
        let body = document.pointer_mut("/attachments/0/content/body").and_then(Value::as_array_mut);
        if !body.is_some_and(drop_last_but_one) {
            return Fit::Not;
        }
    }
    Fit::Not
}

fn texts<'a>(values: &'a [Value], names: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Value> = values.iter().collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(items) => waiting.extend(items),
            Value::Object(fields) => {
                for (name, field) in fields {
                    match field {
                        Value::String(text) if names.contains(&name.as_str()) => found.push(text.as_str()),
                        other => waiting.push(other),
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Halves the longest of the texts of these names; false where all are short already.
fn halve_longest(values: &mut [Value], names: &[&str]) -> bool {
    let longest = texts(values, names).iter().map(|text| text.chars().count()).max().unwrap_or(0);
    if longest < 80 {
        return false;
    }
    let mut waiting: Vec<&mut Value> = values.iter_mut().collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(items) => waiting.extend(items),
            Value::Object(fields) => {
                for (name, field) in fields.iter_mut() {
                    match field {
                        Value::String(text) if names.contains(&name.as_str()) && text.chars().count() == longest => {
                            *text = cut_markup(text, longest / 2);
                            return true;
                        }
                        other => waiting.push(other),
                    }
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_cut_never_splits_a_letter() {
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("abcd", 4), "abcd");
        assert_eq!(cut("ae\u{301}bcd", 3), "a…");
        assert_eq!(cut("👩‍💻👩‍💻", 3), "…");
        assert_eq!(cut("Kft., és", 6), "Kft.…");
        assert_eq!(cut_at_word("a partner on site", 14), "a partner on…");
        assert_eq!(cut_at_word("a partner", 9), "a partner");
    }

    #[test]
    fn markup_is_cut_around_links_and_entities() {
        assert_eq!(cut_markup("abc &amp; def", 7), "abc …");
        assert_eq!(cut_markup("abc <https://x.y|z> def", 12), "abc …");
        assert_eq!(cut_markup("abc <u|z> def", 12), "abc <u|z> d…");
    }

    #[test]
    fn a_slack_message_is_brought_within_the_limits() {
        let long = "x".repeat(4_000);
        let section = json!({"type": "section", "text": {"type": "mrkdwn", "text": long}});
        let mut document = json!({"text": "t", "blocks": vec![section; 60]});
        document["blocks"][0] = json!({"type": "header", "text": {"type": "plain_text", "text": long}});
        assert!(!slack(&mut document));
        let blocks = document["blocks"].as_array().unwrap();
        assert_eq!(blocks.len(), 50);
        let lengths: Vec<usize> = texts(blocks, &["text"]).iter().map(|text| text.chars().count()).collect();
        assert!(lengths.iter().sum::<usize>() <= SLACK_TOTAL);
        assert!(blocks[0]["text"]["text"].as_str().unwrap().chars().count() <= 150);
    }

    #[test]
    fn a_card_that_is_too_big_keeps_its_links() {
        let run = json!({"type": "TextRun", "text": "é".repeat(9_000)});
        let mut document = json!({"attachments": [{"content": {"body": [run, run, run],
            "actions": [{"type": "Action.OpenUrl", "url": format!("https://a.b/{}", "x".repeat(500))}]}}]});
        assert_eq!(teams(&mut document), Fit::Shortened);
        assert!(serde_json::to_string(&document).unwrap().len() <= TEAMS_BYTES);
        assert_eq!(document["attachments"][0]["content"]["actions"][0]["url"].as_str().unwrap().len(), 512);
    }
}
