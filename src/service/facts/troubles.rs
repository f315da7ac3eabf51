//! leadtime's own troubles: each is told once to `[ops]`, kept until it is over, and its end is told too.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Lane, State, journal::Line, toll::Toll};
use crate::{
    core::{
        case::Case,
        ids::{AccountName, CaseNumber, DestinationName, MessageId},
        ladder::{Silence, Verdict},
        notice::{self, AddressOf, GaveUp, News, Notice, Recovery, Refusal, Written},
        outbox::{About, Class, Health, PAUSE_MAX, Row},
        period::Seconds,
    },
    messages::words::{self, Locale, Told},
    store::{StoreFault, get_json, layout},
};

/// A destination that fails for so long in passing is a trouble.
const FAILS_TOO_LONG: SignedDuration = SignedDuration::from_mins(30);
/// While messages go on dying at a destination `[ops]` hears of it again after so long.
const DEAD_TOLD_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// A trouble that is not over.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct Trouble {
    /// Since when.
    pub since: Timestamp,
    /// What it is.
    pub what: notice::Trouble,
    /// What it has cost so far, where it is a destination's.
    #[serde(default, skip_serializing_if = "Toll::is_nothing")]
    pub toll: Toll,
}

/// A trouble as it is kept, by this version and by the one before, which kept finished sentences.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored {
    Now {
        since: Timestamp,
        what: notice::Trouble,
        #[serde(default)]
        toll: Toll,
    },
    Before {
        since: Timestamp,
        #[serde(flatten)]
        written: Written,
        #[serde(default)]
        toll: Toll,
    },
}

impl From<Stored> for Trouble {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Now { since, what, toll } => Self { since, what, toll },
            Stored::Before { since, written, toll } => Self { since, what: notice::Trouble::Written(written), toll },
        }
    }
}

impl Trouble {
    /// A trouble that begins at `since`.
    pub fn new(since: Timestamp, what: notice::Trouble) -> Self {
        Self { since, what, toll: Toll::default() }
    }

    /// It in English, as the log, the journal and `status` have it.
    pub fn told(&self) -> Told {
        words::of(Locale::EN).trouble(&self.what)
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
        let Told { title, .. } = trouble.told();
        // An address is nothing to sort logs by.
        let kind = name.strip_prefix(&of_address("")).map_or(name, |_| "address");
        tracing::warn!(trouble = kind, "{title}");
        self.draft.commit.put_json(layout::trouble(name), &trouble)?;
        self.journal(None, now, &Line::Trouble { name: name.to_owned(), title })?;
        let notice = Notice { news: News::Trouble(trouble.what.clone()), since: Some(trouble.since) };
        self.troubles.insert(name.to_owned(), trouble);
        self.tell_ops(name, &notice, now)
    }

    /// A trouble has turned into one that asks for something else: it is told again, though one of its name is there.
    ///
    /// # Errors
    /// The store's.
    pub fn worsen(&mut self, name: &str, mut trouble: Trouble, now: Timestamp) -> Result<(), StoreFault> {
        if self.troubles.get(name).is_some_and(|known| known.told().todo != trouble.told().todo)
            && let Some(known) = self.troubles.remove(name)
        {
            trouble.toll = known.toll;
        }
        self.raise(name, trouble, now)
    }

    /// A trouble is over; nothing happens where there was none.
    ///
    /// # Errors
    /// The store's.
    pub fn clear(&mut self, name: &str, recovery: Recovery, now: Timestamp) -> Result<(), StoreFault> {
        let Some(trouble) = self.troubles.remove(name) else { return Ok(()) };
        tracing::info!(trouble = name, "{}", words::of(Locale::EN).recovery(&recovery).title);
        self.draft.commit.delete(layout::trouble(name));
        self.journal(None, now, &Line::Recovered { name: name.to_owned() })?;
        self.tell_ops(name, &Notice { news: News::Recovered(recovery), since: Some(trouble.since) }, now)
    }

    /// A trouble is over because what it is about is no longer so.
    pub(super) fn clear_as_gone(&mut self, name: &str, now: Timestamp) -> Result<(), StoreFault> {
        let Some(trouble) = self.troubles.get(name) else { return Ok(()) };
        let recovery = Recovery::NoLonger(Box::new(trouble.what.clone()));
        self.clear(name, recovery, now)
    }

    /// Troubles of accounts, destinations and addresses that the settings no longer have are over. So is that of a template
    /// when templates were changed: one that still fails is told again. And that of a referral that can be read.
    pub(super) fn end_what_has_left(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        let templates = get_json::<u64>(self.store.as_ref(), layout::TEMPLATES)?.unwrap_or_default();
        let templates_differ = templates != self.orders.templates;
        if templates_differ {
            self.draft.commit.put_json(layout::TEMPLATES, &self.orders.templates)?;
        }
        let is_damaged = |number: &str| {
            number.parse().is_ok_and(|number| matches!(self.case(CaseNumber(number)), Err(StoreFault::Damaged { .. })))
        };
        let has_left = |name: &&String| {
            let Some((kind, of)) = name.split_once('/') else { return false };
            match kind {
                "poll" | "clock" | "role" | "secret" | "sign-in" => !self.orders.rules.accounts.contains_key(of),
                "destination" | "dead" => !self.orders.lanes.contains_key(of),
                "address" => !self.may_get_mail(of),
                "template" => templates_differ,
                "mention" => of.split_once('/').is_none_or(|(at, _)| !self.orders.lanes.contains_key(at)),
                "case" => !is_damaged(of),
                _ => false,
            }
        };
        let left: Vec<String> = self.troubles.keys().filter(has_left).cloned().collect();
        left.iter().try_for_each(|name| self.clear_as_gone(name, now))
    }

    /// Puts a message into the outbox of each who hears of leadtime's own troubles.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn tell_ops(&mut self, name: &str, notice: &Notice, now: Timestamp) -> Result<(), StoreFault> {
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
        let lanes = self.fixed_lanes(destination);
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
                let lanes = self.orders.lanes.get(destination);
                let what = notice::Trouble::Refuses {
                    destination: destination.clone(),
                    said: Refusal::read(why),
                    mail: lanes.is_some_and(|lanes| !lanes.recipients.is_empty()) || self.asks_each(destination),
                    fallback: lanes.and_then(|lanes| lanes.terms.fallback.clone()),
                };
                self.worsen(&name, Trouble::new(now, what), now)
            }
            // One that asks for a longer pause than we would make is not tried before its end: that is told at once.
            Health::Failing { since, until, why, .. }
                if now.duration_since(*since) >= FAILS_TOO_LONG || until.duration_since(now) > PAUSE_MAX =>
            {
                let left_alone = until.duration_since(now);
                let left_alone = (left_alone > PAUSE_MAX).then_some(Seconds(left_alone.as_secs()));
                let what =
                    notice::Trouble::TakesNone { destination: destination.clone(), said: why.clone(), left_alone };
                self.raise(&name, Trouble::new(*since, what), now)
            }
            Health::Well if *was != Health::Well => self.destination_is_back(destination, now),
            _ => Ok(()),
        }
    }

    /// An address refuses mail for good, and the fallback takes over: `[ops]` hears of it once all the same.
    pub(super) fn raise_refused(&mut self, lane: &Lane, why: &str, now: Timestamp) -> Result<(), StoreFault> {
        let (destination, Some(address)) = lane else { return Ok(()) };
        let what = notice::Trouble::NoMail {
            address: address.to_string(),
            destination: destination.clone(),
            why: GaveUp::Refused(why.to_owned()),
            of: self.address_of(destination, address),
            falls_back: true,
        };
        self.raise(&of_address(address), Trouble::new(now, what), now)
    }

    /// Where an address comes from, which says where it is mended.
    fn address_of(&self, destination: &DestinationName, address: &str) -> AddressOf {
        let is_it = |email: &String| email.eq_ignore_ascii_case(address);
        let people = &self.orders.rules.people.by_name;
        if let Some((name, _)) = people.iter().find(|(_, person)| person.email.as_ref().is_some_and(is_it)) {
            return AddressOf::Person(name.clone());
        }
        let is_fixed = self.fixed_lanes(destination).iter().any(|lane| lane.1.as_deref() == Some(address));
        if is_fixed { AddressOf::Settings } else { AddressOf::Team }
    }

    pub(super) fn raise_dead(&mut self, lane: &Lane, why: &GaveUp, now: Timestamp) -> Result<(), StoreFault> {
        let (destination, recipient) = lane;
        let why = why.clone();
        let (name, what) = match recipient {
            Some(address) => (
                of_address(address),
                notice::Trouble::NoMail {
                    address: address.to_string(),
                    destination: destination.clone(),
                    why,
                    of: self.address_of(destination, address),
                    falls_back: false,
                },
            ),
            None => (of_dead(destination), notice::Trouble::GivenUp { destination: destination.clone(), why }),
        };
        // Until somebody has seen to the dead it stays a trouble; those that come later are told of once a day.
        let is_old = |known: &Trouble| now.duration_since(known.since) >= DEAD_TOLD_AGAIN;
        if recipient.is_none() && self.troubles.get(&name).is_some_and(is_old) {
            self.troubles.remove(&name);
        }
        self.raise(&name, Trouble::new(now, what), now)
    }

    /// Troubles that come of the settings: whether new ones end them shows when every case has been decided on anew.
    pub(super) fn doubt_settings_troubles(&mut self) {
        let of_settings = |name: &&String| ["no-rule/", "shelved/", "rate/"].iter().any(|kind| name.starts_with(kind));
        self.doubted = self.troubles.keys().filter(of_settings).cloned().collect();
    }

    /// Every case has been decided on under the present settings: what none of them has brought up again is over.
    pub(super) fn clear_doubted(&mut self, now: Timestamp) -> Result<(), StoreFault> {
        std::mem::take(&mut self.doubted).iter().try_for_each(|name| self.clear_as_gone(name, now))
    }

    /// Tells `[ops]` of a referral that nobody will hear of without anybody's having wished so.
    pub(super) fn note_silence(&mut self, case: &Case, verdict: &Verdict, now: Timestamp) -> Result<(), StoreFault> {
        let account = &case.account;
        match verdict.silence {
            Some(Silence::NoRule) if case.is_open() => {
                let what = notice::Trouble::NoRule { account: account.clone(), first: case.id().clone() };
                self.raise(&format!("no-rule/{account}"), Trouble::new(now, what), now)
            }
            Some(Silence::AccountRemoved) if case.is_open() => {
                let what = notice::Trouble::AccountGone { account: account.clone() };
                self.raise(&format!("shelved/{account}"), Trouble::new(now, what), now)
            }
            Some(Silence::FilteredOut) if case.is_open() => {
                let what = notice::Trouble::FilteredOut { account: account.clone() };
                self.raise(&format!("shelved/{account}"), Trouble::new(now, what), now)
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
        let name = format!("rate/{code}");
        self.raise(&name, Trouble::new(now, notice::Trouble::NoRate { currency: code }), now)
    }
}

/// The name of the trouble of an account that cannot be read.
pub fn of_poll(account: &AccountName) -> String {
    format!("poll/{account}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_that_the_version_before_has_kept_is_read_with_its_words_and_its_toll() {
        let kept = r#"{"since":"2026-11-13T07:08:00Z","title":"sellers refuses every message (Slack answered 404)",
            "text":["Slack answered 404.","Its messages wait meanwhile, as it has no fallback."],
            "todo":"Set a valid webhook_url in [destinations.sellers].","toll":{"fell_back":0,"given_up":2}}"#;
        let trouble: Trouble = serde_json::from_str(kept).unwrap();
        assert_eq!(trouble.toll, Toll { fell_back: 0, given_up: 2 });
        let told = trouble.told();
        assert_eq!(told.title, "sellers refuses every message (Slack answered 404)");
        assert_eq!(told.text.len(), 2);
        assert_eq!(told.todo.as_deref(), Some("Set a valid webhook_url in [destinations.sellers]."));
        let again: Trouble = serde_json::from_str(&serde_json::to_string(&trouble).unwrap()).unwrap();
        assert_eq!(again, trouble);
    }
}
