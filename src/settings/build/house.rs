//! leadtime's own parts: `[state]`, `[web]`, `[ops]`, `[smtp]`, `[tls]`, `[money]`.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{Builder, addresses::is_loopback};
use crate::{
    core::{
        ids::DestinationName,
        rules::{self, Money, Recipient},
    },
    settings::{
        files::read_text,
        raw::{self, Root},
        report::KeyPath,
        settled::{OpsSettings, SmtpLogin, SmtpSecurity, SmtpSettings, StateSettings, TlsSettings, WebSettings},
    },
};

/// The characters of `[state] key`: fewer could be guessed by who has the folder.
const KEY_MIN: usize = 32;

impl Builder<'_> {
    pub(super) fn state(&mut self, raw: &raw::State) -> Option<StateSettings> {
        let path = KeyPath::of(&["state"]);
        let wait_for_lock = self.seconds(&path.key("wait_for_lock"), &raw.wait_for_lock);
        let keep = self.seconds(&path.key("keep"), &raw.keep);
        let forget_personal_after = self.seconds(&path.key("forget_personal_after"), &raw.forget_personal_after);
        let folder = self.required(&path.key("path"), Some(&raw.path));
        let key = self.optional_secret(&path.key("key"), raw.key.as_ref());
        if key.as_ref().is_some_and(|key| key.expose_secret().trim().chars().count() < KEY_MIN) {
            let what =
                format!("is too short; write {KEY_MIN} characters or more, such as `openssl rand -base64 32` makes");
            self.report.fault(&path.key("key"), what);
        }
        Some(StateSettings {
            path: PathBuf::from(folder?),
            socket: (!raw.socket.is_empty()).then(|| PathBuf::from(&raw.socket)),
            wait_for_lock: wait_for_lock?,
            keep: keep?,
            forget_personal_after: forget_personal_after?,
            key,
        })
    }

    pub(super) fn web(&mut self, raw: &raw::Web) -> Option<WebSettings> {
        let path = KeyPath::of(&["web"]);
        let listen = match raw.listen.trim() {
            "" => None,
            text => {
                let address = text.parse().ok();
                if address.is_none() {
                    let what =
                        format!("{text:?} is no address with a port; write \"127.0.0.1:8080\", or \"\" for none");
                    self.report.fault(&path.key("listen"), what);
                }
                address
            }
        };
        let external_url = match raw.external_url.trim_end_matches('/') {
            "" => None,
            text => self.own_url(&path.key("external_url"), text),
        };
        let password = self.optional_secret(&path.key("password"), raw.password.as_ref());
        let trusted_proxies = self.proxies(&path.key("trusted_proxies"), &raw.trusted_proxies);
        let trusted_header = raw.trusted_header.trim();
        // Proxies alone still say for whom they ask.
        let is_half = !trusted_header.is_empty() && raw.trusted_proxies.is_empty();
        if is_half && !self.report.has_fault_within(&path.key("trusted_proxies")) {
            self.report.fault(
                &path.key("trusted_header"),
                "does nothing without trusted_proxies; write the addresses from which it comes",
            );
        }
        if reqwest::header::HeaderName::from_bytes(trusted_header.as_bytes()).is_err() && !trusted_header.is_empty() {
            self.report.fault(&path.key("trusted_header"), "is no name of a header; write letters, digits and hyphens");
        }
        let trusted_header = (!trusted_header.is_empty()).then(|| trusted_header.to_owned());
        Some(WebSettings { listen, external_url, password, trusted_header, trusted_proxies })
    }

    /// Where people reach leadtime; links are made of it by adding a path.
    fn own_url(&mut self, path: &KeyPath, text: &str) -> Option<Url> {
        let url = self.web_url(path, text)?;
        let more = !url.username().is_empty() || url.password().is_some() || url.query().or(url.fragment()).is_some();
        if more {
            let what = "holds more than links can begin with; write https://, the name and maybe a path";
            self.report.fault(path, what);
        }
        (!more).then_some(url)
    }

    fn proxies(&mut self, path: &KeyPath, texts: &[String]) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            match text.trim().parse() {
                // As connections are named: one of version 4 in the clothes of version 6 is one of version 4.
                Ok(address) => addresses.push(IpAddr::to_canonical(&address)),
                Err(_) => self.report.fault(
                    &path.index(index),
                    format!("{text:?} is no IP address; write single ones, such as \"10.0.0.1\""),
                ),
            }
        }
        addresses
    }

    /// `escalate_to` and `destinations` are for who hears where nobody is named.
    pub(super) fn ops(
        &mut self,
        raw: &raw::Ops,
        escalate_to: &[Recipient],
        destinations: &BTreeMap<DestinationName, rules::Destination>,
    ) -> Option<OpsSettings> {
        let path = KeyPath::of(&["ops"]);
        let notify = self.destination_names(&path.key("notify"), &raw.notify);
        for (index, name) in raw.notify.iter().enumerate() {
            let path = path.key("notify").index(index);
            self.has_addresses(&path, &DestinationName::new(name), destinations, "leadtime's own troubles are in none");
        }
        let stale_after = self.seconds(&path.key("stale_after"), &raw.stale_after);
        let url_path = path.key("heartbeat_url");
        // The empty text turns it off, as elsewhere.
        let written =
            raw.heartbeat_url.as_ref().filter(|url| !matches!(url, raw::Secret::Text(text) if text.is_empty()));
        let heartbeat_url = self.optional_secret(&url_path, written);
        if let Some(url) = &heartbeat_url {
            self.web_url(&url_path, url.expose_secret());
        }
        let named = !raw.notify.is_empty();
        // leadtime's own troubles are nobody's referral: there are no owners to hear of them.
        let fixed = |recipient: &Recipient| match recipient {
            Recipient::Destination(name) => {
                let asks = destinations.get(name).map(|destination| &destination.asks);
                asks.is_none_or(|asks| asks.is_nobody() || asks.others).then(|| name.clone())
            }
            Recipient::Role(_) => None,
        };
        let notify = if named { notify } else { escalate_to.iter().filter_map(fixed).collect() };
        Some(OpsSettings { notify, named, stale_after: stale_after?, heartbeat_url })
    }

    pub(super) fn smtp(&mut self, raw: &raw::Smtp) -> Option<SmtpSettings> {
        let path = KeyPath::of(&["smtp"]);
        let host = self.required(&path.key("host"), raw.host.as_ref()).map(str::trim);
        let from = self.required(&path.key("from"), raw.from.as_ref()).map(str::to_owned);
        let from = from.and_then(|from| self.mailbox(&path.key("from"), &from));
        let security = match raw.security.as_str() {
            "tls" => SmtpSecurity::Tls,
            "none" => SmtpSecurity::None,
            _ => SmtpSecurity::StartTls,
        };
        if raw.port == 0 {
            self.report.fault(&path.key("port"), "0 is no port; write one from 1 to 65535, such as 587");
        }
        let login = self.smtp_login(&path, raw);
        let secret = match (&raw.password, &raw.oauth2) {
            (Some(_), _) => Some("password"),
            (None, Some(_)) => Some("token"),
            (None, None) => None,
        };
        if let Some(secret) = secret.filter(|_| security == SmtpSecurity::None && !host.is_some_and(is_loopback)) {
            let what = format!("sends the {secret} without TLS; take starttls or tls (none only to this machine)");
            self.report.fault(&path.key("security"), what);
        }
        Some(SmtpSettings { host: host?.to_owned(), port: raw.port, security, login, from: from? })
    }

    /// A username and one of password and oauth2, or none of the three.
    fn smtp_login(&mut self, path: &KeyPath, raw: &raw::Smtp) -> Option<SmtpLogin> {
        let password = self.optional_secret(&path.key("password"), raw.password.as_ref());
        let oauth2 = raw.oauth2.as_ref().and_then(|oauth2| self.smtp_oauth2(&path.key("oauth2"), oauth2));
        if raw.password.is_some() && raw.oauth2.is_some() {
            self.report.fault(&path.key("oauth2"), "stands beside password; keep one of the two");
        }
        if ["username", "password", "oauth2"].iter().any(|key| self.report.is_left_out(&path.key(key))) {
            return None;
        }
        let username = raw.username.as_deref().map(str::trim);
        match (username, &raw.password, &raw.oauth2) {
            (Some(_), None, None) => {
                let what = "does nothing without password or oauth2; write one of them, or leave it out";
                self.report.fault(&path.key("username"), what);
            }
            (None, Some(_), _) => {
                self.report.fault(&path.key("password"), "does nothing without username; write both or neither");
            }
            (None, None, Some(_)) => {
                self.report
                    .fault(&path.key("oauth2"), "does nothing without username; write the mailbox's address there");
            }
            (Some(name), ..) if name.is_empty() || name.chars().any(char::is_control) => {
                self.report.fault(&path.key("username"), "is no user's name; write it on one line");
            }
            _ => {}
        }
        let username = username?.to_owned();
        match (password, oauth2) {
            (Some(password), _) => Some(SmtpLogin::Password { username, password }),
            (None, Some((token_url, client_id, client_secret, scope))) => {
                Some(SmtpLogin::OAuth2 { username, token_url, client_id, client_secret, scope })
            }
            (None, None) => None,
        }
    }

    /// Where a token is got, by which app, with what secret, and for what.
    fn smtp_oauth2(&mut self, path: &KeyPath, raw: &raw::SmtpOauth2) -> Option<(Url, String, SecretString, String)> {
        // Another issuer's address may have no tenant in it.
        let asks_tenant = raw.token_url.contains("{tenant_id}");
        let tenant = if asks_tenant || raw.tenant_id.is_some() {
            let tenant = self.required(&path.key("tenant_id"), raw.tenant_id.as_ref()).map(str::trim);
            tenant.filter(|tenant| self.is_tenant(path, tenant))
        } else {
            Some("")
        };
        let client_id = self.required(&path.key("client_id"), raw.client_id.as_ref());
        let client_secret = self.required_secret(&path.key("client_secret"), raw.client_secret.as_ref());
        let scope = self.required(&path.key("scope"), Some(&raw.scope));
        let token_url = raw.token_url.replace("{tenant_id}", tenant.unwrap_or("tenant"));
        let token_url = self.tls_url(&path.key("token_url"), &token_url);
        tenant?;
        Some((token_url?, client_id?.trim().to_owned(), client_secret?, scope?.trim().to_owned()))
    }

    pub(super) fn tls(&mut self, raw: &raw::Tls) -> TlsSettings {
        let ca_file = (!raw.ca_file.is_empty()).then(|| self.folder.join(&raw.ca_file));
        if let Some(file) = &ca_file {
            let read = read_text(file).and_then(|text| match text.contains("-----BEGIN CERTIFICATE-----") {
                true => Ok(()),
                false => Err("the file holds no certificate; give PEM, with -----BEGIN CERTIFICATE-----".to_owned()),
            });
            if let Err(what) = read {
                self.report.fault(&KeyPath::of(&["tls", "ca_file"]), format!("{}: {what}", file.display()));
            }
        }
        TlsSettings { ca_file }
    }

    /// Currencies in upper case. Rates of `currency` itself are left out: it is 1.
    pub(super) fn money(&mut self, root: &Root) -> Money {
        let Some(raw) = &root.money else { return Money::default() };
        let path = KeyPath::of(&["money"]);
        let currency = self.required(&path.key("currency"), raw.currency.as_ref()).map(str::to_owned);
        let currency = currency.and_then(|code| self.code(&path.key("currency"), &code, false));
        let mut money = Money { currency, ..Money::default() };
        for (code, rate) in &raw.rates {
            let path = path.key("rates").key(code);
            if !rate.is_finite() || *rate <= 0.0 {
                self.report.fault(&path, "is no rate; write a number above 0");
            } else if let Some(code) = self.code(&path, code, true) {
                money.rates.insert(code, *rate);
            }
        }
        money
    }

    fn code(&mut self, path: &KeyPath, text: &str, is_key: bool) -> Option<String> {
        let code = text.trim().to_ascii_uppercase();
        if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Some(code);
        }
        let what = "is no currency; write its three letters, such as EUR";
        if is_key {
            self.report.key_fault(path, what)
        } else {
            self.report.fault(path, what)
        }
        None
    }
}
