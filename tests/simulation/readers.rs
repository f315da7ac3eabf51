//! The readers of a course: each destination takes messages as its mood has it, and everything that was handed to one is
//! noted, whether or not the process ever learnt of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use leadtime::{
    channels::Channel,
    core::{
        ids::{DestinationName, MessageId},
        period::Seconds,
        reply::Reply,
    },
    messages::rendered::{Body, Rendered},
};
use serde_json::Value;

use crate::{
    death::{Death, Deed, mortal},
    time::Time,
};

/// How a destination answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mood {
    Takes,
    /// After so many seconds.
    TakesSlowly(u32),
    /// "Later", with the pause in seconds that it asks for.
    Later(Option<i64>),
    RefusesMessages,
    RefusesAll,
    /// It takes the message, and the answer is lost.
    TakesInSilence,
    /// It neither takes nor answers.
    Hangs,
}

/// One attempt, as the reader's side saw it.
#[derive(Clone, Debug)]
pub struct Handed {
    pub at: Timestamp,
    /// When the process began to hand it over.
    pub began: Timestamp,
    /// How the reader was then.
    pub mood: Mood,
    /// In which life of the process.
    pub life: u32,
    pub to: Place,
    pub id: MessageId,
    /// Whether the reader has it.
    pub taken: bool,
    /// Whether the process heard what became of it.
    pub answered: bool,
    /// As far as the channel's text shows it.
    pub marked: Option<bool>,
    /// `referral.new`, `leadtime.trouble`…, where the channel shows it.
    pub kind: Option<String>,
    pub about: Vec<About>,
}

/// A destination, and for mail one of its recipients.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place(pub DestinationName, pub Option<String>);

/// One referral in a message. What follows its name is there where the channel shows them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct About {
    pub referral: String,
    pub event: Option<String>,
    pub step: Option<String>,
    pub deadline: Option<Timestamp>,
    pub value: Option<i64>,
}

impl fmt::Display for Handed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = match (self.taken, self.answered) {
            (true, true) => "taken",
            (true, false) => "taken, and nobody learnt of it",
            (false, true) => "not taken",
            (false, false) => "lost on the way",
        };
        let about: Vec<String> = self.about.iter().map(About::to_string).collect();
        let kind = self.kind.as_deref().unwrap_or("?");
        let id = &self.id.to_string()[..8];
        let to = self.to.1.as_ref().unwrap_or(&String::new()).clone();
        write!(f, "{}  life {}  {} {to} {kind} {id} [{}] {fate}", self.at, self.life, self.to.0, about.join(", "))
    }
}

impl fmt::Display for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = self.step.as_deref().unwrap_or("?");
        write!(f, "{} {} ({step})", self.referral, self.event.as_deref().unwrap_or("?"))
    }
}

/// All destinations, across the lives of the process.
pub struct Readers {
    pub time: Arc<Time>,
    moods: Mutex<BTreeMap<DestinationName, Mood>>,
    handed: Mutex<Vec<Handed>>,
    /// What is being handed over at this moment.
    in_hand: Mutex<BTreeSet<(DestinationName, Option<String>, String)>>,
    broken: Mutex<Vec<String>>,
}

impl Readers {
    pub fn new(time: Arc<Time>) -> Arc<Self> {
        Arc::new(Self {
            time,
            moods: Mutex::default(),
            handed: Mutex::default(),
            in_hand: Mutex::default(),
            broken: Mutex::default(),
        })
    }

    pub fn mood(&self, destination: &DestinationName, mood: Mood) {
        self.moods.lock().unwrap().insert(destination.clone(), mood);
    }

    fn mood_of(&self, destination: &DestinationName) -> Mood {
        self.moods.lock().unwrap().get(destination).copied().unwrap_or(Mood::Takes)
    }

    pub fn all_take(&self) {
        self.moods.lock().unwrap().clear();
    }

    pub fn handed(&self) -> Vec<Handed> {
        self.handed.lock().unwrap().clone()
    }

    /// What was handed over since this was last asked.
    pub fn take_handed(&self) -> Vec<Handed> {
        std::mem::take(&mut self.handed.lock().unwrap())
    }

    /// What was seen to break a promise while it happened.
    pub fn broken(&self) -> Vec<String> {
        self.broken.lock().unwrap().clone()
    }

    /// A new process has nothing in hand.
    pub fn life_ends(&self) {
        self.in_hand.lock().unwrap().clear();
    }
}

/// One destination, as one process reaches it.
pub struct Reader {
    pub name: DestinationName,
    pub life: u32,
    pub death: Arc<Death>,
    pub readers: Arc<Readers>,
}

#[async_trait::async_trait]
impl Channel for Reader {
    async fn send(&self, message: &Rendered, recipient: Option<&str>, _now: Timestamp) -> Reply {
        let place = Place(self.name.clone(), recipient.map(str::to_owned));
        let handed = self.handed(message, place);
        let _in_hand = self.begins(&handed);
        // Noted when it is taken, so that a death on the way loses what was not.
        let number = Mutex::new(None);
        let reply = mortal(&self.death, Deed::Send, self.take(&handed, &number)).await;
        if let Some(number) = *number.lock().unwrap() {
            self.readers.handed.lock().unwrap()[number].answered = !matches!(reply, Reply::NoAnswer { .. });
        }
        reply
    }
}

impl Reader {
    async fn take(&self, handed: &Handed, number: &Mutex<Option<usize>>) -> Reply {
        let why = "as the course has it".to_owned();
        let mood = handed.mood;
        if let Mood::TakesSlowly(seconds) = mood {
            tokio::time::sleep(Duration::from_secs(seconds.into())).await;
        }
        let taken = matches!(mood, Mood::Takes | Mood::TakesSlowly(_) | Mood::TakesInSilence);
        {
            let mut all = self.readers.handed.lock().unwrap();
            *number.lock().unwrap() = Some(all.len());
            all.push(Handed { taken, at: self.readers.time.truth(), ..handed.clone() });
        }
        match mood {
            Mood::Takes | Mood::TakesSlowly(_) => Reply::Accepted { detail: None },
            Mood::Later(after) => Reply::TryLater { after: after.map(Seconds), why },
            Mood::RefusesMessages => Reply::MessageRefused { why },
            Mood::RefusesAll => Reply::DestinationRefused { why },
            Mood::TakesInSilence => Reply::NoAnswer { why },
            Mood::Hangs => std::future::pending().await,
        }
    }

    fn handed(&self, message: &Rendered, to: Place) -> Handed {
        let text = match &message.body {
            Body::Json(text) | Body::Line(text) => text,
            Body::Mail(mail) => &mail.text,
        };
        let json = serde_json::from_str::<Value>(text).ok().filter(|json| json.get("data").is_some());
        let (kind, marked, about) = match json {
            Some(json) => {
                (json["type"].as_str().map(str::to_owned), json["data"]["possible_repeat"].as_bool(), items(&json))
            }
            None => (None, None, named(text)),
        };
        let (at, life, id) = (self.readers.time.truth(), self.life, message.message_id);
        let mood = self.readers.mood_of(&self.name);
        Handed { at, began: at, mood, life, to, id, taken: false, answered: false, marked, kind, about }
    }

    /// One message about a referral at a time goes to a destination.
    fn begins(&self, handed: &Handed) -> InHand<'_> {
        let key = |about: &About| (handed.to.0.clone(), handed.to.1.clone(), about.referral.clone());
        let keys: Vec<_> = handed.about.iter().map(key).collect();
        let mut in_hand = self.readers.in_hand.lock().unwrap();
        for key in &keys {
            if !in_hand.insert(key.clone()) {
                let (at, about) = (self.readers.time.truth(), &key.2);
                let what = format!("two messages about {about} were under way to {} at once, at {at}", self.name);
                self.readers.broken.lock().unwrap().push(what);
            }
        }
        InHand { readers: &self.readers, keys }
    }
}

/// What is being handed over, until it is given up or answered.
struct InHand<'a> {
    readers: &'a Readers,
    keys: Vec<(DestinationName, Option<String>, String)>,
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        let mut in_hand = self.readers.in_hand.lock().unwrap();
        for key in &self.keys {
            in_hand.remove(key);
        }
    }
}

/// The referrals of a webhook's document.
fn items(json: &Value) -> Vec<About> {
    let data = &json["data"];
    let alone = json["type"].as_str().and_then(|kind| kind.strip_prefix("referral."));
    let one = |item: &Value, event: Option<&str>| {
        let referral = item["referral"]["id"].as_str().or(item["id"].as_str())?;
        Some(About {
            referral: referral.to_owned(),
            event: event.map(str::to_owned),
            step: item["step"].as_str().map(str::to_owned),
            deadline: item["deadline"].as_str().and_then(|at| at.parse().ok()),
            value: item["referral"]["details"]["dealValue"].as_i64(),
        })
    };
    match data["items"].as_array() {
        Some(items) => items.iter().filter_map(|item| one(item, item["event"].as_str())).collect(),
        None => one(data, alone).into_iter().collect(),
    }
}

/// The referrals whose first eight characters stand in a text.
fn named(text: &str) -> Vec<About> {
    let mut names: Vec<String> = Vec::new();
    for (place, _) in text.match_indices("ref-") {
        let name: String = text[place..].chars().take(8).collect();
        if name[4..].chars().all(|c| c.is_ascii_digit()) && name.len() == 8 && !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(|referral| About { referral, event: None, step: None, deadline: None, value: None }).collect()
}
