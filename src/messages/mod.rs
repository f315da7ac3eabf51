//! What a message says: templates, the data that they see, escaping for each channel, built-in texts.
//!
//! The way through: the service fills in a [`content::Content`]; [`view`] turns it into the names that a template knows;
//! [`engine`] renders; [`escape`] and [`limits`] make the result safe and small enough for its channel. The webhook's JSON
//! is written straight from the content by [`envelope`] unless the user has a template of his own.
//! Nothing here decides whether a message is sent, looks at a clock, or knows an address.

pub mod content;
mod engine;
mod envelope;
mod escape;
mod figures;
mod forecast;
mod headline;
mod limits;
mod lines;
mod load;
mod people;
pub mod rendered;
pub mod sample;
pub mod sentences;
mod shipped;
mod templates;
mod view;
pub mod words;

pub use engine::TemplateFault;
pub use escape::clean;
pub use figures::{compact, duration};
pub use headline::{LONGEST_HEADLINE, headline, subject};
pub use templates::{Form, Templates};
