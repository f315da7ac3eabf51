//! The forecast: what a scheduled digest tells of all referrals at once. What expires within a week and who has it, what
//! nobody has claimed, what is muted, and what expired in the week before and how that came to be. Pure: cases are handed
//! in one by one, in any order, and only so many rows of each part are kept; the counts and sums are of all.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};

use super::report::{Rate, Span, Sum, Tally, worth};
use crate::core::{
    case::{Case, Entry, Fate, Life, Mute},
    claim,
    hours::Hours,
    ids::{AccountName, CaseNumber, DestinationName, ReferralId},
    journal::Line,
    key::Purpose,
    people::{Cast, Part, Who},
    referral::{Closing, Member},
    rules::Rules,
};

/// So many rows of each part are kept; the rest is counted.
pub const ROWS_MAX: usize = 15;
/// So many destinations and claims are told of one referral that expired.
const TOLD_MAX: usize = 5;
/// So many people are named as those who have a referral.
const OWNERS_MAX: usize = 2;
/// Days that a forecast looks ahead, today included, and back.
const DAYS: i64 = 7;

/// Of which time a forecast tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame {
    /// The instant at which it was due; what lies a week before it was told the last time.
    pub due: Timestamp,
    /// The instant as of which it is true.
    pub now: Timestamp,
    /// The first day, in the reader's zone.
    pub today: Date,
    /// The last day of those that it looks ahead.
    pub until: Date,
}

/// All of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Forecast {
    /// Of which time it tells.
    pub frame: Frame,
    /// What people can answer within the frame for the last time, the nearest last day first. One that is past it and still
    /// open is among them.
    pub week: Rows<Row>,
    /// How many of them nobody has.
    pub held_by_nobody: usize,
    /// What they are worth together.
    pub at_risk: Worth,
    /// What expires later and nobody has claimed; none where claims are not possible.
    pub unclaimed: Option<Rows<Row>>,
    /// What is muted.
    pub muted: Rows<Muted>,
    /// What expired in the week before, the greatest value first.
    pub expired: Rows<Story>,
    /// What that was worth together.
    pub lost: Worth,
    /// How many were answered in the week before.
    pub answered: u32,
    /// Of what came in the week before and is a day old: what was answered within a day.
    pub in_time: Rate,
    /// The same of the week before that.
    pub in_time_before: Rate,
}

/// Some rows, and how many there are in all.
#[derive(Clone, PartialEq, Debug)]
pub struct Rows<T> {
    /// [`ROWS_MAX`] at most.
    pub shown: Vec<T>,
    /// All of them.
    pub total: usize,
}

/// One referral.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// Its case.
    pub case: CaseNumber,
    /// Its id.
    pub id: ReferralId,
    /// Its account.
    pub account: AccountName,
    /// Its customer, as a stranger wrote it.
    pub customer: Option<String>,
    /// Its country, likewise.
    pub country: Option<String>,
    /// What it is worth: the currency of the settings where a rate is known, else its own, and how much.
    pub value: Option<(String, f64)>,
    /// The last day on which people can answer.
    pub answer_by: Date,
    /// When it expires.
    pub deadline: Timestamp,
    /// Whether that is past, though it is still open as far as anybody knows.
    pub overdue: bool,
    /// Who has it.
    pub holder: Holder,
    /// Its page in Partner Center, as the caller knows it.
    pub link: String,
}

/// What some referrals are worth together.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Worth {
    /// The currency of the sum: that of the settings; where they have none, that of most deals.
    pub currency: Option<String>,
    /// The sum, and how many are not in it.
    pub sum: Sum,
}

/// Who has a referral.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Holder {
    /// Somebody who said that they would answer it, and since when.
    Claimed {
        /// The name, as said.
        by: String,
        /// Since when.
        since: Timestamp,
    },
    /// Nobody has claimed it; it is these people's.
    Owners(Vec<String>),
    /// It is nobody's.
    Nobody,
}

/// A referral of which nobody is to hear.
#[derive(Clone, PartialEq, Debug)]
pub struct Muted {
    /// Which.
    pub row: Row,
    /// Why, by whom, since when and until when.
    pub mute: Mute,
}

/// How it came that a referral expired.
#[derive(Clone, PartialEq, Debug)]
pub struct Story {
    /// Which.
    pub row: Row,
    /// When it expired, as far as that is known.
    pub at: Timestamp,
    /// How long it had been there when leadtime first saw it.
    pub unseen_for: SignedDuration,
    /// Who was told before it expired, each destination once, the first to hear first.
    pub told: Vec<ToldThere>,
    /// Who claimed it, and when; the first claim first.
    pub claimed: Vec<(String, Timestamp)>,
    /// The mute under which it expired.
    pub muted: Option<Mute>,
}

/// What one destination was told about a referral.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToldThere {
    /// Which.
    pub destination: DestinationName,
    /// How many messages its channel took.
    pub taken: usize,
    /// How many may have come through.
    pub perhaps: usize,
    /// How many it refused, or would not take for too long.
    pub refused: usize,
    /// The first of them.
    pub first: Timestamp,
    /// The last of them.
    pub last: Timestamp,
    /// Whether an escalation was among those that were taken.
    pub escalated: bool,
}

impl Frame {
    /// The week that begins today, for who keeps these hours.
    pub fn at(due: Timestamp, now: Timestamp, hours: &Hours) -> Self {
        let today = now.to_zoned(hours.time_zone().clone()).date();
        Self { due, now, today, until: today.saturating_add((DAYS - 1).days()) }
    }

    /// When the week before began. It ends now: a digest that comes late leaves nothing out.
    pub fn week_began(self) -> Timestamp {
        self.ago(1)
    }

    /// When the week before that one began: what came and ended earlier is of no interest.
    pub fn began(self) -> Timestamp {
        self.ago(2)
    }

    fn ago(self, weeks: i32) -> Timestamp {
        self.due.saturating_sub(SignedDuration::from_hours(24 * DAYS) * weeks).unwrap_or(Timestamp::MIN)
    }
}

/// A forecast in the making.
pub struct Gathering<'a> {
    rules: &'a Rules,
    hours: &'a Hours,
    link: &'a dyn Fn(&Case) -> String,
    so_far: Forecast,
    /// Of what expires this week.
    at_risk: Tally,
    /// Of what expired in the week before, and is told of.
    lost: Tally,
    last_week: Tally,
    week_before: Tally,
}

impl<'a> Gathering<'a> {
    /// Nothing yet. `hours` are the reader's; `link` says where a referral's page is; `claims`: whether anybody can claim.
    pub fn new(
        frame: Frame,
        rules: &'a Rules,
        hours: &'a Hours,
        link: &'a dyn Fn(&Case) -> String,
        claims: bool,
    ) -> Self {
        let so_far = Forecast {
            frame,
            week: Rows::default(),
            held_by_nobody: 0,
            at_risk: Worth::default(),
            unclaimed: claims.then(Rows::default),
            muted: Rows::default(),
            expired: Rows::default(),
            lost: Worth::default(),
            answered: 0,
            in_time: Rate::default(),
            in_time_before: Rate::default(),
        };
        let tally = |from, until| {
            let span = Span { from, until, now: frame.now, zone: hours.time_zone().clone() };
            Tally::new(span, rules.money.clone())
        };
        Self {
            rules,
            hours,
            link,
            so_far,
            at_risk: tally(frame.week_began(), frame.now),
            lost: tally(Timestamp::MIN, Timestamp::MAX),
            last_week: tally(frame.week_began(), frame.now),
            week_before: tally(frame.began(), frame.week_began()),
        }
    }

    /// Whether a deadline makes its referral one of this week's: then it must be handed in, however many there are.
    pub fn is_this_week(&self, deadline: Timestamp) -> bool {
        self.hours.answer_by(deadline) <= self.so_far.frame.until
    }

    /// A referral that is open.
    pub fn open(&mut self, case: &Case) {
        let row = self.row(case);
        let is_claimed = matches!(row.holder, Holder::Claimed { .. });
        if let Some(mute) = case.muted_at(self.so_far.frame.now) {
            self.so_far.muted.put(Muted { row, mute: mute.clone() }, |muted| by_last_day(&muted.row));
        } else if self.is_this_week(case.deadline.at) {
            self.at_risk.take(case, self.rules);
            self.so_far.held_by_nobody += usize::from(row.is_held_by_nobody(self.so_far.unclaimed.is_some()));
            self.so_far.week.put(row, by_last_day);
        } else if let (Some(unclaimed), false) = (&mut self.so_far.unclaimed, is_claimed) {
            unclaimed.put(row, by_last_day);
        }
    }

    /// So many more that expire later and nobody has claimed, too far off to be shown.
    pub fn more_unclaimed(&mut self, count: usize) {
        if let Some(unclaimed) = &mut self.so_far.unclaimed {
            unclaimed.total += count;
        }
    }

    /// So many more that are muted, too far off to be shown.
    pub fn more_muted(&mut self, count: usize) {
        self.so_far.muted.total += count;
    }

    /// A referral that came, or ended, since [`Frame::began`].
    pub fn recent(&mut self, case: &Case) {
        self.last_week.take(case, self.rules);
        self.week_before.take(case, self.rules);
        let Life::Closed { closing: Closing::Expired, at } = case.life else { return };
        // One that was over before leadtime saw it has no story.
        if at < self.so_far.frame.week_began() || case.closings == 0 {
            return;
        }
        self.lost.take(case, self.rules);
        let story = Story {
            at: case.deadline.at.min(at),
            unseen_for: case.first_seen.duration_since(case.created).max(SignedDuration::ZERO),
            told: told(&case.ledger),
            claimed: Vec::new(),
            muted: case.muted.clone(),
            row: self.row(case),
        };
        self.so_far.expired.put(story, |story| by_value(&story.row));
    }

    /// What was gathered. The stories still lack what only the journal knows: see [`Story::recall`].
    pub fn finish(self) -> Forecast {
        let (at_risk, lost) = (self.at_risk.report(), self.lost.report());
        let last_week = self.last_week.report().total;
        Forecast {
            at_risk: Worth { currency: at_risk.currency, sum: at_risk.total.at_risk },
            lost: Worth { currency: lost.currency, sum: lost.total.expired_value },
            answered: last_week.answered,
            in_time: last_week.within_24h,
            in_time_before: self.week_before.report().total.within_24h,
            ..self.so_far
        }
    }

    fn row(&self, case: &Case) -> Row {
        let now = self.so_far.frame.now;
        Row {
            case: case.number,
            id: case.id().clone(),
            account: case.account.clone(),
            customer: case.referral.customer().map(str::to_owned),
            country: case.referral.country().map(str::to_owned),
            value: worth(&case.referral, &self.rules.money),
            answer_by: self.hours.answer_by(case.deadline.at),
            deadline: case.deadline.at,
            overdue: case.deadline.at <= now,
            holder: holder(case, self.rules, now),
            link: (self.link)(case),
        }
    }
}

impl Row {
    /// Whether nobody has it: nobody has claimed it where that is possible, else it has no owner.
    pub fn is_held_by_nobody(&self, claims: bool) -> bool {
        match &self.holder {
            Holder::Claimed { .. } => false,
            Holder::Owners(_) => claims,
            Holder::Nobody => true,
        }
    }
}

impl Forecast {
    /// Whether there is nothing at all to worry about this week.
    pub fn is_quiet(&self) -> bool {
        self.week.total == 0
    }
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { shown: Vec::new(), total: 0 }
    }
}

impl<T> Rows<T> {
    /// How many there are beyond those that are shown.
    pub fn more(&self) -> usize {
        self.total.saturating_sub(self.shown.len())
    }

    /// One more, in its place; only the first ones stay.
    fn put<K: PartialOrd>(&mut self, row: T, rank: impl Fn(&T) -> K) {
        self.total += 1;
        let mine = rank(&row);
        let place = self.shown.partition_point(|other| rank(other) <= mine);
        if place < ROWS_MAX {
            self.shown.insert(place, row);
            self.shown.truncate(ROWS_MAX);
        }
    }
}

impl Story {
    /// Adds what only the journal knows: who claimed it. `lines` are the referral's, in the order of time.
    pub fn recall(&mut self, lines: &[(Timestamp, Line)]) {
        let claims = lines.iter().filter_map(|(at, line)| match line {
            Line::Claimed { by, .. } => Some((by.name.clone(), *at)),
            _ => None,
        });
        for (name, at) in claims {
            if self.claimed.len() < TOLD_MAX && !self.claimed.iter().any(|(known, _)| *known == name) {
                self.claimed.push((name, at));
            }
        }
    }
}

fn by_last_day(row: &Row) -> (Date, Timestamp, f64, CaseNumber) {
    let (value, case) = by_value(row);
    (row.answer_by, row.deadline, value, case)
}

/// The greatest first; what says no value comes last.
fn by_value(row: &Row) -> (f64, CaseNumber) {
    (row.value.as_ref().map_or(0.0, |(_, amount)| -amount), row.case)
}

fn holder(case: &Case, rules: &Rules, now: Timestamp) -> Holder {
    if let Some((claim, _)) = claim::standing(case, rules, now) {
        return Holder::Claimed { by: claim.by.name.clone(), since: claim.at };
    }
    let cast = Cast::of(case, rules, now);
    let mut names: Vec<String> = cast.owners.iter().filter_map(|part| name_of(part, rules)).collect();
    if names.is_empty() {
        // Whoever stands in the referral is told of, though leadtime would not write to them.
        let named = |member: Member| if member.name.is_empty() { member.email } else { Some(member.name) };
        names = case.referral.team().into_iter().filter_map(named).collect();
    }
    names.truncate(OWNERS_MAX);
    if names.is_empty() { Holder::Nobody } else { Holder::Owners(names) }
}

fn name_of(part: &Part, rules: &Rules) -> Option<String> {
    let name = match &part.who {
        Who::Person(name) => {
            rules.people.by_name.get(name).map_or_else(|| name.to_string(), |person| person.name.clone())
        }
        Who::Stranger { name, email } if name.is_empty() => email.clone(),
        Who::Stranger { name, .. } => name.clone(),
    };
    (!name.is_empty()).then_some(name)
}

/// What each destination was told while the referral was open.
fn told(ledger: &[Entry]) -> Vec<ToldThere> {
    let mut told: BTreeMap<&DestinationName, ToldThere> = BTreeMap::new();
    for entry in ledger.iter().filter(|entry| is_of_the_countdown(entry.key.purpose)) {
        let (taken, perhaps, refused) = match entry.fate {
            Fate::Accepted => (1, 0, 0),
            _ if entry.maybe => (0, 1, 0),
            Fate::Dead | Fate::FellBack(_) => (0, 0, 1),
            _ => continue,
        };
        let there = told.entry(&entry.key.destination).or_insert_with(|| ToldThere {
            destination: entry.key.destination.clone(),
            taken: 0,
            perhaps: 0,
            refused: 0,
            first: entry.at,
            last: entry.at,
            escalated: false,
        });
        there.taken += taken;
        there.perhaps += perhaps;
        there.refused += refused;
        there.first = there.first.min(entry.at);
        there.last = there.last.max(entry.at);
        there.escalated |= entry.escalation && taken > 0;
    }
    let mut told: Vec<ToldThere> = told.into_values().collect();
    told.sort_by_key(|there| there.first);
    told.truncate(TOLD_MAX);
    told
}

/// Whether a message asked for an answer, rather than told that there is none to come.
fn is_of_the_countdown(purpose: Purpose) -> bool {
    !matches!(purpose, Purpose::Answered(_) | Purpose::Expired(_) | Purpose::Gone(_) | Purpose::Reopened(_))
}
