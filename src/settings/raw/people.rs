//! People, whose referrals are whose, and what is sent by schedule, as the user writes them. Must never judge a value beyond
//! its shape.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LOCALES;

/// Somebody who answers referrals, or sees to it that they are answered.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// As others read it: "Anna Kovács"; by default the name in the header.
    pub name: Option<String>,
    /// The address, by which a referral's team names them and at which they get mail.
    pub email: Option<String>,
    /// The member id in Slack, for a mention: "U012AB3CD".
    pub slack: Option<String>,
    /// The user principal name or Entra object id, for a mention in Teams.
    pub teams: Option<String>,
    /// The person up the line.
    pub manager: Option<String>,
    /// Destinations that reach them; by default mail to their address, a destination called "@anna".
    pub notify: Option<Vec<String>>,
    /// The hours that are kept in mail to them, or "always"; their zone is the one of `away`.
    pub hours: Option<String>,
    /// The language of mail to them; by default the destination's.
    #[schemars(extend("enum" = LOCALES))]
    pub locale: Option<String>,
    /// When they are not there.
    pub away: Vec<Away>,
}

/// When somebody is not there: whole days.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["from"]))]
pub struct Away {
    /// The first day.
    pub from: Option<String>,
    /// The last day; none: for good.
    pub to: Option<String>,
    /// The person who stands in; none: whoever is next up the line.
    pub cover: Option<String>,
}

/// Whose a referral is.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["people"]))]
pub struct Owners {
    /// Which referrals, in OData's language; none: all.
    pub when: Option<String>,
    /// Their names in [people].
    pub people: Option<Vec<String>>,
}

/// A summary by schedule.
#[derive(Serialize, Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["name", "at", "notify"]))]
pub struct Digest {
    /// Its name; no two are the same.
    pub name: Option<String>,
    /// Days and time of day: "mon 08:30", "mon-fri 08:30", "mon,wed 08:30", "daily 08:30".
    pub at: Option<String>,
    /// Destinations, each in the zone of its own hours.
    pub notify: Option<Vec<String>>,
}
