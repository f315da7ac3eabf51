//! What holds of every expression and every referral.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::core::filter::{
    Filter, Subject, evaluate,
    expression::{Comparison, Condition, From, Literal, Operand, Path, Quantifier, Relation, TextFunction},
    fields,
};

/// Writes a condition with no more parentheses than precedence asks for.
fn write(condition: &Condition, depth: usize) -> String {
    let join = |parts: &[Condition], word: &str, loose: fn(&Condition) -> bool| {
        let part = |c: &Condition| if loose(c) { format!("({})", write(c, depth)) } else { write(c, depth) };
        parts.iter().map(part).collect::<Vec<_>>().join(word)
    };
    match condition {
        Condition::Or(parts) => join(parts, " or ", |c| matches!(c, Condition::Or(_))),
        Condition::And(parts) => join(parts, " and ", |c| matches!(c, Condition::Or(_) | Condition::And(_))),
        Condition::Not(inner) => format!("not {}", tight(inner, depth)),
        Condition::Holds(operand) => write_operand(operand, depth),
        Condition::Compare(Comparison { left, relation, right, .. }) => {
            let word = Relation::ALL.iter().find(|(_, known)| known == relation).expect("listed").0;
            format!("{} {word} {}", write_operand(left, depth), write_operand(right, depth))
        }
        Condition::OneOf { operand, list } => {
            let list: Vec<_> = list.iter().map(|(literal, _)| write_literal(literal)).collect();
            format!("{} in ({})", write_operand(operand, depth), list.join(","))
        }
        Condition::Text { function, text, part } => {
            let name = TextFunction::ALL.iter().find(|(_, known)| known == function).expect("listed").0;
            format!("{name}({}, {})", write_operand(text, depth), write_operand(part, depth))
        }
        Condition::Members { quantifier, list, test } => {
            let quantifier = if *quantifier == Quantifier::Any { "any" } else { "all" };
            let test = test.as_ref().map(|test| format!("x{depth}: {}", write(test, depth + 1))).unwrap_or_default();
            format!("{}/{quantifier}({test})", write_path(list, depth))
        }
    }
}

fn tight(condition: &Condition, depth: usize) -> String {
    match condition {
        Condition::Holds(_) | Condition::Text { .. } | Condition::Members { .. } | Condition::Not(_) => {
            write(condition, depth)
        }
        _ => format!("({})", write(condition, depth)),
    }
}

fn write_operand(operand: &Operand, depth: usize) -> String {
    match operand {
        Operand::Literal(literal) => write_literal(literal),
        Operand::Path(path) => write_path(path, depth),
        Operand::Lower(operand) => format!("tolower({})", write_operand(operand, depth)),
        Operand::Condition(condition) if matches!(**condition, Condition::Not(_)) => {
            format!("({})", write(condition, depth))
        }
        Operand::Condition(condition) => tight(condition, depth),
    }
}

fn write_path(path: &Path, depth: usize) -> String {
    match path.from {
        From::Subject => path.names.join("/"),
        From::Member(hops) => {
            let variable = format!("x{}", depth - 1 - hops);
            path.names.iter().fold(variable, |written, name| format!("{written}/{name}"))
        }
    }
}

fn write_literal(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Flag(flag) => flag.to_string(),
        Literal::Number(number) => number.to_string(),
        Literal::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Literal::Guid(guid) => guid.clone(),
        Literal::Time(time) => time.to_string(),
    }
}

fn path(path: &str) -> Operand {
    let names = path.split('/').map(Box::from).collect();
    Operand::Path(Path { from: From::Subject, names, kind: fields::kind(path) })
}

fn text() -> impl Strategy<Value = String> + Clone {
    "[abAB' É]{0,3}"
}

fn time() -> impl Strategy<Value = Literal> + Clone {
    (0..5i64).prop_map(|day| Literal::Time(jiff::Timestamp::new(1_800_000_000 + day * 86_400, 0).expect("in range")))
}

fn number() -> impl Strategy<Value = Literal> + Clone {
    (-8..8i32).prop_map(|n| Literal::Number(f64::from(n) / 4.0))
}

fn literal() -> impl Strategy<Value = Literal> + Clone {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Flag),
        number(),
        text().prop_map(Literal::Text),
        time(),
        Just(Literal::Guid("65EDC0B5-3485-41b7-a17e-dfa9ef4706e2".to_owned())),
    ]
}

/// An operand, with literals that may stand beside it.
fn operand() -> impl Strategy<Value = (Operand, Vec<Literal>)> {
    let many = |literal: BoxedStrategy<Literal>| proptest::collection::vec(literal, 1..4);
    let or_null = |literal: BoxedStrategy<Literal>| prop_oneof![literal, Just(Literal::Null)].boxed();
    prop_oneof![
        (prop_oneof![Just(path("a")), Just(path("b/c"))], many(literal().boxed())),
        (Just(path("status")), many(or_null(text().prop_map(Literal::Text).boxed()))),
        (Just(path("details/dealValue")), many(or_null(number().boxed()))),
        (Just(path("createdDateTime")), many(or_null(time().boxed()))),
        (Just(path("isSpam")), many(any::<bool>().prop_map(Literal::Flag).boxed())),
        (Just(Operand::Lower(Box::new(path("a")))), many(literal().boxed())),
    ]
}

fn relation() -> impl Strategy<Value = Relation> {
    (0..Relation::ALL.len()).prop_map(|i| Relation::ALL[i].1)
}

fn leaf() -> impl Strategy<Value = Condition> {
    let function = (0..TextFunction::ALL.len()).prop_map(|i| TextFunction::ALL[i].1);
    prop_oneof![
        (operand(), relation(), any::<bool>()).prop_map(|((operand, literals), relation, turned)| {
            let literal = Operand::Literal(literals[0].clone());
            let (left, right) = if turned { (literal, operand) } else { (operand, literal) };
            Condition::Compare(Comparison::new(left, relation, right))
        }),
        (operand(), relation(), operand())
            .prop_map(|((left, _), relation, (right, _))| Condition::Compare(Comparison::new(left, relation, right))),
        operand().prop_map(|(operand, literals)| Condition::one_of(operand, literals)),
        (function, any::<bool>(), text()).prop_map(|(function, lower, part)| {
            let text = if lower { Operand::Lower(Box::new(path("a"))) } else { path("status") };
            Condition::Text { function, text, part: Operand::Literal(Literal::Text(part)) }
        }),
        prop_oneof![
            Just(path("a")),
            Just(path("isSpam")),
            any::<bool>().prop_map(|b| Operand::Literal(Literal::Flag(b)))
        ]
        .prop_map(Condition::Holds),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        let parts = || proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            parts().prop_map(Condition::And),
            parts().prop_map(Condition::Or),
            inner.clone().prop_map(|condition| Condition::Not(Box::new(condition))),
            (inner.clone(), any::<bool>()).prop_map(|(condition, wanted)| {
                // A bare path beside a comparison is its value, not whether it is true.
                let condition = match condition {
                    Condition::Holds(_) => Condition::Not(Box::new(condition)),
                    other => other,
                };
                let left = Operand::Condition(Box::new(condition));
                Condition::Compare(Comparison::new(left, Relation::Eq, Operand::Literal(Literal::Flag(wanted))))
            }),
            (inner.clone(), literal(), any::<bool>()).prop_map(|(condition, literal, any)| {
                let member = Path { from: From::Member(0), names: vec![Box::from("b")], kind: None };
                let about = Comparison::new(Operand::Path(member), Relation::Eq, Operand::Literal(literal));
                let Operand::Path(list) = path("list") else { unreachable!("a path") };
                let quantifier = if any { Quantifier::Any } else { Quantifier::All };
                let test = Condition::Or(vec![Condition::Compare(about), condition]);
                Condition::Members { quantifier, list, test: Some(Box::new(test)) }
            }),
        ]
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-8..8i32).prop_map(|n| json!(f64::from(n) / 4.0)),
        (-8..8i32).prop_map(|n| json!((f64::from(n) / 4.0).to_string())),
        text().prop_map(Value::from),
        time().prop_map(|time| Value::from(write_literal(&time))),
        Just(json!("65edc0b5-3485-41b7-a17e-dfa9ef4706e2")),
        Just(json!({"c": 1})),
        Just(json!(["a", {"b": 1}])),
    ]
}

fn body() -> impl Strategy<Value = Map<String, Value>> {
    let list = proptest::collection::vec(value().prop_map(|b| json!({ "b": b })), 0..3);
    (proptest::collection::vec(proptest::option::weighted(0.8, value()), 6), list).prop_map(|(values, list)| {
        let mut body = Map::new();
        body.insert("list".to_owned(), Value::from(list));
        let names = ["a", "b", "status", "details", "createdDateTime", "isSpam"];
        for (name, value) in names.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?))) {
            let value = match name {
                "b" => json!({ "c": value }),
                "details" => json!({ "dealValue": value }),
                _ => value,
            };
            body.insert(name.to_owned(), value);
        }
        body
    })
}

fn holds(source: &str, body: &Map<String, Value>) -> bool {
    let filter = Filter::parse(source).unwrap_or_else(|fault| panic!("{}", fault.show(source)));
    filter.matches(Subject { body, extra: &[] })
}

proptest! {
    #[test]
    fn reading_never_panics_and_faults_lie_inside(source in "\\PC{0,60}") {
        if let Err(fault) = Filter::parse(&source) {
            prop_assert!(source.get(fault.at.clone()).is_some(), "{:?}", fault);
            prop_assert!(fault.show(&source).contains('^'));
        }
    }

    #[test]
    fn reading_never_panics_on_what_is_almost_an_expression(
        parts in proptest::collection::vec(
            prop::sample::select(vec![
                "status", "team", "/", "any", "all", "(", ")", "x", ":", ",", "eq", "in", "not", "and", "or", "'a'", "'",
                "5", "-", "2026-11-20", "null", "true", "contains", "tolower", " ", " ", "\n", "é", "é'", "=",
            ]),
            0..40,
        ),
    ) {
        let source = parts.concat();
        if let Err(fault) = Filter::parse(&source) {
            prop_assert!(source.get(fault.at.clone()).is_some(), "{:?}", fault);
            prop_assert!(fault.show(&source).contains('^'));
        }
    }

    #[test]
    fn what_is_written_is_read_as_it_was_meant(condition in condition(), bodies in proptest::collection::vec(body(), 4)) {
        let source = write(&condition, 0);
        for body in &bodies {
            let meant = evaluate::matches(&condition, Subject { body, extra: &[] });
            prop_assert_eq!(holds(&source, body), meant, "{} of {:?}", source, body);
        }
    }

    #[test]
    fn not_is_the_negation_of_every_expression(condition in condition(), body in body()) {
        let source = write(&condition, 0);
        prop_assert_eq!(holds(&format!("not ({source})"), &body), !holds(&source, &body));
    }

    #[test]
    fn ne_is_the_negation_of_eq((left, literals) in operand(), body in body()) {
        let (left, right) = (write_operand(&left, 0), write_literal(&literals[0]));
        prop_assert_eq!(holds(&format!("{left} ne {right}"), &body), !holds(&format!("{left} eq {right}"), &body));
    }

    #[test]
    fn in_is_eq_with_one_of_them((left, literals) in operand(), body in body()) {
        let left = write_operand(&left, 0);
        let literals: Vec<_> = literals.iter().map(write_literal).collect();
        let one_by_one: Vec<_> = literals.iter().map(|literal| format!("{left} eq {literal}")).collect();
        prop_assert_eq!(
            holds(&format!("{left} in ({})", literals.join(", ")), &body),
            holds(&one_by_one.join(" or "), &body)
        );
    }
}
