//! `leadtime check`: every fault of settings and templates. Contacts nobody.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{BAD_USAGE, Common, DONE, findings, paper};
use crate::{
    service::prepare::prepare,
    settings::{self, Finding, Warning},
};

/// Shows every fault of settings and templates with file, line and key, and warnings; contacts nobody.
///
/// Exit code 0 where leadtime would start, 2 where it would not.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  leadtime check\n  leadtime check --config /etc/leadtime --json | jq '.faults[].what'\n\n\
    With --json:\n  {\"ok\": true, \"summary\": \"1 account, …\", \"files\": [PATH…],\n   \"faults\": [FINDING…], \"warnings\": [FINDING…]}\n  \
    FINDING: {\"file\", \"line\", \"column\", \"variable\", \"key\", \"what\"}; what does not apply is null"
)]
pub struct Args {
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Checked<'a> {
    ok: bool,
    summary: &'a str,
    files: &'a [PathBuf],
    faults: &'a [Finding],
    warnings: &'a [Warning],
}

/// Runs it; the exit code.
pub fn run(common: &Common, args: &Args) -> u8 {
    let (faults, warnings, made) = match prepare(&common.config, settings::environment()) {
        Ok((prepared, warnings)) => (Vec::new(), warnings, Some(prepared.settings)),
        Err(found) => (found.faults, found.warnings, None),
    };
    let counted = counted(faults.len(), warnings.len());
    let files = settings::files(&common.config);
    let read = in_folder(&common.config, &files);
    let summary = match &made {
        Some(settings) => format!("{read}{settings}: {counted}"),
        None => format!("{read}{counted}"),
    };
    if args.json {
        paper::print_json(&Checked {
            ok: made.is_some(),
            summary: &summary,
            files: &files,
            faults: &faults,
            warnings: &warnings,
        });
    } else {
        findings::show(&faults, &warnings);
        paper::print(&format!("{summary}\n"));
    }
    if made.is_some() { DONE } else { BAD_USAGE }
}

/// `read 10-base.toml, 20-rules.toml: ` where the settings are a folder.
fn in_folder(config: &Path, files: &[PathBuf]) -> String {
    if files.is_empty() || !config.is_dir() {
        return String::new();
    }
    let names: Vec<String> =
        files.iter().filter_map(|file| file.file_name()).map(|name| name.to_string_lossy().into_owned()).collect();
    format!("read {}: ", names.join(", "))
}

/// `no faults, 1 warning`.
fn counted(faults: usize, warnings: usize) -> String {
    let of = |count: usize, what: &str| match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    format!("{}, {}", of(faults, "fault"), of(warnings, "warning"))
}
