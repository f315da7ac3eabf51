//! Every trouble as an operator meets it: the running binary is brought into it, the sentence is read where `[ops]` reads
//! it and in the first line of `leadtime status`, what the sentence says is done, and its end is read.

mod clock;
mod deciding;
mod disk;
mod mentions;
mod outage;
mod reading;
mod sending;
mod settings;
mod signing_in;
mod starting;

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use leadtime::demo::inbox::Received;
use rustix::process::Signal;
use serde_json::Value;

use crate::commands_stage::{LIMIT, Running, Stage, client, eventually, told};

/// A leadtime that runs, and its operator: who reads what comes to `managers`, and the first line of `leadtime status`.
pub struct Operator {
    pub stage: Stage,
    pub leadtime: Running,
    address: String,
    /// So many messages were there when the present matter began.
    mark: usize,
}

impl Operator {
    /// With the settings of the stage, no limit to the pace of messages, and one account that is polled only when asked.
    pub async fn begins() -> Self {
        Self::with(|settings| settings).await
    }

    /// With settings of its own.
    pub async fn with(change: impl FnOnce(String) -> String) -> Self {
        Self::on(Stage::set().await, change, &[]).await
    }

    /// On a stage that is set already, with more in the environment.
    pub async fn on(stage: Stage, change: impl FnOnce(String) -> String, env: &[(&str, &str)]) -> Self {
        stage.write(&change(usual(&stage)));
        let mut leadtime = stage.start_with(&[], env);
        let address = leadtime.runs().await;
        let operator = Self { stage, leadtime, address, mark: 0 };
        operator.polls().await;
        operator
    }

    /// By a command that becomes leadtime.
    pub async fn watching(stage: Stage, command: Command) -> Self {
        let mut leadtime = Running::of(command);
        let address = leadtime.runs().await;
        let operator = Self { stage, leadtime, address, mark: 0 };
        operator.polls().await;
        operator
    }

    /// Ends it; what it has stays on the stage.
    pub async fn stops(self) -> Stage {
        assert_eq!(self.leadtime.stop().await, 0);
        self.stage
    }

    /// Starts another one on a stage where one was before; what was heard until then is another matter.
    pub async fn starts(stage: Stage, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mark = stage.sinks.inbox().messages().len();
        let mut leadtime = stage.start_with(args, env);
        let address = leadtime.runs().await;
        Self { stage, leadtime, address, mark }
    }

    /// Where it answers.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// What comes from now on is another matter.
    pub fn turns_the_page(&mut self) {
        self.mark = self.stage.sinks.inbox().messages().len();
    }

    /// Has every account polled now; how that went.
    pub async fn polls(&self) -> Value {
        let answer = client().post(format!("{}/api/v1/poll", self.address)).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// What a monitoring system reads.
    pub async fn metrics(&self) -> String {
        client().get(format!("{}/metrics", self.address)).send().await.unwrap().text().await.unwrap()
    }

    /// Other settings, and the signal that puts them in force.
    pub async fn reloads(&mut self, settings: &str) {
        self.stage.write(settings);
        self.leadtime.signal(Signal::HUP);
        self.leadtime.says("the settings were read again").await;
    }

    /// Waits for a message to `[ops]` that says `text`.
    pub async fn hears(&self, text: &str) -> Arc<Received> {
        let began = Instant::now();
        loop {
            let heard = self.heard();
            if let Some(message) = heard.iter().find(|message| says(message).contains(text)) {
                return message.clone();
            }
            let lines: Vec<&str> = heard.iter().map(|message| message.body.as_str()).collect();
            assert!(began.elapsed() < LIMIT, "[ops] never heard {text:?}, but\n{}", lines.join("\n"));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Every message to `[ops]` since the page was turned.
    pub fn heard(&self) -> Vec<Arc<Received>> {
        let messages = self.stage.sinks.inbox().messages();
        // The inbox has the newest first.
        messages.into_iter().rev().skip(self.mark).filter(|message| message.sink == "managers").collect()
    }

    /// Waits until `leadtime status` begins with a trouble that says all of this.
    pub async fn sees(&self, texts: &[&str]) -> String {
        eventually(&format!("status says {texts:?}"), async || {
            let (code, page, _) = told(&self.stage.done(&["status"]).await);
            let first = page.lines().next().unwrap_or_default().to_owned();
            let says = first.starts_with("TROUBLE since ") && texts.iter().all(|text| first.contains(text));
            (code == 1 && says && first.contains(" Do: ")).then_some(first)
        })
        .await
    }

    /// Waits until `leadtime status` says that all is well.
    pub async fn sees_all_well(&self) {
        eventually("status says that all is well", async || {
            let (code, page, _) = told(&self.stage.done(&["status"]).await);
            (code == 0 && page.starts_with("All well.")).then_some(())
        })
        .await;
    }
}

/// What a message says; addresses in it are written so that no program makes links of them.
pub fn says(message: &Received) -> String {
    message.body.replace('\u{2060}', "")
}

/// The stage's settings, with polls that happen only when somebody asks, and messages without a pace.
pub fn usual(stage: &Stage) -> String {
    let settings = stage.settings().replace("hours = \"always\" }", "hours = \"always\", rate = \"none\" }");
    settings.replace("[accounts.contoso]", "[accounts.contoso]\npoll_every = \"1h\"")
}
