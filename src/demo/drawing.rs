//! What both drawings need: fields of a message's JSON that may be missing, and a mark for what is not drawn.
//! Must never fail: a message that cannot be drawn is still shown to have come.

use serde_json::Value;

use super::html::Html;

/// Says that an element of this kind is not drawn.
pub(super) fn unknown(html: &mut Html, kind: &str) {
    html.around("p", &[("class", "unknown")], |html| {
        html.markup("not drawn here: ").text(kind);
    });
}

/// The text of a field; empty where it is none.
pub(super) fn text_of<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The items of a field; none where it is no list.
pub(super) fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
