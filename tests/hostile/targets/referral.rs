//! A referral that is anything, beside one that is as it should be: polled day after day, decided on, worded and told. One bad
//! referral costs only itself: the other's messages come, and the store takes everything.

use std::{cell::OnceCell, fs};

use jiff::SignedDuration;
use leadtime::{
    core::{
        page::{Item, Page, Read},
        referral::Referral,
        reply::Reply,
        track::Listing,
    },
    service::{
        facts::{Job, Orders},
        prepare::orders,
        walk::{Walk, WalkFault},
    },
    settings as read,
};
use serde_json::{json, value::RawValue};

use super::{
    Broken, Held, Target, hold, listing, of_sections, sections,
    settings::{self, CALENDAR, RICH},
    stage::now,
};

pub const TARGET: Target = Target {
    name: "referral",
    about: "a referral that is anything, from the poll to the outbox",
    corpus,
    words: listing::FIELDS,
    feed,
    cases: 60,
    memory: (32 << 20, 400),
};

fn corpus() -> Vec<Vec<u8>> {
    let seeds = include_str!("../../it/data/seed-hu.json");
    let seeds: serde_json::Value = serde_json::from_str(seeds).unwrap_or_default();
    let seeds =
        seeds.get("value").and_then(serde_json::Value::as_array).or(seeds.as_array()).cloned().unwrap_or_default();
    let full = json!({"id": "r1", "status": "New", "substatus": "Pending", "type": "Shared", "qualification": "Direct",
        "createdDateTime": "2026-11-03T09:00:00Z", "expirationDateTime": "2026-11-17T09:00:00Z",
        "updatedDateTime": "2026-11-03T09:00:00Z", "isSpam": false, "direction": "Incoming",
        "customerProfile": {"name": "Fabrikam Kft.", "address": {"country": "HU"}, "team": [{"email": "c@fabrikam.hu"}]},
        "team": [{"email": "anna@contoso.com", "firstName": "Anna"}, {"email": "x@contoso.com"}],
        "details": {"dealValue": 80_000, "currency": "EUR", "notes": "Please call.", "closingDateTime": "2027-01-01"}});
    let with = |changes: &[(&str, serde_json::Value)]| {
        let mut body = full.clone();
        for (path, value) in changes {
            if let Some(old) = body.pointer_mut(path) {
                *old = value.clone();
            }
        }
        body.to_string()
    };
    let dearer = with(&[("/details/dealValue", json!(90_000)), ("/details/notes", json!("Soon."))]);
    let over = with(&[("/status", json!("Closed")), ("/substatus", json!("Expired"))]);
    let taken = with(&[("/status", json!("Active")), ("/substatus", json!("Accepted"))]);
    let moved = with(&[("/expirationDateTime", json!("2026-11-10T09:00:00Z"))]);
    let mut corpus = vec![
        of_sections(&[&full.to_string(), &dearer, &over]),
        of_sections(&[&full.to_string(), &moved, &taken, &full.to_string()]),
        of_sections(&[r#"{"id":"r1"}"#, &moved]),
    ];
    corpus.extend(seeds.iter().take(8).map(|seed| of_sections(&[&seed.to_string()])));
    corpus
}

thread_local! {
    static ORDERS: OnceCell<Orders> = const { OnceCell::new() };
}

fn orders_of_the_rich() -> Orders {
    let folder = settings::folder();
    let file = folder.path().join("leadtime.toml");
    fs::write(&file, RICH).expect("written");
    fs::write(folder.path().join("calendar.ics"), CALENDAR).expect("written");
    orders(&read::load(&file, settings::secrets()).expect("settings that are good").0)
}

/// The one beside it.
const GOOD: &str = r#"{"id":"good","status":"New","createdDateTime":"2026-11-04T08:00:00Z","team":[{"email":"anna@contoso.com"}],"details":{"dealValue":90000,"currency":"EUR"}}"#;

fn feed(input: &[u8]) -> Held {
    let orders = ORDERS.with(|orders| orders.get_or_init(orders_of_the_rich).clone());
    let taken = |fault: WalkFault| Broken("the store takes whatever a referral holds", fault.to_string());
    let mut walk = Walk::new(orders, "contoso", now()).map_err(taken)?;
    let mut told = false;
    let mut judge = |job: &Job, _: jiff::Timestamp| {
        told |= format!("{job:?}").contains("good");
        Some(Reply::Accepted { detail: None })
    };
    for section in sections(input).into_iter().take(4) {
        day(&mut walk, section).map_err(taken)?;
        let until = walk.now + SignedDuration::from_hours(24);
        walk.pass(until, None, &mut judge).map_err(taken)?;
    }
    // A writer that is begun anew finds what the old one has left.
    walk.restart().map_err(taken)?;
    walk.pass(walk.now + SignedDuration::from_hours(24), None, &mut judge).map_err(taken)?;
    hold!(told, "the referral beside a bad one is told of", "nothing came");
    Ok(())
}

/// A poll of both, and a reading by id of whichever has left.
fn day(walk: &mut Walk, section: &[u8]) -> Result<(), WalkFault> {
    let texts = [String::from_utf8_lossy(section).into_owned(), GOOD.to_owned()];
    let raw = texts.into_iter().filter_map(|text| RawValue::from_string(text).ok());
    let items = raw.filter_map(|raw| Item::read(&raw).ok()).collect();
    let page = Page { items, unreadable: 0, server_date: None, bytes: 0 };
    let mut listing = Listing::new(walk.now);
    walk.state.page(&walk.account, &page, &mut listing, walk.now)?;
    let missed = walk.state.listing_ended(&walk.account, &listing, walk.now)?;
    for missing in &missed.to_read {
        let body = serde_json::from_slice(section).ok().and_then(|body| Referral::read(body).ok());
        let read = body.map_or(Read::NotFound, Read::Found);
        walk.state.read(&walk.account, missing.case, read, walk.now)?;
    }
    Ok(walk.state.flush()?)
}
