//! The one rule about tools that a test needs and a machine may lack: such a test is left out with a word, but where
//! `LEADTIME_TESTS=all` is set it must run, and a tool that is missing is a failure.

use std::{
    env,
    path::{Path, PathBuf},
};

/// Where `name` is found on `PATH` (or among the system's own tools); `None`, with a word, where it is missing.
///
/// Panics where it is missing and `LEADTIME_TESTS=all` is set.
pub fn tool(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Mail servers live in /usr/sbin, which is not on everybody's PATH.
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin"), PathBuf::from("/sbin")]);
    let found = folders.map(|folder| folder.join(name)).find(|file| is_program(file));
    if found.is_none() {
        left_out(&format!("{name} is not installed"));
    }
    found
}

/// Says that a test is left out and why; panics where `LEADTIME_TESTS=all` is set. The test returns after it.
pub fn left_out(why: &str) {
    let all = env::var("LEADTIME_TESTS").is_ok_and(|value| value == "all");
    assert!(!all, "LEADTIME_TESTS=all, but a test cannot run: {why}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    eprintln!("left out: {test}: {why}");
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
