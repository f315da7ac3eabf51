//! The real binary as a child that may die at any instant.

use std::{
    fs::{File, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// A command says what it has to say within this.
const PATIENCE: Duration = Duration::from_secs(20);

/// A run's folder, with the settings, the state and the log of all lives.
pub struct Stage {
    folder: PathBuf,
}

impl Stage {
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Starts it with settings of its own.
    pub fn leadtime(&self, life: u32, settings: &str, args: &[&str]) -> Leadtime {
        let file = format!("{life}.toml");
        std::fs::write(self.folder.join(&file), settings).unwrap();
        self.beside(life, args)
    }

    /// Runs a command by the settings of that life.
    pub fn beside(&self, life: u32, args: &[&str]) -> Leadtime {
        let log = OpenOptions::new().create(true).append(true).open(self.log_path()).unwrap();
        let output = File::create(self.folder.join("stdout")).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_leadtime"))
            .args(args)
            .args(["--log-level", "warn,leadtime::commands=info"])
            .current_dir(&self.folder)
            .env_clear()
            .env("LEADTIME_CONFIG", format!("{life}.toml"))
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(log)
            .spawn()
            .unwrap();
        Leadtime(child)
    }

    /// What a command says by those settings; none where it says nothing within a while.
    pub fn told(&self, life: u32, args: &[&str]) -> Option<serde_json::Value> {
        self.beside(life, args).ended(PATIENCE)?;
        serde_json::from_slice(&std::fs::read(self.folder.join("stdout")).ok()?).ok()
    }

    /// The end of what all lives have logged.
    pub fn end_of_log(&self) -> String {
        let log = std::fs::read_to_string(self.log_path()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join("log")
    }
}

/// A process; it is dead when this is dropped.
pub struct Leadtime(Child);

impl Leadtime {
    pub fn process(&self) -> Pid {
        Pid::from_child(&self.0)
    }

    /// Waits for its end, after which nothing of it is left: the system has closed what it had open.
    pub fn ended(mut self, limit: Duration) -> Option<ExitStatus> {
        let began = Instant::now();
        while began.elapsed() < limit {
            if let Some(status) = self.0.try_wait().unwrap() {
                return Some(status);
            }
            thread::sleep(Duration::from_micros(500));
        }
        None
    }

    /// Asks it to end, as a supervisor does.
    pub fn stopped(self, limit: Duration) -> Option<ExitStatus> {
        kill_process(self.process(), Signal::TERM).ok();
        self.ended(limit)
    }
}

impl Drop for Leadtime {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
