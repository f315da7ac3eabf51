//! What given rules would have sent about many referrals: the sums over [`replay`]. A [`Rehearsal`] takes one course after
//! another and keeps none. Pure; holds no words.
//!
//! What counts, precisely. Messages are those that would have gone out in the period, about referrals of whatever age; what
//! falls due together at one destination, more of one kind than its `digest_above`, is one **post**. An expiry is **caught**
//! when an escalation about it would have gone out before its deadline, while it was open; expiries are those of the period.
//! Machines (`webhook`, `stdout`) keep no hours and are in no figure about them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    plan::Coming,
    replay::{Course, Replayed, replay},
    report::{Purse, Span, Sum, monday, most_used, worth},
};
use crate::core::{
    case::Case,
    filter::Subject,
    hours::Hours,
    ids::{AccountName, DestinationName, ReferralId, RuleName},
    journal::Line as Entered,
    ladder::{Call, Event, Silence, counting_hours},
    outbox::{Class, DigestAbove},
    people::{Because, Nobody},
    referral::{Closing, Referral},
    rules::{Rules, Step, Trigger},
};

/// So many expiries are told one by one.
const EXPIRIES_MAX: usize = 200;
/// So many referrals are named where more are counted.
const NAMED_MAX: usize = 20;

/// The sums as they grow.
pub struct Rehearsal {
    rules: Rules,
    digest_above: BTreeMap<DestinationName, DigestAbove>,
    span: Span,
    with_timelines: bool,
    referrals: u32,
    events: BTreeMap<(DestinationName, Event), u32>,
    /// What falls due together: how many at an instant, a destination, of a kind.
    together: BTreeMap<(Timestamp, DestinationName, Class), u32>,
    came: BTreeMap<Date, u32>,
    hours: HoursKept,
    expiries: Vec<Expiry>,
    of_expiries: Counts,
    expired: Purse,
    caught: Purse,
    before: Vec<i64>,
    silent: BTreeMap<Silence, Silent>,
    steps: Vec<StepHeard>,
    cut: u32,
    rough: u32,
    undated: u32,
}

#[derive(Default)]
struct Counts {
    of: u32,
    caught: u32,
}

/// All of it. Instants are in UTC.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// How many referrals were open in the period.
    pub referrals: u32,
    /// Messages.
    pub messages: u32,
    /// Messages, where those that fall due together are one.
    pub posts: u32,
    /// By destination; the busiest first.
    pub destinations: Vec<Heard>,
    /// By week, in the order of time.
    pub weeks: Vec<WeekHeard>,
    /// The day with the most posts.
    pub busiest: Option<Busiest>,
    /// What hours did.
    pub hours: HoursKept,
    /// What expired.
    pub expiries: Expiries,
    /// The currency of every sum.
    pub currency: Option<String>,
    /// Whom nobody hears of, and why.
    pub silent: Vec<Silent>,
    /// Every step of the countdown, in the order of the file.
    pub steps: Vec<StepHeard>,
    /// How many referrals had more messages than are counted.
    pub cut: u32,
    /// How many ended when nobody says, so that their last change speaks for it.
    pub rough: u32,
    /// How many are closed and are left out, as nobody says at all when that was.
    pub undated: u32,
}

/// What one destination would have heard.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Heard {
    /// Which.
    pub destination: DestinationName,
    /// Messages.
    pub messages: u32,
    /// Posts.
    pub posts: u32,
    /// Posts on its busiest day.
    pub most_a_day: u32,
    /// Messages by what they are.
    pub events: BTreeMap<Event, u32>,
}

/// What would have been heard in one week.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct WeekHeard {
    /// Its Monday.
    pub monday: Date,
    /// Referrals that came in it.
    pub came: u32,
    /// Messages.
    pub messages: u32,
    /// Posts.
    pub posts: u32,
}

/// The day with the most posts.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Busiest {
    /// The day.
    pub day: Date,
    /// Messages on it.
    pub messages: u32,
    /// Posts on it.
    pub posts: u32,
}

/// What hours did to messages, machines left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct HoursKept {
    /// Moved into them.
    pub moved: u32,
    /// News, which go at once, while they were closed.
    pub news: u32,
    /// Sent although they were closed, because the next opening would have left too little time.
    pub late: u32,
    /// Sent while working hours were closed, because the step or the destination names others, or `always`.
    pub own: u32,
}

/// What expired in the period.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Expiries {
    /// How many.
    pub of: u32,
    /// How many of them would have been escalated before.
    pub caught: u32,
    /// The value of all of them.
    pub value: Sum,
    /// The value of those that would have been escalated.
    pub caught_value: Sum,
    /// Least, middle and most seconds between the first escalation and the deadline.
    pub before_seconds: Option<[i64; 3]>,
    /// Each of them, 200 at most, in the order in which they were met.
    pub each: Vec<Expiry>,
}

/// One that expired.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Expiry {
    /// Which.
    #[serde(flatten)]
    pub referral: Named,
    /// When it was created.
    pub created: Timestamp,
    /// When it expired.
    pub expired: Timestamp,
    /// The first escalation.
    pub escalated: Option<Escalated>,
    /// Every message about it, where they are asked for.
    pub timeline: Vec<Told>,
}

/// A referral by name.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Named {
    /// Its id in Partner Center.
    pub id: ReferralId,
    /// Its account.
    pub account: AccountName,
    /// The customer.
    pub customer: Option<String>,
    /// The customer's country.
    pub country: Option<String>,
    /// The deal's value as it stands there.
    pub value: Option<f64>,
    /// Its currency.
    pub currency: Option<String>,
}

/// The first escalation about one that expired.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Escalated {
    /// When.
    pub at: Timestamp,
    /// So long before the deadline.
    pub before_seconds: i64,
    /// Where.
    pub destination: DestinationName,
}

/// One message of a time line.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub destination: DestinationName,
    /// What.
    pub event: Event,
    /// The step, as the settings write it.
    pub step: String,
    /// The rule that asks for it.
    pub rule: RuleName,
    /// The instant from which hours have moved it.
    pub moved_from: Option<Timestamp>,
}

/// Referrals that nobody hears of for one reason.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Silent {
    /// Why.
    pub why: Silence,
    /// How many.
    pub referrals: u32,
    /// The first 20 of them.
    pub some: Vec<Named>,
}

/// What one step of the countdown would have sent.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StepHeard {
    /// Its rule.
    pub rule: RuleName,
    /// As the settings write it.
    pub step: String,
    /// How many referrals the rule took.
    pub referrals: u32,
    /// For how many of them it reaches nobody.
    pub nobody: u32,
    /// For how many `[ops]` hears in the place of those it was for, and why.
    pub in_place_of: Vec<(Nobody, u32)>,
    /// Messages.
    pub messages: u32,
}

impl Rehearsal {
    /// Nothing yet. `digest_above` of each destination; `with_timelines`: each expiry with all that was sent about it.
    pub fn new(
        rules: Rules,
        digest_above: BTreeMap<DestinationName, DigestAbove>,
        span: Span,
        with_timelines: bool,
    ) -> Self {
        let steps = rules.rules.iter().flat_map(|rule| rule.steps.iter().map(move |step| (rule, step)));
        let steps = steps.filter(|(_, step)| is_of_countdown(step)).map(|(rule, step)| StepHeard {
            rule: rule.name.clone(),
            step: step.trigger.label(),
            referrals: 0,
            nobody: 0,
            in_place_of: Vec::new(),
            messages: 0,
        });
        let mut all: Vec<StepHeard> = Vec::new();
        for step in steps {
            if !all.iter().any(|known| (&known.rule, &known.step) == (&step.rule, &step.step)) {
                all.push(step);
            }
        }
        Self {
            steps: all,
            rules,
            digest_above,
            span,
            with_timelines,
            referrals: 0,
            events: BTreeMap::new(),
            together: BTreeMap::new(),
            came: BTreeMap::new(),
            hours: HoursKept::default(),
            expiries: Vec::new(),
            of_expiries: Counts::default(),
            expired: Purse::default(),
            caught: Purse::default(),
            before: Vec::new(),
            silent: BTreeMap::new(),
            cut: 0,
            rough: 0,
            undated: 0,
        }
    }

    /// Takes a referral that leadtime knows, with its lines of the journal in the order of time.
    pub fn remembered(&mut self, case: &Case, lines: &[(Timestamp, Entered)]) {
        match Course::remembered(case, lines, &self.rules) {
            Some(course) => self.take(&course),
            None => self.undated += 1,
        }
    }

    /// Takes a referral that Partner Center lists; says whether its account's filter would have taken it when it was new.
    pub fn listed(&mut self, account: &AccountName, referral: &Referral) -> bool {
        let as_new = [("status", Value::from("New")), ("substatus", Value::from("Pending"))];
        let filter = self.rules.accounts.get(account).and_then(|account| account.filter.as_ref());
        if filter.is_some_and(|filter| !filter.matches(Subject { body: referral.body(), extra: &as_new })) {
            return false;
        }
        match Course::listed(account.clone(), referral.clone(), &self.rules, self.span.now) {
            Some(course) => self.take(&course),
            None => self.undated += 1,
        }
        true
    }

    /// Walks one course under the rules, and counts. One that was not open in the period counts nowhere.
    fn take(&mut self, course: &Course) {
        let Span { from, until, .. } = self.span;
        let created = course.case().created;
        if created >= until || course.end.is_some_and(|end| end.at < from) {
            return;
        }
        let replayed = replay(course, &self.rules, until);
        self.referrals += 1;
        self.cut += u32::from(replayed.cut);
        self.rough += u32::from(course.end.is_some_and(|end| end.roughly));
        if created >= from {
            *self.came.entry(monday(created, &self.span.zone)).or_default() += 1;
        }
        self.count_steps(&replayed);
        if let Some(why) = replayed.silence {
            let silent = self.silent.entry(why).or_insert(Silent { why, referrals: 0, some: Vec::new() });
            silent.referrals += 1;
            if silent.some.len() < NAMED_MAX {
                silent.some.push(named(course));
            }
        }
        for coming in replayed.sent.iter().filter(|coming| from <= coming.at && coming.at < until) {
            self.count(coming);
        }
        if let Some(end) = course.end.filter(|end| end.closing == Some(Closing::Expired) && end.at < until) {
            self.expiry(course, end.at, &replayed);
        }
    }

    fn count(&mut self, coming: &Coming) {
        let line = &coming.line;
        let destination = &line.key.destination;
        *self.events.entry((destination.clone(), line.event)).or_default() += 1;
        *self.together.entry((coming.at, destination.clone(), class(coming))).or_default() += 1;
        let label = line.key.purpose.without_repeat().label();
        if let Some(step) = self.steps.iter_mut().find(|step| step.rule == line.rule && step.step == label) {
            step.messages += 1;
        }
        if self.rules.destinations.get(destination).is_some_and(|destination| destination.keeps_hours) {
            self.count_hours(coming);
        }
    }

    fn count_hours(&mut self, coming: &Coming) {
        let line = &coming.line;
        let hours: &Hours = counting_hours(&self.rules, &line.key.destination, Some(&line.rule));
        self.hours.moved += u32::from(coming.moved_from().is_some());
        if hours.is_open(coming.at) {
            return;
        }
        match (&line.call, line.event) {
            (Call::Due { against_hours: true }, _) => self.hours.late += 1,
            (_, Event::New | Event::Updated | Event::Answered | Event::Reopened) => self.hours.news += 1,
            _ => self.hours.own += 1,
        }
    }

    /// Which steps of the rules that took it reach somebody, and whom in place of others.
    fn count_steps(&mut self, replayed: &Replayed) {
        for step in self.steps.iter_mut().filter(|step| replayed.taken_by.contains(&step.rule)) {
            step.referrals += 1;
            let asked = || replayed.asked.iter().filter(|line| line.key.purpose.without_repeat().label() == step.step);
            if asked().next().is_none() {
                step.nobody += 1;
            }
            let in_place_of: BTreeSet<&Nobody> = asked()
                .filter_map(|line| match &line.because {
                    Because::InPlaceOf(nobody) => Some(nobody),
                    _ => None,
                })
                .collect();
            for nobody in in_place_of {
                match step.in_place_of.iter_mut().find(|(known, _)| known == nobody) {
                    Some((_, count)) => *count += 1,
                    None => step.in_place_of.push((nobody.clone(), 1)),
                }
            }
        }
    }

    fn expiry(&mut self, course: &Course, expired: Timestamp, replayed: &Replayed) {
        let deadline = course.deadline().min(expired);
        let escalation = replayed.sent.iter().find(|coming| coming.line.escalation && coming.at < deadline);
        let worth = worth(&course.case().referral, &self.rules.money);
        self.of_expiries.of += 1;
        self.expired.put(worth.as_ref());
        let escalated = escalation.map(|coming| Escalated {
            at: coming.at,
            before_seconds: deadline.duration_since(coming.at).as_secs(),
            destination: coming.line.key.destination.clone(),
        });
        if let Some(escalated) = &escalated {
            self.of_expiries.caught += 1;
            self.caught.put(worth.as_ref());
            self.before.push(escalated.before_seconds);
        }
        if self.expiries.len() < EXPIRIES_MAX {
            let timeline = if self.with_timelines { replayed.sent.iter().map(told).collect() } else { Vec::new() };
            let created = course.case().created;
            self.expiries.push(Expiry { referral: named(course), created, expired, escalated, timeline });
        }
    }

    /// The sums.
    pub fn summary(mut self) -> Summary {
        let zone = self.span.zone.clone();
        let mut destinations: BTreeMap<DestinationName, Heard> = BTreeMap::new();
        let mut weeks: BTreeMap<Date, WeekHeard> = BTreeMap::new();
        let mut days: BTreeMap<Date, Busiest> = BTreeMap::new();
        let mut own_days: BTreeMap<(DestinationName, Date), u32> = BTreeMap::new();
        let week = |monday: Date| WeekHeard { monday, came: 0, messages: 0, posts: 0 };
        for (monday, came) in &self.came {
            weeks.entry(*monday).or_insert(week(*monday)).came = *came;
        }
        for ((at, destination, class), messages) in &self.together {
            let posts = self.posts(destination, *class, *messages);
            let heard = destinations.entry(destination.clone()).or_insert_with(|| Heard::nothing(destination));
            heard.messages += messages;
            heard.posts += posts;
            let monday = monday(*at, &zone);
            let of_week = weeks.entry(monday).or_insert(week(monday));
            of_week.messages += messages;
            of_week.posts += posts;
            let day = at.to_zoned(zone.clone()).date();
            let of_day = days.entry(day).or_insert(Busiest { day, messages: 0, posts: 0 });
            of_day.messages += messages;
            of_day.posts += posts;
            *own_days.entry((destination.clone(), day)).or_default() += posts;
        }
        for ((destination, _), posts) in own_days {
            if let Some(heard) = destinations.get_mut(&destination) {
                heard.most_a_day = heard.most_a_day.max(posts);
            }
        }
        for ((destination, event), messages) in std::mem::take(&mut self.events) {
            if let Some(heard) = destinations.get_mut(&destination) {
                heard.events.insert(event, messages);
            }
        }
        let mut destinations: Vec<Heard> = destinations.into_values().collect();
        destinations.sort_by_key(|heard| std::cmp::Reverse(heard.posts));
        let currency = self.rules.money.currency.clone().or_else(|| most_used([&self.expired]));
        Summary {
            referrals: self.referrals,
            messages: destinations.iter().map(|heard| heard.messages).sum(),
            posts: destinations.iter().map(|heard| heard.posts).sum(),
            destinations,
            weeks: weeks.into_values().collect(),
            // Of equal days the first.
            busiest: days.into_values().rev().max_by_key(|day| (day.posts, day.messages)),
            hours: self.hours,
            expiries: Expiries {
                of: self.of_expiries.of,
                caught: self.of_expiries.caught,
                value: self.expired.sum(currency.as_deref()),
                caught_value: self.caught.sum(currency.as_deref()),
                before_seconds: spread(self.before),
                each: self.expiries,
            },
            currency,
            silent: self.silent.into_values().collect(),
            steps: self.steps,
            cut: self.cut,
            rough: self.rough,
            undated: self.undated,
        }
    }

    /// As how many posts so many messages go that fall due together.
    fn posts(&self, destination: &DestinationName, class: Class, messages: u32) -> u32 {
        let above = self.digest_above.get(destination).and_then(|above| match class {
            Class::Escalation => above.escalations,
            Class::Reminder => above.reminders,
            Class::Rest => above.rest,
        });
        if above.is_some_and(|above| messages > above.max(1)) { 1 } else { messages }
    }
}

impl Heard {
    fn nothing(destination: &DestinationName) -> Self {
        let destination = destination.clone();
        Self { destination, messages: 0, posts: 0, most_a_day: 0, events: BTreeMap::new() }
    }
}

fn is_of_countdown(step: &Step) -> bool {
    matches!(step.trigger, Trigger::New | Trigger::After(_) | Trigger::BeforeExpiry(_))
}

fn class(coming: &Coming) -> Class {
    match coming.line.event {
        _ if coming.line.escalation => Class::Escalation,
        Event::Reminder | Event::Overdue => Class::Reminder,
        _ => Class::Rest,
    }
}

fn named(course: &Course) -> Named {
    let case = course.case();
    Named {
        id: case.id().clone(),
        account: case.account.clone(),
        customer: case.referral.customer().map(str::to_owned),
        country: case.referral.country().map(str::to_owned),
        value: case.referral.deal_value(),
        currency: case.referral.currency().map(str::to_owned),
    }
}

fn told(coming: &Coming) -> Told {
    Told {
        at: coming.at,
        destination: coming.line.key.destination.clone(),
        event: coming.line.event,
        step: coming.line.key.purpose.label(),
        rule: coming.line.rule.clone(),
        moved_from: coming.moved_from(),
    }
}

/// Least, middle and most.
fn spread(mut seconds: Vec<i64>) -> Option<[i64; 3]> {
    seconds.sort_unstable();
    Some([*seconds.first()?, *seconds.get(seconds.len() / 2)?, *seconds.last()?])
}

#[cfg(test)]
mod tests;
