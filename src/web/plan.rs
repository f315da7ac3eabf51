//! What `leadtime plan` and `/api/v1/plan` tell: what waits in the outbox, and every message still to come. Made in two
//! steps as `status` is: `sketch` asks the writer for what it has at hand, `finish` reads cases and walks them beside it.

use std::collections::{BTreeMap, BinaryHeap};

use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};

use super::{explain::claims, find::About};
use crate::{
    core::{
        case::Case,
        ids::{AccountName, CaseNumber, DestinationName, ReferralId, RuleName},
        ladder::{Event, decide},
        outbox::{About as Subject, Class, Row},
        story::{self, Bounds, Coming, Waiting},
    },
    messages::sentences::Teller,
    service::facts::{NextDigest, Orders, State, class, read_case},
    settings::Settings,
    store::{Store, StoreFault},
};

/// So many messages are told, the next ones.
pub const MESSAGES_MAX: usize = 200;
/// So many where all of them are asked for.
pub const ALL_MAX: usize = 20_000;
/// So many messages about one referral.
const OF_ONE_MAX: usize = 200;
/// So many cases are read, at most.
const READS_MAX: usize = 5_000;
/// So many where all are asked for.
const ALL_READS_MAX: usize = 200_000;
/// So many messages of the outbox are shown, the most urgent ones.
const WAITING_MAX: usize = 50;

/// All of it. Instants are in UTC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Plan {
    /// As of when.
    pub now: Timestamp,
    /// Whether a service answered; else this was read from the store, or from a file.
    pub running: bool,
    /// `time_zone` of the settings, in which people read times.
    pub time_zone: String,
    /// The one referral that was asked about.
    pub referral: Option<About>,
    /// What is to be known beside: how that referral stands, and whether anything goes out at all.
    pub notes: Vec<String>,
    /// What waits in the outbox now, the most urgent first; `WAITING_MAX` at most.
    pub waiting: Vec<Waits>,
    /// How many wait.
    pub waiting_total: usize,
    /// Messages to come, in the order of time.
    pub messages: Vec<Message>,
    /// Whether there are more than these.
    pub more: bool,
    /// Messages that fall on one instant and may go as one digest.
    pub together: Vec<Together>,
    /// The next of each digest at a set time, at each of its destinations; none where one referral was asked about.
    #[serde(default)]
    pub digests: Vec<NextDigest>,
}

/// A message in the outbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Waits {
    /// Where it goes.
    pub destination: DestinationName,
    /// What it is: `reminder`, `trouble`.
    pub event: String,
    /// The referral it is about, where it is about one.
    pub referral: Option<ReferralId>,
    /// That referral's customer.
    pub customer: Option<String>,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// Why it has not gone out.
    pub why: Waiting,
    /// The same in words.
    pub sentence: String,
}

/// A message to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    /// When, after hours have moved it.
    pub at: Timestamp,
    /// The referral it is about.
    pub referral: ReferralId,
    /// That referral's account.
    pub account: AccountName,
    /// That referral's customer.
    pub customer: Option<String>,
    /// The last day on which people can answer.
    pub answer_by: civil::Date,
    /// Where it goes.
    pub destination: DestinationName,
    /// What it will be.
    pub event: Event,
    /// The step, as the settings write it, a repeat with its offset: `before_expiry 3d + 12h`.
    pub step: String,
    /// The rule that asks for it.
    pub rule: RuleName,
    /// When it would come without hours, where they move it.
    pub moved_from: Option<Timestamp>,
    /// Whether it goes out although hours are closed, because waiting would leave too little time.
    pub against_hours: bool,
    /// Whether it comes only if Partner Center still shows the referral as open then.
    pub if_still_open: bool,
    /// Why it goes there, where people decide that.
    pub why: Option<String>,
    /// The last two, and what has moved it, in words, where there is something to say.
    pub note: Option<String>,
    #[serde(skip)]
    class: Option<Class>,
}

/// Messages that fall on one instant at one destination, more than its `digest_above`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Together {
    /// When.
    pub at: Timestamp,
    /// Where they go.
    pub destination: DestinationName,
    /// How many.
    pub count: usize,
    /// The destination's limit for their kind.
    pub digest_above: u32,
}

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// This account alone.
    pub account: Option<AccountName>,
    /// All messages, as far as `ALL_MAX` goes.
    pub all: bool,
}

/// What the writer has at hand.
pub struct Sketch {
    now: Timestamp,
    looks: Vec<(Timestamp, CaseNumber)>,
    waiting: Vec<(Row, Waiting)>,
    waiting_total: usize,
    /// Whether anything new is decided: not while the clock is doubted.
    deciding: bool,
    digests: Vec<NextDigest>,
}

/// The first step, in the writer.
pub fn sketch(state: &State, wanted: &Wanted, now: Timestamp) -> Sketch {
    let (waiting, waiting_total) = waiting(state, now, |_| true);
    Sketch {
        now,
        looks: state.upcoming(wanted.account.as_ref()),
        waiting,
        waiting_total,
        deciding: state.is_deciding(),
        digests: state.next_digests(now),
    }
}

/// The first step for one referral, in the writer.
///
/// # Errors
/// The store's.
pub fn sketch_of(state: &State, number: CaseNumber, now: Timestamp) -> Result<(Sketch, Case), StoreFault> {
    let (waiting, waiting_total) = waiting(state, now, |row| row.case() == Some(number));
    let deciding = state.is_deciding();
    let sketch = Sketch { now, looks: Vec::new(), waiting, waiting_total, deciding, digests: Vec::new() };
    Ok((sketch, state.case(number)?))
}

/// The most urgent of the rows that are wanted, and how many there are.
fn waiting(state: &State, now: Timestamp, wanted: impl Fn(&Row) -> bool) -> (Vec<(Row, Waiting)>, usize) {
    let rows = state.queues().flat_map(|(_, queue)| queue.rows().map(move |row| (queue, row)));
    let mut rows: Vec<_> = rows.filter(|(_, row)| wanted(row)).collect();
    let total = rows.len();
    let urgency = |row: &Row| (row.class != Class::Escalation, row.deadline, row.number);
    if total > WAITING_MAX {
        rows.select_nth_unstable_by_key(WAITING_MAX, |(_, row)| urgency(row));
        rows.truncate(WAITING_MAX);
    }
    rows.sort_unstable_by_key(|(_, row)| urgency(row));
    (rows.into_iter().map(|(queue, row)| (row.clone(), story::waiting(queue, row, now))).collect(), total)
}

/// The second step, beside the writer.
///
/// # Errors
/// The store's. A damaged case is passed over.
pub fn finish(
    sketch: Sketch,
    store: &dyn Store,
    settings: &Settings,
    orders: &Orders,
    wanted: &Wanted,
    running: bool,
) -> Result<Plan, StoreFault> {
    let (limit, reads) = if wanted.all { (ALL_MAX, ALL_READS_MAX) } else { (MESSAGES_MAX, READS_MAX) };
    let mut plan = begun(&sketch, store, settings, running);
    // The instants of the earliest messages found so far, the latest of them on top.
    let mut earliest: BinaryHeap<Timestamp> = BinaryHeap::new();
    let teller = Teller::new(settings.time_zone.clone(), sketch.now);
    for (index, (look, number)) in sketch.looks.iter().enumerate() {
        let until = earliest.peek().copied().filter(|_| earliest.len() >= limit);
        // A case has nothing to say before it is looked at again.
        let read_enough = index >= reads && *look > Timestamp::MIN;
        if read_enough || until.is_some_and(|until| until <= *look) {
            plan.more = true;
            break;
        }
        let mut case = match read_case(store, *number) {
            Ok(case) => case,
            Err(StoreFault::Damaged { .. }) => continue,
            Err(fault) => return Err(fault),
        };
        if wanted.account.as_ref().is_some_and(|account| *account != case.account) {
            continue;
        }
        case.as_of = case.known_open_as_of(None);
        let bounds = Bounds { until: until.unwrap_or(Timestamp::MAX), messages: OF_ONE_MAX };
        let walked = story::plan(&case, &settings.rules, sketch.now, bounds);
        plan.more |= walked.cut;
        for coming in walked.coming.iter().filter(|coming| !coming.waits) {
            earliest.push(coming.at);
            plan.messages.push(message(&case, coming, settings, &teller));
            if earliest.len() > limit {
                earliest.pop();
            }
        }
        if plan.messages.len() > 2 * limit {
            keep_earliest(&mut plan, limit);
        }
    }
    keep_earliest(&mut plan, limit);
    plan.together = together(&plan.messages, orders);
    Ok(plan)
}

/// The second step for one referral.
pub fn finish_of((sketch, case): (Sketch, Case), store: &dyn Store, settings: &Settings, running: bool) -> Plan {
    let plan = begun(&sketch, store, settings, running);
    of_case(plan, &case, settings)
}

/// The plan of a referral that is in no store.
pub fn of_stranger(case: &Case, settings: &Settings, now: Timestamp) -> Plan {
    let plan = Plan {
        now,
        running: false,
        time_zone: zone(settings),
        referral: None,
        notes: Vec::new(),
        waiting: Vec::new(),
        waiting_total: 0,
        messages: Vec::new(),
        more: false,
        together: Vec::new(),
        digests: Vec::new(),
    };
    of_case(plan, case, settings)
}

fn of_case(mut plan: Plan, case: &Case, settings: &Settings) -> Plan {
    let teller = Teller::new(settings.time_zone.clone(), plan.now);
    let bounds = Bounds { until: Timestamp::MAX, messages: OF_ONE_MAX };
    let walked = story::plan(case, &settings.rules, plan.now, bounds);
    plan.more = walked.cut;
    let to_come = walked.coming.iter().filter(|coming| !coming.waits);
    plan.messages = to_come.map(|coming| message(case, coming, settings, &teller)).collect();
    let about = About::of(case, settings, plan.now);
    plan.notes.push(teller.deadline(case, about.answer_by));
    plan.notes.extend(claims(case, settings, &teller, plan.now));
    if !case.is_open() {
        plan.notes.push(teller.life(&case.life));
    } else if let Some(silence) = walked.silence {
        plan.notes.push(teller.silence(silence, case.muted.as_ref()));
    }
    plan.referral = Some(about);
    plan
}

fn begun(sketch: &Sketch, store: &dyn Store, settings: &Settings, running: bool) -> Plan {
    let teller = Teller::new(settings.time_zone.clone(), sketch.now);
    let notes = [(!running).then(|| teller.nothing_runs()), (!sketch.deciding).then(|| teller.nothing_is_decided())];
    Plan {
        now: sketch.now,
        running,
        time_zone: zone(settings),
        referral: None,
        notes: notes.into_iter().flatten().collect(),
        waiting: sketch
            .waiting
            .iter()
            .map(|(row, why)| match running {
                true => waits(row, why.clone(), store, settings, &teller, sketch.now),
                false => waits(row, why.clone().with_nobody_running(), store, settings, &teller, sketch.now),
            })
            .collect(),
        waiting_total: sketch.waiting_total,
        messages: Vec::new(),
        more: false,
        together: Vec::new(),
        digests: sketch.digests.clone(),
    }
}

/// The name of the zone in which people read times.
pub(super) fn zone(settings: &Settings) -> String {
    settings.time_zone.iana_name().unwrap_or("UTC").to_owned()
}

fn waits(row: &Row, why: Waiting, store: &dyn Store, settings: &Settings, teller: &Teller, now: Timestamp) -> Waits {
    // A case that cannot be read leaves its message without a name; the message is shown all the same.
    let case = row.case().and_then(|number| read_case(store, number).ok());
    let why = match case.as_ref().filter(|case| case.claim.is_some()) {
        Some(case) => {
            let lines = decide(case, &settings.rules, now).lines;
            let line = lines.into_iter().find(|line| Some(&line.key) == row.key());
            line.map_or_else(|| why.clone(), |line| why.clone().by(&line.call))
        }
        None => why,
    };
    let event = match &row.about {
        Subject::Referral { event, .. } => event.as_str(),
        Subject::Notice(notice) => notice.kind().as_str(),
        Subject::Scheduled(_) => "digest",
    };
    Waits {
        destination: row.destination.clone(),
        event: event.to_owned(),
        referral: case.as_ref().map(|case| case.id().clone()),
        customer: case.as_ref().and_then(|case| case.referral.customer().map(str::to_owned)),
        queued_at: row.queued_at,
        sentence: teller.waiting(&why, &row.destination),
        why,
    }
}

fn message(case: &Case, coming: &Coming, settings: &Settings, teller: &Teller) -> Message {
    let line = &coming.line;
    Message {
        at: coming.at,
        referral: case.id().clone(),
        account: case.account.clone(),
        customer: case.referral.customer().map(str::to_owned),
        answer_by: settings.rules.default_hours.answer_by(case.deadline.at),
        destination: line.key.destination.clone(),
        event: line.event,
        step: line.key.purpose.label(),
        rule: line.rule.clone(),
        moved_from: coming.moved_from(),
        against_hours: coming.against_hours(),
        if_still_open: coming.if_still_open(),
        why: teller.whom(line, &settings.rules.people, coming.at),
        note: teller.notes(coming),
        class: Some(class(line)),
    }
}

fn keep_earliest(plan: &mut Plan, limit: usize) {
    plan.messages.sort_by(|a, b| (a.at, &a.destination, &a.referral).cmp(&(b.at, &b.destination, &b.referral)));
    plan.more |= plan.messages.len() > limit;
    plan.messages.truncate(limit);
}

/// Digests are formed when a destination's turn comes, of what is ready then: here it is only said where they may be.
fn together(messages: &[Message], orders: &Orders) -> Vec<Together> {
    let mut counts: BTreeMap<(Timestamp, &DestinationName, Class), usize> = BTreeMap::new();
    for message in messages {
        if let Some(class) = message.class {
            *counts.entry((message.at, &message.destination, class)).or_default() += 1;
        }
    }
    let above = |(at, destination, class): (Timestamp, &DestinationName, Class), count: usize| {
        let terms = orders.lanes.get(destination)?.terms.digest_above;
        let digest_above = match class {
            Class::Escalation => terms.escalations,
            Class::Reminder => terms.reminders,
            Class::Rest => terms.rest,
        }?;
        let many = count > usize::try_from(digest_above).ok()? && count > 1;
        many.then(|| Together { at, destination: destination.clone(), count, digest_above })
    };
    counts.into_iter().filter_map(|(key, count)| above(key, count)).collect()
}
