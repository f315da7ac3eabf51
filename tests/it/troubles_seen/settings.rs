//! What a line of the settings breaks, told with the key to look at, and mended by that line and `leadtime reload`.

use leadtime::demo::world::SignInTrouble;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path_regex};

use super::{Operator, usual};
use crate::commands_stage::told;

/// A line as it should be, as it is, what `[ops]` reads, and the key that `status` asks to look at.
struct Wrong {
    right: String,
    wrong: String,
    says: &'static str,
    todo: &'static str,
}

/// Puts the settings right and runs the command that was told; all is well after it.
async fn reload_mends(operator: &Operator, what: &str) {
    operator.stage.write(&usual(&operator.stage));
    let (code, page, err) = told(&operator.stage.done(&["reload"]).await);
    assert_eq!(code, 0, "{what}: {page}{err}");
    operator.hears("contoso is read again").await;
    operator.sees_all_well().await;
}

#[tokio::test]
async fn a_wrong_line_of_an_account_is_named_and_putting_it_right_mends_it() {
    let elsewhere = MockServer::start().await;
    let answers = [
        ("^/moved/", ResponseTemplate::new(302).insert_header("location", "http://elsewhere.example/")),
        ("^/odd/", ResponseTemplate::new(418)),
        ("^/gone/", ResponseTemplate::new(404)),
        ("^/page/", ResponseTemplate::new(200).set_body_raw("<html>", "text/html")),
    ];
    for (way, answer) in answers {
        Mock::given(path_regex(way)).respond_with(answer).mount(&elsewhere).await;
    }
    let mut operator = Operator::begins().await;
    let base = format!("base_url = \"http://{}/v1.0\"", operator.stage.address);
    let token = format!("token_url = \"http://{}/{{tenant_id}}/oauth2/v2.0/token\"", operator.stage.address);
    let api = |way: &str, says, todo| Wrong {
        right: base.clone(),
        wrong: format!("base_url = \"{}/{way}/v1.0\"", elsewhere.uri()),
        says,
        todo,
    };
    let account = |right: &str, wrong: &str, says, todo| Wrong { right: right.into(), wrong: wrong.into(), says, todo };
    let wrongs = [
        account(
            "client_id = \"leadtime-demo\"",
            "client_id = \"another-app\"",
            "refuses the client id or its secret (AADSTS700016)",
            "`client_id`",
        ),
        account(
            "client_id = \"leadtime-demo\"",
            "client_id = \"leadtime-demo\"\nclient_secret = \"not-this-one\"",
            "refuses the client id or its secret (AADSTS7000215)",
            "`client_secret`",
        ),
        account(
            "tenant_id = \"contoso.example\"",
            "tenant_id = \"fabrikam.example\"",
            "refuses the sign-in: invalid_request (AADSTS90002)",
            "`tenant_id`",
        ),
        account(
            &token,
            &format!("token_url = \"{}/page/token\"", elsewhere.uri()),
            "the token endpoint's answer makes no sense",
            "`token_url`",
        ),
        api("moved", "the answer is a redirect (302), which is not followed", "`base_url` of [accounts.contoso]"),
        api("odd", "refuses the request (418)", "`base_url` of [accounts.contoso]"),
        api("gone", "knows nothing at this address (404)", "`base_url` of [accounts.contoso]"),
        api("page", "the answer is no listing", "`base_url` of [accounts.contoso]"),
        account(
            "client_id = \"leadtime-demo\"",
            "client_id = \"leadtime-demo\"\ntop = 1",
            "the listing stops at 1, the number that `top` asks for",
            "Take `top` out of [accounts.contoso]",
        ),
    ];
    operator.stage.refer();
    operator.polls().await;
    operator.stage.refer();
    operator.polls().await;
    for wrong in wrongs {
        operator.turns_the_page();
        let settings = usual(&operator.stage);
        assert!(settings.contains(&wrong.right), "{}", wrong.right);
        operator.reloads(&settings.replace(&wrong.right, &wrong.wrong)).await;
        operator.polls().await;
        operator.hears(wrong.says).await;
        operator.sees(&["contoso cannot be read", wrong.todo, "`leadtime reload`"]).await;
        reload_mends(&operator, wrong.says).await;
    }
}

#[tokio::test]
async fn a_client_secret_that_has_run_out_is_replaced_and_a_reload_takes_the_new_one() {
    let operator = Operator::begins().await;
    let trouble = SignInTrouble::Refuses { error: "invalid_client", aadsts: 7_000_222 };
    operator.stage.world.set_sign_in_trouble(Some(trouble));
    operator.stage.world.revoke_access_tokens();
    operator.polls().await;
    operator.hears("the client secret has expired (AADSTS7000222)").await;
    operator.sees(&["contoso cannot be read", "`client_secret` of [accounts.contoso]", "`leadtime reload`"]).await;
    operator.stage.world.set_sign_in_trouble(None);
    reload_mends(&operator, "a new secret").await;
}
