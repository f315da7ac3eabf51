//! Text of strangers in every place of every message, and each channel's own parser as the judge: what acts in a message
//! (mentions, links, signs of markup, headers, elements, fields) is the same as in its harmless twin. The corpus is
//! `data/injections.toml`; the places are found by walking through everything that can be said.
//!
//! By default every text stands in every place once, many places of a message at a time. `LEADTIME_INJECTIONS=all` puts each
//! text into each place of each message by itself, forms and languages taking turns.

mod corpus;
mod html;
mod json;
mod links;
mod mail;
mod news;
mod own;
mod pages;
mod paper;
mod places;
mod slack;
mod teams;

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
};

use leadtime::{
    channels::email::Email,
    messages::{
        Form, Templates,
        content::ChannelKind,
        rendered::{Body, Rendered},
        words::Locale,
    },
};
use serde_json::Value;

use self::{
    corpus::{Injection, corpus},
    places::{Said, everything},
};

/// What stands in a harmless twin where this text would stand: as much as there is to see of it, a word or nothing.
fn harmless(injection: &Injection) -> &'static str {
    if injection.blank { "\u{200b}" } else { "Quiet" }
}

/// A way in which a message can be written.
#[derive(Clone)]
struct Way {
    channel: ChannelKind,
    form: Form,
    locale: Locale,
    templates: Templates,
    own: bool,
}

impl Way {
    fn name(&self) -> String {
        let own = if self.own { ", a user's own template" } else { "" };
        format!("{} {:?} {}{own}", self.channel.as_str(), self.form, self.locale.as_str())
    }
}

/// Everything that acts in a message, by the parser of its channel.
fn acts(way: &Way, desk: &Email, rendered: &Rendered) -> Vec<String> {
    match (&rendered.body, way.channel) {
        (Body::Mail(_), _) => mail::acts(desk, rendered),
        (Body::Line(line), _) => {
            let mut found = links::acts(line);
            found.extend(line.contains('\n').then(|| "more than one line".to_owned()));
            found
        }
        (Body::Json(text), channel) => {
            let mut found = json::paths(text).unwrap_or_else(|error| vec![error]);
            let document: Value = serde_json::from_str(text).expect("JSON");
            match channel {
                ChannelKind::Slack => found.extend(slack::acts(&document)),
                ChannelKind::Teams => found.extend(teams::acts(&document)),
                _ => {}
            }
            found
        }
    }
}

/// So many differences are told one by one.
const TOLD_MAX: usize = 60;

/// A difference between a message and its twin, with all that is needed to see it again.
struct Defect {
    way: String,
    said: String,
    place: String,
    injection: String,
    more: Vec<String>,
    less: Vec<String>,
}

/// Counts, and what was found.
#[derive(Default)]
struct Tally {
    messages: usize,
    pairs: usize,
    defects: Vec<Defect>,
}

/// Which text stands in the n-th place; none: what stood there.
type Which<'a> = &'a dyn Fn(usize) -> Option<&'a Injection>;

struct Judge {
    desk: Email,
    tally: Tally,
    /// What acts in the twins that were asked for.
    twins: BTreeMap<String, Vec<String>>,
}

impl Judge {
    fn new() -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        Self { desk: mail::desk(), tally: Tally::default(), twins: BTreeMap::new() }
    }

    fn written(&mut self, way: &Way, said: &Said, text: &dyn Fn(usize) -> Option<String>) -> Vec<String> {
        let (mut said, mut n) = (said.clone(), 0);
        said.visit(&mut |_, place| {
            if let Some(text) = text(n) {
                *place = text;
            }
            n += 1;
        });
        let (rendered, fault) = way.templates.render(&said.content(way.locale), way.channel, way.form);
        assert_eq!(fault, None, "{}", way.name());
        self.tally.messages += 1;
        acts(way, &self.desk, &rendered)
    }

    /// Whether a message with these texts acts as its twin does; what it has more and less.
    fn differs(&mut self, way: &Way, name: &str, said: &Said, which: Which<'_>) -> Option<(Vec<String>, Vec<String>)> {
        let theirs = self.written(way, said, &|n| which(n).map(|injection| injection.text.clone()));
        let of_twin: Vec<_> = (0..names(said).len()).map(|n| which(n).map(harmless)).collect();
        let key = format!("{}/{name}/{of_twin:?}", way.name());
        let twin = match self.twins.get(&key) {
            Some(twin) => twin.clone(),
            None => self.written(way, said, &|n| of_twin[n].map(str::to_owned)),
        };
        let differ = theirs != twin && !(way.channel == ChannelKind::Webhook && same_fields(&theirs, &twin));
        let set = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>();
        let (a, b) = (set(&theirs), set(&twin));
        self.twins.insert(key, twin);
        differ.then(|| (a.difference(&b).cloned().collect(), b.difference(&a).cloned().collect()))
    }

    /// Judges one message, and where it differs finds the places that do so by themselves.
    fn judge(&mut self, way: &Way, name: &str, said: &Said, which: Which<'_>) {
        let Some((more, less)) = self.differs(way, name, said, which) else { return };
        if self.tally.defects.len() > TOLD_MAX {
            return self.note(way, name, "not looked for", "several", more, less);
        }
        let before = self.tally.defects.len();
        for (at, place) in names(said).iter().enumerate() {
            let Some(injection) = which(at) else { continue };
            if let Some((more, less)) = self.differs(way, name, said, &|n| (n == at).then_some(injection)) {
                self.note(way, name, place, &injection.name, more, less);
            }
        }
        if self.tally.defects.len() == before {
            self.note(way, name, "several together", "several", more, less);
        }
    }

    fn note(&mut self, way: &Way, said: &str, place: &str, injection: &str, more: Vec<String>, less: Vec<String>) {
        let (way, said, place) = (way.name(), said.to_owned(), place.to_owned());
        self.tally.defects.push(Defect { way, said, place, injection: injection.to_owned(), more, less });
    }

    fn verdict(&self) {
        let Tally { messages, pairs, defects } = &self.tally;
        println!("{messages} messages, {pairs} texts in places, {} defects", defects.len());
        let mut told = String::new();
        for Defect { way, said, place, injection, more, less } in defects.iter().take(TOLD_MAX) {
            let _ = writeln!(told, "{way}, {said}, {place}, {injection}:\n  more: {more:?}\n  less: {less:?}");
        }
        assert!(defects.is_empty(), "{} messages act otherwise than their twins:\n{told}", defects.len());
    }
}

/// A webhook carries the referral as it came, so a field's name that a stranger chose stands in its paths: in the places
/// where such names stand, and as often as in the twin.
fn same_fields(theirs: &[String], twin: &[String]) -> bool {
    let known: BTreeSet<&String> =
        twin.iter().filter(|path| !path.contains("\"Quiet") && !path.contains("\"\\u{200b}")).collect();
    let named: Vec<&String> = theirs.iter().filter(|path| !known.contains(path)).collect();
    theirs.len() == twin.len()
        && named.len() == twin.len() - known.len()
        && named.iter().all(|path| path.contains("\"odd\".") || path.ends_with(", odd\": text"))
}

/// The names of the places of a message.
fn names(said: &Said) -> Vec<String> {
    let mut names = Vec::new();
    said.clone().visit(&mut |name, _| names.push(name.to_owned()));
    names
}

const FORMS: [Form; 3] = [Form::Full, Form::Plain, Form::WithoutMentions];

/// Each text by itself in each place of each message; forms and languages take turns.
fn judge_all(judge: &mut Judge, channel: ChannelKind, corpus: &[Injection]) {
    let spoken: Vec<(Locale, Vec<(String, Said)>)> = Locale::all().map(|locale| (locale, everything(locale))).collect();
    for (number, (_, said)) in everything(Locale::EN).iter().enumerate() {
        for (at, injection) in corpus.iter().enumerate() {
            for place in 0..names(said).len() {
                let (locale, all) = &spoken[(at + place) % spoken.len()];
                let (name, said) = &all[number];
                let form = FORMS[(at + place / spoken.len()) % FORMS.len()];
                let way = Way { channel, form, locale: *locale, templates: Templates::default(), own: false };
                judge.tally.pairs += 1;
                judge.judge(&way, name, said, &|n| (n == place).then_some(injection));
            }
        }
    }
}

/// Each text in each place once, in one of the events, many places of a message at a time.
fn judge_some(judge: &mut Judge, channel: ChannelKind, corpus: &[Injection]) {
    let (blank, shown): (Vec<&Injection>, Vec<&Injection>) = corpus.iter().partition(|injection| injection.blank);
    let all = everything(Locale::EN);
    let events = all.iter().filter(|(_, said)| said.is_of_one()).count();
    for (number, (name, said)) in all.iter().enumerate() {
        let places = names(said).len();
        for (round, form) in (0..shown.len()).zip(FORMS.into_iter().cycle()) {
            // The events of a referral have the same places; each round is one of them.
            if said.is_of_one() && round % events != number {
                continue;
            }
            let way = Way { channel, form, locale: Locale::EN, templates: Templates::default(), own: false };
            judge.tally.pairs += places;
            judge.judge(&way, name, said, &|n| shown.get((round + n * 7) % shown.len()).copied());
        }
        for (injection, form) in blank.iter().zip(FORMS.into_iter().cycle()) {
            let way = Way { channel, form, locale: Locale::EN, templates: Templates::default(), own: false };
            judge.tally.pairs += places;
            judge.judge(&way, name, said, &|_| Some(*injection));
        }
    }
}

/// As the head of this file says.
fn judge(channel: ChannelKind) {
    let (corpus, mut judge) = (corpus(), Judge::new());
    match env::var("LEADTIME_INJECTIONS").is_ok_and(|value| value == "all") {
        true => judge_all(&mut judge, channel, &corpus),
        false => judge_some(&mut judge, channel, &corpus),
    }
    judge.verdict();
}

#[test]
fn in_slack_nothing_that_a_stranger_writes_acts() {
    judge(ChannelKind::Slack);
}

#[test]
fn in_teams_nothing_that_a_stranger_writes_acts() {
    judge(ChannelKind::Teams);
}

#[test]
fn in_mail_nothing_that_a_stranger_writes_acts() {
    judge(ChannelKind::Email);
}

#[test]
fn in_a_webhook_nothing_that_a_stranger_writes_acts() {
    judge(ChannelKind::Webhook);
}

#[test]
fn on_standard_output_nothing_that_a_stranger_writes_acts() {
    judge(ChannelKind::Stdout);
}
