//! `/metrics`: counters as the loops count them, and gauges worked out from the state when they are asked for, so that
//! what has left the settings leaves the metrics too.

use std::{collections::BTreeMap, fmt::Write as _, sync::OnceLock};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::Desk;
use crate::{
    core::ids::DestinationName,
    messages::content::Event,
    service::{facts::State as Facts, shelf},
    settings::Settings,
    store::StoreFault,
};

/// So many cases are read to find what is due next.
const READS: usize = 50;
/// Given up messages are counted up to so many.
const DEAD_MAX: usize = 10_000;

/// The recorder of this process; the first call puts it in place.
pub fn install() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    let begin = || {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        if metrics::set_global_recorder(recorder).is_err() {
            tracing::warn!("another recorder of metrics is in place; counters are not shown");
        }
        metrics::describe_counter!("leadtime_polls_total", "Polls of an account by how they ended.");
        metrics::describe_counter!("leadtime_referrals_seen_total", "Referrals seen for the first time.");
        metrics::describe_counter!("leadtime_messages_total", "Attempts to send a message by how they ended.");
        metrics::describe_gauge!("leadtime_poll_duration_seconds", "How long the last poll took.");
        handle
    };
    HANDLE.get_or_init(begin).clone()
}

/// Shows each counter from the start, so that its first step is seen as one.
pub fn begin(settings: &Settings) {
    for account in settings.accounts.keys() {
        let account = account.to_string();
        metrics::counter!("leadtime_polls_total", "account" => account.clone(), "outcome" => "whole").increment(0);
        metrics::counter!("leadtime_referrals_seen_total", "account" => account).increment(0);
    }
    for destination in settings.destinations.keys() {
        for event in Event::ALL {
            let labels = [("destination", destination.to_string()), ("event", event.as_str().to_owned())];
            let labels: Vec<_> = labels.into_iter().chain([("outcome", "accepted".to_owned())]).collect();
            metrics::counter!("leadtime_messages_total", &labels).increment(0);
        }
    }
}

/// All of them as Prometheus reads them.
pub async fn metrics(State(desk): State<Desk>) -> Response {
    let mut text = desk.metrics().render();
    if let Some(service) = desk.service() {
        let settings = desk.settings();
        match service.facts.bring(move |state, now| gauges(state, &settings, now)).await {
            Ok(gauges) => text.push_str(&gauges),
            // Counters are worth having without the rest.
            Err(fault) => tracing::warn!("metrics lack what the state would tell: {fault}"),
        }
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// What the state tells at `now`.
fn gauges(state: &mut Facts, settings: &Settings, now: Timestamp) -> Result<String, StoreFault> {
    let mut page = Page::default();
    let accounts: Vec<_> = settings.accounts.keys().collect();
    page.family("leadtime_last_good_poll_timestamp_seconds", "When the last whole listing began.");
    for name in &accounts {
        let last = state.account(name).and_then(|record| record.last_whole);
        page.sample(&[("account", name.as_str())], last.map(seconds));
    }
    page.family("leadtime_referrals_pending", "Referrals that are open: unseen ones too, shelved ones not.");
    for name in &accounts {
        page.sample(&[("account", name.as_str())], Some(count(state.pending_count(name))));
    }
    page.family("leadtime_nearest_deadline_timestamp_seconds", "When the first open referral expires.");
    for name in &accounts {
        page.sample(&[("account", name.as_str())], state.nearest_deadline(name).map(seconds));
    }
    page.family("leadtime_refresh_token_age_seconds", "How long ago the refresh token was obtained.");
    for name in &accounts {
        let obtained = shelf::obtained(state.store().as_ref(), name)?.map(|(at, _)| at);
        page.sample(&[("account", name.as_str())], obtained.map(|at| now.duration_since(at).as_secs_f64().max(0.0)));
    }
    page.family("leadtime_next_due_timestamp_seconds", "When the next message is due.");
    let digest = state.next_digests(now).first().map(|next| next.at);
    page.sample(&[], state.next_due(READS, now)?.map(|due| due.at).into_iter().chain(digest).min().map(seconds));
    destinations(&mut page, state, settings, now)?;
    Ok(page.text)
}

fn destinations(page: &mut Page, state: &Facts, settings: &Settings, now: Timestamp) -> Result<(), StoreFault> {
    let mut waiting: BTreeMap<&DestinationName, (usize, usize, Timestamp)> = BTreeMap::new();
    for (lane, row) in state.waiting() {
        let (waits, sending, oldest) = waiting.entry(&lane.0).or_insert((0, 0, row.queued_at));
        *(if row.attempting.is_some() { sending } else { waits }) += 1;
        *oldest = row.queued_at.min(*oldest);
    }
    let dead = state.dead(DEAD_MAX)?;
    page.family("leadtime_outbox_messages", "Messages in the outbox: waiting, sending, dead.");
    for name in settings.destinations.keys() {
        let (waits, sending, _) = waiting.get(name).copied().unwrap_or((0, 0, now));
        let dead = dead.get(name).copied().unwrap_or_default();
        for (state, number) in [("waiting", waits), ("sending", sending), ("dead", dead)] {
            page.sample(&[("destination", name.as_str()), ("state", state)], Some(count(number)));
        }
    }
    page.family("leadtime_outbox_oldest_seconds", "Age of the oldest message that is not sent; 0 where there is none.");
    for name in settings.destinations.keys() {
        let age = waiting.get(name).map_or(0.0, |(.., oldest)| now.duration_since(*oldest).as_secs_f64().max(0.0));
        page.sample(&[("destination", name.as_str())], Some(age));
    }
    page.family("leadtime_last_accepted_timestamp_seconds", "When a message was last accepted.");
    for name in settings.destinations.keys() {
        page.sample(&[("destination", name.as_str())], state.last_accepted(name).map(seconds));
    }
    Ok(())
}

fn seconds(at: Timestamp) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this era fit in an f64")]
    let milliseconds = at.as_millisecond() as f64;
    milliseconds / 1_000.0
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Prometheus' text format.
#[derive(Default)]
struct Page {
    text: String,
    name: &'static str,
}

impl Page {
    fn family(&mut self, name: &'static str, help: &str) {
        self.name = name;
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "# HELP {name} {help}\n# TYPE {name} gauge");
    }

    /// One line; nothing where there is no value.
    fn sample(&mut self, labels: &[(&str, &str)], value: Option<f64>) {
        let Some(value) = value else { return };
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        let labels: Vec<_> = labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.text, "{}{labels} {value}", self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_of_any_text_stays_one_label() {
        let mut page = Page::default();
        page.family("leadtime_x", "What it is.");
        page.sample(&[("destination", "a\"b\\c\nd")], Some(1.5));
        page.sample(&[("destination", "none")], None);
        page.sample(&[], Some(1_763_600_000.25));
        let lines: Vec<_> = page.text.lines().collect();
        assert_eq!(
            lines,
            [
                "# HELP leadtime_x What it is.",
                "# TYPE leadtime_x gauge",
                r#"leadtime_x{destination="a\"b\\c\nd"} 1.5"#,
                "leadtime_x 1763600000.25",
            ]
        );
    }
}
