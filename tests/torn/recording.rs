//! What a process really did to a folder: every write, name and sync, in order, as strace saw it.
//!
//! A process of our own commits into the folder and says on its standard output which commit is safe; strace writes down
//! its calls. From that comes a list of [`Step`]s. Nothing is taken on trust from leadtime or sled: a sync that they leave
//! out is not in the list.
//!
//! A write counts from the moment it was begun, a sync from the moment it returned, and it covers only what had been
//! written when it was begun.

use std::{
    collections::HashMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::disk::{Disk, Step};

const CALLS: &str = "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,mkdir,\
                     mkdirat,link,linkat,symlink,symlinkat,writev,pwritev,pwritev2,fallocate,copy_file_range,sendfile,\
                     open,creat,rmdir,truncate,msync,sync,syncfs";

/// Whether what was recorded can be had here.
pub fn is_possible() -> bool {
    // A sandbox may forbid to watch a process although strace is there.
    let quiet =
        Command::new("strace").args(["-o", "/dev/null", "true"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Runs this very program with `arguments` under strace and answers what it did beneath `root`, where `disk` tells what is
/// there before.
pub fn record(root: &Path, disk: &Disk, arguments: &[String]) -> Result<Vec<Step>, Box<dyn Error>> {
    let trace = tempfile::NamedTempFile::new_in(root.parent().unwrap_or(root))?;
    let status = Command::new("strace")
        .args(["-f", "-y", "-xx", "-s", "4194304", "--seccomp-bpf", "-e", &format!("trace={CALLS}"), "-o"])
        .arg(trace.path())
        .arg("--")
        .arg(std::env::current_exe()?)
        .args(arguments)
        .stdout(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(format!("the recorded process ended with {status}").into());
    }
    let mut reader = Reader { root: root.to_owned(), disk: disk.clone(), first: disk.steps(), ..Reader::default() };
    for line in fs::read(trace.path())?.split(|byte| *byte == b'\n') {
        reader.line(line).map_err(|why| format!("{why}: {}", String::from_utf8_lossy(&line[..line.len().min(300)])))?;
    }
    Ok(reader.steps)
}

/// Reads strace's lines.
#[derive(Default)]
struct Reader {
    root: PathBuf,
    /// To know which names there are.
    disk: Disk,
    steps: Vec<Step>,
    /// How many steps the disk had seen before.
    first: usize,
    /// What each thread has begun, with the number of its step.
    begun: HashMap<Vec<u8>, Begun>,
    /// How far each open file was written.
    reached: HashMap<Vec<u8>, u64>,
}

struct Begun {
    call: Call,
    step: usize,
}

/// One call and its arguments, texts and paths unescaped.
#[derive(Clone, Default)]
struct Call {
    name: String,
    arguments: Vec<Argument>,
}

#[derive(Clone, Default)]
struct Argument {
    /// As it stands, of a descriptor without its path.
    plain: Vec<u8>,
    text: Option<Vec<u8>>,
    /// What a descriptor stands for.
    path: Option<Vec<u8>>,
}

type Read<T> = Result<T, &'static str>;

impl Reader {
    fn line(&mut self, line: &[u8]) -> Read<()> {
        let Some(space) = line.iter().position(|byte| *byte == b' ') else { return Ok(()) };
        let (thread, rest) = line.split_at(space);
        let rest = rest.trim_ascii_start();
        if rest.starts_with(b"+++") || rest.starts_with(b"---") {
            return Ok(());
        }
        if rest.starts_with(b"<... ") {
            let begun = self.begun.remove(thread).ok_or("the end of a call that was not begun")?;
            let answer = answer(rest).ok_or("a call without an answer")?;
            return self.end(begun, answer);
        }
        let open = rest.iter().position(|byte| *byte == b'(').ok_or("no call")?;
        let name = String::from_utf8_lossy(&rest[..open]).into_owned();
        let (arguments, rest) = arguments(&rest[open + 1..])?;
        let begun = self.begin(Call { name, arguments })?;
        if rest.windows(12).any(|end| end == b"<unfinished ") {
            self.begun.insert(thread.to_owned(), begun);
            return Ok(());
        }
        // The end of a process has no answer.
        let Some(answer) = answer(rest) else { return Ok(()) };
        self.end(begun, answer)
    }

    fn take(&mut self, step: Step) {
        self.disk.take(&step);
        self.steps.push(step);
    }

    /// What has an effect from its beginning on.
    fn begin(&mut self, call: Call) -> Read<Begun> {
        let step = self.steps.len();
        let written = call.arguments.first().and_then(|file| self.beneath(file.path.as_deref()?));
        match (call.name.as_str(), written) {
            ("pwrite64", Some(file)) => {
                let (bytes, at) = (call.text(1)?, call.number(3)?);
                self.take(Step::Write { file, at, bytes });
            }
            ("write", Some(file)) => {
                let bytes = call.text(1)?;
                let at = self.reached.entry(call.arguments[0].plain.clone()).or_default();
                let write = Step::Write { file, at: *at, bytes };
                *at += call.number(2)?;
                self.take(write);
            }
            ("write", None) if call.arguments[0].plain == b"1" => {
                let text = String::from_utf8(call.text(1)?).map_err(|_| "no text")?;
                if let Some(number) = text.trim().strip_prefix("safe ") {
                    self.take(Step::Acknowledged(number.parse().map_err(|_| "no number")?));
                }
            }
            ("ftruncate", Some(file)) => {
                let len = call.number(1)?;
                self.take(Step::Cut { file, len });
            }
            ("writev" | "pwritev" | "pwritev2" | "fallocate" | "copy_file_range" | "sendfile", Some(_)) => {
                return Err("a call that this does not know to read");
            }
            _ => {}
        }
        Ok(Begun { call, step })
    }

    /// What has an effect once it has succeeded.
    fn end(&mut self, Begun { call, step }: Begun, answer: &[u8]) -> Read<()> {
        if answer.starts_with(b"-1") {
            return if call.is_write() && step < self.steps.len() { Err("a write that failed") } else { Ok(()) };
        }
        match call.name.as_str() {
            "openat" => self.opened(&call, answer)?,
            "fsync" | "fdatasync" => {
                if let Some(path) = self.beneath(call.arguments[0].path.as_deref().ok_or("a descriptor without path")?)
                {
                    // What others had begun to write then and not ended is not covered.
                    let writes = self.begun.values().filter(|begun| begun.step < step && begun.call.is_write());
                    let open = writes.map(|begun| begun.step);
                    let covers = self.first + open.min().unwrap_or(step);
                    self.take(Step::Sync { path, covers });
                }
            }
            "rename" => {
                if let (Some(from), Some(to)) = (self.named(&call, 0)?, self.named(&call, 1)?) {
                    self.take(Step::Rename { from, to });
                }
            }
            "unlink" => {
                if let Some(path) = self.named(&call, 0)? {
                    self.take(Step::Remove(path));
                }
            }
            "unlinkat" => {
                if let Some(path) = self.named(&call, 1)? {
                    self.take(Step::Remove(path));
                }
            }
            "mkdir" => {
                if let Some(path) = self.named(&call, 0)? {
                    self.take(Step::MakeFolder(path));
                }
            }
            "write" | "pwrite64" | "ftruncate" | "writev" => {}
            _ => {
                let texts = call.arguments.iter().filter_map(|argument| argument.text.as_deref());
                if texts.into_iter().any(|path| self.beneath(path).is_some()) {
                    return Err("a call that this does not know to read");
                }
            }
        }
        Ok(())
    }

    fn opened(&mut self, call: &Call, answer: &[u8]) -> Read<()> {
        let descriptor = answer.iter().take_while(|byte| byte.is_ascii_digit()).copied().collect();
        self.reached.insert(descriptor, 0);
        let Some(path) = self.named(call, 1)? else { return Ok(()) };
        let flags = &call.arguments.get(2).ok_or("an open without flags")?.plain;
        let says = |flag: &[u8]| flags.split(|byte| *byte == b'|').any(|word| word == flag);
        if says(b"O_APPEND") {
            return Err("a file that is appended to");
        }
        if says(b"O_CREAT") && !self.disk.has(&path) {
            self.take(Step::Make(path));
        } else if says(b"O_TRUNC") {
            self.take(Step::Cut { file: path, len: 0 });
        }
        Ok(())
    }

    fn named(&self, call: &Call, argument: usize) -> Read<Option<String>> {
        Ok(self.beneath(&call.text(argument)?))
    }

    /// The path as it is beneath the root; `None` where it is elsewhere.
    fn beneath(&self, path: &[u8]) -> Option<String> {
        let path = Path::new(std::str::from_utf8(path).ok()?);
        path.strip_prefix(&self.root).ok()?.to_str().map(str::to_owned)
    }
}

impl Call {
    fn is_write(&self) -> bool {
        matches!(self.name.as_str(), "write" | "pwrite64" | "ftruncate")
    }

    fn text(&self, argument: usize) -> Read<Vec<u8>> {
        self.arguments.get(argument).and_then(|argument| argument.text.clone()).ok_or("an argument is no text")
    }

    fn number(&self, argument: usize) -> Read<u64> {
        let plain = self.arguments.get(argument).map(|argument| argument.plain.as_slice()).unwrap_or_default();
        std::str::from_utf8(plain).ok().and_then(|text| text.trim().parse().ok()).ok_or("an argument is no number")
    }
}

/// Splits the arguments of a call; answers them and what follows.
fn arguments(mut rest: &[u8]) -> Read<(Vec<Argument>, &[u8])> {
    let mut found = vec![Argument::default()];
    while let Some((first, after)) = rest.split_first() {
        let last = found.last_mut().ok_or("no argument")?;
        match first {
            b'"' | b'<' if !rest.starts_with(b"<unfinished") => {
                let close = if *first == b'"' { b'"' } else { b'>' };
                let length = after.iter().position(|byte| *byte == close).ok_or("a text without an end")?;
                let text = Some(unescaped(&after[..length])?);
                if *first == b'"' {
                    last.text = text
                } else {
                    last.path = text
                }
                rest = &after[length + 1..];
                if let Some(after) = rest.strip_prefix(b"(deleted)") {
                    last.path = None;
                    rest = after;
                }
                if rest.starts_with(b"...") {
                    return Err("a text that strace has cut");
                }
            }
            b'<' | b')' => return Ok((found, rest)),
            b',' => {
                found.push(Argument::default());
                rest = after.trim_ascii_start();
            }
            b' ' => rest = after,
            other => {
                last.plain.push(*other);
                rest = after;
            }
        }
    }
    Ok((found, rest))
}

/// The bytes that `\x` and two digits each stand for.
fn unescaped(text: &[u8]) -> Read<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    let bytes = text.chunks(4).map(|escaped| match escaped {
        [b'\\', b'x', high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    bytes.collect::<Option<_>>().ok_or("a text that is not escaped")
}

/// What follows ` = `.
fn answer(rest: &[u8]) -> Option<&[u8]> {
    let at = rest.windows(3).rposition(|three| three == b" = ")?;
    Some(&rest[at + 3..])
}
