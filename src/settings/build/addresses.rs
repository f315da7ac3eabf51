//! Addresses: of webhooks, of servers, of people. Must never repeat the address of a webhook: it is a credential.

use lettre::message::Mailbox;
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::Builder;
use crate::settings::report::KeyPath;

/// Whether a host is this very machine.
pub(super) fn is_loopback(host: &str) -> bool {
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        // Written without the brackets that a URL wants.
        Err(_) => host.parse::<std::net::Ipv6Addr>().is_ok_and(|address| address.is_loopback()),
    }
}

/// Whether a host is this domain or one below it.
pub(super) fn is_below(url: &Url, domain: &str) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

impl Builder<'_> {
    /// An address that needs TLS, except on loopback.
    pub(super) fn tls_url(&mut self, path: &KeyPath, text: &str) -> Option<Url> {
        let url = self.web_url(path, text)?;
        let plain = url.scheme() == "http" && !url.host_str().is_some_and(is_loopback);
        if plain {
            self.report.fault(path, "sends secrets without TLS; write https:// (http only to this machine)");
        }
        (!plain).then_some(url)
    }

    /// An address of the web, with or without TLS.
    pub(super) fn web_url(&mut self, path: &KeyPath, text: &str) -> Option<Url> {
        let url = Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none() {
            self.report.fault(path, "is no web address; write one that starts with https://");
        }
        url
    }

    /// The address of a webhook, which stays secret and byte for byte as it is.
    pub(super) fn secret_url(&mut self, path: &KeyPath, secret: Option<SecretString>) -> Option<(SecretString, Url)> {
        let secret = secret?;
        let text = secret.expose_secret().trim().to_owned();
        let url = self.tls_url(path, &text)?;
        Some((SecretString::from(text), url))
    }

    /// `Name <address>` or an address.
    pub(super) fn mailbox(&mut self, path: &KeyPath, text: &str) -> Option<Mailbox> {
        // A line break in a name would end a header.
        let mailbox = text.parse::<Mailbox>().ok().filter(|_| !text.chars().any(char::is_control));
        if mailbox.is_none() {
            let what = "is no mail address; write \"anna@contoso.com\" or \"Anna Kovács <anna@contoso.com>\"";
            self.report.fault(path, what);
        }
        mailbox
    }
}
