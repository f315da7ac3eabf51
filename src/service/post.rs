//! The mail server of the settings made ready, and the channels through it. All mail destinations share its tokens.
//! Must never speak to anybody itself.

use std::sync::Arc;

use lettre::message::Mailbox;

use crate::{
    channels::{
        BuildFault, TlsSettings,
        email::{Email, EmailSettings, Login, Security, SmtpLimits, TokenSettings, Tokens},
    },
    settings::{SmtpLogin, SmtpSecurity, SmtpSettings},
};

/// The mail server.
#[derive(Clone, Debug)]
pub struct Post {
    smtp: SmtpSettings,
    login: Option<Login>,
    tls: TlsSettings,
}

impl Post {
    /// Out of the settings; tokens, where it takes them, are asked for by `http`.
    pub fn of(smtp: &SmtpSettings, tls: TlsSettings, http: &reqwest::Client) -> Self {
        let login = smtp.login.as_ref().map(|login| match login {
            SmtpLogin::Password { username, password } => Login::Password(username.clone(), password.clone()),
            SmtpLogin::OAuth2 { username, token_url, client_id, client_secret, scope } => {
                let settings = TokenSettings {
                    token_url: token_url.clone(),
                    client_id: client_id.clone(),
                    client_secret: client_secret.clone(),
                    scope: scope.clone(),
                };
                Login::Token(username.clone(), Arc::new(Tokens::new(settings, http.clone())))
            }
        });
        Self { smtp: smtp.clone(), login, tls }
    }

    /// The channel of a mail destination.
    ///
    /// # Errors
    /// What is wrong with the addresses, the server's settings or the roots.
    pub fn mail(&self, to: &[Mailbox], cc: &[Mailbox]) -> Result<Email, BuildFault> {
        let smtp = &self.smtp;
        let settings = EmailSettings {
            host: smtp.host.clone(),
            port: smtp.port,
            security: match smtp.security {
                SmtpSecurity::StartTls => Security::Starttls,
                SmtpSecurity::Tls => Security::Tls,
                SmtpSecurity::None => Security::None,
            },
            login: self.login.clone(),
            from: smtp.from.to_string(),
            to: to.iter().map(ToString::to_string).collect(),
            cc: cc.iter().map(ToString::to_string).collect(),
            limits: SmtpLimits::default(),
        };
        Email::build(&settings, &self.tls)
    }

    /// A channel to nobody but the sender, by which the server can be tried where no destination is of mail.
    ///
    /// # Errors
    /// As [`Post::mail`].
    pub fn to_itself(&self) -> Result<Email, BuildFault> {
        self.mail(std::slice::from_ref(&self.smtp.from), &[])
    }
}
