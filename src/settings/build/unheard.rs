//! People who would not be heard of, or not hear: allowed, and probably not meant. Must never stop anything.

use std::collections::BTreeSet;

use super::Builder;
use crate::{
    core::{
        ids::PersonName,
        people::People,
        rules::{Mentioned, Role},
    },
    settings::{raw::Root, report::KeyPath, settled::Settings},
};

impl Builder<'_> {
    /// All that is odd about people and owners; of settings without a fault.
    pub(super) fn unheard(&mut self, root: &Root, settings: &Settings) {
        let people = &settings.rules.people;
        for (index, owners) in people.owners.iter().enumerate() {
            self.odd_paths(&KeyPath::of(&["owners"]).index(index).key("when"), owners.when.as_ref());
        }
        self.shadowed_owners(people);
        self.out_of_reach(root, people);
        self.owners_without_manager(people);
        self.mentions_of_nobody(settings);
    }

    /// `[[owners]]` after one that takes everything.
    fn shadowed_owners(&mut self, people: &People) {
        let Some(taker) = people.owners.iter().position(|owners| owners.when.is_none()) else { return };
        for index in taker + 1..people.owners.len() {
            let what =
                format!("never gets a referral, as owners[{taker}] takes all; put it before that, or give that a when");
            self.report.warn(&KeyPath::of(&["owners"]).index(index), what);
        }
    }

    /// People whom `@owners` or `@managers` may mean, and whom it would not reach.
    fn out_of_reach(&mut self, root: &Root, people: &People) {
        let (by_door, by_letter) = (!self.asked.doors.is_empty(), !self.asked.letters.is_empty());
        let mut without_server = Vec::new();
        for (name, person) in &people.by_name {
            let path = KeyPath::of(&["people", name.as_str()]);
            let has_notify = root.people.get(name.as_str()).is_some_and(|raw| raw.notify.is_some());
            let what = match &person.email {
                _ if by_door && person.reached_at.is_empty() && has_notify => {
                    "is reached by nothing, as notify names nobody; write a destination, or leave notify out"
                }
                Some(_) if by_door && person.reached_at.is_empty() => {
                    without_server.push(path);
                    continue;
                }
                None if by_door && person.reached_at.is_empty() => "is reached by nothing; write email or notify",
                None if by_letter => "gets no mail that goes to \"@owners\" or \"@managers\"; write email",
                _ => continue,
            };
            self.report.warn_key(&path, what);
        }
        if let Some((first, others)) = without_server.split_first() {
            let who = match others.len() {
                0 => "is".to_owned(),
                1 => "and 1 other are".to_owned(),
                more => format!("and {more} others are"),
            };
            let what = format!("{who} reached by nothing, as there is no mail server; add [smtp], or write notify");
            self.report.warn_key(first, what);
        }
    }

    /// Owners above whom there is nobody, where that matters.
    fn owners_without_manager(&mut self, people: &People) {
        let asked = self.asked.doors.iter().chain(&self.asked.letters).find(|(_, role)| *role == Role::Managers);
        let Some((path, _)) = asked.cloned() else { return };
        if people.by_name.values().all(|person| person.manager.is_none()) {
            let what = "\"@managers\" is nobody, as no one of [people] has a manager; write manager = \"…\" there";
            return self.report.warn(&path, what);
        }
        let owners: BTreeSet<&PersonName> = people.owners.iter().flat_map(|owners| &owners.people).collect();
        for name in owners {
            if people.by_name.get(name).is_some_and(|person| person.manager.is_none()) {
                let what = "owns referrals and has no manager, so \"@managers\" is nobody for these; write manager";
                self.report.warn_key(&KeyPath::of(&["people", name.as_str()]), what);
            }
        }
    }

    /// Mentions that no channel can make.
    fn mentions_of_nobody(&mut self, settings: &Settings) {
        let has_id = |name: &PersonName| {
            settings.people.get(name).is_some_and(|person| person.slack.is_some() || person.teams.is_some())
        };
        if let Some((path, role)) = self.asked.mentions.first().cloned()
            && !settings.people.keys().any(has_id)
        {
            let what = format!(
                "{:?} cannot be mentioned, as no one of [people] has slack or teams; write their ids there",
                role.as_str()
            );
            self.report.warn(&path, what);
        }
        let steps = settings.rules.rules.iter().flat_map(|rule| &rule.steps);
        let mentioned: BTreeSet<&PersonName> = steps
            .flat_map(|step| &step.mention)
            .filter_map(|mentioned| match mentioned {
                Mentioned::Person(name) => Some(name),
                Mentioned::Role(_) => None,
            })
            .collect();
        for name in mentioned.into_iter().filter(|name| !has_id(name)) {
            let what = "is mentioned and has neither slack nor teams; write the id of at least one";
            self.report.warn_key(&KeyPath::of(&["people", name.as_str()]), what);
        }
    }
}
