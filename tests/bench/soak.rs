//! Soak: the real binary at fifty referrals a second, over a webhook, Slack and mail at once, while its pages are read, its
//! claim links pressed, its settings reloaded. `cargo bench --bench soak -- --minutes 30`; without arguments one minute.
//!
//! Referrals are answered, expire or have their deadlines moved after a while, so that as many are open at the end as near
//! the beginning; `keep` is short, so that what is old must leave as fast as what is new arrives. Memory, threads,
//! descriptors, state folder, processor, queues and the time from a referral's arrival to its message are sampled; the
//! medians of the second fifth and the last are compared, in runs of ten minutes or more. Ends with 1 where one has grown
//! beyond its bound, or where a referral that nobody answered was not told of on every channel. All samples go to `target/soak.csv`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

#[path = "soak/course.rs"]
mod course;
#[path = "soak/people.rs"]
mod people;
#[allow(dead_code, reason = "another program uses the rest")]
#[path = "beside/process.rs"]
mod process;
#[allow(dead_code, reason = "another program uses the rest")]
#[path = "beside/referral.rs"]
mod referral;
#[allow(dead_code, reason = "another program uses the rest")]
#[path = "beside/sinks.rs"]
mod sinks;
#[path = "soak/stream.rs"]
mod stream;

use std::{
    fmt::Write as _,
    io::IsTerminal as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use course::{Course, Sample};
use people::People;
use process::Process;
use sinks::{Channel, Sinks};
use stream::Stream;

const HELP: &str = "\
Runs leadtime for a while under a steady load and says whether it stays as it is.

Usage: cargo bench --bench soak -- [--minutes 30] [--rate 50]

  --minutes N   how long [default: 1]
  --rate N      referrals a second [default: 50]
";

/// At the end so long is waited for messages that are still on their way.
const LAST: Duration = Duration::from_secs(60);
/// A shorter run fills caches and folder, whatever it would do later.
const SHORTEST_JUDGED: Duration = Duration::from_mins(10);
/// What is over is kept for so many of the longest lives.
const KEPT: u64 = 2;
const PORTS: &str = "127.0.0.1:0";

struct Plan {
    run: Duration,
    rate: f64,
    /// The longest time until an answer: short enough that the run is steady from its second fifth on.
    life: Duration,
    step: Duration,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let plan = match plan(&arguments) {
        Ok(Some(plan)) => plan,
        Ok(None) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(what) => {
            eprint!("{what}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    drop(rustls::crypto::ring::default_provider().install_default());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let wrong = runtime.block_on(soak(&plan));
    if wrong.is_empty() {
        println!("flat");
        return ExitCode::SUCCESS;
    }
    for what in wrong {
        println!("NOT FLAT: {what}");
    }
    println!("again: cargo bench --bench soak -- {}", arguments.join(" "));
    ExitCode::FAILURE
}

fn plan(arguments: &[String]) -> Result<Option<Plan>, String> {
    let (mut minutes, mut rate) = (1.0, 50.0);
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let place = match name.as_str() {
            "--minutes" => &mut minutes,
            "--rate" => &mut rate,
            "--help" | "-h" => return Ok(None),
            other => return Err(format!("{other} is no option of this program")),
        };
        let value = rest.next().and_then(|value| value.parse::<f64>().ok()).filter(|value| *value > 0.0);
        *place = value.ok_or_else(|| format!("{name} wants a number"))?;
    }
    let run = Duration::from_secs_f64(minutes * 60.0);
    Ok(Some(Plan {
        run,
        rate,
        life: (run / 20).clamp(Duration::from_secs(30), Duration::from_secs(90)),
        step: (run / 60).clamp(Duration::from_secs(1), Duration::from_secs(10)),
    }))
}

/// What has arrived.
#[derive(Default)]
struct Heard {
    /// For each referral a bit for each channel that it was told on.
    told: Vec<u8>,
    /// From arrival to first message, in seconds, since the last sample.
    took: [Vec<f64>; 3],
    messages: u64,
}

impl Heard {
    /// A message about that referral, which arrived so long ago.
    fn note(&mut self, channel: Channel, number: usize, age: Duration) {
        let place = channel as usize;
        if self.told.len() <= number {
            self.told.resize(number + 1, 0);
        }
        if self.told[number] & (1 << place) == 0 {
            self.told[number] |= 1 << place;
            self.took[place].push(age.as_secs_f64());
        }
    }

    /// How many of these referrals lack a message on some channel.
    fn untold(&self, referrals: impl Iterator<Item = usize>) -> usize {
        referrals.filter(|number| self.told.get(*number).copied().unwrap_or(0) != 0b111).count()
    }
}

async fn soak(plan: &Plan) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let port = tokio::net::TcpListener::bind(PORTS).await.unwrap().local_addr().unwrap();
    let at = format!("http://{port}");
    let (heard, people) = (Arc::new(Mutex::new(Heard::default())), People::of(&at));
    let stream = Arc::new(Stream::start(plan.rate, plan.life, plan.run).await);
    let sinks = Sinks::start({
        let (heard, people, stream) = (heard.clone(), people.clone(), stream.clone());
        Arc::new(move |channel, number, text| {
            let mut heard = heard.lock().unwrap();
            heard.messages += 1;
            let Some(number) = number else { return };
            heard.note(channel, number, stream.age(number));
            drop(heard);
            if channel == Channel::Slack && number % 20 == 0 {
                people.hear(text);
            }
        })
    });
    let sinks = sinks.await;
    let config = write_settings(folder.path(), plan, &at, &stream, &sinks, 0);
    let mut command = Command::new(env!("CARGO_BIN_EXE_leadtime"));
    command.args(["run", "--log-level", "warn", "--config"]).arg(&config);
    let mut service = Process::start(&mut command, &folder.path().join("log"));
    people.wait().await;
    let began = Instant::now();
    let (mut course, mut before) = (Course { samples: Vec::new() }, Before::of(&service, began));
    let (mut turn, mut second) = (0, tokio::time::interval(Duration::from_secs(1)));
    second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let reloads = (plan.run / 10).max(Duration::from_secs(30));
    while began.elapsed() < plan.run {
        second.tick().await;
        turn += 1;
        service.must_live();
        people.live(turn, stream.arrived()).await;
        if turn.is_multiple_of(reloads.as_secs()) {
            write_settings(folder.path(), plan, &at, &stream, &sinks, turn / reloads.as_secs());
            service.hang_up();
            let config = config.clone();
            tokio::task::spawn_blocking(move || people::ask_status(&config));
        }
        if before.at.elapsed() >= plan.step {
            let sample = before.sample(&service, began, &heard, folder.path(), people.waiting.load(Ordering::Relaxed));
            progress(&sample, plan);
            course.samples.push(sample);
        }
    }
    let arrived = stream.arrived();
    let unanswered = || (0..arrived).filter(|number| stream::expires(*number));
    let ended = Instant::now();
    while heard.lock().unwrap().untold(unanswered()) > 0 && ended.elapsed() < LAST {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let untold = heard.lock().unwrap().untold(unanswered());
    tell(&course, plan, arrived, &heard.lock().unwrap(), &people);
    let mut wrong = course.judgement().1;
    if plan.run < SHORTEST_JUDGED {
        println!("Too short to say that something grows.\n");
        wrong.clear();
    }
    wrong.extend(
        (untold > 0).then(|| format!("{untold} referrals that nobody answered were not told of on every channel")),
    );
    wrong.extend(people.wrong.lock().unwrap().iter().take(5).map(|what| format!("an answer of the service: {what}")));
    let log = service.log();
    if !service.stop().success() {
        wrong.push("it did not end well".to_owned());
    }
    print!("{}", log.lines().take(20).fold(String::new(), |text, line| text + "log: " + line + "\n"));
    wrong
}

fn tell(course: &Course, plan: &Plan, arrived: usize, heard: &Heard, people: &People) {
    println!(
        "{:.0} min, {} referrals a second: {arrived} referrals, {} messages, {} answered before they could be told of \
         everywhere, {} answers of the API, {} claims\n\n{}\n{}\n{}",
        plan.run.as_secs_f64() / 60.0,
        plan.rate,
        heard.messages,
        heard.untold(0..arrived),
        people.asked.load(Ordering::Relaxed),
        people.claimed.load(Ordering::Relaxed),
        course.table(),
        course.plot(),
        course.judgement().0,
    );
    // Open for seven tenths of the longest life in the mean, then kept for two of them.
    let kept = plan.rate * plan.life.as_secs_f64() * (0.7 + KEPT as f64);
    let folder = course.samples.last().map_or(0.0, |sample| sample.folder);
    println!(
        "At the end {:.1} kB on the disk for each of about {kept:.0} referrals kept.\n",
        folder * 1_048.576 / kept
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/soak.csv");
    if let Err(fault) = std::fs::write(&path, course.csv()) {
        eprintln!("{}: {fault}", path.display());
    }
}

fn progress(sample: &Sample, plan: &Plan) {
    if std::io::stderr().is_terminal() {
        eprint!(
            "\r{:.0} of {:.0} s, {:.0} MiB, {:.0} messages wait ",
            sample.at,
            plan.run.as_secs_f64(),
            sample.resident,
            sample.waiting
        );
    }
}

/// What the last sample was taken from.
struct Before {
    at: Instant,
    cpu: f64,
    messages: u64,
}

impl Before {
    fn of(service: &Process, at: Instant) -> Self {
        Self { at, cpu: service.cpu(), messages: 0 }
    }

    fn sample(
        &mut self,
        service: &Process,
        began: Instant,
        heard: &Mutex<Heard>,
        folder: &Path,
        waiting: u64,
    ) -> Sample {
        let (now, cpu, memory) = (Instant::now(), service.cpu(), service.memory());
        let mut heard = heard.lock().unwrap();
        let mut took = std::mem::take(&mut heard.took);
        let messages = heard.messages;
        drop(heard);
        took.iter_mut().for_each(|took| took.sort_by(f64::total_cmp));
        let step = now.duration_since(self.at).as_secs_f64();
        let mib = |kib: u64| kib as f64 / 1024.0;
        let sample = Sample {
            at: now.duration_since(began).as_secs_f64(),
            step,
            resident: mib(memory.resident),
            peak: mib(memory.peak),
            threads: service.threads() as f64,
            descriptors: service.descriptors() as f64,
            folder: size(&folder.join("state")) as f64 / 1_048_576.0,
            cpu: (cpu - self.cpu) / step * 100.0,
            messages: (messages - self.messages) as f64,
            waiting: waiting as f64,
            p50: took.each_ref().map(|took| took.get(took.len() / 2).copied().unwrap_or_default()),
            p99: took.each_ref().map(|took| took.get(took.len() * 99 / 100).copied().unwrap_or_default()),
        };
        *self = Self { at: now, cpu, messages };
        sample
    }
}

fn size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    // A file may leave while it is looked at.
    let of = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => size(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    };
    entries.flatten().map(of).sum()
}

/// The settings; each `version` has a rule of another name, so that a reload has every open referral decided on anew.
fn write_settings(
    folder: &Path,
    plan: &Plan,
    at: &str,
    stream: &Stream,
    Sinks { http, smtp, .. }: &Sinks,
    version: u64,
) -> PathBuf {
    let (source, life) = (stream.address, plan.life.as_secs());
    let mut text = format!(
        r#"time_zone = "UTC"
notify = ["crm", "sellers", "inbox"]
escalate_to = ["crm"]
[ops]
notify = ["crm", "inbox"]
[state]
path = "{state}"
keep = "{keep}s"
forget_personal_after = "{life}s"
[web]
listen = "{listen}"
external_url = "{at}"
[accounts.soak]
tenant_id = "soak"
client_id = "soak"
refresh_token = "r"
base_url = "http://{source}/v1.0"
token_url = "http://{source}/token"
poll_every = "1s"
[smtp]
host = "127.0.0.1"
port = {mail}
security = "none"
from = "Leadtime <leadtime@contoso.com>"
[money]
currency = "EUR"
[destinations]
crm = {{ type = "webhook", url = "http://{http}/hook", hours = "always" }}
"#,
        state = folder.join("state").display(),
        keep = life * KEPT,
        listen = at.trim_start_matches("http://"),
        mail = smtp.port(),
    );
    let unhurried = "hours = \"always\", rate = \"none\", digest_above = 1000000";
    let _ = write!(
        text,
        r#"sellers = {{ type = "slack", webhook_url = "http://{http}/slack", {unhurried} }}
inbox = {{ type = "email", to = ["sellers@contoso.com"], {unhurried} }}
[[rules]]
name = "soak {version}"
steps = [
  {{ on = "new" }},
  {{ on = "updated" }},
  {{ after = "{reminds}s", notify = ["sellers"] }},
  {{ before_expiry = "{escalates}s", escalate = true }},
]
"#,
        reminds = life * 45 / 100,
        escalates = life * 3 / 4,
    );
    let path = folder.join("leadtime.toml");
    std::fs::write(&path, text).unwrap();
    path
}
