//! What a broken expression is told: the place, what was found, what to write.

use crate::core::filter::{Filter, LONGEST};

fn told(sources: &[&str]) -> String {
    let shown = sources.iter().map(|source| match Filter::parse(source) {
        Ok(_) => format!("{source}\nPARSED"),
        Err(fault) => fault.show(source),
    });
    shown.collect::<Vec<_>>().join("\n")
}

fn message(source: &str) -> String {
    Filter::parse(source).expect_err("a fault").message
}

#[test]
fn signs_of_other_languages_are_translated() {
    insta::assert_snapshot!(told(&[
        "status == 'New'",
        "status = 'New'",
        "five => 5",
        "five =< 5",
        "status != 'New'",
        "status <> 'New'",
        "five >= 5",
        "isSpam && favorite",
        "isSpam || favorite",
        "!isSpam",
        "status eq \"New\"",
        "status eq ’New’",
        "customerProfile.name eq 'a'",
        "five - 3 eq 2",
        "status eq [New]",
        "status eq 5%",
        "team/$count gt 0",
    ]), @r#"
    status == 'New'
           ^^ `==` is not in this language; write `eq`
    status = 'New'
           ^ `=` is not in this language; write `eq`
    five => 5
         ^^ `=>` is not in this language; write `ge`
    five =< 5
         ^^ `=<` is not in this language; write `le`
    status != 'New'
           ^^ `!=` is not in this language; write `ne`
    status <> 'New'
           ^^ `<>` is not in this language; write `ne`
    five >= 5
         ^^ `>=` is not in this language; write `ge`
    isSpam && favorite
           ^^ `&&` is not in this language; write `and`
    isSpam || favorite
           ^^ `||` is not in this language; write `or`
    !isSpam
    ^ `!` is not in this language; write `not`
    status eq "New"
              ^ `"` is not in this language; strings stand in single quotes: 'New'
    status eq ’New’
              ^ `’` is no quote of this language; write the straight single quote '
    customerProfile.name eq 'a'
    ^^^^^^^^^^^^^^^^ the parts of a path are joined by `/`; write `customerProfile/…`
    five - 3 eq 2
         ^ `-` has no meaning here: there is no arithmetic
    status eq [New]
              ^ `[` has no meaning here; lists and groups stand in ( )
    status eq 5%
               ^ `%` has no meaning here; text stands in single quotes
    team/$count gt 0
         ^ `$` has no meaning here: only fields have names, and `any()` asks whether a list has members
    "#);
}

#[test]
fn words_of_other_languages_are_translated() {
    insta::assert_snapshot!(told(&[
        "status EQ 'New'",
        "isSpam AND favorite",
        "NOT isSpam",
        "name eq NULL",
        "isSpam eq True",
        "status is 'New'",
        "status not in ('New')",
        "name eq 'a' not isSpam",
        "name like 'a%'",
        "five between 1 and 2",
        "toLower(name) eq 'a'",
        "substringof('a', name)",
        "length(name) gt 5",
        "any(t: t eq 'a')",
        "team/some(t: t/email eq 'a')",
        "createdDateTime gt datetime'2026-11-20T00:00:00'",
    ]), @r#"
    status EQ 'New'
           ^^ found `EQ`; expected `eq`, in lower case
    isSpam AND favorite
           ^^^ found `AND`; expected `and`, in lower case
    NOT isSpam
    ^^^ `NOT` is written in lower case: `not`
    name eq NULL
            ^^^^ `NULL` is written in lower case: `null`
    isSpam eq True
              ^^^^ `True` is written in lower case: `true`
    status is 'New'
           ^^ found `is`; expected `eq` or `ne`
    status not in ('New')
           ^^^ found `not`; expected a comparison; `not` stands before the whole of it, as in not (a in ('b'))
    name eq 'a' not isSpam
                ^^^ found `not`; expected a comparison; `not` stands before the whole of it, as in not (a in ('b'))
    name like 'a%'
         ^^^^ found `like`; expected a comparison, or contains(text, 'part') before it
    five between 1 and 2
         ^^^^^^^ found `between`; expected two comparisons: `a ge 1 and a le 5`
    toLower(name) eq 'a'
    ^^^^^^^ `toLower` is written in lower case: `tolower`
    substringof('a', name)
    ^^^^^^^^^^^ `substringof` is of an older OData; write contains(text, 'part')
    length(name) gt 5
    ^^^^^^ `length` is no known function; known are contains(text, part), startswith(text, part), endswith(text, part), tolower(text), and list/any(x: …) and list/all(x: …)
    any(t: t eq 'a')
    ^^^ `any` follows a list: write list/any(x: …)
    team/some(t: t/email eq 'a')
         ^^^^ `some` is not known after a path; write `any(x: …)` or `all(x: …)`
    createdDateTime gt datetime'2026-11-20T00:00:00'
                       ^^^^^^^^ `datetime'…'` is of an older OData; write the value alone, without `datetime` and quotes
    "#);
}

#[test]
fn literals_are_read_strictly() {
    insta::assert_snapshot!(told(&[
        "name eq 'O'Hara'",
        "status eq 'New",
        "createdDateTime gt 2026-13-45",
        "five gt 5m",
        "five gt 1,500",
        "five gt 1e999",
        "status eq New eq true",
    ]), @r#"
    name eq 'O'Hara'
            ^^^ a word follows this text at once; a quote inside a text is written twice: 'O''Hara'
    status eq 'New
              ^ this quote is not closed; end the text with ' (a quote inside a text is written '')
    createdDateTime gt 2026-13-45
                       ^^^^^^^^^^ `2026-13-45` is no date-time; write one like 2026-11-20T00:00:00Z or 2026-11-20
    five gt 5m
            ^^ `5m` is no number; write one like 50000, 0.5 or 1e6, and text in single quotes
    five gt 1,500
             ^ found `,`; expected a number without separators, such as 1500, or a list in parentheses after `in`
    five gt 1e999
            ^^^^^ `1e999` is no number; write one like 50000, 0.5 or 1e6, and text in single quotes
    status eq New eq true
                  ^^ a second comparison, `eq`, follows at once; join two comparisons with `and` or `or`
    "#);
}

#[test]
fn what_is_missing_or_too_much_is_said_where_it_is() {
    insta::assert_snapshot!(told(&[
        "status",
        "status eq",
        "status eq 'New' and",
        "and status eq 'New'",
        "(status eq 'New'",
        "status eq 'New')",
        "status eq 'New' 'Active'",
        "five gt 1 lt 3",
        "name in 'a', 'b'",
        "name in ()",
        "name in ('a' 'b')",
        "name in (other)",
        "contains(name)",
        "contains(name, 'a', 'b')",
        "contains(five eq 5, 'a')",
        "tolower(name, 'a') eq 'b'",
        "team/any(t t/email eq 'a')",
        "team/all()",
        "team/any(t: )",
        "a/any(x: x/b/any(x: x eq 1))",
        "customerProfile/ eq 'a'",
    ]), @r#"
    status
    ^^^^^^ `status` alone is no condition; compare it, as in `status eq …`
    status eq
             ^ the expression ends here; expected a condition such as status eq 'New'
    status eq 'New' and
                       ^ the expression ends here; expected a condition such as status eq 'New'
    and status eq 'New'
    ^^^ found `and`; expected a path, a value, a function or `(`
    (status eq 'New'
    ^ this parenthesis is not closed; end it with `)`
    status eq 'New')
                   ^ this `)` closes nothing; leave it out
    status eq 'New' 'Active'
                    ^^^^^^^^ found `'Active'`; expected a comparison, `and` or `or`
    five gt 1 lt 3
              ^^ a second comparison, `lt`, follows at once; join two comparisons with `and` or `or`
    name in 'a', 'b'
            ^^^ found `'a'`; expected a list in parentheses, such as ('HU', 'CZ'), after `in`
    name in ()
             ^ found `)`; expected a value such as 'HU' in the list of `in`
    name in ('a' 'b')
                 ^^^ found `'b'`; expected `,` or `)` in the list of `in`
    name in (other)
             ^^^^^ found `other`; expected a value such as 'HU' in the list of `in`
    contains(name)
                 ^ found `)`; expected `,` and what to look for: contains(text, 'part')
    contains(name, 'a', 'b')
                      ^ `contains` takes two arguments; close it here with `)`
    contains(five eq 5, 'a')
             ^^^^^^^^^ `contains` works on text, and `five eq 5` is none; give a path or 'text'
    tolower(name, 'a') eq 'b'
                ^ `tolower` takes one argument; close it here with `)`
    team/any(t t/email eq 'a')
               ^ found `t`; expected `:` after the variable `t`, as in any(t: t/id eq 'a')
    team/all()
             ^ found `)`; expected a variable and a condition, such as any(x: x/id eq 'a')
    team/any(t: )
                ^ found `)`; expected a path, a value, a function or `(`
    a/any(x: x/b/any(x: x eq 1))
                     ^ `x` already stands for a member of the outer list; take another name
    customerProfile/ eq 'a'
                     ^^ found `eq`; expected a name after `/`
    "#);
}

#[test]
fn nothing_at_all_is_no_expression() {
    for source in ["", " \n "] {
        assert_eq!(message(source), "the expression is empty; write a condition such as status eq 'New'");
    }
}

#[test]
fn what_could_never_hold_is_no_condition() {
    insta::assert_snapshot!(told(&[
        "not status eq 'New'",
        "not weather in ('fine')",
        "'New'",
        "5 or isSpam",
        "tolower(name)",
        "team",
        "team/email eq 'anna@contoso.com'",
        "team eq 'anna@contoso.com'",
        "details/dealValue gt '50000'",
        "value in (1, 'many')",
        "isSpam eq 'true'",
        "isSpam eq 1",
        "expirationDateTime lt 'tomorrow'",
        "contains(details/dealValue, '5')",
    ]), @r#"
    not status eq 'New'
    ^^^^^^^^^^ `not` binds tighter than `eq`; write `not (status eq …)` with parentheses
    not weather in ('fine')
    ^^^^^^^^^^^ `not` binds tighter than `in`; write `not (weather in …)` with parentheses
    'New'
    ^^^^^ `'New'` alone is no condition; compare something with it
    5 or isSpam
    ^ `5` alone is no condition; compare something with it
    tolower(name)
    ^^^^^^^^^^^^^ `tolower(name)` alone is no condition; compare it, as in `tolower(name) eq …`
    team
    ^^^^ `team` is a list, no condition; `team/any()` asks whether it has members
    team/email eq 'anna@contoso.com'
    ^^^^^^^^^^ `team` is a list; write team/any(x: x/email …) to ask its members
    team eq 'anna@contoso.com'
            ^^^^^^^^^^^^^^^^^^ `team` is a list; write team/any(x: x/… eq …) to ask its members
    details/dealValue gt '50000'
                         ^^^^^^^ `dealValue` is a number; write 50000 without quotes
    value in (1, 'many')
                 ^^^^^^ `value` is a number; compare it with one, such as 50000
    isSpam eq 'true'
              ^^^^^^ `isSpam` is true or false; write true or false, without quotes
    isSpam eq 1
              ^ `isSpam` is true or false; write true or false, without quotes
    expirationDateTime lt 'tomorrow'
                          ^^^^^^^^^^ `expirationDateTime` is a date-time; write one like 2026-11-20T00:00:00Z or 2026-11-20
    contains(details/dealValue, '5')
             ^^^^^^^^^^^^^^^^^ `contains` works on text, and `details/dealValue` is none; give a path or 'text'
    "#);
}

#[test]
fn the_fault_of_a_long_or_many_lined_expression_is_shown_in_its_line() {
    let long = format!("{} and five == 5 and {}", "status eq 'New' and ".repeat(10), "isSpam and ".repeat(20));
    insta::assert_snapshot!(told(&["isSpam\n\tand five == 5\nand favorite", &long]), @r#"
     and five == 5
              ^^ `==` is not in this language; write `eq`
    …'New' and status eq 'New' and status eq 'New' and  and five == 5 and isSpam and isSpam and isSpam and isSpam and isSpam …
                                                                 ^^ `==` is not in this language; write `eq`
    "#);
}

#[test]
fn an_expression_has_a_longest_length() {
    let fitting = format!("name eq '{}'", "x".repeat(LONGEST - 10));
    assert_eq!(fitting.len(), LONGEST);
    assert!(Filter::parse(&fitting).is_ok());
    assert_eq!(
        message(&format!("{fitting} ")),
        "the expression is longer than 8192 bytes; split it into several rules"
    );
}

#[test]
fn an_expression_has_a_greatest_depth() {
    let deepest = |open: &str, inner: &str, close: &str, n: usize| {
        Filter::parse(&format!("{}{inner}{}", open.repeat(n), close.repeat(n)))
    };
    for (open, inner, close) in [("(", "isSpam", ")"), ("not ", "isSpam", ""), ("not (", "isSpam", ")")] {
        assert!(deepest(open, inner, close, 32).is_ok());
        let fault = deepest(open, inner, close, 1000).expect_err("too deep");
        assert_eq!(fault.message, "the expression is nested deeper than 64 levels; write it flatter");
    }
    assert!(deepest("(", "isSpam", ")", 64).is_ok() && deepest("(", "isSpam", ")", 65).is_err());
}

#[test]
fn a_long_chain_is_not_deep() {
    assert!(Filter::parse(&format!("{}isSpam", "isSpam or ".repeat(800))).is_ok());
}

#[test]
fn lambdas_have_a_greatest_depth() {
    let nested = |n: usize| {
        let opened: String = (0..n).map(|i| format!("a/any(x{i}: ")).collect();
        Filter::parse(&format!("{opened}true{}", ")".repeat(n)))
    };
    assert!(nested(4).is_ok());
    assert_eq!(nested(5).expect_err("too deep").message, "`any` and `all` stand at most 4 deep inside each other");
}

#[test]
fn a_list_has_a_greatest_length() {
    let list = |n: usize| format!("five in ({})", vec!["1"; n].join(","));
    assert!(Filter::parse(&list(1000)).is_ok());
    assert_eq!(message(&list(1001)), "`in` takes at most 1000 values");
}
