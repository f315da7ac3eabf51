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

/// The settings of a stage, kept in the state that `lived` fills.
async fn with_a_past(days: i64) -> (Stage, Vec<Sent>) {
    let stage = Stage::set().await;
    let now = this_second();
    let (walk, sent) = lived(&stage.settings(), &one_a_day(days, now), now);
    pour(&walk, stage.folder.path());
    (stage, sent)
}

async fn json(stage: &Stage, args: &[&str]) -> Value {
    let (code, out, err) = told(&stage.done(&[args, &["--json"]].concat()).await);
    assert_eq!((code, err.as_str()), (0, ""));
    serde_json::from_str(&out).unwrap()
}

/// Everything in a store that nobody has open.
fn rows(stage: &Stage) -> Vec<(Vec<u8>, Vec<u8>)> {
    let store = SledStore::open(&stage.folder.path().join("data")).unwrap();
    let rows = store.scan(b"", None, usize::MAX).unwrap();
    store.close().unwrap();
    rows
}

#[tokio::test]
async fn the_running_service_and_its_store_count_alike() {
    let (stage, _) = with_a_past(60).await;
    let of_store = json(&stage, &["report"]).await;
    // The one of today is not rated yet; of five that come one after another two are answered in time.
    assert_eq!(of_store["total"]["within_24h"], json!({"within": 12, "of": 29}));
    assert_eq!((&of_store["total"]["came"], &of_store["total"]["young"]), (&json!(30), &json!(1)));
    let (code, page, err) = told(&stage.done(&["report", "--since", "45d"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(page.contains(" % answered within 24 h (") && page.contains("\nWEEK FROM"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");

    let mut running = stage.start(&["--dry-run"]);
    running.runs().await;
    let of_service = json(&stage, &["report"]).await;
    assert_eq!((&of_service["running"], &of_service["by_rule"]), (&json!(true), &of_store["by_rule"]));
    let (code, _, err) = told(&stage.done(&["report", "--account", "nobody"]).await);
    assert_eq!((code, err.trim()), (1, "there is no account nobody; `leadtime status` lists them"));
    assert_eq!(running.stop().await, 0);
}

#[tokio::test]
async fn a_period_that_is_none_is_bad_usage_and_a_store_without_referrals_has_nothing_yet() {
    let stage = Stage::set().await;
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
    for args in [["--since", "tomorrow"], ["--since", "3bd"], ["--since", "2999-01-01"]] {
        let (code, out, err) = told(&stage.done(&[&["report"], &args[..]].concat()).await);
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(!err.is_empty());
    }
    let (code, page, _) = told(&stage.done(&["report"]).await);
    assert_eq!(code, 0);
    assert!(page.starts_with("Nothing yet: no referral came, was answered, expired or is open\n"), "{page}");
    let (code, page, _) = told(&stage.done(&["replay"]).await);
    assert_eq!(code, 0);
    assert!(page.starts_with("Nothing to replay"), "{page}");
}

#[tokio::test]
async fn a_replay_of_the_rules_in_force_finds_what_was_sent_and_writes_nothing() {
    let (stage, sent) = with_a_past(60).await;
    let before = rows(&stage);
    let of_store = json(&stage, &["replay", "--expiries"]).await;
    assert!(rows(&stage) == before, "a replay wrote something");
    let replay = &of_store["replay"];
    assert_eq!((&replay["referrals"], &replay["messages"]), (&json!(60), &json!(sent.len())));
    let events = |to: &str| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        sent.iter().filter(|sent| sent.1 == to).for_each(|sent| *counts.entry(&sent.2).or_default() += 1);
        json!(counts)
    };
    for heard in replay["destinations"].as_array().unwrap() {
        assert_eq!(heard["events"], events(heard["destination"].as_str().unwrap()));
    }
    assert_eq!(replay["expiries"]["of"], replay["expiries"]["caught"]);

    let mut running = stage.start(&["--dry-run"]);
    running.runs().await;
    let of_service = json(&stage, &["replay", "--expiries"]).await;
    assert_eq!(of_service["replay"]["expiries"], replay["expiries"]);
    let (code, _, err) = told(&stage.done(&["replay", "--listed"]).await);
    assert_eq!(code, 1);
    assert!(err.contains("has the sign-in"), "{err}");
    assert_eq!(running.stop().await, 0);
}

#[tokio::test]
async fn a_draft_is_compared_with_what_is_in_force_without_any_secret() {
    let (stage, _) = with_a_past(40).await;
    let secret =
        stage.settings().replace("refresh_token = \"", "client_secret = { env = \"NOT_SET\" }\nrefresh_token = \"");
    stage.write(&secret);
    let draft = format!("{secret}\n[[rules]]\nname = \"news\"\nsteps = [{{ on = \"new\" }}]\n");
    std::fs::write(stage.folder.path().join("draft.toml"), draft).unwrap();
    let args = ["replay", "--config", "draft.toml", "--against", "leadtime.toml"];
    let both = json(&stage, &args).await;
    let (new, old) = (&both["replay"]["expiries"], &both["against"]["expiries"]);
    assert_eq!((&new["of"], &new["caught"]), (&old["of"], &json!(0)));
    assert_eq!(old["caught"], old["of"]);
    let (code, page, err) = told(&stage.done(&args).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(page.contains("Would have caught none of ") && page.contains("Expired without an escalation"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    let (code, _, err) = told(&stage.done(&["replay", "--against", "nothing.toml"]).await);
    assert_eq!(code, 2);
    assert!(err.contains("nothing.toml"), "{err}");
}

#[tokio::test]
async fn who_has_no_history_yet_replays_what_partner_center_lists() {
    let stage = Stage::set().await;
    let bodies: Vec<Value> = course(&one_a_day(60, this_second()))
        .into_iter()
        .filter(|((at, _), _)| *at <= this_second())
        .map(|((_, id), (body, _))| (id, body))
        .collect::<BTreeMap<_, _>>()
        .into_values()
        .collect();
    stage.world.add(bodies).unwrap();
    let listed = json(&stage, &["replay", "--listed"]).await;
    assert_eq!(
        listed["listed"],
        json!([{"account": "contoso", "filter": "direction eq 'Incoming'", "referrals": 60, "passed_over": 0}])
    );
    let expiries = &listed["replay"]["expiries"];
    assert_eq!((&listed["replay"]["referrals"], &expiries["of"]), (&json!(60), &json!(9)));
    assert_eq!(expiries["caught"], json!(9));
    assert!(!stage.folder.path().join("data").exists(), "a question must not make a store");
    assert!(stage.sinks.inbox().messages().is_empty(), "a replay sends nothing");
    let (code, page, err) = told(&stage.done(&["replay", "--listed"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    let flowing = page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains("60 referrals listed by $filter=direction eq 'Incoming'."), "{page}");
}
