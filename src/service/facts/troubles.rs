//! leadtime's own troubles: each is told once to `[ops]`, kept until it is over, and its end is told too.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Lane, State, journal::Line, toll::Toll};
use crate::{
    channels::one_line,
    core::{
        case::Case,
        ids::{AccountName, CaseNumber, DestinationName, MessageId},
        ladder::{Silence, Verdict},
        outbox::{About, Class, Health, Notice, NoticeKind, PAUSE_MAX, Row},
    },
    service::spell::coarse,
    store::{StoreFault, get_json, layout},
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
    /// What it has cost so far, where it is a destination's.
    #[serde(default, skip_serializing_if = "Toll::is_nothing")]
    pub toll: Toll,
}

impl Trouble {
    /// A trouble that begins at `since`.
    pub fn new(since: Timestamp, title: impl Into<String>, text: &[String], todo: impl Into<String>) -> Self {
        Self { since, title: title.into(), text: text.to_vec(), todo: todo.into(), toll: Toll::default() }
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
    pub fn worsen(&mut self, name: &str, mut trouble: Trouble, now: Timestamp) -> Result<(), StoreFault> {
        if self.troubles.get(name).is_some_and(|known| known.todo != trouble.todo)
            && let Some(known) = self.troubles.remove(name)
        {
            trouble.toll = known.toll;
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
        for name in left {
            let title = self.troubles.get(&name).map(|trouble| format!("No longer so: {}", trouble.title));
            self.clear(&name, &title.unwrap_or_default(), &[], now)?;
        }
        Ok(())
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
                let fallback = self.orders.lanes.get(destination).and_then(|lanes| lanes.terms.fallback.clone());
                let meanwhile = match fallback {
                    Some(fallback) => format!("Its messages go to {fallback} meanwhile."),
                    None => "Its messages wait meanwhile, as it has no fallback.".to_owned(),
                };
                let is_mail = self.orders.lanes.get(destination).is_some_and(|lanes| !lanes.recipients.is_empty())
                    || self.asks_each(destination);
                let todo = format!(
                    "{}, then run `leadtime reload` (what comes from a variable needs a new start): it is tried again at \
                     once, else every 15 minutes.",
                    to_mend(destination, is_mail, why)
                );
                let title = format!("{destination} refuses every message ({})", in_short(why));
                self.worsen(&name, Trouble::new(now, title, &[ended(said(why)), meanwhile], todo), now)
            }
            // One that asks for a longer pause than we would make is not tried before its end: that is told at once.
            Health::Failing { since, until, why, .. }
                if now.duration_since(*since) >= FAILS_TOO_LONG || until.duration_since(now) > PAUSE_MAX =>
            {
                let left_alone = until.duration_since(now);
                let waits = if left_alone > PAUSE_MAX {
                    format!("It asks to be left alone for {}; its messages wait so long.", coarse(left_alone))
                } else {
                    "Its messages wait, and are tried again at least every 15 minutes.".to_owned()
                };
                let title = format!("{destination} takes no messages");
                let todo = format!(
                    "Look whether it is reachable (`leadtime send-test {destination}` tries it); once it is, `leadtime reload` \
                     sends what waits at once."
                );
                self.raise(&name, Trouble::new(*since, title, &[why.clone(), waits], todo), now)
            }
            Health::Well if *was != Health::Well => self.destination_is_back(destination, now),
            _ => Ok(()),
        }
    }

    /// An address refuses mail for good, and the fallback takes over: `[ops]` hears of it once all the same.
    pub(super) fn raise_refused(&mut self, lane: &Lane, why: &str, now: Timestamp) -> Result<(), StoreFault> {
        let (destination, Some(address)) = lane else { return Ok(()) };
        let title = format!("{address} ({destination}) gets no mail");
        let meanwhile = "What nobody else takes goes to the fallback meanwhile.".to_owned();
        let todo = format!("{}, then run `leadtime reload`.", self.to_mend_address(destination, address));
        self.raise(&of_address(address), Trouble::new(now, title, &[ended(said(why)), meanwhile], todo), now)
    }

    /// What is to be done about an address that refuses mail, by where it comes from; without a full stop.
    fn to_mend_address(&self, destination: &DestinationName, address: &str) -> String {
        let lowered = address.to_lowercase();
        let people = &self.orders.rules.people;
        let person = people.by_name.iter().find(|(_, person)| person.email.as_deref() == Some(lowered.as_str()));
        let is_fixed = self.fixed_lanes(destination).iter().any(|lane| lane.1.as_deref() == Some(address));
        match person {
            Some((name, _)) => format!(
                "Have the mailbox mended, or correct `email` in [people.{name}]; of somebody who has left say so with `away`                  (a `from` and no `to`)"
            ),
            None if is_fixed => "Have its mailbox mended, or correct the address in the settings".to_owned(),
            None => "Have the mailbox mended, or take the address out of the referral's team in Partner Center; who has left                      can stay in [people] with `away` (a `from` and no `to`), and a cover"
                .to_owned(),
        }
    }

    pub(super) fn raise_dead(&mut self, lane: &Lane, why: &str, now: Timestamp) -> Result<(), StoreFault> {
        let (destination, recipient) = lane;
        let (name, title) = match recipient {
            Some(address) => (of_address(address), format!("{address} ({destination}) gets no mail")),
            None => (of_dead(destination), format!("A message to {destination} was given up ({})", in_short(why))),
        };
        let again = format!("`leadtime outbox retry --all --destination {destination}` sends what was given up");
        let todo = match recipient {
            Some(address) => {
                format!("{}, then run `leadtime reload`; {again}.", self.to_mend_address(destination, address))
            }
            None => format!("Find out why {destination} does not take it and have that mended; then {again}."),
        };
        let kept = "What was given up is kept: `leadtime outbox list` shows it, and `drop` takes it out.".to_owned();
        let text = [ended(said(why)), kept];
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
                let todo = "Add a rule without `when` at the end (with `steps = []` it keeps silent on purpose), then run \
                            `leadtime reload`.";
                self.raise(&format!("no-rule/{account}"), Trouble::new(now, title, &text, todo), now)
            }
            Some(Silence::AccountRemoved) if case.is_open() => {
                let title = format!("The account {account} has left the settings, so its referrals are shelved");
                let text = ["Nothing is sent about them.".to_owned()];
                let todo = "If that was not meant, put the account back and run `leadtime reload`: they go on where they \
                            were.";
                self.raise(&format!("shelved/{account}"), Trouble::new(now, title, &text, todo), now)
            }
            Some(Silence::FilteredOut) if case.is_open() => {
                let title = format!("The filter of {account} no longer takes some open referrals; they are shelved");
                let text = ["Nothing is sent about them.".to_owned()];
                let todo = "If that was not meant, widen the account's `filter` and run `leadtime reload`: they go on where \
                            they were.";
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
        let todo =
            format!("Add the rate to the settings, [money] rates = {{ {code} = … }}, then run `leadtime reload`.");
        self.raise(&format!("rate/{code}"), Trouble::new(now, title, &text, todo), now)
    }
}

/// What a channel's reason says of what is to be done stands behind this.
const TO_DO: &str = ". To do: ";

/// What happened, without what to do about it.
fn said(why: &str) -> &str {
    why.split_once(TO_DO).map_or(why, |(said, _)| said)
}

/// What happened in a few words, for a title: not what the other side said beside its number.
fn in_short(why: &str) -> String {
    let said = said(why);
    one_line(said.split_once(": ").map_or(said, |(head, _)| head), 80)
}

fn ended(text: &str) -> String {
    if text.ends_with('.') { text.to_owned() } else { format!("{text}.") }
}

/// What mends a destination that refuses everything, by what its channel says, else by where its settings stand; without a
/// full stop.
fn to_mend(destination: &DestinationName, is_mail: bool, why: &str) -> String {
    let place = if is_mail { "[smtp]".to_owned() } else { format!("[destinations.{destination}]") };
    let Some((_, remedy)) = why.split_once(TO_DO) else { return format!("Mend {place}") };
    let remedy = remedy.trim_end_matches('.');
    let mut letters = remedy.chars();
    let remedy: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    match remedy {
        remedy if remedy.contains('[') => remedy,
        remedy if remedy.ends_with("url") => format!("{remedy} in {place}"),
        remedy => format!("{remedy} ({place})"),
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
    fn the_title_says_what_happened_and_the_remedy_where_it_belongs() {
        let why = "Slack answered 404. To do: set a valid webhook_url";
        assert_eq!(in_short(why), "Slack answered 404");
        assert_eq!(to_mend(&"sellers".into(), false, why), "Set a valid webhook_url in [destinations.sellers]");
        let why = "the mail server answered 535 to the login: 5.7.3. To do: check user and password of [smtp]";
        assert_eq!(in_short(why), "the mail server answered 535 to the login");
        assert_eq!(to_mend(&"inbox".into(), true, why), "Check user and password of [smtp]");
        assert_eq!(
            to_mend(&"crm".into(), false, "x. To do: check its headers and secret"),
            "Check its headers and secret ([destinations.crm])"
        );
        assert_eq!(to_mend(&"crm".into(), false, "no reason"), "Mend [destinations.crm]");
        assert_eq!(to_mend(&"inbox".into(), true, "no reason"), "Mend [smtp]");
    }
}
