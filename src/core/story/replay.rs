//! `replay`: `decide` walked along what did happen. A [`Course`] is what is known of one referral from its creation to its
//! end: moved deadlines, closings, and what people did by hand; [`replay`] says what given rules would have sent about it,
//! had leadtime watched from the start and had every channel accepted at once. Pure; bounded in messages and in stops.
//!
//! What a course cannot know, and so what no replay holds: earlier values of a deal and its notes (only the last are kept, so
//! `updated` comes for moved deadlines alone), shifts of a deadline by less than a day, and who was in the referral's team
//! before the last reading of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    plan::{Bounds, Coming, STOPS_MAX, Walk},
    report::said_at,
};
use crate::core::{
    case::{Case, Happened, Life, Mute},
    claim::{Claim, SeenTo},
    deadline::Deadline,
    ids::{AccountName, CaseNumber, DestinationName, RuleName},
    journal::Line as Entered,
    ladder::{Line, Silence, decide},
    period::Period,
    referral::{Closing, Referral, Standing},
    rules::Rules,
};

/// So many messages about one referral are counted.
const MESSAGES_MAX: usize = 1_000;
/// Partner Center says Expired a little after the deadline; so far from it, that is what it was about.
const EXPIRES_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// What is known of one referral from its creation to its end.
#[derive(Clone, PartialEq, Debug)]
pub struct Course {
    /// As it was when it was created: open, and nobody told.
    case: Case,
    /// What happened to it, in the order of time.
    turns: Vec<(Timestamp, Turn)>,
    /// How it stands now, or ended.
    pub end: Option<End>,
}

/// How a referral ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct End {
    /// How; none where it is gone.
    pub closing: Option<Closing>,
    /// When, as Partner Center says, else as we read it.
    pub at: Timestamp,
    /// Whether nobody says when, so that its last change speaks for it.
    pub roughly: bool,
}

/// Something that happened to a referral.
#[derive(Clone, PartialEq, Debug)]
enum Turn {
    DeadlineMoved(Timestamp),
    Closed(Closing),
    Gone,
    Reopened,
    Muted(Mute),
    Unmuted,
    Claimed(Claim),
    GivenBack,
    SeenTo(DestinationName, SeenTo),
}

/// What rules would have sent about a referral.
#[derive(Clone, PartialEq, Debug)]
pub struct Replayed {
    /// Every message, in the order of time.
    pub sent: Vec<Coming>,
    /// What the rules asked for when it was created: one line for each message, due or to come.
    pub asked: Vec<Line>,
    /// The rules that took it, in the order of the file.
    pub taken_by: Vec<RuleName>,
    /// Why nobody heard of it, where nobody did.
    pub silence: Option<Silence>,
    /// Whether there were more messages than are counted.
    pub cut: bool,
}

impl Course {
    /// The course of a referral that leadtime knows, from its case and its lines of the journal in the order of time. `None`
    /// where it was closed before leadtime saw it and nobody says when.
    pub fn remembered(case: &Case, lines: &[(Timestamp, Entered)], rules: &Rules) -> Option<Self> {
        let end = match case.life {
            Life::Closed { closing, at } => Some(ended(case, closing, at)?),
            Life::Gone { at } => Some(End { closing: None, at, roughly: false }),
            Life::Listed | Life::Unlisted(_) | Life::Unseen { .. } => None,
        };
        let mut turns: Vec<(Timestamp, Turn)> = Vec::new();
        for (at, line) in lines {
            let at = (*at).max(case.created);
            turns.extend(turn(at, line).map(|turn| (at, turn)));
        }
        if let Some(end) = end {
            // The last closing is as old as Partner Center says, and is there though its line has left the journal.
            turns.retain(|(at, turn)| *at < end.at || !matches!(turn, Turn::Closed(_) | Turn::Gone));
            turns.retain(|(at, turn)| *at < end.at || !matches!(turn, Turn::Reopened));
            turns.push((end.at, end.closing.map_or(Turn::Gone, Turn::Closed)));
            turns.sort_by_key(|(at, _)| *at);
        }
        Some(Self::from_creation(case, end, turns, lines, rules))
    }

    /// The course of a referral that Partner Center lists and leadtime need not know, open or closed, as far as its own dates
    /// tell. `None` where it is closed and no date says anything of when.
    pub fn listed(account: AccountName, referral: Referral, rules: &Rules, now: Timestamp) -> Option<Self> {
        let case = Case::first_sight(CaseNumber(0), account.clone(), referral, expires_after(rules, &account), now);
        if case.created > now {
            return None;
        }
        Self::remembered(&case, &[], rules)
    }

    fn from_creation(
        case: &Case,
        end: Option<End>,
        turns: Vec<(Timestamp, Turn)>,
        lines: &[(Timestamp, Entered)],
        rules: &Rules,
    ) -> Self {
        let expires_after = expires_after(rules, &case.account);
        let first_move = lines.iter().find_map(|(_, line)| match line {
            Entered::DeadlineMoved { from, .. } => Some(*from),
            _ => None,
        });
        let estimate = Deadline::first(&open_body(&case.referral, None), expires_after, case.created);
        let expired = end.filter(|end| end.closing == Some(Closing::Expired)).map(|end| end.at);
        let deadline = match (first_move, case.deadline.estimated) {
            (Some(first), _) => Some(first),
            (None, false) => Some(case.deadline.at),
            // It is over, so its deadline is known: the estimate was wrong where it says later.
            (None, true) => expired.filter(|at| *at < estimate.at),
        };
        let body = open_body(&case.referral, deadline.filter(|at| *at != estimate.at));
        let created = Case::first_sight(case.number, case.account.clone(), body, expires_after, case.created);
        Self { case: created, turns, end }
    }

    /// The referral when it was created.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// The deadline that stood last.
    pub fn deadline(&self) -> Timestamp {
        let moved = self.turns.iter().rev().find_map(|(_, turn)| match turn {
            Turn::DeadlineMoved(to) => Some(*to),
            _ => None,
        });
        moved.unwrap_or(self.case.deadline.at)
    }
}

/// What a line of the journal says of a referral's course; nothing where it is about a message.
fn turn(at: Timestamp, line: &Entered) -> Option<Turn> {
    Some(match line {
        Entered::Read(Happened::Closed(closing)) => Turn::Closed(*closing),
        Entered::Read(Happened::Gone) => Turn::Gone,
        Entered::Read(Happened::Reopened) => Turn::Reopened,
        Entered::DeadlineMoved { from: _, to } => Turn::DeadlineMoved(*to),
        Entered::Muted { reason, until, by } => {
            Turn::Muted(Mute { at, until: *until, reason: reason.clone(), by: by.clone() })
        }
        Entered::Unmuted { .. } => Turn::Unmuted,
        Entered::Claimed { by, until, from } => {
            Turn::Claimed(Claim { by: by.clone(), at, until: *until, from: from.clone() })
        }
        Entered::GivenBack { .. } => Turn::GivenBack,
        Entered::SeenTo { by, at: place } => Turn::SeenTo(place.clone(), SeenTo { by: by.clone(), at }),
        _ => return None,
    })
}

/// When and how a closed referral ended; `None` where nobody says when.
fn ended(case: &Case, closing: Closing, read_at: Timestamp) -> Option<End> {
    let said = said_at(&case.referral);
    let changed = case.referral.closed_at();
    let at = match (said, changed) {
        (Some(at), _) | (None, Some(at)) => at,
        (None, None) if case.closings > 0 => read_at,
        (None, None) => return None,
    };
    let mut end = at.min(read_at).max(case.created);
    let deadline = case.deadline.at;
    let is_about_it = deadline <= end && end.duration_since(deadline) <= EXPIRES_WITHIN;
    if closing == Closing::Expired && !case.deadline.estimated && (is_about_it || said.is_none()) {
        end = deadline.min(end);
    }
    Some(End { closing: Some(closing), at: end, roughly: said.is_none() })
}

fn expires_after(rules: &Rules, account: &AccountName) -> Period {
    rules.accounts.get(account).map_or(Period::days(14), |account| account.expires_after)
}

/// What rules would have sent about a referral, up to `now`.
pub fn replay(course: &Course, rules: &Rules, now: Timestamp) -> Replayed {
    let mut at = course.case.created;
    let first = decide(&course.case, rules, at);
    let bounds = Bounds { until: now, messages: MESSAGES_MAX };
    let mut walk = Walk::new(course.case.clone(), rules, bounds, true);
    let mut turns = course.turns.iter().peekable();
    for _ in 0..STOPS_MAX {
        while let Some((at, turn)) = turns.next_if(|(turns, _)| *turns <= at) {
            take(&mut walk.case, turn, *at);
        }
        let verdict = walk.settle(at);
        let next = walk.next_stop(&verdict, at).into_iter().chain(turns.peek().map(|(at, _)| *at)).min();
        match next.filter(|next| *next <= now && !walk.cut) {
            Some(next) => at = next,
            None => break,
        }
    }
    let silence = first.silence;
    Replayed { sent: walk.coming, asked: first.lines, taken_by: first.taken_by, silence, cut: walk.cut }
}

/// What a turn does to what is remembered, by the same readings as in life.
fn take(case: &mut Case, turn: &Turn, at: Timestamp) {
    let deadline = |case: &Case| (!case.deadline.estimated).then_some(case.deadline.at);
    match turn {
        Turn::DeadlineMoved(to) => {
            case.listed(Some(open_body(&case.referral, Some(*to))), at);
        }
        Turn::Closed(closing) => {
            case.listed(Some(closed_body(&case.referral, *closing)), at);
        }
        Turn::Reopened => {
            case.listed(Some(open_body(&case.referral, deadline(case))), at);
        }
        Turn::Gone => case.end(Life::Gone { at }),
        Turn::Muted(mute) => case.muted = Some(mute.clone()),
        Turn::Unmuted => case.muted = None,
        Turn::Claimed(claim) => case.claim = Some(claim.clone()),
        Turn::GivenBack => case.claim = None,
        Turn::SeenTo(place, seen) => drop(case.seen_to.insert(place.clone(), seen.clone())),
    }
}

/// The referral as it was while it was open.
fn open_body(referral: &Referral, expires: Option<Timestamp>) -> Referral {
    let expires = expires.map_or(Value::Null, |at| Value::from(at.to_string()));
    with(
        referral,
        [
            ("status", Value::from("New")),
            ("substatus", Value::from("Pending")),
            ("expirationDateTime", expires),
            ("acceptedDateTime", Value::Null),
            ("closedDateTime", Value::Null),
        ],
    )
}

/// The referral as it was once it was closed so.
fn closed_body(referral: &Referral, closing: Closing) -> Referral {
    let (status, substatus) = match closing {
        Closing::Accepted => ("Active", "Accepted"),
        Closing::Declined => ("Closed", "Declined"),
        Closing::Won => ("Closed", "Won"),
        Closing::Lost => ("Closed", "Lost"),
        Closing::Expired => ("Closed", "Expired"),
        Closing::Ended => ("Closed", "Ended"),
    };
    let closed = with(referral, [("status", Value::from(status)), ("substatus", Value::from(substatus))]);
    debug_assert_eq!(closed.standing(), Standing::Closed(closing));
    closed
}

/// A referral with other fields. What has an id keeps it, so it can be read again.
fn with<const N: usize>(referral: &Referral, fields: [(&str, Value); N]) -> Referral {
    let mut body = referral.body().clone();
    body.extend(fields.map(|(name, value)| (name.to_owned(), value)));
    Referral::read(Value::Object(body)).unwrap_or_else(|_| referral.clone())
}
