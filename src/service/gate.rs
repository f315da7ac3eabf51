//! When messages may go: not before every account was polled once, and not in the middle of a poll, so that a backlog
//! becomes one digest. Each wait has its limit. A clock that jumps closes it at once, before anything is decided by it.

use std::{
    collections::BTreeSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{
    clock::jump,
    latest::{Latest, Reading},
};
use crate::core::ids::AccountName;

/// Messages wait for the first poll of every account so long, at most.
pub const FIRST_POLLS_MAX: Duration = Duration::from_secs(60);
/// After a jump of the clock they wait so long for an answer: the network of a machine that wakes may be late, and who
/// decides by a wrong clock tells people of days that are not there.
pub const ANSWERS_MAX: Duration = Duration::from_secs(900);
/// Messages of a poll wait for its end so long, at most.
pub const POLL_MAX: SignedDuration = SignedDuration::from_secs(10);

/// Knows which accounts are being polled, and which were not yet since the start or a jump of the clock.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<Inside>,
    changed: Latest<u64>,
}

#[derive(Debug, Default)]
struct Inside {
    accounts: BTreeSet<AccountName>,
    awaited: BTreeSet<AccountName>,
    polling: BTreeSet<AccountName>,
    /// Since when some account is being polled, without a break.
    busy_since: Option<Timestamp>,
    /// How many times it was closed: a wait for first polls ends no later one.
    closings: u64,
    /// The two clocks when they were last compared; none where the clock is made up.
    clocks: Option<(Instant, Timestamp)>,
    /// By how much the clock has jumped, until somebody asks.
    jumped: Option<SignedDuration>,
    /// Whether a poll that got no answer leaves its account awaited: only an answer shows that the clock is right.
    wants_answers: bool,
}

impl Inside {
    fn had(&mut self, account: &AccountName) {
        self.awaited.remove(account);
        self.wants_answers &= !self.awaited.is_empty();
    }

    fn compare_clocks(&mut self, now: Timestamp) {
        let Some(before) = self.clocks else { return };
        let present = (Instant::now(), now);
        self.clocks = Some(present);
        if let Some(by) = jump(before, present) {
            self.awaited = self.accounts.clone();
            self.closings += 1;
            self.jumped = Some(by);
            self.wants_answers = true;
        }
    }
}

impl Gate {
    /// A gate that waits for these accounts' first polls.
    pub fn new(accounts: impl IntoIterator<Item = AccountName>) -> Self {
        let gate = Self { state: Mutex::default(), changed: Latest::new(0) };
        gate.closes_for(accounts);
        gate
    }

    /// From now on a jump of the clock closes it.
    pub fn minds_jumps(&self, now: Timestamp) {
        self.inside().clocks = Some((Instant::now(), now));
    }

    /// A poll begins.
    pub fn begins(&self, account: &AccountName, now: Timestamp) {
        let mut inside = self.inside();
        if inside.polling.is_empty() {
            inside.busy_since = Some(now);
        }
        inside.polling.insert(account.clone());
    }

    /// A poll has ended, whole or not.
    pub fn ends(&self, account: &AccountName) {
        self.inside().had(account);
        self.breaks_off(account);
    }

    /// A poll has ended, and nobody has answered: after a jump of the clock another one is awaited.
    pub fn ends_without_answer(&self, account: &AccountName) {
        let mut inside = self.inside();
        if !inside.wants_answers {
            inside.had(account);
        }
        drop(inside);
        self.breaks_off(account);
    }

    /// A poll was broken off by a stop: nothing was learnt, and nobody waits for its end.
    pub fn breaks_off(&self, account: &AccountName) {
        self.inside().polling.remove(account);
        self.changed.turns();
    }

    /// Everything is as on a start: the clock has jumped, or other accounts are watched. Returns which closing it is.
    pub fn closes_for(&self, accounts: impl IntoIterator<Item = AccountName>) -> u64 {
        let mut inside = self.inside();
        inside.accounts = accounts.into_iter().collect();
        inside.awaited = inside.accounts.clone();
        inside.closings += 1;
        inside.closings
    }

    /// The wait for first polls that began with this closing is over, whoever has not answered; says who.
    pub fn opens(&self, closing: u64) -> BTreeSet<AccountName> {
        let mut inside = self.inside();
        let mut silent = BTreeSet::new();
        if inside.closings == closing {
            silent = std::mem::take(&mut inside.awaited);
            inside.wants_answers = false;
        }
        drop(inside);
        self.changed.turns();
        silent
    }

    /// By how much the clock has jumped since this was last asked, where it has. It is closed then.
    pub fn take_jump(&self, now: Timestamp) -> Option<SignedDuration> {
        let mut inside = self.inside();
        inside.compare_clocks(now);
        inside.jumped.take()
    }

    /// Whether the clock has jumped and nobody has asked by how much.
    pub fn has_jumped(&self) -> bool {
        self.inside().jumped.is_some()
    }

    /// Whether every account was polled, so that something may be decided by time alone.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let mut inside = self.inside();
        inside.compare_clocks(now);
        inside.awaited.is_empty()
    }

    /// Whether messages may go that can become a digest.
    pub fn lets_digests_pass(&self, now: Timestamp) -> bool {
        if !self.is_open(now) {
            return false;
        }
        let inside = self.inside();
        // Where accounts are many some poll is always under way: messages do not wait for a moment without any. And a
        // clock that was set back stretches no wait.
        let waited = inside.busy_since.map_or(SignedDuration::MAX, |since| now.duration_since(since));
        inside.polling.is_empty() || waited.is_negative() || waited >= POLL_MAX
    }

    /// Tells of each change.
    pub fn changes(&self) -> Reading<u64> {
        self.changed.reading()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // What is inside is whole after every line; a panic elsewhere leaves it usable.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_793_602_800, 0);

    fn after(seconds: i64) -> Timestamp {
        NOW + SignedDuration::from_secs(seconds)
    }

    fn open_gate() -> Gate {
        let gate = Gate::new(["a".into(), "b".into()]);
        gate.ends(&"a".into());
        gate.ends(&"b".into());
        gate
    }

    #[test]
    fn it_opens_when_every_account_was_polled() {
        let gate = Gate::new(["a".into(), "b".into()]);
        gate.ends(&"a".into());
        assert!(!gate.is_open(NOW));
        gate.ends(&"b".into());
        assert!(gate.is_open(NOW));
    }

    #[test]
    fn the_end_of_an_earlier_wait_does_not_open_a_gate_that_was_closed_since() {
        let gate = open_gate();
        let first = gate.closes_for(["a".into()]);
        let second = gate.closes_for(["a".into()]);
        gate.opens(first);
        assert!(!gate.is_open(NOW));
        gate.opens(second);
        assert!(gate.is_open(NOW));
    }

    #[test]
    fn polls_that_overlap_without_end_hold_messages_back_for_ten_seconds_only() {
        let gate = open_gate();
        for turn in 0..4 {
            gate.begins(&"a".into(), after(turn * 4));
            gate.ends(&"b".into());
            gate.begins(&"b".into(), after(turn * 4 + 2));
            gate.ends(&"a".into());
        }
        assert!(!gate.lets_digests_pass(after(9)));
        assert!(gate.lets_digests_pass(after(15)));
    }

    #[test]
    fn a_clock_set_back_in_the_middle_of_a_poll_holds_nothing_back() {
        let gate = open_gate();
        gate.begins(&"a".into(), NOW);
        assert!(gate.lets_digests_pass(after(-86_400)));
    }

    #[test]
    fn a_jump_of_the_clock_closes_it_before_anything_is_decided_and_is_told_once() {
        let gate = open_gate();
        gate.minds_jumps(NOW);
        assert!(gate.is_open(after(1_800)));
        assert!(!gate.is_open(after(1_800 + 86_400)));
        assert!(gate.take_jump(after(1_801 + 86_400)).is_some_and(|by| by > SignedDuration::from_hours(23)));
        assert_eq!(gate.take_jump(after(1_802 + 86_400)), None);
        assert!(!gate.is_open(after(1_803 + 86_400)));
    }

    #[test]
    fn after_a_jump_a_poll_without_an_answer_opens_nothing_and_an_answer_does() {
        let gate = open_gate();
        gate.minds_jumps(NOW);
        assert!(!gate.is_open(after(86_400)));
        let closing = gate.closes_for(["a".into(), "b".into()]);
        gate.ends_without_answer(&"a".into());
        gate.ends(&"b".into());
        assert!(!gate.is_open(after(86_401)));
        gate.ends(&"a".into());
        assert!(gate.is_open(after(86_402)));
        assert!(gate.opens(closing).is_empty());
        let closing = gate.closes_for(["a".into()]);
        gate.ends_without_answer(&"a".into());
        assert!(gate.is_open(after(86_403)), "a reload is no jump");
        assert!(gate.opens(closing).is_empty());
    }

    #[test]
    fn a_made_up_clock_may_jump() {
        let gate = open_gate();
        assert!(gate.is_open(after(86_400)));
        assert!(gate.is_open(NOW));
    }
}
