//! Faults and warnings on standard error: with the line and a caret in a terminal, one line each elsewhere.

use std::io::{IsTerminal as _, Write as _};

use crate::settings::{Finding, Warning};

/// Shows them, faults first.
pub fn show(faults: &[Finding], warnings: &[Warning]) {
    let terminal = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let text = if terminal { graphical(faults, warnings) } else { plain(faults, warnings) };
    // Whoever has closed standard error does not want to know.
    drop(std::io::stderr().write_all(text.as_bytes()));
}

fn plain(faults: &[Finding], warnings: &[Warning]) -> String {
    let faults = faults.iter().map(|fault| format!("{fault}\n"));
    faults.chain(warnings.iter().map(|warning| format!("warning: {warning}\n"))).collect()
}

fn graphical(faults: &[Finding], warnings: &[Warning]) -> String {
    let faults = faults.iter().map(|fault| fault.graphical(false));
    faults.chain(warnings.iter().map(|warning| warning.graphical(true))).map(|shown| shown + "\n").collect()
}
