//! `check --online`: signs in each account and reads one page, logs in to the mail server, connects to each web host, and
//! compares the clocks; all side by side, each within its limit. Must never post anything.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use anstyle::{AnsiColor, Style};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use unicode_width::UnicodeWidthStr as _;
use url::Url;

use super::accounts::{Clocks, Tokens, compare};
use crate::{
    channels::{Channel, HttpLimits, Knock, Reply, TlsSettings},
    commands::{Common, margin::hanging},
    partner_center::Clock as _,
    service::{clock::RealClock, prepare::Prepared},
    settings::DestinationKind,
};

/// No trial takes longer.
const TRIAL_MAX: Duration = Duration::from_secs(60);
/// What is tried has a column of at most this width.
const WHAT_MAX: usize = 26;

/// What a trial came to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Tried {
    /// What was tried: `account contoso`, `smtp`, `destination sellers`, `heartbeat`, `clock`.
    pub what: String,
    /// Whether it works.
    pub ok: bool,
    /// What was found.
    pub detail: String,
    /// What to do: always there where it does not work; beside `ok` it is a warning.
    pub todo: Option<String>,
    /// How long it took.
    pub took_ms: u64,
}

/// What was found, before it has a name and a time.
pub struct Outcome {
    pub ok: bool,
    pub detail: String,
    pub todo: Option<String>,
}

impl Outcome {
    /// Something that does not work.
    pub fn failed(detail: &str, todo: &str) -> Self {
        Self { ok: false, detail: detail.to_owned(), todo: Some(todo.to_owned()) }
    }

    /// A failure whose text holds what to do at its end.
    pub fn of(why: &str) -> Self {
        match why.split_once(". To do: ").or_else(|| why.rsplit_once("; ")) {
            Some((detail, todo)) => Self::failed(detail, todo),
            None => {
                Self::failed(why, "try again; if it stays, look at the way there (firewall, proxy) and at its own log")
            }
        }
    }
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Accepted { detail } => Self { ok: true, detail: detail.unwrap_or_default(), todo: None },
            Reply::TryLater { why, .. }
            | Reply::NoAnswer { why }
            | Reply::MessageRefused { why }
            | Reply::DestinationRefused { why } => Self::of(&why),
        }
    }
}

/// One thing to try, and the clocks that were seen in it.
type Trial<'a> = Pin<Box<dyn Future<Output = (Outcome, Option<Clocks>)> + Send + 'a>>;

/// Everything that can be tried, by name, in the order of the settings.
pub struct Trials<'a>(Vec<(String, Trial<'a>)>);

impl<'a> Trials<'a> {
    /// What there is to try; nothing has begun.
    pub fn of(prepared: &'a Prepared, tokens: &'a Tokens, knock: &'a Knock) -> Self {
        let mut trials: Vec<(String, Trial<'a>)> = Vec::new();
        for name in prepared.settings.accounts.keys() {
            trials.push((format!("account {name}"), Box::pin(tokens.glimpse(prepared, name))));
        }
        if prepared.post.is_some() {
            trials.push(("smtp".to_owned(), Box::pin(mail_server(prepared, knock))));
        }
        for (name, destination) in &prepared.settings.destinations {
            // Mail is tried once, at its server.
            let mail = matches!(destination.kind, DestinationKind::Email { .. });
            if let Some(channel) = prepared.channels.get(name).filter(|_| !mail) {
                trials.push((format!("destination {name}"), Box::pin(verify(channel.as_ref(), knock))));
            }
        }
        if let Some(url) = &prepared.settings.ops.heartbeat_url {
            trials.push(("heartbeat".to_owned(), Box::pin(web_host(url.expose_secret(), knock))));
        }
        Self(trials)
    }

    /// The width of the column with their names.
    pub fn width(&self) -> usize {
        self.0.iter().map(|(what, _)| what.width()).max().unwrap_or_default().clamp("clock".width(), WHAT_MAX)
    }

    /// Tries all side by side, tells each outcome as it comes, and returns them in order.
    pub async fn run(self, mut told: impl FnMut(&Tried)) -> Vec<Tried> {
        let mut running: FuturesUnordered<_> =
            self.0.into_iter().enumerate().map(|(place, (what, trial))| timed(place, what, trial)).collect();
        let (mut all, mut clocks) = (Vec::new(), Vec::new());
        while let Some((place, tried, seen)) = running.next().await {
            told(&tried);
            all.push((place, tried));
            clocks.extend(seen);
        }
        all.sort_by_key(|(place, _)| *place);
        let mut all: Vec<Tried> = all.into_iter().map(|(_, tried)| tried).collect();
        if let Some(outcome) = compare(&clocks) {
            let clock = Tried::named("clock", outcome, Duration::ZERO);
            told(&clock);
            all.push(clock);
        }
        all
    }
}

async fn timed(place: usize, what: String, trial: Trial<'_>) -> (usize, Tried, Option<Clocks>) {
    let began = Instant::now();
    let late =
        |_| (Outcome::failed("not done within 60 s", "check the host and the way to it (firewall, proxy)"), None);
    let (outcome, clocks) = tokio::time::timeout(TRIAL_MAX, trial).await.unwrap_or_else(late);
    (place, Tried::named(&what, outcome, began.elapsed()), clocks)
}

async fn verify(channel: &dyn Channel, knock: &Knock) -> (Outcome, Option<Clocks>) {
    (channel.verify(knock, RealClock.now()).await.into(), None)
}

async fn mail_server(prepared: &Prepared, knock: &Knock) -> (Outcome, Option<Clocks>) {
    match prepared.post.as_ref().map(|post| post.to_itself()) {
        Some(Ok(mail)) => verify(&mail, knock).await,
        Some(Err(fault)) => (Outcome::of(&fault.to_string()), None),
        None => (Outcome::failed("there is no [smtp] in the settings", "add it"), None),
    }
}

async fn web_host(url: &str, knock: &Knock) -> (Outcome, Option<Clocks>) {
    match Url::parse(url.trim()) {
        Ok(url) => (knock.at(&url).await.into(), None),
        Err(_) => (Outcome::failed("the address cannot be read", "write one that starts with https://"), None),
    }
}

/// Knocks by the way that messages go.
///
/// # Errors
/// A file of roots that cannot be used.
pub fn knock(prepared: &Prepared) -> Result<Knock, Outcome> {
    let tls = TlsSettings { ca_file: prepared.settings.tls.ca_file.clone() };
    Knock::build(&tls, &HttpLimits::default()).map_err(|fault| Outcome::of(&fault.to_string()))
}

/// Tries everything, tells each outcome as it comes with the width of the column for names, and returns them all.
pub async fn everything(common: &Common, prepared: &Prepared, mut told: impl FnMut(&Tried, usize)) -> Vec<Tried> {
    let knock = match knock(prepared) {
        Ok(knock) => knock,
        Err(outcome) => return vec![Tried::named("tls", outcome, Duration::ZERO)],
    };
    let tokens = Tokens::find(common, prepared).await;
    let trials = Trials::of(prepared, &tokens, &knock);
    let width = trials.width();
    let all = trials.run(|tried| told(tried, width)).await;
    tokens.leave().await;
    all
}

impl Tried {
    fn named(what: &str, outcome: Outcome, took: Duration) -> Self {
        let Outcome { ok, detail, todo } = outcome;
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Self { what: what.to_owned(), ok, detail, todo, took_ms }
    }

    /// For people: the verdict, what was tried, what was found, and below it what to do.
    pub fn line(&self, width: usize) -> String {
        let (word, colour) = match (self.ok, &self.todo) {
            (true, None) => ("ok", AnsiColor::Green),
            (true, Some(_)) => ("ok?", AnsiColor::Yellow),
            (false, _) => ("FAILED", AnsiColor::Red),
        };
        let style = Style::new().fg_color(Some(colour.into()));
        let indent = 8 + width + 2;
        let took = format!("({}.{} s)", self.took_ms / 1_000, self.took_ms % 1_000 / 100);
        let found = if self.what == "clock" { self.detail.clone() } else { format!("{} {took}", self.detail) };
        let pad = " ".repeat(width.saturating_sub(self.what.width()));
        let under = " ".repeat(indent);
        let found = hanging(&under, &found);
        let mut line = format!("{style}{word:<8}{style:#}{}{pad}  {}", self.what, found.trim_start());
        if let Some(todo) = &self.todo {
            line += &hanging(&under, &format!("To do: {todo}"));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::margin::width;

    #[test]
    fn a_failure_has_what_to_do_on_a_line_of_its_own_within_eighty_columns() {
        let outcome = Outcome::of(
            "the server's certificate is of an unknown issuer; give its root in [tls] ca_file (a proxy that opens TLS has one too)",
        );
        let tried = Tried::named("destination sellers", outcome, Duration::from_millis(1_234));
        let line = anstream::adapter::strip_str(&tried.line(20)).to_string();
        assert_eq!(
            line,
            "FAILED  destination sellers   the server's certificate is of an unknown issuer\n\
             \x20                             (1.2 s)\n\
             \x20                             To do: give its root in [tls] ca_file (a proxy\n\
             \x20                             that opens TLS has one too)\n"
        );
        assert!(line.lines().all(|line| line.width() <= width()));
    }

    #[test]
    fn a_failure_that_names_no_remedy_gets_one() {
        let outcome = Outcome::of("the mail server did not answer to the greeting in time");
        assert!(outcome.todo.is_some_and(|todo| todo.contains("firewall")));
        let outcome = Outcome::of("refused; really. To do: check host; then port");
        assert_eq!(
            (outcome.detail.as_str(), outcome.todo.as_deref()),
            ("refused; really", Some("check host; then port"))
        );
    }
}
