//! What is kept, and for how long: the journal and closed referrals leave when `[state] keep` has passed, a little at a
//! time; and when each destination last took something.

use jiff::{SignedDuration, Timestamp};

use super::State;
use crate::{
    core::{
        case::{Case, Life},
        ids::DestinationName,
        referral::Referral,
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
    ///
    /// # Errors
    /// The store's.
    pub fn prune(&mut self, before: Timestamp, personal: Timestamp, limit: usize) -> Result<(), StoreFault> {
        self.prune_journal(before, limit)?;
        let cases = self.store.scan(layout::CASES, self.pruned_to.as_deref(), CASES_AT_ONCE)?;
        self.pruned_to = cases.last().map(|(key, _)| layout::after(key));
        for (key, value) in cases {
            // A damaged case is told of where it is used; here it costs only itself.
            let (Some(number), Ok(case)) = (layout::case_number(&key), read_json::<Case>(&key, &value)) else {
                continue;
            };
            let (Life::Closed { at: ended, .. } | Life::Gone { at: ended }) = case.life else { continue };
            // What is being written just now may be open again.
            if ended >= personal.max(before) || self.draft.cases.contains_key(&number) {
                continue;
            }
            let Ok(case) = self.case(number) else { continue };
            if ended < before {
                self.draft.commit.delete(layout::seen(&case.account, case.id())).delete(layout::body(number));
                self.draft.commit.delete(layout::summary(number)).delete(key);
                self.looks.set(number, None);
            } else if let Some(rest) = without_personal(&case.referral) {
                self.save_body(number, &rest, None)?;
            }
        }
        Ok(())
    }

    fn prune_journal(&mut self, before: Timestamp, limit: usize) -> Result<(), StoreFault> {
        let is_old = |key: &[u8]| layout::LinePlace::from_journal_key(key).filter(|place| place.at < before);
        let first = self.store.scan(layout::JOURNAL, None, 1)?;
        if first.first().and_then(|(key, _)| is_old(key)).is_none() {
            return Ok(());
        }
        for (key, _) in self.store.scan(layout::JOURNAL, None, limit)? {
            let Some(place) = is_old(&key) else { break };
            if let Some(history) = place.history_key() {
                self.draft.commit.delete(history);
            }
            self.draft.commit.delete(key);
        }
        Ok(())
    }

    /// Whether a destination has taken nothing for so long, and nothing waits for it. Before it has ever taken anything the
    /// start counts.
    pub fn is_silent_for(&mut self, destination: &DestinationName, silence: SignedDuration, now: Timestamp) -> bool {
        let began = *self.silent_since.entry(destination.clone()).or_insert(now);
        let last = self.last_accepted(destination).unwrap_or(began);
        let waits =
            self.lanes_at(destination).iter().any(|lane| self.queues.get(lane).is_some_and(|queue| !queue.is_empty()));
        !waits && now.duration_since(last) >= silence
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
fn without_personal(referral: &Referral) -> Option<Referral> {
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
