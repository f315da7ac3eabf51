//! A program under measurement: started, asked by /proc what it takes, stopped or killed. Linux only.
//! Its output goes to a file, so that nothing it says can fill a pipe and hold it up.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A program that was asked to end has so long to do so.
const STOP_LIMIT: Duration = Duration::from_secs(30);

pub struct Process {
    child: Child,
    log: PathBuf,
    /// When it was started.
    pub began: Instant,
}

/// What a process holds, in KiB.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    /// All that is in memory, shared pages included.
    pub resident: u64,
    /// What is its own: what ending it would give back.
    pub private: u64,
    /// The most that was resident since its start.
    pub peak: u64,
}

impl Process {
    /// Starts it; what it writes is appended to `log`.
    pub fn start(command: &mut Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).unwrap();
        let (out, err) = (file.try_clone().unwrap(), file);
        let began = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let child = child.unwrap_or_else(|fault| panic!("{command:?} cannot be started: {fault}"));
        Self { child, log: log.to_owned(), began }
    }

    /// The number that /proc knows it by.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Processor seconds since its start, of all its threads, those that have ended included.
    pub fn cpu(&self) -> f64 {
        let stat = self.proc("stat");
        let rest: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
        // utime and stime, in hundredths of a second.
        let ticks: f64 = rest[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        ticks / 100.0
    }

    pub fn memory(&self) -> Memory {
        let (rollup, status) = (self.proc("smaps_rollup"), self.proc("status"));
        Memory {
            resident: number(&rollup, "Rss:"),
            private: number(&rollup, "Private_Clean:") + number(&rollup, "Private_Dirty:"),
            peak: number(&status, "VmHWM:"),
        }
    }

    pub fn threads(&self) -> u64 {
        number(&self.proc("status"), "Threads:")
    }

    pub fn descriptors(&self) -> u64 {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap().count() as u64
    }

    /// Fails loudly where it has ended by itself.
    pub fn must_live(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("{} has ended with {status}: {}", self.log.display(), self.log());
        }
    }

    /// Asks it to read its settings again.
    pub fn hang_up(&self) {
        self.signal("-HUP");
    }

    /// `kill -9`: it has no last word.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and waits until it has; how it ended.
    pub fn stop(mut self) -> std::process::ExitStatus {
        self.signal("-TERM");
        let asked = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(asked.elapsed() < STOP_LIMIT, "{} does not end: {}", self.log.display(), self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn signal(&self, name: &str) {
        Command::new("kill").args([name, &self.id().to_string()]).status().unwrap();
    }

    fn proc(&self, what: &str) -> String {
        let path = format!("/proc/{}/{what}", self.id());
        std::fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{path}: {fault}; it said: {}", self.log()))
    }
}

impl Drop for Process {
    /// A measurement that fails leaves nothing running.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The number after `name` in one of /proc's lists.
fn number(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or_default()
}
