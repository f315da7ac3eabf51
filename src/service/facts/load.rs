//! From the store to memory: at start, after a failed commit, and when orders change.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    Account, AccountRecord, Draft, Looks, Numbers, Orders, State, Summary, Trouble, digests::Apart, gap::Gap,
    troubles::of_destination,
};
use crate::{
    core::{
        ids::{CaseNumber, DestinationName},
        notice::{GaveUp, News, Notice, Recovery, Trial},
        outbox::{Health, Queue, Row, Terms, after_a_crash},
        track::Glance,
    },
    store::{Store, StoreFault, get_json, layout, read_json},
};

/// So many rows are read at once.
const PAGE: usize = 1_000;

impl State {
    /// What the store holds. At a `start` every attempt without a result is a crash: it is tried again, as a possible
    /// repeat.
    ///
    /// # Errors
    /// The store's; damage where a row cannot be read.
    pub fn load(store: Arc<dyn Store>, orders: Arc<Orders>, start: bool, now: Timestamp) -> Result<Self, StoreFault> {
        let number = |key: &[u8]| get_json::<u64>(store.as_ref(), key).map(Option::unwrap_or_default);
        let next = Numbers {
            case: number(layout::NEXT_CASE)?,
            row: number(layout::NEXT_MESSAGE)?,
            line: number(layout::NEXT_LINE)?,
        };
        let mut state = Self {
            store,
            orders,
            accounts: BTreeMap::new(),
            looks: Looks::default(),
            queues: BTreeMap::new(),
            troubles: BTreeMap::new(),
            next,
            draft: Draft::default(),
            news: true,
            last_accepted: BTreeMap::new(),
            pruned_to: None,
            clocks_doubted: BTreeSet::new(),
            stale: BTreeSet::new(),
            telling: HashMap::new(),
            attempts: BTreeMap::new(),
            at_hand: HashMap::new(),
            orders_are_new: false,
            doubted: BTreeSet::new(),
            digests: BTreeMap::new(),
            next_digest: None,
            apart: BTreeMap::new(),
            given_up: 0,
            shelving: None,
        };
        state.load_accounts()?;
        state.load_accepted()?;
        state.load_summaries()?;
        state.load_troubles()?;
        state.load_outbox()?;
        state.load_attempts()?;
        state.load_digests()?;
        if start {
            state.mend_crashes(now)?;
            state.drop_strangers(now)?;
            state.end_digests_that_left(now)?;
            state.end_what_has_left(now)?;
            state.clear("settings", Recovery::SettingsInForce, now)?;
        }
        if get_json::<u64>(state.store.as_ref(), layout::ORDERS)? != Some(state.orders.fingerprint) {
            state.all_stale();
        }
        Ok(state)
    }

    fn load_accounts(&mut self) -> Result<(), StoreFault> {
        for (key, value) in self.store.scan(layout::ACCOUNTS, None, PAGE)? {
            let name = layout::account_name(&key).ok_or_else(|| odd(&key))?;
            let mut record: AccountRecord = read_json(&key, &value)?;
            if !record.gap.has_begun() {
                record.gap = Gap::after(record.last_whole, self.next.case);
            }
            self.accounts.insert(name, Account { record, ..Account::default() });
        }
        Ok(())
    }

    fn load_accepted(&mut self) -> Result<(), StoreFault> {
        for (key, value) in self.store.scan(layout::ACCEPTED, None, PAGE)? {
            let name = layout::accepted_name(&key).ok_or_else(|| odd(&key))?;
            self.last_accepted.insert(name, read_json(&key, &value)?);
        }
        Ok(())
    }

    fn load_summaries(&mut self) -> Result<(), StoreFault> {
        each(self.store.clone().as_ref(), layout::SUMMARIES, |key, value| {
            let number = layout::case_number(key).ok_or_else(|| odd(key))?;
            let summary: Summary = read_json(key, value)?;
            self.looks.set(number, summary.look);
            if summary.muted.is_some() || summary.claimed.is_some() {
                self.apart.insert(number, Apart { muted: summary.muted, claimed: summary.claimed });
            }
            if summary.open {
                let account = self.accounts.entry(summary.account).or_default();
                let glance = Glance {
                    number,
                    fingerprint: summary.fingerprint,
                    deadline: summary.deadline,
                    reread_at: summary.reread,
                    shelved: summary.shelved,
                };
                account.known.open(&summary.id, glance);
            }
            Ok(())
        })
    }

    fn load_outbox(&mut self) -> Result<(), StoreFault> {
        each(self.store.clone().as_ref(), layout::OUTBOX, |key, value| {
            let row: Row = read_json(key, value)?;
            self.queue(&(row.destination.clone(), row.recipient.clone())).put(row);
            Ok(())
        })?;
        for (key, value) in self.store.scan(layout::DESTINATIONS, None, PAGE)? {
            let name = layout::destination_name(&key).ok_or_else(|| odd(&key))?;
            let health: Health = read_json(&key, &value)?;
            self.queue_health(&name, &health);
        }
        Ok(())
    }

    /// An attempt without a result was cut off by the end of the process. Only when every queue is loaded: giving one up
    /// has its referral decided on anew.
    fn mend_crashes(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        let rows = self.queues.iter().flat_map(|(lane, queue)| queue.rows().map(move |row| (lane, row)));
        let cut_off: Vec<_> =
            rows.filter(|(_, row)| row.attempting.is_some()).map(|(lane, row)| (lane.clone(), row.clone())).collect();
        let mut doomed = Vec::new();
        for (lane, row) in cut_off {
            let number = row.number;
            match after_a_crash(row.clone(), now) {
                Some(row) => self.put_row(&lane, row)?,
                None => {
                    self.put_row(&lane, Row { attempting: None, digest: None, maybe: true, ..row })?;
                    doomed.push((lane, number));
                }
            }
        }
        for (lane, number) in doomed {
            self.give_up(&lane, number, &GaveUp::Died, now)?;
        }
        Ok(())
    }

    fn queue_health(&mut self, destination: &DestinationName, health: &Health) {
        for lane in self.lanes_at(destination) {
            self.queue(&lane).health = health.clone();
        }
    }

    fn load_troubles(&mut self) -> Result<(), StoreFault> {
        for (key, value) in self.store.scan(layout::TROUBLES, None, PAGE)? {
            let name = layout::trouble_name(&key).ok_or_else(|| odd(&key))?;
            self.troubles.insert(name, read_json::<Trouble>(&key, &value)?);
        }
        Ok(())
    }

    /// Puts new orders in force: every live case is decided on anew, and broken destinations are tried at once.
    ///
    /// # Errors
    /// The store's.
    pub fn reload(&mut self, orders: Arc<Orders>, now: Timestamp) -> Result<(), StoreFault> {
        let changed = orders.fingerprint != self.orders.fingerprint;
        let before = std::mem::replace(&mut self.orders, orders);
        for (lane, queue) in &mut self.queues {
            queue.terms = self.orders.lanes.get(&lane.0).map_or_else(Terms::none, |lanes| lanes.terms.clone());
            queue.try_at(now);
        }
        if changed {
            self.all_stale();
        }
        self.drop_strangers(now)?;
        self.begin_moved_digests(&before.digests, now)?;
        self.end_digests_that_left(now)?;
        self.end_what_has_left(now)?;
        self.retry_mentions(now)?;
        self.try_the_troubled(now)?;
        self.doubts_that_remain(now)
    }

    /// Who puts settings in force may have mended a destination. Where nothing waits there that would show it, a test does.
    fn try_the_troubled(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        let troubled = self.orders.lanes.keys().filter(|name| self.troubles.contains_key(&of_destination(name)));
        let nothing_waits = |name: &&DestinationName| {
            self.lanes_at(name).iter().all(|lane| self.queues.get(lane).is_none_or(Queue::is_empty))
        };
        let idle: Vec<DestinationName> = troubled.filter(nothing_waits).cloned().collect();
        for name in idle {
            self.notify(&name, Notice { news: News::Test(Trial::Reload), since: None }, now)?;
        }
        Ok(())
    }

    /// Rows for addresses that a mail no longer has, and notices for destinations that are gone. Messages about referrals
    /// to a destination that is gone stay until they are decided on, so that the journal says why they were not sent.
    /// A message that waited for such an address alone is decided on again: others may have taken its place.
    fn drop_strangers(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        let strangers = self.queues.iter().filter(|(lane, _)| !self.fixed_lanes(&lane.0).contains(lane));
        let rows = strangers.flat_map(|(lane, queue)| queue.rows().map(move |row| (lane.clone(), row.clone())));
        let gone: Vec<_> = rows
            .filter(|(lane, row)| {
                // Who gets what leaves that to each referral is asked anew before the attempt. What was for a whole channel is
                // no mail to anybody.
                let asked_anew = self.asks_each(&lane.0) && lane.1.is_some();
                let is_left = |_| self.orders.lanes.contains_key(&lane.0) && !asked_anew;
                row.attempting.is_none() && row.case().is_none_or(is_left)
            })
            .collect();
        for (lane, row) in gone {
            self.drop_row(&lane, &row);
            match row.case().map(|number| self.case(number)) {
                Some(Ok(case)) => self.save(case, Some(now), None)?,
                None | Some(Err(StoreFault::Damaged { .. })) => {}
                Some(Err(fault)) => return Err(fault),
            }
        }
        Ok(())
    }

    pub(super) fn all_stale(&mut self) {
        self.doubt_settings_troubles();
        let open = self.accounts.values().flat_map(|account| account.known.iter().map(|glance| glance.number));
        let waiting = self.queues.values().flat_map(|queue| queue.rows().filter_map(Row::case));
        let looked_for = self.looks.by_case.keys().copied();
        let stale: BTreeSet<CaseNumber> = open.chain(waiting).chain(looked_for).collect();
        self.stale = stale;
        self.orders_are_new = true;
    }

    /// Every live case has been decided on under the present orders.
    pub(super) fn orders_known(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        self.orders_are_new = false;
        self.draft.commit.put_json(layout::ORDERS, &self.orders.fingerprint)?;
        self.clear_doubted(now)
    }
}

/// Hands every row under a prefix to `take`, page by page.
fn each(
    store: &dyn Store,
    prefix: &[u8],
    mut take: impl FnMut(&[u8], &[u8]) -> Result<(), StoreFault>,
) -> Result<(), StoreFault> {
    let mut from: Option<Vec<u8>> = None;
    loop {
        let page = store.scan(prefix, from.as_deref(), PAGE)?;
        for (key, value) in &page {
            take(key, value)?;
        }
        match page.last() {
            Some((key, _)) if page.len() == PAGE => from = Some(layout::after(key)),
            _ => return Ok(()),
        }
    }
}

fn odd(key: &[u8]) -> StoreFault {
    StoreFault::Damaged { what: format!("the key {} is none of ours", String::from_utf8_lossy(key)) }
}
