//! Holidays out of an iCalendar file (RFC 5545), as calendars and states publish them: whole days, possibly several,
//! possibly each year. Must never guess: what it does not read is a fault, not a working day. Opens no file.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};

use super::YEARS;

const LONGEST_TEXT: usize = 1 << 20;
/// Of one entry: a longer holiday is a mistyped year.
const LONGEST_DAYS: usize = 366;
/// Of one file, repetitions included.
const MOST_DAYS: usize = 100_000;

/// Why a text gives no holidays. Lines are counted from 1 and are those on which an entry or property starts.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum HolidaysFault {
    /// Too long a text, or too many days in it.
    #[error("the calendar is too large (1 MiB of text and 100,000 days at most); keep only the holidays in it")]
    TooLarge,
    /// Something else than iCalendar, or a part of a file.
    #[error("this is no whole iCalendar file; it begins with BEGIN:VCALENDAR and ends with END:VCALENDAR")]
    NotACalendar,
    /// A calendar without an entry, which would silently mean no holidays.
    #[error("the calendar has no VEVENT; give one with holidays, or write `holidays = []`")]
    NoEvents,
    /// An entry without a first day.
    #[error("line {0}: this VEVENT has no DTSTART; give it one or remove it")]
    NoStart(usize),
    /// A date that is none.
    #[error("line {line}: \"{value}\" is no date; write it like 20261224")]
    NotADate {
        /// Where.
        line: usize,
        /// What stands there.
        value: String,
    },
    /// An end that is not after its start or far after it.
    #[error("line {0}: this entry ends before it starts or lasts longer than a year; correct its DTEND or DURATION")]
    Length(usize),
    /// A repetition or a length in a form that is not read.
    #[error("line {line}: \"{value}\" is not read; of repetitions only a plain FREQ=YEARLY is: write the dates out")]
    NotRead {
        /// Where.
        line: usize,
        /// What stands there.
        value: String,
    },
}

/// The dates of all entries of a calendar: a `DTSTART` of whole days through the day before its `DTEND`, a timed one its
/// own date. A plain `RRULE:FREQ=YEARLY` (also with `COUNT` or `UNTIL`) repeats it to the last of the years that hours
/// know. Cancelled entries do not count.
///
/// # Errors
/// Where anything in it that bears on dates cannot be read, with its line.
pub fn holidays_from_ics(text: &str) -> Result<BTreeSet<Date>, HolidaysFault> {
    if text.len() > LONGEST_TEXT {
        return Err(HolidaysFault::TooLarge);
    }
    let (mut days, mut budget, mut events) = (BTreeSet::new(), MOST_DAYS, 0);
    // The components that the line is in, the innermost last: a VTIMEZONE or a VALARM has dates too.
    let mut inside: Vec<String> = Vec::new();
    let mut event = Event::default();
    let mut ended = false;
    for (number, line) in unfolded(text) {
        let Some(property) = Property::read(number, &line) else { continue };
        match property.name.as_str() {
            "BEGIN" => {
                inside.push(property.value.to_ascii_uppercase());
                if inside.len() == 2 {
                    event = Event { line: number, ..Event::default() };
                }
            }
            "END" => {
                if inside.pop() != Some(property.value.to_ascii_uppercase()) {
                    return Err(HolidaysFault::NotACalendar);
                }
                if inside.len() == 1 && property.value.eq_ignore_ascii_case("VEVENT") {
                    events += 1;
                    event.add_to(&mut days, &mut budget)?;
                }
                ended = inside.is_empty();
            }
            _ if inside.first().is_none_or(|outermost| outermost != "VCALENDAR") => {
                return Err(HolidaysFault::NotACalendar);
            }
            _ if inside.len() == 2 && inside.last().is_some_and(|innermost| innermost == "VEVENT") => {
                event.take(property)
            }
            _ => {}
        }
    }
    match (ended, events) {
        (false, _) => Err(HolidaysFault::NotACalendar),
        (true, 0) => Err(HolidaysFault::NoEvents),
        (true, _) => Ok(days),
    }
}

/// Lines with their numbers; one that begins with a blank goes on where the one before it ended.
fn unfolded(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some((_, before))) => before.push_str(rest),
            _ => lines.push((index + 1, line.to_owned())),
        }
    }
    lines
}

/// `NAME;PARAMETER=x:value`, without the parameters: a date shows by its form whether it is a whole day.
struct Property {
    line: usize,
    name: String,
    value: String,
}

impl Property {
    /// `None` for a blank line; a line without a colon is a name without a value.
    fn read(line: usize, text: &str) -> Option<Self> {
        let text = text.trim_end();
        let mut quoted = false;
        let colon = text.find(|c| {
            quoted ^= c == '"';
            c == ':' && !quoted
        });
        let (head, value) = text.split_at(colon.unwrap_or(text.len()));
        let name = head.split(';').next().unwrap_or_default().to_ascii_uppercase();
        let value = value.strip_prefix(':').unwrap_or_default().trim().to_owned();
        (!text.is_empty()).then_some(Self { line, name, value })
    }

    /// The date in `20261224` or `20261224T090000Z`, and whether it is all of it.
    fn date(&self) -> Result<(Date, bool), HolidaysFault> {
        let (digits, time) = self.value.split_once('T').map_or((self.value.as_str(), None), |(d, t)| (d, Some(t)));
        let date = Some(digits).filter(|digits| digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit()));
        let date = date.and_then(|digits| Date::strptime("%Y%m%d", digits).ok());
        Ok((date.ok_or_else(|| HolidaysFault::NotADate { line: self.line, value: self.short() })?, time.is_none()))
    }

    fn not_read(&self) -> HolidaysFault {
        HolidaysFault::NotRead { line: self.line, value: self.short() }
    }

    /// The value as far as an error shows it.
    fn short(&self) -> String {
        self.value.chars().take(60).collect()
    }
}

/// What of an entry bears on dates.
#[derive(Default)]
struct Event {
    line: usize,
    start: Option<Property>,
    end: Option<Property>,
    duration: Option<Property>,
    repeats: Option<Property>,
    unread: Option<Property>,
    cancelled: bool,
}

impl Event {
    fn take(&mut self, property: Property) {
        let place = match property.name.as_str() {
            "DTSTART" => &mut self.start,
            "DTEND" => &mut self.end,
            "DURATION" => &mut self.duration,
            "RRULE" if self.repeats.is_none() => &mut self.repeats,
            "RRULE" | "RDATE" | "EXDATE" | "EXRULE" => &mut self.unread,
            "STATUS" => {
                self.cancelled = property.value.eq_ignore_ascii_case("CANCELLED");
                return;
            }
            _ => return,
        };
        *place = Some(property);
    }

    fn add_to(&self, days: &mut BTreeSet<Date>, budget: &mut usize) -> Result<(), HolidaysFault> {
        if self.cancelled {
            return Ok(());
        }
        if let Some(unread) = &self.unread {
            return Err(unread.not_read());
        }
        let (first, whole_day) = self.start.as_ref().ok_or(HolidaysFault::NoStart(self.line))?.date()?;
        let length = if whole_day { self.length(first)? } else { 1 };
        for first in self.years(first)? {
            for date in first.series(1.day()).take(length) {
                *budget = budget.checked_sub(1).ok_or(HolidaysFault::TooLarge)?;
                days.insert(date);
            }
        }
        Ok(())
    }

    /// How many whole days it lasts: one, where nothing says more. Some programs write the first day as `DTEND` too.
    fn length(&self, first: Date) -> Result<usize, HolidaysFault> {
        let (days, line) = match (&self.end, &self.duration) {
            (Some(end), _) => (first.until(end.date()?.0).map_or(0, |span| span.get_days()).into(), end.line),
            (None, Some(duration)) => {
                (duration_days(&duration.value).ok_or_else(|| duration.not_read())?, duration.line)
            }
            (None, None) => (1, self.line),
        };
        match usize::try_from(days) {
            Ok(days) if days <= LONGEST_DAYS => Ok(days.max(1)),
            _ => Err(HolidaysFault::Length(line)),
        }
    }

    /// The first days of all repetitions. The 29th of February repeats in leap years only.
    fn years(&self, first: Date) -> Result<Vec<Date>, HolidaysFault> {
        let Some(rule) = &self.repeats else { return Ok(vec![first]) };
        let (mut yearly, mut count, mut until) = (false, usize::MAX, Date::MAX);
        for part in rule.value.to_ascii_uppercase().split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let known = match name {
                "FREQ" => {
                    yearly = value == "YEARLY";
                    yearly
                }
                "INTERVAL" => value == "1",
                "BYMONTH" => value.parse() == Ok(first.month()),
                "BYMONTHDAY" => value.parse() == Ok(first.day()),
                "WKST" => true,
                "COUNT" => value.parse().map(|value| count = value).is_ok(),
                "UNTIL" => {
                    let end = Property { line: rule.line, name: String::new(), value: value.to_owned() };
                    until = end.date()?.0;
                    true
                }
                _ => false,
            };
            if !known {
                return Err(rule.not_read());
            }
        }
        if !yearly {
            return Err(rule.not_read());
        }
        let dates = (first.year()..=YEARS.1).filter_map(|year| Date::new(year, first.month(), first.day()).ok());
        Ok(dates.take_while(|date| *date <= until).take(count).collect())
    }
}

/// `P3D` or `P1W`.
fn duration_days(text: &str) -> Option<i64> {
    let text = text.strip_prefix('+').unwrap_or(text).strip_prefix('P')?;
    let (number, days) = text.strip_suffix('D').map(|n| (n, 1)).or_else(|| text.strip_suffix('W').map(|n| (n, 7)))?;
    number.parse::<u16>().ok().map(|number| i64::from(number) * days)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(events: &str) -> Result<BTreeSet<Date>, HolidaysFault> {
        holidays_from_ics(&format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}\r\nEND:VCALENDAR\r\n"))
    }

    fn read_event(properties: &str) -> Result<Vec<Date>, HolidaysFault> {
        Ok(read(&format!("BEGIN:VEVENT\r\n{properties}\r\nEND:VEVENT"))?.into_iter().collect())
    }

    #[test]
    fn a_published_calendar_gives_its_dates_and_nothing_of_its_zones_and_alarms() {
        let text = "\u{feff}BEGIN:VCALENDAR\r\nPRODID:-//x//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Prague\r\n\
            BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\n\
            END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Štědrý\r\n  den: DTSTART\r\nDTSTART;VAL\r\n UE=DATE:202612\r\n\t24\r\n\
            DTEND;VALUE=DATE:20261227\r\nBEGIN:VALARM\r\nTRIGGER:-PT15M\r\nDURATION:PT1H\r\nEND:VALARM\r\nEND:VEVENT\r\n\
            BEGIN:VEVENT\r\nDTSTART;TZID=\"a:b\":20270101T000000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let dates = [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)];
        assert_eq!(holidays_from_ics(text), Ok(dates.into()));
        assert_eq!(holidays_from_ics(&text.replace("\r\n", "\n")), Ok(dates.into()));
    }

    #[test]
    fn the_day_of_dtend_is_not_part_of_a_holiday_but_one_day_always_is() {
        assert_eq!(read_event("DTSTART:20261224\r\nDTEND:20261225"), Ok(vec![date(2026, 12, 24)]));
        assert_eq!(read_event("DTSTART:20261224\r\nDTEND:20261224"), Ok(vec![date(2026, 12, 24)]));
        assert_eq!(read_event("DTSTART:20261224\r\nDURATION:P2D"), Ok(vec![date(2026, 12, 24), date(2026, 12, 25)]));
        assert_eq!(read_event("DTSTART:20261224\r\nDURATION:P1W").unwrap().len(), 7);
    }

    #[test]
    fn a_yearly_holiday_repeats_to_the_last_known_year() {
        let dates = read_event("DTSTART:20200501\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1;INTERVAL=1").unwrap();
        assert_eq!(dates.first(), Some(&date(2020, 5, 1)));
        assert_eq!(dates.last(), Some(&date(YEARS.1, 5, 1)));
        assert_eq!(dates.len(), usize::try_from(YEARS.1 - 2020 + 1).unwrap());
        let few = |rule: &str| read_event(&format!("DTSTART:20260501\r\nRRULE:{rule}")).unwrap().len();
        assert_eq!(few("FREQ=YEARLY;COUNT=3"), 3);
        assert_eq!(few("freq=yearly;until=20280501T000000Z"), 3);
        assert_eq!(few("UNTIL=20280430;FREQ=YEARLY"), 2);
        let leap = read_event("DTSTART:20240229\r\nRRULE:FREQ=YEARLY;COUNT=2").unwrap();
        assert_eq!(leap, [date(2024, 2, 29), date(2028, 2, 29)]);
    }

    #[test]
    fn a_cancelled_holiday_is_worked() {
        assert_eq!(read_event("DTSTART:20261224\r\nSTATUS:CANCELLED"), Ok(vec![]));
    }

    #[test]
    fn what_is_not_read_is_a_fault_with_its_line_and_not_a_working_day() {
        for (properties, fault) in [
            ("SUMMARY:x", "line 3: this VEVENT has no DTSTART"),
            ("DTSTART:2026-12-24", "line 4: \"2026-12-24\" is no date"),
            ("DTSTART:20261324", "line 4: \"20261324\" is no date"),
            ("DTSTART:2026122é", "line 4: \"2026122é\" is no date"),
            ("DTSTART", "line 4: \"\" is no date"),
            ("DTSTART:20261224\r\nDTEND:20261223", "line 5: this entry ends before it starts"),
            ("DTSTART:20261224\r\nDTEND:20361225", "line 5: this entry ends before it starts or lasts longer"),
            ("DTSTART:20261224\r\nDURATION:PT5H", "line 5: \"PT5H\" is not read"),
            ("DTSTART:20261224\r\nRRULE:FREQ=WEEKLY", "line 5: \"FREQ=WEEKLY\" is not read"),
            (
                "DTSTART:20261126\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
                "line 5: \"FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\"",
            ),
            ("DTSTART:20261126\r\nRRULE:COUNT=2", "line 5: \"COUNT=2\" is not read"),
            ("DTSTART:20261126\r\nEXDATE:20271126", "line 5: \"20271126\" is not read"),
        ] {
            let said = read_event(properties).expect_err(properties).to_string();
            assert!(said.starts_with(fault), "{properties}: {said}");
        }
    }

    #[test]
    fn what_is_no_whole_calendar_is_a_fault() {
        for text in [
            "",
            "<html>",
            "BEGIN:VEVENT\nDTSTART:20261224\nEND:VEVENT",
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261224",
        ] {
            assert_eq!(holidays_from_ics(text), Err(HolidaysFault::NotACalendar), "{text}");
        }
        assert_eq!(read("X-NOTHING:here"), Err(HolidaysFault::NoEvents));
    }

    #[test]
    fn a_calendar_has_a_bound_on_its_size_and_on_its_days() {
        assert_eq!(holidays_from_ics(&"x".repeat(LONGEST_TEXT + 1)), Err(HolidaysFault::TooLarge));
        let year = "BEGIN:VEVENT\nDTSTART:20150101\nDURATION:P365D\nRRULE:FREQ=YEARLY\nEND:VEVENT\n";
        assert_eq!(read(&year.repeat(10)), Err(HolidaysFault::TooLarge));
    }
}
