//! `leadtime check`: every fault of settings and templates. Contacts nobody but with `--online`.

pub(super) mod accounts;
mod online;

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

use serde::Serialize;

use self::online::Tried;
use super::{BAD_USAGE, Common, DONE, FAILED, findings, paper};
use crate::{
    partner_center::Clock as _,
    service::{
        clock::RealClock,
        prepare::{Prepared, prepare},
    },
    settings::{self, Finding, Warning},
};

/// Shows every fault of settings and templates with file, line and key, and warnings; contacts nobody without --online.
///
/// With --online it then tries what the settings name, and posts nothing: signs in each account and reads one page, logs in
/// to the mail server, connects to each web host (TCP, TLS, through the proxy), compares the clock with Partner Center's. A
/// leadtime that runs does its accounts' part with the settings that it has loaded, and keeps the rotated tokens.
///
/// Exit code 0 where leadtime would start and all that was tried works, 1 where something does not, 2 where it would not start.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  leadtime check\n  leadtime check --online\n  \
    leadtime check --config /etc/leadtime --json | jq '.faults[].what'\n\n\
    With --json:\n  {\"ok\": true, \"summary\": \"1 account, …\", \"files\": [PATH…],\n   \"faults\": [FINDING…], \"warnings\": [FINDING…], \"online\": [TRIED…]}\n  \
    FINDING: {\"file\", \"line\", \"column\", \"variable\", \"key\", \"what\"}; what does not apply is null\n  \
    TRIED: {\"what\", \"ok\", \"detail\", \"todo\", \"took_ms\"}; a todo beside ok is a warning; online is null where nothing was tried")]
pub struct Args {
    /// Also try accounts, mail server and web hosts; posts nothing.
    #[arg(long)]
    online: bool,
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
    online: Option<&'a [Tried]>,
}

/// Runs it; the exit code.
pub async fn run(common: &Common, args: &Args) -> u8 {
    let (faults, warnings, made) = match prepare(&common.config, settings::environment()) {
        Ok((prepared, mut warnings)) => {
            warnings.extend(settings::stale(&prepared.settings, RealClock.now()));
            (Vec::new(), warnings, Some(prepared))
        }
        Err(found) => (found.faults, found.warnings, None),
    };
    let counted = counted(faults.len(), warnings.len());
    let files = settings::files(&common.config);
    let read = in_folder(&common.config, &files);
    let summary = match &made {
        Some(made) => format!("{read}{}: {counted}", made.settings),
        None => format!("{read}{counted}"),
    };
    if !args.json {
        findings::show(&faults, &warnings);
        paper::print(&format!("{summary}\n"));
    }
    let online = match &made {
        Some(prepared) if args.online => Some(go_online(common, prepared, args.json).await),
        _ => None,
    };
    let works = online.iter().flatten().all(|tried| tried.ok);
    if args.json {
        let (ok, online) = (made.is_some() && works, online.as_deref());
        paper::print_json(&Checked {
            ok,
            summary: &summary,
            files: &files,
            faults: &faults,
            warnings: &warnings,
            online,
        });
    }
    match made {
        None => BAD_USAGE,
        Some(_) if works => DONE,
        Some(_) => FAILED,
    }
}

/// Tries everything; for people one line each as it comes, and how many work.
async fn go_online(common: &Common, prepared: &Prepared, silent: bool) -> Vec<Tried> {
    if !silent && std::io::stderr().is_terminal() {
        eprintln!("trying all of it side by side, a minute at most; nothing is posted");
    }
    let tell = |tried: &Tried, width| {
        if !silent {
            paper::print(&tried.line(width));
        }
    };
    let tried = online::everything(common, prepared, tell).await;
    if !silent {
        let failed = tried.iter().filter(|tried| !tried.ok).count();
        let told = match (tried.len(), failed) {
            (0, _) => "online: there is nothing to try".to_owned(),
            (all, 0) => format!("online: all {all} work"),
            (all, failed) => format!("online: {failed} of {all} FAILED"),
        };
        paper::print(&format!("{told}\n"));
    }
    tried
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
