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

/// A trouble that is not over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// One line: what is wrong.
    pub headline: String,
    /// What it means, and what to do: a line each.
    pub lines: Vec<String>,
}

impl State {
    /// A trouble is there. It is told once, however often it is raised before it is cleared.
    ///
    /// # Errors
    /// The store's.
    pub fn raise(&mut self, name: &str, headline: &str, lines: &[String], now: Timestamp) -> Result<(), StoreFault> {
        if self.troubles.contains_key(name) {
            return Ok(());
        }
        tracing::warn!(trouble = name, "{headline}");
        let trouble = Trouble { since: now, headline: headline.to_owned(), lines: lines.to_vec() };
        self.draft.commit.put_json(layout::trouble(name), &trouble)?;
        self.troubles.insert(name.to_owned(), trouble);
        let line = Line::Trouble { name: name.to_owned(), headline: headline.to_owned() };
        self.journal(None, now, &line)?;
        let notice =
            Notice { kind: NoticeKind::Trouble, headline: headline.to_owned(), lines: lines.to_vec() };
        self.tell_ops(name, &notice, now)
    }

    /// A trouble is over; nothing happens where there was none.
    ///
    /// # Errors
    /// The store's.
    pub fn clear(&mut self, name: &str, headline: &str, lines: &[String], now: Timestamp) -> Result<(), StoreFault> {
        if self.troubles.remove(name).is_none() {
            return Ok(());
        }
        tracing::info!(trouble = name, "{headline}");
        self.draft.commit.delete(layout::trouble(name));
        self.journal(None, now, &Line::Recovered { name: name.to_owned() })?;
        let notice =
            Notice { kind: NoticeKind::Recovered, headline: headline.to_owned(), lines: lines.to_vec() };
        self.tell_ops(name, &notice, now)
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
        let mut id = None;
        for lane in lanes {
            let number = self.number_of_row();
            let id = *id.get_or_insert_with(|| MessageId::of_key(&format!("notice\n{destination}\n{}", number.0)));
            let row = Row {
                number,
                id,
                destination: lane.0.clone(),
                recipient: lane.1.clone(),
                about: About::Notice(notice.clone()),
                class: Class::Rest,
                deadline: now,
                queued_at: now,
                not_before: now,
                attempts: 0,
                crashes: 0,
                attempting: None,
                maybe: false,
                plain: false,
                fell_back: false,
                digest: None,
                last_error: None,
            };
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
                let headline = format!("{destination} refuses every message");
                let fallback = self.orders.lanes.get(destination).and_then(|lanes| lanes.terms.fallback.clone());
                let meanwhile = match fallback {
                    Some(fallback) => format!("Its messages go to {fallback} meanwhile."),
                    None => "Its messages wait meanwhile; it has no fallback.".to_owned(),
                };
                let mend = "It is tried again every 15 minutes, and at once after `leadtime reload`.".to_owned();
                self.raise(&name, &headline, &[why.clone(), meanwhile, mend], now)
            }
            Health::Failing { since, why, .. } if now.duration_since(*since) >= FAILS_TOO_LONG => {
                let headline = format!("{destination} has taken no message since {since:.0}");
                let mend = "Its messages wait and are tried again at least every 15 minutes.".to_owned();
                self.raise(&name, &headline, &[why.clone(), mend], now)
            }
            Health::Well if *was != Health::Well => {
                self.clear(&name, &format!("{destination} takes messages again"), &[], now)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn raise_dead(&mut self, lane: &Lane, why: &str, now: Timestamp) -> Result<(), StoreFault> {
        let (destination, recipient) = lane;
        let (name, headline) = match recipient {
            Some(address) => (format!("address/{address}"), format!("{address} ({destination}) gets no mail")),
            None => (format!("dead/{destination}"), format!("A message to {destination} was given up")),
        };
        let mend = format!(
            "It is kept: mend the cause, then run `leadtime outbox list` and `leadtime outbox retry --all --destination {destination}`."
        );
        self.raise(&name, &headline, &[why.to_owned(), mend], now)
    }

    /// Tells `[ops]` of a referral that nobody will hear of without anybody's having wished so.
    pub(super) fn note_silence(&mut self, case: &Case, verdict: &Verdict, now: Timestamp) -> Result<(), StoreFault> {
        let account = &case.account;
        match verdict.silence {
            Some(Silence::NoRule) if case.is_open() => {
                let headline = format!("A referral of {account} is taken by no rule, so nobody hears of it");
                let lines = [
                    format!("The first one is {}.", case.id()),
                    "Add a rule without `when` at the end; a rule with `steps = []` keeps silent on purpose.".to_owned(),
                ];
                self.raise(&format!("no-rule/{account}"), &headline, &lines, now)
            }
            Some(Silence::AccountRemoved) if case.is_open() => {
                let headline = format!("The account {account} has left the settings; its referrals are shelved");
                let lines = ["Nothing is sent about them. If it is put back they go on where they were.".to_owned()];
                self.raise(&format!("shelved/{account}"), &headline, &lines, now)
            }
            Some(Silence::FilteredOut) if case.is_open() => {
                let headline = format!("The filter of {account} no longer takes some open referrals; they are shelved");
                let lines = ["Nothing is sent about them. If the filter takes them again they go on.".to_owned()];
                self.raise(&format!("shelved/{account}"), &headline, &lines, now)
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
        let headline = format!("No rate is known for {code}, so rules over `value` take no referral in it");
        let lines = [format!("Add it to the settings: [money] rates = {{ {code} = … }}.")];
        self.raise(&format!("rate/{code}"), &headline, &lines, now)
    }
}

/// The name of a destination's trouble.
pub fn of_destination(destination: &DestinationName) -> String {
    format!("destination/{destination}")
}
