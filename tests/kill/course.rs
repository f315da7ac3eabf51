//! One run: referrals come while the process is killed and started again, so many times; then it is left in peace until
//! everything was told. The draws follow from the seed; what the machine makes of them does not.

use std::{
    io::{IsTerminal as _, Write as _},
    os::unix::process::ExitStatusExt as _,
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use leadtime::service::clock::{Clock as _, RealClock};

use crate::{child::Stage, ledger::Exchange, partner::FIRST_TOKEN, snare::Moment, world::World};

/// A life that is not cut short by what it does is cut short after so long, at most. A build for tests takes longer to
/// come to anything.
const LONGEST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 2_500 } else { 1_500 });
/// The last life has so long to tell everything.
const PEACE: Duration = Duration::from_secs(120);
/// A process that is told to end has so long.
const FAREWELL: Duration = Duration::from_secs(20);

/// What one run is to be.
#[derive(Clone, Debug)]
pub struct Course {
    pub destinations: Vec<&'static str>,
    pub messages: u32,
    pub kills: u32,
    pub seed: u64,
    /// Whether messages that are ready together become one.
    pub digests: bool,
}

/// What came of it.
pub struct Outcome {
    pub exchanges: Vec<Exchange>,
    /// When each life was ended, the first first. The last one has none.
    pub kills: Vec<Instant>,
    pub polls: u32,
    pub rotations: u32,
    pub took: Duration,
    /// What else was not as promised.
    pub wrong: Vec<String>,
}

impl Course {
    /// Runs it.
    pub fn run(&self) -> Outcome {
        let began = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let world = World::start(self, RealClock.now());
        let stage = Stage::new(folder.path(), &self.settings(&world));
        let mut dice = Rng::with_seed(self.seed);
        let mut kills = Vec::new();
        let mut wrong = Vec::new();
        for life in 1..=self.kills {
            self.show(life);
            world.begins_life(life);
            world.shared.partner().comes_to(life, self.kills + 1);
            let leadtime = stage.leadtime(&["run"]);
            let (at, limit) = ending(&mut dice);
            let heard = world.shared.snare.set(life, leadtime.process(), at);
            let killed = heard.recv_timeout(limit).ok().unwrap_or_else(|| {
                world.shared.snare.spring();
                heard.recv().unwrap()
            });
            kills.push(killed);
            let status = leadtime.ended(FAREWELL);
            if status.is_none_or(|status| status.signal() != Some(9)) {
                wrong.push(format!("life {life} ended by itself, {status:?}:\n{}", stage.end_of_log()));
                break;
            }
        }
        self.last_lives(&world, &stage, &mut wrong);
        let partner = world.shared.partner();
        if partner.refused > 0 {
            wrong.push(format!("the sign-in was refused {} times", partner.refused));
        }
        Outcome {
            exchanges: world.shared.ledger().exchanges().to_vec(),
            kills,
            polls: partner.polls,
            rotations: partner.rotations,
            took: began.elapsed(),
            wrong,
        }
    }

    /// One life in peace until all is told, one more that has nothing left to tell.
    fn last_lives(&self, world: &World, stage: &Stage, wrong: &mut Vec<String>) {
        let life = self.kills + 1;
        let last = self.last_life(world, stage, life);
        wrong.extend(last);
        let before = world.shared.ledger().exchanges().len();
        world.begins_life(life + 1);
        let status = stage.leadtime(&["run", "--once"]).ended(PEACE);
        if status.is_none_or(|status| !status.success()) {
            wrong.push(format!("run --once after all of it: {status:?}:\n{}", stage.end_of_log()));
        }
        let after = world.shared.ledger().exchanges().len();
        if after > before {
            wrong.push(format!("{} messages more after all was told", after - before));
        }
    }

    fn last_life(&self, world: &World, stage: &Stage, life: u32) -> Option<String> {
        world.begins_life(life);
        world.shared.partner().comes_to(1, 1);
        let leadtime = stage.leadtime(&["run"]);
        let (began, polls) = (Instant::now(), world.shared.partner().polls);
        loop {
            // The second listing shows that the first was kept.
            let polled = world.shared.partner().polls >= polls + 2;
            if polled && world.shared.ledger().has_all(self.messages, &self.destinations, life) {
                break;
            }
            if began.elapsed() > PEACE {
                return Some(format!("not all was told {PEACE:?} after the last kill:\n{}", stage.end_of_log()));
            }
            thread::sleep(Duration::from_millis(20));
        }
        let status = leadtime.stopped(FAREWELL);
        let well = status.is_some_and(|status| status.success());
        (!well).then(|| format!("the last life did not end well, {status:?}:\n{}", stage.end_of_log()))
    }

    fn show(&self, life: u32) {
        let mut stderr = std::io::stderr();
        if stderr.is_terminal() {
            let end = if life == self.kills { "\r\x1b[K" } else { "" };
            write!(stderr, "\r{}: kill {life} of {} {end}", self.name(), self.kills).ok();
        }
    }

    /// How a table names it.
    pub fn name(&self) -> String {
        let channels = if self.destinations.len() > 1 { "together" } else { self.destinations[0] };
        format!("{channels}{}", if self.digests { ", digests" } else { "" })
    }

    /// One rule tells each referral once; paces and digests are as the channels' own, or off.
    fn settings(&self, world: &World) -> String {
        let (http, smtp) = (world.http, world.smtp);
        let names: Vec<String> = self.destinations.iter().map(|name| format!("{name:?}")).collect();
        let digests = if self.digests { "digest_above = 5" } else { "digest_above = 1000000" };
        let destination = |name: &&str| match *name {
            // No pace: 64 at once. With one: 4 at once.
            "webhook" if self.digests => {
                format!(r#"{{ type = "webhook", url = "http://{http}/to/webhook", {digests} }}"#)
            }
            "webhook" => format!(r#"{{ type = "webhook", url = "http://{http}/to/webhook" }}"#),
            "email" => format!(r#"{{ type = "email", to = ["desk@contoso.example"], rate = "100/s", {digests} }}"#),
            "slack" => {
                format!(r#"{{ type = "slack", webhook_url = "http://{http}/to/slack", rate = "100/s", {digests} }}"#)
            }
            other => {
                format!(r#"{{ type = "{other}", webhook_url = "http://{http}/to/{other}", rate = "none", {digests} }}"#)
            }
        };
        let destinations: Vec<String> = self
            .destinations
            .iter()
            .map(|name| format!("{name} = {}", destination(name).replace(" }", r#", hours = "always" }"#)))
            .collect();
        format!(
            r#"time_zone = "UTC"
notify = [{names}]
[ops]
notify = ["ops"]
[state]
path = "state"
[web]
listen = ""
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
from = "Leadtime <leadtime@contoso.example>"
[accounts.contoso]
tenant_id = "contoso.example"
client_id = "leadtime"
refresh_token = "{FIRST_TOKEN}"
base_url = "http://{http}/v1.0"
token_url = "http://{http}/token"
poll_every = "1s"
[destinations]
ops = {{ type = "webhook", url = "http://{http}/to/ops" }}
{destinations}
[[rules]]
name = "told once"
steps = [{{ on = "new" }}]
"#,
            names = names.join(", "),
            port = smtp.port(),
            destinations = destinations.join("\n"),
        )
    }
}

/// How a life ends: half of them by the clock, the others when something has just happened, which a clock rarely hits.
fn ending(dice: &mut Rng) -> (Option<(Moment, u32)>, Duration) {
    if dice.bool() {
        return (None, LONGEST.mul_f64(dice.f64()));
    }
    let (moment, most) = match dice.u8(0..8) {
        0 => (Moment::TokenAsked, 2),
        1 => (Moment::TokenAnswered, 2),
        2 => (Moment::PageAnswered, 8),
        3 => (Moment::MessageBegun, 12),
        4 | 5 => (Moment::MessageReceived, 12),
        _ => (Moment::MessageAnswered, 12),
    };
    (Some((moment, dice.u32(1..=most))), LONGEST * 2)
}
