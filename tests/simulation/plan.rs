//! What happens in a course, drawn from its seed: a list of events in the order of time, so that a course can be played
//! again with fewer of them.

use std::fmt;

use jiff::SignedDuration;
use leadtime::demo::world::{Outage, SignInTrouble};

use crate::{
    center::Line,
    death::{Deed, Side},
    readers::Mood,
    settings::HOUSES,
    time::START,
};

/// A course, before it is played.
#[derive(Clone, Debug)]
pub struct Plan {
    pub seed: u64,
    /// Which settings it begins with.
    pub house: usize,
    pub page_size: usize,
    /// Whether the state is in files, of which a power cut leaves what was synced and a draw of the rest.
    pub on_disk: bool,
    /// In the order of time.
    pub events: Vec<Planned>,
    /// When the world heals, in minutes from the start.
    pub heals: i64,
}

/// An event, and when it happens.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its number in the plan as it was drawn.
    pub number: usize,
    /// Minutes from the start.
    pub at: i64,
    pub event: Event,
}

/// What happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// A referral comes that was created so many hours ago and lives so many in all; without, it names no expiry.
    Arrives {
        referral: u32,
        age: i64,
        life: Option<i64>,
        value: u32,
    },
    Value {
        referral: u32,
        value: u32,
    },
    /// Its deadline moves by so many hours.
    Moves {
        referral: u32,
        hours: i64,
    },
    Accepts(u32),
    Declines(u32),
    /// It leaves the list and is still open.
    Received(u32),
    PendingAgain(u32),
    Removed(u32),
    Hidden(u32, bool),
    Garbled(u32, bool),
    RoleLost(bool),
    Outage(Option<Outage>),
    SignIn(Option<SignInTrouble>),
    AccessRevoked,
    Line(Line),
    Mood(&'static str, Mood),
    Crash,
    DiesWith(Deed, u32, Side),
    /// The process is stopped as it should be, and started again so many minutes later.
    Stops(i64),
    /// The process is killed, and started again so many minutes later.
    Down(i64),
    Reloads(usize),
    /// The machine's clock is wrong by so many minutes from now on.
    ClockWrong(i64),
    DiskFull(bool),
    /// The `nth` commit from now fails, once.
    CommitFails(u64),
    /// Whatever was wrong is right again.
    Heals,
}

impl fmt::Display for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = START + SignedDuration::from_mins(self.at);
        write!(f, "{:>3}  {}  {:?}", self.number, at.strftime("%a %d %b %H:%M"), self.event)
    }
}

const DAY: i64 = 24 * 60;
const PLACES: [&str; 6] = ["sellers", "crm", "managers", "ops", "inbox", "chat"];

impl Plan {
    /// The plan of a seed.
    pub fn draw(seed: u64) -> Self {
        let mut chance = fastrand::Rng::with_seed(seed ^ 0x1ead_71e5);
        let days = chance.i64(4..18);
        let house = chance.usize(..HOUSES.len());
        let page_size = chance.usize(1..5);
        let mut events: Vec<(i64, Event)> = Vec::new();
        for referral in 0..chance.u32(1..7) {
            lives(&mut events, &mut chance, referral, days);
        }
        let troubles = chance.u32(..12);
        for _ in 0..troubles {
            goes_wrong(&mut events, &mut chance, days);
        }
        events.retain(|(at, _)| *at < days * DAY);
        events.push((days * DAY, Event::Heals));
        events.sort_by_key(|(at, _)| *at);
        let events = events.into_iter().enumerate();
        let events = events.map(|(number, (at, event))| Planned { number, at, event }).collect();
        Self { seed, house, page_size, on_disk: false, events, heals: days * DAY }
    }

    /// The same with only those events.
    pub fn only(&self, kept: &[usize]) -> Self {
        let stays = |planned: &&Planned| kept.contains(&planned.number) || matches!(planned.event, Event::Heals);
        let events = self.events.iter().filter(stays).cloned().collect();
        Self { events, ..self.clone() }
    }
}

/// A referral comes, and what becomes of it.
fn lives(events: &mut Vec<(i64, Event)>, chance: &mut fastrand::Rng, referral: u32, days: i64) {
    let comes = if chance.u8(..3) == 0 { 0 } else { chance.i64(0..days * DAY) };
    let age = if chance.u8(..3) == 0 { chance.i64(0..13 * 24) } else { 0 };
    let life = match chance.u8(..10) {
        0 => None,
        1 => Some(chance.i64(age + 1..age + 48)),
        2 => Some(chance.i64(24..900).max(age + 1)),
        _ => Some(14 * 24),
    };
    events.push((comes, Event::Arrives { referral, age, life, value: chance.u32(..100) }));
    let later = |chance: &mut fastrand::Rng| comes + 1 + chance.i64(0..days * DAY - comes + 1);
    for _ in 0..chance.u32(..4) {
        let at = later(chance);
        let until = at + chance.i64(1..3 * DAY);
        match chance.u8(..10) {
            0 | 1 => events.push((at, Event::Value { referral, value: chance.u32(..100) })),
            2 | 3 => events.push((at, Event::Moves { referral, hours: chance.i64(-96..96) })),
            4 => events.push((at, Event::Removed(referral))),
            5 => events.extend([(at, Event::Received(referral)), (until, Event::PendingAgain(referral))]),
            6 => events.push((at, Event::Received(referral))),
            7 => events.extend([(at, Event::Hidden(referral, true)), (until, Event::Hidden(referral, false))]),
            8 => events.extend([(at, Event::Garbled(referral, true)), (until, Event::Garbled(referral, false))]),
            _ => events.push((at, Event::PendingAgain(referral))),
        }
    }
    match chance.u8(..4) {
        0 => events.push((later(chance), Event::Accepts(referral))),
        1 => events.push((later(chance), Event::Declines(referral))),
        _ => {}
    }
}

/// Something goes wrong, often for a while.
fn goes_wrong(events: &mut Vec<(i64, Event)>, chance: &mut fastrand::Rng, days: i64) {
    let at = chance.i64(0..days * DAY);
    let long = [5, 60, 600, 3 * DAY][chance.usize(..4)];
    let until = at + chance.i64(1..=long);
    let place = PLACES[chance.usize(..PLACES.len())];
    let side = if chance.bool() { Side::Before } else { Side::After };
    let (begins, ends) = match chance.u8(..14) {
        0 | 1 => (Event::Outage(Some(outage(chance))), Some(Event::Outage(None))),
        2 => (Event::SignIn(Some(sign_in_trouble(chance))), Some(Event::SignIn(None))),
        3 => (Event::Line(line(chance)), Some(Event::Line(Line::Good))),
        4 | 5 => (Event::Mood(place, mood(chance)), Some(Event::Mood(place, Mood::Takes))),
        6 => (Event::Crash, None),
        7 | 8 => {
            let deed = [Deed::Commit, Deed::Commit, Deed::Send, Deed::Send, Deed::Request][chance.usize(..5)];
            let nth = chance.u32(1..20);
            let torn = deed == Deed::Commit && side == Side::Before && nth % 2 == 1;
            (Event::DiesWith(deed, nth, if torn { Side::Within } else { side }), None)
        }
        9 => (Event::Stops(chance.i64(1..=long)), None),
        10 => (Event::Down(chance.i64(1..=long)), None),
        11 => (Event::ClockWrong(chance.i64(-3 * DAY..3 * DAY)), Some(Event::ClockWrong(0))),
        12 => match chance.u8(..3) {
            0 => (Event::RoleLost(true), Some(Event::RoleLost(false))),
            1 => {
                let until = at + chance.i64(1..120);
                events.push((until, Event::DiskFull(false)));
                (Event::DiskFull(true), None)
            }
            _ => (Event::CommitFails(chance.u64(1..20)), None),
        },
        _ => match chance.u8(..2) {
            0 => (Event::AccessRevoked, None),
            _ => (Event::Reloads(chance.usize(..HOUSES.len())), None),
        },
    };
    events.push((at, begins));
    events.extend(ends.map(|ends| (until, ends)));
}

fn outage(chance: &mut fastrand::Rng) -> Outage {
    match chance.u8(..10) {
        0 => Outage::Down { retry_after: None },
        1 => Outage::Down { retry_after: Some(chance.u32(1..4_000)) },
        2 => Outage::Throttled { retry_after: chance.u32(1..4_000) },
        3 => Outage::Slow(std::time::Duration::from_secs(chance.u64(1..100))),
        4 => Outage::LoginPage,
        5 => Outage::Truncated,
        6 => Outage::ConnectionLost,
        7 => Outage::EmptyList,
        8 => Outage::Forbidden,
        _ => Outage::LinkLoop,
    }
}

fn sign_in_trouble(chance: &mut fastrand::Rng) -> SignInTrouble {
    match chance.u8(..4) {
        0 => SignInTrouble::InvalidGrant,
        1 => SignInTrouble::InvalidClient,
        2 => SignInTrouble::Down,
        _ => SignInTrouble::LoginPage,
    }
}

fn line(chance: &mut fastrand::Rng) -> Line {
    match chance.u8(..3) {
        0 => Line::Slow(chance.u32(1..70)),
        1 => Line::Lossy(chance.u32(1..90)),
        _ => Line::Dead,
    }
}

fn mood(chance: &mut fastrand::Rng) -> Mood {
    match chance.u8(..8) {
        0 => Mood::TakesSlowly(chance.u32(1..120)),
        1 => Mood::Later(None),
        2 => Mood::Later(Some(chance.i64(1..7_200))),
        3 => Mood::RefusesMessages,
        4 => Mood::RefusesAll,
        5 => Mood::TakesInSilence,
        6 => Mood::Hangs,
        _ => Mood::Later(None),
    }
}
