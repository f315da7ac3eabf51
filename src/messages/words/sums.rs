//! Sums as people of a language read them. What is not known to be a currency is left out.

use super::Words;
use crate::messages::figures::{Size, currency_code, grouped, rounded};

impl Words {
    /// A sum in a few characters: `€80k`, `€1.2M`, `32M HUF`. Without a currency that we believe, the bare number.
    pub fn sum(&self, amount: f64, currency: Option<&str>) -> String {
        let (number, size) = rounded(amount);
        let size = match size {
            Size::One => "one",
            Size::Thousand => "thousand",
            Size::Million => "million",
            Size::Billion => "billion",
            Size::Trillion => "trillion",
            Size::Beyond => "beyond",
        };
        let number = self.decimal_of(&number);
        self.money(self.say("amount", [("size", size.into()), ("number", number.into())]), currency)
    }

    /// A sum to the last unit, grouped by no-break spaces: `€80 000`, `32 000 000 HUF`.
    pub fn exact(&self, amount: f64, currency: Option<&str>) -> String {
        match grouped(amount) {
            Some(number) => self.money(self.decimal_of(&number), currency),
            None => self.sum(amount, currency),
        }
    }

    fn decimal_of(&self, number: &str) -> String {
        number.replace('.', &self.decimal)
    }

    /// No line break falls into a sum.
    fn money(&self, number: String, currency: Option<&str>) -> String {
        let sum = match currency.and_then(currency_code) {
            Some(code) => self.say("money", [("code", code.into()), ("number", number.into())]),
            None => number,
        };
        sum.replace(' ', "\u{a0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::words::{Locale, of};

    /// The words of English, Hungarian and Czech.
    fn three() -> [&'static Words; 3] {
        ["en", "hu", "cs"].map(|code| of(Locale::parse(code).unwrap()))
    }

    #[test]
    fn sums_fit_in_a_headline() {
        for (amount, currency, shown) in [
            (0.0, "EUR", ["€0", "0 €", "0 €"]),
            (950.4, "EUR", ["€950", "950 €", "950 €"]),
            (999.7, "EUR", ["€1k", "1 ezer €", "1 tis. €"]),
            (1_500.5, "EUR", ["€1.5k", "1,5 ezer €", "1,5 tis. €"]),
            (80_000.0, "eur", ["€80k", "80 ezer €", "80 tis. €"]),
            (999_600.0, "EUR", ["€1M", "1 M €", "1 mil. €"]),
            (1_234_567.0, "USD", ["$1.2M", "1,2 M $", "1,2 mil. $"]),
            (32_000_000.0, "HUF", ["32M HUF", "32 M Ft", "32 mil. HUF"]),
            (2_500_000.0, "CZK", ["2.5M CZK", "2,5 M CZK", "2,5 mil. Kč"]),
            (3e9, "CHF", ["3B CHF", "3 Mrd CHF", "3 mld. CHF"]),
            (1e300, "EUR", ["€>999T", "> 999 B €", "> 999 bil. €"]),
            (80_000.0, "<!here>", ["80k", "80 ezer", "80 tis."]),
        ] {
            let said = three().map(|words| words.sum(amount, Some(currency)));
            assert_eq!(said, shown.map(|shown| shown.replace(' ', "\u{a0}")), "{amount} {currency}");
        }
    }

    #[test]
    fn sums_below_the_headline_are_exact() {
        for (amount, currency, shown) in [
            (80_000.0, Some("EUR"), ["€80 000", "80 000 €", "80 000 €"]),
            (32_000_000.0, Some("HUF"), ["32 000 000 HUF", "32 000 000 Ft", "32 000 000 HUF"]),
            (1_500.5, None, ["1 500.50", "1 500,50", "1 500,50"]),
            (7.0, Some("CZK"), ["7 CZK", "7 CZK", "7 Kč"]),
        ] {
            let said = three().map(|words| words.exact(amount, currency));
            assert_eq!(said, shown.map(|shown| shown.replace(' ', "\u{a0}")));
        }
    }

    #[test]
    fn what_a_terminal_prints_has_plain_spaces() {
        assert_eq!(crate::messages::compact(32_000_000.0, Some("HUF")), "32M HUF");
    }
}
