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
    pub fn digest_title(&self, title: Title) -> String {
        self.text(match title {
            Title::Week => "digest-title-week",
            Title::Unclaimed => "digest-title-unclaimed",
            Title::Expired => "digest-title-expired",
            Title::Muted => "digest-title-muted",
            Title::AtRisk => "digest-figure-at-risk",
            Title::InTime => "digest-figure-in-time",
            Title::Lost => "digest-figure-lost",
        })
    }

    /// The headline, without the digest's name: what expires this week, and what that is worth.
    pub fn digest_expires(&self, count: usize, sum: Option<&str>) -> String {
        match (count, sum) {
            (0, _) => self.text("digest-quiet"),
            (count, None) => self.say("digest-expires", [("count", count.into())]),
            (count, Some(sum)) => self.say("digest-expires-sum", [("count", count.into()), ("sum", sum.into())]),
        }
    }

    /// The same with the digest's name behind it.
    pub fn digest_named(&self, headline: &str, name: &str) -> String {
        self.say("digest-named", [("headline", headline.into()), ("name", name.into())])
    }

    /// What the reader is to do: how many of those that expire nobody has, of how many. `claims`: whether they can be
    /// claimed, else it is owners that they lack.
    pub fn digest_opening(&self, nobody: usize, all: usize, claims: bool) -> String {
        match (nobody, claims) {
            (0, true) => self.say("digest-all-claimed", [("count", all.into())]),
            (0, false) => self.say("digest-all-owned", [("count", all.into())]),
            (nobody, true) => self.say("digest-some-unclaimed", [("count", nobody.into()), ("all", all.into())]),
            (nobody, false) => self.say("digest-some-unowned", [("count", nobody.into()), ("all", all.into())]),
        }
    }

    /// Some referrals, counted.
    pub fn digest_referrals(&self, count: usize) -> String {
        self.say("digest-referrals", [("count", count.into())])
    }

    /// What is left out of a sum; empty where nothing is.
    pub fn digest_not_summed(&self, left: NotSummed) -> Vec<String> {
        [("digest-no-value", left.no_value), ("digest-no-rate", left.no_rate)]
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
    pub fn digest_part_of(&self, part: u32, all: u32) -> String {
        self.say("digest-part-of", [("part", part.into()), ("all", all.into())])
    }

    /// What a figure was in the week before: `78%`.
    pub fn digest_before(&self, before: &str) -> String {
        self.say("digest-before", [("before", before.into())])
    }

    /// That a figure cannot be told, because nothing came.
    pub fn digest_nothing_came(&self) -> String {
        self.text("digest-nothing-came")
    }

    /// Who has claimed a referral, and when.
    pub fn digest_has_it(&self, name: &str, since: Date) -> String {
        self.say("digest-has-it", [("name", name.into()), ("date", self.date(since).into())])
    }

    /// Nobody has claimed it; whose it is.
    pub fn digest_not_claimed(&self, owners: &[String]) -> String {
        self.say("digest-not-claimed", [("owners", self.all_of(owners).into())])
    }

    /// It is nobody's.
    pub fn digest_nobody(&self) -> String {
        self.text("digest-nobody")
    }

    /// It is past its deadline and still open, as far as anybody knows.
    pub fn digest_overdue(&self) -> String {
        self.text("digest-overdue")
    }

    /// Why it is muted, by whom as far as that is known, since when, and until when where that is set.
    pub fn digest_muted(&self, reason: &str, by: Option<&str>, since: Date, until: Option<Date>) -> String {
        let since = self.say("digest-mute-since", [("date", self.date(since).into())]);
        let until = until.map(|until| self.say("digest-mute-until", [("date", self.date(until).into())]));
        let details: Vec<String> = by.map(str::to_owned).into_iter().chain([since]).chain(until).collect();
        self.say("digest-mute", [("reason", reason.into()), ("details", details.join(", ").into())])
    }

    /// That a destination was told so often, from a day to a day.
    pub fn digest_told(&self, destination: &str, count: usize, first: Date, last: Date) -> String {
        let (first, last, same) = (self.date(first), self.date(last), first == last);
        let values =
            [("destination", destination.into()), ("count", count.into()), ("first", first.into()), ("last", last.into())];
        self.say(if same { "digest-told-on" } else { "digest-told" }, values)
    }

    /// That a destination may have been told, the last time on a day.
    pub fn digest_perhaps_told(&self, destination: &str, last: Date) -> String {
        self.say("digest-told-perhaps", [("destination", destination.into()), ("date", self.date(last).into())])
    }

    /// That a destination took nothing, the last time on a day.
    pub fn digest_refused(&self, destination: &str, last: Date) -> String {
        self.say("digest-told-refused", [("destination", destination.into()), ("date", self.date(last).into())])
    }

    /// That nobody was told.
    pub fn digest_told_nobody(&self) -> String {
        self.text("digest-told-nobody")
    }

    /// Who had claimed it, and when.
    pub fn digest_was_claimed(&self, name: &str, at: Date) -> String {
        self.say("digest-was-claimed", [("name", name.into()), ("date", self.date(at).into())])
    }

    /// That nobody had claimed it.
    pub fn digest_was_not_claimed(&self) -> String {
        self.text("digest-was-not-claimed")
    }

    /// That it was muted when it expired: the finished words of the mute.
    pub fn digest_was_muted(&self, mute: &str) -> String {
        self.say("digest-was-muted", [("mute", mute.into())])
    }

    /// That it had been there so long when leadtime first saw it: `2 d 3 h`.
    pub fn digest_seen_late(&self, age: &str) -> String {
        self.say("digest-seen-late", [("age", age.into())])
    }

    /// Why its reader gets it: which digest of the settings names this destination, in place of which one.
    pub fn digest_reason(&self, digest: &str, destination: &str, in_place_of: Option<&str>) -> String {
        let values = [("digest", digest.into()), ("destination", destination.into())];
        match in_place_of {
            Some(origin) => {
                self.say("digest-reason-in-place", [values[0].clone(), values[1].clone(), ("origin", origin.into())])
            }
            None => self.say("digest-reason", values),
        }
    }
}
