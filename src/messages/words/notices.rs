//! What leadtime tells of itself: its troubles, what is over, signs of life. Every case of [`News`] has its words here or does
//! not compile. What others said is quoted as it came; what we say, and what to do about it, is of the language.

use std::borrow::Cow;

use fluent_bundle::FluentValue;
use jiff::civil::{Date, DateTime};

use super::Words;
use crate::{
    core::{
        ids::{AccountName, DestinationName},
        notice::{
            AddressOf, Cost, GaveUp, Heartless, Missed, News, Recovery, Refusal, Trial, Trouble, Unread, When, Written,
        },
        period::Seconds,
    },
    messages::{escape::tame, limits::cut},
};

/// So much of what a destination answered stands in a title.
const ANSWER_MAX: usize = 80;

/// A notice in words.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// What it is, in a few words, without a full stop: `contoso cannot be read`.
    pub title: String,
    /// What happened and what it means: a sentence or two each.
    pub text: Vec<String>,
    /// What the reader should do, where there is something.
    pub todo: Option<String>,
}

impl Told {
    fn new(title: String, text: impl IntoIterator<Item = String>, todo: String) -> Self {
        Self { title, text: text.into_iter().collect(), todo: Some(todo) }
    }

    /// Nothing is asked of its reader.
    fn end(title: String, text: impl IntoIterator<Item = String>) -> Self {
        Self { title, text: text.into_iter().collect(), todo: None }
    }
}

impl From<&Written> for Told {
    fn from(written: &Written) -> Self {
        let Written { title, text, todo } = written.clone();
        Self { title, text, todo }
    }
}

/// A variable of a text.
pub(super) type Value<'a> = (&'static str, FluentValue<'a>);

/// A variable that is a text.
pub(super) fn value<'a>(name: &'static str, text: impl Into<Cow<'a, str>>) -> Value<'a> {
    (name, FluentValue::String(text.into()))
}

fn of(account: &AccountName) -> Value<'_> {
    value("account", account.as_str())
}

fn at(destination: &DestinationName) -> Value<'_> {
    value("destination", destination.as_str())
}

impl Words {
    /// What a notice says.
    pub fn news(&self, news: &News) -> Told {
        match news {
            News::Trouble(trouble) => self.trouble(trouble),
            News::Recovered(recovery) => self.recovery(recovery),
            News::Keepalive => Told::end(self.text("notice-keepalive"), [self.text("notice-keepalive-why")]),
            News::Test(Trial::SendTest(destination)) => {
                Told::end(self.text("notice-test"), [self.say("notice-test-sent", [at(destination)])])
            }
            News::Test(Trial::Reload) => Told::end(self.text("notice-test-again"), [self.text("notice-test-reload")]),
        }
    }

    /// What a trouble says.
    pub fn trouble(&self, trouble: &Trouble) -> Told {
        match trouble {
            Trouble::Unread { account, why } => self.unread(account, why),
            Trouble::ClockOff { ours, theirs, off: Seconds(off), stops } => {
                let title = self.say("notice-clock", [value("off", self.duration(*off))]);
                let both = [value("ours", format!("{ours:.0}")), value("theirs", format!("{theirs:.0}"))];
                let (then, todo) = if *stops {
                    ("notice-clock-stops", "notice-clock-todo-stops")
                } else {
                    ("notice-clock-goes-on", "notice-clock-todo")
                };
                Told::new(title, [self.say("notice-clock-both", both), self.text(then)], self.text(todo))
            }
            Trouble::RoleLost { account, unread, open } => Told::new(
                self.say("notice-role", [of(account)]),
                [
                    self.say("notice-role-unread", [("unread", (*unread).into()), ("open", (*open).into())]),
                    self.text("notice-role-goes-on"),
                ],
                self.text("notice-role-todo"),
            ),
            Trouble::TemplateFails { file, said } => Told::new(
                self.say("notice-template", [value("file", file)]),
                [self.say("notice-template-said", [value("said", said)]), self.text("notice-template-meanwhile")],
                self.text("notice-template-todo"),
            ),
            Trouble::NotRecorded { said } => Told::new(
                self.text("notice-unrecorded"),
                [self.say("notice-unrecorded-said", [value("said", said)]), self.text("notice-unrecorded-meanwhile")],
                self.text("notice-unrecorded-todo"),
            ),
            Trouble::Refuses { destination, said, mail, fallback } => {
                self.refuses(destination, said, *mail, fallback.as_ref())
            }
            Trouble::TakesNone { destination, said, left_alone } => self.takes_none(destination, said, *left_alone),
            Trouble::NoMail { address, destination, why, of, falls_back } => Told::new(
                self.say("notice-no-mail", [value("address", address), at(destination)]),
                [
                    self.gave_up(why),
                    self.text(if *falls_back { "notice-no-mail-falls-back" } else { "notice-given-up-kept" }),
                ],
                self.no_mail_todo(destination, of),
            ),
            Trouble::MentionRefused { destination, ids, said } => Told::new(
                self.say("notice-mention", [at(destination), value("ids", ids.join(", "))]),
                said.iter()
                    .map(|said| self.say("notice-given-up-said", [value("said", unended(said))]))
                    .chain([self.text("notice-mention-without")]),
                self.text("notice-mention-todo"),
            ),
            Trouble::GivenUp { destination, why } => Told::new(
                self.say("notice-given-up", [at(destination), value("short", in_short(&self.why_given_up(why)))]),
                [self.gave_up(why), self.text("notice-given-up-kept")],
                self.say("notice-given-up-todo", [at(destination)]),
            ),
            Trouble::NoRule { account, first } => Told::new(
                self.say("notice-no-rule", [of(account)]),
                [self.say("notice-no-rule-first", [value("referral", first.as_str())])],
                self.text("notice-no-rule-todo"),
            ),
            Trouble::AccountGone { account } => Told::new(
                self.say("notice-account-gone", [of(account)]),
                [self.text("notice-shelved")],
                self.text("notice-account-gone-todo"),
            ),
            Trouble::FilteredOut { account } => Told::new(
                self.say("notice-filtered", [of(account)]),
                [self.text("notice-shelved")],
                self.text("notice-filtered-todo"),
            ),
            Trouble::NoRate { currency } => Told::new(
                self.say("notice-rate", [value("currency", currency)]),
                [self.text("notice-rate-meanwhile")],
                self.say("notice-rate-todo", [value("currency", currency)]),
            ),
            Trouble::Damaged { said } => Told::new(
                self.text("notice-damaged"),
                [self.say("notice-damaged-said", [value("said", said)])],
                self.text("notice-damaged-todo"),
            ),
            Trouble::SettingsFaulty { lines } => {
                let line = |line: &String| self.say("notice-settings-line", [value("said", line)]);
                Told::new(self.text("notice-settings"), lines.iter().map(line), self.text("notice-settings-todo"))
            }
            Trouble::NoHeartbeat(why) => Told::new(
                self.text("notice-heartbeat"),
                [self.heartless(*why), self.text("notice-heartbeat-alarm")],
                self.text("notice-heartbeat-todo"),
            ),
            Trouble::SecretEnds { account, on, over, when } => self.secret_ends(account, *on, *over, *when),
            Trouble::SignInEnds { account, at, renewed, when } => self.sign_in_ends(account, *at, *renewed, *when),
            Trouble::Written(written) => written.into(),
        }
    }

    fn unread(&self, account: &AccountName, why: &Unread) -> Told {
        let title = self.say("notice-unread", [of(account)]);
        let passing = || self.say("notice-unread-todo-passing", [of(account)]);
        let (what, todo) = match why {
            Unread::Store(said) => {
                (self.say("notice-unread-store", [value("said", unended(said))]), self.text("notice-unrecorded-todo"))
            }
            Unread::Clocks => (self.text("notice-unread-clocks"), self.text("notice-clock-todo-stops")),
            Unread::Fault(fault) => {
                let (said, remedy) = (self.fault(fault), self.remedy(fault, account));
                // What no command mends is probed.
                let by_command = remedy.contains("`leadtime ");
                let remedy = value("remedy", remedy);
                if fault.is_temporary() {
                    (self.say("notice-unread-passing", [of(account), value("fault", said), remedy]), passing())
                } else {
                    let todo = if by_command { "notice-unread-todo" } else { "notice-unread-todo-noticed" };
                    (self.say("notice-unread-fault", [of(account), value("fault", said)]), self.say(todo, [remedy]))
                }
            }
        };
        Told::new(title, [what, self.text("notice-unread-known")], todo)
    }

    fn refuses(&self, to: &DestinationName, said: &Refusal, mail: bool, fallback: Option<&DestinationName>) -> Told {
        let place = if mail { "[smtp]".to_owned() } else { format!("[destinations.{to}]") };
        let meanwhile = match fallback {
            Some(fallback) => self.say("notice-refuses-fallback", [value("fallback", fallback.as_str())]),
            None => self.text("notice-refuses-waits"),
        };
        Told::new(
            self.say("notice-refuses", [at(to), value("short", in_short(&said.said))]),
            [self.say("notice-refuses-said", [value("said", unended(&said.said))]), meanwhile],
            self.say("notice-refuses-todo", [value("remedy", self.mend(said, &place))]),
        )
    }

    fn takes_none(&self, to: &DestinationName, said: &str, left_alone: Option<Seconds>) -> Told {
        let waits = match left_alone {
            Some(Seconds(left)) => self.say("notice-fails-left-alone", [value("left", self.duration(left))]),
            None => self.text("notice-fails-waits"),
        };
        Told::new(
            self.say("notice-fails", [at(to)]),
            [self.say("notice-fails-said", [value("said", said)]), waits],
            self.say("notice-fails-todo", [at(to)]),
        )
    }

    fn no_mail_todo(&self, destination: &DestinationName, of: &AddressOf) -> String {
        match of {
            AddressOf::Settings => self.say("notice-no-mail-todo", [at(destination)]),
            AddressOf::Person(name) => {
                self.say("notice-no-mail-todo-person", [at(destination), value("person", name.as_str())])
            }
            AddressOf::Team => self.say("notice-no-mail-todo-team", [at(destination)]),
        }
    }

    fn gave_up(&self, why: &GaveUp) -> String {
        match why {
            GaveUp::Refused(_) => self.say("notice-given-up-said", [value("said", unended(&self.why_given_up(why)))]),
            ours => self.say("notice-given-up-why", [value("why", self.why_given_up(ours))]),
        }
    }

    fn why_given_up(&self, why: &GaveUp) -> String {
        match why {
            GaveUp::Deadline => self.text("notice-given-up-deadline"),
            GaveUp::TooLong => self.text("notice-given-up-too-long"),
            GaveUp::Died => self.text("notice-given-up-died"),
            GaveUp::Refused(why) => Refusal::read(why).said,
        }
    }

    /// Why the sign of life was not taken.
    pub fn heartless(&self, why: Heartless) -> String {
        match why {
            Heartless::Answers(status) => self.say("notice-heartbeat-answers", [value("status", status.to_string())]),
            Heartless::Silent => self.text("notice-heartbeat-silent"),
            Heartless::Unreachable => self.text("notice-heartbeat-unreachable"),
        }
    }

    fn secret_ends(&self, account: &AccountName, on: Date, over: bool, when: When) -> Told {
        let over = value("over", if over { "yes" } else { "no" });
        Told::new(
            self.say("notice-secret", [of(account), value("date", on.to_string()), over]),
            [self.text("notice-secret-meanwhile")],
            self.say("notice-secret-todo", [of(account), urgency(when)]),
        )
    }

    fn sign_in_ends(&self, account: &AccountName, at: DateTime, renewed: Date, when: When) -> Told {
        let date = || value("date", self.date(at.date()));
        let time = value("time", format!("{:02}:{:02}", at.hour(), at.minute()));
        Told::new(
            self.say("notice-sign-in", [of(account), date()]),
            [self.say("notice-sign-in-idle", [value("date", self.date(renewed))]), self.text("notice-sign-in-poll")],
            self.say("notice-sign-in-todo", [of(account), date(), time, urgency(when)]),
        )
    }

    /// What is said of something that is over.
    pub fn recovery(&self, recovery: &Recovery) -> Told {
        let title = |id, account: &AccountName| Told::end(self.say(id, [of(account)]), []);
        match recovery {
            Recovery::NoLonger(trouble) => {
                Told::end(self.say("notice-no-longer", [value("title", self.trouble(trouble).title)]), [])
            }
            Recovery::ReadAgain { account, away, missed } => {
                let away = away.map(|away| self.say("notice-read-again-away", [value("away", self.length(away))]));
                let text = away.into_iter().chain(self.missed(missed));
                Told::end(self.say("notice-read-again", [of(account)]), text)
            }
            Recovery::Unwatched { account, away, missed } => Told::end(
                self.say("notice-unwatched", [of(account), value("away", self.length(*away))]),
                self.missed(missed),
            ),
            Recovery::RoleBack { account } => title("notice-role-back", account),
            Recovery::ClocksAgree => Told::end(self.text("notice-clock-agrees"), []),
            Recovery::Heartbeat => Told::end(self.text("notice-heartbeat-taken"), []),
            Recovery::SettingsInForce => Told::end(self.text("notice-settings-in-force"), []),
            Recovery::TakesAgain { destination, cost } => {
                Told::end(self.say("notice-takes-again", [at(destination)]), self.cost(cost))
            }
            Recovery::MailAgain { address } => {
                Told::end(self.say("notice-mail-again", [value("address", address)]), [])
            }
            Recovery::MentionsTaken { destination } => {
                Told::end(self.say("notice-mention-again", [at(destination)]), [])
            }
            Recovery::NoneGivenUp { at, mail: true } => {
                Told::end(self.say("notice-no-mail-given-up", [value("address", at)]), [])
            }
            Recovery::NoneGivenUp { at, mail: false } => {
                Told::end(self.say("notice-none-given-up", [value("destination", at)]), [])
            }
            Recovery::SecretUnwatched { account } => title("notice-secret-unwatched", account),
            Recovery::SecretLater { account, on } => {
                Told::end(self.say("notice-secret-later", [of(account), value("date", on.to_string())]), [])
            }
            Recovery::SignInRenewed { account } => title("notice-sign-in-renewed", account),
            Recovery::RecordedAgain => Told::end(self.text("notice-recorded-again"), []),
            Recovery::Written(written) => written.into(),
        }
    }

    /// What nobody saw meanwhile, a line each.
    fn missed(&self, missed: &Missed) -> Vec<String> {
        let mut text = Vec::new();
        if missed.open > 0 {
            let name = |(name, day): &(String, Date)| {
                self.say("notice-missed-name", [value("name", name), value("date", self.date(*day))])
            };
            let names: Vec<String> = missed.nearest.iter().map(name).collect();
            let all = missed.open <= names.len();
            let id = if all { "notice-missed-open" } else { "notice-missed-open-nearest" };
            text.push(self.say(id, [("count", missed.open.into()), value("names", names.join(", "))]));
        }
        if missed.new > 0 {
            let age = value("age", self.length(missed.oldest));
            text.push(self.say("notice-missed-new", [("count", missed.new.into()), age]));
        }
        if missed.answered > 0 {
            text.push(self.say("notice-missed-answered", [("count", missed.answered.into())]));
        }
        if missed.expired > 0 {
            let mut names = missed.expired_first.clone();
            let named = u32::try_from(names.len()).unwrap_or(u32::MAX);
            if let Some(more @ 1..) = missed.expired.checked_sub(named) {
                names.push(self.say("notice-missed-more", [("count", more.into())]));
            }
            let names = value("names", names.join(", "));
            text.push(ended(self.say("notice-missed-expired", [("count", missed.expired.into()), names])));
        }
        if missed.late > 0 {
            let id = if missed.at_least { "notice-missed-late-at-least" } else { "notice-missed-late" };
            text.push(self.say(id, [("count", missed.late.into())]));
        }
        if missed.nothing {
            text.push(self.text("notice-missed-nothing"));
        }
        text
    }

    /// What a destination's trouble has cost, a line each.
    fn cost(&self, cost: &Cost) -> Vec<String> {
        let mut text = Vec::new();
        if cost.waited > 0 {
            let longest = value("longest", self.length(cost.longest));
            text.push(self.say("notice-cost-waited", [("count", cost.waited.into()), longest]));
        }
        let count = ("count", cost.fell_back.into());
        match &cost.fallback {
            _ if cost.fell_back == 0 => {}
            Some(to) => text.push(self.say("notice-cost-fell-back", [count, value("fallback", to.as_str())])),
            None => text.push(self.say("notice-cost-fell-back-somewhere", [count])),
        }
        if cost.given_up > 0 {
            text.push(self.say("notice-cost-given-up", [("count", cost.given_up.into())]));
        }
        text
    }

    /// A length of time that may be less than a minute.
    fn length(&self, Seconds(seconds): Seconds) -> String {
        match seconds.unsigned_abs() {
            short @ 0..60 => self.say("notice-seconds", [("n", short.into())]),
            _ => self.duration(seconds.abs()),
        }
    }
}

fn urgency(when: When) -> Value<'static> {
    let when = match when {
        When::Soon => "soon",
        When::NextDays => "days",
        When::Today => "today",
    };
    value("when", when)
}

/// What was answered in a few words, for a title: not what the other side said beside its number.
fn in_short(said: &str) -> String {
    let head = said.split_once(": ").map_or(said, |(head, _)| head);
    cut(&tame(head), ANSWER_MAX).into_owned()
}

/// What was said, so that a sentence can be made of it.
fn unended(said: &str) -> &str {
    said.strip_suffix('.').unwrap_or(said)
}

/// With a full stop, unless it ends with one: many a company's name does.
fn ended(text: String) -> String {
    if text.ends_with('.') { text } else { text + "." }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::words::{self, Locale};

    #[test]
    fn the_title_says_what_happened_and_the_remedy_where_it_belongs() {
        let told = |destination: &str, mail, why| {
            let said = Refusal::read(why);
            let trouble = Trouble::Refuses { destination: destination.into(), said, mail, fallback: None };
            let told = words::of(Locale::EN).trouble(&trouble);
            let todo = told.todo.unwrap();
            (told.title, todo.split_once(", then run").unwrap().0.to_owned())
        };
        assert_eq!(
            told("sellers", false, "Slack answered 404. To do: set a valid webhook_url"),
            (
                "sellers refuses every message (Slack answered 404)".to_owned(),
                "Set a valid webhook_url in [destinations.sellers]".to_owned()
            )
        );
        assert_eq!(
            told(
                "inbox",
                true,
                "the mail server answered 535 to the login: 5.7.3. To do: check username and password of [smtp]"
            ),
            (
                "inbox refuses every message (the mail server answered 535 to the login)".to_owned(),
                "Check username and password of [smtp]".to_owned()
            )
        );
        let todo = |destination, mail, why| told(destination, mail, why).1;
        let headers = "x. To do: check its headers and secret";
        assert_eq!(todo("crm", false, headers), "Check its headers and secret ([destinations.crm])");
        assert_eq!(todo("crm", false, "no reason"), "Mend [destinations.crm]");
        assert_eq!(todo("inbox", true, "no reason"), "Mend [smtp]");
    }
}
