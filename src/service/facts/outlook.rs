//! What can be told of the state by only looking: what is open, what comes next, what waits. Must never change anything.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::{Lane, State, send::digest_id};
use crate::{
    core::{
        case::Case,
        ids::{AccountName, CaseNumber, DestinationName, MessageId, ReferralId},
        ladder::{Call, Event, Line, decide},
        outbox::{self, About, Act, GivenUp, Health, Queue, Row, RowNumber},
        rules::Rules,
    },
    store::{StoreFault, layout, read_json},
};

/// So many messages that would be sent are looked at in one turn.
const WOULD_MAX: usize = 200;

/// The next message that time alone will make due.
#[derive(Clone, PartialEq, Debug)]
pub struct Due {
    /// When, after hours have moved it.
    pub at: Timestamp,
    /// Where to.
    pub destination: DestinationName,
    /// What it will be.
    pub event: Event,
    /// About which referral.
    pub referral: ReferralId,
    /// Its customer, where that is known.
    pub customer: Option<String>,
}

/// A message that would go out now if something were sent.
#[derive(Clone, PartialEq, Debug)]
pub struct Would {
    /// Its rows: one, or the members of a digest.
    pub rows: Vec<RowNumber>,
    /// Its id.
    pub id: MessageId,
    /// What it is: `reminder`, `digest`, `trouble`.
    pub event: &'static str,
    /// The referral it is about, where it is about one alone.
    pub referral: Option<ReferralId>,
    /// How many it is about.
    pub referrals: usize,
    /// The one address of a mail.
    pub recipient: Option<Arc<str>>,
}

impl State {
    /// What would go out at a destination now and is not `known` yet, gathered into digests as the sender gathers, and when
    /// to look again. Of the rate it knows nothing.
    ///
    /// # Errors
    /// The store's. A message whose case is damaged is passed over.
    pub fn would_send(
        &self,
        destination: &DestinationName,
        known: &BTreeSet<RowNumber>,
        now: Timestamp,
    ) -> Result<(Vec<Would>, Option<Timestamp>), StoreFault> {
        let (mut would, mut wake) = (Vec::new(), None);
        for (lane, queue) in self.queues.iter().filter(|(lane, _)| lane.0 == *destination) {
            let mut rest = Queue::new(queue.terms.clone(), Health::Well);
            queue.rows().filter(|row| !known.contains(&row.number)).for_each(|row| rest.put(row.clone()));
            loop {
                if would.len() == WOULD_MAX {
                    return Ok((would, Some(now)));
                }
                let (members, digest) = match outbox::next(&rest, now).act {
                    Act::Rest(until) => {
                        wake = wake.into_iter().chain(until).min();
                        break;
                    }
                    Act::Send(number) => (vec![number], None),
                    Act::Digest { members, fixed } => (members, Some(fixed)),
                };
                let mut found = Vec::with_capacity(members.len());
                for number in &members {
                    let Some(row) = rest.row(*number) else { continue };
                    match self.would_say(row, now)? {
                        Some((event, referral)) => found.push((row.clone(), event, referral)),
                        // It is not asked for now: what is left is gathered anew.
                        None => drop(rest.take(*number)),
                    }
                }
                if found.is_empty() || (digest == Some(None) && found.len() < members.len()) {
                    continue;
                }
                let rows: Vec<Row> = found.iter().map(|(row, ..)| row.clone()).collect();
                rows.iter().for_each(|row| drop(rest.take(row.number)));
                let alone = found.into_iter().next().filter(|_| digest.is_none());
                let own = alone.as_ref().map(|(row, ..)| row.id);
                let id = digest.flatten().or(own).unwrap_or_else(|| digest_id(&rows));
                would.push(Would {
                    rows: rows.iter().map(|row| row.number).collect(),
                    id,
                    event: alone.as_ref().map_or("digest", |(_, event, _)| event),
                    referral: alone.and_then(|(_, _, referral)| referral),
                    referrals: rows.iter().filter(|row| row.case().is_some()).count(),
                    // A log names nobody whom only a referral knows.
                    recipient: lane.1.clone().filter(|_| self.fixed_lanes(destination).contains(lane)),
                });
            }
        }
        Ok((would, wake))
    }

    /// As what a row would go out now, and about which referral; `None` where it would not.
    fn would_say(&self, row: &Row, now: Timestamp) -> Result<Option<(&'static str, Option<ReferralId>)>, StoreFault> {
        let (case, key) = match &row.about {
            About::Notice(notice) => return Ok(Some((notice.kind().as_str(), None))),
            About::Scheduled(_) => return Ok(Some(("digest", None))),
            About::Referral { case, key, .. } => (self.case(*case), key),
        };
        let case = match case {
            Ok(case) => case,
            Err(StoreFault::Damaged { .. }) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let lines = decide(&case, &self.orders.rules, now).lines;
        let line = lines.into_iter().find(|line| line.key == *key && line.call.is_due());
        Ok(line.map(|line| (line.event.as_str(), Some(case.id().clone()))))
    }

    /// Every open referral, or those of one account, the nearest deadline first.
    pub fn open_cases(&self, account: Option<&AccountName>) -> Vec<(Timestamp, CaseNumber)> {
        let accounts = self.accounts.iter().filter(|(name, _)| account.is_none_or(|account| account == *name));
        let known = accounts.flat_map(|(_, account)| account.known.iter());
        let mut open: Vec<_> = known.map(|glance| (glance.deadline, glance.number)).collect();
        open.sort_unstable();
        open
    }

    /// What comes next, as things stand. Cases are read in the order in which they are to be decided on again, `reads` at
    /// most; a case is never due before that, so a handful is enough.
    ///
    /// # Errors
    /// The store's. A damaged case is passed over.
    pub fn next_due(&self, reads: usize, now: Timestamp) -> Result<Option<Due>, StoreFault> {
        let mut first: Option<Due> = None;
        for (look, number) in self.looks.by_time.iter().take(reads) {
            if first.as_ref().is_some_and(|due| due.at <= *look) {
                break;
            }
            let case = match self.case(*number) {
                Ok(case) => case,
                Err(StoreFault::Damaged { .. }) => continue,
                Err(fault) => return Err(fault),
            };
            let Some((at, line)) = next_of(&case, &self.orders.rules, now) else { continue };
            if first.as_ref().is_none_or(|due| at < due.at) {
                first = Some(Due {
                    at,
                    destination: line.key.destination,
                    event: line.event,
                    referral: case.id().clone(),
                    customer: case.referral.customer().map(str::to_owned),
                });
            }
        }
        Ok(first)
    }

    /// Every referral about which something may still be sent, or those of one account, each with an instant before which
    /// nothing is: the nearest first. One that has ended shows its account only when it is read.
    pub fn upcoming(&self, account: Option<&AccountName>) -> Vec<(Timestamp, CaseNumber)> {
        let others = self.accounts.iter().filter(|(name, _)| account.is_some_and(|account| account != *name));
        let others: HashSet<CaseNumber> =
            others.flat_map(|(_, account)| account.known.iter().map(|glance| glance.number)).collect();
        let mut looks: Vec<(Timestamp, CaseNumber)> =
            self.looks.by_time.iter().filter(|(_, number)| !others.contains(number)).copied().collect();
        if self.orders_are_new {
            // Looks were set under other rules: any case may have something to say at once.
            let known: HashSet<CaseNumber> = looks.iter().map(|(_, number)| *number).collect();
            let open = self.open_cases(account).into_iter().map(|(_, number)| (Timestamp::MIN, number));
            looks.extend(open.filter(|(_, number)| !known.contains(number)));
            looks.iter_mut().for_each(|(look, _)| *look = Timestamp::MIN);
        }
        looks
    }

    /// Every message that waits, is under way or failing.
    pub fn waiting(&self) -> impl Iterator<Item = (&Lane, &Row)> {
        self.queues.iter().flat_map(|(lane, queue)| queue.rows().map(move |row| (lane, row)))
    }

    /// How each destination is doing.
    pub fn healths(&self) -> BTreeMap<DestinationName, Health> {
        self.queues.iter().map(|(lane, queue)| (lane.0.clone(), queue.health.clone())).collect()
    }

    /// When a destination's last message was given up and why, where one is left; `most` are looked at.
    ///
    /// # Errors
    /// The store's.
    pub fn last_given_up(&self, to: &DestinationName, most: usize) -> Result<Option<GivenUp>, StoreFault> {
        let mut last: Option<GivenUp> = None;
        for (key, value) in self.store.scan(&layout::dead_of(to), None, most)? {
            let Row { given_up, .. } = read_json(&key, &value)?;
            last = last.into_iter().chain(given_up).max_by_key(|given_up| given_up.at);
        }
        Ok(last)
    }

    /// How many messages of each destination were given up; each counted up to `most`.
    ///
    /// # Errors
    /// The store's.
    pub fn dead(&self, most: usize) -> Result<BTreeMap<DestinationName, usize>, StoreFault> {
        let mut counted = BTreeMap::new();
        for destination in self.orders.lanes.keys() {
            let dead = self.store.scan(&layout::dead_of(destination), None, most)?.len();
            counted.insert(destination.clone(), dead);
        }
        Ok(counted)
    }
}

/// The next message about a case that time alone will make due, and when.
pub fn next_of(case: &Case, rules: &Rules, now: Timestamp) -> Option<(Timestamp, Line)> {
    let waits = |line: Line| match line.call {
        Call::Wait { until, .. } => Some((until, line)),
        _ => None,
    };
    decide(case, rules, now).lines.into_iter().filter_map(waits).min_by_key(|(until, _)| *until)
}
