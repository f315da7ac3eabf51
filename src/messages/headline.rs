//! The first sixty characters of a message: what to do, customer, value, country, last day. They are all that a locked
//! phone shows. Never longer than [`LONGEST_HEADLINE`]; the customer's name is cut before anything else is left out.

use jiff::{Timestamp, civil};

use super::{
    content::{Audience, Content, Digest, Event, Message, Notice},
    escape::{header, tame},
    figures::{currency_code, day},
    forecast,
    limits::cut,
    words::{self, DigestParts, Lead, Parts, Words},
};
use crate::core::referral::{Closing, Referral};

/// How many characters a headline has at most.
pub const LONGEST_HEADLINE: usize = 60;

/// So much of a name is left before something else has to go.
const SHORTEST_NAME: usize = 12;

/// The first line of a message.
pub fn headline(content: &Content) -> String {
    match content {
        Content::Referral(message) => of_message(message),
        Content::Digest(digest) => of_digest(digest),
        Content::Forecast(forecast) => forecast::headline(forecast),
        Content::Notice(notice) => {
            let words = words::of(notice.locale);
            cut(&words.notice_headline(notice.event, &tame(&notice.title)), LONGEST_HEADLINE).into_owned()
        }
    }
}

/// The paragraphs of a notice. A title that the headline has to cut stands before them, whole: it may name what the rest
/// is about.
pub fn notice_text(notice: &Notice) -> Vec<String> {
    let title = tame(&notice.title);
    let whole = words::of(notice.locale).notice_headline(notice.event, &title);
    let title = (whole.chars().count() > LONGEST_HEADLINE).then(|| format!("{title}."));
    title.into_iter().chain(notice.text.iter().cloned()).collect()
}

/// The first line of a message about one referral.
pub fn of_message(message: &Message) -> String {
    about(message, &lead(message, words::of(message.locale)))
}

/// The Subject of a mail. Mail programs split a thread whose subject changes, so every mail of one referral to one audience has the
/// same: the one that the service remembers, else the form that the audience hears first (`New …` for sellers, `Unanswered …` for
/// escalations), made of facts that time does not change. A digest and a notice begin a thread of their own.
pub fn subject(content: &Content) -> String {
    let text = match content {
        Content::Referral(message) => match (&message.subject, message.audience) {
            (Some(first), _) => first.clone(),
            (None, Audience::Sellers) => about(message, &Lead::New(message.category)),
            (None, Audience::Escalations) => about(message, &Lead::Unanswered),
        },
        other => headline(other),
    };
    header(&text)
}

/// `€80k`: in the money of the settings where it can be told, else in the referral's own.
pub fn value_of(message: &Message, words: &Words) -> Option<String> {
    match &message.value {
        Some(worth) => Some(words.sum(worth.amount, Some(&worth.currency))),
        None => message.referral.deal_value().map(|amount| words.sum(amount, message.referral.currency())),
    }
}

/// The country's letters, else the beginning of what stands there.
pub fn country_of(referral: &Referral) -> Option<String> {
    let country = tame(referral.country()?);
    (!country.is_empty()).then(|| cut(&country, 14).into_owned())
}

/// Whether something whole has been heard from Partner Center since the deadline.
pub fn is_confirmed(message: &Message) -> bool {
    message.as_of.is_none_or(|at| at >= message.deadline) && message.unseen_since.is_none()
}

fn lead(message: &Message, words: &Words) -> Lead {
    match message.event {
        Event::New => Lead::New(message.category),
        Event::Updated => Lead::Updated,
        Event::Reopened => Lead::Reopened,
        Event::Escalation if today(message) <= message.answer_by => Lead::Unanswered,
        Event::Overdue if is_confirmed(message) => Lead::Overdue,
        Event::Overdue => Lead::OverdueUnconfirmed,
        Event::Answered => ended(message, words),
        Event::Expired => Lead::Expired,
        Event::Gone => Lead::Gone,
        _ => countdown(message, words),
    }
}

fn ended(message: &Message, words: &Words) -> Lead {
    match &message.closing {
        Some(ending) => Lead::Closed(ending.closing, words.duration(ending.after.0)),
        None => Lead::Closed(Closing::Ended, words.duration(age(message).unwrap_or(0))),
    }
}

fn today(message: &Message) -> civil::Date {
    day(message.now, &message.zone)
}

/// What is left. An escalation says so too once its last working day is over.
fn countdown(message: &Message, words: &Words) -> Lead {
    let today = today(message);
    if message.now >= message.deadline {
        if is_confirmed(message) { Lead::Overdue } else { Lead::OverdueUnconfirmed }
    } else if today == message.answer_by {
        Lead::Today
    } else if today > message.answer_by || message.working_days_left == 0 {
        Lead::Remaining(words.duration(seconds_between(message.now, message.deadline)))
    } else {
        Lead::DaysLeft(message.working_days_left)
    }
}

/// Seconds since the referral was created.
pub fn age(message: &Message) -> Option<i64> {
    message.referral.created_at().map(|created| seconds_between(created, message.now).max(0))
}

/// From one instant to another, negative where the other is earlier.
pub fn seconds_between(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second() - from.as_second()
}

/// The whole line where it has room; else the last day is the first to be shortened, which not every language can.
fn about(message: &Message, lead: &Lead) -> String {
    let words = words::of(message.locale);
    let name = message.referral.customer().map(tame).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| words.unnamed());
    let (country, value) = (country_of(&message.referral), value_of(message, words));
    let (date, until) = match lead {
        Lead::Overdue | Lead::OverdueUnconfirmed => (words.date(day(message.deadline, &message.zone)), String::new()),
        _ => (String::new(), words.until(message.answer_by)),
    };
    let by = message.closing.as_ref().and_then(|ending| ending.by.as_deref()).map(|by| initialled(&tame(by)));
    let parts = Parts {
        name: &name,
        country: country.as_deref(),
        value: value.as_deref(),
        date: &date,
        until: &until,
        by: by.as_deref(),
    };
    let line = words.headline(lead, &parts);
    if line.chars().count() <= LONGEST_HEADLINE {
        return line;
    }
    fit(words, lead, &Parts { until: &words.until_short(message.answer_by), ..parts })
}

/// The richest line in which enough of the name is left; at the very last a cut one.
fn fit(words: &Words, lead: &Lead, parts: &Parts<'_>) -> String {
    let without_by = Parts { by: None, ..parts.clone() };
    let without_country = Parts { country: None, ..without_by.clone() };
    let without_value = Parts { value: None, ..without_country.clone() };
    for parts in [parts, &without_by, &without_country, &without_value] {
        // One character stands for the name, because a form may treat none at all differently.
        let rest = words.headline(lead, &Parts { name: "x", ..parts.clone() }).chars().count().saturating_sub(1);
        let room = LONGEST_HEADLINE.saturating_sub(rest);
        let length = parts.name.chars().count();
        if length <= room || room >= SHORTEST_NAME {
            return words.headline(lead, &Parts { name: &cut(parts.name, room), ..parts.clone() });
        }
    }
    cut(&words.headline(lead, &without_value), LONGEST_HEADLINE).into_owned()
}

/// `Anna K.`: enough to know who it was.
fn initialled(name: &str) -> String {
    let mut names = name.split(' ');
    let first = names.next().unwrap_or_default();
    match names.next_back().and_then(|last| last.chars().next()) {
        Some(initial) => format!("{first} {initial}."),
        None => first.to_owned(),
    }
}

fn of_digest(digest: &Digest) -> String {
    let words = words::of(digest.locale);
    let open: Vec<&Message> = digest.items.iter().filter(|item| is_waiting(item)).collect();
    let first = open.iter().map(|item| item.answer_by).min();
    let last = first.map(|day| (words.date(day), words.until(day), words.until_short(day)));
    let counted = if open.is_empty() { digest.items.iter().collect() } else { open.clone() };
    let value = sum(&counted, words);
    let whole = DigestParts {
        kind: &digest.kind,
        open: open.len(),
        all: digest.items.len(),
        all_new: !open.is_empty() && open.iter().all(|item| item.event == Event::New),
        last: last.as_ref().map(|(date, until, _)| (date.as_str(), until.as_str())),
        value: value.as_deref(),
    };
    let shorter = DigestParts {
        last: last.as_ref().map(|(date, _, until_short)| (date.as_str(), until_short.as_str())),
        ..whole.clone()
    };
    let shortest = DigestParts { value: None, ..shorter.clone() };
    let mut line = String::new();
    for parts in [&whole, &shorter, &shortest] {
        line = tame(&words.digest_headline(parts));
        if line.chars().count() <= LONGEST_HEADLINE {
            return line;
        }
    }
    cut(&line, LONGEST_HEADLINE).into_owned()
}

/// Whether an item of a digest still waits for an answer.
pub fn is_waiting(item: &Message) -> bool {
    item.closing.is_none() && item.event.is_open()
}

/// The sum of what can be told in one currency; none where nothing can, or where currencies differ.
fn sum(items: &[&Message], words: &Words) -> Option<String> {
    let worth = |item: &Message| match &item.value {
        Some(worth) => Some((worth.amount, currency_code(&worth.currency))),
        None => Some((item.referral.deal_value()?, item.referral.currency().and_then(currency_code))),
    };
    let worths: Vec<_> = items.iter().filter_map(|item| worth(item)).collect();
    let (_, currency) = worths.first()?;
    let alike = worths.iter().all(|(_, other)| other == currency);
    alike.then(|| words.sum(worths.iter().map(|(amount, _)| amount).sum(), currency.as_deref()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::core::period::Seconds;
    use crate::messages::{
        content::{DigestKind, Ending},
        sample,
        words::Locale,
    };

    fn spoken(code: &str, event: Event, change: impl FnOnce(&mut Message)) -> String {
        let mut message = sample::message_in(event, Locale::parse(code).unwrap());
        change(&mut message);
        headline(&Content::Referral(Box::new(message)))
    }

    fn line(event: Event, change: impl FnOnce(&mut Message)) -> String {
        let mut message = sample::message(event);
        change(&mut message);
        headline(&Content::Referral(Box::new(message)))
    }

    #[test]
    fn the_five_examples_read_exactly_so() {
        assert_eq!(line(Event::New, |_| {}), "New co-sell: Fabrikam Kft., HU, €80k. Answer by Thu 19 Nov");
        assert_eq!(line(Event::Reminder, |_| {}), "5 working days left: Fabrikam Kft., €80k, HU. Not answered");
        assert_eq!(line(Event::Escalation, |_| {}), "Unanswered, answer by Thu 19 Nov: Fabrikam Kft., €80k (HU)");
        assert_eq!(line(Event::Answered, |_| {}), "Accepted after 1 d 3 h: Fabrikam Kft., €80k (HU) by Anna K.");
        let mut digest = sample::digest();
        digest.kind = DigestKind::News;
        assert_eq!(
            headline(&Content::Digest(Box::new(digest))),
            "3 referrals wait for you, the first until Thu 19 Nov, €112k"
        );
    }

    /// Every form of a headline, by what it takes to say it.
    fn forms(code: &str, name: &str) -> Vec<String> {
        let at = |event, now: &'static str| (event, Some(now));
        let mut lines: Vec<String> = [
            (Event::New, None),
            (Event::Updated, None),
            (Event::Reminder, None),
            at(Event::Reminder, "2026-11-19T08:00:00Z"),
            at(Event::Reminder, "2026-11-19T23:30:00Z"),
            (Event::Escalation, None),
            (Event::Overdue, None),
            (Event::Answered, None),
            (Event::Expired, None),
            (Event::Gone, None),
            (Event::Reopened, None),
        ]
        .into_iter()
        .map(|(event, now)| {
            spoken(code, event, |message| {
                message.referral = sample::named(name, event).referral;
                message.now = now.map_or(message.now, |now| now.parse().unwrap());
            })
        })
        .collect();
        let unconfirmed = Some("2026-11-19T12:00:00Z".parse().unwrap());
        lines.push(spoken(code, Event::Overdue, |message| message.as_of = unconfirmed));
        for kind in [DigestKind::News, DigestKind::Escalations] {
            let digest = Digest { kind, ..sample::told_in(sample::digest(), Locale::parse(code).unwrap()) };
            lines.push(headline(&Content::Digest(Box::new(digest))));
        }
        lines
    }

    #[test]
    fn every_form_is_said_in_hungarian_and_in_czech() {
        let said =
            |code| forms(code, "Fabrikam Kft.").into_iter().map(|line| line.replace('\u{a0}', " ")).collect::<Vec<_>>();
        assert_eq!(
            said("hu"),
            [
                "Új co-sell: Fabrikam Kft., HU, 80 ezer €. Válasz nov. 19-ig",
                "Változott: Fabrikam Kft., HU, 80 ezer €. Válasz nov. 19-ig",
                "Még 5 munkanap: Fabrikam Kft., 80 ezer €, HU. Nincs válasz",
                "Válaszoljon ma: Fabrikam Kft., 80 ezer €, HU. Nincs válasz",
                "30 perc maradt: Fabrikam Kft., 80 ezer €, HU. Nincs válasz",
                "Válaszra vár nov. 19-ig (cs.): Fabrikam Kft., 80 ezer € (HU)",
                "Határidőn túl (nov. 20., p.): Fabrikam Kft., 80 ezer € (HU)",
                "Elfogadva 1 nap 3 óra után: Fabrikam Kft., 80 ezer € (HU)",
                "Lejárt válasz nélkül: Fabrikam Kft., 80 ezer € (HU)",
                "Már nincs a Partnerközpontban: Fabrikam Kft., 80 ezer € (HU)",
                "Újranyílt: Fabrikam Kft., HU, 80 ezer €. Válasz nov. 19-ig",
                "Talán lejárt (nov. 20., p.): Fabrikam Kft., 80 ezer € (HU)",
                "3 megkeresés vár, az első nov. 19-ig (cs.), 112 ezer €",
                "3 megkeresésre nincs válasz, az első nov. 19-ig, 112 ezer €",
            ]
        );
        assert_eq!(
            said("cs"),
            [
                "Nový co-sell: Fabrikam Kft., HU, 80 tis. €. Lhůta do 19. 11.",
                "Změna: Fabrikam Kft., HU, 80 tis. €. Lhůta do 19. 11. (čt)",
                "Zbývá 5 prac. dní: Fabrikam Kft., 80 tis. €, HU. Nevyřízeno",
                "Odpovězte dnes: Fabrikam Kft., 80 tis. €, HU. Nevyřízeno",
                "Vyprší za 30 min: Fabrikam Kft., 80 tis. €, HU. Nevyřízeno",
                "Čeká na odpověď do 19. 11.: Fabrikam Kft., 80 tis. € (HU)",
                "Po termínu (pá 20. 11.): Fabrikam Kft., 80 tis. € (HU)",
                "Přijato po 1 d 3 h: Fabrikam Kft., 80 tis. € (HU), Anna K.",
                "Vypršelo bez odpovědi: Fabrikam Kft., 80 tis. € (HU)",
                "Už není v Partnerském centru: Fabrikam Kft., 80 tis. € (HU)",
                "Opět čeká: Fabrikam Kft., HU, 80 tis. €. Lhůta do 19. 11.",
                "Možná vypršelo (pá 20. 11.): Fabrikam Kft., 80 tis. € (HU)",
                "3 poptávky čekají na odpověď, první do 19. 11., 112 tis. €",
                "3 poptávky jsou bez odpovědi, první do 19. 11., 112 tis. €",
            ]
        );
    }

    #[test]
    fn a_long_name_is_cut_in_every_language_and_the_rest_is_still_there() {
        for (code, last_day) in [("en", "19 Nov"), ("hu", "nov. 19"), ("cs", "19. 11.")] {
            let line = spoken(code, Event::New, |message| {
                *message = Message {
                    locale: message.locale,
                    ..sample::named("Fabrikam Kereskedelmi és Szolgáltató Kft.", Event::New)
                };
            });
            let line = line.replace('\u{a0}', " ");
            assert!(line.contains("Fabrikam Ke") && line.contains("HU, ") && line.contains(last_day), "{line}");
            assert!(line.chars().count() > 55, "{line}");
        }
    }

    #[test]
    fn a_long_name_is_cut_and_nothing_else() {
        assert_eq!(
            line(Event::New, |message| *message =
                sample::named("Fabrikam Kereskedelmi és Szolgáltató Kft.", Event::New)),
            "New co-sell: Fabrikam Keres…, HU, €80k. Answer by Thu 19 Nov"
        );
    }

    #[test]
    fn what_is_not_known_leaves_no_hole() {
        let sparse = |event| headline(&Content::Referral(Box::new(sample::sparse_message(event))));
        assert_eq!(sparse(Event::New), "New co-sell: unnamed customer. Answer by Thu 19 Nov");
        assert_eq!(sparse(Event::Escalation), "Unanswered, answer by Thu 19 Nov: unnamed customer");
        assert_eq!(sparse(Event::Reminder), "5 working days left: unnamed customer. Not answered");
        assert_eq!(sparse(Event::Expired), "Expired unanswered: unnamed customer");
    }

    #[test]
    fn the_last_day_and_what_follows_it_are_said_so() {
        let at = |now: &str| line(Event::Reminder, |message| message.now = now.parse().unwrap());
        assert_eq!(at("2026-11-19T08:00:00Z"), "Answer today: Fabrikam Kft., €80k, HU. Not answered");
        assert_eq!(at("2026-11-19T23:30:00Z"), "Expires in 30 min: Fabrikam Kft., €80k, HU. Not answered");
        assert_eq!(at("2026-11-20T00:30:00Z"), "Overdue since Fri 20 Nov: Fabrikam Kft., €80k (HU)");
        let late = line(Event::Escalation, |message| message.now = "2026-11-19T23:30:00Z".parse().unwrap());
        assert_eq!(late, "Expires in 30 min: Fabrikam Kft., €80k, HU. Not answered");
    }

    #[test]
    fn an_unconfirmed_end_is_not_stated() {
        let unread = line(Event::Overdue, |message| message.as_of = Some("2026-11-19T12:00:00Z".parse().unwrap()));
        assert_eq!(unread, "May have expired on Fri 20 Nov: Fabrikam Kft., €80k (HU)");
    }

    #[test]
    fn the_subject_stays_while_time_passes() {
        let at = |event, now: &str| {
            let mut message = sample::message(event);
            message.now = now.parse().unwrap();
            message.audience = Audience::Sellers;
            subject(&Content::Referral(Box::new(message)))
        };
        assert_eq!(at(Event::New, "2026-11-06T09:00:00Z"), at(Event::Answered, "2026-11-18T15:00:00Z"));
    }

    #[test]
    fn a_subject_that_is_remembered_is_kept() {
        let mut message = sample::message(Event::Reminder);
        message.subject = Some("New co-sell: Old Name\r\nBcc: x".to_owned());
        assert_eq!(subject(&Content::Referral(Box::new(message))), "New co-sell: Old Name Bcc: x");
    }

    #[test]
    fn every_plural_of_the_days_left_is_right() {
        let left = |code: &str, days| {
            let line = spoken(code, Event::Reminder, |message| message.working_days_left = days);
            line.split(':').next().unwrap().to_owned()
        };
        assert_eq!(
            ["en", "hu", "cs"].map(|code| left(code, 1)),
            ["1 working day left", "Még 1 munkanap", "Zbývá 1 prac. den"]
        );
        assert_eq!(
            [2, 4, 5, 11, 22].map(|days| left("cs", days)),
            [
                "Zbývají 2 prac. dny",
                "Zbývají 4 prac. dny",
                "Zbývá 5 prac. dní",
                "Zbývá 11 prac. dní",
                "Zbývá 22 prac. dní",
            ]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn no_headline_is_longer_than_sixty_characters(
            name in "\\PC{0,90}", country in "\\PC{0,20}", value in 0.0..1e18_f64, by in "\\PC{0,90}", after in 0_i64..99_999_999
        ) {
            let events = Event::ALL.into_iter().filter(|event| *event <= Event::Reopened);
            for (event, locale) in events.flat_map(|event| Locale::all().map(move |locale| (event, locale))) {
                let mut message = Message { locale, ..sample::named(&name, event) };
                let mut body = message.referral.body().clone();
                body["customerProfile"]["address"]["country"] = country.clone().into();
                body["details"]["dealValue"] = value.into();
                message.referral = Referral::read(body.into()).unwrap();
                message.value = None;
                message.closing = message.closing.map(|ending| Ending { by: Some(by.clone()), after: Seconds(after), ..ending });
                let content = Content::Referral(Box::new(message));
                prop_assert!(headline(&content).chars().count() <= LONGEST_HEADLINE);
                prop_assert!(subject(&content).chars().count() <= LONGEST_HEADLINE);
            }
        }

        #[test]
        fn no_headline_of_several_is_longer_than_sixty_characters(
            count in 0_usize..400, answered in 0_usize..3, value in 0.0..1e15_f64, kind in 0_usize..3
        ) {
            let kind = [DigestKind::Escalations, DigestKind::Reminders, DigestKind::News][kind].clone();
            for locale in Locale::all() {
                let mut item = sample::message_in(Event::Reminder, locale);
                item.value = Some(crate::messages::content::Worth { amount: value, currency: "EUR".to_owned() });
                let mut items = vec![item; count];
                items.extend(vec![sample::message_in(Event::Answered, locale); answered]);
                let content = Content::Digest(Box::new(Digest { kind: kind.clone(), items, ..sample::told_in(sample::digest(), locale) }));
                prop_assert!(headline(&content).chars().count() <= LONGEST_HEADLINE);
            }
        }
    }
}
