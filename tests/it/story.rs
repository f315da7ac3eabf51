//! Stories: what Partner Center does and how channels answer, told in verbs, and exactly the messages that come of it.

use std::{collections::BTreeMap, fmt::Write};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use leadtime::{
    core::{
        case::Case,
        claim::{self, Claim, Claimant},
        ids::{CaseNumber, MessageId},
        ladder::Line,
        notice::NoticeKind,
        outbox::Form,
        period::Seconds,
        reply::Reply,
    },
    messages::words::{self, Locale},
    service::{
        facts::{Item, Job, Orders},
        prepare,
    },
    settings,
};
use serde_json::{Value, json};

pub use leadtime::service::walk::{Answer, Judge, Walk};

/// How a destination answers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Channel {
    Accepts,
    /// A passing failure; the pause that it asks for, in seconds.
    Later(Option<i64>),
    RefusesMessage,
    RefusesAll,
    /// The message is handed over, and no answer comes.
    Silent,
    /// The answer is not there yet.
    Pending,
}

/// A message as an expectation writes it: when, what, where, about which referrals.
pub type Expected<'a> = (&'a str, &'a str, &'a str, &'a str);

/// What is in every story's settings: four people's channels, one machine, one mail of two, and operators.
const USUAL: &str = r#"
time_zone = "UTC"
notify = ["sellers"]
escalate_to = ["managers"]

[ops]
notify = ["ops"]

[accounts.contoso]
tenant_id = "t"
client_id = "c"

[smtp]
host = "localhost"
from = "leadtime@contoso.com"

[destinations]
sellers = { type = "slack", webhook_url = "https://hooks.slack.com/services/1", rate = "none" }
crm = { type = "webhook", url = "https://crm.contoso.com/" }
inbox = { type = "email", to = ["anna@contoso.com"], rate = "none" }
ops = { type = "stdout" }
"#;

/// Where managers are told, unless a story says otherwise.
const MANAGERS: &str =
    r#"managers = { type = "slack", webhook_url = "https://hooks.slack.com/services/2", rate = "none" }"#;

/// The orders that follow from a settings file.
pub fn orders(toml: &str) -> Orders {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("leadtime.toml");
    std::fs::write(&file, toml).unwrap();
    match settings::load(&file, std::iter::empty()) {
        Ok((settings, _)) => prepare::orders(&settings),
        Err(faults) => panic!("{faults}\n{toml}"),
    }
}

/// The usual settings with more at the end: rules, hours, or destinations of the story's own.
pub fn usual(more: &str) -> String {
    let managers = if more.contains("managers]") { "" } else { MANAGERS };
    format!("{USUAL}{managers}\n{more}")
}

/// A referral of the usual kind.
pub fn referral(id: &str, created: &str, expires: Option<&str>) -> Value {
    json!({"id": id, "createdDateTime": created, "expirationDateTime": expires})
}

/// A text as an instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A message about one referral that a channel took.
#[derive(Clone, PartialEq, Debug)]
pub struct Taken {
    pub at: Timestamp,
    pub place: String,
    pub case: CaseNumber,
    pub line: Line,
    /// Whether it was marked as a possible repeat.
    pub repeat: bool,
}

pub struct Story {
    pub walk: Walk,
    /// Every message about a referral that was accepted, digests taken apart.
    pub taken: Vec<Taken>,
    channels: BTreeMap<String, Channel>,
    /// Answers that are given once, before the usual one.
    once: BTreeMap<String, Vec<Channel>>,
    pending: Vec<Job>,
    told: Vec<(Timestamp, [String; 4])>,
    /// Every attempt, as it would be told.
    pub attempts: Vec<[String; 4]>,
    /// The id of every attempt.
    pub ids: Vec<MessageId>,
    zone: TimeZone,
    poll_every: Option<SignedDuration>,
}

impl Story {
    /// A first start at `now` with the usual settings and `more`.
    pub fn begins(now: &str, more: &str) -> Self {
        Self::with(now, &usual(more))
    }

    /// A first start with settings of its own.
    pub fn with(now: &str, toml: &str) -> Self {
        Self::under(at(now), orders(toml))
    }

    /// A first start under orders that are there already.
    pub fn under(now: Timestamp, orders: Orders) -> Self {
        Self {
            walk: Walk::new(orders, "contoso", now).unwrap(),
            taken: Vec::new(),
            channels: BTreeMap::new(),
            once: BTreeMap::new(),
            pending: Vec::new(),
            told: Vec::new(),
            attempts: Vec::new(),
            ids: Vec::new(),
            zone: TimeZone::UTC,
            poll_every: None,
        }
    }

    /// Expectations are written in this zone.
    pub fn told_in(&mut self, zone: &str) -> &mut Self {
        self.zone = TimeZone::get(zone).unwrap();
        self
    }

    /// While time passes there is a whole poll so often.
    pub fn polls_every(&mut self, minutes: i64) -> &mut Self {
        self.poll_every = Some(SignedDuration::from_mins(minutes));
        self
    }

    /// Partner Center lists a referral.
    pub fn opens(&mut self, referral: Value) -> &mut Self {
        let usual = json!({"type": "Shared", "direction": "Incoming", "status": "New", "substatus": "Pending"});
        let id = referral["id"].as_str().unwrap().to_owned();
        self.walk.world.by_id.remove(&id);
        self.walk.world.listed.retain(|item| item["id"] != id.as_str());
        self.walk.world.listed.push(merged(usual, &referral));
        self
    }

    /// A listed or remembered referral changes.
    pub fn changes(&mut self, id: &str, change: Value) -> &mut Self {
        let item = self.walk.world.listed.iter_mut().find(|item| item["id"] == id).unwrap();
        *item = merged(item.take(), &change);
        self
    }

    /// A referral leaves the list, with what a reading by id then shows.
    pub fn leaves(&mut self, id: &str, change: Value) -> &mut Self {
        let place = self.walk.world.listed.iter().position(|item| item["id"] == id);
        let body = match (place, self.walk.world.by_id.get(id)) {
            (Some(place), _) => self.walk.world.listed.remove(place),
            (None, Some(Answer::Found(body))) => body.clone(),
            _ => panic!("nothing is known of {id}"),
        };
        self.walk.world.by_id.insert(id.to_owned(), Answer::Found(merged(body, &change)));
        self
    }

    /// Somebody accepts it in Partner Center.
    pub fn accepts(&mut self, id: &str) -> &mut Self {
        self.leaves(id, json!({"status": "Active", "substatus": "Accepted"}))
    }

    /// It expires.
    pub fn expires(&mut self, id: &str) -> &mut Self {
        self.leaves(id, json!({"status": "Closed", "substatus": "Expired"}))
    }

    /// It becomes Received: no longer listed, still open.
    pub fn leaves_list_still_open(&mut self, id: &str) -> &mut Self {
        self.leaves(id, json!({"substatus": "Received"}))
    }

    /// It leaves the list, and a reading by id gets this answer.
    pub fn vanishes(&mut self, id: &str, answer: Answer) -> &mut Self {
        self.walk.world.listed.retain(|item| item["id"] != id);
        self.walk.world.by_id.insert(id.to_owned(), answer);
        self
    }

    /// It is Pending again, and listed.
    pub fn is_pending_again(&mut self, id: &str) -> &mut Self {
        let Some(Answer::Found(body)) = self.walk.world.by_id.remove(id) else { panic!("{id} is not known") };
        self.opens(merged(body, &json!({"status": "New", "substatus": "Pending"})))
    }

    /// A whole poll, and what follows from it.
    pub fn polls(&mut self) -> &mut Self {
        self.walk.poll().unwrap();
        self.settles()
    }

    /// A poll that ends after so many pages.
    pub fn poll_fails_after(&mut self, pages: usize) -> &mut Self {
        self.walk.poll_cut_short(pages).unwrap();
        self.settles()
    }

    /// A referral comes and is polled at once.
    pub fn sees(&mut self, referral: Value) -> &mut Self {
        self.opens(referral).polls()
    }

    /// Time passes.
    pub fn passes(&mut self, until: &str) -> &mut Self {
        self.passes_until(at(until))
    }

    /// So many minutes pass.
    pub fn passes_minutes(&mut self, minutes: i64) -> &mut Self {
        self.passes_until(self.walk.now + SignedDuration::from_mins(minutes))
    }

    /// Time passes.
    pub fn passes_until(&mut self, until: Timestamp) -> &mut Self {
        assert!(until >= self.walk.now, "{until} is past");
        let every = self.poll_every;
        self.play(|walk, judge| walk.pass(until, every, judge).unwrap());
        self
    }

    /// Time passes with nobody there: the process is down, or the machine asleep.
    pub fn sleeps(&mut self, until: &str) -> &mut Self {
        self.walk.now = at(until);
        self
    }

    /// What is due now is done.
    pub fn settles(&mut self) -> &mut Self {
        self.play(|walk, judge| {
            walk.settle(judge).unwrap();
        });
        self
    }

    /// A new process; attempts under way are lost with the old one. Nothing is decided before the next poll or step.
    pub fn restarts(&mut self) -> &mut Self {
        self.pending.clear();
        self.walk.restart().unwrap();
        self
    }

    /// A new process with other settings: the usual ones and `more`.
    pub fn restarts_with(&mut self, more: &str) -> &mut Self {
        self.pending.clear();
        self.walk.restart_under(orders(&usual(more))).unwrap();
        self
    }

    /// The account's clock and ours turn out to differ by more than an hour.
    pub fn doubts_the_clock(&mut self) -> &mut Self {
        self.walk.state.doubt_clock(&self.walk.account);
        self.settles()
    }

    /// Our clock is set to this instant, and agrees with the account's from now on.
    pub fn sets_the_clock_right(&mut self, now: &str) -> &mut Self {
        self.walk.now = at(now);
        self.walk.state.believe_clock(&self.walk.account, self.walk.now).unwrap();
        self
    }

    /// The clock turns out to have been set back.
    pub fn jumps_back(&mut self) -> &mut Self {
        self.walk.state.clock_jumped(SignedDuration::from_hours(-24), self.walk.now).unwrap();
        self
    }

    /// New settings: the usual ones and `more`.
    pub fn reloads(&mut self, more: &str) -> &mut Self {
        self.reloads_all(&usual(more))
    }

    /// New settings.
    pub fn reloads_all(&mut self, toml: &str) -> &mut Self {
        self.walk.state.reload(orders(toml).into(), self.walk.now).unwrap();
        self.settles()
    }

    /// Somebody presses "I'll answer this one" under a message of this destination, for so many working days.
    pub fn claims(&mut self, number: u64, from: &str, days: u8) -> &mut Self {
        let now = self.walk.now;
        let until = claim::until(days, &self.walk.state.orders().rules.default_hours, now);
        let claim = Claim { by: anna(), at: now, until, from: from.into() };
        self.walk.state.claim(CaseNumber(number), claim, now).unwrap();
        self.settles()
    }

    /// She cannot after all.
    pub fn gives_back(&mut self, number: u64, from: &str) -> &mut Self {
        self.walk.state.give_back(CaseNumber(number), &from.into(), Some(&anna()), self.walk.now).unwrap();
        self.settles()
    }

    /// A manager presses "I'll see to it" under an escalation of this destination.
    pub fn sees_to(&mut self, number: u64, at: &str) -> &mut Self {
        let now = self.walk.now;
        self.walk.state.see_to(CaseNumber(number), &at.into(), anna(), now, now).unwrap();
        self.settles()
    }

    /// From now on a destination (for mail: its name, a space and the address) answers like this.
    pub fn channel(&mut self, destination: &str, channel: Channel) -> &mut Self {
        self.channels.insert(destination.to_owned(), channel);
        self
    }

    /// The next attempts there are answered like this, in this order.
    pub fn next_answers(&mut self, destination: &str, channels: &[Channel]) -> &mut Self {
        self.once.insert(destination.to_owned(), channels.iter().rev().copied().collect());
        self
    }

    /// The attempts that are under way get their answer.
    pub fn pending_get(&mut self, channel: Channel) -> &mut Self {
        for job in std::mem::take(&mut self.pending) {
            self.told.extend(recorded(&job, channel).map(|message| (self.walk.now, message)));
            self.walk.sent(&job, reply(channel).unwrap()).unwrap();
        }
        self.settles()
    }

    /// How many attempts are under way.
    pub fn under_way(&self) -> usize {
        self.pending.len()
    }

    /// The case of the n-th referral that was seen.
    pub fn case(&self, number: u64) -> Case {
        self.walk.state.case(CaseNumber(number)).unwrap()
    }

    /// Exactly these messages since the last expectation, in the order of time, then of destination.
    #[track_caller]
    pub fn expects(&mut self, expected: &[Expected<'_>]) -> &mut Self {
        let mut told = std::mem::take(&mut self.told);
        told.sort_by(|a, b| (a.0, &a.1[2], &a.1[3]).cmp(&(b.0, &b.1[2], &b.1[3])));
        let told: Vec<[String; 4]> = told
            .into_iter()
            .map(|(at, [_, what, to, about])| {
                [at.to_zoned(self.zone.clone()).strftime("%a %-d %H:%M").to_string(), what, to, about]
            })
            .collect();
        let wanted: Vec<[String; 4]> =
            expected.iter().map(|(when, what, to, about)| [*when, *what, *to, *about].map(str::to_owned)).collect();
        // Within one instant the order of the expectation is free.
        let same = {
            let (mut a, mut b) = (told.clone(), wanted.clone());
            a.sort();
            b.sort();
            a == b && told.iter().map(|m| &m[0]).eq(wanted.iter().map(|m| &m[0]))
        };
        assert!(same, "{}", difference(&wanted, &told));
        self
    }

    /// Nothing was sent since the last expectation.
    #[track_caller]
    pub fn expects_nothing(&mut self) -> &mut Self {
        self.expects(&[])
    }

    /// Forgets what was sent so far: it is another story's matter.
    pub fn and_then(&mut self) -> &mut Self {
        self.told.clear();
        self.attempts.clear();
        self.ids.clear();
        self
    }

    /// What was sent and not expected yet: when, what, where, about what.
    pub fn take_told(&mut self) -> Vec<(Timestamp, [String; 4])> {
        std::mem::take(&mut self.told)
    }

    fn play(&mut self, act: impl FnOnce(&mut Walk, Judge<'_>)) {
        let Self { walk, channels, once, pending, told, attempts, ids, taken, .. } = self;
        let mut judge = |job: &Job, now: Timestamp| {
            let to = place(job);
            let next = once.get_mut(&to).and_then(Vec::pop);
            let channel = next.or_else(|| channels.get(&to).copied()).unwrap_or(Channel::Accepts);
            attempts.push(message(job));
            ids.push(job.id);
            if channel == Channel::Accepts {
                let of = |item: &Item| Taken {
                    at: now,
                    place: to.clone(),
                    case: item.case.number,
                    line: item.line.clone(),
                    repeat: job.possible_repeat,
                };
                taken.extend(job.items.iter().map(of));
            }
            told.extend(recorded(job, channel).map(|message| (now, message)));
            if channel == Channel::Pending {
                pending.push(job.clone());
            }
            reply(channel)
        };
        act(walk, &mut judge);
    }
}

/// Who claims in stories.
fn anna() -> Claimant {
    Claimant { name: "Anna Kovács".to_owned(), person: Some("anna".into()), said: false }
}

fn reply(channel: Channel) -> Option<Reply> {
    let why = "as the story has it".to_owned();
    Some(match channel {
        Channel::Accepts => Reply::Accepted { detail: None },
        Channel::Later(after) => Reply::TryLater { after: after.map(Seconds), why },
        Channel::RefusesMessage => Reply::MessageRefused { why },
        Channel::RefusesAll => Reply::DestinationRefused { why },
        Channel::Silent => Reply::NoAnswer { why },
        Channel::Pending => return None,
    })
}

/// A message that its reader has, or may have.
fn recorded(job: &Job, channel: Channel) -> Option<[String; 4]> {
    let mut message = message(job);
    match channel {
        Channel::Accepts => {}
        Channel::Silent => message[1].push_str(" unanswered"),
        _ => return None,
    }
    Some(message)
}

fn message(job: &Job) -> [String; 4] {
    let mut what = match (&job.notice, job.items.first()) {
        (Some(notice), _) => match notice.kind() {
            NoticeKind::Trouble => "trouble".to_owned(),
            NoticeKind::Recovered => "recovered".to_owned(),
            other => format!("{other:?}"),
        },
        (None, _) if job.digest => "digest".to_owned(),
        (None, None) if job.scheduled.is_some() => "scheduled".to_owned(),
        (None, Some(item)) => item.line.event.as_str().to_owned(),
        (None, None) => "empty".to_owned(),
    };
    for (is, word) in [(job.form == Form::Plain, " plain"), (job.possible_repeat, " repeat")] {
        if is {
            what.push_str(word);
        }
    }
    let about = match (&job.notice, &job.scheduled) {
        (Some(notice), _) => words::of(Locale::EN).news(&notice.news).title,
        (None, Some(scheduled)) => scheduled.digest.to_string(),
        (None, None) => {
            let items =
                job.items.iter().map(|item| format!("{}{}", item.case.id(), if item.over { " (over)" } else { "" }));
            items.collect::<Vec<_>>().join(", ")
        }
    };
    [String::new(), what, place(job), about]
}

fn place(job: &Job) -> String {
    match &job.lane.1 {
        Some(address) => format!("{} {address}", job.lane.0),
        None => job.lane.0.to_string(),
    }
}

fn merged(mut body: Value, change: &Value) -> Value {
    match (&mut body, change) {
        (Value::Object(body), Value::Object(change)) => {
            for (name, value) in change {
                let was = body.remove(name).unwrap_or_default();
                body.insert(name.clone(), merged(was, value));
            }
        }
        (body, change) => *body = change.clone(),
    }
    body
}

fn difference(wanted: &[[String; 4]], told: &[[String; 4]]) -> String {
    let mut text = String::from("the messages are not those expected\n");
    let mut rest = told.to_vec();
    for message in wanted {
        let place = rest.iter().position(|other| other == message);
        let mark = if place.map(|place| rest.remove(place)).is_some() { "    " } else { "  - " };
        writeln!(text, "{mark}{}", message.join(" | ")).unwrap();
    }
    for message in rest {
        writeln!(text, "  + {}", message.join(" | ")).unwrap();
    }
    text
}
