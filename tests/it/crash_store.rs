//! The store that dies by a plan keeps the promises that simulations build on.

#[path = "../disk/mod.rs"]
mod disk;

use leadtime::store::{Commit, Store, StoreFault};

use self::disk::{CrashStore, Death, Disk, Image, Moment, Plan, Span, Step, Tear, Trouble};

/// Two rows far apart, so that half a commit would show.
fn pair(n: u8) -> Commit {
    let mut commit = Commit::new();
    commit.put([b'a', n], vec![n; 900]).put([b'z', n], vec![n; 900]);
    commit
}

fn dying(commit: u64, moment: Moment) -> Plan {
    Plan { death: Some(Death { commit, moment }), ..Plan::default() }
}

/// Runs a story in memory and on disk.
fn on_each(seed: u64, plan: &Plan, story: impl Fn(CrashStore)) {
    story(CrashStore::in_memory(seed, plan.clone()));
    story(CrashStore::on_disk(seed, plan.clone()).unwrap());
}

/// The numbers of the pairs that are there, each of them whole.
fn pairs(store: &CrashStore) -> Vec<u8> {
    let numbers = |prefix: &[u8]| -> Vec<u8> {
        store.scan(prefix, None, 999).unwrap().into_iter().map(|(key, _)| key[1]).collect()
    };
    let found = numbers(b"a");
    assert_eq!(found, numbers(b"z"), "half a commit");
    found
}

#[test]
fn a_dead_store_answers_closed_and_the_next_life_finds_what_was_acknowledged() {
    for (moment, found) in [(Moment::Before, vec![1]), (Moment::After, vec![1, 2])] {
        on_each(7, &dying(2, moment), |store| {
            assert_eq!(store.commit(&pair(1)), Ok(()));
            assert_eq!(store.commit(&pair(2)), Err(StoreFault::Closed));
            assert_eq!(store.commit(&pair(3)), Err(StoreFault::Closed));
            assert_eq!(store.get(b"a\x01"), Err(StoreFault::Closed));
            assert!(store.is_dead());
            assert_eq!(store.acknowledged(), 1);
            assert_eq!(pairs(&store.next_life(Plan::default()).unwrap()), found);
        });
    }
}

#[test]
fn a_torn_commit_is_there_whole_or_not_at_all_and_each_of_both_happens() {
    for in_memory in [true, false] {
        let outcomes = (0..12).map(|seed| {
            let plan = dying(2, Moment::Torn);
            let store =
                if in_memory { CrashStore::in_memory(seed, plan) } else { CrashStore::on_disk(seed, plan).unwrap() };
            store.commit(&pair(1)).unwrap();
            assert_eq!(store.commit(&pair(2)), Err(StoreFault::Closed));
            pairs(&store.next_life(Plan::default()).unwrap())
        });
        let outcomes: std::collections::BTreeSet<_> = outcomes.collect();
        assert_eq!(outcomes, [vec![1], vec![1, 2]].into(), "in memory: {in_memory}");
    }
}

#[test]
fn a_trouble_lasts_for_its_span_and_only_the_unsure_one_leaves_its_commit() {
    let troubles = [(2..=3, Trouble::NoRoom), (4..=4, Trouble::IoButTaken), (5..=5, Trouble::NotWritable)];
    let troubles = troubles.map(|(commits, trouble)| Span { commits, trouble }).to_vec();
    on_each(7, &Plan { troubles, death: None }, |store| {
        let answers: Vec<bool> = (1..=6).map(|n| store.commit(&pair(n)).is_ok()).collect();
        assert_eq!(answers, [true, false, false, false, false, true]);
        assert_eq!(pairs(&store), [1, 4, 6]);
        assert_eq!(pairs(&store.next_life(Plan::default()).unwrap()), [1, 4, 6]);
    });
}

#[test]
fn the_same_seed_dies_the_same_death_in_memory() {
    let life = |seed| {
        let plan = Plan::drawn(&mut fastrand::Rng::with_seed(seed), 5);
        let store = CrashStore::in_memory(seed, plan.clone());
        let answers: Vec<_> = (1..=5).map(|n| store.commit(&pair(n))).collect();
        (format!("{plan:?}"), answers, pairs(&store.next_life(Plan::default()).unwrap()))
    };
    for seed in 0..40 {
        assert_eq!(life(seed), life(seed));
    }
    assert!((1..40).any(|seed| life(seed) != life(0)));
}

// ---- the disk beneath -------------------------------------------------------------------------------------------------

fn image(files: &[(&str, &[u8])]) -> Image {
    Image { files: files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect() }
}

fn write(file: &str, at: u64, bytes: &[u8]) -> Step {
    Step::Write { file: file.into(), at, bytes: bytes.to_vec() }
}

fn sync(path: &str) -> Step {
    Step::Sync { path: path.into(), covers: usize::MAX }
}

/// Every image that draws with many seeds leave.
fn left_of(disk: &Disk, names_in_order: bool) -> Vec<Image> {
    let mut found: Vec<Image> = Vec::new();
    for seed in 0..200 {
        let tear = Tear { sector: 512, kept: 0.5, names_in_order };
        let left = disk.after_power_cut(&mut fastrand::Rng::with_seed(seed), tear);
        if !found.contains(&left) {
            found.push(left);
        }
    }
    found
}

#[test]
fn what_was_synced_with_its_name_survives_and_nothing_else_needs_to() {
    let mut disk = Disk::of(&image(&[("old", b"old")]));
    for step in [Step::Make("new".into()), write("new", 0, b"new"), sync("new"), write("old", 0, b"OLD")] {
        disk.take(&step);
    }
    assert!(disk.as_seen() == image(&[("new", b"new"), ("old", b"OLD")]));
    assert_eq!(left_of(&disk, true).len(), 2, "a journal takes the name along with the bytes");
    let left = left_of(&disk, false);
    assert_eq!(left.len(), 4, "its name was not synced, and the other's bytes were not");
    assert!(left.contains(&image(&[("old", b"old")])));

    disk.take(&sync(""));
    disk.take(&sync("old"));
    assert!(left_of(&disk, false) == [image(&[("new", b"new"), ("old", b"OLD")])]);
}

#[test]
fn each_sector_is_lost_for_itself_and_a_file_may_be_shorter_than_what_was_written() {
    let mut disk = Disk::of(&image(&[("log", &[1; 1024])]));
    disk.take(&write("log", 0, &[2; 1024]));
    assert_eq!(left_of(&disk, true).len(), 4);
    disk.take(&write("log", 1024, &[2; 512]));
    let lengths: std::collections::BTreeSet<usize> =
        left_of(&disk, true).iter().map(|image| image.files["log"].len()).collect();
    assert_eq!(lengths, [1024, 1536].into());
}

#[test]
fn a_rename_happens_or_does_not_and_in_order_only_where_the_disk_keeps_order() {
    let mut disk = Disk::of(&image(&[("snap.1", b"1"), ("snap.2.half", b"2")]));
    disk.take(&Step::Rename { from: "snap.2.half".into(), to: "snap.2".into() });
    disk.take(&Step::Remove("snap.1".into()));
    let nothing_finished = image(&[("snap.2.half", b"2")]);
    assert_eq!(left_of(&disk, true).len(), 3);
    assert!(!left_of(&disk, true).contains(&nothing_finished));
    assert!(left_of(&disk, false).contains(&nothing_finished));
}

#[test]
fn the_steps_between_two_images_lead_from_one_to_the_other() {
    let earlier = image(&[("db", &[1; 3000]), ("blobs/7", b"seven"), ("gone", b"x")]);
    let mut log = vec![1; 2000];
    log[700..800].fill(9);
    let later = image(&[("db", &log), ("blobs/7", b"seven"), ("blobs/8", b"eight")]);
    let mut disk = Disk::of(&earlier);
    Disk::steps_between(&earlier, &later).iter().for_each(|step| disk.take(step));
    assert!(disk.as_seen() == later);
    disk.take(&Step::SyncAll);
    assert!(left_of(&disk, false) == [later]);
}
