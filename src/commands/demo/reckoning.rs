//! What it came to. Two accounts are held against the inbox: leadtime's own journal (what it queued and what it counts as
//! sent), and the story (what people were owed, whatever leadtime decided). What either misses is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};

use super::scene::Scene;
use crate::{
    core::{
        ids::{AccountName, CaseNumber, MessageId},
        key::Key,
        ladder,
        outbox::Row,
        referral::Referral,
    },
    demo::{
        inbox::Medium,
        plot::{Hears, Story},
    },
    service::facts::{
        journal::{DigestFate, Line},
        read_lines,
    },
    store::{SledStore, Store, StoreFault, get_json, layout, read_json},
};

/// So many lines of the journal are read at once.
const PAGE: usize = 500;
/// Within so long Microsoft wants an answer.
const PROMPT: SignedDuration = SignedDuration::from_hours(24);
/// What the demo's settings say a unit of a currency is worth in euros.
const RATES: [(&str, f64); 3] = [("EUR", 1.0), ("HUF", 0.0025), ("CZK", 0.04)];

/// What leadtime says it did: every message about a referral, and what became of it.
pub struct Ledger {
    messages: BTreeMap<(CaseNumber, Key), Message>,
    cases: BTreeMap<String, CaseNumber>,
    /// The ids of digests at set times.
    scheduled: BTreeSet<MessageId>,
}

struct Message {
    id: MessageId,
    event: ladder::Event,
    fate: Fate,
}

enum Fate {
    /// It was queued, and nothing more is written of it.
    Open,
    /// It stands in the outbox.
    Waits,
    /// A channel took it, under this id: its own or that of a digest.
    Accepted(MessageId),
    /// It was not sent, for a reason: superseded, folded, cancelled, handed to the fallback.
    Settled,
    /// It was given up.
    Dead(String),
}

impl Ledger {
    /// Reads the state that a stopped service has left.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(state: PathBuf, account: &'static str) -> anyhow::Result<Self> {
        let read = tokio::task::spawn_blocking(move || {
            let poll = Duration::from_millis(10);
            let patience = Duration::from_secs(10);
            let store = SledStore::open_waiting(&state, patience, poll, |_| std::ops::ControlFlow::Continue(()))?;
            let ledger = Self::of(&store, &AccountName::new(account))?;
            store.close()?;
            Ok::<_, StoreFault>(ledger)
        });
        Ok(read.await.context("the thread that reads the state has died")??)
    }

    fn of(store: &dyn Store, account: &AccountName) -> Result<Self, StoreFault> {
        let mut ledger = Self { messages: BTreeMap::new(), cases: BTreeMap::new(), scheduled: BTreeSet::new() };
        each(store, &layout::seen_of(account), |key, _| {
            if let Some(id) = layout::seen_referral(account, key)
                && let Some(number) = get_json::<CaseNumber>(store, key)?
            {
                ledger.cases.insert(id.as_str().to_owned(), number);
            }
            Ok(())
        })?;
        each(store, layout::JOURNAL, |key, value| {
            let case = layout::LinePlace::from_journal_key(key).and_then(|place| place.case);
            for line in read_lines(key, value)? {
                match case {
                    Some(case) => ledger.enter(case, line),
                    None => ledger.scheduled.extend(scheduled(&line)),
                }
            }
            Ok(())
        })?;
        each(store, layout::OUTBOX, |key, value| {
            let row: Row = read_json(key, value)?;
            if let (Some(case), Some(key)) = (row.case(), row.key()) {
                ledger.settle(case, key.clone(), Fate::Waits);
            }
            Ok(())
        })?;
        Ok(ledger)
    }

    fn enter(&mut self, case: CaseNumber, line: Line) {
        match line {
            Line::Queued { key, id, event, .. } => {
                self.messages.insert((case, key), Message { id, event, fate: Fate::Open });
            }
            Line::Accepted { key, id, digest, .. } => self.settle(case, key, Fate::Accepted(digest.unwrap_or(id))),
            Line::Dead { key, why } => self.settle(case, key, Fate::Dead(why)),
            Line::Superseded { key, .. }
            | Line::Folded { key, .. }
            | Line::Cancelled { key, .. }
            | Line::FellBack { key, .. } => self.settle(case, key, Fate::Settled),
            _ => {}
        }
    }

    fn settle(&mut self, case: CaseNumber, key: Key, fate: Fate) {
        // What was never queued was never to be sent.
        if let Some(message) = self.messages.get_mut(&(case, key)) {
            message.fate = fate;
        }
    }

    /// Whether a message about referrals was accepted under this id.
    fn accepted(&self, id: MessageId) -> bool {
        self.messages.values().any(|message| matches!(message.fate, Fate::Accepted(own) if own == id))
    }

    /// How many messages were accepted as members of digests.
    fn in_digests(&self) -> usize {
        self.messages.values().filter(|message| matches!(message.fate, Fate::Accepted(id) if id != message.id)).count()
    }

    /// Whether this was accepted and did arrive.
    fn heard(&self, id: &str, what: Hears, arrived: &BTreeSet<MessageId>) -> bool {
        let Some(case) = self.cases.get(id) else { return false };
        self.messages.iter().filter(|((about, _), _)| about == case).any(|((_, key), message)| {
            let fits = match what {
                Hears::OfIt => key.destination.as_str() == "sellers",
                Hears::Warning => key.destination.as_str() == "managers" && message.event == ladder::Event::Escalation,
                Hears::Answer => key.destination.as_str() == "sellers" && message.event == ladder::Event::Answered,
                Hears::Expiry => key.destination.as_str() == "managers" && message.event == ladder::Event::Expired,
            };
            fits && matches!(message.fate, Fate::Accepted(id) if arrived.contains(&id))
        })
    }
}

/// The sums.
pub struct Reckoning {
    referrals: usize,
    answered: usize,
    promptly: usize,
    expired: Vec<(String, f64)>,
    rescued: Vec<(String, f64)>,
    open: usize,
    by_medium: Vec<(Medium, u64)>,
    counted_as_sent: usize,
    /// How many of those went as members of digests.
    in_digests: usize,
    /// Digests at set times.
    scheduled: usize,
    /// Messages that are about no referral.
    of_itself: usize,
    waiting: usize,
    reads_only: bool,
    /// What is missing, each in a sentence.
    pub lost: Vec<String>,
}

/// Holds the accounts against the inbox.
pub fn reckon(story: &Story, scene: &Scene, ledger: &Ledger, end: Timestamp) -> Reckoning {
    let messages = scene.inbox.messages();
    let id = |text: &str| MessageId::parse(text.split('@').next().unwrap_or_default());
    let arrived: BTreeSet<MessageId> =
        messages.iter().filter_map(|message| id(message.message_id.as_deref()?)).collect();
    let heard_before = |referral: &str, at: Timestamp| {
        let earlier = messages.iter().filter(|message| message.at < at);
        let earlier: BTreeSet<MessageId> = earlier.filter_map(|message| id(message.message_id.as_deref()?)).collect();
        ledger.heard(referral, Hears::Warning, &earlier)
    };
    let ids: Vec<Option<MessageId>> = messages.iter().map(|message| id(message.message_id.as_deref()?)).collect();
    let is_scheduled = |id: &MessageId| ledger.scheduled.contains(id);
    let mut sums = Reckoning {
        referrals: 0,
        answered: 0,
        promptly: 0,
        expired: Vec::new(),
        rescued: Vec::new(),
        open: 0,
        by_medium: Medium::ALL
            .into_iter()
            .map(|medium| (medium, scene.inbox.counts().get(&medium).map_or(0, |count| count.taken)))
            .collect(),
        counted_as_sent: ledger.messages.values().filter(|message| matches!(message.fate, Fate::Accepted(_))).count(),
        in_digests: ledger.in_digests(),
        scheduled: ids.iter().flatten().filter(|id| is_scheduled(id)).count(),
        of_itself: ids.iter().filter(|id| !id.is_some_and(|id| ledger.accepted(id) || is_scheduled(&id))).count(),
        waiting: ledger.messages.values().filter(|message| matches!(message.fate, Fate::Waits)).count(),
        reads_only: scene.world.calls().methods.keys().all(|call| call == "GET api" || call == "POST token"),
        lost: lost(story, ledger, &arrived, end),
    };
    for sketch in story.referrals().filter(|sketch| sketch.created <= end) {
        let id = sketch.id();
        let worth = (sketch.customer.clone(), value(scene, &id));
        sums.referrals += 1;
        match story.answered_at(&id).filter(|at| *at <= end) {
            Some(at) => {
                sums.answered += 1;
                sums.promptly += usize::from(at.duration_since(sketch.created) <= PROMPT);
                if heard_before(&id, at) {
                    sums.rescued.push(worth);
                }
            }
            None if sketch.expires() <= end => sums.expired.push(worth),
            None => sums.open += 1,
        }
    }
    sums
}

fn lost(story: &Story, ledger: &Ledger, arrived: &BTreeSet<MessageId>, end: Timestamp) -> Vec<String> {
    let mut lost = Vec::new();
    for ((case, key), message) in &ledger.messages {
        let what = format!("{} for {} (referral {})", key.purpose, key.destination, case.0);
        match &message.fate {
            Fate::Accepted(id) if !arrived.contains(id) => {
                lost.push(format!("{what} counts as sent and never arrived"))
            }
            Fate::Open => lost.push(format!("{what} was queued and is nowhere")),
            Fate::Dead(why) => lost.push(format!("{what} was given up: {why}")),
            _ => {}
        }
    }
    for owed in story.owed(end) {
        if !ledger.heard(&owed.id, owed.what, arrived) {
            let what = match owed.what {
                Hears::OfIt => "the sellers never heard of it",
                Hears::Warning => "the managers never heard that it was about to expire",
                Hears::Answer => "the sellers never heard that it was answered",
                Hears::Expiry => "the managers never heard that it expired",
            };
            lost.push(format!("{}: {what}", owed.customer));
        }
    }
    lost
}

/// The id of a digest at a set time that was put into the outbox.
fn scheduled(line: &Line) -> Option<MessageId> {
    match line {
        Line::Digest { fate: DigestFate::Queued { id }, .. } => Some(*id),
        _ => None,
    }
}

/// The deal's value in euros, as Partner Center has it now.
fn value(scene: &Scene, id: &str) -> f64 {
    let referral = scene.world.body(id).and_then(|body| Referral::read(body).ok());
    let worth = referral.and_then(|referral| {
        let (_, rate) = RATES.into_iter().find(|(currency, _)| Some(*currency) == referral.currency())?;
        Some(referral.deal_value()? * rate)
    });
    worth.unwrap_or_default()
}

impl Reckoning {
    /// The sums as lines for the terminal.
    pub fn lines(&self, repeated: usize) -> Vec<String> {
        let row = |name: &str, number: usize, words: String| format!("  {name:<24}{number:>4}   {words}");
        let share = (self.promptly * 100).checked_div(self.referrals).unwrap_or_default();
        let (total, by_medium) = self.messages();
        let mut lines = vec![
            row(
                "Referrals",
                self.referrals,
                format!("{} answered, {} expired, {} open at the end", self.answered, self.expired.len(), self.open),
            ),
            row("Answered within 24 h", self.promptly, format!("of {} ({share} %)", self.referrals)),
            row("Rescued by escalation", self.rescued.len(), named(&self.rescued)),
            row("Expired", self.expired.len(), named(&self.expired)),
            row("Messages", total, by_medium),
            row(
                "  digests at set times",
                self.scheduled,
                "what the week brings, and what the last one brought".to_owned(),
            ),
            row("  about leadtime itself", self.of_itself, "its troubles and their ends".to_owned()),
            row("Lost", self.lost.len(), self.held_against()),
            row("Repeated", repeated, "under the same id, marked as a possible repeat".to_owned()),
        ];
        if self.waiting > 0 {
            lines.push(row("Waiting", self.waiting, "in the outbox, for their hour".to_owned()));
        }
        if !self.reads_only {
            lines.push("  Something was written to Partner Center, which must never be.".to_owned());
        }
        lines.extend(self.lost.iter().map(|what| format!("  lost: {what}")));
        lines
    }

    fn messages(&self) -> (usize, String) {
        let total: u64 = self.by_medium.iter().map(|(_, count)| count).sum();
        let words: Vec<String> = self.by_medium.iter().map(|(medium, count)| format!("{medium} {count}")).collect();
        (usize::try_from(total).unwrap_or(usize::MAX), words.join(", "))
    }

    fn held_against(&self) -> String {
        if self.lost.is_empty() {
            let digests = match self.in_digests {
                0 => String::new(),
                some => format!(" ({some} in digests)"),
            };
            let sent = self.counted_as_sent;
            format!("all {sent} sent about referrals{digests} arrived, and all that was owed")
        } else {
            "see below".to_owned()
        }
    }
}

fn named(referrals: &[(String, f64)]) -> String {
    if referrals.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = referrals.iter().map(|(customer, _)| customer.as_str()).collect();
    format!("{}: {}", euros(referrals.iter().map(|(_, value)| value).sum()), names.join(", "))
}

/// Whole euros, in groups of three digits.
fn euros(value: f64) -> String {
    let digits = format!("{:.0}", value.max(0.0));
    let grouped: String = digits
        .char_indices()
        .flat_map(|(at, digit)| {
            let comma = at > 0 && (digits.len() - at).is_multiple_of(3);
            comma.then_some(',').into_iter().chain([digit])
        })
        .collect();
    format!("€{grouped}")
}

fn each(
    store: &dyn Store,
    prefix: &[u8],
    mut with: impl FnMut(&[u8], &[u8]) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let mut from = None;
    loop {
        let page = store.scan(prefix, from.as_deref(), PAGE)?;
        for (key, value) in &page {
            with(key, value)?;
        }
        match page.last() {
            Some((last, _)) if page.len() == PAGE => from = Some(layout::after(last)),
            _ => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn euros_stand_in_groups_of_three() {
        assert_eq!([0.0, 999.4, 42_500.0, 1_162_500.0].map(euros), ["€0", "€999", "€42,500", "€1,162,500"]);
    }

    fn id(text: &str) -> MessageId {
        MessageId::of_key(text)
    }

    fn ledger(lines: Vec<Line>) -> Ledger {
        let mut ledger = Ledger { messages: BTreeMap::new(), cases: BTreeMap::new(), scheduled: BTreeSet::new() };
        lines.into_iter().for_each(|line| ledger.enter(CaseNumber(1), line));
        ledger
    }

    fn queued(key: &Key) -> Line {
        Line::Queued {
            key: key.clone(),
            id: id("m"),
            event: ladder::Event::New,
            rule: "default".into(),
            moved_from: None,
        }
    }

    fn accepted(key: &Key, digest: Option<MessageId>) -> Line {
        Line::Accepted { key: key.clone(), id: id("m"), attempts: 1, digest, detail: None, maybe: false }
    }

    /// What is lost of one message, with nothing owed: the story has not begun.
    fn missing(lines: Vec<Line>, arrived: &[MessageId]) -> usize {
        let arrived = arrived.iter().copied().collect();
        lost(&crate::demo::plot::story(), &ledger(lines), &arrived, Timestamp::UNIX_EPOCH).len()
    }

    #[test]
    fn a_message_that_counts_as_sent_is_lost_unless_it_arrived() {
        let key = Key::new("sellers".into(), crate::core::key::Purpose::New);
        assert_eq!(missing(vec![queued(&key), accepted(&key, None)], &[id("m")]), 0);
        assert_eq!(missing(vec![queued(&key), accepted(&key, None)], &[id("another")]), 1);
    }

    #[test]
    fn a_member_of_a_digest_arrives_with_the_digest() {
        let key = Key::new("sellers".into(), crate::core::key::Purpose::New);
        assert_eq!(missing(vec![queued(&key), accepted(&key, Some(id("digest")))], &[id("digest")]), 0);
        assert_eq!(missing(vec![queued(&key), accepted(&key, Some(id("digest")))], &[id("m")]), 1);
    }

    #[test]
    fn the_members_of_digests_are_counted_and_a_notice_is_about_no_referral() {
        let key = Key::new("sellers".into(), crate::core::key::Purpose::New);
        let alone = ledger(vec![queued(&key), accepted(&key, None)]);
        assert_eq!((alone.in_digests(), alone.accepted(id("m")), alone.accepted(id("notice"))), (0, true, false));
        let digest = ledger(vec![queued(&key), accepted(&key, Some(id("digest")))]);
        assert_eq!((digest.in_digests(), digest.accepted(id("digest"))), (1, true));
    }

    #[test]
    fn a_message_of_which_nothing_more_is_written_is_lost() {
        let key = Key::new("sellers".into(), crate::core::key::Purpose::New);
        assert_eq!(missing(vec![queued(&key)], &[]), 1);
    }

    #[test]
    fn what_people_are_owed_is_lost_if_leadtime_never_thought_of_it() {
        let story = crate::demo::plot::story();
        let end = crate::demo::plot::stage().start + SignedDuration::from_hours(24 * 14);
        assert_eq!(lost(&story, &ledger(Vec::new()), &BTreeSet::new(), end).len(), story.owed(end).len());
    }
}
