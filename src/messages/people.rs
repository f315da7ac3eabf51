//! The finished lines about people: who should answer and for whom they stand in, why the reader is asked, who has it.
//! Names come from the settings and from strangers; all are tamed here.

use jiff::Timestamp;

use super::{
    content::{Because, Claimed, Cover, Message, Owner},
    figures::day,
    lines::short,
    words::{Absent, Words},
};

/// Their names, without those for whom they stand in.
pub fn names(owners: &[Owner]) -> Vec<String> {
    owners.iter().map(|owner| short(&owner.name)).collect()
}

/// Their names, each with the one for whom they stand in.
pub fn owners(message: &Message, words: &Words) -> Vec<String> {
    let owner = |owner: &Owner| match absent(owner.cover.as_ref(), words) {
        Some((name, until)) => words.stands_in(&short(&owner.name), Absent { name: &name, until: until.as_deref() }),
        None => short(&owner.name),
    };
    message.owners.iter().map(owner).collect()
}

/// The same in one text.
pub fn all_owners(message: &Message, words: &Words) -> String {
    let owners = owners(message, words);
    let covered = message.owners.iter().any(|owner| owner.cover.is_some());
    if covered { owners.join("; ") } else { words.all_of(&owners) }
}

/// Why the reader is asked, where that is for who they are, or in place of others.
pub fn because(message: &Message, words: &Words) -> Option<String> {
    let (cover, tell): (_, fn(&Words, Option<Absent<'_>>) -> String) = match &message.because {
        Because::Named => return None,
        Because::InPlaceOf(nobody) => return Some(words.in_place_of(nobody)),
        Because::Owner(cover) => (cover, Words::is_owner),
        Because::Manager(cover) => (cover, Words::is_manager),
    };
    let absent = absent(cover.as_ref(), words);
    Some(tell(words, absent.as_ref().map(|(name, until)| Absent { name, until: until.as_deref() })))
}

/// Who has it, or had it.
pub fn claimed(claim: &Claimed, message: &Message, words: &Words) -> String {
    let since = words.date(day(claim.since, &message.zone));
    let until = words.moment(claim.until, &message.zone, message.now);
    words.claimed(&short(&claim.by), &since, &until, claim.until > message.now)
}

/// Owners who may not know of it.
pub fn refusing(message: &Message, words: &Words) -> Vec<String> {
    let since = |at: Timestamp| words.date(day(at, &message.zone));
    message.refusing.iter().map(|refusing| words.refuses_mail(&short(&refusing.name), &since(refusing.since))).collect()
}

/// Who is not there, and the last day of that.
fn absent(cover: Option<&Cover>, words: &Words) -> Option<(String, Option<String>)> {
    let cover = cover?;
    Some((short(&cover.name), cover.last.map(|last| words.date(last))))
}
