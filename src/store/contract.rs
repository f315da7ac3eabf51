//! The contract of [`Store`], told once and held against every store.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Runs a story on a fresh store of each kind.
fn on_each_store(story: impl Fn(&dyn Store)) {
    story(&MemoryStore::new());
    let folder = tempfile::tempdir().unwrap();
    story(&SledStore::open(folder.path()).unwrap());
}

fn filled(store: &dyn Store, keys: &[&str]) {
    let mut commit = Commit::new();
    for key in keys {
        commit.put(*key, key.to_uppercase());
    }
    store.commit(&commit).unwrap();
}

fn keys(pairs: Result<Vec<Pair>, StoreFault>) -> Vec<String> {
    pairs.unwrap().into_iter().map(|(key, _)| String::from_utf8(key).unwrap()).collect()
}

#[test]
fn a_commit_puts_and_deletes_together() {
    on_each_store(|store| {
        filled(store, &["t/a", "t/b"]);

        let mut commit = Commit::new();
        commit.delete("t/a").put("t/c", "C").delete("t/never-there");
        store.commit(&commit).unwrap();

        assert_eq!(keys(store.scan(b"t/", None, 9)), ["t/b", "t/c"]);
        assert_eq!(store.get(b"t/a"), Ok(None));
        assert_eq!(store.get(b"t/c"), Ok(Some(b"C".to_vec())));
    });
}

#[test]
fn a_scan_keeps_to_its_prefix_and_goes_on_where_the_last_page_ended() {
    on_each_store(|store| {
        filled(store, &["s", "t/a", "t/b", "t/c", "t0", "u"]);

        let page = keys(store.scan(b"t/", None, 2));
        assert_eq!(page, ["t/a", "t/b"]);
        let next = layout::after(page[1].as_bytes());
        assert_eq!(keys(store.scan(b"t/", Some(&next), 2)), ["t/c"]);
        assert_eq!(keys(store.scan(b"t/", Some(b"a"), 1)), ["t/a"], "a start before the prefix is the prefix");
        assert_eq!(keys(store.scan(b"t/", Some(b"z"), 9)), [""; 0]);
        assert_eq!(keys(store.scan(b"t/", None, 0)), [""; 0]);
    });
}

#[test]
fn a_scan_back_brings_the_newest_first_and_goes_on_below_the_last() {
    on_each_store(|store| {
        filled(store, &["s", "t/a", "t/b", "t/c", "t0", "u"]);

        assert_eq!(keys(store.scan_back(b"t/", None, 2)), ["t/c", "t/b"]);
        assert_eq!(keys(store.scan_back(b"t/", Some(b"t/b"), 2)), ["t/a"]);
        assert_eq!(keys(store.scan_back(b"t/", Some(b"z"), 1)), ["t/c"], "an end above the prefix is its end");
        assert_eq!(keys(store.scan_back(b"t/", Some(b"a"), 9)), [""; 0]);
    });
}

#[test]
fn a_value_above_the_limit_is_refused_and_nothing_of_its_commit_stays() {
    on_each_store(|store| {
        let mut commit = Commit::new();
        commit.put("t/a", "A").put("t/large", vec![0; MAX_VALUE_BYTES + 1]);
        assert!(matches!(store.commit(&commit), Err(StoreFault::TooLarge { .. })));
        assert_eq!(keys(store.scan(b"t/", None, 9)), [""; 0]);
    });
}

#[test]
fn a_commit_above_the_limits_is_refused() {
    on_each_store(|store| {
        let mut many = Commit::new();
        for n in 0..=MAX_COMMIT_WRITES as u64 {
            many.put(n.to_be_bytes(), "");
        }
        assert!(matches!(store.commit(&many), Err(StoreFault::TooLarge { .. })));

        let mut much = Commit::new();
        for n in 0..=(MAX_COMMIT_BYTES / MAX_VALUE_BYTES) as u64 {
            much.put(n.to_be_bytes(), vec![0; MAX_VALUE_BYTES]);
        }
        assert!(matches!(store.commit(&much), Err(StoreFault::TooLarge { .. })));
    });
}

#[test]
fn sixteen_of_the_largest_values_side_by_side_are_kept() {
    on_each_store(|store| {
        let mut commit = Commit::new();
        for n in 0..16 {
            commit.put(vec![b't', n], vec![n; MAX_VALUE_BYTES]);
        }
        store.commit(&commit).unwrap();
        let found = store.scan(b"t", None, 99).unwrap();
        assert!(found.iter().all(|(key, value)| value.iter().all(|byte| *byte == key[1])));
        assert_eq!(found.len(), 16);
    });
}

#[test]
fn json_is_read_back_and_what_does_not_read_names_its_key() {
    on_each_store(|store| {
        let mut commit = Commit::new();
        commit.put_json("t/list", &[1, 2]).unwrap().put("t/odd\u{ff}", "{");
        store.commit(&commit).unwrap();

        assert_eq!(get_json::<Vec<u8>>(store, b"t/list"), Ok(Some(vec![1, 2])));
        assert_eq!(get_json::<Vec<u8>>(store, b"t/none"), Ok(None));
        let fault = get_json::<Vec<u8>>(store, "t/odd\u{ff}".as_bytes()).unwrap_err();
        assert!(fault.to_string().contains(r"t/odd\xc3\xbf"), "{fault}");
    });
}

#[test]
fn a_closed_store_says_so_and_can_be_closed_again() {
    on_each_store(|store| {
        filled(store, &["a"]);
        assert_eq!(store.close(), Ok(()));
        assert_eq!(store.close(), Ok(()));
        assert_eq!(store.get(b"a"), Err(StoreFault::Closed));
        assert_eq!(store.scan(b"", None, 9), Err(StoreFault::Closed));
        let mut commit = Commit::new();
        commit.put("b", "");
        assert_eq!(store.commit(&commit), Err(StoreFault::Closed));
    });
}

/// Short keys over few letters, so that commits overwrite, delete and split the same pages.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(&[b'a', b'b', 0, 255][..]), 1..5).prop_map(|mut key| {
        key.insert(0, b't');
        key
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_committed_each_store_scans_as_a_sorted_map(
        commits in prop::collection::vec(prop::collection::vec((key(), prop::option::of(0u8..4)), 1..40), 1..12),
        (prefix, edge) in (key(), key()),
        limit in 0usize..30,
    ) {
        let mut model = BTreeMap::new();
        for (key, value) in commits.iter().flatten() {
            match value {
                Some(value) => model.insert(key.clone(), vec![*value; 40]),
                None => model.remove(key),
            };
        }
        let prefix = &prefix[..prefix.len() / 2 + 1];
        let expect = || model.clone().into_iter().filter(|(key, _)| key.starts_with(prefix));
        let forward: Vec<Pair> = expect().filter(|(key, _)| *key >= edge).take(limit).collect();
        let back: Vec<Pair> = expect().rev().filter(|(key, _)| *key < edge).take(limit).collect();

        on_each_store(|store| {
            for writes in &commits {
                let mut commit = Commit::new();
                for (key, value) in writes {
                    match value {
                        Some(value) => commit.put(key.clone(), vec![*value; 40]),
                        None => commit.delete(key.clone()),
                    };
                }
                store.commit(&commit).unwrap();
            }
            assert_eq!(store.scan(prefix, Some(&edge), limit).unwrap(), forward);
            assert_eq!(store.scan_back(prefix, Some(&edge), limit).unwrap(), back);
        });
    }
}
