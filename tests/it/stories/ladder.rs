//! The ladder: what falls due when, what supersedes what, and how hours move it.

use serde_json::json;

use crate::story::{Story, referral};

#[test]
fn the_built_in_ladder_answered_after_the_managers_heard() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", "");
    story
        .sees(referral("r1", "2026-11-02T09:00:00Z", None))
        .passes("2026-11-11T10:00:00Z")
        .accepts("r1")
        .polls()
        .passes("2026-12-11T10:00:00Z")
        .expects(&[
            ("Mon 2 09:00", "new", "sellers", "r1"),
            ("Mon 2 13:00", "reminder", "sellers", "r1"),
            ("Mon 9 09:00", "reminder", "sellers", "r1"),
            ("Wed 11 09:00", "escalation", "managers", "r1"),
            ("Wed 11 10:00", "answered", "managers", "r1"),
            ("Wed 11 10:00", "answered", "sellers", "r1"),
        ]);
}
