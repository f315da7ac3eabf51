//! The commands, one file each, and what they share: the common options, logging, exit codes, how faults and tables are
//! shown, and how a running service is reached.

mod answer;
mod bare;
pub mod check;
pub mod demo;
pub mod explain;
mod findings;
pub mod health;
pub mod login;
mod margin;
pub mod mute;
pub mod outbox;
mod paper;
pub mod plan;
pub mod preview;
mod reach;
pub mod reload;
mod repeats;
pub mod replay;
pub mod report;
pub mod run;
pub mod schema;
pub mod send_test;
pub mod status;
pub mod test;

use std::{io::IsTerminal, path::PathBuf, process::ExitCode};

use clap::{
    CommandFactory as _, Parser, Subcommand, ValueEnum,
    error::{ContextKind, ContextValue},
};
use tracing::Metadata;
use tracing_subscriber::{EnvFilter, filter::filter_fn, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// It was done.
pub const DONE: u8 = 0;
/// It failed.
pub const FAILED: u8 = 1;
/// The command line or the settings are wrong.
pub const BAD_USAGE: u8 = 2;

/// Watches a Microsoft partner's incoming referrals, counts down to the day each one expires, tells the sellers and
/// escalates to the managers, and stops when it is answered.
#[derive(Parser, Debug)]
#[command(name = "leadtime", version, max_term_width = 100, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    /// The settings: a file, or a folder whose *.toml are read by name.
    #[arg(
        long,
        global = true,
        help_heading = "Common options",
        env = "LEADTIME_CONFIG",
        default_value = "config/leadtime.toml",
        value_name = "PATH"
    )]
    pub config: PathBuf,
    /// How log lines look; json where standard error is no terminal.
    #[arg(long, global = true, help_heading = "Common options", env = "LEADTIME_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// How much is logged: error, warn, info, debug, trace, or a filter such as leadtime=debug.
    ///
    /// `run` logs from info on where this is not set, every other command from warn on.
    #[arg(long, global = true, help_heading = "Common options", env = "LEADTIME_LOG_LEVEL", value_name = "LEVEL")]
    pub log_level: Option<String>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[derive(Subcommand, Debug)]
enum Command {
    Run(run::Args),
    Demo(demo::Args),
    /// The service of the demo, which starts it itself.
    #[command(hide = true)]
    DemoService(demo::service::Args),
    Login(login::Args),
    Check(check::Args),
    Preview(preview::Args),
    Test(test::Args),
    SendTest(send_test::Args),
    Status(status::Args),
    Plan(plan::Args),
    Explain(explain::Args),
    Outbox(outbox::Args),
    Report(report::Args),
    Replay(replay::Args),
    Mute(mute::MuteArgs),
    Unmute(mute::UnmuteArgs),
    Reload(reload::Args),
    Health(health::Args),
    Schema(schema::Args),
}

impl Command {
    /// From which level on it logs by itself.
    fn log_level(&self) -> &'static str {
        match self {
            Self::Run(_) => "info",
            // What the service would log of a scenario's troubles is part of its messages.
            Self::Test(_) => "off",
            _ => "warn",
        }
    }
}

/// Reads the command line and does what it asks.
pub fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|fault| with_whole_usage(fault).exit());
    margin::fit();
    // Of two providers compiled in by accident neither would be taken; that another was installed first is no fault.
    drop(rustls::crypto::ring::default_provider().install_default());
    if let Err(fault) = log(&cli.common, cli.command.log_level()) {
        eprintln!("{fault}");
        return ExitCode::from(BAD_USAGE);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(fault) => {
            eprintln!("no threads can be started: {fault}; raise the limits of this machine or container");
            return ExitCode::from(FAILED);
        }
    };
    let code = runtime.block_on(async {
        match cli.command {
            Command::Run(args) => run::run(&cli.common, &args).await,
            Command::Demo(args) => demo::run(&args).await,
            Command::DemoService(args) => demo::service::run(&args).await,
            Command::Check(args) => check::run(&cli.common, &args).await,
            Command::Login(args) => login::run(&cli.common, &args).await,
            Command::Preview(args) => preview::run(&cli.common, &args),
            Command::SendTest(args) => send_test::run(&cli.common, &args).await,
            Command::Status(args) => status::run(&cli.common, &args).await,
            Command::Outbox(args) => outbox::run(&cli.common, &args).await,
            Command::Mute(args) => mute::mute(&cli.common, &args).await,
            Command::Unmute(args) => mute::unmute(&cli.common, &args).await,
            Command::Reload(args) => reload::run(&cli.common, &args).await,
            Command::Replay(args) => replay::run(&cli.common, &args).await,
            Command::Report(args) => report::run(&cli.common, &args).await,
            Command::Plan(args) => plan::run(&cli.common, &args).await,
            Command::Explain(args) => explain::run(&cli.common, &args).await,
            Command::Health(args) => health::run(&cli.common, &args).await,
            Command::Schema(_) => schema::run(),
            Command::Test(args) => test::run(&cli.common, &args),
        }
    });
    // What hangs on a blocking thread must not keep a stop from being one.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    ExitCode::from(code)
}

/// The usage line of the command that was meant, whole: clap's own names as needed whatever is set, be it by a variable.
fn with_whole_usage(mut fault: clap::Error) -> clap::Error {
    if fault.get(ContextKind::Usage).is_some() {
        let mut meant = Cli::command();
        meant.build();
        for word in std::env::args_os().skip(1) {
            if let Some(command) = meant.find_subcommand(&word).cloned() {
                meant = command;
            }
        }
        fault.insert(ContextKind::Usage, ContextValue::StyledStr(meant.render_usage()));
    }
    fault
}

fn log(common: &Common, usual: &str) -> Result<(), String> {
    let level = common.log_level.as_deref().unwrap_or(usual);
    let told = |why: String| format!("--log-level {level}: {why}; use error, warn, info, debug or trace");
    // What the embedded store's library says of a damaged folder comes again, in our words and with what to do.
    let filter = EnvFilter::try_new(format!("sled=off,{level}")).map_err(|fault| told(fault.to_string()))?;
    let terminal = std::io::stderr().is_terminal();
    let format = common.log_format.unwrap_or(if terminal { LogFormat::Text } else { LogFormat::Json });
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.with_ansi(terminal).with_target(false).finish().with(filter_fn(may_be_logged)).init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().with(filter_fn(may_be_logged)).init(),
    }
    Ok(())
}

/// At no level, whatever filter was asked for: the library of templates tells of each value that it puts in, and among them are
/// claim links, which are keys, and people's names and addresses.
fn may_be_logged(what: &Metadata<'_>) -> bool {
    !what.target().starts_with("handlebars")
}
