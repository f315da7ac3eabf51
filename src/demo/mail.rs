//! Reads a mail far enough to show it: headers, the plain text and the HTML of it. Forgiving: what it cannot read it
//! shows as it stands. Must never run, load or follow anything that a mail holds.

use base64::{Engine, alphabet, engine};

/// Parts within parts are read so deep.
const DEEPEST: u8 = 6;

/// Mail programs may leave the padding off; so may we read it.
const BASE64: engine::GeneralPurpose = engine::GeneralPurpose::new(
    &alphabet::STANDARD,
    engine::GeneralPurposeConfig::new().with_decode_padding_mode(engine::DecodePaddingMode::Indifferent),
);

/// A mail, or a part of one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mail {
    headers: Vec<(String, String)>,
    /// The first plain text.
    pub text: Option<String>,
    /// The first HTML.
    pub html: Option<String>,
}

impl Mail {
    /// Reads a mail as it came over the wire.
    pub fn read(raw: &str) -> Self {
        Self::part(raw, DEEPEST)
    }

    /// The first header of that name, decoded, in one line.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    fn part(raw: &str, depth: u8) -> Self {
        let (head, body) = split_head(raw);
        let mut mail = Self { headers: headers(head), text: None, html: None };
        let kind = mail.header("Content-Type").unwrap_or("text/plain").to_owned();
        let lower = kind.to_ascii_lowercase();
        match parameter(&kind, "boundary") {
            Some(boundary) if lower.starts_with("multipart/") && depth > 0 => {
                for part in parts(body, &boundary) {
                    let inner = Self::part(part, depth - 1);
                    mail.text = mail.text.or(inner.text);
                    mail.html = mail.html.or(inner.html);
                }
            }
            _ if lower.starts_with("text/html") => mail.html = Some(mail.decode(body)),
            _ if lower.starts_with("text/") => mail.text = Some(mail.decode(body)),
            _ => {}
        }
        mail
    }

    fn decode(&self, body: &str) -> String {
        let encoding = self.header("Content-Transfer-Encoding").unwrap_or("7bit").trim().to_ascii_lowercase();
        let bytes = match encoding.as_str() {
            "base64" => {
                let digits: String = body.split_ascii_whitespace().collect();
                BASE64.decode(digits).unwrap_or_else(|_| body.as_bytes().to_vec())
            }
            "quoted-printable" => quoted_printable(body.as_bytes(), false),
            _ => body.as_bytes().to_vec(),
        };
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn split_head(raw: &str) -> (&str, &str) {
    // A part without headers begins with the empty line.
    if let Some(body) = raw.strip_prefix("\r\n").or_else(|| raw.strip_prefix('\n')) {
        return ("", body);
    }
    raw.split_once("\r\n\r\n").or_else(|| raw.split_once("\n\n")).unwrap_or((raw, ""))
}

fn headers(head: &str) -> Vec<(String, String)> {
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in head.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    for (_, value) in &mut headers {
        *value = decode_words(value);
    }
    headers
}

/// `boundary="x"` of a header's value.
fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|parameter| {
        let (key, value) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
    })
}

fn parts<'a>(body: &'a str, boundary: &str) -> Vec<&'a str> {
    let line = format!("--{boundary}");
    // What stands before the first boundary, and after the closing one, is no part.
    body.split(&line)
        .skip(1)
        .take_while(|part| !part.starts_with("--"))
        .map(|part| part.trim_start_matches([' ', '\t']))
        .map(after_line_end)
        .collect()
}

fn after_line_end(part: &str) -> &str {
    part.strip_prefix("\r\n").or_else(|| part.strip_prefix('\n')).unwrap_or(part)
}

/// `=?utf-8?b?…?=` and `=?utf-8?q?…?=`; the space between two of them is not meant (RFC 2047).
fn decode_words(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some((before, tail)) = rest.split_once("=?") {
        let mut fields = tail.splitn(3, '?');
        let word = (|| {
            let (_, encoding, text) = (fields.next()?, fields.next()?, fields.next()?);
            let (text, after) = text.split_once("?=")?;
            let bytes = match encoding {
                "B" | "b" => BASE64.decode(text).ok()?,
                "Q" | "q" => quoted_printable(text.as_bytes(), true),
                _ => return None,
            };
            Some((String::from_utf8_lossy(&bytes).into_owned(), after))
        })();
        let Some((decoded, after)) = word else {
            break;
        };
        if !(after_word && before.trim().is_empty()) {
            out.push_str(before);
        }
        out.push_str(&decoded);
        rest = after;
        after_word = true;
    }
    out.push_str(rest);
    out
}

fn quoted_printable(text: &[u8], in_header: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail) {
            (b'=', [b'\r', b'\n', after @ ..] | [b'\n', after @ ..]) if !in_header => rest = after,
            (b'=', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high * 16 + low);
                    rest = after;
                }
                _ => out.push(byte),
            },
            (b'_', _) if in_header => out.push(b' '),
            _ => out.push(byte),
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alternatives_of_a_mail_are_read() {
        let mail = Mail::read(concat!(
            "Subject: =?utf-8?b?xZDFsQ==?= =?utf-8?q?_t=C3=A9l?=\r\nTo: a@x.example\r\n",
            "Content-Type: multipart/alternative;\r\n boundary=\"B1\"\r\n\r\n",
            "--B1\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
            "Gy=C5=91r is =\r\nfar\r\n",
            "--B1\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
            "PGI+\r\naGk8L2I+\r\n--B1--\r\n",
        ));
        assert_eq!(mail.header("subject"), Some("Őű tél"));
        assert_eq!(mail.text.as_deref(), Some("Győr is far\r\n"));
        assert_eq!(mail.html.as_deref(), Some("<b>hi</b>"));
    }

    #[test]
    fn a_plain_mail_is_its_own_text() {
        let mail = Mail::read("Subject: a\r\n b\r\n\r\nhello\r\n");
        assert_eq!((mail.header("Subject"), mail.text.as_deref()), (Some("a b"), Some("hello\r\n")));
    }

    #[test]
    fn what_is_no_mail_harms_nobody() {
        for raw in [
            "",
            "\r\n",
            ":",
            "=?",
            "Content-Type: multipart/mixed; boundary=\r\n\r\n--",
            "Subject: =?x?b?!?=\n\n=",
            "\n=A",
        ] {
            Mail::read(raw);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_mail_stops_its_reader(head in "(Content-Type: multipart/x; boundary=b|Subject: |[ -~éű]{0,20})(=\\?u\\?[bq]\\?[=A-F_é]{0,9}\\?=)*", body in "(--b|=[0-9A-Fé]{0,2}|\\PC{0,9}|\r?\n){0,20}") {
            Mail::read(&format!("{head}\r\n\r\n{body}"));
        }
    }

    #[test]
    fn parts_within_parts_end_somewhere() {
        let mut raw = String::new();
        for n in 0..50 {
            raw.push_str(&format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n"));
        }
        assert_eq!(Mail::read(&raw).text, None);
    }
}
