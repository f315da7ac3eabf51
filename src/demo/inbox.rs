//! What the sinks have received, newest last, with the simulated time of each arrival, and what happened meanwhile in
//! the story. Bounded: the oldest make room. Must never judge or change a message.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Arc, Mutex},
};

use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use tokio::sync::broadcast;

use super::{Now, lock};

/// How many messages are kept.
const KEPT: usize = 2_000;

/// How many bytes of messages are kept.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// How many lines of the story are kept.
const LINES_KEPT: usize = 200;

/// A handle on the inbox; clones are the same one.
#[derive(Clone)]
pub struct Inbox(Arc<Inner>);

struct Inner {
    now: Now,
    stage: Stage,
    arrivals: broadcast::Sender<Arc<Received>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    messages: VecDeque<Arc<Received>>,
    bytes: usize,
    lines: VecDeque<Line>,
    counts: BTreeMap<Medium, Count>,
    ended: bool,
}

/// The frame in which arrivals are shown.
#[derive(Clone, Debug)]
pub struct Stage {
    /// When day 1 begins.
    pub start: Timestamp,
    /// How many days there are.
    pub days: u32,
    /// The zone in which times are shown.
    pub zone: TimeZone,
}

/// A kind of sink.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Medium {
    /// Slack's incoming webhooks.
    Slack,
    /// Microsoft Teams workflows.
    Teams,
    /// E-mail.
    Email,
    /// Any other webhook.
    Webhook,
}

/// One message, as it arrived.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Received {
    /// Its number, in the order of arrival from 1.
    pub number: u64,
    /// The simulated time.
    pub at: Timestamp,
    /// The kind of sink.
    pub medium: Medium,
    /// The name in the sink's path; of a mail its recipients.
    pub sink: String,
    /// `webhook-id`, `x-leadtime-message`, an id inside the card, or Message-ID; none where the message holds none.
    pub message_id: Option<String>,
    /// Whether the sink had it already: it knows another one of that id.
    pub again: bool,
    /// Slack's `text`, Teams' `summary`, a mail's subject, a webhook's `type`.
    pub first_line: String,
    /// All of it.
    pub body: String,
}

/// A message that has just been taken in by a sink.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Arrival {
    /// The kind of sink.
    pub medium: Medium,
    /// The name in the sink's path; of a mail its recipients.
    pub sink: String,
    /// What the sender calls the message.
    pub message_id: Option<String>,
    /// What a reader sees first.
    pub first_line: String,
    /// All of it.
    pub body: String,
}

/// Something that happened in the story.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Line {
    /// The simulated time.
    pub at: Timestamp,
    /// What happened, for people.
    pub text: String,
}

/// What one kind of sink has seen since the start.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Count {
    /// Messages taken.
    pub taken: u64,
    /// Messages refused, as a switch of the sink or the message itself had it.
    pub refused: u64,
}

impl Inbox {
    /// An empty one.
    pub fn new(now: Now, stage: Stage) -> Self {
        let (arrivals, _) = broadcast::channel(KEPT);
        Self(Arc::new(Inner { now, stage, arrivals, state: Mutex::default() }))
    }

    /// The simulated time.
    pub fn now(&self) -> Timestamp {
        (self.0.now)()
    }

    /// The frame in which arrivals are shown.
    pub fn stage(&self) -> &Stage {
        &self.0.stage
    }

    /// Takes a message in, and tells who listens.
    pub fn take(&self, arrival: Arrival) {
        let at = self.now();
        let Arrival { medium, sink, message_id, first_line, body } = arrival;
        let mut state = lock(&self.0.state);
        state.counts.entry(medium).or_default().taken += 1;
        let number = state.counts.values().map(|count| count.taken).sum();
        let again = message_id.is_some()
            && state.messages.iter().any(|known| known.message_id == message_id && known.sink == sink);
        let received = Arc::new(Received { number, at, medium, sink, message_id, again, first_line, body });
        state.bytes += received.body.len();
        state.messages.push_back(received.clone());
        while state.messages.len() > KEPT || (state.bytes > KEPT_BYTES && state.messages.len() > 1) {
            let gone = state.messages.pop_front().map_or(0, |gone| gone.body.len());
            state.bytes -= gone;
        }
        // Nobody listens is no fault.
        self.0.arrivals.send(received).ok();
    }

    /// Counts a message that a sink has refused.
    pub fn refuse(&self, medium: Medium) {
        lock(&self.0.state).counts.entry(medium).or_default().refused += 1;
    }

    /// Writes a line of the story.
    pub fn tell(&self, text: impl Into<String>) {
        let line = Line { at: self.now(), text: text.into() };
        let mut state = lock(&self.0.state);
        if state.lines.len() >= LINES_KEPT {
            state.lines.pop_front();
        }
        state.lines.push_back(line);
    }

    /// Says that nothing more will come: the page no longer refreshes itself.
    pub fn end(&self) {
        lock(&self.0.state).ended = true;
    }

    /// Whether nothing more will come.
    pub fn has_ended(&self) -> bool {
        lock(&self.0.state).ended
    }

    /// The messages that are kept, newest first.
    pub fn messages(&self) -> Vec<Arc<Received>> {
        lock(&self.0.state).messages.iter().rev().cloned().collect()
    }

    /// One message that is still kept.
    pub fn message(&self, number: u64) -> Option<Arc<Received>> {
        lock(&self.0.state).messages.iter().find(|message| message.number == number).cloned()
    }

    /// The lines of the story that are kept, newest first.
    pub fn lines(&self) -> Vec<Line> {
        lock(&self.0.state).lines.iter().rev().cloned().collect()
    }

    /// What each kind of sink has seen since the start, also of what is no longer kept.
    pub fn counts(&self) -> BTreeMap<Medium, Count> {
        lock(&self.0.state).counts.clone()
    }

    /// Each message from now on, as it arrives. Who reads slower than 2,000 messages loses the oldest.
    pub fn arrivals(&self) -> broadcast::Receiver<Arc<Received>> {
        self.0.arrivals.subscribe()
    }
}

impl Received {
    /// The customer that a webhook's document is about: its `type` alone says little.
    pub fn customer(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_str(&self.body).ok()?;
        Some(body.pointer("/data/referral/customerProfile/name")?.as_str()?.to_owned())
    }
}

impl Stage {
    /// The day of an instant by the calendar of the zone, from 1; what lies outside counts to the nearest day.
    pub fn day(&self, at: Timestamp) -> u32 {
        let date = |at: Timestamp| at.to_zoned(self.zone.clone()).date();
        let passed = date(at).duration_since(date(self.start)).as_hours() / 24;
        u32::try_from(passed.saturating_add(1)).unwrap_or(1).clamp(1, self.days.max(1))
    }
}

impl Medium {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Slack, Self::Teams, Self::Email, Self::Webhook];

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slack => "Slack",
            Self::Teams => "Teams",
            Self::Email => "Mail",
            Self::Webhook => "Webhook",
        }
    }

    /// Its name in paths and JSON.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox() -> Inbox {
        let start: Timestamp = "2026-11-02T07:00:00Z".parse().unwrap();
        Inbox::new(Arc::new(move || start), Stage { start, days: 14, zone: TimeZone::UTC })
    }

    fn arrival(n: usize, body: String) -> Arrival {
        Arrival { medium: Medium::Slack, sink: "sellers".to_owned(), message_id: None, first_line: n.to_string(), body }
    }

    #[test]
    fn the_oldest_make_room_and_are_still_counted() {
        let inbox = inbox();
        for n in 0..KEPT + 5 {
            inbox.take(arrival(n, String::new()));
        }
        let kept = inbox.messages();
        assert_eq!((kept.len(), &*kept[0].first_line, &*kept[KEPT - 1].first_line), (KEPT, "2004", "5"));
        assert_eq!(inbox.counts()[&Medium::Slack].taken, 2_005);
    }

    #[test]
    fn large_messages_make_room_too() {
        let inbox = inbox();
        for n in 0..9 {
            inbox.take(arrival(n, "x".repeat(KEPT_BYTES / 8)));
        }
        assert_eq!(inbox.messages().len(), 8);
    }

    #[test]
    fn whoever_listens_hears_of_each_arrival() {
        let inbox = inbox();
        let mut arrivals = inbox.arrivals();
        inbox.take(arrival(1, "{}".to_owned()));
        assert_eq!(arrivals.try_recv().unwrap().first_line, "1");
    }

    #[test]
    fn a_message_that_a_sink_has_already_is_known_by_its_id() {
        let inbox = inbox();
        let with = |id: Option<&str>, sink: &str| Arrival {
            message_id: id.map(str::to_owned),
            sink: sink.to_owned(),
            ..arrival(1, String::new())
        };
        for (id, sink) in [(Some("a"), "x"), (None, "x"), (None, "x"), (Some("a"), "y"), (Some("a"), "x")] {
            inbox.take(with(id, sink));
        }
        let again: Vec<bool> = inbox.messages().iter().rev().map(|message| message.again).collect();
        assert_eq!(again, [false, false, false, false, true]);
    }

    #[test]
    fn days_are_counted_from_one_to_the_last() {
        let stage = Stage { start: "2026-11-02T07:00:00Z".parse().unwrap(), days: 14, zone: TimeZone::UTC };
        let day = |text: &str| stage.day(text.parse().unwrap());
        assert_eq!(day("2026-11-01T00:00:00Z"), 1);
        assert_eq!(day("2026-11-02T23:59:59Z"), 1);
        assert_eq!(day("2026-11-03T00:00:00Z"), 2);
        assert_eq!(day("2026-12-24T00:00:00Z"), 14);
    }
}
