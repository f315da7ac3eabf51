//! `[accounts.*]`, with `[account_defaults]` already laid under each.

use std::collections::BTreeMap;

use jiff::civil::Date;
use url::Url;

use super::{Builder, addresses::is_loopback};
use crate::{
    core::{
        filter::Filter,
        ids::AccountName,
        period::{Period, Seconds},
        rules::{self, Recipient},
    },
    settings::{
        raw::{Account, Root},
        report::KeyPath,
        settled::AccountSettings,
    },
};

/// Partner Center names no limit; its guide asks to poll in minutes, not in seconds.
const SHORTEST_POLL: Seconds = Seconds(60);

type Accounts = (BTreeMap<AccountName, AccountSettings>, BTreeMap<AccountName, rules::Account>);

impl Builder<'_> {
    /// All accounts, as they are reached and as decisions see them. One with faults is left out.
    pub(super) fn accounts(&mut self, root: &Root, notify: &[Recipient], escalate_to: &[Recipient]) -> Accounts {
        let (mut reached, mut decided) = Accounts::default();
        for (name, account) in &root.accounts {
            let path = KeyPath::of(&["accounts", name]);
            self.check_name(&path, name);
            let notify = self.own_or(&path.key("notify"), account.notify.as_ref(), notify);
            let escalate_to = self.own_or(&path.key("escalate_to"), account.escalate_to.as_ref(), escalate_to);
            let filter = Filter::parse(&account.filter).ok();
            let Some(settings) = self.account(&path, account) else { continue };
            let expires_after = settings.expires_after;
            decided.insert(AccountName::new(name), rules::Account { filter, notify, escalate_to, expires_after });
            reached.insert(AccountName::new(name), settings);
        }
        (reached, decided)
    }

    fn own_or(&mut self, path: &KeyPath, own: Option<&Vec<String>>, inherited: &[Recipient]) -> Vec<Recipient> {
        own.map_or_else(|| inherited.to_vec(), |names| self.recipients(path, names))
    }

    fn account(&mut self, path: &KeyPath, account: &Account) -> Option<AccountSettings> {
        let tenant_id = self.required(&path.key("tenant_id"), account.tenant_id.as_ref()).map(str::trim);
        let tenant_id = tenant_id.filter(|tenant| self.is_tenant(path, tenant));
        let client_id = self.required(&path.key("client_id"), account.client_id.as_ref());
        let client_secret = self.optional_secret(&path.key("client_secret"), account.client_secret.as_ref());
        let client_secret_expires = account.client_secret_expires.as_ref();
        let client_secret_expires =
            client_secret_expires.and_then(|text| self.date(&path.key("client_secret_expires"), text));
        let refresh_token = self.optional_secret(&path.key("refresh_token"), account.refresh_token.as_ref());
        let base_url = self.tls_url(&path.key("base_url"), account.base_url.trim_end_matches('/'));
        let token_url = account.token_url.replace("{tenant_id}", tenant_id.unwrap_or("tenant"));
        let token_url = self.tls_url(&path.key("token_url"), &token_url);
        let poll_every = self.seconds(&path.key("poll_every"), &account.poll_every);
        let is_near = base_url.as_ref().and_then(Url::host_str).is_some_and(is_loopback);
        if poll_every.is_some_and(|every| every < SHORTEST_POLL) && !is_near {
            let what = "polls so often that Partner Center would refuse; write 1m or more, 5m is usual";
            self.report.fault(&path.key("poll_every"), what);
        }
        let expires_after = self.seconds(&path.key("expires_after"), &account.expires_after);
        self.referral_url(&path.key("referral_url"), &account.referral_url);
        let scope = self.required(&path.key("scope"), Some(&account.scope));
        if account.top == Some(0) {
            self.report.fault(&path.key("top"), "must be 1 or more; write that, or leave it out");
        }
        Some(AccountSettings {
            tenant_id: tenant_id?.to_owned(),
            client_id: client_id?.trim().to_owned(),
            client_secret,
            client_secret_expires,
            refresh_token,
            base_url: base_url?,
            token_url: token_url?,
            scope: scope?.to_owned(),
            filter: account.filter.clone(),
            poll_every: poll_every?,
            expires_after: Period::Elapsed(expires_after?),
            referral_url: account.referral_url.clone(),
            top: account.top,
        })
    }

    /// The tenant goes into the path of an address, so it holds nothing that could change the path.
    pub(super) fn is_tenant(&mut self, path: &KeyPath, tenant: &str) -> bool {
        let good = tenant.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
        if !good {
            self.report.fault(&path.key("tenant_id"), "is no tenant; write the tenant's id or one of its domains");
        }
        good
    }

    pub(super) fn date(&mut self, path: &KeyPath, text: &str) -> Option<Date> {
        let date = text.trim().parse::<Date>().ok();
        if date.is_none() {
            self.report.fault(path, "is no date; write it like \"2027-05-01\"");
        }
        date
    }

    fn referral_url(&mut self, path: &KeyPath, text: &str) {
        let filled = text.replace("{id}", "id").replace("{engagementId}", "id");
        let left = filled.contains('{') || filled.contains('}');
        if left || !Url::parse(&filled).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            self.report
                .fault(path, "is no web address; it may hold {id} and {engagementId} and nothing else in braces");
        }
    }
}
