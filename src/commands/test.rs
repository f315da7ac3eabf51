//! `leadtime test`: scenario tests of the rules, shown as a time line where one fails. Sends nothing, contacts nobody.

use std::{
    collections::BTreeMap,
    fs,
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::{
    BAD_USAGE, Common, DONE, FAILED, findings,
    margin::{width, wrapped},
    paper,
};
use crate::{
    scenario::{self, Mark, Report, Row, Scenario},
    settings::{self, Faults, Finding, SCENARIOS},
};

/// So many messages that are as expected are shown around a difference.
const AROUND: usize = 2;
/// What is said of a message stands so far to the right, below it.
const DETAIL: &str = "          ";

/// Tries the rules on scenarios: given these referrals at these times, exactly these messages, and no other.
///
/// A scenario runs the service's own decisions along a virtual clock: no time passes, nothing is sent, nobody is contacted,
/// and secrets that the settings name (environment variables, files) need not be there. Exit code 0 where every scenario
/// passed, 1 where one failed, 2 where a file or the settings have a fault.
#[derive(clap::Args, Debug)]
#[command(after_help = include_str!("test.help"))]
pub struct Args {
    /// Files of scenarios, or folders with *.test.toml; without any, those beside the settings.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

/// What came of one file.
struct Tested {
    file: PathBuf,
    scenarios: Vec<(Scenario, Result<Report, String>)>,
}

/// Runs it; the exit code.
pub fn run(common: &Common, args: &Args) -> u8 {
    let files = match files(common, args) {
        Ok(files) => files,
        Err(why) => {
            eprintln!("{why}");
            return BAD_USAGE;
        }
    };
    let env: BTreeMap<String, String> = settings::environment().collect();
    let mut tested = Vec::new();
    let mut faults: Vec<Finding> = Vec::new();
    for file in files {
        match scenario::read(&file, &common.config, &env) {
            Ok(scenarios) => tested.push(Tested { file, scenarios: scenarios.into_iter().map(play).collect() }),
            Err(found) => add(&mut faults, found),
        }
    }
    let failed = tested.iter().flat_map(|file| &file.scenarios).filter(|(_, report)| !passed(report)).count();
    if args.json {
        paper::print_json(&document(&tested, &faults));
    } else {
        let pretty = std::io::stdout().is_terminal();
        tested.iter().for_each(|file| paper::print(&page(file, pretty)));
        findings::show(&faults, &[]);
        paper::print(&summary(&tested, failed, faults.len()));
    }
    match (faults.is_empty(), failed) {
        (false, _) => BAD_USAGE,
        (true, 0) => DONE,
        (true, _) => FAILED,
    }
}

/// The files that are meant: those that are named, those of folders that are named, else those beside the settings.
fn files(common: &Common, args: &Args) -> Result<Vec<PathBuf>, String> {
    if args.files.is_empty() {
        let config = common.config.as_path();
        let beside = config.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        return match within(if config.is_dir() { config } else { beside }) {
            Err(_) if !beside.exists() => Err(format!(
                "{}: there is no such file; create it or name another by --config or LEADTIME_CONFIG",
                config.display()
            )),
            found => found,
        };
    }
    let mut files = Vec::new();
    for named in &args.files {
        if named.is_dir() { files.extend(within(named)?) } else { files.push(named.clone()) }
    }
    Ok(files)
}

/// The files of scenarios in a folder.
fn within(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let shown = folder.display();
    let entries = fs::read_dir(folder).map_err(|fault| format!("{shown} cannot be read: {fault}; name a FILE"))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = files.filter(|file| file.to_string_lossy().ends_with(SCENARIOS)).collect();
    files.sort();
    if files.is_empty() {
        return Err(format!("there is no *{SCENARIOS} in {shown}; write one or name a FILE"));
    }
    Ok(files)
}

fn play(scenario: Scenario) -> (Scenario, Result<Report, String>) {
    let report = scenario.run().map_err(|fault| fault.to_string());
    (scenario, report)
}

fn passed(report: &Result<Report, String>) -> bool {
    report.as_ref().is_ok_and(Report::passed)
}

/// Files that share settings share their faults, too.
fn add(faults: &mut Vec<Finding>, found: Faults) {
    for fault in found.faults {
        if !faults.iter().any(|known| known.to_string() == fault.to_string()) {
            faults.push(fault);
        }
    }
}

fn summary(tested: &[Tested], failed: usize, faults: usize) -> String {
    let all: usize = tested.iter().map(|file| file.scenarios.len()).sum();
    let passed = all - failed;
    let faults = match faults {
        0 => String::new(),
        1 => ", 1 fault".to_owned(),
        _ => format!(", {faults} faults"),
    };
    let scenarios = if all == 1 { "scenario" } else { "scenarios" };
    format!("{all} {scenarios}: {passed} passed, {failed} failed{faults}\n")
}

/// A file's scenarios, a line each, and beneath one that failed what was wrong.
fn page(tested: &Tested, pretty: bool) -> String {
    let bold = Style::new().bold();
    let mut text = format!("{bold}{}{bold:#}\n", tested.file.display());
    let (green, red) = (AnsiColor::Green.on_default(), AnsiColor::Red.on_default());
    for (scenario, report) in &tested.scenarios {
        let (style, mark) = match (passed(report), pretty) {
            (true, true) => (green, "✓"),
            (true, false) => (green, "ok    "),
            (false, true) => (red, "✗"),
            (false, false) => (red, "FAILED"),
        };
        text += &format!("{style}{mark}{style:#} {}\n", scenario.name);
        match report {
            Ok(report) if !report.passed() => text += &difference(&tested.file, scenario, report),
            Ok(_) => {}
            Err(why) => text += &wrapped("    ", "    ", why),
        }
    }
    text
}

/// The time line: every message that is missing or unexpected, with those around it.
fn difference(file: &Path, scenario: &Scenario, report: &Report) -> String {
    let wide = |of: fn(&Row) -> usize| report.rows.iter().map(of).max().unwrap_or_default();
    let widths = (wide(|row| row.event.len()), wide(|row| row.to.chars().count()));
    let zone = scenario.clock.zone.iana_name().unwrap_or("time_zone");
    let missing = report.rows.iter().filter(|row| row.mark == Mark::Missing).count();
    let unexpected = report.rows.iter().filter(|row| row.mark == Mark::Unexpected).count();
    let line_of = scenario.line.map(|line| format!(":{line}")).unwrap_or_default();
    let counts = format!("{missing} missing (-), {unexpected} unexpected (+); times in {zone}");
    let mut text = format!("    {}{line_of}: {counts}\n\n", file.display());
    let near: Vec<bool> = (0..report.rows.len()).map(|at| is_near(&report.rows, at)).collect();
    let mut rest = report.rows.iter().zip(near).peekable();
    while let Some((row, near)) = rest.next() {
        let mut hidden = usize::from(!near);
        while hidden > 0 && rest.next_if(|(_, near)| !near).is_some() {
            hidden += 1;
        }
        text += &match hidden {
            0 | 1 => line(scenario, row, widths),
            _ => format!("      … {hidden} as expected\n"),
        };
    }
    if let Some(hint) = &report.hint {
        text += &format!("\n{}", wrapped("    ", "    ", hint));
    }
    text + "\n"
}

/// Whether a message is no more than so many from one that is wrong.
fn is_near(rows: &[Row], at: usize) -> bool {
    let near = at.saturating_sub(AROUND)..=at + AROUND;
    rows.iter().enumerate().any(|(place, row)| near.contains(&place) && row.mark != Mark::AsExpected)
}

fn line(scenario: &Scenario, row: &Row, (event, to): (usize, usize)) -> String {
    let (mark, style) = match row.mark {
        Mark::AsExpected => (' ', Style::new()),
        Mark::Missing => ('-', AnsiColor::Red.on_default()),
        Mark::Unexpected => ('+', AnsiColor::Green.on_default()),
    };
    let clock = &scenario.clock;
    let about = row.title.clone().unwrap_or_else(|| listed(&row.referrals));
    let pad = " ".repeat(to.saturating_sub(row.to.chars().count()));
    let (at, since) = (clock.shown(row.at), clock.since_start(row.at));
    let head = format!("    {mark} {at}  {since:>8}  {:event$}  {}{pad}", row.event, row.to);
    let fits = head.chars().count() + 2 + about.chars().count() <= width();
    let mut text = if fits {
        format!("{style}{head}  {about}{style:#}\n")
    } else {
        format!("{style}{}{style:#}\n{}", head.trim_end(), wrapped(DETAIL, DETAIL, &about))
    };
    let mut why = row.why.iter();
    if let Some(number) = row.line {
        let first = why.next().map_or_else(|| "did not come".to_owned(), Clone::clone);
        text += &wrapped(DETAIL, DETAIL, &format!("line {number}: {first}"));
    }
    for why in why {
        text += &wrapped(DETAIL, DETAIL, why);
    }
    text
}

/// `r1, r2, r3`; of many the first and how many there are.
fn listed(ids: &[String]) -> String {
    match ids {
        [first, second, third, _, _, ..] => format!("{first}, {second}, {third} … {} in all", ids.len()),
        _ => ids.join(", "),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    passed: usize,
    failed: usize,
    files: Vec<FileOf<'a>>,
    faults: &'a [Finding],
}

#[derive(Serialize)]
struct FileOf<'a> {
    file: String,
    scenarios: Vec<ScenarioOf<'a>>,
}

#[derive(Serialize)]
struct ScenarioOf<'a> {
    name: &'a str,
    line: Option<usize>,
    ok: bool,
    messages: Vec<Message<'a>>,
    hint: Option<&'a str>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct Message<'a> {
    mark: Mark,
    line: Option<usize>,
    at: String,
    time: String,
    event: &'a str,
    to: &'a str,
    referrals: &'a [String],
    title: Option<&'a str>,
    rule: Option<&'a str>,
    step: Option<&'a str>,
    why: &'a [String],
}

fn document<'a>(tested: &'a [Tested], faults: &'a [Finding]) -> Document<'a> {
    let all = || tested.iter().flat_map(|file| &file.scenarios);
    let failed = all().filter(|(_, report)| !passed(report)).count();
    let files = tested.iter().map(|tested| FileOf {
        file: tested.file.display().to_string(),
        scenarios: tested.scenarios.iter().map(|(scenario, report)| scenario_of(scenario, report)).collect(),
    });
    Document {
        ok: failed == 0 && faults.is_empty(),
        passed: all().count() - failed,
        failed,
        files: files.collect(),
        faults,
    }
}

fn scenario_of<'a>(scenario: &'a Scenario, report: &'a Result<Report, String>) -> ScenarioOf<'a> {
    let rows = report.as_ref().map_or(&[][..], |report| report.rows.as_slice());
    let messages = rows.iter().map(|row| Message {
        mark: row.mark,
        line: row.line,
        at: row.at.to_string(),
        time: scenario.clock.since_start(row.at),
        event: &row.event,
        to: &row.to,
        referrals: &row.referrals,
        title: row.title.as_deref(),
        rule: row.asked.as_ref().map(|(rule, _)| rule.as_str()),
        step: row.asked.as_ref().map(|(_, step)| step.as_str()),
        why: &row.why,
    });
    ScenarioOf {
        name: &scenario.name,
        line: scenario.line,
        ok: passed(report),
        messages: messages.collect(),
        hint: report.as_ref().ok().and_then(|report| report.hint.as_deref()),
        error: report.as_ref().err().map(String::as_str),
    }
}
