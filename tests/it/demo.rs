//! The demo as a user starts it: the real program, its service a process of its own, everything over sockets. Slow stories
//! by the clock on the wall: three days in three seconds, ten in twenty.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_leadtime");

fn play(day: &str, days: &str) -> (Output, String) {
    let mut demo = Command::new(PROGRAM);
    demo.args(["demo", "--day", day, "--days", days, "--exit", "--listen", "127.0.0.1:0"]);
    let output = demo.env("HTTPS_PROXY", "http://127.0.0.1:1").output().unwrap();
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    (output, told)
}

/// The line of the story that holds all of these, and its place.
fn line(told: &str, parts: &[&str]) -> usize {
    let found = told.lines().position(|line| parts.iter().all(|part| line.contains(part)));
    found.unwrap_or_else(|| panic!("no line with {parts:?} in\n{told}"))
}

/// The number of a sum at the end.
fn sum(told: &str, name: &str) -> u32 {
    let line =
        told.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in\n{told}"));
    line.split_whitespace().next().unwrap().parse().unwrap()
}

#[test]
fn three_days_are_told_line_by_line_and_nothing_is_lost_or_repeated() {
    let (output, told) = play("1s", "3");
    assert!(output.status.success(), "{}\n{told}", String::from_utf8_lossy(&output.stderr));
    let invited = line(&told, &["Mon  2 Nov", "Microsoft", "invites Contoso to Fabrikam Kft."]);
    let heard =
        line(&told, &["Mon  2 Nov", "▸ Slack sellers", "New co-sell: Fabrikam Kft., HU, €80k. Answer by Fri 13 Nov"]);
    let accepted = line(&told, &["Tue  3 Nov 09:40", "Petr Novák", "accepts Litware s.r.o."]);
    assert!(invited < heard && heard < accepted, "{told}");
    line(&told, &["▸ Mail cosell", "New co-sell: Fabrikam Kft."]);
    line(&told, &["▸ Webhook crm", "referral.new Fabrikam Kft."]);
    assert_eq!((sum(&told, "Lost"), sum(&told, "Repeated"), sum(&told, "Referrals")), (0, 0, 7), "{told}");
    assert!(!told.contains("killed") && !told.contains('\u{1b}'), "{told}");
}

#[test]
fn a_kill_in_the_middle_of_sending_loses_nothing_and_repeats_what_was_in_flight() {
    let (output, told) = play("2s", "10");
    assert!(output.status.success(), "{}\n{told}", String::from_utf8_lossy(&output.stderr));
    let killed = line(&told, &["Mon  9 Nov", "leadtime", "is killed in the middle of sending (SIGKILL)"]);
    let lives = line(&told, &["leadtime", "lives again"]);
    assert!(killed < lives);
    assert_eq!(sum(&told, "Lost"), 0, "{told}");
    // What waited for its answer is repeated; how much that was is a matter of milliseconds.
    assert!((1..=4).contains(&sum(&told, "Repeated")), "{told}");
    assert_eq!(sum(&told, "Rescued by escalation"), 2, "{told}");
}

/// A process that does not outlive its test.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The variables that `demo --serve` prints, and the address of its page. What it leaves when it is killed is left in `folder`.
fn served(folder: &Path) -> (Guard, Vec<(String, String)>, String) {
    let mut demo = Command::new(PROGRAM);
    demo.args(["demo", "--serve", "--listen", "127.0.0.1:0"]).env("TMPDIR", folder).stdout(Stdio::piped());
    let mut demo = Guard(demo.spawn().unwrap());
    let mut variables = Vec::new();
    for line in BufReader::new(demo.0.stdout.take().unwrap()).lines().map_while(Result::ok) {
        if let Some((name, value)) = line.strip_prefix("export ").and_then(|rest| rest.split_once('=')) {
            variables.push((name.to_owned(), value.trim_matches('\'').to_owned()));
        } else if let Some((_, page)) = line.split_once("every message: ") {
            return (demo, variables, page.to_owned());
        }
    }
    panic!("demo --serve named no page");
}

fn received(page: &str) -> Vec<Value> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
        client.get(format!("{page}messages.json")).send().await.unwrap().json().await.unwrap()
    })
}

#[test]
fn serve_that_ends_keeps_the_state_under_a_leadtime_that_runs_and_else_takes_all_away() {
    for used in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let (mut demo, variables, _page) = served(folder.path());
        let state = variables.iter().find(|(name, _)| name == "LEADTIME_STATE__PATH").unwrap().1.clone();
        let store = leadtime::store::SledStore::open(Path::new(&state)).unwrap();
        let store = used.then_some(store);
        let pid = rustix::process::Pid::from_child(&demo.0);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        demo.0.wait().unwrap();
        assert_eq!(Path::new(&state).exists(), used);
        drop(store);
    }
}

#[test]
fn ten_lines_of_settings_and_the_variables_of_serve_bring_a_first_alert() {
    let folder = tempfile::tempdir().unwrap();
    let (_demo, variables, page) = served(folder.path());
    let settings = concat!(env!("CARGO_MANIFEST_DIR"), "/config/leadtime.toml");
    let mut run = Command::new(PROGRAM);
    run.args(["run", "--once", "--config", settings]).envs(variables);
    // Another service on this machine may have the usual port.
    let mut run = Guard(run.env("LEADTIME_WEB__LISTEN", "").stderr(Stdio::null()).spawn().unwrap());
    let began = Instant::now();
    let alert = loop {
        let found = received(&page).into_iter().find(|message| message["medium"] == "slack");
        if let Some(found) = found {
            break found;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "no alert within 20 s");
        if let Some(ended) = run.0.try_wait().unwrap() {
            assert!(ended.success(), "leadtime run --once: {ended}");
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(alert["sink"], "sellers");
    assert!(!alert["first_line"].as_str().unwrap().is_empty());
    assert!(!alert["message_id"].is_null());
}
