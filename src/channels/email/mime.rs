//! Writes the mail itself: headers and parts. The same message makes the same bytes but for the date.
//! Must never take a header's text as it comes: all of it goes through `one_line`.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::{
    error::Error,
    message::{
        Mailbox, Message, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};

use crate::{channels::one_line, core::ids::MessageId, messages::rendered::Mail};

/// What every mail of a destination has in common.
#[derive(Clone, Debug)]
pub(super) struct Letterhead {
    pub(super) from: Mailbox,
    pub(super) to: Vec<Mailbox>,
    pub(super) cc: Vec<Mailbox>,
}

/// Outlook and Gmail show about so much of a subject at the very most.
const SUBJECT_CAP: usize = 200;

impl Letterhead {
    /// The whole mail.
    ///
    /// The Message-ID is the same for all recipients and attempts: who gets it twice, by a repeat or by two ways, may see it
    /// once. A thread's mails refer to a root that was never sent, so that those who join late have the same root.
    pub(super) fn write(&self, id: MessageId, mail: &Mail, now: Timestamp) -> Result<String, Error> {
        let domain = self.from.email.domain();
        let date = SystemTime::from(now.max(Timestamp::UNIX_EPOCH));
        let mut builder = Message::builder()
            .from(self.from.clone())
            .subject(one_line(&mail.subject, SUBJECT_CAP))
            .date(date)
            .message_id(Some(format!("<{id}@{domain}>")));
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        for cc in &self.cc {
            builder = builder.cc(cc.clone());
        }
        if let Some(thread) = &mail.thread {
            let root = format!("<{}@{domain}>", id_part(thread));
            builder = builder.references(root.clone()).in_reply_to(root);
        }
        let mut headers = vec![
            // No out-of-office answers, please: RFC 3834, and Exchange's own way.
            ("Auto-Submitted", "auto-generated".to_owned()),
            ("X-Auto-Response-Suppress", "All".to_owned()),
            ("List-Id", format!("<leadtime.{domain}>")),
            ("X-Leadtime-Message", id.to_string()),
        ];
        if mail.urgent {
            headers.extend([("Importance", "high".to_owned()), ("X-Priority", "1".to_owned())]);
        }
        for (name, value) in headers {
            builder = builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value));
        }
        let text = SinglePart::plain(lines(&mail.text));
        let message = match &mail.html {
            Some(html) => {
                // A fixed boundary, so that a repeat has the same bytes; `=_` cannot stand in quoted-printable text.
                let parts = MultiPart::alternative().boundary(format!("=_leadtime_{id}"));
                builder.multipart(parts.singlepart(text).singlepart(SinglePart::html(lines(html))))?
            }
            None => builder.singlepart(text)?,
        };
        Ok(String::from_utf8_lossy(&message.formatted()).into_owned())
    }
}

/// The left part of a Message-ID: what is no plain letter, digit, dot or dash becomes a dash.
fn id_part(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' };
    text.chars().take(120).map(plain).collect()
}

/// Text of several lines without other control characters.
fn lines(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use mail_parser::{HeaderValue, MessageParser};

    use super::*;

    fn letterhead() -> Letterhead {
        let mailbox = |text: &str| text.parse::<Mailbox>().unwrap();
        Letterhead {
            from: mailbox("Leadtime <leadtime@example.com>"),
            to: vec![mailbox("Árvíztűrő Anna <anna@example.com>"), mailbox("bela@example.com")],
            cc: vec![mailbox("\"Desk, co-sell\" <desk@example.com>")],
        }
    }

    fn mail() -> Mail {
        Mail {
            subject: "New co-sell: Fabrikam Kft., HU, €80k. Answer by Thu 19 Nov".to_owned(),
            text: "Első sor\n\n.dot\nüdv".to_owned(),
            html: Some("<p>Első sor</p>".to_owned()),
            thread: Some("referral-1.sellers".to_owned()),
            urgent: false,
        }
    }

    fn written(mail: &Mail) -> String {
        letterhead().write(MessageId::of_key("k"), mail, "2026-11-20T08:00:00Z".parse().unwrap()).unwrap()
    }

    fn header(mail: &Mail, name: &str) -> Option<String> {
        let bytes = written(mail);
        let parsed = MessageParser::default().parse(bytes.as_bytes()).unwrap();
        parsed.header_raw(name).map(|value| value.trim().to_owned())
    }

    #[test]
    fn a_mail_reads_back_as_it_was_meant() {
        let bytes = written(&mail());
        let parsed = MessageParser::default().parse(bytes.as_bytes()).unwrap();
        assert_eq!(parsed.subject(), Some(mail().subject.as_str()));
        assert_eq!(parsed.body_text(0).unwrap(), "Első sor\r\n\r\n.dot\r\nüdv");
        assert_eq!(parsed.body_html(0).unwrap(), "<p>Első sor</p>");
        let to = parsed.to().unwrap();
        assert_eq!(to.first().unwrap().name(), Some("Árvíztűrő Anna"));
        assert_eq!(to.last().unwrap().address(), Some("bela@example.com"));
        assert_eq!(parsed.cc().unwrap().first().unwrap().name(), Some("Desk, co-sell"));
        assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-11-20T08:00:00Z");
    }

    #[test]
    fn a_mail_says_that_a_machine_wrote_it_and_which_thread_it_is_of() {
        let id = MessageId::of_key("k");
        let bytes = written(&mail());
        let parsed = MessageParser::default().parse(bytes.as_bytes()).unwrap();
        assert_eq!(parsed.message_id(), Some(format!("{id}@example.com").as_str()));
        assert_eq!(parsed.references(), &HeaderValue::Text("referral-1.sellers@example.com".into()));
        assert_eq!(parsed.in_reply_to(), &HeaderValue::Text("referral-1.sellers@example.com".into()));
        for (name, value) in [
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("List-Id", "<leadtime.example.com>"),
            ("X-Leadtime-Message", id.to_string().as_str()),
        ] {
            assert_eq!(header(&mail(), name).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn only_an_escalation_is_marked_as_important() {
        assert_eq!(header(&mail(), "Importance"), None);
        let urgent = Mail { urgent: true, ..mail() };
        assert_eq!(header(&urgent, "Importance").as_deref(), Some("high"));
        assert_eq!(header(&urgent, "X-Priority").as_deref(), Some("1"));
    }

    #[test]
    fn the_same_message_makes_the_same_bytes() {
        assert_eq!(written(&mail()), written(&mail()));
    }

    #[test]
    fn plain_text_only_is_one_part() {
        let plain = Mail { html: None, ..mail() };
        assert!(header(&plain, "Content-Type").unwrap().starts_with("text/plain"));
    }

    #[test]
    fn a_stranger_s_text_makes_no_header() {
        let subject = "Offer\r\nBcc: eve@example.com\r\n\r\n<b>body</b>".to_owned();
        let thread = Some("x>\r\nBcc: eve@example.com".to_owned());
        let hostile = Mail { subject, thread, ..mail() };
        assert_eq!(header(&hostile, "Bcc"), None);
        let bytes = written(&hostile);
        let parsed = MessageParser::default().parse(bytes.as_bytes()).unwrap();
        assert_eq!(parsed.subject(), Some("Offer Bcc: eve@example.com <b>body</b>"));
    }

    #[test]
    fn a_mail_is_ascii_with_short_lines_whatever_it_says() {
        let long = Mail { subject: "ő".repeat(300), text: "ű".repeat(3000) + "\0\x07", ..mail() };
        let bytes = written(&long);
        assert!(bytes.is_ascii());
        assert!(bytes.lines().all(|line| line.len() <= 998 && !line.contains(['\0', '\x07'])));
    }
}
