//! The single writer. Every page, attempt and result goes through it; what it has said yes to is on the disk.
//!
//! `State` is plain and synchronous: each fact changes memory and adds to a draft, `flush` commits the draft. `actor` puts
//! it on a thread of its own and gathers what waits into one commit. When a commit fails, memory is read anew from the
//! store, so that the two never differ for long.

pub mod actor;
mod attempts;
mod by_hand;
mod carry_out;
mod cases;
mod claims;
mod clocks;
mod digests;
mod find;
mod gap;
mod keep;
mod lanes;
mod lines;
mod load;
mod mentions;
mod mute;
mod outlook;
mod recipients;
mod send;
mod settle;
mod sight;
mod toll;
mod troubles;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use self::{
    actor::{Facts, Writer},
    by_hand::{Came, Place, Waiting, is_id},
    carry_out::class,
    cases::read_case,
    claims::{Claiming, Standing, is_step},
    digests::{DigestOrder, Glimpses, NextDigest, OpenGlance},
    find::{CANDIDATES_MAX, Found, begin_with},
    lines::read_lines,
    mute::{Muting, Unmuting, until_of},
    outlook::{Due, Would, next_of},
    send::{Item, Job, Jobs},
    settle::Sent,
    sight::{Missed, Seen},
    troubles::{Trouble, of_poll},
};
pub use crate::core::journal;
use crate::{
    core::{
        case::{Case, Particulars},
        ids::{AccountName, CaseNumber, DestinationName, DigestName},
        outbox::{Health, Queue, RowNumber, Terms},
        rules::Rules,
        track::Known,
    },
    store::{Commit, Store, StoreFault, get_json, layout, read_json},
};

/// What the settings ask of the writer.
#[derive(Clone, Debug)]
pub struct Orders {
    /// What is decided by.
    pub rules: Rules,
    /// Changes whenever a decision could: then every open referral is decided on anew, once.
    pub fingerprint: u64,
    /// Each destination's queues.
    pub lanes: BTreeMap<DestinationName, Lanes>,
    /// Who hears of leadtime's own troubles.
    pub ops: Vec<DestinationName>,
    /// What is told at set times.
    pub digests: Vec<DigestOrder>,
    /// Contacts and notes of a closed referral are forgotten so long after.
    pub forget_personal_after: SignedDuration,
    /// Another number whenever one of the user's templates says something else.
    pub templates: u64,
}

/// The queues of one destination.
#[derive(Clone, Debug)]
pub struct Lanes {
    /// What the settings say about each of them.
    pub terms: Terms,
    /// One queue for each address of a mail that stands in the settings; empty for every other kind, which has one queue.
    /// Those whom a mail leaves to each referral have queues of their own, as long as something waits in them.
    pub recipients: Vec<Arc<str>>,
}

/// Which queue: a destination, and for mail one of its recipients.
pub type Lane = (DestinationName, Option<Arc<str>>);

/// All that the writer holds in memory.
pub struct State {
    store: Arc<dyn Store>,
    orders: Arc<Orders>,
    accounts: BTreeMap<AccountName, Account>,
    looks: Looks,
    queues: BTreeMap<Lane, Queue>,
    troubles: BTreeMap<String, Trouble>,
    next: Numbers,
    draft: Draft,
    /// Whether something was put into the outbox, or a look was moved, since that was last asked.
    news: bool,
    /// When each destination last took a message; stored with the commit that says so.
    last_accepted: BTreeMap<DestinationName, Timestamp>,
    /// How far pruning has come through the cases.
    pruned_to: Option<Vec<u8>>,
    /// Accounts whose clock differs so much from ours that nothing new is decided.
    clocks_doubted: BTreeSet<AccountName>,
    /// Cases that a change of orders has left to be decided on anew, in the order of their numbers.
    stale: BTreeSet<CaseNumber>,
    /// What the messages under way say of their referrals. Lost with the process, and then it is what was last read.
    telling: HashMap<RowNumber, Particulars>,
    /// The attempts under way that stand beside their messages' rows, not in them, by destination.
    attempts: BTreeMap<DestinationName, attempts::Attempts>,
    /// Cases as they are in the store, each as long as a message about it is under way: its result soon asks for it.
    at_hand: HashMap<CaseNumber, Case>,
    /// Whether some case may not have been decided on yet under the present orders.
    orders_are_new: bool,
    /// Troubles that the present orders may have ended.
    doubted: BTreeSet<String>,
    /// How far each digest at set times has come at each destination.
    digests: BTreeMap<(DigestName, DestinationName), digests::Progress>,
    /// When one of them is due next.
    next_digest: Option<Timestamp>,
    /// Those of the open cases that are muted or claimed.
    apart: BTreeMap<CaseNumber, digests::Apart>,
    /// How many messages were given up since the start.
    given_up: u64,
    /// What was just decided about a case that is about to be kept: whether it is shelved.
    shelving: Option<(CaseNumber, bool)>,
}

/// An account, as the writer knows it.
#[derive(Clone, Debug, Default)]
struct Account {
    known: Known,
    record: AccountRecord,
    /// Whether the record differs from what is stored. Alone it is no reason for a commit.
    ahead: bool,
}

/// What is stored of an account.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct AccountRecord {
    /// When the last whole listing began.
    #[serde(default)]
    pub last_whole: Option<Timestamp>,
    /// When an open referral was last returned: the proof that the account still sees.
    #[serde(default)]
    pub sees: Option<Timestamp>,
    /// What was found out since then.
    #[serde(default)]
    pub(super) gap: gap::Gap,
}

/// What is stored of a live case for loops to scan.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Summary {
    account: AccountName,
    id: crate::core::ids::ReferralId,
    fingerprint: u64,
    deadline: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reread: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    look: Option<Timestamp>,
    open: bool,
    /// Whether nobody hears of it, as its account or the account's filter has left it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    shelved: bool,
    /// Until when it is muted, where it is; the end of time where a person has to end that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    muted: Option<Timestamp>,
    /// Until when somebody has claimed it, where one has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    claimed: Option<Timestamp>,
}

/// When each live case is to be decided on again.
#[derive(Clone, Debug, Default)]
struct Looks {
    by_time: BTreeSet<(Timestamp, CaseNumber)>,
    by_case: HashMap<CaseNumber, Timestamp>,
}

/// The numbers that the next case, row and line get.
#[derive(Clone, Copy, Debug, Default)]
struct Numbers {
    case: u64,
    row: u64,
    line: u64,
}

/// What waits for the next commit.
#[derive(Default)]
struct Draft {
    commit: Commit,
    cases: HashMap<CaseNumber, Case>,
    numbers_moved: bool,
    /// The destinations whose attempts under way are others than those in the store.
    attempts_moved: BTreeSet<DestinationName>,
    /// Where the latest line about each case stands.
    lines: HashMap<CaseNumber, layout::LinePlace>,
}

impl Draft {
    fn is_empty(&self) -> bool {
        self.commit.is_empty() && self.attempts_moved.is_empty()
    }
}

impl Looks {
    fn set(&mut self, case: CaseNumber, at: Option<Timestamp>) {
        if let Some(old) = self.by_case.remove(&case) {
            self.by_time.remove(&(old, case));
        }
        if let Some(at) = at {
            self.by_case.insert(case, at);
            self.by_time.insert((at, case));
        }
    }

    fn first(&self) -> Option<(Timestamp, CaseNumber)> {
        self.by_time.first().copied()
    }
}

impl State {
    /// What waits is on the disk when this returns.
    ///
    /// # Errors
    /// Nothing of it is, and memory must be read anew with [`State::load`].
    pub fn flush(&mut self) -> Result<(), StoreFault> {
        let mut draft = std::mem::take(&mut self.draft);
        if draft.is_empty() {
            return Ok(());
        }
        self.add_attempts(&mut draft)?;
        if draft.numbers_moved {
            draft.commit.put_json(layout::NEXT_CASE, &self.next.case)?;
            draft.commit.put_json(layout::NEXT_MESSAGE, &self.next.row)?;
            draft.commit.put_json(layout::NEXT_LINE, &self.next.line)?;
        }
        self.add_account_records(&mut draft.commit)?;
        self.store.commit(&draft.commit)?;
        self.accounts.values_mut().for_each(|account| account.ahead = false);
        Ok(())
    }

    /// Writes what alone is no reason to write: the time of the last whole listing. For the hour, the first failure, the stop.
    ///
    /// # Errors
    /// As [`State::flush`].
    pub fn flush_records(&mut self) -> Result<(), StoreFault> {
        let mut commit = Commit::new();
        self.add_account_records(&mut commit)?;
        self.draft.commit.append(commit);
        self.flush()
    }

    /// Writes something in any case: the proof that the disk takes it, or that it still does not.
    ///
    /// # Errors
    /// As [`State::flush`].
    pub fn try_the_disk(&mut self) -> Result<(), StoreFault> {
        self.draft.commit.put_json(layout::NEXT_LINE, &self.next.line)?;
        self.flush_records()
    }

    fn add_account_records(&self, commit: &mut Commit) -> Result<(), StoreFault> {
        for (name, account) in self.accounts.iter().filter(|(_, account)| account.ahead) {
            commit.put_json(layout::account(name), &account.record)?;
        }
        Ok(())
    }

    /// Whether a commit waits that is large enough not to wait for more.
    pub fn is_full(&self) -> bool {
        self.draft.commit.len() >= 1_500 || self.draft.commit.bytes() >= 1024 * 1024
    }

    /// What is in force.
    pub fn orders(&self) -> &Arc<Orders> {
        &self.orders
    }

    /// The store, for those who only read.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Whether something was put into the outbox, or is to be decided at another instant, since this was last asked.
    pub fn has_queued(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// Keeps a value that the writer itself does not look at.
    ///
    /// # Errors
    /// [`StoreFault::Unwritable`].
    pub fn keep<T: Serialize>(&mut self, key: Vec<u8>, value: &T) -> Result<(), StoreFault> {
        self.draft.commit.put_json(key, value).map(|_| ())
    }

    /// Takes away a value that the writer itself does not look at.
    pub fn forget(&mut self, key: Vec<u8>) {
        self.draft.commit.delete(key);
    }

    /// A value as the next commit leaves it.
    ///
    /// # Errors
    /// The store's; damage.
    pub fn kept<T: DeserializeOwned>(&self, key: &[u8]) -> Result<Option<T>, StoreFault> {
        match self.draft.commit.get(key) {
            Some(waits) => waits.map(|value| read_json(key, value)).transpose(),
            None => get_json(self.store.as_ref(), key),
        }
    }

    /// The account's record, where it is known.
    pub fn account(&self, name: &AccountName) -> Option<&AccountRecord> {
        self.accounts.get(name).map(|account| &account.record)
    }

    /// How many referrals of an account are open, unseen ones included.
    pub fn open_count(&self, name: &AccountName) -> usize {
        self.accounts.get(name).map_or(0, |account| account.known.len())
    }

    /// The nearest deadline among an account's open referrals.
    pub fn nearest_deadline(&self, name: &AccountName) -> Option<Timestamp> {
        self.accounts.get(name)?.known.iter().map(|glance| glance.deadline).min()
    }

    /// How many referrals of an account are open and not shelved, unseen ones included.
    pub fn pending_count(&self, name: &AccountName) -> usize {
        self.accounts.get(name).map_or(0, |account| account.known.iter().filter(|glance| !glance.shelved).count())
    }

    /// When something is to be decided again; never, while the clock is doubted.
    pub fn next_look(&self) -> Option<Timestamp> {
        if self.doubts_the_clock() {
            return None;
        }
        if self.orders_are_new {
            return Some(Timestamp::MIN);
        }
        self.looks.first().map(|(at, _)| at).into_iter().chain(self.digest_due_at()).min()
    }

    /// How many cases are to be decided on again by then.
    pub fn due_at(&self, at: Timestamp) -> usize {
        self.looks.by_time.iter().take_while(|(due, _)| *due <= at).count()
    }

    /// When an open referral of the account is to be read by its id again.
    pub fn next_reread(&self, name: &AccountName) -> Option<Timestamp> {
        self.accounts.get(name)?.known.next_reread()
    }

    /// Every queue.
    pub fn queues(&self) -> impl Iterator<Item = (&Lane, &Queue)> {
        self.queues.iter()
    }

    /// leadtime's own troubles, by name.
    pub fn troubles(&self) -> &BTreeMap<String, Trouble> {
        &self.troubles
    }

    /// How many messages were given up since the start.
    pub fn given_up(&self) -> u64 {
        self.given_up
    }

    /// What is in memory alone passes to the state that was read anew from the store.
    fn inherit(&mut self, old: &Self) {
        self.clocks_doubted.clone_from(&old.clocks_doubted);
        self.given_up = old.given_up;
        // Nothing of what failed is there. Were it news, all who then bring their own facts would wake each other without end.
        self.news = false;
    }

    /// Whether something new may be decided: not while the clock is doubted.
    pub fn is_deciding(&self) -> bool {
        !self.doubts_the_clock()
    }

    fn number_of_row(&mut self) -> RowNumber {
        self.draft.numbers_moved = true;
        self.next.row += 1;
        RowNumber(self.next.row)
    }

    fn number_of_case(&mut self) -> CaseNumber {
        self.draft.numbers_moved = true;
        self.next.case += 1;
        CaseNumber(self.next.case)
    }

    /// The queue of a lane; one that the settings no longer ask for keeps what it holds until that is cancelled.
    fn queue(&mut self, lane: &Lane) -> &mut Queue {
        let terms = self.orders.lanes.get(&lane.0).map_or_else(Terms::none, |lanes| lanes.terms.clone());
        // What is known of the whole destination is known of a new queue too: its pace, and that it refuses everything.
        let sibling = self.held_lanes(&lane.0).next().and_then(|lane| self.queues.get(lane));
        let broken = |health: &&Health| matches!(health, Health::Broken { .. });
        let health = sibling.map(|queue| &queue.health).filter(broken).cloned().unwrap_or_default();
        let paced_until = sibling.map_or(Timestamp::MIN, |queue| queue.paced_until);
        self.queues.entry(lane.clone()).or_insert_with(|| {
            let mut queue = Queue::new(terms, health);
            queue.paced_until = paced_until;
            queue
        })
    }
}
