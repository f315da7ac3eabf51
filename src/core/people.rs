//! The people of the settings, and what is known of each: how a referral names them, who is above them, how they are reached
//! and when they are not there. Who of them is asked about one referral is `cast`'s affair, where they hear of it that of
//! `doors`. People and absences are values like any other here; nothing is looked up and no clock is read.

mod cast;
mod doors;
#[cfg(test)]
mod stories;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};

use super::{
    filter::Filter,
    ids::{DestinationName, PersonName},
};

pub use cast::{Cast, Part, Who};
pub use doors::{Addressee, Because, Door, Nobody, ask_people};

/// The destination of those owners whom no person of the settings is.
pub const TEAM: &str = "@team";

/// So long is the part of an address before the `@`, at most (RFC 5321, 4.5.3.1.1).
const LOCAL_PART_MAX: usize = 64;

/// `[people]` and `[[owners]]`.
#[derive(Clone, Debug, Default)]
pub struct People {
    /// Everybody, by the name that the settings give them.
    pub by_name: BTreeMap<PersonName, Person>,
    /// Who owns what its own team does not say, in the order of the file; the first that matches.
    pub owners: Vec<OwnerRule>,
    /// The domains, in lower case, at which a team's address is one of our own: of people, of the sender and of the mail
    /// destinations. A referral is written by strangers, and leadtime mails no address elsewhere that stands in one.
    pub domains: BTreeSet<String>,
}

/// Somebody who answers referrals, or sees to it that they are answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// As people read it: `Anna Kovács`.
    pub name: String,
    /// In lower case; how a referral's team names them.
    pub email: Option<String>,
    /// Up the line.
    pub manager: Option<PersonName>,
    /// How they are reached: their `notify`, else `@name` where they have an address and there is a mail server.
    pub reached_at: Vec<DestinationName>,
    /// When they are not there.
    pub away: Vec<Absence>,
}

/// When somebody is not there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Absence {
    /// The beginning of its first day, in the person's zone.
    pub from: Timestamp,
    /// The end of its last day; `None`: for good.
    pub until: Option<Timestamp>,
    /// That day, as it is written: elsewhere another one may have begun when it ends.
    pub last: Option<Date>,
    /// Who stands in.
    pub cover: Option<PersonName>,
}

/// Whose a referral is, where its own team does not say.
#[derive(Clone, Debug)]
pub struct OwnerRule {
    /// Which referrals; `None`: all.
    pub when: Option<Filter>,
    /// Whose they are.
    pub people: Vec<PersonName>,
}

impl People {
    /// The person whose address this is, in lower case.
    pub fn named_by(&self, email: &str) -> Option<&PersonName> {
        self.by_name.iter().find(|(_, person)| person.email.as_deref() == Some(email)).map(|(name, _)| name)
    }

    /// Whether an address, in lower case, is at one of our own domains and is no more than one address: what stands before
    /// its `@` was written by strangers, and must not smuggle a second one in.
    pub fn is_ours(&self, email: &str) -> bool {
        // Mail servers read `eve%example.com` and `example.com!eve` as a way to go on, `/` as a file and `|` as a program.
        let atom = |char: char| char.is_ascii_alphanumeric() || "#$&'*+-=?^_`{}~.".contains(char);
        email.rsplit_once('@').is_some_and(|(local, domain)| {
            (1..=LOCAL_PART_MAX).contains(&local.len()) && local.chars().all(atom) && self.domains.contains(domain)
        })
    }
}

impl Person {
    /// The absence that holds at `now`.
    pub fn absence_at(&self, now: Timestamp) -> Option<&Absence> {
        self.away.iter().find(|absence| absence.holds_at(now))
    }

    /// When an absence last began or ended, up to `now`, and when the next one does.
    pub fn changes_around(&self, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let changes = || self.away.iter().flat_map(|absence| [Some(absence.from), absence.until]).flatten();
        (changes().filter(|at| *at <= now).max(), changes().filter(|at| *at > now).min())
    }
}

impl Absence {
    fn holds_at(&self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}
