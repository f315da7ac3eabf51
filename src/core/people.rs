//! Who is asked about a referral at an instant: its owners, their managers up the line, and who stands in for those that are
//! away. People and absences are values here like any other; nothing is looked up and no clock is read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    case::Case,
    filter::{Filter, Subject},
    ids::{DestinationName, PersonName},
    ladder::beyond_the_body,
    rules::{Recipient, Role, Rules},
};

/// The destination of those owners whom no person of the settings is.
pub const TEAM: &str = "@team";

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

/// Who is asked about one referral at one instant.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cast {
    /// Whose it is, those who stand in for the absent in their place.
    pub owners: Vec<Part>,
    /// Up the line from them, likewise.
    pub managers: Vec<Part>,
    /// When the next absence begins or ends that could change this.
    pub changes_at: Option<Timestamp>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Who.
    pub who: Who,
    /// For whom they stand in, first the one who is away.
    pub covers: Vec<PersonName>,
}

/// Somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Who {
    /// A person of the settings.
    Person(PersonName),
    /// Somebody of a referral's team whom the settings do not know.
    Stranger {
        /// The name, as the referral has it; may be empty.
        name: String,
        /// The address, in lower case.
        email: String,
    },
}

/// A destination that hears a step, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Door {
    /// Which.
    pub destination: DestinationName,
    /// Why.
    pub because: Because,
}

/// Why a destination hears of a referral.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The settings name it, or it was told before.
    #[default]
    Named,
    /// It reaches an owner, or who stands in for one.
    Owner {
        /// For whom.
        covers: Option<PersonName>,
    },
    /// It reaches a manager, or who stands in for one.
    Manager {
        /// For whom.
        covers: Option<PersonName>,
    },
    /// The step would have reached nobody.
    InPlaceOf(Nobody),
}

/// Why a step would reach nobody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nobody {
    /// The referral's team names nobody of ours, and no `[[owners]]` takes it.
    NoOwner,
    /// Its owners have no manager.
    NoManager,
    /// All of them are away, and nobody stands in.
    Away(Role),
    /// They are there, and no destination reaches them.
    NoWay(Role),
}

impl Cast {
    /// Who is asked about a case at `now`.
    pub fn of(case: &Case, rules: &Rules, now: Timestamp) -> Self {
        let _ = now;
        let people = &rules.people;
        let person_of = |email: &str| {
            people.by_name.iter().find(|(_, person)| person.email.as_deref() == Some(email)).map(|(name, _)| name)
        };
        let team = case.referral.team().into_iter().filter_map(|member| {
            let email = member.email?.to_lowercase();
            let who = match person_of(&email) {
                Some(name) => Who::Person(name.clone()),
                None if people.is_ours(&email) => Who::Stranger { name: member.name, email },
                None => return None,
            };
            Some(Part { who, covers: Vec::new() })
        });
        let mut owners: Vec<Part> = team.collect();
        if owners.is_empty() {
            let extra = beyond_the_body(case, rules);
            let subject = Subject { body: case.referral.body(), extra: &extra };
            let rule = people.owners.iter().find(|rule| rule.when.as_ref().is_none_or(|when| when.matches(subject)));
            let named = rule.map(|rule| rule.people.as_slice()).unwrap_or_default();
            owners = named.iter().map(|name| Part { who: Who::Person(name.clone()), covers: Vec::new() }).collect();
        }
        Self { owners, managers: Vec::new(), changes_at: None }
    }

    /// Those of a role.
    pub fn of_role(&self, role: Role) -> &[Part] {
        match role {
            Role::Owners => &self.owners,
            Role::Managers => &self.managers,
        }
    }

    /// The destinations that these recipients reach, each once and with the first reason; in place of a list that reaches
    /// nobody, and was meant to, `[ops]`.
    pub fn doors(&self, recipients: &[Recipient], rules: &Rules) -> Vec<Door> {
        let mut doors: Vec<Door> = Vec::new();
        let mut add = |destination: &DestinationName, because: Because| {
            if !doors.iter().any(|door| door.destination == *destination) {
                doors.push(Door { destination: destination.clone(), because });
            }
        };
        for recipient in recipients {
            match recipient {
                Recipient::Destination(name) => add(name, Because::Named),
                Recipient::Role(role) => {
                    for part in self.of_role(*role) {
                        let covers = part.covers.first().cloned();
                        let because = match role {
                            Role::Owners => Because::Owner { covers },
                            Role::Managers => Because::Manager { covers },
                        };
                        match &part.who {
                            Who::Person(name) => {
                                let ways = rules.people.by_name.get(name).map(|person| person.reached_at.as_slice());
                                ways.unwrap_or_default().iter().for_each(|way| add(way, because.clone()));
                            }
                            Who::Stranger { .. } if rules.destinations.contains_key(TEAM) => {
                                add(&DestinationName::new(TEAM), because);
                            }
                            Who::Stranger { .. } => {}
                        }
                    }
                }
            }
        }
        doors
    }
}

impl People {
    /// Whether an address, in lower case, is at one of our own domains.
    pub fn is_ours(&self, email: &str) -> bool {
        email.rsplit_once('@').is_some_and(|(_, domain)| self.domains.contains(domain))
    }
}
