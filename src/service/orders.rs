//! From the settings to what the writer works by. Must never do anything but turn values into values.

use std::sync::Arc;

use jiff::SignedDuration;
use lettre::message::Mailbox;
use sha2::{Digest, Sha256};

use super::facts::{DigestOrder, Lanes, Orders};
use crate::{
    core::{
        ids::DestinationName,
        ladder::counting_hours,
        outbox::{DigestAbove, Terms},
        rules::Rules,
    },
    settings::{Addressee, DestinationKind, DestinationSettings, DigestSettings, Rate, Settings},
};

/// What the settings ask of the writer; of the templates they know nothing.
pub fn orders(settings: &Settings) -> Orders {
    let lanes = settings.destinations.iter().map(|(name, destination)| (name.clone(), lanes(destination))).collect();
    Orders {
        rules: settings.rules.clone(),
        fingerprint: fingerprint(&settings.rules),
        lanes,
        ops: settings.ops.notify.clone(),
        digests: settings.digests.iter().map(|digest| digest_order(digest, &settings.rules)).collect(),
        forget_personal_after: SignedDuration::from_secs(settings.state.forget_personal_after.0),
        templates: 0,
    }
}

fn digest_order(digest: &DigestSettings, rules: &Rules) -> DigestOrder {
    let zone = |to: &DestinationName| counting_hours(rules, to, None).time_zone().clone();
    DigestOrder {
        name: digest.name.clone(),
        schedule: digest.schedule.clone(),
        notify: digest.notify.iter().map(|to| (to.clone(), zone(to))).collect(),
    }
}

fn lanes(destination: &DestinationSettings) -> Lanes {
    let above = destination.digest_above;
    let terms = Terms {
        digest_above: DigestAbove { escalations: above.escalations, reminders: above.reminders, rest: above.rest },
        apart: destination.rate.map_or(SignedDuration::ZERO, apart),
        fallback: destination.fallback.clone(),
    };
    let recipients = match &destination.kind {
        DestinationKind::Email { to, cc } => addresses(Addressee::fixed(to).iter().chain(&Addressee::fixed(cc))),
        _ => Vec::new(),
    };
    Lanes { terms, recipients }
}

/// The time between two messages.
fn apart(rate: Rate) -> SignedDuration {
    SignedDuration::from_secs(rate.per.0) / i32::try_from(rate.messages.max(1)).unwrap_or(i32::MAX)
}

/// Bare addresses, each once: one who stands in `to` and `cc` gets one mail.
fn addresses<'a>(mailboxes: impl Iterator<Item = &'a Mailbox>) -> Vec<Arc<str>> {
    let mut addresses: Vec<Arc<str>> = Vec::new();
    for mailbox in mailboxes {
        let address = mailbox.email.to_string();
        if !addresses.iter().any(|known| known.eq_ignore_ascii_case(&address)) {
            addresses.push(address.into());
        }
    }
    addresses
}

/// Changes whenever a decision could: with the rules, and with the program, which may have learnt to decide otherwise.
/// The text that it is taken over names every field in a fixed order; hours are in it as they were specified.
fn fingerprint(rules: &Rules) -> u64 {
    let text = format!("{}\n{rules:?}", env!("CARGO_PKG_VERSION"));
    Sha256::digest(text.as_bytes()).iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

    fn orders_of(more: &str) -> Orders {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("leadtime.toml");
        let text = format!(
            r#"
            time_zone = "Europe/Budapest"
            notify = ["desk"]
            [accounts.contoso]
            tenant_id = "t"
            client_id = "c"
            [smtp]
            host = "localhost"
            from = "Leadtime <leadtime@contoso.com>"
            [destinations.desk]
            type = "email"
            to = ["Anna <anna@contoso.com>", "bela@contoso.com"]
            cc = ["ANNA@contoso.com", "cili@contoso.com"]
            [destinations.crm]
            type = "webhook"
            url = "https://crm.contoso.com/hook"
            {more}"#
        );
        std::fs::write(&file, text).unwrap();
        orders(&settings::load(&file, std::iter::empty()).unwrap().0)
    }

    #[test]
    fn each_address_of_a_mail_gets_one_queue_and_a_machine_no_pace() {
        let orders = orders_of("");
        let desk = &orders.lanes["desk"];
        let recipients: Vec<&str> = desk.recipients.iter().map(AsRef::as_ref).collect();
        assert_eq!(recipients, ["anna@contoso.com", "bela@contoso.com", "cili@contoso.com"]);
        assert_eq!(desk.terms.apart, SignedDuration::from_secs(3));
        let crm = &orders.lanes["crm"];
        assert_eq!((crm.terms.apart, crm.recipients.len()), (SignedDuration::ZERO, 0));
        assert_eq!(crm.terms.digest_above, DigestAbove { escalations: None, reminders: None, rest: None });
    }

    #[test]
    fn the_fingerprint_follows_what_decisions_depend_on_and_nothing_else() {
        let plain = orders_of("").fingerprint;
        assert_eq!(plain, orders_of("").fingerprint);
        assert_eq!(plain, orders_of("rate = \"5/s\"").fingerprint);
        assert_ne!(plain, orders_of("fallback = \"desk\"").fingerprint);
        assert_ne!(plain, orders_of("[hours.default]\nfrom = \"08:00\"").fingerprint);
        let filtered = |value: u32| format!("[[rules]]\nname = \"a\"\nwhen = \"details/dealValue ge {value}\"");
        assert_ne!(orders_of(&filtered(1)).fingerprint, orders_of(&filtered(2)).fingerprint);
    }
}
