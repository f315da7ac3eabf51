//! A course of events: a plan is played with the real service, one life of its process after the other, on one thread and
//! by simulated time. The same plan has the same course.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use leadtime::{
    core::{
        filter::{Filter, Subject},
        ids::DestinationName,
    },
    demo::{
        partner_center::{Registration, router},
        world::{Colleague, World},
    },
    partner_center::Carrier,
    service::{
        prepare::Prepared,
        run::{Mode, Service},
        vitals::Vitals,
    },
    store::{Store, StoreFault},
};
use serde_json::{Value, json};

use crate::{
    center::{Line, Wire},
    chronicle::{Chronicle, What},
    death::Death,
    disk::{Disk, Drive},
    plan::{Event, Plan, Planned},
    promise::rest::{self, Rest},
    readers::{Reader, Readers},
    settings::PREPARED,
    time::{Machine, START, Time},
};

/// After the world has healed, so long passes before the course is judged.
pub const QUIET: i64 = 5 * 24 * 60;

/// Whoever stops a process waits so long, and then kills it.
const STOPS_WITHIN: SignedDuration = SignedDuration::from_secs(10);

/// All that outlives the process.
pub struct Course {
    pub plan: Plan,
    pub time: Arc<Time>,
    pub world: World,
    pub readers: Arc<Readers>,
    pub chronicle: Arc<Chronicle>,
    drive: Arc<Drive>,
    line: Arc<Mutex<Line>>,
    chance: Arc<Mutex<fastrand::Rng>>,
    house: usize,
    lives: u32,
    /// What the last process held in mind at the end.
    pub rest: Rest,
    /// What was seen to break a promise while it happened.
    broken: Vec<String>,
}

/// Why a life ended.
enum End {
    Died,
    /// Stopped as it should be; so many minutes later another begins.
    Stopped(i64),
    Killed(i64),
    /// The course is over.
    Over,
}

/// A life, while it lasts.
struct Life {
    service: Arc<Service>,
    death: Arc<Death>,
}

impl Course {
    pub fn new(plan: Plan) -> Self {
        let time = Time::new();
        let world = world_at(&time);
        world.set_page_size(plan.page_size);
        let readers = Readers::new(time.clone());
        let chronicle = Chronicle::new(time.clone());
        chronicle.note(What::House(plan.house));
        let chance = Arc::new(Mutex::new(fastrand::Rng::with_seed(plan.seed)));
        let drive = Drive::new(plan.seed, plan.on_disk);
        let (line, house) = (Arc::new(Mutex::new(Line::Good)), plan.house);
        Self {
            plan,
            time,
            world,
            readers,
            chronicle,
            drive,
            line,
            chance,
            house,
            lives: 0,
            rest: Rest::default(),
            broken: Vec::new(),
        }
    }

    /// Plays it to its end.
    pub fn play(&mut self) {
        let mut events = self.plan.events.clone();
        events.reverse();
        let over = self.plan.heals + QUIET;
        loop {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let end = runtime.block_on(async {
                let end = self.live(&mut events, over).await;
                self.time.stands();
                end
            });
            drop(runtime);
            self.chronicle.note(What::Ends);
            self.readers.life_ends();
            // What a dead process had not brought to the disk is lost.
            self.drive = self.drive.next_life();
            match end {
                End::Over => return,
                End::Died => self.time.passes(SignedDuration::from_secs(5)),
                End::Stopped(minutes) | End::Killed(minutes) => self.time.passes(SignedDuration::from_mins(minutes)),
            }
        }
    }

    /// How many processes there were.
    pub fn lives(&self) -> u32 {
        self.lives
    }

    /// What broke a promise while it happened.
    pub fn broken(&self) -> Vec<String> {
        [self.broken.clone(), self.readers.broken()].concat()
    }

    /// One life of the process, until an event ends it.
    async fn live(&mut self, events: &mut Vec<Planned>, over: i64) -> End {
        self.time.flows();
        self.lives += 1;
        self.chronicle.note(What::Begins);
        // What draws by itself (pauses between tries) draws the same each time.
        fastrand::seed(self.plan.seed ^ u64::from(self.lives));
        // What happened while nobody was there has happened all the same.
        while let Some(planned) = events.pop_if(|planned| self.instant(planned.at) <= self.time.truth()) {
            self.happens(&planned.event);
        }
        let death = Arc::new(Death::default());
        let started = tokio::select! {
            biased;
            () = death.awaited() => return End::Died,
            started = self.start(&death) => started,
        };
        let service = match started {
            Ok(service) => service,
            // A disk that takes nothing: whoever keeps it running tries again.
            Err(fault) if self.lives < 10_000 => {
                tracing::debug!("no start: {fault}");
                return End::Killed(10);
            }
            Err(fault) => panic!("it never starts: {fault}"),
        };
        self.chronicle.note(What::Ready);
        let life = Life { service, death: death.clone() };
        tokio::select! {
            biased;
            () = death.awaited() => End::Died,
            end = self.lived(&life, events, over) => end,
        }
    }

    async fn lived(&mut self, life: &Life, events: &mut Vec<Planned>, over: i64) -> End {
        loop {
            let next = events.last().map_or(over, |planned| planned.at.min(over));
            self.until(next).await;
            self.ask_whether_it_lives(life).await;
            let Some(planned) = events.pop_if(|planned| planned.at <= next) else {
                if next < over {
                    continue;
                }
                self.rest = rest::of(&life.service).await;
                life.service.stop().await.unwrap_or_else(|fault| self.broken.push(format!("it cannot stop: {fault}")));
                return End::Over;
            };
            if let Some(end) = self.comes(life, &planned.event).await {
                return end;
            }
        }
    }

    async fn until(&self, minute: i64) {
        let left = self.instant(minute).duration_since(self.time.truth());
        tokio::time::sleep(Duration::try_from(left).unwrap_or_default()).await;
    }

    /// A loop that has ended by itself would leave a service that looks alive.
    async fn ask_whether_it_lives(&mut self, life: &Life) {
        if let Ok(ended) = tokio::time::timeout(Duration::from_millis(1), life.service.fails()).await {
            self.broken.push(format!("a loop has ended: {ended:?}"));
        }
    }

    fn instant(&self, minute: i64) -> Timestamp {
        START + SignedDuration::from_mins(minute)
    }

    async fn start(&self, death: &Arc<Death>) -> Result<Arc<Service>, StoreFault> {
        let disk = Disk { drive: self.drive.clone(), death: death.clone(), chronicle: self.chronicle.clone() };
        let mode = Mode { one_thread: true, minds_every: Some(Duration::from_secs(900)), ..Mode::default() };
        let started = Service::start(
            Arc::new(disk) as Arc<dyn Store>,
            self.prepared(death),
            Arc::new(Machine(self.time.clone())),
            mode,
            Arc::new(Vitals::default()),
        );
        started.await.map_err(|fault| match fault {
            leadtime::service::run::ServiceFault::Store(fault) => fault,
        })
    }

    /// The settings of the house, with channels and a Partner Center that need no network.
    fn prepared(&self, death: &Arc<Death>) -> Prepared {
        let mut prepared = PREPARED[self.house].clone();
        let wire: Arc<dyn Carrier> = Arc::new(Wire {
            router: router(self.world.clone(), Registration::default()),
            death: death.clone(),
            line: self.line.clone(),
            chance: self.chance.clone(),
            chronicle: self.chronicle.clone(),
        });
        prepared.partner_center = prepared.partner_center.carried_by(wire);
        for (name, channel) in &mut prepared.channels {
            let (death, readers) = (death.clone(), self.readers.clone());
            *channel = Arc::new(Reader { name: name.clone(), life: self.lives, death, readers });
        }
        prepared
    }

    /// What concerns the process; the rest happens whether or not there is one.
    async fn comes(&mut self, life: &Life, event: &Event) -> Option<End> {
        match event {
            Event::Crash => return Some(End::Killed(0)),
            Event::Down(minutes) => return Some(End::Killed(*minutes)),
            Event::DiesWith(deed, nth, side) => life.death.comes_with(*deed, *nth, *side),
            Event::Stops(minutes) => {
                self.chronicle.note(What::Stopping);
                // A full disk is no reason not to stop.
                let began = self.time.truth();
                life.service.stop().await.ok();
                let took = self.time.truth().duration_since(began);
                if took > STOPS_WITHIN {
                    self.broken.push(format!("it does not stop in time: {took:#} from {began}"));
                }
                return Some(End::Stopped(*minutes));
            }
            Event::Reloads(_) => {
                self.happens(event);
                life.service.reload(self.prepared(&life.death)).await.ok();
            }
            other => self.happens(other),
        }
        None
    }

    /// What happens in the world outside.
    fn happens(&mut self, event: &Event) {
        let world = &self.world;
        match *event {
            Event::Arrives { referral, age, life, value } => {
                let created = self.time.truth() - SignedDuration::from_hours(age);
                let expires = life.map(|hours| created + SignedDuration::from_hours(hours));
                world.add([body(referral, created, expires, value)]).unwrap();
            }
            Event::Value { referral, value } => {
                world.change(&name(referral), "details/dealValue", json!(value)).ok();
            }
            Event::Moves { referral, hours } => {
                let body = world.body(&name(referral)).filter(|body| body["status"] == "New");
                let expires = body.and_then(|body| body["expirationDateTime"].as_str()?.parse::<Timestamp>().ok());
                if let Some(expires) = expires {
                    let moved = (expires + SignedDuration::from_hours(hours)).to_string();
                    world.change(&name(referral), "expirationDateTime", json!(moved)).ok();
                }
            }
            Event::Accepts(referral) => {
                if self.is_new(referral) {
                    self.world.accept(&name(referral), &ANNA).ok();
                }
            }
            Event::Declines(referral) => {
                if self.is_new(referral) {
                    self.world.decline(&name(referral), "no capacity").ok();
                }
            }
            Event::Received(referral) => {
                if self.is_new(referral) {
                    world.change(&name(referral), "substatus", json!("Received")).ok();
                }
            }
            Event::PendingAgain(referral) => {
                let again =
                    |body: &Value| ["Received", "Accepted", "Declined"].iter().any(|was| body["substatus"] == *was);
                if world.body(&name(referral)).is_some_and(|body| again(&body)) {
                    world.change(&name(referral), "status", json!("New")).ok();
                    world.change(&name(referral), "substatus", json!("Pending")).ok();
                }
            }
            Event::Removed(referral) => drop(world.remove(&name(referral))),
            Event::Hidden(referral, hidden) => drop(world.hide(&name(referral), hidden)),
            Event::Garbled(referral, garbled) => world.garble(&name(referral), garbled),
            Event::RoleLost(lost) => world.lose_role(lost),
            Event::Outage(outage) => world.set_outage(outage),
            Event::SignIn(trouble) => world.set_sign_in_trouble(trouble),
            Event::AccessRevoked => world.revoke_access_tokens(),
            Event::Line(line) => *self.line.lock().unwrap() = line,
            Event::Mood(place, mood) => {
                self.chronicle.note(What::Mood(DestinationName::from(place), mood));
                self.readers.mood(&DestinationName::from(place), mood);
            }
            Event::ClockWrong(minutes) => {
                self.chronicle.note(What::Clock(minutes));
                self.time.is_wrong_by(SignedDuration::from_mins(minutes));
            }
            Event::DiskFull(full) => {
                self.chronicle.note(What::DiskFull(full));
                self.drive.is_full(full);
            }
            Event::CommitFails(nth) => self.drive.fails(nth),
            Event::Reloads(house) => {
                self.chronicle.note(What::House(house));
                self.house = house;
            }
            Event::Heals => self.heals(),
            Event::Crash | Event::Down(_) | Event::DiesWith(..) | Event::Stops(_) => {}
        }
    }

    fn heals(&mut self) {
        self.chronicle.note(What::Heals);
        self.world.set_outage(None);
        self.world.set_sign_in_trouble(None);
        self.world.lose_role(false);
        for referral in 0..100 {
            self.world.hide(&name(referral), false).ok();
            self.world.garble(&name(referral), false);
        }
        *self.line.lock().unwrap() = Line::Good;
        self.readers.all_take();
        self.time.is_wrong_by(SignedDuration::ZERO);
        self.drive.heals();
    }

    fn is_new(&self, referral: u32) -> bool {
        self.world.body(&name(referral)).is_some_and(|body| body["status"] == "New")
    }
}

pub const ANNA: Colleague = Colleague { first: "Anna", last: "Kovács", email: "anna@contoso.com" };

/// The id of a referral; its first eight characters are in every message about it.
pub fn name(referral: u32) -> String {
    format!("ref-{referral:04}")
}

pub fn body(referral: u32, created: Timestamp, expires: Option<Timestamp>, value: u32) -> Value {
    json!({
        "id": name(referral), "type": "Shared", "direction": "Incoming", "status": "New", "substatus": "Pending",
        "createdDateTime": created.to_string(), "expirationDateTime": expires.map(|at| at.to_string()),
        "customerProfile": {"name": format!("Customer {referral}"), "address": {"country": "HU"}},
        "details": {"dealValue": value, "currency": "EUR"},
    })
}

/// An empty Partner Center that reads `$filter` as leadtime does.
pub fn world_at(time: &Arc<Time>) -> World {
    let now = time.clone();
    World::new(Arc::new(move || now.truth()), Arc::new(read_filter))
}

fn read_filter(text: &str) -> Result<leadtime::demo::world::Predicate, String> {
    let filter = Filter::parse(text).map_err(|fault| fault.to_string())?;
    Ok(Box::new(move |body: &_| filter.matches(Subject { body, extra: &[] })))
}
