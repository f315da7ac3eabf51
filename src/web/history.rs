//! `/api/v1/history`: what leadtime remembers of referrals, page by page, for `leadtime replay`, which walks rules along it by
//! itself. Must never show a customer's contacts, and never a message's fate: nothing here depends on what was sent.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Query, State},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Desk,
    api::{Unanswered, service_of},
    explain::history,
};
use crate::{
    core::{
        case::{Case, Life},
        ids::{AccountName, CaseNumber},
        journal::Line,
        referral::Referral,
    },
    store::{Store, StoreFault, layout, read_json},
};

/// So many cases are looked at for one page.
const LOOKED_AT: usize = 500;
/// A page ends when so many characters of referrals are on it: an answer has its limit.
const PAGE_MAX: usize = 4 * 1024 * 1024;

/// What is remembered of one referral.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Remembered {
    /// Its case, without the fate of messages.
    pub case: Case,
    /// As it was last read.
    pub referral: Referral,
    /// What happened to it, in the order of time; nothing about messages.
    pub lines: Vec<(Timestamp, Line)>,
}

/// A page of them, in the order in which they were first seen.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Remembrance {
    /// The referrals.
    pub referrals: Vec<Remembered>,
    /// How many could not be read.
    pub unreadable: u32,
    /// The case with which the next page begins; none at the end.
    pub next: Option<u64>,
}

/// What is asked for, as it stands in a query.
#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    /// Only what was not over before.
    since: Timestamp,
    /// This account alone.
    account: Option<AccountName>,
    /// The case to begin with.
    #[serde(default)]
    from: u64,
}

/// One page, read beside the writer.
///
/// # Errors
/// The store's. A damaged case costs only itself.
pub fn remembrance(
    store: &dyn Store,
    since: Timestamp,
    account: Option<&AccountName>,
    from: u64,
) -> Result<Remembrance, StoreFault> {
    let mut page = Remembrance::default();
    let mut size = 0;
    let cases = store.scan(layout::CASES, Some(&layout::case(CaseNumber(from))), LOOKED_AT)?;
    let is_full = cases.len() == LOOKED_AT;
    for (key, value) in cases {
        let Some(number) = layout::case_number(&key) else { continue };
        page.next = Some(number.0 + 1);
        let Ok(case) = read_json::<Case>(&key, &value) else {
            page.unreadable += 1;
            continue;
        };
        let is_over = matches!(case.life, Life::Closed { at, .. } | Life::Gone { at } if at < since);
        if is_over || account.is_some_and(|account| *account != case.account) {
            continue;
        }
        match remembered(store, case) {
            Ok(Some((one, bytes))) => {
                size += bytes;
                page.referrals.push(one);
            }
            Ok(None) | Err(StoreFault::Damaged { .. }) => page.unreadable += 1,
            Err(fault) => return Err(fault),
        }
        if size > PAGE_MAX {
            return Ok(page);
        }
    }
    page.next = page.next.filter(|_| is_full);
    Ok(page)
}

fn remembered(store: &dyn Store, case: Case) -> Result<Option<(Remembered, usize)>, StoreFault> {
    let key = layout::body(case.number);
    let Some(text) = store.get(&key)? else { return Ok(None) };
    let referral: Referral = read_json(&key, &text)?;
    let (mut lines, _) = history(store, case.number)?;
    lines.retain(|(_, line)| is_of_course(line));
    let case = Case { ledger: Vec::new(), told: BTreeMap::new(), spoken: BTreeMap::new(), ..case };
    Ok(Some((Remembered { case, referral, lines }, text.len())))
}

/// Whether a line is about the referral, as against a message or leadtime itself.
fn is_of_course(line: &Line) -> bool {
    match line {
        Line::Read(_)
        | Line::DeadlineMoved { .. }
        | Line::Muted { .. }
        | Line::Unmuted { .. }
        | Line::Claimed { .. }
        | Line::GivenBack { .. }
        | Line::SeenTo { .. } => true,
        Line::Seen
        | Line::Queued { .. }
        | Line::Accepted { .. }
        | Line::Refused { .. }
        | Line::Superseded { .. }
        | Line::Folded { .. }
        | Line::Cancelled { .. }
        | Line::FellBack { .. }
        | Line::Dead { .. }
        | Line::Retried { .. }
        | Line::RecipientLeft { .. }
        | Line::Digest { .. }
        | Line::Trouble { .. }
        | Line::Recovered { .. } => false,
    }
}

/// A referral without the customer's contacts, and without the telephones of our own people: their addresses say whose it is.
fn without_contacts(referral: &Referral) -> Referral {
    let mut body = referral.body().clone();
    if let Some(customer) = body.get_mut("customerProfile").and_then(Value::as_object_mut) {
        customer.remove("team");
    }
    let team = body.get_mut("team").and_then(Value::as_array_mut);
    for member in team.into_iter().flatten().filter_map(Value::as_object_mut) {
        member.remove("phoneNumber");
    }
    // It keeps its id, so it can be read again.
    Referral::read(Value::Object(body)).unwrap_or_default()
}

/// `GET /api/v1/history`: `?since=2026-10-01T00:00:00Z`, `&account=NAME`, `&from=N`.
pub async fn of_all(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Result<Json<Remembrance>, Unanswered> {
    let service = service_of(&desk, asked.account.as_ref())?;
    let store = service.facts.bring(|state, _| Ok(state.store().clone())).await?;
    let read = move || remembrance(store.as_ref(), asked.since, asked.account.as_ref(), asked.from);
    let page = tokio::task::spawn_blocking(read).await.unwrap_or(Err(StoreFault::Closed))?;
    let referrals =
        page.referrals.into_iter().map(|one| Remembered { referral: without_contacts(&one.referral), ..one });
    Ok(Json(Remembrance { referrals: referrals.collect(), ..page }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_people_only_what_says_whose_a_referral_is_is_handed_out() {
        let member =
            |of: &str| json!({"firstName": "Eva", "email": format!("eva@{of}"), "phoneNumber": "+36 1 234 567"});
        let body = json!({
            "id": "r1",
            "customerProfile": {"name": "Fabrikam Kft.", "team": [member("fabrikam.example")]},
            "team": [member("contoso.com"), "odd"],
        });
        let given = without_contacts(&Referral::read(body).unwrap());
        let team = json!([{"firstName": "Eva", "email": "eva@contoso.com"}, "odd"]);
        assert_eq!(
            serde_json::to_value(&given).unwrap(),
            json!({"id": "r1", "customerProfile": {"name": "Fabrikam Kft."}, "team": team})
        );
    }
}
