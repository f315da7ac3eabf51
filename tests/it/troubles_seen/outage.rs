//! What was hidden by an outage is told with its end: which referrals nobody watched, what was caught up, what is late.

use jiff::SignedDuration;
use leadtime::demo::{
    inbox::Received,
    invent::Inventor,
    world::{Colleague, Outage},
};
use serde_json::json;

use super::{Operator, clock::SetClock, says};
use crate::commands_stage::{Stage, now};

const ANNA: Colleague = Colleague { first: "Anna", last: "Kovács", email: "anna@contoso.example" };
/// From Friday evening to Monday morning.
const WEEKEND: SignedDuration = SignedDuration::from_hours(62);
/// A step that falls due within it, at any hour.
const RULE: &str = "\n[[rules]]\nname = \"all\"\nhours = \"always\"\nsteps = [{ on = \"new\" }, { after = \"1d\" }]\n";

/// So many referrals of a minute ago: their ids and customers.
fn referrals(operator: &Operator, seed: u64, count: usize) -> Vec<(String, String)> {
    let mut inventor = Inventor::new(seed);
    let sketches: Vec<_> = (0..count).map(|_| inventor.invent(now() - SignedDuration::from_mins(1))).collect();
    operator.stage.world.add(sketches.iter().map(|sketch| sketch.body())).unwrap();
    sketches.iter().map(|sketch| (sketch.id(), sketch.customer.clone())).collect()
}

fn expires(stage: &Stage, id: &str) {
    for (path, value) in [("status", "Closed"), ("substatus", "Expired")] {
        stage.world.change(id, path, json!(value)).unwrap();
    }
}

#[tokio::test]
async fn after_a_weekend_without_leadtime_ops_hears_what_nobody_watched_and_what_was_caught_up() {
    let stage = Stage::set().await;
    let Some(clock) = SetClock::make(stage.folder.path()) else { return };
    let mut operator = Operator::on(stage, |settings| settings + RULE, &clock.env()).await;
    let known = referrals(&operator, 1, 6);
    operator.polls().await;
    operator.stage.message("they are told", |message| message.sink == "sellers").await;
    operator.sees_all_well().await;
    operator.stage.world.accept(&known[0].0, &ANNA).unwrap();
    let stage = operator.stops().await;
    expires(&stage, &known[1].0);
    let new = Inventor::new(2).invent(now() - SignedDuration::from_mins(1));
    stage.world.add([new.body()]).unwrap();
    clock.is_ahead_by(WEEKEND);
    stage.world.set_date_ahead(WEEKEND);
    operator = Operator::starts(stage, &[], &clock.env()).await;

    let heard = operator.hears("Recovered: leadtime did not watch contoso for 2 d 14 h\"").await;
    let text = says(&heard);
    for part in [
        "4 open referrals were not watched meanwhile. The nearest: ",
        " (answer by ",
        "1 new one was found; it arrived 2 d 14 h ago, unseen till now.",
        "1 was answered meanwhile.",
        &format!("1 expired meanwhile: {}", known[1].1),
        "5 messages go out late.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let is_new = |message: &Received| message.sink == "sellers" && message.body.contains(&new.id()[..8]);
    operator.stage.message("the new one is told", is_new).await;
    operator.polls().await;
    operator.sees_all_well().await;
    let told = operator.heard().iter().filter(|message| message.body.contains("did not watch")).count();
    assert_eq!(told, 1, "it is told once");
}

#[tokio::test]
async fn a_restart_and_a_poll_that_comes_in_time_are_no_news() {
    let mut operator = Operator::begins().await;
    referrals(&operator, 1, 2);
    operator.polls().await;
    operator.stage.message("they are told", |message| message.sink == "sellers").await;
    operator = Operator::starts(operator.stops().await, &[], &[]).await;
    let metrics = operator.metrics().await;
    assert!(metrics.contains("leadtime_last_accepted_timestamp_seconds{destination=\"sellers\"}"), "{metrics}");
    referrals(&operator, 2, 1);
    operator.polls().await;
    operator.polls().await;
    operator.sees_all_well().await;
    assert_eq!(operator.heard().len(), 0);
}

#[tokio::test]
async fn after_an_outage_of_partner_center_ops_hears_what_it_hid() {
    let mut operator = Operator::begins().await;
    let known = referrals(&operator, 1, 2);
    operator.polls().await;
    operator.stage.world.set_outage(Some(Outage::Forbidden));
    operator.polls().await;
    operator.hears("contoso cannot be read").await;
    operator.turns_the_page();
    expires(&operator.stage, &known[0].0);
    referrals(&operator, 2, 2);
    operator.stage.world.set_outage(None);
    operator.polls().await;
    let end = operator.hears("contoso is read again").await;
    let text = says(&end);
    for part in [
        "It was not read for ",
        &format!("1 open referral was not watched meanwhile: {} (answer by ", known[1].1),
        "2 new ones were found; the oldest arrived ",
        &format!("1 expired meanwhile: {}", known[0].1),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    operator.sees_all_well().await;
}

#[tokio::test]
async fn who_starts_after_a_weekend_and_reaches_nobody_says_so_at_once_and_since_when() {
    let stage = Stage::set().await;
    let Some(clock) = SetClock::make(stage.folder.path()) else { return };
    let often = |settings: String| settings.replace("poll_every = \"1h\"", "poll_every = \"1s\"");
    let mut operator = Operator::on(stage, often, &clock.env()).await;
    referrals(&operator, 1, 1);
    operator.polls().await;
    operator.stage.message("it is told", |message| message.sink == "sellers").await;
    let stage = operator.stops().await;
    clock.is_ahead_by(WEEKEND);
    stage.world.set_date_ahead(WEEKEND);
    stage.world.set_outage(Some(Outage::Down { retry_after: None }));
    operator = Operator::starts(stage, &[], &clock.env()).await;
    operator.hears("contoso cannot be read").await;
    operator.sees(&["contoso cannot be read", "tried again by itself"]).await;
    operator.turns_the_page();
    operator.stage.world.set_outage(None);
    operator.polls().await;
    let end = operator.hears("contoso is read again").await;
    assert!(says(&end).contains("It was not read for 2 d 14 h."), "{}", end.body);
    assert!(says(&end).contains("1 open referral was not watched meanwhile: "), "{}", end.body);
    operator.sees_all_well().await;
}
