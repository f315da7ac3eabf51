//! The names that the referrals API is known to use, and what stands under them. Serves hints and warnings, and says which
//! texts are enumerations or dates; a path that is not here is still a path. Must never decide that a field is absent.

/// What stands under a known path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Text that compares exactly.
    Text,
    /// Text out of a set, open to new values; its case does not count.
    Choice,
    /// A date-time, written as text.
    Time,
    /// A number, sometimes written as text.
    Number,
    /// true or false.
    Flag,
    /// An array.
    List,
    /// An object.
    Object,
    /// Whatever the sender likes, and any path below it.
    Anything,
}

use Kind::{Anything, Choice, Flag, List, Number, Object, Text, Time};

/// The names leadtime adds, then the resource as Microsoft's documents, samples and connector show it. The members of a
/// list stand under the list's path.
const FIELDS: &[(&str, Kind)] = &[
    ("account", Text),
    ("category", Choice),
    ("value", Number),
    ("id", Text),
    ("engagementId", Text),
    ("organizationId", Text),
    ("organizationName", Text),
    ("name", Text),
    ("externalReferenceId", Text),
    ("createdDateTime", Time),
    ("updatedDateTime", Time),
    ("expirationDateTime", Time),
    ("acceptedDateTime", Time),
    ("closedDateTime", Time),
    ("status", Choice),
    ("substatus", Choice),
    ("statusReason", Text),
    ("qualification", Choice),
    ("type", Choice),
    ("direction", Choice),
    ("eTag", Text),
    ("favorite", Flag),
    ("isSpam", Flag),
    ("campaignId", Text),
    ("referralProgram", Text),
    ("salesStage", Choice),
    ("mpnId", Text),
    ("callToAction", Text),
    ("referralSource", Text),
    ("quality", Text),
    ("lastModifiedVia", Text),
    ("lastRunId", Text),
    ("registrationStatus", Text),
    ("customerProfile", Object),
    ("customerProfile/name", Text),
    ("customerProfile/size", Choice),
    ("customerProfile/address", Object),
    ("customerProfile/address/addressLine1", Text),
    ("customerProfile/address/addressLine2", Text),
    ("customerProfile/address/city", Text),
    ("customerProfile/address/state", Text),
    ("customerProfile/address/postalCode", Text),
    ("customerProfile/address/country", Text),
    ("customerProfile/address/region", Text),
    ("customerProfile/team", List),
    ("customerProfile/team/firstName", Text),
    ("customerProfile/team/lastName", Text),
    ("customerProfile/team/phoneNumber", Text),
    ("customerProfile/team/email", Text),
    ("customerProfile/team/contactPreference", Object),
    ("customerProfile/team/contactPreference/locale", Text),
    ("customerProfile/team/contactPreference/disableNotifications", Flag),
    ("customerProfile/ids", List),
    ("customerProfile/ids/profileType", Choice),
    ("customerProfile/ids/id", Text),
    ("consent", Object),
    ("consent/consentToContact", Flag),
    // The API's own spelling, with "To" twice.
    ("consent/consentToToShareInfoWithOthers", Flag),
    ("consent/consentToShareReferralWithMicrosoftSellers", Flag),
    ("details", Object),
    ("details/notes", Text),
    ("details/dealValue", Number),
    ("details/currency", Text),
    ("details/closingDateTime", Time),
    ("details/customerAction", Text),
    ("details/customerRequestedContact", Flag),
    ("details/requirements", Object),
    ("details/requirements/industries", List),
    ("details/requirements/industries/id", Text),
    ("details/requirements/products", List),
    ("details/requirements/products/id", Text),
    ("details/requirements/services", List),
    ("details/requirements/services/id", Text),
    ("details/requirements/solutions", List),
    ("details/requirements/solutions/id", Text),
    ("details/requirements/solutions/name", Text),
    ("details/requirements/solutions/type", Choice),
    ("details/requirements/offers", List),
    ("details/requirements/offers/id", Text),
    ("details/requirements/additionalRequirements", Anything),
    ("inviteContext", Object),
    ("inviteContext/notes", Text),
    ("inviteContext/assistanceRequestCode", Choice),
    ("inviteContext/invitedBy", Object),
    ("inviteContext/invitedBy/organizationId", Text),
    ("inviteContext/invitedBy/organizationName", Text),
    ("links", Object),
    ("links/relatedReferrals", Object),
    ("links/relatedReferrals/uri", Text),
    ("links/relatedReferrals/method", Text),
    ("links/self", Object),
    ("links/self/uri", Text),
    ("links/self/method", Text),
    ("trackingInfo", Object),
    ("trackingInfo/microsoftMsxId", Text),
    ("target", List),
    ("target/id", Text),
    ("target/type", Choice),
    ("team", List),
    ("team/firstName", Text),
    ("team/lastName", Text),
    ("team/phoneNumber", Text),
    ("team/email", Text),
    ("team/contactPreference", Object),
    ("team/contactPreference/locale", Text),
    ("team/contactPreference/disableNotifications", Flag),
    ("tags", List),
    ("tags/id", Text),
    ("registrations", List),
    ("registrations/type", Choice),
    ("registrations/term", Choice),
    ("registrations/primaryDeploymentOn", Choice),
    ("registrations/pricingModel", Choice),
];

const PATHS: [&str; FIELDS.len()] = {
    let mut paths = [""; FIELDS.len()];
    let mut i = 0;
    while i < paths.len() {
        paths[i] = FIELDS[i].0;
        i += 1;
    }
    paths
};

/// Every path of the API that is known, and `account`, `category`, `value`. Members of a list stand under the list's path.
pub const KNOWN_PATHS: &[&str] = &PATHS;

/// What stands under a path, where that is known.
pub(super) fn kind(path: &str) -> Option<Kind> {
    FIELDS.iter().find(|(known, _)| *known == path).map(|(_, kind)| *kind)
}

/// Whether a path is known, or lies below one whose content the sender chooses.
pub fn is_known(path: &str) -> bool {
    FIELDS.iter().any(|(known, kind)| {
        path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || (*kind == Anything && rest.starts_with('/')))
    })
}

/// The known path that was probably meant: the same but for case, one that ends so (`country`), or the nearest by letters.
/// `None` where the path is known or nothing is near.
pub fn nearest_path(path: &str) -> Option<&'static str> {
    if is_known(path) {
        return None;
    }
    let wanted = path.to_ascii_lowercase();
    let ends_so = |known: &str| {
        known.to_ascii_lowercase().strip_suffix(&wanted).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    if let Some(known) = KNOWN_PATHS.iter().filter(|known| ends_so(known)).min_by_key(|known| known.len()) {
        return Some(known);
    }
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let name = last(&wanted);
    let whole =
        KNOWN_PATHS.iter().filter_map(|known| Some((2 * distance(&known.to_ascii_lowercase(), &wanted)?, *known)));
    // `customerProfile/country`, `details/contry`: the same last name elsewhere counts for a little less. A short one says nothing.
    let elsewhere = KNOWN_PATHS
        .iter()
        .filter(|_| name.len() >= 4)
        .filter_map(|known| Some((2 * distance(&last(known), &name)? + 1, *known)));
    whole.chain(elsewhere).min_by_key(|(distance, known)| (*distance, known.len())).map(|(_, known)| known)
}

/// How many letters differ, where that is few for the length.
fn distance(known: &str, wanted: &str) -> Option<usize> {
    let tolerance = (wanted.len() / 4).clamp(1, 4);
    Some(strsim::osa_distance(known, wanted)).filter(|distance| *distance <= tolerance)
}
