//! "Never silent": while Partner Center cannot be read, `[ops]` hears so.

use jiff::{SignedDuration, Timestamp};

use super::{due::LONG_ENOUGH, past::Past};
use crate::{
    chronicle::{Reading, What},
    readers::Handed,
};

/// Without a page for so long, whoever runs leadtime must know: three times the longest `poll_every` of the houses.
const BLIND: SignedDuration = SignedDuration::from_hours(3);

pub fn silent(past: &Past, handed: &[Handed]) -> Vec<String> {
    let pages = past.notes.iter().filter(|note| matches!(note.what, What::Read(Reading::Page(_)))).map(|note| note.at);
    let mut broken = Vec::new();
    for stretch in (0..super::houses::HOUSES.len()).flat_map(|house| past.steady_and_takes(house, "ops")) {
        let before = pages.clone().take_while(|at| *at <= stretch.from).last().unwrap_or(stretch.from);
        let within = pages.clone().filter(|at| stretch.from < *at && *at < stretch.to);
        let mut last = before;
        for page in within.chain([stretch.to]) {
            let by = (last + BLIND).max(stretch.from) + LONG_ENOUGH;
            if by <= page && !is_known(handed, last, by) {
                broken.push(format!("nobody was told that nothing can be read: since {last}, up to {by}"));
            }
            last = page;
        }
    }
    broken
}

/// Whether `[ops]` has heard of a trouble since then, or of one before that has not been told to be over.
fn is_known(handed: &[Handed], since: Timestamp, by: Timestamp) -> bool {
    let of_kind = |kind: &'static str| {
        let there = move |handed: &&Handed| {
            handed.to.0.as_str() == "ops" && handed.taken && handed.at <= by && handed.kind.as_deref() == Some(kind)
        };
        handed.iter().filter(there)
    };
    let stands = of_kind("leadtime.trouble").count() > of_kind("leadtime.recovered").count();
    stands || of_kind("leadtime.trouble").any(|handed| since <= handed.at)
}
