//! Tokens: which is shown to whom, when, and what is kept.

use futures_util::future::join_all;

use super::*;

async fn refusing(error: Value) -> Rig {
    let rig = Rig::bare().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(400).set_body_json(error)).mount(&rig.login).await;
    rig
}

/// The token endpoint's answer to one refresh token only.
async fn on(rig: &Rig, refresh_token: &str, answer: ResponseTemplate) {
    let shown = format!("refresh_token={refresh_token}");
    Mock::given(method("POST"))
        .and(wiremock::matchers::body_string_contains(shown))
        .respond_with(answer)
        .mount(&rig.login)
        .await;
}

fn saved(rig: &Rig) -> SavedToken {
    rig.shelf.token.lock().unwrap().clone().unwrap()
}

#[tokio::test]
async fn a_rotated_token_is_on_the_shelf_before_the_access_token_is_used() {
    let rig = Rig::bare().await;
    rig.grants(json!({"access_token": "access-1", "expires_in": 3599, "refresh_token": "rotated"})).await;
    let diary = rig.shelf.diary.clone();
    Mock::given(path(LISTING))
        .respond_with(move |request: &Request| {
            diary.lock().unwrap().push(format!("used {}", header(request, "authorization")));
            ok(&page(&[], None))
        })
        .mount(&rig.api)
        .await;
    assert_eq!(walk(&rig.client()).await.1, None);
    assert_eq!(*rig.shelf.diary.lock().unwrap(), ["saved rotated", "used Bearer access-1"]);
    assert_eq!(rig.redeemed().await, ["saved-refresh"]);
}

#[tokio::test]
async fn a_token_that_cannot_be_saved_is_not_used() {
    let mut rig = Rig::bare().await;
    let token = rig.shelf.token.lock().unwrap().clone();
    rig.shelf = Arc::new(Shelf { full: true, token: Mutex::new(token), ..Shelf::default() });
    rig.grants(json!({"access_token": "access-1", "expires_in": 3599, "refresh_token": "rotated"})).await;
    let fault = rig.client().walk(PATIENCE).next_page().await.unwrap_err();
    assert_eq!(fault.trouble.class(), "sign_in_not_saved");
    assert_eq!(
        fault.to_string(),
        "account contoso: the rotated refresh token could not be saved: no room on the disk. Make room in the state \
         folder, and see that leadtime may write there; the token before it stays good"
    );
    assert!(seen(&rig.api).await.is_empty());
}

/// A shelf whose token is sealed without a key to open it.
async fn sealed(imported: Option<Fingerprint>) -> Rig {
    let mut rig = Rig::bare().await;
    let token = rig.shelf.token.lock().unwrap().take().map(|token| SavedToken { imported, ..token });
    rig.shelf = Arc::new(Shelf { sealed: true, token: Mutex::new(token), ..Shelf::default() });
    rig
}

#[tokio::test]
async fn a_sealed_token_that_cannot_be_opened_is_told_with_both_ways_out() {
    let mut rig = sealed(Some(Fingerprint::of(&"the-first".into()))).await;
    rig.imported = Some("the-first".into());
    let fault = rig.client().sign_in().await.unwrap_err();
    assert_eq!(fault.trouble.class(), "sign_in_sealed");
    assert_eq!(
        fault.to_string(),
        "account contoso: the refresh token is sealed and cannot be opened: [state] key is not set. Put the key \
         that it was sealed with back into [state] key and run `leadtime reload` (start anew where it comes from a \
         variable), or without that key run `leadtime login contoso`"
    );
    assert!(!fault.trouble.is_temporary() && seen(&rig.login).await.is_empty());
}

#[tokio::test]
async fn a_newer_token_in_the_settings_is_used_though_the_saved_one_cannot_be_opened() {
    let mut rig = sealed(Some(Fingerprint::of(&"the-first".into()))).await;
    rig.imported = Some("a-newer-one".into());
    on(&rig, "a-newer-one", ok(&json!({"access_token": "access-1", "refresh_token": "rotated"}))).await;
    rig.client().sign_in().await.unwrap();
    assert_eq!(saved(&rig).refresh_token.expose_secret(), "rotated");
}

#[tokio::test]
async fn an_answer_without_a_new_refresh_token_leaves_the_old_one() {
    let rig = Rig::signed_in().await;
    rig.lists(ok(&page(&[], None))).await;
    assert_eq!(walk(&rig.client()).await.1, None);
    assert!(rig.shelf.diary.lock().unwrap().is_empty());
    assert_eq!(saved(&rig).refresh_token.expose_secret(), "saved-refresh");
}

#[tokio::test]
async fn twenty_callers_at_once_make_one_token_request() {
    let rig = Rig::signed_in().await;
    rig.lists(ok(&page(&[], None))).await;
    let client = rig.client();
    let outcomes = join_all((0..20).map(|_| walk(&client))).await;
    assert!(outcomes.iter().all(|(_, fault)| fault.is_none()));
    assert_eq!(rig.redeemed().await.len(), 1);
    assert_eq!(seen(&rig.api).await.len(), 20);
}

#[tokio::test]
async fn twenty_callers_at_once_share_one_refusal() {
    let rig = refusing(json!({"error": "invalid_grant"})).await;
    let client = rig.client();
    let outcomes = join_all((0..20).map(|_| client.sign_in())).await;
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().unwrap_err().trouble.class() == "sign_in_revoked"));
    assert_eq!(rig.redeemed().await.len(), 1);
    assert!(client.sign_in().await.is_err());
    assert_eq!(rig.redeemed().await.len(), 2, "who comes later tries anew");
}

#[tokio::test]
async fn twenty_callers_whose_token_is_refused_at_once_renew_it_once() {
    let rig = Rig::bare().await;
    for token in ["access-1", "access-2"] {
        Mock::given(method("POST"))
            .respond_with(ok(&json!({"access_token": token, "expires_in": 3599})))
            .up_to_n_times(1)
            .mount(&rig.login)
            .await;
    }
    Mock::given(wiremock::matchers::header("authorization", "Bearer access-2"))
        .respond_with(ok(&page(&[], None)))
        .mount(&rig.api)
        .await;
    rig.lists(status(401)).await;
    let client = rig.client();
    let outcomes = join_all((0..20).map(|_| walk(&client))).await;
    assert!(outcomes.iter().all(|(_, fault)| fault.is_none()), "{outcomes:?}");
    assert_eq!(rig.redeemed().await.len(), 2);
}

#[tokio::test]
async fn the_second_version_of_the_endpoint_is_told_the_scope() {
    let rig = Rig::signed_in().await;
    rig.client().sign_in().await.unwrap();
    let request = &seen(&rig.login).await[0];
    assert_eq!(field(request, "grant_type").as_deref(), Some("refresh_token"));
    assert_eq!(field(request, "client_id").as_deref(), Some("the-client"));
    assert_eq!(field(request, "client_secret").as_deref(), Some("the-client-secret"));
    assert_eq!(field(request, "scope").as_deref(), Some("https://api.partner.microsoft.com/.default offline_access"));
    assert_eq!(field(request, "resource"), None);
}

#[tokio::test]
async fn the_first_version_is_told_the_resource_and_answers_in_text() {
    let mut rig = Rig::bare().await;
    rig.settings.token_url = format!("{}/tenant/oauth2/token", rig.login.uri()).parse().unwrap();
    rig.settings.client_secret = None;
    rig.grants(json!({"access_token": "access-1", "expires_in": "3600", "expires_on": "1795172400"})).await;
    let client = rig.client();
    client.sign_in().await.unwrap();
    let request = &seen(&rig.login).await[0];
    assert_eq!(field(request, "resource").as_deref(), Some("https://api.partner.microsoft.com"));
    assert_eq!(field(request, "scope"), None);
    assert_eq!(field(request, "client_secret"), None, "a public client has none");

    rig.clock.forward(Duration::from_secs(54 * 60));
    client.sign_in().await.unwrap();
    assert_eq!(rig.redeemed().await.len(), 1, "its life in text was read");
}

#[tokio::test]
async fn an_access_token_is_replaced_five_minutes_before_its_end() {
    let rig = Rig::bare().await;
    rig.grants(json!({"access_token": "access-1", "expires_in": 3600})).await;
    let client = rig.client();
    client.sign_in().await.unwrap();
    rig.clock.forward(Duration::from_secs(55 * 60 - 1));
    client.sign_in().await.unwrap();
    assert_eq!(rig.redeemed().await.len(), 1);
    rig.clock.forward(Duration::from_secs(1));
    client.sign_in().await.unwrap();
    assert_eq!(rig.redeemed().await.len(), 2);
}

#[tokio::test]
async fn an_outage_of_the_token_endpoint_is_bridged_while_the_old_token_lasts() {
    let rig = Rig::bare().await;
    let grant = ok(&json!({"access_token": "access-1", "expires_in": 3600}));
    Mock::given(method("POST")).respond_with(grant).up_to_n_times(1).mount(&rig.login).await;
    Mock::given(method("POST")).respond_with(status(503)).mount(&rig.login).await;
    let client = rig.client();
    client.sign_in().await.unwrap();
    rig.clock.forward(Duration::from_secs(58 * 60));
    client.sign_in().await.unwrap();
    assert_eq!(rig.redeemed().await.len(), 2, "it was tried");
    rig.clock.forward(Duration::from_secs(2 * 60));
    assert_eq!(client.sign_in().await.unwrap_err().trouble.class(), "sign_in_unavailable");
}

#[tokio::test]
async fn with_nothing_saved_the_settings_token_begins_the_chain() {
    let mut rig = Rig::signed_in().await;
    *rig.shelf.token.lock().unwrap() = None;
    rig.imported = Some(" from-settings\n".into());
    rig.client().sign_in().await.unwrap();
    assert_eq!(rig.redeemed().await, ["from-settings"], "a file's line end is no part of it");
    assert_eq!(saved(&rig).refresh_token.expose_secret(), "from-settings");
    assert_eq!(saved(&rig).imported, imported("from-settings"));
}

#[tokio::test]
async fn the_settings_token_that_began_the_chain_is_not_shown_again() {
    let mut rig = Rig::signed_in().await;
    rig.imported = Some("first".into());
    rig.shelf.token.lock().unwrap().as_mut().unwrap().imported = imported("first");
    rig.client().sign_in().await.unwrap();
    assert_eq!(rig.redeemed().await, ["saved-refresh"]);
}

#[tokio::test]
async fn another_token_in_the_settings_is_newer_and_takes_over() {
    let mut rig = Rig::bare().await;
    rig.grants(json!({"access_token": "access-1", "expires_in": 3599, "refresh_token": "rotated"})).await;
    rig.imported = Some("second".into());
    rig.shelf.token.lock().unwrap().as_mut().unwrap().imported = imported("first");
    rig.client().sign_in().await.unwrap();
    rig.client().sign_in().await.unwrap();
    assert_eq!(rig.redeemed().await, ["second", "rotated"]);
    assert_eq!(saved(&rig).imported, imported("second"));
}

#[tokio::test]
async fn where_the_settings_token_is_refused_the_saved_one_still_serves() {
    let mut rig = Rig::bare().await;
    rig.imported = Some("mistyped".into());
    on(&rig, "mistyped", ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_grant"}))).await;
    on(&rig, "saved-refresh", ok(&json!({"access_token": "access-1", "refresh_token": "rotated"}))).await;
    rig.client().sign_in().await.unwrap();
    assert_eq!(rig.redeemed().await, ["mistyped", "saved-refresh"]);
    assert_eq!(saved(&rig).refresh_token.expose_secret(), "rotated");
    assert_eq!(saved(&rig).imported, None, "the chain is the old one");
}

#[tokio::test]
async fn a_sign_in_made_meanwhile_is_found_on_the_shelf() {
    let rig = refusing(json!({"error": "invalid_grant"})).await;
    let client = rig.client();
    assert!(client.sign_in().await.is_err());
    rig.login.reset().await;
    on(&rig, "from-login", ok(&json!({"access_token": "access-1"}))).await;
    rig.shelf.token.lock().unwrap().as_mut().unwrap().refresh_token = "from-login".into();
    client.sign_in().await.unwrap();
}

#[tokio::test]
async fn each_refusal_has_its_kind_and_says_what_to_do() {
    const LOGIN: &str = "un `leadtime login contoso`";
    const RELOAD: &str = "`leadtime reload`";
    let rows = [
        (json!({"error": "invalid_grant", "error_codes": [700_082]}), "sign_in_expired", "", LOGIN),
        (json!({"error": "invalid_grant", "error_codes": [70008]}), "sign_in_expired", "", LOGIN),
        (json!({"error": "invalid_grant", "error_codes": [50173]}), "sign_in_revoked", "", LOGIN),
        (json!({"error": "invalid_grant"}), "sign_in_revoked", "", LOGIN),
        (json!({"error": "invalid_grant", "error_codes": [50076]}), "sign_in_mfa_needed", "second factor", LOGIN),
        (json!({"error": "interaction_required"}), "sign_in_mfa_needed", "second factor", LOGIN),
        (json!({"error": "invalid_grant", "error_codes": [65001]}), "sign_in_consent_missing", "consent", LOGIN),
        (json!({"error": "consent_required"}), "sign_in_consent_missing", "consent", LOGIN),
        (
            json!({"error": "invalid_grant", "suberror": "consent_required"}),
            "sign_in_consent_missing",
            "consent",
            LOGIN,
        ),
        (
            json!({"error": "invalid_grant", "error_codes": [53003]}),
            "sign_in_blocked_by_policy",
            "administrator",
            LOGIN,
        ),
        (
            json!({"error": "invalid_client", "error_codes": [7_000_222]}),
            "sign_in_secret_expired",
            "new client",
            RELOAD,
        ),
        (
            json!({"error": "invalid_client", "error_codes": [7_000_215]}),
            "sign_in_client_refused",
            "`client_id`",
            RELOAD,
        ),
        (json!({"error": "unauthorized_client"}), "sign_in_client_refused", "`client_id`", RELOAD),
        (json!({"error": "invalid_request", "error_codes": [90002]}), "sign_in_refused", "`tenant_id`", RELOAD),
        (json!({"error": "temporarily_unavailable"}), "sign_in_unavailable", "", "It is tried again by itself"),
        (json!({"message": "no OAuth"}), "sign_in_malformed", "`token_url`", RELOAD),
    ];
    for (body, class, what, remedy) in rows {
        let rig = refusing(body.clone()).await;
        let fault = rig.client().sign_in().await.unwrap_err();
        assert_eq!(fault.trouble.class(), class, "{body}");
        let last = fault.to_string().rsplit_once(". ").unwrap().1.to_owned();
        assert!(last.contains(what) && last.contains(remedy), "{fault}");
        assert_eq!(fault.trouble.is_temporary(), class == "sign_in_unavailable", "{body}");
    }
}

#[tokio::test]
async fn without_any_token_the_operator_is_told_to_sign_in() {
    let rig = Rig::bare().await;
    *rig.shelf.token.lock().unwrap() = None;
    let fault = rig.client().sign_in().await.unwrap_err();
    assert_eq!(fault.to_string(), "account contoso: there is no refresh token. Run `leadtime login contoso`");
    assert!(seen(&rig.login).await.is_empty());
}

#[tokio::test]
async fn answers_that_make_no_sense_grant_nothing() {
    for answer in [
        ok(&json!({"expires_in": 3600})),
        ok(&json!({"access_token": "two\nlines"})),
        ResponseTemplate::new(200).set_body_string("<html>proxy</html>"),
        status(404),
    ] {
        let rig = Rig::bare().await;
        Mock::given(method("POST")).respond_with(answer).mount(&rig.login).await;
        assert_eq!(rig.client().sign_in().await.unwrap_err().trouble.class(), "sign_in_malformed");
    }
}

#[tokio::test]
async fn a_redirect_of_the_token_endpoint_takes_the_refresh_token_nowhere() {
    let rig = Rig::bare().await;
    let redirect = status(307).insert_header("location", format!("{}/elsewhere", rig.api.uri()));
    Mock::given(method("POST")).respond_with(redirect).mount(&rig.login).await;
    assert_eq!(rig.client().sign_in().await.unwrap_err().trouble.class(), "sign_in_malformed");
    assert!(seen(&rig.api).await.is_empty());
}

#[tokio::test]
async fn a_token_endpoint_that_throttles_is_tried_again_when_it_says() {
    let rig = Rig::bare().await;
    Mock::given(method("POST"))
        .respond_with(status(429).insert_header("retry-after", "7"))
        .up_to_n_times(1)
        .mount(&rig.login)
        .await;
    rig.grants(json!({"access_token": "access-1"})).await;
    rig.lists(ok(&page(&["r1"], None))).await;
    assert_eq!(walk(&rig.client()).await, (vec!["r1".to_owned()], None));
    assert_eq!(rig.clock.sleeps(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn a_renewal_under_way_does_not_save_the_old_sign_in_over_a_new_one() {
    let mut rig = Rig::bare().await;
    rig.imported = Some("in-settings".into());
    rig.shelf.token.lock().unwrap().as_mut().unwrap().imported = imported("in-settings");
    let old = ok(&json!({"access_token": "access-1", "expires_in": 3599, "refresh_token": "old-rotated"}));
    on(&rig, "saved-refresh", old.set_delay(Duration::from_millis(300))).await;
    on(&rig, "new", ok(&json!({"access_token": "access-2", "expires_in": 3599}))).await;
    let client = rig.client();
    let adopting = async {
        while seen(&rig.login).await.is_empty() {
            tokio::task::yield_now().await;
        }
        client.adopt("new".into()).await
    };
    let (renewed, adopted) = tokio::join!(client.sign_in(), adopting);
    assert_eq!((renewed, adopted), (Ok(()), Ok(())));
    assert_eq!(*rig.shelf.diary.lock().unwrap(), ["saved old-rotated", "saved new"]);
    assert_eq!(saved(&rig).imported, imported("in-settings"), "what stands in the settings is older");
    client.sign_in().await.unwrap();
    assert_eq!(rig.redeemed().await, ["saved-refresh", "new"], "the access token of the old one is forgotten");
}

#[tokio::test]
async fn where_the_settings_hold_no_token_a_new_sign_in_follows_none() {
    let rig = Rig::bare().await;
    for nothing in [None, Some(SecretString::from("  "))] {
        assert_eq!(SavedToken::of_sign_in("new".into(), nothing.as_ref(), rig.clock.now()).imported, None);
    }
}

#[tokio::test]
async fn twenty_callers_whose_early_renewal_fails_share_that_and_the_token_that_is_still_good() {
    let rig = Rig::bare().await;
    let granted = ok(&json!({"access_token": "access-1", "expires_in": 3599}));
    Mock::given(method("POST")).respond_with(granted).up_to_n_times(1).mount(&rig.login).await;
    Mock::given(method("POST")).respond_with(status(503)).mount(&rig.login).await;
    let client = rig.client();
    client.sign_in().await.unwrap();
    rig.clock.forward(Duration::from_secs(3400));
    let outcomes = join_all((0..20).map(|_| client.sign_in())).await;
    assert!(outcomes.iter().all(Result::is_ok));
    assert_eq!(rig.redeemed().await.len(), 2);
}
