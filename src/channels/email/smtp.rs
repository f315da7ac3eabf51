//! One exchange with a mail server, command by command, each with its own limit.
//! Must never use lettre's own `send` or `auth`: after a refusal they wait without limit for the answer to a QUIT, and
//! a hanging farewell would hide the outcome. Must never quote an answer to the login or to the content.

use std::{error::Error as _, future::Future, sync::Arc, time::Duration};

use jiff::Timestamp;
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
use secrecy::ExposeSecret;
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, timeout, timeout_at},
};

use super::{
    Security, SmtpLimits,
    bounded::Bounded,
    token::{Ticket, Tokens},
};
use crate::{
    channels::{Reply, one_line, trouble::trouble},
    core::{period::Seconds, remedy::Remedy},
};

/// A mail server and how to talk to it.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    /// There unless `security` is `None`.
    pub(super) tls: Option<TlsParameters>,
    pub(super) login: Option<Login>,
    pub(super) hello: ClientId,
    pub(super) limits: SmtpLimits,
}

/// How a server is logged in to.
pub(super) enum Login {
    /// With a password, by PLAIN or LOGIN.
    Password(Credentials),
    /// With a token for this mailbox, by XOAUTH2.
    Token(String, Arc<Tokens>),
}

/// What is shown to the server in one exchange.
enum Pass<'a> {
    Nothing,
    Password(&'a Credentials),
    Token(&'a str, Ticket),
}

/// One mail for one recipient.
struct Errand<'a> {
    from: &'a Address,
    to: &'a Address,
    mail: &'a [u8],
}

/// How an exchange ended before its purpose.
enum Stop {
    /// With this outcome.
    With(Reply),
    /// The server knows the token and does not want it.
    TokenRefused(Reply),
}

impl From<Reply> for Stop {
    fn from(reply: Reply) -> Self {
        Self::With(reply)
    }
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
    pub(super) async fn deliver(&self, from: &Address, to: &Address, mail: &[u8], now: Timestamp) -> Reply {
        self.converse(Some(&Errand { from, to, mail }), now).await
    }

    /// Goes as far as the login.
    pub(super) async fn verify(&self, now: Timestamp) -> Reply {
        self.converse(None, now).await
    }

    /// Logs in and does the errand, all within the limit. A token that was kept may have been withdrawn, or be older than a
    /// right that was granted since: refused, it is replaced once.
    async fn converse(&self, errand: Option<&Errand<'_>>, now: Timestamp) -> Reply {
        let ends = Instant::now() + self.limits.whole;
        let (mailbox, tokens) = match &self.login {
            None => return self.exchange(&Pass::Nothing, errand, ends).await.unwrap_or_else(Stop::reply),
            Some(Login::Password(login)) => {
                return self.exchange(&Pass::Password(login), errand, ends).await.unwrap_or_else(Stop::reply);
            }
            Some(Login::Token(mailbox, tokens)) => (mailbox, tokens),
        };
        let mut refused = None;
        loop {
            let ticket = match tokens.ticket(refused.as_ref(), now).await {
                Ok(ticket) => ticket,
                Err(reply) => return reply,
            };
            let pass = Pass::Token(mailbox, ticket.clone());
            match self.exchange(&pass, errand, ends).await {
                Err(Stop::TokenRefused(_)) if ticket.is_kept && refused.is_none() => refused = Some(ticket),
                Err(Stop::TokenRefused(reply)) => {
                    tokens.forget(&ticket).await;
                    return reply;
                }
                other => return other.unwrap_or_else(Stop::reply),
            }
        }
    }

    /// Connects, logs in, does the errand, until `ends` at most, then says farewell without letting that change the outcome.
    async fn exchange(&self, pass: &Pass<'_>, errand: Option<&Errand<'_>>, ends: Instant) -> Result<Reply, Stop> {
        let mut open = None;
        let Ok(outcome) = timeout_at(ends, self.attempt(&mut open, pass, errand)).await else {
            // The connection is dropped, thus closed: nothing that comes late can be taken for another mail's answer.
            return Ok(Reply::no_answer("the mail server took too long; the mail may have been accepted"));
        };
        if let Some(connection) = &mut open {
            let _ = timeout(self.limits.farewell, connection.command(Quit)).await;
        }
        outcome
    }

    async fn attempt(
        &self,
        open: &mut Option<AsyncSmtpConnection>,
        pass: &Pass<'_>,
        errand: Option<&Errand<'_>>,
    ) -> Result<Reply, Stop> {
        let connection = open.insert(self.connect().await?);
        self.log_in(connection, pass).await?;
        let detail = match errand {
            Some(errand) => self.hand_over(connection, errand).await?,
            None => None,
        };
        Ok(Reply::Accepted { detail })
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        errand: &Errand<'_>,
    ) -> Result<Option<String>, Reply> {
        let (limit, from, to) = (self.limits.answer, errand.from.clone(), errand.to.clone());
        within(Step::Sender, limit, connection.command(Mail::new(Some(from), Vec::new()))).await?;
        within(Step::Recipient, limit, connection.command(Rcpt::new(to, Vec::new()))).await?;
        let go = within(Step::Content, limit, connection.command(Data)).await?;
        expect(&go, 354)?;
        let taken = within(Step::Content, self.limits.content, connection.message(errand.mail)).await?;
        expect(&taken, 250)?;
        Ok(taken.first_line().map(|line| one_line(line, 120)))
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

    async fn log_in(&self, connection: &mut AsyncSmtpConnection, pass: &Pass<'_>) -> Result<(), Stop> {
        match pass {
            Pass::Nothing => Ok(()),
            Pass::Password(login) => Ok(self.show_password(connection, login).await?),
            Pass::Token(mailbox, ticket) => self.show_token(connection, mailbox, ticket).await,
        }
    }

    async fn show_password(&self, connection: &mut AsyncSmtpConnection, login: &Credentials) -> Result<(), Reply> {
        let Some(mechanism) = connection.server_info().get_auth_mechanism(&[Mechanism::Plain, Mechanism::Login]) else {
            return Err(Reply::destination_refused(
                "the mail server takes no password here (neither AUTH PLAIN nor LOGIN); have SMTP AUTH switched on, write [smtp] oauth2 where it takes tokens, or leave username out",
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

    /// XOAUTH2, as Google described it and Microsoft took it over. A refusal is a 535, or first a 334 that holds the reason
    /// and wants an empty line before the 535 comes.
    async fn show_token(
        &self,
        connection: &mut AsyncSmtpConnection,
        mailbox: &str,
        ticket: &Ticket,
    ) -> Result<(), Stop> {
        if connection.server_info().get_auth_mechanism(&[Mechanism::Xoauth2]).is_none() {
            return Err(Reply::destination_refused(format!(
                "the mail server takes no token here (no AUTH XOAUTH2). To do: {}",
                Remedy::NoTokenTaken
            ))
            .into());
        }
        let login = Credentials::new(mailbox.to_owned(), ticket.token.expose_secret().to_owned());
        let unsaid = |_| Reply::destination_refused("the token cannot be put into a login; please report this");
        let auth = Auth::new(Mechanism::Xoauth2, login, None).map_err(unsaid)?;
        let limit = self.limits.answer;
        let mut answer = to_token(limit, connection.command(auth)).await?;
        if answer.has_code(334) {
            answer = to_token(limit, connection.command("\r\n")).await?;
        }
        Ok(expect(&answer, 235)?)
    }
}

impl Stop {
    fn reply(self) -> Reply {
        match self {
            Self::With(reply) | Self::TokenRefused(reply) => reply,
        }
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

/// As `within`, for the answer to a token.
async fn to_token(limit: Duration, answer: impl Future<Output = Result<Response, Error>>) -> Result<Response, Stop> {
    match timeout(limit, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if error.status().map(u16::from) == Some(535) => {
            Err(Stop::TokenRefused(token_refused(enhanced(&text_of(&error)))))
        }
        Ok(Err(error)) => Err(judge(Step::Login, &error).into()),
        Err(_) => Err(Reply::later("the mail server did not answer to the login in time").into()),
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
    refused(step, code, &text_of(error))
}

fn text_of(error: &Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

/// What a 535 to a good token means: the app may not open this mailbox.
fn token_refused(enhanced: &str) -> Reply {
    let said = said(Step::Login, 535, enhanced, "");
    let todo = match enhanced {
        "5.7.139" => Remedy::SmtpAuthOff,
        _ => Remedy::MailboxRights,
    };
    Reply::destination_refused(format!("{said}: it does not take the token for this mailbox. To do: {todo}"))
}

/// What a refusal means, by place, code and enhanced code (RFC 5321 §4.2, RFC 3463, and what Exchange adds to them).
fn refused(step: Step, code: u16, text: &str) -> Reply {
    let enhanced = enhanced(text);
    let said = said(step, code, enhanced, text);
    let login = matches!(code, 530 | 534 | 535 | 538) || matches!(enhanced, "5.7.3" | "5.7.30" | "5.7.139");
    let not_ours = enhanced == "5.7.60" || text.contains("SendAsDenied");
    let full = matches!(enhanced, "5.2.0" | "5.2.2");
    // Exchange has taken the token, but the app may not open the mailbox.
    let locked = text.contains("MapiExceptionLogonFail");
    match step {
        _ if locked => Reply::later(format!(
            "{said}: the mailbox cannot be opened. To do: in Exchange run Add-MailboxPermission MAILBOX -User with the service principal's id, -AccessRights FullAccess; it must have the object id of the enterprise application"
        )),
        _ if code < 500 => Reply::later(said),
        _ if login => Reply::destination_refused(format!("{said}. To do: {}", login_remedy(enhanced))),
        _ if not_ours => Reply::destination_refused(format!("{said}. To do: {}", Remedy::SendAs)),
        Step::Connect | Step::Starttls | Step::Login => {
            Reply::destination_refused(format!("{said}. To do: {}", Remedy::CheckServer))
        }
        Step::Sender => Reply::destination_refused(format!("{said}. To do: {}", Remedy::CheckFrom)),
        // A full mailbox or a spent quota passes, if slowly, though servers call it final.
        Step::Recipient | Step::Content if full => Reply::TryLater { after: Some(Seconds(15 * 60)), why: said },
        Step::Recipient | Step::Content => Reply::message_refused(said),
    }
}

fn login_remedy(enhanced: &str) -> Remedy {
    match enhanced {
        "5.7.30" | "5.7.139" => Remedy::PasswordOff,
        _ => Remedy::CheckLogin,
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
            (Step::Content, 430, "4.2.0 STOREDRV; MapiExceptionLogonFailed; cannot open mailbox", Later),
        ] {
            assert_eq!(fate(step, code, text), expected, "{step:?} {code} {text}");
        }
    }

    #[test]
    fn a_mailbox_that_the_app_may_not_open_says_how_it_may() {
        let text = "4.2.0 STOREDRV; mailbox logon failure; STOREDRV.Submission.Exception.MapiExceptionLogonFailed; x";
        let reply = refused(Step::Content, 430, text);
        assert!(reply.why().is_some_and(|why| why.contains("Add-MailboxPermission")), "{reply:?}");
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
