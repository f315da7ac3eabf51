//! Digests at set times: when they go out, how often, and what they tell.

use jiff::Timestamp;
use leadtime::{
    core::{
        case::Case,
        claim::{Claim, Claimant},
        ids::CaseNumber,
        journal::{DigestFate, Line},
        ladder::counting_hours,
        page::{Item, Page},
        story::{Forecast, Holder},
        track::Listing,
    },
    service::{
        facts::{Orders, State, read_lines},
        forecast::{Asked, read},
    },
    store::{Commit, SledStore, Store as _, layout},
};
use serde_json::{Value, json, value::RawValue};

use crate::story::{Channel, Story, at, orders, referral, usual};

const MONDAYS: &str = r#"
[[digests]]
name = "monday forecast"
at = "mon 08:30"
notify = ["managers"]

[[rules]]
name = "all"
steps = [{ on = "new" }]
"#;

/// Monday, 2 November 2026, 09:00 UTC: half an hour after the digest of that day.
const START: &str = "2026-11-02T09:00:00Z";

fn digest(when: &str) -> (&str, &str, &str, &str) {
    (when, "scheduled", "managers", "monday forecast")
}

/// What became of digests, as the journal has it.
fn fates(story: &Story) -> Vec<(Timestamp, DigestFate)> {
    let lines = story.walk.store.scan(layout::JOURNAL, None, 1_000).unwrap();
    let digest = |line| match line {
        Line::Digest { due, fate, .. } => Some((due, fate)),
        _ => None,
    };
    lines.iter().flat_map(|(key, value)| read_lines(key, value).unwrap()).filter_map(digest).collect()
}

#[test]
fn it_comes_every_monday_whether_there_is_anything_to_tell_or_not() {
    let mut story = Story::begins(START, MONDAYS);
    story.passes("2026-11-23T12:00:00Z").expects(&[
        digest("Mon 9 08:30"),
        digest("Mon 16 08:30"),
        digest("Mon 23 08:30"),
    ]);
}

#[test]
fn before_its_first_monday_nothing_is_owed() {
    let mut story = Story::begins("2026-11-02T08:45:00Z", MONDAYS);
    story
        .passes("2026-11-09T08:00:00Z")
        .expects_nothing()
        .passes("2026-11-09T09:00:00Z")
        .expects(&[digest("Mon 9 08:30")]);
}

#[test]
fn half_past_eight_stays_half_past_eight_when_summer_time_ends() {
    let toml = usual(MONDAYS).replace("time_zone = \"UTC\"", "time_zone = \"Europe/Budapest\"");
    let mut story = Story::with("2026-10-12T08:00:00Z", &toml);
    story.passes("2026-11-02T12:00:00Z").expects(&[
        // UTC: summer time in Budapest ends on Sunday, 25 October.
        digest("Mon 19 06:30"),
        digest("Mon 26 07:30"),
        digest("Mon 2 07:30"),
    ]);
}

#[test]
fn two_destinations_in_two_zones_each_get_it_by_their_own_clock() {
    let more = r#"
[hours.london]
time_zone = "Europe/London"
[destinations.uk]
type = "slack"
webhook_url = "https://hooks.slack.com/services/3"
rate = "none"
hours = "london"
"#;
    let both = MONDAYS.replace("[\"managers\"]", "[\"managers\", \"uk\"]") + more;
    let toml = usual(&both).replace("time_zone = \"UTC\"", "time_zone = \"Europe/Budapest\"");
    let mut story = Story::with(START, &toml);
    story
        .passes("2026-11-10T00:00:00Z")
        .expects(&[digest("Mon 9 07:30"), ("Mon 9 08:30", "scheduled", "uk", "monday forecast")]);
    assert_ne!(story.ids[0], story.ids[1], "each destination's is a message of its own");
}

#[test]
fn who_was_down_over_the_weekend_sends_it_late_and_once() {
    let mut story = Story::begins(START, MONDAYS);
    story.passes("2026-11-06T16:00:00Z").sleeps("2026-11-09T14:20:00Z").restarts();
    story.polls().expects(&[digest("Mon 9 14:20")]);
    story.restarts().polls().passes("2026-11-10T09:00:00Z").expects_nothing();
}

#[test]
fn a_digest_more_than_a_day_late_is_skipped_and_the_journal_says_so() {
    let mut story = Story::begins(START, MONDAYS);
    story.polls().sleeps("2026-11-17T08:31:00Z").restarts().polls().expects_nothing();
    let due = ["2026-11-09T08:30:00Z", "2026-11-16T08:30:00Z"].map(|due| (at(due), DigestFate::Skipped));
    assert_eq!(fates(&story), due);
    story.passes("2026-11-24T00:00:00Z").expects(&[digest("Mon 23 08:30")]);
}

#[test]
fn a_crash_between_queue_and_send_neither_loses_nor_doubles_it() {
    let mut story = Story::begins(START, MONDAYS);
    story.channel("managers", Channel::Pending).passes("2026-11-09T08:30:00Z");
    assert_eq!(story.under_way(), 1);
    let first = story.ids.clone();
    // The attempt was recorded, its answer was not: it may have arrived.
    story.restarts().channel("managers", Channel::Accepts).polls().expects(&[(
        "Mon 9 08:30",
        "scheduled repeat",
        "managers",
        "monday forecast",
    )]);
    assert_eq!(story.ids.last(), first.first(), "a repeat has the same id");
    story.restarts().polls().passes("2026-11-10T08:00:00Z").expects_nothing();
}

#[test]
fn it_is_queued_with_the_note_that_it_was_or_not_at_all() {
    let mut story = Story::begins(START, MONDAYS);
    story.settles();
    // The writer has decided, and the process dies before the commit.
    story.sleeps("2026-11-09T08:30:00Z");
    story.walk.state.look(100, story.walk.now).unwrap();
    story.restarts().polls().expects(&[digest("Mon 9 08:30")]);
}

#[test]
fn a_clock_that_is_set_back_repeats_none() {
    let mut story = Story::begins(START, MONDAYS);
    story.passes("2026-11-09T08:31:00Z").expects(&[digest("Mon 9 08:30")]);
    story.sleeps("2026-11-09T08:00:00Z").jumps_back();
    story
        .passes("2026-11-09T12:00:00Z")
        .expects_nothing()
        .passes("2026-11-16T12:00:00Z")
        .expects(&[digest("Mon 16 08:30")]);
}

#[test]
fn a_clock_that_ran_years_ahead_does_not_silence_it_for_years() {
    let mut story = Story::begins(START, MONDAYS);
    story.sleeps("2029-01-01T00:00:00Z").settles().and_then();
    story.sleeps("2026-11-03T00:00:00Z").jumps_back();
    story.passes("2026-11-09T12:00:00Z").expects(&[digest("Mon 9 08:30")]);
}

#[test]
fn while_a_clock_is_doubted_none_is_due() {
    let mut story = Story::begins(START, MONDAYS);
    story.polls().doubts_the_clock().passes("2026-11-09T12:00:00Z").expects_nothing();
    story.sets_the_clock_right("2026-11-09T12:00:00Z").settles().expects(&[digest("Mon 9 12:00")]);
}

#[test]
fn a_reload_that_removes_it_takes_back_what_waits() {
    let mut story = Story::begins(START, MONDAYS);
    story.channel("managers", Channel::Later(None)).passes("2026-11-09T09:00:00Z");
    story.channel("managers", Channel::Accepts).reloads("").passes("2026-11-17T00:00:00Z").expects_nothing();
    assert_eq!(fates(&story).last(), Some(&(at("2026-11-09T08:30:00Z"), DigestFate::NotAskedFor)));
}

#[test]
fn one_that_comes_back_owes_nothing_from_before() {
    let mut story = Story::begins(START, MONDAYS);
    story.passes("2026-11-09T08:00:00Z").reloads("").passes("2026-11-09T10:00:00Z");
    story.reloads(MONDAYS).expects_nothing().passes("2026-11-16T10:00:00Z").expects(&[digest("Mon 16 08:30")]);
}

#[test]
fn one_that_is_moved_to_another_time_of_the_day_comes_once_a_day() {
    let mut story = Story::begins(START, MONDAYS);
    story.passes("2026-11-09T09:00:00Z").expects(&[digest("Mon 9 08:30")]);
    story.reloads(&MONDAYS.replace("08:30", "15:00")).passes("2026-11-09T18:00:00Z").expects_nothing();
    story.passes("2026-11-16T18:00:00Z").expects(&[digest("Mon 16 15:00")]);
    // And moved to a time that has passed already, it waits for the next week.
    let mut story = Story::begins(START, MONDAYS);
    story.passes("2026-11-09T08:00:00Z").reloads(&MONDAYS.replace("08:30", "07:00"));
    story.passes("2026-11-09T12:00:00Z").expects_nothing();
}

#[test]
fn one_that_nobody_takes_is_taken_back_after_two_days() {
    let mut story = Story::begins(START, MONDAYS);
    story
        .channel("managers", Channel::Later(None))
        .passes("2026-11-12T00:00:00Z")
        .channel("managers", Channel::Accepts);
    story.passes("2026-11-16T12:00:00Z");
    let told = story.take_told();
    let digests: Vec<_> = told.iter().filter(|(_, message)| message[1].starts_with("scheduled")).collect();
    assert_eq!(digests.len(), 1, "{told:?}");
    assert_eq!(digests[0].0, at("2026-11-16T08:30:00Z"));
    assert!(fates(&story).contains(&(at("2026-11-09T08:30:00Z"), DigestFate::Late)));
}

#[test]
fn a_daily_one_gives_way_to_the_next() {
    let daily = MONDAYS.replace("mon 08:30", "mon-fri 08:30");
    let mut story = Story::begins(START, &daily);
    story.channel("managers", Channel::Later(None)).passes("2026-11-04T08:31:00Z");
    story.channel("managers", Channel::Accepts).passes("2026-11-04T12:00:00Z");
    let told = story.take_told();
    let digests = told.iter().filter(|(_, message)| message[1].starts_with("scheduled")).count();
    assert_eq!(digests, 1, "{told:?}");
    assert!(fates(&story).contains(&(at("2026-11-03T08:30:00Z"), DigestFate::Late)));
}

#[test]
fn a_destination_that_refuses_everything_has_it_sent_to_its_fallback_once() {
    let fallback = r#"
[destinations.managers]
type = "slack"
webhook_url = "https://hooks.slack.com/services/2"
rate = "none"
fallback = "inbox"
"#;
    let mut story = Story::begins(START, &format!("{MONDAYS}{fallback}"));
    story.channel("managers", Channel::RefusesAll).passes("2026-11-09T12:00:00Z");
    let told: Vec<String> = story.take_told().into_iter().map(|(_, message)| message[1..].join(" ")).collect();
    let here = told.iter().filter(|message| *message == "scheduled inbox anna@contoso.com monday forecast").count();
    assert_eq!(here, 1, "{told:?}");
    story.passes("2026-11-10T12:00:00Z");
    assert!(story.take_told().iter().all(|(_, message)| message[1] != "scheduled"));
}

#[test]
fn a_mail_to_two_falls_back_only_when_nobody_took_it() {
    let mail = r#"
[destinations.board]
type = "email"
to = ["anna@contoso.com", "bela@contoso.com"]
rate = "none"
fallback = "managers"
"#;
    let more = MONDAYS.replace("[\"managers\"]", "[\"board\"]") + mail;
    let mut story = Story::begins(START, &more);
    story.channel("board anna@contoso.com", Channel::RefusesMessage).passes("2026-11-09T12:00:00Z");
    let told: Vec<String> = story.take_told().into_iter().map(|(_, message)| message[1..].join(" ")).collect();
    assert!(told.contains(&"scheduled board bela@contoso.com monday forecast".to_owned()), "{told:?}");
    assert!(!told.iter().any(|message| message.starts_with("scheduled managers")), "{told:?}");
    let mut story = Story::begins(START, &more);
    story.channel("board anna@contoso.com", Channel::RefusesMessage);
    story.channel("board bela@contoso.com", Channel::RefusesMessage).passes("2026-11-09T12:00:00Z");
    let told: Vec<String> = story.take_told().into_iter().map(|(_, message)| message[1..].join(" ")).collect();
    assert_eq!(told.iter().filter(|message| message.starts_with("scheduled managers")).count(), 1, "{told:?}");
}

#[test]
fn it_is_no_member_of_a_digest_of_messages() {
    let mut story = Story::begins("2026-11-09T08:00:00Z", MONDAYS);
    story.channel("managers", Channel::Later(None));
    let rules = MONDAYS.replace("steps", "notify = [\"managers\"]\nsteps");
    story.reloads(&rules);
    for id in 1..=7 {
        story.opens(referral(&format!("r{id}"), "2026-11-09T08:00:00Z", Some("2026-11-23T00:00:00Z")));
    }
    story.polls().passes("2026-11-09T08:30:00Z").channel("managers", Channel::Accepts).passes("2026-11-09T09:30:00Z");
    let told: Vec<String> = story.take_told().into_iter().map(|(_, message)| message[1].clone()).collect();
    assert!(told.contains(&"digest".to_owned()) && told.contains(&"scheduled".to_owned()), "{told:?}");
}

/// What the digest of a Monday tells, as of the story's present.
fn told(story: &Story, due: &str, orders: &Orders, claims: bool) -> Forecast {
    let glimpses = story.walk.state.glimpses(story.walk.now);
    let link = |case: &Case| format!("https://partner.example/{}", case.id());
    let destination = "managers".into();
    let asked = Asked { rules: &orders.rules, destination: &destination, due: at(due), claims, link: &link };
    read(&glimpses, story.walk.store.as_ref(), &asked).unwrap()
}

fn deal(id: &str, created: &str, expires: &str, value: f64, currency: &str) -> Value {
    let details = json!({"dealValue": value, "currency": currency});
    let team = json!([{"firstName": "Anna", "lastName": "Kovács", "email": "anna@contoso.com"}]);
    json!({"id": id, "createdDateTime": created, "expirationDateTime": expires, "details": details, "team": team,
        "customerProfile": {"name": id.to_uppercase(), "address": {"country": "HU"}}})
}

const MONEY: &str = "[money]\ncurrency = \"EUR\"\nrates = { HUF = 0.0025 }\n";

#[test]
fn the_page_tells_what_expires_this_week_who_has_it_and_what_it_is_worth() {
    let toml = usual(&format!("{MONEY}{MONDAYS}"));
    let orders = orders(&toml);
    let mut story = Story::with("2026-11-06T09:00:00Z", &toml);
    let created = "2026-11-06T09:00:00Z";
    story
        .opens(deal("r1", created, "2026-11-13T00:00:00Z", 80_000.0, "EUR"))
        .opens(deal("r2", created, "2026-11-11T00:00:00Z", 8_000_000.0, "HUF"))
        .opens(deal("r3", created, "2026-11-12T00:00:00Z", 5.0, "XXX"))
        .opens(referral("r4", created, Some("2026-11-16T00:00:00Z")))
        .opens(deal("r5", created, "2026-11-18T00:00:00Z", 1_000.0, "EUR"))
        .polls();
    claim(&mut story, 1, "Anna Kovács");
    story.passes("2026-11-09T08:30:00Z");
    let page = told(&story, "2026-11-09T08:30:00Z", &orders, true);
    let rows: Vec<(&str, String)> =
        page.week.shown.iter().map(|row| (row.id.as_str(), row.answer_by.to_string())).collect();
    // The one whose deadline is the next Monday, 00:00, can be answered for the last time on this Friday.
    let wanted = [("r2", "2026-11-10"), ("r3", "2026-11-11"), ("r1", "2026-11-12"), ("r4", "2026-11-13")];
    assert_eq!(rows, wanted.map(|(id, day)| (id, day.to_owned())));
    assert_eq!(page.at_risk.sum.amount, 100_000.0);
    assert_eq!((page.at_risk.sum.no_rate, page.at_risk.sum.no_value), (1, 1));
    let holder = |place: usize| page.week.shown[place].holder.clone();
    assert_eq!(holder(2), Holder::Claimed { by: "Anna Kovács".to_owned(), since: at("2026-11-06T09:00:00Z") });
    assert_eq!((holder(0), holder(3)), (Holder::Owners(vec!["Anna Kovács".to_owned()]), Holder::Nobody));
    assert_eq!(page.held_by_nobody, 3);
    let unclaimed = page.unclaimed.unwrap();
    assert_eq!((unclaimed.total, unclaimed.shown[0].id.as_str()), (1, "r5"));
    // Where nothing can be claimed it is owners that count.
    let page = told(&story, "2026-11-09T08:30:00Z", &orders, false);
    assert_eq!((page.held_by_nobody, page.unclaimed), (1, None));
}

#[test]
fn the_page_tells_what_is_muted_and_does_not_call_it_a_risk() {
    let toml = usual(MONDAYS);
    let orders = orders(&toml);
    let mut story = Story::with("2026-11-06T09:00:00Z", &toml);
    story.sees(deal("r1", "2026-11-06T09:00:00Z", "2026-11-13T00:00:00Z", 80_000.0, "EUR"));
    let (state, now) = (&mut story.walk.state, story.walk.now);
    state.mute(CaseNumber(1), "spam", Some(at("2026-12-01T00:00:00Z")), Some("Béla"), now).unwrap();
    state.flush().unwrap();
    // It is known after a restart too, without a look at the case.
    story.restarts();
    let page = told(&story, "2026-11-09T08:30:00Z", &orders, true);
    assert!(page.is_quiet() && page.unclaimed.as_ref().is_some_and(|rows| rows.total == 0));
    let muted = &page.muted.shown[0];
    assert_eq!((muted.mute.reason.as_str(), muted.mute.by.as_deref(), page.muted.total), ("spam", Some("Béla"), 1));
    assert!(page.at_risk.sum.amount == 0.0);
}

#[test]
fn what_expired_last_week_is_told_with_its_story_and_what_was_answered_as_a_rate() {
    let toml = usual(&format!("{MONEY}{MONDAYS}"));
    let orders = orders(&toml);
    let mut story = Story::with("2026-11-02T09:00:00Z", &toml);
    let created = "2026-11-02T09:00:00Z";
    story
        .opens(deal("r1", created, "2026-11-05T00:00:00Z", 80_000.0, "EUR"))
        .opens(deal("r2", created, "2026-11-16T00:00:00Z", 1_000.0, "EUR"))
        .opens(deal("r3", created, "2026-11-16T00:00:00Z", 1_000.0, "EUR"))
        .polls();
    claim(&mut story, 1, "Anna Kovács");
    story.passes("2026-11-02T20:00:00Z").accepts("r2").polls().passes("2026-11-05T00:05:00Z").expires("r1").polls();
    story.passes("2026-11-09T08:30:00Z");
    let page = told(&story, "2026-11-09T08:30:00Z", &orders, true);
    assert_eq!((page.expired.total, page.lost.sum.amount), (1, 80_000.0));
    let story_of = &page.expired.shown[0];
    assert_eq!((story_of.row.id.as_str(), story_of.at), ("r1", at("2026-11-05T00:00:00Z")));
    assert_eq!(story_of.claimed, [("Anna Kovács".to_owned(), at(created))]);
    let told_there: Vec<(&str, usize)> =
        story_of.told.iter().map(|there| (there.destination.as_str(), there.taken)).collect();
    assert_eq!(told_there, [("sellers", 1)], "that it expired is no part of how it came to that");
    assert_eq!((page.answered, page.in_time.within, page.in_time.of), (1, 1, 3));
    assert_eq!(page.in_time_before.of, 0);
    // A week later that is the week before, and nothing expired since.
    story.passes("2026-11-16T08:30:00Z");
    let page = told(&story, "2026-11-16T08:30:00Z", &orders, true);
    assert_eq!((page.expired.total, page.in_time_before.within, page.in_time_before.of), (0, 1, 3));
}

#[test]
fn what_came_long_ago_and_expired_last_week_is_found_too() {
    let toml = usual(MONDAYS);
    let orders = orders(&toml);
    let mut story = Story::with("2026-10-01T09:00:00Z", &toml);
    story.sees(deal("old", "2026-10-01T09:00:00Z", "2026-11-05T00:00:00Z", 80_000.0, "EUR"));
    story.passes("2026-11-02T09:00:00Z");
    story.sees(deal("new", "2026-11-02T09:00:00Z", "2026-11-20T00:00:00Z", 1.0, "EUR"));
    story.passes("2026-11-05T00:05:00Z").expires("old").polls().passes("2026-11-09T08:30:00Z");
    let page = told(&story, "2026-11-09T08:30:00Z", &orders, true);
    let ids: Vec<&str> = page.expired.shown.iter().map(|story| story.row.id.as_str()).collect();
    assert_eq!(ids, ["old"]);
}

#[test]
fn a_damaged_line_of_the_journal_costs_only_itself() {
    let toml = usual(MONDAYS);
    let orders = orders(&toml);
    let mut story = Story::with("2026-11-02T09:00:00Z", &toml);
    story.sees(deal("r1", "2026-11-02T09:00:00Z", "2026-11-05T00:00:00Z", 80_000.0, "EUR"));
    story.passes("2026-11-05T00:05:00Z").expires("r1").polls().passes("2026-11-09T08:30:00Z");
    let place = layout::LinePlace { at: at("2026-11-04T09:00:00Z"), line: 1_000_000, case: Some(CaseNumber(1)) };
    let mut commit = Commit::new();
    commit.put(place.journal_key(), b"{\"closed".to_vec());
    commit.put(place.history_key().unwrap(), Vec::new());
    story.walk.store.commit(&commit).unwrap();
    assert_eq!(told(&story, "2026-11-09T08:30:00Z", &orders, true).expired.total, 1);
}

#[test]
fn of_very_many_the_first_are_shown_and_all_are_counted() {
    let toml = usual(&format!("{MONEY}{MONDAYS}"));
    let orders = orders(&toml);
    let mut story = Story::with("2026-11-06T09:00:00Z", &toml);
    for n in 0..60 {
        let expires = if n < 40 { "2026-11-13T00:00:00Z" } else { "2026-11-27T00:00:00Z" };
        story.opens(deal(&format!("r{n}"), "2026-11-06T09:00:00Z", expires, f64::from(n), "EUR"));
    }
    story.polls();
    let page = told(&story, "2026-11-09T08:30:00Z", &orders, true);
    assert_eq!((page.week.total, page.week.shown.len()), (40, 15));
    assert_eq!(page.week.shown[0].id.as_str(), "r39", "of one day the greatest value comes first");
    assert_eq!(page.at_risk.sum.amount, f64::from((0..40).sum::<i32>()));
    let unclaimed = page.unclaimed.unwrap();
    assert_eq!((unclaimed.total, unclaimed.shown.len()), (20, 15));
}

/// What it costs where there is very much: `cargo test --release --test it hundred_thousand -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, of use only in release"]
fn of_a_hundred_thousand_the_page_is_read_beside_the_writer() {
    const REFERRALS: u32 = 100_000;
    let folder = tempfile::tempdir().unwrap();
    let orders = orders(&usual(&format!("{MONEY}{MONDAYS}")));
    let store = std::sync::Arc::new(SledStore::open(folder.path()).unwrap());
    let now = at("2026-11-06T09:00:00Z");
    let mut state = State::load(store.clone(), std::sync::Arc::new(orders.clone()), true, now).unwrap();
    let mut listing = Listing::new(now);
    for page in 0..REFERRALS / 100 {
        let items = (page * 100..(page + 1) * 100).map(|n| {
            let expires = if n % 2 == 0 { "2026-11-13T00:00:00Z" } else { "2026-11-27T00:00:00Z" };
            let body = deal(&format!("r{n}"), "2026-11-06T09:00:00Z", expires, f64::from(n), "EUR").to_string();
            Item::read(&RawValue::from_string(body).unwrap()).unwrap()
        });
        let page = Page { items: items.collect(), unreadable: 0, server_date: None, bytes: 0 };
        state.page(&"contoso".into(), &page, &mut listing, now).unwrap();
        state.flush().unwrap();
    }
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.map(str::trim).unwrap_or_default().to_owned()
    };
    println!("resident before: {}", resident());
    let began = std::time::Instant::now();
    let glimpses = state.glimpses(at("2026-11-09T08:30:00Z"));
    println!("the writer is held for {:?}; resident {}", began.elapsed(), resident());
    let (began, destination) = (std::time::Instant::now(), "managers".into());
    let link = |_: &Case| String::new();
    let asked = Asked { rules: &orders.rules, destination: &destination, due: glimpses.now, claims: true, link: &link };
    let page = read(&glimpses, store.as_ref(), &asked).unwrap();
    println!("reading beside it takes {:?}; resident {}", began.elapsed(), resident());
    assert_eq!((page.week.total, page.unclaimed.unwrap().total), (REFERRALS as usize / 2, REFERRALS as usize / 2));
}

/// Writes that somebody has claimed a referral, as the claim page will.
fn claim(story: &mut Story, number: u64, name: &str) {
    let number = CaseNumber(number);
    let mut case = story.walk.state.case(number).unwrap();
    let by = Claimant { name: name.to_owned(), person: None, said: true };
    let now = story.walk.now;
    let hours = counting_hours(&story.walk.state.orders().rules, &"managers".into(), None);
    let until = leadtime::core::claim::until(3, hours, now);
    case.claim = Some(Claim { by: by.clone(), at: now, until, from: "managers".into() });
    let line = Line::Claimed { by, until, from: "managers".into() };
    let place = layout::LinePlace { at: now, line: 1_000_000 + number.0, case: Some(number) };
    let mut commit = Commit::new();
    commit.put_json(layout::case(number), &case).unwrap();
    commit.put_json(place.journal_key(), &line).unwrap();
    commit.put(place.history_key().unwrap(), Vec::new());
    story.walk.store.commit(&commit).unwrap();
    story.restarts();
}
