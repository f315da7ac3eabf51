//! What a poll has seen: pages, the end of a whole listing, reads by id.

use jiff::Timestamp;

use super::{State, journal::Line, keep::without_personal};
use crate::{
    core::{
        case::{Case, Happened},
        ids::{AccountName, CaseNumber},
        notice,
        page::{Item, Page, Read},
        period::Period,
        track::{self, Change, Listing, Missing},
    },
    store::StoreFault,
};

/// What a page brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen {
    /// Referrals seen for the first time.
    pub new: u32,
    /// Referrals whose text differs.
    pub changed: u32,
    /// Items with an id that still could not be read.
    pub unreadable: u32,
}

/// What the end of a whole listing leaves to do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Missed {
    /// To be read by id now, nearest deadline first; bounded.
    pub to_read: Vec<Missing>,
    /// How many have newly left the listing.
    pub newly: usize,
    /// How many were open before.
    pub open: usize,
}

impl State {
    /// A page of an account's listing.
    ///
    /// # Errors
    /// The store's.
    pub fn page(
        &mut self,
        account: &AccountName,
        page: &Page,
        listing: &mut Listing,
        now: Timestamp,
    ) -> Result<Seen, StoreFault> {
        let known = &self.accounts.entry(account.clone()).or_default().known;
        let changes = track::track(known, page, listing);
        let mut seen = Seen::default();
        for change in changes {
            if self.is_full() {
                self.flush()?;
            }
            match change {
                Change::Relisted { case } => {
                    if let Some(case) = self.undamaged(case, now)? {
                        self.listed(case, None, now)?;
                    }
                }
                Change::Appeared { item } | Change::Differs { item, .. } => {
                    let Some(item) = page.items.get(item) else { continue };
                    self.item(account, item, change, listing, &mut seen, now)?;
                }
            }
        }
        Ok(seen)
    }

    fn item(
        &mut self,
        account: &AccountName,
        item: &Item,
        change: Change,
        listing: &mut Listing,
        seen: &mut Seen,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let known = match change {
            Change::Differs { case, .. } => Some(case),
            _ => self.case_number(account, &item.id)?,
        };
        known.into_iter().for_each(|case| listing.holds(case));
        let Ok(referral) = item.referral() else {
            // One bad referral costs only itself; what was known of it stays.
            seen.unreadable += 1;
            return Ok(());
        };
        match known {
            Some(number) => {
                seen.changed += 1;
                let Some(mut case) = self.undamaged(number, now)? else { return Ok(()) };
                // What was forgotten of one that is closed stays forgotten, though a filter may list it for ever.
                let rest = self.is_forgotten(&case, &referral, now).then(|| without_personal(&referral)).flatten();
                let raw = rest.is_none().then(|| item.raw.get());
                let referral = Some(rest.unwrap_or(referral)).filter(|referral| case.referral != *referral);
                if let Some(referral) = &referral {
                    self.save_body(number, referral, raw)?;
                }
                let armed = case.deadline.armed;
                let happened = case.listed(referral.clone(), now);
                self.entered(&case, happened, armed, now)?;
                if referral.is_none() && happened == Happened::Nothing {
                    // The same referral in another spelling: nothing to write but the fingerprint in memory.
                    return self.respelled(&case, item.fingerprint);
                }
                self.decide_on(case, Some(item.fingerprint), now)
            }
            None => {
                seen.new += 1;
                let number = self.number_of_case();
                listing.holds(number);
                let expires_after = self.expires_after(account);
                let case = Case::first_sight(number, account.clone(), referral, expires_after, now);
                self.draft.commit.put_json(crate::store::layout::seen(account, &item.id), &number)?;
                self.save_body(number, &case.referral, Some(item.raw.get()))?;
                self.journal(Some(number), now, &Line::Seen)?;
                self.note_new(&case);
                self.decide_on(case, Some(item.fingerprint), now)
            }
        }
    }

    fn expires_after(&self, account: &AccountName) -> Period {
        self.orders.rules.accounts.get(account).map_or(Period::days(14), |account| account.expires_after)
    }

    /// Memory alone learns the fingerprint of another spelling.
    fn respelled(&mut self, case: &Case, fingerprint: u64) -> Result<(), StoreFault> {
        if let Some(account) = self.accounts.get_mut(&case.account)
            && let Some(glance) = account.known.get(case.id())
        {
            account.known.open(case.id(), track::Glance { fingerprint, ..glance });
        }
        Ok(())
    }

    fn listed(&mut self, mut case: Case, fingerprint: Option<u64>, now: Timestamp) -> Result<(), StoreFault> {
        let armed = case.deadline.armed;
        let happened = case.listed(None, now);
        self.entered(&case, happened, armed, now)?;
        self.decide_on(case, fingerprint, now)
    }

    /// The end of a whole listing: what was not in it is no longer listed, and must be read by id.
    ///
    /// # Errors
    /// The store's.
    pub fn listing_ended(
        &mut self,
        account: &AccountName,
        listing: &Listing,
        now: Timestamp,
    ) -> Result<Missed, StoreFault> {
        let entry = self.accounts.entry(account.clone()).or_default();
        let last_listed = entry.record.last_whole.replace(listing.began);
        if listing.items() > 0 {
            entry.record.sees = Some(now);
        }
        entry.ahead = true;
        let open = entry.known.len();
        let missing = track::track_end(&entry.known, listing, now);
        // That one is open past its deadline is news to those who hear of it as overdue.
        let is_now_known = |deadline| deadline <= listing.began && last_listed.is_none_or(|last| last < deadline);
        for glance in entry.known.iter().filter(|glance| is_now_known(glance.deadline)) {
            self.looks.set(glance.number, Some(now));
        }
        let newly = missing.iter().filter(|missing| missing.newly).count();
        for missing in missing.iter().filter(|missing| missing.newly) {
            let Some(mut case) = self.undamaged(missing.case, now)? else { continue };
            case.missed(now, last_listed);
            let look = self.looks.by_case.get(&case.number).copied();
            self.save(case, look, None)?;
        }
        Ok(Missed { to_read: track::to_read(&missing).to_vec(), newly, open })
    }

    /// What a read by id said.
    ///
    /// # Errors
    /// The store's.
    pub fn read(
        &mut self,
        account: &AccountName,
        number: CaseNumber,
        read: Read,
        now: Timestamp,
    ) -> Result<Happened, StoreFault> {
        let Some(mut case) = self.undamaged(number, now)? else { return Ok(Happened::Nothing) };
        let armed = case.deadline.armed;
        let sees = self.account(account).and_then(|record| record.sees);
        if let Read::Found(referral) = &read
            && *referral != case.referral
        {
            self.save_body(number, referral, None)?;
        }
        let found = matches!(read, Read::Found(_));
        let happened = case.read(read, sees, now);
        if found && case.is_open() {
            self.sees(account, now);
        }
        self.entered(&case, happened, armed, now)?;
        self.decide_on(case, None, now)?;
        Ok(happened)
    }

    /// Whether an account that seemed to have lost its role shows what it showed before: it has returned an open referral
    /// since, and most of those that are open are listed.
    pub fn sees_again(&self, account: &AccountName, trouble: &str) -> bool {
        let (Some(trouble), Some(account)) = (self.troubles.get(trouble), self.accounts.get(account)) else {
            return false;
        };
        let open = account.known.len();
        let away = account.known.iter().filter(|glance| glance.reread_at.is_some()).count();
        let seen = account.record.sees.is_some_and(|sees| sees > trouble.since);
        open == 0 || (seen && !track::may_have_lost_role(away, open))
    }

    fn sees(&mut self, account: &AccountName, now: Timestamp) {
        let account = self.accounts.entry(account.clone()).or_default();
        account.record.sees = Some(now);
        account.ahead = true;
    }

    fn entered(&mut self, case: &Case, happened: Happened, armed: Timestamp, now: Timestamp) -> Result<(), StoreFault> {
        if let Happened::Closed(closing) = happened {
            self.note_closed(case, closing);
        }
        if happened != Happened::Nothing {
            self.journal(Some(case.number), now, &Line::Read(happened))?;
        }
        if case.deadline.armed != armed {
            let moved = Line::DeadlineMoved { from: armed, to: case.deadline.armed };
            self.journal(Some(case.number), now, &moved)?;
        }
        Ok(())
    }

    /// Decides on what is due to be decided again, `limit` cases at most; says whether more is due now.
    ///
    /// # Errors
    /// The store's.
    pub fn look(&mut self, limit: usize, now: Timestamp) -> Result<bool, StoreFault> {
        if self.doubts_the_clock() {
            return Ok(false);
        }
        self.mind_digests(now)?;
        for _ in 0..limit {
            if self.is_full() {
                self.flush()?;
            }
            if self.orders_are_new && self.stale.is_empty() {
                self.orders_known(now)?;
            }
            let number = match (self.stale.pop_first(), self.looks.first()) {
                (Some(number), _) => number,
                (None, Some((at, number))) if at <= now => number,
                (None, _) => return Ok(false),
            };
            match self.case(number) {
                Ok(case) => self.decide_on(case, None, now)?,
                Err(fault @ StoreFault::Damaged { .. }) => self.damaged(number, &fault, now)?,
                Err(fault) => return Err(fault),
            }
        }
        Ok(self.orders_are_new || self.looks.first().is_some_and(|(at, _)| at <= now))
    }

    /// A case, where it can be read.
    fn undamaged(&mut self, number: CaseNumber, now: Timestamp) -> Result<Option<Case>, StoreFault> {
        match self.case(number) {
            Ok(case) => Ok(Some(case)),
            Err(fault @ StoreFault::Damaged { .. }) => self.damaged(number, &fault, now).map(|()| None),
            Err(fault) => Err(fault),
        }
    }

    /// One damaged case costs only itself: it is not looked at again before the next start, and `[ops]` hears.
    pub(super) fn damaged(&mut self, number: CaseNumber, fault: &StoreFault, now: Timestamp) -> Result<(), StoreFault> {
        self.looks.set(number, None);
        let trouble = super::Trouble::new(now, notice::Trouble::Damaged { said: fault.to_string() });
        self.raise(&format!("case/{}", number.0), trouble, now)
    }
}
