//! The machine's clock jumps, or days pass while nobody runs: the wall clock of the binary alone is set, by a library that
//! is compiled here and preloaded.

use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use leadtime::demo::world::Outage;

use super::Operator;
use crate::{commands_stage::Stage, optional};

/// A wall clock that a test can set.
pub struct SetClock {
    library: String,
    file: PathBuf,
}

impl SetClock {
    /// One that shows the machine's time; `None`, with a word, where there is no compiler for it.
    pub fn make(folder: &Path) -> Option<Self> {
        let compiler = optional::tool("cc")?;
        let (library, file) = (folder.join("set_clock.so"), folder.join("clock"));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/troubles_seen/set_clock.c");
        let made = std::process::Command::new(compiler)
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .args([source, "-ldl"])
            .status()
            .unwrap();
        assert!(made.success(), "{source} does not compile");
        let clock = Self { library: library.display().to_string(), file };
        clock.is_ahead_by(SignedDuration::ZERO);
        Some(clock)
    }

    /// Sets it.
    pub fn is_ahead_by(&self, by: SignedDuration) {
        // Whole or not at all: it is read at any moment.
        let unfinished = self.file.with_extension("new");
        std::fs::write(&unfinished, by.as_secs().to_string()).unwrap();
        std::fs::rename(unfinished, &self.file).unwrap();
    }

    /// What a process needs in its environment to live by it.
    pub fn env(&self) -> [(&str, &str); 2] {
        [("LD_PRELOAD", self.library.as_str()), ("SET_CLOCK", self.file.to_str().unwrap())]
    }
}

#[tokio::test]
async fn after_a_jump_of_the_clock_nothing_is_decided_before_partner_center_has_answered() {
    let stage = Stage::set().await;
    let Some(clock) = SetClock::make(stage.folder.path()) else { return };
    let rule = "\n[[rules]]\nname = \"all\"\nsteps = [{ on = \"new\" }, { after = \"1h\" }]\n";
    let mut operator = Operator::on(stage, |settings| settings + rule, &clock.env()).await;
    operator.stage.refer();
    operator.polls().await;
    operator.stage.message("it is told", |message| message.sink == "sellers").await;
    operator.stage.world.set_outage(Some(Outage::Down { retry_after: Some(600) }));
    // A little more, for what passes on the way is told in whole minutes.
    clock.is_ahead_by(SignedDuration::from_hours(2) + SignedDuration::from_secs(30));
    operator.polls().await;
    operator.leadtime.says("the clock has jumped 2 h ahead").await;
    operator.polls().await;
    operator.polls().await;
    let sellers = operator.stage.sinks.inbox().messages();
    assert_eq!(
        sellers.iter().filter(|message| message.sink == "sellers").count(),
        1,
        "by a clock that nobody confirms"
    );
    operator.stage.world.set_outage(None);
    operator.stage.world.set_date_ahead(SignedDuration::from_hours(2));
    operator.polls().await;
    let waits =
        |message: &leadtime::demo::inbox::Received| message.sink == "sellers" && !message.first_line.starts_with("New");
    operator.stage.message("what is due by the confirmed clock goes out", waits).await;
}
