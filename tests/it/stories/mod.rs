//! What must come of what happens, story by story.

mod by_hand;
mod clock;
mod deadline;
mod delivery;
mod hours;
mod ladder;
mod life;
mod properties;
mod settings;
