//! A clock that is not believed: nothing new is decided by it, what is queued goes on, and nothing is given up. When it is
//! believed again everything is decided on anew. Must never lose a message to a wrong clock.

use jiff::{SignedDuration, Timestamp};

use super::{Item, Lane, State};
use crate::{
    core::{
        case::Case,
        ids::AccountName,
        key::Key,
        ladder::decide,
        outbox::{PAUSE_MAX, Row},
    },
    store::{StoreFault, layout},
};

impl State {
    /// The account's clock and ours differ by so much that nothing new is decided.
    pub fn doubt_clock(&mut self, account: &AccountName) {
        self.clocks_doubted.insert(account.clone());
    }

    /// They agree again.
    ///
    /// # Errors
    /// The store's.
    pub fn believe_clock(&mut self, account: &AccountName, now: Timestamp) -> Result<(), StoreFault> {
        if self.clocks_doubted.remove(account) { self.look_at_all_anew(now) } else { Ok(()) }
    }

    /// Our clock was set, or the machine has slept. Who doubted the old clock has to look again; and what the old one has
    /// put off may have been put off for too long.
    ///
    /// # Errors
    /// The store's.
    pub fn clock_jumped(&mut self, by: SignedDuration, now: Timestamp) -> Result<(), StoreFault> {
        let was_in_doubt = self.doubts_the_clock();
        self.clocks_doubted.clear();
        if by.is_negative() {
            // A pause that was reckoned by the old clock is not stretched by the new one.
            self.queues.values_mut().for_each(|queue| queue.try_at(now));
        }
        if was_in_doubt || by.is_negative() { self.look_at_all_anew(now) } else { Ok(()) }
    }

    /// Accounts that have left the settings doubt nothing any more.
    pub(super) fn doubts_that_remain(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        let was_in_doubt = self.doubts_the_clock();
        let accounts = &self.orders.rules.accounts;
        self.clocks_doubted.retain(|account| accounts.contains_key(account));
        if was_in_doubt { self.look_at_all_anew(now) } else { Ok(()) }
    }

    /// Whether some account's clock is so far from ours that nothing is decided by ours.
    pub(super) fn doubts_the_clock(&self) -> bool {
        !self.clocks_doubted.is_empty()
    }

    fn look_at_all_anew(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        if self.doubts_the_clock() {
            return Ok(());
        }
        self.news = true;
        self.all_stale();
        // Should the process or a commit fail before that is done, it is done after.
        self.draft.commit.delete(layout::ORDERS);
        // A decision brings its messages forward; nobody decides on notices, nor on a digest's fixed members.
        let put_off = |row: &&Row| {
            row.not_before.duration_since(now) > PAUSE_MAX && (row.case().is_none() || row.digest.is_some())
        };
        let rows = self.queues.iter().flat_map(|(lane, queue)| queue.rows().map(move |row| (lane, row)));
        let rows: Vec<_> =
            rows.filter(|(_, row)| put_off(row)).map(|(lane, row)| (lane.clone(), row.clone())).collect();
        for (lane, row) in rows {
            self.put_row(&lane, Row { not_before: now, ..row })?;
        }
        Ok(())
    }

    /// Keeps a case that was read meanwhile; it is decided on when the clock is believed, or at the next start.
    pub(super) fn decide_later(&mut self, case: Case, fingerprint: Option<u64>) -> Result<(), StoreFault> {
        self.save(case, Some(Timestamp::UNIX_EPOCH), fingerprint)
    }

    /// What is queued and is asked for by this clock too goes on; for the rest another clock is awaited.
    pub(super) fn recheck_in_doubt(
        &mut self,
        lane: &Lane,
        row: &Row,
        case: Case,
        key: &Key,
        now: Timestamp,
    ) -> Result<Option<Item>, StoreFault> {
        let lines = decide(&case, &self.orders.rules, now).lines;
        if let Some(line) = lines.into_iter().find(|line| line.key == *key && line.call.is_due()) {
            return Ok(Some(Item { case, line, over: false, refusing: Vec::new() }));
        }
        let not_before = now.saturating_add(PAUSE_MAX).unwrap_or(now);
        self.put_row(lane, Row { not_before, ..row.clone() })?;
        Ok(None)
    }
}
