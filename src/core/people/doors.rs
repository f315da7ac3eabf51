//! Where the people of a referral hear of it, and why: from a list of recipients to destinations, and from a mail
//! destination's `@owners` to addresses. A list that was meant for people and reaches nobody is answered for by `[ops]`.

use serde::{Deserialize, Serialize};

use super::{Cast, Part, TEAM, Who};
use crate::core::{
    ids::{DestinationName, PersonName},
    rules::{Asks, Destination, Recipient, Role, Rules},
};

/// A destination that hears a step, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Door<'a> {
    /// Which.
    pub destination: &'a DestinationName,
    /// Why.
    pub because: Because,
}

/// Somebody whom a mail destination leaves to each referral.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Addressee<'a> {
    /// The address, in lower case.
    pub email: &'a str,
    /// Whose it is.
    pub who: &'a Who,
    /// Why they are asked.
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
    /// Those for whom it was would not have heard of it.
    InPlaceOf(Nobody),
}

/// Why a step would reach nobody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
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

/// Whether it depends on the referral whom these recipients reach.
pub fn ask_people(recipients: &[Recipient], rules: &Rules) -> bool {
    recipients.iter().any(|recipient| match recipient {
        Recipient::Role(_) => true,
        Recipient::Destination(name) => rules.destinations.get(name).is_some_and(|target| !target.asks.is_nobody()),
    })
}

impl Cast {
    /// The destinations that these recipients reach, each once and with the first reason; in place of a list that reaches
    /// nobody, and was meant to, `[ops]`.
    pub fn doors<'a>(&self, recipients: &'a [Recipient], rules: &'a Rules) -> Vec<Door<'a>> {
        let mut knocking = Knocking { cast: self, rules, doors: Vec::with_capacity(recipients.len()), in_vain: None };
        for recipient in recipients {
            match recipient {
                Recipient::Destination(name) => knocking.at(name, Because::Named),
                Recipient::Role(role) => knocking.for_role(*role),
            }
        }
        knocking.or_ops()
    }

    /// Whom a mail destination that leaves its `to` or `cc` to each referral reaches for this one, each address once.
    pub fn recipients<'a>(&'a self, asks: &Asks, rules: &'a Rules) -> Vec<Addressee<'a>> {
        let mut found: Vec<Addressee<'a>> = Vec::new();
        let of_roles = asks.roles.iter().flat_map(|role| self.of_role(*role).iter().map(move |part| (*role, part)));
        let strangers = self.owners.iter().filter(|part| asks.strangers && matches!(part.who, Who::Stranger { .. }));
        for (role, part) in of_roles.chain(strangers.map(|part| (Role::Owners, part))) {
            let Some(email) = part.who.email(rules) else { continue };
            if !found.iter().any(|known| known.email == email) {
                found.push(Addressee { email, who: &part.who, because: part.because(role) });
            }
        }
        found
    }

    /// Why a role reaches nobody.
    fn nobody(&self, role: Role) -> Nobody {
        match role {
            _ if !self.of_role(role).is_empty() => Nobody::NoWay(role),
            _ if !self.owned => Nobody::NoOwner,
            Role::Managers if !self.managed => Nobody::NoManager,
            Role::Owners | Role::Managers => Nobody::Away(role),
        }
    }

    /// Why nobody would read what goes to a destination; `None` where somebody does.
    fn unread(&self, target: &Destination, rules: &Rules) -> Option<Nobody> {
        let asks = &target.asks;
        if asks.is_nobody() || asks.others || !self.recipients(asks, rules).is_empty() {
            return None;
        }
        Some(self.nobody(asks.roles.first().copied().unwrap_or(Role::Owners)))
    }
}

impl Part {
    fn because(&self, role: Role) -> Because {
        let covers = self.covers.first().cloned();
        match role {
            Role::Owners => Because::Owner { covers },
            Role::Managers => Because::Manager { covers },
        }
    }
}

impl Who {
    fn email<'a>(&'a self, rules: &'a Rules) -> Option<&'a str> {
        match self {
            Self::Person(name) => rules.people.by_name.get(name)?.email.as_deref(),
            Self::Stranger { email, .. } => Some(email),
        }
    }

    fn ways<'a>(&self, rules: &'a Rules) -> &'a [DestinationName] {
        match self {
            Self::Person(name) => rules.people.by_name.get(name).map_or(&[], |person| &person.reached_at),
            Self::Stranger { .. } => {
                rules.destinations.get_key_value(TEAM).map_or(&[], |(team, _)| std::slice::from_ref(team))
            }
        }
    }
}

/// A list of recipients on its way to the doors where it is heard.
struct Knocking<'a, 'c> {
    cast: &'c Cast,
    rules: &'a Rules,
    doors: Vec<Door<'a>>,
    /// The first reason for which somebody does not hear.
    in_vain: Option<Nobody>,
}

impl<'a> Knocking<'a, '_> {
    /// At a destination; where nobody would read what goes there, at its fallback.
    fn at(&mut self, destination: &'a DestinationName, because: Because) {
        let (mut next, mut because) = (Some(destination), because);
        // Settings refuse a circle of fallbacks; no chain is longer than there are destinations.
        for _ in 0..=self.rules.destinations.len() {
            let Some(destination) = next else { return };
            let target = self.rules.destinations.get(destination);
            let Some(nobody) = target.and_then(|target| self.cast.unread(target, self.rules)) else {
                if !self.doors.iter().any(|door| door.destination == destination) {
                    self.doors.push(Door { destination, because });
                }
                return;
            };
            self.in_vain.get_or_insert_with(|| nobody.clone());
            because = Because::InPlaceOf(nobody);
            next = target.and_then(|target| target.fallback.as_ref());
        }
    }

    fn for_role(&mut self, role: Role) {
        let before = self.doors.len();
        for part in self.cast.of_role(role) {
            for way in part.who.ways(self.rules) {
                self.at(way, part.because(role));
            }
        }
        if self.doors.len() == before {
            self.in_vain.get_or_insert_with(|| self.cast.nobody(role));
        }
    }

    /// The doors; `[ops]` where there is none and people were meant.
    fn or_ops(mut self) -> Vec<Door<'a>> {
        if let (true, Some(nobody)) = (self.doors.is_empty(), self.in_vain.clone()) {
            for destination in &self.rules.ops {
                self.at(destination, Because::InPlaceOf(nobody.clone()));
            }
        }
        self.doors
    }
}
