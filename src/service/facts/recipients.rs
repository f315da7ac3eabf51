//! Who gets a mail about a referral: the fixed addresses of its destination, and those of the people whom the destination
//! leaves to the referral. Worked out when a message is queued and again just before each attempt: a team changes, people
//! go on leave. Must never mail an address that `Cast` does not give: a referral's text is written by strangers.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Lane, State, journal::Line as Entered, troubles::of_address};
use crate::{
    core::{
        case::{Case, Entry, Fate},
        ids::DestinationName,
        key::Key,
        ladder::{Line, WhyNot},
        outbox::{About, Row},
        people::Cast,
        rules::{Asks, Role},
    },
    store::StoreFault,
};

impl State {
    /// The queues that a message about this referral goes into.
    pub(super) fn lanes_for(&self, destination: &DestinationName, case: &Case, now: Timestamp) -> Vec<Lane> {
        let mut lanes = self.fixed_lanes(destination);
        for address in self.asked(destination, case, now) {
            if !lanes.iter().any(|lane| is_of(lane, &address)) {
                lanes.push((destination.clone(), Some(address)));
            }
        }
        lanes
    }

    /// Whether a destination leaves recipients to each referral.
    pub(super) fn asks_each(&self, destination: &DestinationName) -> bool {
        self.asks(destination).is_some()
    }

    fn asks(&self, destination: &DestinationName) -> Option<&Asks> {
        let asks = &self.orders.rules.destinations.get(destination)?.asks;
        (!asks.is_nobody()).then_some(asks)
    }

    /// The addresses that a destination leaves to this referral, at `now`.
    fn asked(&self, destination: &DestinationName, case: &Case, now: Timestamp) -> Vec<Arc<str>> {
        let Some(asks) = self.asks(destination) else { return Vec::new() };
        let rules = &self.orders.rules;
        let cast = Cast::of(case, rules, now);
        cast.recipients(asks, rules).into_iter().map(|asked| asked.email.into()).collect()
    }

    /// Whether somebody is still asked about a referral: always so for a fixed address, and where there is none.
    pub(super) fn is_asked(&self, lane: &Lane, case: &Case, now: Timestamp) -> bool {
        let Some(address) = lane.1.as_ref().filter(|_| self.asks_each(&lane.0)) else { return true };
        self.lanes_for(&lane.0, case, now).iter().any(|lane| is_of(lane, address))
    }

    /// Brings the rows of a mail that nobody has yet in line with who is asked now: whoever is asked no more leaves with
    /// that reason, whoever is asked since joins. Says whether anything has changed.
    pub(super) fn ask_anew(&mut self, case: &mut Case, line: &Line, now: Timestamp) -> Result<bool, StoreFault> {
        let key = &line.key;
        if !self.asks_each(&key.destination) {
            return Ok(false);
        }
        let asked = self.lanes_for(&key.destination, case, now);
        let among = addresses(&asked);
        let rows: Vec<(Lane, Row)> = self.rows_everywhere(case, key);
        let Some(like) = rows.first().map(|(_, row)| row.clone()) else { return Ok(false) };
        let was_asked: Vec<Arc<str>> =
            rows.iter().flat_map(|(_, row)| row.among.iter().chain(&row.recipient)).cloned().collect();
        let mut changed = false;
        for (lane, row) in rows.into_iter().filter(|(_, row)| row.attempting.is_none() && row.digest.is_none()) {
            if !asked.iter().any(|asked| lane.1.as_ref().is_none_or(|address| is_of(asked, address))) {
                self.asked_no_more(case, &lane, &row, now)?;
                changed = true;
            } else if row.among != among {
                self.put_row(&lane, Row { among: among.clone(), ..row })?;
            }
        }
        for lane in asked.iter().filter(|lane| !was_asked.iter().any(|address| is_of(lane, address))) {
            let number = self.number_of_row();
            let row = Row::queued(number, like.id, lane.clone(), like.about.clone(), like.class, like.deadline, now);
            self.put_row(lane, Row { among: among.clone(), ..row })?;
            (self.news, changed) = (true, true);
        }
        if self.rows_everywhere(case, key).is_empty() {
            // Those who are still asked have refused it, and the last who might have taken it is gone: they are tried once
            // more, so that it falls back, or dies and is told of, as it would have without the others.
            self.enqueue(case, line, now)?;
        }
        Ok(changed)
    }

    /// A row leaves the outbox, as its reader is asked no more; those of the others stay.
    pub(super) fn asked_no_more(
        &mut self,
        case: &mut Case,
        lane: &Lane,
        row: &Row,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        self.drop_row(lane, row);
        let (About::Referral { key, place, .. }, Some(recipient)) = (&row.about, &lane.1) else { return Ok(()) };
        if row.maybe {
            // Its reader may have it, so its reader hears of the end.
            case.tell(key, *place, now);
        }
        let left = Entered::RecipientLeft { key: key.clone(), recipient: recipient.to_string() };
        self.journal(Some(case.number), now, &left)
    }

    /// A message whose destination leaves everybody to the referral, which names nobody.
    pub(super) fn reaches_nobody(&mut self, case: &mut Case, line: &Line, now: Timestamp) -> Result<(), StoreFault> {
        if case.entry(&line.key).is_some_and(|entry| entry.fate == Fate::Cancelled) {
            return Ok(());
        }
        let (key, rule) = (line.key.clone(), line.rule.clone());
        let fate = Fate::Cancelled;
        case.record(Entry { key, fate, at: now, escalation: line.escalation, rule, maybe: false });
        let cancelled = Entered::Cancelled { key: line.key.clone(), why: WhyNot::OthersAsked };
        self.journal(Some(case.number), now, &cancelled)
    }

    /// The rows of one message in all queues of its destination.
    fn rows_everywhere(&self, case: &Case, key: &Key) -> Vec<(Lane, Row)> {
        let lanes = self.lanes_at(&key.destination).into_iter();
        let rows = lanes.map(|lane| (self.rows_of(&lane, case, key).cloned().collect::<Vec<Row>>(), lane));
        rows.flat_map(|(rows, lane)| rows.into_iter().map(move |row| (lane.clone(), row))).collect()
    }

    /// Those who are asked about a referral and whose address refuses mail, each since when.
    pub(super) fn refusing(&self, case: &Case, now: Timestamp) -> Vec<(String, Timestamp)> {
        let prefix = of_address("");
        let mut troubles =
            self.troubles.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix)).peekable();
        if troubles.peek().is_none() {
            return Vec::new();
        }
        let rules = &self.orders.rules;
        let cast = Cast::of(case, rules, now);
        let owners = Asks { roles: vec![Role::Owners], ..Asks::default() };
        let asked = cast.recipients(&owners, rules);
        let asked: Vec<&str> = asked.iter().map(|asked| asked.email).collect();
        let of = |name: &str| {
            asked
                .iter()
                .find(|address| name[prefix.len()..].eq_ignore_ascii_case(address))
                .map(|address| (*address).to_owned())
        };
        troubles.filter_map(|(name, trouble)| Some((of(name)?, trouble.since))).collect()
    }

    /// Whether an address may get mail: it stands in the settings, or a referral may name it.
    pub(super) fn may_get_mail(&self, address: &str) -> bool {
        let is_it = |other: &str| other.eq_ignore_ascii_case(address);
        let lowered = address.to_lowercase();
        let people = &self.orders.rules.people;
        let of_ours = || people.named_by(&lowered).is_some() || people.is_ours(&lowered);
        self.orders.lanes.values().any(|lanes| lanes.recipients.iter().any(|to| is_it(to)))
            || (self.orders.rules.destinations.values().any(|destination| !destination.asks.is_nobody()) && of_ours())
    }
}

/// The addresses of queues.
pub(super) fn addresses(lanes: &[Lane]) -> Vec<Arc<str>> {
    lanes.iter().filter_map(|lane| lane.1.clone()).collect()
}

fn is_of(lane: &Lane, address: &str) -> bool {
    lane.1.as_ref().is_some_and(|known| known.eq_ignore_ascii_case(address))
}
