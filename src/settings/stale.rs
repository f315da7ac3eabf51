//! What was right once and is forgotten there: absences that are long over, covers who have left. Settings know no time, so it is handed in.

use jiff::{SignedDuration, Timestamp};

use super::{Finding, KeyPath, Settings};

/// What a look back over the last quarter still asks for is kept without a word.
const LONG: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Absences that had ended long before `now`, and covers who are away for good, each a warning with its place.
pub fn stale(settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, person) in &settings.rules.people.by_name {
        for (index, absence) in person.away.iter().enumerate() {
            if absence.until.is_some_and(|until| now.duration_since(until) > LONG) {
                let path = absence_of(name.as_str(), index).to_string();
                let what = "is long over; take it out".to_owned();
                found.push(settings.places.finding(&path, what));
                continue;
            }
            let gone =
                absence.cover.as_ref().and_then(|cover| settings.rules.people.by_name.get(cover)).filter(|cover| {
                    let from = now.max(absence.from);
                    cover.absence_at(from).is_some_and(|other| other.until.is_none())
                });
            if let Some(cover) = gone {
                let path = absence_of(name.as_str(), index).to_string();
                let what = format!(
                    "its cover, {}, is away for good then, so whoever is next up the line stands in; name somebody else",
                    cover.name
                );
                found.push(settings.places.finding(&path, what));
            }
        }
    }
    found
}

/// Where an absence stands.
pub(super) fn absence_of(person: &str, index: usize) -> KeyPath {
    KeyPath::of(&["people", person, "away"]).index(index)
}
