//! The real binary as a child process, and what it took: CPU and memory as /proc has them.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, channel},
    },
    thread,
    time::{Duration, Instant},
};

const LIMIT: Duration = Duration::from_secs(300);

pub struct Child {
    process: std::process::Child,
    began: Instant,
    lines: Receiver<String>,
    log: Arc<Mutex<String>>,
}

pub struct Ended {
    pub success: bool,
    pub wall: Duration,
    /// In seconds, user and system together.
    pub cpu: f64,
    pub peak_kib: u64,
    pub log: String,
}

impl Child {
    pub fn run(config: &Path, args: &[&str]) -> Self {
        let began = Instant::now();
        let mut process = Command::new(env!("CARGO_BIN_EXE_leadtime"))
            .args(args)
            .arg("--config")
            .arg(config)
            .args(["--log-level", "warn,leadtime::commands=info"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = process.stderr.take().unwrap();
        let (tell, lines) = channel();
        let log = Arc::new(Mutex::new(String::new()));
        let kept = log.clone();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                kept.lock().unwrap().push_str(&format!("{line}\n"));
                drop(tell.send(line));
            }
        });
        Self { process, began, lines, log }
    }

    /// Waits for its end; what it took is read while it is a zombie, so that nothing is missed.
    pub fn until_its_end(mut self) -> Ended {
        let mut peak_kib = 0;
        loop {
            peak_kib = peak_kib.max(self.memory("VmHWM").unwrap_or(0));
            if self.stat()[0] == "Z" {
                break;
            }
            assert!(self.began.elapsed() < LIMIT, "still running: {}", self.log.lock().unwrap());
            thread::sleep(Duration::from_millis(1));
        }
        let wall = self.began.elapsed();
        let stat = self.stat();
        let ticks: f64 = stat[11].parse::<f64>().unwrap() + stat[12].parse::<f64>().unwrap();
        let success = self.process.wait().unwrap().success();
        Ended { success, wall, cpu: ticks / 100.0, peak_kib, log: self.log.lock().unwrap().clone() }
    }

    pub fn wait_for_line(&self, part: &str) {
        while let Ok(line) = self.lines.recv_timeout(LIMIT) {
            if line.contains(part) {
                return;
            }
        }
        panic!("no line with {part:?}: {}", self.log.lock().unwrap());
    }

    /// Its memory, in KiB, once that has not grown for a second.
    pub fn settled(&self) -> u64 {
        let mut last = 0;
        loop {
            thread::sleep(Duration::from_secs(1));
            let now = self.memory("VmRSS").unwrap_or(0);
            if now <= last + 64 {
                return now;
            }
            last = now;
        }
    }

    pub fn stop(mut self) {
        let pid = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        self.process.wait().unwrap();
    }

    fn memory(&self, what: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with(what))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }

    /// The fields of /proc/PID/stat after the name in parentheses.
    fn stat(&self) -> Vec<String> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let rest = stat.rsplit_once(')').unwrap().1;
        rest.split_whitespace().map(str::to_owned).collect()
    }
}
