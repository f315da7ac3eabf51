//! One story per row of the language.

use serde_json::{Map, Value, json};

use crate::core::filter::{Filter, KNOWN_PATHS, Subject, fields, is_known, nearest_path};

fn body() -> Map<String, Value> {
    let Value::Object(body) = json!({
        "id": "r1", "engagementId": "65edc0b5-3485-41b7-a17e-dfa9ef4706e2", "status": "New", "substatus": "Pending",
        "type": "Shared", "direction": "Incoming", "qualification": "Direct", "isSpam": true, "favorite": false,
        "name": null, "externalReferenceId": "O'Hara", "createdDateTime": "2026-11-06T08:15:30.1234567Z",
        "updatedDateTime": "2026-11-06T09:15:30.1234567+01:00", "expirationDateTime": "2026-11-20T00:00:00",
        "customerProfile": {"name": "Ajka ÜVEG School Kft.", "address": {"country": "HU", "city": ""}, "ids": {}},
        "details": {"dealValue": "1500", "requirements": {"products": [{"id": "Azure"}, {"id": "Microsoft365"}]}},
        "team": [{"email": "anna@contoso.com", "firstName": "Anna"}, {"email": "bela@contoso.com"}],
        "tags": [], "labels": ["hot", "new"], "five": 5, "word": "Zebra", "value": 7,
        "groups": [{"lead": "bela", "people": ["anna", "bela"]}, {"lead": "dora", "people": ["cili"]}],
    }) else {
        unreachable!("an object")
    };
    body
}

fn holds(source: &str) -> bool {
    let filter = Filter::parse(source).unwrap_or_else(|fault| panic!("{}", fault.show(source)));
    let extra = [("account", json!("contoso")), ("category", json!("CoSellOpportunity")), ("value", json!(60_000.0))];
    filter.matches(Subject { body: &body(), extra: &extra })
}

#[track_caller]
fn all_hold(sources: &[&str]) {
    for source in sources {
        assert!(holds(source), "should hold: {source}");
    }
}

#[track_caller]
fn none_holds(sources: &[&str]) {
    for source in sources {
        assert!(!holds(source), "should not hold: {source}");
    }
}

#[test]
fn the_users_own_filters_are_read() {
    all_hold(&[
        "direction eq 'Incoming' and substatus eq 'Pending'",
        "(type eq 'Shared' and direction eq 'Incoming')",
        "engagementId eq '65edc0b5-3485-41b7-a17e-dfa9ef4706e2'",
        "status eq 'New' and team/any(t:t/email eq 'anna@contoso.com')",
    ]);
    none_holds(&[
        "status eq 'Active' and direction eq 'Outgoing' and type eq 'Shared' and team/any(t:t/email eq 'r2d2@contoso.com')",
    ]);
}

#[test]
fn the_examples_of_the_manual_mean_what_they_say() {
    all_hold(&[
        "type eq 'Shared' and details/dealValue ge 1500 and customerProfile/address/country in ('HU','CZ')",
        "qualification eq 'Direct' and details/requirements/products/any(p: p/id eq 'Microsoft365')",
        "contains(tolower(customerProfile/name), 'school') or team/any(t: t/email eq 'nobody')",
        "category eq 'CoSellOpportunity' and value ge 50000",
        "isSpam eq true",
    ]);
    none_holds(&[
        "type eq 'Shared' and details/dealValue ge 50000 and customerProfile/address/country in ('HU','CZ')",
        "contains(tolower(customerProfile/name), 'hospital') or team/any(t: t/email eq 'nobody')",
    ]);
}

#[test]
fn numbers_have_an_order() {
    all_hold(&[
        "five eq 5",
        "five ne 4",
        "five gt 4.9",
        "five ge 5",
        "five lt 5.5e0",
        "five le +5",
        "5 lt 6",
        "-1 lt five",
    ]);
    none_holds(&["five eq 4", "five ne 5", "five gt 5", "five ge 6", "five lt 5", "five le -5", "6 lt five"]);
}

#[test]
fn text_has_an_order_and_compares_exactly() {
    all_hold(&[
        "word gt 'Yak'",
        "word le 'Zebra'",
        "externalReferenceId eq 'O''Hara'",
        "customerProfile/address/city eq ''",
    ]);
    none_holds(&[
        "word eq 'zebra'",
        "customerProfile/address/country eq 'hu'",
        "customerProfile/address/country in ('hu')",
    ]);
}

#[test]
fn truth_values_have_an_order_too() {
    all_hold(&["isSpam gt favorite", "favorite eq false", "isSpam ne favorite"]);
    none_holds(&["favorite ge isSpam", "isSpam eq false"]);
}

#[test]
fn a_bare_path_holds_when_it_is_true() {
    all_hold(&["isSpam", "not favorite", "not consent/consentToContact", "true", "not false"]);
    none_holds(&["favorite", "consent/consentToContact", "not isSpam", "word", "five", "false"]);
}

#[test]
fn and_binds_tighter_than_or() {
    all_hold(&["true or false and false", "true or true and false", "(five eq 5) and (true)"]);
    none_holds(&["(true or false) and false", "false and true or false"]);
}

#[test]
fn not_binds_tighter_than_a_comparison_and_than_and() {
    all_hold(&[
        "not isSpam eq false",
        "not false and true",
        "not not true",
        "not contains(word, 'x')",
        "not (false and true)",
    ]);
    none_holds(&["not isSpam eq true", "not true or false", "not (five eq 5)"]);
}

#[test]
fn either_side_may_be_a_path_a_literal_or_a_function() {
    all_hold(&[
        "'HU' eq customerProfile/address/country",
        "tolower(word) eq tolower('ZEBRA')",
        "contains(word, 'eb') eq true",
        "(five) eq (5)",
        "team/any() eq isSpam",
        "word eq word",
    ]);
}

#[test]
fn what_is_missing_is_null_and_equals_only_null() {
    all_hold(&[
        "nothing eq null",
        "name eq null",
        "five ne null",
        "customerProfile/nothing/below ne 'HU'",
        "word/below eq null",
        "null eq null",
        "team ne null",
        "customerProfile ne null",
    ]);
    none_holds(&["nothing ne null", "nothing eq 'HU'", "five eq null", "team eq null", "customerProfile eq null"]);
}

#[test]
fn a_rule_for_every_country_but_one_takes_a_referral_without_a_country() {
    let rule = Filter::parse("customerProfile/address/country ne 'HU'").expect("readable");
    let asked = |body: Value| rule.matches(Subject { body: body.as_object().expect("an object"), extra: &[] });
    assert!(asked(json!({"id": "r1"})));
    assert!(asked(json!({"id": "r1", "customerProfile": {"address": {"country": null}}})));
    assert!(!asked(json!({"id": "r1", "customerProfile": {"address": {"country": "HU"}}})));
}

#[test]
fn null_has_no_order_and_no_text() {
    none_holds(&[
        "nothing gt 1",
        "nothing le 1",
        "nothing ge null",
        "null le null",
        "five gt null",
        "contains(nothing, 'a')",
        "contains(word, nothing)",
        "startswith(nothing, '')",
        "endswith(nothing, '')",
        "contains(five, '5')",
    ]);
    all_hold(&["tolower(nothing) eq null", "tolower(five) eq null"]);
}

#[test]
fn null_is_in_a_list_only_when_listed() {
    all_hold(&["nothing in ('a', null)", "word in ('Yak', 'Zebra')", "five in (4, 5)", "isSpam in (true)"]);
    none_holds(&["nothing in ('a', 'b')", "word in ('Yak', null)", "five in (4, '5')"]);
}

#[test]
fn different_kinds_are_not_equal_and_have_no_order() {
    all_hold(&["five ne '5'", "five ne true", "word ne 5", "labels ne 'hot'", "customerProfile ne customerProfile"]);
    none_holds(&[
        "five eq '5'",
        "five eq true",
        "word lt 5",
        "word gt 5",
        "five lt 'a'",
        "true gt 0",
        "labels eq 'hot'",
    ]);
}

#[test]
fn enumerations_compare_without_regard_to_case() {
    all_hold(&[
        "status eq 'NEW'",
        "'new' eq status",
        "substatus in ('pending', 'received')",
        "category eq 'cosellopportunity'",
        "tolower('SHARED') eq type",
    ]);
    none_holds(&["status ne 'new'", "not (type in ('SHARED'))", "substatus eq 'Received'"]);
}

#[test]
fn members_of_a_list_know_their_enumerations() {
    let filter = Filter::parse("target/any(t: t/type eq 'solutionprofile')").expect("readable");
    let body = json!({"target": [{"type": "SolutionProfile"}]});
    assert!(filter.matches(Subject { body: body.as_object().expect("an object"), extra: &[] }));
}

#[test]
fn a_guid_without_quotes_is_text_whatever_its_case() {
    all_hold(&[
        "engagementId eq 65edc0b5-3485-41b7-a17e-dfa9ef4706e2",
        "engagementId eq 65EDC0B5-3485-41B7-A17E-DFA9EF4706E2",
        "engagementId in (c5fbb3b6-be74-4795-9fb5-4324c73fed37, 65EDC0B5-3485-41B7-A17E-DFA9EF4706E2)",
    ]);
    none_holds(&[
        "engagementId eq c5fbb3b6-be74-4795-9fb5-4324c73fed37",
        "engagementId eq '65EDC0B5-3485-41B7-A17E-DFA9EF4706E2'",
    ]);
}

#[test]
fn text_beside_a_date_time_is_an_instant() {
    all_hold(&[
        "expirationDateTime eq 2026-11-20T00:00:00Z",
        "expirationDateTime eq 2026-11-20",
        "expirationDateTime eq 2026-11-20T01:00:00+01:00",
        "expirationDateTime eq '2026-11-20T00:00:00.000Z'",
        "expirationDateTime in (2026-11-19, '2026-11-20')",
        "createdDateTime lt 2026-11-06T08:15:31Z",
        "createdDateTime eq updatedDateTime",
        "acceptedDateTime ne 2026-11-20",
    ]);
    none_holds(&[
        "expirationDateTime lt 2026-11-20",
        "word eq 2026-11-20",
        "word lt 2026-11-20",
        "acceptedDateTime lt 2026-11-20",
        "five gt 2026-11-20",
    ]);
}

#[test]
fn text_beside_a_number_is_a_number() {
    all_hold(&[
        "details/dealValue eq 1500.0",
        "details/dealValue lt 2e3",
        "details/dealValue in (1, 1500)",
        "value gt details/dealValue",
    ]);
    none_holds(&["details/dealValue gt 1500", "word eq 0", "'5' eq 5"]);
}

#[test]
fn infinity_and_nan_are_words_not_numbers() {
    let filter = Filter::parse("details/dealValue gt 1 or details/dealValue le 1").expect("readable");
    for text in ["inf", "NaN", "-Infinity", "1e999", ""] {
        let body = json!({"details": {"dealValue": text}});
        assert!(!filter.matches(Subject { body: body.as_object().expect("an object"), extra: &[] }), "{text}");
    }
}

#[test]
fn text_functions_look_at_letters_as_they_are() {
    all_hold(&[
        "contains(word, 'ebr')",
        "contains(word, '')",
        "startswith(word, 'Ze')",
        "endswith(word, 'bra')",
        "contains('Zebra and yak', word)",
    ]);
    none_holds(&["contains(word, 'EBR')", "startswith(word, 'ze')", "endswith(word, 'Zebra!')"]);
}

#[test]
fn tolower_is_for_every_alphabet_and_every_length() {
    all_hold(&[
        "contains(tolower(customerProfile/name), 'üveg')",
        "startswith(tolower(customerProfile/name), 'ajka ü')",
        "endswith(tolower(customerProfile/name), 'KFT.') eq false",
        "endswith(tolower(customerProfile/name), 'kft.')",
        "tolower(tolower(word)) eq 'zebra'",
        "tolower('İ') eq 'i̇'",
        "contains(tolower('xİy'), 'i̇y')",
        "contains(tolower('A somewhat longer text, which holds a part that is longer than what is looked for step by step.'), \
         'a somewhat longer text, which holds a part that is longer than what is looked for')",
    ]);
    none_holds(&["contains(tolower(word), 'Zebra')", "tolower(word) eq 'Zebra'", "contains(tolower(word), 'zebras')"]);
}

#[test]
fn any_and_all_ask_the_members() {
    all_hold(&[
        "team/any(t: t/firstName eq 'Anna')",
        "team/all(t: endswith(t/email, '@contoso.com'))",
        "team/any(t: t/firstName eq null)",
        "labels/any(l: l eq 'hot')",
        "labels/all(l: l in ('hot', 'new'))",
        "team/any(t: t/email eq 'anna@contoso.com' and status eq 'New')",
        "team/any()",
        "labels/any(l: l eq tolower(status))",
    ]);
    none_holds(&["team/all(t: t/firstName eq 'Anna')", "labels/any(l: l eq 'cold')", "tags/any()"]);
}

#[test]
fn any_over_nothing_is_false_and_all_is_true() {
    for list in ["nothing", "tags", "customerProfile/ids", "word", "name", "five"] {
        none_holds(&[&format!("{list}/any(x: true)"), &format!("{list}/any()")]);
        all_hold(&[&format!("{list}/all(x: false)")]);
    }
}

#[test]
fn lambdas_inside_each_other_see_the_outer_member_and_the_referral() {
    all_hold(&[
        "groups/any(g: g/people/any(p: p eq g/lead))",
        "groups/any(g: g/people/all(p: p eq 'cili') and g/lead eq 'dora')",
        "groups/all(g: g/people/any(p: p ne g/lead and five eq 5))",
    ]);
    none_holds(&["groups/all(g: g/people/any(p: p eq g/lead))"]);
}

#[test]
fn names_that_leadtime_adds_hide_those_of_the_body() {
    all_hold(&["value eq 60000", "account eq 'contoso'"]);
    let without = Filter::parse("value eq 7").expect("readable");
    assert!(without.matches(Subject { body: &body(), extra: &[] }));
}

#[test]
fn a_variable_hides_a_name_of_the_referral() {
    all_hold(&["labels/any(word: word eq 'hot')"]);
}

#[test]
fn a_wrongly_cased_path_is_another_path() {
    all_hold(&["Status eq null", "customerprofile/name eq null"]);
}

#[test]
fn paths_are_told_with_their_place_and_variables_resolved() {
    let source = "team/any(t: t/email eq name) and customerProfile/address/country in ('HU') and tags/any(x: x eq 'a')";
    let filter = Filter::parse(source).expect("readable");
    let paths: Vec<_> = filter.paths().map(|(path, at)| (path, &source[at])).collect();
    assert_eq!(
        paths,
        [
            ("team", "team"),
            ("team/email", "t/email"),
            ("name", "name"),
            ("customerProfile/address/country", "customerProfile/address/country"),
            ("tags", "tags"),
        ]
    );
}

#[test]
fn an_expression_mentions_what_it_names_and_what_that_is_part_of() {
    let filter = Filter::parse("value ge 5 and details/notes ne null").expect("readable");
    assert!(filter.mentions("value") && filter.mentions("details") && filter.mentions("details/notes"));
    assert!(!filter.mentions("val") && !filter.mentions("notes") && !filter.mentions("details/notes/x"));
}

#[test]
fn a_filter_is_shown_and_compared_as_it_was_written() {
    let source = " status  eq 'New' ";
    let filter = Filter::parse(source).expect("readable");
    assert_eq!((filter.to_string().as_str(), filter.source()), (source, source));
    assert_eq!(filter, Filter::parse(source).expect("readable"));
    assert_ne!(filter, Filter::parse("status eq 'New'").expect("readable"));
}

#[test]
fn the_nearest_path_is_what_was_probably_meant() {
    for (written, meant) in [
        ("Status", Some("status")),
        ("statsu", Some("status")),
        ("country", Some("customerProfile/address/country")),
        ("customerProfile/country", Some("customerProfile/address/country")),
        ("customerprofile/adress/country", Some("customerProfile/address/country")),
        ("dealvalue", Some("details/dealValue")),
        ("details/dealvalu", Some("details/dealValue")),
        ("consent/consentToShareInfoWithOthers", Some("consent/consentToToShareInfoWithOthers")),
        ("team/mail", Some("team/email")),
        ("expirationDate", None),
        ("weather", None),
        ("foo/id", None),
        ("status", None),
        ("details/requirements/additionalRequirements/anything", None),
    ] {
        assert_eq!(nearest_path(written), meant, "{written}");
    }
}

#[test]
fn known_paths_are_listed_once_and_below_known_ones() {
    for (i, path) in KNOWN_PATHS.iter().enumerate() {
        assert!(is_known(path) && !KNOWN_PATHS[..i].contains(path), "{path}");
        if let Some((above, _)) = path.rsplit_once('/') {
            assert!(matches!(fields::kind(above), Some(fields::Kind::Object | fields::Kind::List)), "{path}");
        }
    }
    assert!(!is_known("weather") && is_known("details/requirements/additionalRequirements/x"));
}

/// Nine hundred members asked three deep are 729 million questions.
#[test]
fn lists_inside_lists_have_an_end_however_many_members_a_stranger_gives_them() {
    let members: Vec<Value> = (0..900).map(|n| json!({ "id": n, "email": "a" })).collect();
    let Value::Object(body) = json!({ "id": "r1", "team": members, "last": "a" }) else { unreachable!("an object") };
    let ask = |source: &str| Filter::parse(source).unwrap().matches(Subject { body: &body, extra: &[] });
    assert!(!ask("team/any(a: team/any(b: team/any(c: c/email eq 'nobody')))"));
    assert!(!ask("team/all(a: team/all(b: team/all(c: c/email eq 'a')))"), "what is beyond does not hold");
    assert!(ask("team/any(a: team/any(b: a/id eq 899 and b/id eq 0))"), "two deep is well within");
}

#[test]
fn a_long_text_is_searched_for_a_few_members_and_not_for_ten_thousand() {
    let members: Vec<Value> = (0..10_000).map(|n| json!({ "id": n })).collect();
    let notes = "x".repeat(1 << 20);
    let Value::Object(body) = json!({ "id": "r1", "team": members, "details": { "notes": notes } }) else {
        unreachable!("an object")
    };
    let ask = |source: &str| Filter::parse(source).unwrap().matches(Subject { body: &body, extra: &[] });
    assert!(!ask("team/any(a: contains(tolower(details/notes), 'y'))"));
    assert!(!ask("team/any(a: details/notes gt 5 or tolower(details/notes) eq details/notes and a/id eq -1)"));
    assert!(ask("contains(details/notes, 'xx') and endswith(tolower(details/notes), 'x')"));
}
