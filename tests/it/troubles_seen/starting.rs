//! What keeps leadtime from starting: the text beside exit 1, and that doing what it says lets it start.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use leadtime::store::{Commit, SledStore, Store as _, layout};

use super::{Operator, deciding::copy, disk::can_mount, usual};
use crate::commands_stage::{Stage, eventually, told};

/// A user that every machine has.
const NOBODY: u32 = 65_534;

/// A port that is free for now.
fn free_port() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// A stage where leadtime ran once and told of one referral; its state folder.
async fn lived() -> (Stage, PathBuf) {
    let operator = Operator::begins().await;
    operator.stage.refer();
    operator.polls().await;
    operator.stage.message("it is told", |message| message.sink == "sellers").await;
    operator.sees_all_well().await;
    let stage = operator.stops().await;
    let data = stage.folder.path().join("data");
    (stage, data)
}

/// `leadtime run` ends with 1 and says all of this; whoever only looks at the store hears the same.
async fn refuses_to_start(stage: &Stage, texts: &[&str]) {
    for args in [&["run"][..], &["run", "--once"], &["outbox", "list"]] {
        let (code, _, err) = told(&stage.done(args).await);
        assert_eq!(code, 1, "{args:?}: {err}");
        assert!(texts.iter().all(|text| err.contains(text)), "{args:?}: {texts:?} in {err}");
    }
}

/// It starts, all is well, and nobody was told anything twice.
async fn starts_and_repeats_nothing(stage: Stage) {
    let to_sellers =
        |stage: &Stage| stage.sinks.inbox().messages().iter().filter(|message| message.sink == "sellers").count();
    let before = to_sellers(&stage);
    let operator = Operator::starts(stage, &[], &[]).await;
    operator.polls().await;
    operator.sees_all_well().await;
    assert_eq!(to_sellers(&operator.stage), before);
}

#[tokio::test]
async fn a_damaged_store_is_not_begun_anew_and_a_backup_of_the_folder_starts() {
    let (stage, data) = lived().await;
    let backup = stage.folder.path().join("backup");
    copy(&data, &backup);
    fs::remove_file(data.join("db")).unwrap();
    refuses_to_start(&stage, &["the store is damaged", "no file was deleted", "restore it from a backup"]).await;
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&backup, &data).unwrap();
    starts_and_repeats_nothing(stage).await;
}

#[tokio::test]
async fn a_damaged_store_without_a_backup_is_moved_away_and_leadtime_begins_anew() {
    let (stage, data) = lived().await;
    fs::write(data.join("leadtime.state"), "{").unwrap();
    refuses_to_start(&stage, &["the store is damaged", "or move it away to begin anew"]).await;
    fs::rename(&data, stage.folder.path().join("damaged")).unwrap();
    let operator = Operator::starts(stage, &[], &[]).await;
    operator.polls().await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_state_of_a_newer_leadtime_is_refused_and_the_folder_of_before_the_upgrade_starts() {
    let (stage, data) = lived().await;
    let before = stage.folder.path().join("before");
    copy(&data, &before);
    let store = SledStore::open(&data).unwrap();
    let mut commit = Commit::new();
    commit.put_json(layout::VERSION, &99).unwrap();
    store.commit(&commit).unwrap();
    store.close().unwrap();
    drop(store);
    refuses_to_start(&stage, &["the state is of version 99", "run the newer leadtime, or restore the state folder"])
        .await;
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&before, &data).unwrap();
    starts_and_repeats_nothing(stage).await;
}

#[tokio::test]
async fn a_folder_in_use_names_the_other_leadtime_and_is_free_when_that_one_has_stopped() {
    let stage = Stage::set().await;
    let impatient = usual(&stage).replace("[web]", "[state]\nwait_for_lock = \"1s\"\n\n[web]");
    let operator = Operator::on(stage, |_| impatient, &[]).await;
    let (code, _, err) = told(&operator.stage.done(&["run"]).await);
    assert!(code == 1 && err.contains("is in use by another leadtime: stop that one"), "{err}");
    starts_and_repeats_nothing(operator.stops().await).await;
}

#[tokio::test]
async fn a_file_in_the_place_of_the_folder_says_so_and_a_folder_starts() {
    let stage = Stage::set().await;
    stage.write(&usual(&stage));
    let data = stage.folder.path().join("data");
    // Not even root makes a folder where a file stands.
    fs::write(&data, "").unwrap();
    let (code, _, err) = told(&stage.done(&["run"]).await);
    assert!(code == 1 && err.contains("that is a file; name a folder in [state] path"), "{err}");
    fs::remove_file(&data).unwrap();
    starts_and_repeats_nothing(stage).await;
}

/// `leadtime run` where the state folder is mounted anew for it alone, by these words of a shell.
fn mounted(stage: &Stage, data: &Path, mount: &str) -> Command {
    let leadtime = stage.command(&["run"]);
    let script = format!("{mount} && shift && exec \"$@\"");
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", &script, "sh"]).arg(data).arg(leadtime.get_program()).args(leadtime.get_args());
    command.current_dir(stage.folder.path()).process_group(0);
    command.env("LEADTIME_CONFIG", "leadtime.toml").stdin(Stdio::null());
    command
}

#[tokio::test]
async fn a_disk_that_is_read_only_is_named_and_one_that_is_not_starts() {
    if !can_mount() {
        return;
    }
    let (stage, data) = lived().await;
    let read_only = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"";
    let (code, _, err) = told(&mounted(&stage, &data, read_only).output().unwrap());
    assert!(code == 1 && err.contains("cannot write in ") && err.contains("on a disk that can be written"), "{err}");
    starts_and_repeats_nothing(stage).await;
}

#[tokio::test]
async fn a_disk_without_room_for_a_new_store_is_named_and_one_with_room_starts() {
    if !can_mount() {
        return;
    }
    let stage = Stage::set().await;
    stage.write(&usual(&stage));
    let data = stage.folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let (code, _, err) = told(&mounted(&stage, &data, "mount -t tmpfs -o size=8m none \"$1\"").output().unwrap());
    assert!(code == 1 && err.contains("no room on the disk of "), "{err}");
    assert!(err.contains("free some space there (16 MiB of it are kept in reserve)"), "{err}");
    assert!(err.contains("one that has ended is to be started again"), "{err}");
    starts_and_repeats_nothing(stage).await;
}

#[tokio::test]
async fn a_start_on_a_full_disk_knows_what_it_knew_and_goes_on_when_there_is_room() {
    if !can_mount() {
        return;
    }
    let (stage, data) = lived().await;
    let socket = format!("[state]\nsocket = \"{}/leadtime.sock\"\n\n[web]", stage.folder.path().display());
    stage.write(&usual(&stage).replace("[web]", &socket));
    let full = "cp -a \"$1\" \"$1\".kept && mount -t tmpfs -o size=40m none \"$1\" && cp -a \"$1\".kept/. \"$1\" \
                && head -c 30m /dev/zero > \"$1\"/ballast";
    let leadtime = mounted(&stage, &data, full);
    let operator = Operator::watching(stage, leadtime).await;
    operator.sees(&["Nothing can be recorded, so nothing is sent", "Make room"]).await;
    let ballast = format!("/proc/{}/root{}/ballast", operator.leadtime.child.id(), data.display());
    fs::remove_file(ballast).unwrap();
    operator.polls().await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_and_another_one_starts() {
    let stage = Stage::set().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = usual(&stage);
    stage.write(&settings.replace("127.0.0.1:0", &taken.local_addr().unwrap().to_string()));
    let (code, _, err) = told(&stage.done(&["run"]).await);
    assert!(code == 1 && err.contains("[web] listen"), "{err}");
    stage.write(&settings);
    starts_and_repeats_nothing(stage).await;
}

#[tokio::test]
async fn a_socket_that_cannot_be_made_is_named_and_a_path_on_a_local_disk_is_reached() {
    let stage = Stage::set().await;
    let settings = usual(&stage);
    let at = |path: &Path| settings.replace("[web]", &format!("[state]\nsocket = \"{}\"\n\n[web]", path.display()));
    stage.write(&at(Path::new("/proc/leadtime.sock")));
    let mut leadtime = stage.start(&[]);
    let warned = leadtime.says("cannot be made").await;
    assert!(warned.to_string().contains("set [state] socket to a path on a local disk"), "{warned}");
    assert_eq!(leadtime.stop().await, 0);
    stage.write(&at(&stage.folder.path().join("leadtime.sock")));
    let operator = Operator::starts(stage, &[], &[]).await;
    eventually("commands reach it", async || (told(&operator.stage.done(&["reload"]).await).0 == 0).then_some(()))
        .await;
}

fn root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder and all in it belong to that user.
fn give(folder: &Path, user: u32) {
    for entry in fs::read_dir(folder).unwrap() {
        chown(entry.unwrap().path(), Some(user), None).unwrap();
    }
    chown(folder, Some(user), None).unwrap();
}

#[tokio::test]
async fn root_leaves_nothing_in_the_folder_of_another_user_which_starts_by_that_one() {
    if !root() {
        return;
    }
    let (stage, data) = lived().await;
    give(&data, NOBODY);
    let owned = ["belongs to user nobody (uid 65534), and you are root", "sudo -u nobody leadtime"];
    refuses_to_start(&stage, &owned).await;
    for args in [&["status"][..], &["plan"], &["mute", "x", "--reason", "x"], &["check", "--online"]] {
        let (code, _, err) = told(&stage.done(args).await);
        assert_eq!(code, 1, "{args:?}: {err}");
        assert!(err.contains(owned[0]), "{args:?}: {err}");
    }
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(fs::metadata(&path).unwrap().uid(), NOBODY, "{}", path.display());
    }
    give(&data, 0);
    starts_and_repeats_nothing(stage).await;
}

#[tokio::test]
async fn who_may_not_open_the_socket_is_told_whom_to_ask_as_and_a_password_opens_the_port() {
    if !root() {
        return;
    }
    let stage = Stage::set().await;
    let port = free_port();
    let settings = usual(&stage).replace("127.0.0.1:0", &port);
    stage.write(&settings);
    fs::set_permissions(stage.folder.path(), Permissions::from_mode(0o755)).unwrap();
    let operator = Operator::starts(stage, &[], &[]).await;
    let as_nobody = |args: &[&str]| told(&operator.stage.command(args).uid(NOBODY).output().unwrap());
    let (code, _, err) = as_nobody(&["status"]);
    assert_eq!(code, 1);
    assert!(err.contains("user nobody (uid 65534) may not open data/leadtime.sock: ask as the user that"), "{err}");
    assert!(err.contains("(sudo -u root leadtime …), or, where [web] password is set, as any user"), "{err}");
    assert_eq!(as_nobody(&["health"]).0, 0, "the port is open to all");
    let stage = operator.stops().await;
    stage.write(&settings.replace("[web]", "[web]\npassword = \"horse-battery-staple\""));
    let operator = Operator::starts(stage, &[], &[]).await;
    let (_, page, err) = told(&operator.stage.command(&["status"]).uid(NOBODY).output().unwrap());
    assert!(page.contains("contoso") && err.is_empty(), "{page}{err}");
}

#[tokio::test]
async fn a_command_that_looks_into_another_folder_names_it_and_the_leadtime_that_answers() {
    let stage = Stage::set().await;
    let port = free_port();
    stage.write(&usual(&stage).replace("127.0.0.1:0", &port));
    let operator = Operator::starts(stage, &[], &[]).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let elsewhere = elsewhere.path().canonicalize().unwrap();
    let settings = operator.stage.folder.path().join("leadtime.toml");
    let from_there = |state: &Path| {
        let mut command = operator.stage.command(&["status"]);
        command.current_dir(&elsewhere).env("LEADTIME_CONFIG", &settings);
        command.env("LEADTIME_STATE__PATH", state);
        told(&command.output().unwrap())
    };
    let (code, _, err) = from_there(Path::new("data"));
    assert_eq!(code, 1);
    let says =
        format!("a leadtime answers at {port}, but has its state in another folder than {}/data:", elsewhere.display());
    assert!(err.contains(&says) && err.contains("in its working directory or set LEADTIME_STATE__PATH"), "{err}");
    let (_, page, err) = from_there(&operator.stage.folder.path().join("data"));
    assert!(page.contains("contoso"), "doing what it says mends it: {err}");
}

#[tokio::test]
async fn a_folder_that_all_may_look_into_is_warned_of() {
    let (stage, data) = lived().await;
    fs::set_permissions(&data, Permissions::from_mode(0o755)).unwrap();
    let mut leadtime = stage.start(&[]);
    leadtime.says("is open to every user of this machine (mode 0755): chmod 700 ").await;
    assert_eq!(leadtime.stop().await, 0);
}
