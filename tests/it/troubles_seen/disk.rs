//! A disk that fills while leadtime runs: a small one, mounted for the process alone.

use std::{
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Command, Stdio},
};

use super::{Operator, usual};
use crate::{
    commands_stage::{Stage, client},
    optional,
};

/// The disk, in MiB. leadtime keeps 16 of them free.
const SIZE: u64 = 48;
/// What is left when the disk is called full.
const LEFT: u64 = 8 * 1024 * 1024;

/// Whether a disk can be mounted for one process.
pub fn can_mount() -> bool {
    let Some(unshare) = optional::tool("unshare") else { return false };
    let tried = Command::new(unshare)
        .args(["-rm", "sh", "-c", "mount -t tmpfs -o size=1m none /tmp"])
        .stderr(Stdio::null())
        .status()
        .unwrap();
    if !tried.success() {
        optional::left_out("a disk cannot be mounted in a namespace of its own here");
    }
    tried.success()
}

#[tokio::test]
async fn a_disk_that_fills_is_told_nothing_is_sent_unrecorded_and_all_goes_on_when_there_is_room() {
    if !can_mount() {
        return;
    }
    let stage = Stage::set().await;
    let data = stage.folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    // The socket stands outside the disk, where the operator's own namespace has it too.
    let socket = format!("[state]\nsocket = \"{}/leadtime.sock\"\n\n[web]", stage.folder.path().display());
    stage.write(&usual(&stage).replace("[web]", &socket));
    let mut command = Command::new("unshare");
    let mount = "mount -t tmpfs -o size=\"$1\"m none \"$2\" && shift 2 && exec \"$@\"";
    let leadtime = stage.command(&["run"]);
    command.args(["-rm", "sh", "-c", mount, "sh", &SIZE.to_string()]).arg(&data).arg(leadtime.get_program());
    command.args(leadtime.get_args()).current_dir(stage.folder.path()).process_group(0);
    command.env("LEADTIME_CONFIG", "leadtime.toml").stdin(Stdio::null());
    let operator = Operator::watching(stage, command).await;
    let seen = PathBuf::from(format!("/proc/{}/root{}", operator.leadtime.child.id(), data.display()));
    let ready = async || {
        let answer = client().get(operator.url("/readyz")).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(ready().await, 200);

    let disk = rustix::fs::statvfs(&seen).unwrap();
    let free = disk.f_bavail * disk.f_frsize;
    assert!(free < SIZE * 1024 * 1024, "the store is on the small disk");
    let ballast = seen.join("ballast");
    std::fs::write(&ballast, vec![0; usize::try_from(free - LEFT).unwrap()]).unwrap();
    operator.stage.refer();
    operator.polls().await;
    let heard = operator.hears("Nothing can be recorded, so nothing is sent").await;
    assert!(heard.body.contains("Make room in the state folder"), "{}", heard.body);
    operator.sees(&["Nothing can be recorded, so nothing is sent", "Make room"]).await;
    assert_eq!(ready().await, 503);
    assert!(operator.stage.sinks.inbox().messages().iter().all(|message| message.sink == "managers"));

    std::fs::remove_file(&ballast).unwrap();
    operator.polls().await;
    operator.hears("What happens is recorded again").await;
    operator.stage.message("what was due goes out", |message| message.sink == "sellers").await;
    operator.sees_all_well().await;
    assert_eq!(ready().await, 200);
}
