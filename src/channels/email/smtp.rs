//! One exchange with a mail server, command by command, each with its own limit.
//! Must never use lettre's own `send` or `auth`: after a refusal they wait without limit for the answer to a QUIT, and
//! a hanging farewell would hide the outcome. Must never quote an answer to the login or to the content.

use std::{error::Error as _, future::Future, time::Duration};

use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Auth, Data, Mail, Quit, Rcpt},
        extension::ClientId,
        response::Response,
    },
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

use super::{Security, SmtpLimits, bounded::Bounded};
use crate::{
    channels::{Reply, one_line, trouble::trouble},
    core::period::Seconds,
};

/// A mail server and how to talk to it.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    /// There unless `security` is `None`.
    pub(super) tls: Option<TlsParameters>,
    pub(super) login: Option<Credentials>,
    pub(super) hello: ClientId,
    pub(super) limits: SmtpLimits,
}

/// How far an exchange has come: the same code means different things at different places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Connect,
    Starttls,
    Login,
    Sender,
    Recipient,
    Content,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Connect => "the greeting",
            Self::Starttls => "STARTTLS",
            Self::Login => "the login",
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::Content => "the content",
        }
    }
}

impl Server {
    /// Hands over one mail for one recipient.
    pub(super) async fn deliver(&self, from: &Address, to: &Address, mail: &[u8]) -> Reply {
        self.converse(async |connection| {
            self.log_in(connection).await?;
            let limit = self.limits.answer;
            within(Step::Sender, limit, connection.command(Mail::new(Some(from.clone()), Vec::new()))).await?;
            within(Step::Recipient, limit, connection.command(Rcpt::new(to.clone(), Vec::new()))).await?;
            let go = within(Step::Content, limit, connection.command(Data)).await?;
            expect(&go, 354)?;
            let taken = within(Step::Content, self.limits.content, connection.message(mail)).await?;
            expect(&taken, 250)?;
            Ok(taken.first_line().map(|line| one_line(line, 120)))
        })
        .await
    }

    /// Goes as far as the login.
    pub(super) async fn verify(&self) -> Reply {
        self.converse(async |connection| {
            self.log_in(connection).await?;
            Ok(None)
        })
        .await
    }

    /// Connects, lets `talk` speak, all within the limit, then says farewell without letting that change the outcome.
    async fn converse<F>(&self, talk: F) -> Reply
    where
        F: AsyncFnOnce(&mut AsyncSmtpConnection) -> Result<Option<String>, Reply>,
    {
        let mut open = None;
        let all = async {
            let connection = open.insert(self.connect().await?);
            talk(connection).await
        };
        let outcome = timeout(self.limits.whole, all).await;
        let reply = match outcome {
            Ok(Ok(detail)) => Reply::Accepted { detail },
            Ok(Err(reply)) => reply,
            // The connection is dropped, thus closed: nothing that comes late can be taken for another mail's answer.
            Err(_) => return Reply::no_answer("the mail server took too long; the mail may have been accepted"),
        };
        if let Some(connection) = &mut open {
            let _ = timeout(self.limits.farewell, connection.command(Quit)).await;
        }
        reply
    }

    /// A connection that has been greeted and, unless `security` is `None`, is encrypted.
    async fn connect(&self) -> Result<AsyncSmtpConnection, Reply> {
        let limit = self.limits.answer;
        if self.security == Security::Tls {
            let address = (self.host.as_str(), self.port);
            let (connect, tls) = (Some(self.limits.connect), self.tls.clone());
            let connecting = AsyncSmtpConnection::connect_tokio1(address, connect, &self.hello, tls, None);
            return within(Step::Connect, self.limits.connect + limit, connecting).await;
        }
        let stream = Box::new(Bounded::new(self.dial().await?));
        let greeted = AsyncSmtpConnection::connect_with_transport(stream, &self.hello);
        let mut connection = within(Step::Connect, limit, greeted).await?;
        if let Some(tls) = self.tls.clone() {
            if !connection.can_starttls() {
                return Err(Reply::destination_refused(
                    "the mail server offers no STARTTLS here; use port 587, or security = \"tls\" with port 465",
                ));
            }
            within(Step::Starttls, limit, connection.starttls(tls, &self.hello)).await?;
        }
        Ok(connection)
    }

    /// The first of the host's addresses that answers.
    async fn dial(&self) -> Result<TcpStream, Reply> {
        let failed = |error: std::io::Error| Reply::later(format!("mail server: {}", trouble(&error)));
        let silent = || Reply::later("the mail server cannot be reached in time; check host, port and firewall");
        let found = timeout(self.limits.connect, lookup_host((self.host.as_str(), self.port))).await;
        let addresses = found.map_err(|_| silent())?.map_err(failed)?;
        let mut reply = Reply::later("mail server: the host's name has no address; check its spelling and the DNS");
        for address in addresses {
            match timeout(self.limits.connect, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => reply = failed(error),
                Err(_) => reply = silent(),
            }
        }
        Err(reply)
    }

    async fn log_in(&self, connection: &mut AsyncSmtpConnection) -> Result<(), Reply> {
        let Some(login) = &self.login else { return Ok(()) };
        let Some(mechanism) = connection.server_info().get_auth_mechanism(&[Mechanism::Plain, Mechanism::Login]) else {
            return Err(Reply::destination_refused(
                "the mail server takes no password here (neither AUTH PLAIN nor LOGIN); have SMTP AUTH switched on, or leave username out",
            ));
        };
        let asks = || Reply::destination_refused("the mail server's login asks for what a password cannot answer");
        let mut auth = Auth::new(mechanism, login.clone(), None).map_err(|_| asks())?;
        // LOGIN asks twice, PLAIN not at all.
        for _ in 0..3 {
            let answer = within(Step::Login, self.limits.answer, connection.command(auth)).await?;
            if !answer.has_code(334) {
                return expect(&answer, 235);
            }
            auth = Auth::new_from_response(mechanism, login.clone(), &answer).map_err(|_| asks())?;
        }
        Err(asks())
    }
}

/// Waits for the answer to one command, `limit` at most, and judges a refusal.
async fn within<T>(step: Step, limit: Duration, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Reply> {
    match timeout(limit, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(judge(step, &error)),
        Err(_) if step == Step::Content => {
            let why = "the mail server did not answer to the content in time; the mail may have been accepted";
            Err(Reply::no_answer(why))
        }
        Err(_) => Err(Reply::later(format!("the mail server did not answer to {} in time", step.name()))),
    }
}

/// A good answer with another code than the one that belongs here means that the two sides no longer talk of the same.
fn expect(answer: &Response, code: u16) -> Result<(), Reply> {
    if answer.has_code(code) {
        return Ok(());
    }
    Err(Reply::later(format!("the mail server answered {} where {code} belongs", answer.code())))
}

/// What a failure at `step` means.
fn judge(step: Step, error: &Error) -> Reply {
    let Some(code) = error.status().map(u16::from) else {
        return match step {
            Step::Content => {
                Reply::no_answer(format!("mail server: {}; the mail may have been accepted", trouble(error)))
            }
            _ => Reply::later(format!("mail server, at {}: {}", step.name(), trouble(error))),
        };
    };
    let text = error.source().map(ToString::to_string).unwrap_or_default();
    refused(step, code, &text)
}

/// What a refusal means, by place, code and enhanced code (RFC 5321 §4.2, RFC 3463, and what Exchange adds to them).
fn refused(step: Step, code: u16, text: &str) -> Reply {
    let enhanced = enhanced(text);
    let said = said(step, code, enhanced, text);
    let login = matches!(code, 530 | 534 | 535 | 538) || matches!(enhanced, "5.7.3" | "5.7.30" | "5.7.139");
    let not_ours = enhanced == "5.7.60" || text.contains("SendAsDenied");
    let full = matches!(enhanced, "5.2.0" | "5.2.2");
    match step {
        _ if code < 500 => Reply::later(said),
        _ if login => Reply::destination_refused(format!("{said}. To do: {}", login_remedy(enhanced))),
        _ if not_ours => Reply::destination_refused(format!("{said}. To do: let the mailbox send as [smtp] from")),
        Step::Connect | Step::Starttls | Step::Login => {
            Reply::destination_refused(format!("{said}. To do: check host, port, security and login of [smtp]"))
        }
        Step::Sender => {
            Reply::destination_refused(format!("{said}. To do: check [smtp] from, and that it may send here"))
        }
        // A full mailbox or a spent quota passes, if slowly, though servers call it final.
        Step::Recipient | Step::Content if full => Reply::TryLater { after: Some(Seconds(15 * 60)), why: said },
        Step::Recipient | Step::Content => Reply::message_refused(said),
    }
}

fn login_remedy(enhanced: &str) -> &'static str {
    match enhanced {
        "5.7.30" | "5.7.139" => {
            "Exchange Online has password login for SMTP switched off; have it switched on, or use another server"
        }
        _ => "check username and password of [smtp]",
    }
}

/// `5.7.30` from the start of an answer's text (RFC 2034); empty where there is none.
fn enhanced(text: &str) -> &str {
    let word = text.split_whitespace().next().unwrap_or_default();
    let mut parts = word.split('.');
    let class = matches!(parts.next(), Some("4" | "5"));
    let number =
        |part: Option<&str>| part.is_some_and(|p| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    if class && number(parts.next()) && number(parts.next()) && parts.next().is_none() { word } else { "" }
}

/// What an operator reads. The answers to the login and to the content are not quoted: they may echo either.
fn said(step: Step, code: u16, enhanced: &str, text: &str) -> String {
    let quote = match step {
        Step::Login | Step::Content => enhanced.to_owned(),
        _ => one_line(text, 160),
    };
    let head = format!("the mail server answered {code} to {}", step.name());
    if quote.is_empty() { head } else { format!("{head}: {quote}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(PartialEq, Eq, Debug)]
    enum Fate {
        Later,
        Message,
        Destination,
    }
    use Fate::{Destination, Later, Message};

    fn fate(step: Step, code: u16, text: &str) -> Fate {
        match refused(step, code, text) {
            Reply::TryLater { .. } | Reply::NoAnswer { .. } => Later,
            Reply::MessageRefused { .. } => Message,
            Reply::DestinationRefused { .. } => Destination,
            Reply::Accepted { .. } => unreachable!(),
        }
    }

    #[test]
    fn a_refusal_is_judged_by_its_place_and_code() {
        for (step, code, text, expected) in [
            (Step::Connect, 421, "too busy", Later),
            (Step::Connect, 554, "no service for you", Destination),
            (Step::Starttls, 454, "4.7.0 TLS not available", Later),
            (Step::Login, 454, "4.7.0 temporary authentication failure", Later),
            (Step::Login, 535, "5.7.3 authentication unsuccessful", Destination),
            (Step::Login, 535, "5.7.139 SmtpClientAuthentication is disabled", Destination),
            (Step::Login, 504, "unrecognized authentication type", Destination),
            (Step::Sender, 530, "5.7.0 authentication required", Destination),
            (Step::Sender, 550, "5.7.30 Basic authentication is not supported", Destination),
            (Step::Sender, 553, "sender not allowed", Destination),
            (Step::Sender, 452, "4.3.1 no space", Later),
            (Step::Recipient, 550, "5.1.1 no such user", Message),
            (Step::Recipient, 450, "4.2.0 greylisted", Later),
            (Step::Recipient, 552, "5.2.2 mailbox full", Later),
            (Step::Recipient, 530, "5.7.0 authentication required", Destination),
            (Step::Content, 554, "5.7.1 looks like spam", Message),
            (Step::Content, 550, "5.7.60 client has no permission to send as this sender", Destination),
            (Step::Content, 554, "5.2.252 SendAsDenied; x not allowed", Destination),
            (Step::Content, 554, "5.2.0 quota", Later),
            (Step::Content, 552, "5.3.4 too big", Message),
            (Step::Content, 432, "4.3.2 too many connections", Later),
        ] {
            assert_eq!(fate(step, code, text), expected, "{step:?} {code} {text}");
        }
    }

    #[test]
    fn an_enhanced_code_is_read_from_the_start_of_the_text_only() {
        assert_eq!(enhanced("5.7.30 Basic"), "5.7.30");
        assert_eq!(enhanced("4.2.0"), "4.2.0");
        for text in ["", "sorry 5.7.30", "5.7", "5.7.30.1", "2.0.0 ok", "5.7.3000 x", "5..3 x"] {
            assert_eq!(enhanced(text), "", "{text:?}");
        }
    }

    #[test]
    fn the_answers_to_login_and_content_are_not_quoted() {
        for step in [Step::Login, Step::Content] {
            let reply = format!("{:?}", refused(step, 550, "5.6.0 no secret subjects please"));
            assert!(reply.contains("5.6.0") && !reply.contains("secret"), "{reply}");
        }
    }
}
