//! "No due message is lost", and "an escalation comes before the deadline": whenever the process was well and a
//! destination took messages for long enough, it has heard what was due by then, or something later on the same ladder.

use jiff::{SignedDuration, Timestamp};

use super::{
    houses::{HOUSES, House, Turn},
    past::{Known, Past, Stretch},
};
use crate::readers::{About, Handed, Mood};

/// A destination that takes messages for so long has what was due: a pause between tries is 15 min at most, so is the one
/// between probes of a destination that refused everything, and a few messages wait for their turn.
pub const LONG_ENOUGH: SignedDuration = SignedDuration::from_mins(45);

/// What a destination should have heard and did not.
pub fn lost(past: &Past, handed: &[Handed]) -> Vec<String> {
    let mut lost = Vec::new();
    for (number, house) in HOUSES.iter().enumerate() {
        for place in house.places {
            let stretches = past.steady_and_takes(number, place);
            if stretches.is_empty() {
                continue;
            }
            for referral in past.referrals() {
                let heard: Vec<(&Handed, &About)> = heard_of(handed, place, &referral).collect();
                for known in past.known(&referral) {
                    for stretch in &stretches {
                        let both = Stretch {
                            from: stretch.from.max(known.during.from),
                            to: stretch.to.min(known.during.to).min(known.terms.deadline),
                        };
                        let seen = Seen { house, place, referral: &referral, known: &known, heard: &heard };
                        lost.extend(seen.missed(both));
                    }
                }
            }
        }
    }
    lost
}

/// One referral, as one destination should hear of it.
struct Seen<'a> {
    house: &'a House,
    place: &'a str,
    referral: &'a str,
    known: &'a Known,
    heard: &'a [(&'a Handed, &'a About)],
}

impl Seen<'_> {
    /// The first turn that was missed in a stretch.
    fn missed(&self, stretch: Stretch) -> Option<String> {
        let turns = self.house.turns(self.place, &self.known.terms);
        turns.iter().find_map(|turn| {
            let from = stretch.from.max(turn.at);
            let by = self.long_enough(from, stretch.to, turn.in_hours)?;
            (!self.heard.iter().any(|(handed, about)| self.covers(turn, handed, about, by))).then(|| {
                let kind = if turn.escalates { "escalation" } else { "message" };
                format!(
                    "a due message was lost: {} had to hear of {} by {by}: the {kind} {:?}, due at {} (deadline {})",
                    self.place,
                    self.referral,
                    turn.name(),
                    turn.at,
                    self.known.terms.deadline
                )
            })
        })
    }

    /// By when something that is due from then on has had long enough, if it has before the end.
    fn long_enough(&self, from: Timestamp, to: Timestamp, in_hours: bool) -> Option<Timestamp> {
        if !in_hours {
            let by = from + LONG_ENOUGH;
            return (by <= to).then_some(by);
        }
        let days = self.house.hours.days().iter();
        let mut open = days.map(|(opens, closes)| (*opens.max(&from), *closes.min(&to)));
        open.find(|(opens, closes)| *opens + LONG_ENOUGH <= *closes).map(|(opens, _)| opens + LONG_ENOUGH)
    }

    /// Whether what was handed over is that turn's message, or speaks for it.
    fn covers(&self, turn: &Turn, handed: &Handed, about: &About, by: Timestamp) -> bool {
        if handed.at > by || !is_of_the_ladder(handed, about) {
            return false;
        }
        // What a destination refuses for good is not tried there again.
        if !handed.taken && handed.mood != Mood::RefusesMessages {
            return false;
        }
        let of_the_same_deadline = !turn.counts_down || self.known.armed_since <= handed.at;
        let same_turn = about.step.as_deref().is_none_or(|step| step == turn.name());
        // A step that the new deadline puts behind, and that was told for the old one, counts as told with its repeats.
        let same_step = about.step.as_deref().is_none_or(|step| step.starts_with(turn.label));
        let behind = turn.counts_down && turn.at <= self.known.armed_since + SignedDuration::from_mins(1);
        let early = SignedDuration::from_mins(1);
        handed.at + early >= turn.at || (same_turn && of_the_same_deadline) || (same_step && behind)
    }
}

/// What was handed to a destination, or to its fallback, about a referral.
pub fn heard_of<'a>(
    handed: &'a [Handed],
    place: &'a str,
    referral: &'a str,
) -> impl Iterator<Item = (&'a Handed, &'a About)> {
    let there = move |handed: &&Handed| {
        let name = handed.to.0.as_str();
        name == place || (place == "chat" && name == "inbox")
    };
    handed.iter().filter(there).flat_map(move |handed| {
        let about = handed.about.iter().filter(move |about| about.referral == referral);
        about.map(move |about| (handed, about))
    })
}

/// Whether it is a message of the ladder, as far as the channel's text shows it.
pub fn is_of_the_ladder(handed: &Handed, about: &About) -> bool {
    if handed.kind.is_none() {
        return true;
    }
    matches!(about.event.as_deref(), Some("new" | "reminder" | "escalation"))
}
