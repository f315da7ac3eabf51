//! Reads the user's templates from their folder and tries each of them, before anything depends on them. Touches the disk
//! only when called, at start, on reload and in `check`; reads files of a bounded number and size.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    content::{ChannelKind, Content, Event},
    engine::{Engine, TemplateFault, read_path},
    sample,
    shipped::FILES,
    templates::compose,
};

/// More files than anybody writes.
const MOST_FILES: usize = 1_000;
/// More than any template needs, in bytes.
const LARGEST_FILE: u64 = 256 * 1024;

/// The user's templates over the built-in ones, and the channels that have at least one of them.
pub struct Loaded {
    pub engine: Engine,
    pub channels: BTreeSet<ChannelKind>,
    /// Another number whenever one of the user's files says something else.
    pub fingerprint: u64,
}

/// Everything built in. Its templates are part of the program, and a test parses each.
pub fn built_in() -> Engine {
    let mut engine = Engine::new();
    for (path, text) in FILES {
        if let Some((medium, name)) = read_path(path) {
            let added = engine.add(medium, name, text, false);
            debug_assert!(added.is_ok(), "{added:?}");
        }
    }
    engine
}

/// Reads and tries the folder's templates; every fault, not only the first.
pub fn load(folder: &Path) -> Result<Loaded, Vec<TemplateFault>> {
    let mut faults = Vec::new();
    let mut engine = built_in();
    let mut channels = BTreeSet::new();
    let mut media = BTreeSet::new();
    let mut said = Sha256::new();
    for (path, text) in read_folder(folder, &mut faults) {
        said.update(format!("{path}\n{}\n{text}", text.len()));
        let Some((medium, name)) = read_path(&path) else {
            faults.push(unknown(&path));
            continue;
        };
        match engine.add(medium, name, &text, true) {
            Ok(()) => {
                channels.insert(medium.channel());
                media.insert(medium);
            }
            Err(fault) => faults.push(fault),
        }
    }
    faults.extend(media.iter().filter_map(|medium| engine.circle(*medium)));
    if faults.is_empty() {
        faults.extend(channels.iter().flat_map(|channel| tried(&engine, *channel)));
    }
    if faults.is_empty() {
        let fingerprint = said.finalize().iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        return Ok(Loaded { engine, channels, fingerprint });
    }
    Err(faults.into_iter().map(|fault| TemplateFault { file: folder.join(&fault.file), ..fault }).collect())
}

/// Renders every event of a channel with a full and with a sparse message; the first fault of each.
fn tried(engine: &Engine, channel: ChannelKind) -> BTreeSet<TemplateFault> {
    let fault = |event| {
        let mut contents = vec![sample::full(event), sample::sparse(event)];
        if event == Event::Digest {
            contents
                .extend([sample::forecast(), sample::quiet_forecast()].map(|page| Content::Forecast(Box::new(page))));
        }
        contents.iter().find_map(|content| compose(engine, content, channel, true).err())
    };
    Event::ALL.into_iter().filter_map(fault).collect()
}

/// The templates below the folder by their path with `/`, in order.
fn read_folder(folder: &Path, faults: &mut Vec<TemplateFault>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    // A channel's folder, and its _parts: deeper there is nothing of ours.
    let mut waiting = vec![(PathBuf::new(), 0)];
    while let Some((below, depth)) = waiting.pop() {
        let entries = match fs::read_dir(folder.join(&below)) {
            Ok(entries) => entries,
            Err(error) => {
                faults.push(unreadable(&below, &error));
                continue;
            }
        };
        for entry in entries.take(MOST_FILES) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    faults.push(unreadable(&below, &error));
                    continue;
                }
            };
            let path = below.join(entry.file_name());
            let full = folder.join(&path);
            if full.is_dir() {
                if depth < 2 {
                    waiting.push((path, depth + 1));
                }
            } else if path.extension().is_some_and(|ending| ending == "hbs") {
                match read_file(&full) {
                    Ok(text) => drop(found.insert(slashed(&path), text)),
                    Err(error) => faults.push(unreadable(&path, &error)),
                }
            }
        }
    }
    found
}

fn read_file(path: &Path) -> std::io::Result<String> {
    if fs::metadata(path)?.len() > LARGEST_FILE {
        return Err(std::io::Error::other("it is larger than 256 KiB"));
    }
    fs::read_to_string(path)
}

fn slashed(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn unreadable(path: &Path, error: &std::io::Error) -> TemplateFault {
    let message = format!("cannot be read: {error}; mend it or take it out of [templates] path");
    TemplateFault { file: path.to_owned(), line: None, message }
}

fn unknown(path: &str) -> TemplateFault {
    let nearest = FILES.iter().map(|(name, _)| *name).min_by_key(|name| strsim::levenshtein(name, path));
    let hint = nearest.map(|name| format!("; did you mean {name}?")).unwrap_or_default();
    TemplateFault { file: PathBuf::from(path), line: None, message: format!("no template has this name{hint}") }
}
