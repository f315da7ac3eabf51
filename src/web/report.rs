//! What `leadtime report` and `/api/v1/report` tell: how well referrals are answered. Reads every case beside the writer, a
//! page at a time, and keeps none. Must never show a customer.

use axum::{
    Json,
    extract::{Query, State},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    Desk,
    api::{Unanswered, service_of},
    hand::Refusal,
    plan::zone,
    since::{NoTime, Since},
};
use crate::{
    core::{
        case::Case,
        ids::AccountName,
        period::Seconds,
        story::report::{Report, Span, Tally},
    },
    messages::sentences,
    settings::Settings,
    store::{Store, StoreFault, get_json, layout, read_json},
};

/// So many cases are read at once.
const PAGE: usize = 500;

/// All of it. Instants are in UTC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    /// Whether a service answered; else this was read from the store.
    pub running: bool,
    /// `time_zone` of the settings, in which weeks begin and people read times.
    pub time_zone: String,
    /// The one account that was asked about.
    pub account: Option<AccountName>,
    /// The whole in one sentence.
    pub verdict: String,
    /// What one who reads the figures must know.
    pub notes: Vec<String>,
    /// The figures.
    #[serde(flatten)]
    pub report: Report,
}

/// What is asked for, as it stands in a query.
#[derive(Clone, Debug, Deserialize)]
pub struct Asked {
    /// From when on.
    since: String,
    /// Until when; without it until now.
    until: Option<String>,
    /// This account alone.
    account: Option<AccountName>,
}

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// From when on.
    pub since: Since,
    /// Until when; none: until now.
    pub until: Option<Since>,
    /// This account alone.
    pub account: Option<AccountName>,
}

/// A period that is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("that period ends before it begins, or lies ahead; write an earlier --since")]
pub struct NoPeriod;

impl Wanted {
    /// The period that is meant.
    ///
    /// # Errors
    /// It is none.
    pub fn span(&self, settings: &Settings, now: Timestamp) -> Result<Span, NoPeriod> {
        let zone = settings.time_zone.clone();
        let from = self.since.instant(now, &zone);
        let until = self.until.map_or(now, |until| until.instant(now, &zone).min(now));
        if from < until { Ok(Span { from, until, now, zone }) } else { Err(NoPeriod) }
    }
}

impl TryFrom<Asked> for Wanted {
    type Error = NoTime;

    fn try_from(asked: Asked) -> Result<Self, NoTime> {
        let until = asked.until.map(|until| until.parse()).transpose()?;
        Ok(Self { since: asked.since.parse()?, until, account: asked.account })
    }
}

/// Reads the cases and counts.
///
/// # Errors
/// The store's. A damaged case costs only itself.
pub fn tell(
    store: &dyn Store,
    settings: &Settings,
    span: Span,
    account: Option<AccountName>,
    running: bool,
) -> Result<Told, StoreFault> {
    let (from, now) = (span.from, span.now);
    let mut tally = Tally::new(span, settings.money.clone());
    let mut first_seen: Option<Timestamp> = None;
    let mut next: Option<Vec<u8>> = None;
    loop {
        let page = store.scan(layout::CASES, next.as_deref(), PAGE)?;
        for (key, value) in &page {
            let Ok(mut case) = read_json::<Case>(key, value) else {
                tally.unreadable();
                continue;
            };
            if account.as_ref().is_some_and(|account| *account != case.account) {
                continue;
            }
            first_seen = first_seen.into_iter().chain([case.first_seen]).min();
            if !tally.concerns(&case) {
                continue;
            }
            match get_json(store, &layout::body(case.number)) {
                Ok(Some(referral)) => {
                    case.referral = referral;
                    tally.take(&case, &settings.rules);
                }
                Ok(None) | Err(StoreFault::Damaged { .. }) => tally.unreadable(),
                Err(fault) => return Err(fault),
            }
        }
        match page.last() {
            Some((key, _)) if page.len() == PAGE => next = Some(layout::after(key)),
            _ => break,
        }
    }
    let report = tally.report();
    let mut notes = sentences::report::notes(&report);
    let teller = sentences::Teller::new(settings.time_zone.clone(), now);
    let Seconds(keep) = settings.state.keep;
    if now.duration_since(from) > SignedDuration::from_secs(keep) {
        notes.push("What was closed longer ago than [state] keep has left the store.".to_owned());
    } else if let Some(first) = first_seen.filter(|first| *first > from) {
        notes.push(format!(
            "leadtime watches since {}; of what came before it knows only what was pending then.",
            teller.when(first)
        ));
    }
    let verdict = sentences::report::verdict(&report);
    Ok(Told { running, time_zone: zone(settings), account, verdict, notes, report })
}

/// `GET /api/v1/report`: `?since=30d`, `&until=2026-10-01`, `&account=NAME`.
pub async fn report(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Result<Json<Told>, Unanswered> {
    let refused = |why: String| Unanswered::Refused(Refusal { usage: true, ..Refusal::of(why) });
    let service = service_of(&desk, asked.account.as_ref())?;
    let wanted = Wanted::try_from(asked).map_err(|fault| refused(fault.to_string()))?;
    let settings = service.prepared().settings.clone();
    let (store, now) = service.facts.bring(|state, now| Ok((state.store().clone(), now))).await?;
    let span = wanted.span(&settings, now).map_err(|fault| refused(fault.to_string()))?;
    let told = tokio::task::spawn_blocking(move || tell(store.as_ref(), &settings, span, wanted.account, true));
    Ok(Json(told.await.unwrap_or(Err(StoreFault::Closed))?))
}
