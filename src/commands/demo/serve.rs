//! `leadtime demo --serve`: only the simulated Partner Center and the sinks, in real time, for trying `leadtime run`.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use jiff::{SignedDuration, tz::TimeZone};

use super::{
    play::Stop,
    scene::{Folder, Scene, page_url},
};
use crate::{
    commands::DONE,
    demo::{
        inbox::Stage,
        invent::Inventor,
        partner_center::{BASE_PATH, FIRST_REFRESH_TOKEN, Registration},
        plot,
    },
    service::clock::{Clock, RealClock},
};

/// So many referrals are open when it begins.
const OPEN_AT_FIRST: u64 = 5;
/// A new one comes so often.
const NEW_EVERY: Duration = Duration::from_secs(60);
/// And no more once there are so many.
const MOST: usize = 1_000;

/// Serves until it is told to stop.
pub async fn run(listen: SocketAddr) -> anyhow::Result<u8> {
    let mut stop = Stop::new()?;
    let mut folder = Folder::make()?;
    folder.lend();
    let zone = TimeZone::get(plot::ZONE).unwrap_or(TimeZone::UTC);
    let frame = Stage { start: RealClock.now(), days: 14, zone };
    let scene = Scene::build(Arc::new(|| RealClock.now()), frame, listen).await?;
    let mut inventor = Inventor::new(fastrand::u64(..));
    for hours in 1..=OPEN_AT_FIRST {
        let ago = SignedDuration::from_hours(i64::try_from(hours * hours * 3).unwrap_or_default());
        scene.world.add([inventor.invent(RealClock.now().saturating_sub(ago)?).body()])?;
    }
    print(&scene, &folder);
    let mut comes = tokio::time::interval_at(tokio::time::Instant::now() + NEW_EVERY, NEW_EVERY);
    for _ in 0..MOST {
        tokio::select! {
            _ = comes.tick() => {
                let sketch = inventor.invent(RealClock.now());
                scene.inbox.tell(format!("A referral comes: {}, {}", sketch.customer, sketch.country));
                scene.world.add([sketch.body()])?;
            }
            () = stop.comes() => return Ok(DONE),
        }
    }
    stop.comes().await;
    Ok(DONE)
}

/// To be copied, or read by `eval` up to the first line that is a comment.
fn print(scene: &Scene, folder: &Folder) {
    let Registration { tenant_id, client_id, .. } = Registration::default();
    let stage = scene.stage;
    let variables = [
        ("LEADTIME_ACCOUNTS__CONTOSO__TENANT_ID", tenant_id.clone()),
        ("LEADTIME_ACCOUNTS__CONTOSO__CLIENT_ID", client_id),
        ("LEADTIME_ACCOUNTS__CONTOSO__BASE_URL", format!("http://{stage}{BASE_PATH}")),
        ("LEADTIME_ACCOUNTS__CONTOSO__TOKEN_URL", format!("http://{stage}/{tenant_id}/oauth2/v2.0/token")),
        ("LEADTIME_ACCOUNTS__CONTOSO__REFRESH_TOKEN", FIRST_REFRESH_TOKEN.to_owned()),
        ("LEADTIME_ACCOUNTS__CONTOSO__POLL_EVERY", "15s".to_owned()),
        ("SLACK_WEBHOOK_URL", format!("http://{stage}/slack/sellers")),
        ("TEAMS_WEBHOOK_URL", format!("http://{stage}/teams/managers")),
        ("LEADTIME_STATE__PATH", folder.state().display().to_string()),
        ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
    ];
    let mut text = String::new();
    for (name, value) in variables {
        text.push_str(&format!("export {name}='{value}'\n"));
    }
    text.push_str(&format!("# The page with every message: {}\n", page_url(scene.page)));
    text.push_str(&format!(
        "# Mail is taken at {} (security = \"none\"), any webhook at http://{stage}/hooks/NAME\n",
        scene.smtp
    ));
    text.push_str("# Paste the lines above into another shell, then: leadtime run --config config/leadtime.toml\n");
    text.push_str(
        "# Without the line of the REFRESH_TOKEN, sign in: leadtime login contoso --config config/leadtime.toml\n",
    );
    text.push_str(
        "# A new referral comes every minute. Ctrl-C ends it; stop leadtime first.\n\
         # Started anew, source demo.env again in every shell.",
    );
    // Nobody reads it any more: what it serves is still there.
    drop(std::io::Write::write_all(&mut std::io::stdout(), format!("{text}\n").as_bytes()));
}
