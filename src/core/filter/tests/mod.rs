//! What expressions mean, where they are wrong, and what holds of every one of them.

mod faults;
mod meaning;
mod properties;
