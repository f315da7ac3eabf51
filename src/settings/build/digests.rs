//! `[[digests]]`: summaries by schedule.

use std::collections::BTreeMap;

use super::Builder;
use crate::{
    core::{
        ids::{DestinationName, DigestName},
        rules::{self, Role},
        schedule::Schedule,
    },
    settings::{
        raw::{self, Root},
        report::KeyPath,
        settled::DigestSettings,
    },
};

impl Builder<'_> {
    /// All digests in the order of the file. One with faults is left out.
    pub(super) fn digests(
        &mut self,
        root: &Root,
        destinations: &BTreeMap<DestinationName, rules::Destination>,
    ) -> Vec<DigestSettings> {
        let mut names: BTreeMap<&str, usize> = BTreeMap::new();
        let mut digests = Vec::new();
        for (index, raw) in root.digests.iter().enumerate() {
            let path = KeyPath::of(&["digests"]).index(index);
            if let Some(name) = &raw.name {
                let first = *names.entry(name).or_insert(index);
                if first != index {
                    let place = self.report.where_stands(&KeyPath::of(&["digests"]).index(first).key("name"));
                    let place = place.map(|place| format!(" ({place})")).unwrap_or_default();
                    let what = format!("digests[{first}]{place} is called {name:?} too; choose another name");
                    self.report.fault(&path.key("name"), what);
                }
            }
            digests.extend(self.digest(&path, raw, destinations));
        }
        digests
    }

    fn digest(
        &mut self,
        path: &KeyPath,
        raw: &raw::Digest,
        destinations: &BTreeMap<DestinationName, rules::Destination>,
    ) -> Option<DigestSettings> {
        let name = self.required(&path.key("name"), raw.name.as_ref()).map(DigestName::new);
        let at = self.required(&path.key("at"), raw.at.as_ref());
        let schedule = at.and_then(|text| match text.parse::<Schedule>() {
            Ok(schedule) => Some(schedule),
            Err(fault) => {
                self.report.fault(&path.key("at"), fault.to_string());
                None
            }
        });
        let path = path.key("notify");
        let names = raw.notify.as_deref().unwrap_or_default();
        if names.is_empty() {
            self.report.fault(&path, "names nobody; write a destination, or a person such as \"@anna\"");
        }
        let mut notify = Vec::new();
        for (index, name) in names.iter().enumerate() {
            let path = path.index(index);
            if let Some(role) = Role::parse(name) {
                let what = format!(
                    "a digest is about no one referral, so {:?} is nobody; name a destination, or a person such as \"@anna\"",
                    role.as_str()
                );
                self.report.fault(&path, what);
                continue;
            }
            let Some(name) = self.destination_name(&path, name) else { continue };
            self.has_addresses(&path, &name, destinations, "a digest is about no one referral");
            if !notify.contains(&name) {
                notify.push(name);
            }
        }
        Some(DigestSettings { name: name?, schedule: schedule?, notify })
    }

    /// Whether a destination reaches somebody about what is no referral: mail to owners alone does not.
    pub(super) fn has_addresses(
        &mut self,
        path: &KeyPath,
        name: &DestinationName,
        destinations: &BTreeMap<DestinationName, rules::Destination>,
        why: &str,
    ) {
        let asks = destinations.get(name).map(|destination| &destination.asks);
        if asks.is_some_and(|asks| !asks.is_nobody() && !asks.others) {
            let what = format!(
                "{name} goes only to people whom a referral names, and {why}; write an address in its to, or name another"
            );
            self.report.fault(path, what);
        }
    }
}
