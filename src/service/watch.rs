//! Watching one account: poll, bring what was seen to the writer, read what has left the list, wait, again.
//! Must never decide what a referral's absence means.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::{
    clock::Clock,
    facts::{Facts, Missed, Seen, Trouble, of_poll},
    gate::Gate,
    pulse::{CLOCK, Past, Polled, Pulse},
    troubles,
    vitals::Vitals,
};
use crate::{
    core::{
        ids::AccountName,
        notice::{self, Recovery, Unread},
        page::{Page, Read},
        period::Seconds,
        track::{Listing, may_have_lost_role},
    },
    partner_center::{Client, PollFault, Reading, Trouble as Cause},
    store::StoreFault,
};

/// Our clock and the server's may differ by so much without a word.
const SKEW_TOLD: SignedDuration = SignedDuration::from_mins(2);
/// From so much on nothing new is decided.
const SKEW_STOPS: SignedDuration = SignedDuration::from_hours(1);
/// After a passing failure the next poll comes after so long at first, then at doubling intervals.
const AGAIN_FIRST: Duration = Duration::from_secs(30);
/// A trouble that waits for an operator is probed so seldom, at most.
const PROBE_MAX: Duration = Duration::from_secs(3_600);
/// A pause that is asked for is obeyed up to this.
const ASKED_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Polls by a timer may lie so far apart before that is told as a time in which nobody watched.
const ONCE_MISSED: SignedDuration = SignedDuration::from_hours(24);
/// A poll takes no longer: 1,000 pages are its bound, and each exchange has its own limit.
const POLL_MAX: Duration = Duration::from_secs(1_800);
/// At a stop a poll under way has so long to end.
const STOP_MAX: Duration = Duration::from_secs(5);
/// Waits are cut to this, so that a clock set back stretches none for long.
pub const WAIT_MAX: Duration = Duration::from_secs(900);

/// One account under watch.
pub struct Watch {
    /// Its name.
    pub account: AccountName,
    /// Reads it.
    pub client: Arc<Client>,
    /// How often.
    pub poll_every: Duration,
    /// How long a poll's failures and the waits after them may take.
    pub patience: Duration,
    /// No whole poll for so long is a trouble.
    pub stale_after: SignedDuration,
    /// Whether a clock that is an hour off is believed all the same.
    pub trust_clock: bool,
    /// Whether the clocks are compared at all: on a clock that runs fast the way of an answer takes minutes.
    pub compares_clocks: bool,
    /// The writer.
    pub facts: Facts,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Whom a poll's begin and end are told.
    pub gate: Arc<Gate>,
    /// How it went so far, and the wish to poll now.
    pub pulse: Arc<Pulse>,
    /// Whether to poll once and end.
    pub once: bool,
    /// Where it says that it lives.
    pub vitals: Arc<Vitals>,
    /// Whether the clocks differed when they were last compared; true at first, as a start may follow such a time.
    pub skewed: AtomicBool,
}

impl Watch {
    /// Watches until told to stop. The first interval is shorter by `spread`, so that accounts do not poll all at once.
    ///
    /// # Errors
    /// The store's, where what was seen cannot be kept and the writer has gone.
    pub async fn run(self, spread: Duration, stop: CancellationToken) -> Result<(), StoreFault> {
        let mut spread = spread;
        self.pulse.begins(self.clock.now());
        let name = format!("watch/{}", self.account);
        loop {
            let waiting = self.pulse.take_asked();
            let began = self.clock.now();
            self.vitals.beat(&name, POLL_MAX);
            let polled = tokio::select! {
                biased;
                polled = self.poll() => polled,
                // A poll under way may be about to keep a rotated token: it is given time to end.
                () = cancelled_for(&stop, STOP_MAX) => {
                    self.gate.breaks_off(&self.account);
                    return Ok(());
                }
            };
            let polled = match polled {
                Err(StoreFault::Closed) => return Err(StoreFault::Closed),
                Err(fault) => failed_to_keep(&fault),
                Ok(polled) => polled,
            };
            self.measure(&polled, began);
            self.pulse.ended(&polled, waiting, self.clock.now());
            if polled.got_an_answer() {
                self.gate.ends(&self.account);
            } else {
                self.gate.ends_without_answer(&self.account);
            }
            self.tell(&polled).await;
            if self.once {
                self.vitals.ended(&name);
                return Ok(());
            }
            let wait = self.pause(&polled, began).await.saturating_sub(std::mem::take(&mut spread));
            self.vitals.beat(&name, wait);
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(()),
                () = self.clock.sleep(wait) => {}
                () = self.pulse.asked_to_poll() => {}
            }
        }
    }

    /// One whole poll: the listing, then what has left it.
    ///
    /// # Errors
    /// The store's.
    pub async fn poll(&self) -> Result<Polled, StoreFault> {
        let began = self.clock.now();
        self.gate.begins(&self.account, began);
        let mut listing = Listing::new(began);
        let mut new = 0;
        let mut walk = self.client.walk(self.patience);
        let mut next = walk.next_page().await;
        loop {
            let page = match next {
                Ok(Some(page)) => page,
                Ok(None) => break,
                Err(fault) => return Ok(failed(&fault)),
            };
            if let Some(off) = self.clock_is_off(page.server_date).await? {
                return Ok(off);
            }
            // While one page is being kept the next is already asked for.
            let (seen, after) = tokio::join!(self.keep(page, listing), walk.next_page());
            let (seen, kept) = seen?;
            new += seen.new;
            listing = kept;
            next = after;
        }
        let listed = listing.items();
        let account = self.account.clone();
        let missed = self.facts.bring(move |state, now| state.listing_ended(&account, &listing, now)).await?;
        Ok(self.read_missed(missed).await?.unwrap_or(Polled::Whole { listed, new }))
    }

    async fn keep(&self, page: Page, mut listing: Listing) -> Result<(Seen, Listing), StoreFault> {
        let account = self.account.clone();
        let kept = self.facts.bring(move |state, now| {
            let seen = state.page(&account, &page, &mut listing, now)?;
            Ok((seen, listing))
        });
        let (seen, listing) = kept.await?;
        if seen.unreadable > 0 {
            tracing::warn!(account = %self.account, items = seen.unreadable, "some referrals could not be read; the rest is used");
        }
        Ok((seen, listing))
    }

    /// Reads by id what a whole listing lacked. `Some`: a fault has ended it; the rest is read by the next poll.
    async fn read_missed(&self, missed: Missed) -> Result<Option<Polled>, StoreFault> {
        let mut unread = 0;
        for missing in &missed.to_read {
            let Reading { read, server_date } = match self.client.one(&missing.id, self.patience).await {
                Ok(reading) => reading,
                // One answer that makes no sense costs only its own referral: that one is not seen, and not over.
                Err(fault) if matches!(fault.trouble, Cause::NotThatReferral { .. }) => {
                    tracing::warn!(account = %self.account, id = %missing.id, "a referral cannot be read by its id: {fault}");
                    Reading { read: Read::Forbidden, server_date: None }
                }
                Err(fault) => return Ok(Some(failed(&fault))),
            };
            // Hundreds of reads take their time, in which a clock can be set.
            if let Some(off) = self.clock_is_off(server_date).await? {
                return Ok(Some(off));
            }
            let unreadable = !matches!(read, Read::Found(_));
            unread += usize::from(missing.newly && unreadable);
            let (account, case) = (self.account.clone(), missing.case);
            self.facts.bring(move |state, now| state.read(&account, case, read, now)).await?;
        }
        let name = troubles::of_role(&self.account);
        if may_have_lost_role(unread, missed.open) {
            let account = self.account.clone();
            self.facts
                .bring(move |state, now| state.raise(&name, troubles::role(&account, unread, missed.open, now), now))
                .await?;
        } else if missed.newly == 0 && missed.to_read.is_empty() {
            let account = self.account.clone();
            self.facts
                .bring(move |state, now| {
                    if !state.sees_again(&account, &name) {
                        return Ok(());
                    }
                    state.clear(&name, Recovery::RoleBack { account }, now)
                })
                .await?;
        }
        Ok(None)
    }

    /// Compares our clock with the server's. `Some`: they differ so much that nothing of this poll is used.
    async fn clock_is_off(&self, server_date: Option<Timestamp>) -> Result<Option<Polled>, StoreFault> {
        let Some(theirs) = server_date.filter(|_| self.compares_clocks) else { return Ok(None) };
        let ours = self.clock.now();
        let off = ours.duration_since(theirs).abs();
        let name = format!("clock/{}", self.account);
        let stops = off >= SKEW_STOPS && !self.trust_clock;
        let account = self.account.clone();
        if off < SKEW_TOLD {
            if self.skewed.swap(false, Ordering::Relaxed) {
                self.facts
                    .bring(move |state, now| {
                        state.believe_clock(&account, now)?;
                        state.clear(&name, Recovery::ClocksAgree, now)
                    })
                    .await?;
            }
            return Ok(None);
        }
        self.skewed.store(true, Ordering::Relaxed);
        // To the nearest minute: an answer takes a moment, and HTTP's dates have no fractions.
        let off = Seconds((off.as_secs() + 30) / 60 * 60);
        let what = notice::Trouble::ClockOff { ours, theirs, off, stops };
        self.facts
            .bring(move |state, now| {
                let trouble = Trouble::new(now, what);
                if stops {
                    state.doubt_clock(&account);
                    // That nothing is decided any more is told, though a smaller difference was told before.
                    state.worsen(&name, trouble, now)
                } else {
                    state.believe_clock(&account, now)?;
                    state.raise(&name, trouble, now)
                }
            })
            .await?;
        let why = "our clock and Partner Center's differ by more than an hour; set the machine's clock".to_owned();
        Ok(stops.then_some(Polled::Failed { class: CLOCK, why, cause: Unread::Clocks, retry_after: None }))
    }

    /// Tells `[ops]` what this poll says about the account's health.
    async fn tell(&self, polled: &Polled) {
        let past = self.pulse.past();
        let account = self.account.clone();
        let name = of_poll(&account);
        let told = match polled {
            Polled::Whole { listed, new } => {
                tracing::debug!(%account, listed, new, "polled");
                // By a timer nothing runs in between: then only a timer that has stopped is news.
                let too_long = if self.once { self.stale_after.max(ONCE_MISSED) } else { self.stale_after };
                let account = account.clone();
                self.facts.bring(move |state, now| state.watched(&account, too_long, now)).await
            }
            Polled::Failed { why, cause, .. } => {
                tracing::warn!(%account, failures = past.failures, "the poll was cut short: {why}");
                let (since, next) = (self.last_whole(&past).await, self.clock.now() + self.asked_to_wait(polled));
                // Who is asked to leave it alone for so long does not come back in time to tell.
                let stale = next.duration_since(since) >= self.stale_after;
                let temporary = cause.is_passing();
                if temporary && !stale {
                    return;
                }
                let what = notice::Trouble::Unread { account: account.clone(), why: cause.clone() };
                self.facts
                    .bring(move |state, now| {
                        let trouble = Trouble::new(since.min(now), what);
                        // That the clocks differ has a trouble of its own: nobody is sent to a clock that may be right by now.
                        let of_clocks = |known: &Trouble| {
                            matches!(&known.what, notice::Trouble::Unread { why: Unread::Clocks, .. })
                        };
                        let is_told = temporary && !state.troubles().get(&name).is_some_and(of_clocks);
                        if is_told { state.raise(&name, trouble, now) } else { state.worsen(&name, trouble, now) }
                    })
                    .await
            }
        };
        if let Err(fault) = told {
            tracing::error!(%account, "a trouble cannot be kept: {fault}");
        }
    }

    /// When the account was last read whole, by this process or the one before; else when this watch began.
    async fn last_whole(&self, past: &Past) -> Timestamp {
        let account = self.account.clone();
        let whole = self.facts.bring(move |state, _| {
            // The first failure after a whole poll has the time of that one written down.
            state.flush_records()?;
            Ok(state.account(&account).and_then(|record| record.last_whole))
        });
        past.last_good.or(whole.await.ok().flatten()).or(past.began).unwrap_or(Timestamp::MIN)
    }

    /// How long the other side has asked to be left alone.
    fn asked_to_wait(&self, polled: &Polled) -> SignedDuration {
        let Polled::Failed { retry_after: Some(Seconds(asked)), .. } = polled else { return SignedDuration::ZERO };
        SignedDuration::from_secs(*asked).min(ASKED_MAX)
    }

    fn measure(&self, polled: &Polled, began: Timestamp) {
        let outcome = match polled {
            Polled::Whole { .. } => "whole",
            Polled::Failed { class, .. } => class,
        };
        let account = self.account.to_string();
        metrics::counter!("leadtime_polls_total", "account" => account.clone(), "outcome" => outcome).increment(1);
        let took = self.clock.now().duration_since(began).as_secs_f64();
        metrics::gauge!("leadtime_poll_duration_seconds", "account" => account.clone()).set(took);
        if let Polled::Whole { new, .. } = polled {
            metrics::counter!("leadtime_referrals_seen_total", "account" => account).increment(u64::from(*new));
        }
    }

    /// How long until the next poll.
    async fn pause(&self, polled: &Polled, began: Timestamp) -> Duration {
        let now = self.clock.now();
        let regular = left(began, self.poll_every, now);
        let wait = match polled {
            Polled::Whole { .. } => {
                let account = self.account.clone();
                let reread = self.facts.bring(move |state, _| Ok(state.next_reread(&account))).await.ok().flatten();
                let reread = reread.map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
                reread.map_or(regular, |reread| regular.min(reread.max(Duration::from_secs(5))))
            }
            Polled::Failed { cause, .. } if cause.is_passing() => {
                let failures = self.pulse.past().failures.saturating_sub(1).min(10);
                let again = AGAIN_FIRST.saturating_mul(1 << failures).min(self.poll_every.max(AGAIN_FIRST));
                return self.asked_to_wait(polled).unsigned_abs().max(again.min(WAIT_MAX.max(self.poll_every)));
            }
            Polled::Failed { .. } => {
                let failures = self.pulse.past().failures.saturating_sub(1).min(10);
                self.poll_every.saturating_mul(1 << failures).min(PROBE_MAX.max(self.poll_every))
            }
        };
        wait.min(WAIT_MAX.max(self.poll_every))
    }
}

/// Returns so long after the stop was asked for.
async fn cancelled_for(stop: &CancellationToken, grace: Duration) {
    stop.cancelled().await;
    tokio::time::sleep(grace).await;
}

/// What is left of an interval that began then.
fn left(began: Timestamp, every: Duration, now: Timestamp) -> Duration {
    let passed = Duration::try_from(now.duration_since(began)).unwrap_or_default();
    every.saturating_sub(passed)
}

fn failed(fault: &PollFault) -> Polled {
    Polled::Failed {
        class: fault.trouble.class(),
        why: fault.to_string(),
        cause: Unread::Fault(fault.trouble.clone()),
        retry_after: fault.trouble.retry_after(),
    }
}

fn failed_to_keep(fault: &StoreFault) -> Polled {
    let why = fault.to_string();
    Polled::Failed { class: "store", why: why.clone(), cause: Unread::Store(why), retry_after: None }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::{
        core::outbox::{About, Row},
        messages::words::{self, Locale},
        partner_center::{AccountSettings, Http},
        service::{facts::Writer, prepare, seal::Seal, shelf::Shelf},
        settings,
        store::MemoryStore,
    };

    const NOW: Timestamp = Timestamp::constant(1_793_602_800, 0);
    const DAY: SignedDuration = SignedDuration::from_hours(24);

    struct SetClock(Mutex<Timestamp>);

    #[async_trait::async_trait]
    impl Clock for SetClock {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }

        async fn sleep(&self, _: Duration) {}
    }

    struct Scene {
        watch: Watch,
        clock: Arc<SetClock>,
        _writer: Writer,
    }

    const SETTINGS: &str = r#"
        time_zone = "UTC"
        notify = ["ops"]
        escalate_to = ["ops"]
        [accounts.contoso]
        tenant_id = "t"
        client_id = "c"
        [destinations.ops]
        type = "stdout"
    "#;

    /// A watch whose clock shows `NOW`.
    fn scene() -> Scene {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("leadtime.toml");
        std::fs::write(&file, SETTINGS).unwrap();
        let (settings, _) = settings::load(&file, std::iter::empty()).unwrap();
        let orders = Arc::new(prepare::orders(&settings));
        let clock = Arc::new(SetClock(Mutex::new(NOW)));
        let (facts, writer) = Facts::start(Arc::new(MemoryStore::new()), orders, clock.clone()).unwrap();
        let settings = AccountSettings {
            name: "contoso".into(),
            client_id: "c".into(),
            client_secret: None,
            base_url: "http://localhost/v1.0".parse().unwrap(),
            token_url: "http://localhost/token".parse().unwrap(),
            scope: String::new(),
            filter: String::new(),
            top: None,
        };
        let http = Http::new(reqwest::Client::builder(), Duration::from_secs(1)).unwrap();
        let client = Arc::new(Client::new(
            settings,
            None,
            Arc::new(Shelf::new(facts.clone(), Seal::none())),
            clock.clone(),
            http,
        ));
        let watch = Watch {
            account: "contoso".into(),
            client,
            poll_every: Duration::from_secs(300),
            patience: Duration::from_secs(1),
            stale_after: SignedDuration::from_mins(30),
            trust_clock: false,
            compares_clocks: true,
            facts,
            clock: clock.clone(),
            gate: Arc::new(Gate::new([])),
            pulse: Arc::default(),
            once: false,
            vitals: Arc::default(),
            skewed: AtomicBool::new(true),
        };
        Scene { watch, clock, _writer: writer }
    }

    impl Scene {
        /// Our clock is off by so much when a page comes; whether the poll ends with that.
        async fn is_off_by(&self, off: SignedDuration) -> bool {
            *self.clock.0.lock().unwrap() = NOW + off;
            self.watch.clock_is_off(Some(NOW)).await.unwrap().is_some()
        }

        /// What `[ops]` is to hear.
        async fn told(&self) -> Vec<String> {
            let told = self.watch.facts.bring(|state, _| {
                let of = |row: &Row| match &row.about {
                    About::Notice(notice) => words::of(Locale::EN).news(&notice.news).title,
                    About::Referral { .. } | About::Scheduled(_) => String::new(),
                };
                Ok(state.waiting().map(|(_, row)| of(row)).collect())
            });
            told.await.unwrap()
        }

        async fn decides(&self) -> bool {
            self.watch.facts.bring(|state, _| Ok(state.is_deciding())).await.unwrap()
        }
    }

    #[tokio::test]
    async fn a_clock_that_is_two_minutes_off_is_told_and_one_that_is_an_hour_off_ends_the_poll() {
        let scene = scene();
        assert!(!scene.is_off_by(SignedDuration::from_secs(90)).await);
        assert!(scene.told().await.is_empty());
        assert!(!scene.is_off_by(SignedDuration::from_mins(5)).await);
        assert!(scene.decides().await);
        assert!(scene.is_off_by(DAY).await);
        assert!(!scene.decides().await);
        assert_eq!(scene.told().await, ["The clock is 5 min off", "The clock is 1 d off"]);
    }

    #[tokio::test]
    async fn a_clock_that_is_put_nearly_right_is_decided_by_again() {
        let scene = scene();
        assert!(scene.is_off_by(-DAY).await);
        assert!(!scene.is_off_by(SignedDuration::from_mins(5)).await);
        assert!(scene.decides().await);
        assert_eq!(scene.told().await, ["The clock is 1 d off"]);
        assert!(!scene.is_off_by(SignedDuration::ZERO).await);
        assert_eq!(scene.told().await.last().unwrap(), "The clock agrees with Partner Center's again");
    }

    #[tokio::test]
    async fn who_cannot_be_read_for_another_reason_than_the_clock_is_told_of_for_that_reason() {
        let scene = scene();
        let failed = |cause: Unread| Polled::Failed { class: "any", why: String::new(), cause, retry_after: None };
        scene.watch.tell(&failed(Unread::Clocks)).await;
        *scene.clock.0.lock().unwrap() = NOW + DAY;
        scene.watch.tell(&failed(Unread::Fault(Cause::TimedOut))).await;
        scene.watch.tell(&failed(Unread::Fault(Cause::TimedOut))).await;
        let known = scene.watch.facts.bring(|state, _| {
            let told: Vec<_> = state.troubles().values().map(|trouble| trouble.told().text.join(" ")).collect();
            Ok(told)
        });
        let known = known.await.unwrap();
        assert!(known.len() == 1 && !known[0].contains("clock"), "{known:?}");
    }

    #[tokio::test]
    async fn a_clock_that_is_trusted_decides_however_far_it_is_off() {
        let mut scene = scene();
        scene.watch.trust_clock = true;
        assert!(!scene.is_off_by(DAY).await);
        assert!(scene.decides().await);
    }
}
