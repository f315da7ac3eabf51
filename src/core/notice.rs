//! What leadtime has to say about itself: what happened, as a value. Who words it does so in the language of each reader,
//! so there is no finished sentence of ours here; what others said (an answer, an error of the system) is kept as they
//! said it. Must never hold a secret or a destination's address.

use std::fmt;

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use serde::{Deserialize, Serialize};

use super::{
    fault,
    ids::{AccountName, DestinationName, PersonName, ReferralId},
    period::Seconds,
};

/// A message about leadtime itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Notice {
    /// What it tells.
    pub news: News,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// The kinds of notice; the names of their templates.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum NoticeKind {
    Trouble,
    Recovered,
    Keepalive,
    Test,
}

/// What a notice tells.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// Something is wrong.
    Trouble(Trouble),
    /// Something is over.
    Recovered(Recovery),
    /// Nothing needed this destination for so long that it is told so.
    Keepalive,
    /// The destination is tried.
    Test(Trial),
}

/// What can be wrong with leadtime and with what it depends on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// An account cannot be read.
    Unread {
        /// Which.
        account: AccountName,
        /// Why.
        why: Unread,
    },
    /// Our clock and Partner Center's differ.
    ClockOff {
        /// What we have.
        ours: Timestamp,
        /// What Partner Center has.
        theirs: Timestamp,
        /// By how much, to the minute.
        off: Seconds,
        /// Whether it is so much that nothing new is decided.
        stops: bool,
    },
    /// Many referrals of an account left the list at once and none can be read.
    RoleLost {
        /// Which account.
        account: AccountName,
        /// How many of them.
        unread: usize,
        /// Of how many.
        open: usize,
    },
    /// A template of the user's does not render.
    TemplateFails {
        /// Which, below the folder of templates.
        file: String,
        /// What is wrong with it.
        said: String,
    },
    /// The store takes nothing.
    NotRecorded {
        /// Why not.
        said: String,
    },
    /// A destination refuses everything.
    Refuses {
        /// Which.
        destination: DestinationName,
        /// How it said so.
        said: Refusal,
        /// Whether it is mail: then it is `[smtp]` that is to be mended.
        mail: bool,
        /// Where its messages go meanwhile.
        fallback: Option<DestinationName>,
    },
    /// A destination has failed for some time.
    TakesNone {
        /// Which.
        destination: DestinationName,
        /// How.
        said: String,
        /// How long it wants to be left alone, where that is longer than we would wait.
        left_alone: Option<Seconds>,
    },
    /// One address of a mail is refused.
    NoMail {
        /// Which.
        address: String,
        /// Whose address it is.
        destination: DestinationName,
        /// Why.
        why: GaveUp,
        /// Where the address comes from.
        #[serde(default)]
        of: AddressOf,
        /// Whether the fallback takes over, so that nothing was given up.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        falls_back: bool,
    },
    /// A destination refuses to mention somebody.
    MentionRefused {
        /// Which.
        destination: DestinationName,
        /// The ids of those whom the message was to mention; it cannot be known which of them it was.
        ids: Vec<String>,
        /// How it refused, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        said: Option<String>,
    },
    /// A message was given up.
    GivenUp {
        /// Where.
        destination: DestinationName,
        /// Why.
        why: GaveUp,
    },
    /// No rule takes a referral.
    NoRule {
        /// Of which account.
        account: AccountName,
        /// The first of them.
        first: ReferralId,
    },
    /// An account with open referrals has left the settings.
    AccountGone {
        /// Which.
        account: AccountName,
    },
    /// An account's filter no longer takes referrals that are open.
    FilteredOut {
        /// Which account's.
        account: AccountName,
    },
    /// A rule compares values, and this currency has no rate.
    NoRate {
        /// Its code.
        currency: String,
    },
    /// A case in the store cannot be read.
    Damaged {
        /// Why not.
        said: String,
    },
    /// The settings were read again and have faults.
    SettingsFaulty {
        /// The first lines of what is wrong with them.
        lines: Vec<String>,
    },
    /// Who watches from outside does not take the sign of life.
    NoHeartbeat(Heartless),
    /// A client secret ends.
    SecretEnds {
        /// Whose.
        account: AccountName,
        /// When.
        on: Date,
        /// Whether that day is over.
        over: bool,
        /// How near it is.
        when: When,
    },
    /// A sign-in ends because nothing has renewed it.
    SignInEnds {
        /// Whose.
        account: AccountName,
        /// When, in the zone of the settings.
        at: DateTime,
        /// The day on which it was renewed last, there.
        renewed: Date,
        /// How near the end is.
        when: When,
    },
    /// In the words of a version that kept finished sentences.
    Written(Written),
}

/// Why an account could not be read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// Partner Center or the sign-in.
    Fault(fault::Trouble),
    /// What was read could not be kept.
    Store(String),
    /// The clocks differ too much.
    Clocks,
}

/// How a destination said no.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    /// What it said, without a full stop where it had none.
    pub said: String,
    /// What its channel knows to do about it: the rest of a sentence, in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// Where the address of a mail comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressOf {
    /// The destination's own settings.
    #[default]
    Settings,
    /// A person of the settings.
    Person(PersonName),
    /// The team of a referral.
    Team,
}

/// Why a message was given up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GaveUp {
    /// It was an escalation, and its deadline came.
    Deadline,
    /// It was not accepted for as long as messages are tried.
    TooLong,
    /// leadtime itself ended in each attempt.
    Died,
    /// It was refused so.
    Refused(String),
}

/// Why the sign of life was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Heartless {
    /// It answers, but not well: the HTTP status.
    Answers(u16),
    /// It does not answer in time.
    Silent,
    /// Nothing is there.
    Unreachable,
}

/// How near an end is: what is to be done becomes more urgent with each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum When {
    Soon,
    NextDays,
    Today,
}

/// Finished sentences.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Written {
    /// What it is, without a full stop.
    pub title: String,
    /// What happened.
    #[serde(default)]
    pub text: Vec<String>,
    /// What the reader should do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub todo: Option<String>,
}

/// What can be over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    /// What was said is no longer so.
    NoLonger(Box<Trouble>),
    /// An account is read again.
    ReadAgain {
        /// Which.
        account: AccountName,
        /// For how long it was not.
        away: Option<Seconds>,
        /// What nobody saw meanwhile.
        missed: Missed,
    },
    /// Nobody watched an account for some time, because leadtime was not there.
    Unwatched {
        /// Which.
        account: AccountName,
        /// For how long.
        away: Seconds,
        /// What nobody saw meanwhile.
        missed: Missed,
    },
    /// An account sees its referrals again.
    RoleBack {
        /// Which.
        account: AccountName,
    },
    /// The clocks agree.
    ClocksAgree,
    /// The sign of life is taken.
    Heartbeat,
    /// The settings have no faults.
    SettingsInForce,
    /// A destination takes messages.
    TakesAgain {
        /// Which.
        destination: DestinationName,
        /// What its trouble cost.
        cost: Cost,
    },
    /// An address gets mail.
    MailAgain {
        /// Which.
        address: String,
    },
    /// A destination takes mentions that it had refused.
    MentionsTaken {
        /// Which.
        destination: DestinationName,
    },
    /// Nothing is left that was given up here.
    NoneGivenUp {
        /// The destination, or the address of a mail.
        at: String,
        /// Whether it is an address.
        mail: bool,
    },
    /// The settings no longer say when a client secret ends.
    SecretUnwatched {
        /// Whose.
        account: AccountName,
    },
    /// A client secret ends later than it did.
    SecretLater {
        /// Whose.
        account: AccountName,
        /// When.
        on: Date,
    },
    /// Somebody, or a poll, has renewed a sign-in.
    SignInRenewed {
        /// Whose.
        account: AccountName,
    },
    /// The store takes what happens.
    RecordedAgain,
    /// In the words of a version that kept finished sentences.
    Written(Written),
}

/// What nobody saw while an account was not read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Missed {
    /// How many open referrals nobody watched.
    #[serde(default)]
    pub open: usize,
    /// The nearest of them: who, and the last day to answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<(String, Date)>,
    /// How many came.
    #[serde(default)]
    pub new: u32,
    /// How long ago the oldest of those came.
    #[serde(default)]
    pub oldest: Seconds,
    /// How many were answered.
    #[serde(default)]
    pub answered: u32,
    /// How many expired.
    #[serde(default)]
    pub expired: u32,
    /// The first of those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expired_first: Vec<String>,
    /// How many messages go out late.
    #[serde(default)]
    pub late: u32,
    /// Whether more may.
    #[serde(default)]
    pub at_least: bool,
    /// Whether it is known that nothing came, was answered or expired.
    #[serde(default)]
    pub nothing: bool,
}

/// What a destination's trouble has cost.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Cost {
    /// How many messages waited.
    #[serde(default)]
    pub waited: usize,
    /// For how long the first of them did.
    #[serde(default)]
    pub longest: Seconds,
    /// How many went to the fallback.
    #[serde(default)]
    pub fell_back: u32,
    /// Which that is, where there still is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<DestinationName>,
    /// How many were given up.
    #[serde(default)]
    pub given_up: u32,
}

/// Why a destination is tried.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    /// Somebody ran `send-test`.
    SendTest(DestinationName),
    /// It had a trouble, and settings were put in force.
    Reload,
}

impl Notice {
    /// What kind it is.
    pub fn kind(&self) -> NoticeKind {
        match self.news {
            News::Trouble(_) => NoticeKind::Trouble,
            News::Recovered(_) => NoticeKind::Recovered,
            News::Keepalive => NoticeKind::Keepalive,
            News::Test(_) => NoticeKind::Test,
        }
    }
}

impl NoticeKind {
    /// The name of its template.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trouble => "trouble",
            Self::Recovered => "recovered",
            Self::Keepalive => "keepalive",
            Self::Test => "test",
        }
    }
}

impl News {
    /// Whether its sentences are finished already, in English.
    pub fn is_written(&self) -> bool {
        match self {
            Self::Trouble(trouble) => trouble.is_written(),
            Self::Recovered(Recovery::NoLonger(trouble)) => trouble.is_written(),
            Self::Recovered(recovery) => matches!(recovery, Recovery::Written(_)),
            Self::Keepalive | Self::Test(_) => false,
        }
    }
}

impl Trouble {
    fn is_written(&self) -> bool {
        matches!(self, Self::Written(_))
    }
}

impl Unread {
    /// Whether time alone may mend it.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Fault(fault) => fault.is_temporary(),
            Self::Store(_) | Self::Clocks => true,
        }
    }
}

/// What a channel's reason says of what is to be done stands behind this.
const TO_DO: &str = ". To do: ";

impl Refusal {
    /// Takes a channel's reason apart.
    pub fn read(why: &str) -> Self {
        match why.split_once(TO_DO) {
            Some((said, remedy)) => Self { said: said.to_owned(), remedy: Some(remedy.to_owned()) },
            None => Self { said: why.to_owned(), remedy: None },
        }
    }
}

/// For the journal and the outbox, in English.
impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deadline => "not accepted before the deadline",
            Self::TooLong => "too long not accepted",
            Self::Died => "the process died in it four times",
            Self::Refused(why) => why,
        })
    }
}

/// A notice as it is kept, by this version and by the one before.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Now {
        news: News,
        #[serde(default)]
        since: Option<Timestamp>,
    },
    Before {
        kind: NoticeKind,
        #[serde(flatten)]
        written: Written,
        #[serde(default)]
        since: Option<Timestamp>,
    },
}

impl From<Stored> for Notice {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Now { news, since } => Self { news, since },
            Stored::Before { kind, written, since } => {
                let news = match kind {
                    NoticeKind::Trouble => News::Trouble(Trouble::Written(written)),
                    NoticeKind::Recovered => News::Recovered(Recovery::Written(written)),
                    NoticeKind::Keepalive => News::Keepalive,
                    // The only test that was ever kept.
                    NoticeKind::Test => News::Test(Trial::Reload),
                };
                Self { news, since }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_version_before_has_kept_is_read_as_it_was_written() {
        let kept = r#"{"kind":"trouble","title":"contoso cannot be read",
            "text":["account contoso: the refresh token has expired (AADSTS700082).","Known referrals go on."],
            "todo":"Run `leadtime login contoso`.","since":"2026-11-13T07:08:00Z"}"#;
        let notice: Notice = serde_json::from_str(kept).unwrap();
        assert_eq!(notice.kind(), NoticeKind::Trouble);
        assert_eq!(notice.since, Some("2026-11-13T07:08:00Z".parse().unwrap()));
        let News::Trouble(Trouble::Written(written)) = &notice.news else { panic!("{notice:?}") };
        assert_eq!(written.title, "contoso cannot be read");
        assert_eq!(written.text.len(), 2);
        assert_eq!(written.todo.as_deref(), Some("Run `leadtime login contoso`."));
        let again: Notice = serde_json::from_str(&serde_json::to_string(&notice).unwrap()).unwrap();
        assert_eq!(again, notice);
        let kept = r#"{"kind":"recovered","title":"contoso is read again","text":[],"since":"2026-11-13T07:08:00Z"}"#;
        let notice: Notice = serde_json::from_str(kept).unwrap();
        assert!(matches!(notice.news, News::Recovered(Recovery::Written(_))) && notice.news.is_written());
        let kept = r#"{"kind":"keepalive","title":"All is well","text":["…"]}"#;
        assert_eq!(serde_json::from_str::<Notice>(kept).unwrap(), Notice { news: News::Keepalive, since: None });
    }

    #[test]
    fn a_row_that_the_version_before_has_queued_is_read() {
        let kept = r#"{"number":7,"id":"7d9a3f4e-4f0c-5f53-9f1a-0d6c2f8b1a11","destination":"ops",
            "about":{"notice":{"kind":"recovered","title":"sellers takes messages again",
            "text":["1 message waited for 2 h."],"since":"2026-11-13T07:08:00Z"}},"class":"rest",
            "deadline":"2026-11-13T09:08:00Z","queued_at":"2026-11-13T09:08:00Z","not_before":"2026-11-13T09:08:00Z",
            "attempts":0,"crashes":0,"maybe":false,"plain":false,"fell_back":false}"#;
        let row: crate::core::outbox::Row = serde_json::from_str(kept).unwrap();
        let crate::core::outbox::About::Notice(notice) = row.about else { panic!("{row:?}") };
        assert!(notice.news.is_written() && notice.kind() == NoticeKind::Recovered);
    }

    #[test]
    fn a_notice_is_kept_as_what_happened() {
        let why = Unread::Fault(fault::SignInTrouble::Expired { aadsts: Some(700_082) }.into());
        let news = News::Trouble(Trouble::Unread { account: "contoso".into(), why });
        let notice = Notice { news, since: Some(Timestamp::UNIX_EPOCH) };
        let kept = serde_json::to_string(&notice).unwrap();
        assert_eq!(
            kept,
            r#"{"news":{"trouble":{"unread":{"account":"contoso","why":{"fault":{"sign_in":{"expired":{"aadsts":700082}}}}}}},"since":"1970-01-01T00:00:00Z"}"#
        );
        assert_eq!(serde_json::from_str::<Notice>(&kept).unwrap(), notice);
    }

    #[test]
    fn a_channels_reason_is_taken_apart() {
        let refusal = Refusal::read("Slack answered 404. To do: set a valid webhook_url");
        assert_eq!(
            (refusal.said.as_str(), refusal.remedy.as_deref()),
            ("Slack answered 404", Some("set a valid webhook_url"))
        );
        assert_eq!(Refusal::read("no reason").remedy, None);
    }
}
