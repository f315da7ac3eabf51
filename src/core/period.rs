//! Lengths of time as the user writes them: `14d`, `1d12h`, `5bd`, `4bh`. Two kinds that never mix: time that
//! simply passes, and working time, which only hours can turn into instants.
//! Must never look at a calendar: that is `hours`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A length of time, compared by value: `1d` is `24h`, but `1bd` is not `8bh`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Period {
    /// Time that passes everywhere at once, in seconds.
    Elapsed(Seconds),
    /// Working days, then open seconds.
    Working {
        /// Whole working days.
        days: u32,
        /// Open time beyond the days, in seconds.
        seconds: Seconds,
    },
}

/// Whole seconds, never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub i64);

/// Why a text is no period.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PeriodFault {
    /// Nothing there.
    #[error("a period is missing; write one like \"14d\", \"1d12h\", \"5bd\" or \"4bh\"")]
    Empty,
    /// A number without a unit, a unit without a number, or an unknown unit.
    #[error("\"{0}\" is no period; write whole numbers with w, d, h, m, s, or bd and bh for working days and hours")]
    Form(String),
    /// `1d4bh`.
    #[error("\"{0}\" mixes plain time with working time; use one of the two kinds")]
    Mixed(String),
    /// More than a hundred years.
    #[error("\"{0}\" is longer than a hundred years; write less")]
    TooLong(String),
    /// Zero.
    #[error("\"{0}\" is no time at all; a period is longer than zero")]
    Zero(String),
}

const LONGEST: i64 = 100 * 366 * 86_400;

impl Period {
    /// So many seconds of plain time.
    pub const fn seconds(seconds: i64) -> Self {
        Self::Elapsed(Seconds(seconds))
    }

    /// So many days of 24 hours.
    pub const fn days(days: i64) -> Self {
        Self::seconds(days * 86_400)
    }

    /// So many working days.
    pub const fn working_days(days: u32) -> Self {
        Self::Working { days, seconds: Seconds(0) }
    }

    /// So many open hours.
    pub const fn working_hours(hours: i64) -> Self {
        Self::Working { days: 0, seconds: Seconds(hours * 3_600) }
    }

    /// Reads a period of time that simply passes, as the user writes it.
    ///
    /// # Errors
    /// What is wrong with it, offering only what is allowed here.
    pub fn parse_plain(text: &str) -> Result<Seconds, String> {
        match Self::parse(text) {
            Ok(Self::Elapsed(seconds)) => Ok(seconds),
            Ok(Self::Working { .. }) | Err(PeriodFault::Mixed(_)) => {
                Err("working time has no meaning here; write plain time with w, d, h, m, s".to_owned())
            }
            Err(PeriodFault::Empty) => Err("a period is missing; write one like \"14d\" or \"1d12h\"".to_owned()),
            Err(PeriodFault::Form(text)) => {
                Err(format!("\"{text}\" is no period; write whole numbers with w, d, h, m, s"))
            }
            Err(other) => Err(other.to_string()),
        }
    }

    /// Reads a period as the user writes it.
    pub fn parse(text: &str) -> Result<Self, PeriodFault> {
        let form = || PeriodFault::Form(text.to_owned());
        let too_long = || PeriodFault::TooLong(text.to_owned());
        let mut rest = text.trim();
        if rest.is_empty() {
            return Err(PeriodFault::Empty);
        }
        let (mut plain, mut open, mut days) = (None::<i64>, None::<i64>, None::<i64>);
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (number, tail) = rest.split_at(digits);
            let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (unit, tail) = tail.split_at(letters);
            if digits == 0 || letters == 0 {
                return Err(form());
            }
            let number: i64 = number.parse().map_err(|_| too_long())?;
            let (sum, size) = match unit {
                "w" => (&mut plain, 7 * 86_400),
                "d" => (&mut plain, 86_400),
                "h" => (&mut plain, 3_600),
                "m" => (&mut plain, 60),
                "s" => (&mut plain, 1),
                "bh" => (&mut open, 3_600),
                "bd" => (&mut days, 1),
                _ => return Err(form()),
            };
            let added = number.checked_mul(size).and_then(|add| sum.unwrap_or(0).checked_add(add));
            *sum = Some(added.filter(|sum| *sum <= LONGEST).ok_or_else(too_long)?);
            rest = tail;
        }
        let period = match (plain, days, open) {
            (Some(seconds), None, None) => Self::Elapsed(Seconds(seconds)),
            (None, days, open) => {
                let days = u32::try_from(days.unwrap_or(0)).ok().filter(|days| *days <= 36_600).ok_or_else(too_long)?;
                Self::Working { days, seconds: Seconds(open.unwrap_or(0)) }
            }
            _ => return Err(PeriodFault::Mixed(text.to_owned())),
        };
        if period.is_zero() { Err(PeriodFault::Zero(text.to_owned())) } else { Ok(period) }
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        matches!(self, Self::Elapsed(Seconds(0)) | Self::Working { days: 0, seconds: Seconds(0) })
    }

    /// Whether it counts working time.
    pub fn is_working(self) -> bool {
        matches!(self, Self::Working { .. })
    }

    /// The same period so many times; `None` past what a period can hold.
    pub fn times(self, count: u32) -> Option<Self> {
        let many = |seconds: Seconds| seconds.0.checked_mul(i64::from(count)).filter(|n| *n <= LONGEST).map(Seconds);
        Some(match self {
            Self::Elapsed(seconds) => Self::Elapsed(many(seconds)?),
            Self::Working { days, seconds } => {
                Self::Working { days: days.checked_mul(count)?, seconds: many(seconds)? }
            }
        })
    }
}

impl fmt::Display for Period {
    /// The shortest form that reads back as the same period: `36h` is shown as `1d12h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Elapsed(Seconds(0)) => f.write_str("0s"),
            Self::Elapsed(Seconds(seconds)) => parts(f, seconds, &[("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]),
            Self::Working { days, seconds: Seconds(seconds) } => {
                if days > 0 || seconds == 0 {
                    write!(f, "{days}bd")?;
                }
                if seconds > 0 { write!(f, "{}bh", seconds / 3_600) } else { Ok(()) }
            }
        }
    }
}

fn parts(f: &mut fmt::Formatter<'_>, mut seconds: i64, units: &[(&str, i64)]) -> fmt::Result {
    for (unit, size) in units {
        if seconds >= *size {
            write!(f, "{}{unit}", seconds / size)?;
            seconds %= size;
        }
    }
    Ok(())
}

impl TryFrom<String> for Period {
    type Error = PeriodFault;

    fn try_from(text: String) -> Result<Self, PeriodFault> {
        Self::parse(&text)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_read_and_compare_by_value() {
        assert_eq!(Period::parse("1d"), Ok(Period::days(1)));
        assert_eq!(Period::parse("24h"), Period::parse("1d"));
        assert_eq!(Period::parse("1d12h"), Ok(Period::seconds(36 * 3600)));
        assert_eq!(Period::parse("2w"), Ok(Period::days(14)));
        assert_eq!(Period::parse("5bd"), Ok(Period::working_days(5)));
        assert_eq!(Period::parse("4bh"), Ok(Period::working_hours(4)));
        assert_ne!(Period::parse("1bd"), Period::parse("8bh"));
    }

    #[test]
    fn what_is_no_period_says_why() {
        for (text, fault) in [
            ("", "a period is missing"),
            ("14", "is no period"),
            ("d", "is no period"),
            ("1.5d", "is no period"),
            ("-1d", "is no period"),
            ("1d 2h", "is no period"),
            ("3x", "is no period"),
            ("1d4bh", "mixes"),
            ("0d", "no time at all"),
            ("99999999999999999999d", "hundred years"),
            ("40000d", "hundred years"),
            ("40000bd", "hundred years"),
        ] {
            let said = Period::parse(text).expect_err(text).to_string();
            assert!(said.contains(fault), "{text}: {said}");
        }
    }

    #[test]
    fn where_only_plain_time_is_allowed_nothing_else_is_offered() {
        assert_eq!(Period::parse_plain("1d12h"), Ok(Seconds(129_600)));
        for text in ["", "14", "3x", "2bd", "1d4bh"] {
            let said = Period::parse_plain(text).expect_err(text);
            let offered = said.split_once("; ").unwrap().1;
            assert!(!offered.contains("bd") && !offered.contains("bh"), "{text}: {said}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for text in ["14d", "1d12h", "90s", "5bd", "4bh", "1bd4bh", "2w1d", "61m"] {
            let period = Period::parse(text).unwrap();
            assert_eq!(Period::parse(&period.to_string()), Ok(period), "{text}");
        }
    }
}
