//! Draws a Slack message as Slack would: the kinds of blocks that leadtime uses, and the fallback text where there are
//! none. What it does not know it names. Must never trust a message.

use serde_json::Value;

use super::{
    drawing::{list, text_of, unknown},
    html::Html,
};

/// Styles within styles are drawn so deep.
const DEEPEST: u8 = 6;

/// So many bytes of one text are drawn; Slack's own limit is 3,000 characters.
const LONGEST_TEXT: usize = 8_000;

/// Draws the body of a message that was posted to an incoming webhook.
pub fn draw(html: &mut Html, message: &Value) {
    match message.get("blocks").and_then(Value::as_array) {
        Some(blocks) if !blocks.is_empty() => blocks.iter().for_each(|block| draw_block(html, block)),
        _ => {
            html.open("p", &[]);
            mrkdwn(html, text_of(message, "text"), DEEPEST);
            html.close("p");
        }
    }
}

fn draw_block(html: &mut Html, block: &Value) {
    match text_of(block, "type") {
        "header" => {
            html.element("h4", &[], block.pointer("/text/text").and_then(Value::as_str).unwrap_or_default());
        }
        "section" => section(html, block),
        "context" => {
            html.around("div", &[("class", "context")], |html| {
                for element in list(block, "elements") {
                    html.around("span", &[], |html| text_object(html, element));
                }
            });
        }
        "divider" => {
            html.markup("<hr>");
        }
        "actions" => {
            html.around("div", &[("class", "buttons")], |html| {
                list(block, "elements").iter().for_each(|button| draw_button(html, button));
            });
        }
        "rich_text" => list(block, "elements").iter().for_each(|part| rich_part(html, part)),
        other => unknown(html, other),
    }
}

fn section(html: &mut Html, block: &Value) {
    if let Some(text) = block.get("text") {
        html.around("p", &[], |html| text_object(html, text));
    }
    let fields = list(block, "fields");
    if !fields.is_empty() {
        html.around("div", &[("class", "fields")], |html| {
            for field in fields {
                html.around("p", &[], |html| text_object(html, field));
            }
        });
    }
    if let Some(button) = block.get("accessory") {
        html.around("div", &[("class", "buttons")], |html| draw_button(html, button));
    }
}

fn draw_button(html: &mut Html, button: &Value) {
    let label = button.pointer("/text/text").and_then(Value::as_str).unwrap_or("…");
    let class = if text_of(button, "style") == "primary" { "button primary" } else { "button" };
    html.link(text_of(button, "url"), class, label);
}

fn rich_part(html: &mut Html, part: &Value) {
    let elements = list(part, "elements");
    match text_of(part, "type") {
        "rich_text_section" => {
            html.around("p", &[], |html| rich_elements(html, elements));
        }
        "rich_text_quote" => {
            html.around("blockquote", &[], |html| rich_elements(html, elements));
        }
        "rich_text_preformatted" => {
            html.around("pre", &[], |html| rich_elements(html, elements));
        }
        "rich_text_list" => {
            let tag = if text_of(part, "style") == "ordered" { "ol" } else { "ul" };
            html.around(tag, &[], |html| {
                for item in elements {
                    html.around("li", &[], |html| rich_elements(html, list(item, "elements")));
                }
            });
        }
        other => unknown(html, other),
    }
}

fn rich_elements(html: &mut Html, elements: &[Value]) {
    for element in elements {
        let styled =
            |name: &str| element.pointer("/style").and_then(|style| style.get(name)) == Some(&Value::Bool(true));
        let styles = [("bold", "b"), ("italic", "i"), ("strike", "s"), ("code", "code")];
        let tags: Vec<&'static str> = styles.iter().filter(|(name, _)| styled(name)).map(|(_, tag)| *tag).collect();
        for tag in &tags {
            html.open(tag, &[]);
        }
        match text_of(element, "type") {
            "text" => {
                html.lines(text_of(element, "text"));
            }
            "link" => {
                let url = text_of(element, "url");
                let label = Some(text_of(element, "text")).filter(|text| !text.is_empty()).unwrap_or(url);
                html.link(url, "", label);
            }
            "user" => {
                html.around("span", &[("class", "mention")], |html| {
                    html.markup("@").text(text_of(element, "user_id"));
                });
            }
            "broadcast" => {
                html.around("span", &[("class", "mention")], |html| {
                    html.markup("@").text(text_of(element, "range"));
                });
            }
            "emoji" => {
                html.markup(":").text(text_of(element, "name")).markup(":");
            }
            other => unknown(html, other),
        }
        for tag in tags.iter().rev() {
            html.close(tag);
        }
    }
}

fn text_object(html: &mut Html, object: &Value) {
    let text = text_of(object, "text");
    if text_of(object, "type") == "mrkdwn" {
        mrkdwn(html, text, DEEPEST);
    } else {
        html.lines(text);
    }
}

/// Slack's own markup: `*bold*`, `_italic_`, `~struck~`, code, `<address|label>`, `<@user>`, three entities.
fn mrkdwn(html: &mut Html, text: &str, depth: u8) {
    let mut plain = String::new();
    let mut rest = &text[..text.floor_char_boundary(LONGEST_TEXT)];
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        let styled = style_of(c)
            .filter(|_| depth > 0 && !before.is_alphanumeric())
            .and_then(|tag| Some((tag, styled_run(tail, c)?)));
        if c == '<'
            && let Some((inside, after)) = tail.split_once('>')
        {
            flush(html, &mut plain);
            angle(html, inside);
            rest = after;
        } else if let Some((tag, (inside, after))) = styled {
            flush(html, &mut plain);
            html.open(tag, &[]);
            if tag == "code" {
                flush(html, &mut inside.to_owned())
            } else {
                mrkdwn(html, inside, depth - 1)
            }
            html.close(tag);
            rest = after;
        } else {
            plain.push(c);
            rest = tail;
        }
        before = c;
    }
    flush(html, &mut plain);
}

fn style_of(c: char) -> Option<&'static str> {
    match c {
        '*' => Some("b"),
        '_' => Some("i"),
        '~' => Some("s"),
        '`' => Some("code"),
        _ => None,
    }
}

/// What stands between two marks in one line, and what follows; the second mark must end a word.
fn styled_run(tail: &str, mark: char) -> Option<(&str, &str)> {
    let (inside, after) = tail.split_once(mark)?;
    let blank = inside.is_empty() || inside.starts_with(' ') || inside.ends_with(' ') || inside.contains('\n');
    (!blank && !after.starts_with(char::is_alphanumeric)).then_some((inside, after))
}

/// What stands between angle brackets.
fn angle(html: &mut Html, inside: &str) {
    let (target, label) = inside.split_once('|').map_or((inside, None), |(target, label)| (target, Some(label)));
    match target.chars().next() {
        Some('@' | '#' | '!') => {
            let sign = if target.starts_with('#') { "#" } else { "@" };
            let name = label.unwrap_or_else(|| target.get(1..).unwrap_or_default());
            html.around("span", &[("class", "mention")], |html| {
                html.markup(sign).text(name);
            });
        }
        _ => {
            html.link(&unescaped(target), "", &unescaped(label.unwrap_or(target)));
        }
    }
}

fn flush(html: &mut Html, plain: &mut String) {
    html.lines(&unescaped(plain));
    plain.clear();
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn drawn(message: &Value) -> String {
        let mut html = Html::default();
        draw(&mut html, message);
        html.finish()
    }

    fn marked(text: &str) -> String {
        drawn(&json!({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]}))
    }

    #[test]
    fn slacks_markup_is_drawn() {
        assert_eq!(marked("a *b _c_* `*d*`\ne"), "<p>a <b>b <i>c</i></b> <code>*d*</code><br>e</p>");
        assert_eq!(marked("2*3*4 and snake_case_name"), "<p>2*3*4 and snake_case_name</p>");
        assert!(marked("<https://x.example/?a=1&amp;b=2|go>").contains("href=\"https://x.example/?a=1&amp;b=2\""));
        assert_eq!(marked("<@U1>"), "<p><span class=\"mention\">@U1</span></p>");
    }

    #[test]
    fn hostile_text_stays_text() {
        for message in [
            json!({"text": "&lt;script&gt;alert(1)&lt;/script&gt;"}),
            json!({"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "<script>"}}]}),
            json!({"blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
                {"type": "text", "text": "<script>"}, {"type": "link", "url": "javascript:alert(1)", "text": "<script>"}]}]}]}),
            json!({"blocks": [{"type": "<script>"}]}),
        ] {
            let html = drawn(&message);
            assert!(!html.contains("<script") && !html.contains("href"), "{html}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_drawn_without_a_tag_of_its_own(text in "([*_~`<>|@#! aé\n&;:]|https://x|script){0,40}") {
            let html = marked(&text);
            proptest::prop_assert!(!html.contains("<script"));
            proptest::prop_assert_eq!(html.matches('<').count(), html.matches('>').count());
        }
    }

    #[test]
    fn marks_without_end_are_drawn_as_they_stand() {
        for text in ["*", "<", "<https://x.example", "*a", "**", &"*_".repeat(1_000)] {
            assert!(marked(text).starts_with("<p>"), "{text}");
        }
    }
}
