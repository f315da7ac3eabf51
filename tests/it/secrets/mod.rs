//! Secrets stay where they belong. Known values stand in every key that takes a secret or a destination's address (the
//! schema says which those are), and the program runs at its most talkative in a world that fails in every way and throws
//! each secret back. Then all that came out of it, by whatever way, is searched for each value and each piece of one.

mod planted;
mod world;
mod wrong;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use leadtime::settings::schema;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use self::{
    planted::Planted,
    world::{ACCOUNTS, CHANNELS, World},
};
use crate::commands_stage::{client, command, eventually};

/// So short that what fails again and again within a poll does not hold the others up.
const POLL_EVERY: &str = "10s";

/// Where a secret of the settings stands.
#[derive(Clone, Copy, PartialEq, Debug)]
enum By {
    Text,
    File,
    Env,
}

/// A folder with settings full of secrets, and the world that they point at.
struct Stage {
    folder: TempDir,
    world: World,
    planted: Planted,
    env: Vec<(String, String)>,
    /// How the next secret is given.
    next: usize,
    port: u16,
}

impl Stage {
    /// `turn` moves how each secret is given, so that over three turns each is given in every way.
    async fn set(turn: usize, mail: &str) -> Self {
        let mut planted = Planted::default();
        let (access, rotated) = (planted.plain("an access token"), planted.plain("a rotated refresh token"));
        let world = World::begins(access, rotated).await;
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut stage = Self { folder: TempDir::new().unwrap(), world, planted, env: Vec::new(), next: turn, port };
        let settings = stage.settings(mail);
        fs::write(stage.folder.path().join("leadtime.toml"), settings).unwrap();
        let password = stage.planted.plain("the proxy's password");
        let proxy = format!("http://proxy-user:{password}@{}", stage.world.proxy);
        stage.env.push(("HTTPS_PROXY".to_owned(), proxy));
        stage.env.push(("NO_PROXY".to_owned(), "127.0.0.1".to_owned()));
        stage
    }

    /// A secret as it stands in the settings.
    fn given(&mut self, value: &str) -> String {
        let by = [By::Text, By::File, By::Env][self.next % 3];
        self.next += 1;
        let name = format!("SECRET_{}", self.next);
        match by {
            By::Text => toml_edit::Value::from(value).to_string(),
            By::File => {
                let file = self.folder.path().join(&name);
                fs::write(&file, format!("{value}\n")).unwrap();
                format!("{{ file = {:?} }}", file.display().to_string())
            }
            By::Env => {
                self.env.push((name.clone(), value.to_owned()));
                format!("{{ env = {name:?} }}")
            }
        }
    }

    /// The key of the schema, and which one of several.
    fn secret(&mut self, key: &str, which: &str) -> String {
        let value = self.planted.odd(&format!("{key} {which}"));
        self.given(&value)
    }

    /// An address with a secret in its path and another in its query.
    fn address(&mut self, key: &str, which: &str, base: &str) -> String {
        let (path, query) =
            (self.planted.plain(&format!("{key} {which}")), self.planted.plain(&format!("{key} {which}, query")));
        self.given(&format!("{base}/{path}?sp=%2Frun&sig={query}"))
    }

    fn settings(&mut self, mail: &str) -> String {
        let (at, smtp) = (self.world.address, self.world.smtp);
        let mut all = String::new();
        let names: Vec<String> =
            ["slack", "teams", "hook"].iter().flat_map(|kind| CHANNELS.map(|mode| format!("{kind}-{mode}"))).collect();
        let names: Vec<String> =
            names.into_iter().chain(["inbox", "unknown-host", "no-tls", "proxied"].map(str::to_owned)).collect();
        let key = self.secret("state/key", "");
        let password = self.secret("web/password", "");
        let heartbeat = self.address("ops/heartbeat_url", "", &format!("http://{at}/beat/503"));
        write!(
            all,
            "time_zone = \"UTC\"\nnotify = {names:?}\nescalate_to = {names:?}\n[state]\nkey = {key}\n[web]\nlisten = \"127.0.0.1:{}\"\n\
             external_url = \"https://leadtime.example\"\npassword = {password}\n[ops]\nnotify = [\"hook-fine\"]\nheartbeat_url = {heartbeat}\n",
            self.port
        )
        .unwrap();
        let shared = self.secret("account_defaults/client_secret", "");
        let token = self.secret("account_defaults/refresh_token", "");
        writeln!(
            all,
            "[account_defaults]\nclient_secret = {shared}\nrefresh_token = {token}\npoll_every = \"{POLL_EVERY}\""
        )
        .unwrap();
        for mode in ACCOUNTS {
            let (secret, token) =
                (self.secret("accounts/*/client_secret", mode), self.secret("accounts/*/refresh_token", mode));
            writeln!(
                all,
                "[accounts.{mode}]\ntenant_id = \"t\"\nclient_id = \"c\"\nclient_secret = {secret}\nclient_secret_expires = \"2020-01-01\"\n\
                 refresh_token = {token}\nbase_url = \"http://{at}/pc/{mode}/v1.0\"\ntoken_url = \"http://{at}/token/{mode}/oauth2/v2.0/token\""
            )
            .unwrap();
        }
        let open = "hours = \"always\", rate = \"none\"";
        writeln!(all, "[destinations]").unwrap();
        for mode in CHANNELS {
            for kind in ["slack", "teams"] {
                let url = self.address(
                    "destinations/*/webhook_url",
                    &format!("{kind} {mode}"),
                    &format!("http://{at}/{kind}/{mode}"),
                );
                writeln!(all, "{kind}-{mode} = {{ type = \"{kind}\", webhook_url = {url}, {open} }}").unwrap();
            }
            let user = self.planted.plain(&format!("destinations/*/url {mode}, user"));
            let url = self.address("destinations/*/url", mode, &format!("http://crm:{user}@{at}/hook/{mode}"));
            let (secret, header) = (
                self.secret("destinations/*/secret", mode),
                self.planted.plain(&format!("destinations/*/headers/* {mode}")),
            );
            let header = self.given(&header);
            writeln!(
                all,
                "hook-{mode} = {{ type = \"webhook\", url = {url}, secret = {secret}, headers = {{ X-Key = {header} }}, {open} }}"
            )
            .unwrap();
        }
        for (name, base) in [
            ("unknown-host", "https://hooks.nothing.invalid/services".to_owned()),
            ("no-tls", format!("https://{at}/slack/fine")),
            ("proxied", "https://hooks.slack.com/services".to_owned()),
        ] {
            let url = self.address("destinations/*/webhook_url", name, &base);
            writeln!(all, "{name} = {{ type = \"slack\", webhook_url = {url}, {open} }}").unwrap();
        }
        writeln!(all, "inbox = {{ type = \"email\", to = [\"desk@contoso.example\"], {open} }}").unwrap();
        let (password, secret) = (self.secret("smtp/password", ""), self.secret("smtp/oauth2/client_secret", ""));
        let login = match mail {
            "password" => format!("password = {password}"),
            mode => format!(
                "oauth2 = {{ tenant_id = \"t\", client_id = \"c\", client_secret = {secret}, token_url = \"http://{at}/token/{mode}/x\" }}"
            ),
        };
        write!(
            all,
            "[smtp]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"none\"\nusername = \"robot\"\nfrom = \"l@contoso.example\"\n{login}\n",
            smtp.port()
        )
        .unwrap();
        all
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = command(self.folder.path(), args);
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// Everything that came out, by where it did.
#[derive(Default)]
struct Outputs(Vec<(String, Vec<u8>)>);

impl Outputs {
    fn add(&mut self, from: &str, bytes: impl Into<Vec<u8>>) {
        self.0.push((from.to_owned(), bytes.into()));
    }

    /// Runs commands to their ends, a few at a time.
    async fn of_commands(&mut self, stage: &Stage, lines: &[String]) {
        for some in lines.chunks(4) {
            let children: Vec<_> = some
                .iter()
                .map(|line| {
                    let mut command = stage.command(&line.split(' ').collect::<Vec<_>>());
                    (line, tokio::task::spawn_blocking(move || command.output().unwrap()))
                })
                .collect();
            for (line, child) in children {
                let output = child.await.unwrap();
                assert!(
                    !output.status.success()
                        || !output.stdout.is_empty()
                        || !output.stderr.is_empty()
                        || line.contains("health"),
                    "{line}"
                );
                assert!(
                    !String::from_utf8_lossy(&output.stderr).contains("Usage:"),
                    "{line}: {}",
                    String::from_utf8_lossy(&output.stderr)
                );
                self.add(&format!("leadtime {line}, standard output"), output.stdout);
                self.add(&format!("leadtime {line}, standard error"), output.stderr);
            }
        }
    }

    /// Nothing of what was planted stands in any of them.
    fn are_clean(&self, planted: &Planted) {
        let search = planted.search();
        let bytes: usize = self.0.iter().map(|(_, bytes)| bytes.len()).sum();
        println!(
            "{} outputs of {bytes} bytes, {} values, {} pieces",
            self.0.len(),
            planted.names().len(),
            search.pieces()
        );
        let mut told = String::new();
        for (from, bytes) in &self.0 {
            for (what, around) in search.found(bytes) {
                let _ = writeln!(told, "{from}: {what}:\n    …{around}…");
            }
        }
        assert!(told.is_empty(), "secrets came out:\n{told}");
    }
}

/// Commands that tell something; each also as JSON where it can.
fn questions() -> Vec<String> {
    let mut lines = Vec::new();
    for line in [
        "status",
        "plan",
        "explain fine-1",
        "outbox list",
        "report --since 30d",
        "replay --since 30d",
        "check",
        "send-test hook-fine",
        "send-test hook-word",
        "send-test teams-400",
        "send-test inbox",
        "send-test proxied",
    ] {
        lines.push(format!("{line} --log-level trace"));
        lines.push(format!("{line} --json --log-level trace --log-format text"));
    }
    for event in ["new", "trouble", "escalation"] {
        for to in ["slack-fine", "teams-fine", "hook-fine", "inbox"] {
            lines.push(format!("preview {event} --destination {to} --log-level trace"));
        }
    }
    lines.extend(["health --ready", "health --strict", "schema", "reload --log-level trace"].map(str::to_owned));
    lines
        .extend(["mute fine-2 --reason quiet --log-level trace", "unmute fine-2 --log-level trace"].map(str::to_owned));
    lines.push("outbox retry --all --destination slack-400 --log-level trace".to_owned());
    lines.push("explain nothing --log-level trace".to_owned());
    lines.push("preview new --destination nothing --log-level trace".to_owned());
    lines
}

/// A whole life: start, every trouble, every question, end, and the questions again to what is left.
async fn lives(turn: usize, mail: &str, log: &[&str], ask: &[String]) {
    let stage = Stage::set(turn, mail).await;
    let mut outputs = Outputs::default();
    let (out, err) = (stage.folder.path().join("out"), stage.folder.path().join("err"));
    let mut run = stage.command(&[&["run"], log].concat());
    run.stdout(fs::File::create(&out).unwrap()).stderr(fs::File::create(&err).unwrap()).stdin(Stdio::null());
    let mut child = run.spawn().unwrap();
    let at = format!("http://127.0.0.1:{}", stage.port);
    eventually("it answers", async || {
        assert!(child.try_wait().unwrap().is_none(), "{}", fs::read_to_string(&err).unwrap());
        client().get(format!("{at}/healthz")).send().await.ok().filter(|answer| answer.status().is_success())
    })
    .await;
    let wanted: BTreeSet<String> = ACCOUNTS
        .iter()
        .map(|mode| format!("token/{mode}"))
        .chain(
            ["slack", "teams", "hook"]
                .iter()
                .flat_map(|kind| CHANNELS.iter().map(move |mode| format!("{kind}/{mode}"))),
        )
        .chain(["beat/503", "proxy, with a password"].map(str::to_owned))
        .collect();
    let began = Instant::now();
    loop {
        let asked: BTreeSet<String> = stage.world.asked().into_iter().collect();
        let missing: Vec<&String> = wanted.difference(&asked).collect();
        if missing.is_empty() || (missing == ["beat/503"] && began.elapsed() > Duration::from_secs(8)) {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "never asked: {missing:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // What comes of the answers is written and told.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let password = stage.planted.value("web/password ");
    for path in ["/metrics", "/healthz", "/readyz", "/", "/claim/x", "/api/v1/status"] {
        let answer = client().get(format!("{at}{path}")).send().await.unwrap();
        outputs.add(&format!("GET {path}"), of_answer(answer).await);
    }
    for path in [
        "status",
        "outbox",
        "plan",
        "explain/fine-1",
        "explain/none",
        "history",
        "report",
        "accounts/fine/sign-in",
        "nothing",
    ] {
        let answer = client().get(format!("{at}/api/v1/{path}")).bearer_auth(&password).send().await.unwrap();
        outputs.add(&format!("GET /api/v1/{path}"), of_answer(answer).await);
    }
    for path in ["accounts/forbidden/glimpse", "accounts/token-odd/glimpse", "reload"] {
        let answer = client().post(format!("{at}/api/v1/{path}")).bearer_auth(&password).send().await.unwrap();
        outputs.add(&format!("POST /api/v1/{path}"), of_answer(answer).await);
    }
    outputs.of_commands(&stage, ask).await;
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    eventually("it ends", async || child.try_wait().unwrap()).await;
    let rest: Vec<String> = ask.iter().filter(|line| !line.starts_with("send-test")).cloned().collect();
    outputs.of_commands(&stage, &rest).await;
    outputs.add("leadtime run, standard output", fs::read(&out).unwrap());
    let log = fs::read(&err).unwrap();
    assert!(log.windows(5).any(|word| word == b"TRACE"), "nothing was traced");
    outputs.add("leadtime run, standard error", log);
    let bodies = stage.world.bodies();
    assert!(bodies.contains("Fabrikam") && bodies.contains("refuses every message"), "{bodies}");
    outputs.add("the messages", bodies.clone());
    for file in files(&stage.folder.path().join("data")) {
        outputs.add(&format!("{}", file.display()), fs::read(&file).unwrap());
    }
    // A link is the key to its page: it stands in messages, and nowhere else.
    let mut links = Planted::default();
    for (n, link) in bodies.split("https://leadtime.example/claim/").skip(1).take(40).enumerate() {
        let token: String = link.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        // Every link begins with the same few letters and its destination's name.
        links.add(&format!("claim link {n}"), &token[token.len().saturating_sub(30)..]);
    }
    assert!(!links.names().is_empty(), "no message has a claim link");
    let mut elsewhere = Outputs::default();
    elsewhere.0.extend(outputs.0.iter().filter(|(from, _)| from != "the messages").cloned());
    elsewhere.are_clean(&links);
    outputs.are_clean(&stage.planted);
}

async fn of_answer(answer: reqwest::Response) -> Vec<u8> {
    let mut all = format!("{} {:?}\n", answer.status(), answer.headers()).into_bytes();
    all.extend(answer.bytes().await.unwrap());
    all
}

/// Every file of a folder, at any depth.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_comes_out_of_a_life_full_of_troubles_holds_a_secret() {
    lives(0, "password", &["--log-level", "trace", "--log-format", "json"], &questions()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_where_secrets_stand_elsewhere_and_logs_are_for_people() {
    let ask =
        ["status --log-level trace", "check --online --log-level trace", "check --online --json --log-level trace"]
            .map(str::to_owned);
    lives(1, "mail", &["--log-level", "trace,h2=trace,rustls=trace", "--log-format", "text"], &ask).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_where_the_mail_s_own_token_is_refused() {
    let ask = ["status", "send-test --all --log-level trace", "send-test --all --json"].map(str::to_owned);
    lives(2, "mail-odd", &["--log-level", "trace", "--log-format", "text"], &ask).await;
}

#[tokio::test]
async fn every_key_that_takes_a_secret_is_among_those_that_are_planted() {
    let stage = Stage::set(0, "password").await;
    let planted: BTreeSet<String> =
        stage.planted.names().iter().filter_map(|name| Some(name.split_once(' ')?.0.to_owned())).collect();
    let schema: Value = schema();
    let mut keys = BTreeSet::new();
    secret_keys(&schema, &schema, "", &mut keys);
    assert!(keys.len() >= 12, "{keys:?}");
    let missing: Vec<&String> = keys.iter().filter(|key| !planted.contains(*key)).collect();
    assert!(missing.is_empty(), "plant a secret in each of {missing:?}");
}

/// The paths of all keys that take a secret; `*` stands for a name of the user's.
fn secret_keys(schema: &Value, node: &Value, path: &str, keys: &mut BTreeSet<String>) {
    if let Some(name) = node["$ref"].as_str() {
        if name == "#/$defs/Secret" {
            keys.insert(path.to_owned());
            return;
        }
        let inner = schema.pointer(name.trim_start_matches('#')).unwrap();
        return secret_keys(schema, inner, path, keys);
    }
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
    for (name, inner) in node["properties"].as_object().into_iter().flatten() {
        secret_keys(schema, inner, &below(name), keys);
    }
    if node["additionalProperties"].is_object() {
        secret_keys(schema, &node["additionalProperties"], &below("*"), keys);
    }
    for several in ["anyOf", "allOf", "oneOf"] {
        node[several].as_array().into_iter().flatten().for_each(|inner| secret_keys(schema, inner, path, keys));
    }
    if node["items"].is_object() {
        secret_keys(schema, &node["items"], &below("*"), keys);
    }
}
