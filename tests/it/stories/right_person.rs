//! The right person, in their language, and a claim that is kept: five stories of one house, each told to its end. What
//! else may happen to people, claims and mail stands in `people`, `claims` and `reach`.

use serde_json::{Value, json};

use super::reach::said;
use crate::story::Story;

/// Anna and Dóra sell in Budapest, Emma in Boston; Jana in Prague is above them, and Petr above her.
const HOUSE: &str = r#"
time_zone   = "Europe/Budapest"
notify      = ["@owners"]
escalate_to = ["@managers"]

[ops]
notify = ["ops"]

[accounts.contoso]
tenant_id = "t"
client_id = "c"

[smtp]
host = "localhost"
from = "leadtime@contoso.com"

[destinations]
ops = { type = "stdout" }

[hours.boston]
time_zone = "America/New_York"

[people]
anna = { name = "Anna Kovács", email = "anna@contoso.com", manager = "jana", locale = "hu" }
dora = { name = "Dóra Kiss", email = "dora@contoso.com", manager = "jana", locale = "hu" }
emma = { name = "Emma Brown", email = "emma@contoso.com", manager = "jana", hours = "boston" }
jana = { name = "Jana Nováková", email = "jana@contoso.com", manager = "petr", locale = "cs" }
petr = { name = "Petr Novák", email = "petr@contoso.com", locale = "cs" }
"#;

/// The house, with somebody away.
fn with_away(house: &str, name: &str, away: &str) -> String {
    house.replace(&format!("{name} = {{ "), &format!("{name} = {{ away = [{{ {away} }}], "))
}

/// The house, with one rule for all.
fn with_steps(steps: &str) -> String {
    format!("{HOUSE}\n[[rules]]\nname = \"all\"\nsteps = [{steps}]\n")
}

/// A referral of Monday, 2 November, 09:00 in Budapest, that expires when Sunday the 15th is over there.
fn owned_by(people: &[&str]) -> Value {
    let mut body = crate::story::referral("r1", "2026-11-02T08:00:00Z", Some("2026-11-15T23:00:00Z"));
    body["team"] = people.iter().map(|name| json!({"email": format!("{name}@contoso.com")})).collect();
    body
}

/// It is seen at once. All times that follow are those of Budapest.
fn begins(house: &str, owners: &[&str]) -> Story {
    let mut story = Story::with("2026-11-02T08:00:00Z", house);
    story.told_in("Europe/Budapest").sees(owned_by(owners));
    story
}

/// Exactly these mails: when, what, to whom.
#[track_caller]
fn told(story: &mut Story, expected: &[(&str, &str, &str)]) {
    let to: Vec<String> = expected.iter().map(|(.., who)| format!("@{who} {who}@contoso.com")).collect();
    let mails: Vec<_> =
        expected.iter().zip(&to).map(|((when, what, _), to)| (*when, *what, to.as_str(), "r1")).collect();
    story.expects(&mails);
}

#[test]
fn the_owner_on_holiday_and_the_cover_too() {
    // Anna is away for three days. Dóra covers, is away herself from the second on, and has nobody.
    let house = with_away(HOUSE, "anna", r#"from = "2026-11-09", to = "2026-11-11", cover = "dora""#);
    let house = with_away(&house, "dora", r#"from = "2026-11-10", to = "2026-11-11""#);
    let mut story = begins(&house, &["anna"]);
    story.passes("2026-11-13T12:00:00Z").accepts("r1").polls();
    told(
        &mut story,
        &[
            ("Mon 2 09:00", "new", "anna"),
            ("Mon 2 13:00", "reminder", "anna"),
            // Dóra stands in, and with her away Jana, who now answers herself: so Petr hears the escalation.
            ("Mon 9 09:00", "new", "dora"),
            ("Tue 10 09:00", "new", "jana"),
            ("Wed 11 09:00", "escalation", "petr"),
            // Anna is back, and Jana is her manager again: each hears where it stands, and nothing twice.
            ("Thu 12 09:00", "escalation", "jana"),
            ("Thu 12 09:00", "reminder", "anna"),
            ("Fri 13 09:00", "escalation", "anna"),
            ("Fri 13 09:00", "escalation", "jana"),
            // All who were told are told of the end.
            ("Fri 13 13:00", "answered", "anna"),
            ("Fri 13 13:00", "answered", "dora"),
            ("Fri 13 13:00", "answered", "jana"),
            ("Fri 13 13:00", "answered", "petr"),
        ],
    );
}

#[test]
fn a_claim_that_nobody_follows_up() {
    let steps = r#"{ on = "new" }, { after = "1bd", every = "1bd" }, { before_expiry = "3bd", escalate = true }"#;
    let mut story = begins(&with_steps(steps), &["anna"]);
    story.passes("2026-11-09T09:00:00Z").and_then();
    // On Monday at 10:00 Anna says that she will answer it, within three working days. She does not.
    story.claims(1, "@anna", 3).passes("2026-11-13T12:00:00Z");
    told(
        &mut story,
        &[
            // Her reminders of Tuesday and Wednesday rest; her manager hears in time all the same.
            ("Wed 11 09:00", "escalation", "jana"),
            // The claim is over: of what rested the latest speaks, and all goes on as before.
            ("Thu 12 10:00", "reminder", "anna"),
            ("Fri 13 09:00", "reminder", "anna"),
        ],
    );
}

#[test]
fn an_owner_who_left_the_company() {
    // Anna's last day was in October, and the team in Partner Center still names her.
    let house = with_away(HOUSE, "anna", r#"from = "2026-11-01", cover = "dora""#);
    let mut story = begins(&house, &["anna"]);
    story.passes("2026-11-13T12:00:00Z").accepts("r1").polls();
    told(
        &mut story,
        &[
            ("Mon 2 09:00", "new", "dora"),
            ("Mon 2 13:00", "reminder", "dora"),
            ("Mon 9 09:00", "reminder", "dora"),
            ("Wed 11 09:00", "escalation", "jana"),
            ("Fri 13 09:00", "escalation", "dora"),
            ("Fri 13 09:00", "escalation", "jana"),
            ("Fri 13 13:00", "answered", "dora"),
            ("Fri 13 13:00", "answered", "jana"),
        ],
    );
}

#[test]
fn a_hungarian_seller_and_a_czech_manager_on_one_referral() {
    let steps = r#"{ on = "new" }, { before_expiry = "3bd", escalate = true }"#;
    let mails = said(&with_steps(steps), "2026-11-12T10:00:00Z", owned_by(&["anna"]), &["@anna", "@jana"]);
    let [(_, _, seller), (_, _, manager)] = mails.as_slice() else { panic!("{} mails", mails.len()) };
    assert!(seller.contains("Válasz") && seller.contains("Ön a felelőse."), "{seller}");
    let asks = "Zajistěte, aby poptávku odpovědná osoba (Anna Kovács) ještě dnes přijala nebo odmítla";
    assert!(manager.contains(asks) && manager.contains("Jste vedoucí odpovědné osoby."), "{manager}");
}

#[test]
fn two_owners_in_two_zones() {
    let mut story = begins(&with_steps(r#"{ on = "new" }, { after = "22h" }"#), &["anna", "emma"]);
    story.passes("2026-11-03T20:00:00Z");
    told(
        &mut story,
        &[
            // News goes out at once.
            ("Mon 2 09:00", "new", "anna"),
            ("Mon 2 09:00", "new", "emma"),
            // At 07:00 in Budapest it is time to remind both: each at nine by her own clock.
            ("Tue 3 09:00", "reminder", "anna"),
            ("Tue 3 15:00", "reminder", "emma"),
        ],
    );
}
