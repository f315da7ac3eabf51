//! One referral by its id.

use leadtime::core::{ids::ReferralId, page::Read, referral::Standing};

use super::*;

async fn read(rig: &Rig, id: &str) -> Result<Read, &'static str> {
    let reading = rig.client().one(&ReferralId::new(id), PATIENCE).await;
    reading.map(|reading| reading.read).map_err(|fault| fault.trouble.class())
}

async fn answers(answer: ResponseTemplate) -> Rig {
    let rig = Rig::signed_in().await;
    Mock::given(method("GET")).respond_with(answer).mount(&rig.api).await;
    rig
}

#[tokio::test]
async fn a_referral_is_found_by_its_id() {
    let rig = answers(ok(&json!({"id": "R1", "status": "Closed", "substatus": "Expired", "eTag": "\"x\""}))).await;
    let Ok(Read::Found(referral)) = read(&rig, "r1").await else { panic!("found") };
    assert!(matches!(referral.standing(), Standing::Closed(_)));
    assert_eq!(seen(&rig.api).await[0].url.path(), format!("{LISTING}/r1"));
    assert_eq!(seen(&rig.api).await[0].url.query(), None);
    rig.assert_read_only().await;
}

#[tokio::test]
async fn a_read_tells_the_clock_that_it_was_answered_by() {
    let date = "Fri, 20 Nov 2026 08:00:00 GMT";
    let rig = answers(ok(&json!({"id": "r1"})).insert_header("Date", date)).await;
    let reading = rig.client().one(&ReferralId::new("r1"), PATIENCE).await.unwrap();
    assert_eq!(reading.server_date, Some("2026-11-20T08:00:00Z".parse().unwrap()));
}

#[tokio::test]
async fn not_found_and_forbidden_are_answers_about_the_read_and_no_faults() {
    assert_eq!(read(&answers(status(404)).await, "r1").await, Ok(Read::NotFound));
    assert_eq!(read(&answers(status(410)).await, "r1").await, Ok(Read::NotFound));
    assert_eq!(read(&answers(status(403)).await, "r1").await, Ok(Read::Forbidden));
}

#[tokio::test]
async fn what_is_not_that_referral_is_a_fault() {
    for body in [r#"{"id":"r2","status":"Closed"}"#, r#"{"status":"Closed"}"#, "<html>", "", "null", r#"{"id":"r1""#] {
        let rig = answers(ResponseTemplate::new(200).set_body_raw(body, "application/json")).await;
        assert_eq!(read(&rig, "r1").await, Err("not_that_referral"), "{body}");
    }
}

#[tokio::test]
async fn an_odd_id_stays_one_segment_of_the_path() {
    let rig = answers(status(404)).await;
    assert_eq!(read(&rig, "../a?b#c d%2f").await, Ok(Read::NotFound));
    assert_eq!(seen(&rig.api).await[0].url.path(), format!("{LISTING}/..%2Fa%3Fb%23c%20d%252f"));
    for id in [".", ".."] {
        assert_eq!(read(&rig, id).await, Err("not_that_referral"), "{id}");
    }
    assert_eq!(seen(&rig.api).await.len(), 1, "what makes no address is not asked for");
}

#[tokio::test]
async fn a_passing_failure_of_a_read_is_tried_again() {
    let rig = Rig::signed_in().await;
    Mock::given(method("GET")).respond_with(status(503)).up_to_n_times(2).mount(&rig.api).await;
    Mock::given(method("GET")).respond_with(ok(&json!({"id": "r1"}))).mount(&rig.api).await;
    assert!(matches!(read(&rig, "r1").await, Ok(Read::Found(_))));
    assert_eq!(rig.clock.sleeps().len(), 2);
}
