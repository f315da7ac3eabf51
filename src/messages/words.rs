//! Every word that a reader sees and that is not data: one trait, one file for each language. A whole phrase is one
//! method, because languages differ in order and not only in words. Nothing here cuts, escapes or formats figures.

mod en;

use jiff::civil;

use super::content::{Audience, Became, DigestKind, Event, Field};
use crate::core::{
    people::Nobody,
    referral::{Category, Closing},
};

/// The language of a message. Hungarian and Czech are worded in English until they have a file of their own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// Hungarian.
    Hu,
    /// Czech.
    Cs,
}

impl Locale {
    /// The language that the settings write so.
    pub fn parse(code: &str) -> Option<Self> {
        match code {
            "en" => Some(Self::En),
            "hu" => Some(Self::Hu),
            "cs" => Some(Self::Cs),
            _ => None,
        }
    }

    /// As the settings write it, and as HTML's `lang` wants it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Hu => "hu",
            Self::Cs => "cs",
        }
    }
}

/// The words of a language.
pub fn of(locale: Locale) -> &'static dyn Words {
    match locale {
        Locale::En | Locale::Hu | Locale::Cs => &en::English,
    }
}

/// What a headline says, its parts already formatted; those that are not known, or that had no room, are `None`.
#[derive(Clone, Debug, Default)]
pub struct Parts<'a> {
    /// The customer's name, perhaps cut.
    pub name: &'a str,
    /// `HU`.
    pub country: Option<&'a str>,
    /// `€80k`.
    pub value: Option<&'a str>,
    /// `Thu 19 Nov`: the last day to answer; in `Overdue` and `Gone` the day of the deadline.
    pub date: &'a str,
    /// `Anna K.`
    pub by: Option<&'a str>,
}

/// The forms of a headline about one referral.
#[derive(Clone, Debug)]
pub enum Lead {
    /// The first that is heard of it.
    New(Category),
    /// It has changed.
    Updated,
    /// So many working days are left, today included.
    DaysLeft(u32),
    /// Today is the last day.
    Today,
    /// The last working day is over, and this is what remains: `3 h`.
    Remaining(String),
    /// Escalated.
    Unanswered,
    /// Past its deadline and still open.
    Overdue,
    /// Past its deadline, and nobody could look.
    OverdueUnconfirmed,
    /// It was answered, so long after it came: `1 d 3 h`.
    Closed(Closing, String),
    /// Partner Center says Expired.
    Expired,
    /// Not there any more.
    Gone,
    /// Open again.
    Reopened,
}

/// What a digest's headline says.
#[derive(Clone, Debug)]
pub struct DigestParts<'a> {
    /// What it gathers.
    pub kind: &'a DigestKind,
    /// How many referrals still wait.
    pub open: usize,
    /// How many are in it.
    pub all: usize,
    /// Whether everything in it is the first that is heard of it.
    pub all_new: bool,
    /// The nearest last day.
    pub date: Option<&'a str>,
    /// The sum of the values that are known.
    pub value: Option<&'a str>,
}

/// The names of rows and buttons.
#[derive(Clone, Copy, Debug, serde::Serialize)]
#[allow(missing_docs, reason = "each is the word that it is named after")]
pub struct Labels {
    pub value: &'static str,
    pub place: &'static str,
    pub from: &'static str,
    pub answer_by: &'static str,
    pub expires: &'static str,
    pub expired: &'static str,
    pub contact: &'static str,
    pub contact_requested: &'static str,
    pub contact_person: &'static str,
    pub owner: &'static str,
    pub claimed: &'static str,
    pub estimated: &'static str,
    pub open_in: &'static str,
    pub claim: &'static str,
    pub claim_escalation: &'static str,
    pub tried: &'static str,
    pub changed: &'static str,
    pub nothing: &'static str,
    pub notes: &'static str,
    pub todo: &'static str,
    pub since: &'static str,
    pub id: &'static str,
    pub repeat: &'static str,
    pub if_unanswered: &'static str,
}

/// The words of one language. Whole sentences end with their full stop.
pub trait Words: Sync {
    /// The names of rows and buttons.
    fn labels(&self) -> &'static Labels;
    /// `Thu 19 Nov`.
    fn date(&self, date: civil::Date) -> String;
    /// How urgent an event is, in words: `Escalation`.
    fn severity(&self, event: Event) -> &'static str;
    /// What stands for a customer's name where there is none.
    fn unnamed(&self) -> &'static str;
    /// The headline about one referral.
    fn headline(&self, lead: &Lead, parts: &Parts<'_>) -> String;
    /// The headline of a digest.
    fn digest_headline(&self, parts: &DigestParts<'_>) -> String;
    /// The headline of a notice.
    fn notice_headline(&self, event: Event, title: &str) -> String;
    /// What stands below a headline before anything else: the act asked of the audience, or what has happened.
    /// `confirmed` says whether Partner Center has been heard since the deadline.
    fn opening(&self, event: Event, audience: Audience, owners: &[String], confirmed: bool) -> Option<String>;
    /// The same for a digest.
    fn digest_opening(&self, kind: &DigestKind) -> Option<String>;
    /// The way to the referral in Partner Center's menu.
    fn menu(&self, category: Category) -> &'static str;
    /// What to look for there, a name or the head of an id.
    fn look_for(&self, what: &str) -> String;
    /// `in 13 d 15 h`.
    fn in_time(&self, left: &str) -> String;
    /// `12 min ago`.
    fn ago(&self, age: &str) -> String;
    /// Who sent it: Microsoft, or a partner by its name if known.
    fn partner(&self) -> &'static str;
    /// One line about what was sent before.
    fn told(&self, when: &str, what: &str, destination: &str, became: Became) -> String;
    /// What a step or event is called in such a line.
    fn step(&self, what: &str) -> String;
    /// Who has claimed it on which day, and whether the claim still holds.
    fn claimed(&self, by: &str, since: &str, until: &str, holds: bool) -> String;
    /// Somebody, for somebody else who is away until the end of a day; none: for good.
    fn stands_in(&self, who: &str, whom: &str, until: Option<&str>) -> String;
    /// That the reader owns it; for whom they stand in, and until which day that one is away.
    fn is_owner(&self, cover: Option<(&str, Option<&str>)>) -> String;
    /// That the reader is an owner's manager, likewise.
    fn is_manager(&self, cover: Option<(&str, Option<&str>)>) -> String;
    /// That the message would have reached nobody, why, and what to do.
    fn in_place_of(&self, nobody: &Nobody) -> String;
    /// For whom it is, where they can only be named.
    fn attention(&self, names: &[String]) -> String;
    /// That mail to somebody is refused, so they may not know of it.
    fn refuses_mail(&self, name: &str, since: &str) -> String;
    /// What follows if nobody answers: pairs of when and to whom; empty where nothing does.
    fn next(&self, steps: &[(String, String)]) -> String;
    /// Some people, any of whom will do; counted past the third.
    fn any_of(&self, names: &[String]) -> String;
    /// Several, all of them.
    fn all_of(&self, names: &[String]) -> String;
    /// The name of a field that changed.
    fn field(&self, field: Field) -> &'static str;
    /// Partner Center could not be read since.
    fn as_of(&self, when: &str) -> String;
    /// The referral could not be read since.
    fn unseen(&self, when: &str) -> String;
    /// What a closed item of a digest says for itself.
    fn closed_item(&self, closing: Closing, after: &str) -> String;
    /// What an open item of a digest says for itself.
    fn open_item(&self, date: &str) -> String;
    /// How many more there are than are shown.
    fn more(&self, count: usize) -> String;
}
