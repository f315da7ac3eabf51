//! What others say of our messages: Slack's own SDK of the blocks, and the renderer of Adaptive Cards of the cards.
//! Both are used where they are found.

use std::{fs, path::Path, process::Command};

use leadtime::messages::{
    Form, Templates,
    content::{ChannelKind, Content, Event},
    sample,
};
use serde_json::{Value, json};

use super::{
    messages::{built_in, json as parsed, looked_at, mail},
    messages_hostile::{hostile, hostile_forecast},
    optional::{left_out, tool},
};

const SLACK: &str = r#"
import json, sys
from slack_sdk.models.blocks import Block
for message in json.load(sys.stdin):
    for block in message["blocks"]:
        again = Block.parse(block)
        assert again is not None, block
        again.validate_json()
        assert again.to_dict() == block, (again.to_dict(), block)
"#;

#[test]
fn slacks_own_sdk_takes_every_block() {
    let Some(python) = tool("python3") else {
        return;
    };
    let has_sdk =
        Command::new(&python).args(["-c", "import slack_sdk"]).output().is_ok_and(|said| said.status.success());
    if !has_sdk {
        return left_out("slack_sdk for python3");
    }
    let messages: Vec<Value> =
        everything().iter().map(|content| parsed(built_in(content, ChannelKind::Slack))).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("messages.json");
    fs::write(&file, serde_json::to_string(&messages).expect("JSON")).expect("written");
    let input = fs::File::open(&file).expect("open");
    let said = Command::new(python).args(["-c", SLACK]).stdin(input).output().expect("python");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn the_renderer_of_cards_has_nothing_to_say_against_ours() {
    let Some(chromium) = tool("chromium") else {
        return;
    };
    let contents: Vec<(String, Content)> =
        everything().into_iter().map(|content| (content.event().as_str().to_owned(), content)).collect();
    let page = card_page(&contents);
    if !page.contains("AdaptiveCards") || page.contains("/*ADAPTIVECARDS*/") {
        return left_out("adaptivecards; npm install in tests/it/look");
    }
    for card in drawn(&chromium, &page) {
        if card.get("found").is_some() {
            continue;
        }
        assert_eq!(card["events"], json!([]), "{card}");
        assert!(card["text"].as_str().is_some_and(|text| text.len() > 20), "nothing is shown: {card}");
    }
    // Text of strangers became neither a link nor markup.
    let wicked = Event::ALL.map(|event| (event.as_str().to_owned(), hostile(event))).into_iter();
    let wicked: Vec<_> = wicked.chain([("forecast".to_owned(), hostile_forecast())]).collect();
    for card in drawn(&chromium, &card_page(&wicked)) {
        let links = card.get("links").or_else(|| card.get("found")).and_then(Value::as_array).expect("links");
        for link in links {
            let link = link.as_str().expect("a link");
            assert!(
                link.starts_with("https://partner.microsoft.com/") || link.starts_with("https://leadtime.contoso"),
                "{card}"
            );
        }
        if card.get("found").is_some() {
            continue;
        }
        assert_eq!(card["markup"], json!(0), "{card}");
    }
}

/// Draws the page and reads the report that its script leaves.
fn drawn(chromium: &Path, page: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cards.html");
    fs::write(&file, page).expect("written");
    let said = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--dump-dom"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("chromium");
    let dom = String::from_utf8_lossy(&said.stdout).into_owned();
    let report = dom.split_once(r#"type="application/json">"#).and_then(|(_, tail)| tail.split_once("</script>"));
    let (report, _) = report.unwrap_or_else(|| panic!("no report: {dom}"));
    serde_json::from_str(report).unwrap_or_else(|error| panic!("{error}: {report}"))
}

/// A page that draws cards as Teams would; without its scripts where they are not installed.
pub fn card_page(contents: &[(String, Content)]) -> String {
    let look = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/look");
    let script = |path: &str| fs::read_to_string(look.join("node_modules").join(path));
    let card = |(name, content): &(String, Content)| {
        let (rendered, _) = Templates::default().render(content, ChannelKind::Teams, Form::Full);
        json!({"name": name, "content": parsed(rendered.body)["attachments"][0]["content"]})
    };
    let cards: Vec<Value> = contents.iter().map(card).collect();
    let cards = Value::from(cards).to_string().replace('<', "\\u003c");
    // What a program that looks for addresses finds in the plain texts.
    let text = |(name, content): &(String, Content)| {
        let mail = mail(built_in(content, ChannelKind::Email));
        json!({"name": name, "text": format!("{}\n{}", mail.subject, mail.text)})
    };
    let texts = Value::from(contents.iter().map(text).collect::<Vec<_>>()).to_string().replace('<', "\\u003c");
    let page = include_str!("look/cards.html").replace("/*CARDS*/[]", &cards).replace("/*TEXTS*/[]", &texts);
    match (script("adaptivecards/dist/adaptivecards.min.js"), script("markdown-it/dist/browser/markdown-it.umd.min.js"))
    {
        (Ok(renderer), Ok(markdown)) => page.replace("/*ADAPTIVECARDS*/", &renderer).replace("/*MARKDOWN*/", &markdown),
        _ => page,
    }
}

fn everything() -> Vec<Content> {
    let mut contents: Vec<Content> = looked_at().into_iter().map(|(_, content)| content).collect();
    contents.extend(Event::ALL.into_iter().flat_map(|event| [sample::sparse(event), hostile(event)]));
    contents.push(hostile_forecast());
    contents
}
