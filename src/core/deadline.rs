//! When a referral expires: what Partner Center says, an estimate where it says nothing, and which deadline the steps
//! before it are armed with. Pure.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    period::{Period, Seconds},
    referral::Referral,
};

/// From so great a difference on, a moved deadline re-arms the steps before it.
const REARMS_FROM: SignedDuration = SignedDuration::from_hours(24);

/// A referral's deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deadline {
    /// The instant at which it expires, as last read or estimated.
    pub at: Timestamp,
    /// Whether it is our estimate, as no `expirationDateTime` was ever read.
    pub estimated: bool,
    /// The deadline that the keys of `before_expiry` steps hold.
    pub armed: Timestamp,
    /// When the present armed deadline was read, where it is not the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rearmed_at: Option<Timestamp>,
}

/// What a reading did to a deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moved {
    /// Nothing, or less than a day: what is to come shifts, nothing is sent again.
    NotMuch,
    /// The steps before it are armed anew.
    Rearmed {
        /// Whether readers are to hear of it: not where a first real deadline takes an estimate's place.
        is_news: bool,
    },
}

impl Deadline {
    /// The deadline of a referral seen for the first time at `now`.
    pub fn first(referral: &Referral, expires_after: Period, now: Timestamp) -> Self {
        let read = referral.expires_at();
        let at = read.unwrap_or_else(|| estimate(referral.created_at().unwrap_or(now), expires_after));
        Self { at, estimated: read.is_none(), armed: at, rearmed_at: None }
    }

    /// Takes what a later reading says. Once read, a deadline stays until another is read.
    pub fn reread(&mut self, referral: &Referral, now: Timestamp) -> Moved {
        let Some(read) = referral.expires_at() else {
            return Moved::NotMuch;
        };
        let was_estimated = std::mem::replace(&mut self.estimated, false);
        self.at = read;
        if read.duration_since(self.armed).abs() < REARMS_FROM {
            return Moved::NotMuch;
        }
        self.armed = read;
        self.rearmed_at = Some(now);
        Moved::Rearmed { is_news: !was_estimated }
    }
}

/// Creation plus what a referral is given to live, at 00:00 UTC of that day: Microsoft's own samples expire at midnight.
fn estimate(created: Timestamp, expires_after: Period) -> Timestamp {
    let Seconds(seconds) = match expires_after {
        Period::Elapsed(seconds) => seconds,
        // Settings refuse working time here; a day is counted as a day should one come all the same.
        Period::Working { days, seconds } => Seconds(i64::from(days) * 86_400 + seconds.0),
    };
    let end = created.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
    end.to_zoned(TimeZone::UTC).start_of_day().map_or(end, |midnight| midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn referral(created: &str, expires: Value) -> Referral {
        Referral::read(json!({"id": "r1", "createdDateTime": created, "expirationDateTime": expires})).unwrap()
    }

    fn first(expires: Value) -> Deadline {
        Deadline::first(&referral("2026-11-02T09:00:00Z", expires), Period::days(14), at("2026-11-02T10:00:00Z"))
    }

    fn reread(deadline: &mut Deadline, expires: &str, now: &str) -> Moved {
        deadline.reread(&referral("2026-11-02T09:00:00Z", json!(expires)), at(now))
    }

    #[test]
    fn what_partner_center_says_goes_before_the_estimate() {
        assert_eq!(first(json!("2026-11-09T00:00:00Z")).at, at("2026-11-09T00:00:00Z"));
        let estimated = first(Value::Null);
        assert_eq!(estimated.at, at("2026-11-16T00:00:00Z"));
        assert!(estimated.estimated);
        assert!(first(json!("soon")).estimated);
    }

    #[test]
    fn one_listing_without_a_deadline_changes_nothing() {
        let mut deadline = first(json!("2026-11-16T00:00:00Z"));
        let before = deadline;
        let bare = referral("2026-11-02T09:00:00Z", Value::Null);
        assert_eq!(deadline.reread(&bare, at("2026-11-03T00:00:00Z")), Moved::NotMuch);
        assert_eq!(deadline, before);
    }

    #[test]
    fn small_moves_add_up_against_the_armed_deadline() {
        let mut deadline = first(json!("2026-11-16T00:00:00Z"));
        assert_eq!(reread(&mut deadline, "2026-11-16T20:00:00Z", "2026-11-09T08:00:00Z"), Moved::NotMuch);
        assert_eq!(deadline.armed, at("2026-11-16T00:00:00Z"));
        assert_eq!(
            reread(&mut deadline, "2026-11-17T16:00:00Z", "2026-11-11T08:00:00Z"),
            Moved::Rearmed { is_news: true }
        );
        assert_eq!(deadline.armed, at("2026-11-17T16:00:00Z"));
        assert_eq!(deadline.rearmed_at, Some(at("2026-11-11T08:00:00Z")));
    }

    #[test]
    fn a_first_real_deadline_rearms_without_being_news() {
        let mut deadline = first(Value::Null);
        assert_eq!(
            reread(&mut deadline, "2026-11-09T00:00:00Z", "2026-11-03T00:00:00Z"),
            Moved::Rearmed { is_news: false }
        );
        assert!(!deadline.estimated);
    }
}
