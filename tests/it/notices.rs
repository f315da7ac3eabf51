//! leadtime's own troubles in every language: each case of each type is here, by name, and what is said of it stands in a
//! snapshot for each language that somebody who speaks it has read.

use std::{collections::BTreeSet, fmt::Write as _};

use jiff::civil::date;
use leadtime::{
    core::{
        fault::{SignInTrouble, Trouble as Fault},
        ids::MessageId,
        notice::{
            AddressOf, Cost, GaveUp, Heartless, Missed, News, Notice, NoticeKind, Recovery, Refusal, Trial, Trouble,
            Unread, When, Written,
        },
        period::Seconds,
        remedy::Remedy,
    },
    messages::{
        LONGEST_HEADLINE,
        content::{self, ChannelKind, Content, Event},
        headline, sample,
        words::{self, Locale},
    },
};

use crate::{sentences::every, story::at};

const SLACK: &str = "Slack answered 404 no_service. To do: make a new webhook and put it into webhook_url";

fn sign_in_faults() -> Vec<SignInTrouble> {
    let why = || "status 503".to_owned();
    every!(
        vec![
            SignInTrouble::NoToken,
            SignInTrouble::Expired { aadsts: Some(700_082) },
            SignInTrouble::Revoked { aadsts: None },
            SignInTrouble::MfaNeeded { aadsts: Some(50076) },
            SignInTrouble::ConsentMissing { aadsts: Some(65001) },
            SignInTrouble::BlockedByPolicy { aadsts: Some(53003) },
            SignInTrouble::SecretExpired { aadsts: Some(7_000_222) },
            SignInTrouble::ClientRefused { aadsts: Some(7_000_215) },
            SignInTrouble::Refused { error: "invalid_scope".to_owned(), aadsts: Some(70011) },
            SignInTrouble::Unavailable { why: why(), retry_after: None },
            SignInTrouble::Malformed { why: "status 200 and no OAuth body".to_owned() },
            SignInTrouble::NotSaved { why: "no room on the disk".to_owned() },
            SignInTrouble::NotLoaded { why: "the store is closed".to_owned() },
            SignInTrouble::Sealed { why: "the key is another one".to_owned() },
        ];
        SignInTrouble::NoToken,
        SignInTrouble::Expired { .. },
        SignInTrouble::Revoked { .. },
        SignInTrouble::MfaNeeded { .. },
        SignInTrouble::ConsentMissing { .. },
        SignInTrouble::BlockedByPolicy { .. },
        SignInTrouble::SecretExpired { .. },
        SignInTrouble::ClientRefused { .. },
        SignInTrouble::Refused { .. },
        SignInTrouble::Unavailable { .. },
        SignInTrouble::Malformed { .. },
        SignInTrouble::NotSaved { .. },
        SignInTrouble::NotLoaded { .. },
        SignInTrouble::Sealed { .. },
    )
}

fn faults() -> Vec<Fault> {
    let own = every!(
        vec![
            Fault::SignIn(SignInTrouble::NoToken),
            Fault::Unauthorized,
            Fault::MfaNeeded,
            Fault::Forbidden { said: Some("AccessDenied".to_owned()) },
            Fault::BadRequest { said: Some("The query is not valid.".to_owned()) },
            Fault::NotFound { status: 404 },
            Fault::Refused { status: 451, said: None },
            Fault::Throttled { retry_after: Some(Seconds(60)) },
            Fault::Unavailable { status: 503, retry_after: None },
            Fault::TimedOut,
            Fault::ConnectionLost { why: "the connection broke before the answer was whole".to_owned() },
            Fault::Redirected { status: 302 },
            Fault::NotAListing { why: "it is a web page".to_owned() },
            Fault::NotThatReferral { why: "its id is another one".to_owned() },
            Fault::TooLarge { limit: 33_554_432 },
            Fault::BadLink { why: "it leads to another host".to_owned() },
            Fault::Loop,
            Fault::TooManyPages { limit: 1_000 },
            Fault::FullPageWithoutLink { top: 100 },
        ];
        Fault::SignIn(_),
        Fault::Unauthorized,
        Fault::MfaNeeded,
        Fault::Forbidden { .. },
        Fault::BadRequest { .. },
        Fault::NotFound { .. },
        Fault::Refused { .. },
        Fault::Throttled { .. },
        Fault::Unavailable { .. },
        Fault::TimedOut,
        Fault::ConnectionLost { .. },
        Fault::Redirected { .. },
        Fault::NotAListing { .. },
        Fault::NotThatReferral { .. },
        Fault::TooLarge { .. },
        Fault::BadLink { .. },
        Fault::Loop,
        Fault::TooManyPages { .. },
        Fault::FullPageWithoutLink { .. },
    );
    sign_in_faults().into_iter().map(Fault::SignIn).chain(own.into_iter().skip(1)).collect()
}

/// Every reason why an account is not read.
fn unread() -> Vec<Trouble> {
    let own = every!(
        vec![
            Unread::Fault(Fault::TimedOut),
            Unread::Store("no room on the disk of /var/lib/leadtime".to_owned()),
            Unread::Clocks,
        ];
        Unread::Fault(_),
        Unread::Store(_),
        Unread::Clocks,
    );
    let all = faults().into_iter().map(Unread::Fault).chain(own.into_iter().skip(1));
    all.map(|why| Trouble::Unread { account: "contoso".into(), why }).collect()
}

fn refuses(why: &str, mail: bool, fallback: Option<&str>) -> Trouble {
    let destination = if mail { "inbox" } else { "sellers" };
    Trouble::Refuses {
        destination: destination.into(),
        said: Refusal::read(why),
        mail,
        fallback: fallback.map(Into::into),
    }
}

fn no_mail(of: AddressOf, falls_back: bool) -> Trouble {
    let (address, destination) = ("gone@contoso.example".to_owned(), "@team".into());
    let why = GaveUp::Refused("the mail server answered 550 to the recipient: no such user".to_owned());
    Trouble::NoMail { address, destination, why, of, falls_back }
}

fn mention(ids: &[&str]) -> Trouble {
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    let said = Some("Slack answered 400 invalid_blocks".to_owned());
    Trouble::MentionRefused { destination: "sellers".into(), ids, said }
}

fn given_up(why: GaveUp) -> Trouble {
    Trouble::GivenUp { destination: "sellers".into(), why }
}

fn clock(minutes: i64, stops: bool) -> Trouble {
    let (ours, theirs) = (at("2026-11-13T08:05:00Z"), at("2026-11-13T08:00:00Z"));
    Trouble::ClockOff { ours, theirs, off: Seconds(minutes * 60), stops }
}

fn secret(over: bool, when: When) -> Trouble {
    Trouble::SecretEnds { account: "contoso".into(), on: date(2026, 11, 20), over, when }
}

fn sign_in(when: When) -> Trouble {
    let (at, renewed) = (date(2027, 1, 31).at(7, 0, 0, 0), date(2026, 11, 2));
    Trouble::SignInEnds { account: "contoso".into(), at, renewed, when }
}

/// Every trouble but the reasons why an account is not read.
fn others() -> Vec<Trouble> {
    every!(
        vec![
            clock(5, false),
            clock(26 * 60, true),
            Trouble::RoleLost { account: "contoso".into(), unread: 4, open: 7 },
            Trouble::TemplateFails {
                file: "slack/new.json.hbs".to_owned(),
                said: "slack/new.json.hbs:3: what it renders is no JSON".to_owned(),
            },
            Trouble::NotRecorded { said: "no room on the disk of /var/lib/leadtime".to_owned() },
            refuses(SLACK, false, None),
            refuses("the mail server answered 535 to the login: 5.7.3. To do: check username and password of [smtp]", true, Some("sellers")),
            refuses("no reason", false, None),
            Trouble::TakesNone { destination: "sellers".into(), said: "Slack answered 503".to_owned(), left_alone: None },
            Trouble::TakesNone {
                destination: "sellers".into(),
                said: "Slack answered 429: too many messages".to_owned(),
                left_alone: Some(Seconds(7_200)),
            },
            Trouble::NoMail {
                address: "gone@contoso.example".to_owned(),
                destination: "desk".into(),
                why: GaveUp::Refused("the mail server answered 550 to the recipient: no such user".to_owned()),
                of: AddressOf::Settings,
                falls_back: false,
            },
            no_mail(AddressOf::Person("anna".into()), false),
            no_mail(AddressOf::Team, true),
            mention(&["U012AB3CD"]),
            mention(&["anna@contoso.example", "bela@contoso.example"]),
            given_up(GaveUp::Deadline),
            given_up(GaveUp::TooLong),
            given_up(GaveUp::Died),
            given_up(GaveUp::Refused("Slack answered 400 invalid_blocks".to_owned())),
            Trouble::NoRule { account: "contoso".into(), first: "1f2d3c4b".into() },
            Trouble::AccountGone { account: "contoso".into() },
            Trouble::FilteredOut { account: "contoso".into() },
            Trouble::NoRate { currency: "CZK".to_owned() },
            Trouble::Damaged { said: "the store is damaged: case/7 is no JSON".to_owned() },
            Trouble::SettingsFaulty { lines: vec!["leadtime.toml:3: `notfy` is no setting; did you mean `notify`?".to_owned()] },
            Trouble::NoHeartbeat(Heartless::Answers(404)),
            Trouble::NoHeartbeat(Heartless::Silent),
            Trouble::NoHeartbeat(Heartless::Unreachable),
            secret(false, When::Soon),
            secret(false, When::NextDays),
            secret(true, When::Today),
            sign_in(When::Soon),
            sign_in(When::NextDays),
            sign_in(When::Today),
            Trouble::Written(Written { title: "contoso cannot be read".to_owned(), text: Vec::new(), todo: None }),
            Trouble::Unread { account: "contoso".into(), why: Unread::Clocks },
        ];
        Trouble::Unread { .. },
        Trouble::ClockOff { .. },
        Trouble::RoleLost { .. },
        Trouble::TemplateFails { .. },
        Trouble::NotRecorded { .. },
        Trouble::Refuses { .. },
        Trouble::TakesNone { .. },
        Trouble::NoMail { .. },
        Trouble::MentionRefused { .. },
        Trouble::GivenUp { .. },
        Trouble::NoRule { .. },
        Trouble::AccountGone { .. },
        Trouble::FilteredOut { .. },
        Trouble::NoRate { .. },
        Trouble::Damaged { .. },
        Trouble::SettingsFaulty { .. },
        Trouble::NoHeartbeat(_),
        Trouble::SecretEnds { .. },
        Trouble::SignInEnds { .. },
        Trouble::Written(_),
    )
}

fn missed(count: u32) -> Missed {
    let names = ["Fabrikam Kft.", "Wingtip Toys s.r.o.", "Litware s.r.o."];
    let open = usize::try_from(count).unwrap();
    Missed {
        open,
        nearest: names
            .iter()
            .zip(17..)
            .take(open)
            .map(|(name, day)| ((*name).to_owned(), date(2026, 11, day)))
            .collect(),
        new: count,
        oldest: Seconds(51 * 3_600),
        answered: count,
        expired: count,
        expired_first: vec!["Northwind Traders a.s.".to_owned()],
        late: count,
        at_least: count > 5,
        nothing: false,
    }
}

fn cost(count: u32) -> Cost {
    let fallback = (count < 5).then(|| "managers".into());
    Cost { waited: usize::try_from(count).unwrap(), longest: Seconds(40), fell_back: count, fallback, given_up: count }
}

fn read_again(missed: Missed) -> Recovery {
    Recovery::ReadAgain { account: "contoso".into(), away: Some(Seconds(62 * 3_600)), missed }
}

fn takes_again(count: u32) -> Recovery {
    Recovery::TakesAgain { destination: "sellers".into(), cost: cost(count) }
}

fn recoveries() -> Vec<Recovery> {
    every!(
        vec![
            Recovery::NoLonger(Box::new(Trouble::AccountGone { account: "contoso".into() })),
            read_again(missed(1)),
            read_again(missed(3)),
            read_again(missed(12)),
            read_again(Missed { nothing: true, ..Missed::default() }),
            Recovery::Unwatched { account: "contoso".into(), away: Seconds(2 * 86_400), missed: Missed::default() },
            Recovery::RoleBack { account: "contoso".into() },
            Recovery::ClocksAgree,
            Recovery::Heartbeat,
            Recovery::SettingsInForce,
            takes_again(1),
            takes_again(3),
            takes_again(12),
            Recovery::MailAgain { address: "gone@contoso.example".to_owned() },
            Recovery::MentionsTaken { destination: "sellers".into() },
            Recovery::NoneGivenUp { at: "sellers".to_owned(), mail: false },
            Recovery::NoneGivenUp { at: "gone@contoso.example".to_owned(), mail: true },
            Recovery::SecretUnwatched { account: "contoso".into() },
            Recovery::SecretLater { account: "contoso".into(), on: date(2027, 11, 20) },
            Recovery::SignInRenewed { account: "contoso".into() },
            Recovery::RecordedAgain,
            Recovery::Written(Written { title: "contoso is read again".to_owned(), text: Vec::new(), todo: None }),
        ];
        Recovery::NoLonger(_),
        Recovery::ReadAgain { .. },
        Recovery::Unwatched { .. },
        Recovery::RoleBack { .. },
        Recovery::ClocksAgree,
        Recovery::Heartbeat,
        Recovery::SettingsInForce,
        Recovery::TakesAgain { .. },
        Recovery::MailAgain { .. },
        Recovery::MentionsTaken { .. },
        Recovery::NoneGivenUp { .. },
        Recovery::SecretUnwatched { .. },
        Recovery::SecretLater { .. },
        Recovery::SignInRenewed { .. },
        Recovery::RecordedAgain,
        Recovery::Written(_),
    )
}

/// Everything that leadtime may have to say of itself, but what an older one has written.
fn all() -> Vec<News> {
    let troubles = unread().into_iter().chain(others()).map(News::Trouble);
    let signs = [News::Keepalive, News::Test(Trial::SendTest("sellers".into())), News::Test(Trial::Reload)];
    troubles
        .chain(recoveries().into_iter().map(News::Recovered))
        .chain(signs)
        .filter(|news| !news.is_written())
        .collect()
}

fn content(news: &News, locale: Locale) -> content::Notice {
    let event = match (Notice { news: news.clone(), since: None }).kind() {
        NoticeKind::Trouble => Event::Trouble,
        NoticeKind::Recovered => Event::Recovered,
        NoticeKind::Keepalive => Event::Keepalive,
        NoticeKind::Test => Event::Test,
    };
    let words::Told { title, text, todo } = words::of(locale).news(news);
    content::Notice { message_id: MessageId::of_key("x"), event, title, text, todo, ..sample::notice_in(event, locale) }
}

fn page(locale: Locale) -> String {
    let mut page = String::new();
    for news in all() {
        let told = content(&news, locale);
        let first = headline(&Content::Notice(Box::new(told.clone())));
        writeln!(page, "{first}").unwrap();
        first.ends_with('…').then(|| writeln!(page, "  ({})", told.title).unwrap());
        told.text.iter().for_each(|line| writeln!(page, "  {line}").unwrap());
        told.todo.iter().for_each(|todo| writeln!(page, "  → {todo}").unwrap());
    }
    page
}

#[test]
fn everything_that_leadtime_says_of_itself_in_english() {
    insta::assert_snapshot!(page(Locale::EN));
}

#[test]
fn everything_that_leadtime_says_of_itself_in_hungarian() {
    insta::assert_snapshot!(page(Locale::parse("hu").unwrap()));
}

#[test]
fn everything_that_leadtime_says_of_itself_in_czech() {
    insta::assert_snapshot!(page(Locale::parse("cs").unwrap()));
}

#[test]
fn the_english_of_a_fault_is_that_of_logs_and_commands() {
    let words = words::of(Locale::EN);
    for fault in faults() {
        assert_eq!(words.fault(&fault), fault.to_string());
        assert_eq!(words.remedy(&fault, &"contoso".into()), fault.remedy(&"contoso".into()));
    }
    for remedy in Remedy::ALL {
        assert_eq!(words.channel_remedy(*remedy), remedy.as_str());
    }
}

#[test]
fn no_language_leaves_a_trouble_in_english() {
    let english: Vec<_> = all().iter().map(|news| words::of(Locale::EN).news(news)).collect();
    for locale in Locale::all().filter(|locale| *locale != Locale::EN) {
        for (news, english) in all().iter().zip(&english) {
            let told = words::of(locale).news(news);
            assert_ne!(told.title, english.title, "{}", locale.as_str());
            assert_eq!(told.text.len(), english.text.len(), "{}: {told:?}", locale.as_str());
            for line in told.text.iter().chain(&told.todo) {
                assert!(
                    !english.text.contains(line) && english.todo.as_ref() != Some(line),
                    "{}: {line}",
                    locale.as_str()
                );
            }
        }
    }
}

#[test]
fn in_every_language_the_first_line_fits_and_what_it_cuts_stands_below_it_whole() {
    for (locale, news) in Locale::all().flat_map(|locale| all().into_iter().map(move |news| (locale, news))) {
        let notice = content(&news, locale);
        let title = notice.title.replace('\u{a0}', " ");
        let content = Content::Notice(Box::new(notice));
        // Addresses and files hold marks against links, and dates blanks that do not break: nobody sees either.
        let shown = |text: &str| {
            text.replace("\\u{2060}", "").replace('\u{2060}', "").replace("\\u{a0}", " ").replace('\u{a0}', " ")
        };
        let first = headline(&content);
        assert!(first.chars().count() <= LONGEST_HEADLINE, "{first}");
        if shown(&first).contains(&title) {
            continue;
        }
        let text = format!("{:?}", crate::messages::built_in(&content, ChannelKind::Stdout));
        assert!(shown(&text).contains(&title), "{}: {first}: {text}", locale.as_str());
        // With names of a usual length only what others said, an address, and a whole title within another is too long.
        let long = match &news {
            News::Trouble(trouble) => {
                matches!(
                    trouble,
                    Trouble::Refuses { .. }
                        | Trouble::GivenUp { .. }
                        | Trouble::NoMail { .. }
                        | Trouble::MentionRefused { .. }
                )
            }
            News::Recovered(recovery) => matches!(
                recovery,
                Recovery::NoLonger(_) | Recovery::MailAgain { .. } | Recovery::NoneGivenUp { mail: true, .. }
            ),
            _ => false,
        };
        assert!(long || locale == Locale::EN, "{}: {title}", locale.as_str());
    }
}
