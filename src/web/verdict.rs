//! The first line of `status`: whether all is well, and if not, since when, what is wrong and what to do. Must never say that
//! all is well where nobody polls, or where an account has not been read whole.

use jiff::{SignedDuration, Timestamp};

use super::status::{Account, Destination, LastSent, Running, Trouble, Wrong, moment};
use crate::{
    core::period::Seconds,
    service::{facts::State, pulse::Polled},
    settings::Settings,
};

/// What the verdict rests on, beside the troubles that the state knows.
pub struct Seen<'a> {
    /// As of when.
    pub now: Timestamp,
    /// Every account that is asked about.
    pub accounts: &'a [Account],
    /// Every destination.
    pub destinations: &'a [Destination],
    /// What the outbox holds.
    pub held: Held,
    /// Whether leadtime was last run once, as a timer does.
    pub once: bool,
    /// The last message that a channel took.
    pub last: Option<&'a LastSent>,
    /// What is in force.
    pub settings: &'a Settings,
    /// What the service says; none where no service runs.
    pub running: Option<&'a Running>,
}

/// What the outbox holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Held {
    /// Messages that may go now, are under way, or are tried again.
    pub on_their_way: usize,
    /// Messages that wait for hours to open.
    pub for_hours: usize,
    /// When the first of those may go.
    pub opens: Option<Timestamp>,
}

/// Counts what the outbox holds.
pub fn held(state: &State, now: Timestamp) -> Held {
    let mut held = Held::default();
    for (_, row) in state.waiting() {
        if row.attempting.is_none() && row.last_error.is_none() && row.not_before > now {
            held.for_hours += 1;
            held.opens = held.opens.into_iter().chain([row.not_before]).min();
        } else {
            held.on_their_way += 1;
        }
    }
    held
}

/// Worst first: nothing is recorded or nobody runs, nothing is read, a destination takes nothing, messages were given up,
/// the clock, the rest; among equals the oldest.
pub fn worst_first(troubles: &mut [Trouble]) {
    troubles.sort_by(|a, b| (gravity(&a.name), a.since, &a.name).cmp(&(gravity(&b.name), b.since, &b.name)));
}

fn gravity(name: &str) -> u8 {
    match name.split('/').next().unwrap_or_default() {
        "service" => 0,
        "poll" | "role" | "sign-in" => 1,
        "destination" => 2,
        "dead" | "address" => 3,
        "clock" => 4,
        _ => 5,
    }
}

impl Seen<'_> {
    /// The troubles that the state does not know of: of the service itself, or that it is not there; and accounts that
    /// were never read whole.
    pub fn beside(&self, known: &[Trouble]) -> Vec<Trouble> {
        let Some(running) = self.running else { return self.absence().into_iter().collect() };
        let mut beside = Vec::new();
        if let Some(Wrong { title, text, todo }) = running.wrong.clone() {
            beside.push(Trouble { name: "service".to_owned(), since: self.now, title, text: vec![text], todo });
        }
        for account in self.accounts.iter().filter(|account| account.last_good_poll.is_none()) {
            let name = format!("poll/{}", account.name);
            let Some(past) = running.pasts.get(&account.name) else { continue };
            let Some((at, Polled::Failed { why, .. })) = &past.last else { continue };
            if known.iter().any(|trouble| trouble.name == name) {
                continue;
            }
            beside.push(Trouble {
                name,
                since: past.began.unwrap_or(*at),
                title: format!("{} has never been read whole, so what it holds is not watched", account.name),
                text: vec![why.clone()],
                todo: "Look at the network and at Partner Center's status; it is tried again by itself.".to_owned(),
            });
        }
        beside
    }

    /// That no service runs. Where `run --once` is started by a timer nothing runs in between, and that is well while it
    /// comes in time.
    fn absence(&self) -> Option<Trouble> {
        let stale = |account: &Account| {
            let Seconds(stale) = self.settings.ops.stale_after;
            let every = self.settings.accounts.get(&account.name).map_or(0, |account| account.poll_every.0);
            let limit = SignedDuration::from_secs(stale.max(every.saturating_mul(3)));
            account.last_good_poll.is_none_or(|last| self.now.duration_since(last) >= limit)
        };
        if self.once && !self.accounts.iter().any(stale) {
            return None;
        }
        let since = self.accounts.iter().filter_map(|account| account.last_good_poll).max();
        let todo = match self.once {
            true => "See why the timer no longer starts `leadtime run --once`, or start `leadtime run`.",
            false => "Start `leadtime run`; the last lines of its log say why it ended.",
        };
        Some(Trouble {
            name: "service".to_owned(),
            since: since.unwrap_or(self.now),
            title: "leadtime is not running".to_owned(),
            text: vec!["Nothing is polled and nothing is sent meanwhile; this was read from the store.".to_owned()],
            todo: todo.to_owned(),
        })
    }

    /// The first line.
    pub fn verdict(&self, troubles: &[Trouble]) -> String {
        let zone = &self.settings.time_zone;
        if let Some(first) = troubles.first() {
            let more = match troubles.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more, below)"),
            };
            let todo = if first.todo.is_empty() { "Look at leadtime's log." } else { first.todo.as_str() };
            return format!("TROUBLE since {}: {}{more}. Do: {todo}", moment(first.since, zone), first.title);
        }
        if let Some(so_far) = self.so_far() {
            return format!("All well so far: {so_far}");
        }
        let dry = self.running.is_some_and(|running| running.dry_run);
        let well = if dry { "All well, and nothing is sent (--dry-run)." } else { "All well." };
        let Held { on_their_way, for_hours, opens } = self.held;
        match (on_their_way, for_hours, opens, self.last) {
            (1, ..) if dry => format!("{well} 1 message would be."),
            (2.., ..) if dry => format!("{well} {on_their_way} messages would be."),
            (1, ..) => format!("{well} 1 message is on its way."),
            (2.., ..) => format!("{well} {on_their_way} messages are on their way."),
            (0, 1, Some(opens), _) => format!("{well} 1 message waits for hours to open: {}.", moment(opens, zone)),
            (0, 2.., Some(opens), _) => {
                format!("{well} {for_hours} messages wait for hours to open: {}.", moment(opens, zone))
            }
            (0, _, _, Some(last)) => {
                format!("{well} Nothing was due since {}; that is normal.", moment(last.at, zone))
            }
            (0, _, _, None) => format!("{well} Nothing was due so far; that is normal."),
        }
    }

    /// What is no trouble yet and would be, should it last.
    fn so_far(&self) -> Option<String> {
        let named = |names: Vec<&str>| (!names.is_empty()).then(|| names.join(", "));
        let accounts = |which: fn(&&Account) -> bool| {
            named(self.accounts.iter().filter(which).map(|account| account.name.as_str()).collect())
        };
        if let Some(unread) = accounts(|account| account.last_good_poll.is_none()) {
            return Some(format!("the first poll is under way ({unread})."));
        }
        if let Some(failing) = accounts(|account| account.failing.is_some()) {
            return Some(format!("the last poll failed in passing and is made again by itself ({failing})."));
        }
        let failing = self.destinations.iter().filter(|destination| destination.health != "well");
        let failing = named(failing.map(|destination| destination.name.as_str()).collect())?;
        Some(format!("what waits is tried again by itself, as an attempt failed in passing ({failing})."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_trouble_comes_first_and_among_equals_the_oldest() {
        let trouble = |name: &str, minute: i64| Trouble {
            name: name.to_owned(),
            since: Timestamp::from_second(minute * 60).unwrap(),
            title: String::new(),
            text: Vec::new(),
            todo: String::new(),
        };
        let mut troubles = vec![
            trouble("settings", 0),
            trouble("clock/contoso", 1),
            trouble("dead/sellers", 2),
            trouble("destination/sellers", 3),
            trouble("poll/fabrikam", 5),
            trouble("poll/contoso", 4),
            trouble("service", 6),
        ];
        worst_first(&mut troubles);
        let names: Vec<&str> = troubles.iter().map(|trouble| trouble.name.as_str()).collect();
        let worst = ["service", "poll/contoso", "poll/fabrikam", "destination/sellers", "dead/sellers"];
        assert_eq!(names, [&worst[..], &["clock/contoso", "settings"]].concat());
    }
}
