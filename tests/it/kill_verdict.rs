//! The judge of the test that kills leadtime (`cargo test --test kill`): that it sees what it is there to see.

#[path = "../kill/exchange.rs"]
mod exchange;
#[path = "../kill/verdict.rs"]
mod verdict;

use std::time::{Duration, Instant};

use exchange::{Exchange, Message};
use verdict::{Facts, Tally, judge};

/// A run of two kills, 10 s and 20 s after its beginning.
struct Seen {
    began: Instant,
    exchanges: Vec<Exchange>,
}

impl Seen {
    fn nothing() -> Self {
        Self { began: Instant::now(), exchanges: Vec::new() }
    }

    fn at(&self, seconds: f64) -> Instant {
        self.began + Duration::from_secs_f64(seconds)
    }

    /// A message about referral 0, sent in this life after so many seconds, answered then if at all.
    fn told(mut self, life: u32, began: f64, answered: Option<f64>, text: &str) -> Self {
        let message = Some(Message::read("m", &format!("Probe000000 {text}")));
        let (began, answered) = (self.at(began), answered.map(|at| self.at(at)));
        self.exchanges.push(Exchange { destination: "slack", life, began, message, answered });
        self
    }

    fn judged(&self) -> Tally {
        let kills = [self.at(10.0), self.at(20.0)];
        judge("slack", &Facts { referrals: 1, exchanges: &self.exchanges, kills: &kills, had_no_room: false })
    }

    fn wrong(&self) -> String {
        self.judged().wrong.join("; ")
    }
}

const MARK: &str = "This may be a repeat: what became of the last attempt is not known.";

#[test]
fn what_was_told_once_is_well() {
    let tally = Seen::nothing().told(1, 1.0, Some(1.1), "").judged();
    assert_eq!(tally, Tally::default());
}

#[test]
fn what_was_under_way_at_a_kill_may_come_again_with_its_mark() {
    let tally = Seen::nothing().told(1, 9.9, None, "").told(2, 11.0, Some(11.1), MARK).judged();
    assert_eq!(tally, Tally { repeated: 1, in_flight: 1, ..Tally::default() });
    let tally = Seen::nothing().told(1, 9.9, Some(9.99), "").told(2, 11.0, Some(11.1), MARK).judged();
    assert_eq!((tally.repeated, tally.in_flight, tally.answered, tally.wrong.len()), (1, 0, 1, 0));
    assert!((9..=11).contains(&tally.longest.as_millis()), "{:?}", tally.longest);
}

#[test]
fn what_never_came_is_lost() {
    assert_eq!(Seen::nothing().judged().lost, 1);
}

#[test]
fn what_had_begun_and_was_not_whole_counts_as_under_way_and_not_as_told() {
    let mut seen = Seen::nothing().told(1, 9.9, None, "");
    seen.exchanges[0].message = None;
    let tally = seen.judged();
    assert_eq!((tally.lost, tally.in_flight), (1, 1));
}

#[test]
fn a_repeat_without_its_mark_is_wrong() {
    let seen = Seen::nothing().told(1, 9.9, None, "").told(2, 11.0, Some(11.1), "");
    assert!(seen.wrong().contains("does not say that it may be a repeat"), "{}", seen.wrong());
}

#[test]
fn a_repeat_of_what_was_answered_long_before_the_kill_is_wrong() {
    let seen = Seen::nothing().told(1, 5.0, Some(5.1), "").told(2, 11.0, Some(11.1), MARK);
    assert!(seen.wrong().contains("was answered 4.9s before the kill"), "{}", seen.wrong());
}

#[test]
fn a_repeat_without_a_kill_is_wrong() {
    let seen = Seen::nothing().told(1, 5.0, None, "").told(1, 6.0, Some(6.1), MARK);
    assert!(seen.wrong().contains("was repeated without a kill"), "{}", seen.wrong());
    let seen = Seen::nothing().told(3, 25.0, Some(25.1), "").told(4, 26.0, Some(26.1), MARK);
    assert!(seen.wrong().contains("was repeated without a kill"), "the third was left in peace: {}", seen.wrong());
}

#[test]
fn a_repeat_under_another_id_is_wrong() {
    let mut seen = Seen::nothing().told(1, 9.9, None, "").told(2, 11.0, Some(11.1), MARK);
    seen.exchanges[1].message.as_mut().unwrap().id = "n".to_owned();
    assert!(seen.wrong().contains("told under several ids"), "{}", seen.wrong());
}

#[test]
fn who_sends_while_another_lives_is_wrong() {
    let seen = Seen::nothing().told(2, 9.0, Some(9.1), "");
    assert!(seen.wrong().contains("life 2 sent before the one before it had ended"), "{}", seen.wrong());
}

#[test]
fn a_mark_before_any_kill_is_wrong() {
    let seen = Seen::nothing().told(1, 1.0, Some(1.1), MARK);
    assert!(seen.wrong().contains("nothing was before it"), "{}", seen.wrong());
}
