//! Lines in and out of the journal. What one commit says of one referral at one instant stands in one row: most lines come
//! in such company, and a row costs more than what is in it. Must never touch a row that is on the disk.

use jiff::Timestamp;

use super::{State, journal::Line};
use crate::{
    core::ids::CaseNumber,
    store::{StoreFault, layout, read_json},
};

/// A row that holds so many bytes takes no further line.
const ROW_FULL: usize = 4 * 1024;

impl State {
    /// Adds a line to the journal.
    pub(super) fn journal(&mut self, case: Option<CaseNumber>, at: Timestamp, line: &Line) -> Result<(), StoreFault> {
        if let Some(place) = case.and_then(|case| self.draft.lines.get(&case)).filter(|place| place.at == at) {
            let key = place.journal_key();
            if let Some(Some(row)) = self.draft.commit.get(&key)
                && row.len() < ROW_FULL
            {
                let mut lines = read_lines(&key, row)?;
                lines.push(line.clone());
                return self.draft.commit.put_json(key, &lines).map(|_| ());
            }
        }
        self.next.line += 1;
        self.draft.numbers_moved = true;
        let place = layout::LinePlace { at, line: self.next.line, case };
        self.draft.commit.put_json(place.journal_key(), line)?;
        if let (Some(case), Some(key)) = (case, place.history_key()) {
            self.draft.commit.put(key, Vec::new());
            self.draft.lines.insert(case, place);
        }
        Ok(())
    }
}

/// The lines of a row of the journal, in the order in which they were entered.
///
/// # Errors
/// Damage, where it does not read.
pub fn read_lines(key: &[u8], row: &[u8]) -> Result<Vec<Line>, StoreFault> {
    match row.first() {
        Some(b'[') => read_json(key, row),
        _ => read_json(key, row).map(|line| vec![line]),
    }
}
