//! Sums, lengths of time and instants as people read them. Languages differ only in names of days and months, which
//! `words` has; here is what they share. Must never guess: what cannot be shown is `None`.

use jiff::{Timestamp, civil, tz::TimeZone};

use super::words::Words;

/// A sum in a few characters: `€80k`, `€1.2M`, `32M HUF`. Without a currency that we believe, the bare number.
pub fn compact(amount: f64, currency: Option<&str>) -> String {
    with_currency(&rounded(amount), currency)
}

/// A sum to the last unit, grouped by no-break spaces: `€80 000`, `32 000 000 HUF`.
pub fn exact(amount: f64, currency: Option<&str>) -> String {
    if amount.abs() >= 1e15 {
        return compact(amount, currency);
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
    with_currency(&grouped, currency)
}

/// A currency's code in upper case, where it is one: three letters. Anything else came from a stranger and is not shown.
pub fn currency_code(text: &str) -> Option<String> {
    let text = text.trim();
    (text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic())).then(|| text.to_ascii_uppercase())
}

fn rounded(amount: f64) -> String {
    const UNITS: [(f64, &str); 4] = [(1e3, "k"), (1e6, "M"), (1e9, "B"), (1e12, "T")];
    if amount < 999.5 {
        return format!("{amount:.0}");
    }
    for (size, unit) in UNITS {
        let scaled = amount / size;
        if scaled < 9.95 {
            let text = format!("{scaled:.1}");
            return format!("{}{unit}", text.strip_suffix(".0").unwrap_or(&text));
        }
        if scaled < 999.5 {
            return format!("{scaled:.0}{unit}");
        }
    }
    ">999T".to_owned()
}

fn with_currency(number: &str, currency: Option<&str>) -> String {
    let Some(code) = currency.and_then(currency_code) else {
        return number.to_owned();
    };
    match code.as_str() {
        "EUR" => format!("€{number}"),
        "USD" => format!("${number}"),
        "GBP" => format!("£{number}"),
        "JPY" => format!("¥{number}"),
        "INR" => format!("₹{number}"),
        _ => format!("{number} {code}"),
    }
}

/// A length of time by its two largest units: `1 d 3 h`, `3 h 20 min`, `12 min`; less than a minute is `1 min`.
pub fn duration(seconds: i64) -> String {
    let minutes = (seconds.max(0) / 60).max(1);
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let parts: [(i64, &str); 2] = match (days, hours) {
        (0, 0) => [(rest, "min"), (0, "")],
        (0, _) => [(hours, "h"), (rest, "min")],
        _ => [(days, "d"), (hours, "h")],
    };
    let shown: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    shown.join(" ")
}

/// An instant with its zone: `Fri 20 Nov, 01:00 CET`; with the year where that is not the one of `now`.
pub fn moment(words: &dyn Words, at: Timestamp, zone: &TimeZone, now: Timestamp) -> String {
    let local = at.to_zoned(zone.clone());
    let year =
        if local.year() == now.to_zoned(zone.clone()).year() { String::new() } else { format!(" {}", local.year()) };
    let abbreviation = zone.to_offset_info(at).abbreviation().to_owned();
    format!("{}{year}, {:02}:{:02} {abbreviation}", words.date(local.date()), local.hour(), local.minute())
}

/// An instant of these days, its zone taken as read: `Mon 16 Nov, 09:00`.
pub fn clock(words: &dyn Words, at: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    format!("{}, {:02}:{:02}", words.date(local.date()), local.hour(), local.minute())
}

/// The day on which an instant falls.
pub fn day(at: Timestamp, zone: &TimeZone) -> civil::Date {
    at.to_zoned(zone.clone()).date()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::words::{Locale, of};

    #[test]
    fn sums_fit_in_a_headline() {
        for (amount, currency, shown) in [
            (0.0, "EUR", "€0"),
            (950.4, "EUR", "€950"),
            (999.7, "EUR", "€1k"),
            (1_500.5, "EUR", "€1.5k"),
            (80_000.0, "eur", "€80k"),
            (999_600.0, "EUR", "€1M"),
            (1_234_567.0, "USD", "$1.2M"),
            (32_000_000.0, "HUF", "32M HUF"),
            (1e300, "EUR", "€>999T"),
            (80_000.0, "<!here>", "80k"),
        ] {
            assert_eq!(compact(amount, Some(currency)), shown);
        }
    }

    #[test]
    fn sums_below_the_headline_are_exact() {
        assert_eq!(exact(80_000.0, Some("EUR")), "€80\u{a0}000");
        assert_eq!(exact(32_000_000.0, Some("HUF")), "32\u{a0}000\u{a0}000 HUF");
        assert_eq!(exact(1_500.5, None), "1\u{a0}500.50");
        assert_eq!(exact(7.0, Some("CZK")), "7 CZK");
    }

    #[test]
    fn lengths_of_time_show_two_units() {
        for (seconds, shown) in [
            (-5, "1 min"),
            (59, "1 min"),
            (720, "12 min"),
            (12_000, "3 h 20 min"),
            (97_200, "1 d 3 h"),
            (86_400, "1 d"),
        ] {
            assert_eq!(duration(seconds), shown);
        }
    }

    #[test]
    fn an_instant_names_its_zone_and_a_foreign_year() {
        let zone = TimeZone::get("Europe/Budapest").unwrap();
        let words = of(Locale::En);
        let now = "2026-11-06T09:00:00Z".parse().unwrap();
        assert_eq!(moment(words, "2026-11-20T00:00:00Z".parse().unwrap(), &zone, now), "Fri 20 Nov, 01:00 CET");
        assert_eq!(moment(words, "2027-01-04T08:00:00Z".parse().unwrap(), &zone, now), "Mon 4 Jan 2027, 09:00 CET");
    }
}
