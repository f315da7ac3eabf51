//! What a digest at a set time says: the page that a director reads on a Monday.

use jiff::civil::Date;

use super::Words;

/// What is left out of a sum.
#[derive(Clone, Copy, Debug)]
pub struct NotSummed {
    /// How many say no value.
    pub no_value: u32,
    /// How many have one in a currency without a rate.
    pub no_rate: u32,
}

/// Titles and the names of figures.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is the title that it is named after")]
pub enum Title {
    Week,
    Unclaimed,
    Expired,
    Muted,
    AtRisk,
    InTime,
    Lost,
}

impl Words {
    /// A title, or the name of a figure.
    pub fn forecast_title(&self, title: Title) -> String {
        self.text(match title {
            Title::Week => "forecast-title-week",
            Title::Unclaimed => "forecast-title-unclaimed",
            Title::Expired => "forecast-title-expired",
            Title::Muted => "forecast-title-muted",
            Title::AtRisk => "forecast-figure-at-risk",
            Title::InTime => "forecast-figure-in-time",
            Title::Lost => "forecast-figure-lost",
        })
    }

    /// The headline, without the digest's name: what expires this week, and what that is worth.
    pub fn forecast_expires(&self, count: usize, sum: Option<&str>) -> String {
        match (count, sum) {
            (0, _) => self.text("forecast-quiet"),
            (count, None) => self.say("forecast-expires", [("count", count.into())]),
            (count, Some(sum)) => self.say("forecast-expires-sum", [("count", count.into()), ("sum", sum.into())]),
        }
    }

    /// The same with the digest's name behind it.
    pub fn forecast_named(&self, headline: &str, name: &str) -> String {
        self.say("forecast-named", [("headline", headline.into()), ("name", name.into())])
    }

    /// What the reader is to do: how many of those that expire nobody has, of how many. `claims`: whether they can be
    /// claimed, else it is owners that they lack.
    pub fn forecast_opening(&self, nobody: usize, all: usize, claims: bool) -> String {
        let id = match (nobody, claims) {
            (0, true) => return self.say("forecast-all-claimed", [("count", all.into())]),
            (0, false) => return self.say("forecast-all-owned", [("count", all.into())]),
            (nobody, true) if nobody == all => "forecast-none-claimed",
            (nobody, false) if nobody == all => "forecast-none-owned",
            (_, true) => "forecast-some-unclaimed",
            (_, false) => "forecast-some-unowned",
        };
        self.say(id, [("count", nobody.into())])
    }

    /// A day that no line break falls into, as columns are narrow: `Thu 19 Nov`.
    pub fn forecast_day(&self, day: Date) -> String {
        self.date(day).replace(' ', "\u{a0}")
    }

    /// Some referrals, counted.
    pub fn forecast_referrals(&self, count: usize) -> String {
        self.say("forecast-referrals", [("count", count.into())])
    }

    /// What is left out of a sum; empty where nothing is.
    pub fn forecast_not_summed(&self, left: NotSummed) -> Vec<String> {
        [("forecast-no-value", left.no_value), ("forecast-no-rate", left.no_rate)]
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(id, count)| self.say(id, [("count", count.into())]))
            .collect()
    }

    /// A part of a hundred: `78%`.
    pub fn percent(&self, percent: u32) -> String {
        self.say("percent", [("number", percent.to_string().into())])
    }

    /// So many of so many.
    pub fn forecast_part_of(&self, part: u32, all: u32) -> String {
        self.say("forecast-part-of", [("part", part.into()), ("all", all.into())])
    }

    /// What a figure was in the week before: `78%`.
    pub fn forecast_before(&self, before: &str) -> String {
        self.say("forecast-before", [("before", before.into())])
    }

    /// That a figure cannot be told, because nothing came.
    pub fn forecast_nothing_came(&self) -> String {
        self.text("forecast-nothing-came")
    }

    /// Who has claimed a referral, and when.
    pub fn forecast_has_it(&self, name: &str, since: Date) -> String {
        self.say("forecast-has-it", [("name", name.into()), ("date", self.forecast_day(since).into())])
    }

    /// Nobody has claimed it; whose it is.
    pub fn forecast_not_claimed(&self, owners: &[String]) -> String {
        self.say("forecast-not-claimed", [("owners", self.all_of(owners).into())])
    }

    /// It is nobody's.
    pub fn forecast_nobody(&self) -> String {
        self.text("forecast-nobody")
    }

    /// It is past its deadline and still open, as far as anybody knows.
    pub fn forecast_overdue(&self) -> String {
        self.text("forecast-overdue")
    }

    /// Why it is muted, by whom as far as that is known, since when, and until when where that is set.
    pub fn forecast_muted(&self, reason: &str, by: Option<&str>, since: Date, until: Option<Date>) -> String {
        let since = self.say("forecast-mute-since", [("date", self.forecast_day(since).into())]);
        let until = until.map(|until| self.say("forecast-mute-until", [("date", self.forecast_day(until).into())]));
        let details: Vec<String> = by.map(str::to_owned).into_iter().chain([since]).chain(until).collect();
        self.say("forecast-mute", [("reason", reason.into()), ("details", details.join(", ").into())])
    }

    /// That a destination was told so often, from a day to a day.
    pub fn forecast_told(&self, destination: &str, count: usize, first: Date, last: Date) -> String {
        let (first, last, same) = (self.forecast_day(first), self.forecast_day(last), first == last);
        let values = [
            ("destination", destination.into()),
            ("count", count.into()),
            ("first", first.into()),
            ("last", last.into()),
        ];
        self.say(if same { "forecast-told-on" } else { "forecast-told" }, values)
    }

    /// That a destination may have been told, the last time on a day.
    pub fn forecast_perhaps_told(&self, destination: &str, last: Date) -> String {
        self.say(
            "forecast-told-perhaps",
            [("destination", destination.into()), ("date", self.forecast_day(last).into())],
        )
    }

    /// That a destination took nothing, the last time on a day.
    pub fn forecast_refused(&self, destination: &str, last: Date) -> String {
        self.say(
            "forecast-told-refused",
            [("destination", destination.into()), ("date", self.forecast_day(last).into())],
        )
    }

    /// That nobody was told.
    pub fn forecast_told_nobody(&self) -> String {
        self.text("forecast-told-nobody")
    }

    /// Who had claimed it, and when.
    pub fn forecast_was_claimed(&self, name: &str, at: Date) -> String {
        self.say("forecast-was-claimed", [("name", name.into()), ("date", self.forecast_day(at).into())])
    }

    /// That nobody had claimed it.
    pub fn forecast_was_not_claimed(&self) -> String {
        self.text("forecast-was-not-claimed")
    }

    /// That it was muted when it expired: the finished words of the mute.
    pub fn forecast_was_muted(&self, mute: &str) -> String {
        self.say("forecast-was-muted", [("mute", mute.into())])
    }

    /// That it had been there so long when leadtime first saw it: `2 d 3 h`.
    pub fn forecast_seen_late(&self, age: &str) -> String {
        self.say("forecast-seen-late", [("age", age.into())])
    }

    /// Why its reader gets it: which digest of the settings is for this destination, in place of which one.
    pub fn scheduled_reason(&self, digest: &str, here: &str, in_place_of: Option<&str>) -> String {
        let because = self.say("reason-scheduled", [("digest", digest.into()), ("here", here.into())]);
        match in_place_of {
            Some(origin) => self.say("reason-instead", [("why", because.into()), ("origin", origin.into())]),
            None => self.say("reason", [("why", because.into())]),
        }
    }
}
