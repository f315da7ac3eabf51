//! Playing seeds: many at once, counted; or one, told event by event.

use std::{
    any::Any,
    io::{IsTerminal, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

use crate::{Args, course::Course, plan::Plan, promise, small};

/// A course that takes longer turns in circles.
const COURSE_MAX: Duration = Duration::from_secs(300);

/// How a course went.
pub struct Played {
    pub broken: Vec<String>,
    /// Everything that readers saw, to be held against another play.
    pub seen: String,
    pub sums: Sums,
}

/// What was played, in numbers.
#[derive(Clone, Copy, Default)]
pub struct Sums {
    pub minutes: i64,
    pub lives: u64,
    pub attempts: u64,
    pub taken: u64,
    pub repeats: u64,
}

/// Plays a plan to its end; a panic in it is a broken promise like any other.
pub fn play(plan: &Plan) -> Played {
    let mut course = Course::new(plan.clone());
    let played = catch_unwind(AssertUnwindSafe(|| course.play()));
    let broken = match played {
        Ok(()) => promise::broken(&course),
        Err(panic) => vec![format!("leadtime never panics: {}", words(panic.as_ref()))],
    };
    let handed = course.readers.handed();
    let taken = handed.iter().filter(|handed| handed.taken).count() as u64;
    let mut once: Vec<_> = handed.iter().filter(|handed| handed.taken).map(|handed| (&handed.to, handed.id)).collect();
    once.sort();
    once.dedup();
    let sums = Sums {
        minutes: plan.heals + crate::course::QUIET,
        lives: course.lives().into(),
        attempts: handed.len() as u64,
        taken,
        repeats: taken - once.len() as u64,
    };
    Played { broken, seen: format!("{handed:?}"), sums }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_else(|| "without a word".to_owned())
}

/// Plays many seeds and says how it went.
pub fn all(args: &Args) -> ExitCode {
    let began = Instant::now();
    // A panic is told with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    let threads = args.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let next = AtomicU64::new(args.from);
    let end = args.from.saturating_add(args.seeds);
    let busy: Vec<Mutex<Option<(u64, Instant)>>> = (0..threads).map(|_| Mutex::new(None)).collect();
    let (tell, told) = mpsc::channel();
    let (mut sums, mut done, mut bad) = (Sums::default(), 0, Vec::new());
    thread::scope(|scope| {
        for busy in &busy {
            let (tell, next) = (tell.clone(), &next);
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    *busy.lock().unwrap() = Some((seed, Instant::now()));
                    let mut played = play(&args.plan(seed));
                    if args.twice && play(&args.plan(seed)).seen != played.seen {
                        played.broken.push("the same seed has the same course: it had another".to_owned());
                    }
                    *busy.lock().unwrap() = None;
                    tell.send((seed, played)).unwrap();
                }
            });
        }
        drop(tell);
        loop {
            match told.recv_timeout(Duration::from_secs(5)) {
                Ok((seed, played)) => {
                    done += 1;
                    sums.add(played.sums);
                    if !played.broken.is_empty() {
                        println!("\nseed {seed} breaks a promise:\n  {}", shown(&played.broken));
                        bad.push((seed, played.broken));
                    }
                    progress(done, args.seeds);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => turns_in_circles(&busy),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    for (seed, broken) in bad.iter().take(5) {
        small::tell(&args.plan(*seed), broken);
    }
    sums.print(done, bad.len(), began.elapsed());
    if bad.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Plays one seed and tells its course.
pub fn tell(plan: &Plan, only: Option<&[usize]>) -> ExitCode {
    let plan = only.map_or(plan.clone(), |only| plan.only(only));
    println!("house {}, {} referrals on a page", plan.house, plan.page_size);
    for planned in &plan.events {
        println!("{planned}");
    }
    let mut course = Course::new(plan);
    course.play();
    for handed in course.readers.handed() {
        println!("{handed}");
    }
    let broken = promise::broken(&course);
    if broken.is_empty() {
        println!("every promise was kept");
        return ExitCode::SUCCESS;
    }
    println!("broken:\n  {}", shown(&broken));
    ExitCode::FAILURE
}

/// The first few, a line each.
pub fn shown(broken: &[String]) -> String {
    let more = broken.len().saturating_sub(6);
    let mut lines: Vec<String> = broken.iter().take(6).cloned().collect();
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines.join("\n  ")
}

fn progress(done: u64, of: u64) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        write!(out, "\r{done} of {of} seeds").unwrap();
    }
}

/// What turns in circles cannot be stopped from outside; at least its seed is known.
fn turns_in_circles(busy: &[Mutex<Option<(u64, Instant)>>]) {
    for busy in busy {
        if let Some((seed, since)) = *busy.lock().unwrap()
            && since.elapsed() > COURSE_MAX
        {
            println!("seed {seed} has no end. Again: cargo simulate --seed {seed}");
            std::process::exit(1);
        }
    }
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.minutes += other.minutes;
        self.lives += other.lives;
        self.attempts += other.attempts;
        self.taken += other.taken;
        self.repeats += other.repeats;
    }

    fn print(&self, seeds: u64, bad: usize, took: Duration) {
        println!(
            "\n{seeds} seeds, {} simulated days, {} lives of the process, {} attempts, {} messages taken, \
             {} of them repeats; {bad} seeds broke a promise; {:.0} s",
            self.minutes / (24 * 60),
            self.lives,
            self.attempts,
            self.taken,
            self.repeats,
            took.as_secs_f64(),
        );
    }
}
