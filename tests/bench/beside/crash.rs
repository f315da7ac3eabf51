//! What a side loses and repeats when it is killed in the middle of its work, and what it still knows after a restart.

use std::{thread, time::Duration};

use super::{
    sides::{Setup, Side},
    sinks::Channel,
    world::{Fate, World},
};

/// After the last arrival so long is waited for repeats.
const QUIET: Duration = Duration::from_secs(4);
const STUCK: Duration = Duration::from_secs(60);
/// Messages that wait through a restart.
pub const WAITING: usize = 100;

pub struct Killed {
    pub fate: Fate,
    /// From the restart to the last arrival.
    pub again: Duration,
}

/// `kill -9` once `share` of so many Slack messages have arrived and all of them are known to the side, which is started
/// again at once. Then it is told of them again, as its source does in time, or its source is silent from the kill on.
pub fn killed(side: Side, count: usize, share: f64, told_again: bool) -> Killed {
    let world = World::start();
    let setup = Setup::new(side, Channel::Slack, &world);
    let (process, _) = setup.start(&world);
    setup.tell(&world, count);
    #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "a share of a small count")]
    let enough = (count as f64 * share) as usize;
    assert!(world.until_arrived(enough, STUCK), "{} stops at {}", side.name(), world.arrived());
    process.kill();
    world.source.falls_silent(!told_again);
    let (process, _) = setup.start(&world);
    if told_again && side == Side::Alertmanager {
        setup.tell(&world, count);
    }
    world.until_arrived(count, side.patience());
    world.until_quiet(QUIET);
    let again = world.last().map_or(Duration::ZERO, |last| last.saturating_duration_since(process.began));
    process.stop();
    Killed { fate: world.fate(count), again }
}

pub struct Remains {
    /// Of the messages that waited, so many arrive after all.
    pub arrived: usize,
    /// So many referrals it knows, before anybody tells it of them.
    pub known: usize,
}

/// A hundred messages wait because Slack takes none; the side is stopped as is proper and started again; Slack takes
/// messages again, and the source is silent.
pub fn restarted(side: Side) -> Remains {
    let world = World::start();
    world.sinks.refuse(true);
    let setup = Setup::new(side, Channel::Slack, &world);
    let (process, _) = setup.start(&world);
    setup.tell(&world, WAITING);
    thread::sleep(Duration::from_secs(2));
    process.stop();
    world.source.falls_silent(true);
    world.sinks.refuse(false);
    let (process, _) = setup.start(&world);
    let known = setup.knows(&world);
    world.until_arrived(WAITING, side.patience());
    process.stop();
    Remains { arrived: world.arrived(), known }
}
