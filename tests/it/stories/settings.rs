//! Settings that change under a referral, and what rules make of what it says.

use serde_json::json;

use crate::story::{Answer, Channel, Story, referral, usual};

const NEW_AND_TWO_DAYS: &str = r#"[[rules]]
name = "all"
steps = [{ on = "new" }, { after = "2d" }]"#;

fn r1() -> serde_json::Value {
    referral("r1", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z"))
}

#[test]
fn new_deferred_for_one_rule_is_cancelled_when_another_takes_the_referral_and_speaks() {
    let rules = r#"[[rules]]
    name = "small"
    when = "details/dealValue lt 100"
    steps = [{ on = "new", hours = "default" }]
    [[rules]]
    name = "large"
    notify = ["inbox"]
    steps = [{ on = "new" }]"#;
    let mut story = Story::begins("2026-11-07T09:00:00Z", rules);
    let mut body = referral("r1", "2026-11-07T08:00:00Z", Some("2026-11-20T12:00:00Z"));
    body["details"] = json!({"dealValue": 10});
    story
        .sees(body)
        .passes("2026-11-07T10:00:00Z")
        .expects_nothing()
        .changes("r1", json!({"details": {"dealValue": 1000}}))
        .polls()
        .passes("2026-11-10T10:00:00Z")
        .expects(&[("Sat 7 10:00", "new", "inbox anna@contoso.com", "r1")]);
}

#[test]
fn a_message_that_waits_is_cancelled_when_its_rule_lets_go_of_the_referral() {
    let rules = r#"[[rules]]
    name = "small"
    when = "details/dealValue lt 100"
    steps = [{ on = "new" }]
    [[rules]]
    name = "large"
    notify = ["inbox"]
    steps = [{ on = "new" }]"#;
    let mut story = Story::begins("2026-11-02T09:00:00Z", rules);
    let mut body = r1();
    body["details"] = json!({"dealValue": 10});
    story
        .channel("sellers", Channel::Later(None))
        .sees(body)
        .changes("r1", json!({"details": {"dealValue": 1000}}))
        .polls()
        .channel("sellers", Channel::Accepts)
        .passes("2026-11-02T10:00:00Z")
        .expects(&[("Mon 2 09:00", "new", "inbox anna@contoso.com", "r1")]);
}

#[test]
fn a_destination_taken_out_by_a_reload_and_put_back_an_hour_later_gets_its_messages() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    let without = usual(NEW_AND_TWO_DAYS)
        .replace("notify = [\"sellers\"]", "notify = [\"inbox\"]")
        .lines()
        .filter(|line| !line.starts_with("sellers ="))
        .collect::<Vec<_>>()
        .join("\n");
    story
        .channel("sellers", Channel::Later(None))
        .sees(r1())
        .passes("2026-11-02T10:00:00Z")
        .and_then()
        .reloads_all(&without)
        .passes("2026-11-02T11:00:00Z")
        .expects(&[
            ("Mon 2 10:00", "new", "inbox anna@contoso.com", "r1"),
            ("Mon 2 10:00", "recovered", "ops", "No longer so: sellers takes no messages"),
        ])
        .channel("sellers", Channel::Accepts)
        .reloads(NEW_AND_TWO_DAYS)
        .passes("2026-11-02T12:00:00Z")
        .expects(&[("Mon 2 11:00", "new", "sellers", "r1")]);
}

#[test]
fn an_account_that_leaves_the_settings_has_its_referrals_shelved_and_goes_on_when_it_is_back() {
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    let elsewhere = usual(NEW_AND_TWO_DAYS).replace("[accounts.contoso]", "[accounts.other]");
    let shelved = "The account contoso has left the settings, so its referrals are shelved";
    story
        .opens(r1())
        .opens(referral("r2", "2026-11-02T09:00:00Z", Some("2026-11-16T12:00:00Z")))
        .polls()
        .and_then()
        .reloads_all(&elsewhere)
        .passes("2026-11-05T09:00:00Z")
        .expects(&[("Mon 2 09:00", "trouble", "ops", shelved)])
        .reloads(NEW_AND_TWO_DAYS)
        .expects(&[
            ("Thu 5 09:00", "digest", "sellers", "r1, r2"),
            ("Thu 5 09:00", "recovered", "ops", &format!("No longer so: {shelved}")),
        ]);
}

#[test]
fn a_narrowed_filter_shelves_what_it_no_longer_takes_and_widened_again_goes_on() {
    let narrow = usual(NEW_AND_TWO_DAYS).replace(
        "client_id = \"c\"",
        "client_id = \"c\"\nfilter = \"substatus eq 'Pending' and type eq 'Independent'\"",
    );
    let shelved = "The filter of contoso no longer takes some open referrals; they are shelved";
    let mut story = Story::begins("2026-11-02T09:00:00Z", NEW_AND_TWO_DAYS);
    story.sees(r1()).and_then().reloads_all(&narrow);
    let body = story.walk.world.listed[0].clone();
    story
        .vanishes("r1", Answer::Found(body.clone()))
        .polls_every(30)
        .polls()
        .passes("2026-11-05T09:00:00Z")
        .expects(&[("Mon 2 09:00", "trouble", "ops", shelved)])
        .reloads(NEW_AND_TWO_DAYS)
        .sees(body)
        .passes("2026-11-05T10:00:00Z")
        .expects(&[
            ("Thu 5 09:00", "recovered", "ops", &format!("No longer so: {shelved}")),
            ("Thu 5 09:00", "reminder", "sellers", "r1"),
        ]);
}

#[test]
fn a_country_that_is_not_hungary_is_also_no_country() {
    let rules =
        "[[rules]]\nname = \"abroad\"\nwhen = \"customerProfile/address/country ne 'HU'\"\nsteps = [{ on = \"new\" }]";
    Story::begins("2026-11-02T09:00:00Z", rules).sees(r1()).expects(&[("Mon 2 09:00", "new", "sellers", "r1")]);
}

#[test]
fn a_value_is_compared_in_the_currency_of_the_house_and_an_unknown_rate_is_told_once() {
    let rules = r#"money = { currency = "EUR", rates = { HUF = 0.0025 } }
    [[rules]]
    name = "large"
    when = "value ge 50000"
    steps = [{ on = "new" }]
    [[rules]]
    name = "rest"
    steps = []"#;
    // `money` stands at the top level, before the tables.
    let toml =
        format!("{}\n{}", rules.lines().next().unwrap(), usual(&rules.lines().skip(1).collect::<Vec<_>>().join("\n")));
    let mut story = Story::with("2026-11-02T09:00:00Z", &toml);
    for (id, currency) in [("r1", "HUF"), ("r2", "SEK"), ("r3", "SEK"), ("r4", "EUR")] {
        let mut body = referral(id, "2026-11-02T09:00:00Z", None);
        body["details"] = json!({"dealValue": 60_000, "currency": currency});
        story.opens(body);
    }
    story.polls().passes("2026-11-05T09:00:00Z").expects(&[
        ("Mon 2 09:00", "trouble", "ops", "No rate is known for SEK"),
        ("Mon 2 09:00", "new", "sellers", "r4"),
    ]);
}

#[test]
fn an_address_taken_out_of_a_mail_gets_nothing_more() {
    let with = |to: &str| {
        usual("[[rules]]\nname = \"all\"\nnotify = [\"inbox\"]\nsteps = [{ on = \"new\" }]")
            .replace("\"anna@contoso.com\"", to)
    };
    let mut story = Story::with("2026-11-02T09:00:00Z", &with("\"anna@contoso.com\", \"bela@contoso.com\""));
    story
        .channel("inbox bela@contoso.com", Channel::Later(None))
        .sees(r1())
        .expects(&[("Mon 2 09:00", "new", "inbox anna@contoso.com", "r1")])
        .channel("inbox bela@contoso.com", Channel::Accepts)
        .reloads_all(&with("\"anna@contoso.com\""))
        .passes("2026-11-04T09:00:00Z")
        .expects_nothing();
}

#[test]
fn a_mail_whose_address_was_changed_while_leadtime_was_down_goes_to_the_new_address_alone() {
    let to = |address: &str| {
        format!("{NEW_AND_TWO_DAYS}\nnotify = [\"desk\"]\n[destinations.desk]\ntype = \"email\"\nto = [\"{address}\"]")
    };
    let mut story = Story::begins("2026-11-02T09:00:00Z", &to("old@contoso.com"));
    story.channel("desk old@contoso.com", Channel::Later(Some(60))).sees(r1()).expects_nothing();
    story
        .channel("desk old@contoso.com", Channel::Accepts)
        .restarts_with(&to("new@contoso.com"))
        .passes("2026-11-02T10:00:00Z")
        .expects(&[("Mon 2 09:00", "new", "desk new@contoso.com", "r1")]);
}

#[test]
fn a_mail_whose_address_is_changed_by_a_reload_goes_to_the_new_address_at_once() {
    let to = |address: &str| {
        format!("{NEW_AND_TWO_DAYS}\nnotify = [\"desk\"]\n[destinations.desk]\ntype = \"email\"\nto = [\"{address}\"]")
    };
    let mut story = Story::begins("2026-11-02T09:00:00Z", &to("old@contoso.com"));
    story.channel("desk old@contoso.com", Channel::Later(Some(60))).sees(r1()).expects_nothing();
    story.reloads(&to("new@contoso.com")).passes("2026-11-02T10:00:00Z").expects(&[(
        "Mon 2 09:00",
        "new",
        "desk new@contoso.com",
        "r1",
    )]);
}
