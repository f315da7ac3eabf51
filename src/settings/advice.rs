//! What to say of a key that stands in the wrong place or comes from another tool.

use super::{
    report::{KeyPath, Segment},
    shape::{Shape, Wanted},
};
use serde_json::Value;

/// Keys of Alertmanager, GoAlert and their like, and what does their work here.
const OTHER_TOOLS: &[(&[&str], &str)] = &[
    (&["receiver", "receivers", "contact_points"], "write each receiver as [destinations.NAME]"),
    (&["route", "routes", "routing"], "write each route as [[rules]], with when and steps"),
    (
        &["slack_configs", "msteams_configs", "msteamsv2_configs", "email_configs", "webhook_configs"],
        "write [destinations.NAME] with type = \"slack\", \"teams\", \"email\" or \"webhook\"",
    ),
    (&["global", "defaults"], "there is no such table; put what all accounts share into [account_defaults]"),
    (
        &["match", "match_re", "matchers", "condition", "filter", "where"],
        "write when = \"…\", in the language of $filter",
    ),
    (&["api_url", "webhook", "slack_api_url", "hook", "incoming_webhook"], "write webhook_url"),
    (&["channel"], "a webhook posts to the one channel that it was made for; take it out"),
    (&["smtp_smarthost", "smarthost", "smtp_host", "server"], "write host and port in [smtp]"),
    (&["smtp_from"], "write from in [smtp]"),
    (&["smtp_auth_username", "smtp_auth_password"], "write username and password in [smtp]"),
    (&["recipient", "recipients", "emails", "address", "addresses"], "write to = [\"…\"]"),
    (&["group_wait", "group_interval", "group_by"], "digests are made by themselves; see digest_above"),
    (&["repeat_interval", "repeat"], "write every in a step"),
    (&["interval", "polling_interval"], "write poll_every in an account"),
    (&["escalation_policy", "escalation_policies", "escalations"], "write steps with escalate = true in a rule"),
    (&["schedule", "schedules", "time_intervals", "mute_time_intervals", "working_hours"], "write [hours.NAME]"),
    (&["users", "members", "team"], "write each of them as [people.NAME]"),
    (
        &["vacation", "vacations", "absence", "absences", "out_of_office"],
        "write away = [{ from = \"…\", to = \"…\", cover = \"…\" }]",
    ),
    (&["substitute", "deputy", "stand_in"], "write cover in one of a person's away"),
    (&["supervisor", "boss", "reports_to"], "write manager in [people.NAME]"),
    (&["slack_id", "member_id"], "write slack in [people.NAME]"),
    (&["upn", "user_principal_name", "object_id"], "write teams in [people.NAME]"),
    (&["severity", "priority"], "leadtime has none; write a rule with when for what is urgent"),
    (&["timezone", "tz", "location"], "write time_zone"),
    (&["tenant", "directory_id"], "write tenant_id"),
    (&["app_id", "application_id"], "write client_id"),
    (&["interpolate", "include_files", "import"], "--config takes a folder whose *.toml are read together"),
];

/// What the time of a digest is called elsewhere.
const TIMES: &[&str] = &["cron", "every", "schedule", "time", "when"];

/// What does the work of another tool's key, at this place.
pub fn of_other_tools(path: &KeyPath) -> Option<&'static str> {
    let (Some(Segment::Key(table)), Some(Segment::Key(key))) = (path.segments().first(), path.segments().last()) else {
        return None;
    };
    let key = key.to_lowercase();
    if table == "digests" && TIMES.contains(&key.as_str()) {
        return Some("write at");
    }
    OTHER_TOOLS.iter().find(|(keys, _)| keys.contains(&key.as_str())).map(|(_, todo)| *todo)
}

/// Where else a key may stand, in words; `path` is where it stands now.
pub fn elsewhere(shape: &Shape, key: &str, path: &KeyPath) -> Option<String> {
    if shape.keys(shape.root()).any(|top| top == key) && path.segments().len() != 1 {
        return Some("at the top of the file, before the first [table]".to_owned());
    }
    let mut places = Vec::new();
    for (name, below) in shape.children(shape.root()).filter(|(name, _)| *name != "account_defaults") {
        if shape.keys(below).any(|own| own == key) {
            places.push(format!("in [{name}]"));
        }
        let one = shape.any_name(below).filter(|one| shape.wanted(one) == Wanted::Table);
        if one.is_some_and(|one| shape.keys(one).any(|own| own == key)) {
            places.push(format!("in [{name}.NAME]"));
        }
        if let Some(item) = shape.list_branch(below).get("items") {
            in_list(shape, name, item, key, &mut places);
        }
    }
    // A word that stands everywhere says nothing.
    (!places.is_empty() && places.len() <= 3).then(|| places.join(" or "))
}

/// The same of a list of tables, and of the lists of tables in these.
fn in_list(shape: &Shape, name: &str, item: &Value, key: &str, places: &mut Vec<String>) {
    if shape.keys(item).any(|own| own == key) {
        places.push(format!("in [[{name}]]"));
    }
    for (list, below) in shape.children(item) {
        let step = shape.list_branch(below).get("items");
        if step.is_some_and(|step| shape.keys(step).any(|own| own == key)) {
            places.push(format!("in one of the {list}: {list} = [{{ {key} = … }}]"));
        }
    }
}
