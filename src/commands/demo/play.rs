//! The story, played: what happens in the world, what arrives in the sinks, and in the middle a kill, all told as it
//! happens; then the reckoning.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::broadcast::{Receiver, error::RecvError},
};

use super::{
    Args,
    child::{Orders, Running},
    reckoning::{self, Ledger},
    scene::{Folder, Scene, page_url},
    terminal::{Terminal, Tone},
};
use crate::{
    commands::{DONE, FAILED},
    demo::{
        inbox::{Medium, Received, Stage},
        partner_center::{BASE_PATH, FIRST_REFRESH_TOKEN, Registration},
        plot::{self, Act, Event, Story},
    },
    service::clock::{Clock, FastClock, RealClock},
};

/// The simulated clock stands for so long while the service starts.
const OVERTURE: SignedDuration = SignedDuration::from_millis(700);
/// Polls are so far apart by the real clock, where that lies within these bounds by the simulated one.
const POLLS_APART: f64 = 0.1;
const POLL_EVERY_MINUTES: (f64, f64) = (5.0, 60.0);
/// The kill comes so long after its hour, though nothing arrives.
const KILL_PATIENCE: SignedDuration = SignedDuration::from_hours(3);
/// How often it is asked whether a service that was started again lives.
const LIVES: SignedDuration = SignedDuration::from_mins(10);

/// Plays it; the exit code.
pub async fn run(args: &Args) -> anyhow::Result<u8> {
    let mut stop = Stop::new()?;
    let mut folder = Folder::make()?;
    let mut play = Play::begin(args, &folder).await?;
    let played = tokio::select! {
        played = play.play() => played.map(|()| true),
        () = stop.comes() => Ok(false),
    };
    if !played.inspect_err(|_| folder.keep())? {
        play.terminal.say("\nStopped before the end.");
        return Ok(DONE);
    }
    play.running.stop().await.inspect_err(|_| folder.keep())?;
    play.drain();
    play.scene.inbox.end();
    let ledger = Ledger::read(folder.path().join("state"), "contoso").await.inspect_err(|_| folder.keep())?;
    let lost = play.reckon(args, &ledger);
    if lost > 0 {
        folder.keep();
        play.terminal.say(&format!("What was lost can be looked into: {}", folder.path().display()));
    }
    if !args.exit {
        play.terminal.say(&format!("\nThe page stays at {} until Ctrl-C.", page_url(play.scene.page)));
        stop.comes().await;
    }
    Ok(if lost == 0 { DONE } else { FAILED })
}

struct Play {
    scene: Scene,
    story: Story,
    clock: FastClock,
    end: Timestamp,
    began: Instant,
    running: Running,
    arrivals: Receiver<Arc<Received>>,
    terminal: Terminal,
    /// The story has been told up to here.
    told: Timestamp,
    kill: Kill,
    repeated: usize,
}

/// How far the kill has come.
#[derive(Clone, Copy, Debug)]
enum Kill {
    ToCome,
    /// The service starts again; it lives when it has signed in once more.
    Starting {
        killed: Instant,
        sign_ins: u64,
    },
    Over,
}

impl Play {
    async fn begin(args: &Args, folder: &Folder) -> anyhow::Result<Self> {
        let epoch = plot::start();
        let factor = 86_400.0 / args.day.as_secs_f64();
        let start = RealClock.now().saturating_add(OVERTURE).context("the machine's clock is at the end of time")?;
        let clock = FastClock::aligned(start, epoch, factor);
        let frame = Stage { days: args.days, ..plot::stage() };
        let terminal = Terminal::new(frame.zone.clone(), args.days);
        let end = epoch.saturating_add(SignedDuration::from_hours(24 * i64::from(args.days)))?;
        // When the story is over its clock stands, and the page shows its last day.
        let scene = Scene::build(Arc::new(move || clock.now().min(end)), frame, args.listen).await?;
        let story = plot::story();
        story.begin(&scene.world)?;
        terminal.title(&format!("The page with every message: {}", page_url(scene.page)));
        terminal.say(&overture(args));
        let settings = folder.path().join("leadtime.toml");
        std::fs::write(&settings, settings_text(&scene, folder, factor))
            .with_context(|| format!("{} cannot be written", settings.display()))?;
        let orders = Orders { settings, log: folder.path().join("leadtime.log"), start, epoch, factor };
        let arrivals = scene.inbox.arrivals();
        Ok(Self {
            scene,
            story,
            clock,
            end,
            began: Instant::now(),
            running: Running::start(orders)?,
            arrivals,
            terminal,
            told: epoch,
            kill: Kill::ToCome,
            repeated: 0,
        })
    }

    /// Until the last day is over.
    async fn play(&mut self) -> anyhow::Result<()> {
        self.terminal.day(1);
        while self.clock.now() < self.end {
            let wait = Duration::try_from(self.next().duration_since(self.clock.now())).unwrap_or_default();
            tokio::select! {
                biased;
                message = self.arrivals.recv() => match message {
                    Ok(message) => self.arrived(&message).await?,
                    // What was not told is still in the inbox, and counted.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => anyhow::bail!("the inbox has gone"),
                },
                fault = self.running.ends() => return Err(fault),
                () = self.clock.sleep(wait) => self.turn().await?,
            }
        }
        Ok(())
    }

    /// When there is something to tell, at the latest.
    fn next(&self) -> Timestamp {
        let event = self.story.between(self.told, self.end).first().map(|event| event.at);
        let zone = &self.scene.inbox.stage().zone;
        let midnight = self.told.to_zoned(zone.clone()).tomorrow().and_then(|day| day.start_of_day());
        let after = |from: Timestamp, wait| from.saturating_add(wait).unwrap_or(self.end);
        let kill = match self.kill {
            Kill::ToCome if self.told < plot::kill_from() => Some(plot::kill_from()),
            Kill::ToCome => Some(after(plot::kill_from(), KILL_PATIENCE)),
            Kill::Starting { .. } => Some(after(self.clock.now(), LIVES)),
            Kill::Over => None,
        };
        [event, midnight.ok().map(|day| day.timestamp()), kill].into_iter().flatten().fold(self.end, Timestamp::min)
    }

    /// What has happened since the last turn.
    async fn turn(&mut self) -> anyhow::Result<()> {
        let now = self.clock.now().min(self.end);
        for event in self.story.between(self.told, now) {
            self.terminal.day(self.scene.inbox.stage().day(event.at));
            event.happen(&self.scene.world, &self.scene.sinks)?;
            self.terminal.happens(event.at, tone(event), &event.who, &event.line);
        }
        self.told = now;
        if now < self.end {
            self.terminal.day(self.scene.inbox.stage().day(now));
        }
        if matches!(self.kill, Kill::ToCome) && now >= plot::kill_from() {
            // What arrives from now on is in the inbox, and leadtime does not know: there is no worse moment.
            self.scene.sinks.hold_answers(true);
            if now >= plot::kill_from().saturating_add(KILL_PATIENCE)? {
                self.kill().await?;
            }
        }
        self.look_for_life();
        Ok(())
    }

    /// Whether the service that was killed is back: it has signed in again.
    fn look_for_life(&mut self) {
        if let Kill::Starting { killed, sign_ins } = self.kill
            && self.scene.world.calls().sign_ins > sign_ins
        {
            self.kill = Kill::Over;
            let after = killed.elapsed().as_secs_f64();
            self.tell(
                Tone::Mends,
                &format!("lives again, {after:.1} s after the kill, and goes on from what it has on disk"),
            );
        }
    }

    async fn arrived(&mut self, message: &Received) -> anyhow::Result<()> {
        self.look_for_life();
        self.show(message);
        // Mail is answered at once: it is no such moment.
        let awaits_answer = message.medium != Medium::Email && message.at >= plot::kill_from();
        if matches!(self.kill, Kill::ToCome) && awaits_answer {
            self.kill().await?;
        }
        Ok(())
    }

    fn show(&mut self, message: &Received) {
        self.repeated += usize::from(message.again);
        self.terminal.day(self.scene.inbox.stage().day(message.at));
        self.terminal.arrives(message);
    }

    async fn kill(&mut self) -> anyhow::Result<()> {
        let (killed, sign_ins) = (Instant::now(), self.scene.world.calls().sign_ins);
        self.running.kill_and_start().await?;
        self.scene.sinks.hold_answers(false);
        self.kill = Kill::Starting { killed, sign_ins };
        self.tell(Tone::Fails, "is killed in the middle of sending (SIGKILL), and started again");
        Ok(())
    }

    fn tell(&self, tone: Tone, text: &str) {
        self.scene.inbox.tell(format!("leadtime {text}"));
        self.terminal.happens(self.clock.now(), tone, "leadtime", text);
    }

    /// Shows what arrived while the service stopped.
    fn drain(&mut self) {
        while let Ok(message) = self.arrivals.try_recv() {
            self.show(&message);
        }
    }

    /// Says what it came to; how many messages were lost.
    fn reckon(&self, args: &Args, ledger: &Ledger) -> usize {
        let took = self.began.elapsed();
        let reckoning = reckoning::reckon(&self.story, &self.scene, ledger, self.end);
        self.terminal.say("");
        self.terminal.title(&format!("{} days in {} s", args.days, took.as_secs()));
        for line in reckoning.lines(self.repeated) {
            self.terminal.say(&line);
        }
        reckoning.lost.len()
    }
}

fn tone(event: &Event) -> Tone {
    match event.act {
        Act::PartnerCenter(Some(_)) | Act::Slack(Some(_)) | Act::Expire { .. } => Tone::Fails,
        Act::PartnerCenter(None) | Act::Slack(None) => Tone::Mends,
        _ => Tone::World,
    }
}

fn overture(args: &Args) -> String {
    format!(
        "A made-up partner with two sellers, Anna and Petr. A day takes {} s. In working hours (Mon to Fri, 9 to 17 in Budapest)\n\
         leadtime (▸) tells the sellers on Slack, the managers on Teams, a co-sell desk by mail, and a CRM by webhook.\n",
        args.day.as_secs()
    )
}

fn settings_text(scene: &Scene, folder: &Folder, factor: f64) -> String {
    let (least, most) = POLL_EVERY_MINUTES;
    let poll_every = (POLLS_APART * factor / 60.0).clamp(least, most);
    let registration = Registration::default();
    let values = [
        ("{state}", folder.path().join("state").display().to_string()),
        ("{stage}", scene.stage.to_string()),
        ("{smtp_port}", scene.smtp.port().to_string()),
        ("{base_path}", BASE_PATH.to_owned()),
        ("{tenant_id}", registration.tenant_id),
        ("{client_id}", registration.client_id),
        ("{refresh_token}", FIRST_REFRESH_TOKEN.to_owned()),
        ("{poll_every}", format!("{poll_every:.0}m")),
    ];
    let text = include_str!("settings.toml").to_owned();
    values.iter().fold(text, |text, (name, value)| text.replace(name, value))
}

/// Ctrl-C, or a container that is stopped.
pub struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    /// Listens from now on.
    ///
    /// # Errors
    /// The system's.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Returns when it comes.
    pub async fn comes(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
