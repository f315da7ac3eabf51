//! Draws the Adaptive Card of a Teams message: the elements that leadtime uses. What it does not know it names.
//! Must never trust a card.

use serde_json::Value;

use super::{
    drawing::{list, text_of, unknown},
    html::Html,
};

/// Elements within elements are drawn so deep.
const DEEPEST: u8 = 8;

/// So many bytes of one text are drawn.
const LONGEST_TEXT: usize = 8_000;

/// Draws what was posted to a workflow.
pub fn draw(html: &mut Html, message: &Value) {
    for attachment in list(message, "attachments") {
        let card = attachment.get("content").unwrap_or(&Value::Null);
        html.around("div", &[("class", "card")], |html| {
            elements(html, list(card, "body"), DEEPEST);
            actions(html, list(card, "actions"));
        });
    }
}

fn elements(html: &mut Html, items: &[Value], depth: u8) {
    if depth == 0 {
        return unknown(html, "deeper elements");
    }
    for item in items {
        if item.get("separator") == Some(&Value::Bool(true)) {
            html.markup("<hr>");
        }
        element(html, item, depth);
    }
}

fn element(html: &mut Html, item: &Value, depth: u8) {
    match text_of(item, "type") {
        "TextBlock" => {
            html.around("p", &[("class", &text_class(item))], |html| markdown(html, text_of(item, "text")));
        }
        "RichTextBlock" => {
            html.around("p", &[], |html| list(item, "inlines").iter().for_each(|inline| run(html, inline)));
        }
        "FactSet" => {
            html.around("dl", &[], |html| {
                for fact in list(item, "facts") {
                    html.element("dt", &[], text_of(fact, "title"));
                    html.around("dd", &[], |html| markdown(html, text_of(fact, "value")));
                }
            });
        }
        "ColumnSet" => {
            html.around("div", &[("class", "columnset")], |html| {
                for column in list(item, "columns") {
                    let class = match text_of(column, "width") {
                        "auto" => "fit",
                        // Those of leadtime's cards hold labels, all of one width.
                        width if width.ends_with("px") => "label",
                        _ => "stretch",
                    };
                    html.around("div", &[("class", class)], |html| elements(html, list(column, "items"), depth - 1));
                }
            });
        }
        "Container" => {
            let class = format!("container {}", known(text_of(item, "style"), &STYLES));
            html.around("div", &[("class", &class)], |html| elements(html, list(item, "items"), depth - 1));
        }
        "ActionSet" => actions(html, list(item, "actions")),
        other => unknown(html, other),
    }
}

fn run(html: &mut Html, inline: &Value) {
    // An inline may be a bare string.
    if let Some(text) = inline.as_str() {
        html.lines(text);
        return;
    }
    let address = inline.pointer("/selectAction/url").and_then(Value::as_str);
    let text = text_of(inline, "text");
    html.around("span", &[("class", &text_class(inline))], |html| match address {
        Some(address) => {
            html.link(address, "", text);
        }
        None => {
            html.lines(text);
        }
    });
}

fn actions(html: &mut Html, actions: &[Value]) {
    if actions.is_empty() {
        return;
    }
    html.around("div", &[("class", "buttons")], |html| {
        for action in actions {
            let kind = text_of(action, "type");
            if kind == "Action.OpenUrl" {
                html.link(text_of(action, "url"), "button", text_of(action, "title"));
            } else {
                unknown(html, kind);
            }
        }
    });
}

const SIZES: [&str; 5] = ["small", "default", "medium", "large", "extralarge"];
const WEIGHTS: [&str; 2] = ["lighter", "bolder"];
const COLORS: [&str; 4] = ["good", "warning", "attention", "accent"];
const STYLES: [&str; 5] = ["good", "warning", "attention", "accent", "emphasis"];

/// Only classes of the style sheet: a card names none of its own.
fn text_class(item: &Value) -> String {
    let flag = |name: &str, class: &'static str| if item.get(name) == Some(&Value::Bool(true)) { class } else { "" };
    let classes = [
        known(text_of(item, "size"), &SIZES),
        known(text_of(item, "weight"), &WEIGHTS),
        known(text_of(item, "color"), &COLORS),
        flag("isSubtle", "subtle"),
        flag("italic", "italic"),
        flag("strikethrough", "struck"),
        if text_of(item, "fontType").eq_ignore_ascii_case("monospace") { "mono" } else { "" },
    ];
    classes.iter().filter(|class| !class.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn known(name: &str, names: &[&'static str]) -> &'static str {
    names.iter().find(|known| known.eq_ignore_ascii_case(name)).copied().unwrap_or_default()
}

/// The part of Markdown that Teams draws: bold, italic, links, and its mentions.
fn markdown(html: &mut Html, text: &str) {
    let mut plain = String::new();
    let mut rest = &text[..text.floor_char_boundary(LONGEST_TEXT)];
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '\\' && tail.starts_with(|next: char| next.is_ascii_punctuation()) {
            plain.extend(tail.chars().next());
            rest = tail.get(1..).unwrap_or_default();
            continue;
        }
        match marked(rest) {
            Some((mark, after)) => {
                html.lines(&plain);
                plain.clear();
                draw_mark(html, &mark);
                rest = after;
            }
            None => {
                plain.push(c);
                rest = tail;
            }
        }
    }
    html.lines(&plain);
}

enum Mark<'a> {
    Bold(&'a str),
    Italic(&'a str),
    Link { label: &'a str, address: &'a str },
    Mention(&'a str),
}

/// A mark at the very beginning of the text, and what follows it.
fn marked(text: &str) -> Option<(Mark<'_>, &str)> {
    if let Some((inside, after)) = between(text, "**", "**") {
        return Some((Mark::Bold(inside), after));
    }
    if let Some((inside, after)) = between(text, "<at>", "</at>") {
        return Some((Mark::Mention(inside), after));
    }
    if let Some((label, after)) = between(text, "[", "](") {
        let (address, after) = after.split_once(')')?;
        return Some((Mark::Link { label, address }, after));
    }
    let (inside, after) = between(text, "_", "_")?;
    Some((Mark::Italic(inside), after))
}

fn between<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
    let (inside, after) = text.strip_prefix(open)?.split_once(close)?;
    (!inside.is_empty() && !inside.contains('\n')).then_some((inside, after))
}

fn draw_mark(html: &mut Html, mark: &Mark<'_>) {
    match mark {
        Mark::Bold(text) => html.element("b", &[], text),
        Mark::Italic(text) => html.element("i", &[], text),
        Mark::Link { label, address } => html.link(address, "", label),
        Mark::Mention(name) => html.element("span", &[("class", "mention")], name),
    };
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn drawn(body: &Value) -> String {
        let mut html = Html::default();
        draw(&mut html, &json!({"attachments": [{"content": {"type": "AdaptiveCard", "body": body}}]}));
        html.finish()
    }

    #[test]
    fn teams_markup_is_drawn() {
        let html = drawn(
            &json!([{"type": "TextBlock", "weight": "Bolder", "text": "**a** _b_ \\*c [d](https://x.example) <at>Anna</at>"}]),
        );
        let link = "<a class=\"\" href=\"https://x.example\" target=\"_blank\" rel=\"noopener noreferrer\">d</a>";
        let mention = "<span class=\"mention\">Anna</span>";
        assert!(html.contains(&format!("<p class=\"bolder\"><b>a</b> <i>b</i> *c {link} {mention}</p>")), "{html}");
    }

    #[test]
    fn hostile_text_stays_text() {
        for item in [
            json!({"type": "TextBlock", "text": "<script> [x](javascript:alert(1)) **<script>**", "size": "\"><script>"}),
            json!({"type": "RichTextBlock", "inlines": ["<script>", {"type": "TextRun", "text": "<script>",
                "selectAction": {"type": "Action.OpenUrl", "url": "javascript:alert(1)"}}]}),
            json!({"type": "FactSet", "facts": [{"title": "<script>", "value": "<script>"}]}),
            json!({"type": "Container", "style": "<script>", "items": [{"type": "<script>"}]}),
        ] {
            let html = drawn(&json!([item]));
            assert!(!html.contains("<script") && !html.contains("href"), "{html}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_drawn_without_a_tag_of_its_own(text in "([*_\\\\<>/at()\\[\\] é\n&]|https://x|script){0,40}") {
            let html = drawn(&json!([{"type": "TextBlock", "text": text}]));
            proptest::prop_assert!(!html.contains("<script"));
            proptest::prop_assert_eq!(html.matches('<').count(), html.matches('>').count());
        }
    }

    #[test]
    fn elements_within_elements_end_somewhere() {
        let mut item = json!({"type": "TextBlock", "text": "bottom"});
        for _ in 0..100 {
            item = json!({"type": "Container", "items": [item]});
        }
        assert!(!drawn(&json!([item])).contains("bottom"));
    }
}
