//! README says what is so: the files that it names are there, the commands too, and its settings load as they stand.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use leadtime::settings;

use crate::commands_stage::{command, told};

const README: &str = include_str!("../../README.md");
/// The variables that its settings ask for.
const SECRETS: [(&str, &str); 5] = [
    ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T000/B000/geheim"),
    ("TEAMS_WEBHOOK_URL", "https://x.environment.api.powerplatform.com/geheim?sp=%2Ftriggers&sig=geheim"),
    ("SMTP_PASSWORD", "geheim"),
    ("CRM_URL", "https://crm.contoso.example/hooks"),
    ("CRM_SECRET", "whsec_Z2VoZWltZ2VoZWltZ2VoZWltZ2VoZWlt"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The fenced blocks of a language, without their fences.
fn blocks(language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = README.lines();
    while let Some(line) = lines.next() {
        let Some(fence) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if fence == language {
            found.push(block.join("\n") + "\n");
        }
    }
    found
}

/// What stands in backticks within a line of text.
fn code_spans() -> Vec<&'static str> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in README.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found
}

/// The files and folders of ours that README links to or names.
fn paths() -> BTreeSet<String> {
    let links = README.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
    let links = links.filter(|target| !target.contains("://") && !target.starts_with('#'));
    let ours =
        |span: &&str| ["src/", "config/", "templates/", "tests/", ".ci/"].iter().any(|top| span.starts_with(top));
    links.chain(code_spans().into_iter().filter(ours)).map(str::to_owned).collect()
}

/// Lines of the first table after its head.
fn first_table() -> Vec<&'static str> {
    README.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2).collect()
}

#[test]
fn every_file_that_it_names_is_there() {
    let paths = paths();
    assert!(paths.len() > 30, "{paths:?}");
    let missing: Vec<&String> = paths.iter().filter(|path| !root().join(path).exists()).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_heading_that_it_links_to_is_there() {
    let anchor = |heading: &str| heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
    let headings: BTreeSet<String> = README.lines().filter(|line| line.starts_with('#')).map(anchor).collect();
    for target in README.split("](#").skip(1).filter_map(|rest| rest.split_once(')')) {
        assert!(headings.contains(target.0), "no heading is called {}", target.0);
    }
}

#[test]
fn its_first_table_leads_from_the_words_of_the_task_to_their_places() {
    let rows = first_table();
    let words: Vec<&str> = rows.iter().filter_map(|row| row.split('|').nth(1)).map(str::trim).collect();
    assert_eq!(
        words,
        [
            "poll",
            "seen ids in sled",
            "time remaining",
            "templates",
            "rules",
            "e-mail",
            "Teams",
            "Slack",
            "escalation",
            "container"
        ]
    );
    for row in rows {
        assert!(row.contains("]("), "names no place: {row}");
    }
}

#[test]
fn every_command_and_option_that_it_names_is_in_the_help() {
    let shell = blocks("sh").concat();
    let lines = shell.lines().map(|line| line.split(" #").next().unwrap());
    let calls: Vec<&str> = lines.chain(code_spans()).collect();
    let mut seen = BTreeSet::new();
    for call in calls {
        let words: Vec<&str> = call.split_whitespace().collect();
        for (at, _) in words.windows(2).enumerate().filter(|(_, pair)| is_call(pair)) {
            let name = words[at + 1];
            let (code, help, err) = told(&command(&root(), &[name, "--help"]).output().unwrap());
            assert_eq!((code, err.as_str()), (0, ""), "`{call}`");
            for option in words[at + 2..].iter().filter(|word| word.starts_with("--")) {
                assert!(help.contains(option), "`{call}`: no {option} in its help");
            }
            seen.insert(name.to_owned());
        }
    }
    let all = [
        "check",
        "demo",
        "explain",
        "health",
        "login",
        "mute",
        "outbox",
        "plan",
        "preview",
        "reload",
        "replay",
        "report",
        "run",
        "schema",
        "send-test",
        "status",
        "test",
        "unmute",
    ];
    assert_eq!(seen.iter().map(String::as_str).collect::<Vec<_>>(), all);
}

/// Whether two words call a command of leadtime, be it by cargo.
fn is_call(pair: &[&str]) -> bool {
    let command = |word: &str| word != "leadtime" && word.chars().all(|sign| sign.is_ascii_lowercase() || sign == '-');
    matches!(pair[0], "leadtime" | "--") && command(pair[1]) && !pair[1].starts_with('-')
}

#[test]
fn its_settings_load_each_block_alone_or_beside_the_first() {
    let blocks = blocks("toml");
    assert!(blocks.len() >= 3);
    for (index, block) in blocks.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("contoso.token"), "geheim").unwrap();
        fs::write(folder.path().join("1.toml"), &blocks[0]).unwrap();
        if index > 0 {
            fs::write(folder.path().join("2.toml"), block).unwrap();
        }
        let secrets = SECRETS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let (_, warnings) = settings::load(folder.path(), secrets).unwrap_or_else(|faults| panic!("{block}\n{faults}"));
        let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        let foreseen = |warning: &String| warning.contains("[ops] notify");
        assert!(warnings.iter().all(foreseen), "{block}\n{}", warnings.join("\n"));
    }
}

#[test]
fn its_first_settings_are_the_ten_lines() {
    let ten = fs::read_to_string(root().join("config/leadtime.toml")).unwrap();
    let bare = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.split("  #").next().unwrap().trim_end().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    assert_eq!(bare(&blocks("toml")[0]), bare(&ten));
}

#[test]
fn the_headlines_that_it_shows_are_those_that_are_sent() {
    let settings = "time_zone = \"Europe/Budapest\"\nnotify = [\"log\"]\nescalate_to = [\"log\"]\n\
        [accounts.contoso]\ntenant_id = \"t\"\nclient_id = \"c\"\n[destinations]\nlog = { type = \"stdout\" }\n";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("leadtime.toml"), settings).unwrap();
    let shown = blocks("").remove(0);
    let events = ["new", "reminder", "escalation", "answered", "digest"];
    assert_eq!(shown.lines().count(), events.len());
    for (line, event) in shown.lines().zip(events) {
        assert!(line.chars().count() <= 60, "{line}");
        let (_, out, err) =
            told(&command(folder.path(), &["preview", event, "--destination", "log"]).output().unwrap());
        assert!(out.starts_with(line), "{line}\n{out}{err}");
    }
}

#[test]
fn what_the_manager_reads_is_what_is_sent() {
    let shown = blocks("").remove(1);
    let mail = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots/it__messages__full_escalation.snap");
    let mail = fs::read_to_string(mail).unwrap();
    for line in shown.lines().filter(|line| !line.is_empty()) {
        assert!(mail.contains(line), "no escalation holds: {line}");
    }
}

#[test]
fn the_scenario_that_it_shows_failing_fails_like_that() {
    let scenario = r#"settings.time_zone = "UTC"
settings.notify = ["sellers"]
settings.escalate_to = ["managers"]
settings.accounts.contoso = { tenant_id = "t", client_id = "c" }
settings.destinations.sellers = { type = "stdout", hours = "default" }
settings.destinations.managers = { type = "stdout", hours = "default" }

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
  { time = "9d1h", event = "answered", to = "sellers", referral = "r1" },
  { time = "9d1h", event = "answered", to = "managers", referral = "r1" },
]
"#;
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rules.test.toml"), scenario).unwrap();
    let (code, out, err) = told(&command(folder.path(), &["test", "rules.test.toml"]).output().unwrap());
    assert_eq!((code, err.as_str()), (1, ""));
    let shown = blocks("").into_iter().find(|block| block.starts_with("FAILED")).unwrap();
    assert!(out.contains(&shown), "{out}");
}
