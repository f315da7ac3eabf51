//! What can be told of a referral: what happened and why (`past`), why a message waits or was never sent (`explain`,
//! `waiting`), and what is still to come (`plan`); and of many together (`report`). Everything here is a value made of the
//! ladder's verdicts and of the journal; it must never decide anything itself, and holds no words: `messages::sentences`
//! has them.

mod explain;
mod forecast;
mod past;
mod plan;
pub mod rehearsal;
mod replay;
pub mod report;
mod waiting;

pub use self::{
    explain::{Explanation, Pending, Trial, Trying, Unsent, UnsentWhy, explain},
    forecast::{Forecast, Frame, Gathering, Holder, Muted, ROWS_MAX, Row, Rows, Story, ToldThere, Worth},
    past::{Happening, What, past},
    plan::{Bounds, Coming, Plan, plan},
    replay::{Course, End, Replayed, replay},
    waiting::{Waiting, waiting},
};
