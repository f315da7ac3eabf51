//! The story on the terminal: one line for everything that happens, in columns; in colour where somebody looks on.

use std::io::Write;

use anstyle::{AnsiColor, Effects, Style};
use jiff::{Timestamp, tz::TimeZone};

use crate::demo::{
    inbox::{Medium, Received},
    mail::Mail,
};

const DIM: Style = Style::new().effects(Effects::DIMMED);
const BOLD: Style = Style::new().effects(Effects::BOLD);
const WORLD: Style = AnsiColor::Cyan.on_default();
const FAILS: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const MENDS: Style = AnsiColor::Green.on_default();

/// The widest text of a column of names.
const WHO: usize = 18;

/// Where the story is told.
pub struct Terminal {
    zone: TimeZone,
    day: u32,
    days: u32,
}

/// How something that happens is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tone {
    /// Somebody does something.
    World,
    /// Something breaks.
    Fails,
    /// Something works again.
    Mends,
}

impl Terminal {
    /// Tells times in this zone.
    pub fn new(zone: TimeZone, days: u32) -> Self {
        Self { zone, day: 0, days }
    }

    /// Writes a line as it is.
    pub fn say(&self, text: &str) {
        // Nobody listens any more: the story goes on for the page.
        drop(writeln!(anstream::stdout(), "{text}"));
    }

    /// Writes a line in bold.
    pub fn title(&self, text: &str) {
        self.say(&format!("{BOLD}{text}{BOLD:#}"));
    }

    /// A new day begins, unless it has begun already.
    pub fn day(&mut self, day: u32) {
        if day > self.day {
            self.day = day;
            let rule = "─".repeat(70);
            self.say(&format!("{DIM}── day {day} of {} {rule}{DIM:#}", self.days));
        }
    }

    /// Something happens in the world.
    pub fn happens(&self, at: Timestamp, tone: Tone, who: &str, text: &str) {
        let style = match tone {
            Tone::World => WORLD,
            Tone::Fails => FAILS,
            Tone::Mends => MENDS,
        };
        self.line(at, style, who, text);
    }

    /// A message arrives.
    pub fn arrives(&self, message: &Received) {
        let sink = message.sink.split('@').next().unwrap_or_default();
        let who = format!("▸ {} {sink}", message.medium);
        let style = match message.medium {
            Medium::Slack => AnsiColor::Magenta.on_default(),
            Medium::Teams => AnsiColor::Blue.on_default(),
            Medium::Email => AnsiColor::Yellow.on_default(),
            Medium::Webhook => DIM,
        };
        let again = if message.again { format!(" {FAILS}(again){FAILS:#}") } else { String::new() };
        self.line(message.at, style, &who, &format!("{}{again}", words(message)));
    }

    fn line(&self, at: Timestamp, style: Style, who: &str, text: &str) {
        let at = at.to_zoned(self.zone.clone()).strftime("%a %e %b %H:%M");
        let gap = " ".repeat(WHO.saturating_sub(who.chars().count()));
        self.say(&format!("{DIM}{at}{DIM:#}  {style}{who}{style:#}{gap}  {text}"));
    }
}

/// What a message says first. A mail's subject is that of its thread: its text begins with what is new. A webhook's `type`
/// alone says little: the customer is put beside it.
fn words(message: &Received) -> String {
    let first = one_line(&message.first_line);
    match message.medium {
        Medium::Slack | Medium::Teams => return first,
        Medium::Email => {
            let text = Mail::read(&message.body).text.unwrap_or_default();
            return text.lines().find(|line| !line.trim().is_empty()).map_or(first, one_line);
        }
        Medium::Webhook => {}
    }
    match message.customer() {
        Some(customer) => format!("{first} {}", one_line(&customer)),
        None => first,
    }
}

/// Without what would move the cursor: the text comes over a socket.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect()
}
