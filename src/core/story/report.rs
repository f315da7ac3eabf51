//! `report`: how well referrals are answered, from the cases that are remembered. A [`Tally`] takes one case after another,
//! in any number, and keeps no case: what it needs is counts, sums and one number for each answer. Pure; holds no words.
//!
//! What counts, precisely. A period goes from its first instant up to, and without, its last.
//!
//! - A referral **came** in the period when it was created in it, by `createdDateTime`.
//! - It was **answered** when somebody accepted or declined it (or it was closed as won, lost, or in a way we do not know and
//!   was never seen as accepted): at `acceptedDateTime`, else `closedDateTime`, else `updatedDateTime`, as Partner Center says,
//!   and never later than we read it. What is open again is not answered.
//! - The **rate** that Microsoft ranks by is taken over the referrals that came in the period and whose 24 hours are over now,
//!   answered or not: one that is younger is not counted yet, even where it was answered within the hour, or quick answers
//!   would count before slow ones can. Exactly 24 hours are within 24 hours. An expiry is no answer.
//! - One that leadtime saw for the first time more than 24 hours after its creation counts neither in the rate nor in the median:
//!   Partner Center lists what is pending, so of those days only what nobody had answered was ever seen. It is counted as
//!   `late`, and so came = rate + young + late.
//! - **Answered** and **expired** count what ended in the period, whenever it came; the **median** is over those answers.
//! - **Open**, overdue, muted and the value at risk are as of now, whenever the referral came. A mute ends no countdown, so a
//!   muted referral counts like any other; so does one that cannot be read at present.
//! - Left out of all of it, and counted by themselves: what is open and shelved; what is gone without an outcome; and what was
//!   closed before leadtime saw it where Partner Center does not say when.
//! - A referral's owners are those who were asked, covers included, when it ended; of an open one, those who are asked now. It
//!   counts once for each of them, and for each of the present rules that takes it. In a week stand those that came, and those
//!   that ended, in it.
//! - Closed referrals leave the store when `[state] keep` has passed, and with them what a report can know of that time.

use std::{cmp::Ordering, collections::BTreeMap};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::core::{
    case::{Case, Life},
    ladder::{Silence, taken_by},
    people::{Cast, Who},
    referral::{Closing, Referral, read_time},
    rules::{Money, Rules},
};

/// Microsoft's measure: who answers within this time ranks higher.
const IN_TIME: SignedDuration = SignedDuration::from_hours(24);
/// So many countries, owners or rules are told apart; what comes after them stands under [`OTHERS`].
const NAMES_MAX: usize = 500;
/// So many weeks.
const WEEKS_MAX: usize = 600;
/// So many currencies.
const CURRENCIES_MAX: usize = 200;
/// A stranger's text for a country keeps so many characters.
const COUNTRY_MAX: usize = 14;
/// The name of what is not told apart any more.
pub const OTHERS: &str = "…";

/// Of which time a report tells.
#[derive(Clone, Debug)]
pub struct Span {
    /// The first instant of it.
    pub from: Timestamp,
    /// The first instant after it; now, or earlier.
    pub until: Timestamp,
    /// As of when.
    pub now: Timestamp,
    /// Where weeks begin on a Monday.
    pub zone: TimeZone,
}

/// A report that grows case by case.
#[derive(Debug)]
pub struct Tally {
    span: Span,
    money: Money,
    total: Bucket,
    countries: BTreeMap<Option<String>, Bucket>,
    /// By what is theirs alone (a person's name in the settings, else an address), with the name to be shown.
    owners: BTreeMap<Option<String>, (String, Bucket)>,
    rules: BTreeMap<Option<String>, Bucket>,
    weeks: BTreeMap<Date, Bucket>,
    left_out: LeftOut,
}

/// All that is told of a period.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The first instant of the period.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
    /// As of when.
    pub now: Timestamp,
    /// The currency of every sum: that of `[money]`; where there is none, that of most deals. None where no deal has one.
    pub currency: Option<String>,
    /// All of them.
    pub total: Figures,
    /// By the customer's country; the busiest first, what has none last. The same for owners and rules.
    pub by_country: Vec<Row>,
    /// By owner.
    pub by_owner: Vec<Row>,
    /// By the present rules.
    pub by_rule: Vec<Row>,
    /// By week, in the order of time; weeks in which nothing came and nothing ended are not there.
    pub by_week: Vec<Week>,
    /// What is counted nowhere else.
    pub left_out: LeftOut,
}

/// The figures of one country, owner or rule.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Row {
    /// As people read it; none: no country, no owner, no rule.
    pub name: Option<String>,
    /// What is theirs alone: the country, the rule; of an owner the person's name in the settings, else the address.
    pub id: Option<String>,
    /// Theirs.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The figures of one week.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Week {
    /// Its Monday.
    pub monday: Date,
    /// Of what came, and of what ended, in it.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What is counted. The head of this file says precisely what each counts.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Came in the period.
    pub came: u32,
    /// The rate that Microsoft ranks by.
    pub within_24h: Rate,
    /// Of those that came: their 24 hours are not over.
    pub young: u32,
    /// Of those that came: first seen when their 24 hours were over.
    pub late: u32,
    /// Answered in the period.
    pub answered: u32,
    /// Expired in the period.
    pub expired: u32,
    /// The value of those.
    pub expired_value: Sum,
    /// From creation to answer, in seconds; none where nothing was answered.
    pub median_seconds: Option<i64>,
    /// Open now.
    pub open: u32,
    /// Of those: past their deadline.
    pub overdue: u32,
    /// Of those: muted.
    pub muted: u32,
    /// The value of what is open.
    pub at_risk: Sum,
}

/// A part of a whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Rate {
    /// How many were answered within 24 hours.
    pub within: u32,
    /// Of how many.
    pub of: u32,
}

/// A sum of deal values in the report's currency.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Sum {
    /// The sum of those whose value is known in it.
    pub amount: f64,
    /// How many name a value in a currency for which there is no rate.
    pub no_rate: u32,
    /// How many name no value, or no currency.
    pub no_value: u32,
}

/// What is in no figure.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LeftOut {
    /// Open, but its account has left the settings or the account's filter no longer takes it.
    pub shelved: u32,
    /// Gone from Partner Center in the period, without an outcome.
    pub gone: u32,
    /// Came in the period, was closed before leadtime saw it, and Partner Center does not say when.
    pub undated: u32,
    /// Cannot be read from the store.
    pub unreadable: u32,
}

impl Rate {
    /// In whole per cent; none where there is nothing to take a part of. Never 100 unless it is all, never 0 unless it is none.
    pub fn percent(self) -> Option<u32> {
        let (within, of) = (u64::from(self.within), u64::from(self.of));
        let rounded = (200 * within + of).checked_div(2 * of)?;
        let honest = match rounded {
            0 if within > 0 => 1,
            100 if within < of => 99,
            other => other,
        };
        u32::try_from(honest).ok()
    }
}

impl Figures {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.came == 0 && self.answered == 0 && self.expired == 0 && self.open == 0
    }
}

/// What one case adds.
#[derive(Clone)]
struct Share {
    came: bool,
    /// Whether its 24 hours are over.
    is_ripe: bool,
    /// Whether leadtime saw it before they were.
    is_watched: bool,
    within: bool,
    /// How it ended in the period.
    ended: Option<Ended>,
    open: Option<Open>,
    /// Its worth: the currency and the amount, converted where a rate is known.
    worth: Option<(String, f64)>,
}

#[derive(Clone, Copy)]
enum Ended {
    /// So many seconds after it was created.
    Answered(u32),
    Expired,
}

#[derive(Clone, Copy)]
struct Open {
    overdue: bool,
    muted: bool,
}

#[derive(Debug, Default)]
struct Bucket {
    came: u32,
    rate: Rate,
    young: u32,
    late: u32,
    answered: u32,
    expired: u32,
    lost: Purse,
    /// Seconds from creation to each answer of what was watched.
    times: Vec<u32>,
    open: u32,
    overdue: u32,
    muted: u32,
    at_risk: Purse,
}

/// Sums by currency, as the report's own is known only at its end.
#[derive(Debug, Default)]
pub(super) struct Purse {
    by_currency: BTreeMap<String, (f64, u32)>,
    no_value: u32,
}

impl Tally {
    /// An empty one.
    pub fn new(span: Span, money: Money) -> Self {
        Self {
            span,
            money,
            total: Bucket::default(),
            countries: BTreeMap::new(),
            owners: BTreeMap::new(),
            rules: BTreeMap::new(),
            weeks: BTreeMap::new(),
            left_out: LeftOut::default(),
        }
    }

    /// Counts one that cannot be read.
    pub fn unreadable(&mut self) {
        self.left_out.unreadable += 1;
    }

    /// Whether a case can count at all: known without its referral, so that those need not be read which ended long ago.
    pub fn concerns(&self, case: &Case) -> bool {
        match case.life {
            // It ended no later than we read it.
            Life::Closed { at, .. } | Life::Gone { at } => at >= self.span.from || case.created >= self.span.from,
            Life::Listed | Life::Unlisted(_) | Life::Unseen { .. } => true,
        }
    }

    /// Counts a case, open or closed, of whatever time.
    pub fn take(&mut self, case: &Case, rules: &Rules) {
        let span = &self.span;
        let is_in = |at: Timestamp| span.from <= at && at < span.until;
        let came = is_in(case.created);
        let ended = match &case.life {
            Life::Gone { at } => {
                self.left_out.gone += u32::from(is_in(*at));
                return;
            }
            Life::Closed { closing, at } => match ended_at(case, *at) {
                Some(ended) => Some((*closing, ended)),
                None => {
                    self.left_out.undated += u32::from(came);
                    return;
                }
            },
            Life::Listed | Life::Unlisted(_) | Life::Unseen { .. } => None,
        };
        if ended.is_some_and(|(_, at)| !came && !is_in(at)) {
            return;
        }
        let cast_at = ended.map_or(span.now, |(_, at)| at);
        let cast = Cast::of(case, rules, cast_at);
        let (taken, silence) = taken_by(case, rules, cast_at);
        if ended.is_none() && matches!(silence, Some(Silence::AccountRemoved | Silence::FilteredOut)) {
            self.left_out.shelved += 1;
            return;
        }
        let share = self.share(case, came, ended, rules);
        let ended_week = ended.filter(|(_, at)| is_in(*at)).map(|(_, at)| monday(at, &span.zone));
        let came_week = came.then(|| monday(case.created, &span.zone));
        self.total.add(&share);
        bucket(&mut self.countries, country(&case.referral)).add(&share);
        for (id, name) in owners(&cast, rules) {
            let has_room = self.owners.len() < NAMES_MAX || self.owners.contains_key(&id);
            let (id, name) = if has_room { (id, name) } else { (Some(OTHERS.to_owned()), OTHERS.to_owned()) };
            self.owners.entry(id).or_insert_with(|| (name, Bucket::default())).1.add(&share);
        }
        for rule in at_least_one(taken.iter().map(|rule| rule.as_str().to_owned())) {
            bucket(&mut self.rules, rule).add(&share);
        }
        self.add_to_weeks(share, came_week, ended_week);
    }

    fn share(&self, case: &Case, came: bool, ended: Option<(Closing, Timestamp)>, rules: &Rules) -> Share {
        let Span { from, until, now, .. } = self.span;
        let took = ended.filter(|(closing, _)| closing.is_answer()).map(|(_, at)| at.duration_since(case.created));
        let ended_in = ended.filter(|(_, at)| from <= *at && *at < until);
        Share {
            came,
            is_ripe: now.duration_since(case.created) >= IN_TIME,
            is_watched: case.first_seen.duration_since(case.created) <= IN_TIME,
            within: took.is_some_and(|took| took <= IN_TIME),
            ended: ended_in.map(|(closing, at)| match closing.is_answer() {
                true => Ended::Answered(u32::try_from(at.duration_since(case.created).as_secs()).unwrap_or(u32::MAX)),
                false => Ended::Expired,
            }),
            open: ended
                .is_none()
                .then(|| Open { overdue: case.deadline.at <= now, muted: case.muted_at(now).is_some() }),
            worth: worth(&case.referral, &rules.money),
        }
    }

    /// What came in one week and ended in another stands in both, in each with that part of it.
    fn add_to_weeks(&mut self, share: Share, came: Option<Date>, ended: Option<Date>) {
        let in_one = came == ended;
        if let Some(week) = self.week(came) {
            week.add(&Share { ended: share.ended.filter(|_| in_one), ..share.clone() });
        }
        if !in_one && let Some(week) = self.week(ended) {
            week.add(&Share { came: false, open: None, ..share });
        }
    }

    fn week(&mut self, monday: Option<Date>) -> Option<&mut Bucket> {
        let monday = monday?;
        let has_room = self.weeks.len() < WEEKS_MAX || self.weeks.contains_key(&monday);
        has_room.then(|| self.weeks.entry(monday).or_default())
    }

    /// The report.
    pub fn report(self) -> Report {
        let purses = [&self.total.lost, &self.total.at_risk];
        let currency = self.money.currency.clone().or_else(|| most_used(purses));
        let of = currency.as_deref();
        let rows = |buckets: BTreeMap<Option<String>, Bucket>| {
            sorted(buckets.into_iter().map(|(id, bucket)| Row { name: id.clone(), id, figures: bucket.figures(of) }))
        };
        let owners = self.owners.into_iter().map(|(id, (name, bucket))| Row {
            name: id.is_some().then_some(name),
            id,
            figures: bucket.figures(of),
        });
        Report {
            from: self.span.from,
            until: self.span.until,
            now: self.span.now,
            by_country: rows(self.countries),
            by_owner: sorted(owners),
            by_rule: rows(self.rules),
            by_week: self.weeks.into_iter().map(|(monday, week)| Week { monday, figures: week.figures(of) }).collect(),
            total: self.total.figures(of),
            left_out: self.left_out,
            currency,
        }
    }
}

impl Bucket {
    fn add(&mut self, share: &Share) {
        if share.came {
            self.came += 1;
            match (share.is_watched, share.is_ripe) {
                (false, _) => self.late += 1,
                (true, false) => self.young += 1,
                (true, true) => {
                    self.rate.of += 1;
                    self.rate.within += u32::from(share.within);
                }
            }
        }
        match share.ended {
            Some(Ended::Answered(seconds)) => {
                self.answered += 1;
                if share.is_watched {
                    self.times.push(seconds);
                }
            }
            Some(Ended::Expired) => {
                self.expired += 1;
                self.lost.put(share.worth.as_ref());
            }
            None => {}
        }
        if let Some(open) = &share.open {
            self.open += 1;
            self.overdue += u32::from(open.overdue);
            self.muted += u32::from(open.muted);
            self.at_risk.put(share.worth.as_ref());
        }
    }

    fn figures(self, currency: Option<&str>) -> Figures {
        Figures {
            came: self.came,
            within_24h: self.rate,
            young: self.young,
            late: self.late,
            answered: self.answered,
            expired: self.expired,
            expired_value: self.lost.sum(currency),
            median_seconds: median(self.times),
            open: self.open,
            overdue: self.overdue,
            muted: self.muted,
            at_risk: self.at_risk.sum(currency),
        }
    }
}

impl Purse {
    pub fn put(&mut self, worth: Option<&(String, f64)>) {
        let Some((code, amount)) = worth else {
            self.no_value += 1;
            return;
        };
        // A currency too many is one that nobody has a rate for.
        let has_room = self.by_currency.len() < CURRENCIES_MAX || self.by_currency.contains_key(code);
        let code = if has_room { code.as_str() } else { OTHERS };
        let (sum, count) = self.by_currency.entry(code.to_owned()).or_default();
        *sum += amount;
        *count += 1;
    }

    pub fn sum(self, currency: Option<&str>) -> Sum {
        let mut sum = Sum { no_value: self.no_value, ..Sum::default() };
        for (code, (amount, count)) in self.by_currency {
            if Some(code.as_str()) == currency {
                sum.amount = amount;
            } else {
                sum.no_rate += count;
            }
        }
        sum
    }
}

/// The currency of most deals; among equally many the first by name.
pub(super) fn most_used<'a>(purses: impl IntoIterator<Item = &'a Purse>) -> Option<String> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for (code, (_, count)) in purses.into_iter().flat_map(|purse| &purse.by_currency) {
        *counts.entry(code).or_default() += count;
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(code, _)| code.to_owned())
}

/// When it ended, as Partner Center says, never later than we read it; none where it was closed before we saw it and nobody
/// says when.
fn ended_at(case: &Case, read_at: Timestamp) -> Option<Timestamp> {
    let said = said_at(&case.referral);
    let was_watched = case.closings > 0;
    let at = match (said, was_watched) {
        (Some(said), _) => said,
        // Any later edit moves this one, so it says something only where we saw it open before.
        (None, true) => case.referral.closed_at().unwrap_or(read_at),
        (None, false) => return None,
    };
    Some(at.min(read_at).max(case.created))
}

/// When it was accepted or closed, where Partner Center says that by itself.
pub(super) fn said_at(referral: &Referral) -> Option<Timestamp> {
    let time = |path: &str| referral.text(path).and_then(read_time);
    time("acceptedDateTime").or_else(|| time("closedDateTime"))
}

/// What a deal is worth: in the currency of `[money]` where a rate is known, else in its own.
pub(super) fn worth(referral: &Referral, money: &Money) -> Option<(String, f64)> {
    let (amount, currency) = (referral.deal_value()?, referral.currency()?);
    let code = currency.to_ascii_uppercase();
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    match (&money.currency, money.convert(amount, currency)) {
        (Some(ours), Some(converted)) if converted.is_finite() => Some((ours.clone(), converted)),
        _ => is_code.then_some((code, amount)),
    }
}

/// The customer's country: a code in upper case, or as much as is worth showing of what stands there.
fn country(referral: &Referral) -> Option<String> {
    let text: String = referral.country()?.chars().take(COUNTRY_MAX).collect();
    Some(if text.len() <= 3 { text.to_ascii_uppercase() } else { text })
}

/// Who was asked, by what is theirs alone and by name; one without a name where it is nobody.
fn owners(cast: &Cast, rules: &Rules) -> Vec<(Option<String>, String)> {
    let mut owners: Vec<(Option<String>, String)> = Vec::new();
    for part in &cast.owners {
        let (id, name) = match &part.who {
            Who::Person(id) => {
                let name = rules.people.by_name.get(id).map_or(id.as_str(), |person| person.name.as_str());
                (id.as_str(), name)
            }
            Who::Stranger { name, email } => {
                (email.as_str(), if name.is_empty() { email.as_str() } else { name.as_str() })
            }
        };
        if !owners.iter().any(|(known, _)| known.as_deref() == Some(id)) {
            owners.push((Some(id.to_owned()), name.to_owned()));
        }
    }
    if owners.is_empty() {
        owners.push((None, String::new()));
    }
    owners
}

fn at_least_one(names: impl Iterator<Item = String>) -> Vec<Option<String>> {
    let names: Vec<Option<String>> = names.map(Some).collect();
    if names.is_empty() { vec![None] } else { names }
}

fn bucket(buckets: &mut BTreeMap<Option<String>, Bucket>, name: Option<String>) -> &mut Bucket {
    let has_room = buckets.len() < NAMES_MAX || buckets.contains_key(&name);
    buckets.entry(if has_room { name } else { Some(OTHERS.to_owned()) }).or_default()
}

/// The Monday of the week in which an instant lies.
pub(super) fn monday(at: Timestamp, zone: &TimeZone) -> Date {
    let date = at.to_zoned(zone.clone()).date();
    let days = i64::from(date.weekday().to_monday_zero_offset());
    date.checked_sub(jiff::Span::new().days(days)).unwrap_or(date)
}

/// The busiest first, those without a name last; among equals by name.
fn sorted(rows: impl Iterator<Item = Row>) -> Vec<Row> {
    let mut rows: Vec<Row> = rows.collect();
    let weight = |row: &Row| u64::from(row.figures.came) + u64::from(row.figures.expired) + u64::from(row.figures.open);
    let by = |a: &Row, b: &Row| -> Ordering {
        let last = |row: &Row| (row.id.is_none(), row.id.as_deref() == Some(OTHERS));
        (last(a), weight(b), &a.name, &a.id).cmp(&(last(b), weight(a), &b.name, &b.id))
    };
    rows.sort_by(by);
    rows
}

/// The middle one; of an even number the mean of the middle two.
fn median(mut times: Vec<u32>) -> Option<i64> {
    let middle = times.len() / 2;
    if times.is_empty() {
        return None;
    }
    let is_even = times.len().is_multiple_of(2);
    let (below, upper, _) = times.select_nth_unstable(middle);
    let upper = i64::from(*upper);
    let lower = below.iter().max().map_or(upper, |lower| i64::from(*lower));
    Some(if is_even { (lower + upper) / 2 } else { upper })
}

#[cfg(test)]
mod tests;
