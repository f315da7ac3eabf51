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
