//! The story of the demo: twelve referrals in fourteen days, who answers which and when, and what breaks meanwhile.
//! Data only, the same each time; the working hours are Monday to Friday, 9 to 17 in Budapest, and the steps those of the
//! built-in ladder. Must never send a message itself: what is told of the story is what leadtime makes of it.

use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use serde_json::{Value, json};

use super::{
    inbox::{Medium, Stage},
    invent::Sketch,
    sinks::{Fault, FaultKind, Sinks},
    world::{Colleague, NoSuchReferral, Outage, World},
};
use crate::core::referral::{Category, Unreadable};

/// Monday, 2 November 2026, 8:00 in Budapest.
const START: Timestamp = Timestamp::constant(1_793_602_800, 0);

/// The zone of the story's people.
pub const ZONE: &str = "Europe/Budapest";

/// How many days the story has.
pub const DAYS: u32 = 14;

/// Sells in Hungary.
pub const ANNA: Colleague = Colleague { first: "Anna", last: "Kovács", email: "anna@contoso.example" };

/// Sells in Czechia and Slovakia.
pub const PETR: Colleague = Colleague { first: "Petr", last: "Novák", email: "petr@contoso.example" };

/// Who speaks where the simulated Partner Center itself does something.
const PARTNER_CENTER: &str = "Partner Center";

/// The whole story.
#[derive(Clone, PartialEq, Debug)]
pub struct Story {
    /// What is waiting when it begins.
    pub already_there: Vec<Sketch>,
    /// What happens, in order.
    pub events: Vec<Event>,
}

/// Something that happens.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// When, by the simulated clock.
    pub at: Timestamp,
    /// Who does it.
    pub who: String,
    /// What people are told of it: a sentence that begins with who.
    pub line: String,
    /// What it changes.
    pub act: Act,
}

/// What an event changes.
#[derive(Clone, PartialEq, Debug)]
pub enum Act {
    /// A referral comes.
    Arrive(Box<Sketch>),
    /// A value of a referral becomes another.
    Change {
        /// The referral.
        id: String,
        /// The path in the API's names.
        path: &'static str,
        /// What stands there from now on.
        value: Value,
    },
    /// Somebody accepts.
    Accept {
        /// The referral.
        id: String,
        /// Who.
        by: Colleague,
    },
    /// Somebody declines.
    Decline {
        /// The referral.
        id: String,
        /// Why, as it is written to the sender.
        reason: &'static str,
    },
    /// A referral expires. The simulated Partner Center closes it by itself; the event only tells of it.
    Expire {
        /// The referral.
        id: String,
    },
    /// Partner Center breaks, or works again.
    PartnerCenter(Option<Outage>),
    /// All of Slack breaks, or works again.
    Slack(Option<FaultKind>),
}

/// Something that people must hear.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Owed {
    /// About which referral.
    pub id: String,
    /// Its customer.
    pub customer: String,
    /// What they hear.
    pub what: Hears,
    /// From when on.
    pub at: Timestamp,
}

/// What people hear about a referral.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hears {
    /// The sellers hear that it is there.
    OfIt,
    /// The managers hear that it is about to expire.
    Warning,
    /// The sellers hear that it was answered.
    Answer,
    /// The managers hear that it has expired.
    Expiry,
}

/// An event that could not happen: the story and the world do not fit each other.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Mishap {
    /// The world lacks what the event is about.
    #[error(transparent)]
    Unknown(#[from] NoSuchReferral),
    /// The referral that should come is none.
    #[error("a referral of the story cannot be read: {0}; mend its sketch")]
    Unreadable(#[from] Unreadable),
}

/// When the story begins.
pub fn start() -> Timestamp {
    START
}

/// The frame of the story for the inbox.
pub fn stage() -> Stage {
    Stage { start: START, days: DAYS, zone: TimeZone::get(ZONE).unwrap_or(TimeZone::UTC) }
}

/// Monday of the second week, a minute before the working day: what begins then is the moment to kill leadtime in.
pub fn kill_from() -> Timestamp {
    on(8, 8, 59)
}

/// The story, told from its first day.
pub fn story() -> Story {
    let cast = Cast::new();
    let mut events = [first_week(&cast), second_week(&cast)].concat();
    events.sort_by_key(|event| event.at);
    Story { already_there: vec![cast.northwind, cast.wingtip, cast.adatum], events }
}

impl Story {
    /// Puts what is waiting at the beginning into the world.
    pub fn begin(&self, world: &World) -> Result<(), Mishap> {
        Ok(world.add(self.already_there.iter().map(Sketch::body))?)
    }

    /// Every referral of the story, in no order that matters.
    pub fn referrals(&self) -> impl Iterator<Item = &Sketch> {
        let later = self.events.iter().filter_map(|event| match &event.act {
            Act::Arrive(sketch) => Some(&**sketch),
            _ => None,
        });
        self.already_there.iter().chain(later)
    }

    /// When somebody answers a referral, where somebody does.
    pub fn answered_at(&self, id: &str) -> Option<Timestamp> {
        self.events.iter().find_map(|event| match &event.act {
            Act::Accept { id: about, .. } | Act::Decline { id: about, .. } if about == id => Some(event.at),
            _ => None,
        })
    }

    /// What people must have heard by the end, reckoned from the story alone and not from what leadtime decided: of each
    /// referral, of each answer and expiry, and before each expiry. What falls due in the last twelve hours may be on its way.
    pub fn owed(&self, end: Timestamp) -> Vec<Owed> {
        let owed = self.referrals().flat_map(|sketch| {
            let (id, expires) = (sketch.id(), sketch.expires());
            let answered = self.answered_at(&id).filter(|at| *at < expires);
            let over = answered.unwrap_or(expires);
            let owes = |what, at| Owed { id: id.clone(), customer: sketch.customer.clone(), what, at };
            let warned = Some(opening_before(expires, 3)).filter(|at| *at < over);
            let ending = if answered.is_some() { Hears::Answer } else { Hears::Expiry };
            let arrival = owes(Hears::OfIt, sketch.created.max(START));
            [Some(arrival), warned.map(|at| owes(Hears::Warning, at)), Some(owes(ending, over))]
        });
        let settled = end.saturating_sub(SignedDuration::from_hours(12)).unwrap_or(end);
        owed.flatten().filter(|owed| owed.at <= settled).collect()
    }

    /// What happens after one instant and no later than another.
    pub fn between(&self, after: Timestamp, until: Timestamp) -> &[Event] {
        let place = |instant| self.events.partition_point(|event| event.at <= instant);
        self.events.get(place(after)..place(until)).unwrap_or_default()
    }
}

impl Event {
    /// Changes the world and the sinks, and tells the inbox.
    pub fn happen(&self, world: &World, sinks: &Sinks) -> Result<(), Mishap> {
        match &self.act {
            Act::Arrive(sketch) => world.add([sketch.body()])?,
            Act::Change { id, path, value } => world.change(id, path, value.clone())?,
            Act::Accept { id, by } => world.accept(id, by)?,
            Act::Decline { id, reason } => world.decline(id, reason)?,
            Act::Expire { .. } => {}
            Act::PartnerCenter(outage) => world.set_outage(*outage),
            Act::Slack(Some(kind)) => sinks.fail(Medium::Slack, None, Fault { kind: *kind, until: None }),
            Act::Slack(None) => sinks.mend(Medium::Slack, None),
        }
        sinks.inbox().tell(format!("{} {}", self.who, self.line));
        Ok(())
    }
}

/// The referrals of the story, by their customers.
struct Cast {
    northwind: Sketch,
    wingtip: Sketch,
    adatum: Sketch,
    fabrikam: Sketch,
    litware: Sketch,
    tailspin: Sketch,
    proseware: Sketch,
    alpine: Sketch,
    coho: Sketch,
    woodgrove: Sketch,
    humongous: Sketch,
    relecloud: Sketch,
}

impl Cast {
    fn new() -> Self {
        use Category::{CoSellOpportunity as CoSell, MarketplaceLead as Lead, QualifiedLead as Qualified};
        let hu = |customer, city, at, category, value| sketch(customer, city, "HU", at, category, value);
        let cz = |customer, city, at, category, value| sketch(customer, city, "CZ", at, category, value);
        Self {
            // These three came in the week before the story.
            northwind: cz("Northwind Traders a.s.", "Praha", on(-3, 16, 10), CoSell, (64_000.0, "EUR"))
                .says("Warehouse software on Azure; their own team is two people. Hledají partnera do konce roku."),
            wingtip: cz("Wingtip Toys s.r.o.", "Plzeň", on(-4, 10, 0), CoSell, (42_500.0, "EUR"))
                .says("Wants Dynamics 365 Business Central before the summer season, 30 users.")
                .sent_by("Trey Research"),
            adatum: hu("Adatum Logisztika Kft.", "Győr", on(-2, 16, 45), Lead, (9_800.0, "EUR"))
                .says("Microsoft 365 for 85 people, drivers included."),
            fabrikam: hu("Fabrikam Kft.", "Budapest", on(1, 9, 12), CoSell, (80_000.0, "EUR"))
                .says("Moves its file servers to Azure before the lease of the machine room ends in March."),
            litware: cz("Litware s.r.o.", "Ostrava", on(1, 14, 5), Qualified, (18_000.0, "EUR"))
                .says("Teams Phone for 220 people, replaces an old exchange."),
            tailspin: hu("Tailspin Játék Zrt.", "Pécs", on(2, 11, 20), Lead, (2_400_000.0, "HUF"))
                .says("Webáruházat szeretnének a játékboltjaiknak."),
            proseware: cz("Proseware a.s.", "Brno", on(3, 10, 2), Qualified, (650_000.0, "CZK"))
                .says("Power BI and a small data warehouse; budget is approved."),
            alpine: hu("Alpine Ski House Kft.", "Sopron", on(4, 10, 15), CoSell, (27_000.0, "EUR"))
                .says("Six mountain lodges, one network, Defender and Intune on 140 machines.")
                .sent_by("Bellows Systems"),
            coho: hu("Coho Winery Kft.", "Tokaj", on(5, 17, 40), Lead, (12_000.0, "EUR"))
                .says("Please call me back this week, our ordering system is out of support.")
                .wants_contact(),
            woodgrove: sketch("Woodgrove Bank a.s.", "Košice", "SK", on(6, 12, 30), CoSell, (150_000.0, "EUR"))
                .says("Sentinel and a response plan after an incident in summer."),
            humongous: cz("Humongous Insurance a.s.", "Praha", on(9, 11, 0), CoSell, (96_000.0, "EUR"))
                .says("Three subsidiaries, one tenant to be made of them, 600 mailboxes."),
            relecloud: hu("Relecloud Zrt.", "Debrecen", on(11, 13, 15), CoSell, (35_000.0, "EUR"))
                .says("Pilot of Copilot with the sales team, 50 seats, training included."),
        }
    }
}

fn first_week(cast: &Cast) -> Vec<Event> {
    vec![
        arrives(&cast.fabrikam, "invites Contoso to Fabrikam Kft., Budapest, €80,000"),
        accepts(&cast.adatum, on(1, 10, 30), ANNA, "accepts Adatum Logisztika Kft. on Monday morning"),
        arrives(&cast.litware, "sends a qualified lead: Litware s.r.o., Ostrava, €18,000"),
        accepts(&cast.litware, on(2, 9, 40), PETR, "accepts Litware s.r.o. before any reminder"),
        arrives(&cast.tailspin, "sends a lead: Tailspin Játék Zrt., Pécs, 2,400,000 Ft"),
        arrives(&cast.proseware, "sends a qualified lead: Proseware a.s., Brno, 650,000 Kč"),
        Event {
            at: on(3, 10, 45),
            who: "Microsoft".to_owned(),
            line: "raises Fabrikam Kft. from €80,000 to €120,000".to_owned(),
            act: Act::Change { id: cast.fabrikam.id(), path: "details/dealValue", value: json!(120_000) },
        },
        Event {
            at: on(3, 10, 50),
            who: ANNA.name(),
            line: "declines Tailspin Játék Zrt.: web shops are not Contoso's trade".to_owned(),
            act: Act::Decline { id: cast.tailspin.id(), reason: "We do not build web shops." },
        },
        accepts(&cast.proseware, on(3, 16, 30), PETR, "accepts Proseware a.s. after the reminder"),
        Event {
            at: on(4, 8, 30),
            who: PARTNER_CENTER.to_owned(),
            line: "stops answering; the countdown goes on without it".to_owned(),
            act: Act::PartnerCenter(Some(Outage::Down { retry_after: Some(60) })),
        },
        arrives(&cast.alpine, "invites Contoso to Alpine Ski House Kft. while nobody can see it"),
        Event {
            at: on(4, 16, 0),
            who: PARTNER_CENTER.to_owned(),
            line: "answers again".to_owned(),
            act: Act::PartnerCenter(None),
        },
        accepts(&cast.alpine, on(5, 9, 45), ANNA, "accepts Alpine Ski House Kft."),
        accepts(&cast.wingtip, on(5, 13, 40), PETR, "accepts Wingtip Toys s.r.o. after the managers heard"),
        arrives(&cast.coho, "sends a lead on Friday evening: Coho Winery Kft. asks to be called back"),
        arrives(&cast.woodgrove, "invites Contoso to Woodgrove Bank a.s., Košice, €150,000, on a Saturday"),
    ]
}

fn second_week(cast: &Cast) -> Vec<Event> {
    vec![
        accepts(&cast.coho, on(8, 9, 50), ANNA, "calls Coho Winery Kft. and accepts"),
        Event {
            at: on(9, 8, 0),
            who: "Slack".to_owned(),
            line: "is down; what is due waits in the outbox".to_owned(),
            act: Act::Slack(Some(FaultKind::Unavailable)),
        },
        accepts(&cast.woodgrove, on(9, 10, 20), PETR, "accepts Woodgrove Bank a.s."),
        arrives(&cast.humongous, "invites Contoso to Humongous Insurance a.s., €96,000, while Slack is down"),
        Event { at: on(9, 14, 0), who: "Slack".to_owned(), line: "works again".to_owned(), act: Act::Slack(None) },
        accepts(&cast.fabrikam, on(10, 11, 25), ANNA, "accepts Fabrikam Kft. after the managers heard"),
        accepts(&cast.humongous, on(10, 10, 40), PETR, "accepts Humongous Insurance a.s."),
        Event {
            at: cast.northwind.expires(),
            who: PARTNER_CENTER.to_owned(),
            line: "lets Northwind Traders a.s. expire: nobody answered".to_owned(),
            act: Act::Expire { id: cast.northwind.id() },
        },
        arrives(&cast.relecloud, "invites Contoso to Relecloud Zrt., still open when the story ends"),
    ]
}

/// An instant by the clock in Budapest; day 1 is that of the start. The story lies within one summer or winter time.
fn on(day: i64, hour: i64, minute: i64) -> Timestamp {
    let passed = SignedDuration::from_mins((day - 1) * 24 * 60 + (hour - 8) * 60 + minute);
    START.saturating_add(passed).unwrap_or(START)
}

/// The opening of the `days`-th last working day that closes at or before the deadline: told again, in the plainest way,
/// so that what leadtime reckons is held against it.
fn opening_before(deadline: Timestamp, days: usize) -> Timestamp {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let last = deadline.to_zoned(zone.clone()).date();
    let instant = |day: Date, hour| day.at(hour, 0, 0, 0).to_zoned(zone.clone()).map_or(deadline, |at| at.timestamp());
    let closed_in_time = (0..60_i64)
        .map(|back| last.saturating_sub(back.days()))
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && instant(*day, 17) <= deadline)
        .nth(days.saturating_sub(1));
    closed_in_time.map_or(deadline, |day| instant(day, 9))
}

fn sketch(
    customer: &str,
    city: &str,
    country: &str,
    created: Timestamp,
    category: Category,
    (value, currency): (f64, &str),
) -> Sketch {
    let contact = match country {
        "HU" => ("Eszter", "Nagy"),
        "CZ" => ("Jana", "Dvořáková"),
        _ => ("Martin", "Kováč"),
    };
    Sketch {
        customer: customer.to_owned(),
        city: city.to_owned(),
        country: country.to_owned(),
        category,
        partner: None,
        deal: Some((value, currency.to_owned())),
        notes: String::new(),
        contact: (contact.0.to_owned(), contact.1.to_owned()),
        consents: country != "SK",
        contact_requested: false,
        created,
    }
}

impl Sketch {
    fn says(self, notes: &str) -> Self {
        Self { notes: notes.to_owned(), ..self }
    }

    fn sent_by(self, name: &str) -> Self {
        Self { partner: Some(name.to_owned()), ..self }
    }

    fn wants_contact(self) -> Self {
        Self { contact_requested: true, ..self }
    }
}

fn arrives(sketch: &Sketch, line: &str) -> Event {
    let who = match (&sketch.partner, sketch.category) {
        (Some(partner), _) => partner.as_str(),
        (None, Category::MarketplaceLead) => "Marketplace",
        (None, _) => "Microsoft",
    };
    Event { at: sketch.created, who: who.to_owned(), line: line.to_owned(), act: Act::Arrive(Box::new(sketch.clone())) }
}

fn accepts(sketch: &Sketch, at: Timestamp, by: Colleague, line: &str) -> Event {
    Event { at, who: by.name(), line: line.to_owned(), act: Act::Accept { id: sketch.id(), by } }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// When each referral is answered, by its customer.
    fn answers(story: &Story) -> BTreeMap<String, Timestamp> {
        let referrals = story.referrals();
        referrals.filter_map(|sketch| Some((sketch.customer.clone(), story.answered_at(&sketch.id())?))).collect()
    }

    fn sketches(story: &Story) -> Vec<Sketch> {
        story.referrals().cloned().collect()
    }

    fn find(story: &Story, customer: &str) -> Sketch {
        sketches(story).into_iter().find(|sketch| sketch.customer == customer).unwrap()
    }

    #[test]
    fn the_story_begins_on_a_monday_at_eight_and_stays_within_its_days() {
        let story = story();
        assert_eq!(
            start().to_zoned(TimeZone::get(ZONE).unwrap()).to_string(),
            "2026-11-02T08:00:00+01:00[Europe/Budapest]"
        );
        let end = on(15, 8, 0);
        assert!(story.events.iter().all(|event| start() <= event.at && event.at < end));
        assert!(story.events.is_sorted_by_key(|event| event.at));
        assert_eq!(sketches(&story).len(), 12);
    }

    #[test]
    fn who_is_answered_after_the_managers_heard_is_answered_on_that_day() {
        let story = story();
        let answers = answers(&story);
        for customer in ["Wingtip Toys s.r.o.", "Fabrikam Kft."] {
            let heard = opening_before(find(&story, customer).expires(), 3);
            let after = answers[customer].duration_since(heard);
            assert!(
                after > SignedDuration::from_hours(1) && after < SignedDuration::from_hours(8),
                "{customer}: {after}"
            );
        }
    }

    #[test]
    fn nobody_else_who_answers_needs_the_managers() {
        let story = story();
        for (customer, answered) in answers(&story) {
            if !["Wingtip Toys s.r.o.", "Fabrikam Kft."].contains(&&*customer) {
                assert!(answered < opening_before(find(&story, &customer).expires(), 3), "{customer}");
            }
        }
    }

    #[test]
    fn one_expires_after_all_its_steps_and_one_is_left_open() {
        let story = story();
        let answers = answers(&story);
        let open: Vec<String> = sketches(&story)
            .into_iter()
            .map(|sketch| sketch.customer)
            .filter(|name| !answers.contains_key(name))
            .collect();
        assert_eq!(open, ["Northwind Traders a.s.", "Relecloud Zrt."]);
        let expires = find(&story, "Northwind Traders a.s.").expires();
        for days in [5, 3, 1] {
            assert!((start()..expires).contains(&opening_before(expires, days)));
        }
        assert!(expires < on(11, 9, 0), "its end is told within the story");
        assert!(find(&story, "Relecloud Zrt.").expires() > on(15, 8, 0));
    }

    #[test]
    fn a_reminder_falls_into_the_outage_of_partner_center() {
        let story = story();
        let due = opening_before(find(&story, "Northwind Traders a.s.").expires(), 5);
        assert!(on(4, 8, 30) < due && due < on(4, 16, 0));
    }

    #[test]
    fn what_people_are_owed_follows_from_the_story() {
        let story = story();
        let owed = story.owed(on(15, 8, 0));
        let count = |what| owed.iter().filter(|owed| owed.what == what).count();
        assert_eq!([Hears::OfIt, Hears::Warning, Hears::Answer, Hears::Expiry].map(count), [12, 3, 10, 1]);
        assert!(story.owed(on(1, 19, 59)).iter().all(|owed| owed.at < on(1, 8, 1)), "the rest is on its way");
    }

    #[test]
    fn something_is_due_as_leadtime_is_killed() {
        let story = story();
        let due = story.owed(on(15, 8, 0)).into_iter().find(|owed| owed.at >= kill_from());
        assert!(due.is_some_and(|due| due.at < on(8, 9, 1)));
    }

    #[test]
    fn what_breaks_is_mended() {
        let story = story();
        let last =
            |pick: fn(&Act) -> Option<bool>| story.events.iter().filter_map(|event| pick(&event.act)).next_back();
        assert_eq!(last(|act| if let Act::Slack(fault) = act { Some(fault.is_none()) } else { None }), Some(true));
        assert_eq!(
            last(|act| if let Act::PartnerCenter(outage) = act { Some(outage.is_none()) } else { None }),
            Some(true)
        );
    }

    #[test]
    fn the_story_is_the_same_each_time_and_is_told_once() {
        let story = story();
        assert_eq!(story, super::story());
        let (before, middle, after) = (on(1, 7, 59), on(7, 0, 0), on(15, 8, 0));
        assert_eq!(story.between(before, middle).len() + story.between(middle, after).len(), story.events.len());
        assert!(story.between(after, before).is_empty());
    }
}
