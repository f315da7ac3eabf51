//! Opening an address in the person's browser, and taking back the address that it ended at. Must never show either.

use std::{
    io::{BufRead, Read as _},
    process::Stdio,
};

use tokio::sync::mpsc;
use url::Url;

/// So often may a wrong address be pasted.
const PASTES_MAX: u32 = 3;
/// No pasted address is longer.
const PASTE_MAX: u64 = 64 * 1024;

/// Asks the system to open an address; whether it was asked. The program that opens it is left to itself.
pub fn open(address: &Url) -> bool {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    // Without a screen it would start a browser for terminals, on top of what we print.
    let screens = ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER"];
    if !cfg!(target_os = "macos") && screens.iter().all(|name| std::env::var_os(name).is_none()) {
        return false;
    }
    let mut command = std::process::Command::new(opener);
    command.arg(address.as_str()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().is_ok()
}

/// What comes by standard input, a few times.
pub struct Pasted {
    lines: mpsc::Receiver<String>,
    left: u32,
}

/// One line of it.
pub struct Line {
    /// As it came; empty at the end.
    pub text: String,
    /// Whether another one is not asked for.
    pub is_last: bool,
}

impl Pasted {
    /// Reads on a thread of its own, which ends with the process: nothing waits for a reader that waits for a person.
    pub fn new() -> Self {
        let (sender, lines) = mpsc::channel(1);
        std::thread::spawn(move || {
            let mut input = std::io::stdin().lock();
            while let Some(line) = next_line(&mut input) {
                if sender.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        Self { lines, left: PASTES_MAX }
    }

    /// The next line that holds something. Can be dropped while it waits.
    pub async fn next(&mut self) -> Line {
        let line = self.lines.recv().await;
        self.left = self.left.saturating_sub(1);
        Line { is_last: line.is_none() || self.left == 0, text: line.unwrap_or_default() }
    }
}

/// A line that holds something; of one that is too long the beginning.
fn next_line(input: &mut impl BufRead) -> Option<String> {
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(PASTE_MAX).read_until(b'\n', &mut line).ok()?;
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if read == 0 {
            return None;
        }
        if !text.is_empty() {
            return Some(text);
        }
    }
}
