//! What keeps leadtime from deciding, or makes it keep silent: a lost role, a clock, the settings, a damaged store.

use jiff::SignedDuration;
use leadtime::{
    core::ids::CaseNumber,
    demo::invent::Inventor,
    store::{Commit, SledStore, Store, layout},
};
use rustix::process::Signal;
use serde_json::{Value, json};

use super::{Operator, usual};
use crate::commands_stage::{now, told};

/// The number of referrals that `/metrics` calls pending.
async fn pending(operator: &Operator) -> String {
    let text = operator.metrics().await;
    let line = text.lines().find(|line| line.starts_with("leadtime_referrals_pending{")).unwrap_or_default();
    line.rsplit(' ').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_mass_disappearance_is_told_as_a_lost_role_and_its_return_too() {
    let mut operator = Operator::begins().await;
    let created = now() - SignedDuration::from_mins(5);
    operator.stage.world.add((0..3).map(|seed| Inventor::new(seed).invent(created).body())).unwrap();
    operator.polls().await;
    operator.turns_the_page();
    operator.stage.world.lose_role(true);
    operator.polls().await;
    let told = operator.hears("contoso may have lost its role in Partner Center").await;
    assert!(told.body.contains("3 of 3 open referrals left the list at once"), "{}", told.body);
    assert!(told.body.contains("None is taken for answered"), "{}", told.body);
    operator.sees(&["may have lost its role", "Referrals admin"]).await;
    assert_eq!(pending(&operator).await, "3", "an empty list and 404 are no answer");
    operator.stage.world.lose_role(false);
    operator.polls().await;
    operator.hears("contoso sees its referrals again").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_clock_that_is_minutes_off_is_told_and_decides_all_the_same() {
    let operator = Operator::begins().await;
    operator.stage.world.set_date_ahead(SignedDuration::from_mins(5));
    operator.stage.refer();
    operator.polls().await;
    operator.hears("The clock is 5 min off").await;
    operator.sees(&["The clock is 5 min off", "NTP"]).await;
    operator.stage.message("it is decided on", |message| message.sink == "sellers").await;
    operator.stage.world.set_date_ahead(SignedDuration::ZERO);
    operator.polls().await;
    operator.hears("The clock agrees with Partner Center").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_clock_that_is_a_day_off_decides_nothing_until_it_is_right_or_trusted() {
    let mut operator = Operator::begins().await;
    operator.stage.world.set_date_ahead(SignedDuration::from_hours(26));
    operator.stage.refer();
    let polled = operator.polls().await;
    assert_eq!(polled["accounts"]["contoso"]["outcome"], "clock");
    let heard = operator.hears("The clock is 1 d 2 h off").await;
    assert!(heard.body.contains("Nothing new is decided until they agree"), "{}", heard.body);
    operator.sees(&["The clock is 1 d 2 h off", "NTP", "--trust-clock"]).await;
    let sellers = |operator: &Operator| {
        let messages = operator.stage.sinks.inbox().messages();
        messages.iter().filter(|message| message.sink == "sellers").count()
    };
    assert_eq!(sellers(&operator), 0);
    operator.stage.world.set_date_ahead(SignedDuration::ZERO);
    operator.polls().await;
    operator.hears("The clock agrees with Partner Center").await;
    operator.stage.message("it is decided on", |message| message.sink == "sellers").await;
    operator.sees_all_well().await;

    operator.stage.world.set_date_ahead(SignedDuration::from_hours(26));
    operator.turns_the_page();
    operator = Operator::starts(operator.stops().await, &["--trust-clock"], &[]).await;
    let second = operator.stage.refer();
    operator.polls().await;
    let known = |message: &leadtime::demo::inbox::Received| message.body.contains(&second[..8]);
    operator.stage.message("it is trusted", |message| message.sink == "sellers" && known(message)).await;
}

#[tokio::test]
async fn an_account_that_leaves_the_settings_is_told_as_shelved_and_goes_on_when_it_is_back() {
    let other = |settings: String| {
        let account = settings.split("[accounts.contoso]").nth(1).unwrap().split("[destinations]").next().unwrap();
        format!("{settings}\n[accounts.fabrikam]{account}")
    };
    let mut operator = Operator::with(other).await;
    operator.stage.refer();
    operator.polls().await;
    let without = usual(&operator.stage);
    operator.reloads(&without).await;
    let heard = operator.hears("The account fabrikam has left the settings, so its referrals are shelved").await;
    assert!(heard.body.contains("Nothing is sent about them"), "{}", heard.body);
    operator.sees(&["fabrikam has left the settings", "put the account back"]).await;
    operator.reloads(&other(without)).await;
    operator.hears("No longer so: The account fabrikam has left").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_filter_that_leaves_referrals_out_is_told_and_they_no_longer_count_as_pending() {
    let mut operator = Operator::begins().await;
    operator.stage.refer();
    operator.polls().await;
    assert_eq!(pending(&operator).await, "1");
    let settings = usual(&operator.stage);
    let narrow = "[accounts.contoso]\nfilter = \"substatus eq 'Pending' and customerProfile/address/country eq 'XX'\"";
    operator.reloads(&settings.replace("[accounts.contoso]", narrow)).await;
    operator.hears("The filter of contoso no longer takes some open referrals").await;
    operator.sees(&["no longer takes some open referrals", "widen the account's `filter`"]).await;
    assert_eq!(pending(&operator).await, "0");
    operator = Operator::starts(operator.stops().await, &[], &[]).await;
    assert_eq!(pending(&operator).await, "0", "a start knows them as shelved");
    operator.reloads(&settings).await;
    operator.hears("No longer so: The filter of contoso").await;
    operator.sees_all_well().await;
    assert_eq!(pending(&operator).await, "1");
}

#[tokio::test]
async fn a_referral_that_no_rule_takes_is_told_and_a_rule_for_the_rest_mends_it() {
    let rule = "\n[[rules]]\nname = \"huge\"\nwhen = \"details/dealValue gt 999999999999\"\n";
    let mut operator = Operator::with(|settings| format!("{settings}{rule}")).await;
    let id = operator.stage.refer();
    operator.polls().await;
    let heard = operator.hears("A referral of contoso is taken by no rule, so nobody hears of it").await;
    assert!(heard.body.contains(&id), "{}", heard.body);
    operator.sees(&["taken by no rule", "Add a rule without `when` at the end"]).await;
    let settings = format!("{}{rule}\n[[rules]]\nname = \"rest\"\n", usual(&operator.stage));
    operator.reloads(&settings).await;
    operator.hears("No longer so: A referral of contoso is taken by no rule").await;
    operator.stage.message("the rule takes it", |message| message.sink == "sellers").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_currency_without_a_rate_is_told_once_and_a_rate_mends_it() {
    let money = |rates: &str| {
        format!(
            "\n[money]\ncurrency = \"EUR\"\n{rates}\n[[rules]]\nname = \"any\"\nwhen = \"value ge 1\"\n[[rules]]\nname = \"rest\"\n"
        )
    };
    let mut operator = Operator::with(|settings| format!("{settings}{}", money(""))).await;
    for _ in 0..2 {
        let id = operator.stage.refer();
        operator.stage.world.change(&id, "details/currency", json!("SEK")).unwrap();
        operator.stage.world.change(&id, "details/dealValue", json!(70_000)).unwrap();
        operator.polls().await;
    }
    let heard = operator.hears("No rate is known for SEK").await;
    assert!(heard.body.contains("take no referral in that currency"), "{}", heard.body);
    operator.sees(&["No rate is known for SEK", "[money] rates = { SEK = … }"]).await;
    assert_eq!(operator.heard().len(), 1, "once per currency");
    let settings = format!("{}{}", usual(&operator.stage), money("rates = { SEK = 0.09 }"));
    operator.reloads(&settings).await;
    operator.hears("No longer so: No rate is known for SEK").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn settings_with_faults_at_a_reload_are_told_and_check_shows_what_to_mend() {
    let mut operator = Operator::begins().await;
    let settings = usual(&operator.stage);
    operator.stage.write(&settings.replace("notify = [\"sellers\"]", "notify = [\"nobody\"]"));
    operator.leadtime.signal(Signal::HUP);
    let heard = operator.hears("The settings have faults; the old ones stay in force").await;
    assert!(heard.body.contains("nobody"), "{}", heard.body);
    operator.sees(&["The settings have faults", "`leadtime check`"]).await;
    let (code, _, err) = told(&operator.stage.done(&["check"]).await);
    assert!(code == 2 && err.contains("nobody"), "{err}");
    operator.reloads(&settings).await;
    operator.hears("The settings are in force").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_client_secret_that_ends_soon_is_told_at_once_and_a_later_date_ends_that() {
    let until = |days: i32| {
        let day = now().to_zoned(jiff::tz::TimeZone::UTC).date() + jiff::Span::new().days(days);
        format!("[accounts.contoso]\nclient_secret_expires = \"{day}\"")
    };
    let mut operator = Operator::with(|settings| settings.replace("[accounts.contoso]", &until(20))).await;
    operator.hears("The client secret of contoso ends on ").await;
    operator.sees(&["The client secret of contoso ends on ", "Make a new one in Entra"]).await;
    let settings = usual(&operator.stage).replace("[accounts.contoso]", &until(400));
    operator.turns_the_page();
    operator.reloads(&settings).await;
    operator.hears("The client secret of contoso ends on ").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_damaged_referral_costs_only_itself_and_a_backup_brings_it_back() {
    let mut operator = Operator::begins().await;
    let damaged = operator.stage.refer();
    operator.polls().await;
    operator.stage.message("it is told", |message| message.sink == "sellers").await;
    operator.sees_all_well().await;
    let stage = operator.stops().await;
    let (data, backup) = (stage.folder.path().join("data"), stage.folder.path().join("backup"));
    copy(&data, &backup);
    let store = SledStore::open(&data).unwrap();
    let mut damage = Commit::new();
    damage.delete(layout::body(CaseNumber(1)));
    store.commit(&damage).unwrap();
    store.close().unwrap();
    drop(store);

    operator = Operator::on(stage, |settings| settings, &[]).await;
    operator.turns_the_page();
    operator.stage.world.change(&damaged, "details/dealValue", json!(1_234_567)).unwrap();
    let sound = operator.stage.refer();
    let polled = operator.polls().await;
    assert_eq!(polled["whole"], Value::Bool(true), "the rest is read: {polled}");
    let heard = operator.hears("A referral cannot be read from the store").await;
    assert!(heard.body.contains("is not there"), "{}", heard.body);
    operator.sees(&["A referral cannot be read from the store", "restore the state folder from a backup"]).await;
    operator
        .stage
        .message("the others are told of", |message| message.sink == "sellers" && message.body.contains(&sound[..8]))
        .await;
    operator.turns_the_page();
    let settings = usual(&operator.stage);
    operator.reloads(&settings).await;
    operator.sees(&["A referral cannot be read from the store"]).await;
    assert_eq!(operator.heard().len(), 0, "a reload mends no store, and does not say so");

    let stage = operator.stops().await;
    std::fs::remove_dir_all(&data).unwrap();
    std::fs::rename(&backup, &data).unwrap();
    let operator = Operator::on(stage, |settings| settings, &[]).await;
    operator.sees_all_well().await;
    assert_eq!(pending(&operator).await, "2");
}

/// Copies the files of a store.
pub fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
