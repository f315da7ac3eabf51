//! What must come of what happens, story by story.

mod by_hand;
mod claims;
mod clock;
mod deadline;
mod delivery;
mod digests;
mod explain;
mod hours;
mod ladder;
mod life;
mod outages;
mod people;
mod people_of_any_kind;
mod plan;
mod properties;
mod reach;
mod replay;
mod right_person;
mod settings;
