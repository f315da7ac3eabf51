//! Templates of the user's own: read, tried by `check`, and used for a message. A template that would not do never costs the
//! message.

use std::fs;

use leadtime::{
    core::locale::Locale,
    messages::{
        Form, Templates,
        content::{ChannelKind, Event},
        sample,
    },
};
use tempfile::TempDir;

use super::{
    Held, Target, hold,
    messages::{content, is_sound},
    of_sections, sections, settings,
};

pub const TARGET: Target = Target {
    name: "templates",
    about: "templates of the user's own",
    corpus,
    words: WORDS,
    feed,
    cases: 80,
    memory: (48 << 20, 200),
};

const WORDS: &[&str] = &[
    "{{",
    "}}",
    "{{{",
    "}}}",
    "{{#",
    "{{/",
    "{{^",
    "{{>",
    "{{!--",
    "--}}",
    "{{else}}",
    "{{~",
    "~}}",
    "{{&",
    "{{#each items}}",
    "{{/each}}",
    "{{#if first}}",
    "{{/if}}",
    "{{#unless",
    "{{#with referral}}",
    "{{/with}}",
    "{{lookup referral \"id\"}}",
    "{{log \"x\"}}",
    "{{this}}",
    "{{../this}}",
    "{{@root}}",
    "{{@index}}",
    "{{@key}}",
    "{{referral.details.notes}}",
    "{{referral.[id]}}",
    "{{customer}}",
    "{{#> x}}",
    "{{#*inline \"x\"}}",
    "{{/inline}}",
    "{{> x}}",
    "{{> _parts/x}}",
    "{{> (lookup . \"x\")}}",
    "{{#each referral as |v k|}}",
    "{{json referral}}",
    "{{len items}}",
    "{{eq 1 1}}",
    "{{#if (and first (or first first))}}",
    "{{headline}}",
    "{{message_id}}",
    "{{deadline}}",
    "{{link}}",
    "{{told}}",
    "{{next}}",
    "slack/new.json.hbs",
    "teams/new.json.hbs",
    "email/new.html.hbs",
    "email/new.subject.hbs",
    "stdout/new.txt.hbs",
    "slack/_parts/x.hbs",
    "teams/_parts/x.hbs",
    "email/_parts/x.hbs",
    "\"",
    ",",
    "{\"text\":\"",
    "\"}",
];

fn corpus() -> Vec<Vec<u8>> {
    let part = "{{#each items}}{{this}}{{/each}}";
    vec![
        of_sections(&[
            "slack/new.json.hbs",
            r#"{"text":"{{headline}}","blocks":[{{#if first}}{"type":"divider"}{{/if}}]}"#,
        ]),
        of_sections(&["slack/new.json.hbs", r#"{"text":"{{> x}}"}"#, "slack/_parts/x.hbs", "{{customer}}"]),
        of_sections(&["slack/new.json.hbs", r#"{"text":"{{> x}}"}"#, "slack/_parts/x.hbs", part]),
        of_sections(&["teams/new.json.hbs", include_str!("../../../templates/teams/new.json.hbs")]),
        of_sections(&["email/new.html.hbs", "<p>{{customer}} {{#with referral}}{{id}}{{/with}}</p>"]),
        of_sections(&["email/new.subject.hbs", "{{headline}}", "email/new.txt.hbs", "{{headline}}\n{{reason}}\n"]),
        of_sections(&["slack/new.json.hbs", r#"{"text":"{{#*inline "x"}}a{{/inline}}{{> x}}"}"#]),
    ]
}

fn feed(input: &[u8]) -> Held {
    let folder: TempDir = settings::folder();
    let sections = sections(input);
    for pair in sections.chunks(2) {
        let (name, text) = (String::from_utf8_lossy(pair[0]), pair.get(1).copied().unwrap_or_default());
        let file = folder.path().join(name.trim_start_matches('/').replace("..", "__"));
        // Where chance has made no file name there is no file.
        if let Some(beside) = file.parent() {
            drop(fs::create_dir_all(beside));
        }
        drop(fs::write(file, text));
    }
    match Templates::load(Some(folder.path())) {
        Err(faults) => {
            hold!(!faults.is_empty(), "templates that are refused have a fault", "none");
            for fault in faults {
                hold!(
                    !fault.message.is_empty() && !fault.file.as_os_str().is_empty(),
                    "a fault has its file",
                    "{fault:?}"
                );
            }
        }
        Ok(templates) => {
            for channel in ChannelKind::ALL {
                let content = content(sample::referral(), Event::New, Locale::EN);
                let (rendered, _) = templates.render(&content, channel, Form::Full);
                is_sound(&rendered, channel)?;
            }
        }
    }
    Ok(())
}
