//! Rows of the store as damage leaves them: a real store, and rows that are put over those in it. What cannot be read is said
//! to be damage; what can be read is decided on, delivered and told of like any other.

use std::{cell::OnceCell, collections::BTreeMap, fs, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use leadtime::{
    core::{ids::CaseNumber, reply::Reply},
    service::{
        facts::{Job, State},
        prepare::orders,
        walk::{Walk, World},
    },
    settings::{self as read, Settings},
    store::{Commit, MemoryStore, Pair, Store, layout},
    web::{explain, history, outbox, plan, status},
};
use serde_json::{Value, json};

use super::{
    Held, Target, hold, of_sections, sections,
    settings::{self, CALENDAR, RICH},
    stage::{SECRET, now},
};

pub const TARGET: Target = Target {
    name: "state",
    about: "rows of the store as damage leaves them",
    corpus,
    words: WORDS,
    feed,
    cases: 60,
    memory: (48 << 20, 200),
};

const WORDS: &[&str] = &[
    "meta/next-case",
    "meta/next-message",
    "meta/next-line",
    "meta/orders",
    "meta/once",
    "trouble/x",
    "account/contoso",
    "destination/sales",
    "accepted/sales",
    "digest/monday/sales",
    "silent/sales",
    "seen/contoso/r1",
    "case/",
    "summary/",
    "body/",
    "outbox/sales/",
    "outbox/desk/",
    "outbox/nobody/",
    "dead/sales/",
    "journal/",
    "history/",
    "case",
    "id",
    "deadline",
    "look",
    "open",
    "shelved",
    "muted",
    "claimed",
    "fingerprint",
    "attempting",
    "destination",
    "recipient",
    "number",
    "key",
    "9999-12-31T23:59:59Z",
    "-009999-01-02T01:59:59Z",
    "2026-11-04T09:00:00Z",
    "sales",
    "desk",
    "crm",
    "@anna",
    "contoso",
];

/// Stands between the key and the value of a row.
const IS: u8 = 0x1f;

struct Base {
    settings: Settings,
    rows: Vec<Pair>,
}

thread_local! {
    static BASE: OnceCell<Base> = const { OnceCell::new() };
}

fn with<T>(ask: impl FnOnce(&Base) -> T) -> T {
    BASE.with(|base| ask(base.get_or_init(base_of_a_week)))
}

/// A store of some referrals after a week in which some messages were taken, some were not, and some are under way.
fn base_of_a_week() -> Base {
    let folder = settings::folder();
    let file = folder.path().join("leadtime.toml");
    fs::write(&file, RICH).expect("written");
    fs::write(folder.path().join("calendar.ics"), CALENDAR).expect("written");
    let settings = read::load(&file, settings::secrets()).expect("settings that are good").0;
    let begun = now() - SignedDuration::from_hours(7 * 24);
    let mut walk = Walk::new(orders(&settings), "contoso", begun).expect("a store in memory");
    walk.world.listed = (0..6).map(|number| referral(number, begun)).collect();
    let mut count = 0;
    let mut judge = |_: &Job, _: Timestamp| {
        count += 1;
        match count % 5 {
            0 => Some(Reply::TryLater { after: None, why: "a bad day".to_owned() }),
            1 => Some(Reply::MessageRefused { why: "not wanted".to_owned() }),
            2 => None,
            _ => Some(Reply::Accepted { detail: None }),
        }
    };
    walk.poll().expect("a poll");
    walk.pass(now(), Some(SignedDuration::from_hours(12)), &mut judge).expect("a week");
    let rows = walk.store.scan(b"", None, usize::MAX).expect("rows");
    Base { settings, rows }
}

fn referral(number: i64, begun: Timestamp) -> Value {
    let created = begun - SignedDuration::from_hours(24 * number);
    json!({"id": format!("r{number}"), "status": "New", "substatus": "Pending", "type": "Shared",
        "createdDateTime": created, "expirationDateTime": (number % 2 == 0).then_some(created + SignedDuration::from_hours(14 * 24)),
        "customerProfile": {"name": "Fabrikam Kft.", "address": {"country": "HU"}},
        "team": [{"email": "anna@contoso.com"}], "details": {"dealValue": 80_000, "currency": "EUR", "notes": "Please call."}})
}

/// The rows of the base store.
pub fn rows() -> Vec<Pair> {
    with(|base| base.rows.clone())
}

/// Some rows of each kind that the base store holds.
fn corpus() -> Vec<Vec<u8>> {
    with(|base| {
        let kind = |key: &[u8]| key.split(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
        let mut taken: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
        let mut some = |(key, value): &&Pair| {
            let of_kind = taken.entry(kind(key)).or_default();
            *of_kind += 1;
            // What stands in a key as a number would else be cut where it looks like the end of a section.
            *of_kind <= 5 && !key.iter().chain(value).any(|byte| matches!(*byte, 0x1e | IS))
        };
        let row = |(key, value): &Pair| [key.as_slice(), &[IS], value].concat();
        let mut corpus: Vec<_> = base.rows.iter().filter(|pair| some(pair)).map(row).collect();
        corpus.push(of_sections(&["meta/next-case\u{1f}1", "meta/next-message\u{1f}0"]));
        corpus
    })
}

fn feed(input: &[u8]) -> Held {
    with(|base| {
        let store = Arc::new(MemoryStore::new());
        put(&store, base.rows.iter().cloned());
        put(&store, sections(input).into_iter().filter_map(row_of));
        let loaded = State::load(store.clone(), Arc::new(orders(&base.settings)), true, now());
        let state = match loaded {
            Ok(state) => state,
            Err(fault) => {
                let told = fault.to_string();
                hold!(told.len() < 4_000 && !told.contains(SECRET), "damage is told in short", "{told}");
                return Ok(());
            }
        };
        let world = World { listed: vec![referral(0, now()), referral(9, now())], page_size: 2, ..World::default() };
        let mut walk = Walk { store, state, now: now(), account: "contoso".into(), world, reads: 0 };
        tell(&walk, &base.settings);
        // A store that is damaged may say so at any step; it must not do worse.
        let polled = walk.poll();
        let mut judge = |_: &Job, _: Timestamp| Some(Reply::Accepted { detail: None });
        if polled.is_ok() {
            let until = now() + SignedDuration::from_hours(48);
            drop(walk.pass(until, Some(SignedDuration::from_hours(24)), &mut judge));
        }
        tell(&walk, &base.settings);
        Ok(())
    })
}

fn row_of(section: &[u8]) -> Option<Pair> {
    let at = section.iter().position(|byte| *byte == IS)?;
    Some((section[..at].to_vec(), section[at + 1..].to_vec()))
}

fn put(store: &MemoryStore, rows: impl Iterator<Item = Pair>) {
    for (key, value) in rows {
        let mut commit = Commit::new();
        commit.put(key, value);
        // A row that no store would take is none.
        drop(store.commit(&commit));
    }
}

/// Everything that commands and the API tell of it.
fn tell(walk: &Walk, settings: &Settings) {
    let (state, store, now) = (&walk.state, walk.store.as_ref(), walk.now);
    for number in (0..8).map(CaseNumber) {
        if let Ok(sketch) = explain::sketch(state, number, now) {
            drop(explain::finish(sketch, store, settings, true));
        }
        if let Ok(sketch) = plan::sketch_of(state, number, now) {
            drop(serde_json::to_string(&plan::finish_of(sketch, store, settings, true)));
        }
    }
    let wanted = plan::Wanted { account: None, all: false };
    drop(plan::finish(plan::sketch(state, &wanted, now), store, settings, state.orders(), &wanted, true));
    let asked = outbox::Asked::default();
    if let Ok(rows) = outbox::rows(state, &asked, now) {
        drop(serde_json::to_string(&outbox::finish(rows, &asked, store, settings, true)));
    }
    if let Ok(sketch) = status::sketch(state, settings, None, now) {
        drop(status::finish(sketch, store, settings, None));
    }
    drop(history::remembrance(store, now - SignedDuration::from_hours(24 * 90), None, 0));
    drop(store.scan(layout::JOURNAL, None, 1));
}
