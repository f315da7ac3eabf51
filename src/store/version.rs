//! The version of the state: a newer one is refused, an older one is brought up to date, a missing one is damage unless
//! the store is empty. It never guesses.

use super::{Commit, Store, StoreFault, get_json, layout};

/// Takes a state from one version to the next. It may commit in several parts, and a crash may make it run twice over
/// the same rows; its last part is what it leaves in the commit, which the new version row joins.
type Step = fn(&dyn Store, &mut Commit) -> Result<(), StoreFault>;

/// `STEPS[n]` takes a state of version `n + 1` to `n + 2`.
const STEPS: [Step; 2] = [
    // Version 2 has claims, digests at set times, and notices as what happened in place of their English. It reads what
    // version 1 wrote as it stands; the number keeps an older program from taking the new rows for damage.
    |_, _| Ok(()),
    // Version 3 has attempts under way beside their messages, and several lines of the journal in one row. It too reads
    // what came before as it stands: an older program would take an attempt that it cannot see for one never made.
    |_, _| Ok(()),
];

/// The version of the state that this program writes.
pub const VERSION: u32 = STEPS.len() as u32 + 1;

/// Makes sure that the state is of [`VERSION`], or says why it cannot be.
pub(super) fn settle(store: &dyn Store) -> Result<(), StoreFault> {
    climb(store, &STEPS)
}

fn climb(store: &dyn Store, steps: &[Step]) -> Result<(), StoreFault> {
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX).saturating_add(1);
    let Some(found) = get_json::<u32>(store, layout::VERSION)? else {
        if !store.scan(b"", None, 1)?.is_empty() {
            return Err(StoreFault::Damaged { what: "there are rows but no version".into() });
        }
        let mut first = Commit::new();
        first.put_json(layout::VERSION, &known)?;
        return store.commit(&first);
    };
    if found > known {
        return Err(StoreFault::NewerVersion { found, known });
    }
    let Some(done) = found.checked_sub(1) else {
        return Err(StoreFault::Damaged { what: "the version is 0".into() });
    };
    for (version, step) in (2..).zip(steps).skip(done as usize) {
        let mut last = Commit::new();
        step(store, &mut last)?;
        last.put_json(layout::VERSION, &version)?;
        store.commit(&last)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    const LADDER: [Step; 2] = [
        |_, commit| {
            commit.put("trail", "2");
            Ok(())
        },
        |store, commit| {
            let mut trail = store.get(b"trail")?.unwrap_or_default();
            trail.extend(b" 3");
            commit.put("trail", trail);
            Ok(())
        },
    ];

    fn store_of_version(version: u32) -> MemoryStore {
        let store = MemoryStore::new();
        let mut commit = Commit::new();
        commit.put_json(layout::VERSION, &version).unwrap();
        store.commit(&commit).unwrap();
        store
    }

    #[test]
    fn an_empty_store_begins_at_the_newest_version() {
        let store = MemoryStore::new();
        climb(&store, &LADDER).unwrap();
        assert_eq!(get_json::<u32>(&store, layout::VERSION), Ok(Some(3)));
        assert_eq!(store.get(b"trail"), Ok(None));
    }

    #[test]
    fn an_older_state_climbs_every_step_above_it_once() {
        let store = store_of_version(1);
        climb(&store, &LADDER).unwrap();
        climb(&store, &LADDER).unwrap();
        assert_eq!(store.get(b"trail"), Ok(Some(b"2 3".to_vec())));
        assert_eq!(get_json::<u32>(&store, layout::VERSION), Ok(Some(3)));
    }

    #[test]
    fn a_climb_cut_short_goes_on_where_it_stopped() {
        let store = store_of_version(1);
        store.fail_commit(2, StoreFault::Closed);
        assert_eq!(climb(&store, &LADDER), Err(StoreFault::Closed));
        climb(&store, &LADDER).unwrap();
        assert_eq!(store.get(b"trail"), Ok(Some(b"2 3".to_vec())));
    }

    #[test]
    fn a_newer_state_is_refused() {
        let store = store_of_version(4);
        assert_eq!(climb(&store, &LADDER), Err(StoreFault::NewerVersion { found: 4, known: 3 }));
    }

    #[test]
    fn rows_without_a_version_are_damage() {
        let store = MemoryStore::new();
        let mut commit = Commit::new();
        commit.put("a", "x");
        store.commit(&commit).unwrap();
        assert!(matches!(climb(&store, &LADDER), Err(StoreFault::Damaged { .. })));
    }
}
