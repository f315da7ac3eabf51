//! leadtime's own troubles: each is told once to `[ops]`, kept until it is over, and its end is told too.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Lane, State, journal::Line};
use crate::{
    core::{
        case::Case,
        ids::{DestinationName, MessageId},
        ladder::{Silence, Verdict},
        outbox::{About, Class, Health, Notice, NoticeKind, Row},
    },
    store::{StoreFault, layout},
};

/// A destination that fails for so long in passing is a trouble.
const FAILS_TOO_LONG: SignedDuration = SignedDuration::from_mins(30);
/// While messages go on dying at a destination `[ops]` hears of it again after so long.
const DEAD_TOLD_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// A trouble that is not over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// What it is, in a few words, without a full stop.
    pub title: String,
    /// What happened and what it means: a sentence or two each.
    pub text: Vec<String>,
    /// What the operator should do.
    pub todo: String,
}

impl Trouble {
    /// A trouble that begins at `since`.
    pub fn new(since: Timestamp, title: impl Into<String>, text: &[String], todo: impl Into<String>) -> Self {
        Self { since, title: title.into(), text: text.to_vec(), todo: todo.into() }
    }
}

impl State {
    /// A trouble is there. It is told once, however often it is raised before it is cleared.
    ///
    /// # Errors
    /// The store's.
    pub fn raise(&mut self, name: &str, trouble: Trouble, now: Timestamp) -> Result<(), StoreFault> {
        self.doubted.remove(name);
        if self.troubles.contains_key(name) {
            return Ok(());
        }
        tracing::warn!(trouble = name, "{}", trouble.title);
        self.draft.commit.put_json(layout::trouble(name), &trouble)?;
        self.journal(None, now, &Line::Trouble { name: name.to_owned(), title: trouble.title.clone() })?;
        let notice = Notice {
            kind: NoticeKind::Trouble,
            title: trouble.title.clone(),
            text: trouble.text.clone(),
            todo: Some(trouble.todo.clone()),
            since: Some(trouble.since),
        };
        self.troubles.insert(name.to_owned(), trouble);
        self.tell_ops(name, &notice, now)
    }

    /// A trouble has turned into one that asks for something else: it is told again, though one of its name is there.
    ///
    /// # Errors
    /// The store's.
    pub fn worsen(&mut self, name: &str, trouble: Trouble, now: Timestamp) -> Result<(), StoreFault> {
        if self.troubles.get(name).is_some_and(|known| known.todo != trouble.todo) {
            self.troubles.remove(name);
        }
        self.raise(name, trouble, now)
    }

    /// A trouble is over; nothing happens where there was none. `text`: what was caught up, or missed.
    ///
    /// # Errors
    /// The store's.
    pub fn clear(&mut self, name: &str, title: &str, text: &[String], now: Timestamp) -> Result<(), StoreFault> {
        let Some(trouble) = self.troubles.remove(name) else { return Ok(()) };
        tracing::info!(trouble = name, "{title}");
        self.draft.commit.delete(layout::trouble(name));
        self.journal(None, now, &Line::Recovered { name: name.to_owned() })?;
        let notice = Notice {
            kind: NoticeKind::Recovered,
            title: title.to_owned(),
            text: text.to_vec(),
            todo: None,
            since: Some(trouble.since),
        };
        self.tell_ops(name, &notice, now)
    }

    /// Troubles of accounts, destinations and addresses that the settings no longer have are over. So is what only a new
    /// attempt can show: a template that fails, or a case that cannot be read, is told again where it still does.
    pub(super) fn end_what_has_left(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        let has_left = |name: &&String| {
            let Some((kind, of)) = name.split_once('/') else { return false };
            match kind {
                "poll" | "clock" | "role" => !self.orders.rules.accounts.contains_key(of),
                "destination" | "dead" => !self.orders.lanes.contains_key(of),
                "address" => !self.orders.lanes.values().any(|lanes| lanes.recipients.iter().any(|to| **to == *of)),
                "template" | "case" => true,
                _ => false,
            }
        };
        let left: Vec<String> = self.troubles.keys().filter(has_left).cloned().collect();
        for name in left {
            let title = self.troubles.get(&name).map(|trouble| format!("No longer so: {}", trouble.title));
            self.clear(&name, &title.unwrap_or_default(), &[], now)?;
        }
        Ok(())
    }

    fn tell_ops(&mut self, name: &str, notice: &Notice, now: Timestamp) -> Result<(), StoreFault> {
        for destination in self.orders.ops.clone() {
            // A destination's own trouble is not told through it: it is logged, counted and shown.
            if name != of_destination(&destination) {
                self.notify(&destination, notice.clone(), now)?;
            }
        }
        Ok(())
    }

    /// Puts a message about leadtime itself into the outbox.
    ///
    /// # Errors
    /// The store's.
    pub fn notify(&mut self, destination: &DestinationName, notice: Notice, now: Timestamp) -> Result<(), StoreFault> {
        let lanes = self.lanes_for_new(destination);
        self.news = true;
        let mut id = None;
        for lane in lanes {
            let number = self.number_of_row();
            let id = *id.get_or_insert_with(|| MessageId::of_key(&format!("notice\n{destination}\n{}", number.0)));
            let row = Row::queued(number, id, lane.clone(), About::Notice(notice.clone()), Class::Rest, now, now);
            self.put_row(&lane, row)?;
        }
        Ok(())
    }

    /// A destination's health has changed.
    pub(super) fn destination_health(
        &mut self,
        destination: &DestinationName,
        was: &Health,
        is: &Health,
        now: Timestamp,
    ) -> Result<(), StoreFault> {
        let name = of_destination(destination);
        match is {
            Health::Broken { why, .. } if !matches!(was, Health::Broken { .. }) => {
                let fallback = self.orders.lanes.get(destination).and_then(|lanes| lanes.terms.fallback.clone());
                let meanwhile = match fallback {
                    Some(fallback) => format!("Its messages go to {fallback} meanwhile."),
                    None => "Its messages wait meanwhile, as it has no fallback.".to_owned(),
                };
                let todo = "Mend it, then run `leadtime reload`: it is tried again at once, else every 15 minutes.";
                let title = format!("{destination} refuses every message");
                self.worsen(&name, Trouble::new(now, title, &[why.clone(), meanwhile], todo), now)
            }
            Health::Failing { since, why, .. } if now.duration_since(*since) >= FAILS_TOO_LONG => {
                let waits = "Its messages wait, and are tried again at least every 15 minutes.".to_owned();
                let title = format!("{destination} takes no messages");
                let todo = format!("Look whether it is reachable; `leadtime send-test {destination}` tries it.");
                self.raise(&name, Trouble::new(*since, title, &[why.clone(), waits], todo), now)
            }
            Health::Well if *was != Health::Well => {
                self.clear(&name, &format!("{destination} takes messages again"), &[], now)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn raise_dead(&mut self, lane: &Lane, why: &str, now: Timestamp) -> Result<(), StoreFault> {
        let (destination, recipient) = lane;
        let (name, title) = match recipient {
            Some(address) => (of_address(address), format!("{address} ({destination}) gets no mail")),
            None => (of_dead(destination), format!("A message to {destination} was given up")),
        };
        let again = format!("`leadtime outbox retry --all --destination {destination}` sends what was given up");
        let todo = match recipient {
            Some(_) => format!(
                "Have its mailbox mended; then {again}. Or correct the address in the settings, then run `leadtime reload`."
            ),
            None => format!("Mend the cause; then {again}."),
        };
        let text = [why.to_owned(), "It is kept: `leadtime outbox list` shows it, and `drop` takes it out.".to_owned()];
        // Until somebody has seen to the dead it stays a trouble; those that come later are told of once a day.
        let is_old = |known: &Trouble| now.duration_since(known.since) >= DEAD_TOLD_AGAIN;
        if recipient.is_none() && self.troubles.get(&name).is_some_and(is_old) {
            self.troubles.remove(&name);
        }
        self.raise(&name, Trouble::new(now, title, &text, todo), now)
    }

    /// Troubles that come of the settings: whether new ones end them shows when every case has been decided on anew.
    pub(super) fn doubt_settings_troubles(&mut self) {
        let of_settings = |name: &&String| ["no-rule/", "shelved/", "rate/"].iter().any(|kind| name.starts_with(kind));
        self.doubted = self.troubles.keys().filter(of_settings).cloned().collect();
    }

    /// Every case has been decided on under the present settings: what none of them has brought up again is over.
    pub(super) fn clear_doubted(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        for name in std::mem::take(&mut self.doubted) {
            let Some(trouble) = self.troubles.get(&name) else { continue };
            let title = format!("No longer so: {}", trouble.title);
            self.clear(&name, &title, &[], now)?;
        }
        Ok(())
    }

    /// Tells `[ops]` of a referral that nobody will hear of without anybody's having wished so.
    pub(super) fn note_silence(&mut self, case: &Case, verdict: &Verdict, now: Timestamp) -> Result<(), StoreFault> {
        let account = &case.account;
        match verdict.silence {
            Some(Silence::NoRule) if case.is_open() => {
                let title = format!("A referral of {account} is taken by no rule, so nobody hears of it");
                let text = [format!("The first one is {}.", case.id())];
                let todo = "Add a rule without `when` at the end; one with `steps = []` keeps silent on purpose.";
                self.raise(&format!("no-rule/{account}"), Trouble::new(now, title, &text, todo), now)
            }
            Some(Silence::AccountRemoved) if case.is_open() => {
                let title = format!("The account {account} has left the settings, so its referrals are shelved");
                let text = ["Nothing is sent about them.".to_owned()];
                let todo = "If that was not meant, put the account back: its referrals go on where they were.";
                self.raise(&format!("shelved/{account}"), Trouble::new(now, title, &text, todo), now)
            }
            Some(Silence::FilteredOut) if case.is_open() => {
                let title = format!("The filter of {account} no longer takes some open referrals; they are shelved");
                let text = ["Nothing is sent about them.".to_owned()];
                let todo = "If that was not meant, widen the account's `filter`: they go on where they were.";
                self.raise(&format!("shelved/{account}"), Trouble::new(now, title, &text, todo), now)
            }
            _ => self.note_rate(case, now),
        }
    }

    /// A rule that compares `value` cannot judge a currency without a rate: `[ops]` hears once per currency.
    fn note_rate(&mut self, case: &Case, now: Timestamp) -> Result<(), StoreFault> {
        let rules = &self.orders.rules;
        let (Some(amount), Some(currency)) = (case.referral.deal_value(), case.referral.currency()) else {
            return Ok(());
        };
        let compares = rules.rules.iter().any(|rule| rule.when.as_ref().is_some_and(|when| when.mentions("value")));
        if !compares || rules.money.convert(amount, currency).is_some() {
            return Ok(());
        }
        let code: String = currency.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        let title = format!("No rate is known for {code}");
        let text = ["Rules that compare `value` take no referral in that currency.".to_owned()];
        let todo = format!("Add the rate to the settings: [money] rates = {{ {code} = … }}.");
        self.raise(&format!("rate/{code}"), Trouble::new(now, title, &text, todo), now)
    }
}

/// The name of the trouble of one address of a mail.
pub(super) fn of_address(address: &str) -> String {
    format!("address/{address}")
}

/// The name of the trouble that messages to a destination were given up.
pub(super) fn of_dead(destination: &DestinationName) -> String {
    format!("dead/{destination}")
}

/// The name of a destination's trouble.
pub fn of_destination(destination: &DestinationName) -> String {
    format!("destination/{destination}")
}
