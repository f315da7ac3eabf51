//! What must hold of every course, said without the core: of what readers got, of what Partner Center held, and of nothing
//! that leadtime decided.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    course::Course,
    readers::{Handed, Place},
};

/// Every promise that the course broke, a line each; none where all were kept.
pub fn broken(course: &Course) -> Vec<String> {
    let handed = course.readers.handed();
    let mut broken = course.broken();
    broken.extend(repeats(&handed));
    broken
}

/// A message comes twice to a reader only where the process could not know that it came once; then with the mark.
fn repeats(handed: &[Handed]) -> Vec<String> {
    let mut broken = Vec::new();
    let mut had: BTreeMap<(&Place, _), &Handed> = BTreeMap::new();
    for this in handed {
        let key = (&this.to, this.id);
        if let Some(before) = had.get(&key)
            && before.taken
        {
            let known = before.answered && before.life == this.life;
            if known {
                broken
                    .push(format!("{} got {} again at {} though it was known to have it", this.to.0, this.id, this.at));
            } else if this.marked == Some(false) {
                broken.push(format!("{} got {} again at {} without the mark of a repeat", this.to.0, this.id, this.at));
            }
        }
        if this.taken || !had.contains_key(&key) {
            had.insert(key, this);
        }
    }
    let _ = BTreeSet::<u8>::new();
    broken
}
