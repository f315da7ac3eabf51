//! "Nothing is written to Partner Center", and "the sign-in survives": each renewal uses the newest token that was kept.

use super::past::Past;
use crate::chronicle::What;

pub fn broken(past: &Past) -> Vec<String> {
    [written(past), forgotten(past)].concat()
}

/// Whatever is asked for is only read; a sign-in is the one thing that is posted.
fn written(past: &Past) -> Vec<String> {
    let asked = past.notes.iter().filter_map(|note| match &note.what {
        What::Asked(what) if what != "GET api" && what != "POST token" => Some((note.at, what)),
        _ => None,
    });
    asked.map(|(at, what)| format!("something was written to Partner Center: {what} at {at}")).collect()
}

/// A token that came through and was followed by a commit is the one that is used next, in this life and in later ones.
fn forgotten(past: &Past) -> Vec<String> {
    let mut broken = Vec::new();
    let (mut newest, mut kept) = (0, 0);
    for note in &past.notes {
        match note.what {
            What::Renewed(number) => newest = number,
            What::Ends | What::NotCommitted => newest = kept,
            What::Committed => kept = newest,
            What::Renews(number) if number < kept => {
                broken.push(format!(
                    "a refresh token was forgotten: {number} was used at {}, though {kept} was there",
                    note.at
                ));
            }
            _ => {}
        }
    }
    broken
}
