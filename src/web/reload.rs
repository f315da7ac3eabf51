//! `POST /api/v1/reload`: the wish that the settings be read again, handed to whoever reads them, and what came of it. Reads
//! no settings itself.

use std::{sync::Mutex, sync::PoisonError, time::Duration};

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::{Desk, api::Unanswered};
use crate::settings::{Finding, Look};

/// So many may wish at once; more are told to try again.
const WISHES_MAX: usize = 16;
/// A reload takes no longer: polls under way have 5 s to end.
const RELOAD_MAX: Duration = Duration::from_secs(60);

/// What came of a reload.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Reloaded {
    /// Whether the settings are in force.
    pub ok: bool,
    /// What is in force: `1 account, 2 destinations (slack), 1 rule`; or that the old stay so.
    pub summary: String,
    /// What keeps them from being used.
    pub faults: Vec<Shown>,
    /// What is odd about them.
    pub warnings: Vec<Shown>,
    /// What has changed and takes effect at the next start: `[web] listen`.
    pub needs_start: Vec<String>,
    /// What else went wrong.
    pub why: Option<String>,
}

/// A finding as it is shown elsewhere than where its file was read.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Shown {
    /// `{"file", "line", "column", "variable", "key", "what"}`.
    #[serde(flatten)]
    pub finding: Value,
    /// On one line.
    pub plain: String,
    /// With the line of the file and a caret, for a terminal.
    pub graphical: String,
}

impl Shown {
    /// What people and programs see of a finding.
    pub fn of(finding: &Finding, warning: bool, look: Look) -> Self {
        Self {
            finding: serde_json::to_value(finding).unwrap_or_default(),
            plain: finding.to_string(),
            graphical: finding.graphical(warning, look),
        }
    }
}

/// A wish, and how the one who has it shows what came of it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// What findings are drawn for.
    pub look: Look,
}

/// A wish on its way.
pub struct Wish {
    /// What findings are drawn for.
    pub look: Look,
    /// Answered with what came of it.
    pub tell: oneshot::Sender<Reloaded>,
}

/// Wishes on their way.
pub struct Reloads {
    wish: mpsc::Sender<Wish>,
    wishes: Mutex<Option<mpsc::Receiver<Wish>>>,
}

impl Default for Reloads {
    fn default() -> Self {
        let (wish, wishes) = mpsc::channel(WISHES_MAX);
        Self { wish, wishes: Mutex::new(Some(wishes)) }
    }
}

impl Reloads {
    /// For the one who reads the settings; `None` for a second one.
    pub fn taken(&self) -> Option<mpsc::Receiver<Wish>> {
        self.wishes.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    async fn ask(&self, look: Look) -> Option<Reloaded> {
        let (tell, told) = oneshot::channel();
        self.wish.try_send(Wish { look, tell }).ok()?;
        tokio::time::timeout(RELOAD_MAX, told).await.ok()?.ok()
    }
}

/// Has the settings read again, and answers when they are in force, or were refused.
pub async fn reload(State(desk): State<Desk>, asked: Option<Json<Asked>>) -> Result<Json<Reloaded>, Unanswered> {
    desk.service().ok_or(Unanswered::Standby)?;
    let look = asked.map_or(Look::PLAIN, |Json(asked)| asked.look);
    desk.reloads().ask(look).await.map(Json).ok_or(Unanswered::NoReload)
}
