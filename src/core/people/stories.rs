//! Who is asked, story by story: owners, covers, managers, strangers, and doors that open for nobody.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{Absence, Because, Cast, Nobody, OwnerRule, Part, People, Person, TEAM, Who};
use crate::core::{
    case::Case,
    filter::Filter,
    hours::{Hours, HoursSpec},
    ids::CaseNumber,
    period::Period,
    referral::Referral,
    rules::{Asks, Destination, Money, Recipient, Role, Rules},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The middle of all stories.
fn monday() -> Timestamp {
    at("2026-11-09T09:00:00Z")
}

/// Anna, Béla her manager, Cili his; Dora beside Anna. Each is reached by mail; `ops` hears where nobody does.
fn house() -> Rules {
    let mut rules = Rules {
        rules: Vec::new(),
        destinations: BTreeMap::new(),
        accounts: BTreeMap::new(),
        default_hours: Arc::new(Hours::compile(HoursSpec::built_in(TimeZone::UTC)).unwrap()),
        money: Money::default(),
        people: People { domains: ["contoso.com".to_owned()].into(), ..People::default() },
        ops: vec!["ops".into()],
    };
    for (name, manager) in [("anna", Some("bela")), ("bela", Some("cili")), ("cili", None), ("dora", Some("bela"))] {
        let way = format!("@{name}");
        let person = Person {
            name: name.to_owned(),
            email: Some(format!("{name}@contoso.com")),
            manager: manager.map(Into::into),
            reached_at: vec![way.as_str().into()],
            away: Vec::new(),
        };
        rules.people.by_name.insert(name.into(), person);
        add(&mut rules, &way, Asks::default());
    }
    add(&mut rules, "ops", Asks::default());
    rules
}

fn add(rules: &mut Rules, name: &str, asks: Asks) {
    rules.destinations.insert(name.into(), Destination { hours: None, keeps_hours: true, fallback: None, asks });
}

/// Somebody is away this week.
fn away(rules: &mut Rules, name: &str, cover: Option<&str>) {
    let (from, until) = (at("2026-11-09T00:00:00Z"), Some(at("2026-11-14T00:00:00Z")));
    let absence = Absence { from, until, last: Some(jiff::civil::date(2026, 11, 13)), cover: cover.map(Into::into) };
    rules.people.by_name.get_mut(name).unwrap().away.push(absence);
}

fn case(body: &Value) -> Case {
    let mut whole = json!({"id": "r1", "createdDateTime": "2026-11-06T09:00:00Z"});
    whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let referral = Referral::read(whole).unwrap();
    Case::first_sight(CaseNumber(1), "contoso".into(), referral, Period::days(14), monday())
}

fn of_team(emails: &[&str]) -> Case {
    let member = |email: &&str| json!({"firstName": "Some", "lastName": "Body", "email": email});
    case(&json!({"team": emails.iter().map(member).collect::<Vec<_>>()}))
}

/// A cast as it is told: `dora for anna, bela`.
fn told(parts: &[Part]) -> Vec<String> {
    let one = |part: &Part| {
        let who = match &part.who {
            Who::Person(name) => name.to_string(),
            Who::Stranger { email, .. } => email.clone(),
        };
        let covers: Vec<&str> = part.covers.iter().map(|name| name.as_str()).collect();
        if covers.is_empty() { who } else { format!("{who} for {}", covers.join(", ")) }
    };
    parts.iter().map(one).collect()
}

#[track_caller]
fn asked(case: &Case, rules: &Rules, owners: &[&str], managers: &[&str]) -> Cast {
    let cast = Cast::of(case, rules, monday());
    assert_eq!((told(&cast.owners), told(&cast.managers)), (strings(owners), strings(managers)));
    cast
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().copied().map(str::to_owned).collect()
}

fn list(texts: &[&str]) -> Vec<Recipient> {
    texts.iter().copied().map(Into::into).collect()
}

/// Where a list is heard, and why.
fn doors(case: &Case, rules: &Rules, recipients: &[&str]) -> Vec<(String, Because)> {
    let recipients = list(recipients);
    let cast = Cast::of(case, rules, monday());
    cast.doors(&recipients, rules).into_iter().map(|door| (door.destination.to_string(), door.because)).collect()
}

fn ops(nobody: Nobody) -> Vec<(String, Because)> {
    vec![("ops".to_owned(), Because::InPlaceOf(nobody))]
}

fn anna() -> Case {
    of_team(&["Anna@Contoso.com"])
}

#[test]
fn the_owner_is_whom_the_team_names_and_her_manager_is_above_her() {
    let cast = asked(&anna(), &house(), &["anna"], &["bela"]);
    assert_eq!(cast.changes_at, None);
}

#[test]
fn an_owner_on_holiday_is_replaced_by_her_cover_until_she_is_back() {
    let mut rules = house();
    away(&mut rules, "anna", Some("dora"));
    let cast = asked(&anna(), &rules, &["dora for anna"], &["bela"]);
    assert_eq!(cast.changes_at, Some(at("2026-11-14T00:00:00Z")));
    let back = Cast::of(&anna(), &rules, at("2026-11-14T00:00:00Z"));
    assert_eq!((told(&back.owners), back.changes_at), (strings(&["anna"]), None));
    let before = Cast::of(&anna(), &rules, at("2026-11-08T23:59:59Z"));
    assert_eq!((told(&before.owners), before.changes_at), (strings(&["anna"]), Some(at("2026-11-09T00:00:00Z"))));
}

#[test]
fn with_the_cover_on_holiday_too_the_cover_s_own_cover_stands_in() {
    let mut rules = house();
    away(&mut rules, "anna", Some("dora"));
    away(&mut rules, "dora", Some("cili"));
    asked(&anna(), &rules, &["cili for anna, dora"], &["bela"]);
}

#[test]
fn with_nobody_to_cover_the_next_up_acts_as_owner_and_the_one_above_is_the_manager() {
    let mut rules = house();
    away(&mut rules, "anna", Some("dora"));
    away(&mut rules, "dora", None);
    asked(&anna(), &rules, &["bela for anna, dora"], &["cili"]);
}

#[test]
fn who_acts_as_owner_is_the_manager_too_where_nobody_is_further_up() {
    let mut rules = house();
    away(&mut rules, "bela", None);
    asked(&of_team(&["bela@contoso.com"]), &rules, &["cili for bela"], &["cili"]);
}

#[test]
fn a_manager_on_holiday_is_replaced_like_an_owner() {
    let mut rules = house();
    away(&mut rules, "bela", Some("dora"));
    asked(&anna(), &rules, &["anna"], &["dora for bela"]);
    let mut rules = house();
    away(&mut rules, "bela", None);
    asked(&anna(), &rules, &["anna"], &["cili for bela"]);
}

#[test]
fn a_manager_whose_cover_is_the_owner_leaves_it_to_the_next_up() {
    let mut rules = house();
    away(&mut rules, "bela", Some("anna"));
    asked(&anna(), &rules, &["anna"], &["cili for bela"]);
}

#[test]
fn a_circle_of_covers_ends_with_the_next_up() {
    let mut rules = house();
    away(&mut rules, "anna", Some("dora"));
    away(&mut rules, "dora", Some("anna"));
    asked(&anna(), &rules, &["bela for anna, dora"], &["cili"]);
}

#[test]
fn a_circle_of_managers_ends_with_nobody() {
    let mut rules = house();
    rules.people.by_name.get_mut("cili").unwrap().manager = Some("anna".into());
    for name in ["anna", "bela", "cili"] {
        away(&mut rules, name, None);
    }
    asked(&anna(), &rules, &[], &[]);
    assert_eq!(doors(&anna(), &rules, &["@owners"]), ops(Nobody::Away(Role::Owners)));
    assert_eq!(doors(&anna(), &rules, &["@managers"]), ops(Nobody::Away(Role::Managers)));
}

#[test]
fn an_owner_who_has_left_for_good_is_replaced_for_good() {
    let mut rules = house();
    let gone = Absence { from: at("2026-11-01T00:00:00Z"), until: None, last: None, cover: Some("dora".into()) };
    rules.people.by_name.get_mut("anna").unwrap().away.push(gone);
    let cast = asked(&anna(), &rules, &["dora for anna"], &["bela"]);
    assert_eq!(cast.changes_at, None);
    let years_later = Cast::of(&anna(), &rules, at("2040-01-01T00:00:00Z"));
    assert_eq!(told(&years_later.owners), strings(&["dora for anna"]));
}

#[test]
fn two_owners_are_both_asked_and_their_one_manager_once() {
    asked(&of_team(&["dora@contoso.com", "anna@contoso.com"]), &house(), &["dora", "anna"], &["bela"]);
}

#[test]
fn an_owner_who_covers_for_the_other_is_asked_once_and_as_herself() {
    let mut rules = house();
    away(&mut rules, "anna", Some("dora"));
    asked(&of_team(&["anna@contoso.com", "dora@contoso.com"]), &rules, &["dora"], &["bela"]);
}

#[test]
fn a_stranger_at_our_domain_is_an_owner_without_a_manager_and_one_elsewhere_is_none() {
    let rules = house();
    asked(&of_team(&["eva@contoso.com", "mallory@evil.example"]), &rules, &["eva@contoso.com"], &[]);
    asked(&of_team(&["mallory@evil.example"]), &rules, &[], &[]);
    asked(&of_team(&["eva@contoso.com", "anna@contoso.com"]), &rules, &["eva@contoso.com", "anna"], &["bela"]);
}

#[test]
fn what_is_more_than_one_address_of_ours_is_none() {
    for forged in
        ["x@evil.example,y@contoso.com", "x@evil.example y@contoso.com", "@contoso.com", "a\r\nBcc:b@contoso.com"]
    {
        asked(&of_team(&[forged]), &house(), &[], &[]);
    }
    // Ours by the last part alone: servers that relay for us would carry it on, to a file or a program even.
    for route in ["eve%evil.example@contoso.com", "evil.example!eve@contoso.com", "/x@contoso.com", "|x@contoso.com"] {
        asked(&of_team(&[route]), &house(), &[], &[]);
    }
    asked(&of_team(&["o'neil+x@contoso.com"]), &house(), &["o'neil+x@contoso.com"], &[]);
    let crowd: Vec<String> = (0..1_000).map(|number| format!("x{number}@contoso.com")).collect();
    let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
    assert_eq!(Cast::of(&of_team(&crowd), &house(), monday()).owners.len(), 20);
}

#[test]
fn strangers_crowd_out_nobody_whom_the_settings_know() {
    let crowd: Vec<String> = (0..30).map(|number| format!("x{number}@contoso.com")).collect();
    let crowd: Vec<&str> = crowd.iter().map(String::as_str).chain(["anna@contoso.com"]).collect();
    let cast = Cast::of(&of_team(&crowd), &house(), monday());
    assert_eq!(cast.owners.len(), 20);
    assert_eq!((told(&cast.owners[..1]), told(&cast.owners[19..])), (strings(&["x0@contoso.com"]), strings(&["anna"])));
    assert_eq!(told(&cast.managers), strings(&["bela"]));
}

#[test]
fn where_the_team_names_nobody_of_ours_the_first_owners_that_match_decide() {
    let mut rules = house();
    let country = |code: &str| Filter::parse(&format!("customerProfile/address/country eq '{code}'")).unwrap();
    rules.people.owners = vec![
        OwnerRule { when: Some(country("CZ")), people: vec!["cili".into()] },
        OwnerRule { when: Some(country("HU")), people: vec!["dora".into(), "anna".into()] },
        OwnerRule { when: None, people: vec!["cili".into()] },
    ];
    let of = |country: &str, email: &str| {
        case(&json!({"customerProfile": {"address": {"country": country}}, "team": [{"email": email}]}))
    };
    asked(&of("HU", "mallory@evil.example"), &rules, &["dora", "anna"], &["bela"]);
    asked(&of("SK", "mallory@evil.example"), &rules, &["cili"], &[]);
    asked(&of("HU", "bela@contoso.com"), &rules, &["bela"], &["cili"]);
}

#[test]
fn a_list_of_people_opens_their_doors_and_says_why() {
    let mut rules = house();
    away(&mut rules, "anna", Some("dora"));
    let owner = Because::Owner { covers: Some("anna".into()) };
    let manager = Because::Manager { covers: None };
    let open = doors(&anna(), &rules, &["ops", "@owners", "@managers", "@dora"]);
    let expected =
        [("ops", Because::Named), ("@dora", owner), ("@bela", manager)].map(|(name, why)| (name.to_owned(), why));
    assert_eq!(open, expected);
}

#[test]
fn in_place_of_a_list_that_reaches_nobody_ops_hears_and_why() {
    let rules = house();
    let nobody = of_team(&[]);
    assert_eq!(doors(&nobody, &rules, &["@owners"]), ops(Nobody::NoOwner));
    assert_eq!(doors(&nobody, &rules, &["@managers"]), ops(Nobody::NoOwner));
    assert_eq!(doors(&of_team(&["cili@contoso.com"]), &rules, &["@managers"]), ops(Nobody::NoManager));
    let stranger = of_team(&["eva@contoso.com"]);
    assert_eq!(doors(&stranger, &rules, &["@owners"]), ops(Nobody::NoWay(Role::Owners)));
    let named = doors(&nobody, &rules, &["@owners", "@anna"]);
    assert_eq!(named, [("@anna".to_owned(), Because::Named)], "somebody is reached, so ops need not hear");
}

#[test]
fn strangers_are_reached_at_the_team_s_own_destination() {
    let mut rules = house();
    add(&mut rules, TEAM, Asks { strangers: true, ..Asks::default() });
    let case = of_team(&["eva@contoso.com", "anna@contoso.com"]);
    let owner = Because::Owner { covers: None };
    let open = doors(&case, &rules, &["@owners"]);
    assert_eq!(open, [(TEAM.to_owned(), owner.clone()), ("@anna".to_owned(), owner)]);
    let cast = Cast::of(&case, &rules, monday());
    let team = cast.recipients(&rules.destinations[TEAM].asks, &rules);
    assert_eq!(team.iter().map(|one| one.email).collect::<Vec<_>>(), ["eva@contoso.com"]);
}

#[test]
fn a_mail_that_leaves_its_readers_to_each_referral_goes_to_their_addresses() {
    let mut rules = house();
    away(&mut rules, "anna", Some("dora"));
    let asks = Asks { roles: vec![Role::Owners, Role::Managers], ..Asks::default() };
    let case = of_team(&["eva@contoso.com", "anna@contoso.com"]);
    let cast = Cast::of(&case, &rules, monday());
    let found = cast.recipients(&asks, &rules);
    let told: Vec<_> = found.iter().map(|one| (one.email, one.because.clone())).collect();
    let expected = [
        ("eva@contoso.com", Because::Owner { covers: None }),
        ("dora@contoso.com", Because::Owner { covers: Some("anna".into()) }),
        ("bela@contoso.com", Because::Manager { covers: None }),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_mail_that_would_be_read_by_nobody_goes_to_its_fallback_else_to_ops() {
    let mut rules = house();
    let asks = || Asks { roles: vec![Role::Owners], ..Asks::default() };
    add(&mut rules, "owners-mail", asks());
    let nobody = of_team(&[]);
    assert_eq!(doors(&nobody, &rules, &["owners-mail"]), ops(Nobody::NoOwner));
    assert_eq!(doors(&anna(), &rules, &["owners-mail"]), [("owners-mail".to_owned(), Because::Named)]);
    // A fallback that would be read by nobody hands on to its own.
    add(&mut rules, "second", asks());
    rules.destinations.get_mut("second").unwrap().fallback = Some("@dora".into());
    rules.destinations.get_mut("owners-mail").unwrap().fallback = Some("second".into());
    let in_place = Because::InPlaceOf(Nobody::NoOwner);
    assert_eq!(doors(&nobody, &rules, &["owners-mail"]), [("@dora".to_owned(), in_place)]);
    rules.destinations.get_mut("owners-mail").unwrap().asks.others = true;
    assert_eq!(doors(&nobody, &rules, &["owners-mail"]), [("owners-mail".to_owned(), Because::Named)]);
}
