//! The program itself among referrals that say all of the corpus in every text: what it prints for people, for programs and
//! into its log holds no sign that a terminal obeys, and no line or field of a stranger's.

use std::process::Output;

use jiff::SignedDuration;
use leadtime::demo::{
    inbox::Medium,
    invent::Inventor,
    sinks::{Fault, FaultKind},
};
use serde_json::Value;

use super::{
    corpus::{Injection, corpus},
    json, links,
};
use crate::commands_stage::{Stage, eventually, now, told};

/// What decides whether a referral is listed and when it expires; all else is a stranger's.
const KEPT: [&str; 7] = ["id", "status", "substatus", "direction", "type", "createdDateTime", "expirationDateTime"];

/// So many referrals have room for the corpus several times.
const REFERRALS: usize = 36;

/// A referral in which every text is one of the corpus.
fn spoiled(mut body: Value, round: usize, corpus: &[Injection]) -> Value {
    let mut n = round * 11;
    spoil(&mut body, &mut n, corpus);
    body["favorite"] = corpus[n % corpus.len()].text.clone().into();
    body
}

fn spoil(value: &mut Value, n: &mut usize, corpus: &[Injection]) {
    match value {
        Value::String(text) => {
            *n += 1;
            text.clone_from(&corpus[*n % corpus.len()].text);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, n, corpus)),
        Value::Object(fields) => {
            fields
                .iter_mut()
                .filter(|(name, _)| !KEPT.contains(&name.as_str()))
                .for_each(|(_, field)| spoil(field, n, corpus));
        }
        _ => {}
    }
}

/// Signs in a text for people that a terminal obeys, or that hide or turn others.
fn obeyed(text: &str) -> Vec<String> {
    text.chars().filter(|c| links::is_hidden(*c)).map(|c| format!("{c:?}")).collect()
}

fn assert_plain(what: &str, text: &str) {
    let found = obeyed(text);
    let line = text.lines().find(|line| !obeyed(line).is_empty());
    assert!(found.is_empty(), "{what}: {found:?} in {line:?}");
}

/// For programs: JSON, no field twice, and nothing in it as it stands that a terminal obeys.
fn assert_json(what: &str, text: &str) {
    json::paths(text).unwrap_or_else(|error| panic!("{what}: {error}"));
    let raw: Vec<char> = text.chars().filter(|c| c.is_control() && *c != '\n').collect();
    assert!(raw.is_empty(), "{what}: {raw:?}");
}

/// Each line of a log is one of ours.
fn assert_log(what: &str, text: &str) {
    assert_plain(what, text);
    for line in text.lines() {
        let ours =
            line.starts_with('{') || line.get(..5).is_some_and(|year| year.starts_with("20") && year.ends_with('-'));
        assert!(ours, "{what}: a line of its own: {line:?}");
        if line.starts_with('{') {
            json::paths(line).unwrap_or_else(|error| panic!("{what}: {error}: {line}"));
        }
    }
}

async fn asked(stage: &Stage, line: &str) -> (i32, String, String) {
    let output: Output = stage.done(&line.split(' ').collect::<Vec<_>>()).await;
    told(&output)
}

#[tokio::test]
async fn what_the_program_prints_and_logs_is_its_own() {
    let (corpus, stage) = (corpus(), Stage::set().await);
    let inventor = Inventor::new(7);
    let mut ids = Vec::new();
    let mut inventor = inventor;
    for round in 0..REFERRALS {
        let sketch = inventor.invent(now() - SignedDuration::from_hours(1));
        ids.push(sketch.id());
        stage.world.add([spoiled(sketch.body(), round, &corpus)]).unwrap();
    }
    // What is refused stands in the outbox with its reason; what was sent, in the journal.
    stage.sinks.fail(Medium::Slack, Some("sellers"), Fault { kind: FaultKind::Refuses, until: None });
    let sellers = "webhook_url = \"http://";
    let settings = stage.settings().replace("notify = [\"sellers\"]", "notify = [\"sellers\", \"log\"]").replace(
        "[destinations]",
        "[destinations]\nlog = { type = \"stdout\", digest_above = 1000, include = [\"contacts\", \"notes\"], hours = \"always\" }",
    );
    assert!(settings.contains(sellers));
    stage.write(&settings);
    for (format, level) in [("text", "debug"), ("json", "trace")] {
        let (_, out, err) = asked(&stage, &format!("run --once --log-format {format} --log-level {level}")).await;
        assert_plain("run, standard output", &out);
        assert_log("run, log", &err);
    }
    for (n, id) in ids.iter().enumerate().step_by(3) {
        let reason = corpus[(n * 5) % corpus.len()].text.replace('\0', " ");
        let output = stage.done(&["mute", id, "--reason", &reason]).await;
        let (code, out, err) = told(&output);
        assert_plain("mute", &(out + &err));
        assert!(code == 0 || reason.trim().is_empty(), "{reason:?}");
    }
    let mut lines: Vec<String> =
        ["status", "plan", "outbox list", "report --since 30d", "replay --since 30d", "replay --since 30d --expiries"]
            .map(str::to_owned)
            .to_vec();
    lines.extend(ids.iter().take(12).map(|id| format!("explain {id}")));
    lines.extend(["mute no-such --reason x", "explain 0", "plan 0"].map(str::to_owned));
    let mut seen = String::new();
    for line in &lines {
        let (_, out, err) = asked(&stage, line).await;
        assert_plain(line, &out);
        assert_plain(line, &err);
        seen += &out;
        if !line.starts_with("mute") && !line.ends_with('0') || line.ends_with("30d") {
            let (code, out, _) = asked(&stage, &format!("{line} --json")).await;
            assert!(code < 2, "{line}: {code}");
            assert_json(line, &out);
        }
    }
    assert!(seen.contains("as your manager said") && seen.contains("wait"), "strangers' texts are not in it:\n{seen}");
}

#[tokio::test]
async fn a_line_on_standard_output_for_each_message_and_no_other() {
    let (corpus, stage) = (corpus(), Stage::set().await);
    let mut inventor = Inventor::new(8);
    for round in 0..12 {
        let sketch = inventor.invent(now() - SignedDuration::from_hours(1));
        stage.world.add([spoiled(sketch.body(), round * 3, &corpus)]).unwrap();
    }
    let log = "{ type = \"stdout\", digest_above = 1000, include = [\"contacts\", \"notes\"], hours = \"always\" }";
    let settings = stage.settings().replace("notify = [\"sellers\"]", "notify = [\"log\"]");
    stage.write(&settings.replace("[destinations]", &format!("[destinations]\nlog = {log}")));
    let out = eventually("messages", async || {
        let (code, out, _) = asked(&stage, "run --once").await;
        (code == 0 && !out.is_empty()).then_some(out)
    })
    .await;
    assert_eq!(out.lines().count(), 12, "{out}");
    assert!(
        out.lines().all(|line| line.contains("[contoso new ") && line.contains("https://partner.microsoft.com/")),
        "{out}"
    );
}
