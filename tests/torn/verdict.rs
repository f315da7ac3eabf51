//! Opens a store and holds it against what must be there. It takes no excuses: what it cannot explain is a violation.

use std::{ops::RangeInclusive, path::Path};

use leadtime::store::{SledStore, Store, StoreFault, layout};

use crate::workload::{FIRST, Rows, Workload, is_the_stores_own};

/// What became of a store that was opened.
#[derive(Debug)]
pub enum Verdict {
    /// It has exactly what so many commits left.
    Whole(u64),
    /// It says that it is damaged, when it is opened or when it is read.
    Refused(String),
    /// It has something else, or failed in another way.
    Wrong(String),
}

/// Opens the store in `folder`, which must hold what one of `commits` commits have left; `rows` are those of the fewest.
pub fn of(
    folder: &Path,
    workload: Workload,
    commits: &RangeInclusive<u64>,
    rows: &Rows,
) -> (Verdict, Option<SledStore>) {
    let store = match SledStore::open(folder) {
        Ok(store) => store,
        Err(fault) => return (of_fault(fault), None),
    };
    let verdict = of_store(&store, workload, commits, rows).unwrap_or_else(of_fault);
    (verdict, Some(store))
}

fn of_fault(fault: StoreFault) -> Verdict {
    match fault {
        StoreFault::Damaged { what } => Verdict::Refused(what),
        other => Verdict::Wrong(format!("it failed otherwise than as damaged: {other}")),
    }
}

/// As [`of`], of a store that is open.
pub fn of_store(
    store: &SledStore,
    workload: Workload,
    commits: &RangeInclusive<u64>,
    rows: &Rows,
) -> Result<Verdict, StoreFault> {
    let count = store.get(layout::COMMITS)?.and_then(|count| Some(u64::from_be_bytes(count.try_into().ok()?)));
    let Some(count) = count else { return Ok(Verdict::Wrong("it has no count of commits".into())) };
    if !commits.contains(&count) {
        return Ok(Verdict::Wrong(format!("it has {count} commits and must have {commits:?}")));
    }
    let mut expected = rows.clone();
    for number in (*commits.start() + 1).max(FIRST)..=count {
        workload.apply(number, &mut expected);
    }
    let found = store.scan(b"", None, usize::MAX)?;
    let mut found = found.iter().filter(|(key, _)| !is_the_stores_own(key));
    for (key, value) in &expected {
        match found.next() {
            Some((other, content)) if other == key && **content == **value => {}
            Some((other, _)) if other == key => return Ok(differs(count, "another value", key)),
            Some((other, _)) => return Ok(differs(count, "a row too many or too few", other.min(key))),
            None => return Ok(differs(count, "rows missing at the end", key)),
        }
    }
    Ok(found.next().map_or(Verdict::Whole(count), |(key, _)| differs(count, "a row too many", key)))
}

fn differs(commits: u64, how: &str, key: &[u8]) -> Verdict {
    Verdict::Wrong(format!("with {commits} commits it has {how} at {}", key.escape_ascii()))
}
