//! From a referral to what its page shows and what can be pressed there. Decides nothing: what is offered follows from the
//! claims and the ladder of the core.

use jiff::Timestamp;

use super::{
    page::{Button, Fact, Form, Page},
    who::{Reader, Said},
};
use crate::{
    core::{
        case::{Case, Life},
        claim::{self, Claimant, DAYS_MAX},
        hours::Hours,
        ladder::{Call, counting_hours, decide, sees_to, value_of},
        people::{Cast, Part, Who},
        period::Period,
        rules::Rules,
    },
    messages::{
        clean,
        words::{self, Locale, Words, Wrong},
    },
    service::{
        claim_link::{Kind, Link},
        facts::{Standing, is_step},
        prepare::Prepared,
    },
    settings::Settings,
};

/// A customer's name is cut to so many characters, any other text to as many.
const TEXT_MAX: usize = 120;
/// So many owners are named.
const OWNERS_MAX: usize = 4;
/// Fewer working days than these are few.
const SOON: u32 = 3;
/// What stands on the button of each number of days.
const DAYS: [&str; DAYS_MAX as usize] = ["1", "2", "3"];

/// A referral, who looks at it, and by which link.
pub struct Scene<'a> {
    link: &'a Link,
    prepared: &'a Prepared,
    case: &'a Case,
    reader: &'a Reader,
    now: Timestamp,
    hours: &'a Hours,
    words: &'static Words,
}

/// Which button was pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pressed {
    /// A claim until then.
    Until(Timestamp),
    /// "I'll see to it".
    SeeTo,
    /// "I can't after all".
    Back,
}

/// So many working days, and when they end.
struct Offer {
    act: &'static str,
    days: u8,
    wish: Timestamp,
    end: Timestamp,
}

impl<'a> Scene<'a> {
    /// What there is at `now`.
    pub fn new(link: &'a Link, prepared: &'a Prepared, case: &'a Case, reader: &'a Reader, now: Timestamp) -> Self {
        Self {
            link,
            prepared,
            case,
            reader,
            now,
            hours: counting_hours(&prepared.orders.rules, &link.destination, None),
            words: words_of(link, &prepared.settings),
        }
    }

    /// What a button of a page that was made at this instant means; `None` for one that was not there.
    pub fn pressed(&self, act: &str) -> Option<Pressed> {
        match (act, self.link.kind) {
            ("back", _) => Some(Pressed::Back),
            ("see", Kind::SeeTo) => Some(Pressed::SeeTo),
            (days, Kind::Claim) => {
                self.offers().into_iter().find(|offer| offer.act == days).map(|offer| Pressed::Until(offer.wish))
            }
            _ => None,
        }
    }

    /// For how long it can be claimed; where the deadline ends two of them at once, the shorter.
    fn offers(&self) -> Vec<Offer> {
        let latest = claim::latest(self.case, self.hours);
        let mut offers: Vec<Offer> = Vec::new();
        for (days, act) in (1..).zip(DAYS) {
            let wish = claim::until(days, self.hours, self.now);
            let end = wish.min(latest);
            if end > self.now && offers.last().is_none_or(|last| last.end < end) {
                offers.push(Offer { act, days, wish, end });
            }
        }
        offers
    }

    /// The page.
    pub fn page(&self, slip: &str, said: &Said, wrong: Option<Wrong>) -> Page {
        let (case, words) = (self.case, self.words);
        let customer = case.referral.customer().map(short).filter(|name| !name.is_empty());
        let title = match self.link.kind {
            Kind::Claim => words.labels().claim.clone(),
            Kind::SeeTo => words.labels().claim_escalation.clone(),
        };
        let page = Page {
            lang: words.locale().as_str(),
            heading: customer.clone().unwrap_or_else(|| words.unnamed()),
            facts: self.facts(),
            slip: slip.to_owned(),
            ..Page::default()
        };
        if !case.is_open() {
            let text = vec![self.ended(), words.claim_over()];
            return Page { title, tone: "over", facts: page.facts.into_iter().take(2).collect(), text, ..page };
        }
        let note = wrong.filter(|wrong| *wrong != Wrong::Nameless).map(|wrong| words.claim_wrong(wrong));
        let id: String = clean(case.id().as_str()).chars().take(8).collect();
        let look_for = words.look_for(customer.as_deref().unwrap_or(&id));
        let page = Page {
            title: title.clone(),
            eyebrow: Some(title),
            left: Some(self.left()),
            soon: self.hours.working_days_left(self.now, case.deadline.at) <= SOON,
            note,
            clock: Some(words.claim_clock()),
            link: self.prepared.referral_link(case),
            open_in: words.labels().open_in.to_owned(),
            way: format!("{}, {look_for}", words.menu(case.referral.category())),
            ..page
        };
        let nameless = wrong.filter(|wrong| *wrong == Wrong::Nameless).map(|wrong| words.claim_wrong(wrong));
        match self.link.kind {
            Kind::Claim => self.of_claim(page, said, nameless),
            Kind::SeeTo => self.of_seeing_to(page, said, nameless),
        }
    }

    fn of_claim(&self, page: Page, said: &Said, fault: Option<String>) -> Page {
        let words = self.words;
        let rules = &self.prepared.orders.rules;
        let standing = Standing::of(self.case, rules, self.now);
        let has = standing.as_ref().map(|standing| {
            let (claim, until) = (&standing.claim, self.clock(standing.end));
            match self.reader.alone() == Some(&claim.by) {
                true => words.claim_yours(&until),
                false => words.claim_has(&claim.by.name, &self.clock(claim.at), &until),
            }
        });
        let theirs = standing.as_ref().is_some_and(|standing| {
            standing.claim.from == self.link.destination && self.may_give_back(&standing.claim.by)
        });
        let yours = standing.as_ref().is_some_and(|standing| self.reader.alone() == Some(&standing.claim.by));
        let button = |offer: Offer| Button {
            act: offer.act,
            label: words.period(Period::working_days(offer.days.into())),
            more: Some(words.claim_until(&self.clock(offer.end))),
        };
        let buttons: Vec<Button> = self.offers().into_iter().map(button).collect();
        let too_late = buttons.is_empty();
        let form = (!buttons.is_empty() && !yours).then(|| Form {
            summary: has.is_some().then(|| words.claim_take_over()),
            lead: Some(words.claim_lead()),
            buttons,
            ..self.form(&page, said, fault)
        });
        Page {
            tone: if theirs { "done" } else { "claim" },
            text: if too_late { vec![words.claim_too_late()] } else { Vec::new() },
            give_back: theirs.then(|| words.claim_back()),
            act_there: has.is_some() || form.is_none(),
            yours: theirs,
            has,
            form,
            ..page
        }
    }

    fn of_seeing_to(&self, page: Page, said: &Said, fault: Option<String>) -> Page {
        let words = self.words;
        let seen = sees_to(self.case, &self.link.destination, &self.prepared.orders.rules, self.now);
        let yours = seen.is_some_and(|seen| self.reader.alone() == Some(&seen.by));
        let theirs = seen.is_some_and(|seen| self.may_give_back(&seen.by));
        let has = seen.map(|seen| match yours {
            true => words.claim_you_see(),
            false => words.claim_sees(&seen.by.name, &self.clock(seen.at)),
        });
        let lead = words.claim_see_lead(self.next_step().map(|at| self.clock(at)).as_deref());
        let button = Button { act: "see", label: words.labels().claim_escalation.clone(), more: None };
        let form = (!yours).then(|| Form {
            summary: has.is_some().then(|| words.claim_take_over()),
            buttons: vec![button],
            ..self.form(&page, said, fault)
        });
        let claimed = Standing::of(self.case, &self.prepared.orders.rules, self.now);
        let claimed = claimed.map(|standing| {
            words.claim_has(&standing.claim.by.name, &self.clock(standing.claim.at), &self.clock(standing.end))
        });
        Page {
            tone: if theirs { "done" } else { "manager" },
            text: claimed.into_iter().chain([lead]).collect(),
            give_back: theirs.then(|| words.claim_back()),
            act_there: has.is_some() || form.is_none(),
            yours: theirs,
            has,
            form,
            ..page
        }
    }

    fn form(&self, page: &Page, said: &Said, fault: Option<String>) -> Form {
        let words = self.words;
        Form {
            open: fault.is_some(),
            slip: page.slip.clone(),
            asks: self.reader.alone().is_none(),
            who: words.claim_who(),
            fault,
            people: self.reader.choices(said),
            other: words.claim_other(),
            name_label: words.claim_name(),
            typed: said.name.chars().take(super::who::NAME_MAX).collect(),
            ..Form::default()
        }
    }

    /// In a channel whoever holds the link may; a mail's is one person's.
    fn may_give_back(&self, by: &Claimant) -> bool {
        self.reader.alone().is_none_or(|reader| reader == by)
    }

    /// When the next step of the ladder comes here.
    fn next_step(&self) -> Option<Timestamp> {
        let lines = decide(self.case, &self.prepared.orders.rules, self.now).lines;
        let here =
            lines.iter().filter(|line| line.key.destination == self.link.destination && is_step(line.key.purpose));
        here.filter_map(|line| match line.call {
            Call::Wait { until, .. } => Some(until),
            _ => None,
        })
        .min()
    }

    fn facts(&self) -> Vec<Fact> {
        let (case, words) = (self.case, self.words);
        let labels = words.labels();
        let rules = &self.prepared.orders.rules;
        let value = match (value_of(case, rules), rules.money.currency.as_deref()) {
            (Some(value), Some(currency)) => Some(words.exact(value, Some(currency))),
            _ => case.referral.deal_value().map(|value| words.exact(value, case.referral.currency())),
        };
        let answer_by = words.date(self.hours.answer_by(case.deadline.at));
        let expires = words.moment(case.deadline.at, self.hours.time_zone(), self.now);
        let expires = if case.deadline.estimated { format!("{expires} ({})", labels.estimated) } else { expires };
        let rows = [
            (&labels.place, case.referral.country().map(short)),
            (&labels.value, value),
            (&labels.answer_by, Some(answer_by)),
            (&labels.expires, Some(expires)),
            (&labels.owner, self.owners()),
        ];
        let fact = |(label, text): (&String, Option<String>)| {
            text.filter(|text| !text.is_empty()).map(|text| Fact { label: label.clone(), text })
        };
        rows.into_iter().filter_map(fact).collect()
    }

    fn owners(&self) -> Option<String> {
        let rules = &self.prepared.orders.rules;
        let owners = Cast::of(self.case, rules, self.now).owners;
        let names: Vec<String> = owners.iter().take(OWNERS_MAX).map(|part| name_of(part, rules)).collect();
        (!names.is_empty()).then(|| self.words.all_of(&names))
    }

    fn left(&self) -> String {
        let (deadline, now) = (self.case.deadline.at, self.now);
        let today = now.to_zoned(self.hours.time_zone().clone()).date();
        match self.hours.answer_by(deadline) {
            _ if deadline <= now => self.words.claim_overdue(),
            day if day <= today => self.words.claim_last_day(),
            _ => self.words.claim_days_left(self.hours.working_days_left(now, deadline)),
        }
    }

    fn ended(&self) -> String {
        match self.case.life {
            Life::Closed { closing, at } => self.words.claim_ended(Some((closing, &self.clock(at)))),
            _ => self.words.claim_ended(None),
        }
    }

    fn clock(&self, at: Timestamp) -> String {
        self.words.clock(at, self.hours.time_zone())
    }
}

fn name_of(part: &Part, rules: &Rules) -> String {
    match &part.who {
        Who::Person(name) => rules.people.by_name.get(name).map_or(name.to_string(), |person| short(&person.name)),
        Who::Stranger { name, .. } if !name.trim().is_empty() => short(name),
        Who::Stranger { email, .. } => short(email),
    }
}

fn short(text: &str) -> String {
    let text = clean(text);
    match text.chars().count() > TEXT_MAX {
        true => text.chars().take(TEXT_MAX - 1).chain(['…']).collect(),
        false => text,
    }
}

/// In the language of whoever holds the link: that of the person whose address the mail went to, else the destination's.
fn words_of(link: &Link, settings: &Settings) -> &'static Words {
    let of_person = || {
        let address = link.recipient.as_deref()?;
        let people = &settings.rules.people.by_name;
        let (name, _) = people
            .iter()
            .find(|(_, person)| person.email.as_deref().is_some_and(|email| email.eq_ignore_ascii_case(address)))?;
        settings.people.get(name)?.locale.as_deref()
    };
    let of_destination = || settings.destinations.get(&link.destination).map(|known| known.locale.as_str());
    words::of(of_person().or_else(of_destination).and_then(Locale::parse).unwrap_or_default())
}
