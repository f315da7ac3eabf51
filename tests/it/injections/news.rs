//! What leadtime says of itself where others' words are in it: answers of channels and of Partner Center, faults of the
//! system, addresses and customers of referrals.

use jiff::{Timestamp, civil::date};
use leadtime::{
    core::{
        fault::{SignInTrouble, Trouble as Fault},
        notice::{AddressOf, GaveUp, Missed, News, Recovery, Refusal, Trouble, Unread, Written},
        period::Seconds,
    },
    messages::content::Event,
};
use serde_json::Value;

use super::places::Visit;

/// Stands where others' words stand.
const THEIRS: &str = "Quiet";

/// How many are told in one notice: a notice shows twenty paragraphs, and each has four of them at most.
const AT_ONCE: usize = 4;

/// Every notice with such a place, a few in one, by name.
pub fn all() -> Vec<(String, Event, Vec<News>)> {
    let troubles: Vec<News> = troubles().into_iter().map(News::Trouble).collect();
    let recoveries: Vec<News> = recoveries().into_iter().map(News::Recovered).collect();
    let mut all = Vec::new();
    for (event, list) in [(Event::Trouble, troubles), (Event::Recovered, recoveries)] {
        let some = list.chunks(AT_ONCE).enumerate();
        all.extend(some.map(|(n, some)| (format!("{} {n}", event.as_str()), event, some.to_vec())));
    }
    all
}

fn recoveries() -> Vec<Recovery> {
    let over = [
        Trouble::TemplateFails { file: theirs(), said: theirs() },
        Trouble::Damaged { said: theirs() },
        Trouble::NoRate { currency: theirs() },
    ];
    let missed = Missed {
        open: 3,
        nearest: vec![(theirs(), date(2026, 11, 19)), (theirs(), date(2026, 11, 20))],
        new: 2,
        oldest: Seconds(51 * 3_600),
        expired: 2,
        expired_first: vec![theirs(), theirs()],
        ..Missed::default()
    };
    let away = Seconds(62 * 3_600);
    let mut all: Vec<Recovery> = over.into_iter().map(|trouble| Recovery::NoLonger(Box::new(trouble))).collect();
    all.extend([
        Recovery::ReadAgain { account: "contoso".into(), away: Some(away), missed: missed.clone() },
        Recovery::Unwatched { account: "contoso".into(), away, missed },
        Recovery::MailAgain { address: theirs() },
        Recovery::NoneGivenUp { at: theirs(), mail: true },
    ]);
    all
}

fn theirs() -> String {
    THEIRS.to_owned()
}

fn troubles() -> Vec<Trouble> {
    let (account, destination) = (|| "contoso".into(), || "sellers".into());
    let unread = |why| Trouble::Unread { account: account(), why: Unread::Fault(why) };
    let refusal = |remedy| Refusal { said: theirs(), remedy };
    let no_mail = |of| Trouble::NoMail {
        address: theirs(),
        destination: destination(),
        why: GaveUp::Refused(theirs()),
        of,
        falls_back: false,
    };
    let faults = [
        Fault::Forbidden { said: Some(theirs()) },
        Fault::BadRequest { said: Some(theirs()) },
        Fault::Refused { status: 418, said: Some(theirs()) },
        Fault::ConnectionLost { why: theirs() },
        Fault::NotAListing { why: theirs() },
        Fault::BadLink { why: theirs() },
        Fault::SignIn(SignInTrouble::Refused { error: theirs(), aadsts: None }),
        Fault::SignIn(SignInTrouble::Unavailable { why: theirs(), retry_after: None }),
        Fault::SignIn(SignInTrouble::Malformed { why: theirs() }),
        Fault::SignIn(SignInTrouble::NotSaved { why: theirs() }),
    ];
    let mut all: Vec<Trouble> = faults.into_iter().map(unread).collect();
    all.extend([
        Trouble::Unread { account: account(), why: Unread::Store(theirs()) },
        Trouble::TemplateFails { file: theirs(), said: theirs() },
        Trouble::NotRecorded { said: theirs() },
        Trouble::Refuses { destination: destination(), said: refusal(None), mail: false, fallback: None },
        Trouble::Refuses {
            destination: destination(),
            said: refusal(Some("mend it".into())),
            mail: true,
            fallback: Some("inbox".into()),
        },
        Trouble::TakesNone { destination: destination(), said: theirs(), left_alone: Some(Seconds(7_200)) },
        Trouble::TakesNone { destination: destination(), said: theirs(), left_alone: None },
        no_mail(AddressOf::Settings),
        no_mail(AddressOf::Person("anna".into())),
        no_mail(AddressOf::Team),
        Trouble::MentionRefused { destination: destination(), ids: vec![theirs()], said: Some(theirs()) },
        Trouble::GivenUp { destination: destination(), why: GaveUp::Refused(theirs()) },
        Trouble::NoRule { account: account(), first: THEIRS.into() },
        Trouble::NoRate { currency: theirs() },
        Trouble::Damaged { said: theirs() },
        Trouble::SettingsFaulty { lines: vec![theirs(), theirs()] },
        Trouble::Written(Written { title: theirs(), text: vec![theirs()], todo: Some(theirs()) }),
        Trouble::ClockOff {
            ours: Timestamp::UNIX_EPOCH,
            theirs: Timestamp::UNIX_EPOCH,
            off: Seconds(300),
            stops: false,
        },
    ]);
    all
}

/// The same, each of others' words visited.
pub fn visited(news: &News, visit: Visit<'_>) -> News {
    let mut written = serde_json::to_value(news).expect("a notice can be kept");
    walk(&mut written, "", visit);
    serde_json::from_value(written).expect("and read again")
}

fn walk(value: &mut Value, path: &str, visit: Visit<'_>) {
    match value {
        Value::String(text) if text == THEIRS => visit(path, text),
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, path, visit)),
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(name, field)| walk(field, &format!("{path}/{name}"), visit));
        }
        _ => {}
    }
}
