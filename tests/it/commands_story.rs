//! `plan` and `explain` in the binary: of a service that runs, of its store when it has stopped, and of a file.

use serde_json::Value;

use crate::commands_stage::{Stage, eventually, told};

#[tokio::test]
async fn the_running_service_and_its_store_tell_the_same_story() {
    let stage = Stage::set().await;
    let id = stage.refer();
    let mut running = stage.start(&[]);
    running.runs().await;
    stage.message("the first message", |message| message.sink == "sellers").await;
    let short = &id[..8];
    let story = eventually("the message is in the journal", async || {
        let (code, out, _) = told(&stage.done(&["explain", short, "--json"]).await);
        let story: Value = (code == 0).then(|| serde_json::from_str(&out).unwrap())?;
        let past = story["past"].as_array().unwrap().clone();
        past.iter().any(|past| past["what"]["sent"]["event"] == "new").then_some(story)
    })
    .await;
    assert_eq!(story["running"], true);
    assert_eq!(story["referral"]["id"], id.as_str());

    let (code, plan, err) = told(&stage.done(&["plan", "--json"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let (whole, of_one) = (plan["messages"].clone(), told(&stage.done(&["plan", short, "--json"]).await).1);
    assert!(whole.as_array().unwrap().len() > 2, "{plan}");
    assert_eq!(serde_json::from_str::<Value>(&of_one).unwrap()["messages"], whole);

    let message =
        story["past"].as_array().unwrap().iter().find_map(|past| past["what"]["sent"]["id"].as_str()).unwrap();
    let (code, page, err) = told(&stage.done(&["explain", &message[..10]]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(page.contains(&id) && page.contains("If nobody answers"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert_eq!(running.stop().await, 0);

    let (code, out, err) = told(&stage.done(&["explain", short, "--json"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    let later: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(later["running"], false);
    assert_eq!((&later["past"], &later["coming"]), (&story["past"], &story["coming"]));
    let (code, out, _) = told(&stage.done(&["plan", "--json"]).await);
    assert_eq!((code, &serde_json::from_str::<Value>(&out).unwrap()["messages"]), (0, &whole));
}

#[tokio::test]
async fn an_id_of_several_or_of_none_is_told_and_not_guessed() {
    let stage = Stage::set().await;
    let ids: Vec<String> = (0..40).map(|_| stage.refer()).collect();
    let shared = ids.iter().find_map(|id| ids.iter().find(|other| *other != id && other[..1] == id[..1])).unwrap();
    let begin = &shared[..1];
    let (code, _, _) = told(&stage.done(&["run", "--once"]).await);
    assert_eq!(code, 0);
    let mut running = Some(stage.start(&[]));
    running.as_mut().unwrap().runs().await;
    for _ in ["the service", "the store"] {
        let (code, out, err) = told(&stage.done(&["explain", begin]).await);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(err.contains("more than one referral") && err.contains(shared.as_str()), "{err}");
        let (code, out, err) = told(&stage.done(&["plan", "zzz"]).await);
        assert_eq!((code, out.as_str()), (1, ""));
        assert!(err.contains("\"zzz\"") && err.contains("leadtime status"), "{err}");
        if let Some(running) = running.take() {
            assert_eq!(running.stop().await, 0);
        }
    }
    let (code, _, err) = told(&stage.done(&["plan", "--account", "nobody"]).await);
    assert_eq!((code, err.trim()), (2, "there is no account nobody in the settings"));
}

#[tokio::test]
async fn a_referral_in_a_file_is_planned_with_the_settings_alone() {
    let stage = Stage::set().await;
    let body = serde_json::json!({
        "id": "r1", "status": "New", "substatus": "Pending", "type": "Shared", "direction": "Incoming",
        "customerProfile": {"name": "Fabrikam Kft.", "address": {"country": "HU"}},
        "createdDateTime": "2040-11-02T09:00:00Z", "expirationDateTime": "2040-11-16T00:00:00Z",
    });
    std::fs::write(stage.folder.path().join("referral.json"), body.to_string()).unwrap();
    let (code, page, err) = told(&stage.done(&["plan", "--referral", "referral.json"]).await);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(page.starts_with("Fabrikam Kft., HU\nr1, account contoso\nAnswer by Thu 15 Nov 2040; "), "{page}");
    assert!(page.contains("before_expiry 1bd (rule “default”)"), "{page}");
    assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
    assert!(!stage.folder.path().join("data").exists(), "a question must not make a store");
    let (code, _, err) = told(&stage.done(&["plan", "--referral", "referral.json", "--account", "x"]).await);
    assert_eq!((code, err.trim()), (2, "there is no account x; take one of contoso"));
    let (code, _, err) = told(&stage.done(&["plan", "--referral", "nothing.json"]).await);
    assert_eq!(code, 2);
    assert!(err.contains("nothing.json"), "{err}");
}
