//! What the user writes, and what becomes of it: layers, defaults, every fault and every warning, and that no secret shows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use leadtime::{
    core::{
        period::{Period, Seconds},
        rules::{HoursChoice, Mentioned, Role, Trigger, built_in_ladder},
    },
    settings::{self, DestinationKind, DestinationSettings, Faults, Look, Rate, Settings, SmtpSecurity, Warning},
};
use proptest::{collection::vec, prelude::*};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// A part of every secret in these tests.
const SECRET: &str = "geheim";

fn load_with(path: &Path, env: &[(&str, &str)]) -> Result<(Settings, Vec<Warning>), Faults> {
    let given = [
        ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/geheim"),
        ("TEAMS_WEBHOOK_URL", "https://x.environment.api.powerplatform.com/geheim?sp=%2Ftriggers&sig=geheim"),
        ("EMPTY", " "),
    ];
    settings::load(path, given.iter().chain(env).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn load_text(text: &str, env: &[(&str, &str)]) -> Result<(Settings, Vec<Warning>), Faults> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leadtime.toml");
    fs::write(&file, text).unwrap();
    load_with(&file, env)
}

fn ten_lines(env: &[(&str, &str)]) -> (Settings, Vec<Warning>) {
    load_with(Path::new("config/leadtime.toml"), env).unwrap()
}

fn destination<'a>(settings: &'a Settings, name: &str) -> &'a DestinationSettings {
    settings.destinations.get(name).unwrap()
}

#[test]
fn ten_lines_are_enough() {
    let (settings, warnings) = ten_lines(&[]);
    assert_eq!(settings.to_string(), "1 account, 2 destinations (slack, teams), 1 rule");
    let names: Vec<&str> = settings.rules.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["default"]);
    assert_eq!(settings.rules.rules[0].steps, built_in_ladder());
    let contoso = settings.rules.accounts.get("contoso").unwrap();
    assert_eq!(contoso.notify, ["sellers".into()]);
    assert_eq!(contoso.escalate_to, ["managers".into()]);
    assert_eq!(settings.ops.notify, ["managers".into()], "ops hears where escalations go");
    let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("goes only by teams"), "{warnings:?}");
}

#[test]
fn every_documented_default_holds() {
    let (settings, _) = ten_lines(&[]);
    let account = settings.accounts.get("contoso").unwrap();
    assert_eq!(account.base_url.as_str(), "https://api.partner.microsoft.com/v1.0");
    assert_eq!(
        account.token_url.as_str(),
        "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/oauth2/v2.0/token"
    );
    assert_eq!(account.scope, "https://api.partner.microsoft.com/.default offline_access");
    assert_eq!(account.filter, "direction eq 'Incoming' and substatus eq 'Pending'");
    assert_eq!(account.poll_every, Seconds(300));
    assert_eq!(account.expires_after, Period::days(14));
    assert_eq!(account.referral_url, "https://partner.microsoft.com/dashboard/referrals/v2/leads");
    assert_eq!(account.top, None);
    assert_eq!(settings.state.path, Path::new("data"));
    assert_eq!(settings.state.socket, None);
    assert_eq!(settings.state.wait_for_lock, Seconds(600));
    assert_eq!(settings.state.keep, Seconds(400 * 86_400));
    assert_eq!(settings.state.forget_personal_after, Seconds(30 * 86_400));
    assert_eq!(settings.web.listen, Some("127.0.0.1:8080".parse().unwrap()));
    assert_eq!(settings.web.external_url, None);
    assert!(settings.web.password.is_none() && settings.web.trusted_header.is_none());
    assert_eq!(settings.ops.stale_after, Seconds(1800));
    assert!(settings.ops.heartbeat_url.is_none() && settings.smtp.is_none() && settings.templates.is_none());
    assert_eq!(settings.money.currency, None);
    assert!(settings.rules.rules[0].answered && !settings.rules.rules[0].continues);
}

#[test]
fn each_kind_of_destination_has_its_own_pace_and_digests() {
    let (settings, _) = load_text(
        r#"
        smtp = { host = "mail.contoso.com", from = "Leadtime <leadtime@contoso.com>" }
        [destinations]
        slack = { type = "slack", webhook_url = { env = "SLACK_WEBHOOK_URL" } }
        email = { type = "email", to = ["Co-sell desk <cosell@contoso.com>"], cc = ["b@contoso.com"] }
        webhook = { type = "webhook", url = "https://crm.contoso.com/x", headers = { X-Key = { env = "SLACK_WEBHOOK_URL" } } }
        stdout = { type = "stdout" }
        own = { type = "stdout", rate = "20/m", digest_above = 2, include = ["notes"], hours = "always", keepalive = "30d" }
        unlimited = { type = "slack", webhook_url = { env = "SLACK_WEBHOOK_URL" }, rate = "none" }
        "#,
        &[],
    )
    .unwrap();
    let of = |name| {
        let destination = destination(&settings, name);
        let digest = destination.digest_above;
        (destination.rate, [digest.reminders, digest.escalations, digest.rest])
    };
    let people = [Some(1), Some(3), Some(5)];
    assert_eq!(of("slack"), (Some(Rate { messages: 1, per: Seconds(1) }), people));
    assert_eq!(of("email"), (Some(Rate { messages: 20, per: Seconds(60) }), people));
    assert_eq!(of("webhook"), (None, [None; 3]));
    assert_eq!(of("stdout"), (None, [None; 3]));
    assert_eq!(of("own"), (Some(Rate { messages: 20, per: Seconds(60) }), [Some(2); 3]));
    assert_eq!(of("unlimited"), (None, people));
    let own = destination(&settings, "own");
    assert!(own.include.notes && !own.include.contacts);
    assert_eq!(own.hours, Some(HoursChoice::Always));
    assert_eq!(own.keepalive, Some(Period::days(30)));
    assert!(settings.rules.destinations.get("slack").unwrap().keeps_hours);
    assert!(!settings.rules.destinations.get("webhook").unwrap().keeps_hours);
    let smtp = settings.smtp.as_ref().unwrap();
    assert_eq!((smtp.port, smtp.security), (587, SmtpSecurity::StartTls));
    assert!(
        matches!(&destination(&settings, "email").kind, DestinationKind::Email { to, cc } if to.len() + cc.len() == 2)
    );
}

#[test]
fn rules_keep_the_order_of_the_file_and_steps_their_words() {
    let (settings, _) = load_text(
        r#"
        [destinations]
        a = { type = "stdout" }
        b = { type = "stdout" }
        [hours.prague]
        time_zone = "Europe/Prague"
        [[rules]]
        name = "second to none"
        continue = true
        answered = false
        hours = "prague"
        steps = [
          { after = "1bd", every = "4bh", mention = ["@owners"] },
          { before_expiry = "2d", escalate = true, notify = ["a", "b"], hours = "always" },
        ]
        [[rules]]
        name = "nobody"
        steps = []
        "#,
        &[],
    )
    .unwrap();
    let [first, second] = settings.rules.rules.as_slice() else { panic!("two rules") };
    assert!(first.continues && !first.answered && matches!(first.hours, Some(HoursChoice::Named(_))));
    assert_eq!(first.steps[0].trigger, Trigger::After(Period::working_days(1)));
    assert_eq!(first.steps[0].every, Some(Period::working_hours(4)));
    assert_eq!(first.steps[0].mention, [Mentioned::Role(Role::Owners)]);
    assert_eq!(first.steps[1].hours, Some(HoursChoice::Always));
    assert!(first.steps[1].escalate);
    assert_eq!(second.steps, [], "an empty list is no missing one");
}

#[test]
fn hours_that_name_no_zone_are_in_the_settings_own() {
    let text = "time_zone = 'Europe/Budapest'\n[destinations]\na = { type = 'stdout', hours = 'own' }\n\
        b = { type = 'stdout', hours = 'prague' }\n[hours.own]\nfrom = '08:00'\n[hours.prague]\ntime_zone = 'Europe/Prague'";
    let (settings, _) = load_text(text, &[]).unwrap();
    let zone = |name: &str| match &destination(&settings, name).hours {
        Some(HoursChoice::Named(hours)) => hours.time_zone().iana_name().map(str::to_owned),
        _ => None,
    };
    assert_eq!(zone("a").as_deref(), Some("Europe/Budapest"));
    assert_eq!(zone("b").as_deref(), Some("Europe/Prague"));
    assert_eq!(settings.rules.default_hours.time_zone().iana_name(), Some("Europe/Budapest"));
}

#[test]
fn a_variable_goes_before_the_file_and_text_stays_text() {
    let (settings, _) = ten_lines(&[
        ("LEADTIME_ACCOUNTS__CONTOSO__TENANT_ID", "12345"),
        ("LEADTIME_ACCOUNTS__CONTOSO__CLIENT_SECRET", "0123"),
        ("LEADTIME_ACCOUNTS__CONTOSO__TOP", "50"),
        ("LEADTIME_WEB__LISTEN", "0.0.0.0:9090"),
        ("LEADTIME_NOTIFY", "sellers, managers"),
        ("LEADTIME_OPS__NOTIFY", "[\"sellers\"]"),
        ("LEADTIME_SMTP__HOST", "true"),
        ("LEADTIME_SMTP__FROM", "leadtime@contoso.com"),
        ("LEADTIME_SMTP__PORT", "25"),
        ("LEADTIME_DESTINATIONS__SELLERS__WEBHOOK_URL", "{ env = \"OTHER\" }"),
        ("OTHER", "https://hooks.slack.com/services/other"),
    ]);
    let contoso = settings.accounts.get("contoso").unwrap();
    assert_eq!(contoso.tenant_id, "12345");
    assert_eq!(contoso.client_secret.as_ref().unwrap().expose_secret(), "0123");
    assert_eq!(contoso.top, Some(50));
    assert_eq!(settings.web.listen, Some("0.0.0.0:9090".parse().unwrap()));
    assert_eq!(settings.notify, ["sellers".into(), "managers".into()]);
    assert_eq!(settings.ops.notify, ["sellers".into()]);
    let smtp = settings.smtp.as_ref().unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port), ("true", 25));
    let DestinationKind::Slack { webhook_url } = &destination(&settings, "sellers").kind else { panic!("slack") };
    assert_eq!(webhook_url.expose_secret(), "https://hooks.slack.com/services/other");
}

#[test]
fn an_empty_text_turns_off_what_has_one() {
    let (settings, _) = ten_lines(&[
        ("LEADTIME_WEB__LISTEN", ""),
        ("LEADTIME_OPS__HEARTBEAT_URL", ""),
        ("LEADTIME_DESTINATIONS__SELLERS__KEEPALIVE", ""),
    ]);
    assert_eq!(settings.web.listen, None);
    assert!(settings.ops.heartbeat_url.is_none());
    assert_eq!(destination(&settings, "sellers").keepalive, None);
}

#[test]
fn links_that_nothing_would_answer_are_warned_of() {
    let of_web = |web: &str| {
        let (_, warnings) =
            load_text(&format!("[web]\nexternal_url = \"https://leadtime.contoso.com\"\n{web}"), &[]).unwrap();
        warnings.iter().filter(|warning| warning.to_string().contains("external_url")).count()
    };
    assert_eq!((of_web("listen = \"\""), of_web("")), (1, 0));
}

#[test]
fn proxies_alone_say_for_whom_they_ask_by_whichever_name_they_are_written() {
    let (settings, _) = load_text("web = { trusted_proxies = [\"::ffff:10.0.0.1\", \"2001:db8::1\"] }", &[]).unwrap();
    let proxies: Vec<String> = settings.web.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.1", "2001:db8::1"]);
}

#[test]
fn a_variable_finds_a_name_of_the_file_whatever_its_case() {
    let text = "[destinations]\nSellers = { type = 'stdout' }\nanna-dm = { type = 'stdout' }";
    let env = [("LEADTIME_DESTINATIONS__SELLERS__RATE", "3/h"), ("LEADTIME_DESTINATIONS__ANNA_DM__RATE", "3/h")];
    let (settings, _) = load_text(text, &env).unwrap();
    for name in ["Sellers", "anna-dm"] {
        assert_eq!(destination(&settings, name).rate, Some(Rate { messages: 3, per: Seconds(3600) }));
    }
    assert_eq!(settings.destinations.len(), 2);
}

#[test]
fn a_foreign_variable_is_a_warning_and_our_own_are_none() {
    let env = [
        ("LEADTIME_PORT", "tcp://10.0.0.1:8080"),
        ("LEADTIME_WEB__LISTN", "x"),
        ("LEADTIME_CONFIG", "x"),
        ("LEADTIME_TESTS", "x"),
        ("LEADTIME_LOG_FORMAT", "json"),
        ("LEADTIME_LOG_LEVEL", "info"),
    ];
    let (_, warnings) = ten_lines(&env);
    let warnings: Vec<String> =
        warnings.iter().map(ToString::to_string).filter(|text| text.contains("LEADTIME_")).collect();
    assert_eq!(
        warnings,
        [
            "environment variable LEADTIME_PORT: is no setting and does nothing; unset it, unless it is somebody else's",
            "environment variable LEADTIME_WEB__LISTN: is no setting and does nothing; did you mean LEADTIME_WEB__LISTEN?",
        ]
    );
}

#[test]
fn a_variable_replaces_a_list_of_the_file_and_a_fault_in_the_file_stays_with_the_file() {
    let text = "[[rules]]\nname = 'old'\nwhn = 'x'";
    let faults = load_text(text, &[("LEADTIME_RULES", "[{ name = \"\" }]")]).unwrap_err().to_string();
    let faults: Vec<&str> = faults.lines().collect();
    assert!(faults[0].contains("leadtime.toml:3:1: rules[0].whn: unknown key"), "{faults:?}");
    assert_eq!(faults[1], "environment variable LEADTIME_RULES: rules[0].name: is empty; write it");
}

#[test]
fn a_folder_is_read_by_name_tables_merged_lists_of_tables_appended() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write(
        "10-base.toml",
        "notify = ['a']\n[destinations]\na = { type = 'stdout' }\n[[rules]]\nname = 'one'\ncontinue = true",
    );
    write(
        "20-more.toml",
        "notify = ['b']\n[destinations]\nb = { type = 'stdout' }\na = { rate = '2/s' }\n[[rules]]\nname = 'two'",
    );
    write("ignored.txt", "no toml");
    let (settings, _) = load_with(folder.path(), &[]).unwrap();
    assert_eq!(settings.notify, ["b".into()]);
    assert_eq!(settings.destinations.len(), 2);
    assert_eq!(destination(&settings, "a").rate, Some(Rate { messages: 2, per: Seconds(1) }));
    let names: Vec<&str> = settings.rules.rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["one", "two"]);

    write("30-broken.toml", "\n[[rules]]\nname = 'two'");
    let faults = load_with(folder.path(), &[]).unwrap_err().to_string();
    assert!(faults.contains("30-broken.toml:3:8: rules[2].name: rules[1] (20-more.toml:"), "{faults}");
}

#[test]
fn what_a_folder_names_is_read_from_beside_the_file_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("10-accounts.toml", "[accounts.a]\ntenant_id='t'\nclient_id='c'\nrefresh_token={file='token'}");
    write("20-hours.toml", "[hours.default]\nholidays={file='days.ics'}");
    write("token", "geheim\n");
    write("days.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261224\nEND:VEVENT\nEND:VCALENDAR\n");
    let (settings, _) = load_with(folder.path(), &[]).unwrap();
    assert_eq!(settings.accounts.get("a").unwrap().refresh_token.as_ref().unwrap().expose_secret(), "geheim");
    fs::remove_file(folder.path().join("days.ics")).unwrap();
    let faults = load_with(folder.path(), &[]).unwrap_err().to_string();
    assert!(faults.contains("20-hours.toml:2:16: hours.default.holidays.file: "), "{faults}");
}

#[test]
fn of_a_folder_only_settings_are_read_and_a_link_that_leads_nowhere_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for name in ["10-base.toml", ".hidden.toml", "ladder.test.toml", "readme.txt", "20-more.toml"] {
        fs::write(path.join(name), "time_zone = 'UTC'").unwrap();
    }
    fs::create_dir(path.join("30-folder.toml")).unwrap();
    assert_eq!(settings::files(path), [path.join("10-base.toml"), path.join("20-more.toml")]);
    std::os::unix::fs::symlink("nowhere", path.join("40-gone.toml")).unwrap();
    let faults = load_with(path, &[]).unwrap_err().to_string();
    assert!(faults.ends_with("40-gone.toml: there is no such file; create it or name another"), "{faults}");
}

#[test]
fn a_secret_is_read_from_beside_the_settings_without_the_newline_at_its_end() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("token"), "geheim\r\n").unwrap();
    let file = folder.path().join("leadtime.toml");
    fs::write(&file, "[accounts.a]\ntenant_id='t'\nclient_id='c'\nrefresh_token={file='token'}").unwrap();
    let (settings, _) = load_with(&file, &[]).unwrap();
    assert_eq!(settings.accounts.get("a").unwrap().refresh_token.as_ref().unwrap().expose_secret(), "geheim");
}

#[test]
fn an_account_takes_what_it_does_not_say_from_account_defaults() {
    let text = "[account_defaults]\ntenant_id='t'\npoll_every='1m'\ntop=5\n[accounts.a]\nclient_id='a'\n[accounts.b]\nclient_id='b'\npoll_every='2m'";
    let (settings, _) = load_text(text, &[]).unwrap();
    let of = |name: &str| {
        let account = settings.accounts.get(name).unwrap();
        (account.poll_every, account.tenant_id.as_str(), account.top)
    };
    assert_eq!(of("a"), (Seconds(60), "t", Some(5)));
    assert_eq!(of("b"), (Seconds(120), "t", Some(5)));
}

#[test]
fn a_file_that_is_not_there_is_one_fault() {
    let faults = load_with(Path::new("tests/it/nowhere.toml"), &[]).unwrap_err();
    let what = "there is no such file; create it or name another by --config or LEADTIME_CONFIG";
    assert_eq!(faults.to_string(), format!("tests/it/nowhere.toml: {what}"));
    let folder = tempfile::tempdir().unwrap();
    let faults = load_with(folder.path(), &[]).unwrap_err();
    assert!(faults.to_string().ends_with("the folder holds no *.toml; put one there"), "{faults}");
}

#[test]
fn no_secret_shows_in_debug() {
    let text = fs::read_to_string("config/reference.toml").unwrap();
    for all in all_switched_on(&text) {
        let (settings, _) = load_text(&all, &reference_env()).unwrap();
        let debug = format!("{settings:?}");
        assert!(debug.contains("contoso") && !debug.contains(SECRET), "{debug}");
    }
}

#[test]
fn a_program_reads_a_finding_as_json() {
    let faults = load_with(Path::new("tests/it/broken/steps_without_a_trigger.toml"), &[("LEADTIME_STATE__URL", "x")])
        .unwrap_err();
    let read: Vec<Value> = faults.faults.iter().map(|fault| serde_json::to_value(fault).unwrap()).collect();
    assert_eq!(
        read[0],
        json!({
            "file": "tests/it/broken/steps_without_a_trigger.toml", "line": 8, "column": 3, "variable": null, "key": "rules[0].steps[0]",
            "what": "the step has no trigger; write one of on, after and before_expiry"
        })
    );
    assert_eq!(read.last().unwrap()["variable"], "LEADTIME_STATE__URL");
}

/// The reference with its settings switched on: `#key = …` and `#[table]` are settings, `# text` is text.
fn uncommented(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix('#') {
        Some(rest) if !rest.is_empty() && !rest.starts_with(' ') => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

/// The same with one of the two ways to sign in to the mail server, as both at once are a fault: with a password, and
/// with a token.
fn all_switched_on(text: &str) -> [String; 2] {
    let all = uncommented(text);
    let (before, rest) = all.split_once("\n[smtp.oauth2]").unwrap();
    let (oauth2, after) = rest.split_once("\n\n").unwrap();
    assert!(oauth2.contains("client_secret"));
    let without_password: String =
        all.lines().filter(|line| !line.contains("SMTP_PASSWORD")).map(|line| format!("{line}\n")).collect();
    [format!("{before}\n{after}"), without_password]
}

fn reference_env() -> Vec<(&'static str, &'static str)> {
    vec![
        ("CRM_URL", "https://crm.contoso.com/geheim"),
        ("SMTP_PASSWORD", "geheim"),
        ("SMTP_CLIENT_SECRET", "geheim"),
        ("WEB_PASSWORD", "geheim"),
        ("STATE_KEY", "geheim, and 32 characters or more"),
        ("HEARTBEAT_URL", "https://hc-ping.com/geheim"),
        ("CLIENT_SECRET", "geheim"),
        ("REFRESH_TOKEN", "geheim"),
        ("CRM_SECRET", "geheim"),
        ("CRM_KEY", "geheim"),
    ]
}

#[test]
fn the_reference_loads_as_it_stands_and_with_everything_switched_on() {
    let text = fs::read_to_string("config/reference.toml").unwrap();
    load_text(&text, &reference_env()).unwrap();
    for all in all_switched_on(&text) {
        load_text(&all, &reference_env()).unwrap();
    }
}

/// Keys with what stands there, as text without spaces; a name or a number of the user's choice is `*`.
type Keys = BTreeMap<String, BTreeSet<String>>;

fn note(keys: &mut Keys, path: &str, value: Option<String>) {
    // An account's keys may as well stand in account_defaults.
    let values = keys.entry(path.replace(".account_defaults.", ".accounts.*.")).or_default();
    values.extend(value.map(|value| value.replace(' ', "")));
}

/// Every key of the schema that holds no table of ours, with its default.
fn keys_of_schema(schema: &Value, node: &Value, path: &str, keys: &mut Keys) {
    let default = node.get("default").map(ToString::to_string);
    let node = match node.get("$ref").and_then(Value::as_str) {
        Some("#/$defs/Secret") => return note(keys, path, None),
        Some(name) => schema.pointer(name.trim_start_matches('#')).unwrap(),
        None => node,
    };
    let properties = node.get("properties").and_then(Value::as_object).into_iter().flatten();
    let mut below: Vec<(String, &Value)> = properties.map(|(name, below)| (format!("{path}.{name}"), below)).collect();
    let named = node.get("additionalProperties").filter(|below| below.is_object());
    let listed = node.get("items").filter(|below| below.get("$ref").is_some());
    below.extend(named.into_iter().chain(listed).map(|below| (format!("{path}.*"), below)));
    if below.is_empty() {
        note(keys, path, default);
    }
    below.iter().for_each(|(path, below)| keys_of_schema(schema, below, path, keys));
}

fn keys_of_file(item: &toml_edit::Item, path: &str, known: &Keys, keys: &mut Keys) {
    let named = [".accounts", ".destinations", ".people", ".hours", ".rates", ".headers"]
        .iter()
        .any(|name| path.ends_with(name));
    if known.contains_key(&path.replace(".account_defaults.", ".accounts.*.")) {
        note(keys, path, Some(item.as_value().unwrap().clone().decorated("", "").to_string()));
    } else if let Some(table) = item.as_table_like() {
        for (name, below) in table.iter() {
            let name = if named { "*" } else { name };
            keys_of_file(below, &format!("{path}.{name}"), known, keys);
        }
    } else if let Some(tables) = item.as_array_of_tables() {
        for table in tables {
            keys_of_file(&toml_edit::Item::Table(table.clone()), &format!("{path}.*"), known, keys);
        }
    } else if let Some(tables) = item.as_array() {
        for table in tables {
            keys_of_file(&toml_edit::Item::Value(table.clone()), &format!("{path}.*"), known, keys);
        }
    } else {
        note(keys, path, None);
    }
}

#[test]
fn the_reference_holds_every_key_with_its_default_and_no_other() {
    let schema = settings::schema();
    let mut known = Keys::new();
    keys_of_schema(&schema, &schema, "", &mut known);
    let text = uncommented(&fs::read_to_string("config/reference.toml").unwrap());
    let document: toml_edit::Document<String> = text.parse().unwrap();
    let mut written = Keys::new();
    keys_of_file(document.as_item(), "", &known, &mut written);
    let names = |keys: &Keys| keys.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&written), names(&known));
    for (path, defaults) in &known {
        let shown = written.get(path).unwrap();
        assert!(defaults.is_subset(shown), "{path}: the default is {defaults:?}, the reference shows {shown:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Lines lost, so that keys come to stand in tables that do not know them; and now and then a character, so that it is no
    /// TOML any more.
    #[test]
    fn whatever_is_left_of_a_file_loads_or_says_why_without_a_secret(
        lines in vec(any::<prop::sample::Index>(), 1..60),
        lost in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut text = uncommented(&fs::read_to_string("config/reference.toml").unwrap());
        for (name, value) in reference_env() {
            text = text.replace(&format!("{{ env = \"{name}\" }}"), &format!("{value:?}"));
        }
        let all: Vec<&str> = text.lines().collect();
        let mut places: Vec<usize> = lines.iter().map(|line| line.index(all.len())).collect();
        places.sort_unstable();
        places.dedup();
        let mut left: String = places.iter().map(|place| format!("{}\n", all[*place])).collect();
        if let Some(lost) = lost {
            let at = left.floor_char_boundary(lost.index(left.len()));
            left.remove(at);
        }
        let said = match load_text(&left, &[]) {
            Ok(loaded) => format!("{loaded:?}"),
            Err(faults) => {
                prop_assert!(!faults.faults.is_empty());
                prop_assert!(!faults.to_string().contains("cannot be read together"), "{}", faults);
                format!("{faults}{}", faults.graphical(Look { width: 80, colour: false }))
            }
        };
        prop_assert!(!said.contains(SECRET), "{}", said);
    }
}

#[test]
fn the_reference_shows_the_true_defaults() {
    let text = fs::read_to_string("config/reference.toml").unwrap();
    let plain = load_text("", &[]).unwrap().0;
    let stated = load_text(&text, &reference_env()).unwrap().0;
    assert_eq!(format!("{plain:?}"), format!("{stated:?}"), "what the reference does not comment out is the default");
}

#[test]
fn the_schema_is_the_one_that_was_published() {
    insta::assert_json_snapshot!("schema", settings::schema());
}
