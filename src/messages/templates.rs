//! From a content to a finished message. A message is never lost to a template: a user's template that fails at run time
//! is replaced by the built-in one, and that, should it ever fail, by plain text.

use std::{
    path::Path,
    sync::{Arc, LazyLock},
};

use handlebars::Context;
use serde_json::{Value, json};

use super::{
    content::{Audience, ChannelKind, Content, Event},
    engine::{Engine, Medium, TemplateFault, parsed, unusable},
    envelope,
    escape::{Markup, finished_line, header, safe_link, settle, slack_entities},
    headline::{headline, subject},
    limits::{self, Fit},
    load::{Loaded, built_in, load},
    rendered::{Body, Mail, Rendered},
    view::View,
};
use crate::core::ids::MessageId;
pub use crate::core::outbox::Form;

/// Bytes of HTML; some mail programs clip what is longer than 102 KB.
const LONGEST_MAIL: usize = 90_000;

/// Plain text in Slack and Teams: less than either is cut at, as escapes make some letters longer.
const PLAIN_CHARS: usize = 3_000;

/// How many items of a digest are tried, one number after the other, until it fits.
const FEWER_ITEMS: [usize; 6] = [100, 50, 25, 15, 8, 4];

/// Every template, parsed once and shared.
#[derive(Clone)]
pub struct Templates {
    user: Option<Arc<Loaded>>,
}

impl Default for Templates {
    /// The built-in ones alone.
    fn default() -> Self {
        Self { user: None }
    }
}

static BUILT_IN: LazyLock<Engine> = LazyLock::new(|| built_in().flattened());

impl Templates {
    /// The built-in templates, with those of the user's folder in their place. Renders every one that the user could
    /// have changed with a full and a sparse message, so that what loads also renders; else all faults.
    pub fn load(path: Option<&Path>) -> Result<Self, Vec<TemplateFault>> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let loaded = load(path)?;
        Ok(Self { user: (!loaded.channels.is_empty()).then(|| Arc::new(loaded)) })
    }

    /// Another number whenever one of the user's templates says something else; 0 where there are none.
    pub fn fingerprint(&self) -> u64 {
        self.user.as_ref().map_or(0, |user| user.fingerprint)
    }

    /// The finished message, always; and the fault of a template that would not do, for `[ops]`.
    pub fn render(&self, content: &Content, channel: ChannelKind, form: Form) -> (Rendered, Option<TemplateFault>) {
        let mut fault = None;
        let unmentioned;
        let content = match form {
            Form::Full => content,
            Form::WithoutMentions | Form::Plain => {
                unmentioned = without_mentions(content);
                &unmentioned
            }
        };
        let finished = |body| {
            let mentions = mentioned(content, channel, &body);
            Rendered { message_id: content.message_id(), body, mentions }
        };
        if form != Form::Plain {
            if let Some(user) = self.user.as_ref().filter(|user| user.channels.contains(&channel)) {
                match compose(&user.engine, content, channel, true) {
                    Ok(body) => return (finished(body), None),
                    Err(found) => fault = Some(found),
                }
            }
            // The webhook's is no template, and where there is nothing else none need be parsed.
            let built_in = match channel {
                ChannelKind::Webhook => Ok(Body::Json(envelope::json(content))),
                _ => compose(&BUILT_IN, content, channel, false),
            };
            match built_in {
                Ok(body) => return (finished(body), fault),
                Err(found) => fault = fault.or(Some(found)),
            }
        }
        (finished(plain(content, channel)), fault)
    }
}

/// The same with everybody named in the text, and nobody mentioned.
fn without_mentions(content: &Content) -> Content {
    let mut content = content.clone();
    let mentions = match &mut content {
        Content::Referral(message) => &mut message.mentions,
        Content::Digest(digest) => &mut digest.mentions,
        Content::Forecast(_) | Content::Notice(_) => return content,
    };
    for mention in mentions {
        (mention.slack, mention.teams) = (None, None);
    }
    content
}

/// The ids that a finished message mentions.
fn mentioned(content: &Content, channel: ChannelKind, body: &Body) -> Vec<String> {
    let Body::Json(json) = body else { return Vec::new() };
    let ids = content.mention_ids(channel).into_iter();
    ids.filter(|id| json.contains(&format!("\"{id}\""))).collect()
}

/// Renders by the templates of one engine. `whole` is set for a user's templates, which may want the referral's body. A
/// digest that is too long for its channel is rendered again with fewer items, so that it says how many it leaves out.
pub fn compose(engine: &Engine, content: &Content, channel: ChannelKind, whole: bool) -> Result<Body, TemplateFault> {
    for most in FEWER_ITEMS {
        let view = View::of_some(content, channel, whole, most);
        let (body, fits) = compose_view(engine, content, channel, &view)?;
        if fits || (view.items.is_empty() && view.forecast.is_none()) {
            return Ok(body);
        }
    }
    let view = View::of_some(content, channel, whole, 1);
    compose_view(engine, content, channel, &view).map(|(body, _)| body)
}

/// The message, and whether it is all there.
fn compose_view(
    engine: &Engine,
    content: &Content,
    channel: ChannelKind,
    view: &View,
) -> Result<(Body, bool), TemplateFault> {
    let event = content.event();
    let medium = match channel {
        ChannelKind::Slack => Medium::Slack,
        ChannelKind::Teams => Medium::Teams,
        ChannelKind::Email => return mail(engine, content, view),
        ChannelKind::Webhook => Medium::Webhook,
        ChannelKind::Stdout => Medium::Line,
    };
    let data = context(view, content, channel).map_err(|error| unusable(medium, event, &error.to_string()))?;
    let text = engine.render(medium, event, &data)?;
    match medium {
        Medium::Slack => slack(&text, event),
        Medium::Teams => teams(&text, event),
        Medium::Webhook => Ok((Body::Json(written(&parsed(medium, event, &text)?)), true)),
        _ => Ok((Body::Line(lines(&text)), true)),
    }
}

/// A document as it is sent.
fn written(document: &Value) -> String {
    // A parsed document can always be written again.
    serde_json::to_string(document).unwrap_or_default()
}

fn context(view: &View, content: &Content, channel: ChannelKind) -> Result<Context, serde_json::Error> {
    let mut data = serde_json::to_value(view)?;
    if channel == ChannelKind::Webhook
        && let Some(fields) = data.as_object_mut()
    {
        fields.insert("envelope".to_owned(), serde_json::from_str(&envelope::json(content))?);
    }
    Ok(Context::from(data))
}

fn slack(text: &str, event: Event) -> Result<(Body, bool), TemplateFault> {
    let mut document = parsed(Medium::Slack, event, text)?;
    settle(&mut document, Markup::Slack);
    if !document.get("text").is_some_and(Value::is_string) {
        return Err(unusable(Medium::Slack, event, "a Slack message needs a \"text\"; add one"));
    }
    let fits = limits::slack(&mut document);
    Ok((Body::Json(written(&document)), fits))
}

fn teams(text: &str, event: Event) -> Result<(Body, bool), TemplateFault> {
    let mut document = parsed(Medium::Teams, event, text)?;
    settle(&mut document, Markup::Cards);
    if !document.get("attachments").is_some_and(Value::is_array) {
        return Err(unusable(Medium::Teams, event, "a Teams message needs a list of \"attachments\"; add one"));
    }
    match limits::teams(&mut document) {
        Fit::Not => Err(unusable(Medium::Teams, event, "the card is larger than 20 KB; make it smaller")),
        fit => Ok((Body::Json(written(&document)), fit == Fit::Whole)),
    }
}

fn mail(engine: &Engine, content: &Content, view: &View) -> Result<(Body, bool), TemplateFault> {
    let event = content.event();
    let data = context(view, content, ChannelKind::Email)
        .map_err(|error| unusable(Medium::Html, event, &error.to_string()))?;
    let subject = header(&engine.render(Medium::Subject, event, &data)?);
    if subject.is_empty() {
        return Err(unusable(Medium::Subject, event, "it gives an empty subject; write one"));
    }
    let html = engine.render(Medium::Html, event, &data)?;
    let text = lines(&engine.render(Medium::Text, event, &data)?);
    let fits = html.len() <= LONGEST_MAIL;
    Ok((Body::Mail(Mail { subject, text, html: Some(html), ..envelope_of(content) }), fits))
}

/// What the message decides about a mail besides its texts.
fn envelope_of(content: &Content) -> Mail {
    let (thread, urgent) = match content {
        Content::Referral(message) => {
            let audience = match message.audience {
                Audience::Sellers => "sellers",
                Audience::Escalations => "escalations",
            };
            let key = format!("thread/{}/{}/{audience}", message.account, message.referral.id());
            let urgent = matches!(message.event, Event::Escalation | Event::Overdue);
            // Hashed, because an id may hold what a Message-ID may not.
            (Some(format!("{}.{audience}", MessageId::of_key(&key))), urgent)
        }
        Content::Forecast(_) => (None, false),
        Content::Digest(digest) => (None, digest.kind == super::content::DigestKind::Escalations),
        Content::Notice(notice) => (None, notice.event == Event::Trouble),
    };
    Mail { subject: subject(content), text: String::new(), html: None, thread, urgent, to: Vec::new() }
}

/// Text of several lines without control characters, never more than one empty line, without a newline at the end.
fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = finished_line(line);
        if !(line.is_empty() && (out.is_empty() || out.ends_with("\n\n"))) {
            out.push_str(&line);
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The same message as text and nothing else.
fn plain(content: &Content, channel: ChannelKind) -> Body {
    let (view, text) = plain_text(content, channel);
    match channel {
        ChannelKind::Slack => Body::Json(written(&plain_slack(&text))),
        ChannelKind::Teams => Body::Json(written(&plain_card(&view, &text))),
        ChannelKind::Email => Body::Mail(Mail { text, ..envelope_of(content) }),
        ChannelKind::Webhook => Body::Json(envelope::json(content)),
        ChannelKind::Stdout => Body::Line(text.replace('\n', " ")),
    }
}

/// The text, with as many items of a digest as fit and the number of those that do not: what a channel cuts off is told to
/// nobody, and the last line says whether it may be a repeat.
fn plain_text(content: &Content, channel: ChannelKind) -> (View, String) {
    let of_some = |most| {
        let view = View::of_some(content, channel, false, most);
        let text = context(&view, content, channel)
            .ok()
            .and_then(|data| BUILT_IN.render(Medium::Text, content.event(), &data).ok())
            .map_or_else(|| headline(content), |text| lines(&text));
        (view, text)
    };
    let is_cut = matches!(channel, ChannelKind::Slack | ChannelKind::Teams);
    let fits = |text: &str| !is_cut || text.chars().count() <= PLAIN_CHARS;
    FEWER_ITEMS.into_iter().map(of_some).find(|(_, text)| fits(text)).unwrap_or_else(|| of_some(1))
}

fn plain_slack(text: &str) -> Value {
    let line = |line: &str| match safe_link(line) {
        Some(link) => format!("<{}>", link.replace('&', "&amp;")),
        None => slack_entities(line),
    };
    let mut out = String::new();
    for line in text.lines().map(line) {
        if out.chars().count() + line.chars().count() > 3_500 {
            break;
        }
        out.push_str(&line);
        out.push('\n');
    }
    json!({"text": out.trim_end(), "unfurl_links": false, "unfurl_media": false})
}

fn plain_card(view: &View, text: &str) -> Value {
    // Links stand on lines of their own and are the card's actions instead.
    let text: Vec<&str> = text.lines().filter(|line| safe_link(line).is_none()).collect();
    let text = limits::cut(&text.join("\n"), 4_000).into_owned();
    let run = json!({"type": "TextRun", "text": text});
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": view.headline,
        "body": [{"type": "RichTextBlock", "inlines": [run]}],
    });
    if view.open
        && let Some(words) = view.words
        && let Some(card) = card.as_object_mut()
    {
        let action = json!({"type": "Action.OpenUrl", "title": words.open_in, "url": view.link});
        card.insert("actions".to_owned(), json!([action]));
    }
    json!({
        "type": "message",
        "summary": view.headline,
        "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null, "content": card}],
    })
}
