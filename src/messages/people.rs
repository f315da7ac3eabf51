//! The finished lines about people: who should answer and for whom they stand in, why the reader is asked, who has it.
//! Names come from the settings and from strangers; all are tamed here.

use jiff::{SignedDuration, Timestamp};

use super::{
    content::{Because, Claimed, Cover, Message, Owner},
    figures::{day, moment},
    lines::short,
    words::Words,
};

/// Their names, without those for whom they stand in.
pub fn names(owners: &[Owner]) -> Vec<String> {
    owners.iter().map(|owner| short(&owner.name)).collect()
}

/// Their names, each with the one for whom they stand in.
pub fn owners(message: &Message, words: &dyn Words) -> Vec<String> {
    let owner = |owner: &Owner| match &owner.cover {
        Some(cover) => words.stands_in(&short(&owner.name), &short(&cover.name), last_day(cover, message, words).as_deref()),
        None => short(&owner.name),
    };
    message.owners.iter().map(owner).collect()
}

/// Why the reader is asked, where that is for who they are, or in place of others.
pub fn because(message: &Message, words: &dyn Words) -> Option<String> {
    let told = |cover: &Option<Cover>, tell: &dyn Fn(Option<(&str, Option<&str>)>) -> String| match cover {
        Some(cover) => tell(Some((&short(&cover.name), last_day(cover, message, words).as_deref()))),
        None => tell(None),
    };
    match &message.because {
        Because::Named => None,
        Because::Owner(cover) => Some(told(cover, &|cover| words.is_owner(cover))),
        Because::Manager(cover) => Some(told(cover, &|cover| words.is_manager(cover))),
        Because::InPlaceOf(nobody) => Some(words.in_place_of(nobody)),
    }
}

/// Who has it, or had it.
pub fn claimed(claim: &Claimed, message: &Message, words: &dyn Words) -> String {
    let since = words.date(day(claim.since, &message.zone));
    let until = moment(words, claim.until, &message.zone, message.now);
    words.claimed(&short(&claim.by), &since, &until, claim.until > message.now)
}

/// Owners who may not know of it.
pub fn refusing(message: &Message, words: &dyn Words) -> Vec<String> {
    let since = |at: Timestamp| words.date(day(at, &message.zone));
    message.refusing.iter().map(|refusing| words.refuses_mail(&short(&refusing.name), &since(refusing.since))).collect()
}

/// The last day of an absence.
fn last_day(cover: &Cover, message: &Message, words: &dyn Words) -> Option<String> {
    let last = cover.until?.saturating_sub(SignedDuration::from_secs(1)).ok()?;
    Some(words.date(day(last, &message.zone)))
}
