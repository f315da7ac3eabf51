//! What happened to an account's referrals between two whole polls. Where that was too long (Partner Center or the sign-in
//! was out, leadtime was down, the machine slept) `[ops]` hears with the recovery which referrals nobody watched, and what
//! was caught up. Kept with the account, so that it outlives the process. Texts stay short however many referrals there are.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{State, troubles::of_poll};
use crate::{
    channels::one_line,
    core::{
        case::{Case, Fate},
        ids::{AccountName, CaseNumber},
        ladder::{Line, decide},
        notice::{Missed, News, Notice, Recovery},
        period::Seconds,
        referral::Closing,
    },
    messages::words::{self, Locale},
    store::{StoreFault, layout},
};

/// A message that goes out so long after it was due goes out late.
const LATE: SignedDuration = SignedDuration::from_mins(10);
/// So many referrals are named, at most; the rest is counted.
const NAMED: usize = 3;
/// So many that expired are named.
const EXPIRED_NAMED: usize = 10;
/// A customer's name keeps so many characters.
const NAME_MAX: usize = 40;
/// So many cases that are to be decided on are read to count what goes out late.
const READS: usize = 200;

/// What was found out about an account since its last whole poll.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Gap {
    /// When the last whole listing began; none before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// The number of the last case that was known then.
    #[serde(default)]
    known_up_to: u64,
    /// Open referrals seen for the first time.
    #[serde(default)]
    new: u32,
    /// When the oldest of them was created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oldest: Option<Timestamp>,
    /// Referrals that turned out to have been answered.
    #[serde(default)]
    answered: u32,
    /// Referrals that turned out to have expired.
    #[serde(default)]
    expired: u32,
    /// The first of those.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    expired_first: Vec<CaseNumber>,
    /// Messages that fell due and could not be known to be.
    #[serde(default)]
    late: u32,
}

impl Gap {
    /// A gap that begins with a whole listing.
    pub(super) fn after(listing: Option<Timestamp>, last_case: u64) -> Self {
        Self { since: listing, known_up_to: last_case, ..Self::default() }
    }

    /// Whether it begins anywhere: before the first whole poll nothing was watched that could have been missed.
    pub(super) fn has_begun(&self) -> bool {
        self.since.is_some()
    }

    fn holds_something(&self) -> bool {
        *self != Self::after(self.since, self.known_up_to)
    }

    /// Whether a message belongs to an instant in it that is past for some time.
    fn holds_late(&self, line: &Line, now: Timestamp) -> bool {
        let (Some(since), Some((place, _))) = (self.since, line.place) else { return false };
        place >= since && now.duration_since(place) >= LATE
    }
}

impl State {
    /// A referral was seen for the first time.
    pub(super) fn note_new(&mut self, case: &Case) {
        if case.is_open()
            && let Some(gap) = self.gap(case)
        {
            gap.new = gap.new.saturating_add(1);
            gap.oldest = gap.oldest.into_iter().chain([case.created]).min();
        }
    }

    /// A referral was closed while nobody looked, or between two polls.
    pub(super) fn note_closed(&mut self, case: &Case, closing: Closing) {
        let Some(gap) = self.gap(case) else { return };
        if closing == Closing::Expired {
            gap.expired = gap.expired.saturating_add(1);
            if gap.expired_first.len() < EXPIRED_NAMED {
                gap.expired_first.push(case.number);
            }
        } else {
            gap.answered = gap.answered.saturating_add(1);
        }
    }

    /// A message was put into the outbox.
    pub(super) fn note_queued(&mut self, case: &Case, line: &Line, now: Timestamp) {
        let late = self.accounts.get(&case.account).is_some_and(|account| account.record.gap.holds_late(line, now));
        if late && let Some(gap) = self.gap(case) {
            gap.late = gap.late.saturating_add(1);
        }
    }

    fn gap(&mut self, case: &Case) -> Option<&mut Gap> {
        let account = self.accounts.get_mut(&case.account)?;
        account.ahead = true;
        Some(&mut account.record.gap)
    }

    /// A poll of the account was whole: what was wrong with reading it is over. Where nobody has watched it for
    /// `too_long`, `[ops]` hears so although no trouble was told, as leadtime itself was not there to tell it.
    ///
    /// # Errors
    /// The store's.
    pub fn watched(
        &mut self,
        account: &AccountName,
        too_long: SignedDuration,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let last_case = self.next.case;
        let Some(entry) = self.accounts.get_mut(account) else { return Ok(()) };
        let gap = std::mem::replace(&mut entry.record.gap, Gap::after(entry.record.last_whole, last_case));
        entry.ahead = true;
        if gap.holds_something() {
            // Written now, or a crash would have it told again.
            self.draft.commit.put_json(layout::account(account), &entry.record)?;
        }
        let name = of_poll(account);
        let away = gap.since.map(|since| now.duration_since(since));
        let seconds = |away: SignedDuration| Seconds(away.as_secs());
        if self.troubles.contains_key(&name) {
            let missed = self.missed(account, &gap, now)?;
            let again = Recovery::ReadAgain { account: account.clone(), away: away.map(seconds), missed };
            return self.clear(&name, again, now);
        }
        let Some(away) = away.filter(|away| *away >= too_long) else { return Ok(()) };
        let missed = self.missed(account, &gap, now)?;
        let recovery = Recovery::Unwatched { account: account.clone(), away: seconds(away), missed };
        tracing::warn!(%account, "{}", words::of(Locale::EN).recovery(&recovery).title);
        self.tell_ops(&name, &Notice { news: News::Recovered(recovery), since: gap.since }, now)
    }

    /// What nobody watched, and what was caught up.
    fn missed(&self, account: &AccountName, gap: &Gap, now: Timestamp) -> Result<Missed, StoreFault> {
        let (open, nearest) = self.unwatched(account, gap)?;
        let unseen = gap.oldest.map_or(SignedDuration::ZERO, |oldest| now.duration_since(oldest));
        let known = gap.expired_first.iter().filter_map(|number| self.case(*number).ok());
        let (to_come, counted) = self.late_to_come(account, gap, now);
        Ok(Missed {
            open,
            nearest,
            new: if gap.has_begun() { gap.new } else { 0 },
            oldest: Seconds(unseen.as_secs()),
            answered: gap.answered,
            expired: gap.expired,
            expired_first: known.map(|case| name_of(&case)).collect(),
            late: gap.late.saturating_add(to_come),
            at_least: !counted,
            nothing: !gap.holds_something() && gap.has_begun(),
        })
    }

    /// How many that are still open nobody watched, and the nearest of them with their last days to answer.
    fn unwatched(&self, account: &AccountName, gap: &Gap) -> Result<(usize, Vec<(String, Date)>), StoreFault> {
        let mut names = Vec::new();
        let Some(entry) = self.accounts.get(account).filter(|_| gap.has_begun()) else { return Ok((0, names)) };
        let known = entry.known.iter();
        let (mut count, mut nearest) = (0_usize, BTreeSet::new());
        for glance in known.filter(|glance| glance.number.0 <= gap.known_up_to && !glance.shelved) {
            count += 1;
            nearest.insert((glance.deadline, glance.number));
            if nearest.len() > NAMED {
                nearest.pop_last();
            }
        }
        for (_, number) in &nearest {
            match self.case(*number) {
                Ok(case) => {
                    names.push((name_of(&case), self.orders.rules.default_hours.answer_by(case.deadline.at)));
                }
                Err(StoreFault::Damaged { .. }) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok((count, names))
    }

    /// Messages that fell due in the gap and are not in the outbox yet, as their cases are decided on after the polls; and
    /// whether those are all.
    fn late_to_come(&self, account: &AccountName, gap: &Gap, now: Timestamp) -> (u32, bool) {
        let due = || self.looks.by_time.iter().take_while(|(at, _)| *at <= now);
        let counted = due().nth(READS).is_none();
        let cases =
            due().take(READS).filter_map(|(_, number)| self.case(*number).ok()).filter(|case| case.account == *account);
        let late = cases.map(|case| {
            let lines = decide(&case, &self.orders.rules, now).lines;
            let is_new = |line: &&Line| {
                let fate = case.entry(&line.key).map(|entry| &entry.fate);
                line.call.is_due() && matches!(fate, None | Some(Fate::Cancelled)) && gap.holds_late(line, now)
            };
            lines.iter().filter(is_new).count()
        });
        (u32::try_from(late.sum::<usize>()).unwrap_or(u32::MAX), counted)
    }
}

/// A referral as people know it: by its customer, else by the beginning of its id.
fn name_of(case: &Case) -> String {
    match case.referral.customer().map(|name| one_line(name, NAME_MAX)).filter(|name| !name.is_empty()) {
        Some(name) => name,
        None => case.id().as_str().chars().take(8).collect(),
    }
}
