//! What `explain` and `plan` say, in English: one sentence for every reason that the core knows. All of their words are
//! here, and nothing is decided here; every `match` names each variant, so that a new reason cannot be left without words.
//! No sentence holds a customer's contact or a note, nor the address of a destination.

mod phrases;
pub mod report;
mod whom;

use jiff::{Timestamp, civil, tz::TimeZone};

use self::phrases::{because, capitalised, claimant, counted, ended, later, long, message, noun, place, step};
pub use self::phrases::{closed_so, fated, happened_so, reply, spelt, timing, why_not};
use super::words::{Locale, Words, of};
use crate::core::{
    case::{Case, Life, Mute},
    claim::{Claim, SeenTo},
    ids::DestinationName,
    journal::Line as Entered,
    ladder::{Call, Line, Silence, WaitsFor},
    story::{Coming, Happening, Pending, Trial, Trying, Unsent, UnsentWhy, Waiting, What},
};

/// Tells of one moment, in the zone of its readers.
#[derive(Clone)]
pub struct Teller {
    zone: TimeZone,
    now: Timestamp,
    words: &'static Words,
}

impl Teller {
    /// Tells at `now` to people in `zone`.
    pub fn new(zone: TimeZone, now: Timestamp) -> Self {
        Self { zone, now, words: of(Locale::EN) }
    }

    /// The moment of which it tells.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// An instant as people read it, the zone taken as read: `Mon 16 Nov 09:00`; with the year where that is another.
    pub fn when(&self, at: Timestamp) -> String {
        let local = at.to_zoned(self.zone.clone());
        format!("{} {:02}:{:02}", self.day(local.date()), local.hour(), local.minute())
    }

    /// An instant to come within a sentence: `on Mon 16 Nov 09:00`.
    fn next(&self, at: Timestamp) -> String {
        match at.duration_since(self.now).as_secs() {
            ..60 => "within a minute".to_owned(),
            _ => format!("on {}", self.when(at)),
        }
    }

    /// A day as people read it: `Mon 16 Nov`.
    pub fn day(&self, date: civil::Date) -> String {
        let foreign = date.year() != self.now.to_zoned(self.zone.clone()).year();
        let year = if foreign { format!(" {}", date.year()) } else { String::new() };
        format!("{}{year}", self.words.date(date))
    }

    /// The days and hours of an instant, with the zone: `Fri 20 Nov, 01:00 CET`.
    fn instant(&self, at: Timestamp) -> String {
        self.words.moment(at, &self.zone, self.now)
    }

    /// Something that happened.
    pub fn happening(&self, case: &Case, happening: &Happening) -> String {
        let at = happening.at;
        match &happening.what {
            What::Entered(line) => self.entered(case, at, line),
            What::Sent { key, id: _, event, rule, moved_from, digest } => {
                let together = if digest.is_some() { ", in a digest with others" } else { "" };
                let why = because(key, rule);
                let moved = moved_from.map_or(String::new(), |from| self.was_moved(from, at));
                format!("{} went to {}{together}, because {why}.{moved}", noun(*event), place(key))
            }
            What::Failed { key, times, until, why } => format!(
                "{} failed {times} times, the last on {}: {}",
                capitalised(&message(key)),
                self.when(*until),
                ended(why)
            ),
        }
    }

    /// A line of the journal.
    pub fn entered(&self, case: &Case, at: Timestamp, line: &Entered) -> String {
        match line {
            Entered::Seen => self.seen(case, at),
            Entered::Read(happened) => happened_so(*happened).to_owned(),
            Entered::DeadlineMoved { from, to } => format!(
                "Its deadline moved from {} to {}; the steps before it count from the new one.",
                self.instant(*from),
                self.instant(*to)
            ),
            Entered::Queued { key, id: _, event, rule, moved_from } => {
                let moved = moved_from.map_or(String::new(), |from| self.was_moved(from, at));
                let why = because(key, rule);
                format!("{} for {} was due, because {why}.{moved}", noun(*event), place(key))
            }
            Entered::Accepted { key, id: _, attempts, digest, detail, maybe } => {
                let together = if digest.is_some() { " in a digest with others" } else { "" };
                let attempts = if *attempts > 1 { format!(" at attempt {attempts}") } else { String::new() };
                let detail = detail.as_ref().map_or(String::new(), |detail| format!(" It said: {}", ended(detail)));
                let repeat = if *maybe {
                    " It may have come twice, and was marked so: what became of an attempt before is not known."
                } else {
                    ""
                };
                format!("{} was taken{together}{attempts}.{detail}{repeat}", capitalised(&message(key)))
            }
            Entered::Refused { key, attempts, why } => {
                format!("{} failed at attempt {attempts}: {}", capitalised(&message(key)), ended(why))
            }
            Entered::Superseded { key, by } => {
                format!("{} was not sent: {} spoke in its place.", capitalised(&message(key)), later(*by))
            }
            Entered::Folded { key, into } => {
                format!("{} was not sent by itself: {} told it as well.", capitalised(&message(key)), step(*into))
            }
            Entered::Cancelled { key, why } => format!(
                "{} was taken back before it was sent: {}.",
                capitalised(&message(key)),
                why_not(*why, &key.destination)
            ),
            Entered::RecipientLeft { key, recipient } => format!(
                "{} was not sent to {recipient}, who is asked no more: others own it now, or stand in.",
                capitalised(&message(key))
            ),
            Entered::FellBack { key, to } => {
                format!("{} went to {to}, the fallback of {}.", capitalised(&message(key)), key.destination)
            }
            Entered::Dead { key, why } => format!("{} was given up: {}", capitalised(&message(key)), ended(why)),
            Entered::Retried { key, id: _ } => {
                format!("Somebody had {} tried again by hand.", message(key))
            }
            Entered::Muted { reason, until, by } => {
                let by = by.as_deref().unwrap_or("Somebody");
                let until = until.map_or(String::new(), |until| format!(" until {}", self.when(until)));
                format!("{by} muted it{until}: {}", ended(reason))
            }
            Entered::Unmuted { by_hand: true } => "Somebody ended the mute; what is due is told again.".to_owned(),
            Entered::Unmuted { by_hand: false } => "The mute ended by itself; what is due is told again.".to_owned(),
            Entered::Claimed { by, until, from } => format!(
                "{} said at {from} that they will answer it; reminders rest until {}, escalations do not.",
                claimant(by),
                self.when(*until)
            ),
            Entered::GivenBack { by } => format!("{} gave it back; reminders come again.", claimant(by)),
            Entered::SeenTo { by, at } => {
                format!(
                    "{} said at {at} that they will see to it; nothing is repeated there until the next step.",
                    claimant(by)
                )
            }
            Entered::Digest { digest, destination, due, fate } => {
                format!("Digest “{digest}” of {} {}", self.when(*due), phrases::of_digest(destination, fate))
            }
            Entered::Trouble { name: _, title } => format!("leadtime had a trouble of its own: {}", ended(title)),
            Entered::Recovered { name } => format!("That trouble was over: {name}."),
        }
    }

    fn seen(&self, case: &Case, at: Timestamp) -> String {
        let age = at.duration_since(case.created).as_secs();
        let age = match age {
            ..60 => "as soon as it was created".to_owned(),
            _ => format!("{} after it was created", long(age)),
        };
        format!("leadtime saw it for the first time, {age}.")
    }

    /// Why a message came at another time than its step has.
    fn was_moved(&self, from: Timestamp, at: Timestamp) -> String {
        let from_when = self.when(from);
        match from > at {
            true => format!(" It was brought forward from {from_when}, when hours are closed."),
            false => format!(" Its own time was {from_when}, when hours were closed."),
        }
    }

    /// What came of a rule.
    pub fn trial(&self, trial: &Trial) -> String {
        let rule = &trial.rule;
        match &trial.came {
            Trying::Took { speaks: false, .. } => {
                format!("Rule “{rule}” took it; it has no steps, so it keeps silent on purpose.")
            }
            Trying::Took { speaks: true, continues: true } => {
                format!("Rule “{rule}” took it, and let the next ones try too.")
            }
            Trying::Took { speaks: true, continues: false } => format!("Rule “{rule}” took it."),
            Trying::NotTrue { when, no_rate_for: None } => {
                format!("Rule “{rule}” did not take it: this is not true of it: {when}")
            }
            Trying::NotTrue { when, no_rate_for: Some(currency) } => format!(
                "Rule “{rule}” did not take it. Its deal is in {currency}, for which [money] has no rate, so `value` is \
                 unknown in: {when} (add the rate to [money] rates)."
            ),
            Trying::NotReached { taken_by } => format!("Rule “{rule}” was not asked: “{taken_by}” had taken it."),
        }
    }

    /// Why nobody hears of a referral.
    pub fn silence(&self, silence: Silence, mute: Option<&Mute>) -> String {
        match silence {
            Silence::NoRule => {
                "No rule takes it, so nobody hears of it. Add a rule without `when` at the end of the settings."
                    .to_owned()
            }
            Silence::OnPurpose => "Only rules without steps take it, so nobody hears of it, on purpose.".to_owned(),
            Silence::AccountRemoved => "It is shelved: its account has left the settings, so nothing is sent. If the \
                                        account is put back, it goes on."
                .to_owned(),
            Silence::FilteredOut => {
                "It is shelved: the account's `filter` no longer takes it, so nothing is sent. If the \
                                     filter is widened, it goes on."
                    .to_owned()
            }
            Silence::Muted => match mute {
                Some(mute) => {
                    let until = mute.until.map_or(String::new(), |until| format!(" until {}", self.when(until)));
                    let since = self.when(mute.at);
                    let by = mute.by.as_ref().map_or(String::new(), |name| format!(" by {name}"));
                    format!(
                        "It was muted{by} on {since}{until}: {} Only its expiry is still told.",
                        ended(&mute.reason)
                    )
                }
                None => "It is muted: only its expiry is still told.".to_owned(),
            },
        }
    }

    /// Whether it is open, and how well it is seen.
    pub fn life(&self, life: &Life) -> String {
        match life {
            Life::Listed => "It is open and waits for an answer.".to_owned(),
            Life::Unlisted(reread) => format!(
                "It is open, though it has left the account's listing; last read as open on {}.",
                self.when(reread.seen_open_at)
            ),
            Life::Unseen { since, reread, .. } => format!(
                "Partner Center has not shown it since {} and does not say why: it may have been answered, so look there. \
                 The countdown goes on; leadtime reads it again {}.",
                self.when(*since),
                self.next(reread.at)
            ),
            Life::Closed { closing, at } => {
                format!(
                    "It {}; leadtime read that on {}. The countdown has ended.",
                    closed_so(*closing),
                    self.when(*at)
                )
            }
            Life::Gone { at } => format!(
                "Partner Center does not have it any more; leadtime was sure on {}. The countdown has ended.",
                self.when(*at)
            ),
        }
    }

    /// The last day to answer, and the instant after it.
    pub fn deadline(&self, case: &Case, answer_by: civil::Date) -> String {
        let at = case.deadline.at;
        let estimated =
            if case.deadline.estimated { " That is leadtime's estimate, as Partner Center gave no date." } else { "" };
        match (case.is_open(), at > self.now) {
            (true, true) => {
                format!("Answer by {}; it expires on {}.{estimated}", self.day(answer_by), self.instant(at))
            }
            (true, false) => {
                format!("Its deadline was {}: it may be closed at any moment.{estimated}", self.instant(at))
            }
            (false, _) => format!("Its deadline was {}.{estimated}", self.instant(at)),
        }
    }

    /// Who has it, and until when reminders rest.
    pub fn claim(&self, claim: &Claim, end: Timestamp) -> String {
        format!(
            "{} said at {} on {} that they will answer it; reminders rest until {}, escalations do not.",
            claimant(&claim.by),
            claim.from,
            self.when(claim.at),
            self.when(end)
        )
    }

    /// Who sees to its escalations at a destination.
    pub fn seen_to(&self, at: &DestinationName, seen: &SeenTo) -> String {
        format!(
            "{} said at {at} on {} that they will see to it; nothing is repeated there until the next step.",
            claimant(&seen.by),
            self.when(seen.at)
        )
    }

    /// That the clock is doubted.
    pub fn nothing_is_decided(&self) -> String {
        "Nothing new is decided for now, as the clock is doubted; `leadtime status` says what to do.".to_owned()
    }

    /// That no service runs.
    pub fn nothing_runs(&self) -> String {
        "leadtime is not running, so nothing goes out; `leadtime run` starts it.".to_owned()
    }

    /// A message that is due or held back.
    pub fn pending(&self, pending: &Pending) -> String {
        let line = &pending.line;
        let what = format!("{} for {}", noun(line.event), place(&line.key));
        let here = &line.key.destination;
        let waits: Vec<String> = pending.waits.iter().map(|waiting| self.waiting(waiting, here)).collect();
        match (line.call.is_due(), waits.is_empty()) {
            (true, false) => format!("{what} is in the outbox. {}", waits.join(" ")),
            (true, true) | (false, _) => match pending.repeats {
                0 => format!("{what} {}.", self.call(line)),
                more => {
                    let (do_so, call) = (if more == 1 { "does" } else { "do" }, self.call(line));
                    format!(
                        "{what} {call}; so {do_so} {} of it, and the latest speaks for all.",
                        counted(more.into(), "repeat")
                    )
                }
            },
        }
    }

    /// What is to become of a message; follows its name.
    pub fn call(&self, line: &Line) -> String {
        let here = &line.key.destination;
        match &line.call {
            Call::Due { against_hours: false } => "is due now".to_owned(),
            Call::Due { against_hours: true } => {
                "is due now although hours are closed: waiting for the next opening would leave too little time"
                    .to_owned()
            }
            Call::Wait { until, reason } => {
                format!("waits until {}, {}", self.when(*until), self.waits_for(*reason, here))
            }
            Call::Superseded { by } => format!("is not sent: {} speaks in its place", later(*by)),
            Call::Folded { into } => format!("is not sent by itself: {} tells it as well", step(*into)),
            Call::Done(fate) => fated(fate),
            Call::SentBefore => "is not sent again: it was sent before the deadline moved".to_owned(),
            Call::Cancelled(why) => format!("is not sent: {}", why_not(*why, here)),
        }
    }

    /// What a message waits for; follows the instant.
    pub fn waits_for(&self, reason: WaitsFor, here: &DestinationName) -> String {
        match reason {
            WaitsFor::ItsTime => "when its time comes".to_owned(),
            WaitsFor::Moved { from } => {
                format!("because on {}, its own time, the hours of {here} are closed", self.when(from))
            }
            WaitsFor::Opening => format!("because the hours of {here} are closed"),
            WaitsFor::Gathering => "so that changes made meanwhile go in the same message".to_owned(),
            WaitsFor::Spacing => format!("because {here} hears of changes once an hour at most"),
            WaitsFor::Claim => "because somebody has claimed it, and reminders rest until then".to_owned(),
        }
    }

    /// Why a message that is in the outbox of a destination has not gone out.
    pub fn waiting(&self, waiting: &Waiting, here: &DestinationName) -> String {
        match waiting {
            Waiting::UnderWay { since } => format!("It is being sent, since {}.", self.when(*since)),
            Waiting::CutOff { since } => format!(
                "It was being sent on {} when leadtime ended, so it may have arrived; it is sent again, marked as a possible \
                 repeat.",
                self.when(*since)
            ),
            Waiting::Broken { since, next, why } => format!(
                "{here} has refused everything since {}: {} It is tried again {}; once it is mended, \
                 `leadtime outbox retry --all --destination {here}` tries at once.",
                self.when(*since),
                ended(why),
                self.next(*next)
            ),
            Waiting::Failing { since, next, why } => format!(
                "{here} has been failing since {}: {} Its most urgent message is tried again {}.",
                self.when(*since),
                ended(why),
                self.next(*next)
            ),
            Waiting::Opening { until } => {
                format!("It waits until {}, because the hours of {here} are closed.", self.when(*until))
            }
            Waiting::Claim { until } => {
                format!("It waits until {}, because somebody has claimed the referral.", self.when(*until))
            }
            Waiting::Pause { until, why } => {
                format!("Its last attempt failed: {} The next one is made {}.", ended(why), self.next(*until))
            }
            Waiting::Behind => "An earlier message about the same referral goes first.".to_owned(),
            Waiting::Rate { until } => {
                format!("The `rate` of {here} lets the next message through {}.", self.next(*until))
            }
            Waiting::Turn => "It goes out as soon as its turn comes.".to_owned(),
        }
    }

    /// A message to come; its instant is told beside it.
    pub fn coming(&self, coming: &Coming) -> String {
        let line = &coming.line;
        let what = format!("{} to {}, {}", noun(line.event), place(&line.key), timing(line.key.purpose));
        let moved = self.notes(coming).map_or(String::new(), |notes| format!(" {}.", capitalised(&notes)));
        format!("{what} (rule “{}”).{moved}", line.rule)
    }

    /// What is said beside a message to come: how hours have moved it, and what it hangs on.
    pub fn notes(&self, coming: &Coming) -> Option<String> {
        let moved = coming.moved_from().map(|from| {
            let how = if from > coming.at { "brought forward" } else { "put off" };
            format!("{how} from {}, when hours are closed", self.when(from))
        });
        let rested = coming.line.rested.then(|| "put off to the end of a claim".to_owned());
        let against = coming
            .against_hours()
            .then(|| "out of hours, because waiting for the next opening would leave too little time".to_owned());
        let open =
            coming.if_still_open().then(|| "only if it is still open then, and again at each opening".to_owned());
        let notes: Vec<String> = [moved, rested, against, open].into_iter().flatten().collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    }

    /// A message that was not sent, and why.
    pub fn unsent(&self, case: &Case, unsent: &Unsent) -> String {
        let what = capitalised(&message(&unsent.key));
        let due = unsent.due.map_or(String::new(), |due| format!(", due on {}", self.when(due)));
        let more = match unsent.repeats {
            0 => String::new(),
            more => format!(", and {} of it", counted(more.into(), "repeat")),
        };
        let why = match &unsent.why {
            UnsentWhy::Superseded { by: Some(by) } => format!("{} spoke in its place", later(*by)),
            UnsentWhy::Superseded { by: None } => "a later message spoke in its place".to_owned(),
            UnsentWhy::Folded { into } => format!("{} told it as well", step(*into)),
            UnsentWhy::SentBefore => "it was sent before the deadline moved".to_owned(),
            UnsentWhy::Dead { why: Some(why) } => format!("it was given up ({})", why.trim_end_matches('.')),
            UnsentWhy::Dead { why: None } => "it was given up".to_owned(),
            UnsentWhy::FellBack { to } => format!("it went to {to}, the fallback, in its place"),
            UnsentWhy::Cancelled(why) => why_not(*why, &unsent.key.destination),
            UnsentWhy::EndedBefore => match case.life {
                Life::Closed { closing, .. } => format!("before that the referral {}", closed_so(closing)),
                Life::Gone { .. } | Life::Listed | Life::Unlisted(_) | Life::Unseen { .. } => {
                    "before that the referral had gone from Partner Center".to_owned()
                }
            },
        };
        format!("{what}{due}{more}: {why}.")
    }
}
