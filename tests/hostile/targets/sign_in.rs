//! Sign-ins: what the token endpoint, the endpoint of device codes and a pasted address say.

use std::{sync::Arc, time::Duration};

use leadtime::{
    channels::{
        Channel as _, HttpLimits, Knock, TlsSettings,
        email::{Email, EmailSettings, Login as MailLogin, Security, SmtpLimits, TokenSettings, Tokens},
    },
    partner_center::{Client, login::Login},
};

use super::{
    Held, Target,
    listing::{self, Shelf, account},
    of_sections, sections,
    stage::{Peer, SECRET, Still, block_on, client, is_discreet, now},
};

pub const TARGET: Target = Target {
    name: "sign-in",
    about: "the token endpoint's answers, device codes, pasted addresses",
    corpus,
    words: WORDS,
    feed,
    cases: 200,
    memory: (16 << 20, 60),
};

const WORDS: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 400 Bad Request\r\n",
    "HTTP/1.1 429 Too Many Requests\r\n",
    "HTTP/1.1 500 \r\n",
    "content-encoding: gzip\r\n",
    "content-type: text/html\r\n",
    "content-length: 99999999999\r\n",
    "retry-after: 9e9\r\n",
    "access_token",
    "refresh_token",
    "expires_in",
    "token_type",
    "Bearer",
    "error",
    "error_codes",
    "suberror",
    "error_description",
    "invalid_grant",
    "invalid_client",
    "interaction_required",
    "authorization_pending",
    "slow_down",
    "AADSTS700082",
    "AADSTS",
    "AADSTS99999999999999999999",
    "user_code",
    "device_code",
    "verification_uri",
    "interval",
    "code=",
    "state=",
    "&",
    "?",
    "#",
    "%",
    "+",
    "http://localhost/?code=c&state=s",
];

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
const BAD: &str = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\r\n";

fn corpus() -> Vec<Vec<u8>> {
    let granted = r#"{"token_type":"Bearer","scope":"x","expires_in":3599,"access_token":"a1","refresh_token":"r1"}"#;
    let old = r#"{"token_type":"Bearer","expires_in":"3599","access_token":"a1","resource":"x"}"#;
    let refused = r#"{"error":"invalid_grant","error_description":"AADSTS700082: The refresh token has expired.","error_codes":[700082],"suberror":"bad_token"}"#;
    let device = r#"{"user_code":"ABC","device_code":"d1","verification_uri":"https://microsoft.com/devicelogin","expires_in":900,"interval":5,"message":"x"}"#;
    let pending = r#"{"error":"authorization_pending","error_description":"AADSTS70016: pending"}"#;
    vec![
        of_sections(&[&format!("{OK}{granted}"), "http://localhost/?code=0.AX%2Fb-c&state=s1&session_state=9"]),
        of_sections(&[&format!("{OK}{old}")]),
        of_sections(&[&format!("{BAD}{refused}"), "?error=access_denied&error_description=AADSTS65004&state=s1"]),
        of_sections(&[&format!("{OK}{device}"), &format!("{BAD}{pending}"), &format!("{OK}{granted}")]),
        of_sections(&["HTTP/1.1 503 Service Unavailable\r\nretry-after: 30\r\n\r\n<html>"]),
    ]
}

struct Rig {
    login: Peer,
    tokens: TokenSettings,
    http: reqwest::Client,
    knock: Knock,
}

thread_local! {
    static RIG: Rig = block_on(async {
        let login = Peer::start("HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let limits = HttpLimits { proxy: false, ..HttpLimits::default() };
        Rig {
            tokens: TokenSettings {
                token_url: account(9, login.port).token_url,
                client_id: "the-client".to_owned(),
                client_secret: format!("{SECRET}-client").into(),
                scope: "https://outlook.office365.com/.default".to_owned(),
            },
            login,
            http: client().build().expect("a client"),
            knock: Knock::build(&TlsSettings::default(), &limits).expect("a client"),
        }
    });
}

fn feed(input: &[u8]) -> Held {
    RIG.with(|rig| block_on(all(rig, &sections(input))))
}

async fn all(rig: &Rig, sections: &[&[u8]]) -> Held {
    let account = account(9, rig.login.port);
    rig.login.script(sections);
    let client = Client::new(account.clone(), None, Arc::new(Shelf), Arc::new(Still), listing::http());
    if let Err(fault) = client.sign_in().await {
        is_discreet(&format!("{fault} {fault:?}"))?;
    }
    rig.login.script(sections);
    mail(rig).await?;
    rig.login.script(sections);
    let login = Login::new(account, listing::http(), Arc::new(Still));
    let Ok(login) = login else { return Ok(()) };
    match login.device().await {
        Ok(device) => {
            if let Err(fault) = login.granted(device, Duration::from_secs(900)).await {
                is_discreet(&format!("{fault} {fault:?}"))?;
            }
        }
        Err(fault) => is_discreet(&format!("{fault} {fault:?}"))?,
    }
    let pasted = String::from_utf8_lossy(sections.last().copied().unwrap_or_default());
    if let Ok(asked) = login.ask("http://127.0.0.1/") {
        // With the state that belongs to it, and with the one that stands there.
        let state = asked.address.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
        let mended = pasted.replace("state=s1", &format!("state={}", state.unwrap_or_default()));
        for pasted in [pasted.as_ref(), &mended] {
            if let Err(fault) = asked.answered(pasted) {
                is_discreet(&format!("{fault} {fault:?}"))?;
            }
        }
    }
    Ok(())
}

/// The token of a mailbox, from the same endpoint. Behind it there is no mail server.
async fn mail(rig: &Rig) -> Held {
    let limits = SmtpLimits { connect: Duration::from_millis(200), ..SmtpLimits::default() };
    let settings = EmailSettings {
        host: "127.0.0.1".to_owned(),
        port: 9,
        security: Security::None,
        login: Some(MailLogin::Token(
            "leadtime@contoso.com".to_owned(),
            Arc::new(Tokens::new(rig.tokens.clone(), rig.http.clone())),
        )),
        from: "Leadtime <leadtime@contoso.com>".to_owned(),
        to: vec!["anna@contoso.com".to_owned()],
        cc: Vec::new(),
        limits,
    };
    let email = Email::build(&settings, &TlsSettings::default()).expect("settings that are good");
    is_discreet(&format!("{:?}", email.verify(&rig.knock, now()).await))
}
