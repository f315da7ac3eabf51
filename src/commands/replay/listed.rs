//! `replay --listed`: every referral that Partner Center still lists, open or closed, for one who has no history yet. Signs in
//! as a poll does and keeps the rotated token; must never touch what leadtime remembers of referrals.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::Hall;
use crate::{
    commands::{
        BAD_USAGE, Common,
        check::accounts::NoShelf,
        findings,
        reach::{GivenUp, Holder, give_up, reach_by},
    },
    core::{filter::Filter, ids::AccountName, page::Page},
    partner_center::{Client, TokenShelf},
    service::{account, clock::RealClock, prepare::Prepared, prepare::prepare, seal::Seal, shelf::BareShelf},
    settings,
    store::{Store, StoreFault},
};

/// Passing failures of a listing are tried again for so long.
const PATIENCE: Duration = Duration::from_secs(60);
/// The listing has the newest first. Nothing that was open in a period was created so long before it.
const LIVES_AT_MOST: SignedDuration = SignedDuration::from_hours(24 * 90);

/// What was listed of an account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Listed {
    /// Which.
    pub account: AccountName,
    /// The `$filter` that was sent; empty: none.
    pub filter: String,
    /// How many referrals were read.
    pub referrals: u32,
    /// Of those: how many the account's own filter would not have taken when they were new.
    pub passed_over: u32,
}

/// Lists every account, or this one.
pub(super) async fn read(common: &Common, only: Option<&AccountName>, hall: &mut Hall) -> Result<Vec<Listed>, GivenUp> {
    let (prepared, _) = prepare(&common.config, settings::environment()).map_err(|faults| {
        findings::show(&faults.faults, &[]);
        GivenUp(BAD_USAGE)
    })?;
    let store = if prepared.settings.state.path.exists() {
        match reach_by(&prepared.settings).await? {
            Holder::Store(store) => Some(store),
            Holder::Service(_) => {
                return Err(give_up(
                    "a leadtime runs here and has the sign-in; stop it while --listed lists, or replay what it knows, without \
                     --listed",
                ));
            }
        }
    } else {
        None
    };
    let shelf: Arc<dyn TokenShelf> = match &store {
        Some(store) => Arc::new(BareShelf::new(store.clone(), Seal::of(&prepared.settings.state))),
        None => Arc::new(NoShelf),
    };
    let mut all = Vec::new();
    let mut outcome = Ok(());
    for name in prepared.settings.accounts.keys().filter(|name| only.is_none_or(|only| only == *name)) {
        match list(&prepared, name, shelf.clone(), hall).await {
            Ok(listed) => all.push(listed),
            Err(fault) => {
                outcome = Err(fault);
                break;
            }
        }
    }
    leave(store).await?;
    outcome.map(|()| all)
}

async fn leave(store: Option<Arc<dyn Store>>) -> Result<(), GivenUp> {
    let Some(store) = store else { return Ok(()) };
    let closed = tokio::task::spawn_blocking(move || store.close()).await.unwrap_or(Err(StoreFault::Closed));
    closed.map_err(|fault| give_up(&fault.to_string()))
}

async fn list(
    prepared: &Prepared,
    name: &AccountName,
    shelf: Arc<dyn TokenShelf>,
    hall: &mut Hall,
) -> Result<Listed, GivenUp> {
    let told = |why: String| give_up(&format!("account {name}: {why}"));
    let Some(settings) = prepared.settings.accounts.get(name) else { return Err(GivenUp(BAD_USAGE)) };
    let http = account::http(&prepared.settings).map_err(|fault| told(fault.to_string()))?;
    let token = settings.refresh_token.clone();
    let client = Client::new(account::reading(name, settings), token, shelf, Arc::new(RealClock), http);
    let filter = without_standing(&settings.filter);
    let mut listed = Listed { account: name.clone(), filter: filter.clone(), referrals: 0, passed_over: 0 };
    let oldest = hall.since.saturating_sub(LIVES_AT_MOST).unwrap_or(Timestamp::MIN);
    let mut walk = client.walk_by(&filter, PATIENCE);
    loop {
        let page = walk.next_page().await;
        let page = page.map_err(|fault| told(format!("{}; {}", fault.trouble, fault.trouble.remedy(name))))?;
        let Some(page) = page else { return Ok(listed) };
        if take(&page, name, &mut listed, hall) && newest(&page).is_some_and(|newest| newest < oldest) {
            return Ok(listed);
        }
    }
}

/// Takes the referrals of a page; says whether it could read any.
fn take(page: &Page, name: &AccountName, listed: &mut Listed, hall: &mut Hall) -> bool {
    hall.unreadable += page.unreadable;
    let mut any = false;
    for item in &page.items {
        let Ok(referral) = item.referral() else {
            hall.unreadable += 1;
            continue;
        };
        any = true;
        listed.referrals += 1;
        let mut taken = true;
        for (index, rehearsal) in hall.rehearsals.iter_mut().enumerate() {
            let takes = rehearsal.listed(name, &referral);
            taken &= takes || index > 0;
        }
        listed.passed_over += u32::from(!taken);
        hall.progress.one_more();
    }
    any
}

/// When the newest referral of a page was created.
fn newest(page: &Page) -> Option<Timestamp> {
    page.items.iter().filter_map(|item| item.referral().ok()?.created_at()).max()
}

/// A filter without what it says of `status` and `substatus`, so that closed referrals are listed too: of what `and` joins,
/// the rest. Where it cannot be taken apart, nothing: all is listed then, and what the filter would not have taken is passed
/// over here.
fn without_standing(filter: &str) -> String {
    let Some(parts) = conjuncts(filter) else { return String::new() };
    let is_of_standing = |part: &str| match Filter::parse(part) {
        Ok(parsed) => parsed.mentions("status") || parsed.mentions("substatus"),
        // What we cannot read may be anything.
        Err(_) => true,
    };
    let rest: Vec<&str> = parts.into_iter().filter(|part| !is_of_standing(part)).collect();
    rest.join(" and ")
}

/// What `and` joins, outside of brackets and quotes; none where an `or` stands beside.
fn conjuncts(filter: &str) -> Option<Vec<&str>> {
    let (mut parts, mut begin, mut depth, mut quoted) = (Vec::new(), 0, 0_u32, false);
    for (at, c) in filter.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            c if c.is_whitespace() && !quoted && depth == 0 => {
                let rest = filter.get(at..).unwrap_or_default().trim_start();
                match rest.split_whitespace().next() {
                    Some("or") => return None,
                    Some("and") if at >= begin => {
                        parts.push(filter.get(begin..at).unwrap_or_default().trim());
                        begin = filter.len() - rest.len() + "and".len();
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    parts.push(filter.get(begin..).unwrap_or_default().trim());
    parts.retain(|part| !part.is_empty());
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_filter_says_of_the_standing_is_left_out_and_the_rest_stays_as_it_is() {
        for (filter, sent) in [
            ("direction eq 'Incoming' and substatus eq 'Pending'", "direction eq 'Incoming'"),
            ("status eq 'New'  and  type eq 'Shared' and substatus eq 'Pending'", "type eq 'Shared'"),
            ("(substatus eq 'Pending' or substatus eq 'Received') and type eq 'Shared'", "type eq 'Shared'"),
            ("substatus eq 'Pending'", ""),
            ("", ""),
            ("name eq 'this and that' and substatus eq 'Pending'", "name eq 'this and that'"),
            (
                "name eq 'it''s and' and (type eq 'Shared' and type ne 'x')",
                "name eq 'it''s and' and (type eq 'Shared' and type ne 'x')",
            ),
            ("substatus eq 'Pending' or type eq 'Shared'", ""),
            ("geo.distance(a, b) lt 3 and direction eq 'Incoming'", "direction eq 'Incoming'"),
        ] {
            assert_eq!(without_standing(filter), sent, "{filter}");
        }
    }
}
