//! `leadtime schema`: the JSON Schema of the settings file.

use super::{DONE, paper};
use crate::settings;

/// Prints the JSON Schema of the settings file, for editors and for other programs that write settings.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  leadtime schema > leadtime.schema.json")]
pub struct Args {}

/// Runs it; the exit code.
pub fn run() -> u8 {
    paper::print_json(&settings::schema());
    DONE
}
