//! The files that leadtime is put into service with: the image's own variables and the settings in the examples are taken
//! by the program as they stand.

use std::{fs, path::Path};

use leadtime::settings::{self, Faults, Settings, Warning};

/// The variables that the examples fill from secrets.
const SECRETS: [(&str, &str); 2] = [
    ("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/geheim"),
    ("TEAMS_WEBHOOK_URL", "https://x.environment.api.powerplatform.com/geheim?sp=%2Ftriggers&sig=geheim"),
];

fn repository(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// The `LEADTIME_…=…` in a text, whatever stands around them.
fn variables(text: &str) -> Vec<(String, String)> {
    let words = text.split_whitespace().filter(|word| word.starts_with("LEADTIME_"));
    // What stands for a secret is none.
    let set = words.filter_map(|word| word.split_once('=')).filter(|(_, value)| *value != "…");
    set.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What stands under `leadtime.toml: |` in the ConfigMap.
fn settings_in_the_config_map() -> String {
    let text = repository("config/examples/kubernetes.yaml");
    let (_, block) = text.split_once("leadtime.toml: |\n").expect("a ConfigMap with settings");
    let lines = block.lines().take_while(|line| line.is_empty() || line.starts_with("    "));
    lines.map(|line| format!("{}\n", line.trim_start())).collect()
}

fn load(text: &str, env: &[(String, String)]) -> Result<(Settings, Vec<Warning>), Faults> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("leadtime.toml");
    fs::write(&file, text).expect("written");
    let secrets = SECRETS.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    settings::load(&file, secrets.chain(env.iter().cloned()))
}

#[test]
fn the_images_own_variables_are_settings() {
    let env = variables(&repository("Dockerfile"));
    let names: Vec<&str> = env.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["LEADTIME_CONFIG", "LEADTIME_STATE__PATH", "LEADTIME_WEB__LISTEN"]);
    let (settings, warnings) = load(&repository("config/leadtime.toml"), &env).expect("no fault");
    assert_eq!(settings.state.path, Path::new("/var/lib/leadtime"));
    assert_eq!(settings.web.listen.map(|address| address.to_string()).as_deref(), Some("0.0.0.0:8080"));
    let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    assert!(!warnings.iter().any(|warning| warning.contains("LEADTIME_")), "{warnings:?}");
}

#[test]
fn the_settings_for_kubernetes_are_the_ten_lines() {
    let env = variables(&repository("Dockerfile"));
    let (there, _) = load(&settings_in_the_config_map(), &env).expect("no fault");
    let (here, _) = load(&repository("config/leadtime.toml"), &env).expect("no fault");
    assert_eq!(there.to_string(), here.to_string());
    assert_eq!(there.accounts.keys().collect::<Vec<_>>(), here.accounts.keys().collect::<Vec<_>>());
}

#[test]
fn what_the_settings_ask_of_the_environment_each_example_gives() {
    for example in ["compose.yaml", "kubernetes.yaml", "leadtime.service"] {
        let text = repository(&format!("config/examples/{example}"));
        for (name, _) in SECRETS {
            assert!(text.contains(name), "{example} does not set {name}");
        }
    }
}

#[test]
fn the_systemd_unit_keeps_the_state_where_the_variables_say() {
    let unit = repository("config/examples/leadtime.service");
    let env = variables(&unit);
    let (settings, _) = load(&repository("config/leadtime.toml"), &env).expect("no fault");
    assert_eq!(settings.state.path, Path::new("/var/lib/leadtime"));
    assert!(unit.contains("\nStateDirectory=leadtime\n"), "systemd makes /var/lib/leadtime");
}
