//! Text from a referral is data written by strangers. Here every field of one is hostile, and no channel lets it do
//! anything but be read.

use std::fs;

use leadtime::{
    core::{
        referral::Referral,
        story::{Holder, Row},
    },
    messages::{
        Form, Templates,
        content::{ChannelKind, Content, Event, Forecast, Message},
        sample,
    },
};
use proptest::prelude::*;
use serde_json::Value;

use super::messages::{built_in, json, mail};

/// Mentions, links, markup, headers, JSON, HTML, template syntax, control and direction characters.
const WICKED: &str = "<!here> <@U012AB3CD> <https://evil.example/a|b> <at>Anna</at> [x](https://evil.example) **b** _i_ `c` \
    http://evil.example www.evil.example evil.example mailto:a@evil.example javascript:alert(1) \\\\evil\\share \
    \"},{\"type\":\"Action.OpenUrl\",\"url\":\"https://evil.example\"} <script>alert(1)</script> <img src=x onerror=alert(1)> \
    {{message_id}} {{{x}}} \r\nBcc: eve@evil.example\r\n\r\n \u{202e}gnp\u{200b}\u{7}\u{1b}[31m \u{e000}x\u{e001} & ' \" end";

/// A message whose referral says something wicked wherever a text can stand.
pub fn hostile(event: Event) -> Content {
    match sample::full(event) {
        Content::Referral(message) => Content::Referral(Box::new(spoiled(*message))),
        Content::Digest(mut digest) => {
            digest.items = digest.items.into_iter().map(spoiled).collect();
            Content::Digest(digest)
        }
        notice => notice,
    }
}

fn spoiled(message: Message) -> Message {
    let id = message.referral.id().to_string();
    let mut body = Value::from(message.referral.clone());
    spoil(&mut body);
    // What is no text decides whether the rest is shown at all.
    body["details"]["customerRequestedContact"] = true.into();
    body["createdDateTime"] = "2026-11-06T08:15:30Z".into();
    body["id"] = format!("{WICKED}{id}").into();
    let changes = message.changes.into_iter().map(|change| leadtime::messages::content::Changed {
        old: Some(WICKED.to_owned()),
        new: Some(WICKED.to_owned()),
        ..change
    });
    Message {
        changes: changes.collect(),
        owners: vec![owner(WICKED)],
        closing: message
            .closing
            .map(|end| leadtime::messages::content::Ending { by: end.by.map(|_| WICKED.to_owned()), ..end }),
        claimed: message.claimed.map(|claim| leadtime::messages::content::Claimed { by: WICKED.to_owned(), ..claim }),
        include_contacts: true,
        include_notes: true,
        referral: Referral::read(body).expect("readable"),
        ..message
    }
}

fn owner(name: &str) -> leadtime::messages::content::Owner {
    use leadtime::messages::content::{Cover, Owner};
    Owner { name: name.to_owned(), cover: Some(Cover { name: name.to_owned(), last: None }) }
}

fn spoil(value: &mut Value) {
    match value {
        Value::String(text) => *text = WICKED.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(spoil),
        Value::Object(fields) => fields.values_mut().for_each(spoil),
        _ => {}
    }
}

/// Every object in a document.
fn objects(document: &Value) -> Vec<&serde_json::Map<String, Value>> {
    match document {
        Value::Array(items) => items.iter().flat_map(objects).collect(),
        Value::Object(fields) => std::iter::once(fields).chain(fields.values().flat_map(objects)).collect(),
        _ => Vec::new(),
    }
}

/// The shape of a document: every object's keys and `type`, without its texts.
fn shape(document: &Value, channel: ChannelKind) -> Vec<(String, Vec<String>)> {
    objects(document)
        .into_iter()
        .map(|fields| {
            // A webhook carries the referral's own `type`.
            let kind = fields.get("type").filter(|_| channel != ChannelKind::Webhook);
            (kind.and_then(Value::as_str).unwrap_or_default().to_owned(), fields.keys().cloned().collect())
        })
        .collect()
}

fn referral_events() -> impl Iterator<Item = Event> {
    Event::ALL.into_iter().filter(|event| *event <= Event::Digest)
}

/// Everything that holds texts from outside.
fn wicked() -> Vec<Content> {
    referral_events().map(hostile).chain([hostile_forecast()]).collect()
}

/// A digest at a set time about referrals that say something wicked wherever a text can stand.
pub fn hostile_forecast() -> Content {
    let mut page = sample::forecast();
    let spoiled = |row: &mut Row| {
        row.customer = Some(WICKED.to_owned());
        row.country = Some(WICKED.to_owned());
        row.value = row.value.take().map(|(_, amount)| (WICKED.to_owned(), amount));
        row.id = WICKED.into();
        row.holder = match &row.holder {
            Holder::Claimed { since, .. } => Holder::Claimed { by: WICKED.to_owned(), since: *since },
            Holder::Owners(_) => Holder::Owners(vec![WICKED.to_owned()]),
            Holder::Nobody => Holder::Nobody,
        };
    };
    let told = &mut page.told;
    told.week.shown.iter_mut().for_each(spoiled);
    told.unclaimed.iter_mut().flat_map(|rows| &mut rows.shown).for_each(spoiled);
    for muted in &mut told.muted.shown {
        spoiled(&mut muted.row);
        muted.mute.reason = WICKED.to_owned();
        muted.mute.by = Some(WICKED.to_owned());
    }
    for story in &mut told.expired.shown {
        spoiled(&mut story.row);
        story.claimed.iter_mut().for_each(|(name, _)| *name = WICKED.to_owned());
        story.muted = told.muted.shown.first().map(|muted| muted.mute.clone());
    }
    Content::Forecast(Box::new(page))
}

/// No bare address that a program could make a link of, no character that hides or turns text.
fn assert_inert(text: &str) {
    for bad in
        ["evil.example", "http://evil", "https://evil", "mailto:a", "javascript:a", "a@evil", "eve@evil", "\\\\evil"]
    {
        assert!(!text.contains(bad), "{bad} in {text}");
    }
    for c in ['\u{202e}', '\u{200b}', '\u{7}', '\u{1b}', '\u{e000}', '\u{e001}', '\r'] {
        assert!(!text.contains(c), "{c:?} in {text:?}");
    }
}

#[test]
fn in_slack_it_stands_in_literal_elements_only() {
    for content in wicked() {
        let document = json(built_in(&content, ChannelKind::Slack));
        for fields in objects(&document) {
            let kind = fields.get("type").and_then(Value::as_str).unwrap_or_default();
            assert_ne!(kind, "mrkdwn");
            if kind == "user" {
                assert_eq!(fields["user_id"], "U012AB3CD");
            }
            if let Some(url) = fields.get("url").and_then(Value::as_str) {
                assert!(
                    url.starts_with("https://partner.microsoft.com/") || url.starts_with("https://leadtime.contoso"),
                    "{url}"
                );
            }
        }
        let text = document["text"].as_str().expect("text");
        assert!(!text.contains(['<', '>']) || text.contains("&lt;"), "{text}");
        assert!(!text.contains("<!") && !text.contains("<@"), "{text}");
        assert_inert(&document.to_string());
    }
}

#[test]
fn in_teams_it_is_never_markdown_and_never_a_mention() {
    for content in wicked() {
        let document = json(built_in(&content, ChannelKind::Teams));
        for fields in objects(&document) {
            if fields.get("type").and_then(Value::as_str) == Some("TextBlock") {
                let text = fields["text"].as_str().expect("text");
                assert!(!text.contains("evil") && !text.contains("]("), "{text}");
            }
            if let Some(url) = fields.get("url").and_then(Value::as_str) {
                assert!(
                    url.starts_with("https://partner.microsoft.com/") || url.starts_with("https://leadtime.contoso"),
                    "{url}"
                );
            }
        }
        let entities = &document["attachments"][0]["content"]["msteams"]["entities"];
        assert!(
            entities
                .as_array()
                .is_some_and(|entities| entities.iter().all(|one| one["mentioned"]["name"] == "Anna Kovács"))
        );
        assert_inert(&document.to_string());
        assert!(document.to_string().len() <= 20_000);
    }
}

#[test]
fn it_makes_no_field_and_no_element_in_any_json() {
    for event in referral_events() {
        for channel in [ChannelKind::Slack, ChannelKind::Teams, ChannelKind::Webhook] {
            let clean = match (sample::full(event), hostile(event)) {
                // The shape must only depend on what is shown, so the tame twin shows the same.
                (Content::Referral(clean), Content::Referral(wicked)) => Content::Referral(Box::new(Message {
                    owners: vec![owner("x")],
                    referral: tame_twin(&wicked.referral),
                    include_contacts: true,
                    include_notes: true,
                    ..*clean
                })),
                _ => continue,
            };
            assert_eq!(
                shape(&json(built_in(&clean, channel)), channel),
                shape(&json(built_in(&hostile(event), channel)), channel),
                "{event:?} {channel:?}"
            );
        }
    }
}

#[test]
fn it_makes_no_field_and_no_element_in_a_digest_at_a_set_time() {
    for channel in [ChannelKind::Slack, ChannelKind::Teams] {
        let with = |mut page: Forecast| {
            // The shape must only depend on what is shown, so the tame twin shows the same.
            let mute = page.told.muted.shown.first().map(|muted| muted.mute.clone());
            page.told.expired.shown.iter_mut().for_each(|story| story.muted.clone_from(&mute));
            Content::Forecast(Box::new(page))
        };
        let clean = json(built_in(&with(sample::forecast()), channel));
        let wicked = json(built_in(&hostile_forecast(), channel));
        assert_eq!(shape(&clean, channel), shape(&wicked, channel), "{channel:?}");
    }
}

fn tame_twin(referral: &Referral) -> Referral {
    fn calm(value: &mut Value) {
        match value {
            Value::String(text) if text.contains("evil") => *text = "quiet".to_owned(),
            Value::Array(items) => items.iter_mut().for_each(calm),
            Value::Object(fields) => fields.values_mut().for_each(calm),
            _ => {}
        }
    }
    let mut body = Value::from(referral.clone());
    calm(&mut body);
    Referral::read(body).expect("readable")
}

#[test]
fn in_a_mail_it_is_neither_header_nor_markup_nor_link() {
    for content in wicked() {
        let mail = mail(built_in(&content, ChannelKind::Email));
        assert!(!mail.subject.contains(['\r', '\n']), "{:?}", mail.subject);
        assert!(mail.thread.is_none_or(|thread| thread.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))));
        assert_inert(&mail.subject);
        assert_inert(&mail.text);
        let html = mail.html.expect("html");
        assert_inert(&html);
        for bad in ["<script", "<img", "<at>", "onerror=alert", "<a href=\"https://evil"] {
            assert!(!html.contains(bad), "{bad} in {html}");
        }
        for link in html.split("href=\"").skip(1) {
            assert!(
                link.starts_with("https://partner.microsoft.com/") || link.starts_with("https://leadtime.contoso"),
                "{link}"
            );
        }
    }
}

#[test]
fn standard_output_gets_one_line_without_control_characters() {
    for content in wicked() {
        let body = format!("{:?}", built_in(&content, ChannelKind::Stdout));
        assert!(!body.contains("\\n") && !body.contains("\\u{1b}") && !body.contains("\\r"), "{body}");
    }
}

#[test]
fn the_plain_form_is_as_inert_as_the_full_one() {
    for content in wicked() {
        for channel in [ChannelKind::Slack, ChannelKind::Teams, ChannelKind::Email, ChannelKind::Stdout] {
            let (plain, fault) = Templates::default().render(&content, channel, Form::Plain);
            assert_eq!(fault, None);
            let text = format!("{:?}", plain.body);
            assert_inert(&text.replace("\\u{2060}", "\u{2060}").replace("\\\\\\\\", "\\"));
            assert!(!text.contains("<!here>") || channel != ChannelKind::Slack, "{text}");
        }
    }
}

#[test]
fn a_users_own_template_is_as_safe_wherever_it_puts_a_value() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    };
    write(
        "slack/new.json.hbs",
        r#"{"text":"{{referral.customerProfile.name}}","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"*{{customer}}* <{{link}}|open>"}}]}"#,
    );
    write(
        "teams/new.json.hbs",
        r#"{"type":"message","attachments":[{"content":{"body":[{"type":"TextBlock","text":"**{{customer}}**"}]}}]}"#,
    );
    // The check renders the sparse sample too, in which there is no customerProfile.
    let faults = Templates::load(Some(folder.path())).err().expect("a fault");
    assert!(faults[0].message.contains("customerProfile"), "{faults:?}");
    write(
        "slack/new.json.hbs",
        r#"{"text":"{{customer}}","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"*{{customer}}* <{{link}}|open>"}}]}"#,
    );
    let templates = Templates::load(Some(folder.path())).expect("templates");
    let (slack, fault) = templates.render(&hostile(Event::New), ChannelKind::Slack, Form::Full);
    assert_eq!(fault, None);
    let slack = json(slack.body);
    let text = slack["blocks"][0]["text"]["text"].as_str().expect("text");
    assert!(text.starts_with("*&lt;!here&gt; &lt;@\u{2060}U012AB3CD&gt;"), "{text}");
    assert!(text.ends_with("|open>"), "{text}");
    assert_eq!(text.matches('<').count(), 1, "{text}");
    let (teams, _) = templates.render(&hostile(Event::New), ChannelKind::Teams, Form::Full);
    let text = json(teams.body)["attachments"][0]["content"]["body"][0]["text"].to_string();
    assert!(!text.contains("](") && !text.contains("<at>") && text.matches("**").count() == 2, "{text}");
}

#[test]
fn contacts_show_only_with_consent_and_notes_only_where_people_read() {
    let shows = |channel, include: bool, consent: bool, what: &str| {
        let mut message = sample::message(Event::New);
        let mut body = Value::from(message.referral);
        body["consent"]["consentToContact"] = consent.into();
        message.referral = Referral::read(body).expect("readable");
        (message.include_contacts, message.include_notes) = (include, include);
        format!("{:?}", built_in(&Content::Referral(Box::new(message)), channel)).contains(what)
    };
    for channel in ChannelKind::ALL {
        assert!(!shows(channel, true, false, "555 0142"), "{channel:?} without consent");
        assert_eq!(shows(channel, false, true, "555 0142"), channel == ChannelKind::Email, "{channel:?} not asked for");
    }
    for channel in [ChannelKind::Webhook, ChannelKind::Stdout] {
        assert!(!shows(channel, false, true, "320 mailboxes"), "{channel:?} notes");
    }
    assert!(shows(ChannelKind::Webhook, true, true, "320 mailboxes"));
    assert!(shows(ChannelKind::Webhook, true, true, "555 0142"));
    assert!(shows(ChannelKind::Slack, true, true, "555 0142"));
    assert!(shows(ChannelKind::Slack, false, true, "320 mailboxes"));
    assert!(shows(ChannelKind::Email, false, true, "mailto:eva.kiss@fabrikam.example"));
}

/// The full message with one text for the customer's name, city and notes.
fn saying(text: &str, event: Event) -> Content {
    let message = sample::message(event);
    let mut body = Value::from(message.referral);
    body["customerProfile"]["name"] = text.into();
    body["customerProfile"]["address"]["city"] = text.into();
    body["details"]["notes"] = text.into();
    Content::Referral(Box::new(Message { referral: Referral::read(body).expect("readable"), ..message }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_whatever_changes_the_shape_of_a_message(text in "x(\\PC|[\\x00-\\x1f<>&\"'\\\\{}*_`|]){0,200}") {
        for event in [Event::New, Event::Escalation] {
            for channel in [ChannelKind::Slack, ChannelKind::Teams] {
                let (calm, other) = (saying("x", event), saying(&text, event));
                prop_assert_eq!(shape(&json(built_in(&calm, channel)), channel), shape(&json(built_in(&other, channel)), channel));
            }
            let html = |text: &str| mail(built_in(&saying(text, event), ChannelKind::Email)).html.expect("html");
            prop_assert_eq!(html("x").matches('<').count(), html(&text).matches('<').count());
        }
    }
}
