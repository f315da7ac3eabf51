//! The page of a digest at a set time, gathered when it is sent: from what the writer has at hand and, beside it, from the
//! store, in pages. However much there is, no more than a page of it is in memory at once. Must never hold up the writer,
//! and decides nothing.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{
    aside::aside,
    facts::{Facts, Glimpses, OpenGlance, read_case, read_lines},
    prepare::Prepared,
};
use crate::{
    core::{
        case::{Case, Happened, Life},
        ids::{CaseNumber, DestinationName},
        journal::Line,
        ladder::counting_hours,
        period::Seconds,
        rules::Rules,
        story::{Forecast, Frame, Gathering, ROWS_MAX},
    },
    settings::Settings,
    store::{Store, StoreFault, layout},
};

/// So much of the store is read at once.
const PAGE: usize = 500;
/// So many lines of the journal about one referral are looked at for who claimed it.
const LINES_MAX: usize = 2_000;
/// The line of a closing holds this; so few others do that the rest need not be read as JSON.
const CLOSED: &[u8] = b"closed";

/// What a forecast is to tell, and for whom.
pub struct Asked<'a> {
    /// The present settings.
    pub rules: &'a Rules,
    /// Whose hours, and whose zone, count.
    pub destination: &'a DestinationName,
    /// The instant for which it was set.
    pub due: Timestamp,
    /// Whether anybody can claim a referral.
    pub claims: bool,
    /// Where a referral's page is.
    pub link: &'a dyn Fn(&Case) -> String,
}

/// What there is to tell now.
///
/// # Errors
/// The store's.
pub async fn gather(
    facts: &Facts,
    prepared: &Prepared,
    destination: &DestinationName,
    due: Timestamp,
) -> Result<(Forecast, Option<Timestamp>), StoreFault> {
    let (glimpses, store) = facts.bring(|state, now| Ok((state.glimpses(now), state.store().clone()))).await?;
    let as_of = as_of(&glimpses, &prepared.settings);
    let (prepared, destination) = (prepared.clone(), destination.clone());
    let read = aside(move || in_store(&glimpses, store.as_ref(), &prepared, &destination, due));
    Ok((read.await?, as_of))
}

fn in_store(
    glimpses: &Glimpses,
    store: &dyn Store,
    prepared: &Prepared,
    destination: &DestinationName,
    due: Timestamp,
) -> Result<Forecast, StoreFault> {
    let link = |case: &Case| prepared.referral_link(case).unwrap_or_default();
    let claims = prepared.claim_key.is_some() && prepared.settings.web.external_url.is_some();
    read(glimpses, store, &Asked { rules: &prepared.orders.rules, destination, due, claims, link: &link })
}

/// When Partner Center was last read whole, where that is more than two poll intervals ago.
fn as_of(glimpses: &Glimpses, settings: &Settings) -> Option<Timestamp> {
    let stale = glimpses.last_whole.iter().filter_map(|(name, last)| {
        let Seconds(every) = settings.accounts.get(name)?.poll_every;
        let limit = SignedDuration::from_secs(every.saturating_mul(2));
        (*last).filter(|last| glimpses.now.duration_since(*last) > limit)
    });
    stale.min()
}

/// Reads what a forecast tells of. What is damaged costs only itself.
///
/// # Errors
/// The store's.
pub fn read(glimpses: &Glimpses, store: &dyn Store, asked: &Asked<'_>) -> Result<Forecast, StoreFault> {
    let hours = counting_hours(asked.rules, asked.destination, None);
    let frame = Frame::at(asked.due, glimpses.now, hours);
    let mut gathering = Gathering::new(frame, asked.rules, hours, asked.link, asked.claims);
    open(glimpses, store, asked.claims, &mut gathering)?;
    let oldest = recent(glimpses.newest, frame, store, &mut gathering)?;
    ended(oldest, frame, store, &mut gathering)?;
    let mut forecast = gathering.finish();
    for story in &mut forecast.expired.shown {
        story.recall(&lines_of(store, story.row.case)?);
    }
    Ok(forecast)
}

/// All that expires this week; of the rest as much as is shown.
fn open(glimpses: &Glimpses, store: &dyn Store, claims: bool, gathering: &mut Gathering<'_>) -> Result<(), StoreFault> {
    // They stand in the order of their deadlines, so one question divides them.
    let this_week = glimpses.open.partition_point(|glance| gathering.is_this_week(glance.deadline));
    let (mut muted, mut unclaimed) = (0, 0);
    for (place, OpenGlance { number, muted: is_muted, claimed, .. }) in glimpses.open.iter().enumerate() {
        let seen = match (is_muted, place < this_week, claimed) {
            (true, ..) => &mut muted,
            (false, true, _) => &mut 0,
            (false, false, false) if claims => &mut unclaimed,
            (false, false, _) => continue,
        };
        *seen += 1;
        if *seen <= ROWS_MAX {
            if let Some(case) = undamaged(read_case(store, *number))?.filter(Case::is_open) {
                gathering.open(&case);
            }
        } else if *is_muted {
            gathering.more_muted(1);
        } else {
            gathering.more_unclaimed(1);
        }
    }
    Ok(())
}

/// What came in the last two weeks. Cases are numbered as they come, so this reads back from the latest; says which was the
/// last that it read.
fn recent(
    newest: CaseNumber,
    frame: Frame,
    store: &dyn Store,
    gathering: &mut Gathering<'_>,
) -> Result<CaseNumber, StoreFault> {
    let mut oldest = CaseNumber(newest.0.saturating_add(1));
    loop {
        let before = layout::case(oldest);
        let page = store.scan_back(layout::CASES, Some(&before), PAGE)?;
        for (key, _) in &page {
            let Some(number) = layout::case_number(key) else { continue };
            if let Some(case) = undamaged(read_case(store, number))? {
                if case.first_seen < frame.began() {
                    return Ok(oldest);
                }
                gathering.recent(&case);
            }
            oldest = number;
        }
        if page.len() < PAGE {
            return Ok(CaseNumber(0));
        }
    }
}

/// What came before that and ended since: the journal knows.
fn ended(oldest: CaseNumber, frame: Frame, store: &dyn Store, gathering: &mut Gathering<'_>) -> Result<(), StoreFault> {
    if oldest <= CaseNumber(1) {
        return Ok(());
    }
    let mut ended = BTreeSet::new();
    let mut from = layout::journal_from(frame.began());
    loop {
        let page = store.scan(layout::JOURNAL, Some(&from), PAGE)?;
        for (key, value) in &page {
            let case = layout::LinePlace::from_journal_key(key).and_then(|place| place.case);
            let Some(case) = case.filter(|case| *case < oldest) else { continue };
            if value.windows(CLOSED.len()).any(|part| part == CLOSED)
                && let Some(lines) = undamaged(read_lines(key, value))?
                && lines.iter().any(|line| matches!(line, Line::Read(Happened::Closed(_))))
            {
                ended.insert(case);
            }
        }
        match page.last() {
            Some((key, _)) if page.len() == PAGE => from = layout::after(key),
            _ => break,
        }
    }
    for number in ended {
        if let Some(case) = undamaged(read_case(store, number))?.filter(|case| matches!(case.life, Life::Closed { .. }))
        {
            gathering.recent(&case);
        }
    }
    Ok(())
}

/// What the journal says of one referral, in the order of time; the earliest lines of many.
fn lines_of(store: &dyn Store, number: CaseNumber) -> Result<Vec<(Timestamp, Line)>, StoreFault> {
    let index = store.scan(&layout::history_of(number), None, LINES_MAX)?;
    let mut lines = Vec::new();
    for place in index.iter().filter_map(|(key, _)| layout::LinePlace::from_history_key(key)) {
        let key = place.journal_key();
        if let Some(value) = store.get(&key)? {
            let read = undamaged(read_lines(&key, &value))?.unwrap_or_default();
            lines.extend(read.into_iter().map(|line| (place.at, line)));
        }
    }
    Ok(lines)
}

fn undamaged<T>(read: Result<T, StoreFault>) -> Result<Option<T>, StoreFault> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(StoreFault::Damaged { .. }) => Ok(None),
        Err(fault) => Err(fault),
    }
}
