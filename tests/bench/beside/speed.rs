//! How long a side takes to begin, what it holds at rest, and what messages cost it.

use std::{thread, time::Duration};

use super::{
    sides::{Setup, Side},
    sinks::Channel,
    world::World,
};

/// The work that follows a message's arrival (a result kept) has come to its end so long after the last one.
const SETTLES: Duration = Duration::from_millis(300);
/// Memory is looked at after so long without work.
const RESTS: Duration = Duration::from_secs(5);
/// Nothing arrives for so long: then something is wrong.
const STUCK: Duration = Duration::from_secs(60);

pub struct Rest {
    pub ready: Duration,
    /// In KiB.
    pub resident: u64,
    pub private: u64,
}

/// Started, told of a hundred referrals, and left alone.
pub fn at_rest(side: Side) -> Rest {
    let world = World::start();
    let setup = Setup::new(side, Channel::Webhook, &world);
    let (process, ready) = setup.start(&world);
    setup.tell(&world, 100);
    assert!(world.until_arrived(100, STUCK), "{} tells of nothing: {}", side.name(), process.log());
    thread::sleep(RESTS);
    let memory = process.memory();
    process.stop();
    Rest { ready, resident: memory.resident, private: memory.private }
}

pub struct Cost {
    /// From the instant at which it was first told of one to the arrival of the last.
    pub wall: Duration,
    /// In seconds, the side's own.
    pub cpu: f64,
    pub peak_kib: u64,
}

/// So many messages on one channel, whose every answer takes `pause`.
pub fn messages(side: Side, channel: Channel, count: usize, pause: Duration) -> Cost {
    let world = World::start();
    world.sinks.answer_after(pause);
    let setup = Setup::new(side, channel, &world);
    let (process, _) = setup.start(&world);
    thread::sleep(SETTLES);
    let before = process.cpu();
    let began = setup.tell(&world, count);
    assert!(world.until_arrived(count, STUCK), "{} stops at {}: {}", side.name(), world.arrived(), process.log());
    let wall = world.last().unwrap().duration_since(began);
    thread::sleep(SETTLES);
    let (cpu, memory) = (process.cpu() - before, process.memory());
    process.stop();
    assert_eq!(world.fate(count).repeated, 0, "{} repeats without need", side.name());
    Cost { wall, cpu, peak_kib: memory.peak }
}
