//! Lists the languages: each `templates/words/<code>.ftl` is one. The program has what stands in that folder when it is
//! built, and nothing else needs to name a language. Must never look at anything but that folder.

use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("templates/words");
    println!("cargo::rerun-if-changed=templates/words");
    let mut codes = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let file = entry?.file_name();
        codes.extend(file.to_str().and_then(|file| file.strip_suffix(".ftl")).map(str::to_owned));
    }
    // English first: it is what is spoken where nothing is set.
    codes.sort_by_key(|code| (code != "en", code.clone()));
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("locales.rs"), format!("&{codes:?}"))?;
    let mut texts = "&[".to_owned();
    for code in &codes {
        write!(texts, "({code:?}, include_str!({:?})),", folder.join(format!("{code}.ftl")))?;
    }
    fs::write(Path::new(&out).join("words.rs"), texts + "]")?;
    Ok(())
}
