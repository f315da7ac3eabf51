//! The service as a process of its own: started, killed, started again, and asked to stop.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};
use jiff::Timestamp;
use tokio::process::{Child, ChildStdin, Command};

/// Variables that would send what is meant for this machine elsewhere.
const PROXIES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The service stops within 10 s; what takes longer is killed.
const STOP_MAX: Duration = Duration::from_secs(15);

/// How to start it.
pub struct Orders {
    /// The settings.
    pub settings: PathBuf,
    /// Where its log goes.
    pub log: PathBuf,
    /// When the simulated clock starts, by the machine's.
    pub start: Timestamp,
    /// What it shows then.
    pub epoch: Timestamp,
    /// How many times as fast it runs.
    pub factor: f64,
}

/// The running service.
pub struct Running {
    orders: Orders,
    child: Child,
    /// Held apart from the child, whose `wait` would close it.
    input: Option<ChildStdin>,
}

impl Running {
    /// Starts it.
    ///
    /// # Errors
    /// The system's.
    pub fn start(orders: Orders) -> anyhow::Result<Self> {
        let mut child = spawn(&orders)?;
        let input = child.stdin.take();
        Ok(Self { orders, child, input })
    }

    /// Kills it, as `kill -9` does, and starts it again over what it has left.
    ///
    /// # Errors
    /// The system's.
    pub async fn kill_and_start(&mut self) -> anyhow::Result<()> {
        self.child.kill().await.context("the service cannot be killed")?;
        self.child = spawn(&self.orders)?;
        self.input = self.child.stdin.take();
        Ok(())
    }

    /// Returns when it ends by itself, which it should not.
    pub async fn ends(&mut self) -> anyhow::Error {
        match self.child.wait().await {
            Ok(status) => self.told(status),
            Err(fault) => fault.into(),
        }
    }

    /// Asks it to stop, and waits until it has.
    ///
    /// # Errors
    /// It ends with a fault, or not at all.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        drop(self.input.take());
        match tokio::time::timeout(STOP_MAX, self.child.wait()).await {
            Ok(ended) => {
                let status = ended?;
                if status.success() { Ok(()) } else { Err(self.told(status)) }
            }
            Err(_) => {
                self.child.kill().await?;
                bail!(
                    "the service did not stop within {} s; its log is {}",
                    STOP_MAX.as_secs(),
                    self.orders.log.display()
                )
            }
        }
    }

    fn told(&self, status: ExitStatus) -> anyhow::Error {
        let last = last_line(&self.orders.log);
        anyhow::anyhow!("the service ended by itself ({status}): {last}\nIts log is {}", self.orders.log.display())
    }
}

fn spawn(orders: &Orders) -> anyhow::Result<Child> {
    let log = fs::OpenOptions::new().create(true).append(true).open(&orders.log);
    let log = log.with_context(|| format!("{} cannot be written", orders.log.display()))?;
    let mut command = Command::new(std::env::current_exe().context("this program does not know where it is")?);
    command
        .args(["demo-service", "--log-format", "text", "--settings"])
        .arg(&orders.settings)
        .args(["--start", &orders.start.to_string(), "--epoch", &orders.epoch.to_string()])
        .args(["--factor", &orders.factor.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
        // Ctrl-C is for the demo, which then stops its service.
        .process_group(0)
        .kill_on_drop(true);
    for name in PROXIES {
        command.env_remove(name);
    }
    command.spawn().context("the service cannot be started as a process of its own")
}

fn last_line(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    String::from_utf8_lossy(&text).lines().next_back().unwrap_or("it left no word").to_owned()
}
