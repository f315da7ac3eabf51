//! Who is asked about one referral at one instant: its owners, the managers up the line from them, and who stands in for
//! those that are away. Every walk up a line or along covers meets nobody twice, so circles in the settings end.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::People;
use crate::core::{
    case::Case,
    filter::Subject,
    ids::PersonName,
    ladder::beyond_the_body,
    rules::{Role, Rules},
};

/// So many of a referral's team are its owners, at most: strangers write it, and it must not become a mailing list.
const OWNERS_MAX: usize = 20;

/// Who is asked about one referral at one instant.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cast {
    /// Whose it is, those who stand in for the absent in their place.
    pub owners: Vec<Part>,
    /// Up the line from them, likewise.
    pub managers: Vec<Part>,
    /// Whether it is anybody's, be they there or not.
    pub owned: bool,
    /// Whether any of its owners has a manager, be they there or not.
    pub managed: bool,
    /// When the last absence began or ended that could have changed this.
    pub since: Option<Timestamp>,
    /// When the next one does.
    pub changes_at: Option<Timestamp>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Who.
    pub who: Who,
    /// For whom they stand in, first the one whose part it is; empty where it is their own.
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

impl Cast {
    /// Who is asked about a case at `now`. Its end is told to those who were asked when it came: who comes back later has
    /// no part in it, so that of a case that is closed never changes again.
    pub fn of(case: &Case, rules: &Rules, now: Timestamp) -> Self {
        let now = case.ended_at().unwrap_or(now);
        let mut call = RollCall { people: &rules.people, now, since: None, changes_at: None };
        let originals = originals(case, rules);
        let mut owners = Vec::new();
        for who in &originals {
            let part = match who {
                Who::Person(name) => call.fill(Some(name), &[]),
                Who::Stranger { .. } => Some(Part { who: who.clone(), covers: Vec::new() }),
            };
            add(&mut owners, part);
        }
        let above: Vec<&PersonName> = originals.iter().filter_map(|who| rules.people.manager_of(who)).collect();
        let mut managers = Vec::new();
        for manager in &above {
            add(&mut managers, call.fill(Some(manager), &owners));
        }
        let RollCall { since, changes_at, .. } = call;
        Self { owners, managers, owned: !originals.is_empty(), managed: !above.is_empty(), since, changes_at }
    }

    /// Those of a role.
    pub fn of_role(&self, role: Role) -> &[Part] {
        match role {
            Role::Owners => &self.owners,
            Role::Managers => &self.managers,
        }
    }
}

impl People {
    fn manager_of(&self, who: &Who) -> Option<&PersonName> {
        match who {
            Who::Person(name) => self.by_name.get(name)?.manager.as_ref(),
            Who::Stranger { .. } => None,
        }
    }
}

/// Whose a referral is, be they there or not: those of its team whom we know or who are at one of our domains, else those
/// of the first `[[owners]]` that matches.
fn originals(case: &Case, rules: &Rules) -> Vec<Who> {
    let people = &rules.people;
    let mut owners: Vec<Who> = Vec::new();
    for member in case.referral.team() {
        let Some(email) = member.email.map(|email| email.to_lowercase()) else { continue };
        let who = match people.named_by(&email) {
            Some(name) => Who::Person(name.clone()),
            None if people.is_ours(&email) => Who::Stranger { name: member.name, email },
            None => continue,
        };
        let stranger = matches!(who, Who::Stranger { .. });
        if owners.iter().any(|known| known.is(&who)) || (stranger && owners.len() >= OWNERS_MAX) {
            continue;
        }
        owners.push(who);
        if owners.len() > OWNERS_MAX {
            // However many strangers somebody writes there, they crowd out nobody whom the settings know.
            let least = owners.iter().rposition(|known| matches!(known, Who::Stranger { .. }));
            owners.remove(least.unwrap_or(OWNERS_MAX));
        }
    }
    if owners.is_empty() && !people.owners.is_empty() {
        let extra = beyond_the_body(case, rules);
        let subject = Subject { body: case.referral.body(), extra: &extra };
        let rule = people.owners.iter().find(|rule| rule.when.as_ref().is_none_or(|when| when.matches(subject)));
        owners.extend(rule.into_iter().flat_map(|rule| &rule.people).cloned().map(Who::Person));
    }
    owners
}

/// Asks people whether they are there.
struct RollCall<'a> {
    people: &'a People,
    now: Timestamp,
    /// Since when no answer given so far would have been another.
    since: Option<Timestamp>,
    /// When one of them will be another.
    changes_at: Option<Timestamp>,
}

impl<'a> RollCall<'a> {
    /// Who fills a part: the one whose it is, else who covers for them, else the next up the line and who covers there.
    /// Those who act already are passed over if there is somebody further up.
    fn fill(&mut self, from: Option<&'a PersonName>, acting: &[Part]) -> Option<Part> {
        let mut absent = Vec::new();
        let mut levels = BTreeSet::new();
        let mut acts_already = None;
        let mut level = from;
        while let Some(name) = level.filter(|name| levels.insert(*name)) {
            if let Some(there) = self.there_for(name, &mut absent) {
                let part = Part { who: Who::Person(there.clone()), covers: absent.clone() };
                if !acting.iter().any(|other| other.who.is(&part.who)) {
                    return Some(part);
                }
                acts_already.get_or_insert(part);
            }
            level = self.people.by_name.get(name).and_then(|person| person.manager.as_ref());
        }
        acts_already
    }

    /// The person, or whoever along their covers is there; those who are not are added to `absent`.
    fn there_for(&mut self, name: &'a PersonName, absent: &mut Vec<PersonName>) -> Option<&'a PersonName> {
        let mut next = Some(name);
        while let Some(name) = next.filter(|name| !absent.contains(name)) {
            let person = self.people.by_name.get(name)?;
            let (since, until) = person.changes_around(self.now);
            self.since = self.since.max(since);
            self.changes_at = self.changes_at.into_iter().chain(until).min();
            let Some(absence) = person.absence_at(self.now) else { return Some(name) };
            absent.push(name.clone());
            next = absence.cover.as_ref();
        }
        None
    }
}

/// Adds a part; nobody plays two, and their own goes before standing in.
fn add(parts: &mut Vec<Part>, part: Option<Part>) {
    let Some(part) = part else { return };
    match parts.iter_mut().find(|known| known.who.is(&part.who)) {
        Some(known) if part.covers.is_empty() => known.covers.clear(),
        Some(_) => {}
        None => parts.push(part),
    }
}

impl Who {
    /// Whether it is the same person: strangers are told apart by their address.
    fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Person(one), Self::Person(two)) => one == two,
            (Self::Stranger { email: one, .. }, Self::Stranger { email: two, .. }) => one == two,
            _ => false,
        }
    }
}
