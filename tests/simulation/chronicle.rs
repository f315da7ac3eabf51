//! What happened in a course, noted from outside the process: what it could read, when it lived, what held it back. It is
//! what the promises are judged by. Nothing that leadtime decided stands here.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use leadtime::core::ids::DestinationName;
use serde_json::Value;

use crate::{readers::Mood, time::Time};

/// The notes of one course.
pub struct Chronicle {
    time: Arc<Time>,
    notes: Mutex<Vec<Note>>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Note {
    /// The true time.
    pub at: Timestamp,
    pub what: What,
}

/// What is noted.
#[derive(Clone, Debug)]
pub enum What {
    /// A process begins to start.
    Begins,
    /// It has started.
    Ready,
    /// It is told to stop.
    Stopping,
    /// There is no process any more.
    Ends,
    /// The settings with this number are in force from now on.
    House(usize),
    Mood(DestinationName, Mood),
    /// The machine's clock is wrong by so many minutes.
    Clock(i64),
    /// The disk takes nothing, or takes everything again.
    DiskFull(bool),
    Committed,
    /// A commit was refused.
    NotCommitted,
    /// A request went out to a part of Partner Center (`GET api`).
    Asked(String),
    /// An answer came through to the process.
    Read(Reading),
    /// A sign-in was asked for with the refresh token of that number.
    Renews(u64),
    /// The answer with the refresh token of that number came through.
    Renewed(u64),
    /// The world is whole from now on.
    Heals,
}

/// What an answer said.
#[derive(Clone, Debug)]
pub enum Reading {
    /// A page of a listing, with what stood in it.
    Page(Vec<Item>),
    /// A referral read by its id.
    One(Item),
    /// 404 for that id.
    NotFound(String),
    /// It said nothing about any referral.
    Nothing,
}

/// A referral as an answer tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    pub referral: String,
    /// `New`, `Active`, `Closed`.
    pub status: String,
    pub substatus: String,
    pub created: Timestamp,
    pub expires: Option<Timestamp>,
    pub value: i64,
}

impl Chronicle {
    pub fn new(time: Arc<Time>) -> Arc<Self> {
        Arc::new(Self { time, notes: Mutex::default() })
    }

    pub fn note(&self, what: What) {
        let at = self.time.truth();
        self.notes.lock().unwrap().push(Note { at, what });
    }

    /// Forgets all of it, for who does not judge.
    pub fn forgets(&self) {
        self.notes.lock().unwrap().clear();
    }

    /// In the order of time.
    pub fn notes(&self) -> Vec<Note> {
        self.notes.lock().unwrap().clone()
    }
}

impl Reading {
    /// What the answer to a request for that path says.
    pub fn of(path: &str, status: u16, body: &[u8]) -> Self {
        let id = path.strip_prefix("/v1.0/engagements/referrals/");
        match (status, id) {
            (404, Some(id)) => Self::NotFound(id.to_owned()),
            (200, Some(_)) => item_of(body).map_or(Self::Nothing, Self::One),
            (200, None) => page_of(body).map_or(Self::Nothing, Self::Page),
            _ => Self::Nothing,
        }
    }
}

fn item_of(body: &[u8]) -> Option<Item> {
    item(&serde_json::from_slice(body).ok()?)
}

fn page_of(body: &[u8]) -> Option<Vec<Item>> {
    let page: Value = serde_json::from_slice(body).ok()?;
    Some(page["value"].as_array()?.iter().filter_map(item).collect())
}

fn item(body: &Value) -> Option<Item> {
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    Some(Item {
        referral: text("id")?,
        status: text("status")?,
        substatus: text("substatus")?,
        created: text("createdDateTime")?.parse().ok()?,
        expires: text("expirationDateTime").and_then(|at| at.parse().ok()),
        value: body["details"]["dealValue"].as_i64().unwrap_or_default(),
    })
}
