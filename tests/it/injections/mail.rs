//! A mail as mail programs read it (mail-parser), taken apart into what acts: headers, recipients, parts, and what stands
//! in each part. That its texts are read as they were meant is part of it.

use leadtime::{
    channels::{
        TlsSettings,
        email::{Email, EmailSettings, Security, SmtpLimits},
    },
    messages::rendered::{Body, Mail, Rendered},
};
use mail_parser::{Address, MessageParser, MimeHeaders as _};

use super::{html, links};

/// Where the mails of the tests come from and go to.
pub fn desk() -> Email {
    let settings = EmailSettings {
        host: "127.0.0.1".to_owned(),
        port: 25,
        security: Security::None,
        login: None,
        from: "Leadtime <leadtime@contoso.example>".to_owned(),
        to: vec!["Anna Kovács <anna@contoso.example>".to_owned()],
        cc: Vec::new(),
        limits: SmtpLimits::default(),
    };
    Email::build(&settings, &TlsSettings::default()).expect("a mail destination")
}

/// Everything that acts.
pub fn acts(desk: &Email, rendered: &Rendered) -> Vec<String> {
    let Body::Mail(mail) = &rendered.body else { panic!("not a mail") };
    let bytes = desk.mime(rendered, "2026-11-20T08:00:00Z".parse().expect("a time")).expect("a mail");
    let mut found = of_bytes(&bytes);
    let parsed = MessageParser::default().parse(bytes.as_bytes()).expect("a mail");
    found.extend(parsed.headers().iter().map(|header| format!("header {}", header.name())));
    for (name, list) in [("from", parsed.from()), ("to", parsed.to()), ("cc", parsed.cc())] {
        found.extend(list.into_iter().flat_map(people).map(|who| format!("{name} {who}")));
    }
    for part in &parsed.parts {
        let kind = part.content_type().map(|kind| format!("{}/{:?}", kind.ctype(), kind.subtype()));
        found.push(format!("part {kind:?} {:?}", part.attachment_name()));
    }
    found.extend(as_meant(mail, &parsed));
    found.extend(links::acts(&mail.subject));
    found.extend(text_acts(&mail.text));
    found.extend(mail.html.iter().flat_map(|page| html::acts(page)));
    found
}

fn people<'a>(list: &'a Address<'a>) -> impl Iterator<Item = String> + 'a {
    list.iter().map(|one| format!("{:?} {:?}", one.name(), one.address()))
}

/// What the rules of mail say about lines.
fn of_bytes(bytes: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !bytes.is_ascii() {
        found.push("not ASCII".to_owned());
    }
    if bytes.replace("\r\n", "").contains(['\r', '\n']) {
        found.push("a bare line end".to_owned());
    }
    found.extend(bytes.split("\r\n").filter(|line| line.len() > 998).map(|_| "a line too long".to_owned()));
    found
}

/// What a reader sees is what the message says, word for word.
fn as_meant(mail: &Mail, parsed: &mail_parser::Message<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut same = |what: &str, read: Option<String>, meant: &str| {
        let read = read.map(|read| read.replace("\r\n", "\n"));
        if read.as_deref().map(str::trim_end) != Some(meant.trim_end()) {
            found.push(format!("{what} is read as {read:?} and not as {meant:?}"));
        }
    };
    same("subject", parsed.subject().map(str::to_owned), &mail.subject);
    same("text", parsed.body_text(0).map(|text| text.into_owned()), &mail.text);
    if let Some(page) = &mail.html {
        same("html", parsed.body_html(0).map(|text| text.into_owned()), page);
    }
    found
}

/// What mail programs make of plain text: links, quotations, the beginning of a signature.
fn text_acts(text: &str) -> Vec<String> {
    let mut found = links::acts(text);
    found.extend(text.lines().filter(|line| line.starts_with('>')).map(|_| "a quotation".to_owned()));
    found.extend(text.lines().filter(|line| line.trim_end() == "--").map(|_| "a signature".to_owned()));
    found
}
