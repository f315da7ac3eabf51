//! "A referral's messages to one destination stay in order": nothing earlier comes after something later; and what comes
//! in place of an escalation is one.

use jiff::SignedDuration;

use super::{
    due::{heard_of, is_of_the_ladder},
    houses::{HOUSES, Turn},
    past::{Known, Past, Stretch},
};
use crate::readers::{About, Handed};

/// Between a turn's instant and its message lies less.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(60);

pub fn broken(past: &Past, handed: &[Handed]) -> Vec<String> {
    let mut broken = Vec::new();
    for (number, house) in HOUSES.iter().enumerate() {
        let stretches = past.steady(number);
        for place in house.places.iter().filter(|place| !stretches.is_empty() && **place != "ops") {
            for referral in past.referrals() {
                let heard: Vec<(&Handed, &About)> = heard_of(handed, place, &referral)
                    .filter(|(handed, about)| handed.taken && about.step.is_some() && is_of_the_ladder(handed, about))
                    .collect();
                for known in past.known(&referral) {
                    let turns = house.turns(place, &known.terms);
                    for stretch in &stretches {
                        let within = within(stretch, &known);
                        let here =
                            heard.iter().filter(|(handed, _)| within.from <= handed.began && handed.at < within.to);
                        let here: Vec<_> = here.copied().collect();
                        broken.extend(backwards(&turns, &here));
                        broken.extend(tame(&turns, &here, &heard, within));
                    }
                }
            }
        }
    }
    broken
}

fn within(stretch: &Stretch, known: &Known) -> Stretch {
    Stretch { from: stretch.from.max(known.during.from), to: stretch.to.min(known.during.to) }
}

fn backwards(turns: &[Turn], heard: &[(&Handed, &About)]) -> Option<String> {
    let place = |about: &About| turns.iter().position(|turn| Some(turn.name()) == about.step);
    heard.windows(2).find_map(|pair| {
        let [(before, about_before), (after, about_after)] = pair else { return None };
        let later = place(about_before)? > place(about_after)? && before.id != after.id;
        later.then(|| {
            format!(
                "the order was turned round: {} heard {:?} of {} at {} and then {:?} at {}",
                before.to.0, about_before.step, about_before.referral, before.at, about_after.step, after.at
            )
        })
    })
}

/// What speaks for an escalation that is due, and is none.
fn tame(turns: &[Turn], here: &[(&Handed, &About)], heard: &[(&Handed, &About)], within: Stretch) -> Option<String> {
    let escalations = turns.iter().filter(|turn| turn.escalates && within.from <= turn.at);
    escalations.into_iter().find_map(|turn| {
        let name = Some(turn.name());
        let (first, about) =
            here.iter().find(|(handed, _)| handed.began >= turn.at + AT_ONCE || handed.at >= turn.at)?;
        let told = heard.iter().any(|(handed, about)| handed.began < first.began && about.step == name);
        let began_before = first.began < turn.at + AT_ONCE && about.step != name;
        (!told && !began_before && about.event.as_deref() != Some("escalation")).then(|| {
            format!(
                "an escalation was told as less: {} heard of {} at {} as {:?} ({:?}) after {name:?} was due at {}",
                first.to.0, about.referral, first.at, about.event, about.step, turn.at
            )
        })
    })
}
