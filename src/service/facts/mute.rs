//! A person's wish to hear no more of a referral, and its end: by hand, or when its time has passed. What a mute silences is
//! the ladder's affair.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime},
    tz::TimeZone,
};

use super::{State, journal::Line};
use crate::{
    channels::one_line,
    core::{
        case::{Case, Mute},
        ids::CaseNumber,
        outbox::{About, Row},
        period::{Period, Seconds},
    },
    store::StoreFault,
};

/// A reason is not longer.
const REASON_MAX: usize = 300;
/// Nor is a name.
const NAME_MAX: usize = 60;

/// What a mute did.
#[derive(Clone, PartialEq, Debug)]
pub enum Muting {
    /// It holds.
    Muted {
        /// The referral, muted.
        case: Box<Case>,
        /// How many messages that waited were cancelled.
        cancelled: usize,
    },
    /// The referral is over, so that there is nothing to mute.
    Over(Box<Case>),
}

/// What the end of a mute did.
#[derive(Clone, PartialEq, Debug)]
pub enum Unmuting {
    /// It is over.
    Unmuted {
        /// The referral.
        case: Box<Case>,
        /// The messages that go out now: where to, and as what.
        now: Vec<(String, &'static str)>,
    },
    /// It was not muted.
    WasNot(Box<Case>),
}

impl State {
    /// Mutes an open referral, or changes the reason and the end of its mute. What waits in the outbox is cancelled. `by`:
    /// who wants it, as they say; nobody has checked.
    ///
    /// # Errors
    /// The store's.
    pub fn mute(
        &mut self,
        number: CaseNumber,
        reason: &str,
        until: Option<Timestamp>,
        by: Option<&str>,
        now: Timestamp,
    ) -> Result<Muting, StoreFault> {
        let reason = one_line(reason, REASON_MAX);
        let by = by.map(|name| one_line(name, NAME_MAX)).filter(|name| !name.is_empty());
        let mut case = self.case(number)?;
        if !case.is_open() {
            return Ok(Muting::Over(Box::new(case)));
        }
        let waited = self.rows_about(number).count();
        let at = case.muted_at(now).map_or(now, |mute| mute.at);
        case.muted = Some(Mute { at, until, reason: reason.clone(), by: by.clone() });
        self.journal(Some(number), now, &Line::Muted { reason, until, by })?;
        self.decide_on(case, None, now)?;
        let cancelled = waited.saturating_sub(self.rows_about(number).count());
        Ok(Muting::Muted { case: Box::new(self.case(number)?), cancelled })
    }

    /// Ends a mute. What is due then is put into the outbox, by the ladder as one message for each destination.
    ///
    /// # Errors
    /// The store's.
    pub fn unmute(&mut self, number: CaseNumber, now: Timestamp) -> Result<Unmuting, StoreFault> {
        let mut case = self.case(number)?;
        if case.muted_at(now).is_none() {
            return Ok(Unmuting::WasNot(Box::new(case)));
        }
        case.muted = None;
        self.journal(Some(number), now, &Line::Unmuted { by_hand: true })?;
        self.decide_on(case, None, now)?;
        let goes = |row: &Row| match &row.about {
            About::Referral { event, key, .. } if row.not_before <= now => {
                Some((key.destination.to_string(), event.as_str()))
            }
            _ => None,
        };
        let mut out: Vec<_> = self.rows_about(number).filter_map(goes).collect();
        out.dedup();
        Ok(Unmuting::Unmuted { case: Box::new(self.case(number)?), now: out })
    }

    /// A mute whose time has passed leaves the case, and the journal says so.
    pub(super) fn end_of_mute(&mut self, case: &mut Case, now: Timestamp) -> Result<(), StoreFault> {
        if case.muted.is_none() || case.muted_at(now).is_some() {
            return Ok(());
        }
        case.muted = None;
        self.journal(Some(case.number), now, &Line::Unmuted { by_hand: false })
    }

    fn rows_about(&self, number: CaseNumber) -> impl Iterator<Item = &Row> {
        self.queues.values().flat_map(move |queue| queue.of_case(number))
    }
}

/// Until when a mute holds, as a person writes it: a period from now on, a date (the start of that day in `zone`), a time of
/// day with it, or an instant in RFC 3339.
///
/// # Errors
/// What is wrong with it and how to write it.
pub fn until_of(text: &str, zone: &TimeZone, now: Timestamp) -> Result<Timestamp, String> {
    let text = text.trim();
    let local = |time: DateTime| time.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
    let day_or_time = || match text.contains(':') {
        true => text.parse::<DateTime>().and_then(local),
        false => text.parse::<Date>().and_then(|day| local(day.at(0, 0, 0, 0))),
    };
    let after = match Period::parse(text) {
        Ok(Period::Elapsed(Seconds(seconds))) => now.checked_add(SignedDuration::from_secs(seconds)).ok(),
        Ok(Period::Working { .. }) => {
            return Err(format!("--until {text} is working time; write plain time, such as 2d, or a day"));
        }
        Err(_) => None,
    };
    match after.map_or_else(|| text.parse::<Timestamp>().or_else(|_| day_or_time()), Ok) {
        Ok(until) if until > now => Ok(until),
        Ok(_) => Err(format!("--until {text} is past; name a day or a time to come, or leave it out")),
        Err(_) => {
            Err(format!("--until {text} is neither a date nor a period; write 2026-12-01, 2026-12-01T09:00 or 2d"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(text: &str) -> Result<String, String> {
        let zone = TimeZone::get("Europe/Budapest").unwrap();
        until_of(text, &zone, "2026-11-20T12:00:00Z".parse().unwrap()).map(|at| at.to_string())
    }

    #[test]
    fn a_date_means_the_start_of_that_day_where_people_are() {
        assert_eq!(until("2026-12-01").unwrap(), "2026-11-30T23:00:00Z");
        assert_eq!(until("2026-12-01T09:00").unwrap(), "2026-12-01T08:00:00Z");
        assert_eq!(until("2026-12-01T09:00:00Z").unwrap(), "2026-12-01T09:00:00Z");
    }

    #[test]
    fn a_mute_of_a_time_when_nobody_gave_a_name_is_still_read() {
        let line: Line = serde_json::from_str(r#"{"muted": {"reason": "they wait"}}"#).unwrap();
        assert_eq!(line, Line::Muted { reason: "they wait".to_owned(), until: None, by: None });
        let mute: Mute =
            serde_json::from_str(r#"{"at": "2026-11-20T12:00:00Z", "until": null, "reason": "they wait"}"#).unwrap();
        assert_eq!(mute.by, None);
    }

    #[test]
    fn a_period_counts_from_now_and_working_time_is_refused() {
        assert_eq!(until("2d").unwrap(), "2026-11-22T12:00:00Z");
        assert_eq!(until("1w12h").unwrap(), "2026-11-28T00:00:00Z");
        assert!(until("2bd").unwrap_err().contains("is working time"));
    }

    #[test]
    fn what_is_past_and_what_is_no_date_is_refused() {
        assert!(until("2026-11-20").unwrap_err().contains("is past"));
        for text in ["tomorrow", "", "01.12.2026", "0d", "2 days"] {
            assert!(until(text).unwrap_err().contains("2026-12-01T09:00"), "{text}");
        }
    }
}
