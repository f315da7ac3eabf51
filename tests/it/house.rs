//! The house: in which direction its rooms may use each other, and what the core must never touch. The source is read as
//! text: what is not written cannot be done.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Every room, and those of ours that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("settings", &["core"]),
    ("messages", &["core"]),
    ("store", &["core"]),
    ("partner_center", &["core"]),
    ("channels", &["messages::rendered", "core"]),
    ("service", &["core", "settings", "messages", "store", "partner_center", "channels"]),
    ("web", &["service", "store", "messages", "settings", "core"]),
    ("scenario", &["core", "settings", "service"]),
    (
        "commands",
        &["core", "settings", "messages", "store", "partner_center", "channels", "service", "web", "scenario", "demo"],
    ),
    ("demo", &["core"]),
];

/// What would make the core depend on anything but its arguments.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "tokio",
    "async fn",
    "async move",
    ".await",
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
    "SystemTime",
    "Instant::now",
    "rand::",
    "fastrand",
    "reqwest",
    "new_v4",
    "thread_local",
    "static mut",
    "println!",
    "tracing",
];

/// Every source file of a folder, by its path below `src`.
fn sources(folder: &str) -> BTreeMap<PathBuf, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.insert(path.strip_prefix(&root).unwrap().to_owned(), text);
            }
        }
    }
    assert!(!found.is_empty(), "no source under {folder}");
    found
}

/// The code of a file, with comments blanked and without the tests that stand at its end.
fn code(text: &str) -> String {
    let lines = text.lines().take_while(|line| line.trim() != "mod tests {");
    lines.map(|line| line.find("//").map_or(line, |at| &line[..at])).collect::<Vec<_>>().join("\n")
}

/// The paths below `crate` that a file names, each as far as two names: `core::ids`, or `core` alone.
fn used(code: &str) -> BTreeSet<String> {
    let flat: String = code.split_whitespace().collect();
    let mut paths = BTreeSet::new();
    for rest in flat.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            paths.extend(top_level(group).into_iter().map(|item| two_names(&item)));
        } else {
            paths.insert(two_names(rest));
        }
    }
    paths
}

/// The items of a group of imports whose opening brace is gone, split at its own commas.
fn top_level(group: &str) -> Vec<String> {
    let (mut items, mut depth) = (vec![String::new()], 0);
    for sign in group.chars() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        items.last_mut().unwrap().push(sign);
    }
    items.retain(|item| !item.is_empty());
    items
}

fn two_names(path: &str) -> String {
    let name = |part: &str| part.chars().take_while(|sign| sign.is_alphanumeric() || *sign == '_').collect::<String>();
    let mut names = path.split("::").map(name).take(2).filter(|name| !name.is_empty());
    let first = names.next().unwrap_or_default();
    names.next().map_or(first.clone(), |second| format!("{first}::{second}"))
}

/// Whether the word stands there, and not as the end of a longer one.
fn holds(code: &str, word: &str) -> bool {
    code.match_indices(word).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        word.starts_with('.') || before.is_none_or(|sign| !sign.is_alphanumeric() && sign != '_')
    })
}

#[test]
fn every_room_of_the_library_has_its_place_in_the_table() {
    let library = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let rooms: BTreeSet<&str> =
        library.lines().filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    assert_eq!(rooms, ROOMS.iter().map(|(room, _)| *room).collect());
}

#[test]
fn rooms_use_each_other_in_one_direction_only() {
    let mut faults = Vec::new();
    for (room, allowed) in ROOMS {
        for (file, text) in sources(room) {
            for path in used(&code(&text)) {
                let is = |allowed: &&str| path == **allowed || path.starts_with(&format!("{allowed}::"));
                let ours = ROOMS.iter().any(|(room, _)| path == *room || path.starts_with(&format!("{room}::")));
                let own = path == *room || path.starts_with(&format!("{room}::"));
                if ours && !own && !allowed.iter().any(is) {
                    faults.push(format!("{} uses {path}", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_core_touches_no_disk_no_network_no_clock_and_no_dice() {
    let mut faults = Vec::new();
    for (file, text) in sources("core") {
        let code = code(&text);
        let words = IMPURE.iter().filter(|word| holds(&code, word));
        faults.extend(words.map(|word| format!("{}: {word}", file.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_groups_and_full_paths() {
    let text = "use crate::{\n    core::{ids::A, page},\n    store::layout, // crate::web\n};\nfn f() { crate::messages::rendered::g() }";
    let seen: Vec<String> = used(&code(text)).into_iter().collect();
    assert_eq!(seen, ["core", "messages::rendered", "store::layout"]);
}
