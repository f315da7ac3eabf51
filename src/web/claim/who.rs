//! Who the reader of a claim link is: named by a proxy that is trusted, or by the address that the mail went to; in a
//! channel, whoever they say. Must never take a name from anywhere else.

use std::net::IpAddr;

use axum::http::HeaderMap;
use jiff::Timestamp;
use lettre::message::Mailbox;

use super::page::Choice;
use crate::{
    core::{
        case::Case,
        claim::Claimant,
        ids::PersonName,
        people::{Cast, Part, Person, Who},
        rules::Rules,
    },
    messages::clean,
    service::claim_link::{Kind, Link},
    settings::{Addressee, DestinationKind, Settings, WebSettings},
};

/// A name is not longer.
pub const NAME_MAX: usize = 60;
/// So many people are offered; the rest type their name.
const OFFERED_MAX: usize = 8;

/// Who reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reader {
    /// It is known who.
    Known(Claimant),
    /// Anybody of a channel, perhaps one of these.
    Anybody(Vec<Offered>),
}

/// Somebody whom the reader may be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offered {
    value: String,
    claimant: Claimant,
}

/// What a form says of its sender.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Said {
    /// The one who was chosen; empty for anybody else.
    pub who: String,
    /// The name that was typed.
    pub name: String,
}

impl Reader {
    /// Who holds this link.
    pub fn of(link: &Link, named: Option<String>, case: &Case, settings: &Settings, now: Timestamp) -> Self {
        let rules = &settings.rules;
        match (named, link.recipient.as_deref()) {
            (Some(name), _) => Self::Known(person_of(rules, &name).unwrap_or_else(|| claimant(&name, None))),
            (None, Some(address)) => Self::Known(by_address(address, link, case, settings)),
            (None, None) => Self::Anybody(offered(link.kind, case, rules, now)),
        }
    }

    /// Who it is, by what the form says; `None` where it says too little.
    pub fn claimant(&self, said: &Said) -> Option<Claimant> {
        match self {
            Self::Known(claimant) => Some(claimant.clone()),
            Self::Anybody(offered) if !said.who.is_empty() => {
                offered.iter().find(|one| one.value == said.who).map(|one| one.claimant.clone())
            }
            Self::Anybody(_) => {
                let name = short(&said.name);
                (!name.is_empty()).then_some(Claimant { name, person: None, said: true })
            }
        }
    }

    /// Whom a form offers, with what was chosen before.
    pub fn choices(&self, said: &Said) -> Vec<Choice> {
        let Self::Anybody(offered) = self else { return Vec::new() };
        let choice = |one: &Offered| Choice {
            chosen: one.value == said.who,
            value: one.value.clone(),
            name: one.claimant.name.clone(),
        };
        offered.iter().map(choice).collect()
    }

    /// Who alone may give back what was claimed by this link; `None`: whoever holds it.
    pub fn alone(&self) -> Option<&Claimant> {
        match self {
            Self::Known(claimant) => Some(claimant),
            Self::Anybody(_) => None,
        }
    }
}

/// A name as it is kept and shown: one line, nothing in it that turns the text around it.
fn short(name: &str) -> String {
    clean(name).chars().take(NAME_MAX).collect::<String>().trim().to_owned()
}

fn claimant(name: &str, person: Option<PersonName>) -> Claimant {
    Claimant { name: short(name), person, said: false }
}

/// The person who has this address.
fn person_of(rules: &Rules, address: &str) -> Option<Claimant> {
    let name = rules.people.named_by(&address.to_lowercase())?;
    let person = rules.people.by_name.get(name)?;
    Some(claimant(&person.name, Some(name.clone())))
}

/// Whom a mail to this address reached: the person, else the name that stands beside it in the settings or in the
/// referral's team, else the address.
fn by_address(address: &str, link: &Link, case: &Case, settings: &Settings) -> Claimant {
    let same = |other: &str| other.eq_ignore_ascii_case(address);
    let boxes: Vec<Mailbox> = match settings.destinations.get(&link.destination).map(|known| &known.kind) {
        Some(DestinationKind::Email { to, cc }) => {
            Addressee::fixed(to).into_iter().chain(Addressee::fixed(cc)).collect()
        }
        _ => Vec::new(),
    };
    let in_settings = || boxes.iter().find(|known| same(known.email.as_ref())).and_then(|known| known.name.clone());
    let in_team =
        || case.referral.team().into_iter().find(|one| one.email.as_deref().is_some_and(same)).map(|one| one.name);
    person_of(&settings.rules, address).unwrap_or_else(|| {
        let name = in_settings().or_else(in_team).filter(|name| !name.trim().is_empty());
        claimant(name.as_deref().unwrap_or(address), None)
    })
}

/// Those whose referral it is, managers first where it is theirs to see to; in a small team everybody else too who has not
/// left.
fn offered(kind: Kind, case: &Case, rules: &Rules, now: Timestamp) -> Vec<Offered> {
    let cast = Cast::of(case, rules, now);
    let parts: Vec<&Part> = match kind {
        Kind::Claim => cast.owners.iter().chain(&cast.managers).collect(),
        Kind::SeeTo => cast.managers.iter().chain(&cast.owners).collect(),
    };
    let mut offered: Vec<Offered> = Vec::new();
    let mut add = |value: String, name: &str, person: Option<PersonName>| {
        let claimant = Claimant { name: short(name), person, said: true };
        let known = offered.iter().any(|one| one.value == value || one.claimant.name == claimant.name);
        if !known && !claimant.name.is_empty() && offered.len() < OFFERED_MAX {
            offered.push(Offered { value, claimant });
        }
    };
    for part in parts {
        match &part.who {
            Who::Person(name) => {
                let shown = rules.people.by_name.get(name).map_or(name.as_str(), |person| &person.name);
                add(name.to_string(), shown, Some(name.clone()));
            }
            Who::Stranger { name, email } if name.trim().is_empty() => add(email.clone(), email, None),
            Who::Stranger { name, email } => add(email.clone(), name, None),
        }
    }
    if rules.people.by_name.len() <= OFFERED_MAX {
        let there = |person: &&Person| person.absence_at(now).is_none_or(|absence| absence.until.is_some());
        for (name, person) in rules.people.by_name.iter().filter(|(_, person)| there(person)) {
            add(name.to_string(), &person.name, Some(name.clone()));
        }
    }
    offered
}

/// The reader as a proxy names them, where `[web] trusted_header` is set and the request came from one that is trusted.
pub fn named_by_proxy(headers: &HeaderMap, peer: Option<IpAddr>, web: &WebSettings) -> Option<String> {
    let header = web.trusted_header.as_deref()?;
    peer.filter(|peer| web.trusted_proxies.contains(peer))?;
    let mut values = headers.get_all(header).iter();
    let name = values.next()?.to_str().ok()?;
    // Two of them: one may be the reader's own invention.
    (values.next().is_none()).then(|| short(name)).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(peer: &str, values: &[&str]) -> Option<String> {
        let web = WebSettings {
            listen: None,
            external_url: None,
            password: None,
            trusted_header: Some("X-Who".to_owned()),
            trusted_proxies: vec!["10.0.0.1".parse().unwrap()],
        };
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("x-who", value.parse().unwrap());
        }
        named_by_proxy(&headers, peer.parse().ok(), &web)
    }

    #[test]
    fn only_a_trusted_proxy_names_the_reader_and_only_once() {
        assert_eq!(named("10.0.0.1", &["anna@contoso.com"]).as_deref(), Some("anna@contoso.com"));
        assert_eq!(named("10.0.0.9", &["anna@contoso.com"]), None);
        assert_eq!(named("10.0.0.1", &["anna@contoso.com", "eve"]), None);
        assert_eq!(named("10.0.0.1", &["  "]), None);
        assert_eq!(named("10.0.0.1", &[]), None);
        assert_eq!(named("", &["anna@contoso.com"]), None, "by the socket nobody is named");
    }

    #[test]
    fn a_name_is_one_line_that_turns_nothing_around_it() {
        assert_eq!(short(" Anna\r\n\u{202e}Kov\u{0}ács  "), "Anna Kovács");
        assert_eq!(short(&"x".repeat(500)).chars().count(), NAME_MAX);
    }
}
