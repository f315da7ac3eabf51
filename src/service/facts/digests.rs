//! Digests at set times: which are due, at each destination by its own clock, each of them once, whatever restarts. Also
//! what the writer has at hand for the page that they show. Must never word anything, and never read cases: that is done
//! beside the writer, when a digest is sent.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    Lane, State,
    journal::{DigestFate, Line},
};
use crate::{
    core::{
        case::Case,
        ids::{AccountName, CaseNumber, DestinationName, DigestName, MessageId},
        outbox::{About, Class, Row, Scheduled},
        schedule::Schedule,
    },
    store::{StoreFault, layout, read_json},
};

/// Who was not running at the instant sends the digest so much later, at most.
const CATCHES_UP: SignedDuration = SignedDuration::from_hours(24);
/// So late it is of no use to anybody.
const OF_USE: SignedDuration = SignedDuration::from_hours(48);
/// What was dealt with further ahead than any schedule reaches was noted by a clock that has been set right since.
const TOO_FAR_AHEAD: SignedDuration = SignedDuration::from_hours(9 * 24);
/// So many missed occurrences are told of, one by one.
const SKIPS_MAX: usize = 31;
/// So many are read at once.
const PAGE: usize = 1_000;

/// A digest that is asked for.
#[derive(Clone, Debug)]
pub struct DigestOrder {
    /// Its name.
    pub name: DigestName,
    /// When it is due.
    pub schedule: Schedule,
    /// Who gets it, each with the zone in which it is due there.
    pub notify: Vec<(DestinationName, TimeZone)>,
}

/// How far a digest has come at a destination.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Every occurrence up to here is dealt with: sent, or skipped.
    up_to: Timestamp,
    /// The day of the last one that was put into the outbox: there is no second one of that day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<Date>,
    /// Whether somebody has it: one recipient of a mail is enough.
    #[serde(default)]
    taken: bool,
}

/// A digest to come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NextDigest {
    /// When.
    pub at: Timestamp,
    /// Which.
    pub digest: DigestName,
    /// Where to.
    pub destination: DestinationName,
}

/// An open referral, as far as memory knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenGlance {
    /// When it expires.
    pub deadline: Timestamp,
    /// Its case.
    pub number: CaseNumber,
    /// Whether it is muted.
    pub muted: bool,
    /// Whether somebody has claimed it.
    pub claimed: bool,
}

/// What the writer has at hand for a forecast; the rest stands in the store.
#[derive(Clone, Debug)]
pub struct Glimpses {
    /// All open referrals that are not shelved, the nearest deadline first.
    pub open: Vec<OpenGlance>,
    /// The latest case there is.
    pub newest: CaseNumber,
    /// When the last whole listing of each account began.
    pub last_whole: Vec<(AccountName, Option<Timestamp>)>,
    /// As of when.
    pub now: Timestamp,
}

/// What memory knows of a case that is muted or claimed: until when.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Apart {
    pub(super) muted: Option<Timestamp>,
    pub(super) claimed: Option<Timestamp>,
}

impl Apart {
    /// What sets a case apart; `None` where nothing does.
    pub(super) fn of(case: &Case) -> Option<Self> {
        let muted = case.muted.as_ref().map(|mute| mute.until.unwrap_or(Timestamp::MAX));
        let claimed = case.claim.as_ref().map(|claim| claim.until.min(case.deadline.at));
        (case.is_open() && (muted.is_some() || claimed.is_some())).then_some(Self { muted, claimed })
    }
}

impl State {
    pub(super) fn load_digests(&mut self) -> Result<(), StoreFault> {
        for (key, value) in self.store.scan(layout::DIGESTS, None, PAGE)? {
            let odd =
                || StoreFault::Damaged { what: format!("the key {} is none of ours", String::from_utf8_lossy(&key)) };
            let names = layout::digest_names(&key).ok_or_else(odd)?;
            self.digests.insert(names, read_json(&key, &value)?);
        }
        self.reckon_digests();
        Ok(())
    }

    /// When the next digest is due, or one that was missed has to be dealt with.
    pub(super) fn digest_due_at(&self) -> Option<Timestamp> {
        self.next_digest
    }

    /// Every digest's next occurrence at each destination, the next one first.
    pub fn next_digests(&self, now: Timestamp) -> Vec<NextDigest> {
        let mut next: Vec<NextDigest> = self
            .orders
            .digests
            .iter()
            .flat_map(|order| order.notify.iter().map(move |(destination, zone)| (order, destination, zone)))
            .filter_map(|(order, destination, zone)| {
                let at = order.schedule.after(now, zone)?;
                Some(NextDigest { at, digest: order.name.clone(), destination: destination.clone() })
            })
            .collect();
        next.sort_by(|a, b| (a.at, &a.digest, &a.destination).cmp(&(b.at, &b.digest, &b.destination)));
        next
    }

    fn reckon_digests(&mut self) {
        let of = |order: &DigestOrder, (destination, zone): &(DestinationName, TimeZone)| {
            match self.digests.get(&(order.name.clone(), destination.clone())) {
                Some(progress) => order.schedule.after(progress.up_to, zone),
                // It is new: from when on it counts is written down at once.
                None => Some(Timestamp::MIN),
            }
        };
        let orders = &self.orders.digests;
        self.next_digest =
            orders.iter().flat_map(|order| order.notify.iter().filter_map(move |to| of(order, to))).min();
    }

    /// Puts the digests that are due into the outbox, and skips those that were missed for too long.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn mind_digests(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        if self.next_digest.is_none_or(|at| at > now) && !self.digests_are_ahead(now) {
            return Ok(());
        }
        let orders = self.orders.clone();
        for order in &orders.digests {
            for (destination, zone) in &order.notify {
                let key = (order.name.clone(), destination.clone());
                let new = Progress { up_to: now, day: None, taken: false };
                match self.digests.get(&key).copied() {
                    None => self.note_progress(key, new)?,
                    Some(known) if known.up_to.duration_since(now) > TOO_FAR_AHEAD => self.note_progress(key, new)?,
                    Some(known) => self.mind_digest(order, destination, zone, known, now)?,
                }
            }
        }
        self.reckon_digests();
        Ok(())
    }

    /// Whether some were dealt with in a future that no schedule reaches.
    fn digests_are_ahead(&self, now: Timestamp) -> bool {
        self.digests.values().any(|progress| progress.up_to.duration_since(now) > TOO_FAR_AHEAD)
    }

    fn mind_digest(
        &mut self,
        order: &DigestOrder,
        destination: &DestinationName,
        zone: &TimeZone,
        known: Progress,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let Some(due) = order.schedule.at_or_before(now, zone).filter(|due| *due > known.up_to) else { return Ok(()) };
        let key = (order.name.clone(), destination.clone());
        let missed =
            std::iter::successors(order.schedule.after(known.up_to, zone), |at| order.schedule.after(*at, zone));
        for at in missed.take_while(|at| *at < due).take(SKIPS_MAX) {
            self.tell_of_digest(&key, at, DigestFate::Skipped, now)?;
        }
        let day = due.to_zoned(zone.clone()).date();
        let progress = Progress { up_to: due, ..known };
        if known.day == Some(day) {
            // The schedule was changed to a later time of the same day.
            return self.note_progress(key, progress);
        }
        if now.duration_since(due) >= CATCHES_UP {
            self.tell_of_digest(&key, due, DigestFate::Skipped, now)?;
            tracing::warn!(digest = %key.0, destination = %key.1, %due, "a digest was missed more than a day ago; it is skipped");
            return self.note_progress(key, progress);
        }
        // One that still waits is of no use beside the next.
        self.take_back_digests(|lane, scheduled| lane.0 == key.1 && scheduled.digest == key.0, DigestFate::Late, now)?;
        let next = order.schedule.after(due, zone).unwrap_or(Timestamp::MAX);
        let until = due.saturating_add(OF_USE).unwrap_or(next).min(next);
        let scheduled = Scheduled { digest: key.0.clone(), due, until, in_place_of: None };
        self.enqueue_digest(&key.1, scheduled, id_of(&key, day), now)?;
        self.note_progress(key, Progress { day: Some(day), taken: false, ..progress })
    }

    fn enqueue_digest(
        &mut self,
        destination: &DestinationName,
        scheduled: Scheduled,
        id: MessageId,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let (key, due) = ((scheduled.digest.clone(), destination.clone()), scheduled.due);
        for lane in self.fixed_lanes(destination) {
            let number = self.number_of_row();
            let about = About::Scheduled(scheduled.clone());
            self.put_row(&lane, Row::queued(number, id, lane.clone(), about, Class::Rest, due, now))?;
        }
        self.news = true;
        self.tell_of_digest(&key, due, DigestFate::Queued { id }, now)
    }

    fn note_progress(&mut self, key: (DigestName, DestinationName), progress: Progress) -> Result<(), StoreFault> {
        self.draft.commit.put_json(layout::digest(&key.0, &key.1), &progress)?;
        self.digests.insert(key, progress);
        Ok(())
    }

    pub(super) fn tell_of_digest(
        &mut self,
        (digest, destination): &(DigestName, DestinationName),
        due: Timestamp,
        fate: DigestFate,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let (digest, destination) = (digest.clone(), destination.clone());
        self.journal(None, now, &Line::Digest { digest, destination, due, fate })
    }

    /// The same about a row that holds a digest; nothing about any other.
    pub(super) fn tell_of_row(&mut self, row: &Row, fate: DigestFate, now: Timestamp) -> Result<(), StoreFault> {
        let Some(scheduled) = row.scheduled() else { return Ok(()) };
        self.tell_of_digest(&(scheduled.digest.clone(), row.destination.clone()), scheduled.due, fate, now)
    }

    /// Takes digests out of the outbox that nobody attempts just now.
    fn take_back_digests(
        &mut self,
        taken: impl Fn(&Lane, &Scheduled) -> bool,
        fate: DigestFate,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let rows = self.queues.iter().flat_map(|(lane, queue)| queue.rows().map(move |row| (lane, row)));
        let is_taken = |(lane, row): &(&Lane, &Row)| {
            row.attempting.is_none() && row.scheduled().is_some_and(|scheduled| taken(lane, scheduled))
        };
        let rows: Vec<(Lane, Row)> = rows.filter(is_taken).map(|(lane, row)| (lane.clone(), row.clone())).collect();
        for (lane, row) in rows {
            self.drop_row(&lane, &row);
            self.tell_of_row(&row, fate.clone(), now)?;
        }
        Ok(())
    }

    /// Just before an attempt: whether the digest is still asked for and of use. If not it has left the queue.
    pub(super) fn recheck_digest(&mut self, lane: &Lane, row: &Row, now: Timestamp) -> Result<bool, StoreFault> {
        let Some(scheduled) = row.scheduled() else { return Ok(true) };
        let fate = match self.asks_for(&lane.0, scheduled) {
            false => DigestFate::NotAskedFor,
            // A clock that is doubted makes nothing too late. What may have arrived is sent again all the same.
            true if now >= scheduled.until && !self.doubts_the_clock() => DigestFate::Late,
            true => return Ok(true),
        };
        self.drop_row(lane, row);
        self.tell_of_row(row, fate, now).map(|()| false)
    }

    fn asks_for(&self, destination: &DestinationName, scheduled: &Scheduled) -> bool {
        let meant = scheduled.in_place_of.as_ref().unwrap_or(destination);
        let mut orders = self.orders.digests.iter().filter(|order| order.name == scheduled.digest);
        orders.any(|order| order.notify.iter().any(|(to, _)| to == meant))
    }

    /// At a start and when settings change: what is no longer asked for leaves, and begins anew should it come back.
    pub(super) fn end_digests_that_left(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        let orders = self.orders.clone();
        let asked = |name: &DigestName, to: &DestinationName| {
            orders.digests.iter().any(|order| order.name == *name && order.notify.iter().any(|(other, _)| other == to))
        };
        self.take_back_digests(
            |lane, scheduled| !asked(&scheduled.digest, scheduled.in_place_of.as_ref().unwrap_or(&lane.0)),
            DigestFate::NotAskedFor,
            now,
        )?;
        let left: Vec<_> = self.digests.keys().filter(|(name, to)| !asked(name, to)).cloned().collect();
        for key in left {
            self.draft.commit.delete(layout::digest(&key.0, &key.1));
            self.digests.remove(&key);
        }
        self.reckon_digests();
        self.news = true;
        Ok(())
    }

    /// When settings change: of a digest that is due at another time, or by another clock, nothing is owed from before.
    pub(super) fn begin_moved_digests(&mut self, before: &[DigestOrder], now: Timestamp) -> Result<(), StoreFault> {
        let orders = self.orders.clone();
        for order in &orders.digests {
            let Some(old) = before.iter().find(|old| old.name == order.name) else { continue };
            for to in &order.notify {
                let key = (order.name.clone(), to.0.clone());
                let moved =
                    old.schedule != order.schedule || old.notify.iter().any(|old| old.0 == to.0 && old.1 != to.1);
                if let Some(known) = self.digests.get(&key).copied().filter(|known| moved && known.up_to < now) {
                    self.note_progress(key, Progress { up_to: now, ..known })?;
                }
            }
        }
        Ok(())
    }

    /// A channel has taken a digest.
    pub(super) fn digest_taken(&mut self, row: &Row, now: Timestamp) -> Result<(), StoreFault> {
        let Some(scheduled) = row.scheduled() else { return Ok(()) };
        let key = (scheduled.digest.clone(), row.destination.clone());
        if let Some(known) = self.digests.get(&key).copied().filter(|known| !known.taken) {
            self.note_progress(key, Progress { taken: true, ..known })?;
        }
        self.tell_of_row(row, DigestFate::Accepted { attempts: row.attempts, maybe: row.maybe }, now)
    }

    /// Hands a digest to the fallback, unless somebody has it, or the fallback gets it anyway. `leaves`: whether this was its
    /// last hope here; the other recipients of the same mail may still take it.
    pub(super) fn digest_falls_back(
        &mut self,
        row: &Row,
        to: &DestinationName,
        leaves: bool,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let Some(scheduled) = row.scheduled().cloned() else { return Ok(()) };
        let origin = scheduled.in_place_of.clone().unwrap_or_else(|| row.destination.clone());
        let key = (scheduled.digest.clone(), row.destination.clone());
        let still_there = self.waiting().any(|(lane, other)| lane.0 == row.destination && other.id == row.id);
        let taken = self.digests.get(&key).is_some_and(|known| known.taken);
        if leaves && (still_there || taken) {
            return Ok(());
        }
        self.tell_of_row(row, DigestFate::FellBack { to: to.clone() }, now)?;
        let gets_it_anyway = self.asks_for(to, &Scheduled { in_place_of: None, ..scheduled.clone() });
        let id = MessageId::of_key(&format!("{}\nin place\n{to}", row.id));
        let has_it = self.waiting().any(|(lane, other)| lane.0 == *to && other.id == id);
        if gets_it_anyway || has_it {
            return Ok(());
        }
        self.enqueue_digest(to, Scheduled { in_place_of: Some(origin), ..scheduled }, id, now)
    }

    /// A person wants one sent after all that was given up: it is of use again, as it says what is so when it is sent.
    pub(super) fn of_use_again(row: Row, now: Timestamp) -> Row {
        let about = match row.about {
            About::Scheduled(scheduled) => {
                let until = now.saturating_add(OF_USE).unwrap_or(Timestamp::MAX);
                About::Scheduled(Scheduled { until, ..scheduled })
            }
            about => about,
        };
        Row { about, ..row }
    }

    /// What a forecast needs of memory.
    pub fn glimpses(&self, now: Timestamp) -> Glimpses {
        let holds = |until: Option<Timestamp>| until.is_some_and(|until| now < until);
        let known = self.accounts.values().flat_map(|account| account.known.iter());
        let mut open: Vec<OpenGlance> = known
            .filter(|glance| !glance.shelved)
            .map(|glance| {
                let apart = self.apart.get(&glance.number).copied().unwrap_or_default();
                let (muted, claimed) = (holds(apart.muted), holds(apart.claimed));
                OpenGlance { deadline: glance.deadline, number: glance.number, muted, claimed }
            })
            .collect();
        open.sort_unstable_by_key(|glance| (glance.deadline, glance.number));
        let last_whole = self.orders.rules.accounts.keys();
        let last_whole = last_whole.map(|name| (name.clone(), self.account(name).and_then(|known| known.last_whole)));
        Glimpses { open, newest: CaseNumber(self.next.case), last_whole: last_whole.collect(), now }
    }
}

/// The same for every attempt, and for every recipient of a mail.
fn id_of((digest, destination): &(DigestName, DestinationName), day: Date) -> MessageId {
    MessageId::of_key(&format!("digest at a set time\n{digest}\n{day}\n{destination}"))
}
