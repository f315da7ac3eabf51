//! A small mail server that takes every mail into the inbox: EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT with 8BITMIME.
//! Bounded in lines, recipients, bytes, connections and time. Must never relay.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    inbox::{Arrival, Medium},
    mail::Mail,
    sinks::{FaultKind, LARGEST_BODY, Sinks},
};

/// A command or a line of a mail; RFC 5321 asks for 1,000 at least.
const LONGEST_LINE: u64 = 8 * 1024;

const MOST_RECIPIENTS: usize = 100;

const MOST_CONNECTIONS: usize = 64;

/// How long a client may be silent, by the real clock.
const SILENCE: Duration = Duration::from_secs(60);

/// Takes mail on the listener until told to stop.
pub async fn serve(sinks: Sinks, listener: TcpListener, stop: CancellationToken) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let (stream, place) = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            next = accept(&listener, &places) => next?,
        };
        let (sinks, stop) = (sinks.clone(), stop.clone());
        tokio::spawn(async move {
            let _place = place;
            tokio::select! {
                () = stop.cancelled() => {}
                // A client that breaks off costs only its own connection.
                _ = converse(sinks, stream) => {}
            }
        });
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let place = places.clone().acquire_owned().await.map_err(io::Error::other)?;
    Ok((listener.accept().await?.0, place))
}

async fn converse(sinks: Sinks, stream: TcpStream) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut session = Session::new(sinks);
    stream.write_all(b"220 demo.localhost takes every mail\r\n").await?;
    loop {
        let mut line = Vec::new();
        timeout(SILENCE, (&mut stream).take(LONGEST_LINE).read_until(b'\n', &mut line)).await??;
        if !line.ends_with(b"\n") {
            // The end of the connection, or a line that is too long to be one.
            return Ok(());
        }
        match session.line(&line) {
            Answer::Nothing => {}
            Answer::Say(words) => stream.write_all(format!("{words}\r\n").as_bytes()).await?,
            Answer::Close => return stream.write_all(b"221 2.0.0 bye\r\n").await,
        }
    }
}

/// One connection: what was said so far.
struct Session {
    sinks: Sinks,
    sender: bool,
    recipients: Vec<String>,
    /// The mail, while it is being taken; `None` between mails.
    data: Option<Vec<u8>>,
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Nothing,
    Say(&'static str),
    Close,
}

impl Session {
    fn new(sinks: Sinks) -> Self {
        Self { sinks, sender: false, recipients: Vec::new(), data: None }
    }

    fn line(&mut self, line: &[u8]) -> Answer {
        if self.data.is_some() {
            return self.data_line(line);
        }
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        Answer::Say(match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                "250-demo.localhost\r\n250-SIZE 1048576\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES"
            }
            "HELO" => "250 demo.localhost",
            "MAIL" if self.sender => "503 5.5.1 a mail has been begun already",
            "MAIL" => match address(rest, "FROM:") {
                None => "501 5.5.4 write MAIL FROM:<address>",
                Some(_) => {
                    self.sender = true;
                    "250 2.1.0 ok"
                }
            },
            "RCPT" => self.recipient(rest),
            "DATA" if self.recipients.is_empty() => "503 5.5.1 name a recipient first",
            "DATA" => {
                self.data = Some(Vec::new());
                "354 go on, end with a dot"
            }
            "RSET" => {
                self.reset();
                "250 2.0.0 ok"
            }
            "NOOP" => "250 2.0.0 ok",
            "QUIT" => return Answer::Close,
            _ => "502 5.5.1 not known here",
        })
    }

    fn recipient(&mut self, rest: &str) -> &'static str {
        if !self.sender {
            return "503 5.5.1 name a sender first";
        }
        if self.recipients.len() >= MOST_RECIPIENTS {
            return "452 4.5.3 too many recipients";
        }
        let Some(address) = address(rest, "TO:").filter(|address| !address.is_empty()) else {
            return "501 5.5.4 write RCPT TO:<address>";
        };
        let refusal = match self.sinks.fault(Medium::Email, address) {
            None | Some(FaultKind::RefusesMentions) => {
                self.recipients.push(address.to_owned());
                return "250 2.1.5 ok";
            }
            Some(FaultKind::Unavailable) => "451 4.3.0 try again later",
            Some(FaultKind::Refuses) => "554 5.6.0 this mail is not taken",
            Some(FaultKind::Throttled { .. }) => "450 4.7.0 too many mails, try again later",
            Some(FaultKind::Gone) => "550 5.1.1 nobody of that name here",
        };
        self.sinks.inbox().refuse(Medium::Email);
        refusal
    }

    fn data_line(&mut self, line: &[u8]) -> Answer {
        if line == b".\r\n" || line == b".\n" {
            return Answer::Say(self.finish());
        }
        if let Some(data) = &mut self.data {
            // One byte too many is kept, so that the end knows of it; the rest is not.
            if data.len() <= LARGEST_BODY {
                data.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
            }
        }
        Answer::Nothing
    }

    fn finish(&mut self) -> &'static str {
        let data = self.data.take().unwrap_or_default();
        let recipients = self.recipients.join(", ");
        self.reset();
        if data.len() > LARGEST_BODY {
            self.sinks.inbox().refuse(Medium::Email);
            return "552 5.3.4 the mail is too large";
        }
        let body = String::from_utf8_lossy(&data).into_owned();
        let mail = Mail::read(&body);
        self.sinks.inbox().take(Arrival {
            medium: Medium::Email,
            sink: recipients,
            message_id: mail.header("Message-ID").map(|id| id.trim_matches(['<', '>']).to_owned()),
            first_line: mail.header("Subject").unwrap_or_default().to_owned(),
            body,
        });
        "250 2.0.0 taken"
    }

    fn reset(&mut self) {
        self.sender = false;
        self.recipients.clear();
        self.data = None;
    }
}

/// The address of `FROM:<a@b> SIZE=1`, which is empty for a bounce.
fn address<'a>(rest: &'a str, prefix: &str) -> Option<&'a str> {
    let given = rest.get(..prefix.len()).filter(|start| start.eq_ignore_ascii_case(prefix));
    let after = rest.get(given?.len()..)?.trim_start().strip_prefix('<')?;
    after.split_once('>').map(|(address, _)| address)
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, tz::TimeZone};

    use super::*;
    use crate::demo::{
        inbox::{Inbox, Stage},
        sinks::Fault,
    };

    fn session() -> Session {
        let start: Timestamp = "2026-11-02T07:00:00Z".parse().unwrap();
        let inbox = Inbox::new(Arc::new(move || start), Stage { start, days: 14, zone: TimeZone::UTC });
        Session::new(Sinks::new(inbox))
    }

    fn say(session: &mut Session, line: &str) -> String {
        match session.line(format!("{line}\r\n").as_bytes()) {
            Answer::Say(words) => words.to_owned(),
            other => format!("{other:?}"),
        }
    }

    fn say_all(session: &mut Session, lines: &[&str]) -> String {
        lines.iter().map(|line| say(session, line)).last().unwrap_or_default()
    }

    #[test]
    fn a_mail_is_kept_with_its_dots_as_they_were_meant() {
        let mut session = session();
        say_all(&mut session, &["EHLO x", "MAIL FROM:<a@x.example> BODY=8BITMIME", "RCPT TO:<b@x.example>", "DATA"]);
        say_all(&mut session, &["Subject: Hi", "Message-ID: <1@x>", "", "..dot"]);
        assert!(say(&mut session, ".").starts_with("250"));
        let kept = session.sinks.inbox().messages();
        assert_eq!(kept.len(), 1);
        assert_eq!(
            (&*kept[0].first_line, kept[0].message_id.as_deref(), &*kept[0].sink),
            ("Hi", Some("1@x"), "b@x.example")
        );
        assert!(kept[0].body.ends_with("\r\n\r\n.dot\r\n"), "{}", kept[0].body);
    }

    #[test]
    fn commands_out_of_order_are_refused() {
        let mut session = session();
        assert!(say(&mut session, "RCPT TO:<b@x.example>").starts_with("503"));
        assert!(say(&mut session, "DATA").starts_with("503"));
        assert!(say_all(&mut session, &["MAIL FROM:<>", "DATA"]).starts_with("503"));
        assert!(say_all(&mut session, &["RSET", "RCPT TO:<b@x.example>"]).starts_with("503"));
    }

    #[test]
    fn a_mail_that_is_too_large_is_refused_and_the_next_one_taken() {
        let mut session = session();
        let begin = ["MAIL FROM:<a@x.example>", "RCPT TO:<b@x.example>", "DATA"];
        say_all(&mut session, &begin);
        let long = "x".repeat(7 * 1024);
        for _ in 0..(LARGEST_BODY / long.len() + 2) {
            say(&mut session, &long);
        }
        assert!(say(&mut session, ".").starts_with("552"));
        say_all(&mut session, &begin);
        assert!(say_all(&mut session, &["Subject: small", "", "."]).starts_with("250"));
    }

    #[test]
    fn a_broken_mailbox_refuses_and_the_others_go_on() {
        let mut session = session();
        session.sinks.fail(Medium::Email, Some("gone@x.example"), Fault { kind: FaultKind::Gone, until: None });
        say(&mut session, "MAIL FROM:<a@x.example>");
        assert!(say(&mut session, "RCPT TO:<gone@x.example>").starts_with("550"));
        assert!(say(&mut session, "RCPT TO:<b@x.example>").starts_with("250"));
    }
}
