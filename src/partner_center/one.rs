//! One referral by its id. The answer counts only if it is that referral: another one's could end the wrong countdown.

use serde_json::Value;
use url::Url;

use super::{Client, Reading, answer::without_mark, fault::Trouble, patience::Patience};
use crate::core::{ids::ReferralId, page::Read, referral::Referral};

pub(super) async fn read(client: &Client, id: &ReferralId, patience: &mut Patience) -> Result<Reading, Trouble> {
    let answer = match client.get(&url_of(client, id)?, patience).await {
        Ok(answer) => answer,
        Err(Trouble::NotFound { .. }) => return Ok(Reading { read: Read::NotFound, server_date: None }),
        Err(Trouble::Forbidden { .. }) => return Ok(Reading { read: Read::Forbidden, server_date: None }),
        Err(trouble) => return Err(trouble),
    };
    let not_that = |why: String| Trouble::NotThatReferral { why };
    let text = String::from_utf8_lossy(without_mark(&answer.body));
    let body: Value = serde_json::from_str(&text).map_err(|fault| not_that(format!("not JSON ({fault})")))?;
    let referral = Referral::read(body).map_err(|fault| not_that(fault.to_string()))?;
    if !referral.id().as_str().eq_ignore_ascii_case(id.as_str()) {
        return Err(not_that("its id is another".to_owned()));
    }
    Ok(Reading { read: Read::Found(referral), server_date: answer.server_date })
}

/// The id is one segment of the path, whatever it holds.
fn url_of(client: &Client, id: &ReferralId) -> Result<Url, Trouble> {
    let mut url = client.referrals_url();
    if let Ok(mut path) = url.path_segments_mut() {
        path.push(id.as_str());
    }
    // A path cannot hold `.` or `..` as a name: what is left is the listing's address.
    if url == client.referrals_url() {
        return Err(Trouble::NotThatReferral { why: "its id makes no address".to_owned() });
    }
    Ok(url)
}
