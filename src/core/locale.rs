//! The languages that leadtime speaks. They are the files of `templates/words`, so that another language is another file and no
//! line of code. Must never hold a text: those are `messages::words`'.

use std::fmt;

/// The codes of all languages, English first, as the settings write them and as HTML's `lang` wants them.
pub const CODES: &[&str] = include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// A language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale(&'static str);

impl Locale {
    /// English: what is spoken where nothing else is set, and where another language should lack a text.
    pub const EN: Self = Self("en");

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        CODES.iter().copied().map(Self)
    }

    /// The language that the settings write so.
    pub fn parse(code: &str) -> Option<Self> {
        Self::all().find(|locale| locale.0 == code)
    }

    /// As the settings write it.
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl Default for Locale {
    fn default() -> Self {
        Self::EN
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_among_the_languages_and_each_is_found_by_its_code() {
        assert!(CODES.contains(&Locale::EN.as_str()));
        assert!(Locale::all().all(|locale| Locale::parse(locale.as_str()) == Some(locale)));
        assert_eq!(Locale::parse("tlh"), None);
    }
}
