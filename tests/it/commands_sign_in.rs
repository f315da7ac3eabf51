//! The sign-in in the running program: sealed at rest, watched as it ages, and told at once where it is broken, each time
//! with the command that mends it.

use std::{fs, path::Path, sync::Arc};

use jiff::SignedDuration;
use leadtime::{
    demo::world::{Outage, SignInTrouble},
    partner_center::{SavedToken, TokenShelf as _},
    service::{seal::Seal, shelf::BareShelf},
    store::SledStore,
};
use rustix::process::Signal;
use serde_json::Value;

use crate::commands_stage::{Stage, eventually, now, told};

/// What every refresh token of the simulated Partner Center begins with.
const TOKEN: &str = "0.demo-refresh.";

/// The settings, and a key in a file of its own.
fn with_key(stage: &Stage, key: &str) -> String {
    fs::write(stage.folder.path().join("key"), format!("{key}\n")).unwrap();
    format!("{}\n[state]\nkey = {{ file = \"key\" }}\n", stage.settings())
}

/// Whether a text stands in any file below a folder.
fn stands_in(folder: &Path, text: &str) -> bool {
    fs::read_dir(folder).unwrap().map(Result::unwrap).any(|entry| {
        let kind = entry.file_type().unwrap();
        let holds = |bytes: Vec<u8>| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        (kind.is_dir() && stands_in(&entry.path(), text)) || (kind.is_file() && holds(fs::read(entry.path()).unwrap()))
    })
}

async fn status(stage: &Stage) -> Value {
    serde_json::from_str(&told(&stage.done(&["status", "--json"]).await).1).unwrap()
}

/// That the account cannot be read, once that is told.
async fn trouble(stage: &Stage) -> Value {
    let wanted = |trouble: &&Value| trouble["name"] == "poll/contoso";
    eventually("the trouble", async || status(stage).await["troubles"].as_array()?.iter().find(wanted).cloned()).await
}

async fn polled(stage: &Stage) {
    eventually("a good poll", async || {
        let status = status(stage).await;
        (status["well"] == true && status["accounts"][0]["last_good_poll"].is_string()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn with_a_key_from_the_start_the_token_is_in_no_file_and_serves_the_next_start() {
    let stage = Stage::set().await;
    let settings = with_key(&stage, "0123456789abcdef0123456789abcdef");
    stage.write(&settings);
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    polled(&stage).await;
    assert_eq!(leadtime.stop().await, 0);
    let data = stage.folder.path().join("data");
    assert!(stands_in(&data, "contoso") && !stands_in(&data, TOKEN));
    let without_import: Vec<&str> = settings.lines().filter(|line| !line.starts_with("refresh_token")).collect();
    stage.write(&without_import.join("\n"));
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
    assert!(!stands_in(&data, TOKEN));
}

#[tokio::test]
async fn a_key_that_comes_later_seals_and_one_that_is_lost_is_told_and_put_back_by_a_reload() {
    let stage = Stage::set().await;
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    polled(&stage).await;
    stage.write(&with_key(&stage, "0123456789abcdef0123456789abcdef"));
    leadtime.signal(Signal::HUP);
    assert_eq!(leadtime.says("refresh tokens were sealed").await["sealed"], 1);
    polled(&stage).await;
    assert_eq!(leadtime.stop().await, 0);

    stage.write(&stage.settings());
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let lost = trouble(&stage).await;
    assert_eq!(lost["title"], "contoso cannot be read");
    let why = lost["text"][0].as_str().unwrap();
    assert!(why.contains("the refresh token is sealed and cannot be opened: [state] key is not set"), "{why}");
    let todo = lost["todo"].as_str().unwrap();
    assert!(todo.contains("`leadtime reload`") && todo.contains("`leadtime login contoso`"), "{todo}");
    stage.write(&with_key(&stage, "0123456789abcdef0123456789abcdef"));
    leadtime.signal(Signal::HUP);
    polled(&stage).await;
}

#[tokio::test]
async fn what_breaks_the_sign_in_is_told_at_once_with_the_command_that_mends_it() {
    for (refused, outage, todo) in [
        (Some(SignInTrouble::InvalidGrant), None, "Run `leadtime login contoso`."),
        (Some(SignInTrouble::InvalidClient), None, "then run `leadtime reload`"),
        (None, Some(Outage::MfaRequired), "Run `leadtime login contoso` and sign in with a second factor"),
    ] {
        let stage = Stage::set().await;
        stage.world.set_sign_in_trouble(refused);
        stage.world.set_outage(outage);
        let (code, _, err) = told(&stage.done(&["run", "--once"]).await);
        assert_eq!(code, 1, "{err}");
        let heard = stage.message("the managers hear", |message| message.sink == "managers").await;
        assert!(heard.body.contains("contoso cannot be read"), "{}", heard.body);
        let broken = trouble(&stage).await;
        assert!(broken["todo"].as_str().unwrap().contains(todo), "{broken}");
    }
}

#[tokio::test]
async fn where_nobody_has_signed_in_the_managers_and_status_say_how() {
    let stage = Stage::set().await;
    let without: Vec<String> =
        stage.settings().lines().filter(|line| !line.starts_with("refresh_token")).map(str::to_owned).collect();
    stage.write(&without.join("\n"));
    drop(SledStore::open(&stage.folder.path().join("data")).unwrap());
    let (code, page, _) = told(&stage.done(&["status"]).await);
    assert_eq!(code, 1);
    assert!(
        page.contains("Nobody has signed in for contoso") && page.contains("Run `leadtime login contoso`."),
        "{page}"
    );
    let mut leadtime = stage.start(&[]);
    leadtime.runs().await;
    let heard = stage.message("the managers hear", |message| message.sink == "managers").await;
    assert!(heard.body.contains("leadtime login contoso"), "{}", heard.body);
    let troubles = status(&stage).await["troubles"].as_array().unwrap().len();
    assert_eq!(troubles, 1, "it is said once");
}

#[tokio::test]
async fn a_sign_in_that_lies_idle_is_told_before_it_ends_and_a_secret_too() {
    let stage = Stage::set().await;
    let tomorrow = (now() + SignedDuration::from_hours(24)).to_zoned(jiff::tz::TimeZone::UTC).date();
    stage.rewrite("refresh_token", &format!("client_secret_expires = \"{tomorrow}\"\n#"));
    let store = Arc::new(SledStore::open(&stage.folder.path().join("data")).unwrap());
    let idle = SavedToken {
        refresh_token: format!("{TOKEN}0").as_str().into(),
        imported: None,
        obtained_at: now() - SignedDuration::from_hours(80 * 24),
    };
    BareShelf::new(store.clone(), Seal::none()).save(&"contoso".into(), idle).await.unwrap();
    drop(store);
    stage.world.set_sign_in_trouble(Some(SignInTrouble::InvalidGrant));
    let (_, _, err) = told(&stage.done(&["run", "--once"]).await);
    let told_of = |text: &'static str| stage.message(text, move |message| message.body.contains(text));
    told_of("The sign-in of contoso ends on").await;
    let secret = told_of("The client secret of contoso ends on").await;
    assert!(secret.body.contains("leadtime reload"), "{err}");
    let (_, page, _) = told(&stage.done(&["status"]).await);
    assert!(page.contains("9 d left") && page.contains("Run `leadtime login contoso` before"), "{page}");
    println!("{page}");

    stage.world.set_sign_in_trouble(None);
    assert_eq!(told(&stage.done(&["run", "--once"]).await).0, 0);
    told_of("The sign-in of contoso was renewed").await;
    let (_, page, _) = told(&stage.done(&["status"]).await);
    assert!(page.contains("89 d left"), "{page}");
}
