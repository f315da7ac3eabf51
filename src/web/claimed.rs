//! Who has said that they will answer a referral, or see to it, as `status`, `explain` and `plan` tell it. Must never tell of what
//! holds no longer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    core::{
        case::Case,
        claim::{Claimant, SeenTo},
        ids::DestinationName,
        ladder::sees_to,
        rules::Rules,
    },
    service::facts::Standing,
};

/// That somebody has it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claimed {
    /// Who.
    pub by: String,
    /// Whether nobody has checked that: it was said on a page that a whole channel can open.
    pub said: bool,
    /// The destination whose link was used.
    pub at: DestinationName,
    /// Since when.
    pub since: Timestamp,
    /// Until when reminders rest.
    pub until: Timestamp,
}

/// That somebody sees to it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SeesTo {
    /// Who.
    pub by: String,
    /// Whether nobody has checked that.
    pub said: bool,
    /// The destination at which nothing is repeated until the next step.
    pub at: DestinationName,
    /// Since when.
    pub since: Timestamp,
}

impl Claimed {
    /// The claim that holds at `now`.
    pub fn of(case: &Case, rules: &Rules, now: Timestamp) -> Option<Self> {
        let Standing { claim, end } = Standing::of(case, rules, now)?;
        let Claimant { name, said, .. } = claim.by;
        Some(Self { by: name, said, at: claim.from, since: claim.at, until: end })
    }
}

impl SeesTo {
    /// Everybody who sees to it at `now`.
    pub fn of(case: &Case, rules: &Rules, now: Timestamp) -> Vec<Self> {
        let one = |at: &DestinationName, seen: &SeenTo| Self {
            by: seen.by.name.clone(),
            said: seen.by.said,
            at: at.clone(),
            since: seen.at,
        };
        case.seen_to.keys().filter_map(|at| Some(one(at, sees_to(case, at, rules, now)?))).collect()
    }
}
