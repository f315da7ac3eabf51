//! Looking at the page, which changes nothing.

use leadtime::service::claim_link::Kind;
use reqwest::{Method, StatusCode};

use super::{Claims, slip};

#[tokio::test]
async fn a_scanner_that_opens_every_link_a_hundred_times_changes_nothing() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let links = [claims.link("sellers").await, claims.link("managers").await, claims.link("desk@").await];
    let before = claims.settled().await;
    for n in 0..100 {
        let method = [Method::GET, Method::HEAD, Method::GET, Method::OPTIONS][n % 4].clone();
        let answer = claims.ask(method.clone(), &links[n % 3]).await;
        let fine = if method == Method::OPTIONS { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::OK };
        assert_eq!(answer.status(), fine);
    }
    assert_eq!(claims.commits(), before, "something was written");
    assert_eq!(claims.said(&id).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_scanner_that_submits_what_it_finds_without_pressing_anything_changes_nothing() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let link = claims.link("desk@").await;
    let slip = slip(&claims.page(&link).await);
    let before = claims.settled().await;
    for form in
        [vec![], vec![("slip", slip.as_str())], vec![("slip", slip.as_str()), ("act", ""), ("who", ""), ("name", "")]]
    {
        let answer = claims.send(&link, &form).await;
        assert!(answer.status().is_client_error(), "{form:?}: {}", answer.status());
        assert!(answer.text().await.unwrap().contains("Nothing was recorded"), "{form:?}");
    }
    assert_eq!(claims.commits(), before);
    assert!(claims.said(&id).await.is_empty());
}

#[tokio::test]
async fn the_page_tells_who_what_how_long_and_what_alone_stops_the_clock() {
    let claims = Claims::begin().await;
    claims.refer().await;
    let page = claims.page(&claims.link("sellers").await).await;
    for text in [
        "<h1>Fabrikam Kft.</h1>",
        "<dd>HU</dd>",
        "<dd>€80\u{a0}000</dd>",
        "<dd>Tue 17 Nov</dd>",
        "<dd>Wed 18 Nov, 01:00 CET</dd>",
        "<dd>Anna Kovács</dd>",
        "10 working days left to answer",
        "until Thu 5 Nov, 10:00",
        "until Fri 6 Nov, 10:00",
        "until Mon 9 Nov, 10:00",
        "Only Accept or Decline in Partner Center stops the clock.",
        "href=\"https://partner.microsoft.com/dashboard/referrals/v2/leads\"",
        "Referrals › Co-sell › Inbound, look for “Fabrikam Kft.”",
        "Who are you?",
        "value=\"anna\"",
        "value=\"bela\"",
    ] {
        assert!(page.contains(text), "{text} is missing:\n{page}");
    }
    let mail = claims.page(&claims.link("desk@").await).await;
    assert!(!mail.contains("Who are you?"), "a mail's reader is known:\n{mail}");
    let manager = claims.page(&claims.link("managers").await).await;
    assert!(
        manager.contains("<strong>I’ll see to it</strong>") && !manager.contains("working days</strong>"),
        "{manager}"
    );
    assert!(manager.contains("not repeated here until the next step, on Fri 13 Nov, 09:00"), "{manager}");
}

#[tokio::test]
async fn the_page_holds_no_script_and_fetches_nothing_and_nobody_keeps_or_frames_it() {
    let claims = Claims::begin().await;
    claims.refer().await;
    let answer = claims.ask(Method::GET, &claims.link("sellers").await).await;
    let headers = answer.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    for rule in ["default-src 'none'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let is = |name: &str, value: &str| assert_eq!(headers[name], value, "{name}");
    is("cache-control", "no-store");
    is("x-robots-tag", "noindex, nofollow");
    is("x-content-type-options", "nosniff");
    is("x-frame-options", "DENY");
    // With `no-referrer` the browser would not say that its form comes from this page.
    is("referrer-policy", "same-origin");
    let page = answer.text().await.unwrap().to_lowercase();
    for foreign in
        ["<script", "javascript:", " onload", " onclick", " src=", "@import", "url(", "autofocus", "http-equiv"]
    {
        assert!(!page.contains(foreign), "{foreign} in\n{page}");
    }
    let links: Vec<_> = page.match_indices("http").collect();
    assert_eq!(links.len(), 1, "more than the way to Partner Center:\n{page}");
}

#[tokio::test]
async fn every_link_that_opens_nothing_gets_the_same_page() {
    let claims = Claims::begin().await;
    claims.refer().await;
    let good = claims.link("sellers").await;
    let other = Claims::begin().await;
    let mut pages = Vec::new();
    for path in [
        "/claim/AQAAAAAAAAAABwAFaW5ib3g".to_owned(),
        format!("{good}x"),
        good[..good.len() - 1].to_owned(),
        good.replacen("AQ", "Ag", 1),
        other.forge(Kind::Claim, 1, "sellers", None),
        claims.forge(Kind::Claim, 4_711, "sellers", None),
        "/claim/%ff%fe".to_owned(),
        format!("/claim/{}", "A".repeat(4_000)),
    ] {
        for method in [Method::GET, Method::POST] {
            let answer = claims.ask(method, &path).await;
            assert_eq!(answer.status(), 404, "{path}");
            pages.push(answer.text().await.unwrap());
        }
    }
    pages.sort();
    pages.dedup();
    assert_eq!(pages.len(), 1, "{pages:?}");
    assert!(pages[0].contains("There is nothing here"));
}

#[tokio::test]
async fn other_methods_are_refused() {
    let claims = Claims::begin().await;
    claims.refer().await;
    let link = claims.link("sellers").await;
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let answer = claims.ask(method, &link).await;
        assert_eq!(answer.status(), 405);
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_link_works_by_any_name_of_the_machine_and_without_the_password_of_the_api() {
    let claims =
        Claims::begin_with("", |settings| settings.replace("external_url", "password = \"sesame\"\nexternal_url"))
            .await;
    claims.stage.world.set_outage(None);
    let link = claims.forge(Kind::Claim, 1, "sellers", None);
    let ask = |path: &str| claims.client.get(format!("{}{path}", claims.at)).header("host", "leadtime.contoso.com");
    assert_eq!(ask("/api/v1/status").send().await.unwrap().status(), 401);
    assert_eq!(ask(&link).send().await.unwrap().status(), 404, "it is asked, and there is no such referral yet");
}

#[tokio::test]
async fn what_a_stranger_wrote_is_text_and_nothing_else() {
    let claims = Claims::begin().await;
    claims.refer_as("<script>alert(1)</script>\"'&\u{202e}<img src=x onerror=y>{{style}}").await;
    let page = claims.page(&claims.link("sellers").await).await;
    assert!(page.contains("<h1>&lt;script&gt;alert(1)&lt;/script&gt;&quot;"), "{page}");
    assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'), "{page}");
    assert!(page.contains("{{style}}"), "{page}");
}

#[tokio::test]
async fn a_destinations_language_is_that_of_its_page_and_a_persons_goes_before_it() {
    let claims = Claims::begin_with("", |settings| {
        let settings = settings.replace("type = \"slack\",", "type = \"slack\", locale = \"hu\",");
        settings.replace("manager = \"bela\"", "manager = \"bela\"\nlocale = \"cs\"")
    })
    .await;
    claims.refer().await;
    let channel = claims.page(&claims.link("sellers").await).await;
    assert!(channel.contains("<html lang=\"hu\">") && channel.contains("Mennyi ideig szüneteljenek"), "{channel}");
    let anna = claims.page(&claims.link("anna@").await).await;
    assert!(anna.contains("<html lang=\"cs\">") && anna.contains("2 pracovní dny"), "{anna}");
    let desk = claims.page(&claims.link("desk@").await).await;
    assert!(desk.contains("<html lang=\"en\">"), "{desk}");
}

#[tokio::test]
async fn who_asks_without_end_is_told_to_wait() {
    let claims = Claims::begin().await;
    let link = claims.forge(Kind::Claim, 1, "sellers", None);
    let mut waits = None;
    for _ in 0..400 {
        let answer = claims.ask(Method::GET, &link).await;
        if answer.status() == 429 {
            waits = answer.headers().get("retry-after").cloned();
            break;
        }
    }
    assert_eq!(waits.unwrap(), "1");
    assert_eq!(claims.ask(Method::GET, "/healthz").await.status(), 200, "others are not held up");
}
