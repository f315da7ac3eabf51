//! A Slack message as Slack reads it, taken apart into what acts: blocks, links, mentions, and in mrkdwn every sign that
//! Slack makes something of. Stricter than Slack: a sign counts also where no other closes it.

use serde_json::Value;

use super::links;

/// Everything that acts, in the order of the document, each with its place.
pub fn acts(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, "", None, &mut found);
    found
}

fn walk(value: &Value, place: &str, kind: Option<&str>, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{place}[{at}]"), None, found);
            }
        }
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str);
            for (name, field) in fields {
                let place = format!("{place}.{name}");
                match (name.as_str(), field) {
                    ("text", Value::String(text)) => {
                        found.push(format!("{place}: a text"));
                        let acts = text_acts(text, kind, fields.get("emoji") == Some(&Value::Bool(false)));
                        found.extend(acts.into_iter().map(|act| format!("{place}: {act}")));
                    }
                    _ => walk(field, &place, kind, found),
                }
            }
        }
        other => found.push(format!("{place}: {other} {}", kind.unwrap_or_default())),
    }
}

fn text_acts(text: &str, kind: Option<&str>, no_emoji: bool) -> Vec<String> {
    match kind {
        // Shown as they stand.
        Some("text" | "link") => links::acts(text),
        Some("plain_text") if no_emoji => links::acts(text),
        Some("plain_text") => [links::acts(text), emoji(text)].concat(),
        // The message's own `text`, and every `mrkdwn`.
        _ => [mrkdwn(text), emoji(text)].concat(),
    }
}

/// What stands between `<` and `>`; signs of type; quotations; and addresses outside of those.
fn mrkdwn(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('<') {
        shown.push_str(before);
        let (inside, after) = tail.split_once('>').unwrap_or((tail, ""));
        // What stands behind the first bar is shown in place of the rest.
        let (acts, label) = inside.split_once('|').unwrap_or((inside, ""));
        found.push(format!("control <{acts}>"));
        shown += &format!(" {label} ");
        rest = after;
    }
    shown.push_str(rest);
    for line in shown.lines() {
        let line = line.trim_start();
        if line.starts_with("&gt;") {
            found.push("a quotation".to_owned());
        }
    }
    found.extend(shown.chars().filter(|c| "*_~`>".contains(*c)).map(|c| format!("sign {c}")));
    let escaped = |at: usize| ["&amp;", "&lt;", "&gt;"].iter().any(|entity| shown[at..].starts_with(entity));
    found.extend(shown.match_indices('&').filter(|(at, _)| !escaped(*at)).map(|_| "a bare &".to_owned()));
    let plain = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    found.extend(links::acts(&plain));
    found
}

/// `:name:`.
fn emoji(text: &str) -> Vec<String> {
    let is_name = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_+-'".contains(c))
            // `10:30:00` and its like.
            && !part.chars().all(|c| c.is_ascii_digit())
    };
    let parts: Vec<&str> = text.split(':').collect();
    let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
    inner.iter().filter(|part| is_name(part)).map(|part| format!("emoji {part}")).collect()
}

#[test]
fn what_slack_acts_on_is_found() {
    for text in ["<!here>", "*a*", "&gt; a", "a & b", ":skull:", "x evil.com", "<https://a.b|c>", "_a", "`"] {
        assert!(!text_acts(text, Some("mrkdwn"), false).is_empty(), "{text}");
    }
    for text in ["a &amp; b", "&lt;!here&gt; x", "10:30:45", "a: b: c", "a &gt; b"] {
        assert_eq!(text_acts(text, Some("mrkdwn"), false), Vec::<String>::new(), "{text}");
    }
}
