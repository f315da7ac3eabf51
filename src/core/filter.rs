//! OData's `$filter`, the language of rules and of the simulated Partner Center. Pure.

use serde_json::{Map, Value};

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {}

/// What an expression is asked about: a referral's body, and the names that leadtime adds.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The referral as it came.
    pub body: &'a Map<String, Value>,
    /// `account`, `category`, `value`.
    pub extra: &'a [(&'static str, Value)],
}
