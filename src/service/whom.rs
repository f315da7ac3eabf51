//! Who is named in a message: the owners and for whom they stand in, why its reader gets it, who is mentioned, and to whom a
//! mail is addressed. Turns names of the settings into names that people read; words nothing and decides nothing.

use jiff::Timestamp;

use super::{
    facts::{Item, Job},
    prepare::Prepared,
};
use crate::{
    core::{
        case::Case,
        ids::{DestinationName, PersonName},
        ladder::Line,
        people::{self, Cast, Part, Who},
        rules::{Audience, Mentioned, Recipient, Rule, Rules, Step},
    },
    messages::content::{Because, Cover, Mention, Owner, Refusing},
    settings::Settings,
};

/// Who is asked about one referral, for one message.
pub struct Whom<'a> {
    settings: &'a Settings,
    rules: &'a Rules,
    case: &'a Case,
    cast: Cast,
    at: Timestamp,
}

impl<'a> Whom<'a> {
    /// Those who are asked about the referral at `now`.
    pub fn of(case: &'a Case, prepared: &'a Prepared, now: Timestamp) -> Self {
        let (settings, rules) = (prepared.settings.as_ref(), &prepared.orders.rules);
        Self { settings, rules, case, cast: Cast::of(case, rules, now), at: now }
    }

    /// Who should answer. Where nobody of ours is known, those whom the referral names.
    pub fn owners(&self) -> Vec<Owner> {
        if self.cast.owners.is_empty() {
            return named_by(self.case).map(|name| Owner { name, cover: None }).collect();
        }
        let owner = |part: &Part| Owner { name: self.name(&part.who), cover: self.cover(part.covers.first()) };
        self.cast.owners.iter().map(owner).collect()
    }

    /// Why a message comes to this destination, and where it is a mail, to this address.
    pub fn because(&self, line: &Line, job: &Job) -> Because {
        let by_address = job.lane.1.as_deref().and_then(|address| {
            let asks = &self.rules.destinations.get(&job.lane.0)?.asks;
            let asked = self.cast.recipients(asks, self.rules);
            asked.into_iter().find(|asked| asked.email.eq_ignore_ascii_case(address)).map(|asked| asked.because)
        });
        match by_address.unwrap_or_else(|| line.because.clone()) {
            people::Because::Named => Because::Named,
            people::Because::Owner { covers } => Because::Owner(self.cover(covers.as_ref())),
            people::Because::Manager { covers } => Because::Manager(self.cover(covers.as_ref())),
            people::Because::InPlaceOf(nobody) => Because::InPlaceOf(nobody),
        }
    }

    /// Whom the step that speaks mentions. Mentions that the destination has refused are names. Mail to one person has none:
    /// whoever is mentioned would not see it.
    pub fn mentions(&self, line: &Line, job: &Job) -> Vec<Mention> {
        if job.lane.1.is_some() && job.lane.0.as_str().starts_with('@') {
            return Vec::new();
        }
        let mut mentions: Vec<Mention> = Vec::new();
        for mentioned in self.steps(line).flat_map(|step| &step.mention) {
            let parts = match mentioned {
                Mentioned::Person(name) => vec![Who::Person(name.clone())],
                Mentioned::Role(role) => self.cast.of_role(*role).iter().map(|part| part.who.clone()).collect(),
            };
            for who in parts.iter().filter(|who| !self.is_reader(who, job)) {
                let mention = self.mention(who, &job.withheld);
                if !mentions.contains(&mention) {
                    mentions.push(mention);
                }
            }
        }
        mentions
    }

    /// Owners whose address refuses mail.
    pub fn refusing(&self, item: &Item) -> Vec<Refusing> {
        let of = |(address, since): &(String, Timestamp)| {
            let who =
                self.cast.owners.iter().map(|part| &part.who).find(|who| self.email(who) == Some(address.as_str()))?;
            Some(Refusing { name: self.name(who), since: *since })
        };
        item.refusing.iter().filter_map(of).collect()
    }

    /// Where a message goes, as its reader knows it: mail to somebody of the team who is no person of the settings goes to
    /// them by their name.
    pub fn here(&self, line: &Line, job: &Job) -> String {
        let here = self.place(&line.key.destination);
        let address = job.lane.1.as_deref().filter(|_| here.starts_with('@'));
        let asked = address.and_then(|address| {
            let is_theirs = |who: &&Who| self.email(who).is_some_and(|email| email.eq_ignore_ascii_case(address));
            self.cast.owners.iter().map(|part| &part.who).find(is_theirs)
        });
        asked.map_or(here, |who| self.name(who))
    }

    /// The destination as its reader knows it: a person's own by the person's name.
    pub fn place(&self, destination: &DestinationName) -> String {
        place(self.rules, destination)
    }

    /// The steps that this message comes of.
    fn steps(&self, line: &'a Line) -> impl Iterator<Item = &'a Step>
    where
        Self: 'a,
    {
        let here = line.key.stands_in_for.as_ref().unwrap_or(&line.key.destination);
        let trigger = line.key.purpose.trigger();
        let rule = self.rules.rules.iter().find(|rule| rule.name == line.rule);
        let steps = rule.into_iter().flat_map(|rule| rule.steps.iter().map(move |step| (rule, step)));
        let speaks = |(rule, step): &(&Rule, &Step)| trigger == Some(step.trigger) && self.reaches(rule, step, here);
        let steps: Vec<&'a Step> = steps.filter(speaks).map(|(_, step)| step).collect();
        steps.into_iter()
    }

    fn reaches(&self, rule: &Rule, step: &Step, here: &DestinationName) -> bool {
        let Some(account) = self.rules.accounts.get(&self.case.account) else { return false };
        let notify = || rule.notify.as_ref().unwrap_or(&account.notify).clone();
        let escalate_to = || rule.escalate_to.as_ref().unwrap_or(&account.escalate_to).clone();
        let recipients: Vec<Recipient> = match &step.audience {
            Audience::These(these) => these.clone(),
            Audience::Everyone => [escalate_to(), notify()].concat(),
            Audience::Usual if step.escalate => escalate_to(),
            Audience::Usual => notify(),
        };
        self.cast.doors(&recipients, self.rules).iter().any(|door| *door.destination == *here)
    }

    fn mention(&self, who: &Who, withheld: &[String]) -> Mention {
        let known = match who {
            Who::Person(name) => self.settings.people.get(name),
            Who::Stranger { .. } => None,
        };
        let id = |id: Option<&String>| id.filter(|id| !withheld.contains(id)).cloned();
        Mention {
            name: self.name(who),
            slack: id(known.and_then(|person| person.slack.as_ref())),
            teams: id(known.and_then(|person| person.teams.as_ref())),
        }
    }

    fn is_reader(&self, who: &Who, job: &Job) -> bool {
        let by_address = job
            .lane
            .1
            .as_deref()
            .is_some_and(|address| self.email(who).is_some_and(|email| email.eq_ignore_ascii_case(address)));
        by_address && job.among.len() <= 1
    }

    fn name(&self, who: &Who) -> String {
        match who {
            Who::Person(name) => name_of(self.rules, name),
            Who::Stranger { name, email } if name.trim().is_empty() => email.clone(),
            Who::Stranger { name, .. } => name.clone(),
        }
    }

    fn email<'w>(&'w self, who: &'w Who) -> Option<&'w str> {
        match who {
            Who::Person(name) => self.rules.people.by_name.get(name)?.email.as_deref(),
            Who::Stranger { email, .. } => Some(email),
        }
    }

    /// For whom somebody stands in, and until when.
    fn cover(&self, absent: Option<&PersonName>) -> Option<Cover> {
        let absent = absent?;
        let absence = self.rules.people.by_name.get(absent)?.absence_at(self.at);
        Some(Cover { name: name_of(self.rules, absent), last: absence.and_then(|absence| absence.last) })
    }
}

/// A destination as people know it.
pub fn place(rules: &Rules, destination: &DestinationName) -> String {
    let person = destination.as_str().strip_prefix('@').and_then(|name| rules.people.by_name.get(name));
    person.map_or_else(|| destination.to_string(), |person| person.name.clone())
}

/// The addresses of a mail whose recipients follow from its referral, each with a name where one is known.
pub fn addressees(job: &Job, prepared: &Prepared) -> Vec<(Option<String>, String)> {
    let people = &prepared.orders.rules.people;
    let named = |address: &str| {
        let person = people.named_by(&address.to_lowercase()).and_then(|name| people.by_name.get(name));
        let team = job.items.iter().flat_map(|item| item.case.referral.team());
        let mut members =
            team.filter(|member| member.email.as_deref().is_some_and(|of| of.eq_ignore_ascii_case(address)));
        person.map(|person| person.name.clone()).or_else(|| members.next().map(|member| member.name))
    };
    job.among.iter().map(|address| (named(address), address.to_string())).collect()
}

fn name_of(rules: &Rules, name: &PersonName) -> String {
    rules.people.by_name.get(name).map_or_else(|| name.to_string(), |person| person.name.clone())
}

/// The partner's people on the referral: names, else addresses.
pub fn named_by(case: &Case) -> impl Iterator<Item = String> + use<> {
    let shown = |member: crate::core::referral::Member| {
        if member.name.is_empty() { member.email } else { Some(member.name) }
    };
    case.referral.team().into_iter().filter_map(shown)
}
