//! Why a message goes where it goes, as far as people decide that: whose the referral is, who stands in for whom, and why
//! nobody of those for whom it was would hear it.

use jiff::Timestamp;

use super::Teller;
use crate::core::{
    ids::{DestinationName, PersonName},
    ladder::Line,
    people::{Because, Nobody, People},
    rules::Role,
};

impl Teller {
    /// Why a message that is due at `at` goes to its destination, to follow "it goes there"; none where the settings name
    /// the destination, or it was told before.
    pub fn whom(&self, line: &Line, people: &People, at: Timestamp) -> Option<String> {
        let here = behind(line.key.stands_in_for.as_ref().unwrap_or(&line.key.destination), people);
        Some(match &line.because {
            Because::Named => return None,
            Because::Owner { covers: None } => match here {
                Some(owner) => format!("because {owner} owns it"),
                None => "because an owner of it reads there".to_owned(),
            },
            Because::Manager { covers: None } => match here {
                Some(manager) => format!("because {manager} is up the line from its owners"),
                None => "because a manager up the line from its owners reads there".to_owned(),
            },
            Because::Owner { covers: Some(owner) } => format!("in place of {}", self.absent(owner, people, at)),
            Because::Manager { covers: Some(manager) } => {
                format!("in place of {}, up the line from its owners", self.absent(manager, people, at))
            }
            Because::InPlaceOf(nobody) => format!("because {}", self::nobody(nobody)),
        })
    }

    /// A person who is not there: `Anna Kovács, who is away until Wed 11 Nov`.
    fn absent(&self, name: &PersonName, people: &People, at: Timestamp) -> String {
        let Some(person) = people.by_name.get(name) else { return name.to_string() };
        let last = match person.absence_at(at) {
            None => return person.name.clone(),
            Some(absence) => absence.last,
        };
        match last {
            Some(last) => format!("{}, who is away until {}", person.name, self.day(last)),
            None => format!("{}, who is away for good", person.name),
        }
    }
}

/// The one person who is reached at a destination.
fn behind<'a>(destination: &DestinationName, people: &'a People) -> Option<&'a str> {
    let mut here = people.by_name.values().filter(|person| person.reached_at.contains(destination));
    here.next().filter(|_| here.next().is_none()).map(|person| person.name.as_str())
}

/// Why those for whom a message was would not hear it.
fn nobody(nobody: &Nobody) -> String {
    let role = |role: &Role| match role {
        Role::Owners => "its owners",
        Role::Managers => "the managers of its owners",
    };
    match nobody {
        Nobody::NoOwner => "nobody of ours owns it".to_owned(),
        Nobody::NoManager => "its owners have no manager".to_owned(),
        Nobody::Away(of) => format!("{} are away and nobody stands in for them", role(of)),
        Nobody::NoWay(of) => format!("no destination reaches {}", role(of)),
    }
}
