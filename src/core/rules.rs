//! What the user asked for, in the form in which the core decides: rules and their steps, destinations as far as they
//! matter for a decision, accounts, hours, money. `settings` makes it; nothing in the core changes it.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    filter::Filter,
    hours::Hours,
    ids::{AccountName, DestinationName, PersonName, RuleName},
    people::People,
    period::Period,
};

/// All of it. Two equal `Rules` decide alike.
#[derive(Clone, Debug)]
pub struct Rules {
    /// In the order of the file.
    pub rules: Vec<Rule>,
    /// Every destination that the settings name.
    pub destinations: BTreeMap<DestinationName, Destination>,
    /// Every account that the settings name.
    pub accounts: BTreeMap<AccountName, Account>,
    /// `[hours.default]`.
    pub default_hours: Arc<Hours>,
    /// `[money]`.
    pub money: Money,
    /// `[people]` and `[[owners]]`.
    pub people: People,
    /// `[ops] notify`: who hears of a step that would reach nobody.
    pub ops: Vec<DestinationName>,
}

/// Who is told about what, when.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name; unique.
    pub name: RuleName,
    /// Which referrals it takes; `None` takes all.
    pub when: Option<Filter>,
    /// Whether the rules after it may take the referral too.
    pub continues: bool,
    /// Whether those who were told hear of an answer.
    pub answered: bool,
    /// The rule's own hours.
    pub hours: Option<HoursChoice>,
    /// Who hears news and reminders; `None` inherits from the account.
    pub notify: Option<Vec<Recipient>>,
    /// Who hears escalations; `None` inherits from the account.
    pub escalate_to: Option<Vec<Recipient>>,
    /// In the order of the file. Empty: the rule takes the referral and tells nobody, on purpose.
    pub steps: Vec<Step>,
}

/// One step of a rule.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// When it is due.
    pub trigger: Trigger,
    /// How often it repeats; only with `After` and `BeforeExpiry`.
    pub every: Option<Period>,
    /// Whether it is an escalation.
    pub escalate: bool,
    /// Who hears it.
    pub audience: Audience,
    /// Who is mentioned.
    pub mention: Vec<Mentioned>,
    /// The step's own hours.
    pub hours: Option<HoursChoice>,
}

/// Who hears a step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Audience {
    /// The rule's `escalate_to` for an escalation, else its `notify`.
    Usual,
    /// Both of them.
    Everyone,
    /// Those that the step names.
    These(Vec<Recipient>),
}

/// One entry of a `notify` or `escalate_to`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Recipient {
    /// A destination, a person's own (`@anna`) included.
    Destination(DestinationName),
    /// People whom each referral names for itself.
    Role(Role),
}

/// People whom each referral names for itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// `@owners`.
    Owners,
    /// `@managers`.
    Managers,
}

/// One entry of a `mention`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mentioned {
    /// A person by name.
    Person(PersonName),
    /// People whom each referral names for itself.
    Role(Role),
}

/// What makes a step due.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Trigger {
    /// The referral is first seen.
    New,
    /// What it says has changed.
    Updated,
    /// So long after it was created.
    After(Period),
    /// So long before it expires.
    BeforeExpiry(Period),
    /// It was answered.
    Answered,
    /// Partner Center says Expired.
    Expired,
}

/// Which hours a step, a destination or a rule names.
#[derive(Clone, Debug)]
pub enum HoursChoice {
    /// `"always"`: open for sending at any time; working days are still counted in the hours next in line.
    Always,
    /// Named hours.
    Named(Arc<Hours>),
}

impl PartialEq for HoursChoice {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Always, Self::Always) => true,
            (Self::Named(a), Self::Named(b)) => a == b,
            _ => false,
        }
    }
}

/// A destination, as far as decisions depend on it.
#[derive(Clone, Debug)]
pub struct Destination {
    /// Its own hours, where it names some.
    pub hours: Option<HoursChoice>,
    /// Whether it keeps hours that neither the step nor the destination itself names: machines (`webhook`, `stdout`) do not.
    pub keeps_hours: bool,
    /// Where its messages go when it fails for good or too long.
    pub fallback: Option<DestinationName>,
    /// Whom its `to` and `cc` leave to each referral; empty but for mail.
    pub asks: Asks,
}

/// Whom the `to` and `cc` of a mail destination leave to each referral.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asks {
    /// `@owners`, `@managers`.
    pub roles: Vec<Role>,
    /// The owners whom no person of the settings is: `@team`'s.
    pub strangers: bool,
    /// Whether it has addresses of its own beside them.
    pub others: bool,
}

/// An account, as far as decisions depend on it.
#[derive(Clone, Debug)]
pub struct Account {
    /// Which referrals it watches; `None` where our parser cannot read it, and then it shelves nothing.
    pub filter: Option<Filter>,
    /// Who hears news and reminders about this account's referrals.
    pub notify: Vec<Recipient>,
    /// Who hears escalations about this account's referrals.
    pub escalate_to: Vec<Recipient>,
    /// How long a referral lives where Partner Center does not say.
    pub expires_after: Period,
}

/// `[money]`: makes deal values comparable.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Money {
    /// The currency of `value`; `None` where the settings have no `[money]`.
    pub currency: Option<String>,
    /// How much one unit of a currency is worth in `currency`, by upper-case code; `currency` itself is 1.
    pub rates: BTreeMap<String, f64>,
}

impl Money {
    /// A sum in `[money] currency`; `None` where the rate is unknown.
    pub fn convert(&self, amount: f64, currency: &str) -> Option<f64> {
        let code = currency.trim().to_ascii_uppercase();
        if self.currency.as_deref() == Some(code.as_str()) {
            return Some(amount);
        }
        self.rates.get(&code).map(|rate| amount * rate)
    }
}

impl Role {
    /// As the settings write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owners => "@owners",
            Self::Managers => "@managers",
        }
    }

    /// The role that the settings write so.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Owners, Self::Managers].into_iter().find(|role| role.as_str() == text)
    }
}

impl Recipient {
    /// As the settings write it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Destination(name) => name.as_str(),
            Self::Role(role) => role.as_str(),
        }
    }
}

impl From<&str> for Recipient {
    fn from(text: &str) -> Self {
        Role::parse(text).map_or_else(|| Self::Destination(text.into()), Self::Role)
    }
}

impl Asks {
    /// Whether it leaves nobody to the referral: its addresses are all its own.
    pub fn is_nobody(&self) -> bool {
        self.roles.is_empty() && !self.strangers
    }
}

impl Step {
    /// A step with nothing but its trigger.
    pub fn plain(trigger: Trigger) -> Self {
        Self { trigger, every: None, escalate: false, audience: Audience::Usual, mention: Vec::new(), hours: None }
    }
}

impl Trigger {
    /// Whether it is news, which goes out at once unless its own step names hours.
    pub fn is_news(self) -> bool {
        matches!(self, Self::New | Self::Updated | Self::Answered)
    }

    /// As it is written in the settings: `new`, `after 4bh`, `before_expiry 5bd`.
    pub fn label(self) -> String {
        match self {
            Self::New => "new".to_owned(),
            Self::Updated => "updated".to_owned(),
            Self::After(period) => format!("after {period}"),
            Self::BeforeExpiry(period) => format!("before_expiry {period}"),
            Self::Answered => "answered".to_owned(),
            Self::Expired => "expired".to_owned(),
        }
    }
}

/// The steps of a rule that writes none: `new`, `after 4bh` (before the 24 hours that Microsoft counts are over),
/// `before_expiry` 5bd, then 3bd and 1bd as escalations, the last of them to `notify` too.
pub fn built_in_ladder() -> Vec<Step> {
    let before = |days| Step::plain(Trigger::BeforeExpiry(Period::working_days(days)));
    vec![
        Step::plain(Trigger::New),
        Step::plain(Trigger::After(Period::working_hours(4))),
        before(5),
        Step { escalate: true, ..before(3) },
        Step { escalate: true, audience: Audience::Everyone, ..before(1) },
    ]
}
