//! An expression once it has been read. What can be decided without a referral is decided here, at the time of reading:
//! how the two sides of a comparison are to be read. Must never hold a node that has no value.

use jiff::Timestamp;

use super::fields::Kind;
use crate::core::referral::read_time;

/// What is true or false of a referral.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    /// All of them. In a row, not nested, so that a long chain is no deep tree.
    And(Vec<Condition>),
    /// At least one.
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// A value that is `true`.
    Holds(Operand),
    Compare(Comparison),
    OneOf {
        operand: Operand,
        list: Vec<(Literal, Manner)>,
    },
    Text {
        function: TextFunction,
        text: Operand,
        part: Operand,
    },
    Members {
        quantifier: Quantifier,
        list: Path,
        /// Asked of each member; `None` is `any()`: whether there is one.
        test: Option<Box<Condition>>,
    },
}

/// What a comparison compares.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(Literal),
    Path(Path),
    Lower(Box<Operand>),
    Condition(Box<Condition>),
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Literal {
    Null,
    Flag(bool),
    /// Always finite.
    Number(f64),
    Text(String),
    /// Text that was written without quotes.
    Guid(String),
    Time(Timestamp),
}

/// Names to follow from a starting point.
#[derive(Clone, Debug)]
pub(super) struct Path {
    pub(super) from: From,
    pub(super) names: Vec<Box<str>>,
    /// What is known to stand there.
    pub(super) kind: Option<Kind>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum From {
    /// The referral and the names that leadtime adds.
    Subject,
    /// The member in the hand of the `any` or `all` so many further out; 0 is the innermost.
    Member(usize),
}

#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) left: Operand,
    pub(super) relation: Relation,
    pub(super) right: Operand,
    pub(super) manner: Manner,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Relation {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
}

/// How text from the referral is read in a comparison. Where the two sides suggest different ones, the later holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Manner {
    Exact,
    /// Equal whatever the case of ASCII letters.
    AnyCase,
    /// As a number, where it is one.
    Number,
    /// As an instant, where it is one.
    Instant,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TextFunction {
    Contains,
    StartsWith,
    EndsWith,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Quantifier {
    Any,
    All,
}

impl Comparison {
    pub(super) fn new(left: Operand, relation: Relation, right: Operand) -> Self {
        let manner = left.suggests().max(right.suggests());
        Self { left: left.in_manner(manner), relation, right: right.in_manner(manner), manner }
    }
}

impl Condition {
    /// `operand in (list)`: the same as `eq` with one or another of them.
    pub(super) fn one_of(operand: Operand, list: Vec<Literal>) -> Self {
        let suggested = operand.suggests();
        let read = |literal: Literal| {
            let manner = suggested.max(literal.suggests());
            (literal.in_manner(manner), manner)
        };
        Self::OneOf { operand, list: list.into_iter().map(read).collect() }
    }
}

impl Operand {
    /// How the other side should be read because of this one.
    fn suggests(&self) -> Manner {
        match self {
            Self::Literal(literal) => literal.suggests(),
            Self::Path(path) => match path.kind {
                Some(Kind::Time) => Manner::Instant,
                Some(Kind::Number) => Manner::Number,
                Some(Kind::Choice) => Manner::AnyCase,
                _ => Manner::Exact,
            },
            Self::Lower(_) | Self::Condition(_) => Manner::Exact,
        }
    }

    fn in_manner(self, manner: Manner) -> Self {
        match self {
            Self::Literal(literal) => Self::Literal(literal.in_manner(manner)),
            other => other,
        }
    }
}

impl Literal {
    fn suggests(&self) -> Manner {
        match self {
            Self::Time(_) => Manner::Instant,
            Self::Number(_) => Manner::Number,
            Self::Guid(_) => Manner::AnyCase,
            Self::Null | Self::Flag(_) | Self::Text(_) => Manner::Exact,
        }
    }

    /// A date-time in quotes beside a date field is a date-time: the API's users write both.
    fn in_manner(self, manner: Manner) -> Self {
        match self {
            Self::Text(text) if manner == Manner::Instant => read_time(&text).map_or(Self::Text(text), Self::Time),
            other => other,
        }
    }
}

impl Relation {
    pub(super) const ALL: [(&'static str, Self); 6] =
        [("eq", Self::Eq), ("ne", Self::Ne), ("gt", Self::Gt), ("ge", Self::Ge), ("lt", Self::Lt), ("le", Self::Le)];
}

impl TextFunction {
    pub(super) const ALL: [(&'static str, Self); 3] =
        [("contains", Self::Contains), ("startswith", Self::StartsWith), ("endswith", Self::EndsWith)];
}
