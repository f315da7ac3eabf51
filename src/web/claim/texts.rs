//! What the page of a claim link says. Must never hold anything but words: figures and dates come in finished.

use crate::{
    core::{case::Life, referral::Closing},
    messages::words::Locale,
};

/// The sentences of the page, in one language.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is the sentence that it is named after")]
pub struct Texts(Locale);

/// In which language it is.
pub fn of(locale: Locale) -> Texts {
    Texts(locale)
}

#[expect(missing_docs, reason = "each is the sentence that it is named after")]
impl Texts {
    pub fn lang(self) -> &'static str {
        "en"
    }

    pub fn claim(self) -> String {
        "I’ll answer this one".to_owned()
    }

    pub fn see_to(self) -> String {
        "I’ll see to it".to_owned()
    }

    pub fn days_left(self, days: u32) -> String {
        if days == 1 {
            "1 working day left to answer".to_owned()
        } else {
            format!("{days} working days left to answer")
        }
    }

    pub fn last_day(self) -> String {
        "Today is the last day to answer".to_owned()
    }

    pub fn overdue(self) -> String {
        "Past its deadline and still open".to_owned()
    }

    pub fn lead(self) -> String {
        "No reminders while you work on it, for".to_owned()
    }

    pub fn days(self, days: u8) -> String {
        if days == 1 { "1 working day".to_owned() } else { format!("{days} working days") }
    }

    pub fn until(self, when: &str) -> String {
        format!("until {when}")
    }

    pub fn has(self, name: &str, since: &str, until: &str) -> String {
        format!("{name} has it since {since}. Reminders rest until {until}.")
    }

    pub fn yours(self, until: &str) -> String {
        format!("You have it. Reminders rest until {until}.")
    }

    pub fn take_over(self) -> String {
        "Somebody else takes it".to_owned()
    }

    pub fn too_late(self) -> String {
        "It expires so soon that reminders cannot be held back any more. Accept or decline it now.".to_owned()
    }

    pub fn back(self) -> String {
        "I can’t after all".to_owned()
    }

    pub fn clock(self) -> String {
        "Only Accept or Decline in Partner Center stops the clock. Until then escalations still come.".to_owned()
    }

    pub fn see_lead(self, next: Option<&str>) -> String {
        let until = next.map_or_else(|| "the next step".to_owned(), |next| format!("the next step on {next}"));
        format!("This escalation is not repeated here until {until}.")
    }

    pub fn sees(self, name: &str, since: &str) -> String {
        format!("{name} sees to it since {since}.")
    }

    pub fn you_see(self) -> String {
        "You have said that you will see to it.".to_owned()
    }

    pub fn who(self) -> String {
        "Who are you?".to_owned()
    }

    pub fn other(self) -> String {
        "Somebody else".to_owned()
    }

    pub fn name(self) -> String {
        "Your name".to_owned()
    }

    pub fn say_who(self) -> String {
        "Say who you are, so that the others know who has it.".to_owned()
    }

    pub fn stale(self) -> String {
        "Nothing was recorded: this page had been open for too long. It is up to date now; press again.".to_owned()
    }

    pub fn unclear(self) -> String {
        "Nothing was recorded: press one of the buttons.".to_owned()
    }

    pub fn foreign(self) -> String {
        "Nothing was recorded: the button was not pressed on this page. Press it here.".to_owned()
    }

    pub fn ended(self, life: &Life, when: &str) -> String {
        match life {
            Life::Closed { closing: Closing::Accepted, .. } => format!("It was accepted in Partner Center on {when}."),
            Life::Closed { closing: Closing::Declined, .. } => format!("It was declined in Partner Center on {when}."),
            Life::Closed { closing: Closing::Won, .. } => format!("It was closed as won on {when}."),
            Life::Closed { closing: Closing::Lost, .. } => format!("It was closed as lost on {when}."),
            Life::Closed { closing: Closing::Expired, .. } => format!("It expired without an answer on {when}."),
            _ => format!("It was closed on {when}."),
        }
    }

    pub fn gone(self) -> String {
        "Partner Center does not have it any more.".to_owned()
    }

    pub fn over(self) -> String {
        "There is nothing to do here.".to_owned()
    }

    pub fn nothing(self) -> String {
        "There is nothing here".to_owned()
    }

    pub fn try_again(self) -> String {
        "Not now".to_owned()
    }

    pub fn later(self) -> String {
        "leadtime cannot answer at the moment, so nothing was recorded. Open the link again in a minute.".to_owned()
    }

    pub fn unreadable(self) -> String {
        "Nothing was recorded: what was sent could not be read. Open the link again and press one of the buttons."
            .to_owned()
    }
}
