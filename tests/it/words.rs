//! The language files as a translator leaves them: each has every text of English and no other, with the same variables, the same
//! alternatives and all of its plurals; and the code says each of them. So another language is complete when these pass.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use fluent_syntax::{
    ast::{CallArguments, Comment, Entry, Expression, InlineExpression, Pattern, PatternElement, Resource, VariantKey},
    parser::parse,
};
use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};
use leadtime::{
    core::locale::Locale,
    messages::words::{self, Labels},
};
use unic_langid::LanguageIdentifier;

/// One text of a language.
#[derive(Default)]
struct Text {
    /// As it is written, for comparing.
    written: String,
    /// What it puts in or decides by, what it refers to included.
    variables: BTreeSet<String>,
    /// Variables that the comment above it names, and that the heading of its section names.
    named: (BTreeSet<String>, BTreeSet<String>),
    /// The alternatives of each variable that it decides by.
    choices: BTreeMap<String, BTreeSet<String>>,
    /// Texts that it refers to.
    refers: BTreeSet<String>,
}

type Language = BTreeMap<String, Text>;

fn source(code: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/words").join(format!("{code}.ftl"));
    fs::read_to_string(path).unwrap()
}

fn read(code: &str) -> Language {
    let resource: Resource<String> = parse(source(code)).unwrap_or_else(|(_, faults)| panic!("{code}: {faults:?}"));
    let mut language = Language::new();
    let mut section = BTreeSet::new();
    for entry in &resource.body {
        match entry {
            Entry::GroupComment(comment) => section = variables_in(comment),
            Entry::Message(message) => {
                let mut text = Text::default();
                text.named = (message.comment.as_ref().map(variables_in).unwrap_or_default(), section.clone());
                text.written = format!("{:?}", message.value);
                look(message.value.as_ref().expect("a text"), &mut text);
                assert!(language.insert(message.id.name.clone(), text).is_none(), "{code}: {} twice", message.id.name);
            }
            Entry::Term(term) => panic!("{code}: a term is no text: -{}", term.id.name),
            Entry::Junk { content } => panic!("{code}: {content}"),
            Entry::Comment(_) | Entry::ResourceComment(_) => {}
        }
    }
    let refers: Vec<(String, String)> = language
        .iter()
        .flat_map(|(id, text)| text.refers.iter().map(move |other| (id.clone(), other.clone())))
        .collect();
    for (id, other) in refers {
        let inherited = language[&other].variables.clone();
        language.get_mut(&id).unwrap().variables.extend(inherited);
    }
    language
}

fn variables_in(comment: &Comment<String>) -> BTreeSet<String> {
    let of_line = |line: &String| {
        line.split('$')
            .skip(1)
            .map(|rest| rest.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '-').collect())
            .collect::<Vec<String>>()
    };
    comment.content.iter().flat_map(of_line).collect()
}

fn look(pattern: &Pattern<String>, text: &mut Text) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            look_into(expression, text);
        }
    }
}

fn look_into(expression: &Expression<String>, text: &mut Text) {
    match expression {
        Expression::Inline(inline) => put_in(inline, text),
        Expression::Select { selector, variants } => {
            put_in(selector, text);
            let InlineExpression::VariableReference { id } = selector else { panic!("decides by no variable") };
            for variant in variants {
                let key = match &variant.key {
                    VariantKey::Identifier { name } => name,
                    VariantKey::NumberLiteral { value } => value,
                };
                text.choices.entry(id.name.clone()).or_default().insert(key.clone());
                look(&variant.value, text);
            }
        }
    }
}

fn put_in(inline: &InlineExpression<String>, text: &mut Text) {
    match inline {
        InlineExpression::VariableReference { id } => {
            text.variables.insert(id.name.clone());
        }
        InlineExpression::MessageReference { id, .. } => {
            text.refers.insert(id.name.clone());
        }
        InlineExpression::Placeable { expression } => look_into(expression, text),
        InlineExpression::FunctionReference { id, arguments: CallArguments { .. } } => panic!("{} is no text", id.name),
        _ => {}
    }
}

/// The forms that a language's counting has, found by counting, fractions included.
fn plurals_of(code: &str) -> BTreeSet<String> {
    let rules = PluralRules::create(code.parse::<LanguageIdentifier>().unwrap(), PluralRuleType::CARDINAL)
        .expect("a language with plurals");
    let whole = (0..=1_000_000).step_by(1).take(1_001).map(|n: u32| n.to_string());
    let all = whole.chain(["1000000", "0.5", "1.5", "10.0"].map(str::to_owned));
    let forms = all.map(|n| match rules.select(n.as_str()).unwrap() {
        PluralCategory::ZERO => "zero",
        PluralCategory::ONE => "one",
        PluralCategory::TWO => "two",
        PluralCategory::FEW => "few",
        PluralCategory::MANY => "many",
        PluralCategory::OTHER => "other",
    });
    forms.map(str::to_owned).collect()
}

fn is_plural(choices: &BTreeSet<String>) -> bool {
    // What English counts has at least these two; a name of ours is never "one" beside "other".
    choices.contains("other") && ["zero", "one", "two", "few", "many"].iter().any(|form| choices.contains(*form))
}

fn others() -> Vec<&'static str> {
    Locale::all().filter(|locale| *locale != Locale::EN).map(Locale::as_str).collect()
}

#[test]
fn every_file_of_the_folder_is_a_language() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/words");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|file| file.strip_suffix(".ftl").expect("nothing else").to_owned())
        .collect();
    assert_eq!(files, Locale::all().map(|locale| locale.as_str().to_owned()).collect());
    assert!(["en", "hu", "cs"].iter().all(|code| files.contains(*code)));
}

#[test]
fn no_language_lacks_a_text_and_none_has_one_that_nobody_asks_for() {
    let english: BTreeSet<String> = read("en").into_keys().collect();
    for code in others() {
        let its: BTreeSet<String> = read(code).into_keys().collect();
        let missing: Vec<_> = english.difference(&its).collect();
        let unknown: Vec<_> = its.difference(&english).collect();
        assert!(missing.is_empty() && unknown.is_empty(), "{code}: missing {missing:?}, unknown {unknown:?}");
    }
}

#[test]
fn every_text_says_what_the_english_one_says() {
    let english = read("en");
    let mut faults = Vec::new();
    for code in others() {
        for (id, text) in read(code) {
            let Some(model) = english.get(&id) else { continue };
            let (own, section) = &model.named;
            // What a comment names may be used or not, as the language needs; all else stands in every language.
            let lost = model.variables.iter().filter(|name| !text.variables.contains(*name) && !own.contains(*name));
            faults.extend(lost.map(|name| format!("{code}: {id} does not say ${name}")));
            let strange = text
                .variables
                .iter()
                .filter(|name| !model.variables.contains(*name) && !own.contains(*name) && !section.contains(*name));
            faults.extend(strange.map(|name| format!("{code}: {id} has no ${name}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_alternative_of_english_stands_in_every_language() {
    let english = read("en");
    let mut faults = Vec::new();
    for code in others() {
        for (id, text) in read(code) {
            for (variable, model) in english.get(&id).map(|model| &model.choices).into_iter().flatten() {
                // Each language has signs for other currencies; plurals are held below.
                if variable == "code" || is_plural(model) {
                    continue;
                }
                let its = text.choices.get(variable).cloned().unwrap_or_default();
                if its != *model {
                    faults.push(format!("{code}: {id} by ${variable} has {its:?}, English has {model:?}"));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_plural_has_all_of_its_forms() {
    let forms = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(plurals_of("cs"), forms(&["one", "few", "many", "other"]));
    assert_eq!(plurals_of("hu"), forms(&["one", "other"]));
    for code in Locale::all().map(Locale::as_str) {
        let whole = plurals_of(code);
        for (id, text) in read(code) {
            for (variable, its) in text.choices.iter().filter(|(name, its)| *name != "code" && is_plural(its)) {
                let its: BTreeSet<String> = its.iter().filter(|key| key.parse::<f64>().is_err()).cloned().collect();
                assert_eq!(its, whole, "{code}: {id} by ${variable}");
            }
        }
    }
}

#[test]
fn no_text_of_several_words_was_left_in_english() {
    let english = read("en");
    for code in others() {
        for (id, text) in read(code).into_iter().filter(|(id, _)| id != "menu") {
            let same = english.get(&id).is_some_and(|model| model.written == text.written);
            let words = |written: &str| {
                written.split("value: \"").skip(1).any(|value| {
                    let value = value.split('"').next().unwrap_or_default();
                    value.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count() > 1
                })
            };
            assert!(!(same && words(&text.written)), "{code}: {id} is English");
        }
    }
}

#[test]
fn every_text_is_said_somewhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/messages/words");
    let mut code = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        code += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    let english = read("en");
    let referred: BTreeSet<&String> = english.values().flat_map(|text| &text.refers).collect();
    let named = |id: &String| code.contains(&format!("\"{id}\""));
    let counted = |id: &str| id.starts_with("weekday-") || id.starts_with("month-") || id == "decimal";
    let unsaid: Vec<&String> =
        english.keys().filter(|id| !named(id) && !counted(id) && !referred.contains(id)).collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn labels_fit_where_they_stand() {
    for locale in Locale::all() {
        let Labels { value, place, from, answer_by, expires, expired, contact, contact_person, owner, .. } =
            words::of(locale).labels();
        for row in [value, place, from, answer_by, expires, expired, contact, contact_person, owner] {
            assert!(row.chars().count() <= 11, "{locale:?}: a row's name is too wide for its column: {row}");
        }
        let labels = words::of(locale).labels();
        for button in [&labels.open_in, &labels.claim, &labels.claim_escalation] {
            assert!(button.chars().count() <= 30, "{locale:?}: a button is too wide for a phone: {button}");
        }
    }
}
