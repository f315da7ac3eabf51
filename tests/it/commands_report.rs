//! `report` in the binary: a service that runs and its store when it has stopped, over a past of two months.

use std::{collections::BTreeMap, path::Path};

use jiff::{SignedDuration, Timestamp};
use leadtime::{
    core::reply::Reply,
    demo::invent::Inventor,
    service::{
        facts::Job,
        prepare,
        walk::{Answer, Walk},
    },
    settings,
    store::{Commit, SledStore, Store as _, layout},
};
use serde_json::{Value, json};

use crate::commands_stage::{Stage, now, told};

/// A day.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A message that a channel took: when, where, what, about which referral.
pub type Sent = (Timestamp, String, String, String);

/// What happens to a referral, so long after it was created.
#[derive(Clone, Copy, Debug)]
pub enum Fate {
    /// Somebody answers.
    Answered(&'static str, SignedDuration),
    /// Nobody does.
    Expires,
}

/// A referral of a past: when it was created, and what becomes of it.
pub struct Referred {
    pub created: Timestamp,
    pub fate: Fate,
}

/// One referral a day for so many days, by turns answered in 3 hours, in 20, in 3 days, declined in 30 hours, and not at all.
pub fn one_a_day(days: i64, now: Timestamp) -> Vec<Referred> {
    let fates = [
        Fate::Answered("Accepted", SignedDuration::from_hours(3)),
        Fate::Answered("Accepted", SignedDuration::from_hours(20)),
        Fate::Answered("Declined", SignedDuration::from_hours(30)),
        Fate::Answered("Accepted", SignedDuration::from_hours(72)),
        Fate::Expires,
    ];
    let one = |(day, fate)| Referred { created: now - DAY * (days - day) as i32 + DAY / 2, fate };
    (0..days).zip(fates.into_iter().cycle()).map(one).collect()
}

/// Leads a writer through what happened and returns it with every message that was sent. Partner Center is read at the very
/// instant of each change.
pub fn lived(settings: &str, referred: &[Referred], now: Timestamp) -> (Walk, Vec<Sent>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leadtime.toml");
    std::fs::write(&file, settings).unwrap();
    let orders = prepare::orders(&settings::load(&file, std::iter::empty()).unwrap().0);
    let begin = referred.iter().map(|one| one.created).min().unwrap();
    let mut walk = Walk::new(orders, "contoso", begin).unwrap();
    let mut sent: Vec<Sent> = Vec::new();
    let mut judge = |job: &Job, at: Timestamp| {
        let one = |item: &leadtime::service::facts::Item| {
            (at, job.lane.0.to_string(), item.line.event.as_str().to_owned(), item.case.id().to_string())
        };
        sent.extend(job.items.iter().map(one));
        Some(Reply::Accepted { detail: None })
    };
    for ((at, id), (body, is_open)) in course(referred).into_iter().filter(|((at, _), _)| *at <= now) {
        walk.pass(at - SignedDuration::from_nanos(1), None, &mut judge).unwrap();
        walk.now = at;
        walk.world.listed.retain(|item| item["id"] != id.as_str());
        match is_open {
            true => walk.world.listed.push(body),
            false => drop(walk.world.by_id.insert(id, Answer::Found(body))),
        }
        walk.poll().unwrap();
        walk.settle(&mut judge).unwrap();
    }
    walk.pass(now, None, &mut judge).unwrap();
    (walk, sent)
}

/// Every change in the order of time: the referral's id, its body from then on, and whether it is open.
fn course(referred: &[Referred]) -> BTreeMap<(Timestamp, String), (Value, bool)> {
    let mut inventor = Inventor::new(7);
    let mut changes = BTreeMap::new();
    for Referred { created, fate } in referred {
        let sketch = inventor.invent(*created);
        let mut body = sketch.body();
        body["createdDateTime"] = json!(created.to_string());
        changes.insert((*created, sketch.id()), (body.clone(), true));
        let (at, status, substatus) = match fate {
            Fate::Answered("Accepted", after) => (*created + *after, "Active", "Accepted"),
            Fate::Answered(substatus, after) => (*created + *after, "Closed", *substatus),
            Fate::Expires => (sketch.expires(), "Closed", "Expired"),
        };
        let dated = if status == "Active" { "acceptedDateTime" } else { "closedDateTime" };
        for (name, value) in [("status", status), ("substatus", substatus), (dated, &at.to_string())] {
            body[name] = json!(value);
        }
        changes.insert((at, sketch.id()), (body, false));
    }
    changes
}

/// Puts what a walk remembers into the state folder of a stage.
pub fn pour(walk: &Walk, folder: &Path) {
    let store = SledStore::open(&folder.join("data")).unwrap();
    for page in walk.store.scan(b"", None, usize::MAX).unwrap().chunks(200) {
        let mut commit = Commit::new();
        for (key, value) in page.iter().filter(|(key, _)| key != layout::VERSION && key != layout::COMMITS) {
            commit.put(key.clone(), value.clone());
        }
        store.commit(&commit).unwrap();
    }
    store.close().unwrap();
}

/// This moment, without its fraction.
pub fn this_second() -> Timestamp {
    Timestamp::from_second(now().as_second()).unwrap()
}

#[tokio::test]
async fn the_running_service_and_its_store_count_alike() {
    let stage = Stage::set().await;
    let now = this_second();
    let (walk, _) = lived(&stage.settings(), &one_a_day(60, now), now);
    pour(&walk, stage.folder.path());
    let (code, out, err) = told(&stage.done(&["report", "--json"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    let of_store: Value = serde_json::from_str(&out).unwrap();
    // The one of today is not rated yet; of five that come one after another two are answered in time.
    assert_eq!(of_store["total"]["within_24h"], json!({"within": 12, "of": 29}));
    assert_eq!((&of_store["total"]["came"], &of_store["total"]["young"]), (&json!(30), &json!(1)));
    assert_eq!(of_store["running"], false);
    let (code, page, err) = told(&stage.done(&["report", "--since", "45d"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(page.contains(" % answered within 24 h ("), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
}
