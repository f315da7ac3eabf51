//! Scenario files: what is read is played to its end.

use std::{collections::BTreeMap, fs, path::Path};

use leadtime::scenario;
use tempfile::TempDir;

use super::{Held, Target, settings};

pub const TARGET: Target = Target {
    name: "scenario",
    about: "scenario files, read and played",
    corpus,
    words: WORDS,
    feed,
    cases: 50,
    memory: (64 << 20, 600),
};

const WORDS: &[&str] = &[
    "[[scenario]]",
    "name = ",
    "start = ",
    "until = ",
    "account = ",
    "at = [",
    "expect = [",
    "{ time = \"0h\", open = [{ id = \"r1\" }] },",
    "{ time = \"9d1h\", closed = [{ id = \"r1\", substatus = \"Accepted\" }] },",
    "gone = [\"r1\"]",
    "unlisted = ",
    "mute = ",
    "unmute = ",
    "poll = \"fails\"",
    "down = true",
    "channels = { sellers = \"fails\" }",
    "\"refuses\"",
    "within = \"1h\"",
    "event = \"new\"",
    "\"reminder\"",
    "\"escalation\"",
    "to = \"sellers\"",
    "referral = \"r1\"",
    "\"2026-11-02T09:00:00Z\"",
    "\"9999-12-31T23:59:59Z\"",
    "\"-009999-01-01T00:00:00Z\"",
    "\"99999999d\"",
    "\"-1d\"",
    "\"5bd\"",
    "\"1bh\"",
    "every = \"1s\"",
    "every = \"1m\"",
    "expirationDateTime = ",
    "createdDateTime = ",
    "[scenario.settings]",
    "[settings]",
    "time_zone = \"Etc/GMT+12\"",
    "[[settings.rules]]",
    "steps = ",
    "{ after = \"1m\" }",
    "{ before_expiry = \"999999d\" }",
    "expires_after = \"999999d\"",
    "expires_after = \"1s\"",
    "keepalive = \"1s\"",
    "hours = \"always\"",
    "[[settings.digests]]",
    "at = \"mon 08:30\"",
];

fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
    let names = ["deadlines", "delivery", "hours", "ladder", "life", "mute", "people", "rules"];
    let examples = names.map(|name| folder.join(format!("examples/scenarios/{name}.test.toml")));
    // One scenario of a file is enough for a case; all of them take long.
    let files = examples.into_iter().chain([folder.join("ladder.test.toml")]);
    files.filter_map(|file| fs::read_to_string(file).ok()).flat_map(|text| apart(&text)).collect()
}

/// Each scenario of a file with what stands before the first.
fn apart(text: &str) -> Vec<Vec<u8>> {
    let mut parts = text.split("\n[[scenario]]\n");
    let head = parts.next().unwrap_or_default();
    parts.map(|part| format!("{head}\n[[scenario]]\n{part}").into_bytes()).collect()
}

thread_local! {
    static FOLDER: TempDir = settings::folder();
}

fn feed(input: &[u8]) -> Held {
    FOLDER.with(|folder| {
        let file = folder.path().join("hostile.test.toml");
        fs::write(&file, input).expect("written");
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/leadtime.toml");
        match scenario::read(&file, &config, &BTreeMap::new()) {
            Ok(scenarios) => scenarios.iter().for_each(|scenario| drop(scenario.run())),
            Err(faults) => faults.faults.iter().chain(&faults.warnings).try_for_each(settings::is_placed)?,
        }
        Ok(())
    })
}
