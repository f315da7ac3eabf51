//! Leads the writer through a scenario and notes every message that a channel takes. Must never look at what is expected,
//! but for the instants at which to look closer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::{Answer, Change, Entry, Scenario, clock::minute, read::LONGEST};
use crate::{
    core::{
        case::Case,
        ids::{CaseNumber, MessageId, RuleName},
        ladder::{Call, Verdict, decide},
        outbox::Health,
        reply::Reply,
    },
    service::{
        facts::{Item, Job, Orders},
        walk::{Answer as Read, Walk, WalkFault},
    },
};

/// How often it polls by itself, between the entries.
const POLLS: SignedDuration = SignedDuration::from_hours(1);
/// So long it goes on after the last thing that is written, while something is still to come.
const LINGERS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What came of a scenario.
pub(super) struct Played {
    pub heard: Vec<Heard>,
    /// For each expectation, what was known of its referrals at its time.
    pub glimpses: Vec<Vec<Glimpse>>,
}

/// A message that a channel took.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub at: Timestamp,
    pub event: String,
    pub to: String,
    pub recipients: BTreeSet<String>,
    pub referrals: BTreeSet<String>,
    /// Of a message about leadtime itself.
    pub title: Option<String>,
    /// Who asked for it, once for each referral.
    pub asked: Vec<Asked>,
    id: MessageId,
}

/// Who asked for a message.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub rule: RuleName,
    pub step: String,
    /// The instant from which hours have moved it.
    pub moved_from: Option<Timestamp>,
    pub against_hours: bool,
    /// The destination that it could not be delivered to.
    pub stands_in_for: Option<String>,
}

/// What was known of a referral at an instant.
pub(super) struct Glimpse {
    pub id: String,
    /// None: it had not been seen.
    pub case: Option<(Box<Case>, Verdict)>,
    /// Whether leadtime was down.
    pub down: bool,
    /// Whether the destination took nothing.
    pub failing: bool,
}

struct Player<'a> {
    scenario: &'a Scenario,
    walk: Walk,
    /// Each referral as it was last shown, listed or not.
    bodies: BTreeMap<String, Value>,
    channels: BTreeMap<String, Answer>,
    next_poll: Timestamp,
    unreachable: bool,
    down: bool,
    played: Played,
}

/// Plays a scenario to its end.
pub(super) fn play(scenario: &Scenario) -> Result<Played, WalkFault> {
    let start = scenario.clock.start;
    let mut player = Player {
        scenario,
        walk: Walk::new(scenario.orders.clone(), scenario.account.as_str(), start)?,
        bodies: BTreeMap::new(),
        channels: BTreeMap::new(),
        next_poll: start + POLLS,
        unreachable: false,
        down: false,
        played: Played { heard: Vec::new(), glimpses: scenario.expected.iter().map(|_| Vec::new()).collect() },
    };
    let mut in_force = &scenario.orders;
    for entry in &scenario.entries {
        player.pass(entry.at)?;
        player.begin(entry, &mut in_force)?;
    }
    player.end()?;
    player.played.heard.sort_by(|a, b| (a.at, &a.to, &a.referrals).cmp(&(b.at, &b.to, &b.referrals)));
    Ok(player.played)
}

impl<'a> Player<'a> {
    /// An entry's own poll comes before all else that is due at its instant.
    fn begin(&mut self, entry: &'a Entry, in_force: &mut &'a Orders) -> Result<(), WalkFault> {
        self.walk.now = entry.at;
        for change in &entry.changes {
            self.change(change);
        }
        self.channels.extend(entry.channels.iter().map(|(name, answer)| (name.clone(), *answer)));
        let was_down = std::mem::replace(&mut self.down, entry.down);
        self.unreachable = entry.unreachable;
        if let Some(orders) = &entry.orders {
            *in_force = orders;
        }
        if self.down {
            return Ok(());
        }
        if was_down {
            self.walk.restart_under(in_force.clone())?;
        } else if entry.orders.is_some() {
            self.walk.state.reload(in_force.clone().into(), self.walk.now)?;
        }
        self.poll()?;
        self.mute(entry)
    }

    /// What a person does by hand, who has seen what the poll brought.
    fn mute(&mut self, entry: &Entry) -> Result<(), WalkFault> {
        let (state, now) = (&mut self.walk.state, self.walk.now);
        let cases: Vec<Case> = (1..).map_while(|number| state.case(CaseNumber(number)).ok()).collect();
        let numbers = |ids: &BTreeSet<String>| {
            let meant = cases.iter().filter(|case| ids.contains(case.id().as_str()));
            meant.map(|case| case.number).collect::<Vec<_>>()
        };
        for number in numbers(&entry.muted) {
            state.mute(number, "by the scenario", None, None, now)?;
        }
        for number in numbers(&entry.unmuted) {
            state.unmute(number, now)?;
        }
        state.flush()?;
        self.settle()
    }

    /// Polls, unless nothing can be reached, and does what follows.
    fn poll(&mut self) -> Result<(), WalkFault> {
        if !self.unreachable {
            self.walk.poll()?;
        }
        self.settle()
    }

    fn settle(&mut self) -> Result<(), WalkFault> {
        self.on(|walk, judge| walk.settle(judge).map(|_| ()))?;
        self.glimpse();
        Ok(())
    }

    /// Lets time pass up to the last moment before `until`; polls on the way.
    fn pass(&mut self, until: Timestamp) -> Result<(), WalkFault> {
        let before = |at: Timestamp| at - SignedDuration::from_nanos(1);
        while self.walk.now < before(until) {
            if self.down {
                self.walk.now = before(until);
                self.glimpse();
                return Ok(());
            }
            while self.next_poll <= self.walk.now {
                self.next_poll += POLLS;
            }
            let reread = self.walk.state.next_reread(&self.walk.account).filter(|at| *at > self.walk.now);
            let poll = reread.map_or(self.next_poll, |at| at.min(self.next_poll));
            let now = minute(self.walk.now);
            let looks = self.scenario.expected.iter().map(|expected| expected.at).filter(|at| minute(*at) > now);
            let look = looks.min().filter(|look| *look < poll && *look < until);
            let stop = look.unwrap_or_else(|| before(poll.min(until)));
            self.on(|walk, judge| walk.pass(stop, None, judge))?;
            self.glimpse();
            if look.is_none() && poll < until {
                self.walk.now = poll;
                self.poll()?;
            }
        }
        Ok(())
    }

    /// Goes on after the last entry: to the scenario's own end, else until nothing is to come, or for a week after the last
    /// thing that is written and the last deadline, but not for longer than a scenario may last: a deadline can be of any
    /// year.
    fn end(&mut self) -> Result<(), WalkFault> {
        let tick = SignedDuration::from_nanos(1);
        if let Some(until) = self.scenario.until {
            return self.pass(until + tick * 2);
        }
        let expected = self.scenario.expected.iter().map(|expected| expected.at + expected.within);
        let last = expected.chain([self.walk.now]).max().unwrap_or(self.walk.now);
        let minute = SignedDuration::from_mins(1);
        self.pass(last + minute)?;
        let deadlines = self.cases().map(|case| case.deadline.at);
        let end = deadlines.chain([last]).max().unwrap_or(last).min(self.scenario.clock.start + LONGEST) + LINGERS;
        while self.walk.now < end - minute && !self.is_over() {
            self.pass(end.min(self.walk.now + SignedDuration::from_hours(24)))?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        let state = &self.walk.state;
        let is_empty = state.queues().all(|(_, queue)| queue.is_empty());
        self.down || (is_empty && state.next_look().is_none() && state.open_count(&self.walk.account) == 0)
    }

    /// Every referral that was ever seen.
    fn cases(&self) -> impl Iterator<Item = Case> {
        (1..).map_while(|number| self.walk.state.case(CaseNumber(number)).ok())
    }

    /// Looks closer at what is expected by now.
    fn glimpse(&mut self) {
        let now = minute(self.walk.now);
        for (index, expected) in self.scenario.expected.iter().enumerate() {
            let taken = self.played.glimpses.get(index).is_none_or(|taken| !taken.is_empty());
            if taken || minute(expected.at) > now || expected.referrals.is_empty() {
                continue;
            }
            let lanes = self.walk.state.queues().filter(|(lane, _)| lane.0 == expected.to);
            let failing = lanes.into_iter().any(|(_, queue)| queue.health != Health::Well);
            let glimpses = expected.referrals.iter().map(|id| {
                let case = self.cases().find(|case| case.id().as_str() == id);
                let case = case.map(|case| {
                    let verdict = decide(&case, &self.walk.state.orders().rules, self.walk.now);
                    (Box::new(case), verdict)
                });
                Glimpse { id: id.clone(), case, down: self.down, failing }
            });
            let glimpses = glimpses.collect();
            if let Some(place) = self.played.glimpses.get_mut(index) {
                *place = glimpses;
            }
        }
    }

    fn change(&mut self, change: &Change) {
        let world = &mut self.walk.world;
        match change {
            Change::Listed(written) => {
                let Some(id) = written.get("id").and_then(Value::as_str) else { return };
                let usual =
                    json!({"type": "Shared", "direction": "Incoming", "createdDateTime": self.walk.now.to_string()});
                let mut body = self.bodies.remove(id).unwrap_or(usual);
                merge(&mut body, &json!({"status": "New", "substatus": "Pending"}));
                merge(&mut body, &Value::Object(written.clone()));
                world.by_id.remove(id);
                match world.listed.iter_mut().find(|item| item["id"] == *id) {
                    Some(item) => *item = body.clone(),
                    None => world.listed.push(body.clone()),
                }
                self.bodies.insert(id.to_owned(), body);
            }
            Change::Left(written) => {
                let Some(id) = written.get("id").and_then(Value::as_str) else { return };
                let body = self.bodies.entry(id.to_owned()).or_default();
                merge(body, &Value::Object(written.clone()));
                world.listed.retain(|item| item["id"] != *id);
                world.by_id.insert(id.to_owned(), Read::Found(body.clone()));
            }
            Change::NotFound(id) => {
                world.listed.retain(|item| item["id"] != id.as_str());
                world.by_id.insert(id.clone(), Read::NotFound);
            }
        }
    }

    /// Does something with channels that answer as they do now.
    fn on(
        &mut self,
        act: impl FnOnce(&mut Walk, &mut dyn FnMut(&Job, Timestamp) -> Option<Reply>) -> Result<(), WalkFault>,
    ) -> Result<(), WalkFault> {
        let Self { walk, channels, played, .. } = self;
        act(walk, &mut |job, now| {
            let answer = answer(channels, job);
            if matches!(answer, Reply::Accepted { .. }) {
                note(&mut played.heard, job, now);
            }
            Some(answer)
        })
    }
}

/// What a channel says to a message: the answer for its address goes before that for its destination.
fn answer(channels: &BTreeMap<String, Answer>, job: &Job) -> Reply {
    let why = "as the scenario has it".to_owned();
    let of_address = job.lane.1.as_ref().and_then(|address| channels.get(address.as_ref()));
    match (of_address, channels.get(job.lane.0.as_str())) {
        (Some(Answer::Accepts), _) | (None, Some(Answer::Accepts) | None) => Reply::Accepted { detail: None },
        (Some(Answer::Fails), _) | (None, Some(Answer::Fails)) => Reply::TryLater { after: None, why },
        (Some(Answer::Refuses), _) => Reply::MessageRefused { why },
        (None, Some(Answer::Refuses)) => Reply::DestinationRefused { why },
    }
}

/// Notes a message; one mail to several people is one message.
fn note(heard: &mut Vec<Heard>, job: &Job, now: Timestamp) {
    let to = job.lane.0.to_string();
    let recipient = job.lane.1.as_ref().map(ToString::to_string);
    let same = |known: &&mut Heard| known.id == job.id && known.to == to && minute(known.at) == minute(now);
    if let (Some(known), Some(recipient)) = (heard.iter_mut().find(same), &recipient) {
        known.recipients.insert(recipient.clone());
        return;
    }
    let event = match (&job.notice, job.items.first()) {
        (Some(notice), _) => notice.kind().as_str(),
        (None, Some(item)) if !job.digest => item.line.event.as_str(),
        _ => "digest",
    };
    heard.push(Heard {
        at: now,
        event: event.to_owned(),
        to,
        recipients: recipient.into_iter().collect(),
        referrals: job.items.iter().map(|item| item.case.id().to_string()).collect(),
        title: job.title(),
        asked: job.items.iter().map(asked).collect(),
        id: job.id,
    });
}

fn asked(item: &Item) -> Asked {
    let line = &item.line;
    Asked {
        rule: line.rule.clone(),
        step: line.key.purpose.label(),
        moved_from: line.moved_from(),
        against_hours: matches!(line.call, Call::Due { against_hours: true }),
        stands_in_for: line.key.stands_in_for.as_ref().map(ToString::to_string),
    }
}

/// Lays what is written over what there is; an empty text takes a field away, as TOML knows no null.
fn merge(body: &mut Value, written: &Value) {
    match (body, written) {
        (Value::Object(body), Value::Object(written)) => merge_tables(body, written),
        (body, written) => *body = written.clone(),
    }
}

fn merge_tables(body: &mut Map<String, Value>, written: &Map<String, Value>) {
    for (name, value) in written {
        if value.as_str() == Some("") {
            body.remove(name);
        } else {
            let below = body.entry(name.clone()).or_insert_with(|| match value {
                Value::Object(_) => Value::Object(Map::new()),
                _ => Value::Null,
            });
            merge(below, value);
        }
    }
}
