//! Working hours: which instants are open, and how working days and hours are counted. Pure.

/// Compiled hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {}
