//! Kills the process at a chosen moment: from within the server that sees the moment come, so that nothing lies between.
//! Must never kill anything but the child that it was given, and that only before its parent has asked for its end.

use std::{
    sync::{
        Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    time::Instant,
};

use rustix::process::{Pid, Signal, kill_process};

/// What a server sees of the process, each in the course of one exchange.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moment {
    /// The token endpoint has the whole request; the token is not rotated yet.
    TokenAsked,
    /// The rotated token was sent, and may not be in the store yet.
    TokenAnswered,
    /// A page of the listing was sent, and may not be in the store yet.
    PageAnswered,
    /// A message has begun to arrive.
    MessageBegun,
    /// A message is here whole, and not answered.
    MessageReceived,
    /// A message was answered, and that may not be in the store yet.
    MessageAnswered,
}

/// One at a time: a process, and the moment at which it dies.
#[derive(Default)]
pub struct Snare(Mutex<Option<Set>>);

struct Set {
    life: u32,
    process: Pid,
    at: Option<(Moment, u32)>,
    sprung: Sender<Instant>,
}

impl Snare {
    /// The process of this life dies when `at` has come so many times, or when it is [`Snare::spring`]ed. The receiver hears
    /// the instant just before.
    pub fn set(&self, life: u32, process: Pid, at: Option<(Moment, u32)>) -> Receiver<Instant> {
        let (sprung, heard) = channel();
        *self.0.lock().unwrap() = Some(Set { life, process, at, sprung });
        heard
    }

    /// A server has seen this of the process of that life.
    pub fn passes(&self, moment: Moment, life: u32) {
        let mut inside = self.0.lock().unwrap();
        let Some(Set { life: alive, at: Some((awaited, left)), .. }) = inside.as_mut() else { return };
        if *alive != life || *awaited != moment {
            return;
        }
        *left -= 1;
        if *left == 0
            && let Some(set) = inside.take()
        {
            set.kills();
        }
    }

    /// Kills it now, where it still lives.
    pub fn spring(&self) {
        if let Some(set) = self.0.lock().unwrap().take() {
            set.kills();
        }
    }
}

impl Set {
    fn kills(self) {
        let at = Instant::now();
        // A child that has ended by itself is there as long as its parent has not asked: the signal finds it or nobody.
        kill_process(self.process, Signal::KILL).ok();
        self.sprung.send(at).ok();
    }
}
