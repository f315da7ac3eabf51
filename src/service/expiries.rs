//! What ends on a day that is known beforehand: a client secret, and a sign-in that nothing renews because polling fails
//! or leadtime was off. `[ops]` hears of each in stages, once per stage, with what to do. Must never speak of an end by a
//! clock that is doubted.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::{
    facts::{State, Trouble},
    shelf,
};
use crate::{
    core::{
        ids::AccountName,
        notice::{self, Recovery, When},
        period::Seconds,
    },
    settings::Settings,
    store::{StoreFault, layout},
};

/// So many days before a client secret ends.
const SECRET_TOLD_BEFORE: [i32; 3] = [30, 7, 1];
/// So many days before a sign-in ends.
const SIGN_IN_TOLD_BEFORE: [i32; 3] = [14, 7, 1];
/// By when something is to be done at each stage. It makes the advice another one, and so it is told again.
const WHEN: [When; 3] = [When::Soon, When::NextDays, When::Today];
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Looks at every end, tells `[ops]` what is near, and takes away the tokens of accounts that have left the settings once
/// no token of that age can sign in.
///
/// # Errors
/// The store's.
pub fn mind(state: &mut State, settings: &Settings, now: Timestamp) -> Result<(), StoreFault> {
    if !state.is_deciding() {
        return Ok(());
    }
    for (account, known) in &settings.accounts {
        mind_secret(state, account, known.client_secret_expires, &settings.time_zone, now)?;
    }
    for (account, obtained) in shelf::ages(state)? {
        if settings.accounts.contains_key(&account) {
            mind_sign_in(state, &account, obtained, &settings.time_zone, now)?;
        } else if now.duration_since(obtained) >= longest_kept(settings) {
            tracing::info!(%account, "the refresh token of an account that has left the settings was taken away");
            state.forget(layout::token(&account));
        }
    }
    Ok(())
}

/// An account that has left the settings may come back: as long as its token can be good it is kept, and never longer
/// than anything else.
fn longest_kept(settings: &Settings) -> SignedDuration {
    let Seconds(keep) = settings.state.keep;
    shelf::LIFE.min(SignedDuration::from_secs(keep))
}

fn mind_secret(
    state: &mut State,
    account: &AccountName,
    ends: Option<Date>,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let name = format!("secret/{account}");
    let Some(ends) = ends else {
        return state.clear(&name, Recovery::SecretUnwatched { account: account.clone() }, now);
    };
    let left = now.to_zoned(zone.clone()).date().until(ends).map_or(i32::MAX, |left| left.get_days());
    let Some(when) = stage(DAY * left, SECRET_TOLD_BEFORE) else {
        return state.clear(&name, Recovery::SecretLater { account: account.clone(), on: ends }, now);
    };
    let what = notice::Trouble::SecretEnds { account: account.clone(), on: ends, over: left < 0, when };
    state.worsen(&name, Trouble::new(now, what), now)
}

fn mind_sign_in(
    state: &mut State,
    account: &AccountName,
    obtained: Timestamp,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<(), StoreFault> {
    let name = format!("sign-in/{account}");
    let ends = obtained.saturating_add(shelf::LIFE).unwrap_or(Timestamp::MAX);
    let left = ends.duration_since(now);
    if left <= SignedDuration::ZERO {
        // That it has ended is told by who refuses it; a trouble of before stays until there is a newer one.
        return Ok(());
    }
    let Some(when) = stage(left, SIGN_IN_TOLD_BEFORE) else {
        return state.clear(&name, Recovery::SignInRenewed { account: account.clone() }, now);
    };
    let local = |at: Timestamp| at.to_zoned(zone.clone()).datetime();
    let (at, renewed) = (local(ends), local(obtained).date());
    let what = notice::Trouble::SignInEnds { account: account.clone(), at, renewed, when };
    state.worsen(&name, Trouble::new(now, what), now)
}

/// The last stage that is reached when so much is left.
fn stage(left: SignedDuration, before: [i32; 3]) -> Option<When> {
    before.into_iter().zip(WHEN).rfind(|(days, _)| left <= DAY * *days).map(|(_, when)| when)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        core::{
            notice::{Notice, NoticeKind},
            outbox::About,
        },
        messages::words::{self, Locale},
        partner_center::{SavedToken, TokenShelf as _},
        service::{prepare, seal::Seal, shelf::BareShelf},
        settings,
        store::{MemoryStore, Store},
    };

    /// Mon 2 Nov 2026, 07:00.
    const NOW: Timestamp = Timestamp::constant(1_793_602_800, 0);

    struct Scene {
        store: Arc<MemoryStore>,
        settings: Settings,
        state: State,
        now: Timestamp,
        heard: usize,
    }

    impl Scene {
        fn with(account: &str) -> Self {
            let settings = read(account);
            let store = Arc::new(MemoryStore::new());
            let state = State::load(store.clone(), Arc::new(prepare::orders(&settings)), true, NOW).unwrap();
            Self { store, settings, state, now: NOW, heard: 0 }
        }

        fn reloads(&mut self, account: &str) {
            self.settings = read(account);
            self.state.reload(Arc::new(prepare::orders(&self.settings)), self.now).unwrap();
            self.state.flush().unwrap();
        }

        async fn signs_in(&self, account: &str) {
            let token = SavedToken { refresh_token: "0.token".into(), imported: None, obtained_at: self.now };
            BareShelf::new(self.store.clone(), Seal::none()).save(&account.into(), token).await.unwrap();
        }

        /// So many days pass, and it is minded four times a day; what `[ops]` hears, with the day on which it does.
        fn passes(&mut self, days: i64) -> Vec<(i64, String, Option<String>)> {
            (0..days * 4).flat_map(|_| self.minds_after(SignedDuration::from_hours(6))).collect()
        }

        fn minds_after(&mut self, span: SignedDuration) -> Vec<(i64, String, Option<String>)> {
            self.now += span;
            mind(&mut self.state, &self.settings, self.now).unwrap();
            self.state.flush().unwrap();
            let day = self.now.duration_since(NOW).as_hours() / 24;
            let rows = self.state.waiting().filter_map(|(_, row)| match &row.about {
                About::Notice(notice) => Some(notice.clone()),
                About::Referral { .. } | About::Scheduled(_) => None,
            });
            let rows: Vec<_> = rows.collect();
            let told = |notice: &Notice| words::of(Locale::EN).news(&notice.news);
            let fresh = rows[self.heard..].iter().map(told).map(|told| (day, told.title, told.todo)).collect();
            self.heard = rows.len();
            fresh
        }

        fn keeps_token(&self, account: &str) -> bool {
            self.store.get(&layout::token(&account.into())).unwrap().is_some()
        }
    }

    fn read(account: &str) -> Settings {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("leadtime.toml");
        let text = format!(
            "time_zone = \"UTC\"\nescalate_to = [\"ops\"]\n[destinations.ops]\ntype = \"stdout\"\n\
             [accounts.fabrikam]\ntenant_id = \"t\"\nclient_id = \"c\"\n{account}"
        );
        std::fs::write(&file, text).unwrap();
        settings::load(&file, std::iter::empty()).unwrap().0
    }

    const CONTOSO: &str = "[accounts.contoso]\ntenant_id = \"t\"\nclient_id = \"c\"\n";

    fn secret_until(day: &str) -> String {
        format!("{CONTOSO}client_secret_expires = \"{day}\"")
    }

    #[tokio::test]
    async fn an_idle_sign_in_is_told_14_and_7_days_and_1_day_before_90_days_once_each() {
        let mut scene = Scene::with(CONTOSO);
        scene.signs_in("contoso").await;
        let heard = scene.passes(100);
        let days: Vec<i64> = heard.iter().map(|(day, ..)| *day).collect();
        assert_eq!(days, [76, 83, 89], "{heard:?}");
        assert!(heard.iter().all(|(_, title, _)| title == "The sign-in of contoso ends on Sun 31 Jan"), "{heard:?}");
        let todos: Vec<&str> = heard.iter().filter_map(|(.., todo)| todo.as_deref()).collect();
        assert_eq!(
            todos,
            [
                "Run `leadtime login contoso` before Sun 31 Jan 07:00.",
                "Run `leadtime login contoso` in the next days, before Sun 31 Jan 07:00.",
                "Run `leadtime login contoso` today, before Sun 31 Jan 07:00.",
            ]
        );
        assert_eq!(scene.state.troubles().len(), 1, "one trouble that worsens");
    }

    #[tokio::test]
    async fn who_was_away_until_the_last_week_hears_of_that_alone() {
        let mut scene = Scene::with(CONTOSO);
        scene.signs_in("contoso").await;
        let heard = scene.minds_after(DAY * 87);
        assert_eq!(heard.len(), 1, "{heard:?}");
        assert!(heard[0].2.as_ref().unwrap().contains("in the next days"), "{heard:?}");
    }

    #[tokio::test]
    async fn a_newer_token_ends_the_trouble_and_the_next_90_days_are_watched_anew() {
        let mut scene = Scene::with(CONTOSO);
        scene.signs_in("contoso").await;
        assert_eq!(scene.passes(80).len(), 1);
        scene.signs_in("contoso").await;
        let heard = scene.minds_after(DAY);
        assert_eq!(heard, [(81, "The sign-in of contoso was renewed".to_owned(), None)]);
        assert!(scene.state.troubles().is_empty());
        assert_eq!(scene.passes(90).len(), 3);
    }

    #[tokio::test]
    async fn by_a_clock_that_is_doubted_nothing_ends() {
        let mut scene = Scene::with(&secret_until("2026-11-03"));
        scene.signs_in("contoso").await;
        scene.state.doubt_clock(&"contoso".into());
        assert!(scene.minds_after(DAY * 89).is_empty());
    }

    #[test]
    fn a_client_secret_is_told_30_7_and_1_days_before_and_not_once_for_each_stage_behind() {
        let mut scene = Scene::with(&secret_until("2026-12-31"));
        let days: Vec<i64> = scene.passes(70).iter().map(|(day, ..)| *day).collect();
        // Midnight comes 17 hours after the scene's hour.
        assert_eq!(days, [28, 51, 57]);
        for (seen, when) in [("2026-11-03", " today, put"), ("2026-11-08", "days, put"), ("2026-11-20", "Entra, put")] {
            let mut scene = Scene::with(&secret_until(seen));
            let heard = scene.minds_after(SignedDuration::from_secs(1));
            assert_eq!(heard.len(), 1, "{heard:?}");
            assert!(heard[0].2.as_ref().unwrap().contains(when), "{heard:?}");
        }
    }

    #[test]
    fn a_new_client_secret_or_none_that_is_watched_ends_the_trouble() {
        for (account, title) in [
            (secret_until("2027-11-20"), "The client secret of contoso ends on 2027-11-20, which is later than it was"),
            (CONTOSO.to_owned(), "The end of contoso's client secret is no longer watched"),
            (String::new(), "No longer so: The client secret of contoso ends on 2026-11-20"),
        ] {
            let mut scene = Scene::with(&secret_until("2026-11-20"));
            assert_eq!(scene.minds_after(DAY).len(), 1);
            scene.reloads(&account);
            let heard: Vec<String> = scene.minds_after(DAY).into_iter().map(|(_, title, _)| title).collect();
            assert_eq!(heard, [title]);
        }
    }

    #[tokio::test]
    async fn the_token_of_an_account_that_left_is_kept_while_it_can_be_good_and_then_taken_away() {
        let mut scene = Scene::with("[state]\nkeep = \"400d\"\n");
        scene.signs_in("contoso").await;
        scene.signs_in("fabrikam").await;
        assert!(scene.passes(89).iter().all(|(_, title, _)| !title.contains("contoso")));
        assert!(scene.keeps_token("contoso"));
        scene.passes(2);
        assert!(!scene.keeps_token("contoso") && scene.keeps_token("fabrikam"));
    }

    #[tokio::test]
    async fn where_less_is_kept_so_is_the_token_of_an_account_that_left() {
        let mut scene = Scene::with("[state]\nkeep = \"10d\"\n");
        scene.signs_in("contoso").await;
        scene.passes(9);
        assert!(scene.keeps_token("contoso"));
        scene.passes(2);
        assert!(!scene.keeps_token("contoso"));
    }

    #[tokio::test]
    async fn a_trouble_of_the_sign_in_leaves_with_its_account() {
        let mut scene = Scene::with(CONTOSO);
        scene.signs_in("contoso").await;
        scene.passes(80);
        scene.reloads("");
        assert!(scene.state.troubles().is_empty());
        let last = scene.state.waiting().filter_map(|(_, row)| match &row.about {
            About::Notice(notice) => Some(notice.kind()),
            About::Referral { .. } | About::Scheduled(_) => None,
        });
        assert_eq!(last.last(), Some(NoticeKind::Recovered));
    }
}
