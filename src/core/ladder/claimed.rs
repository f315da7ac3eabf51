//! What a person's word does to a ladder: a claim lets reminders rest until its end, "I'll see to it" ends repeats at a
//! manager's destination. Neither ever holds back an escalation, nor what speaks in the place of one.

use jiff::Timestamp;

use super::{
    Desk,
    rungs::{Past, Rung, opening},
};
use crate::core::{claim, key::Purpose};

impl Desk<'_> {
    /// Moves the reminders that fall due in a claim, or were due when it was made and have not gone out, to the opening at
    /// its end; of those the latest then speaks. That stays so once it is over: a reminder's place is where it came to
    /// stand. Where the claim is given back there is none.
    pub(super) fn claimed(&self, rungs: &mut [Rung<'_>]) {
        let Some((claim, end)) = claim::held(self.case, self.rules) else { return };
        let reached = self.reached();
        // Whether an escalation is due here that nobody has heard: what comes after it speaks in its place, and goes out.
        let mut carries = false;
        for rung in rungs.iter_mut() {
            carries = !rung.is_heard(reached) && (carries || (rung.escalate && rung.place <= self.now));
            let waits = matches!(rung.past, Past::Open) && rung.place < end;
            if carries || !waits || rung.escalate || rung.purpose == Purpose::New {
                continue;
            }
            if rung.place >= claim.at || self.is_queued(rung) || !self.is_passed(rung) {
                rung.place = opening(rung.gate, end, self.case.deadline.at);
                rung.rests = true;
            }
        }
        rungs.sort_by_key(Rung::order);
    }

    /// Whether a step of its own, no repeat, has come here since an instant.
    pub(super) fn has_come_since(&self, since: Timestamp) -> bool {
        self.rungs().iter().any(|rung| rung.repeats.is_none() && since < rung.place && rung.place <= self.now)
    }

    /// Whether it repeats a step that stood here when a manager said that they will see to it.
    pub(super) fn is_seen_to(&self, rung: &Rung<'_>) -> bool {
        let seen_to = self.case.seen_to.get(self.destination);
        seen_to.zip(rung.repeats).is_some_and(|(seen_to, step)| step <= seen_to.at)
    }
}
