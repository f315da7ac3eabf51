//! Templates that users write put values where ours never do: into Slack's mrkdwn, into a card's markdown, into headings and
//! bare text. There, too, they are only read.

use std::fs;

use leadtime::messages::{Form, Templates, content::ChannelKind, words::Locale};

use super::{Judge, Way, corpus::corpus, names, places::everything};

/// One template of each channel, each with every value that may be a stranger's, wherever a value can stand.
const FILES: [(&str, &str); 6] = [
    (
        "slack/new.json.hbs",
        r#"{"text":"{{customer}} {{notes}}","blocks":[
        {"type":"section","text":{"type":"mrkdwn","text":"{{customer}}\n{{country}}\n*{{notes}}* _{{customer}}_ <{{link}}|{{customer}}>\n{{#each owners}}{{this}}\n{{/each}}"}},
        {"type":"section","fields":[{"type":"mrkdwn","text":"{{referral.details.notes}}"},{"type":"plain_text","text":"{{customer}}"}]},
        {"type":"header","text":{"type":"plain_text","text":"{{customer}}","emoji":true}},
        {"type":"context","elements":[{"type":"mrkdwn","text":"x {{#if referral.team}}{{#each referral.team}}{{firstName}} {{/each}}{{/if}}"}]}]}"#,
    ),
    (
        "teams/new.json.hbs",
        r#"{"type":"message","summary":"{{customer}}","attachments":[{"contentType":"application/vnd.microsoft.card.adaptive","content":{
        "type":"AdaptiveCard","version":"1.4","body":[{"type":"TextBlock","text":"{{customer}}"},{"type":"TextBlock","text":"{{notes}}\n\n{{country}}\n\n**{{customer}}**"},
        {"type":"FactSet","facts":[{"title":"{{customer}}","value":"{{referral.details.notes}}"}]},{"type":"RichTextBlock","inlines":[{"type":"TextRun","text":"{{notes}}"}]}],
        "actions":[{"type":"Action.OpenUrl","title":"{{customer}}","url":"{{link}}"}]}}]}"#,
    ),
    ("email/new.subject.hbs", "{{customer}}: {{notes}}"),
    ("email/new.txt.hbs", "{{customer}}\n{{notes}}\n{{country}}\n{{referral.details.notes}}\n"),
    (
        "email/new.html.hbs",
        r#"<!DOCTYPE html><title>{{customer}}</title><p title="{{customer}}"><img src="cid:x" alt='{{notes}}'>{{referral.details.notes}} <a href="{{link}}">{{customer}}</a></p>"#,
    ),
    ("stdout/new.txt.hbs", "{{customer}} {{notes}} {{referral.details.notes}}\n{{country}}"),
];

#[test]
fn in_a_template_of_a_user_s_own_nothing_that_a_stranger_writes_acts() {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in FILES {
        // The check of templates renders a referral without any of these, too; and on standard output there are no notes.
        let notes = "{{#if referral.details}}{{referral.details.notes}}{{/if}}";
        let text = text.replace("{{referral.details.notes}}", if path.starts_with("stdout") { "" } else { notes });
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("made");
        fs::write(file, text).expect("written");
    }
    let templates = Templates::load(Some(folder.path())).expect("templates");
    let (corpus, mut judge) = (corpus(), Judge::new());
    let all = everything(Locale::EN);
    let (name, said) = all.iter().find(|(name, _)| name == "new").expect("an event");
    for channel in [ChannelKind::Slack, ChannelKind::Teams, ChannelKind::Email, ChannelKind::Stdout] {
        let way = Way { channel, form: Form::Full, locale: Locale::EN, templates: templates.clone(), own: true };
        for (round, injection) in corpus.iter().enumerate() {
            judge.tally.pairs += names(said).len();
            // Neighbours of a blank one would stand where it does.
            let which =
                |n: usize| if injection.blank { Some(injection) } else { corpus.get((round + n * 7) % corpus.len()) };
            judge.judge(&way, name, said, &|n| which(n).filter(|other| other.blank == injection.blank));
        }
    }
    judge.verdict();
}
