//! Lays what was heard beside what was expected: one time line, each message on it as expected, missing or unexpected.
//! Must never forgive anything but the second within a minute.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{
    Expected, Scenario,
    clock::minute,
    play::{Heard, Played},
    reasons,
};

/// What came of a scenario.
#[derive(Debug)]
pub struct Report {
    /// Its messages, expected and heard, in the order of time.
    pub rows: Vec<Row>,
    /// What would make it shorter to mend, where something would.
    pub hint: Option<String>,
}

/// A message on the time line.
#[derive(Clone, Debug)]
pub struct Row {
    /// Whether it came, and was to.
    pub mark: Mark,
    /// The line of the file that expects it, of a missing one.
    pub line: Option<usize>,
    /// When it came, or was to come.
    pub at: Timestamp,
    /// How it is rendered.
    pub event: String,
    /// Where.
    pub to: String,
    /// The ids of the referrals that it is about.
    pub referrals: Vec<String>,
    /// Of a message about leadtime itself.
    pub title: Option<String>,
    /// The rule and the step that asked for it; none of a digest, of a message about leadtime itself and of a missing one.
    pub asked: Option<(String, String)>,
    /// Why it came, or did not: a sentence each. None where all is as expected.
    pub why: Vec<String>,
}

/// What is so of a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It was to come, and came.
    AsExpected,
    /// It was to come, and did not.
    Missing,
    /// It came, and was not to.
    Unexpected,
}

impl Report {
    /// Whether exactly what was expected came.
    pub fn passed(&self) -> bool {
        self.rows.iter().all(|row| row.mark == Mark::AsExpected)
    }
}

/// Compares.
pub(super) fn compare(scenario: &Scenario, played: &Played) -> Report {
    let (matched, missing) = pair(&scenario.expected, &played.heard);
    let mut rows = Vec::new();
    let mut unexpected: BTreeSet<usize> = (0..played.heard.len()).filter(|place| !matched.contains(place)).collect();
    for (place, heard) in played.heard.iter().enumerate() {
        rows.push(if unexpected.contains(&place) {
            row_of(heard, Mark::Unexpected, reasons::why_it_came(heard, &scenario.clock))
        } else {
            row_of(heard, Mark::AsExpected, Vec::new())
        });
    }
    let moved = moved(scenario, played, &missing, &mut unexpected);
    for index in missing {
        let Some(expected) = scenario.expected.get(index) else { continue };
        let glimpses = played.glimpses.get(index).map_or(&[][..], Vec::as_slice);
        let moved = moved.get(&index).and_then(|place| played.heard.get(*place));
        let others: Vec<&Heard> = unexpected.iter().filter_map(|place| played.heard.get(*place)).collect();
        let why = reasons::why_it_did_not(expected, moved, &others, glimpses, &scenario.clock);
        rows.push(Row {
            mark: Mark::Missing,
            line: expected.line,
            at: expected.at,
            event: expected.event.clone(),
            to: expected.to.to_string(),
            referrals: expected.referrals.iter().cloned().collect(),
            title: expected.title.clone(),
            asked: None,
            why,
        });
    }
    rows.sort_by_key(|row| (minute(row.at), row.mark));
    let hint = goes_on(scenario, &rows);
    Report { rows, hint }
}

/// The missing that came after all, at another time or with other details: each with the nearest of the unexpected, which
/// then stands for no other.
fn moved(
    scenario: &Scenario,
    played: &Played,
    missing: &[usize],
    unexpected: &mut BTreeSet<usize>,
) -> BTreeMap<usize, usize> {
    let expected = missing.iter().filter_map(|index| Some((*index, scenario.expected.get(*index)?)));
    let mut near: Vec<(SignedDuration, usize, usize)> = Vec::new();
    for (index, expected) in expected {
        let heard = unexpected.iter().filter_map(|place| Some((*place, played.heard.get(*place)?)));
        let same = heard.filter(|(_, heard)| expected.is_about(heard));
        near.extend(same.map(|(place, heard)| (heard.at.duration_since(expected.at).abs(), index, place)));
    }
    near.sort_unstable();
    let mut moved = BTreeMap::new();
    for (_, index, place) in near {
        if !moved.contains_key(&index) && unexpected.remove(&place) {
            moved.insert(index, place);
        }
    }
    moved
}

/// Which of the heard were expected, and which of the expected were not heard.
fn pair(expected: &[Expected], heard: &[Heard]) -> (BTreeSet<usize>, Vec<usize>) {
    let mut matched = BTreeSet::new();
    let mut missing = Vec::new();
    // Who gives a message more time takes what the others leave.
    let mut order: Vec<(usize, &Expected)> = expected.iter().enumerate().collect();
    order.sort_by_key(|(_, expected)| expected.within);
    for (index, expected) in order {
        let mut fitting = heard.iter().enumerate().filter(|(place, _)| !matched.contains(place));
        match fitting.find(|(_, heard)| expected.is_met_by(heard)) {
            Some((place, _)) => drop(matched.insert(place)),
            None => missing.push(index),
        }
    }
    missing.sort_unstable();
    (matched, missing)
}

impl Expected {
    fn is_met_by(&self, heard: &Heard) -> bool {
        self.is_in_time(heard) && self.is_about(heard) && self.details_fit(heard)
    }

    pub(super) fn is_in_time(&self, heard: &Heard) -> bool {
        let latest = self.at.checked_add(self.within).unwrap_or(self.at);
        (minute(self.at)..=minute(latest)).contains(&minute(heard.at))
    }

    /// Whether it is the same event, there, about the same.
    pub(super) fn is_about(&self, heard: &Heard) -> bool {
        self.event == heard.event && self.to.as_str() == heard.to && self.referrals == heard.referrals
    }

    /// Whether everything else that is written fits.
    pub(super) fn details_fit(&self, heard: &Heard) -> bool {
        let title = self.title.as_ref().is_none_or(|wanted| {
            heard.title.as_ref().is_some_and(|title| title.to_lowercase().contains(&wanted.to_lowercase()))
        });
        let rule = self.rule.as_ref().is_none_or(|rule| heard.asked.iter().all(|asked| asked.rule == *rule));
        let step = self.step.as_ref().is_none_or(|step| heard.asked.iter().all(|asked| same_step(&asked.step, step)));
        let recipients = self.recipients.as_ref().is_none_or(|recipients| *recipients == heard.recipients);
        title && rule && step && recipients
    }
}

/// Whether two ways of writing a step mean the same one.
pub(super) fn same_step(one: &str, other: &str) -> bool {
    let plain = |text: &str| text.replace(['"', '='], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    plain(one) == plain(other)
}

fn row_of(heard: &Heard, mark: Mark, why: Vec<String>) -> Row {
    let asked = match heard.asked.as_slice() {
        [only] => Some((only.rule.to_string(), only.step.clone())),
        _ => None,
    };
    Row {
        mark,
        line: None,
        at: heard.at,
        event: heard.event.clone(),
        to: heard.to.clone(),
        referrals: heard.referrals.iter().cloned().collect(),
        title: heard.title.clone(),
        asked,
        why,
    }
}

/// Where more comes after the last thing that is written, the scenario may simply want an end.
fn goes_on(scenario: &Scenario, rows: &[Row]) -> Option<String> {
    let entries = scenario.entries.iter().map(|entry| entry.at);
    let last = entries.chain(scenario.expected.iter().map(|expected| expected.at + expected.within)).max()?;
    let mut wrong = rows.iter().filter(|row| row.mark != Mark::AsExpected).peekable();
    if scenario.until.is_some() || wrong.peek().is_none() {
        return None;
    }
    // An end would hide what is missing or comes too early, and of a scenario that waits for nothing all that happens.
    let goes_on = |row: &Row| row.mark == Mark::Unexpected && minute(row.at) > minute(last);
    if scenario.expected.is_empty() || !wrong.all(goes_on) {
        return None;
    }
    let until = scenario.clock.since_start(last + SignedDuration::from_mins(1));
    Some(format!(
        "Messages go on after the last time that the scenario names. Expect them, let the referrals be closed, or, where \
         the scenario is not about them, end it before: until = \"{until}\""
    ))
}
