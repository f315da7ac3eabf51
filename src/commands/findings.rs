//! Faults and warnings on standard error: with the line and a caret in a terminal, one line each elsewhere.

use std::io::{IsTerminal as _, Write as _};

use terminal_size::{Width, terminal_size_of};

use crate::settings::{Finding, Look, Warning};

/// What is left of a terminal's line to be read with ease.
const WIDEST: usize = 120;
const NARROWEST: usize = 40;

/// Shows them, faults first.
pub fn show(faults: &[Finding], warnings: &[Warning]) {
    let text = match look() {
        Some(look) => graphical(faults, warnings, look),
        None => plain(faults, warnings),
    };
    // Whoever has closed standard error does not want to know.
    drop(std::io::stderr().write_all(text.as_bytes()));
}

/// How a terminal shows them; `None` where there is none, or one that can only write lines.
pub fn look() -> Option<Look> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if !std::io::stderr().is_terminal() || variable("TERM").is_some_and(|term| term == "dumb") {
        return None;
    }
    let width = terminal_size_of(std::io::stderr()).map_or(80, |(Width(width), _)| usize::from(width));
    Some(Look { width: width.clamp(NARROWEST, WIDEST), colour: variable("NO_COLOR").is_none() })
}

fn plain(faults: &[Finding], warnings: &[Warning]) -> String {
    let faults = faults.iter().map(|fault| format!("{fault}\n"));
    faults.chain(warnings.iter().map(|warning| format!("warning: {warning}\n"))).collect()
}

fn graphical(faults: &[Finding], warnings: &[Warning], look: Look) -> String {
    let faults = faults.iter().map(|fault| fault.graphical(false, look));
    faults.chain(warnings.iter().map(|warning| warning.graphical(true, look))).map(|shown| shown + "\n").collect()
}
