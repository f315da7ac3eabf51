//! The program as its user meets it: the binary, a folder with settings, a simulated Partner Center and sinks beside it.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use jiff::Timestamp;
use leadtime::{
    core::filter::{Filter, Subject},
    demo::{
        Now,
        inbox::{Inbox, Received},
        invent::Inventor,
        partner_center::{self, FIRST_REFRESH_TOKEN, Registration},
        plot,
        sinks::Sinks,
        world::{Predicate, ReadFilter, World},
    },
    service::clock::{Clock as _, RealClock},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Nothing that a test waits for takes longer, on a machine however busy.
pub const LIMIT: Duration = Duration::from_secs(20);

/// Looks again and again until `look` sees something; fails the test with `what` after [`LIMIT`].
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look().await {
            return seen;
        }
        assert!(began.elapsed() < LIMIT, "did not happen within {LIMIT:?}: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A folder with settings, and what they point at.
pub struct Stage {
    pub folder: TempDir,
    pub world: World,
    pub sinks: Sinks,
    pub address: SocketAddr,
    _stop: DropGuard,
}

impl Stage {
    /// One account, `sellers` in Slack and `managers` in Teams, both open at any hour.
    pub async fn set() -> Self {
        Self::set_by(Arc::new(|| RealClock.now())).await
    }

    /// The same, where Partner Center goes by a clock of its own.
    pub async fn set_by(now: Now) -> Self {
        let (world, sinks) = (World::new(now.clone(), pending_only()), Sinks::new(Inbox::new(now, plot::stage())));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = partner_center::router(world.clone(), Registration::default()).merge(sinks.router());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
        let stage = Self { folder: TempDir::new().unwrap(), world, sinks, address, _stop: stop.drop_guard() };
        stage.write(&stage.settings());
        stage
    }

    pub fn settings(&self) -> String {
        let address = self.address;
        format!(
            r#"
time_zone = "Europe/Budapest"
notify = ["sellers"]
escalate_to = ["managers"]

[ops]
notify = ["managers"]

[web]
listen = "127.0.0.1:0"

[accounts.contoso]
tenant_id = "contoso.example"
client_id = "leadtime-demo"
base_url = "http://{address}/v1.0"
token_url = "http://{address}/{{tenant_id}}/oauth2/v2.0/token"
refresh_token = "{FIRST_REFRESH_TOKEN}"

[destinations]
sellers = {{ type = "slack", webhook_url = "http://{address}/slack/sellers", hours = "always" }}
managers = {{ type = "teams", webhook_url = "http://{address}/teams/managers", hours = "always" }}
"#
        )
    }

    pub fn write(&self, settings: &str) {
        std::fs::write(self.folder.path().join("leadtime.toml"), settings).unwrap();
    }

    /// Something in the settings is otherwise.
    pub fn rewrite(&self, from: &str, to: &str) {
        let settings = self.settings();
        assert!(settings.contains(from), "{from} is not in the settings");
        self.write(&settings.replace(from, to));
    }

    /// A referral of a minute ago (its fraction of a second is made up, so one of this moment could lie ahead); its id.
    pub fn refer(&self) -> String {
        let sketch =
            Inventor::new(self.world.calls().pages).invent(RealClock.now() - jiff::SignedDuration::from_mins(1));
        self.world.add([sketch.body()]).unwrap();
        sketch.id()
    }

    /// The first message in an inbox for which `wanted` holds.
    pub async fn message(&self, what: &str, wanted: impl Fn(&Received) -> bool) -> Arc<Received> {
        let inbox = self.sinks.inbox();
        eventually(what, async || inbox.messages().into_iter().find(|message| wanted(message))).await
    }

    pub fn command(&self, args: &[&str]) -> Command {
        command(self.folder.path(), args)
    }

    /// Runs a command to its end, beside the sinks.
    pub async fn done(&self, args: &[&str]) -> Output {
        let mut command = self.command(args);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// `leadtime run`, watched by its log.
    pub fn start(&self, args: &[&str]) -> Running {
        self.start_with(args, &[])
    }

    pub fn start_with(&self, args: &[&str], env: &[(&str, &str)]) -> Running {
        let mut command = self.command(&[&["run"], args].concat());
        command.envs(env.iter().copied());
        Running::of(command)
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("data/leadtime.sock")
    }
}

impl Running {
    /// A command that becomes a service.
    pub fn of(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        Self { child, lines, seen: Vec::new() }
    }
}

/// The binary in a folder, with nothing of this process' environment.
pub fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leadtime"));
    command.args(args).current_dir(folder).env_clear().env("LEADTIME_CONFIG", "leadtime.toml").stdin(Stdio::null());
    command
}

/// Exit code, standard output and standard error.
pub fn told(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// A service; killed when this is dropped.
pub struct Running {
    pub child: Child,
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    /// Waits for a line of the log that holds `text`; its fields.
    pub async fn says(&mut self, text: &str) -> Value {
        let began = Instant::now();
        loop {
            match self.lines.try_recv() {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return serde_json::from_str(&line).unwrap();
                    }
                }
                Err(mpsc::TryRecvError::Disconnected) => panic!("ended without {text:?}:\n{}", self.seen.join("\n")),
                Err(mpsc::TryRecvError::Empty) => {
                    assert!(began.elapsed() < LIMIT, "never said {text:?}:\n{}", self.seen.join("\n"));
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }

    /// Waits until it runs; where it listens.
    pub async fn runs(&mut self) -> String {
        let line = self.says("leadtime runs").await;
        format!("http://{}", line["listen"].as_str().unwrap())
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
    }

    /// Waits for its end.
    pub async fn ends(&mut self) -> ExitStatus {
        let child = &mut self.child;
        eventually("the process ends", async || child.try_wait().unwrap()).await
    }

    /// All that it has logged, once it has ended.
    pub fn log(mut self) -> String {
        self.seen.extend(self.lines.iter());
        self.seen.join("\n")
    }

    /// Ends it as a supervisor does; its exit code.
    pub async fn stop(mut self) -> i32 {
        self.signal(rustix::process::Signal::TERM);
        self.ends().await.code().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The filter of every account here, as Partner Center reads it.
fn pending_only() -> ReadFilter {
    Arc::new(|text: &str| {
        assert!(text.contains("substatus eq 'Pending'") || text == "direction eq 'Incoming'", "another filter: {text}");
        let filter = Filter::parse(text).map_err(|fault| fault.to_string())?;
        Ok(Box::new(move |body: &_| filter.matches(Subject { body, extra: &[] })) as Predicate)
    })
}

/// A client for what the service listens on.
pub fn client() -> reqwest::Client {
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder().no_proxy().timeout(LIMIT).build().unwrap()
}

/// `now` for a test.
pub fn now() -> Timestamp {
    RealClock.now()
}
