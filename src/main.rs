//! The door: arguments to a command, nothing else. And where the program's memory comes from.

use std::process::ExitCode;

/// glibc's own took a third of the processor's time of a message: sled gives back on one thread what it took on another.
/// How much of it is kept while nothing happens stands in `.cargo/config.toml`.
#[global_allocator]
static MEMORY: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    leadtime::commands::main()
}
