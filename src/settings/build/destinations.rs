//! `[destinations.*]`: each kind with its own keys, its own pace and its own traps.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::header::{HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Builder, addresses::is_below};
use crate::{
    core::{
        ids::DestinationName,
        period::{Period, Seconds},
        rules::{self, Asks, HoursChoice},
    },
    settings::{
        raw::{Destination, Root, Secret},
        report::KeyPath,
        settled::{Addressee, DestinationKind, DestinationSettings, DigestAbove, Include, Rate},
    },
};

type Destinations = (BTreeMap<DestinationName, DestinationSettings>, BTreeMap<DestinationName, rules::Destination>);

/// Headers that leadtime sets itself, or that would break the call.
const OWN_HEADERS: &[&str] = &[
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

impl Builder<'_> {
    /// All destinations, as they are reached and as decisions see them. One with faults is left out.
    pub(super) fn destinations(&mut self, root: &Root) -> Destinations {
        let (mut reached, mut decided) = Destinations::default();
        for (name, destination) in &root.destinations {
            let path = KeyPath::of(&["destinations", name]);
            self.check_name(&path, name);
            let Some(settings) = self.destination(&path, destination, root) else { continue };
            let decision = rules::Destination {
                hours: settings.hours.clone(),
                keeps_hours: !settings.kind.is_machine(),
                fallback: settings.fallback.clone(),
                asks: asks(&settings.kind),
            };
            decided.insert(DestinationName::new(name), decision);
            reached.insert(DestinationName::new(name), settings);
        }
        self.circles(root);
        (reached, decided)
    }

    fn destination(&mut self, path: &KeyPath, raw: &Destination, root: &Root) -> Option<DestinationSettings> {
        let fallback = raw.fallback.as_ref().and_then(|name| self.destination_name(&path.key("fallback"), name));
        let hours = self.hours_choice(&path.key("hours"), raw.hours.as_ref());
        let keepalive = match raw.keepalive.as_str() {
            "" => None,
            text => self.seconds(&path.key("keepalive"), text).map(Period::Elapsed),
        };
        if raw.digest_above == Some(0) {
            self.report.fault(&path.key("digest_above"), "must be 1 or more; write that, or leave it out");
        }
        self.foreign_keys(path, raw);
        let rate = raw.rate.as_ref().map(|text| self.rate(&path.key("rate"), text));
        let kind = self.kind(path, raw)?;
        let rate = match rate {
            Some(rate) => rate?,
            None => usual_rate(&kind),
        };
        Some(DestinationSettings {
            rate,
            digest_above: digest_above(raw.digest_above, kind.is_machine()),
            fallback,
            include: Include {
                contacts: raw.include.iter().any(|extra| extra == "contacts"),
                notes: raw.include.iter().any(|extra| extra == "notes"),
            },
            hours,
            locale: raw.locale.clone().unwrap_or_else(|| root.locale.clone()),
            keepalive,
            kind,
        })
    }

    /// Keys that another kind of destination has.
    fn foreign_keys(&mut self, path: &KeyPath, raw: &Destination) {
        let Some(kind) = raw.kind.as_deref() else { return };
        let keys: [(&str, bool, &[&str]); 6] = [
            ("webhook_url", raw.webhook_url.is_some(), &["slack", "teams"]),
            ("to", raw.to.is_some(), &["email"]),
            ("cc", raw.cc.is_some(), &["email"]),
            ("url", raw.url.is_some(), &["webhook"]),
            ("secret", raw.secret.is_some(), &["webhook"]),
            ("headers", raw.headers.is_some(), &["webhook"]),
        ];
        for (key, set, kinds) in keys {
            if set && !kinds.contains(&kind) {
                let own: Vec<&str> =
                    keys.iter().filter(|(_, _, kinds)| kinds.contains(&kind)).map(|key| key.0).collect();
                let own: Vec<&str> =
                    own.into_iter().filter(|own| !matches!(*own, "cc" | "secret" | "headers")).collect();
                let written = keys.iter().any(|(other, set, _)| *set && own.contains(other));
                let todo = match own.first() {
                    Some(own) if !written => format!("write {own} instead"),
                    _ => "take it out".to_owned(),
                };
                self.report.key_fault(&path.key(key), format!("a destination of type {kind} has no {key}; {todo}"));
                // That one is missing is the same fault.
                own.iter().filter(|_| !written).for_each(|own| self.report.leave_out(&path.key(own)));
            }
        }
    }

    fn kind(&mut self, path: &KeyPath, raw: &Destination) -> Option<DestinationKind> {
        match raw.kind.as_deref() {
            Some("slack") => {
                let (webhook_url, _) = self.webhook_url(&path.key("webhook_url"), raw.webhook_url.as_ref())?;
                Some(DestinationKind::Slack { webhook_url })
            }
            Some("teams") => {
                let path = path.key("webhook_url");
                let (webhook_url, url) = self.webhook_url(&path, raw.webhook_url.as_ref())?;
                if is_below(&url, "logic.azure.com") {
                    let what = "Microsoft has moved workflows away from logic.azure.com and the old addresses stop \
                                working; copy the new one from the workflow, unless this is an Azure Logic App";
                    self.report.warn(&path, what);
                }
                Some(DestinationKind::Teams { webhook_url })
            }
            Some("email") => self.email(path, raw),
            Some("webhook") => self.webhook(path, raw),
            Some("stdout") => Some(DestinationKind::Stdout),
            _ => {
                self.report.fault(&path.key("type"), "is missing; write slack, teams, email, webhook or stdout");
                None
            }
        }
    }

    /// The address of a webhook of any kind, unless it is one that is known not to work.
    fn webhook_url(&mut self, path: &KeyPath, secret: Option<&Secret>) -> Option<(SecretString, Url)> {
        let secret = self.required_secret(path, secret);
        let (secret, url) = self.secret_url(path, secret)?;
        let slack = is_below(&url, "slack.com") || is_below(&url, "slack-gov.com");
        let outlook = is_below(&url, "outlook.office.com") || is_below(&url, "outlook.office365.com");
        let what = if slack && (url.path().starts_with("/triggers/") || url.path().starts_with("/workflows/")) {
            // These take flat variables, not messages.
            "belongs to Slack's Workflow Builder, which takes no messages; \
             create an incoming webhook (https://hooks.slack.com/services/…)"
        } else if is_below(&url, "webhook.office.com") || (outlook && url.path().starts_with("/webhook")) {
            "belongs to an Office 365 connector, which Microsoft has retired; create a workflow in Teams: \
             \"Send webhook alerts to a channel\", or by its other name \"Post to a channel when a webhook request is received\""
        } else {
            return Some((secret, url));
        };
        self.report.fault(path, what);
        None
    }

    fn email(&mut self, path: &KeyPath, raw: &Destination) -> Option<DestinationKind> {
        let to = self.addressees(&path.key("to"), raw.to.as_deref().unwrap_or_default());
        let cc = self.addressees(&path.key("cc"), raw.cc.as_deref().unwrap_or_default());
        if raw.to.as_ref().is_none_or(Vec::is_empty) {
            self.report.fault(&path.key("to"), "names nobody; write at least one address");
        }
        self.has_mail_server(&path.key("type"));
        Some(DestinationKind::Email { to, cc })
    }

    fn webhook(&mut self, path: &KeyPath, raw: &Destination) -> Option<DestinationKind> {
        let url = self.webhook_url(&path.key("url"), raw.url.as_ref()).map(|(url, _)| url);
        let secret = self.optional_secret(&path.key("secret"), raw.secret.as_ref());
        let encoded = secret.as_ref().and_then(|secret| secret.expose_secret().trim().strip_prefix("whsec_"));
        if encoded.is_some_and(|encoded| STANDARD.decode(encoded).is_err()) {
            self.report.fault(&path.key("secret"), "starts with whsec_ but goes on with no base64; copy it again");
        }
        let headers = self.headers(&path.key("headers"), raw);
        Some(DestinationKind::Webhook { url: url?, secret, headers })
    }

    fn headers(&mut self, path: &KeyPath, raw: &Destination) -> BTreeMap<String, SecretString> {
        let mut headers = BTreeMap::new();
        for (name, value) in raw.headers.iter().flatten() {
            let path = path.key(name);
            let lower = name.to_ascii_lowercase();
            if HeaderName::from_bytes(name.as_bytes()).is_err() {
                self.report.key_fault(&path, "is no name of a header; write letters, digits and hyphens");
            } else if OWN_HEADERS.contains(&lower.as_str()) {
                self.report.key_fault(&path, "is set by leadtime itself; take it out");
            } else if let Some(secret) = self.secret(&path, value) {
                if HeaderValue::from_str(secret.expose_secret()).is_err() {
                    self.report.fault(&path, "is no value of a header; write one line of plain characters");
                }
                headers.insert(name.clone(), secret);
            }
        }
        headers
    }

    /// `None`: a fault. `Some(None)`: no limit.
    fn rate(&mut self, path: &KeyPath, text: &str) -> Option<Option<Rate>> {
        if text == "none" {
            return Some(None);
        }
        let read = text.split_once('/').and_then(|(messages, unit)| {
            let messages = messages.trim().parse().ok().filter(|messages| *messages > 0)?;
            let seconds = match unit.trim() {
                "s" => 1,
                "m" => 60,
                "h" => 3_600,
                _ => return None,
            };
            Some(Rate { messages, per: Seconds(seconds) })
        });
        if read.is_none() {
            self.report.fault(path, format!("{text:?} is no pace; write one like \"1/s\", \"20/m\" or \"none\""));
        }
        read.map(Some)
    }

    /// Fallbacks that lead back to where they began: each circle is told once, at its first name.
    fn circles(&mut self, root: &Root) {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        for start in root.destinations.keys() {
            let mut way: Vec<&str> = vec![start];
            let mut at = start.as_str();
            while let Some(next) = root.destinations.get(at).and_then(|destination| destination.fallback.as_deref()) {
                if next == start {
                    if way.iter().all(|name| told.insert(name)) {
                        let what = format!("fallbacks go in a circle: {} → {start}; end it somewhere", way.join(" → "));
                        self.report.fault(&KeyPath::of(&["destinations", start, "fallback"]), what);
                    }
                    break;
                }
                if way.contains(&next) {
                    break;
                }
                way.push(next);
                at = next;
            }
        }
    }
}

/// A destination of which only its kind, its hours and its language are known.
pub(super) fn usual(kind: DestinationKind, hours: Option<HoursChoice>, locale: &str) -> DestinationSettings {
    DestinationSettings {
        rate: usual_rate(&kind),
        digest_above: digest_above(None, kind.is_machine()),
        fallback: None,
        include: Include::default(),
        hours,
        locale: locale.to_owned(),
        keepalive: None,
        kind,
    }
}

/// Whom a mail destination leaves to each referral.
fn asks(kind: &DestinationKind) -> Asks {
    let mut asks = Asks::default();
    let DestinationKind::Email { to, cc } = kind else { return asks };
    for addressee in to.iter().chain(cc) {
        match addressee {
            Addressee::Fixed(_) => asks.others = true,
            Addressee::Strangers => asks.strangers = true,
            Addressee::Role(role) if !asks.roles.contains(role) => asks.roles.push(*role),
            Addressee::Role(_) => {}
        }
    }
    asks
}

fn usual_rate(kind: &DestinationKind) -> Option<Rate> {
    match kind {
        DestinationKind::Slack { .. } | DestinationKind::Teams { .. } => Some(Rate { messages: 1, per: Seconds(1) }),
        DestinationKind::Email { .. } => Some(Rate { messages: 20, per: Seconds(60) }),
        DestinationKind::Webhook { .. } | DestinationKind::Stdout => None,
    }
}

fn digest_above(written: Option<u32>, machine: bool) -> DigestAbove {
    let usual = |count| written.or((!machine).then_some(count));
    DigestAbove { reminders: usual(1), escalations: usual(3), rest: usual(5) }
}
