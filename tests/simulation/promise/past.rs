//! A course, looked back upon: when the process was well enough to keep a promise, and what it could know of each
//! referral. Made of the chronicle alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::houses::Terms;
use crate::{
    chronicle::{Item, Note, Reading, What},
    readers::Mood,
};

/// A reading is kept by then, if nothing came between.
const KEPT_WITHIN: SignedDuration = SignedDuration::from_secs(60);
/// After a start or a change of settings everything goes on by then.
const SETTLES_WITHIN: SignedDuration = SignedDuration::from_mins(2);
/// Where a referral names no expiry, it lives so long.
const LIFE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stretch {
    pub from: Timestamp,
    pub to: Timestamp,
}

/// What one answer said of a referral.
#[derive(Clone, Debug)]
pub struct Sight {
    pub at: Timestamp,
    pub seen: Seen,
    /// Whether the process was well enough to keep it.
    pub sure: bool,
}

/// As what it was seen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    Open(Item),
    /// With the substatus that it had then.
    Closed(String),
    NotFound,
}

/// A stretch in which a referral was known to be open, with the same terms.
#[derive(Clone, Debug)]
pub struct Known {
    pub during: Stretch,
    pub terms: Terms,
    /// The deadline that counts, and since when it does: one that moves by less than a day re-arms nothing.
    pub armed: Timestamp,
    pub armed_since: Timestamp,
}

/// All of it.
pub struct Past {
    pub notes: Vec<Note>,
    pub over: Timestamp,
    /// What was read of each referral.
    pub sights: BTreeMap<String, Vec<Sight>>,
    /// When any referral was listed, or read as open: the proof that the account sees.
    proofs: Vec<Timestamp>,
}

impl Past {
    pub fn of(notes: Vec<Note>, over: Timestamp) -> Self {
        let mut past = Self { notes, over, sights: BTreeMap::new(), proofs: Vec::new() };
        past.look_back();
        past
    }

    fn look_back(&mut self) {
        let well =
            self.stretches(|state| state.alive && state.disk_takes && state.clock_is_right, SignedDuration::ZERO);
        let mut sights: BTreeMap<String, Vec<Sight>> = BTreeMap::new();
        for note in &self.notes {
            let What::Read(reading) = &note.what else { continue };
            let (items, missing): (&[Item], Option<&String>) = match reading {
                Reading::Page(items) => (items, None),
                Reading::One(item) => (std::slice::from_ref(item), None),
                Reading::NotFound(id) => (&[], Some(id)),
                Reading::Nothing => (&[], None),
            };
            let at = note.at;
            let sure = well.iter().any(|well| well.from <= at && at + KEPT_WITHIN <= well.to);
            for item in items {
                let seen = match item.status.as_str() {
                    "New" => Seen::Open(item.clone()),
                    _ => Seen::Closed(item.substatus.clone()),
                };
                // Whatever a listing holds shows that the account sees.
                if matches!(seen, Seen::Open(_)) || matches!(reading, Reading::Page(_)) {
                    self.proofs.push(at);
                }
                sights.entry(item.referral.clone()).or_default().push(Sight { at, seen, sure });
            }
            if let Some(id) = missing {
                sights.entry(id.clone()).or_default().push(Sight { at, seen: Seen::NotFound, sure });
            }
        }
        self.sights = sights;
    }

    pub fn referrals(&self) -> BTreeSet<String> {
        self.sights.keys().cloned().collect()
    }

    /// Stretches in which a house was in force and the process lived, its clock was right and its disk took everything.
    pub fn steady(&self, house: usize) -> Vec<Stretch> {
        let steady = |state: &State| state.is_well() && state.house == house;
        self.stretches(steady, SETTLES_WITHIN)
    }

    /// Those of them in which a destination took what it was given at once, and did not ask for a pause any more.
    pub fn steady_and_takes(&self, house: usize, place: &str) -> Vec<Stretch> {
        self.stretches(|state| state.is_well() && state.house == house && state.takes(place), SETTLES_WITHIN)
    }

    /// Stretches in which something held, from so long after it began.
    fn stretches(&self, holds: impl Fn(&State) -> bool, after: SignedDuration) -> Vec<Stretch> {
        let mut state = State::default();
        let mut stretches = Vec::new();
        let mut since: Option<Timestamp> = None;
        let mut add = |from: Timestamp, to: Timestamp| {
            if from + after < to {
                stretches.push(Stretch { from: from + after, to });
            }
        };
        for note in &self.notes {
            let breaks = state.turns_to(note);
            let held = holds(&state);
            let from = state.pauses_until.max(note.at);
            match since {
                Some(begun) if breaks || !held => {
                    add(begun, note.at);
                    since = held.then_some(from);
                }
                None if held => since = Some(from),
                _ => {}
            }
        }
        if let Some(begun) = since {
            add(begun, self.over);
        }
        stretches
    }

    /// When a referral was surely known to be open, and with which terms.
    pub fn known(&self, referral: &str) -> Vec<Known> {
        let mut known = Vec::new();
        let mut now: Option<Known> = None;
        let mut armed: Option<(Timestamp, Timestamp)> = None;
        let mut deadline: Option<Timestamp> = None;
        let mut missing_since: Option<Timestamp> = None;
        for sight in self.sights.get(referral).into_iter().flatten() {
            let end = |now: &mut Option<Known>, known: &mut Vec<Known>| {
                known.extend(now.take().map(|mut now| {
                    now.during.to = sight.at;
                    now
                }));
            };
            match &sight.seen {
                Seen::Closed(_) => end(&mut now, &mut known),
                Seen::NotFound => match missing_since {
                    Some(since) if sight.at >= since + SignedDuration::from_hours(1) && self.sees(since, sight.at) => {
                        // It may be gone.
                        end(&mut now, &mut known);
                    }
                    Some(_) => {}
                    None => missing_since = Some(sight.at),
                },
                Seen::Open(item) => {
                    missing_since = None;
                    deadline = item.expires.or(deadline);
                    let terms = terms_of(item, deadline);
                    if now.as_ref().is_some_and(|now| now.terms == terms) {
                        continue;
                    }
                    end(&mut now, &mut known);
                    let far =
                        |armed: Timestamp| armed.duration_since(terms.deadline).abs() >= SignedDuration::from_hours(24);
                    let (armed, armed_since) = match armed {
                        Some(before) if !far(before.0) => before,
                        _ => *armed.insert((terms.deadline, sight.at)),
                    };
                    // One that may not have been kept is known for sure when it is read the next time.
                    now = sight.sure.then(|| Known {
                        during: Stretch { from: sight.at + KEPT_WITHIN, to: self.over },
                        terms,
                        armed,
                        armed_since,
                    });
                }
            }
        }
        known.extend(now);
        known
    }

    /// The deadline that counted for a referral at that instant, where it is beyond doubt.
    pub fn armed_at(&self, referral: &str, at: Timestamp) -> Option<Timestamp> {
        let known = self.known(referral);
        known.iter().find(|known| known.during.from <= at && at <= known.during.to).map(|known| known.armed)
    }

    /// Whether there was such a proof between.
    fn sees(&self, from: Timestamp, to: Timestamp) -> bool {
        self.proofs.iter().any(|at| from <= *at && *at <= to)
    }

    /// The sight of a referral's end that had surely been kept so long before that instant, unless it was read as open since.
    pub fn closed_before(&self, referral: &str, at: Timestamp, so_long: SignedDuration) -> Option<&Sight> {
        let mut closed = None;
        for sight in self.sights.get(referral)?.iter().take_while(|sight| sight.at <= at) {
            match sight.seen {
                Seen::Closed(_) if sight.sure && closed.is_none() => closed = Some(sight),
                Seen::Open(_) => closed = None,
                _ => {}
            }
        }
        closed.filter(|closed| closed.at + so_long < at)
    }

    /// When the end that stands at that instant was read for the first time, kept or not.
    pub fn first_read_as_closed(&self, referral: &str, at: Timestamp) -> Timestamp {
        let mut first = at;
        let sights = self.sights.get(referral).into_iter().flatten().filter(|sight| sight.at <= at);
        for sight in sights.rev() {
            match sight.seen {
                Seen::Closed(_) => first = sight.at,
                Seen::Open(_) => break,
                Seen::NotFound => {}
            }
        }
        first
    }

    /// Which house was in force at that instant.
    pub fn house_at(&self, at: Timestamp) -> usize {
        let houses = self.notes.iter().take_while(|note| note.at <= at);
        houses.fold(0, |house, note| if let What::House(other) = note.what { other } else { house })
    }
}

fn terms_of(item: &Item, deadline: Option<Timestamp>) -> Terms {
    let day = 24 * 60 * 60;
    let estimate = (item.created + LIFE).as_second();
    let estimate = Timestamp::from_second(estimate - estimate.rem_euclid(day)).unwrap();
    Terms { created: item.created, deadline: deadline.unwrap_or(estimate), value: item.value }
}

/// How things stand, while the chronicle is read.
struct State {
    alive: bool,
    disk_takes: bool,
    clock_is_right: bool,
    house: usize,
    moods: BTreeMap<String, Mood>,
    /// A destination may have asked for a pause until then.
    pauses_until: Timestamp,
}

impl Default for State {
    fn default() -> Self {
        Self {
            alive: false,
            disk_takes: true,
            clock_is_right: true,
            house: 0,
            moods: BTreeMap::new(),
            pauses_until: Timestamp::MIN,
        }
    }
}

impl State {
    fn is_well(&self) -> bool {
        self.alive && self.disk_takes && self.clock_is_right
    }

    fn takes(&self, place: &str) -> bool {
        self.moods.get(place).is_none_or(|mood| *mood == Mood::Takes)
    }

    /// Takes note; says whether it breaks what held, though it may hold again at once.
    fn turns_to(&mut self, note: &Note) -> bool {
        match &note.what {
            What::Ready => self.alive = true,
            What::Begins | What::Stopping | What::Ends => self.alive = false,
            What::House(house) => {
                self.house = *house;
                return true;
            }
            What::Mood(place, mood) => {
                let before = self.moods.insert(place.as_str().to_owned(), *mood);
                if let Some(Mood::Later(Some(seconds))) = before {
                    self.pauses_until = self.pauses_until.max(note.at + SignedDuration::from_secs(seconds));
                }
            }
            What::Clock(minutes) => self.clock_is_right = *minutes == 0,
            What::DiskFull(full) => self.disk_takes = !full,
            What::NotCommitted => return true,
            What::Heals => {
                for (_, mood) in std::mem::take(&mut self.moods) {
                    if let Mood::Later(Some(seconds)) = mood {
                        self.pauses_until = self.pauses_until.max(note.at + SignedDuration::from_secs(seconds));
                    }
                }
                self.clock_is_right = true;
                self.disk_takes = true;
            }
            _ => {}
        }
        false
    }
}
