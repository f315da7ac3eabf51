//! OData's `$filter`, the language of rules and of the simulated Partner Center: read once, asked often.
//!
//! The way of an expression: `lex` cuts it into tokens, `parse` makes an `expression` of them or says what is wrong with
//! it (`advice`: what to write instead), `evaluate` asks it of a referral. `fields` knows the API's names. Evaluation is total: every
//! expression that parses is true or false of every referral, whatever that lacks, so it must never fail, panic or wait.
//!
//! Where the language is silent in OData, or a rule would silently never match, this is what holds:
//!
//! - A missing path is null. `eq`, `ne` and `in` compare with null; `gt ge lt le` and the text functions are false with it.
//! - Different kinds are not equal and have no order. Text from a referral is read as a number beside a number, and as an
//!   instant beside a date-time. An object or a list is equal to nothing; it is not null either.
//! - Enumerations (`status`, `type`, …) and unquoted GUIDs are equal whatever their case; other text compares exactly.
//! - A bare path holds when it is `true`. `any` over what is missing or no list is false, `all` is true.

mod advice;
mod evaluate;
mod expression;
mod fault;
mod fields;
mod lex;
mod parse;
#[cfg(test)]
mod tests;

use std::{fmt, ops::Range};

use serde_json::{Map, Value};

pub use fault::FilterFault;
pub use fields::{KNOWN_PATHS, is_known, nearest_path};

use expression::Condition;

/// The longest expression that is read, in bytes.
pub const LONGEST: usize = 8 * 1024;

/// A parsed expression. Two are equal when their source is.
#[derive(Clone)]
pub struct Filter {
    source: String,
    condition: Condition,
    paths: Vec<(String, Range<usize>)>,
}

/// What an expression is asked about: a referral's body, and the names that leadtime adds.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The referral as it came.
    pub body: &'a Map<String, Value>,
    /// `account`, `category`, `value`. A name that stands here hides the body's.
    pub extra: &'a [(&'static str, Value)],
}

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first fault, with its place in `source` and what to write instead.
    pub fn parse(source: &str) -> Result<Self, FilterFault> {
        let parse::Parsed { condition, paths } = parse::parse(source)?;
        Ok(Self { source: source.to_owned(), condition, paths })
    }

    /// Whether the expression is true of a referral.
    pub fn matches(&self, subject: Subject<'_>) -> bool {
        evaluate::matches(&self.condition, subject)
    }

    /// The text that was read, as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every path in the order of the text, with its place there in bytes. The variable of an `any` or `all` is put back
    /// to its list: `team/any(t: t/email eq 'x')` gives `team` and `team/email`.
    pub fn paths(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.paths.iter().map(|(path, at)| (path.as_str(), at.clone()))
    }

    /// Whether the expression asks about this path or one below it.
    pub fn mentions(&self, path: &str) -> bool {
        self.paths()
            .any(|(used, _)| used.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Filter {}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Filter").field(&self.source).finish()
    }
}
