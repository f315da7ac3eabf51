//! What `replay` prints for people. Counts nothing and decides nothing.

use std::path::Path;

use anstyle::Style;
use jiff::tz::TimeZone;

use super::Document;
use crate::{
    channels::one_line,
    commands::{
        margin::hanging,
        paper::{Side, Table},
        report::cut,
    },
    core::{
        ladder::{Event, Silence},
        people::Nobody,
        story::rehearsal::{Expiry, Heard, Named, Silent, StepHeard, Summary},
    },
    messages::{
        compact, duration,
        sentences::{
            Teller,
            report::{are, counted, money},
        },
    },
};

/// So many rows of a table are shown.
const ROWS_MAX: usize = 15;
/// So many weeks, the latest ones.
const WEEKS_MAX: usize = 13;
/// So many expiries are shown that nobody would have escalated.
const MISSED_MAX: usize = 10;
/// So many referrals are named.
const NAMED_MAX: usize = 5;
/// The width of a destination's name.
const NAME_MAX: usize = 22;

/// The whole page, with styles. `against`: the settings that are compared, new and old.
pub fn page(document: &Document, against: Option<(&Path, &Path)>, expiries: bool) -> String {
    let zone = TimeZone::get(&document.time_zone).unwrap_or(TimeZone::UTC);
    let teller = Teller::new(zone, document.until);
    let summary = &document.replay;
    let mut page = verdict(summary);
    page += &hanging("", &over(document, &teller));
    if summary.referrals == 0 {
        return page;
    }
    page += &match (&document.against, against) {
        (Some(old), Some(files)) => compared(summary, old, files),
        _ => String::new(),
    };
    page += &destinations(summary);
    page += &weeks(summary, &teller);
    page += &of_expiries(summary, &teller, expiries);
    page + &notes(document)
}

/// The first lines: which expiries would have been escalated, and how much would have been sent.
fn verdict(summary: &Summary) -> String {
    let bold = Style::new().bold();
    if summary.referrals == 0 {
        return format!("{bold}Nothing to replay: no referral was open in this time{bold:#}\n");
    }
    let expiries = &summary.expiries;
    let currency = summary.currency.as_deref();
    let caught = match (expiries.of, expiries.caught) {
        (0, _) => "Nothing expired".to_owned(),
        (of, 0) => format!("Would have caught none of {}", counted(of.into(), "expiry")),
        (of, caught) => {
            let worth = if expiries.caught_value.amount > 0.0 {
                format!(", {}", money(&expiries.caught_value, currency))
            } else {
                String::new()
            };
            format!("Would have caught {caught} of {}{worth}", counted(of.into(), "expiry"))
        }
    };
    let as_posts = if summary.posts == summary.messages {
        String::new()
    } else {
        format!(" in {}", counted(summary.posts.into(), "post"))
    };
    let sent = format!("{}{as_posts}", counted(summary.messages.into(), "message"));
    let text = format!("{caught}; {sent} about {}", counted(summary.referrals.into(), "referral"));
    format!("{bold}{}{bold:#}\n", hanging("", &text).trim_end())
}

/// What the rules were replayed over.
fn over(document: &Document, teller: &Teller) -> String {
    let account = document.account.as_ref().map_or(String::new(), |account| format!(", account {account}"));
    let (from, until) = (teller.when(document.from), teller.when(document.until));
    let span = format!("{from} to {until}, {}{account}.", document.time_zone);
    let Some(listed) = &document.listed else { return format!("{span} What leadtime knows of that time.") };
    let each = listed.iter().map(|listed| {
        let filter = match listed.filter.as_str() {
            "" => "without a $filter".to_owned(),
            filter => format!("by $filter={}", one_line(filter, 300)),
        };
        let passed = match listed.passed_over {
            0 => String::new(),
            passed => format!(", {passed} of them not what the account's filter takes"),
        };
        format!(" {}: {} listed {filter}{passed}.", listed.account, counted(listed.referrals.into(), "referral"))
    });
    span + &each.collect::<String>()
}

/// Old and new side by side.
fn compared(new: &Summary, old: &Summary, (new_file, old_file): (&Path, &Path)) -> String {
    let name = |file: &Path| cut(&one_line(&file.display().to_string(), 200), NAME_MAX);
    let mut table = Table::new(&[("", Side::Left), ("OLD", Side::Right), ("NEW", Side::Right)]);
    let mut row = |what: &str, of: &dyn Fn(&Summary) -> String| {
        table.row(Style::new(), vec![what.to_owned(), of(old), of(new)]);
    };
    row("settings", &|summary| name(if std::ptr::eq(summary, old) { old_file } else { new_file }));
    row("expiries caught", &|summary| format!("{} of {}", summary.expiries.caught, summary.expiries.of));
    row("escalated before", &|summary| {
        summary.expiries.before_seconds.map_or("-".to_owned(), |[_, middle, _]| duration(middle))
    });
    row("messages", &|summary| summary.messages.to_string());
    row("posts", &|summary| summary.posts.to_string());
    row("posts on the busiest day", &|summary| summary.busiest.as_ref().map_or(0, |day| day.posts).to_string());
    row("destinations", &|summary| summary.destinations.len().to_string());
    row("referrals nobody hears of", &|summary| {
        summary.silent.iter().map(|silent| silent.referrals).sum::<u32>().to_string()
    });
    format!("\n{}", table.show())
}

fn destinations(summary: &Summary) -> String {
    let mut table = Table::new(&[
        ("DESTINATION", Side::Left),
        ("POSTS", Side::Right),
        ("MOST A DAY", Side::Right),
        ("NEW", Side::Right),
        ("REMIND", Side::Right),
        ("ESCAL", Side::Right),
        ("ENDED", Side::Right),
        ("OTHER", Side::Right),
    ]);
    for heard in summary.destinations.iter().take(ROWS_MAX) {
        let sum = |events: &[Event]| sum(heard, events);
        table.row(
            Style::new(),
            vec![
                cut(heard.destination.as_str(), NAME_MAX),
                heard.posts.to_string(),
                heard.most_a_day.to_string(),
                sum(&[Event::New]),
                sum(&[Event::Reminder]),
                sum(&[Event::Escalation]),
                sum(&[Event::Answered, Event::Expired, Event::Gone]),
                sum(&[Event::Updated, Event::Overdue, Event::Reopened]),
            ],
        );
    }
    let more = match summary.destinations.len().saturating_sub(ROWS_MAX) {
        0 => String::new(),
        more => format!("… and {more} more; --json has them\n"),
    };
    if summary.destinations.is_empty() { String::new() } else { format!("\n{}{more}", table.show()) }
}

fn sum(heard: &Heard, events: &[Event]) -> String {
    match events.iter().filter_map(|event| heard.events.get(event)).sum::<u32>() {
        0 => "-".to_owned(),
        sum => sum.to_string(),
    }
}

fn weeks(summary: &Summary, teller: &Teller) -> String {
    if summary.weeks.len() < 2 {
        return String::new();
    }
    let columns = [("WEEK FROM", Side::Left), ("CAME", Side::Right), ("MESSAGES", Side::Right), ("POSTS", Side::Right)];
    let mut table = Table::new(&columns);
    for week in summary.weeks.iter().skip(summary.weeks.len().saturating_sub(WEEKS_MAX)) {
        let cells = [teller.day(week.monday), week.came.to_string(), week.messages.to_string(), week.posts.to_string()];
        table.row(Style::new(), cells.into());
    }
    let busiest = summary.busiest.as_ref().map_or(String::new(), |day| {
        let (posts, messages) = (counted(day.posts.into(), "post"), counted(day.messages.into(), "message"));
        let as_messages = if day.posts == day.messages { String::new() } else { format!(" ({messages})") };
        format!("The busiest day is {} with {posts}{as_messages}.\n", teller.day(day.day))
    });
    format!("\n{}{busiest}", table.show())
}

/// Those that expired: all with their time lines, or those that nobody would have escalated.
fn of_expiries(summary: &Summary, teller: &Teller, all: bool) -> String {
    let bold = Style::new().bold();
    let expiries = &summary.expiries;
    let mut text = String::new();
    if let Some([least, middle, most]) = expiries.before_seconds {
        let range = if least == most { String::new() } else { format!(" ({} to {})", duration(least), duration(most)) };
        text += "\n";
        text +=
            &hanging("", &format!("The first escalation goes out {} before the deadline{range}.", duration(middle)));
    }
    let shown = |expiry: &&Expiry| all || expiry.escalated.is_none();
    let limit = if all { usize::MAX } else { MISSED_MAX };
    let some: Vec<&Expiry> = expiries.each.iter().filter(shown).collect();
    if some.is_empty() {
        return text;
    }
    let head = if all { "Expiries" } else { "Expired without an escalation" };
    text += &format!("\n{bold}{head}{bold:#}\n");
    for expiry in some.iter().take(limit) {
        text += &hanging("  ", &told(expiry, teller));
        for message in &expiry.timeline {
            let moved = message.moved_from.map_or(String::new(), |from| format!(" (moved from {})", teller.when(from)));
            let head = format!("    {:<16}  {:<10}  ", teller.when(message.at), message.event.as_str());
            text += &hanging(&head, &format!("{}: {}{moved}", message.destination, message.step));
        }
    }
    let left = usize::try_from(expiries.of).unwrap_or_default().saturating_sub(expiries.each.len());
    let more = some.len().saturating_sub(limit) + if all { left } else { 0 };
    if more > 0 {
        text += &format!("  … and {more} more; --json has up to 200\n");
    }
    text
}

fn told(expiry: &Expiry, teller: &Teller) -> String {
    let escalated = match &expiry.escalated {
        Some(escalated) => format!(
            "first escalated on {} to {}, {} before",
            teller.when(escalated.at),
            escalated.destination,
            duration(escalated.before_seconds)
        ),
        None => "never escalated".to_owned(),
    };
    let (created, expired) = (teller.when(expiry.created), teller.when(expiry.expired));
    format!("{}: came {created}, expired {expired}; {escalated}", name(&expiry.referral, true))
}

/// A referral in few words.
fn name(named: &Named, whole: bool) -> String {
    let id: String = one_line(named.id.as_str(), 200).chars().take(8).collect();
    let customer = named.customer.as_deref().map_or_else(|| "unnamed".to_owned(), |name| one_line(name, 40));
    let country = named.country.as_deref().map(|country| one_line(country, 14));
    let value = named.value.map(|value| compact(value, named.currency.as_deref()));
    let more: Vec<String> = [country, value].into_iter().flatten().filter(|_| whole).collect();
    let more = if more.is_empty() { String::new() } else { format!(", {}", more.join(", ")) };
    format!("{customer}{more} ({id})")
}

/// What one must know beside the figures: hours, silence, steps that reach nobody, what was left out.
fn notes(document: &Document) -> String {
    let summary = &document.replay;
    let mut notes = vec![hours(summary)];
    notes.extend(summary.silent.iter().map(silence));
    notes.extend(summary.steps.iter().flat_map(step));
    let mut left_out = |count: u32, text: &str| {
        if count > 0 {
            notes.push(format!("{} {} {text}", counted(count.into(), "referral"), are(count)));
        }
    };
    left_out(summary.undated, "closed, nobody says when, and left out.");
    left_out(summary.rough, "dated by the last change, as nobody says when the end was.");
    left_out(summary.cut, "followed for the first 1,000 messages only.");
    left_out(document.unreadable, "left out, as it cannot be read.");
    let text: String = notes.iter().map(|note| hanging("", note)).collect();
    format!("\n{text}")
}

fn hours(summary: &Summary) -> String {
    let kept = summary.hours;
    let mut parts = vec![match kept.moved {
        0 => "Hours moved no message".to_owned(),
        moved => format!("Hours moved {}", counted(moved.into(), "message")),
    }];
    let mut part = |count: u32, text: &str| {
        if count > 0 {
            parts.push(format!("{count} {text}"));
        }
    };
    part(kept.news, "went at once while they were closed, being news");
    part(kept.late, "went out although they were closed, as waiting would have left too little time");
    part(kept.own, "went out while they were closed, as the step or the destination has hours of its own");
    parts.join("; ") + "; nothing else is outside them."
}

fn silence(silent: &Silent) -> String {
    let some: Vec<String> = silent.some.iter().take(NAMED_MAX).map(|named| name(named, false)).collect();
    let more = usize::try_from(silent.referrals).unwrap_or_default().saturating_sub(some.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let many = counted(silent.referrals.into(), "referral");
    let why = match silent.why {
        Silence::NoRule => format!("No rule takes {many}, so nobody hears of them"),
        Silence::OnPurpose => format!("Only rules without steps take {many}, so nobody hears of them, on purpose"),
        Silence::AccountRemoved => format!("The account of {many} is not in the settings, so nobody hears of them"),
        Silence::FilteredOut => format!("The account's filter does not take {many}, so nobody hears of them"),
        Silence::Muted => format!("A person has muted {many}, so nobody hears of them"),
    };
    format!("{why}: {}{more}.", some.join(", "))
}

/// What is to be said of a step: that it reaches nobody, or others than it was meant for.
fn step(step: &StepHeard) -> Vec<String> {
    let what = format!("{} of rule “{}”", step.step, step.rule);
    let nobody = (step.nobody > 0).then(|| {
        let all = if step.nobody == step.referrals { "any".to_owned() } else { format!("{} of", step.nobody) };
        format!(
            "{what} reaches nobody for {all} the {} that the rule takes.",
            counted(step.referrals.into(), "referral")
        )
    });
    let in_place = step.in_place_of.iter().map(|(why, count)| {
        format!("{what} goes to [ops] for {}, {}.", counted((*count).into(), "referral"), nobody_because(why))
    });
    nobody.into_iter().chain(in_place).collect()
}

fn nobody_because(nobody: &Nobody) -> String {
    match nobody {
        Nobody::NoOwner => "for want of an owner".to_owned(),
        Nobody::NoManager => "as the owners have no manager".to_owned(),
        Nobody::Away(role) => format!("as all of {} are away and nobody stands in", role.as_str()),
        Nobody::NoWay(role) => format!("as no destination reaches {}", role.as_str()),
    }
}
