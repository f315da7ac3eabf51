//! A Teams message as its clients read it, taken apart into what acts: elements, actions, mentions, and wherever markdown
//! is read every sign of it. Stricter than each client: a sign counts also where no other closes it.

use serde_json::Value;

use super::links;

/// Everything that acts, in the order of the document, each with its place.
pub fn acts(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    walk(document, "", &mut found);
    found
}

fn walk(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{place}[{at}]"), found);
            }
        }
        Value::Object(fields) => {
            let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
            for (name, field) in fields {
                let place = format!("{place}.{name}");
                match (name.as_str(), field, kind) {
                    // The two texts of a mention are ours to the letter, and so is everything that is no shown text.
                    ("text", Value::String(text), "TextRun")
                    | ("title", Value::String(text), "Action.OpenUrl")
                    | ("fallbackText" | "summary", Value::String(text), _) => {
                        found.push(format!("{place}: a text"));
                        let acts = [links::acts(text), rewritten(text)].concat();
                        found.extend(acts.into_iter().map(|act| format!("{place}: {act}")));
                    }
                    ("text" | "title" | "value", Value::String(text), _) if kind != "mention" => {
                        found.push(format!("{place}: a text"));
                        let acts = [markdown(text), links::acts(text), rewritten(text)].concat();
                        found.extend(acts.into_iter().map(|act| format!("{place}: {act}")));
                    }
                    _ => walk(field, &place, found),
                }
            }
        }
        other => found.push(format!("{place}: {other}")),
    }
}

/// Every sign by which markdown or HTML begins something.
fn markdown(text: &str) -> Vec<String> {
    let mut found: Vec<String> =
        text.chars().filter(|c| "*_~`[]<>\\|".contains(*c)).map(|c| format!("sign {c}")).collect();
    for line in text.lines() {
        let line = line.trim_start();
        let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
        let numbered = rest.len() < line.len() && (rest.starts_with(". ") || rest.starts_with(") "));
        let listed = ["- ", "+ ", "#", "---", "===", "- - -"].iter().any(|begin| line.starts_with(begin));
        if numbered || listed || ["-", "+", "="].contains(&line) {
            found.push(format!("line {:?}", line.chars().take(4).collect::<String>()));
        }
    }
    for (at, _) in text.match_indices('&') {
        let name = text[at + 1..].split_once(';').map_or("", |(name, _)| name);
        if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#') {
            found.push(format!("entity {name}"));
        }
    }
    found
}

/// What clients, card templates and workflows write anew before anybody reads it.
fn rewritten(text: &str) -> Vec<String> {
    ["{{", "${", "@{"].iter().filter(|sign| text.contains(**sign)).map(|sign| format!("rewritten {sign}")).collect()
}

#[test]
fn what_teams_acts_on_is_found() {
    for text in ["**a**", "[a](b)", "- a", "1. a", "&copy;", "<at>", "# a", "---"] {
        assert!(!markdown(text).is_empty(), "{text}");
    }
    for text in ["a - b", "1.5", "Smith & Sons; x", "a+b", "-5"] {
        assert!(markdown(text).is_empty(), "{text}");
    }
}
