//! The door: arguments to a command, nothing else.

fn main() {}
