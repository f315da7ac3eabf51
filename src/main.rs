//! The door: arguments to a command, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    leadtime::commands::main()
}
