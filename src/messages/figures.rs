//! What sums and days have in common in every language; how they are written is `words`'. Must never guess: what cannot be shown
//! is `None`.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::words::{Locale, of};

/// How large the unit of a rounded number is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    One,
    Thousand,
    Million,
    Billion,
    Trillion,
    /// More than anybody sells: the number says nothing.
    Beyond,
}

/// A sum in a few characters of English: `€80k`, `€1.2M`, `32M HUF`. For what is printed on a terminal.
pub fn compact(amount: f64, currency: Option<&str>) -> String {
    of(Locale::EN).sum(amount, currency).replace('\u{a0}', " ")
}

/// A number in two or three digits, with a point where it has tenths.
pub fn rounded(amount: f64) -> (String, Size) {
    const UNITS: [(f64, Size); 4] =
        [(1e3, Size::Thousand), (1e6, Size::Million), (1e9, Size::Billion), (1e12, Size::Trillion)];
    if amount < 999.5 {
        return (format!("{amount:.0}"), Size::One);
    }
    for (size, unit) in UNITS {
        let scaled = amount / size;
        if scaled < 9.95 {
            let text = format!("{scaled:.1}");
            return (text.strip_suffix(".0").unwrap_or(&text).to_owned(), unit);
        }
        if scaled < 999.5 {
            return (format!("{scaled:.0}"), unit);
        }
    }
    (String::new(), Size::Beyond)
}

/// A number to the last unit, grouped by no-break spaces, with a point before cents; `None` where digits say nothing any more.
pub fn grouped(amount: f64) -> Option<String> {
    if amount.abs() >= 1e15 {
        return None;
    }
    let amount = (amount * 100.0).round() / 100.0;
    let cents = if amount.fract() == 0.0 { String::new() } else { format!("{:.2}", amount.fract().abs()) };
    let digits = format!("{:.0}", amount.trunc());
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    grouped.push_str(cents.trim_start_matches('0'));
    Some(grouped)
}

/// A currency's code in upper case, where it is one: three letters. Anything else came from a stranger and is not shown.
pub fn currency_code(text: &str) -> Option<String> {
    let text = text.trim();
    (text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())).then(|| text.to_ascii_uppercase())
}

/// The day on which an instant falls.
pub fn day(at: Timestamp, zone: &TimeZone) -> civil::Date {
    at.to_zoned(zone.clone()).date()
}
