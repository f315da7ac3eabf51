//! `$filter` and `when`: an expression, and a referral that it is asked of.

use leadtime::core::filter::{Filter, KNOWN_PATHS, LONGEST, Subject};
use serde_json::{Map, Value};

use super::{Held, Target, hold, of_sections, sections};

pub const TARGET: Target = Target {
    name: "filter",
    about: "the $filter parser, and its evaluation of a referral",
    corpus,
    words: WORDS,
    feed,
    cases: 6_000,
    memory: (8 << 20, 60),
};

const WORDS: &[&str] = &[
    "status",
    "substatus",
    "type",
    "category",
    "value",
    "account",
    "team",
    "details/dealValue",
    "isSpam",
    "createdDateTime",
    "expirationDateTime",
    "customerProfile/address/country",
    "details/requirements/products",
    "/",
    "any",
    "all",
    "(",
    ")",
    "x",
    "t",
    ":",
    ",",
    " eq ",
    " ne ",
    " gt ",
    " ge ",
    " lt ",
    " le ",
    " in ",
    "not ",
    " and ",
    " or ",
    "'a'",
    "'HU'",
    "'",
    "''",
    "5",
    "-5",
    "1e6",
    "2026-11-20",
    "2026-11-20T09:00:00Z",
    "null",
    "true",
    "false",
    "contains",
    "startswith",
    "endswith",
    "tolower",
    "team/any(t: t/email eq 'a')",
    "x/id",
    "t/email",
    "65edc0b5-3485-41b7-a17e-dfa9ef4706e2",
    "==",
    "&&",
    "datetime'",
    "substringof",
    "é",
    "%20",
    "+",
];

const REFERRAL: &str = r#"{"id":"r1","status":"New","substatus":"Pending","type":"Shared","qualification":"Direct",
"createdDateTime":"2026-11-02T09:00:00Z","expirationDateTime":"2026-11-16T09:00:00Z","isSpam":false,
"team":[{"email":"anna@contoso.com","firstName":"Anna"},{"email":"b@contoso.com"}],
"customerProfile":{"name":"Fabrikam Kft.","address":{"country":"HU"},"team":[{"email":"c@fabrikam.hu"}]},
"details":{"dealValue":80000,"currency":"EUR","requirements":{"products":[{"id":"Microsoft365"},{"id":"Azure"}]}}}"#;

fn corpus() -> Vec<Vec<u8>> {
    [
        "direction eq 'Incoming' and substatus eq 'Pending'",
        "category eq 'CoSellOpportunity' and value ge 50000",
        "type eq 'Shared' and details/dealValue ge 50000 and customerProfile/address/country in ('HU','CZ')",
        "qualification eq 'Direct' and details/requirements/products/any(p: p/id eq 'Microsoft365')",
        "contains(tolower(customerProfile/name), 'school') or team/any(t: t/email eq 'anna@contoso.com')",
        "not (isSpam eq true) and createdDateTime gt 2026-01-01 and not isSpam",
        "team/all(t: customerProfile/team/any(c: c/email ne t/email and startswith(c/email, 'c')))",
        "endswith(team/any(x: x/email eq null), 'O''Hara') eq false",
        "((value eq 1)) or engagementId eq 65edc0b5-3485-41b7-a17e-dfa9ef4706e2",
    ]
    .iter()
    .map(|expression| of_sections(&[expression, REFERRAL]))
    .collect()
}

fn feed(input: &[u8]) -> Held {
    let sections = sections(input);
    let source = String::from_utf8_lossy(sections.first().copied().unwrap_or_default());
    let referral = sections.get(1).and_then(|section| serde_json::from_slice::<Map<String, Value>>(section).ok());
    let referral = referral.unwrap_or_default();
    let extra = [("account", Value::from("contoso")), ("value", Value::from(80_000.0))];
    let subject = Subject { body: &referral, extra: &extra };
    let filter = match Filter::parse(&source) {
        Ok(filter) => filter,
        Err(fault) => {
            hold!(source.get(fault.at.clone()).is_some(), "a fault lies inside", "{fault:?}");
            let shown = fault.show(&source);
            hold!(shown.contains('^') && shown.lines().count() == 2, "a fault can be shown", "{shown}");
            hold!(fault.message.len() < 2 * LONGEST, "a fault is told in short", "{}", fault.message.len());
            return Ok(());
        }
    };
    for (path, at) in filter.paths() {
        hold!(source.get(at.clone()).is_some(), "a path lies inside", "{path} at {at:?}");
        hold!(filter.mentions(path), "a path that stands there is mentioned", "{path}");
    }
    hold!(
        KNOWN_PATHS.iter().filter(|path| filter.mentions(path)).count() <= LONGEST,
        "known paths are asked for",
        "{source}"
    );
    let answer = filter.matches(subject);
    let printed = filter.to_string();
    let again = Filter::parse(&printed).ok().filter(|again| *again == filter);
    hold!(again.is_some_and(|again| again.matches(subject) == answer), "what is printed reads the same", "{printed}");
    // Where the expression is at a limit, a level more is too many.
    if let Ok(negated) = Filter::parse(&format!("not ({source})")) {
        hold!(negated.matches(subject) != answer, "not is the negation", "{source}");
    }
    // Of very much a filter looks at a part, and twice as much is looked at here.
    if input.len() < 100_000
        && let Ok(twice) = Filter::parse(&format!("({source}) and ({source})"))
    {
        hold!(twice.matches(subject) == answer, "and of the same is the same", "{source}");
    }
    Ok(())
}
