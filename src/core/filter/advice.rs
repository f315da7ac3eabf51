//! What to write instead: for the words of other languages, and for comparisons that would silently never hold. Must never
//! refuse what could be true of some referral as the API writes it.

use super::{
    expression::{Literal, Operand, TextFunction},
    fault::FilterFault,
    fields::Kind,
    parse::{Spanned, is_operator},
};
use crate::core::referral::read_time;

const KNOWN_FUNCTIONS: &str = "contains(text, part), startswith(text, part), endswith(text, part), tolower(text), and \
                               list/any(x: …) and list/all(x: …)";

/// About a name that is called and is no function.
pub(super) fn unknown_function(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if lower != name && (lower == "tolower" || TextFunction::ALL.iter().any(|(known, _)| *known == lower)) {
        return format!("`{name}` is written in lower case: `{lower}`");
    }
    match &*lower {
        "any" | "all" => format!("`{lower}` follows a list: write list/{lower}(x: …)"),
        "substringof" => "`substringof` is of an older OData; write contains(text, 'part')".to_owned(),
        "toupper" => "`toupper` is not known; write tolower(text) and the part in lower case".to_owned(),
        _ => format!("`{name}` is no known function; known are {KNOWN_FUNCTIONS}"),
    }
}

/// What was probably meant by a word that stands where an operator should.
pub(super) fn instead_of(word: &str) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    if lower != word && is_operator(&lower) {
        return Some(format!("`{lower}`, in lower case"));
    }
    let meant = match &*lower {
        "not" => "a comparison; `not` stands before the whole of it, as in not (a in ('b'))",
        "is" => "`eq` or `ne`",
        "equals" | "equal" => "`eq`",
        "isnt" | "neq" => "`ne`",
        "gte" => "`ge`",
        "lte" => "`le`",
        _ if lower.len() > 2 && strsim::damerau_levenshtein(&lower, "and") == 1 => "`and`",
        "like" | "has" | "includes" | "contains" | "matches" => "a comparison, or contains(text, 'part') before it",
        "between" => "two comparisons: `a ge 1 and a le 5`",
        _ => return None,
    };
    Some(meant.to_owned())
}

/// Finds a value of a kind that a known field never has: such a comparison would silently never hold.
pub(super) fn check_kinds(left: &Spanned, right: &Spanned) -> Result<(), FilterFault> {
    let (path, literal, at) = match (left, right) {
        ((Operand::Path(path), _), (Operand::Literal(literal), at))
        | ((Operand::Literal(literal), at), (Operand::Path(path), _)) => (path, literal, at),
        _ => return Ok(()),
    };
    let name = path.names.last().map(|name| &**name).unwrap_or_default();
    let message = match (path.kind, literal) {
        (Some(Kind::Number), Literal::Text(text)) if text.trim().parse::<f64>().is_ok() => {
            format!("`{name}` is a number; write {} without quotes", text.trim())
        }
        (Some(Kind::Number), Literal::Text(_) | Literal::Guid(_) | Literal::Flag(_) | Literal::Time(_)) => {
            format!("`{name}` is a number; compare it with one, such as 50000")
        }
        (Some(Kind::Flag), Literal::Text(_) | Literal::Guid(_) | Literal::Number(_) | Literal::Time(_)) => {
            format!("`{name}` is true or false; write true or false, without quotes")
        }
        (Some(Kind::Time), Literal::Text(text)) if read_time(text).is_some() => return Ok(()),
        (Some(Kind::Time), Literal::Text(_) | Literal::Guid(_) | Literal::Number(_) | Literal::Flag(_)) => {
            format!("`{name}` is a date-time; write one like 2026-11-20T00:00:00Z or 2026-11-20")
        }
        (Some(Kind::List), Literal::Text(_) | Literal::Guid(_) | Literal::Number(_)) => {
            format!("`{name}` is a list; write {name}/any(x: x/… eq …) to ask its members")
        }
        _ => return Ok(()),
    };
    Err(FilterFault::new(at.clone(), message))
}
