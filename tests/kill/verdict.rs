//! Holds what the destinations saw against the promise: every referral told at every destination; a message that came
//! twice was under way when the process was killed, has the same id and says that it may be a repeat; nothing else came
//! twice. Looks only at what it is given.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::exchange::{Exchange, Message};

/// So long before a kill an answer may have left us and not be in the store.
///
/// A message is under way from the moment in which its attempt is in the store to the moment in which its answer is. We see
/// less of it: the request and our answer. An answer that we have sent still has to be read, waits up to 5 ms for others
/// to be recorded with it, then for whatever the one writer of the store is busy with, then for its own sync to the disk:
/// on a busy machine that is some hundred milliseconds. The table tells the longest that was seen, and no kill may cost
/// more repeats than [`MOST_UNDER_WAY`], which holds without any clock.
const UNRECORDED: Duration = Duration::from_secs(2);

/// So many messages a destination has under way at most, recorded or not: an answer's place is given to the next message in
/// the very commit that records it. With digests it is messages still, each of several referrals.
const MOST_UNDER_WAY: usize = 64;

/// What is told of one destination.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    pub lost: usize,
    pub repeated: usize,
    /// Exchanges that had begun and were not answered when the process was killed.
    pub in_flight: usize,
    /// Repeats of messages that were answered before the kill.
    pub answered: usize,
    /// The longest time between such an answer and the kill.
    pub longest: Duration,
    /// What was not as promised; of many alike the first few.
    pub wrong: Vec<String>,
}

/// An exchange whose message is here whole.
struct Arrival<'a> {
    life: u32,
    message: &'a Message,
    answered: Option<Instant>,
}

/// What a run was.
pub struct Facts<'a> {
    pub referrals: u32,
    pub exchanges: &'a [Exchange],
    /// When each life was ended, the first first.
    pub kills: &'a [Instant],
    /// Whether nothing could be recorded for some of the time: then an answer may wait for that however long.
    pub had_no_room: bool,
}

/// Judges one destination of it.
pub fn judge(destination: &str, facts: &Facts) -> Tally {
    let Facts { referrals, exchanges, kills, had_no_room } = *facts;
    let mut tally = Tally::default();
    let here: Vec<&Exchange> = exchanges.iter().filter(|exchange| exchange.destination == destination).collect();
    let arrivals: Vec<Arrival> = here
        .iter()
        .filter_map(|exchange| {
            let message = exchange.message.as_ref()?;
            Some(Arrival { life: exchange.life, message, answered: exchange.answered })
        })
        .collect();
    tally.in_flight = here
        .iter()
        .filter(|exchange| {
            killed(kills, exchange.life).is_some_and(|at| exchange.answered.is_none_or(|answered| answered > at))
        })
        .count();
    judge_referrals(&mut tally, referrals, &arrivals);
    for exchange in &here {
        if exchange.life > 1 && killed(kills, exchange.life - 1).is_some_and(|at| exchange.began < at) {
            tally.wrong.push(format!("life {} sent before the one before it had ended", exchange.life));
        }
    }
    let unrecorded = if had_no_room { Duration::MAX } else { UNRECORDED };
    judge_repeats(&mut tally, &arrivals, kills, unrecorded);
    tally
}

/// When a life was ended; none for one that was left in peace.
fn killed(kills: &[Instant], life: u32) -> Option<Instant> {
    kills.get(usize::try_from(life).ok()?.checked_sub(1)?).copied()
}

/// Every referral is told, and by one message alone.
fn judge_referrals(tally: &mut Tally, referrals: u32, arrivals: &[Arrival]) {
    let mut ids: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for arrival in arrivals {
        for number in &arrival.message.about {
            ids.entry(*number).or_default().insert(&arrival.message.id);
        }
        if arrival.message.about.is_empty() {
            tally.wrong.push(format!("a message about no referral: {}", arrival.message.says));
        }
    }
    let lost: Vec<u32> = (0..referrals).filter(|number| !ids.contains_key(number)).collect();
    tally.lost = lost.len();
    if !lost.is_empty() {
        tally.wrong.push(format!("lost: {:?}", &lost[..lost.len().min(10)]));
    }
    for (number, ids) in ids.iter().filter(|(_, ids)| ids.len() > 1).take(5) {
        tally.wrong.push(format!("referral {number} was told under several ids: {ids:?}"));
    }
}

/// A message comes again only after a kill in which it was under way, and says so.
fn judge_repeats(tally: &mut Tally, arrivals: &[Arrival], kills: &[Instant], unrecorded: Duration) {
    let mut by_id: BTreeMap<&str, Vec<&Arrival>> = BTreeMap::new();
    for arrival in arrivals {
        by_id.entry(&arrival.message.id).or_default().push(arrival);
    }
    let mut by_kill: BTreeMap<u32, usize> = BTreeMap::new();
    for (id, times) in by_id {
        if times[0].life == 1 && times[0].message.marked {
            tally.wrong.push(format!("{id} says that it may be a repeat, and nothing was before it"));
        }
        for pair in times.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            tally.repeated += 1;
            *by_kill.entry(before.life).or_default() += 1;
            if let Err(why) = judge_repeat(tally, before, after, kills, unrecorded) {
                tally.wrong.push(format!("{id}, told in life {} and {}, {why}", before.life, after.life));
            }
        }
    }
    for (life, repeats) in by_kill.into_iter().filter(|(_, repeats)| *repeats > MOST_UNDER_WAY) {
        tally.wrong.push(format!("the end of life {life} cost {repeats} repeats; {MOST_UNDER_WAY} can be under way"));
    }
    tally.wrong.truncate(10);
}

fn judge_repeat(
    tally: &mut Tally,
    before: &Arrival,
    after: &Arrival,
    kills: &[Instant],
    unrecorded: Duration,
) -> Result<(), String> {
    let at = killed(kills, before.life).filter(|_| after.life > before.life);
    let at = at.ok_or("was repeated without a kill")?;
    if before.message.about != after.message.about {
        return Err(format!("told of {:?} first and of {:?} then", before.message.about, after.message.about));
    }
    if !after.message.marked {
        return Err("does not say that it may be a repeat".to_owned());
    }
    if let Some(answered) = before.answered.filter(|answered| *answered <= at) {
        let ago = at.duration_since(answered);
        tally.answered += 1;
        tally.longest = tally.longest.max(ago);
        if ago > unrecorded {
            return Err(format!("was answered {ago:?} before the kill"));
        }
    }
    Ok(())
}
