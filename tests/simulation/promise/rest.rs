//! What is left when the world has been whole for days: nothing that waits without a reason, and no trouble that is over.

use jiff::Timestamp;
use leadtime::service::run::Service;

use crate::readers::Handed;

/// What the process held in mind at the end.
#[derive(Clone, Debug, Default)]
pub struct Rest {
    /// Troubles by name, with their first sentence.
    pub troubles: Vec<(String, String)>,
    /// Messages that should have gone out and did not.
    pub waiting: Vec<String>,
    /// Rows of the outbox, what waits for its hour included.
    pub rows: usize,
}

/// More rows than this for six referrals are more than their ladders have steps.
const ROWS: usize = 60;

/// Asks a process what it holds.
pub async fn of(service: &Service) -> Rest {
    let brought = service.facts.bring(|state, now| {
        let troubles = state.troubles().iter().map(|(name, trouble)| (name.clone(), format!("{:?}", trouble.what)));
        let rows = || state.queues().flat_map(|(lane, queue)| queue.rows().map(move |row| (lane, row)));
        let due = |at: Timestamp| at + jiff::SignedDuration::from_mins(20) < now;
        let waiting = rows().filter(|(_, row)| due(row.not_before) && row.given_up.is_none());
        Ok(Rest {
            troubles: troubles.collect(),
            waiting: waiting.map(|(lane, row)| format!("{} to {} since {}", row.id, lane.0, row.not_before)).collect(),
            rows: rows().count(),
        })
    });
    brought.await.unwrap_or_default()
}

pub fn broken(rest: &Rest, handed: &[Handed], healed: Timestamp) -> Vec<String> {
    let tried = |place: &str| handed.iter().any(|handed| handed.to.0.as_str() == place && handed.at > healed);
    let unexplained = rest.troubles.iter().filter(|(name, _)| match name.split_once('/') {
        // What was refused for good stays until somebody retries or drops it.
        Some(("dead", _)) => false,
        // Nobody knows of a destination that it is well again before something goes there.
        Some(("destination", place)) => tried(place),
        _ => true,
    });
    let troubles = unexplained.map(|(name, what)| format!("a trouble outlived its cause: {name} ({what})"));
    let waiting = rest.waiting.iter().map(|row| format!("a message waits for nothing: {row}"));
    let rows = (rest.rows > ROWS).then(|| format!("the outbox grows: {} rows for six referrals", rest.rows));
    troubles.chain(waiting).chain(rows).collect()
}
