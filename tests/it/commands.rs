//! The commands that need no service: what their help, their faults and their results look like.

use std::path::Path;

use serde_json::Value;

use crate::commands_stage::{command, told};

const TEN_LINES: &str = include_str!("../../config/leadtime.toml");

/// The binary in a folder that holds these settings.
fn run(settings: &str, args: &[&str], env: &[(&str, &str)]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("leadtime.toml"), settings).unwrap();
    told(&command(folder.path(), args).envs(env.iter().copied()).output().unwrap())
}

fn ten_lines(args: &[&str]) -> (i32, String, String) {
    let slack = ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T000/B000/geheim");
    let teams = ("TEAMS_WEBHOOK_URL", "https://contoso.api.powerplatform.com/workflows/geheim");
    run(TEN_LINES, args, &[slack, teams])
}

fn help(args: &[&str]) -> String {
    let (code, out, err) = run("", &[args, &["--help"]].concat(), &[]);
    assert_eq!((code, err.as_str()), (0, ""));
    out
}

#[test]
fn every_help_is_as_it_was_read_and_found_good() {
    insta::assert_snapshot!("help", help(&[]));
    for name in ["list", "retry", "drop"] {
        let text = help(&["outbox", name]);
        assert!(text.contains("Example"), "outbox {name} has no example");
        insta::assert_snapshot!(format!("help_outbox_{name}"), text);
    }
    let names = [
        "run",
        "login",
        "check",
        "preview",
        "send-test",
        "status",
        "plan",
        "explain",
        "report",
        "replay",
        "mute",
        "unmute",
        "reload",
        "health",
        "schema",
        "test",
    ];
    for name in names {
        let text = help(&[name]);
        assert!(text.contains("Example"), "{name} has no example");
        insta::assert_snapshot!(format!("help_{name}"), text);
    }
}

#[test]
fn every_command_that_the_help_lists_has_an_example() {
    let listed = help(&[]);
    let listed = listed.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<&str> =
        names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        assert!(help(&[name]).contains("Example"), "{name} has no example");
    }
}

#[test]
fn ten_lines_are_checked_in_one() {
    let (code, out, err) = ten_lines(&["check"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!("check_ten_lines", format!("{out}{err}"));
}

#[test]
fn a_broken_file_has_every_fault_with_its_place() {
    let (code, out, err) = run(include_str!("broken/steps_that_are_twins.toml"), &["check"], &[]);
    assert_eq!(code, 2);
    insta::assert_snapshot!("check_broken", format!("{out}{err}"));
}

#[test]
fn a_check_of_a_folder_names_the_files_that_it_has_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("conf.d")).unwrap();
    std::fs::write(folder.path().join("conf.d/10-base.toml"), "time_zone = 'UTC'").unwrap();
    std::fs::write(folder.path().join("conf.d/20-more.toml"), "time_zone = 'Europe/Prague'").unwrap();
    let (code, out, err) = told(&command(folder.path(), &["check", "--config", "conf.d"]).output().unwrap());
    assert_eq!(code, 0);
    assert_eq!(out, "read 10-base.toml, 20-more.toml: 0 accounts, 0 destinations, 1 rule: no faults, 3 warnings\n");
    assert!(
        err.contains("conf.d/20-more.toml:1:1: time_zone: replaces what 10-base.toml:1 says; take one of the two out"),
        "{err}"
    );
}

#[test]
fn a_broken_file_and_a_broken_template_are_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("own/slack")).unwrap();
    std::fs::write(folder.path().join("own/slack/new.json.hbs"), "{{#if}").unwrap();
    std::fs::write(folder.path().join("leadtime.toml"), "notify = [\"nobody\"]\n[templates]\npath = \"own\"\n")
        .unwrap();
    let (code, out, err) = told(&command(folder.path(), &["check", "--json"]).output().unwrap());
    assert_eq!((code, err.as_str()), (2, ""));
    let checked: Value = serde_json::from_str(&out).unwrap();
    let files: Vec<&str> =
        checked["faults"].as_array().unwrap().iter().map(|fault| fault["file"].as_str().unwrap()).collect();
    assert!(files.contains(&"leadtime.toml"), "{files:?}");
    assert!(files.iter().any(|file| file.ends_with("slack/new.json.hbs")), "{files:?}");
}

#[test]
fn a_program_reads_what_check_found() {
    let (code, out, _) = ten_lines(&["check", "--json"]);
    let checked: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &checked["ok"], &checked["faults"]), (0, &Value::Bool(true), &Value::Array(Vec::new())));
    assert!(checked["warnings"][0]["what"].is_string());
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for args in [&["no-such-command"][..], &["preview", "nothing", "--destination", "sellers"], &["send-test"]] {
        assert_eq!(ten_lines(args).0, 2, "{args:?}");
    }
    assert_eq!(ten_lines(&["preview", "new", "--destination", "nowhere"]).0, 2);
    assert_eq!(ten_lines(&["send-test", "nowhere"]).0, 2);
    assert_eq!(ten_lines(&["status", "--log-level", "a=b=c"]).0, 2);
}

#[test]
fn settings_with_faults_start_nothing() {
    let (code, _, err) = run("notify = [\"nobody\"]", &["run"], &[]);
    assert_eq!(code, 2);
    assert!(err.contains("leadtime.toml:1:11"), "{err}");
}

#[test]
fn a_preview_is_the_document_that_would_be_sent() {
    for (destination, first) in [("sellers", "/text"), ("managers", "/summary")] {
        let (code, out, err) = ten_lines(&["preview", "new", "--destination", destination]);
        assert_eq!((code, err.as_str(), out.lines().count()), (0, "", 1));
        let sent: Value = serde_json::from_str(&out).unwrap();
        let line = sent.pointer(first).and_then(Value::as_str).unwrap();
        assert!(line.starts_with("New co-sell: Fabrikam Kft., HU, €80k."), "{line}");
    }
}

#[test]
fn a_preview_shows_a_referral_of_the_users_own_out_of_a_listing() {
    let folder = tempfile::tempdir().unwrap();
    let listing = r#"{"value": [{"id": "7", "customerProfile": {"name": "Próba Kft."}}, {"id": "8"}]}"#;
    std::fs::write(folder.path().join("listing.json"), listing).unwrap();
    std::fs::write(
        folder.path().join("leadtime.toml"),
        TEN_LINES.replace("slack", "stdout").replace("teams", "stdout"),
    )
    .unwrap();
    let settings = std::fs::read_to_string(folder.path().join("leadtime.toml")).unwrap();
    let settings = settings.replace(", webhook_url = { env = \"SLACK_WEBHOOK_URL\" }", "");
    let settings = settings.replace(", webhook_url = { env = \"TEAMS_WEBHOOK_URL\" }", "");
    std::fs::write(folder.path().join("leadtime.toml"), settings).unwrap();
    let args = ["preview", "reminder", "--destination", "sellers", "--referral", "listing.json"];
    let (code, out, err) = told(&command(folder.path(), &args).output().unwrap());
    assert_eq!((code, err.as_str(), out.lines().count()), (0, "", 1));
    assert!(out.contains("Próba Kft.") && !out.contains("Fabrikam"), "{out}");
}

#[test]
fn a_preview_of_a_mail_is_the_whole_mail() {
    let settings = "time_zone = \"UTC\"\nnotify = [\"inbox\"]\nescalate_to = [\"inbox\"]\n\
        [smtp]\nhost = \"smtp.contoso.example\"\nfrom = \"Leadtime <leadtime@contoso.example>\"\n\
        [accounts.contoso]\ntenant_id = \"t\"\nclient_id = \"c\"\n\
        [destinations]\ninbox = { type = \"email\", to = [\"Desk <desk@contoso.example>\"] }\n";
    let (code, out, err) = run(settings, &["preview", "escalation", "--destination", "inbox"], &[]);
    assert_eq!((code, err.as_str()), (0, ""));
    let mail = mail_parser::MessageParser::new().parse(out.as_bytes()).unwrap();
    assert_eq!(mail.to().unwrap().first().unwrap().address().unwrap(), "desk@contoso.example");
    let text = mail.body_text(0).unwrap();
    assert!(text.starts_with("Unanswered, answer by Thu 19 Nov: Fabrikam Kft."), "{text}");
    assert!(text.contains("You get this because rule “large co-sell” escalates to inbox"), "{text}");
}

#[test]
fn a_preview_has_a_claim_link_where_messages_have_one() {
    let preview = |more: &str, event: &str| {
        let settings =
            format!("{more}\ndestinations.sellers = {{ type = 'slack', webhook_url = 'https://hooks.slack.com/x' }}");
        let (code, out, err) = run(&settings, &["preview", event, "--destination", "sellers"], &[]);
        assert_eq!(code, 0, "{err}");
        out
    };
    let reachable = "web.external_url = 'https://leadtime.contoso.com/'";
    let link = "https://leadtime.contoso.com/claim/";
    assert!(preview(reachable, "reminder").contains(link) && preview(reachable, "digest").contains(link));
    assert!(!preview(reachable, "answered").contains(link), "there is nothing left to claim");
    assert!(!preview("", "reminder").contains("/claim/"));
}

#[test]
fn a_preview_is_in_the_language_of_its_destination() {
    let settings = "time_zone = \"Europe/Prague\"\nlocale = \"cs\"\nnotify = [\"sellers\"]\nescalate_to = [\"budapest\"]\n\
        [accounts.contoso]\ntenant_id = \"t\"\nclient_id = \"c\"\n\
        [destinations]\nsellers = { type = \"stdout\" }\nbudapest = { type = \"stdout\", locale = \"hu\" }\n";
    for (destination, first) in
        [("sellers", "Zbývá 5 prac. dní: Fabrikam Kft."), ("budapest", "Még 5 munkanap: Fabrikam Kft.")]
    {
        let (code, out, err) = run(settings, &["preview", "reminder", "--destination", destination], &[]);
        assert_eq!((code, err.as_str()), (0, ""));
        assert!(out.starts_with(first), "{out}");
    }
}

#[test]
fn the_schema_is_a_schema() {
    let (code, out, _) = run("", &["schema"], &[]);
    let schema: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert!(schema["properties"]["accounts"].is_object());
}

#[test]
fn without_a_service_health_fails_and_status_says_that_nothing_has_run() {
    let (code, _, err) = ten_lines(&["status"]);
    assert_eq!(code, 1);
    assert!(err.contains("has not run here yet"), "{err}");
    let off = TEN_LINES.replace("[accounts", "[web]\nlisten = \"\"\n[accounts");
    let (code, _, err) = run(&off, &["health"], &[]);
    assert_eq!(code, 1);
    assert!(err.contains("no leadtime answers at data/leadtime.sock"), "{err}");
    assert!(!Path::new("data").exists(), "a question must not make a store");
}

#[test]
fn settings_that_are_not_there_are_named_by_the_option_or_the_variable() {
    let (code, _, err) = run("", &["check", "--config", "nowhere.toml"], &[]);
    assert_eq!(code, 2);
    assert!(
        err.contains("nowhere.toml: there is no such file; create it or name another by --config or LEADTIME_CONFIG")
    );
}

#[test]
fn a_wrong_command_line_shows_the_usage_whole_whatever_the_variables_say() {
    for (args, usage) in [
        (&["explain"][..], "Usage: leadtime explain [OPTIONS] <ID>\n"),
        (&["outbox", "retry", "--no-such"], "Usage: leadtime outbox retry [OPTIONS] [ID]\n"),
        (&["--no-such"], "Usage: leadtime [OPTIONS] <COMMAND>\n"),
    ] {
        for level in [&[][..], &[("LEADTIME_LOG_LEVEL", "warn"), ("LEADTIME_CONFIG", "leadtime.toml")]] {
            let (code, _, err) = run("", args, level);
            assert_eq!(code, 2);
            assert!(err.contains(usage), "{args:?}: {err}");
        }
    }
}

#[test]
fn a_file_that_holds_no_referral_is_told_what_it_must_hold() {
    for (text, place) in [("hm", "at line 1, column 1"), ("{\"id\":", "at line 1, column 6 (it ends too early)")] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("leadtime.toml"), "[accounts.a]\ntenant_id = 't'\nclient_id = 'c'\n")
            .unwrap();
        std::fs::write(folder.path().join("r.json"), text).unwrap();
        let (code, _, err) = told(&command(folder.path(), &["plan", "--referral", "r.json"]).output().unwrap());
        assert_eq!(code, 2);
        assert!(err.contains("r.json: this is no JSON") && err.contains(place), "{err}");
        assert!(err.contains("one referral as Partner Center returns it: {\"id\": …}"), "{err}");
    }
}
