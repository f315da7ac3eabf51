//! The store on a real disk: what a kill, damage, a second owner and a full disk leave of it. It never sleeps to be right.

use std::{
    fs,
    io::{BufRead, BufReader},
    ops::ControlFlow,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use leadtime::store::{Commit, SledStore, Store, StoreFault, get_json, layout};
use tempfile::TempDir;

/// Names the folder that a child process commits into.
const CHILD_FOLDER: &str = "LEADTIME_TEST_STORE";
/// Names a folder on a disk of a few dozen MiB, for the stories of a full disk.
const SMALL_DISK: &str = "LEADTIME_TEST_SMALL_DISK";

fn row(n: u64) -> Vec<u8> {
    [b"row/".as_slice(), &n.to_be_bytes()].concat()
}

fn twin(n: u64) -> Vec<u8> {
    [b"twin/".as_slice(), &n.to_be_bytes()].concat()
}

/// Now and then a long one, so that commits reach over the edges of whatever the tree writes in.
fn body(n: u64) -> Vec<u8> {
    vec![n as u8; if n.is_multiple_of(40) { 60_000 } else { 700 }]
}

/// One commit of two rows far apart, so that half a commit would show.
fn pair(n: u64) -> Commit {
    let mut commit = Commit::new();
    commit.put(row(n), body(n)).put(twin(n), n.to_be_bytes());
    commit
}

fn filled(pairs: u64) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    for n in 0..pairs {
        store.commit(&pair(n)).unwrap();
    }
    drop(store);
    // The tree writes its snapshot when it is opened.
    drop(SledStore::open(folder.path()).unwrap());
    assert_eq!(files(folder.path(), |name| name.starts_with("snap.")).len(), 1);
    folder
}

/// Every row and its twin from 0 to the end without a hole; answers how many.
fn whole_pairs(store: &dyn Store) -> u64 {
    let rows = store.scan(b"row/", None, usize::MAX).unwrap();
    let twins = store.scan(b"twin/", None, usize::MAX).unwrap();
    assert_eq!(rows.len(), twins.len(), "a commit is there by half");
    for (n, ((key, value), (other, _))) in (0..).zip(rows.iter().zip(&twins)) {
        assert_eq!((key, other), (&row(n), &twin(n)), "a hole");
        assert!(*value == body(n), "another value");
    }
    rows.len() as u64
}

fn files(folder: &Path, says: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| says(path.file_name().unwrap().to_str().unwrap())).collect()
}

fn open_fault(folder: &Path) -> StoreFault {
    SledStore::open(folder).map(|_| ()).unwrap_err()
}

fn assert_damaged(folder: &Path) {
    for attempt in 1..=2 {
        let fault = open_fault(folder);
        assert!(matches!(fault, StoreFault::Damaged { .. }), "attempt {attempt}: {fault}");
        assert!(fault.to_string().contains("restore"), "{fault}");
    }
}

// ---- killed -----------------------------------------------------------------------------------------------------------

/// What the child does: commits for ever and says each number once it is on the disk.
#[test]
#[ignore = "the part of the child in the story of the kill"]
fn child_that_commits_until_it_is_killed() {
    let Ok(folder) = std::env::var(CHILD_FOLDER) else { return };
    let store = SledStore::open(Path::new(&folder)).unwrap();
    for n in whole_pairs(&store).. {
        store.commit(&pair(n)).unwrap();
        println!("acked {n}");
    }
}

fn start_child(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::child_that_commits_until_it_is_killed", "--ignored", "--nocapture"])
        .env(CHILD_FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Lets the child commit `commits` times, kills it, and answers the last number it said.
fn kill_after(mut child: Child, commits: usize) -> u64 {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut said = lines.filter_map(|line| line.split_once("acked ")?.1.parse().ok());
    let mut last: u64 = said.by_ref().take(commits).last().expect("the child commits");
    child.kill().unwrap();
    // What it had said before the kill and we had not read yet.
    last = said.last().unwrap_or(last);
    child.wait().unwrap();
    last
}

#[test]
fn a_kill_loses_nothing_that_was_committed_and_leaves_no_half() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let last = kill_after(start_child(folder.path()), 60 + 41 * round);

        let store = SledStore::open_waiting(folder.path(), Duration::from_secs(10), Duration::from_millis(5), |_| {
            ControlFlow::Continue(())
        })
        .unwrap();
        let found = whole_pairs(&store);
        assert!(found > last, "round {round}: {last} was committed, {found} are there");
        assert!(found <= last + 2, "round {round}: {found} are there, {last} was the last");
    }
}

#[test]
fn a_folder_in_use_is_locked_and_a_waiting_one_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Some(start_child(folder.path()));
    let said = BufReader::new(child.as_mut().unwrap().stdout.take().unwrap()).lines();
    said.map_while(Result::ok).find(|line| line.contains("acked")).unwrap();
    assert_eq!(open_fault(folder.path()), StoreFault::Locked { folder: folder.path().into() });

    let mut refusals = 0;
    let store = SledStore::open_waiting(folder.path(), Duration::from_secs(10), Duration::from_millis(5), |_| {
        refusals += 1;
        if let Some(mut owner) = child.take() {
            owner.kill().unwrap();
            owner.wait().unwrap();
        }
        ControlFlow::Continue(())
    })
    .unwrap();

    assert!(refusals >= 1);
    assert!(whole_pairs(&store) >= 1);
}

// ---- owned ------------------------------------------------------------------------------------------------------------

#[test]
fn a_second_opener_in_the_same_process_is_locked_out_until_the_first_has_closed() {
    let folder = filled(3);
    let first = SledStore::open(folder.path()).unwrap();
    assert_eq!(open_fault(folder.path()), StoreFault::Locked { folder: folder.path().into() });

    first.close().unwrap();

    assert_eq!(whole_pairs(&SledStore::open(folder.path()).unwrap()), 3);
}

#[test]
fn a_wait_for_the_lock_ends_when_it_is_broken_off_or_over() {
    let folder = tempfile::tempdir().unwrap();
    let _owner = SledStore::open(folder.path()).unwrap();
    let wait = |limit, answer: ControlFlow<()>| {
        let mut heard = Vec::new();
        let result = SledStore::open_waiting(folder.path(), limit, Duration::from_millis(2), |waited| {
            heard.push(waited);
            answer
        });
        assert!(matches!(result, Err(StoreFault::Locked { .. })));
        heard
    };

    assert_eq!(wait(Duration::from_secs(600), ControlFlow::Break(())), [Duration::ZERO]);
    let pauses = wait(Duration::from_millis(5), ControlFlow::Continue(()));
    assert_eq!(pauses, [0, 2, 4].map(Duration::from_millis));
}

#[test]
fn the_folder_and_its_files_are_their_owners_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deep/data");
    drop(SledStore::open(&folder).unwrap());

    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("blobs")), 0o700);
    for file in files(&folder, |name| name != "blobs") {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

#[test]
fn a_folder_that_cannot_be_written_says_so() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    // Nobody, not even root, makes folders under a file or in the kernel's own tree.
    for folder in [file.join("data"), PathBuf::from("/sys/leadtime-store-test")] {
        let fault = open_fault(&folder);
        assert!(matches!(fault, StoreFault::NotWritable { .. }), "{fault}");
    }
    let fault = open_fault(&file);
    assert!(fault.to_string().contains("that is a file; name a folder"), "{fault}");
}

#[test]
fn root_does_not_open_the_folder_of_another_user_and_leaves_nothing_there() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let folder = filled(1);
    std::os::unix::fs::chown(folder.path(), Some(65_534), None).unwrap();
    let before = files(folder.path(), |_| true);
    let fault = open_fault(folder.path()).to_string();
    assert!(fault.contains("(uid 65534), and you are root: run this as that user, as by sudo -u "), "{fault}");
    assert_eq!(files(folder.path(), |_| true), before);
}

// ---- versions -----------------------------------------------------------------------------------------------------------

#[test]
fn a_state_of_a_newer_version_is_refused_and_left_as_it_is() {
    let folder = filled(3);
    let store = SledStore::open(folder.path()).unwrap();
    let mut commit = Commit::new();
    commit.put_json(layout::VERSION, &99).unwrap();
    store.commit(&commit).unwrap();
    drop(store);

    for _ in 0..2 {
        assert_eq!(open_fault(folder.path()), StoreFault::NewerVersion { found: 99, known: leadtime::store::VERSION });
    }
}

#[test]
fn a_reopened_store_has_its_version_and_all_its_rows() {
    let folder = filled(300);
    let store = SledStore::open(folder.path()).unwrap();
    assert_eq!(whole_pairs(&store), 300);
    assert_eq!(get_json::<u32>(&store, layout::VERSION), Ok(Some(leadtime::store::VERSION)));
    assert!(store.size_on_disk().unwrap() > 200_000);
}

// ---- damaged ----------------------------------------------------------------------------------------------------------

#[test]
fn a_snapshot_cut_short_is_set_aside_and_costs_nothing() {
    let folder = filled(300);
    fs::write(folder.path().join("snap.00000000FFFFFFFF.generating"), "half").unwrap();

    assert_eq!(whole_pairs(&SledStore::open(folder.path()).unwrap()), 300);

    assert_eq!(fs::read(folder.path().join("aside.generating")).unwrap(), b"half");
}

#[test]
fn a_snapshot_that_lacks_only_its_name_is_used() {
    let folder = filled(300);
    for file in files(folder.path(), |name| name.starts_with("snap.")) {
        fs::rename(&file, file.with_file_name(format!("{}.generating", file.file_name().unwrap().display()))).unwrap();
    }
    assert_eq!(whole_pairs(&SledStore::open(folder.path()).unwrap()), 300);
    assert_eq!(files(folder.path(), |name| name.ends_with(".generating")), Vec::<PathBuf>::new());
}

#[test]
fn a_first_start_cut_short_in_the_tree_s_format_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let apart = folder.path().join("conf.new");
    fs::create_dir(&apart).unwrap();
    fs::write(apart.join("conf"), "segment_size: 52").unwrap();

    assert_eq!(whole_pairs(&SledStore::open(folder.path()).unwrap()), 0);
    assert!(!apart.exists());
}

#[test]
fn however_long_the_values_are_no_page_leaves_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let store = SledStore::open(folder.path()).unwrap();
    let long = |n: u8, length: usize| vec![n; length];
    for n in 0..60 {
        let mut commit = Commit::new();
        commit.put([b't', n], long(n, 64 * 1024)).put([b't', n.wrapping_sub(9)], long(n, 20_000));
        store.commit(&commit).unwrap();
    }
    assert_eq!(files(&folder.path().join("blobs"), |_| true), Vec::<PathBuf>::new());
    assert_eq!(store.get(&[b't', 55]), Ok(Some(long(55, 64 * 1024))));
    assert_eq!(store.get(&[b't', 3]), Ok(Some(long(12, 20_000))));
    let backwards = store.scan_back(b"", None, usize::MAX).unwrap();
    let mut forwards = store.scan(b"", None, usize::MAX).unwrap();
    forwards.reverse();
    assert_eq!(forwards, backwards);
    // 60 rows, 9 below the first, and the store's own two: no part is a row of its own.
    assert_eq!(forwards.len(), 60 + 9 + 2);
}

#[test]
fn a_lost_log_is_damage_and_not_a_fresh_store() {
    let folder = filled(300);
    fs::remove_file(folder.path().join("db")).unwrap();
    assert_damaged(folder.path());
}

#[test]
fn a_log_and_snapshots_lost_together_are_damage_and_not_a_fresh_store() {
    let folder = filled(300);
    for file in files(folder.path(), |name| name == "db" || name.starts_with("snap.")) {
        fs::remove_file(file).unwrap();
    }
    assert_damaged(folder.path());
}

#[test]
fn lost_snapshots_are_damage_or_cost_nothing() {
    let folder = filled(300);
    for file in files(folder.path(), |name| name.starts_with("snap.")) {
        fs::remove_file(file).unwrap();
    }
    match SledStore::open(folder.path()) {
        Ok(store) => assert_eq!(whole_pairs(&store), 300),
        Err(fault) => assert!(matches!(fault, StoreFault::Damaged { .. }), "{fault}"),
    }
}

#[test]
fn a_snapshot_emptied_or_zeroed_is_damage() {
    for zeroed in [false, true] {
        let folder = filled(300);
        for file in files(folder.path(), |name| name.starts_with("snap.")) {
            let length = if zeroed { fs::metadata(&file).unwrap().len() } else { 0 };
            fs::write(file, vec![0; length as usize]).unwrap();
        }
        assert_damaged(folder.path());
    }
}

#[test]
fn a_log_cut_or_zeroed_anywhere_is_damage_and_never_a_panic_or_a_shorter_store() {
    let whole = filled(3000);
    let log = fs::read(whole.path().join("db")).unwrap();
    for percent in [0, 3, 20, 50, 80, 97] {
        let at = log.len() * percent / 100;
        let cut = log[..at].to_vec();
        let mut zeroed = log.clone();
        let until = (at + 20_000).min(log.len());
        zeroed[at..until].fill(0);
        for (how, bytes) in [("cut", cut), ("zeroed", zeroed)] {
            let folder = tempfile::tempdir().unwrap();
            for file in files(whole.path(), |name| name != "blobs" && name != "db") {
                fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
            }
            fs::write(folder.path().join("db"), &bytes).unwrap();

            // The second time too: a tree that has mended itself in the meantime must not pass for whole.
            for attempt in 1..=2 {
                let read = SledStore::open(folder.path()).and_then(|store| {
                    let rows = store.scan(b"row/", None, usize::MAX)?;
                    Ok((rows.len(), store.scan(b"twin/", None, usize::MAX)?.len()))
                });
                let place = format!("{how} at {percent} %, attempt {attempt}");
                match read {
                    Ok(found) => assert_eq!(found, (3000, 3000), "{place}"),
                    Err(fault) => assert!(matches!(fault, StoreFault::Damaged { .. }), "{place}: {fault}"),
                }
            }
        }
    }
}

#[test]
fn a_mark_that_does_not_read_is_damage() {
    let folder = filled(3);
    fs::write(folder.path().join("leadtime.state"), "{").unwrap();
    assert_damaged(folder.path());
}

// ---- full -------------------------------------------------------------------------------------------------------------

#[test]
#[ignore = "needs a small disk: mount -t tmpfs -o size=24m tmpfs DIR; LEADTIME_TEST_SMALL_DISK=DIR"]
fn a_disk_that_fills_refuses_commits_and_keeps_what_it_has() {
    let disk = PathBuf::from(std::env::var(SMALL_DISK).unwrap());
    let folder = disk.join("data");
    let store = SledStore::open(&folder).unwrap();
    let mut taken = 0;
    let refused = loop {
        match store.commit(&pair(taken)) {
            Ok(()) => taken += 1,
            Err(fault) => break fault,
        }
    };
    assert!(refused.is_no_room(), "{refused}");
    assert_eq!(whole_pairs(&store), taken, "what is there can be read");
    drop(store);

    assert_eq!(whole_pairs(&SledStore::open(&folder).unwrap()), taken);
    fs::remove_dir_all(&folder).unwrap();
}
