//! A state that somebody has hurt after a kill: each file of its folder changed, cut, removed or put back from an earlier
//! day; a folder that cannot be written. leadtime serves whole, or ends with 1 and says why; it never begins anew over what
//! it had, and never loses or repeats a message.
//!
//! What the store does by itself with a log cut or zeroed anywhere, a lost snapshot, a mark that does not read: see `store`.
//! Who stands by for a killed one: see `commands_run`, and `tests/kill` for many kills.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::Command,
};

use fastrand::Rng;
use rustix::process::geteuid;

use crate::commands_stage::{Running, Stage, eventually, told};

/// So many have been told before the kill.
const TOLD: usize = 4;
/// And so many wait.
const WAITING: usize = 2;
/// So many single bits of a file are turned, one in each trial.
const FLIPS: usize = 6;
/// So many trials run at once.
const AT_ONCE: usize = 4;
/// Somebody who is not root, where the tests are.
const NOBODY: u32 = 65_534;

/// What is done to a file.
#[derive(Clone, Debug)]
enum Harm {
    Removed,
    Emptied,
    CutToHalf,
    CutByOne,
    /// This bit of it is turned.
    Flipped(usize),
    /// As it was after the first run.
    Earlier,
}

impl Harm {
    fn befalls(&self, file: &Path, earlier: &Path) {
        if matches!(self, Self::Removed) {
            return fs::remove_file(file).unwrap();
        }
        let mut bytes = fs::read(file).unwrap();
        match self {
            Self::Removed => {}
            Self::Emptied => bytes.clear(),
            Self::CutToHalf => bytes.truncate(bytes.len() / 2),
            Self::CutByOne => bytes.truncate(bytes.len().saturating_sub(1)),
            Self::Flipped(bit) => bytes[bit / 8] ^= 1 << (bit % 8),
            Self::Earlier => bytes = fs::read(earlier).unwrap(),
        }
        fs::write(file, bytes).unwrap();
    }

    /// What can be done to a file of these bytes.
    fn all(bytes: &[u8], dice: &mut Rng) -> Vec<Self> {
        let mut all = vec![Self::Removed, Self::Emptied, Self::CutToHalf, Self::CutByOne];
        // Where something is written: most of a log is not.
        let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
        if !written.is_empty() {
            all.extend((0..FLIPS).map(|_| Self::Flipped(written[dice.usize(0..written.len())] * 8 + dice.usize(0..8))));
        }
        all
    }
}

/// The files of a state folder, but for the socket and what is inside of folders.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<String> = entries
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("blobs")).unwrap();
    for file in files(from) {
        fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
    for page in files(&from.join("blobs")) {
        fs::copy(from.join("blobs").join(&page), to.join("blobs").join(&page)).unwrap();
    }
}

/// A stage whose service was killed with some told and some waiting; its state before these came, and at the kill.
async fn killed() -> (Stage, PathBuf, PathBuf) {
    let stage = Stage::set().await;
    let refer = |count| (0..count).for_each(|_| drop(stage.refer()));
    let data = stage.folder.path().join("data");
    for _ in 0..TOLD {
        refer(1);
        assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
    }
    let earlier = stage.folder.path().join("earlier");
    copy(&data, &earlier);
    refer(WAITING);
    let mut leadtime = stage.start(&["--dry-run"]);
    for _ in 0..WAITING {
        leadtime.says("would be sent").await;
    }
    leadtime.child.kill().unwrap();
    leadtime.child.wait().unwrap();
    (stage, earlier, data)
}

/// How one trial ended: its exit code, its log, and how many messages it told.
type Ending = (i32, String, usize);

/// What leadtime makes of a state: `run --once`, with a channel of its own to tell to.
async fn tried(stage: &Stage, state: &Path, sink: &str) -> Ending {
    let mut command = stage.command(&["run", "--once"]);
    command.env("LEADTIME_STATE__PATH", state);
    command.env("LEADTIME_DESTINATIONS__SELLERS__WEBHOOK_URL", format!("http://{}/slack/{sink}", stage.address));
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let (code, _, log) = told(&output);
    let messages = stage.sinks.inbox().messages();
    (code, log, messages.iter().filter(|message| message.sink == sink).count())
}

/// One file hurt in one way; what was wrong with what followed, if anything.
async fn trial(stage: &Stage, earlier: &Path, data: &Path, number: usize, file: &str, harm: &Harm) -> Option<String> {
    let state = stage.folder.path().join(format!("trial-{number}"));
    copy(data, &state);
    harm.befalls(&state.join(file), &earlier.join(file));
    for again in 0..2 {
        let (code, log, messages) = tried(stage, &state, &format!("trial-{number}-{again}")).await;
        let whole = code == 0 && messages == if again == 0 { WAITING } else { 0 };
        let refused = code == 1 && messages == 0 && log.contains("damaged") && log.contains("restore");
        if !whole && !refused {
            return Some(format!("{file} {harm:?}, attempt {again}: exit {code}, {messages} told:\n{log}"));
        }
    }
    None
}

#[tokio::test]
async fn after_a_kill_a_damaged_file_is_told_or_costs_nothing() {
    let (stage, earlier, data) = killed().await;
    let mut dice = Rng::with_seed(7);
    let mut trials = Vec::new();
    for file in files(&data) {
        let mut harms = Harm::all(&fs::read(data.join(&file)).unwrap(), &mut dice);
        if earlier.join(&file).exists() {
            harms.push(Harm::Earlier);
        }
        trials.extend(harms.into_iter().map(|harm| (file.clone(), harm)));
    }
    assert!(trials.len() > 20, "{trials:?}");
    let mut wrong = Vec::new();
    let numbered: Vec<_> = trials.iter().enumerate().collect();
    for some in numbered.chunks(AT_ONCE) {
        let some = some.iter().map(|(number, (file, harm))| trial(&stage, &earlier, &data, *number, file, harm));
        wrong.extend(futures_util::future::join_all(some).await.into_iter().flatten());
    }
    assert!(wrong.is_empty(), "{} of {} trials:\n{}", wrong.len(), trials.len(), wrong.join("\n"));
}

#[tokio::test]
async fn after_a_kill_the_state_can_be_asked_though_its_socket_is_left_behind() {
    let stage = Stage::set().await;
    stage.refer();
    let mut leadtime = stage.start(&[]);
    stage.message("the referral is told", |message| message.sink == "sellers").await;
    leadtime.runs().await;
    leadtime.child.kill().unwrap();
    leadtime.child.wait().unwrap();
    assert!(stage.socket().exists());
    let (code, page, err) = told(&stage.done(&["status"]).await);
    assert_eq!((code, err.as_str()), (1, ""), "{page}");
    assert!(page.contains("leadtime is not running. Do: Start `leadtime run`"), "{page}");
    assert!(page.contains("sellers      slack  well"), "{page}");
}

#[tokio::test]
async fn once_beside_a_service_ends_with_1_and_sends_nothing() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    let listen = leadtime.runs().await;
    poll(&listen).await;
    stage.refer();
    let mut once = stage.command(&["run", "--once"]);
    once.env("LEADTIME_STATE__WAIT_FOR_LOCK", "1s");
    let output = tokio::task::spawn_blocking(move || once.output().unwrap()).await.unwrap();
    let (code, _, log) = told(&output);
    assert_eq!(code, 1, "{log}");
    assert!(log.contains("is in use by another leadtime: stop that one, or wait until it has stopped"), "{log}");
    assert_eq!(stage.sinks.inbox().messages().len(), 0);
    assert_eq!(leadtime.stop().await, 0);
}

// ---- a folder that cannot be written ------------------------------------------------------------------------------------

/// The same command as somebody whom the system can refuse something: rights mean nothing to root.
fn as_somebody(mut command: Command) -> Command {
    if geteuid().is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// Gives all of a folder to that somebody.
fn hand_over(folder: &Path) {
    if !geteuid().is_root() {
        return;
    }
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_type().unwrap().is_dir() {
            hand_over(&entry.path());
        }
        chown(entry.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
}

/// Takes the right to write in the state from everybody, or gives it back to its owner.
fn set_writable(state: &Path, writable: bool) {
    let (folder, file) = if writable { (0o700, 0o600) } else { (0o500, 0o400) };
    fs::set_permissions(state, Permissions::from_mode(folder)).unwrap();
    for name in files(state) {
        fs::set_permissions(state.join(name), Permissions::from_mode(file)).unwrap();
    }
    fs::set_permissions(state.join("blobs"), Permissions::from_mode(folder)).unwrap();
}

#[tokio::test]
async fn a_state_that_cannot_be_written_ends_it_at_start_and_costs_nothing_while_it_runs() {
    let stage = Stage::set().await;
    hand_over(stage.folder.path());
    let data = stage.folder.path().join("data");
    let mut leadtime = Running::of(as_somebody(stage.command(&["run"])));
    let listen = leadtime.runs().await;
    stage.refer();
    poll(&listen).await;
    stage.message("the first is told", |message| message.sink == "sellers").await;
    set_writable(&data, false);
    let late = stage.refer();
    poll(&listen).await;
    leadtime.child.kill().unwrap();
    leadtime.child.wait().unwrap();

    for _ in 0..2 {
        let refused = as_somebody(stage.command(&["run"])).output().unwrap();
        let (code, _, log) = told(&refused);
        assert_eq!(code, 1, "{log}");
        assert!(log.contains("cannot write in ") && log.contains("let the user that runs leadtime own it"), "{log}");
    }

    set_writable(&data, true);
    let leadtime = Running::of(as_somebody(stage.command(&["run"])));
    stage.message("the late one is told", |message| message.body.contains(&late[..8])).await;
    eventually("all counts as sent", async || {
        let (_, list, _) = told(&as_somebody(stage.command(&["outbox", "list", "--json"])).output().unwrap());
        serde_json::from_str::<serde_json::Value>(&list).ok()?["waiting"].as_array()?.is_empty().then_some(())
    })
    .await;
    let ids: Vec<_> = stage.sinks.inbox().messages().iter().map(|message| message.message_id.clone()).collect();
    assert!((2..=3).contains(&ids.len()), "one may have been under way at the kill: {ids:?}");
    assert_eq!(leadtime.stop().await, 0);
}

/// Has it poll now; whether that poll could be kept is its own affair.
async fn poll(listen: &str) {
    let client = crate::commands_stage::client();
    drop(client.post(format!("{listen}/api/v1/poll")).send().await);
}
