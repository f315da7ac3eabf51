//! Every sign-in that is broken while leadtime runs, and its mending by the very command that `[ops]` was told.

use leadtime::demo::world::{SignInTrouble, Spoilt};
use rustix::process::Signal;

use super::{Operator, usual};
use crate::{
    commands_login::pasted,
    commands_stage::{Stage, told},
};

fn refused(error: &'static str, aadsts: u32) -> Spoilt {
    Spoilt::Refused { error, aadsts }
}

/// Runs `leadtime login contoso`, as a person who signs in; all is well after it.
async fn login_mends(operator: &Operator, what: &str) {
    let (code, out, err) = pasted(&operator.stage, &["contoso"]).await;
    assert_eq!(code, 0, "{what}: {err}");
    assert!(out.contains("contoso is signed in"), "{what}: {out}");
    operator.hears("contoso is read again").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn whatever_a_new_sign_in_mends_names_that_command_and_it_mends_it() {
    let mut operator = Operator::begins().await;
    for (how, says) in [
        (refused("invalid_grant", 700_082), "the refresh token has expired (AADSTS700082)"),
        (refused("invalid_grant", 50_173), "the refresh token is no longer valid (AADSTS50173)"),
        (refused("interaction_required", 50_076), "asks for a sign-in with multi-factor authentication (AADSTS50076)"),
        (refused("invalid_grant", 53_003), "a Conditional Access policy blocks the sign-in (AADSTS53003)"),
        (refused("consent_required", 65_001), "the app registration lacks consent (AADSTS65001)"),
        (Spoilt::OneFactor, "asks for a sign-in with multi-factor authentication (401, 900421)"),
        (Spoilt::NoAccess, "refuses the access token (401), a fresh one as well"),
    ] {
        operator.turns_the_page();
        operator.stage.world.spoil_sign_ins(how);
        operator.stage.world.revoke_access_tokens();
        operator.polls().await;
        operator.hears(says).await;
        operator.sees(&["contoso cannot be read", "`leadtime login contoso`"]).await;
        // It does not pass by itself.
        operator.polls().await;
        operator.sees(&["contoso cannot be read"]).await;
        login_mends(&operator, says).await;
    }
}

#[tokio::test]
async fn where_consent_is_missing_a_sign_in_alone_is_refused_and_with_it_mends() {
    let operator = Operator::begins().await;
    operator.stage.world.set_sign_in_trouble(Some(SignInTrouble::NoConsent));
    operator.stage.world.revoke_access_tokens();
    operator.polls().await;
    let heard = operator.hears("the app registration lacks consent (AADSTS65001)").await;
    assert!(heard.body.contains("Have an administrator consent to the app registration in Entra"), "{}", heard.body);
    operator.sees(&["contoso cannot be read", "administrator", "`leadtime login contoso`"]).await;
    let (code, _, err) = pasted(&operator.stage, &["contoso"]).await;
    let err = err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(code == 1 && err.contains("“Grant admin consent”, then run `leadtime login contoso` again"), "{err}");
    operator.stage.world.set_sign_in_trouble(None);
    login_mends(&operator, "with consent").await;
}

#[tokio::test]
async fn who_never_signed_in_does_by_the_command_that_is_told() {
    let operator = Operator::with(|settings| {
        let without = |line: &&str| !line.starts_with("refresh_token");
        settings.lines().filter(without).collect::<Vec<_>>().join("\n")
    })
    .await;
    operator.hears("there is no refresh token").await;
    operator.sees(&["contoso cannot be read", "Run `leadtime login contoso`."]).await;
    login_mends(&operator, "no token").await;
}

/// Settings with the key of the sealed token, or without it.
fn keyed(stage: &Stage, key: Option<&str>) -> String {
    let key = key.map(|key| format!("[state]\nkey = \"{key}\"\n\n[web]")).unwrap_or_else(|| "[web]".to_owned());
    // What is imported is no longer in the settings, as it should be once leadtime has it.
    let settings = usual(stage).replace("[web]", &key);
    settings.lines().filter(|line| !line.starts_with("refresh_token")).collect::<Vec<_>>().join("\n")
}

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A leadtime whose token is sealed with [`KEY`], started with another key or none.
async fn sealed(other: Option<&str>) -> Operator {
    let sealing =
        Operator::with(|settings| settings.replace("[web]", &format!("[state]\nkey = \"{KEY}\"\n\n[web]"))).await;
    sealing.sees_all_well().await;
    let stage = sealing.stops().await;
    stage.write(&keyed(&stage, other));
    let operator = Operator::starts(stage, &[], &[]).await;
    operator.hears("the refresh token is sealed and cannot be opened").await;
    operator.sees(&["contoso cannot be read", "[state] key", "`leadtime reload`", "`leadtime login contoso`"]).await;
    operator
}

#[tokio::test]
async fn a_sealed_token_without_its_key_is_opened_when_the_key_is_back_and_reloaded() {
    let operator = sealed(None).await;
    operator.stage.write(&keyed(&operator.stage, Some(KEY)));
    let (code, page, err) = told(&operator.stage.done(&["reload"]).await);
    assert_eq!(code, 0, "{page}{err}");
    operator.hears("contoso is read again").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_sealed_token_whose_key_is_lost_is_replaced_by_a_new_sign_in() {
    for other in [None, Some("another-key-another-key-another-key")] {
        let operator = sealed(other).await;
        login_mends(&operator, "the key is lost").await;
        let stage = operator.stops().await;
        let operator = Operator::starts(stage, &[], &[]).await;
        operator.polls().await;
        operator.sees_all_well().await;
        operator.leadtime.signal(Signal::TERM);
    }
}
