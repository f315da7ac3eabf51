//! What Slack, Teams and a webhook answer to a message: which channel, and the answer, byte for byte.

use std::collections::BTreeMap;

use leadtime::{
    channels::{
        Channel, Reply,
        slack::{Slack, SlackSettings},
        teams::{Teams, TeamsSettings},
        webhook::{Webhook, WebhookSettings},
    },
    core::ids::MessageId,
    messages::rendered::{Body, Rendered},
};
use secrecy::SecretString;

use super::{
    Held, Target, hold, of_sections, sections,
    stage::{Peer, SECRET, block_on, client, is_discreet, now},
};

pub const TARGET: Target = Target {
    name: "answers",
    about: "the HTTP answers of Slack, Teams and webhooks",
    corpus,
    words: WORDS,
    feed,
    cases: 1_500,
    memory: (16 << 20, 60),
};

const WORDS: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 202 Accepted\r\n",
    "HTTP/1.1 204 No Content\r\n",
    "HTTP/1.1 400 Bad Request\r\n",
    "HTTP/1.1 403 Forbidden\r\n",
    "HTTP/1.1 404 Not Found\r\n",
    "HTTP/1.1 410 Gone\r\n",
    "HTTP/1.1 429 \r\n",
    "HTTP/1.1 500 \r\n",
    "HTTP/1.1 302 Found\r\nlocation: https://evil.example/\r\n",
    "HTTP/1.1 999 \r\n",
    "HTTP/1.1 000 \r\n",
    "content-encoding: gzip\r\n",
    "transfer-encoding: chunked\r\n",
    "ffffffffffffffff\r\n",
    "content-length: 99999999999\r\n",
    "retry-after: 9999999999999999999\r\n",
    "retry-after: -1\r\n",
    "ok",
    "no_service",
    "invalid_payload",
    "user_not_found",
    "invalid_blocks",
    "<!DOCTYPE html>",
    "<html",
    "error",
    "code",
    "message",
    "TriggerConditionNotMet",
    "WorkflowTriggerIsNotEnabled",
    "DirectApiAuthorizationRequired",
    "slack",
    "teams",
    "hook",
    "statusCode",
    "https://evil.example/",
];

fn corpus() -> Vec<Vec<u8>> {
    let error = r#"{"error":{"code":"WorkflowTriggerIsNotEnabled","message":"Could not execute workflow 'abcdef0123' trigger 'manual' with state 'Disabled'."}}"#;
    vec![
        of_sections(&["slack", "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\nok"]),
        of_sections(&["slack", "HTTP/1.1 400 Bad Request\r\n\r\nuser_not_found"]),
        of_sections(&["slack", "HTTP/1.1 429 Too Many Requests\r\nretry-after: 30\r\n\r\n"]),
        of_sections(&["teams", "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"]),
        of_sections(&["teams", &format!("HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\r\n{error}")]),
        of_sections(&["hook", "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n{\"ok\":true}"]),
        of_sections(&["hook", "HTTP/1.1 302 Found\r\nlocation: https://evil.example/\r\n\r\n<html>"]),
    ]
}

struct Rig {
    peer: Peer,
    slack: Slack,
    teams: Teams,
    hook: Webhook,
}

thread_local! {
    static RIG: Rig = block_on(async {
        let peer = Peer::start("HTTP/1.1 500 Internal Server Error\r\n\r\n").await;
        let url = || SecretString::from(format!("http://127.0.0.1:{}/services/{SECRET}-path?sig={SECRET}-sig", peer.port));
        let client = client().build().expect("a client");
        let headers = BTreeMap::from([("X-Api-Key".to_owned(), SecretString::from(format!("{SECRET}-key")))]);
        let settings = WebhookSettings { url: url(), secret: Some(format!("{SECRET}-signing").into()), headers };
        Rig {
            slack: Slack::build(&SlackSettings { webhook_url: url() }, client.clone()).expect("built"),
            teams: Teams::build(&TeamsSettings { webhook_url: url() }, client.clone()).expect("built"),
            hook: Webhook::build(&settings, client).expect("built"),
            peer,
        }
    });
}

fn feed(input: &[u8]) -> Held {
    let sections = sections(input);
    RIG.with(|rig| {
        let (name, answers) = (sections[0], &sections[1..]);
        let channel: &dyn Channel = match name {
            b"slack" => &rig.slack,
            b"teams" => &rig.teams,
            _ => &rig.hook,
        };
        rig.peer.script(answers);
        let body = Body::Json(r#"{"type":"message","text":"New co-sell: Fabrikam Kft."}"#.to_owned());
        let message = Rendered { message_id: MessageId::of_key("key"), body, mentions: Vec::new() };
        let reply = block_on(channel.send(&message, None, now()));
        if matches!(reply, Reply::Accepted { .. }) {
            let answer = rig.peer.given().unwrap_or_default();
            let answer = String::from_utf8_lossy(&answer).into_owned();
            let good = answer.match_indices("HTTP/").any(|(at, _)| answer[at..].chars().nth(9) == Some('2'));
            hold!(good, "only what was accepted counts as accepted", "{:?}", answer.get(..80));
        }
        is_discreet(&format!("{reply:?}"))
    })
}
