//! What is allowed and probably not meant. Must never stop anything.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, rules::reached};
use crate::{
    core::{
        filter::{Filter, is_known, nearest_path},
        ids::DestinationName,
        period::{Period, Seconds},
        rules::{Audience, Rule, Trigger},
    },
    settings::{
        raw::{self, Root},
        report::KeyPath,
        settled::{Settings, SmtpLogin},
    },
};

/// What rules can ask beside the API's names.
const OWN_NAMES: &[&str] = &["account", "category", "value"];

impl Builder<'_> {
    /// All warnings that need the whole; of settings without a fault.
    pub(super) fn warnings(&mut self, root: &Root, settings: &Settings) {
        let top = KeyPath::default();
        if !self.report.is_written(&KeyPath::of(&["time_zone"])) {
            let what = "is not set, so working hours are those of UTC; write one such as \"Europe/Budapest\"";
            self.report.warn(&KeyPath::of(&["time_zone"]), what);
        }
        if root.accounts.is_empty() {
            self.report.warn(&top.key("accounts"), "there is none, so nothing is watched; add [accounts.NAME]");
        }
        if settings.web.external_url.is_some() && settings.web.listen.is_none() {
            let what = "puts links into messages that nothing answers, since listen is empty; write an address there";
            self.report.warn(&KeyPath::of(&["web", "external_url"]), what);
        }
        self.ops_ways(root, settings);
        self.account_filters(root);
        self.mail_server(settings);
        self.unreached(root, settings);
        self.unheard(root, settings);
        if let Some(rules) = &root.rules {
            self.shadowed(&settings.rules.rules);
            for (index, (raw, rule)) in rules.iter().zip(&settings.rules.rules).enumerate() {
                let path = KeyPath::of(&["rules"]).index(index);
                self.odd_paths(&path.key("when"), rule.when.as_ref());
                self.never_due(&path.key("steps"), raw, rule, settings);
            }
        }
    }

    /// Each type of destination that may break needs a way to `[ops]` of another type.
    fn ops_ways(&mut self, root: &Root, settings: &Settings) {
        let kind = |name: &str| settings.destinations.get(name).map(|destination| destination.kind.as_str());
        let ways: BTreeSet<&str> = settings.ops.notify.iter().filter_map(|name| kind(name.as_str())).collect();
        let path = KeyPath::of(&["ops", "notify"]);
        if root.destinations.is_empty() {
            let what = "there is none, so nobody is told anything; add [destinations.NAME]";
            return self.report.warn(&KeyPath::of(&["destinations"]), what);
        }
        if settings.ops.notify.is_empty() {
            let what = if settings.escalate_to.is_empty() {
                "names nobody, nor does escalate_to, so leadtime's own troubles are only logged; write a destination"
            } else {
                "names nobody, and escalate_to only people whom a referral names, so leadtime's own troubles are only \
                 logged, and nobody hears of a step that reaches none of them; write a destination"
            };
            return self.report.warn(&path, what);
        }
        let mut kinds = ways.iter();
        let (Some(kind), None) = (kinds.next(), kinds.next()) else { return };
        // Nor is a person's own mail proposed, nor mail that goes only to people whom a referral names.
        let fits = |name: &DestinationName| {
            let asks = settings.rules.destinations.get(name).map(|destination| &destination.asks);
            !name.as_str().starts_with('@') && asks.is_none_or(|asks| asks.is_nobody() || asks.others)
        };
        let others = settings.destinations.iter().filter(|(name, other)| other.kind.as_str() != *kind && fits(name));
        // One of each other type is enough.
        let others: BTreeMap<&str, &str> = others.map(|(name, other)| (other.kind.as_str(), name.as_str())).collect();
        let names = settings.ops.notify.iter().map(DestinationName::as_str);
        let is_written = !root.ops.notify.is_empty();
        let stand_in = if is_written {
            String::new()
        } else {
            format!("[ops] notify (not set, so escalate_to: {}) ", names.clone().collect::<Vec<_>>().join(", "))
        };
        let todo = if others.is_empty() {
            "add a destination of another type, and name it in [ops] notify".to_owned()
        } else {
            let both: Vec<String> = names.chain(others.into_values()).map(|name| format!("{name:?}")).collect();
            format!("write [ops] notify = [{}]", both.join(", "))
        };
        let what = format!("{stand_in}goes only by {kind}, so nobody hears when {kind} itself breaks; {todo}");
        self.report.warn(&if is_written { path } else { KeyPath::of(&["escalate_to"]) }, what);
    }

    fn account_filters(&mut self, root: &Root) {
        for (name, account) in &root.accounts {
            let path = KeyPath::of(&["accounts", name, "filter"]);
            match Filter::parse(&account.filter) {
                Ok(filter) => {
                    self.unknown_paths(&path, &filter);
                    let own = filter.paths().find(|(used, _)| OWN_NAMES.contains(used));
                    if let Some((used, place)) = own {
                        let what =
                            format!("{used} is leadtime's own name, which the API does not know; ask it in a rule");
                        self.report.warn_within(&path, place, what);
                    }
                }
                Err(fault) => {
                    let what = format!(
                        "cannot be read here, so it is sent as it stands and a changed filter shelves nothing: {}",
                        fault.message
                    );
                    self.report.warn_within(&path, fault.at, what);
                }
            }
        }
    }

    /// Exchange Online switches passwords off by default at the end of December 2026.
    fn mail_server(&mut self, settings: &Settings) {
        let Some(smtp) = &settings.smtp else { return };
        let office = ["smtp.office365.com", "outlook.office365.com"];
        if matches!(smtp.login, Some(SmtpLogin::Password { .. }))
            && office.iter().any(|host| smtp.host.eq_ignore_ascii_case(host))
        {
            let what = "Exchange Online switches sign-in with a password off by default from the end of December 2026; \
                        write oauth2 = { tenant_id, client_id, client_secret } in its place, or use another server";
            self.report.warn(&KeyPath::of(&["smtp", "password"]), what);
        }
    }

    /// Steps that reach nobody, told once for `notify` and once for `escalate_to`.
    fn unreached(&mut self, root: &Root, settings: &Settings) {
        let (mut told_notify, mut told_escalate) = (false, false);
        for (name, account) in &settings.rules.accounts {
            let usual = (account.notify.as_slice(), account.escalate_to.as_slice());
            for rule in &settings.rules.rules {
                for step in rule.steps.iter().filter(|step| step.audience == Audience::Usual) {
                    let (told, key) = match step.escalate {
                        true => (&mut told_escalate, "escalate_to"),
                        false => (&mut told_notify, "notify"),
                    };
                    if !*told && !root.destinations.is_empty() && reached(rule, step, usual).is_empty() {
                        let what = format!(
                            "names nobody for \"{}\" of rule {:?} and account {:?}; write a destination",
                            step.trigger.label(),
                            rule.name.as_str(),
                            name.as_str()
                        );
                        self.report.warn(&KeyPath::of(&[key]), what);
                        *told = true;
                    }
                }
            }
        }
    }

    /// Rules after one that takes everything.
    fn shadowed(&mut self, rules: &[Rule]) {
        let Some(taker) = rules.iter().position(|rule| rule.when.is_none() && !rule.continues) else { return };
        for (index, _) in rules.iter().enumerate().skip(taker + 1) {
            let what =
                format!("never gets a referral, as rules[{taker}] takes all; put it before that, or give that a when");
            self.report.warn(&KeyPath::of(&["rules"]).index(index), what);
        }
    }

    pub(super) fn odd_paths(&mut self, path: &KeyPath, when: Option<&Filter>) {
        let Some(filter) = when else { return };
        self.unknown_paths(path, filter);
        if filter.mentions("details/dealValue") && !filter.mentions("details/currency") {
            let place = filter.paths().find(|(used, _)| *used == "details/dealValue");
            let place = place.map(|(_, place)| place).unwrap_or_default();
            let what = "compares sums of any currency; compare value (with [money]), or details/currency too";
            self.report.warn_within(path, place, what);
        }
    }

    fn unknown_paths(&mut self, path: &KeyPath, filter: &Filter) {
        for (used, place) in filter.paths() {
            if !is_known(used) {
                let hint = match nearest_path(used) {
                    Some(near) => format!("did you mean {near}?"),
                    None if !used.contains('/') => {
                        "put it in single quotes if it is a text, or check its spelling".to_owned()
                    }
                    None => "check its spelling".to_owned(),
                };
                self.report.warn_within(path, place, format!("the API is not known to have {used}; {hint}"));
            }
        }
    }

    /// Steps beyond the life of a referral, by the longest `expires_after`. Partner Center may set later days itself.
    fn never_due(&mut self, path: &KeyPath, raw: &raw::Rule, rule: &Rule, settings: &Settings) {
        let lives = settings.rules.accounts.values().filter_map(|account| match account.expires_after {
            Period::Elapsed(seconds) => Some(seconds),
            Period::Working { .. } => None,
        });
        let Some(life) = lives.max() else { return };
        for (index, step) in rule.steps.iter().enumerate() {
            let (key, period) = match step.trigger {
                Trigger::After(period) => ("after", period),
                Trigger::BeforeExpiry(period) => ("before_expiry", period),
                _ => continue,
            };
            if raw.steps.is_none() || at_least(period) < life {
                continue;
            }
            let life = Period::Elapsed(life);
            let what = match key {
                "after" => format!("comes when the referral has expired ({life} after it was created); write less"),
                _ => format!("comes before the referral is created ({life} before it expires); write less"),
            };
            self.report.warn(&path.index(index).key(key), what);
        }
    }
}

/// How long a period lasts at least: working days as if no night or weekend lay between.
fn at_least(period: Period) -> Seconds {
    match period {
        Period::Elapsed(seconds) => seconds,
        Period::Working { days, seconds } => {
            // Of any seven days in a row at most five are worked where hours are the usual ones.
            let days = i64::from(days);
            Seconds((days / 5 * 7 + days % 5) * 86_400 + seconds.0)
        }
    }
}
