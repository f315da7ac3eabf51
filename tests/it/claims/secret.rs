//! A link is a key: it is in messages and nowhere else.

use leadtime::demo::inbox::Medium;

use super::path_in;
use crate::commands_stage::{Stage, client, eventually};

#[tokio::test]
async fn no_link_and_no_path_of_one_is_in_a_log_of_any_level_or_a_metric_or_an_answer() {
    let stage = Stage::set().await;
    let external = "listen = \"127.0.0.1:0\"\nexternal_url = \"https://leadtime.contoso.com\"";
    stage.write(
        &stage
            .settings()
            .replace("listen = \"127.0.0.1:0\"", external)
            .replace("notify = [\"sellers\"]", "notify = [\"sellers\", \"log\"]")
            .replace("[destinations]", "[destinations]\nlog = { type = \"stdout\" }"),
    );
    let id = stage.refer();
    let mut leadtime = stage.start(&["--log-level", "trace,handlebars::render=trace"]);
    let at = leadtime.runs().await;
    let message = stage.message("the link", |message| message.medium == Medium::Slack).await;
    let path = path_in(&message).unwrap();
    let ask = async |path: &str| client().get(format!("{at}{path}")).send().await.unwrap().text().await.unwrap();
    let page = ask(&path).await;
    let planted = "/claim/planted-token-that-nobody-should-find";
    ask(planted).await;
    client().delete(format!("{at}{planted}")).send().await.unwrap();
    let slip = super::slip(&page);
    let form = [("slip", slip.as_str()), ("act", "1"), ("name", "Anna")];
    let pressed = client().post(format!("{at}{path}")).form(&form).send().await.unwrap();
    assert_eq!(pressed.status(), 200, "redirected to the page");
    let token = path.strip_prefix("/claim/").unwrap();
    for other in ["/metrics", "/api/v1/status", "/api/v1/outbox", "/api/v1/plan", &format!("/api/v1/explain/{id}")] {
        let text = ask(other).await;
        assert!(!text.contains(token) && !text.contains("/claim/"), "{other}: {text}");
    }
    eventually("the claim is told", async || {
        ask(&format!("/api/v1/explain/{id}")).await.contains("Anna").then_some(())
    })
    .await;
    leadtime.signal(rustix::process::Signal::TERM);
    leadtime.ends().await;
    let log = leadtime.log();
    assert!(log.contains("\"level\":\"TRACE\""), "nothing was traced:\n{log}");
    for secret in [token, slip.as_str(), "/claim/", "planted-token"] {
        assert!(!log.contains(secret), "{secret} is in the log:\n{log}");
    }
}
