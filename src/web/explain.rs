//! What `leadtime explain` and `/api/v1/explain/{id}` tell: one referral's story, each part typed and with its sentence.
//! `sketch` asks the writer for the case and its messages in the outbox, `finish` reads the journal beside it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{find::About, plan::zone};
use crate::{
    core::{
        case::{Case, Life},
        ids::{CaseNumber, DestinationName, MessageId, RuleName},
        journal::Line,
        key::Key,
        ladder::{Call, Event, Silence, sees_to},
        people::People,
        story::{self, Bounds, Trial, Unsent, Waiting, What},
    },
    messages::sentences::Teller,
    service::facts::{Standing, State, read_lines},
    settings::Settings,
    store::{Store, StoreFault, layout},
};

/// So many lines of a referral's journal are read, the latest ones.
pub const LINES_MAX: usize = 2_000;
/// So many messages to come are told.
const MESSAGES_MAX: usize = 100;

/// All of it. Instants are in UTC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Explained {
    /// As of when.
    pub now: Timestamp,
    /// Whether a service answered; else this was read from the store.
    pub running: bool,
    /// `time_zone` of the settings, in which people read times.
    pub time_zone: String,
    /// The referral.
    pub referral: About,
    /// Whether it is open, and how well it is seen.
    pub life: Life,
    /// Why nobody hears of it, where nobody does.
    pub silence: Option<Silence>,
    /// How it stands: sentences.
    pub standing: Vec<String>,
    /// Every rule, in the order of the file.
    pub rules: Vec<Ruled>,
    /// What happened, in the order of time.
    pub past: Vec<Past>,
    /// Whether more happened, earlier.
    pub earlier: bool,
    /// What is due or held back now.
    pub pending: Vec<Pending>,
    /// What is to come if nobody answers.
    pub coming: Vec<Coming>,
    /// Whether there is more to come.
    pub more: bool,
    /// What was not sent, and will not be.
    pub unsent: Vec<NotSent>,
}

/// What came of a rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ruled {
    /// Typed.
    #[serde(flatten)]
    pub trial: Trial,
    /// In words.
    pub sentence: String,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Past {
    /// When.
    pub at: Timestamp,
    /// Typed.
    pub what: What,
    /// In words.
    pub sentence: String,
}

/// A message that is due or held back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// Which.
    pub key: Key,
    /// Its id.
    pub id: MessageId,
    /// How it will be rendered.
    pub event: Event,
    /// The rule that asks for it.
    pub rule: RuleName,
    /// The decision on it.
    pub call: Call,
    /// Why it goes there, where people decide that.
    pub why: Option<String>,
    /// Why it has not left the outbox; empty where it is not there.
    pub waits: Vec<Waiting>,
    /// How many repeats of the same step wait with it.
    pub repeats: u32,
    /// In words.
    pub sentence: String,
}

/// A message to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Coming {
    /// When, after hours have moved it.
    pub at: Timestamp,
    /// Where it goes.
    pub destination: DestinationName,
    /// What it will be.
    pub event: Event,
    /// The step, as the settings write it.
    pub step: String,
    /// The rule that asks for it.
    pub rule: RuleName,
    /// Why it goes there, where people decide that.
    pub why: Option<String>,
    /// When it would come without hours, where they move it.
    pub moved_from: Option<Timestamp>,
    /// In words.
    pub sentence: String,
}

/// A message that was not sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NotSent {
    /// Typed.
    #[serde(flatten)]
    pub unsent: Unsent,
    /// In words.
    pub sentence: String,
}

/// What the writer has at hand.
pub struct Sketch {
    now: Timestamp,
    case: Case,
    waits: Vec<(Key, Waiting)>,
    /// Whether anything new is decided: not while the clock is doubted.
    deciding: bool,
}

/// The first step, in the writer.
///
/// # Errors
/// The store's.
pub fn sketch(state: &State, number: CaseNumber, now: Timestamp) -> Result<Sketch, StoreFault> {
    let rows = state.queues().flat_map(|(_, queue)| queue.of_case(number).map(move |row| (queue, row)));
    let waits = rows.filter_map(|(queue, row)| Some((row.key()?.clone(), story::waiting(queue, row, now))));
    Ok(Sketch { now, case: state.case(number)?, waits: waits.collect(), deciding: state.is_deciding() })
}

/// The second step, beside the writer.
///
/// # Errors
/// The store's.
pub fn finish(sketch: Sketch, store: &dyn Store, settings: &Settings, running: bool) -> Result<Explained, StoreFault> {
    let Sketch { now, case, mut waits, deciding } = sketch;
    if !running {
        waits = waits.into_iter().map(|(key, why)| (key, why.with_nobody_running())).collect();
    }
    let (lines, earlier) = history(store, case.number)?;
    let bounds = Bounds { until: Timestamp::MAX, messages: MESSAGES_MAX };
    let told = story::explain(&case, &settings.rules, &lines, &waits, now, bounds);
    let teller = Teller::new(settings.time_zone.clone(), now);
    let referral = About::of(&case, settings, now);
    let mut standing = vec![teller.life(&case.life), teller.deadline(&case, referral.answer_by)];
    standing.extend(claims(&case, settings, &teller, now));
    standing.extend(told.silence.map(|silence| teller.silence(silence, case.muted.as_ref())));
    if !running {
        standing.push(teller.nothing_runs());
    }
    if !deciding {
        standing.push(teller.nothing_is_decided());
    }
    let people = &settings.rules.people;
    let to_come = told.plan.coming.iter().filter(|coming| !coming.waits);
    Ok(Explained {
        now,
        running,
        time_zone: zone(settings),
        standing,
        silence: told.silence,
        earlier,
        rules: told.rules.iter().map(|trial| Ruled { sentence: teller.trial(trial), trial: trial.clone() }).collect(),
        past: told
            .past
            .iter()
            .map(|one| Past { at: one.at, sentence: teller.happening(&case, one), what: one.what.clone() })
            .collect(),
        pending: told.pending.iter().map(|one| pending(one, &case, people, &teller)).collect(),
        coming: to_come.map(|coming| to_come_of(coming, people, &teller)).collect(),
        more: told.plan.cut,
        unsent: told
            .unsent
            .iter()
            .map(|unsent| NotSent { sentence: teller.unsent(&case, unsent), unsent: unsent.clone() })
            .collect(),
        referral,
        life: case.life,
    })
}

/// What people have said that they will do, as far as it holds.
pub(super) fn claims(case: &Case, settings: &Settings, teller: &Teller, now: Timestamp) -> Vec<String> {
    let claim = Standing::of(case, &settings.rules, now).map(|standing| teller.claim(&standing.claim, standing.end));
    let seen = case.seen_to.keys().filter_map(|at| Some(teller.seen_to(at, sees_to(case, at, &settings.rules, now)?)));
    claim.into_iter().chain(seen).collect()
}

fn pending(pending: &story::Pending, case: &Case, people: &People, teller: &Teller) -> Pending {
    let line = &pending.line;
    let why = teller.whom(line, people, teller.now());
    Pending {
        key: line.key.clone(),
        id: case.message_id(&line.key),
        event: line.event,
        rule: line.rule.clone(),
        call: line.call.clone(),
        waits: pending.waits.clone(),
        repeats: pending.repeats,
        sentence: with_why(teller.pending(pending), why.as_deref()),
        why,
    }
}

fn to_come_of(coming: &story::Coming, people: &People, teller: &Teller) -> Coming {
    let line = &coming.line;
    let why = teller.whom(line, people, coming.at);
    Coming {
        at: coming.at,
        destination: line.key.destination.clone(),
        event: line.event,
        step: line.key.purpose.label(),
        rule: line.rule.clone(),
        moved_from: coming.moved_from(),
        sentence: with_why(teller.coming(coming), why.as_deref()),
        why,
    }
}

fn with_why(sentence: String, why: Option<&str>) -> String {
    why.map_or(sentence.clone(), |why| format!("{sentence} It goes there {why}."))
}

/// The lines of a referral's journal in the order of time, the latest `LINES_MAX`, and whether there are earlier ones.
pub(super) fn history(store: &dyn Store, number: CaseNumber) -> Result<(Vec<(Timestamp, Line)>, bool), StoreFault> {
    let keys = store.scan_back(&layout::history_of(number), None, LINES_MAX + 1)?;
    let mut earlier = keys.len() > LINES_MAX;
    let mut lines = Vec::with_capacity(keys.len().min(LINES_MAX));
    for (key, _) in keys.iter().take(LINES_MAX).rev() {
        let Some(place) = layout::LinePlace::from_history_key(key) else { continue };
        let key = place.journal_key();
        // The line may have been pruned between the two readings.
        if let Some(value) = store.get(&key)? {
            lines.extend(read_lines(&key, &value)?.into_iter().map(|line| (place.at, line)));
        }
    }
    if lines.len() > LINES_MAX {
        earlier = true;
        lines.drain(..lines.len() - LINES_MAX);
    }
    Ok((lines, earlier))
}
