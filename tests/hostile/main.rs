//! Hostile bytes: everything that comes from outside is fed with what nobody would write, and must neither panic, nor hang,
//! nor take more memory than its size allows, nor break what its target promises (`targets/`).
//!
//! `cargo test --test hostile` runs a short, fixed set of cases; `cargo test --release --test hostile -- --minutes 30` goes on
//! with others for so long. Each target runs in a process of its own, so that one which overflows the stack or is out of
//! memory is told like any other harm: with the command that repeats it. A case is nothing but its seed.

// Clippy's leave for tests covers only functions marked as tests, and here all code is a test's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dice;
mod engine;
mod mutate;
mod shrink;
mod targets;

use std::{
    collections::VecDeque,
    env, fs,
    io::{IsTerminal as _, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use peak_alloc::PeakAlloc;

use engine::{Budget, Sum};
use targets::TARGETS;

/// Counts every byte that is allocated in this process.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// So many targets run at once.
const AT_ONCE: usize = 2;

const HELP: &str = "\
Feeds everything that comes from outside with hostile bytes.

Usage: cargo test [--release] --test hostile -- [OPTIONS]

  --target NAME    this target alone; several times for several
  --minutes M      run for so long in all, with cases that were never run before
  --from X         begin the cases at this number instead
  --seed X         run the one case of this seed (needs --target)
  --input FILE     run this file as a case (needs --target)
  --show           print what --seed stands for, and do not run it
  --keep FOLDER    write every harmful input there, made small
  --targets        print the targets
  --help           print this

Example: cargo test --release --test hostile -- --target filter --seed 0x1f";

/// What was asked for.
#[derive(Default)]
struct Asked {
    targets: Vec<String>,
    minutes: Option<f64>,
    from: Option<u64>,
    seed: Option<u64>,
    input: Option<PathBuf>,
    show: bool,
    keep: Option<PathBuf>,
    /// Set where this process is the one that feeds: the file that holds the seed of the case under way.
    note: Option<PathBuf>,
    seconds: Option<f64>,
}

fn main() -> ExitCode {
    let asked = match asked(env::args().skip(1)) {
        Ok(Some(asked)) => asked,
        Ok(None) => return ExitCode::SUCCESS,
        Err(wrong) => {
            eprintln!("{wrong}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    if let Some(note) = &asked.note {
        return feed(&asked, note);
    }
    match lead(&asked) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Reads the arguments; `None` where there is nothing to do: `cargo test NAME` hands its filter to every test program.
fn asked(args: impl Iterator<Item = String>) -> Result<Option<Asked>, String> {
    let mut asked = Asked::default();
    let mut args = args.peekable();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
        match arg.as_str() {
            "--help" | "-h" => {
                println!("{HELP}");
                return Ok(None);
            }
            "--targets" => {
                TARGETS.iter().for_each(|target| println!("{:<14} {}", target.name, target.about));
                return Ok(None);
            }
            "--target" => asked.targets.push(value()?),
            "--minutes" => asked.minutes = Some(value()?.parse().map_err(|_| "--minutes needs a number")?),
            "--seconds" => asked.seconds = Some(value()?.parse().map_err(|_| "--seconds needs a number")?),
            "--from" => asked.from = Some(number(&value()?)?),
            "--seed" => asked.seed = Some(number(&value()?)?),
            "--input" => asked.input = Some(value()?.into()),
            "--keep" => asked.keep = Some(value()?.into()),
            "--note" => asked.note = Some(value()?.into()),
            "--show" => asked.show = true,
            "--list" | "--ignored" => return Ok(None),
            // The filters and switches of the usual harness.
            "--skip" | "--test-threads" | "--format" | "--color" | "-Z" | "--logfile" => drop(value()?),
            other if other.starts_with('-') => {}
            filter if "hostile".contains(filter) => {}
            _ => return Ok(None),
        }
    }
    if let Some(unknown) = asked.targets.iter().find(|name| targets::named(name).is_none()) {
        return Err(format!("there is no target {unknown}; --targets lists them"));
    }
    if (asked.seed.is_some() || asked.input.is_some()) && asked.targets.len() != 1 {
        return Err("--seed and --input need the one --target that they are of".to_owned());
    }
    Ok(Some(asked))
}

fn number(text: &str) -> Result<u64, String> {
    let read = text.strip_prefix("0x").map_or_else(|| text.parse(), |hex| u64::from_str_radix(hex, 16));
    read.map_err(|_| format!("{text} is no number"))
}

/// The process that feeds: one target, on a thread with no more stack than leadtime's own threads have.
fn feed(asked: &Asked, note: &Path) -> ExitCode {
    let target = asked.targets.first().and_then(|name| targets::named(name)).expect("named by the other process");
    if asked.show {
        print!("{}", engine::shown(&engine::case(target, asked.seed.unwrap_or_default())));
        return ExitCode::SUCCESS;
    }
    let budget = match (&asked.input, asked.seed, asked.seconds) {
        (Some(file), ..) => Budget::Input(fs::read(file).expect("the file of --input")),
        (_, Some(seed), _) => Budget::Seed(seed),
        (_, _, Some(seconds)) => Budget::Time(Duration::from_secs_f64(seconds), asked.from.unwrap_or_default()),
        (..) => Budget::Cases(target.cases, asked.from.unwrap_or_default()),
    };
    let sum = engine::run(target, budget, note, asked.keep.as_deref(), &MEMORY);
    println!("{sum}");
    if sum.harms == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A target under way in its own process.
struct Running {
    name: &'static str,
    child: Child,
    note: tempfile::NamedTempFile,
}

/// Runs each target in a process, a few at once, and prints what came of it; whether nothing was harmed.
fn lead(asked: &Asked) -> bool {
    let chosen = |name: &str| asked.targets.is_empty() || asked.targets.iter().any(|asked| asked == name);
    let mut waiting: VecDeque<_> = TARGETS.iter().map(|target| target.name).filter(|name| chosen(name)).collect();
    let count = waiting.len();
    let at_once = AT_ONCE.min(count).max(1);
    let seconds = asked.minutes.map(|minutes| minutes * 60.0 * at_once as f64 / count.max(1) as f64);
    // Cases that nobody has run: another beginning for each long run.
    let from = asked.from.or_else(|| seconds.map(|_| fastrand::u64(..)));
    let (began, mut running, mut ended) = (Instant::now(), Vec::new(), Vec::new());
    let watched = std::io::stderr().is_terminal();
    while !(waiting.is_empty() && running.is_empty()) {
        while running.len() < at_once
            && let Some(name) = waiting.pop_front()
        {
            running.push(start(asked, name, seconds, from));
        }
        thread::sleep(Duration::from_millis(20));
        let (over, still): (Vec<_>, Vec<_>) =
            running.into_iter().partition_map(|mut one: Running| match one.child.try_wait().expect("a child") {
                Some(_) => Ok(one),
                None => Err(one),
            });
        running = still;
        ended.extend(over.into_iter().map(end));
        if watched {
            let names: Vec<_> = running.iter().map(|one| one.name).collect();
            eprint!(
                "\r\x1b[K{:>4} s  {} of {count} done  {}",
                began.elapsed().as_secs(),
                ended.len(),
                names.join(", ")
            );
        }
    }
    if watched {
        eprintln!("\r\x1b[K");
    }
    if asked.show {
        return true;
    }
    println!("{:<14} {:>10} {:>9} {:>12} {:>12}  harms", "target", "cases", "a second", "slowest", "most memory");
    ended.iter().for_each(|(name, sum)| println!("{}", sum.line(name)));
    println!("{} s in all", began.elapsed().as_secs());
    ended.iter().all(|(_, sum)| sum.harms == 0)
}

fn start(asked: &Asked, name: &'static str, seconds: Option<f64>, from: Option<u64>) -> Running {
    let note = tempfile::NamedTempFile::new().expect("a file for the seed");
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args(["--target", name, "--note"]).arg(note.path()).stdout(Stdio::piped());
    let numbers = [("--seed", asked.seed), ("--from", from)];
    for (option, value) in numbers.into_iter().filter_map(|(option, value)| Some((option, value?))) {
        command.args([option, &value.to_string()]);
    }
    let files = [("--input", &asked.input), ("--keep", &asked.keep)];
    for (option, file) in files.into_iter().filter_map(|(option, file)| Some((option, file.as_ref()?))) {
        command.arg(option).arg(file);
    }
    if let Some(seconds) = seconds {
        command.args(["--seconds", &seconds.to_string()]);
    }
    if asked.show {
        command.arg("--show").stdout(Stdio::inherit());
    }
    Running { name, child: command.spawn().expect("this program starts"), note }
}

/// What a process that has ended says, or, where it died, what it was at.
fn end(mut one: Running) -> (&'static str, Sum) {
    let mut said = String::new();
    if let Some(mut stdout) = one.child.stdout.take() {
        drop(stdout.read_to_string(&mut said));
    }
    let status = one.child.wait().expect("it has ended");
    let sum = said.lines().last().and_then(Sum::read);
    let sum = sum.unwrap_or_else(|| {
        let seed = fs::read(one.note.path()).ok().and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)));
        let command = engine::command(one.name, seed.unwrap_or_default());
        eprintln!("HARM {}: the process ended with {status}\n  repeat: {command}", one.name);
        Sum { harms: 1, ..Sum::default() }
    });
    (one.name, sum)
}

/// As `partition`, with what each falls to.
trait PartitionMap: Iterator + Sized {
    fn partition_map<L, R>(self, mut side: impl FnMut(Self::Item) -> Result<L, R>) -> (Vec<L>, Vec<R>) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for item in self {
            match side(item) {
                Ok(item) => left.push(item),
                Err(item) => right.push(item),
            }
        }
        (left, right)
    }
}

impl<I: Iterator> PartitionMap for I {}
