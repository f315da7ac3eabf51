//! Every word that a reader of messages sees and that is not data: one [`Words`] for each language, read from
//! `templates/words/<code>.ftl` ([Fluent](https://projectfluent.org)), which is inside the program. Nothing here cuts, escapes or
//! decides what is said.
//!
//! How a text is added:
//! 1. `en.ftl` gets an id in its section (`claim-…`, `notice-…`, `digest-…`: what it is about, then what it says), with a comment
//!    that names its variables where they do not explain themselves. A whole sentence is one id, because languages differ in
//!    order and not only in words; a sentence with alternatives is one id with a selector (`{ $closing -> … }`).
//! 2. `hu.ftl`, `cs.ftl` and the others get the same id. A test holds that none is missing, superfluous, without code that says
//!    it, or uses a variable that English neither uses nor names in its comment, and that every plural has all of its forms.
//! 3. A typed method says it: `impl Words { pub fn … }` in a file of the folder `words`, by [`Words::text`] and [`Words::say`]. Callers
//!    never name an id. Numbers that decide on a plural are passed as numbers; dates, sums, lengths of time and lists come
//!    finished from [`Words::date`], [`Words::moment`], [`Words::sum`], [`Words::duration`], [`Words::all_of`].
//!
//! Data cannot be declined: a sentence sets a name in the nominative, after a colon or in brackets, and no article before it.

mod body;
mod claims;
mod faults;
mod forecast;
mod headlines;
mod labels;
mod notices;
mod people;
mod reasons;
mod sums;
mod times;

use std::sync::LazyLock;

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

pub use self::{
    claims::Wrong,
    forecast::{NotSummed, Title},
    headlines::{DigestParts, Lead, Parts},
    labels::Labels,
    notices::Told,
    people::Absent,
    reasons::Why,
};
pub use crate::core::locale::Locale;

/// Each language's code, and what stands in its file.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// The words of one language.
pub struct Words {
    locale: Locale,
    bundle: FluentBundle<FluentResource>,
    // What nearly every message needs, and what no variable changes.
    labels: Labels,
    weekdays: [String; 7],
    months: [String; 12],
    decimal: String,
}

static ALL: LazyLock<Vec<Words>> = LazyLock::new(|| Locale::all().map(Words::read).collect());

/// The words of a language; all of them are read when one is asked for first.
#[allow(clippy::expect_used, reason = "a `Locale` is one of the files, and a test asks for each")]
pub fn of(locale: Locale) -> &'static Words {
    ALL.iter().find(|words| words.locale == locale).expect("every language has words")
}

impl Words {
    /// English, with what the language has put over it: so a text that it lacks is there all the same.
    fn read(locale: Locale) -> Self {
        let language: LanguageIdentifier = locale.as_str().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        bundle.set_use_isolating(false);
        for code in [Locale::EN.as_str(), locale.as_str()] {
            let text = FILES.iter().find(|(file, _)| *file == code).map(|(_, text)| *text).unwrap_or_default();
            // What cannot be read is left out; a test holds that everything can.
            let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        let numbered = |name: &str, index: usize| said(&bundle, &format!("{name}-{}", index + 1), None);
        Self {
            locale,
            labels: Labels::read(|id| said(&bundle, id, None)),
            weekdays: std::array::from_fn(|index| numbered("weekday", index)),
            months: std::array::from_fn(|index| numbered("month", index)),
            decimal: said(&bundle, "decimal", None),
            bundle,
        }
    }

    /// Which language it is.
    pub fn locale(&self) -> Locale {
        self.locale
    }

    /// The names of rows and buttons.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// A text without variables.
    fn text(&self, id: &'static str) -> String {
        said(&self.bundle, id, None)
    }

    /// A text with its variables. What a text refers to sees the same ones.
    fn say<'a>(&self, id: &'static str, values: impl IntoIterator<Item = (&'static str, FluentValue<'a>)>) -> String {
        let mut args = FluentArgs::with_capacity(5);
        values.into_iter().for_each(|(name, value)| args.set(name, value));
        said(&self.bundle, id, Some(&args))
    }
}

/// A text, or its id where there is none: something is always said.
fn said(bundle: &FluentBundle<FluentResource>, id: &str, args: Option<&FluentArgs<'_>>) -> String {
    let Some(pattern) = bundle.get_message(id).and_then(|message| message.value()) else {
        debug_assert!(false, "there is no text {id}");
        return id.to_owned();
    };
    let mut faults = Vec::new();
    let text = bundle.format_pattern(pattern, args, &mut faults);
    debug_assert!(faults.is_empty(), "{id}: {faults:?}");
    text.into_owned()
}
