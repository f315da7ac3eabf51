//! What must come of what happens, story by story.

mod ladder;
