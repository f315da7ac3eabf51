//! Which rules take a referral, and whom each of their steps reaches: destinations by name, and people, who are asked after
//! only where a rule leaves something to them.

use std::cell::OnceCell;

use jiff::Timestamp;
use serde_json::Value;

use super::{Silence, beyond_the_body};
use crate::core::{
    case::{Case, Life},
    filter::Subject,
    ids::DestinationName,
    key::Key,
    people::{Because, Cast, Door, ask_people},
    rules::{Account, Audience, Recipient, Rule, Rules, Step},
};

/// A rule that took the referral, with whom it reaches.
pub(super) struct Taken<'a> {
    pub(super) rule: &'a Rule,
    notify: Heard<'a>,
    escalate_to: Heard<'a>,
    /// Those whom steps name for themselves, in the order of those steps.
    these: Vec<(usize, Heard<'a>)>,
}

/// Where a list of recipients is heard.
struct Heard<'a> {
    doors: Vec<Door<'a>>,
    /// Whether that depends on the referral's people.
    people: bool,
}

/// Who is asked about the referral: worked out once, and only where something depends on it.
pub(super) struct Casting<'a> {
    case: &'a Case,
    rules: &'a Rules,
    now: Timestamp,
    cast: OnceCell<Cast>,
}

impl<'a> Casting<'a> {
    pub(super) fn new(case: &'a Case, rules: &'a Rules, now: Timestamp) -> Self {
        Self { case, rules, now, cast: OnceCell::new() }
    }

    fn hear(&self, recipients: &'a [Recipient]) -> Heard<'a> {
        let people = ask_people(recipients, self.rules);
        let doors = if people {
            self.cast.get_or_init(|| Cast::of(self.case, self.rules, self.now)).doors(recipients, self.rules)
        } else {
            let named = |recipient: &'a Recipient| match recipient {
                Recipient::Destination(destination) => Some(Door { destination, because: Because::Named }),
                Recipient::Role(_) => None,
            };
            recipients.iter().filter_map(named).collect()
        };
        Heard { doors, people }
    }

    /// When others will be asked, as far as time alone decides that.
    pub(super) fn changes_at(&self) -> Option<Timestamp> {
        self.cast.get()?.changes_at.filter(|_| self.case.is_open())
    }

    /// Whether others may be asked now than when the referral was first seen: what is new to them is no news.
    pub(super) fn has_changed(&self) -> bool {
        self.cast.get().and_then(|cast| cast.since).is_some_and(|since| since > self.case.first_seen)
    }
}

impl<'a> Taken<'a> {
    fn new(rule: &'a Rule, account: &'a Account, casting: &Casting<'a>) -> Self {
        let these = rule.steps.iter().enumerate().filter_map(|(position, step)| match &step.audience {
            Audience::These(recipients) => Some((position, casting.hear(recipients))),
            Audience::Usual | Audience::Everyone => None,
        });
        Self {
            rule,
            notify: casting.hear(rule.notify.as_deref().unwrap_or(&account.notify)),
            escalate_to: casting.hear(rule.escalate_to.as_deref().unwrap_or(&account.escalate_to)),
            these: these.collect(),
        }
    }

    /// The lists that a step speaks to. Each answers for itself: where one reaches nobody, `[ops]` hears in its place
    /// even if the other reaches somebody.
    fn heard(&self, position: usize, step: &Step) -> impl Iterator<Item = &Heard<'a>> {
        let lists = match &step.audience {
            Audience::These(_) => [self.these.iter().find(|(of, _)| *of == position).map(|(_, heard)| heard), None],
            Audience::Everyone => [Some(&self.escalate_to), Some(&self.notify)],
            Audience::Usual if step.escalate => [Some(&self.escalate_to), None],
            Audience::Usual => [Some(&self.notify), None],
        };
        lists.into_iter().flatten()
    }

    /// The steps, each with its position.
    fn steps(&self) -> impl Iterator<Item = (usize, &'a Step)> {
        self.rule.steps.iter().enumerate()
    }

    /// The steps that reach this destination, each with its position and why.
    pub(super) fn reaching<'t>(
        &'t self,
        destination: &'t DestinationName,
    ) -> impl Iterator<Item = (usize, &'a Step, &'t Because)> {
        self.steps().filter_map(move |(position, step)| {
            let mut doors = self.heard(position, step).flat_map(|heard| &heard.doors);
            let door = doors.find(|door| door.destination == destination)?;
            Some((position, step, &door.because))
        })
    }

    /// Why the destination hears its escalations, where it does.
    pub(super) fn above(&self, destination: &DestinationName) -> Option<&Because> {
        let door = self.escalate_to.doors.iter().find(|door| door.destination == destination)?;
        Some(&door.because)
    }

    /// Everybody whom it may reach.
    pub(super) fn doors(&self) -> impl Iterator<Item = &Door<'a>> {
        let steps = self.steps().flat_map(|(position, step)| self.heard(position, step));
        steps.chain([&self.escalate_to]).flat_map(|heard| &heard.doors)
    }

    /// Whether it asks people for this message, and others by now than those at its destination.
    pub(super) fn asks_others_for(&self, key: &Key) -> bool {
        let trigger = key.purpose.trigger();
        let destination = key.stands_in_for.as_ref().unwrap_or(&key.destination);
        let asked = |step: &Step| trigger.is_none_or(|trigger| step.trigger == trigger);
        let people = |(position, step): (usize, &'a Step)| self.heard(position, step).any(|heard| heard.people);
        self.steps().filter(|(_, step)| asked(step)).any(people)
            && !self.reaching(destination).any(|(_, step, _)| asked(step))
    }
}

/// The rules that take the referral, and why it is silent where it is.
pub(super) fn takers<'a>(casting: &Casting<'a>, now: Timestamp) -> (Vec<Taken<'a>>, Option<Silence>) {
    let Casting { case, rules, .. } = *casting;
    let Some(account) = rules.accounts.get(&case.account) else {
        return (Vec::new(), Some(Silence::AccountRemoved));
    };
    // What the server itself has listed it takes; only what is open and not listed is judged here.
    if !matches!(case.life, Life::Listed)
        && case.is_open()
        && let Some(filter) = &account.filter
    {
        let as_pending = [("substatus", Value::from("Pending"))];
        if !filter.matches(Subject { body: case.referral.body(), extra: &as_pending }) {
            return (Vec::new(), Some(Silence::FilteredOut));
        }
    }
    let mut taken = Vec::new();
    let mut extra = None;
    for rule in &rules.rules {
        let takes = rule.when.as_ref().is_none_or(|when| {
            let extra = extra.get_or_insert_with(|| beyond_the_body(case, rules));
            when.matches(Subject { body: case.referral.body(), extra })
        });
        if takes {
            taken.push(Taken::new(rule, account, casting));
            if !rule.continues {
                break;
            }
        }
    }
    let silence = if taken.is_empty() {
        Some(Silence::NoRule)
    } else if taken.iter().all(|taken| taken.rule.steps.is_empty()) {
        Some(Silence::OnPurpose)
    } else if case.muted_at(now).is_some() {
        Some(Silence::Muted)
    } else {
        None
    };
    (taken, silence)
}
