//! Why a message came that nobody expected, and why one that was expected did not, in words. Must never guess: what cannot
//! be told from a decision is not told.

use jiff::{SignedDuration, Timestamp};

use super::{
    Clock, Expected,
    clock::span,
    compare::same_step,
    play::{Glimpse, Heard},
};
use crate::core::{
    case::{Case, Fate, Life},
    key::Purpose,
    ladder::{Call, Line, Silence, Verdict, WaitsFor, WhyNot},
    referral::Closing,
};

/// Which rule and step asked for a message, and what moved it.
pub(super) fn why_it_came(heard: &Heard, clock: &Clock) -> Vec<String> {
    let Some(first) = heard.asked.first() else { return Vec::new() };
    let same = heard.asked.iter().all(|asked| asked.rule == first.rule && asked.step == first.step);
    if !same {
        let each = heard.asked.iter().map(|asked| format!("{} ({})", asked.step, asked.rule));
        let mut steps: Vec<String> = each.collect();
        steps.sort();
        steps.dedup();
        return vec![format!("by {}", steps.join(", "))];
    }
    let mut why = vec![format!("by rule {:?}, {}", first.rule.as_str(), step(&first.step))];
    if let Some(from) = first.moved_from {
        why.push(format!("hours moved it from {}", short(clock, from)));
    }
    if first.against_hours {
        why.push("sent in closed hours: the next opening would leave less than two open hours".to_owned());
    }
    if let Some(origin) = &first.stands_in_for {
        why.push(format!("in place of {origin}, which did not take it"));
    }
    why
}

/// Why an expected message did not come, as far as that can be told. `moved`: it came after all, at another time or with
/// other details. `others`: what else came that nobody expected.
pub(super) fn why_it_did_not(
    expected: &Expected,
    moved: Option<&Heard>,
    others: &[&Heard],
    glimpses: &[Glimpse],
    clock: &Clock,
) -> Vec<String> {
    let instead = match moved {
        Some(heard) => Some(how_it_differs(expected, heard, clock)),
        None => came_instead(expected, others),
    };
    // A digest is many reasons; one referral's alone would mislead.
    let [glimpse] = glimpses else { return instead.into_iter().collect() };
    let decided = of_glimpse(expected, glimpse, instead.is_some(), clock);
    instead.into_iter().chain(decided).collect()
}

/// What else came at its time: about the same there, or the same elsewhere.
fn came_instead(expected: &Expected, others: &[&Heard]) -> Option<String> {
    let in_time = || others.iter().filter(|heard| expected.is_in_time(heard));
    let mut there = in_time().filter(|heard| heard.to == expected.to.as_str() && !heard.referrals.is_empty());
    if let Some(heard) = there.find(|heard| expected.referrals.is_subset(&heard.referrals)) {
        return Some(match heard.referrals.len() {
            1 => format!("it came as {}", heard.event),
            count => format!("it came in a {} of {count}", heard.event),
        });
    }
    let mut same = in_time().filter(|heard| heard.event == expected.event && heard.referrals == expected.referrals);
    same.find(|heard| heard.to != expected.to.as_str()).map(|heard| format!("it went to {}", heard.to))
}

/// The same event there about the same, but at another time or with other details.
fn how_it_differs(expected: &Expected, heard: &Heard, clock: &Clock) -> String {
    if !expected.is_in_time(heard) {
        let apart = heard.at.duration_since(expected.at);
        let how = if apart.is_negative() { "earlier" } else { "later" };
        let apart = span(apart.abs().max(SignedDuration::from_mins(1)));
        return format!("it came {apart} {how}, {}", short(clock, heard.at));
    }
    let to = || heard.recipients.iter().cloned().collect::<Vec<_>>().join(", ");
    match heard.asked.as_slice() {
        _ if expected.title.is_some() => "it came with another title".to_owned(),
        _ if expected.recipients.as_ref().is_some_and(|all| *all != heard.recipients) => format!("it came to {}", to()),
        [asked] => format!("it came by rule {:?}, {}", asked.rule.as_str(), step(&asked.step)),
        _ => "it came by other rules or steps".to_owned(),
    }
}

/// What the decision at its time says. `replaced`: something came in its place, so that what was sent is known.
fn of_glimpse(expected: &Expected, glimpse: &Glimpse, replaced: bool, clock: &Clock) -> Option<String> {
    let id = &glimpse.id;
    if glimpse.down {
        return Some("leadtime was down then".to_owned());
    }
    let Some((case, verdict)) = &glimpse.case else {
        return Some(format!("{id} had not been seen by then"));
    };
    if let Some(silence) = verdict.silence {
        return Some(of_silence(silence, case, verdict));
    }
    if let (Life::Closed { closing, at }, true) = (&case.life, is_countdown(&expected.event)) {
        return Some(format!("{id} {} by then, {}", how_it_ended(*closing), short(clock, *at)));
    }
    let fitting = verdict.lines.iter().filter(|line| fits(expected, line));
    match fitting.min_by_key(|line| distance(line, case, expected.at)) {
        Some(Line { call: Call::Done(Fate::Accepted) | Call::Wait { reason: WaitsFor::ItsTime, .. }, .. }) | None
            if replaced =>
        {
            None
        }
        Some(line) => of_line(line, case, glimpse, clock).map(|why| why + &next_there(expected, line, verdict, clock)),
        None => Some(nothing_asks(expected, verdict, clock)),
    }
}

fn how_it_ended(closing: Closing) -> &'static str {
    match closing {
        Closing::Accepted => "was accepted",
        Closing::Declined => "was declined",
        Closing::Won => "was won",
        Closing::Lost => "was lost",
        Closing::Expired => "had expired",
        Closing::Ended => "was closed",
    }
}

/// After what was sent already: when the next message comes there.
fn next_there(expected: &Expected, line: &Line, verdict: &Verdict, clock: &Clock) -> String {
    match next_wait(expected, verdict) {
        Some((until, next)) if line.call == Call::Done(Fate::Accepted) => {
            format!("; next there is {}, {}", next.key.purpose.label(), short(clock, until))
        }
        _ => String::new(),
    }
}

fn next_wait<'v>(expected: &Expected, verdict: &'v Verdict) -> Option<(Timestamp, &'v Line)> {
    let there = verdict.lines.iter().filter(|line| line.key.destination == expected.to);
    let waits = there.filter_map(|line| match line.call {
        Call::Wait { until, .. } => Some((until, line)),
        _ => None,
    });
    waits.min_by_key(|(until, _)| *until)
}

fn is_countdown(event: &str) -> bool {
    matches!(event, "new" | "reminder" | "escalation" | "overdue" | "updated")
}

/// Whether a line could be the expected message.
fn fits(expected: &Expected, line: &Line) -> bool {
    let purpose = line.key.purpose;
    let by_event = match expected.event.as_str() {
        "new" => purpose == Purpose::New,
        "reminder" => matches!(purpose, Purpose::After { .. } | Purpose::BeforeExpiry { .. }) && !line.escalation,
        "escalation" => line.escalation,
        other => purpose.label() == other,
    };
    let by_step = expected.step.as_ref().map(|wanted| same_step(wanted, &purpose.label()));
    line.key.destination == expected.to
        && by_step.unwrap_or(by_event)
        && expected.rule.as_ref().is_none_or(|rule| line.rule == *rule)
}

/// How far from the expected instant a line stands, or has met its fate.
fn distance(line: &Line, case: &Case, at: Timestamp) -> SignedDuration {
    let sent = case.ledger.iter().find(|entry| entry.key == line.key).map(|entry| entry.at);
    let place = line.place.map(|(place, _)| place);
    let stands = match line.call {
        Call::Wait { until, .. } => Some(until),
        _ => place.or(sent),
    };
    stands.map_or(SignedDuration::MAX, |stands| stands.duration_since(at).abs())
}

fn of_line(line: &Line, case: &Case, glimpse: &Glimpse, clock: &Clock) -> Option<String> {
    let label = line.key.purpose.label();
    let shown = |at: Timestamp| short(clock, at);
    let since = case.ledger.iter().find(|entry| entry.key == line.key).map(|entry| entry.at);
    Some(match &line.call {
        Call::Wait { until, reason } => match reason {
            WaitsFor::Moved { from } => format!("hours move {label} from {} to {}", shown(*from), shown(*until)),
            WaitsFor::ItsTime => format!("{label} is due {}", shown(*until)),
            WaitsFor::Opening => format!("{label} waits for the opening {}", shown(*until)),
            WaitsFor::Gathering => format!("{label} gathers changes until {}", shown(*until)),
            WaitsFor::Claim => format!("{label} rests until the claim ends {}", shown(*until)),
            WaitsFor::Spacing => format!("{label} comes once an hour at most: {}", shown(*until)),
        },
        Call::Superseded { by } => format!("{} spoke in place of {label}", by.label()),
        Call::Folded { into } => format!("it was told within {}", into.label()),
        Call::SentBefore => format!("{label} was sent before the deadline moved"),
        Call::Cancelled(why) => format!("{label} is not asked for: {}", of_why_not(*why)),
        Call::Due { .. } | Call::Done(Fate::Queued | Fate::Attempting) if glimpse.failing => {
            format!("{label} waits in the outbox: {} takes nothing", line.key.destination)
        }
        Call::Done(Fate::Superseded) => format!("a later step spoke in place of {label}"),
        Call::Done(Fate::Dead) => format!("{label} was given up: {} did not take it", line.key.destination),
        Call::Done(Fate::FellBack(to)) => {
            format!("{label} went to {to}, as {} did not take it", line.key.destination)
        }
        Call::Done(Fate::Accepted) => match since {
            Some(at) => format!("{label} was sent {}", shown(at)),
            None => format!("{label} was sent before"),
        },
        Call::Due { .. } | Call::Done(_) => return None,
    })
}

fn of_silence(silence: Silence, case: &Case, verdict: &Verdict) -> String {
    let id = case.id();
    match silence {
        Silence::NoRule => format!("no rule takes {id}"),
        Silence::OnPurpose => {
            let rules: Vec<String> = verdict.taken_by.iter().map(|rule| format!("{:?}", rule.as_str())).collect();
            format!("rule {} takes {id} and has no steps", rules.join(", "))
        }
        Silence::AccountRemoved => format!("the account of {id} has left the settings"),
        Silence::FilteredOut => format!("the account's filter no longer takes {id}"),
        Silence::Muted => format!("{id} is muted"),
    }
}

fn of_why_not(why: WhyNot) -> &'static str {
    match why {
        WhyNot::Closed => "the referral is closed",
        WhyNot::OpenAgain => "the referral is open again",
        WhyNot::Muted => "the referral is muted",
        WhyNot::Shelved => "the referral is shelved",
        WhyNot::NotAskedFor => "no rule asks for it",
        WhyNot::NoSuchDestination => "there is no such destination",
        WhyNot::PastDeadline => "the deadline is past",
        WhyNot::NoDifference => "nothing differs from what was told",
        WhyNot::SeenTo => "a manager sees to it",
        WhyNot::OthersAsked => "others are asked now",
    }
}

/// No step asks for it; when the next message comes there, if one does.
fn nothing_asks(expected: &Expected, verdict: &Verdict, clock: &Clock) -> String {
    let rules: Vec<String> = verdict.taken_by.iter().map(|rule| format!("{:?}", rule.as_str())).collect();
    let asks = format!("rule {} asks for no {:?} to {} then", rules.join(", "), expected.event, expected.to);
    match next_wait(expected, verdict) {
        Some((until, line)) => format!("{asks}; next there is {}, {}", line.key.purpose.label(), short(clock, until)),
        None => asks,
    }
}

/// The step, or why everyone hears who was told before.
fn step(label: &str) -> String {
    match label {
        "answered" | "expired" | "gone" => "as who was told hears of the end".to_owned(),
        "reopened" => "as who heard of the end hears that it is open again".to_owned(),
        "overdue" => "as it is open past its deadline".to_owned(),
        _ => format!("step {label}"),
    }
}

fn short(clock: &Clock, at: Timestamp) -> String {
    clock.shown(at).split_whitespace().collect::<Vec<_>>().join(" ")
}
