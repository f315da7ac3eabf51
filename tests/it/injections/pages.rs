//! The page of a claim link: whatever a referral says, or whoever claims it calls themselves, the page has the elements and
//! attributes of its harmless twin.

use super::{
    corpus::{Injection, corpus},
    html,
};
use crate::claims::{Claims, slip};

/// Everything that acts in a page, but for the page's own key. A browser makes no links of bare addresses.
fn acts(page: &str) -> Vec<String> {
    let acts = html::acts(&page.replace(&slip(page), "SLIP"));
    acts.into_iter().filter(|act| !act.starts_with("address")).collect()
}

fn shown() -> Vec<Injection> {
    corpus().into_iter().filter(|injection| !injection.blank).collect()
}

/// A page answers so many requests before it asks for patience; then another service takes over.
const ASKED_MAX: usize = 20;

#[tokio::test]
async fn a_claim_page_acts_the_same_whatever_its_referral_says() {
    for (some, field) in shown()
        .chunks(ASKED_MAX)
        .zip(["customerProfile/name", "customerProfile/address/country", "details/currency"].into_iter().cycle())
    {
        let claims = Claims::begin().await;
        let id = claims.refer_as("Quiet").await;
        let path = claims.link("sellers").await;
        let says = async |text: &str| {
            claims.stage.world.change(&id, field, text.into()).unwrap();
            claims.poll().await;
            claims.page(&path).await
        };
        let twin = says("Quiet").await;
        for injection in some {
            let page = says(&injection.text).await;
            assert_eq!(acts(&page), acts(&twin), "{field}, {}:\n{page}", injection.name);
        }
    }
}

#[tokio::test]
async fn a_claim_page_acts_the_same_whatever_its_reader_is_called() {
    let mut seen = 0;
    for some in shown().chunks(ASKED_MAX / 4) {
        let claims = Claims::begin().await;
        claims.refer().await;
        let path = claims.link("sellers").await;
        let claims_as = async |name: &str| {
            let answer = claims.press(&path, &[("act", "1"), ("who", ""), ("name", name)]).await;
            answer.status().is_redirection().then_some(())?;
            Some(claims.page(&path).await)
        };
        let twin = claims_as("Quiet").await.unwrap();
        assert!(twin.contains("Quiet has had it"), "{twin}");
        for injection in some {
            // One that is too long is not taken, and shown to nobody.
            let Some(page) = claims_as(&injection.text).await else { continue };
            seen += 1;
            assert_eq!(acts(&page), acts(&twin), "{}:\n{page}", injection.name);
        }
    }
    assert!(seen > 100, "only {seen} names were taken");
}
