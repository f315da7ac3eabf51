//! What readers see: every event on every channel, as snapshots to be read like letters, and the promises about templates
//! that users write.

use std::{fmt::Write as _, fs, path::Path};

use leadtime::{
    demo::{html::Html, slack_drawing},
    messages::{
        Form, Templates,
        content::{
            Audience, Because, ChannelKind, Claimed, Content, Cover, Digest, DigestKind, Event, Forecast, Mention,
            Message, Owner, Refusing,
        },
        rendered::{Body, Mail},
        sample,
        words::{self, Locale},
    },
};
use serde_json::Value;

pub fn built_in(content: &Content, channel: ChannelKind) -> Body {
    let (rendered, fault) = Templates::default().render(content, channel, Form::Full);
    assert_eq!(fault, None);
    assert_eq!(rendered.message_id, content.message_id());
    rendered.body
}

pub fn json(body: Body) -> Value {
    match body {
        Body::Json(text) => serde_json::from_str(&text).expect("JSON"),
        other => panic!("not JSON: {other:?}"),
    }
}

pub fn mail(body: Body) -> Mail {
    match body {
        Body::Mail(mail) => mail,
        other => panic!("not a mail: {other:?}"),
    }
}

/// One element a line, so that a change of one is a change of one line.
fn outline(document: &Value) -> String {
    let elements = document.get("blocks").or_else(|| document.pointer("/attachments/0/content/body"));
    let mut rest = document.clone();
    let mut out = String::new();
    if let Some(elements) = elements.and_then(Value::as_array) {
        if let Some(blocks) = rest.get_mut("blocks") {
            *blocks = "below".into();
        }
        if let Some(body) = rest.pointer_mut("/attachments/0/content/body") {
            *body = "below".into();
        }
        let _ = writeln!(out, "{rest}");
        for element in elements {
            let _ = writeln!(out, "  {element}");
        }
    }
    out
}

fn letter(content: &Content) -> String {
    let mail = mail(built_in(content, ChannelKind::Email));
    let Body::Line(line) = built_in(content, ChannelKind::Stdout) else { panic!("not a line") };
    let mut out = format!("Subject: {}\nThread: {:?}\n\n{}\n", mail.subject, mail.thread, mail.text);
    let _ = writeln!(out, "\n==== stdout\n{line}");
    let _ = writeln!(out, "\n==== slack\n{}", outline(&json(built_in(content, ChannelKind::Slack))));
    let _ = writeln!(out, "==== teams\n{}", outline(&json(built_in(content, ChannelKind::Teams))));
    let webhook = json(built_in(content, ChannelKind::Webhook));
    let _ = writeln!(out, "==== webhook\n{}", serde_json::to_string_pretty(&webhook).expect("JSON"));
    out
}

#[test]
fn every_event_reads_well_when_everything_is_known() {
    for event in Event::ALL {
        insta::assert_snapshot!(format!("full_{}", event.as_str()), letter(&sample::full(event)));
    }
}

/// One snapshot for each language, to be read by somebody who speaks it.
#[test]
fn every_event_reads_well_in_every_language() {
    for locale in Locale::all().filter(|locale| *locale != Locale::EN) {
        let mut letters = String::new();
        for event in Event::ALL {
            let mail = mail(built_in(&sample::full_in(event, locale), ChannelKind::Email));
            let _ = writeln!(letters, "==== {}\nSubject: {}\n\n{}\n", event.as_str(), mail.subject, mail.text);
            assert!(mail.html.is_some_and(|html| html.contains(&format!("<html lang=\"{}\"", locale.as_str()))));
        }
        let escalations = Digest { kind: DigestKind::Escalations, ..sample::digest() };
        let digest = Content::Digest(Box::new(sample::told_in(escalations, locale)));
        let _ = writeln!(letters, "==== escalations\n\n{}", mail(built_in(&digest, ChannelKind::Email)).text);
        insta::assert_snapshot!(format!("language_{}", locale.as_str()), letters);
    }
}

#[test]
fn every_event_reads_well_when_nothing_is_known() {
    for event in [Event::New, Event::Escalation, Event::Answered, Event::Digest, Event::Trouble] {
        insta::assert_snapshot!(format!("sparse_{}", event.as_str()), letter(&sample::sparse(event)));
    }
}

#[test]
fn an_item_of_a_digest_names_each_owner_and_for_whom_one_stands_in() {
    let [(_, owner), _] = of_people(Locale::EN);
    let Content::Referral(message) = owner else { panic!("not about a referral") };
    let items = vec![*message];
    let text =
        mail(built_in(&Content::Digest(Box::new(Digest { items, ..sample::digest() })), ChannelKind::Email)).text;
    let who = "answer by Thu 19 Nov · Béla Nagy, for Anna Kovács, away until Mon 4 Jan; Cili Szabó\n";
    assert!(text.contains(who), "{text}");
}

#[test]
fn a_digest_at_a_set_time_reads_well_in_each_language_and_when_there_is_nothing() {
    let letter = |page: Forecast| letter(&Content::Forecast(Box::new(page)));
    insta::assert_snapshot!("forecast", letter(sample::forecast()));
    insta::assert_snapshot!("forecast_quiet", letter(sample::quiet_forecast()));
    insta::assert_snapshot!("forecast_without_claims", letter(sample::forecast_without_claims()));
    insta::assert_snapshot!("forecast_hu", letter(in_language(sample::forecast(), "hu")));
    insta::assert_snapshot!("forecast_cs", letter(in_language(sample::forecast(), "cs")));
}

#[test]
fn the_mail_is_a_page() {
    for event in [Event::New, Event::Escalation, Event::Digest] {
        let html = mail(built_in(&sample::full(event), ChannelKind::Email)).html.expect("html");
        insta::assert_snapshot!(format!("html_{}", event.as_str()), html);
    }
}

#[test]
fn nothing_unknown_is_shown_as_null() {
    for event in Event::ALL {
        for channel in [ChannelKind::Slack, ChannelKind::Teams, ChannelKind::Email, ChannelKind::Stdout] {
            let body = format!("{:?}", built_in(&sample::sparse(event), channel)).replace("contentUrl\\\":null", "");
            assert!(!body.contains("null"), "{event:?} {channel:?}: {body}");
        }
    }
}

#[test]
#[ignore = "writes pages to be looked at; look/look.sh calls it"]
fn what_there_is_to_look_at_is_written_where_asked() {
    let folder = std::env::var_os("LEADTIME_LOOK").expect("LEADTIME_LOOK names a folder");
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).expect("a folder");
    for (name, content) in looked_at() {
        let mail = mail(built_in(&content, ChannelKind::Email));
        fs::write(folder.join(format!("{name}.html")), mail.html.expect("html")).expect("written");
    }
    fs::write(folder.join("cards.html"), super::messages_oracles::card_page(&looked_at())).expect("written");
    fs::write(folder.join("slack.html"), slack_page(&looked_at())).expect("written");
}

/// The messages as Slack would show them, as far as the demo draws it.
fn slack_page(contents: &[(String, Content)]) -> String {
    let mut page = Html::default();
    page.markup("<!DOCTYPE html><meta charset=\"utf-8\"><style>").markup(include_str!("../../src/demo/inbox.css"));
    page.markup("</style><main>");
    for (name, content) in contents {
        page.element("h2", &[], name);
        slack_drawing::draw(&mut page, &json(built_in(content, ChannelKind::Slack)));
    }
    page.markup("</main>");
    page.finish()
}

fn in_language(page: Forecast, code: &str) -> Forecast {
    let locale = Locale::parse(code).expect("a language");
    Forecast { locale, reason: words::of(locale).scheduled_reason(&page.digest, "managers", None), ..page }
}

/// An escalation in which everything may be otherwise.
fn worried(locale: Locale) -> Content {
    let read = Some("2026-11-17T05:12:00Z".parse().expect("a time"));
    Content::Referral(Box::new(Message {
        as_of: read,
        unseen_since: read,
        at_once: Some(words::of(locale).at_once()),
        possible_repeat: true,
        estimated: true,
        ..sample::message_in(Event::Escalation, locale)
    }))
}

/// A reminder to who stands in for an owner, and what the owners' manager then gets.
fn of_people(locale: Locale) -> [(String, Content); 2] {
    let cover = |last| Some(Cover { name: "Anna Kovács".to_owned(), last });
    let back = Some("2027-01-04".parse().expect("a day"));
    let mention = |name: &str, slack: Option<&str>| Mention {
        name: name.to_owned(),
        slack: slack.map(str::to_owned),
        teams: slack.map(|_| "bela@contoso.example".to_owned()),
    };
    let mut people = sample::message_in(Event::Reminder, locale);
    people.owners = vec![
        Owner { name: "Béla Nagy".to_owned(), cover: cover(back) },
        Owner { name: "Cili Szabó".to_owned(), cover: None },
    ];
    people.mentions = vec![mention("Béla Nagy", Some("U012AB3CD")), mention("Cili Szabó", None)];
    people.because = Because::Owner(cover(back));
    let owner = Content::Referral(Box::new(people.clone()));
    people.event = Event::Escalation;
    people.audience = Audience::Escalations;
    people.because = Because::Manager(None);
    people.refusing =
        vec![Refusing { name: "Cili Szabó".to_owned(), since: "2026-11-09T08:00:00Z".parse().expect("a time") }];
    people.claimed = Some(Claimed {
        by: "Béla Nagy".to_owned(),
        since: "2026-11-10T09:00:00Z".parse().expect("a time"),
        until: "2026-11-12T16:00:00Z".parse().expect("a time"),
    });
    [("people".to_owned(), owner), ("manager".to_owned(), Content::Referral(Box::new(people)))]
}

/// Every event, and the corners.
pub fn looked_at() -> Vec<(String, Content)> {
    let mut contents: Vec<(String, Content)> =
        Event::ALL.into_iter().map(|event| (event.as_str().to_owned(), sample::full(event))).collect();
    for (name, page) in [
        ("forecast", sample::forecast()),
        ("forecast_quiet", sample::quiet_forecast()),
        ("forecast_worst", sample::worst_forecast()),
        ("forecast_hu", in_language(sample::forecast(), "hu")),
        ("forecast_cs", in_language(sample::forecast(), "cs")),
    ] {
        contents.push((name.to_owned(), Content::Forecast(Box::new(page))));
    }
    contents.push(("sparse".to_owned(), sample::sparse(Event::New)));
    contents.extend(of_people(Locale::EN));
    contents.push(("worried".to_owned(), worried(Locale::EN)));
    for locale in Locale::all().filter(|locale| *locale != Locale::EN) {
        let named = |name: &str| format!("{name}-{}", locale.as_str());
        for event in [Event::New, Event::Updated, Event::Overdue, Event::Digest] {
            contents.push((named(event.as_str()), sample::full_in(event, locale)));
        }
        contents.extend(of_people(locale).into_iter().map(|(name, content)| (named(&name), content)));
        contents.push((named("worried"), worried(locale)));
    }
    contents
}
