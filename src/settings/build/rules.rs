//! `[[rules]]` and their steps.

use std::collections::BTreeMap;

use super::Builder;
use crate::{
    core::{
        filter::Filter,
        ids::{AccountName, RuleName},
        period::{Period, Seconds},
        rules::{Account, Audience, Money, Recipient, Rule, Step, Trigger, built_in_ladder},
    },
    settings::{
        raw::{self, Root},
        report::KeyPath,
    },
};

/// A step must not repeat sooner: nobody answers a referral in less.
const SHORTEST_REPEAT: Seconds = Seconds(15 * 60);

type Names<'a> = &'a [Recipient];

impl Builder<'_> {
    /// The rules in the order of the file; without any, one that takes all, with the built-in ladder.
    /// `usual` is the top level's `notify` and `escalate_to`.
    pub(super) fn rules(
        &mut self,
        root: &Root,
        money: &Money,
        accounts: &BTreeMap<AccountName, Account>,
        usual: (Names<'_>, Names<'_>),
    ) -> Vec<Rule> {
        let Some(raws) = root.rules.as_ref().filter(|rules| !rules.is_empty()) else {
            return vec![unwritten()];
        };
        let mut names: BTreeMap<RuleName, usize> = BTreeMap::new();
        let mut rules = Vec::new();
        for (index, raw) in raws.iter().enumerate() {
            let path = KeyPath::of(&["rules"]).index(index);
            let rule = self.rule(&path, raw, money);
            if raw.name.is_some() {
                let first = *names.entry(rule.name.clone()).or_insert(index);
                if first != index {
                    let place = self.report.where_stands(&KeyPath::of(&["rules"]).index(first).key("name"));
                    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
                    let what =
                        format!("rules[{first}]{place} is called {:?} too; choose another name", rule.name.as_str());
                    self.report.fault(&path.key("name"), what);
                }
            }
            if raw.steps.is_some() {
                self.twins(&path, &rule, accounts, usual);
            }
            rules.push(rule);
        }
        rules
    }

    fn rule(&mut self, path: &KeyPath, raw: &raw::Rule, money: &Money) -> Rule {
        let name = self.required(&path.key("name"), raw.name.as_ref()).unwrap_or_default().to_owned();
        let when = raw.when.as_ref().and_then(|text| self.filter(&path.key("when"), text, money));
        let names = |builder: &mut Self, key: &str, names: Option<&Vec<String>>| {
            names.map(|names| builder.recipients(&path.key(key), names))
        };
        let notify = names(self, "notify", raw.notify.as_ref());
        let escalate_to = names(self, "escalate_to", raw.escalate_to.as_ref());
        let hours = self.hours_choice(&path.key("hours"), raw.hours.as_ref());
        let steps = match &raw.steps {
            None => built_in_ladder(),
            Some(steps) => {
                let path = path.key("steps");
                let steps = steps.iter().enumerate();
                // A step with a fault stands in as `new`: the settings are refused anyway, and places stay in order.
                steps.map(|(index, raw)| self.step(&path.index(index), raw)).collect()
            }
        };
        Rule {
            name: RuleName::new(name),
            when,
            continues: raw.continues,
            answered: raw.answered,
            hours,
            notify,
            escalate_to,
            steps,
        }
    }

    /// Reads a `when`, with the place of a fault in it.
    pub(super) fn filter(&mut self, path: &KeyPath, text: &str, money: &Money) -> Option<Filter> {
        let filter = match Filter::parse(text) {
            Ok(filter) => filter,
            Err(fault) => {
                self.report.fault_within(path, fault.at, fault.message);
                return None;
            }
        };
        if money.currency.is_none() && !self.report.has_fault_within(&KeyPath::of(&["money"])) {
            let place = filter.paths().find(|(used, _)| *used == "value").map(|(_, place)| place);
            if let Some(place) = place {
                let what = "value needs a currency; add [money] with currency and rates, or compare details/dealValue";
                self.report.fault_within(path, place, what);
            }
        }
        Some(filter)
    }

    fn step(&mut self, path: &KeyPath, raw: &raw::Step) -> Step {
        let trigger = self.trigger(path, raw);
        let every = raw.every.as_ref().and_then(|text| self.every(&path.key("every"), text, trigger));
        let notify = raw.notify.as_ref().map(|names| self.recipients(&path.key("notify"), names));
        let hours = self.hours_choice(&path.key("hours"), raw.hours.as_ref());
        let mention = self.mentioned(&path.key("mention"), &raw.mention);
        Step {
            trigger: trigger.unwrap_or(Trigger::New),
            every,
            escalate: raw.escalate,
            audience: notify.map_or(Audience::Usual, Audience::These),
            mention,
            hours,
        }
    }

    /// The one trigger of a step; `None` where a fault keeps it from being known.
    fn trigger(&mut self, path: &KeyPath, raw: &raw::Step) -> Option<Trigger> {
        let triggers = [raw.on.is_some(), raw.after.is_some(), raw.before_expiry.is_some()];
        let broken = ["on", "after", "before_expiry"].iter().any(|key| self.report.has_fault(&path.key(key)));
        match triggers.iter().filter(|there| **there).count() {
            0 if broken => return None,
            0 => {
                let what = "the step has no trigger; write one of on, after and before_expiry";
                self.report.fault(path, what);
                return None;
            }
            1 => {}
            _ => {
                let what = "the step has more than one trigger; keep one of on, after and before_expiry";
                self.report.fault(path, what);
                return None;
            }
        }
        if let Some(text) = &raw.after {
            return self.period(&path.key("after"), text).map(Trigger::After);
        }
        if let Some(text) = &raw.before_expiry {
            return self.period(&path.key("before_expiry"), text).map(Trigger::BeforeExpiry);
        }
        match raw.on.as_deref() {
            Some("new") => Some(Trigger::New),
            Some("updated") => Some(Trigger::Updated),
            Some("answered") => Some(Trigger::Answered),
            Some("expired") => Some(Trigger::Expired),
            _ => None,
        }
    }

    fn every(&mut self, path: &KeyPath, text: &str, trigger: Option<Trigger>) -> Option<Period> {
        let every = self.period(path, text)?;
        let short = match every {
            Period::Elapsed(seconds) | Period::Working { days: 0, seconds } => seconds < SHORTEST_REPEAT,
            Period::Working { .. } => false,
        };
        if short {
            self.report.fault(path, "repeats too often; write 15m or more");
        }
        match trigger {
            Some(Trigger::After(period) | Trigger::BeforeExpiry(period))
                if period.is_working() != every.is_working() =>
            {
                let what = "mixes plain and working time within one step; use one of the two kinds for both periods";
                self.report.fault(path, what);
            }
            Some(Trigger::New | Trigger::Updated | Trigger::Answered | Trigger::Expired) => {
                self.report.fault(path, "only after and before_expiry repeat; take it out");
            }
            _ => {}
        }
        Some(every)
    }

    /// Two steps of a rule with the same trigger and duration that reach the same destination.
    fn twins(
        &mut self,
        path: &KeyPath,
        rule: &Rule,
        accounts: &BTreeMap<AccountName, Account>,
        usual: (Names<'_>, Names<'_>),
    ) {
        let path = path.key("steps");
        for (later, step) in rule.steps.iter().enumerate() {
            let earlier = rule.steps.iter().take(later).enumerate().find_map(|(index, other)| {
                let same = other.trigger == step.trigger && !self.step_has_fault(&path.index(index));
                let shared = same.then(|| shared_destination(rule, other, step, accounts, usual)).flatten();
                shared.map(|shared| (index, shared))
            });
            if let Some((index, shared)) = earlier
                && !self.step_has_fault(&path.index(later))
            {
                let trigger = step.trigger.label();
                let what = format!(
                    "asks for \"{trigger}\" to {:?} as steps[{index}] does already; take one of the two out",
                    shared.as_str()
                );
                self.report.fault(&path.index(later), what);
            }
        }
    }

    fn step_has_fault(&self, path: &KeyPath) -> bool {
        let keys = ["on", "after", "before_expiry"];
        self.report.has_fault(path) || keys.iter().any(|key| self.report.has_fault(&path.key(key)))
    }
}

fn unwritten() -> Rule {
    Rule {
        name: RuleName::new("default"),
        when: None,
        continues: false,
        answered: true,
        hours: None,
        notify: None,
        escalate_to: None,
        steps: built_in_ladder(),
    }
}

/// Whom a step of a rule reaches about referrals with these `notify` and `escalate_to`.
pub(super) fn reached(rule: &Rule, step: &Step, usual: (Names<'_>, Names<'_>)) -> Vec<Recipient> {
    let notify = rule.notify.as_deref().unwrap_or(usual.0);
    let escalate_to = rule.escalate_to.as_deref().unwrap_or(usual.1);
    match &step.audience {
        Audience::These(names) => names.clone(),
        Audience::Everyone => [notify, escalate_to].concat(),
        Audience::Usual => if step.escalate { escalate_to } else { notify }.to_vec(),
    }
}

/// A destination that both steps reach about the referrals of some account.
fn shared_destination(
    rule: &Rule,
    one: &Step,
    other: &Step,
    accounts: &BTreeMap<AccountName, Account>,
    usual: (Names<'_>, Names<'_>),
) -> Option<Recipient> {
    let each = accounts.values().map(|account| (account.notify.as_slice(), account.escalate_to.as_slice()));
    each.chain(accounts.is_empty().then_some(usual)).find_map(|usual| {
        let others = reached(rule, other, usual);
        reached(rule, one, usual).into_iter().find(|name| others.contains(name))
    })
}
