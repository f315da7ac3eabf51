//! From a scenario file to scenarios: every time read, every name looked up, all faults collected.
//! Must never stop at the first fault.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

use super::{Answer, Change, Clock, Entry, Expected, Scenario, clock, raw};
use crate::{
    core::{
        hours::YEARS,
        ids::{AccountName, DestinationName, RuleName},
        rules::Rules,
    },
    service::{facts::Orders, prepare::orders},
    settings::{Faults, Finding, KeyPath, Settings, Sheet, load_trial, nearest},
};

/// Substatuses that end a referral, with the status that goes with each.
const ENDINGS: [(&str, &str); 5] =
    [("Accepted", "Active"), ("Declined", "Closed"), ("Won", "Closed"), ("Lost", "Closed"), ("Expired", "Closed")];

/// A scenario goes on for so long, at most.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(2 * 366 * 24);

/// Reads the scenarios of a file. Their settings are those that the file holds, else those at `config` with the variables
/// of `env`; secrets are not needed.
///
/// # Errors
/// Every fault of the file and of its settings, each with its place.
pub fn read(path: &Path, config: &Path, env: &BTreeMap<String, String>) -> Result<Vec<Scenario>, Faults> {
    let sheet = Sheet::read(path, raw::schema());
    let file: raw::File = serde_json::from_value(sheet.tree().clone()).unwrap_or_default();
    if sheet.is_broken() {
        // What seems to be missing may well stand in what could not be read.
        return sheet.finish(None::<Vec<Scenario>>);
    }
    let own = file.settings.is_some();
    let mut reader = Reader {
        sheet,
        config: (!own).then(|| config.to_owned()),
        env,
        of_settings: Vec::new(),
        parts: if own { vec![KeyPath::of(&["settings"])] } else { Vec::new() },
    };
    if file.scenario.is_empty() && !reader.sheet.has_faults() {
        reader.sheet.fault(&KeyPath::default(), "the file holds no scenario; add [[scenario]]");
    }
    let mut scenarios: Vec<Scenario> = Vec::new();
    for (index, raw) in file.scenario.iter().enumerate() {
        let path = KeyPath::of(&["scenario"]).index(index);
        let twice = file.scenario.iter().take(index).any(|other| other.name.is_some() && other.name == raw.name);
        if twice {
            reader
                .sheet
                .fault(&path.key("name"), "another scenario has this name; choose one that says how they differ");
        }
        scenarios.extend(reader.scenario(&path, raw));
    }
    reader.finish(scenarios)
}

struct Reader<'a> {
    sheet: Sheet,
    config: Option<PathBuf>,
    env: &'a BTreeMap<String, String>,
    of_settings: Vec<Finding>,
    /// Where the settings stand that are laid over the others.
    parts: Vec<KeyPath>,
}

/// What the names in a scenario may be.
#[derive(Default)]
struct Names {
    destinations: BTreeSet<String>,
    addresses: BTreeSet<String>,
    /// At which a referral may name more of them.
    domains: BTreeSet<String>,
    rules: BTreeSet<String>,
    referrals: BTreeSet<String>,
}

impl Names {
    fn learn(&mut self, orders: &Orders) {
        self.destinations.extend(orders.lanes.keys().map(ToString::to_string));
        self.addresses.extend(orders.lanes.values().flat_map(|lanes| &lanes.recipients).map(ToString::to_string));
        let Rules { rules, people, destinations, .. } = &orders.rules;
        self.rules.extend(rules.iter().map(|rule| rule.name.to_string()));
        self.addresses.extend(people.by_name.values().filter_map(|person| person.email.clone()));
        if destinations.values().any(|destination| !destination.asks.is_nobody()) {
            self.domains.extend(people.domains.iter().cloned());
        }
    }

    /// Whether a referral may name this address as an owner's.
    fn may_be_named(&self, address: &str) -> bool {
        address.rsplit_once('@').is_some_and(|(_, domain)| self.domains.contains(domain))
    }
}

impl Reader<'_> {
    fn finish(self, scenarios: Vec<Scenario>) -> Result<Vec<Scenario>, Faults> {
        let made = self.sheet.finish(Some(scenarios));
        match (made, self.of_settings) {
            (Ok(scenarios), of_settings) if of_settings.is_empty() => Ok(scenarios),
            (Ok(_), faults) => Err(Faults { faults, warnings: Vec::new() }),
            (Err(mut found), of_settings) => {
                found.faults.extend(of_settings);
                Err(found)
            }
        }
    }

    /// The settings with what stands at `more` laid over them; a fault that several scenarios share is told once.
    fn settings(&mut self, parts: &[KeyPath]) -> Option<Settings> {
        match load_trial(self.config.as_deref(), &self.sheet, parts, self.env) {
            Ok(settings) => Some(settings),
            Err(found) => {
                for fault in found.faults {
                    if !self.of_settings.iter().any(|known| known.to_string() == fault.to_string()) {
                        self.of_settings.push(fault);
                    }
                }
                None
            }
        }
    }

    fn scenario(&mut self, path: &KeyPath, raw: &raw::Scenario) -> Option<Scenario> {
        let name = self.required(&path.key("name"), raw.name.as_ref());
        let mut parts = self.parts.clone();
        parts.extend(raw.settings.is_some().then(|| path.key("settings")));
        let settings = self.settings(&parts)?;
        let account = self.account(path, raw.account.as_deref(), &settings);
        let start = self.required(&path.key("start"), raw.start.as_ref())?;
        let start = self.said(&path.key("start"), clock::read_start(&start, &settings.time_zone))?;
        let start = self.in_known_years(&path.key("start"), start)?;
        let clock = Clock { start, zone: settings.time_zone.clone() };
        let orders = without_pace(&settings);
        let mut names = Names::default();
        names.learn(&orders);
        let entries = self.entries(path, raw, &clock, parts, &mut names);
        let expected = self.expectations(path, raw, &clock, &names);
        let until = raw.until.as_deref().and_then(|text| self.said(&path.key("until"), clock.read(text)));
        let until = until.and_then(|until| self.not_too_late(&path.key("until"), until, &clock));
        self.all_before(until, path, &entries, &expected);
        let line = self.sheet.line(path);
        Some(Scenario { name: name?, clock, line, until, account: account?, orders, entries, expected })
    }

    fn account(&mut self, path: &KeyPath, written: Option<&str>, settings: &Settings) -> Option<AccountName> {
        let names = || settings.accounts.keys().map(AccountName::as_str);
        let what = match written {
            Some(name) if settings.accounts.contains_key(name) => return Some(AccountName::new(name)),
            Some(name) => match nearest(name, names()) {
                Some(near) => format!("unknown account {name:?}; did you mean {near:?}?"),
                None => {
                    format!("unknown account {name:?}; the settings have {}", names().collect::<Vec<_>>().join(", "))
                }
            },
            None => match settings.accounts.keys().collect::<Vec<_>>().as_slice() {
                [only] => return Some((*only).clone()),
                _ => {
                    format!("is missing; write whose referrals these are: {}", names().collect::<Vec<_>>().join(" or "))
                }
            },
        };
        self.sheet.fault(&path.key("account"), what);
        None
    }

    fn entries(
        &mut self,
        path: &KeyPath,
        raw: &raw::Scenario,
        clock: &Clock,
        mut parts: Vec<KeyPath>,
        names: &mut Names,
    ) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        if raw.at.is_empty() {
            self.sheet
                .fault(&path.key("at"), "nothing happens; write at = [{ time = \"0h\", open = [{ id = \"r1\" }] }]");
        }
        for (index, raw) in raw.at.iter().enumerate() {
            let path = path.key("at").index(index);
            let at = self.time(&path, raw.time.as_ref(), clock, entries.last().map(|entry| entry.at));
            let orders = raw.settings.is_some().then(|| {
                parts.push(path.key("settings"));
                self.settings(&parts).map(|settings| without_pace(&settings))
            });
            let orders = orders.flatten();
            if let Some(orders) = &orders {
                names.learn(orders);
            }
            let channels = raw.channels.iter().map(|(name, answer)| {
                let known = names.destinations.iter().chain(&names.addresses);
                self.known(&path.key("channels").key(name), "destination", name, known);
                (name.clone(), of_channel(*answer))
            });
            let channels = channels.collect();
            let changes = self.changes(&path, raw, names);
            let muted = self.by_hand(&path.key("mute"), raw.mute.as_ref(), raw.down, names);
            let unmuted = self.by_hand(&path.key("unmute"), raw.unmute.as_ref(), raw.down, names);
            let unreachable = raw.poll == Some(raw::Poll::Fails);
            entries.extend(at.map(|at| Entry {
                at,
                changes,
                muted,
                unmuted,
                unreachable,
                down: raw.down,
                channels,
                orders,
            }));
        }
        entries
    }

    /// The referrals that a person does something to, for which leadtime has to run.
    fn by_hand(&mut self, path: &KeyPath, raw: Option<&Value>, down: bool, names: &Names) -> BTreeSet<String> {
        if down && raw.is_some() {
            self.sheet.fault(path, "leadtime is not running then (down); move it into an entry of its own");
        }
        raw.map(|raw| self.ids(path, raw, names)).unwrap_or_default()
    }

    fn changes(&mut self, path: &KeyPath, raw: &raw::At, names: &mut Names) -> Vec<Change> {
        let mut changes = Vec::new();
        for (index, body) in raw.open.iter().enumerate() {
            let Some((id, body)) = self.body(&path.key("open").index(index), body) else { continue };
            names.referrals.insert(id);
            changes.push(Change::Listed(body));
        }
        for (key, bodies) in [("closed", &raw.closed), ("unlisted", &raw.unlisted)] {
            for (index, body) in bodies.iter().enumerate() {
                let path = path.key(key).index(index);
                let Some((id, mut body)) = self.body(&path, body) else { continue };
                self.known(&path.key("id"), "referral", &id, names.referrals.iter());
                if key == "closed" {
                    self.ended(&path, &mut body);
                } else {
                    body.entry("status").or_insert_with(|| "New".into());
                }
                changes.push(Change::Left(body));
            }
        }
        for (index, id) in raw.gone.iter().enumerate() {
            self.known(&path.key("gone").index(index), "referral", id, names.referrals.iter());
            changes.push(Change::NotFound(id.clone()));
        }
        changes
    }

    /// A referral as it is written: its id and all its fields.
    fn body(&mut self, path: &KeyPath, body: &Value) -> Option<(String, Map<String, Value>)> {
        let id = body.get("id").and_then(Value::as_str).filter(|id| !id.trim().is_empty());
        match (body, id) {
            (Value::Object(body), Some(id)) => Some((id.to_owned(), body.clone())),
            _ => {
                self.sheet.fault(path, "must be a table with an id; write { id = \"r1\" }");
                None
            }
        }
    }

    /// Puts in the status that goes with a substatus which ends a referral.
    fn ended(&mut self, path: &KeyPath, body: &mut Map<String, Value>) {
        let known = ENDINGS.map(|(substatus, _)| substatus).join(", ");
        let Some(substatus) = body.get("substatus").and_then(Value::as_str) else {
            return self.sheet.fault(path, format!("says not how it ended; write substatus = one of {known}"));
        };
        match ENDINGS.iter().find(|(ending, _)| ending.eq_ignore_ascii_case(substatus)) {
            Some((_, status)) => drop(body.entry("status").or_insert_with(|| (*status).into())),
            None => {
                let what = match nearest(substatus, ENDINGS.iter().map(|(ending, _)| *ending)) {
                    Some(near) => format!("{substatus:?} ends no referral; did you mean {near:?}?"),
                    None => {
                        format!("{substatus:?} ends no referral; write one of {known}, or unlisted in place of closed")
                    }
                };
                self.sheet.fault(&path.key("substatus"), what);
            }
        }
    }

    fn expectations(&mut self, path: &KeyPath, raw: &raw::Scenario, clock: &Clock, names: &Names) -> Vec<Expected> {
        let mut all: Vec<Expected> = Vec::new();
        for (index, raw) in raw.expect.iter().enumerate() {
            let path = path.key("expect").index(index);
            let at = self.time(&path, raw.time.as_ref(), clock, all.last().map(|last| last.at));
            let within = raw.within.as_deref().map(|text| self.said(&path.key("within"), clock::read_length(text)));
            let Some(event) = raw.event else {
                self.sheet.fault(
                    &path.key("event"),
                    "is missing; write event = \"new\", \"reminder\", \"escalation\" or another",
                );
                continue;
            };
            let to = self.required(&path.key("to"), raw.to.as_ref());
            if let Some(to) = &to {
                self.known(&path.key("to"), "destination", to, names.destinations.iter());
            }
            if let Some(rule) = &raw.rule {
                self.known(&path.key("rule"), "rule", rule, names.rules.iter());
            }
            let addresses = raw.recipients.iter().flatten().enumerate();
            for (index, address) in addresses.filter(|(_, address)| !names.may_be_named(address)) {
                self.known(&path.key("recipients").index(index), "address", address, names.addresses.iter());
            }
            let referrals = self.referrals(&path, event, raw.referral.as_ref(), names);
            let (Some(at), Some(to)) = (at, to) else { continue };
            let within = within.flatten().unwrap_or_default();
            let latest = at.saturating_add(within).unwrap_or(Timestamp::MAX);
            if self.not_too_late(&path.key("within"), latest, clock).is_none() {
                continue;
            }
            all.push(Expected {
                at,
                line: self.sheet.line(&path),
                within,
                event: event.as_str().to_owned(),
                to: DestinationName::new(to),
                referrals,
                title: raw.title.clone(),
                rule: raw.rule.as_deref().map(RuleName::new),
                step: raw.step.clone(),
                recipients: raw.recipients.as_ref().map(|all| all.iter().cloned().collect()),
            });
        }
        all
    }

    fn referrals(&mut self, path: &KeyPath, event: raw::Event, raw: Option<&Value>, names: &Names) -> BTreeSet<String> {
        let path = path.key("referral");
        match raw {
            None if event.is_notice() => BTreeSet::new(),
            None => {
                self.sheet.fault(&path, "is missing; write whom it is about: \"r1\", or [\"r1\", \"r2\"] of a digest");
                BTreeSet::new()
            }
            Some(_) if event.is_notice() => {
                self.sheet.fault(&path, format!("a {} is about no referral; take it out", event.as_str()));
                BTreeSet::new()
            }
            Some(raw) => self.ids(&path, raw, names),
        }
    }

    /// The id of a referral, or a list of them.
    fn ids(&mut self, path: &KeyPath, raw: &Value, names: &Names) -> BTreeSet<String> {
        let listed: Vec<(KeyPath, &Value)> = match raw {
            Value::Array(ids) => ids.iter().enumerate().map(|(index, id)| (path.index(index), id)).collect(),
            id => vec![(path.clone(), id)],
        };
        let mut ids = BTreeSet::new();
        for (path, id) in listed {
            match id.as_str() {
                Some(id) => {
                    self.known(&path, "referral", id, names.referrals.iter());
                    ids.insert(id.to_owned());
                }
                None => self.sheet.fault(&path, "must be the id of a referral, or a list of them"),
            }
        }
        ids
    }

    /// A time, which must not lie before the one above it.
    fn time(
        &mut self,
        path: &KeyPath,
        text: Option<&String>,
        clock: &Clock,
        last: Option<Timestamp>,
    ) -> Option<Timestamp> {
        let path = path.key("time");
        let text = self.required(&path, text)?;
        let at = self.said(&path, clock.read(&text))?;
        let shown = |at| clock.shown(at).split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(last) = last.filter(|last| at < *last) {
            self.sheet.fault(&path, format!("{} is before {}, the one above; sort them", shown(at), shown(last)));
        } else if at < clock.start {
            self.sheet.fault(&path, format!("{} is before the start; write a later time", shown(at)));
        }
        self.not_too_late(&path, at, clock)
    }

    /// A scenario must end some time.
    /// A start for which there are hours, and from which one can reckon on without leaving the calendar.
    fn in_known_years(&mut self, path: &KeyPath, start: Timestamp) -> Option<Timestamp> {
        let known = (YEARS.0..=YEARS.1).contains(&start.to_zoned(TimeZone::UTC).year());
        if !known {
            let (first, last) = YEARS;
            self.sheet.fault(path, format!("is not in the years of which hours are known; write {first} to {last}"));
        }
        known.then_some(start)
    }

    fn not_too_late(&mut self, path: &KeyPath, at: Timestamp, clock: &Clock) -> Option<Timestamp> {
        let too_late = at.duration_since(clock.start) > LONGEST;
        if too_late {
            self.sheet.fault(path, "is more than two years after the start; write an earlier time");
        }
        (!too_late).then_some(at)
    }

    /// Nothing stands after the end.
    fn all_before(&mut self, until: Option<Timestamp>, path: &KeyPath, entries: &[Entry], expected: &[Expected]) {
        let Some(until) = until else { return };
        let entries = entries.iter().enumerate().map(|(index, entry)| ("at", index, entry.at));
        let expected = expected.iter().enumerate().map(|(index, expected)| ("expect", index, expected.at));
        for (key, index, at) in entries.chain(expected) {
            if at > until {
                let path = path.key(key).index(index).key("time");
                self.sheet.fault(&path, "is after the scenario's until; move one of them");
            }
        }
    }

    fn required(&mut self, path: &KeyPath, text: Option<&String>) -> Option<String> {
        let text = text.filter(|text| !text.trim().is_empty()).cloned();
        if text.is_none() {
            self.sheet.fault(path, "is missing; write it");
        }
        text
    }

    fn said<T>(&mut self, path: &KeyPath, read: Result<T, String>) -> Option<T> {
        read.map_err(|what| self.sheet.fault(path, what)).ok()
    }

    fn known<'n>(&mut self, path: &KeyPath, what: &str, name: &str, names: impl Iterator<Item = &'n String>) {
        let names: Vec<&str> = names.map(String::as_str).collect();
        if names.contains(&name) {
            return;
        }
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean {near:?}?"),
            None if names.is_empty() => "there is none so far".to_owned(),
            None => format!("known here: {}", names.join(", ")),
        };
        self.sheet.fault(path, format!("unknown {what} {name:?}; {hint}"));
    }
}

/// The orders without a pace: seconds between two messages are not what rules are about.
fn without_pace(settings: &Settings) -> Orders {
    let mut orders = orders(settings);
    // What comes at set times says nothing of rules, and would have to be expected everywhere.
    orders.digests.clear();
    for lanes in orders.lanes.values_mut() {
        lanes.terms.apart = SignedDuration::ZERO;
    }
    orders
}

fn of_channel(answer: raw::Answer) -> Answer {
    match answer {
        raw::Answer::Accepts => Answer::Accepts,
        raw::Answer::Fails => Answer::Fails,
        raw::Answer::Refuses => Answer::Refuses,
    }
}
