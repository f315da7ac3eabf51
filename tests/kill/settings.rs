//! The settings of a run: one rule that tells each referral once, to every destination of the run, at any hour.

use std::path::Path;

use crate::{course::Course, partner::FIRST_TOKEN, world::Doors};

/// The settings of a process that goes in and out by these doors.
pub fn settings(course: &Course, state: &Path, doors: Doors) -> String {
    let (http, port) = (doors.http, doors.smtp.port());
    let names: Vec<String> = course.destinations.iter().map(|name| format!("{name:?}")).collect();
    let destinations: Vec<String> = course.destinations.iter().map(|name| destination(course, name, doors)).collect();
    format!(
        r#"time_zone = "UTC"
notify = [{names}]
[ops]
notify = ["ops"]
[state]
path = {state:?}
[web]
listen = ""
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
from = "Leadtime <leadtime@contoso.example>"
[accounts.contoso]
tenant_id = "contoso.example"
client_id = "leadtime"
refresh_token = "{FIRST_TOKEN}"
base_url = "http://{http}/v1.0"
token_url = "http://{http}/token"
poll_every = "1s"
[destinations]
ops = {{ type = "webhook", url = "http://{http}/to/ops" }}
{destinations}
[[rules]]
name = "told once"
steps = [{{ on = "new" }}]
"#,
        names = names.join(", "),
        destinations = destinations.join("\n"),
    )
}

/// Two have a pace, so that 4 messages are under way at most; two have none, so that 64 are.
fn destination(course: &Course, name: &str, doors: Doors) -> String {
    let url = format!("http://{}/to/{name}", doors.http);
    let kind = match name {
        "webhook" => format!(r#"type = "webhook", url = "{url}", rate = "none""#),
        "email" => r#"type = "email", to = ["desk@contoso.example"], rate = "100/s""#.to_owned(),
        "slack" => format!(r#"type = "slack", webhook_url = "{url}", rate = "100/s""#),
        other => format!(r#"type = "{other}", webhook_url = "{url}", rate = "none""#),
    };
    let digests = match (course.digests, name) {
        (true, _) => ", digest_above = 5",
        // That is a webhook's own way; it does not wait for the end of a poll then.
        (false, "webhook") => "",
        (false, _) => ", digest_above = 1000000",
    };
    format!(r#"{name} = {{ {kind}, hours = "always"{digests} }}"#)
}
