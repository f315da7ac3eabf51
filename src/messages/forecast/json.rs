//! The same page for machines: typed, with instants, amounts and ids as they are, and texts as Partner Center has them.

use jiff::{Timestamp, civil::Date};
use serde::Serialize;

use crate::{
    core::story::{Holder, Muted, Row, Rows, Story, Worth, report::Rate},
    messages::content::Forecast,
};

/// The `data` of a `leadtime.digest`.
#[derive(Serialize)]
pub struct Data<'a> {
    message_id: String,
    name: &'a str,
    due: Timestamp,
    reason: &'a str,
    possible_repeat: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Timestamp>,
    from: Date,
    until: Date,
    this_week: Week<'a>,
    /// What expires later and nobody has claimed; not there where nothing can be claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    unclaimed: Option<Part<Referral<'a>>>,
    muted: Part<Silenced<'a>>,
    last_week: Past<'a>,
    week_before: Answered,
}

#[derive(Serialize)]
struct Week<'a> {
    total: usize,
    nobody: usize,
    at_risk: Sum<'a>,
    referrals: Vec<Referral<'a>>,
}

#[derive(Serialize)]
struct Part<T> {
    total: usize,
    referrals: Vec<T>,
}

#[derive(Serialize)]
struct Past<'a> {
    answered: u32,
    #[serde(flatten)]
    rate: Answered,
    expired: Part<Expired<'a>>,
    lost: Sum<'a>,
}

#[derive(Serialize)]
struct Answered {
    within_24h: u32,
    of: u32,
}

#[derive(Serialize)]
struct Sum<'a> {
    amount: f64,
    currency: Option<&'a str>,
    no_value: u32,
    no_rate: u32,
}

#[derive(Serialize)]
struct Referral<'a> {
    id: &'a str,
    account: &'a str,
    customer: Option<&'a str>,
    country: Option<&'a str>,
    amount: Option<f64>,
    currency: Option<&'a str>,
    answer_by: Date,
    deadline: Timestamp,
    overdue: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_at: Option<Timestamp>,
    owners: &'a [String],
}

#[derive(Serialize)]
struct Silenced<'a> {
    #[serde(flatten)]
    referral: Referral<'a>,
    reason: &'a str,
    by: Option<&'a str>,
    since: Timestamp,
    muted_until: Option<Timestamp>,
}

#[derive(Serialize)]
struct Expired<'a> {
    #[serde(flatten)]
    referral: Referral<'a>,
    expired_at: Timestamp,
    told: Vec<Told<'a>>,
    claims: Vec<Claim<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<&'a str>,
    unseen_seconds: i64,
}

#[derive(Serialize)]
struct Told<'a> {
    destination: &'a str,
    accepted: usize,
    unknown: usize,
    refused: usize,
    first: Timestamp,
    last: Timestamp,
    escalated: bool,
}

#[derive(Serialize)]
struct Claim<'a> {
    by: &'a str,
    at: Timestamp,
}

impl<'a> Data<'a> {
    /// All of it.
    pub fn of(forecast: &'a Forecast) -> Self {
        let told = &forecast.told;
        Self {
            message_id: forecast.message_id.to_string(),
            name: &forecast.digest,
            due: told.frame.due,
            reason: &forecast.reason,
            possible_repeat: forecast.possible_repeat,
            as_of: forecast.as_of,
            from: told.frame.today,
            until: told.frame.until,
            this_week: Week {
                total: told.week.total,
                nobody: told.held_by_nobody,
                at_risk: sum(&told.at_risk),
                referrals: told.week.shown.iter().map(referral).collect(),
            },
            unclaimed: told.unclaimed.as_ref().map(|rows| part(rows, referral)),
            muted: part(&told.muted, silenced),
            last_week: Past {
                answered: told.answered,
                rate: answered(told.in_time),
                expired: part(&told.expired, expired),
                lost: sum(&told.lost),
            },
            week_before: answered(told.in_time_before),
        }
    }
}

fn part<'a, T, R>(rows: &'a Rows<T>, one: impl Fn(&'a T) -> R) -> Part<R> {
    Part { total: rows.total, referrals: rows.shown.iter().map(one).collect() }
}

fn answered(rate: Rate) -> Answered {
    Answered { within_24h: rate.within, of: rate.of }
}

fn sum(worth: &Worth) -> Sum<'_> {
    Sum {
        amount: worth.sum.amount,
        currency: worth.currency.as_deref(),
        no_value: worth.sum.no_value,
        no_rate: worth.sum.no_rate,
    }
}

fn referral(row: &Row) -> Referral<'_> {
    let (claimed, owners): (_, &[String]) = match &row.holder {
        Holder::Claimed { by, since } => (Some((by.as_str(), *since)), &[]),
        Holder::Owners(owners) => (None, owners),
        Holder::Nobody => (None, &[]),
    };
    Referral {
        id: row.id.as_str(),
        account: row.account.as_str(),
        customer: row.customer.as_deref(),
        country: row.country.as_deref(),
        amount: row.value.as_ref().map(|(_, amount)| *amount),
        currency: row.value.as_ref().map(|(currency, _)| currency.as_str()),
        answer_by: row.answer_by,
        deadline: row.deadline,
        overdue: row.overdue,
        claimed_by: claimed.map(|(by, _)| by),
        claimed_at: claimed.map(|(_, since)| since),
        owners,
    }
}

fn silenced(muted: &Muted) -> Silenced<'_> {
    Silenced {
        referral: referral(&muted.row),
        reason: &muted.mute.reason,
        by: muted.mute.by.as_deref(),
        since: muted.mute.at,
        muted_until: muted.mute.until,
    }
}

fn expired(story: &Story) -> Expired<'_> {
    let told = story.told.iter().map(|there| Told {
        destination: there.destination.as_str(),
        accepted: there.taken,
        unknown: there.perhaps,
        refused: there.refused,
        first: there.first,
        last: there.last,
        escalated: there.escalated,
    });
    Expired {
        referral: referral(&story.row),
        expired_at: story.at,
        told: told.collect(),
        claims: story.claimed.iter().map(|(by, at)| Claim { by, at: *at }).collect(),
        muted: story.muted.as_ref().map(|mute| mute.reason.as_str()),
        unseen_seconds: story.unseen_for.as_secs(),
    }
}
