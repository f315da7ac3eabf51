//! What templates see of a digest at a set time: figures, and tables whose rows are finished lines. Every text from outside
//! is tamed here; nothing here knows a channel's markup.

mod json;

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

pub use self::json::Data;
use super::{
    content::Forecast,
    escape::{safe_link, tame},
    headline::LONGEST_HEADLINE,
    limits::{cut, cut_at_word},
    lines::short,
    words::{self, NotSummed, Title, Words},
};
use crate::core::{
    case::Mute,
    story::{Holder, Row, Rows, Story, ToldThere, Worth, report::Rate},
};

/// So much of a customer's name: a row is to fit on a phone.
const LONGEST_NAME: usize = 60;
/// So much of a reason that a person wrote.
const LONGEST_REASON: usize = 120;
/// So much of the name of somebody who has a referral.
const LONGEST_PERSON: usize = 40;
/// So many of those who own a referral are named.
const MOST_PEOPLE: usize = 2;
/// So many rows of a part that is not about this week: the page is to stay one.
const FEW: usize = 5;
/// Who sees a referral later than this has lost a day of it, and that belongs to its story.
const SEEN_LATE: i64 = 86_400;

/// The page.
#[derive(Clone, Serialize)]
pub struct Page {
    /// The digest's name in the settings.
    pub name: String,
    /// What a director asks first.
    pub figures: Vec<Figure>,
    /// The tables, those that have rows.
    pub parts: Vec<Part>,
}

/// One number.
#[derive(Clone, Serialize)]
pub struct Figure {
    pub label: String,
    pub value: String,
    pub note: Option<String>,
}

/// One table.
#[derive(Clone, Serialize)]
pub struct Part {
    pub title: String,
    pub rows: Vec<Line>,
    /// `…and 7 more`.
    pub more: Option<String>,
}

/// One referral.
#[derive(Clone, Serialize)]
pub struct Line {
    /// `Thu 19 Nov`: the last day, or the day on which it expired.
    pub day: String,
    pub customer: String,
    pub link: Option<String>,
    pub value: Option<String>,
    pub country: Option<String>,
    /// Who has it, or why it is muted; empty in a story.
    pub who: String,
    /// Whether the reader is to do something about that.
    pub alarm: bool,
    /// How it came to this, a sentence each.
    pub story: Vec<String>,
}

/// The first line: what expires this week and what it is worth, and the digest's name as far as there is room.
pub fn headline(forecast: &Forecast) -> String {
    let words = words::of(forecast.locale);
    let told = &forecast.told;
    let sum = sum(&told.at_risk, words);
    let said = words.forecast_expires(told.week.total, sum.as_deref());
    let name = tame(&forecast.digest);
    let named = words.forecast_named(&said, &name);
    // A name that is cut says less than none: it stands above the headline anyway.
    let fits = !told.is_quiet() && !name.is_empty() && named.chars().count() <= LONGEST_HEADLINE;
    if fits { named } else { cut(&said, LONGEST_HEADLINE).into_owned() }
}

/// What the reader is to do; none where nothing expires.
pub fn opening(forecast: &Forecast) -> Option<String> {
    let told = &forecast.told;
    let words = words::of(forecast.locale);
    (!told.is_quiet()).then(|| words.forecast_opening(told.held_by_nobody, told.week.total, told.unclaimed.is_some()))
}

/// The page, with at most so many rows in a part.
pub fn page(forecast: &Forecast, most: usize) -> Page {
    let desk = Desk { words: words::of(forecast.locale), forecast };
    let told = &forecast.told;
    let few = most.min(FEW);
    let parts = [
        desk.part(Title::Week, &told.week, most, |row| desk.open(row)),
        told.unclaimed.as_ref().and_then(|rows| desk.part(Title::Unclaimed, rows, few, |row| desk.later(row))),
        desk.part(Title::Expired, &told.expired, few, |story| desk.story(story)),
        desk.part(Title::Muted, &told.muted, few, |muted| Line {
            who: desk.mute(&muted.mute),
            alarm: false,
            ..desk.open(&muted.row)
        }),
    ];
    Page { name: tame(&forecast.digest), figures: desk.figures(), parts: parts.into_iter().flatten().collect() }
}

struct Desk<'a> {
    words: &'static Words,
    forecast: &'a Forecast,
}

impl Desk<'_> {
    fn part<T>(&self, title: Title, rows: &Rows<T>, most: usize, line: impl Fn(&T) -> Line) -> Option<Part> {
        let shown: Vec<Line> = rows.shown.iter().take(most).map(line).collect();
        let more = rows.total.saturating_sub(shown.len());
        (rows.total > 0).then(|| Part {
            title: self.words.forecast_title(title),
            more: (more > 0).then(|| self.words.more(more)),
            rows: shown,
        })
    }

    fn figures(&self) -> Vec<Figure> {
        let (words, told) = (self.words, &self.forecast.told);
        let at_risk = sum(&told.at_risk, words).filter(|_| !told.is_quiet());
        let referrals = words.forecast_referrals(told.week.total);
        let mut figures = Vec::with_capacity(3);
        // Without a sum the number of referrals is the figure itself.
        figures.push(match at_risk {
            Some(value) => {
                let note = noted(std::iter::once(referrals).chain(left_out(&told.at_risk, words)));
                Figure { label: words.forecast_title(Title::AtRisk), value, note }
            }
            None if told.is_quiet() => {
                Figure { label: words.forecast_title(Title::AtRisk), value: "0".to_owned(), note: None }
            }
            None => Figure { label: words.forecast_title(Title::AtRisk), value: referrals, note: None },
        });
        figures.push(self.in_time(told.in_time, told.in_time_before));
        figures.push(Figure {
            label: words.forecast_title(Title::Lost),
            value: told.expired.total.to_string(),
            note: sum(&told.lost, words).filter(|_| told.expired.total > 0),
        });
        figures
    }

    fn in_time(&self, now: Rate, before: Rate) -> Figure {
        let words = self.words;
        let before = before.percent().map(|before| words.forecast_before(&words.percent(before)));
        let (value, of) = match now.percent() {
            Some(percent) => (words.percent(percent), words.forecast_part_of(now.within, now.of)),
            None => ("–".to_owned(), words.forecast_nothing_came()),
        };
        Figure { label: words.forecast_title(Title::InTime), value, note: noted(std::iter::once(of).chain(before)) }
    }

    fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.forecast.zone.clone()).date()
    }

    /// The row of a referral that is still open.
    fn open(&self, row: &Row) -> Line {
        let claims = self.forecast.told.unclaimed.is_some();
        let who = match &row.holder {
            Holder::Claimed { by, since } => self.words.forecast_has_it(&person(by), self.day(*since)),
            Holder::Owners(owners) if claims => self.words.forecast_not_claimed(&people(owners)),
            Holder::Owners(owners) => self.words.all_of(&people(owners)),
            Holder::Nobody => self.words.forecast_nobody(),
        };
        let who = if row.overdue { format!("{} · {who}", self.words.forecast_overdue()) } else { who };
        Line { who, alarm: row.overdue || row.is_held_by_nobody(claims), ..self.line(row, row.answer_by) }
    }

    /// The row of one that expires later, of which the title says that nobody has claimed it.
    fn later(&self, row: &Row) -> Line {
        let (who, alarm) = match &row.holder {
            Holder::Owners(owners) => (self.words.all_of(&people(owners)), false),
            Holder::Claimed { .. } | Holder::Nobody => (self.words.forecast_nobody(), true),
        };
        Line { who, alarm, ..self.line(row, row.answer_by) }
    }

    fn line(&self, row: &Row, day: Date) -> Line {
        let customer = row.customer.as_deref().map(tame).filter(|name| !name.is_empty());
        let country = row.country.as_deref().map(|country| cut(&tame(country), 14).into_owned());
        Line {
            day: self.words.forecast_day(day),
            customer: cut_at_word(&customer.unwrap_or_else(|| self.words.unnamed()), LONGEST_NAME),
            link: safe_link(&row.link),
            value: row.value.as_ref().map(|(currency, amount)| self.words.sum(*amount, Some(currency))),
            country: country.filter(|country| !country.is_empty()),
            who: String::new(),
            alarm: false,
            story: Vec::new(),
        }
    }

    fn mute(&self, mute: &Mute) -> String {
        let reason = cut_at_word(&tame(&mute.reason), LONGEST_REASON);
        let by = mute.by.as_deref().map(short).filter(|by| !by.is_empty());
        let until = mute.until.map(|until| self.day(until));
        self.words.forecast_muted(&reason, by.as_deref(), self.day(mute.at), until)
    }

    /// How it came that a referral expired: whom we told, when and what became of it, who had claimed it, who had muted it.
    fn story(&self, story: &Story) -> Line {
        let words = self.words;
        let mut told: Vec<String> = story.told.iter().map(|there| self.told(there)).collect();
        if told.is_empty() {
            told.push(words.forecast_told_nobody());
        }
        told.extend(story.claimed.iter().map(|(name, at)| words.forecast_was_claimed(&short(name), self.day(*at))));
        if story.claimed.is_empty() && self.forecast.told.unclaimed.is_some() {
            told.push(words.forecast_was_not_claimed());
        }
        told.extend(story.muted.as_ref().map(|mute| words.forecast_was_muted(&self.mute(mute))));
        let late = story.unseen_for.as_secs();
        told.extend((late >= SEEN_LATE).then(|| words.forecast_seen_late(&words.duration(late))));
        Line { story: told, ..self.line(&story.row, self.day(story.at)) }
    }

    fn told(&self, there: &ToldThere) -> String {
        let (first, last) = (self.day(there.first), self.day(there.last));
        let destination = tame(there.destination.as_str());
        match there {
            ToldThere { taken: 1.., .. } => self.words.forecast_told(&destination, there.taken, first, last),
            ToldThere { perhaps: 1.., .. } => self.words.forecast_perhaps_told(&destination, last),
            _ => self.words.forecast_refused(&destination, last),
        }
    }
}

fn person(name: &str) -> String {
    cut(&tame(name), LONGEST_PERSON).into_owned()
}

/// Few enough of them that a row stays a row on a phone: the last who is named stands for those after them too.
fn people(names: &[String]) -> Vec<String> {
    let mut people: Vec<String> = names.iter().take(MOST_PEOPLE).map(|name| person(name)).collect();
    if let Some(last) = people.last_mut().filter(|_| names.len() > MOST_PEOPLE) {
        last.push_str(", …");
    }
    people
}

/// A sum, where something is known of it.
fn sum(worth: &Worth, words: &Words) -> Option<String> {
    let currency = worth.currency.as_deref()?;
    Some(words.sum(worth.sum.amount, Some(currency)))
}

fn left_out(worth: &Worth, words: &Words) -> Vec<String> {
    words.forecast_not_summed(NotSummed { no_value: worth.sum.no_value, no_rate: worth.sum.no_rate })
}

fn noted(notes: impl Iterator<Item = String>) -> Option<String> {
    let notes: Vec<String> = notes.collect();
    (!notes.is_empty()).then(|| notes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        core::story::report::Sum,
        messages::{sample, words::Locale},
    };

    fn with(total: usize, amount: f64, currency: &str, name: &str, locale: Locale) -> Forecast {
        let mut page = Forecast { digest: name.to_owned(), locale, ..sample::forecast() };
        page.told.week.total = total;
        page.told.at_risk = Worth { currency: Some(currency.to_owned()), sum: Sum { amount, ..Sum::default() } };
        page
    }

    #[test]
    fn the_headline_tells_how_many_expire_and_what_they_are_worth_before_anything_else() {
        let said = |total, name| headline(&with(total, 112_000.0, "EUR", name, Locale::EN));
        assert_eq!(said(3, "monday forecast"), "3 referrals expire this week, €112k at risk: monday forecast");
        assert_eq!(said(1, "monday"), "1 referral expires this week, €112k at risk: monday");
        assert_eq!(said(0, "monday forecast"), "Nothing expires this week. That is normal.");
        assert_eq!(
            said(3, "a name that is far too long for a headline"),
            "3 referrals expire this week, €112k at risk"
        );
        assert_eq!(headline(&sample::quiet_forecast()), "Nothing expires this week. That is normal.");
        let mut unknown = sample::forecast();
        unknown.told.at_risk = Worth::default();
        assert_eq!(headline(&unknown), "3 referrals expire this week: monday forecast");
    }

    #[test]
    fn no_headline_is_longer_than_sixty_characters_in_any_language() {
        for locale in Locale::all() {
            for total in [0, 1, 2, 5, 21, 200, 100_000] {
                for (amount, currency) in [(0.0, "EUR"), (999_499.0, "HUF"), (999e9, "CZK"), (1e18, "XXX")] {
                    for name in ["", "monday forecast", "ein Bericht für die Geschäftsführung am Montagmorgen"] {
                        let said = headline(&with(total, amount, currency, name, locale));
                        assert!(said.chars().count() <= LONGEST_HEADLINE && !said.ends_with('…'), "{locale:?}: {said}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_more_owners_are_named_than_a_row_has_room_for() {
        let named = |count| words::of(Locale::EN).all_of(&people(&vec!["Anna".to_owned(); count]));
        assert_eq!([1, 2, 3, 9].map(named), ["Anna", "Anna and Anna", "Anna and Anna, …", "Anna and Anna, …"]);
    }

    #[test]
    fn a_part_shows_its_first_rows_and_counts_the_rest() {
        let page = page(&sample::worst_forecast(), 100);
        let shown: Vec<(usize, Option<&str>)> =
            page.parts.iter().map(|part| (part.rows.len(), part.more.as_deref())).collect();
        assert_eq!(shown[0], (15, Some("…and 185 more")));
        assert!(shown[1..].iter().all(|part| *part == (5, Some("…and 195 more"))), "{shown:?}");
    }
}
