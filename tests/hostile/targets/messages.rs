//! Messages about a referral that holds anything: every event, channel, language and form, by the built-in templates.

use std::sync::LazyLock;

use leadtime::{
    channels::{
        TlsSettings,
        email::{Email, EmailSettings, Security, SmtpLimits},
    },
    core::{locale::Locale, referral::Referral},
    messages::{
        Form, Templates,
        content::{ChannelKind, Content, Event, Mention, Message},
        rendered::{Body, Rendered},
        sample,
    },
};
use mail_parser::MessageParser;
use serde_json::Value;

use super::{Held, Target, hold, of_sections, sections, stage::now};

pub const TARGET: Target = Target {
    name: "messages",
    about: "messages about a referral that holds anything",
    corpus,
    words: WORDS,
    feed,
    cases: 1_200,
    memory: (16 << 20, 120),
};

const WORDS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "id",
    "status",
    "substatus",
    "New",
    "Active",
    "Closed",
    "Expired",
    "Won",
    "details",
    "dealValue",
    "currency",
    "EUR",
    "HUF",
    "notes",
    "customerProfile",
    "name",
    "address",
    "country",
    "team",
    "firstName",
    "lastName",
    "email",
    "phoneNumber",
    "anna@contoso.com",
    "createdDateTime",
    "expirationDateTime",
    "closingDateTime",
    "inviteContext",
    "invitedBy",
    "organizationId",
    "organizationName",
    "msft",
    "consent",
    "consentToContact",
    "customerRequestedContact",
    "requirements",
    "<!here>",
    "<@U012AB3CD>",
    "<at>Anna</at>",
    "[x](https://evil.example)",
    "evil.example",
    "{{message_id}}",
    "{{{x}}}",
    "\r\nBcc: eve@evil.example\r\n\r\n",
    "=?utf-8?q?=0D=0A?=",
    "\u{e000}",
    "\u{e001}",
    "\u{2060}",
];

fn corpus() -> Vec<Vec<u8>> {
    let full = Value::from(sample::referral()).to_string();
    let seeds = include_str!("../../it/data/seed-hu.json");
    let seeds: Value = serde_json::from_str(seeds).unwrap_or_default();
    let seeds = seeds.get("value").and_then(Value::as_array).or(seeds.as_array()).cloned().unwrap_or_default();
    let of = |event: usize, channel: usize, body: &str| {
        of_sections(&[&format!("{event} {channel} {} {}", event % 3, channel % 3), body])
    };
    let each = (0..Event::ALL.len()).flat_map(|event| (0..ChannelKind::ALL.len()).map(move |channel| (event, channel)));
    let full = each.map(|(event, channel)| of(event, channel, &full));
    full.chain(seeds.iter().take(10).map(|seed| of(0, 2, &seed.to_string()))).collect()
}

static MAIL: LazyLock<Email> = LazyLock::new(|| {
    let settings = EmailSettings {
        host: "127.0.0.1".to_owned(),
        port: 9,
        security: Security::None,
        login: None,
        from: "Leadtime <leadtime@contoso.com>".to_owned(),
        to: vec!["Anna Kovács <anna@contoso.com>".to_owned()],
        cc: Vec::new(),
        limits: SmtpLimits::default(),
    };
    Email::build(&settings, &TlsSettings::default()).expect("settings that are good")
});

fn feed(input: &[u8]) -> Held {
    let sections = sections(input);
    let section = |at: usize| String::from_utf8_lossy(sections.get(at).copied().unwrap_or_default()).into_owned();
    let chosen: Vec<usize> = section(0).split(' ').map(|word| word.parse().unwrap_or_default()).collect();
    let chosen = |at: usize, of: usize| chosen.get(at).map_or(0, |number| number % of);
    let Some(referral) = serde_json::from_str(&section(1)).ok().and_then(|body| Referral::read(body).ok()) else {
        return Ok(());
    };
    let event = Event::ALL[chosen(0, Event::ALL.len())];
    let channel = ChannelKind::ALL[chosen(1, ChannelKind::ALL.len())];
    let locales: Vec<_> = Locale::all().collect();
    let locale = locales[chosen(2, locales.len())];
    let form = [Form::Full, Form::WithoutMentions, Form::Plain][chosen(3, 3)];
    let content = content(referral, event, locale);
    let (rendered, fault) = Templates::default().render(&content, channel, form);
    hold!(fault.is_none(), "a built-in template renders whatever stands in a referral", "{fault:?}");
    is_sound(&rendered, channel)
}

/// A message of that event in which everything is said, about that referral.
pub fn content(referral: Referral, event: Event, locale: Locale) -> Content {
    let about = |message: Message| {
        let told = sample::about(referral.clone(), event, locale);
        Message {
            category: told.category,
            referral: referral.clone(),
            include_contacts: true,
            include_notes: true,
            // The words of a referral stand in changes and owners too.
            changes: message
                .changes
                .into_iter()
                .map(|change| leadtime::messages::content::Changed {
                    old: referral.customer().map(str::to_owned),
                    new: referral.notes().map(str::to_owned),
                    ..change
                })
                .collect(),
            mentions: referral
                .team()
                .into_iter()
                .map(|one| Mention { name: one.name, slack: None, teams: None })
                .collect(),
            value: referral.deal_value().map(|amount| leadtime::messages::content::Worth {
                amount,
                currency: referral.currency().unwrap_or_default().to_owned(),
            }),
            ..message
        }
    };
    match sample::full_in(event, locale) {
        Content::Referral(message) => Content::Referral(Box::new(about(*message))),
        Content::Digest(mut digest) => {
            digest.items = digest.items.into_iter().map(about).collect();
            Content::Digest(digest)
        }
        other => other,
    }
}

/// A message that its channel can take: JSON, a mail, a line.
pub fn is_sound(rendered: &Rendered, channel: ChannelKind) -> Held {
    match (&rendered.body, channel) {
        (Body::Json(json), ChannelKind::Slack | ChannelKind::Teams | ChannelKind::Webhook) => {
            let read: Option<Value> = serde_json::from_str(json).ok();
            hold!(read.is_some_and(|read| read.is_object()), "a rendered message is JSON", "{json}");
            hold!(channel != ChannelKind::Teams || json.len() <= 20_480, "a card has 20 KB", "{}", json.len());
        }
        (Body::Mail(mail), ChannelKind::Email) => {
            hold!(!mail.subject.contains(['\r', '\n', '\0']), "a subject is one line", "{:?}", mail.subject);
            is_mail(rendered)?;
        }
        (Body::Line(line), ChannelKind::Stdout) => {
            hold!(
                !line.trim_end_matches('\n').contains(char::is_control),
                "a line has no control characters",
                "{line:?}"
            );
        }
        (body, _) => hold!(false, "a message is of its channel's kind", "{body:?}"),
    }
    Ok(())
}

/// A mail in MIME whose headers are our own.
fn is_mail(rendered: &Rendered) -> Held {
    let mime = MAIL.mime(rendered, now());
    let Some(mime) = mime else {
        hold!(false, "a mail can be written as MIME", "{rendered:?}");
        return Ok(());
    };
    hold!(mime.is_ascii(), "a mail is ASCII on the wire", "{mime}");
    hold!(mime.split("\r\n").all(|line| line.len() <= 998), "a mail's lines have 998 characters", "{mime}");
    hold!(!mime.replace("\r\n", "").contains(['\r', '\n']), "a mail has no bare CR or LF", "{mime:?}");
    let head = mime.split("\r\n\r\n").next().unwrap_or_default();
    let names =
        head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).filter_map(|line| line.split(':').next());
    for name in names.map(str::to_ascii_lowercase) {
        hold!(HEADERS.contains(&name.as_str()), "a mail's headers are leadtime's own", "{name} in {head}");
    }
    let read = MessageParser::default().parse(mime.as_bytes());
    hold!(read.is_some_and(|read| read.subject().is_some()), "a mail is MIME", "{mime}");
    Ok(())
}

const HEADERS: &[&str] = &[
    "from",
    "to",
    "cc",
    "subject",
    "date",
    "message-id",
    "references",
    "in-reply-to",
    "auto-submitted",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "x-leadtime-message",
    "x-auto-response-suppress",
    "importance",
    "x-priority",
    "list-id",
    "thread-topic",
    "thread-index",
];
