//! What is kept, and for how long: the journal and closed referrals leave when `[state] keep` has passed, a little at a
//! time; and when each destination last took something.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::State;
use crate::{
    core::{
        case::{Case, Life},
        ids::{CaseNumber, DestinationName},
        referral::{Referral, Standing},
    },
    store::{StoreFault, get_json, layout, read_json},
};

/// What of a referral is somebody's: the customer's people, and what was written about them.
const PERSONAL: [&str; 3] = ["customerProfile/team", "details/notes", "inviteContext/notes"];
/// So many cases are looked at in one turn.
const CASES_AT_ONCE: usize = 50;

impl State {
    /// Takes away what ended before `before`: journal lines, and closed cases with all that is theirs; and the contacts and
    /// notes of those that ended before `personal`. `limit` lines are taken away, at most; the next call goes on from there.
    /// Returns whether that was not all.
    ///
    /// # Errors
    /// The store's.
    pub fn prune(&mut self, before: Timestamp, personal: Timestamp, limit: usize) -> Result<bool, StoreFault> {
        let (told_of, is_more) = self.prune_journal(before, limit)?;
        // A case leaves with the line that tells of its end: as fast as lines do, however many cases there are.
        for number in told_of {
            let key = layout::case(number);
            if let Some(value) = self.store.get(&key)? {
                self.prune_case(number, key, &value, before, personal)?;
            }
        }
        let cases = self.store.scan(layout::CASES, self.pruned_to.as_deref(), CASES_AT_ONCE)?;
        self.pruned_to = cases.last().map(|(key, _)| layout::after(key));
        for (key, value) in cases {
            if let Some(number) = layout::case_number(&key) {
                self.prune_case(number, key, &value, before, personal)?;
            }
        }
        Ok(is_more)
    }

    fn prune_case(
        &mut self,
        number: CaseNumber,
        key: Vec<u8>,
        value: &[u8],
        before: Timestamp,
        personal: Timestamp,
    ) -> Result<(), StoreFault> {
        // A damaged case is told of where it is used; here it costs only itself.
        let Ok(case) = read_json::<Case>(&key, value) else { return Ok(()) };
        let (Life::Closed { at: ended, .. } | Life::Gone { at: ended }) = case.life else { return Ok(()) };
        // What is being written just now may be open again.
        if ended >= personal.max(before) || self.draft.cases.contains_key(&number) {
            return Ok(());
        }
        let Ok(case) = self.case(number) else { return Ok(()) };
        if ended < before {
            // What waits to be told of it is told first; pruning comes past again.
            if self.queues.values().any(|queue| queue.of_case(number).next().is_some()) {
                return Ok(());
            }
            self.draft.commit.delete(layout::seen(&case.account, case.id())).delete(layout::body(number));
            self.draft.commit.delete(layout::summary(number)).delete(key);
            self.looks.set(number, None);
        } else if let Some(rest) = without_personal(&case.referral) {
            self.save_body(number, &rest, None)?;
        }
        Ok(())
    }

    /// The cases that the lines told of which it takes away, and whether there may be more such lines.
    fn prune_journal(&mut self, before: Timestamp, limit: usize) -> Result<(BTreeSet<CaseNumber>, bool), StoreFault> {
        let is_old = |key: &[u8]| layout::LinePlace::from_journal_key(key).filter(|place| place.at < before);
        let mut told_of = BTreeSet::new();
        let first = self.store.scan(layout::JOURNAL, None, 1)?;
        if first.first().and_then(|(key, _)| is_old(key)).is_none() {
            return Ok((told_of, false));
        }
        let mut taken = 0;
        for (key, _) in self.store.scan(layout::JOURNAL, None, limit)? {
            let Some(place) = is_old(&key) else { break };
            if let Some(history) = place.history_key() {
                self.draft.commit.delete(history);
            }
            self.draft.commit.delete(key);
            told_of.extend(place.case);
            taken += 1;
        }
        Ok((told_of, taken == limit))
    }

    /// Whether the contacts and notes of what is read of a referral are not to be kept any more.
    pub(super) fn is_forgotten(&self, case: &Case, read: &Referral, now: Timestamp) -> bool {
        if read.standing() == Standing::Open {
            return false;
        }
        let (Life::Closed { at: ended, .. } | Life::Gone { at: ended }) = case.life else { return false };
        now.duration_since(ended) > self.orders.forget_personal_after
    }

    /// Whether a destination has taken nothing for so long, and nothing waits for it. Before the first acceptance the
    /// instant counts at which this was first asked: no restart makes a silence shorter.
    ///
    /// # Errors
    /// The store's.
    pub fn is_silent_for(
        &mut self,
        destination: &DestinationName,
        silence: SignedDuration,
        now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let last = match self.last_accepted(destination) {
            Some(accepted) => accepted,
            None => match get_json(self.store.as_ref(), &layout::silent(destination))? {
                Some(since) => since,
                None => {
                    self.draft.commit.put_json(layout::silent(destination), &now)?;
                    now
                }
            },
        };
        let waits =
            self.lanes_at(destination).iter().any(|lane| self.queues.get(lane).is_some_and(|queue| !queue.is_empty()));
        Ok(!waits && now.duration_since(last) >= silence)
    }

    /// Remembers whether leadtime is run once, as a timer does, or as a service: `status` judges its absence by that.
    ///
    /// # Errors
    /// The store's.
    pub fn runs_once(&mut self, once: bool) -> Result<(), StoreFault> {
        let known = get_json::<bool>(self.store.as_ref(), layout::ONCE)?.unwrap_or_default();
        if known != once {
            self.draft.commit.put_json(layout::ONCE, &once)?;
        }
        Ok(())
    }

    /// When a destination last took a message.
    pub fn last_accepted(&self, destination: &DestinationName) -> Option<Timestamp> {
        self.last_accepted.get(destination).copied()
    }
}

/// A referral without what is somebody's; `None` where there is nothing of the kind.
pub(super) fn without_personal(referral: &Referral) -> Option<Referral> {
    if PERSONAL.iter().all(|path| referral.at(path).is_none()) {
        return None;
    }
    let mut body = serde_json::Value::Object(referral.body().clone());
    for path in PERSONAL {
        if let Some((above, name)) = path.rsplit_once('/')
            && let Some(object) = body.get_mut(above).and_then(serde_json::Value::as_object_mut)
        {
            object.remove(name);
        }
    }
    Referral::read(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn contacts_and_notes_are_forgotten_and_the_rest_is_kept() {
        let referral = Referral::read(json!({
            "id": "r1",
            "customerProfile": {"name": "Fabrikam", "team": [{"email": "a@b.example"}]},
            "details": {"notes": "call Ada", "dealValue": 5},
            "inviteContext": {"notes": "Ada again"},
        }));
        let rest = without_personal(&referral.unwrap()).unwrap();
        let shown = serde_json::to_string(rest.body()).unwrap();
        assert!(!shown.contains("Ada") && !shown.contains("a@b"), "{shown}");
        assert_eq!((rest.customer(), rest.deal_value()), (Some("Fabrikam"), Some(5.0)));
        assert_eq!(without_personal(&rest), None);
    }
}
