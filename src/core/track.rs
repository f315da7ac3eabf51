//! What a listing says about what is known: what is new, what differs, what has left. Absence is judged at the end of a
//! whole listing alone, and then only by reading each missing referral by its id. Pure.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{
    case::LAST_REREAD,
    ids::{CaseNumber, ReferralId, ShortId},
    page::Page,
};

/// How many referrals one cycle reads by id, at most; the rest wait for the next one, nearest deadline first.
pub const READS_MAX: usize = 200;

/// The open referrals of one account, as far as a listing must know them. There may be 100,000, so each is kept small.
#[derive(Clone, Debug, Default)]
pub struct Known {
    open: HashMap<ShortId, Kept>,
    /// Those that are not listed: when each is to be read by id.
    away: HashMap<CaseNumber, Timestamp>,
}

/// A glance without what only few have.
#[derive(Clone, Copy, Debug)]
struct Kept {
    number: CaseNumber,
    fingerprint: u64,
    deadline: Timestamp,
    shelved: bool,
}

/// One open referral at a glance.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Glance {
    /// Its case.
    pub number: CaseNumber,
    /// The fingerprint of the text it was last read from.
    pub fingerprint: u64,
    /// Its deadline.
    pub deadline: Timestamp,
    /// When it is to be read by id; none while it is listed.
    pub reread_at: Option<Timestamp>,
    /// Whether nobody hears of it, as its account or the account's filter has left it out.
    pub shelved: bool,
}

/// What one item of a page changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// It is not among the open ones: new, or closed before and open again.
    Appeared {
        /// Its position on the page.
        item: usize,
    },
    /// Its text differs from what was read last.
    Differs {
        /// Its position on the page.
        item: usize,
        /// Its case.
        case: CaseNumber,
    },
    /// It had left the listing and is back, its text as it was.
    Relisted {
        /// Its case.
        case: CaseNumber,
    },
}

/// A listing, as far as it has been read.
#[derive(Clone, Debug)]
pub struct Listing {
    /// When its first page was asked for.
    pub began: Timestamp,
    held: HashSet<CaseNumber>,
    items: usize,
}

/// An open referral that must be read by its id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Missing {
    /// Its case.
    pub case: CaseNumber,
    /// Its id.
    pub id: ReferralId,
    /// Whether the listing that has just ended is the first that lacks it.
    pub newly: bool,
}

impl Known {
    /// Remembers an open referral, or what has changed about it.
    pub fn open(&mut self, id: &ReferralId, glance: Glance) {
        let Glance { number, fingerprint, deadline, reread_at, shelved } = glance;
        self.open.insert(id.into(), Kept { number, fingerprint, deadline, shelved });
        match reread_at {
            Some(at) => self.away.insert(number, at),
            None => self.away.remove(&number),
        };
    }

    /// Forgets one that is closed.
    pub fn close(&mut self, id: &ReferralId) {
        if let Some(kept) = self.open.remove(&id.into()) {
            self.away.remove(&kept.number);
        }
    }

    /// What is known of an open referral.
    pub fn get(&self, id: &ReferralId) -> Option<Glance> {
        self.open.get(&id.into()).map(|kept| self.glance(kept))
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether none is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The open ones, in no order.
    pub fn iter(&self) -> impl Iterator<Item = Glance> {
        self.open.values().map(|kept| self.glance(kept))
    }

    /// When the next reading by id is due.
    pub fn next_reread(&self) -> Option<Timestamp> {
        self.away.values().copied().min()
    }

    fn glance(&self, kept: &Kept) -> Glance {
        let Kept { number, fingerprint, deadline, shelved } = *kept;
        Glance { number, fingerprint, deadline, reread_at: self.away.get(&number).copied(), shelved }
    }
}

impl Listing {
    /// A listing whose first page is asked for at `began`.
    pub fn new(began: Timestamp) -> Self {
        Self { began, held: HashSet::new(), items: 0 }
    }

    /// How many readable items it has held so far: with any, the account sees.
    pub fn items(&self) -> usize {
        self.items
    }

    /// Notes that a referral of this listing has become this case.
    pub fn holds(&mut self, case: CaseNumber) {
        self.held.insert(case);
    }
}

/// What one page of a listing changes in what is known. What is new gets its number later: say so with
/// [`Listing::holds`]. Absence is not judged here.
pub fn track(known: &Known, page: &Page, listing: &mut Listing) -> Vec<Change> {
    let mut changes = Vec::new();
    for (item, seen) in page.items.iter().enumerate() {
        listing.items += 1;
        let Some(glance) = known.get(&seen.id) else {
            changes.push(Change::Appeared { item });
            continue;
        };
        listing.held.insert(glance.number);
        if glance.fingerprint != seen.fingerprint {
            changes.push(Change::Differs { item, case: glance.number });
        } else if glance.reread_at.is_some() {
            changes.push(Change::Relisted { case: glance.number });
        }
    }
    changes
}

/// At the end of a whole listing: which open referrals were not in it and must be read by id at `now`, nearest deadline
/// first. One that was missed before is read at its own growing intervals.
pub fn track_end(known: &Known, listing: &Listing, now: Timestamp) -> Vec<Missing> {
    // What is further away than any interval was reckoned by a clock that was set back since.
    let is_due = |at: Timestamp| at <= now || at.duration_since(now) > LAST_REREAD;
    let open = known.open.iter().map(|(id, kept)| (id, known.glance(kept)));
    let mut missing: Vec<(&ShortId, Glance)> = open
        .filter(|(_, glance)| !listing.held.contains(&glance.number) && glance.reread_at.is_none_or(is_due))
        .collect();
    missing.sort_by_key(|(_, glance)| (glance.deadline, glance.number));
    let one = |(id, glance): (&ShortId, Glance)| Missing {
        case: glance.number,
        id: id.whole(),
        newly: glance.reread_at.is_none(),
    };
    missing.into_iter().map(one).collect()
}

/// Whether reads by id look as if the account had lost its role: at least three open referrals have left at once without
/// a readable outcome, and they are over half of the account's.
pub fn may_have_lost_role(left_unread: usize, open_before: usize) -> bool {
    left_unread >= 3 && left_unread * 2 > open_before
}

/// So many of those that are missing are read in one cycle.
pub fn to_read(missing: &[Missing]) -> &[Missing] {
    &missing[..missing.len().min(READS_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glance(number: u64, reread_at: Option<i64>) -> Glance {
        let at = |second| Timestamp::from_second(second).unwrap();
        let (deadline, reread_at) = (at(1_800_000_000), reread_at.map(at));
        Glance { number: CaseNumber(number), fingerprint: 7, deadline, reread_at, shelved: number.is_multiple_of(2) }
    }

    #[test]
    fn what_is_missing_has_the_id_that_it_was_seen_under() {
        let ids = ["0000abcd-6f2e-4a3c-9f0e-0d7a7c1e1f01", "0000ABCD-6F2E-4A3C-9F0E-0D7A7C1E1F01", "r-1"];
        let mut known = Known::default();
        for (number, id) in (1..).zip(ids) {
            known.open(&id.into(), glance(number, None));
        }
        let missing = track_end(&known, &Listing::new(Timestamp::UNIX_EPOCH), Timestamp::UNIX_EPOCH);
        let named: Vec<&str> = missing.iter().map(|missing| missing.id.as_str()).collect();
        assert_eq!(named, ids);
    }

    #[test]
    fn one_that_is_closed_or_listed_again_is_not_read_by_id() {
        let mut known = Known::default();
        for (number, id) in [(1, "r-1"), (2, "r-2"), (3, "r-3")] {
            known.open(&id.into(), glance(number, Some(number as i64)));
        }
        known.close(&"r-1".into());
        known.open(&"r-2".into(), glance(2, None));
        assert_eq!(known.next_reread(), glance(3, Some(3)).reread_at);
        assert_eq!(known.get(&"r-2".into()), Some(glance(2, None)));
        assert_eq!((known.len(), known.get(&"r-1".into())), (2, None));
    }
}
