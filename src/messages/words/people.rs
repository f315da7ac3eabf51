//! What a message says about people: who should answer and for whom they stand in, why the reader is asked, who has it.

use super::Words;
use crate::core::{people::Nobody, rules::Role};

/// Somebody who is not there.
#[derive(Clone, Copy, Debug)]
pub struct Absent<'a> {
    /// The name.
    pub name: &'a str,
    /// The last day away; `None`: for good.
    pub until: Option<&'a str>,
}

impl Words {
    /// Somebody, for somebody else who is not there.
    pub fn stands_in(&self, who: &str, absent: Absent<'_>) -> String {
        let (who, whom) = (("who", who.into()), ("whom", absent.name.into()));
        match absent.until {
            Some(until) => self.say("stands-in", [who, whom, ("until", until.into())]),
            None => self.say("stands-in-for-good", [who, whom]),
        }
    }

    /// That the reader owns it, or for which owner they stand in.
    pub fn is_owner(&self, absent: Option<Absent<'_>>) -> String {
        self.is("is-owner", "is-owner-for", "is-owner-for-good", absent)
    }

    /// That the reader is an owner's manager, or for which one they stand in.
    pub fn is_manager(&self, absent: Option<Absent<'_>>) -> String {
        self.is("is-manager", "is-manager-for", "is-manager-for-good", absent)
    }

    fn is(&self, own: &'static str, cover: &'static str, for_good: &'static str, absent: Option<Absent<'_>>) -> String {
        match absent {
            None => self.text(own),
            Some(Absent { name, until: Some(until) }) => {
                self.say(cover, [("whom", name.into()), ("until", until.into())])
            }
            Some(Absent { name, until: None }) => self.say(for_good, [("whom", name.into())]),
        }
    }

    /// That the message would have reached nobody, why, and what to do.
    pub fn in_place_of(&self, nobody: &Nobody) -> String {
        self.text(match nobody {
            Nobody::NoOwner => "in-place-no-owner",
            Nobody::NoManager => "in-place-no-manager",
            Nobody::Away(Role::Owners) => "in-place-owners-away",
            Nobody::Away(Role::Managers) => "in-place-managers-away",
            Nobody::NoWay(_) => "in-place-no-way",
        })
    }

    /// For whom a message is, where they can only be named.
    pub fn attention(&self, names: &[String]) -> String {
        self.say("attention", [("names", self.all_of(names).into())])
    }

    /// That mail to somebody is refused, so they may not know of it.
    pub fn refuses_mail(&self, name: &str, since: &str) -> String {
        self.say("refuses-mail", [("name", name.into()), ("since", since.into())])
    }

    /// Who has claimed it on which day, and whether the claim still holds.
    pub fn claimed(&self, by: &str, since: &str, until: &str, holds: bool) -> String {
        let id = if holds { "claimed" } else { "claimed-before" };
        self.say(id, [("by", by.into()), ("since", since.into()), ("until", until.into())])
    }
}
