//! Made-up pages of a digest at a set time: a usual Monday, one with nothing to tell, and one with too much.

use jiff::{SignedDuration, Timestamp, civil::date};

use super::{at, zone};
use crate::{
    core::{
        case::Mute,
        ids::{CaseNumber, MessageId},
        story::{
            self, Frame, Holder, Muted, ROWS_MAX, Row, Rows, Story, ToldThere, Worth,
            report::{Rate, Sum},
        },
    },
    messages::{content::Forecast, words::Locale},
};

/// A usual Monday: three expire, one of them nobody has.
pub fn forecast() -> Forecast {
    let claimed = |name: &str, since: &str| Holder::Claimed { by: name.to_owned(), since: at(since) };
    let owned = |name: &str| Holder::Owners(vec![name.to_owned()]);
    let week = vec![
        row(1, ("Litware s.r.o.", "CZ"), 20_000.0, 17, owned("Petr Dvořák")),
        row(2, ("Fabrikam Kft.", "HU"), 80_000.0, 19, claimed("Anna Kovács", "2026-11-12T09:10:00Z")),
        row(3, ("Adventure Works GmbH", "AT"), 12_000.0, 20, Holder::Nobody),
    ];
    let unclaimed = vec![
        row(4, ("Wingtip Toys s.r.o.", "SK"), 45_000.0, 24, owned("Petr Dvořák")),
        row(5, ("Woodgrove Bank", "HU"), 150_000.0, 26, owned("Anna Kovács")),
    ];
    let mute = Mute {
        at: at("2026-11-11T13:20:00Z"),
        until: Some(at("2026-12-01T08:00:00Z")),
        reason: "The customer asked to wait for their board meeting.".to_owned(),
        by: Some("Béla Nagy".to_owned()),
    };
    let muted = vec![Muted { row: row(6, ("Proseware Zrt.", "HU"), 32_000.0, 25, owned("Anna Kovács")), mute }];
    Forecast {
        message_id: MessageId::of_key("sample/forecast"),
        digest: "monday forecast".to_owned(),
        told: story::Forecast {
            frame: frame(),
            week: all(week),
            held_by_nobody: 2,
            at_risk: worth(112_000.0),
            unclaimed: Some(all(unclaimed)),
            muted: all(muted),
            expired: all(vec![told_in_vain()]),
            lost: worth(12_500.0),
            answered: 9,
            in_time: Rate { within: 7, of: 9 },
            in_time_before: Rate { within: 6, of: 10 },
        },
        reason: "You get this because digest “monday forecast” is for managers.".to_owned(),
        zone: zone(),
        now: at("2026-11-16T07:30:00Z"),
        as_of: None,
        possible_repeat: false,
        locale: Locale::EN,
    }
}

/// The same where nothing can be claimed.
pub fn forecast_without_claims() -> Forecast {
    let mut whole = forecast();
    whole.told.unclaimed = None;
    whole.told.held_by_nobody = 1;
    for row in &mut whole.told.week.shown {
        if let Holder::Claimed { by, .. } = &row.holder {
            row.holder = Holder::Owners(vec![by.clone()]);
        }
    }
    whole.told.expired.shown.iter_mut().for_each(|story| story.claimed.clear());
    whole
}

/// A Monday of a week in which nothing expires, after a week in which nothing came.
pub fn quiet_forecast() -> Forecast {
    let whole = forecast();
    Forecast {
        told: story::Forecast {
            week: Rows::default(),
            held_by_nobody: 0,
            at_risk: Worth::default(),
            unclaimed: None,
            muted: Rows::default(),
            expired: Rows::default(),
            lost: Worth::default(),
            answered: 0,
            in_time: Rate::default(),
            in_time_before: Rate::default(),
            ..whole.told
        },
        ..whole
    }
}

/// Two hundred of everything, with long names, values that cannot be summed, and a Partner Center that nobody could read.
pub fn worst_forecast() -> Forecast {
    let whole = forecast();
    let name = "Österreichische Beteiligungsverwaltungs- und Infrastrukturentwicklungsgesellschaft m.b.H. & Co. KG";
    let rows = |holder: Holder| Rows {
        shown: (1..=ROWS_MAX as u64).map(|n| row(n, (name, "AT"), 1_234_567.0, 19, holder.clone())).collect(),
        total: 200,
    };
    let story = || Story { unseen_for: SignedDuration::from_hours(51), ..told_in_vain() };
    let owners = Holder::Owners(vec!["Maximiliane Freifrau von Hohenstein-Wildenfels".to_owned(); 3]);
    let mute = whole.told.muted.shown.first().map(|muted| muted.mute.clone());
    let muted = rows(Holder::Nobody).shown.into_iter().zip(mute.into_iter().cycle());
    Forecast {
        as_of: Some(at("2026-11-15T22:12:00Z")),
        possible_repeat: true,
        told: story::Forecast {
            week: Rows { shown: rows(owners).shown, total: 200 },
            held_by_nobody: 187,
            at_risk: Worth {
                currency: Some("EUR".to_owned()),
                sum: Sum { amount: 246_913_400.0, no_rate: 3, no_value: 12 },
            },
            unclaimed: Some(rows(Holder::Nobody)),
            muted: Rows { shown: muted.map(|(row, mute)| Muted { row, mute }).collect(), total: 200 },
            expired: Rows { shown: (0..ROWS_MAX).map(|_| story()).collect(), total: 200 },
            ..whole.told
        },
        ..whole
    }
}

fn all<T>(shown: Vec<T>) -> Rows<T> {
    Rows { total: shown.len(), shown }
}

fn frame() -> Frame {
    let due = at("2026-11-16T07:30:00Z");
    Frame { due, now: due, today: date(2026, 11, 16), until: date(2026, 11, 22) }
}

fn worth(amount: f64) -> Worth {
    Worth { currency: Some("EUR".to_owned()), sum: Sum { amount, ..Sum::default() } }
}

fn row(case: u64, (customer, country): (&str, &str), amount: f64, day: i8, holder: Holder) -> Row {
    let id = format!("0b9f1a52-6f2e-4a3c-9f0e-0d7a7c1e1f{case:02}");
    let answer_by = date(2026, 11, day);
    Row {
        case: CaseNumber(case),
        link: format!("https://partner.microsoft.com/dashboard/referrals/v2/leads?id={id}"),
        id: id.as_str().into(),
        account: "contoso".into(),
        customer: Some(customer.to_owned()),
        country: Some(country.to_owned()),
        value: Some(("EUR".to_owned(), amount)),
        answer_by,
        deadline: answer_by
            .tomorrow()
            .unwrap_or(answer_by)
            .at(0, 0, 0, 0)
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_or(Timestamp::MAX, |at| at.timestamp()),
        overdue: false,
        holder,
    }
}

fn told_in_vain() -> Story {
    let there = |destination: &str, taken, refused, first: &str, last: &str, escalated| ToldThere {
        destination: destination.into(),
        taken,
        perhaps: 0,
        refused,
        first: at(first),
        last: at(last),
        escalated,
    };
    Story {
        row: row(7, ("Tailwind Toys a.s.", "CZ"), 12_500.0, 12, Holder::Nobody),
        at: at("2026-11-13T00:00:00Z"),
        unseen_for: SignedDuration::from_mins(4),
        told: vec![
            there("sellers", 3, 0, "2026-10-30T09:00:00Z", "2026-11-09T08:00:00Z", false),
            there("managers", 2, 0, "2026-11-10T08:00:00Z", "2026-11-12T08:00:00Z", true),
            there("petr-dm", 0, 1, "2026-11-10T08:00:00Z", "2026-11-10T08:00:00Z", false),
        ],
        claimed: vec![("Petr Dvořák".to_owned(), at("2026-11-03T10:00:00Z"))],
        muted: None,
    }
}
