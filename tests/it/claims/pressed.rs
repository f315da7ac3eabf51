//! Pressing a button on the page.

use jiff::SignedDuration;
use leadtime::demo::plot;
use reqwest::StatusCode;
use serde_json::json;

use super::{Claims, slip};

#[tokio::test]
async fn a_mails_reader_claims_for_two_days_and_gives_it_back() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let link = claims.link("anna@").await;
    let page = claims.presses(&link, &[("act", "2")]).await;
    assert!(page.contains("You have it. Reminders rest until Fri 6 Nov, 10:00."), "{page}");
    let others = claims.page(&claims.link("sellers").await).await;
    assert!(
        others.contains("Anna Kovács has had it since Wed 4 Nov, 10:00. Reminders rest until Fri 6 Nov"),
        "{others}"
    );
    assert!(!others.contains("I can’t after all"), "a channel gives back what the channel claimed:\n{others}");
    assert_eq!(
        claims.said(&id).await,
        [
            "Anna Kovács said at inbox that they will answer it; reminders rest until Fri 6 Nov 10:00, escalations do not."
        ]
    );
    let page = claims.presses(&link, &[("act", "back")]).await;
    assert!(!page.contains("You have it") && page.contains("How long should reminders rest?"), "{page}");
    assert_eq!(claims.said(&id).await[1], "Anna Kovács gave it back; reminders come again.");
}

#[tokio::test]
async fn in_a_channel_somebody_says_who_they_are_and_it_is_recorded_as_said() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let link = claims.link("sellers").await;
    let nameless = claims.press(&link, &[("act", "1"), ("who", ""), ("name", " \t ")]).await;
    assert_eq!(nameless.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nameless.text().await.unwrap().contains("Say who you are"));
    let unknown = claims.press(&link, &[("act", "1"), ("who", "somebody-else")]).await;
    assert_eq!(unknown.status(), StatusCode::UNPROCESSABLE_ENTITY, "only who is offered can be chosen");
    assert!(claims.said(&id).await.is_empty());

    claims.presses(&link, &[("act", "1"), ("who", "bela")]).await;
    let page = claims.presses(&link, &[("act", "3"), ("who", ""), ("name", "  Cili\r\nfrom  sales ")]).await;
    assert!(page.contains("Cili from sales has had it since Wed 4 Nov, 10:00."), "{page}");
    let said = claims.said(&id).await;
    assert!(said[0].starts_with("Béla Nagy (as was said there) said at sellers"), "{said:?}");
    assert!(
        said[1].starts_with("Cili from sales (as was said there) said at sellers"),
        "the last one has it: {said:?}"
    );
    let page = claims.presses(&link, &[("act", "back")]).await;
    assert!(!page.contains(" has had it since"), "whoever holds the channel's link may give it back:\n{page}");
}

#[tokio::test]
async fn a_page_does_not_offer_to_be_somebody_who_has_left() {
    let people = "people.cili = { name = 'Cili Szabó', away = [{ from = '2026-12-21', to = '2027-01-04' }] }\n\
                  people.dora = { name = 'Dóra Tóth', away = [{ from = '2026-10-01' }] }\n";
    let claims = Claims::begin_with("", |settings| format!("{people}{settings}")).await;
    claims.refer().await;
    let page = claims.page(&claims.link("sellers").await).await;
    assert!(page.contains("Cili Szabó") && !page.contains("Dóra Tóth"), "{page}");
}

#[tokio::test]
async fn a_name_that_is_said_is_text_and_is_cut() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let link = claims.link("sellers").await;
    let page = claims.presses(&link, &[("act", "1"), ("name", "<b onmouseover=x>Eve</b>\u{202e}@here *x*")]).await;
    assert!(page.contains("&lt;b onmouseover&#x3D;x&gt;Eve&lt;/b&gt;@here *x* has had it"), "{page}");
    assert!(!page.contains("<b ") && !page.contains('\u{202e}'));
    let long = "é".repeat(500);
    claims.presses(&link, &[("act", "1"), ("name", &long)]).await;
    let said = claims.said(&id).await;
    assert!(said[1].starts_with(&format!("{} (as was said there)", "é".repeat(60))), "{said:?}");
}

#[tokio::test]
async fn pressing_twice_says_it_once() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    for (link, form) in [
        (claims.link("anna@").await, [("act", "2"), ("name", "")]),
        (claims.link("managers").await, [("act", "see"), ("name", "Béla")]),
    ] {
        let slip = slip(&claims.page(&link).await);
        let form = [&[("slip", slip.as_str())], form.as_slice()].concat();
        for _ in 0..3 {
            assert_eq!(claims.send(&link, &form).await.status(), StatusCode::SEE_OTHER);
            claims.passes(SignedDuration::from_secs(1));
        }
    }
    assert_eq!(claims.said(&id).await.len(), 2);
    assert_eq!(claims.press(&claims.link("anna@").await, &[("act", "back")]).await.status(), StatusCode::SEE_OTHER);
    let before = claims.settled().await;
    assert_eq!(claims.press(&claims.link("anna@").await, &[("act", "back")]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(claims.commits(), before, "there was nothing left to give back");
}

#[tokio::test]
async fn a_manager_sees_to_an_escalation_and_leaves_it_again() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let link = claims.link("managers").await;
    let page = claims.presses(&link, &[("act", "see"), ("who", "bela")]).await;
    assert!(page.contains("Béla Nagy has been seeing to it since Wed 4 Nov, 10:00."), "{page}");
    assert_eq!(
        claims.said(&id).await,
        [
            "Béla Nagy (as was said there) said at managers that they will see to it; nothing is repeated there until the next step."
        ]
    );
    let page = claims.presses(&link, &[("act", "back")]).await;
    assert!(!page.contains("sees to it"), "{page}");
    assert_eq!(claims.said(&id).await.len(), 2);
    let seller = claims.link("sellers").await;
    let wrong = claims.press(&seller, &[("act", "see"), ("who", "bela")]).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST, "a seller's page has no such button");
    let wrong = claims.press(&link, &[("act", "3"), ("who", "bela")]).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST, "nor a manager's that one");
}

#[tokio::test]
async fn one_mails_reader_cannot_give_back_what_another_has() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    claims.presses(&claims.link("anna@").await, &[("act", "1")]).await;
    let desk = claims.link("desk@").await;
    let page = claims.page(&desk).await;
    assert!(page.contains("Anna Kovács has had it since") && !page.contains("I can’t after all"), "{page}");
    claims.press(&desk, &[("act", "back")]).await;
    assert_eq!(claims.said(&id).await.len(), 1);
    let page = claims.presses(&desk, &[("act", "1")]).await;
    assert!(page.contains("You have it."), "{page}");
    assert!(claims.said(&id).await[1].starts_with("desk@contoso.com said at inbox"));
}

#[tokio::test]
async fn another_sites_page_presses_nothing() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let link = claims.link("anna@").await;
    let slip = slip(&claims.page(&link).await);
    let send = |name: &'static str, value: &'static str| {
        let form = [("slip", slip.as_str()), ("act", "1")];
        claims.client.post(format!("{}{link}", claims.at)).header(name, value).form(&form).send()
    };
    for (name, value) in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let answer = send(name, value).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}: {value}");
        assert!(answer.text().await.unwrap().contains("not pressed on this page"));
    }
    assert!(claims.said(&id).await.is_empty());
    assert_eq!(send("origin", super::EXTERNAL).await.unwrap().status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_of_another_page_or_of_long_ago_is_shown_again_and_counts_for_nothing() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let (anna, desk) = (claims.link("anna@").await, claims.link("desk@").await);
    let of_desk = slip(&claims.page(&desk).await);
    let of_anna = slip(&claims.page(&anna).await);
    assert_eq!(claims.send(&anna, &[("slip", &of_desk), ("act", "1")]).await.status(), StatusCode::CONFLICT);
    assert_eq!(claims.send(&anna, &[("slip", "AAAA"), ("act", "1")]).await.status(), StatusCode::CONFLICT);
    claims.passes(SignedDuration::from_hours(13));
    let late = claims.send(&anna, &[("slip", &of_anna), ("act", "1")]).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    let page = late.text().await.unwrap();
    assert!(page.contains("had been open for too long"), "{page}");
    assert!(claims.said(&id).await.is_empty());
    let fresh = slip(&page);
    assert_eq!(claims.send(&anna, &[("slip", &fresh), ("act", "1")]).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_the_button_said_holds_though_it_was_pressed_an_hour_later() {
    let claims = Claims::begin().await;
    claims.refer().await;
    let link = claims.link("anna@").await;
    let slip = slip(&claims.page(&link).await);
    claims.passes(SignedDuration::from_hours(1));
    claims.send(&link, &[("slip", &slip), ("act", "1")]).await;
    let page = claims.page(&link).await;
    assert!(page.contains("until Thu 5 Nov, 10:00"), "{page}");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_what_is_too_long_is_not_read() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let link = claims.link("sellers").await;
    let long = "x".repeat(5_000);
    assert_eq!(claims.press(&link, &[("act", "1"), ("name", &long)]).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let twice = claims.press(&link, &[("act", "1"), ("act", "2"), ("who", "anna")]).await;
    assert_eq!(twice.status(), StatusCode::UNPROCESSABLE_ENTITY, "two buttons at once");
    let json = claims.client.post(format!("{}{link}", claims.at)).json(&json!({"act": "1"})).send().await.unwrap();
    assert_eq!(json.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for act in ["0", "4", "-1", "01", "2 ", "claim"] {
        let answer = claims.press(&link, &[("act", act), ("who", "anna")]).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{act}");
    }
    assert!(claims.said(&id).await.is_empty());
}

#[tokio::test]
async fn an_answered_referrals_page_says_how_it_ended_and_offers_nothing() {
    let claims = Claims::begin().await;
    let id = claims.refer().await;
    let link = claims.link("anna@").await;
    let slip = slip(&claims.page(&link).await);
    claims.stage.world.accept(&id, &plot::ANNA).unwrap();
    claims.poll().await;
    let page = claims.page(&link).await;
    assert!(page.contains("It was accepted in Partner Center on Wed 4 Nov, 10:00."), "{page}");
    assert!(!page.contains("<button") && !page.contains("<form"), "{page}");
    claims.send(&link, &[("slip", &slip), ("act", "1")]).await;
    assert!(claims.said(&id).await.is_empty());
}

#[tokio::test]
async fn near_the_deadline_there_is_less_to_press_and_in_the_end_nothing() {
    let claims = Claims::begin().await;
    claims.refer().await;
    let link = claims.link("anna@").await;
    // The deadline is Wed 18 Nov, 01:00; one working day before it Tue 17 Nov, 09:00.
    claims.passes(SignedDuration::from_hours(9 * 24));
    let page = claims.page(&link).await;
    assert!(page.contains("until Mon 16 Nov, 10:00") && page.contains("until Tue 17 Nov, 09:00"), "{page}");
    assert!(
        !page.contains("3 working days</strong>"),
        "the deadline ends the third day as it ends the second:\n{page}"
    );
    let slip = slip(&page);
    claims.passes(SignedDuration::from_hours(4 * 24));
    let page = claims.page(&link).await;
    assert!(
        page.contains("Today is the last day to answer") && page.contains("cannot be held back any more"),
        "{page}"
    );
    assert!(!page.contains("<button"), "{page}");
    assert!(page.contains("Open in Partner Center"));
    assert_eq!(claims.send(&link, &[("slip", &slip), ("act", "1")]).await.status(), StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_trusted_proxy_names_the_reader_and_nobody_else_can() {
    let trusted = |settings: String| {
        settings.replace("external_url", "trusted_header = \"X-Who\"\ntrusted_proxies = [\"127.0.0.1\"]\nexternal_url")
    };
    let claims = Claims::begin_with("", trusted).await;
    let id = claims.refer().await;
    let link = claims.link("sellers").await;
    let url = format!("{}{link}", claims.at);
    let page = claims.client.get(&url).header("x-who", "BELA@contoso.com").send().await.unwrap().text().await.unwrap();
    assert!(!page.contains("Who are you?"), "{page}");
    let form = [("slip", slip(&page)), ("act", "1".to_owned()), ("who", "anna".to_owned())];
    claims.client.post(&url).header("x-who", "BELA@contoso.com").form(&form).send().await.unwrap();
    assert!(claims.said(&id).await[0].starts_with("Béla Nagy said at sellers"), "{:?}", claims.said(&id).await);

    let claims =
        Claims::begin_with("", |settings| trusted(settings).replace("[\"127.0.0.1\"]", "[\"10.0.0.1\"]")).await;
    claims.refer().await;
    let url = format!("{}{}", claims.at, claims.link("sellers").await);
    let page = claims.client.get(&url).header("x-who", "bela@contoso.com").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("Who are you?"), "{page}");
}
