//! A message as it goes over a channel: finished, sized, escaped. Channels add nothing to what a reader sees.

use crate::core::ids::MessageId;

/// One finished message.
#[derive(Clone, PartialEq, Debug)]
pub struct Rendered {
    /// The same for every attempt of the message.
    pub message_id: MessageId,
    /// What is sent.
    pub body: Body,
    /// The ids of those whom it mentions, as the channel knows them.
    pub mentions: Vec<String>,
}

/// What is sent, by the kind of channel.
#[derive(Clone, PartialEq, Debug)]
pub enum Body {
    /// Slack, Teams, webhook: one JSON document, already checked to parse.
    Json(String),
    /// E-mail.
    Mail(Mail),
    /// Standard output: text without a trailing newline.
    Line(String),
}

/// The parts of a mail that the message decides; the envelope and the fixed addresses are the channel's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mail {
    /// One line without control characters, the same for every mail of a thread.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The HTML alternative; none for a message that is sent as plain text.
    pub html: Option<String>,
    /// Names the thread: the left part of the root Message-ID that goes into References; none for a mail of its own.
    pub thread: Option<String>,
    /// Whether it is an escalation, which mail programs may mark.
    pub urgent: bool,
    /// Whom its referral adds to those that `To` always names: a name, where one is known, and an address.
    pub to: Vec<(Option<String>, String)>,
}
