//! People in the settings: who they are, who owns what, when they are away, how each is reached, and what is said where
//! nobody would be.

use std::{fs, path::Path};

use jiff::Timestamp;
use leadtime::{
    core::{
        hours::Hours,
        ids::{DestinationName, PersonName},
        ladder::counting_hours,
        people::Absence,
        rules::{Mentioned, Recipient, Role},
    },
    service::orders::orders,
    settings::{self, Addressee, DestinationKind, Settings},
};

/// Two people, a mail server, and what else there must be.
const HOUSE: &str = r#"
time_zone = "Europe/Budapest"
locale = "cs"
smtp = { host = "mail.contoso.com", from = "Leadtime <leadtime@Contoso.com>" }
accounts.contoso = { tenant_id = "t", client_id = "c" }
destinations.desk = { type = "email", to = ["Desk <desk@fabrikam.example>"] }
destinations.log = { type = "stdout" }

[hours.london]
time_zone = "Europe/London"

[people.anna]
name = "Anna Kovács"
email = "Anna@contoso.com"
slack = "U012AB3CD"
teams = "anna@contoso.com"
manager = "bela"
hours = "london"
locale = "hu"
away = [{ from = 2026-12-21, to = "2027-01-04", cover = "bela" }, { from = "2027-03-01" }]

[people.bela]
email = "bela@contoso.com"
notify = ["log"]
"#;

fn load(text: &str) -> (Settings, Vec<String>) {
    let (settings, warnings) = try_load(text).unwrap_or_else(|faults| panic!("{faults}"));
    (settings, warnings)
}

fn try_load(text: &str) -> Result<(Settings, Vec<String>), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leadtime.toml");
    fs::write(&file, text).unwrap();
    let folder = format!("{}/", folder.path().display());
    match settings::load(&file, std::iter::empty()) {
        Ok((settings, warnings)) => {
            Ok((settings, warnings.iter().map(|warning| warning.to_string().replace(&folder, "")).collect()))
        }
        Err(faults) => Err(faults.to_string().replace(&folder, "")),
    }
}

/// The house with more above its tables.
fn house(more: &str) -> Settings {
    load(&format!("{more}\n{HOUSE}")).0
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn names(settings: &Settings) -> Vec<&str> {
    settings.destinations.keys().map(DestinationName::as_str).collect()
}

fn person(name: &str) -> PersonName {
    PersonName::new(name)
}

#[test]
fn a_person_is_what_is_written_of_them() {
    let settings = house("notify = ['@owners']");
    let people = &settings.rules.people;
    let anna = &people.by_name[&person("anna")];
    assert_eq!((anna.name.as_str(), anna.email.as_deref()), ("Anna Kovács", Some("anna@contoso.com")));
    assert_eq!(anna.manager, Some(person("bela")));
    assert_eq!(people.by_name[&person("bela")].name, "bela", "the name in the header where no other is written");
    let shown = &settings.people[&person("anna")];
    assert_eq!(shown.mailbox.as_ref().unwrap().to_string(), "Anna Kovács <Anna@contoso.com>");
    assert_eq!((shown.slack.as_deref(), shown.teams.as_deref()), (Some("U012AB3CD"), Some("anna@contoso.com")));
    assert_eq!(shown.locale.as_deref(), Some("hu"));
    assert_eq!(settings.people[&person("bela")].locale, None, "the destination's");
}

#[test]
fn an_absence_is_whole_days_in_the_zone_of_the_persons_own_hours() {
    let settings = house("");
    let away = &settings.rules.people.by_name[&person("anna")].away;
    // London's days: Budapest's begin an hour earlier.
    let holiday = Absence {
        from: at("2026-12-21T00:00:00Z"),
        until: Some(at("2027-01-05T00:00:00Z")),
        last: Some(jiff::civil::date(2027, 1, 4)),
        cover: Some(person("bela")),
    };
    assert_eq!(*away, [holiday, Absence { from: at("2027-03-01T00:00:00Z"), until: None, last: None, cover: None }]);
    let at_home = house("people.cili = { away = [{ from = '2026-12-21' }] }");
    assert_eq!(at_home.rules.people.by_name[&person("cili")].away[0].from, at("2026-12-20T23:00:00Z"));
}

#[test]
fn a_day_that_begins_an_hour_late_is_away_from_its_first_instant() {
    // In Beirut there was no midnight on 26 March 2023 but 01:00, an hour after 23:59.
    let text = "time_zone = 'Asia/Beirut'\npeople.anna.away = [{ from = '2023-03-26', to = '2023-03-26' }]";
    let (settings, _) = load(text);
    let away = &settings.rules.people.by_name[&person("anna")].away[0];
    assert_eq!((away.from, away.until), (at("2023-03-25T22:00:00Z"), Some(at("2023-03-26T21:00:00Z"))));
}

#[test]
fn who_has_an_address_and_no_ways_of_their_own_is_reached_by_mail() {
    let settings = house("");
    assert_eq!(names(&settings), ["@anna", "desk", "log"]);
    let reached_at = |name: &str| settings.rules.people.by_name[&person(name)].reached_at.clone();
    assert_eq!((reached_at("anna"), reached_at("bela")), (vec!["@anna".into()], vec!["log".into()]));
    let anna = &settings.destinations["@anna"];
    let DestinationKind::Email { to, cc } = &anna.kind else { panic!("mail") };
    assert_eq!(to.as_slice(), [Addressee::Fixed("Anna Kovács <Anna@contoso.com>".parse().unwrap())]);
    assert!(cc.is_empty() && anna.fallback.is_none() && anna.keepalive.is_none());
    assert_eq!(anna.rate, settings.destinations["desk"].rate);
    assert_eq!(anna.digest_above, settings.destinations["desk"].digest_above);
    assert_eq!(anna.locale, "hu");
    assert_eq!(zone(&settings, "@anna"), Some("Europe/London".to_owned()));
    assert!(settings.rules.destinations["@anna"].keeps_hours && settings.rules.destinations["@anna"].asks.is_nobody());
}

fn zone(settings: &Settings, destination: &str) -> Option<String> {
    let hours: &Hours = counting_hours(&settings.rules, &DestinationName::new(destination), None);
    hours.time_zone().iana_name().map(str::to_owned)
}

#[test]
fn a_person_with_other_ways_gets_mail_where_a_list_asks_for_it() {
    let settings = house("notify = ['@bela']");
    assert_eq!(names(&settings), ["@anna", "@bela", "desk", "log"]);
    assert_eq!(settings.notify, [Recipient::Destination("@bela".into())]);
    assert_eq!(settings.destinations["@bela"].locale, "cs", "the house's where the person has none");
    let both = house("people.cili = { email = 'cili@contoso.com', notify = ['log', '@cili'] }");
    assert_eq!(both.rules.people.by_name[&person("cili")].reached_at, ["log".into(), "@cili".into()]);
    assert!(both.destinations.contains_key("@cili"));
}

#[test]
fn owners_whom_nobody_here_knows_have_a_destination_where_owners_are_asked_for() {
    let settings = house("notify = ['@owners']");
    let team = &settings.rules.destinations["@team"];
    assert!(team.asks.strangers && team.asks.roles.is_empty() && !team.asks.others);
    assert!(!house("escalate_to = ['@managers']").destinations.contains_key("@team"));
    let step = "[[rules]]\nname = 'a'\nsteps = [{ on = 'new', notify = ['@owners'] }]";
    assert!(load(&format!("{HOUSE}{step}")).0.destinations.contains_key("@team"));
    let (without_server, _) = load("notify = ['@owners']\npeople.anna.email = 'anna@contoso.com'");
    assert!(without_server.destinations.is_empty(), "there is no mail server");
}

#[test]
fn a_mail_may_go_to_addresses_to_a_person_and_to_whom_each_referral_names() {
    let settings = house(
        "destinations.some = { type = 'email', to = ['@owners', '@anna', 'x@contoso.com'], cc = ['@managers'] }\n\
         destinations.roles = { type = 'email', to = ['@owners'] }",
    );
    let asks = |name: &str| settings.rules.destinations[name].asks.clone();
    assert_eq!((asks("some").roles, asks("some").others), (vec![Role::Owners, Role::Managers], true));
    assert_eq!((asks("roles").roles, asks("roles").others), (vec![Role::Owners], false));
    let lanes = orders(&settings).lanes;
    let fixed = |name: &str| lanes[name].recipients.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(fixed("some"), ["Anna@contoso.com", "x@contoso.com"]);
    assert!(fixed("roles").is_empty());
}

#[test]
fn mail_to_roles_alone_makes_a_channel() {
    rustls::crypto::ring::default_provider().install_default().ok();
    let settings = house("notify = ['@owners']\ndestinations.roles = { type = 'email', to = ['@managers'] }");
    let prepared = leadtime::service::prepare::with(settings).unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!(prepared.channels.len(), 5, "@anna, @team, desk, log and roles");
}

#[test]
fn a_step_mentions_people_with_or_without_their_sign() {
    let text =
        format!("{HOUSE}[[rules]]\nname = 'a'\nsteps = [{{ on = 'new', mention = ['@anna', 'bela', '@owners'] }}]");
    let (settings, _) = load(&text);
    let mention = &settings.rules.rules[0].steps[0].mention;
    let expected =
        [Mentioned::Person(person("anna")), Mentioned::Person(person("bela")), Mentioned::Role(Role::Owners)];
    assert_eq!(*mention, expected);
}

#[test]
fn our_own_domains_are_those_of_people_of_the_sender_and_of_fixed_recipients() {
    let settings = house("people.cili.email = 'Cili <cili@gmail.com>'\npeople.dora.email = 'dora@Tailspin.example'");
    let domains: Vec<&str> = settings.rules.people.domains.iter().map(String::as_str).collect();
    assert_eq!(settings.rules.people.by_name[&person("cili")].name, "Cili", "as the address has it");
    assert_eq!(domains, ["contoso.com", "fabrikam.example", "tailspin.example"], "anybody can be at gmail.com");
}

#[test]
fn owners_stand_in_the_order_of_the_file_and_of_the_files_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let owners = |country: &str, person: &str| {
        format!("[[owners]]\nwhen = \"customerProfile/address/country eq '{country}'\"\npeople = ['{person}']\n")
    };
    fs::write(folder.path().join("10.toml"), format!("{HOUSE}{}", owners("HU", "anna"))).unwrap();
    fs::write(folder.path().join("20.toml"), format!("{}[[owners]]\npeople = ['anna', 'bela']", owners("CZ", "bela")))
        .unwrap();
    let (settings, _) = settings::load(folder.path(), std::iter::empty()).unwrap();
    let people: Vec<Vec<&str>> = settings
        .rules
        .people
        .owners
        .iter()
        .map(|owners| owners.people.iter().map(PersonName::as_str).collect())
        .collect();
    assert_eq!(people, [vec!["anna"], vec!["bela"], vec!["anna", "bela"]]);
    assert!(settings.rules.people.owners[2].when.is_none());
}

#[test]
fn a_digest_is_due_by_the_clock_of_each_destination() {
    let text = format!("{HOUSE}[[digests]]\nname = 'monday forecast'\nat = 'mon 08:30'\nnotify = ['desk', '@anna']");
    let (settings, _) = load(&text);
    let digest = &settings.digests[0];
    assert_eq!((digest.name.as_str(), digest.notify.len()), ("monday forecast", 2));
    let sunday = at("2026-11-15T12:00:00Z");
    let due = |name: &str| {
        let hours = counting_hours(&settings.rules, &DestinationName::new(name), None);
        digest.schedule.after(sunday, hours.time_zone()).unwrap().to_string()
    };
    assert_eq!((due("desk").as_str(), due("@anna").as_str()), ("2026-11-16T07:30:00Z", "2026-11-16T08:30:00Z"));
}

#[test]
fn the_summary_counts_what_somebody_has_written() {
    let text = format!("notify = ['@owners']\n{HOUSE}[[digests]]\nname = 'a'\nat = 'daily 07:00'\nnotify = ['log']");
    let (settings, _) = load(&text);
    assert_eq!(settings.to_string(), "1 account, 2 destinations (email, stdout), 2 people, 1 rule, 1 digest");
}

#[test]
fn a_variable_sets_a_key_of_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leadtime.toml");
    fs::write(&file, HOUSE).unwrap();
    let env = [("LEADTIME_PEOPLE__ANNA__LOCALE", "cs"), ("LEADTIME_PEOPLE__BELA__NOTIFY", "desk,log")];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (settings, _) = settings::load(&file, env.into_iter()).unwrap();
    assert_eq!(settings.people[&person("anna")].locale.as_deref(), Some("cs"));
    assert_eq!(settings.rules.people.by_name[&person("bela")].reached_at, ["desk".into(), "log".into()]);
}

#[test]
fn where_escalations_go_only_to_people_of_each_referral_somebody_must_hear_of_troubles() {
    let (settings, warnings) = load(&format!("escalate_to = ['@managers']\n{HOUSE}"));
    assert!(settings.ops.notify.is_empty());
    assert!(
        warnings.iter().any(|warning| warning.contains("escalate_to only people whom a referral names")),
        "{warnings:?}"
    );
    let roles = "escalate_to = ['roles', 'desk']\ndestinations.roles = { type = 'email', to = ['@managers'] }";
    assert_eq!(house(roles).ops.notify, ["desk".into()], "mail to roles alone has nobody in it without a referral");
}

#[test]
fn an_absence_is_stale_a_quarter_after_its_end() {
    let settings = house("");
    let stale = |now: &str| settings::stale(&settings, at(now));
    assert!(stale("2027-04-05T00:00:00Z").is_empty());
    let found = stale("2027-04-06T00:00:00Z");
    assert_eq!(found.len(), 1, "the second has no end: {found:?}");
    assert!(found[0].to_string().ends_with("people.anna.away[0]: is long over; take it out"), "{}", found[0]);
}

#[test]
fn a_cover_who_has_left_by_then_is_told_of() {
    let left = "people.cili.away = [{ from = '2027-01-01' }]";
    let settings =
        house(&format!("{left}\npeople.dora.away = [{{ from = '2027-02-01', to = '2027-02-05', cover = 'cili' }}]"));
    let found = settings::stale(&settings, at("2026-12-01T00:00:00Z"));
    let said: Vec<String> = found.iter().map(ToString::to_string).collect();
    let what = "leadtime.toml:2:21: people.dora.away[0]: its cover, cili, is away for good then, so whoever is next up \
                the line stands in; name somebody else";
    assert!(said.len() == 1 && said[0].ends_with(what), "{said:?}");
}

#[test]
fn check_knows_what_day_it_is_and_says_which_absences_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leadtime.toml");
    let long_ago = "{ from = '2019-12-23', to = '2020-01-03' }";
    fs::write(&file, format!("{HOUSE}\n[people.cili]\naway = [{{ from = '2019-12-20' }}, {long_ago}]\n")).unwrap();
    let check = std::process::Command::new(env!("CARGO_BIN_EXE_leadtime"))
        .args(["check", "--json", "--config"])
        .arg(&file)
        .env_clear()
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
    let warnings = said["warnings"].as_array().unwrap();
    let stale: Vec<_> = warnings.iter().filter(|warning| warning["what"] == "is long over; take it out").collect();
    assert_eq!(stale.len(), 1, "who left for good is no slip: {said}");
    assert_eq!((&stale[0]["key"], &stale[0]["line"]), (&"people.cili.away[1]".into(), &27.into()), "{said}");
}

#[test]
fn mail_to_a_person_that_cannot_be_built_is_told_at_their_address() {
    let said =
        try_load("smtp = { host = 'localhost', from = 'a@b.c' }\npeople.anna.email = 'ánna@contoso.com'").unwrap_err();
    assert!(said.starts_with("leadtime.toml:2:21: people.anna.email: has letters before the @"), "{said}");
}

#[test]
fn every_language_of_the_settings_is_one_of_the_messages() {
    let schema = settings::schema();
    let codes = schema.pointer("/properties/locale/enum").and_then(|codes| codes.as_array()).unwrap();
    assert!(codes.len() >= 3);
    for code in codes.iter().filter_map(|code| code.as_str()) {
        let locale = leadtime::messages::words::Locale::parse(code).unwrap_or_else(|| panic!("{code}"));
        assert_eq!(locale.as_str(), code);
    }
}

#[test]
fn the_shipped_example_of_people_loads_without_a_word() {
    let env = ["SLACK_WEBHOOK_URL", "SMTP_PASSWORD"].map(|name| (name.to_owned(), "https://example.com/x".to_owned()));
    let (settings, warnings) = settings::load(Path::new("config/examples/people.toml"), env.into_iter()).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(settings.to_string(), "1 account, 2 destinations (email, slack), 3 people, 1 rule, 1 digest");
    assert_eq!(names(&settings), ["@anna", "@bela", "@karel", "@team", "desk", "sales"]);
}

#[test]
fn the_shipped_settings_name_nobody() {
    let env =
        ["SLACK_WEBHOOK_URL", "TEAMS_WEBHOOK_URL"].map(|name| (name.to_owned(), "https://example.com/x".to_owned()));
    let (settings, _) = settings::load(Path::new("config/leadtime.toml"), env.into_iter()).unwrap();
    assert!(settings.people.is_empty() && settings.digests.is_empty() && names(&settings).len() == 2);
}
