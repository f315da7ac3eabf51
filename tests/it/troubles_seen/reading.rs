//! Partner Center and the sign-in: each way in which an account cannot be read.

use leadtime::demo::{
    inbox::Received,
    world::{Outage, SignInTrouble, World},
};

use super::Operator;
use crate::commands_stage::told;

/// A fault, what `[ops]` reads of it, and what the first line of `status` asks for.
struct Fault {
    breaks: fn(&World),
    says: &'static str,
    todo: &'static str,
}

fn outage(world: &World, outage: Outage) {
    world.set_outage(Some(outage));
}

fn sign_in(world: &World, trouble: SignInTrouble) {
    world.revoke_access_tokens();
    world.set_sign_in_trouble(Some(trouble));
}

fn refused(world: &World, error: &'static str, aadsts: u32) {
    sign_in(world, SignInTrouble::Refuses { error, aadsts });
}

/// Each is told at once: time alone does not mend it, or asks for more time than may pass unwatched.
const FAULTS: [Fault; 17] = [
    Fault { breaks: |world| outage(world, Outage::Forbidden), says: "denies access (403)", todo: "Referrals admin" },
    Fault {
        breaks: |world| outage(world, Outage::MfaRequired),
        says: "multi-factor authentication (401, 900421)",
        todo: "second factor",
    },
    Fault { breaks: |world| outage(world, Outage::LoginPage), says: "the answer is no listing", todo: "proxy" },
    Fault { breaks: |world| outage(world, Outage::Truncated), says: "the answer is no listing", todo: "proxy" },
    Fault {
        breaks: |world| outage(world, Outage::LinkLoop),
        says: "leads back to a page already read",
        todo: "report it with the log",
    },
    Fault {
        breaks: |world| outage(world, Outage::EndlessPages),
        says: "does not end after 1000 pages",
        todo: "Narrow `filter` of [accounts.contoso]",
    },
    Fault {
        breaks: |world| outage(world, Outage::Down { retry_after: Some(36_000) }),
        says: "Partner Center is unavailable (503)",
        todo: "tried again by itself",
    },
    Fault {
        breaks: |world| outage(world, Outage::Throttled { retry_after: 36_000 }),
        says: "asks for fewer requests (429)",
        todo: "tried again by itself",
    },
    Fault {
        breaks: |world| sign_in(world, SignInTrouble::InvalidGrant),
        says: "the refresh token has expired (AADSTS700082)",
        todo: "contoso",
    },
    Fault {
        breaks: |world| refused(world, "invalid_grant", 50_173),
        says: "the refresh token is no longer valid (AADSTS50173)",
        todo: "contoso",
    },
    Fault {
        breaks: |world| refused(world, "interaction_required", 50_076),
        says: "asks for a sign-in with multi-factor authentication (AADSTS50076)",
        todo: "second factor",
    },
    Fault {
        breaks: |world| refused(world, "consent_required", 65_001),
        says: "lacks consent (AADSTS65001)",
        todo: "administrator",
    },
    Fault {
        breaks: |world| refused(world, "invalid_grant", 53_003),
        says: "Conditional Access policy blocks the sign-in (AADSTS53003)",
        todo: "administrator",
    },
    Fault {
        breaks: |world| refused(world, "invalid_client", 7_000_222),
        says: "the client secret has expired (AADSTS7000222)",
        todo: "Make a new client secret in Entra",
    },
    Fault {
        breaks: |world| sign_in(world, SignInTrouble::InvalidClient),
        says: "refuses the client id or its secret (AADSTS7000215)",
        todo: "`client_id`, `client_secret`",
    },
    Fault {
        breaks: |world| refused(world, "invalid_scope", 70_011),
        says: "refuses the sign-in: invalid_scope (AADSTS70011)",
        todo: "`scope` of [accounts.contoso]",
    },
    Fault {
        breaks: |world| sign_in(world, SignInTrouble::LoginPage),
        says: "the token endpoint's answer makes no sense",
        todo: "any proxy on the way",
    },
];

#[tokio::test]
async fn whatever_keeps_an_account_from_being_read_is_told_with_what_mends_it_and_so_is_its_end() {
    let mut operator = Operator::with(|settings| settings.replace("poll_every = \"1h\"", "poll_every = \"2m\"")).await;
    for fault in &FAULTS {
        operator.turns_the_page();
        (fault.breaks)(&operator.stage.world);
        operator.polls().await;
        let told = operator.hears(fault.says).await;
        assert!(told.first_line.contains("contoso cannot be read"), "{}: {}", fault.says, told.first_line);
        assert!(told.body.contains("go on being counted down"), "{}: {}", fault.says, told.body);
        operator.sees(&["contoso cannot be read", fault.todo]).await;
        assert_eq!(operator.heard().len(), 1, "{} is told once", fault.says);

        operator.stage.world.set_outage(None);
        operator.stage.world.set_sign_in_trouble(None);
        operator.polls().await;
        let end = operator.hears("contoso is read again").await;
        assert!(end.body.contains("It was not read for "), "{}", end.body);
        operator.sees_all_well().await;
    }
}

#[tokio::test]
async fn an_account_without_a_sign_in_says_so_and_goes_on_when_it_has_one() {
    let mut operator = Operator::with(|settings| {
        let without = |line: &&str| !line.starts_with("refresh_token");
        settings.lines().filter(without).collect::<Vec<_>>().join("\n")
    })
    .await;
    operator.hears("there is no refresh token").await;
    operator.sees(&["contoso cannot be read"]).await;
    let settings = super::usual(&operator.stage);
    operator.reloads(&settings).await;
    operator.hears("contoso is read again").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_passing_failure_is_told_when_nothing_was_read_for_stale_after() {
    let mut operator = Operator::with(|settings| {
        let often = settings.replace("poll_every = \"1h\"", "poll_every = \"1s\"");
        often.replace("[ops]", "[ops]\nstale_after = \"1s\"")
    })
    .await;
    let breaks: [fn(&World); 3] = [
        |world| outage(world, Outage::ConnectionLost),
        |world| outage(world, Outage::Down { retry_after: None }),
        |world| sign_in(world, SignInTrouble::Down),
    ];
    for breaks in breaks {
        operator.turns_the_page();
        breaks(&operator.stage.world);
        // Each takes three seconds, as within a poll a passing failure is tried again; the second is beyond the limit.
        operator.polls().await;
        operator.polls().await;
        operator.hears("contoso cannot be read").await;
        operator.sees(&["contoso cannot be read", "tried again by itself"]).await;
        operator.stage.world.set_outage(None);
        operator.stage.world.set_sign_in_trouble(None);
        operator.polls().await;
        operator.hears("contoso is read again").await;
        operator.sees_all_well().await;
    }
}

#[tokio::test]
async fn one_referral_whose_answer_makes_no_sense_costs_only_itself() {
    let operator = Operator::begins().await;
    let odd = operator.stage.refer();
    operator.polls().await;
    operator.stage.message("it is told", |message| message.sink == "sellers").await;
    operator.stage.world.change(&odd, "substatus", "Received".into()).unwrap();
    operator.stage.world.garble(&odd, true);
    let sound = operator.stage.refer();
    let polled = operator.polls().await;
    assert_eq!(polled["whole"], true, "{polled}");
    let is_sound = |message: &Received| message.sink == "sellers" && message.body.contains(&sound[..8]);
    operator.stage.message("the other is told", is_sound).await;
    let (_, page, _) = told(&operator.stage.done(&["status", "--json"]).await);
    let status: serde_json::Value = serde_json::from_str(&page).unwrap();
    let pending = status["pending"].as_array().unwrap();
    let unseen = pending.iter().find(|one| one["id"] == odd.as_str()).unwrap();
    assert!(unseen["unseen_since"].is_string(), "it is open and says since when nobody sees it: {unseen}");
}
