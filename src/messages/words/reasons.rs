//! Why its reader gets a message, as a finished sentence.

use super::Words;
use crate::{core::key::Purpose, messages::content::DigestKind};

/// Why a destination hears of a referral.
#[derive(Clone, Copy, Debug)]
pub struct Why<'a> {
    /// What the message is for.
    pub purpose: Purpose,
    /// Whether it is an escalation.
    pub escalation: bool,
    /// The rule that speaks.
    pub rule: &'a str,
    /// The destination.
    pub here: &'a str,
    /// The destination that takes no messages, where this one has its messages.
    pub origin: Option<&'a str>,
}

impl Words {
    /// Why its reader gets a message about a referral.
    pub fn reason(&self, why: &Why<'_>) -> String {
        let (rule, here) = (("rule", why.rule.into()), ("here", why.here.into()));
        let escalates = ("escalates", if why.escalation { "yes" } else { "no" }.into());
        let period = |period| ("period", self.distance(period).into());
        let because = match why.purpose {
            Purpose::New => self.say("reason-new", [rule, here]),
            Purpose::After { since, .. } => self.say("reason-after", [rule, here, escalates, period(since)]),
            Purpose::BeforeExpiry { left, .. } => {
                self.say("reason-before-expiry", [rule, here, escalates, period(left)])
            }
            Purpose::Updated(_) => self.say("reason-updated", [here]),
            Purpose::Overdue(_) => self.say("reason-overdue", [rule, here]),
            Purpose::Answered(_) => self.say("reason-answered", [here]),
            Purpose::Expired(_) => self.say("reason-expired", [rule, here]),
            Purpose::Gone(_) => self.say("reason-gone", [here]),
            Purpose::Reopened(_) => self.say("reason-reopened", [here]),
        };
        match why.origin {
            Some(origin) => self.say("reason-instead", [("why", because.into()), ("origin", origin.into())]),
            None => self.say("reason", [("why", because.into())]),
        }
    }

    /// Why its reader gets a digest of that kind.
    pub fn digest_reason(&self, kind: &DigestKind) -> String {
        self.text(match kind {
            DigestKind::Escalations => "reason-escalations",
            DigestKind::Reminders => "reason-reminders",
            DigestKind::News => "reason-news",
        })
    }

    /// Why its reader hears of leadtime's own troubles. `named`: whether `[ops] notify` is written.
    pub fn ops_reason(&self, named: bool) -> String {
        self.text(if named { "reason-ops" } else { "reason-ops-unnamed" })
    }

    /// Why its reader hears that all is well.
    pub fn keepalive_reason(&self) -> String {
        self.text("reason-keepalive")
    }

    /// Why its reader gets a test.
    pub fn test_reason(&self) -> String {
        self.text("reason-test")
    }
}
