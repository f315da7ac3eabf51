//! Those who use the service while it works: Prometheus, readers of its pages, sellers who press their claim links, an
//! operator who reloads it and asks for its status.

use std::{
    collections::VecDeque,
    process::{Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::referral;

/// Links wait to be pressed, at most; who has more forgets the oldest.
const LINKS: usize = 50;

pub struct People {
    client: reqwest::Client,
    at: String,
    /// Claim links out of messages.
    links: Mutex<VecDeque<String>>,
    /// Messages that wait in the service's outbox, when it was last asked.
    pub waiting: AtomicU64,
    pub asked: AtomicU64,
    pub claimed: AtomicU64,
    /// What was answered otherwise than it should be.
    pub wrong: Mutex<Vec<String>>,
}

impl People {
    /// `at`: as `http://127.0.0.1:8080`.
    pub fn of(at: &str) -> Arc<Self> {
        let redirects = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().no_proxy().redirect(redirects).timeout(Duration::from_secs(30));
        Arc::new(Self {
            client: client.build().unwrap(),
            at: at.to_owned(),
            links: Mutex::default(),
            waiting: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            claimed: AtomicU64::new(0),
            wrong: Mutex::default(),
        })
    }

    /// Keeps the claim link of a message, where it holds one.
    pub fn hear(&self, message: &str) {
        let start = format!("{}/claim/", self.at);
        let Some((_, rest)) = message.split_once(start.as_str()) else { return };
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(rest.len());
        let mut links = self.links.lock().unwrap();
        links.push_back(format!("/claim/{}", &rest[..end]));
        if links.len() > LINKS {
            links.pop_front();
        }
    }

    /// Waits until the service can be asked.
    pub async fn wait(&self) {
        for _ in 0..3_000 {
            let answer = self.client.get(format!("{}/api/v1/status", self.at)).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it is not ready within 30 s");
    }

    /// One second of their lives, the `turn`-th; `newest` is the number of a referral that has just arrived.
    pub async fn live(&self, turn: u64, newest: usize) {
        if let Some(text) = self.page("/metrics").await {
            self.waiting.store(waiting(&text), Ordering::Relaxed);
        }
        self.claim().await;
        let path = match turn % 10 {
            1 | 5 => "/api/v1/status".to_owned(),
            3 => "/api/v1/outbox".to_owned(),
            6 | 8 => format!("/api/v1/explain/{}", referral::id(newest.saturating_sub(250))),
            9 if turn % 30 == 9 => "/api/v1/report?since=1h".to_owned(),
            9 if turn % 30 == 19 => "/api/v1/plan".to_owned(),
            _ => return,
        };
        self.page(&path).await;
    }

    async fn page(&self, path: &str) -> Option<String> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let answer = match self.client.get(format!("{}{path}", self.at)).send().await {
            Ok(answer) => answer,
            Err(fault) => return self.wonder(format!("{path}: {}", fault.without_url())),
        };
        let status = answer.status();
        // A referral may not have been seen yet, or have been kept long enough.
        if status == 404 && (path.contains("/explain/") || path.contains("/claim/")) {
            return None;
        }
        if !status.is_success() {
            return self.wonder(format!("{path}: {status}"));
        }
        answer.text().await.ok()
    }

    /// Somebody opens the latest link and presses its button. By then the referral may be over: that is no fault.
    async fn claim(&self) {
        let Some(path) = self.links.lock().unwrap().pop_back() else { return };
        let Some(page) = self.page(&path).await else { return };
        let slip = page.split_once("name=\"slip\" value=\"").and_then(|(_, rest)| rest.split_once('"'));
        let Some((slip, _)) = slip else { return };
        let form = [("slip", slip), ("act", "1"), ("who", ""), ("name", "Ada")];
        match self.client.post(format!("{}{path}", self.at)).form(&form).send().await {
            Ok(answer) if answer.status().is_redirection() => {
                self.claimed.fetch_add(1, Ordering::Relaxed);
            }
            Ok(answer) if answer.status().is_client_error() => {}
            Ok(answer) => drop(self.wonder(format!("a claim: {}", answer.status()))),
            Err(fault) => drop(self.wonder(format!("a claim: {}", fault.without_url()))),
        }
    }

    fn wonder(&self, what: String) -> Option<String> {
        self.wrong.lock().unwrap().push(what);
        None
    }
}

/// `leadtime status`, as an operator types it; its answer is for them alone.
pub fn ask_status(config: &std::path::Path) {
    let mut status = Command::new(env!("CARGO_BIN_EXE_leadtime"));
    status.arg("status").arg("--config").arg(config).stdin(Stdio::null());
    drop(status.stdout(Stdio::null()).stderr(Stdio::null()).status());
}

/// How many messages wait or are under way, by `/metrics`.
fn waiting(metrics: &str) -> u64 {
    let lines = metrics.lines().filter(|line| line.starts_with("leadtime_outbox_messages{") && !line.contains("dead"));
    let number = |line: &str| line.rsplit_once(' ').and_then(|(_, number)| number.parse::<u64>().ok());
    lines.filter_map(number).sum()
}
