//! What mends a destination that refuses everything, as far as its channel can tell from the answer. The English is here,
//! for logs and commands; a message says it in its reader's language.

use std::fmt;

macro_rules! remedies {
    ($($name:ident = $text:literal),+ $(,)?) => {
        /// What is to be done about a destination: the rest of a sentence, without a full stop.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "each says itself what it is")]
        pub enum Remedy {
            $($name),+
        }

        impl Remedy {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// In English.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text),+
                }
            }
        }
    };
}

remedies! {
    // Slack.
    NewWebhook = "make a new webhook and put it into webhook_url",
    ValidWebhook = "set a valid webhook_url",
    EnableWorkspace = "have the workspace enabled again",
    UserGone = "the webhook's user or channel is gone; make a new webhook and put it into webhook_url",
    ChannelGone = "the webhook's channel is gone; make a webhook for another channel",
    Unarchive = "unarchive the channel, or make a webhook for another one",
    Allow = "ask a workspace admin to allow it, or choose another channel",
    // Teams.
    Anyone = "set the workflow's trigger to \"Anyone\" and copy its URL again",
    WholeUrl = "the URL has lost its query; copy it whole into webhook_url",
    WorkflowOn = "turn the workflow on again in Power Automate",
    WorkflowGone = "the workflow is gone; make a new one and put its URL into webhook_url",
    Signature = "the URL's signature is not taken; copy the workflow's URL again, trigger set to \"Anyone\"",
    LookAtWorkflow = "look at the workflow in Power Automate, and copy its URL again",
    // Every one that is asked by HTTP.
    UrlAndProxy = "check webhook_url and any proxy on the way",
    FollowRedirect = "set the URL that it leads to",
    HeadersAndSecret = "check its headers and secret",
    CheckUrl = "check its url",
    ProxyLogin = "put one into HTTPS_PROXY",
    // The mail server.
    NoTokenTaken = "check host and port of [smtp]; for Exchange Online smtp.office365.com, 587 and starttls",
    SmtpAuthOff = "switch SMTP AUTH on for the mailbox: Set-CASMailbox MAILBOX -SmtpClientAuthenticationDisabled $false (and see that no security default or policy blocks it)",
    MailboxRights = "check that username of [smtp] is the mailbox; in Entra give the app SMTP.SendAsApp (Office 365 Exchange Online) with admin consent; in Exchange run New-ServicePrincipal with the object id of the enterprise application (not of the registration), Add-MailboxPermission for it, and Set-CASMailbox -SmtpClientAuthenticationDisabled $false. Changes count after up to half an hour",
    PasswordOff = "Exchange Online has password login for SMTP switched off; write [smtp] oauth2 in place of password, or use another server",
    CheckLogin = "check username and password of [smtp]",
    SendAs = "let the mailbox send as [smtp] from",
    CheckServer = "check host, port, security and login of [smtp]",
    CheckFrom = "check [smtp] from, and that it may send here",
    // Its token.
    TokenEndpoint = "check token_url and scope of [smtp] oauth2, and any proxy on the way",
    TokenClient = "check tenant_id, client_id and client_secret of [smtp] oauth2 (the secret's value, not its id)",
    TokenSecret = "make a new client secret in Entra (App registrations, Certificates & secrets) and put it into client_secret of [smtp] oauth2",
    TokenConsent = "in Entra give the app the application permission SMTP.SendAsApp of Office 365 Exchange Online, and have an admin consent to it",
    TokenScope = "write scope of [smtp] oauth2 as https://outlook.office365.com/.default, or leave it out",
}

impl Remedy {
    /// The one that a channel's reason ends with.
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|remedy| remedy.as_str() == text)
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
