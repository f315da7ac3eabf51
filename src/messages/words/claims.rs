//! What the page of a claim link says.

use super::{Words, headlines::outcome};
use crate::core::referral::Closing;

/// What was wrong with a button that was pressed there; nothing was recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wrong {
    /// The page had been open for too long.
    Stale,
    /// It was pressed on another site's page.
    Foreign,
    /// It was none of the buttons.
    Unclear,
    /// It does not say who has pressed it.
    Nameless,
}

impl Words {
    /// How many working days are left to answer, today included.
    pub fn claim_days_left(&self, days: u32) -> String {
        self.say("claim-days-left", [("days", days.into())])
    }

    /// Today is the last of them.
    pub fn claim_last_day(&self) -> String {
        self.text("claim-last-day")
    }

    /// It is past its deadline.
    pub fn claim_overdue(&self) -> String {
        self.text("claim-overdue")
    }

    /// What the buttons are for.
    pub fn claim_lead(&self) -> String {
        self.text("claim-lead")
    }

    /// The end of a claim, as it stands on a button.
    pub fn claim_until(&self, until: &str) -> String {
        self.say("claim-until", [("until", until.into())])
    }

    /// Who has it.
    pub fn claim_has(&self, name: &str, since: &str, until: &str) -> String {
        self.say("claim-has", [("name", name.into()), ("since", since.into()), ("until", until.into())])
    }

    /// The reader has it.
    pub fn claim_yours(&self, until: &str) -> String {
        self.say("claim-yours", [("until", until.into())])
    }

    /// What unfolds the form where somebody has it.
    pub fn claim_take_over(&self) -> String {
        self.text("claim-take-over")
    }

    /// Nothing can be held back any more.
    pub fn claim_too_late(&self) -> String {
        self.text("claim-too-late")
    }

    /// The button that gives it back.
    pub fn claim_back(&self) -> String {
        self.text("claim-back")
    }

    /// What alone stops the clock.
    pub fn claim_clock(&self) -> String {
        self.text("claim-clock")
    }

    /// What "I'll see to it" does, and when the next step comes, where that is known.
    pub fn claim_see_lead(&self, next: Option<&str>) -> String {
        match next {
            Some(next) => self.say("claim-see-lead-on", [("next", next.into())]),
            None => self.text("claim-see-lead"),
        }
    }

    /// Who sees to it.
    pub fn claim_sees(&self, name: &str, since: &str) -> String {
        self.say("claim-sees", [("name", name.into()), ("since", since.into())])
    }

    /// The reader sees to it.
    pub fn claim_you_see(&self) -> String {
        self.text("claim-you-see")
    }

    /// Asks who the reader is.
    pub fn claim_who(&self) -> String {
        self.text("claim-who")
    }

    /// None of those who are offered.
    pub fn claim_other(&self) -> String {
        self.text("claim-other")
    }

    /// The name of the field for a name.
    pub fn claim_name(&self) -> String {
        self.text("claim-name")
    }

    /// What was wrong, and what to do.
    pub fn claim_wrong(&self, wrong: Wrong) -> String {
        self.text(match wrong {
            Wrong::Stale => "claim-stale",
            Wrong::Foreign => "claim-foreign",
            Wrong::Unclear => "claim-unclear",
            Wrong::Nameless => "claim-say-who",
        })
    }

    /// How it ended, and when; without how, Partner Center does not have it any more.
    pub fn claim_ended(&self, ended: Option<(Closing, &str)>) -> String {
        match ended {
            Some((closing, when)) => {
                self.say("claim-ended", [("closing", outcome(closing).into()), ("when", when.into())])
            }
            None => self.text("claim-gone"),
        }
    }

    /// What is left to do once it has ended.
    pub fn claim_over(&self) -> String {
        self.text("claim-over")
    }

    /// What is said of a link that opens nothing.
    pub fn claim_nothing(&self) -> String {
        self.text("claim-nothing")
    }

    /// The head of a page that asks to come again, and its text.
    pub fn claim_later(&self) -> (String, String) {
        (self.text("claim-not-now"), self.text("claim-later"))
    }

    /// The same where a form could not be read.
    pub fn claim_unreadable(&self) -> (String, String) {
        (self.text("claim-not-now"), self.text("claim-unreadable"))
    }
}
