//! What a message says below its first line.

use super::{Words, headlines::outcome};
use crate::{
    core::referral::{Category, Closing},
    messages::content::{Audience, Became, DigestKind, Event, Field},
};

impl Words {
    /// How urgent an event is, in words: `Escalation`.
    pub fn severity(&self, event: Event) -> String {
        self.say("severity", [("event", event.as_str().into())])
    }

    /// What stands below a headline before anything else: the act asked of the audience, or what has happened.
    /// `confirmed` says whether Partner Center has been heard since the deadline.
    pub fn opening(&self, event: Event, audience: Audience, owners: &[String], confirmed: bool) -> Option<String> {
        let [reader, named, nobody] = match event {
            Event::Escalation => ["opening-escalation", "opening-escalation-owners", "opening-escalation-nobody"],
            Event::Overdue if confirmed => ["opening-overdue", "opening-overdue-owners", "opening-overdue-nobody"],
            Event::Overdue => ["opening-unconfirmed", "opening-unconfirmed-owners", "opening-unconfirmed-nobody"],
            Event::Expired => return Some(self.text("opening-expired")),
            Event::Answered => return Some(self.text("opening-answered")),
            Event::Gone => return Some(self.text("opening-gone")),
            Event::Reopened => return Some(self.text("opening-reopened")),
            _ => return None,
        };
        Some(match (audience, owners) {
            (Audience::Sellers, _) => self.text(reader),
            (Audience::Escalations, []) => self.text(nobody),
            (Audience::Escalations, owners) => self.say(named, [("owners", self.any_of(owners).into())]),
        })
    }

    /// The same for a digest.
    pub fn digest_opening(&self, kind: &DigestKind) -> Option<String> {
        (*kind == DigestKind::Escalations).then(|| self.text("opening-escalations"))
    }

    /// The way to the referral in Partner Center's menu.
    pub fn menu(&self, category: Category) -> String {
        self.say("menu", [("category", category.as_str().into())])
    }

    /// What to look for there, a name or the head of an id.
    pub fn look_for(&self, what: &str) -> String {
        self.say("look-for", [("what", what.into())])
    }

    /// Who sent it, where that is a partner whose name is not known.
    pub fn partner(&self) -> String {
        self.text("partner")
    }

    /// One line about what was sent before.
    pub fn told(&self, when: &str, what: &str, destination: &str, became: Became) -> String {
        let became = match became {
            Became::Accepted => "accepted",
            Became::Refused => "refused",
            Became::Failing => "failing",
            Became::Waiting => "waiting",
            Became::Unknown => "unknown",
        };
        self.say(
            "told",
            [
                ("when", when.into()),
                ("what", what.into()),
                ("destination", destination.into()),
                ("became", became.into()),
            ],
        )
    }

    /// What a step or event is called in such a line.
    pub fn step(&self, what: &str) -> String {
        let name = what.split(' ').next().unwrap_or_default();
        self.say("step", [("name", name.into())])
    }

    /// What follows if nobody answers: pairs of when and to whom; empty where nothing does.
    pub fn next(&self, steps: &[(String, String)]) -> String {
        match steps {
            [] => self.text("next-nothing"),
            [(when, who)] => self.say("next-one", [("when", when.into()), ("who", who.into())]),
            [(when, who), (then, whom), ..] => self.say(
                "next-two",
                [("when", when.into()), ("who", who.into()), ("then", then.into()), ("whom", whom.into())],
            ),
        }
    }

    /// Several, all of them: `a, b and c`.
    pub fn all_of(&self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [rest @ .., last] => self.say("all-of", [("rest", rest.join(", ").into()), ("last", last.into())]),
        }
    }

    /// Some people, any of whom will do; counted past the third.
    pub fn any_of(&self, names: &[String]) -> String {
        match names {
            [] => String::new(),
            [one] => one.clone(),
            [rest @ .., last] if rest.len() < 3 => {
                self.say("any-of", [("rest", rest.join(", ").into()), ("last", last.into())])
            }
            [one, two, rest @ ..] => {
                self.say("any-of-many", [("rest", format!("{one}, {two}").into()), ("count", rest.len().into())])
            }
        }
    }

    /// The name of a field that changed.
    pub fn field(&self, field: Field) -> String {
        let field = match field {
            Field::Customer => "customer",
            Field::Value => "value",
            Field::Currency => "currency",
            Field::Closing => "closing",
            Field::Notes => "notes",
            Field::Deadline => "deadline",
        };
        self.say("field", [("field", field.into())])
    }

    /// Partner Center could not be read since.
    pub fn as_of(&self, when: &str) -> String {
        self.say("as-of", [("when", when.into())])
    }

    /// The referral could not be read since.
    pub fn unseen(&self, when: &str) -> String {
        self.say("unseen", [("when", when.into())])
    }

    /// Why a message comes outside working hours.
    pub fn at_once(&self) -> String {
        self.text("at-once")
    }

    /// What a closed item of a digest says for itself.
    pub fn closed_item(&self, closing: Closing, after: &str) -> String {
        self.say("item-closed", [("closing", outcome(closing).into()), ("after", after.into())])
    }

    /// What an open item of a digest says for itself.
    pub fn open_item(&self, date: &str) -> String {
        self.say("item-open", [("date", date.into())])
    }

    /// How many more there are than are shown.
    pub fn more(&self, count: usize) -> String {
        self.say("more", [("count", count.into())])
    }
}
