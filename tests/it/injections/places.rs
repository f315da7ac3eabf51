//! Every place of a message where a stranger's text can stand, one after the other and always in the same order: fields of
//! the referral, known and unknown, names of fields, people, changes, what a destination or Partner Center answered.

use leadtime::{
    core::{
        case::Mute,
        notice::News,
        people::Nobody,
        referral::Referral,
        story::{Holder, Row},
    },
    messages::{
        content::{
            Because, Changed, Claimed, Content, Cover, Digest, Ending, Event, Field, Forecast, Mention, Message,
            Notice, Owner, Refusing,
        },
        sample,
        words::{self, Locale},
    },
};
use serde_json::{Value, json};

use super::news;

/// Called with the name of each place and the text that stands there.
pub type Visit<'a> = &'a mut dyn FnMut(&str, &mut String);

/// Something that can be said, with places for strangers' texts.
#[derive(Clone)]
pub enum Said {
    /// About one referral, several, or all.
    Content(Box<Content>),
    /// About leadtime itself, several in one: worded only when the texts are in it.
    News(Event, Vec<News>),
}

/// Everything that can be said, by its name.
pub fn everything(locale: Locale) -> Vec<(String, Said)> {
    let referral = Event::ALL.into_iter().filter(|event| *event < Event::Digest);
    let mut all: Vec<(String, Said)> = Vec::new();
    for event in referral {
        let message = Content::Referral(Box::new(full(event, locale)));
        all.push((event.as_str().to_owned(), Said::Content(Box::new(message))));
    }
    let digest = sample::told_in(sample::digest(), locale);
    let items = [Event::Reminder, Event::Escalation, Event::Answered].map(|event| full(event, locale)).to_vec();
    let mentions = vec![mention()];
    all.push((
        "digest".into(),
        Said::Content(Box::new(Content::Digest(Box::new(Digest { items, mentions, ..digest })))),
    ));
    let forecast = Forecast { locale, ..sample::forecast() };
    all.push(("forecast".into(), Said::Content(Box::new(Content::Forecast(Box::new(full_forecast(forecast)))))));
    all.extend(news::all().into_iter().map(|(name, event, news)| (name, Said::News(event, news))));
    all
}

impl Said {
    /// Visits every place.
    pub fn visit(&mut self, visit: Visit<'_>) {
        match self {
            Self::Content(content) => match &mut **content {
                Content::Referral(message) => visit_message(message, visit),
                Content::Digest(digest) => digest.items.iter_mut().for_each(|item| visit_message(item, visit)),
                Content::Forecast(forecast) => visit_forecast(forecast, visit),
                Content::Notice(_) => {}
            },
            Self::News(_, all) => all.iter_mut().for_each(|news| *news = news::visited(news, visit)),
        }
    }

    /// Whether it is about one referral.
    pub fn is_of_one(&self) -> bool {
        matches!(self, Self::Content(content) if matches!(**content, Content::Referral(_)))
    }

    /// The message.
    pub fn content(&self, locale: Locale) -> Content {
        match self {
            Self::Content(content) => (**content).clone(),
            Self::News(event, all) => {
                let told: Vec<words::Told> = all.iter().map(|news| words::of(locale).news(news)).collect();
                // So long that it stands in the text once more, whatever is put into it.
                let long = "and as this title is longer than any headline, it stands in the text once more";
                let title = told.first().map(|told| format!("{} {long}", told.title)).unwrap_or_default();
                let todo = told.first().and_then(|told| told.todo.clone());
                let text = told.into_iter().flat_map(|told| [told.title].into_iter().chain(told.text).chain(told.todo));
                let text = text.collect();
                Content::Notice(Box::new(Notice { title, text, todo, ..sample::notice_in(*event, locale) }))
            }
        }
    }
}

/// A message in which everything is said that can be.
fn full(event: Event, locale: Locale) -> Message {
    let quiet = || "Quiet".to_owned();
    let cover = Some(Cover { name: quiet(), last: None });
    let message = sample::message_in(event, locale);
    let fields = [Field::Customer, Field::Value, Field::Currency, Field::Closing, Field::Notes, Field::Deadline];
    let changed = |field| Changed { field, old: Some(quiet()), new: Some(quiet()) };
    Message {
        referral: wide(message.referral),
        // The value is then the deal's own, in its own currency.
        value: message.value.filter(|_| event != Event::Reminder),
        changes: fields.map(changed).to_vec(),
        owners: vec![Owner { name: quiet(), cover: None }, Owner { name: quiet(), cover: cover.clone() }],
        because: match event {
            Event::Escalation => Because::Manager(cover),
            Event::Overdue => Because::InPlaceOf(Nobody::NoOwner),
            _ => Because::Owner(cover),
        },
        refusing: vec![Refusing { name: quiet(), since: message.now }],
        claimed: Some(Claimed { by: quiet(), since: message.now, until: message.deadline }),
        closing: message.closing.map(|ending| Ending { by: Some(quiet()), ..ending }),
        mentions: vec![mention()],
        subject: None,
        include_contacts: true,
        include_notes: true,
        ..message
    }
}

/// A person of the settings; their names are no stranger's.
fn mention() -> Mention {
    let id = |text: &str| Some(text.to_owned());
    Mention { name: "Béla Nagy".into(), slack: id("U012AB3CE"), teams: id("bela@contoso.example") }
}

/// A referral with everything that Partner Center documents and more.
fn wide(referral: Referral) -> Referral {
    let mut body = Value::from(referral);
    body["tenantId"] = "Quiet".into();
    body["updatedDateTime"] = "Quiet".into();
    body["acceptedDateTime"] = "Quiet".into();
    body["campaignId"] = "Quiet".into();
    body["eTag"] = "Quiet".into();
    body["isSpam"] = "Quiet".into();
    body["links"] = json!({"self": {"uri": "Quiet", "method": "Quiet", "headers": [{"key": "Quiet"}]}});
    body["customerProfile"]["address"]["region"] = "Quiet".into();
    body["customerProfile"]["ids"] = json!({"TaxId": "Quiet"});
    body["details"]["externalReferenceId"] = "Quiet".into();
    body["details"]["customerAction"] = "Quiet".into();
    body["details"]["requirements"] = json!({
        "industries": [{"id": "Quiet"}], "solutions": [{"id": "Quiet", "name": "Quiet", "type": "Quiet"}],
        "products": [{"id": "Quiet"}], "additionalRequirements": "Quiet",
    });
    body["team"][0]["phoneNumber"] = "Quiet".into();
    body["nobodyKnowsThis"] = json!({"deep": [{"er": ["Quiet"]}]});
    Referral::read(body).expect("readable")
}

fn full_forecast(mut forecast: Forecast) -> Forecast {
    let mute = forecast.told.muted.shown.first().map(|muted| muted.mute.clone());
    forecast.told.expired.shown.iter_mut().for_each(|story| story.muted.clone_from(&mute));
    forecast
}

fn visit_message(message: &mut Message, visit: Visit<'_>) {
    let mut body = Value::from(std::mem::take(&mut message.referral));
    visit_body(&mut body, "", visit);
    visit_names(&mut body, visit);
    message.referral = Referral::read(body).expect("readable");
    for owner in &mut message.owners {
        visit("an owner", &mut owner.name);
        visit_cover(owner.cover.as_mut(), visit);
    }
    match &mut message.because {
        Because::Owner(cover) | Because::Manager(cover) => visit_cover(cover.as_mut(), visit),
        Because::Named | Because::InPlaceOf(_) => {}
    }
    message.refusing.iter_mut().for_each(|one| visit("an owner whose address refuses", &mut one.name));
    message.claimed.iter_mut().for_each(|claim| visit("who claims", &mut claim.by));
    message.closing.iter_mut().filter_map(|end| end.by.as_mut()).for_each(|by| visit("who answered", by));
    for changed in &mut message.changes {
        let name = format!("{:?}, as it was", changed.field);
        changed.old.iter_mut().for_each(|old| visit(&name, old));
        let name = format!("{:?}, as it is", changed.field);
        changed.new.iter_mut().for_each(|new| visit(&name, new));
    }
    message.subject.iter_mut().for_each(|subject| visit("the remembered subject", subject));
}

fn visit_cover(cover: Option<&mut Cover>, visit: Visit<'_>) {
    cover.into_iter().for_each(|cover| visit("who is away", &mut cover.name));
}

/// Every text of a referral, by its path.
fn visit_body(value: &mut Value, path: &str, visit: Visit<'_>) {
    match value {
        Value::String(text) => {
            visit(path, text);
            if path == "id" && text.trim().is_empty() {
                // Such an item is not taken for a referral at all.
                *text = "\u{200b}".to_owned();
            }
        }
        Value::Array(items) => {
            items.iter_mut().enumerate().for_each(|(at, item)| visit_body(item, &format!("{path}/{at}"), visit));
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let path = if path.is_empty() { name.clone() } else { format!("{path}/{name}") };
                visit_body(field, &path, visit);
            }
        }
        _ => {}
    }
}

/// Names of fields that nobody knows: at the top, in what is hidden from some readers, and in a list.
fn visit_names(body: &mut Value, visit: Visit<'_>) {
    for place in ["", "/details", "/customerProfile", "/team/0", "/nobodyKnowsThis"] {
        let mut name = "unknown".to_owned();
        visit(&format!("a field's name in {place:?}"), &mut name);
        if let Some(Value::Object(fields)) = body.pointer_mut(place) {
            // A name that is there already stands beside it, one level down.
            fields.insert("odd".to_owned(), json!({name.clone(): "Quiet"}));
            fields.entry(format!("{name}, odd")).or_insert_with(|| "Quiet".into());
        }
    }
}

fn visit_forecast(forecast: &mut Forecast, visit: Visit<'_>) {
    let told = &mut forecast.told;
    told.week.shown.iter_mut().for_each(|row| visit_row(row, visit));
    told.unclaimed.iter_mut().flat_map(|rows| &mut rows.shown).for_each(|row| visit_row(row, visit));
    for muted in &mut told.muted.shown {
        visit_row(&mut muted.row, visit);
        visit_mute(&mut muted.mute, visit);
    }
    for story in &mut told.expired.shown {
        visit_row(&mut story.row, visit);
        story.claimed.iter_mut().for_each(|(name, _)| visit("who claimed", name));
        story.muted.iter_mut().for_each(|mute| visit_mute(mute, visit));
    }
}

fn visit_row(row: &mut Row, visit: Visit<'_>) {
    row.customer.iter_mut().for_each(|customer| visit("a row's customer", customer));
    row.country.iter_mut().for_each(|country| visit("a row's country", country));
    row.value.iter_mut().for_each(|(currency, _)| visit("a row's currency", currency));
    let mut id = row.id.to_string();
    visit("a row's id", &mut id);
    row.id = id.as_str().into();
    match &mut row.holder {
        Holder::Claimed { by, .. } => visit("who has it", by),
        Holder::Owners(owners) => owners.iter_mut().for_each(|owner| visit("an owner", owner)),
        Holder::Nobody => {}
    }
}

fn visit_mute(mute: &mut Mute, visit: Visit<'_>) {
    visit("why it is muted", &mut mute.reason);
    mute.by.iter_mut().for_each(|by| visit("who muted it", by));
}
