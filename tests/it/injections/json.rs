//! A JSON document as the strictest reader takes it apart: every path, also one that stands there twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The paths of a document, in its order, each with the kind of what stands there.
///
/// # Errors
/// The text is no JSON, or an object of it has a field twice.
pub fn paths(text: &str) -> Result<Vec<String>, String> {
    let node: Node = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    node.walk("", &mut found);
    Ok(found)
}

enum Node {
    Leaf(&'static str),
    List(Vec<Node>),
    Fields(Vec<(String, Node)>),
}

impl Node {
    fn walk(&self, place: &str, found: &mut Vec<String>) {
        match self {
            Self::Leaf(kind) => found.push(format!("{place}: {kind}")),
            Self::List(items) => {
                found.push(format!("{place}: {} items", items.len()));
                items.iter().enumerate().for_each(|(at, item)| item.walk(&format!("{place}[{at}]"), found));
            }
            Self::Fields(fields) => {
                found.push(format!("{place}: {} fields", fields.len()));
                fields.iter().for_each(|(name, field)| field.walk(&format!("{place}.{name:?}"), found));
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Leaf("truth"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Leaf("number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Leaf("number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Leaf("number"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Node, E> {
        Ok(Node::Leaf("text"))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Leaf("null"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut fields: Vec<(String, Node)> = Vec::new();
        while let Some((name, field)) = map.next_entry::<String, Node>()? {
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(A::Error::custom(format!("{name:?} stands there twice")));
            }
            fields.push((name, field));
        }
        Ok(Node::Fields(fields))
    }
}

#[test]
fn a_field_that_stands_twice_is_found() {
    assert!(paths(r#"{"a":{"b":1,"b":2}}"#).is_err());
    assert_eq!(
        paths(r#"{"a":[1,"x"]}"#).unwrap(),
        [": 1 fields", ".\"a\": 2 items", ".\"a\"[0]: number", ".\"a\"[1]: text"]
    );
}
