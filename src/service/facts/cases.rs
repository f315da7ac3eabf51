//! Cases in and out of the store: the record, the referral's own text beside it, and the summary that loops scan.

use jiff::Timestamp;
use serde_json::Value;

use super::{State, Summary, digests::Apart};
use crate::{
    core::{
        case::{Case, Fate},
        ids::{AccountName, CaseNumber, ReferralId},
        referral::Referral,
        track::Glance,
    },
    store::{StoreFault, get_json, layout},
};

/// A referral's text above this size loses its largest fields before it is kept: one row of the store holds so much.
const BODY_MAX: usize = 48 * 1024;

impl State {
    /// The case of a referral, open or closed, where it was ever seen.
    pub(super) fn case_number(&self, account: &AccountName, id: &ReferralId) -> Result<Option<CaseNumber>, StoreFault> {
        get_json(self.store.as_ref(), &layout::seen(account, id))
    }

    /// A case as it is now, what waits for the next commit included.
    ///
    /// # Errors
    /// The store's own; and damage, where a case that something points at is not there.
    pub fn case(&self, number: CaseNumber) -> Result<Case, StoreFault> {
        let mut case = match self.draft.cases.get(&number).or_else(|| self.at_hand.get(&number)) {
            Some(case) => case.clone(),
            None => read_case(self.store.as_ref(), number)?,
        };
        let listing = self.accounts.get(&case.account).and_then(|account| account.record.last_whole);
        case.as_of = case.known_open_as_of(listing);
        self.overlay_attempts(&mut case);
        Ok(case)
    }

    /// An attempt under way stands in its row; the case learns of it when it is looked at.
    fn overlay_attempts(&self, case: &mut Case) {
        for entry in case.ledger.iter_mut().filter(|entry| entry.fate == Fate::Queued) {
            let lanes = self.queues.range((entry.key.destination.clone(), None)..);
            let lanes = lanes.take_while(|(lane, _)| lane.0 == entry.key.destination);
            let mut rows = lanes.flat_map(|(_, queue)| queue.of_case(case.number));
            if rows.any(|row| row.attempting.is_some() && row.key() == Some(&entry.key)) {
                entry.fate = Fate::Attempting;
            }
        }
    }

    /// Keeps a case: in the draft, and in what loops scan. `fingerprint` is that of the text it was read from.
    pub(super) fn save(
        &mut self,
        case: Case,
        look: Option<Timestamp>,
        fingerprint: Option<u64>,
    ) -> Result<(), StoreFault> {
        let case = as_stored(case);
        let number = case.number;
        self.draft.commit.put_json(layout::case(number), &case)?;
        self.watch_for(&case, look, fingerprint)?;
        if let Some(at_hand) = self.at_hand.get_mut(&number) {
            at_hand.clone_from(&case);
        }
        self.draft.cases.insert(number, case);
        Ok(())
    }

    /// Has a case at hand while a message about it is under way.
    pub(super) fn keep_at_hand(&mut self, case: &Case) {
        self.at_hand.insert(case.number, as_stored(case.clone()));
    }

    /// Keeps the summary of a case, and memory in step with it. What memory has already is in the store too.
    pub(super) fn watch_for(
        &mut self,
        case: &Case,
        look: Option<Timestamp>,
        fingerprint: Option<u64>,
    ) -> Result<(), StoreFault> {
        let shelving = self.shelving.take_if(|(number, _)| *number == case.number).map(|(_, shelved)| shelved);
        let account = self.accounts.entry(case.account.clone()).or_default();
        let known = account.known.get(case.id());
        let shelved = shelving.or(known.map(|glance| glance.shelved)).unwrap_or_default();
        let fingerprint = fingerprint.or(known.map(|glance| glance.fingerprint)).unwrap_or_default();
        if case.is_open() {
            let glance = Glance {
                number: case.number,
                fingerprint,
                deadline: case.deadline.at,
                reread_at: case.reread_at(),
                shelved,
            };
            let apart = self.apart.get(&case.number).copied();
            if known == Some(glance)
                && self.looks.by_case.get(&case.number) == look.as_ref()
                && apart == Apart::of(case)
            {
                return Ok(());
            }
            account.known.open(case.id(), glance);
        } else {
            account.known.close(case.id());
        }
        if let Some(look) = look {
            self.news |= self.looks.first().is_none_or(|(first, _)| look < first);
        }
        self.looks.set(case.number, look);
        let apart = Apart::of(case);
        match apart {
            Some(apart) => drop(self.apart.insert(case.number, apart)),
            None => drop(self.apart.remove(&case.number)),
        }
        let Apart { muted, claimed } = apart.unwrap_or_default();
        let key = layout::summary(case.number);
        if case.is_open() || look.is_some() {
            let summary = Summary {
                account: case.account.clone(),
                id: case.id().clone(),
                fingerprint,
                deadline: case.deadline.at,
                reread: case.reread_at(),
                look,
                open: case.is_open(),
                shelved,
                muted,
                claimed,
            };
            self.draft.commit.put_json(key, &summary)?;
        } else {
            self.draft.commit.delete(key);
        }
        Ok(())
    }

    /// Keeps a referral's own text.
    pub(super) fn save_body(
        &mut self,
        number: CaseNumber,
        referral: &Referral,
        raw: Option<&str>,
    ) -> Result<(), StoreFault> {
        let key = layout::body(number);
        match raw {
            Some(raw) if raw.len() <= BODY_MAX => {
                self.draft.commit.put(key, raw.as_bytes());
            }
            _ => {
                self.draft.commit.put_json(key, &bounded(referral))?;
            }
        }
        Ok(())
    }
}

/// A case as it is stored: an attempt under way stands in its row alone.
fn as_stored(mut case: Case) -> Case {
    for entry in case.ledger.iter_mut().filter(|entry| entry.fate == Fate::Attempting) {
        entry.fate = Fate::Queued;
    }
    case
}

/// A case as it stands in the store.
///
/// # Errors
/// The store's own; and damage, where the case or its referral is not there.
pub fn read_case(store: &dyn crate::store::Store, number: CaseNumber) -> Result<Case, StoreFault> {
    let missing = |what: &str| StoreFault::Damaged { what: format!("{what} {} is not there", number.0) };
    let mut case: Case = get_json(store, &layout::case(number))?.ok_or_else(|| missing("case"))?;
    case.referral = get_json(store, &layout::body(number))?.ok_or_else(|| missing("the referral of case"))?;
    Ok(case)
}

/// A referral whose largest fields are left out until it can be kept.
fn bounded(referral: &Referral) -> Value {
    let mut body = referral.body().clone();
    let size = |value: &Value| serde_json::to_vec(value).map_or(0, |json| json.len());
    while body.len() > 1 && size(&Value::Object(body.clone())) > BODY_MAX {
        let largest = body.iter().filter(|(name, _)| *name != "id").max_by_key(|(_, value)| size(value));
        let Some(name) = largest.map(|(name, _)| name.clone()) else { break };
        body.remove(&name);
    }
    Value::Object(body)
}
