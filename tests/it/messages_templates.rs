//! Templates that users write: what is refused before anything depends on it, and what happens to one that fails later.

use std::{fs, path::Path};

use leadtime::messages::{
    Form, TemplateFault, Templates,
    content::{ChannelKind, Content, Digest, Event},
    rendered::Body,
    sample,
};
use tempfile::TempDir;

use super::messages::{built_in, json, mail};

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }
    folder
}

fn load(files: &[(&str, &str)]) -> Templates {
    Templates::load(Some(folder(files).path())).unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The only fault of a folder that cannot be used.
fn fault(files: &[(&str, &str)]) -> TemplateFault {
    let folder = folder(files);
    let mut faults = Templates::load(Some(folder.path())).err().expect("faults");
    assert_eq!(faults.len(), 1, "{faults:?}");
    let fault = faults.remove(0);
    TemplateFault { file: fault.file.strip_prefix(folder.path()).expect("below the folder").to_owned(), ..fault }
}

fn line(templates: &Templates, content: &Content) -> (String, Option<TemplateFault>) {
    let (rendered, fault) = templates.render(content, ChannelKind::Stdout, Form::Full);
    match rendered.body {
        Body::Line(line) => (line, fault),
        other => panic!("not a line: {other:?}"),
    }
}

#[test]
fn a_file_of_the_same_name_replaces_the_built_in_one_and_no_other() {
    let templates = load(&[("stdout/new.txt.hbs", "{{customer}} {{referral.id}} until {{answer_by}}\n")]);
    let (new, fault) = line(&templates, &sample::full(Event::New));
    assert_eq!((new.as_str(), fault), ("Fabrikam Kft. 0b9f1a52-6f2e-4a3c-9f0e-0d7a7c1e1f01 until Thu 19 Nov", None));
    let reminder = sample::full(Event::Reminder);
    assert_eq!(line(&templates, &reminder).0, line(&Templates::default(), &reminder).0);
}

#[test]
fn a_part_of_ones_own_is_found_by_its_name() {
    let templates = load(&[("stdout/new.txt.hbs", "{{> mine}}"), ("stdout/_parts/mine.txt.hbs", "<{{customer}}>")]);
    assert_eq!(line(&templates, &sample::full(Event::New)).0, "<Fabrikam Kft.>");
}

#[test]
fn a_misspelt_file_is_a_fault_that_names_the_nearest() {
    let fault = fault(&[("slack/remind.json.hbs", "{}")]);
    assert_eq!(fault.file, Path::new("slack/remind.json.hbs"));
    assert!(fault.message.contains("did you mean slack/reminder.json.hbs?"), "{fault}");
}

#[test]
fn a_misspelt_name_is_a_fault_with_its_line() {
    let fault = fault(&[("email/new.txt.hbs", "Hello\n\n{{custommer}}\n")]);
    assert_eq!((fault.file.as_path(), fault.line), (Path::new("email/new.txt.hbs"), Some(3)));
    assert!(fault.message.contains("\"custommer\" is not known"), "{fault}");
}

#[test]
fn broken_handlebars_is_a_fault_with_its_line() {
    let fault = fault(&[("stdout/new.txt.hbs", "a\n{{#if first}}b\n")]);
    assert!(fault.line.is_some() && fault.message.contains("syntax"), "{fault}");
}

#[test]
fn what_renders_to_no_json_is_a_fault() {
    let fault = fault(&[("webhook/new.json.hbs", r#"{"a":"{{customer}}",}"#)]);
    assert!(fault.message.contains("not JSON"), "{fault}");
}

#[test]
fn an_unescaped_value_is_refused_where_it_could_break_out() {
    for (path, text) in [
        ("email/new.html.hbs", "<p>\n{{#if customer}}{{{customer}}}{{/if}}</p>"),
        ("slack/new.json.hbs", "{\"text\":\n\"{{&customer}}\"}"),
        ("webhook/new.json.hbs", "{\"text\":\n\"{{{customer}}}\"}"),
    ] {
        let fault = fault(&[(path, text)]);
        assert_eq!(fault.line, Some(2), "{fault}");
        assert!(fault.message.contains("unescaped"), "{fault}");
    }
}

#[test]
fn parts_that_include_each_other_are_refused_and_not_rendered() {
    let faults = Templates::load(Some(
        folder(&[
            ("stdout/new.txt.hbs", "{{> a}}"),
            ("stdout/_parts/a.txt.hbs", "{{#if first}}{{> b}}{{/if}}"),
            ("stdout/_parts/b.txt.hbs", "{{> a}}"),
        ])
        .path(),
    ))
    .err()
    .expect("faults");
    assert!(faults[0].message.contains("includes itself"), "{faults:?}");
    let inline = fault(&[("stdout/new.txt.hbs", "{{#*inline \"a\"}}{{> a}}{{/inline}}{{> a}}")]);
    assert!(inline.message.contains("inline"), "{inline}");
    let chosen = fault(&[("stdout/new.txt.hbs", "{{> (lookup this \"event\")}}")]);
    assert!(chosen.message.contains("written out"), "{chosen}");
}

#[test]
fn every_fault_is_listed_at_once() {
    let folder = folder(&[("stdout/new.txt.hbs", "{{#if}"), ("slack/nwe.json.hbs", "{}"), ("notes.md", "not ours")]);
    assert_eq!(Templates::load(Some(folder.path())).err().expect("faults").len(), 2);
}

#[test]
fn a_folder_that_is_not_there_is_a_fault() {
    let faults = Templates::load(Some(Path::new("/nonexistent/templates"))).err().expect("faults");
    assert!(faults[0].message.contains("cannot be read"), "{faults:?}");
}

#[test]
fn a_template_that_fails_at_run_time_costs_nothing_but_itself() {
    // Both samples of `new` are the first that is heard, so the check cannot see this fault.
    let templates = load(&[("stdout/new.txt.hbs", "{{#unless first}}{{nope}}{{/unless}}x")]);
    let mut message = sample::message(Event::New);
    message.first = false;
    let content = Content::Referral(Box::new(message));
    let (said, fault) = line(&templates, &content);
    assert_eq!(said, line(&Templates::default(), &content).0);
    assert!(fault.expect("a fault").message.contains("\"nope\""));
}

#[test]
fn the_webhooks_template_and_the_native_document_are_the_same() {
    let own = [("webhook/_parts/unused.json.hbs", "x")];
    let templates = load(&own);
    for event in Event::ALL {
        let content = sample::full(event);
        let (by_template, fault) = templates.render(&content, ChannelKind::Webhook, Form::Full);
        assert_eq!(fault, None);
        assert_eq!(json(by_template.body), json(built_in(&content, ChannelKind::Webhook)));
    }
}

#[test]
fn a_long_digest_says_how_many_it_leaves_out() {
    let long = sample::named("Contoso Subsidiary for Everything East of the River Tisza Zrt.", Event::Reminder);
    let digest = Digest { items: vec![long; 300], ..sample::digest() };
    let content = Content::Digest(Box::new(digest));
    let shown = |channel| {
        let text = match built_in(&content, channel) {
            Body::Json(text) => text,
            body => mail(body).html.expect("html"),
        };
        let (_, more) = text.split_once("…and ").expect("how many more");
        let hidden: usize = more.split(' ').next().and_then(|count| count.parse().ok()).expect("a number");
        assert_eq!(text.matches("Contoso Subsidiary").count(), 300 - hidden, "{channel:?}");
        assert!(text.contains("You get reminders until somebody answers"), "{channel:?}");
        (text.len(), hidden)
    };
    assert!(shown(ChannelKind::Slack).0 < 20_000);
    assert!(shown(ChannelKind::Teams).0 <= 20_000);
    assert!(shown(ChannelKind::Email).0 <= 90_000);
}

#[test]
fn a_long_digest_in_plain_text_says_how_many_it_leaves_out_and_that_it_may_be_a_repeat() {
    let long = sample::named("Contoso Subsidiary for Everything East of the River Tisza Zrt.", Event::Reminder);
    let digest = Digest { items: vec![long; 300], possible_repeat: true, ..sample::digest() };
    let content = Content::Digest(Box::new(digest));
    for channel in [ChannelKind::Slack, ChannelKind::Teams] {
        let message = json(Templates::default().render(&content, channel, Form::Plain).0.body);
        let text = match channel {
            ChannelKind::Slack => message["text"].clone(),
            _ => message["attachments"][0]["content"]["body"][0]["inlines"][0]["text"].clone(),
        };
        let text = text.as_str().expect("text");
        let (_, more) = text.split_once("…and ").expect("how many more");
        let hidden: usize = more.split(' ').next().and_then(|count| count.parse().ok()).expect("a number");
        assert_eq!(text.matches("Contoso Subsidiary").count(), 300 - hidden, "{channel:?}: {text}");
        assert!(text.contains("This may be a repeat"), "{channel:?}: {text}");
    }
}

#[test]
fn the_plain_form_holds_the_same_message_without_decoration() {
    let templates = Templates::default();
    let content = sample::full(Event::Escalation);
    let plain = |channel| templates.render(&content, channel, Form::Plain).0.body;
    let slack = json(plain(ChannelKind::Slack));
    assert_eq!(slack.get("blocks"), None);
    let text = slack["text"].as_str().expect("text");
    assert!(
        text.starts_with(
            "Unanswered, answer by Thu 19 Nov: Fabrikam Kft., €80k (HU)\n\nFor Anna Kovács.\n\nAsk Anna Kovács"
        ),
        "{text}"
    );
    assert!(text.contains("\n<https://leadtime.contoso.example/claim/v1.c2FtcGxl.Zm9yIHByZXZpZXcgb25seQ>\n"), "{text}");
    let card = json(plain(ChannelKind::Teams));
    let content_of = &card["attachments"][0]["content"];
    assert_eq!(content_of["body"].as_array().map(Vec::len), Some(1));
    assert_eq!(content_of["actions"][0]["type"], "Action.OpenUrl");
    let mail = mail(plain(ChannelKind::Email));
    assert_eq!(mail.html, None);
    assert!(mail.urgent && mail.thread.is_some());
}
