//! The sides: how each is set up for a channel, started, told of so many referrals, and asked what it knows.
//!
//! All send one message for each referral, without a pace and without gathering, over connections that are not encrypted.
//! leadtime and the script read a listing; Alertmanager is told by its API, as Prometheus does: one alert for each referral,
//! each a group of its own. leadtime writes each attempt to the disk before it is made and its result after; the script
//! writes each result; Alertmanager writes what it has sent every 15 minutes and at its end.

use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{process::Process, sinks::Channel, source::fresh, world::World};

/// Nothing takes longer to begin than this.
const START_LIMIT: Duration = Duration::from_secs(60);
/// Alerts that are posted at once, as many as a page of the listing holds.
const POSTED_AT_ONCE: usize = 100;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Leadtime,
    Alertmanager,
    Script,
}

impl Side {
    /// Those whose programs are here; what is missing is said.
    pub fn present() -> Vec<Self> {
        let is_there = |side: &Self| match side.needs() {
            None => true,
            Some((program, from)) => {
                let found = Command::new(program).arg("--version").output().is_ok();
                if !found {
                    println!("{} is left out: no {program} here ({from}).", side.name());
                }
                found
            }
        };
        [Self::Leadtime, Self::Alertmanager, Self::Script].into_iter().filter(is_there).collect()
    }

    fn needs(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Leadtime => None,
            Self::Alertmanager => {
                Some(("prometheus-alertmanager", "apt-get install --no-install-recommends prometheus-alertmanager"))
            }
            Self::Script => Some(("python3", "apt-get install python3")),
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Leadtime => "leadtime",
            Self::Alertmanager => "Alertmanager",
            Self::Script => "Python script",
        }
    }

    /// What the program calls itself.
    pub fn version(self) -> String {
        let version = |program: &str| {
            let output = Command::new(program).arg("--version").output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
            let words: Vec<&str> = text.split_whitespace().collect();
            words.iter().find(|word| word.contains('.')).map_or(String::new(), |word| (*word).to_owned())
        };
        match self {
            Self::Leadtime => env!("CARGO_PKG_VERSION").to_owned(),
            Self::Alertmanager => version("prometheus-alertmanager"),
            Self::Script => format!("on Python {}", version("python3")),
        }
    }

    /// How long a side may be silent after a restart until it is clear that nothing more comes: leadtime first asks its
    /// source, for up to a minute.
    pub fn patience(self) -> Duration {
        match self {
            Self::Leadtime => Duration::from_secs(90),
            Self::Alertmanager | Self::Script => Duration::from_secs(10),
        }
    }
}

/// One side with its settings in a folder, which outlives its processes.
pub struct Setup {
    side: Side,
    channel: Channel,
    folder: tempfile::TempDir,
    port: u16,
}

impl Setup {
    pub fn new(side: Side, channel: Channel, world: &World) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let setup = Self { side, channel, folder: tempfile::tempdir().unwrap(), port };
        match side {
            Side::Leadtime => std::fs::write(setup.config(), setup.toml(world)).unwrap(),
            Side::Alertmanager => std::fs::write(setup.config(), setup.yaml(world)).unwrap(),
            Side::Script => {}
        }
        setup
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn config(&self) -> PathBuf {
        self.path().join("config")
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Starts it and waits until it is ready; also how long that took. The script has no such word: it counts as ready
    /// when it first asks its source.
    pub fn start(&self, world: &World) -> (Process, Duration) {
        world.source.is_known();
        let process = Process::start(&mut self.command(world), &self.path().join("log"));
        let ready = match self.side {
            // That one is ready is said while it still opens its state; that it can be asked is more.
            Side::Leadtime => Some(self.url("/api/v1/status")),
            Side::Alertmanager => Some(self.url("/-/ready")),
            Side::Script => None,
        };
        loop {
            let is_ready = match &ready {
                Some(url) => world.wait(async {
                    let answer = world.client.get(url).send().await;
                    answer.is_ok_and(|answer| answer.status().is_success())
                }),
                None => world.source.is_known(),
            };
            if is_ready {
                let took = process.began.elapsed();
                return (process, took);
            }
            assert!(process.began.elapsed() < START_LIMIT, "{} does not begin: {}", self.side.name(), process.log());
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn command(&self, world: &World) -> Command {
        let mut command = match self.side {
            Side::Leadtime => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_leadtime"));
                command.args(["run", "--log-level", "warn", "--config"]).arg(self.config());
                command
            }
            Side::Alertmanager => {
                let mut command = Command::new("prometheus-alertmanager");
                command.arg("--config.file").arg(self.config());
                command.arg("--storage.path").arg(self.path().join("state"));
                command.args(["--log.level=warn", "--cluster.listen-address=", "--web.listen-address"]);
                command.arg(format!("127.0.0.1:{}", self.port));
                command
            }
            Side::Script => {
                let mut command = Command::new("python3");
                let (source, http) = (world.source.address, world.sinks.http);
                let (channel, path) = match self.channel {
                    Channel::Webhook => ("webhook", "hook"),
                    Channel::Slack => ("slack", "slack"),
                    Channel::Mail => ("mail", ""),
                };
                command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/beside/plain.py"));
                command.env("LISTING", format!("http://{source}/v1.0/engagements/referrals"));
                command.env("TOKEN_URL", format!("http://{source}/token"));
                command.env("CHANNEL", channel).env("URL", format!("http://{http}/{path}"));
                command.env("SMTP", world.sinks.smtp.to_string());
                command.env("SEEN", self.path().join("seen.sqlite")).env("EVERY", "2");
                command
            }
        };
        command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1").current_dir(self.path());
        command
    }

    /// Has the side told of so many referrals; returns once it knows all of them, with the instant at which it was first
    /// told of one.
    pub fn tell(&self, world: &World, count: usize) -> Instant {
        match self.side {
            Side::Leadtime => {
                world.source.list(count);
                world.wait(self.poll(world)).unwrap();
                world.source.read_since().unwrap()
            }
            Side::Script => {
                world.source.list(count);
                let began = Instant::now();
                while !world.source.is_read() {
                    assert!(began.elapsed() < START_LIMIT, "the script does not read its source");
                    thread::sleep(Duration::from_millis(1));
                }
                world.source.read_since().unwrap()
            }
            Side::Alertmanager => {
                let began = Instant::now();
                world.wait(self.post(world, count));
                began
            }
        }
    }

    async fn poll(&self, world: &World) -> Result<(), String> {
        let answer = world.client.post(self.url("/api/v1/poll")).send().await.map_err(|fault| fault.to_string())?;
        let text = answer.text().await.map_err(|fault| fault.to_string())?;
        let said: Value = serde_json::from_str(&text).map_err(|_| text.clone())?;
        if said["whole"] == true { Ok(()) } else { Err(text) }
    }

    /// Posts one alert for each referral, as Prometheus does and does again.
    async fn post(&self, world: &World, count: usize) {
        let numbers: Vec<usize> = (0..count).collect();
        for numbers in numbers.chunks(POSTED_AT_ONCE) {
            let alerts: Vec<Value> = numbers.iter().map(|number| alert(*number)).collect();
            let answer = world.client.post(self.url("/api/v2/alerts")).json(&alerts).send().await.unwrap();
            assert!(answer.status().is_success(), "Alertmanager refuses alerts: {}", answer.status());
        }
    }

    /// How many referrals it knows without being told again.
    pub fn knows(&self, world: &World) -> usize {
        let ask = async |path: &str| -> Value {
            let answer = world.client.get(self.url(path)).send().await.unwrap();
            serde_json::from_str(&answer.text().await.unwrap()).unwrap()
        };
        match self.side {
            Side::Leadtime => world.wait(async {
                let metrics = world.client.get(self.url("/metrics")).send().await.unwrap().text().await.unwrap();
                let line = metrics.lines().find(|line| line.starts_with("leadtime_referrals_pending{"));
                line.and_then(|line| line.rsplit_once(' ')).and_then(|(_, number)| number.parse().ok()).unwrap()
            }),
            Side::Alertmanager => world.wait(ask("/api/v2/alerts")).as_array().unwrap().len(),
            // Those that it has sent; of the others it knows nothing.
            Side::Script => {
                let count = "import sqlite3,sys;print(sqlite3.connect(sys.argv[1]).execute('select count(*) from seen').fetchone()[0])";
                let output = Command::new("python3").args(["-c", count]).arg(self.path().join("seen.sqlite")).output();
                String::from_utf8_lossy(&output.unwrap().stdout).trim().parse().unwrap()
            }
        }
    }

    fn toml(&self, world: &World) -> String {
        let (source, http, smtp) = (world.source.address, world.sinks.http, world.sinks.smtp.port());
        let kind = match self.channel {
            Channel::Webhook => format!(r#"type = "webhook", url = "http://{http}/hook""#),
            Channel::Slack => format!(r#"type = "slack", webhook_url = "http://{http}/slack""#),
            Channel::Mail => r#"type = "email", to = ["sellers@contoso.com"]"#.to_owned(),
        };
        format!(
            r#"time_zone = "UTC"
notify = ["sellers"]
escalate_to = ["sellers"]
[state]
path = "{state}"
[web]
listen = "127.0.0.1:{port}"
[accounts.bench]
tenant_id = "bench"
client_id = "bench"
refresh_token = "r"
base_url = "http://{source}/v1.0"
token_url = "http://{source}/token"
poll_every = "1h"
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
from = "Leadtime <leadtime@contoso.com>"
[money]
currency = "EUR"
[destinations]
sellers = {{ {kind}, rate = "none", digest_above = 1000000, hours = "always" }}
"#,
            state = self.path().join("state").display(),
            port = self.port,
        )
    }

    fn yaml(&self, world: &World) -> String {
        let (http, smtp) = (world.sinks.http, world.sinks.smtp);
        const HEADLINE: &str = "New co-sell: {{ .CommonLabels.customer }}, {{ .CommonLabels.country }}, \
                                {{ .CommonLabels.value }} EUR. Answer by {{ .CommonLabels.last_day }}";
        const NOTES: &str = "{{ .CommonAnnotations.notes }}";
        let receiver = match self.channel {
            Channel::Webhook => format!("webhook_configs:\n  - url: http://{http}/hook\n    send_resolved: false\n"),
            Channel::Slack => format!(
                "slack_configs:\n  - api_url: http://{http}/slack\n    channel: '#sellers'\n    send_resolved: false\n    \
                 title: '{HEADLINE}'\n    text: '{NOTES}'\n"
            ),
            Channel::Mail => format!(
                "email_configs:\n  - to: sellers@contoso.com\n    from: leadtime@contoso.com\n    smarthost: {smtp}\n    \
                 require_tls: false\n    send_resolved: false\n    headers: {{ Subject: '{HEADLINE}' }}\n    \
                 text: '{HEADLINE} {NOTES}'\n    html: '<p>{HEADLINE}</p>'\n"
            ),
        };
        format!(
            "route:\n  receiver: sellers\n  group_by: ['...']\n  group_wait: 0s\n  group_interval: 5m\n  \
             repeat_interval: 4h\nreceivers:\n- name: sellers\n  {receiver}"
        )
    }
}

fn alert(number: usize) -> Value {
    let referral: Value = serde_json::from_str(&fresh(number).json()).unwrap();
    let now = jiff::Timestamp::now();
    json!({
        "labels": {
            "alertname": "referral",
            "id": referral["id"],
            "customer": referral["customerProfile"]["name"],
            "country": "HU",
            "value": referral["details"]["dealValue"].to_string(),
            "last_day": referral["expirationDateTime"].as_str().unwrap()[..10],
        },
        "annotations": {"notes": referral["details"]["notes"]},
        "startsAt": now.to_string(),
        "endsAt": (now + jiff::SignedDuration::from_hours(1)).to_string(),
    })
}
