//! From a job to what a message says: facts of the case, the reason, what was told, what follows. Decides nothing and
//! words little; `messages` does that.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{
    claim_link::{Kind, Link},
    facts::{Item, Job},
    prepare::{Prepared, kind},
    whom::{self, Whom},
};
use crate::{
    core::{
        case::{Case, Fate, Life, Particulars},
        claim,
        ids::DestinationName,
        ladder::{Call, Event, Line, counting_hours, decide, value_of},
        notice::NoticeKind,
        outbox::Class,
        period::Seconds,
        referral::{Closing, Referral},
        rules::Rules,
        story,
    },
    messages::{
        content::{
            self, Audience, Became, Changed, Claimed, Content, Digest, DigestKind, Ending, Field, Mention, Message,
            Next, Notice, Told, Worth,
        },
        words::{self, Locale, Why, Words},
    },
    settings::{DestinationKind, DestinationSettings},
};

/// So many earlier messages, and so many to come, are told at most.
const LINES_MAX: usize = 6;

/// What a digest at a set time says, for its destination, given what there is to tell and as of when, where that is too long
/// ago; `None` where the settings no longer have it.
pub fn compose_forecast(
    job: &Job,
    (mut told, as_of): (story::Forecast, Option<Timestamp>),
    prepared: &Prepared,
    now: Timestamp,
) -> Option<Content> {
    let desk = Desk::of(job, prepared, now)?;
    let scheduled = job.scheduled.as_ref()?;
    let place = |destination: &DestinationName| whom::place(&prepared.orders.rules, destination);
    if !desk.destination.kind.is_machine() {
        for there in told.expired.shown.iter_mut().flat_map(|story| &mut story.told) {
            there.destination = place(&there.destination).as_str().into();
        }
    }
    Some(Content::Forecast(Box::new(content::Forecast {
        message_id: job.id,
        digest: scheduled.digest.to_string(),
        told,
        reason: desk.words().scheduled_reason(
            scheduled.digest.as_str(),
            &place(&job.lane.0),
            scheduled.in_place_of.as_ref().map(place).as_deref(),
        ),
        zone: desk.zone(None),
        now,
        as_of,
        possible_repeat: job.possible_repeat,
        locale: desk.locale(),
    })))
}

/// What a job says, for its destination; `None` where the settings no longer have that.
pub fn compose(job: &Job, prepared: &Prepared, now: Timestamp) -> Option<Content> {
    let desk = Desk::of(job, prepared, now)?;
    if let Some(notice) = &job.notice {
        return Some(Content::Notice(Box::new(desk.notice(job, notice))));
    }
    let mut messages: Vec<Message> = job.items.iter().map(|item| desk.message(item, job)).collect();
    if !job.digest {
        return messages.pop().map(|message| Content::Referral(Box::new(message)));
    }
    let class = job.items.first().map_or(Class::Rest, |item| super::facts::class(&item.line));
    let kind = match class {
        Class::Escalation => DigestKind::Escalations,
        Class::Reminder => DigestKind::Reminders,
        Class::Rest => DigestKind::News,
    };
    let mut mentions: Vec<Mention> = Vec::new();
    for mention in messages.iter().flat_map(|message| &message.mentions) {
        if !mentions.contains(mention) {
            mentions.push(mention.clone());
        }
    }
    let as_of = messages.iter().filter_map(|message| message.as_of).min();
    let zone = desk.zone(job.items.first());
    let reason = desk.words().digest_reason(&kind);
    Some(Content::Digest(Box::new(Digest {
        message_id: job.id,
        kind,
        items: messages,
        reason,
        mentions,
        zone,
        now,
        as_of,
        possible_repeat: job.possible_repeat,
        locale: desk.locale(),
    })))
}

struct Desk<'a> {
    name: &'a DestinationName,
    destination: &'a DestinationSettings,
    prepared: &'a Prepared,
    now: Timestamp,
    locale: Locale,
}

impl<'a> Desk<'a> {
    /// The language is that of the person whose address a mail goes to, else the destination's.
    fn of(job: &'a Job, prepared: &'a Prepared, now: Timestamp) -> Option<Self> {
        let destination = prepared.settings.destinations.get(&job.lane.0)?;
        let reader = job.lane.1.as_deref().and_then(|address| locale_of(address, prepared));
        let locale = Locale::parse(reader.unwrap_or(&destination.locale)).unwrap_or_default();
        Some(Self { name: &job.lane.0, destination, prepared, now, locale })
    }
}

impl Desk<'_> {
    fn locale(&self) -> Locale {
        self.locale
    }

    fn words(&self) -> &'static Words {
        words::of(self.locale)
    }

    fn zone(&self, item: Option<&Item>) -> jiff::tz::TimeZone {
        let rule = item.map(|item| &item.line.rule);
        counting_hours(&self.prepared.orders.rules, self.name, rule).time_zone().clone()
    }

    fn notice(&self, job: &Job, notice: &crate::core::notice::Notice) -> Notice {
        // What was finished in English stays whole.
        let words = if notice.news.is_written() { words::of(Locale::EN) } else { self.words() };
        let named = self.prepared.settings.ops.named;
        let words::Told { title, text, todo } = words.news(&notice.news);
        let (event, reason) = match notice.kind() {
            NoticeKind::Trouble => (content::Event::Trouble, words.ops_reason(named)),
            NoticeKind::Recovered => (content::Event::Recovered, words.ops_reason(named)),
            NoticeKind::Keepalive => (content::Event::Keepalive, words.keepalive_reason()),
            NoticeKind::Test => (content::Event::Test, words.test_reason()),
        };
        Notice {
            message_id: job.id,
            event,
            title,
            text,
            since: notice.since,
            todo,
            reason,
            possible_repeat: job.possible_repeat,
            zone: self.zone(None),
            now: self.now,
            locale: words.locale(),
        }
    }

    fn message(&self, item: &Item, job: &Job) -> Message {
        let (case, line) = (&item.case, &item.line);
        let rules = &self.prepared.orders.rules;
        let hours = counting_hours(rules, self.name, Some(&line.rule));
        let machine = self.destination.kind.is_machine();
        let whom = Whom::of(case, self.prepared, self.now);
        let because = whom.because(line, job);
        let event = if item.over { ended_as(case) } else { line.event };
        Message {
            message_id: if job.digest { case.message_id(&line.key) } else { job.id },
            event: event_of(event),
            audience: if line.escalation { Audience::Escalations } else { Audience::Sellers },
            referral: case.referral.clone(),
            account: case.account.clone(),
            category: case.referral.category(),
            value: self.worth(case),
            rule: line.rule.clone(),
            step: line.key.purpose.label(),
            reason: self.reason(line, job, &whom),
            first: !case.was_told(self.name),
            told: if machine { Vec::new() } else { told(case, rules) },
            next: if machine || !case.is_open() { Vec::new() } else { self.next(case) },
            deadline: case.deadline.at,
            estimated: case.deadline.estimated,
            answer_by: hours.answer_by(case.deadline.at),
            working_days_left: hours.working_days_left(self.now, case.deadline.at),
            zone: hours.time_zone().clone(),
            now: self.now,
            closing: ending(case),
            changes: self.changes(case),
            claimed: self.claimed(case),
            link: self.prepared.referral_link(case).unwrap_or_default(),
            claim_link: self.claim_link(item, job, &because),
            owners: whom.owners(),
            because,
            refusing: whom.refusing(item),
            mentions: whom.mentions(line, job),
            as_of: self.as_of(case),
            unseen_since: case.unseen_since(),
            at_once: self.at_once(line),
            possible_repeat: job.possible_repeat,
            include_contacts: self.destination.include.contacts,
            include_notes: self.destination.include.notes,
            locale: self.locale(),
            subject: None,
        }
    }

    /// Why its reader gets a message: people stand in it by their names.
    fn reason(&self, line: &Line, job: &Job, whom: &Whom<'_>) -> String {
        let origin = line.key.stands_in_for.as_ref().map(|origin| whom.place(origin));
        reason(line, &whom.here(line, job), origin.as_deref(), self.words())
    }

    fn worth(&self, case: &Case) -> Option<Worth> {
        let rules = &self.prepared.orders.rules;
        Some(Worth { amount: value_of(case, rules)?, currency: rules.money.currency.clone()? })
    }

    /// What follows if nobody answers: the next steps of every destination, those of one instant together.
    fn next(&self, case: &Case) -> Vec<Next> {
        let mut steps: BTreeMap<(Timestamp, bool), Vec<String>> = BTreeMap::new();
        for line in decide(case, &self.prepared.orders.rules, self.now).lines {
            if let Call::Wait { until, .. } = line.call
                && line.key.purpose.is_on_ladder()
            {
                let places = steps.entry((until, line.escalation)).or_default();
                let place = whom::place(&self.prepared.orders.rules, &line.key.destination);
                // A claim puts off all that falls due in it to one instant, and hours do so overnight; one of it speaks.
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        let next = steps.into_iter().map(|((at, escalation), destinations)| Next { at, destinations, escalation });
        next.take(LINES_MAX).collect()
    }

    fn changes(&self, case: &Case) -> Vec<Changed> {
        let Some(told) = case.told.get(self.name) else { return Vec::new() };
        changes(&told.facts, &case.facts(), &case.referral)
    }

    /// Who has said that they will answer it, whether or not their time is over by now.
    fn claimed(&self, case: &Case) -> Option<Claimed> {
        let (claim, until) = claim::held(case, &self.prepared.orders.rules)?;
        Some(Claimed { by: claim.by.name.clone(), since: claim.at, until })
    }

    /// The signed link under which its reader may claim the referral, or see to an escalation; none where nothing can be
    /// held back any more. Standard output is a log, and no link is in one.
    fn claim_link(&self, item: &Item, job: &Job, because: &content::Because) -> Option<String> {
        let (base, key) = (self.prepared.settings.web.external_url.as_ref()?, self.prepared.claim_key.as_ref()?);
        // An owner answers, also where the managers hear of it by then.
        let is_owner = matches!(because, content::Because::Owner(_));
        let kind = if item.line.escalation && !is_owner { Kind::SeeTo } else { Kind::Claim };
        let hours = counting_hours(&self.prepared.orders.rules, self.name, None);
        let too_late = kind == Kind::Claim && claim::latest(&item.case, hours) <= self.now;
        let is_log = matches!(self.destination.kind, DestinationKind::Stdout);
        if item.over || !item.case.is_open() || too_late || is_log {
            return None;
        }
        let (destination, recipient) = (self.name.clone(), job.lane.1.clone());
        let token = key.token(&Link { kind, case: item.case.number, destination, recipient });
        Some(format!("{}/claim/{token}", base.as_str().trim_end_matches('/')))
    }

    /// As of when Partner Center was last read, where that is more than two poll intervals ago.
    fn as_of(&self, case: &Case) -> Option<Timestamp> {
        let Seconds(every) = self.prepared.settings.accounts.get(&case.account)?.poll_every;
        let limit = SignedDuration::from_secs(every.saturating_mul(2));
        case.as_of.filter(|as_of| case.is_open() && self.now.duration_since(*as_of) > limit)
    }

    fn at_once(&self, line: &Line) -> Option<String> {
        let against = line.call == Call::Due { against_hours: true };
        against.then(|| self.words().at_once())
    }
}

fn event_of(event: Event) -> content::Event {
    match event {
        Event::New => content::Event::New,
        Event::Updated => content::Event::Updated,
        Event::Reminder => content::Event::Reminder,
        Event::Escalation => content::Event::Escalation,
        Event::Overdue => content::Event::Overdue,
        Event::Answered => content::Event::Answered,
        Event::Expired => content::Event::Expired,
        Event::Gone => content::Event::Gone,
        Event::Reopened => content::Event::Reopened,
    }
}

fn ended_as(case: &Case) -> Event {
    match case.life {
        Life::Closed { closing: Closing::Expired, .. } => Event::Expired,
        Life::Closed { .. } => Event::Answered,
        Life::Gone { .. } => Event::Gone,
        _ => Event::Reminder,
    }
}

/// Why a message goes to `here`, in place of `origin` where that takes none: a finished sentence.
fn reason(line: &Line, here: &str, origin: Option<&str>, words: &Words) -> String {
    words.reason(&Why {
        purpose: line.key.purpose,
        escalation: line.escalation,
        rule: line.rule.as_str(),
        here,
        origin,
    })
}

/// What was sent before, oldest first.
fn told(case: &Case, rules: &Rules) -> Vec<Told> {
    let mut told: Vec<Told> = case
        .ledger
        .iter()
        .filter_map(|entry| {
            let became = match entry.fate {
                Fate::Accepted => Became::Accepted,
                Fate::Dead | Fate::FellBack(_) => Became::Refused,
                _ if entry.maybe => Became::Unknown,
                _ => return None,
            };
            let destination = whom::place(rules, &entry.key.destination);
            let what = if entry.escalation { "escalation".to_owned() } else { entry.key.purpose.label() };
            Some(Told { at: entry.at, destination, what, became })
        })
        .collect();
    told.sort_by_key(|told| told.at);
    told.split_off(told.len().saturating_sub(LINES_MAX))
}

fn ending(case: &Case) -> Option<Ending> {
    let Life::Closed { closing, at } = case.life else { return None };
    let ended = case.referral.closed_at().filter(|ended| *ended >= case.created).unwrap_or(at);
    let after = Seconds(ended.duration_since(case.created).as_secs().max(0));
    let by = closing.is_answer().then(|| whom::named_by(case).next()).flatten();
    Some(Ending { closing, after, by })
}

/// The language of a person of the settings, by their address.
fn locale_of<'a>(address: &str, prepared: &'a Prepared) -> Option<&'a str> {
    let people = &prepared.settings.people;
    let is_theirs = |mailbox: &lettre::message::Mailbox| mailbox.email.to_string().eq_ignore_ascii_case(address);
    let person = people.values().find(|person| person.mailbox.as_ref().is_some_and(is_theirs))?;
    person.locale.as_deref()
}

fn changes(old: &Particulars, new: &Particulars, referral: &Referral) -> Vec<Changed> {
    let number = |value: Option<f64>| value.map(|value| value.to_string());
    let instant = |at: Timestamp| Some(at.to_string());
    let fields = [
        (Field::Customer, old.customer.clone(), new.customer.clone()),
        (Field::Value, number(old.value), number(new.value)),
        (Field::Currency, old.currency.clone(), new.currency.clone()),
        (Field::Closing, old.closing.clone(), new.closing.clone()),
        (Field::Deadline, instant(old.armed), instant(new.armed)),
    ];
    let mut changed: Vec<Changed> = fields
        .into_iter()
        .filter(|(_, old, new)| old != new)
        .map(|(field, old, new)| Changed { field, old, new })
        .collect();
    if old.notes != new.notes {
        changed.push(Changed { field: Field::Notes, old: None, new: referral.notes().map(str::to_owned) });
    }
    changed
}

/// The channel for which a job is rendered.
pub fn channel_kind(prepared: &Prepared, destination: &DestinationName) -> Option<content::ChannelKind> {
    prepared.settings.destinations.get(destination).map(kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{
        ids::RuleName,
        key::{Key, Purpose},
        ladder::Call,
        people::Because,
        period::Period,
    };

    fn told(purpose: Purpose, escalation: bool) -> String {
        let key = Key::new("managers".into(), purpose);
        let call = Call::Due { against_hours: false };
        let line = Line {
            key,
            event: Event::Reminder,
            escalation,
            rule: RuleName::new("default"),
            place: None,
            call,
            because: Because::Named,
            rested: false,
        };
        reason(&line, "managers", None, words::of(Locale::EN))
    }

    #[test]
    fn each_reader_learns_which_rule_speaks_and_when() {
        let armed = Timestamp::UNIX_EPOCH;
        let before = |left| Purpose::BeforeExpiry { left, armed, repeat: None };
        assert_eq!(
            told(before(Period::working_days(3)), true),
            "You get this because rule “default” escalates to managers 3 working days before expiry."
        );
        assert_eq!(
            told(Purpose::After { since: Period::working_hours(4), repeat: None }, false),
            "You get this because rule “default” reminds managers 4 working hours after creation."
        );
        assert_eq!(
            told(before(Period::seconds(36 * 3_600)), false),
            "You get this because rule “default” reminds managers 1 day and 12 hours before expiry."
        );
    }
}
