//! Scenario tests: those that are shipped hold, and what is said of one that does not, of a bad file, and of settings whose
//! secrets are not there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use leadtime::{
    scenario::{self, Mark},
    settings,
};
use serde_json::Value;

use crate::commands_stage::{command, told};

const TEN_LINES: &str = include_str!("../../config/leadtime.toml");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of scenarios that is shipped.
fn shipped() -> Vec<PathBuf> {
    let folders = [root().join("config"), root().join("config/examples/scenarios")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let files = entries.map(|entry| entry.unwrap().path());
    files.filter(|file| file.to_string_lossy().ends_with(".test.toml")).collect()
}

/// The binary in a folder with these files.
fn run(files: &[(&str, &str)], args: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    told(&command(folder.path(), args).output().unwrap())
}

#[test]
fn every_shipped_scenario_holds() {
    let config = root().join("config/leadtime.toml");
    let mut played = 0;
    for file in shipped() {
        let scenarios = scenario::read(&file, &config, &BTreeMap::new()).unwrap_or_else(|faults| panic!("{faults}"));
        for scenario in scenarios {
            let report = scenario.run().unwrap();
            let wrong: Vec<_> = report.rows.iter().filter(|row| row.mark != Mark::AsExpected).collect();
            assert!(wrong.is_empty(), "{}: {}\n{wrong:#?}", file.display(), scenario.name);
            played += 1;
        }
    }
    assert!(played >= 50, "{played}");
}

#[test]
fn the_shipped_ladder_holds_in_the_binary_without_a_file_named_and_without_any_secret() {
    let ladder = fs::read_to_string(root().join("config/ladder.test.toml")).unwrap();
    let files = [("config/leadtime.toml", TEN_LINES), ("config/ladder.test.toml", &ladder)];
    let (code, out, err) = run(&files, &["test", "--config", "config/leadtime.toml"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with("config/ladder.test.toml\nok     answered on the day after"), "{out}");
    assert!(out.ends_with("8 scenarios: 8 passed, 0 failed\n"), "{out}");
}

/// What most of the scenarios below are about.
const OWN_SETTINGS: &str = r#"
[settings]
time_zone = "UTC"
notify = ["sellers"]
escalate_to = ["managers"]
ops.notify = ["ops"]
accounts.contoso = { tenant_id = "t", client_id = "c" }
destinations.sellers = { type = "slack", webhook_url = { env = "SLACK_WEBHOOK_URL" } }
destinations.managers = { type = "slack", webhook_url = { env = "SLACK_WEBHOOK_URL" }, fallback = "crm" }
destinations.crm = { type = "webhook", url = { file = "/run/secrets/crm" } }
destinations.ops = { type = "stdout" }
"#;

const FAILS: &str = r#"
[[scenario]]
name = "answered after the managers heard"
start = "2026-11-02T09:00:00Z"
at = [
  { time = "0h", open = [{ id = "r1" }] },
  { time = "9d1h", closed = [{ id = "r1", substatus = "Accepted" }] },
]
expect = [
  { time = "0h", event = "new", to = "sellers", referral = "r1" },
  { time = "4h", event = "reminder", to = "sellers", referral = "r1" },
  { time = "7d", event = "reminder", to = "sellers", referral = "r1" },
  { time = "8d", event = "escalation", to = "managers", referral = "r1" },
  { time = "9d1h", event = "answered", to = "managers", referral = "r1" },
]

[[scenario]]
name = "open for ever, with an end that was forgotten"
start = "2026-11-13T10:00:00Z"
at = [{ time = "0h", open = [{ id = "r1", createdDateTime = "2026-11-02T09:00:00Z" }] }]
expect = [
  { time = "0h", event = "escalation", to = "managers", referral = "r1" },
  { time = "0h", event = "escalation", to = "sellers", referral = "r1" },
]
"#;

#[test]
fn what_failed_is_shown_where_it_falls_on_a_time_line() {
    let file = format!("{OWN_SETTINGS}{FAILS}");
    let (code, out, err) = run(&[("a.test.toml", &file)], &["test", "a.test.toml"]);
    assert_eq!((code, err.as_str()), (1, ""));
    insta::assert_snapshot!("scenario_failed", out);
}

#[test]
fn the_same_as_one_json_document() {
    let file = format!("{OWN_SETTINGS}{FAILS}");
    let (code, out, _) = run(&[("a.test.toml", &file)], &["test", "a.test.toml", "--json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &document["ok"], &document["failed"]), (1, &false.into(), &2.into()));
    let missing = &document["files"][0]["scenarios"][0]["messages"][3];
    assert_eq!((&missing["mark"], &missing["at"]), (&"missing".into(), &"2026-11-10T09:00:00Z".into()), "{missing}");
    assert_eq!(missing["why"][0], "it came 1d later, Wed 11 Nov 09:00");
}

#[test]
fn each_message_that_does_not_come_says_why() {
    let file = format!(
        "{OWN_SETTINGS}{}",
        r#"
[[settings.rules]]
name = "spam"
when = "isSpam eq true"
steps = []
[[settings.rules]]
name = "small"
when = "details/dealValue lt 100"
steps = [{ on = "new", hours = "default" }, { after = "1d" }, { after = "2d" }]
[[settings.rules]]
name = "large"
when = "details/dealValue ge 100"
steps = [{ on = "new" }, { on = "updated" }, { before_expiry = "3d", escalate = true }]

[[scenario]]
name = "each says why"
start = "2026-11-06T15:00:00Z"
until = "6d"
at = [
  { time = "0h", open = [
    { id = "spam", isSpam = true },
    { id = "small", details.dealValue = 1 },
    { id = "large", details.dealValue = 100, expirationDateTime = "2026-11-13T12:00:00Z" },
    { id = "none" },
  ] },
  { time = "1h", open = [{ id = "late", details.dealValue = 100 }], channels = { sellers = "fails", managers = "refuses" } },
  { time = "2h", closed = [{ id = "small", substatus = "Declined" }] },
  { time = "Sat 7 Nov 12:00", open = [{ id = "weekend", details.dealValue = 5 }], channels = { sellers = "accepts" } },
  { time = "Mon 9 Nov 08:00", down = true },
  { time = "Mon 9 Nov 09:30" },
]
expect = [
  { time = "0h", event = "new", to = "sellers", referral = "spam" },
  { time = "0h", event = "new", to = "sellers", referral = "none" },
  { time = "0h", event = "new", to = "sellers", referral = "late" },
  { time = "0h", event = "new", to = "crm", referral = "large" },
  { time = "1h", event = "new", to = "sellers", referral = "late" },
  { time = "3h", event = "reminder", to = "sellers", referral = "small" },
  { time = "Sat 7 Nov 12:00", event = "new", to = "sellers", referral = "weekend" },
  { time = "Mon 9 Nov 09:00", event = "reminder", to = "sellers", referral = "weekend" },
  { time = "Mon 9 Nov 12:00", event = "new", to = "sellers", referral = "weekend" },
  { time = "Tue 10 Nov 12:00", event = "escalation", to = "managers", referral = "large" },
  { time = "Wed 11 Nov 12:00", event = "reminder", to = "sellers", referral = "large" },
]
"#
    );
    let (code, out, _) = run(&[("a.test.toml", &file)], &["test", "a.test.toml"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("scenario_reasons", out);
}

#[test]
fn every_fault_of_a_file_is_told_with_its_place_and_the_nearest_name() {
    let file = format!(
        "{OWN_SETTINGS}{}",
        r#"
[[scenario]]
nam = "answered"
start = "2026-11-02 0900"

[[scenario]]
name = "one"
start = "2026-11-02T09:00:00Z"
until = "10d"
settings.rules = [{ name = "large", wen = "details/dealValue gt 100" }]
at = [{ time = "0h", open = [{ id = "r1" }] }]

[[scenario]]
name = "two"
start = "2026-11-02T09:00:00Z"
until = "10d"
at = [
  { time = "0h", open = [{ ids = "r1" }, { id = "r1" }], chanels = { sellrs = "fails" } },
  { time = "1d", open = [{ id = "r1" }], channels = { sellrs = "fails" } },
  { time = "9d1h", closed = [{ id = "r2", substatus = "Acepted" }], gone = ["r7"], channels = { sellers = "fail" } },
]
expect = [
  { time = "9 Dec", event = "new", to = "seller", referral = "r1" },
  { time = "5bh", event = "remindr", to = "sellers", referral = "r1" },
  { time = "9d1h", event = "answered", to = "managers" },
  { time = "9d", event = "trouble", to = "ops", referral = "r1" },
  { time = "Tue 9 Nov 09:00", event = "reminder", to = "sellers", rule = "x", referral = "R1" },
  { time = "11d", event = "expired", to = "sellers", referral = "r1" },
]

[[scenario]]
name = "two"
start = "2026-11-02T09:00:00Z"
account = "contosso"
"#
    );
    let (code, out, err) = run(&[("a.test.toml", &file)], &["test", "a.test.toml"]);
    assert_eq!(code, 2, "{out}");
    insta::assert_snapshot!("scenario_faults", format!("{err}{out}"));
}

#[test]
fn a_secret_that_cannot_be_had_is_stood_in_for_and_every_other_fault_is_one() {
    let scenario = "[[scenario]]\nname = \"a\"\nstart = \"2026-11-02T09:00:00Z\"\nuntil = \"1h\"\n\
        at = [{ time = \"0h\", open = [{ id = \"r1\" }] }]\n\
        expect = [{ time = \"0h\", event = \"new\", to = \"desk\", referral = \"r1\" }]\n";
    let settings = |more: &str| {
        format!(
            "time_zone = \"UTC\"\nnotify = [\"desk\"]\n[accounts.contoso]\ntenant_id = \"t\"\nclient_id = \"c\"\n\
             client_secret = {{ env = \"NOWHERE\" }}\nrefresh_token = {{ file = \"nowhere\" }}\n\
             [smtp]\nhost = \"smtp.contoso.com\"\nfrom = \"leadtime@contoso.com\"\nusername = \"u\"\npassword = {{ env = \"NOWHERE\" }}\n\
             [ops]\nheartbeat_url = {{ env = \"NOWHERE\" }}\n[web]\npassword = {{ env = \"NOWHERE\" }}\n\
             [destinations]\ndesk = {{ type = \"email\", to = [\"anna@contoso.com\"] }}\n\
             teams = {{ type = \"teams\", webhook_url = {{ env = \"NOWHERE\" }} }}\n\
             crm = {{ type = \"webhook\", url = {{ env = \"NOWHERE\" }}, secret = {{ file = \"nowhere\" }}, headers = {{ x = {{ env = \"NOWHERE\" }} }} }}\n{more}"
        )
    };
    let files = |more: &str| run(&[("leadtime.toml", &settings(more)), ("a.test.toml", scenario)], &["test"]);
    let (code, out, err) = files("");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    let (code, _, err) = files("log = { type = \"slack\", webhook_url = \"http://hooks.slack.com/geheim\" }");
    assert_eq!(code, 2);
    assert!(err.contains("destinations.log.webhook_url: sends secrets without TLS"), "{err}");
    assert!(!err.contains("geheim"), "{err}");
    // What would start needs them.
    let (code, _, err) = run(&[("leadtime.toml", &settings(""))], &["check"]);
    assert_eq!((code, err.matches("NOWHERE is not set").count()), (2, 7), "{err}");
}

#[test]
fn without_a_file_those_beside_the_settings_are_tried_and_a_folder_of_settings_holds_none_of_them() {
    let (code, _, err) = run(&[("leadtime.toml", TEN_LINES)], &["test"]);
    assert_eq!(code, 2);
    assert!(err.starts_with("there is no *.test.toml in ."), "{err}");
    let scenario = fs::read_to_string(root().join("config/ladder.test.toml")).unwrap();
    let files = [("config/1.toml", TEN_LINES), ("config/rules.test.toml", &scenario)];
    let (code, out, err) = run(&files, &["test", "--config", "config"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
}

#[test]
fn no_secret_of_a_file_is_shown_beside_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.test.toml");
    let text = OWN_SETTINGS.replace("{ env = \"SLACK_WEBHOOK_URL\" }", "\"https://hooks.slack.com/geheim\"");
    let text = format!(
        "{text}[[scenario]]\nname = \"a\"\n[scenario.settings.destinations.crm]\nurl = \"https://geheim\"\nsecrt = \"geheim\""
    );
    fs::write(&file, text + "\n[[scenario.expect]]\ntime = \"soon\"\n").unwrap();
    let faults = scenario::read(&file, Path::new("none"), &BTreeMap::new()).unwrap_err();
    let shown = faults.graphical(settings::Look { width: 80, colour: false });
    assert!(shown.contains("did you mean \"secret\"?"), "{shown}");
    assert!(!shown.contains("geheim"), "{shown}");
}

#[test]
fn a_scenario_ends_within_two_years() {
    let scenario = "[[scenario]]\nname = \"a\"\nstart = \"2026-11-02T09:00:00Z\"\nuntil = \"90d\"\n\
        at = [{ time = \"0h\", open = [{ id = \"r1\" }] }, { time = \"3w800d\" }]\n";
    let (code, _, err) = run(&[("a.test.toml", &format!("{OWN_SETTINGS}{scenario}"))], &["test", "a.test.toml"]);
    assert_eq!(code, 2);
    assert!(err.contains("scenario[0].at[1].time: is more than two years after the start"), "{err}");
}

#[test]
fn a_scenario_starts_in_years_that_can_be_reckoned_with() {
    for start in ["9999-12-30T21:30:00Z", "-009999-01-02T02:00:00Z", "2046-01-01T00:00:00Z"] {
        let file = format!("{OWN_SETTINGS}{}", FAILS.replacen("2026-11-02T09:00:00Z", start, 1));
        let (code, out, err) = run(&[("a.test.toml", &file)], &["test", "a.test.toml"]);
        assert_eq!(code, 2, "{start}: {out}{err}");
        assert!(err.contains("is not in the years of which hours are known; write 2015 to 2045"), "{start}: {err}");
    }
}

#[test]
fn a_deadline_in_the_last_year_that_there_is_keeps_no_scenario_from_its_end() {
    let scenario = "[[scenario]]\nname = \"a\"\nstart = \"2026-11-02T09:00:00Z\"\n\
        at = [{ time = \"0h\", open = [{ id = \"r1\", expirationDateTime = \"9999-12-30T21:00:00Z\" }] }]\n\
        expect = [{ time = \"0h\", within = \"1h\", event = \"new\", to = \"sellers\", referral = \"r1\" }]\n";
    let played =
        |scenario: &str| run(&[("a.test.toml", &format!("{OWN_SETTINGS}{scenario}"))], &["test", "a.test.toml"]);
    let (code, out, err) = played(scenario);
    assert!(code < 2 && out.contains("1 scenario"), "{out}{err}");
    let (code, _, err) = played(&scenario.replace("1h", "30000d"));
    assert_eq!(code, 2);
    assert!(err.contains("scenario[0].expect[0].within: is more than two years after the start"), "{err}");
}

#[test]
fn an_end_is_proposed_only_where_it_would_hide_nothing_that_the_scenario_waits_for() {
    let hint = |expected: &str| {
        let scenario = "[[scenario]]\nname = \"a\"\nstart = \"2026-11-02T09:00:00Z\"\n\
            at = [{ time = \"0h\", open = [{ id = \"r1\" }] }]\n";
        let file = format!("{OWN_SETTINGS}{scenario}expect = [{expected}]\n");
        let (code, out, _) = run(&[("a.test.toml", &file)], &["test", "a.test.toml", "--json"]);
        assert_eq!(code, 1, "{out}");
        let document: Value = serde_json::from_str(&out).unwrap();
        document["files"][0]["scenarios"][0]["hint"].as_str().map(str::to_owned)
    };
    let new = r#"{ time = "0h", event = "new", to = "sellers", referral = "r1" }"#;
    assert!(hint(new).is_some_and(|hint| hint.ends_with("until = \"1m\"")));
    for waits_for in [
        "",
        r#"{ time = "0h", event = "reminder", to = "sellers", referral = "r1" }"#,
        &format!(r#"{new}, {{ time = "5h", event = "reminder", to = "sellers", referral = "r1" }}"#),
    ] {
        assert_eq!(hint(waits_for), None, "{waits_for}");
    }
}

#[test]
fn a_file_with_a_list_that_has_no_end_has_this_one_fault_and_is_shown_as_it_is() {
    let text = "[[scenario]]\nname = \"a\"\nstart = \"2026-11-02T09:00:00Z\" # Monday\n\
        at = [{ time = \"0h\", open = [{ id = \"r1\" }] }\nexpect = []\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.test.toml");
    fs::write(&file, text).unwrap();
    let found = scenario::read(&file, &root().join("config/leadtime.toml"), &BTreeMap::new()).unwrap_err();
    let told: Vec<&str> = found.faults.iter().map(|fault| fault.what.as_str()).collect();
    assert_eq!(told, ["the list is not closed; write ] at its end"]);
    let shown = found.graphical(settings::Look { width: 80, colour: false });
    for line in text.lines().skip(2) {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
}

#[test]
fn a_mute_needs_a_referral_that_is_known_and_a_leadtime_that_runs() {
    let scenario = "[[scenario]]\nname = \"a\"\nstart = \"2026-11-02T09:00:00Z\"\n\
        at = [{ time = \"0h\", open = [{ id = \"r1\" }], mute = \"r2\" }, { time = \"1h\", down = true, unmute = [\"r1\"] }]\n";
    let (code, _, err) = run(&[("a.test.toml", &format!("{OWN_SETTINGS}{scenario}"))], &["test", "a.test.toml"]);
    assert_eq!(code, 2);
    assert!(err.contains("at[0].mute: unknown referral \"r2\"; did you mean \"r1\"?"), "{err}");
    assert!(err.contains("at[1].unmute: leadtime is not running then (down)"), "{err}");
}

#[test]
fn settings_that_are_not_there_are_what_is_missed_and_not_their_folder() {
    let (code, _, err) = run(&[], &["test", "--config", "nowhere/x.toml"]);
    assert_eq!(code, 2);
    assert_eq!(
        err,
        "nowhere/x.toml: there is no such file; create it or name another by --config or LEADTIME_CONFIG\n"
    );
}
