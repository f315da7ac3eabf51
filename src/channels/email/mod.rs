//! E-mail over SMTP: one envelope and one outcome for each recipient, the same mail for all of them.
//! Must never answer `Accepted` but for a 250 after the content, nor lose one to what happens after it.

mod bounded;
mod mime;
mod smtp;
mod token;

use std::{fmt, sync::Arc, time::Duration};

use jiff::Timestamp;
use lettre::{
    Address,
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, TlsParameters},
        extension::ClientId,
    },
};
use secrecy::{ExposeSecret, SecretString};
use url::Host;

pub use self::token::{TokenSettings, Tokens};
use self::{
    mime::{Letterhead, undecodable},
    smtp::Server,
};
use super::{BuildFault, Channel, Knock, Reply, TlsSettings, one_line};
use crate::messages::rendered::{Body, Rendered};

/// One mail destination, and the server that takes its mail.
#[derive(Clone, Debug)]
pub struct EmailSettings {
    /// The mail server's name.
    pub host: String,
    /// 587 for `Starttls`, 465 for `Tls`, as a rule.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who logs in, and with what.
    pub login: Option<Login>,
    /// Who the mail is from, also its envelope sender: `Name <name@example.com>`.
    pub from: String,
    /// The visible recipients.
    pub to: Vec<String>,
    /// The visible recipients of a copy.
    pub cc: Vec<String>,
    /// How long an exchange may take.
    pub limits: SmtpLimits,
}

/// Who logs in to a mail server, and with what.
#[derive(Clone, Debug)]
pub enum Login {
    /// User name and password; AUTH PLAIN or LOGIN, whichever the server offers.
    Password(String, SecretString),
    /// The mailbox, and where tokens for it come from; AUTH XOAUTH2.
    Token(String, Arc<Tokens>),
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Security {
    /// Begins in the clear and turns to TLS before anything else; a server that does not offer it is refused.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// None: for a server on this machine or a trusted network, without a password.
    None,
}

/// How long an exchange with a mail server may take.
#[derive(Clone, Copy, Debug)]
pub struct SmtpLimits {
    /// Until the connection stands, for each address of the host.
    pub connect: Duration,
    /// For each answer: the greeting, TLS, the login, sender, recipient.
    pub answer: Duration,
    /// For the answer after the content: servers look for viruses before they give it.
    pub content: Duration,
    /// For all of it.
    pub whole: Duration,
    /// For the farewell, when the outcome is already known.
    pub farewell: Duration,
}

impl Default for SmtpLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(20),
            content: Duration::from_secs(50),
            whole: Duration::from_secs(60),
            farewell: Duration::from_secs(1),
        }
    }
}

/// A mail destination.
pub struct Email {
    letterhead: Letterhead,
    server: Server,
    limits: SmtpLimits,
}

impl Email {
    /// Reads the settings and the file of roots; contacts nobody.
    pub fn build(settings: &EmailSettings, tls: &TlsSettings) -> Result<Self, BuildFault> {
        let from = mailbox(&settings.from)?;
        if settings.login.is_some() && settings.security == Security::None && !is_this_machine(&settings.host) {
            return Err(BuildFault::PlainLogin);
        }
        let server = Server {
            host: settings.host.clone(),
            port: settings.port,
            security: settings.security,
            tls: tls_parameters(settings, tls)?,
            login: settings.login.as_ref().map(|login| match login {
                Login::Password(user, password) => {
                    smtp::Login::Password(Credentials::new(user.clone(), password.expose_secret().to_owned()))
                }
                Login::Token(mailbox, tokens) => smtp::Login::Token(mailbox.clone(), Arc::clone(tokens)),
            }),
            // The sender's domain: a container's own name means nothing to a mail server, and some refuse it.
            hello: ClientId::Domain(from.email.domain().to_owned()),
            limits: settings.limits,
        };
        let to = settings.to.iter().map(|text| mailbox(text)).collect::<Result<_, _>>()?;
        let cc = settings.cc.iter().map(|text| mailbox(text)).collect::<Result<_, _>>()?;
        Ok(Self { letterhead: Letterhead { from, to, cc }, server, limits: settings.limits })
    }

    /// The mail as every recipient gets it, headers included; `None` where `message` is no mail.
    pub fn mime(&self, message: &Rendered, now: Timestamp) -> Option<String> {
        let Body::Mail(mail) = &message.body else { return None };
        self.letterhead.with(mail, None).write(message.message_id, mail, now).ok()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email")
            .field("letterhead", &self.letterhead)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl Channel for Email {
    async fn send(&self, message: &Rendered, recipient: Option<&str>, now: Timestamp) -> Reply {
        let Body::Mail(mail) = &message.body else { return Reply::wrong_kind("a mail") };
        let Some(recipient) = recipient else {
            return Reply::message_refused("the mail has no recipient; please report this fault of leadtime");
        };
        let recipient = match mailbox(recipient) {
            Ok(mailbox) => mailbox.email,
            Err(fault) => return Reply::message_refused(fault.to_string()),
        };
        match self.letterhead.with(mail, Some(&recipient)).write(message.message_id, mail, now) {
            Ok(mime) => self.server.deliver(&self.letterhead.from.email, &recipient, mime.as_bytes(), now).await,
            Err(why) => Reply::message_refused(format!("the mail cannot be put together: {why}")),
        }
    }

    async fn verify(&self, _knock: &Knock, now: Timestamp) -> Reply {
        match self.server.verify(now).await {
            Reply::Accepted { .. } => {
                let tried = if self.server.login.is_some() { "logged in" } else { "greeted" };
                Reply::Accepted { detail: Some(format!("{tried}; no mail was sent")) }
            }
            // Nothing was handed over.
            Reply::NoAnswer { .. } => Reply::later("the mail server took too long; check host, port and the way to it"),
            other => other,
        }
    }
}

/// One whom a referral adds to those that `To` always names; none where that is no address.
fn addressee((name, email): &(Option<String>, String)) -> Option<Mailbox> {
    let email = mailbox(email).ok()?.email;
    let name = name.as_deref().map(|name| undecodable(&one_line(name, 200))).filter(|name| !name.is_empty());
    Some(Mailbox::new(name, email))
}

/// Reads an address as people write it. A domain beyond ASCII becomes its ASCII form; a left part beyond ASCII is
/// refused, since few servers take one.
fn mailbox(text: &str) -> Result<Mailbox, BuildFault> {
    let line = one_line(text, 400);
    let fault = || BuildFault::Address(line.clone());
    let parsed: Mailbox = line.parse().map_err(|_| fault())?;
    let (user, domain) = (parsed.email.user(), parsed.email.domain());
    let domain =
        if domain.is_ascii() { domain.to_owned() } else { Host::parse(domain).map_err(|_| fault())?.to_string() };
    if !user.is_ascii() {
        return Err(fault());
    }
    let email = Address::new(user, domain).map_err(|_| fault())?;
    // A line break in a name makes the mail builder panic: the name is cleaned by itself as well.
    let name = parsed.name.map(|name| one_line(&name, 200)).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, email))
}

fn is_this_machine(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback()),
    }
}

fn tls_parameters(settings: &EmailSettings, tls: &TlsSettings) -> Result<Option<TlsParameters>, BuildFault> {
    if settings.security == Security::None {
        return Ok(None);
    }
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &tls.ca_file {
        let fault = |why: &str| BuildFault::Roots { path: path.clone(), why: why.to_owned() };
        let pem = std::fs::read(path).map_err(|error| fault(&error.kind().to_string()))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|_| fault("it is not PEM"))?);
    }
    builder.build().map(Some).map_err(|error| BuildFault::Client(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> EmailSettings {
        EmailSettings {
            host: "smtp.example.com".to_owned(),
            port: 587,
            security: Security::None,
            login: None,
            from: "Leadtime <leadtime@example.com>".to_owned(),
            to: vec!["anna@example.com".to_owned()],
            cc: Vec::new(),
            limits: SmtpLimits::default(),
        }
    }

    fn built(settings: &EmailSettings) -> Result<Email, BuildFault> {
        Email::build(settings, &TlsSettings::default())
    }

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let read = |text: &str| mailbox(text).map(|mailbox| (mailbox.name, mailbox.email.to_string()));
        let named = |name: &str, email: &str| (Some(name.to_owned()), email.to_owned());
        assert_eq!(read("anna@example.com").unwrap(), (None, "anna@example.com".to_owned()));
        assert_eq!(read("Anna Kovács <anna@example.com>").unwrap(), named("Anna Kovács", "anna@example.com"));
        assert_eq!(read("\"Kovács, Anna\" <anna@example.com>").unwrap(), named("Kovács, Anna", "anna@example.com"));
        assert_eq!(read(" <anna@example.com> ").unwrap(), (None, "anna@example.com".to_owned()));
        assert_eq!(read("anna@bücher.example").unwrap(), (None, "anna@xn--bcher-kva.example".to_owned()));
        assert_eq!(read("Ünï \r\n x <a@example.com>").unwrap(), named("Ünï x", "a@example.com"));
    }

    #[test]
    fn what_is_no_address_is_a_fault() {
        for text in
            ["", "anna", "anna@", "@example.com", "ánna@example.com", "a@b.example\r\nRCPT TO:<eve@example.com>"]
        {
            assert!(matches!(mailbox(text), Err(BuildFault::Address(_))), "{text:?}");
        }
    }

    #[test]
    fn a_password_does_not_cross_a_network_in_the_clear() {
        let login = Some(Login::Password("robot".to_owned(), SecretString::from("secret")));
        let mut settings = EmailSettings { login, ..settings() };
        assert!(matches!(built(&settings), Err(BuildFault::PlainLogin)));
        settings.host = "127.0.0.1".to_owned();
        assert!(!format!("{settings:?} {:?}", built(&settings).unwrap()).contains("secret"));
    }
}
