//! One run: referrals come while the process is killed and started again, so many times; then it is left in peace until
//! everything was told. The draws follow from the seed; what the machine makes of them does not.

use std::{
    collections::BTreeMap,
    io::{IsTerminal as _, Write as _},
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    sync::mpsc::Receiver,
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use leadtime::{
    service::clock::{Clock as _, RealClock},
    store::is_held,
};
use serde_json::json;

use crate::{
    child::{Leadtime, Stage},
    disk::Disk,
    exchange::Exchange,
    settings::settings,
    snare::Moment,
    world::World,
};

/// A life that is not cut short by what it does is cut short so long after it can be heard of, at most.
const LONGEST: Duration = Duration::from_millis(1_500);
/// The last life has so long to tell everything: a message in whose attempts the process has died again and again waits up
/// to a quarter of an hour.
const PEACE: Duration = Duration::from_secs(1_200);
/// A process that is told to end, and a command, has so long.
const FAREWELL: Duration = Duration::from_secs(20);

/// What one run is to be.
#[derive(Clone, Debug, Default)]
pub struct Course {
    pub destinations: Vec<&'static str>,
    pub messages: u32,
    pub kills: u32,
    pub seed: u64,
    /// Whether messages that are ready together become one.
    pub digests: bool,
    /// Whether a second process stands by all the time, and a third asks them questions.
    pub standby: bool,
    /// A small disk for the state, which fills now and then.
    pub disk: Option<PathBuf>,
}

/// What came of it.
pub struct Outcome {
    pub exchanges: Vec<Exchange>,
    /// When each life was ended, the first first. The last one has none.
    pub kills: Vec<Instant>,
    /// When the process of each life was first heard of.
    pub heard: BTreeMap<u32, Instant>,
    pub polls: u32,
    pub rotations: u32,
    pub took: Duration,
    /// What else was not as promised.
    pub wrong: Vec<String>,
}

impl Outcome {
    /// The longest time from a kill to the first word of the next process, of those that had the time to say one.
    pub fn longest_silence(&self) -> Duration {
        let lives = self.kills.iter().zip(2..);
        let silences = lives.filter_map(|(kill, next)| Some(self.heard.get(&next)?.duration_since(*kill)));
        silences.max().unwrap_or_default()
    }
}

/// A run under way.
struct Run<'a> {
    course: &'a Course,
    world: World,
    stage: Stage,
    state: PathBuf,
    disk: Option<Disk>,
    dice: Rng,
    kills: Vec<Instant>,
    /// How long a process takes, on this machine as busy as it is now, to be heard of.
    start: Duration,
    wrong: Vec<String>,
}

impl Course {
    /// Runs it.
    pub fn run(&self) -> Outcome {
        let began = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let state = self.disk.as_ref().map_or_else(|| folder.path().join("state"), |disk| disk.join("state"));
        let mut run = Run {
            course: self,
            world: World::start(self, RealClock.now()),
            stage: Stage::new(folder.path()),
            state,
            disk: self.disk.as_deref().map(Disk::new),
            dice: Rng::with_seed(self.seed),
            kills: Vec::new(),
            start: Duration::ZERO,
            wrong: Vec::new(),
        };
        let last = run.many_lives();
        run.last_life(last);
        run.afterlife();
        if self.disk.is_some() {
            std::fs::remove_dir_all(&run.state).ok();
        }
        let partner = run.world.shared.partner();
        if !partner.refused.is_empty() {
            run.wrong.push(format!("the sign-in was refused in lives {:?}", partner.refused));
        }
        Outcome {
            exchanges: run.world.shared.ledger().exchanges().to_vec(),
            kills: run.kills,
            heard: run.world.shared.heard(),
            polls: partner.polls,
            rotations: partner.rotations,
            took: began.elapsed(),
            wrong: run.wrong,
        }
    }

    /// How a table names it.
    pub fn name(&self) -> String {
        let channels = if self.destinations.len() > 1 { "together" } else { self.destinations[0] };
        let how = [(self.digests, ", digests"), (self.standby, ", standby"), (self.disk.is_some(), ", full disk")];
        how.iter().filter(|(is_so, _)| *is_so).fold(channels.to_owned(), |name, (_, how)| name + how)
    }
}

impl Run<'_> {
    /// One life after another, each ended by a kill. What stands by for the last one, if anything does.
    fn many_lives(&mut self) -> Option<Leadtime> {
        let (lives, standby) = (self.course.kills, self.course.standby);
        let mut next = None;
        for life in 1..=lives {
            self.course.show(life);
            self.world.shared.partner().comes_to(life, lives + 1);
            let leadtime = next.take().unwrap_or_else(|| self.starts(life));
            let (at, limit) = ending(&mut self.dice, self.start + LONGEST);
            let began = Instant::now();
            let heard = self.world.shared.snare.set(life, leadtime.process(), at);
            if standby {
                next = self.stands_by(life, began + limit);
            }
            let killed = self.lives(&heard, began + limit);
            self.kills.push(killed);
            if let Some(heard) = self.world.shared.heard().get(&life) {
                self.start = heard.saturating_duration_since(began);
            }
            let status = leadtime.ended(FAREWELL);
            let was_killed = status.is_some_and(|status| status.signal() == Some(9));
            if !was_killed && !self.had_no_room(status.and_then(|status| status.code())) {
                self.wrong.push(format!("life {life} ended by itself, {status:?}:\n{}", self.stage.end_of_log()));
                break;
            }
        }
        next
    }

    fn starts(&self, life: u32) -> Leadtime {
        let settings = settings(self.course, &self.state, self.world.opens(life));
        self.stage.leadtime(life, &settings, &["run"])
    }

    /// Who cannot write ends with 1 and says why.
    fn had_no_room(&self, code: Option<i32>) -> bool {
        self.disk.is_some() && code == Some(1) && self.stage.end_of_log().contains("no room on the disk")
    }

    /// Starts the next process while this one has the state, and asks a question of this one.
    fn stands_by(&mut self, life: u32, end: Instant) -> Option<Leadtime> {
        // Before, it would be the faster of the two.
        while !is_held(&self.state) {
            if Instant::now() > end {
                return None;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let next = self.starts(life + 1);
        let command = self.stage.beside(life, &["outbox", "list", "--json"]);
        if command.ended(FAREWELL).and_then(|status| status.code()).is_none_or(|code| code > 1) {
            self.wrong.push(format!("a command beside life {life} did not end well:\n{}", self.stage.end_of_log()));
        }
        Some(next)
    }

    /// Returns when it was killed: at its moment, or at the `end`.
    fn lives(&mut self, heard: &Receiver<Instant>, end: Instant) -> Instant {
        let left = || end.saturating_duration_since(Instant::now());
        if let Some(disk) = &mut self.disk
            && let Some(after) = Disk::turns(&mut self.dice, left())
        {
            let sprung = heard.recv_timeout(after);
            disk.turn(&mut self.dice);
            if let Ok(killed) = sprung {
                return killed;
            }
        }
        heard.recv_timeout(left()).unwrap_or_else(|_| {
            self.world.shared.snare.spring();
            heard.recv().unwrap()
        })
    }

    /// One life in peace until all is told.
    fn last_life(&mut self, standby: Option<Leadtime>) {
        let life = self.course.kills + 1;
        if let Some(disk) = &mut self.disk {
            disk.free();
        }
        self.world.shared.partner().comes_to(1, 1);
        let leadtime = standby.unwrap_or_else(|| self.starts(life));
        let began = Instant::now();
        while !self.all_is_told(life) && began.elapsed() < PEACE {
            thread::sleep(Duration::from_millis(200));
        }
        if began.elapsed() >= PEACE {
            self.wrong.push(format!("not all was told {PEACE:?} after the last kill:\n{}", self.stage.end_of_log()));
        }
        let status = leadtime.stopped(FAREWELL);
        if !status.is_some_and(|status| status.success()) {
            self.wrong.push(format!("the last life did not end well, {status:?}:\n{}", self.stage.end_of_log()));
        }
    }

    /// Whether every referral is told everywhere, and nothing waits to be told again.
    fn all_is_told(&self, life: u32) -> bool {
        self.world.shared.ledger().has_all(self.course.messages, &self.course.destinations, life)
            && self.stage.told(life, &["outbox", "list", "--json"]).is_some_and(|list| list["waiting"] == json!([]))
    }

    /// One more, which has nothing left to tell.
    fn afterlife(&mut self) {
        let life = self.course.kills + 2;
        let settings = settings(self.course, &self.state, self.world.opens(life));
        let before = self.world.shared.ledger().exchanges().len();
        let status = self.stage.leadtime(life, &settings, &["run", "--once"]).ended(PEACE);
        if !status.is_some_and(|status| status.success()) {
            self.wrong.push(format!("run --once after all of it: {status:?}:\n{}", self.stage.end_of_log()));
        }
        let after = self.world.shared.ledger().exchanges().len();
        if after > before {
            self.wrong.push(format!("{} messages more after all was told", after - before));
        }
    }
}

impl Course {
    fn show(&self, life: u32) {
        let mut stderr = std::io::stderr();
        if stderr.is_terminal() {
            let end = if life == self.kills { "\r\x1b[K" } else { "" };
            write!(stderr, "\r{}: kill {life} of {} {end}", self.name(), self.kills).ok();
        }
    }
}

/// How a life ends: half of them by the clock, the others when something has just happened, which a clock rarely hits.
fn ending(dice: &mut Rng, longest: Duration) -> (Option<(Moment, u32)>, Duration) {
    if dice.bool() {
        return (None, longest.mul_f64(dice.f64()));
    }
    let (moment, most) = match dice.u8(0..8) {
        0 => (Moment::TokenAsked, 2),
        1 => (Moment::TokenAnswered, 2),
        2 => (Moment::PageAnswered, 8),
        3 => (Moment::MessageBegun, 12),
        4 | 5 => (Moment::MessageReceived, 12),
        _ => (Moment::MessageAnswered, 12),
    };
    (Some((moment, dice.u32(1..=most))), longest * 2)
}
