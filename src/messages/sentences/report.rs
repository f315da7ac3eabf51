//! What `report` says, in English: its verdict, and what its figures leave out. Nothing is counted here.

pub use super::phrases::counted;
use crate::{
    core::story::report::{Figures, Report, Sum},
    messages::compact,
};

/// The whole in one sentence: `83 % answered within 24 h (25 of 30); 2 expired, €45k`.
pub fn verdict(report: &Report) -> String {
    let total = &report.total;
    if total.is_empty() {
        return "Nothing yet: no referral came, was answered, expired or is open".to_owned();
    }
    let expired = match total.expired {
        0 => "none expired".to_owned(),
        count => format!("{count} expired{}", worth(&total.expired_value, count, report.currency.as_deref())),
    };
    match total.within_24h.percent() {
        Some(percent) => {
            let (within, of) = (total.within_24h.within, total.within_24h.of);
            format!("{percent} % answered within 24 h ({within} of {of}); {expired}")
        }
        None => format!("No answer rate yet: nothing came whose 24 h are over; {expired}"),
    }
}

/// The value of so many referrals, behind a comma: `, €45k`; nothing where none of them names one.
fn worth(sum: &Sum, count: u32, currency: Option<&str>) -> String {
    if sum.no_rate + sum.no_value >= count {
        return String::new();
    }
    format!(", {}", money(sum, currency))
}

/// A sum, with a `+` where some of it could not be converted.
pub fn money(sum: &Sum, currency: Option<&str>) -> String {
    let more = if sum.no_rate > 0 { "+" } else { "" };
    format!("{}{more}", compact(sum.amount, currency))
}

/// What one who reads the figures must know beside them.
pub fn notes(report: &Report) -> Vec<String> {
    let Figures { young, late, .. } = report.total;
    let (at_risk, lost) = (&report.total.at_risk, &report.total.expired_value);
    let currency = report.currency.as_deref().unwrap_or("one currency");
    let mut notes = Vec::new();
    let mut note = |count: u32, text: &dyn Fn(String) -> String| {
        if count > 0 {
            notes.push(text(counted(i64::from(count), "referral")));
        }
    };
    note(young, &|many| format!("{many} came less than 24 h ago and {} not rated yet.", are(young)));
    note(late, &|many| {
        format!(
            "{many} {} first seen when the 24 h were over and {} not rated: Partner Center lists what is pending, so of \
             those days only what nobody had answered was ever seen.",
            were(late),
            are(late)
        )
    });
    let left = report.left_out;
    note(left.shelved, &|many| {
        format!(
            "{many} {} shelved (`leadtime status` says why) and {} in no figure.",
            are(left.shelved),
            are(left.shelved)
        )
    });
    note(left.gone, &|many| {
        format!("{many} left Partner Center without an outcome and {} in no figure.", are(left.gone))
    });
    note(left.undated, &|many| {
        format!(
            "{many} {} closed before leadtime saw it, nobody says when, and {} in no figure.",
            were(left.undated),
            are(left.undated)
        )
    });
    note(left.unreadable, &|many| {
        format!("{many} cannot be read from the store and {} in no figure.", are(left.unreadable))
    });
    note(at_risk.no_rate + lost.no_rate, &|many| {
        format!(
            "{many} {} a value for which [money] has no rate to {currency}: the sums are too low.",
            have(at_risk.no_rate + lost.no_rate)
        )
    });
    notes
}

/// The verb for so many.
pub fn are(count: u32) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn were(count: u32) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

fn have(count: u32) -> &'static str {
    if count == 1 { "has" } else { "have" }
}
