//! What the API can answer instead of a page.

use leadtime::core::period::Seconds;

use super::*;

/// The fault of a walk over an API that gives this answer to everything.
async fn fault_of(answer: ResponseTemplate) -> (Rig, leadtime::partner_center::PollFault) {
    let rig = Rig::signed_in().await;
    rig.lists(answer).await;
    let client = rig.client();
    let mut walk = client.walk(PATIENCE);
    let fault = walk.next_page().await.unwrap_err();
    assert_eq!(walk.next_page().await.unwrap_err(), fault, "a failed walk never looks ended");
    (rig, fault)
}

#[tokio::test]
async fn an_access_token_that_is_refused_is_renewed_once() {
    let rig = Rig::signed_in().await;
    rig.lists_first(1, status(401)).await;
    rig.lists(ok(&page(&["r1"], None))).await;
    assert_eq!(walk(&rig.client()).await, (vec!["r1".to_owned()], None));
    assert_eq!((seen(&rig.login).await.len(), seen(&rig.api).await.len()), (2, 2));
}

#[tokio::test]
async fn refused_again_it_is_a_fault() {
    let (rig, fault) = fault_of(status(401)).await;
    assert_eq!(fault.trouble.class(), "unauthorized");
    assert!(fault.to_string().ends_with("where they are right, run `leadtime login contoso`"), "{fault}");
    assert_eq!((seen(&rig.login).await.len(), seen(&rig.api).await.len()), (2, 2));
}

#[tokio::test]
async fn a_missing_second_factor_is_a_fault_at_once() {
    for body in [json!({"error": {"code": "900421", "message": "x"}}), json!({"statusCode": 401, "code": 900_421})] {
        let (rig, fault) = fault_of(ResponseTemplate::new(401).set_body_json(body)).await;
        assert_eq!(fault.trouble.class(), "mfa_needed");
        assert!(fault.to_string().contains("Run `leadtime login contoso` and sign in with a second factor"), "{fault}");
        assert_eq!((seen(&rig.login).await.len(), seen(&rig.api).await.len()), (1, 1), "no refresh mends it");
    }
}

#[tokio::test]
async fn after_a_missing_second_factor_the_next_sign_in_counts_at_once() {
    let rig = Rig::signed_in().await;
    rig.lists_first(1, ResponseTemplate::new(401).set_body_json(json!({"error": {"code": "900421"}}))).await;
    rig.lists(ok(&page(&["r1"], None))).await;
    let client = rig.client();
    assert_eq!(walk(&client).await.1, Some("mfa_needed"));
    rig.shelf.token.lock().unwrap().as_mut().unwrap().refresh_token = "from-login".into();
    assert_eq!(walk(&client).await, (vec!["r1".to_owned()], None));
    assert_eq!(rig.redeemed().await, ["saved-refresh", "from-login"]);
}

#[tokio::test]
async fn refusals_are_not_repeated_and_say_what_to_do() {
    let said = json!({"error": {"code": "invalidRequest", "message": "Unknown property 'x'"}});
    for (answer, class, text) in [
        (
            ResponseTemplate::new(400).set_body_json(said),
            "bad_request",
            "(400): “Unknown property 'x'”. Check `filter`",
        ),
        (status(403), "forbidden", "role Referrals admin"),
        (status(404), "not_found", "`base_url` of [accounts.contoso], then run `leadtime reload`"),
        (status(422), "refused", "(422)"),
    ] {
        let (rig, fault) = fault_of(answer).await;
        assert_eq!(fault.trouble.class(), class);
        assert!(fault.to_string().contains(text), "{fault}");
        assert_eq!(seen(&rig.api).await.len(), 1, "{class}");
    }
}

#[tokio::test]
async fn a_success_that_is_no_listing_is_a_failed_poll() {
    for body in ["", "<html>", "{}", r#"{"value":null}"#, r#"{"value":{}}"#, r#"{"value":[{"id":"r1"},{"id":"#, "[]"] {
        let (_, fault) = fault_of(ResponseTemplate::new(200).set_body_raw(body, "application/json")).await;
        assert_eq!(fault.trouble.class(), "not_a_listing", "{body}");
    }
    assert_eq!(fault_of(status(204)).await.1.trouble.class(), "not_a_listing");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = MockServer::start().await;
    let redirect = status(302).insert_header("location", elsewhere.uri());
    assert_eq!(fault_of(redirect).await.1.trouble.class(), "redirected");
    assert!(seen(&elsewhere).await.is_empty());
}

#[tokio::test]
async fn a_page_that_is_throttled_is_asked_for_again_when_the_api_says() {
    // The dates are by the server's clock, which is half an hour ahead of ours.
    for after in ["12", "Fri, 20 Nov 2026 09:30:12 GMT"] {
        let rig = Rig::signed_in().await;
        rig.lists_first(1, ok(&page(&["r1"], Some("http://x/?$skip=1")))).await;
        let throttled =
            status(429).insert_header("retry-after", after).insert_header("date", "Fri, 20 Nov 2026 09:30:00 GMT");
        rig.lists_first(1, throttled).await;
        rig.lists(ok(&page(&["r2"], None))).await;
        assert_eq!(walk(&rig.client()).await, (vec!["r1".to_owned(), "r2".to_owned()], None));
        assert_eq!(rig.clock.sleeps(), [Duration::from_secs(12)], "{after}");
        assert_eq!(seen(&rig.api).await[2].url.query(), Some("$skip=1"));
    }
}

#[tokio::test]
async fn a_wait_beyond_the_budget_is_left_to_the_caller() {
    let (rig, fault) = fault_of(status(429).insert_header("retry-after", "57")).await;
    assert_eq!(fault.trouble.retry_after(), Some(Seconds(57)));
    assert!(fault.trouble.is_temporary());
    assert_eq!(rig.clock.sleeps(), []);
}

#[tokio::test]
async fn an_outage_is_waited_for_within_the_budget() {
    let (rig, fault) = fault_of(status(503)).await;
    assert_eq!(fault.trouble.class(), "unavailable");
    let sleeps = rig.clock.sleeps();
    assert!(sleeps.len() >= 4 && sleeps.iter().sum::<Duration>() <= PATIENCE, "{sleeps:?}");
    assert_eq!(seen(&rig.api).await.len(), sleeps.len() + 1);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_time_out() {
    let rig = Rig::signed_in().await;
    let client = rig.client_over(Http::new(reqwest::Client::builder().no_proxy(), Duration::from_millis(300)).unwrap());
    client.sign_in().await.unwrap();
    rig.lists(ok(&page(&[], None)).set_delay(Duration::from_secs(60))).await;
    let fault = client.walk(Duration::ZERO).next_page().await.unwrap_err();
    assert_eq!((fault.trouble.class(), fault.trouble.is_temporary()), ("timed_out", true));
}

#[tokio::test]
async fn a_connection_that_breaks_is_told_without_the_address() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut rig = Rig::signed_in().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    rig.settings.base_url = format!("http://{address}/v1.0").parse().unwrap();
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let _ = socket.read(&mut [0; 8192]).await.unwrap();
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"value\":[]").await.unwrap();
    });
    let client = rig.client();
    let fault = client.walk(Duration::ZERO).next_page().await.unwrap_err();
    server.await.unwrap();
    assert_eq!((fault.trouble.class(), fault.trouble.is_temporary()), ("connection_lost", true));
    assert!(!fault.to_string().contains(&address), "{fault}");

    let fault = client.walk(Duration::ZERO).next_page().await.unwrap_err();
    assert_eq!(fault.trouble.class(), "connection_lost", "nobody listens any more");
    assert!(!fault.to_string().contains(&address), "{fault}");
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_secret() {
    let rig = Rig::bare().await;
    let body =
        json!({"error": "invalid_grant", "error_description": "AADSTS70008: for saved-refresh of anna@contoso.com"});
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(400).set_body_json(body)).mount(&rig.login).await;
    let fault = rig.client().sign_in().await.unwrap_err();
    let shown = format!("{fault} {fault:?} {:?} {:?}", rig.settings, rig.shelf.token);
    for secret in ["saved-refresh", "the-client-secret", "anna@"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
