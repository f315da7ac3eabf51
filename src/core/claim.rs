//! A claim: a person has said "I'll answer this one", so reminders rest for some working days. Escalations do not, and only
//! an answer in Partner Center stops the clock. What a claim moves is the ladder's affair.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    case::Case,
    hours::Hours,
    ids::{DestinationName, PersonName},
    ladder::counting_hours,
    period::Period,
    rules::Rules,
};

/// So many working days a claim holds, at most.
pub const DAYS_MAX: u8 = 3;

/// That somebody has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// Who.
    pub by: Claimant,
    /// Since when.
    pub at: Timestamp,
    /// Until when, as it was wished; a deadline may end it sooner, see [`end`].
    pub until: Timestamp,
    /// The destination whose link was used.
    pub from: DestinationName,
}

/// Who claims.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claimant {
    /// The name as people read it.
    pub name: String,
    /// The person of the settings, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonName>,
    /// Whether nobody has checked it: it was said on a page that a whole channel can open.
    #[serde(default)]
    pub said: bool,
}

/// A manager's "I'll see to it": no repeat at that destination until the next step.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeenTo {
    /// Who.
    pub by: Claimant,
    /// Since when.
    pub at: Timestamp,
}

/// Until when a claim of so many working days would hold, counted in these hours and not yet bounded by a deadline.
pub fn until(days: u8, hours: &Hours, now: Timestamp) -> Timestamp {
    hours.after(now, Period::working_days(u32::from(days.clamp(1, DAYS_MAX))))
}

/// When a claim on this referral ends: as it was wished, at the latest one working day before the deadline.
pub fn end(case: &Case, claim: &Claim, rules: &Rules) -> Timestamp {
    let latest = latest(case, counting_hours(rules, &claim.from, None));
    claim.until.min(latest)
}

/// The last instant until which a claim on this referral can hold anything back.
pub fn latest(case: &Case, hours: &Hours) -> Timestamp {
    hours.before(case.deadline.at, Period::working_days(1))
}

/// The claim that was made, and when it ends or has ended; none where the deadline leaves it no time.
pub fn held<'a>(case: &'a Case, rules: &Rules) -> Option<(&'a Claim, Timestamp)> {
    let claim = case.claim.as_ref()?;
    let end = end(case, claim, rules);
    (claim.at < end).then_some((claim, end))
}

/// The claim that holds at `now`, and when it ends.
pub fn standing<'a>(case: &'a Case, rules: &Rules, now: Timestamp) -> Option<(&'a Claim, Timestamp)> {
    held(case, rules).filter(|(_, end)| now < *end)
}
