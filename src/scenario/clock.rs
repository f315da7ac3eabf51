//! The times of a scenario, as they are written and shown: an offset from its start, an instant, or a local time with its
//! weekday, so that a line of the output can be copied into the file. Must never ask a real clock.

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

use crate::core::period::Period;

/// A scenario's start, and the zone in which its times are read and shown.
#[derive(Clone, Debug)]
pub struct Clock {
    /// When it starts.
    pub start: Timestamp,
    /// The `time_zone` of its settings.
    pub zone: TimeZone,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// An instant, or a local date and time with its year.
///
/// # Errors
/// What is wrong; what to do.
pub(super) fn read_start(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    instant(text, zone).ok_or_else(|| {
        format!("{text:?} is no instant; write one like \"2026-11-02T09:00:00Z\", or \"2026-11-02 09:00\" in time_zone")
    })
}

fn instant(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local: civil::DateTime = text.contains(':').then(|| text.parse().ok()).flatten()?;
    local.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp())
}

impl Clock {
    /// A time of this scenario.
    ///
    /// # Errors
    /// What is wrong; what to do.
    pub(super) fn read(&self, text: &str) -> Result<Timestamp, String> {
        if let Some(offset) = offset(text) {
            let far = || format!("{text:?} is too far away; write an earlier time");
            return self.start.checked_add(offset?).map_err(|_| far());
        }
        if let Some(at) = instant(text, &self.zone) {
            return Ok(at);
        }
        self.on_a_day(text)
    }

    /// `Wed 11 Nov 09:00`: the first such day at or after the start's; the weekday may be left out.
    fn on_a_day(&self, text: &str) -> Result<Timestamp, String> {
        let wrong = || {
            let shown = self.shown(self.start + SignedDuration::from_hours(25));
            let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{text:?} is no time; write one from the start on like \"9d1h\", or like \"{shown}\"")
        };
        let mut words: Vec<&str> = text.split_whitespace().collect();
        let weekday = words.first().and_then(|word| place(&DAYS, word));
        if weekday.is_some() {
            words.remove(0);
        }
        let [day, month, time] = words.as_slice() else { return Err(wrong()) };
        let month = place(&MONTHS, month).and_then(|month| i8::try_from(month + 1).ok()).ok_or_else(wrong)?;
        let day: i8 = day.parse().map_err(|_| wrong())?;
        let time: civil::Time = time.parse().map_err(|_| wrong())?;
        let first = self.start.to_zoned(self.zone.clone()).date();
        let of_year = |year: i16| civil::Date::new(year, month, day).ok().filter(|date| *date >= first);
        let date = of_year(first.year()).or_else(|| of_year(first.year() + 1)).ok_or_else(wrong)?;
        let found = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        if weekday.is_some_and(|weekday| weekday != found) {
            return Err(format!("{} is a {}; correct one of them", date.strftime("%-d %b %Y"), date.strftime("%A")));
        }
        date.to_datetime(time).to_zoned(self.zone.clone()).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
    }

    /// `Wed 11 Nov 09:00`, always as wide.
    pub fn shown(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%a %e %b %H:%M").to_string()
    }

    /// How long after the start, as the file writes it: `9d1h`, down to minutes.
    pub fn since_start(&self, at: Timestamp) -> String {
        span(at.duration_since(self.start))
    }
}

/// `1d4h`, `0h`, `25m`.
pub(super) fn span(length: SignedDuration) -> String {
    let minutes = length.as_mins();
    let sign = if minutes < 0 { "-" } else { "" };
    let minutes = minutes.unsigned_abs();
    let parts = [(minutes / 1_440, 'd'), (minutes / 60 % 24, 'h'), (minutes % 60, 'm')];
    let text: String =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if text.is_empty() { "0h".to_owned() } else { format!("{sign}{text}") }
}

/// The minute in which something falls: times are compared by it, as files are written by it.
pub(super) fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

/// `None`: it does not look like an offset.
fn offset(text: &str) -> Option<Result<SignedDuration, String>> {
    let text = text.trim();
    let zero = text.strip_suffix(['w', 'd', 'h', 'm', 's']).unwrap_or(text);
    if !zero.is_empty() && zero.bytes().all(|byte| byte == b'0') {
        return Some(Ok(SignedDuration::ZERO));
    }
    if text.contains([':', ' ', '-']) || !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let plain = Period::parse_plain(text);
    Some(plain.map(|seconds| SignedDuration::from_secs(seconds.0)))
}

fn place(names: &[&str], word: &str) -> Option<usize> {
    let word = word.trim_end_matches([',', '.']).to_lowercase();
    names.iter().position(|name| *name == word)
}

/// A length of time as it is written.
///
/// # Errors
/// What is wrong; what to do.
pub(super) fn read_length(text: &str) -> Result<SignedDuration, String> {
    offset(text).unwrap_or_else(|| Err(format!("{text:?} is no length of time; write one like \"15m\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        let zone = TimeZone::get("Europe/Budapest").unwrap();
        Clock { start: "2026-11-02T08:00:00Z".parse().unwrap(), zone }
    }

    #[test]
    fn the_same_time_is_written_in_four_ways() {
        let at: Timestamp = "2026-11-11T09:00:00Z".parse().unwrap();
        for text in ["9d1h", "2026-11-11T09:00:00Z", "2026-11-11 10:00", "Wed 11 Nov 10:00", "11 nov 10:00"] {
            assert_eq!(clock().read(text), Ok(at), "{text}");
        }
        assert_eq!(clock().read("0h"), Ok(clock().start));
    }

    #[test]
    fn what_is_shown_can_be_read_again_in_the_next_year_too() {
        for days in [0, 9, 60, 300] {
            let at = clock().start + SignedDuration::from_hours(24 * days);
            assert_eq!(clock().read(&clock().shown(at)), Ok(at));
            assert_eq!(clock().read(&clock().since_start(at)), Ok(at));
        }
    }

    #[test]
    fn a_weekday_that_is_another_is_told() {
        assert_eq!(clock().read("Tue 11 Nov 10:00").unwrap_err(), "11 Nov 2026 is a Wednesday; correct one of them");
        assert!(clock().read("4bh").unwrap_err().starts_with("working time"));
        assert_eq!(
            clock().read("noon").unwrap_err(),
            "\"noon\" is no time; write one from the start on like \"9d1h\", or like \"Tue 3 Nov 10:00\""
        );
    }
}
