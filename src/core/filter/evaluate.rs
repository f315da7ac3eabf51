//! Asks an expression of a referral. Total: whatever the referral lacks or holds instead, the answer is true or false.
//! Must never fail. Works on borrowed text; only a search in lower case for a long part makes strings of its own, and a
//! text beside a date-time that is none costs the error of reading it. Must never work for longer than `WORK_MAX` allows: the
//! expression is the user's, but the lists and texts that it goes through are written by strangers.

use std::{cell::Cell, cmp::Ordering};

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Subject,
    expression::{Comparison, Condition, From, Literal, Manner, Operand, Path, Quantifier, Relation, TextFunction},
};
use crate::core::referral::read_time;

/// So many conditions are asked and bytes of text searched for one answer: about a second's work. `any` and `all` inside each
/// other multiply what a referral's lists hold, and a page of a listing has room for a million members. Real referrals need
/// some hundreds. Beyond it a list has no more members, and no comparison holds.
const WORK_MAX: usize = 10_000_000;

/// Whether the condition is true of the subject.
pub(super) fn matches(condition: &Condition, subject: Subject<'_>) -> bool {
    condition.holds(Scope { subject, member: None, work_left: &Cell::new(WORK_MAX) })
}

/// Where paths start: the subject, and the members that the `any` and `all` around have in hand.
#[derive(Clone, Copy)]
struct Scope<'a> {
    subject: Subject<'a>,
    member: Option<&'a Member<'a>>,
    work_left: &'a Cell<usize>,
}

impl Scope<'_> {
    /// Whether there is still so much work to be spent; it is spent.
    fn affords(self, work: usize) -> bool {
        let left = self.work_left.get().checked_sub(work);
        self.work_left.set(left.unwrap_or_default());
        left.is_some()
    }
}

struct Member<'a> {
    value: &'a Value,
    outer: Option<&'a Member<'a>>,
}

/// The value of an operand.
#[derive(Clone, Copy)]
enum Given<'a> {
    Null,
    Flag(bool),
    Number(f64),
    Text(Text<'a>),
    Time(Timestamp),
    /// An object or a list: equal to nothing.
    Composite,
}

#[derive(Clone, Copy)]
struct Text<'a> {
    text: &'a str,
    /// Whether it counts in lower case.
    lowered: bool,
    /// Whether the referral said it, as against the expression.
    said: bool,
}

impl Condition {
    fn holds(&self, scope: Scope<'_>) -> bool {
        match self {
            Self::And(all) => all.iter().all(|condition| condition.holds(scope)),
            Self::Or(any) => any.iter().any(|condition| condition.holds(scope)),
            Self::Not(condition) => !condition.holds(scope),
            Self::Holds(operand) => matches!(operand.value(scope), Given::Flag(true)),
            Self::Compare(Comparison { left, relation, right, manner }) => {
                let (left, right) = (left.value(scope), right.value(scope));
                scope.affords(left.work_beside(right, *manner)) && compare(left, *relation, right, *manner)
            }
            Self::OneOf { operand, list } => {
                let given = operand.value(scope);
                list.iter().any(|(literal, manner)| {
                    let literal = literal.value();
                    scope.affords(given.work_beside(literal, *manner)) && compare(given, Relation::Eq, literal, *manner)
                })
            }
            Self::Text { function, text, part } => match (text.value(scope), part.value(scope)) {
                (Given::Text(text), Given::Text(part)) => {
                    scope.affords(text.text.len() + part.text.len() + 1) && function.applies(text, part)
                }
                _ => false,
            },
            Self::Members { quantifier, list, test } => {
                let members = match list.find(scope) {
                    Some(Value::Array(members)) => members.as_slice(),
                    _ => &[],
                };
                let Some(test) = test else {
                    return !members.is_empty();
                };
                let mut answers = members
                    .iter()
                    .take_while(|_| scope.affords(1))
                    .map(|value| test.holds(Scope { member: Some(&Member { value, outer: scope.member }), ..scope }));
                match quantifier {
                    Quantifier::Any => answers.any(|answer| answer),
                    Quantifier::All => answers.all(|answer| answer),
                }
            }
        }
    }
}

impl Operand {
    fn value<'v>(&'v self, scope: Scope<'v>) -> Given<'v> {
        match self {
            Self::Literal(literal) => literal.value(),
            Self::Path(path) => match path.find(scope) {
                None | Some(Value::Null) => Given::Null,
                Some(Value::Bool(flag)) => Given::Flag(*flag),
                Some(Value::Number(number)) => number.as_f64().map_or(Given::Composite, Given::Number),
                Some(Value::String(text)) => Given::Text(Text { text, lowered: false, said: true }),
                Some(Value::Array(_) | Value::Object(_)) => Given::Composite,
            },
            Self::Lower(operand) => match operand.value(scope) {
                Given::Text(text) => Given::Text(Text { lowered: true, ..text }),
                _ => Given::Null,
            },
            Self::Condition(condition) => Given::Flag(condition.holds(scope)),
        }
    }
}

impl Literal {
    fn value(&self) -> Given<'_> {
        match self {
            Self::Null => Given::Null,
            Self::Flag(flag) => Given::Flag(*flag),
            Self::Number(number) => Given::Number(*number),
            Self::Text(text) | Self::Guid(text) => Given::Text(Text { text, lowered: false, said: false }),
            Self::Time(time) => Given::Time(*time),
        }
    }
}

impl Path {
    fn find<'v>(&self, scope: Scope<'v>) -> Option<&'v Value> {
        let mut names = self.names.iter();
        let first = match self.from {
            From::Subject => scope.subject.named(names.next()?)?,
            From::Member(hops) => {
                let mut member = scope.member?;
                for _ in 0..hops {
                    member = member.outer?;
                }
                member.value
            }
        };
        names.try_fold(first, |value, name| value.as_object()?.get(&**name))
    }
}

impl<'a> Subject<'a> {
    fn named(self, name: &str) -> Option<&'a Value> {
        let added = self.extra.iter().find(|(added, _)| *added == name).map(|(_, value)| value);
        added.or_else(|| self.body.get(name))
    }
}

fn compare(left: Given<'_>, relation: Relation, right: Given<'_>, manner: Manner) -> bool {
    let (left, right) = (left.read(manner), right.read(manner));
    match relation {
        Relation::Eq => left.equals(right, manner),
        Relation::Ne => !left.equals(right, manner),
        Relation::Gt => left.order(right) == Some(Ordering::Greater),
        Relation::Ge => matches!(left.order(right), Some(Ordering::Greater | Ordering::Equal)),
        Relation::Lt => left.order(right) == Some(Ordering::Less),
        Relation::Le => matches!(left.order(right), Some(Ordering::Less | Ordering::Equal)),
    }
}

impl Given<'_> {
    /// How much work comparing with `other` is at most.
    fn work_beside(self, other: Self, manner: Manner) -> usize {
        let length = |given: Self| match given {
            Self::Text(text) => text.text.len(),
            _ => 0,
        };
        let (one, other) = (length(self), length(other));
        // Text that is read as a number or an instant is read to its end.
        1 + if matches!(manner, Manner::Number | Manner::Instant) { one.max(other) } else { one.min(other) }
    }

    /// What the referral said as text, as the number or instant that the other side is.
    fn read(self, manner: Manner) -> Self {
        match (manner, self) {
            (Manner::Number, Self::Text(text)) if text.is_as_said() => {
                read_number(text.text).map_or(self, Self::Number)
            }
            (Manner::Instant, Self::Text(text)) if text.is_as_said() => read_time(text.text).map_or(self, Self::Time),
            _ => self,
        }
    }

    fn equals(self, other: Self, manner: Manner) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Text(a), Self::Text(b)) if manner == Manner::AnyCase => {
                let fold = |c: char| c.to_ascii_lowercase();
                a.chars().map(fold).eq(b.chars().map(fold))
            }
            _ => self.order(other) == Some(Ordering::Equal),
        }
    }

    /// `None` where one is null or they are of different kinds. `false` is less than `true`, as in OData.
    fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Flag(a), Self::Flag(b)) => Some(a.cmp(&b)),
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(&b),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(&b)),
            (Self::Text(a), Self::Text(b)) if a.lowered || b.lowered => Some(a.chars().cmp(b.chars())),
            (Self::Text(a), Self::Text(b)) => Some(a.text.cmp(b.text)),
            _ => None,
        }
    }
}

impl TextFunction {
    fn applies(self, text: Text<'_>, part: Text<'_>) -> bool {
        match self {
            Self::Contains => text.contains(part),
            Self::StartsWith => begins(text.chars(), part.chars()),
            Self::EndsWith => begins(text.chars().rev(), part.chars().rev()),
        }
    }
}

/// A part up to this length, in bytes, is looked for at every place of a text in lower case; a longer one by std's search,
/// which is never slower than the length of both but needs them as strings.
const SHORT: usize = 64;

impl<'a> Text<'a> {
    fn is_as_said(self) -> bool {
        self.said && !self.lowered
    }

    fn chars(self) -> impl DoubleEndedIterator<Item = char> + Clone + use<'a> {
        self.text.chars().flat_map(move |c| {
            let (same, lower) = if self.lowered { (None, Some(c.to_lowercase())) } else { (Some(c), None) };
            same.into_iter().chain(lower.into_iter().flatten())
        })
    }

    fn contains(self, part: Self) -> bool {
        if !self.lowered && !part.lowered {
            return self.text.contains(part.text);
        }
        if part.text.len() > SHORT {
            return self.chars().collect::<String>().contains(&part.chars().collect::<String>());
        }
        let mut rest = self.chars();
        loop {
            if begins(rest.clone(), part.chars()) {
                return true;
            }
            if rest.next().is_none() {
                return false;
            }
        }
    }
}

fn begins(mut text: impl Iterator<Item = char>, mut part: impl Iterator<Item = char>) -> bool {
    part.all(|wanted| text.next() == Some(wanted))
}

fn read_number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}
