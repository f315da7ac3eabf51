//! The corpus: `data/injections.toml`, read. Must never shorten or mend what stands there.

use serde::Deserialize;

/// One text of a stranger.
#[derive(Clone, Debug)]
pub struct Injection {
    /// Its name in the corpus.
    pub name: String,
    /// The text.
    pub text: String,
    /// Whether nothing of it is to be seen.
    pub blank: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    /// For those who read the file: what a program that read the text wrongly would make of it.
    tries: String,
    text: Option<String>,
    repeat: Option<String>,
    #[serde(default = "once")]
    times: usize,
    #[serde(default)]
    blank: bool,
}

#[derive(Deserialize)]
struct Corpus {
    injection: Vec<Written>,
}

fn once() -> usize {
    1
}

/// All of them, in the order of the file.
pub fn corpus() -> Vec<Injection> {
    let corpus: Corpus = toml_edit::de::from_str(include_str!("../data/injections.toml")).expect("the corpus");
    let mut names = std::collections::BTreeSet::new();
    let read = |Written { name, tries, text, repeat, times, blank }: Written| {
        assert!(names.insert(name.clone()), "two are called {name}");
        assert!(!tries.is_empty(), "{name} does not say what it tries");
        let text = text.or_else(|| repeat.map(|piece| piece.repeat(times))).expect("a text");
        Injection { name, text, blank }
    };
    corpus.injection.into_iter().map(read).collect()
}
