//! `[people]` and `[[owners]]`: who they are, when they are away, whose referrals are whose, and the mail destinations that
//! nobody writes: `@anna` for a person, `@team` for owners whom no person is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use lettre::message::Mailbox;

use super::{Builder, destinations::usual};
use crate::{
    core::{
        ids::{DestinationName, PersonName},
        people::{Absence, OwnerRule, Person, TEAM},
        rules::{Asks, HoursChoice, Money, Role},
    },
    settings::{
        raw::{self, Root},
        report::KeyPath,
        settled::{Addressee, DestinationKind, DestinationSettings, PersonSettings},
    },
};

/// Names that mean somebody else with an @ before them.
const RESERVED: &[&str] = &["owners", "managers", "team"];

/// Where anybody can have an address, so that one there is no sign of being one of ours.
const EVERYBODYS_DOMAINS: &[&str] = &[
    "aol.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "seznam.cz",
    "yahoo.com",
];

/// Everybody of the settings.
#[derive(Default)]
pub(super) struct Everybody {
    /// As decisions see them.
    pub(super) decided: BTreeMap<PersonName, Person>,
    /// As messages see them.
    pub(super) shown: BTreeMap<PersonName, PersonSettings>,
    /// Mail to each who has an address.
    mail: BTreeMap<PersonName, DestinationSettings>,
}

impl Builder<'_> {
    /// The address of each person, known before anything can name them.
    pub(super) fn addresses_of_people(&mut self, root: &Root) {
        let mut owners: BTreeMap<String, &str> = BTreeMap::new();
        for (name, person) in &root.people {
            let path = KeyPath::of(&["people", name]).key("email");
            let Some(text) = &person.email else { continue };
            let Some(mailbox) = self.mailbox(&path, text) else { continue };
            let address = mailbox.email.to_string().to_lowercase();
            if !mailbox.email.user().is_ascii() {
                let what = "has letters before the @ that few mail servers take; write an address of plain letters";
                self.report.fault(&path, what);
            }
            if let Some(other) = owners.insert(address, name) {
                let what = format!("is {other}'s address too, and it is how a team names one person; write another");
                self.report.fault(&path, what);
            }
            let called = person.name.clone().filter(|name| is_one_line(name)).or(mailbox.name);
            self.mailboxes.insert(name.clone(), Mailbox::new(called, mailbox.email));
        }
    }

    /// All people; one with faults is there all the same, as far as they can be read.
    pub(super) fn people(&mut self, root: &Root, zone: &TimeZone) -> Everybody {
        let mut everybody = Everybody::default();
        for (name, raw) in &root.people {
            let path = KeyPath::of(&["people", name]);
            self.check_name(&path, name);
            if RESERVED.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
                let what = format!("\"@{}\" means others than one person; choose another name", name.to_lowercase());
                self.report.key_fault(&path, what);
            }
            let key = PersonName::new(name);
            let hours = self.hours_choice(&path.key("hours"), raw.hours.as_ref());
            let zone = match &hours {
                Some(HoursChoice::Named(hours)) => hours.time_zone(),
                _ => zone,
            };
            let person = self.one(&path, name, raw, zone);
            everybody.decided.insert(key.clone(), person);
            everybody.shown.insert(key.clone(), self.shown(&path, name, raw));
            if let Some(mailbox) = self.mailboxes.get(name) {
                let kind = DestinationKind::Email { to: vec![Addressee::Fixed(mailbox.clone())], cc: Vec::new() };
                let locale = raw.locale.as_ref().unwrap_or(&root.locale);
                everybody.mail.insert(key, usual(kind, hours, locale));
            }
        }
        self.managers_in_a_circle(root);
        everybody
    }

    /// As decisions see a person.
    fn one(&mut self, path: &KeyPath, name: &str, raw: &raw::Person, zone: &TimeZone) -> Person {
        let manager = raw.manager.as_ref().and_then(|manager| self.person(&path.key("manager"), manager));
        let notify = raw.notify.as_ref().map(|names| self.destination_names(&path.key("notify"), names));
        let email = self.mailboxes.get(name).map(|mailbox| mailbox.email.to_string().to_lowercase());
        let own = || (email.is_some() && self.has_smtp).then(|| own_destination(name));
        let reached_at = notify.unwrap_or_else(|| own().into_iter().collect());
        let away = raw.away.iter().enumerate();
        let away: Vec<Absence> =
            away.filter_map(|(index, raw)| self.absence(&path.key("away").index(index), name, raw, zone)).collect();
        // With a fault in one their places are not those of the file.
        if away.len() == raw.away.len() {
            self.absences_at_once(&path.key("away"), &away);
        }
        let called = raw.name.as_ref().and_then(|_| self.required(&path.key("name"), raw.name.as_ref()));
        if called.is_some_and(|called| !is_one_line(called)) {
            self.report.fault(&path.key("name"), "is no name of a person; write it on one line");
        }
        let of_address = self.mailboxes.get(name).and_then(|mailbox| mailbox.name.as_deref());
        let called = called.or(of_address).unwrap_or(name).to_owned();
        Person { name: called, email, manager, reached_at, away }
    }

    /// As messages see a person.
    fn shown(&mut self, path: &KeyPath, name: &str, raw: &raw::Person) -> PersonSettings {
        let slack = raw.slack.as_deref().map(str::trim).map(str::to_owned);
        if slack.as_deref().is_some_and(|id| !is_member_id(id)) {
            let what =
                "is no member id of Slack; copy it from the person's profile (\"Copy member ID\"): \"U012AB3CD\"";
            self.report.fault(&path.key("slack"), what);
        }
        let teams = raw.teams.as_deref().map(str::trim).map(str::to_owned);
        if teams.as_deref().is_some_and(|id| !is_teams_id(id)) {
            let what = "is no user of Teams; write the user principal name, such as \"anna@contoso.com\", \
                        or the object id in Entra";
            self.report.fault(&path.key("teams"), what);
        }
        PersonSettings { mailbox: self.mailboxes.get(name).cloned(), slack, teams, locale: raw.locale.clone() }
    }

    /// Whole days in the person's zone.
    fn absence(&mut self, path: &KeyPath, name: &str, raw: &raw::Away, zone: &TimeZone) -> Option<Absence> {
        let cover = raw.cover.as_ref().and_then(|cover| self.person(&path.key("cover"), cover));
        if cover.as_ref().is_some_and(|cover| cover.as_str() == name) {
            self.report.fault(&path.key("cover"), "nobody stands in for themselves; name somebody else");
        }
        let first = self.required(&path.key("from"), raw.from.as_ref());
        let first = first.and_then(|text| self.date(&path.key("from"), text));
        let last = raw.to.as_ref().map(|text| self.date(&path.key("to"), text));
        let last = match last {
            Some(last) => Some(last?),
            None => None,
        };
        let first = first?;
        if last.is_some_and(|last| last < first) {
            self.report.fault(&path.key("to"), "is before from; write the last day of the absence");
        }
        let start = |date: Date| date.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
        // At the end of the calendar there is no day after the last.
        let until = last.and_then(|last| last.tomorrow().ok()).and_then(start);
        Some(Absence { from: start(first)?, until, last, cover })
    }

    /// Absences that share a day and differ in who stands in: the one that is written first holds then.
    fn absences_at_once(&mut self, path: &KeyPath, away: &[Absence]) {
        for (index, later) in away.iter().enumerate() {
            let before = |end: Option<Timestamp>, from: Timestamp| end.is_some_and(|end| end <= from);
            let shares = |other: &Absence| !before(other.until, later.from) && !before(later.until, other.from);
            let first = away.iter().take(index).position(|other| shares(other) && other.cover != later.cover);
            if let Some(first) = first {
                let what = format!(
                    "shares days with away[{first}], whose cover stands in on these; make them follow one another"
                );
                self.report.warn(&path.index(index), what);
            }
        }
    }

    /// Managers whose line leads back to where it began: each circle is told once, at its first name.
    fn managers_in_a_circle(&mut self, root: &Root) {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for start in root.people.keys() {
            let mut way: Vec<&str> = vec![start];
            let mut at = start.as_str();
            while let Some(next) = root.people.get(at).and_then(|person| person.manager.as_deref()) {
                if next == start {
                    if way.iter().all(|name| told.insert(name)) {
                        let what = format!("managers go in a circle: {} → {start}; end it somewhere", way.join(" → "));
                        self.report.fault(&KeyPath::of(&["people", start, "manager"]), what);
                    }
                    break;
                }
                if way.contains(&next) {
                    break;
                }
                way.push(next);
                at = next;
            }
        }
    }

    /// `[[owners]]`, in the order of the file.
    pub(super) fn owners(&mut self, root: &Root, money: &Money) -> Vec<OwnerRule> {
        let each = root.owners.iter().enumerate();
        each.map(|(index, raw)| {
            let path = KeyPath::of(&["owners"]).index(index);
            let when = raw.when.as_ref().and_then(|text| self.filter(&path.key("when"), text, money));
            let path = path.key("people");
            let names = raw.people.as_deref().unwrap_or_default();
            if names.is_empty() {
                self.report.fault(&path, "names nobody; write at least one name of [people]");
            }
            let mut people = Vec::new();
            for (index, name) in names.iter().enumerate() {
                let person = self.person(&path.index(index), name);
                people.extend(person.filter(|person| !people.contains(person)));
            }
            OwnerRule { when, people }
        })
        .collect()
    }

    /// The destinations that nobody writes, as far as they are asked for: to each person who has no `notify`, or whom a list
    /// names; and to owners whom no person is, where `@owners` stands anywhere.
    pub(super) fn own_destinations(
        &mut self,
        root: &Root,
        everybody: &mut Everybody,
    ) -> Vec<(DestinationName, DestinationSettings, Asks)> {
        if !self.has_smtp {
            return Vec::new();
        }
        let mut own = Vec::new();
        for (name, destination) in std::mem::take(&mut everybody.mail) {
            let has_other_ways = root.people.get(name.as_str()).is_some_and(|person| person.notify.is_some());
            if !has_other_ways || self.asked.mail.contains(name.as_str()) {
                own.push((own_destination(name.as_str()), destination, Asks { others: true, ..Asks::default() }));
            }
        }
        if self.asked.doors.iter().any(|(_, role)| *role == Role::Owners) {
            let kind = DestinationKind::Email { to: vec![Addressee::Strangers], cc: Vec::new() };
            let asks = Asks { strangers: true, ..Asks::default() };
            own.push((DestinationName::new(TEAM), usual(kind, None, &root.locale), asks));
        }
        own
    }
}

/// The domains, in lower case, at which a team's address is one of ours: of people, of the sender, of fixed recipients.
pub(super) fn domains<'a>(mailboxes: impl Iterator<Item = &'a Mailbox>) -> BTreeSet<String> {
    let domains = mailboxes.map(|mailbox| mailbox.email.domain().to_lowercase());
    domains.filter(|domain| !EVERYBODYS_DOMAINS.contains(&domain.as_str())).collect()
}

fn own_destination(person: &str) -> DestinationName {
    DestinationName::new(format!("@{person}"))
}

fn is_one_line(name: &str) -> bool {
    !name.chars().any(char::is_control)
}

/// `U012AB3CD`, or with a W in an Enterprise Grid.
fn is_member_id(id: &str) -> bool {
    let plain = id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    id.starts_with(['U', 'W']) && plain && (6..=24).contains(&id.len())
}

/// `anna@contoso.com`, or a GUID.
fn is_teams_id(id: &str) -> bool {
    let is_plain = !id.chars().any(|c| c.is_whitespace() || c.is_control());
    let is_name = id.split_once('@').is_some_and(|(user, domain)| {
        !user.is_empty() && domain.contains('.') && !domain.contains('@') && !domain.starts_with('.')
    });
    is_plain && (is_name || uuid::Uuid::try_parse(id).is_ok())
}
