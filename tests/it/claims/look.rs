//! The pages as a person sees them: `look/look.sh FOLDER` takes pictures of what this writes.

use jiff::SignedDuration;
use leadtime::demo::plot;

use super::Claims;

#[tokio::test]
#[ignore = "writes pages for a person to look at"]
async fn what_there_is_to_look_at() {
    let folder = std::path::PathBuf::from(std::env::var("LEADTIME_LOOK").expect("a folder"));
    let keep = |name: &str, page: &str| std::fs::write(folder.join(format!("claim-{name}.html")), page).unwrap();
    for locale in ["en", "hu", "cs"] {
        let claims = Claims::begin_with("", |settings| format!("locale = \"{locale}\"\n{settings}")).await;
        let id = claims.refer_as("Észak-Magyarországi Informatikai és Távközlési Szolgáltató Zrt.").await;
        let keep = |name: &str, page: &str| keep(&format!("{name}-{locale}"), page);
        let (sellers, anna, managers) =
            (claims.link("sellers").await, claims.link("anna@").await, claims.link("managers").await);
        keep("channel", &claims.page(&sellers).await);
        keep("mail", &claims.page(&anna).await);
        keep("manager", &claims.page(&managers).await);
        keep("nameless", &claims.press(&sellers, &[("act", "1")]).await.text().await.unwrap());
        keep("mail-claimed", &claims.presses(&anna, &[("act", "2")]).await);
        keep("channel-claimed", &claims.presses(&sellers, &[("act", "2"), ("who", "anna")]).await);
        keep("manager-done", &claims.presses(&managers, &[("act", "see"), ("who", "bela")]).await);
        claims.passes(SignedDuration::from_hours(13 * 24));
        keep("last-day", &claims.page(&anna).await);
        claims.stage.world.accept(&id, &plot::ANNA).unwrap();
        claims.poll().await;
        keep("over", &claims.page(&anna).await);
        let nothing = claims.ask(reqwest::Method::GET, "/claim/nothing").await;
        keep("nothing", &nothing.text().await.unwrap());
    }
}
