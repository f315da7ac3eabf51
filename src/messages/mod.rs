//! What a message says: templates, the data that they see, escaping for each channel, built-in texts.

pub mod rendered;
