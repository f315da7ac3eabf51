//! What `leadtime status` and `/api/v1/status` tell, as one shape. Made in two steps: `sketch` asks the writer for what it
//! has at hand, `finish` reads the cases that are shown, beside the writer. Holds no contact and no address.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    claimed::Claimed,
    sign_in_age::{self, SignedIn},
    verdict::{self, Held, Seen},
};
use crate::{
    core::{
        case::Case,
        ids::{AccountName, CaseNumber, DestinationName, ReferralId},
        ladder::{Event, Silence, decide},
        outbox::Health,
        referral::Category,
    },
    messages::words::Told,
    service::{
        facts::{self, NextDigest, State, next_of, read_case},
        pulse::{Past, Polled},
        vitals::{Stage, Vitals},
    },
    settings::Settings,
    store::{Store, StoreFault, get_json, layout},
};

/// So many open referrals are shown, the most urgent ones.
pub const PENDING_MAX: usize = 500;
/// So many cases are read to find what is due next.
const READS: usize = 100;
/// Given up messages are counted up to so many.
const DEAD_MAX: usize = 10_000;

/// All of it. Instants are in UTC.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Status {
    /// Whether all is well.
    pub well: bool,
    /// The first line.
    pub verdict: String,
    /// As of when.
    pub now: Timestamp,
    /// Whether a service answered; else this was read from the store.
    pub running: bool,
    /// `time_zone` of the settings, in which people read times.
    pub time_zone: String,
    /// Every account of the settings.
    pub accounts: Vec<Account>,
    /// Every destination of the settings.
    pub destinations: Vec<Destination>,
    /// The last message that a channel took.
    pub last_sent: Option<LastSent>,
    /// The next message that time will make due.
    pub next_due: Option<Next>,
    /// The next digest at a set time.
    #[serde(default)]
    pub next_digest: Option<NextDigest>,
    /// leadtime's own troubles, the worst first.
    pub troubles: Vec<Trouble>,
    /// Open referrals by the day on which they must be answered; `PENDING_MAX` at most.
    pub pending: Vec<Pending>,
    /// How many are open.
    pub pending_total: usize,
}

/// One account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    /// Its name.
    pub name: AccountName,
    /// When the last whole listing began.
    pub last_good_poll: Option<Timestamp>,
    /// Why the last poll was cut short, where it was.
    pub failing: Option<String>,
    /// Open referrals.
    pub open: usize,
    /// When the first of them expires.
    pub nearest_deadline: Option<Timestamp>,
    /// The sign-in; none where no refresh token is kept.
    #[serde(default)]
    pub sign_in: Option<SignedIn>,
}

/// One destination.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Destination {
    /// Its name.
    pub name: DestinationName,
    /// `slack`, `teams`, `email`, `webhook` or `stdout`.
    pub kind: String,
    /// `well`, `failing`, `broken`, or `refusing`: nothing was taken since the last message was given up.
    pub health: String,
    /// Why it fails, where it does.
    pub why: Option<String>,
    /// When it last took a message.
    pub last_accepted: Option<Timestamp>,
    /// Messages that wait or are under way.
    pub waiting: usize,
    /// Messages given up.
    pub dead: usize,
}

/// The last message that a channel took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LastSent {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub destination: DestinationName,
}

/// A message to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Next {
    /// When, after hours have moved it.
    pub at: Timestamp,
    /// Where to.
    pub destination: DestinationName,
    /// What it will be.
    pub event: Event,
    /// The customer it is about, where that is known.
    pub customer: Option<String>,
    /// The referral it is about.
    pub referral: ReferralId,
}

/// A trouble that is not over.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trouble {
    /// Which kind and where: `destination/sellers`.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
    /// What it is.
    pub title: String,
    /// What happened and what it means.
    pub text: Vec<String>,
    /// What to do.
    pub todo: String,
}

/// A referral that waits for an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// Its id in Partner Center.
    pub id: ReferralId,
    /// The account that lists it.
    pub account: AccountName,
    /// The customer.
    pub customer: Option<String>,
    /// The customer's country.
    pub country: Option<String>,
    /// The deal's value as it stands there.
    pub value: Option<f64>,
    /// Its currency.
    pub currency: Option<String>,
    /// `MarketplaceLead`, `QualifiedLead` or `CoSellOpportunity`.
    pub category: Category,
    /// When it expires.
    pub deadline: Timestamp,
    /// Whether that is our estimate.
    pub estimated: bool,
    /// The last day on which people can answer.
    pub answer_by: civil::Date,
    /// Working days left, today and `answer_by` included.
    pub working_days_left: u32,
    /// Since when it could not be read, where that is so.
    pub unseen_since: Option<Timestamp>,
    /// Why nobody hears of it, where nobody does.
    pub silent: Option<Silence>,
    /// Who muted it, where somebody has.
    #[serde(default)]
    pub muted: Option<Muted>,
    /// Who has it, where somebody has said so and their time is not over.
    #[serde(default)]
    pub claim: Option<Claimed>,
    /// The next message about it.
    pub next: Option<Next>,
}

/// That a referral is muted.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Muted {
    /// Since when.
    pub since: Timestamp,
    /// Until when, where it ends by itself.
    pub until: Option<Timestamp>,
    /// Why, in a person's words.
    pub reason: String,
    /// Who muted it, where they said so.
    #[serde(default)]
    pub by: Option<String>,
}

/// What the writer has at hand.
pub struct Sketch {
    now: Timestamp,
    accounts: Vec<Account>,
    destinations: Vec<Destination>,
    accepted: Option<LastSent>,
    next_due: Option<facts::Due>,
    next_digest: Option<NextDigest>,
    troubles: BTreeMap<String, facts::Trouble>,
    open: Vec<CaseNumber>,
    total: usize,
    held: Held,
    once: bool,
}

/// What is known beside the state: of a service that runs.
#[derive(Default)]
pub struct Running {
    /// How each account's watch went.
    pub pasts: BTreeMap<AccountName, Past>,
    /// What no trouble of the state tells: the first that is wrong with the service itself.
    pub wrong: Option<Wrong>,
    /// Whether it sends nothing.
    pub dry_run: bool,
}

/// What is wrong with the service itself.
#[derive(Clone, Debug)]
pub struct Wrong {
    /// In a few words.
    pub title: String,
    /// The whole.
    pub text: String,
    /// What to do.
    pub todo: String,
}

impl Running {
    /// What the loops' signs of life say.
    pub fn of(vitals: &Vitals, pasts: BTreeMap<AccountName, Past>, broken: Option<&StoreFault>, dry_run: bool) -> Self {
        let stuck = vitals.stuck();
        let mend = "Make room in the state folder, or mend what is named there; leadtime goes on by itself.";
        let unrecorded = |why| {
            let title = "Nothing can be recorded, so nothing is sent".to_owned();
            Wrong { title, text: why, todo: mend.to_owned() }
        };
        let wrong = match (vitals.stage(), broken) {
            (Stage::CannotRecord(why), _) => Some(unrecorded(why)),
            (_, Some(fault)) => Some(unrecorded(fault.to_string())),
            _ if !stuck.is_empty() => {
                let title = format!("these loops have not turned in time: {}", stuck.join(", "));
                let todo = "Start leadtime again, and please report this with its log.".to_owned();
                Some(Wrong { title, text: "What is due may not go out.".to_owned(), todo })
            }
            _ => None,
        };
        Self { pasts, wrong, dry_run }
    }
}

/// The first step, in the writer.
///
/// # Errors
/// The store's.
pub fn sketch(
    state: &State,
    settings: &Settings,
    account: Option<&AccountName>,
    now: Timestamp,
) -> Result<Sketch, StoreFault> {
    let wanted = |name: &&AccountName| account.is_none_or(|account| account == *name);
    let open = state.open_cases(account);
    let accepted = settings
        .destinations
        .keys()
        .filter_map(|name| state.last_accepted(name).map(|at| LastSent { at, destination: name.clone() }));
    Ok(Sketch {
        now,
        accounts: settings
            .accounts
            .keys()
            .filter(wanted)
            .map(|name| of_account(state, name))
            .collect::<Result<_, _>>()?,
        accepted: accepted.max_by_key(|sent| sent.at),
        destinations: destinations(state, settings)?,
        next_due: state.next_due(READS, now)?,
        next_digest: state.next_digests(now).into_iter().next(),
        troubles: state.troubles().clone(),
        total: open.len(),
        held: verdict::held(state, now),
        once: get_json(state.store().as_ref(), layout::ONCE)?.unwrap_or_default(),
        open: open.into_iter().take(PENDING_MAX).map(|(_, number)| number).collect(),
    })
}

fn of_account(state: &State, name: &AccountName) -> Result<Account, StoreFault> {
    Ok(Account {
        name: name.clone(),
        last_good_poll: state.account(name).and_then(|record| record.last_whole),
        failing: None,
        open: state.open_count(name),
        nearest_deadline: state.nearest_deadline(name),
        sign_in: SignedIn::of(state, name)?,
    })
}

fn destinations(state: &State, settings: &Settings) -> Result<Vec<Destination>, StoreFault> {
    let mut waiting: BTreeMap<&DestinationName, usize> = BTreeMap::new();
    for (lane, _) in state.waiting() {
        *waiting.entry(&lane.0).or_default() += 1;
    }
    let (dead, healths) = (state.dead(DEAD_MAX)?, state.healths());
    let of = |name: &DestinationName, kind: &str| -> Result<Destination, StoreFault> {
        let dead = dead.get(name).copied().unwrap_or_default();
        // It answers, and yet nobody hears: not well before it has taken something again.
        let refused = if dead == 0 { None } else { state.last_given_up(name, DEAD_MAX)? };
        let refused = refused.filter(|refused| state.last_accepted(name).is_none_or(|at| at < refused.at));
        let (health, why) = match healths.get(name) {
            None | Some(Health::Well) if refused.is_some() => ("refusing", refused.map(|refused| refused.why)),
            None | Some(Health::Well) => ("well", None),
            Some(Health::Failing { why, .. }) => ("failing", Some(why.clone())),
            Some(Health::Broken { why, .. }) => ("broken", Some(why.clone())),
        };
        Ok(Destination {
            name: name.clone(),
            kind: kind.to_owned(),
            health: health.to_owned(),
            why,
            last_accepted: state.last_accepted(name),
            waiting: waiting.get(name).copied().unwrap_or_default(),
            dead,
        })
    };
    settings.destinations.iter().map(|(name, settings)| of(name, settings.kind.as_str())).collect()
}

/// The second step, beside the writer. `running`: none where no service runs.
///
/// # Errors
/// The store's. A damaged case is passed over.
pub fn finish(
    mut sketch: Sketch,
    store: &dyn Store,
    settings: &Settings,
    running: Option<&Running>,
) -> Result<Status, StoreFault> {
    let mut pending = Vec::with_capacity(sketch.open.len());
    for number in &sketch.open {
        match read_case(store, *number) {
            Ok(case) if case.is_open() => pending.push(of_case(&case, settings, sketch.now)),
            Ok(_) | Err(StoreFault::Damaged { .. }) => {}
            Err(fault) => return Err(fault),
        }
    }
    pending.sort_by(|a, b| (a.answer_by, a.deadline, &a.id).cmp(&(b.answer_by, b.deadline, &b.id)));
    let pasts = running.map(|running| &running.pasts);
    for account in &mut sketch.accounts {
        let last = pasts.and_then(|pasts| pasts.get(&account.name)).and_then(|past| past.last.as_ref());
        if let Some((_, Polled::Failed { why, .. })) = last {
            account.failing = Some(why.clone());
        }
    }
    let last_sent = sketch.accepted.take();
    let mut troubles: Vec<Trouble> = sketch.troubles.iter().map(|(name, trouble)| of_trouble(name, trouble)).collect();
    troubles.iter_mut().for_each(|trouble| count_dead(trouble, &sketch.destinations));
    if running.is_none() {
        sign_in_age::done_already(&mut troubles, &sketch.accounts);
    }
    let seen = Seen {
        now: sketch.now,
        accounts: &sketch.accounts,
        destinations: &sketch.destinations,
        held: sketch.held,
        once: sketch.once,
        last: last_sent.as_ref(),
        settings,
        running,
    };
    troubles.extend(seen.beside(&troubles));
    troubles.extend(sign_in_age::nobody(&sketch.accounts, &sketch.troubles, settings, sketch.now));
    verdict::worst_first(&mut troubles);
    Ok(Status {
        well: troubles.is_empty(),
        verdict: seen.verdict(&troubles),
        now: sketch.now,
        running: running.is_some(),
        time_zone: settings.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        accounts: sketch.accounts,
        destinations: sketch.destinations,
        last_sent,
        next_digest: sketch.next_digest,
        next_due: sketch.next_due.map(|due| Next {
            at: due.at,
            destination: due.destination,
            event: due.event,
            customer: due.customer,
            referral: due.referral,
        }),
        troubles,
        pending,
        pending_total: sketch.total,
    })
}

fn of_case(case: &Case, settings: &Settings, now: Timestamp) -> Pending {
    let rules = &settings.rules;
    let hours = &rules.default_hours;
    let referral = &case.referral;
    let next = next_of(case, rules, now).map(|(at, line)| Next {
        at,
        destination: line.key.destination,
        event: line.event,
        customer: referral.customer().map(str::to_owned),
        referral: case.id().clone(),
    });
    Pending {
        id: case.id().clone(),
        account: case.account.clone(),
        customer: referral.customer().map(str::to_owned),
        country: referral.country().map(str::to_owned),
        value: referral.deal_value(),
        currency: referral.currency().map(str::to_owned),
        category: referral.category(),
        deadline: case.deadline.at,
        estimated: case.deadline.estimated,
        answer_by: hours.answer_by(case.deadline.at),
        working_days_left: hours.working_days_left(now, case.deadline.at),
        unseen_since: case.unseen_since(),
        silent: decide(case, rules, now).silence,
        muted: case.muted_at(now).map(|mute| Muted {
            since: mute.at,
            until: mute.until,
            reason: mute.reason.clone(),
            by: mute.by.clone(),
        }),
        claim: Claimed::of(case, rules, now),
        next,
    }
}

fn of_trouble(name: &str, trouble: &facts::Trouble) -> Trouble {
    let Told { title, text, todo } = trouble.told();
    Trouble { name: name.to_owned(), since: trouble.since, title, text, todo: todo.unwrap_or_default() }
}

/// The trouble of what was given up is told with the first message of it; whoever asks later learns how many there are.
fn count_dead(trouble: &mut Trouble, destinations: &[Destination]) {
    let Some(name) = trouble.name.strip_prefix("dead/") else { return };
    let dead = destinations.iter().find(|destination| destination.name.as_str() == name).map_or(0, |found| found.dead);
    let one = format!("A message to {name} was given up");
    if dead > 1 && trouble.title.starts_with(&one) {
        trouble.title = trouble.title.replacen(&one, &format!("{dead} messages to {name} were given up"), 1);
    }
}

/// An instant as people read it: `Thu 19 Nov 08:00`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(dead: usize) -> String {
        let title = "A message to crm was given up (the webhook answered 400)".to_owned();
        let (since, text) = (Timestamp::UNIX_EPOCH, Vec::new());
        let mut trouble = Trouble { name: "dead/crm".to_owned(), since, title, text, todo: String::new() };
        let crm = Destination {
            name: "crm".into(),
            kind: "webhook".to_owned(),
            health: "refusing".to_owned(),
            why: None,
            last_accepted: None,
            waiting: 0,
            dead,
        };
        count_dead(&mut trouble, &[crm]);
        trouble.title
    }

    #[test]
    fn the_trouble_of_what_was_given_up_counts_it() {
        assert_eq!(counted(1), "A message to crm was given up (the webhook answered 400)");
        assert_eq!(counted(9), "9 messages to crm were given up (the webhook answered 400)");
    }
}
