//! Made-up messages: a full one and a sparse one for every event. `preview` shows them, `check` renders every template
//! with both, tests compare them. Holds nothing real: companies and people are invented.

mod forecast;

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

pub use self::forecast::{forecast, forecast_without_claims, quiet_forecast, worst_forecast};
use super::{
    content::{
        Audience, Became, Because, Changed, Claimed, Content, Digest, DigestKind, Ending, Event, Field, Mention,
        Message, Next, Notice, Owner, Told, Worth,
    },
    words::{self, Locale, Why},
};
use crate::core::{
    fault::{SignInTrouble, Trouble as Fault},
    ids::{AccountName, MessageId, RuleName},
    key::Purpose,
    notice::{Missed, News, Recovery, Trial, Trouble, Unread},
    period::{Period, Seconds},
    referral::{Category, Closing, Referral},
};

/// A message of that event in which everything is said.
pub fn full(event: Event) -> Content {
    full_in(event, Locale::EN)
}

/// The same in another language. What the referral says stays as strangers wrote it.
pub fn full_in(event: Event, locale: Locale) -> Content {
    match event {
        Event::Digest => Content::Digest(Box::new(told_in(digest(), locale))),
        Event::Trouble | Event::Recovered | Event::Keepalive | Event::Test => {
            Content::Notice(Box::new(notice_in(event, locale)))
        }
        event => Content::Referral(Box::new(message_in(event, locale))),
    }
}

/// A message of that event of which next to nothing is known: the referral has an id and nothing else.
pub fn sparse(event: Event) -> Content {
    match full(event) {
        Content::Referral(_) => Content::Referral(Box::new(sparse_message(event))),
        Content::Digest(digest) => Content::Digest(Box::new(Digest {
            items: vec![sparse_message(Event::Reminder)],
            mentions: Vec::new(),
            ..*digest
        })),
        forecast @ Content::Forecast(_) => forecast,
        Content::Notice(notice) => {
            Content::Notice(Box::new(Notice { text: Vec::new(), since: None, todo: None, ..*notice }))
        }
    }
}

/// The full message with a referral of the reader's own, for a preview. What follows from the deadline by somebody's hours
/// (`answer_by`, `working_days_left`, `next`) stays the sample's; the caller puts in what it knows better.
pub fn about(referral: Referral, event: Event, locale: Locale) -> Message {
    let category = referral.category();
    let link = format!("https://partner.microsoft.com/dashboard/referrals/v2/leads?id={}", referral.id());
    let deadline = referral.expires_at();
    let whole = message_in(event, locale);
    Message { value: None, category, link, deadline: deadline.unwrap_or(whole.deadline), referral, ..whole }
}

/// A link that opens nothing.
pub fn claim_link(base: &str) -> String {
    format!("{}/claim/v1.c2FtcGxl.Zm9yIHByZXZpZXcgb25seQ", base.trim_end_matches('/'))
}

/// The referral of the full sample: a co-sell opportunity from Microsoft.
pub fn referral() -> Referral {
    read(json!({
        "id": "0b9f1a52-6f2e-4a3c-9f0e-0d7a7c1e1f01",
        "engagementId": "5d0c3a11-4b1f-4d62-8a4e-2f6d0f6f7a90",
        "name": "Modern workplace for 320 seats",
        "createdDateTime": "2026-11-06T08:15:30.1234567Z",
        "expirationDateTime": "2026-11-20T00:00:00Z",
        "status": "New",
        "substatus": "Pending",
        "direction": "Incoming",
        "type": "Shared",
        "qualification": "SalesQualified",
        "customerProfile": {
            "name": "Fabrikam Kft.",
            "size": "251to1000employees",
            "address": {"addressLine1": "Szent István tér 1.", "city": "Budapest", "postalCode": "1051", "country": "HU"},
            "team": [{"firstName": "Éva", "lastName": "Kiss", "email": "eva.kiss@fabrikam.example",
                "phoneNumber": "+36 1 555 0142"}],
            "ids": {}
        },
        "consent": {"consentToContact": true, "consentToToShareInfoWithOthers": true},
        "details": {
            "notes": "Moves 320 mailboxes and Teams telephony from a hosted provider before the lease of the old \
                      system ends in March. Wants a fixed price, a partner on site in Budapest, and a first call this week.",
            "dealValue": 80000.0,
            "currency": "EUR",
            "closingDateTime": "2027-02-26T00:00:00Z",
            "customerRequestedContact": true,
            "requirements": {"products": [{"id": "Microsoft365"}, {"id": "Teams"}]}
        },
        "inviteContext": {"notes": "", "invitedBy": {"organizationId": "msft", "organizationName": "Microsoft"}},
        "team": [{"firstName": "Anna", "lastName": "Kovács", "email": "anna@contoso.example"}]
    }))
}

/// The full message about one referral, as of the event's usual time.
pub fn message(event: Event) -> Message {
    let now = match event {
        Event::New => "2026-11-06T08:20:00Z",
        Event::Updated => "2026-11-10T13:05:00Z",
        Event::Escalation => "2026-11-17T08:00:00Z",
        Event::Overdue => "2026-11-20T08:00:00Z",
        Event::Answered => "2026-11-07T11:20:00Z",
        Event::Expired => "2026-11-20T08:05:00Z",
        Event::Gone | Event::Reopened => "2026-11-16T10:00:00Z",
        _ => "2026-11-13T08:00:00Z",
    };
    let late = is_late(event);
    let open = event.is_open();
    Message {
        message_id: MessageId::of_key(&format!("sample/{}", event.as_str())),
        event,
        audience: if late { Audience::Escalations } else { Audience::Sellers },
        referral: referral(),
        account: AccountName::new("contoso"),
        category: Category::CoSellOpportunity,
        value: Some(Worth { amount: 80_000.0, currency: "EUR".to_owned() }),
        rule: RuleName::new("large co-sell"),
        step: step_of(event).to_owned(),
        reason: reason_of(event, Locale::EN),
        first: event == Event::New,
        told: if event == Event::New { Vec::new() } else { told(late) },
        next: if open && event != Event::Overdue { next(event) } else { Vec::new() },
        deadline: at("2026-11-20T00:00:00Z"),
        estimated: false,
        answer_by: jiff::civil::date(2026, 11, 19),
        working_days_left: match event {
            Event::New => 10,
            Event::Escalation => 3,
            _ => 5,
        },
        zone: zone(),
        now: at(now),
        closing: closing_of(event),
        changes: if event == Event::Updated { changes() } else { Vec::new() },
        claimed: (event == Event::Escalation).then(|| Claimed {
            by: "Anna Kovács".to_owned(),
            since: at("2026-11-10T09:00:00Z"),
            until: at("2026-11-16T16:00:00Z"),
        }),
        link: "https://partner.microsoft.com/dashboard/referrals/v2/leads?id=0b9f1a52-6f2e-4a3c-9f0e-0d7a7c1e1f01"
            .to_owned(),
        claim_link: open.then(|| claim_link("https://leadtime.contoso.example")),
        owners: vec![Owner { name: "Anna Kovács".to_owned(), cover: None }],
        because: Because::Named,
        refusing: Vec::new(),
        mentions: if matches!(event, Event::Reminder | Event::Escalation) { vec![anna()] } else { Vec::new() },
        as_of: None,
        unseen_since: None,
        at_once: None,
        possible_repeat: false,
        include_contacts: false,
        include_notes: false,
        locale: Locale::EN,
        subject: None,
    }
}

/// The same in another language.
pub fn message_in(event: Event, locale: Locale) -> Message {
    Message { locale, reason: reason_of(event, locale), ..message(event) }
}

/// A digest in another language, its items too.
pub fn told_in(digest: Digest, locale: Locale) -> Digest {
    let reason = words::of(locale).digest_reason(&digest.kind);
    let item = |item: Message| Message { locale, reason: reason_of(item.event, locale), ..item };
    Digest { locale, reason, items: digest.items.into_iter().map(item).collect(), ..digest }
}

/// A message about a referral that has nothing but an id.
pub fn sparse_message(event: Event) -> Message {
    Message {
        referral: read(json!({"id": "0b9f1a52-6f2e-4a3c-9f0e-0d7a7c1e1f01"})),
        value: None,
        estimated: true,
        owners: Vec::new(),
        because: Because::Named,
        refusing: Vec::new(),
        mentions: Vec::new(),
        told: Vec::new(),
        next: Vec::new(),
        changes: Vec::new(),
        claimed: None,
        claim_link: None,
        closing: closing_of(event).map(|ending| Ending { by: None, ..ending }),
        ..message(event)
    }
}

/// The full message with another customer's name.
pub fn named(name: &str, event: Event) -> Message {
    let mut body = Value::from(referral());
    if let Some(customer) = body.pointer_mut("/customerProfile/name") {
        *customer = name.into();
    }
    Message { referral: read(body), ..message(event) }
}

/// Three referrals in one message.
pub fn digest() -> Digest {
    let other = |name: &str, country: &str, value: f64, event, day| {
        let mut message = named(name, event);
        let mut body = Value::from(message.referral);
        if let Some(place) = body.pointer_mut("/customerProfile/address") {
            *place = json!({"country": country});
        }
        message.referral = read(body);
        message.value = Some(Worth { amount: value, currency: "EUR".to_owned() });
        message.answer_by = jiff::civil::date(2026, 11, day);
        message
    };
    Digest {
        message_id: MessageId::of_key("sample/digest"),
        kind: DigestKind::Reminders,
        items: vec![
            message(Event::Reminder),
            other("Litware s.r.o.", "CZ", 20_000.0, Event::Reminder, 20),
            other("Adventure Works GmbH", "AT", 12_000.0, Event::New, 23),
        ],
        reason: words::of(Locale::EN).digest_reason(&DigestKind::Reminders),
        mentions: Vec::new(),
        zone: zone(),
        now: at("2026-11-13T08:00:00Z"),
        as_of: None,
        possible_repeat: false,
        locale: Locale::EN,
    }
}

/// A notice about leadtime itself.
pub fn notice(event: Event) -> Notice {
    notice_in(event, Locale::EN)
}

/// The same in another language.
pub fn notice_in(event: Event, locale: Locale) -> Notice {
    let words = words::of(locale);
    let words::Told { title, text, todo } = words.news(&news_of(event));
    let (since, reason) = match event {
        Event::Recovered => (Some("2026-11-10T18:00:00Z"), words.ops_reason(true)),
        Event::Keepalive => (None, words.keepalive_reason()),
        Event::Test => (None, words.test_reason()),
        _ => (Some("2026-11-13T07:08:00Z"), words.ops_reason(true)),
    };
    Notice {
        message_id: MessageId::of_key(&format!("sample/{}", event.as_str())),
        event,
        title,
        text,
        since: since.map(at),
        todo,
        reason,
        possible_repeat: false,
        zone: zone(),
        now: at("2026-11-13T08:00:00Z"),
        locale,
    }
}

fn news_of(event: Event) -> News {
    let account = AccountName::new("contoso");
    let nearest = |name: &str, day| (name.to_owned(), jiff::civil::date(2026, 11, day));
    match event {
        Event::Recovered => News::Recovered(Recovery::ReadAgain {
            account,
            away: Some(Seconds(62 * 3_600)),
            missed: Missed {
                open: 3,
                nearest: vec![
                    nearest("Fabrikam Kft.", 19),
                    nearest("Wingtip Toys s.r.o.", 20),
                    nearest("Litware s.r.o.", 23),
                ],
                new: 2,
                oldest: Seconds(51 * 3_600),
                expired: 1,
                expired_first: vec!["Northwind Traders a.s.".to_owned()],
                late: 4,
                ..Missed::default()
            },
        }),
        Event::Keepalive => News::Keepalive,
        Event::Test => News::Test(Trial::SendTest("sellers".into())),
        _ => {
            let expired = SignInTrouble::Expired { aadsts: Some(700_082) };
            News::Trouble(Trouble::Unread { account, why: Unread::Fault(Fault::SignIn(expired)) })
        }
    }
}

fn anna() -> Mention {
    Mention {
        name: "Anna Kovács".to_owned(),
        slack: Some("U012AB3CD".to_owned()),
        teams: Some("anna@contoso.example".to_owned()),
    }
}

fn step_of(event: Event) -> &'static str {
    match event {
        Event::New => "new",
        Event::Escalation => "before_expiry 3bd",
        Event::Reminder => "before_expiry 5bd",
        Event::Overdue => "overdue",
        other => other.as_str(),
    }
}

fn reason_of(event: Event, locale: Locale) -> String {
    reason_at(event, locale, if is_late(event) { "managers" } else { "sellers" })
}

/// Why whoever reads at `here` gets the sample.
pub fn reason_at(event: Event, locale: Locale, here: &str) -> String {
    let before =
        |days| Purpose::BeforeExpiry { left: Period::working_days(days), armed: Timestamp::UNIX_EPOCH, repeat: None };
    let purpose = match event {
        Event::Updated => Purpose::Updated(1),
        Event::Reminder => before(5),
        Event::Escalation => before(3),
        Event::Overdue => Purpose::Overdue(jiff::civil::date(2026, 11, 20)),
        Event::Answered => Purpose::Answered(1),
        Event::Expired => Purpose::Expired(1),
        Event::Gone => Purpose::Gone(1),
        Event::Reopened => Purpose::Reopened(1),
        _ => Purpose::New,
    };
    let escalation = is_late(event);
    words::of(locale).reason(&Why { purpose, escalation, rule: "large co-sell", here, origin: None })
}

fn is_late(event: Event) -> bool {
    matches!(event, Event::Escalation | Event::Overdue | Event::Expired)
}

fn closing_of(event: Event) -> Option<Ending> {
    let (closing, by) = match event {
        Event::Answered => (Closing::Accepted, Some("Anna Kovács".to_owned())),
        Event::Expired => (Closing::Expired, None),
        _ => return None,
    };
    let after = if closing == Closing::Expired { 13 * 86_400 + 56_670 } else { 97_200 };
    Some(Ending { closing, after: Seconds(after), by })
}

fn told(late: bool) -> Vec<Told> {
    let line = |when: &str, destination: &str, what: &str, became| Told {
        at: at(when),
        destination: destination.to_owned(),
        what: what.to_owned(),
        became,
    };
    let mut told = vec![
        line("2026-11-06T08:20:00Z", "sellers", "new", Became::Accepted),
        line("2026-11-06T12:15:30Z", "sellers", "after 4bh", Became::Accepted),
    ];
    if late {
        told.push(line("2026-11-13T08:00:00Z", "sellers", "before_expiry 5bd", Became::Accepted));
        told.push(line("2026-11-13T08:00:00Z", "anna-dm", "before_expiry 5bd", Became::Refused));
    }
    told
}

fn next(event: Event) -> Vec<Next> {
    let line = |when: &str, destinations: &[&str]| Next {
        at: at(when),
        destinations: destinations.iter().map(|name| (*name).to_owned()).collect(),
        escalation: true,
    };
    let last = line("2026-11-19T08:00:00Z", &["managers", "sellers"]);
    if event == Event::Escalation { vec![last] } else { vec![line("2026-11-17T08:00:00Z", &["managers"]), last] }
}

fn changes() -> Vec<Changed> {
    vec![
        Changed { field: Field::Value, old: Some("60000".to_owned()), new: Some("80000".to_owned()) },
        Changed { field: Field::Notes, old: None, new: Some("Wants a fixed price.".to_owned()) },
    ]
}

fn zone() -> TimeZone {
    TimeZone::get("Europe/Budapest").unwrap_or(TimeZone::UTC)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

#[allow(clippy::expect_used, reason = "the samples are written in this file and a test reads each")]
fn read(body: Value) -> Referral {
    Referral::read(body).expect("a sample has an id")
}
