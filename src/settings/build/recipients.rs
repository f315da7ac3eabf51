//! Whom lists name: destinations, people by `@NAME`, and the people whom each referral names for itself. Each is looked up,
//! and it is remembered what of the people is asked for, so that only what is used is made.

use std::collections::BTreeSet;

use super::Builder;
use crate::{
    core::{
        ids::{DestinationName, PersonName},
        people::TEAM,
        rules::{Mentioned, Recipient, Role},
    },
    settings::{report::KeyPath, settled::Addressee, shape::nearest},
};

/// What Slack and Teams call everybody in a channel.
const EVERYBODY: &[&str] = &["@all", "@channel", "@everyone", "@here", "@team"];

/// What of the people is asked for, and where.
#[derive(Default)]
pub(super) struct Asked {
    /// Whose mail is named as a destination, `@anna`.
    pub(super) mail: BTreeSet<String>,
    /// `@owners` and `@managers` among recipients.
    pub(super) doors: Vec<(KeyPath, Role)>,
    /// The same in a `to` or `cc`.
    pub(super) letters: Vec<(KeyPath, Role)>,
    /// The same in a `mention`.
    pub(super) mentions: Vec<(KeyPath, Role)>,
}

impl Builder<'_> {
    /// Names of destinations, each looked up; unknown ones are left out.
    pub(super) fn destination_names(&mut self, path: &KeyPath, names: &[String]) -> Vec<DestinationName> {
        let mut known = Vec::new();
        for (index, name) in names.iter().enumerate() {
            if let Some(name) = self.destination_name(&path.index(index), name)
                && !known.contains(&name)
            {
                known.push(name);
            }
        }
        known
    }

    /// Entries of a `notify` or `escalate_to`, each looked up; unknown ones are left out.
    pub(super) fn recipients(&mut self, path: &KeyPath, names: &[String]) -> Vec<Recipient> {
        let mut known = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let path = path.index(index);
            let recipient = match Role::parse(name) {
                Some(role) => {
                    self.asked.doors.push((path, role));
                    Some(Recipient::Role(role))
                }
                None => self.destination_name(&path, name).map(Recipient::Destination),
            };
            if let Some(recipient) = recipient
                && !known.contains(&recipient)
            {
                known.push(recipient);
            }
        }
        known
    }

    /// Entries of a `mention`, each looked up; unknown ones are left out.
    pub(super) fn mentioned(&mut self, path: &KeyPath, names: &[String]) -> Vec<Mentioned> {
        let mut known = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let path = path.index(index);
            let mentioned = match Role::parse(name) {
                Some(role) => {
                    self.asked.mentions.push((path, role));
                    Some(Mentioned::Role(role))
                }
                None if name.trim().is_empty() => {
                    self.report.fault(&path, "mentions an empty name; write it or take it out");
                    None
                }
                None if EVERYBODY.contains(&name.as_str()) => {
                    let what = format!(
                        "{name:?} would mention a whole channel; write \"@owners\", \"@managers\" or a person of [people]"
                    );
                    self.report.fault(&path, what);
                    None
                }
                None => self.person_at(&path, name).map(Mentioned::Person),
            };
            if let Some(mentioned) = mentioned
                && !known.contains(&mentioned)
            {
                known.push(mentioned);
            }
        }
        known
    }

    /// Entries of a `to` or `cc`: addresses, people, and those whom each referral names.
    pub(super) fn addressees(&mut self, path: &KeyPath, texts: &[String]) -> Vec<Addressee> {
        let mut all = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let path = path.index(index);
            let addressee = match Role::parse(text) {
                Some(role) => {
                    self.asked.letters.push((path, role));
                    Some(Addressee::Role(role))
                }
                None if text.starts_with('@') => self.letter_to(&path, text).map(Addressee::Fixed),
                None => self.mailbox(&path, text).map(Addressee::Fixed),
            };
            all.extend(addressee.filter(|addressee| !all.contains(addressee)));
        }
        all
    }

    /// The name of a destination, looked up.
    pub(super) fn destination_name(&mut self, path: &KeyPath, name: &str) -> Option<DestinationName> {
        if name.starts_with('@') {
            let person = self.mailed_person(path, name)?;
            if !self.has_mail_server(path) {
                return None;
            }
            self.asked.mail.insert(person.as_str().to_owned());
            return Some(DestinationName::new(name));
        }
        if self.destinations.iter().any(|known| known == name) {
            return Some(DestinationName::new(name));
        }
        if self.report.is_left_out(&KeyPath::of(&["destinations", name])) {
            return None;
        }
        let what = if let Some(near) = nearest(name, self.destinations.iter().map(String::as_str)) {
            format!("unknown destination {name:?}; did you mean {near:?}?")
        } else if self.people.iter().any(|known| known == name) {
            format!("unknown destination {name:?}; write \"@{name}\" for mail to that person")
        } else if ["owners", "managers"].contains(&name) {
            format!("unknown destination {name:?}; write \"@{name}\" for those of each referral")
        } else {
            format!("unknown destination {name:?}; add [destinations.{name}]")
        };
        self.report.fault(path, what);
        None
    }

    /// Where mail to `@anna` goes.
    fn letter_to(&mut self, path: &KeyPath, name: &str) -> Option<lettre::message::Mailbox> {
        let person = self.mailed_person(path, name)?;
        self.mailboxes.get(person.as_str()).cloned()
    }

    /// The person of `@anna`, who has an address.
    fn mailed_person(&mut self, path: &KeyPath, name: &str) -> Option<PersonName> {
        if let Some(role) = Role::parse(name) {
            let what = format!(
                "{:?} differs from referral to referral and cannot stand here; name a destination or one person",
                role.as_str()
            );
            self.report.fault(path, what);
            return None;
        }
        if name == TEAM {
            self.report.fault(path, format!("{name:?} is leadtime's own name; write \"@owners\""));
            return None;
        }
        let person = self.person_at(path, name)?;
        let email = KeyPath::of(&["people", person.as_str(), "email"]);
        if !self.mailboxes.contains_key(person.as_str()) && !self.report.has_fault(&email) {
            let what = format!("{name:?} is mail to {person}, who has no address; write email in [people.{person}]");
            self.report.fault(path, what);
        }
        self.mailboxes.contains_key(person.as_str()).then_some(person)
    }

    /// A person as lists name them: `@anna`, or `anna` where only people can stand.
    fn person_at(&mut self, path: &KeyPath, name: &str) -> Option<PersonName> {
        let Some(bare) = name.strip_prefix('@') else { return self.person(path, name) };
        self.looked_up(path, bare, "@")
    }

    /// A person by the name in the header.
    pub(super) fn person(&mut self, path: &KeyPath, name: &str) -> Option<PersonName> {
        if let Some(role) = Role::parse(name) {
            let what = format!("{:?} is no one person; write a name of [people]", role.as_str());
            self.report.fault(path, what);
            return None;
        }
        self.looked_up(path, name, "")
    }

    fn looked_up(&mut self, path: &KeyPath, name: &str, sign: &str) -> Option<PersonName> {
        if self.people.iter().any(|known| known == name) {
            return Some(PersonName::new(name));
        }
        if self.report.is_left_out(&KeyPath::of(&["people", name])) {
            return None;
        }
        let shown = format!("{sign}{name}");
        let roles = ["owners", "managers"].into_iter().filter(|_| !sign.is_empty());
        let what = match nearest(name, self.people.iter().map(String::as_str).chain(roles)) {
            Some(near) => format!("unknown person {shown:?}; did you mean {:?}?", format!("{sign}{near}")),
            None if name.trim().is_empty() => format!("{shown:?} names nobody; write a name of [people]"),
            None if name.contains('@') => match self.has_address(name) {
                Some(person) => format!("{shown:?} is the address of {person}; write \"{sign}{person}\""),
                None => format!("{shown:?} is an address; write a name of [people], whose email it is"),
            },
            None => format!("unknown person {shown:?}; add [people.{name}]"),
        };
        self.report.fault(path, what);
        None
    }

    /// The person whose address this is.
    fn has_address(&self, address: &str) -> Option<&str> {
        let mut known = self.mailboxes.iter();
        let same = |mailbox: &lettre::message::Mailbox| mailbox.email.to_string().eq_ignore_ascii_case(address);
        known.find(|(_, mailbox)| same(mailbox)).map(|(name, _)| name.as_str())
    }

    /// Whether mail can go out; where it cannot, that is told once, however much asks for it.
    pub(super) fn has_mail_server(&mut self, path: &KeyPath) -> bool {
        let smtp = KeyPath::of(&["smtp"]);
        if !self.has_smtp && !self.report.is_left_out(&smtp) {
            self.report.fault(path, "mail needs a mail server; add [smtp] with host and from");
            self.report.leave_out(&smtp);
        }
        self.has_smtp
    }

    /// `@owners` and `@managers` where nobody could ever be meant: told once each.
    pub(super) fn roles_of_nobody(&mut self) {
        if !self.people.is_empty() || self.report.is_left_out(&KeyPath::of(&["people"])) {
            return;
        }
        let first = |asked: &[(KeyPath, Role)], wanted: Role| {
            asked.iter().find(|(_, role)| *role == wanted).map(|(path, _)| path.clone())
        };
        // Owners whom nobody here knows can still be mailed.
        let owners = first(&self.asked.doors, Role::Owners).filter(|_| !self.has_smtp);
        if let Some(path) = owners {
            let what = "\"@owners\" reaches nobody without [people] and without [smtp]; \
                        add [people.NAME] with email, or name a destination";
            self.report.fault(&path, what);
        }
        let managers = first(&self.asked.doors, Role::Managers).or_else(|| first(&self.asked.letters, Role::Managers));
        if let Some(path) = managers {
            let what = "\"@managers\" reaches nobody without [people]; \
                        add [people.NAME] with manager, or name a destination";
            self.report.fault(&path, what);
        }
    }
}
