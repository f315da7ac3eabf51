//! Writes the mail itself: headers and parts. The same message makes the same bytes but for what states the time.
//! Must never take a header's text as it comes: all of it goes through `one_line`.

use std::time::SystemTime;

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use lettre::{
    Address,
    error::Error,
    message::{
        Mailbox, Message, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

use super::addressee;
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
    /// The same for one mail, which may name recipients of its own. Somebody always stands in `To`.
    pub(super) fn with(&self, mail: &Mail, recipient: Option<&Address>) -> Self {
        let mut letterhead = self.clone();
        for more in mail.to.iter().filter_map(addressee) {
            let known = letterhead.to.iter().chain(&letterhead.cc);
            if !known.into_iter().any(|known| known.email == more.email) {
                letterhead.to.push(more);
            }
        }
        if letterhead.to.is_empty() && letterhead.cc.is_empty() {
            letterhead.to.extend(recipient.map(|address| Mailbox::new(None, address.clone())));
        }
        letterhead
    }

    /// The whole mail.
    ///
    /// The Message-ID is the same for all recipients and attempts: who gets it twice, by a repeat or by two ways, may see it
    /// once. A thread's mails refer to a root that was never sent, so that those who join late have the same root.
    pub(super) fn write(&self, id: MessageId, mail: &Mail, now: Timestamp) -> Result<String, Error> {
        let domain = self.from.email.domain();
        let subject = undecodable(&one_line(&mail.subject, SUBJECT_CAP));
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
        let date = SystemTime::from(now.max(Timestamp::UNIX_EPOCH));
        let mut builder = Message::builder()
            .from(self.from.clone())
            .subject(subject.clone())
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
            headers.push(("Thread-Topic", subject.clone()));
            headers.push(("Thread-Index", thread_index(&root, id, now)));
            builder = builder.references(root.clone()).in_reply_to(root);
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

/// Text of a header in which nothing looks like a word that was encoded for it (RFC 2047): programs undo such a word
/// wherever it stands, and so would show what nobody has looked at.
pub(super) fn undecodable(text: &str) -> String {
    text.replace("=?", "=？")
}

/// The left part of a Message-ID: what is no plain letter, digit, dot or dash becomes a dash.
fn id_part(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '-' };
    text.chars().take(120).map(plain).collect()
}

/// Outlook and Exchange group by this and not by References: 22 bytes that name the thread (a time and a GUID), then 5
/// for each mail below the root (the time since, and a byte that tells equal times apart). MS-OXOMSG §2.2.1.3.
fn thread_index(root: &str, id: MessageId, now: Timestamp) -> String {
    /// 2026-01-01, so that every mail of a thread names the same root, whichever was sent first.
    const ROOT_TIME: i64 = 1_767_225_600;
    // In steps of 100 ns since 1601.
    let filetime = |unix: i64| unix.saturating_add(11_644_473_600).saturating_mul(10_000_000).max(0).unsigned_abs();
    let since = filetime(now.as_second()).saturating_sub(filetime(ROOT_TIME));
    // 31 bits: up to 1.7 years in fine steps, beyond in coarse ones, which the top bit says.
    let time = match since >> 49 {
        0 => since >> 18,
        _ => 0x8000_0000 | ((since >> 23) & 0x7fff_ffff),
    };
    let mut index = filetime(ROOT_TIME).to_be_bytes()[..6].to_vec();
    index.extend(Uuid::new_v5(&Uuid::NAMESPACE_OID, root.as_bytes()).as_bytes());
    index.extend(&time.to_be_bytes()[4..]);
    index.extend(id.uuid().as_bytes().first());
    STANDARD.encode(index)
}

/// Text of several lines without other control characters.
fn lines(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

#[cfg(test)]
mod tests {
    use mail_parser::{HeaderValue, MessageParser};
    use proptest::prelude::*;

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
            to: Vec::new(),
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
    fn outlook_finds_the_thread() {
        let index = |thread: &str, at: &str| {
            let text = thread_index(thread, MessageId::of_key("k"), at.parse().unwrap());
            STANDARD.decode(text).unwrap()
        };
        let first = index("a@example.com", "2026-11-20T08:00:00Z");
        let second = index("a@example.com", "2026-11-21T08:00:00Z");
        let much_later = index("a@example.com", "2036-11-20T08:00:00Z");
        let other = index("b@example.com", "2026-11-20T08:00:00Z");
        assert!([&first, &second, &much_later, &other].iter().all(|index| index.len() == 27));
        assert_eq!(first[..22], second[..22]);
        assert_eq!(first[..22], much_later[..22]);
        assert_ne!(first[..22], other[..22]);
        // A day is 864,000,000,000 steps; the first four bytes count 2^18 of them each.
        let steps = |index: &[u8]| u32::from_be_bytes(index[22..26].try_into().unwrap());
        assert_eq!(steps(&second) - steps(&first), 3_295_898);
        assert!(steps(&much_later) & 0x8000_0000 != 0);
        assert_eq!(header(&mail(), "Thread-Topic").map(|topic| topic.is_empty()), Some(false));
    }

    #[test]
    fn a_mail_to_the_people_of_its_referral_names_them_beside_the_fixed_ones_each_once() {
        let to = vec![
            (Some("Cili Nagy".to_owned()), "cili@example.com".to_owned()),
            (None, "BELA@example.com".to_lowercase()),
            (Some("Eve\r\nBcc: eve@example.com".to_owned()), "dora@example.com".to_owned()),
            (None, "no address".to_owned()),
        ];
        let mail = Mail { to, ..mail() };
        let bytes = letterhead().with(&mail, None).write(MessageId::of_key("k"), &mail, Timestamp::UNIX_EPOCH).unwrap();
        let parsed = MessageParser::default().parse(bytes.as_bytes()).unwrap();
        let to: Vec<_> = parsed.to().unwrap().iter().filter_map(|to| to.address()).collect();
        assert_eq!(to, ["anna@example.com", "bela@example.com", "cili@example.com", "dora@example.com"]);
        assert!(parsed.header_raw("Bcc").is_none());
    }

    #[test]
    fn a_mail_that_names_nobody_is_to_who_gets_it() {
        let nobody = Letterhead { to: Vec::new(), cc: Vec::new(), ..letterhead() };
        let anna: Address = "anna@example.com".parse().unwrap();
        assert_eq!(nobody.with(&mail(), Some(&anna)).to, [Mailbox::new(None, anna)]);
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
    fn a_word_that_looks_encoded_is_read_as_it_was_written() {
        for subject in ["=?utf-8?q?=0D=0ABcc=3A_eve?=", "é =?utf-8?B?aHR0cHM6Ly94?= é"] {
            let to = vec![(Some(subject.to_owned()), "cili@example.com".to_owned())];
            let mail = Mail { subject: subject.to_owned(), to, ..mail() };
            let letter = letterhead().with(&mail, None).write(MessageId::of_key("k"), &mail, Timestamp::UNIX_EPOCH);
            let bytes = letter.unwrap();
            let parsed = MessageParser::default().parse(bytes.as_bytes()).unwrap();
            let shown = undecodable(subject);
            assert_eq!(parsed.subject(), Some(shown.as_str()));
            assert_eq!(parsed.to().unwrap().last().unwrap().name(), Some(shown.as_str()));
        }
    }

    #[test]
    fn a_mail_is_ascii_with_short_lines_however_long_it_is() {
        let long = Mail { subject: "ő".repeat(300), text: "ű".repeat(3000), html: Some("x".repeat(3000)), ..mail() };
        let bytes = written(&long);
        assert!(bytes.is_ascii());
        assert!(bytes.lines().all(|line| line.len() <= 998));
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_mail(subject in ".*|[\\x00-\\xff]*", name in "[^\\r\\n]*", text in "[\\x00-\\xff]*") {
            let name = one_line(&name, 200);
            let anna = Mailbox::new(Some(name), "anna@example.com".parse().unwrap());
            let letterhead = Letterhead { to: vec![anna], ..letterhead() };
            let hostile = Mail { subject, text, ..mail() };
            let bytes = letterhead.write(MessageId::of_key("k"), &hostile, Timestamp::UNIX_EPOCH).unwrap();
            prop_assert!(bytes.is_ascii());
            let head = bytes.split("\r\n\r\n").next().unwrap();
            prop_assert!(!head.contains(|c: char| c.is_control() && !"\r\n\t".contains(c)));
            prop_assert_eq!(head.matches("\r\nTo: ").count(), 1);
        }
    }
}
