//! Feeds one target: a case after the other, each made of its seed alone, watched for panics, for time and for memory.
//! Must never let a case's outcome depend on the ones before it.

use std::{
    fmt,
    fs::{self, File},
    os::unix::fs::FileExt as _,
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use peak_alloc::PeakAlloc;

use crate::{
    dice::Dice,
    mutate,
    shrink::shrink,
    targets::{Target, found},
};

/// As much stack as a thread of leadtime's own has.
const STACK: usize = 2 << 20;
/// No case takes longer, on a machine that has other things to do.
const LIMIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 120 } else { 20 });
/// A harm is made small for so long.
const SHRINKING: Duration = Duration::from_secs(20);
/// So many harms end a run: what follows is the same again, mostly.
const ENOUGH: u64 = 5;
/// So much of an input is printed.
const SHOWN: usize = 2_000;

/// Which cases to run.
pub enum Budget {
    /// So many, from this one on.
    Cases(u64, u64),
    /// As many as fit, from this one on.
    Time(Duration, u64),
    /// One.
    Seed(u64),
    /// What somebody has kept.
    Input(Vec<u8>),
}

/// What became of a run.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Sum {
    pub cases: u64,
    pub millis: u128,
    pub slowest: Duration,
    /// The largest peak of a case above what stood before it, in bytes.
    pub most: usize,
    pub harms: u64,
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cases, millis, slowest, most, harms } = self;
        write!(f, "sum {cases} {millis} {} {most} {harms}", slowest.as_micros())
    }
}

impl Sum {
    /// What `Display` has written.
    pub fn read(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("sum ")?.split(' ');
        Some(Self {
            cases: words.next()?.parse().ok()?,
            millis: words.next()?.parse().ok()?,
            slowest: Duration::from_micros(words.next()?.parse().ok()?),
            most: words.next()?.parse().ok()?,
            harms: words.next()?.parse().ok()?,
        })
    }

    /// A line of the table.
    pub fn line(&self, name: &str) -> String {
        let a_second = u128::from(self.cases) * 1000 / self.millis.max(1);
        let slowest = format!("{:.1} ms", self.slowest.as_secs_f64() * 1000.0);
        let most = format!("{:.1} MiB", self.most as f64 / f64::from(1 << 20));
        format!("{name:<14} {:>10} {a_second:>9} {slowest:>12} {most:>12}  {}", self.cases, self.harms)
    }
}

/// How a case ended badly. Two of one kind are taken for the same.
#[derive(Clone, Debug)]
struct Harm {
    kind: String,
    told: String,
}

/// The command that runs one case again.
pub fn command(target: &str, seed: u64) -> String {
    format!("cargo test --release --test hostile -- --target {target} --seed {seed:#x}")
}

/// The input of a seed.
pub fn case(target: &Target, seed: u64) -> Vec<u8> {
    mutate::case(&mut Dice::of(seed), target, &corpus(target))
}

/// What cases are made of: what the target gives, and what did harm once.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    (target.corpus)().into_iter().chain(found(target.name).into_iter().map(|(_, input)| input)).collect()
}

/// An input as it can be read, cut where it is long.
pub fn shown(input: &[u8]) -> String {
    let text = input.get(..SHOWN).unwrap_or(input).escape_ascii().to_string();
    let text = text.replace("\\n", "\n    ").replace("\\x1e", "\n    ---- \\x1e\n    ");
    let rest = input.len().saturating_sub(SHOWN);
    if rest == 0 { format!("    {text}\n") } else { format!("    {text}… and {rest} bytes more\n") }
}

/// What the watch looks at: the seed under way, and since when, in milliseconds; 0 for none.
struct Watched {
    began: Instant,
    seed: AtomicU64,
    since: AtomicU64,
}

/// Runs the cases and tells each harm where it is found.
pub fn run(
    target: &'static Target,
    budget: Budget,
    note: &Path,
    keep: Option<&Path>,
    memory: &'static PeakAlloc,
) -> Sum {
    let panics = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&panics);
    panic::set_hook(Box::new(move |info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let text = info.payload_as_str().unwrap_or_default().chars().take(500).collect();
        heard.lock().unwrap().push((place, text));
    }));
    let watched = Arc::new(Watched { began: Instant::now(), seed: AtomicU64::new(0), since: AtomicU64::new(0) });
    let feeder = Feeder {
        target,
        panics,
        memory,
        note: File::options().write(true).open(note).expect("the file for the seed"),
        keep: keep.map(Path::to_owned),
        watched: Arc::clone(&watched),
        sum: Sum::default(),
    };
    let feeding = thread::Builder::new().stack_size(STACK).spawn(move || feeder.run(budget)).expect("a thread");
    while !feeding.is_finished() {
        thread::sleep(Duration::from_millis(5));
        let now = watched.began.elapsed().as_millis() as u64;
        let since = watched.since.load(Ordering::Acquire);
        if since != 0 && now.saturating_sub(since) > LIMIT.as_millis() as u64 {
            let seed = watched.seed.load(Ordering::Acquire);
            eprintln!("HARM {}: no end after {} s", target.name, LIMIT.as_secs());
            eprintln!("  repeat: {}", command(target.name, seed));
            process::exit(1);
        }
    }
    feeding.join().expect("the thread that feeds")
}

struct Feeder {
    target: &'static Target,
    panics: Arc<Mutex<Vec<(String, String)>>>,
    memory: &'static PeakAlloc,
    note: File,
    keep: Option<PathBuf>,
    watched: Arc<Watched>,
    sum: Sum,
}

impl Feeder {
    fn run(mut self, budget: Budget) -> Sum {
        let corpus = corpus(self.target);
        let began = Instant::now();
        // What the target keeps from its first case on (a runtime, a service) is not the case's.
        if let Some(input) = corpus.first() {
            drop(self.harm(input));
        }
        let of = |seed: u64| mutate::case(&mut Dice::of(seed), self.target, &corpus);
        match budget {
            Budget::Seed(seed) => drop(self.feed(seed, &of(seed))),
            Budget::Input(input) => drop(self.feed(0, &input)),
            Budget::Cases(count, from) => {
                self.sound(&corpus);
                (from..from.saturating_add(count)).all(|number| {
                    let seed = seed_of(number);
                    self.feed(seed, &of(seed))
                });
            }
            Budget::Time(limit, from) => {
                self.sound(&corpus);
                (from..).take_while(|_| began.elapsed() < limit).all(|number| {
                    let seed = seed_of(number);
                    self.feed(seed, &of(seed))
                });
            }
        }
        self.sum.millis = began.elapsed().as_millis();
        self.sum
    }

    /// Everything that cases are made of holds by itself.
    fn sound(&mut self, corpus: &[Vec<u8>]) {
        corpus.iter().all(|input| self.feed(0, input));
    }

    /// Runs a case; false where enough was found.
    fn feed(&mut self, seed: u64, input: &[u8]) -> bool {
        drop(self.note.write_all_at(&seed.to_le_bytes(), 0));
        self.watched.seed.store(seed, Ordering::Release);
        self.sum.cases += 1;
        if let Some(harm) = self.harm(input) {
            self.sum.harms += 1;
            self.tell(seed, input, &harm);
        }
        self.sum.harms < ENOUGH
    }

    /// What a case does wrong.
    fn harm(&mut self, input: &[u8]) -> Option<Harm> {
        let before = self.memory.current_usage();
        self.memory.reset_peak_usage();
        let now = self.watched.began.elapsed().as_millis() as u64;
        self.watched.since.store(now.max(1), Ordering::Release);
        let began = Instant::now();
        let outcome = panic::catch_unwind(AssertUnwindSafe(|| (self.target.feed)(input)));
        let took = began.elapsed();
        self.watched.since.store(0, Ordering::Release);
        let peak = self.memory.peak_usage().saturating_sub(before);
        self.sum.slowest = self.sum.slowest.max(took);
        self.sum.most = self.sum.most.max(peak);
        // A panic in a thread or task beside this one counts as well.
        if let Some((place, text)) = self.panics.lock().unwrap().drain(..).next() {
            return Some(Harm { kind: format!("a panic at {place}"), told: text });
        }
        let (flat, times) = self.target.memory;
        let bound = flat + times * input.len();
        match outcome {
            Ok(Err(promise)) => Some(Harm { kind: promise.0.to_owned(), told: promise.1 }),
            Ok(Ok(())) if peak > bound => Some(Harm {
                kind: "too much memory".to_owned(),
                told: format!("{peak} bytes for an input of {}, {bound} are its bound", input.len()),
            }),
            Ok(Ok(())) => None,
            Err(_) => Some(Harm { kind: "a panic".to_owned(), told: String::new() }),
        }
    }

    fn tell(&mut self, seed: u64, input: &[u8], harm: &Harm) {
        let kind = harm.kind.clone();
        let small = shrink(input, SHRINKING, |part| self.harm(part).is_some_and(|other| other.kind == kind));
        let told: String = harm.told.chars().take(2_000).collect();
        eprintln!("HARM {}: {}: {told}", self.target.name, harm.kind);
        if seed != 0 {
            eprintln!("  repeat: {}", command(self.target.name, seed));
        }
        eprint!("  made small, {} of {} bytes:\n{}", small.len(), input.len(), shown(&small));
        if let Some(folder) = &self.keep {
            let file = folder.join(format!("{}-{seed:x}", self.target.name));
            if let Err(fault) = fs::create_dir_all(folder).and_then(|()| fs::write(&file, &small)) {
                eprintln!("  not kept: {fault}");
            }
        }
    }
}

/// Neighbouring numbers make seeds that have nothing in common, and none makes 0.
fn seed_of(number: u64) -> u64 {
    let mut seed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    seed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    seed = (seed ^ (seed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (seed ^ (seed >> 31)).max(1)
}
